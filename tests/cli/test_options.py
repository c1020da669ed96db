# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Options, typos, help, exit codes: all that happens before a sub-command begins."""
import re
import subprocess

import pytest

from conftest import BIN
from processes import LIMIT

COMMANDS = ["demo", "connect", "trace", "explain", "serve", "audit", "watch", "proxy run", "proxy check", "proxy reload", "proxy status",
            "cert ca", "cert leaf", "cert csr", "cert sign", "cert crl", "cert inspect", "cert verify", "cert chain", "policy list",
            "policy show", "policy", "bench", "list"]


def options_of(help_text):
    """(name, argument or None, first of "One of ...") for each option of a --help."""
    entries = re.split(r"\n(?=  (?:-\w, |    )--)", help_text)
    for entry in entries[1:]:
        head = re.match(r"\s+(?:-(\w), )?--([a-z0-9-]+)(?: (\[?[A-Z][^\s]*))?", entry)
        one = re.search(r"One\s+of\s+(\w+)", entry)
        yield head[2], head[3], one[1] if one else None


# --- help ----------------------------------------------------------------------------------------------------------

def test_help_names_every_sub_command(hf):
    out = hf("--help").good().out
    listed = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  ", out.split("Sub-commands:")[1].split("Options:")[0], re.M)
    assert listed == COMMANDS
    assert hf("help").out == hf("-h").out == out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_80_columns_and_has_examples(hf, command):
    out = hf(*command.split(), "--help").good().out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert f"handfast {command}" in out.split("Examples:")[1]
    assert hf("help", *command.split()).out == out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_lists_only_what_is_taken(hf, command):
    """Each option of the help is accepted by the parser (--help then answers instead of the command)."""
    names = []
    for name, arg, one in options_of(hf(*command.split(), "--help").out):
        words = [f"--{name}"]
        if arg and not arg.startswith("["):
            words.append(one or "5")
        hf(*command.split(), *words, "--help").good()
        names.append(name)
    assert {"help", "color"} <= set(names) and len(names) == len(set(names))


def test_help_of_a_family(hf):
    out = hf("cert", "--help").good().out
    assert all(f"cert {word}" in out for word in ("ca", "leaf", "csr", "sign", "crl", "inspect")) and "connect" not in out
    assert hf("help", "cert").good().out == out


@pytest.mark.parametrize("command, sample", [
    ("demo", "demo --tls 1.2 --policy classroom"), ("serve", "serve --client-auth require --client-ca ca.pem"),
    ("cert leaf", "cert leaf --ca ca --out me --client device@a.test")])
def test_examples_for_newcomers(hf, command, sample):
    lines = hf(*command.split(), "--help").good().out.split("Examples:\n")[1].split("\n\n")[0].splitlines()
    examples = [line for line in lines if not line.startswith("  # ")]
    assert f"  handfast {sample}" in examples and len(examples) == len(set(examples)) == len(lines) / 2 <= 4
    hf(*sample.split(), "--help").good()


def test_version(hf):
    out = hf("--version").good().out
    assert re.match(r"handfast \d+\.\d+\.\d+ \(commit (unknown|test|[0-9a-f]{7,40})\)\n", out)
    assert "OpenSSL" in out or "AWS-LC" in out
    assert re.search(r"ML-KEM: from (libcrypto|handfast)\n", out)
    assert hf("-V").out == out


# --- wrong words ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words, hint", [
    (["connect", "--servrname", "x", "host"], "did you mean --servername?"),
    (["connect", "--jsn", "host"], "did you mean --json?"),
    (["connect", "--time", "3", "host"], "did you mean --timeout?"),
    (["connect", "--TRACE", "host"], "did you mean --trace?"),
    (["connect", "--cacert", "x", "host"], "that is how curl spells it; did you mean --ca?"),
    (["connect", "--cacert=x", "host"], "that is how curl spells it; did you mean --ca?"),
    (["connect", "-k", "host"], "did you mean --insecure?"),
    (["connect", "-CAfile", "x", "host"], "that is how openssl spells it; did you mean --ca?"),
    (["connect", "-servername", "x", "host"], "did you mean --servername?"),
    (["connect", "-connect", "host:443"], "did you mean connect HOST:PORT?"),
    (["connect", "--x509cafile", "x", "host"], "that is how gnutls-cli spells it"),
    (["connect", "--listen", "x"], "it belongs to: handfast serve"),
    (["connect", "--no-such-option", "x"], "handfast connect has no such option"),
    (["connect", "-4x", "host"], "handfast connect has no such option"),
    (["serve", "-accept", "443"], "did you mean --listen?"),
    (["conect", "host"], "did you mean handfast connect?"),
    (["s_client"], "did you mean handfast connect?"),
    (["x509"], "did you mean handfast cert inspect?"),
    (["cert"], "followed by one of ca, leaf, csr, sign, crl, inspect"),
    (["cert", "leef"], "did you mean handfast cert leaf?"),
    (["frobnicate"], "handfast has no such sub-command"),
    (["--verson"], "did you mean --version?"),
    (["--json", "connect"], "options of a sub-command stand after its name"),
    (["list", "grups"], "one of suites, groups, sigalgs, schemes"),
    (["policy", "modren"], "did you mean modern?"),
    (["connect", "--starttls", "smpt", "host"], "did you mean smtp?"),
    (["connect", "--starttls", "SMTP", "host"], "did you mean smtp?"),
    (["connect", "--starttls", "postgresql", "host"], "did you mean postgres?"),
    (["serve", "--client-auth", "requir"], "did you mean require?"),
    (["demo", "--tls", "tls1.2"], "did you mean 1.2?"),
    (["demo", "--tls", "TLSv1.3"], "did you mean 1.3?"),
    (["list", "grups"], "did you mean groups?"),
    (["list", "--json"], "it belongs to: handfast connect, trace, explain, serve, audit, watch, proxy check, proxy reload, proxy status, cert inspect"),
    *((["serve", "--tickets", word], "did you mean off?") for word in ("no", "false", "0", "NO", "of")),
    *((["serve", "--tickets", word], "did you mean on?") for word in ("yes", "true", "1", "Yes")),
    (["connect", "--early-data", "4096", "host"], "connect's --early-data takes no value; serve's does"),
    (["connect", "--early-data=4096", "host"], "connect's --early-data takes no value; serve's does"),
    (["connect", "--session", "s", "--http", "--early-data", "4096"], "connect's --early-data takes no value; serve's does"),
    (["connect", "--early-data", "a", "b"], "it was given already"),
])
def test_wrong_words_are_met_with_the_right_ones(hf, words, hint):
    assert hint in hf(*words).fails(2).err


