# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast audit as a command: targets and lists of them, options, confirmation, exit codes, STARTTLS, and files that are written
whole or not at all. What servers are found to be is in other files."""
import contextlib
import json
import os
import pty
import signal
import socket
import subprocess
import threading
import time
from types import SimpleNamespace

import pytest

from audit_hostile import Hostile, drained, pump, say_and_close, silent
from certs import Maker
from conftest import Tool
from peers import LIMIT, Server, s_server
from processes import free_port, until
from slow_relay import slow

NOBODY = "127.0.0.1:1"  # nothing listens there
FAST = ("--timeout", "2")  # for who never answers; what does answer has the usual time


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audit")
    tool = Tool(folder)
    tool("cert", "ca", "--out", "ca").good()
    tool("cert", "leaf", "--ca", "ca", "--out", "leaf", "localhost", "127.0.0.1").good()
    return folder


def identity(pki):
    return "--cert", pki / "leaf/leaf.pem", "--key", pki / "leaf/leaf.key"


@pytest.fixture
def server(hf, pki):
    with Server(hf, *identity(pki), "--policy", "modern") as running:
        yield drained(running)


@pytest.fixture
def trust(pki):
    return ("--ca", pki / "ca/ca.pem", "--servername", "localhost")


def targets(result):
    report = json.loads(result.out)
    assert report["schema"] == "handfast.audit/1"
    return report["targets"]


# ---- exit codes ----

def test_a_good_server_with_a_private_ca(hf, server, trust):
    """Exit code 0: only notes; nothing on stderr where that is no terminal."""
    result = hf("audit", *trust, f"127.0.0.1:{server.port}").good()
    assert "TLS 1.3" in result.out and result.err == ""


def test_a_broken_rule_is_exit_code_1(hf, server, pki):
    """The same server by a name that its certificate does not hold."""
    result = hf("audit", "--ca", pki / "ca/ca.pem", "--servername", "other.test", f"127.0.0.1:{server.port}")
    assert result.code == 1 and "other.test" in result.out


def test_nobody_there_is_exit_code_3(hf):
    result = hf("audit", NOBODY)
    assert result.code == 3 and "connection refused" in result.out
    target, = targets(hf("audit", "--json", NOBODY))
    assert target["reached"] is False and target["connections"] == 1


def test_a_name_that_does_not_resolve(hf):
    result = hf("audit", "nobody.invalid")
    assert result.code == 3 and "could not be looked up" in result.out


def test_a_broken_rule_goes_before_an_unreachable_target(hf, server, pki):
    result = hf("audit", "--ca", pki / "ca/ca.pem", "--servername", "other.test", NOBODY, f"127.0.0.1:{server.port}")
    assert result.code == 1
    result = hf("audit", "--ca", pki / "ca/ca.pem", "--servername", "localhost", NOBODY, f"127.0.0.1:{server.port}")
    assert result.code == 3


# ---- targets ----

def test_no_target(hf):
    hf("audit").fails(2)
    (hf.folder / "empty").write_text("# nobody\n\n")
    assert "names no target" in hf("audit", "--file", "empty").fails(2).err


@pytest.mark.parametrize("target", ["http://localhost", "localhost:0", "localhost:70000", "::1:x:2", "a b", "https://u:p@localhost/"])
def test_targets_that_are_none(hf, target):
    assert target.split("@", maxsplit=1)[-1][:5] in hf("audit", target).fails(2).err


def test_a_url_and_a_name(hf, server, trust):
    target, = targets(hf("audit", "--json", *trust, f"https://127.0.0.1:{server.port}/path").good())
    assert target["port"] == server.port and target["host"] == "127.0.0.1" and target["name"] == "localhost"


def test_several_targets_in_their_order(hf, server, trust):
    """All are told, in the order in which they were given, whichever is over first."""
    with Hostile(silent) as slow:
        result = hf("audit", "--json", *trust, *FAST, f"127.0.0.1:{slow.port}", f"127.0.0.1:{server.port}", NOBODY)
    assert [t["port"] for t in targets(result)] == [slow.port, server.port, 1]
    assert [t["reached"] for t in targets(result)] == [False, True, False]


def test_a_target_that_comes_twice_is_asked_once(hf):
    assert len(targets(hf("audit", "--json", NOBODY, NOBODY))) == 1


def test_a_certificate_of_version_1_is_read_and_told(hf, openssl):
    """openssl x509 -req writes one where no extensions are given. It is refused as before; what can be read of it is judged."""
    openssl("req", "-new", "-newkey", "rsa:1024", "-nodes", "-keyout", hf.folder / "k.pem", "-subj", "/CN=localhost",
            "-out", hf.folder / "r.csr")
    openssl("x509", "-req", "-in", hf.folder / "r.csr", "-signkey", hf.folder / "k.pem", "-days", "90", "-out", hf.folder / "c.pem")
    made = SimpleNamespace(folder=hf.folder, int_pem=hf.folder / "c.pem", srv_key=hf.folder / "k.pem")
    with s_server(made, "-cipher", "DEFAULT:@SECLEVEL=0", cert="c", tls="-tls1_2") as port:
        target, = targets(hf("audit", "--json", "--servername", "localhost", f"127.0.0.1:{port}"))
        text = hf("audit", "--servername", "localhost", f"127.0.0.1:{port}").out
    found = {finding["check"]: finding["what"] for finding in target["judgements"][0]["findings"]}
    assert "is one of X.509 version 1" in found["certificate-sound"]
    assert "1024 bits" in found["rsa-bits"] and "no name at all" in found["certificate-name"]
    chain, = target["seen"]["chains"]
    assert chain["verdict"]["error"] == chain["certificates"][0]["error"] == "CERT_VERSION"
    assert chain["certificates"][0]["subject"] == "CN=localhost" and not chain["verdict"]["valid"]
    assert "CN=localhost, RSA 1024" in " ".join(text.split()) and "X.509 version 1" in text and "cannot be read" not in text


@pytest.mark.parametrize("other", ["LocalHost:1", "localhost.:1", "https://LOCALHOST.:1/"])
def test_names_are_the_same_whatever_their_case(hf, other):
    """As DNS has it; and with the root's dot, which is taken off before anybody is asked. Another port is another target."""
    assert len(targets(hf("audit", "--json", *FAST, "localhost:1", other))) == 1
    assert len(targets(hf("audit", "--json", *FAST, "localhost:2", other))) == 2


