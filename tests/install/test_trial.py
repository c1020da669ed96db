# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The program of docs/trials.md, which was written from the public headers alone: as it was written, it compiles against an
installed prefix and does its job."""
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager

import pytest

from conftest import ROOT
from processes import LIMIT, free_port


@pytest.fixture(scope="module")
def trial(installed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trial")
    tool = installed.prefix / "bin/handfast"
    installed.run(tool, "cert", "ca", "--out", folder / "ca")
    installed.run(tool, "cert", "leaf", "--ca", folder / "ca", "--out", folder / "leaf", "localhost")
    installed.compile(ROOT / "tests/install/trial.c", folder / "trial", "-D_POSIX_C_SOURCE=200809L")
    return installed, folder


@contextmanager
def serving(trial):
    installed, folder = trial
    port = free_port()
    words = [folder / "trial", str(port), folder / "leaf/leaf.pem", folder / "leaf/leaf.key"]
    with subprocess.Popen(words, env=installed.env, stderr=subprocess.PIPE, text=True) as process:
        try:
            end = time.monotonic() + LIMIT
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), LIMIT).close()
                    break
                except ConnectionRefusedError:
                    assert time.monotonic() < end and process.poll() is None
                    time.sleep(0.02)
            yield port, process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(LIMIT)


def visit(folder, port, version=None):
    context = ssl.create_default_context(cafile=str(folder / "ca/ca.pem"))
    if version:
        context.minimum_version = context.maximum_version = version
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), LIMIT), server_hostname="localhost")


def read(peer, n):
    got = b""
    while len(got) < n and (part := peer.recv(n - len(got))):
        got += part
    return got


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_echoes(trial, version):
    with serving(trial) as (port, _), visit(trial[1], port, ssl.TLSVersion[version]) as peer:
        peer.sendall(b"hello, World\n")
        assert read(peer, 13) == b"HELLO, WORLD\n"


def test_many_at_once_and_one_that_reads_late(trial):
    text = b"a line of text\n" * 20000
    with serving(trial) as (port, _):
        peers = [visit(trial[1], port) for _ in range(40)]
        for n, peer in enumerate(peers):
            peer.sendall(b"line %d\n" % n)
        for n, peer in enumerate(peers):
            assert read(peer, len(b"line %d\n" % n)) == b"LINE %d\n" % n
        peers[0].sendall(text)
        assert read(peers[0], len(text)) == text.upper()
        for peer in peers:
            peer.close()


def test_garbage_is_told_in_one_line(trial):
    with serving(trial) as (port, process):
        with socket.create_connection(("127.0.0.1", port), LIMIT) as bad:
            bad.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert bad.recv(100)[:1] == b"\x15"  # an alert
        with visit(trial[1], port) as peer:
            peer.sendall(b"still here\n")
            assert read(peer, 11) == b"STILL HERE\n"
        process.terminate()
        process.wait(LIMIT)
        assert "does not speak TLS" in process.stderr.read()
