# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What scripts/check says to a call that it does not understand: nothing runs then, however long a whole run would take."""
import os
import subprocess

import pytest

from conftest import ROOT
from processes import LIMIT

USAGE = "usage: scripts/check [BUILD [NAME... | --programs]]\n"


def check(*words):
    return subprocess.run([os.path.join(ROOT, "scripts/check"), *words], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT,
                          check=False)


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_check_tells_what_it_does(word):
    done = check(word)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("scripts/check [BUILD") and "HANDFAST_BIN" in done.stdout


@pytest.mark.parametrize("words, wrong", [
    (["--no-such-option"], "no such option: --no-such-option"),
    (["-x"], "no such option: -x"),
    (["scripts", "--program"], "no such option: --program"),
    (["scripts", "--help"], "no such option: --help"),
    (["--programs"], "--programs does not stand there"),
    (["scripts", "base_error", "--programs"], "--programs does not stand there"),
    (["scripts", "--programs", "--programs"], "--programs does not stand there"),
    (["no/such/folder"], "no/such/folder is no folder: scripts/build makes one"),
    (["README.md", "base_error"], "README.md is no folder: scripts/build makes one"),
])
def test_check_refuses_what_it_does_not_know(words, wrong):
    done = check(*words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"scripts/check: {wrong}\n{USAGE}")
