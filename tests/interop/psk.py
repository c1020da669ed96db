# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Keys shared beforehand with other people's programs: our own ends, and what is asked of a peer. A peer says for each suite that
it lacks why; a client of it returns what it saw, a server of it is a context."""
import dataclasses
import json
import os
import time

from interop import BIN, cell, run
from served import served

WHAT = "PSK "
IDENTITY = "device1"
HEX = "00112233445566778899aabbccddeeff"
WRONG = "ff" + HEX[2:]
STRANGER = "nobody-we-know"
SUITES13 = ("TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")  # a key is for SHA-256 (RFC 9846 4.3.11)
SUITES12 = ("TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256")
SMALL12 = ("TLS_PSK_WITH_AES_128_GCM_SHA256", "TLS_PSK_WITH_AES_128_CCM", "TLS_PSK_WITH_AES_128_CCM_8")
SUITES = (*SUITES13, *SUITES12, *SMALL12)


@dataclasses.dataclass(frozen=True)
class Key:
    identity: str = IDENTITY
    hex: str = HEX


RIGHT = Key()


@dataclasses.dataclass(frozen=True)
class Seen:
    """Of a peer's client: whether it connected, the suite where it says so, and all that it printed."""
    good: bool
    suite: str
    text: str


def is13(suite):
    return suite in SUITES13


def policy(suite):
    return ["--policy", "iot"] if suite in SMALL12 else []


def cell_psk(peer, direction, what, result="yes"):
    cell(peer.name, direction, WHAT + what, result)


def psk_file(folder, *keys):
    path = folder / f"psk-{time.monotonic_ns()}"
    path.write_text("".join(f"{key.identity}:{key.hex}\n" for key in keys))
    os.chmod(path, 0o600)
    return path


def our_server(folder, suite, *more):
    """Knows IDENTITY; without a certificate it serves nobody else."""
    return served("--psk-file", psk_file(folder, RIGHT), "--tls", "1.3" if is13(suite) else "1.2", "--ciphers", suite,
                  *policy(suite), *more)


def our_client(folder, port, suite, key=RIGHT):
    """The report, of a success or a failure. The right key stands behind another in the file."""
    words = [BIN, "connect", "--psk-file", psk_file(folder, Key("other", WRONG), key), "--psk-identity", key.identity, "--tls",
             "1.3" if is13(suite) else "1.2", "--ciphers", suite, *policy(suite), "--json", "--http", "/", f"127.0.0.1:{port}"]
    done = run(words)
    assert done.stdout.startswith(b"{"), done
    return done.returncode, json.loads(done.stdout)


class PskPeer:
    name = ""
    serve = ()  # what our server must be told for its sake
    lacks = {}  # what, or a direction and what: why

    def reason(self, direction, what):
        return self.lacks.get((direction, what)) or self.lacks.get(what)

    def prepare(self, folder):
        """Makes the peer ready, or skips the test with the name of what is missing."""
