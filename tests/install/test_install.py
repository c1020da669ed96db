# SPDX-License-Identifier: Apache-2.0 OR MIT
"""make install, from the side of those who use what it leaves: each rule that an installed C library has to keep."""
import os
import re
import shutil
from pathlib import Path

import pytest

from conftest import BUILD, ROOT, clean_env, need_build, place, run, take_away

HERE = Path(__file__).resolve().parent
HEADERS = sorted(p.name for p in (ROOT / "include/handfast").glob("*.h"))


def relative_links(page):
    """Without anchors. What stands in a block or between backticks is no link."""
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return [t.split("#")[0] for t in targets if not re.match(r"[a-z]+:|#", t)]


def listing(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


# ---- what is there ----

def test_files_are_in_their_places(installed):
    library = Path(installed.flags("--variable=libdir", "handfast")[0]).relative_to(installed.prefix)
    wanted = [f"include/handfast/{name}" for name in HEADERS]
    wanted += [f"include/handfast/tables/{name}" for name in ("alerts.def", "errors.def")]
    wanted += [f"{library}/lib{name}{end}" for name in ("handfast", "handfast_os") for end in (".a", ".so", ".so.0")]
    wanted += [f"{library}/pkgconfig/{name}.pc" for name in ("handfast", "handfast_os")]
    wanted += [f"{library}/cmake/handfast/handfast{name}.cmake" for name in ("Config", "ConfigVersion", "Targets")]
    wanted += [f"share/doc/handfast/{name}" for name in ("LICENSE-APACHE", "LICENSE-MIT", "README.md", "CHANGELOG.md", "SECURITY.md")]
    wanted += ["bin/handfast", "lib/sysusers.d/handfast.conf"]
    wanted += [f"lib/systemd/system/handfast-{name}" for name in ("proxy.service", "watch.service", "watch.timer")]
    wanted += [f"share/doc/handfast/packaging/{name}" for name in ("proxy.yaml", "handfast-proxy.socket", "hosts.watch")]
    assert [name for name in wanted if not (installed.prefix / name).is_file()] == []


def test_what_the_build_wrote_for_readers_and_shells_is_there(installed):
    made = {f"share/man/man{p.suffix[1:]}/{p.name}" for p in (BUILD / "man").glob("*.[13]")}
    folders = {"bash": "bash-completion/completions", "zsh": "zsh/site-functions", "fish": "fish/vendor_completions.d"}
    made |= {f"share/{folders[p.parent.name]}/{p.name}" for p in (BUILD / "completion").glob("*/*handfast*")}
    if not made:
        pytest.skip("this build wrote no manual pages")
    assert sorted(name for name in made if not (installed.prefix / name).is_file()) == []


def test_every_relative_link_of_the_installed_pages_leads_to_something_installed(installed):
    pages = installed.prefix / "share/doc/handfast"
    assert {p.name for p in (ROOT / "docs").glob("*.md")} == {p.name for p in (pages / "docs").glob("*.md")}
    links = [(page, link) for page in sorted(pages.rglob("*.md")) for link in relative_links(page)]
    assert any("include/handfast/" in link for _, link in links), "headers are linked to"
    assert [(str(page), link) for page, link in links if not (page.parent / link).exists()] == []


def test_what_is_not_installed_is_named_without_a_link(installed):
    """And nothing else differs from the page that it was made from."""
    page = "docs/certificates.md"
    text = (installed.prefix / "share/doc/handfast" / page).read_text(encoding="utf-8")
    source = (ROOT / page).read_text(encoding="utf-8")
    assert "[tests/limbo/differences.txt](../tests/limbo/differences.txt)" in source and "tests/limbo/differences.txt" in text
    unlinked = [re.sub(r"\[([^]\n]*)\]\((?!http)[^)\n]*\)", r"\1", t) for t in (text, source)]
    assert unlinked[0] == unlinked[1]


def test_everybody_may_read_it(installed):
    for path in installed.prefix.rglob("*"):
        wanted = 0o555 if path.is_dir() or path.parent.name == "bin" else 0o444
        assert path.stat().st_mode & wanted == wanted, path


def test_no_file_names_the_folder_that_it_was_built_in(installed):
    marks = [os.fsencode(f"{folder}/") for folder in {BUILD, ROOT / "src", ROOT / "cmake"}]
    files = [p for p in installed.prefix.rglob("*") if p.is_file()]
    assert [p for p in files if any(mark in p.read_bytes() for mark in marks)] == []


def test_the_unit_starts_the_tool_that_was_installed(installed):
    """And is that of packaging/ otherwise."""
    unit = (installed.prefix / "lib/systemd/system/handfast-proxy.service").read_text(encoding="utf-8")
    tool = f"{installed.prefix}/bin/handfast"
    assert re.findall(r"^(ExecStart|ExecReload)=(?:/bin/sh -c '[^']*' )?(\S+) proxy (run|reload) ", unit, re.M) == [("ExecStart", tool, "run"), ("ExecReload", tool, "reload")]
    assert unit.replace(tool, "/usr/local/bin/handfast") == (ROOT / "packaging/handfast-proxy.service").read_text(encoding="utf-8")


def test_the_watch_starts_the_tool_that_was_installed(installed):
    unit = (installed.prefix / "lib/systemd/system/handfast-watch.service").read_text(encoding="utf-8")
    tool = f"{installed.prefix}/bin/handfast"
    assert re.findall(r"^ExecStart=(\S+) watch --once ", unit, re.M) == [tool]


def test_the_tool_runs(installed):
    env = {k: v for k, v in installed.env.items() if k != "LD_LIBRARY_PATH"}
    version = installed.flags("--modversion", "handfast")[0]
    assert version in run(installed.prefix / "bin/handfast", "--version", env=env).stdout


# ---- the shared libraries ----

@pytest.mark.parametrize("name,needs", [("handfast", "[libc.so"), ("handfast_os", "libhandfast.so.0")])
def test_shared_libraries_are_named_and_hardened(installed, name, needs):
    library = Path(installed.flags("--variable=libdir", name)[0]) / f"lib{name}.so"
    dynamic = run("readelf", "-dW", library).stdout
    assert f"soname: [lib{name}.so.0]" in dynamic
    assert needs in dynamic
    assert "TEXTREL" not in dynamic
    assert "BIND_NOW" in dynamic
    paths = [line for line in dynamic.splitlines() if "RPATH" in line or "RUNPATH" in line]
    assert all("[$ORIGIN]" in line for line in paths), paths
    segments = run("readelf", "-lW", library).stdout
    assert "GNU_RELRO" in segments
    (stack,) = [line for line in segments.splitlines() if "GNU_STACK" in line]
    assert "RWE" not in stack


# ---- who compiles against it ----

@pytest.mark.parametrize("header", HEADERS)
def test_each_header_compiles_alone_in_c11(installed, header):
    run("cc", "-std=c11", *"-Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c".split(), *installed.flags("--cflags", "handfast"),
        "-include", f"handfast/{header}", "/dev/null", env=installed.env)


@pytest.mark.parametrize("header", HEADERS)
def test_each_header_compiles_alone_in_cxx17(installed, cxx, header):
    run("c++", "-std=c++17", *"-Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c++".split(),
        *installed.flags("--cflags", "handfast"), "-include", f"handfast/{header}", "/dev/null", env=installed.env)


def says_version(installed, program, env=None):
    done = run(program, env=installed.env if env is None else env)
    return done.stdout.strip() == installed.flags("--modversion", "handfast")[0]


def test_pkg_config_is_enough_for_the_engine(installed, tmp_path):
    program = installed.compile(HERE / "engine.c", tmp_path / "engine", package="handfast")
    assert says_version(installed, program)
    assert "handfast_os" not in run("readelf", "-d", program).stdout


def test_pkg_config_is_enough_for_both_libraries(installed, tmp_path):
    assert says_version(installed, installed.compile(HERE / "hello.c", tmp_path / "hello"))


def test_a_cxx17_program_links_and_runs(installed, cxx, tmp_path):
    assert says_version(installed, installed.compile(HERE / "hello.c", tmp_path / "hello", language="c++17"))


def test_a_static_program_needs_nothing_at_run_time(installed, tmp_path):
    program = installed.compile(HERE / "hello.c", tmp_path / "hello", static=True)
    assert "NEEDED" not in run("readelf", "-d", program).stdout
    assert says_version(installed, program, env={})


def test_no_program_compiles_against_a_missing_symbol(installed, tmp_path):
    """The libraries show what the headers declare: a function of their inside cannot be linked to."""
    source = tmp_path / "inside.c"
    source.write_text("void *hf_alloc(unsigned long); int main(void) { return !hf_alloc(1); }\n", encoding="utf-8")
    done = run("cc", source, "-o", tmp_path / "inside", *installed.flags("--cflags", "--libs", "handfast_os"), check=False)
    assert done.returncode != 0 and "undefined reference to `hf_alloc'" in done.stderr


def test_cmake_finds_it(installed, tmp_path):
    run("cmake", "-S", HERE, "-B", tmp_path, "-DCMAKE_BUILD_TYPE=Release", env=installed.env)
    run("cmake", "--build", tmp_path, env=installed.env)
    for program in ("hello", "hello_static", "engine"):
        assert says_version(installed, tmp_path / program), program
    assert "libhandfast" not in run("readelf", "-d", tmp_path / "hello_static").stdout


def test_cmake_refuses_another_major_version(installed, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.22)\nproject(later LANGUAGES NONE)\n"
                                             "find_package(handfast 9.0 REQUIRED)\n", encoding="utf-8")
    done = run("cmake", "-S", tmp_path, "-B", tmp_path / "build", env=installed.env, check=False)
    assert done.returncode != 0 and "handfast" in done.stderr


