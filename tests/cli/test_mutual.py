# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Client certificates, from both ends, under both versions: who is let in, and what each side is told."""
import json
import re
import subprocess

import pytest

from peers import LIMIT, Server, have, s_server, Pki

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")
VERSIONS = ["1.2", "1.3"]


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def own(hf):
    """A CA, a server, a device of that CA and a stranger of another one."""
    hf("cert", "ca", "--out", "ca", "--cn", "Test CA").good()
    hf("cert", "ca", "--out", "strange", "--cn", "Strange CA").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "srv", "localhost", "127.0.0.1").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "me", "--client", "device@a.test", "me.test").good()
    hf("cert", "leaf", "--ca", "strange", "--out", "them", "--client", "them.test").good()
    return ["--ca", "ca/ca.pem"]


SRV = ["--cert", "srv/leaf.pem", "--key", "srv/leaf.key"]
ME = ["--cert", "me/leaf.pem", "--key", "me/leaf.key"]
THEM = ["--cert", "them/leaf.pem", "--key", "them/leaf.key"]
REQUIRE = ["--client-auth", "require", "--client-ca", "ca/ca.pem"]
REQUEST = ["--client-auth", "request", "--client-ca", "ca/ca.pem"]


# --- our server ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("tls", VERSIONS)
def test_a_verified_client_is_told_who_he_is(hf, own, tls):
    with Server(hf, *SRV, *REQUIRE) as s:
        page = hf("connect", *own, *ME, "--tls", tls, "--http", f"localhost:{s.port}").good().out
        client = s.await_event("connected")["client_certificate"]
    assert "CN=device@a.test" in page and "email:device@a.test, DNS:me.test" in page
    assert all(len(line) <= 80 for line in page.splitlines())
    assert client["requested"] and client["verified"] and client["subject"] == "CN=device@a.test"
    assert client["sans"] == ["email:device@a.test", "DNS:me.test"]
    assert client["fingerprint"].replace(":", "").lower() in page.replace("\n", "").replace(" ", "").replace(":", "").lower()


@pytest.mark.parametrize("tls", VERSIONS)
@pytest.mark.parametrize("words, code, alert", [
    ([], "CLIENT_CERT_REQUIRED", {"1.2": "handshake_failure", "1.3": "certificate_required"}),
    (THEM, "CLIENT_CERT_REQUIRED", {"1.2": "handshake_failure", "1.3": "certificate_required"})])
def test_who_has_none_that_suits_is_refused(hf, own, tls, words, code, alert):
    """A stranger's certificate is not even shown: the server names the CAs that it takes."""
    with Server(hf, *SRV, *REQUIRE) as s:
        done = hf("connect", *own, *words, "--tls", tls, "--http", "--json", f"localhost:{s.port}")
        failure = s.await_event("failed")["failure"]
    assert failure["code"].startswith(code) and failure["alert"] == alert[tls]
    report = json.loads(done.out)
    assert done.code == 4 and not report["ok"] and report["http"] is None
    assert report["client_certificate"] == {"requested": True, "sent": False, "authorities": ["CN=Test CA"]}
    advice = " ".join(done.err.split())
    assert "the server asked for a certificate of: CN=Test CA" in advice
    assert ("give one with --cert and --key" if not words else
            "yours (CN=them.test, issued by CN=Strange CA) was not sent: the server does not take its issuer") in advice
    if not words:
        assert "--cert MINE.pem --key MINE.key" in advice.replace("\\ ", "")


@pytest.mark.parametrize("tls", VERSIONS)
def test_the_verdict_is_waited_for(hf, own, tls):
    """In TLS 1.3 a client is connected before the server has judged its answer: who sends nothing must hear it too."""
    with Server(hf, *SRV, *REQUIRE) as s:
        done = hf("connect", *own, "--tls", tls, f"localhost:{s.port}")
    done.fails(4)
    assert "--cert" in done.err
    with Server(hf, *SRV, *REQUEST) as s:
        hf("connect", *own, "--tls", tls, f"localhost:{s.port}").good()


@pytest.fixture(scope="module")
def refused(pki):
    """Certificates that our client shows, as the server names their issuer, and that the server then refuses."""
    pki.dated("old", "20200101000000Z", "20200201000000Z", section="client")
    pki.run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "fake.key")
    pki.run("req", "-x509", "-new", "-key", "fake.key", "-subj", "/CN=Test root", "-days", "365", "-config", "conf", "-extensions",
            "root", "-out", "fake.pem")
    pki.leaf("impostor", "impostor", "fake", "client", key="srv")
    (pki.folder / "old.chain").write_text(pki.text("old.pem") + pki.text("int.pem"))
    return {"expired": pki.old_chain, "wrong CA": pki.impostor_pem, "for servers": pki.srv_chain}


