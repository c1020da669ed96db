# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The forms of an audit, of real servers: all of them from one run and of one mind; JSON by docs/handfast.audit.1.schema.json, SARIF
by what its standard demands, JUnit as XML; --baseline tells of changes alone."""
import collections
import copy
import json
import os
import re
import subprocess
import xml.etree.ElementTree as ET

import pytest

from conftest import ROOT, Tool
from peers import Pki, s_server

jsonschema = pytest.importorskip("jsonschema", reason="missing peer: python3-jsonschema")

POLICIES = ("modern", "default", "pci-dss-4.0.1")
SEVERITIES = ("note", "low", "medium", "high", "critical")
LEVELS = {"note": "note", "low": "warning", "medium": "warning", "high": "error", "critical": "error"}
OLD = ("-cipher", "ALL:@SECLEVEL=0", "-min_protocol", "TLSv1")
Told = collections.namedtuple("Told", "code json html sarif junit")


@pytest.fixture(scope="module")
def schema():
    with open(os.path.join(ROOT, "docs/handfast.audit.1.schema.json"), encoding="utf-8") as f:
        made = json.load(f)
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


@pytest.fixture(scope="module")
def tool(binary, tmp_path_factory):
    assert binary
    return Tool(tmp_path_factory.mktemp("outputs"))


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


def audit(tool, pki, *words, policies=POLICIES, name="localhost"):
    named = [word for policy in policies for word in ("--policy", policy)]
    return tool("audit", "--ca", pki.root_pem, "--servername", name, *named, *words)


@pytest.fixture(scope="module")
def told(tool, pki):
    """A server with much that is wrong, and a port where nobody is: every form, of one run."""
    with s_server(pki, *OLD, tls="-serverpref") as port:
        done = audit(tool, pki, "--json", "--html", "o.html", "--sarif", "o.sarif", "--junit", "o.xml", f"127.0.0.1:{port}", "127.0.0.1:1")
    assert done.code == 1, done
    read = {name: (tool.folder / f"o.{name}").read_text(encoding="utf-8") for name in ("html", "sarif", "xml")}
    return Told(done.code, json.loads(done.out), read["html"], json.loads(read["sarif"]), ET.fromstring(read["xml"]))


def findings(target):
    return [finding for judgement in target["judgements"] for finding in judgement["findings"]]


# ---- JSON ----

def test_json_keeps_to_the_schema(schema, told):
    schema.validate(told.json)


BREAKS = {
    "a member too many": lambda r: r.update(surprise=1),
    "another schema": lambda r: r.update(schema="handfast.audit/2"),
    "a target without a verdict": lambda r: r["targets"][0].pop("verdict"),
    "a verdict that is none": lambda r: r["targets"][0].update(verdict="fine"),
    "a version without a state": lambda r: r["targets"][0]["seen"]["versions"][0].pop("state"),
    "a version too few": lambda r: r["targets"][0]["seen"]["versions"].pop(),
    "a suite without a name": lambda r: r["targets"][0]["seen"]["versions"][0]["suites"][0].pop("name"),
    "a trait that is perhaps": lambda r: r["targets"][0]["seen"]["traits"]["hsts"].update(state="perhaps"),
    "bytes that are none": lambda r: r["targets"][0]["evidence"][0].update(sent="abc"),
    "a severity that is none": lambda r: r["targets"][0]["judgements"][0]["findings"][0].update(severity="bad"),
    "a rule without a verdict": lambda r: r["targets"][0]["judgements"][0]["rules"][0].pop("verdict"),
    "a fix without words": lambda r: next(f for f in findings(r["targets"][0]) if f["fix"])["fix"].pop("what"),
    "a certificate without its bytes": lambda r: r["targets"][0]["seen"]["chains"][0]["certificates"][0].pop("der"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_the_schema_refuses(schema, told, name):
    report = copy.deepcopy(told.json)
    BREAKS[name](report)
    with pytest.raises(jsonschema.ValidationError):
        schema.validate(report)


def test_json_is_of_one_mind(told):
    """Counts are those of what is counted, evidence is there, and no id stands for two findings."""
    there, nobody = told.json["targets"]
    assert there["verdict"] == "broken" and there["reached"] and there["complete"]
    assert nobody["verdict"] == "unreachable" and not nobody["reached"] and nobody["trouble"]
    for judgement in there["judgements"]:
        severities = collections.Counter(finding["severity"] for finding in judgement["findings"])
        verdicts = collections.Counter(rule["verdict"] for rule in judgement["rules"])
        assert judgement["counts"] == {name: severities[name] for name in SEVERITIES} | {
            name: verdicts[name] for name in ("kept", "broken", "unseen", "idle")}
        assert judgement["broken"] == any(severities[name] for name in SEVERITIES[1:])
        assert {finding["rule"] for finding in judgement["findings"]} <= {rule["id"] for rule in judgement["rules"]}
    ids = [finding["id"] for finding in findings(there)]
    assert len(ids) == len(set(ids))
    numbers = {one["number"] for one in there["evidence"]}
    assert {finding["evidence"] for finding in findings(there)} - {None} <= numbers


def test_what_is_wrong_is_told_with_its_bytes(told):
    """The finding of TLS 1.0 has a hello of TLS 1.0 and a ServerHello that took it as its evidence."""
    there = told.json["targets"][0]
    finding = next(f for f in findings(there) if f["what"].startswith("TLS 1.0 is spoken"))
    evidence = there["evidence"][finding["evidence"] - 1]
    assert evidence["sent"].startswith("1603") and evidence["received"].startswith("160301")
    assert "TLS 1.0" in evidence["words"] and finding["fix"]["nginx"]["lines"] == ["ssl_protocols TLSv1.3;"]
    assert finding["fix"]["haproxy"]["place"] == "global" and finding["fix"]["apache"]["place"] is None
    version = next(v for v in there["seen"]["versions"] if v["name"] == "TLS 1.0")
    assert version["state"] == "present" and version["code"] == 0x301


# ---- SARIF: the members that its standard demands (3.13 to 3.28), and what consumers ask for beside them ----

def test_sarif_has_what_its_standard_demands(told):
    assert told.sarif["version"] == "2.1.0" and told.sarif["$schema"].endswith("sarif-schema-2.1.0.json")
    run, = told.sarif["runs"]
    driver = run["tool"]["driver"]
    rules = driver["rules"]
    assert driver["name"] == "handfast" and len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert re.fullmatch(r"https?://\S+", rule["helpUri"]), rule
        assert rule["fullDescription"]["text"] and rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
    assert run["invocations"][0]["executionSuccessful"] is False  # one target was not reached
    assert any("could not be reached" in notice["message"]["text"] for notice in run["invocations"][0]["toolExecutionNotifications"])
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"] and re.fullmatch("[0-9a-f]{64}", result["partialFingerprints"]["finding/v1"])
        place = result["locations"][0]
        assert re.fullmatch(r"audit/127\.0\.0\.1/\d+", place["physicalLocation"]["artifactLocation"]["uri"])
        assert place["physicalLocation"]["region"]["startLine"] == 1
        assert place["logicalLocations"][0]["fullyQualifiedName"] == told.json["targets"][0]["target"]


def test_sarif_has_each_finding_once(told):
    there = told.json["targets"][0]
    results = told.sarif["runs"][0]["results"]
    assert [(f["rule"], f"{there['target']}: {f['what']}", LEVELS[f["severity"]]) for f in findings(there)] == [
        (r["ruleId"], r["message"]["text"], r["level"]) for r in results]
    assert len({r["partialFingerprints"]["finding/v1"] for r in results}) == len(results)


# ---- JUnit ----

def test_junit_has_a_case_for_each_rule(told):
    there, nobody = told.json["targets"]
    suites = told.junit.findall("testsuite")
    assert told.junit.tag == "testsuites" and len(suites) == 2 * len(POLICIES)
    for suite, judgement in zip(suites, there["judgements"]):
        assert suite.get("name") == f"{there['target']} {judgement['policy']}"
        broken = {f["rule"] for f in judgement["findings"] if f["severity"] != "note"}
        cases = suite.findall("testcase")
        assert [case.get("name") for case in cases] == [rule["id"] for rule in judgement["rules"]]
        assert {case.get("name") for case in cases if case.find("failure") is not None} == broken
        for case, rule in zip(cases, judgement["rules"]):
            assert (case.find("skipped") is not None) == (rule["verdict"] in ("unseen", "idle") and rule["id"] not in broken)
    for suite in suites[len(POLICIES):]:
        assert suite.get("errors") == "1" and suite.find("testcase/error").get("message") == nobody["trouble"]
    for name in ("tests", "failures", "errors", "skipped"):
        assert int(told.junit.get(name)) == sum(int(suite.get(name)) for suite in suites)
    for suite in suites:
        for name, what in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error"), ("skipped", "testcase/skipped")):
            assert int(suite.get(name)) == len(suite.findall(what)), (suite.attrib, name)


# ---- the page: what a browser makes of it is in tests/interop/test_audit_page.py ----

def test_the_page_needs_nothing_else(told):
    assert "default-src 'none'" in told.html and "<script" not in told.html
    assert not re.search(r"""(src|href)=["'](?!#)|url\(|@import""", told.html)
    for target in told.json["targets"]:
        assert target["target"] in told.html
    assert "TLS 1.0 is spoken" in told.html and "ssl_protocols" in told.html


