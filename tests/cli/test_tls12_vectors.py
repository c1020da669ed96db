# SPDX-License-Identifier: Apache-2.0 OR MIT
"""tests/vectors/data/tls12.json is what tls12.py computes from what is given there, and would not be for anything else: so the
values that test_tls12.c compares our handshakes with cannot rot, nor be copied from our own output."""
import importlib.util
import json
import os

import pytest

from conftest import ROOT

pytest.importorskip("cryptography", reason="python3-cryptography is missing: tls12.py computes nothing without it")

DATA = os.path.join(ROOT, "tests/vectors/data")
TEXT = open(os.path.join(DATA, "tls12.json"), encoding="utf-8").read()
IDS = [row["id"] for row in json.loads(TEXT)["handshakes"]]


@pytest.fixture(name="tls12", scope="module")
def load_tls12():
    spec = importlib.util.spec_from_file_location("tls12_vectors", os.path.join(DATA, "tls12.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_is_what_the_script_computes(tls12):
    assert tls12.compute(json.loads(TEXT)) == TEXT


def test_what_is_computed_is_not_read(tls12):
    file = json.loads(TEXT)
    for row in file["handshakes"]:
        row["computed"] = {}
    assert tls12.compute(file) == TEXT


def test_the_prf_is_that_of_the_published_vector(tls12):
    """P_SHA256 of "test label", which circulates on the IETF's TLS list (tests/unit/test_keys_prf.c has it too)."""
    out = tls12.prf("sha256", bytes.fromhex("9bbe436ba940f017b17652849a71db35"), "test label",
                    bytes.fromhex("a0ba9f936cda311827a6f796ffd5198c"), 100)
    assert out.hex() == ("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b30"
                         "1791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc9166"
                         "6e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66")


@pytest.mark.parametrize("hello", ["ClientHello", "ServerHello"])
@pytest.mark.parametrize("name", IDS)
def test_a_bit_of_either_random_counts(tls12, name, hello):
    """It changes both Finished and everything under keys."""
    file = json.loads(TEXT)
    row = next(row for row in file["handshakes"] if row["id"] == name)
    good = row["computed"]
    file["handshakes"] = [r for r in file["handshakes"] if r["id"] in (name, row["given"].get("session_of"))]
    data = bytearray.fromhex(row["given"][hello])
    data[4 + 2 + 31] ^= 1
    row["given"][hello] = data.hex()
    tls12.compute(file)
    for field in ("key_block", "client_verify_data", "server_verify_data", "client_data_record", "server_data_record"):
        assert row["computed"][field] != good[field], field
