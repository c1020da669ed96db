# SPDX-License-Identifier: Apache-2.0 OR MIT
"""http mode's limits, a default site, and how connections end when the proxy does. Of the limits one at a time is a second, and nothing that
is to go well has to be done within it: a busy machine may need longer."""
import select
import signal
import socket
import ssl
import threading
import time

import pytest

import proxied
from proxied_raw import OK, Client
from proxied_world import World

FIRST = proxied.request("a.test", "/")  # with the end of the handshake, where a limit runs from there on


@pytest.fixture(scope="module")
def running(binary, tmp_path_factory):
    with World(tmp_path_factory.mktemp("limits"), rest=True, limits={"head_bytes": "4KiB"}).running(binary) as world:
        yield world


@pytest.fixture
def world(running):
    running.backend.renew()
    return running


@pytest.fixture
def short(binary, tmp_path):
    """A proxy of its own, with that limit of a second."""
    made = []

    def start(name):
        made.append(World(tmp_path, limits={name: "1s"}).running(binary))
        return made[-1].__enter__()
    yield start
    for running in made:
        running.__exit__(None, None, None)


# ---- limits ----

def test_a_slow_head(short):
    """limits.header, from the head's first byte: 408, and the end."""
    world = short("header")
    with world.client(first=FIRST) as client:
        assert client.response().status == 200
        client.send(b"GET / HTTP/1.1\r\nHost: a.te")
        answer = client.response()
        assert answer.status == 408 and answer.get("connection") == "close"
        assert client.ends()
    assert len(world.backend.heads) == 1


def test_a_slow_head_in_plain(short):
    with short("header").plain() as client:
        client.send(b"GET / HTTP/1.1\r\n")
        assert client.response().status == 408
        assert client.ends()


def test_a_hint_without_a_head(short):
    with Client(short("header").proxy.tls, plain=True) as client:
        client.send(b"GET / HTT")
        assert client.response().status == 400


def test_an_idle_connection(short):
    """limits.idle: closed in order, without a word."""
    with short("idle").client(first=FIRST) as client:
        assert client.response().status == 200
        assert client.ends()


def test_who_asks_for_nothing_does_not_keep_a_place(binary, tmp_path):
    """limits.header counts from the handshake on, limits.idle only from the first response on."""
    with World(tmp_path, limits={"header": "1s", "idle": "5m"}).running(binary) as world, world.client(first=FIRST) as guest:
        assert guest.response().status == 200
        with world.client() as stranger:
            assert stranger.ends()
        assert guest.ask().status == 200


def test_a_body_that_stops(short):
    first = proxied.request("a.test", "/", "POST", headers=["Content-Length: 10"]) + b"abc"
    with short("idle").client(first=first) as client:
        assert client.response().status == 408
        assert client.ends()


def test_a_backend_that_says_nothing(short):
    """limits.response: 504; the connection to the client stays, that to the backend does not. (Soon enough is what comes within a second:
    asked for until it does.)"""
    world = short("response")
    gone = threading.Event()

    def answer(visit, head):
        visit.rest()
        gone.set()
    world.backend.answer = answer
    with world.client() as client:
        answer = client.ask()
        assert answer.status == 504 and answer.get("cache-control") == "no-store"
        assert gone.wait(proxied.LIMIT)
        visits = world.backend.visits
        world.backend.renew()
        proxied.until("an answer", lambda: client.ask().status == 200)
    assert world.backend.visits > visits


def test_a_backend_that_stops(short):
    """In the midst of a body: the client sees that it is not whole."""
    world = short("idle")

    def answer(visit, head):
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        visit.rest()
    world.backend.answer = answer
    with world.client(first=FIRST) as client:
        client.read_head()
        with pytest.raises((ssl.SSLEOFError, ConnectionResetError)):
            while True:
                client.more()


@pytest.mark.parametrize("head, status", [("X: " + "y" * 5000, 431), ("X: " + "y" * 3000, 200)])
def test_head_bytes(world, head, status):
    with world.client() as client:
        assert client.ask(headers=[head]).status == status


# ---- the default site ----

@pytest.mark.parametrize("sni, host, status", [
    (None, "127.0.0.1", 200), (None, "[::1]:8443", 200), (None, "whoever.test", 200), ("whoever.test", "another.test", 200),
    (None, "a.test", 421), ("whoever.test", "b.test", 421), ("a.test", "whoever.test", 421)])
def test_the_default_site(world, sni, host, status):
    """For names that no other site has; not a way around the others' handshakes."""
    with Client(world.proxy.tls, sni) as client:
        assert client.ask(host=host).status == status


@pytest.mark.parametrize("host, there", [("127.0.0.1", False), ("[::1]", False), ("127.1", False), ("whoever.test", True), ("1.test", True)])
def test_hsts_is_for_names(world, host, there):
    """RFC 6797 8.1.1: an address has none."""
    with Client(world.proxy.tls, None) as client:
        assert (client.ask(host=host).get("strict-transport-security") is not None) == there


