# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Real clients through `handfast proxy` to a Node server and to nginx: curl, openssl, Go's net/http, Node, Chromium. Strict-Transport-
Security, the redirect, WebSocket, plain HTTP on the TLS port."""
import json

import pytest

from chromium import Home, browser
from interop import BIN, build_go, run
from proxied import connect, request
from proxy_peers import House, curl, nginx_server, node_server, node_visit, openssl_request

HSTS = "max-age=31536000"


@pytest.fixture(scope="module")
def scene(tmp_path_factory, pki):
    """localhost is Node's, nginx.test nginx's. Both have Strict-Transport-Security."""
    assert pki
    house = House(tmp_path_factory.mktemp("clients"))
    hsts = {"hsts": {"max_age": 31536000}}
    with node_server() as node, nginx_server() as nginx:
        with house.proxy(house.site("localhost", node, **hsts), house.site("nginx.test", nginx, **hsts)) as proxy:
            yield house, proxy


def fetched(scene, *words, names=("localhost", "nginx.test")):
    house, proxy = scene
    return curl(house.ca, *words, proxy=proxy, names=names)


@pytest.mark.parametrize("version", ("--tlsv1.3", "--tls-max=1.2"))
@pytest.mark.parametrize("name,backend", (("localhost", "node"), ("nginx.test", "nginx")))
def test_curl(scene, name, backend, version):
    _, proxy = scene
    status, headers, body = fetched(scene, *version.split("="), f"https://{name}:{proxy.tls}/?a=b")
    seen = json.loads(body)
    assert (status, seen["backend"], seen["target"]) == (200, backend, "/?a=b"), (status, headers, body)
    assert headers["strict-transport-security"] == [HSTS], headers


def test_curl_may_not_speak_http2(scene):
    """It offers h2 in ALPN; http/1.1 is agreed on."""
    _, proxy = scene
    done = run(["curl", "-sS", "--http2", "--cacert", scene[0].ca, "-o", "/dev/null", "-w", "%{http_version}",
                "--resolve", f"localhost:{proxy.tls}:127.0.0.1", f"https://localhost:{proxy.tls}/"])
    assert (done.returncode, done.stdout) == (0, b"1.1"), done


def test_forwarded_headers(scene):
    """What nginx reads of who came, and nothing of what a client claims."""
    _, proxy = scene
    status, headers, body = fetched(scene, "-H", "X-Forwarded-For: 6.6.6.6", "-H", "X-Forwarded-Proto: gopher", "-H", "Forwarded: for=6.6.6.6",
                                    f"https://nginx.test:{proxy.tls}/")
    seen = json.loads(body)
    assert status == 200
    assert (seen["x_forwarded_for"], seen["x_forwarded_proto"]) == ("127.0.0.1", "https"), seen
    forwarded = headers["x-forwarded-seen"][0]
    assert seen["host"] == f"nginx.test:{proxy.tls}" and "127.0.0.1" in forwarded and "proto=https" in forwarded, (seen, forwarded)
    assert "6.6.6.6" not in body.decode() + forwarded, (seen, forwarded)


def test_redirect(scene):
    """From plain HTTP; without Strict-Transport-Security, which means nothing there. curl follows it where it leads."""
    _, proxy = scene
    status, headers, _ = fetched(scene, f"http://localhost:{proxy.redirect}/a/b?c=d")
    assert status in (301, 307, 308) and "strict-transport-security" not in headers, headers
    assert headers["location"] == [f"https://localhost:{proxy.tls}/a/b?c=d"], headers


def test_a_redirect_is_followed(scene):
    _, proxy = scene
    status, headers, body = fetched(scene, "-L", f"http://localhost:{proxy.redirect}/a")
    assert status == 200 and json.loads(body)["target"] == "/a", (status, headers, body)


def test_plain_http_on_the_tls_port(scene):
    """A hint, in plain words and in plain HTTP."""
    _, proxy = scene
    status, headers, body = fetched(scene, f"http://localhost:{proxy.tls}/")
    assert status == 400 and b"https" in body.lower() and "strict-transport-security" not in headers, (status, headers, body)


def test_another_sites_name_in_host(scene):
    """421: the connection is for the other one."""
    _, proxy = scene
    status, _, body = fetched(scene, "-H", "Host: nginx.test", f"https://localhost:{proxy.tls}/")
    assert status == 421 and b'"backend"' not in body, body


def test_a_name_that_nobody_has(scene):
    """The unrecognized_name alert, and no certificate."""
    house, proxy = scene
    done = openssl_request(proxy, "nobody.test", house.ca)
    assert done.returncode != 0 and b"unrecognized name" in done.stderr and b"no peer certificate available" in done.stdout, done


@pytest.mark.parametrize("version,suite", (("-tls1_3", "TLS_CHACHA20_POLY1305_SHA256"), ("-tls1_2", "ECDHE-ECDSA-AES128-GCM-SHA256")))
def test_openssl(scene, version, suite):
    house, proxy = scene
    done = openssl_request(proxy, "localhost", house.ca, version, "-ciphersuites" if version == "-tls1_3" else "-cipher", suite)
    assert done.returncode == 0 and suite.encode() in done.stdout and b'"backend":"node"' in done.stdout, done
    assert b"Verification: OK" in done.stdout and f"Strict-Transport-Security: {HSTS}".lower().encode() in done.stdout.lower(), done


def test_openssl_resumes(scene, tmp_path):
    """At whichever worker: tickets' keys are those of all."""
    house, proxy = scene
    session = tmp_path / "session"
    assert openssl_request(proxy, "localhost", house.ca, "-sess_out", session).returncode == 0
    for _ in range(6):
        done = openssl_request(proxy, "localhost", house.ca, "-sess_in", session)
        assert done.returncode == 0 and b"Reused, TLSv1.3" in done.stdout and b'"backend":"node"' in done.stdout, done