def test_a_baseline_is_found_whatever_the_names_case(hf):
    before = hf("audit", "--json", *FAST, "localhost:1")
    (hf.folder / "before.json").write_text(before.out)
    now, = targets(hf("audit", "--json", *FAST, "--baseline", "before.json", "LOCALHOST:1"))
    assert now["change"]["known"] is True


def test_an_address_by_several_spellings_is_one_target(hf):
    target, = targets(hf("audit", "--json", *FAST, "[::1]:1", "[0::1]:1", "https://[0:0:0:0::0001]:1/"))
    assert (target["host"], target["target"]) == ("::1", "[::1]:1")


def test_a_list_of_targets(hf):
    """A target a line; comments, blanks and empty lines; stdin as -; more on the command line."""
    text = f"# ours\n{NOBODY}   # the first\n\n\t127.0.0.1:2\r\nhttps://127.0.0.1:3/#part\n"
    (hf.folder / "list").write_text(text)
    for result in (hf("audit", "--json", "--file", "list", "127.0.0.1:4"),
                   hf("audit", "--json", "--file", "-", "127.0.0.1:4", stdin=text.encode())):
        assert sorted(t["port"] for t in targets(result)) == [1, 2, 3, 4]


def test_a_mistake_in_a_list_is_told_with_its_line(hf):
    (hf.folder / "list").write_text(f"{NOBODY}\n# two\nlocalhost:x\n")
    assert "list, line 3" in hf("audit", "--file", "list").fails(2).err
    assert "No such file" in hf("audit", "--file", "none").fails(5).err
    (hf.folder / "binary").write_bytes(b"a\0b\n")
    hf("audit", "--file", "binary").fails(5)


def test_more_than_100_hosts_need_a_yes(hf):
    """Without a terminal to ask on it is refused, and nobody is asked anything."""
    with Hostile(silent) as server:
        (hf.folder / "list").write_text("".join(f"127.0.0.{i}:{server.port}\n" for i in range(1, 103)))
        assert "--yes" in hf("audit", "--file", "list").fails(2).err
        assert server.n == 0
    result = hf("audit", "--json", "--yes", "--file", "list")
    assert result.code == 3 and len(targets(result)) == 102


