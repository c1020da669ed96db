#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Servers with weaknesses that no packaged server has any more, as far as an auditor's question goes: a flight of TLS 1.2 or older (SSL 2.0's
hello, too) with a real certificate and real signatures, and then each weakness's answer. No handshake is ever completed.

    with weak("heartbleed") as server: audit(f"127.0.0.1:{server.port}")
    python3 tests/support/weak_server.py heartbleed 4433          (until its end is asked for; "list" lists them)"""
import contextlib
import hashlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, replace
from functools import lru_cache

SSL2, SSL3, TLS10, TLS11, TLS12 = 0x0002, 0x0300, 0x0301, 0x0302, 0x0303
CCS, ALERT, HANDSHAKE, HEARTBEAT = 20, 21, 22, 24
UNEXPECTED, BAD_MAC, FAILURE, ILLEGAL, VERSION, FALLBACK = 10, 20, 40, 47, 70, 86
SECONDS = 120  # that a connection lasts at most

ECDHE = {0xC02F, 0xC030, 0xC013, 0xC014, 0xC011, 0xC012}
DHE = {0x0033, 0x0039, 0x009E, 0x009F, 0x0067, 0x0016, 0x0014}
ANONYMOUS = {0x0018, 0x0034, 0x006C, 0x00A6, 0x0017, 0x001B}
EXPORT_RSA = {0x0003, 0x0006, 0x0008}
ONLY_12 = {0xC02F, 0xC030, 0x009C, 0x009D, 0x009E, 0x009F, 0x0067, 0x003C, 0x003B, 0x006C, 0x00A6}
STATIC_RSA = (0x009C, 0x002F, 0x0035)
GOOD = (0xC02F, 0xC030)

# Primes as they are known: those of mod_ssl and nginx, RFC 2409's, and one that nobody else has: its size is all that counts.
PRIMES = {
    "apache512": int("9FDB8B8A004544F0045F1737D0BA2E0B274CDF1A9F588218FB435316A16E374171FD19D8D8F37C39BF863FD60E3E300680A3030C6E4C3757D08F70E6AA871033", 16),
    "nginx1024": int("BBBC2DCAD84674907C43FCF580E9CFDBD958A3F568B42D4B08EED4EB0FB3504C6C030276E710800C5CCBBAA8922614C5BEECA565A5FDF1D287A2BC049BE67780"
        "60E91A92A757E3048F68B076F7D36CC8F29BA5DF81DC2CA725ECE66270CC9A5035D8CECEEF9EA0274A63AB1E58FAFD4988D0F65D146757DA071DF045CFE16B9B", 16),
    "oakley2": int("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
        "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF", 16),
    "own2048": 2**2047 + 0x6F776E,
}


@dataclass(frozen=True)
class Weak:
    versions: tuple = (TLS12,)
    suites: tuple = GOOD
    prime: str = "own2048"
    export_prime: str = "apache512"
    ssl2: bool = False
    ems: bool = True
    renegotiation_info: bool = True
    sentinel: bool = True
    deflate: bool = False
    scsv: bool = True  # TLS_FALLBACK_SCSV is noticed
    heartbeat: str = ""  # "bleeds", "drops": not spoken, spoken as of old, spoken well
    ccs: str = "refused"  # an early ChangeCipherSpec: "refused", "taken", "closed" (without a word)
    rsa: str = "constant"  # see Connection.key_exchange
    lengthens_id: bool = False  # in front of a real server
    fresh: bool = True  # a new share of ECDHE for each connection


CONFIGURATIONS = {
    "good": Weak(),
    "heartbleed": Weak(heartbeat="bleeds"),
    "heartbeat": Weak(heartbeat="drops"),
    "ccs_injection": Weak(ccs="taken"),
    "ccs_closed": Weak(ccs="closed"),
    "static_rsa": Weak(suites=STATIC_RSA, ems=False),
    "robot_alert": Weak(suites=STATIC_RSA, rsa="alert"),
    "robot_close": Weak(suites=STATIC_RSA, rsa="close"),
    "robot_silent": Weak(suites=STATIC_RSA, rsa="silent"),
    "robot_later": Weak(suites=STATIC_RSA, rsa="later"),
    "robot_short": Weak(suites=STATIC_RSA, rsa="short"),
    "robot_version": Weak(suites=STATIC_RSA, rsa="version"),
    "robot_weak": Weak(suites=STATIC_RSA, rsa="weak"),
    "robot_chance": Weak(suites=STATIC_RSA, rsa="chance"),
    "robot_mute": Weak(suites=STATIC_RSA, rsa="mute"),
    "dh512": Weak(suites=(0x009E, 0x0033), prime="apache512"),
    "dh1024": Weak(suites=(0x009E, 0x0033), prime="nginx1024"),
    "dh_oakley": Weak(versions=(TLS10, TLS11, TLS12), suites=(0x009E, 0x0033), prime="oakley2"),
    "dh2048": Weak(suites=(0x009E, 0x0033)),
    "dhe_export": Weak(versions=(TLS10, TLS12), suites=(0x0033, 0x0014)),
    "rsa_export": Weak(versions=(SSL3, TLS10), suites=(0x002F, 0x0003, 0x0008)),
    "anonymous": Weak(suites=(0x00A6, 0x0034, 0x0018), prime="nginx1024"),
    "null": Weak(suites=(0x003B, 0x0002, 0x0001)),
    "rc4": Weak(versions=(TLS10, TLS11, TLS12), suites=(0x0005, 0x0004, 0xC011)),
    "tls10": Weak(versions=(TLS10,), suites=(0xC013, 0xC014, 0x002F)),
    "ssl3": Weak(versions=(SSL3, TLS10, TLS11, TLS12), suites=(0xC02F, 0xC013, 0x002F, 0x000A), scsv=False),
    "ssl2": Weak(versions=(SSL3, TLS10), suites=(0x002F, 0x000A), ssl2=True, scsv=False),
    "compression": Weak(deflate=True),
    "no_sentinel": Weak(versions=(TLS10, TLS11, TLS12), suites=(0xC02F, 0xC013), sentinel=False, scsv=False),
    "no_renegotiation_info": Weak(renegotiation_info=False),
    "no_ems": Weak(ems=False),
    "key_reuse": Weak(fresh=False),
    "ticketbleed": Weak(lengthens_id=True),
}


# ---- bytes ----

def vector(size, content):
    return len(content).to_bytes(size, "big") + content


def u16(value):
    return struct.pack(">H", value)


def message(kind, body):
    return bytes([kind]) + vector(3, body)


def record(kind, version, content):
    return bytes([kind]) + u16(version) + vector(2, content)


def number(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if self.at + n > len(self.data):
            raise ValueError("too short")
        self.at += n
        return self.data[self.at - n:self.at]

    def vector(self, size):
        return self.take(int.from_bytes(self.take(size), "big"))

    def left(self):
        return len(self.data) - self.at


# ---- the key and its certificate ----

def integers(der):
    """The numbers of a PKCS#1 key."""
    cursor, found = Cursor(der), []

    def content():
        cursor.take(1)
        first = cursor.take(1)[0]
        return first if first < 0x80 else int.from_bytes(cursor.take(first & 0x7F), "big")

    content()
    while cursor.left():
        found.append(int.from_bytes(cursor.take(content()), "big"))
    return found


