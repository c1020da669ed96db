# SPDX-License-Identifier: Apache-2.0 OR MIT
"""`handfast proxy` in tcp mode, end to end: bytes both ways at each other's pace, ends that are passed on, backends that are proved or
refused, the PROXY protocol in and out, and the limits that a client meets before anything is spoken with it."""
import contextlib
import hashlib
import os
import socket
import ssl
import struct
import threading
import time

import proxied
import pytest
from proxied_pki import Authority


MUCH = max(48 << 20, 2 * proxied.room_of_sockets() + (16 << 20))  # more than two connections hold
LITTLE = 16 << 10  # KiB: what a proxy may grow by while MUCH waits (memory that was freed counts under AddressSanitizer)
PP2 = b"\r\n\r\n\x00\r\nQUIT\n"


class Backend:
    """Hands each connection to a function, in a thread of its own."""

    def __init__(self, talk, context=None, path=None):
        self.talk, self.context, self.errors = talk, context, []
        self.server = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.server.bind(path or ("127.0.0.1", 0))
        self.server.listen(64)
        self.address = f"unix:{path}" if path else "127.0.0.1:%d" % self.server.getsockname()[1]
        self.over = False
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while not self.over:
            try:
                s, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(s,), daemon=True).start()

    def one(self, s):
        s.settimeout(proxied.LIMIT)
        try:
            if self.context:
                s = self.context.wrap_socket(s, server_side=True)
            with s:
                self.talk(s)
        except OSError as e:
            self.errors.append(e)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over = True
        self.server.close()


def read_all(s):
    parts = []
    while part := s.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def echo(s):
    while part := s.recv(1 << 16):
        s.sendall(part)


def answer_at_end(s):
    """Says what it got once nothing more comes: the client's end must have been passed on."""
    got = read_all(s)
    s.sendall(b"got %d %s" % (len(got), hashlib.sha256(got).hexdigest().encode()))


class Halves:
    """A TLS client whose directions end one by one, which ssl.SSLSocket cannot do."""

    def __init__(self, port, name, ca, version=None, preface=b""):
        context = proxied.client_context(ca)
        if version:
            context.minimum_version = context.maximum_version = version
        self.raw = socket.create_connection(("127.0.0.1", port), timeout=proxied.LIMIT)
        self.raw.sendall(preface)
        self.into, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.into, self.out, server_hostname=name)
        self.do(self.tls.do_handshake)

    def do(self, step):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.flush()
                part = self.raw.recv(1 << 16)
                if part:
                    self.into.write(part)
                else:
                    self.into.write_eof()
            finally:
                self.flush()

    def flush(self):
        if self.out.pending:
            self.raw.sendall(self.out.read())

    def send(self, data):
        self.tls.write(data)
        self.flush()

    def end(self):
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.unwrap()
        self.flush()

    def read(self):
        """All until close_notify; b"": it was there already."""
        parts = []
        while True:
            try:
                part = self.do(lambda: self.tls.read(1 << 16))
            except ssl.SSLZeroReturnError:
                part = b""
            if not part:
                return b"".join(parts)
            parts.append(part)

    def close(self):
        self.raw.close()