@pytest.mark.parametrize("answer, code", [(b"y\n", 3), (b"n\n", 2), (b"\n", 2)])
def test_on_a_terminal_it_asks(hf, binary, answer, code):
    (hf.folder / "list").write_text("".join(f"127.0.0.{i}:1\n" for i in range(1, 103)))
    ours, its = pty.openpty()
    process = subprocess.Popen([binary, "audit", "--json", "--file", "list"], cwd=hf.folder, env=hf.env, stdin=its,
                               stdout=subprocess.DEVNULL, stderr=its)
    os.close(its)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(ours, 1024)
    os.write(ours, answer)
    drain = threading.Thread(target=read_all, args=(ours,), daemon=True)
    drain.start()
    assert process.wait(LIMIT) == code
    os.close(ours)


def read_all(descriptor):
    """Until the other side of a terminal is closed."""
    said = b""
    try:
        while piece := os.read(descriptor, 65536):
            said += piece
    except OSError:
        pass
    return said


# ---- options ----

def test_a_policy_that_is_unknown(hf):
    err = hf("audit", "--policy", "modren", NOBODY).fails(2).err
    assert "did you mean modern?" in err and "default" in err


def test_several_policies(hf, server, trust):
    target, = targets(hf("audit", "--json", "--policy", "modern", "--policy", "default", "--policy", "modern", *trust,
                         f"127.0.0.1:{server.port}"))
    assert [j["policy"] for j in target["judgements"]] == ["modern", "default"]


def rule_of(target, rule):
    return next(r for j in target["judgements"] for r in j["rules"] if r["id"] == rule)


@pytest.mark.parametrize("name, why", [("PCI", "did you mean pci-dss-4.0.1?"), ("nist", "did you mean nist-800-52r2?"),
                                       ("aes256", "it is a policy for connections"), ("classroom", "handfast policy show classroom")])
def test_a_policy_that_is_no_book(hf, name, why):
    failed = hf("audit", "--policy", name, NOBODY).fails(2)
    assert why in " ".join(failed.err.split()) and "give one of: default, modern, pci-dss-4.0.1" in " ".join(failed.err.split())


def test_several_targets_have_a_summary(hf, server, trust):
    """In the order in which they were named, whichever was over first."""
    (hf.folder / "hosts").write_text(f"127.0.0.1:{server.port}\nnobody.invalid:443\n{NOBODY}\n")
    done = hf("audit", *trust, "--file", "hosts")
    lines = done.out.split("\nSummary\n")[1].splitlines()
    assert done.code == 3 and [line.split()[:2] for line in lines] == [
        ["notes", f"127.0.0.1:{server.port}"], ["unreachable", "nobody.invalid:443:"], ["unreachable", f"{NOBODY}:"]]
    assert "Summary" not in hf("audit", *trust, NOBODY).out
    assert "1 attempt to connect, in vain, in " in hf("audit", *trust, NOBODY).out


def test_something_else_answers(hf):
    """That it was reached and that it does not speak TLS are two things."""
    with Hostile(say_and_close(b"220 mail.test ESMTP\r\n")) as other:
        said = hf("audit", f"127.0.0.1:{other.port}").out
    assert "no TLS: " in said and "not reached" not in said


def test_facts_do_not_depend_on_policies(hf, tmp_path):
    """BSI wants RSA keys of 3000 bits, which a chain with 2048 breaks; it is trusted all the same, whatever is judged first."""
    hf("cert", "ca", "--out", "ca", "--key-type", "rsa2048").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "--key-type", "rsa2048", "localhost").good()
    with Server(hf, "--cert", hf.folder / "leaf/leaf.pem", "--key", hf.folder / "leaf/leaf.key") as running:
        drained(running)
        for policies in (("pci-dss-4.0.1", "bsi-tr-02102-2"), ("bsi-tr-02102-2", "pci-dss-4.0.1"), ("modern",)):
            target, = targets(hf("audit", "--json", "--ca", "ca/ca.pem", "--servername", "localhost", f"127.0.0.1:{running.port}",
                                 *(word for policy in policies for word in ("--policy", policy))))
            assert target["seen"]["chains"][0]["verdict"]["valid"]
            assert all(rule_of(target, f"{policy}/certificate-trust")["verdict"] == "kept" for policy in policies)
            assert rule_of(target, f"{policies[-1]}/rsa-bits")["verdict"] == ("kept" if policies[-1] == "pci-dss-4.0.1" else "broken")


