# SPDX-License-Identifier: Apache-2.0 OR MIT
"""connect --starttls with the servers that people run: Exim, Dovecot, PostgreSQL, OpenLDAP, Prosody, MariaDB. Each lives in a
folder of its own, on a free loopback port, and is ended by its pid. As root a server runs under its own user."""
import contextlib
import signal

import pytest

from dens import Den, need_root, server
from interop import BIN, Talk, byte_by_byte, hf_connect, hf_json

EXIM = """
primary_hostname = localhost
spool_directory = {d}/work
log_file_path = {d}/work/%slog
pid_file_path = {d}/work/pid
local_interfaces = <; [127.0.0.1]:{port}
tls_advertise_hosts = *
tls_certificate = {d}/leaf.pem
tls_privatekey = {d}/leaf.key
keep_environment =
"""


@contextlib.contextmanager
def exim(pki):
    program = server("exim4", "exim")
    need_root("Exim")
    with Den(pki, "Debian-exim") as den:
        words = [program, "-bdf", "-C", den.write("conf", EXIM)]
        with den.serving(*words, as_user=False) as port:
            yield port


DOVECOT = """
base_dir = {d}/work/run
state_dir = {d}/work/state
log_path = {d}/work/log
protocols = {protocol}
listen = 127.0.0.1
ssl = yes
ssl_cert = <{d}/leaf.pem
ssl_key = <{d}/leaf.key
service {protocol}-login {{
  chroot =
  inet_listener {protocol} {{
    port = {port}
  }}
  inet_listener {protocol}s {{
    port = 0
  }}
}}
passdb {{
  driver = static
  args = nopassword=y
}}
"""


@contextlib.contextmanager
def dovecot(pki, protocol):
    program = server("dovecot")
    need_root("Dovecot")
    with Den(pki, "dovecot") as den:
        conf = den.write("conf", DOVECOT.replace("{protocol}", protocol))
        with den.serving(program, "-F", "-c", conf, as_user=False) as port:
            yield port


@contextlib.contextmanager
def postgres(pki, tls=True):
    program, initdb = server("postgres"), server("initdb")
    with Den(pki, "postgres") as den:
        den.run(initdb, "-D", den.path / "work/db", "-A", "trust", "-U", "tester", "--no-sync", "--locale=C")
        settings = ["fsync=off", f"unix_socket_directories={den.path}/work", f"ssl={'on' if tls else 'off'}",
                    f"ssl_cert_file={den.path}/leaf.pem", f"ssl_key_file={den.path}/leaf.key"]
        words = [program, "-D", den.path / "work/db", "-h", "127.0.0.1", "-p", den.port]
        with den.serving(*words, *(w for setting in settings for w in ("-c", setting)), last=signal.SIGINT) as port:
            yield port


SLAPD = """
pidfile {d}/work/pid
argsfile {d}/work/args
TLSCertificateFile {d}/leaf.pem
TLSCertificateKeyFile {d}/leaf.key
TLSCACertificateFile {d}/leaf.pem
"""


@contextlib.contextmanager
def slapd(pki):
    program = server("slapd")
    with Den(pki, "openldap") as den:
        words = [program, "-d", "0", "-f", den.write("conf", SLAPD), "-h", f"ldap://127.0.0.1:{den.port}/"]
        with den.serving(*words) as port:
            yield port


PROSODY = """
data_path = "{d}/work"
pidfile = "{d}/work/pid"
modules_enabled = {{ "tls", "saslauth" }}
modules_disabled = {{ "s2s" }}
c2s_ports = {{ {port} }}
c2s_interfaces = {{ "127.0.0.1" }}
c2s_direct_tls_ports = {{ }}
s2s_ports = {{ }}
c2s_require_encryption = true
log = {{ info = "*console" }}
VirtualHost "localhost"
ssl = {{ certificate = "{d}/leaf.pem", key = "{d}/leaf.key" }}
"""


