# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Certificates for the zoo of the auditor: one good chain a key type, and each way of being wrong once. Root, intermediate, leaf."""
import datetime
import threading
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from interop import need, run

NAME = "localhost"
DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.utcnow().replace(microsecond=0)
MUST_STAPLE = x509.TLSFeature([x509.TLSFeatureType.status_request])
# A list of two SCTs (RFC 6962 3.3) of logs that do not exist: they can be counted, and no more.
SCT = b"\0" + bytes(range(32)) + (1700000000000).to_bytes(8, "big") + b"\0\0" + b"\x04\x03\0\x08" + b"\x30\x06\x02\x01\x01\x02\x01\x01"


def sct_list(n):
    items = b"".join(len(SCT).to_bytes(2, "big") + SCT for _ in range(n))
    inner = len(items).to_bytes(2, "big") + items
    return b"\x04" + (bytes([len(inner)]) if len(inner) < 128 else b"\x81" + bytes([len(inner)])) + inner


def new_key(kind):
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key({"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1}[kind]())


def name_of(text):
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Zoo"), x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass
class Authority:
    key: object
    cert: object


@dataclass
class Shown:
    """What a server is given: files. `chain` is all that it shows, `leaf` the first, `rest` the others."""
    folder: Path
    cert: object
    issuer: object

    def __getattr__(self, name):
        return self.folder / f"{name}.pem"


def pem(cert):
    return cert.public_bytes(serialization.Encoding.PEM)


SHA256_RSA, SHA1_RSA = (bytes.fromhex("06092a864886f70d0101" + last) for last in ("0b", "05"))


def key_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def made(builder, key, hash_name="SHA256"):
    cert = builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    return cert if hash_name == "SHA256" else with_sha1(cert, key)


def with_sha1(cert, key):
    """No current library signs a certificate so: the same one, its algorithm's name and its signature exchanged."""
    new = cert.tbs_certificate_bytes.replace(SHA256_RSA, SHA1_RSA)
    signature = key.sign(new, padding.PKCS1v15(), hashes.SHA1())
    whole = cert.public_bytes(serialization.Encoding.DER)
    whole = whole.replace(cert.tbs_certificate_bytes, new).replace(SHA256_RSA, SHA1_RSA).replace(cert.signature, signature)
    return x509.load_der_x509_certificate(whole)


def authority(text, issuer=None, kind="p256", hash_name="SHA256", days=3650):
    key = new_key(kind)
    by = issuer or Authority(key, None)
    builder = (x509.CertificateBuilder().subject_name(name_of(text)).issuer_name(by.cert.subject if by.cert else name_of(text))
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(NOW - 400 * DAY).not_valid_after(NOW + days * DAY)
               .add_extension(x509.BasicConstraints(True, None), True)
               .add_extension(x509.KeyUsage(True, False, False, False, False, True, True, False, False), True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False))
    if by.cert:
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), False)
    return Authority(key, made(builder, by.key, hash_name))


# What is wrong with a leaf, by name. None of a date: the good one's.
LEAVES = {
    "rsa": {"kind": "rsa3072"}, "p256": {}, "p384": {"kind": "p384"}, "ed25519": {"kind": "ed25519"}, "rsa2048": {"kind": "rsa2048"},
    "expired": {"days": (-90, -1)}, "notyet": {"days": (2, 90)}, "wrongname": {"names": ("other.test",)},
    "rsa1024": {"kind": "rsa1024"}, "sha1": {"kind": "rsa2048", "by": "rsa", "hash_name": "SHA1"},
    "toolong": {"days": (-10, 1200)}, "soon": {"days": (-85, 5)}, "later": {"days": (-70, 20)}, "commonname": {"names": ()},
    "noint": {"rest": (), "issuers": True}, "wrongorder": {"rest": ("root", "int")}, "extraroot": {"rest": ("int", "root")},
    "stranger": {"rest": ("int", "stranger")}, "muststaple": {"must_staple": True}, "scts": {"scts": 2, "public": True},
    "selfsigned": {"by": None, "rest": ()}, "unknownca": {"by": "foreign", "rest": ("foreign",)},
    "sha1int": {"kind": "rsa2048", "by": "sha1int", "rest": ("sha1int",)},
    "p521": {"kind": "p521"}, "badusage": {"client": True}, "client": {"names": (), "client": True}, "muststapled": {"must_staple": True},
    "public": {"public": True}, "responder": {"responder": True}, "agreement": {"agreement": True},
}


