# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast demo: a whole handshake on one screen, and nothing left behind, however it ends."""
import os
import re
import signal
import subprocess
import time

import pytest

from conftest import BIN
from peers import LIMIT, end, wait_for

MESSAGES = ["ClientHello", "ServerHello", "EncryptedExtensions", "Certificate", "CertificateVerify", "Finished", "Finished"]


@pytest.fixture
def clean(hf, tmp_path):
    """A TMPDIR and a HOME of its own; both must be as they were."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "home").mkdir()
    hf.env["TMPDIR"] = str(tmp_path / "tmp")
    yield hf
    assert os.listdir(tmp_path / "tmp") == [] and os.listdir(tmp_path / "home") == []
    assert not (tmp_path / "xdg").exists()


def test_the_handshake_message_by_message(clean):
    out = clean("demo").good().out
    shown = [m for m in re.findall(r"^ *\d+ +client (?:-->|<--) server +(\w+) +\d+ bytes?", out, re.M)
             if m not in ("NewSessionTicket", "ChangeCipherSpec", "Alert", "change_cipher_spec")]
    assert shown == MESSAGES
    for words in ("proved to the client: the chain ends at a trusted CA", "proved to the client: the server holds",
                  "proved to the client: both ends saw", "proved to the server: both ends saw",
                  "keys: from here the server writes under its handshake keys",
                  "round trip", " ms", "status 200", "TLS 1.3"):
        assert words.lower() in out.lower(), words


NINE = ["ClientHello", "ServerHello", "Certificate", "ServerHelloDone", "ClientKeyExchange", "ChangeCipherSpec", "Finished",
        "ChangeCipherSpec", "Finished"]


def test_the_nine_steps_of_the_textbook(clean):
    """Static RSA key exchange: each step once, in order, those without a message where they happen."""
    done = clean("demo", "--tls", "1.2", "--policy", "classroom").good()
    assert re.findall(r"^Step (\d) of 9", done.out, re.M) == list("123456789")
    shown = re.findall(r"^ *\d+ +client (?:-->|<--) server +(\w+) +\d+ bytes?", done.out, re.M)
    assert [m for m in shown if m not in ("Alert", "NewSessionTicket")] == NINE
    parts = dict(zip(range(1, 10), re.split(r"^Step \d of 9: ", done.out, flags=re.M)[1:]))
    for n, words in ((1, "client random"), (2, "server random"), (2, "session id"), (3, "Certificate"), (4, "premaster secret"),
                     (4, "RSA key of the certificate"), (5, "decrypts"), (5, "private key"), (6, "PRF"), (6, "master secret"),
                     (6, "ChangeCipherSpec"), (7, "client --> server  Finished"), (8, "client <-- server  Finished"),
                     (9, "application data"), (2, "resumed later"), (5, "whoever gets that key later"),
                     (6, "a function that stretches secrets, the PRF,"), (6, "formerly both randoms"), (6, "under its session keys"),
                     (8, "only the owner of that key could have made this Finished"),
                     (3, "name and dates fit 4 client <-- server ServerHelloDone")):
        assert words in " ".join(parts[n].split("\n\n")[0].split()) or words in parts[n], (n, words)
    assert "TLS_RSA_WITH_AES_128_GCM_SHA256" in done.out and "NO forward secrecy" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())


def test_the_nine_steps_with_ecdhe(clean):
    out = clean("demo", "--tls", "1.2").good().out
    assert re.findall(r"^Step (\d) of 9", out, re.M) == list("123456789")
    assert "ServerKeyExchange" in out and "both ends compute it" in out and "decrypts" not in out
    words = " ".join(out.split())
    assert "only the owner" not in words and "who made one of the two can compute the premaster secret, and nobody else" in words
    assert "a fresh key share of x25519, and a signature over it" in words and "application keys" not in words
    assert "\nforward secrecy.\n" in out and "NO forward secrecy" not in out and all(len(line) <= 80 for line in out.splitlines())


@pytest.mark.parametrize("words, field", [(["--policy", "classroom"], "ClientKeyExchange"), ([], "ServerKeyExchange")])
def test_fields_of_tls_1_2(clean, words, field):
    out = clean("demo", "--tls", "1.2", "--trace", *words).good().out
    assert "verify_data" in out and "session_id" in out and field in out and "Step 9 of 9" in out


def test_fields_with_trace(clean):
    out = clean("demo", "--trace").good().out
    assert "legacy_version" in out and "cipher_suite" in out and "verify_data" in out


def test_eighty_columns(clean):
    assert max(len(line) for line in clean("demo").good().out.splitlines()) <= 80


def test_other_parameters(clean):
    out = clean("demo", "--groups", "P-384", "--ciphers", "TLS_CHACHA20_POLY1305_SHA256").good().out
    assert "TLS_CHACHA20_POLY1305_SHA256" in out and "secp384r1" in out


def test_wrong_option(clean):
    clean("demo", "--groups", "nonsense").fails(2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_clean_up(clean, number, tmp_path):
    """stdout is a full pipe, so that the demo stands still in the middle until the signal has arrived."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(write, True)
    process = subprocess.Popen([BIN, "demo", "--trace"], stdin=subprocess.DEVNULL, stdout=write, stderr=subprocess.DEVNULL, env=clean.env)
    os.close(write)
    try:
        wait_for("the temporary folder", lambda: os.listdir(tmp_path / "tmp"), process)
        process.send_signal(number)
        with os.fdopen(read, "rb") as pipe:
            pipe.read()
        assert process.wait(LIMIT) in (0, 128 + number)
    finally:
        end(process, signal.SIGKILL)


def test_a_temporary_folder_that_cannot_be_made(hf):
    hf.env["TMPDIR"] = "/does/not/exist"
    hf("demo").fails(5)
