# SPDX-License-Identifier: Apache-2.0 OR MIT
"""make install, from the side of those who use what it leaves: each rule that an installed C library has to keep."""
import os
import shutil
from pathlib import Path

import pytest

from conftest import BUILD, ROOT, clean_env, need_build, place, run, take_away

HERE = Path(__file__).resolve().parent
HEADERS = sorted(p.name for p in (ROOT / "include/handfast").glob("*.h"))


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
    wanted += [f"share/doc/handfast/{name}" for name in ("LICENSE-APACHE", "LICENSE-MIT", "README.md", "CHANGELOG.md")]
    wanted += ["bin/handfast"]
    assert [name for name in wanted if not (installed.prefix / name).is_file()] == []


def test_what_the_build_wrote_for_readers_and_shells_is_there(installed):
    made = {f"share/man/man{p.suffix[1:]}/{p.name}" for p in (BUILD / "man").glob("*.[13]")}
    folders = {"bash": "bash-completion/completions", "zsh": "zsh/site-functions", "fish": "fish/vendor_completions.d"}
    made |= {f"share/{folders[p.parent.name]}/{p.name}" for p in (BUILD / "completion").glob("*/*handfast*")}
    if not made:
        pytest.skip("this build wrote no manual pages")
    assert sorted(name for name in made if not (installed.prefix / name).is_file()) == []


def test_links_between_the_installed_pages_hold(installed):
    pages = installed.prefix / "share/doc/handfast"
    assert {p.name for p in (ROOT / "docs").glob("*.md")} == {p.name for p in (pages / "docs").glob("*.md")}


def test_everybody_may_read_it(installed):
    for path in installed.prefix.rglob("*"):
        wanted = 0o555 if path.is_dir() or path.parent.name == "bin" else 0o444
        assert path.stat().st_mode & wanted == wanted, path


def test_no_file_names_the_folder_that_it_was_built_in(installed):
    marks = [os.fsencode(f"{folder}/") for folder in {BUILD, ROOT / "src", ROOT / "cmake"}]
    files = [p for p in installed.prefix.rglob("*") if p.is_file()]
    assert [p for p in files if any(mark in p.read_bytes() for mark in marks)] == []


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