def test_revocation_is_known_by_a_crl_alone(hf, pki, server, trust):
    """Nothing is fetched: without a CRL or a staple nobody can tell, and that is said."""
    hf("cert", "crl", "--ca", pki / "ca", "--out", "ca.crl").good()
    without, = targets(hf("audit", "--json", *trust, f"127.0.0.1:{server.port}"))
    assert rule_of(without, "default/certificate-revoked")["verdict"] == "unseen"
    assert "nothing is fetched" in rule_of(without, "default/certificate-revoked")["why"]
    known, = targets(hf("audit", "--json", "--crl", "ca.crl", *trust, f"127.0.0.1:{server.port}"))
    assert rule_of(known, "default/certificate-revoked")["verdict"] == "kept"


def test_a_ca_of_ones_own_is_no_missing_intermediate(hf, server):
    """A leaf that a root issued itself lacks nothing; only somebody who says where his issuer is to be had is known to lack one."""
    target, = targets(hf("audit", "--json", "--servername", "localhost", f"127.0.0.1:{server.port}"))
    assert any("or this is a CA of your own (--ca FILE)" in f["what"] for f in target["judgements"][0]["findings"])
    assert rule_of(target, "default/certificate-trust")["verdict"] == "broken"
    assert rule_of(target, "default/certificate-intermediate")["verdict"] == "unseen"


@pytest.mark.parametrize("words, says", [
    (("-4", "-6", NOBODY), "exclude each other"),
    (("-6", NOBODY), "IPv4 address"),
    (("-4", "[::1]:1"), "IPv6 address"),
    (("--starttls", "smtp", "https://localhost"), "exclude each other"),
    (("--starttls", "smtp", "--plain-port", "80", "localhost"), "exclude each other"),
    (("--parallel", "0", NOBODY), "1"),
    (("--parallel", "33", NOBODY), "32"),
    (("--rate", "0", NOBODY), "1000"),
    (("--timeout", "0", NOBODY), "0.1"),
    (("--plain-port", "70000", NOBODY), "65535"),
    (("--servername", "a b", NOBODY), "--servername"),
    (("--resolve", "x:y", NOBODY), "--resolve"),
    (("--starttls", "ftp", NOBODY), "smtp"),
    (("--json", "--html", "-", NOBODY), "stdout"),
    (("--html", "-", "--sarif", "-", NOBODY), "stdout"),
    (("--html", "x", "--junit", "x", NOBODY), "the same file"),
])
def test_options_that_do_not_fit(hf, words, says):
    assert says in hf("audit", *words).fails(2).err


def test_a_ca_that_cannot_be_read(hf):
    hf("audit", "--ca", "none.pem", NOBODY).fails(2)


def test_without_any_ca_the_rest_is_still_audited(hf, server):
    """It is a warning, and the chain a finding."""
    result = hf("audit", f"localhost:{server.port}", "--resolve", f"localhost:{server.port}:127.0.0.1",
                env={"SSL_CERT_FILE": "/nonexistent", "SSL_CERT_DIR": "/nonexistent"})
    assert result.code == 1 and "warning" in result.err and "TLS 1.3" in result.out


def test_resolve(hf, server, pki):
    target, = targets(hf("audit", "--json", "--ca", pki / "ca/ca.pem", "--resolve", f"localhost:{server.port}:127.0.0.1",
                         f"localhost:{server.port}").good())
    assert target["address"] == f"127.0.0.1:{server.port}" and target["host"] == "localhost"


def test_ipv6(hf, pki, trust):
    with socket.socket(socket.AF_INET6) as s:
        try:
            s.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
    with Server(hf, *identity(pki), listen="[::1]:0") as server:
        drained(server)
        target, = targets(hf("audit", "--json", *trust, f"[::1]:{server.port}").good())
        assert target["address"] == f"[::1]:{server.port}" and target["reached"] is True
        assert hf("audit", "-4", *trust, f"[::1]:{server.port}").fails(2)


