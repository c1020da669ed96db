# SPDX-License-Identifier: Apache-2.0 OR MIT
"""connect and serve --psk-file: keys instead of certificates, and files of keys that are not to be trusted."""
import calendar
import json
import os
import re
import signal
import subprocess
import time

import pytest

from peers import LIMIT, Pki, Server, end, free_port, have, listens, wait_for

KEY = "00112233445566778899aabbccddeeff"
OTHER = "ff112233445566778899aabbccddeeff"
PLAIN = {"PSK-AES128-GCM-SHA256": "TLS_PSK_WITH_AES_128_GCM_SHA256", "PSK-AES128-CCM": "TLS_PSK_WITH_AES_128_CCM",
         "PSK-AES128-CCM8": "TLS_PSK_WITH_AES_128_CCM_8"}
EPHEMERAL = {"ECDHE-PSK-CHACHA20-POLY1305": "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
             "ECDHE-PSK-AES128-GCM-SHA256": "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256"}

needs_openssl = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def keys(hf):
    """Writes a file of keys, mode 0600, and returns its name."""
    def write(text, name="psk", mode=0o600):
        fresh = hf.folder / "fresh"
        fresh.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.chmod(fresh, mode)
        os.replace(fresh, hf.folder / name)
        return name
    return write


@pytest.fixture
def psk(keys):
    return keys(f"# two devices\n\ndevice1:{KEY}\r\n  \ndevice 2:{OTHER}  \n")


def connect(hf, port, *words):
    done = hf("connect", "--json", *words, f"localhost:{port}")
    return done, json.loads(done.out) if done.out else None


def s_client(port, *words, request=b"GET / HTTP/1.0\r\n\r\n"):
    return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-ign_eof", *words], input=request,
                          capture_output=True, timeout=LIMIT, check=False)


# --- both ends of ours ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_a_key_is_enough(hf, psk, version):
    with Server(hf, "--psk-file", psk) as s:
        done, report = connect(hf, s.port, "--psk-file", psk, "--tls", version, "--http")
        event = s.await_event("connected")
    assert done.good().err == "" and report["version"] == f"TLS {version}" and report["http"]["status"] == 200
    for seen in (report, event):
        assert (seen["psk"], seen["psk_identity"], seen["forward_secrecy"]) == (True, "device1", True)
        assert seen["resumed"] is False and seen["signature_scheme"] is None and seen["early_data"] == "none"
    assert report["peer"]["verified"] and report["peer"]["chain"] == [] and report["key_exchange"].endswith("-PSK")


def test_another_identity_is_chosen_by_its_name(hf, psk):
    with Server(hf, "--psk-file", psk) as s:
        assert connect(hf, s.port, "--psk-file", psk, "--psk-identity", "device 2")[1]["psk_identity"] == "device 2"
        assert s.await_event("connected")["psk_identity"] == "device 2"


def test_the_report_names_the_key(hf, psk):
    with Server(hf, "--psk-file", psk) as s:
        out = hf("connect", "--psk-file", psk, "--session", "s", f"localhost:{s.port}").good().out
        page = hf("connect", "--psk-file", psk, "--http", f"localhost:{s.port}").good().out
    assert "verified: pre-shared key device1" in out and "revocation" not in out and "certificate" not in out.replace("CN=", "")
    assert "none is kept, as the pre-shared key" in " ".join(out.split()) and not (hf.folder / "s").exists()
    assert "pre-shared key device1" in page and "Forward secrecy  yes" in page


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_wrong_keys_and_unknown_names_look_alike(hf, psk, keys, version):
    """RFC 9846 6.2: where nothing else is served, decrypt_error tells nobody which names exist."""
    alerts = []
    with Server(hf, "--psk-file", psk) as s:
        for text in (f"device1:{OTHER}\n", f"nobody:{KEY}\n"):
            done, report = connect(hf, s.port, "--tls", version, "--psk-file", keys(text, "mine"))
            assert done.code == 4 and report["ok"] is False and report["peer"]["verified"] is False
            alerts.append(report["failure"]["alert"])
            assert s.await_event("failed").get("psk_identity") in (None, text.split(":", maxsplit=1)[0])
    assert alerts[0] == alerts[1] and "decrypt_error" in json.dumps(alerts[0])


