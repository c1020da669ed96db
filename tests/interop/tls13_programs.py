# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Peers that are installed programs, at TLS 1.3: OpenSSL, GnuTLS, NSS, curl, and ourselves."""
import re
import tempfile
from pathlib import Path

import tls12_gnutls
import tls12_nss
from interop import SUITES, listening, need, run
from tls12 import CURVES, REQUEST, Peer, Seen, client_cert
from tls13 import connect, groups, our_server

CIPHERS = {"TLS_AES_128_GCM_SHA256": "AES-128-GCM", "TLS_AES_256_GCM_SHA384": "AES-256-GCM",
           "TLS_CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305"}


def curves(ask):
    return ":".join(CURVES[g] for g in groups(ask))


def credentials(pki, ask, dashes):
    if not ask.mutual:
        return []
    cert, key = client_cert(pki, ask.key)
    return [f"{dashes}cert", cert, f"{dashes}key", key]


class OpenSSL(Peer):
    name = "OpenSSL"

    def prepare(self, pki, folder):
        need("openssl")

    def server(self, pki, ask, *more):
        words = ["openssl", "s_server", "-tls1_3", "-cert", pki.cert(ask.key), "-key", pki.key(ask.key), "-groups", curves(ask),
                 "-www", *more]
        if ask.mutual:
            words += ["-Verify", "1", "-verify_return_error", "-CAfile", pki.ca]
        return listening(lambda port: [*words, "-accept", f"127.0.0.1:{port}"])

    def once(self, pki, port, ask, *more, request=REQUEST):
        words = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-CAfile", pki.ca,
                 "-verify_return_error", "-verify_hostname", "localhost", "-tls1_3", "-ciphersuites", ask.suite, "-groups",
                 curves(ask), "-ign_eof", *more, *credentials(pki, ask, "-")]
        done = run(words, request)
        out = done.stdout.decode(errors="replace")
        found = re.search(r"(New|Reused), (\S+), Cipher is (\S+)", out)
        assert done.returncode == 0 and found, (done.stderr.decode(), out[-500:])
        return Seen(found[2], found[3], found[1] == "Reused", out)

    def client(self, pki, port, ask):
        with tempfile.TemporaryDirectory() as folder:
            session = Path(folder) / "session"
            return [self.once(pki, port, ask, "-sess_out", session), self.once(pki, port, ask, "-sess_in", session)]


class GnuTLS(tls12_gnutls.GnuTLS):
    @staticmethod
    def priority(ask):
        words = ["NORMAL", "-VERS-ALL", "+VERS-TLS1.3", "-GROUP-ALL", *(f"+GROUP-{g.upper()}" for g in groups(ask))]
        if ask.suite:
            words += ["-CIPHER-ALL", "+" + CIPHERS[ask.suite]]
        return ":".join(words)

    def server(self, pki, ask, *more):
        words = ["gnutls-serv", *(more or ["--http"]), "--x509certfile", pki.cert(ask.key), "--x509keyfile", pki.key(ask.key),
                 "--priority", self.priority(ask)]
        if ask.mutual:
            words += ["--require-client-cert", "--verify-client-cert", "--x509cafile", pki.ca]
        return listening(lambda port: [*words, "--port", port])

    def client(self, pki, port, ask, *more, request=REQUEST):
        words = ["gnutls-cli", "--port", port, "--x509cafile", pki.ca, "--verify-hostname", "localhost", "--sni-hostname",
                 "localhost", "--priority", self.priority(ask), "--resume", "--waitresumption", *more]
        if ask.mutual:
            cert, key = client_cert(pki, ask.key)
            words += ["--x509certfile", cert, "--x509keyfile", key]
        done = run([*words, "127.0.0.1"], request)
        out = done.stdout.decode(errors="replace")
        assert done.returncode == 0, (done.stderr.decode(), out[-1500:])
        seen = []
        for part in out.split("- Description: ")[1:]:
            description = part.splitlines()[0]
            suite = next(s for s, theirs in CIPHERS.items() if description.endswith(f"({theirs})"))
            seen.append(Seen("TLSv1.3" if description.startswith("(TLS1.3") else description, suite,
                             "*** This is a resumed session" in part, out))
        return seen


class Nss(tls12_nss.Nss):
    lacks = ()
    more = ()  # options of both programs
    CIPHERS = dict(zip(SUITES, ("128-bit AES-GCM", "256-bit AES-GCM", "256-bit CHACHA20POLY1305")))

    def common(self, ask):
        return ["-d", f"sql:{self.folder / ask.key}", "-V", "tls1.3:tls1.3", "-I",
                ",".join(tls12_nss.GROUPS[g] for g in groups(ask)), "-u", *self.more]

    def seen(self, part, before, ask, page):
        """`before`: how many connections came earlier, so that the i-th resumed one makes i cache hits."""
        cipher = re.match(r"3\.4 using (.*?) with 128-bit AEAD MAC", part)
        assert cipher, part
        hits = int(re.search(r"(\d+) cache hits", part)[1])
        suite = next(s for s, theirs in self.CIPHERS.items() if theirs == cipher[1])
        return Seen("TLSv1.3", suite, before > 0 and hits == before, page)


class Curl(Peer):
    """A resumed handshake is one whose trace shows no Certificate of the server."""
    name = "curl"
    lacks = (("our client", lambda ask: True, "curl is a client only"),)

    def prepare(self, pki, folder):
        need("curl")

    def client(self, pki, port, ask):
        url = f"https://localhost:{port}/"
        done = run(["curl", "-sSv", "--cacert", pki.ca, "--tlsv1.3", "--http1.1", "--resolve", f"localhost:{port}:127.0.0.1",
                    "--tls13-ciphers", ask.suite, "--curves", curves(ask), "-H", "Connection: close",
                    *credentials(pki, ask, "--"), url, url])
        trace = done.stderr.decode(errors="replace")
        assert done.returncode == 0, trace[-1500:]
        seen = []
        for part in trace.split("TLS handshake, Client hello")[1:]:
            found = re.search(r"SSL connection using (\S+) / (\S+)", part)
            seen.append(Seen(found[1], found[2], "(IN), TLS handshake, Certificate (11)" not in part, done.stdout.decode()))
        return seen


class Handfast(Peer):
    """Both ends ours."""
    name = "handfast"
    lacks = (("our server", lambda ask: True, "the same two programs as in the other direction"),)

    def server(self, pki, ask):
        return our_server(pki, ask)

    def client(self, pki, port, ask):
        with tempfile.TemporaryDirectory() as folder:
            reports = [connect(pki, port, ask, "--http", "/", "--session", Path(folder) / "session") for _ in range(2)]
        return [Seen("TLSv1.3", r["cipher_suite"], r["resumed"], str(r)) for r in reports]
