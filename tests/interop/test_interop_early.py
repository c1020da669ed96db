# SPDX-License-Identifier: Apache-2.0 OR MIT
"""0-RTT (RFC 9846 2.3, 4.3.10, 8) with OpenSSL, GnuTLS and rustls, both directions: taken, and refused by a server that has seen
the ticket's early data, was restarted, takes none, or asks for another key share. What was sent comes once and whole."""
import itertools
import os
import re
import shutil

import pytest

from early import EARLY, LATER, GnuTLS, OpenSSL, OurClient, Rustls, cell_early, detour, our_server, replay
from interop import cell, need, run
from tls12 import make_client_certs
from tls13 import ASKS
from tls13_programs import Nss

PEERS = (OpenSSL(), GnuTLS(), Rustls())
WITHOUT = {"Go": "crypto/tls has early data for QUIC alone", "curl": "curl before 8.11 sends no early data",
           "mbedTLS": "mbedTLS 2.28 has no TLS 1.3", "wolfSSL": "the distribution's wolfSSL is built without early data"}
LIMIT = 1000


@pytest.fixture(scope="module", params=PEERS, ids=lambda peer: peer.name)
def peer(request, pki, tmp_path_factory):
    request.param.prepare(pki, tmp_path_factory.mktemp(request.param.name))
    for (name, why), direction in itertools.product(WITHOUT.items(), ("our client", "our server")):
        cell(name, direction, "0-RTT all", f"n/a: {why}")
    return request.param


@pytest.fixture(scope="module")
def openssl(pki, tmp_path_factory):
    peer = OpenSSL()
    peer.prepare(pki, tmp_path_factory.mktemp("openssl"))
    return peer


@pytest.fixture(scope="module")
def rustls_peer(pki, tmp_path_factory):
    peer = Rustls()
    peer.prepare(pki, tmp_path_factory.mktemp("rustls"))
    return peer


# --- our server --------------------------------------------------------------------------------------------------

def test_our_server_takes_it(peer, pki):
    """The whole request is in the first flight, and is answered."""
    with our_server(pki, "--early-data") as server:
        first, second = peer.client(pki, server.port)
        assert (first.resumed, second.resumed) == (False, True) and second.early in (None, "accepted"), second
        assert second.text.count("HTTP/1.1 200 OK") == 1, second
        assert re.search(r"Early data +accepted", second.text), second
        *_, (early, n, total) = server.visits(2)
        assert (early, n, total) == ("accepted", len(EARLY), len(EARLY))
    cell_early(peer, "our server", "accepted")


@pytest.mark.parametrize("what,options", [("rejected: restarted", ["--early-data"]), ("rejected: switched off", [])])
def test_our_server_does_not_know_the_ticket(peer, pki, what, options):
    """RFC 9846 4.3.10: what cannot be opened is skipped, and the handshake goes on. Whoever sends it again is answered."""
    later = b"" if peer.resends else LATER
    with our_server(pki, "--early-data") as before, our_server(pki, *options) as after, detour(before.port, after.port) as port:
        second = peer.client(pki, port, later=later)[1]
        assert not second.resumed and second.early in (None, "rejected"), second
        assert second.text.count("HTTP/1.1 200 OK") == 1, second
        assert after.visits(1) == [("rejected", 0, len(later or EARLY))]
    cell_early(peer, "our server", what)


def test_our_server_takes_a_ticket_once(openssl, pki):
    """RFC 9846 8.1: the same ticket again is good for a resumption, but not for early data."""
    with our_server(pki, "--early-data") as server:
        openssl.first(pki, server.port)
        seen = [openssl.again(pki, server.port) for _ in range(3)]
        assert [(s.resumed, s.early) for s in seen] == [(True, "accepted"), (True, "rejected"), (True, "rejected")], seen
        assert [early for early, *_ in server.visits(4)] == ["none", "accepted", "rejected", "rejected"]
        assert [(n, total) for _, n, total in server.visits(4)[2:]] == [(0, len(LATER))] * 2
        assert [e["early_data_error"] for e in server.events("connected", 4)[2:]] == ["EARLY_USED"] * 2
    cell_early(openssl, "our server", "rejected: used ticket")
    for peer in (GnuTLS, Rustls):
        cell_early(peer, "our server", "rejected: used ticket", "n/a: its client uses a ticket once")