def test_a_client_without_a_key_is_told_what_it_lacks(hf, psk):
    with Server(hf, "--psk-file", psk) as s:
        done, _ = connect(hf, s.port, "--insecure")
        failure = s.await_event("failed")["failure"]
    assert done.code == 4 and "--psk-file" in failure["hint"]


def test_what_to_do_about_it(hf, psk, keys):
    """A server that knows nothing but plain PSK, as small ones do; and one that has another key."""
    with Server(hf, "--psk-file", psk, "--policy", "iot", "--tls", "1.2", "--ciphers", "PSK-AES128-CCM8") as s:
        done = hf("connect", "--psk-file", psk, f"localhost:{s.port}").fails(4)
        assert f"handfast connect --psk-file psk --policy iot localhost:{s.port}" in done.err
        hf("connect", "--psk-file", psk, "--policy", "iot", f"localhost:{s.port}").good()
        done = hf("connect", "--psk-file", keys(f"device1:{OTHER}\n", "mine"), "--policy", "iot", f"localhost:{s.port}")
        assert done.code == 4 and "check the identity" in " ".join(done.err.split())


def advice(err):
    return " ".join(err.split()).split(" next: ")[1]


@needs_openssl
@pytest.mark.parametrize("words, iot", [([], True), (["--policy", "iot"], False), (["--tls", "1.3"], False)])
def test_identity_and_key_come_first_whatever_the_alert(hf, psk, keys, words, iot):
    """OpenSSL (mosquitto, too) says handshake_failure of an identity that it does not know, as it would of suites."""
    port = free_port()
    server = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-tls1_3", "-nocert", "-quiet", "-psk_identity", "device1",
                               "-psk", KEY], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for("openssl s_server", lambda: listens(port), server)
        hf("connect", "--psk-file", psk, *words, f"localhost:{port}").good()
        unknown = hf("connect", "--psk-file", keys(f"nobody:{KEY}\n", "mine"), *words, f"localhost:{port}").fails(4).err
        wrong = hf("connect", "--psk-file", keys(f"device1:{OTHER}\n", "mine"), *words, f"localhost:{port}").fails(4).err
    finally:
        end(server, signal.SIGKILL)
    assert "handshake_failure" in unknown and "illegal_parameter" in wrong
    first = "the server has no key of this name, or another one: check the identity (what stands before the last ':') and the key on both ends"
    assert advice(unknown).startswith(first) and advice(wrong).startswith(first)
    assert ("forward secrecy" in advice(unknown)) is iot and "--policy iot --policy" not in unknown
    assert (f"handfast connect --psk-file mine --policy iot localhost:{port}" in advice(unknown)) is iot


def test_with_certificates_both_kinds_of_client_are_served(hf, psk, keys, pki):
    with Server(hf, "--psk-file", psk, "--cert", pki.srv_chain, "--key", pki.srv_key) as s:
        by_key = connect(hf, s.port, "--psk-file", psk)[1]
        by_chain = connect(hf, s.port, "--ca", pki.root_pem)[1]
        unknown = connect(hf, s.port, "--psk-file", keys(f"nobody:{KEY}\n", "mine"), "--ca", pki.root_pem)[1]
        distrusted = connect(hf, s.port, "--psk-file", "mine")
        wrong = connect(hf, s.port, "--psk-file", keys(f"device1:{OTHER}\n", "mine"), "--ca", pki.root_pem)
    assert by_key["psk"] and by_key["peer"]["chain"] == []
    assert not by_chain["psk"] and by_chain["peer"]["verified"] and by_chain["peer"]["chain"]
    assert not unknown["psk"] and unknown["peer"]["verified"] and unknown["peer"]["chain"]
    assert distrusted[0].code != 0 and distrusted[1]["failure"]["code"] == "PSK_DECLINED"
    assert wrong[0].code == 4 and "decrypt_error" in json.dumps(wrong[1]["failure"]["alert"])


def test_a_client_with_a_key_trusts_no_certificate(hf, psk, pki):
    """Without --ca, a server that is good for everybody else is not good enough."""
    with Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key) as s:
        done = hf("connect", "--psk-file", psk, "--json", f"localhost:{s.port}", env={"SSL_CERT_FILE": pki.root_pem})
    assert done.code != 0 and json.loads(done.out)["failure"]["code"] == "PSK_DECLINED"


