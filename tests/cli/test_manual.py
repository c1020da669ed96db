# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Manual pages and docs/commands.md say what --help says: every option, its example, its default; and they are pages that man,
apropos and mandoc take without a word. The pages lie beside the tool, in its build folder, or where it was installed."""
import functools
import glob
import os
import re
import shlex
import shutil
import subprocess

import pytest

from conftest import BIN, ROOT
from processes import LIMIT
from test_options import COMMANDS, options_of

FOLDER = os.path.dirname(BIN)
HEADERS = sorted(glob.glob(os.path.join(ROOT, "include/handfast/*.h")))
EXITS = {"connect": "0 1 2 3 4 5 6 70", "cert inspect": "0 1 2 3 4 5 70", "cert verify": "0 2 5 6 70", "cert ca": "0 2 5 70",
         "audit": "0 1 2 3 5 70", "watch": "0 1 2 3 5 70"}
with open(os.path.join(ROOT, "docs/commands.md"), encoding="utf-8") as f:
    REFERENCE = f.read()
EXAMPLES = sorted(set(re.findall(r"(?:^- |\| )`handfast ([^`]+)`(?: \|$|:)", REFERENCE.replace(r"\|", "|"), re.M)))


def pages():
    found = glob.glob(f"{FOLDER}/man/*.[135]") + glob.glob(f"{FOLDER}/../share/man/man[135]/*handfast*.[135]")
    return {os.path.basename(path): path for path in found}


PAGES = pages()
WHOLE = sorted(name for name in PAGES if not name.startswith("hf_"))


def page(name):
    if not shutil.which("scdoc") and not PAGES:
        pytest.skip("missing peer: scdoc, so there are no manual pages")
    assert name in PAGES, f"{name} is not among the {len(PAGES)} pages of {FOLDER}: build the target hf_manual"
    return PAGES[name]


def program(name):
    if not shutil.which(name):
        pytest.skip(f"missing peer: {name}")
    return name


@functools.lru_cache(maxsize=None)
def rendered(name):
    """As a terminal of 80 columns shows it, without overstriking; what man has to complain about fails."""
    path = page(name)
    done = subprocess.run([program("man"), "--warnings=w", "-E", "UTF-8", "-P", "cat", "-l", path], capture_output=True, timeout=LIMIT,
                          env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""}, check=False)
    assert done.returncode == 0 and done.stderr == b""
    return re.sub(r".\x08|\x1b\[[0-9;]*m", "", done.stdout.decode())


def sections(text):
    parts = re.split(r"^([A-Z][A-Z ]+)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


# --- handfast(1) ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("command", COMMANDS)
def test_page_has_all_that_help_has(hf, command):
    text = rendered(f"handfast-{command.replace(' ', '-')}.1")
    parts = sections(text)
    assert list(parts) == [name for name in ("NAME", "SYNOPSIS", "DESCRIPTION", "ARGUMENTS", "OPTIONS", "EXIT STATUS", "ENVIRONMENT",
                                             "FILES", "EXAMPLES", "SEE ALSO") if name in parts or name not in ("ARGUMENTS", "FILES")]
    help_text = hf(*command.split(), "--help").good().out
    options = list(options_of(help_text))
    entries = re.findall(r"^       (?:-\w, )?--([a-z0-9-]+)(?: (\S+))?$", parts["OPTIONS"], re.M)
    assert sorted(entries) == sorted((name, arg or "") for name, arg, _ in options)
    assert parts["OPTIONS"].count("Example: handfast ") == len(options) > 0
    words = " ".join(parts["OPTIONS"].split())
    for kind in ("Default:", "Without [A-Z]+:", "One of", "From"):
        assert len(re.findall(rf"{kind} ", words)) == len(re.findall(rf"{kind} ", " ".join(help_text.split("Exit codes")[0].split())))
    for example in re.findall(r"^  handfast (.*)$", help_text.split("Examples:")[1], re.M):
        assert f"handfast {example}" in parts["EXAMPLES"]
    for variable in re.findall(r"Environment: ([A-Z_]+)", " ".join(help_text.split())):
        assert variable in parts["ENVIRONMENT"]
    assert re.search(r"\bhandfast\(1\)", parts["SEE ALSO"])


@pytest.mark.parametrize("command, codes", EXITS.items())
def test_exit_codes(hf, command, codes):
    shown = re.findall(r"^  (\d+) ", hf(*command.split(), "--help").good().out.split("Exit codes:")[1].split("Examples")[0], re.M)
    assert " ".join(shown) == codes
    name = command.replace(" ", "-")
    assert " ".join(re.findall(r"^       (\d+)$", sections(rendered(f"handfast-{name}.1"))["EXIT STATUS"], re.M)) == codes


def test_help_names_the_page(hf):
    assert hf("cert", "ca", "--help").good().out.endswith("\nManual: man handfast-cert-ca\n")
    assert hf("cert", "--help").good().out.endswith("\nManual: man handfast-cert\n")
    assert hf("--help").good().out.endswith("\nManual: man handfast\n")


def test_every_key_of_a_configuration_has_its_entry():
    """docs/proxy-reference.md comes from the same table."""
    text = rendered("handfast-proxy.yaml.5")
    with open(os.path.join(ROOT, "docs/proxy-reference.md"), encoding="utf-8") as f:
        keys = re.findall(r"^\| `(\w+)` \|", f.read(), re.M)
    entries = re.findall(r"^ {7}(\w+)$", text, re.M)
    assert keys == entries and len(keys) > 60


def test_the_smallest_configuration_is_that_of_the_reference():
    with open(os.path.join(ROOT, "docs/proxy-reference.md"), encoding="utf-8") as f:
        smallest = re.search(r"```yaml\n(.*?)```", f.read(), re.S)[1].split()
    assert len(smallest) > 20 and " ".join(smallest) in " ".join(rendered("handfast-proxy.yaml.5").split())


def test_the_proxys_pages():
    """Its own state folder, no page twice in SEE ALSO, no sentence with two ends."""
    for command in ("run", "check", "reload", "status"):
        text = rendered(f"handfast-proxy-{command}.1")
        see = re.findall(r"[\w.-]+\(\d\)", sections(text)["SEE ALSO"])
        assert "XDG_STATE_HOME" not in text and "handfast-proxy.yaml(5)" in see and len(see) == len(set(see)), see
    assert "?." not in rendered("handfast-proxy.1") and "?." not in rendered("handfast.1")


def test_the_tool_names_every_page():
    text = rendered("handfast.1")
    assert re.findall(r"^       handfast-([a-z-]+)\(1\)$", text, re.M) == [c.replace(" ", "-") for c in COMMANDS]
    cert = rendered("handfast-cert.1")
    assert re.findall(r"^       handfast-([a-z-]+)\(1\)$", cert, re.M) == [c.replace(" ", "-") for c in COMMANDS if c[:5] == "cert "]


def test_pages_that_are_referred_to_exist():
    page("handfast.1")
    for name in WHOLE:
        with open(PAGES[name], encoding="utf-8") as source:
            text = re.sub(r"\\f.|\\(?=[-_])", "", source.read()).replace(r"\e", "\\")
        for other, section in re.findall(r"\b((?:lib)?handfast[a-z_.-]*)\((\d)\)", text):
            assert f"{other}.{section}" in PAGES, f"{name} refers to {other}({section})"


# --- libhandfast(3) ------------------------------------------------------------------------------------------------

def body_of(path):
    with open(path, encoding="utf-8") as source:
        return source.read().split("\nHF_BEGIN_DECLS\n")[1].split("\nHF_END_DECLS\n")[0]


def declarations(path):
    """Name of each function, and whether a comment stands right above it or behind it."""
    flat = re.sub(r"/\*.*?\*/", "@", body_of(path), flags=re.S)
    while "{" in flat:
        flat = re.sub(r"\{[^{}]*\}", "", flat)
    for above, declaration, behind in re.findall(r"^(@\n)?((?!typedef|#|enum|struct)\w[^;@]*?\([^;@]*\);)( *@)?", flat, re.M):
        yield re.search(r"\b(hf_\w+)\(", declaration)[1], bool(above or behind)


@pytest.mark.parametrize("path", HEADERS, ids=os.path.basename)
def test_every_public_function_is_explained(path):
    """References of objects (hf_NAME_ref, _free) are explained once, in types.h."""
    bare = [name for name, said in declarations(path) if not said and not re.search(r"_(ref|free)$", name)]
    assert not bare


@pytest.mark.parametrize("path", HEADERS, ids=os.path.basename)
def test_every_public_function_has_its_page(path):
    base = os.path.basename(path)[:-2]
    name = "libhandfast.3" if base == "handfast" else f"handfast_{base}.3"
    text = rendered(name)
    listed = " ".join(sections(text)["NAME"].split(" - ")[0].split()).split(", ")
    names = [function for function, _ in declarations(path)]
    assert listed == [name[:-2], *names]
    for function in names:
        assert re.search(rf"\b{function}\(", text.split("DECLARATIONS")[1])
        with open(page(f"{function}.3"), encoding="utf-8") as link:
            assert link.read() == f".so man3/{name}\n"


@pytest.mark.parametrize("path", HEADERS, ids=os.path.basename)
def test_nothing_that_a_header_says_is_lost(path):
    """Word by word: comments and declarations, in any order."""
    base = os.path.basename(path)[:-2]
    text = rendered("libhandfast.3" if base == "handfast" else f"handfast_{base}.3")
    with open(path, encoding="utf-8") as source:
        body = source.read().split("*/", 1)[1].split("\nHF_END_DECLS\n")[0]
    before, after = body.split("\nHF_BEGIN_DECLS\n")
    said = re.sub(r"^#.*(\\\n.*)*", "", before.split("\n#ifndef")[0] + "\n" + after, flags=re.M)
    words = re.findall(r"\w+", re.sub(r"(?<!/)\b([a-z]+)\.h\b", r"handfast_\1", said))
    shown = set(re.findall(r"\w+", text))
    assert [word for word in words if word not in shown and word not in ("typedef",)] == []


def types(path):
    """Each type with its page; objects whose inside is not shown have that of their calls."""
    own = os.path.basename(path)[:-2]
    for opaque, closed in re.findall(r"^typedef struct \w+ (\w+);|^(?:typedef .*)?\} (\w+);", body_of(path), re.M):
        calls = [os.path.basename(other)[:-2] for other in HEADERS if f"{opaque or closed}_free" in dict(declarations(other))]
        yield opaque or closed, calls[0] if opaque else own


@pytest.mark.parametrize("path", HEADERS, ids=os.path.basename)
def test_every_public_type_has_its_page(path):
    """`man hf_policy` finds the page of its header, `man hf_conn` that of its calls."""
    for name, home in types(path):
        target = "libhandfast.3" if home == "handfast" else f"handfast_{home}.3"
        with open(page(f"{name}.3"), encoding="utf-8") as link:
            assert link.read() == f".so man3/{target}\n"
        assert re.search(rf"\b{name}\b", rendered(target))


def test_types_that_people_look_up_have_pages():
    found = {name: home for path in HEADERS for name, home in types(path)}
    assert {name: found.get(name) for name in ("hf_conn_options", "hf_policy", "hf_error", "hf_conn", "hf_failure", "hf_span", "hf_worker", "hf_crypto_info")} == {
        "hf_conn_options": "conn", "hf_policy": "policy", "hf_error": "error", "hf_conn": "conn", "hf_failure": "error", "hf_span": "types",
        "hf_worker": "job", "hf_crypto_info": "handfast"}


def test_lists_of_a_header_stay_lists():
    """Of hf_conn_new: what is checked beforehand, an item each."""
    declared = rendered("handfast_conn.3").split("hf_conn *hf_conn_new(")[1].split("void hf_conn_free(")[0]
    with open(os.path.join(ROOT, "include/handfast/conn.h"), encoding="utf-8") as source:
        said = source.read().split("hf_conn *hf_conn_new(")[0].rsplit("/*", 1)[1]
    items = re.findall(r"^ +- ([\w ]+)", said, re.M)
    assert len(items) >= 4 and [item for item in items if not re.search(rf"^ +\u2022 +{item}", declared, re.M)] == []
    assert "The first two are mistakes" in re.search(r"^ {11}(\w.*)$", declared.split("\u2022")[-1], re.M)[1]


# Samples of the headers, with what they leave to the reader around them.
SAMPLES = {
    "conn": ("uint8_t buffer", "bool handle(hf_conn *c, hf_event event);\nvoid f(hf_conn *c, int fd);\nvoid f(hf_conn *c, int fd) {"),
    "config": ("hf_config_seal(", "void f(hf_span pem);\nvoid f(hf_span pem) {"),
    "job": ("hf_conn_job_next", "void f(hf_conn *conn, hf_job *job);\nvoid f(hf_conn *conn, hf_job *job) {"),
    "error": ("hf_conn_failure", "void f(hf_conn *conn);\nvoid f(hf_conn *conn) {"),
    "policy": ("hf_policy_named", "void f(void);\nvoid f(void) {"),
    "verify": ("hf_verify_options options", "void f(hf_trust *trust, hf_span *chain, size_t n);\nvoid f(hf_trust *trust, hf_span *chain, size_t n) {"),
    "handfast": ("hf_config_new", "void f(void);\nvoid f(void) {"),
}


@pytest.mark.parametrize("base", SAMPLES)
def test_samples_compile_as_they_are_shown(tmp_path, base):
    """Words beside code are comments."""
    text = sections(rendered("libhandfast.3" if base == "handfast" else f"handfast_{base}.3"))["DESCRIPTION"]
    inside, around = SAMPLES[base]
    sample = next(block for block in re.findall(r"(?:^ {11}.*\n|^\n)+", text, re.M) if inside in block)
    (tmp_path / "sample.c").write_text("#include <stdio.h>\n#include <time.h>\n#include <sys/socket.h>\n#include <handfast/handfast.h>\n"
                                       f"{around}\n{sample}}}\n")
    done = subprocess.run([program("cc"), "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-fsyntax-only", f"-I{ROOT}/include", "sample.c"],
                          cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, sample + done.stderr


def test_the_library_page_leads_on():
    """What it is, where to begin, what is installed, how to compile."""
    text = " ".join(sections(rendered("libhandfast.3"))["DESCRIPTION"].split())
    assert "Start reading at handfast_conn(3)" in text and "PKG_CONFIG_PATH" in text and "LD_LIBRARY_PATH" in text
    assert "share/doc/handfast/docs/tutorial.md" in text and "pkg-config --cflags --libs handfast_os" in text
    assert set(re.findall(r"\bhandfast_(\w+)\(3\)", text)) == {os.path.basename(path)[:-2] for path in HEADERS} - {"handfast"}
    assert not re.search(r":\n\n?(?=       \w|$)", sections(rendered("libhandfast.3"))["CHAPTERS"].strip("\n") + "\n"), "a colon with nothing behind it"


# --- how the pages look --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", WHOLE or ["handfast.1"])
def test_page_is_clean(name):
    text = rendered(name)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert not re.search(r"\S\u2010$", text, re.M), "names must not be hyphenated"
    assert "`" not in re.sub(r"^           .*$", "", text, flags=re.M)


@pytest.mark.parametrize("name", WHOLE or ["handfast.1"])
def test_apropos_can_read_the_name(name):
    done = subprocess.run([program("lexgrog"), page(name)], capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0 and f'"{name[:-2]} - ' in done.stdout, done


@pytest.mark.parametrize("name", WHOLE or ["handfast.1"])
def test_mandoc_finds_no_error(name):
    done = subprocess.run([program("mandoc"), "-Tlint", "-W", "error", page(name)], capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (done.returncode, done.stdout) == (0, "")


# --- what --help says beside the options ----------------------------------------------------------------------------

@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_not_broken_within_a_sentence(hf, command):
    """A line of a paragraph ends early only at the paragraph's end."""
    words = command.split()
    about = hf(*words, "--help").good().out.split("\n\n")
    for line, following in [pair for part in about for pair in zip(part.splitlines(), part.splitlines()[1:])]:
        if re.match(r"\w", line) and re.match(r"\w", following) and not line.startswith(("Usage", "Begin with", "Options of")):
            assert len(line) + 1 + len(following.split()[0]) > 80, line


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_said_twice(hf, command):
    out = hf(*command.split(), "--help").good().out
    samples = re.findall(r"^  handfast (.*)$", out.split("Examples:")[1], re.M)
    shown = re.findall(r"^ +handfast (.*)$", sections(rendered(f"handfast-{command.replace(' ', '-')}.1"))["EXAMPLES"], re.M)
    assert len(samples) == len(set(samples)) and len(shown) == len(set(shown))
    for entry in re.split(r"\n(?=  (?:-\w, |    )--)", out.split("Exit codes:")[0])[1:]:
        assert len(re.findall("repeat", entry)) <= 1, entry


