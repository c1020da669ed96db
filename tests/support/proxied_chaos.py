# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Unfriendly peers of a proxy on both of its sides: clients that reset, end by halves, read slowly or not at all and send nonsense, and
backends that do the same. What each of them does follows from a seed and the number of its round; how the rounds mix is the machine's."""
import contextlib
import os
import random
import socket
import ssl
import struct
import threading

import proxied
from proxied_pki import Authority

PATIENCE = (0.02, 0.1, 0.4)  # seconds that a peer waits for bytes; then it does something else
JUNK = random.Random(0).randbytes(1 << 18)


def reset(s):
    """RST instead of FIN."""
    with contextlib.suppress(OSError):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        s.close()


def half(s):
    """FIN, without close_notify where TLS is spoken; what comes is still read."""
    with socket.socket(fileno=os.dup(s.fileno())) as raw:
        raw.shutdown(socket.SHUT_WR)


def sip(s, dice, most=30):
    for _ in range(dice.randrange(1, most)):
        if not s.recv(dice.choice((1, 10, 5000, 1 << 16))):
            return


def leave(s, dice):
    how = dice.randrange(5)
    with contextlib.suppress(OSError, ValueError):
        if how == 0:
            reset(s)
        elif how == 1 and isinstance(s, ssl.SSLSocket):
            s.unwrap()
        elif how == 2:
            half(s)
            sip(s, dice)
    with contextlib.suppress(OSError):
        s.close()


# ---- backends ----

FAILS = 0.03  # how many reset at once


def gush(s, dice):
    for _ in range(dice.randrange(1, 40)):
        s.sendall(JUNK)


def gush_and_reset(s, dice):
    gush(s, dice)
    reset(s)


def echo(s, dice):
    for _ in range(dice.randrange(1, 40)):
        part = s.recv(1 << 16)
        if not part:
            return
        s.sendall(part)


def end_first(s, dice):
    s.sendall(b"that is all")
    half(s)
    sip(s, dice)


TALKS = (gush, gush, gush_and_reset, echo, echo, end_first, sip, lambda s, dice: reset(s), lambda s, dice: None)


def read_head(s):
    head = b""
    while b"\r\n\r\n" not in head:
        part = s.recv(1 << 16)
        if not part:
            return None
        head += part
    return head


