# SPDX-License-Identifier: Apache-2.0 OR MIT
"""TLS 1.2 with every peer, both directions: suites x groups x certificate types, resumed by ticket and by session ID, with
and without client certificates. A test is a peer, a direction and a certificate type; it lists all that went wrong."""
import dataclasses
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from interop import KEYS
from scripted import Node12, Python12
from tls12 import CLIENT, batches, cell12, make_client_certs, our_client, our_server, suites
from tls12_built import Go, MbedTls, WolfSsl
from tls12_gnutls import GnuTLS
from tls12_nss import Nss
from tls12_openssl import Curl, OpenSSL
from tls13_built import Rustls12

CURL = Curl()
PEERS = (OpenSSL(), GnuTLS(), CURL, Go(), Nss(), MbedTls(), WolfSsl(), Rustls12(), Node12(), Python12())
DIRECTIONS = ("our client", "our server")


@pytest.fixture(scope="module", params=PEERS, ids=lambda peer: peer.name)
def peer(request, pki, tmp_path_factory):
    make_client_certs(pki)
    request.param.prepare(pki, tmp_path_factory.mktemp(request.param.name))
    return request.param


def check_ours(peer, pki, port, ask):
    """What our client reports, against a peer's server."""
    first, *second = our_client(pki, port, ask)
    assert (first["version"], first["cipher_suite"], first["group"]) == ("TLS 1.2", ask.suite, ask.group), first
    assert first["resumed"] is False and first["forward_secrecy"] is True and first["peer"]["verified"] is True, first
    assert first["http"]["status"] == 200, first
    for report in second:
        assert (report["version"], report["cipher_suite"], report["resumed"]) == ("TLS 1.2", ask.suite, True), report
        assert report["http"]["status"] == 200, report


def check_theirs(peer, pki, port, ask):
    """What a peer's client reports and our page says. The page names the client only once it is verified."""
    seen = peer.client(pki, port, ask)
    assert [s.resumed for s in seen] == ([False, True] if ask.resume else [False]), seen
    for s in seen:
        assert (s.version, s.suite) == ("TLSv1.2", ask.suite), s
        assert ask.suite in s.text and (CLIENT in s.text) == ask.mutual, s


def serving(peer, pki, direction, asks):
    """(server, what is asked of it): one for all, or one a suite where the peer's client cannot choose."""
    if direction == "our client":
        return [(peer.server(pki, dataclasses.replace(asks[0], suite="")), asks)]
    if peer.leaves_suite(asks[0]):
        return [(our_server(pki, ask, *peer.serve), [ask]) for ask in asks]
    return [(our_server(pki, dataclasses.replace(asks[0], suite=""), *peer.serve), asks)]


def failure(check, peer, pki, port, ask):
    try:
        check(peer, pki, port, ask)
        return None
    except Exception as e:  # pylint: disable=broad-except
        return f"{ask}: {type(e).__name__} {e}"


def possible(peer, direction, batch):
    asks = [dataclasses.replace(batch, suite=suite) for suite in suites(batch.key)]
    for ask in asks:
        if reason := peer.reason(direction, ask):
            cell12(peer, direction, ask, f"n/a: {reason}")
    return [ask for ask in asks if not peer.reason(direction, ask)]


def tried(peer, pki, direction, server_ask, ask):
    """What goes wrong with one connection, if anything does."""
    check = check_ours if direction == "our client" else check_theirs
    try:
        with peer.server(pki, server_ask) if direction == "our client" else our_server(pki, server_ask, *peer.serve) as port:
            return failure(check, peer, pki, port, ask)
    except AssertionError as e:
        return str(e)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_no_certificate_is_refused(peer, pki, direction):
    """RFC 5246 7.4.6: what the matrix calls mutual is demanded, not merely asked for."""
    if peer is CURL and direction == "our client":
        return
    ask = dataclasses.replace(batches("p256", False)[0], suite=suites("p256")[0])
    assert tried(peer, pki, direction, dataclasses.replace(ask, mutual=True), ask)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_what_it_lacks(peer, pki, direction):
    """A reason for a hole in the matrix is tried: once it no longer holds, the hole is to be filled."""
    asks = [dataclasses.replace(b, suite=s) for key in KEYS for b in batches(key, False) for s in suites(key)]
    for where, holds, why in peer.lacks:
        if where in (None, direction) and peer is not CURL:
            ask = next(ask for ask in asks if holds(ask))
            assert tried(peer, pki, direction, ask, ask), why


@pytest.mark.parametrize("direction,key", list(itertools.product(DIRECTIONS, KEYS)))
def test_matrix(peer, pki, direction, key):
    check = check_ours if direction == "our client" else check_theirs
    wrong = []
    batched = [possible(peer, direction, batch) for mutual in (False, True) for batch in batches(key, mutual)]
    for server, asks in (pair for asks in batched if asks for pair in serving(peer, pki, direction, asks)):
        with server as port, ThreadPoolExecutor(2) as pool:
            for ask, failed in zip(asks, pool.map(lambda a: failure(check, peer, pki, port, a), asks)):
                wrong += [failed] if failed else []
                cell12(peer, direction, ask, "failed" if failed else "yes")
    assert not wrong, f"{len(wrong)} combinations:\n" + "\n".join(wrong)