# ---- putting it there and taking it away ----

@pytest.fixture
def prefix(tmp_path):
    need_build()
    return tmp_path / "a prefix" / "of mine"


def test_uninstall_leaves_nothing(prefix, tmp_path):
    before = listing(tmp_path)
    place(prefix)
    assert (prefix / "bin/handfast").exists()
    take_away(prefix)
    assert listing(tmp_path) == before


def test_uninstall_leaves_what_is_not_ours(prefix):
    theirs = prefix / "lib/pkgconfig/theirs.pc"
    empty = prefix / "share"
    for folder in (theirs.parent, empty):
        folder.mkdir(parents=True, exist_ok=True)
    theirs.write_text("theirs\n", encoding="utf-8")
    before = listing(prefix)
    place(prefix)
    take_away(prefix)
    assert listing(prefix) == before


def test_a_newer_version_goes_over_an_older_one(prefix):
    """A file that an older version had, and the newer one has no more, goes with the rest."""
    place(prefix)
    first = listing(prefix)
    old = prefix / "include/handfast/gone.h"
    old.write_text("/* of an older version */\n", encoding="utf-8")
    (record,) = [p for p in (BUILD / "installed").iterdir() if p.name.endswith(str(prefix).replace("/", "%"))]
    record.write_text(f"{old}\n{record.read_text(encoding='utf-8')}", encoding="utf-8")
    place(prefix)
    assert listing(prefix) == sorted([*first, str(old.relative_to(prefix))])
    take_away(prefix)
    assert not prefix.exists()


