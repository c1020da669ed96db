# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Long streams through `handfast proxy`, both ways, over TLS: whole, and in flat memory of all its processes. HANDFAST_LONG=1: a gigabyte
each."""
import hashlib
import json
import subprocess

import pytest

import proxied
from interop import need
from proxied import LONG, until
from proxy_peers import House, memory_of, node_server, popen

SIZE = (1 << 30) if LONG else (64 << 20)
GROWTH = 4096  # KiB, of each process
PATTERN = bytes(i * 7 % 251 for i in range(1 << 16))


@pytest.fixture(scope="module")
def scene(tmp_path_factory, pki):
    assert pki
    house = House(tmp_path_factory.mktemp("stream"))
    with node_server() as port, house.proxy(house.site("a.test", port), house.site("tcp.test", port, mode="tcp")) as proxy:
        for name in ("a.test", "tcp.test"):  # what a first long stream takes, it takes once
            for _ in range(6):
                assert proxied.ask(proxy.tls, name, house.ca, "/bytes/4000000").status == 200
                assert proxied.ask(proxy.tls, name, house.ca, "/sink", method="POST", body=bytes(4000000)).status == 200
        yield house, proxy


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "data"
    digest = hashlib.sha256()
    with open(path, "wb") as f:
        for _ in range(SIZE // len(PATTERN)):
            f.write(PATTERN)
            digest.update(PATTERN)
    yield path, digest.hexdigest()
    path.unlink()


def through(scene, name, *words):
    """curl's output, and by how much each process grew at most."""
    house, proxy = scene
    need("curl")
    before = proxy.resident()
    process = popen(["curl", "-sS", "--fail", "--cacert", house.ca, "--resolve", f"{name}:{proxy.tls}:127.0.0.1", *words],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        with memory_of(proxy, process) as most:
            pass
        said, wrong = process.communicate()
    finally:
        proxied.end(process, 9)
    assert process.returncode == 0, (process.returncode, wrong)
    grown = {pid: kib - before[pid] for pid, kib in most.items()}
    print(f"{name}: {SIZE >> 20} MB, grown by {grown} KiB of {before}")
    return said, grown


@pytest.mark.parametrize("name", ("a.test", "tcp.test"))
@pytest.mark.parametrize("how", ("length", "chunked"))
def test_upload(scene, data, name, how):
    path, digest = data
    more = ("-H", "Transfer-Encoding: chunked") if how == "chunked" else ()
    said, grown = through(scene, name, "-T", path, "-X", "POST", *more, f"https://{name}:{scene[1].tls}/sink")
    assert json.loads(said) == {"length": SIZE, "sha256": digest}
    assert max(grown.values()) < GROWTH, grown


@pytest.mark.parametrize("name", ("a.test", "tcp.test"))
def test_download(scene, data, tmp_path, name):
    out = tmp_path / "out"
    _, grown = through(scene, name, "-o", out, f"https://{name}:{scene[1].tls}/bytes/{SIZE}")
    digest = hashlib.sha256()
    with open(out, "rb") as f:
        while part := f.read(1 << 20):
            digest.update(part)
    out.unlink()
    assert digest.hexdigest() == data[1]
    assert max(grown.values()) < GROWTH, grown


def test_a_reader_that_stops(scene):
    """Back-pressure: what it does not read is not taken from the backend. It goes on, and nothing is missing."""
    house, proxy = scene
    before = proxy.resident()
    readers = []
    for _ in range(20):
        s = proxied.connect(proxy.tls, "a.test", house.ca)
        s.sendall(proxied.request("a.test", "/bytes/20000000", headers=("Connection: close",)))
        readers.append(s)
    sent = settled(lambda: sum(value for row, value in proxy.metrics().items() if "bytes" in row))
    grown = {pid: kib - before[pid] for pid, kib in proxy.resident().items()}
    assert max(grown.values()) < GROWTH + 20 * 256, (grown, sent)
    for s in readers:
        with s:
            got = b"".join(iter(lambda s=s: s.recv(1 << 16), b""))
        head, _, body = got.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200") and len(body) == 20000000 and body[:65536] == PATTERN, (head, len(body))


def settled(read):
    """Once it stays the same over a while: all that goes by itself has gone."""
    last = [read(), 0]

    def same():
        now = read()
        last[1] = last[1] + 1 if now == last[0] else 0
        last[0] = now
        return last[1] >= 20
    until("nothing moves any more", same)
    return last[0]


def test_a_backend_that_stops_reading(scene):
    """The same for an upload: the client is made to wait."""
    house, proxy = scene
    with proxied.socket.create_server(("127.0.0.1", 0)) as stuck:
        proxy.config["sites"].append(house.site("stuck.test", stuck.getsockname()[1]))
        proxy.write()
        assert proxy.reload().returncode == 0
        before = proxy.resident()
        s = proxied.connect(proxy.tls, "stuck.test", house.ca)
        s.sendall(b"POST / HTTP/1.1\r\nHost: stuck.test\r\nContent-Length: 1000000000\r\n\r\n")
        s.setblocking(False)
        sent = 0
        there, _ = stuck.accept()

        def push():
            nonlocal sent
            was = sent
            try:
                while True:
                    sent += s.send(PATTERN)
            except (proxied.ssl.SSLWantWriteError, proxied.ssl.SSLWantReadError, BlockingIOError):
                return sent == was and settled_once()
        idle = [0]

        def settled_once():
            idle[0] += 1
            return idle[0] >= 30
        until("the client is made to wait", push)
        grown = {pid: kib - before[pid] for pid, kib in proxy.resident().items()}
        assert max(grown.values()) < GROWTH and sent < max(64 << 20, 3 * proxied.room_of_sockets()), (grown, sent)
        there.close()
        s.close()
