# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The proxy as a service: what packaging/ holds fits what the proxy does. No systemd has to run for this; its tools have to be there."""
import contextlib
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile

import pytest

import proxied
from conftest import ROOT
from processes import claim, is_free
from proxied_pki import Authority

UNIT = os.path.join(ROOT, "packaging/handfast-proxy.service")
CAPABILITIES = ["net_bind_service", "dac_read_search"]
NOBODY = 65534


def need(*programs):
    """Some stand where only root's PATH looks. Returns the last one's place."""
    for name in programs:
        found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        if not found:
            pytest.skip(f"missing peer: {name} (make deps-peers)")
    return found


def need_root():
    if os.geteuid() != 0:
        pytest.skip("only root can give rights away")


def unit_text():
    with open(UNIT, encoding="utf-8") as f:
        return f.read()


def settings(name):
    return re.findall(rf"(?m)^{name}=(.*)$", unit_text())


# ---- the unit ----

def test_the_unit_is_confined():
    need("systemd-analyze")
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", UNIT], capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


@pytest.mark.parametrize("name", ["handfast-proxy.service", "handfast-proxy.socket"])
def test_systemd_understands_every_line(tmp_path, name):
    """As it is installed: with the tool at a place that is there, which has a blank and a percent sign in its name."""
    need("systemd-analyze", "cmake")
    tool = tmp_path / "100% a prefix/bin/handfast"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    subprocess.run(["cmake", f"-DUNIT={UNIT}", f"-DOUT={tmp_path}/handfast-proxy.service", f"-DTOOL={tool}", "-P",
                    os.path.join(ROOT, "cmake/InstallUnit.cmake")], check=True, timeout=60)
    if name.endswith(".socket"):
        shutil.copy(os.path.join(ROOT, "packaging", name), tmp_path)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, timeout=60,
                          check=False)
    assert (done.returncode, done.stderr) == (0, "")


def seconds(text):
    """Of systemd.time(7), as the unit has it."""
    number, unit = re.fullmatch(r"([0-9.]+)(ms|s|min|)", text).groups()
    return float(number) * {"ms": 0.001, "min": 60}.get(unit, 1)


def test_an_address_that_is_late_at_boot_is_waited_for(hf, tmp_path):
    """`run` ends with what the unit starts again, and no number of such ends makes systemd give up."""
    file = tmp_path / "p.yaml"
    file.write_text('listen: ["198.51.100.7:8443"]\nsites: [{names: [a.test], certificates: [{chain: a, key: b}], backend: "127.0.0.1:1"}]\n')
    code = hf("proxy", "run", file).code
    assert settings("Restart") == ["on-failure"] and code != 0 and str(code) not in settings("RestartPreventExitStatus")[0].split()
    (pause,), (interval,) = settings("RestartSec"), settings("StartLimitIntervalSec")
    assert seconds(pause) >= 1 and seconds(interval) == 0


@pytest.mark.parametrize("code, good", [(0, True), (1, True), (2, False), (3, False)])
def test_a_reload_that_counts_is_none_that_failed(tmp_path, code, good):
    """1: a site is not well. It is so for ExecReload= alone: the proxy's own end with 1 is a failure like any other."""
    assert settings("SuccessExitStatus") == []
    (line,) = settings("ExecReload")
    tool = tmp_path / "handfast"
    tool.write_text(f'#!/bin/sh\n[ "$*" = "proxy reload /etc/handfast/proxy.yaml" ] || exit 9\nexit {code}\n')
    tool.chmod(0o755)
    words = [word.replace("$$", "$") for word in shlex.split(line.replace("/usr/local/bin/handfast", str(tool)))]
    assert (subprocess.run(words, check=False, timeout=60).returncode == 0) is good


def test_the_unit_gives_the_rights_that_are_tried_here():
    wanted = " ".join(f"CAP_{name.upper()}" for name in CAPABILITIES)
    assert settings("AmbientCapabilities") == settings("CapabilityBoundingSet") == [wanted]


