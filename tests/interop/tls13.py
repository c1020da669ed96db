# SPDX-License-Identifier: Apache-2.0 OR MIT
"""TLS 1.3 with other people's programs where more than one connection counts: our own ends, and what is asked of a peer. An
Ask and a Peer are those of tls12.py."""
import contextlib
import dataclasses
import json

from interop import BIN, SUITES, cell, hf_serve, run
from tls12 import CLIENT, OWN, Ask, client_cert

RESUME = "resumption "
KEY = "p256"
GROUP = "secp256r1"
ASKS = tuple(Ask(KEY, GROUP, mutual, "ticket", suite) for mutual in (False, True) for suite in SUITES)


def cell13(peer, direction, ask, result="yes"):
    cell(peer.name, direction, f"{RESUME}{ask.suite} {'mutual' if ask.mutual else 'server-only'}", result)


def groups(ask):
    return tuple(dict.fromkeys((ask.group, OWN.get(ask.key, ask.group))))


@contextlib.contextmanager
def our_server(pki, ask, *more):
    options = ["--tls", "1.3", "--groups", ",".join(groups(ask)), *more]
    if ask.suite:
        options += ["--ciphers", ask.suite]
    if ask.mutual:
        options += ["--client-auth", "require", "--client-ca", pki.ca]
    with hf_serve(pki, ask.key, *options) as port:
        yield port


def connect(pki, port, ask, *more):
    """One run of our client; its report, which must be there."""
    words = [BIN, "connect", "--tls", "1.3", "--ca", pki.ca, "--servername", "localhost", "--json", "--groups",
             ",".join(groups(ask)), *(["--ciphers", ask.suite] if ask.suite else []), *more]
    if ask.mutual:
        cert, key = client_cert(pki, ask.key)
        words += ["--cert", cert, "--key", key]
    done = run([*words, f"127.0.0.1:{port}"])
    assert done.returncode == 0, done.stderr.decode(errors="replace") or done.stdout.decode(errors="replace")
    return json.loads(done.stdout)


def visits(pki, port, ask, folder, n=3):
    """The reports of n connections that share a session file: one that a resumed connection leaves must be good as well."""
    session = folder / f"session-{port}-{ask.suite}"
    return [connect(pki, port, ask, "--http", "/", "--session", session) for _ in range(n)]


def check_ours(peer, pki, port, ask, folder):
    """What our client reports, against a peer's server (RFC 9846 2.2)."""
    reports = visits(pki, port, ask, folder)
    assert [r["resumed"] for r in reports] == [False, True, peer.renews], [(r["resumed"], r.get("session")) for r in reports]
    for report in reports:
        assert (report["version"], report["cipher_suite"], report["group"]) == ("TLS 1.3", ask.suite, ask.group), report
        assert report["forward_secrecy"] is True and report["peer"]["verified"] is True, report
        assert report["http"]["status"] == 200, report
        assert report["signature_scheme"] is None or not report["resumed"], report


def check_theirs(peer, pki, port, ask):
    """What a peer's client reports and our page says. The page names the client only once it is verified, or its ticket."""
    seen = peer.client(pki, port, ask)
    assert [s.resumed for s in seen] == [False, True], seen
    for s in seen:
        assert (s.version, s.suite) == ("TLSv1.3", ask.suite), s
    assert ask.suite in seen[-1].text and (CLIENT in seen[-1].text) == ask.mutual, seen[-1]


def without_suite(ask):
    return dataclasses.replace(ask, suite="")
