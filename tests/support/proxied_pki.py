# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Certificates for a proxy's sites, good and bad ones, made in memory in a few milliseconds each."""
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0, tzinfo=None)


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def key_pem(key, password=None):
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def named(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key(bits):
    return rsa.generate_private_key(65537, bits)


def certificate(subject, key, issuer, signer, *, ca=False, names=(), client=False, start=NOW - DAY, over=NOW + 30 * DAY):
    made = (x509.CertificateBuilder().subject_name(named(subject)).issuer_name(issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(over)
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .add_extension(x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), critical=True))
    if not ca or names:
        use = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        made = made.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    if names:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    return made.sign(signer, hashes.SHA256())


class Pair:
    """A leaf, those above it and its key."""

    def __init__(self, leaf, above, key):
        self.leaf, self.above, self.key = leaf, above, key

    @property
    def der(self):
        return der(self.leaf)

    @property
    def chain_pem(self):
        return b"".join(map(pem, (self.leaf, *self.above)))

    @property
    def key_pem(self):
        return key_pem(self.key)

    def write(self, chain, key):
        """In place, as careless people do; returns the row of a configuration."""
        chain.write_bytes(self.chain_pem)
        key.write_bytes(self.key_pem)
        key.chmod(0o600)
        return {"chain": str(chain), "key": str(key)}

    def into(self, folder, name):
        return self.write(folder / f"{name}.pem", folder / f"{name}.key")


class Authority:
    """A root and an intermediate. `file`: the root, for clients."""

    def __init__(self, folder, name="Proxy test"):
        self.root_key, self.key = ec_key(), ec_key()
        root = named(f"{name} root")
        self.root = certificate(f"{name} root", self.root_key, root, self.root_key, ca=True, over=NOW + 3650 * DAY)
        self.intermediate = certificate(f"{name} intermediate", self.key, root, self.root_key, ca=True, over=NOW + 3650 * DAY)
        self.file = folder / f"{name.replace(' ', '-').lower()}.pem"
        self.file.write_bytes(pem(self.root))

    def leaf(self, *names, key=None, **more):
        key = key or ec_key()
        made = certificate(names[0], key, self.intermediate.subject, self.key, names=names, **more)
        return Pair(made, (self.intermediate,), key)
