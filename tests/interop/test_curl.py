# SPDX-License-Identifier: Apache-2.0 OR MIT
"""curl against our server: suites x groups x certificate types. curl is a client only."""
import itertools

import pytest

from interop import GROUPS, KEYS, SUITES, byte_by_byte, cell, hf_serve, need, run

CURVES = {"x25519": "X25519", "secp256r1": "P-256", "secp384r1": "P-384"}


def curl(pki, port, *options):
    need("curl")
    return run(["curl", "-sS", "--cacert", pki.ca, "--tlsv1.3", "--resolve", f"localhost:{port}:127.0.0.1", *options,
                f"https://localhost:{port}/"])


@pytest.mark.parametrize("suite,group,key", list(itertools.product(SUITES, GROUPS, KEYS)))
def test_our_server(pki, hf_servers, suite, group, key):
    done = curl(pki, hf_servers[key], "--tls13-ciphers", suite, "--curves", CURVES[group])
    assert done.returncode == 0 and suite.encode() in done.stdout and group.encode() in done.stdout, done
    cell("curl", "our server", f"{suite} {group} {key}")
    cell("curl", "our client", "all", "n/a: curl is a client only")
    cell("curl", "our server", "X25519MLKEM768", "n/a: the OpenSSL under it lacks it")
    cell("curl", "our server", "10 MB each way", "n/a: HTTP only, and our page is small")


def test_it_refuses_a_wrong_name(pki, hf_servers):
    done = run(["curl", "-sS", "--cacert", pki.ca, "--resolve", f"wrong.test:{hf_servers['p256']}:127.0.0.1",
                f"https://wrong.test:{hf_servers['p256']}/"])
    assert done.returncode == 60, done


def test_one_byte_segments(pki, hf_servers):
    with byte_by_byte(hf_servers["p256"]) as port:
        assert curl(pki, port).returncode == 0
    cell("curl", "our server", "1-byte segments")


def test_retry_by_our_server(pki):
    """RFC 9846 4.2.4"""
    with hf_serve(pki, "p256", "--groups", "secp384r1") as port:
        done = curl(pki, port, "--curves", "X25519:P-384")
    assert done.returncode == 0 and b"secp384r1" in done.stdout, done
    cell("curl", "our server", "HelloRetryRequest")
