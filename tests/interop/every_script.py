# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The tests that every peer of scripted.py passes, beside those of test_resume13.py, test_tls12.py and test_interop_psk.py. A
module that imports them has a fixture `peer`."""
import itertools
import json

import pytest

from early import our_server
from interop import GROUPS, KEYS, SUITES, byte_by_byte, cell, hf_connect, hf_json, hf_serve
from tls12 import Ask, json_lines, make_client_certs

HYBRID = "X25519MLKEM768"
MATRIX = list(itertools.product((*GROUPS, HYBRID), KEYS))
DATA = bytes(i * 7 % 251 for i in range(1 << 20)) * 10
DIRECTIONS = ("our client", "our server")
VERSIONS = ("1.3", "1.2")


def lacks(peer, direction, group):
    if group != HYBRID or peer.hybrid:
        return False
    cell(peer.name, direction, HYBRID, "n/a: the OpenSSL under it lacks it")
    return True


def failure(done):
    """Of our client's `--json`."""
    return json.loads(done.stdout)["failure"]


@pytest.mark.parametrize("group,key", MATRIX)
def test_our_client(peer, pki, group, key):
    if lacks(peer, "our client", group):
        return
    with peer.listen(pki, key) as port:
        for suite in SUITES:
            report = hf_json(pki, port, "--ciphers", suite, "--groups", group, "--http", "/")
            assert (report["version"], report["cipher_suite"], report["group"]) == ("TLS 1.3", suite, group), report
            assert report["http"]["status"] == 200 and report["peer"]["verified"] is True, report
            cell(peer.name, "our client", f"{suite} {group} {key}")


@pytest.mark.parametrize("group,key", MATRIX)
def test_our_server(peer, pki, hf_servers, group, key):
    if lacks(peer, "our server", group):
        return
    for ask in (Ask(key, group, suite=suite) for suite in SUITES):
        if peer.leaves_suite(ask):
            with hf_serve(pki, key, "--ciphers", ask.suite, "--groups", group) as port:
                seen = peer.client(pki, port, ask)[0]
        else:
            seen = peer.client(pki, hf_servers[key], ask)[0]
        assert (seen.version, seen.suite, seen.resumed) == ("TLSv1.3", ask.suite, False), seen
        assert ask.suite in seen.text and group in seen.text, seen
        cell(peer.name, "our server", f"{ask.suite} {group} {key}")


def test_its_own_choice(peer, pki, hf_servers):
    """What two sides agree on that nobody has told what to choose: the hybrid where both have it."""
    want = HYBRID if peer.hybrid else "x25519"
    with peer.listen(pki, "p256") as port:
        report = hf_json(pki, port)
    assert (report["version"], report["group"], report["round_trips"]) == ("TLS 1.3", want, 1), report
    assert want in peer.visit(pki, hf_servers["p256"]).stdout.decode()


def test_retry_by_our_server(peer, pki):
    """RFC 9846 4.2.4: a client sends no share of P-384 by itself."""
    with our_server(pki, "--groups", "secp384r1") as server:
        assert b"secp384r1" in peer.visit(pki, server.port).stdout
        assert server.events("connected", 1)[0]["round_trips"] == 2
    cell(peer.name, "our server", "HelloRetryRequest")


@pytest.mark.parametrize("version", VERSIONS)
def test_ten_megabytes(peer, pki, tmp_path, version):
    """10 MB each way at once, closed with close_notify: both roles."""
    (tmp_path / "data").write_bytes(DATA)
    with hf_serve(pki, "p256", "--echo", "--tls", version) as port:
        done = peer.visit(pki, port, "--echo", "--send", tmp_path / "data", timeout=120)
    assert done.returncode == 0 and done.stdout.partition(b"\n")[2][:-1] == DATA, (done.returncode, len(done.stdout), done.stderr)
    with peer.listen(pki, "p256", "--echo", "--tls", version) as port:
        done = hf_connect(pki, port, "--pipe", stdin=DATA, timeout=120)
    assert done.returncode == 0 and done.stdout == DATA, (done.returncode, len(done.stdout), done.stderr)
    for direction in DIRECTIONS if version == "1.3" else ():
        cell(peer.name, direction, "10 MB each way")


@pytest.mark.parametrize("version", VERSIONS)
def test_one_byte_segments(peer, pki, version):
    with peer.listen(pki, "p256", "--tls", version) as port, byte_by_byte(port) as slow:
        assert hf_json(pki, slow, "--http", "/")["http"]["status"] == 200
    with hf_serve(pki, "p256", "--tls", version) as port, byte_by_byte(port) as slow:
        assert b"HTTP/1.1 200 OK" in peer.visit(pki, slow).stdout
    for direction in DIRECTIONS if version == "1.3" else ():
        cell(peer.name, direction, "1-byte segments")


