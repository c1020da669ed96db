# SPDX-License-Identifier: Apache-2.0 OR MIT
"""rustls, suites x groups x certificate types, both directions. It is a cargo program: see tests/interop/peers/rustls. A compiler
that is too old for a current rustls builds it on an older one, without the hybrid group."""
import contextlib
import itertools

import pytest

from interop import GROUPS, KEYS, SUITES, byte_by_byte, cell, hf_connect, hf_json, hf_serve, listening, run
from processes import LIMIT
from tls12 import json_lines
from tls13_built import rustls, rustls_is_current, rustls_version

HYBRID = "X25519MLKEM768"
MATRIX = list(itertools.product(SUITES, (*GROUPS, HYBRID), KEYS))
DATA = bytes(i * 7 % 251 for i in range(1 << 20)) * 10


@pytest.fixture(scope="session")
def program():
    found = rustls()
    cell("rustls", "version", "", rustls_version())
    return found


def serving(program, pki, key, *more):
    return listening(lambda port: [program, "server", f"127.0.0.1:{port}", "--cert", pki.cert(key), "--key", pki.key(key), *more])


def client(program, pki, port, *more, timeout=LIMIT):
    return run([program, "client", f"127.0.0.1:{port}", "--ca", pki.ca, *more], timeout=timeout)


def seen(done):
    assert done.returncode == 0, done
    return json_lines(done.stdout.decode(errors="replace"))[0]


@pytest.fixture(scope="module")
def servers(program, pki):
    with contextlib.ExitStack() as stack:
        yield {key: stack.enter_context(serving(program, pki, key)) for key in KEYS}


def lacks(direction, group):
    if group == HYBRID and not rustls_is_current():
        cell("rustls", direction, HYBRID, "n/a: ring, on which it stands here, lacks it")
        return True
    return False


@pytest.mark.parametrize("suite,group,key", MATRIX)
def test_our_client(pki, servers, suite, group, key):
    if lacks("our client", group):
        return
    report = hf_json(pki, servers[key], "--ciphers", suite, "--groups", group, "--http", "/")
    assert (report["cipher_suite"], report["group"], report["http"]["status"]) == (suite, group, 200)
    cell("rustls", "our client", f"{suite} {group} {key}")


@pytest.mark.parametrize("suite,group,key", MATRIX)
def test_our_server(program, pki, hf_servers, suite, group, key):
    if lacks("our server", group):
        return
    report, page = seen(client(program, pki, hf_servers[key], "--suites", suite, "--groups", group))
    assert (report["version"], report["suite"], report["group"], report["kind"]) == ("TLSv1.3", suite, group, "full"), report
    assert suite in page and group in page, page
    cell("rustls", "our server", f"{suite} {group} {key}")


def test_the_choice_of_both(program, pki, servers, hf_servers):
    """Nothing asked for: the hybrid, in the first flight."""
    if not rustls_is_current():
        return
    report = hf_json(pki, servers["p256"])
    assert (report["group"], report["round_trips"]) == (HYBRID, 1), report
    report, _ = seen(client(program, pki, hf_servers["p256"]))
    assert (report["group"], report["kind"]) == (HYBRID, "full"), report


def test_retry_of_our_client(program, pki):
    """RFC 9846 4.2.4"""
    with serving(program, pki, "p256", "--groups", "secp384r1") as port:
        report = hf_json(pki, port, "--http", "/")
    assert (report["group"], report["round_trips"]) == ("secp384r1", 2)
    cell("rustls", "our client", "HelloRetryRequest")


def test_retry_by_our_server(program, pki):
    """RFC 9846 4.2.4: a client sends a share of its first group alone."""
    with hf_serve(pki, "p256", "--groups", "secp384r1") as port:
        report, _ = seen(client(program, pki, port, "--groups", "x25519,secp384r1"))
    assert (report["kind"], report["group"]) == ("hrr", "secp384r1"), report
    cell("rustls", "our server", "HelloRetryRequest")


def test_one_byte_segments(program, pki, servers, hf_servers):
    with byte_by_byte(servers["p256"]) as port:
        assert hf_json(pki, port, "--http", "/")["http"]["status"] == 200
    with byte_by_byte(hf_servers["p256"]) as port:
        assert "HTTP/1.1 200 OK" in seen(client(program, pki, port))[1]
    cell("rustls", "our client", "1-byte segments")
    cell("rustls", "our server", "1-byte segments")


def test_ten_megabytes(program, pki, tmp_path):
    """10 MB each way, closed with close_notify: both roles."""
    (tmp_path / "data").write_bytes(DATA)
    with hf_serve(pki, "p256", "--echo") as port:
        done = client(program, pki, port, "--echo", "--send", tmp_path / "data", timeout=120)
    assert done.returncode == 0 and done.stdout.partition(b"\n")[2][:-1] == DATA, (done.returncode, len(done.stdout), done.stderr)
    with serving(program, pki, "p256", "--echo") as port:
        done = hf_connect(pki, port, "--pipe", stdin=DATA, timeout=120)
    assert done.returncode == 0 and done.stdout == DATA, (done.returncode, len(done.stdout), done.stderr)
    cell("rustls", "our client", "10 MB each way")
    cell("rustls", "our server", "10 MB each way")
