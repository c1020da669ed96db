# SPDX-License-Identifier: Apache-2.0 OR MIT
"""`handfast proxy run`, `check`, `reload` and `status` as commands: what they say of a bad configuration or an address that is taken, how they
start, reload and stop, and what a worker may do. What is served is others' tests."""
import contextlib
import json
import os
import pathlib
import pwd
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

import pytest

import proxied
from proxied import LONG, Load, Proxy, stopped, until
from proxied_pki import DAY, NOW, Authority

NOBODY = 65534
VARIABLE = "HANDFAST_PROXY_WORKER"


class Scene:
    def __init__(self, folder):
        self.folder, self.authority = folder, Authority(folder)
        self.backend, = proxied.free_ports(1)
        self.pair = self.authority.leaf("a.test")
        self.row = self.pair.into(folder, "a")

    def site(self, *names, **more):
        return {"names": list(names or ["a.test"]), "certificates": [self.row], "backend": f"127.0.0.1:{self.backend}", **more}

    def served(self, proxy):
        """Whose certificate it is; the backend may be down, which is a 503 of its own."""
        return proxy.ask("a.test", self.authority.file).certificate == self.pair.der


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


def in_a_line(done):
    """What was said; where its lines are broken hangs on how long a path in it is."""
    return " ".join(done.stderr.split())


def write(scene, text):
    file = scene.folder / "p.yaml"
    file.write_text(text if isinstance(text, str) else json.dumps(text))
    return file


def config(scene, **more):
    tls, = proxied.free_ports(1)
    return {"listen": [f"127.0.0.1:{tls}"], "workers": 1, "sites": [scene.site()], **more}


def lines_of(proxy, what):
    found = (json.loads(line) for line in proxy.log().splitlines() if line.startswith("{"))
    return [line for line in found if what in line.values()]


def refused(done, code):
    """The three parts; its place in the file makes the first line as long as the file's name."""
    assert (done.code, done.out) == (code, ""), done
    lines = done.err.splitlines()
    assert lines[0].startswith("handfast: ") and any(line.startswith("  next: ") for line in lines), done
    return " ".join(line.strip() for line in lines)


# ---- check ----

def test_check_of_a_good_configuration(hf, scene):
    done = hf("proxy", "check", write(scene, config(scene))).good()
    assert done.out.splitlines()[-1] == "good: 1 site"
    assert "a.test  good (http, 1 certificate, 1 backend)" in done.out


def test_check_tells_line_and_nearest_key(hf, scene):
    file = write(scene, 'listen: ["127.0.0.1:8443"]\nsitez: []\n')
    err = refused(hf("proxy", "check", file), 2)
    assert f"{file}:2:1" in err and "sites" in err


@pytest.mark.parametrize("command", ["run", "check"])
def test_all_mistakes_are_told_at_once(hf, scene, command):
    file = write(scene, 'listen: [nonsense]\nadmn: "127.0.0.1:1"\nsites:\n  - nams: [a.test]\n    mode: htp\n')
    err = refused(hf("proxy", command, file), 2)
    told = [place.split(": ")[0] for place in err.split(f"handfast: {file}:")[1:]]
    assert told == ["1:10", "2:1", "4:5", "4:5", "4:5", "5:11"], err
    assert "did you mean admin?" in err and "did you mean names?" in err and "did you mean http?" in err
    assert "the key certificates is missing" in err and "the key backend is missing" in err and "the key names" not in err


def test_very_many_mistakes(hf, scene):
    file = write(scene, f'listen: [{", ".join(["nonsense"] * 50)}]\nsites: []\n')
    done = hf("proxy", "check", file)
    assert done.code == 2 and done.err.count("listen: nonsense") == 20 and done.err.endswith("handfast: and more: these are the first 20\n")
    report = checked(hf, file, 2)
    assert len(report["errors"]) == 20 and report["more_errors"] is True


def test_check_of_a_site_that_would_be_unavailable(hf, scene):
    text = config(scene)
    text["sites"].append({**scene.site("b.test"), "certificates": [{"chain": "missing.pem", "key": "a.key"}]})
    done = hf("proxy", "check", write(scene, text))
    assert done.code == 1, done
    assert "b.test  unavailable" in done.out and "missing.pem" in done.out and "  next: " in done.out
    assert done.out.splitlines()[-1] == "1 of 2 sites would not be served as configured"


def test_check_warns_and_is_good_all_the_same(hf, scene):
    done = hf("proxy", "check", write(scene, config(scene, sites=[scene.site(hsts={"max_age": 60})]))).good()
    assert "warning" in done.err and "max_age" in done.err


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_file_that_is_missing(hf, scene, command):
    err = refused(hf("proxy", command, scene.folder / "nowhere.yaml"), 2)
    assert "nowhere.yaml" in err and "nowhere.yaml:" not in err.split(": the configuration")[0], "there is no line to name"


def words(done):
    return " ".join(done.err.split())


def test_check_tells_what_run_would_stumble_over(hf, scene):
    old = scene.authority.leaf("other.test").into(scene.folder, "other")
    text = config(scene, challenges="nowhere", state="p.yaml", redirect=[f"127.0.0.1:{proxied.free_ports(1)[0]}"])
    text["sites"] = [scene.site(fallback=old)]
    err = words(hf("proxy", "check", write(scene, text)).good())
    assert "there is no folder" in err and "nowhere" in err
    assert "state: traces cannot be kept" in err
    assert "is for none of the site's names" in err and "other.pem" in err