@pytest.mark.parametrize("words", [[], ["--http"], ["--pipe"]])
@pytest.mark.parametrize("tls", VERSIONS)
@pytest.mark.parametrize("kind, alert, hint", [
    ("expired", "certificate_expired", "it expired on 2020-02-01"), ("wrong CA", "unknown_ca", "its log says why"),
    ("for servers", "unsupported_certificate", "it is for servers only")])
def test_a_certificate_that_is_shown_and_refused_is_no_success(hf, pki, refused, tls, kind, alert, hint, words):
    """RFC 9846 2: a client is connected before the server has judged his certificate; the alert is waited for."""
    with Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, "--client-auth", "require", "--client-ca", pki.root_pem) as s:
        done = hf("connect", "--ca", pki.root_pem, "--cert", refused[kind], "--key", pki.srv_key, "--tls", tls, *words,
                  f"localhost:{s.port}")
        assert s.await_event("failed")["failure"]["alert"] == alert
    text = " ".join(done.err.split())
    assert done.code == 4 and done.out == "" and alert in text and hint in text, done


@pytest.mark.parametrize("tls", VERSIONS)
def test_openssls_verdict_is_heard(hf, pki, refused, tls):
    with s_server(pki, "-Verify", "3", "-verify_return_error", "-CAfile", pki.root_pem, tls=f"-tls{tls.replace('.', '_')}",
                  www=False) as port:
        hf("connect", "--ca", pki.root_pem, "--cert", refused["expired"], "--key", pki.srv_key, f"localhost:{port}").fails(4)


def test_the_report_says_what_was_withheld(hf, own):
    with Server(hf, *SRV, *REQUEST) as s:
        out = hf("connect", *own, *THEM, f"localhost:{s.port}").good().out
    assert "yours (CN=them.test, issued by CN=Strange CA) was not sent: the server does not take its issuer" in " ".join(out.split())


def test_a_client_ca_that_is_none(hf, own):
    with Server(hf, *SRV, "--client-auth", "request", "--client-ca", "ca/ca.pem", "--client-ca", "me/leaf.pem") as s:
        warning = " ".join(s.stderr().split())
    assert "me/leaf.pem: CN=device@a.test is not the certificate of a CA" in warning and "ca/ca.pem:" not in warning


@pytest.mark.parametrize("tls", VERSIONS)
def test_a_strangers_certificate_is_refused(hf, own, tls):
    """openssl shows whatever it is given."""
    with Server(hf, *SRV, *REQUIRE) as s:
        done = subprocess.run(["openssl", "s_client", f"-tls{tls.replace('.', '_')}", "-connect", f"127.0.0.1:{s.port}", "-quiet",
                               "-ign_eof", "-cert", "them/leaf.pem", "-key", "them/leaf.key"], input=b"GET / HTTP/1.0\r\n\r\n",
                              cwd=hf.folder, capture_output=True, timeout=LIMIT, check=False)
        failure = s.await_event("failed")["failure"]
    assert b"HTTP/1" not in done.stdout and failure["code"] == "CERT_UNKNOWN_CA" and failure["alert"] == "unknown_ca"


@pytest.mark.parametrize("tls", VERSIONS)
def test_request_lets_go_on_without(hf, own, tls):
    with Server(hf, *SRV, *REQUEST) as s:
        page = hf("connect", *own, "--tls", tls, "--http", f"localhost:{s.port}").good()
        none = s.await_event("connected")["client_certificate"]
        hf("connect", *own, *ME, "--tls", tls, f"localhost:{s.port}").good()
        some = s.await_event("connected")["client_certificate"]
    assert "no client certificate" in page.out and "got none" in page.err
    assert none["requested"] and not none["verified"] and none["subject"] is None and some["verified"]


def test_nobody_is_asked_by_default(hf, own):
    with Server(hf, *SRV) as s:
        report = json.loads(hf("connect", *own, *ME, "--json", f"localhost:{s.port}").good().out)
        assert not s.await_event("connected")["client_certificate"]["requested"]
    assert report["client_certificate"] == {"requested": False, "sent": False, "authorities": []}


def test_the_log_names_the_client(hf, own):
    with Server(hf, *SRV, *REQUEST, "--port-file", "port", json_log=False) as s:
        lines = []
        while not lines or "Ctrl-C" not in lines[-1]:
            lines.append(s.process.stdout.readline().decode())
        assert "--cert MINE.pem --key MINE.key" in " ".join("".join(lines).replace("\\\n", "").split())
        port = (hf.folder / "port").read_text().strip()
        hf("connect", *own, *ME, f"localhost:{port}").good()
        hf("connect", *own, f"localhost:{port}").good()
        assert s.end() == 0
        seen = [line for line in s.process.stdout.read().decode().splitlines() if "TLS_" in line]
    assert re.search(r"client CN=device@a\.test \(email:device@a\.test, DNS:me\.test\), SHA-256 [0-9a-f:]{95}$", seen[0].rstrip())
    assert seen[1].rstrip().endswith("no client certificate")


