# SPDX-License-Identifier: Apache-2.0 OR MIT
"""NSS: tstclnt and selfserv at TLS 1.2, over a certificate database of their own."""
import re

from interop import KEYS, listening, need, run
from tls12 import REQUEST, Peer, Seen, client_cert

CODES = {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "c02b", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "c02c",
         "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "cca9", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "c02f",
         "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "c030", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "cca8"}
GROUPS = {"x25519": "x25519", "secp256r1": "P256", "secp384r1": "P384"}
WITHOUT = "ed25519"


CIPHERS = {"128-bit AES-GCM": "AES_128_GCM_SHA256", "256-bit AES-GCM": "AES_256_GCM_SHA384",
           "256-bit CHACHA20POLY1305": "CHACHA20_POLY1305_SHA256"}


class Nss(Peer):
    name = "NSS"
    lacks = ((None, lambda ask: ask.key == WITHOUT, "NSS 3.87 has no Ed25519"),
             ("our client", lambda ask: ask.key == "p384" and ask.group != "secp384r1" and "AES_128" not in ask.suite,
              "selfserv takes a curve as strong as the key and the cipher"))

    def prepare(self, pki, folder):
        """A database for each type: NSS files a certificate under its subject, and all our leaves have the same."""
        for program in ("tstclnt", "selfserv", "certutil", "pk12util", "openssl"):
            need(program)
        self.folder = folder
        (folder / "request").write_bytes(REQUEST)
        for key in KEYS:
            (folder / key).mkdir()
            self.must(key, "certutil", "-N", "--empty-password")
            self.must(key, "certutil", "-A", "-n", "the CA", "-t", "CT,C,C", "-i", pki.ca)
            self.take(key, "server", pki.cert(key), pki.key(key))
            self.take(key, "client", *client_cert(pki, key))

    def must(self, key, program, *options):
        done = run([program, "-d", f"sql:{self.folder / key}", *options])
        assert done.returncode == 0, done

    def take(self, key, nickname, cert, private):
        bundle = self.folder / key / f"{nickname}.p12"
        made = run(["openssl", "pkcs12", "-export", "-in", cert, "-inkey", private, "-name", nickname, "-passout", "pass:x", "-out",
                    bundle])
        assert made.returncode == 0, made
        if key != WITHOUT:
            self.must(key, "pk12util", "-i", bundle, "-W", "x", "-K", "")

    def common(self, ask):
        return ["-d", f"sql:{self.folder / ask.key}", "-V", "tls1.2:tls1.2", "-I", ",".join(GROUPS[g] for g in ask.groups), "-G",
                *(["-u"] if ask.resume == "ticket" else [])]

    def server(self, pki, ask):
        words = ["selfserv", *self.common(ask), "-n" if ask.key == "rsa2048" else "-e", "server"]
        if ask.mutual:
            words += ["-r", "-r"]
        return listening(lambda port: [*words, "-p", port])

    def leaves_suite(self, ask):
        """tstclnt 3.87 dies of a wrong free() where -L and -c come together: the server chooses alone."""
        return bool(ask.resume)

    def client(self, pki, port, ask):
        words = ["tstclnt", "-h", "127.0.0.1", "-a", "localhost", "-p", port, "-v", *self.common(ask),
                 "-A", self.folder / "request", *(["-L", 2] if ask.resume else ["-c", f":{CODES[ask.suite]}"]), *(["-n", "client"] if ask.mutual else [])]
        done = run(words)
        said = done.stderr.decode(errors="replace") + done.stdout.decode(errors="replace")
        assert done.returncode == 0, said[-1500:]
        parts = re.split(r"SSL version ", said)[1:]
        return [self.seen(part, i, ask, done.stdout.decode(errors="replace")) for i, part in enumerate(parts)]

    def seen(self, part, before, ask, page):
        """`before`: how many connections came earlier, so that the i-th resumed one makes i cache hits."""
        cipher = re.match(r"3\.3 using (.*?) with 128-bit AEAD MAC", part)
        kind = re.search(r"Server Auth: \d+-bit (RSA|ECDSA)\S*, Key Exchange: \d+-bit ECDHE", part)
        hits, tickets = (int(re.search(rf"(\d+) {what}", part)[1]) for what in ("cache hits", "stateless resumes"))
        resumed = before > 0 and hits == before
        assert not resumed or (tickets == before) == (ask.resume == "ticket"), part
        return Seen("TLSv1.2", f"TLS_ECDHE_{kind[1]}_WITH_{CIPHERS[cipher[1]]}", resumed, page)
