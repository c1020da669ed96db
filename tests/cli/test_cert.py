# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast cert: the files it makes, what it refuses to do, and agreement with openssl."""
import json
import os
import re
import stat
import subprocess
from datetime import datetime, timezone

import pytest

from conftest import BIN, Result
from processes import LIMIT

KEY_TYPES = {"p256": "ECDSA P-256", "p384": "ECDSA P-384", "rsa2048": "RSA 2048", "rsa3072": "RSA 3072",
             "rsa4096": "RSA 4096", "ed25519": "Ed25519"}
NAMES = ["localhost", "127.0.0.1", "::1", "*.example.test"]


@pytest.fixture
def ca(hf):
    hf("cert", "ca", "--out", "ca").good()
    return hf.folder / "ca"


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# --- making --------------------------------------------------------------------------------------------------------

def test_ca_files_and_modes(hf, ca):
    assert sorted(os.listdir(ca)) == ["ca.key", "ca.pem"]
    assert (mode(ca), mode(ca / "ca.key")) == (0o700, 0o600)
    assert (ca / "ca.key").read_text().startswith("-----BEGIN PRIVATE KEY-----\n")


def test_key_mode_whatever_the_umask(hf):
    old = os.umask(0)
    try:
        hf("cert", "ca", "--out", "ca").good()
    finally:
        os.umask(old)
    assert mode(hf.folder / "ca/ca.key") == 0o600


def test_success_says_what_where_for_whom_until_when_and_what_next(hf):
    out = hf("cert", "ca", "--out", "ca", "--cn", "Test CA").good().out
    for part in ("CN=Test CA", "ca/ca.pem", "ca/ca.key", "valid until", "next: handfast cert leaf --ca ca"):
        assert part in out
    assert all(len(line) <= 80 for line in out.splitlines())
    out = hf("cert", "leaf", "--ca", "ca", "--out", "leaf", *NAMES).good().out
    for part in ("leaf/leaf.pem", "leaf/leaf.key", "DNS:localhost", "IP:::1", "in 90 days",
                 "next: handfast serve --cert leaf/leaf.pem --key leaf/leaf.key"):
        assert part in out


def test_wildcards_are_remarked_on(hf, ca):
    assert "one level" in hf("cert", "leaf", "--ca", ca, "--out", "a", "*.example.test").good().err
    assert hf("cert", "leaf", "--ca", ca, "--out", "b", "www.example.test").good().err == ""


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_openssl_accepts_each_key_type(hf, openssl, key_type):
    hf("cert", "ca", "--out", "ca", "--key-type", key_type).good()
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "--key-type", key_type, *NAMES, timeout=120).good()
    ca_pem, leaf = hf.folder / "ca/ca.pem", hf.folder / "leaf/leaf.pem"
    openssl("verify", "-x509_strict", "-CAfile", ca_pem, "-purpose", "sslserver", "-verify_hostname", "localhost", leaf)
    openssl("verify", "-x509_strict", "-CAfile", ca_pem, "-verify_hostname", "www.example.test", leaf)
    openssl("verify", "-x509_strict", "-CAfile", ca_pem, "-verify_ip", "::1", leaf)
    public = openssl("pkey", "-in", hf.folder / "leaf/leaf.key", "-pubout")
    assert public == openssl("x509", "-in", leaf, "-noout", "-pubkey")
    assert KEY_TYPES[key_type] in hf("cert", "inspect", "leaf/leaf.pem").good().out


