# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Every server of the zoo, audited by all books: what the audit sees, what it must and must not find, and over all of them that each
rule of each book fired somewhere and stayed silent somewhere."""
import collections
import concurrent.futures
import json
import os

import pytest

from audit_servers import World
from audit_zoo import UNSHOWN, ZOO
from interop import BIN, run

BOOKS = ("default", "modern", "pci-dss-4.0.1", "nist-800-52r2", "bsi-tr-02102-2", "mozilla-intermediate")
SIDE_BY_SIDE = 2
LIMIT = 300  # seconds of an audit, its own limit: a machine under load is slow


def audit(world, animal):
    """(exit status, the target's report)"""
    with animal.start(world) as place:
        words = [BIN, "audit", "--json", "--ca", world.pki.ca, "--servername", "localhost", "--timeout", "30", *animal.words.split()]
        for book in BOOKS:
            words += ["--policy", book]
        if place.plain:
            words += ["--plain-port", place.plain]
        done = run([*words, f"127.0.0.1:{place.port}"], timeout=LIMIT)
    assert done.returncode in (0, 1), (done.returncode, done.stderr.decode(errors="replace"))
    return done.returncode, json.loads(done.stdout)["targets"][0]


def attempt(world, name):
    try:
        return audit(world, ZOO[name])
    except BaseException as e:  # a skip, too: it is told where the animal's own test asks for it
        return e


@pytest.fixture(scope="session")
def reports(tmp_path_factory):
    """All animals, two at a time: an audit waits for its server more than it works."""
    world = World(tmp_path_factory.mktemp("zoo"))
    names = [name for name in ZOO if os.environ.get("HF_ZOO", "") in name]
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return dict(zip(names, pool.map(lambda name: attempt(world, name), names)))


def report_of(reports, name):
    if name not in reports:
        pytest.skip("HF_ZOO names others")
    if isinstance(reports[name], BaseException):
        raise reports[name]
    return reports[name]


def found_in(target):
    """Every word by which a finding may be named in the table: its check, its rule, and both with the finding's key."""
    words = collections.defaultdict(list)
    for judgement in target["judgements"]:
        for finding in judgement["findings"]:
            rule = finding["rule"].partition("/")[2]
            for word in {finding["check"], rule}:
                words[word].append(finding["id"])
                words[f"{word}#{finding['key']}"].append(finding["id"])
    return words


def names_of(rows):
    return {row["name"] for row in rows}


@pytest.mark.parametrize("name", ZOO)
def test_what_is_seen(reports, name):
    """Versions are exactly those of the table; suites, groups and traits as far as it names them."""
    animal, (_, target) = ZOO[name], report_of(reports, name)
    seen = target["seen"]
    versions = {v["name"] for v in seen["versions"] if v["state"] == "present"}
    assert versions == {("SSL " if word[0] in "23" else "TLS ") + (f"{word}.0" if word in "23" else word) for word in animal.versions.split()}
    assert not [v["name"] for v in seen["versions"] if v["state"] == "unknown"], seen["versions"]
    suites = set().union(*(names_of(v["suites"]) for v in seen["versions"]))
    assert suites >= set(animal.has.split()), sorted(suites)
    assert not suites & set(animal.lacks.split()), sorted(suites)
    groups = set().union(*(names_of(v["groups"]) for v in seen["versions"]))
    assert not animal.groups or {g for g in groups if not g.startswith("ffdhe")} == set(animal.groups.split()), groups
    assert {trait: seen["traits"][trait]["state"] for trait in animal.traits} == animal.traits, \
        {trait: seen["traits"][trait] for trait in animal.traits}


@pytest.mark.parametrize("name", ZOO)
def test_what_is_found(reports, name):
    animal, (status, target) = ZOO[name], report_of(reports, name)
    found = found_in(target)
    assert [word for word in animal.fires.split() if word not in found] == [], sorted(found)
    assert {word: found[word] for word in animal.silent.split() if word in found} == {}
    broken = {j["policy"] for j in target["judgements"] if j["broken"]}
    assert len(target["judgements"]) == len(BOOKS)
    assert broken >= set(animal.broken.split()), broken
    assert not broken & set(animal.kept.split()), [f for j in target["judgements"] for f in j["findings"]
                                                   if f["severity"] != "note" and j["policy"] in animal.kept.split()]
    assert status == bool(broken)
    assert target["complete"] and target["trouble"] is None, target["trouble"]


@pytest.mark.parametrize("name", ZOO)
def test_what_could_not_be_seen(reports, name):
    """A server that answers leaves few questions open, and each has its reason."""
    animal, (_, target) = ZOO[name], report_of(reports, name)
    open_ones = {trait: row["words"] for trait, row in target["seen"]["traits"].items() if row["state"] == "unknown"}
    assert all(open_ones.values()), open_ones
    unseen = {r["id"]: r["why"] for j in target["judgements"] for r in j["rules"] if r["verdict"] == "unseen"}
    assert all(unseen.values()), unseen
    expected = set(animal.open.split())
    if not (target["seen"]["http"] and target["seen"]["http"]["plain"]["port"]):
        expected.add("redirect")
    if not all(chain["staple"] and chain["staple"]["good"] == "present" for chain in target["seen"]["chains"]):
        expected.add("certificate-revoked")  # nothing is fetched, and no CRL is given
    assert {rule: why for rule, why in unseen.items() if rule.partition("/")[2] not in expected} == {}


def outcomes(reports):
    """{rule: the verdicts that it had}"""
    had = collections.defaultdict(set)
    for report in reports.values():
        if not isinstance(report, BaseException):
            for judgement in report[1]["judgements"]:
                for rule in judgement["rules"]:
                    had[rule["id"]].add("fired" if rule["findings"] else {"kept": "silent"}.get(rule["verdict"], rule["verdict"]))
    return had


def test_every_rule_fires_and_is_silent(reports):
    """What no server here shows is in a list with the reason, and nothing stands in that list that a server does show."""
    if len(reports) < len(ZOO):
        pytest.skip("HF_ZOO leaves some out")
    had = outcomes(reports)
    never = {rule: sorted({"fired", "silent"} - verdicts) for rule, verdicts in had.items() if not {"fired", "silent"} <= verdicts}
    named = {rule: sorted(what) for rule, what in never.items() if not set(what) <= UNSHOWN.get(rule.partition("/")[2], {}).keys()}
    assert named == {}