@pytest.mark.parametrize("version", VERSIONS)
def test_alpn(peer, pki, version):
    """RFC 7301 3.2: the server chooses; one that can speak none of what is offered says so and ends."""
    with our_server(pki, "--alpn", "http/1.1", "--tls", version) as server:
        done = peer.visit(pki, server.port, "--alpn", "acme,http/1.1")
        assert json_lines(done.stdout.decode())[0][0]["alpn"] == "http/1.1", done
        assert server.events("connected", 1)[0]["alpn"] == "http/1.1"
        assert peer.visit(pki, server.port, "--alpn", "acme").returncode == 1
        assert server.events("failed", 1)[0]["failure"]["alert"] == "no_application_protocol"
    with peer.listen(pki, "p256", "--alpn", "acme,http/1.1", "--tls", version) as port:
        assert hf_json(pki, port, "--alpn", "http/1.1")["alpn"] == "http/1.1"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wrong_name(peer, pki, version):
    """RFC 9525 6.1: whoever connects has asked for somebody else."""
    with our_server(pki, "--tls", version) as server:
        done = peer.visit(pki, server.port, "--name", "wrong.test")
        assert done.returncode == 1 and b"wrong.test" in done.stderr and not done.stdout, done
        assert server.events("closed", 1)[0]["bytes"]["data_in"] == 0
    with peer.listen(pki, "p256", "--tls", version) as port:
        done = hf_connect(pki, port, "--servername", "wrong.test", "--json")
    assert done.returncode == 6 and failure(done)["alert"] == "bad_certificate", done


def test_no_certificate_is_refused(peer, pki):
    """RFC 9846 4.4.2.4: certificate_required, from either server."""
    with our_server(pki, "--client-auth", "require", "--client-ca", pki.ca) as server:
        assert b"HTTP/1.1" not in peer.visit(pki, server.port).stdout
        refused = server.events("failed", 1)[0]["failure"]
    assert (refused["alert"], refused["alert_direction"]) == ("certificate_required", "sent"), refused
    with peer.listen(pki, "p256", "--ca", pki.ca) as port:
        done = hf_connect(pki, port, "--http", "/", "--json")
    assert done.returncode == 4 and failure(done)["alert"] == "certificate_required", done


def test_versions_that_do_not_meet(peer, pki):
    """RFC 9846 4.1.3, 4.2.1: protocol_version."""
    for theirs, ours in (VERSIONS, VERSIONS[::-1]):
        with our_server(pki, "--tls", ours) as server:
            assert peer.visit(pki, server.port, "--tls", theirs).returncode == 1
            refused = server.events("failed", 1)[0]["failure"]
        assert (refused["alert"], refused["alert_direction"]) == ("protocol_version", "sent"), refused
        with peer.listen(pki, "p256", "--tls", theirs) as port:
            done = hf_connect(pki, port, "--tls", ours, "--json")
        assert done.returncode == 4 and failure(done)["alert"] == "protocol_version", done


@pytest.mark.parametrize("version", VERSIONS)
def test_ends(peer, pki, version):
    """RFC 9846 6.1: an end without close_notify is told from one with it, by both of ours."""
    request = b"GET / HTTP/1.1\r\n\r\n"
    for more, status in (((), 0), (("--cut",), 4)):
        with peer.listen(pki, "p256", "--tls", version, *more) as port:
            done = hf_connect(pki, port, "--pipe", stdin=request)
        assert done.returncode == status and (b"without close_notify" in done.stderr) is bool(more), done
        assert more or b"200 OK" in done.stdout, done
    with our_server(pki, "--echo", "--tls", version) as server:
        assert peer.visit(pki, server.port, "--echo").returncode == 0
        peer.visit(pki, server.port, "--cut")
        server.events("closed", 2)
        assert [(event["id"], event["failure"]["code"]) for event in server.events("failed", 1)] == [(2, "TRUNCATED_STREAM")]


def test_mutual(peer, pki):
    """RFC 9846 4.4.2: each sees who the other is. Resumption with it is in test_resume13.py."""
    make_client_certs(pki)
    with our_server(pki, "--client-auth", "request", "--client-ca", pki.ca) as server:
        peer.client(pki, server.port, Ask("p256", "secp256r1", mutual=True, suite=SUITES[0]))
        seen = server.events("connected", 1)[0]["client_certificate"]
    assert seen["verified"] is True and "client.test" in str(seen["sans"]), seen
