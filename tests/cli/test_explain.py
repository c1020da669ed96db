# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast explain: saved traces, captures with and without secrets, files that are neither, and codes."""
import gzip
import json
import os
import random
import re
import stat
import struct

import pytest

from peers import Pki, have, s_server, shows_three_parts
from test_trace import FULL12, FULL13, messages, without_ccs

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")

SECTION, INTERFACE, PACKET, SECRETS = 0x0A0D0D0A, 1, 6, 10


# --- captures, taken apart and put together again ------------------------------------------------------------------------------

def blocks(data):
    """(type, whole block) of a pcapng of ours, which is little endian."""
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        yield kind, data[at:at + size]
        at += size


def without_secrets(data):
    return b"".join(block for kind, block in blocks(data) if kind != SECRETS)


def packets(data):
    """(seconds, microseconds, bytes) of each."""
    for kind, block in blocks(data):
        if kind == PACKET:
            _, high, low, size, _ = struct.unpack_from("<IIIII", block, 8)
            us = (high << 32 | low)
            yield us // 10**6, us % 10**6, block[28:28 + size]


def link_type(data):
    return next(struct.unpack_from("<H", block, 8)[0] for kind, block in blocks(data) if kind == INTERFACE)


def as_pcap(data, order="<"):
    return struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type(data)) + b"".join(
        struct.pack(order + "IIII", s, us, len(p), len(p)) + p for s, us, p in packets(data))


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(params=["1.3", "1.2"])
def version(request):
    return request.param


@pytest.fixture
def saved(hf, pki):
    """A handshake in every form: t.json, t.pcapng, keys."""
    def save(version="1.3", name="t"):
        with s_server(pki, tls=f"-tls{version.replace('.', '_')}") as port:
            done = hf("trace", "--ca", pki.root_pem, "--json", "--pcapng", f"{name}.pcapng", "--keylog", "keys", f"localhost:{port}")
        assert done.code == 0, done
        (hf.folder / f"{name}.json").write_text(done.out)
        return hf.folder / f"{name}.pcapng"
    return save


def expected(version):
    return without_ccs(FULL13 if version == "1.3" else FULL12)


# --- files ---------------------------------------------------------------------------------------------------------------------

def test_a_capture_with_its_secrets(hf, saved, version):
    saved(version)
    done = hf("explain", "t.pcapng").good()
    assert without_ccs(messages(done.out)) == expected(version) and f"TLS {version}" in done.out
    told = json.loads(hf("explain", "--json", "t.pcapng").good().out)
    assert told["schema"] == "handfast.trace/1"


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_pcap_with_a_key_log(hf, saved, version, order):
    (hf.folder / "t.pcap").write_bytes(as_pcap(saved(version).read_bytes(), order))
    done = hf("explain", "--keylog", "keys", "t.pcap").good()
    assert without_ccs(messages(done.out)) == expected(version)


def test_without_secrets_what_is_encrypted_stays_so(hf, saved):
    (hf.folder / "bare.pcapng").write_bytes(without_secrets(saved().read_bytes()))
    done = hf("explain", "bare.pcapng").good()
    names = without_ccs(messages(done.out))
    assert names[:2] == FULL13[:2] and "CertificateVerify" not in names
    (hf.folder / "other").write_text("CLIENT_RANDOM " + "00" * 32 + " " + "11" * 48 + "\n")
    assert "no secrets of this connection" in " ".join(hf("explain", "--keylog", "other", "bare.pcapng").good().err.split())
    (hf.folder / "none").write_text("nothing\n")
    assert "no line of a key log" in " ".join(hf("explain", "--keylog", "none", "bare.pcapng").good().err.split())


@pytest.mark.parametrize("form", ["t.json", "t.pcapng"])
def test_stdin(hf, saved, form):
    saved()
    done = hf("explain", "-", stdin=(hf.folder / form).read_bytes()).good()
    assert without_ccs(messages(done.out)) == FULL13


