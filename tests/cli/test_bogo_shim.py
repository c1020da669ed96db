# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The shim for BoringSSL's protocol tests, as far as it can be tested without their runner: what it answers to flags, a handshake
with nobody, and that the lists of tests/bogo are sound. Without a shim the tests that start it are skipped."""
import fnmatch
import json
import os
import re
import signal
import socket
import subprocess
import threading

import pytest

from conftest import ROOT
from processes import LIMIT

BOGO = os.path.join(ROOT, "tests/bogo")
BUILDS = [os.environ.get("HANDFAST_BOGO_SHIM"), *(os.path.join(ROOT, f"build/{b}/bogo_shim") for b in ("asan", "release"))]
SHIM = next((path for path in BUILDS if path and os.access(path, os.X_OK)), None)
DONE = "--- DONE ---\n"
needs_shim = pytest.mark.skipif(not SHIM, reason="bogo_shim is missing: scripts/build asan bogo_shim")


def start(*flags):
    env = {**os.environ, "ASAN_OPTIONS": "exitcode=90"}
    return subprocess.run([SHIM, *flags], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False)


def read(name):
    with open(os.path.join(BOGO, name), encoding="utf-8") as f:
        return f.read()


def config():
    return json.loads(read("config.json"))


def rows():
    """kind and flag of each row of flags.def"""
    return re.findall(r'(?m)^SHIM_FLAG\((\w+), \w+, "(-[a-z0-9-]+)"\)', read("shim/flags.def"))


# ---- the process ----

@needs_shim
def test_handshaker_is_not_supported():
    done = start("-is-handshaker-supported")
    assert (done.returncode, done.stdout, done.stderr) == (0, "No\n", DONE)


@needs_shim
@pytest.mark.parametrize("flag", ["-quic", "-on-resume-quic", "-on-shim-on-retry-dtls", "-Server", "server", "--server", ""])
def test_unknown_flag(flag):
    done = start("-port", "1", "-shim-id", "0", flag)
    assert done.returncode == 89
    assert done.stderr.endswith(DONE)


@needs_shim
def test_every_flag_is_known():
    for kind, flag in rows():
        value = {"INT": ["1"], "MAYBE_INT": ["-1"], "INTS": ["29"], "CRED_INTS": ["29"], "BASE64": ["AAEC"],
                 "CRED_BASE64": ["AAEC"], "STRING": [""], "CRED_STRING": [""]}.get(kind, [])
        for prefix in ("", "-on-initial", "-on-resume", "-on-retry", "-on-shim", "-on-handshaker", "-on-shim-on-retry"):
            done = start("-is-handshaker-supported", prefix + flag, *value)
            assert (done.returncode, done.stdout, done.stderr) == (0, "No\n", DONE), prefix + flag


@needs_shim
@pytest.mark.parametrize("flags", [["-port"], ["-port", "x"], ["-port", ""], ["-curves", "65536"], ["-curves", "-1"],
                                   ["-expect-ocsp-response", "*"]])
def test_bad_value(flags):
    done = start(*flags)
    assert done.returncode == 1
    assert done.stderr.endswith(DONE)


@needs_shim
def test_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = start("-port", str(taken.getsockname()[1]), "-shim-id", "7")
    assert done.returncode == 1
    assert done.stderr.endswith(DONE)


def one_visitor(answer):
    """Port of a listener that takes one connection; what came is in the list once the thread is done."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard = []

    def serve():
        with listener, listener.accept()[0] as visitor:
            first = b""
            while len(first) < 13:
                first += visitor.recv(13 - len(first))
            heard.append(first)
            visitor.sendall(answer)
            visitor.shutdown(socket.SHUT_WR)
            while more := visitor.recv(65536):
                heard.append(more)

    thread = threading.Thread(target=serve)
    thread.start()
    return listener.getsockname()[1], thread, heard


@needs_shim
def test_a_failure_that_was_told_by_an_alert():
    port, thread, heard = one_visitor(b"\x17\x03\x03\x00\x01x")
    done = start("-port", str(port), "-shim-id", "258", "-resume-count", "3")
    thread.join()
    assert heard[0][:8] == b"\x02\x01\0\0\0\0\0\0"  # the id, little-endian
    assert heard[0][8:9] == b"\x16"  # and ClientHello's record
    assert b"".join(heard).endswith(b"\x15\x03\x03\x00\x02\x02\x0a")
    assert done.returncode == 0  # the runner must have seen the alert
    assert re.search(r":[A-Z_]+:", done.stderr)
    assert done.stderr.endswith(DONE)


@needs_shim
def test_a_failure_that_nobody_was_told():
    port, thread, _ = one_visitor(b"")
    done = start("-port", str(port), "-shim-id", "1")
    thread.join()
    assert done.returncode == 1
    assert done.stderr.endswith(DONE)


@needs_shim
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL])
def test_a_crash_has_a_code_of_its_own(number):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        flags = ["-port", str(listener.getsockname()[1]), "-shim-id", "0"]
        with subprocess.Popen([SHIM, *flags], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            with listener.accept()[0] as visitor:
                assert visitor.recv(1)  # it runs, and waits for an answer
                child.send_signal(number)
                assert child.wait(LIMIT) == 90


# ---- the lists ----

def test_config():
    found = config()
    assert set(found) == {"DisabledTests", "ErrorMap", "HalfRTTTickets"}
    for glob, reason in found["DisabledTests"].items():
        assert glob and "/" not in glob
        assert len(reason.removeprefix("outside: ")) > 3, glob
    for name, others in found["ErrorMap"].items():
        assert re.fullmatch(r":[A-Z0-9_]+:", name)
        assert isinstance(others, list) and others and all(re.fullmatch(r":[A-Z0-9_]+:", other) for other in others), name


# What may take a test out of those of which 97 in 100 must run.
BEYOND = ("signatures with SHA-1", "signatures with MD5 and SHA-1", "code point 0x0420 (RSA PKCS#1 in TLS 1.3)",
          "tickets in BoringSSL's own format")


def test_needs():
    header, *lines = read("needs.tsv").splitlines()
    assert header == "pattern\tcount\treason"
    patterns = [line.split("\t") for line in lines]
    assert all(len(row) == 3 and int(row[1]) > 0 and row[2] for row in patterns)
    assert len({row[0] for row in patterns}) == len(patterns)
    assert all(row[2].startswith(BEYOND) for row in patterns), "such a test is one of those that did not run"
    assert sum(int(row[1]) for row in patterns) == 60


def disputed():
    return re.findall(r"(?m)^\| `([^`]+)` \| ([^|]*) \|", read("disputed.md"))


def test_disputed_tests_are_switched_off_and_have_a_section():
    tests = disputed()
    assert 0 < len(tests) <= 25
    for name, section in tests:
        assert re.search(r"RFC \d+", section), name
        assert any(fnmatch.fnmatchcase(name, glob) for glob in config()["DisabledTests"]), name


def test_names_are_of_errors_that_exist():
    with open(os.path.join(ROOT, "include/handfast/tables/errors.def"), encoding="utf-8") as f:
        errors = set(re.findall(r"(?m)^HF_ERROR\((\w+),", f.read()))
    names = re.findall(r'(?m)^NAME(?:_AT)?\((\w+), (?:"[^"]*", )?"([A-Z0-9_]+)"\)', read("shim/names.def"))
    assert len(names) == len(re.findall(r"(?m)^NAME", read("shim/names.def")))
    assert {name for name, _ in names} <= errors
