#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""TLS 1.2 handshakes computed from the RFCs alone: tls12.py [FILE] reads what is `given` (hellos, certificates, private
keys, application data) and prints FILE (default: tls12.json beside it) with everything `computed` afresh.

No code of the project is used: hashes and HMAC are Python's; AES-GCM, ChaCha20-Poly1305, X25519 and signatures are those of
python3-cryptography; the PRF, the messages and the records are written out below. RSA encryption is arithmetic, so that its
padding can be given. tests/vectors/test_tls12.c runs the same handshakes and compares."""
import hashlib
import hmac
import json
import os
import struct
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

# code: hash, AEAD, bytes of key, bytes of IV (RFC 5288, RFC 5289, RFC 7905)
SUITES = {
    0x009C: ("sha256", AESGCM, 16, 4),             # TLS_RSA_WITH_AES_128_GCM_SHA256
    0xC02F: ("sha256", AESGCM, 16, 4),             # TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    0xC030: ("sha384", AESGCM, 32, 4),             # TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
    0xCCA9: ("sha256", ChaCha20Poly1305, 32, 12),  # TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
}
STATIC_RSA = {0x009C}
VERSION = b"\x03\x03"
HANDSHAKE, APPLICATION_DATA = 22, 23
CERTIFICATE, SERVER_KEY_EXCHANGE, SERVER_HELLO_DONE, CLIENT_KEY_EXCHANGE, FINISHED = 11, 12, 14, 16, 20
EXTENDED_MASTER_SECRET = 23
NAMED_CURVE, X25519 = 3, 29
RSA_PKCS1_SHA256, ED25519 = 0x0401, 0x0807


# --- RFC 5246 5: the PRF ---

def p_hash(name, secret, seed, length):
    out, a = b"", seed
    while len(out) < length:
        a = hmac.new(secret, a, name).digest()
        out += hmac.new(secret, a + seed, name).digest()
    return out[:length]


def prf(name, secret, label, seed, length):
    return p_hash(name, secret, label.encode() + seed, length)


# --- messages (RFC 5246 7.4, RFC 8422 5) ---

def vector(width, content):
    return len(content).to_bytes(width, "big") + content


def message(kind, body):
    return bytes([kind]) + vector(3, body)


class Hello:
    """A ClientHello or ServerHello, as far as it is needed."""

    def __init__(self, data, from_server):
        body = data[4:]
        assert len(body) == int.from_bytes(data[1:4], "big") and body[:2] == VERSION
        self.random, at = body[2:34], 34
        self.session_id = body[at + 1:at + 1 + body[at]]
        at += 1 + body[at]
        if from_server:
            self.suite = int.from_bytes(body[at:at + 2], "big")
            at += 3
        else:
            at += 2 + int.from_bytes(body[at:at + 2], "big")
            at += 1 + body[at]
        self.extensions, end = set(), at + 2 + int.from_bytes(body[at:at + 2], "big")
        assert end == len(body)
        at += 2
        while at < end:
            kind, length = struct.unpack("!HH", body[at:at + 4])
            self.extensions.add(kind)
            at += 4 + length


def server_key_exchange(key, point, randoms):
    params = bytes([NAMED_CURVE]) + X25519.to_bytes(2, "big") + vector(1, point)
    if isinstance(key, rsa.RSAPrivateKey):
        scheme, signature = RSA_PKCS1_SHA256, key.sign(randoms + params, padding.PKCS1v15(), hashes.SHA256())
    else:
        scheme, signature = ED25519, key.sign(randoms + params)
    return message(SERVER_KEY_EXCHANGE, params + scheme.to_bytes(2, "big") + vector(2, signature))


def raw(key):
    """The 32 bytes of a public key of X25519."""
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def rsa_encrypt(key, premaster, filling):
    """RFC 8017 7.2.1, with the padding string that is given."""
    numbers = key.public_key().public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    block = b"\0\2" + filling + b"\0" + premaster
    assert len(block) == size and 0 not in filling
    return pow(int.from_bytes(block, "big"), numbers.e, numbers.n).to_bytes(size, "big")


# --- record protection (RFC 5246 6.2.3.3, RFC 5288 3, RFC 7905 2) ---

def record(aead, key, iv, sequence, kind, content):
    number = sequence.to_bytes(8, "big")
    if aead is AESGCM:
        explicit, nonce = number, iv + number  # the explicit part is the sender's choice: ours is the sequence number
    else:
        explicit, nonce = b"", bytes(a ^ b for a, b in zip(iv, bytes(4) + number))
    header = bytes([kind]) + VERSION
    sealed = explicit + aead(key).encrypt(nonce, content, number + header + len(content).to_bytes(2, "big"))
    return header + vector(2, sealed)


# --- a handshake ---

class Handshake:
    def __init__(self, file, given, done):
        self.given, self.done, self.out, self.messages = given, done, {}, b""
        self.client_hello, self.server_hello = self.bytes("ClientHello"), self.bytes("ServerHello")
        client, self.server = Hello(self.client_hello, False), Hello(self.server_hello, True)
        self.hash, self.aead, self.key_length, self.iv_length = SUITES[self.server.suite]
        self.randoms = client.random + self.server.random
        self.extended = EXTENDED_MASTER_SECRET in client.extensions & self.server.extensions
        self.resumed = client.session_id != b"" and client.session_id == self.server.session_id
        certificate = file["certificates"][given["certificate"]]
        self.chain = [bytes.fromhex(certificate["leaf"]), bytes.fromhex(file["certificates"]["root"])]
        self.key = serialization.load_pem_private_key(certificate["key"].encode(), None)

    def bytes(self, name):
        return bytes.fromhex(self.given[name])

    def put(self, name, value):
        self.out[name] = value.hex()
        return value

    def say(self, name, data):
        self.messages += self.put(name, data)

    def transcript(self):
        return hashlib.new(self.hash, self.messages).digest()

    def exchange(self):
        """Everything from Certificate to ClientKeyExchange; returns the premaster secret."""
        self.say("Certificate", message(CERTIFICATE, vector(3, b"".join(vector(3, der) for der in self.chain))))
        if self.server.suite in STATIC_RSA:
            premaster = self.bytes("premaster")
            share = vector(2, rsa_encrypt(self.key, premaster, self.bytes("padding")))
        else:
            server, client = (X25519PrivateKey.from_private_bytes(self.bytes(f"{end}_private_key"))
                              for end in ("server", "client"))
            self.say("ServerKeyExchange", server_key_exchange(self.key, raw(server), self.randoms))
            premaster = server.exchange(client.public_key())
            assert premaster == client.exchange(X25519PublicKey.from_public_bytes(raw(server)))
            share = vector(1, raw(client))
        self.say("ServerHelloDone", message(SERVER_HELLO_DONE, b""))
        self.say("ClientKeyExchange", message(CLIENT_KEY_EXCHANGE, share))
        return self.put("premaster_secret", premaster)

    def master_secret(self):
        if self.resumed:
            return bytes.fromhex(self.done[self.given["session_of"]]["master_secret"])
        premaster = self.exchange()
        if self.extended:  # RFC 7627 4
            session_hash = self.put("session_hash", self.transcript())
            return prf(self.hash, premaster, "extended master secret", session_hash, 48)
        return prf(self.hash, premaster, "master secret", self.randoms, 48)  # RFC 5246 8.1

    def keys(self, master):
        """RFC 5246 6.3: AEAD suites have no MAC keys."""
        server_first = self.randoms[32:] + self.randoms[:32]
        block = self.put("key_block", prf(self.hash, master, "key expansion", server_first,
                                          2 * self.key_length + 2 * self.iv_length))
        parts, at = {}, 0
        for name, length in (("client_write_key", self.key_length), ("server_write_key", self.key_length),
                             ("client_write_IV", self.iv_length), ("server_write_IV", self.iv_length)):
            parts[name] = self.put(name, block[at:at + length])
            at += length
        return parts

    def finished(self, end, master):
        """RFC 5246 7.4.9"""
        data = self.put(f"{end}_verify_data", prf(self.hash, master, f"{end} finished", self.transcript(), 12))
        self.say(f"{end}_Finished", message(FINISHED, data))

    def records(self, end, keys):
        finished, data = bytes.fromhex(self.out[f"{end}_Finished"]), self.bytes(f"{end}_data")
        for sequence, (name, kind, content) in enumerate([("Finished", HANDSHAKE, finished),
                                                          ("data", APPLICATION_DATA, data)]):
            self.put(f"{end}_{name}_record", record(self.aead, keys[f"{end}_write_key"], keys[f"{end}_write_IV"], sequence,
                                                    kind, content))

    def compute(self):
        self.messages = self.client_hello + self.server_hello
        master = self.put("master_secret", self.master_secret())
        keys = self.keys(master)
        ends = ("server", "client") if self.resumed else ("client", "server")
        for end in ends:
            self.finished(end, master)
        for end in ends:
            self.records(end, keys)
        if self.extended:  # RFC 5705 4; without it there is none (RFC 7627 5.4)
            context = vector(2, self.bytes("exporter_context"))
            self.put("exporter", prf(self.hash, master, self.given["exporter_label"], self.randoms + context, 32))
        return self.out


def compute(file):
    done = {}
    for handshake in file["handshakes"]:
        handshake["computed"] = Handshake(file, handshake["given"], done).compute()
        done[handshake["id"]] = handshake["computed"]
    return json.dumps(file, indent=1) + "\n"


def main():
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tls12.json")
    with open(sys.argv[1] if len(sys.argv) > 1 else beside, encoding="utf-8") as f:
        sys.stdout.write(compute(json.load(f)))


if __name__ == "__main__":
    main()