def test_extensions_as_openssl_reads_them(hf, openssl, ca):
    hf("cert", "leaf", "--ca", ca, "--out", "rsa", "--key-type", "rsa2048", *NAMES).good()
    root = openssl("x509", "-in", ca / "ca.pem", "-noout", "-text")
    leaf = openssl("x509", "-in", hf.folder / "rsa/leaf.pem", "-noout", "-text")
    assert re.search(r"Basic Constraints: critical\s+CA:TRUE, pathlen:0", root)
    assert re.search(r"Key Usage: critical\s+Certificate Sign, CRL Sign", root)
    assert re.search(r"Key Usage: critical\s+Digital Signature, Key Encipherment", leaf)
    assert re.search(r"Extended Key Usage:\s+TLS Web Server Authentication\n", leaf)
    assert "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:*.example.test" in leaf
    ski = re.search(r"Subject Key Identifier:\s+([0-9A-F:]+)", root)[1]
    assert re.search(r"Authority Key Identifier:\s+(?:keyid:)?([0-9A-F:]+)", leaf)[1] == ski


def test_client_certificate(hf, openssl, ca):
    out = hf("cert", "leaf", "--ca", ca, "--out", "me", "--client", "me.test", "device@a.test").good().out
    assert "for a client" in out and "next: handfast serve" not in out and "--client-ca" in out
    openssl("verify", "-x509_strict", "-CAfile", ca / "ca.pem", "-purpose", "sslclient", hf.folder / "me/leaf.pem")
    text = openssl("x509", "-in", hf.folder / "me/leaf.pem", "-noout", "-text")
    assert re.search(r"Extended Key Usage:\s+TLS Web Client Authentication\n", text)
    assert "DNS:me.test, email:device@a.test" in text


@pytest.mark.parametrize("words, usage", [([], "Digital Signature, Key Encipherment"), (["--client"], "Digital Signature")])
def test_only_a_servers_rsa_key_may_decrypt(hf, openssl, ca, words, usage):
    """RFC 5280 4.2.1.3, RFC 5246 7.4.2: keyEncipherment is for static RSA key exchange."""
    hf("cert", "leaf", "--ca", ca, "--out", "rsa", "--key-type", "rsa2048", *words, "a.test").good()
    hf("cert", "leaf", "--ca", ca, "--out", "ec", *words, "a.test").good()
    shown = openssl("x509", "-in", hf.folder / "rsa/leaf.pem", "-noout", "-ext", "keyUsage")
    assert re.search(rf"Key Usage: critical\n +{usage}\n", shown)
    assert "Encipherment" not in openssl("x509", "-in", hf.folder / "ec/leaf.pem", "-noout", "-ext", "keyUsage")


@pytest.mark.parametrize("name", ["device@a.test", "a.b+c@x-y.test", "o'neil@a.test"])
def test_mail_addresses_are_for_clients(hf, ca, name):
    assert "--client" in hf("cert", "leaf", "--ca", ca, "--out", "x", name).fails(2).err
    assert f"email:{name}" in hf("cert", "leaf", "--ca", ca, "--out", "x", "--client", name).good().out


@pytest.mark.parametrize("name", ["@a.test", "a@", "a@b@c.test", ".a@b.test", "a.@b.test", "a..b@c.test", "a b@c.test", "a@b c",
                                  "a@[192.0.2.1]", "\"a\"@b.test", "x" * 65 + "@b.test", "\u00e4@b.test", "a@\u00e4.test", "a@*.test"])
def test_what_is_no_mail_address(hf, ca, name):
    hf("cert", "leaf", "--ca", ca, "--out", "x", "--client", name).fails(2)


def test_a_leaf_never_outlives_its_ca(hf):
    hf("cert", "ca", "--out", "ca", "--days", "10").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "--days", "90", "localhost").good()
    ends = [json.loads(hf("cert", "inspect", "--json", f).good().out)["certificates"][0]["not_after"]
            for f in ("ca/ca.pem", "leaf/leaf.pem")]
    assert ends[0] == ends[1]


