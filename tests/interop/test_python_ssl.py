# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Python's module ssl, both directions. More of it: test_resume13.py, test_tls12.py. Before Python 3.15 its user chooses neither
the suites of TLS 1.3 nor a list of groups: our side names them."""
import os
import shutil
import signal
import socket
import ssl
import struct

import pytest

from every_script import *  # pylint: disable=wildcard-import,unused-wildcard-import
from interop import cell, hf_json
from scripted import Python
from tls12 import json_lines


@pytest.fixture(scope="module")
def peer(pki, tmp_path_factory):
    python = Python()
    python.prepare(pki, tmp_path_factory.mktemp("python"))
    for direction in ("our client", "our server"):
        cell(python.name, direction, "0-RTT all", "n/a: its module ssl has no early data")
    return python


def test_retry_of_our_client(peer, pki):
    """RFC 9846 4.2.4"""
    with peer.listen(pki, "p256", "--group", "secp384r1") as port:
        report = hf_json(pki, port)
    assert (report["group"], report["round_trips"]) == ("secp384r1", 2)
    cell(peer.name, "our client", "HelloRetryRequest")


def resumed(done):
    assert done.returncode == 0, done
    return [report["resumed"] for report, _ in json_lines(done.stdout.decode())]


@pytest.mark.parametrize("version", VERSIONS)
def test_in_memory(peer, pki, hf_servers, version):
    """MemoryBIO: its user carries the bytes, and a session from one connection to the next."""
    done = peer.visit(pki, hf_servers["p256"], "--memory", "--visits", 2, "--tls", version)
    assert resumed(done) == [False, True] and done.stdout.count(b"200 OK") == 2, done


@pytest.mark.parametrize("version", VERSIONS)
def test_another_interpreter(peer, pki, hf_servers, tmp_path, version):
    """The one on PATH, which may stand on another OpenSSL."""
    path = os.path.realpath(shutil.which("python3"))
    other = Python(path)
    other.prepare(pki, tmp_path)
    assert resumed(other.visit(pki, hf_servers["p256"], "--visits", 2, "--tls", version)) == [False, True]
    with other.listen(pki, "p256", "--tls", version) as port:
        reports = [hf_json(pki, port, "--http", "/", "--session", tmp_path / "session") for _ in range(2)]
    assert [r["resumed"] for r in reports] == [False, True], reports


def test_a_reset_behind_data(pki):
    """RFC 9846 6.1: our server tells that an end without close_notify came, although it could not write any more either."""
    context = ssl.create_default_context(cafile=pki.ca)
    with our_server(pki, "--echo") as server:
        plain = socket.create_connection(("127.0.0.1", server.port))
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            server.events("connected", 1)
            os.kill(server.talk.process.pid, signal.SIGSTOP)
            tls.sendall(b"to be echoed")
            tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # its close is a reset
        os.kill(server.talk.process.pid, signal.SIGCONT)
        server.events("closed", 1)
        assert [event["failure"]["code"] for event in server.events("failed", 1)] == ["TRUNCATED_STREAM"]
