# SPDX-License-Identifier: Apache-2.0 OR MIT
"""docs/learn.md: its commands run in order in one folder, as they stand but for the port; what a line `#> …` promises, the commands
of its block have said, in that order. Its tables name things as the tables of the program do, and its diagrams fit a terminal."""
import os
import re
import subprocess

import pytest

from conftest import BIN, ROOT
from processes import LIMIT, free_port
from test_docs_blocks import WAIT, blocks_of

with open(os.path.join(ROOT, "docs/learn.md"), encoding="utf-8") as f:
    TEXT = f.read()
ALL = list(blocks_of("docs/learn.md", TEXT))
BLOCKS = [block for block in ALL if block.is_shell]
DEF = os.path.join(ROOT, "src/explain")


def rows(name, row):
    with open(os.path.join(DEF, name), encoding="utf-8") as f:
        return re.findall(rf"^{row}\((.*?)\)$", f.read(), re.M | re.S)


def promises(block):
    return re.findall(r"^#> (.*)$", block.text, re.M)


def plain(text):
    """Lines that were wrapped, and columns, are one text again."""
    return " ".join(text.replace("\\\n", " ").split())


def run(block, folder):
    return run_code(block.text, folder, block)


def run_code(text, folder, block):
    """stdout and stderr as one, with every line in its place."""
    env = {"HOME": str(folder), "PATH": f"{folder}/bin:{os.environ['PATH']}", "COLUMNS": "80"}
    code = re.sub(r"(?m)^sleep 1\b.*$", WAIT, text).replace("8443", str(free_port()))
    done = subprocess.run(["bash", "-e", "-c", code], cwd=folder, env=env, stdin=subprocess.DEVNULL, timeout=LIMIT,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode()
    assert done.returncode == 0, f"{block}\n{text}"
    return text


def test_every_block_runs_and_says_what_it_should(tmp_path):
    if not os.access(BIN, os.X_OK):
        pytest.skip(f"{BIN} is missing: run make")
    (tmp_path / "bin").mkdir()
    os.symlink(BIN, tmp_path / "bin" / "handfast")
    for block in BLOCKS:
        said, at = plain(run(block, tmp_path)), 0
        for promise in promises(block):
            at = said.find(plain(promise), at)
            assert at >= 0, f"{block}: not said, or not in that place: {promise}\n{said}"


def test_all_blocks_are_one_script_too(tmp_path):
    """Each server has ended, and its port is free again, before the next one starts."""
    if not os.access(BIN, os.X_OK):
        pytest.skip(f"{BIN} is missing: run make")
    (tmp_path / "bin").mkdir()
    os.symlink(BIN, tmp_path / "bin" / "handfast")
    said, at = plain(run_code("\n".join(block.text for block in BLOCKS), tmp_path, "all blocks")), 0
    for block in BLOCKS:
        for promise in promises(block):
            at = said.find(plain(promise), at)
            assert at >= 0, f"{block}: {promise}"


def test_it_is_no_longer_than_it_should_be():
    assert len([line for line in TEXT.split("<!-- glossary:")[0].splitlines()]) < 500


def test_every_block_promises_something():
    assert len(BLOCKS) > 15
    assert [str(block) for block in BLOCKS if not promises(block)] == []


def test_pitfalls_have_a_command_each():
    chapter = TEXT.split("## Myths and pitfalls")[1].split("\n## ")[0]
    pitfalls = re.split(r'(?m)^\*\*"', chapter)[1:]
    assert len(pitfalls) >= 8
    for pitfall in pitfalls:
        assert "```sh\nhandfast" in pitfall or "\nhandfast" in pitfall, pitfall.split("\n")[0]


@pytest.mark.parametrize("grouping, count", [("PHASE", 4), ("SIX", 6), ("NINE", 9)])
def test_steps_are_called_as_the_program_calls_them(grouping, count):
    names = [re.match(r'(\w+), (\d), "(.*)"', found).groups() for found in rows("steps.def", "HF_STEP_NAME")]
    mine = [(number, name) for of, number, name in names if of == grouping]
    assert len(mine) == count
    assert [(number, name) for number, name in mine if f"| {number} | {name} |" not in TEXT] == []


def test_diagrams_fit_80_columns():
    for block in ALL:
        if block.language == "":
            assert [line for line in block.text.splitlines() if len(line) > 80] == []


def test_the_glossary_is_the_programs():
    """scripts/gen-docs writes it; here it is enough that none is missing and none is left over."""
    terms = [re.match(r'"([^"]*)"', found)[1] for found in rows("glossary.def", "HF_TERM")]
    part = TEXT.split("<!-- glossary:")[1].split("<!-- end of glossary")[0]
    assert re.findall(r"^\| (?!word \||-)(.*?) \|", part, re.M) == terms
    assert len(terms) >= 70


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#:]+)\)", TEXT))))
def test_links(path):
    assert os.path.exists(os.path.join(ROOT, "docs", path))