def test_echo_by_key(hf, psk):
    """What `connect --psk-file … --pipe` says at its start, before the peer's bytes."""
    with Server(hf, "--psk-file", psk, "--echo") as s:
        done = hf("connect", "--psk-file", psk, "--pipe", f"localhost:{s.port}", stdin=b"hello\n").good()
    assert done.out == "hello\n" and "pre-shared key device1" in done.err and "NOT VERIFIED" not in done.err


# --- forward secrecy --------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("suite", [*PLAIN, *EPHEMERAL])
def test_suites_of_small_devices(hf, psk, suite):
    iot = ["--policy", "iot", "--psk-file", psk]
    with Server(hf, *iot, "--tls", "1.2") as s:
        done, report = connect(hf, s.port, *iot, "--tls", "1.2", "--ciphers", suite)
        out = hf("connect", *iot, "--tls", "1.2", "--ciphers", suite, f"localhost:{s.port}").good().out
        errors = s.stderr()
    assert report["cipher_suite"] == {**PLAIN, **EPHEMERAL}[suite] and report["forward_secrecy"] == (suite in EPHEMERAL)
    assert ("NO forward secrecy" in " ".join(done.err.split())) == (suite in PLAIN) and done.err.count("warning:") == (suite in PLAIN)
    assert "may have NO forward secrecy" in " ".join(errors.split())
    assert ("NO forward secrecy" in " ".join(out.split())) == (suite in PLAIN)


@pytest.mark.parametrize("words, plain", [(["--tls", "1.2", "--ciphers", "PSK-AES128-CCM"], True), (["--tls", "1.2"], False), ([], False)])
def test_the_client_warns_of_what_came_about(hf, psk, words, plain):
    """With --policy iot much may be agreed on: who has forward secrecy is not told that it may be missing."""
    with Server(hf, "--policy", "iot", "--psk-file", psk, *words) as s:
        done, report = connect(hf, s.port, "--policy", "iot", "--psk-file", psk)
    assert done.code == 0 and report["forward_secrecy"] is not plain
    assert done.err.split() == ("handfast: warning: NO forward secrecy: whoever gets the pre-shared key later reads all that was "
                                "recorded".split() if plain else [])


def test_the_client_warns_before_if_nothing_else_is_left(hf, psk):
    words = ["--policy", "iot", "--tls", "1.2", "--psk-file", psk, "127.0.0.1:1"]
    assert "NO forward secrecy" in " ".join(hf("connect", "--ciphers", "PSK-AES128-CCM", *words).err.split())
    assert "forward secrecy" not in hf("connect", *words).err


def test_the_log_says_what_is_missing(hf, psk):
    with Server(hf, "--psk-file", psk, "--policy", "iot", "--port-file", "port", json_log=False) as s:
        while "Ctrl-C" not in (line := s.process.stdout.readline().decode()):
            if "pre-shared" in line:
                assert "2 keys" in line and "PSK only" in line
        port = (hf.folder / "port").read_text().strip()
        hf("connect", "--psk-file", psk, "--policy", "iot", "--ciphers", "PSK-AES128-CCM8", "--tls", "1.2", f"localhost:{port}").good()
        assert s.end() == 0
        assert "PSK, NO forward secrecy" in (log := s.process.stdout.read().decode()) and "pre-shared key device1" in log


def test_without_a_key_no_warning_of_plain_psk(hf):
    assert "forward secrecy" not in hf("connect", "--policy", "iot", "127.0.0.1:1").err


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_a_trace_speaks_of_the_key(hf, psk, version):
    with Server(hf, "--psk-file", psk) as s:
        err = hf("connect", "--psk-file", psk, "--trace", "--tls", version, f"localhost:{s.port}").good().err
    assert all(len(line) <= 80 for line in err.splitlines()) and "device1" in err
    assert "the server holds the pre-shared key" in err and "a signature over" not in err and "signs a" not in err
    assert "Certificate " not in err


# --- openssl ----------------------------------------------------------------------------------------------------------------------

