# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What connect, serve and demo show of a handshake while it goes on is what explain shows of it afterwards: the same lines, each of
them once, none before it is final and none later than it must be."""
import re
import socket
import subprocess

import pytest

from conftest import BIN, SEE_IT
from peers import LIMIT, Pki, Server, end, have, s_server
from test_trace import messages

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


def steps_of(hf, path):
    """Between the head and the end of the text, which an empty line parts from them."""
    return hf("explain", path).good().out.split("\n\n")[1].strip("\n") + "\n"


def numbers(text):
    return [int(n) for n in re.findall(r"^ ?(\d+)  client (?:-->|<--) server  ", text, re.M)]


def traced(hf, s):
    """What the server wrote, without what it says of itself, and the file of its only connection."""
    s.await_event("closed")
    path, = (hf.folder / "traces").iterdir()
    return s.stderr(), path


def serving(hf, pki, *words):
    return Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, "--trace", "--trace-dir", "traces", *words)


# --- the same lines ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words", [(), ("--http",), ("--groups", "P-384", "--http")])
def test_a_server_of_tls_1_3(hf, pki, words):
    with serving(hf, pki) as s:
        hf("connect", "--ca", pki.root_pem, *words, f"localhost:{s.port}").good()
        live, path = traced(hf, s)
    assert steps_of(hf, path) in live and numbers(live) == list(range(1, len(numbers(live)) + 1))
    assert ("data of the application" in live) == ("--http" in words)


def test_a_server_of_tls_1_2(hf, pki):
    """The headings of the nine steps stand between them."""
    with serving(hf, pki) as s:
        hf("connect", "--ca", pki.root_pem, "--tls", "1.2", f"localhost:{s.port}").good()
        live, path = traced(hf, s)
    rest = iter(live.splitlines())
    for line in steps_of(hf, path).splitlines():
        assert line in rest, line
    assert "Step 9 of 9" in live and numbers(live) == list(range(1, len(numbers(live)) + 1))


def test_a_conversation(hf, pki):
    """Records of one writer are one line, written when another has his turn."""
    with serving(hf, pki, "--echo") as s:
        with subprocess.Popen([BIN, "connect", "--ca", pki.root_pem, "--pipe", f"localhost:{s.port}"], cwd=hf.folder, env=hf.env,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            for _ in range(5):
                process.stdin.write(b"hello\n")
                process.stdin.flush()
                assert process.stdout.readline() == b"hello\n"
            process.stdin.close()
            assert process.wait(LIMIT) == 0
        live, path = traced(hf, s)
    assert steps_of(hf, path) in live and live.count("client --> server data of the application") == 5


@pytest.mark.parametrize("version", ["1.3", "1.2"])
@pytest.mark.parametrize("words", [(), ("-max_send_frag", "512")])
def test_a_refused_certificate(hf, pki, version, words):
    """Also if its message comes in several records: nothing is said of the part that is there."""
    with s_server(pki, *words, tls=f"-tls{version.replace('.', '_')}") as port:
        done = hf("connect", "--ca", pki.other_pem, "--trace", f"localhost:{port}")
    seen = done.err.splitlines()[-1]
    assert done.code == 6 and seen.startswith(SEE_IT)
    rest = iter(done.err.splitlines())
    for line in steps_of(hf, seen.removeprefix(SEE_IT)).splitlines():
        assert line in rest, line
    assert "refused by the client: " in done.err and "whose rest never came" not in done.err


# --- in time -------------------------------------------------------------------------------------------------------------------

def test_a_hello_is_shown_while_nobody_answers(hf):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = subprocess.Popen([BIN, "connect", "--trace", f"127.0.0.1:{silent.getsockname()[1]}"], cwd=hf.folder, env=hf.env,
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            assert b"ClientHello" in process.stderr.readline()
        finally:
            end(process)
            process.stderr.close()


def test_a_message_that_stays_half_is_shown_at_the_end(hf):
    """Once, below the hello, though the client had its first bytes long before."""
    half = b"\x16\x03\x03\x00\x06" + b"\x02\x00\x00\x50\x03\x03"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = subprocess.Popen([BIN, "connect", "--trace", f"127.0.0.1:{listening.getsockname()[1]}"], cwd=hf.folder, env=hf.env,
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        with listening.accept()[0] as peer:
            for byte in half:
                peer.sendall(bytes([byte]))
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(65536):
                pass
        err = process.communicate(timeout=LIMIT)[1].decode()
    assert messages(err)[:2] == ["ClientHello", "ServerHello"] and err.count("whose rest never came") == 1


def test_colour(hf, pki):
    """As everywhere: asked for, or on a terminal."""
    with s_server(pki) as port:
        err = [hf("connect", "--ca", pki.root_pem, "--trace", "--color", when, f"localhost:{port}").good().err
               for when in ("always", "never")]
    assert "\033[1mClientHello\033[0m" in err[0] and "\033" not in err[1]
    assert messages(re.sub(r"\033\[[0-9;]*m", "", err[0])) == messages(err[1])
