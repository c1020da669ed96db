# SPDX-License-Identifier: Apache-2.0 OR MIT
"""connect --session, serve --tickets and --session-cache: short handshakes of TLS 1.2, and files that are not to be trusted."""
import json
import os
import stat

import pytest

from peers import Pki, Server, have, s_server

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def run(hf, pki):
    """One connect with --session; its report."""
    def connect(port, *words, session="s"):
        done = hf("connect", "--ca", pki.root_pem, "--tls", "1.2", "--session", session, "--json", *words, f"localhost:{port}")
        return done, json.loads(done.out) if done.out else None
    return connect


def server(hf, pki, *words):
    return Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, *words)


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


# --- it is resumed -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words", [[], ["--tickets", "off"], ["--session-cache", "0"]])
def test_the_second_connection_is_short(hf, pki, run, words):
    with server(hf, pki, *words) as s:
        first, second = run(s.port)[1], run(s.port)[1]
        events = [s.await_event("connected") for _ in range(2)]
    assert first["resumed"] is False and first["session"] == {"offered": False, "error": None, "saved": True}
    assert second["resumed"] is True and second["session"]["offered"] and second["session"]["error"] is None
    assert [e["resumed"] for e in events] == [False, True]
    assert (first["round_trips"], second["round_trips"]) == (2, 1) and mode(hf.folder / "s") == 0o600


def test_openssl_resumes_ours(hf, pki, run):
    with s_server(pki, tls="-tls1_2") as port:
        assert [run(port, "--http")[1]["resumed"] for _ in range(3)] == [False, True, True]


def test_nothing_to_keep(hf, pki, run):
    with server(hf, pki, "--tickets", "off", "--session-cache", "0") as s:
        reports = [run(s.port)[1] for _ in range(2)]
    assert not any(r["resumed"] or r["session"]["saved"] for r in reports) and not (hf.folder / "s").exists()


def test_who_the_peer_was_is_remembered(hf, pki, run):
    with server(hf, pki) as s:
        first, second = run(s.port)[1]["peer"], run(s.port)[1]["peer"]
        text = hf("connect", "--ca", pki.root_pem, "--tls", "1.2", "--session", "s", f"localhost:{s.port}").good().out
    assert second["verified"] and second["chain"] == [] and first["chain"]
    for member in ("subject", "sans", "not_after", "fingerprint"):
        assert second[member] == first[member], member
    assert "resumed        yes" in text and "CN=localhost" in text and "verified" in text and "kept for the next time" in text


def test_the_client_is_remembered_too(hf, pki, run):
    hf("cert", "ca", "--out", "ca").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "me", "--client", "device@a.test").good()
    own = ["--cert", "me/leaf.pem", "--key", "me/leaf.key"]
    with server(hf, pki, "--client-auth", "require", "--client-ca", "ca/ca.pem") as s:
        assert [run(s.port, *own)[1]["resumed"] for _ in range(2)] == [False, True]
        clients = [s.await_event("connected")["client_certificate"] for _ in range(2)]
        page = hf("connect", "--ca", pki.root_pem, "--tls", "1.2", "--session", "s", *own, "--http", f"localhost:{s.port}").good().out
    assert clients[1]["verified"] and clients[0]["fingerprint"] == clients[1]["fingerprint"]
    assert "email:device@a.test" in page


# --- it is not -----------------------------------------------------------------------------------------------------

def test_another_server_is_not_offered_it(hf, pki, run):
    """RFC 6066 3: a session is for the server name that it was made with; ours is for host and port as well."""
    with server(hf, pki) as s:
        run(s.port)
    with server(hf, pki) as other:
        report = run(other.port)[1]
    assert not report["resumed"] and report["session"] == {"offered": False, "error": "SESSION_OTHER_PEER", "saved": True}


def test_other_settings(hf, pki, run):
    with server(hf, pki) as s:
        run(s.port)
        report = run(s.port, "--policy", "classroom")[1]
    assert not report["resumed"] and report["session"]["error"] == "SESSION_OTHER_SETTINGS"


def test_a_server_that_forgot(hf, pki, run):
    with server(hf, pki) as s:
        run(s.port)
        port = s.port
    with Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, listen=f"127.0.0.1:{port}"):
        report = run(port)[1]
    assert not report["resumed"] and report["session"] == {"offered": True, "error": "SESSION_DECLINED", "saved": True}


# --- files ---------------------------------------------------------------------------------------------------------