@needs_openssl
@pytest.mark.parametrize("words", [["-tls1_3"], *(["-tls1_2", "-cipher", suite] for suite in EPHEMERAL if "CHACHA" in suite)])
def test_openssl_comes_by_key(hf, psk, words):
    with Server(hf, "--psk-file", psk) as s:
        done = s_client(s.port, "-psk_identity", "device1", "-psk", KEY, *words)
        assert s.await_event("connected")["psk_identity"] == "device1"
    assert b"HTTP/1.0 200 OK" in done.stdout and b"no peer certificate available" in done.stdout


@needs_openssl
def test_openssl_with_a_wrong_key(hf, psk):
    with Server(hf, "--psk-file", psk) as s:
        done = s_client(s.port, "-tls1_3", "-psk_identity", "device1", "-psk", OTHER)
    assert done.returncode == 1 and b"SSL alert number 51" in done.stderr


# --- files ------------------------------------------------------------------------------------------------------------------------

LINES = [
    (f"{KEY}\n", "line 1", "no ':'"),
    (f"a:{KEY}\nb\n", "line 2", "no ':'"),
    (f"# one\n\n:{KEY}\n", "line 3", "is empty"),
    (f"{'x' * 129}:{KEY}\n", "line 1", "129 bytes, at most 128"),
    (f"a\tb:{KEY}\n", "line 1", "control character"),
    (b"a\0b:" + KEY.encode() + b"\n", "line 1", "control character"),
    ("a:\n", "line 1", "no key behind"),
    (f"a:{KEY}0\n", "line 1", "odd number of digits, 33"),
    (f"a:{KEY[:-2]}\n", "line 1", "15 bytes, at least 16"),
    (f"a:{KEY * 4}00\n", "line 1", "65 bytes, at most 64"),
    (f"a:{KEY[:-1]}g\n", "line 1", "something else than hex digits: 'g' at place 32 of it"),
    (f"a:{KEY[:-2]} 0\n", "line 1", "something else than hex digits: a blank at place 31 of it"),
    (f"a:0x{KEY}\n", "line 1", "something else than hex digits: 'x' at place 2 of it"),
    (f"a:{KEY}é\n", "line 1", "something else than hex digits: a byte that is no ASCII letter at place 33 of it"),
    ("a:hunter2\n", "line 1", "something else than hex digits: 'h' at place 1 of it"),
    (f"a:{KEY}:\n", "line 1", "no key behind"),
    (f"a:{KEY}:{KEY}0\n", "line 1", "odd number of digits, 33"),
    ("02:42:ac:11:00:02\n", "line 1", "1 byte, at least 16"),
    (f" a:{KEY}\n", "line 1", "a blank stands before the identity"),
    (f"\ta:{KEY}\n", "line 1", "a blank stands before the identity"),
    (f"a :{KEY}\n", "line 1", "a blank stands between the identity and the ':'"),
    (f"a: {KEY}\n", "line 1", "a blank stands between the ':' and the key"),
    (f"\ufeffa:{KEY}\n", "psk", "it begins with a UTF-8 byte order mark"),
    (f"a:{KEY}\nb:{KEY}\n# c\na:{OTHER}\n", "line 4", "the identity a has a key in line 1 already"),
    ("", "psk", "there is no key in it"),
    ("# nothing\n\n", "psk", "there is no key in it"),
]


@pytest.mark.parametrize("text, where, why", LINES, ids=range(len(LINES)))
def test_bad_lines(hf, keys, text, where, why):
    path = keys(text)
    for words in (["serve", "--listen", "127.0.0.1:0"], ["connect", "127.0.0.1:1"]):
        err = hf(*words, "--psk-file", path).fails(2).err
        assert where in err and why in err and KEY[:12] not in err and "hunter" not in err, err


def test_short_keys_get_a_recipe(hf, keys):
    assert "openssl rand -hex 32" in hf("serve", "--psk-file", keys("a:5ec2e7\n")).fails(2).err