def test_the_example_is_a_configuration(hf):
    """Its certificates are nobody's; its form is good, and warns of nothing else."""
    done = hf("proxy", "check", os.path.join(ROOT, "packaging/proxy.yaml"))
    assert done.code == 1, done
    assert "fullchain.pem" in done.out + done.err
    if not os.path.exists("/run/handfast"):
        assert "control: /run/handfast/proxy.sock: its folder is not there: systemd makes it" in " ".join(done.err.split())


# ---- rights ----

class Privileged(proxied.Proxy):
    """On ports below 1024 of this machine."""

    def __init__(self, *words, **more):
        super().__init__(*words, **more)
        self.tls, self.redirect = low_ports(2)
        self.config["listen"], self.config["redirect"] = [f"127.0.0.1:{self.tls}"], [f"127.0.0.1:{self.redirect}"]


held = []  # what says that ports below 1024 are ours


def low_ports(n):
    found = []
    for port in range(1023, 600, -1):
        if (holder := claim(port)) and is_free(port):
            held.append(holder)
            found.append(port)
        if len(found) == n:
            return found
    pytest.skip("there are no free ports below 1024")


def as_nobody(*capabilities):
    rights = ",".join(["-all", *(f"+{name}" for name in capabilities)])
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs", f"--inh-caps={rights}",
            f"--ambient-caps={rights}", f"--bounding-set={rights}"]


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)


@contextlib.contextmanager
def site_in(folder):
    """Its CA, and its row."""
    authority = Authority(folder)
    (backend,) = proxied.free_ports(1)
    pair = authority.leaf("a.test").into(folder, "a")
    with proxied.backend(backend, "behind"):
        yield authority.file, {"names": ["a.test"], "certificates": [pair], "backend": f"127.0.0.1:{backend}"}


@pytest.fixture(name="site")
def site_of_root(tmp_path):
    """Where only root may read: a key of mode 0600 in a folder of mode 0700."""
    folder = tmp_path / "live"
    folder.mkdir(mode=0o700)
    with site_in(folder) as site:
        yield site


@pytest.fixture(name="anybodys")
def site_of_anybody():
    """Where everybody may read: pytest's own folders are root's. The folder, the CA, and the row."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        with site_in(folder) as (ca, row):
            (folder / "a.key").chmod(0o644)
            yield folder, ca, row


def test_two_rights_are_enough_and_workers_have_none(binary, tmp_path, site):
    """As the unit runs it: the parent is nobody but for ports below 1024 and files that only root may read; workers are nobody."""
    need("setpriv")
    need_root()
    ca, row = site
    folder = tmp_path / "own"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    with Privileged(binary, folder, [row], before=as_nobody(*CAPABILITIES)) as proxy:
        assert proxy.ask("a.test", ca).status == 200
        parent, workers = status_of(proxy.pid), [status_of(pid) for pid in proxy.workers()]
        assert int(parent["CapEff"], 16) == 1 << 10 | 1 << 2, "net_bind_service and dac_read_search"
        assert int(parent["CapAmb"], 16) == 0, "a command for reminders has neither"
        assert len(workers) == 2
        for worker in workers:
            assert {worker[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {""}
            assert worker["Uid"].split() == [str(NOBODY)] * 4 and worker["NoNewPrivs"] == "1"
        assert proxy.reload().returncode == 0
        assert proxy.ask("a.test", ca).status == 200


def test_without_the_right_to_a_port_it_says_what_is_missing(binary, tmp_path, site):
    need("setpriv")
    need_root()
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as f:
        if int(f.read()) < 1024:
            pytest.skip("this system gives ports below 1024 to everybody")
    proxy = Privileged(binary, tmp_path, [site[1]])
    proxy.write()
    done = subprocess.run([*as_nobody("dac_read_search"), binary, "proxy", "run", proxy.file], capture_output=True, text=True,
                          timeout=proxied.LIMIT, check=False)
    assert done.returncode in (2, 5), done
    assert "CAP_NET_BIND_SERVICE" in done.stderr


@pytest.mark.parametrize("rights", ["", "cap_net_bind_service=+ep"], ids=["plain", "setcap"])
def test_root_and_user(binary, anybodys, rights):
    """`user:` is for the workers; they have nothing left, also where the program's file has capabilities."""
    setcap = need("setcap")
    need_root()
    folder, ca, row = anybodys
    tool = folder / "handfast"
    shutil.copy(binary, tool)
    if rights and subprocess.run([setcap, rights, tool], capture_output=True, check=False, timeout=60).returncode != 0:
        pytest.skip("no file has capabilities here")
    with proxied.Proxy(tool, folder, [row], user="nobody") as proxy:
        assert proxy.ask("a.test", ca).status == 200
        for pid in proxy.workers():
            worker = status_of(pid)
            assert {worker[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {""}
            assert worker["Uid"].split() == [str(NOBODY)] * 4 and worker["NoNewPrivs"] == "1"


# ---- socket activation ----

def test_sockets_of_systemd_need_no_right_at_all(binary, anybodys):
    """systemd listens below 1024; the proxy is nobody, without any right. The connection that started it is answered."""
    need("setpriv", "systemd-socket-activate")
    need_root()
    folder, ca, row = anybodys
    proxy = Privileged(binary, folder, [row])
    del proxy.config["control"]
    proxy.write()
    listen = [word for port in (proxy.tls, proxy.redirect) for word in ("-l", f"127.0.0.1:{port}")]
    words = ["systemd-socket-activate", *listen, *as_nobody(), binary, "proxy", "run", str(proxy.file)]
    with open(proxy.log_file, "ab") as log:
        process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=proxied.dies_with_us)
    try:
        proxied.until("systemd-socket-activate", lambda: listening(proxy.tls), process)
        assert proxy.ask("a.test", ca).status == 200
        assert proxy.ask_plain("a.test").status == 301
        os.kill(process.pid, signal.SIGHUP)
        for _ in range(20):
            assert proxy.ask("a.test", ca).status == 200
        assert proxied.end(process) == 0
    finally:
        print(proxy.log())
        proxied.end(process, signal.SIGKILL)


def listening(port):
    """Without connecting, which would start the proxy."""
    with open("/proc/net/tcp", encoding="ascii") as f:
        return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in f.readlines()[1:])