def test_long_names_and_many_of_them(hf, openssl, ca):
    names = ["a" * 63 + "." + "b" * 63 + ".example.test", *(f"host-{i}.example.test" for i in range(99))]
    hf("cert", "leaf", "--ca", ca, "--out", "leaf", *names).good()
    text = openssl("x509", "-in", hf.folder / "leaf/leaf.pem", "-noout", "-text")
    assert all(f"DNS:{n}" in text for n in names)
    data = json.loads(hf("cert", "inspect", "--json", "leaf/leaf.pem").good().out)["certificates"][0]
    assert data["sans"] == [f"DNS:{n}" for n in names]
    assert re.search(r", \d+ more\n", hf("cert", "inspect", "leaf/leaf.pem").good().out)


# --- refusing ------------------------------------------------------------------------------------------------------

def test_nothing_is_overwritten_without_force(hf, ca):
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "localhost").good()
    before = tree(hf.folder)
    assert "ca/ca.key" in hf("cert", "ca", "--out", "ca").fails(2).err
    assert "leaf/leaf.key" in hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "localhost").fails(2).err
    assert tree(hf.folder) == before


@pytest.mark.parametrize("left", ["leaf.key", "leaf.pem"])
def test_half_a_pair_is_not_overwritten_either(hf, ca, left):
    (hf.folder / "leaf").mkdir()
    (hf.folder / "leaf" / left).write_text("mine")
    before = tree(hf.folder)
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "localhost").fails(2)
    assert tree(hf.folder) == before


def test_force_replaces_both_and_leaves_nothing_else(hf, openssl, ca):
    before = tree(ca)
    hf("cert", "ca", "--out", "ca", "--force").good()
    after = tree(ca)
    assert before.keys() == after.keys() and all(before[n] != after[n] for n in before)
    assert mode(ca / "ca.key") == 0o600
    assert openssl("pkey", "-in", ca / "ca.key", "-pubout") == openssl("x509", "-in", ca / "ca.pem", "-noout", "-pubkey")


def test_a_symbolic_link_is_no_way_around(hf, ca):
    (hf.folder / "leaf").mkdir()
    (hf.folder / "leaf/leaf.key").symlink_to(hf.folder / "elsewhere")
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "localhost").fails(2)
    assert not (hf.folder / "elsewhere").exists()


@pytest.mark.parametrize("name", ["", "a b", "-x.test", "*", "*.", "*.org", "a.*.org", "exa mple", "münchen.de", "host:443",
                                  "https://x", "1.2.3.4.", "x" * 64 + ".test", "a..b", "a,b", "::g"])
def test_names_that_are_none(hf, ca, name):
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "--", name).fails(2)
    assert not (hf.folder / "leaf").exists()


@pytest.mark.parametrize("words, part", [
    (["cert", "ca"], "--out"),
    (["cert", "leaf", "--out", "x", "localhost"], "--ca"),
    (["cert", "leaf", "--ca", "x", "localhost"], "--out"),
    (["cert", "leaf", "--ca", "x", "--out", "y"], "NAME"),
    (["cert", "ca", "--out", "x", "--key-type", "p521"], "p256, p384, rsa2048"),
    (["cert", "ca", "--out", "x", "--days", "0"], "1 to 7300"),
    (["cert", "ca", "--out", "x", "--cn", "n" * 65], "64 bytes"),
    (["cert", "leaf", "--ca", "nowhere", "--out", "y", "localhost"], "handfast cert ca --out nowhere"),
])
def test_what_is_missing_is_said(hf, words, part):
    assert part in hf(*words).fails(2).err
    assert list(hf.folder.iterdir()) == []


@pytest.mark.parametrize("out", ["no/such/folder", "/dev/null/x", "/proc/x", "x" * 300, "x/" * 1000])
def test_folders_that_cannot_be(hf, out):
    hf("cert", "ca", "--out", out).fails(5)


