# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast watch: rounds are compared, only changes are told, on stdout and to a command; lists with mistakes, states that are damaged or
cannot be written, and signals. What counts as a change is in tests/unit/test_audit_watch.c."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest

from audit_hostile import drained
from certs import CA, Maker, server
from conftest import BIN, ROOT, Tool
from peers import LIMIT, Server
from processes import end, free_port, free_ports, until


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watch")
    tool = Tool(folder)
    tool("cert", "ca", "--out", "ca").good()
    for name, days in (("leaf", 90), ("other", 90), ("short", 9)):
        tool("cert", "leaf", "--ca", "ca", "--out", name, "--days", days, "localhost", "127.0.0.1").good()
    tool("cert", "crl", "--ca", "ca", "--out", "crl.pem", "--days", 30).good()
    return folder


@contextlib.contextmanager
def serving(hf, pki, name="leaf", listen="127.0.0.1:0", *words):
    with Server(hf, "--cert", pki / name / "leaf.pem", "--key", pki / name / "leaf.key", *words, listen=listen) as running:
        yield drained(running)


class Watch:
    """A list in the tool's folder, and rounds over it."""

    def __init__(self, hf, *lines):
        self.hf = hf
        self.path = hf.folder / "hosts.watch"
        self.write(*lines)

    def write(self, *lines):
        self.path.write_text("".join(f"{line}\n" for line in lines))

    def run(self, *words, **more):
        return self.hf("watch", "--once", *words, self.path, **more)

    def round(self, *words, code=None):
        """Events of one round."""
        done = self.run("--json", *words)
        assert code is None or done.code == code, done
        return [json.loads(line) for line in done.out.splitlines()]

    def quiet(self, *words, code=0):
        done = self.run(*words)
        assert (done.code, done.out, done.err) == (code, "", "")

    @property
    def states(self):
        return sorted((self.hf.folder / "state/handfast/watch").glob("*.json"))


def line_of(pki, port, *words):
    return " ".join(map(str, (f"127.0.0.1:{port}", "--ca", pki / "ca/ca.pem", "--servername", "localhost", *words)))


def kinds(events):
    return [event["event"] for event in events]


# ---- rounds ----

def test_two_rounds_without_change_are_silent(hf, pki):
    with serving(hf, pki) as running:
        watch = Watch(hf, "# mine", "", line_of(pki, running.port) + "  # a comment", f"cert {pki}/leaf/leaf.pem '{pki}/crl.pem'")
        first, = watch.round(code=0)
        assert (first["event"], first["target"]) == ("first", f"127.0.0.1:{running.port} (localhost)")
        assert first["schema"] == "handfast.watch-event/1" and first["worse"] is False and "default is kept" in first["text"]
        watch.quiet()
        watch.quiet()
    assert [oct(path.stat().st_mode & 0o777) for path in watch.states] == ["0o600"] * 3
    assert watch.states[0].parent.stat().st_mode & 0o777 == 0o700


def test_the_state_holds_the_report(hf, pki):
    with serving(hf, pki) as running:
        watch = Watch(hf, line_of(pki, running.port))
        watch.round(code=0)
    state = json.loads(watch.states[0].read_text())
    assert state["schema"] == "handfast.watch/1" and state["report"]["schema"] == "handfast.audit/1"
    assert len(state["report"]["targets"]) == 1


def test_a_certificate_is_swapped(hf, pki):
    port = free_port()
    watch = Watch(hf, line_of(pki, port))
    with serving(hf, pki, "leaf", f"127.0.0.1:{port}"):
        watch.round(code=0)
    with serving(hf, pki, "other", f"127.0.0.1:{port}"):
        events = watch.round(code=0)
        assert set(kinds(events)) == {"certificate-changed"}
        assert any("another certificate" in event["text"] for event in events)
        watch.quiet()


