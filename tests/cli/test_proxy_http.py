# SPDX-License-Identifier: Apache-2.0 OR MIT
"""http mode end to end: requests and responses as they are passed on, byte for byte, between a client and a backend of the test's own."""
import json
import re
import ssl
import threading

import pytest

import proxied
from proxied_raw import OK, Client, Ended
from proxied_world import World

SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
UPGRADE = ["Connection: upgrade", "Upgrade: echo"]


@pytest.fixture(scope="module")
def running(binary, tmp_path_factory):
    with World(tmp_path_factory.mktemp("http")).running(binary) as world:
        yield world


@pytest.fixture
def world(running):
    yield running
    troubles = running.backend.troubles
    running.backend.renew()
    assert not troubles, troubles


def says(world, *parts, stay=True, read=True):
    """The backend's answer to every request from now on."""
    def answer(visit, head):
        if read:
            visit.body(head)
        for part in parts:
            visit.send(part)
        return stay
    world.backend.answer = answer


# ---- heads ----

def test_what_the_backend_is_told(world):
    """RFC 9110 7.6.1, RFC 7239: the connection's fields stay here, what only the proxy may say is said by it alone."""
    with world.client() as client:
        answer = client.ask("/x?y=1", headers=[
            "Connection: keep-alive, X-Hop", "X-Hop: 1", "Keep-Alive: 5", "TE: trailers", "Proxy-Authorization: x", "X-Forwarded-For: 6.6.6.6",
            "X_Forwarded_For: 6.6.6.6", "Forwarded: for=6.6.6.6", "X-Real-IP: 6.6.6.6", "X-Client-Cert-Verified: yes", "X-TLS-Version: SSLv2",
            "X-Forwarded-Proto: http", "Proxy: http://evil.test", "Cookie: a=b", "X-Mine: stays"])
        assert answer.status == 200
    head = world.backend.heads[-1]
    assert head.first == "GET /x?y=1 HTTP/1.1"
    assert b"6.6.6.6" not in head.raw and b"evil" not in head.raw
    for name in ("connection", "x-hop", "keep-alive", "te", "proxy-authorization", "x-real-ip", "proxy", "x_forwarded_for"):
        assert head.all(name) == [], name
    assert head.get("host") == "a.test" and head.get("cookie") == "a=b" and head.get("x-mine") == "stays"
    assert head.get("x-forwarded-for") == "127.0.0.1" and head.get("x-forwarded-proto") == "https"
    assert head.get("x-forwarded-host") == "a.test" and head.get("x-forwarded-port") == str(world.proxy.tls)
    assert re.fullmatch(r'for="127\.0\.0\.1:\d+";host="a\.test";proto=https', head.get("forwarded"))
    assert head.get("x-tls-version") == "TLSv1.3" and head.get("x-tls-cipher").startswith("TLS_")
    assert head.get("x-client-cert-verified") == "no" and head.all("x-client-cert-subject") == []
    assert head.get("via") == "1.1 handfast"


def test_what_the_client_is_told(world):
    says(world, b"HTTP/1.1 200 Fine\r\nConnection: X-Hop, keep-alive\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
                b"Content-Length: 2\r\n\r\nok")
    with world.client() as client:
        answer = client.ask()
    assert answer.head.first == "HTTP/1.1 200 Fine" and answer.body == b"ok"
    assert answer.all("set-cookie") == ["a", "b"]
    assert answer.all("x-hop") + answer.all("connection") + answer.all("keep-alive") == []


