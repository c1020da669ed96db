# SPDX-License-Identifier: Apache-2.0 OR MIT
"""A broker of the kind that small devices talk to: Mosquitto with a PSK listener, reached by `connect --psk-file --pipe`, which
carries MQTT 3.1.1 (OASIS, 2014) written by hand. It is OpenSSL that speaks TLS in it."""
import contextlib
import struct

import pytest

from dens import Den, server
from interop import BIN, Talk, cell, run
from processes import LIMIT
from psk import IDENTITY, RIGHT, STRANGER, WRONG, Key, psk_file

# use_identity_as_username: what the key is called is who the client is, and the rule lets nobody touch the topics of another.
CONF = """
listener {port} 127.0.0.1
psk_file {d}/psk
psk_hint broker
use_identity_as_username true
allow_anonymous false
acl_file {d}/acl
log_dest stdout
"""
ACL = "pattern readwrite devices/%u/#\n"
TOPIC = f"devices/{IDENTITY}/state".encode()
CASES = {"TLS 1.2": (["--tls", "1.2"], "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256"),
         "TLS 1.3": (["--tls", "1.3"], None), "the version that they choose": ([], None),
         "a small device": (["--policy", "iot", "--tls", "1.2", "--ciphers", "TLS_PSK_WITH_AES_128_GCM_SHA256"],
                            "TLS_PSK_WITH_AES_128_GCM_SHA256")}


def text(value):
    return struct.pack("!H", len(value)) + value


def packet(kind, body):
    """2.2: the fixed header; nothing here is longer than 127 bytes."""
    assert len(body) < 128
    return bytes([kind, len(body)]) + body


HELLO = packet(0x10, text(b"MQTT") + bytes([4, 2]) + struct.pack("!H", 60) + text(b"handfast-test"))
WELCOME = bytes([0x20, 2, 0, 0])
SUBSCRIBE = packet(0x82, struct.pack("!H", 1) + text(TOPIC) + b"\0")
SUBSCRIBED = bytes([0x90, 3, 0, 1, 0])
FAREWELL = bytes([0xe0, 0])


def publish(message):
    return packet(0x30, text(TOPIC) + message)


@pytest.fixture(scope="module")
def broker(pki):
    program = server("mosquitto")
    with Den(pki, "mosquitto") as den:
        den.write("psk", f"{IDENTITY}:{RIGHT.hex}\n")
        den.write("acl", ACL)
        with contextlib.ExitStack() as stack:
            yield stack.enter_context(den.serving(program, "-c", den.write("conf", CONF)))


def connect(folder, port, key, *options):
    return [BIN, "connect", "--psk-file", psk_file(folder, key), "--psk-identity", key.identity, *options, f"127.0.0.1:{port}"]


@pytest.mark.parametrize("case", CASES)
def test_a_message_to_oneself(broker, tmp_path, case):
    options, suite = CASES[case]
    with Talk(connect(tmp_path, broker, RIGHT, *options, "--pipe")) as client:
        client.say(HELLO)
        client.until(lambda got: got == WELCOME)
        client.say(SUBSCRIBE)
        client.until(lambda got: got == WELCOME + SUBSCRIBED)
        client.say(publish(b"it is warm") + publish(b"it is cold"))
        client.until(lambda got: got == WELCOME + SUBSCRIBED + publish(b"it is warm") + publish(b"it is cold"))
        client.say(FAREWELL)
        assert client.process.wait(LIMIT) == 0
    report = run(connect(tmp_path, broker, RIGHT, *options, "--json"))
    assert report.returncode == 0 and f'"{suite or "TLS_"}'.encode() in report.stdout, report
    cell("Mosquitto", "our client", f"MQTT over {case}")


@pytest.mark.parametrize("key", [Key(IDENTITY, WRONG), Key(STRANGER, RIGHT.hex)], ids=["wrong key", "unknown identity"])
def test_who_has_no_key_is_refused(broker, tmp_path, key):
    done = run(connect(tmp_path, broker, key, "--pipe"), HELLO)
    assert done.returncode == 4 and not done.stdout, done
