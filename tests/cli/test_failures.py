# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What failed handshakes leave, and what serve --trace-dir writes: for whose eyes, how many, and never a reason to fail."""
import json
import os
import re
import select
import socket
import stat
import subprocess

import pytest

from conftest import BIN, SEE_IT
from peers import LIMIT, Pki, Server, free_port, have, s_server, wait_for
from test_trace import messages, secrets_of

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")

NAME = re.compile(r"\d{8}T\d{6}Z-\d+\.json")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def peer(pki):
    with s_server(pki) as port:
        yield port


def folder(hf):
    return hf.folder / "state/handfast/failures"


def kept(hf):
    return sorted(folder(hf).iterdir()) if folder(hf).exists() else []


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def server(hf, pki, *words, **more):
    return Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, *words, **more)


def explained(hf, path):
    return hf("explain", path).good().out


# --- clients -------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("command", ["connect", "trace"])
def test_a_failed_handshake_leaves_its_trace(hf, pki, peer, command):
    words = ("--ca", pki.other_pem, "--keylog", "keys", f"localhost:{peer}")
    done = hf(command, *words)
    assert done.code == 6
    last = done.err.splitlines()[-1]
    assert last.startswith(SEE_IT), done
    path, = kept(hf)
    assert last == f"{SEE_IT}{path}" and NAME.fullmatch(path.name)
    assert mode(path) == 0o600 and mode(folder(hf)) == 0o700 and mode(folder(hf).parent) == 0o700
    text = path.read_text()
    assert len(secrets_of(hf)) >= 2 and not any(secret in text for secret in secrets_of(hf))
    out = explained(hf, path)
    assert messages(out)[0] == "ClientHello" and "CERT_UNKNOWN_CA" in out and "Test" in out


def test_what_is_on_the_line_can_be_run(hf, pki, peer):
    done = hf("connect", "--ca", pki.other_pem, f"localhost:{peer}").fails(6)
    shown = subprocess.run(f"{BIN} explain {done.seen}", shell=True, capture_output=True, timeout=LIMIT, env=hf.env, check=False)
    assert shown.returncode == 0 and b"ClientHello" in shown.stdout
    hf.env["XDG_STATE_HOME"] = str(hf.folder / "it's a state")
    done = hf("connect", "--ca", pki.other_pem, f"localhost:{peer}").fails(6)
    shown = subprocess.run(f"{BIN} explain {done.seen}", shell=True, capture_output=True, timeout=LIMIT, env=hf.env, check=False)
    assert shown.returncode == 0 and b"ClientHello" in shown.stdout


def test_json_names_it_too(hf, pki, peer):
    done = hf("connect", "--json", "--ca", pki.other_pem, f"localhost:{peer}")
    assert json.loads(done.out)["failure"]["trace"] == str(kept(hf)[0])


def test_a_good_handshake_leaves_nothing(hf, pki, peer):
    hf("connect", "--ca", pki.root_pem, f"localhost:{peer}").good()
    hf("trace", "--ca", pki.root_pem, f"localhost:{peer}").good()
    hf("connect", "--ca", pki.root_pem, f"localhost:{free_port()}").fails(3)
    hf("cert", "inspect", f"localhost:{peer}").good()
    assert kept(hf) == []


def test_a_certificate_that_was_refused_after_the_handshake(hf, pki):
    """TLS 1.3: the client is connected by then, and its user was not let in all the same."""
    with server(hf, pki, "--client-auth", "require", "--client-ca", pki.root_pem) as s:
        done = hf("connect", "--ca", pki.root_pem, f"localhost:{s.port}").fails(4)
        s.end()
    assert "certificate_required" in explained(hf, done.seen)


@pytest.mark.parametrize("words", [("trace",), ("trace", "--insecure"), ("connect",), ("connect", "--http"), ("connect", "--pipe")])
def test_a_refusal_is_kept_whatever_was_awaited(hf, pki, words):
    """A trace waits for tickets, --http for its answer, and hears the verdict on the certificate then."""
    with server(hf, pki, "--client-auth", "require", "--client-ca", pki.other_pem) as s:
        done = hf(*words, "--ca", pki.root_pem, "--cert", pki.srv_chain, "--key", pki.srv_key, f"localhost:{s.port}",
                  env={"XDG_STATE_HOME": str(hf.folder / "client")})
        s.await_event("failed")
    last = done.err.splitlines()[-1]
    assert done.code == 4 and last.startswith(SEE_IT), done
    assert last.startswith(f"{SEE_IT}{hf.folder}/client/handfast/failures/")
    assert "Alert" in messages(explained(hf, last.removeprefix(SEE_IT)), leave_out=())


@pytest.mark.parametrize("how", ["link", "shared"])
def test_a_folder_that_others_have_a_hand_in(hf, pki, peer, how):
    """What they put there could lead elsewhere: nothing is written, nothing removed, nothing said."""
    elsewhere = hf.folder / "elsewhere"
    elsewhere.mkdir()
    folder(hf).parent.mkdir(parents=True)
    if how == "link":
        folder(hf).parent.chmod(0o777)
        folder(hf).symlink_to(elsewhere)
    else:
        elsewhere = folder(hf)
        elsewhere.mkdir()
        elsewhere.chmod(0o777)
    theirs = [elsewhere / f"20200101T000000Z-{i + 1}.json" for i in range(25)]
    for path in theirs:
        path.write_text("{}")
    done = hf("connect", "--ca", pki.other_pem, f"localhost:{peer}").fails(6)
    assert done.seen is None and set(elsewhere.iterdir()) == set(theirs)


