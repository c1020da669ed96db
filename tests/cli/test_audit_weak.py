# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast audit and known weaknesses: each is found on a server that has it (tests/support/weak_server.py, as no package has them any more), with a
finding that breaks `default`, and is found on no other, above all on no real server of today."""
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from conftest import Tool
from peers import have
from processes import end, free_port, listens, until
from weak_server import CONFIGURATIONS, weak

pytestmark = pytest.mark.skipif(not have("openssl"), reason="missing peer: openssl")

PRESENT, ABSENT, UNKNOWN = "present", "absent", "unknown"
WEAKNESSES = ("heartbleed", "ccs_injection", "robot", "ticketbleed", "client_renegotiation")
SECONDS = 150  # that an audit may take on a machine under load

# Which of them is there; all others of WEAKNESSES must not be. The handshakes of these servers never come to an end, so that what takes a whole one is unknown.
HAS = {
    "heartbleed": {"heartbleed": 16},
    "ccs_injection": {"ccs_injection": 0},
    "robot_alert": {"robot": 2},
    "robot_close": {"robot": 1},
    "robot_silent": {"robot": 1},
    "robot_later": {"robot": 1},
    "robot_short": {"robot": 2},
    "robot_version": {"robot": 1},
    "robot_weak": {"robot": 1},
}
UNSURE = {"robot_chance": "robot", "robot_mute": "robot"}
SPEAKS = {
    "good": {"TLS 1.2"}, "tls10": {"TLS 1.0"}, "ssl3": {"SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2"}, "ssl2": {"SSL 2.0", "SSL 3.0", "TLS 1.0"},
    "rsa_export": {"SSL 3.0", "TLS 1.0"}, "rc4": {"TLS 1.0", "TLS 1.1", "TLS 1.2"},
}
PRIMES = {  # bits, name, export grade of the parameters
    "dh512": {(512, "Apache mod_ssl 2.2", True)},
    "dh1024": {(1024, "nginx before 1.11.0", False)},
    "dh_oakley": {(1024, "RFC 2409 Oakley group 2", False)},
    "dh2048": {(2048, None, False)},
    "dhe_export": {(2048, None, False), (512, "Apache mod_ssl 2.2", True)},
    "anonymous": {(1024, "nginx before 1.11.0", False)},
}
SUITES = {
    "null": {"TLS_RSA_WITH_NULL_SHA256", "TLS_RSA_WITH_NULL_SHA", "TLS_RSA_WITH_NULL_MD5"},
    "anonymous": {"TLS_DH_anon_WITH_AES_128_GCM_SHA256", "TLS_DH_anon_WITH_AES_128_CBC_SHA", "TLS_DH_anon_WITH_RC4_128_MD5"},
    "rsa_export": {"TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_EXPORT_WITH_RC4_40_MD5", "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA"},
}
TRAITS = {  # of others, that these servers have or lack
    "heartbleed": {"heartbeat": PRESENT}, "heartbeat": {"heartbeat": PRESENT}, "compression": {"compression": PRESENT},
    "good": {"heartbeat": ABSENT, "compression": ABSENT, "extended_main_secret": PRESENT, "secure_renegotiation": PRESENT},
    "no_ems": {"extended_main_secret": ABSENT}, "no_renegotiation_info": {"secure_renegotiation": ABSENT},
    "no_sentinel": {"downgrade_sentinel": ABSENT, "fallback_scsv": ABSENT}, "rc4": {"downgrade_sentinel": PRESENT, "fallback_scsv": PRESENT},
}
FINDINGS = {  # checks that `default` must find broken
    "heartbleed": "heartbleed", "ccs_injection": "ccs-injection", "robot_alert": "robot", "ticketbleed": "ticketbleed", "ssl2": "drown", "dh512": "logjam",
    "dhe_export": "logjam",
}


def audit(hf, port):
    result = hf("audit", "--json", f"localhost:{port}", timeout=2 * SECONDS)
    assert result.code == 1, result  # none of these certificates is trusted
    assert "runtime error" not in result.err and "Sanitizer" not in result.err, result
    target, = json.loads(result.out)["targets"]
    assert target["complete"] and target["seconds"] < SECONDS, target
    return target


def trait(target, name):
    found = target["seen"]["traits"][name]
    assert found["state"] != UNKNOWN or found["words"], name  # why nobody can tell
    return found


def broken(target):
    return {f["check"] for judged in target["judgements"] for f in judged["findings"] if f["severity"] in ("high", "critical")}


@pytest.fixture(scope="module")
def hf(binary, tmp_path_factory):
    return Tool(tmp_path_factory.mktemp("weak"))


@pytest.fixture(scope="module")
def seen(hf):
    """All configurations, a few at a time."""
    def one(name):
        with weak(name) as server:
            return audit(hf, server.port)
    names = [name for name in CONFIGURATIONS if name != "ticketbleed"]
    with ThreadPoolExecutor(3) as pool:
        return dict(zip(names, pool.map(one, names)))


# ---- servers that have them ----

@pytest.mark.parametrize("name", [name for name in CONFIGURATIONS if name != "ticketbleed"])
def test_what_is_there_is_found_and_nothing_else(seen, name):
    for weakness in WEAKNESSES:
        found, has = trait(seen[name], weakness), HAS.get(name, {})
        if weakness in has:
            assert (found["state"], found["number"]) == (PRESENT, has[weakness]), (weakness, found)
        elif UNSURE.get(name) == weakness:
            assert found["state"] == UNKNOWN, (weakness, found)
        elif weakness in ("ticketbleed", "client_renegotiation"):
            assert found["state"] in (ABSENT, UNKNOWN), (weakness, found)
        else:
            assert found["state"] == ABSENT or found["idle"], (weakness, found)
        if weakness == "robot" and weakness not in has:  # "no" is an answer to a question: without static RSA there is none
            assert found["idle"] == all(not suite["name"].startswith("TLS_RSA_") for v in seen[name]["seen"]["versions"] for suite in v["suites"])


@pytest.mark.parametrize("name", [name for name in FINDINGS if name != "ticketbleed"])
def test_it_is_a_finding_of_the_default_book(seen, name):
    assert FINDINGS[name] in broken(seen[name])


def test_a_good_server_has_no_such_finding(seen):
    assert not broken(seen["good"]) & set(FINDINGS.values())


@pytest.mark.parametrize("name", PRIMES)
def test_primes_are_seen_and_named(seen, name):
    assert {(dh["bits"], dh["prime"], dh["export_grade"]) for dh in seen[name]["seen"]["dhe"]} == PRIMES[name]


@pytest.mark.parametrize("name", SPEAKS)
def test_versions(seen, name):
    assert {v["name"] for v in seen[name]["seen"]["versions"] if v["state"] == PRESENT} == SPEAKS[name]


@pytest.mark.parametrize("name", SUITES)
def test_suites(seen, name):
    assert {suite["name"] for v in seen[name]["seen"]["versions"] for suite in v["suites"]} == SUITES[name]


@pytest.mark.parametrize("name", TRAITS)
def test_other_traits(seen, name):
    for other, state in TRAITS[name].items():
        assert trait(seen[name], other)["state"] == state, other


def test_no_memory_is_kept(seen):
    """What a heartbeat brought beyond its header is nowhere in the report."""
    report = json.dumps(seen["heartbleed"])
    assert b"MEMORY".hex() not in report and "MEMORY" not in report


# ---- real servers ----

@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rsa")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "90", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], cwd=folder, check=True, capture_output=True)
    return folder


@contextmanager
def running(command, port, folder):
    with open(folder / "log", "ab") as log, subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=log, stderr=log) as process:
        try:
            until(command[0], lambda: listens(port), process)
            yield
        finally:
            end(process)


def s_server(port, *words):
    return ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", "cert.pem", "-key", "key.pem", "-www", "-quiet", *words]


def gnutls(port, *words):
    return ["gnutls-serv", "-q", "--http", "-p", str(port), "--x509certfile", "cert.pem", "--x509keyfile", "key.pem", *words]


REAL = {
    "openssl, everything": lambda port: s_server(port, "-cipher", "ALL:@SECLEVEL=0", "-min_protocol", "TLSv1"),
    "openssl, TLS 1.0, static RSA": lambda port: s_server(port, "-tls1", "-cipher", "RSA:@SECLEVEL=0"),
    "openssl, TLS 1.1, static RSA": lambda port: s_server(port, "-tls1_1", "-cipher", "RSA:@SECLEVEL=0"),
    "openssl, TLS 1.2, static RSA": lambda port: s_server(port, "-tls1_2", "-cipher", "RSA:@SECLEVEL=0"),
    "openssl, TLS 1.3": lambda port: s_server(port, "-tls1_3"),
    "gnutls, with heartbeat": lambda port: gnutls(port, "--heartbeat", "--priority", "NORMAL:+VERS-TLS1.0:+RSA:+DHE-RSA:+SHA1:%COMPAT"),
}
RENEGOTIATES = {"gnutls, with heartbeat"}  # gnutls-serv does, whoever asks


def no_weakness(target, but=()):
    for weakness in WEAKNESSES:
        found = trait(target, weakness)
        expected = {PRESENT} if weakness in but else {ABSENT, UNKNOWN} if weakness == "client_renegotiation" else {ABSENT}
        assert found["state"] in expected or found["idle"], (weakness, found)


@pytest.mark.parametrize("name", REAL)
def test_real_servers_have_none(hf, certificate, name):
    port = free_port()
    command = REAL[name](port)
    if not have(command[0]):
        pytest.skip(f"missing peer: {command[0]}")
    with running(command, port, certificate):
        no_weakness(audit(hf, port), but=("client_renegotiation",) if name in RENEGOTIATES else ())


def test_nginx_has_none(hf, certificate):
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not nginx:
        pytest.skip("missing peer: nginx")
    port = free_port()
    (certificate / "nginx.conf").write_text(f"""