@contextlib.contextmanager
def prosody(pki):
    program = server("prosody")
    with Den(pki, "prosody") as den, den.serving(program, "--config", den.write("conf.lua", PROSODY), "-F") as port:
        yield port


@contextlib.contextmanager
def mariadb(pki):
    """Without tables of its own, so that anybody may log in."""
    program = server("mariadbd", "mysqld")
    with Den(pki, "mysql") as den:
        words = [program, "--no-defaults", "--skip-grant-tables", f"--datadir={den.path}/work", f"--socket={den.path}/work/socket",
                 f"--port={den.port}", "--bind-address=127.0.0.1", f"--ssl-cert={den.path}/leaf.pem", f"--ssl-key={den.path}/leaf.key"]
        with den.serving(*words) as port:
            yield port


STARTUP = b"\0\3\0\0user\0tester\0database\0postgres\0\0"
XMPP = b"<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
MYSQL_LOGIN = b"\x28\0\0\2" + b"\0\x8a\0\0" + b"\0\0\0\1\x2d" + bytes(23) + b"tester\0" + b"\0"
# protocol: (server, what is said over TLS, what must come back)
PEERS = {
    "smtp": (exim, b"QUIT\r\n", b"221 "),
    "imap": (lambda pki: dovecot(pki, "imap"), b"a3 CAPABILITY\r\na4 LOGOUT\r\n", b"* CAPABILITY "),
    "pop3": (lambda pki: dovecot(pki, "pop3"), b"CAPA\r\nQUIT\r\n", b"USER\r\n"),
    "ldap": (slapd, bytes.fromhex("300c020102600702010304008000"), bytes.fromhex("300c02010261070a010004000400")),
    "xmpp": (prosody, XMPP, b"stream:features"),
    "postgres": (postgres, (4 + len(STARTUP)).to_bytes(4, "big") + STARTUP, b"R\0\0\0\x08\0\0\0\0"),
    "mysql": (mariadb, MYSQL_LOGIN, b"\0\0\x03\0\0\0\2\0"),
}


@pytest.fixture(scope="module")
def running(pki):
    """protocol -> port: a server is started when a test first asks for it."""
    with contextlib.ExitStack() as stack:
        ports = {}

        def port_of(protocol):
            if protocol not in ports:
                ports[protocol] = stack.enter_context(PEERS[protocol][0](pki))
            return ports[protocol]
        yield port_of


@pytest.mark.parametrize("protocol", PEERS)
def test_handshake(pki, running, protocol):
    report = hf_json(pki, running(protocol), "--starttls", protocol)
    assert report["peer"]["verified"] and report["version"] == "TLS 1.3"


@pytest.mark.parametrize("protocol", PEERS)
def test_byte_by_byte(pki, running, protocol):
    with byte_by_byte(running(protocol)) as port:
        assert hf_json(pki, port, "--starttls", protocol)["peer"]["verified"]


@pytest.mark.parametrize("protocol", PEERS)
def test_the_protocol_goes_on_over_tls(pki, running, protocol):
    _, say, hear = PEERS[protocol]
    words = [BIN, "connect", "--ca", pki.ca, "--servername", "localhost", "--starttls", protocol, "--pipe"]
    with Talk([*words, f"127.0.0.1:{running(protocol)}"]) as client:
        client.say(say)
        client.until(lambda got: hear in got)


def test_a_server_without_tls(pki):
    with postgres(pki, tls=False) as port:
        done = hf_connect(pki, port, "--starttls", "postgres")
    assert done.returncode == 4 and b"does not offer TLS" in done.stderr, done


@pytest.mark.parametrize("protocol, other", [("smtp", "imap"), ("imap", "pop3"), ("pop3", "smtp")])
def test_the_wrong_protocol(pki, running, protocol, other):
    done = hf_connect(pki, running(protocol), "--starttls", other)
    assert done.returncode == 4 and b"does not answer in" in done.stderr, done
