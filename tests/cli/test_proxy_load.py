# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The load generator of `make bench-proxy` in all its modes, small, against `handfast proxy`; and what it is there to show that does not
hang on the machine's speed: slow clients cost little memory, and all are cut off."""
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import BIN, ROOT

sys.path.append(os.path.join(ROOT, "tests/bench/proxy"))
import servers  # noqa: E402  pylint: disable=wrong-import-position
from crowd import Crowd  # noqa: E402  pylint: disable=wrong-import-position

SLOW, SLOW_BYTES = 500, 6144
BUILD = os.path.dirname(BIN)


@pytest.fixture(scope="module", name="load")
def load_generator(binary):
    """Built when it is asked for, where the tool was built."""
    assert binary
    if sys.platform != "linux":
        pytest.skip("the proxy runs on Linux")
    program = os.path.join(BUILD, "bench/bench_proxy_load")
    if os.path.exists(os.path.join(BUILD, "CMakeCache.txt")):
        done = subprocess.run(["cmake", "--build", BUILD, "--target", "bench_proxy_load"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    elif not os.path.exists(program):
        pytest.skip("the tool stands in no build folder: the load generator cannot be built")
    return program


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"x" * servers.FILES[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


class Backend(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@pytest.fixture(scope="module", name="behind")
def behind_it():
    with Backend(("127.0.0.1", 0), Answer) as backend:
        threading.Thread(target=backend.serve_forever, daemon=True).start()
        yield backend.server_address[1]
        backend.shutdown()


@pytest.fixture(scope="module", name="proxy")
def one_proxy(load, behind, tmp_path_factory):
    assert load
    yield from started(tmp_path_factory, behind, "5m")  # a busy machine may need more than the standard


@pytest.fixture(scope="module", name="hasty")
def one_that_cuts_soon(load, behind, tmp_path_factory):
    assert load
    yield from started(tmp_path_factory, behind, "1s")


def started(tmp_path_factory, behind, handshake):
    folder = str(tmp_path_factory.mktemp("load"))
    server = servers.handfast(folder, servers.certificates(folder, BIN), behind, tool=BIN, more=f"limits: {{handshake: {handshake}}}\n")
    yield server
    server.stop()


def crowd(load, proxy, mode, path="/small", **options):
    return Crowd(load, mode, proxy.port, path=path, body=servers.FILES[path], sources=8, **options)


def went_well(result):
    assert result["wrong"] == 0, result
    return result


@pytest.mark.parametrize("mode, resumed", [("new", False), ("resumed", True)])
def test_new_connections_are_all_answered(load, proxy, mode, resumed):
    with crowd(load, proxy, mode, ms=300, at_once=8) as clients:
        result = went_well(clients.go())
    assert result["answered"] == result["connected"] > 0
    assert result["resumed"] == (result["connected"] if resumed else 0)
    assert (result["version"], result["suite"], result["group"]) == (0x0304, 0x1301, 0x001D)


@pytest.mark.parametrize("path", servers.FILES)
def test_kept_connections_ask_again_and_stay(load, proxy, path):
    with crowd(load, proxy, "keepalive", path, ms=300, at_once=8) as clients:
        result = went_well(clients.go())
    assert result["answered"] >= 8 and result["connected"] == 0  # none of them was made anew


@pytest.mark.parametrize("silent", [0, 1])
def test_idle_connections_stay(load, proxy, silent):
    with crowd(load, proxy, "idle", connections=100, at_once=8, silent=silent) as clients:
        result = went_well(clients.go())
    assert result["still_there"] == result["connected"] == 100
    assert result["answered"] == (0 if silent else 100)


def test_a_rate_is_kept_whatever_becomes_of_those_before(load, proxy):
    with crowd(load, proxy, "rate", rate=50, ms=400) as clients:
        result = went_well(clients.go())
    assert result["connected"] == result["answered"] == 20


@pytest.mark.skipif("asan" in BUILD, reason="memory is that of a build without sanitizers")
def test_slow_clients_cost_little_memory_and_all_are_cut_off(load, hasty):
    with crowd(load, hasty, "new", ms=100, at_once=8) as clients:  # what is made once is no slow client's
        assert clients.go()["answered"] > 0
    before = hasty.memory()["private"]
    with crowd(load, hasty, "slow", connections=SLOW, rate=2000, again=1) as clients:
        grown = hasty.memory()["private"] - before
        result = went_well(clients.go("stop"))
    assert grown <= SLOW * SLOW_BYTES, f"{grown / SLOW:.0f} bytes each"
    assert result["never_cut"] == 0
    assert result["cut_us"]["n"] >= SLOW
    assert result["cut_us"]["min"] >= 990_000, result  # nobody before limits.handshake, which is 1 s here
