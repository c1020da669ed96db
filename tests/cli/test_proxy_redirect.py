# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Plain HTTP: the redirect listener and its challenges, and plain HTTP on the TLS port. Nothing of it reaches a backend."""
import os
import socket

import pytest

import proxied
from proxied_raw import Client
from proxied_world import World

TOKEN = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
WELL_KNOWN = "/.well-known/acme-challenge/"


@pytest.fixture(scope="module")
def running(binary, tmp_path_factory):
    with World(tmp_path_factory.mktemp("redirect")).running(binary) as world:
        yield world


@pytest.fixture
def world(running):
    yield running
    assert running.backend.seen == b""


def ask(world, path="/", host=None, **more):
    with world.plain() as client:
        return client.ask(path, host=host or f"a.test:{world.proxy.redirect}", **more)


# ---- redirects ----

@pytest.mark.parametrize("method, status", [("GET", 301), ("HEAD", 301), ("POST", 308), ("PUT", 308), ("OPTIONS", 308)])
@pytest.mark.parametrize("path", ["/", "/x/y?a=b&c=%2F", "//evil.test/x", "/?https://evil.test"])
def test_to_https(world, method, status, path):
    """The same host, the same path; the method stays (RFC 9110 15.4.9)."""
    answer = ask(world, path, method=method)
    assert answer.status == status
    assert answer.get("location") == f"https://a.test:{world.proxy.tls}{path}"
    assert answer.get("strict-transport-security") is None  # RFC 6797 7.2


def test_ports_that_are_mapped(world):
    """Who came by port 80 came through somebody that maps ports: https:// is at its own."""
    assert ask(world, host="a.test").get("location") == "https://a.test/"
    assert ask(world, host="a.test:8080").get("location") == "https://a.test/"


def test_hosts(world):
    """Only to hosts that a site answers to (no open redirect); a name has no case, and may have the root's dot."""
    port = world.proxy.redirect
    for host in ("A.TEST", "x.a.test", "a.test."):
        assert ask(world, host=f"{host}:{port}").get("location") == f"https://{host.rstrip('.')}:{world.proxy.tls}/"
    for host in ("evil.test", "a.test.evil.test", "x.y.a.test", "127.0.0.1", "[::1]", "test", "default"):
        answer = ask(world, host=host)
        assert answer.status == 421 and answer.get("location") is None and answer.get("cache-control") == "no-store", host


def test_http10_without_host(world):
    with world.plain() as client:
        client.send(b"GET / HTTP/1.0\r\n\r\n")
        assert client.response().status == 400


def test_absolute_form(world):
    with world.plain() as client:
        client.send(b"GET http://b.test/x HTTP/1.1\r\nHost: b.test\r\n\r\n")
        assert client.response().get("location") == "https://b.test/x"


def test_unavailable(world):
    """Its certificate is missing: no redirect to a certificate that nobody trusts."""
    answer = ask(world, host="gone.test")
    assert answer.status == 503 and answer.get("cache-control") == "no-store" and int(answer.get("retry-after")) > 0
    assert answer.get("location") is None and answer.get("strict-transport-security") is None


def test_one_after_another(world):
    one = proxied.request("a.test")
    with world.plain() as client:
        for byte in one:
            client.send(bytes([byte]))
        assert client.response().status == 301
        client.send(one * 50)
        assert [client.response().status for _ in range(50)] == [301] * 50
        assert client.ask(method="POST", body=b"abc").get("connection") == "close"  # no body is read here
        assert client.ends()


def test_who_reads_nothing_is_not_read(world):
    one = proxied.request("a.test")
    with world.plain() as client:
        assert client.is_not_read(one * 400)
    assert ask(world).status == 301


def test_pages(world):
    text, page = ask(world, host="evil.test"), ask(world, host="evil.test", headers=["Accept: text/html"])
    assert text.body.startswith(b"421 Misdirected Request\n\nThere is no site of this name here.")
    assert b"<h1>421 Misdirected Request</h1>" in page.body and b"evil" not in page.body


# ---- challenges ----

@pytest.fixture
def challenges(world):
    """As certbot --webroot makes them."""
    folder = world.challenges / ".well-known/acme-challenge"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TOKEN).write_text(TOKEN + ".thumbprint")
    return folder