@pytest.mark.parametrize("blocks", [0, 1])
def test_a_failed_run_leaves_nothing(hf, ca, blocks):
    """A file may have 0 or 512 bytes: neither file fits, or the key does and the certificate does not."""
    before = tree(hf.folder)
    done = subprocess.run(["sh", "-c", f'ulimit -f {blocks}; "$0" cert leaf --ca ca --out leaf localhost', BIN], cwd=hf.folder,
                          env=hf.env, capture_output=True, text=True, timeout=LIMIT, check=False)
    Result(done.returncode, done.stdout, done.stderr).fails(5)
    assert tree(hf.folder) == before and not (hf.folder / "leaf").exists()
    subprocess.run(["sh", "-c", f'ulimit -f {blocks}; "$0" cert ca --out ca --force', BIN], cwd=hf.folder, env=hf.env,
                   capture_output=True, timeout=LIMIT, check=False)
    assert tree(hf.folder) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(hf):
    (hf.folder / "ro").mkdir(mode=0o500)
    hf("cert", "ca", "--out", "ro").fails(5)


def spoil_mixed(ca, hf):
    hf("cert", "ca", "--out", "other").good()
    (ca / "ca.key").write_bytes((hf.folder / "other/ca.key").read_bytes())
    return "does not belong to the certificate"


def spoil_empty(ca, _):
    (ca / "ca.pem").write_bytes(b"")
    return "no usable PEM block"


def spoil_garbage(ca, _):
    (ca / "ca.key").write_bytes(os.urandom(4096))
    return "no usable PEM block"


def spoil_leaf(ca, hf):
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "localhost").good()
    (ca / "ca.pem").write_bytes((hf.folder / "leaf/leaf.pem").read_bytes())
    (ca / "ca.key").write_bytes((hf.folder / "leaf/leaf.key").read_bytes())
    return "is not a CA"


def spoil_key_missing(ca, _):
    (ca / "ca.key").unlink()
    return "No such file"


def spoil_folder(ca, _):
    (ca / "ca.key").unlink()
    (ca / "ca.key").mkdir()
    return "directory"


@pytest.mark.parametrize("spoil", [spoil_mixed, spoil_empty, spoil_garbage, spoil_leaf, spoil_key_missing, spoil_folder])
def test_a_spoilt_ca_is_refused(hf, ca, spoil):
    part = spoil(ca, hf)
    assert part in hf("cert", "leaf", "--ca", "ca", "--out", "new", "localhost").fails(2).err
    assert not (hf.folder / "new").exists()


# --- inspecting ----------------------------------------------------------------------------------------------------

def test_inspect_agrees_with_openssl(hf, openssl, ca):
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "--key-type", "p384", *NAMES).good()
    leaf = hf.folder / "leaf/leaf.pem"
    mine = json.loads(hf("cert", "inspect", "--json", leaf).good().out)
    assert mine["schema"] == "handfast.cert-inspect/1" and mine["file"] == str(leaf)
    (cert,) = mine["certificates"]
    theirs = dict(line.split("=", 1) for line in openssl(
        "x509", "-in", leaf, "-noout", "-serial", "-dates", "-fingerprint", "-sha256", "-subject", "-issuer", "-nameopt",
        "RFC2253").splitlines())
    assert cert["serial"] == theirs["serial"].lower()
    assert cert["sha256"] == theirs["sha256 Fingerprint"].lower()
    assert cert["subject"] == theirs["subject"].strip() and cert["issuer"] == theirs["issuer"].strip()
    for mine_key, their_key in (("not_before", "notBefore"), ("not_after", "notAfter")):
        when = datetime.strptime(theirs[their_key], "%b %d %H:%M:%S %Y %Z").replace(tzinfo=timezone.utc)
        assert cert[mine_key] == when.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert cert["sans"] == ["DNS:localhost", "IP:127.0.0.1", "IP:::1", "DNS:*.example.test"]
    assert (cert["is_ca"], cert["key"], cert["signature"]) == (False, "ECDSA P-384", "ECDSA with SHA-256")
    assert cert["usage"] == "digitalSignature; serverAuth"