@dataclass(frozen=True)
class Key:
    certificate: bytes
    n: int
    p: int
    q: int
    dp: int
    dq: int
    inverse: int

    @property
    def size(self):
        return (self.n.bit_length() + 7) // 8

    def raw(self, block):
        c = int.from_bytes(block, "big")
        m = pow(c, self.dq, self.q)
        return (m + (pow(c, self.dp, self.p) - m) * self.inverse % self.p * self.q).to_bytes(self.size, "big")

    def sign(self, version, content):
        """PKCS #1 v1.5: SHA-256 in TLS 1.2, MD5 and SHA-1 before."""
        if version == TLS12:
            digest = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(content).digest()
        else:
            digest = hashlib.md5(content).digest() + hashlib.sha1(content).digest()
        return self.raw(b"\0\1" + b"\xff" * (self.size - 3 - len(digest)) + b"\0" + digest)


REQUEST = """
[req]
distinguished_name = name
[name]
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,DNS:a.test,IP:127.0.0.1
"""


@lru_cache(maxsize=None)
def key():
    folder = tempfile.mkdtemp(prefix="weak-")
    try:
        def openssl(*words):
            return subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True).stdout
        with open(os.path.join(folder, "conf"), "w", encoding="ascii") as conf:
            conf.write(REQUEST)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "cert", "-days", "90", "-subj", "/CN=localhost",
                "-config", "conf", "-extensions", "leaf")
        numbers = integers(openssl("rsa", "-in", "key", "-outform", "DER", "-traditional"))
        return Key(openssl("x509", "-in", "cert", "-outform", "DER"), numbers[1], *numbers[4:9])
    finally:
        shutil.rmtree(folder)


