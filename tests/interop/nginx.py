# SPDX-License-Identifier: Apache-2.0 OR MIT
"""nginx as a peer: one process with a configuration of its own in a temporary folder. As a server it describes the connection in
its page; as a client it is a proxy in front of our server, asked in the clear."""
import contextlib
import os
import re
import shutil
import socket
import tempfile
from pathlib import Path

import pytest

from interop import SUITES, listening, run
from processes import LIMIT
from tls12 import CURVES, OPENSSL, Peer, Seen, client_cert

PAGE = ('{"version": "$ssl_protocol", "suite": "$ssl_cipher", "resumed": "$ssl_session_reused", "early": "$ssl_early_data", '
        '"bytes": $request_length, "client": "$ssl_client_s_dn", "verified": "$ssl_client_verify"}\\n')
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def need_nginx():
    """Servers often stand where only root's PATH looks."""
    found = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if not found:
        pytest.skip("missing peer: nginx")
    return found


def directives(pairs):
    return " ".join(f"{name} {value};" for name, value in pairs)


def configuration(folder, server):
    temporary = directives((f"{name}_temp_path", folder / name) for name in TEMPORARY)
    return (f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors info;\n"
            f"events {{ worker_connections 64; }}\nhttp {{\n{temporary} access_log off;\nserver {{\n{server}\n}}\n}}\n")


@contextlib.contextmanager
def running(listen, server):
    """nginx with one server; "{port}" in what it listens to is a free one. What it logged follows a test's failure."""
    program = need_nginx()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def words(port):
            told = f"listen {listen.format(port=port)};\n{server}"
            (folder / "nginx.conf").write_text(configuration(folder, told), encoding="utf-8")
            return [program, "-p", folder, "-e", folder / "errors", "-c", folder / "nginx.conf"]
        with listening(words) as port:
            try:
                yield port
            except AssertionError:
                print((folder / "errors").read_text(encoding="utf-8", errors="replace")[-4000:])
                raise


def curves(ask):
    return ":".join(CURVES[group] for group in ask.groups)


def get(port, path="/"):
    """Through the proxy: all that comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as s:
        s.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        got = b""
        while data := s.recv(65536):
            got += data
    return got.decode(errors="replace")


class Nginx(Peer):
    """A proxy's groups and its suites of TLS 1.3 are named with OpenSSL's own directives."""
    name = "nginx"

    def prepare(self, pki, folder):
        need_nginx()

    @staticmethod
    def version():
        return run([need_nginx(), "-v"]).stderr.decode().rpartition("/")[2].split()[0]

    @staticmethod
    def pairs(pki, ask, **more):
        chosen = {"ssl_certificate": pki.cert(ask.key), "ssl_certificate_key": pki.key(ask.key),
                  "ssl_protocols": "TLSv1.2 TLSv1.3", "ssl_ecdh_curve": curves(ask), "default_type": "application/json",
                  "ssl_session_tickets": "off" if ask.resume == "id" else "on", "ssl_session_cache": "builtin:100",
                  "return": f"200 '{PAGE}'"}
        if ask.mutual:
            chosen |= {"ssl_verify_client": "on", "ssl_client_certificate": pki.ca}
        return (chosen | more).items()

    def server(self, pki, ask, **more):
        """`more` are directives, also in place of the usual ones."""
        return running("127.0.0.1:{port} ssl", directives(self.pairs(pki, ask, **more)))

    @staticmethod
    def proxy(pki, port, ask, groups=None, name="localhost"):
        """A proxy in front of our server, which it verifies."""
        chosen = [("proxy_pass", f"https://127.0.0.1:{port}"), ("proxy_ssl_conf_command", f"Groups {groups or curves(ask)}"),
                  ("proxy_ssl_verify", "on"), ("proxy_ssl_name", name), ("proxy_ssl_server_name", "on"),
                  ("proxy_ssl_trusted_certificate", pki.ca), ("proxy_ssl_session_reuse", "on"),
                  ("proxy_set_header", "Host localhost")]
        if ask.suite in SUITES:
            chosen += [("proxy_ssl_protocols", "TLSv1.3"), ("proxy_ssl_conf_command", f"Ciphersuites {ask.suite}")]
        else:
            chosen += [("proxy_ssl_protocols", "TLSv1.2"), ("proxy_ssl_ciphers", OPENSSL.get(ask.suite, "DEFAULT"))]
        if ask.mutual:
            cert, key = client_cert(pki, ask.key)
            chosen += [("proxy_ssl_certificate", cert), ("proxy_ssl_certificate_key", key)]
        told = directives(chosen)
        return running("127.0.0.1:{port}", f"location / {{ {told} }}")

    def client(self, pki, port, ask):
        with self.proxy(pki, port, ask) as near:
            return [self.seen(get(near)) for _ in range(2 if ask.resume else 1)]

    @staticmethod
    def seen(text):
        """From our page, as nginx does not say what it agreed with whom it asks."""
        row = dict(re.findall(r"^  (Version|Cipher suite|Resumed) +(.*)$", text, re.M))
        assert " 200 " in text.partition("\r\n")[0] and len(row) == 3, text
        return Seen(row["Version"].replace("TLS ", "TLSv"), row["Cipher suite"], row["Resumed"].startswith("yes"), text)
