# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What `handfast proxy` tells: lines of the log in both forms, metrics, status with the last failed handshakes and their traces, and
security events. Each row of src/tool/proxy/events.def is brought about here."""
import contextlib
import datetime
import fcntl
import json
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time

import pytest

import proxied
from conftest import ROOT
from proxied import Proxy, until
from proxied_pki import Authority

pytestmark = [pytest.mark.usefixtures("binary"), pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")]
F_SETPIPE_SZ = getattr(fcntl, "F_SETPIPE_SZ", 1031)
TS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
REFUSED = (ssl.SSLError, OSError)


# ---- a world ----

class World:
    """Sites: a.test, locked.test (a client certificate in the handshake), path.test (below /admin), gone.test (no files), tcp.test."""

    def __init__(self, binary, folder, **more):
        self.binary, self.folder = binary, folder
        self.pki, self.clients = Authority(folder), Authority(folder, "Clients")
        self.person = tuple(self.clients.leaf("device.test", client=True).into(folder, "person").values())
        self.stranger = tuple(Authority(folder, "Strangers").leaf("x.test", client=True).into(folder, "stranger").values())
        self.back, self.tls_back = proxied.free_ports(2)
        self.leaf = self.pki.leaf("a.test")
        self.proxy = Proxy(binary, folder, self.sites(), **more)

    def site(self, name, pair=None, **more):
        return {"names": [name], "certificates": [pair or self.pki.leaf(name).into(self.folder, name)],
                "backend": f"127.0.0.1:{self.back}", **more}

    def sites(self):
        auth = {"mode": "require", "ca": str(self.clients.file)}
        return [self.site("a.test", self.leaf.into(self.folder, "a.test")), self.site("locked.test", client_auth=auth),
                self.site("path.test", client_auth={**auth, "paths": ["/admin"]}),
                self.site("gone.test", {"chain": "none.pem", "key": "none.key"}), self.site("tcp.test", mode="tcp"),
                {**self.site("tls.test"), "backend": {"address": f"127.0.0.1:{self.tls_back}", "tls": {"ca": str(self.clients.file), "name": "a.test"}}}]

    @contextlib.contextmanager
    def running(self):
        with proxied.backend(self.back, "B"), self.proxy:
            yield self

    # ---- the log ----

    def lines(self, event=None, **wanted):
        rows = [json.loads(line) for line in self.proxy.log().splitlines()]
        return [row for row in rows if event in (None, row["event"]) and all(row.get(k) == v for k, v in wanted.items())]

    def line(self, event, since=0, **wanted):
        """The newest of these, of which `since` were there before; it comes in a moment."""
        return until(f"a line {event} {wanted}", lambda: self.lines(event, **wanted)[since:], self.proxy.process)[-1]

    @contextlib.contextmanager
    def told(self, event, **wanted):
        """Yields a list that has the newest of these lines in it after the block: one that was not there before it."""
        since, told = len(self.lines(event, **wanted)), []
        yield told
        told.append(self.line(event, since, **wanted))

    # ---- clients ----

    def ask(self, name, **more):
        return self.proxy.ask(name, self.pki.file, **more)

    def raw(self, sent, read=True):
        """Bytes and what comes back."""
        with socket.create_connection(("127.0.0.1", self.proxy.tls), timeout=proxied.LIMIT) as s:
            s.sendall(sent)
            got = b""
            while read and (more := s.recv(4096)):
                got += more
            return got

    def refused(self, name, context=None, pair=None, ca=None):
        """A handshake that fails; what comes behind it, too, as with a refused certificate in TLS 1.3."""
        with pytest.raises(REFUSED), proxied.connect(self.proxy.tls, name, ca, pair, context) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            while s.recv(4096):
                pass


@pytest.fixture(scope="module")
def world(binary, tmp_path_factory):
    with World(binary, tmp_path_factory.mktemp("telling"), state="state").running() as w:
        yield w


@pytest.fixture(scope="module")
def hasty(binary, tmp_path_factory):
    """Nobody need be served here: a busy machine may need longer than a second for a handshake."""
    with World(binary, tmp_path_factory.mktemp("hasty"), state="state", limits={"handshake": "1s"}).running() as w:
        yield w


def hello12(suites, name=b"a.test"):
    """A ClientHello of TLS 1.2, as bytes on the wire."""
    def vec(n, body):
        return len(body).to_bytes(n, "big") + body
    def ext(kind, body):
        return struct.pack(">H", kind) + vec(2, body)
    extensions = (ext(0, vec(2, b"\0" + vec(2, name))) + ext(10, vec(2, b"\0\x17")) + ext(13, vec(2, b"\x04\x03")) + ext(11, vec(1, b"\0")) +
                  ext(23, b"") + ext(0xff01, b"\0"))
    body = b"\3\3" + b"R" * 32 + b"\0" + vec(2, b"".join(struct.pack(">H", s) for s in suites)) + b"\1\0" + vec(2, extensions)
    return b"\x16\3\1" + vec(2, b"\1" + vec(3, body))


# ---- lines ----

def test_a_connection_and_a_request_as_json(world):
    with world.told("request", site="a.test", target="/x?y=%20z") as told:
        assert world.ask("a.test", path="/x?y=%20z").status == 200
    request, = told
    connection = world.line("connection", connection=request["connection"], client_port=request["client_port"])
    assert TS.fullmatch(connection["ts"]) and connection["level"] == "info" and connection["client"] == "127.0.0.1"
    assert connection["version"] == "TLS 1.3" and connection["suite"].startswith("TLS_") and connection["group"]
    assert connection["resumed"] is False and connection["sni"] == "a.test" and "alpn" not in connection and "identity" not in connection
    assert connection["hello_ms"] >= 0 and connection["handshake_ms"] > 0 and connection["site"] == "a.test"
    assert request["method"] == "GET" and request["host"] == "a.test" and request["status"] == 200
    assert request["backend"] == f"127.0.0.1:{world.back}" and request["sent"] > 0 and 0 < request["backend_ms"] <= request["ms"]


def test_alpn_and_version_are_those_that_were_agreed(world):
    context = proxied.client_context(world.pki.file)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    with world.told("connection", site="a.test", version="TLS 1.2") as told, proxied.connect(world.proxy.tls, "a.test", context=context) as s:
        port = s.getsockname()[1]
    line, = told
    assert line["client_port"] == port
    assert line["version"] == "TLS 1.2" and line["alpn"] == "http/1.1" and line["suite"].startswith("TLS_ECDHE_")


def test_a_resumed_session_is_told(world):
    context = proxied.client_context(world.pki.file)
    with proxied.connect(world.proxy.tls, "a.test", context=context) as s:
        s.sendall(proxied.request("a.test"))
        s.recv(4096)
        session = s.session
    with world.told("connection", site="a.test", resumed=True) as told:
        with proxied.connect(world.proxy.tls, "a.test", context=context, session=session) as s:
            assert s.session_reused
            port = s.getsockname()[1]
    assert told[0]["client_port"] == port
    assert world.proxy.metrics()['handfast_handshakes_total{site="a.test",version="TLS 1.3",resumed="yes"}'] >= 1


def test_who_a_client_is(world):
    with world.told("connection", site="locked.test") as told:
        answer = proxied.ask(world.proxy.tls, "locked.test", world.pki.file, pair=world.person)
        assert answer.status == 200
    line, = told
    assert line["identity"] == "CN=device.test" and "device.test" in line["identity_names"]
    assert re.fullmatch("([0-9a-f]{2}:){31}[0-9a-f]{2}", line["identity_sha256"])


def test_nothing_a_client_sends_forges_a_line(world):
    """Control characters, quotes and other bytes in a target are refused or escaped; each line is JSON of our own keys."""
    for target in ("/%0aevent=x", "/\"},{\"event\":\"forged", "/\x7f", "/a b", "/é"):
        with contextlib.suppress(*REFUSED, proxied.http.client.HTTPException), proxied.connect(world.proxy.tls, "a.test", world.pki.file) as s:
            s.sendall(b"GET " + target.encode("latin-1") + b" HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
            while s.recv(4096):
                pass
    world.ask("a.test", path="/last")
    world.line("request", target="/last")
    assert not world.lines("forged") and all(TS.fullmatch(row["ts"]) for row in world.lines())


def test_text_and_quiet(binary, tmp_path):
    """log: text; log_requests: false leaves out connections and requests, and nothing else."""
    with World(binary, tmp_path, log="text", log_requests=False).running() as w:
        assert w.ask("a.test").status == 200
        assert b"\x15" in w.raw(b"no TLS at all, and long enough\r\n")
        log = until("the failure's line", lambda: " handshake_failed " in w.proxy.log() and w.proxy.log())
    failed = next(line for line in log.splitlines() if " handshake_failed " in line)
    assert TS.fullmatch(failed.split()[0]) and failed.split()[1:3] == ["warning", "handshake_failed"]
    assert " reason=not_tls code=NOT_TLS blame=peer step=ClientHello " in failed and ' text="the peer does not speak TLS here' in failed
    assert " connection " not in log and " request " not in log and " ready " in log


def test_a_backend_that_proves_nothing(world):
    """Its own line, with what its handshake came to; the client's request says 503, and is counted as the backend's."""
    metric = 'handfast_backend_failures_total{site="tls.test",reason="unreachable"}'
    before = world.proxy.metrics()[metric]
    words = ["openssl", "s_server", "-accept", world.tls_back, "-cert", world.folder / "a.test.pem", "-key", world.folder / "a.test.key", "-www"]
    with proxied.program(words, lambda: proxied.listens(world.tls_back), "openssl s_server", stderr=subprocess.DEVNULL):
        with world.told("backend_handshake_failed") as told, world.told("request", site="tls.test") as requests:
            assert world.ask("tls.test").status == 503
    line, = told
    assert line["site"] == "tls.test" and line["backend"] == f"127.0.0.1:{world.tls_back}" and line["level"] == "error"
    assert line["code"] == "CERT_UNKNOWN_CA" and line["blame"] == "peer" and line["step"] and "no trusted CA" in line["text"]
    request, = requests
    assert request["status"] == 503 and f"127.0.0.1:{world.tls_back}" in request["why"] and request["level"] == "warning"
    assert world.proxy.metrics()[metric] == before + 1


def test_a_relay_is_told(world):
    metric = 'handfast_relays_total{site="tcp.test"}'
    before = world.proxy.metrics()[metric]
    with world.told("relay", site="tcp.test") as told:
        assert proxied.ask(world.proxy.tls, "tcp.test", world.pki.file).status == 200
    line, = told
    assert line["backend"] == f"127.0.0.1:{world.back}" and line["sent"] > 0 and line["received"] > 0 and line["ms"] > 0
    assert world.proxy.metrics()[metric] == before + 1


# ---- failures: line, metric, status ----

def old_client():
    context = proxied.client_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def alpn_client(protocol):
    context = proxied.client_context()
    context.set_alpn_protocols([protocol])
    return context


def half_open(world):
    """Some bytes of a ClientHello, until it is cut off."""
    assert world.raw(hello12([0xc02b])[:20]) in (b"", b"\x15\3\3\0\2\1\x5a", b"\x15\3\3\0\2\2\x5a")


FAILURES = [
    ("-", "peer", "not_tls", "unexpected_message", "NOT_TLS", lambda w: w.raw(b"no TLS at all, and long enough\r\n")),
    ("-", "peer", "closed", "none", "CLOSED_IN_HANDSHAKE", lambda w: w.raw(hello12([0xc02b])[:20], read=False)),
    ("-", "network", "timeout", "none", None, half_open),
    ("a.test", "policy", "no_common_version", "protocol_version", "VERSION_UNSUPPORTED", lambda w: w.refused("a.test", old_client())),
    ("-", "policy", "unknown_name", "unrecognized_name", "ABORTED", lambda w: w.refused("nobody.test")),
    ("a.test", "policy", "no_common_alpn", "no_application_protocol", "NO_COMMON_ALPN", lambda w: w.refused("a.test", alpn_client("h2"))),
    ("a.test", "policy", "no_common_suite", "handshake_failure", "NO_COMMON_SUITE", lambda w: w.raw(hello12([0x002f]))),
    ("a.test", "peer", "downgrade", "inappropriate_fallback", "FALLBACK", lambda w: w.raw(hello12([0xc02b, 0x5600]))),
    ("a.test", "peer", "refused_by_client", "unknown_ca", "ALERT_RECEIVED", lambda w: w.refused("a.test", ca=w.clients.file)),
    ("locked.test", "policy", "no_client_certificate", "certificate_required", "CLIENT_CERT_REQUIRED", lambda w: w.refused("locked.test")),
    ("locked.test", "peer", "client_certificate", "unknown_ca", None, lambda w: w.refused("locked.test", pair=w.stranger)),
    ("-", "peer", "malformed", "decode_error", None, lambda w: w.raw(hello12([0xc02b])[:60] + b"\xff" * 500)),
]


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: f"{row[2]}-{row[3]}")
def test_a_failed_handshake_is_told_everywhere(request, row):
    """One more in its series and in no other, a line with blame, step, alert and words, and an entry of status --failures."""
    site, side, reason, alert, code, act = row
    world = request.getfixturevalue("hasty" if reason == "timeout" else "world")
    metric = f'handfast_handshake_failures_total{{site="{site}",side="{side}",reason="{reason}",alert="{alert}"}}'
    before = world.proxy.metrics()
    lines = len(world.lines("handshake_failed"))
    act(world)
    line = until("the failure's line", lambda: world.lines("handshake_failed")[lines:])[-1]
    after = world.proxy.metrics()
    changed = {k: v - before[k] for k, v in after.items() if k.startswith("handfast_handshake_failures_total") and v != before[k]}
    assert changed == {metric: 1}, line
    assert line["reason"] == reason and line["blame"] and line["step"] and line["text"] and line.get("site", "-") == site
    assert code in (None, line["code"]) and (alert == "none" or line["alert"] == alert)
    told = until("the parent knows", lambda: [f for f in failures(world) if f["connection"] == line["connection"]])[0]
    assert told["failure"]["code"] == line["code"] and told["failure"]["text"] == line["text"] and told["failure"]["sentence"]
    assert told["client"] == "127.0.0.1" and told["client_port"] == line["client_port"] and told["site"] == line.get("site")


def failures(world):
    done = world.proxy.tool("status", "--failures", "--json", world.proxy.file)
    assert done.returncode == 0, done
    got = json.loads(done.stdout)
    return got["failures"] if isinstance(got, dict) else got


def test_failures_in_words_with_their_traces(world, binary):
    """Alike ones are told once, by the newest: the trace that is looked for is that of the failure that is made here."""
    before = len(world.lines("handshake_failed", reason="refused_by_client"))
    world.refused("a.test", ca=world.clients.file)
    line = until("the failure's line", lambda: world.lines("handshake_failed", reason="refused_by_client")[before:])[-1]
    trace = until("its trace", lambda: [f["trace"] for f in failures(world) if f["trace"] and f["connection"] == line["connection"]])[0]
    folder = world.folder / "state" / "failures"
    assert os.path.samefile(os.path.dirname(trace), folder) and os.stat(trace).st_mode & 0o777 == 0o600
    words = world.proxy.tool("status", "--failures", world.proxy.file).stdout
    assert trace in words and "is the site's chain file whole" in words and "a.test" in words
    shown = subprocess.run([binary, "explain", trace], capture_output=True, text=True, timeout=proxied.LIMIT, check=False)
    assert shown.returncode == 0 and "ClientHello" in shown.stdout and "unknown_ca" in shown.stdout, shown
    assert "PRIVATE" not in open(trace, encoding="utf-8").read() and '"secrets": null' not in shown.stdout


def test_a_flood_of_failures_is_counted_whole_and_kept_within_bounds(world):
    """Traces: 100 at most, and few a second; each failure is counted, told and never waited for."""
    metric = 'handfast_handshake_failures_total{site="-",side="policy",reason="unknown_name",alert="unrecognized_name"}'
    before = world.proxy.metrics()[metric]
    hello = hello12([0xc02b], b"nobody.test")
    for _ in range(150):
        world.raw(hello)
    until("150 more", lambda: world.proxy.metrics()[metric] == before + 150)
    assert len(failures(world)) <= 100 and len(os.listdir(world.folder / "state" / "failures")) <= 100


def test_a_flood_of_failures_is_no_flood_of_lines(binary, tmp_path):
    """Slow clients that are cut at once: some lines, then how many more there were; all are counted. (They come while the worker stands
    still, so that what they have to say is there when it takes them in.)"""
    n, metric = 300, 'handfast_handshake_failures_total{site="-",side="network",reason="timeout",alert="none"}'
    with World(binary, tmp_path, workers=1, limits={"handshake": "1s"}).running() as w, contextlib.ExitStack() as stack:
        with proxied.stopped(w.proxy.workers()[0]):
            for _ in range(n):
                s = stack.enter_context(socket.create_connection(("127.0.0.1", w.proxy.tls), timeout=proxied.LIMIT))
                s.sendall(hello12([0xc02b])[:20])
        until("all are cut", lambda: w.proxy.metrics()[metric] == n)

        def told():
            lines = w.lines("handshake_failed", reason="timeout")
            return lines, sum(line.get("suppressed", 1) for line in lines)
        until("the log accounts for all", lambda: told()[1] == n)
        assert 20 <= len(told()[0]) <= as_paced(told()[0]) and all(line["level"] == "warning" for line in told()[0])


def as_paced(lines, workers=1):
    """How many lines of one reason there may be: twenty at once, then ten a second, and one a second that says how many more there were."""
    first, last = (datetime.datetime.strptime(line["ts"], "%Y-%m-%dT%H:%M:%S.%fZ") for line in (lines[0], lines[-1]))
    return workers * (20 + 11 * ((last - first).total_seconds() + 1))


def test_who_began_late_is_told_as_late(binary, tmp_path):
    """limits.handshake runs from accept on; what the engine's own clock has left, which begins with the first byte, changes nothing: by it the
    first one would be cut a second after the other, which was taken in later but before that byte."""
    with World(binary, tmp_path, workers=1, state="state", limits={"handshake": "5s"}).running() as w:
        came = "handfast_connections_total"
        with socket.create_connection(("127.0.0.1", w.proxy.tls), timeout=proxied.LIMIT) as s:
            until("it is taken in", lambda: w.proxy.metrics()[came] == 1)
            with socket.create_connection(("127.0.0.1", w.proxy.tls), timeout=proxied.LIMIT) as silent:
                until("so is the other", lambda: w.proxy.metrics()[came] == 2)
                time.sleep(1)  # of the five
                s.sendall(hello12([0xc02b]))
                while s.recv(4096):
                    pass
                assert silent.recv(1) == b""
        line, other = w.line("handshake_failed"), w.line("limit_hit")
        moments = [datetime.datetime.fromisoformat(told["ts"].rstrip("Z")) for told in (line, other)]
        assert "no ClientHello within limits.handshake" in other["message"] and moments[0] - moments[1] < datetime.timedelta(seconds=0.5)
        assert line["reason"] == "timeout" and line["code"] == "TIMEOUT" and line["blame"] == "network" and line["ms"] > 4900
        assert line["text"].startswith("the handshake took longer than limits.handshake") and line["level"] == "warning"
        failure = until("the parent knows", lambda: failures(w))[0]
        assert failure["failure"]["code"] == "TIMEOUT" and failure["failure"]["sentence"] in line["text"]
        shown = subprocess.run([binary, "explain", failure["trace"]], capture_output=True, text=True, timeout=proxied.LIMIT, check=False)
        assert "took longer than limits.handshake" in shown.stdout and "aborted" not in shown.stdout, shown
        assert w.proxy.metrics()['handfast_handshake_failures_total{site="a.test",side="network",reason="timeout",alert="none"}'] == 1


def test_a_trace_tells_why_the_proxy_ended_it(binary, tmp_path):
    with World(binary, tmp_path, state="state").running() as w:
        w.raw(hello12([0xc02b], b"nobody.test"))
        trace = until("a trace", lambda: [f["trace"] for f in failures(w) if f["trace"]])[0]
        shown = subprocess.run([binary, "explain", trace], capture_output=True, text=True, timeout=proxied.LIMIT, check=False)
        assert shown.returncode == 0 and "no site has the name that the client asked for" in shown.stdout, shown


def test_without_state_nothing_is_recorded(binary, tmp_path):
    with World(binary, tmp_path).running() as w:
        w.raw(hello12([0x002f]))
        assert until("the parent knows", lambda: failures(w))[0]["trace"] is None
    assert not list(tmp_path.rglob("failures"))


# ---- status ----

def test_status_for_people_and_machines(world):
    assert world.ask("a.test").status == 200
    status = world.proxy.status()
    assert [w["state"] for w in status["workers"]] == ["serving"] * 2 and {w["pid"] for w in status["workers"]} == set(world.proxy.workers())
    assert status["pid"] == world.proxy.pid and status["listen"] == [f"127.0.0.1:{world.proxy.tls}"]
    sites = {s["site"]: s for s in status["sites"]}
    assert sites["a.test"]["health"] == "good" and sites["a.test"]["why"] is None and sites["a.test"]["requests"] >= 1
    assert sites["a.test"]["certificates"][0]["not_after"] == world.leaf.leaf.not_valid_after.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert sites["gone.test"]["health"] == "unavailable" and "none.pem" in sites["gone.test"]["why"] and sites["gone.test"]["todo"]
    assert status["connections"]["accepted"] > 0 and status["plan"] >= 1
    words = world.proxy.tool("status", world.proxy.file).stdout
    for part in ("a.test: good", "gone.test: UNAVAILABLE", "none.pem", f"127.0.0.1:{world.proxy.tls}", f"pid {world.proxy.pid}"):
        assert part in words, words


def site_of(status, name):
    return next(site for site in status["sites"] if site["site"] == name)


@pytest.mark.parametrize("mode", ["tcp", "http"])
def test_a_backend_that_is_down_is_the_backends_fault(binary, tmp_path, mode):
    """An error with the backend and its words, its own count, and the backend's line in status; nothing is said of a certificate."""
    metric = 'handfast_backend_failures_total{site="down.test",reason="unreachable"}'
    world = World(binary, tmp_path, workers=1)
    world.proxy.config["sites"].append({**world.site("down.test", mode=mode), "backend": "127.0.0.1:1"})
    with world.running() as w:
        with contextlib.suppress(*REFUSED):
            proxied.ask(w.proxy.tls, "down.test", w.pki.file)
        line = w.line("relay" if mode == "tcp" else "request", site="down.test")
        assert line["why"] == "127.0.0.1:1: connection refused" and line["level"] == ("error" if mode == "tcp" else "warning")
        assert mode == "tcp" or line["sent"] > 0  # a page of ours
        assert not w.lines("connection_failed") and w.proxy.metrics()[metric] == 1
        backend = until("status knows", lambda: [b for b in site_of(w.proxy.status(), "down.test")["backends"] if b["why"]])[0]
        assert backend["why"] == "connection refused" and backend["address"] == "127.0.0.1:1" and backend["last_failure"]
        words = w.proxy.tool("status", w.proxy.file).stdout
        assert "127.0.0.1:1, last failed 20" in words and "1 time a client was not served because of a backend" in words
        assert ("1 relay," if mode == "tcp" else "1 request,") in words


