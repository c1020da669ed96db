# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Peers that are built here: Go's crypto/tls, and small C programs on the distribution's mbedTLS and wolfSSL."""
import os

import pytest

from interop import ROOT, build_go, listening, need, run
from tls12 import OPENSSL, Peer, Seen, client_cert, json_lines

IANA = {theirs: name for name, theirs in OPENSSL.items()}


class Go(Peer):
    name = "Go"
    lacks = ((None, lambda ask: ask.resume == "id", "Go resumes by ticket alone"),)

    def prepare(self, pki, folder):
        self.program = build_go(folder)

    def words(self, pki, ask):
        return [self.program, "-tls12", "-group", ",".join(ask.groups), "-ca", pki.ca]

    def server(self, pki, ask):
        words = [*self.words(pki, ask), "-page", 1, "-cert", pki.cert(ask.key), "-key", pki.key(ask.key)]
        if ask.mutual:
            words += ["-mutual"]
        if ask.resume == "id":
            words += ["-notickets"]
        return listening(lambda port: [*words, "-listen", f"127.0.0.1:{port}"])

    def client(self, pki, port, ask):
        words = [*self.words(pki, ask), "-suite", ask.suite, "-page", 2 if ask.resume else 1, "-connect", f"127.0.0.1:{port}"]
        if ask.mutual:
            cert, key = client_cert(pki, ask.key)
            words += ["-cert", cert, "-key", key]
        return visits(run(words), lambda suite: suite)


def visits(done, name):
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return [Seen(report["version"], name(report["suite"]), report["resumed"], text)
            for report, text in json_lines(done.stdout.decode(errors="replace"))]


class Small(Peer):
    """A program of ours in tests/interop/peers: client and server take the same words whatever the library."""
    folder, probe, libraries, version = "", "", (), "1.2"

    def prepare(self, pki, folder):
        cc = os.environ.get("CC") or "cc"
        need(cc)
        if run([cc, "-E", "-"], self.probe.encode()).returncode:
            pytest.skip(f"missing peer: the headers of {self.name}")
        self.client_program, self.server_program = folder / "client", folder / "server"
        source = os.path.join(ROOT, "tests/interop/peers", self.folder)
        for program in ("client", "server"):
            built = run([cc, "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O1", os.path.join(source, f"{program}.c"),
                         os.path.join(source, "common.c"), "-o", folder / program, *self.libraries])
            assert built.returncode == 0, built.stderr.decode()

    def server(self, pki, ask):
        return listening(lambda port: [self.server_program, port, pki.ca if ask.mutual else "-", pki.cert(ask.key),
                                       pki.key(ask.key), ",".join(ask.groups), "on" if ask.resume == "ticket" else "off",
                                       self.version, "-", "-"])

    def client(self, pki, port, ask):
        cert, key = client_cert(pki, ask.key) if ask.mutual else ("-", "-")
        return visits(run([self.client_program, "127.0.0.1", port, pki.ca, cert, key, self.theirs(ask.suite),
                           ",".join(ask.groups), "yes" if ask.resume else "no", self.version, "-"]), self.ours)


class MbedTls(Small):
    name = "mbedTLS"
    folder = "mbedtls"
    probe = "#include <mbedtls/version.h>\n#include <mbedtls/ssl.h>\n#if MBEDTLS_VERSION_MAJOR != 2\n#error other\n#endif\n"
    libraries = ("-lmbedtls", "-lmbedx509", "-lmbedcrypto")
    lacks = ((None, lambda ask: ask.key == "ed25519", "mbedTLS 2.28 has no Ed25519"),)

    def theirs(self, suite):
        return suite.replace("_", "-")

    def ours(self, suite):
        return suite.replace("-", "_")


class WolfSsl(Small):
    name = "wolfSSL"
    folder = "wolfssl"
    probe = "#include <wolfssl/options.h>\n#include <wolfssl/ssl.h>\n"
    libraries = ("-lwolfssl",)
    serve = ("--policy", "classroom")  # its client sends no renegotiation_info (RFC 5746): every other policy refuses it
    lacks = (("our client", lambda ask: (ask.group, ask.key) == ("secp384r1", "p256"),
              "wolfSSL's server prefers P-256, which the key needs"),)

    def theirs(self, suite):
        return OPENSSL[suite]

    def ours(self, suite):
        return suite if suite in OPENSSL else IANA[suite]
