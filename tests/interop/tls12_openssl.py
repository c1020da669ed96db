# SPDX-License-Identifier: Apache-2.0 OR MIT
"""OpenSSL's s_client and s_server, and curl, at TLS 1.2."""
import os
import re
import tempfile

from interop import listening, need, run
from tls12 import CURVES, OPENSSL, REQUEST, Peer, Seen, client_cert

IANA = {theirs: name for name, theirs in OPENSSL.items()}


def curves(ask):
    return ":".join(CURVES[g] for g in ask.groups)


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
        words = ["openssl", "s_server", "-tls1_2", "-cert", pki.cert(ask.key), "-key", pki.key(ask.key), "-groups", curves(ask),
                 "-www", *more]
        if ask.resume == "id":
            words += ["-no_ticket"]
        if ask.mutual:
            words += ["-Verify", "1", "-verify_return_error", "-CAfile", pki.ca]
        return listening(lambda port: [*words, "-accept", f"127.0.0.1:{port}"])

    def once(self, pki, port, ask, more):
        words = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-CAfile", pki.ca,
                 "-verify_return_error", "-verify_hostname", "localhost", "-tls1_2", "-cipher", OPENSSL[ask.suite], "-groups",
                 curves(ask), "-ign_eof", *more, *credentials(pki, ask, "-")]
        done = run(words, REQUEST)
        out = done.stdout.decode(errors="replace")
        found = re.search(r"(New|Reused), (\S+), Cipher is (\S+)", out)
        assert done.returncode == 0 and found and found[3] in IANA, (done.stderr.decode(), out[-500:])
        return Seen(found[2], IANA[found[3]], found[1] == "Reused", out)

    def client(self, pki, port, ask):
        if not ask.resume:
            return [self.once(pki, port, ask, [])]
        with tempfile.TemporaryDirectory() as folder:
            session = os.path.join(folder, "session")
            return [self.once(pki, port, ask, ["-sess_out", session]), self.once(pki, port, ask, ["-sess_in", session])]


class Curl(Peer):
    """A resumed handshake is one whose trace shows no Certificate of the server."""
    name = "curl"
    lacks = (("our client", lambda ask: True, "curl is a client only"),)

    def prepare(self, pki, folder):
        need("curl")

    def client(self, pki, port, ask):
        url = f"https://localhost:{port}/"
        done = run(["curl", "-sSv", "--cacert", pki.ca, "--tlsv1.2", "--tls-max", "1.2", "--http1.1", "--resolve",
                    f"localhost:{port}:127.0.0.1", "--ciphers", OPENSSL[ask.suite], "--curves", curves(ask), "-H",
                    "Connection: close", *credentials(pki, ask, "--"), *[url] * (2 if ask.resume else 1)])
        trace = done.stderr.decode(errors="replace")
        assert done.returncode == 0, trace[-1500:]
        seen = []
        for part in trace.split("TLS handshake, Client hello")[1:]:
            found = re.search(r"SSL connection using (\S+) / (\S+)", part)
            seen.append(Seen(found[1], IANA[found[2]], "(IN), TLS handshake, Certificate (11)" not in part, done.stdout.decode()))
        return seen
