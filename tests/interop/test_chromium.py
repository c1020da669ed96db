# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Chromium against our server: the status page, over all that both speak, as our log tells it and as Chromium's own developer tools
do. The tests of TLS 1.2 and of resumption are those of every peer."""
import itertools

import pytest

from chromium import Chromium, Home, browser
from early import cell_early, detour, our_server
from interop import GROUPS, SUITES, byte_by_byte, cell, hf_serve
from psk import WHAT
from served import served
from test_resume13 import test_matrix as test_resumption  # pylint: disable=unused-import
from test_tls12 import test_matrix as test_tls12  # pylint: disable=unused-import
from tls12 import client_cert, make_client_certs

HYBRID = "X25519MLKEM768"
KEYS = ("p256", "p384", "rsa2048")
MATRIX = list(itertools.product((HYBRID, *GROUPS), KEYS))
WORDS = ("Your handshake is complete", "that your client asked for (SNI)")


@pytest.fixture(scope="module")
def trusting(pki, tmp_path_factory):
    """A home that trusts our CA and has no certificate to show."""
    return Home(tmp_path_factory.mktemp("trusting"), ca=pki.ca)


@pytest.fixture(scope="module")
def peer(pki, tmp_path_factory):
    """A browser that trusts our CA and shows a certificate to whom asks for one."""
    make_client_certs(pki)
    home = Home(tmp_path_factory.mktemp("known"), ca=pki.ca, client=client_cert(pki, "p256"))
    for what in ("all", "0-RTT all", WHAT + "all"):
        cell("Chromium", "our client", what, "n/a: a browser is a client only")
    cell("Chromium", "our server", WHAT + "all", "n/a: a browser has no pre-shared keys")
    with browser(home) as tab:
        yield Chromium(tab)


def refusals(server, n):
    return [event["failure"]["alert"] for event in server.events("failed", n)]


def test_the_page(pki, trusting):
    """As anybody would load it: `chromium --dump-dom`. X25519MLKEM768 is what both prefer."""
    with our_server(pki) as server:
        page = trusting.dump(f"https://localhost:{server.port}/")
        seen = server.events("connected", 1)[0]
    assert all(words in page for words in (*WORDS, "TLS 1.3", HYBRID)), page
    assert (seen["version"], seen["group"], seen["round_trips"], seen["server_name"]) == ("TLS 1.3", HYBRID, 1, "localhost"), seen


@pytest.mark.parametrize("group,key", MATRIX)
def test_our_server(peer, pki, group, key):
    """Chromium sends shares of X25519MLKEM768 and X25519; for the others it is asked once more (RFC 9846 4.2.4)."""
    for suite in SUITES:
        with served("--cert", pki.cert(key), "--key", pki.key(key), "--ciphers", suite, "--groups", group) as server:
            seen = peer.visit(server.port)
            trips = server.events("connected", 1)[0]["round_trips"]
        assert (seen.version, seen.suite, seen.resumed) == ("TLSv1.3", suite, False) and group in seen.text, seen
        assert trips == (2 if group.startswith("secp") else 1)
        cell(peer.name, "our server", f"{suite} {group} {key}")
    if trips == 2:
        cell(peer.name, "our server", "HelloRetryRequest")
    cell(peer.name, "our server", "10 MB each way", "n/a: HTTP only, and our page is small")


def test_what_it_lacks(peer, pki):
    """Ed25519: once Chromium has it, the matrix is to be filled."""
    with served("--cert", pki.cert("ed25519"), "--key", pki.key("ed25519")) as server:
        assert peer.tab.load(f"https://localhost:{server.port}/") == (None, "net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH")
        assert refusals(server, 1) == ["handshake_failure"]


@pytest.mark.parametrize("version", ("1.3", "1.2"))
def test_one_byte_segments(peer, pki, version):
    with hf_serve(pki, "p256", "--tls", version) as port, byte_by_byte(port) as slow:
        assert peer.visit(slow).version == f"TLSv{version}"
    cell(peer.name, "our server", "1-byte segments")


@pytest.mark.parametrize("version", ("1.3", "1.2"))
def test_it_shows_its_certificate(peer, pki, version):
    """Chromium ends the first connection when it is asked, and comes back with its choice."""
    with our_server(pki, "--client-auth", "request", "--client-ca", pki.ca, "--tls", version) as server:
        assert "client.test" in peer.visit(server.port).text
        shown = server.events("connected", 1)[0]["client_certificate"]
    assert shown["verified"] is True and shown["subject"] == "CN=client.test", shown


def test_strangers(pki, trusting, peer):
    """A wrong name, and a client without a certificate: refused by Chromium and by us (RFC 9846 4.4.2.4)."""
    with our_server(pki) as server:
        assert peer.tab.load(f"https://wrong.localhost:{server.port}/") == (None, "net::ERR_CERT_COMMON_NAME_INVALID")
        assert refusals(server, 1) == ["certificate_unknown"]
    with browser(trusting) as tab:
        with our_server(pki, "--client-auth", "require", "--client-ca", pki.ca) as server:
            # The second name stands for an alert that comes while it writes its request.
            security, why = tab.load(f"https://localhost:{server.port}/")
            assert security is None and why in ("net::ERR_BAD_SSL_CLIENT_AUTH_CERT", "net::ERR_SOCKET_NOT_CONNECTED"), why
            assert "certificate_required" in refusals(server, 2)
        with our_server(pki, "--client-auth", "request", "--client-ca", pki.ca) as server:
            assert "no client certificate" in Chromium(tab).visit(server.port).text


@pytest.mark.parametrize("version", ("1.3", "1.2"))
def test_an_unknown_ca_is_refused(pki, tmp_path, version):
    with our_server(pki, "--tls", version) as server:
        with browser(Home(tmp_path)) as tab:
            assert tab.load(f"https://localhost:{server.port}/") == (None, "net::ERR_CERT_AUTHORITY_INVALID")
        assert refusals(server, 1) == ["certificate_unknown"]


def test_early_data(pki, trusting):
    """RFC 9846 2.3, 4.3.10: as Chromium is delivered it sends none; with this feature switched on it does, and what is refused it
    sends again."""
    with our_server(pki, "--early-data") as server:
        with browser(trusting) as tab:
            assert [Chromium(tab).visit(server.port).resumed for _ in range(2)] == [False, True]
        assert [event["early_data"] for event in server.events("connected", 2)] == ["none", "none"]
    with browser(trusting, "--enable-features=EnableTLS13EarlyData") as tab:
        early = Chromium(tab)
        with our_server(pki, "--early-data") as server:
            # It may leave a page before the next ticket has come, and offer early data before it knows its request: not always.
            resumed = [early.visit(server.port).resumed for _ in range(8)]
            seen = [event for event, came_back in zip(server.events("connected", 8), resumed) if came_back]
            assert seen and {event["early_data"] for event in seen} == {"accepted"}, seen
            assert any(event["early_bytes"] > 0 for event in seen), seen
        for what, options in (("restarted", ["--early-data"]), ("switched off", [])):
            with our_server(pki, "--early-data") as before, our_server(pki, *options) as after:
                with detour(before.port, after.port) as port:
                    assert [early.visit(port).resumed for _ in range(2)] == [False, False]
                # It leaves the connection that refuses, and comes once more without.
                assert after.events("failed", 1)[0]["failure"]["code"] == "CLOSED_IN_HANDSHAKE"
                assert [event["early_data"] for event in after.events("connected", 1)] == ["none"]
            cell_early(early, "our server", f"rejected: {what}")
    cell_early(early, "our server", "accepted", "yes, with its feature EnableTLS13EarlyData; it sends none by default")
