# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Resumption in TLS 1.3 (RFC 9846 2.2) with every peer, both directions, three suites, with and without client certificates;
and after a HelloRetryRequest. TLS 1.2's is in test_tls12.py."""
import dataclasses
import itertools
import json

import pytest

from interop import BIN, SUITES, cell, hf_serve, need, run
from scripted import Node, Python
from tls12 import make_client_certs
from tls13 import ASKS, KEY, RESUME, cell13, check_ours, check_theirs, our_server, without_suite
from tls13_built import Go, MbedTls, Rustls, WolfSsl
from tls13_programs import Curl, GnuTLS, Handfast, Nss, OpenSSL

CURL, HANDFAST = Curl(), Handfast()
PEERS = (OpenSSL(), GnuTLS(), CURL, Go(), Nss(), Rustls(), WolfSsl(), MbedTls(), Node(), Python(), HANDFAST)
DIRECTIONS = ("our client", "our server")


@pytest.fixture(scope="module", params=PEERS, ids=lambda peer: peer.name)
def peer(request, pki, tmp_path_factory):
    make_client_certs(pki)
    request.param.prepare(pki, tmp_path_factory.mktemp(request.param.name))
    return request.param


def possible(peer, direction, mutual):
    asks = [ask for ask in ASKS if ask.mutual == mutual]
    for ask in asks:
        if reason := peer.reason(direction, ask):
            cell13(peer, direction, ask, f"n/a: {reason}")
    return [ask for ask in asks if not peer.reason(direction, ask)]


def serving(peer, pki, direction, asks):
    """(server, what is asked of it): one for all, or one a suite where the peer's client cannot choose."""
    if direction == "our client":
        return [(peer.server(pki, without_suite(asks[0])), asks)]
    if peer.leaves_suite(asks[0]):
        return [(our_server(pki, ask), [ask]) for ask in asks]
    return [(our_server(pki, without_suite(asks[0])), asks)]


def failure(peer, pki, direction, port, ask, folder):
    try:
        if direction == "our client":
            check_ours(peer, pki, port, ask, folder)
        else:
            check_theirs(peer, pki, port, ask)
        return None
    except Exception as e:  # pylint: disable=broad-except
        return f"{ask}: {type(e).__name__} {e}"


@pytest.mark.parametrize("direction,mutual", list(itertools.product(DIRECTIONS, (False, True))))
def test_matrix(peer, pki, direction, mutual, tmp_path):
    asks, wrong = possible(peer, direction, mutual), []
    for server, some in serving(peer, pki, direction, asks) if asks else []:
        with server as port:
            for ask in some:
                failed = failure(peer, pki, direction, port, ask, tmp_path)
                wrong += [failed] if failed else []
                cell13(peer, direction, ask, "failed" if failed else "yes")
    assert not wrong, f"{len(wrong)} combinations:\n" + "\n".join(wrong)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_what_it_lacks(peer, pki, direction, tmp_path):
    """A reason for a hole in the matrix is tried: once it no longer holds, the hole is to be filled."""
    for where, holds, why in peer.lacks:
        if where in (None, direction) and peer not in (CURL, HANDFAST):
            ask = next(ask for ask in ASKS if holds(ask))
            try:
                with peer.server(pki, ask) if direction == "our client" else our_server(pki, ask) as port:
                    assert failure(peer, pki, direction, port, ask, tmp_path), why
            except AssertionError as e:
                assert why not in str(e)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_retry_before_it(pki, tmp_path, direction):
    """RFC 9846 4.2.2 and 4.3.11: after a HelloRetryRequest the binders are made anew, over both hellos."""
    need("openssl")
    openssl = OpenSSL()
    ask = dataclasses.replace(ASKS[0], group="secp384r1")
    session = tmp_path / "session"
    if direction == "our client":
        with openssl.server(pki, ask, "-groups", "P-384") as port:
            words = [BIN, "connect", "--ca", pki.ca, "--servername", "localhost", "--json", "--http", "/", "--session", session,
                     f"127.0.0.1:{port}"]
            reports = [json.loads(run(words).stdout) for _ in range(2)]
        assert [(r["resumed"], r["round_trips"], r["group"]) for r in reports] == [(False, 2, "secp384r1"), (True, 2, "secp384r1")]
    else:
        with hf_serve(pki, KEY, "--groups", "secp384r1") as port:
            seen = [openssl.once(pki, port, ask, "-groups", "X25519:P-384", *more)
                    for more in (("-sess_out", session), ("-sess_in", session))]
        assert [s.resumed for s in seen] == [False, True] and all("one more for another key share" in s.text for s in seen), seen
    cell("OpenSSL", direction, RESUME + "HelloRetryRequest")


def test_another_suite_of_the_same_hash(pki, tmp_path):
    """RFC 9846 4.7.1: a ticket is good for every suite with its hash, and for no other."""
    need("openssl")
    openssl, session = OpenSSL(), tmp_path / "session"
    first, same, other = (dataclasses.replace(ASKS[0], suite=suite) for suite in (SUITES[0], SUITES[2], SUITES[1]))
    with our_server(pki, without_suite(first)) as port:
        seen = [openssl.once(pki, port, first, "-sess_out", session),
                *(openssl.once(pki, port, ask, "-sess_in", session) for ask in (same, other))]
    assert [(s.resumed, s.suite) for s in seen] == [(False, first.suite), (True, same.suite), (False, other.suite)]
