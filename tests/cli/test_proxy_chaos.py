# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What happens to a proxy in the real world, under load over TLS: its workers are killed, its disk is full, nobody reads its log, the clock
jumps by a year, a backend comes and goes. HANDFAST_LONG=1: fifty kills."""
import contextlib
import datetime
import json
import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

import proxied
from proxied import LIMIT, LONG, Load, Proxy, stopped, until
from proxied_pki import Authority

KILLS = 50 if LONG else 5
CLIENTS = 6  # who ask all the while that workers are killed


class Scene:
    def __init__(self, folder):
        self.folder, self.authority = folder, Authority(folder)
        self.backend = proxied.free_ports(1)[0]
        self.chain, self.key = folder / "a.pem", folder / "a.key"
        self.renew()

    def renew(self):
        self.pair = self.authority.leaf("a.test")
        return self.pair.write(self.chain, self.key)

    def rows(self, **more):
        return [{"names": ["a.test"], "certificates": [{"chain": str(self.chain), "key": str(self.key)}],
                 "backend": f"127.0.0.1:{self.backend}", **more}]

    def load(self, proxy, **more):
        return Load(self.folder, proxy, self.authority.file, ["a.test"], **more)

    def good(self, proxy):
        answer = proxy.ask("a.test", self.authority.file)
        assert answer.status == 200, answer
        return answer


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


@pytest.fixture
def served(scene):
    with proxied.backend(scene.backend, "B"):
        yield scene


def nothing_failed(load):
    print({key: value for key, value in load.seen.items() if key != "failures"})
    assert (load.seen["failed"], load.seen["failures"][:10]) == (0, [])
    assert load.seen["requests"] > 20


# ---- workers ----

def test_workers_are_killed(binary, served):
    """Its successor comes at once, and a new request is answered, on the same port; what fails was on a connection from before the kill."""
    kills = []
    with Proxy(binary, served.folder, served.rows()) as proxy:
        with served.load(proxy, keepers=CLIENTS // 2, comers=CLIENTS // 2) as load:
            for i in range(KILLS):
                workers = proxy.workers()
                assert len(workers) == 2, workers
                victim = workers[i % 2]
                begin = time.monotonic()
                os.kill(victim, signal.SIGKILL if i % 3 else signal.SIGSEGV)
                until("its end", lambda pid=victim: not proxied.alive(pid))
                kills.append((begin, time.monotonic()))
                for _ in range(4):  # with two sockets of the port, some of them are the dead worker's
                    served.good(proxy)
                until("another worker", lambda pid=victim: two_living(proxy, {pid}), proxy.process)
        assert proxy.process.poll() is None
        died = until("words about all of them", lambda: deaths(proxy)[KILLS - 1:] and deaths(proxy))
        assert LONG or [line["restart_ms"] for line in died] == [0] * KILLS, died
    print({key: value for key, value in load.seen.items() if key != "failures"})
    wrong = [failure for failure in load.seen["failures"] if not was_under_way(failure, kills)]
    assert not wrong, wrong[:5]
    assert load.seen["failed"] <= KILLS * CLIENTS and load.seen["longest"] < LIMIT, load.seen


def two_living(proxy, former):
    workers = proxy.workers()
    return len(workers) == 2 and not former & set(workers) and all(map(proxied.alive, workers))


def deaths(proxy):
    return [row for row in rows_of(proxy) if row["event"] == "worker_died"]


def was_under_way(failure, kills):
    """A worker was killed, and the connection was asked for before that. (Each client has one, and notices when it comes to run.)"""
    return any(failure["began"] <= after and before <= failure["at"] < after + LIMIT for before, after in kills)


def test_both_workers_are_killed_at_once(binary, served):
    """Connections that come meanwhile wait, as their sockets are the parent's: none is refused."""
    with Proxy(binary, served.folder, served.rows()) as proxy:
        for _ in range(3):
            before = set(proxy.workers())
            with stopped(proxy.pid):
                for pid in before:
                    os.kill(pid, signal.SIGKILL)
                until("their ends", lambda pids=before: not any(map(proxied.alive, pids)))
                raw = socket.create_connection(("127.0.0.1", proxy.tls), timeout=LIMIT)
            with proxied.client_context(served.authority.file).wrap_socket(raw, server_hostname="a.test") as s:
                assert proxied.read_answer(s, proxied.request("a.test")).status == 200
            served.good(proxy)
            until("two workers", lambda pids=before: two_living(proxy, pids), proxy.process)


