# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The tool under test, run in an empty folder with a home of its own. HANDFAST_BIN names the binary; without it, and
without a release build, every test is skipped by name."""
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "tests/support"))  # what the tests of the tool and of other people's programs share

from processes import LIMIT  # noqa: E402 pylint: disable=wrong-import-position

BIN = os.path.abspath(os.environ.get("HANDFAST_BIN") or os.path.join(ROOT, "build/release/handfast"))
SEE_IT = "  see it: handfast explain "
FOREIGN = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE", "NO_COLOR", "XDG_DATA_HOME", "XDG_STATE_HOME",
           "HANDFAST_STATE")


def unwrapped(err):
    """stderr with the lines that go on (four blanks or more) put back behind those that they belong to. None is over 80
    columns, but for one long word, and for the command that shows a failed handshake, which stays on its line."""
    lines = []
    for line in err.splitlines():
        if line.startswith(SEE_IT):
            lines.append(line)
            continue
        assert len(line) <= 80 or " " not in line.strip(), line
        if line.startswith("    ") and lines:
            lines[-1] = lines[-1].removesuffix(" \\") + " " + line.strip()
        else:
            lines.append(line)
    return lines


@dataclass
class Result:
    code: int
    out: str
    err: str
    seen: str = None  # the trace of a failed handshake: see fails

    def fails(self, code):
        """An error has three parts: what, where and why, what next; and of a failed handshake how to see it (self.seen).
        Nothing of it is on stdout."""
        lines = unwrapped(self.err)
        self.seen = lines.pop().removeprefix(SEE_IT) if lines and lines[-1].startswith(SEE_IT) else None
        self.err = "\n".join(lines)
        assert self.code == code, self
        assert self.out == "", self
        assert len(lines) == 3, self
        assert lines[0].startswith("handfast: ") and not lines[0].endswith("."), self
        assert lines[1].startswith("  ") and len(lines[1]) > 3, self
        assert lines[2].startswith("  next: ") and len(lines[2]) > 10, self
        return self

    def good(self):
        assert self.code == 0, self
        return self


ASKING = ("audit", "watch")
PATIENCE = ("--timeout", "30")  # seconds; many a server here serves one visitor after the other, and any machine may be busy


def patient(words):
    """What looks at servers gives them time to answer, unless a test is about time: what came late is unknown, and nothing follows from it."""
    return (words[0], *PATIENCE, *words[1:]) if words and words[0] in ASKING and "--timeout" not in words else words


class Tool:
    def __init__(self, folder):
        self.folder = folder
        self.env = {k: v for k, v in os.environ.items() if k not in FOREIGN}
        self.env.update(HOME=str(folder / "home"), XDG_DATA_HOME=str(folder / "xdg"), XDG_STATE_HOME=str(folder / "state"))

    def __call__(self, *words, env=None, stdin=b"", timeout=LIMIT, cwd=None):
        done = subprocess.run([BIN, *map(str, patient(words))], input=stdin, capture_output=True, timeout=timeout, check=False,
                              cwd=cwd or self.folder, env={**self.env, **(env or {})})
        return Result(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


@pytest.fixture(scope="session")
def binary():
    if not os.access(BIN, os.X_OK):
        pytest.skip(f"{BIN} is missing: run make")
    return BIN


@pytest.fixture
def hf(binary, tmp_path):
    assert binary
    return Tool(tmp_path)


@pytest.fixture
def openssl():
    """Runs openssl and returns its stdout; a failure is the test's."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is missing")

    def run(*words):
        done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, timeout=LIMIT, check=False)
        assert done.returncode == 0, done
        return done.stdout
    return run
