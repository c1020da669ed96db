# SPDX-License-Identifier: Apache-2.0 OR MIT
"""tshark and `handfast explain` read the same captures, and agree field by field: versions, suites, groups, extensions, lengths,
records, and what is inside the protected ones. What `handfast trace` and `explain` write as a capture, tshark opens with the
secrets in it."""
import copy
import json
import socket
import subprocess
import time

import pytest

from capture_scenes import SCENES, T12, T13, Stage, s_client, s_server
from captures import PORT, pcap, pcapng
from interop import BIN, ENV, hf_serve, need, run
from processes import LIMIT
from tls12 import client_cert, make_client_certs
from tshark import all_fields, differences, explain, port_of, read_tshark, reading_of, traces_of


def disagreements(scene, theirs, ours):
    assert theirs.keys() == ours.keys()
    return "\n".join(f"{port}: {line}" for port in theirs for line in differences(theirs[port], ours[port], scene.unread))


def check_sense(scene, readings):
    """What agrees must not agree by being empty."""
    assert len(readings) >= scene.least
    for reading in readings.values():
        for half in reading.halves.values():
            assert half.records
        client, server = reading.halves["client"], reading.halves["server"]
        assert client.messages and client.messages[0].type == 1
        kinds = [message.type for message in client.messages + server.messages]
        if scene.fails:
            assert any(description for half in (client, server) for _, description in half.alerts)
        elif not scene.sealed and not scene.keyless:
            assert kinds.count(20) in (2, 4), kinds  # 4: renegotiated


@pytest.mark.parametrize("name", SCENES)
def test_same_reading(name, pki, tmp_path):
    need("tshark")
    scene, stage = SCENES[name], Stage(pki, tmp_path)
    scene.play(stage)
    n, plain, whole = len(stage.connections), tmp_path / "capture.pcap", tmp_path / "capture.pcapng"
    keyless = scene.keyless or not stage.keylog.exists()
    secrets = b"" if keyless else stage.keylog.read_bytes()
    plain.write_bytes(pcap(stage.connections, scene.port))
    whole.write_bytes(pcapng(stage.connections, scene.port, secrets))
    # tshark's secrets are in the file; ours are there, too, or in the key log beside one that has none.
    theirs = read_tshark(plain if scene.sealed else whole)
    for capture, options in ((whole, []), (plain, [] if keyless else ["--keylog", stage.keylog])):
        ours = {port_of(trace): reading_of(trace) for trace in traces_of(capture, n, *options)}
        wrong = disagreements(scene, theirs, ours)
        assert not wrong, f"{capture.name}\n{wrong}"
    check_sense(scene, theirs)


WORDS = {"openssl-12-anonymous": "nobody will show who he is", "openssl-12-null": "does NOT encrypt"}


@pytest.mark.parametrize("name", WORDS)
def test_words_of_weak_suites(name, pki, tmp_path):
    """Nobody's session from before without a certificate, and no lock where nothing is encrypted."""
    scene, stage, capture = SCENES[name], Stage(pki, tmp_path), tmp_path / "capture.pcap"
    scene.play(stage)
    capture.write_bytes(pcap(stage.connections, scene.port))
    trace, page = traces_of(capture, 1)[0], tmp_path / "page.html"
    chosen = next(m for m in trace["messages"] if m["name"] == "ServerHello")
    assert WORDS[name] in chosen["summary"]
    assert not any("from before" in m["summary"] for m in trace["messages"])
    sealed = [event for event in trace["events"] if event["kind"] == "record" and not event["opened"]]
    assert explain(capture, "--html", page).returncode == 0
    bare = name == "openssl-12-null"
    if bare:
        assert trace["outcome"] == "connected" and "NOT encrypted" in trace["outcome_words"] and not sealed
        assert not any(m["encrypted"] for m in trace["messages"])
        assert any(m["name"] == "Finished" for m in trace["messages"])
        assert "ALL that is sent under the keys" in trace["messages"][-1]["eavesdropper"]
    else:
        assert "handfast opens no records of TLS_DH_anon_WITH_AES_128_GCM_SHA256" in trace["outcome_words"]
        assert {event["writer"] for event in sealed} == {"client", "server"}
        assert all(m["kind"] != "broken" for m in trace["messages"])
    assert ('class="lock"' in page.read_text(encoding="utf-8")) != bare


