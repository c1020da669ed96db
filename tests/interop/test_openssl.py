# SPDX-License-Identifier: Apache-2.0 OR MIT
"""OpenSSL's s_client and s_server, suites x groups x certificate types, both directions."""
import contextlib
import itertools

import pytest

from interop import (BIN, GROUPS, KEYS, SUITES, Talk, answers, byte_by_byte, cell, free_port, hf_json, hf_serve, listening,
                      need, run, version_of, wait_for)

NAMES = {"x25519": "X25519", "secp256r1": "P-256", "secp384r1": "P-384"}
MATRIX = list(itertools.product(SUITES, GROUPS, KEYS))
DATA = bytes(i * 7 % 251 for i in range(1 << 20)) * 10
PAGE = b"GET / HTTP/1.0\r\n\r\n"


@pytest.fixture(scope="session")
def servers(pki):
    need("openssl")
    with contextlib.ExitStack() as stack:
        yield {key: stack.enter_context(listening(lambda port, key=key: s_server(pki, key, port, "-www"))) for key in KEYS}


def s_server(pki, key, port, *options):
    return ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-tls1_3", "-cert", pki.cert(key), "-key", pki.key(key),
            *options]


def s_client(pki, port, *options, stdin=PAGE):
    need("openssl")
    return run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-CAfile", pki.ca,
                "-verify_return_error", "-verify_hostname", "localhost", "-quiet", "-ign_eof", *options], stdin)


@pytest.mark.parametrize("suite,group,key", MATRIX)
def test_our_client(pki, servers, suite, group, key):
    report = hf_json(pki, servers[key], "--ciphers", suite, "--groups", group, "--http", "/")
    assert (report["cipher_suite"], report["group"], report["http"]["status"]) == (suite, group, 200)
    assert report["peer"]["verified"] is True
    cell("OpenSSL", "our client", f"{suite} {group} {key}")


@pytest.mark.parametrize("suite,group,key", MATRIX)
def test_our_server(pki, hf_servers, suite, group, key):
    done = s_client(pki, hf_servers[key], "-ciphersuites", suite, "-groups", NAMES[group])
    assert done.returncode == 0 and done.stdout.startswith(b"HTTP/1"), done
    assert suite.encode() in done.stdout and group.encode() in done.stdout.lower(), done.stdout[-2000:]
    cell("OpenSSL", "our server", f"{suite} {group} {key}")


def test_retry_of_our_client(pki):
    """RFC 9846 4.2.4: the server wants a group that came without a share."""
    need("openssl")
    with listening(lambda port: s_server(pki, "p256", port, "-www", "-groups", "P-384")) as port:
        report = hf_json(pki, port, "--http", "/")
    assert (report["group"], report["round_trips"]) == ("secp384r1", 2)
    cell("OpenSSL", "our client", "HelloRetryRequest")


def test_retry_by_our_server(pki):
    """RFC 9846 4.2.4: we ask for a share that did not come."""
    with hf_serve(pki, "p256", "--groups", "X25519") as port:
        done = s_client(pki, port, "-groups", "P-256:X25519")
    assert done.returncode == 0 and b"x25519" in done.stdout.lower(), done
    cell("OpenSSL", "our server", "HelloRetryRequest")


@pytest.mark.parametrize("name,code", [("localhost", 0), ("wrong.test", 1)])
def test_it_verifies_us(pki, hf_servers, name, code):
    done = run(["openssl", "s_client", "-connect", f"127.0.0.1:{hf_servers['p256']}", "-CAfile", pki.ca, "-quiet",
                "-verify_return_error", "-verify_hostname", name], PAGE)
    assert done.returncode == code, done


def test_old_versions_are_refused(pki, hf_servers):
    """RFC 9846 E.5: TLS 1.1 is never negotiated; the alert says why."""
    done = run(["openssl", "s_client", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-connect",
                f"127.0.0.1:{hf_servers['p256']}"])
    assert done.returncode != 0 and b"alert protocol version" in done.stderr, done


