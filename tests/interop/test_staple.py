# SPDX-License-Identifier: Apache-2.0 OR MIT
"""OCSP stapling with OpenSSL, both directions and versions: the responses are made by `openssl ocsp` from an index file."""
import json

import pytest

from interop import BIN, cell, hf_connect, hf_serve, listening, need, run

VERSIONS = ("1.2", "1.3")
KEY = "p256"


def openssl(*words):
    done = run(["openssl", *words])
    assert done.returncode == 0, done
    return done.stdout.decode()


class Responder:
    """The CA's answers about one certificate."""

    def __init__(self, pki, folder):
        need("openssl")
        self.pki, self.folder = pki, folder

    def answer(self, key, entry, *options):
        """entry: the index's status, expiry and revocation date, tab-separated."""
        name = self.folder / f"{key}-{entry[0]}-{len(list(self.folder.iterdir()))}"
        index, request, response = (name.with_suffix(end) for end in (".index", ".request", ".ocsp"))
        ca, ca_key = self.pki.ca, self.pki.folder / "ca" / "ca.key"
        serial = openssl("x509", "-in", self.pki.cert(key), "-noout", "-serial").strip().partition("=")[2]
        index.write_text(f"{entry}\t{serial}\tunknown\t/CN=localhost\n", encoding="ascii")
        openssl("ocsp", "-issuer", ca, "-cert", self.pki.cert(key), "-no_nonce", "-reqout", request)
        openssl("ocsp", "-index", index, "-rsigner", ca, "-rkey", ca_key, "-CA", ca, "-reqin", request, "-respout", response,
                *(options or ("-ndays", "1")))
        return response

    def good(self, key=KEY, *options):
        return self.answer(key, "V\t491231235959Z\t", *options)

    def revoked(self, key=KEY):
        return self.answer(key, "R\t491231235959Z\t260101000000Z,keyCompromise")


@pytest.fixture(scope="module")
def responder(pki, tmp_path_factory):
    return Responder(pki, tmp_path_factory.mktemp("ocsp"))


class Chain:
    """The leaf with its issuer, which a staple is held against."""

    def __init__(self, pki, folder):
        self.folder, self.ca, self.key = folder, pki.ca, pki.key
        self.path = folder / "chain.pem"
        self.path.write_text(pki.cert(KEY).read_text() + pki.ca.read_text(), encoding="ascii")

    def cert(self, _):
        return self.path


@pytest.fixture(scope="module")
def chain(pki, tmp_path_factory):
    return Chain(pki, tmp_path_factory.mktemp("chain"))


def tls(version):
    return f"-tls{version.replace('.', '_')}"


def s_server(pki, port, version, *options):
    return ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", tls(version), "-cert", pki.cert(KEY), "-key", pki.key(KEY),
            "-www", *options]


def s_client(pki, port, version, *options):
    done = run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-CAfile", pki.ca,
                "-verify_return_error", tls(version), *options], b"Q\n")
    return done.returncode, done.stdout.decode("utf-8", "replace")


def peer_of(pki, port, *options):
    done = hf_connect(pki, port, "--json", *options)
    report = json.loads(done.stdout)
    return done.returncode, report["peer"], report


# --- our client ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("version", VERSIONS)
def test_a_good_staple(pki, responder, version):
    """RFC 6066 8, RFC 9846 4.5.1.1; under hard it is what lets us in."""
    with listening(lambda port: s_server(pki, port, version, "-status_file", responder.good())) as port:
        code, peer, report = peer_of(pki, port, "--revocation", "hard")
        text = hf_connect(pki, port)
    assert (code, peer["staple"], peer["verified"], report["version"]) == (0, "good", True, f"TLS {version}")
    said = (text.stdout + text.stderr).decode()
    assert any("revocation" in line and "good" in line and "stapled" in line for line in said.splitlines()), said
    cell("OpenSSL", "our client", f"TLS {version}, stapled OCSP response")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_revoked_certificate(pki, responder, version):
    with listening(lambda port: s_server(pki, port, version, "-status_file", responder.revoked())) as port:
        code, peer, report = peer_of(pki, port)
    assert code != 0 and peer["staple"] == "revoked" and peer["verified"] is False
    assert report["failure"]["code"] == "CERT_REVOKED", report["failure"]
    cell("OpenSSL", "our client", f"TLS {version}, staple that says revoked")


