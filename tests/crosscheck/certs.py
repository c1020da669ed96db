# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Certificates as data: a Spec says everything that stands in one, encode() writes and signs it. The extensions' values come
from `cryptography`, the frame around them is written here, because its builder would refuse most of what is wanted."""
import base64
import datetime
import hashlib
from dataclasses import dataclass, field, replace

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

UTC = datetime.timezone.utc
ALGORITHMS = {  # AlgorithmIdentifier and hash by kind of key and name of hash
    ("ec", "sha1"): ("300906072a8648ce3d0401", hashes.SHA1),
    ("ec", "sha256"): ("300a06082a8648ce3d040302", hashes.SHA256),
    ("ec", "sha384"): ("300a06082a8648ce3d040303", hashes.SHA384),
    ("ec", "sha512"): ("300a06082a8648ce3d040304", hashes.SHA512),
    ("rsa", "sha1"): ("300d06092a864886f70d0101050500", hashes.SHA1),
    ("rsa", "sha256"): ("300d06092a864886f70d01010b0500", hashes.SHA256),
    ("rsa", "sha384"): ("300d06092a864886f70d01010c0500", hashes.SHA384),
    ("rsa", "sha512"): ("300d06092a864886f70d01010d0500", hashes.SHA512),
    ("ed", None): ("300506032b6570", None),
}
OIDS = {"ski": "2.5.29.14", "ku": "2.5.29.15", "san": "2.5.29.17", "bc": "2.5.29.19", "nc": "2.5.29.30", "policies": "2.5.29.32",
        "mappings": "2.5.29.33", "aki": "2.5.29.35", "pc": "2.5.29.36", "eku": "2.5.29.37", "iap": "2.5.29.54",
        "tlsfeature": "1.3.6.1.5.5.7.1.24", "unknown": "1.3.6.1.4.1.55555.1"}


def tlv(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def integer(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    out = bytes()
    for arc in (first * 40 + second, *rest):
        octets = [arc & 0x7F]
        while arc := arc >> 7:
            octets.append(0x80 | arc & 0x7F)
        out += bytes(reversed(octets))
    return tlv(6, out)


def time_of(when):
    text = when.strftime("%Y%m%d%H%M%SZ")
    return tlv(0x17, text[2:].encode()) if 1950 <= when.year < 2050 else tlv(0x18, text.encode())


def name_of(*attributes, tag=0x0C):
    """("CN", "x") or ("O", "y"): one attribute a RelativeDistinguishedName."""
    types = {"C": "2.5.4.6", "O": "2.5.4.10", "OU": "2.5.4.11", "CN": "2.5.4.3", "E": "1.2.840.113549.1.9.1"}
    tags = {"C": 0x13, "E": 0x16}
    return tlv(0x30, *(tlv(0x31, tlv(0x30, oid(types[t]), tlv(tags.get(t, tag), v.encode()))) for t, v in attributes))


# ---- keys ----

class Key:
    def __init__(self, private, kind):
        self.private, self.kind = private, kind
        self.spki = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.id = hashlib.sha1(self.spki).digest()
        self.default_hash = None if kind == "ed" else "sha256"

    def sign(self, message, hash_name):
        algorithm = ALGORITHMS[self.kind, hash_name][1]
        if self.kind == "ec":
            return self.private.sign(message, ec.ECDSA(algorithm()))
        if self.kind == "rsa":
            return self.private.sign(message, padding.PKCS1v15(), algorithm())
        return self.private.sign(message)


def make_keys(seed):
    """EC and Ed25519 keys follow from the seed; RSA keys are drawn, nothing depends on their value."""
    def secret(name, bits):
        return int.from_bytes(hashlib.shake_256(f"{seed} {name}".encode()).digest(bits // 8), "big") >> 2 | 1
    keys = {f"p256-{i}": Key(ec.derive_private_key(secret(i, 256), ec.SECP256R1()), "ec") for i in range(16)}
    keys["p384"] = Key(ec.derive_private_key(secret("p384", 384), ec.SECP384R1()), "ec")
    keys["p521"] = Key(ec.derive_private_key(secret("p521", 512), ec.SECP521R1()), "ec")
    keys["ed25519"] = Key(ed25519.Ed25519PrivateKey.from_private_bytes(secret("ed", 256).to_bytes(32, "big")), "ed")
    keys["rsa1024"] = Key(rsa.generate_private_key(65537, 1024), "rsa")
    keys["rsa2048"] = Key(rsa.generate_private_key(65537, 2048), "rsa")
    return keys


# ---- certificates ----

@dataclass
class Spec:
    subject: bytes
    issuer: bytes
    key: Key
    issuer_key: Key
    not_before: datetime.datetime
    not_after: datetime.datetime
    serial: int = 1
    version: int = 3
    exts: dict = field(default_factory=dict)  # name: (critical, value), in the order of the DER
    twice: str = ""                           # this extension stands there once more
    hash: str = ""                            # [the key's default]
    outer_hash: str = ""                      # signatureAlgorithm, if it is to differ
    broken: bool = False

    def copy(self, **changes):
        return replace(self, **{"exts": dict(self.exts), **changes})

    def put(self, name, value, critical=False):
        self.exts[name] = (critical, value if isinstance(value, bytes) else value.public_bytes())

    def drop(self, name):
        self.exts.pop(name, None)


def encode_extensions(spec):
    def one(name):
        critical, value = spec.exts[name]
        return tlv(0x30, oid(OIDS[name]), b"\x01\x01\xff" if critical else b"", tlv(4, value))
    names = [*spec.exts] + ([spec.twice] if spec.twice in spec.exts else [])
    return tlv(0xA3, tlv(0x30, *map(one, names))) if names and spec.version == 3 else b""


def encode(spec):
    signer = spec.issuer_key
    hash_name = None if signer.kind == "ed" else spec.hash or signer.default_hash
    algorithm = bytes.fromhex(ALGORITHMS[signer.kind, hash_name][0])
    outer = bytes.fromhex(ALGORITHMS[signer.kind, spec.outer_hash][0]) if spec.outer_hash and signer.kind != "ed" else algorithm
    version = tlv(0xA0, integer(spec.version - 1)) if spec.version > 1 else b""
    tbs = tlv(0x30, version, integer(spec.serial), algorithm, spec.issuer, tlv(0x30, time_of(spec.not_before), time_of(
        spec.not_after)), spec.subject, spec.key.spki, encode_extensions(spec))
    signature = bytearray(signer.sign(tbs, hash_name))
    if spec.broken:
        signature[-1] ^= 1
    return tlv(0x30, tbs, outer, tlv(3, b"\0", bytes(signature)))


def pem(der):
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"


# ---- values of extensions ----

def key_usage(*names):
    fields = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
              "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{f: f in names for f in fields})


def extended_key_usage(*names):
    known = {"server": "1.3.6.1.5.5.7.3.1", "client": "1.3.6.1.5.5.7.3.2", "code": "1.3.6.1.5.5.7.3.3", "ocsp":
             "1.3.6.1.5.5.7.3.9", "any": "2.5.29.37.0", "odd": "1.3.6.1.4.1.55555.2"}
    return tlv(0x30, *(oid(known[n]) for n in names))


GENERAL = {"email": 0x81, "dns": 0x82, "uri": 0x86, "ip": 0x87}


def general_name(kind, value):
    """Bytes for addresses and networks and, as a whole Name, for "dir"; text for the others."""
    if kind == "dir":
        return tlv(0xA4, value)
    if kind == "other":
        return tlv(0xA0, oid("1.3.6.1.4.1.55555.3"), tlv(0xA0, tlv(0x0C, value.encode())))
    return tlv(GENERAL[kind], value if isinstance(value, bytes) else value.encode())


def alt_names(*names):
    return tlv(0x30, *(general_name(*n) for n in names))


def name_constraints(permitted, excluded):
    def subtrees(tag, names):
        return tlv(tag, *(tlv(0x30, general_name(*n)) for n in names)) if names else b""
    return tlv(0x30, subtrees(0xA0, permitted), subtrees(0xA1, excluded))


def policies(*dotted):
    return tlv(0x30, *(tlv(0x30, oid(p)) for p in dotted))


def policy_mappings(*pairs):
    return tlv(0x30, *(tlv(0x30, oid(a), oid(b)) for a, b in pairs))


def policy_constraints(require=None, inhibit=None):
    def small(tag, value):
        return b"" if value is None else tlv(tag, bytes([value]))
    return tlv(0x30, small(0x80, require), small(0x81, inhibit))


def basic_constraints(ca, path_len=None):
    return tlv(0x30, b"\x01\x01\xff" if ca else b"", b"" if path_len is None else integer(path_len))
