# SPDX-License-Identifier: Apache-2.0 OR MIT
# A thin front for CMake. DEPS=skip installs nothing; -s is quiet.
.POSIX:
.SUFFIXES:
.PHONY: all demo install uninstall install-proof check campaign bogo hostile fuzz limbo-harness crosscheck coverage msan tsan check-secrets bench bench-parts bench-floods bench-trace bench-proxy crypto-aws-lc crypto-openssl check-crypto deps-peers stats format docs clean help

DEPS ?=
SECONDS ?= 60
export DEPS
export QUIET := $(if $(findstring s,$(firstword -$(MAKEFLAGS))),1,)

all:
	@scripts/setup build
	@scripts/build release
	@[ -n "$$QUIET" ] || echo "Built: build/release/handfast. Next: build/release/handfast demo"

demo:
	@scripts/setup build
	@scripts/build release
	@build/release/handfast demo

# Into PREFIX, below DESTDIR if that is set; what was installed is taken away by the same words and uninstall.
PREFIX ?= /usr/local
export PREFIX DESTDIR
# Without scdoc there are no manual pages, and all the rest.
install:
	@scripts/install --check
	@scripts/setup build
	@scripts/setup manual || echo "Going on without manual pages." >&2
	@scripts/build release
	@scripts/install

uninstall:
	@scripts/install --uninstall

# Installs, uses and uninstalls in a bare Debian, as root; else in an empty prefix.
install-proof:
	@scripts/install-proof

check:
	@scripts/setup check
	@scripts/build release
	@scripts/build asan
	@scripts/check build/asan

# Which lines and branches of the engine the C tests reach; fails under 95 % of lines and 85 % of branches of a floor.
coverage:
	@scripts/setup check
	@scripts/build coverage
	@scripts/coverage

limbo-harness:
	@scripts/setup build
	@scripts/build release limbo-harness

# 5,000 chains judged by us, by OpenSSL and by Go; writes docs/crosscheck.md.
crosscheck: limbo-harness
	@scripts/crosscheck --report

# What make check takes samples of, whole, in a build with optimisation and without sanitizers; writes docs/conformance.md.
campaign:
	@scripts/setup check
	@cmake -S . -B build/campaign --preset release -DHF_TESTS=ON -DHF_TOOL=OFF >/dev/null
	@cmake --build build/campaign --target test_faults test_campaign_sessions test_replay_early test_script_mutants >/dev/null
	@scripts/campaign --report

# BoringSSL's protocol tests, with a runner that is already built; writes docs/conformance.md.
RUNNER ?=
bogo:
	@test -n "$(RUNNER)" || { echo "make bogo RUNNER=PATH, of BoringSSL's ssl/test/runner" >&2; exit 2; }
	@scripts/setup check
	@scripts/build asan bogo_shim
	@scripts/bogo --report "$(RUNNER)"

# The test programs under MemorySanitizer (clang), which sees what is read before it was written, and under ThreadSanitizer.
msan tsan:
	@scripts/setup check
	@scripts/build $@
	@HF_TEST_TIMEOUT=1800 TSAN_OPTIONS=suppressions=$(CURDIR)/tests/sanitizers/tsan.supp scripts/check build/$@ --programs

# No branch and no address depends on a secret: on the library as delivered, and as every compiler at hand makes it.
check-secrets:
	@scripts/setup check
	@scripts/build release
	@scripts/check-secrets --all

# Handshakes beside other implementations: a table, and build/bench.json. Measures for TIME seconds.
TIME ?= 45
bench:
	@CRYPTO=$(CRYPTO) scripts/bench $(TIME)

# What reading certificates and the hardest path searches cost.
bench-parts:
	@scripts/setup check
	@cmake -S . -B build/bench --preset release -DHF_TESTS=ON >/dev/null
	@cmake --build build/bench --target bench_cert bench_path >/dev/null
	@build/bench/bench/bench_cert
	@build/bench/bench/bench_path

# What every kind of flood costs until it is cut off; writes the table of docs/security.md.
bench-floods:
	@scripts/setup check
	@cmake -S . -B build/bench --preset release -DHF_TESTS=ON >/dev/null
	@cmake --build build/bench --target bench_floods >/dev/null
	@scripts/bench-floods build/bench/bench/bench_floods