@pytest.fixture
def pki(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def start(binary, tmp_path, pki):
    """start(backend, …) runs a proxy with one site, a.test, in tcp mode."""
    with contextlib.ExitStack() as stack:
        def run(backend, mode="tcp", workers=1, extra=(), **more):
            site = {"names": ["a.test"], "certificates": [pki.leaf("a.test").into(tmp_path, "a.test")], "backend": backend, "mode": mode}
            return stack.enter_context(proxied.Proxy(binary, tmp_path, [site, *extra], workers=workers, **more))
        yield run


def dial(proxy, pki, **more):
    return proxied.connect(proxy.tls, "a.test", pki.file, **more)


# ---- bytes ----

def test_bytes_go_both_ways(start, pki):
    with Backend(echo) as backend, dial(start(backend.address), pki) as s:
        for part in (b"x", b"hello\n", os.urandom(100000)):
            s.sendall(part)
            got = b""
            while len(got) < len(part):
                more = s.recv(1 << 16)
                assert more, got
                got += more
            assert got == part


def test_the_clients_end_is_passed_on_and_the_answer_still_comes(start, pki):
    data = os.urandom(300000)
    with Backend(answer_at_end) as backend:
        s = Halves(start(backend.address).tls, "a.test", pki.file, ssl.TLSVersion.TLSv1_3)
        s.send(data)
        s.end()
        assert s.read() == b"got %d %s" % (len(data), hashlib.sha256(data).hexdigest().encode())
        s.close()


def test_the_backends_end_is_passed_on_and_the_client_still_speaks(start, pki):
    heard = []

    def end_first(s):
        s.sendall(b"that is all")
        s.shutdown(socket.SHUT_WR)
        heard.append(read_all(s))
    with Backend(end_first) as backend:
        s = Halves(start(backend.address).tls, "a.test", pki.file, ssl.TLSVersion.TLSv1_3)
        assert s.read() == b"that is all"
        s.send(b"not for me")
        s.end()
        proxied.until("the backend has heard the rest", lambda: heard)
        assert heard == [b"not for me"]
        s.close()


def test_in_tls_12_an_end_is_the_end_of_both(start, pki):
    """RFC 5246 7.2.1."""
    heard = []
    with Backend(lambda s: heard.append(read_all(s))) as backend:
        s = Halves(start(backend.address).tls, "a.test", pki.file, ssl.TLSVersion.TLSv1_2)
        s.send(b"all of it")
        s.end()
        assert s.read() == b""
        proxied.until("the backend heard its end", lambda: heard)
        assert heard == [b"all of it"]
        s.close()


def test_a_slow_backend_makes_a_fast_client_wait(start, pki):
    go = threading.Event()

    def slow(s):
        go.wait(proxied.LIMIT)
        answer_at_end(s)
    data = os.urandom(1 << 20) * (MUCH >> 20)
    with Backend(slow) as backend:
        proxy = start(backend.address)
        s = Halves(proxy.tls, "a.test", pki.file, ssl.TLSVersion.TLSv1_3)
        before, sent = sum(proxy.resident().values()), 0
        s.raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        s.raw.settimeout(1)
        with contextlib.suppress(TimeoutError):
            while sent < len(data):
                s.tls.write(data[sent:sent + 16384])
                sent += 16384
                while s.out.pending or getattr(s, "rest", b""):
                    s.rest = getattr(s, "rest", b"") or s.out.read()
                    s.rest = s.rest[s.raw.send(s.rest):]
        assert sent < len(data), "the client was never made to wait"
        assert sum(proxy.resident().values()) - before < LITTLE
        go.set()
        s.raw.settimeout(proxied.LIMIT)
        s.raw.sendall(s.rest)
        while sent < len(data):
            s.send(data[sent:sent + 16384])
            sent += 16384
        s.end()
        assert s.read() == b"got %d %s" % (len(data), hashlib.sha256(data).hexdigest().encode())
        s.close()


def test_a_slow_client_makes_a_fast_backend_wait(start, pki):
    data = os.urandom(1 << 20) * (MUCH >> 20)
    sent = []

    def gush(s):
        s.sendall(data)
        sent.append(True)
    with Backend(gush) as backend:
        proxy = start(backend.address)
        before = sum(proxy.resident().values())
        with dial(proxy, pki) as s:
            assert not sent
            got = s.recv(10)
            assert sum(proxy.resident().values()) - before < LITTLE
            assert got + read_all(s) == data


# ---- backends ----

def backend_context(pair):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair["chain"], pair["key"])
    return context


def backend_row(backend, ca, **more):
    return {"address": backend.address, "tls": {"name": "backend.test", "ca": str(ca)}, **more}