def test_help_is_a_word_of_its_own(hf):
    assert re.search(r"^  help \[SUB-COMMAND\]  ", hf("--help").good().out, re.M)
    parts = sections(rendered("handfast.1"))
    assert "handfast help [SUB-COMMAND]" in parts["SYNOPSIS"]
    assert re.search(r"^       handfast help \[SUB-COMMAND\]$", rendered("handfast.1").split("\nSUB-COMMANDS\n")[1], re.M)


def test_a_family_leads_to_its_own_help(hf):
    assert "handfast cert --help" in hf("cert").fails(2).err
    assert "handfast cert --help" in hf("cert", "nonsense").fails(2).err
    assert "handfast --help" in hf("nonsense").fails(2).err


def test_connect_without_a_target_shows_one_that_every_shell_takes(hf):
    assert hf("connect").fails(2).err.endswith("for example: handfast connect example.org")


def test_listen_says_what_it_takes(hf):
    assert "a bare port" in " ".join(hf("serve", "--help").good().out.split())


# --- the web reference and the examples ------------------------------------------------------------------------------

def reference(title):
    return REFERENCE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def options_in(part):
    return re.findall(r"^\| (?:`-\w`, )?`--([a-z0-9-]+)[^|]*(?:\\\|[^|]*)*\|.*\| `handfast (.*)` \|$", part, re.M)


