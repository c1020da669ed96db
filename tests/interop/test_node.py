# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Node.js with an OpenSSL of its own, 3.5 or later, both directions. `make deps-peers` fetches it; the program is in
tests/interop/peers/node. More of it: test_resume13.py, test_tls12.py, test_interop_psk.py."""
import pytest

from every_script import *  # pylint: disable=wildcard-import,unused-wildcard-import
from interop import cell, hf_json
from scripted import Node
from tls13 import RESUME


@pytest.fixture(scope="module")
def peer(pki, tmp_path_factory):
    node = Node()
    node.prepare(pki, tmp_path_factory.mktemp("node"))
    for direction in ("our client", "our server"):
        cell(node.name, direction, "0-RTT all", "n/a: its module tls has no early data")
    return node


def test_retry_of_our_client(peer, pki):
    """RFC 9846 4.2.4"""
    with peer.listen(pki, "p256", "--groups", "secp384r1") as port:
        report = hf_json(pki, port)
    assert (report["group"], report["round_trips"]) == ("secp384r1", 2)
    cell(peer.name, "our client", "HelloRetryRequest")


@pytest.mark.parametrize("direction", ("our client", "our server"))
def test_a_resumption_after_a_retry(peer, pki, tmp_path, direction):
    """RFC 9846 4.2.2 and 4.3.11: the binders are made anew, over both hellos."""
    if direction == "our client":
        with peer.listen(pki, "p256", "--groups", "secp384r1") as port:
            words = ["--http", "/", "--session", tmp_path / "session"]
            seen = [(r["resumed"], r["round_trips"]) for r in (hf_json(pki, port, *words) for _ in range(2))]
    else:
        with our_server(pki, "--groups", "secp384r1") as server:
            peer.visit(pki, server.port, "--visits", 2)
            seen = [(r["resumed"], r["round_trips"]) for r in server.events("connected", 2)]
    assert seen == [(False, 2), (True, 2)]
    cell(peer.name, direction, RESUME + "HelloRetryRequest")