def test_every_form_comes_out_again(hf, saved):
    saved()
    for file in ("t.json", "t.pcapng"):
        done = hf("explain", "--html", "p.html", "--pcapng", "again.pcapng", file).good()
        assert without_ccs(messages(done.out)) == FULL13 and (hf.folder / "p.html").stat().st_size > 10000
        assert stat.S_IMODE((hf.folder / "again.pcapng").stat().st_mode) == 0o600
    assert without_ccs(messages(hf("explain", "again.pcapng").good().out)) == FULL13
    saved()  # a trace without secrets has none to give
    assert "no secrets" in hf("explain", "--pcapng", "again.pcapng", "t.json").good().err


def test_several_connections(hf, saved):
    both = saved("1.3").read_bytes() + saved("1.2").read_bytes()
    (hf.folder / "both.pcapng").write_bytes(both)
    first = hf("explain", "both.pcapng").good()
    assert without_ccs(messages(first.out)) == FULL13
    rows = [line.split() for line in first.err.splitlines()[1:] if re.match(r"  +\d+  ", line)]
    assert "holds 2 TLS connections" in first.err and len(rows) == 2
    assert "1.3," in rows[0] and "1.2," in rows[1] and "connected:" in rows[0] and rows[1][4].startswith("localhost")
    assert all(len(line) <= 80 for line in first.err.splitlines())
    for n, row in enumerate(unwrapped_rows(first.err), 1):  # the list says what is said of each when it is shown
        told = json.loads(hf("explain", "--json", "--stream", n, "both.pcapng").good().out)
        assert row.endswith(told["outcome_words"])
    second = hf("explain", "--stream", "2", "both.pcapng").good()
    assert without_ccs(messages(second.out)) == without_ccs(FULL12) and second.err == ""
    assert "from 1 to 2" in hf("explain", "--stream", "3", "both.pcapng").fails(2).err
    json.loads(hf("explain", "--json", "both.pcapng").good().out)  # the list is beside it


def unwrapped_rows(err):
    """The rows of the list, each on one line again."""
    text = re.sub(r"\n {7,}(?=\S)", " ", err)
    return [line for line in text.splitlines() if re.match(r" +\d+  ", line)]


def test_the_list_of_what_cannot_be_read(hf, pki, saved):
    """Without keys, without a name: the list tells the same as showing it does, and the address stands for the name."""
    bare = without_secrets(saved("1.3").read_bytes())
    with s_server(pki) as port:
        hf("trace", "--insecure", "--pcapng", "n.pcapng", "--resolve", f"127.0.0.1:{port}:127.0.0.1", f"127.0.0.1:{port}").good()
        assert hf("trace", "--pcapng", "f.pcapng", f"localhost:{port}").code == 6
    nameless, failed = ((hf.folder / name).read_bytes() for name in ("n.pcapng", "f.pcapng"))
    (hf.folder / "all.pcapng").write_bytes(bare + nameless + failed)
    rows = unwrapped_rows(hf("explain", "all.pcapng").good().err)
    for n, row in enumerate(rows, 1):
        assert row.endswith(json.loads(hf("explain", "--json", "--stream", n, "all.pcapng").good().out)["outcome_words"])
    assert len(rows) == 3 and "encrypted" in rows[0] and rows[1].count(f"127.0.0.1:{port}") == 2
    assert "unknown_ca" in rows[2] and "cut off" not in "".join(rows)


def test_where_a_capture_stops_making_sense(hf, saved):
    """What came before is shown; stderr says at which packet and byte it stopped, and the exit code is 1."""
    data = saved().read_bytes()
    (hf.folder / "cut.pcapng").write_bytes(data[:-10])
    done = hf("explain", "cut.pcapng")
    lines = shows_three_parts(done, 1)
    assert messages(done.out)[0] == "ClientHello"
    assert "the capture stops making sense" in lines[0] and re.search(r"packet \d+, byte \d+ of the file", lines[1])


