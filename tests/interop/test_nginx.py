# SPDX-License-Identifier: Apache-2.0 OR MIT
"""nginx, as a server for our client and as a proxy in front of ours."""
import contextlib
import dataclasses
import itertools
import os
import socket

import pytest

from early import OurClient, cell_early, detour
from interop import GROUPS, KEYS, SUITES, byte_by_byte, cell, hf_connect, hf_json, hf_serve
from nginx import Nginx, get
from processes import LIMIT
from served import served
from test_resume13 import test_matrix as test_resumption  # pylint: disable=unused-import
from test_staple import Responder
from test_tls12 import test_matrix as test_tls12  # pylint: disable=unused-import
from test_tls12 import test_no_certificate_is_refused  # pylint: disable=unused-import
from tls12 import CLIENT, CURVES, Ask, make_client_certs

HYBRID = "X25519MLKEM768"
ASK13 = Ask("p256", suite=SUITES[0])
WITHOUT = {"PSK all": "nginx has no directive for pre-shared keys", "10 MB each way": "HTTP only, and the pages are small"}


@pytest.fixture(scope="module")
def peer(pki, tmp_path_factory):
    make_client_certs(pki)
    nginx = Nginx()
    nginx.prepare(pki, tmp_path_factory.mktemp("nginx"))
    cell("nginx", "version", "", nginx.version())
    for direction, (what, why) in itertools.product(("our client", "our server"), WITHOUT.items()):
        cell("nginx", direction, what, f"n/a: {why}")
    return nginx


@pytest.mark.parametrize("key", KEYS)
def test_our_client(peer, pki, key):
    with peer.server(pki, Ask(key), ssl_ecdh_curve="X25519:P-256:P-384") as port:
        for suite, group in itertools.product(SUITES, GROUPS):
            report = hf_json(pki, port, "--ciphers", suite, "--groups", group, "--http", "/")
            assert (report["cipher_suite"], report["group"], report["http"]["status"]) == (suite, group, 200), report
            cell("nginx", "our client", f"{suite} {group} {key}")
    cell("nginx", "our client", HYBRID, "n/a: the OpenSSL under it lacks it")


@pytest.mark.parametrize("group,key", list(itertools.product(GROUPS, KEYS)))
def test_our_server(peer, pki, hf_servers, group, key):
    for suite in SUITES:
        with peer.proxy(pki, hf_servers[key], Ask(key, suite=suite), CURVES[group]) as port:
            seen = peer.seen(get(port))
        assert (seen.version, seen.suite) == ("TLSv1.3", suite) and group in seen.text, seen
        cell("nginx", "our server", f"{suite} {group} {key}")
    cell("nginx", "our server", HYBRID, "n/a: the OpenSSL under it lacks it")


def test_retry_of_our_client(peer, pki):
    """RFC 9846 4.2.4"""
    with peer.server(pki, Ask("p256"), ssl_ecdh_curve="P-384") as port:
        report = hf_json(pki, port, "--http", "/")
    assert (report["group"], report["round_trips"]) == ("secp384r1", 2)
    cell("nginx", "our client", "HelloRetryRequest")


def test_retry_by_our_server(peer, pki):
    """RFC 9846 4.2.4"""
    with hf_serve(pki, "p256", "--groups", "secp384r1") as port:
        with peer.proxy(pki, port, ASK13, "X25519:P-384") as near:
            text = get(near)
    assert "secp384r1" in text and "one more for another key share" in text, text
    cell("nginx", "our server", "HelloRetryRequest")


def test_one_byte_segments(peer, pki, hf_servers):
    with peer.server(pki, ASK13) as port, byte_by_byte(port) as slow:
        assert hf_json(pki, slow, "--http", "/")["http"]["status"] == 200
    with byte_by_byte(hf_servers["p256"]) as slow, peer.proxy(pki, slow, ASK13) as port:
        assert " 200 OK" in get(port)
    cell("nginx", "our client", "1-byte segments")
    cell("nginx", "our server", "1-byte segments")


def test_it_refuses_a_wrong_name(peer, pki, hf_servers):
    """proxy_ssl_verify is on in every test here."""
    with peer.proxy(pki, hf_servers["p256"], ASK13, name="wrong.test") as port:
        assert " 502 " in get(port).partition("\r\n")[0]


def test_what_our_log_says_of_a_proxy(peer, pki):
    """The second connection of nginx's resumes, with the client that the ticket names."""
    ask = dataclasses.replace(ASK13, mutual=True)
    with served("--cert", pki.cert("p256"), "--key", pki.key("p256"), "--client-auth", "require", "--client-ca", pki.ca) as server:
        with peer.proxy(pki, server.port, ask) as port:
            assert all(" 200 OK" in get(port) for _ in range(3))
        events = server.events("connected", 3)
    assert [e["resumed"] for e in events] == [False, True, True]
    assert all(e["client_certificate"]["verified"] and CLIENT in str(e["client_certificate"]) for e in events), events


