# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Completion in bash, zsh and fish: asked as the shells themselves ask, it proposes what the tool takes. The files lie beside
the tool, in its build folder, or where it was installed."""
import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from conftest import BIN
from processes import LIMIT
from test_options import COMMANDS, options_of

FOLDER = os.path.dirname(BIN)
PLACES = {"bash": ("completion/bash/handfast", "../share/bash-completion/completions/handfast"),
          "zsh": ("completion/zsh/_handfast", "../share/zsh/site-functions/_handfast"),
          "fish": ("completion/fish/handfast.fish", "../share/fish/vendor_completions.d/handfast.fish")}
CERT = {command.split()[1] for command in COMMANDS if command.startswith("cert ")}
FIRST = {command.split()[0] for command in COMMANDS}

# What stands on the line, and what is proposed for its last word.
WORDS = [
    (["con"], {"connect"}),
    (["cert", ""], CERT),
    (["--color", "never", "dem"], {"demo"}),
    (["help", "cert", "ins"], {"inspect"}),
    (["connect", "--starttls", "p"], {"pop3", "postgres"}),
    (["connect", "--tls", ""], {"1.2", "1.3"}),
    (["serve", "--client-auth", "re"], {"request", "require"}),
    (["connect", "--groups", "X25519,P-2"], {"X25519,P-256"}),
    (["connect", "--groups", "X25519:P-2"], {"X25519:P-256"}),
    (["connect", "--groups=P-384,X25519:P-2"], {"--groups=P-384,X25519:P-256"}),
    (["connect", "--ciphers", "TLS_CHACHA"], {"TLS_CHACHA20_POLY1305_SHA256"}),
    (["demo", "--sigalgs", "ed25519,rsa_pss_rsae_sha256,ecdsa_secp384"], {"ed25519,rsa_pss_rsae_sha256,ecdsa_secp384r1_sha384"}),
    (["policy", "show", "clas"], {"classroom", "classroom-2026-11"}),
    (["policy", "sho"], {"show"}),
    (["proxy", "r"], {"run", "reload"}),
    (["proxy", "status", "--fail"], {"--failures"}),
    (["policy", "modern-"], {"modern-2026-11"}),
    (["list", "s"], {"suites", "sigalgs", "schemes"}),
    (["cert", "ca", "--any"], {"--any-name"}),
    (["connect", "--policy", "modern", "--early"], {"--early-data"}),
    (["bench", "--case", "full-ecdsa-x"], {"full-ecdsa-x25519"}),
]


def program(name):
    if not shutil.which(name):
        pytest.skip(f"missing peer: {name}")
    return name


def script(shell):
    for place in PLACES[shell]:
        if os.path.exists(path := os.path.normpath(f"{FOLDER}/{place}")):
            return path
    pytest.fail(f"no completion for {shell} beside {BIN}: build the target hf_manual")


def run(*words, folder):
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL, check=False, cwd=folder,
                          env={"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "TERM": "dumb"})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


# --- bash: COMP_WORDS as bash sets it, compopt is bash's and would complain ------------------------------------------

BASH = """source "$1"; shift
compopt() { echo "OPTION $*"; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_handfast
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
"""


def bash(folder, *words):
    lines = run(program("bash"), "-u", "-c", BASH, "bash", script("bash"), "handfast", *words, folder=folder).splitlines()
    return {line for line in lines if not line.startswith("OPTION")}, {line[10:] for line in lines if line.startswith("OPTION")}


@pytest.mark.parametrize("words, proposed", WORDS, ids=lambda v: " ".join(sorted(v)) if isinstance(v, set) else None)
def test_bash(tmp_path, words, proposed):
    assert bash(tmp_path, *words)[0] == proposed


def test_bash_proposes_every_command(tmp_path):
    assert bash(tmp_path, "")[0] == FIRST | {"help"}


@pytest.mark.parametrize("command", COMMANDS)
def test_bash_proposes_every_option(hf, tmp_path, command):
    names = {f"--{name}" for name, _, _ in options_of(hf(*command.split(), "--help").good().out)}
    assert bash(tmp_path, *command.split(), "--")[0] == names


@pytest.mark.parametrize("words, proposed", [
    (["connect", "--tls", "="], {"1.2", "1.3"}), (["connect", "--tls", "=", "1.2"], {"1.2"}),
    (["connect", "--tls=1.3"], {"--tls=1.3"}), (["--color", "=", "never", "dem"], {"demo"})])
def test_bash_splits_words_at_equals_signs(tmp_path, words, proposed):
    assert bash(tmp_path, *words)[0] == proposed


@pytest.mark.parametrize("words, proposed", [
    (["connect", "--groups", "X25519", ":", "P-2"], {"P-256"}), (["connect", "--groups", "=", "X25519", ":", "P-384,P-2"], {"P-384,P-256"}),
    (["connect", "--groups", "X25519", ":", "P-256", ":", "P-3"], {"P-384"})])
def test_bash_splits_words_at_colons(tmp_path, words, proposed):
    assert bash(tmp_path, *words)[0] == proposed


def test_bash_goes_on_behind_a_colon(tmp_path):
    """The colon is the last word then, and every group may follow."""
    assert bash(tmp_path, "connect", "--groups", "X25519", ":")[0] == bash(tmp_path, "connect", "--groups", "")[0] != set()


@pytest.mark.parametrize("words, option", [
    (["connect", "--ca", ""], "default"), (["cert", "verify", "x"], "default"), (["cert", "leaf", "--out", ""], "dirnames"),
    (["connect", "--groups", "P-256"], "nospace")])
def test_bash_leaves_files_and_folders_to_readline(tmp_path, words, option):
    assert bash(tmp_path, *words)[1] == {option}


def test_bash_completes_a_list_on_a_terminal(tmp_path):
    """With readline, which breaks words at colons."""
    child = Terminal([program("bash"), "--norc", "--noprofile", "-i"], tmp_path)
    child.say(f"PS1=; source '{script('bash')}'; handfast() {{ printf 'GOT<%s>\\n' \"$@\"; }}\n")
    child.say("handfast connect --groups P-256:P-3\t,X25519M\t:P-2\t\n")
    child.wait_for(r"GOT<P-256:P-384,X25519MLKEM768:P-256>")
    child.end()


def test_bash_completes_a_file_on_a_terminal(tmp_path):
    """With readline, and a name that must be quoted."""
    (tmp_path / "it's mine.pem").write_text("")
    child = Terminal([program("bash"), "--norc", "--noprofile", "-i"], tmp_path)
    child.say(f"PS1=; source '{script('bash')}'; handfast() {{ printf 'GOT<%s>\\n' \"$@\"; }}\n")
    child.say("handfast connect --ca it\t\n")
    child.wait_for(r"GOT<it's mine\.pem>")
    child.end()


# --- fish: its own `complete -C` -------------------------------------------------------------------------------------

def fish(folder, *words):
    line = " ".join(words)
    out = run(program("fish"), "--no-config", "-c", f"source {script('fish')}; complete -C 'handfast {line}'", folder=folder)
    return {line.split("\t")[0]: line.partition("\t")[2] for line in out.splitlines()}


def test_fish_can_read_it(tmp_path):
    run(program("fish"), "--no-execute", script("fish"), folder=tmp_path)


@pytest.mark.parametrize("words, proposed", WORDS, ids=lambda v: " ".join(sorted(v)) if isinstance(v, set) else None)
def test_fish(tmp_path, words, proposed):
    assert set(fish(tmp_path, *words)) == proposed


def test_fish_says_what_things_are(hf, tmp_path):
    for command in COMMANDS:
        names = {f"--{name}" for name, _, _ in options_of(hf(*command.split(), "--help").good().out)}
        told = fish(tmp_path, *command.split(), "--")
        assert set(told) == names and all(told.values())
    told = fish(tmp_path, "connect", "--")
    assert told["--ipv4"] == "Only IPv4 addresses"
    assert "server's" in told["--revocation"]  # an apostrophe


def test_fish_proposes_files_and_folders(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.pem").write_text("")
    assert set(fish(tmp_path, "connect", "--ca", "f")) == {"folder/", "file.pem"}
    assert set(fish(tmp_path, "cert", "leaf", "--ca", "f")) == {"folder/"}
    assert set(fish(tmp_path, "cert", "verify", "f")) == {"folder/", "file.pem"}
    assert "file.pem" not in fish(tmp_path, "demo", "f")


# --- a terminal ------------------------------------------------------------------------------------------------------

class Terminal:
    """A program on a terminal of its own; what it says is waited for, with a limit."""

    def __init__(self, words, folder):
        self.heard, self.pid = "", 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(words[0], words, {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb", "LC_ALL": "C.UTF-8"})

    def say(self, text):
        os.write(self.fd, text.encode())

    def wait_for(self, pattern):
        end = time.monotonic() + LIMIT
        while not (found := re.search(pattern, self.heard)):
            assert select.select([self.fd], [], [], max(0, end - time.monotonic()))[0], self.heard
            self.heard += os.read(self.fd, 65536).decode("utf-8", "replace")
        self.heard = self.heard[found.end():]
        return found

    def end(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


# --- zsh: a widget that completes, and another that tells what the line is then --------------------------------------

ZSH = """PS1=; autoload -Uz compinit; compinit -u -D; LISTMAX=1000; source '{0}'
tell() {{ print -r -- "LINE<$BUFFER>"; BUFFER=; }}; zle -N tell; bindkey '^T' tell; bindkey '^I' complete-word; print READ''Y
"""


@pytest.fixture(scope="module")
def zsh(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zsh")
    (folder / "my file.pem").write_text("")
    child = Terminal([program("zsh"), "-f", "-i"], folder)
    child.say(ZSH.format(script("zsh")))
    child.wait_for("READY")
    yield child
    child.end()


def test_zsh_can_read_it(tmp_path):
    run(program("zsh"), "-n", script("zsh"), folder=tmp_path)


@pytest.mark.parametrize("line, whole", [
    ("con", "connect "), ("cert ver", "cert verify "), ("--color never dem", "--color never demo "), ("help cert ins", "help cert inspect "),
    ("connect --starttls postg", "connect --starttls postgres "), ("connect --tls=1.2", "connect --tls=1.2 "),
    ("serve --client-auth requi", "serve --client-auth require "), ("connect --groups X25519,P-2", "connect --groups X25519,P-256"),
    ("connect --groups X25519:P-2", "connect --groups X25519:P-256"), ("connect --groups=P-384,X25519:P-2", "connect --groups=P-384,X25519:P-256"),
    ("policy sho", "policy show "), ("policy show modern-", "policy show modern-2026-11 "), ("policy modern-", "policy modern-2026-11 "),
    ("list gr", "list groups "), ("cert ca --any", "cert ca --any-name "), ("connect --policy modern --early", "connect --policy modern --early-data "),
    ("connect --ca my", r"connect --ca my\ file.pem "), ("cert verify my", r"cert verify my\ file.pem "),
    ("cert ca --out=x --f", "cert ca --out=x --force ")])
def test_zsh(zsh, line, whole):
    zsh.say(f"handfast {line}\t\x14")
    assert zsh.wait_for(r"LINE<handfast (.*)>")[1].rstrip(", ") == whole.rstrip()


def test_zsh_says_what_options_are(zsh):
    zsh.say("handfast connect --ipv\t\t\x14")
    zsh.wait_for(r"--ipv4\s+(-4\s+)?-- Only IPv4 addresses")
    zsh.wait_for("LINE<")
