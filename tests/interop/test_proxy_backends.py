# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Real backends behind `handfast proxy`: nginx that reads the PROXY protocol, Redis in tcp mode, a Unix socket, TLS to the backend, client
certificates whose owner the backend is told."""
import contextlib
import json
import socket
import ssl

import pytest

import proxied
from interop import need, run
from nginx import directives
from proxied_pki import DAY, NOW, Authority
from proxy_peers import House, curl, nginx_server, openssl_request, redis_server


@pytest.fixture
def house(tmp_path, pki):
    assert pki
    return House(tmp_path)


def page(house, proxy, name="a.test", *words):
    status, headers, body = curl(house.ca, *words, f"https://{name}:{proxy.tls}/", proxy=proxy, names=[name])
    assert status == 200, (status, headers, body)
    return json.loads(body)


# ---- PROXY protocol ----

def from_address(house, proxy, source, name="a.test"):
    """What nginx says to a client whose address is that one, and the port that it came from."""
    context = proxied.client_context(house.ca)
    with socket.create_connection(("127.0.0.1", proxy.tls), source_address=(source, 0)) as raw:
        port = raw.getsockname()[1]
        s = context.wrap_socket(raw, server_hostname=name)
        return json.loads(proxied.read_answer(s, proxied.request(name)).body), str(port)


@pytest.mark.parametrize("version", ("v1", "v2"))
def test_nginx_reads_the_proxy_protocol(house, version):
    """`listen … proxy_protocol; real_ip_header proxy_protocol`: to nginx it is the client who came."""
    more = "set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol;"
    with nginx_server("127.0.0.1:{port} proxy_protocol", more) as port:
        backend = {"address": f"127.0.0.1:{port}", "proxy_protocol": version}
        with house.proxy(house.site("a.test", backend)) as proxy:
            for source in ("127.0.0.2", "127.0.0.3"):
                seen, theirs = from_address(house, proxy, source)
                assert (seen["remote"], seen["remote_port"], seen["said"]) == (source, theirs, f"{source}:{theirs}"), seen
                assert seen["to"] == f"127.0.0.1:{proxy.tls}" and seen["peer"] == "127.0.0.1", seen


@pytest.mark.parametrize("version", ("v1", "v2"))
def test_nginx_reads_it_in_tcp_mode(house, version):
    with nginx_server("127.0.0.1:{port} proxy_protocol", "set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol;") as port:
        backend = {"address": f"127.0.0.1:{port}", "proxy_protocol": version}
        with house.proxy(house.site("a.test", backend, mode="tcp", alpn=["http/1.1"])) as proxy:
            seen, theirs = from_address(house, proxy, "127.0.0.4")
            assert (seen["remote"], seen["remote_port"]) == ("127.0.0.4", theirs), seen


@pytest.mark.parametrize("version", (1, 2))
def test_it_is_read_from_a_balancer(house, version):
    """`proxy_protocol: true`: curl's own --haproxy-protocol for version 1, bytes of ours for version 2."""
    with nginx_server() as port, house.proxy(house.site("a.test", port), proxy_protocol=True, proxy_protocol_from=["127.0.0.0/8"]) as proxy:
        if version == 1:
            assert page(house, proxy, "a.test", "--haproxy-protocol")["x_forwarded_for"] == "127.0.0.1"
        source, to = socket.inet_aton("192.0.2.7"), socket.inet_aton("192.0.2.1")
        header = {1: b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n",
                  2: b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c" + source + to + (4711).to_bytes(2, "big") + (443).to_bytes(2, "big")}[version]
        raw = socket.create_connection(("127.0.0.1", proxy.tls), timeout=proxied.LIMIT)
        raw.sendall(header)
        with proxied.client_context(house.ca).wrap_socket(raw, server_hostname="a.test") as s:
            seen = json.loads(proxied.read_answer(s, proxied.request("a.test")).body)
        assert seen["x_forwarded_for"] == "192.0.2.7", seen
        with pytest.raises(OSError):
            proxied.ask(proxy.tls, "a.test", house.ca)  # without it nobody is let in


def test_proxies_in_a_row(house):
    """The first says who came to the second, in version 2, in front of TLS that it passes on to it."""
    with nginx_server() as port, contextlib.ExitStack() as stack:
        inner = stack.enter_context(house.proxy(house.site("a.test", port), proxy_protocol=True, proxy_protocol_from=["127.0.0.1"]))
        folder = house.folder / "outer"
        folder.mkdir()
        outer_house = House(folder)
        backend = {"address": f"127.0.0.1:{inner.tls}", "proxy_protocol": "v2", "tls": {"name": "a.test", "ca": house.ca}}
        outer = stack.enter_context(outer_house.proxy(outer_house.site("a.test", backend)))
        seen, _ = from_address(outer_house, outer, "127.0.0.5")
        assert seen["x_forwarded_for"] in ("127.0.0.5", "127.0.0.5, 127.0.0.5"), seen


# ---- Redis ----

@pytest.fixture
def redis(house):
    with redis_server(house.folder) as port, house.proxy(house.site("redis.test", port, mode="tcp", alpn=["redis"])) as proxy:
        yield proxy


def redis_cli(house, proxy, *words, stdin=b""):
    need("redis-cli")
    return run(["redis-cli", "-h", "127.0.0.1", "-p", proxy.tls, "--tls", "--sni", "redis.test", "--cacert", house.ca, *words], stdin=stdin)


def test_redis(house, redis):
    """redis-cli --tls as it is: a value of a megabyte, a hundred commands in a pipeline."""
    if b"--tls" not in run([need("redis-cli"), "--help"]).stdout + run(["redis-cli", "--help"]).stderr:
        pytest.skip("missing peer: a redis-cli that speaks TLS")
    assert redis_cli(house, redis, "PING").stdout == b"PONG\n"
    value = b"0123456789abcdef" * (1 << 16)
    assert redis_cli(house, redis, "-x", "SET", "big", stdin=value).stdout == b"OK\n"
    assert redis_cli(house, redis, "GET", "big").stdout == value + b"\n"
    said = redis_cli(house, redis, stdin=b"".join(b"INCR n\n" for _ in range(100)))
    assert said.stdout.split()[-1] == b"100", said


def test_redis_says_something_first(house, redis):
    """A subscriber waits, the publisher comes through the same proxy; and the connection idles in between."""
    with proxied.connect(redis.tls, "redis.test", house.ca) as s:
        s.sendall(b"SUBSCRIBE news\r\n")
        until_has(s, b":1\r\n")
        assert redis_cli(house, redis, "PUBLISH", "news", "hello").stdout == b"1\n"
        until_has(s, b"hello\r\n")


def until_has(s, wanted):
    got = b""
    while wanted not in got:
        part = s.recv(65536)
        assert part, got
        got += part


def test_redis_connections_outlive_reloads(house, redis):
    with proxied.connect(redis.tls, "redis.test", house.ca) as s:
        for _ in range(3):
            s.sendall(b"PING\r\n")
            until_has(s, b"PONG\r\n")
            assert redis.reload().returncode == 0


def test_sites_of_one_name_told_apart_by_alpn(house):
    """http/1.1 goes to nginx, redis to Redis, on one name and one port; something else is no_application_protocol."""
    with nginx_server() as nginx, redis_server(house.folder) as redis:
        web = house.site("a.test", nginx)
        data = {**web, "backend": f"127.0.0.1:{redis}", "mode": "tcp", "alpn": ["redis"]}
        with house.proxy(web, data) as proxy:
            assert page(house, proxy)["backend"] == "nginx"
            context = proxied.client_context(house.ca)
            context.set_alpn_protocols(["redis"])
            with proxied.connect(proxy.tls, "a.test", context=context) as s:
                s.sendall(b"PING\r\n")
                until_has(s, b"PONG\r\n")
            done = openssl_request(proxy, "a.test", house.ca, "-alpn", "smtp")
            assert done.returncode != 0 and b"no application protocol" in done.stderr, done


# ---- other places of a backend ----

def test_a_unix_socket(house):
    """nginx there, and a path that was none when the proxy began."""
    path = house.folder / "app.sock"
    with house.proxy(house.site("a.test", f"unix:{path}")) as proxy:
        status, headers, _ = curl(house.ca, f"https://a.test:{proxy.tls}/", proxy=proxy, names=["a.test"])
        assert status == 503 and "retry-after" in headers and "no-store" in headers["cache-control"][0], headers
        with nginx_server(f"127.0.0.1:{{port}}; listen unix:{path}"):
            assert page(house, proxy)["backend"] == "nginx"


def tls_backend(pair, folder, more=()):
    """nginx with TLS and that certificate; what it says of who came."""
    row = pair.into(folder, "backend")
    told = directives([("ssl_certificate", row["chain"]), ("ssl_certificate_key", row["key"]), *more])
    return nginx_server("127.0.0.1:{port} ssl", told)


def test_tls_to_the_backend(house):
    """Verified, for the name that is configured."""
    with tls_backend(house.authority.leaf("inner.test"), house.folder) as port:
        backend = {"address": f"127.0.0.1:{port}", "tls": {"ca": house.ca, "name": "inner.test"}}
        with house.proxy(house.site("a.test", backend)) as proxy:
            assert page(house, proxy)["backend"] == "nginx"


@pytest.mark.parametrize("what", ("another name", "another CA", "expired", "plain"))
def test_a_backend_that_is_not_the_right_one(house, what):
    """503 with Retry-After, and never plain text; the log says why."""
    authority = Authority(house.folder, "Nobody") if what == "another CA" else house.authority
    dates = {"start": NOW - 9 * DAY, "over": NOW - DAY} if what == "expired" else {}
    pair = authority.leaf("other.test" if what == "another name" else "inner.test", **dates)
    with nginx_server() if what == "plain" else tls_backend(pair, house.folder) as port:
        backend = {"address": f"127.0.0.1:{port}", "tls": {"ca": house.ca, "name": "inner.test"}}
        with house.proxy(house.site("a.test", backend)) as proxy:
            status, headers, body = curl(house.ca, f"https://a.test:{proxy.tls}/", proxy=proxy, names=["a.test"])
            assert status == 503 and int(headers["retry-after"][0]) > 0 and "no-store" in headers["cache-control"][0], headers
            assert b'"backend"' not in body, body


def test_the_proxy_shows_a_certificate_to_the_backend(house):
    client = house.authority.leaf("proxy.test", client=True).into(house.folder, "client")
    demand = (("ssl_verify_client", "on"), ("ssl_client_certificate", house.ca), ("ssl_verify_depth", "3"))
    with tls_backend(house.authority.leaf("inner.test"), house.folder, demand) as port:
        backend = {"address": f"127.0.0.1:{port}", "tls": {"ca": house.ca, "name": "inner.test", **client}}
        with house.proxy(house.site("a.test", backend)) as proxy:
            assert page(house, proxy)["client"] == "CN=proxy.test"


# ---- client certificates ----

@pytest.fixture
def mutual(house):
    """a.test requires a certificate, b.test below /admin, c.test takes one if there is one."""
    clients = Authority(house.folder, "Clients")
    auth = {"ca": str(clients.file)}
    with proxied.backend(back := proxied.free_ports(1)[0], "B"):
        sites = (house.site("a.test", back, client_auth={**auth, "mode": "require"}),
                 house.site("b.test", back, client_auth={**auth, "mode": "require", "paths": ["/admin"]}),
                 house.site("c.test", back, client_auth={**auth, "mode": "request"}))
        with house.proxy(*sites) as proxy:
            yield house, proxy, clients


FACTS = ("x-client-cert", "client-cert", "x-ssl", "x-tls", "ssl-client", "tls-")


def facts(body):
    """The headers that tell of TLS and of the client's certificate, by lower case."""
    headers = {key.lower(): value for key, value in json.loads(body)["headers"]}
    return {key: value for key, value in headers.items() if key.startswith(FACTS)}


def test_identity_headers(mutual):
    """The backend learns who it is, from the proxy alone: what a client says of itself is removed."""
    house, proxy, clients = mutual
    alice = clients.leaf("alice.test", client=True).into(house.folder, "alice")
    lies = [word for name in ("X-Client-Cert-Subject", "Client-Cert", "X-Client-Subject", "X-TLS-Version") for word in ("-H", f"{name}: root")]
    status, _, body = curl(house.ca, "--cert", alice["chain"], "--key", alice["key"], *lies, f"https://a.test:{proxy.tls}/", proxy=proxy,
                           names=["a.test"])
    assert status == 200, body
    seen = facts(body)
    print(seen)
    assert any("alice.test" in value for value in seen.values()) and "root" not in seen.values(), body
    assert any("TLS" in value for value in seen.values()), seen


def test_without_a_certificate(mutual):
    """certificate_required at a.test; 403 below b.test's path and nothing in its way elsewhere; c.test serves, and says of nobody that it
    was somebody."""
    house, proxy, _ = mutual
    done = openssl_request(proxy, "a.test", house.ca)
    assert b"certificate required" in done.stderr and b'"backend"' not in done.stdout, done

    def status(name, path):
        return proxied.ask(proxy.tls, name, house.ca, path).status
    assert [status("b.test", path) for path in ("/", "/admin", "/admin/x", "/administration", "/%61dmin", "/x/../admin")] == [
        200, 403, 403, 200, 403, 403]
    answer = proxied.ask(proxy.tls, "c.test", house.ca, headers=("Client-Cert: :root:", "X-Client-Cert-Subject: root"))
    assert answer.status == 200 and b"root" not in answer.body, answer


@pytest.mark.parametrize("what", ("another CA", "expired", "for servers"))
def test_a_certificate_that_is_not_accepted(mutual, what):
    """In the handshake, with its alert."""
    house, proxy, clients = mutual
    issuer = Authority(house.folder, "Others") if what == "another CA" else clients
    dates = {"start": NOW - 9 * DAY, "over": NOW - DAY} if what == "expired" else {}
    pair = issuer.leaf("mallory.test", client=what != "for servers", **dates).into(house.folder, "mallory")
    done = openssl_request(proxy, "a.test", house.ca, "-cert", pair["chain"], "-key", pair["key"], "-cert_chain", pair["chain"])
    alert = {"another CA": b"unknown ca", "expired": b"certificate expired", "for servers": b"certificate"}[what]
    assert alert in done.stderr and b'"backend"' not in done.stdout, done


def test_a_certificate_opens_the_path(mutual):
    house, proxy, clients = mutual
    pair = clients.leaf("alice.test", client=True).into(house.folder, "alice")
    for name, path in (("a.test", "/"), ("b.test", "/admin/x"), ("c.test", "/")):
        answer = proxied.ask(proxy.tls, name, house.ca, path, pair=(pair["chain"], pair["key"]))
        assert answer.status == 200 and b"alice.test" in answer.body, answer


def test_a_connections_certificate_is_good_for_its_site_alone(mutual):
    """c.test asked; the Host of a.test, which requires, is 421."""
    house, proxy, clients = mutual
    pair = clients.leaf("alice.test", client=True).into(house.folder, "alice")
    answer = proxied.ask(proxy.tls, "c.test", house.ca, host="a.test", pair=(pair["chain"], pair["key"]))
    assert answer.status == 421, answer


def test_a_session_of_one_site_is_not_resumed_at_another(mutual):
    """Not the ticket of c.test, where no certificate was shown, at a.test, where one must be."""
    house, proxy, _ = mutual
    context = proxied.client_context(house.ca)
    with proxied.connect(proxy.tls, "c.test", context=context) as s:
        s.sendall(proxied.request("c.test"))
        assert s.recv(65536).startswith(b"HTTP/1.1 200")
        session = s.session
    assert session.has_ticket
    with pytest.raises((ssl.SSLError, OSError)):
        with proxied.connect(proxy.tls, "a.test", context=context, session=session) as again:
            proxied.read_answer(again, proxied.request("a.test"))