PLACED = """listen: ["127.0.0.1:8443"]
redirect: ["127.0.0.1:8080"]
challenges: nowhere
ticket_keys: missing.keys
state: p.yaml
sites:
  - names:
      - a.test
      - c.test
    certificates: [{chain: a.pem, key: a.key}]
    fallback: {chain: missing.pem, key: missing.key}
    client_auth:
      {mode: require, ca: a.pem}
    backend:
      - "nosuch.invalid:1"
      - unix:missing.sock
      - {address: "localhost:1", tls: {ca: missing-ca.pem}}
  - names: [default]
    certificates: [{chain: a.pem, key: a.key}]
    hsts: {max_age: 60}
    backend: "nosuch.invalid:1"
"""


def test_each_warning_has_its_place_and_its_site(hf, scene):
    file = scene.folder / "p.yaml"
    file.write_text(PLACED)
    scene.authority.leaf("a.test", start=NOW - 80 * DAY, over=NOW + 10 * DAY + DAY / 2).into(scene.folder, "a")
    (scene.folder / "a.key").chmod(0o644)
    warnings = [warning.removeprefix(f"{file}:") for warning in checked(hf, file, 0)["warnings"]]
    for start in ["3:13: challenges: there is no folder", "4:14: missing.keys: the ticket keys cannot be used", "5:8: state: traces cannot be kept",
                  "9:9: a.test: no certificate of the site is for c.test", "10:20: a.test: a.key: everybody on this machine",
                  "10:28: a.test: a.pem: a.test expires in 10 days", "11:15: a.test: the fallback cannot be used: missing.pem",
                  "13:7: a.test: a.pem: CN=a.test expires in 10 days", "15:9: a.test: the backend nosuch.invalid:1 cannot be found",
                  "16:9: a.test: the backend unix:missing.sock cannot be reached", "17:9: a.test: the backend localhost:1 is not used",
                  "19:20: default: a.key: everybody on this machine"]:
        assert sum(warning.startswith(start) for warning in warnings) == 1, (start, warnings)
    assert all(re.match(r"\d+:\d+: ", warning) for warning in warnings), warnings
    assert sum("nosuch.invalid" in warning for warning in warnings) == 1, "a name is told once, where it stands first"


def refuse_to_run(scene, key):
    """A configuration that is good in itself, and that this machine cannot run. Where, and what is said of it."""
    (scene.folder / "no-socket").touch()
    return {
        "control": ({"control": "gone/control.sock"}, "control: gone/control.sock", "make its folder"),
        "control-file": ({"control": "no-socket"}, "control: no-socket", "something that is no socket stands there"),
        "listen": ({"listen": ["198.51.100.7:8443"]}, "listen: 198.51.100.7:8443", "no interface of this machine has that address"),
        "redirect": ({"redirect": ["[2001:db8::7]:8080"]}, "redirect: [2001:db8::7]:8080", ""),
        "admin": ({"admin": "127.0.0.1:1", "listen": ["198.51.100.7:8443"]}, "listen: 198.51.100.7:8443", "no interface of this machine"),
    }[key]


@pytest.mark.parametrize("key", ["control", "control-file", "listen", "redirect", "admin"])
def test_check_is_not_content_with_what_run_would_refuse(hf, scene, key):
    changed, what, why = refuse_to_run(scene, key)
    file = write(scene, config(scene, **changed))
    for command in "run", "check":
        done = hf("proxy", command, file)
        assert done.code == 5 and f"{file}:" in done.err and what in words(done) and why in words(done), done
    assert done.out.splitlines()[-1] == "handfast proxy run would end here" and "good:" not in done.out
    report = checked(hf, file, 5)
    error, = report["errors"]
    assert report["ok"] is False and error["line"] and error["column"] and error["message"] == what and error["hint"]
    assert [site["health"] for site in report["sites"]] == ["good"], "and what the sites are like is told all the same"


def test_check_tells_all_that_run_would_end_with(hf, scene):
    text = config(scene, user="no-such-user", control="gone/control.sock", admin="198.51.100.8:1", admin_public=True)
    done = hf("proxy", "check", write(scene, text))
    assert done.code == 2 and [what in words(done) for what in ("no-such-user", "admin: 198.51.100.8:1", "gone/control.sock")] == [True] * 3, done


@pytest.mark.parametrize("typed, meant", [("proxy start", "proxy run"), ("proxy test", "proxy check"), ("prxy", "proxy"), ("prxy run", "proxy")])
def test_what_was_meant(hf, typed, meant):
    assert f"did you mean handfast {meant}?" in words(hf(*typed.split()).fails(2))


def test_a_key_that_is_a_certificate_draws_no_remark_on_its_mode(hf, scene):
    row = {"chain": scene.row["chain"], "key": scene.row["chain"]}
    done = hf("proxy", "check", write(scene, config(scene, sites=[{**scene.site(), "certificates": [row]}])))
    assert done.code == 1 and "chain and key are swapped" in " ".join(done.out.split()) and "mode" not in done.err


def test_check_says_of_what_little_is_left(hf, scene):
    assert "expires in" not in words(hf("proxy", "check", write(scene, config(scene))).good())
    scene.authority.leaf("a.test", start=NOW - 80 * DAY, over=NOW + 10 * DAY + DAY / 2).into(scene.folder, "a")
    err = words(hf("proxy", "check", write(scene, config(scene))).good())
    assert "a.pem: a.test expires in 10 days, 88 % of its lifetime are over" in err


def test_check_of_a_site_without_a_usable_backend(hf, scene):
    site = scene.site(backend={"address": "localhost:1", "tls": {"ca": "missing-ca.pem"}})
    done = hf("proxy", "check", write(scene, config(scene, sites=[site])))
    assert done.code == 1 and "a.test  unavailable" in done.out
    assert "all of its backends are unusable" in done.out and "missing-ca.pem" in done.out


