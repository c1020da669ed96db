# SPDX-License-Identifier: Apache-2.0 OR MIT
"""serve and connect --early-data: 0-RTT data is taken once, only where it is harmless, and never lost when it is refused."""
import json
import os
import secrets
import signal
import socket
import subprocess

import pytest

from peers import LIMIT, Pki, Server, have, s_server, wait_for

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")

GET = b"GET / HTTP/1.0\r\n\r\n"
APPLICATION_DATA = 23


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


def server(hf, pki, *words, listen="127.0.0.1:0"):
    return Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, *words, listen=listen)


@pytest.fixture
def run(hf, pki):
    """One connect --http with a session and 0-RTT; its report."""
    def connect(port, *words, early=("--early-data",)):
        done = hf("connect", "--ca", pki.root_pem, "--session", "s", *early, "--http", "--json", *words, f"localhost:{port}")
        return done, json.loads(done.out) if done.out else None
    return connect


class SClient:
    """openssl s_client -early_data: sends the file with its first flight, then stdin."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port

    def __call__(self, *words, stdin=b"", early=None):
        if early is not None:
            (self.folder / "early").write_bytes(early)
            words = (*words, "-early_data", "early")
        done = subprocess.run(["openssl", "s_client", "-tls1_3", "-ign_eof", "-connect", f"127.0.0.1:{self.port}", *words], cwd=self.folder,
                              input=stdin, capture_output=True, timeout=LIMIT, check=False)
        return done.stdout.decode("utf-8", "replace")

    def ticket(self, name="ticket", *words):
        self("-sess_out", name, *words, stdin=GET)
        return name


@pytest.fixture
def early_server(hf, pki):
    with server(hf, pki, "--early-data") as s:
        yield s


@pytest.fixture
def s_client(early_server, tmp_path):
    return SClient(tmp_path, early_server.port)


def next_connection(s, resumed=True):
    """The event of the next connection that resumes (or not)."""
    while (event := s.await_event("connected"))["resumed"] is not resumed:
        pass
    return event


# --- ours with ours --------------------------------------------------------------------------------------------------------------

def test_the_second_get_goes_with_the_first_flight(hf, early_server, run):
    reports = [run(early_server.port) for _ in range(3)]
    events = [early_server.await_event("connected") for _ in range(3)]
    assert all(done.code == 0 and done.err == "" and report["http"]["status"] == 200 for done, report in reports)
    assert [r["early_data"] for _, r in reports] == [e["early_data"] for e in events] == ["none", "accepted", "accepted"]
    assert [r["early_data_error"] for _, r in reports] == ["EARLY_NO_SESSION", None, None]
    assert events[0]["early_bytes"] == 0 and events[1]["early_bytes"] == reports[1][1]["bytes"]["data_out"]


def test_report_and_page_say_so(hf, pki, early_server, run):
    run(early_server.port)
    done = hf("connect", "--ca", pki.root_pem, "--session", "s", "--early-data", "--http", f"localhost:{early_server.port}").good()
    assert "Early data       accepted" in done.out and "0-RTT data accepted" in done.err and "resumed session" in done.err
    run(early_server.port, "--output", "page")
    assert (hf.folder / "page").exists()


def test_a_trace_shows_where_it_ends(hf, pki, early_server, run):
    run(early_server.port)
    err = hf("connect", "--ca", pki.root_pem, "--session", "s", "--early-data", "--http", "--trace", f"localhost:{early_server.port}").good().err
    said = " ".join(err.split())
    steps = [said.index(words) for words in ("writes under its early keys", "early data (0-RTT), sent without waiting for the server",
                                             "takes key number 1 of those that the client named", "the early data is taken",
                                             "EndOfEarlyData", "the early data ends here",
                                             "a ticket, with which the client can resume within")]
    assert steps == sorted(steps) and all(len(line) <= 80 for line in err.splitlines())


def test_a_session_is_used_once(hf, early_server, run):
    """The file holds another ticket after each connection, and each of them is good for one flight."""
    run(early_server.port)
    before = (hf.folder / "s").read_bytes()
    assert run(early_server.port)[1]["early_data"] == "accepted"
    assert (hf.folder / "s").read_bytes() != before
    (hf.folder / "s").write_bytes(before)
    done, report = run(early_server.port)
    assert report["early_data"] == "rejected" and report["http"]["status"] == 200 and done.code == 0
    assert [early_server.await_event("connected")["early_data_error"] for _ in range(3)][2] == "EARLY_USED"


def test_off_unless_both_ends_ask_for_it(hf, pki, run):
    with server(hf, pki) as s:
        run(s.port), run(s.port)
        assert [s.await_event("connected")["early_data"] for _ in range(2)] == ["none", "none"]
    with server(hf, pki, "--early-data") as s:
        run(s.port, early=())
        report = run(s.port, early=())[1]
        assert report["resumed"] and report["early_data"] == "none" and report["early_data_error"] is None


def test_a_restarted_server_takes_nothing_from_before(hf, pki, run):
    with server(hf, pki, "--early-data") as s:
        run(s.port)
        port = s.port
    with server(hf, pki, "--early-data", listen=f"127.0.0.1:{port}") as s:
        done, report = run(port)
        assert (done.code, report["resumed"], report["early_data"], report["http"]["status"]) == (0, False, "rejected", 200)
        assert s.await_event("connected")["early_bytes"] == 0
        assert run(port)[1]["early_data"] == "accepted"


def test_a_hello_retry_request_ends_it(hf, pki, run):
    """RFC 9846 4.3.10: what was sent is skipped, and sent again after the handshake."""
    with server(hf, pki, "--early-data") as s:
        run(s.port)
        port = s.port
    with server(hf, pki, "--early-data", "--groups", "P-384", listen=f"127.0.0.1:{port}"):
        done, report = run(port)
    assert (done.code, report["early_data"], report["early_data_error"], report["http"]["status"]) == (0, "rejected", "EARLY_RETRY", 200)
    assert report["round_trips"] == 2


def test_another_protocol_than_the_sessions(hf, pki, early_server, run):
    """RFC 9846 4.3.10: early data is for the protocol that its ticket was made under."""
    hf("connect", "--ca", pki.root_pem, "--session", "s", f"localhost:{early_server.port}").good()
    done, report = run(early_server.port)
    assert report["early_data"] in ("none", "rejected") and report["http"]["status"] == 200 and done.code == 0
    assert report["resumed"]


def test_the_limit_is_the_servers(hf, pki, run, tmp_path):
    with server(hf, pki, "--early-data", "20") as s:
        run(s.port)
        done, report = run(s.port)
        assert done.code == 0 and report["early_data"] == "accepted" and report["http"]["status"] == 200
        assert [s.await_event("connected")["early_bytes"] for _ in range(2)] == [0, 20]
        info = SClient(tmp_path, s.port)("-sess_out", "t", stdin=GET)
    assert "Max Early Data: 20" in info


def test_openssl_refuses_ours_and_gets_it_again(hf, pki, run):
    """Another server on the same port, which cannot open the ticket; what it skips is sent once more."""
    with server(hf, pki, "--early-data") as s:
        run(s.port)
        port = s.port
    with s_server(pki, port=port):
        done, report = run(port)
    assert (done.code, report["early_data"], report["resumed"], report["http"]["status"]) == (0, "rejected", False, 200)


# --- the server ------------------------------------------------------------------------------------------------------------------

def test_openssl_is_accepted_once(early_server, s_client):
    """RFC 9846 8: the second flight with one ticket is a replay."""
    s_client.ticket()
    first, second = (s_client("-sess_in", "ticket", early=GET, stdin=b"" if i == 0 else GET) for i in range(2))
    assert "Early data was accepted" in first and "200 OK" in first and "Early data       accepted" in first
    assert "Early data was rejected" in second and "Early data       rejected" in second
    events = [early_server.await_event("connected") for _ in range(3)]
    assert [e["early_data"] for e in events] == ["none", "accepted", "rejected"] and events[2]["early_data_error"] == "EARLY_USED"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "FOO"])
def test_unsafe_methods_are_too_early(s_client, method):
    """RFC 8470 5.2"""
    s_client.ticket()
    out = s_client("-sess_in", "ticket", early=f"{method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".encode())
    assert "Early data was accepted" in out and "HTTP/1.1 425 Too Early\r" in out and "\n425 Too Early" in out


def test_safe_methods_are_answered(s_client):
    s_client.ticket()
    out = s_client("-sess_in", "ticket", early=b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert "Early data was accepted" in out and "HTTP/1.1 200 OK\r" in out and "Your handshake" not in out


def test_the_same_method_later_is_another_matter(s_client):
    """After the handshake nobody can have sent it before: no 425 then, also on a resumed connection with early data allowed."""
    s_client.ticket()
    out = s_client("-sess_in", "ticket", stdin=b"POST / HTTP/1.0\r\n\r\n")
    assert "405 Method Not Allowed" in out and "425 Too Early" not in out


@pytest.mark.parametrize("cut", [1, 4, 20, 36])
def test_a_request_that_began_early_is_an_early_one(s_client, cut):
    """Its first bytes came with the first flight, the rest after the handshake; none is lost."""
    s_client.ticket()
    request = b"POST / HTTP/1.1\r\nHost: a.test\r\nX: y\r\n\r\n"
    out = s_client("-sess_in", "ticket", early=request[:cut], stdin=request[cut:])
    assert "Early data was accepted" in out and "HTTP/1.1 425 Too Early" in out


def test_a_get_in_two_halves(s_client):
    s_client.ticket()
    out = s_client("-sess_in", "ticket", early=GET[:7], stdin=GET[7:])
    assert "Early data was accepted" in out and "HTTP/1.0 200 OK" in out


def test_what_is_no_request(s_client):
    s_client.ticket()
    assert "HTTP/1.0 400 Bad Request" in s_client("-sess_in", "ticket", early=b"\x00nonsense\r\n\r\n")


def test_a_long_head_is_refused_as_ever(s_client):
    s_client.ticket()
    out = s_client("-sess_in", "ticket", early=b"GET / HTTP/1.0\r\n" + b"X: y\r\n" * 2000)
    assert "431 Request Header Fields Too Large" in out


def test_echo_says_what_it_did(hf, pki):
    """Our own GET comes back instead of a page."""
    words = ["--cert", pki.srv_chain, "--key", pki.srv_key, "--echo", "--alpn", "http/1.1", "--early-data", "--port-file", "port"]
    with Server(hf, *words, json_log=False) as s:
        while "Ctrl-C" not in s.process.stdout.readline().decode():
            pass
        for _ in range(2):
            done = hf("connect", "--ca", pki.root_pem, "--session", "s", "--early-data", "--http", "--json",
                      f"localhost:{(hf.folder / 'port').read_text().strip()}")
        sent = json.loads(done.out)["bytes"]
        assert s.end() == 0
        log = s.process.stdout.read().decode()
    assert json.loads(done.out)["early_data"] == "accepted" and sent["data_in"] == sent["data_out"] > 0
    assert f"early data: accepted ({sent['data_out']} bytes, echoed)" in log


def interactive(client, *words):
    """s_client as at a terminal: it stays until it is told to go."""
    return subprocess.Popen(["openssl", "s_client", "-tls1_3", "-connect", f"127.0.0.1:{client.port}", *words], cwd=client.folder,
                            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_echo_of_all_that_is_allowed(hf, pki, tmp_path):
    """More than one record, and more than the page would take."""
    (tmp_path / "early").write_bytes(secrets.token_bytes(100000))
    ticket = tmp_path / "ticket"
    with server(hf, pki, "--echo", "--early-data", "100000") as s:
        client = SClient(tmp_path, s.port)
        with interactive(client, "-sess_out", "ticket") as first:
            wait_for("a ticket", lambda: ticket.exists() and ticket.read_text().endswith("-----END SSL SESSION PARAMETERS-----\n"))
            first.communicate(b"Q\n", timeout=LIMIT)
        with interactive(client, "-sess_in", "ticket", "-early_data", "early") as second:
            event = next_connection(s)
            second.communicate(b"Q\n", timeout=LIMIT)
        assert (event["early_data"], event["early_bytes"]) == ("accepted", 100000)
        while (closed := s.await_event("closed"))["id"] != event["id"]:
            pass
        assert closed["bytes"]["data_out"] == 100000


def whole_flight(data):
    """The record with the early data is there, which is the last before the server's answer."""
    at = 0
    while len(data) >= at + 5 and len(data) >= at + 5 + int.from_bytes(data[at + 3:at + 5], "big"):
        if data[at] == APPLICATION_DATA:
            return True
        at += 5 + int.from_bytes(data[at + 3:at + 5], "big")
    return False


