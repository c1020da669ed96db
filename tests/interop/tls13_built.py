# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Peers that are built here, at TLS 1.3: Go, wolfSSL, rustls; mbedTLS 2.28, which has none."""
import os
import re
import shutil

import pytest

import tls12_built
from interop import ROOT, listening, run
from tls12 import Peer, client_cert
from tls12_built import visits
from tls13 import groups

RUSTLS = os.path.join(ROOT, "tests/interop/peers/rustls")
BUILT = os.path.join(ROOT, "build/peers")
# Where the sources of a build are, and where it goes: on a current rustls, and on one for old compilers.
CURRENT, OLD = (RUSTLS, os.path.join(BUILT, "rustls")), (os.path.join(RUSTLS, "old"), os.path.join(BUILT, "rustls-old"))


def fresh(program):
    sources = [os.path.join(folder, name) for folder, _, names in os.walk(RUSTLS) for name in names]
    return os.path.exists(program) and os.path.getmtime(program) >= max(map(os.path.getmtime, sources))


def rustls_build():
    """(folder of the manifest, program) of what `make deps-peers` builds. One that is older than its source is built again, from
    the crates that are here already: a test fetches nothing."""
    builds = [(folder, target, os.path.join(target, "release/peer")) for folder, target in (CURRENT, OLD)]
    for folder, _, program in builds:
        if fresh(program):
            return folder, program
    for folder, target, program in builds:
        words = ["cargo", "build", "--release", "--locked", "--offline", "--target-dir", target, "--manifest-path",
                 os.path.join(folder, "Cargo.toml")]
        if shutil.which("cargo") and run(words, timeout=900).returncode == 0:
            os.utime(program)
            return folder, program
    return pytest.skip("missing peer: cargo (one of Rust 1.63 or later; make deps-peers builds the program on rustls)")


def rustls():
    return rustls_build()[1]


def rustls_is_current():
    return rustls_build()[0] == CURRENT[0]


def rustls_version():
    with open(os.path.join(rustls_build()[0], "Cargo.lock"), encoding="utf-8") as lock:
        version = re.search(r'name = "rustls"\nversion = "([^"]*)"', lock.read())[1]
    return f"{version} on {'aws-lc-rs' if rustls_is_current() else 'ring'}"


class Rustls(Peer):
    name = "rustls"
    version = "1.3"

    def prepare(self, pki, folder):
        self.program = rustls()

    def common(self, pki, ask):
        return ["--tls", self.version, "--groups", ",".join(groups(ask)), *(["--suites", ask.suite] if ask.suite else [])]

    def server_words(self, pki, ask, *more):
        words = [*self.common(pki, ask), "--cert", pki.cert(ask.key), "--key", pki.key(ask.key), *more]
        return words + (["--ca", pki.ca] if ask.mutual else []) + (["--tickets"] if ask.resume == "ticket" else [])

    def server(self, pki, ask, *more):
        words = self.server_words(pki, ask, *more)
        return listening(lambda port: [self.program, "server", f"127.0.0.1:{port}", *words])

    def client(self, pki, port, ask, *more):
        words = [self.program, "client", f"127.0.0.1:{port}", "--ca", pki.ca, *self.common(pki, ask), "--visits",
                 2 if ask.resume else 1, *more]
        if ask.mutual:
            cert, key = client_cert(pki, ask.key)
            words += ["--cert", cert, "--key", key]
        if ask.resume == "id":
            words += ["--ids"]
        return visits(run(words), lambda suite: suite)


class Rustls12(Rustls):
    version = "1.2"


class Go(tls12_built.Go):
    lacks = ()

    def leaves_suite(self, ask):
        return True

    def words(self, pki, ask):
        return [self.program, "-group", ",".join(groups(ask)), "-ca", pki.ca]


class WolfSsl(tls12_built.WolfSsl):
    lacks = ()
    serve = ()
    version = "1.3"
    SUITES = {"TLS_AES_128_GCM_SHA256": "TLS13-AES128-GCM-SHA256", "TLS_AES_256_GCM_SHA384": "TLS13-AES256-GCM-SHA384",
              "TLS_CHACHA20_POLY1305_SHA256": "TLS13-CHACHA20-POLY1305-SHA256"}

    def theirs(self, suite):
        return self.SUITES[suite]

    def ours(self, suite):
        return next((name for name, theirs in self.SUITES.items() if theirs == suite), suite)


class MbedTls(tls12_built.MbedTls):
    version = "1.3"
    lacks = ((None, lambda ask: True, "mbedTLS 2.28 has no TLS 1.3"),)
