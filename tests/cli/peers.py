# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What the tests of connect, serve and demo share: certificates of every kind, made by openssl, and processes that are
awaited by a probe and ended by their id."""
import base64
import json
import shutil
import signal
import subprocess
from contextlib import contextmanager

from conftest import BIN, SEE_IT, unwrapped
from processes import LIMIT, end, free_port, listens, until as wait_for  # noqa: F401 (tests take them from here)

EXTENSIONS = """
[req]
distinguished_name = d
[d]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,DNS:a.test,IP:127.0.0.1,IP:::1
authorityKeyIdentifier = keyid
[client]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = DNS:localhost
[ca]
default_ca = test
[test]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
"""


class Pki:
    """root.pem signs int.pem signs srv.pem; beside it the leaves that a client must refuse."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "conf").write_text(EXTENSIONS)
        for name in ("root", "other", "int", "srv"):
            self.run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
        for name in ("root", "other"):
            self.run("req", "-x509", "-new", "-key", f"{name}.key", "-subj", f"/CN=Test {name}", "-days", "365",
                     "-config", "conf", "-extensions", "root", "-out", f"{name}.pem")
        self.leaf("int", "Test Intermediate", "root", "root")
        self.leaf("srv", "localhost", "int", "server")
        self.leaf("usage", "localhost", "int", "client", key="srv")
        self.dated("expired", "20200101000000Z", "20200201000000Z")
        self.dated("future", "20400101000000Z", "20410101000000Z")
        self.run("req", "-x509", "-new", "-key", "srv.key", "-subj", "/CN=localhost", "-days", "30", "-config", "conf",
                 "-extensions", "server", "-out", "selfsigned.pem")
        self.tamper("srv", "badsig")
        (folder / "srv.chain").write_text(self.text("srv.pem") + self.text("int.pem"))

    def __getattr__(self, name):
        return str(self.folder / name.replace("_", "."))

    def text(self, name):
        return (self.folder / name).read_text()

    def run(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True, timeout=LIMIT, check=False)
        assert done.returncode == 0, done

    def leaf(self, name, subject, issuer, section, key=None):
        self.run("req", "-new", "-key", f"{key or name}.key", "-subj", f"/CN={subject}", "-config", "conf", "-out", "csr")
        self.run("x509", "-req", "-in", "csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial", "-days", "45",
                 "-extfile", "conf", "-extensions", section, "-out", f"{name}.pem")

    def dated(self, name, start, end, section="server"):
        (self.folder / "index").write_text("")
        (self.folder / "serial").write_text(f"{len(name):02X}\n")
        self.run("req", "-new", "-key", "srv.key", "-subj", "/CN=localhost", "-config", "conf", "-out", "csr")
        self.run("ca", "-batch", "-notext", "-config", "conf", "-in", "csr", "-cert", "int.pem", "-keyfile", "int.key",
                 "-startdate", start, "-enddate", end, "-extensions", section, "-out", f"{name}.pem")

    def tamper(self, name, to):
        """The same certificate with one bit of its signature turned."""
        self.run("x509", "-in", f"{name}.pem", "-outform", "DER", "-out", "der")
        der = bytearray((self.folder / "der").read_bytes())
        der[-1] ^= 1
        (self.folder / "der").write_bytes(der)
        body = base64.encodebytes(bytes(der)).decode()
        (self.folder / f"{to}.pem").write_text(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")


@contextmanager
def s_server(pki, *words, cert="srv", www=True, tls="-tls1_3", key=None, port=None, stdin=None):
    """openssl s_server with the leaf `cert` and the intermediate; gives its port, or with stdin=PIPE port and
    process."""
    port = port or free_port()
    key = key or pki.srv_key
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", tls, "-cert", str(pki.folder / f"{cert}.pem"),
               "-key", key, "-quiet", *(["-www"] if www else []), *words]
    if cert != "selfsigned":
        command += ["-cert_chain", pki.int_pem]
    process = subprocess.Popen(command, stdin=stdin or subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for("openssl s_server", lambda: listens(port), process)
        yield (port, process) if stdin else port
    finally:
        end(process, signal.SIGKILL)


class Server:
    """handfast serve --json: its port, its events, its end."""

    def __init__(self, hf, *words, json_log=True, listen="127.0.0.1:0"):
        command = [BIN, "serve", *(["--listen", listen] if listen else []), *(["--json"] if json_log else []), *map(str, words)]
        self.errors = open(hf.folder / "serve.err", "w+b")
        self.process = subprocess.Popen(command, cwd=hf.folder, env=hf.env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.errors)
        self.first = self.event() if json_log else None
        self.port = self.first["port"] if json_log else None

    def event(self):
        line = self.process.stdout.readline()
        assert line, (self.process.wait(LIMIT), self.stderr())
        return json.loads(line)

    def await_event(self, name):
        for _ in range(100):
            event = self.event()
            if event["event"] == name:
                return event
        raise AssertionError(name)

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def end(self, number=signal.SIGTERM):
        return end(self.process, number)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end(self.process, signal.SIGKILL)
        if self.process.stdout:
            self.process.stdout.close()
        self.errors.close()


def have(program):
    return shutil.which(program) is not None


def shows_three_parts(result, code):
    """A failing run: what, where and why, what next; with the exit code. For runs whose stdout holds JSON. How to see a failed
    handshake may stand behind them."""
    lines = [line for line in unwrapped(result.err) if not line.startswith(SEE_IT)]
    assert result.code == code, result
    assert len(lines) >= 3 and lines[-3].startswith("handfast: ") and lines[-1].startswith("  next: "), result
    return lines[-3:]

