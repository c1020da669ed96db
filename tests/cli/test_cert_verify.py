# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast cert verify: what is accepted, what is refused by which rule, and what --why says about it."""
import json

import pytest

from certs import CA, KEYID, LEAF, NOW, server, standard
from conftest import unwrapped


@pytest.fixture
def m(tmp_path, openssl):
    openssl("version")
    folder = tmp_path / "pki"
    folder.mkdir()
    return standard(folder)


def verify(hf, m, *words, name="a.test", at=NOW, ca="root"):
    return hf("cert", "verify", "--ca", getattr(m, ca), "--name", name, "--at", at, *words)


def refused(result, *parts):
    """Exit code 6 and the message of three parts; --why's words may stand on stdout."""
    lines = unwrapped(result.err)
    assert result.code == 6 and len(lines) == 3, result
    assert lines[0].startswith("handfast: not accepted: ") and lines[2].startswith("  next: "), result
    for part in parts:
        assert part in "\n".join(lines), (part, result)
    return result


def flat(text):
    """Without the breaks of lines; none is over 80 columns, but for one long word."""
    assert all(len(line) <= 80 or " " not in line.strip() for line in text.splitlines()), text
    return " ".join(text.split())


# --- accepted ------------------------------------------------------------------------------------------------------

def test_a_good_chain(hf, m):
    out = verify(hf, m, m.leaf, m.int).good().out
    for part in ("accepted as a server's certificate for a.test", "CN=a.test", "CN=Intermediate", "CN=Root (trusted)", "private"):
        assert part in out


def test_the_first_is_the_leaf_and_the_others_are_in_any_order(hf, m):
    m.make("unused", "Unused", CA + KEYID, "root")
    verify(hf, m, m.leaf, m.bag("rest", "root", "unused", "int")).good()
    verify(hf, m, m.bag("all", "leaf", "unused", "int")).good()
    refused(verify(hf, m, m.int, m.leaf), "int.pem")


def test_own_certificates_keep_both_profiles(hf):
    hf("cert", "ca", "--out", "ca").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "localhost", "127.0.0.1").good()
    for words in ([], ["--profile", "webpki"], ["--profile", "private"]):
        for name in ("localhost", "127.0.0.1"):
            hf("cert", "verify", "--ca", "ca/ca.pem", "--name", name, *words, "leaf/leaf.pem").good()


def test_without_a_name_it_is_said_that_none_was_checked(hf, m):
    out = hf("cert", "verify", "--ca", m.root, "--at", NOW, m.leaf, m.int).good().out
    assert "for no name in particular" in flat(out)


def test_clients_and_mail_addresses(hf, m):
    m.make("me", "me", LEAF + "extendedKeyUsage=clientAuth\nsubjectAltName=email:me@a.test\n", "int")
    verify(hf, m, "--client", m.me, m.int, name="me@a.test").good()
    refused(verify(hf, m, m.me, m.int, name="me@a.test"), "me.pem")
    refused(verify(hf, m, "--client", m.me, m.int, name="you@a.test"))
    refused(verify(hf, m, "--client", m.leaf, m.int))


@pytest.mark.parametrize("at", ["2026-06-01", "2026-06-01T10:00:00Z", "1780300800"])
def test_spellings_of_time(hf, m, at):
    verify(hf, m, m.leaf, m.int, at=at).good()


def test_the_edges_of_validity_are_inclusive(hf, m):
    """RFC 5280 4.1.2.5"""
    verify(hf, m, m.leaf, m.int, at="2026-01-01").good()
    verify(hf, m, m.leaf, m.int, at="2027-01-01T00:00:00Z").good()
    refused(verify(hf, m, m.leaf, m.int, at="2025-12-31T23:59:59Z"), "not yet valid")
    refused(verify(hf, m, m.leaf, m.int, at="2027-01-01T00:00:01Z"), "expired")


# --- refused, and why ----------------------------------------------------------------------------------------------

def test_wrong_name(hf, m):
    refused(verify(hf, m, m.leaf, m.int, name="b.test"), "for another name", "a.test", "b.test", "RFC 9525")


def test_expired_intermediate(hf, m):
    m.make("old", "Intermediate", CA + KEYID, "root", key="int", start="20250101000000Z", end="20260201000000Z")
    done = refused(verify(hf, m, "--why", m.leaf, m.old), "expired", "old.pem")
    out = flat(done.out)
    for part in ("Path 1", "leaf CN=a.test", "issued by CN=Intermediate", "broken a certificate has expired",
                 "by CN=Intermediate", "2026-02-01", "rule RFC 5280 4.1.2.5 (CERT_EXPIRED)", "to do "):
        assert part in out, (part, out)


def test_why_shows_the_path_that_failed_and_the_one_that_is_good(hf, m):
    m.make("old", "Intermediate", CA + KEYID, "root", key="int", start="20250101000000Z", end="20260201000000Z")
    out = flat(verify(hf, m, "--why", m.leaf, m.old, m.int).good().out)
    assert out.index("CERT_EXPIRED") < out.index("Path 2") < out.index("it is good")


def test_name_constraints(hf, m):
    """RFC 5280 4.2.1.10"""
    m.make("nc", "Constrained", CA + KEYID + "nameConstraints=critical,permitted;DNS:b.test\n", "root")
    m.make("out", "a.test", server("a.test"), "nc")
    m.make("in", "b.test", server("www.b.test"), "nc")
    verify(hf, m, getattr(m, "in"), m.nc, name="www.b.test").good()
    done = refused(verify(hf, m, "--why", m.out, m.nc), "may not speak for this name")
    assert "RFC 5280 4.2.1.10 (CERT_NAME_NOT_PERMITTED)" in flat(done.out) and "b.test" in done.out
    m.make("ex", "Excluding", CA + KEYID + "nameConstraints=critical,excluded;DNS:a.test\n", "root")
    m.make("no", "a.test", server("www.a.test"), "ex")
    assert "CERT_NAME_EXCLUDED" in refused(verify(hf, m, "--why", m.no, m.ex, name="www.a.test")).out


