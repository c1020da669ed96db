# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Path validation through limbo-harness: the cases of HANDFAST_VECTORS/limbo-core.json must come out as expected but for
those of tests/limbo/differences.txt; and what the harness itself promises. Without a harness every test is skipped."""
import json
import os
import re
import subprocess
import sys

import pytest

from conftest import ROOT
from processes import LIMIT

VECTORS = os.environ.get("HANDFAST_VECTORS")
DIFFERENCES = os.path.join(ROOT, "tests/limbo/differences.txt")
BUILDS = [os.environ.get("HANDFAST_LIMBO"), *(os.path.join(ROOT, f"build/{b}/limbo-harness") for b in ("asan", "release"))]
HARNESS = next((path for path in BUILDS if path and os.access(path, os.X_OK)), None)

pytestmark = pytest.mark.skipif(not HARNESS, reason="limbo-harness is missing: run make limbo-harness")


def listed():
    with open(DIFFERENCES, encoding="utf-8") as file:
        return [line for line in (line.split("#")[0].strip() for line in file) if line]


@pytest.fixture(name="cases", scope="module")
def load_cases():
    if not VECTORS:
        pytest.skip("HANDFAST_VECTORS is not set")
    with open(os.path.join(VECTORS, "limbo-core.json"), encoding="utf-8") as file:
        return json.load(file)["testcases"]


def ask(*lines, timeout=LIMIT):
    """One answer a line."""
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    done = subprocess.run([HARNESS], input=text.encode(), capture_output=True, timeout=timeout, check=False)
    assert done.returncode == 0, done.stderr.decode()
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(answers) == len(lines)
    return answers


def test_limbo_core(cases):
    done = subprocess.run([sys.executable, os.path.join(VECTORS, "run-limbo.py"), "--cases",
                           os.path.join(VECTORS, "limbo-core.json"), "--harness", HARNESS, "--expect-failures", DIFFERENCES,
                           "--max-skipped", "0"], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(cases) - len(listed())} passed, {len(listed())} failed, 0 skipped" in done.stdout


def test_differences_are_few_and_argued():
    """Each has its reason, with a section, in the lines right before it."""
    assert len(listed()) <= 4
    with open(DIFFERENCES, encoding="utf-8") as file:
        for block in file.read().strip().split("\n\n")[1:]:
            *reason, name = block.split("\n")
            assert reason and all(line.startswith("# ") for line in reason), block
            assert re.search(r"RFC \d+ \d", block) and name in listed(), block


def test_nothing_is_decided_by_name(cases):
    """The same certificates under other names, without a word about them, in reverse: the same verdicts."""
    known = ask(*cases)
    nameless = [{**case, "id": str(i), "description": "", "features": [], "conflicts_with": []} for i, case in enumerate(cases)]
    for case in nameless:
        del case["expected_result"]
    again = ask(*reversed(nameless))
    assert [answer["id"] for answer in again] == [str(i) for i in reversed(range(len(cases)))]
    assert [(a["result"], a["context"]) for a in reversed(again)] == [(a["result"], a["context"]) for a in known]


def test_every_verdict_says_why(cases):
    assert all(len(answer["context"]) > 10 for answer in ask(*cases))


def good_case(cases):
    return next(case for case in cases if case["id"] == "rfc5280::validity::notafter-exact")


def at(case, time):
    return ask({**case, "validation_time": time})[0]["result"]


def test_times(cases):
    """RFC 3339: fractions are cut, offsets are heeded."""
    case = good_case(cases)
    assert case["validation_time"] == "2024-04-01T00:00:00+00:00"
    for time in ("2024-04-01T00:00:00Z", "2024-04-01T00:00:00.999999+00:00", "2024-04-01T02:00:00+02:00",
                 "2024-03-31T19:00:00-05:00"):
        assert at(case, time) == "SUCCESS", time
    for time in ("2024-04-01T00:00:01Z", "2024-04-01T00:00:00-00:01", "1969-12-31T23:59:59Z", "2970-01-01T00:00:00Z", None):
        assert at(case, time) == "FAILURE", time
    for time in ("2024-04-01", "2024-04-01T00:00:00", "soon"):
        assert at(case, time) == "SKIPPED", time


def test_wishes(cases):
    case = good_case(cases)
    for change, result in (({"key_usage": ["digitalSignature"]}, "SUCCESS"), ({"key_usage": ["cRLSign"]}, "FAILURE"),
                           ({"key_usage": ["flying"]}, "SKIPPED"), ({"extended_key_usage": ["serverAuth"]}, "SUCCESS"),
                           ({"extended_key_usage": ["clientAuth"]}, "FAILURE"),
                           ({"extended_key_usage": ["serverAuth", "clientAuth"]}, "FAILURE"),
                           ({"extended_key_usage": ["codeSigning"]}, "SKIPPED"), ({"validation_kind": "CLIENT"}, "FAILURE"),
                           ({"expected_peer_name": None}, "SUCCESS"), ({"max_chain_depth": 1}, "SUCCESS"),
                           ({"max_chain_depth": 0}, "FAILURE"),
                           ({"signature_algorithms": ["ECDSA_WITH_SHA256"]}, "SUCCESS"),
                           ({"signature_algorithms": ["RSA_WITH_SHA256"]}, "FAILURE"),
                           ({"expected_peer_names": [{"kind": "RFC822", "value": "a@example.com"}]}, "FAILURE"),
                           ({"expected_peer_name": {"kind": "DNS", "value": "example.org"}}, "FAILURE"),
                           ({"trusted_certs": []}, "FAILURE"), ({"crls": ["no CRL"]}, "FAILURE"),
                           ({"peer_certificate": "no PEM"}, "FAILURE")):
        answer = ask({**case, **change})[0]
        assert answer["result"] == result, (change, answer)


def test_what_is_no_case():
    """It answers and goes on."""
    answers = ask("", "{", "[]", "3", '{"id": "x"}', '{"id": "\\u00e9", "peer_certificate": 7}')
    assert [answer["result"] for answer in answers] == ["SKIPPED"] * 4 + ["FAILURE"] * 2
    assert [answer["id"] for answer in answers] == [None] * 4 + ["x", "é"]


def test_ten_megabytes(cases):
    """A good chain among thousands of certificates that are of no use."""
    case = good_case(cases)
    other = next(c for c in cases if c["untrusted_intermediates"])["untrusted_intermediates"][0]
    many = {**case, "untrusted_intermediates": [other] * 4000 + case["untrusted_intermediates"],
            "description": "x" * 7_500_000}
    assert len(json.dumps(many)) > 9_500_000
    answers = ask(many, case)
    assert [answer["result"] for answer in answers] == ["SUCCESS", "SUCCESS"]
