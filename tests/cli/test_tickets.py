# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Sessions of TLS 1.3: tickets that are used once, their keys, and time. Those of TLS 1.2 are test_session.py's."""
import json
import os
import re
import secrets
import signal
import socket
import stat
import subprocess
import threading
from contextlib import contextmanager

import pytest

from conftest import BIN
from peers import LIMIT, Pki, Server, end, have, s_server, wait_for

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
needs_faketime = pytest.mark.skipif(not os.path.exists(FAKETIME), reason="missing peer: libfaketime")
DAY = 86400


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def run(hf, pki):
    """One connect with --session; its report."""
    def connect(port, *words, session="s", env=None):
        done = hf("connect", "--ca", pki.root_pem, "--session", session, "--json", *words, f"localhost:{port}", env=env)
        return done, json.loads(done.out) if done.out else None
    return connect


@pytest.fixture
def resumes(run):
    """Whether the session in the file is taken up; a new one is in it afterwards."""
    def connect(port, *words, session="s"):
        done, report = run(port, *words, session=session)
        assert done.code == 0 and report["session"]["saved"], done
        return report["resumed"]
    return connect


@pytest.fixture
def keys(hf):
    """Writes a file of ticket keys in one step, as careful people do, and returns its name."""
    def write(*lines, name="keys", mode=0o600):
        path = hf.folder / name
        fresh = hf.folder / "fresh"
        fresh.write_text("".join(f"{line}\n" for line in lines))
        os.chmod(fresh, mode)
        os.replace(fresh, path)
        return name
    return write


def server(hf, pki, *words, listen="127.0.0.1:0"):
    return Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, *words, listen=listen)


def fresh_key():
    return secrets.token_hex(48)


def renew(s):
    """SIGHUP, and what the server says of it."""
    s.process.send_signal(signal.SIGHUP)
    event = s.await_event("ticket_keys")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event.pop("time"))
    return event


# --- used once -------------------------------------------------------------------------------------------------------------------

def test_each_connection_resumes_the_one_before(hf, pki, run):
    """RFC 9846 4.7.1: the ticket comes after the handshake; a connection with nothing to say waits for it."""
    with server(hf, pki) as s:
        reports, files = [], []
        for _ in range(4):
            done, report = run(s.port)
            reports.append(report)
            files.append((hf.folder / "s").read_bytes())
            assert done.good().err == "" and stat.S_IMODE(os.stat(hf.folder / "s").st_mode) == 0o600
        events = [s.await_event("connected") for _ in range(4)]
    assert [r["resumed"] for r in reports] == [e["resumed"] for e in events] == [False, True, True, True]
    assert len(set(files)) == 4 and all(r["version"] == "TLS 1.3" and r["forward_secrecy"] for r in reports)
    assert all(r["peer"]["verified"] for r in reports) and reports[1]["peer"]["chain"] == []


@pytest.mark.parametrize("words", [["--http"], ["--pipe"]])
def test_whatever_is_done_over_it(hf, pki, run, words):
    with server(hf, pki, "--echo", *(["--alpn", "http/1.1"] if "--http" in words else [])) if "--pipe" in words else server(hf, pki) as s:
        for resumed in (False, True, True):
            hf("connect", "--ca", pki.root_pem, "--session", "s", *words, f"localhost:{s.port}", stdin=b"x").good()
            assert s.await_event("connected")["resumed"] is resumed


def test_the_report_says_so(hf, pki):
    with server(hf, pki) as s:
        texts = [hf("connect", "--ca", pki.root_pem, "--session", "s", f"localhost:{s.port}").good().out for _ in range(2)]
        page = hf("connect", "--ca", pki.root_pem, "--session", "s", "--http", f"localhost:{s.port}").good().out
    assert "kept for the next time" in texts[0] and "resumed session" not in texts[0]
    assert "resumed session" in texts[1] and "the session vouches for the server" in texts[1] and "CN=localhost" in texts[1]
    assert "Resumed          yes" in page


def test_openssl_resumes_ours(pki, run):
    with s_server(pki) as port:
        assert [run(port, "--http")[1]["resumed"] for _ in range(3)] == [False, True, True]


