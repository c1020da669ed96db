# SPDX-License-Identifier: Apache-2.0 OR MIT
"""docs/audit.md: its commands in order, as they stand; only the port differs, and the server is waited for. The report that it shows is what
the tool says, line by line, with numbers masked; its tables name what is there."""
import json
import os
import re
import shutil
import signal
import subprocess

import pytest

from conftest import BIN, ROOT
from processes import LIMIT, free_port

with open(os.path.join(ROOT, "docs/audit.md"), encoding="utf-8") as f:
    TEXT = f.read()
BLOCKS = [block for mark, block in re.findall(r"(<!-- not run: [^\n]*\n)?```sh\n(.*?)```", TEXT, re.S) if not mark]
SHOWN = re.search(r"```\n(localhost:8443, at.*?)```", TEXT, re.S).group(1)
WAIT = "for i in $(seq 5000); do (exec 3<>/dev/tcp/127.0.0.1/PORT) 2>&- && break; sleep 0.02; done"


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What each block writes, all of them in one shell: the server of the first one serves the others."""
    if not os.access(BIN, os.X_OK):
        pytest.skip(f"{BIN} is missing: run make")
    if not shutil.which("openssl"):
        pytest.skip("missing peer: openssl")
    folder = tmp_path_factory.mktemp("audit")
    (folder / "bin").mkdir()
    os.symlink(BIN, folder / "bin" / "handfast")
    env = {"HOME": str(folder), "PATH": f"{folder}/bin:{os.environ['PATH']}", "COLUMNS": "80"}
    port = str(free_port())
    script = "".join(f"exec > out.{i} 2>&1\n{block}echo \"code $?\"\n" for i, block in enumerate(BLOCKS))
    script = re.sub(r"(?m)^sleep 1\b.*$", WAIT, script).replace("8443", port).replace("PORT", port)
    process = subprocess.Popen(["bash", "-c", script], cwd=folder, env=env, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        assert process.wait(LIMIT) == 0
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
    return folder, [(folder / f"out.{i}").read_text().replace(port, "8443") for i in range(len(BLOCKS))]


def block_of(said, words):
    (one,) = [out for block, out in zip(BLOCKS, said[1]) if words in block]
    return one


def masked(line):
    return re.sub(r" +", " ", re.sub(r"[0-9][0-9.,]*", "N", line)).strip()


def first_column(head):
    """What stands in the first column of that table, in backquotes."""
    table = TEXT.split(head)[1].split("\n\n")[0]
    return {word for line in table.splitlines()[2:] for word in re.findall(r"`([^`]+)`", line.split("|")[1])}


def test_the_report_that_is_shown(said):
    """Its lines stand in the real one in that order; dots stand for lines that are left out, and nothing else is."""
    out = block_of(said, "handfast audit --ca ca/ca.pem localhost:8443")
    real, at, may_skip = [masked(line) for line in out.splitlines()], 0, True
    for line in SHOWN.splitlines():
        if line == "…":
            may_skip = True
            continue
        found = real.index(masked(line), at)
        assert may_skip or found == at, f"{line!r} does not follow {real[at - 1]!r}"
        at, may_skip = found + 1, False
    assert out.endswith("code 1\n")


def test_outputs(said):
    folder, _ = said
    assert json.loads((folder / "before.json").read_text())["schema"] == "handfast.audit/1"
    assert json.loads((folder / "audit.sarif").read_text())["version"] == "2.1.0"
    assert "<html" in (folder / "report.html").read_text() and "<testsuites" in (folder / "audit.xml").read_text()
    assert "nothing changed since the baseline" in block_of(said, "--baseline before.json")


def test_the_second_round_is_silent(said):
    lines = block_of(said, "cat > hosts.watch").splitlines()
    assert lines[0].startswith("localhost:8443: first: now watched: default is broken (1 high and 1 low)")
    assert lines[1:] == ["code 0"]


def test_a_command_is_told(said):
    out = block_of(said, "> files.watch")
    assert "\nerror nowhere.pem: the file cannot be read" in out


def test_findings_are_seen_by_openssl_too(said):
    out = block_of(said, "-verify_hostname")
    assert "New, TLSv1.0, Cipher is ECDHE-ECDSA-AES128-SHA" in out
    assert "Verify return code: 0 (ok)" in out and "No ALPN negotiated" in out and "OCSP response: no response sent" in out


def test_the_evidence_is_found(said):
    out = block_of(said, "import json, sys")
    assert re.search(r"^default/versions#\S+: TLS 1\.[01] is spoken\nsent 16030", out), out


def test_policies_are_all_named(hf):
    named = first_column("| policy | whose |")
    done = hf("audit", "--policy", "nobody", "x").fails(2)
    assert named == set(done.err.split("give one of: ")[1].replace(",", " ").split())


def test_events_are_all_named():
    with open(os.path.join(ROOT, "src/tool/audit/watch_events.h"), encoding="utf-8") as file:
        there = set(re.findall(r"(?m)^ \*     ([a-z]+(?:-[a-z]+)?)(?:  |$)", file.read()))
    assert first_column("| event | when |") == there and len(there) == 12


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#:]+)\)", TEXT))))
def test_links(path):
    assert os.path.exists(os.path.join(ROOT, "docs", path))
