# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast connect: exit codes, what it says and where, JSON, HTTP, pipes. The peer is openssl s_server, or a few lines
of Python where a peer has to misbehave."""
import json
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import threading

import pytest

from conftest import BIN
from peers import LIMIT, Pki, Server, free_port, have, s_server, shows_three_parts, wait_for

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")

FAILURE = {"code", "blame", "side", "step", "message", "field", "offset", "rule", "expected", "offered", "alert",
           "alert_direction", "hint"}
MEMBERS = {"schema", "ok", "version", "cipher_suite", "group", "signature_scheme", "forward_secrecy", "round_trips", "alpn",
           "server_name", "resumed", "early_data", "early_data_error", "psk", "psk_identity", "peer", "timing", "bytes", "http",
           "failure"}


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def peer(pki):
    with s_server(pki) as port:
        yield port


def connect(hf, pki, port, *words, **more):
    return hf("connect", "--ca", pki.root_pem, *words, f"localhost:{port}", **more)


# --- the report ------------------------------------------------------------------------------------------------------

def test_report_has_about_twelve_lines(hf, pki, peer):
    out = connect(hf, pki, peer).good().out
    assert 10 <= len(out.splitlines()) <= 16, out
    for part in ("TLS 1.3", "1 round trip", "TLS_AES_", "verified", "CN=localhost", "forward secrecy", " ms"):
        assert part in out


def test_report_does_not_depend_on_stdin(hf, pki, peer):
    with open("/dev/zero", "rb") as zero:
        done = subprocess.run([BIN, "connect", "--ca", pki.root_pem, f"localhost:{peer}"], stdin=zero, capture_output=True,
                              timeout=LIMIT, check=False, env=hf.env)
    assert done.returncode == 0 and b"TLS 1.3" in done.stdout


def test_json_is_one_object_with_every_member(hf, pki, peer):
    report = json.loads(connect(hf, pki, peer, "--json", "--http", "/").good().out)
    assert MEMBERS <= set(report)
    assert report["schema"] == "handfast.connect/1" and report["ok"] is True and report["failure"] is None
    assert report["version"] == "TLS 1.3" and report["forward_secrecy"] is True and report["round_trips"] == 1
    assert report["server_name"] == "localhost" and report["resumed"] is False
    assert report["peer"]["verified"] is True and "localhost" in report["peer"]["subject"]
    assert "DNS:localhost" in report["peer"]["sans"] and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", report["peer"]["not_after"])
    assert len(report["peer"]["chain"]) == 2
    assert all(report["timing"][phase] >= 0 for phase in ("dns", "connect", "handshake", "first_byte", "total"))
    assert report["bytes"]["in"] > 500 and report["bytes"]["out"] > 300
    assert report["http"]["status"] == 200 and report["http"]["body_bytes"] > 100
    assert report["http"]["headers"]["content-type"].startswith("text/html")


def test_hello_retry_request_costs_a_round_trip(hf, pki):
    with s_server(pki, "-groups", "P-384") as port:
        report = json.loads(connect(hf, pki, port, "--json").good().out)
    assert report["round_trips"] == 2 and report["group"].lower() in ("secp384r1", "p-384")


def test_trace_is_on_stderr(hf, pki, peer):
    done = connect(hf, pki, peer, "--trace").good()
    for name in ("ClientHello", "ServerHello", "EncryptedExtensions", "CertificateVerify", "Finished"):
        assert name in done.err and name not in done.out


def test_alpn(hf, pki):
    with s_server(pki, "-alpn", "http/1.1", www=False) as port:
        assert json.loads(connect(hf, pki, port, "--json", "--alpn", "h2,http/1.1").good().out)["alpn"] == "http/1.1"


def test_urls_brackets_and_resolve(hf, pki, peer):
    assert "http           status 200" in hf("connect", "--ca", pki.root_pem, "--http", "/", f"https://localhost:{peer}/x").good().err
    hf("connect", "--ca", pki.root_pem, "--resolve", f"a.test:{peer}:127.0.0.1", f"a.test:{peer}").good()
    hf("connect", "--ca", pki.root_pem, "-4", f"127.0.0.1:{peer}").good()


def test_international_names_show_both_forms(hf, pki, peer):
    done = hf("connect", "--ca", pki.root_pem, "--json", "--resolve", f"bücher.test:{peer}:127.0.0.1", f"bücher.test:{peer}")
    lines = shows_three_parts(done, 6)
    assert json.loads(done.out)["server_name"] == "xn--bcher-kva.test"
    assert "bücher.test" in lines[1]


# --- certificates that are not accepted --------------------------------------------------------------------------------

REFUSED = [("expired", "CERT_EXPIRED", "expired"), ("future", "CERT_NOT_YET_VALID", "not yet valid"),
           ("selfsigned", "CERT_SELF_SIGNED", "self-signed"), ("badsig", "CERT_SIGNATURE", "signature"),
           ("usage", "CERT_PURPOSE", "extendedKeyUsage")]


@pytest.mark.parametrize("cert,code,words", REFUSED)
def test_refused_certificates(hf, pki, cert, code, words):
    with s_server(pki, cert=cert) as port:
        done = connect(hf, pki, port, "--json")
    check_refused(done, code, words)


def test_wrong_name(hf, pki, peer):
    check_refused(connect(hf, pki, peer, "--json", "--servername", "wrong.test"), "CERT_NAME", "another name")


def test_untrusted(hf, pki, peer):
    check_refused(hf("connect", "--json", "--ca", pki.other_pem, f"localhost:{peer}"), "CERT_UNKNOWN_CA", "no trusted CA")


def check_refused(done, code, words):
    what, _, following = shows_three_parts(done, 6)
    report = json.loads(done.out)
    failure = report["failure"]
    assert report["ok"] is False and report["peer"]["verified"] is False
    assert FAILURE <= set(failure) and failure["code"] == code and failure["side"] == "client"
    assert failure["alert_direction"] == "sent" and failure["alert"] and failure["hint"]
    assert words in what and "handfast " in following and "--insecure" not in following


def test_what_is_advised_sends_nothing_to_whom_it_may_concern(hf, pki):
    """After a refused certificate: a look at it, with neither stdin, a request nor a certificate of ours; as pasted, it works."""
    keep = ["--pipe", "--cert", pki.srv_chain, "--key", pki.srv_key]
    with s_server(pki, cert="expired") as port:
        done = hf("connect", "--ca", pki.root_pem, *keep, f"localhost:{port}", stdin=b"secret").fails(6)
        assert done.err.endswith(f"handfast cert inspect localhost:{port}")
        shown = hf(*shlex.split(done.err.splitlines()[-1].split("handfast ")[1])).good().out
        assert "it has expired" in shown
        done = hf("connect", "--ca", pki.root_pem, *keep[1:], "--http", "--resolve", f"a.test:{port}:127.0.0.1", "--servername", "b.test",
                  f"a.test:{port}").fails(6)
        command = f"handfast connect --insecure --servername b.test --resolve a.test:{port}:127.0.0.1 a.test:{port}"
        assert done.err.endswith(command)
        assert "expired" in hf(*command.split()[1:]).good().out


def test_a_server_certificate_as_ca_trusts_itself_alone_and_is_warned_of(hf, pki, peer):
    done = hf("connect", "--ca", pki.srv_pem, f"localhost:{peer}").good()
    said = " ".join(done.err.split())
    assert "warning: --ca holds no CA's certificate: exactly that one certificate is trusted" in said
    other = hf("connect", "--ca", pki.srv_pem, "--ca", pki.expired_pem, f"localhost:{peer}").good()
    assert "exactly those 2 certificates are trusted" in " ".join(other.err.split())
    assert "warning" not in hf("connect", "--ca", pki.srv_pem, "--ca", pki.root_pem, f"localhost:{peer}").good().err


def test_each_refusal_has_its_own_sentence_and_hint():
    assert len({code for _, code, _ in REFUSED}) == len(REFUSED)


def test_insecure_goes_on_and_is_loud(hf, pki, peer):
    done = hf("connect", "--json", "--insecure", "--ca", pki.other_pem, f"localhost:{peer}").good()
    report = json.loads(done.out)
    assert report["ok"] is True and report["peer"]["verified"] is False and report["peer"]["error"] == "CERT_UNKNOWN_CA"
    assert done.err.count("warning") >= 2 and "NOT" in done.err


# --- trust ---------------------------------------------------------------------------------------------------------------

def test_ssl_cert_file_and_dir(hf, pki, peer, tmp_path):
    folder = tmp_path / "cas"
    folder.mkdir()
    (folder / "root.pem").write_text(pki.text("root.pem"))
    target = f"localhost:{peer}"
    hf("connect", target, env={"SSL_CERT_FILE": pki.root_pem}).good()
    hf("connect", target, env={"SSL_CERT_DIR": str(folder)}).good()
    hf("connect", "--ca", folder, target).good()
    assert hf("connect", target, env={"SSL_CERT_FILE": pki.other_pem}).code == 6
    hf("connect", target, env={"SSL_CERT_FILE": "/does/not/exist"}).fails(2)


def test_empty_ca_file(hf, pki, peer, tmp_path):
    (tmp_path / "empty.pem").write_text("")
    hf("connect", "--ca", "empty.pem", f"localhost:{peer}").fails(2)


# --- exit codes 2 to 5 ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words", [
    ["--http", "/", "--pipe", "localhost"], ["--output", "x", "localhost"], ["-4", "-6", "localhost"], ["localhost:0"],
    ["localhost:99999"], ["http://localhost/"], ["[::1"], ["a b"], ["--resolve", "nonsense", "localhost"], [""],
    ["--pipe", "--json", "localhost"], ["https://user@localhost/"]])
def test_usage(hf, words):
    hf("connect", *words).fails(2)


def test_unreachable(hf, pki):
    hf("connect", "--ca", pki.root_pem, f"127.0.0.1:{free_port()}").fails(3)
    done = hf("connect", "--json", "--ca", pki.root_pem, "name.invalid")
    shows_three_parts(done, 3)
    report = json.loads(done.out)
    assert report["failure"]["blame"] == "network" and FAILURE <= set(report["failure"]) and MEMBERS <= set(report)


class Peer:
    """Accepts once, reads something, answers with these bytes and closes (or stalls)."""

    def __init__(self, answer, stall=False):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.answer, self.stall, self.over = answer, stall, threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        with self.socket.accept()[0] as s:
            s.recv(4096)
            s.sendall(self.answer)
            if self.stall:
                self.over.wait(LIMIT)

    def __enter__(self):
        return self.port

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.socket.close()


@pytest.mark.parametrize("answer,code", [
    (b"", "CLOSED_IN_HANDSHAKE"), (b"HTTP/1.1 400 Bad Request\r\n\r\n", "NOT_TLS"),
    (bytes.fromhex("15030300020228"), "ALERT_RECEIVED"), (bytes.fromhex("160303004a0200"), "CLOSED_IN_HANDSHAKE")])
def test_handshake_failures(hf, pki, answer, code):
    with Peer(answer) as port:
        done = connect(hf, pki, port, "--json")
    shows_three_parts(done, 4)
    failure = json.loads(done.out)["failure"]
    assert failure["code"] == code and FAILURE <= set(failure)
    if code == "ALERT_RECEIVED":
        assert (failure["alert"], failure["alert_direction"]) == ("handshake_failure", "received")


def test_a_stalling_peer_is_cut_by_the_deadline(hf, pki):
    with Peer(b"", stall=True) as port:
        done = connect(hf, pki, port, "--json", "--timeout", "1")
    shows_three_parts(done, 4)
    assert json.loads(done.out)["failure"]["code"] == "TIMEOUT"


def test_output_that_cannot_be_written(hf, pki, peer):
    connect(hf, pki, peer, "--http", "/", "--output", "/does/not/exist").fails(5)


def test_keylog_that_cannot_be_written(hf, pki, peer):
    connect(hf, pki, peer, "--keylog", "/does/not/exist").fails(5)


# --- what goes over the connection -----------------------------------------------------------------------------------------

def test_body_to_stdout_and_to_a_file(hf, pki, peer):
    page = connect(hf, pki, peer, "--http", "/").good()
    assert page.out.lstrip().startswith("<HTML>") and "TLS 1.3" in page.err
    connect(hf, pki, peer, "--http", "/", "--output", "page.html").good()
    assert (hf.folder / "page.html").read_text().lstrip().startswith("<HTML>")
    assert [n for n in os.listdir(hf.folder) if n.startswith("page")] == ["page.html"]


def test_json_keeps_the_body_out_of_stdout(hf, pki, peer):
    done = connect(hf, pki, peer, "--http", "/", "--json", "--output", "page.html").good()
    assert json.loads(done.out)["http"]["body_bytes"] == len((hf.folder / "page.html").read_bytes())


def test_keylog_and_its_notice(hf, pki, peer):
    done = connect(hf, pki, peer, "--keylog", "keys").good()
    lines = (hf.folder / "keys").read_text().splitlines()
    assert {line.split()[0] for line in lines} >= {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"}
    assert "keys" in done.err and (hf.folder / "keys").stat().st_mode & 0o077 == 0
    connect(hf, pki, peer, env={"SSLKEYLOGFILE": str(hf.folder / "more")}).good()
    assert (hf.folder / "more").read_text()


def test_pipe_carries_both_ways_and_half_closes(hf, pki):
    data = os.urandom(300_000)
    with Server(hf, "--echo", "--cert", pki.srv_chain, "--key", pki.srv_key) as server:
        done = subprocess.run([BIN, "connect", "--ca", pki.root_pem, "--pipe", f"localhost:{server.port}"], input=data,
                              capture_output=True, timeout=LIMIT, check=False, env=hf.env)
    assert done.returncode == 0 and done.stdout == data, done.stderr


# --- HTTP answers that only a tricky server gives ------------------------------------------------------------------------------

def answer_over_tls(pki, answer, close_notify=True):
    """One TLS connection by Python's ssl module that answers with these bytes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.srv_chain, pki.srv_key)
    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        plain, _ = listener.accept()
        with context.wrap_socket(plain, server_side=True) as tls:
            tls.recv(4096)
            tls.sendall(answer)
            if close_notify:
                tls.settimeout(LIMIT)
                try:
                    tls.unwrap()
                except (OSError, ssl.SSLError):
                    pass
        listener.close()
    thread = threading.Thread(target=run)
    thread.start()
    return listener.getsockname()[1], thread


