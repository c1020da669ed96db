# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The peers that know keys shared beforehand."""
import contextlib
import re

import tls12_built
from interop import listening, need, run
from psk import IDENTITY, RIGHT, SMALL12, SUITES12, SUITES13, PskPeer, Seen, is13, our_client, our_server
from tls12 import REQUEST, json_lines

GCM8442 = "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256"


def text_of(done):
    return (done.stdout + done.stderr).decode(errors="replace")


class OpenSSL(PskPeer):
    name = "OpenSSL"
    lacks = {GCM8442: "OpenSSL has none of RFC 8442's suites",
             ("our client", "unknown identity, TLS 1.2"): "s_server warns of an identity that it does not expect, and goes on"}
    NAMES = dict(zip((SUITES12[0], GCM8442, *SMALL12),
                     ("ECDHE-PSK-CHACHA20-POLY1305", "ECDHE-PSK-AES128-GCM-SHA256", "PSK-AES128-GCM-SHA256", "PSK-AES128-CCM",
                      "PSK-AES128-CCM8")))

    def prepare(self, folder):
        need("openssl")

    def words(self, suite, key):
        chosen = ["-tls1_3", "-ciphersuites", suite] if is13(suite) else ["-tls1_2", "-cipher", self.NAMES[suite] + ":@SECLEVEL=0"]
        return ["-psk_identity", key.identity, "-psk", key.hex, *chosen]

    def server(self, suite, key, *more):
        return listening(lambda port: ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-nocert", "-www",
                                       *self.words(suite, key), *more])

    def client(self, port, suite, key, *more):
        done = run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-ign_eof", *self.words(suite, key), *more], REQUEST)
        found = re.search(r"(?:New|Reused), \S+, Cipher is (\S+)", text_of(done))
        theirs = found[1] if found else ""
        return Seen(done.returncode == 0 and theirs != "(NONE)",
                    next((ours for ours, name in self.NAMES.items() if name == theirs), theirs), text_of(done))


class GnuTLS(PskPeer):
    name = "GnuTLS"
    lacks = {GCM8442: "GnuTLS has none of RFC 8442's suites",
             ("our server", SUITES12[0]): "gnutls-cli 3.7 dies of a fault where it would describe such a session"}
    CIPHERS = dict(zip((*SUITES13, SUITES12[0], GCM8442, *SMALL12),
                       ("AES-128-GCM", "CHACHA20-POLY1305", "CHACHA20-POLY1305", "AES-128-GCM", "AES-128-GCM", "AES-128-CCM",
                        "AES-128-CCM-8")))

    def prepare(self, folder):
        need("gnutls-cli")
        need("gnutls-serv")
        self.folder = folder

    def priority(self, suite):
        exchange = ["+ECDHE-PSK", "+DHE-PSK"] if is13(suite) else ["+PSK"] if suite in SMALL12 else ["+ECDHE-PSK"]
        version = "+VERS-TLS1.3" if is13(suite) else "+VERS-TLS1.2"
        return ":".join(["NORMAL", "-VERS-ALL", version, "-KX-ALL", *exchange, "-CIPHER-ALL", "+" + self.CIPHERS[suite]])

    def server(self, suite, key):
        passwords = self.folder / f"{suite}-{key.identity}-{key.hex[:2]}"
        passwords.write_text(f"{key.identity}:{key.hex}\n")
        return listening(lambda port: ["gnutls-serv", "--http", "--pskpasswd", passwords, "--priority", self.priority(suite),
                                       "--port", port])

    def client(self, port, suite, key):
        done = run(["gnutls-cli", "--port", port, "--pskusername", key.identity, "--pskkey", key.hex, "--priority",
                    self.priority(suite), "127.0.0.1"], REQUEST)
        cipher = re.search(r"- Description: .*\(([^()]*)\)", text_of(done))
        return Seen(done.returncode == 0 and b"HTTP/1" in done.stdout,
                    suite if cipher and cipher[1] == self.CIPHERS[suite] else str(cipher), text_of(done))