# ---- one connection ----

@dataclass
class Hello:
    version: int
    random: bytes
    session_id: bytes
    suites: list
    compressions: bytes
    extensions: dict


def read_hello(body):
    c = Cursor(body)
    version, random, session_id = int.from_bytes(c.take(2), "big"), c.take(32), c.vector(1)
    suites = [pair[0] for pair in struct.iter_unpack(">H", c.vector(2))]
    compressions, extensions = c.vector(1), {}
    block = Cursor(c.vector(2) if c.left() else b"")
    while block.left():
        kind = int.from_bytes(block.take(2), "big")
        extensions[kind] = block.vector(2)
    return Hello(version, random, session_id, suites, compressions, extensions)


class Gone(Exception):
    """The connection is over."""


class Connection:
    def __init__(self, server, sock):
        self.server, self.weak, self.sock = server, server.weak, sock
        self.version, self.buffer, self.inbox = TLS10, b"", b""
        self.suite, self.hello, self.heard_key_exchange, self.changed, self.empty_keys = None, None, False, False, False
        self.finished_alert = BAD_MAC

    # -- in and out --

    def need(self, n):
        while len(self.buffer) < n:
            more = self.sock.recv(65536)
            if not more:
                raise Gone
            self.buffer += more

    def take(self, n):
        self.need(n)
        taken, self.buffer = self.buffer[:n], self.buffer[n:]
        return taken

    def record(self):
        header = self.take(5)
        return header[0], self.take(int.from_bytes(header[3:5], "big"))

    def send(self, *messages):
        self.sock.sendall(record(HANDSHAKE, self.version, b"".join(messages)))

    def alert(self, description):
        self.sock.sendall(record(ALERT, self.version, bytes([2, description])))
        raise Gone

    # -- the hello --

    def ssl2(self):
        length = int.from_bytes(self.take(2), "big") & 0x7FFF
        body = self.take(length)
        if not self.weak.ssl2 or body[0] != 1:
            raise Gone
        certificate = key().certificate
        answer = struct.pack(">BBBHHHH", 4, 0, 1, SSL2, len(certificate), 6, 16) + certificate + bytes.fromhex("010080020080") + os.urandom(16)
        self.sock.sendall(u16(0x8000 | len(answer)) + answer)
        raise Gone

    def first_message(self):
        self.need(3)
        if self.buffer[0] & 0x80 and self.buffer[2] == 1:
            self.ssl2()
        while len(self.inbox) < 4 or len(self.inbox) < 4 + int.from_bytes(self.inbox[1:4], "big"):
            kind, content = self.record()
            if kind != HANDSHAKE:
                self.alert(UNEXPECTED)
            self.inbox += content
        if self.inbox[0] != 1:
            self.alert(UNEXPECTED)
        return self.inbox[4:4 + int.from_bytes(self.inbox[1:4], "big")]

    def choose(self):
        newest = max(self.weak.versions)
        fitting = [v for v in self.weak.versions if v <= self.hello.version]
        if not fitting:
            self.version = newest
            self.alert(VERSION)
        self.version = max(fitting)
        if self.weak.scsv and 0x5600 in self.hello.suites and self.version < newest:
            self.alert(FALLBACK)
        for suite in self.weak.suites:
            if suite in ECDHE and not {29, 23} & set(self.groups()):
                continue
            if suite in self.hello.suites and not (suite in ONLY_12 and self.version < TLS12):
                self.suite = suite
                return
        self.alert(FAILURE)

    # -- the flight --

    def extensions(self):
        asked, answers = self.hello.extensions, b""
        if self.weak.renegotiation_info and (0xFF01 in asked or 0x00FF in self.hello.suites):
            answers += u16(0xFF01) + vector(2, b"\0")
        if self.weak.ems and 23 in asked:
            answers += u16(23) + vector(2, b"")
        if self.weak.heartbeat and 15 in asked:
            answers += u16(15) + vector(2, b"\1")
        if self.suite in ECDHE and 11 in asked:
            answers += u16(11) + vector(2, b"\1\0")
        return vector(2, answers) if answers else b""

    def server_hello(self):
        random = os.urandom(32)
        if self.weak.sentinel and self.version < TLS12 and max(self.weak.versions) == TLS12:
            random = random[:24] + b"DOWNGRD\0"
        self.random = random
        compression = 1 if self.weak.deflate and 1 in self.hello.compressions else 0
        return message(2, u16(self.version) + random + vector(1, os.urandom(32)) + u16(self.suite) + bytes([compression]) + self.extensions())

    def groups(self):
        """Those of the client, X25519 for one that does not say."""
        groups = Cursor(self.hello.extensions.get(10, b"\0\2\0\x1d"))
        return [pair[0] for pair in struct.iter_unpack(">H", groups.vector(2))]

    def parameters(self):
        if self.suite in ECDHE and 29 in self.groups():  # any 32 bytes are a share of X25519
            return b"\3" + u16(29) + vector(1, (os.urandom(31) if self.weak.fresh else bytes(31)) + b"\x11")
        if self.suite in ECDHE:  # P-256 and its own base point, uncompressed
            point = bytes.fromhex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                                  "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
            return b"\3" + u16(23) + vector(1, point)
        if self.suite in DHE or self.suite in ANONYMOUS:
            p = PRIMES[self.weak.export_prime if self.suite in (0x0014, 0x0017) else self.weak.prime]
            y = pow(2, int.from_bytes(os.urandom(32), "big"), p)
            return vector(2, number(p)) + vector(2, b"\2") + vector(2, y.to_bytes(len(number(p)), "big"))
        if self.suite in EXPORT_RSA:
            modulus = bytearray(os.urandom(64))
            modulus[0] |= 0x80
            modulus[-1] |= 1
            return vector(2, bytes(modulus)) + vector(2, b"\1\0\1")
        return None

    def flight(self):
        messages = [self.server_hello()]
        if self.suite not in ANONYMOUS:
            messages.append(message(11, vector(3, vector(3, key().certificate))))
        parameters = self.parameters()
        if parameters is not None:
            signed = b""
            if self.suite not in ANONYMOUS:
                signature = key().sign(self.version, self.hello.random + self.random + parameters)
                signed = (b"\4\1" if self.version == TLS12 else b"") + vector(2, signature)
            messages.append(message(12, parameters + signed))
        self.send(*messages, message(14, b""))

    # -- what follows it --

    def heartbeat(self, content):
        if not self.weak.heartbeat:
            self.alert(UNEXPECTED)
        if content[0] != 1:
            return
        claimed, payload = int.from_bytes(content[1:3], "big"), content[3:]
        if claimed + 16 > len(payload):
            if self.weak.heartbeat != "bleeds":
                return
            payload += b"MEMORY" * (1 + claimed // 6)
        self.sock.sendall(record(HEARTBEAT, self.version, b"\2" + u16(claimed) + payload[:claimed] + bytes(16)))

    def change_cipher_spec(self):
        if self.heard_key_exchange:
            self.changed = True
        elif self.weak.ccs == "taken":
            self.empty_keys = True
        elif self.weak.ccs == "closed":
            raise Gone
        else:
            self.alert(UNEXPECTED)

    def silence(self):
        while self.sock.recv(65536):
            pass
        raise Gone

    def judged(self, block):
        """What a careless server knows of an encryption block: it begins well, it is well padded, its version is right."""
        begins = block[:2] == b"\0\2"
        padded = begins and block.find(b"\0", 2) == len(block) - 49
        return begins, padded, padded and block[-48:-46] == u16(self.hello.version)

    def key_exchange(self, body):
        if len(body) != 2 + key().size or self.suite not in (*STATIC_RSA, 0x0002, 0x0001, 0x003B, 0x0005, 0x0004, 0x000A):
            self.alert(FAILURE)
        begins, padded, right = self.judged(key().raw(body[2:]))
        way = self.weak.rsa
        if way == "mute":  # silent, whatever comes
            self.silence()
        if way == "alert" and not begins:  # Bleichenbacher's own
            self.alert(FAILURE)
        if way == "close" and not padded:
            raise Gone
        if way == "silent" and not padded:
            self.silence()
        if way == "later" and not padded:  # told at Finished
            self.finished_alert = 51
        if way == "short" and not begins and not self.more_comes():  # told only where nothing follows
            self.alert(FAILURE)
        if way == "version" and padded and not right:
            self.alert(ILLEGAL)
        if way == "weak" and not right:
            self.alert(ILLEGAL)
        if way == "chance" and not begins and self.server.turn() == 1:  # once, and never again
            self.alert(FAILURE)

    def more_comes(self):
        if self.buffer:
            return True
        self.sock.settimeout(0.03)
        try:
            self.need(1)
            return True
        except TimeoutError:
            return False
        finally:
            self.sock.settimeout(SECONDS)

    def handshake(self, content):
        if self.changed or self.empty_keys:  # nothing opens
            self.alert(self.finished_alert)
        if content[0] != 16 or self.heard_key_exchange:
            self.alert(UNEXPECTED)
        self.key_exchange(content[4:])
        self.heard_key_exchange = True

    def serve(self):
        self.hello = read_hello(self.first_message())
        self.choose()
        self.flight()
        while True:
            kind, content = self.record()
            if kind == HEARTBEAT and content:
                self.heartbeat(content)
            elif kind == CCS:
                self.change_cipher_spec()
            elif kind == HANDSHAKE and content:
                self.handshake(content)
            elif kind == ALERT:
                raise Gone
            else:
                self.alert(UNEXPECTED)


# ---- in front of a real server ----

class Lengthener:
    """Ticketbleed: a session id that is echoed is always 32 bytes long. Everything else is passed on."""

    def __init__(self, sock, port):
        self.sock, self.behind = sock, socket.create_connection(("127.0.0.1", port), SECONDS)
        self.short = b""

    @staticmethod
    def whole_record(sock):
        data = b""
        while len(data) < 5 or len(data) < 5 + int.from_bytes(data[3:5], "big"):
            more = sock.recv(65536)
            if not more:
                return data
            data += more
        return data

    def lengthened(self, data):
        """data begins with ServerHello's record."""
        length = int.from_bytes(data[3:5], "big")
        content, rest = data[5:5 + length], data[5 + length:]
        at = 4 + 2 + 32
        own = content[at + 1:at + 1 + content[at]] if len(content) > at else b""
        if not own or own != self.short or content[0] != 2:
            return data
        end = 4 + int.from_bytes(content[1:4], "big")
        body = content[4:at] + vector(1, own + b"M" * (32 - len(own))) + content[at + 1 + len(own):end]
        return data[:3] + vector(2, message(2, body) + content[end:]) + rest

    def serve(self):
        first = self.whole_record(self.sock)
        with contextlib.suppress(ValueError):
            session_id = read_hello(first[9:]).session_id
            self.short = session_id if 0 < len(session_id) < 32 else b""
        self.behind.sendall(first)
        up = threading.Thread(target=self.copy, args=(self.sock, self.behind), daemon=True)
        up.start()
        self.sock.sendall(self.lengthened(self.whole_record(self.behind)))
        self.copy(self.behind, self.sock)

    @staticmethod
    def copy(source, to):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)
        with contextlib.suppress(OSError):
            to.shutdown(socket.SHUT_WR)