@pytest.mark.parametrize("words, hint", [
    ([], "needs a sub-command"),
    (["connect"], "Whom to connect to"),
    (["connect", "a", "b"], "it was given already"),
    (["connect", ""], "is a shell variable unset?"),
    (["connect", "--ca"], "--ca FILE|DIR"),
    (["connect", "--ca", "--json", "host"], "--ca FILE|DIR"),
    (["connect", "--ca=", "host"], "is a shell variable unset?"),
    (["connect", "--json=1", "host"], "the option is a switch"),
    (["connect", "--timeout", "0", "host"], "1 to 86400"),
    (["connect", "--timeout", "1e3", "host"], "1 to 86400"),
    (["connect", "--timeout", " 5", "host"], "1 to 86400"),
    (["connect", "--timeout", "-5", "host"], "1 to 86400"),
    (["connect", "--timeout", "99999999999999999999", "host"], "1 to 86400"),
    (["connect", "--color", "pink", "host"], "auto, always, never"),
    (["demo", "now"], "takes options only"),
    (["list", "groups", "suites"], "it was given already"),
])
def test_wrong_values(hf, words, hint):
    assert hint in hf(*words).fails(2).err


def test_too_many_values(hf):
    words = [w for i in range(101) for w in ("--ca", f"f{i}")]
    assert "at most 100" in hf("connect", *words, "host").fails(2).err


@pytest.mark.parametrize("words, hint", [
    (["--groups", "X25519,P-257"], "did you mean P-256?"),
    (["--groups", "X25519::P-256"], "in --groups"),
    (["--ciphers", "TLS_AES_128_GCM_SHA265"], "did you mean TLS_AES_128_GCM_SHA256?"),
    (["--sigalgs", "RSA-PSS+SHA255"], "did you mean RSA-PSS+SHA256?"),
    (["--tls", "1.1"], "--tls takes 1.2 or 1.3"),
    (["--policy", "clasic"], "no policy of that name"),
    (["--alpn", "h2,,http/1.1"], "1 to 255 bytes"),
])
def test_wrong_protocol_words(hf, words, hint):
    assert hint in hf("connect", *words, "127.0.0.1:1").fails(2).err


def test_hostile_words_cannot_steer_the_terminal(hf):
    done = hf("connect", "--\x1b[2Jx", "a")
    assert done.code == 2 and "\x1b" not in done.err and "?[2Jx" in done.err


# --- colour, pipes -------------------------------------------------------------------------------------------------

def test_colour_only_when_asked_for_or_on_a_terminal(hf):
    assert "\x1b" not in hf("list", "groups").good().out
    assert "\x1b[" in hf("list", "groups", "--color", "always").good().out
    assert "\x1b[33m" not in hf("demo", "--policy", "classroom", "--color", "always").good().err  # yellow is hard to read on white
    assert "\x1b" not in hf("list", "--color=never", "groups", env={"NO_COLOR": ""}).good().out


def test_colour_on_a_terminal_and_no_color(hf):
    import pty

    def run(env):
        parent, child = pty.openpty()
        with subprocess.Popen([BIN, "list", "groups"], stdout=child, env={**hf.env, "TERM": "xterm", **env}) as p:
            p.wait(LIMIT)
        import os
        os.close(child)
        text = os.read(parent, 65536)
        os.close(parent)
        return text
    assert b"\x1b[" in run({})
    assert b"\x1b[" not in run({"NO_COLOR": "1"})
    assert b"\x1b[" not in run({"TERM": "dumb"})


def test_a_reader_that_goes_away_is_no_error(hf):
    with subprocess.Popen([BIN, "connect", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=hf.env) as p:
        p.stdout.close()
        assert p.stderr.read() == b""
        assert p.wait(LIMIT) == 0


def test_a_full_disk_is_said(hf):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([BIN, "list"], stdout=full, stderr=subprocess.PIPE, env=hf.env, timeout=LIMIT, check=False)
    assert done.returncode == 5 and b"could not be written" in done.stderr


def test_closed_descriptors_are_not_taken_for_files(hf):
    """stdout is closed: the key must not land on descriptor 1 and have the report written behind it."""
    done = subprocess.run(["sh", "-c", '"$0" cert ca --out ca <&- >&-', BIN], cwd=hf.folder, env=hf.env, timeout=LIMIT,
                          stderr=subprocess.PIPE, check=False)
    assert done.returncode == 5 and b"could not be written" in done.stderr
    assert (hf.folder / "ca/ca.key").read_text().endswith("-----END PRIVATE KEY-----\n")