def test_a_backend_of_tls_is_proved(start, pki, tmp_path):
    context = backend_context(pki.leaf("backend.test").into(tmp_path, "backend"))
    with Backend(echo, context) as backend, dial(start(backend_row(backend, pki.file)), pki) as s:
        s.sendall(b"hello")
        assert s.recv(10) == b"hello"


@pytest.mark.parametrize("name,theirs", [("other.test", True), ("backend.test", False)])
def test_a_backend_that_cannot_be_proved_is_refused(start, pki, tmp_path, name, theirs):
    """Another name, or another CA: the client gets an alert, the backend not one byte of it, and the log says why."""
    heard = []
    issuer = pki if theirs else Authority(tmp_path, "Other")
    context = backend_context(issuer.leaf(name).into(tmp_path, "backend"))
    with Backend(lambda s: heard.append(read_all(s)), context) as backend:
        proxy = start(backend_row(backend, pki.file))
        with dial(proxy, pki) as s:
            with pytest.raises(ssl.SSLError, match="(?i)internal.error"):
                s.sendall(b"secret")
                s.recv(10)
        proxied.until("the backend's end of it", lambda: heard or backend.errors)
        assert heard in ([], [b""])
        proxied.until("the log says so", lambda: backend.address in proxy.log())


def test_a_backend_that_is_down_is_passed_over(start, pki):
    nobody = f"127.0.0.1:{proxied.free_ports(1)[0]}"
    with Backend(echo) as backend:
        proxy = start([nobody, backend.address, nobody])
        for _ in range(5):
            with dial(proxy, pki) as s:
                s.sendall(b"x")
                assert s.recv(1) == b"x"


def test_with_no_backend_the_client_is_told_by_an_alert(start, pki):
    proxy = start([f"127.0.0.1:{port}" for port in proxied.free_ports(2)])
    with dial(proxy, pki) as s, pytest.raises(ssl.SSLError, match="(?i)internal.error"):
        s.recv(1)


def test_backends_are_taken_in_turn(start, pki):
    seen = []
    with contextlib.ExitStack() as stack:
        backends = [stack.enter_context(Backend(lambda s, i=i: (seen.append(i), echo(s)))) for i in range(3)]
        proxy = start([b.address for b in backends])
        for _ in range(6):
            with dial(proxy, pki) as s:
                s.sendall(b"x")
                assert s.recv(1) == b"x"
    assert seen == [0, 1, 2, 0, 1, 2]


def test_a_backend_behind_a_unix_socket(start, pki, tmp_path):
    with Backend(echo, path=str(tmp_path / "back.sock")) as backend, dial(start(backend.address), pki) as s:
        s.sendall(b"hello")
        assert s.recv(10) == b"hello"


def test_what_breaks_behind_does_not_end_in_order_before(start, pki):
    """A backend of TLS that is cut off: half an answer must not look like a whole one."""
    def cut(s):
        s.sendall(b"half")
        raw = socket.socket(fileno=os.dup(s.fileno()))
        raw.shutdown(socket.SHUT_RDWR)
        raw.close()
    context = backend_context(pki.leaf("backend.test").into(pki.file.parent, "backend"))
    with Backend(cut, context) as backend, dial(start(backend_row(backend, pki.file)), pki) as s:
        with pytest.raises(ssl.SSLError, match="(?i)internal.error"):
            assert s.recv(10) == b"half"
            s.recv(10)


# ---- the PROXY protocol ----

def pp2(source, port):
    addresses = socket.inet_aton(source) + socket.inet_aton("192.0.2.8") + struct.pack("!HH", port, 443)
    return PP2 + b"\x21\x11" + struct.pack("!H", len(addresses)) + addresses


def first_line(s):
    line = b""
    while not line.endswith(b"\n"):
        part = s.recv(1)
        if not part:
            return
        line += part
    s.sendall(line)
    echo(s)