@pytest.fixture(scope="module")
def go(tmp_path_factory):
    return build_go(tmp_path_factory.mktemp("go"))


def test_go(scene, go):
    """net/http as most programs have it, sent on from plain HTTP, and a body of unknown length. It would speak HTTP/2 if that was
    agreed on."""
    house, proxy = scene
    done = run([go, "-ca", house.ca, "-url", f"http://localhost:{proxy.redirect}/x"])
    assert done.returncode == 0, done
    got, posted = map(json.loads, done.stdout.splitlines())
    assert (got["status"], got["proto"], got["hsts"], got["url"]) == (200, "HTTP/1.1", HSTS, f"https://localhost:{proxy.tls}/x"), got
    assert got["tls"] and json.loads(got["body"])["target"] == "/x", got
    assert posted["status"] == 200 and json.loads(posted["body"])["length"] == 1 << 20, posted


def test_node_and_its_websocket(scene):
    """https.Agent on one connection; then ws: text, a megabyte, a ping, a close code of its own."""
    house, proxy = scene
    seen = node_visit(proxy, "localhost", house.ca)
    assert [(a["status"], a["hsts"], a["reused"]) for a in seen["answers"]] == [(200, HSTS, i > 0) for i in range(3)], seen
    assert [a["length"] for a in seen["answers"][1:]] == [300000, 10]
    socket = seen["socket"]
    assert (socket["text"], socket["binary"], socket["pong"], socket["code"], socket["reason"]) == (
        "hello", True, True, 4001, "as you wish"), socket
    assert socket["headers"]["x-forwarded-proto"] == "https" and socket["headers"]["x-forwarded-for"] == "127.0.0.1", socket


def echoed(s, text):
    """A frame of a WebSocket, masked with zeroes, and what comes back."""
    s.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
    got = b""
    while len(got) < 2 + len(text):
        part = s.recv(65536)
        assert part, got
        got += part
    return got[2:]


def test_a_websocket_outlives_reloads(scene):
    house, proxy = scene
    asked = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    with connect(proxy.tls, "localhost", house.ca) as s:
        s.sendall(request("localhost", "/ws", headers=asked))
        head = b""
        while b"\r\n\r\n" not in head:
            head += s.recv(1)
        assert head.startswith(b"HTTP/1.1 101 ") and b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head, head
        for i in range(5):
            assert echoed(s, b"hello %d" % i) == b"hello %d" % i
            assert proxy.reload().returncode == 0


