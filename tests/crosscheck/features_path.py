# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What may be done to a chain, part two: signatures, keys, other paths, policies and identifiers."""
from certs import (basic_constraints, key_usage, name_constraints, name_of, policies, policy_constraints,
                   policy_mappings, tlv)
from features import DAY, NOW, feature

POLICY = ["1.3.6.1.4.1.55555.10.1", "1.3.6.1.4.1.55555.10.2"]
ANY_POLICY = "2.5.29.32.0"


@feature(3)
def extension_unknown(c):
    spec, critical = c.rng.choice(c.path), c.rng.random() < 0.7
    spec.put("unknown", tlv(4, b"x"), critical)
    return f"ext-{'critical' if critical else 'unknown'}-{'leaf' if spec is c.leaf else 'root' if spec is c.root else 'ca'}"


@feature(2)
def extension_twice(c):
    spec = c.rng.choice(c.path)
    spec.twice = c.rng.choice([*spec.exts])
    return "ext-twice"


@feature(3)
def signature_broken(c):
    spec = c.rng.choice(c.path)
    spec.broken = True
    return f"signature-broken-{'root' if spec is c.root else 'other'}"


@feature(2)
def signature_sha1(c):
    spec = c.rng.choice(c.path)
    if spec.issuer_key.kind == "ed":
        return None
    spec.hash = "sha1"
    return f"sha1-{'root' if spec is c.root else 'other'}"


@feature(1)
def algorithm_differs(c):
    spec = c.rng.choice(c.path)
    spec.outer_hash = "sha384"
    return f"algorithm-differs-{'root' if spec is c.root else 'other'}"


@feature(5)
def key_kind(c):
    i = c.rng.randrange(len(c.path))
    kind = c.rng.choice(("p384", "p521", "ed25519", "rsa2048", "rsa1024"))
    c.rekey(i, c.keys[kind])
    if kind in ("p384", "p521") and i > 0:
        c.path[i - 1].hash = c.rng.choice(("sha256", "sha384", "sha512"))
    return f"key-{kind}"


@feature(4)
def cross_signed(c):
    """The same CA once more, from another root, trusted or not, itself good or not; in front of the good one or behind."""
    ca = c.pick_ca(root=False)
    if not ca:
        return None
    other = c.root.copy(subject=name_of(("CN", "Other Root")), issuer=name_of(("CN", "Other Root")), key=c.spare,
                        issuer_key=c.spare, exts={})
    c.fill(other, False, True)
    twin = ca.copy(issuer=other.subject, issuer_key=c.spare, serial=99)
    twin.put("aki", tlv(0x30, tlv(0x80, c.spare.id)))
    kind = c.rng.choice(("untrusted", "trusted", "expired", "only-other", "other-constrained"))
    if kind == "expired":
        twin.not_after = NOW - DAY
    if kind == "other-constrained":
        twin.put("nc", name_constraints([("dns", "nowhere.test")], []), True)
    if kind != "untrusted":
        c.trusted = [other] if kind == "only-other" else c.rng.sample([c.root, other], 2)
    c.extra.append(twin)
    c.shuffled = True
    return f"cross-{kind}"


@feature(3)
def decoy(c):
    """Another CA under the same name, with another key; with or without a key identifier that tells them apart."""
    ca = c.pick_ca()
    fake = ca.copy(key=c.spare, serial=98)
    kind = c.rng.choice(("ski", "no-ski", "same-ski"))
    if kind != "same-ski":
        fake.put("ski", tlv(4, c.spare.id))
    if kind == "no-ski":
        fake.drop("ski")
        c.path[c.path.index(ca) - 1].drop("aki")
    if ca is c.root:
        fake.issuer_key = c.spare
        c.trusted = [fake, c.root]
    else:
        c.extra.insert(0, fake)
        c.shuffled = True
    return f"decoy-{kind}"


@feature(2)
def twin_expired(c):
    """The same CA with the same key once more, run out, and it may come first."""
    ca = c.pick_ca()
    old = ca.copy(not_before=NOW - 2000 * DAY, not_after=NOW - 10 * DAY, serial=97)
    if ca is c.root:
        c.trusted = c.rng.sample([old, c.root], 2)
    else:
        c.extra.append(old)
        c.shuffled = True
    return "twin-expired"


@feature(3)
def order(c):
    c.shuffled = True
    kind = c.rng.choice(("shuffled", "root-sent", "duplicates", "unrelated", "leaf-again"))
    c.send_root = c.send_root or kind == "root-sent"
    name = name_of(("CN", "Stranger"))
    stranger = c.root.copy(subject=name, issuer=name, key=c.spare, issuer_key=c.spare)
    c.extra += {"duplicates": c.path[1:-1], "unrelated": [stranger], "leaf-again": [c.leaf]}.get(kind, [])
    return f"order-{kind}"


@feature(2)
def missing(c):
    if len(c.path) < 3:
        return None
    c.left_out.add(c.rng.randrange(1, len(c.path) - 1))
    return "intermediate-missing"


