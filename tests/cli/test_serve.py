# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast serve: ports, pages, echo, certificates, limits and the end. Clients are curl, openssl s_client and ours."""
import json
import os
import pty
import re
import signal
import socket
import subprocess
import termios

import pytest

from conftest import BIN
from peers import LIMIT, Pki, Server, end, free_port, have, listens, wait_for

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def server(hf, pki):
    with Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key) as s:
        yield s


def curl(pki, port, *words):
    if not have("curl"):
        pytest.skip("missing peer: curl")
    done = subprocess.run(["curl", "-sS", "--noproxy", "*", "--max-time", str(LIMIT), "--cacert", pki.root_pem, *words,
                           f"https://localhost:{port}/"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    return done.stdout


def raw(pki, port, request):
    """The request's bytes through openssl s_client; what came back."""
    done = subprocess.run(["openssl", "s_client", "-quiet", "-ign_eof", "-tls1_3", "-CAfile", pki.root_pem, "-servername", "localhost",
                           "-connect", f"127.0.0.1:{port}"], input=request, capture_output=True, timeout=LIMIT, check=False)
    return done.stdout.decode("utf-8", "replace")


# --- listening -------------------------------------------------------------------------------------------------------------

def test_first_event_and_port_file(hf, pki):
    with Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, "--port-file", "port") as s:
        assert s.first["event"] == "listening" and s.port > 0
        assert int((hf.folder / "port").read_text()) == s.port and listens(s.port)


def test_the_next_free_port_is_taken_and_said(hf, pki):
    """Only for the default, not for the same port asked for; it may be taken by somebody else already."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if taken.connect_ex(("127.0.0.1", 8443)) != 0:
            taken.close()
            taken = socket.create_server(("127.0.0.1", 8443))
        words = ["--cert", pki.srv_chain, "--key", pki.srv_key]
        with taken, Server(hf, *words, listen=None) as s:
            assert "127.0.0.1:8443: address already in use" in hf("serve", *words, "--listen", "127.0.0.1:8443").fails(5).err
            assert s.port > 8443 and str(s.port) in s.stderr() and "taken" in s.stderr()


@pytest.mark.parametrize("words", [["--listen", "nonsense"], ["--listen", "127.0.0.1:70000"], ["--listen", "::1:80"], ["--key", "x"],
                                   ["--cert", "missing", "--key", "missing"]])
def test_usage(hf, words):
    hf("serve", *words).fails(2)


def test_an_address_that_is_not_ours(hf, pki):
    hf("serve", "--listen", "192.0.2.1:0", "--cert", pki.srv_chain, "--key", pki.srv_key).fails(5)


def test_keys_that_do_not_fit(hf, pki, openssl):
    hf("serve", "--cert", pki.srv_chain, "--key", pki.root_key).fails(2)
    hf("serve", "--cert", pki.srv_chain, "--key", pki.srv_key, "--key", pki.srv_key).fails(2)
    openssl("pkcs8", "-topk8", "-in", pki.srv_key, "-passout", "pass:secret", "-out", hf.folder / "locked.key")
    failed = hf("serve", "--cert", pki.srv_chain, "--key", "locked.key").fails(2)
    assert "encrypted" in failed.err and "--key-password-file" in failed.err
    (hf.folder / "wrong").write_text("wrong\n")
    hf("serve", "--cert", pki.srv_chain, "--key", "locked.key", "--key-password-file", "wrong").fails(2)
    (hf.folder / "right").write_text("secret\n")
    with Server(hf, "--cert", pki.srv_chain, "--key", "locked.key", "--key-password-file", "right") as s:
        assert listens(s.port)


def test_an_encrypted_key_asks_on_a_terminal(hf, pki, openssl):
    openssl("pkcs8", "-topk8", "-in", pki.srv_key, "-passout", "pass:secret", "-out", hf.folder / "locked.key")
    ours, its = pty.openpty()
    process = subprocess.Popen([BIN, "serve", "--listen", "127.0.0.1:0", "--json", "--cert", pki.srv_chain, "--key", "locked.key"],
                               cwd=hf.folder, env=hf.env, stdin=its, stdout=subprocess.PIPE, stderr=its)
    os.close(its)
    try:
        shown = b""
        while b"Password of locked.key:" not in shown:
            shown += os.read(ours, 1000)
        wait_for("echo is off", lambda: not termios.tcgetattr(ours)[3] & termios.ECHO, process)
        os.write(ours, b"secret\n")
        assert json.loads(process.stdout.readline())["event"] == "listening"
        assert end(process) == 0
    finally:
        end(process, signal.SIGKILL)
        process.stdout.close()
        os.close(ours)


# --- the page ----------------------------------------------------------------------------------------------------------------

def test_page_as_text_html_and_json(server, pki):
    text = curl(pki, server.port)
    assert "TLS 1.3" in text and "TLS_" in text and "localhost" in text
    assert max(len(line) for line in text.splitlines()) <= 80
    page = curl(pki, server.port, "-H", "Accept: text/html,*/*")
    assert page.startswith("<!DOCTYPE html>") and "TLS 1.3" in page and "prefers-color-scheme: dark" in page
    report = json.loads(curl(pki, server.port, "-H", "Accept: application/json"))
    assert report["version"] == "TLS 1.3" and report["forward_secrecy"] is True and report["server_name"] == "localhost"


def test_headers(server, pki):
    head = curl(pki, server.port, "-I")
    assert head.startswith("HTTP/1.1 200") and "strict-transport-security" in head.lower() and "content-length" in head.lower()


@pytest.mark.parametrize("request_bytes,status", [
    (b"GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200"), (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 200"),
    (b"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400"), (b"GET /other HTTP/1.0\r\n\r\n", "HTTP/1.0 404"),
    (b"POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.0 405"), (b"nonsense\r\n\r\n", "HTTP/1.0 400"),
    (b"GET / HTTP/2.0\r\n\r\n", "HTTP/1.0 505"), (b"GET / HTTP/1.0\r\nX: " + b"x" * 9000, "HTTP/1.0 431")])
def test_requests(server, pki, request_bytes, status):
    assert raw(pki, server.port, request_bytes).startswith(status)


# --- events --------------------------------------------------------------------------------------------------------------------

def test_a_connection_is_reported_from_start_to_end(server, pki):
    curl(pki, server.port)
    connected, closed = server.event(), server.event()
    for event in (server.first, connected, closed):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["time"])
    assert connected["event"] == "connected" and connected["version"] == "TLS 1.3" and connected["peer"].startswith("127.0.0.1:")
    assert closed["event"] == "closed" and closed["id"] == connected["id"] and closed["bytes"]["data_out"] > 0


def test_a_refused_client_gets_its_alert_and_a_record_is_written(server, pki):
    done = subprocess.run(["openssl", "s_client", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-connect", f"127.0.0.1:{server.port}"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 1 and "alert protocol version" in done.stderr
    failure = server.await_event("failed")["failure"]
    assert failure["code"] == "VERSION_UNSUPPORTED" and failure["side"] == "server"
    assert (failure["alert"], failure["alert_direction"]) == ("protocol_version", "sent")


def test_a_stalling_client_is_cut(hf, pki):
    with Server(hf, "--timeout", "1", "--cert", pki.srv_chain, "--key", pki.srv_key) as s:
        with socket.create_connection(("127.0.0.1", s.port)) as stalling:
            stalling.settimeout(LIMIT)
            stalling.sendall(b"\x16\x03\x01")
            assert s.await_event("failed")["failure"]["code"] == "TIMEOUT"
            assert stalling.recv(100) == b""


# --- echo ------------------------------------------------------------------------------------------------------------------------

def test_echo_ten_megabytes_both_ways(hf, pki):
    data = os.urandom(10_000_000)
    with Server(hf, "--echo", "--cert", pki.srv_chain, "--key", pki.srv_key) as s:
        done = subprocess.run([BIN, "connect", "--ca", pki.root_pem, "--pipe", f"localhost:{s.port}"], input=data,
                              capture_output=True, timeout=LIMIT, check=False, env=hf.env)
        assert done.returncode == 0 and done.stdout == data, done.stderr
        closed = s.await_event("closed")
        assert closed["bytes"]["data_in"] == closed["bytes"]["data_out"] == len(data)


# --- certificates ----------------------------------------------------------------------------------------------------------------

def test_chosen_by_name(hf, pki):
    for name in ("one", "two"):
        hf("cert", "ca", "--out", f"ca-{name}").good()
        hf("cert", "leaf", "--ca", f"ca-{name}", "--out", name, f"{name}.test").good()
    with Server(hf, "--cert", "one/leaf.pem", "--key", "one/leaf.key", "--cert", "two/leaf.pem", "--key", "two/leaf.key") as s:
        for name in ("one", "two"):
            hf("connect", "--ca", f"ca-{name}/ca.pem", "--servername", f"{name}.test", f"127.0.0.1:{s.port}").good()


def test_own_ca_is_made_kept_and_explained(hf):
    ports = []
    for _ in range(2):
        with Server(hf, json_log=False) as s:
            banner = [s.process.stdout.readline().decode()]
            while "Ctrl-C" not in banner[-1]:
                banner.append(s.process.stdout.readline().decode())
            text = "".join(banner).replace(" \\\n        ", " ")
            ports.append(int(re.search(r"https://localhost:(\d+)/", text)[1]))
            command = re.search(r"curl --cacert (\S+) (https://\S+)", text)
            if have("curl"):
                page = subprocess.run(["curl", "-sS", "--noproxy", "*", "--max-time", str(LIMIT), "--cacert", command[1], command[2]],
                                      capture_output=True, text=True, check=False, env=hf.env)
                assert page.returncode == 0 and "TLS 1.3" in page.stdout, page
            for name in ("127.0.0.1", "localhost"):
                hf("connect", "--ca", command[1], f"{name}:{ports[-1]}").good()
            assert "update-ca-certificates" in text and "untrust" in text
            ca = (hf.folder / "xdg/handfast/ca/ca.pem").read_text()
            assert s.end() == 0
    assert (hf.folder / "xdg/handfast/ca/ca.pem").read_text() == ca


# --- the end -----------------------------------------------------------------------------------------------------------------------

def test_once(hf, pki):
    with Server(hf, "--once", "--cert", pki.srv_chain, "--key", pki.srv_key) as s:
        curl(pki, s.port)
        assert s.process.wait(LIMIT) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_server_with_0(server, number):
    assert server.end(number) == 0


def test_sigterm_drains(hf, pki):
    """The door closes at once; a connection under way is served to its end; then 0."""
    with Server(hf, "--echo", "--cert", pki.srv_chain, "--key", pki.srv_key) as s:
        client = subprocess.Popen([BIN, "connect", "--ca", pki.root_pem, "--pipe", f"localhost:{s.port}"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=hf.env)
        s.await_event("connected")
        s.process.send_signal(signal.SIGTERM)
        event = s.await_event("draining")
        assert event["open"] == 1 and event["time"].endswith("Z")
        wait_for("the door", lambda: not listens(s.port))
        out, _ = client.communicate(b"still served", timeout=LIMIT)
        assert out == b"still served" and client.returncode == 0
        assert s.process.wait(LIMIT) == 0


def test_sigterm_does_not_wait_for_ever(hf, pki):
    with Server(hf, "--echo", "--cert", pki.srv_chain, "--key", pki.srv_key) as s:
        client = subprocess.Popen([BIN, "connect", "--ca", pki.root_pem, "--pipe", f"localhost:{s.port}"], stdin=subprocess.PIPE,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=hf.env)
        s.await_event("connected")
        assert s.end() == 0
        assert client.wait(LIMIT) == 0
        client.stdin.close()


def test_a_port_that_was_used_can_be_used_again(hf, pki):
    port = free_port()
    for _ in range(2):
        with Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, listen=f"127.0.0.1:{port}") as s:
            assert s.port == port
            curl(pki, port)
            assert s.end() == 0
