# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What is said to somebody who is new here: the reason, the file, the command that comes next; in 80 columns."""
import re
import shlex
import socket
import threading

import pytest

from conftest import unwrapped
from peers import Pki, Server, free_port, have, s_server

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


def answering(answer):
    """A port whose one visitor gets these bytes and then the end."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        with listener, listener.accept()[0] as peer:
            peer.recv(4096)
            peer.sendall(answer)
            peer.shutdown(socket.SHUT_WR)
            peer.recv(4096)
    threading.Thread(target=run, daemon=True).start()
    return listener.getsockname()[1]


# --- the system's reason -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words, code, hint", [
    (["serve", "--keylog", "/nope/k"], 5, "/nope/k: No such file or directory"),
    (["connect", "--insecure", "--keylog", ".", "127.0.0.1:1"], 5, "Is a directory"),
    (["connect", "--ca", "/nope", "127.0.0.1:1"], 2, "/nope: No such file or directory"),
    (["serve", "--cert", "CERT", "--key", "/nope"], 2, "cannot read the private key\n  /nope: No such file"),
    (["serve", "--cert", "/nope", "--key", "KEY"], 2, "cannot read the certificate\n  /nope: No such file"),
    (["serve", "--cert", "KEY", "--key", "CERT"], 2, "these two look swapped"),
    (["serve", "--cert", "CERT"], 2, "--key FILE is missing"),
    (["serve", "--cert", "CERT", "--key", "CERT"], 2, "holds no private key"),
    (["serve", "--cert", "KEY", "--key", "KEY"], 2, "holds no certificate"),
    (["connect", "--ca", "KEY", "127.0.0.1:1"], 2, "holds no certificate"),
    (["serve", "--cert", "CERT", "--key", "KEY", "--listen", "127.0.0.1:0", "--port-file", "/nope/x"], 5, "/nope/x: No such file"),
])
def test_files(hf, pki, words, code, hint):
    words = [pki.srv_chain if w == "CERT" else pki.srv_key if w == "KEY" else w for w in words]
    assert hint in hf(*words).fails(code).err


def test_temporary_folder(hf):
    assert "/nope: No such file or directory" in hf("demo", env={"TMPDIR": "/nope"}).fails(5).err


# --- connect -------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n", b""])
def test_waiting_for_server_hello(hf, answer):
    done = hf("connect", "--ca", "/etc/ssl/certs", "--insecure", f"127.0.0.1:{answering(answer)}")
    assert done.code == 4 and "while waiting for ServerHello" in " ".join(unwrapped(done.err))


def test_next_repeats_every_option(hf, pki):
    words = ["--ca", pki.root_pem, "--alpn", "h2,http/1.1", "--groups", "X25519", "--timeout", "1.5", "--http", "/a b"[:2],
             "--output", "my file", "--policy", "modern"]
    port = answering(b"")
    again = hf("connect", *words, f"127.0.0.1:{port}").fails(4).err.splitlines()[-1]
    for part in (f"--ca {pki.root_pem}", "--alpn h2,http/1.1", "--groups X25519", "--timeout 1.5", "--http /a", "--output 'my file'",
                 "--policy modern", "--trace", f"127.0.0.1:{port}"):
        assert part in again, part


def test_next_can_be_pasted(hf, tmp_path):
    """Lines break between words only: a shell reads back exactly what was given, apostrophes and blanks included."""
    folder = tmp_path / ("it's a rather long folder name with blanks " + "and more of the same kind " * 3).strip()
    folder.mkdir()
    (folder / "my log").touch()
    words = ["--ca", "/etc/ssl/certs", "--insecure", "--servername", "other.example", "--output", str(folder / "my log")]
    port = answering(b"")
    said = hf("connect", *words, "--http", "/x", f"127.0.0.1:{port}").err
    command = said[said.rindex("handfast connect"):]
    assert "\\\n" in command
    read = shlex.split(command.replace("\\\n", ""))
    assert str(folder / "my log") in read and f"127.0.0.1:{port}" in read, command


@pytest.mark.parametrize("words, sentence, again", [
    ([], "the server speaks only versions older than TLS 1.2", "openssl s_client -connect localhost:"),
    (["--tls", "1.3"], "the server does not speak TLS 1.3", "--tls 1.2"),
    (["--tls", "1.2"], "the server does not speak TLS 1.2", "--tls 1.3"),
    (["--policy", "modern"], "the server does not speak TLS 1.3", "--policy default")])
def test_a_server_of_another_version(hf, pki, words, sentence, again):
    port = answering(b"\x15\x03\x03\x00\x02\x02\x46")  # the alert protocol_version
    err = hf("connect", "--ca", pki.root_pem, *words, f"localhost:{port}").fails(4).err
    assert sentence in err and again in err.splitlines()[-1]
    if "--tls" in words:
        assert f"have TLS {words[1]} switched on" in err


@pytest.mark.parametrize("words", [[], ["--tls", "1.2"]])
def test_a_server_with_nothing_in_common(hf, pki, words):
    port = answering(b"\x15\x03\x03\x00\x02\x02\x28")  # the alert handshake_failure
    err = " ".join(hf("connect", "--ca", pki.root_pem, *words, f"localhost:{port}").fails(4).err.split())
    assert "its suites may be static RSA only" in err and "handfast list suites" in err


def test_another_ca(hf, pki):
    with s_server(pki) as port:
        assert "the CA given with --ca did not issue it" in hf("connect", "--ca", pki.other_pem, f"localhost:{port}").fails(6).err


@pytest.mark.parametrize("words, hint", [
    (["-6", "127.0.0.1:1"], "127.0.0.1 is an IPv4 address"), (["-4", "[::1]:1"], "::1 is an IPv6 address"),
    (["::1:9104"], "stands in brackets: [::1]:9104")])
def test_addresses(hf, words, hint):
    assert hint in hf("connect", "--ca", "/etc/ssl/certs", *words).fails(2).err


def test_the_path_of_a_url_is_not_dropped_silently(hf, pki):
    with s_server(pki) as port:
        assert "/foo" in hf("connect", "--ca", pki.root_pem, f"https://localhost:{port}/foo").good().err


def test_a_certificate_that_expired(hf, pki):
    with s_server(pki, cert="expired") as port:
        out = hf("connect", "--insecure", f"localhost:{port}").good().out
    assert re.search(r"expired \d+ days ago", out) and "-" not in out.split("valid  ")[1].split(", ")[1].splitlines()[0]


# --- demo ----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("scheme", ["rsa_pss_rsae_sha256", "ecdsa_secp384r1_sha384", "ed25519"])
def test_demo_with_other_signatures(hf, scheme):
    assert "verified" in hf("demo", "--sigalgs", scheme).good().out


def test_demo_without_a_fitting_key(hf):
    assert "no certificate for these signature schemes" in hf("demo", "--sigalgs", "rsa_pss_pss_sha256").fails(2).err


# --- serve ---------------------------------------------------------------------------------------------------------------

def banner_of(server):
    lines = [""]
    while "Ctrl-C" not in lines[-1]:
        lines.append(server.process.stdout.readline().decode().rstrip("\n"))
    assert all(len(line) <= 80 or " " not in line.strip() for line in lines), lines
    return "\n".join(lines).replace(" \\\n        ", " ")


def test_banner(hf):
    hf("cert", "ca", "--out", "ca").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "www.test").good()
    with Server(hf, "--cert", "leaf/leaf.pem", "--key", "leaf/leaf.key", json_log=False) as s:
        text = banner_of(s)
        for part in ("DNS:www.test", "CN=handfast private CA", "90 days left"):
            assert part in text
        words = re.search(r"handfast (connect --ca .*)", text)[1].split()
        assert "--http" in words and hf(*words).good().out
        assert "curl --cacert leaf/../ca/ca.pem --resolve www.test:" in text


@pytest.mark.parametrize("cert, hint", [("expired", "expired"), ("future", "not yet valid"), ("usage", "it is for clients")])
def test_faults_of_the_certificate(hf, pki, cert, hint):
    with Server(hf, "--cert", getattr(pki, f"{cert}_pem"), "--key", pki.srv_key) as s:
        assert hint in " ".join(s.stderr().split())


def test_a_visitor_without_a_request(hf, pki):
    import ssl
    context = ssl.create_default_context(cafile=pki.root_pem)
    with Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, "--port-file", "port", json_log=False) as s:
        banner_of(s)
        port = int((hf.folder / "port").read_text())
        with socket.create_connection(("127.0.0.1", port)) as plain:
            context.wrap_socket(plain, server_hostname="localhost").close()
        lines = [s.process.stdout.readline().decode() for _ in range(3)]
        assert any("closed without a request" in line for line in lines) and not any("failed" in line for line in lines)


def test_a_taken_port_that_was_asked_for(hf, pki):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        err = hf("serve", "--cert", pki.srv_chain, "--key", pki.srv_key, "--listen", f"127.0.0.1:{port}").fails(5).err
    assert f"sport = :{port}" in err


def test_the_log_in_words(hf, pki):
    hello = bytes.fromhex("0302") + bytes(32) + b"\0" + bytes.fromhex("0002c013") + b"\1\0"
    message = b"\1\0" + len(hello).to_bytes(2, "big") + hello
    with Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, "--port-file", "port", json_log=False) as s:
        banner_of(s)
        for said in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\3\1\0" + bytes([len(message)]) + message):
            with socket.create_connection(("127.0.0.1", int((hf.folder / "port").read_text()))) as plain:
                plain.sendall(said)
                plain.recv(100)
        lines = [s.process.stdout.readline().decode() for _ in range(3)]  # the first is empty
    assert any("plain HTTP?" in line for line in lines) and any("the client speaks TLS 1.1 at most" in line for line in lines)


def test_listening(hf, pki):
    assert "the port is missing" in hf("serve", "--listen", "127.0.0.1").fails(2).err
    with Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, listen=f":{free_port()}") as s:
        assert "the network can" in s.stderr()


# --- the command line ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words, hint", [
    (["serve", "--port", "8443"], "--listen 127.0.0.1:8443"), (["serve", "-p", "8443"], "--listen 127.0.0.1:8443"),
    (["connect", "--tlsv1.2", "h"], "--tls 1.2"), (["connect", "-tls1_2", "h"], "--tls 1.2"),
    (["connect", "-sess_out", "s", "h"], "--session"), (["connect", "-sess_in", "s", "h"], "--session"),
    (["connect", "-E", "me.pem", "h"], "--cert"), (["serve", "-Verify", "1"], "--client-auth require"),
    (["serve", "-verify", "1"], "--client-auth request"), (["serve", "-CAfile", "ca.pem"], "--client-ca"),
    (["serve", "-no_ticket"], "--tickets off"), (["connect", "-I", "h"], "--http"), (["connect", "--head", "h"], "--http"),
    (["connect", "-showcerts", "h"], "--json"), (["serve", "-www"], "without an option"), (["ca"], "handfast cert ca"),
    (["leaf"], "handfast cert leaf"), (["inspect"], "handfast cert inspect"), (["req"], "handfast cert leaf"),
    (["mkcert"], "handfast cert leaf"), (["demo", "--groups"], "handfast demo --groups")])
def test_other_spellings(hf, words, hint):
    assert hint in hf(*words).fails(2).err


def test_help_in_other_places(hf):
    assert hf("cert", "help").good().out == hf("cert", "--help").out
    assert hf("help", "--help").good().out == hf("--help").out
    assert "Exit codes:" in hf("--help").out and "connect --color" not in hf("policy", "--help").out
    assert hf("--color", "never", "list", "groups").good().out == hf("list", "groups").out


def test_cert_corner_cases(hf):
    hf("cert", "ca", "--out", "ca").good()
    assert "--ca takes the folder: --ca ca" in hf("cert", "leaf", "--ca", "ca/ca.pem", "--out", "l", "a.test").fails(2).err
    assert hf("cert", "leaf", "--ca", "ca", "--out", "l", "a.test", "A.test").good().out.count("DNS:") == 1
    assert "control character" in hf("cert", "ca", "--out", "x", "--cn", "a\x1bb").fails(2).err
    pem = (hf.folder / "l/leaf.pem").read_bytes()
    assert "CN=a.test" in hf("cert", "inspect", "-", stdin=pem).good().out