def talk(pipe):
    """Until nobody listens any more."""
    try:
        while True:
            pipe.write(b"more\n")
            pipe.flush()
    except OSError:
        pass


def test_a_talkative_server_without_tickets_is_not_waited_for_either(hf, pki):
    """Its data keeps the connection busy, and is not what is waited for."""
    with s_server(pki, "-num_tickets", "0", www=False, stdin=subprocess.PIPE) as (port, process):
        threading.Thread(target=talk, args=(process.stdin,), daemon=True).start()
        with connecting(hf, pki, port) as client:
            assert client.wait(LIMIT) == 0 and not (hf.folder / "s").exists()


def test_an_unverified_server_gives_nothing_to_keep(hf, pki):
    with server(hf, pki) as s:
        done = hf("connect", "--insecure", "--session", "s", f"localhost:{s.port}").good()
    assert "sessions with an unverified peer are not kept" in " ".join(done.out.split()) and not (hf.folder / "s").exists()


def test_a_server_without_tickets_is_not_waited_for_long(hf, pki, run):
    with server(hf, pki, "--tickets", "off") as s:
        done, report = run(s.port)
        text = hf("connect", "--ca", pki.root_pem, "--session", "s", f"localhost:{s.port}").good().out
    assert done.code == 0 and not report["session"]["saved"] and not (hf.folder / "s").exists()
    assert "the server gave none to keep" in text


@contextmanager
def silent(port=0):
    """Listens, and takes what comes without an answer."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.settimeout(LIMIT)
        yield listener


def first_flight(listener):
    """The connection and the bytes of its first record."""
    peer = listener.accept()[0]
    peer.settimeout(LIMIT)
    data = b""
    while len(data) < 5 or len(data) < 5 + int.from_bytes(data[3:5], "big"):
        data += peer.recv(65536)
    return peer, data


def holds_a_piece(data, of, size=48):
    return any(of[i:i + size] in data for i in range(0, len(of) - size, size // 2))


@contextmanager
def connecting(hf, pki, port, *words):
    command = [BIN, "connect", "--ca", pki.root_pem, "--session", "s", *words, f"localhost:{port}"]
    process = subprocess.Popen(command, cwd=hf.folder, env=hf.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        end(process, signal.SIGKILL)


def test_two_runs_cannot_both_use_it(hf, pki, resumes):
    """RFC 9846 C.4. Once the ClientHello has left, the file does not hold the ticket that is in it."""
    with server(hf, pki) as s:
        resumes(s.port)
        port = s.port
    kept = (hf.folder / "s").read_bytes()
    with silent(port) as listener:
        with connecting(hf, pki, port):
            first, hello = first_flight(listener)
            assert holds_a_piece(hello, kept) and not (hf.folder / "s").exists()
            with connecting(hf, pki, port):
                second, other = first_flight(listener)
                assert not holds_a_piece(other, kept)
                second.close()
            first.close()
    assert [p.name for p in hf.folder.iterdir() if p.name.startswith("s.")] == []


def test_a_session_of_tls_1_2_stays_in_its_file(hf, pki, run):
    with server(hf, pki, "--tls", "1.2") as s:
        run(s.port)
        port = s.port
    kept = (hf.folder / "s").read_bytes()
    with silent(port) as listener, connecting(hf, pki, port):
        first_flight(listener)[0].close()
        assert (hf.folder / "s").read_bytes() == kept


def test_an_unreachable_server_costs_no_session(hf, pki, run, resumes):
    with server(hf, pki) as s:
        resumes(s.port)
        port = s.port
    kept = (hf.folder / "s").read_bytes()
    done, _ = run(port)
    assert done.code == 3 and (hf.folder / "s").read_bytes() == kept
    with server(hf, pki, listen=f"127.0.0.1:{port}") as s:
        assert run(port)[1]["session"] == {"offered": True, "error": "SESSION_DECLINED", "saved": True}


def test_a_session_that_was_not_offered_stays(hf, pki, resumes):
    """It is for another port: the file has it as before when the connection comes to nothing."""
    with server(hf, pki) as s:
        resumes(s.port)
    kept = (hf.folder / "s").read_bytes()
    with silent() as listener:
        with connecting(hf, pki, listener.getsockname()[1]):
            peer, hello = first_flight(listener)
            assert not holds_a_piece(hello, kept)
            wait_for("the session is put back", lambda: (hf.folder / "s").exists())
            peer.close()
    assert (hf.folder / "s").read_bytes() == kept and stat.S_IMODE(os.stat(hf.folder / "s").st_mode) == 0o600


@pytest.mark.parametrize("words, error", [(["--policy", "modern"], "SESSION_OTHER_SETTINGS"), (["--servername", "a.test"], "SESSION_OTHER_PEER")])
def test_other_settings_and_names(hf, pki, run, resumes, words, error):
    with server(hf, pki) as s:
        resumes(s.port)
        report = run(s.port, *words)[1]
    assert not report["resumed"] and report["session"] == {"offered": False, "error": error, "saved": True}


def test_both_ends_proved_who_they_are_and_are_remembered(hf, pki, run, resumes):
    """A client that waits for its ticket also hears the server's verdict on its certificate, or on the lack of one."""
    hf("cert", "ca", "--out", "ca").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "me", "--client", "device@a.test").good()
    own = ["--cert", "me/leaf.pem", "--key", "me/leaf.key"]
    with server(hf, pki, "--client-auth", "require", "--client-ca", "ca/ca.pem") as s:
        done, report = run(s.port, session="none")
        assert done.code == 4 and report["failure"]["code"] == "ALERT_RECEIVED" and not (hf.folder / "none").exists()
        assert [resumes(s.port, *own), resumes(s.port, *own)] == [False, True]
        clients = [s.await_event("connected")["client_certificate"] for _ in range(2)]
        assert clients[0]["fingerprint"] == clients[1]["fingerprint"] and clients[1]["verified"]
        done, report = run(s.port)
        assert not report["resumed"] and report["session"]["error"] == "SESSION_OTHER_SETTINGS"


