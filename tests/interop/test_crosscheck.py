# SPDX-License-Identifier: Apache-2.0 OR MIT
"""300 random chains judged by us, by OpenSSL and by Go: where one of them differs, a rule of tests/crosscheck/rules.py says why.
The whole run is `make crosscheck`. And what the machinery promises: a seed is a seed, and what no rule fits is told."""
import importlib.machinery
import importlib.util
import os
import sys

import pytest

from interop import ROOT, need, run

BUILDS = [os.environ.get("HANDFAST_LIMBO"), *(os.path.join(ROOT, f"build/{b}/limbo-harness") for b in ("release", "asan"))]
HARNESS = next((path for path in BUILDS if path and os.access(path, os.X_OK)), None)
SAMPLE, SEED = 300, 20


@pytest.fixture(name="crosscheck", scope="module")
def load():
    pytest.importorskip("cryptography", reason="missing peer: python cryptography")
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("crosscheck", os.path.join(ROOT, "scripts/crosscheck"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("crosscheck", loader))
    loader.exec_module(module)
    return module


@pytest.fixture(name="found", scope="module")
def run_sample(crosscheck, tmp_path_factory):
    for program in ("go", "cc", "pkg-config"):
        need(program)
    if not HARNESS:
        pytest.skip("limbo-harness is missing: run make limbo-harness")
    patch = pytest.MonkeyPatch()
    patch.setenv("HANDFAST_LIMBO", HARNESS)
    yield crosscheck.run(SAMPLE, SEED, str(tmp_path_factory.mktemp("crosscheck")))
    patch.undo()


def test_every_disagreement_is_explained(found):
    assert not found.unexplained, "\n".join(found.unexplained)


def test_verdicts_are_mixed(found):
    """Chains of one kind alone would compare nothing."""
    for who in ("private", "webpki", "OpenSSL", "Go"):
        assert found.totals[who, True] + found.totals[who, False] == SAMPLE
        assert min(found.totals[who, True], found.totals[who, False]) > SAMPLE // 5
    assert found.totals["all three"] > SAMPLE * 3 // 4
    assert found.classes and found.profile


def test_what_we_alone_accept_is_explained(found):
    assert all(rule for _, both in found.alone for rule in both)


@pytest.mark.parametrize("words", (["--profile"], ["--profile", "public"], ["private"], ["--profile", "private", "x"]))
def test_harness_knows_two_profiles(words):
    if not HARNESS:
        pytest.skip("limbo-harness is missing: run make limbo-harness")
    done = run([HARNESS, *words])
    assert done.returncode == 1 and not done.stdout and b"usage" in done.stderr


def test_a_seed_is_a_seed(crosscheck):
    once, again, other = (list(crosscheck.generate.cases(40, seed)) for seed in (1, 1, 2))
    features = [[case["features"] for case in cases] for cases in (once, again, other)]
    assert features[0] == features[1] != features[2]


def test_an_unknown_disagreement_is_told(crosscheck):
    """We accept a broken signature, they do not: no rule may fit."""
    case = {"id": "x::0", "features": ["signature-broken-other"]}
    yes, no = {"result": "SUCCESS", "context": ""}, {"result": "FAILURE", "context": "certificate signature failure"}
    found = crosscheck.Findings()
    found.add(case, {"private": yes, "webpki": yes, "OpenSSL": no, "Go": no})
    assert len(found.unexplained) == 2 and found.alone == [("x::0", [None, None])]
    found = crosscheck.Findings()
    found.add(case, {"private": {"result": "FAILURE", "context": "CERT_EXPIRED: x"}, "webpki": yes, "OpenSSL": no, "Go": no})
    assert len(found.unexplained) == 1  # webpki accepts what private refuses
