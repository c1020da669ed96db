# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast trace: every kind of handshake is shown to its end, or to its fault; what it writes, where, for whose eyes, and with
which exit code it ends."""
import json
import os
import re
import shutil
import stat
import subprocess

import pytest

from conftest import BIN
from peers import LIMIT, Pki, Server, end, free_port, have, listens, s_server, shows_three_parts, wait_for
from test_starttls import GOOD, into_tls, serving

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")

LINE = re.compile(r"^ ?(\d+)  client (-->|<--) server  (\w+)", re.M)
FULL13 = ["ClientHello", "ServerHello", "EncryptedExtensions", "Certificate", "CertificateVerify", "Finished", "Finished"]
FULL12 = ["ClientHello", "ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone", "ClientKeyExchange",
          "ChangeCipherSpec", "Finished", "ChangeCipherSpec", "Finished"]
PSK = "device1:00112233445566778899aabbccddeeff\n"


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    made = Pki(tmp_path_factory.mktemp("pki"))
    made.leaf("cli", "device", "root", "client", key="srv")
    return made


@pytest.fixture
def trace(hf, pki):
    def run(port, *words, **more):
        return hf("trace", "--ca", pki.root_pem, *words, f"localhost:{port}", **more)
    return run


def server(hf, pki, *words):
    return Server(hf, "--cert", pki.srv_chain, "--key", pki.srv_key, *words)


def messages(text, leave_out=("NewSessionTicket", "Alert")):
    return [m[2] for m in LINE.findall(text) if m[2] not in leave_out]


def without_ccs(names):
    return [name for name in names if name != "ChangeCipherSpec"]


def secrets_of(hf, name="keys"):
    """What the key log holds, in hexadecimal."""
    return [line.split()[2] for line in (hf.folder / name).read_text().splitlines() if not line.startswith("#")]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


# --- kinds of handshakes -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("version,expected", [("1.3", FULL13), ("1.2", FULL12)])
def test_a_full_handshake_with_openssl(pki, trace, version, expected):
    with s_server(pki, tls=f"-tls{version.replace('.', '_')}") as port:
        done = trace(port).good()
    names = messages(done.out)
    assert (without_ccs(names) if version == "1.3" else names) == expected
    assert f"TLS {version}" in done.out and "CN=localhost" in done.out and "\nconnected: " in done.out
    assert done.err == ""


@pytest.mark.parametrize("version,expected", [("1.3", FULL13), ("1.2", FULL12)])
def test_a_full_handshake_with_our_own_server(hf, pki, trace, version, expected):
    with server(hf, pki) as s:
        done = trace(s.port, "--tls", version).good()
    assert without_ccs(messages(done.out)) == without_ccs(expected)


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_a_full_handshake_with_nginx(hf, pki, trace, version, tmp_path):
    program = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if not program:
        pytest.skip("missing peer: nginx")
    port = free_port()
    temporary = " ".join(f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {tmp_path}/pid; error_log {tmp_path}/errors;\nevents {{ worker_connections 64; }}\n"
        f"http {{ {temporary} access_log off; server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv{version};\n"
        f"ssl_certificate {pki.srv_chain}; ssl_certificate_key {pki.srv_key}; return 200 'here'; }} }}\n")
    process = subprocess.Popen([program, "-p", str(tmp_path), "-e", "errors", "-c", "nginx.conf"], stdin=subprocess.DEVNULL)
    try:
        wait_for("nginx", lambda: listens(port), process)
        done = trace(port).good()
    finally:
        end(process)
    assert without_ccs(messages(done.out)) == without_ccs(FULL13 if version == "1.3" else FULL12)


def test_tickets_are_waited_for(hf, pki, trace):
    """They come behind the handshake, and a server that sends none is not waited for without end."""
    with server(hf, pki) as s:
        assert "NewSessionTicket" in messages(trace(s.port).good().out, ())
    with s_server(pki, "-num_tickets", "0") as port:
        assert "NewSessionTicket" not in messages(trace(port).good().out, ())


def test_a_hello_retry_request(pki, trace):
    with s_server(pki, "-groups", "P-384") as port:
        names = without_ccs(messages(trace(port).good().out))
    assert names == ["ClientHello", "HelloRetryRequest", "ClientHello"] + FULL13[1:]


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_mutual_authentication(hf, pki, trace, version):
    with server(hf, pki, "--client-auth", "require", "--client-ca", pki.root_pem) as s:
        done = trace(s.port, "--tls", version, "--cert", pki.cli_pem, "--key", pki.srv_key).good()
        names = messages(done.out)
        assert names.count("Certificate") == 2 and "CertificateRequest" in names and "CertificateVerify" in names
        assert "CN=device" in done.out
        # without a certificate: a server of TLS 1.3 says so after its client is connected
        assert shows_three_parts(trace(s.port, "--tls", version), 4)


def test_a_pre_shared_key(hf):
    (hf.folder / "psk").write_text(PSK)
    os.chmod(hf.folder / "psk", 0o600)
    with Server(hf, "--psk-file", "psk") as s:
        done = hf("trace", "--psk-file", "psk", "--psk-identity", "device1", f"localhost:{s.port}").good()
    assert without_ccs(messages(done.out)) == ["ClientHello", "ServerHello", "EncryptedExtensions", "Finished", "Finished"]
    assert "00112233445566778899aabbccddeeff" not in done.out


def test_static_rsa(hf, pki, trace):
    hf("cert", "ca", "--out", "ca").good()
    hf("cert", "leaf", "--ca", "ca", "--key-type", "rsa2048", "--out", "rsa", "localhost").good()
    words = ("--policy", "classroom", "--tls", "1.2", "--ciphers", "AES128-GCM-SHA256")
    with Server(hf, "--cert", "rsa/leaf.pem", "--key", "rsa/leaf.key", *words) as s:
        done = hf("trace", "--ca", "ca/ca.pem", *words, f"localhost:{s.port}").good()
    assert "ServerKeyExchange" not in messages(done.out) and "ClientKeyExchange" in messages(done.out)


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_resumption(hf, pki, trace, version):
    with server(hf, pki) as s:
        first, second = [trace(s.port, "--session", "s", "--tls", version).good() for _ in range(2)]
    assert "Certificate" in messages(first.out) and "Certificate" not in messages(second.out)


def test_early_data_is_on_the_tape_and_the_body_is_dropped(hf, pki, trace):
    words = ("--session", "s", "--early-data", "--http")
    with server(hf, pki, "--early-data") as s:
        trace(s.port, *words).good()
        done = trace(s.port, *words).good()
    assert "EndOfEarlyData" in messages(done.out) and "<html" not in done.out
    order = [done.out.index(words) for words in ("ClientHello", "early", "ServerHello", "EndOfEarlyData")]
    assert order == sorted(order)


@pytest.mark.parametrize("protocol", ["smtp", "postgres"])
def test_what_comes_before_tls(hf, tmp_path, protocol):
    hf("cert", "ca", "--out", "ca").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "localhost").good()
    with serving(into_tls(hf.folder, GOOD[protocol])) as (port, _):
        done = hf("trace", "--ca", "ca/ca.pem", "--starttls", protocol, "--resolve", f"localhost:{port}:127.0.0.1",
                  f"localhost:{port}").good()
    assert without_ccs(messages(done.out)) == FULL13
    assert done.out.index("before TLS, in the clear") < done.out.index("ClientHello")


# --- forms ---------------------------------------------------------------------------------------------------------------------

def test_all_forms_at_once(hf, pki, trace):
    with s_server(pki) as port:
        done = trace(port, "--html", "p.html", "--pcapng", "p.pcapng", "--keylog", "keys").good()
    page, capture = hf.folder / "p.html", hf.folder / "p.pcapng"
    assert without_ccs(messages(done.out)) == FULL13
    assert page.read_text().startswith("<!doctype html>") and 0 < page.stat().st_size < 400 * 1024
    assert capture.read_bytes()[:4] == b"\x0a\x0d\x0d\x0a" and mode(capture) == 0o600
    assert "p.pcapng holds the secrets" in done.err and "p.html" in done.err
    known = secrets_of(hf)
    assert len(known) >= 4
    for secret in known:  # those of the handshake are in the capture, and nowhere else
        assert secret not in done.out and secret not in page.read_text()
    assert all(secret.encode() in capture.read_bytes() for secret in known[:4])


def test_a_capture_never_has_the_mode_of_what_was_there(hf, pki, trace):
    (hf.folder / "p.pcapng").write_text("old")
    os.chmod(hf.folder / "p.pcapng", 0o644)
    with s_server(pki) as port:
        trace(port, "--pcapng", "p.pcapng").good()
    assert mode(hf.folder / "p.pcapng") == 0o600


def test_secrets_are_shown_if_asked_for(hf, pki, trace):
    with s_server(pki) as port:
        text = trace(port, "--show-secrets", "--keylog", "keys", "--html", "p.html", "-v").good()
        assert any(secret in text.out for secret in secrets_of(hf))
        assert "the secrets of this connection" in text.err and mode(hf.folder / "p.html") == 0o600
        os.unlink(hf.folder / "keys")
        shown = trace(port, "--show-secrets", "--keylog", "keys", "--json").good()
        assert all(secret in shown.out for secret in secrets_of(hf)[:4])


def test_json_is_what_explain_reads(hf, pki, trace):
    with s_server(pki) as port:
        done = trace(port, "--json", "--keylog", "keys").good()
    told = json.loads(done.out)
    assert told["schema"] == "handfast.trace/1" and not any(secret in done.out for secret in secrets_of(hf))
    (hf.folder / "t.json").write_text(done.out)
    assert without_ccs(messages(hf("explain", "t.json").good().out)) == FULL13
    assert json.loads(hf("explain", "--json", "t.json").good().out) == told


def test_more_is_shown_if_asked_for(pki, trace):
    with s_server(pki) as port:
        short, fields, all_bytes = [trace(port, *words).good().out for words in ((), ("-v",), ("-vv",))]
    assert "cipher_suites" not in short and "cipher_suites" in fields
    assert len(short) < len(fields) < len(all_bytes)
    assert all(len(line) <= 80 for text in (short, fields, all_bytes) for line in text.splitlines())


def test_stdout_may_be_the_page_or_the_capture(pki, trace):
    with s_server(pki) as port:
        assert trace(port, "--html", "-").good().out.startswith("<!doctype html>")
        assert "ClientHello" not in trace(port, "--pcapng", "-").good().out


# --- how it ends ---------------------------------------------------------------------------------------------------------------

def test_a_certificate_that_is_refused(hf, pki):
    with s_server(pki) as port:
        done = hf("trace", "--ca", pki.other_pem, "--html", "p.html", "--pcapng", "p.pcapng", f"localhost:{port}")
    lines = shows_three_parts(done, 6)
    assert "CERT_UNKNOWN_CA" in done.out and done.out.count("Certificate") > 1
    assert "CERT_UNKNOWN_CA" in (hf.folder / "p.html").read_text() and (hf.folder / "p.pcapng").stat().st_size > 0
    assert "handfast trace --ca CA.pem" in lines[2]
    seen = done.err.splitlines()[-1]
    assert seen.startswith("  see it: handfast explain /")
    assert "CERT_UNKNOWN_CA" in hf("explain", seen.split()[-1]).good().out


def test_the_next_command_is_of_the_same_kind(hf, pki):
    """Where `cert inspect` cannot say how the server is reached, it is trace that looks without trusting."""
    pki.dated("past", "20200101000000Z", "20200201000000Z")
    for command in ("trace", "connect"):
        with s_server(pki, cert="past") as port:
            done = hf(command, "--ca", pki.root_pem, "--servername", "localhost", f"localhost:{port}")
        assert f"handfast {command} --insecure --servername localhost" in shows_three_parts(done, 6)[2]


def test_starttls_that_is_refused(hf, pki):
    """There is no handshake to show, only what was said before it."""
    def play(peer):
        peer.sendall(b"220 mail.test\r\n")
        peer.recv(4096)
        peer.sendall(b"500 no\r\n")
        peer.recv(4096)
        return True
    with serving(play) as (port, _):
        done = hf("trace", "--ca", pki.root_pem, "--starttls", "smtp", "--resolve", f"localhost:{port}:127.0.0.1", f"localhost:{port}")
    lines = shows_three_parts(done, 4)
    assert messages(done.out) == [] and "before TLS, in the clear" in done.out and "see it" not in done.err and "SMTP" in lines[0]


def test_a_handshake_that_fails(hf, pki):
    with s_server(pki, tls="-tls1_2") as port:
        done = hf("trace", "--ca", pki.root_pem, "--tls", "1.3", "--json", f"localhost:{port}")
    shows_three_parts(done, 4)
    told = json.loads(done.out)
    assert told["schema"] == "handfast.trace/1" and told["failure"]["alert"]["name"] == "protocol_version"


def test_a_server_that_says_nothing(hf, trace):
    def play(peer):
        while peer.recv(4096):
            pass
        return True
    with serving(play) as (port, _):
        done = trace(port, "--timeout", "0.3", "--resolve", f"localhost:{port}:127.0.0.1")
    lines = shows_three_parts(done, 4)
    assert messages(done.out) == ["ClientHello"] and "TIMEOUT" in done.out and "took too long" in lines[0]
    assert "handfast trace --ca" in lines[2] and "--timeout 60" in lines[2]


def test_insecure_shows_what_was_wrong_and_the_tickets(hf, pki):
    with s_server(pki) as port:
        done = hf("trace", "--ca", pki.other_pem, "--insecure", f"localhost:{port}").good()
    assert "NewSessionTicket" in messages(done.out, ()) and "NOT accepted" in done.err and "broken" in done.out


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_insecure_says_in_every_form_that_nobody_is_verified(hf, pki, version):
    words = ("trace", "--ca", pki.other_pem, "--insecure", "--tls", version, "--html", "p.html")
    with s_server(pki, tls=f"-tls{version.replace('.', '_')}") as port:
        text = hf(*words, f"localhost:{port}").good().out
        told = json.loads(hf(*words[:-2], "--json", f"localhost:{port}").good().out)
    page = (hf.folder / "p.html").read_text()
    says = "connected, but the server is NOT verified: "
    assert told["outcome"] == "connected" and told["outcome_words"].startswith(says)
    assert f"\n{says}" in text and says in page and '<div class="outcome open">' in page
    assert "NOT VERIFIED: holds the key of a certificate that was not accepted" in page
    assert "shared beforehand" not in page and "connected, but with whom is not verified" in page
    assert "chain" not in told["messages"][-1]["proofs"]["client"]
    assert not any("who the server is" in m["proved"]["client"] for m in told["messages"])


def test_nobody_there(hf, pki, trace):
    done = trace(free_port(), "--html", "p.html").fails(3)
    assert done.seen is None and not (hf.folder / "p.html").exists()


def test_no_tls_there(trace):
    def play(peer):
        peer.recv(4096)
        peer.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        return True
    with serving(play) as (port, _):
        done = trace(port, "--resolve", f"localhost:{port}:127.0.0.1")
    shows_three_parts(done, 4)
    assert "NOT_TLS" in done.out and messages(done.out)[0] == "ClientHello"


@pytest.mark.parametrize("option", ["--html", "--pcapng"])
def test_a_file_that_cannot_be_written(hf, option):
    """Said before anything is sent: nobody listens on that port, and that is not what is said."""
    (hf.folder / "folder").mkdir()
    (hf.folder / "file").touch()
    for file in ("no/such/page", "folder", "file/page"):
        done = hf("trace", option, file, "localhost:1").fails(5)
        assert option in done.err and file in done.err and done.seen is None


def test_lines_about_files_come_last(hf, pki):
    """Behind the text, where they are still on the screen; also if writing fails in the end."""
    with s_server(pki) as port:
        words = [BIN, "trace", "--ca", pki.root_pem, "--html", "page.html", "--pcapng", "/dev/full", f"localhost:{port}"]
        done = subprocess.run(words, cwd=hf.folder, env=hf.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
    text = done.stdout.decode()
    assert done.returncode == 5 and (hf.folder / "page.html").exists()
    assert text.rindex("Finished") < text.rindex("connected") < text.index("the page: page.html") < text.index("cannot write what --pcapng")


@pytest.mark.parametrize("words,says", [
    (("--htlm", "x", "a.test"), "--html"), (("--pcap", "x", "a.test"), "--pcapng"), (("--pipe", "a.test"), "connect"),
    (("--json", "--html", "-", "a.test"), "stdout"), (("--html", "x", "--pcapng", "x", "a.test"), "same file"),
    (("-4", "-6", "a.test"), "-4 and -6"), ((), "HOST"), (("--verbose=2", "a.test"), "takes no value"),
    (("--early-data", "a.test"), "--http"), (("--ca", "nothing.pem", "a.test"), "nothing.pem")])
def test_misuse(hf, words, says):
    assert says in hf("trace", *words).fails(2).err


def test_a_file_is_for_explain(hf):
    (hf.folder / "t.json").write_text("{}")
    assert "handfast explain t.json" in hf("trace", "t.json").fails(2).err


def test_help_fits_a_terminal(hf):
    for command in ("trace", "explain"):
        out = hf(command, "--help").good().out
        assert all(len(line) <= 80 for line in out.splitlines()) and "-v, --verbose" in out and "Repeatable." in out
        assert all(option in out for option in ("--html", "--pcapng", "--json", "--show-secrets"))


def test_foreign_text_never_steers_the_terminal(hf, pki, tmp_path):
    """What a certificate says goes to stdout without its control characters."""
    pki.leaf("rude", "evil\x1b[2J\x1b]0;owned\x07", "int", "server", key="srv")
    with s_server(pki, cert="rude") as port:
        for words in ((), ("-v",), ("-vv",)):
            out = hf("trace", "--ca", pki.root_pem, "--color", "never", *words, f"localhost:{port}").good().out
            assert "evil" in out and "\x1b" not in out and "\x07" not in out


def test_colour_is_for_terminals(pki, trace):
    with s_server(pki) as port:
        assert "\x1b" not in trace(port).good().out
        assert "\x1b[" in trace(port, "--color", "always").good().out
