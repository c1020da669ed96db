# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What may be done to a chain, part one: validity, names, usages and name constraints. Each function takes a case, changes
it and says what it did, or None when that does not fit."""
import datetime
import ipaddress

from certs import UTC, basic_constraints, extended_key_usage, key_usage, name_constraints, name_of, tlv

NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY, SECOND = datetime.timedelta(days=1), datetime.timedelta(seconds=1)
FEATURES = []


def feature(weight=1):
    def add(function):
        FEATURES.append((function, weight))
        return function
    return add


@feature(3)
def validity(c):
    spec = c.rng.choice(c.path)
    kind = c.rng.choice(("expired", "future", "last-second", "first-second", "just-over"))
    spec.not_after = {"expired": NOW - DAY, "last-second": NOW, "just-over": NOW - SECOND}.get(kind, spec.not_after)
    spec.not_before = {"future": NOW + DAY, "first-second": NOW}.get(kind, spec.not_before)
    if spec.not_after < spec.not_before:
        spec.not_before = spec.not_after - 100 * DAY
    return f"validity-{kind}-{'leaf' if spec is c.leaf else 'root' if spec is c.root else 'ca'}"


@feature(2)
def name_wrong(c):
    if not c.name:
        return None
    c.name = ("DNS", "other.example.edu")
    return "name-wrong"


@feature(4)
def name_wildcard(c):
    """What the certificate says and what is asked for."""
    if not c.server:
        return None
    rows = {"match": ("*.example.org", "www.example.org"), "two-labels": ("*.example.org", "a.b.example.org"),
            "apex": ("*.example.org", "example.org"), "partial": ("w*.example.org", "www.example.org"),
            "inner": ("www.*.org", "www.example.org"), "tld": ("*.org", "example.org"), "bare": ("*", "localhost"),
            "double": ("*.*.example.org", "a.b.example.org"), "suffix": ("*.co.uk", "example.co.uk"),
            "idna": ("xn--*.example.org", "xn--bcher-kva.example.org"), "case": ("*.EXAMPLE.org", "WWW.example.ORG"),
            "asked": ("*.example.org", "*.example.org")}
    kind = c.rng.choice([*rows])
    c.set_sans(("dns", rows[kind][0]))
    c.leaf.subject = name_of(("O", "Example"))
    c.name = ("DNS", rows[kind][1])
    return f"wildcard-{kind}"


@feature(3)
def name_odd(c):
    if not c.server:
        return None
    rows = {"upper": ("WWW.Example.ORG", "www.example.org"), "dot-in-cert": ("www.example.org.", "www.example.org"),
            "underscore": ("a_b.example.org", "a_b.example.org"), "single": ("localhost", "localhost"),
            "space": (" www.example.org", "www.example.org"), "nul": ("www.example.org\0.evil.test", "www.example.org"),
            "empty": ("", "www.example.org"), "utf8": ("bücher.example.org", "www.example.org"),
            "hyphen": ("-www.example.org", "-www.example.org"), "star-ip": ("*.0.2.1", "192.0.2.1"),
            "ip-as-dns": ("192.0.2.1", "192.0.2.1"), "long": ("a" * 64 + ".example.org", "a" * 64 + ".example.org")}
    kind = c.rng.choice([*rows])
    names = [("dns", rows[kind][0])] + ([("dns", "www.example.org")] if kind in ("space", "utf8", "empty") else [])
    c.set_sans(*names)
    c.leaf.subject = name_of(("O", "Example"))
    c.name = ("IP" if rows[kind][1][0] == "1" else "DNS", rows[kind][1])
    return f"name-{kind}"


@feature(3)
def name_ip(c):
    if not c.server:
        return None
    rows = {"v4": ("192.0.2.7", "192.0.2.7"), "v6": ("2001:db8::7", "2001:db8::7"), "wrong": ("192.0.2.7", "192.0.2.8"),
            "mapped": ("::ffff:192.0.2.7", "192.0.2.7")}
    kind = c.rng.choice([*rows])
    c.set_sans(("dns", "www.example.org"), ("ip", ipaddress.ip_address(rows[kind][0]).packed))
    c.leaf.subject = name_of(("CN", "www.example.org"))
    c.name = ("IP", rows[kind][1])
    return f"ip-{kind}"


@feature(2)
def san_none(c):
    kind = c.rng.choice(("cn-only", "nothing", "email-only", "other-only", "bad-ip", "no-names"))
    c.leaf.drop("san")
    if kind == "nothing":
        c.leaf.subject = name_of(("O", "Example"))
    rows = {"email-only": [("email", "a@example.org")], "other-only": [("other", "x")], "no-names": [],
            "bad-ip": [*c.sans, ("ip", b"\1\2\3\4\5")]}
    if kind in rows:
        c.set_sans(*rows[kind])
    return f"san-{kind}"


@feature(2)
def subject_empty(c):
    kind = c.rng.choice(("critical", "unmarked"))
    c.leaf.subject = name_of()
    c.set_sans(*c.sans, critical=kind == "critical")
    return f"subject-empty-{kind}"


@feature(1)
def san_critical(c):
    c.set_sans(*c.sans, critical=True)
    return "san-critical"


@feature(2)
def common_name_other(c):
    c.leaf.subject = name_of(("CN", "another.example.net"))
    return "cn-other"


@feature(3)
def ca_flag(c):
    ca = c.pick_ca()
    kind = c.rng.choice(("missing", "false", "unmarked", "version1", "empty-subject"))
    if kind == "missing":
        ca.drop("bc")
    elif kind == "version1":
        ca.version = 1
    elif kind == "empty-subject":
        below = c.path[c.path.index(ca) - 1]
        ca.subject = below.issuer = name_of()
        if ca is c.root:
            ca.issuer = ca.subject
    else:
        ca.put("bc", basic_constraints(kind == "unmarked"), kind == "false")
    return f"ca-{kind}-{'root' if ca is c.root else 'ca'}"


@feature(3)
def usage_ca(c):
    ca = c.pick_ca()
    kind = c.rng.choice(("none", "no-cert-sign", "crl-only"))
    ca.drop("ku")
    if kind != "none":
        ca.put("ku", key_usage("crl_sign" if kind == "crl-only" else "digital_signature"), c.rng.random() < 0.7)
    return f"ku-ca-{kind}-{'root' if ca is c.root else 'ca'}"


@feature(3)
def usage_leaf(c):
    rows = {"none": None, "encipherment": ["key_encipherment"], "agreement": ["key_agreement"], "commitment": [
        "content_commitment"], "cert-sign": ["digital_signature", "key_cert_sign"], "data": ["data_encipherment"]}
    kind = c.rng.choice([*rows])
    c.leaf.drop("ku")
    if rows[kind]:
        c.leaf.put("ku", key_usage(*rows[kind]), c.rng.random() < 0.7)
    return f"ku-leaf-{kind}"


@feature(4)
def eku_leaf(c):
    kind = c.rng.choice(("none", "server", "client", "code", "any", "server client", "odd", "any server", "critical"))
    c.leaf.drop("eku")
    if kind == "critical":
        c.leaf.put("eku", extended_key_usage("server", "client"), True)
    elif kind != "none":
        c.leaf.put("eku", extended_key_usage(*kind.split()))
    return f"eku-leaf-{kind.replace(' ', '-')}"


@feature(4)
def eku_ca(c):
    ca = c.pick_ca()
    kind = c.rng.choice(("server", "client", "code", "any", "server client", "odd", "ocsp"))
    ca.put("eku", extended_key_usage(*kind.split()), c.rng.random() < 0.2)
    return f"eku-{'root' if ca is c.root else 'ca'}-{kind.replace(' ', '-')}"


@feature(4)
def path_length(c):
    ca = c.pick_ca()
    below = c.path.index(ca) - 1
    length = max(0, below + c.rng.choice((-2, -1, -1, 0, 1)))
    ca.put("bc", basic_constraints(True, length), True)
    return f"pathlen-{'short' if length < below else 'enough'}"


@feature(2)
def path_length_leaf(c):
    c.leaf.put("bc", basic_constraints(False, 0) if c.rng.random() < 0.5 else basic_constraints(False), True)
    return "pathlen-leaf"


@feature(2)
def self_issued(c):
    """A CA renews its key: a certificate of the old key for the new one, under the same name."""
    i = c.rng.randrange(1, len(c.path))
    ca = c.path[i]
    c.path[i - 1].issuer_key = c.spare
    c.path[i - 1].put("aki", tlv(0x30, tlv(0x80, c.spare.id)))
    link = ca.copy(issuer=ca.subject, issuer_key=ca.key, key=c.spare, serial=77)
    link.put("ski", tlv(4, c.spare.id))
    link.put("aki", tlv(0x30, tlv(0x80, ca.key.id)))
    for name in ("nc", "pc", "iap", "policies", "eku"):
        link.drop(name)
    link.put("bc", basic_constraints(True), True)
    c.path.insert(i, link)
    if c.rng.random() < 0.5:
        ca.put("bc", basic_constraints(True, i - 1), True)
    return "self-issued"


def network(text):
    net = ipaddress.ip_network(text)
    return net.network_address.packed + net.netmask.packed


BASES = {
    "dns": ["example.org", "example.com", "www.example.org", "other.test", "", ".example.org", "org", "EXAMPLE.org", "ample.org"],
    "ip": [network("192.0.2.0/24"), network("198.51.100.0/24"), network("0.0.0.0/0"), network("2001:db8::/32"), network("::/0"),
           bytes([192, 0, 2, 0, 255, 0, 255, 0])],
    "email": ["example.org", ".example.org", "a@example.org", "other.test", "A@example.org", ""],
    "uri": ["example.org", ".example.org", "other.test", "www.example.org"],
    "dir": [name_of(("O", "Example")), name_of(("O", "Other")), name_of(("CN", "www.example.org")), name_of(),
            name_of(("O", "EXAMPLE"), tag=0x13)],
    "other": ["x"],
}
NAMES = {
    "dns": ["www.example.org", "*.example.org", "example.org", "deep.www.example.org", "shop.example.com", "evilexample.org"],
    "ip": [ipaddress.ip_address(a).packed for a in ("192.0.2.1", "198.51.100.1", "2001:db8::1", "2001:dead::1")],
    "email": ["a@example.org", "b@example.org", "a@mail.example.org", "a@other.test", "\"a b\"@example.org", "A@Example.ORG"],
    "uri": ["https://www.example.org/x", "https://example.org", "urn:x:y", "https://192.0.2.1/", "https://u@www.example.org:8/"],
    "dir": [name_of(("O", "Example"), ("CN", "x")), name_of(("O", "Nobody"))],
    "other": ["x"],
}


@feature(16)
def constraints(c):
    """One or two subtrees on a CA, and one or two names of that kind on the leaf."""
    kind = c.rng.choice(("dns", "dns", "dns", "ip", "ip", "email", "uri", "dir", "dir", "other"))
    side = c.rng.choice(("permitted", "excluded"))
    ca = c.pick_ca()
    bases = [(kind, b) for b in c.rng.sample(BASES[kind], min(len(BASES[kind]), c.rng.choice((1, 1, 2))))]
    critical = c.rng.random() < 0.8
    other = [("dns", "excluded.test")] if c.rng.random() < 0.2 else []
    value = name_constraints(bases, other) if side == "permitted" else name_constraints(other, bases)
    ca.put("nc", value, critical)
    if c.rng.random() < 0.85:
        c.set_sans(*c.sans, *((kind, n) for n in c.rng.sample(NAMES[kind], min(len(NAMES[kind]), c.rng.choice((1, 1, 2))))))
    if kind in ("dir", "email") and c.rng.random() < 0.4:
        common_name = c.sans[0][1] if isinstance(c.sans[0][1], str) else "x"
        c.leaf.subject = name_of(("O", "Example"), ("CN", common_name), ("E", "a@example.org"))
        c.features.append("subject-email")
    if kind == "email" and "" in [base for _, base in bases]:
        c.features.append("nc-empty")
    return f"nc-{kind}-{side}{'' if critical else '-unmarked'}"


@feature(1)
def constraints_leaf(c):
    c.leaf.put("nc", name_constraints([("dns", "example.org")], []), True)
    return "nc-leaf"
