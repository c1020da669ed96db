# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Request smuggling (RFC 9112 11.2): what two readers could understand in two ways is refused, and the backend hears not a byte of it."""
import pytest

from proxied import until
from proxied_world import World


@pytest.fixture(scope="module")
def running(binary, tmp_path_factory):
    with World(tmp_path_factory.mktemp("framing")).running(binary) as world:
        yield world


@pytest.fixture
def world(running):
    running.backend.renew()
    return running


def get(*lines, first="GET / HTTP/1.1", host="Host: a.test"):
    return "\r\n".join([first, *([host] if host else []), *lines, "", ""]).encode("latin-1")


def post(*lines, body=b""):
    return get(*lines, first="POST / HTTP/1.1") + body


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked"
END = b"0\r\n\r\n"

ROWS = {
    # Content-Length and Transfer-Encoding
    "CL.TE": (post("Content-Length: 6", CHUNKED, body=END + b"G"), 400),
    "TE.CL": (post(CHUNKED, "Content-Length: 4", body=b"5c\r\n" + SMUGGLED + END), 400),
    "TE and CL 0": (post("Content-Length: 0", CHUNKED, body=END), 400),
    "CL twice, the same": (post("Content-Length: 3", "Content-Length: 3", body=b"abc"), 400),
    "CL twice, different": (post("Content-Length: 3", "Content-Length: 0", body=b"abc"), 400),
    "CL a list of equals": (post("Content-Length: 3, 3", body=b"abc"), 400),
    "CL a list": (post("Content-Length: 3, 5", body=b"abc"), 400),
    "CL with a plus": (post("Content-Length: +3", body=b"abc"), 400),
    "CL negative": (post("Content-Length: -1"), 400),
    "CL hexadecimal": (post("Content-Length: 0x3", body=b"abc"), 400),
    "CL with a zero first": (post("Content-Length: 03", body=b"abc"), 400),
    "CL empty": (post("Content-Length:"), 400),
    "CL with a space inside": (post("Content-Length: 1 0", body=b"a"), 400),
    "CL over 64 bits": (post("Content-Length: 18446744073709551617", body=b"a"), 400),
    "CL a fraction": (post("Content-Length: 3.0", body=b"abc"), 400),
    "CL folded by underscore": (post("Content_Length: 3", body=b"abc"), 400),
    "CL folded by a tilde": (post("Content~Length: 3", body=b"abc"), 400),
    "CL with a space before its colon": (post("Content-Length : 3", body=b"abc"), 400),
    "CL with a tab before its colon": (post("Content-Length\t: 3", body=b"abc"), 400),
    "CL named by Connection": (post("Connection: content-length", "Content-Length: 3", body=b"abc"), 400),
    "CL with other digits": (post("Content-Length: \xb3", body=b"abc"), 400),
    "TE twice": (post(CHUNKED, CHUNKED, body=END), 400),
    "TE twice, one identity": (post(CHUNKED, "Transfer-Encoding: identity", body=END), 400),
    "TE identity": (post("Transfer-Encoding: identity", body=b"abc"), 501),
    "TE gzip": (post("Transfer-Encoding: gzip", body=b"abc"), 501),
    "TE gzip, chunked": (post("Transfer-Encoding: gzip, chunked", body=END), 501),
    "TE chunked, identity": (post("Transfer-Encoding: chunked, identity", body=END), 400),
    "TE chunked twice in one": (post("Transfer-Encoding: chunked, chunked", body=END), 400),
    "TE xchunked": (post("Transfer-Encoding: xchunked", body=END), 400),
    "TE with a quote": (post('Transfer-Encoding: "chunked"', body=END), 400),
    "TE with a parameter": (post("Transfer-Encoding: chunked;q=1", body=END), 400),
    "TE with a comma first": (post("Transfer-Encoding: ,chunked", body=END), 400),
    "TE with a vertical tab": (post("Transfer-Encoding: \x0bchunked", body=END), 400),
    "TE empty": (post("Transfer-Encoding:", body=END), 400),
    "TE with a space before its colon": (post("Transfer-Encoding : chunked", body=END), 400),
    "TE folded by underscore": (post("Transfer_Encoding: chunked", body=END), 400),
    "TE on a folded line": (post("X: y", " Transfer-Encoding: chunked", body=END), 400),
    "TE behind a bare CR": (post("X: y\rTransfer-Encoding: chunked", body=END), 400),
    "TE behind a bare LF": (post("X: y\nTransfer-Encoding: chunked", body=END), 400),
    "TE in HTTP/1.0": (get(CHUNKED, first="POST / HTTP/1.0") + END, 400),
    # chunks
    "chunk extension": (post(CHUNKED, body=b"3;a=b\r\nabc\r\n" + END), 400),
    "chunk extension with LF": (post(CHUNKED, body=b"3;\nabc\r\n" + END), 400),
    "chunk size over 64 bits": (post(CHUNKED, body=b"10000000000000003\r\nabc\r\n" + END), 400),
    "chunk size over 62 bits": (post(CHUNKED, body=b"8000000000000000\r\nabc\r\n" + END), 400),
    "chunk size with a sign": (post(CHUNKED, body=b"+3\r\nabc\r\n" + END), 400),
    "chunk size negative": (post(CHUNKED, body=b"-3\r\nabc\r\n" + END), 400),
    "chunk size with 0x": (post(CHUNKED, body=b"0x3\r\nabc\r\n" + END), 400),
    "chunk size empty": (post(CHUNKED, body=b"\r\nabc\r\n" + END), 400),
    "chunk size with a space": (post(CHUNKED, body=b"3 \r\nabc\r\n" + END), 400),
    "chunk size behind a space": (post(CHUNKED, body=b" 3\r\nabc\r\n" + END), 400),
    "chunk size with an underscore": (post(CHUNKED, body=b"1_0\r\n0123456789abcdef\r\n" + END), 400),
    "chunk size ends with LF": (post(CHUNKED, body=b"3\nabc\r\n" + END), 400),
    "chunk size ends with CR": (post(CHUNKED, body=b"3\rabc\r\n" + END), 400),
    "chunk longer than it says": (post(CHUNKED, body=b"3\r\nabcd\r\n" + END), 400),
    "chunk without CRLF": (post(CHUNKED, body=b"3\r\nabc0\r\n\r\n"), 400),
    "chunk behind with LF": (post(CHUNKED, body=b"3\r\nabc\n" + END), 400),
    "last chunk with LF": (post(CHUNKED, body=b"0\r\n\n" + SMUGGLED), 400),
    "trailer that frames": (post(CHUNKED, body=b"0\r\nContent-Length: 5\r\n\r\n"), 400),
    "trailer that routes": (post(CHUNKED, body=b"0\r\nHost: b.test\r\n\r\n"), 400),
    "trailer that is ours": (post(CHUNKED, body=b"0\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n"), 400),
    "trailer folded": (post(CHUNKED, body=b"0\r\nX: y\r\n z\r\n\r\n"), 400),
    "trailer without colon": (post(CHUNKED, body=b"0\r\nabc\r\n\r\n"), 400),
    "trailers without end": (post(CHUNKED, body=b"0\r\n" + b"X: y\r\n" * 2000), 400),
    # lines and fields
    "obs-fold": (get("X: y", " z"), 400),
    "obs-fold with a tab": (get("X: y", "\tz"), 400),
    "space before the first field": (get(host=" Host: a.test"), 400),
    "bare LF ends the lines": (b"GET / HTTP/1.1\nHost: a.test\n\n", 400),
    "bare LF ends the head": (b"GET / HTTP/1.1\r\nHost: a.test\r\n\n", 400),
    "bare CR in a value": (get("X: a\rb"), 400),
    "bare CR in the request line": (b"GET /\r HTTP/1.1\r\nHost: a.test\r\n\r\n", 400),
    "NUL in a value": (get("X: a\0b"), 400),
    "NUL in a name": (get("X\0: b"), 400),
    "NUL in the target": (get(first="GET /\0 HTTP/1.1"), 400),
    "an escaped NUL in the path": (get(first="GET /%00 HTTP/1.1"), 400),
    "DEL in a value": (get("X: a\x7fb"), 400),
    "a field without a colon": (get("X"), 400),
    "a field without a name": (get(": x"), 400),
    "a name with a space": (get("X Y: z"), 400),
    "a name with a parenthesis": (get("X(): z"), 400),
    "too many fields": (get(*["X: y"] * 201), 431),
    "a field that is too long": (get("X: " + "y" * 17000), 431),
    "a head that is too long": (get(*["X: " + "y" * 1000] * 17), 431),
    "a head without an end": (b"GET / HTTP/1.1\r\nHost: a.test\r\n" + b"X: y\r\n" * 4000, 431),
    "a target that is too long": (get(first="GET /" + "a" * 9000 + " HTTP/1.1"), 414),
    # the request line
    "HTTP/0.9": (b"GET /\r\n\r\n", 400),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/1.2": (get(first="GET / HTTP/1.2"), 505),
    "HTTP/2.0": (get(first="GET / HTTP/2.0"), 505),
    "HTTP/1.10": (get(first="GET / HTTP/1.10"), 400),
    "HTTP/1": (get(first="GET / HTTP/1"), 400),
    "http/1.1": (get(first="GET / http/1.1"), 400),
    "HTTP /1.1": (get(first="GET / HTTP /1.1"), 400),
    "two spaces": (get(first="GET  / HTTP/1.1"), 400),
    "a tab": (get(first="GET\t/ HTTP/1.1"), 400),
    "four parts": (get(first="GET / x HTTP/1.1"), 400),
    "a space at the end": (get(first="GET / HTTP/1.1 "), 400),
    "a space at the start": (get(first=" GET / HTTP/1.1"), 400),
    "two empty lines first": (b"\r\n\r\n" + get(), 400),
    "a method in lower case": (get(first="get / HTTP/1.1"), 501),
    "a method that is none": (get(first="G(T / HTTP/1.1"), 400),
    "a method that is too long": (get(first="A" * 40 + " / HTTP/1.1"), 501),
    "CONNECT": (get(first="CONNECT a.test:443 HTTP/1.1"), 501),
    "TRACE": (get(first="TRACE / HTTP/1.1"), 501),
    "a target that is no path": (get(first="GET a.test HTTP/1.1"), 400),
    "* of GET": (get(first="GET * HTTP/1.1"), 400),
    "a fragment": (get(first="GET /#x HTTP/1.1"), 400),
    "a backslash": (get(first="GET /a\\b HTTP/1.1"), 400),
    "half an escape": (get(first="GET /%2 HTTP/1.1"), 400),
    "bytes over 127": (get(first="GET /\xe4 HTTP/1.1"), 400),
    # Host
    "no Host": (get(host=None), 400),
    "Host twice": (get("Host: a.test"), 400),
    "Host twice, different": (get("Host: b.test"), 400),
    "Host a list": (get(host="Host: a.test, b.test"), 400),
    "Host empty": (get(host="Host:"), 400),
    "Host with a path": (get(host="Host: a.test/x"), 400),
    "Host with a user": (get(host="Host: x@a.test"), 400),
    "Host with a space": (get(host="Host: a.test b.test"), 400),
    "Host with a port that is none": (get(host="Host: a.test:x"), 400),
    "Host with a port too large": (get(host="Host: a.test:65536"), 400),
    "Host named by Connection": (get("Connection: host"), 400),
    "absolute-form against Host": (get(first="GET https://b.test/ HTTP/1.1"), 400),
    "absolute-form of ftp": (get(first="GET ftp://a.test/ HTTP/1.1"), 400),
    "absolute-form with a user": (get(first="GET https://x@a.test/ HTTP/1.1"), 400),
    # the rest
    "Expect another thing": (get("Expect: 200-ok"), 417),
    "Upgrade without Connection": (get("Upgrade: websocket"), 400),
    "Connection is no list": (get('Connection: "close"'), 400),
    "Max-Forwards is no number": (get("Max-Forwards: x", first="OPTIONS / HTTP/1.1"), 400),
}


