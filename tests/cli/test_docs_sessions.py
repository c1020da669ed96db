# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The commands of docs/sessions.md, block by block as they stand; only the port differs, and the server is waited for."""
import os
import re
import subprocess

import pytest

from conftest import BIN, ROOT
from processes import LIMIT, free_port

with open(os.path.join(ROOT, "docs/sessions.md"), encoding="utf-8") as f:
    BLOCKS = re.findall(r"```sh\n(.*?)```", f.read(), re.S)
SAYS = {"my.session": ["resumed        no", "resumed        yes"], "ticket.keys": [], "early.session": ["0-RTT data accepted"],
        "keys.psk": ["device1"]}
WAIT = """for i in $(seq 5000); do (exec 3<>/dev/tcp/127.0.0.1/PORT) 2>&- && break; sleep 0.02; done"""


def test_every_block_is_known():
    assert [next((key for key in SAYS if key in block), None) for block in BLOCKS] == list(SAYS)


@pytest.mark.parametrize("key", SAYS)
def test_block(key, tmp_path):
    port = str(free_port())
    block = next(b for b in BLOCKS if key in b)
    script = re.sub(r"(?m)^sleep 1.*$", WAIT, block).replace("8443", port).replace("PORT", port)
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    os.symlink(BIN, home / "bin" / "handfast")
    env = {"HOME": str(home), "PATH": f"{home}/bin:{os.environ['PATH']}", "COLUMNS": "80"}
    if key == "early.session":  # the CA is there from the first block on
        first = next(b for b in BLOCKS if "my.session" in b)
        run(re.sub(r"(?m)^sleep 1.*$", WAIT, first).replace("8443", port).replace("PORT", port), home, env)
    out = run(script, home, env)
    at = 0
    for words in SAYS[key]:
        assert words in out[at:], out
        at = out.index(words, at)


def run(script, folder, env):
    done = subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
    text = done.stdout.decode()
    assert done.returncode == 0, text
    return text