def checked(hf, file, code):
    """The object of check --json, and nothing beside it."""
    done = hf("proxy", "check", "--json", file)
    assert (done.code, done.err) == (code, ""), done
    report = json.loads(done.out)
    assert (report["schema"], report["file"]) == ("handfast.proxy-check/1", str(file))
    return report


def test_check_as_json_of_a_good_configuration(hf, scene):
    text = config(scene, sites=[scene.site("a.test", "*.a.test")], state="p.yaml")
    report = checked(hf, write(scene, text), 0)
    assert report["ok"] is True and report["errors"] == []
    assert any("*.a.test" in warning for warning in report["warnings"])
    assert any("p.yaml is no folder" in warning for warning in report["warnings"])
    site, = report["sites"]
    assert (site["site"], site["names"], site["mode"]) == ("a.test", ["a.test", "*.a.test"], "http")
    assert (site["available"], site["health"], site["why"], site["hint"]) == (True, "good", None, None)
    assert site["backends"] == [{"address": f"127.0.0.1:{scene.backend}", "unusable": None}]
    certificate, = site["certificates"]
    assert certificate["file"] == scene.row["chain"] and certificate["sans"] == ["DNS:a.test"]
    assert certificate["subject"] and certificate["not_after"] > time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def test_check_as_json_of_a_mistake(hf, scene):
    file = write(scene, 'listen: ["127.0.0.1:8443"]\nsitez: []\n')
    report = checked(hf, file, 2)
    assert report["ok"] is False and report["sites"] == [] and report["warnings"] == []
    error = report["errors"][0]
    assert (error["file"], error["line"], error["column"]) == (str(file), 2, 1)
    assert error["message"] == "there is no key sitez here; did you mean sites?"
    assert error["why"].startswith("the keys here are: listen, ") and error["hint"].startswith("write it like this: sites: ")


def test_check_as_json_of_a_file_that_is_missing(hf, scene):
    report = checked(hf, scene.folder / "nowhere.yaml", 2)
    error, = report["errors"]
    assert (report["ok"], error["line"], error["column"]) == (False, None, None) and error["message"] and error["hint"]


def test_check_as_json_of_sites_that_would_be_unavailable(hf, scene):
    text = config(scene)
    text["sites"] += [{**scene.site("b.test"), "certificates": [{"chain": "missing.pem", "key": "a.key"}]},
                      scene.site("c.a.test", backend={"address": "localhost:1", "tls": {"ca": "missing-ca.pem"}}, certificates=[scene.authority.leaf("c.a.test").into(scene.folder, "c")])]
    report = checked(hf, write(scene, text), 1)
    assert report["ok"] is False and report["errors"] == []
    assert [site["available"] for site in report["sites"]] == [True, False, False]
    certless, backless = report["sites"][1:]
    assert certless["health"] == "unavailable" and "missing.pem" in certless["why"] and certless["hint"]
    assert certless["certificates"] == [{"file": "missing.pem", "subject": None, "sans": [], "not_after": None}]
    assert backless["health"] == "good" and "missing-ca.pem" in backless["why"] and backless["hint"]
    assert "missing-ca.pem" in backless["backends"][0]["unusable"]


def test_check_as_json_of_an_expired_certificate(hf, scene):
    """It would be served, and is not as it should be."""
    scene.authority.leaf("a.test", start=NOW - 80 * DAY, over=NOW - DAY).into(scene.folder, "a")
    report = checked(hf, write(scene, config(scene)), 1)
    site, = report["sites"]
    assert (report["ok"], site["available"], site["health"]) == (False, True, "expired") and "a.pem" in site["why"]


def test_a_user_whom_nobody_knows(hf, scene):
    assert "no-such-user" in refused(hf("proxy", "run", write(scene, config(scene, user="no-such-user"))), 2)


