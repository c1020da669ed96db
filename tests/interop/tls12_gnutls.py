# SPDX-License-Identifier: Apache-2.0 OR MIT
"""gnutls-cli and gnutls-serv at TLS 1.2."""
import re

from interop import listening, need, run
from tls12 import REQUEST, Peer, Seen, client_cert

CIPHERS = {"AES_128_GCM_SHA256": "AES-128-GCM", "AES_256_GCM_SHA384": "AES-256-GCM",
           "CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305"}


def priority(ask):
    """Of a server, which chooses no suite, the version and the groups alone."""
    words = ["NORMAL", "-VERS-ALL", "+VERS-TLS1.2", "-GROUP-ALL", *(f"+GROUP-{g.upper()}" for g in ask.groups)]
    if ask.suite:
        exchange, aead = ask.suite.removeprefix("TLS_").split("_WITH_")
        words += ["-KX-ALL", "+" + exchange.replace("_", "-"), "-CIPHER-ALL", "+" + CIPHERS[aead]]
    return ":".join(words)


def suite_of(description, resumed):
    """(TLS1.2-X.509)-(ECDHE-X25519)-(ECDSA-SHA256)-(AES-128-GCM); a resumed one names no signature: its suite is the asked."""
    signature = re.search(r"-\((RSA|ECDSA|EdDSA)", description)
    cipher = re.search(r"\(([^()]*)\)$", description)[1]
    kind = "" if resumed or not signature else "RSA" if signature[1] == "RSA" else "ECDSA"
    aead = next(aead for aead, theirs in CIPHERS.items() if theirs == cipher)
    return kind, aead


class GnuTLS(Peer):
    name = "GnuTLS"

    def prepare(self, pki, folder):
        need("gnutls-cli")
        need("gnutls-serv")

    def server(self, pki, ask):
        words = ["gnutls-serv", "--http", "--x509certfile", pki.cert(ask.key), "--x509keyfile", pki.key(ask.key), "--priority",
                 priority(ask)]
        if ask.resume == "id":
            words += ["--noticket"]
        if ask.mutual:
            words += ["--require-client-cert", "--verify-client-cert", "--x509cafile", pki.ca]
        return listening(lambda port: [*words, "--port", port])

    def client(self, pki, port, ask):
        words = ["gnutls-cli", "--port", port, "--x509cafile", pki.ca, "--verify-hostname", "localhost", "--sni-hostname",
                 "localhost", "--priority", priority(ask)]
        if ask.mutual:
            cert, key = client_cert(pki, ask.key)
            words += ["--x509certfile", cert, "--x509keyfile", key]
        done = run([*words, *(["--resume"] if ask.resume else []), "127.0.0.1"], REQUEST)
        out = done.stdout.decode(errors="replace")
        assert done.returncode == 0, (done.stderr.decode(), out[-1500:])
        parts = out.split("- Description: ")[1:]
        seen = []
        for part in parts:
            resumed = "*** This is a resumed session" in part
            kind, aead = suite_of(part.splitlines()[0], resumed)
            suite = ask.suite if not kind and ask.suite.endswith(aead) else f"TLS_ECDHE_{kind}_WITH_{aead}"
            seen.append(Seen("TLSv1.2" if part.startswith("(TLS1.2") else part[:20], suite, resumed, out))
        return seen