def test_there_are_enough():
    assert len(ROWS) >= 60


@pytest.mark.parametrize("name", ROWS)
def test_refused_and_not_forwarded(world, name):
    """One answer of ours, the connection ends in order, and the backend has not heard of it."""
    sent, status = ROWS[name]
    with world.client() as client:
        client.send(sent + SMUGGLED)
        answer = client.response("HEAD" if sent.startswith(b"HEAD") else "GET")
        assert answer.status == status, answer
        assert answer.get("connection") == "close"
        assert answer.get("cache-control") == "no-store"
        assert client.ends()
    with world.client() as client:
        assert client.ask("/after").status == 200
    assert [head.first for head in world.backend.heads] == ["GET /after HTTP/1.1"]
    assert b"smuggled" not in world.backend.seen
    assert world.backend.seen == world.backend.heads[0].raw


@pytest.mark.parametrize("name", ["CL.TE", "obs-fold", "bare LF ends the head", "NUL in a value", "Host twice", "chunk extension"])
def test_in_pieces_too(world, name):
    """However the bytes come: the head in single bytes, each in a record of its own."""
    sent, status = ROWS[name]
    with world.client() as client:
        for at in range(len(sent)):
            try:
                client.send(sent[at:at + 1])
            except OSError:
                break
        answer = client.response()
        assert answer.status == status
        assert client.ends()
    assert b"smuggled" not in world.backend.seen


def test_a_body_that_turns_bad(world):
    """What was passed on by then is no whole request: the backend sees its connection end."""
    ended = []

    def answer(visit, head):
        try:
            visit.body(head)
        finally:
            ended.append(True)
    world.backend.answer = answer
    with world.client() as client:
        client.send(post(CHUNKED, body=b"3\r\nabc\r\n"))
        until("the backend has it", lambda: b"abc" in world.backend.seen)
        client.send(b"x\r\n")
        answer = client.response()
        assert answer.status == 400
        assert client.ends()
    until("the backend's connection ends", lambda: ended)
    assert not world.backend.seen.endswith(END)
    assert b"x" not in world.backend.seen.rpartition(b"abc")[2]


@pytest.mark.parametrize("name", [name for name, (sent, _) in ROWS.items() if b"\r\n\r\n" in sent and b"chunked" not in sent][:40])
def test_on_the_redirect_listener_too(world, name):
    """The same reader: no redirect for what is not understood."""
    sent, status = ROWS[name]
    with world.plain() as client:
        client.send(sent)
        answer = client.response()
        assert answer.status == status, answer
        assert answer.get("location") is None