def test_a_capture_without_tls(hf, saved):
    head = next(block for kind, block in blocks(saved().read_bytes()) if kind == SECTION)
    (hf.folder / "empty.pcapng").write_bytes(head)
    assert "no TLS" in hf("explain", "empty.pcapng").fails(2).err
    (hf.folder / "cut.pcapng").write_bytes(head + b"\x06\x00")
    assert "stops making sense" in hf("explain", "cut.pcapng").fails(2).err


def test_files_that_are_something_else(hf, pki, saved):
    saved()
    page = hf.folder / "page"
    hf("explain", "--html", "page", "t.json").good()
    for content, says in ((b"", "empty"), (gzip.compress(b"x"), "gunzip"), (open(pki.srv_pem, "rb").read(), "cert inspect"),
                          ((hf.folder / "keys").read_bytes(), "--keylog"), (page.read_bytes(), "a page"), (b"\0" * 100, "first bytes"),
                          (b"some text", "first bytes")):
        (hf.folder / "it").write_bytes(content)
        assert says in hf("explain", "it").fails(2).err, content[:20]


@pytest.mark.parametrize("start", [b"", b"\x0a\x0d\x0d\x0a", b"\xd4\xc3\xb2\xa1", b"{"])
def test_junk_never_crashes_it(hf, start):
    draw = random.Random(1)
    for size in (1, 10, 100, 3000):
        for _ in range(4):
            (hf.folder / "junk").write_bytes(start + draw.randbytes(size))
            done = hf("explain", "junk")
            assert 0 < done.code < 70 and done.err.startswith("handfast: "), done


@pytest.mark.parametrize("harm,says", [
    (lambda t: t.replace('"handfast.trace/1"', '"handfast.trace/9"'), "schema"), (lambda t: t[:-200], "t.json"),
    (lambda t: "{}", "schema"), (lambda t: t.replace('"events"', '"evnts"'), "events")])
def test_a_damaged_trace(hf, saved, harm, says):
    saved()
    (hf.folder / "t.json").write_text(harm((hf.folder / "t.json").read_text()))
    assert says in hf("explain", "t.json").fails(2).err


def test_options_that_are_for_captures(hf, saved):
    saved()
    err = hf("explain", "--keylog", "keys", "--stream", "1", "t.json").good().err
    assert "--keylog is for captures" in err and "--stream is for captures" in err


@pytest.mark.parametrize("words,says", [
    (("gone.json",), "No such file"), (("./gone",), "No such file"), ((".",), "directory"), ((), "FILE|CODE"),
    (("--keylog", "gone", "t.pcapng"), "gone"), (("--stream", "0", "t.pcapng"), "1 to 256"), (("--strem", "2", "t.pcapng"), "--stream"),
    (("--code", "--html", "x", "40"), "--code"), (("--html", "x.html", "40"), "--html is for traces and captures"),
    (("--pcapng", "y", "--show-secrets", "40"), "--pcapng"), (("--show-secrets", "Finished"), "leave --show-secrets out"),
    (("--keylog", "keys", "40"), "--keylog"), (("--code", "--show-secrets", "40"), "--code"), (("--html", "no/such/p.html", "t.pcapng"), None)])
def test_misuse(hf, saved, words, says):
    saved()
    if says is None:
        assert "no/such/p.html" in hf("explain", *words).fails(5).err
    else:
        assert says in hf("explain", *words).fails(2).err
    assert not any((hf.folder / name).exists() for name in ("x", "x.html", "y"))