daemon off; pid {certificate}/nginx.pid; error_log stderr; events {{}}
http {{
  access_log off; client_body_temp_path {certificate}/a; proxy_temp_path {certificate}/b; fastcgi_temp_path {certificate}/c;
  uwsgi_temp_path {certificate}/d; scgi_temp_path {certificate}/e;
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}/cert.pem; ssl_certificate_key {certificate}/key.pem;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0; location / {{ return 200 "x"; }}
  }}
}}""")
    with running([nginx, "-e", "stderr", "-p", str(certificate), "-c", str(certificate / "nginx.conf")], port, certificate):
        no_weakness(audit(hf, port))


def test_renegotiation_that_is_allowed_is_seen(hf, certificate):
    """The one weakness that a real server still can be asked to have."""
    port = free_port()
    with running(s_server(port, "-tls1_2", "-client_renegotiation"), port, certificate):
        no_weakness(audit(hf, port), but=("client_renegotiation",))


def test_ticketbleed_is_found_before_a_real_server(hf, certificate):
    """A relay lengthens the session id that the server echoes; everything else is the server's own."""
    port = free_port()
    with running(s_server(port, "-tls1_2"), port, certificate), weak("ticketbleed", behind=port) as relay:
        target = audit(hf, relay.port)
    no_weakness(target, but=("ticketbleed",))
    assert FINDINGS["ticketbleed"] in broken(target)
    assert b"M".hex() * 8 not in json.dumps(target)