def recorded_flight(client, ticket):
    """A first flight with a GET in it, which never reached the server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        (client.folder / "early").write_bytes(GET)
        nowhere = SClient(client.folder, listener.getsockname()[1])
        with interactive(nowhere, "-sess_in", ticket, "-early_data", "early") as process:
            with listener.accept()[0] as peer:
                peer.settimeout(LIMIT)
                data = b""
                while not whole_flight(data):
                    data += peer.recv(65536)
            process.kill()
    return data


def play(s, flight):
    """Sends it and nothing more, until the server has had enough; what it sent and how it ended."""
    with socket.create_connection(("127.0.0.1", s.port), timeout=LIMIT) as peer:
        peer.sendall(flight)
        while peer.recv(65536):
            pass
    failed = s.await_event("failed")
    while (closed := s.await_event("closed"))["id"] != failed["id"]:
        pass
    return failed["failure"]["code"], closed["bytes"]


def test_a_flight_alone_ends_with_the_patience_for_handshakes(hf, pki, tmp_path):
    """It is answered at once, as half-RTT data (RFC 9846 2.3), and once: played again it brings nothing. Neither keeps a
    connection open without the rest of the handshake."""
    with server(hf, pki, "--early-data", "--timeout", "1") as s:
        client = SClient(tmp_path, s.port)
        flight = recorded_flight(client, client.ticket())
        code, first = play(s, flight)
        assert (code, first["data_in"]) == ("TIMEOUT", len(GET)) and first["data_out"] > 500
        code, second = play(s, flight)
        assert (code, second["data_in"], second["data_out"]) == ("TIMEOUT", 0, 0)
        assert "Early data       accepted" in client("-sess_in", client.ticket("fresh"), early=GET)


def test_shared_ticket_keys_switch_it_off(hf, pki, run):
    """Each server would accept the same flight once."""
    (hf.folder / "keys").write_text(secrets.token_hex(48) + "\n")
    os.chmod(hf.folder / "keys", 0o600)
    with server(hf, pki, "--early-data", "--ticket-keys", "keys") as s:
        run(s.port)
        report = run(s.port)[1]
        assert report["resumed"] and report["early_data"] == "none" and report["early_data_error"] == "EARLY_NO_SESSION"
        assert "--ticket-keys switches 0-RTT off" in " ".join(s.stderr().split())


def test_it_goes_on_after_a_new_ticket_key(hf, early_server, run):
    run(early_server.port)
    early_server.process.send_signal(signal.SIGHUP)
    early_server.await_event("ticket_keys")
    assert run(early_server.port)[1]["early_data"] == "accepted"


# --- options ---------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words, hint", [
    (["connect", "--early-data", "--pipe", "--session", "s", "127.0.0.1:1"], "may not be harmless twice"),
    (["connect", "--early-data", "--session", "s", "127.0.0.1:1"], "--early-data needs --http"),
    (["connect", "--early-data", "--http", "/", "127.0.0.1:1"], "--early-data needs --session"),
    (["connect", "--early-data", "--tls", "1.2", "--session", "s", "--http", "/", "127.0.0.1:1"], "--early-data needs TLS 1.3"),
    (["connect", "--early-data", "--alpn", "h2,http/1.1", "--session", "s", "--http", "/", "127.0.0.1:1"], "--early-data needs http/1.1 alone"),
    (["serve", "--early-data", "0"], "1 to 1048576"),
    (["serve", "--early-data", "1048577"], "1 to 1048576"),
    (["serve", "--early-data=some"], "1 to 1048576"),
    (["serve", "--early-data", "12k"], "1 to 1048576"),
    (["serve", "--early-data", "--tickets", "off"], "--early-data needs tickets"),
    (["serve", "--early-data", "--tls", "1.2"], "--early-data needs TLS 1.3"),
])
def test_misuse(hf, words, hint):
    assert hint in " ".join(hf(*words).fails(2).err.split())