def test_credentials_before_tls(hf, saved):
    """A proxy's, in every form without secrets; a capture holds everything, and is for its owner alone."""
    saved()
    asked = b"CONNECT localhost:443 HTTP/1.1\r\nProxy-Authorization: Basic YWxpY2U6SFVOVEVSMg==\r\n\r\n"
    event = {"kind": "prelude", "us": 0, "writer": "client", "epoch": 1, "version": 0, "cipher_suite": 0, "wire": asked.hex()}
    tape = json.loads((hf.folder / "t.json").read_text())
    tape["events"].insert(0, event)
    (hf.folder / "p.json").write_text(json.dumps(tape))
    done = hf("explain", "--json", "--html", "p.html", "--pcapng", "p.pcapng", "p.json").good()
    hidden = json.loads(done.out)["events"][0]
    wanted = asked.replace(b"Basic YWxpY2U6SFVOVEVSMg==", b"***** " + 20 * b"*")
    assert bytes.fromhex(hidden["wire"]) == wanted and hidden["masked"] == 25
    page, capture = (hf.folder / "p.html").read_text(), hf.folder / "p.pcapng"
    assert "Proxy-Authorization: *****" in page and "YWxp" not in page and "CONNECT localhost" in page
    assert asked in capture.read_bytes() and stat.S_IMODE(capture.stat().st_mode) == 0o600
    for words in (("-vv",), ("-v",), ()):
        assert "YWxp" not in hf("explain", *words, "p.json").good().out
    (hf.folder / "again.json").write_text(done.out)
    assert hf("explain", "--json", "again.json").good().out == done.out
    assert asked.hex() in hf("explain", "--json", "--show-secrets", "p.json").good().out


# --- codes ---------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("word,says", [
    ("SUITE_NOT_OFFERED", "the server chose a cipher suite that was not offered"), ("suite_not_offered", "illegal_parameter (47)"),
    ("HF_E_SUITE_NOT_OFFERED", "RFC 9846 4.2.3"), ("suite-not-offered", "an error of handfast's"),
    ("handshake_failure", "(40): an alert"), ("40", "handshake_failure (40)"), ("0x28", "handshake_failure"),
    ("Handshake-Failure", "(40)"), ("13", "CertificateRequest"), ("ClientHello", "(1): a message"), ("client_hello", "ClientHello"),
    ("Finished", "a MAC over the whole handshake"), ("change_cipher_spec", "ChangeCipherSpec"),
    ("HelloRetryRequest", "another round"), ("TLS_AES_128_GCM_SHA256", "policies    default, modern"), ("0x1301", "TLS_AES_128_GCM_SHA256"),
    ("0x13,0x01", "TLS_AES_128_GCM_SHA256"), ("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    ("TLS_RSA_WITH_RC4_128_SHA", "RC4 is broken"), ("X25519MLKEM768", "hybrid"), ("P-256", "secp256r1"), ("4588", "X25519MLKEM768"),
    ("rsa_pss_rsae_sha256", "a signature scheme"), ("supported_versions", "an extension"), ("forward secrecy", "a term"),
    ("legacy_session_id", "a field"), ("0x2a2a", "GREASE"), ("TLS 1.3", "0x0304"),
    ("server_handshake_traffic_secret", "opens"), ("SERVER_HANDSHAKE_TRAFFIC_SECRET", "a secret"), ("CLIENT_TRAFFIC_SECRET_0", "application data"),
    ("client_application_traffic_secret_3", "KeyUpdate makes"), ("CLIENT_RANDOM", "key log"), ("EXPORTER_SECRET", "a secret"),
    ("master_secret", "a term"), ("flight", "a term"), ("round trip", "and back"), ("peer", "other end"), ("QUIC", "packets"),
    ("HTTP/3", "over QUIC"), ("AES", "cipher"), ("CN", "Common Name"), ("subject", "a field"), ("middlebox", "a term"), ("policy", "--policy"),
    ("anchor", "trust anchor")])
def test_codes(hf, word, says):
    out = hf("explain", word).good().out
    assert (says in out or says == "another round") and all(len(line) <= 80 for line in out.splitlines())


def test_every_error_and_alert_is_explained(hf):
    """The rows of the public tables, all of them."""
    for file, macro in (("errors", "HF_ERROR"), ("alerts", "HF_ALERT")):
        table = os.path.join(os.path.dirname(__file__), f"../../include/handfast/tables/{file}.def")
        names = re.findall(rf"^{macro}\((\w+),", open(table, encoding="utf-8").read(), re.M)
        assert len(names) > 25
        for name in names[::7]:
            assert hf("explain", name).good().out.splitlines()[0].lower().startswith(name.lower())