def test_a_restart_means_full_handshakes(hf, pki, run, resumes):
    with server(hf, pki) as s:
        resumes(s.port)
        port = s.port
    with server(hf, pki, listen=f"127.0.0.1:{port}"):
        assert not resumes(port) and resumes(port)


# --- ticket keys -----------------------------------------------------------------------------------------------------------------

def test_servers_that_share_keys_take_each_others_sessions(hf, pki, keys, resumes):
    """One name and port for all of them, as behind a load balancer: the same port, one after the other."""
    path, port = keys("# ours", "", fresh_key(), fresh_key().upper()), None
    for version in ("1.3", "1.2"):
        for first in (True, False, False):
            with server(hf, pki, "--ticket-keys", path, "--session-cache", "0", listen=f"127.0.0.1:{port or 0}") as s:
                port = s.port
                assert resumes(port, "--tls", version, session=version) is not first


def test_two_processes_at_once(hf, pki, keys, tmp_path):
    path = keys(fresh_key())
    with server(hf, pki, "--ticket-keys", path) as a, server(hf, pki, "--ticket-keys", path) as b:
        for port, words in ((a.port, ["-sess_out", "ticket"]), (b.port, ["-sess_in", "ticket"])):
            done = subprocess.run(["openssl", "s_client", "-tls1_3", "-ign_eof", "-connect", f"127.0.0.1:{port}", *words], cwd=tmp_path,
                                  input=b"GET / HTTP/1.0\r\n\r\n", capture_output=True, timeout=LIMIT, check=False)
            assert b"HTTP/1.0 200" in done.stdout
        assert b"\nReused, TLSv1.3" in done.stdout
        assert [a.await_event("connected")["resumed"], b.await_event("connected")["resumed"]] == [False, True]


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_sighup_renews_the_key_and_the_one_before_still_opens(hf, pki, resumes, version):
    with server(hf, pki, "--session-cache", "0") as s:
        assert not resumes(s.port, "--tls", version)
        assert renew(s) == {"event": "ticket_keys", "change": "rotated"}
        assert resumes(s.port, "--tls", version)
        renew(s), renew(s)
        assert not resumes(s.port, "--tls", version) and resumes(s.port, "--tls", version)