class Nss(PskPeer):
    """TLS 1.3 alone: NSS has no suite of TLS 1.2 with a pre-shared key."""
    name = "NSS"
    lacks = {**{suite: "NSS has pre-shared keys in TLS 1.3 alone" for suite in (*SUITES12, *SMALL12)},
             **{("our client", suite): "selfserv 3.87 reads a key and takes none" for suite in SUITES13}}
    CODES = {"TLS_AES_128_GCM_SHA256": ":1301", "TLS_CHACHA20_POLY1305_SHA256": ":1303"}

    def prepare(self, folder):
        for program in ("tstclnt", "selfserv", "certutil"):
            need(program)
        self.folder = folder
        (folder / "request").write_bytes(REQUEST)
        assert run(["certutil", "-N", "--empty-password", "-d", f"sql:{folder}"]).returncode == 0
        made = run(["certutil", "-S", "-x", "-n", "server", "-s", "CN=localhost", "-t", "CTu,,", "-k", "ec", "-q", "secp256r1",
                    "-d", f"sql:{folder}", "-z", "/dev/null"])
        assert made.returncode == 0, made

    def words(self, suite, key):
        version = "tls1.3:tls1.3" if is13(suite) else "tls1.2:tls1.2"
        return ["-V", version, "-c", self.CODES.get(suite, ":c0a8"), "-z", f"0x{key.hex}:{key.identity}"]

    def server(self, suite, key):
        return listening(lambda port: ["selfserv", "-d", f"sql:{self.folder}", "-e", "server", "-p", port, *self.words(suite, key)])

    def client(self, port, suite, key):
        done = run(["tstclnt", "-D", "-h", "127.0.0.1", "-p", port, "-v", "-A", self.folder / "request", *self.words(suite, key)])
        return Seen(done.returncode == 0 and b"HTTP/1" in done.stdout, suite if is13(suite) else "", text_of(done))


class Small(PskPeer):
    """A program of ours; see tls12_built.py."""
    build = tls12_built.Small

    def prepare(self, folder):
        self.built = self.build()
        self.built.prepare(None, folder)

    def server(self, suite, key):
        return listening(lambda port: [self.built.server_program, port, "-", "-", "-", "secp256r1", "off",
                                       "1.3" if is13(suite) else "1.2", f"{key.identity}:{key.hex}", self.theirs(suite)])

    def client(self, port, suite, key):
        done = run([self.built.client_program, "127.0.0.1", port, "-", "-", "-", self.theirs(suite), "secp256r1", "no",
                    "1.3" if is13(suite) else "1.2", f"{key.identity}:{key.hex}"])
        seen = json_lines(done.stdout.decode(errors="replace"))
        suite_seen = seen[0][0]["suite"] if seen else ""
        return Seen(done.returncode == 0 and b"HTTP/1" in done.stdout, suite if suite_seen == self.theirs(suite) else suite_seen,
                    text_of(done))


class WolfSsl(Small):
    name = "wolfSSL"
    build = tls12_built.WolfSsl
    serve = ("--policy", "iot")  # its client sends no renegotiation_info (RFC 5746), which other policies demand in TLS 1.2
    lacks = {suite: "the distribution's wolfSSL is built without the plain PSK exchange" for suite in SMALL12}
    NAMES = dict(zip((*SUITES13, SUITES12[0], GCM8442, *SMALL12),
                     ("TLS13-AES128-GCM-SHA256", "TLS13-CHACHA20-POLY1305-SHA256", "ECDHE-PSK-CHACHA20-POLY1305",
                      "ECDHE-PSK-AES128-GCM-SHA256", "PSK-AES128-GCM-SHA256", "PSK-AES128-CCM", "PSK-AES128-CCM-8")))

    def theirs(self, suite):
        return self.NAMES[suite]


class MbedTls(Small):
    name = "mbedTLS"
    build = tls12_built.MbedTls
    lacks = {**{suite: "mbedTLS 2.28 has no TLS 1.3" for suite in SUITES13}, GCM8442: "mbedTLS has none of RFC 8442's suites"}

    def theirs(self, suite):
        return suite.replace("_", "-")


class Handfast(PskPeer):
    """Both ends ours."""
    name = "handfast"

    def prepare(self, folder):
        self.folder = folder

    @contextlib.contextmanager
    def server(self, suite, key):
        assert key == RIGHT
        with our_server(self.folder, suite) as server:
            yield server.port

    def client(self, port, suite, key):
        status, report = our_client(self.folder, port, suite, key)
        return Seen(status == 0, report["cipher_suite"], str(report) + IDENTITY)