def test_a_client_that_hangs_up_on_a_relay_is_no_alarm(world):
    with world.told("relay", site="tcp.test") as told, proxied.connect(world.proxy.tls, "tcp.test", world.pki.file) as s:
        port = s.getsockname()[1]
        s.sendall(proxied.request("tcp.test"))
        assert s.recv(4096)
        os.close(s.detach())
    line, = told
    assert line["level"] == "info" and line["client_port"] == port and not world.lines("connection_failed", connection=line["connection"])


def test_who_refuses_the_stand_in_of_an_unavailable_site_is_right(world):
    """Not the client's fault and no hint about its chain: the site's files are named."""
    metric = 'handfast_handshake_failures_total{site="gone.test",side="config",reason="site_unavailable",alert="other"}'
    before = world.proxy.metrics()[metric]
    with world.told("handshake_failed", site="gone.test", reason="site_unavailable", alert_direction="received") as told:
        world.refused("gone.test", ca=world.pki.file)
    line, = told
    assert line["blame"] == "config" and line["level"] == "error" and "none.pem" in line["why"] and "chain" not in line["next"]
    assert world.proxy.metrics()[metric] == before + 1
    until("the parent knows", lambda: [f for f in failures(world) if f["connection"] == line["connection"]])
    words = world.proxy.tool("status", "--failures", world.proxy.file).stdout
    assert "the configuration's" in words and "none.pem" in words