def ends_in(part):
    return re.findall(r"^\| (\d+) \| .* \|$", part, re.M)


@pytest.mark.parametrize("command, codes", EXITS.items())
def test_reference_has_every_exit_code(command, codes):
    """Its own, and those of every sub-command by their link."""
    part = reference(f"handfast {command}")
    assert ends_in(reference("Exit codes")) == "0 1 2 3 4 5 6 70".split()
    shared = re.search(r"\[Exit codes\]\(#exit-codes\): ([\d, ]+)", part)[1].split(", ")
    assert sorted(ends_in(part) + shared, key=int) == codes.split()


def test_reference_says_what_is_common_once():
    """--policy is another one where it judges others: repeatable, and with books that configure nobody."""
    for name, times in (("--color", 1), ("--help", 1), ("--policy", 2), ("--tls", 1), ("--groups", 1)):
        assert len(re.findall(rf"^\| (?:`-\w`, )?`{name}\b", REFERENCE, re.M)) == times, name


@pytest.mark.parametrize("command", COMMANDS)
def test_reference_has_every_option_with_an_example(hf, command):
    part = reference(f"handfast {command}")
    rows = options_in(part)
    for shared in re.findall(r"\]\(#([a-z-]+-options)\)", part):
        rows += options_in(reference(shared.replace("-", " ").capitalize()))
    assert [name for name, _ in rows] == [name for name, _, _ in options_of(hf(*command.split(), "--help").good().out)]
    for name, example in rows:
        assert f"--{name}" in example or re.search(r" -\w\b", example), f"--{name} is not in its example: {example}"
    assert re.search(rf"^- `handfast {command}\b", part, re.M), "no example of the command itself"


def test_examples_are_taken_by_the_tool(hf):
    """With --help behind them, all words are read and nothing is done."""
    hf("connect", "--no-such-option", "--help").fails(2)
    assert len(EXAMPLES) > 100
    for example in EXAMPLES:
        if "--help" not in example and example.split()[0] not in ("SUB-COMMAND",):
            done = hf(*shlex.split(example), "--help")
            assert done.code == 0, (example, done.err)
