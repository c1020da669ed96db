# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast connect --starttls: each protocol's way from the clear into TLS, and each way in which it must not go on. The
peers are scripts of a few lines that hand their socket to Python's ssl module."""
import json
import shlex
import signal
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager

import pytest

from conftest import BIN, Tool
from peers import LIMIT, shows_three_parts

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
LDAP_REQUEST = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"
MYSQL_REQUEST = b"\x20\x00\x00\x01\x00\x8a" + bytes(5) + b"\x01\x2d" + bytes(23)
PORTS = {"smtp": 25, "imap": 143, "pop3": 110, "ldap": 389, "xmpp": 5222, "postgres": 5432, "mysql": 3306}
XMPP_HEADER = (b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
               b"xmlns:stream='http://etherx.jabber.org/streams' id='a>b' version=\"1.0\">")
XMPP_TLS = b"xmlns='urn:ietf:params:xml:ns:xmpp-tls'"


def ldap(code, text=b"", message=1):
    result = bytes((0x0A, 1, code, 4, 0, 4, len(text))) + text
    body = bytes((2, 1, message, 0x78, len(result))) + result
    return bytes((0x30, len(body))) + body


def mysql(flags=0x8A00, version=b"10.11.6-MariaDB"):
    body = b"\x0a" + version + b"\0" + bytes(13) + flags.to_bytes(2, "little") + bytes(20)
    return len(body).to_bytes(3, "little") + b"\0" + body


def features(offer):
    return XMPP_HEADER + b"<stream:features>" + offer + b"<x xmlns='y'><z/></x></stream:features>"


