# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Every shell block of README.md and docs/*.md is run by a test, or says why not. How a block is treated:

  nothing said          it is run here: the blocks of a document one after the other, in one folder, with `handfast` on the
                        PATH; only the port 8443 becomes a free one, and `sleep 1` waits until somebody listens on it
  docs/NAME.md and tests/cli/test_docs_NAME.py      that test runs all of them (others of that kind: WHOLE)
  <!-- run by tests/cli/test_NAME.py -->            that test runs it; the line stands right above the block
  <!-- not run: REASON -->                          nobody can
"""
import glob
import os
import re
import subprocess
from dataclasses import dataclass

import pytest

from conftest import BIN, ROOT
from processes import LIMIT, free_port

SHELL = ("sh", "bash", "shell", "console", "zsh", "fish")
WAIT = "for i in $(seq 5000); do (exec 3<>/dev/tcp/127.0.0.1/8443) 2>&- && break; sleep 0.02; done"
# Of documents that carry no marks: the block's first line, and the mark that it would have.
MARKS = {
    ("README.md", "$ make demo"): "run by tests/cli/test_docs.py",
    ("README.md", "apt install -y git make"): "not run: it installs packages, clones and builds; CI does the same",
    ("README.md", "mkdir -p ~/handfast-try && cd ~/handfast-try"): "run by tests/cli/test_docs.py",
}
WHOLE = {"docs/tutorial.md": "tests/install/test_tutorial.py", "docs/learn.md": "tests/cli/test_learn.py"}


@dataclass
class Block:
    document: str
    line: int
    language: str
    text: str
    mark: str

    def __str__(self):
        return f"{self.document}:{self.line}"

    @property
    def is_shell(self):
        return self.language in SHELL or self.text.startswith("$ ")

    @property
    def commands(self):
        """Behind prompts, if there are any: then the other lines are output."""
        prompts = re.findall(r"^\$ (.*)$", self.text, re.M)
        return "\n".join(prompts) if prompts else self.text

    @property
    def is_run_here(self):
        return self.is_shell and not self.mark


def own_test(document):
    path = WHOLE.get(document) or f"tests/cli/test_docs_{os.path.basename(document)[:-3]}.py"
    return path if os.path.exists(os.path.join(ROOT, path)) else None


def blocks_of(document, text):
    """The fenced blocks, also those that stand in a list."""
    for found in re.finditer(r"(?:^[ ]*<!--\s*((?:not run:|run by)[^>]*?)\s*-->\n\s*)?^([ ]*)```([a-z]*)[^\n]*\n(.*?)^\2```", text, re.M | re.S):
        code = "".join(line.removeprefix(found[2]) for line in found[4].splitlines(keepends=True))
        first = code.split("\n")[0].strip()
        mark = found[1] or MARKS.get((document, first)) or (own_test(document) and f"run by {own_test(document)}") or ""
        yield Block(document, text.count("\n", 0, found.start(3)) + 1, found[3], code, mark)


def documents():
    paths = ["README.md", "CONTRIBUTING.md", *sorted(glob.glob("docs/*.md", root_dir=ROOT)), *sorted(glob.glob("examples/*.md", root_dir=ROOT))]
    for path in paths:
        with open(os.path.join(ROOT, path), encoding="utf-8") as f:
            yield path, list(blocks_of(path, f.read()))


DOCUMENTS = dict(documents())
SHELL_BLOCKS = [block for blocks in DOCUMENTS.values() for block in blocks if block.is_shell]


def test_marks_are_of_blocks_that_are_there():
    there = {(block.document, block.text.split("\n")[0].strip()) for block in SHELL_BLOCKS}
    assert set(MARKS) <= there


@pytest.mark.parametrize("block", SHELL_BLOCKS, ids=str)
def test_block_is_run_or_says_why_not(block):
    if block.mark.startswith("not run:"):
        assert len(block.mark.split()) > 4, "a reason, please"
    elif block.mark:
        path = block.mark.removeprefix("run by ").split()[0]
        with open(os.path.join(ROOT, path), encoding="utf-8") as f:
            assert os.path.basename(block.document) in f.read(), f"{path} does not name {block.document}"


@pytest.mark.parametrize("document", [d for d, blocks in DOCUMENTS.items() if any(b.language == "" and "handfast " in b.text for b in blocks)])
def test_commands_stand_in_blocks_that_say_so(document):
    """A block without a language holds output, or begins with a prompt: nothing that somebody would paste goes unseen."""
    for block in DOCUMENTS[document]:
        if block.language == "" and not block.text.startswith("$ "):
            assert not re.search(r"^\s*handfast (?!v?\d)[a-z]+ -", block.text, re.M), f"{block}: ```sh, if that is to be typed"


@pytest.mark.parametrize("document", [d for d, blocks in DOCUMENTS.items() if any(b.is_run_here for b in blocks)])
def test_blocks_run(document, tmp_path):
    """In order, each in a shell of its own: what one leaves in the folder the next one finds."""
    if not os.access(BIN, os.X_OK):
        pytest.skip(f"{BIN} is missing: run make")
    (tmp_path / "bin").mkdir()
    os.symlink(BIN, tmp_path / "bin" / "handfast")
    env = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "COLUMNS": "80"}
    for block in DOCUMENTS[document]:
        if not block.is_run_here:
            continue
        code = re.sub(r"(?m)^sleep 1\b.*$", WAIT, block.commands).replace("8443", str(free_port()))
        done = subprocess.run(["bash", "-e", "-c", code], cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, timeout=LIMIT,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode == 0, f"{block}\n{done.stdout.decode()}"


# --- the test tested -------------------------------------------------------------------------------------------------

def test_a_new_document_is_seen():
    text = "A\n\n```sh\nfalse\n```\n\n<!-- not run: nobody has such a machine -->\n```sh\nx\n```\n- b\n  ```console\n  $ true\n  ```\n"
    found = list(blocks_of("docs/never-seen.md", text))
    assert [(b.line, b.language, b.text, b.is_run_here) for b in found] == [
        (3, "sh", "false\n", True), (8, "sh", "x\n", False), (12, "console", "$ true\n", True)]
