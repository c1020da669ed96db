# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Java's JSSE: a JVM that takes orders on its stdin (tests/interop/peers/java), as starting one for each connection would take
longer than everything else."""
import base64
import contextlib
import itertools
import json
import os
import subprocess
import threading
from concurrent.futures import Future

from interop import ENV, ROOT, SUITES, need, run
from processes import LIMIT
from tls12 import Peer, Seen, client_cert

SOURCE = os.path.join(ROOT, "tests/interop/peers/java")
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
EXTENSION = "enableSessionTicketExtension=false"
NO_TICKETS = (f"-Djdk.tls.client.{EXTENSION}", f"-Djdk.tls.server.{EXTENSION}")


def build(folder):
    """Compiled in a second or two, into a folder of the tests."""
    need("java")
    need("javac")
    sources = [os.path.join(SOURCE, name) for name in sorted(os.listdir(SOURCE)) if name.endswith(".java")]
    built = run(["javac", "-J-XX:TieredStopAtLevel=1", "-d", folder, *sources], timeout=300)
    assert built.returncode == 0, built.stderr.decode()
    return folder


class Jvm:
    """Orders and their answers, which may come in any order."""

    def __init__(self, classes, *options, words=()):
        self.process = subprocess.Popen(["java", *QUICK, *options, "-cp", classes, "Peer", *words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=ENV)
        self.ids, self.answers, self.lock = itertools.count(), {}, threading.Lock()
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        for line in self.process.stdout:
            number, _, said = line.decode().partition(" ")
            self.answers.pop(number).set_result(json.loads(said))
        for waiting in list(self.answers.values()):
            waiting.set_exception(AssertionError("the JVM ended"))

    def ask(self, what, timeout=LIMIT, **options):
        """None is an option that is not given."""
        future = Future()
        with self.lock:
            number = str(next(self.ids))
            self.answers[number] = future
            words = [number, what, *(f"{name}={value}" for name, value in options.items() if value is not None)]
            self.process.stdin.write(" ".join(words).encode() + b"\n")
            self.process.stdin.flush()
        said = future.result(timeout)
        assert "error" not in said, said["error"]
        return said

    def close(self):
        self.process.kill()
        self.process.wait()


def version(suite):
    """A server that is to speak any suite speaks both versions."""
    return None if not suite else "1.3" if suite in SUITES else "1.2"


class Java(Peer):
    """The groups of JSSE 17 are those of its JVM: our end chooses. So is whether there are tickets: a second JVM has none."""
    name = "Java"

    def __init__(self, jvm, jvm_without_tickets):
        self.jvm, self.jvm_without_tickets = jvm, jvm_without_tickets

    def ask(self, ask, what, identity, **more):
        cert, key = identity
        jvm = self.jvm_without_tickets if ask.resume == "id" else self.jvm
        return jvm.ask(what, cert=cert, key=key, tls=version(ask.suite), suites=ask.suite or None, **more)

    @contextlib.contextmanager
    def server(self, pki, ask, **more):
        yield self.ask(ask, "serve", (pki.cert(ask.key), pki.key(ask.key)), ca=pki.ca if ask.mutual else None, **more)["port"]

    def visits(self, pki, port, ask, **more):
        identity = client_cert(pki, ask.key) if ask.mutual else (None, None)
        said = self.ask(ask, "connect", identity, ca=pki.ca, port=port, visits=2 if ask.resume else 1, **more)["visits"]
        return [{**visit, "text": base64.b64decode(visit["text"])} for visit in said]

    def client(self, pki, port, ask):
        return [Seen(v["version"], v["suite"], v["resumed"], v["text"].decode()) for v in self.visits(pki, port, ask)]