def test_a_server_goes_and_comes_back(hf, pki):
    port = free_port()
    watch = Watch(hf, line_of(pki, port))
    with serving(hf, pki, "leaf", f"127.0.0.1:{port}"):
        watch.round(code=0)
    watch.quiet()  # a short outage is nobody's trouble
    event, = watch.round(code=3)
    assert event["event"] == "unreachable" and event["worse"] and "refused" in event["text"]
    watch.quiet(code=3)  # told once, and still so
    with serving(hf, pki, "leaf", f"127.0.0.1:{port}"):
        event, = watch.round(code=0)
        assert event["event"] == "reachable"
        watch.quiet()


def test_a_server_that_was_never_there_is_told_at_once(hf):
    event, = Watch(hf, f"127.0.0.1:{free_port()}").round(code=3)
    assert event["event"] == "first" and event["details"] == {"reached": False}


def test_a_finding_appears_and_goes(hf, pki):
    port = free_port()
    watch = Watch(hf, line_of(pki, port, "--policy", "modern"))
    with serving(hf, pki, "leaf", f"127.0.0.1:{port}", "--policy", "modern"):
        watch.round(code=0)
    with serving(hf, pki, "leaf", f"127.0.0.1:{port}", "--tls", "1.2"):
        new = [event for event in watch.round(code=1) if event["event"] == "finding-new"]
        assert any(event["worse"] and event["details"]["policy"] == "modern" for event in new)
        assert all(event["details"]["rule"].startswith("modern/") for event in new)
        watch.quiet()
    with serving(hf, pki, "leaf", f"127.0.0.1:{port}", "--policy", "modern"):
        assert "finding-gone" in kinds(watch.round(code=0))
        watch.quiet()


def moment(days):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))


def test_what_expires_is_told_once_for_each_number(hf, openssl):
    """85 of 90 days are over. A renewed one begins anew, and is silent."""
    assert openssl
    maker = Maker(hf.folder)
    maker.make("a", "soon.test", server("soon.test"), start=moment(-85), end=moment(5))
    watch = Watch(hf, "cert a.pem")
    event, = watch.round(code=1)
    assert event["event"] == "expiry" and event["details"]["days"] == 7 and "CN=soon.test expires in" in event["text"]
    watch.quiet()
    event, = watch.round("--remind", "6,5", code=1)
    assert event["details"]["days"] == 5
    maker.make("a", "soon.test", server("soon.test"), start=moment(-1), end=moment(89))
    watch.quiet()


def test_what_has_expired_is_told_once(hf, openssl):
    assert openssl
    Maker(hf.folder).make("a", "gone.test", server("gone.test"), start=moment(-90), end=moment(-3))
    watch = Watch(hf, "cert a.pem")
    event, = watch.round(code=1)
    assert event["details"]["days"] == 0 and "CN=gone.test expired" in event["text"]
    watch.quiet()


def test_what_lives_for_a_short_time_is_not_told_of_all_the_time(hf, pki):
    """Nine days of life, as of a CRL that is written anew each week: seven would be most of it."""
    watch = Watch(hf, f"cert {pki}/short/leaf.pem {pki}/crl.pem")
    watch.quiet("--remind", "9,7,4")


def test_a_servers_certificate_is_told_of_too(hf, pki, openssl):
    """Also by name and number of days, beside what the policy says of it."""
    assert openssl
    maker = Maker(hf.folder)
    maker.make("root", "A root", CA, start=moment(-400), end=moment(3000))
    maker.make("leaf", "localhost", server("localhost"), issuer="root", start=moment(-85), end=moment(5))
    with Server(hf, "--cert", maker.leaf, "--key", hf.folder / "leaf.key") as running:
        watch = Watch(hf, f"127.0.0.1:{drained(running).port} --ca root.pem --servername localhost --profile private")
        expiry, = [event for event in watch.round(code=1) if event["event"] == "expiry"]
        assert expiry["details"]["kind"] == "certificate" and expiry["details"]["days"] == 7
        watch.quiet()