def test_a_page_cannot_be_written_by_a_certificate(hf, own, openssl):
    """The subject goes into HTML with its special characters escaped, and what turns the order of text around made visible."""
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", hf.folder / "x.key",
            "-subj", "/CN=<script>alert(1)<\\/script>\u202e", "-utf8", "-out", hf.folder / "x.csr")
    (hf.folder / "ext").write_text("extendedKeyUsage=clientAuth\n")
    openssl("x509", "-req", "-in", hf.folder / "x.csr", "-CA", hf.folder / "ca/ca.pem", "-CAkey", hf.folder / "ca/ca.key",
            "-CAcreateserial", "-days", "5", "-extfile", hf.folder / "ext", "-out", hf.folder / "x.pem")
    with Server(hf, *SRV, *REQUIRE) as s:
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{s.port}", "-quiet", "-ign_eof", "-cert", "x.pem",
                               "-key", "x.key"], input=b"GET / HTTP/1.0\r\nAccept: text/html\r\n\r\n", cwd=hf.folder,
                              capture_output=True, timeout=LIMIT, check=False)
    assert b"&lt;script" in done.stdout and b"<script" not in done.stdout
    assert "\u202e".encode() not in done.stdout and rb"\u202e</b>" in done.stdout


@pytest.mark.parametrize("words, hint", [
    (["--client-auth", "require"], "--client-auth needs --client-ca"), (["--client-ca", "ca/ca.pem"], "--client-ca needs --client-auth"),
    (["--client-auth", "request", "--client-ca", "nothing"], "cannot use the CA certificates of --client-ca"),
    (["--client-auth", "request", "--client-ca", "srv/leaf.key"], "holds no certificate"),
    (["--client-auth", "perhaps"], "one of none, request, require"), (["--session-cache", "1000001"], "0 to 1000000"),
    (["--ticket-lifetime", "0"], "1 to 604800"), (["--tickets", "maybe"], "one of on, off")])
def test_wrong_settings(hf, own, words, hint):
    assert hint in hf("serve", *SRV, *words).fails(2).err


# --- our client ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("tls", VERSIONS)
def test_openssl_lets_us_in(hf, pki, own, tls):
    with s_server(pki, "-Verify", "3", "-verify_return_error", "-CAfile", str(hf.folder / "ca/ca.pem"),
                  tls=f"-tls{tls.replace('.', '_')}") as port:
        words = ["--ca", pki.root_pem, "--http", "--json", f"localhost:{port}"]
        good = json.loads(hf("connect", *ME, *words).good().out)
        bad = hf("connect", *words)
    assert good["client_certificate"]["sent"] and good["version"] == f"TLS {tls}" and good["http"]["status"] == 200
    assert bad.code == 4 and "CN=Test CA" in " ".join(bad.err.split())


def test_the_identity_that_suits_is_shown(hf, own):
    with Server(hf, *SRV, *REQUIRE) as s:
        for pairs in (THEM + ME, ME + THEM):
            hf("connect", *own, *pairs, f"localhost:{s.port}").good()
            assert s.await_event("connected")["client_certificate"]["subject"] == "CN=device@a.test"


def test_key_in_the_same_file_and_passwords(hf, own, openssl):
    both = (hf.folder / "me/leaf.pem").read_text() + (hf.folder / "me/leaf.key").read_text()
    (hf.folder / "both.pem").write_text(both)
    openssl("pkcs8", "-topk8", "-in", hf.folder / "me/leaf.key", "-passout", "pass:secret", "-out", hf.folder / "locked.key")
    (hf.folder / "right").write_text("secret\n")
    (hf.folder / "wrong").write_text("other\n")
    locked = ["--cert", "me/leaf.pem", "--key", "locked.key"]
    with Server(hf, *SRV, *REQUIRE) as s:
        target = f"localhost:{s.port}"
        for words in (["--cert", "both.pem"], [*locked, "--key-password-file", "right"]):
            hf("connect", *own, *words, target).good()
            assert s.await_event("connected")["client_certificate"]["verified"]
        assert "encrypted" in hf("connect", *own, *locked, target).fails(2).err
        hf("connect", *own, *locked, "--key-password-file", "wrong", target).fails(2)


@pytest.mark.parametrize("words, hint", [
    (["--key", "me/leaf.key"], "--key needs --cert"), (["--cert", "nothing"], "cannot read the certificate"),
    ([*ME, "--key", "me/leaf.key"], "the numbers of --cert and --key differ"),
    (["--cert", "me/leaf.pem", "--key", "srv/leaf.key"], "me/leaf.pem with srv/leaf.key")])