@pytest.mark.parametrize("version", VERSIONS)
def test_no_staple(pki, version):
    with listening(lambda port: s_server(pki, port, version)) as port:
        code, peer, _ = peer_of(pki, port)
        hard, _, report = peer_of(pki, port, "--revocation", "hard")
        said = hf_connect(pki, port)
    assert (code, peer["staple"]) == (0, None)
    assert hard != 0 and report["failure"]["code"] == "CERT_STATUS_UNKNOWN", report["failure"]
    assert "not checked" in (said.stdout + said.stderr).decode()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_staple_of_another_certificate(pki, responder, version):
    """It is no answer, and no harm under soft."""
    with listening(lambda port: s_server(pki, port, version, "-status_file", responder.good("p384"))) as port:
        code, peer, _ = peer_of(pki, port)
        hard, _, _ = peer_of(pki, port, "--revocation", "hard")
    assert (code, peer["staple"]) == (0, "unusable") and hard != 0


# --- our server ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("version", VERSIONS)
def test_its_client_gets_our_staple(pki, responder, chain, version):
    with hf_serve(chain, KEY, "--ocsp", responder.good()) as port:
        code, said = s_client(pki, port, version, "-status")
        unasked = s_client(pki, port, version)
        ours = peer_of(pki, port, "--tls", version, "--revocation", "hard")
    assert code == 0 and "OCSP Response Status: successful" in said and "Cert Status: good" in said, said
    assert unasked[0] == 0 and "OCSP" not in unasked[1]
    assert (ours[0], ours[1]["staple"]) == (0, "good")
    cell("OpenSSL", "our server", f"TLS {version}, stapled OCSP response")


@pytest.mark.parametrize("version", VERSIONS)
def test_without_ocsp_nothing_is_stapled(pki, hf_servers, version):
    code, said = s_client(pki, hf_servers[KEY], version, "-status")
    assert code == 0 and "OCSP response: no response sent" in said


def refused(pki, chain, *options):
    done = run([BIN, "serve", "--listen", "127.0.0.1:0", "--cert", chain.path, "--key", pki.key(KEY), *options])
    assert done.returncode == 2, done
    return " ".join(done.stderr.decode().split())


def test_what_serve_refuses(pki, responder, chain, tmp_path):
    """At start, with the reason."""
    junk = tmp_path / "junk"
    junk.write_bytes(b"junk")
    assert "another certificate" in refused(pki, chain, "--ocsp", responder.good("p384"))
    assert "not of now" in refused(pki, chain, "--ocsp", responder.good(KEY, "-resp_no_certs"))  # and no nextUpdate
    assert "not well-formed" in refused(pki, chain, "--ocsp", junk)
    assert "missing" in refused(pki, chain, "--ocsp", tmp_path / "missing")
    assert "more --ocsp than --cert" in refused(pki, chain, "--ocsp", responder.good(), "--ocsp", responder.good())
    alone = run([BIN, "serve", "--listen", "127.0.0.1:0", "--ocsp", junk])
    assert alone.returncode == 2 and b"--ocsp needs --cert" in alone.stderr


def test_the_issuer_must_be_in_the_chain(pki, responder, tmp_path):
    """Else nobody could tell whom the response is about."""
    leaf = tmp_path / "leaf.pem"
    end = "-----END CERTIFICATE-----\n"
    leaf.write_text(pki.cert(KEY).read_text().split(end)[0] + end, encoding="ascii")
    done = run([BIN, "serve", "--listen", "127.0.0.1:0", "--cert", leaf, "--key", pki.key(KEY), "--ocsp", responder.good()])
    assert done.returncode == 2 and b"behind the leaf's" in done.stderr, done