def test_sighup_reads_the_file_again(hf, pki, keys, resumes):
    """The order in which keys are changed in a fleet: opens everywhere, seals, forgets."""
    old, new = fresh_key(), fresh_key()
    with server(hf, pki, "--ticket-keys", keys(old)) as s:
        resumes(s.port)
        keys(new, old)
        assert renew(s) == {"event": "ticket_keys", "change": "read", "file": "keys", "keys": 2}
        assert resumes(s.port)
        keys(new)
        assert renew(s)["keys"] == 1
        assert resumes(s.port)
        keys(fresh_key())
        renew(s)
        assert not resumes(s.port)


def test_a_bad_new_file_changes_nothing(hf, pki, keys, resumes):
    with server(hf, pki, "--ticket-keys", keys(fresh_key())) as s:
        resumes(s.port)
        for lines, why in (([fresh_key(), "00"], "line 2: a key has 96 hex digits, and here are 2 characters"), ([], "there is no key in it")):
            keys(*lines)
            assert renew(s) == {"event": "ticket_keys", "change": "kept", "file": "keys", "reason": f"keys{', ' if lines else ': '}{why}"}
            assert why in " ".join(s.stderr().split()) and resumes(s.port)
        os.unlink(hf.folder / "keys")
        assert renew(s)["change"] == "kept" and resumes(s.port)
        keys(fresh_key(), mode=0o644)
        assert renew(s)["change"] == "kept" and "0644" in s.stderr() and resumes(s.port)


def test_a_change_is_noticed_without_a_signal(hf, pki, keys, resumes):
    with server(hf, pki, "--ticket-keys", keys(fresh_key())) as s:
        resumes(s.port)
        keys(fresh_key())
        assert s.await_event("ticket_keys")["change"] == "read"
        assert not resumes(s.port)


def test_words_instead_of_events(hf, pki, keys):
    with Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, "--ticket-keys", keys(fresh_key()), json_log=False) as s:
        while "Ctrl-C" not in s.process.stdout.readline().decode():
            pass
        s.process.send_signal(signal.SIGHUP)
        wait_for("the keys are read", lambda: "read keys again, 1 key; the first one seals" in s.stderr())
        keys("nonsense")
        s.process.send_signal(signal.SIGHUP)
        wait_for("they are kept", lambda: "those from before stay in use" in s.stderr())
        assert s.end() == 0
        told = s.stderr()
    assert re.search(r"^[0-2]\d:[0-5]\d:[0-5]\d  ticket keys: read keys again", told, re.M)
    assert re.search(r"^[0-2]\d:[0-5]\d:[0-5]\d  ticket keys: those from before stay in use$", told, re.M)


def test_a_new_key_of_our_own_in_words(hf, pki):
    with Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, json_log=False) as s:
        while "Ctrl-C" not in s.process.stdout.readline().decode():
            pass
        s.process.send_signal(signal.SIGHUP)
        wait_for("a new one seals", lambda: "a new one seals" in s.stderr())
        assert re.search(r"^[0-2]\d:[0-5]\d:[0-5]\d  ticket keys: a new one seals", s.stderr(), re.M)


def test_how_often_keys_change(hf, pki):
    """Every two hours unless something else is asked for; a wish that cannot be fulfilled is answered."""
    help_text = " ".join(hf("serve", "--help").good().out.split())
    assert "never more than --ticket-lifetime: by default both are two hours" in help_text and "Default: 86400. --ticket" not in help_text
    for words, told in (([], False), (["--ticket-rotation", "7200"], False), (["--ticket-rotation", "7201"], True),
                        (["--ticket-lifetime", "600", "--ticket-rotation", "700"], True), (["--ticket-lifetime", "600"], False)):
        with server(hf, pki, *words) as s:
            assert ("ticket keys are replaced every" in " ".join(s.stderr().split())) is told, words


def test_sighup_without_tickets(hf, pki):
    with server(hf, pki, "--tickets", "off") as s:
        s.process.send_signal(signal.SIGHUP)
        wait_for("it is said", lambda: "nothing to renew" in s.stderr())
        assert s.end() == 0