def test_revoked_by_a_crl(hf, m):
    """RFC 5280 6.3"""
    m.make("other", "c.test", server("a.test"), "int")
    crl = m.crl("int", "int", ["other"])
    verify(hf, m, "--crl", crl, m.leaf, m.int).good()
    done = refused(verify(hf, m, "--why", "--crl", crl, m.other, m.int), "has been revoked", "other.pem")
    assert "CERT_REVOKED" in done.out


def test_a_revoked_intermediate(hf, m):
    crl = m.crl("root", "root", ["int"])
    refused(verify(hf, m, "--crl", crl, m.leaf, m.int), "has been revoked", "int.pem")


def test_a_stale_crl_is_remarked_on(hf, m):
    crl = m.crl("int", "int", [], updated="20260101000000Z", following="20260201000000Z")
    done = verify(hf, m, "--crl", crl, m.leaf, m.int).good()
    assert "remark" in done.out


def test_a_trusted_namesake_is_another(hf, m):
    """Without key identifiers a certificate that signed itself is still not one that the trusted one of its name should have signed."""
    own = "subjectKeyIdentifier=none\nauthorityKeyIdentifier=none\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:a.test\n"
    for old in ("CA:TRUE", "CA:FALSE"):
        m.make("old", "a.test", f"basicConstraints=critical,{old}\n{own}").make("new", "a.test", own)
        result = verify(hf, m, m.new, ca="old")  # CA:FALSE warns beside
        assert result.code == 6 and "self-signed" in flat(result.err) and "subject and issuer are both CN=a.test" in flat(result.err), result


def test_missing_intermediate(hf, m):
    done = refused(verify(hf, m, "--why", m.leaf), "ends at no trusted CA", "CN=Intermediate")
    assert "CERT_UNKNOWN_CA" in done.out


def test_profiles_differ(hf, m):
    """RFC 5280 4.2.1.1 demands an authorityKeyIdentifier; a CA of one's own may leave it out."""
    m.make("plain", "a.test", server("a.test").replace(KEYID, "authorityKeyIdentifier=none\n"), "int")
    verify(hf, m, m.plain, m.int).good()
    done = refused(verify(hf, m, "--why", "--profile", "webpki", m.plain, m.int), "authorityKeyIdentifier")
    assert "CERT_AKI" in done.out and "private" in done.err


def test_a_wildcard_under_a_public_suffix(hf, m):
    """CA/Browser Forum BR 3.2.2.6: co.uk is nobody's."""
    m.make("wide", "*.co.uk", server("*.co.uk"), "int")
    done = refused(verify(hf, m, "--why", "--profile", "webpki", m.wide, m.int, name="www.co.uk"))
    assert "CERT_WILDCARD" in done.out


def test_a_damaged_leaf(hf, m):
    (m.folder / "cut.der").write_bytes(b"\x30\x82\x01\x00" + b"\x00" * 256)
    refused(hf("cert", "verify", "--ca", m.root, m.folder / "cut.der"), "byte")


def test_a_crl_that_is_none_says_where(hf, m):
    """RFC 5280 5.2.3: a CRL has a number."""
    path = m.crl("int", "int", ["leaf"])
    text = (m.folder / "conf").read_text().replace("crlnumber=number\n", "")
    (m.folder / "conf").write_text(text)
    m.run("ca", "-gencrl", "-config", "conf", "-cert", "int.pem", "-keyfile", "int.key", "-out", "int.crl")
    err = hf("cert", "verify", "--ca", m.root, "--crl", path, m.leaf).fails(2).err
    assert "CRLNumber is not there" in err and "byte " in err


# --- JSON ----------------------------------------------------------------------------------------------------------

def test_json(hf, m):
    good = json.loads(verify(hf, m, "--json", m.leaf, m.int).good().out)
    assert good["schema"] == "handfast.cert-verify/1" and good["accepted"] is True and good["error"] is None
    assert [p["trusted"] for p in good["path"]] == [False, False, True]
    assert (good["at"], good["profile"], good["purpose"], good["name"]) == ("2026-06-01T00:00:00Z", "private", "server", "a.test")
    bad = json.loads(refused(verify(hf, m, "--json", "--why", m.leaf, m.int, name="b.test")).out)
    assert bad["accepted"] is False and bad["error"]["code"] == "CERT_NAME" and bad["error"]["certificate"] == 0
    assert bad["tried"][0]["error"]["rule"] == bad["error"]["rule"] and "a.test" in bad["error"]["detail"]


# --- misuse --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words, part", [
    (["--at", "yesterday"], "2026-11-21T10:00:00Z"), (["--at", "2026-02-30"], "2026-11-21"), (["--at", "2026-06-01T25:00:00Z"], "--at"),
    (["--name", "a b"], "--name"), (["--profile", "strict"], "webpki"), (["--crl", "nowhere.crl"], "No such file"),
    (["--ca", "nowhere.pem"], "No such file"),
])
def test_what_is_wrong_is_said(hf, m, words, part):
    assert part in hf("cert", "verify", *words, m.leaf).fails(2).err


def test_files_that_are_none(hf, m):
    hf("cert", "verify", "--ca", m.root, "nowhere.pem").fails(5)
    (hf.folder / "empty").write_text("")
    hf("cert", "verify", "--ca", m.root, "empty").fails(2)
    assert "X509 CRL" in hf("cert", "verify", "--ca", m.root, "--crl", "empty", m.leaf).fails(2).err
