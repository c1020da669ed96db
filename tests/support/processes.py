# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Processes under test: free ports, waiting for them by a probe, ending them by their id."""
import contextlib
import itertools
import os
import random
import signal
import socket
import subprocess
import time
from functools import lru_cache

LIMIT = 120  # seconds; a machine under load is slow, a hang is not waited for longer
FIRST_PORT, BLOCK = 10240, 512


# ---- ports ----

def kernels_first_port():
    """From here on the kernel gives ports to whoever asks for any, and to every connection that is made."""
    with contextlib.suppress(OSError, ValueError), open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as f:
        return int(f.read().split()[0])
    return 0


def claim(what):
    """A socket that says for as long as it is open, which is no longer than its process lives, that these ports are ours; None: they are
    another's."""
    holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        holder.bind(f"\0handfast-tests-ports-{what}")  # an abstract name, which no file keeps
        return holder
    except OSError:
        holder.close()
        return None


@lru_cache(maxsize=None)
def own_ports(_pid):
    """(what holds them, ports in turn) that no other process of tests has while this one lives, and that the kernel gives to nobody: between
    our look and the server's nobody takes one, and who probes one never reaches a stranger. None: the machine has no such range."""
    blocks = list(range(FIRST_PORT, kernels_first_port() - BLOCK + 1, BLOCK))
    random.shuffle(blocks)
    for first in blocks:
        if holder := claim(first):
            return holder, itertools.cycle(range(first, first + BLOCK))
    return None


def is_free(port):
    with socket.socket() as s, contextlib.suppress(OSError):
        s.bind(("127.0.0.1", port))
        return True
    return False


def kernels_ports(n):
    """Different ones: all are held until the last is known."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]


def free_port():
    return free_ports(1)[0]


def free_ports(n):
    """Different ones, for servers that cannot be told to take any, and for places where nobody shall be."""
    own = own_ports(os.getpid())
    found = list(itertools.islice(filter(is_free, itertools.islice(own[1], BLOCK)), n)) if own else []
    return found if len(found) == n else kernels_ports(n)


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0 and s.getsockname() != s.getpeername()


# ---- waiting ----

def until(what, ready, process=None, seconds=LIMIT):
    """Asks again and again, with a short pause so that the machine is left to the process awaited. Returns what ready() gave. It is asked
    once more after the time is over, or the process: either may have come to pass while this one did not get to run."""
    end = time.monotonic() + seconds
    while True:
        ended, late = process is not None and process.poll() is not None, time.monotonic() >= end
        if got := ready():
            return got
        if ended:
            raise AssertionError(f"{what}: ended with {process.returncode}")
        if late:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.01)


def end(process, number=signal.SIGTERM):
    """Ends it by its id and returns its exit status."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
