# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Both ends of a proxy, byte by byte: a backend that keeps what it was sent and answers as a test says, and a client that sends what no
HTTP library would."""
import contextlib
import select
import socket
import ssl
import threading

import proxied

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Ended(Exception):
    """The other end said no more."""


class Bytes:
    """A socket with what was read and not used."""

    def __init__(self, sock):
        self.sock, self.buffer = sock, b""

    def more(self):
        part = self.sock.recv(1 << 16)
        if not part:
            raise Ended
        self.buffer += part

    def until(self, mark):
        while mark not in self.buffer:
            self.more()
        there, _, self.buffer = self.buffer.partition(mark)
        return there + mark

    def exactly(self, n):
        while len(self.buffer) < n:
            self.more()
        there, self.buffer = self.buffer[:n], self.buffer[n:]
        return there

    def rest(self):
        """All until the end, in whatever way it comes."""
        with contextlib.suppress(Ended, OSError):
            while True:
                self.more()
        there, self.buffer = self.buffer, b""
        return there

    def send(self, data):
        self.sock.sendall(data)

    def chunked(self):
        """The content; trailers are dropped."""
        content = b""
        while size := int(self.until(b"\r\n"), 16):
            content += self.exactly(size)
            assert self.exactly(2) == b"\r\n"
        while self.until(b"\r\n") != b"\r\n":
            pass
        return content


def fields_of(head):
    """[(name in lower case, value)]"""
    rows = [line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:-2]]
    return [(name.lower(), value.strip()) for name, _, value in rows]


class Head:
    def __init__(self, raw):
        self.raw, self.fields = raw, fields_of(raw)
        self.first = raw.split(b"\r\n", 1)[0].decode("latin-1")

    def all(self, name):
        return [value for key, value in self.fields if key == name]

    def get(self, name):
        values = self.all(name)
        assert len(values) < 2, self.raw
        return values[0] if values else None


class Visit(Bytes):
    """A connection that the proxy made to the backend."""

    def more(self):
        before = len(self.buffer)
        super().more()
        self.backend.seen += self.buffer[before:]

    def __init__(self, backend, sock):
        super().__init__(sock)
        self.backend = backend

    def body(self, head):
        if head.get("transfer-encoding"):
            return self.chunked()
        return self.exactly(int(head.get("content-length") or 0))


def say_ok(visit, head):
    visit.body(head)
    visit.send(OK)
    return True


class Backend:
    """`answer(visit, head)` is called for every head; what it returns tells whether the connection stays."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listening.getsockname()[1]
        self.heads, self.visits, self.seen, self.answer, self.troubles = [], 0, b"", say_ok, []
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self.listening.accept()
                self.visits += 1
                threading.Thread(target=self.visit, args=(sock,), daemon=True).start()

    def visit(self, sock):
        visit = Visit(self, sock)
        with sock, contextlib.suppress(Ended, OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                head = Head(visit.until(b"\r\n\r\n"))
                self.heads.append(head)
                try:
                    if not self.answer(visit, head):
                        return
                except AssertionError as trouble:
                    self.troubles.append(trouble)
                    raise Ended from trouble

    def renew(self):
        self.heads, self.seen, self.answer, self.troubles = [], b"", say_ok, []
        return self

    def close(self):
        self.listening.close()


class Response:
    def __init__(self, head, body):
        self.head, self.body, self.status = head, body, int(head.first.split(" ")[1])

    def get(self, name):
        return self.head.get(name)

    def all(self, name):
        return self.head.all(name)

    def __repr__(self):
        return f"{self.head.raw!r} {self.body[:300]!r}"


class Eager:
    """A TLS client, as a socket is one, whose first words leave with the end of its handshake: no limit can run out between them."""

    def __init__(self, port, name, ca, first):
        self.raw = socket.create_connection(("127.0.0.1", port), timeout=proxied.LIMIT)
        self.into, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = proxied.client_context(ca).wrap_bio(self.into, self.out, server_hostname=name)
        self.do(self.tls.do_handshake)
        self.sendall(first)

    def do(self, step, *words):
        while True:
            try:
                return step(*words)
            except ssl.SSLWantReadError:
                self.flush()
                part = self.raw.recv(1 << 16)
                if part:
                    self.into.write(part)
                else:
                    self.into.write_eof()

    def flush(self):
        if self.out.pending:
            self.raw.sendall(self.out.read())

    def sendall(self, data):
        self.tls.write(data)
        self.flush()

    def recv(self, most):
        try:
            return self.do(self.tls.read, most)
        except ssl.SSLZeroReturnError:
            return b""

    def close(self):
        self.raw.close()


class Client(Bytes):
    """Of the TLS port (name: SNI, None: none), or of a plain one. first: what it says with the end of its handshake."""

    def __init__(self, port, name="a.test", ca=None, plain=False, first=b"", **more):
        if plain:
            sock = socket.create_connection(("127.0.0.1", port), timeout=proxied.LIMIT)
        elif first:
            sock = Eager(port, name, ca, first)
        else:
            sock = proxied.connect(port, name, ca, **more)
        super().__init__(sock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def read_head(self):
        return Head(self.until(b"\r\n\r\n"))

    def response(self, method="GET"):
        """The next one that is final or 101."""
        while True:
            head = self.read_head()
            status = int(head.first.split(" ")[1])
            if status >= 200 or status == 101:
                return Response(head, self.body(method, status, head))

    def body(self, method, status, head):
        if method == "HEAD" or status in (101, 204, 304):
            return b""
        if head.get("transfer-encoding"):
            return self.chunked()
        length = head.get("content-length")
        return self.rest() if length is None else self.exactly(int(length))

    def ask(self, path="/", method="GET", host="a.test", headers=(), body=b""):
        self.send(proxied.request(host, path, method, body, headers))
        return self.response(method)

    def while_sending(self, data, enough, times=1):
        """Sends it so many times, and reads what comes meanwhile, until enough(); one thread, as an SSLSocket wants it."""
        sock, view = self.sock, memoryview(data)
        sock.setblocking(False)
        while not enough():
            writes = [sock] if view else []
            if not getattr(sock, "pending", lambda: 0)():
                assert select.select([sock], writes, [], proxied.LIMIT)[:2] != ([], []), "nothing moves"
            with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
                self.more()
            with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
                view = view[sock.send(view[:1 << 14]):] if view else view
            if not view and times > 1:
                view, times = memoryview(data), times - 1
        sock.settimeout(proxied.LIMIT)

    def is_not_read(self, data, seconds=1, most=1 << 30):
        """The other side stops to read what is sent again and again, however much its machine puts between. This connection is no use then."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        self.sock.settimeout(seconds)
        try:
            for _ in range(most // len(data)):
                self.sock.sendall(data)
        except TimeoutError:
            return True
        return False

    def ends(self):
        """The other side closed, in order."""
        if self.buffer:
            return False
        with contextlib.suppress(OSError):
            return self.sock.recv(1) == b""
        return False