def test_what_has_expired_above_is_no_change_each_round(hf, openssl):
    """A verdict names the time of the look, which is another one each time."""
    assert openssl
    maker = Maker(hf.folder)
    maker.make("root", "A root", CA, start=moment(-400), end=moment(-2))
    maker.make("leaf", "localhost", server("localhost"), issuer="root", start=moment(-10), end=moment(80))
    with Server(hf, "--cert", maker.leaf, "--key", hf.folder / "leaf.key") as running:
        watch = Watch(hf, f"127.0.0.1:{drained(running).port} --ca root.pem --servername localhost --profile private")
        found = " ".join(event["text"] for event in watch.round(code=1))
        begun = time.time()
        until("another second", lambda: int(time.time()) > int(begun))
        watch.quiet()
    state, = (json.loads(path.read_text()) for path in watch.states)
    assert "broken" in found and ", now 20" in json.dumps(state["report"])


def test_a_servers_own_certificate_is_told_of_also_if_it_is_a_ca(hf, openssl):
    """What openssl req -x509 makes. A root that is sent along with a leaf is nobody's affair."""
    assert openssl
    maker = Maker(hf.folder)
    own = "basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nsubjectAltName=DNS:localhost\n"
    maker.make("own", "localhost", own, start=moment(-85), end=moment(5))
    maker.make("root", "A root", CA, start=moment(-85), end=moment(5)).make("leaf", "localhost", server("localhost"), "root", end=moment(400))
    maker.bag("chain", "leaf", "root")
    with Server(hf, "--cert", maker.own, "--key", hf.folder / "own.key") as alone, \
            Server(hf, "--cert", maker.chain, "--key", hf.folder / "leaf.key") as below:
        watch = Watch(hf, f"127.0.0.1:{drained(alone).port} --ca own.pem --servername localhost",
                      f"127.0.0.1:{drained(below).port} --ca root.pem --servername localhost")
        expiry, = [event for event in watch.round() if event["event"] == "expiry"]
        assert expiry["details"]["days"] == 7 and "CN=localhost" in expiry["text"]


def test_a_file_that_goes_and_comes_back(hf, pki):
    watch = Watch(hf, "cert here.pem")
    event, = watch.round(code=1)
    assert event["event"] == "error" and "No such file" in event["text"]
    watch.quiet()
    (hf.folder / "here.pem").write_text("nothing\n")
    event, = watch.round(code=1)
    assert "no certificate and no CRL" in event["text"]
    (hf.folder / "here.pem").write_text((pki / "leaf/leaf.pem").read_text())
    watch.quiet()


def test_a_ca_file_that_is_missing_is_told_and_all_others_go_on(hf, pki, openssl):
    """Once, as an event; what its targets showed before still goes towards its end, and it stays a failure until it is mended."""
    assert openssl
    Maker(hf.folder).make("a", "localhost", server("localhost"), start=moment(-85), end=moment(5))
    with Server(hf, "--cert", "a.pem", "--key", "a.key") as running, serving(hf, pki) as good:
        port = drained(running).port
        watch = Watch(hf, f"127.0.0.1:{port} 127.0.0.1:1 --ca a.pem --servername localhost --timeout 0.5", "cert soon.pem", line_of(pki, good.port))
        watch.round("--remind", "2")
        shutil.copy(hf.folder / "a.pem", hf.folder / "soon.pem")
        (hf.folder / "a.pem").rename(hf.folder / "gone.pem")
        done = watch.run("--command", 'echo "$HANDFAST_TARGET $HANDFAST_EVENT" >> told')
        assert done.code == 5 and done.err == ""
        here = f"127.0.0.1:{port} (localhost)"
        told = sorted((hf.folder / "told").read_text().splitlines())
        assert told == [f"{here} error", f"{here} expiry", "soon.pem expiry"]
        assert sorted(" ".join(line.split(": ")[:2]) for line in done.out.splitlines()) == told
        assert "nor 1 other that needs it: a.pem: No such file" in done.out
        watch.quiet(code=5)
        (hf.folder / "gone.pem").rename(hf.folder / "a.pem")
        assert "error" not in kinds(watch.round())
        (hf.folder / "a.pem").unlink()
        assert kinds(watch.round(code=5)) == ["error"]


