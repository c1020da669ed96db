# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The ports that tests take (tests/support/processes.py): no two processes of tests get the same one, and the kernel gives them to nobody."""
import os
import socket
import subprocess
import sys

import pytest

import processes
from conftest import ROOT


@pytest.fixture
def own():
    found = processes.own_ports(os.getpid())
    if not found:
        pytest.skip("this machine has no range of ports that the kernel leaves alone")
    return found


def test_no_two_processes_get_the_same(own):
    """As many as there are, so that a range in common would be seen; ours are held all the while."""
    assert own
    ours = set(processes.free_ports(100))
    done = subprocess.run([sys.executable, "-c", f"import processes; print(*processes.free_ports({processes.BLOCK // 2}))"], capture_output=True,
                          text=True, timeout=processes.LIMIT, check=True, env={**os.environ, "PYTHONPATH": os.path.join(ROOT, "tests/support")})
    theirs = {int(word) for word in done.stdout.split()}
    assert len(ours) == 100 and len(theirs) == processes.BLOCK // 2
    assert {port // processes.BLOCK for port in ours}.isdisjoint(port // processes.BLOCK for port in theirs)
    assert max(ours | theirs) < processes.kernels_first_port()


def test_one_that_is_taken_is_passed_over(own):
    """Somebody who is no test may listen anywhere: once round, they do not come again."""
    assert own
    blocked = processes.free_ports(3)
    listeners = []
    try:
        for port in blocked:
            listeners.append(socket.create_server(("127.0.0.1", port)))
        assert not set(processes.free_ports(processes.BLOCK)) & set(blocked)
    finally:
        for listener in listeners:
            listener.close()