def test_twenty_are_kept(hf, pki, peer):
    folder(hf).mkdir(parents=True)
    old = [folder(hf) / f"2020010{1 + i // 10}T0000{i % 10:02d}Z-{9 + i}.json" for i in range(20)]
    mine = folder(hf) / "notes.txt"
    for path in (*old, mine):
        path.write_text("{}")
    done = hf("connect", "--ca", pki.other_pem, f"localhost:{peer}").fails(6)
    names = {path.name for path in kept(hf)}
    assert len(names - {"notes.txt"}) == 20 and mine.exists()
    assert old[0].name not in names and old[1].name in names and os.path.basename(done.seen) in names


@pytest.mark.parametrize("how", ["off", "file", "relative", "nowhere"])
def test_it_never_makes_the_run_fail(hf, pki, peer, how):
    reason = hf("connect", "--ca", pki.other_pem, f"localhost:{peer}").fails(6)
    if how == "off":
        hf.env["HANDFAST_STATE"] = "off"
    elif how == "file":
        (hf.folder / "file").write_text("")
        hf.env["XDG_STATE_HOME"] = str(hf.folder / "file")
    elif how == "relative":  # the specification has it ignored
        hf.env["XDG_STATE_HOME"] = "elsewhere"
    else:
        hf.env["XDG_STATE_HOME"] = hf.env["HOME"] = ""
    done = hf("connect", "--ca", pki.other_pem, f"localhost:{peer}").fails(6)
    assert done.err == reason.err
    if how == "relative":
        assert done.seen.startswith(str(hf.folder / "home/.local/state/handfast/failures/"))
    else:
        assert done.seen is None and len(kept(hf)) == 1


def test_demo(hf):
    """A leaf of P-384 and no such group: in TLS 1.2 the two ends have nothing in common."""
    done = hf("demo", "--tls", "1.2", "--sigalgs", "ecdsa_secp384r1_sha384", "--groups", "X25519")
    last = done.err.splitlines()[-1]
    assert done.code == 4 and last.startswith(SEE_IT), done
    assert messages(explained(hf, last.removeprefix(SEE_IT)))[0] == "ClientHello"


# --- servers -------------------------------------------------------------------------------------------------------------------

def test_a_server_says_where_it_is(hf, pki):
    other = {**hf.env, "XDG_STATE_HOME": str(hf.folder / "client")}
    with server(hf, pki) as s:
        hf("connect", "--ca", pki.other_pem, f"localhost:{s.port}", env=other).fails(6)
        event = s.await_event("failed")
    path, = kept(hf)
    assert event["failure"]["trace"] == str(path) and mode(path) == 0o600
    out = explained(hf, path)
    assert "seen by the server" in out and "unknown_ca" in out
    with server(hf, pki, json_log=False) as s:
        log = [s.process.stdout.readline().decode()]
        port = int(re.search(r":(\d+)/", log[0])[1])
        hf("connect", "--ca", pki.other_pem, f"localhost:{port}", env=other).fails(6)
        s.end()
        lines = [line for line in s.process.stdout.read().decode().splitlines() if "failed" in line]
    other, = set(kept(hf)) - {path}  # names of one second are in no order
    assert len(lines) == 1 and lines[0].endswith(f"; see it: handfast explain {other}")


def spoil(data):
    """What a TLS 1.2 server says, with a bit of its Finished turned: the record behind its change_cipher_spec. None: that did
    not come."""
    at, sealed = 0, False
    while at < len(data):
        end = at + 5 + int.from_bytes(data[at + 3:at + 5], "big")
        if sealed:
            return data[:end - 1] + bytes([data[end - 1] ^ 1]) + data[end:]
        sealed, at = data[at] == 20, end
    return None


