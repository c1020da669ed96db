# SPDX-License-Identifier: Apache-2.0 OR MIT
"""TLS 1.2 with other people's programs: what is asked of a peer, what it saw, and our own ends. A peer is an object with
client() and server(); what it lacks stands beside it with the reason."""
import contextlib
import dataclasses
import json
import os
import tempfile

from interop import BIN, GROUPS, KEYS, cell, hf_serve, run

AEADS = ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")
STATIC = ("TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384")
OWN = {"p256": "secp256r1", "p384": "secp384r1"}
CURVES = {"x25519": "X25519", "secp256r1": "P-256", "secp384r1": "P-384"}
CLIENT = "client.test"
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
OPENSSL = {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
           "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
           "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
           "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
           "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
           "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
           "TLS_RSA_WITH_AES_128_GCM_SHA256": "AES128-GCM-SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384": "AES256-GCM-SHA384"}


@dataclasses.dataclass(frozen=True)
class Ask:
    """A connection, or two with `resume`: "ticket" or "id"."""
    key: str
    group: str = "x25519"
    mutual: bool = False
    resume: str = ""
    suite: str = ""

    @property
    def groups(self):
        """Best first. RFC 8422 5.1.1: the curve of an ECDSA key must be among them too."""
        return tuple(dict.fromkeys((self.group, OWN.get(self.key, self.group))))

    def __str__(self):
        return " ".join((self.suite, self.group, self.key, self.resume or "full", "mutual" if self.mutual else "server-only"))


@dataclasses.dataclass(frozen=True)
class Seen:
    """One connection as the client saw it; `text` is what the server sent."""
    version: str
    suite: str
    resumed: bool
    text: str = ""


class Peer:
    name = ""
    lacks = ()  # (direction or None, condition on an Ask, reason)
    serve = ()  # what our server must be told for its sake
    renews = True  # whether its server gives a ticket on a resumed connection of TLS 1.3 too

    def reason(self, direction, ask):
        return next((why for where, holds, why in self.lacks if where in (None, direction) and holds(ask)), None)

    def leaves_suite(self, ask):
        """Whether its client cannot name the suite here, so that our server must."""
        return False

    def prepare(self, pki, folder):
        """Makes the peer ready, or skips the test with the name of what is missing."""


def suites(key):
    return [f"TLS_ECDHE_{'RSA' if key.startswith('rsa') else 'ECDSA'}_WITH_{aead}" for aead in AEADS]


def batches(key, mutual):
    """What one server can serve: its key, its groups, its way to resume. The first connection of a resumption is a full one,
    so that a mutual batch needs none of its own."""
    full = [] if mutual else [Ask(key, group) for group in GROUPS]
    return [*full, Ask(key, OWN.get(key, "x25519"), mutual, "ticket"), Ask(key, OWN.get(key, "secp256r1"), mutual, "id")]


def cell12(peer, direction, ask, result="yes"):
    cell(peer.name, direction, f"TLS 1.2 {ask}", result)


def client_cert(pki, key):
    folder = pki.folder / f"client-{key}"
    return folder / "leaf.pem", folder / "leaf.key"


def make_client_certs(pki):
    for key in KEYS:
        folder = client_cert(pki, key)[0].parent
        if not folder.exists():
            made = run([BIN, "cert", "leaf", "--client", "--ca", pki.folder / "ca", "--out", folder, "--key-type", key, CLIENT])
            assert made.returncode == 0, made


@contextlib.contextmanager
def our_server(pki, ask, *more):
    options = ["--tls", "1.2", "--groups", ",".join(ask.groups), "--tickets", "on" if ask.resume == "ticket" else "off", *more]
    if ask.suite:
        options += ["--ciphers", ask.suite]
    if ask.resume == "id":
        options += ["--session-cache", 100]
    if ask.mutual:
        options += ["--client-auth", "require", "--client-ca", pki.ca]
    with hf_serve(pki, ask.key, *options) as port:
        yield port


def connect(pki, port, ask, *more):
    words = [BIN, "connect", "--tls", "1.2", "--ca", pki.ca, "--servername", "localhost", "--json", "--http", "/", "--ciphers",
             ask.suite, "--groups", ",".join(ask.groups), *more]
    if ask.mutual:
        cert, key = client_cert(pki, ask.key)
        words += ["--cert", cert, "--key", key]
    return run([*words, f"127.0.0.1:{port}"])


def our_client(pki, port, ask, *more):
    """The reports of one connection, or of two that share a session file."""
    with tempfile.TemporaryDirectory() as folder:
        more = [*more, "--session", os.path.join(folder, "session")] if ask.resume else more
        reports = []
        for _ in range(2 if ask.resume else 1):
            done = connect(pki, port, ask, *more)
            assert done.returncode == 0, done.stderr.decode(errors="replace") or done.stdout.decode(errors="replace")
            reports.append(json.loads(done.stdout))
        return reports


def json_lines(output):
    """The lines of JSON in a peer's output, each with the text up to the next."""
    found = []
    for line in output.splitlines():
        if line.startswith('{"version"'):
            found.append((json.loads(line), []))
        elif found:
            found[-1][1].append(line)
    return [(report, "\n".join(text)) for report, text in found]