def test_http10_without_host(world):
    """Nobody knows its name, and nobody makes one up."""
    with Client(world.proxy.tls, None) as client:
        client.send(b"GET / HTTP/1.0\r\n\r\n")
        assert client.response().status == 200
    assert world.backend.heads[-1].get("host") == ""


def test_redirects_of_the_default_site(world):
    with world.plain() as client:
        assert client.ask(host="whoever.test").get("location") == "https://whoever.test/"


# ---- the end ----

def test_connections_end_in_order(binary, tmp_path):
    """SIGTERM: an idle connection is closed, a request under way is answered, says that it was the last, and counts."""
    asked, go = threading.Event(), threading.Event()

    def answer(visit, head):
        if head.first.startswith("GET /slow"):
            asked.set()
            go.wait(proxied.LIMIT)
        visit.send(OK)
        return True
    with World(tmp_path).running(binary) as world:
        world.backend.answer = answer
        with world.client() as idle, world.client() as busy:
            idle.ask()
            busy.send(proxied.request("a.test", "/slow"))
            assert asked.wait(proxied.LIMIT)
            world.proxy.process.send_signal(signal.SIGTERM)
            assert idle.ends()
            go.set()
            last = busy.response()
            assert last.status == 200 and last.body == b"ok" and last.get("connection") == "close"
            assert busy.ends()
        assert world.proxy.process.wait(proxied.LIMIT) == 0


def test_an_idle_connection_delays_the_end_for_a_moment_alone(binary, tmp_path):
    """Nothing is under way: neither who has asked before nor who never did, or said nothing at all, holds the proxy for its other limits."""
    world = World(tmp_path, limits={"handshake": "2m", "header": "2m", "idle": "2m", "drain": "2m"})
    with world.running(binary), world.client() as kept, world.client() as fresh, world.plain() as plain, \
            socket.create_connection(("127.0.0.1", world.proxy.tls), timeout=proxied.LIMIT) as silent:
        kept.ask()
        plain.ask(host="a.test")
        world.proxy.process.send_signal(signal.SIGTERM)
        assert kept.ends() and fresh.ends() and plain.ends() and silent.recv(1) == b""
        assert world.proxy.process.wait(proxied.LIMIT) == 0


def test_a_redirect_on_its_way_is_answered(binary, tmp_path):
    """The redirect listener's connections have that moment too. A worker that waits hears of things in their order, once it runs again."""
    with World(tmp_path).running(binary) as world, world.plain() as client:
        client.ask(host="a.test")
        worker, = world.proxy.workers()
        proxied.until("the worker waits", lambda: proxied.stat_of(worker)[:1] == ["S"])
        with proxied.stopped(worker):
            world.proxy.process.send_signal(signal.SIGTERM)
            proxied.until("the worker is told", lambda: world.proxy.status()["workers"][0]["state"] == "draining")
            client.send(proxied.request("a.test"))
        answer = client.response()
        assert answer.status == 301 and answer.get("connection") == "close"
        assert client.ends()
        assert world.proxy.process.wait(proxied.LIMIT) == 0


def test_a_request_that_came_in_time_is_answered(binary, tmp_path):
    """A kept connection has a moment for its next request when the proxy stops; that a worker did not get to run meanwhile counts for no
    one: what has come by then is answered."""
    while True:
        with World(new_folder(tmp_path)).running(binary) as world, world.client() as client:
            client.ask()
            worker, = world.proxy.workers()
            world.proxy.process.send_signal(signal.SIGTERM)
            while proxied.listens(world.proxy.tls):  # without a pause: the moment is a second
                pass
            with proxied.stopped(worker):
                if select.select([client.sock], [], [], 0)[0]:
                    continue  # this machine was busy elsewhere, and the moment is over before anything could be tried
                client.send(proxied.request("a.test", "/"))
                time.sleep(1.2)  # the moment is over
            answer = client.response()
            assert answer.status == 200 and answer.get("connection") == "close"
            assert client.ends()
            assert world.proxy.process.wait(proxied.LIMIT) == 0
            return


def new_folder(folder):
    made = folder / str(len(list(folder.iterdir())))
    made.mkdir()
    return made


def test_a_reload_ends_connections_after_a_response(binary, tmp_path):
    """What began under the old settings is told in its next response that it ends."""
    with World(tmp_path).running(binary) as world:
        with world.client() as client:
            assert client.ask().get("connection") is None
            assert world.proxy.reload().returncode in (0, 1)  # 1: gone.test is unavailable
            answer = client.ask()
            assert answer.status == 200 and answer.get("connection") == "close"
            assert client.ends()
        with world.client() as client:
            assert client.ask().get("connection") is None