# ---- system calls ----

def filter_of_the_unit():
    allowed = set()
    for line in settings("SystemCallFilter"):
        names = set()
        for word in line.removeprefix("~").split():
            names |= members(word)
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed | members("@default")


def members(word):
    if not word.startswith("@"):
        return {word}
    said = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", word], capture_output=True, text=True, timeout=60, check=True)
    lines = [line.strip() for line in said.stdout.splitlines()[1:]]
    return set().union(*(members(line) for line in lines if line and not line.startswith("#")))


def test_every_system_call_passes_the_filter_of_the_unit(binary, tmp_path, site):
    """Parent and workers, from the start over a request, a reload and a worker's end to their own."""
    need("systemd-analyze", "strace")
    ca, row = site
    calls = tmp_path / "calls"
    traced = ["strace", "-f", "-qq", "-o", str(calls), "-e", "signal=none"]
    if subprocess.run([*traced, "true"], capture_output=True, timeout=60, check=False).returncode != 0:
        pytest.skip("nobody may trace here")
    as_in_the_unit = {"state": str(tmp_path / "state"), "user": "root"}  # nobody becomes anybody else there
    with proxied.Proxy(binary, tmp_path, [row], before=traced, workers=1, **as_in_the_unit) as proxy:
        (parent,) = proxied.children(proxy.pid)
        assert proxy.ask("a.test", ca).status == 200
        assert proxy.ask_plain("a.test").status == 301
        assert proxy.reload().returncode == 0
        assert proxy.status()
        (worker,) = proxied.children(parent)
        os.kill(worker, signal.SIGKILL)
        proxied.until("a new worker", lambda: proxied.children(parent) not in ([], [worker]))
        assert proxy.ask("a.test", ca).status == 200
        os.kill(parent, signal.SIGTERM)
        proxied.until("the end", lambda: proxy.process.poll() is not None)
    made = set(re.findall(r"(?m)^\d+ +(\w+)\(", calls.read_text(encoding="utf-8", errors="replace")))
    assert {"execve", "capset", "accept4", "memfd_create"} <= made
    assert made - filter_of_the_unit() == set()
