# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Traces keep to docs/handfast.trace.1.schema.json, and the schema says what docs/trace.md does: the golden traces, and what the
tool writes."""
import copy
import glob
import json
import os
import re

import pytest

from conftest import ROOT

jsonschema = pytest.importorskip("jsonschema", reason="missing peer: python3-jsonschema")

GOLDENS = sorted(glob.glob(os.path.join(ROOT, "tests/goldens/trace/*.json")))


def load(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return json.load(f)


@pytest.fixture(scope="module")
def schema():
    made = load("docs/handfast.trace.1.schema.json")
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


@pytest.mark.parametrize("path", GOLDENS, ids=os.path.basename)
def test_goldens_keep_to_the_schema(schema, path):
    schema.validate(load(path))


def test_there_are_goldens():
    assert len(GOLDENS) >= 8


@pytest.mark.parametrize("path", GOLDENS, ids=os.path.basename)
def test_what_the_tool_writes_it_reads_and_writes_again(hf, schema, path):
    written = hf("explain", "--json", path).out
    schema.validate(json.loads(written))
    (hf.folder / "again.json").write_text(written, encoding="utf-8")
    assert hf("explain", "--json", "again.json").out == written
    assert json.loads(written)["events"] == load(path)["events"]


BREAKS = {
    "a member too many": lambda t: t.update(surprise=1),
    "another schema": lambda t: t.update(schema="handfast.trace/2"),
    "no events": lambda t: t.pop("events"),
    "a side that is none": lambda t: t.update(side="middle"),
    "an odd number of digits": lambda t: t["events"][0].update(wire="123"),
    "a record without wire": lambda t: t["events"][0].pop("wire"),
    "proofs of a record": lambda t: t["events"][0].update(proofs=[]),
    "a phase that is none": lambda t: t["messages"][0].update(phase=5),
    "a field that is none": lambda t: t["messages"][0]["fields"][0].pop("path"),
    "a struct with a value": lambda t: t["messages"][0]["fields"][0].update(value=1),
    "a certificate without names": lambda t: t["chain"][0].pop("names"),
    "a time of no form": lambda t: t.update(started="yesterday"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_the_schema_refuses(schema, what):
    trace = copy.deepcopy(load("tests/goldens/trace/tls13-full.json"))
    BREAKS[what](trace)
    with pytest.raises(jsonschema.ValidationError):
        schema.validate(trace)


def members(schema):
    """Of every object in it."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from members(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from members(value)


def test_every_member_is_described():
    with open(os.path.join(ROOT, "docs/trace.md"), encoding="utf-8") as f:
        described = set(re.findall(r"`\"?([a-z_]+)\"?`", f.read()))
    assert set(members(load("docs/handfast.trace.1.schema.json"))) - {"code", "name"} <= described