# ---- text ----

def test_the_text_is_a_report_for_a_terminal(tool, pki):
    """The verdict comes first, the gravest before the others; no line is over 80 columns but settings, which are never broken, and
    there is no colour in a pipe."""
    with s_server(pki, *OLD, tls="-serverpref") as port:
        done = audit(tool, pki, f"127.0.0.1:{port}")
    lines = done.out.splitlines()
    assert done.code == 1 and lines[0].startswith(f"127.0.0.1:{port}")
    assert [line.replace(":", " ").split()[:2] for line in lines[1:8] if line.startswith("  broken")] == [["broken", policy] for policy in POLICIES]
    long = [line for line in lines if len(line) > 80]
    assert "\x1b" not in done.out and all(re.match(r" {16}(nginx|haproxy|Apache|handfast| {9}) ", line) for line in long), long
    order = [SEVERITIES.index(word) for word in re.findall(r"^(note|low|medium|high|critical) {2,}", done.out, re.M)]
    assert order == sorted(order, reverse=True) and order[0] == SEVERITIES.index("critical")
    for title in ("Findings", "What was seen"):
        assert title in lines
    assert re.fullmatch(r"\d+ connections in [\d.]+ (milli)?seconds, begun \S+Z", lines[-1])


@pytest.mark.parametrize("columns, widest", [("50", 50), ("110", 110), ("9999", 120), ("none", 80), ("", 80)])
def test_lines_are_as_wide_as_columns_says(tool, columns, widest):
    done = tool("audit", "127.0.0.1:1", "--servername", "a" * 30 + ".test", "--resolve", "127.0.0.1:1:127.0.0.2",
                "--starttls", "postgres", env={"COLUMNS": columns})
    assert done.code == 3 and max(map(len, done.out.splitlines())) <= widest, done