def test_check_opens_nothing(hf, scene):
    """The address may be taken: by the proxy that runs, as a rule."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        text = config(scene, control="control.sock")
        text["listen"] = [f"127.0.0.1:{taken.getsockname()[1]}"]
        hf("proxy", "check", write(scene, text)).good()
    assert not (scene.folder / "control.sock").exists()


# ---- run: what cannot be had ----

@pytest.mark.parametrize("key", ["listen", "redirect", "admin"])
def test_an_address_that_is_taken(hf, scene, key):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        text = config(scene)
        text[key] = f"127.0.0.1:{port}" if key == "admin" else [f"127.0.0.1:{port}"]
        file = write(scene, json.dumps(text, indent=1))
        err = refused(hf("proxy", "run", file), 5)
    line = 1 + next(i for i, line in enumerate(file.read_text().splitlines()) if f'127.0.0.1:{port}"' in line)
    assert f"{file}:{line}:" in err, "where it stands in the file"
    assert f"ss -ltnp 'sport = :{port}'" in err, "how to see who has it"


def test_a_second_proxy_takes_no_share(binary, hf, scene):
    """With SO_REUSEPORT alone the system would give it half of the connections."""
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        text = config(scene)
        text["listen"] = [f"127.0.0.1:{proxy.tls}"]
        assert str(proxy.tls) in refused(hf("proxy", "run", write(scene, text)), 5)


def test_an_address_of_another_machine(hf, scene):
    assert "no interface" in refused(hf("proxy", "run", write(scene, config(scene, listen=["192.0.2.1:8443"]))), 5)


def test_a_user_that_we_may_not_become(binary):
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        scene = Scene(pathlib.Path(folder))
        file = write(scene, config(scene, user="daemon"))
        os.chown(scene.folder / "a.key", NOBODY, NOBODY)
        done = subprocess.run([binary, "proxy", "run", str(file)], capture_output=True, text=True, timeout=proxied.LIMIT, check=False,
                              user=NOBODY, group=NOBODY, extra_groups=[], cwd=folder)
    assert done.returncode == 2 and "without the right to be another" in in_a_line(done), done


def test_something_else_at_the_control_path(hf, scene):
    """It is never overwritten."""
    (scene.folder / "control.sock").write_text("precious")
    assert "no socket" in refused(hf("proxy", "run", write(scene, config(scene, control="control.sock"))), 5)
    assert (scene.folder / "control.sock").read_text() == "precious"


# ---- run: start and stop ----

def test_it_says_where_it_listens(binary, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        ready, = lines_of(proxy, "ready")
        assert ready["listen"] == f"127.0.0.1:{proxy.tls}" and ready["redirect"] == f"127.0.0.1:{proxy.redirect}"
        assert ready["workers"] == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_order(binary, scene, number):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        workers = proxy.workers()
        assert proxied.end(proxy.process, number) == 0
        assert not any(map(proxied.alive, workers))
        assert not (scene.folder / "control.sock").exists()


def test_a_second_signal_ends_it_at_once(binary, scene):
    """An open connection would hold it for limits.drain."""
    with Proxy(binary, scene.folder, [scene.site(mode="tcp")], limits={"drain": "1h"}) as proxy, \
            socket.create_server(("127.0.0.1", scene.backend)) as backend:
        with proxied.connect(proxy.tls, "a.test", scene.authority.file) as client:
            there, _ = backend.accept()
            client.sendall(b"hello")
            assert there.recv(5) == b"hello"
            proxy.process.terminate()
            until("it stops", lambda: lines_of(proxy, "stop"), proxy.process)
            client.sendall(b"still")
            assert there.recv(5) == b"still", "what is under way may finish"
            proxy.process.terminate()
            assert proxy.process.wait(proxied.LIMIT) == 0
            there.close()


def test_draining_is_bounded(binary, scene):
    with Proxy(binary, scene.folder, [scene.site(mode="tcp")], limits={"drain": "1s"}) as proxy, \
            socket.create_server(("127.0.0.1", scene.backend)) as backend:
        with proxied.connect(proxy.tls, "a.test", scene.authority.file):
            there, _ = backend.accept()
            assert proxied.end(proxy.process) == 0
            there.close()


def test_the_variable_alone_makes_no_worker(hf):
    for words in (["proxy", "run"], ["demo"]):
        done = hf(*words, env={VARIABLE: "0:1:1"}).fails(2)
        assert VARIABLE in done.err


# ---- workers ----

def facts(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)


def test_workers_are_nobody(binary, scene):
    """user: the user with his groups, no capability left or to be had, no core, no debugger, no way back."""
    if os.geteuid() != 0:
        pytest.skip("only root can choose a user")
    daemon = pwd.getpwnam("daemon")
    with Proxy(binary, scene.folder, [scene.site()], user="daemon") as proxy:
        assert len(proxy.workers()) == 2
        for pid in proxy.workers():
            seen = facts(pid)
            assert seen["Uid"].split() == [str(daemon.pw_uid)] * 4 and seen["Gid"].split() == [str(daemon.pw_gid)] * 4
            assert seen["Groups"].split() == [str(g) for g in os.getgrouplist("daemon", daemon.pw_gid)]
            assert {seen[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", "CapBnd")} == {""}
            assert seen["NoNewPrivs"] == "1"
        assert scene.served(proxy)


def open_files(pid):
    """What it has open; what is closed meanwhile is not."""
    links = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            links.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return links


def need_root():
    if os.geteuid() != 0:
        pytest.skip("it is about root")


def test_without_user_roots_workers_are_nobody(binary, hf, scene):
    """And that is said, once, by run and by check."""
    need_root()
    nobody = pwd.getpwnam("nobody")
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        for pid in proxy.workers():
            seen = facts(pid)
            assert seen["Uid"].split() == [str(nobody.pw_uid)] * 4 and seen["Gid"].split() == [str(nobody.pw_gid)] * 4
            assert {seen[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", "CapBnd")} == {""}
            assert seen["NoNewPrivs"] == "1"
        assert scene.served(proxy)
        assert proxy.reload().returncode == 0
        said, = lines_of(proxy, "user")
        assert said["level"] == "info" and "nobody" in said["message"]
        done = hf("proxy", "check", proxy.file).good()
        assert "nobody" in done.out and done.out.splitlines()[-1] == "good: 1 site"


@pytest.mark.parametrize("mode, warned", [(0o755, 0), (0o700, 1)])
def test_challenges_that_the_workers_cannot_read(binary, mode, warned):
    """Who asked for a certificate would be told 404, and nobody why."""
    need_root()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        scene = Scene(pathlib.Path(folder))
        challenges = scene.folder / "challenges"
        challenges.mkdir()
        (challenges / "token").write_text("answer")
        challenges.chmod(mode)
        with Proxy(binary, scene.folder, [scene.site()], challenges=str(challenges), user="nobody") as proxy:
            said = lines_of(proxy, "challenges")
            assert len(said) == warned and all(str(challenges) in line["message"] for line in said)
            answer = proxy.ask_plain("a.test", "/.well-known/acme-challenge/token")
            assert (answer.status, answer.body == b"answer") == ((404, False) if warned else (200, True))


@pytest.mark.parametrize("mode", [0o755, 0o700], ids=["anybody's program", "root's program"])
def test_a_program_that_only_root_can_reach(binary, scene, mode):
    """A build below /root, with its owner's umask: the workers have other rights, and come from it all the same."""
    need_root()
    folder = scene.folder / "closed"
    folder.mkdir(mode=0o700)
    tool = folder / "handfast"
    shutil.copy(binary, tool)
    tool.chmod(mode)
    with Proxy(tool, scene.folder, [scene.site()]) as proxy:
        first, *_ = proxy.workers()
        assert facts(first)["Uid"].split() == [str(pwd.getpwnam("nobody").pw_uid)] * 4
        os.kill(first, signal.SIGKILL)
        until("another one", lambda: len(proxy.workers()) == 2 and first not in proxy.workers(), proxy.process)
        until("all of them serve", lambda: {row["state"] for row in proxy.status()["workers"]} == {"serving"}, proxy.process)
        assert scene.served(proxy)