def test_a_hello_that_is_refused_early_has_its_name(world):
    with world.told("handshake_failed", reason="no_common_version") as told:
        world.refused("a.test", old_client())
    line, = told
    assert line["sni"] == "a.test" and line["site"] == "a.test" and "offered TLS 1.1" in line["text"] and "0x0302" not in line["text"]
    assert "never spoken" in line["next"]
    with world.told("handshake_failed", reason="no_common_suite") as told:
        world.raw(hello12([0x002f]))
    assert "offered TLS_RSA_WITH_AES_128_CBC_SHA" in told[0]["text"]


def test_status_begins_with_what_matters_and_fits_a_terminal(world):
    done = world.proxy.tool("status", world.proxy.file)
    assert done.returncode == 1 and done.stdout.splitlines()[1] == "1 of 6 sites is unavailable", done.stdout
    assert all(len(line) <= 80 or " " not in line[18:].strip() for line in done.stdout.splitlines()), done.stdout
    assert "\x1b" not in done.stdout and "\x1b[" in world.proxy.tool("status", "--color", "always", world.proxy.file).stdout
    assert world.proxy.tool("status", "--failures", world.proxy.file).returncode == 0


def test_alike_failures_are_told_once(world):
    """The parent is told of ten a second: behind a flood some are left out."""
    until("three are told", lambda: world.raw(hello12([0x002f])) and
          len([f for f in failures(world) if f["failure"]["code"] == "NO_COMMON_SUITE"]) >= 3)
    words = world.proxy.tool("status", "--failures", world.proxy.file).stdout
    assert words.startswith("newest first") and words.count("no cipher suite in common") == 1 and " like this, the first 20" in words