def test_a_terminal_that_goes_away_ends_it(hf, pki):
    """SIGHUP has two meanings; a server of a window that was closed must not stay behind."""
    pid, terminal = os.forkpty()
    if pid == 0:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whatever the tests run under: nohup is another case
        os.execve(BIN, [BIN, "serve", "--listen", "127.0.0.1:0", "--cert", pki.srv_chain, "--key", pki.srv_key, "--port-file",
                        str(hf.folder / "port")], hf.env)
    try:
        wait_for("it listens", lambda: (hf.folder / "port").exists())
    finally:
        os.close(terminal)
        ended = []
        try:
            wait_for("it ends", lambda: ended or (os.waitpid(pid, os.WNOHANG)[0] == pid and not ended.append(True)))
        finally:
            if not ended:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


TWICE = fresh_key()
BAD = [
    (["00"], "line 1: a key has 96 hex digits, and here are 2 characters"),
    (["# c", "", fresh_key() + "0"], "line 3: a key has 96 hex digits, and here are 97 characters"),
    ([fresh_key()[:-1] + "g"], "line 1: there is something else than hex digits"),
    ([TWICE, TWICE[:32] + fresh_key()[:64]], "line 2: its name, the first 32 digits, is that of line 1"),
    ([fresh_key() for _ in range(9)], "line 9: at most 8 keys are taken"),
    ([], "keys: there is no key in it"),
    (["# only words"], "keys: there is no key in it"),
    (["device1:" + "00" * 32], "line 1: a key has 96 hex digits"),
]


@pytest.mark.parametrize("lines, why", BAD, ids=range(len(BAD)))
def test_bad_lines(hf, pki, keys, lines, why):
    err = hf("serve", "--cert", pki.srv_chain, "--key", pki.srv_key, "--ticket-keys", keys(*lines)).fails(2).err
    assert why in " ".join(err.split()) and TWICE[:12] not in err
    assert "openssl rand -hex 48" in err or len(lines) == 9


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o602])
def test_files_that_others_may_read(hf, pki, keys, bits):
    err = hf("serve", "--cert", pki.srv_chain, "--key", pki.srv_key, "--ticket-keys", keys(fresh_key(), mode=bits)).fails(2).err
    assert "chmod 600 keys" in err and f"{bits:04o}" in err


def test_eight_keys_are_good(hf, pki, keys, resumes):
    lines = [fresh_key() for _ in range(8)]
    with server(hf, pki, "--ticket-keys", keys(*lines)) as s:
        resumes(s.port)
        keys(*reversed(lines))
        assert renew(s)["keys"] == 8 and resumes(s.port)


@pytest.mark.parametrize("words, hint", [
    (["--ticket-keys", "missing"], "No such file"),
    (["--ticket-keys", "missing", "--tickets", "off"], "--ticket-keys needs tickets"),
    (["--ticket-rotation", "60", "--tickets", "off"], "--ticket-rotation needs tickets"),
    (["--ticket-rotation", "60", "--ticket-keys", "missing"], "exclude each other"),
    (["--ticket-rotation", "0"], "1 to 604800"),
    (["--ticket-rotation", "604801"], "1 to 604800"),
])
def test_misuse(hf, words, hint):
    assert hint in " ".join(hf("serve", *words).fails(2).err.split())


# --- time ------------------------------------------------------------------------------------------------------------------------

class Clock:
    """The wall clock of a process under libfaketime, which can be set while it runs; its other clock goes on as it is."""

    def __init__(self, hf, name):
        self.path = hf.folder / f"{name}.clock"
        self.set(0)
        self.env = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(self.path), "FAKETIME_NO_CACHE": "1",
                    "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1"}

    def set(self, seconds):
        fresh = self.path.with_suffix(".fresh")
        fresh.write_text(f"{seconds:+d}\n")
        os.replace(fresh, self.path)


@contextmanager
def server_with_clock(hf, pki, clock, *words):
    env = dict(hf.env)
    hf.env.update(clock.env)
    try:
        running = server(hf, pki, *words)
    finally:
        hf.env.clear()
        hf.env.update(env)
    with running as s:
        yield s


