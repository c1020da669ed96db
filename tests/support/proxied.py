# SPDX-License-Identifier: Apache-2.0 OR MIT
"""`handfast proxy run` under test, for the tests of the tool and for those with other people's programs: a configuration, the processes,
what they say, and a client that judges strictly."""
import contextlib
import ctypes
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time

from processes import LIMIT, end, free_ports, listens, until  # noqa: F401 (tests take them from here)

LONG = os.environ.get("HANDFAST_LONG") == "1"
FOREIGN = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE", "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "HANDFAST_STATE")
ENV = {k: v for k, v in os.environ.items() if k not in FOREIGN}


PATIENCE = {"handshake": "5m", "header": "5m", "connect": "5m"}  # what a busy machine may need longer for than the standard allows
COARSE = getattr(time, "CLOCK_REALTIME_COARSE", 5)  # the clock that files are stamped with
READY = re.compile(r'"event":\s*"ready"|^\S+ \S+ ready ', re.M)


class Pid(int):
    """A process, by its id and when it began: an id alone may soon be another's."""

    def __new__(cls, pid):
        made = super().__new__(cls, pid)
        made.born = stat_of(pid)[19:20]
        return made


def stat_of(pid):
    """What /proc/PID/stat has behind the name, from the state on; nothing: there is no such process."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
        return f.read().rpartition(")")[2].split()
    return []


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [Pid(word) for word in f.read().split()]
    except OSError:
        return []


def resident(pid):
    """KiB."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status", encoding="utf-8") as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def room_of_sockets():
    """Bytes that the system's buffers may hold of one TCP connection in one direction, the sender's and the receiver's."""
    room = 0
    for name in ("tcp_rmem", "tcp_wmem"):
        with open(f"/proc/sys/net/ipv4/{name}", encoding="ascii") as f:
            room += int(f.read().split()[2])
    return room


def dies_with_us():
    """A test that is killed leaves no proxy behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Proxy:
    """A proxy on free ports. `sites` and `more` are the configuration, as YAML would have it; JSON is YAML."""

    def __init__(self, binary, folder, sites, env=None, stderr=None, before=(), **more):
        self.binary, self.folder, self.before = binary, folder, list(before)
        self.tls, self.redirect, self.admin = free_ports(3)
        self.env = {**ENV, **(env or {})}
        self.config = {"listen": [f"127.0.0.1:{self.tls}"], "redirect": [f"127.0.0.1:{self.redirect}"],
                       "admin": f"127.0.0.1:{self.admin}", "control": str(folder / "control.sock"), "workers": 2, "log": "json", **more,
                       "limits": {**PATIENCE, **more.get("limits", {})}, "sites": sites}
        if os.geteuid() == 0 and ("challenges" in more or '"unix:' in json.dumps(sites)):
            self.config.setdefault("user", "root")  # pytest's folders are closed to nobody
        self.file, self.log_file = folder / "proxy.yaml", folder / "proxy.log"
        self.stderr, self.process, self.told_before = stderr, None, 0

    def write(self):
        """In one step, as an editor does."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(self.config, indent=1), encoding="utf-8")
        os.replace(fresh, self.file)

    def __enter__(self):
        self.write()
        self.told_before = len(self.log())
        a_tick_later()
        with contextlib.ExitStack() as stack:
            stderr = self.stderr if self.stderr is not None else stack.enter_context(open(self.log_file, "ab"))
            self.process = subprocess.Popen([*self.before, str(self.binary), "proxy", "run", str(self.file)], cwd=self.folder, env=self.env,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr, preexec_fn=dies_with_us)
        try:
            until("handfast proxy run", self.is_up, self.process)
        except AssertionError:
            print(self.log())
            end(self.process, signal.SIGKILL)
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print(self.log()[-6000:])
        workers = self.workers()
        end(self.process, signal.SIGKILL)
        until("workers end with their parent", lambda: not any(alive(pid) for pid in workers))

    def is_up(self):
        """It serves, and all that it says at its start is said."""
        if self.stderr is None and not READY.search(self.log()[self.told_before:]):
            return False
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.get_admin("/healthz")[0] == 200
        return False

    # ---- its processes ----

    @property
    def pid(self):
        return self.process.pid

    def workers(self):
        return children(self.pid)

    def resident(self):
        """KiB a process, by id."""
        return {pid: resident(pid) for pid in (self.pid, *self.workers())}

    # ---- what it says ----

    def log(self):
        """Whole lines: the last one may be in the midst of being written."""
        text = self.log_file.read_text(encoding="utf-8", errors="replace") if self.log_file.exists() else ""
        return text[:text.rfind("\n") + 1]

    def get_admin(self, path):
        there = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=LIMIT)
        try:
            there.request("GET", path)
            answer = there.getresponse()
            return answer.status, answer.read().decode()
        finally:
            there.close()

    def metrics(self):
        """{name with its labels: value}"""
        status, text = self.get_admin("/metrics")
        assert status == 200, text
        rows = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in rows}

    def tool(self, *words):
        return subprocess.run([str(self.binary), "proxy", *map(str, words)], cwd=self.folder, env=self.env, capture_output=True, text=True,
                              timeout=LIMIT, check=False)

    def status(self):
        done = self.tool("status", "--json", self.file)
        status = json.loads(done.stdout)
        assert done.returncode == int(any(site["health"] != "good" for site in status["sites"])), done
        return status

    # ---- what it is told ----

    def answers(self):
        """Its control socket does: its file is there a moment before anybody listens."""
        return self.tool("status", self.file).returncode in (0, 1)

    def hang_up(self):
        os.kill(self.pid, signal.SIGHUP)

    def reload(self):
        """Through the control socket: over when it counts, or when it was refused."""
        return self.tool("reload", self.file)

    def ask(self, name, pki=None, path="/", **more):
        return ask(self.tls, name, pki, path, **more)

    def ask_plain(self, name, path="/", port=None):
        return read_answer(socket.create_connection(("127.0.0.1", port or self.redirect), timeout=LIMIT), request(name, path))