@pytest.mark.parametrize("host", ["a.test", "gone.test", "not-yet.test", "127.0.0.1"])
def test_a_challenge_is_served(world, challenges, host):
    """RFC 8555 8.3: before any redirect, 503 or 421, as it is how a site gets its first certificate."""
    answer = ask(world, WELL_KNOWN + TOKEN, host=host)
    assert answer.status == 200 and answer.body == f"{TOKEN}.thumbprint".encode()
    head = ask(world, WELL_KNOWN + TOKEN, host=host, method="HEAD")
    assert head.status == 200 and head.get("content-length") == str(len(answer.body))
    assert ask(world, WELL_KNOWN + TOKEN, host=host, method="POST").status == 405


def test_a_folder_of_challenges_alone(world):
    (world.challenges / "flat").write_text("flat.x")
    assert ask(world, WELL_KNOWN + "flat").body == b"flat.x"


def test_a_challenge_that_comes_and_goes(world, challenges):
    (challenges / "later").write_text("1")
    assert ask(world, WELL_KNOWN + "later").status == 200
    (challenges / "later").unlink()
    assert ask(world, WELL_KNOWN + "later").status == 404


@pytest.mark.parametrize("name", ["", "..", "../secret", "%2e%2e/secret", "..%2fsecret", "/secret", "x/../secret", ".hidden", "link",
                                  "folder", "fifo", "big", "x" * 200, "nothing", "a.b", "%61"])
def test_no_other_file(world, challenges, name):
    """Tokens are base64url: nothing leads out of the folder, and nothing in it that is no short regular file is read."""
    for secret in (world.challenges / "secret.txt", challenges / ".hidden", challenges / "a.b", world.folder / "secret"):
        secret.write_text("secret")
    (challenges / "folder").mkdir(exist_ok=True)
    (challenges / "big").write_bytes(b"x" * 70000)
    if not (challenges / "link").is_symlink():
        (challenges / "link").symlink_to(world.folder / "secret")
        os.mkfifo(challenges / "fifo")
    answer = ask(world, WELL_KNOWN + name)
    assert answer.status == 404 and b"secret" not in answer.body


def test_paths_beside_it(world, challenges):
    """Written in another way it is no challenge."""
    for path in ("/.well-known/acme-challenge", "/.WELL-KNOWN/acme-challenge/" + TOKEN, "//.well-known/acme-challenge/" + TOKEN,
                 "/x/../.well-known/acme-challenge/" + TOKEN):
        assert ask(world, path).status == 301, path


# ---- plain HTTP on the TLS port ----

@pytest.mark.parametrize("sent, words", [
    (b"GET /x HTTP/1.1\r\nHost: a.test:8443\r\n\r\n", b"https://a.test:8443/"), (b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n", b"https://a.test/"),
    (b"POST / HTTP/1.1\r\nHost: <x>\r\nContent-Length: 3\r\n\r\nabc", b"https://"), (b"GET / HTTP/1.0\r\n\r\n", b"https://"),
    (b"PROPFIND /x HTTP/1.1\r\nHost: a.test\r\n\r\n", b"https://a.test/"), (b"m-search * HTTP/1.1\r\nHost: a.test\r\n\r\n", b"https://"),
    (b"MKCALENDAR HTTP://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n", b"https://a.test/"), (b"CONNECT a.test:1 HTTP/1.1\r\nHost: a.test:1\r\n\r\n", b""),
    (b"GET /\r\nHost: \0\r\n", b"https://"), (b"HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n", b"")])
def test_the_hint(world, sent, words):
    with Client(world.proxy.tls, plain=True) as client:
        client.send(sent)
        answer = client.response(sent.split(b" ")[0].decode())
        assert answer.status == 400 and words in answer.body and answer.get("connection") == "close"
        assert b"<x>" not in answer.body and answer.get("location") is None
        assert client.ends()


@pytest.mark.parametrize("sent", [b"EHLO a.test\r\n", b"GET htt\r\n\r\n", b"\x80\x2e\x01\x00\x02", b"GET\r\n", b"a" * 25, b" / HTTP/1.1\r\n\r\n"])
def test_no_hint_for_what_is_no_http(world, sent):
    """That is told in TLS, which its sender does not speak either."""
    with socket.create_connection(("127.0.0.1", world.proxy.tls), timeout=proxied.LIMIT) as s:
        s.sendall(sent)
        s.shutdown(socket.SHUT_WR)
        assert b"HTTP" not in s.recv(100)


def test_the_hint_to_who_writes_slowly(world):
    """Each byte is on its way before the next one is; the answer comes when it is clear what they are."""
    with socket.create_connection(("127.0.0.1", world.proxy.tls), timeout=proxied.LIMIT) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"PROPFIND http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n":
            s.sendall(bytes([byte]))
        assert s.recv(100).startswith(b"HTTP/1.1 400 ")