def test_one_byte_segments(pki, servers, hf_servers):
    with byte_by_byte(servers["p256"]) as port:
        assert hf_json(pki, port, "--http", "/")["http"]["status"] == 200
    with byte_by_byte(hf_servers["p256"]) as port:
        assert s_client(pki, port).stdout.startswith(b"HTTP/1")
    cell("OpenSSL", "our client", "1-byte segments")
    cell("OpenSSL", "our server", "1-byte segments")


def test_ten_megabytes_to_our_server(pki):
    """10 MB each way at once."""
    need("openssl")
    with hf_serve(pki, "p256", "--echo") as port, Talk(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile",
                                                        pki.ca, "-quiet", "-nocommands"]) as client:
        client.say_all(DATA)
        assert client.until(lambda got: len(got) >= len(DATA)) == DATA
    cell("OpenSSL", "our server", "10 MB each way")


def test_ten_megabytes_from_our_client(pki):
    """10 MB each way at once. s_server sends its stdin to whoever is connected, and on a busy machine that may still be the
    probe, which swallows 16 KiB: it gets its input only once our first byte shows that the connection is ours."""
    need("openssl")
    port = free_port()
    with Talk(s_server(pki, "p256", port, "-quiet")) as server:
        wait_for(lambda: answers(port), server.process, "s_server")
        with Talk([BIN, "connect", "--ca", pki.ca, "--servername", "localhost", "--pipe", f"127.0.0.1:{port}"]) as client:
            client.say(DATA[:1])
            server.until(lambda got: got == DATA[:1])
            client.say_all(DATA[1:])
            server.say_all(DATA)
            assert client.until(lambda got: len(got) >= len(DATA)) == DATA
            assert server.until(lambda got: len(got) >= len(DATA)) == DATA
    cell("OpenSSL", "our client", "10 MB each way")


def test_key_update_from_it(pki):
    """RFC 9846 4.7.3: `K` makes s_client renew its keys and ask for ours; data goes on both ways."""
    need("openssl")
    with hf_serve(pki, "p256", "--echo") as port, Talk(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile",
                                                        pki.ca], with_errors=True) as client:
        client.say(b"one\n")
        client.until(lambda got: b"\none\n" in got)
        client.say(b"K\n")
        client.until(lambda got: b"KEYUPDATE" in got)
        client.say(b"two\n")
        client.until(lambda got: b"\ntwo\n" in got)
    cell("OpenSSL", "our server", "KeyUpdate asked for")


@pytest.mark.parametrize("direction", ["our client", "our server"])
def test_hybrid(pki, hf_servers, direction):
    """X25519MLKEM768 needs OpenSSL 3.5."""
    need("openssl")
    if version_of(["openssl", "version"], r"OpenSSL (\d+)\.(\d+)") < (3, 5):
        cell("OpenSSL", direction, "X25519MLKEM768", "n/a: OpenSSL before 3.5 lacks it")
    elif direction == "our client":
        with listening(lambda port: s_server(pki, "p256", port, "-www", "-groups", "X25519MLKEM768")) as port:
            assert hf_json(pki, port)["group"] == "X25519MLKEM768"
        cell("OpenSSL", direction, "X25519MLKEM768")
    else:
        assert b"X25519MLKEM768" in s_client(pki, hf_servers["p256"], "-groups", "X25519MLKEM768").stdout
        cell("OpenSSL", direction, "X25519MLKEM768")


@pytest.mark.parametrize("hash_of_ticket,suite", [("TLS_AES_256_GCM_SHA384", SUITES[0]), (SUITES[0], SUITES[1])])
def test_a_foreign_ticket_that_goes_after_a_retry(pki, servers, tmp_path, hash_of_ticket, suite):
    """RFC 9846 4.2.2: a client may leave out a PSK whose hash does not fit the suite of the HelloRetryRequest."""
    ticket = tmp_path / "ticket"
    s_client(pki, servers["p256"], "-ciphersuites", hash_of_ticket, "-sess_out", ticket)
    assert ticket.exists()
    with hf_serve(pki, "p256", "--groups", "P-384", "--ciphers", suite) as port:
        done = s_client(pki, port, "-groups", "X25519:P-384", "-sess_in", ticket)
    assert done.returncode == 0 and done.stdout.startswith(b"HTTP/1"), done