def test_a_recorded_flight_is_taken_once(peer, pki):
    """RFC 9846 8: who recorded a client's bytes and sends them again gets no page; his handshake cannot end either."""
    tape = []
    with our_server(pki, "--early-data") as server, detour(server.port, tape=tape) as port:
        assert peer.client(pki, port)[1].resumed
        assert [early for early, *_ in server.visits(2)] == ["none", "accepted"]
        sent, got = tape[1]
        for n in range(3):
            again = replay(server.port, bytes(sent))
            assert 0 < len(again) < len(got) - 500, (len(again), len(got))
            failure = server.events("failed", n + 1)[n]["failure"]
            assert failure["code"] == "CLOSED_IN_HANDSHAKE", failure
        assert len(server.events("connected", 2)) == 2
    cell_early(peer, "our server", "rejected: replayed flight")
    cell_early(peer, "our client", "rejected: replayed flight", "n/a: the server's business alone")


def test_our_server_asks_for_another_share(openssl, pki):
    """RFC 9846 4.3.10: a HelloRetryRequest ends early data, which is skipped."""
    groups = ("-groups", "X25519:P-384")
    with our_server(pki, "--early-data", "--groups", "secp384r1") as server:
        openssl.first(pki, server.port, *groups)
        second = openssl.again(pki, server.port, *groups)
        assert second.resumed and second.early == "rejected" and second.text.count("HTTP/1.1 200 OK") == 1, second
        assert server.visits(2)[1] == ("rejected", 0, len(LATER))
        assert server.events("connected", 2)[1]["round_trips"] == 2
    cell_early(openssl, "our server", "rejected: HelloRetryRequest")
    for peer in (GnuTLS, Rustls):
        cell_early(peer, "our server", "rejected: HelloRetryRequest", "n/a: its client remembers the group")


def test_our_server_takes_as_much_as_it_says(peer, pki):
    """RFC 9846 4.7.1: max_early_data_size bytes, and not one less."""
    early = EARLY.replace(b"the first", b"x" * (LIMIT - len(EARLY) + len(b"the first")))
    assert len(early) == LIMIT
    with our_server(pki, "--early-data", LIMIT) as server:
        assert peer.client(pki, server.port, early=early)[1].text.count("HTTP/1.1 200 OK") == 1
        assert server.visits(2)[1] == ("accepted", LIMIT, LIMIT)
    cell_early(peer, "our server", "up to max_early_data_size")


def test_our_server_has_a_limit(rustls_peer, pki):
    """RFC 9846 4.7.1: max_early_data_size bytes in the first flight, the rest behind the handshake. OpenSSL's and GnuTLS's clients
    refuse to send more by themselves."""
    data = bytes(i * 7 % 251 for i in range(5 * LIMIT))
    with our_server(pki, "--early-data", LIMIT, "--echo") as server:
        for size in (LIMIT - 1, LIMIT, LIMIT + 1, len(data)):
            rustls_peer.client(pki, server.port, data[:size], more=["--echo"])
        visits = server.visits(8)[1::2]
    assert visits == [("accepted", min(size, LIMIT), size) for size in (LIMIT - 1, LIMIT, LIMIT + 1, len(data))]


def test_what_comes_back_is_what_was_sent(rustls_peer, pki):
    """Early data and what follows it are one stream, with no byte lost or doubled between them, taken or not."""
    data = "".join(f"line {i} of the first flight and of what comes behind it\n" for i in range(200)).encode()
    with our_server(pki, "--early-data", LIMIT, "--echo") as before, our_server(pki, "--echo") as after:
        with detour(before.port, before.port, before.port, after.port) as port:
            taken = rustls_peer.client(pki, port, data, more=["--echo"])[1]
            refused = rustls_peer.client(pki, port, data, more=["--echo"])[1]
    assert (taken.early, refused.early) == ("accepted", "rejected")
    assert taken.text.strip() == refused.text.strip() == data.decode().strip()


