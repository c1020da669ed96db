# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Connections of `handfast proxy` that break at any point, on either side: no worker falls, and nothing of them is left behind.
HANDFAST_LONG=1: many more rounds."""
import queue
import socket
import threading

import pytest

import proxied
import proxied_chaos as chaos
from proxied import LONG, stopped, until
from proxied_pki import Authority

THREADS, ROUNDS = 8, 4000 if LONG else 400
LIVING = 5  # workers, of which each may be the last of a crew of three; the proxy has room for twenty


@pytest.fixture
def scene(tmp_path):
    made = chaos.Scene(tmp_path, seed=7)
    yield made
    made.close()


def open_connections(proxy):
    return proxy.metrics()["handfast_open_connections"]


def nothing_is_left(proxy, before):
    """Our last bytes have their time (HF_STREAM_FLUSH_MS), then every socket is closed."""
    until("all clients are gone", lambda: open_connections(proxy) == 0, proxy.process)
    assert proxy.reload().returncode == 0  # so that the pools are given up
    until("all backends are", lambda: all(chaos.descriptors(pid) <= before for pid in proxy.workers()), proxy.process)


def ends_well(proxy):
    proxy.process.terminate()
    assert proxy.process.wait(proxied.LIMIT) == 0
    assert not chaos.faults(proxy.log())
    assert '"worker_died"' not in proxy.log()


@pytest.mark.parametrize("order", ["the client first", "the backend first"])
@pytest.mark.parametrize("name", ["tcp.test", "tcps.test"])
def test_a_client_resets_while_its_backend_sends(binary, scene, name, order, monkeypatch):
    """Both are read in one turn: what comes behind the end of a connection must not touch it any more."""
    there = queue.Queue()

    def hand_over(s, _):
        s.sendall(b"hello")
        done = threading.Event()
        there.put((s, done))
        done.wait(proxied.LIMIT)
    monkeypatch.setattr(chaos, "TALKS", (hand_over,))
    monkeypatch.setattr(chaos, "FAILS", 0)
    context = proxied.client_context()
    with scene.proxy(binary, workers=1, limits={}) as proxy:
        workers, before = proxy.workers(), chaos.descriptors(proxy.workers()[0])
        for _ in range(5):
            client = proxied.connect(proxy.tls, name, context=context)
            assert client.recv(100) == b"hello"
            backend, done = there.get(timeout=proxied.LIMIT)
            with stopped(workers[0]):
                steps = [lambda c=client: chaos.reset(c), lambda b=backend: b.sendall(b"more")]
                for step in steps if order == "the client first" else reversed(steps):
                    step()
            until("it is gone", lambda: open_connections(proxy) == 0, proxy.process)
            done.set()
        nothing_is_left(proxy, before)
        assert proxy.workers() == workers, "a worker fell"
        ends_well(proxy)


def other_plan(config, n):
    config["limits"] = {**config["limits"], "connections": 10000 + n}


def other_workers(config, n):
    config["workers"] = 2 + n % 2


@pytest.mark.parametrize("change", [other_plan, other_workers])
def test_unfriendly_peers_on_both_sides(binary, scene, change):
    """Meanwhile the configuration is read anew, for the same workers or for others, and in the end all are told to go."""
    with scene.proxy(binary) as proxy:
        workers, before, n = sorted(proxy.workers()), max(map(chaos.descriptors, proxy.workers())), 0
        clients = scene.clients(proxy)
        threads = clients.start(ROUNDS // 2, THREADS)
        while any(thread.is_alive() for thread in threads) or n % 2 or n < 4:
            n += 1
            until("former workers leave room for others", lambda: len(proxy.workers()) <= LIVING, proxy.process)
            change(proxy.config, n)
            proxy.write()
            assert proxy.reload().returncode == 0
            threads[n % THREADS].join(1)
        assert clients.spoken > ROUNDS * 0.3
        if change is other_plan:
            nothing_is_left(proxy, before)
            assert sorted(proxy.workers()) == workers, "a worker fell"
        else:
            until("the former workers end", lambda: len(proxy.workers()) == 2, proxy.process)
        threads = clients.start(THREADS * 5, THREADS)  # and some while it ends
        ends_well(proxy)
        for thread in threads:
            thread.join()


# ---- a connection in the pool ----

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


def serve_one(s, body):
    head = chaos.read_head(s)
    s.sendall(ANSWER + body)
    return head


@pytest.mark.parametrize("unasked", [ANSWER + b"evil", b"x"])
def test_a_backend_in_the_pool_speaks_unasked(binary, tmp_path, unasked):
    """Behind the next request's beginning and before its head has left: the connection is spoilt, another one is asked."""
    pki = Authority(tmp_path)
    pair = pki.leaf("a.test").into(tmp_path, "a")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(proxied.LIMIT)
        row = {"names": ["a.test"], "certificates": [pair], "backend": "127.0.0.1:%d" % server.getsockname()[1]}
        with proxied.Proxy(binary, tmp_path, [row], workers=1) as proxy, proxied.connect(proxy.tls, "a.test", pki.file) as client:
            client.sendall(proxied.request("a.test", "/one"))
            first = server.accept()[0]
            first.settimeout(proxied.LIMIT)
            serve_one(first, b"one!")
            assert read(client, len(ANSWER) + 4).endswith(b"one!")
            with stopped(proxy.workers()[0]):
                client.sendall(proxied.request("a.test", "/two"))
                first.sendall(unasked)
            second = server.accept()[0]
            second.settimeout(proxied.LIMIT)
            assert serve_one(second, b"two!").startswith(b"GET /two ")
            assert b"two!" in client.recv(1000)
            assert first.recv(1000) == b"", "it was asked all the same"


def read(s, least):
    got = b""
    while len(got) < least:
        part = s.recv(1000)
        assert part, got
        got += part
    return got
