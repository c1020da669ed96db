# SPDX-License-Identifier: Apache-2.0 OR MIT
"""RFC 5280 4.2.1.3: a certificate that may only decrypt serves static RSA, and is not shown where a signature is due."""
import json

import pytest

from peers import Server, have

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")


@pytest.fixture
def served(hf, openssl, tmp_path):
    """Two certificates for localhost: an RSA one for keyEncipherment alone, and an ECDSA one; one trust file for both."""
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "rsa.key", "-out", tmp_path / "rsa.pem", "-days", "30", "-subj",
            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "keyUsage=critical,keyEncipherment",
            "-addext", "extendedKeyUsage=serverAuth", "-addext", "basicConstraints=CA:FALSE")
    hf("cert", "ca", "--out", "ca").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "ec", "localhost").good()
    (tmp_path / "trust.pem").write_text((tmp_path / "ca/ca.pem").read_text() + (tmp_path / "rsa.pem").read_text())
    with Server(hf, "--policy", "classroom", "--cert", "rsa.pem", "--key", "rsa.key", "--cert", "ec/leaf.pem", "--key",
                "ec/leaf.key") as s:
        yield s


@pytest.mark.parametrize("words, suite, signature", [
    ([], "TLS_AES_128_GCM_SHA256", "ecdsa_secp256r1_sha256"),
    (["--tls", "1.3"], "TLS_AES_128_GCM_SHA256", "ecdsa_secp256r1_sha256"),
    (["--tls", "1.2"], "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ecdsa_secp256r1_sha256"),
    (["--tls", "1.2", "--policy", "classroom"], "TLS_RSA_WITH_AES_128_GCM_SHA256", None)])
def test_each_where_it_may(hf, served, words, suite, signature):
    report = json.loads(hf("connect", "--ca", "trust.pem", "--json", *words, f"localhost:{served.port}").good().out)
    assert (report["cipher_suite"], report["signature_scheme"]) == (suite, signature) and report["peer"]["verified"]