@pytest.mark.parametrize("answer,body", [
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nTrailer: x\r\n\r\n", "hello, world"),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"),
    (b"HTTP/1.0 200\n\nhello", "hello"), (b"HTTP/1.1 204 No Content\r\n\r\n", "")])
def test_bodies(hf, pki, answer, body):
    port, thread = answer_over_tls(pki, answer)
    done = connect(hf, pki, port, "--http", "/")
    thread.join()
    assert done.good().out == body


@pytest.mark.parametrize("answer", [
    b"220 mail.test ESMTP\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", b"",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000])
def test_answers_that_are_wrong(hf, pki, answer):
    port, thread = answer_over_tls(pki, answer)
    done = connect(hf, pki, port, "--http", "/", "--json")
    thread.join()
    shows_three_parts(done, 1)
    assert json.loads(done.out)["failure"]["code"] == "HTTP"


def test_a_body_cut_off_without_close_notify_is_a_failure(hf, pki):
    port, thread = answer_over_tls(pki, b"HTTP/1.0 200 OK\r\n\r\nhel", close_notify=False)
    done = connect(hf, pki, port, "--http", "/", "--json", "--output", "body")
    thread.join()
    shows_three_parts(done, 4)
    assert json.loads(done.out)["failure"]["code"] == "TRUNCATED_STREAM" and not (hf.folder / "body").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_leaves_no_half_file(hf, pki, number):
    with Peer(b"", stall=True) as port:
        process = subprocess.Popen([BIN, "connect", "--ca", pki.root_pem, "--http", "/", "--output", "body", f"127.0.0.1:{port}"],
                                   cwd=hf.folder, env=hf.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("the temporary file", lambda: any(n.startswith("body.") for n in os.listdir(hf.folder)), process)
        wait_for("the connection", lambda: established(port), process)
        process.send_signal(number)
        assert process.wait(LIMIT) == 128 + number
    assert not [n for n in os.listdir(hf.folder) if n.startswith("body")]


def established(port):
    """Linux: a connection to that port is up, so that the tool is in its loop."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        return any(f[2].endswith(f":{port:04X}") and f[3] == "01" for f in (line.split() for line in table) if len(f) > 3)
