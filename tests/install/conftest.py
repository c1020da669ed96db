# SPDX-License-Identifier: Apache-2.0 OR MIT
"""An installation, as whoever writes a program on top of handfast has it. HANDFAST_BUILD names the build folder that is
installed; else it is that of HANDFAST_BIN, if it has the shared libraries, or build/release. Without it every test is skipped
by name."""
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests/support"))  # what these tests share with those of the tool
LIBRARY = "libhandfast.so"


def build_folder():
    of_tool = Path(os.environ.get("HANDFAST_BIN") or "").resolve().parent
    default = of_tool if (of_tool / LIBRARY).exists() else ROOT / "build/release"
    return Path(os.environ.get("HANDFAST_BUILD") or default).resolve()


BUILD = build_folder()
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]
FOREIGN = ("LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "C_INCLUDE_PATH", "CMAKE_PREFIX_PATH", "DESTDIR", "PREFIX", "MAKEFLAGS", "MAKELEVEL",
           "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


def run(*words, cwd=None, env=None, timeout=120, check=True):
    done = subprocess.run([str(w) for w in words], cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=timeout, check=False)
    assert not check or done.returncode == 0, f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}"
    return done


def clean_env():
    return {k: v for k, v in os.environ.items() if k not in FOREIGN}


@dataclass
class Installed:
    """`prefix` and what a program needs to be compiled with it: env has PKG_CONFIG_PATH, CMAKE_PREFIX_PATH and
    LD_LIBRARY_PATH."""
    prefix: Path
    env: dict

    def flags(self, *words):
        """pkg-config's answer, as words."""
        return run("pkg-config", *words, env=self.env).stdout.split()

    def compile(self, source, program, *options, package="handfast_os", language="c11", static=False):
        """Compiles and links one source with cc (c++ for a language c++NN), warnings being errors."""
        compiler = "c++" if language.startswith("c++") else "cc"
        how = ["-x", "c++"] if compiler == "c++" else []
        flags = self.flags("--cflags", "--libs", *(["--static"] if static else []), package)
        run(compiler, f"-std={language}", *WARNINGS, *how, source, *(["-x", "none"] if how else []), "-o", program,
            *(["-static"] if static else []), *options, *flags, env=self.env)
        return program

    def run(self, *words, **more):
        return run(*words, env={**self.env, **more.pop("env", {})}, **more)


def need_build():
    if not (BUILD / LIBRARY).exists():
        (pytest.fail if "HANDFAST_BUILD" in os.environ else pytest.skip)(f"{BUILD} has no shared libraries: run make")


def place(prefix):
    """scripts/install into that prefix, from the build as it is."""
    run(ROOT / "scripts/install", BUILD, env={**clean_env(), "PREFIX": str(prefix)})


def take_away(prefix):
    run(ROOT / "scripts/install", "--uninstall", BUILD, env={**clean_env(), "PREFIX": str(prefix)})


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """Installed once for all tests of a run, and taken away after them."""
    need_build()
    prefix = tmp_path_factory.mktemp("installed") / "prefix"
    place(prefix)
    (config,) = prefix.rglob("handfast.pc")
    library = config.parent.parent
    yield Installed(prefix, {**clean_env(), "PKG_CONFIG_PATH": str(config.parent), "LD_LIBRARY_PATH": str(library),
                             "CMAKE_PREFIX_PATH": str(prefix)})
    take_away(prefix)


@pytest.fixture(scope="session")
def cxx():
    if not shutil.which("c++"):
        pytest.skip("missing peer: a C++ compiler (make deps-peers)")
