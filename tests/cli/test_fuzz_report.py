# SPDX-License-Identifier: Apache-2.0 OR MIT
"""scripts/fuzz --report: ten minutes without a finding are ten minutes without a finding, of every target."""
import importlib.machinery
import importlib.util
import json
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = ["fuzz_one", "fuzz_two"]


@pytest.fixture
def fuzz(tmp_path, monkeypatch):
    loader = importlib.machinery.SourceFileLoader("fuzz_script", str(ROOT / "scripts/fuzz"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("fuzz_script", loader))
    loader.exec_module(module)
    monkeypatch.setattr(module, "all_targets", lambda: NAMES)
    monkeypatch.setattr(module.conformance, "PATH", str(tmp_path / "conformance.md"))
    return module


def log(out, name, ran=601, took=602, code=0, more="", ended=True):
    """As libFuzzer and scripts/fuzz write it."""
    head = {"target": name, "seconds": 600, "date": "2026-11-21", "on": "Linux on x86_64, libcrypto 3.0"}
    lines = [f"run: {json.dumps(head)}", "#2\tINITED cov: 10 ft: 20 corp: 1/1b exec/s: 0 rss: 30Mb", more,
             "#4000\tDONE   cov: 1234 ft: 5678 corp: 90/12Kb lim: 4096 exec/s: 6 rss: 70Mb", f"Done 4000 runs in {ran} second(s)",
             "stat::number_of_executed_units: 4000", "stat::slowest_unit_time_sec:    0", ""]
    lines += [f"run: {json.dumps({'exit': code, 'took': took})}"] if ended else []
    (out / "log").mkdir(exist_ok=True)
    (out / "log" / f"{name}.log").write_text("\n".join(lines) + "\n")


def refused(fuzz, out):
    with pytest.raises(SystemExit) as why:
        fuzz.report(str(out))
    assert not (out / "conformance.md").exists()
    return str(why.value)


def test_written_from_the_logs(fuzz, tmp_path):
    for name in NAMES:
        log(tmp_path, name)
    fuzz.report(str(tmp_path))
    text = (tmp_path / "conformance.md").read_text()
    assert "## Ten minutes of fuzzing a target" in text
    assert "2 targets, 8,000 executions, 0 findings" in text and "2026-11-21, Linux on x86_64, libcrypto 3.0" in text
    assert "| one | 601 | 4,000 | 1,234 | 0 |" in text


@pytest.mark.parametrize("wrong, why", [
    ({"ran": 599}, "ran for 599 s"),
    ({"took": 300}, "ran for"),
    ({"code": 77}, "found something"),
    ({"more": "SUMMARY: AddressSanitizer: heap-buffer-overflow"}, "found something"),
    ({"ended": False}, "did not come to its end"),
])
def test_refused(fuzz, tmp_path, wrong, why):
    log(tmp_path, NAMES[0])
    log(tmp_path, NAMES[1], **wrong)
    said = refused(fuzz, tmp_path)
    assert f"fuzz_two {why}" in said and "fuzz_one" not in said


def test_every_target(fuzz, tmp_path):
    log(tmp_path, NAMES[0])
    assert "fuzz_two was not run" in refused(fuzz, tmp_path)
