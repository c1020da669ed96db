# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Processes under test: free ports, waiting for them by a probe, ending them by their id."""
import contextlib
import signal
import socket
import subprocess
import time

LIMIT = 30  # seconds; a machine under load is slow, a hang is not waited for longer


def free_port():
    return free_ports(1)[0]


def free_ports(n):
    """Different ones: all are held until the last is known."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]


def until(what, ready, process=None, seconds=LIMIT):
    """Asks again and again, with a short pause so that the machine is left to the process awaited. Returns what ready() gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if got := ready():
            return got
        if process is not None and process.poll() is not None:
            raise AssertionError(f"{what}: ended with {process.returncode}")
        time.sleep(0.01)
    raise AssertionError(f"{what}: not within {seconds} s")


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


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