STARTTLS = b"<starttls " + XMPP_TLS + b"><required/></starttls>"
# What a good server does: (what it awaits, what it says), in turn. Awaited words may be the end of what comes.
GOOD = {
    "smtp": [(b"", b"220-mail.test ESMTP\r\n220 ready\r\n"), (b"EHLO localhost\r\n", b"250-mail.test\r\n250-starttls\r\n250 SIZE 1\r\n"),
             (b"STARTTLS\r\n", b"220 2.0.0 go ahead\r\n")],
    "imap": [(b"", b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"),
             (b"a1 CAPABILITY\r\n", b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK done\r\n"),
             (b"a2 STARTTLS\r\n", b"* OK still here\r\na2 OK begin\r\n")],
    "pop3": [(b"", b"+OK ready\r\n"), (b"STLS\r\n", b"+OK begin\r\n")],
    "ldap": [(LDAP_REQUEST, ldap(0))],
    "xmpp": [(b"streams'>", features(STARTTLS)), (b"<starttls " + XMPP_TLS + b"/>", b"<proceed " + XMPP_TLS + b"/>")],
    "postgres": [(SSL_REQUEST, b"S")],
    "mysql": [(b"", mysql()), (MYSQL_REQUEST, b"")],
}
CLIENT_FIRST = ("ldap", "xmpp", "postgres")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    folder = tmp_path_factory.mktemp("starttls")
    tool = Tool(folder)
    tool("cert", "ca", "--out", "ca").good()
    tool("cert", "leaf", "--ca", "ca", "--out", "leaf", "localhost", "127.0.0.1").good()
    return folder


def send(peer, data, slowly):
    for piece in [data[i:i + 1] for i in range(len(data))] if slowly else [data]:
        peer.sendall(piece)


def talk(peer, script, slowly=False):
    """Plays the script; returns what the client said. False in place of words: waits until the client has closed."""
    heard = b""
    for awaited, words in script:
        while not heard.endswith(awaited):
            piece = peer.recv(1)
            assert piece, heard
            heard += piece
        if words is False:
            while peer.recv(4096):
                pass
        elif words:
            send(peer, words, slowly)
    return heard


@contextmanager
def serving(play):
    """One visitor, who is handed to `play`. What went wrong there is the test's failure; gives the port and the list of what
    play returned."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(LIMIT)
    results, errors = [], []

    def run():
        try:
            peer, _ = listener.accept()
            peer.settimeout(LIMIT)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with peer:
                results.append(play(peer))
        except Exception as e:  # noqa: BLE001: told in the test's own thread
            errors.append(e)
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield listener.getsockname()[1], results
    finally:
        thread.join(LIMIT)
        listener.close()
    assert not errors, errors


def into_tls(pki, script, slowly=False):
    """The script, then TLS 1.3 with an echo of what comes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(pki / "leaf/leaf.pem", pki / "leaf/leaf.key")

    def play(peer):
        talk(peer, script, slowly)
        with context.wrap_socket(peer, server_side=True) as tls:
            while data := tls.recv(4096):
                tls.sendall(data)
            version = tls.version()
            tls.unwrap()
            return version
    return play


def closing(script):
    """The script, then the end of what we say, then a wait for the client's."""
    def play(peer):
        heard = talk(peer, script)
        peer.shutdown(socket.SHUT_WR)
        try:
            while peer.recv(4096):
                pass
        except ConnectionResetError:
            pass
        return heard
    return play


def connect(hf, pki, protocol, port, *words, **more):
    return hf("connect", "--ca", pki / "ca/ca.pem", "--starttls", protocol, *words, f"localhost:{port}", **more)


def fails(hf, pki, protocol, script, code, *words):
    """The run's JSON record and its message, of a server that plays this script and then closes."""
    with serving(closing(script)) as (port, _):
        done = connect(hf, pki, protocol, port, "--json", *words)
    lines = shows_three_parts(done, 4)
    failure = json.loads(done.out)["failure"]
    assert (failure["code"], failure["step"], failure["side"]) == (code, "starttls", "client"), failure
    return failure, " ".join(lines)


def with_last(protocol, words):
    """The good script with another last answer of the server."""
    script = [turn for turn in GOOD[protocol] if turn != (MYSQL_REQUEST, b"")]
    return [*script[:-1], (script[-1][0], words)]


# --- into TLS --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("protocol", GOOD)
@pytest.mark.parametrize("slowly", [False, True], ids=["at once", "byte by byte"])
def test_into_tls(hf, pki, protocol, slowly):
    """RFC 3207 4, RFC 9051 6.2.1, RFC 2595 4, RFC 4511 4.14, RFC 6120 5; the report is as always."""
    with serving(into_tls(pki, GOOD[protocol], slowly)) as (port, versions):
        done = connect(hf, pki, protocol, port).good()
    assert "verified" in done.out and "TLS 1.3" in done.out and versions == ["TLSv1.3"]


@pytest.mark.parametrize("protocol", GOOD)
def test_pipe_after_it(hf, pki, protocol):
    with serving(into_tls(pki, GOOD[protocol])) as (port, _):
        assert connect(hf, pki, protocol, port, "--pipe", stdin=b"over TLS\r\n").good().out == "over TLS\r\n"


def test_json_after_it(hf, pki):
    with serving(into_tls(pki, GOOD["smtp"])) as (port, _):
        report = json.loads(connect(hf, pki, "smtp", port, "--json").good().out)
    assert report["ok"] and report["peer"]["verified"] and report["failure"] is None


def test_trace_shows_what_went_in_the_clear(hf, pki):
    with serving(into_tls(pki, GOOD["smtp"])) as (port, _):
        err = connect(hf, pki, "smtp", port, "--trace").good().err
    assert err.index("220-mail.test ESMTP") < err.index("EHLO localhost") < err.index("220 2.0.0 go ahead") < err.index("ClientHello")


def test_xmpp_asks_for_the_name_that_is_verified(hf, pki):
    """RFC 6120 4.7.2"""
    with serving(closing([(b"streams'>", b"")])) as (port, heard):
        hf("connect", "--insecure", "--starttls", "xmpp", "--servername", "chat.example", f"127.0.0.1:{port}")
    assert b" to='chat.example' " in heard[0] and b" version='1.0' " in heard[0]


def test_mysql_asks_for_tls_and_names_nobody(hf, pki):
    with serving(closing([(b"", mysql()), (MYSQL_REQUEST, b"")])) as (port, heard):
        assert connect(hf, pki, "mysql", port).code == 4
    assert heard == [MYSQL_REQUEST]


@pytest.mark.parametrize("words", [
    b"\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00",
    b"\x30\x24\x02\x01\x01\x78\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x161.3.6.1.4.1.1466.20037"], ids=["long lengths", "with its name"])
def test_forms_of_an_ldap_answer(hf, pki, words):
    """RFC 4511 4.12, 5.1: lengths may be longer than need be, and the response may have a name."""
    with serving(into_tls(pki, [(LDAP_REQUEST, words)])) as (port, _):
        connect(hf, pki, "ldap", port).good()


@pytest.mark.parametrize("words", [
    XMPP_HEADER + b"<s:features xmlns:s='http://etherx.jabber.org/streams'><starttls xmlns=\"urn:ietf:params:xml:ns:xmpp-tls\"/></s:features>",
    XMPP_HEADER + b"\n  <stream:features>\n<tls:starttls xmlns:tls='urn:ietf:params:xml:ns:xmpp-tls'></tls:starttls>\n</stream:features>"])
def test_forms_of_xmpp_features(hf, pki, words):
    proceed = b"<proceed " + XMPP_TLS + b"></proceed>"
    with serving(into_tls(pki, [(b"streams'>", words), (b"-tls'/>", proceed)])) as (port, _):
        connect(hf, pki, "xmpp", port).good()


# --- not into TLS ----------------------------------------------------------------------------------------------------

NOT_OFFERED = {
    "smtp": [*GOOD["smtp"][:1], (b"EHLO localhost\r\n", b"250-mail.test\r\n250-XSTARTTLS STARTTLS\r\n250 STARTTLSX\r\n")],
    "imap": [*GOOD["imap"][:1], (b"a1 CAPABILITY\r\n", b"* CAPABILITY IMAP4rev1 XSTARTTLS STARTTLSX\r\na1 OK STARTTLS\r\n")],
    "ldap": [(LDAP_REQUEST, ldap(2, b"unsupported extended operation"))],
    "xmpp": [(b"streams'>", features(b"<starttls xmlns='urn:example:other'/>"))],
    "postgres": [(SSL_REQUEST, b"N")],
    "mysql": [(b"", mysql(0x8200))],
}


@pytest.mark.parametrize("protocol", NOT_OFFERED)
def test_not_offered(hf, pki, protocol):
    """What is not announced is not tried: RFC 3207 4.1, RFC 9051 6.2.1, RFC 6120 5.4.1."""
    failure, _ = fails(hf, pki, protocol, NOT_OFFERED[protocol], "STARTTLS_NOT_OFFERED")
    assert failure["blame"] == "peer" and failure["expected"] and failure["offered"]


@pytest.mark.parametrize("protocol, words, said", [
    ("smtp", b"454 4.7.0 TLS not available\r\n", "454 4.7.0 TLS not available"),
    ("imap", b"a2 BAD not now\r\n", "a2 BAD not now"), ("imap", b"* BYE too many\r\n", "* BYE too many"),
    ("pop3", b"-ERR Command not permitted\r\n", "-ERR Command not permitted"),
    ("ldap", ldap(53, b"not\x1b[31m now"), r"unwillingToPerform (53): not\x1b[31m now"),
    ("ldap", ldap(0, b"bye", message=0), "another result (0): bye"),
    ("xmpp", b"<failure " + XMPP_TLS + b"/></stream:stream>", "<failure xmlns"), ("xmpp", b"</stream:stream>", "</stream:stream>"),
    ("postgres", b"E\0\0\0\x1bSFATAL\0C53300\0Mtoo many\0\0", "too many"),
    ("mysql", b"\x12\0\0\0\xff\x69\x04Host is blocked", "Host is blocked")])
def test_refused(hf, pki, protocol, words, said):
    failure, text = fails(hf, pki, protocol, with_last(protocol, words), "STARTTLS_REFUSED")
    assert said in failure["offered"] and said in text and failure["expected"] in text


@pytest.mark.parametrize("script", [
    [(b"", b"554 no service\r\n")], [(b"", b"220-mail\r\n554 no\r\n")], [*GOOD["smtp"][:1], (b"EHLO localhost\r\n", b"502 what?\r\n")],
    [*GOOD["smtp"][:1], (b"EHLO localhost\r\n", b"250-STARTTLS\r\n550 but no\r\n")]])
def test_smtp_refusals_before_starttls(hf, pki, script):
    """RFC 5321 4.2.1: all lines of a reply have the same code."""
    fails(hf, pki, "smtp", script, "STARTTLS_REFUSED")


def test_imap_preauth(hf, pki):
    """RFC 9051 6.2.1: STARTTLS is for the not authenticated state alone; PREAUTH would leave the rest in the clear."""
    fails(hf, pki, "imap", [(b"", b"* PREAUTH welcome\r\n")], "STARTTLS_REFUSED")


@pytest.mark.parametrize("protocol, script", [
    ("smtp", [(b"", b"SSH-2.0-OpenSSH\r\n")]), ("imap", [(b"", b"220 mail.test ESMTP\r\n")]), ("pop3", [(b"", b"* OK\r\n")]),
    ("ldap", [(LDAP_REQUEST, b"HTTP/1.1 400 Bad Request\r\n\r\n")]), ("ldap", [(LDAP_REQUEST, b"\x30\x80\x02\x01\x01")]),
    ("ldap", [(LDAP_REQUEST, ldap(0, message=7))]), ("ldap", [(LDAP_REQUEST, b"\x30\x05\x02\x01\x01\x61\x00")]),
    ("xmpp", [(b"streams'>", b"HTTP/1.1 400 Bad Request\r\n\r\n")]), ("xmpp", [(b"streams'>", b"<!DOCTYPE html><html>")]),
    ("xmpp", [(b"streams'>", XMPP_HEADER + b"<message/>")]), ("xmpp", [(b"streams'>", b"<>")]),
    ("postgres", [(SSL_REQUEST, b"HTTP/1.1 400\r\n")]), ("postgres", [(SSL_REQUEST, b"E\0\0\0\0")]),
    ("mysql", [(b"", b"220 mail.test ESMTP\r\n")]), ("mysql", [(b"", b"\x01\0\0\0\x09")]), ("mysql", [(b"", b"\x03\0\0\0\x0a5\0")])])
def test_another_protocol(hf, pki, protocol, script):
    fails(hf, pki, protocol, script, "STARTTLS_UNEXPECTED")


def test_control_characters_are_shown(hf, pki):
    failure, text = fails(hf, pki, "smtp", [(b"", b"554 \x1b]0;x\x07\xff\r\n")], "STARTTLS_REFUSED")
    assert failure["offered"] == r"554 \x1b]0;x\x07\xff" and r"\x1b]0;x\x07\xff" in text


@pytest.mark.parametrize("protocol", GOOD)
def test_injected_bytes(hf, pki, protocol):
    """RFC 3207 4.2, RFC 6120 5.4.3.3, CVE-2011-0411, CVE-2021-23222: nothing of the clear is carried into TLS."""
    failure, text = fails(hf, pki, protocol, with_last(protocol, GOOD[protocol][-2 if protocol == "mysql" else -1][1] + b"evil\r\n"),
                          "STARTTLS_INJECTED")
    assert "the server sent 6 bytes in the clear after agreeing to TLS: somebody may have injected them" in text
    assert failure["offered"] == "evil"


def test_a_blank_after_proceed_is_injected(hf, pki):
    """RFC 6120 5.4.3.3: no white space either."""
    text = fails(hf, pki, "xmpp", with_last("xmpp", GOOD["xmpp"][-1][1] + b"\n"), "STARTTLS_INJECTED")[1]
    assert "the server sent 1 byte in the clear" in text and "injected it" in text


@pytest.mark.parametrize("protocol, words", [("smtp", b"220 mail\r\n250 STARTTLS\r\n"), ("pop3", b"+OK ready\r\n+OK begin\r\n")])
def test_answers_before_the_question(hf, pki, protocol, words):
    fails(hf, pki, protocol, [(b"", words)], "STARTTLS_EARLY")


ENDLESS = {
    "smtp": (GOOD["smtp"][:1], b"EHLO localhost\r\n", b"250-X-NOTHING\r\n"), "imap": (GOOD["imap"][:1], b"a1 CAPABILITY\r\n", b"* OK\r\n"),
    "pop3": ([], b"", b"+OK"), "ldap": ([], LDAP_REQUEST, b"\x30\x84\x00\x10\x00\x00" + bytes(16)),
    "xmpp": ([], b"streams'>", XMPP_HEADER + b"<stream:features>" + b"<x/>" * 5), "postgres": ([], SSL_REQUEST, b"E\x00\x10\x00\x00" + bytes(16)),
    "mysql": ([], b"", b"\xff\xff\xff\x00" + bytes(16)),
}


@pytest.mark.parametrize("protocol", ENDLESS)
def test_endless_answers(hf, pki, protocol):
    """An answer has a limit, whatever it is made of."""
    script, awaited, words = ENDLESS[protocol]
    more = words if protocol in ("smtp", "imap") else words[-4:]

    def play(peer):
        talk(peer, [*script, (awaited, b"")])
        try:
            peer.sendall(words)
            while True:
                peer.sendall(more * 1000)
        except OSError:
            pass
    with serving(play) as (port, _):
        done = connect(hf, pki, protocol, port, "--json")
    text = " ".join(shows_three_parts(done, 4))
    assert json.loads(done.out)["failure"]["code"] == "STARTTLS_TOO_LONG" and "longer than 16384 bytes" in text


@pytest.mark.parametrize("protocol", GOOD)
@pytest.mark.parametrize("turn", ["first", "last"])
def test_silence_ends_with_the_time(hf, pki, protocol, turn):
    """--timeout holds for the dialogue; what was awaited is said, and more patience is advised."""
    script = with_last(protocol, False) if turn == "last" else [(GOOD[protocol][0][0], False)]
    with serving(lambda peer: talk(peer, script)) as (port, _):
        done = connect(hf, pki, protocol, port, "--json", "--timeout", "0.3")
    text = " ".join(shows_three_parts(done, 4))
    failure = json.loads(done.out)["failure"]
    assert (failure["code"], failure["blame"], failure["step"]) == ("STARTTLS_TIMEOUT", "network", "starttls")
    assert failure["expected"] in text and "said nothing" in text
    assert f"--starttls {protocol}" in done.err.split("next:")[1] and "--timeout 60" in done.err.split("next:")[1]


@pytest.mark.parametrize("protocol", GOOD)
@pytest.mark.parametrize("turn", ["first", "last"])
def test_the_server_closes(hf, pki, protocol, turn):
    script = with_last(protocol, b"") if turn == "last" else [(GOOD[protocol][0][0], b"")]
    failure, text = fails(hf, pki, protocol, script, "STARTTLS_CLOSED")
    assert failure["expected"] in text and failure["offered"] is None


def test_the_server_closes_within_an_answer(hf, pki):
    failure, _ = fails(hf, pki, "smtp", [(b"", b"220-mail.te")], "STARTTLS_CLOSED")
    assert failure["offered"] == "220-mail.te"


def test_a_failed_handshake_behind_it_is_one_of_tls(hf, pki):
    def play(peer):
        talk(peer, GOOD["pop3"])
        peer.recv(1)
        peer.sendall(b"+OK what?\r\n")
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(4096):
            pass
    with serving(play) as (port, _):
        done = connect(hf, pki, "pop3", port, "--json")
    shows_three_parts(done, 4)
    assert json.loads(done.out)["failure"]["code"] == "NOT_TLS"
    assert "curl" not in done.err and "the server agreed to start TLS and then spoke something else" in " ".join(done.err.split())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(hf, pki, number):
    heard = threading.Event()

    def play(peer):
        talk(peer, GOOD["smtp"][:2])
        heard.set()
        while peer.recv(4096):
            pass
    with serving(play) as (port, _):
        process = subprocess.Popen([BIN, "connect", "--insecure", "--starttls", "smtp", f"127.0.0.1:{port}"], cwd=hf.folder, env=hf.env,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert heard.wait(LIMIT)
        process.send_signal(number)
        assert process.wait(LIMIT) == 128 + number


# --- the command line ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("protocol, port", PORTS.items())
def test_ports(hf, protocol, port):
    """Without a port the protocol's own is dialled; with --resolve the target shows which."""
    words = ["--insecure", "--starttls", protocol, "--resolve", f"a.test:{port}:127.0.0.1", "--json", "--timeout", "0.5", "a.test"]
    assert json.loads(hf("connect", *words).out)["target"] == f"a.test:{port}"


@pytest.mark.parametrize("words, hint", [
    (["--starttls", "smtp", "--http", "a.test"], "exclude each other"), (["--starttls", "smtp", "https://a.test/"], "exclude each other"),
    (["--starttls", "smpt", "a.test"], "smtp"), (["--starttls"], "--starttls")])
def test_misuse(hf, words, hint):
    assert hint in hf("connect", *words).fails(2).err


def test_advice_repeats_it(hf):
    with serving(closing([(b"", b"* BYE\r\n")])) as (port, _):
        said = hf("connect", "--insecure", "--starttls", "imap", f"127.0.0.1:{port}").err
    assert "--starttls imap" in shlex.join(shlex.split(said[said.rindex("handfast connect"):].replace("\\\n", "")))