def metrics_rows():
    with open(os.path.join(ROOT, "src/tool/proxy/metrics.def"), encoding="utf-8") as f:
        return re.findall(r'^HF_FAIL_REASON\(\w+, "(\w+)".*, "(.*)"\)$', f.read(), re.M)


def test_explain_knows_each_reason_and_event(binary):
    """And each help can stand alone."""
    rows = metrics_rows()
    assert len(rows) > 20 and not [words for _, words in rows if "the same" in words.lower()]
    for word in {reason for reason, _ in rows} | {name for name, _ in event_names()}:
        done = subprocess.run([binary, "explain", word], capture_output=True, text=True, timeout=proxied.LIMIT, check=False)
        assert done.returncode == 0 and "handfast proxy" in done.stdout, done


def test_a_missing_proxy_header_is_explained(binary, tmp_path):
    with World(binary, tmp_path, proxy_protocol=True, proxy_protocol_from=["127.0.0.0/8"]).running() as w:
        w.raw(hello12([0xc02b]))
        assert "TLS began at once" in seen(w, "proxy_header_refused")["message"]
        failure = until("the parent knows", lambda: failures(w))[0]["failure"]
        assert failure["reason"] == "proxy_header_refused" and "proxy_protocol" in failure["hint"]
        words = w.proxy.tool("status", "--failures", w.proxy.file).stdout
        assert "TLS began at once" in words and "the configuration's" in words
        assert "1 by a PROXY protocol header" in w.proxy.tool("status", w.proxy.file).stdout