def test_the_text_of_a_good_server_is_about_a_page(tool, pki):
    with s_server(pki) as port:
        done = audit(tool, pki, f"127.0.0.1:{port}", policies=("default",))
    assert done.code == 0, done
    assert len(done.out.splitlines()) <= 60, done.out
    assert re.search(r"^  kept +default ", done.out, re.M)


# ---- --baseline ----

def test_the_same_server_is_unchanged(tool, pki, schema):
    with s_server(pki, *OLD, tls="-serverpref") as port:
        target = f"127.0.0.1:{port}"
        first = audit(tool, pki, "--json", target, policies=("modern",))
        (tool.folder / "before.json").write_text(first.out, encoding="utf-8")
        again = audit(tool, pki, "--baseline", "before.json", target, policies=("modern",))
        data = audit(tool, pki, "--baseline", "before.json", "--json", "--sarif", "same.sarif", target, policies=("modern",))
    assert "nothing changed since the baseline" in again.out and len(again.out.splitlines()) <= 3, again
    report = json.loads(data.out)
    schema.validate(report)
    assert report["targets"][0]["change"] == {
        "known": True, "n_new": 0, "n_updated": 0, "n_gone": 0, "n_facts": 0, "new": [], "updated": [], "gone": [], "facts": []}
    results = json.loads((tool.folder / "same.sarif").read_text())["runs"][0]["results"]
    assert {result["baselineState"] for result in results} == {"unchanged"}