# ---- the server ----

class WeakServer:
    """Serves in threads of its own until close(). behind: the port of the real server that "ticketbleed" stands in front of."""

    def __init__(self, name, port=0, behind=0, **changes):
        self.weak, self.behind = replace(CONFIGURATIONS[name], **changes), behind
        self.turns, self.lock = 0, threading.Lock()
        self.connections = 0
        key()
        self.socket = socket.create_server(("127.0.0.1", port), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def turn(self):
        with self.lock:
            self.turns += 1
            return self.turns

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self.socket.accept()
                self.connections += 1
                threading.Thread(target=self.one, args=(sock,), daemon=True).start()

    def one(self, sock):
        with sock, contextlib.suppress(Gone, OSError, ValueError, IndexError):
            sock.settimeout(SECONDS)
            connection = Lengthener(sock, self.behind) if self.weak.lengthens_id else Connection(self, sock)
            connection.serve()

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


@contextlib.contextmanager
def weak(name, behind=0, **changes):
    server = WeakServer(name, behind=behind, **changes)
    try:
        yield server
    finally:
        server.close()


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in CONFIGURATIONS:
        print("usage: weak_server.py CONFIGURATION PORT [PORT OF THE SERVER BEHIND]\n" + "\n".join(CONFIGURATIONS))
        return 0 if sys.argv[1:2] == ["list"] else 2
    server = WeakServer(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    print(f"listening on 127.0.0.1:{server.port}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    return 0


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    sys.exit(main())