class ZooPki:
    """Chains are made when they are first asked for, and stay in their folder: who comes back to it finds them again."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca = self.folder / "root.pem"
        self.authorities, self.made = {}, {}
        self.lock = threading.RLock()
        self.authority("root")

    def authority(self, name):
        with self.lock:
            if name not in self.authorities:
                file, secret = self.folder / f"{name}.pem", self.folder / f"{name}.key"
                if not file.exists():
                    made_now = self.new_authority(name)
                    secret.write_bytes(key_pem(made_now.key))
                    file.write_bytes(pem(made_now.cert))
                self.authorities[name] = Authority(serialization.load_pem_private_key(secret.read_bytes(), None),
                                                   x509.load_pem_x509_certificate(file.read_bytes()))
            return self.authorities[name]

    def new_authority(self, name):
        by, more = {"root": (None, {}), "int": ("root", {}), "rsa": ("root", {"kind": "rsa2048"}), "foreign": (None, {}),
                    "stranger": (None, {}), "sha1int": ("rsa", {"kind": "rsa2048", "hash_name": "SHA1"})}[name]
        return authority(f"Zoo {name}", self.authority(by) if by else None, **more)

    def shown(self, name):
        with self.lock:
            if name not in self.made:
                by = LEAVES[name].get("by", "int")
                if not (self.folder / name / "all.pem").exists():
                    self.make(name, **LEAVES[name])
                cert = x509.load_pem_x509_certificate((self.folder / name / "leaf.pem").read_bytes())
                self.made[name] = Shown(self.folder / name, cert, self.authority(by) if by else None)
            return self.made[name]

    def make(self, name, kind="p256", days=(-10, 80), names=(NAME, "www.localhost"), by="int", hash_name="SHA256", rest=None,
             must_staple=False, scts=0, client=False, responder=False, agreement=False, public=False, issuers=False):
        key, (start, end) = new_key(kind), days
        issuer = self.authority(by) if by else Authority(key, None)
        builder = (x509.CertificateBuilder().subject_name(name_of("client" if client else NAME))
                   .issuer_name(issuer.cert.subject if issuer.cert else name_of(NAME)).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(NOW + start * DAY).not_valid_after(NOW + end * DAY)
                   .add_extension(x509.BasicConstraints(False, None), True)
                   .add_extension(x509.KeyUsage(True, False, kind.startswith("rsa"), False, agreement, False, False, False, False), True)
                   .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH]),
                                  False)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
        if must_staple:
            builder = builder.add_extension(MUST_STAPLE, False)
        if responder or issuers:
            method, url = ((AuthorityInformationAccessOID.OCSP, "http://ocsp.zoo.test/") if responder else
                           (AuthorityInformationAccessOID.CA_ISSUERS, "http://ca.zoo.test/int.cer"))
            there = x509.AccessDescription(method, x509.UniformResourceIdentifier(url))
            builder = builder.add_extension(x509.AuthorityInformationAccess([there]), False)
        if public:  # the CA/Browser Forum's own word for domain-validated
            policy = x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), None)
            builder = builder.add_extension(x509.CertificatePolicies([policy]), False)
        if scts:
            oid = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
            builder = builder.add_extension(x509.UnrecognizedExtension(oid, sct_list(scts)), False)
        self.write(name, made(builder, issuer.key, hash_name), key, by if rest is None else rest)

    def write(self, name, cert, key, rest):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        rest = (rest,) if isinstance(rest, str) else rest
        # The trust anchor is the root alone: who issues through another intermediate shows that one and what leads to it.
        if rest == ("sha1int",):
            rest = ("sha1int", "rsa")
        others = b"".join(pem(self.authority(a).cert) for a in rest)
        secret = key_pem(key)
        for file, data in (("leaf", pem(cert)), ("rest", others), ("chain", pem(cert) + others), ("key", secret),
                           ("all", pem(cert) + others + secret)):
            (folder / f"{file}.pem").write_bytes(data)

    def staple(self, name, state="good", days=(-1, 6)):
        """A file with an OCSPResponse (DER) for that leaf."""
        shown = self.shown(name)
        status, revoked = (ocsp.OCSPCertStatus.REVOKED, NOW - DAY) if state == "revoked" else (ocsp.OCSPCertStatus.GOOD, None)
        response = (ocsp.OCSPResponseBuilder()
                    .add_response(shown.cert, shown.issuer.cert, hashes.SHA1(), status, NOW + days[0] * DAY, NOW + days[1] * DAY, revoked, None)
                    .responder_id(ocsp.OCSPResponderEncoding.HASH, shown.issuer.cert)
                    .sign(shown.issuer.key, hashes.SHA256()))
        file = shown.folder / f"staple-{state}-{days[1]}.der"
        file.write_bytes(response.public_bytes(serialization.Encoding.DER))
        return file

    def dh(self, bits):
        """Parameters of a prime that nobody else uses."""
        file = self.folder / f"dh{bits}.pem"
        with self.lock:
            if not file.exists():
                done = run([need("openssl"), "dhparam", "-out", file, bits], timeout=120)
                assert done.returncode == 0, done
        return file