def test_servers_that_share_ticket_keys(openssl, pki, tmp_path):
    """One server's ticket is good at the other; without a shared register there is no early data (RFC 9846 8)."""
    keys = tmp_path / "keys"
    keys.write_text("".join(f"{i:02x}" * 48 + "\n" for i in (1, 2)))
    keys.chmod(0o600)
    options = ("--early-data", "--ticket-keys", keys)
    with our_server(pki, *options) as one, our_server(pki, *options) as other:
        first = openssl.first(pki, one.port)
        assert "Max Early Data: 0" in first.text, first
        second = openssl.once(pki, other.port, "-sess_in", openssl.session)
        assert second.resumed and second.early == "none", second
    cell_early(openssl, "our server", "not offered: shared ticket keys")


# --- our client --------------------------------------------------------------------------------------------------

def fetched(report):
    return report["resumed"], report["early_data"], report["http"]["status"]


def page_of(page):
    return page["kind"], page["early"], page["early_bytes"]


@pytest.fixture(params=PEERS[1:], ids=lambda peer: peer.name)
def paged(request, pki, tmp_path):
    request.param.prepare(pki, tmp_path)
    return request.param


def test_our_client_sends_it(paged, pki, tmp_path):
    """Each connection leaves a ticket for the next one, and each request is in the first flight."""
    with paged.server(pki, LIMIT) as (port, _):
        client = OurClient(pki, tmp_path, port)
        (first, whole), *rest = [client.get() for _ in range(3)]
    assert fetched(first) == (False, "none", 200) and first["early_data_error"] == "EARLY_NO_SESSION", first
    for report, page in rest:
        assert fetched(report) == (True, "accepted", 200) and report["early_data_error"] is None, report
        assert page_of(page) == ("resumed", "accepted", whole["bytes"]) and page["bytes"] == whole["bytes"], page
    cell_early(paged, "our client", "accepted")


def test_our_client_at_a_server_that_was_restarted(paged, pki, tmp_path):
    """RFC 9846 4.3.10: what was not taken is sent again, once."""
    with paged.server(pki, LIMIT) as (before, _), paged.server(pki, LIMIT) as (after, _), detour(before, after) as port:
        client = OurClient(pki, tmp_path, port)
        (first, whole), (second, page), (third, last) = client.get(), client.get(), client.get()
    assert [fetched(r) for r in (first, second, third)] == [(False, "none", 200), (False, "rejected", 200), (True, "accepted", 200)]
    assert page_of(page) == ("full", "none", 0) and page["bytes"] == whole["bytes"], page
    assert page_of(last) == ("resumed", "accepted", whole["bytes"]), last
    cell_early(paged, "our client", "rejected: restarted")


def test_our_client_at_a_gnutls_server_that_takes_none(pki, tmp_path):
    gnutls = GnuTLS()
    gnutls.prepare(pki, tmp_path)
    with gnutls.server(pki, LIMIT) as (before, _), gnutls.server(pki, 0) as (after, _), detour(before, after) as port:
        client = OurClient(pki, tmp_path, port)
        (_, whole), (second, page) = client.get(), client.get()
    assert fetched(second) == (False, "rejected", 200) and page["bytes"] == whole["bytes"], (second, page)
    cell_early(gnutls, "our client", "rejected: switched off")


def test_our_client_at_a_server_that_takes_none(rustls_peer, pki, tmp_path):
    """Resumed all the same; the ticket had allowed more."""
    with rustls_peer.server(pki, LIMIT, "--refuse-early") as (port, _):
        client = OurClient(pki, tmp_path, port)
        (_, whole), (second, page) = client.get(), client.get()
    assert fetched(second) == (True, "rejected", 200), second
    assert page_of(page) == ("resumed", "none", 0) and page["bytes"] == whole["bytes"], page
    cell_early(rustls_peer, "our client", "rejected: switched off")


