# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast bench: what it says, what it writes, and how it deals with implementations that are not what they should be. The
figures themselves are not judged here: a busy machine must not fail a test."""
import json
import os
import pty
import re
import shutil
import signal
import subprocess

import pytest

from conftest import BIN, ROOT, unwrapped
from processes import LIMIT, until

QUICK = ("--time", "0.1")
ONE = (*QUICK, "--case", "resumed-tls12")
CASES = ["full-ecdsa-x25519", "full-ecdsa-p256", "full-ecdsa-mlkem", "full-rsa2048", "mutual-ecdsa-x25519",
         "resumed-tls13", "full-tls12", "full-tls12-rsa2048", "resumed-tls12"]
BULK = ["bulk-aes128gcm-16384", "bulk-aes128gcm-1400", "bulk-chacha20-16384", "bulk-chacha20-1400"]
ROW = {"case", "side", "implementation", "version", "cpu_us", "spread_percent", "ratio_to_libssl", "allocations",
       "allocations_libcrypto", "idle_bytes", "idle_malloc_bytes", "fresh_bytes"}

# A peer whose behaviour is a define: what its ABI is, whether it can do anything, and that its handshakes fail.
FAKE = """
#include <stdlib.h>
#include "tool/bench_peer.h"
static const char *version(void) { return "0"; }
static void *end_new(const hf_bench_case *what, int role, const char **why)
{ (void)what, (void)role; *why = "it knows nothing"; return CAN ? malloc(1) : NULL; }
static void *conn_new(void *end) { (void)end; return malloc(1); }
static hf_bench_step step(void *conn, uint8_t *in, size_t n, hf_bench_wire *out)
{ (void)conn, (void)in, (void)n, (void)out; return HF_BENCH_FAILED; }
static int was_resumed(void *conn) { (void)conn; return 0; }
static const hf_bench_peer row = { .abi = ABI, .name = "fake", .version = version, .end_new = end_new, .end_free = free,
    .conn_new = conn_new, .step = step, .was_resumed = was_resumed, .conn_free = free };
