# SPDX-License-Identifier: Apache-2.0 OR MIT
"""A server that does whatever it is told to each connection: a thread a connection, each bounded in time, all counted."""
import contextlib
import random
import socket
import struct
import threading

LIFE = 120  # seconds that one connection may last here, whatever its handler does
CLOSED_BY_PEER = {6, 7, 8, 9, 11}  # TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, CLOSING of Linux's tcp_states.h


def alert(level, number, version=b"\x03\x03"):
    return b"\x15" + version + b"\x00\x02" + bytes((level, number))


def handshake(kind, body):
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def records(message, version=b"\x03\x03", size=16384):
    pieces = [message[i:i + size] for i in range(0, len(message), size)]
    return b"".join(b"\x16" + version + struct.pack(">H", len(p)) + p for p in pieces)


def server_hello(version=0x0303, suite=0xC02F, extensions=b""):
    body = struct.pack(">H", version) + bytes(range(32)) + b"\x00" + struct.pack(">H", suite) + b"\x00"
    return handshake(2, body + (struct.pack(">H", len(extensions)) + extensions if extensions else b""))


def is_held(sock):
    """Whether the other end still has it open, as the kernel knows it: a thread that is late to read the end changes nothing."""
    try:
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] not in CLOSED_BY_PEER
    except OSError:  # closed here
        return False


class Hostile:
    """with Hostile(handler) as server: server.port, server.n (connections), server.most (that the other end held open at a time). The
    handler gets the socket and its number."""

    def __init__(self, handler, backlog=128):
        self.handler = handler
        self.n = self.most = 0
        self.open = set()
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.accept, daemon=True)

    def accept(self):
        while not self.over.is_set():
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.n += 1
                self.open.add(peer)
                self.most = max(self.most, sum(map(is_held, self.open)))
                number = self.n
            threading.Thread(target=self.serve, args=(peer, number), daemon=True).start()

    def serve(self, peer, number):
        peer.settimeout(LIFE)
        try:
            self.handler(self, peer, number)
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.open.discard(peer)
            with contextlib.suppress(OSError):
                peer.close()

    def stop_listening(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.stop_listening()


# ---- what it can be told to do ----

def until_closed(peer):
    """Reads and drops until the other end closes."""
    while peer.recv(65536):
        pass


def silent(_, peer, __):
    until_closed(peer)


def close_at_once(_, peer, __):
    peer.close()


def reset_at_once(_, peer, __):
    peer.recv(1)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def say(data):
    """These bytes, then silence."""
    def handler(_, peer, __):
        peer.recv(65536)
        peer.sendall(data)
        until_closed(peer)
    return handler


def say_and_close(data):
    def handler(_, peer, __):
        peer.recv(65536)
        peer.sendall(data)
    return handler


def drip(data, pause=0.03):
    """A byte now and then, for ever."""
    def handler(server, peer, __):
        peer.recv(65536)
        while not server.over.is_set():
            for i in range(len(data)):
                peer.sendall(data[i:i + 1])
                if server.over.wait(pause):
                    return
    return handler


def flood(data, before=b""):
    """The same bytes again and again as fast as they are taken."""
    many = data * (65536 // len(data) + 1)

    def handler(server, peer, __):
        peer.recv(65536)
        peer.sendall(before)
        while not server.over.is_set():
            peer.sendall(many)
    return handler


def relay(port, until, then):
    """The first `until` connections are answered by the server on that port, all others by `then`."""
    def handler(server, peer, number):
        if number > until:
            then(server, peer, number)
            return
        with socket.create_connection(("127.0.0.1", port)) as other:
            back = threading.Thread(target=pump, args=(other, peer), daemon=True)
            back.start()
            pump(peer, other)
            back.join(LIFE)
    return handler


def read_and_close(_, peer, __):
    """The hello is read, and nothing said: an end, not a reset."""
    peer.recv(65536)


def limited(port, closes, then=read_and_close):
    """Those whose number `closes` is met by `then`, as a limit would have it; all others by the server on that port."""
    def handler(server, peer, number):
        (then if closes(number) else relay(port, number, then))(server, peer, number)
    return handler


def wordless(port):
    """What the server on that port says, but for its refusals: it closes where an alert would be its first word."""
    def handler(_, peer, __):
        with socket.create_connection(("127.0.0.1", port)) as other:
            threading.Thread(target=pump, args=(peer, other), daemon=True).start()
            first = other.recv(65536)
            if not first or first[:1] == b"\x15":
                peer.shutdown(socket.SHUT_RDWR)  # the thread that reads it would keep it open
                return
            peer.sendall(first)
            pump(other, peer)
    return handler


def stalling(port, what):
    """Silent to hellos that hold these bytes; all others are answered by the server on that port."""
    def handler(_, peer, __):
        hello = peer.recv(65536)
        if what in hello:
            until_closed(peer)
            return
        with socket.create_connection(("127.0.0.1", port)) as other:
            other.sendall(hello)
            threading.Thread(target=pump, args=(other, peer), daemon=True).start()
            pump(peer, other)
    return handler


def first_suite(hello):
    """(legacy_version, first suite) of a ClientHello in one record."""
    at = 5 + 4 + 2 + 32
    at += 1 + hello[at]
    return struct.unpack_from(">H", hello, 9)[0], struct.unpack_from(">H", hello, at + 2)[0]


def lengths(data, size):
    """What stands behind each length of so many bytes, one after another."""
    at, found = 0, []
    while at + size <= len(data):
        end = at + size + int.from_bytes(data[at:at + size], "big")
        found.append(data[at + size:end])
        at = end
    return found


def codes(data):
    return {int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data) - 1, 2)}


