# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast cert inspect: extensions in words, the annotated encoding, servers, and the calendar; and what the CRLs and profiles of
connect and serve do."""
import json
import re

import pytest

from certs import CA, KEYID, LEAF, Maker, server, standard
from conftest import unwrapped
from peers import Pki, Server, s_server

EXTENSIONS = (LEAF + "extendedKeyUsage=serverAuth,1.2.3.4\nsubjectAltName=DNS:a.test,IP:192.0.2.1,dirName:dn\n"
              "certificatePolicies=2.23.140.1.2.1\ntlsfeature=status_request\n"
              "crlDistributionPoints=URI:http://ca.test/ca.crl\n"
              "authorityInfoAccess=OCSP;URI:http://ocsp.test/,caIssuers;URI:http://ca.test/ca.cer\n"
              "1.2.3.99=DER:0403010203\n[dn]\nCN=Somebody\n")
WORDS = ["basicConstraints (critical): not a CA", "keyUsage (critical): digitalSignature", "extKeyUsage: serverAuth, 1.2.3.4",
         "DNS:a.test, IP:192.0.2.1, name:CN=Somebody", "2.23.140.1.2.1 (domain validated)", "must staple",
         "cRLDistributionPoints: URI:http://ca.test/ca.crl", "OCSP at URI:http://ocsp.test/",
         "the issuer's certificate at URI:http://ca.test/ca.cer", "1.2.3.99: not understood, 5 bytes: 0403010203"]
CONSTRAINED = (CA + KEYID + "nameConstraints=critical,permitted;DNS:b.test,permitted;IP:192.0.2.0/255.255.255.0,excluded;email:c.test\n"
               "policyConstraints=requireExplicitPolicy:3,inhibitPolicyMapping:1\ninhibitAnyPolicy=2\n")


@pytest.fixture
def m(tmp_path, openssl):
    openssl("version")
    folder = tmp_path / "pki"
    folder.mkdir()
    return Maker(folder).make("root", "Root", CA)


@pytest.fixture
def pki(tmp_path, openssl):
    openssl("version")
    folder = tmp_path / "peers"
    folder.mkdir()
    return Pki(folder)


def flat(text):
    assert all(len(line) <= 80 or " " not in line.strip() for line in text.splitlines()), text
    return " ".join(text.split())


# --- extensions ----------------------------------------------------------------------------------------------------

def test_every_extension_in_words(hf, m):
    m.make("x", "a.test", EXTENSIONS, "root")
    out = flat(hf("cert", "inspect", m.x).good().out)
    for part in WORDS:
        assert part in out, (part, out)


def test_constraints_in_words(hf, m):
    m.make("x", "Constrained", CONSTRAINED, "root")
    out = flat(hf("cert", "inspect", m.x).good().out)
    for part in ("only names under DNS:b.test, IP:192.0.2.0/24; no names under email:c.test", "a policy is demanded after so many "
                 "certificates: 3", "no mapping after so many certificates: 1", "anyPolicy counts for nothing after so many "
                 "certificates: 2", "a CA, with any number of CAs below it"):
        assert part in out, (part, out)


def test_extensions_in_json(hf, m):
    m.make("x", "a.test", EXTENSIONS, "root")
    data = json.loads(hf("cert", "inspect", "--json", m.x).good().out)
    rows = {e["oid"]: e for e in data["certificates"][0]["extensions"]}
    assert data["host"] is None and data["file"] == m.x
    assert rows["2.5.29.15"] == {"oid": "2.5.29.15", "name": "keyUsage", "critical": True, "words": "digitalSignature"}
    assert rows["1.2.3.99"]["name"] == "1.2.3.99" and len(rows) == 11


# --- the encoding --------------------------------------------------------------------------------------------------

def test_der_agrees_with_openssl(hf, m, openssl):
    """Offsets, header and content lengths of what both walk through."""
    m.make("x", "a.test", EXTENSIONS, "root")
    mine = [tuple(map(int, t)) for t in re.findall(r"^ *(\d+) (\d+)\+(\d+) ", hf("cert", "inspect", "--der", m.x).good().out, re.M)]
    theirs = {tuple(map(int, t)) for t in re.findall(r"^ *(\d+):d=\d+ +hl=(\d+) +l= *(\d+)", openssl("asn1parse", "-in", m.x), re.M)}
    assert mine == sorted(mine) and theirs <= set(mine)


def test_der_names_fields_and_values(hf, m):
    m.make("x", "a.test", EXTENSIONS, "root")
    done = hf("cert", "inspect", "--der", m.x).good()
    out = flat(done.out)
    for part in ("Certificate SEQUENCE", "serialNumber INTEGER 18", "notBefore UTCTime \"260101000000Z\"", "namedCurve OID secp256r1",
                 "critical BOOLEAN TRUE", "extnID OID keyUsage", "GeneralName [2] \"a.test\""):
        assert part in out, (part, out)


def test_der_of_a_damaged_certificate_shows_what_could_be_read(hf, m, openssl):
    openssl("x509", "-in", m.root, "-outform", "DER", "-out", m.folder / "d")
    der = (m.folder / "d").read_bytes()
    place = der.index(b"\x17\x0d260101")
    (m.folder / "d").write_bytes(der[:place + 2] + b"x" + der[place + 3:])
    done = hf("cert", "inspect", "--der", m.folder / "d")
    assert done.code == 1 and "serialNumber" in done.out and f"{place + 2}" in done.out and "notBefore" in done.err


def test_der_and_json_exclude_each_other(hf, m):
    hf("cert", "inspect", "--der", "--json", m.root).fails(2)


# --- the calendar --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("within, code", [("1h", 0), ("89d", 0), ("91d", 1), ("13w", 1), ("12w", 0), ("2161h", 1)])
def test_expires_within(hf, within, code):
    """A leaf of 90 days, made now."""
    hf("cert", "ca", "--out", "ca").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "localhost").good()
    done = hf("cert", "inspect", "--expires-within", within, "leaf/leaf.pem")
    assert done.code == code and "CN=localhost" in done.out
    if code:
        assert f"expires within {within}" in done.err and len(unwrapped(done.err)) == 3


def test_an_expired_one_is_named(hf, m):
    m.make("old", "old.test", server("old.test"), "root", start="20200101000000Z", end="20210101000000Z")
    done = hf("cert", "inspect", "--json", "--expires-within", "1h", m.bag("bag", "root", "old"))
    assert done.code == 1 and "has expired" in done.err and "CN=old.test" in done.err and json.loads(done.out)


@pytest.mark.parametrize("text", ["14", "d", "x", "-1d", "1.5d", "14m", "9999999d"])
def test_what_is_no_length_of_time(hf, m, text):
    assert "14d" in hf("cert", "inspect", f"--expires-within={text}", m.root).fails(2).err


# --- servers -------------------------------------------------------------------------------------------------------

def test_a_server_is_inspected_unverified(hf, pki):
    with s_server(pki) as port:
        done = hf("cert", "inspect", "--json", f"localhost:{port}").good()
        data = json.loads(done.out)
        assert data["host"] == f"localhost:{port}" and data["file"] is None
        assert [c["subject"] for c in data["certificates"]] == ["CN=localhost", "CN=Test Intermediate"]
        assert "nothing is verified" in done.err and "warning" not in done.err


def test_an_expired_server_is_inspected_too(hf, pki):
    with s_server(pki, cert="expired") as port:
        assert "it has expired" in hf("cert", "inspect", f"127.0.0.1:{port}").good().out


def test_nobody_there(hf):
    hf("cert", "inspect", "127.0.0.1:1").fails(3)


# --- connect and serve ---------------------------------------------------------------------------------------------

@pytest.fixture
def revoking(tmp_path, openssl):
    """For today: dates that do not end soon."""
    openssl("version")
    folder = tmp_path / "rev"
    folder.mkdir()
    m = Maker(folder)
    far = {"start": "20250101000000Z", "end": "20450101000000Z"}
    m.make("root", "Root", CA, **far)
    m.make("leaf", "localhost", server("localhost"), "root", **far)
    m.make("me", "me", LEAF + "extendedKeyUsage=clientAuth\nsubjectAltName=DNS:me.test\n", "root", **far)
    return m


def dated_crl(m, *revoked):
    return m.crl("c", "root", revoked, updated="20250101000000Z", following="20450101000000Z")


def test_connect_refuses_what_a_crl_revokes(hf, revoking):
    m = revoking
    key = str(m.folder / "leaf.key")
    with Server(hf, "--cert", m.leaf, "--key", key) as s:
        target = f"localhost:{s.port}"
        dated_crl(m, "me")
        hf("connect", "--ca", "rev/root.pem", "--crl", "rev/c.crl", target).good()
        dated_crl(m, "leaf")
        shown = hf("connect", "--ca", "rev/root.pem", "--crl", "rev/c.crl", target)
        assert shown.code == 6 and "revoked" in shown.err


def test_connect_takes_profiles(hf, revoking):
    m = revoking
    m.make("plain", "localhost", server("localhost").replace(KEYID, "authorityKeyIdentifier=none\n"), "root",
           start="20250101000000Z", end="20450101000000Z")
    with Server(hf, "--cert", m.plain, "--key", str(m.folder / "plain.key")) as s:
        target = f"localhost:{s.port}"
        hf("connect", "--ca", m.root, target).good()
        assert "authorityKeyIdentifier" in hf("connect", "--ca", m.root, "--profile", "webpki", target).err


def test_serve_refuses_clients_that_a_crl_revokes(hf, revoking):
    m = revoking
    words = ["--cert", m.leaf, "--key", str(m.folder / "leaf.key"), "--client-auth", "require", "--client-ca", m.root]
    mine = ["--cert", m.me, "--key", str(m.folder / "me.key"), "--http"]
    for revoked, code in (("leaf", 0), ("me", 4)):
        with Server(hf, *words, "--crl", dated_crl(m, revoked)) as s:
            assert hf("connect", "--ca", m.root, *mine, f"localhost:{s.port}").code == code


def test_a_crl_for_serve_needs_clients_that_are_asked(hf):
    assert "--client-auth" in hf("serve", "--crl", "x.crl").fails(2).err