def test_identities_of_all_sorts(hf, keys):
    """128 bytes, colons, blanks inside and UTF-8 are good; a # is a comment at the beginning of a line only; no newline at the
    end."""
    names = ["x" * 128, "a b", "02:42:ac:11:00:02", "urn:dev:os:32473-123456", ":", "a#b", "größe", "a/b@c.test"]
    path = keys("".join(f"{n}:{KEY}\n" for n in names) + f"last:{KEY.upper()}{KEY * 3}")
    with Server(hf, "--psk-file", path) as s:
        for name in [*names, "last"]:
            assert connect(hf, s.port, "--psk-file", path, "--psk-identity", name)[1]["psk_identity"] == name


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o602, 0o610, 0o777])
def test_files_that_others_may_read_or_change(hf, keys, bits):
    path = keys(f"a:{KEY}\n", "my keys", bits)
    for words in (["serve", "--listen", "127.0.0.1:0"], ["connect", "127.0.0.1:1"]):
        err = hf(*words, "--psk-file", path).fails(2).err
        assert "chmod 600 'my keys'" in err and f"{bits:04o}" in err


@pytest.mark.parametrize("bits", [0o600, 0o400])
def test_files_that_are_the_users_alone(hf, keys, bits):
    with Server(hf, "--psk-file", keys(f"a:{KEY}\n", mode=bits)):
        pass


def test_files_that_are_none(hf):
    assert "No such file" in hf("serve", "--psk-file", "missing").fails(2).err
    assert "not a regular file" in hf("serve", "--psk-file", ".").fails(2).err
    os.mkfifo(hf.folder / "pipe", 0o600)
    assert "not a regular file" in hf("serve", "--psk-file", "pipe").fails(2).err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_of_another_user(hf, keys):
    os.chown(hf.folder / keys(f"a:{KEY}\n"), 65534, 65534)
    assert "another user" in hf("serve", "--psk-file", "psk").fails(2).err


def test_large_files(hf, keys):
    """As many as are taken, and one more; the time that a run has (conftest.py) is too short for comparing each with each."""
    lines = [f"device{i}:{i:032x}\n" for i in range(65536)]
    path = keys("".join(lines))
    with Server(hf, "--psk-file", path) as s:
        assert connect(hf, s.port, "--psk-file", path, "--psk-identity", "device65535")[1]["psk_identity"] == "device65535"
    assert "line 65537: at most 65536 keys" in hf("serve", "--psk-file", keys("".join(lines) + f"last:{KEY}\n")).fails(2).err
    lines[60000] = f"device59998:{KEY}\n"
    assert "line 60001: the identity device59998 has a key in line 59999 already" in " ".join(
        hf("serve", "--psk-file", keys("".join(lines))).fails(2).err.split())


# --- files that change ------------------------------------------------------------------------------------------------------------

def renew(s):
    """SIGHUP, and what the server says of it; `time` is now."""
    s.process.send_signal(signal.SIGHUP)
    event = s.await_event("psk_keys")
    assert abs(time.time() - calendar.timegm(time.strptime(event.pop("time"), "%Y-%m-%dT%H:%M:%SZ"))) < 60
    return event


@pytest.mark.parametrize("version", ["1.3", "1.2"])
@pytest.mark.parametrize("certificate", [False, True])
def test_a_key_that_is_taken_out_works_no_more(hf, keys, pki, version, certificate):
    """A stolen device: its key ends with the next SIGHUP, one that is new begins, and the others go on."""
    own = ["--cert", pki.srv_chain, "--key", pki.srv_key] if certificate else []
    mine = keys(f"good:{KEY}\nstolen:{OTHER}\nnew:{KEY[::-1]}\n", "mine")

    def is_known(port, name):
        done, report = connect(hf, port, "--psk-file", mine, "--psk-identity", name, "--tls", version)
        assert done.code == (0 if report["ok"] else 4) and report["psk"] >= report["ok"]
        return report["ok"]

    with Server(hf, "--psk-file", keys(f"good:{KEY}\nstolen:{OTHER}\n"), *own) as s:
        assert [is_known(s.port, name) for name in ("good", "stolen", "new")] == [True, True, False]
        keys(f"good:{KEY}\nnew:{KEY[::-1]}\n")
        assert renew(s) == {"event": "psk_keys", "change": "read", "file": "psk", "keys": 2}
        assert [is_known(s.port, name) for name in ("good", "stolen", "new")] == [True, False, True]
        keys(f"good:{OTHER}\n")
        assert renew(s)["keys"] == 1
        assert [is_known(s.port, name) for name in ("good", "stolen", "new")] == [False, False, False]