def test_a_client_that_refuses_the_last_message(hf, pki):
    """TLS 1.2: the server is connected by its own Finished, which somebody on the way has changed."""
    with server(hf, pki) as s, socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        client = subprocess.Popen([BIN, "connect", "--tls", "1.2", "--ca", pki.root_pem, f"localhost:{port}"], env={
            **hf.env, "XDG_STATE_HOME": str(hf.folder / "client")}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        door.settimeout(LIMIT)
        near = door.accept()[0]
        with near, socket.create_connection(("127.0.0.1", s.port), timeout=LIMIT) as far:
            spoiled = False
            while ready := select.select([near, far], [], [], LIMIT)[0]:
                data = ready[0].recv(65536)
                if not data:
                    break
                changed = None if ready[0] is near or spoiled else spoil(data)
                spoiled |= changed is not None
                (far if ready[0] is near else near).sendall(changed or data)
        assert client.wait(LIMIT) == 4 and spoiled
        event = s.await_event("failed")
    assert event["failure"]["alert"] == "bad_record_mac"
    path, = kept(hf)
    assert event["failure"]["trace"] == str(path) and "seen by the server" in explained(hf, path)


@pytest.mark.parametrize("words", [b"", b"GET / HTTP/1.0\r\n\r\n", b"\x80\x2e\x01\x00\x02", b"\x16"])
def test_a_port_scan_leaves_nothing(hf, pki, words):
    """No TLS record came: there is nothing to explain, and whoever knocks fills no disk."""
    with server(hf, pki, "--trace-dir", "traces") as s:
        with socket.create_connection(("127.0.0.1", s.port), timeout=LIMIT) as peer:
            peer.sendall(words)
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(4096):
                pass
        s.await_event("closed")
    assert kept(hf) == [] and list((hf.folder / "traces").iterdir()) == []


def test_strangers_do_not_fill_the_folder(hf, pki):
    """As many at once as are kept; a server's log goes on without."""
    hello = bytes.fromhex("16030100050100000100")
    with server(hf, pki) as s:
        traces = []
        for _ in range(30):
            with socket.create_connection(("127.0.0.1", s.port), timeout=LIMIT) as peer:
                peer.sendall(hello)
                while peer.recv(4096):
                    pass
            traces.append(s.await_event("failed")["failure"]["trace"])
    assert all(traces[:20]) and len(kept(hf)) == 20


# --- serve --trace-dir ---------------------------------------------------------------------------------------------------------

def test_each_connection_is_written(hf, pki):
    with server(hf, pki, "--trace-dir", "a/b", "--keylog", "keys") as s:
        for words in (("--tls", "1.3"), ("--tls", "1.2"), ("--http",)):
            hf("connect", "--ca", pki.root_pem, *words, f"localhost:{s.port}").good()
        hf("connect", "--ca", pki.other_pem, f"localhost:{s.port}").fails(6)
        for _ in range(4):
            s.await_event("closed")
    paths = sorted((hf.folder / "a/b").iterdir(), key=lambda p: int(p.stem.rpartition("-")[2]))
    assert len(paths) == 4 and all(NAME.fullmatch(p.name) and mode(p) == 0o600 for p in paths) and mode(hf.folder / "a/b") == 0o700
    texts = [explained(hf, path) for path in paths]
    assert all("seen by the server" in text and "ClientHello" in messages(text) for text in texts)
    assert "TLS 1.2" in texts[1] and "data of the application" in texts[2] and "unknown_ca" in texts[3]
    assert not any(secret in path.read_text() for path in paths for secret in secrets_of(hf))


def test_a_named_folder_may_be_a_link(hf, pki):
    (hf.folder / "real").mkdir()
    (hf.folder / "real").chmod(0o777)
    (hf.folder / "traces").symlink_to("real")
    with server(hf, pki, "--trace-dir", "traces") as s:
        hf("connect", "--ca", pki.root_pem, f"localhost:{s.port}").good()
        s.await_event("closed")
    assert len(list((hf.folder / "real").iterdir())) == 1


def test_a_thousand_are_kept(hf, pki):
    traces = hf.folder / "traces"
    traces.mkdir()
    for i in range(1000):
        (traces / f"20200101T000000Z-{i + 1}.json").write_text("{}")
    (traces / "mine.json").write_text("{}")
    with server(hf, pki, "--trace-dir", "traces") as s:
        hf("connect", "--ca", pki.root_pem, f"localhost:{s.port}").good()
        s.await_event("closed")
    names = {path.name for path in traces.iterdir()}
    assert len(names) == 1001 and "mine.json" in names and "20200101T000000Z-1.json" not in names
    assert "20200101T000000Z-2.json" in names and "20200101T000000Z-1000.json" in names


def test_a_folder_that_cannot_be_written(hf, pki):
    (hf.folder / "file").write_text("")
    done = hf("serve", "--listen", "127.0.0.1:0", "--cert", pki.srv_chain, "--key", pki.srv_key, "--trace-dir", "file/x").fails(5)
    assert "file/x" in done.err and "--trace-dir" in done.err


def test_a_folder_that_goes_away_is_told_of_once(hf, pki):
    with server(hf, pki, "--trace-dir", "traces") as s:
        (hf.folder / "traces").rmdir()
        for _ in range(3):
            hf("connect", "--ca", pki.root_pem, f"localhost:{s.port}").good()
            s.await_event("closed")
        assert s.end() == 0
        assert s.stderr().count("a trace could not be written") == 1


def test_much_data_does_not_make_a_long_trace(hf, pki):
    with server(hf, pki, "--echo", "--trace-dir", "traces") as s:
        data = bytes(3_000_000)
        done = subprocess.run([BIN, "connect", "--ca", pki.root_pem, "--pipe", f"localhost:{s.port}"], input=data, capture_output=True,
                              timeout=LIMIT, env=hf.env, cwd=hf.folder, check=False)
        assert done.returncode == 0 and len(done.stdout) == len(data)
        s.await_event("closed")
    path, = (hf.folder / "traces").iterdir()
    assert path.stat().st_size < 1_000_000 and "connected" in explained(hf, path)