def test_a_worker_is_killed_during_a_reload(binary, served):
    """The reload counts or it does not; the proxy serves on, and both workers serve the same."""
    with Proxy(binary, served.folder, served.rows()) as proxy:
        for i in range(max(3, KILLS // 5)):
            served.renew()
            proxy.hang_up()
            with contextlib.suppress(ProcessLookupError):
                os.kill(proxy.workers()[i % 2], signal.SIGKILL)
            until("two workers", lambda: two_living(proxy, set()), proxy.process)
            assert proxy.reload().returncode == 0
            assert all(served.good(proxy).certificate == served.pair.der for _ in range(6))


def test_workers_end_with_their_parent(binary, served):
    """Killed, it leaves no process that holds the port."""
    with Proxy(binary, served.folder, served.rows()) as proxy:
        workers = proxy.workers()
        proxy.process.kill()
        proxy.process.wait(LIMIT)  # it holds the port as well
        until("the workers' end", lambda: not any(map(proxied.alive, workers)))
        assert not proxied.listens(proxy.tls)


# ---- the log ----

def test_a_log_that_takes_nothing(binary, served):
    """/dev/full: every write fails with ENOSPC."""
    with open("/dev/full", "wb") as full, Proxy(binary, served.folder, served.rows(), stderr=full) as proxy:
        with served.load(proxy) as load:
            for _ in range(10):
                assert proxy.reload().returncode == 0
    nothing_failed(load)


def test_a_log_that_nobody_reads(binary, served):
    """A full pipe: nothing waits for it."""
    there, here = os.pipe()
    with Proxy(binary, served.folder, served.rows(), stderr=here) as proxy:
        with served.load(proxy) as load:
            until("more lines than the pipe holds", lambda: requests(proxy) > 1000, proxy.process, 4 * LIMIT)
            assert proxy.reload().returncode == 0
    os.close(there)
    os.close(here)
    nothing_failed(load)


def requests(proxy):
    return sum(value for row, value in proxy.metrics().items() if row.startswith("handfast_requests_total"))


@contextlib.contextmanager
def small_disk(folder, kilobytes=256):
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(disk):
    with contextlib.suppress(OSError), open(disk / "filler", "ab", buffering=0) as f:
        while True:
            f.write(bytes(1024))


def fails_handshakes(proxy, n):
    """As a scanner would."""
    for _ in range(n):
        with pytest.raises(OSError):
            proxied.connect(proxy.tls, "nobody.test")


def test_a_full_disk(binary, served):
    """For the log and for the state: served on, and written on once there is room again."""
    with small_disk(served.folder / "disk") as disk:
        state, log = disk / "state", disk / "log"
        state.mkdir(mode=0o700)
        with open(log, "ab") as stderr, Proxy(binary, served.folder, served.rows(), stderr=stderr, state=str(state)) as proxy:
            with served.load(proxy) as load:
                fails_handshakes(proxy, 5)
                fill(disk)
                full = log.stat().st_size
                fails_handshakes(proxy, 20)
                for _ in range(5):
                    served.renew()
                    assert proxy.reload().returncode == 0
                    assert served.good(proxy).certificate == served.pair.der
                (disk / "filler").unlink()
                until("the log goes on", lambda: served.good(proxy) and log.stat().st_size > full + 4096, proxy.process)
            assert proxy.process.poll() is None
    nothing_failed(load)


# ---- the clock ----

class Clock:
    """libfaketime, whose file says how far the clock is off. Durations are left alone, as they are by those who set a clock."""

    def __init__(self, folder):
        if not shutil.which("faketime"):
            pytest.skip("missing peer: faketime")
        library = subprocess.run(["faketime", "-f", "+0", "sh", "-c", "echo $LD_PRELOAD"], capture_output=True, text=True, check=True)
        self.file = folder / "clock"
        self.set("+0")
        self.env = {"LD_PRELOAD": library.stdout.strip(), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
                    "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1", "NO_FAKE_STAT": "1"}

    def set(self, off):
        """In one step."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{off}\n")
        os.replace(fresh, self.file)


def test_the_clock_jumps(binary, served):
    """By a year there and back, and reloads while it is wrong: an expired certificate is served on, and so is that from before where the
    new one is not valid yet. Clients, whose clock is right, notice nothing; deadlines and connections neither."""
    clock = Clock(served.folder)
    with Proxy(binary, served.folder, served.rows(), env=clock.env) as proxy:
        with served.load(proxy) as load:
            for off, health in (("+1y", "expired"), ("+0", "good"), ("-1y", "kept"), ("+0", "good"), ("+1y", "expired"), ("-1y", "kept")):
                clock.set(off)
                n = requests(proxy)
                until("requests at that time", lambda n=n: requests(proxy) > n + 20, proxy.process)
                proxy.reload()
                assert proxy.status()["sites"][0]["health"] == health, (off, proxy.status())
                n = requests(proxy)
                until("requests after a reload", lambda n=n: requests(proxy) > n + 20, proxy.process)
        assert {round(off / YEAR) for off in offs(proxy)} == {-1, 0, 1}, "the clock did not jump"
    nothing_failed(load)


YEAR = 365 * 86400


def offs(proxy):
    """By how many seconds the log's lines differ from now."""
    zone = datetime.timezone.utc
    return [datetime.datetime.strptime(row["ts"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=zone).timestamp() - time.time()
            for row in rows_of(proxy)]


def rows_of(proxy):
    return [json.loads(line) for line in proxy.log().splitlines() if line.startswith("{")]


# ---- the backend ----

def told_to_come_back(answer):
    assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0 and "no-store" in answer.headers["Cache-Control"], answer


def test_a_backend_that_flaps(binary, scene):
    """While it is away: 503, at once and whole, on connections that stay. Once it is back: 200."""
    with Proxy(binary, scene.folder, scene.rows()) as proxy:
        told_to_come_back(proxy.ask("a.test", scene.authority.file))
        with scene.load(proxy, statuses=[200, 502, 503]) as load:
            for _ in range(20 if LONG else 5):
                with proxied.backend(scene.backend, "B"):
                    until("it is served", lambda: proxy.ask("a.test", scene.authority.file).status == 200, proxy.process)
                    more(proxy, "2xx")
                told_to_come_back(proxy.ask("a.test", scene.authority.file))
                more(proxy, "5xx")
    assert load.seen["failed"] == 0 or cut_off(load), load.seen
    assert load.seen["statuses"].get("200", 0) > 50 and load.seen["statuses"].get("503", 0) > 50, load.seen


def more(proxy, code, n=20):
    """Requests with that status."""
    row = f'handfast_requests_total{{site="a.test",listener="tls",code="{code}"}}'
    before = proxy.metrics()[row]
    until(f"{n} more with {code}", lambda: proxy.metrics()[row] >= before + n, proxy.process)


def cut_off(load):
    """A response whose backend was killed in the middle of it can only be cut off; and that it is, is seen."""
    return all("IncompleteRead" in failure["why"] or "EOF" in failure["why"] for failure in load.seen["failures"])


def test_another_backend_takes_over(binary, scene):
    """Of two, one is dead: no request notices. Once it is there it takes its turn."""
    other = proxied.free_ports(1)[0]
    rows = scene.rows()
    rows[0]["backend"] = [f"127.0.0.1:{other}", f"127.0.0.1:{scene.backend}"]
    with proxied.backend(scene.backend, "B"), Proxy(binary, scene.folder, rows) as proxy:
        with scene.load(proxy) as load:
            until("requests with one", lambda: requests(proxy) > 50, proxy.process)
            assert who_answers(scene, proxy) == {"B"}
        with proxied.backend(other, "C"):
            until("both", lambda: who_answers(scene, proxy) == {"B", "C"}, proxy.process)
    nothing_failed(load)


def who_answers(scene, proxy):
    return {json.loads(scene.good(proxy).body)["backend"] for _ in range(8)}
