# SPDX-License-Identifier: Apache-2.0 OR MIT
"""0-RTT with other people's programs: a detour that gives the next visitor to another server,
and peers. A client of a peer comes twice, the second time with a request as early data."""
import contextlib
import json
import os
import re
import socket
import threading
import time

import pytest

from interop import BIN, ROOT, Talk, answers, cell, free_port, listening, need, run, wait_for
from processes import LIMIT
from served import served
from tls12 import CURVES, json_lines
from tls13_built import rustls

WHAT = "0-RTT "
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Flight: %s\r\nConnection: close\r\n\r\n"
EARLY = REQUEST % b"the first"
END = b"\r\n\r\n"  # a request has it once
LATER = REQUEST % b"a later one"


def cell_early(peer, direction, what, result="yes"):
    cell(peer.name, direction, WHAT + what, result)


def our_server(pki, *options):
    return served("--cert", pki.cert("p256"), "--key", pki.key("p256"), *options)


@contextlib.contextmanager
def detour(*ports, tape=None):
    """A port whose n-th visitor gets to the n-th of those ports, or to the last. A tape gets a pair of bytearrays for each:
    what the visitor sent, and what he got."""
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(a, b, kept):
        with contextlib.suppress(OSError):
            while data := a.recv(65536):
                kept += data
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)

    def serve():
        with contextlib.suppress(OSError):
            for i in range(1000):
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", ports[min(i, len(ports) - 1)]))
                kept = (bytearray(), bytearray())
                if tape is not None:
                    tape.append(kept)
                for ends in ((near, far, kept[0]), (far, near, kept[1])):
                    threading.Thread(target=pump, args=ends, daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def replay(port, flight):
    """Sends recorded bytes, and no more; returns all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as s:
        s.sendall(flight)
        s.shutdown(socket.SHUT_WR)
        got = b""
        with contextlib.suppress(OSError):
            while data := s.recv(65536):
                got += data
        return got


class Visit:
    """What a client of a peer says of one connection: "none", "accepted" or "rejected", None: it does not say."""

    def __init__(self, resumed, early, text):
        self.resumed, self.early, self.text = resumed, early, text

    def __repr__(self):
        return f"Visit({self.resumed}, {self.early}, {self.text!r})"


class OpenSSL:
    name = "OpenSSL"
    resends = False  # what was not taken is lost
    lacks = {}

    def prepare(self, pki, folder):
        need("openssl")
        self.folder = folder

    def once(self, pki, port, *more, stdin=LATER):
        done = run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-CAfile", pki.ca,
                    "-tls1_3", "-verify_return_error", "-ign_eof", *more], stdin)
        text = done.stdout.decode(errors="replace")
        said = re.search(r"Early data was (not sent|accepted|rejected)", text)
        assert done.returncode == 0 and said, done
        return Visit("Reused, TLSv1.3" in text, said[1].replace("not sent", "none"), text)

    def first(self, pki, port, *more):
        self.session = self.folder / f"session-{time.monotonic_ns()}"
        return self.once(pki, port, "-sess_out", self.session, *more)

    def again(self, pki, port, *more, early=EARLY, later=LATER):
        flight = self.folder / f"early-{time.monotonic_ns()}"
        flight.write_bytes(early)
        return self.once(pki, port, "-sess_in", self.session, "-early_data", flight, *more, stdin=later)

    def client(self, pki, port, early=EARLY, later=b""):
        return [self.first(pki, port), self.again(pki, port, early=early, later=later)]

    @contextlib.contextmanager
    def server(self, pki, limit, *more):
        """Non-interactive servers of OpenSSL take no early data: this one is answered for."""
        port = free_port()
        options = ["-early_data", "-max_early_data", limit, "-recv_max_early_data", limit] if limit else []
        with Talk(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-tls1_3", "-cert", pki.cert("p256"), "-key",
                   pki.key("p256"), *options, *more], with_errors=True) as talk:
            wait_for(lambda: answers(port), talk.process, "s_server")
            yield port, talk


class Paged:
    """A server whose page says what it saw."""

    @contextlib.contextmanager
    def server(self, pki, limit, *more):
        with listening(lambda port: self.words(pki, port, limit, *more)) as port:
            yield port, None


class Rustls(Paged):
    name = "rustls"
    resends = True

    def prepare(self, pki, folder):
        self.program, self.folder = rustls(), folder

    def client(self, pki, port, early=EARLY, later=b"", more=()):
        for name, data in (("early", early), ("later", later)):
            (self.folder / name).write_bytes(data)
        done = run([self.program, "client", f"127.0.0.1:{port}", "--ca", pki.ca, "--tls", "1.3", "--visits", 2, "--early",
                    self.folder / "early", "--send", self.folder / "later", *more])
        assert done.returncode == 0, done
        return [Visit(said["resumed"], said["early"], text) for said, text in json_lines(done.stdout.decode(errors="replace"))]

    def words(self, pki, port, limit, *more):
        return [self.program, "server", f"127.0.0.1:{port}", "--cert", pki.cert("p256"), "--key", pki.key("p256"), "--early", limit,
                *more]


class GnuTLS(Paged):
    """gnutls-cli does not say what became of its early data. gnutls-serv takes early data and throws it away, so that a server
    on the library stands here in its place."""
    name = "GnuTLS"
    resends = False

    def prepare(self, pki, folder):
        need("gnutls-cli")
        self.folder = folder
        cc = os.environ.get("CC") or "cc"
        need(cc)
        if run([cc, "-E", "-"], b"#include <gnutls/gnutls.h>\n").returncode:
            pytest.skip("missing peer: the headers of GnuTLS")
        self.program = folder / "server"
        built = run([cc, "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O1", os.path.join(ROOT, "tests/interop/peers/gnutls/server.c"),
                     "-o", self.program, "-lgnutls"])
        assert built.returncode == 0, built.stderr.decode()

    def client(self, pki, port, early=EARLY, later=b""):
        (self.folder / "early").write_bytes(early)
        done = run(["gnutls-cli", "--port", port, "--x509cafile", pki.ca, "--verify-hostname", "localhost", "--sni-hostname",
                    "localhost", "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.3", "--resume", "--waitresumption", "--earlydata",
                    self.folder / "early", "127.0.0.1"], later)
        assert done.returncode == 0, done
        parts = done.stdout.decode(errors="replace").split("- Description: ")[1:]
        return [Visit("*** This is a resumed session" in part, None, part) for part in parts]

    def words(self, pki, port, limit, *groups):
        priority = "NORMAL" + "".join(f":-GROUP-ALL:+GROUP-{g.upper()}" for g in groups if g in CURVES)
        return [self.program, port, pki.cert("p256"), pki.key("p256"), limit, priority]


class OurClient:
    """`connect --early-data`, several times with one session file; a session belongs to a port."""

    def __init__(self, pki, folder, port):
        self.session, self.body = folder / "session", folder / "body"
        self.words = [BIN, "connect", "--tls", "1.3", "--ca", pki.ca, "--servername", "localhost", "--session", self.session,
                      "--early-data", "--json", "--output", self.body, "--http"]
        self.target = f"127.0.0.1:{port}"

    def report(self, path="/"):
        done = run([*self.words, path, self.target])
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    def get(self, path="/"):
        """The report, and what the server's page says."""
        return self.report(path), json.loads(self.body.read_bytes())

    def get_from(self, talk, path, there=lambda got: END in got):
        """From s_server, for which we write the answer once the request is there: the report, and what s_server said."""
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"
        before = len(talk.got)
        with Talk([*self.words, path, self.target]) as client:
            talk.until(lambda got: there(got[before:]) and b"CIPHER is" in got[before:])
            talk.say(answer)
            assert client.process.wait(LIMIT) == 0, client.got
            talk.until(lambda got: b"CONNECTION CLOSED" in got[before:])
            return json.loads(client.until(lambda got: got.rstrip().endswith(b"}"))), talk.got[before:]
