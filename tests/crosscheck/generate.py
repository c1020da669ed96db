#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""tests/crosscheck/generate.py [-n 5000] [--seed 1]: random chains with random features and defects, one case of the limbo
schema a line. `features` names what was done to it; no expectation is made: three validators are asked."""
import argparse
import json
import random
import sys

from certs import Spec, alt_names, basic_constraints, encode, extended_key_usage, key_usage, make_keys, name_of, pem, tlv
from features import DAY, FEATURES, NOW
import features_path  # noqa: F401  adds its own

HOSTS = ["www.example.org", "mail.example.org", "a.b.example.org", "example.com", "shop.example.com", "x1.test.example.net"]


class Case:
    """path: leaf first, root last. extra: what the peer sends beside. trusted: the anchors, None: the root."""

    def __init__(self, number, rng, keys):
        self.number, self.rng, self.keys, self.features = number, rng, keys, []
        self.path, self.extra, self.trusted = [], [], None
        self.server, self.shuffled, self.send_root, self.left_out = rng.random() < 0.92, False, False, set()
        self.name = ("DNS", rng.choice(HOSTS)) if self.server else None
        self.sans = [("dns", self.name[1] if self.name else "client.example.org")]
        self.build()

    def build(self):
        slots = self.rng.sample(range(16), 6)
        depth = self.rng.choice((0, 1, 1, 2, 2, 3))
        keys = [self.keys[f"p256-{s}"] for s in slots]
        self.spare = keys[5]
        names = [name_of(("CN", self.sans[0][1]))]
        names += [name_of(("O", "Example"), ("CN", f"CA {i} of {self.number % 7}")) for i in range(depth)]
        names += [name_of(("C", "DE"), ("O", "Example"), ("CN", f"Root {self.number % 5}"))]
        for i, name in enumerate(names):
            up = min(i + 1, len(names) - 1)
            before, after = (30, 60) if i == 0 else (900, 900)
            spec = Spec(name, names[up], keys[i], keys[up], NOW - before * DAY, NOW + after * DAY, self.rng.getrandbits(63) | 1)
            self.fill(spec, i == 0, i == len(names) - 1)
            self.path.append(spec)

    def fill(self, spec, leaf, root):
        if leaf:
            spec.put("ku", key_usage("digital_signature"), True)
            spec.put("eku", extended_key_usage("server" if self.server else "client"))
            spec.put("san", alt_names(*self.sans))
        else:
            spec.put("bc", basic_constraints(True), True)
            spec.put("ku", key_usage("key_cert_sign", "crl_sign"), True)
        spec.put("ski", tlv(4, spec.key.id))
        if not root:
            spec.put("aki", tlv(0x30, tlv(0x80, spec.issuer_key.id)))

    # ---- what features use ----

    @property
    def leaf(self):
        return self.path[0]

    @property
    def root(self):
        return self.path[-1]

    def pick_ca(self, root=True):
        """An intermediate, or the root where it may be and there is no other."""
        cas = self.path[1:] if root else self.path[1:-1]
        return self.rng.choice(cas) if cas else None

    def rekey(self, i, key):
        """Another key for path[i], in what it signed and in the identifiers."""
        spec = self.path[i]
        spec.key = key
        spec.put("ski", tlv(4, key.id))
        below = [self.path[i - 1]] if i > 0 else []
        for child in below + ([spec] if spec is self.root else []):
            child.issuer_key = key
            if "aki" in child.exts:
                child.put("aki", tlv(0x30, tlv(0x80, key.id)))

    def set_sans(self, *names, critical=False):
        self.sans = list(names)
        self.leaf.put("san", alt_names(*self.sans), critical)

    def json(self):
        sent = [c for i, c in enumerate(self.path) if 0 < i < len(self.path) - (not self.send_root) and i not in self.left_out]
        sent = [*sent, *self.extra]
        if self.shuffled:
            self.rng.shuffle(sent)
        trusted = [self.root] if self.trusted is None else self.trusted
        made = {}

        def text(spec):
            return made.setdefault(id(spec), pem(encode(spec)))
        return {"id": f"crosscheck::{self.number}", "features": sorted(set(self.features)),
                "validation_kind": "SERVER" if self.server else "CLIENT", "trusted_certs": [text(c) for c in trusted],
                "untrusted_intermediates": [text(c) for c in sent], "peer_certificate": text(self.leaf),
                "validation_time": NOW.isoformat(), "signature_algorithms": [], "key_usage": [],
                "extended_key_usage": ["serverAuth" if self.server else "clientAuth"],
                "expected_peer_name": {"kind": self.name[0], "value": self.name[1]} if self.name else None,
                "expected_peer_names": [], "max_chain_depth": None, "crls": []}


# ---- cases ----

def make_case(number, seed, keys):
    rng = random.Random(f"{seed} {number}")
    case = Case(number, rng, keys)
    wanted = rng.choice((0, 1, 1, 1, 1, 2, 2, 3))
    functions, weights = zip(*FEATURES)
    for function in rng.choices(functions, weights, k=wanted):
        said = function(case)
        if said:
            case.features.append(said)
    return case.json()


def cases(n, seed):
    keys = make_keys(seed)
    return (make_case(i, seed, keys) for i in range(n))


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("-n", type=int, default=5000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    for case in cases(given.n, given.seed):
        json.dump(case, sys.stdout)
        print()


if __name__ == "__main__":
    main()
