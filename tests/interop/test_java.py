# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Java's JSSE, both directions: suites x groups x certificate types in TLS 1.3, the resumptions and the TLS 1.2 that every peer
goes through, and what JSSE alone is made to do: new keys after so many bytes."""
import contextlib
import itertools
import re

import pytest

from interop import BIN, GROUPS, KEYS, SUITES, Talk, byte_by_byte, cell, hf_connect, hf_json, hf_serve, need, run
from jvm import NO_TICKETS, Java, Jvm, build, version
from processes import LIMIT
from served import served
from test_resume13 import test_matrix as test_resumption  # pylint: disable=unused-import
from test_tls12 import test_matrix as test_tls12  # pylint: disable=unused-import
from test_tls12 import test_no_certificate_is_refused  # pylint: disable=unused-import
from tls12 import Ask, make_client_certs, suites

PSS = "rsa-pss"
SUITES12 = suites("p256")
DATA = bytes(i * 7 % 251 for i in range(1 << 20)) * 10
WITHOUT = {"X25519MLKEM768": "JSSE before 27 lacks it", "0-RTT all": "JSSE has no early data",
           "PSK all": "JSSE has no pre-shared keys"}


@pytest.fixture(scope="session")
def classes(tmp_path_factory):
    return build(tmp_path_factory.mktemp("java"))


@pytest.fixture(scope="module")
def peer(classes, pki):
    make_client_certs(pki)
    for direction, (what, why) in itertools.product(("our client", "our server"), WITHOUT.items()):
        cell("Java", direction, what, f"n/a: {why}")
    with contextlib.closing(Jvm(classes)) as jvm, contextlib.closing(Jvm(classes, *NO_TICKETS)) as without:
        cell("Java", "version", "", jvm.ask("version")["version"])
        yield Java(jvm, without)


@pytest.fixture(scope="module")
def pss(pki):
    """A key for RSASSA-PSS alone, of which `cert leaf` makes none."""
    need("openssl")
    folder = pki.folder / PSS
    folder.mkdir()
    (folder / "sans").write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n", encoding="ascii")
    for words in (["genpkey", "-algorithm", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048", "-out", pki.key(PSS)],
                  ["req", "-new", "-key", pki.key(PSS), "-subj", "/CN=localhost", "-out", folder / "request"],
                  ["x509", "-req", "-in", folder / "request", "-CA", pki.ca, "-CAkey", pki.folder / "ca" / "ca.key", "-days", "2",
                   "-extfile", folder / "sans", "-out", pki.cert(PSS)]):
        done = run(["openssl", *words])
        assert done.returncode == 0, done
    return PSS


def check_our_client(peer, pki, key, groups):
    with peer.server(pki, Ask(key)) as port:
        for suite, group in itertools.product(SUITES, groups):
            report = hf_json(pki, port, "--ciphers", suite, "--groups", group, "--http", "/")
            assert (report["cipher_suite"], report["group"], report["http"]["status"]) == (suite, group, 200), report
            cell("Java", "our client", f"{suite} {group} {key}")
    return report


def check_our_server(peer, pki, key, group):
    with hf_serve(pki, key, "--groups", group) as port:
        for suite in SUITES:
            seen, = peer.client(pki, port, Ask(key, suite=suite))
            assert (seen.version, seen.suite) == ("TLSv1.3", suite) and suite in seen.text and group in seen.text, seen
            cell("Java", "our server", f"{suite} {group} {key}")
    return seen


@pytest.mark.parametrize("key", KEYS)
def test_our_client(peer, pki, key):
    check_our_client(peer, pki, key, GROUPS)


@pytest.mark.parametrize("group,key", list(itertools.product(GROUPS, KEYS)))
def test_our_server(peer, pki, group, key):
    check_our_server(peer, pki, key, group)


def test_keys_for_rsassa_pss(peer, pki, pss):
    """RFC 9846 4.3.3: such a key signs with rsa_pss_pss_sha256, not with rsa_pss_rsae_sha256."""
    assert check_our_client(peer, pki, pss, GROUPS)["signature_scheme"] == "rsa_pss_pss_sha256"
    for group in GROUPS:
        assert "rsa_pss_pss_sha256" in check_our_server(peer, pki, pss, group).text


def test_retry_of_our_client(classes, pki):
    """RFC 9846 4.2.4"""
    with contextlib.closing(Jvm(classes, "-Djdk.tls.namedGroups=secp384r1")) as jvm:
        with Java(jvm, jvm).server(pki, Ask("p256")) as port:
            report = hf_json(pki, port, "--http", "/")
    assert (report["group"], report["round_trips"]) == ("secp384r1", 2)
    cell("Java", "our client", "HelloRetryRequest")


def test_retry_by_our_server(peer, pki):
    """RFC 9846 4.2.4: JSSE sends shares of its first groups."""
    with served("--cert", pki.cert("p256"), "--key", pki.key("p256"), "--groups", "secp384r1") as server:
        peer.client(pki, server.port, Ask("p256", suite=SUITES[0]))
        report, = server.events("connected", 1)
    assert (report["group"], report["round_trips"]) == ("secp384r1", 2)
    cell("Java", "our server", "HelloRetryRequest")


@pytest.mark.parametrize("suite", (SUITES[0], SUITES12[0]))
def test_application_protocols(peer, pki, suite):
    """RFC 7301 3.2: the server's choice, known at both ends."""
    ask = Ask("p256", suite=suite)
    with peer.server(pki, Ask("p256"), alpn="ftp,imap") as port:
        assert hf_json(pki, port, "--ciphers", suite, "--tls", version(suite), "--alpn", "imap,ftp")["alpn"] == "ftp"
    with hf_serve(pki, "p256", "--echo", "--alpn", "imap,ftp") as port:
        visit, = peer.visits(pki, port, ask, mode="echo", alpn="ftp,imap")
    assert visit["alpn"] == "imap", visit