@pytest.mark.parametrize("preface", [b"PROXY TCP4 192.0.2.7 192.0.2.8 4711 443\r\n", pp2("192.0.2.7", 4711)], ids=["v1", "v2"])
def test_the_header_that_came_is_told_on(start, pki, preface):
    with Backend(first_line) as backend:
        proxy = start({"address": backend.address, "proxy_protocol": "v1"}, proxy_protocol=True, proxy_protocol_from=["127.0.0.0/8"])
        s = Halves(proxy.tls, "a.test", pki.file, preface=preface)
        s.end()
        assert s.read() == b"PROXY TCP4 192.0.2.7 192.0.2.8 4711 443\r\n"
        s.close()


def test_a_port_of_zero_is_told_on_with_its_address(start, pki):
    header = b"PROXY TCP4 192.0.2.7 192.0.2.8 0 0\r\n"
    with Backend(first_line) as backend:
        proxy = start({"address": backend.address, "proxy_protocol": "v1"}, proxy_protocol=True, proxy_protocol_from=["127.0.0.0/8"])
        s = Halves(proxy.tls, "a.test", pki.file, preface=header)
        s.end()
        assert s.read() == header
        s.close()


def test_a_header_in_single_bytes(start, pki):
    with Backend(first_line) as backend:
        proxy = start({"address": backend.address, "proxy_protocol": "v1"}, proxy_protocol=True, proxy_protocol_from=["127.0.0.1"])
        context = proxied.client_context(pki.file)
        raw = socket.create_connection(("127.0.0.1", proxy.tls), timeout=proxied.LIMIT)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in pp2("192.0.2.7", 4711):
            raw.sendall(bytes([byte]))
            time.sleep(0.001)  # so that they come one by one, mostly
        with context.wrap_socket(raw, server_hostname="a.test") as s:
            assert s.recv(100).startswith(b"PROXY TCP4 192.0.2.7 ")


def test_version_2_tells_of_tls_too(start, pki):
    def show(s):
        head = s.recv(16, socket.MSG_WAITALL)
        rest = s.recv(struct.unpack("!H", head[14:])[0], socket.MSG_WAITALL)
        s.sendall(head + rest)
    with Backend(show) as backend, dial(start({"address": backend.address, "proxy_protocol": "v2"}), pki) as s:
        said = read_all(s)
        assert said.startswith(PP2 + b"\x21\x11")
        assert said[16:20] == said[20:24] == socket.inet_aton("127.0.0.1")
        assert struct.unpack("!H", said[24:26])[0] == s.getsockname()[1]
        assert b"a.test" in said and b"TLSv1.3" in said


def refused(port, preface=b""):
    """Closed without a byte."""
    with socket.create_connection(("127.0.0.1", port), timeout=proxied.LIMIT) as s:
        with contextlib.suppress(ConnectionError):
            s.sendall(preface)
            return s.recv(1) == b""
    return True


def test_who_may_not_send_the_header_is_cut_off(start):
    with Backend(echo) as backend:
        proxy = start(backend.address, proxy_protocol=True, proxy_protocol_from=["10.0.0.0/8", "2001:db8::/32"])
        assert refused(proxy.tls, pp2("192.0.2.7", 1))
        proxied.until("the log says so", lambda: "(proxy_protocol_from)" in proxy.log())


