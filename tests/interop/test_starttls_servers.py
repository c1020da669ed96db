# SPDX-License-Identifier: Apache-2.0 OR MIT
"""connect --starttls with the servers that people run: Exim, Dovecot, PostgreSQL, OpenLDAP, Prosody, MariaDB. Each lives in a
folder of its own, on a free loopback port, and is ended by its pid. As root a server runs under its own user."""
import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from interop import BIN, ENV, Talk, answers, byte_by_byte, free_port, hf_connect, hf_json, need, wait_for

ROOT = os.geteuid() == 0
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", *glob.glob("/usr/lib/postgresql/*/bin")])


def server(*names):
    """The program's path, wherever distributions put servers; a skip that names the first."""
    for name in names:
        if path := shutil.which(name, path=PLACES):
            return path
    return need(names[0])


def need_root(what):
    """Mail servers change users for each of their parts."""
    if not ROOT:
        pytest.skip(f"{what} can be started by root alone")


class Den:
    """A server's folder in which its user may read and write, with a certificate and its key."""

    def __init__(self, pki, user):
        self.user = user if ROOT and user in {u.pw_name for u in pwd.getpwall()} else "nobody" if ROOT else None
        self.path = Path(tempfile.mkdtemp(prefix="hf-starttls-"))
        self.port = free_port()
        shutil.copy(pki.cert("p256"), self.path / "leaf.pem")
        shutil.copy(pki.key("p256"), self.path / "leaf.key")
        (self.path / "work").mkdir()
        if self.user:
            for path in (self.path, *self.path.iterdir()):
                shutil.chown(path, self.user)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def write(self, name, text):
        (self.path / name).write_text(text.format(d=self.path, port=self.port, user=self.user))
        return self.path / name

    def who(self, as_user):
        if not (as_user and self.user):
            return {}
        entry = pwd.getpwnam(self.user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def run(self, *words):
        done = subprocess.run([str(w) for w in words], cwd=self.path / "work", env={**ENV, "HOME": str(self.path)}, timeout=120,
                              capture_output=True, check=False, **self.who(True))
        assert done.returncode == 0, done

    @contextlib.contextmanager
    def serving(self, *words, as_user=True, last=signal.SIGTERM):
        with open(self.path / "output", "w+b") as output:
            process = subprocess.Popen([str(w) for w in words], cwd=self.path / "work", env={**ENV, "HOME": str(self.path)},
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                                       **self.who(as_user))
            try:
                try:
                    wait_for(lambda: answers(self.port), process, str(words[0]), 60)
                except AssertionError as e:
                    raise AssertionError((self.path / "output").read_text(errors="replace")[-2000:]) from e
                yield self.port
            finally:
                self.end(process, last)

    @staticmethod
    def end(process, last):
        """Asks first, so that nothing is left in shared memory."""
        process.send_signal(last)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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