def test_one_byte_segments(peer, pki, hf_servers):
    with peer.server(pki, Ask("p256")) as near, byte_by_byte(near) as port:
        assert hf_json(pki, port, "--http", "/")["http"]["status"] == 200
    with byte_by_byte(hf_servers["p256"]) as port:
        assert "HTTP/1.1 200 OK" in peer.client(pki, port, Ask("p256", suite=SUITES[0]))[0].text
    cell("Java", "our client", "1-byte segments")
    cell("Java", "our server", "1-byte segments")


@pytest.fixture
def data(tmp_path):
    (tmp_path / "data").write_bytes(DATA)
    return tmp_path / "data"


@pytest.mark.parametrize("suite", (*SUITES, *SUITES12))
def test_ten_megabytes_from_our_client(peer, pki, suite):
    """10 MB each way; our end closes its direction first, and still gets what is under way (RFC 9846 6.1)."""
    with peer.server(pki, Ask("p256"), mode="echo") as port:
        done = hf_connect(pki, port, "--ciphers", suite, "--tls", version(suite), "--pipe", stdin=DATA, timeout=120)
    assert done.returncode == 0 and done.stdout == DATA, (done.returncode, len(done.stdout), done.stderr)
    cell("Java", "our client", "10 MB each way")


@pytest.mark.parametrize("suite", (*SUITES, *SUITES12))
def test_ten_megabytes_to_our_server(peer, pki, data, suite):
    """The same with JSSE's client, whose direction is closed first."""
    with hf_serve(pki, "p256", "--echo", "--ciphers", suite) as port:
        visit, = peer.visits(pki, port, Ask("p256", suite=suite), mode="echo", send=data)
    assert visit["text"] == DATA, len(visit["text"])
    cell("Java", "our server", "10 MB each way")


# JSSE counts what it seals and opens, and asks the other end for new keys, too. (Step by step: JSSE 17 blocks itself when it
# would renew keys while another thread of its cannot write, and fails when it would do so after the other end has closed.)
EACH = 18
TIMES = 5
STEP = 16000
STEPPED = DATA[:TIMES << EACH]


def updates(trace):
    """How many KeyUpdates each end sent."""
    return [len(re.findall(rf"client {arrow} server +KeyUpdate", trace)) for arrow in ("-->", "<--")]


@pytest.fixture(scope="module")
def renewing(classes):
    with contextlib.closing(Jvm(classes, words=(str(EACH),))) as jvm:
        yield Java(jvm, jvm)


def check_updates(trace):
    assert min(updates(trace)) >= TIMES - 1, (updates(trace), trace)


@pytest.mark.parametrize("suite", SUITES)
def test_new_keys_of_our_client(renewing, pki, tmp_path, suite):
    """RFC 9846 4.7.3: update_requested is answered with new keys of ours."""
    trace = tmp_path / "trace"
    with renewing.server(pki, Ask("p256"), mode="echo") as port:
        words = [BIN, "connect", "--ca", pki.ca, "--servername", "localhost", "--ciphers", suite, "--pipe", "--trace"]
        with Talk(["sh", "-c", f'exec "$@" 2> {trace}', "sh", *words, f"127.0.0.1:{port}"]) as client:
            for at in range(0, len(STEPPED), STEP):
                client.say(STEPPED[at:at + STEP])
                client.until(lambda got, n=at + STEP: len(got) >= min(n, len(STEPPED)))
            client.process.stdin.close()
            assert client.process.wait(LIMIT) == 0 and client.got == STEPPED, trace.read_text()
    check_updates(trace.read_text())
    cell("Java", "our client", "KeyUpdate asked for")


@pytest.mark.parametrize("suite", SUITES)
def test_new_keys_of_our_server(renewing, pki, tmp_path, suite):
    """RFC 9846 4.7.3: update_requested is answered with new keys of ours."""
    (tmp_path / "data").write_bytes(STEPPED)
    words = [BIN, "serve", "--listen", "127.0.0.1:0", "--cert", pki.cert("p256"), "--key", pki.key("p256"), "--echo", "--trace"]
    with Talk([*words, "--once"], with_errors=True) as server:
        port = re.search(rb"127\.0\.0\.1:(\d+)", server.until(lambda got: b", echo)" in got))[1].decode()
        visit, = renewing.visits(pki, port, Ask("p256", suite=suite), mode="steps", send=tmp_path / "data")
        assert server.process.wait(LIMIT) == 0 and visit["text"] == STEPPED
        trace = server.until(lambda got: got.count(b"close_notify") >= 1).decode()
    check_updates(trace)
    cell("Java", "our server", "KeyUpdate asked for")