def test_destdir_is_in_front_of_all_paths_and_in_none_of_the_files(prefix):
    env = {**clean_env(), "PREFIX": "/opt/handfast-test", "DESTDIR": str(prefix)}
    run(ROOT / "scripts/install", BUILD, env=env)
    root = prefix / "opt/handfast-test"
    assert (root / "bin/handfast").exists()
    config = next(root.rglob("handfast.pc")).read_text(encoding="utf-8")
    assert "prefix=/opt/handfast-test\n" in config and str(prefix) not in config
    run(ROOT / "scripts/install", "--uninstall", BUILD, env=env)
    assert listing(prefix) == []


# ---- a newcomer's shell ----

@pytest.fixture(name="home")
def clean_shell(tmp_path):
    """HOME, PATH and nothing else; in the folder are the examples, as in a clone."""
    need_build()
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return {"HOME": str(tmp_path / "home"), "PATH": "/usr/local/bin:/usr/bin:/bin"}


def readme_says_install():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.search(r"run by tests/install/test_install.py -->\n```sh\n(.*?)```", text, re.S)[1]


def install_as_readme_says(home):
    """What it printed. Another build than make's is installed to the same place."""
    Path(home["HOME"]).mkdir()
    words = readme_says_install()
    assert "make install PREFIX=$HOME/.local " in words
    if BUILD != (ROOT / "build/release").resolve() or not shutil.which("make", path=home["PATH"]):
        words = f"PREFIX=$HOME/.local '{ROOT}/scripts/install' '{BUILD}'"
    done = run("sh", "-e", "-c", words, cwd=ROOT, env=home, timeout=600)
    return done.stdout + done.stderr