def test_wrong_identities(hf, own, words, hint):
    assert hint in hf("connect", *own, *words, "127.0.0.1:1").fails(2).err


@pytest.mark.parametrize("tls", VERSIONS)
def test_the_report_says_what_was_asked_for(hf, own, tls):
    with Server(hf, *SRV, *REQUEST) as s:
        without = hf("connect", *own, "--tls", tls, f"localhost:{s.port}").good().out
        with_one = hf("connect", *own, *ME, "--tls", tls, f"localhost:{s.port}").good().out
    assert "asked for a certificate, and got none" in without and "CN=Test CA" in without
    assert "asked for a certificate, and got one" in with_one


def test_the_trace_shows_both_certificates(hf, own):
    for tls in VERSIONS:
        with Server(hf, *SRV, *REQUIRE) as s:
            err = hf("connect", *own, *ME, "--tls", tls, "--trace", f"localhost:{s.port}").good().err
        assert "CertificateRequest" in err and "shows the certificate of CN=device@a.test" in err and err.count("  Certificate  ") == 2, tls


def test_headings_of_what_stands_between_the_steps(hf, own):
    with Server(hf, *SRV, *REQUIRE) as s:
        words = ["--tls", "1.2", "--trace", "--session", "s", f"localhost:{s.port}"]
        first, second = (hf("connect", *own, *ME, *words).good().err for _ in range(2))
    for heading, message in (("the client shows its certificate", "Certificate"), ("the server hands out a ticket", "NewSessionTicket"),
                             ("the client proves that the certificate is its own", "CertificateVerify")):
        assert re.search(rf"^Between the steps: {heading}\n *\d+ .* {message} ", first, re.M), heading
    assert re.findall(r"^Step (\d) of 9:", first, re.M) == list("123456789")
    assert re.findall(r"^Step (\d) of 9:", second, re.M) == list("126879") and "step 8 before step 7" in second
    assert "resumes the session from before" in " ".join(second.split()) and all(len(line) <= 80 for line in (first + second).splitlines())


def test_a_hello_of_both_versions_has_its_heading_too(hf, own):
    """That it is TLS 1.2 is known only when the hello was shown."""
    with Server(hf, *SRV, "--tls", "1.2") as s:
        err = hf("connect", *own, "--trace", f"localhost:{s.port}").good().err
    assert re.findall(r"^Step (\d) of 9:", err, re.M) == list("123456789") and "message 1, above" in err
    assert "the client writes under its session keys" in err and "application keys" not in err


# --- what the key exchange is called --------------------------------------------------------------------------------

@pytest.mark.parametrize("group, name, remark", [("x25519", "ECDHE", "forward secrecy"), ("MLKEM1024", "ML-KEM", "no ECDHE beside it"),
                                                 ("X25519MLKEM768", "ECDHE+ML-KEM", "(hybrid: safe")])
def test_key_exchange_names(hf, group, name, remark):
    """MLKEM1024 (draft-ietf-tls-mlkem) is no hybrid, and is not called one."""
    ca = hf.folder / "xdg/handfast/ca/ca.pem"
    with Server(hf, "--groups", group) as s:
        words = ("connect", "--ca", ca, "--groups", group, f"localhost:{s.port}")
        report = json.loads(hf(*words, "--json").good().out)
        text = " ".join(hf(*words).good().out.split())
    assert (report["key_exchange"], report["group"]) == (name, group)
    assert f"key exchange {group}" in text and remark in text


# --- the certificate that serve makes itself ------------------------------------------------------------------------

def test_classroom_has_a_leaf_of_its_own(hf):
    """Beside the usual one, which other policies go on with."""
    folder = hf.folder / "xdg/handfast/ca"
    with Server(hf) as s:
        hf("connect", "--ca", folder / "ca.pem", f"localhost:{s.port}").good()
    usual = (folder / "leaf.pem").read_text()
    for _ in range(2):
        with Server(hf, "--policy", "classroom") as s:
            assert "may lack forward secrecy, for teaching only" in " ".join(s.stderr().split())
            report = json.loads(hf("connect", "--ca", folder / "ca.pem", "--policy", "classroom", "--tls", "1.2", "--json",
                                   f"localhost:{s.port}").good().out)
            assert report["cipher_suite"] == "TLS_RSA_WITH_AES_128_GCM_SHA256" and report["forward_secrecy"] is False
            assert report["key_exchange"] == "RSA" and report["group"] is None
            rsa = (folder / "leaf-rsa2048.pem").read_text()
    assert (folder / "leaf-rsa2048.pem").read_text() == rsa and (folder / "leaf.pem").read_text() == usual
    shown = hf("cert", "inspect", folder / "leaf-rsa2048.pem").good().out
    assert "keyEncipherment" in shown and "RSA 2048" in shown
