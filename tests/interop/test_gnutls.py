# SPDX-License-Identifier: Apache-2.0 OR MIT
"""GnuTLS: gnutls-cli and gnutls-serv, suites x groups x certificate types, both directions."""
import contextlib
import itertools

import pytest

from interop import BIN, GROUPS, KEYS, SUITES, Talk, byte_by_byte, cell, hf_json, hf_serve, listening, need, run

CIPHERS = {"TLS_AES_128_GCM_SHA256": "AES-128-GCM", "TLS_AES_256_GCM_SHA384": "AES-256-GCM",
           "TLS_CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305"}
CURVES = {"x25519": "GROUP-X25519", "secp256r1": "GROUP-SECP256R1", "secp384r1": "GROUP-SECP384R1"}
MATRIX = list(itertools.product(SUITES, GROUPS, KEYS))
TEXT = (b"a line of fifty-one bytes, so that lines cross records" * 5 + b"\n") * 37500  # 10 MB
PAGE = b"GET / HTTP/1.0\r\n\r\n"


def priority(suite=None, groups=()):
    words = ["NORMAL", "-VERS-ALL", "+VERS-TLS1.3"]
    if suite:
        words += ["-CIPHER-ALL", "+" + CIPHERS[suite]]
    if groups:
        words += ["-GROUP-ALL", *("+" + CURVES[g] for g in groups)]
    return ":".join(words)


def serv(pki, key, port, groups=()):
    return ["gnutls-serv", "--http", "--port", port, "--x509certfile", pki.cert(key), "--x509keyfile", pki.key(key),
            "--priority", priority(groups=groups)]


def cli(pki, port, priorities, stdin=PAGE):
    need("gnutls-cli")
    return run(["gnutls-cli", "--port", port, "--x509cafile", pki.ca, "--verify-hostname", "localhost", "--sni-hostname",
                "localhost", "--priority", priorities, "127.0.0.1"], stdin)


@pytest.fixture(scope="session")
def servers(pki):
    need("gnutls-serv")
    with contextlib.ExitStack() as stack:
        yield {key: stack.enter_context(listening(lambda port, key=key: serv(pki, key, port))) for key in KEYS}


@pytest.mark.parametrize("suite,group,key", MATRIX)
def test_our_client(pki, servers, suite, group, key):
    report = hf_json(pki, servers[key], "--ciphers", suite, "--groups", group, "--http", "/")
    assert (report["cipher_suite"], report["group"], report["http"]["status"]) == (suite, group, 200)
    cell("GnuTLS", "our client", "X25519MLKEM768", "n/a: GnuTLS before 3.8.8 lacks it")
    cell("GnuTLS", "our client", f"{suite} {group} {key}")


@pytest.mark.parametrize("suite,group,key", MATRIX)
def test_our_server(pki, hf_servers, suite, group, key):
    done = cli(pki, hf_servers[key], priority(suite, [group]))
    assert done.returncode == 0 and b"HTTP/1" in done.stdout, done
    assert suite.encode() in done.stdout and group.encode() in done.stdout.lower()
    cell("GnuTLS", "our server", "X25519MLKEM768", "n/a: GnuTLS before 3.8.8 lacks it")
    cell("GnuTLS", "our server", f"{suite} {group} {key}")


def test_retry_of_our_client(pki):
    """RFC 9846 4.2.4"""
    need("gnutls-serv")
    with listening(lambda port: serv(pki, "p256", port, ["secp384r1"])) as port:
        report = hf_json(pki, port, "--http", "/")
    assert (report["group"], report["round_trips"]) == ("secp384r1", 2)
    cell("GnuTLS", "our client", "HelloRetryRequest")


def test_retry_by_our_server(pki):
    """RFC 9846 4.2.4: gnutls-cli sends shares of its first groups only."""
    with hf_serve(pki, "p256", "--groups", "secp384r1") as port:
        done = cli(pki, port, priority(groups=["x25519", "secp256r1", "secp384r1"]))
    assert done.returncode == 0 and b"secp384r1" in done.stdout.lower(), done
    cell("GnuTLS", "our server", "HelloRetryRequest")


def test_one_byte_segments(pki, servers, hf_servers):
    with byte_by_byte(servers["p256"]) as port:
        assert hf_json(pki, port, "--http", "/")["http"]["status"] == 200
    with byte_by_byte(hf_servers["p256"]) as port:
        assert b"HTTP/1" in cli(pki, port, priority()).stdout
    cell("GnuTLS", "our client", "1-byte segments")
    cell("GnuTLS", "our server", "1-byte segments")


def test_ten_megabytes_to_our_server(pki):
    need("gnutls-cli")
    with hf_serve(pki, "p256", "--echo") as port, Talk(["gnutls-cli", "--logfile", "/dev/null", "--port", port, "--x509cafile",
                                                        pki.ca, "--verify-hostname", "localhost", "127.0.0.1"]) as client:
        client.say_all(TEXT)
        assert client.until(lambda got: len(got) >= len(TEXT)).endswith(TEXT[-1000:])
    cell("GnuTLS", "our server", "10 MB each way")


def test_ten_megabytes_from_our_client(pki):
    need("gnutls-serv")
    words = ["gnutls-serv", "--echo", "--x509certfile", pki.cert("p256"), "--x509keyfile", pki.key("p256"), "--quiet", "--port"]
    with listening(lambda port: [*words, port]) as port, Talk([BIN, "connect", "--ca", pki.ca, "--servername", "localhost",
                                                               "--pipe", f"127.0.0.1:{port}"]) as client:
        client.say_all(TEXT)
        assert client.until(lambda got: len(got) >= len(TEXT)) == TEXT
    cell("GnuTLS", "our client", "10 MB each way")