def printed_lines(said):
    return [line for line in said.splitlines() if line.startswith("    export ")]


TRY_IT = """
handfast serve --listen 127.0.0.1:0 --port-file port --once > served &
while [ ! -s port ]; do kill -0 $!; sleep 0.05; done
./a.out localhost "$(cat port)" "$HOME/.local/share/handfast/ca/ca.pem"
wait $!
"""


def test_the_printed_lines_are_all_that_readmes_commands_need(home, tmp_path):
    """The lines as they were printed, then README's own words, in a shell with nothing of ours: it compiles and connects.
    Uninstalling then leaves the CA that serve made, and says so."""
    lines = printed_lines(install_as_readme_says(home))
    assert [line.split("=")[0].split()[1] for line in lines] == \
        ["PATH", "PKG_CONFIG_PATH", "LD_LIBRARY_PATH", "CMAKE_PREFIX_PATH"]
    (compiles,) = re.findall(r"`(cc examples/client.c [^`]*)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    run("sh", "-e", "-c", "\n".join([*lines, compiles, TRY_IT]), cwd=tmp_path, env=home)
    run("sh", "-e", "-c", "\n".join([*lines, f"cmake -S '{HERE}' -B cmake && cmake --build cmake && cmake/hello"]), cwd=tmp_path, env=home)
    prefix = Path(home["HOME"]) / ".local"
    done = run(ROOT / "scripts/install", "--uninstall", BUILD, env={**home, "PREFIX": str(prefix)})
    assert f"All that was installed into {prefix} is taken away." in done.stderr
    assert f"{prefix}/share/handfast/ca is yours and stays: the private CA" in done.stderr
    kept = [p for p in prefix.rglob("*") if p.is_file()]
    assert prefix / "share/handfast/ca/ca.key" in kept and all(p.parent == prefix / "share/handfast/ca" for p in kept)


def test_only_what_is_not_looked_into_anyway_is_printed(home, tmp_path):
    """A shell that has the lines is told nothing more; nor is who installs for another system."""
    said = install_as_readme_says(home)
    again = [str(ROOT / "scripts/install"), str(BUILD)]
    script = "\n".join([*printed_lines(said), f"PREFIX=$HOME/.local '{again[0]}' '{again[1]}'"])
    assert printed_lines(run("sh", "-e", "-c", script, env=home).stderr) == []
    env = {**home, "PREFIX": f"{home['HOME']}/.local"}
    assert printed_lines(run(*again, env={**env, "DESTDIR": str(tmp_path / "stage")}).stderr) == []
    run(again[0], "--uninstall", again[1], env={**env, "DESTDIR": str(tmp_path / "stage")})
    assert len(printed_lines(run(*again, env={**env, "PATH": f"{env['PREFIX']}/bin:{home['PATH']}"}).stderr)) == 3
    done = run(again[0], "--uninstall", again[1], env=env)
    assert "is yours and stays" not in done.stderr, "there is nothing of the user's own"


def test_a_prefix_with_what_shells_read_is_quoted(prefix, home):
    odd = prefix / "a $HOME `x` \"q\""
    env = {**home, "PREFIX": str(odd)}
    lines = printed_lines(run(ROOT / "scripts/install", BUILD, env=env).stderr)
    found = run("sh", "-e", "-c", "\n".join([*lines, "handfast --version; printf %s \"$CMAKE_PREFIX_PATH\""]), env=home).stdout
    assert found.startswith("handfast ") and found.endswith(str(odd))
    run(ROOT / "scripts/install", "--uninstall", BUILD, env=env)


# ---- what is refused ----

@pytest.mark.parametrize("words", [(), ("--check",), ("--uninstall",)])
@pytest.mark.parametrize("prefix_given, says", [("", "PREFIX is empty"), ("some/where", "PREFIX=some/where does not begin with /")])
def test_a_prefix_that_is_no_whole_path_is_refused(tmp_path, words, prefix_given, says):
    done = run(ROOT / "scripts/install", *words, cwd=tmp_path, env={**clean_env(), "PREFIX": prefix_given}, check=False)
    assert done.returncode == 2 and says in done.stderr
    assert listing(tmp_path) == []


@pytest.mark.parametrize("mark", [";", "\n", "\\"])
def test_a_prefix_that_no_list_could_hold_is_refused(tmp_path, mark):
    done = run(ROOT / "scripts/install", cwd=tmp_path, env={**clean_env(), "PREFIX": f"{tmp_path}/a{mark}b"}, check=False)
    assert done.returncode == 2 and "semicolon" in done.stderr
    assert listing(tmp_path) == []


def test_a_quote_in_the_prefix_is_part_of_its_name(tmp_path):
    """make hands the words on through the environment: no shell reads them."""
    done = run("make", "uninstall", f"PREFIX={tmp_path}/it'; touch '{tmp_path}/x'; '", cwd=ROOT, env=clean_env(), check=False, timeout=20)
    assert done.returncode != 0
    assert "semicolon" in done.stderr
    assert not (tmp_path / "x").exists()


def test_a_strict_umask_changes_nothing(prefix):
    """Who installs as root with umask 077 installs for everybody all the same."""
    run("sh", "-c", 'umask 077; exec "$0" "$1"', ROOT / "scripts/install", BUILD, env={**clean_env(), "PREFIX": str(prefix)})
    closed = [p for p in prefix.rglob("*") if p.is_dir() and p.stat().st_mode & 0o555 != 0o555]
    take_away(prefix)
    assert closed == []


@pytest.mark.parametrize("task", ["install", "uninstall"])
def test_make_refuses_an_empty_prefix_before_it_builds(task):
    if not shutil.which("make"):
        pytest.skip("missing peer: make (make deps-peers)")
    done = run("make", task, "PREFIX=", cwd=ROOT, env=clean_env(), check=False, timeout=20)
    assert done.returncode != 0 and done.stdout == "" and f"{task}: PREFIX is empty" in done.stderr


def fails(env, *words):
    done = run(ROOT / "scripts/install", *words, BUILD, env={**clean_env(), **env}, check=False)
    assert done.returncode == 2, done
    return done.stderr


def test_a_prefix_that_cannot_be_written_is_named(prefix, tmp_path):
    locked = tmp_path / "locked"
    if os.geteuid() == 0:
        locked = Path("/proc/handfast")
    else:
        locked.mkdir(mode=0o555)
    text = fails({"PREFIX": str(locked)})
    assert str(locked.parent) in text and "PREFIX=" in text


def test_a_file_in_the_way_is_named(prefix, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert f"{tmp_path}/file is no folder" in fails({"PREFIX": str(tmp_path / "file/below")})


def test_uninstall_without_installation_says_so(prefix):
    assert f"nothing was installed into {prefix}" in fails({"PREFIX": str(prefix)}, "--uninstall")


def test_make_install_builds_and_installs_what_is_missing(prefix):
    if BUILD != (ROOT / "build/release").resolve() or not shutil.which("make"):
        pytest.skip("make installs build/release alone")
    prefix = Path(str(prefix).replace(" ", "-"))
    run("make", "-s", "install", f"PREFIX={prefix}", cwd=ROOT, env=clean_env(), timeout=600)
    assert (prefix / "bin/handfast").exists()
    done = run("make", "-s", "uninstall", f"PREFIX={prefix}", cwd=ROOT, env=clean_env())
    assert done.stdout + done.stderr == "" and not prefix.exists()
