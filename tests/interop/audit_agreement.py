# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What the auditor says of the zoo beside what other scanners say: facts compared one by one, and every difference with its reason."""
import re
from dataclasses import dataclass

from audit_scanners import SUITE_NAMES, TLS

VERSIONS = tuple(TLS.values())


@dataclass(frozen=True)
class Difference:
    scanner: str
    animal: str
    what: str  # "version", "suite", "group", "chain", "trait"
    item: str  # "TLS 1.2 TLS_RSA_…", "names of RSA 2048"
    ours: object
    theirs: object

    def __str__(self):
        return f"{self.animal}: {self.scanner} {self.what} {self.item}: {self.theirs}, ours {self.ours}"


def sets(ours, theirs):
    """(item, ours, theirs) of each that one of them has"""
    return [(item, item in ours, item in theirs) for item in sorted(ours | theirs)]


def named(version, code):
    return f"{version} {SUITE_NAMES.get(code, hex(code)) if isinstance(code, int) else code}"


def rows_of(ours, theirs):
    """Everything that both look at: (what, item, ours, theirs)"""
    if theirs.versions is not None:
        yield from (("version", v, v in ours.versions, v in theirs.versions) for v in VERSIONS if v not in theirs.unsaid)
    for version in ours.versions & set(theirs.suites or {}) if theirs.suites is not None else ():
        yield from (("suite", named(version, code), a, b) for code, a, b in sets(ours.suites[version], theirs.suites[version]))
    if theirs.groups is not None:
        yield from (("group", *row) for row in sets(ours.groups, theirs.groups))
    yield from (("chain", key, a, b) for key, a, b in sets(set(ours.chains), set(theirs.chains)) if theirs.chains)
    for key in sorted(set(ours.chains) & set(theirs.chains)):
        mine, other = ours.chains[key], theirs.chains[key]
        yield from (("chain", f"{fact} of {key}", mine[fact], other[fact]) for fact in sorted(other) if fact in mine)
    yield from (("trait", trait, ours.traits[trait], said) for trait, said in sorted(theirs.traits.items()) if trait in ours.traits)


def compare(scanner, animal, ours, theirs):
    """(how many facts are the same by what they are, the differences)"""
    same, differences = {}, []
    for what, item, mine, other in rows_of(ours, theirs):
        if mine == other:
            same[what] = same.get(what, 0) + 1
        else:
            differences.append(Difference(scanner, animal, what, item, mine, other))
    return same, differences


@dataclass(frozen=True)
class Reason:
    """Patterns of whole words; `ours` None: whatever it is."""
    scanner: str
    animal: str
    what: str
    item: str
    ours: object
    why: str

    def fits(self, d):
        return (re.fullmatch(self.scanner, d.scanner) and re.fullmatch(self.animal, d.animal) and re.fullmatch(self.what, d.what) and
                re.fullmatch(self.item, d.item) and self.ours in (None, d.ours))


def reason_of(difference, reasons):
    return next((reason for reason in reasons if reason.fits(difference)), None)
