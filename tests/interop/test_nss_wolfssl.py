# SPDX-License-Identifier: Apache-2.0 OR MIT
"""NSS and wolfSSL at TLS 1.3, both directions: suites x groups x certificate types. They resume in test_resume13.py and speak
TLS 1.2 in test_tls12.py."""
import itertools

import pytest

from interop import GROUPS, KEYS, SUITES, byte_by_byte, cell, hf_json
from tls12 import Ask, make_client_certs
from tls12_nss import WITHOUT
from tls13 import check_theirs, our_server
from tls13_built import WolfSsl
from tls13_programs import Nss

MATRIX = list(itertools.product(GROUPS, KEYS))
LACKS = {"NSS": {"X25519MLKEM768": "NSS before 3.105 lacks it",
                 "10 MB each way": "its programs speak HTTP, and the pages are small"},
         "wolfSSL": {"X25519MLKEM768": "the distribution's wolfSSL is built without it",
                     "10 MB each way": "its programs here speak HTTP, and the pages are small"}}


@pytest.fixture(scope="module", params=(Nss(), WolfSsl()), ids=lambda peer: peer.name)
def peer(request, pki, tmp_path_factory):
    make_client_certs(pki)
    request.param.prepare(pki, tmp_path_factory.mktemp(request.param.name))
    for direction, (what, why) in itertools.product(("our client", "our server"), LACKS[request.param.name].items()):
        cell(request.param.name, direction, what, f"n/a: {why}")
    return request.param


def without(peer, key):
    return peer.name == "NSS" and key == WITHOUT


@pytest.mark.parametrize("group,key", MATRIX)
def test_our_client(peer, pki, group, key):
    if without(peer, key):
        return
    with peer.server(pki, Ask(key, group)) as port:
        for suite in SUITES:
            report = hf_json(pki, port, "--ciphers", suite, "--groups", group, "--http", "/")
            assert (report["cipher_suite"], report["group"], report["http"]["status"]) == (suite, group, 200), report
            cell(peer.name, "our client", f"{suite} {group} {key}")


@pytest.mark.parametrize("group,key", MATRIX)
def test_our_server(peer, pki, group, key):
    if without(peer, key):
        return
    for suite in SUITES:
        ask = Ask(key, group, resume="ticket", suite=suite)
        with our_server(pki, ask) as port:
            check_theirs(peer, pki, port, ask)
            assert group in peer.client(pki, port, ask)[0].text
        cell(peer.name, "our server", f"{suite} {group} {key}")


def test_retry_of_our_client(peer, pki):
    """RFC 9846 4.2.4"""
    with peer.server(pki, Ask("p384", "secp384r1")) as port:
        report = hf_json(pki, port, "--http", "/")
    if peer.name == "wolfSSL":
        assert (report["group"], report["round_trips"]) == ("x25519", 1)
        cell(peer.name, "our client", "HelloRetryRequest", "n/a: its server takes whatever share it is sent")
        return
    assert (report["group"], report["round_trips"]) == ("secp384r1", 2)
    cell(peer.name, "our client", "HelloRetryRequest")


def test_retry_by_our_server(request, peer, pki):
    """RFC 9846 4.2.4: both clients send a share of their first group alone. wolfSSL 5.5 has the same extensions in its second
    hello, in another order."""
    if peer.name == "wolfSSL":
        request.applymarker(pytest.mark.xfail(strict=True, reason="our server wants the order of the first hello (RFC 9846 4.2.2)"))
        cell(peer.name, "our server", "HelloRetryRequest", "n/a: its second hello has another order, which is refused")
    ask = Ask("p384", "x25519", resume="ticket", suite=SUITES[0])
    with our_server(pki, ask, "--groups", "secp384r1") as port:
        text = peer.client(pki, port, ask)[0].text
    assert "one more for another key share" in text, text
    cell(peer.name, "our server", "HelloRetryRequest")


def test_one_byte_segments(peer, pki):
    ask = Ask("p256", resume="ticket", suite=SUITES[0])
    with peer.server(pki, ask) as port, byte_by_byte(port) as slow:
        assert hf_json(pki, slow, "--http", "/")["http"]["status"] == 200
    with our_server(pki, ask) as port, byte_by_byte(port) as slow:
        assert " 200 OK" in peer.client(pki, slow, ask)[0].text
    cell(peer.name, "our client", "1-byte segments")
    cell(peer.name, "our server", "1-byte segments")
