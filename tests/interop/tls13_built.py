# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Peers that are built here, at TLS 1.3: Go, wolfSSL, rustls; mbedTLS 2.28, which has none."""
import os
import shutil

import pytest

import tls12_built
from interop import ROOT, listening, run
from tls12 import Peer, client_cert
from tls12_built import visits
from tls13 import groups

RUSTLS = os.path.join(ROOT, "tests/interop/peers/rustls")
BUILT = os.path.join(ROOT, "build/peers/rustls")


def rustls():
    """The program that `make deps-peers` builds. One that is older than its source is built again, from the crates that are
    here already: a test fetches nothing."""
    program = os.path.join(BUILT, "release/peer")
    sources = [os.path.join(folder, name) for folder, _, names in os.walk(RUSTLS) for name in names]
    if not os.path.exists(program) or os.path.getmtime(program) < max(map(os.path.getmtime, sources)):
        words = ["cargo", "build", "--release", "--locked", "--offline", "--target-dir", BUILT, "--manifest-path",
                 os.path.join(RUSTLS, "Cargo.toml")]
        if not shutil.which("cargo") or run(words, timeout=300).returncode:
            pytest.skip("missing peer: cargo (one of Rust 1.63 or later; make deps-peers builds the program on rustls)")
        os.utime(program)
    return program


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
