# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Certificates that openssl makes for the tests of `cert verify`, `cert chain` and `cert inspect`: any extensions, any dates, and
CRLs. All of one maker lie in one folder, as NAME.pem and NAME.key."""
import subprocess
from processes import LIMIT

CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
KEYID = "authorityKeyIdentifier=keyid\n"
LEAF = ("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\n" + KEYID)
START, END = "20260101000000Z", "20270101000000Z"
NOW = "2026-06-01"  # within both


def server(*names):
    return LEAF + "extendedKeyUsage=serverAuth\nsubjectAltName=" + ",".join(f"DNS:{n}" for n in names) + "\n"


class Maker:
    def __init__(self, folder):
        self.folder = folder
        self.serial = 16

    def __getattr__(self, name):
        return str(self.folder / f"{name}.pem")

    def run(self, *words):
        done = subprocess.run(["openssl", *map(str, words)], cwd=self.folder, capture_output=True, text=True, timeout=LIMIT, check=False)
        assert done.returncode == 0, done
        return done.stdout

    def conf(self, extensions, start=START, end=END):
        self.serial += 1
        (self.folder / "serial").write_text(f"{self.serial:04X}\n")
        (self.folder / "index").write_text("")
        (self.folder / "conf").write_text(
            "[req]\ndistinguished_name=d\n[d]\n[ca]\ndefault_ca=c\n[c]\ndatabase=index\nserial=serial\nnew_certs_dir=.\n"
            f"default_md=sha256\npolicy=p\nunique_subject=no\ndefault_startdate={start}\ndefault_enddate={end}\n"
            f"default_crl_days=30\ncrlnumber=number\ncrl_extensions=x\n[x]\nauthorityKeyIdentifier=keyid\n[p]\ncommonName=supplied\n[e]\n{extensions}")

    def key(self, name):
        if not (self.folder / f"{name}.key").exists():
            self.run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")

    def make(self, name, subject, extensions, issuer=None, key=None, start=START, end=END):
        """issuer None: signed by itself. Its .pem comes into the folder."""
        key = key or name
        self.key(key)
        self.conf(extensions, start, end)
        self.run("req", "-new", "-key", f"{key}.key", "-subj", f"/CN={subject}", "-config", "conf", "-out", "csr")
        signer = ["-selfsign", "-keyfile", f"{key}.key"] if issuer is None else \
            ["-cert", f"{issuer}.pem", "-keyfile", f"{issuer}.key"]
        self.run("ca", "-batch", "-notext", "-config", "conf", "-in", "csr", *signer, "-extensions", "e", "-startdate", start,
                 "-enddate", end, "-out", f"{name}.pem")
        return self

    def serial_of(self, name):
        return self.run("x509", "-in", f"{name}.pem", "-noout", "-serial").strip().split("=")[1]

    def crl(self, name, issuer, revoked, updated="20260501000000Z", following="20260701000000Z"):
        """openssl ca -gencrl, with these certificates in its index."""
        self.conf("")
        lines = [f"R\t270101000000Z\t260401000000Z,keyCompromise\t{self.serial_of(r)}\tunknown\t/CN=x\n" for r in revoked]
        (self.folder / "index").write_text("".join(lines))
        (self.folder / "number").write_text(f"{self.serial:04X}\n")
        self.run("ca", "-gencrl", "-config", "conf", "-cert", f"{issuer}.pem", "-keyfile", f"{issuer}.key",
                 "-crl_lastupdate", updated, "-crl_nextupdate", following, "-out", f"{name}.crl")
        return str(self.folder / f"{name}.crl")

    def bag(self, name, *parts):
        """A file of several, in that order."""
        (self.folder / f"{name}.pem").write_text("".join((self.folder / f"{p}.pem").read_text() for p in parts))
        return str(self.folder / f"{name}.pem")


def standard(folder):
    """root signs int signs leaf, which is for a.test."""
    m = Maker(folder)
    m.make("root", "Root", CA)
    m.make("int", "Intermediate", CA + KEYID, "root")
    m.make("leaf", "a.test", server("a.test"), "int")
    return m