SUPPORT = os.path.dirname(os.path.abspath(__file__))


@contextlib.contextmanager
def program(words, ready, what, **more):
    """Runs beside a test; killed by its id."""
    process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=ENV,
                               preexec_fn=dies_with_us, **more)
    try:
        until(what, ready, process)
        yield process
    finally:
        end(process, signal.SIGKILL)


def backend(port, name):
    """proxied_backend.py."""
    return program([sys.executable, os.path.join(SUPPORT, "proxied_backend.py"), port, name], lambda: listens(port), "the backend")


class Load:
    """proxied_load.py: clients of these sites, all the while."""

    def __init__(self, folder, proxy, ca, sites, keepers=3, comers=2, **more):
        spec = {"port": proxy.tls, "ca": str(ca), "sites": sites, "keepers": keepers, "comers": comers, **more}
        self.file = folder / f"load-{time.monotonic_ns()}.json"
        self.file.write_text(json.dumps(spec), encoding="utf-8")
        self.process = self.seen = None

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, os.path.join(SUPPORT, "proxied_load.py"), str(self.file)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=ENV, preexec_fn=dies_with_us)
        assert self.process.stdout.readline() == b"going\n"
        return self

    def __exit__(self, kind, *_):
        """Ends in order; what was counted is in seen."""
        try:
            said = self.process.communicate(timeout=2 * LIMIT)[0]
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        if said:
            self.seen = json.loads(said)
            if kind is not None:
                print(self.seen)


def alive(pid):
    """A zombie is not, nor is another process of the same id."""
    stat = stat_of(pid)
    return bool(stat) and stat[0] not in "ZX" and getattr(pid, "born", stat[19:20]) == stat[19:20]


@contextlib.contextmanager
def stopped(pid):
    """It does not get to run; what comes meanwhile is there all at once afterwards, in the order in which it came."""
    os.kill(pid, signal.SIGSTOP)
    try:
        until("it stands still", lambda: stat_of(pid)[:1] == ["T"])
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def a_tick_later():
    """Files that are there by now are older than what begins now, in the clock that they are stamped with."""
    now = time.clock_gettime_ns(COARSE)
    until("the next tick", lambda: time.clock_gettime_ns(COARSE) > now)


# ---- a client ----

class Answer:
    def __init__(self, response, body, certificate=None):
        self.status, self.headers, self.body, self.certificate = response.status, response.headers, body, certificate

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:200]}"


def request(name, path="/", method="GET", body=b"", headers=()):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {name}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def client_context(ca=None, pair=None):
    """ca None: whoever it is (and the certificate is looked at afterwards)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    else:
        context.load_verify_locations(ca)
    if pair:
        context.load_cert_chain(*pair)
    return context


def connect(port, name, ca=None, pair=None, context=None, timeout=LIMIT, session=None):
    raw = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        return (context or client_context(ca, pair)).wrap_socket(raw, server_hostname=name, suppress_ragged_eofs=False,
                                                                 session=session)
    except BaseException:
        raw.close()
        raise


def read_answer(s, sent):
    """One request on a connection that is closed then. A body that is cut off is an error (http.client.IncompleteRead)."""
    with s:
        s.sendall(sent)
        response = http.client.HTTPResponse(s, method=sent.split(b" ", 1)[0].decode())
        response.begin()
        certificate = s.getpeercert(True) if isinstance(s, ssl.SSLSocket) else None
        return Answer(response, response.read(), certificate)


def ask(port, name, ca=None, path="/", pair=None, host=None, method="GET", body=b"", headers=()):
    """ca None: whoever it is."""
    return read_answer(connect(port, name, ca, pair), request(host or name, path, method, body, headers))
