# SPDX-License-Identifier: Apache-2.0 OR MIT
# A thin front for CMake. DEPS=skip installs nothing; -s is quiet.
.POSIX:
.SUFFIXES:
.PHONY: all demo check deps-peers stats format docs clean help

DEPS ?=
export DEPS
export QUIET := $(if $(findstring s,$(firstword -$(MAKEFLAGS))),1,)

all:
	@scripts/setup build
	@scripts/build release

demo: all
	@build/release/handfast demo

check:
	@scripts/setup check
	@scripts/build release
	@scripts/build asan
	@scripts/check build/asan

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
	@echo "make check        set up, build with sanitizers, run every test"
	@echo "make deps-peers   install the programs that the interoperability tests talk to"
	@echo "make stats | format | docs | clean"
	@echo "DEPS=skip installs nothing; make -s is quiet"