def spoilt(trace):
    """(what, a trace that is not the same there): each has to be seen."""
    def changed(change):
        other = copy.deepcopy(trace)
        change(other)
        return other

    def field(other, path):
        fields = (f for m in other["messages"] for f in all_fields(m["fields"]))
        return next(f for f in fields if f["path"] == path and f.get("value") is not None)

    def first(kind):
        return next(i for i, message in enumerate(trace["messages"]) if message["kind"] == kind)
    records = [i for i, event in enumerate(trace["events"]) if event["kind"] == "record"]
    yield "a record fewer", changed(lambda t: t["events"].pop(records[-1]))
    yield "a record's length", changed(lambda t: t["events"][records[1]].update(wire="1603030001" + "00"))
    yield "a message fewer", changed(lambda t: t["messages"].pop(first("handshake")))
    yield "an alert fewer", changed(lambda t: t["messages"].pop(first("alert")))
    yield "a suite", changed(lambda t: field(t, "ClientHello.cipher_suites")["value"].reverse())
    yield "the suite", changed(lambda t: field(t, "ServerHello.cipher_suite").update(value=0x1305))
    yield "an extension", changed(lambda t: field(t, "ServerHello.extensions.extension_type").update(value=0))
    yield "a group", changed(lambda t: field(t, "ServerHello.extensions.key_share.group").update(value=1))
    yield "a length", changed(lambda t: field(t, "Certificate.certificate_list.cert_data length").update(value=1))


def test_differences_are_seen(pki, tmp_path):
    """The comparison itself: tshark's reading is not that of a trace that was changed in one place."""
    stage = Stage(pki, tmp_path)
    SCENES["openssl-13-aes256-p256"].play(stage)
    capture = tmp_path / "capture.pcapng"
    capture.write_bytes(pcapng(stage.connections, PORT, stage.keylog.read_bytes()))
    theirs, trace = next(iter(read_tshark(capture).values())), traces_of(capture, 1)[0]
    assert not list(differences(theirs, reading_of(trace)))
    for what, other in spoilt(trace):
        assert list(differences(theirs, reading_of(other))), what


# --- captures of ours -----------------------------------------------------------------------------------------------

def same(capture, port, *traces):
    """tshark opens our capture with the secrets in it alone, and reads what the traces say."""
    theirs = read_tshark(capture, port=port)
    assert len(theirs) == 1
    reading = next(iter(theirs.values()))
    for trace in traces:
        wrong = "\n".join(differences(reading, reading_of(trace)))
        assert not wrong, wrong
    return reading


def finished(reading):
    return [sum(message.type == 20 for message in half.messages) for half in reading.halves.values()]


TRACES = {"13": ("", (), True), "13-retry": ("-groups P-384", ("--tls", "1.3"), True), "12": ("-tls1_2", (), True),
          "13-mutual": ("-Verify 1 -CAfile {ca}", ("--cert", "{cert}", "--key", "{key}"), True),
          "12-mutual": ("-tls1_2 -Verify 1 -CAfile {ca}", ("--cert", "{cert}", "--key", "{key}"), True),
          "12-static-rsa": ("-tls1_2 -cipher AES128-GCM-SHA256",
                            ("--policy", "classroom", "--ciphers", "TLS_RSA_WITH_AES_128_GCM_SHA256"), True),
          "13-small-records": ("-max_send_frag 512", (), True), "13-wrong-name": ("", ("--servername", "wrong.test"), False),
          "13-no-suite": ("-ciphersuites TLS_AES_128_CCM_SHA256 -tls1_3", (), False)}


