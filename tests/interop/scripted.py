# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Peers that are scripts of ours: on Node's module tls and on Python's module ssl. See tests/interop/peers/node and python."""
import glob
import os

import pytest

from interop import ROOT, listening, need, run
from processes import LIMIT
from psk import SMALL12, SUITES12, PskPeer, is13
from psk import Seen as PskSeen
from tls12 import OPENSSL, Peer, Seen, client_cert, json_lines
from tls12_built import IANA

PEERS = os.path.join(ROOT, "tests/interop/peers")
NODE = os.path.join(ROOT, "build/peers/node/node_modules/node-linux-*/bin/node")
PYTHON = "/usr/bin/python3"


class Script(Peer):
    """The words of server and client are alike in both languages; `program` is what comes before them."""
    version = "1.3"
    hybrid = True  # whether it has X25519MLKEM768

    def words(self, ask):
        return ["--tls", self.version, *(["--ids"] if ask.resume == "id" else [])]

    def listen(self, pki, key, *more):
        """A server with all that it has by itself."""
        words = ["--cert", pki.cert(key), "--key", pki.key(key), *more]
        return listening(lambda port: [*self.program, "server", f"127.0.0.1:{port}", *words])

    def visit(self, pki, port, *more, timeout=LIMIT):
        return run([*self.program, "client", f"127.0.0.1:{port}", "--ca", pki.ca, *more], timeout=timeout)

    def server(self, pki, ask, *more):
        return self.listen(pki, ask.key, *self.words(ask), *(["--ca", pki.ca] if ask.mutual else []), *more)

    def client(self, pki, port, ask, *more):
        words = [*self.words(ask), "--visits", 2 if ask.resume else 1, *more]
        if ask.mutual:
            cert, key = client_cert(pki, ask.key)
            words += ["--cert", cert, "--key", key]
        done = self.visit(pki, port, *words)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        seen = [Seen(report["version"], IANA.get(report["suite"], report["suite"]), report["resumed"], text)
                for report, text in json_lines(done.stdout.decode(errors="replace"))]
        assert seen[0].resumed or ask.group in seen[0].text, seen  # our page names it
        return seen


class Node(Script):
    name = "Node.js"
    renews = False  # its tickets' keys are the module's own, with which OpenSSL makes none anew

    def prepare(self, pki, folder):
        found = glob.glob(NODE)
        if not found:
            pytest.skip("missing peer: Node.js (make deps-peers fetches it by npm)")
        self.program = [found[0], os.path.join(PEERS, "node/peer.js")]

    def words(self, ask):
        suites = ["--suites", OPENSSL.get(ask.suite, ask.suite)] if ask.suite else []
        return [*super().words(ask), "--groups", ",".join(ask.groups), *suites]


class Node12(Node):
    version = "1.2"


class Python(Script):
    """The interpreter of the distribution, or another."""
    name = "Python's ssl"

    def __init__(self, path=PYTHON):
        self.path = path

    def prepare(self, pki, folder):
        need(self.path)
        openssl = run([self.path, "-c", "import ssl; print(*ssl.OPENSSL_VERSION_INFO[:2])"])
        if openssl.returncode:
            pytest.skip(f"missing peer: {self.path} with its module ssl")
        self.hybrid = tuple(map(int, openssl.stdout.split())) >= (3, 5)
        self.program = [self.path, os.path.join(PEERS, "python/peer.py")]

    def leaves_suite(self, ask):
        return True  # before Python 3.15 it names those of TLS 1.2 alone


class Python12(Python):
    version = "1.2"
    lacks = (("our server", lambda ask: (ask.group, ask.key) == ("secp384r1", "p256"),
              "its client prefers P-256, which the key needs, and cannot say otherwise"),)

    def leaves_suite(self, ask):
        return False

    def words(self, ask):
        return [*super().words(ask), *(["--suites", OPENSSL[ask.suite]] if ask.suite else [])]


class NodePsk(PskPeer):
    """The module asks for a key as TLS 1.2 does, and OpenSSL carries that over to TLS 1.3."""
    name = "Node.js"
    lacks = {SUITES12[1]: "OpenSSL has none of RFC 8442's suites"}
    NAMES = dict(zip((SUITES12[0], *SMALL12), ("ECDHE-PSK-CHACHA20-POLY1305", "PSK-AES128-GCM-SHA256", "PSK-AES128-CCM",
                                               "PSK-AES128-CCM8")))

    def prepare(self, folder):
        self.node = Node()
        self.node.prepare(None, folder)

    def words(self, role, port, suite, key):
        theirs = suite if is13(suite) else self.NAMES.get(suite, suite) + ",@SECLEVEL=0"
        version = "1.3" if is13(suite) else "1.2"
        return [*self.node.program, role, f"127.0.0.1:{port}", "--tls", version, "--suites", theirs, "--psk",
                f"{key.identity}:{key.hex}"]

    def server(self, suite, key):
        return listening(lambda port: self.words("server", port, suite, key))

    def client(self, port, suite, key):
        done = run(self.words("client", port, suite, key))
        seen = json_lines(done.stdout.decode(errors="replace"))
        return PskSeen(done.returncode == 0 and b"HTTP/1" in done.stdout, seen[0][0]["suite"] if seen else "",
                       (done.stdout + done.stderr).decode(errors="replace"))