def test_only_what_is_new_or_graver_breaks_beside_a_baseline(tool, pki):
    """Exit code 0 for what the earlier report has, too; 1 for a target that it does not have, or a finding that was less grave there."""
    with s_server(pki, *OLD, tls="-serverpref") as port:
        target = f"127.0.0.1:{port}"
        first = audit(tool, pki, "--json", target, policies=("modern",))
        report = json.loads(first.out)
        (tool.folder / "same.json").write_text(first.out, encoding="utf-8")
        for finding in findings(report["targets"][0]):
            if finding["what"].startswith("TLS 1.0 is spoken"):
                finding["severity"] = "note"
        (tool.folder / "graver.json").write_text(json.dumps(report), encoding="utf-8")
        report["targets"] = []
        (tool.folder / "nobody.json").write_text(json.dumps(report), encoding="utf-8")
        codes = {name: audit(tool, pki, "--baseline", f"{name}.json", target, policies=("modern",)).code
                 for name in ("same", "graver", "nobody")}
    assert first.code == 1 and codes == {"same": 0, "graver": 1, "nobody": 1}


def test_what_changed_is_told_alone(tool, pki, schema):
    """The same port, once with TLS 1.3 alone and then with old versions and another certificate, and the other way round."""
    with s_server(pki) as port:
        good = audit(tool, pki, "--json", f"127.0.0.1:{port}", policies=("modern",))
    (tool.folder / "good.json").write_text(good.out, encoding="utf-8")
    with s_server(pki, *OLD, tls="-serverpref", cert="selfsigned", port=port):
        worse = audit(tool, pki, "--baseline", "good.json", f"127.0.0.1:{port}", policies=("modern",))
        data = audit(tool, pki, "--json", f"127.0.0.1:{port}", policies=("modern",))
    assert worse.code == 1
    for words in ("TLS 1.0 is spoken, and was not", "another certificate", "is not shown any more"):
        assert words in re.sub(r"\s+", " ", worse.out), (words, worse.out)
    assert re.search(r"^  new +critical", worse.out, re.M) and "What was seen" not in worse.out
    (tool.folder / "bad.json").write_text(data.out, encoding="utf-8")
    with s_server(pki, port=port):
        better = audit(tool, pki, "--baseline", "bad.json", "--json", "--sarif", "better.sarif", f"127.0.0.1:{port}", policies=("modern",))
    results = json.loads((tool.folder / "better.sarif").read_text())["runs"][0]["results"]
    gone = [result for result in results if result["baselineState"] == "absent"]
    assert len(gone) == json.loads(better.out)["targets"][0]["change"]["n_gone"] and "TLS 1.0 is spoken" in " ".join(
        result["message"]["text"] for result in gone)
    report = json.loads(better.out)
    schema.validate(report)
    change = report["targets"][0]["change"]
    assert change["known"] and not change["new"] and change["n_gone"] == len(change["gone"]) > 0
    assert any("TLS 1.0 is not spoken any more" in fact for fact in change["facts"])


def test_findings_of_a_policy_that_is_not_in_the_baseline_are_new(tool, pki, schema):
    """Whoever lets "unchanged" through must not let through what nobody has ever seen."""
    with s_server(pki, *OLD, tls="-serverpref") as port:
        target = f"127.0.0.1:{port}"
        (tool.folder / "one.json").write_text(audit(tool, pki, "--json", target, policies=("default",)).out, encoding="utf-8")
        text = audit(tool, pki, "--baseline", "one.json", target, policies=("default", "pci-dss-4.0.1"))
        data = audit(tool, pki, "--baseline", "one.json", "--json", "--sarif", "two.sarif", target, policies=("default", "pci-dss-4.0.1"))
    assert text.code == 1 and re.search(r"^  new +critical", text.out, re.M) and "pci-dss-4.0.1" in text.out
    there = json.loads(data.out)
    schema.validate(there)
    there = there["targets"][0]
    ids = [f["id"] for judgement in there["judgements"] if judgement["policy"] == "pci-dss-4.0.1" for f in judgement["findings"]]
    assert ids and there["change"]["new"] == ids
    for result in json.loads((tool.folder / "two.sarif").read_text())["runs"][0]["results"]:
        assert result["baselineState"] == ("new" if result["ruleId"].startswith("pci-dss-4.0.1/") else "unchanged")


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"schema": "handfast.trace/1"}', '{"schema": "handfast.audit/1"}'])
def test_a_wrong_baseline_is_told_before_anybody_is_asked(tool, text):
    (tool.folder / "wrong.json").write_text(text)
    done = tool("audit", "--baseline", "wrong.json", "127.0.0.1:1")
    assert done.code in (2, 5) and "wrong.json" in done.err and done.out == "", done


