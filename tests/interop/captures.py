# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Captures of other programs' handshakes. A relay on loopback passes bytes on and remembers them with their times; what it saw
becomes a pcap or pcapng file, with the IP and TCP headers that such a connection would have had, the server on port 443 (or the
port of the protocol that STARTTLS begins in), and segments of at most MSS bytes."""
import contextlib
import socket
import struct
import threading
import time
from processes import LIMIT

MSS = 1400
SYN, FIN, PSH, ACK = 2, 1, 8, 16
PORT = 443


class Connection:
    """What one connection carried: (seconds, from the client?, bytes), in order; no bytes are that end's FIN."""

    def __init__(self, family):
        self.family, self.begin = family, time.time()
        self.pieces, self.lock, self.done = [], threading.Lock(), threading.Event()

    def add(self, client, data):
        with self.lock:
            self.pieces.append((time.time(), client, data))
            if sum(not piece[2] for piece in self.pieces) == 2:
                self.done.set()


class Relay:
    """Stands at `port` for the server at `far`; `connections` is what went through it."""

    def __init__(self, far, family=socket.AF_INET):
        self.far, self.family, self.connections = far, family, []
        self.host = "127.0.0.1" if family == socket.AF_INET else "::1"
        self.listener = socket.create_server((self.host, 0), family=family)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                connection = Connection(self.family)
                self.connections.append(connection)
                try:
                    far = socket.create_connection((self.host, self.far), timeout=LIMIT)
                except OSError:
                    near.close()
                    connection.done.set()
                    continue
                for pair in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self.pump, args=(connection, *pair), daemon=True).start()

    @staticmethod
    def pump(connection, source, sink, client):
        """A piece is remembered before it is passed on, so that an answer cannot come before its question. An end that will
        read nothing more does not end what the other still says."""
        source.settimeout(60)
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                connection.add(client, data)
                sink.sendall(data)
        connection.add(client, b"")
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def close(self, seconds=60):
        """Waits until what began has ended: both ends have said so, or the time is over."""
        end = time.monotonic() + seconds
        for connection in list(self.connections):
            connection.done.wait(max(0, end - time.monotonic()))
        self.listener.close()


@contextlib.contextmanager
def relay(far, family=socket.AF_INET):
    between = Relay(far, family)
    try:
        yield between
    finally:
        between.listener.close()


# --- files ----------------------------------------------------------------------------------------------------------

def checksum(data):
    total = sum(struct.unpack(f"!{len(data + b'0') // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Wire:
    """The packets of one connection, Ethernet frames with their times."""

    def __init__(self, connection, number, port):
        self.connection, self.ports = connection, {True: 40000 + number, False: port}
        self.sequence = {True: 1000, False: 5000}
        self.v6 = connection.family == socket.AF_INET6
        self.address = {True: self.host(1), False: self.host(2)}
        self.packets = []

    def host(self, last):
        return socket.inet_pton(socket.AF_INET6, f"2001:db8::{last}") if self.v6 else bytes((192, 0, 2, last))

    def ip(self, client, segment):
        pair = self.address[client] + self.address[not client]
        pseudo = pair + (struct.pack("!II", len(segment), 6) if self.v6 else struct.pack("!HH", 6, len(segment)))
        segment = segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:]
        if self.v6:
            return b"\x86\xdd", struct.pack("!IHBB", 6 << 28, len(segment), 6, 64) + pair + segment
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 1, 0x4000, 64, 6, 0) + pair
        return b"\x08\x00", header[:10] + struct.pack("!H", checksum(header)) + header[12:] + segment

    def send(self, when, client, flags, data=b""):
        answered = 0 if flags == SYN else self.sequence[not client]
        segment = struct.pack("!HHIIBBHHH", self.ports[client], self.ports[not client], self.sequence[client], answered, 5 << 4,
                              flags, 65535, 0, 0) + data
        kind, packet = self.ip(client, segment)
        macs = (b"\2\0\0\0\0\2", b"\2\0\0\0\0\1")
        self.packets.append((when, b"".join(macs if client else macs[::-1]) + kind + packet))
        self.sequence[client] += len(data) + bool(flags & (SYN | FIN))

    def all(self):
        begin = self.connection.begin
        self.send(begin, True, SYN)
        self.send(begin, False, SYN | ACK)
        self.send(begin, True, ACK)
        for when, client, data in self.connection.pieces:
            for at in range(0, len(data), MSS):
                self.send(when, client, PSH | ACK, data[at:at + MSS])
            if not data:
                self.send(when, client, FIN | ACK)
        return self.packets


def packets_of(connections, port=PORT):
    wires = [Wire(connection, number, port).all() for number, connection in enumerate(connections)]
    return sorted((packet for packets in wires for packet in packets), key=lambda packet: packet[0])


def pcap(connections, port=PORT):
    out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)
    for when, packet in packets_of(connections, port):
        out += struct.pack("<IIII", int(when), int(when % 1 * 1e6), len(packet), len(packet)) + packet
    return out


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def pcapng(connections, port=PORT, secrets=b""):
    """With the key log in the file itself, if one is given (RFC 9850 4)."""
    out = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 0))
    if secrets:
        out += block(10, struct.pack("<II", 0x544c534b, len(secrets)) + secrets)
    for when, packet in packets_of(connections, port):
        us = int(when * 1e6)
        out += block(6, struct.pack("<IIIII", 0, us >> 32, us & 0xffffffff, len(packet), len(packet)) + packet)
    return out
