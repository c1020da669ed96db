# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The load generator (load.c beside this) as a child: its words, and its result."""
import json
import subprocess

import servers


class Crowd:
    """Between `with` and go() it has done what comes before: it is connected, or has tickets."""

    def __init__(self, program, mode, to, where=None, **options):
        words = [f"{name.replace('_', '-')}={value}" for name, value in options.items()]
        self.child = subprocess.Popen([program, mode, f"port={to}", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True, preexec_fn=where or servers.on())
        self.heard = self.child.stdout.readline().strip()

    def __enter__(self):
        if self.heard not in ("ready", "open"):
            self.__exit__()
            raise RuntimeError(f"the load generator failed: {self.heard}")
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        try:
            self.child.wait(30)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def go(self, word="go"):
        """To the end of what is measured. The connections that stay are there until `with` ends."""
        self.child.stdin.write(word + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("the load generator died")
        return json.loads(line)