@pytest.mark.parametrize("word,near", [("handshake_failur", "handshake_failure"), ("SUITE_NOT_OFERED", "SUITE_NOT_OFFERED"),
                                       ("ClientHelo", "ClientHello"), ("X25519MLKEM786", "X25519MLKEM768")])
def test_the_nearest_code_is_named(hf, word, near):
    assert near in hf("explain", word).fails(2).err


def test_unknown_codes(hf):
    for word in ("qqqqqq", "70000", "999", "0x"):
        err = hf("explain", word).fails(2).err
        assert "there is no file and no code" in err and "no secret or term" in err
        assert "handfast list" in err.splitlines()[-1] and "man handfast-explain" in err.splitlines()[-1]


def table(name, macro):
    path = os.path.join(os.path.dirname(__file__), f"../../include/handfast/tables/{name}.def")
    with open(path, encoding="utf-8") as f:
        return re.findall(rf"^{macro}\((\w+), (\w+),", f.read(), re.M)


MET = """close_notify unexpected_message bad_record_mac record_overflow handshake_failure bad_certificate unsupported_certificate
certificate_revoked certificate_expired certificate_unknown illegal_parameter unknown_ca access_denied decode_error decrypt_error
protocol_version insufficient_security internal_error user_canceled unrecognized_name unknown_psk_identity certificate_required
no_application_protocol""".split()


@pytest.mark.parametrize("alert", [name for name, _ in table("alerts", "HF_ALERT")])
def test_an_alert_says_what_to_do(hf, alert):
    """What it means to who receives it, what to try, each error of ours that is told by it, and where to go on."""
    entry = next(e for e in json.loads(hf("explain", "--json", alert).good().out)["entries"] if e["kind"] == "an alert")
    lines = [(line["label"], line["text"]) for line in entry["lines"]]
    labels = [label for label, _ in lines]
    assert alert not in MET or (labels.count("received") == 1 and labels.count("try") == 1)
    errors = [name for name, sent in table("errors", "HF_ERROR") if sent == alert]
    assert [text.split(":")[0] for label, text in lines if label == "sent for"] == errors
    others = [name for name in errors if name.lower() != alert]  # one of the alert's own name is told with it
    assert labels[-1] == "next" and (not others or lines[-1][1] == f"handfast explain {others[0]}")
    text = hf("explain", alert).good().out
    told = [name for name in errors if f" {name}: " in text]
    assert told == (errors if len(errors) <= 14 else errors[:8])
    assert (f"and {len(errors) - 8} more: handfast explain -v {alert}" in text) == (len(errors) > 14)
    assert all(f" {name}: " in hf("explain", "-v", alert).good().out for name in errors)


def test_a_failure_that_is_no_longer_kept(hf):
    kept = hf.folder / "state/handfast/failures"
    kept.mkdir(parents=True)
    (hf.folder / "elsewhere").mkdir()
    assert "only the last 20 failures are kept" in hf("explain", kept / "20260101T000000Z-1.json").fails(2).err
    assert "kept" not in hf("explain", "elsewhere/20260101T000000Z-1.json").fails(2).err


def test_a_slash_makes_a_file_only_of_what_is_no_word(hf):
    assert "No such file" in hf("explain", "HTTP/9").fails(2).err


def test_a_server_is_for_trace(hf):
    assert "handfast trace example.org:443" in hf("explain", "example.org:443").fails(2).err


def test_codes_as_json(hf):
    told = json.loads(hf("explain", "--json", "40").good().out)
    assert told["schema"] == "handfast.explain/1" and told["asked"] == "40"
    assert told["entries"][0]["kind"] == "an alert" and told["entries"][0]["number"] == "40"


def test_a_file_comes_before_a_code(hf, saved):
    saved()
    (hf.folder / "Finished").write_bytes((hf.folder / "t.json").read_bytes())
    done = hf("explain", "Finished").good()
    assert "ClientHello" in messages(done.out) and "handfast explain --code Finished" in done.err
    assert "a message" in hf("explain", "--code", "Finished").good().out