def test_a_ca_file_that_goes_is_no_mistake_of_the_list(hf, pki):
    """While it goes on, and when the list is read again; what was a CA's file may be anything, too."""
    (hf.folder / "ca.pem").write_text((pki / "ca/ca.pem").read_text())
    watch = Watch(hf, "cert a.pem", "127.0.0.1:1 --ca ca.pem --timeout 0.5", "cert b.pem")
    with going_on(watch) as running:
        until("the whole first round", lambda: "b.pem: error" in running.out(), running.process)
        (hf.folder / "ca.pem").write_text("no certificate")
        running.hup()
        until("the error", lambda: "127.0.0.1:1: error: it could not be audited: ca.pem" in running.out(), running.process)
        assert end(running.process) == 0
    assert running.out().count("127.0.0.1:1: error") == 1


def test_der_and_damaged_files(hf, pki, openssl):
    """What can be read of a damaged one is watched all the same."""
    Maker(hf.folder).make("a", "gone.test", server("gone.test"), start=moment(-90), end=moment(-3))
    openssl("x509", "-in", hf.folder / "a.pem", "-outform", "DER", "-out", hf.folder / "a.der")
    text = (hf.folder / "a.pem").read_text()
    (hf.folder / "half.pem").write_text(text + text[:200])
    (hf.folder / "not.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    events = Watch(hf, "cert a.der half.pem not.pem").round(code=1)
    assert [(event["target"], event["event"]) for event in events] == [
        ("a.der", "expiry"), ("half.pem", "error"), ("half.pem", "expiry"), ("not.pem", "error")]


def test_lines_of_many_kinds(hf, pki):
    """Those that are asked alike go together, others by themselves; each target has its own verdict and state."""
    nobody = free_ports(2)
    with serving(hf, pki, "leaf", "127.0.0.1:0", "--policy", "modern") as one, serving(hf, pki, "other", "127.0.0.1:0", "--tls", "1.2") as two:
        watch = Watch(hf, line_of(pki, one.port, "--policy", "modern", f"127.0.0.1:{two.port}"), "cert a.pem",
                      line_of(pki, nobody[0]), f"127.0.0.1:{nobody[1]}",
                      f"127.0.0.1:{one.port} --ca {pki}/ca/ca.pem --servername 127.0.0.1")
        events = {event["target"]: event for event in watch.round("--parallel", "2", code=1)}
        assert {event["event"] for event in events.values()} == {"first", "error"} and len(events) == 6 == len(watch.states)
        assert events[f"127.0.0.1:{one.port} (localhost)"]["worse"] is False
        assert events[f"127.0.0.1:{two.port} (localhost)"]["worse"] is True
        assert events[f"127.0.0.1:{one.port}"]["text"].startswith("now watched: default is kept")
        watch.quiet("--parallel", "2", code=3)


def test_one_thing_by_two_spellings(hf):
    """Paths from here and from the root, with dots and slashes that say nothing; addresses as bytes. Another folder's file is another."""
    port = free_port()
    (hf.folder / "sub").mkdir()
    watch = Watch(hf, f"cert a.pem ./a.pem .//./a.pem {hf.folder}/a.pem sub/a.pem sub/../a.pem", f"[::1]:{port} [0::1]:{port} [0:0::0001]:{port} --timeout 0.5")
    assert sorted(event["target"] for event in watch.round()) == sorted(["a.pem", "sub/a.pem", "sub/../a.pem", f"[::1]:{port}"])


# ---- the command ----

def test_the_command_gets_the_facts(hf, pki):
    with serving(hf, pki) as running:
        watch = Watch(hf, line_of(pki, running.port))
        watch.round("--command", 'env | grep ^HANDFAST_ | sort > facts; cp "$HANDFAST_JSON" report', code=0)
        facts = dict(line.split("=", 1) for line in (hf.folder / "facts").read_text().splitlines())
        assert facts.pop("HANDFAST_TARGET") == f"127.0.0.1:{running.port} (localhost)"
        assert facts.pop("HANDFAST_TEXT").startswith("now watched: default is kept")
        assert facts.pop("HANDFAST_JSON") == str(watch.states[0])
        assert facts == {"HANDFAST_EVENT": "first", "HANDFAST_WORSE": "no"}
        assert json.loads((hf.folder / "report").read_text())["report"]["targets"][0]["reached"] is True
        (hf.folder / "facts").unlink()
        watch.quiet("--command", "touch facts")
        assert not (hf.folder / "facts").exists()


def test_a_command_that_fails_is_run_again_until_it_works(hf):
    """On stdout it is told once; the command has told nobody as long as it fails. A round without a command keeps what waits."""
    watch = Watch(hf, "cert nothing.pem")
    done = watch.run("--command", "echo to stderr; exit 7")
    assert done.code == 5 and "exit code 7" in done.err and "to stderr" in done.err
    assert done.out.startswith("nothing.pem: error: ")
    again = watch.run("--command", "exit 8")
    assert (again.code, again.out) == (5, "") and "exit code 8" in again.err
    watch.quiet()
    watch.write("cert nothing.pem new.pem")
    watch.round("--command", 'echo "$HANDFAST_TARGET $HANDFAST_EVENT" >> told', code=1)
    assert sorted((hf.folder / "told").read_text().split()) == ["error", "error", "new.pem", "nothing.pem"]
    watch.quiet("--command", "echo twice >> told")
    assert "twice" not in (hf.folder / "told").read_text()
    assert [json.loads(path.read_text())["pending"] for path in watch.states] == [[], []]


def test_what_waits_is_told_before_what_is_new(hf):
    watch = Watch(hf, "cert it.pem")
    watch.run("--command", "exit 1")
    (hf.folder / "it.pem").write_text("nothing\n")
    watch.round("--command", 'echo "$HANDFAST_TEXT" >> told', code=1)
    told = (hf.folder / "told").read_text().splitlines()
    assert len(told) == 2 and {"No such file" in line for line in told} == {True, False}
    assert json.loads(watch.states[0].read_text())["pending"] == []


class Hanging:
    """A round whose commands write their pids and hang. They have its stderr: when that ends, all of them have gone."""

    def __init__(self, watch, command):
        self.pids = watch.hf.folder / "pids"
        self.process = subprocess.Popen([BIN, "watch", "--once", "--command", command, str(watch.path)], cwd=watch.hf.folder, env=watch.hf.env,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def begun(self):
        return self.pids.read_text().split() if self.pids.exists() else []

    def ended(self, number=signal.SIGTERM):
        """Exit code, stdout, and stderr in one line."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, out, " ".join(err.split())

    def clear(self):
        end(self.process, signal.SIGKILL)
        self.process.stdout.close()
        self.process.stderr.close()
        for pid in self.begun():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int(pid), signal.SIGKILL)


@contextlib.contextmanager
def hanging(watch, command):
    running = Hanging(watch, command)
    try:
        yield running
    finally:
        running.clear()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_what_was_not_told_for_the_next_round(hf, number):
    """Of 12 commands four have begun, and none is over: they are ended with all that they started, and never tell what is told again."""
    watch = Watch(hf, *[f"cert nothing{i}.pem" for i in range(12)])
    with hanging(watch, 'echo $$ >> pids; sleep 600; echo "$HANDFAST_TARGET" >> told') as running:
        until("four commands", lambda: len(running.begun()) == 4, running.process)
        code, out, err = running.ended(number)
        assert code == 128 + number and out.count(": error: ") == 12 and "12 events not yet taken by the command" in err
    watch.quiet("--command", 'echo "$HANDFAST_TARGET" >> told')
    assert sorted((hf.folder / "told").read_text().split()) == sorted(f"nothing{i}.pem" for i in range(12))


def test_what_was_told_before_a_signal_is_not_told_again(hf):
    watch = Watch(hf, *[f"cert nothing{i}.pem" for i in range(3)])

    def settled():
        states = [json.loads(path.read_text()) for path in watch.states]
        return len(states) == 3 and sum(len(state["pending"]) for state in states) == 1
    with hanging(watch, 'test "$HANDFAST_TARGET" != nothing1.pem || { echo $$ >> pids; exec sleep 600; }') as running:
        until("two of three", settled, running.process)
        until("the one that hangs", running.begun, running.process)
        code, _, err = running.ended()
        assert code == 128 + signal.SIGTERM and "1 event not yet taken" in err
    watch.quiet("--command", 'echo "$HANDFAST_TARGET" >> told')
    assert (hf.folder / "told").read_text() == "nothing1.pem\n"


def test_each_event_runs_it(hf):
    watch = Watch(hf, *[f"cert nothing{i}.pem" for i in range(40)])
    watch.round("--command", 'echo "$HANDFAST_TARGET" >> told', code=1)
    assert sorted((hf.folder / "told").read_text().split()) == sorted(f"nothing{i}.pem" for i in range(40))


# ---- lists with mistakes ----

@pytest.mark.parametrize("line, words", [
    ("example.org --polcy modern", "--polcy"),
    ("example.org --policy nobody", "nobody"),
    ("example.org:0", "example.org:0"),
    ("example.org --json", "--json"),
    ("example.org --baseline x", "--baseline"),
    ("example.org --help", "--help"),
    ("example.org -4 -6", "-4"),
    ("--policy modern", "nobody to audit"),
    ("cert", "cert"),
    ("example.org 'half", "quote"),
    ("EXAMPLE.org --policy modern", "twice"),
    ("cert a.pem", "twice"),
    ("cert b.pem ././/a.pem", "twice"),
    ("[::1]:8443 [0::0:1]:8444 [::0001]", "twice"),
])
def test_a_mistake_is_told_with_its_line_and_nobody_is_asked(hf, line, words):
    watch = Watch(hf, "# a list", "example.org [0::1]", "cert a.pem", line)
    done = watch.run()
    assert done.code in (2, 5)
    done.fails(done.code)
    assert "hosts.watch, line 4: " in done.err and words in done.err
    assert not (hf.folder / "state").exists()


@pytest.mark.parametrize("content, code", [(b"", 2), (b"# nothing\n\n", 2), (b"a\0b\n", 5), (None, 5)])
def test_no_list(hf, content, code):
    if content is not None:
        (hf.folder / "list").write_bytes(content)
    hf("watch", "--once", "list").fails(code)


@pytest.mark.parametrize("words", [("--every", "10"), ("--every", "5w"), ("--every", "0h"), ("--remind", "x"), ("--remind", "7,"),
                                   ("--once", "--every", "1d")])
def test_wrong_options(hf, words):
    (hf.folder / "list").write_text("example.org\n")
    hf("watch", *words, "list").fails(2)


# ---- state ----

def test_a_damaged_state_is_put_aside(hf, pki):
    with serving(hf, pki) as running:
        watch = Watch(hf, line_of(pki, running.port))
        watch.round(code=0)
        state, = watch.states
        whole = state.read_text()
        for damaged in (whole[:1000], "{}", '{"schema":"handfast.watch/1"}', "[]", ""):
            state.write_text(damaged)
            done = watch.run()
            assert done.code == 0 and "first: now watched" in done.out and "put aside" in done.err, done
            assert state.with_suffix(".json.damaged").read_text() == damaged
            watch.quiet()


def test_a_folder_that_cannot_be_written(hf):
    """Before anybody is asked: else each round would tell everything again."""
    (hf.folder / "file").write_text("")
    watch = Watch(hf, "cert a.pem")
    watch.run("--state", "file/state").fails(5)
    watch.run("--state", "/proc/nothing").fails(5)


def test_one_watch_a_folder(hf):
    watch = Watch(hf, "cert a.pem")
    with going_on(watch, "--state", "own"):
        done = watch.run("--state", "own").fails(5)
        assert "another watch" in done.err
        assert watch.run("--state", "elsewhere").code == 1


# ---- going on ----

class GoingOn:
    def __init__(self, watch, *words):
        self.lines = open(watch.hf.folder / "out", "w+b")
        self.errors = open(watch.hf.folder / "err", "w+b")
        self.process = subprocess.Popen([BIN, "watch", *words, str(watch.path)], cwd=watch.hf.folder, env=watch.hf.env,
                                        stdin=subprocess.DEVNULL, stdout=self.lines, stderr=self.errors)
        self.folder = watch.hf.folder

    def out(self):
        return (self.folder / "out").read_text()

    def err(self):
        return (self.folder / "err").read_text()

    def hup(self):
        self.process.send_signal(signal.SIGHUP)


@contextlib.contextmanager
def going_on(watch, *words):
    running = GoingOn(watch, *words)
    try:
        until("the first round", lambda: running.out(), running.process)
        yield running
    finally:
        end(running.process, signal.SIGKILL)
        running.lines.close()
        running.errors.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(hf, number):
    with going_on(Watch(hf, "cert a.pem")) as running:
        assert running.err().startswith("handfast: watching 0 targets and 1 file, every 1d")
        assert end(running.process, number) == 0
        assert running.out().count("\n") == 1


def test_sighup_reads_the_list_again(hf):
    watch = Watch(hf, "cert a.pem")
    with going_on(watch) as running:
        watch.write("cert a.pem", "cert b.pem")
        running.hup()
        until("the second list", lambda: "b.pem: error" in running.out(), running.process)
        watch.write("cert c.pem", "example.org --nonsense")
        running.hup()
        until("the mistake", lambda: "watched on" in running.err(), running.process)
        assert "hosts.watch, line 2: " in " ".join(running.err().split()) and "c.pem" not in running.out()
        watch.write("cert d.pem")
        running.hup()
        until("the third list", lambda: "d.pem: error" in running.out(), running.process)
        assert end(running.process) == 0
        assert running.out().count("a.pem: error") == 1


# ---- what leaves the list ----

def left(events):
    return [event["target"] for event in events if event["event"] == "left"]


def test_what_left_the_list_leaves_its_state(hf, pki):
    """Told once, with a command as well; as if it were new when it comes back. Files of others in the folder stay."""
    a, b = f"{pki}/leaf/leaf.pem", f"{pki}/other/leaf.pem"
    watch = Watch(hf, f"cert {a} {b}", f"127.0.0.1:{free_port()} --timeout 0.5")
    assert not left(watch.round())
    assert len(watch.states) == 3
    stranger = watch.states[0].parent / "notes.json"
    stranger.write_text("{}")
    watch.write(f"cert {a}")
    other, event = sorted(watch.round("--command", 'echo "$HANDFAST_EVENT $HANDFAST_TARGET" >> told', code=0), key=lambda e: e["target"])
    assert (event["event"], other["event"], other["target"]) == ("left", "left", b) and not event["worse"] and "127.0.0.1:" in event["target"]
    assert sorted((hf.folder / "told").read_text().split("\n"))[1:] == sorted(f"left {e['target']}" for e in (event, other))
    assert len(watch.states) == 2 and stranger in watch.states
    watch.quiet()


def test_a_list_that_cannot_be_read_loses_nothing(hf, pki):
    watch = Watch(hf, f"cert {pki}/leaf/leaf.pem")
    watch.quiet()
    for content in ("example.org --nonsense\n", "", "# nothing\n"):
        watch.path.write_text(content)
        assert watch.run().code == 2
        assert len(watch.states) == 1
    watch.path.unlink()
    assert watch.run().code == 5
    assert len(watch.states) == 1


def test_lists_that_share_a_folder_leave_each_other_alone(hf, pki):
    theirs, mine = Watch(hf), Watch(hf, f"cert {pki}/leaf/leaf.pem")
    theirs.path = hf.folder / "other.watch"
    theirs.write(f"cert {pki}/other/leaf.pem")
    for watch in (mine, theirs, mine, theirs):
        watch.quiet()
    assert len(mine.states) == 2


def test_a_signal_within_a_round_leaves_the_state_as_it_was(hf, pki):
    """Somebody who takes connections and never answers holds a round up: that it was interrupted is no outage."""
    port = free_port()
    watch = Watch(hf, line_of(pki, port, "--timeout", "60"))
    with serving(hf, pki, "leaf", f"127.0.0.1:{port}"):
        watch.round(code=0)
    before = watch.states[0].read_text()
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.settimeout(LIMIT)
        process = subprocess.Popen([BIN, "watch", "--once", str(watch.path)], cwd=hf.folder, env=hf.env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with listener.accept()[0]:
            assert end(process) == 128 + signal.SIGTERM
        assert process.communicate()[0] == b""
    assert watch.states[0].read_text() == before


# ---- as a service ----

def unit_text(name):
    with open(os.path.join(ROOT, "packaging", name), encoding="utf-8") as f:
        return f.read()


def systemd(*words):
    if not shutil.which("systemd-analyze"):
        pytest.skip("missing peer: systemd-analyze (make deps-peers)")
    return subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True, timeout=LIMIT, check=False)


@pytest.mark.parametrize("name", ["handfast-watch.service", "handfast-watch.timer"])
def test_systemd_understands_every_line(tmp_path, name):
    tool = tmp_path / "100% a prefix/bin/handfast"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    subprocess.run(["cmake", f"-DUNIT={ROOT}/packaging/handfast-watch.service", f"-DOUT={tmp_path}/handfast-watch.service",
                    f"-DTOOL={tool}", "-P", os.path.join(ROOT, "cmake/InstallUnit.cmake")], check=True, timeout=LIMIT)
    shutil.copy(os.path.join(ROOT, "packaging/handfast-watch.timer"), tmp_path)
    done = systemd("verify", "--man=no", tmp_path / name)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_is_confined():
    done = systemd("security", "--offline=true", "--threshold=20", "--no-pager", os.path.join(ROOT, "packaging/handfast-watch.service"))
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


def test_the_unit_runs_what_the_tool_takes(hf, tmp_path):
    """With its list and its state elsewhere."""
    command, = re.findall(r"(?m)^ExecStart=/usr/local/bin/handfast (.*)$", unit_text("handfast-watch.service"))
    (tmp_path / "list").write_text("cert nothing.pem\n")
    words = [word.replace("/etc/handfast/hosts.watch", "list").replace("${STATE_DIRECTORY}", "kept") for word in command.split()]
    done = hf(*words)
    assert done.code == 1 and done.out.startswith("nothing.pem: error: ")
    assert re.findall(r"(?m)^SuccessExitStatus=(.*)$", unit_text("handfast-watch.service")) == ["1 3"]


def test_the_example_is_a_list(hf):
    """Its targets are nobody's: only its form is tried, by a mistake at its end."""
    with open(os.path.join(ROOT, "packaging/hosts.watch"), encoding="utf-8") as f:
        text = f.read()
    watch = Watch(hf, text, "cert")
    done = watch.run().fails(2)
    assert f"line {text.count(chr(10)) + 2}: " in done.err