@feature(2)
def self_signed(c):
    c.leaf.issuer, c.leaf.issuer_key = c.leaf.subject, c.leaf.key
    c.leaf.drop("aki")
    trusted = c.rng.random() < 0.5
    if trusted:
        c.trusted = [c.root, c.leaf]
    return f"self-signed-{'trusted' if trusted else 'leaf'}"


@feature(2)
def anchor_below(c):
    i = c.rng.randrange(len(c.path) - 1)
    c.trusted = [c.path[i]]
    c.send_root = c.rng.random() < 0.3
    return f"anchor-{'leaf' if i == 0 else 'intermediate'}"


@feature(2)
def trust_other(c):
    other = c.root.copy(subject=name_of(("CN", "Somebody")), issuer=name_of(("CN", "Somebody")))
    c.trusted = [other]
    return "trust-other"


@feature(6)
def certificate_policies(c):
    kind = c.rng.choice(("listed", "explicit", "mismatch", "any", "mapped", "inhibited", "mapping-inhibited", "none"))
    require = c.rng.choice((0, 0, 1, 2))
    cas = c.path[1:]
    for spec in c.path[:-1]:
        spec.put("policies", policies(ANY_POLICY if kind in ("any", "inhibited") and spec is not c.leaf else POLICY[0]))
    if kind in ("mismatch", "mapped", "mapping-inhibited"):
        c.leaf.put("policies", policies(POLICY[1]))
    if kind == "none":
        c.leaf.drop("policies")
    if kind in ("mapped", "mapping-inhibited") and len(c.path) > 2:
        c.path[1].put("mappings", policy_mappings((POLICY[0], POLICY[1])), c.rng.random() < 0.8)
    if kind == "inhibited":
        c.rng.choice(cas).put("iap", b"\2\1" + bytes([c.rng.choice((0, 1))]), c.rng.random() < 0.8)
    if kind != "listed":
        c.rng.choice(cas).put("pc", policy_constraints(require, 0 if kind == "mapping-inhibited" else None), c.rng.random() < 0.8)
    return f"policies-{kind}"


@feature(4)
def key_identifiers(c):
    kind = c.rng.choice(("aki-none", "aki-wrong", "aki-serial", "aki-serial-wrong", "aki-critical", "ski-none", "ski-critical",
                         "root-aki", "aki-empty"))
    i = c.rng.randrange(len(c.path) - 1)
    child, issuer = c.path[i], c.path[i + 1]
    names = tlv(0xA1, tlv(0xA4, issuer.issuer))
    serial = issuer.serial + (kind == "aki-serial-wrong")
    both = names + tlv(0x82, serial.to_bytes(serial.bit_length() // 8 + 1, "big", signed=True))
    good = tlv(0x80, issuer.key.id)
    rows = {"aki-wrong": tlv(0x30, tlv(0x80, b"\1" * 20)), "aki-serial": tlv(0x30, good, both),
            "aki-serial-wrong": tlv(0x30, both), "aki-critical": tlv(0x30, good), "aki-empty": tlv(0x30)}
    if kind in rows:
        child.put("aki", rows[kind], kind == "aki-critical")
    elif kind == "aki-none":
        child.drop("aki")
    elif kind == "root-aki":
        c.root.put("aki", tlv(0x30, tlv(0x80, c.root.key.id if c.rng.random() < 0.5 else b"\2" * 20)))
    else:
        issuer.drop("ski")
        if kind == "ski-critical":
            issuer.put("ski", tlv(4, issuer.key.id), True)
    return kind


@feature(3)
def serial_number(c):
    spec, kind = c.rng.choice(c.path), c.rng.choice(("zero", "negative", "long"))
    spec.serial = {"zero": 0, "negative": -5, "long": 1 << 162}[kind]
    return f"serial-{kind}-{'root' if spec is c.root else 'other'}"


@feature(1)
def version_leaf(c):
    c.leaf.version = c.rng.choice((1, 2))
    return "version-leaf"


@feature(2)
def leaf_is_ca(c):
    c.leaf.put("bc", basic_constraints(True), True)
    c.leaf.put("ku", key_usage("digital_signature", "key_cert_sign"), True)
    return "leaf-ca"


@feature(2)
def name_encoding(c):
    """The child writes its issuer's name in other words: another string type, another case, more blanks."""
    i = c.rng.randrange(len(c.path) - 1)
    kind = c.rng.choice(("printable", "case", "blanks"))
    text = {"printable": "Encoded CA", "case": "ENCODED ca", "blanks": "Encoded  CA "}[kind]
    issuer = c.path[i + 1]
    issuer.subject = name_of(("O", "Example"), ("CN", "Encoded CA"))
    if issuer is c.root:
        issuer.issuer = issuer.subject
    c.path[i].issuer = name_of(("O", "Example"), ("CN", text), tag=0x13 if kind == "printable" else 0x0C)
    return f"encoding-{kind}"


@feature(1)
def must_staple(c):
    c.leaf.put("tlsfeature", tlv(0x30, b"\2\1\5"))
    return "must-staple"