@pytest.mark.parametrize("preface", [b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", b"PROXY TCP4 nonsense\r\n", b"\x16\x03\x01\x00\x05", PP2 + b"\x31\x11\0\0"])
def test_what_is_no_header_is_cut_off(start, preface):
    with Backend(echo) as backend:
        assert refused(start(backend.address, proxy_protocol=True, proxy_protocol_from=["127.0.0.1"]).tls, preface)


# ---- names ----

def test_an_unknown_name_gets_its_alert(start, pki):
    with Backend(echo) as backend:
        proxy = start(backend.address)
        with pytest.raises(ssl.SSLError, match="(?i)unrecognized.name"):
            proxied.connect(proxy.tls, "other.test", pki.file)


def test_a_site_without_certificate_is_refused_and_never_another(start, pki, tmp_path):
    gone = {"names": ["b.test"], "certificates": [{"chain": str(tmp_path / "none.pem"), "key": str(tmp_path / "none.key")}],
            "backend": "127.0.0.1:9", "mode": "tcp"}
    with Backend(echo) as backend:
        proxy = start(backend.address, extra=[gone])
        with pytest.raises(ssl.SSLError, match="(?i)internal.error"):
            proxied.connect(proxy.tls, "b.test")
        dial(proxy, pki).close()


# ---- limits ----

def wait_for_cut(port, preface, drip=b""):
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=0.2) as s:
        s.sendall(preface)
        while time.monotonic() - began < proxied.LIMIT:
            try:
                if drip:
                    s.sendall(drip)
                while s.recv(1000):
                    pass
                break
            except TimeoutError:
                continue
            except ConnectionError:
                break
    return time.monotonic() - began


HELLO_BEGINS = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


SLOW = {"nothing": (b"", b""), "a piece": (HELLO_BEGINS, b""), "byte by byte": (HELLO_BEGINS, b"\0"),
        "the start of a method": (b"P", b""), "one byte": (b"\x16", b"")}


def test_slow_clients_are_cut_at_the_handshakes_limit(start):
    took = {}

    def one(what):
        took[what] = wait_for_cut(proxy.tls, *SLOW[what])
    with Backend(echo) as backend:
        proxy = start(backend.address, limits={"handshake": "1s", "header": "10m"})
        threads = [threading.Thread(target=one, args=(what,)) for what in SLOW]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(took) == len(SLOW) and all(0.9 < seconds < proxied.LIMIT for seconds in took.values()), took


def test_a_slow_header_counts_as_well(start):
    with Backend(echo) as backend:
        proxy = start(backend.address, proxy_protocol=True, proxy_protocol_from=["127.0.0.1"], limits={"handshake": "10m", "header": "1s"})
        assert 0.9 < wait_for_cut(proxy.tls, PP2) < proxied.LIMIT


def test_no_more_connections_than_the_limit_over_all_workers(start, pki):
    with Backend(echo) as backend, contextlib.ExitStack() as stack:
        proxy = start(backend.address, workers=2, limits={"connections": 3})
        for _ in range(3):
            s = stack.enter_context(dial(proxy, pki))
            s.sendall(b"x")
            assert s.recv(1) == b"x"
        assert refused(proxy.tls)
        s.close()
        proxied.until("a place is free again", lambda: serves(proxy, pki))


def serves(proxy, pki):
    with contextlib.suppress(OSError), dial(proxy, pki) as s:
        s.sendall(b"x")
        return s.recv(1) == b"x"
    return False


def test_no_more_of_one_address_than_its_limit(start, pki):
    """Behind a proxy each client has his own count."""
    with Backend(echo) as backend, contextlib.ExitStack() as stack:
        proxy = start(backend.address, proxy_protocol=True, proxy_protocol_from=["127.0.0.1"], limits={"per_address": 2})

        def client(address):
            s = Halves(proxy.tls, "a.test", pki.file, preface=pp2(address, 1000))
            stack.callback(s.close)
            return s
        client("192.0.2.1")
        client("192.0.2.1")
        assert refused(proxy.tls, pp2("192.0.2.1", 1000))
        client("192.0.2.2")


def test_a_silent_connection_ends_at_the_idle_limit(start, pki):
    def served_and_ended():
        """How long it took from then on; None: this machine was so busy that it was silent for a second before it was served."""
        with dial(proxy, pki) as s:
            began = time.monotonic()
            s.sendall(b"x")
            if s.recv(1) != b"x":
                return None
            assert s.recv(1) == b""
            return time.monotonic() - began
    with Backend(echo) as backend:
        proxy = start(backend.address, limits={"idle": "1s"})
        assert proxied.until("one is served in time", served_and_ended) > 0.9


def test_without_descriptors_it_waits_and_goes_on(start, pki):
    """Those that are served stay so, the others wait, nothing spins, and all is well once there is room."""
    with Backend(echo) as backend, contextlib.ExitStack() as stack:
        proxy = start(backend.address, before=["prlimit", "--nofile=64:64"], limits={"connections": 1000})
        assert "limits.connections: 1000 do not fit" in proxy.log()
        first = stack.enter_context(dial(proxy, pki))
        first.sendall(b"1")
        assert first.recv(1) == b"1"  # its backend's connection is open before all others are
        crowd = [stack.enter_context(socket.create_connection(("127.0.0.1", proxy.tls))) for _ in range(100)]
        proxied.until("the log says so", lambda: "too many open files" in proxy.log().lower())
        first.sendall(b"x")
        assert first.recv(1) == b"x"
        worker, = proxy.workers()
        before, began = cpu_seconds(worker), time.monotonic()
        time.sleep(1)  # of which it may not use much
        assert cpu_seconds(worker) - before < 0.3 * (time.monotonic() - began)
        for s in crowd:
            s.close()
        proxied.until("there is room again", lambda: serves(proxy, pki))


def test_the_standard_number_of_connections_is_what_fits(start, pki):
    """Without limits.connections nobody is warned, and who comes over what the descriptors allow is refused: none of them runs out."""
    with Backend(echo) as backend, contextlib.ExitStack() as stack:
        proxy = start(backend.address, before=["prlimit", "--nofile=64:64"])
        assert "do not fit" not in proxy.log()
        first = stack.enter_context(dial(proxy, pki))
        first.sendall(b"1")
        assert first.recv(1) == b"1"  # its backend's connection is open before all others are
        crowd = [stack.enter_context(socket.create_connection(("127.0.0.1", proxy.tls))) for _ in range(100)]
        proxied.until("the log says so", lambda: "for the files that a worker may have open" in proxy.log())
        refusals = 'handfast_connections_refused_total{limit="connections"}'
        proxied.until("the others are refused", lambda: proxy.metrics()[refusals] == 101 - proxy.metrics()["handfast_open_connections"])
        assert 10 < proxy.metrics()["handfast_open_connections"] < 40
        first.sendall(b"x")
        assert first.recv(1) == b"x"
        for s in crowd:
            s.close()
        proxied.until("there is room again", lambda: serves(proxy, pki))
        assert "too many open files" not in proxy.log().lower()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        words = f.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


# ---- reload, and the end ----

def test_a_connection_outlives_a_reload(start, pki):
    with Backend(echo) as backend:
        proxy = start(backend.address)
        with dial(proxy, pki) as s:
            for _ in range(3):
                assert proxy.reload().returncode == 0
                s.sendall(b"still here")
                assert s.recv(100) == b"still here"


def test_the_end_waits_for_connections_until_its_limit(start, pki):
    with Backend(echo) as backend:
        proxy = start(backend.address, limits={"drain": "2s"})
        with dial(proxy, pki) as s:
            s.sendall(b"here")
            assert s.recv(100) == b"here"
            began = time.monotonic()
            proxy.process.terminate()
            assert proxy.process.wait(proxied.LIMIT) == 0
            assert time.monotonic() - began > 1.9


def test_the_end_comes_with_the_last_connection(start, pki):
    with Backend(echo) as backend:
        proxy = start(backend.address, limits={"drain": "1h"})
        s = dial(proxy, pki)
        s.sendall(b"here")
        assert s.recv(100) == b"here"
        proxy.process.terminate()
        proxied.until("no new ones", lambda: not proxied.listens(proxy.tls))
        s.sendall(b"still here")
        assert s.recv(100) == b"still here"
        s.unwrap()
        s.close()
        assert proxy.process.wait(proxied.LIMIT) == 0
