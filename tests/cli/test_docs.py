# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What the documents show is what the tool does: transcripts are compared with numbers masked, commands are run."""
import os
import re

import pytest

from conftest import ROOT
from peers import Server

TEXT = open(os.path.join(ROOT, "README.md"), encoding="utf-8").read()


def masked(text):
    """Numbers, and the widths that they change."""
    return [re.sub(r" +", " ", re.sub(r"[0-9][0-9.]*", "N", line)).rstrip() for line in text.strip().splitlines()]


def unwrapped(lines):
    return " ".join(lines).split()


def test_the_transcript_of_the_readme(hf):
    shown = re.search(r"```\n\$ make demo\n(.*?)```", TEXT, re.S).group(1)
    assert unwrapped(masked(shown)) == unwrapped(masked(hf("demo").good().out))


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#:]+)\)", TEXT))))
def test_links_of_the_readme(path):
    assert os.path.exists(os.path.join(ROOT, path))


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^(?:- `|`)?handfast ([a-z]+)|`handfast ([a-z]+)", TEXT, re.M))))
def test_commands_of_the_readme_exist(hf, command):
    hf("".join(command), "--help").good()


def test_mutual_authentication_as_the_readme_shows_it(hf):
    """The block is run line by line; only the port differs, and the server is waited for."""
    block = re.search(r"Both ends proving who they are, [^\n]*\n\n```sh\n(.*?)```", TEXT, re.S).group(1)
    words = [line.split() for line in block.strip().splitlines()]
    assert [line[0] for line in words] == ["mkdir", *["handfast"] * 4, "sleep", "handfast", "kill"]
    lines = [line[1:] for line in words if line[0] == "handfast"]
    assert [line[0] for line in lines] == ["cert", "cert", "cert", "serve", "connect"]
    for words in lines[:3]:
        hf(*words).good()
    assert lines[3][1:3] == ["--listen", "127.0.0.1:8443"] and lines[3][-1] == "&" and lines[4][-1] == "localhost:8443"
    with Server(hf, *lines[3][3:-1]) as s:
        page = hf(*lines[4][:-1], f"localhost:{s.port}").good().out
    assert "me@example.test" in page


def test_the_classic_handshake_as_the_readme_shows_it(hf):
    assert "Step 9 of 9" in hf(*"demo --tls 1.2 --policy classroom".split()).good().out
    assert "handfast demo --tls 1.2 --policy classroom" in TEXT