@pytest.mark.parametrize("name", TRACES)
def test_trace_as_capture(name, pki, tmp_path):
    need("tshark")
    server, options, good = TRACES[name]
    make_client_certs(pki)
    cert, key = client_cert(pki, "p256")
    capture, again = tmp_path / "trace.pcapng", tmp_path / "again.pcapng"
    stage = Stage(pki, tmp_path)
    with s_server(stage, server, key="rsa2048" if "rsa" in name else "p256") as port:
        done = run([BIN, "trace", "--json", "--pcapng", capture, "--ca", pki.ca, "--servername", "localhost", "--http", "/",
                    *(option.format(cert=cert, key=key) for option in options), f"127.0.0.1:{port}"])
    assert (done.returncode == 0) == good, done
    # Our own capture, read back, says the same as the trace; and so does the capture that is made of it.
    there = explain(capture, "--pcapng", again)
    assert there.returncode == 0, there
    reading = same(capture, port, json.loads(done.stdout), json.loads(there.stdout))
    assert finished(reading) == [1, 1] or not good
    same(again, port, json.loads(there.stdout))


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
def test_resumed_trace_as_capture(tls, pki, tmp_path):
    need("tshark")
    early = ["--early-data"] if tls == "1.3" else []
    with hf_serve(pki, "p256", "--tls", tls, *early, folder=tmp_path) as port:
        for n in range(2):
            capture = tmp_path / f"{n}.pcapng"
            done = run([BIN, "trace", "--json", "--pcapng", capture, "--ca", pki.ca, "--servername", "localhost", "--session",
                        tmp_path / "session", "--http", "/", *early, f"127.0.0.1:{port}"])
            assert done.returncode == 0, done
            assert finished(same(capture, port, json.loads(done.stdout))) == [1, 1]


@pytest.mark.parametrize("name", ("curl-nginx-13-h2", "curl-nginx-12", "gnutls-13", "openssl-13-retry", "openssl-13-ipv6"))
def test_capture_of_capture(name, pki, tmp_path):
    """explain --pcapng of somebody else's capture with its key log: one file that opens by itself."""
    need("tshark")
    scene, stage = SCENES[name], Stage(pki, tmp_path)
    scene.play(stage)
    capture, ours = tmp_path / "capture.pcap", tmp_path / "ours.pcapng"
    capture.write_bytes(pcap(stage.connections))
    done = explain(capture, "--keylog", stage.keylog, "--pcapng", ours)
    assert done.returncode == 0, done
    assert finished(same(ours, PORT, json.loads(done.stdout))) == [1, 1]
    assert ours.stat().st_mode & 0o777 == 0o600


# --- a capture that dumpcap made ------------------------------------------------------------------------------------

MARK = b"the capture may end here"


def dumpcap(port, target, play):
    """What went over loopback to and from that port while `play` ran. A datagram that comes last says that all is there."""
    words = [need("dumpcap"), "-q", "-i", "lo", "-f", f"port {port}", "-w", str(target)]
    capturing = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENV)
    try:
        told = b""
        while b"File: " not in told:
            line = capturing.stderr.readline()
            if not line:
                pytest.skip(f"missing peer: dumpcap may not capture here ({told.decode(errors='replace').strip()[-100:]})")
            told += line
        play()
        end = time.monotonic() + LIMIT
        while MARK not in (target.read_bytes() if target.exists() else b""):
            assert time.monotonic() < end, "dumpcap did not write"
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.sendto(MARK, ("127.0.0.1", port))
            time.sleep(0.05)
        capturing.terminate()
        capturing.wait()
    finally:
        if capturing.poll() is None:
            capturing.kill()
            capturing.wait()


@pytest.mark.parametrize("version", (T13, T12), ids=("13", "12"))
def test_dumpcap(version, pki, tmp_path):
    stage, capture = Stage(pki, tmp_path), tmp_path / "lo.pcapng"
    with s_server(stage, "") as port:
        class Direct:
            host = "127.0.0.1"
        Direct.port = port

        def play():
            assert s_client(stage, Direct, version).returncode == 0
        dumpcap(port, capture, play)
    theirs = read_tshark(capture, stage.keylog, port=port)
    traces = traces_of(capture, 1, "--keylog", stage.keylog)
    assert list(theirs) == [port_of(traces[0])]
    wrong = "\n".join(differences(theirs[port_of(traces[0])], reading_of(traces[0])))
    assert not wrong, wrong
    assert finished(reading_of(traces[0])) == [1, 1]