def damage_a_bit(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


@pytest.mark.parametrize("spoil", [lambda d: d[:-1], lambda d: d + b"x", lambda d: b"\xff" + d[1:], lambda d: b"garbage", lambda d: b"x" * 60000])
def test_a_damaged_file_is_said_and_replaced(hf, pki, run, spoil):
    with server(hf, pki) as s:
        run(s.port)
        (hf.folder / "s").write_bytes(spoil((hf.folder / "s").read_bytes()))
        done, report = run(s.port)
        assert done.code == 0 and "damaged" in done.err and not report["resumed"]
        assert report["session"] == {"offered": False, "error": "SESSION_DAMAGED", "saved": True}
        assert run(s.port)[1]["resumed"]


def test_a_changed_bit_anywhere_is_noticed_at_once(hf, pki, run):
    """It may be the ticket's, the secret's or the structure's: a wrong secret would look like a broken server for ever."""
    with server(hf, pki) as s:
        run(s.port)
        for tenth in range(10):
            whole = (hf.folder / "s").read_bytes()
            (hf.folder / "s").write_bytes(damage_a_bit(whole, len(whole) * tenth // 10))
            done, report = run(s.port)
            assert done.code == 0 and "s: the session is damaged" in " ".join(done.err.split()), (tenth, done)
            assert report["session"] == {"offered": False, "error": "SESSION_DAMAGED", "saved": True}
        assert run(s.port)[1]["resumed"]


def test_an_empty_file_is_none(hf, pki, run):
    (hf.folder / "s").touch(0o600)
    with server(hf, pki) as s:
        done, report = run(s.port)
    assert done.code == 0 and done.err == "" and report["session"] == {"offered": False, "error": None, "saved": True}


@pytest.mark.parametrize("bits", [0o644, 0o640, 0o660, 0o700, 0o400])
def test_other_permissions_are_refused(hf, run, bits):
    (hf.folder / "my s").write_bytes(b"")
    os.chmod(hf.folder / "my s", bits)
    failed = run(1, session="my s")[0].fails(2)
    assert "chmod 600 'my s'" in failed.err and f"{bits:04o}" in failed.err


def test_keys_folders_and_large_files_are_not_overwritten(hf, pki, run):
    key = open(pki.srv_key, "rb").read()
    (hf.folder / "key").write_bytes(key)
    (hf.folder / "large").write_bytes(b"x" * 70000)
    for name in ("key", "large"):
        os.chmod(hf.folder / name, 0o600)
        run(1, session=name)[0].fails(2)
    run(1, session=".")[0].fails(2)
    assert (hf.folder / "key").read_bytes() == key


def test_a_file_that_cannot_be_written(hf, pki, run):
    with server(hf, pki) as s:
        done, report = run(s.port, session="no/such/folder")
    assert done.code == 5 and report["failure"]["code"] == "SESSION_FILE" and "the session could not be kept" in done.err
    assert not report["session"]["saved"] and report["version"] == "TLS 1.2"


def report_of(hf, pki, port, *words):
    return " ".join(hf("connect", "--ca", pki.root_pem, "--tls", "1.2", "--session", "s", *words, f"localhost:{port}").out.split())


def test_what_the_report_says_of_it(hf, pki):
    with server(hf, pki) as s, server(hf, pki) as other:
        assert "the file could not be written" in report_of(hf, pki, s.port, "--session", "no/such/folder")
        assert "sessions with an unverified peer are not kept" in report_of(hf, pki, s.port, "--insecure", "--servername", "b.test")
        report_of(hf, pki, s.port, "--alpn", "http/1.1")
        assert "another --alpn or --http than then, restarted, or expired" in report_of(hf, pki, s.port, "--alpn", "http/1.0")
        assert "the old one was replaced" in report_of(hf, pki, other.port)


def test_the_log_of_a_resumed_static_rsa_session(hf):
    with Server(hf, "--policy", "classroom", "--port-file", "port", json_log=False) as s:
        while "Ctrl-C" not in s.process.stdout.readline().decode():
            pass
        port = (hf.folder / "port").read_text().strip()
        for _ in range(2):
            hf("connect", "--ca", hf.folder / "xdg/handfast/ca/ca.pem", "--policy", "classroom", "--tls", "1.2", "--session", "s",
               f"localhost:{port}").good()
        assert s.end() == 0
        seen = [line for line in s.process.stdout.read().decode().splitlines() if "TLS_RSA" in line]
    assert "RSA, NO forward secrecy" in seen[0] and "resumed, NO forward secrecy" in seen[1]


def test_a_failed_handshake_leaves_the_file_alone(hf, pki, run):
    with server(hf, pki) as s:
        run(s.port)
        before = (hf.folder / "s").read_bytes()
        done, _ = run(s.port, "--servername", "other.test")
    assert done.code == 6 and (hf.folder / "s").read_bytes() == before


def test_without_the_option_nothing_is_kept(hf, pki):
    with server(hf, pki) as s:
        report = json.loads(hf("connect", "--ca", pki.root_pem, "--tls", "1.2", "--json", f"localhost:{s.port}").good().out)
    assert report["session"] is None and report["resumed"] is False
