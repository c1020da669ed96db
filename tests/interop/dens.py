# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Servers that people run, as peers: each lives in a folder of its own, on a free loopback port, and is ended by its pid. As root
a server runs under its own user."""
import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from interop import ENV, answers, free_port, need, wait_for

ROOT = os.geteuid() == 0
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", *glob.glob("/usr/lib/postgresql/*/bin")])


def server(*names):
    """The program's path, wherever distributions put servers; a skip that names the first."""
    for name in names:
        if path := shutil.which(name, path=PLACES):
            return path
    return need(names[0])


def need_root(what):
    """Mail servers change users for each of their parts."""
    if not ROOT:
        pytest.skip(f"{what} can be started by root alone")


class Den:
    """A server's folder in which its user may read and write, with a certificate and its key."""

    def __init__(self, pki, user):
        self.user = user if ROOT and user in {u.pw_name for u in pwd.getpwall()} else "nobody" if ROOT else None
        self.path = Path(tempfile.mkdtemp(prefix="hf-peer-"))
        self.port = free_port()
        shutil.copy(pki.cert("p256"), self.path / "leaf.pem")
        shutil.copy(pki.key("p256"), self.path / "leaf.key")
        (self.path / "work").mkdir()
        if self.user:
            for path in (self.path, *self.path.iterdir()):
                shutil.chown(path, self.user)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def write(self, name, text):
        (self.path / name).write_text(text.format(d=self.path, port=self.port, user=self.user))
        return self.path / name

    def who(self, as_user):
        if not (as_user and self.user):
            return {}
        entry = pwd.getpwnam(self.user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def run(self, *words):
        done = subprocess.run([str(w) for w in words], cwd=self.path / "work", env={**ENV, "HOME": str(self.path)}, timeout=120,
                              capture_output=True, check=False, **self.who(True))
        assert done.returncode == 0, done

    @contextlib.contextmanager
    def serving(self, *words, as_user=True, last=signal.SIGTERM):
        with open(self.path / "output", "w+b") as output:
            process = subprocess.Popen([str(w) for w in words], cwd=self.path / "work", env={**ENV, "HOME": str(self.path)},
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                                       **self.who(as_user))
            try:
                try:
                    wait_for(lambda: answers(self.port), process, str(words[0]))
                except AssertionError as e:
                    raise AssertionError((self.path / "output").read_text(errors="replace")[-2000:]) from e
                yield self.port
            finally:
                self.end(process, last)

    @staticmethod
    def end(process, last):
        """Asks first, so that nothing is left in shared memory."""
        process.send_signal(last)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