@needs_openssl
def test_no_session_outlives_a_key(hf, keys, pki, tmp_path):
    """Whoever came by a key has nothing to come back with when it is gone."""
    with Server(hf, "--psk-file", keys(f"device1:{KEY}\n"), "--cert", pki.srv_chain, "--key", pki.srv_key) as s:
        for version in ("-tls1_3", "-tls1_2"):
            s_client(s.port, version, "-psk_identity", "device1", "-psk", KEY, "-cipher", "ECDHE-PSK-CHACHA20-POLY1305", "-sess_out",
                     str(tmp_path / "session"))
            assert s.await_event("connected")["psk"] and not (tmp_path / "session").exists()


def test_a_change_is_noticed_without_a_signal(hf, psk, keys):
    with Server(hf, "--psk-file", psk) as s:
        keys(f"device1:{OTHER}\n")
        assert s.await_event("psk_keys")["change"] == "read"
        assert not connect(hf, s.port, "--psk-file", keys(f"device1:{KEY}\n", "mine"))[1]["psk"]


def test_a_bad_new_file_changes_nothing(hf, psk, keys):
    mine = keys(f"device1:{KEY}\n", "mine")
    with Server(hf, "--psk-file", psk) as s:
        for text, why in ((f"device1:{OTHER}\nx:00\n", "psk, line 2: the key has 1 byte, at least 16 are needed"),
                          ("", "psk: there is no key in it")):
            keys(text)
            assert renew(s) == {"event": "psk_keys", "change": "kept", "file": "psk", "reason": why}
            assert why in " ".join(s.stderr().split()) and connect(hf, s.port, "--psk-file", mine)[1]["psk"]
        keys(f"device1:{OTHER}\n", mode=0o644)
        assert renew(s)["reason"] == "psk: its mode is 0644, and 0600 is asked for" and connect(hf, s.port, "--psk-file", mine)[1]["psk"]
        os.unlink(hf.folder / "psk")
        assert renew(s)["reason"] == "psk: No such file or directory" and connect(hf, s.port, "--psk-file", mine)[1]["psk"]
        keys(f"device1:{OTHER}\n")
        assert renew(s)["change"] == "read" and not connect(hf, s.port, "--psk-file", mine)[1]["psk"]


@pytest.mark.parametrize("certificate", [False, True])
def test_words_instead_of_events(hf, psk, keys, pki, certificate):
    """A server of keys alone has no tickets, and says nothing of them."""
    own = ["--cert", pki.srv_chain, "--key", pki.srv_key] if certificate else []
    with Server(hf, "--psk-file", psk, *own, json_log=False) as s:
        while "Ctrl-C" not in s.process.stdout.readline().decode():
            pass
        s.process.send_signal(signal.SIGHUP)
        wait_for("the keys are read", lambda: "read psk again, 2 keys" in s.stderr())
        keys("nonsense")
        s.process.send_signal(signal.SIGHUP)
        wait_for("they are kept", lambda: "those from before stay in use" in s.stderr())
        if certificate:
            wait_for("tickets are renewed", lambda: "ticket keys: a new one seals" in s.stderr())
        assert s.end() == 0
        told = s.stderr()
    assert re.search(r"^[0-2]\d:[0-5]\d:[0-5]\d  pre-shared keys: read psk again", told, re.M)
    assert re.search(r"^[0-2]\d:[0-5]\d:[0-5]\d  pre-shared keys: those from before stay in use$", told, re.M)
    assert ("ticket" in told) is certificate


@needs_openssl
def test_an_empty_identity_is_nobody(hf, psk):
    """It does not stand for the first key of the file."""
    with Server(hf, "--psk-file", psk) as s:
        done = s_client(s.port, "-tls1_2", "-cipher", "ECDHE-PSK-CHACHA20-POLY1305", "-psk_identity", "", "-psk", KEY)
        assert s.await_event("failed")["failure"]["code"] in ("PSK_UNKNOWN", "PSK_WRONG") and b"HTTP/1.0 200" not in done.stdout
        assert b"HTTP/1.0 200" in s_client(s.port, "-tls1_2", "-cipher", "ECDHE-PSK-CHACHA20-POLY1305", "-psk_identity", "device1", "-psk", KEY).stdout