@pytest.mark.parametrize("says", ["CA:TRUE", "CA:FALSE"])
def test_a_self_signed_certificate_beside_a_trusted_one_of_its_name(hf, openssl, says):
    """Last year's is trusted, this year's is sent, and no key identifier tells them apart: no signature is wrong."""
    assert openssl
    own = "subjectKeyIdentifier=none\nauthorityKeyIdentifier=none\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost\n"
    maker = Maker(hf.folder).make("old", "localhost", f"basicConstraints=critical,{says}\n{own}").make("new", "localhost", own)
    with Server(hf, "--cert", maker.new, "--key", hf.folder / "new.key") as running:
        result = hf("audit", "--json", "--ca", "old.pem", "--servername", "localhost", f"127.0.0.1:{drained(running).port}")
    target, = targets(result)
    rules = {rule["id"]: rule["verdict"] for rule in target["judgements"][0]["rules"]}
    assert (rules["default/certificate-trust"], rules["default/certificate-sound"]) == ("broken", "kept")
    trust, = [f["what"] for f in target["judgements"][0]["findings"] if f["rule"] == "default/certificate-trust"]
    assert "is self-signed and is not among the trusted ones" in trust


# ---- politeness ----

@pytest.mark.parametrize("parallel", [1, 3])
def test_no_more_connections_at_a_time_than_allowed(hf, server, trust, parallel):
    """What our end holds open; a connection whose end is on its way to us may be counted by the other end once more."""
    with Hostile(relay_until_closed(server.port)) as middle:
        hf("audit", *trust, "--parallel", str(parallel), f"127.0.0.1:{middle.port}")
        assert 0 < middle.most <= parallel + 1


def relay_until_closed(port):
    """The moment our client closes ends it, whatever the server behind has to say."""
    def handler(_, peer, __):
        with socket.create_connection(("127.0.0.1", port)) as other:
            threading.Thread(target=pump, args=(other, peer), daemon=True).start()
            pump(peer, other)
    return handler


def test_no_more_connections_a_second_than_allowed(hf):
    """By one clock, that is read before the first one and behind the last."""
    with Hostile(say_and_close(b"\x15\x03\x03\x00\x02\x02\x28")) as server:
        start = time.monotonic()
        hf("audit", "--rate", "5", f"127.0.0.1:{server.port}")
        assert server.n > 10 and time.monotonic() - start > (server.n - 1) // 5, server.n


def test_who_asks_says_so(hf, pki, trust):
    """One GET at a time, with a User-Agent that names the tool and what it does, and the host that was asked for."""
    heard = []

    def handler(_, peer, __):
        heard.append(peer.recv(65536))
        peer.sendall(b"HTTP/1.1 301 Moved\r\nLocation: https://localhost/\r\nContent-Length: 0\r\n\r\n")
    with Hostile(handler) as plain, Server(hf, *identity(pki)) as server:
        drained(server)
        target, = targets(hf("audit", "--json", *trust, "--plain-port", str(plain.port), f"127.0.0.1:{server.port}"))
        assert target["seen"]["traits"]["plain_http"]["state"] == "present"
    assert heard and all(h.startswith(b"GET / HTTP/1.1\r\nHost: localhost") for h in heard)
    assert all(b"\r\nUser-Agent: handfast/" in h and b" audit\r\n" in h for h in heard)


@contextlib.contextmanager
def hole():
    """A port whose queue is full: what comes there is neither taken nor refused, as behind a firewall that drops."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@contextlib.contextmanager
def nobody():
    yield free_port()


@pytest.mark.parametrize("where,state,words", [(hole, "unknown", "no answer in time"), (nobody, "absent", "nobody listens there"),
                                               ("close", "unknown", "closed"), ("foreign", "absent", "no answer that is HTTP")])
def test_only_a_refusal_says_that_nobody_listens(hf, server, trust, where, state, words):
    """Plain HTTP: what a firewall drops is not known to be shut, and its rule is not told as kept."""
    said = {"close": b"", "foreign": b"220 mail.test ESMTP\r\n"}
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(Hostile(say_and_close(said[where]))).port if where in said else stack.enter_context(where())
        target, = targets(hf("audit", "--json", *trust, "--timeout", "10", "--plain-port", str(port), f"127.0.0.1:{server.port}"))
    seen = target["seen"]["traits"]
    assert (seen["plain_http"]["state"], seen["redirect"]["state"]) == (state, "unknown")
    assert words in seen["plain_http"]["words"] and seen["redirect"]["idle"] == (state == "absent")
    rule, = (r for r in target["judgements"][0]["rules"] if r["id"] == "default/redirect")
    assert rule["verdict"] == ("idle" if state == "absent" else "unseen")


def test_an_address_has_no_hsts(hf, server, pki):
    """RFC 6797 8.1.1: no browser heeds it there, so that its absence is nothing to note."""
    words = ("audit", "--ca", pki / "ca/ca.pem", "--policy", "mozilla-intermediate", f"127.0.0.1:{server.port}")
    target, = targets(hf(*words, "--json"))
    assert target["seen"]["traits"]["hsts"]["idle"] and target["seen"]["traits"]["http"]["state"] == "present"
    rule, = (r for r in target["judgements"][0]["rules"] if r["id"] == "mozilla-intermediate/hsts")
    assert rule["verdict"] == "idle" and not rule["findings"]
    text = hf(*words).out
    assert "no such header" not in text and "What does not apply" in text


def test_tickets_of_a_slow_server_are_waited_for(hf, server, trust):
    """Each answer takes longer here than a quick server's ticket is waited for."""
    with slow(server.port, 0.4) as far:
        target, = targets(hf("audit", "--json", *trust, "--timeout", "60", "--parallel", "32", "--rate", "1000", f"127.0.0.1:{far.port}").good())
    assert target["seen"]["traits"]["tickets13"]["state"] == "present"