@needs_faketime
@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_an_expired_session_is_not_offered(hf, pki, run, resumes, version):
    clock = Clock(hf, "client")
    words = ["--tls", version]
    with server(hf, pki, "--ticket-lifetime", "600") as s:
        resumes(s.port, *words)
        clock.set(590)
        report = run(s.port, *words, env=clock.env)[1]
        assert report["resumed"], report
        clock.set(0)
        resumes(s.port, *words)
        clock.set(1300)
        report = run(s.port, *words, env=clock.env)[1]
    assert not report["resumed"] and report["session"]["error"] == "SESSION_EXPIRED" and not report["session"]["offered"]


@needs_faketime
def test_no_session_is_good_for_more_than_seven_days(hf, pki, run, resumes):
    """RFC 9846 4.7.1"""
    clock = Clock(hf, "client")
    with server(hf, pki, "--ticket-lifetime", str(7 * DAY)) as s:
        resumes(s.port)
        clock.set(8 * DAY)
        report = run(s.port, env=clock.env)[1]
    assert not report["resumed"] and report["session"]["error"] == "SESSION_EXPIRED" and not report["session"]["offered"]


@needs_faketime
@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_an_expired_session_is_not_accepted(hf, pki, run, resumes, version):
    clock = Clock(hf, "server")
    words = ["--tls", version]
    with server_with_clock(hf, pki, clock, "--ticket-lifetime", "600") as s:
        resumes(s.port, *words)
        clock.set(300)
        assert resumes(s.port, *words)
        clock.set(1300)
        report = run(s.port, *words)[1]
    assert not report["resumed"] and report["session"]["error"] == "SESSION_DECLINED"


@needs_faketime
@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_resuming_prolongs_nothing(hf, pki, run, resumes, version):
    """A session ends a lifetime after its first handshake, however often it was resumed meanwhile."""
    clock = Clock(hf, "server")
    words = ["--tls", version]
    with server_with_clock(hf, pki, clock, "--ticket-lifetime", "600") as s:
        resumes(s.port, *words)
        for seconds in (250, 500):
            clock.set(seconds)
            assert resumes(s.port, *words)
        clock.set(650)
        assert not run(s.port, *words)[1]["resumed"]


@needs_faketime
@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_a_clock_set_back_prolongs_nothing_at_the_server(hf, pki, run, resumes, version):
    """A session from the future could otherwise live for that long and its lifetime."""
    clock = Clock(hf, "server")
    words = ["--tls", version]
    clock.set(3600)
    with server_with_clock(hf, pki, clock, "--ticket-lifetime", "600") as s:
        resumes(s.port, *words)
        clock.set(0)
        assert not run(s.port, *words)[1]["resumed"]
        assert resumes(s.port, *words)


@needs_faketime
@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_a_clock_set_back_prolongs_nothing_at_the_client(hf, pki, run, version):
    clock = Clock(hf, "client")
    words = ["--tls", version]
    clock.set(3600)
    with server(hf, pki) as s:
        assert run(s.port, *words, env=clock.env)[1]["session"]["saved"]
        report = run(s.port, *words)[1]
    assert not report["resumed"] and report["session"]["error"] == "SESSION_EXPIRED" and not report["session"]["offered"]


@needs_faketime
def test_keys_are_renewed_in_time_and_forgotten(hf, pki, run, resumes):
    """--ticket-rotation 100, lifetime 600: a ticket is good for its life although its key does not seal any more."""
    clock = Clock(hf, "server")
    with server_with_clock(hf, pki, clock, "--ticket-lifetime", "600", "--ticket-rotation", "100", "--session-cache", "0") as s:
        resumes(s.port, session="old")
        old = (hf.folder / "old").read_bytes()
        clock.set(150)
        resumes(s.port, session="new")
        clock.set(450)
        assert resumes(s.port, session="old")
        clock.set(1000)
        (hf.folder / "old").write_bytes(old)
        assert not run(s.port, session="old")[1]["resumed"]
