# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast cert chain: order, what is left out, what is missing."""
import itertools
import re

import pytest

from certs import CA, KEYID, server, standard
from conftest import unwrapped


@pytest.fixture
def m(tmp_path, openssl):
    openssl("version")
    folder = tmp_path / "pki"
    folder.mkdir()
    return standard(folder)


def bodies(text):
    return re.findall(r"-----BEGIN CERTIFICATE-----\n(.*?)-----END", text, re.S)


def chain_of(m, *names):
    return [bodies((m.folder / f"{n}.pem").read_text())[0] for n in names]


@pytest.mark.parametrize("order", list(itertools.permutations(["root", "int", "leaf"])))
def test_every_order_gives_one_chain(hf, m, order):
    done = hf("cert", "chain", m.bag("bag", *order)).good()
    assert bodies(done.out) == chain_of(m, "leaf", "int")
    assert "left out  CN=Root" in done.err and "a root" in done.err


def test_files_apart_and_der(hf, m, openssl):
    openssl("x509", "-in", m.int, "-outform", "DER", "-out", m.folder / "int.der")
    done = hf("cert", "chain", m.folder / "int.der", m.root, m.leaf).good()
    assert bodies(done.out) == chain_of(m, "leaf", "int")


def test_the_root_may_be_trusted_instead(hf, m):
    assert bodies(hf("cert", "chain", "--ca", m.root, m.int, m.leaf).good().out) == chain_of(m, "leaf", "int")


def test_missing_root_and_missing_intermediate(hf, m):
    done = hf("cert", "chain", m.int, m.leaf)
    assert done.code == 1 and bodies(done.out) == chain_of(m, "leaf", "int")
    assert "not complete" in done.err and "CN=Root" in done.err
    done = hf("cert", "chain", m.root, m.leaf)
    assert done.code == 1 and bodies(done.out) == chain_of(m, "leaf")
    assert "CN=Intermediate" in done.err


def test_where_the_missing_one_may_be_had(hf, m):
    """RFC 5280 4.2.2.1"""
    url = "http://ca.test/int.cer"
    m.make("aia", "a.test", server("a.test") + f"authorityInfoAccess=OCSP;URI:http://o.test/,caIssuers;URI:{url}\n", "int")
    done = hf("cert", "chain", m.aia)
    assert done.code == 1 and f"fetch it from {url}" in "\n".join(unwrapped(done.err))


def test_redundant_ones_are_left_out_with_a_reason(hf, m):
    m.make("unused", "Unused", CA + KEYID, "root")
    m.make("second", "b.test", server("b.test"), "int")
    done = hf("cert", "chain", m.bag("bag", "leaf", "unused", "int", "int", "second", "root")).good()
    assert bodies(done.out) == chain_of(m, "leaf", "int")
    err = "\n".join(unwrapped(done.err))
    for part in ("certificate 2 of", "nothing in the chain needs it", "there twice", "another leaf"):
        assert part in err


def test_of_two_of_one_name_the_signer_is_taken(hf, m):
    m.make("twin", "Intermediate", CA, "root")
    assert bodies(hf("cert", "chain", m.bag("bag", "twin", "leaf", "root", "int")).good().out) == chain_of(m, "leaf", "int")


def test_a_cross_certificate_stays_when_it_leads_to_a_root(hf, m):
    m.make("other", "Other Root", CA)
    m.make("cross", "Root", CA + KEYID, "other", key="root")
    done = hf("cert", "chain", "--ca", m.other, m.leaf, m.cross, m.int).good()
    assert bodies(done.out) == chain_of(m, "leaf", "int", "cross")


def test_a_lone_root_is_a_chain(hf, m):
    assert bodies(hf("cert", "chain", m.root).good().out) == chain_of(m, "root")


def test_a_damaged_one_is_left_out(hf, m):
    (m.folder / "cut.der").write_bytes(b"\x30\x82\x01\x00" + b"\x00" * 256)
    done = hf("cert", "chain", m.leaf, m.int, m.root, m.folder / "cut.der").good()
    assert "cannot be read" in done.err and bodies(done.out) == chain_of(m, "leaf", "int")
    assert hf("cert", "chain", m.folder / "cut.der").code == 1


def test_out_writes_a_file_once(hf, m):
    words = ("cert", "chain", "--out", "chain.pem", m.bag("bag", "root", "leaf", "int"))
    assert hf(*words).good().out == ""
    assert bodies((hf.folder / "chain.pem").read_text()) == chain_of(m, "leaf", "int")
    assert "--force" in hf(*words).err and hf(*words).code == 2
    hf(*words, "--force").good()


def test_what_comes_out_verifies(hf, m):
    hf("cert", "chain", "--out", "chain.pem", m.bag("bag", "root", "int", "leaf")).good()
    hf("cert", "verify", "--ca", m.root, "--name", "a.test", "--at", "2026-06-01", "chain.pem").good()


def test_nothing_to_read(hf):
    hf("cert", "chain", "nowhere").fails(5)
    (hf.folder / "empty").write_text("")
    hf("cert", "chain", "empty").fails(2)