def test_our_own_client(scene):
    house, proxy = scene
    done = run([BIN, "connect", "--ca", house.ca, "--servername", "nginx.test", "--http", "/", "--json", f"127.0.0.1:{proxy.tls}"])
    assert done.returncode == 0 and json.loads(done.stdout)["http"]["status"] == 200, done


# ---- Chromium ----

@pytest.fixture(scope="module")
def tab(scene, tmp_path_factory):
    house, _ = scene
    with browser(Home(tmp_path_factory.mktemp("home"), ca=house.ca), "--host-resolver-rules=MAP *.test 127.0.0.1") as started:
        yield started


def test_chromium(scene, tab):
    _, proxy = scene
    security, text = tab.load(f"https://nginx.test:{proxy.tls}/")
    assert security and security["protocol"] == "TLS 1.3" and json.loads(text)["backend"] == "nginx", (security, text)


def test_chromium_and_a_websocket(scene, tab):
    """wss:// from a page's script: 100,000 characters and back, then the server's close code."""
    _, proxy = scene
    security, _ = tab.load(f"https://localhost:{proxy.tls}/page")
    assert security
    ended = tab.call("Runtime.evaluate", awaitPromise=True, expression="new Promise(done => { const look = () => document.title == 'waiting' ? "
                     "setTimeout(look, 10) : done(document.title + ', ' + document.body.innerText); look(); })")["result"]["value"]
    assert ended.startswith("closed 4001, echoed 100006"), ended


def test_chromium_keeps_to_https(scene, tab):
    """Once it has seen Strict-Transport-Security it comes with TLS by itself, to whatever port: plain HTTP is never sent."""
    _, proxy = scene
    assert tab.load(f"https://nginx.test:{proxy.tls}/")[0]
    security, text = tab.load(f"http://nginx.test:{proxy.tls}/again")
    assert security and json.loads(text)["target"] == "/again", text


def test_chromium_refuses_a_site_that_is_unavailable(scene, tab, tmp_path):
    """net::ERR_CERT_AUTHORITY_INVALID; somebody who goes on nevertheless reads 503 and no more."""
    house, _ = scene
    broken = house.site("broken.test", 1)
    broken["certificates"][0]["chain"] = str(tmp_path / "missing.pem")
    other = House(tmp_path)
    with other.proxy(broken, other.site("fine.test", 1)) as proxy:
        assert tab.load(f"https://broken.test:{proxy.tls}/") == (None, "net::ERR_CERT_AUTHORITY_INVALID")
        tab.call("Security.setIgnoreCertificateErrors", ignore=True)
        try:
            security, text = tab.load(f"https://broken.test:{proxy.tls}/")
        finally:
            tab.call("Security.setIgnoreCertificateErrors", ignore=False)
        assert security and "503" in text, text


# ---- what clients see of a site that is unavailable ----

def test_curl_and_an_unavailable_site(tmp_path):
    """60: not a certificate that it accepts; with -k the 503 is really received, and on the redirect listener too."""
    house = House(tmp_path)
    broken = house.site("broken.test", 1, hsts={"max_age": 31536000})
    broken["certificates"][0]["key"] = str(tmp_path / "missing.key")
    with house.proxy(broken, house.site("fine.test", 1)) as proxy:
        names = ("broken.test", "fine.test")
        assert curl(house.ca, f"https://broken.test:{proxy.tls}/", proxy=proxy, names=names)[0] == 60
        for words in (("-k", f"https://broken.test:{proxy.tls}/"), (f"http://broken.test:{proxy.redirect}/",)):
            status, headers, body = curl(house.ca, *words, proxy=proxy, names=names)
            assert status == 503 and "no-store" in headers["cache-control"][0], (status, headers, body)
            assert "strict-transport-security" not in headers, headers


def test_http_1_0(scene):
    """Without a Host, by hand: answered, and not kept."""
    house, proxy = scene
    with connect(proxy.tls, "localhost", house.ca) as s:
        s.sendall(b"GET / HTTP/1.0\r\n\r\n")
        got = b""
        while part := s.recv(65536):
            got += part
    assert got.split(b" ")[1] == b"200" and b'"backend":"node"' in got, got