# What telling a trace costs, with a listener and without; writes the tables of docs/performance.md.
bench-trace:
	@scripts/setup check
	@scripts/bench-trace

# handfast proxy beside nginx and hitch: CPU time, memory, slow clients; writes docs/benchmarks.md. QUICK=1: under a minute, and no page.
QUICK ?=
bench-proxy:
	@scripts/setup build
	@scripts/setup proxy || echo "Going on with what is there." >&2
	@scripts/build release
	@scripts/build release bench_proxy_load
	@HANDFAST_BIN= scripts/bench-proxy $(if $(QUICK),--quick) $(if $(DIRTY),--dirty)

# Every row of tests/hostile/alerts.tsv as a bad peer, with its victim in memory and behind a socket.
hostile:
	@scripts/setup check
	@scripts/build asan hostile
	@scripts/hostile

# Each target for SECONDS, JOBS of them at a time, from tests/fuzz/corpus, which stays as it is. Logs, new inputs and failing ones go
# to build/fuzz. All of them for ten minutes (SECONDS=600) write docs/conformance.md.
JOBS ?= 1
fuzz:
	@scripts/setup check
	@scripts/build fuzz
	@scripts/fuzz --seconds $(SECONDS) --jobs $(JOBS)

# Another libcrypto, made from a crate's sources into build/crypto; and what make check does, on it.
CRYPTO ?=
crypto-aws-lc crypto-openssl:
	@scripts/setup crypto
	@name=$@; scripts/crypto-root $${name#crypto-}

check-crypto:
	@test -n "$(CRYPTO)" || { echo "make check-crypto CRYPTO=aws-lc, or openssl" >&2; exit 2; }
	@scripts/setup check
	@scripts/setup crypto
	@CRYPTO=$(CRYPTO) scripts/build release
	@CRYPTO=$(CRYPTO) scripts/build asan
	@HANDFAST_BIN=build/release-$(CRYPTO)/handfast HANDFAST_LIMBO=$(CURDIR)/build/asan-$(CRYPTO)/limbo-harness \
	    scripts/check build/asan-$(CRYPTO)

deps-peers:
	@scripts/setup peers

stats:
	@scripts/stats

format:
	@scripts/format

docs:
	@scripts/rfc-coverage
	@if [ -x scripts/gen-docs ]; then scripts/gen-docs; fi

clean:
	rm -rf build

help:
	@echo "make              set up and build build/release/handfast"
	@echo "make demo         the same, then a verified handshake, step by step"
	@echo "make install PREFIX=/usr/local   libraries, tool, manual pages; or uninstall"
	@echo "make install-proof   the same in a bare Debian, and what is left after uninstall"
	@echo "make check        set up, build with sanitizers, run every test"
	@echo "make campaign     what make check takes samples of, whole (half an hour or more)"
	@echo "make bogo RUNNER=PATH   BoringSSL's protocol tests, with its runner"
	@echo "make hostile      one misbehaviour each, in memory and over sockets"
	@echo "make fuzz SECONDS=600   every fuzz target for so long, JOBS=2 at a time"
	@echo "make coverage     lines and branches that the C tests reach, by floor"
	@echo "make msan | tsan  the tests under MemorySanitizer (clang) or ThreadSanitizer"
	@echo "make check-secrets   no branch depends on a secret, by every compiler (valgrind)"
	@echo "make limbo-harness   build/release/limbo-harness judges path validation cases"
	@echo "make crosscheck   5,000 random chains judged by us, OpenSSL and Go"
	@echo "make bench        what handshakes cost beside other implementations"
	@echo "make bench-parts  what reading certificates and the hardest path searches cost"
	@echo "make bench-trace  what telling a trace costs"
	@echo "make bench-floods what every kind of flood costs until it is cut off"
	@echo "make bench-proxy  the proxy beside nginx and hitch; QUICK=1: under a minute"
	@echo "make check-crypto CRYPTO=aws-lc   every test on it, or on openssl (3.5)"
	@echo "make bench CRYPTO=aws-lc          the figures on it"
	@echo "make deps-peers   install the programs that the interoperability tests talk to"
	@echo "make stats | format | docs | clean"
	@echo "DEPS=skip installs nothing; make -s is quiet"
