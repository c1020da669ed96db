# SPDX-License-Identifier: Apache-2.0 OR MIT
"""A session file is a secret that vouches for the server: whose it may be, and when it is thrown away."""
import json
import os
import socket
import threading

import pytest

from peers import Server

APPLICATION_DATA = 23


@pytest.fixture
def made(hf, tmp_path):
    hf("cert", "ca", "--out", "ca").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "srv", "localhost", "127.0.0.1").good()
    return ["--ca", "ca/ca.pem", "--tls", "1.2", "--session", "s", "--servername", "localhost", "--http", "--json"]


SRV = ["--cert", "srv/leaf.pem", "--key", "srv/leaf.key"]


def pump(source, sink, damage):
    """Carries whole records; the first with application data loses its last byte to another one, if asked for."""
    with source.makefile("rb") as records:
        while header := records.read(5):
            body = bytearray(records.read(int.from_bytes(header[3:], "big")))
            if damage and header[0] == APPLICATION_DATA:
                body[-1] ^= 1
            try:
                sink.sendall(header + body)
            except OSError:
                break
    sink.close()


class Middle:
    """Stands between client and server for connection after connection."""

    def __init__(self, port):
        self.damage, self.to = False, port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.to))
            threading.Thread(target=pump, args=(client, server, False), daemon=True).start()
            threading.Thread(target=pump, args=(server, client, self.damage), daemon=True).start()


def test_a_session_whose_connection_failed_is_thrown_away(hf, made, tmp_path):
    """RFC 5246 7.2.2"""
    with Server(hf, *SRV) as s:
        middle = Middle(s.port)
        where = f"127.0.0.1:{middle.port}"
        hf("connect", *made, where).good()
        assert json.loads(hf("connect", *made, where).good().out)["resumed"]
        middle.damage = True
        done = hf("connect", *made, where)
        assert done.code == 4 and json.loads(done.out)["failure"]["code"] == "RECORD_MAC"
        assert not os.path.exists(tmp_path / "s")
        middle.damage = False
        assert not json.loads(hf("connect", *made, where).good().out)["resumed"]
        middle.listener.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_session_of_another_user_is_refused(hf, made, tmp_path):
    """Whoever planted it knows its secret, and could be the server."""
    with Server(hf, *SRV) as s:
        hf("connect", *made, f"127.0.0.1:{s.port}").good()
        os.chown(tmp_path / "s", 65534, 65534)
        before = (tmp_path / "s").read_bytes()
        done = hf("connect", *made, f"127.0.0.1:{s.port}")
        done.fails(2)
        assert "another user" in done.err and (tmp_path / "s").read_bytes() == before


def test_a_symbolic_link_is_refused(hf, made, tmp_path):
    os.symlink("elsewhere", tmp_path / "s")
    done = hf("connect", *made, "127.0.0.1:1")
    done.fails(2)
    assert "symbolic link" in done.err and not os.path.exists(tmp_path / "elsewhere")


def test_nothing_is_verified_before_everything_is_proved(hf, made):
    """A chain that is good says nothing of a peer whose Finished never came: its report must not either."""
    hf("cert", "ca", "--out", "other").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "me", "--client", "me.test").good()
    with Server(hf, *SRV, "--client-auth", "require", "--client-ca", "other/ca.pem") as s:
        done = hf("connect", "--ca", "ca/ca.pem", "--tls", "1.2", "--json", f"localhost:{s.port}")
    report = json.loads(done.out)
    assert done.code == 4 and not report["ok"] and not report["peer"]["verified"]