# ---- STARTTLS ----

def test_starttls(hf, server, trust):
    """Each connection begins with the dialogue; what is behind it is audited."""
    def handler(_, peer, __):
        peer.sendall(b"220 mail.test ESMTP\r\n")
        assert peer.recv(4096).startswith(b"EHLO")
        peer.sendall(b"250-mail.test\r\n250 STARTTLS\r\n")
        assert peer.recv(4096) == b"STARTTLS\r\n"
        peer.sendall(b"220 go ahead\r\n")
        with socket.create_connection(("127.0.0.1", server.port)) as other:
            threading.Thread(target=pump, args=(other, peer), daemon=True).start()
            pump(peer, other)
    with Hostile(handler) as mail:
        target, = targets(hf("audit", "--json", "--starttls", "smtp", *trust, f"127.0.0.1:{mail.port}").good())
        said = hf("audit", "--starttls", "smtp", "--policy", "bsi-tr-02102-2", *trust, f"127.0.0.1:{mail.port}", "--html", "page.html")
        assert "  fix  " in said.out and "nginx" not in said.out + (hf.folder / "page.html").read_text()  # no setting of a mail server
    assert target["starttls"] == "smtp" and target["reached"] is True
    assert {v["name"] for v in target["seen"]["versions"] if v["state"] == "present"} == {"TLS 1.3"}


def test_starttls_that_is_not_offered(hf):
    with Hostile(say_and_close(b"")) as closing:
        result = hf("audit", "--starttls", "smtp", *FAST, f"127.0.0.1:{closing.port}")
        assert result.code == 3

    def handler(_, peer, __):
        peer.sendall(b"220 mail.test ESMTP\r\n")
        peer.recv(4096)
        peer.sendall(b"250 mail.test\r\n")
        peer.recv(4096)
    with Hostile(handler) as mail:
        result = hf("audit", "--starttls", "smtp", f"127.0.0.1:{mail.port}")
        assert result.code == 3 and "SMTP" in result.out and mail.n == 1


# ---- files ----

FILES = ("--html", "a.html", "--sarif", "a.sarif", "--junit", "a.xml")


def test_files_beside_the_text(hf, server, trust):
    result = hf("audit", *FILES, *trust, f"127.0.0.1:{server.port}").good()
    assert "TLS 1.3" in result.out and "a.html" in result.err
    assert "<html" in (hf.folder / "a.html").read_text()
    assert json.loads((hf.folder / "a.sarif").read_text())["version"] == "2.1.0"
    assert (hf.folder / "a.xml").read_text().startswith("<?xml")


@pytest.mark.parametrize("option", ["--html", "--sarif", "--junit"])
def test_a_file_on_stdout(hf, option):
    """Nothing else is there then."""
    result = hf("audit", option, "-", NOBODY)
    assert result.code == 3 and result.out.lstrip()[0] in "<{"


@pytest.mark.parametrize("option", ["--html", "--sarif", "--junit"])
def test_a_file_that_cannot_be_written_is_known_before(hf, option):
    """Nobody is asked anything for a report that has nowhere to go."""
    with Hostile(silent) as server:
        hf("audit", option, "none/a", f"127.0.0.1:{server.port}").fails(5)
        (hf.folder / "folder").mkdir(exist_ok=True)
        hf("audit", option, "folder", f"127.0.0.1:{server.port}").fails(5)
        assert server.n == 0