def test_a_key_log_beside_the_keys(hf, psk):
    """Both are hooks of one config."""
    with Server(hf, "--psk-file", psk, "--keylog", "log") as s:
        assert connect(hf, s.port, "--psk-file", psk)[1]["psk"]
    assert "CLIENT_TRAFFIC_SECRET_0" in (hf.folder / "log").read_text()


# --- options ----------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words, hint", [
    (["connect", "--psk-identity", "a", "127.0.0.1:1"], "--psk-identity needs --psk-file"),
    (["connect", "--psk-file", "psk", "--psk-identity", "nobody", "127.0.0.1:1"], "no identity nobody in it"),
    (["connect", "--psk-file", "psk", "--psk-identity", "device", "127.0.0.1:1"], "no identity device in it"),
    (["connect", "--psk-file", "psk", "--insecure", "127.0.0.1:1"], "exclude each other"),
    (["connect", "-psk", KEY, "127.0.0.1:1"], "did you mean --psk-file?"),
    (["serve", "--psk-file", "psk", "--client-auth", "require", "--client-ca", "ca.pem"], "--client-auth needs --cert"),
    (["serve", "--psk-file", "psk", "--ciphers", "PSK-AES128-CCM8"], "--policy iot"),
    (["serve", "--psk-file", "psk", "--ciphers", "TLS_AES_256_GCM_SHA384"], "none of the cipher suites goes with a pre-shared key"),
    (["connect", "--psk-file", "psk", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256", "127.0.0.1:1"], "none of the cipher suites goes with"),
    (["connect", "--psk-file", "psk", "--policy", "classroom", "--tls", "1.2", "127.0.0.1:1"], "none of the cipher suites goes with"),
])
def test_misuse(hf, psk, words, hint):
    assert hint in " ".join(hf(*words).fails(2).err.split())


def test_no_certificate_is_made_for_a_server_of_keys(hf, psk):
    with Server(hf, "--psk-file", psk) as s:
        assert s.first["psk_only"] is True and s.first["psk_file"] == "psk" and "ca" not in s.first
    assert not (hf.folder / "xdg").exists()
    with Server(hf) as s:
        assert "psk_only" not in s.first


NO_EFFECT = [["--early-data"], ["--ticket-keys", "missing"], ["--session-cache", "10000"], ["--ticket-lifetime", "7200"],
             ["--ticket-rotation", "7200"], ["--tickets", "on"], ["--tickets", "off"]]


def test_options_that_mean_nothing_to_a_server_of_keys(hf, psk, pki):
    """One line for each that is given, also with its default; none for what is not."""
    for words in NO_EFFECT:
        with Server(hf, "--psk-file", psk, *words) as s:
            assert connect(hf, s.port, "--psk-file", psk)[1]["psk"]
            told = " ".join(s.stderr().split())
        assert told.startswith(f"handfast: warning: {words[0]} has no effect") and told.count("warning") == 1, told
    with Server(hf, "--psk-file", psk) as s:
        assert s.stderr() == ""
    with Server(hf, "--psk-file", psk, "--early-data", "--session-cache", "5") as s:
        assert s.stderr().count("has no effect") == 2
    with Server(hf, "--psk-file", psk, "--early-data", "--session-cache", "5", "--cert", pki.srv_chain, "--key", pki.srv_key) as s:
        assert s.stderr() == ""


def test_a_page_for_a_device_mentions_no_browser(hf, psk):
    with Server(hf, "--psk-file", psk) as s:
        page = hf("connect", "--psk-file", psk, "--http", f"localhost:{s.port}").good().out
    assert "browser" not in page and "As JSON: Accept: application/json." in page


def test_keys_and_required_certificates_contradict_each_other(hf, tmp_path):
    (tmp_path / "k").write_text("device1:" + "00" * 16 + "\n")
    (tmp_path / "k").chmod(0o600)
    bad = hf("serve", "--psk-file", tmp_path / "k", "--cert", "c", "--key", "k", "--client-auth", "require", "--client-ca", "ca").fails(2)
    assert "contradict each other" in bad.err