def test_workers_of_root_have_no_capability(binary, hf, scene):
    """user: root is possible for who writes it, and warned of."""
    need_root()
    with Proxy(binary, scene.folder, [scene.site()], user="root") as proxy:
        assert "user: the workers run as root" in hf("proxy", "check", proxy.file).good().err
        assert any("user: the workers run as root" in line["message"] for line in lines_of(proxy, "warning") if "message" in line)
        for pid in proxy.workers():
            assert facts(pid)["Uid"].split() == ["0"] * 4
            assert {facts(pid)[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", "CapBnd")} == {""}


def test_workers_hold_what_they_need_and_nothing_else(binary, scene):
    """Descriptors of the parent's and of whoever started it stay away from them; so does what systemd told the parent."""
    leak = scene.folder / "leak"
    env = {"NOTIFY_SOCKET": str(scene.folder / "notify"), "SSLKEYLOGFILE": str(scene.folder / "keys")}
    with Proxy(binary, scene.folder, [scene.site()], before=["sh", "-c", f'exec "$@" 4>"{leak}" 9>"{leak}"', "sh"], env=env) as proxy:
        for pid in proxy.workers():
            links = open_files(pid)
            assert len([link for link in links if link.startswith("socket:")]) == 3, "the channel, one of listen, one of redirect"
            assert str(leak) not in links and not [link for link in links if str(scene.folder) in link and "proxy.log" not in link]
            with open(f"/proc/{pid}/environ", "rb") as f:
                words = f.read()
            assert b"NOTIFY_SOCKET" not in words and b"SSLKEYLOGFILE" not in words
        assert scene.served(proxy)
    assert not (scene.folder / "keys").exists()


def test_workers_confine_themselves(binary, scene):
    """What holds is said once, and is so in each worker, in one that took another's place too; of the counters they keep no descriptor."""
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        said, = lines_of(proxy, "confined")
        first = proxy.workers()
        os.kill(first[0], signal.SIGKILL)
        until("another one", lambda: len(proxy.workers()) == 2 and first[0] not in proxy.workers(), proxy.process)
        until("both live", lambda: all(map(proxied.alive, proxy.workers())), proxy.process)
        filters = "2" if said["calls"] == "yes" else "0"
        until("all are confined", lambda: {facts(pid)["Seccomp"] for pid in proxy.workers()} == {filters}, proxy.process)
        for pid in proxy.workers():
            assert not [link for link in open_files(pid) if "memfd" in link]
        assert scene.served(proxy) and len(lines_of(proxy, "confined")) == 1


def test_another_challenges_folder_takes_other_workers(binary, scene):
    """Those that are there can read no other; one that is made anew at the same path is another as well."""
    path = "/.well-known/acme-challenge/token"
    for name in ("one", "two"):
        (scene.folder / name).mkdir()
        (scene.folder / name / "token").write_text(name)
    with Proxy(binary, scene.folder, [scene.site()], challenges=str(scene.folder / "one")) as proxy:
        assert proxy.ask_plain("a.test", path).body == b"one"
        first = proxy.workers()
        assert proxy.reload().returncode == 0 and proxy.workers() == first
        proxy.config["challenges"] = str(scene.folder / "two")
        proxy.write()
        assert proxy.reload().returncode == 0
        assert proxy.ask_plain("a.test", path).body == b"two"
        (scene.folder / "two").rename(scene.folder / "three")
        (scene.folder / "two").mkdir()
        (scene.folder / "two/token").write_text("anew")
        assert proxy.reload().returncode == 0
        assert proxy.ask_plain("a.test", path).body == b"anew"
        assert not set(first) & set(proxy.status()["workers"][i]["pid"] for i in range(2))


def test_a_reload_counts_once_those_before_let_nobody_in(binary, scene):
    """They share sockets with those that take over: one that gets to run late would serve by what was before."""
    path = "/.well-known/acme-challenge/token"
    for name in ("one", "two"):
        (scene.folder / name).mkdir()
        (scene.folder / name / "token").write_text(name)
    with Proxy(binary, scene.folder, [scene.site()], workers=1, challenges=str(scene.folder / "one")) as proxy:
        former, = proxy.workers()
        proxy.config["challenges"] = str(scene.folder / "two")
        proxy.write()
        with stopped(former):
            asked = subprocess.Popen([str(binary), "proxy", "reload", str(proxy.file)], stdout=subprocess.DEVNULL)
            until("the other one serves", lambda: {"serving", "draining"} == {row["state"] for row in proxy.status()["workers"]})
            assert proxy.ask_plain("a.test", path).body == b"two"
            assert asked.poll() is None, "the former one may still let somebody in"
        assert asked.wait(proxied.LIMIT) == 0
        assert all(proxy.ask_plain("a.test", path).body == b"two" for _ in range(10))


def test_a_dead_worker_is_replaced(binary, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        before = proxy.workers()
        os.kill(before[0], signal.SIGKILL)
        until("another one", lambda: len(proxy.workers()) == 2 and before[0] not in proxy.workers(), proxy.process)
        assert before[1] in proxy.workers()
        died, = until("a word about it", lambda: lines_of(proxy, "worker_died"), proxy.process)
        assert died["pid"] == before[0] and died["signal"] == "Killed"
        assert scene.served(proxy)


def test_a_worker_that_hangs_is_replaced(binary, scene):
    """It does not end, so no signal tells of it: it leaves the parent's questions unanswered, for ten seconds."""
    with Proxy(binary, scene.folder, [scene.site()], workers=1) as proxy:
        stuck, = proxy.workers()
        os.kill(stuck, signal.SIGSTOP)
        until("another one", lambda: (now := proxy.workers()) and stuck not in now, proxy.process)
        said, = until("a word about it", lambda: lines_of(proxy, "worker_hangs"), proxy.process)
        assert said["pid"] == stuck and said["level"] == "error"
        assert scene.served(proxy)
        assert proxy.metrics()["handfast_worker_hangs_total"] == 1
        assert proxy.status()["workers"][0]["hangs"] == 1


# ---- the control socket ----

def test_the_control_socket_is_private(binary, scene):
    with Proxy(binary, scene.folder, [scene.site()], before=["sh", "-c", 'umask 0; exec "$@"', "sh"]):
        mode = os.stat(scene.folder / "control.sock").st_mode
        assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600


def test_a_stale_control_socket_is_replaced(binary, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        proxy.process.kill()
        proxy.process.wait()
        assert (scene.folder / "control.sock").exists(), "it was killed"
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        assert proxy.status()


def test_a_control_socket_in_use_is_not_taken_away(binary, hf, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        text = config(scene, control=str(scene.folder / "control.sock"))
        assert "already runs" in refused(hf("proxy", "run", write(scene, text)), 5)
        assert proxy.status()


def test_what_the_control_socket_does_not_understand(binary, scene):
    """Nonsense, endless lines and silence disturb nobody."""
    path = str(scene.folder / "control.sock")
    with Proxy(binary, scene.folder, [scene.site()]) as proxy, contextlib.ExitStack() as stack:
        for text in (b"sing\n", b"x" * 1000, b"\0\n", b""):
            s = stack.enter_context(socket.socket(socket.AF_UNIX))
            s.settimeout(proxied.LIMIT)
            s.connect(path)
            s.sendall(text)
            if text.endswith(b"\n"):
                assert "error" in json.loads(s.makefile("rb").read())
        assert proxy.status()


def test_who_asks_when_all_places_are_taken_waits(binary, scene):
    path = str(scene.folder / "control.sock")
    with Proxy(binary, scene.folder, [scene.site()]) as proxy, contextlib.ExitStack() as stack:
        idle = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(16)]
        for s in idle:
            s.connect(path)
        waits = asks(stack, path)
        for s in idle:
            s.close()
        assert json.loads(waits.makefile("rb").read())["result"] == "done"
        assert proxy.status()


def test_who_is_gone_before_it_is_heard_asks_for_nothing(binary, scene):
    """Workers are refused by what the kernel says of who connected. One that ended at once could not be told from others."""
    path = str(scene.folder / "control.sock")
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        os.kill(proxy.pid, signal.SIGSTOP)
        says = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({path!r}); s.sendall(b'reload\\n')"
        try:
            subprocess.run([sys.executable, "-c", says], check=True, timeout=proxied.LIMIT)
        finally:
            os.kill(proxy.pid, signal.SIGCONT)
        assert proxy.reload().returncode == 0, "this one comes after it"
        assert proxy.status()["reloads"]["good"] == 1


def test_status_in_words_and_as_json(binary, hf, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        status = proxy.status()
        assert status["schema"] == "handfast.proxy-status/1"
        assert "a.test" in hf("proxy", "status", proxy.file).good().out
        failures = json.loads(hf("proxy", "status", "--failures", "--json", proxy.file).good().out)
        assert failures["failures"] == []
        hf("proxy", "status", "--failures=3", proxy.file).good()
        hf("proxy", "status", "--failures=0", proxy.file).fails(2)


@pytest.mark.parametrize("command", ["status", "reload"])
def test_nobody_answers(hf, scene, command):
    done = hf("proxy", command, write(scene, config(scene, control="control.sock"))).fails(3)
    assert "control.sock" in done.err
    done = hf("proxy", command, write(scene, config(scene))).fails(2)
    assert "kill -HUP" in done.err.replace("\n", " ") or "reload" in done.err


# ---- reload ----

def answer_of(done, code):
    assert done.returncode == code, done
    return done.stdout


def test_a_reload_that_changes_nothing(binary, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        assert "nothing is different" in answer_of(proxy.reload(), 0)
        done, = lines_of(proxy, "reload")
        assert done["result"] == "done"


def test_a_reload_says_which_sites_have_no_backend(binary, hf, scene):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, Proxy(binary, scene.folder, [scene.site()]) as proxy:
        row = proxy.metrics
        name = 'handfast_site_without_backend{site="a.test"}'
        assert row()[name] == 0 and proxy.status()["sites"][0]["no_backend"] is None
        assert "all is well" in hf("proxy", "status", proxy.file).out
        there = f"{folder}/app.sock"
        proxy.config["sites"][0]["backend"] = f"unix:{there}"
        proxy.write()
        told = " ".join(answer_of(proxy.reload(), 0).split())
        assert "none of its backends can be asked any more" in told and "no backend: unix:" in told
        line, = lines_of(proxy, "no_backend")
        assert line["site"] == "a.test" and "there is no such socket" in line["why"] and line["next"]
        assert row()[name] == 1 and "there is no such socket" in proxy.status()["sites"][0]["no_backend"]
        words = " ".join(hf("proxy", "status", proxy.file).out.split())
        assert "WITHOUT A BACKEND" in words and "1 of 1 is not served as configured" in words and "all is well" not in words
        with socket.socket(socket.AF_UNIX) as app:
            app.bind(there)
            assert "a backend can be asked again" in " ".join(answer_of(proxy.reload(), 0).split())
            assert row()[name] == 0 and len(lines_of(proxy, "no_backend")) == 1


def test_a_reload_says_what_changed(binary, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        workers = proxy.workers()
        pair = scene.authority.leaf("b.test").into(scene.folder, "b")
        proxy.config["sites"].append({**scene.site("b.test"), "certificates": [pair]})
        proxy.write()
        assert "site b.test is new" in answer_of(proxy.reload(), 0)
        assert proxy.ask("b.test", scene.authority.file).certificate
        assert proxy.workers() == workers, "the same processes go on"


def test_a_reload_names_each_key_that_changed(binary, scene):
    """Whatever the table of keys has: switches, words, durations, lists, keys below keys, elements of lists."""
    with Proxy(binary, scene.folder, [scene.site(hsts={"max_age": "365d"})]) as proxy:
        proxy.config["limits"] = {**proxy.config.get("limits", {}), "idle": "90s", "memory": "64KiB"}
        proxy.config["log_requests"] = False
        proxy.config["reminders"] = {"percent": [50]}
        site = proxy.config["sites"][0]
        site.update(policy="modern", backend="127.0.0.1:1", hsts={"max_age": "365d", "include_subdomains": True}, on_expired="503",
                    fallback=scene.row)
        proxy.write()
        out = answer_of(proxy.reload(), 0)
    for line in ("limits.idle: 5m -> 90s", "limits.memory: 128KiB -> 64KiB", "log_requests: true -> false", "reminders.percent: other numbers",
                 "sites[a.test].policy: default -> modern", "sites[a.test].backend: 127.0.0.1:1 is new",
                 f"sites[a.test].backend: 127.0.0.1:{scene.backend} is gone", "sites[a.test].hsts.include_subdomains: false -> true",
                 "sites[a.test].on_expired: serve -> 503", "sites[a.test].fallback: is new"):
        assert f"  {line}\n" in out, f"{line}\n{out}"
    assert out.index("sites:\n") < 1500 and "leads elsewhere" not in out


def test_another_spelling_is_no_change(binary, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        proxy.file.write_text(proxy.file.read_text() + "# a comment\n")
        assert "says the same" in answer_of(proxy.reload(), 0)


def test_a_control_socket_that_is_gone_is_made_again(binary, scene):
    path = scene.folder / "control.sock"
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        path.unlink()
        done = proxy.tool("status", proxy.file)
        said = in_a_line(done)
        assert done.returncode == 3 and "there is no such file" in said and "kill -HUP" in said
        proxy.hang_up()
        until("the socket", lambda: path.exists() and proxy.answers(), proxy.process)
        assert proxy.status() and stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert proxied.end(proxy.process) == 0 and not path.exists()


def test_a_warning_comes_once(binary, hf, scene):
    with Proxy(binary, scene.folder, [scene.site(hsts={"max_age": 60})]) as proxy:
        line, = (line for line in proxy.log().splitlines() if "max_age is short" in line)
        assert json.loads(line)["event"] == "configuration"
        assert answer_of(proxy.reload(), 0).count("max_age is short") == 1
        assert hf("proxy", "check", proxy.file).good().err.replace("\n", " ").count("max_age is short") == 1
        proxy.config["sitez"] = []
        proxy.write()
        done = proxy.reload()
        assert done.returncode == 2 and in_a_line(done).count("no key sitez") == 1


def test_a_bad_configuration_changes_nothing(binary, hf, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        proxy.file.write_text('listen: ["127.0.0.1:1"]\ncontrol: control.sock\nsitez: []\n')
        proxy.hang_up()
        line, = until("a word about it", lambda: lines_of(proxy, "reload_refused"), proxy.process)
        assert line["at"].endswith("proxy.yaml:3:1") and line["next"] and line["security"]
        assert scene.served(proxy)
        done = proxy.reload()
        assert done.returncode == 2 and "nothing has changed" in in_a_line(done) and "proxy.yaml:3:1" in done.stderr, "the proxy's own words"
        assert json.loads(proxy.tool("status", "--json", proxy.file).stdout)["reloads"]["refused"] == 2
        proxy.write()
        hf("proxy", "reload", proxy.file).good()


def test_a_site_whose_files_go_bad_keeps_what_it_had(binary, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        (scene.folder / "a.pem").write_text("garbage")
        out = answer_of(proxy.reload(), 1)
        assert "kept" in out and "a.pem" in out and "next:" in out
        assert scene.served(proxy)


def test_certificates_are_read_again_by_themselves(binary, scene):
    """And the configuration is not: somebody may be editing it."""
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        proxy.file.write_text("half a confi")
        scene.pair = scene.authority.leaf("a.test")
        scene.pair.into(scene.folder, "a")
        until("the new certificate", lambda: scene.served(proxy), proxy.process)


def test_addresses_come_and_go(binary, scene):
    """Those that stay lose no connection: one that waits in a socket's queue is served by whoever comes after."""
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        old, new = proxy.redirect, proxied.free_ports(1)[0]
        proxy.config["redirect"] = [f"127.0.0.1:{new}"]
        proxy.write()
        out = answer_of(proxy.reload(), 0)
        assert f"redirect: 127.0.0.1:{new} is new" in out and f"redirect: 127.0.0.1:{old} is gone" in out
        assert proxied.listens(new)
        until("the old one is closed", lambda: not proxied.listens(old), proxy.process)
        assert scene.served(proxy)


def test_an_open_connection_stays_when_addresses_change(binary, scene):
    with Proxy(binary, scene.folder, [scene.site(mode="tcp")], limits={"drain": "0s"}) as proxy, \
            socket.create_server(("127.0.0.1", scene.backend)) as backend:
        with proxied.connect(proxy.tls, "a.test", scene.authority.file) as client:
            there, _ = backend.accept()
            del proxy.config["redirect"]
            proxy.write()
            answer_of(proxy.reload(), 0)
            until("new workers and an old one", lambda: len(proxy.workers()) == 3, proxy.process)
            client.sendall(b"hello")
            assert there.recv(5) == b"hello"
            there.close()
        until("the old ones are gone", lambda: len(proxy.workers()) == 2, proxy.process)


def test_an_address_that_cannot_be_had_refuses_the_reload(binary, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        workers = proxy.workers()
        proxy.config["listen"].append(f"127.0.0.1:{taken.getsockname()[1]}")
        proxy.write()
        done = proxy.reload()
        assert done.returncode == 2 and "nothing has changed" in in_a_line(done) and "ss -ltnp" in in_a_line(done)
        assert proxy.workers() == workers and scene.served(proxy)


def test_new_workers_take_over_under_load(binary, scene):
    """Other addresses, another number: each time other processes, and no request fails, on connections that stay or new ones."""
    with proxied.backend(scene.backend, "B"), Proxy(binary, scene.folder, [scene.site()]) as proxy:
        with Load(scene.folder, proxy, scene.authority.file, ["a.test"]) as load:
            for i in range(200 if LONG else 9):
                proxy.config["workers"] = 1 + i % 3
                proxy.config["redirect"] = [f"127.0.0.1:{port}" for port in proxied.free_ports(i % 3)]
                proxy.write()
                answer_of(proxy.reload(), 0)
    assert (load.seen["failed"], load.seen["failures"][:5]) == (0, []) and load.seen["requests"] > 20, load.seen


@pytest.mark.parametrize("n", [1, 3])
def test_the_number_of_workers_changes(binary, scene, n):
    """With fewer, each takes over sockets: none is closed while its address stays."""
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        proxy.config["workers"] = n
        proxy.write()
        assert "workers" in answer_of(proxy.reload(), 0)
        until("as many workers", lambda: len(proxy.workers()) == n, proxy.process)
        assert all(scene.served(proxy) for _ in range(12)), "whichever socket the system chooses"


def test_admin_and_control_move(binary, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        proxy.config["control"] = str(scene.folder / "other.sock")
        before, proxy.admin = proxy.admin, proxied.free_ports(1)[0]
        proxy.config["admin"] = f"127.0.0.1:{proxy.admin}"
        proxy.write()
        proxy.hang_up()
        until("the new admin", proxy.is_up, proxy.process)
        until("the old one's end", lambda: not proxied.listens(before), proxy.process)
        assert proxy.status() and not (scene.folder / "control.sock").exists()


def test_reloads_that_come_at_once_are_one_after_it(binary, scene):
    with Proxy(binary, scene.folder, [scene.site()]) as proxy:
        with contextlib.ExitStack() as stack:
            with stopped(proxy.pid):
                clients = [asks(stack, str(scene.folder / "control.sock")) for _ in range(10)]
            answers = [json.loads(s.makefile("rb").read()) for s in clients]
        assert {answer["result"] for answer in answers} == {"done"}
        assert 1 <= len({answer["plan"] for answer in answers}) < 10, "the first, and those that waited for it together"


def asks(stack, path):
    s = stack.enter_context(socket.socket(socket.AF_UNIX))
    s.settimeout(proxied.LIMIT)
    s.connect(path)
    s.sendall(b"reload\n")
    return s


def asks_if_it_listens(stack, path):
    with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
        return asks(stack, path)
    return None


def test_more_ask_than_one_socket_lets_in(binary, scene):
    """While a reload moves the control socket, both let clients in; each gets an answer, if only that there are too many. A worker that
    is stopped holds the reload up."""
    old, new = (str(scene.folder / name) for name in ("control.sock", "other.sock"))
    with Proxy(binary, scene.folder, [scene.site()], workers=1) as proxy, contextlib.ExitStack() as stack:
        worker, = proxy.workers()
        proxy.config["control"] = new
        proxy.write()
        os.kill(worker, signal.SIGSTOP)
        clients = [asks(stack, old) for _ in range(16)]
        clients.append(until("the new socket", lambda: asks_if_it_listens(stack, new), proxy.process))
        clients += [asks(stack, new) for _ in range(15)]
        until("some are sent away", lambda: len(select.select(clients, [], [], 0)[0]) == 15, proxy.process)
        os.kill(worker, signal.SIGCONT)
        answers = [json.loads(s.makefile("rb").read()) for s in clients]
        assert {answer["result"] for answer in answers} == {"done", "refused"}, answers
        assert {answer["fault"]["why"] for answer in answers if answer["result"] == "refused"} == {"too many wait for one already"}
        assert scene.served(proxy)


# ---- systemd ----

def test_systemd_hears_of_start_reload_and_stop(binary, scene):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        path = str(scene.folder / "notify")
        systemd.bind(path)
        systemd.settimeout(proxied.LIMIT)
        with Proxy(binary, scene.folder, [scene.site()], env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"}) as proxy:
            wait_for(systemd, "READY=1")
            wait_for(systemd, "WATCHDOG=1")
            before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            proxy.hang_up()
            said = wait_for(systemd, "RELOADING=1")
            assert int(said["MONOTONIC_USEC"]) >= before
            wait_for(systemd, "READY=1")
            proxy.process.terminate()
            wait_for(systemd, "STOPPING=1")


def wait_for(systemd, line):
    while True:
        said = systemd.recv(4096).decode().splitlines()
        if line in said:
            return dict(word.split("=", 1) for word in said)