def test_files_of_before_stay_when_it_fails(hf):
    for name in FILES[1::2]:
        (hf.folder / name).write_text("before")
    hf("audit", *FILES, "--policy", "nothing", NOBODY).fails(2)
    assert [(hf.folder / name).read_text() for name in FILES[1::2]] == ["before"] * 3
    hf("audit", *FILES, NOBODY)
    assert "before" not in [(hf.folder / name).read_text() for name in FILES[1::2]]
    assert not [f for f in os.listdir(hf.folder) if f.startswith(".") or f.endswith(".tmp")]


def test_a_file_that_fails_in_the_end_spoils_no_other(hf):
    """Its folder is gone by then: exit code 5, and the others are there, whole; so is the text."""
    folder = hf.folder / "gone"
    folder.mkdir()

    def handler(_, peer, __):
        if folder.exists():
            folder.rmdir()
        say_and_close(b"\x15\x03\x03\x00\x02\x02\x28")(_, peer, __)
    with Hostile(handler) as server:
        result = hf("audit", "--html", "gone/a.html", "--sarif", "a.sarif", "--junit", "a.xml", f"127.0.0.1:{server.port}")
    assert result.code == 5 and "gone/a.html" in result.err and f"127.0.0.1:{server.port}" in result.out
    assert json.loads((hf.folder / "a.sarif").read_text())["version"] == "2.1.0"
    assert (hf.folder / "a.xml").read_text().rstrip().endswith("</testsuites>")


def test_stdout_that_takes_nothing(hf, binary):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([binary, "audit", NOBODY], cwd=hf.folder, env=hf.env, stdout=full, stderr=subprocess.PIPE,
                              timeout=LIMIT, check=False)
    assert done.returncode == 5 and b"stdout" in done.stderr


def test_a_baseline_that_is_none(hf):
    hf("audit", "--baseline", "none", NOBODY).fails(5)
    for text in ("", "{", "[]", '{"schema": "handfast.trace/1"}'):
        (hf.folder / "wrong").write_text(text)
        assert "wrong" in hf("audit", "--baseline", "wrong", NOBODY).fails(2).err


def test_a_baseline(hf, server, trust):
    first = hf("audit", "--json", *trust, f"127.0.0.1:{server.port}").good()
    (hf.folder / "before.json").write_text(first.out)
    target, = targets(hf("audit", "--json", "--baseline", "before.json", *trust, f"127.0.0.1:{server.port}").good())
    assert target["change"] is not None


# ---- progress ----

def test_progress_on_a_terminal_alone(hf, binary, server, trust):
    """One line that is written over and taken away; the report goes elsewhere."""
    ours, its = pty.openpty()
    process = subprocess.Popen([binary, "audit", *map(str, trust), f"127.0.0.1:{server.port}"], cwd=hf.folder, env=hf.env,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=its)
    os.close(its)
    said = read_all(ours)
    out = process.stdout.read().decode()
    assert process.wait(LIMIT) == 0
    os.close(ours)
    assert f"127.0.0.1:{server.port}: 0 of ".encode() in said and b"\n" not in said and said.rstrip(b" ").endswith(b"\r")
    assert "TLS 1.3" in out and "\r" not in out


# ---- signals ----

@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(hf, binary, number):
    """What was seen is reported, as cut; files are whole; who was not asked is named."""
    with Hostile(silent) as server:
        ports = [server.port] + [free_port() for _ in range(6)]
        process = subprocess.Popen([binary, "audit", "--json", "--timeout", "60", "--html", "a.html",
                                    *(f"127.0.0.{i + 1}:{server.port}" for i, _ in enumerate(ports))],
                                   cwd=hf.folder, env=hf.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until("a connection", lambda: server.n > 0, process)
        process.send_signal(number)
        out, err = process.communicate(timeout=LIMIT)
        assert process.returncode == 128 + number, err
        told = json.loads(out)["targets"]
        assert len(told) == len(ports) and all(t["complete"] is False for t in told)
        assert any("interrupted" in t["trouble"] for t in told)
        assert "<html" in (hf.folder / "a.html").read_text()
