# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Keys shared beforehand (RFC 9846 4.3.11, RFC 4279, RFC 5489, RFC 7905, RFC 8442, RFC 5487, RFC 6655) with the peers that know
them, both directions: the right key, a wrong one, an identity that the server does not know."""
import itertools
import re

import pytest

from interop import cell, hf_serve, need, run
from psk import (HEX, IDENTITY, RIGHT, SMALL12, STRANGER, SUITES, SUITES12, SUITES13, WHAT, WRONG, Key, cell_psk, our_client,
                 our_server, psk_file)
from psk_peers import GnuTLS, Handfast, MbedTls, Nss, OpenSSL, WolfSsl
from scripted import NodePsk
from tls12 import REQUEST

PEERS = (OpenSSL(), GnuTLS(), Nss(), WolfSsl(), MbedTls(), NodePsk(), Handfast())
DIRECTIONS = ("our client", "our server")
WITHOUT = {"Go": "crypto/tls has no pre-shared keys", "rustls": "rustls has no pre-shared keys",
           "curl": "curl has no option for a pre-shared key",
           "Python's ssl": "Python's ssl before 3.13 has no pre-shared keys"}
BAD_KEYS = {"wrong key": Key(IDENTITY, WRONG), "unknown identity": Key(STRANGER, HEX)}


@pytest.fixture(scope="module", params=PEERS, ids=lambda peer: peer.name)
def peer(request, tmp_path_factory):
    request.param.prepare(tmp_path_factory.mktemp(request.param.name))
    for (name, why), direction in itertools.product(WITHOUT.items(), DIRECTIONS):
        cell(name, direction, WHAT + "all", f"n/a: {why}")
    return request.param


def theirs(peer, folder, suite, key):
    """Their client at our server."""
    with our_server(folder, suite, *peer.serve) as server:
        return peer.client(server.port, suite, key)


def ours(peer, folder, suite, key, server_key=RIGHT):
    """Our client at their server."""
    with peer.server(suite, server_key) as port:
        return our_client(folder, port, suite, key)


@pytest.mark.parametrize("direction,suite", list(itertools.product(DIRECTIONS, SUITES)))
def test_the_right_key(peer, tmp_path, direction, suite):
    if reason := peer.reason(direction, suite):
        cell_psk(peer, direction, suite, f"n/a: {reason}")
        with pytest.raises(Exception):  # the hole is tried: once it is gone, the matrix is to be filled
            check(peer, tmp_path, direction, suite)
        return
    check(peer, tmp_path, direction, suite)
    cell_psk(peer, direction, suite)


def check(peer, folder, direction, suite):
    if direction == "our server":
        seen = theirs(peer, folder, suite, RIGHT)
        assert seen.good and seen.suite == suite and IDENTITY in seen.text, seen
        return
    status, report = ours(peer, folder, suite, RIGHT)
    assert status == 0, report
    assert (report["cipher_suite"], report["psk"], report["psk_identity"]) == (suite, True, IDENTITY), report
    assert report["http"]["status"] == 200 and report["resumed"] is False, report
    assert report["forward_secrecy"] is (suite not in SMALL12), report


def one_each(peer, direction):
    """A suite of TLS 1.3 and one of TLS 1.2, where the peer has one."""
    return [next((s for s in some if not peer.reason(direction, s)), None) for some in (SUITES13, (*SUITES12, *SMALL12))]


def refused_by_us(peer, folder, suite, bad):
    """Nothing is served. The alert that we send; some programs say that they got it."""
    with our_server(folder, suite, *peer.serve) as server:
        seen = peer.client(server.port, suite, BAD_KEYS[bad])
        failure = server.events("failed", 1)[0]["failure"]
    assert not seen.good and "HTTP/1" not in seen.text, seen
    assert (failure["alert"], failure["alert_direction"]) == ("decrypt_error", "sent"), failure
    assert decrypt_error(seen.text) or peer.name not in ("OpenSSL", "GnuTLS", "handfast"), seen
    return failure["alert"]


def refused_by_them(peer, folder, suite, bad):
    """The alert that they send, if they send one."""
    status, report = ours(peer, folder, suite, BAD_KEYS[bad])
    assert status == 4 and report["failure"]["alert_direction"] != "sent", report
    return report["failure"]["alert"] or "no alert"


@pytest.mark.parametrize("direction,bad", list(itertools.product(DIRECTIONS, BAD_KEYS)))
def test_another_key(peer, tmp_path, direction, bad):
    """RFC 9846 4.3.11, RFC 4279 2: no connection. Our server says the same to both, so that nobody learns which names exist."""
    refused = refused_by_us if direction == "our server" else refused_by_them
    for suite in filter(None, one_each(peer, direction)):
        what = f"{bad}, TLS {'1.3' if suite in SUITES13 else '1.2'}"
        if reason := peer.reason(direction, what):
            cell_psk(peer, direction, what, f"n/a: {reason}")
            with pytest.raises(AssertionError):
                refused(peer, tmp_path, suite, bad)
        else:
            cell_psk(peer, direction, what, f"yes: {refused(peer, tmp_path, suite, bad)}")


def decrypt_error(text):
    return re.search(r"alert number 51\b|\[51\]|decrypt_error", text)


def test_a_server_with_a_certificate_too(pki, tmp_path):
    """RFC 9846 4.3.11: who names no key that the server knows gets its certificate; whoever names one must have it."""
    need("openssl")
    openssl = OpenSSL()
    with hf_serve(pki, "p256", "--psk-file", psk_file(tmp_path, RIGHT)) as port:
        verify = ("-CAfile", pki.ca, "-verify_return_error", "-servername", "localhost")
        for suite in SUITES13:
            stranger = openssl.client(port, suite, Key(STRANGER, HEX), *verify)
            assert stranger.good and "Server certificate" in stranger.text, stranger
            assert "Verify return code: 0 (ok)" in stranger.text, stranger
            known = openssl.client(port, suite, RIGHT, *verify)
            assert known.good and "no peer certificate" in known.text, known
            liar = openssl.client(port, suite, Key(IDENTITY, WRONG), *verify)
            assert not liar.good and decrypt_error(liar.text), liar
        done = run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-ign_eof", *verify], REQUEST)
        assert done.returncode == 0, done
    cell("OpenSSL", "our server", WHAT + "beside a certificate")


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_retry_before_it(tmp_path, direction):
    """RFC 9846 4.2.2, 4.3.11: after a HelloRetryRequest the binder is made anew, over both hellos."""
    need("openssl")
    openssl, suite = OpenSSL(), SUITES13[0]
    if direction == "our server":
        with our_server(tmp_path, suite, "--groups", "secp384r1") as server:
            seen = openssl.client(server.port, suite, RIGHT, "-groups", "X25519:P-384")
            assert seen.good and server.events("connected", 1)[0]["round_trips"] == 2, seen
    else:
        with openssl.server(suite, RIGHT, "-groups", "P-384") as port:
            status, report = our_client(tmp_path, port, suite)
        assert (status, report["psk"], report["round_trips"], report["group"]) == (0, True, 2, "secp384r1"), report
    cell_psk(openssl, direction, "HelloRetryRequest")
