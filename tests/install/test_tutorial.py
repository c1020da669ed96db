# SPDX-License-Identifier: Apache-2.0 OR MIT
"""docs/tutorial.md quotes what the files of examples/ say, and its commands run with an installed prefix."""
import os
import re
import shutil
import socket
import textwrap

import pytest

from conftest import ROOT

TUTORIAL = ROOT / "docs/tutorial.md"


def quoted():
    """(file, piece) for every piece of C: the file is the one that was named last before it."""
    name, pieces = None, []
    for part in re.finditer(r"\(\.\./examples/(\w+\.c)\)|^```c\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.S | re.M):
        name = part.group(1) or name
        if part.group(2):
            pieces.append((name, part.group(2)))
    return pieces


@pytest.mark.parametrize("name,piece", quoted(), ids=lambda text: text.strip().splitlines()[0][:40])
def test_the_tutorial_quotes_the_examples(name, piece):
    text = (ROOT / "examples" / name).read_text(encoding="utf-8")
    whole = {textwrap.indent(piece, " " * by, lambda line: line.strip()) for by in (0, 4, 8)}
    assert any(variant in text for variant in whole), f"examples/{name} does not hold:\n{piece}"


WAIT = """for i in $(seq 500); do (exec 3<>/dev/tcp/127.0.0.1/PORT) 2>&- && break; sleep 0.02; done"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return str(s.getsockname()[1])


def test_the_commands_of_the_tutorial_run(installed, tmp_path):
    """One after the other, as a reader types them; only the port differs, and servers are waited for."""
    if not shutil.which("openssl"):
        pytest.skip("missing peer: openssl")
    blocks = re.findall(r"^```sh\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.S | re.M)
    said = ""
    os.symlink(ROOT / "examples", tmp_path / "examples")
    path = f"{installed.prefix}/bin:{os.environ['PATH']}"
    for block in blocks:
        port = free_port()
        script = re.sub(r"(?m)^sleep 1$", WAIT, block).replace("8443", port).replace("PORT", port)
        done = installed.run("bash", "-e", "-c", script, cwd=tmp_path, env={"PATH": path, "HOME": str(tmp_path)}, check=False)
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        said += done.stdout + done.stderr
    for words in ("server read: hello", "CN=localhost", "connected to CN=localhost", "signed by another process"):
        assert words in said


def test_the_tutorial_s_cmake_lines_work(installed, tmp_path):
    (lines,) = re.findall(r"^```cmake\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.S | re.M)
    os.symlink(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.22)\nproject(mine LANGUAGES C)\n{lines}",
                                             encoding="utf-8")
    installed.run("cmake", "-S", tmp_path, "-B", tmp_path / "build")
    installed.run("cmake", "--build", tmp_path / "build")
    assert (tmp_path / "build/client").exists()


def test_the_tutorial_shows_every_example():
    assert {name for name, _ in quoted()} == {path.name for path in (ROOT / "examples").glob("*.c")}