def test_our_client_with_a_used_ticket(rustls_peer, pki, tmp_path):
    """What only a copy of the session file can do: rustls forgets a session that was used."""
    with rustls_peer.server(pki, LIMIT) as (port, _):
        client, copy = OurClient(pki, tmp_path, port), tmp_path / "copy"
        _, whole = client.get()
        shutil.copy(client.session, copy)
        assert fetched(client.get()[0]) == (True, "accepted", 200)
        shutil.copy(copy, client.session)
        report, page = client.get()
    assert fetched(report) == (False, "rejected", 200) and page["bytes"] == whole["bytes"], report
    cell_early(rustls_peer, "our client", "rejected: used ticket")
    cell_early(GnuTLS, "our client", "rejected: used ticket", "n/a: GnuTLS remembers first flights, not tickets")


def test_our_client_is_asked_for_another_share(rustls_peer, pki, tmp_path):
    """RFC 9846 4.2.2, 4.3.10: the second ClientHello offers no early data any more."""
    with rustls_peer.server(pki, LIMIT, "--groups", "secp384r1") as (port, _):
        client = OurClient(pki, tmp_path, port)
        (_, whole), (second, page) = client.get(), client.get()
    assert fetched(second) == (True, "rejected", 200) and second["round_trips"] == 2, second
    assert page["early_bytes"] == 0 and page["bytes"] == whole["bytes"], page
    cell_early(rustls_peer, "our client", "rejected: HelloRetryRequest")


def test_a_gnutls_server_that_asks_for_another_share(pki, tmp_path):
    """GnuTLS 3.7 tries to open the second ClientHello with the keys of the early data; OpenSSL's client fares no better."""
    gnutls = GnuTLS()
    gnutls.prepare(pki, tmp_path)
    with gnutls.server(pki, LIMIT, "secp384r1") as (port, _):
        client = OurClient(pki, tmp_path, port)
        client.get()
        with pytest.raises(AssertionError, match="CLOSED_IN_HANDSHAKE"):
            client.get()
    cell_early(gnutls, "our client", "rejected: HelloRetryRequest", "n/a: a server on GnuTLS 3.7 does not outlive that itself")


@pytest.mark.parametrize("limit", [1, 60, 399, 400, 401])
def test_our_client_keeps_to_the_limit(paged, pki, tmp_path, limit):
    """RFC 9846 4.7.1: no byte more than max_early_data_size in the first flight, the rest behind the handshake."""
    with paged.server(pki, limit) as (port, _):
        client = OurClient(pki, tmp_path, port)
        path = "/" + "x" * 299
        (_, whole), (second, page) = client.get(path), client.get(path)
    assert fetched(second) == (True, "accepted", 200), second
    assert page_of(page) == ("resumed", "accepted", min(limit, whole["bytes"])) and page["bytes"] == whole["bytes"], page
    cell_early(paged, "our client", "up to max_early_data_size")


def spoken(talk_output, path):
    """What s_server says: was there early data, and how often did the request come?"""
    return b"Early data received" in talk_output, talk_output.count(path.encode())


def test_our_client_and_s_server(openssl, pki, tmp_path):
    """Taken; refused when a copy of the ticket is used again, for s_server's register is on by default."""
    with openssl.server(pki, LIMIT) as (port, talk):
        client, copy = OurClient(pki, tmp_path, port), tmp_path / "copy"
        first, _ = client.get_from(talk, "/one")
        shutil.copy(client.session, copy)
        second, said = client.get_from(talk, "/two")
        assert fetched(first) == (False, "none", 200) and fetched(second) == (True, "accepted", 200), second
        assert spoken(said, "/two") == (True, 1), said
        cell_early(openssl, "our client", "accepted")
        shutil.copy(copy, client.session)
        third, said = client.get_from(talk, "/three")
        assert fetched(third) == (False, "rejected", 200) and spoken(said, "/three") == (False, 1), (third, said)
    cell_early(openssl, "our client", "rejected: used ticket")