def test_inspect_a_bundle_and_der(hf, openssl, ca):
    hf("cert", "leaf", "--ca", "ca", "--out", "leaf", "localhost").good()
    chain = hf.folder / "chain.pem"
    chain.write_bytes(b"some words first\n" + (hf.folder / "leaf/leaf.pem").read_bytes() + (ca / "ca.pem").read_bytes())
    out = hf("cert", "inspect", chain).good().out
    assert "Certificate 1 of 2" in out and "Certificate 2 of 2" in out and "issuer        itself" in out
    openssl("x509", "-in", ca / "ca.pem", "-outform", "DER", "-out", hf.folder / "ca.der")
    assert hf("cert", "inspect", "ca.der").good().out == hf("cert", "inspect", "ca/ca.pem").good().out


@pytest.mark.parametrize("field, when, words", [(1, b"200102030405Z", "it has expired"), (0, b"491231235959Z", "not yet valid")])
def test_inspect_says_expired_and_not_yet_valid(hf, openssl, ca, field, when, words):
    """Another time is put into the certificate: its signature is then wrong, but nothing is verified here."""
    openssl("x509", "-in", ca / "ca.pem", "-outform", "DER", "-out", hf.folder / "c.der")
    der = (hf.folder / "c.der").read_bytes()
    times = re.findall(rb"\x17\x0d(\d{12}Z)", der)
    (hf.folder / "c.der").write_bytes(der.replace(times[field], when))
    assert words in hf("cert", "inspect", "c.der").good().out


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"hello\n", b"-----BEGIN CERTIFICATE-----\n",
                                     b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"])
def test_inspect_what_is_no_certificate(hf, content):
    (hf.folder / "f").write_bytes(content)
    assert "f" in hf("cert", "inspect", "f").fails(2).err


def test_inspect_a_private_key_shows_nothing_of_it(hf, ca):
    done = hf("cert", "inspect", "ca/ca.key").fails(2)
    body = (ca / "ca.key").read_text().splitlines()[1]
    assert body not in done.err and "private key cannot be inspected" in done.err


def test_inspect_a_damaged_certificate_names_the_byte(hf, openssl, ca):
    openssl("x509", "-in", ca / "ca.pem", "-outform", "DER", "-out", hf.folder / "c.der")
    der = (hf.folder / "c.der").read_bytes()
    (hf.folder / "cut.der").write_bytes(der[:-7])
    assert re.search(r"Certificate\S*, byte \d+: ", hf("cert", "inspect", "cut.der").fails(1).err)


@pytest.mark.parametrize("step", [1])
def test_inspect_survives_every_cut_and_flip(hf, openssl, ca, step):
    openssl("x509", "-in", ca / "ca.pem", "-outform", "DER", "-out", hf.folder / "c.der")
    der = (hf.folder / "c.der").read_bytes()
    for i in range(0, len(der), 5 * step):
        for bad in (der[:i], der[:i] + bytes([der[i] ^ 0x81]) + der[i + 1:]):
            (hf.folder / "bad.der").write_bytes(bad)
            assert hf("cert", "inspect", "bad.der").code in (0, 1, 2)


def test_inspect_missing_and_unreadable_files(hf):
    assert "No such file" in hf("cert", "inspect", "nowhere").fails(5).err
    assert "directory" in hf("cert", "inspect", ".").fails(5).err
    assert "too large" in hf("cert", "inspect", "/dev/zero").fails(5).err.lower()


def test_inspect_shows_hostile_names_harmlessly(hf, openssl):
    key, config = hf.folder / "k", hf.folder / "c"
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    config.write_text("[req]\ndistinguished_name=d\nx509_extensions=e\n[d]\n[e]\n"
                      "subjectAltName=DER:300F820D612C20444E533A622E74657374\n")
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=a\x1b[2Jb", "-config", config, "-out", hf.folder / "x.pem")
    done = hf("cert", "inspect", "x.pem").good()
    assert "\x1b" not in done.out
    data = json.loads(hf("cert", "inspect", "--json", "x.pem").good().out)["certificates"][0]
    assert data["sans"] == ["DNS:a\\2c\\20DNS:b.test"]