def test_the_stop_is_told_as_such(binary, tmp_path):
    """How many are left and for how long, since when it drains, and not that a client went."""
    with World(binary, tmp_path, workers=1, limits={"drain": "1h"}).running() as w, proxied.connect(w.proxy.tls, "tcp.test", w.pki.file) as s:
        s.sendall(b"GET")
        w.line("connection", site="tcp.test")
        assert w.line("ready")["sites"] == 6 and w.line("ready")["unavailable"] == 1
        began = w.proxy.status()["workers"][0]["since"]
        until("a second has gone by", lambda: datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ") > began)
        w.proxy.process.send_signal(signal.SIGINT)
        assert "1 connection may finish, within 3600 s" in w.line("stop")["message"] and "second signal" in w.line("stop")["message"]
        status = w.proxy.status()
        assert status["listen"] == [] and status["workers"][0]["state"] == "draining" and status["workers"][0]["since"] > began
        late = w.proxy.tool("reload", w.proxy.file)
        assert late.returncode == 3 and "the proxy stops" in late.stderr, "systemd takes 1 for done"
        w.proxy.process.send_signal(signal.SIGINT)
        assert w.proxy.process.wait(proxied.LIMIT) == 0
        assert w.lines("relay", site="tcp.test")[-1]["why"] == "the proxy was stopped" and w.lines()[-1]["event"] == "stopped"


def test_status_of_a_parent_that_is_stuck_gives_up(binary, tmp_path):
    with World(binary, tmp_path, workers=1).running() as w:
        os.kill(w.proxy.pid, signal.SIGSTOP)
        try:
            done = w.proxy.tool("status", w.proxy.file)
        finally:
            os.kill(w.proxy.pid, signal.SIGCONT)
        assert done.returncode == 3 and "said nothing" in " ".join(done.stderr.split()), done


# ---- metrics and admin ----

def test_metrics_are_there_from_the_start_and_follow_the_format(binary, tmp_path):
    with World(binary, tmp_path).running() as w:
        page = w.proxy.get_admin("/metrics")[1]
        rows = w.proxy.metrics()
    zero = [name for name in rows if name.startswith("handfast_handshake_failures_total{")]
    for site in ("a.test", "locked.test", "path.test", "gone.test", "tcp.test", "tls.test", "-"):
        assert len([name for name in zero if f'site="{site}"' in name]) == len(zero) // 7 >= 20
    assert all(rows[name] == 0 for name in zero)
    end = w.leaf.leaf.not_valid_after.replace(tzinfo=datetime.timezone.utc).timestamp()
    assert rows[f'handfast_certificate_not_after_timestamp_seconds{{site="a.test",certificate="0",file="{tmp_path}/a.test.pem"}}'] == end
    assert rows['handfast_site_available{site="gone.test"}'] == 0 and rows['handfast_site_available{site="a.test"}'] == 1
    assert rows['handfast_handshake_duration_seconds_count{site="a.test"}'] == 0
    assert [name for name in rows if name.startswith("handfast_build_info{version=")]
    assert abs(rows["process_start_time_seconds"] - time.time()) < 300 and rows["handfast_workers"] == 2
    assert len(re.findall("^# TYPE ", page, re.M)) == len(re.findall("^# HELP ", page, re.M)) > 20
    with open(os.path.join(ROOT, "docs/proxy.md"), encoding="utf-8") as f:
        table = {(name, kind) for names, kind in re.findall(r"^\| (`(?:handfast|process)_[^|]+) \| (\w+) \|", f.read(), re.M) for name in re.findall("`(.+?)`", names)}
    assert table == set(re.findall(r"^# TYPE (\S+) (\w+)$", page, re.M)), "the table of docs/proxy.md"
    assert all(rows[f'handfast_site_without_backend{{site="{site}"}}'] == 0 for site in ("a.test", "gone.test", "tcp.test"))


PARSE = """
import json, sys
from prometheus_client.parser import text_string_to_metric_families as parse
print(json.dumps([[f.name, f.type, f.documentation] for f in parse(sys.stdin.read())]))
"""


def with_prometheus_client():
    """A Python that has it: this one, or the system's."""
    for python in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(python) and subprocess.run([python, "-c", "import prometheus_client"], capture_output=True, check=False).returncode == 0:
            return python
    return pytest.skip("missing peer: python3-prometheus-client")


def test_metrics_by_an_independent_parser(world):
    done = subprocess.run([with_prometheus_client(), "-c", PARSE], input=world.proxy.get_admin("/metrics")[1], capture_output=True, text=True,
                          timeout=proxied.LIMIT, check=False)
    assert done.returncode == 0, done
    families = json.loads(done.stdout)
    names = [name for name, _, _ in families]
    assert len(names) == len(set(names)) > 20 and "handfast_handshake_failures" in names
    assert all(words and kind in ("counter", "gauge", "histogram") for _, kind, words in families)


def test_requests_and_durations_are_counted(world):
    before = world.proxy.metrics()
    world.ask("a.test")
    world.proxy.ask("gone.test")
    world.proxy.ask_plain("a.test")
    names = {'handfast_requests_total{site="a.test",listener="tls",code="2xx"}': 1, 'handfast_requests_total{site="gone.test",listener="tls",code="5xx"}': 1,
             'handfast_handshake_duration_seconds_count{site="a.test"}': 1, 'handfast_handshake_duration_seconds_bucket{site="a.test",le="+Inf"}': 1,
             'handfast_connections_total': 3, 'handfast_backend_failures_total{site="gone.test",reason="unreachable"}': 0}
    until("all is counted", lambda: all(world.proxy.metrics()[n] - before[n] == k for n, k in names.items()))
    redirects = [n for n, v in world.proxy.metrics().items() if 'listener="redirect",code="3xx"' in n and v > before[n]]
    assert len(redirects) == 1


def test_requests_without_an_answer_are_counted_as_such(world):
    """The client left before there was one: that is no 1xx."""
    aborted, other = ('handfast_requests_total{site="tls.test",listener="tls",code="%s"}' % code for code in ("aborted", "1xx"))
    before = world.proxy.metrics()
    with socket.create_server(("127.0.0.1", world.tls_back)) as silent, proxied.connect(world.proxy.tls, "tls.test", world.pki.file) as client:
        client.sendall(proxied.request("tls.test"))
        taken, _ = silent.accept()
        with taken:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            until("it is counted", lambda: world.proxy.metrics()[aborted] - before[aborted] == 1)
    assert world.proxy.metrics()[other] == before[other]


def test_the_guide_says_how_many_series_a_site_has(world):
    with open(os.path.join(ROOT, "docs/proxy.md"), encoding="utf-8") as f:
        said = re.search(r"has (\d+) series, (\d+) of them `(handfast_handshake_failures_total)`", f.read())
    series = [name for name in world.proxy.metrics() if 'site="a.test"' in name]
    assert len(series) == int(said[1]) and sum(name.startswith(said[3]) for name in series) == int(said[2])


def admin(world, sent):
    with socket.create_connection(("127.0.0.1", world.proxy.admin), timeout=proxied.LIMIT) as s:
        s.sendall(sent)
        s.shutdown(socket.SHUT_WR)
        got = b""
        while more := s.recv(65536):
            got += more
        return got


@pytest.mark.parametrize("sent,status", [
    (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 200), (b"GET /healthz?x HTTP/1.0\r\n\r\n", 200), (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    (b"GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n", 200), (b"GET http://y/healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET /metrics/ HTTP/1.1\r\nHost: x\r\n\r\n", 404), (b"DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    (b"GET /metrics HTTP/1.1\r\n\r\n", 400), (b"GET /metrics HTTP/1.1\nHost: x\n\n", 400), (b"GET /metrics HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    (b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 405), (b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 413),
    (b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 5000 + b"\r\n\r\n", 431), (b"\x16\x03\x01\x02\x00\x01", 400)])
def test_admin_answers_what_it_serves_and_nothing_else(world, sent, status):
    answer = admin(world, sent)
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer[:200]
    assert b"Cache-Control: no-store" in answer and (status != 405 or b"\r\nAllow: GET, HEAD\r\n" in answer)


def test_admin_keeps_a_connection_and_takes_requests_in_a_row(world):
    answer = admin(world, b"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n" + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
    assert answer.count(b"HTTP/1.1 200 OK") == 3 and answer.count(b"ok\n") == 2 and b"# HELP" not in answer


def test_admin_cannot_be_taken_by_those_who_hold_connections(world):
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.create_connection(("127.0.0.1", world.proxy.admin), timeout=proxied.LIMIT)) for _ in range(100)]
        assert world.proxy.get_admin("/healthz") == (200, "ok\n")
        assert held[0].recv(1) == b""  # the oldest had to go


# ---- events ----

def event_names():
    with open(os.path.join(ROOT, "src/tool/proxy/events.def"), encoding="utf-8") as f:
        return re.findall(r"^HF_SECURITY_EVENT\((\w+), (\w+)", f.read(), re.M)


EVENTS = {
    "client_auth_refused": lambda w: w.refused("locked.test"),
    "downgrade_seen": lambda w: w.raw(hello12([0xc02b, 0x5600])),
    "unknown_name": lambda w: w.refused("nobody.test"),
    "misdirected": lambda w: proxied.ask(w.proxy.tls, "a.test", w.pki.file, host="locked.test"),
    "request_refused": lambda w: proxied.ask(w.proxy.tls, "a.test", w.pki.file, headers=["Content-Length: 0", "Transfer-Encoding: chunked"]),
    "worker_died": lambda w: os.kill(w.proxy.workers()[0], signal.SIGKILL),
}


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_a_line_and_a_count(world, name):
    metric = f'handfast_security_events_total{{event="{name}"}}'
    before = world.proxy.metrics()[metric]
    lines = len(world.lines(name))
    EVENTS[name](world)
    line = until("the event's line", lambda: world.lines(name)[lines:])[0]
    assert line["security"] is True and line["level"] == dict(event_names())[name].lower()
    assert until("the event is counted", lambda: world.proxy.metrics()[metric] - before) == 1
    if name == "worker_died":
        until("it is back", lambda: [w["state"] for w in world.proxy.status()["workers"]] == ["serving"] * 2)


def test_a_path_that_needs_a_certificate_is_an_event(world):
    assert world.ask("path.test", path="/admin/x").status == 403
    assert world.line("client_auth_refused", site="path.test")["level"] == "warning"


def seen(world, name, site=None):
    line = until(f"{name}", lambda: [row for row in world.lines(name) if site in (None, row.get("site"))])[0]
    assert line["security"] is True
    assert world.proxy.metrics()[f'handfast_security_events_total{{event="{name}"}}'] >= 1
    return line


def test_events_of_limits_and_of_the_proxy_protocol(binary, tmp_path):
    with World(binary, tmp_path, limits={"per_address": 2, "connections": 50}).running() as w:
        with contextlib.ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(socket.create_connection(("127.0.0.1", w.proxy.tls), timeout=proxied.LIMIT))
            assert "limits.per_address" in seen(w, "limit_hit")["message"]
            until("all are told away", lambda: w.proxy.metrics()['handfast_connections_refused_total{limit="per_address"}'] == 98)
            assert w.proxy.metrics()["handfast_open_connections"] == 2
            until("the log accounts for all", lambda: sum(line.get("suppressed", 1) for line in w.lines("limit_hit")) == 98)
            assert len(w.lines("limit_hit")) <= as_paced(w.lines("limit_hit"), 2)  # a flood is not a flood of lines; the count misses none
            until("all are events", lambda: w.proxy.metrics()['handfast_security_events_total{event="limit_hit"}'] == 98)
        until("all is given back", lambda: w.proxy.metrics()["handfast_open_connections"] == 0)
    other = tmp_path / "pp"
    other.mkdir()
    with World(binary, other, proxy_protocol=True, proxy_protocol_from=["127.0.0.0/8"]).running() as w:
        w.raw(hello12([0xc02b]))
        seen(w, "proxy_header_refused")


def reloaded(world, **changes):
    """The newest `reload` line of what is taken now."""
    world.proxy.config.update(changes)
    world.proxy.write()
    return world.proxy.reload()


def test_events_of_reloads(binary, tmp_path):
    keys = tmp_path / "ticket.keys"
    keys.write_text(os.urandom(48).hex() + "\n")
    keys.chmod(0o600)
    with World(binary, tmp_path, ticket_keys=str(keys)).running() as w:
        seen(w, "site_unavailable", "gone.test")
        sites = [site for site in w.sites() if site["names"] != ["gone.test"]]
        sites[1].pop("client_auth")
        assert reloaded(w, sites=sites).returncode == 0
        assert seen(w, "policy_weakened")["site"] == "locked.test"
        assert not w.lines("ticket_keys_rotated")
        keys.write_text(os.urandom(48).hex() + "\n" + keys.read_text())
        assert reloaded(w).returncode == 0
        assert "48" not in seen(w, "ticket_keys_rotated")["message"]
        assert reloaded(w, sitez=[]).returncode != 0  # the tool has looked before it asked
        w.proxy.hang_up()
        assert "sitez" in seen(w, "reload_refused")["what"]
        assert w.proxy.metrics()["handfast_last_reload_successful"] == 0
        assert w.proxy.metrics()['handfast_reloads_total{result="refused"}'] == 1
        w.proxy.config.pop("sitez")
        w.proxy.write()
        words = w.proxy.tool("status", w.proxy.file)
        assert "REFUSED" in words.stdout and "sitez" in words.stdout
        assert reloaded(w).returncode == 0 and w.proxy.metrics()["handfast_last_reload_successful"] == 1


def s_client(folder, port, *words):
    return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "a.test", "-ign_eof", *words], cwd=folder,
                          input=b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n", capture_output=True, timeout=proxied.LIMIT, check=False).stdout


def der(tag, body):
    size = len(body)
    head = [size] if size < 128 else [0x82, size >> 8, size & 255]
    return bytes([tag, *head]) + body


def parts(body):
    """The elements of a DER sequence, with their heads."""
    while body:
        at, size = 2, body[1]
        if size >= 128:
            at, size = 2 + size - 128, int.from_bytes(body[2:2 + size - 128], "big")
        yield body[:at + size]
        body = body[at + size:]


def allow_early_data(file):
    """In a session that openssl has kept: max_early_data, which no ticket of the proxy's has."""
    bytes_of = ssl.PEM_cert_to_DER_cert(file.read_text().replace("SSL SESSION PARAMETERS", "CERTIFICATE"))
    outer = next(parts(bytes_of))
    inner = list(parts(outer[4:] if outer[1] == 0x82 else outer[3:]))
    fields = [field for field in inner if field[0] != 0xaf] + [der(0xaf, der(2, b"\x40\x00"))]
    fields = fields[:5] + sorted(fields[5:], key=lambda field: field[0])
    file.write_text(ssl.DER_cert_to_PEM_cert(der(0x30, b"".join(fields))).replace("CERTIFICATE", "SSL SESSION PARAMETERS"))


def test_early_data_is_not_taken_and_told(world):
    s_client(world.folder, world.proxy.tls, "-sess_out", "session")
    allow_early_data(world.folder / "session")
    (world.folder / "early").write_bytes(b"GET /early HTTP/1.0\r\nHost: a.test\r\n\r\n")
    said = s_client(world.folder, world.proxy.tls, "-sess_in", "session", "-early_data", "early")
    assert b"Early data was rejected" in said, said
    assert seen(world, "early_data_refused")["site"] == "a.test"
    assert not world.lines("request", target="/early")


def test_each_event_is_brought_about_here():
    with open(__file__, encoding="utf-8") as f:
        text = f.read()
    assert len(event_names()) >= 10
    for name, severity in event_names():
        assert severity in ("INFO", "WARNING", "ERROR")
        assert f'"{name}": lambda' in text or f'seen(w, "{name}"' in text or f'seen(world, "{name}"' in text, name


# ---- stderr ----

def test_a_stderr_that_takes_nothing_holds_nobody_up(binary, tmp_path):
    """/dev/full: every line is lost and counted, every request is answered."""
    with open("/dev/full", "wb") as full, World(binary, tmp_path, stderr=full).running() as w:
        for _ in range(5):
            assert w.ask("a.test").status == 200
        until("lost lines are counted", lambda: w.proxy.metrics()["handfast_log_lines_lost_total"] >= 5)


def test_a_pipe_that_nobody_reads_holds_nobody_up(binary, tmp_path):
    reading, writing = os.pipe()
    fcntl.fcntl(writing, F_SETPIPE_SZ, 4096)
    try:
        with World(binary, tmp_path, stderr=writing).running() as w:
            long = "/" + "x" * 1000  # a line each, of which none is left out
            until("the pipe and the buffers are full", lambda: w.ask("a.test", path=long).status == 200 and
                  w.proxy.metrics()["handfast_log_lines_lost_total"] > 0, seconds=4 * proxied.LIMIT)
            assert w.ask("a.test").status == 200
    finally:
        os.close(reading)
        os.close(writing)
