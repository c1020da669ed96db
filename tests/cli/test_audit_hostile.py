# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast audit and servers that mean no good: whatever they do, it ends soon, says what it could not see, and is not led to
believe anything. Nothing here waits for a time to pass; each run must merely end within its bound."""
import contextlib
import json
import os
import ssl
import subprocess
import time

import pytest

from audit_hostile import (RETRY, Hostile, alert, close_at_once, cut_off, drained, drip, flood, handshake, limited, mangling,
                           read_and_close, records, refuses_every_name, relay, reset_at_once, say, say_and_close, server_hello, silent,
                           stalling, wordless,
                           yes_to_everything)
from conftest import BIN, Tool
from peers import Pki, Server, s_server

TIMEOUT = "0.4"  # seconds for a connection to who may never answer: of who does, nothing is asserted to have been in time
PATIENT = "30"  # … to who always answers or closes: on a machine under load, too, nothing is late
BOUND = 100  # seconds for a whole audit under load: the answers that do not come are few timeouts
HELLO12 = records(server_hello())


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audit")
    tool = Tool(folder)
    tool("cert", "ca", "--out", "ca").good()
    tool("cert", "leaf", "--ca", "ca", "--out", "leaf", "localhost", "127.0.0.1").good()
    return folder


@contextlib.contextmanager
def good_server(hf, pki):
    with Server(hf, "--cert", pki / "leaf/leaf.pem", "--key", pki / "leaf/leaf.key") as server:
        yield drained(server)


@contextlib.contextmanager
def bounded():
    start = time.monotonic()
    yield
    assert time.monotonic() - start < BOUND


def audit(hf, port, *words, timeout=TIMEOUT):
    with bounded():
        result = hf("audit", "--json", "--timeout", timeout, *words, f"127.0.0.1:{port}", timeout=2 * BOUND)
    assert result.code in (0, 1, 3), result
    assert "runtime error" not in result.err and "Sanitizer" not in result.err, result
    target, = json.loads(result.out)["targets"]
    return result, target


def states(target):
    return {v["name"]: v["state"] for v in target["seen"]["versions"]} if target.get("seen") else {}


def broken(target):
    return [(f["id"], f["key"], f["what"]) for judged in target["judgements"] for f in judged["findings"] if f["severity"] != "note"]


def kept(target):
    return [rule["id"] for judged in target["judgements"] for rule in judged["rules"] if rule["verdict"] == "kept"]


# ---- those that never speak TLS ----

GARBAGE = bytes((i * 73 + 41) % 251 for i in range(4096))
NEVER = {
    "silence": silent,
    "close": close_at_once,
    "reset": reset_at_once,
    "garbage": say(GARBAGE),
    "garbage, then closed": say_and_close(GARBAGE),
    "http": say_and_close(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    "ssh": say(b"SSH-2.0-OpenSSH_9.2p1\r\n"),
    "redirect": say_and_close(b"HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1/\r\n\r\n"),
    "zeros for ever": flood(bytes(64)),
    "text for ever": flood(b"hello, is it me you are looking for?\r\n"),
    "a header of 64 KiB": say(b"\x16\x03\x03\xff\xff" + bytes(65535)),
    "half a header": say_and_close(b"\x16\x03"),
    "a byte of garbage now and then": drip(b"\x00"),
}


@pytest.mark.parametrize("name", NEVER)
def test_what_never_speaks_tls_is_not_reached(hf, name):
    """Exit code 3, a word why, no version said to be spoken or refused, and no rule said to be kept; by few connections."""
    with Hostile(NEVER[name]) as server:
        result, target = audit(hf, server.port)
        assert result.code == 3
        assert target["reached"] is False and target["complete"] is False and target["trouble"]
        assert "present" not in states(target).values()
        assert not kept(target)
        assert server.n <= 20


# ---- those that begin ----

def certificate(size):
    der = b"\x30\x82" + (size - 4).to_bytes(2, "big") + bytes(size - 4)
    entry = len(der).to_bytes(3, "big") + der
    return handshake(11, (10 * len(entry)).to_bytes(3, "big") + 10 * entry)


BEGINS = {
    "ServerHello, then silence": say(HELLO12),
    "ServerHello, then closed": say_and_close(HELLO12),
    "ServerHello, a byte at a time": drip(HELLO12),
    "ServerHello for ever": flood(HELLO12),
    "warnings for ever": flood(alert(1, 112)),
    "ServerHello, then warnings for ever": flood(alert(1, 112), before=HELLO12),
    "empty records for ever": flood(b"\x16\x03\x03\x00\x00", before=HELLO12),
    "HelloRequests for ever": flood(records(handshake(0, b"")), before=HELLO12),
    "ChangeCipherSpecs for ever": flood(b"\x14\x03\x03\x00\x01\x01", before=HELLO12),
    "a message of 16 MiB": flood(b"\x16\x03\x03\x40\x00" + bytes(16384), before=HELLO12 + records(b"\x0b\xff\xff\xff")),
    "a huge chain": say(HELLO12 + records(certificate(60000))),
    "chains for ever": flood(records(certificate(9000)), before=HELLO12),
    "every version is TLS 1.3 again": say(records(server_hello(extensions=b"\x00\x2b\x00\x02\x03\x04"))),
    "a version nobody knows": say(records(server_hello(version=0x7f17))),
    "a suite nobody knows": say(records(server_hello(suite=0xfefe))),
    "HelloRetryRequest for ever": flood(records(handshake(2, b"\x03\x03" + RETRY + b"\x00\x13\x01\x00" +
                                                          b"\x00\x0c\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x02\x00\x1d"))),
    "data in the clear": flood(b"\x17\x03\x03\x00\x10" + bytes(16), before=HELLO12),
}


@pytest.mark.parametrize("name", BEGINS)
def test_what_begins_to_speak_is_bounded(hf, name):
    """It ends; no certificate is found good where none could be proved."""
    with Hostile(BEGINS[name]) as server:
        _, target = audit(hf, server.port)
        assert not [c for c in target["seen"]["chains"] if c["verdict"] and c["verdict"]["valid"]]
        assert server.n <= 400


def test_an_alert_to_everything_is_tls_that_refuses(hf):
    """It is reached, and no version is spoken; nothing that rests on one is said to be kept for its sake alone."""
    with Hostile(say_and_close(alert(2, 40))) as server:
        result, target = audit(hf, server.port, timeout=PATIENT)
        assert target["reached"] is True and "present" not in states(target).values()
        assert server.n < 60
        assert result.code == 3


def test_yes_to_everything_is_bounded(hf):
    """A server that takes every suite of every version costs no more connections than there are allowed, and proves no chain."""
    with Hostile(yes_to_everything) as server:
        result, target = audit(hf, server.port, "--rate", "1000", "--parallel", "8", timeout=PATIENT)
        assert result.code == 1 and server.n <= 1000 and not target["seen"]["chains"]


@pytest.mark.parametrize("seed", range(int(os.environ.get("HANDFAST_AUDIT_MANGLED", "9"))))
def test_changed_bytes_are_survived(hf, pki, seed):
    """A bit here and there: no crash, an end, and no version that the server does not speak unless its bytes said so."""
    with good_server(hf, pki) as good, Hostile(mangling(good.port, seed, every=(20, 200, 2000)[seed % 3])) as server:
        result, target = audit(hf, server.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost", "--rate", "1000")
        assert result.code in (0, 1, 3) and target["connections"] <= 1000


@pytest.mark.parametrize("after", [1, 5, 60, 200, 700])
@pytest.mark.parametrize("then", [silent, close_at_once], ids=["silence", "close"])
def test_answers_that_are_cut_off(hf, pki, after, then):
    """What is not whole proves nothing: no version but those whose ServerHello was whole, no session, no answer of HTTP."""
    with good_server(hf, pki) as good, Hostile(cut_off(good.port, after, then)) as server:
        _, target = audit(hf, server.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost", "--rate", "1000", timeout="0.2")
        if after < 60:
            assert "present" not in states(target).values()
        assert not (target["seen"]["http"] or {}).get("status")
        assert target["seen"]["traits"]["tickets13"]["state"] != "present"


def test_a_refusal_of_the_name_is_none_of_the_version(hf):
    """unrecognized_name says nothing about what is spoken with others: no version is told as refused, and the exit code is 3."""
    with Hostile(say_and_close(alert(2, 112))) as server:
        result, target = audit(hf, server.port, timeout=PATIENT)
        assert result.code == 3 and target["reached"] is True and target["complete"] is False
        assert "unrecognized_name" in target["trouble"]
        assert {states(target)[name] for name in ("TLS 1.3", "TLS 1.2", "TLS 1.1", "TLS 1.0")} == {"unknown"}
        assert not broken(target)


@pytest.mark.parametrize("number,word", [(40, "handshake_failure"), (80, "internal_error")])
def test_another_refusal_of_the_name_is_none_of_the_version_either(hf, number, word):
    """Whatever the alert: what was not refused by protocol_version is not known, and nothing that was not asked is told as absent."""
    with Hostile(refuses_every_name(number)) as server:
        result, target = audit(hf, server.port)
        assert result.code == 3 and target["complete"] is False and word in target["trouble"]
        assert [states(target)[name] for name in ("TLS 1.3", "TLS 1.2", "TLS 1.1", "TLS 1.0")] == ["unknown"] * 2 + ["absent"] * 2
        assert not broken(target)
        traits = target["seen"]["traits"]
        assert {traits[name]["state"] for name in ("heartbleed", "ccs_injection", "robot", "ticketbleed", "client_renegotiation")} == {"unknown"}
        assert not set(kept(target)) & {f"default/{rule}" for rule in ("heartbleed", "suites", "cbc", "forward-secrecy", "tolerance")}


def test_nothing_is_kept_where_no_certificate_came(hf):
    """A HelloRetryRequest and then internal_error, to any name but its own: not all was seen, and TLS 1.2 is not refused."""
    with Hostile(refuses_every_name(80, retries=True)) as server:
        result, target = audit(hf, server.port, "--servername", "other.test")
        assert result.code == 3 and target["complete"] is False and target["verdict"] == "incomplete"
        assert "internal_error" in target["trouble"]
        assert states(target)["TLS 1.3"] == "present" and states(target)["TLS 1.2"] == "unknown"
        assert not set(kept(target)) & {"default/tolerance", "default/alpn-strict"}
        text = hf("audit", "--servername", "other.test", f"127.0.0.1:{server.port}")
        assert text.code == 3 and "TLS 1.2" not in text.out.split("refused:")[1].split(";")[0]


@pytest.mark.parametrize("name", [(), ("--servername", "other.test")], ids=["address", "name"])
def test_the_reason_is_told_once(hf, name):
    """Not once a rule: how many could not be judged, the alert, and what to try next; --all has each."""
    with Hostile(say_and_close(alert(2, 112))) as server:
        text = hf("audit", *name, f"127.0.0.1:{server.port}")
        assert text.code == 3
        assert text.out.count("unrecognized_name (112)") <= 7  # the reason, and each version that is not known
        said = " ".join(text.out.split())
        assert "next: " in said and "--servername NAME" in said and ("no name is sent" in said) == (not name)
        assert "rules could not be judged" in said and len(text.out.splitlines()) < 30
        every = hf("audit", "--all", *name, f"127.0.0.1:{server.port}")
        assert len(every.out.splitlines()) > 80


# ---- those that stop ----

def lists(target):
    """What is told as whole: {(version, list): codes}."""
    return {(v["name"], name): [one["code"] for one in v[name]] for v in target["seen"]["versions"] if v["state"] == "present"
            for name in ("suites", "groups", "schemes") if v[f"{name}_whole"]}


def assert_nothing_false(target, whole):
    """What is told as seen is what `whole` shows, which was asked with nobody in between."""
    for name, state in states(target).items():
        assert state in ("unknown", states(whole)[name]), (name, state)
    for name, codes in lists(target).items():
        assert codes == lists(whole)[name], name
    for name, trait in target["seen"]["traits"].items():
        assert trait["state"] in ("unknown", whole["seen"]["traits"][name]["state"]), (name, trait)
    if target["seen"]["chains_whole"] and target["complete"]:
        assert len(target["seen"]["chains"]) == len(whole["seen"]["chains"])


@pytest.fixture(scope="module")
def of_good(pki):
    """A good server, and what is seen of it."""
    tool = Tool(pki)
    with good_server(tool, pki) as good:
        result, target = audit(tool, good.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost", timeout=PATIENT)
        assert result.code == 0 and target["complete"] is True
        yield good, target


@pytest.mark.parametrize("after", [0, 1, 6, 14])
@pytest.mark.parametrize("then", [silent, read_and_close, reset_at_once, say(GARBAGE), say_and_close(GARBAGE)],
                         ids=["silence", "close", "reset", "garbage", "garbage, then closed"])
def test_a_server_that_stops_in_the_middle(hf, pki, of_good, after, then):
    """What was not seen stays unknown, is never told as refused, no list as whole; it is noticed, by few connections, and told."""
    good, whole = of_good
    with Hostile(relay(good.port, after, then)) as server:
        result, target = audit(hf, server.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost", "--parallel", "1")
        assert result.code == 3 and target["complete"] is False and target["trouble"], (target["trouble"], broken(target))
        assert server.n <= after + (10 if after else 20)
        if after:
            assert_nothing_false(target, whole)
        if then is silent and after < 6:
            assert "absent" not in list(states(target).values())[after:], states(target)


@pytest.mark.parametrize("version, schemes", [("TLS 1.2", "000d000600040807"), ("TLS 1.3", "000d000400020807")])
def test_a_kind_of_certificate_that_is_not_answered_leaves_it_incomplete(hf, pki, of_good, version, schemes):
    """The extension with the schemes of EdDSA alone: whether there is such a certificate nobody knows, whatever else was seen."""
    good, whole = of_good
    with Hostile(stalling(good.port, bytes.fromhex(schemes))) as server:
        result, target = audit(hf, server.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost")
    assert target["seen"]["chains_whole"] is False and target["complete"] is False and target["verdict"] == "incomplete"
    assert target["trouble"] == f"no answer in time: whether {version} has another certificate, for EdDSA keys, is not known"
    assert result.code == 3
    assert_nothing_false(target, whole)


@pytest.mark.parametrize("every, at", [(1000, 3), (1000, 12), (1000, 21), (1000, 30), (1000, 39), (1000, 48), (1000, 57), (1000, 66),
                                       (40, 7), (25, 11), (19, 2)])
def test_an_alert_now_and_then_makes_nothing_false(hf, pki, of_good, every, at):
    """handshake_failure to one connection, or to one in so many, whatever it asks for: an overloaded front end."""
    good, whole = of_good
    with Hostile(limited(good.port, lambda n: n % every == at, then=say_and_close(alert(2, 40)))) as server:
        _, target = audit(hf, server.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost", "--parallel", "1", timeout="3")
    for name, codes in lists(target).items():
        assert set(codes) == set(lists(whole)[name]), name
    extra = {(id_, key) for id_, key, _ in broken(target)} - {(id_, key) for id_, key, _ in broken(whole)}
    assert not extra
    tolerance = [name for name, trait in target["seen"]["traits"].items() if name.startswith("intolerant") and trait["state"] == "present"]
    assert not tolerance


# ---- those that have a limit ----

@pytest.fixture(scope="module")
def weak(tmp_path_factory):
    """A server with suites that break every book; and what is seen of it."""
    folder = tmp_path_factory.mktemp("weak")
    with s_server(Pki(folder), "-cipher", "ALL:@SECLEVEL=0", "-min_protocol", "TLSv1.2", tls="-serverpref") as port:
        result, target = audit(Tool(folder), port, timeout=PATIENT)
        assert result.code == 1 and target["complete"] is True and len(lists(target)["TLS 1.2", "suites"]) > 20
        yield port, target


LIMITS = {
    "after 3": lambda n: n > 3,
    "after 12": lambda n: n > 12,
    "after 40": lambda n: n > 40,
    "after 100": lambda n: n > 100,
    "every other one": lambda n: n % 2 == 0,
    "2 of 4": lambda n: (n - 1) % 4 >= 2,
    "6 of 12": lambda n: (n - 1) % 12 >= 6,
    "40 of 80": lambda n: (n - 1) % 80 >= 40,
    "one of 50": lambda n: n % 50 == 49,
}


@pytest.mark.parametrize("limit, parallel", [*((name, 4) for name in LIMITS), ("after 40", 1), ("6 of 12", 1)])
def test_a_limit_is_no_refusal(hf, weak, limit, parallel):
    """Connections that are closed by a limit take nothing away from what is told; what could not be seen for it is told as trouble."""
    port, whole = weak
    with Hostile(limited(port, LIMITS[limit])) as server:
        result, target = audit(hf, server.port, "--parallel", str(parallel), "--rate", "1000", timeout=PATIENT)
    assert result.code != 0
    assert_nothing_false(target, whole)
    if target["complete"]:
        assert lists(target) == lists(whole) and result.code == 1
    else:
        assert "began to close connections" in target["trouble"] and "--rate 5" in target["trouble"]


def test_one_lost_connection_costs_nothing(hf, weak):
    """Whichever it is: all is seen all the same."""
    port, whole = weak
    for lost in (2, 9, 33):
        with Hostile(limited(port, lambda n, lost=lost: n == lost)) as server:
            result, target = audit(hf, server.port, "--rate", "1000", timeout=PATIENT)
        assert result.code == 1 and target["complete"] is True, target["trouble"]
        assert lists(target) == lists(whole) and states(target) == states(whole)


def test_a_server_that_is_gone_in_the_middle(hf, pki):
    with good_server(hf, pki) as good:
        def handler(server, peer, number):
            if number == 8:
                server.stop_listening()
            relay(good.port, 8, silent)(server, peer, number)
        with Hostile(handler) as server:
            result, target = audit(hf, server.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost", "--parallel", "1", timeout=PATIENT)
            assert result.code == 3 and target["complete"] is False, broken(target)
            assert "stopped taking connections" in target["trouble"] and target["unreachable"] >= 4


def test_a_server_that_answers_every_other_time(hf, pki):
    """The silences add up, and end it."""
    with good_server(hf, pki) as good:
        def handler(server, peer, number):
            relay(good.port, number if number % 2 else 0, silent)(server, peer, number)
        with Hostile(handler) as server:
            result, target = audit(hf, server.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost")
            assert result.code == 3 and target["complete"] is False and target["reached"] is True


@pytest.mark.parametrize("parallel", [1, 4])
def test_closing_is_a_refusal_if_all_else_is_taken(hf, weak, parallel):
    """A server that says no by closing is seen as one that says it in words, with no more connections than a server may be asked."""
    port, whole = weak
    with Hostile(wordless(port)) as server:
        result, target = audit(hf, server.port, "--rate", "1000", "--parallel", str(parallel), timeout=PATIENT)
    assert result.code == 1 and target["complete"] is True, target["trouble"]
    assert states(target) == states(whole) and lists(target) == lists(whole)
    assert server.n < 350


def test_closing_as_a_refusal_hides_no_limit(hf, weak):
    """Both at once: what is told is true."""
    port, whole = weak
    for limit in (50, 130):
        with Hostile(lambda server, peer, n, limit=limit: (read_and_close if n > limit else wordless(port))(server, peer, n)) as server:
            result, target = audit(hf, server.port, "--rate", "1000", timeout=PATIENT)
        assert result.code != 0 and target["complete"] is False
        assert_nothing_false(target, whole)


# ---- HTTP over a good connection ----

@pytest.fixture
def tls(pki):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "leaf/leaf.pem", pki / "leaf/leaf.key")
    return context


def over_tls(context, answer):
    """answer(server, peer) speaks HTTP, or does not."""
    def handler(server, peer, _):
        with context.wrap_socket(peer, server_side=True) as inside:
            if inside.recv(65536):
                answer(server, inside)
    return handler


def for_ever(data, before=b""):
    def answer(server, peer):
        peer.sendall(before)
        while not server.over.is_set():
            peer.sendall(data)
    return answer


def now_and_then(data):
    def answer(server, peer):
        while not server.over.wait(0.03):
            peer.sendall(data)
    return answer


HTTP = {
    "a head for ever": for_ever(b"X-Header: again\r\n" * 1000, b"HTTP/1.1 200 OK\r\n"),
    "a header for ever": for_ever(b"x" * 16000, b"HTTP/1.1 200 OK\r\nX: "),
    "1xx for ever": for_ever(b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "no line's end": for_ever(b"HTTP/1.1 200 OK " * 1000),
    "a byte now and then": now_and_then(b"H"),
    "silence": lambda server, peer: peer.recv(1),
    "garbage": lambda server, peer: peer.sendall(GARBAGE),
}


@pytest.mark.parametrize("name", HTTP)
def test_http_without_end_is_no_answer(hf, pki, tls, name):
    with Hostile(over_tls(tls, HTTP[name])) as server:
        _, target = audit(hf, server.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost")
        assert target["reached"] is True and not (target["seen"]["http"] or {}).get("status")
        assert target["seen"]["traits"]["http"]["state"] != "present"
        assert target["seen"]["traits"]["hsts"]["state"] != "present"


def of_headers(n, after=b""):
    lines = [b"X-Header-%d: a" % i for i in range(n - 1)] + [b"Strict-Transport-Security: max-age=63072000"]
    return b"HTTP/1.1 200 OK\r\n" + b"\r\n".join(lines) + b"\r\n" + after


@pytest.mark.parametrize("answer,state,words", [
    (of_headers(70, b"\r\n"), "present", ""),
    (of_headers(128, b"\r\n"), "present", ""),
    (of_headers(129, b"\r\n"), "unknown", "more than 128 headers"),
    (of_headers(5), "unknown", "ends within its head"),
    (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "unknown", "malformed"),
], ids=["70", "128", "129", "half a head", "malformed"])
def test_a_header_that_is_not_read_is_not_said_to_be_missing(hf, pki, tls, answer, state, words):
    """The last header is the one that counts."""
    with Hostile(over_tls(tls, lambda _, peer: peer.sendall(answer))) as server:
        _, target = audit(hf, server.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost", "--policy", "mozilla-intermediate")
        hsts = target["seen"]["traits"]["hsts"]
        assert (hsts["state"], hsts["idle"]) == (state, False) and words in (hsts["words"] or "")
        assert target["seen"]["traits"]["http"]["state"] == state
        assert not [what for _, _, what in broken(target) if "Strict-Transport" in what]


def test_a_body_without_end_is_not_read(hf, pki, tls):
    """The head is all that is wanted."""
    taken = []

    def answer(server, peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=63072000\r\nContent-Length: 99999999999\r\n\r\n")
        while not server.over.is_set():
            peer.sendall(bytes(16384))
            taken.append(16384)
    with Hostile(over_tls(tls, answer)) as server:
        _, target = audit(hf, server.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost", timeout=PATIENT)
        assert target["seen"]["http"]["status"] == 200 and target["seen"]["traits"]["hsts"]["state"] == "present"
        assert sum(taken) < 64 << 20  # what lies in sockets, not what a second of reading brings


def test_redirects_are_not_followed(hf, pki, tls):
    """Over TLS and without: each is asked once for each thing, and whoever it points to never."""
    asked = []

    def answer(_, peer):
        asked.append(1)
        peer.sendall(b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:%d/again\r\nContent-Length: 0\r\n\r\n" % elsewhere.port)
    with Hostile(silent) as elsewhere, Hostile(over_tls(tls, answer)) as server:
        moved = b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % elsewhere.port
        with Hostile(say_and_close(moved)) as plain:
            _, target = audit(hf, server.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost", "--plain-port", plain.port,
                              timeout=PATIENT)
            assert elsewhere.n == 0 and plain.n <= 2 and 1 <= len(asked) <= 8
            assert target["seen"]["http"]["plain"]["status"] == 301
            assert target["seen"]["traits"]["redirect"]["state"] == "absent"


@pytest.mark.parametrize("handler", [silent, close_at_once, flood(b"HTTP/1.1 200 OK\r\n"), say(GARBAGE), drip(b"HTTP/1.1 301 Moved ")],
                         ids=["silence", "close", "flood", "garbage", "drip"])
def test_a_plain_port_that_is_hostile_spoils_nothing_else(hf, pki, handler):
    with good_server(hf, pki) as good, Hostile(handler) as plain:
        result, target = audit(hf, good.port, "--ca", pki / "ca/ca.pem", "--servername", "localhost", "--plain-port", plain.port, timeout="5")
        assert target["complete"] is True and result.code == 0
        assert target["seen"]["traits"]["redirect"]["state"] != "present"


# ---- what we lack ourselves ----

@pytest.mark.parametrize("descriptors", [11, 13])
def test_our_own_lack_is_not_the_servers_fault(hf, pki, descriptors):
    """Too few descriptors: not all could be asked, exit 3, and it is said whose lack it is."""
    with good_server(hf, pki) as good, bounded():
        done, told = (subprocess.run(["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh", BIN, "audit", *form, "--ca", pki / "ca/ca.pem", "--servername",
                                      "localhost", f"127.0.0.1:{good.port}"], capture_output=True, text=True, timeout=2 * BOUND, check=False, env=hf.env)
                      for form in (["--json"], ["--color", "never"]))
    target = json.loads(done.stdout)["targets"][0]
    assert done.returncode == 3 and target["complete"] is False and target["verdict"] == "incomplete", done
    assert target["trouble"] == "this machine could make no more connections: too many open files"
    assert told.returncode == 3 and "this machine could make no more connections" in told.stdout and "  kept " not in told.stdout, told


# ---- text from a peer ----

def test_what_a_peer_says_cannot_steer_the_terminal(hf, pki, tls):
    def answer(_, peer):
        peer.sendall(b"HTTP/1.1 302 Found\r\nServer: \x1b[2J\x07evil\r\nLocation: \x1b]0;title\x07<script>alert(1)</script>\r\n"
                     b"Set-Cookie: \x1b[31m=1\r\nContent-Length: 0\r\n\r\n")
    with Hostile(over_tls(tls, answer)) as server:
        words = ("--ca", pki / "ca/ca.pem", "--servername", "localhost", f"127.0.0.1:{server.port}")
        with bounded():
            result = hf("audit", "--color", "never", "--html", "a.html", "--all", *words, timeout=2 * BOUND)
        assert not set(result.out) & set(map(chr, [*range(9), *range(11, 32), 127])), result.out
        assert "<script>alert(1)" not in (hf.folder / "a.html").read_text()