def read_hello(hello):
    """A ClientHello in one record: (version that is asked for, suites, extensions by number, as bytes)."""
    at = 5 + 4 + 2 + 32
    at += 1 + hello[at]
    end = at + 2 + struct.unpack_from(">H", hello, at)[0]
    suites, rest, extensions = codes(hello[at + 2:end]), hello[end + 1 + hello[end]:], {}
    at = 2
    while at + 4 <= len(rest):
        number, size = struct.unpack_from(">HH", rest, at)
        extensions[number] = rest[at + 4:at + 4 + size]
        at += 4 + size
    is13 = 0x0304 in codes(extensions.get(43, b"\0")[1:])
    return 0x0304 if is13 else struct.unpack_from(">H", hello, 9)[0], suites, extensions


RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def hello_retry(session, suite, group):
    extensions = struct.pack(">HHHHHH", 43, 2, 0x0304, 51, 2, group)
    return records(handshake(2, b"\x03\x03" + RETRY + bytes((len(session),)) + session + struct.pack(">H", suite) + b"\0" +
                             struct.pack(">H", len(extensions)) + extensions))


def refuses_every_name(number, retries=False):
    """Versions below TLS 1.2 by protocol_version, all else by that alert, as for a name that it does not have; `retries`: as Go does,
    whose HelloRetryRequest comes before it looks for a certificate."""
    def handler(_, peer, __):
        hello = peer.recv(65536)
        if hello[:1] != b"\x16":
            return
        version, suites, extensions = read_hello(hello)
        groups = [g for g in (0x0017, 0x001d) if g in codes(extensions.get(10, b"\0\0")[2:])]
        shared = b"\0\x17\0\x41" in extensions.get(51, b"")
        if version < 0x0303:
            peer.sendall(alert(2, 70))
        elif not retries or version == 0x0303 or (shared and 0x1301 in suites):
            peer.sendall(alert(2, number))
        elif not groups or 0x1301 not in suites:
            peer.sendall(alert(2, 40))
        else:
            peer.sendall(hello_retry(hello[44:44 + hello[43]], 0x1301, groups[0]))
            peer.recv(65536)
            peer.sendall(alert(2, number))
    return handler


def yes_to_everything(_, peer, __):
    """The version that is asked for, and the first suite that is offered, whatever it is."""
    hello = peer.recv(65536)
    if hello[:1] != b"\x16" or len(hello) < 80:
        return
    version, suite = first_suite(hello)
    peer.sendall(records(server_hello(version=version, suite=suite) + handshake(14, b"")))
    until_closed(peer)


def mangling(port, seed, every=40):
    """What the server on that port says, with a bit changed now and then; the same ones for the same seed and connection."""
    def handler(_, peer, number):
        rng = random.Random(seed * 1000 + number)
        with socket.create_connection(("127.0.0.1", port)) as other:
            threading.Thread(target=pump, args=(peer, other), daemon=True).start()
            with contextlib.suppress(OSError):
                while data := bytearray(other.recv(65536)):
                    for i in range(len(data)):
                        if rng.randrange(every) == 0:
                            data[i] ^= 1 << rng.randrange(8)
                    peer.sendall(data)
    return handler


def cut_off(port, after, then):
    """What the server on that port says, up to so many bytes."""
    def handler(server, peer, number):
        with socket.create_connection(("127.0.0.1", port)) as other:
            threading.Thread(target=pump, args=(peer, other), daemon=True).start()
            left = after
            while left > 0 and (data := other.recv(left)):
                peer.sendall(data)
                left -= len(data)
            then(server, peer, number)
    return handler


def drained(server):
    """A handfast serve whose log nobody wants: it must be read all the same, or it blocks one day. Returns the server."""
    threading.Thread(target=lambda: [None for _ in server.process.stdout], daemon=True).start()
    return server


def pump(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