@pytest.mark.parametrize("what,limit", [("rejected: restarted", LIMIT), ("rejected: switched off", 0)])
def test_our_client_and_another_s_server(openssl, pki, tmp_path, what, limit):
    with openssl.server(pki, LIMIT) as (before, talk), openssl.server(pki, limit) as (after, later), detour(before, after) as port:
        client = OurClient(pki, tmp_path, port)
        client.get_from(talk, "/one")
        report, said = client.get_from(later, "/two")
    assert fetched(report) == (False, "rejected", 200) and spoken(said, "/two") == (False, 1), (report, said)
    cell_early(openssl, "our client", what)


def test_our_client_and_s_server_with_another_group(openssl, pki, tmp_path):
    """RFC 9846 4.3.10"""
    with openssl.server(pki, LIMIT, "-groups", "P-384") as (port, talk):
        client = OurClient(pki, tmp_path, port)
        client.get_from(talk, "/one")
        report, said = client.get_from(talk, "/two")
    assert fetched(report)[1:] == ("rejected", 200) and report["round_trips"] == 2, report
    assert spoken(said, "/two") == (False, 1), said
    cell_early(openssl, "our client", "rejected: HelloRetryRequest")


@pytest.mark.parametrize("limit", [1, 60, 399, 400, 401])
def test_our_client_keeps_to_the_limit_of_s_server(openssl, pki, tmp_path, limit):
    """s_server is one of those that end a connection at the first byte too many."""
    with openssl.server(pki, limit) as (port, talk):
        client, path = OurClient(pki, tmp_path, port), "/" + "~" * 299
        client.get_from(talk, "/one")
        report, said = client.get_from(talk, path, lambda got: got.count(b"~") >= 299)
    assert fetched(report) == (True, "accepted", 200) and spoken(said, "~")[1] == 299, (report, said)
    assert b"Early data received" in said, said
    cell_early(openssl, "our client", "up to max_early_data_size")


def test_nss(pki, tmp_path):
    """tstclnt offers early data and has its request ready too late for it. selfserv refuses all early data while its register
    is young; what our client sent comes again."""
    nss, ask = Nss(), ASKS[0]
    nss.more = ("-Z",)
    make_client_certs(pki)
    nss.prepare(pki, tmp_path)
    with our_server(pki, "--early-data", "--ciphers", ask.suite) as server:
        assert [s.resumed for s in nss.client(pki, server.port, ask)] == [False, True]
        assert [early for early, *_ in server.visits(2)] == ["none", "accepted"]
        assert len({total for *_, total in server.visits(2)}) == 1
    cell("NSS", "our server", "0-RTT accepted")
    with nss.server(pki, ask) as port:
        client = OurClient(pki, tmp_path, port)
        reports = [client.report() for _ in range(2)]
    assert [fetched(r) for r in reports] == [(False, "none", 200), (True, "rejected", 200)], reports
    cell("NSS", "our client", "0-RTT rejected: switched off")
    cell("NSS", "our client", "0-RTT accepted", "n/a: selfserv refuses all early data while its register is young")


def test_what_others_lack(tmp_path):
    """A reason for a hole in the matrix is tried: once it no longer holds, the hole is to be filled."""
    need("curl")
    assert run(["curl", "--tls-earlydata", "-V"]).returncode != 0
    (tmp_path / "early.c").write_text("#include <wolfssl/options.h>\n#include <wolfssl/ssl.h>\n"
                                      "int main(void) { return wolfSSL_write_early_data(0, 0, 0, 0); }\n")
    cc = need(os.environ.get("CC") or "cc")
    if run([cc, "-E", tmp_path / "early.c"]).returncode == 0:
        assert run([cc, "-w", tmp_path / "early.c", "-o", tmp_path / "early", "-lwolfssl"]).returncode != 0