def test_one_field_may_be_most_of_a_head(world):
    """Tokens of Kerberos and content security policies are longer than 8 KiB; responses may be twice as long as requests."""
    says(world, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Security-Policy: " + b"p" * 20000 + b"\r\n", b"Set-Cookie: c=1\r\n" * 120, b"\r\n")
    with world.client() as client:
        reply = client.ask(headers=["Authorization: Negotiate " + "k" * 12000])
        assert reply.status == 200 and reply.get("content-security-policy") == "p" * 20000
    assert world.backend.heads[0].get("authorization") == "Negotiate " + "k" * 12000


def test_absolute_form(world):
    """RFC 9112 3.2.2: what a client of a proxy would send, if it says what Host says."""
    with world.client() as client:
        client.send(b"GET https://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n")
        assert client.response().status == 200
    assert world.backend.heads[-1].first == "GET /x HTTP/1.1"


def test_http10(world):
    """Without Host it is for the site of the handshake; it ends unless asked to stay."""
    with world.client() as client:
        client.send(b"GET / HTTP/1.0\r\n\r\n")
        assert client.response().get("connection") == "close"
        assert client.ends()
    assert world.backend.heads[-1].get("host") == "a.test"
    with world.client() as client:
        for _ in range(2):
            client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert client.response().get("connection") == "keep-alive"


def test_the_last_hop(world):
    """RFC 9110 7.6.2: Max-Forwards: 0 is answered here."""
    with world.client() as client:
        answer = client.ask("*", "OPTIONS", headers=["Max-Forwards: 0"])
        assert answer.status == 200 and answer.get("content-length") == "0"
        assert world.backend.heads == []
        client.ask("/", "OPTIONS", headers=["Max-Forwards: 5"])
    assert world.backend.heads[-1].get("max-forwards") == "4"


# ---- connections ----

def test_both_connections_stay(world):
    with world.client() as client:
        client.ask()
        before = world.backend.visits
        for i in range(5):
            assert client.ask(f"/{i}").get("connection") is None
        assert world.backend.visits == before
        assert client.ask(headers=["Connection: close"]).get("connection") == "close"
        assert client.ends()
    assert len(world.backend.heads) == 7
    assert all(head.get("connection") is None for head in world.backend.heads)


def test_pipelining(world):
    """RFC 9112 9.3.2: answers in the order of requests, bodies between them."""
    def answer(visit, head):
        body = visit.body(head) + head.first.encode()
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        return True
    world.backend.answer = answer
    many = b"".join(proxied.request("a.test", f"/{i}", "POST", b"body%d" % i) if i % 2 else proxied.request("a.test", f"/{i}")
                    for i in range(400))
    with world.client() as client:
        client.while_sending(many, lambda: client.buffer.count(b"HTTP/1.1 200 OK") == 400 and client.buffer.endswith(b"/399 HTTP/1.1"))
        for i in range(400):
            want = b"body%dPOST /%d HTTP/1.1" % (i, i) if i % 2 else b"GET /%d HTTP/1.1" % i
            assert client.response().body == want


def test_pipelined_answers_of_ours_wait(world):
    """Somebody who asks and asks, and reads nothing, costs no memory: he is not read from any more."""
    one = proxied.request("b.test", "/")
    with world.client() as client:
        assert client.is_not_read(one * 400)
    with world.client() as client:
        assert client.ask().status == 200


def test_a_head_in_single_bytes(world):
    with world.client() as client:
        for byte in proxied.request("a.test", "/slow"):
            client.send(bytes([byte]))
        assert client.response().status == 200
        assert client.ask("/next").status == 200
    assert [head.first for head in world.backend.heads] == ["GET /slow HTTP/1.1", "GET /next HTTP/1.1"]


# ---- bodies ----

def test_request_bodies(world):
    """By length and in chunks, with what a trailer may say; the framing is the client's."""
    bodies = []

    def answer(visit, head):
        bodies.append((head.get("content-length"), head.get("transfer-encoding"), visit.body(head)))
        visit.send(OK)
        return True
    world.backend.answer = answer
    with world.client() as client:
        client.ask("/", "POST", body=b"abc")
        client.send(proxied.request("a.test", "/", "POST", headers=["Transfer-Encoding: chunked", "Trailer: X-Sum"]))
        client.send(b"3\r\nabc\r\n")
        client.send(b"00A\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n")
        assert client.response().status == 200
        client.ask("/", "PUT", headers=["Content-Length: 0"])
    assert bodies == [("3", None, b"abc"), (None, "chunked", b"abc0123456789"), ("0", None, b"")]


@pytest.mark.parametrize("head, body, ends", [
    (b"Content-Length: 5", [b"ab", b"cde"], False),
    (b"Transfer-Encoding: chunked", [b"2\r\nab\r", b"\n3\r\ncde\r\n0\r\nX-T: 1\r\n", b"\r\n"], False),
    (b"X: until the end", [b"ab", b"cde"], True)])
def test_response_bodies(world, head, body, ends):
    says(world, b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n", *body, stay=not ends)
    with world.client() as client:
        answer = client.ask()
        assert answer.body == b"abcde"
        assert answer.get("connection") == ("close" if ends else None)
        if ends:
            assert client.ends()
        else:
            assert client.ask().body == b"abcde"


EXTENDED = [b'2;a=b\r\nab\r', b'\n3 ;x="', b'y;z";', b'w\r', b'\ncde\r\n0;last\r\nX-T: 1\r\n', b"\r\n"]


@pytest.mark.parametrize("parts", [EXTENDED, [b"".join(EXTENDED)], [bytes([b]) for b in b"".join(EXTENDED)],
                                   [b"1;" + b"x" * 1000 + b"\r\na\r\n", b"4;y\r\nbcde\r\n0\r\nX-T: 1\r\n\r\n"]])
def test_chunk_extensions_of_a_response(world, parts):
    """RFC 9112 7.1.1: they are ignored, and as they are one connection's they are not passed on."""
    says(world, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *parts)
    with world.client() as client:
        for _ in range(2):
            client.send(proxied.request("a.test"))
            assert client.read_head().get("transfer-encoding") == "chunked"
            raw = client.until(b"\r\n\r\n")
            assert b";" not in raw and raw.endswith(b"e\r\n0\r\nX-T: 1\r\n\r\n")
            assert b"".join(raw.split(b"\r\n")[1:-4:2]) == b"abcde"
        client.send(b"GET / HTTP/1.0\r\n\r\n")
        assert client.response().body == b"abcde" and client.ends()


def test_chunks_for_http10(world):
    """RFC 9112 6.1: it knows no chunks."""
    says(world, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", b"3\r\ncde\r\n0\r\n\r\n")
    with world.client() as client:
        client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        answer = client.response()
        assert answer.get("transfer-encoding") is None and answer.get("connection") == "close"
        assert answer.body == b"abcde"
        assert client.ends()


@pytest.mark.parametrize("method, status, head", [
    ("HEAD", b"200 OK", b"Content-Length: 1000"), ("HEAD", b"200 OK", b"Transfer-Encoding: chunked"), ("GET", b"204 None", b"X: y"),
    ("GET", b"304 Same", b"Content-Length: 1000")])
def test_responses_without_a_body(world, method, status, head):
    """RFC 9112 6.3: whatever the fields announce."""
    says(world, b"HTTP/1.1 " + status + b"\r\n" + head + b"\r\n\r\n")
    with world.client() as client:
        for _ in range(2):
            answer = client.ask("/", method)
            assert answer.body == b"" and str(answer.status).encode() == status[:3]
            assert head in answer.head.raw or head == b"X: y"


def test_much_both_ways(world):
    """Echoed while it comes, with a reader that is slow at first: nothing is gathered."""
    size = (1 << 30) if proxied.LONG else 48 << 20
    block = bytes(range(256)) * 256

    def answer(visit, head):
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        left = size
        while left:
            if not visit.buffer:
                visit.more()
            left -= len(visit.buffer)
            visit.send(visit.buffer)
            visit.buffer = visit.backend.seen = b""
        return True
    world.backend.answer = answer

    got, held = 0, []

    def enough():
        nonlocal got
        part, client.buffer = client.buffer, b""
        assert part == (block + block)[got % len(block):][:len(part)]
        if got >> 22 != (got + len(part)) >> 22:
            held.append(max(world.proxy.resident().values()))
        got += len(part)
        return got == size
    before = max(world.proxy.resident().values())
    with world.client() as client:
        client.send(proxied.request("a.test", "/", "POST", headers=[f"Content-Length: {size}"]))
        client.read_head()
        client.while_sending(block, enough, size // len(block))
    assert max(held) < before + 8 * 1024, (before, held)


# ---- 1xx, early answers, upgrades ----

def test_continue(world):
    """RFC 9110 10.1.1: the backend is asked, and its 100 passed on before the body comes."""
    def answer(visit, head):
        assert head.get("expect") == "100-continue"
        visit.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" + visit.body(head))
        return True
    world.backend.answer = answer
    with world.client() as client:
        for _ in range(2):
            client.send(proxied.request("a.test", "/", "POST", headers=["Expect: 100-continue", "Content-Length: 3"]))
            assert client.read_head().first == "HTTP/1.1 100 Continue"
            client.send(b"abc")
            assert client.response().body == b"abc"


def test_continue_refused(world):
    """The backend answers at once: the body will not come, so that the connection cannot stay."""
    says(world, b"HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno", read=False, stay=True)
    with world.client() as client:
        client.send(proxied.request("a.test", "/", "POST", headers=["Expect: 100-continue", "Content-Length: 3"]))
        answer = client.response()
        assert answer.status == 413 and answer.body == b"no" and answer.get("connection") == "close"
        assert client.ends()


def test_an_early_answer(world):
    """In the midst of a body: it arrives whole, then the connection ends in order."""
    says(world, b"HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno", read=False, stay=True)
    with world.client() as client:
        client.send(proxied.request("a.test", "/", "POST", headers=["Content-Length: 1000000"]) + b"x" * 5000)
        answer = client.response()
        assert answer.status == 413 and answer.body == b"no" and answer.get("connection") == "close"
        assert client.ends()
    with world.client() as client:  # and nobody gets what is left of that backend's connection
        says(world, OK)
        assert client.ask().body == b"ok"


def test_interim_responses(world):
    says(world, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3 + OK)
    with world.client() as client:
        client.send(proxied.request("a.test"))
        assert [client.read_head().first for _ in range(3)] == ["HTTP/1.1 103 Early Hints"] * 3
        assert client.response().body == b"ok"
        client.send(b"GET / HTTP/1.0\r\n\r\n")
        assert client.read_head().first == "HTTP/1.1 200 OK"
    says(world, b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100 + OK)
    with world.client() as client:
        client.send(proxied.request("a.test"))
        seen = [client.read_head().first]
        while seen[-1] == "HTTP/1.1 103 Early Hints":
            seen.append(client.read_head().first)
        assert seen[-1] == "HTTP/1.1 502 Bad Gateway" and len(seen) < 20


def echo(visit, head):
    assert head.get("upgrade") == "echo" and head.get("connection") == "upgrade"
    visit.send(SWITCH + b"first")
    while True:
        if not visit.buffer:
            try:
                visit.more()
            except Ended:
                visit.send(b"bye")
                raise
        visit.send(visit.buffer)
        visit.buffer = b""


def test_upgrade(world):
    """RFC 9110 7.8: after 101 the bytes are theirs, both ways, until each side ends."""
    world.backend.answer = echo
    with world.client() as client:
        client.send(proxied.request("a.test", "/", headers=UPGRADE))
        answer = client.response()
        assert answer.status == 101 and answer.get("upgrade") == "echo" and answer.get("connection") == "upgrade"
        assert client.exactly(5) == b"first"
        for n in (1, 100, 100000):
            client.send(b"z" * n)
            assert client.exactly(n) == b"z" * n
        client.send(b"GET / HTTP/1.1\r\n\r\n")  # not HTTP any more
        assert client.exactly(18) == b"GET / HTTP/1.1\r\n\r\n"


def test_upgrade_half_closed(world):
    """The client has said all that it had to say; the answer still comes."""
    world.backend.answer = echo
    with world.client() as client:
        client.send(proxied.request("a.test", "/", headers=UPGRADE))
        assert client.response().status == 101
        client.exactly(5)
        with pytest.raises(ssl.SSLError):  # Python's close_notify takes what comes behind it for an error
            client.sock.unwrap()
    assert world.backend.seen.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("said", [SWITCH.replace(b"Upgrade: echo", b"Upgrade: other"), SWITCH.replace(b"Upgrade: echo\r\n", b"")])
def test_upgrade_to_another_thing(world, said):
    says(world, said)
    with world.client() as client:
        assert client.ask(headers=UPGRADE).status == 502


def test_101_that_nobody_asked_for(world):
    says(world, SWITCH)
    with world.client() as client:
        assert client.ask().status == 502


@pytest.mark.parametrize("protocol", ["h2c", "HTTP/2.0", "TLS/1.3"])
def test_no_upgrade_past_us(world, protocol):
    """h2c is how requests are smuggled past a proxy's rules."""
    with world.client() as client:
        client.ask(headers=["Connection: Upgrade, HTTP2-Settings", f"Upgrade: {protocol}", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"])
    assert world.backend.heads[-1].all("upgrade") + world.backend.heads[-1].all("http2-settings") == []


# ---- backends that fail ----

GARBAGE = {
    "not HTTP": b"hello\r\n\r\n",
    "an empty line first": b"\r\n" + OK,
    "HTTP/2": b"HTTP/2 200 OK\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "a status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "a status of 600": b"HTTP/1.1 600 OK\r\n\r\n",
    "bare LF": OK.replace(b"\r\n", b"\n"),
    "obs-fold": b"HTTP/1.1 200 OK\r\nX: y\r\n z\r\nContent-Length: 0\r\n\r\n",
    "NUL": b"HTTP/1.1 200 OK\r\nX: \0\r\nContent-Length: 0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "gzip, chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "space before the colon": b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
    "a chunk that is none": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a chunk extension with LF": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\nab\r\n0\r\n\r\n",
    "a chunk extension that is too long": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;" + b"x" * 2000 + b"\r\nab\r\n0\r\n\r\n",
    "204 with a body": b"HTTP/1.1 204 None\r\nContent-Length: 2\r\n\r\nok",
    "too long": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 4000,
}


@pytest.mark.parametrize("name", GARBAGE)
def test_what_a_backend_may_not_say(world, name):
    says(world, GARBAGE[name], stay=False)
    with world.client() as client:
        answer = client.ask()
        assert answer.status == 502 and answer.get("cache-control") == "no-store"
        assert b"127.0.0.1" not in answer.body
        says(world, OK)
        assert client.ask().status == 200  # the client's connection is none the worse


def test_bytes_behind_a_response(world):
    """They are nobody's: least of all the next client's."""
    says(world, OK + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged", stay=True)
    with world.client() as client:
        for _ in range(4):
            assert client.ask().body == b"ok"


@pytest.mark.parametrize("said", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"])
def test_a_response_cut_short(world, said):
    """RFC 9112 8: no close_notify makes it look whole."""
    begun = threading.Event()

    def answer(visit, head):
        visit.send(said[:-3])
        begun.wait(proxied.LIMIT)
        visit.send(said[-3:])
        return False
    world.backend.answer = answer
    with world.client() as client:
        client.send(proxied.request("a.test"))
        client.read_head()
        begun.set()
        with pytest.raises((ssl.SSLEOFError, ConnectionResetError)):
            while True:
                client.more()


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-"])
def test_a_backend_that_leaves(world, said):
    """Fresh, it counts as an answer: 502, and nothing is sent twice."""
    says(world, said, stay=False)
    with world.client("x.a.test") as client:
        assert client.ask("/", "POST", host="x.a.test", body=b"abc").status == 502
    assert len(world.backend.heads) == 1


def leave_pooled(world, client):
    """The pool holds one connection; it will be closed when the next request comes."""
    says(world, OK)
    assert client.ask("/first").status == 200
    pooled = []

    def answer(visit, head):
        if not pooled and head.first.split(" ")[1] == "/second":
            pooled.append(head)
            return False
        visit.body(head)
        visit.send(OK)
        return True
    world.backend.answer = answer


def test_a_pooled_connection_that_is_gone(world):
    """RFC 9112 9.3.1: what can be repeated is repeated, once, on a new connection; a POST is not."""
    with world.client() as client:
        leave_pooled(world, client)
        assert client.ask("/second").status == 200
        leave_pooled(world, client)
        assert client.ask("/second", "POST", body=b"abc").status == 502
        assert client.ask("/third").status == 200
    assert [head.first.split(" ")[0] for head in world.backend.heads if "/second" in head.first] == ["GET", "GET", "POST"]


def test_nobody_is_there(world):
    with world.client("down.test") as client:
        answer = client.ask(host="down.test")
        assert answer.status == 503 and int(answer.get("retry-after")) > 0 and answer.get("cache-control") == "no-store"
        assert client.ask(host="down.test").status == 503
        answer = client.ask("/", "POST", host="down.test", body=b"abc")
        assert answer.status == 503 and answer.get("connection") == "close"


# ---- which site, and for whom ----

@pytest.mark.parametrize("sni, host, status", [
    ("a.test", "a.test", 200), ("a.test", "A.TEST", 200), ("a.test", "a.test:8443", 200), ("a.test", "a.test.", 200), ("a.test", "x.a.test", 200),
    ("a.test", "b.test", 421), ("x.a.test", "a.test", 200), ("a.test", "unknown.test", 421), ("a.test", "127.0.0.1", 421),
    ("b.test", "a.test", 421), ("b.test", "locked.test", 421)])
def test_misdirected(world, sni, host, status):
    """RFC 9110 15.5.20: the handshake proved one site, and Host asks for it."""
    before = len(world.backend.heads)
    with world.client(sni) as client:
        answer = client.ask(host=host)
        assert answer.status == status
    assert len(world.backend.heads) - before == (status == 200)


LOCKED = ["/admin", "/admin/", "/admin/x", "/admin?x", "/ADMIN/x", "//admin", "/x/../admin", "/x/%2e%2e/admin", "/%61dmin", "/admin;v=1/x",
          "/./admin", "/;/admin", "/;x=1/admin/users", "/%3b/admin", "/;%2fadmin", "/;x%2fy/admin", "/admin.", "/admin%20", "/admin%2500",
          "/admin.json", "//x.test/admin", "/index.php/admin"]


@pytest.mark.parametrize("path", LOCKED)
def test_a_path_that_needs_a_certificate(world, path):
    with world.client("locked.test") as client:
        answer = client.ask(path, host="locked.test")
        assert answer.status == 403 and answer.get("cache-control") == "no-store"
        for there in ("/open", "/administer", "/x;v=1/admin"):
            assert client.ask(there, host="locked.test").status == 200
    assert [head.first for head in world.backend.heads] == ["GET /open HTTP/1.1", "GET /administer HTTP/1.1", "GET /x;v=1/admin HTTP/1.1"]


def test_a_client_with_a_certificate(world):
    pair = (world.person["chain"], world.person["key"])
    with world.client("locked.test", pair=pair) as client:
        for path in ("/admin/x", "/administer"):
            assert client.ask(path, host="locked.test").status == 200
    head = world.backend.heads[-1]
    assert head.get("x-client-cert-verified") == "yes" and head.get("x-client-cert-subject") == "CN=device.test"
    assert head.get("x-client-cert-sans") == "DNS:device.test"
    assert re.fullmatch("([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}", head.get("x-client-cert-fingerprint"))


def test_unavailable(world):
    """Its certificate is missing: 503, over TLS with somebody's that no client trusts, and nothing reaches its backend."""
    with Client(world.proxy.tls, "gone.test") as client:
        answer = client.ask(host="gone.test")
        assert answer.status == 503 and answer.get("cache-control") == "no-store" and answer.get("strict-transport-security") is None
    assert world.backend.heads == []


def test_hsts(world):
    """RFC 6797 7.2: once, as it is configured, or as the backend says; not on a 503."""
    with world.client() as client:
        assert client.ask().get("strict-transport-security") == "max-age=31536000; includeSubDomains"
        says(world, OK.replace(b"Content", b"Strict-Transport-Security: max-age=5\r\nContent", 1))
        assert client.ask().all("strict-transport-security") == ["max-age=5"]
        says(world, OK.replace(b"200 OK", b"503 Busy"))
        assert client.ask().get("strict-transport-security") is None
        says(world, b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK)
        client.send(proxied.request("a.test"))
        assert "strict-transport-security" not in dict(client.read_head().fields)
        client.response()
    with world.client("b.test") as client:
        says(world, OK)
        assert client.ask(host="b.test").get("strict-transport-security") is None


def test_pages_of_ours(world):
    """A browser gets a page, others text; nothing of what is behind the proxy, nothing loaded from elsewhere."""
    with world.client() as client:
        text = client.ask(host="b.test")
        page = client.ask(host="b.test", headers=["Accept: text/html,*/*"])
        none = client.ask("/", "HEAD", host="b.test")
    assert text.get("content-type") == "text/plain; charset=utf-8" and text.body.startswith(b"421 Misdirected Request\n")
    assert page.get("content-type") == "text/html; charset=utf-8" and b"<h1>421 Misdirected Request</h1>" in page.body
    assert b"http" not in page.body.replace(b"https", b"http").replace(b'<meta', b"") and b"src=" not in page.body
    assert none.get("content-length") == text.get("content-length") and none.body == b""


def test_a_request_cut_short(world):
    """The backend sees no whole request."""
    seen = []

    def answer(visit, head):
        try:
            seen.append(visit.body(head))
        finally:
            seen.append("ended")
    world.backend.answer = answer
    with world.client() as client:
        client.send(proxied.request("a.test", "/", "POST", headers=["Content-Length: 10"]) + b"abc")
        proxied.until("the backend has it", lambda: b"abc" in world.backend.seen)
    proxied.until("the backend's connection ends", lambda: seen == ["ended"])


def test_every_request_is_told(world):
    """One line each: by whom it was answered, how, and how long it took; what is not printable of a target is escaped."""
    with world.client() as client:
        client.ask("/told?a", "POST", body=b"abc")
        client.ask("/told", host="b.test")

    def told():
        rows = [json.loads(line) for line in world.proxy.log().splitlines() if '"request"' in line]
        return [row for row in rows if row.get("target", "").startswith("/told")]
    proxied.until("both are told", lambda: len(told()) == 2)
    good, bad = told()
    assert (good["method"], good["target"], good["host"], good["status"]) == ("POST", "/told?a", "a.test", 200)
    assert (good["backend"], good["sent"], good["received"]) == (world.backend.address, 2, 3) and good["ms"] >= good["backend_ms"] >= 0
    assert (bad["status"], bad["site"]) == (421, "a.test") and "backend" not in bad and bad["why"]


def test_tls12(world):
    """There our close ends both ways (RFC 5246 7.2.1): responses end before."""
    context = proxied.client_context(world.pki.file)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Client(world.proxy.tls, "a.test", context=context) as client:
        assert client.ask().status == 200
        assert client.ask(headers=["Connection: close"]).body == b"ok"
        assert client.ends()
    assert world.backend.heads[-1].get("x-tls-version") == "TLSv1.2"