const hf_bench_peer *hf_bench_peer_row(void) { return &row; }
"""


@pytest.fixture(name="alone")
def no_installed_peers(hf):
    """The tool with an empty folder of peers, whatever is installed."""
    empty = hf.folder / "no-peers"
    empty.mkdir()
    hf.env["HANDFAST_BENCH_PEERS"] = str(empty)
    return hf


@pytest.fixture(name="fake")
def compile_fake(tmp_path):
    def make(name="fake.so", abi=1, can=1, source=FAKE):
        folder = tmp_path / "peers"
        folder.mkdir(exist_ok=True)
        (tmp_path / "fake.c").write_text(source)
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", f"-DABI={abi}", f"-DCAN={can}",
                        f"-I{ROOT}/src", tmp_path / "fake.c", "-o", folder / name], check=True)
        return folder / name
    return make


def libssl():
    file = os.path.join(os.path.dirname(BIN), "bench/peers/libssl.so")
    if not os.path.exists(file):
        pytest.skip("missing peer: libssl.so of the bench")
    return file


def measured(hf, *words):
    return json.loads(hf("bench", "--json", *words).good().out)


# --- what is measured ----------------------------------------------------------------------------------------------

def test_every_case_is_measured_for_both_sides(alone):
    result = measured(alone, *QUICK)
    assert result["schema"] == "handfast.bench/1" and result["machine"] and result["libcrypto"] and result["rounds"] > 2
    assert [(r["case"], r["side"]) for r in result["rows"]] == [(c, s) for c in CASES for s in ("client", "server")]
    for row in result["rows"]:
        assert set(row) == ROW and row["implementation"] == "handfast" and row["version"]
        assert row["cpu_us"] > 0 and row["spread_percent"] >= 0
        assert row["ratio_to_libssl"] is None, "there is nothing to compare with"
        assert row["allocations"] is row["idle_bytes"] is row["fresh_bytes"] is None, "the tool counts nothing"
    assert [b["case"] for b in result["bulk"]] == BULK
    for row in result["bulk"]:
        assert row["seal_gb_s"] > 0 and row["open_gb_s"] > 0 and row["record_bytes"] in (16384, 1400)
        assert row["cipher_suite"] in ("TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")


def test_only_what_was_asked_for(alone):
    result = measured(alone, *ONE, "--case", "bulk-aes128gcm-1400")
    assert {r["case"] for r in result["rows"]} == {"resumed-tls12"}
    assert [b["case"] for b in result["bulk"]] == ["bulk-aes128gcm-1400"]


def test_the_table_fits_80_columns_and_names_each_case(alone):
    done = alone("bench", *QUICK, "--case", "full-rsa2048", "--case", "bulk-chacha20-1400").good()
    assert done.err == "", "progress is for terminals"
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert "\nfull-rsa2048\n  handfast " in done.out and "\nbulk-chacha20-1400\n  handfast " in done.out
    assert "not here: libssl: " in done.out


def test_list_measures_nothing_and_names_all(alone):
    out = alone("bench", "--list", timeout=LIMIT).good().out
    assert all(f"\n  {name} " in out for name in CASES + BULK)
    assert "\n  handfast " in out and "\n  rustls                  not here" in out


def test_list_as_json(alone, fake):
    result = json.loads(alone("bench", "--list", "--json", "--peer-dir", fake().parent, timeout=LIMIT).good().out)
    assert result["schema"] == "handfast.bench-list/1"
    assert [c["name"] for c in result["cases"]] == CASES and all(c["about"] for c in result["cases"])
    assert [(c["name"], c["record_bytes"]) for c in result["bulk"]] == [(b, int(b.rsplit("-", 1)[1])) for b in BULK]
    assert [i["name"] for i in result["implementations"]] == ["handfast", "fake"]
    assert {m["name"] for m in result["not_here"]} == {"libssl", "GnuTLS", "wolfSSL", "mbedTLS", "rustls"}


@pytest.mark.parametrize("words", [("--list",), ONE])
def test_who_is_not_here_can_be_had(alone, words):
    said = " ".join(alone("bench", *words).good().out.split())
    assert "next: make bench, in a clone of handfast, builds the peer objects" in said and "--peer FILE" in said


def test_peers_of_a_build_are_found_beside_its_tool(hf, fake):
    """bench/peers in the folder of the tool that runs, as the build leaves it."""
    tool = hf.folder / "build/handfast"
    (tool.parent / "bench").mkdir(parents=True)
    shutil.copy2(BIN, tool)
    shutil.copytree(fake().parent, tool.parent / "bench/peers")
    hf.env.pop("HANDFAST_BENCH_PEERS", None)
    done = subprocess.run([tool, "bench", "--list"], env=hf.env, capture_output=True, text=True, timeout=LIMIT, check=True)
    assert "\n  fake                    0\n" in done.stdout


def test_progress_on_a_terminal_is_one_line_that_goes_away(alone):
    main, other = pty.openpty()
    with open(main, "rb", buffering=0) as terminal:
        with subprocess.Popen([BIN, "bench", *ONE, "--case", "full-ecdsa-p256"], env=alone.env, stdout=subprocess.PIPE, stderr=other) as run:
            os.close(other)
            out, said = run.stdout.read(), b""
            try:
                while part := terminal.read(4096):
                    said += part
            except OSError:  # the other end of a terminal was closed
                pass
    parts = [p.strip() for p in said.decode().split("\r") if p.strip()]
    assert run.returncode == 0 and b"resumed-tls12" in out
    assert parts == ["making keys and certificates", "measuring full-ecdsa-p256, case 1 of 2", "measuring resumed-tls12, case 2 of 2"]
    assert said.endswith(b"\r") and b"\n" not in said and b"?" not in said


def test_nothing_is_left_behind(alone, tmp_path):
    folder = tmp_path / "tmp"
    folder.mkdir()
    alone("bench", *ONE, env={"TMPDIR": str(folder)}).good()
    assert not any(folder.iterdir())


def test_an_interrupted_run_cleans_up(alone, tmp_path):
    folder = tmp_path / "tmp"
    folder.mkdir()
    with subprocess.Popen([BIN, "bench", "--time", "600"], env={**alone.env, "TMPDIR": str(folder)},
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as run:
        until("a key", lambda: list(folder.glob("*/rsa2048-client.key")), run)
        run.send_signal(signal.SIGINT)
        assert run.wait(LIMIT) == 128 + signal.SIGINT
    assert not any(folder.iterdir())


# --- the JSON file -------------------------------------------------------------------------------------------------

def test_json_file_takes_the_place_of_an_older_one(alone):
    file = alone.folder / "bench.json"
    file.write_text("old")
    out = alone("bench", *ONE, "--json-file", file).good().out
    assert "resumed-tls12" in out and not out.startswith("{")
    assert len(json.loads(file.read_text())["rows"]) == 2


def test_json_file_that_cannot_be_written(alone):
    err = alone("bench", *ONE, "--json-file", "/nope/bench.json").fails(5).err
    assert "--json-file /nope/bench.json: No such file or directory" in err


# --- cases ---------------------------------------------------------------------------------------------------------

def test_unknown_case_names_the_nearest(alone):
    err = alone("bench", "--case", "resumed-tls31").fails(2).err
    assert "did you mean resumed-tls13?" in err and "handfast bench --list" in err
    assert "none of those that --list names" in alone("bench", "--case", "everything").fails(2).err


# --- implementations -----------------------------------------------------------------------------------------------

def test_ratios_are_libssls_time_by_this_ones(alone):
    rows = {(r["implementation"], r["side"]): r for r in measured(alone, *ONE, "--peer", libssl())["rows"]}
    assert len(rows) == 4
    for (name, side), row in rows.items():
        ratio = rows["libssl", side]["cpu_us"] / row["cpu_us"]
        assert row["ratio_to_libssl"] == pytest.approx(ratio, abs=0.01), (name, side)


def test_a_folder_of_peers_by_option_and_by_variable(alone):
    folder = alone.folder / "some"
    folder.mkdir()
    shutil.copy(libssl(), folder)
    for words, env in ((("--peer-dir", folder), {}), ((), {"HANDFAST_BENCH_PEERS": str(folder)})):
        assert "\n  libssl                  OpenSSL" in alone("bench", "--list", *words, env=env).good().out
    assert "HANDFAST_BENCH_PEERS" in alone("bench", "--peer-dir", "/nope").fails(2).err


def test_a_file_that_is_no_peer(alone, fake):
    text = alone.folder / "text.so"
    text.write_text("no shared object")
    assert re.search(r"--peer \S+/text\.so: \w+", alone("bench", "--peer", text).fails(2).err)
    assert "No such file" in alone("bench", "--peer", "nope.so").fails(2).err
    assert "hf_bench_peer_row" in alone("bench", "--peer", fake(source="int nothing;")).fails(2).err
    assert "made for another version" in alone("bench", "--peer", fake(abi=99)).fails(2).err


def test_a_broken_file_in_the_folder_is_a_missing_peer(alone):
    folder = alone.folder / "some"
    folder.mkdir()
    (folder / "wolfssl.so").write_text("no shared object")
    result = measured(alone, *ONE, "--peer-dir", folder)
    why = {m["implementation"]: m for m in result["left_out"]}
    assert why["wolfssl"]["case"] is None and why["wolfssl"]["why"] and "wolfSSL" not in why


def test_a_peer_that_cannot_do_a_case_is_left_out_with_its_reason(alone, fake):
    result = measured(alone, *ONE, "--peer-dir", fake(can=0).parent)
    assert {"implementation": "fake", "case": "resumed-tls12", "why": "it knows nothing"} in result["left_out"]
    assert {r["implementation"] for r in result["rows"]} == {"handfast"}


@pytest.mark.parametrize("can, why", [(1, "a handshake failed"), (0, "it can do none of the cases")])
def test_a_peer_that_was_asked_for_must_work(alone, fake, can, why):
    done = alone("bench", *ONE, "--peer", fake(can=can))
    lines = unwrapped(done.err)
    assert done.code == 1 and lines[0] == "handfast: fake could not be measured" and why in lines[1]
    assert "left out: fake: " in done.out, "the others' figures are told all the same"


def test_a_peer_of_the_folder_that_fails_is_left_out(alone, fake):
    out = alone("bench", *ONE, "--peer-dir", fake().parent).good().out
    assert "left out: fake: a handshake failed: resumed-tls12\n" in out
