# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Static RSA key exchange of TLS 1.2: spoken under the policy `classroom` alone, with OpenSSL and between our own ends."""
import json

import pytest

from interop import BIN, cell, hf_serve, listening, need, run
from tls12 import OPENSSL, REQUEST, STATIC

CLASSROOM = ("--policy", "classroom")
KEY = "rsa2048"


def connect(pki, port, *options):
    return run([BIN, "connect", "--tls", "1.2", "--ca", pki.ca, "--servername", "localhost", "--json", "--http", "/", *options,
                f"127.0.0.1:{port}"])


def serving(pki, *options):
    return hf_serve(pki, KEY, "--tls", "1.2", *options)


def s_server(pki, suite):
    need("openssl")
    return listening(lambda port: ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-tls1_2", "-cipher", OPENSSL[suite],
                                   "-cert", pki.cert(KEY), "-key", pki.key(KEY), "-www"])


def s_client(pki, port, suite):
    need("openssl")
    return run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-CAfile", pki.ca,
                "-verify_return_error", "-tls1_2", "-cipher", OPENSSL[suite], "-ign_eof"], REQUEST)


def check(done, suite):
    assert done.returncode == 0, done
    report = json.loads(done.stdout)
    assert (report["version"], report["cipher_suite"], report["http"]["status"]) == ("TLS 1.2", suite, 200), report
    assert report["forward_secrecy"] is False, report


@pytest.mark.parametrize("suite", STATIC)
def test_our_client(pki, suite):
    with s_server(pki, suite) as port:
        check(connect(pki, port, *CLASSROOM, "--ciphers", suite), suite)
    cell("OpenSSL", "our client", f"TLS 1.2 static {suite}")


@pytest.mark.parametrize("suite", STATIC)
def test_our_server(pki, suite):
    with serving(pki, *CLASSROOM) as port:
        done = s_client(pki, port, suite)
    assert done.returncode == 0 and f"Cipher is {OPENSSL[suite]}\n".encode() in done.stdout, done
    assert suite.encode() in done.stdout, done
    cell("OpenSSL", "our server", f"TLS 1.2 static {suite}")


@pytest.mark.parametrize("suite", STATIC)
def test_our_own_ends(pki, suite):
    with serving(pki, *CLASSROOM) as port:
        check(connect(pki, port, *CLASSROOM, "--ciphers", suite), suite)


@pytest.mark.parametrize("suite", STATIC)
def test_it_cannot_be_asked_for_by_name(pki, suite):
    """A suite that the policy `default` lacks is a mistake in the command line, at both ends."""
    asked = ["--tls", "1.2", "--ciphers", suite]
    for words in (["connect", "--ca", pki.ca, *asked, "127.0.0.1:9"],
                  ["serve", "--listen", "127.0.0.1:0", "--once", "--cert", pki.cert(KEY), "--key", pki.key(KEY), *asked]):
        assert run([BIN, *words]).returncode == 2


@pytest.mark.parametrize("suite", STATIC)
def test_the_default_policy_refuses_it(pki, suite):
    """RFC 5246 7.2.2: handshake_failure, from them to us and from us to them."""
    with s_server(pki, suite) as port:
        done = connect(pki, port)
        assert done.returncode not in (0, 2), done
        assert json.loads(done.stdout)["failure"]["alert"] == "handshake_failure", done
    with serving(pki) as port:
        done = s_client(pki, port, suite)
        assert done.returncode != 0 and b"alert handshake failure" in done.stderr, done