def answers(dice):
    size = dice.choice((0, 5, 5, 5, 3000, 200000, 1 << 20))
    body = (JUNK * 4)[:size]
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + body
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body) or 1, body or b"x")
    switch = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n" + body
    return dice.choice((whole, whole, whole, whole, chunks, chunks, switch, b"HTTP/1.1 100 Continue\r\n\r\n" + whole,
                        b"HTTP/1.1 103 Early Hints\r\n\r\n" * dice.randrange(20) + whole, whole[:dice.randrange(len(whole))],
                        chunks[:-3] + b"zz", b"HTTP/1.1 200 OK\r\n\r\n" + body, b"nonsense\r\n\r\n", whole + b"and more",
                        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: %d\r\n\r\n" % size + body, b""))


def serve_http(s, dice):
    """As long as it goes well, on one connection; sometimes the answer comes before the request is whole, sometimes its end a moment late."""
    for _ in range(dice.randrange(1, 12)):
        head = read_head(s)
        if head is None:
            return
        answer = answers(dice)
        cut = dice.randrange(len(answer) + 1)
        s.sendall(answer[:cut])
        if dice.random() < 0.2:
            with contextlib.suppress(TimeoutError):
                sip(s, dice, 5)
        s.sendall(answer[cut:])
        if b" 101 " in answer[:20]:
            dice.choice(TALKS)(s, dice)
            return
        if dice.random() < 0.1:
            s.sendall(b"unasked")
    leave(s, dice)


class Backend:
    """talk: one of TALKS at a time, or serve_http."""

    def __init__(self, seed, http, context=None):
        self.seed, self.http, self.context, self.n, self.over = seed, http, context, 0, False
        self.server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = "127.0.0.1:%d" % self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.over:
            try:
                s = self.server.accept()[0]
            except OSError:
                return
            self.n += 1
            threading.Thread(target=self.one, args=(s, random.Random(f"{self.seed} back {self.n}")), daemon=True).start()

    def one(self, s, dice):
        s.settimeout(dice.choice((0.1, 0.5, 2)))
        with contextlib.suppress(OSError, ValueError):
            if dice.random() < FAILS:
                reset(s)
                return
            if self.context:
                s = self.context.wrap_socket(s, server_side=True)
            (serve_http if self.http else dice.choice(TALKS))(s, dice)
        leave(s, dice)

    def close(self):
        self.over = True
        self.server.close()


# ---- clients ----

def asked(dice, name):
    host, n = name.encode(), dice.randrange(300000)
    kinds = (b"GET /g HTTP/1.1\r\nHost: %s\r\n\r\n" % host, b"GET /g HTTP/1.1\r\nHost: %s\r\n\r\n" % host,
             b"HEAD /h HTTP/1.%d\r\nHost: %s\r\n\r\n" % (dice.randrange(2), host),
             b"POST /p HTTP/1.1\r\nHost: %s\r\nContent-Length: 5\r\n\r\nhello" % host,
             b"POST /p HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n" % (host, n) + JUNK[:dice.randrange(n + 1)],
             b"GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n" % host + JUNK[:dice.randrange(3000)],
             b"POST /c HTTP/1.1\r\nHost: %s\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" % host
             + dice.choice((b"0\r\n\r\n", b"zz", b"")),
             b"GET /half HTTP/1.1\r\nHos")
    return b"".join(dice.choice(kinds) for _ in range(dice.randrange(1, 6)))


def contexts():
    made = []
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = proxied.client_context()
        context.minimum_version = context.maximum_version = version
        made.append(context)
    return made


class Clients:
    """sites: {name: whether it speaks HTTP}"""

    def __init__(self, port, sites, seed):
        self.port, self.sites, self.seed, self.contexts = port, sites, seed, contexts()
        self.lock, self.left, self.spoken = threading.Lock(), 0, 0

    def before_tls(self, raw, dice):
        """Nonsense, half a hello, plain HTTP."""
        raw.sendall(dice.choice((b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"P", JUNK[:5000], b"")))
        with contextlib.suppress(TimeoutError):
            sip(raw, dice, 3)
        leave(raw, dice)

    def talk(self, s, dice, name):
        for _ in range(dice.randrange(1, 4)):
            said = asked(dice, name) if self.sites[name] else JUNK[:dice.choice((1, 100, 5000, 1 << 18))]
            with contextlib.suppress(TimeoutError):
                s.sendall(said)
            if dice.random() < 0.6:
                with contextlib.suppress(TimeoutError):
                    sip(s, dice)

    def one(self, dice):
        name = dice.choice(list(self.sites))
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=dice.choice(PATIENCE))
        if dice.random() < 0.4:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if dice.random() < 0.1:
            self.before_tls(raw, dice)
            return
        raw.settimeout(proxied.LIMIT)
        try:
            s = dice.choice(self.contexts).wrap_socket(raw, server_hostname=name)
        except OSError:
            raw.close()
            return
        self.spoken += 1
        s.settimeout(dice.choice(PATIENCE))
        try:
            self.talk(s, dice, name)
        finally:
            leave(s, dice)

    def some(self):
        while True:
            with self.lock:
                self.left -= 1
                if self.left < 0:
                    return
                dice = random.Random(f"{self.seed} front {self.left}")
            with contextlib.suppress(OSError, ValueError):
                self.one(dice)

    def start(self, rounds, threads):
        self.left = rounds
        made = [threading.Thread(target=self.some, daemon=True) for _ in range(threads)]
        for thread in made:
            thread.start()
        return made


# ---- all of it ----

LIMITS = {"header": "1s", "response": "1s", "idle": "1s", "connect": "1s", "drain": "2s"}


class Scene:
    """Sites tcp.test and http.test, and each with TLS behind: tcps.test and https.test."""

    def __init__(self, folder, seed):
        self.folder, self.seed, self.pki = folder, seed, Authority(folder)
        pair = self.pki.leaf("backend.test").into(folder, "backend")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pair["chain"], pair["key"])
        self.backends = [Backend(seed, http, context) for http in (False, True) for context in (None, self.context)]

    def rows(self):
        rows = []
        for backend in self.backends:
            name = ("http" if backend.http else "tcp") + ("s" if backend.context else "") + ".test"
            behind = {"address": backend.address}
            if backend.context:
                behind["tls"] = {"name": "backend.test", "ca": str(self.pki.file)}
            rows.append({"names": [name], "certificates": [self.pki.leaf(name).into(self.folder, name)], "backend": behind,
                         "mode": "http" if backend.http else "tcp"})
        return rows

    def proxy(self, binary, **more):
        return proxied.Proxy(binary, self.folder, self.rows(), **{"workers": 2, "limits": LIMITS, **more})

    def clients(self, proxy):
        return Clients(proxy.tls, {row["names"][0]: row["mode"] == "http" for row in proxy.config["sites"]}, self.seed)

    def close(self):
        for backend in self.backends:
            backend.close()


def descriptors(pid):
    """Sockets, of which a worker that serves nobody has as many as when it began."""
    there = f"/proc/{pid}/fd"
    with contextlib.suppress(OSError):
        return len(os.listdir(there))
    return 0


FAULTS = ("AddressSanitizer", "LeakSanitizer", "runtime error:")


def faults(log):
    return [line for line in log.splitlines() if any(words in line for words in FAULTS)]
