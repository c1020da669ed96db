# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Other people's programs as peers. Servers are started on free ports, awaited by a probe and ended by their pid. A peer
that is not installed is a skip that names it; a combination that a peer does not have is `n/a: reason` in the matrix."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "tests/support"))  # what these tests share with those of the tool
from processes import LIMIT, free_port, until  # noqa: E402,F401  pylint: disable=wrong-import-position (tests take them from here)

BIN = os.path.abspath(os.environ.get("HANDFAST_BIN") or os.path.join(ROOT, "build/release/handfast"))
KEYS = ("p256", "p384", "rsa2048", "ed25519")
SUITES = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
GROUPS = ("x25519", "secp256r1", "secp384r1")
FOREIGN = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE", "GODEBUG")
ENV = {k: v for k, v in os.environ.items() if k not in FOREIGN} | {"no_proxy": "*", "NO_PROXY": "*"}
CELLS = {}


def need(program):
    path = shutil.which(program)
    if not path:
        pytest.skip(f"missing peer: {program}")
    return path


def cell(peer, direction, what, result="yes"):
    """Remembers a line of the matrix; written to the file that HF_INTEROP_MATRIX names."""
    CELLS[(peer, direction, what)] = result


def write_matrix():
    target = os.environ.get("HF_INTEROP_MATRIX")
    if not target or not CELLS:
        return
    with open(target, "w", encoding="utf-8") as out:
        json.dump([[*key, value] for key, value in sorted(CELLS.items())], out, indent=1)


def run(words, stdin=b"", timeout=LIMIT, env=None):
    return subprocess.run([str(w) for w in words], input=stdin, capture_output=True, timeout=timeout, check=False,
                          env={**ENV, **(env or {})})


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as s:
        return s.getsockname() != s.getpeername()
    return False


def wait_for(condition, process, what, seconds=LIMIT):
    """A probe in a bounded loop: the condition, or the process's end with what it said."""
    try:
        until(what, condition, process, seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}: {process.communicate() if process.poll() is not None else ''}") from error


@contextlib.contextmanager
def process(words, ready, stdin=subprocess.DEVNULL, env=None):
    """A server: (process) once `ready()` holds; ended by its pid."""
    p = subprocess.Popen([str(w) for w in words], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         env={**ENV, **(env or {})}, start_new_session=True)
    try:
        wait_for(ready, p, str(words[0]))
        drain = threading.Thread(target=lambda: [None for _ in iter(lambda: p.stdout.read(65536), b"")], daemon=True)
        drain.start()
        yield p
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(p.pid, signal.SIGKILL)
        p.wait()


@contextlib.contextmanager
def listening(words_of_port, **more):
    """Somebody else on the machine may take the port between our look and the server's: then it is tried with another."""
    for last in (False, False, True):
        port = free_port()
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(process(words_of_port(port), lambda port=port: answers(port), **more))
            except AssertionError:
                if last:
                    raise
                continue
            yield port
            return


class Pki:
    def __init__(self, folder):
        self.folder = folder
        self.ca = folder / "ca" / "ca.pem"
        assert run([BIN, "cert", "ca", "--out", folder / "ca", "--any-name"]).returncode == 0
        for key in KEYS:
            made = run([BIN, "cert", "leaf", "--ca", folder / "ca", "--out", folder / key, "--key-type", key, "localhost",
                        "127.0.0.1", "::1"])
            assert made.returncode == 0, made

    def cert(self, key):
        return self.folder / key / "leaf.pem"

    def key(self, key):
        return self.folder / key / "leaf.key"


@contextlib.contextmanager
def hf_serve(pki, key, *options, folder=None):
    port_file = (folder or pki.folder) / f"port-{time.monotonic_ns()}"

    def up():
        return port_file.exists() and port_file.read_text().strip() and answers(int(port_file.read_text()))
    words = [BIN, "serve", "--listen", "127.0.0.1:0", "--port-file", port_file, "--cert", pki.cert(key), "--key",
             pki.key(key), *options]
    with process(words, up):
        yield int(port_file.read_text())


def hf_connect(pki, port, *options, stdin=b"", timeout=LIMIT):
    return run([BIN, "connect", "--ca", pki.ca, "--servername", "localhost", *options, f"127.0.0.1:{port}"], stdin, timeout)


def hf_json(pki, port, *options):
    done = hf_connect(pki, port, "--json", *options)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


class Talk:
    """A program with pipes: what is written goes to its input while its output is collected by a thread."""

    def __init__(self, words, with_errors=False):
        self.process = subprocess.Popen([str(w) for w in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT if with_errors else subprocess.DEVNULL, env=ENV, start_new_session=True)
        self.got = b""
        self.changed = threading.Condition()
        threading.Thread(target=self.collect, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def collect(self):
        while data := os.read(self.process.stdout.fileno(), 1 << 16):
            with self.changed:
                self.got += data
                self.changed.notify_all()

    def say(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def say_all(self, data):
        """In a thread, for what is too long for the pipes."""
        threading.Thread(target=self.say, args=(data,), daemon=True).start()

    def until(self, condition, seconds=LIMIT):
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self.got), seconds), (len(self.got), self.got[-500:])
        return self.got


@contextlib.contextmanager
def byte_by_byte(port):
    """A relay that passes on one byte a TCP segment, both ways."""
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(a, b):
        with contextlib.suppress(OSError):
            while data := a.recv(4096):
                for i in range(len(data)):
                    b.sendall(data[i:i + 1])
            b.shutdown(socket.SHUT_WR)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", port))
                for s in (near, far):
                    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=pump, args=(near, far), daemon=True).start()
                threading.Thread(target=pump, args=(far, near), daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def version_of(words, pattern):
    found = re.search(pattern, run(words).stdout.decode())
    return tuple(int(x) for x in found.groups()) if found else (0,)


def build_go(folder):
    """The peer on Go's crypto/tls."""
    need("go")
    binary = folder / "peer"
    source = os.path.join(ROOT, "tests/interop/peers/go")
    built = run(["go", "build", "-C", source, "-o", binary, "."], timeout=300,
                env={"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod -buildvcs=false", "GOTOOLCHAIN": "local"})
    if built.returncode:
        built = run(["sh", "-c", f"cd '{source}' && go build -o '{binary}' ."], timeout=300,
                    env={"CGO_ENABLED": "0", "GOTOOLCHAIN": "local"})
    assert built.returncode == 0, built.stderr.decode()
    return binary