# ---- what a server says of itself ----

def test_a_hostile_name_in_a_certificate(tool, pki, schema):
    """Markup and a mark of direction in the subject: text everywhere, and every form is still what it is."""
    name = "<script>alert(1)</script>\u202e&\"'"
    subprocess.run(["openssl", "req", "-x509", "-utf8", "-new", "-key", pki.srv_key, "-subj", "/CN=" + name.replace("/", "\\/"), "-days", "30",
                    "-config", "conf", "-extensions", "server", "-out", "odd.pem"], cwd=pki.folder, check=True, capture_output=True)
    with s_server(pki, tls="-serverpref", cert="odd", www=False) as port:
        done = audit(tool, pki, "--json", "--html", "odd.html", "--sarif", "odd.sarif", "--junit", "odd.xml", f"127.0.0.1:{port}")
        text = audit(tool, pki, f"127.0.0.1:{port}")
    report = json.loads(done.out)
    schema.validate(report)
    assert "alert(1)\\</script\\>\\u202e" in report["targets"][0]["seen"]["chains"][0]["certificates"][0]["subject"]  # RFC 4514
    ET.parse(tool.folder / "odd.xml")
    json.loads((tool.folder / "odd.sarif").read_text(encoding="utf-8"))
    html = (tool.folder / "odd.html").read_text(encoding="utf-8")
    assert "<script" not in html and "&lt;script\\&gt;" in html
    for written in (done.out, text.out, html, (tool.folder / "odd.sarif").read_text(encoding="utf-8")):
        assert "\u202e" not in written


def test_a_name_that_sarif_would_make_a_link(tool, pki, schema):
    """Signed with SHA-1, by itself, and asking clients for certificates: each is told by its name, and the name is no link."""
    name = "DNS:localhost,DNS:[a](https://b.test/).x,DNS:{0}.x"
    subprocess.run(["openssl", "req", "-x509", "-new", "-sha1", "-key", pki.srv_key, "-subj", "/CN=A name", "-days", "30", "-addext",
                    "subjectAltName=" + name, "-out", "link.pem"], cwd=pki.folder, check=True, capture_output=True)
    asking = ("-cipher", "ALL:@SECLEVEL=0", "-Verify", "1", "-CAfile", str(pki.folder / "link.pem"))
    with s_server(pki, *asking, tls="-serverpref", cert="link") as port:
        done = audit(tool, pki, "--json", "--sarif", "link.sarif", f"127.0.0.1:{port}", name="other.test")
        text = audit(tool, pki, f"127.0.0.1:{port}", name="other.test")
    report = json.loads(done.out)
    schema.validate(report)
    seen = report["targets"][0]["seen"]
    assert seen["chains"][0]["certificates"][0]["signature"] == "ECDSA with SHA-1" and "ECDSA with SHA-1" in " ".join(text.out.split())
    assert seen["certificate_authorities"] == 1 and seen["authorities"] == ["CN=A name"] and "of CN=A name" in " ".join(text.out.split())
    faults = seen["chains"][0]["faults"]
    assert len(faults) > 1 and faults[0]["error"] == seen["chains"][0]["verdict"]["error"]
    words = " ".join(result["message"]["text"] for result in json.loads((tool.folder / "link.sarif").read_text())["runs"][0]["results"])
    assert "\\[a\\](https://b.test/).x" in words and "{{0}}.x" in words