# --- 0-RTT -----------------------------------------------------------------------------------------------------------------

@contextlib.contextmanager
def early_server(peer, pki, keys, **more):
    with peer.server(pki, ASK13, **{"ssl_early_data": "on", "ssl_session_ticket_key": keys, **more}) as port:
        yield port


@pytest.fixture
def keys(tmp_path):
    """Of tickets, so that another nginx opens them."""
    def made(name):
        (tmp_path / name).write_bytes(os.urandom(80))
        return tmp_path / name
    return made


def visits(client, n=2):
    return [(report["resumed"], report["early_data"], page["resumed"] == "r", page["early"] == "1") for report, page in
            (client.get() for _ in range(n))]


def test_early_data(peer, pki, tmp_path, keys):
    """RFC 9846 2.3. nginx says 1 of a request that it answers before the handshake's end: it may have read our Finished by then,
    so that it is asked until it does. Accepted is the data every time."""
    with early_server(peer, pki, keys("one")) as port:
        client = OurClient(pki, tmp_path, port)
        seen = visits(client)
        while len(seen) < 12 and not seen[-1][3]:
            seen += visits(client, 1)
    assert seen[0] == (False, "none", False, False), seen
    assert all(visit[:3] == (True, "accepted", True) for visit in seen[1:]) and seen[-1][3], seen
    cell_early(peer, "our client", "accepted")
    cell_early(peer, "our client", "rejected: used ticket", "n/a: nginx does not remember tickets")
    cell_early(peer, "our client", "rejected: replayed flight", "n/a: the server's business alone")
    cell_early(peer, "our server", "all", "n/a: nginx sends no early data")


def test_early_data_at_a_server_that_was_restarted(peer, pki, tmp_path, keys):
    """RFC 9846 4.3.10: what was not taken is sent again. (What nginx says of the third is no matter, as above.)"""
    with early_server(peer, pki, keys("one")) as before, early_server(peer, pki, keys("other")) as after:
        with detour(before, after) as port:
            seen = visits(OurClient(pki, tmp_path, port), 3)
    assert seen[:2] == [(False, "none", False, False), (False, "rejected", False, False)] and seen[2][:3] == (True, "accepted", True), seen
    cell_early(peer, "our client", "rejected: restarted")


def test_early_data_at_a_server_that_takes_none(peer, pki, tmp_path, keys):
    """Resumed all the same."""
    same = keys("one")
    with early_server(peer, pki, same) as before, early_server(peer, pki, same, ssl_early_data="off") as after:
        with detour(before, after) as port:
            seen = visits(OurClient(pki, tmp_path, port))
    assert seen == [(False, "none", False, False), (True, "rejected", True, False)], seen
    cell_early(peer, "our client", "rejected: switched off")


def test_early_data_and_another_share(peer, pki, tmp_path, keys):
    """RFC 9846 4.2.2, 4.3.10: the second ClientHello offers no early data any more."""
    with early_server(peer, pki, keys("one"), ssl_ecdh_curve="P-384") as port:
        seen = visits(OurClient(pki, tmp_path, port))
    assert seen == [(False, "none", False, False), (True, "rejected", True, False)], seen
    cell_early(peer, "our client", "rejected: HelloRetryRequest")


# --- OCSP ------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("version", ("1.2", "1.3"))
def test_stapled_response(peer, pki, tmp_path, version):
    """RFC 6066 8, RFC 9846 4.4.2.1: --revocation hard goes on for the staple alone."""
    staple = Responder(pki, tmp_path).good()
    with peer.server(pki, ASK13, ssl_stapling="on", ssl_stapling_file=staple, ssl_trusted_certificate=pki.ca) as port:
        report = hf_json(pki, port, "--tls", version, "--revocation", "hard", "--http", "/")
    assert report["peer"]["verified"] is True and report["http"]["status"] == 200, report
    cell("nginx", "our client", f"TLS {version}, stapled OCSP response")


def test_stapling_without_a_response(peer, pki):
    """nginx asks a responder that never answers, and staples nothing meanwhile: soft goes on, hard does not, neither waits."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(LIMIT)
        responder = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with peer.server(pki, ASK13, ssl_stapling="on", ssl_trusted_certificate=pki.ca, ssl_stapling_responder=responder) as port:
            assert hf_json(pki, port, "--revocation", "soft", "--http", "/")["http"]["status"] == 200
            assert hf_connect(pki, port, "--revocation", "hard").returncode == 6
            assert silent.accept()  # it was asked
