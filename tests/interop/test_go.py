# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Go's crypto/tls, groups x certificate types, both directions; X25519MLKEM768 with Go 1.24 or later. Go does not let its
user choose TLS 1.3 suites: our side names them."""
import contextlib
import itertools

import pytest

from interop import GROUPS, KEYS, SUITES, build_go, byte_by_byte, cell, hf_connect, hf_json, hf_serve, listening, run, version_of
from processes import LIMIT

HYBRID = "X25519MLKEM768"
MLKEM = {"GODEBUG": "tlsmlkem=1"}  # the default follows the go line of go.mod, which is old on purpose
DATA = bytes(i * 7 % 251 for i in range(1 << 20)) * 10


@pytest.fixture(scope="session")
def go(tmp_path_factory):
    return build_go(tmp_path_factory.mktemp("go"))


def need_hybrid(what):
    if version_of(["go", "version"], r"go(\d+)\.(\d+)") < (1, 24):
        cell("Go", what, HYBRID, "n/a: Go before 1.24 has no X25519MLKEM768")
        return False
    return True


def serving(go, pki, key, group):
    return listening(lambda port: [go, "-listen", f"127.0.0.1:{port}", "-cert", pki.cert(key), "-key", pki.key(key), "-group",
                                   group], env=MLKEM)


def client(go, pki, port, group, stdin=b"ping", timeout=LIMIT):
    return run([go, "-connect", f"127.0.0.1:{port}", "-ca", pki.ca, "-group", group], stdin, timeout, MLKEM)


@pytest.mark.parametrize("group,key", list(itertools.product((*GROUPS, HYBRID), KEYS)))
def test_our_client(go, pki, group, key):
    if group == HYBRID and not need_hybrid("our client"):
        return
    with serving(go, pki, key, group) as port:
        for suite in SUITES:
            report = hf_json(pki, port, "--ciphers", suite)
            assert (report["cipher_suite"], report["group"]) == (suite, group)
            cell("Go", "our client", f"{suite} {group} {key}")


@pytest.fixture(scope="session")
def echoes(pki):
    with contextlib.ExitStack() as stack:
        yield {(suite, key): stack.enter_context(hf_serve(pki, key, "--echo", "--ciphers", suite))
               for suite in SUITES for key in KEYS}


@pytest.mark.parametrize("suite,group,key", list(itertools.product(SUITES, (*GROUPS, HYBRID), KEYS)))
def test_our_server(go, pki, echoes, suite, group, key):
    if group == HYBRID and not need_hybrid("our server"):
        return
    done = client(go, pki, echoes[suite, key], group)
    assert done.returncode == 0 and done.stdout == b"ping" and suite.encode() in done.stderr, done
    cell("Go", "our server", f"{suite} {group} {key}")


def test_retry_of_our_client(go, pki):
    """RFC 9846 4.2.4"""
    with serving(go, pki, "p256", "secp384r1") as port:
        assert hf_json(pki, port)["round_trips"] == 2
    cell("Go", "our client", "HelloRetryRequest")


def test_retry_by_our_server(go, pki):
    """RFC 9846 4.2.4: a client with its usual groups sends no share of P-384."""
    with hf_serve(pki, "p256", "--echo", "--groups", "P-384") as port:
        done = client(go, pki, port, "")
    assert done.stdout == b"ping", done
    cell("Go", "our server", "HelloRetryRequest")


def test_ten_megabytes(go, pki, echoes):
    """10 MB each way at once, closed with close_notify: both roles."""
    done = client(go, pki, echoes[SUITES[0], "p256"], "x25519", DATA, 120)
    assert done.returncode == 0 and done.stdout == DATA, (done.returncode, len(done.stdout), done.stderr)
    with serving(go, pki, "p256", "x25519") as port:
        done = hf_connect(pki, port, "--pipe", stdin=DATA, timeout=120)
    assert done.returncode == 0 and done.stdout == DATA, (done.returncode, len(done.stdout), done.stderr)
    cell("Go", "our client", "10 MB each way")
    cell("Go", "our server", "10 MB each way")


def test_one_byte_segments(go, pki, echoes):
    with serving(go, pki, "p256", "x25519") as port, byte_by_byte(port) as slow:
        assert hf_connect(pki, slow, "--pipe", stdin=b"x" * 2000).stdout == b"x" * 2000
    with byte_by_byte(echoes[SUITES[0], "p256"]) as slow:
        assert client(go, pki, slow, "x25519", b"x" * 2000).stdout == b"x" * 2000
    cell("Go", "our client", "1-byte segments")
    cell("Go", "our server", "1-byte segments")
