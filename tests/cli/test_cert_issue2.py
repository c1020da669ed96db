# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast cert: a CA for some names only, requests, renewal and revocation; openssl agrees with all of it."""
import os
import re
import shutil
import stat
import subprocess
import threading

import pytest

from certs import CA as CERTS_CA, KEYID, Maker
from conftest import BIN
from peers import Server
from processes import LIMIT

DEFAULT = ["localhost", "test", "internal", "home.arpa", "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
           "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10"]


@pytest.fixture
def ca(hf):
    hf("cert", "ca", "--out", "ca").good()
    return hf.folder / "ca"


@pytest.fixture
def leaf(hf, ca):
    hf("cert", "leaf", "--ca", ca, "--out", "leaf", "localhost", "127.0.0.1").good()
    return hf.folder / "leaf"


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def public_of(openssl, pem):
    return openssl("x509", "-in", pem, "-noout", "-pubkey")


def refuses(openssl, *words):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode != 0, done
    return done.stdout + done.stderr


# --- a CA for some names ---------------------------------------------------------------------------------------------

def test_without_a_name_it_is_for_this_machine_and_private_networks(hf, openssl):
    out = " ".join(hf("cert", "ca", "--out", "ca").good().out.split())
    assert "may sign for " + ", ".join(DEFAULT) in out and "--any-name" in out
    text = openssl("x509", "-in", hf.folder / "ca/ca.pem", "-noout", "-ext", "nameConstraints")
    assert "Name Constraints: critical" in text
    for part in ("DNS:localhost", "DNS:test", "DNS:internal", "DNS:home.arpa", "IP:127.0.0.0/255.0.0.0",
                 "IP:172.16.0.0/255.240.0.0", "email:test", "email:.test"):
        assert part in text


@pytest.mark.parametrize("names", [["localhost"], ["a.test", "*.a.test"], ["printer.internal"], ["x.home.arpa"], ["127.9.9.9"],
                                   ["172.31.0.1"], ["::1"], ["fd00::7"], ["fe80::1"], ["--client", "me@a.test"],
                                   ["--client", "root@localhost"]])
def test_private_names_are_signed_and_openssl_accepts_them(hf, openssl, ca, names):
    hf("cert", "leaf", "--ca", ca, "--out", "x", *names).good()
    openssl("verify", "-x509_strict", "-CAfile", ca / "ca.pem", hf.folder / "x/leaf.pem")


@pytest.mark.parametrize("names, culprit", [
    (["www.example.org"], "www.example.org"), (["localhost", "example.com"], "example.com"), (["8.8.8.8"], "8.8.8.8"),
    (["172.32.0.1"], "172.32.0.1"), (["2001:db8::1"], "2001:db8::1"), (["*.com.example"], "*.com.example"),
    (["nottest"], "nottest"), (["--client", "me@example.org"], "me@example.org")])
def test_others_are_not_and_it_is_said_why(hf, ca, names, culprit):
    err = hf("cert", "leaf", "--ca", "ca", "--out", "x", *names).fails(2).err
    for part in (culprit, "ca/ca.pem", "home.arpa", "fe80::/10", "--any-name"):
        assert part in err
    assert not (hf.folder / "x").exists()


def test_given_names_hold_for_what_is_below_them(hf, openssl):
    hf("cert", "ca", "--out", "ca", "--name", "example.org", "--name", ".corp.test", "--name", "192.0.2.0/24").good()
    hf("cert", "leaf", "--ca", "ca", "--out", "a", "example.org", "*.www.example.org", "x.corp.test", "192.0.2.9").good()
    openssl("verify", "-x509_strict", "-CAfile", hf.folder / "ca/ca.pem", hf.folder / "a/leaf.pem")
    for name in ("localhost", "a.test", "127.0.0.1", "192.0.3.1", "::1", "org"):
        assert name in hf("cert", "leaf", "--ca", "ca", "--out", "b", name).fails(2).err


@pytest.mark.parametrize("limit, name", [("example.org", "127.0.0.1"), ("10.0.0.0/8", "localhost")])
def test_a_kind_that_is_not_named_is_shut_out(hf, openssl, limit, name):
    """openssl, too, refuses a certificate that somebody with the key makes nevertheless."""
    hf("cert", "ca", "--out", "ca", "--name", limit).good()
    hf("cert", "leaf", "--ca", "ca", "--out", "x", name).fails(2)
    (hf.folder / "e").write_text(f"subjectAltName={'IP' if name[0].isdigit() else 'DNS'}:{name}\n")
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", hf.folder / "k", "-subj",
            "/O=x", "-out", hf.folder / "r")
    openssl("x509", "-req", "-in", hf.folder / "r", "-CA", hf.folder / "ca/ca.pem", "-CAkey", hf.folder / "ca/ca.key",
            "-extfile", hf.folder / "e", "-out", hf.folder / "x.pem")
    assert "subtree violation" in refuses(openssl, "verify", "-CAfile", hf.folder / "ca/ca.pem", hf.folder / "x.pem")


def test_any_name_lifts_it(hf, openssl):
    assert "every name" in hf("cert", "ca", "--out", "ca", "--any-name").good().out
    hf("cert", "leaf", "--ca", "ca", "--out", "x", "www.example.org", "8.8.8.8").good()
    assert "Name Constraints" not in openssl("x509", "-in", hf.folder / "ca/ca.pem", "-noout", "-text")
    assert "contradict" in hf("cert", "ca", "--out", "y", "--any-name", "--name", "a.test").fails(2).err


@pytest.mark.parametrize("name, part", [
    ("My test CA", '--cn "My test CA"'), ("*.example.org", "--name example.org"), ("10.0.0.0/33", "networks"), ("a@b.test", "xn--"),
    ("a..b", "xn--"), ("münchen.de", "xn--"), (".", "networks")])
def test_what_is_no_domain(hf, name, part):
    assert part in hf("cert", "ca", "--out", "x", "--name", name).fails(2).err
    assert not (hf.folder / "x").exists()


@pytest.mark.parametrize("names", [["127.0.0.1"], ["::1", "10.0.0.1"], ["x" * 60 + ".a.test"], ["localhost"], ["*.a.test"],
                                   ["--client", "me@a.test"]])
def test_gnutls_accepts_them(hf, ca, names):
    """It, too, takes a common name for a DNS name where there is no other: an address must not stand there."""
    if not shutil.which("certtool"):
        pytest.skip("certtool is missing")
    hf("cert", "leaf", "--ca", ca, "--out", "x", *names).good()
    done = subprocess.run(["certtool", "--verify", "--load-ca-certificate", ca / "ca.pem", "--infile", hf.folder / "x/leaf.pem"],
                          capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0 and "Verified" in done.stdout, done


# --- requests --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("key_type", ["p256", "p384", "rsa2048", "ed25519"])
def test_a_request_and_its_certificate(hf, openssl, ca, key_type):
    hf("cert", "csr", "--out", "x", "--key-type", key_type, "www.a.test", "*.a.test", "10.0.0.1", "::1").good()
    assert sorted(os.listdir(hf.folder / "x")) == ["leaf.csr", "leaf.key"] and mode(hf.folder / "x/leaf.key") == 0o600
    text = openssl("req", "-in", hf.folder / "x/leaf.csr", "-noout", "-verify", "-text")
    assert "DNS:www.a.test, DNS:*.a.test, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1" in text
    key = tree(hf.folder / "x")["leaf.key"]
    out = hf("cert", "sign", "--ca", "ca", "--out", "x", "--days", "20", "x/leaf.csr").good().out
    assert "in 20 days" in out and "private key" not in out
    openssl("verify", "-x509_strict", "-CAfile", ca / "ca.pem", "-purpose", "sslserver", "-verify_hostname", "b.a.test",
            hf.folder / "x/leaf.pem")
    assert public_of(openssl, hf.folder / "x/leaf.pem") == openssl("pkey", "-in", hf.folder / "x/leaf.key", "-pubout")
    assert tree(hf.folder / "x")["leaf.key"] == key


def foreign_request(hf, openssl, *words, san="DNS:www.a.test,IP:10.0.0.1", digest="-sha256"):
    openssl("req", "-new", "-nodes", "-keyout", hf.folder / "f.key", "-subj", "/O=Else/CN=evil.example.org", digest, "-out",
            hf.folder / "f.csr", *words, *(["-addext", f"subjectAltName={san}"] if san else []))
    return hf.folder / "f.csr"


@pytest.mark.parametrize("words", [
    ["-newkey", "rsa:2048"], ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"], ["-newkey", "ed25519"],
    ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"],
    ["-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"],
    ["-newkey", "rsa:2048", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign"],
    ["-newkey", "ed25519", "-outform", "DER"]])
def test_a_request_of_openssl(hf, openssl, ca, words):
    """Key and names are taken; the subject, and a wish to be a CA, are not."""
    request = foreign_request(hf, openssl, *words)
    hf("cert", "sign", "--ca", "ca", "--out", "x", request).good()
    pem = hf.folder / "x/leaf.pem"
    openssl("verify", "-x509_strict", "-CAfile", ca / "ca.pem", "-purpose", "sslserver", "-verify_ip", "10.0.0.1", pem)
    assert public_of(openssl, pem) == openssl("pkey", "-in", hf.folder / "f.key", "-pubout")
    text = openssl("x509", "-in", pem, "-noout", "-text")
    assert "CA:FALSE" in text and "evil" not in text and "Certificate Sign" not in text


def test_a_clients_request(hf, openssl, ca):
    request = foreign_request(hf, openssl, "-newkey", "ed25519", san="email:me@a.test")
    assert "--client" in hf("cert", "sign", "--ca", "ca", "--out", "x", request).fails(2).err
    hf("cert", "sign", "--ca", "ca", "--out", "x", "--client", request).good()
    openssl("verify", "-x509_strict", "-CAfile", ca / "ca.pem", "-purpose", "sslclient", hf.folder / "x/leaf.pem")


@pytest.mark.parametrize("words, part", [
    (dict(san="DNS:www.example.org"), "www.example.org"), (dict(san=""), "subjectAltName"),
    (dict(san="URI:https://a.test/"), "URI"), (dict(san="DNS:a.test,dirName:d"), "another kind"), (dict(digest="-sha1"), "broken")])
def test_requests_that_are_refused(hf, openssl, ca, words, part):
    config = hf.folder / "c"
    config.write_text("[req]\ndistinguished_name=d\n[d]\nO=x\n")
    request = foreign_request(hf, openssl, "-newkey", "rsa:2048", "-config", config, **words)
    assert part in hf("cert", "sign", "--ca", "ca", "--out", "x", request).fails(2).err
    assert not (hf.folder / "x").exists()


def test_a_weak_key_is_refused(hf, openssl, ca):
    request = foreign_request(hf, openssl, "-newkey", "rsa:1024")
    assert "2048" in hf("cert", "sign", "--ca", "ca", "--out", "x", request).fails(2).err


def test_a_request_that_was_changed(hf, openssl, ca):
    request = foreign_request(hf, openssl, "-newkey", "ed25519", "-outform", "DER")
    der = request.read_bytes()
    request.write_bytes(der.replace(b"www.a.test", b"www.b.test"))
    assert "signature does not hold" in hf("cert", "sign", "--ca", "ca", "--out", "x", request).fails(2).err
    request.write_bytes(der[:-9])
    assert re.search(r"byte \d+", hf("cert", "sign", "--ca", "ca", "--out", "x", request).fails(2).err)
    assert "CERTIFICATE REQUEST" in hf("cert", "sign", "--ca", "ca", "--out", "x", ca / "ca.pem").fails(2).err
    assert "No such file" in hf("cert", "sign", "--ca", "ca", "--out", "x", "nowhere").fails(2).err


KEYS = {"SEC1": ["ecparam", "-name", "prime256v1", "-genkey", "-noout"], "PKCS1": ["genrsa", "-traditional", "2048"],
        "PKCS8": ["genpkey", "-algorithm", "ed25519"],
        "encrypted": ["genpkey", "-algorithm", "ed25519", "-aes-256-cbc", "-pass", "pass:secret"]}


@pytest.mark.parametrize("form", KEYS)
def test_a_request_for_a_key_that_is_there(hf, openssl, form):
    key, word = hf.folder / "my.key", hf.folder / "word"
    openssl(KEYS[form][0], *([*KEYS[form][1:], "-out", key] if form != "PKCS1" else ["-traditional", "-out", key, "2048"]))
    word.write_text("secret\n")
    more = ["--key-password-file", word] if form == "encrypted" else []
    if more:
        assert "--key-password-file" in hf("cert", "csr", "--out", "x", "--key", key, "a.test").fails(2).err
        word.write_text("wrong\n")
        assert "password" in hf("cert", "csr", "--out", "x", "--key", key, *more, "a.test").fails(2).err
        word.write_text("secret\n")
    hf("cert", "csr", "--out", "x", "--key", key, *more, "a.test").good()
    assert os.listdir(hf.folder / "x") == ["leaf.csr"]
    public = openssl("pkey", "-in", key, "-pubout", *(["-passin", "pass:secret"] if more else []))
    assert public == openssl("req", "-in", hf.folder / "x/leaf.csr", "-noout", "-verify", "-pubkey")


def test_a_ca_whose_key_is_encrypted(hf, openssl, ca):
    (hf.folder / "word").write_text("secret\n")
    openssl("pkcs8", "-topk8", "-in", ca / "ca.key", "-v2", "aes-256-cbc", "-passout", "pass:secret", "-out", ca / "new")
    (ca / "new").rename(ca / "ca.key")
    assert "encrypted" in hf("cert", "leaf", "--ca", "ca", "--out", "x", "a.test").fails(2).err
    more = ["--key-password-file", "word"]
    hf("cert", "leaf", "--ca", "ca", "--out", "x", *more, "a.test").good()
    hf("cert", "crl", "--ca", "ca", "--revoke", "x/leaf.pem", "--out", "crl.pem", *more).good()
    hf("cert", "csr", "--out", "y", "a.test").good()
    hf("cert", "sign", "--ca", "ca", "--out", "y", *more, "y/leaf.csr").good()


def test_a_certificate_is_not_replaced_without_force(hf, ca):
    hf("cert", "csr", "--out", "x", "a.test").good()
    hf("cert", "sign", "--ca", "ca", "--out", "x", "x/leaf.csr").good()
    before = tree(hf.folder)
    hf("cert", "sign", "--ca", "ca", "--out", "x", "x/leaf.csr").fails(2)
    hf("cert", "csr", "--out", "x", "a.test").fails(2)
    assert tree(hf.folder) == before
    hf("cert", "sign", "--ca", "ca", "--out", "x", "--force", "x/leaf.csr").good()
    assert before.keys() == tree(hf.folder).keys()


def test_a_ca_that_is_not_valid_yet_signs_nothing(hf, openssl, ca, tmp_path):
    """Its certificates would begin when it does, so with a clock far behind they would end before they begin."""
    maker = Maker(tmp_path / "maker")
    maker.folder.mkdir()
    maker.make("ca", "CA", CERTS_CA, start="20900101000000Z", end="20910101000000Z")
    hf("cert", "csr", "--out", "mine", "localhost").good()
    for words in (("leaf", "--out", "leaf", "localhost"), ("sign", "--out", "leaf", "mine/leaf.csr")):
        err = hf("cert", words[0], "--ca", maker.folder, *words[1:]).fails(2).err
        assert "handfast: the CA is not valid yet\n" in err and "ca.pem is valid from 2090-01-01 00:00:00 UTC (in " in err
        assert not (hf.folder / "leaf").exists()


def test_leaf_pem_is_the_certificate_alone_and_cert_chain_adds_the_intermediate(hf, openssl, ca, leaf, tmp_path):
    """As the manual pages of cert leaf and cert sign say."""
    dates = {"start": "20200101000000Z", "end": "20900101000000Z"}
    maker = Maker(tmp_path / "maker")
    maker.folder.mkdir()
    maker.make("root", "Root", CERTS_CA, **dates).make("ca", "Intermediate", CERTS_CA + KEYID, "root", **dates)
    hf("cert", "leaf", "--ca", maker.folder, "--out", "below", "localhost").good()
    below = hf.folder / "below/leaf.pem"
    assert [p.read_text().count("BEGIN CERTIFICATE") for p in (leaf / "leaf.pem", below)] == [1, 1]
    assert hf("cert", "verify", "--name", "localhost", "--ca", maker.root, below).code == 6
    hf("cert", "chain", "--ca", maker.root, "--out", "chain.pem", below, maker.ca).good()
    hf("cert", "verify", "--name", "localhost", "--ca", maker.root, "chain.pem").good()


# --- renewal ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words", [[], ["--new-key"], ["--new-key", "--key-type", "p384", "--days", "5"]])
def test_renewal_keeps_names_and_usage(hf, openssl, ca, words):
    hf("cert", "leaf", "--ca", ca, "--out", "me", "--client", "me@a.test", "a.test", "10.0.0.1").good()
    before = tree(hf.folder / "me")
    san = openssl("x509", "-in", hf.folder / "me/leaf.pem", "-noout", "-ext", "subjectAltName,extendedKeyUsage")
    hf("cert", "leaf", "--ca", "ca", "--renew", "me", *words).good()
    after = tree(hf.folder / "me")
    assert before.keys() == after.keys() and before["leaf.pem"] != after["leaf.pem"]
    assert (before["leaf.key"] == after["leaf.key"]) == (not words) and mode(hf.folder / "me/leaf.key") == 0o600
    assert san == openssl("x509", "-in", hf.folder / "me/leaf.pem", "-noout", "-ext", "subjectAltName,extendedKeyUsage")
    assert public_of(openssl, hf.folder / "me/leaf.pem") == openssl("pkey", "-in", hf.folder / "me/leaf.key", "-pubout")
    openssl("verify", "-x509_strict", "-CAfile", ca / "ca.pem", "-purpose", "sslclient", hf.folder / "me/leaf.pem")


def test_renewal_never_leaves_half_a_file(hf, ca, leaf, openssl):
    """Whoever reads while it is renewed finds the old certificate or the new one, whole."""
    seen, stop = set(), threading.Event()

    def read():
        while not stop.is_set():
            seen.add((leaf / "leaf.pem").read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(10):
        hf("cert", "leaf", "--ca", "ca", "--renew", "leaf").good()
    stop.set()
    reader.join()
    assert len(seen) > 1 and all(s.endswith(b"-----END CERTIFICATE-----\n") for s in seen)


def test_a_failed_renewal_changes_nothing(hf, ca, leaf):
    before = tree(hf.folder)
    for words in (["--renew", "leaf"], ["--renew", "leaf", "--new-key"]):
        subprocess.run(["sh", "-c", 'ulimit -f 0; exec "$0" "$@"', BIN, "cert", "leaf", "--ca", "ca", *words], cwd=hf.folder,
                       env=hf.env, capture_output=True, timeout=LIMIT, check=False)
        assert tree(hf.folder) == before


@pytest.mark.parametrize("words, part", [
    (["--renew", "leaf", "a.test"], "names"), (["--renew", "leaf", "--out", "x"], "--out"), (["--renew", "leaf", "--client"], "--client"),
    (["--renew", "nowhere"], "No such file"), (["--out", "x", "--new-key", "a.test"], "--renew"), (["--out", "x"], "NAME")])
def test_what_renewal_is_not(hf, ca, leaf, words, part):
    before = tree(hf.folder)
    assert part in hf("cert", "leaf", "--ca", "ca", *words).fails(2).err
    assert tree(hf.folder) == before


def test_renewal_without_the_right_key(hf, ca, leaf):
    hf("cert", "leaf", "--ca", "ca", "--out", "other", "a.test").good()
    (leaf / "leaf.key").write_bytes((hf.folder / "other/leaf.key").read_bytes())
    assert "--new-key" in hf("cert", "leaf", "--ca", "ca", "--renew", "leaf").fails(2).err
    hf("cert", "leaf", "--ca", "ca", "--renew", "leaf", "--new-key").good()


# --- revocation ------------------------------------------------------------------------------------------------------

def number(openssl, crl):
    return int(re.search(r"crlNumber=0x([0-9A-F]+)", openssl("crl", "-in", crl, "-noout", "-crlnumber"))[1], 16)


def test_an_empty_list_and_its_numbers(hf, openssl, ca, leaf):
    crl = hf.folder / "crl.pem"
    for n in (1, 2, 3):
        hf("cert", "crl", "--ca", "ca", "--out", crl).good()
        assert number(openssl, crl) == n
    openssl("crl", "-in", crl, "-CAfile", ca / "ca.pem", "-noout", "-verify")
    openssl("verify", "-x509_strict", "-CAfile", ca / "ca.pem", "-crl_check", "-CRLfile", crl, leaf / "leaf.pem")


def test_a_revoked_leaf_is_refused(hf, openssl, ca, leaf):
    crl = hf.folder / "crl.pem"
    hf("cert", "leaf", "--ca", "ca", "--out", "good", "a.test").good()
    hf("cert", "crl", "--ca", "ca", "--revoke", "leaf/leaf.pem", "--reason", "keyCompromise", "--out", crl).good()
    openssl("crl", "-in", crl, "-CAfile", ca / "ca.pem", "-noout", "-verify")
    assert "revoked" in refuses(openssl, "verify", "-CAfile", ca / "ca.pem", "-crl_check", "-CRLfile", crl, leaf / "leaf.pem")
    openssl("verify", "-CAfile", ca / "ca.pem", "-crl_check", "-CRLfile", crl, hf.folder / "good/leaf.pem")
    assert "Key Compromise" in openssl("crl", "-in", crl, "-noout", "-text")


def test_connect_refuses_the_revoked_leaf(hf, ca, leaf):
    if "--crl" not in hf("connect", "--help").good().out:
        pytest.skip("connect has no --crl")
    with Server(hf, "--cert", "leaf/leaf.pem", "--key", "leaf/leaf.key") as s:
        hf("cert", "crl", "--ca", "ca", "--out", "crl.pem").good()
        words = ["connect", "--ca", "ca/ca.pem", "--crl", "crl.pem", f"localhost:{s.port}"]
        hf(*words).good()
        hf("cert", "crl", "--ca", "ca", "--revoke", "leaf/leaf.pem", "--out", "crl.pem").good()
        done = hf(*words)
        assert done.code == 6 and "revoked" in done.err


def test_what_is_revoked_stays_so(hf, openssl, ca, leaf):
    crl = hf.folder / "crl.pem"
    hf("cert", "crl", "--ca", "ca", "--revoke", "leaf/leaf.pem", "--revoke", "0x00FF", "--out", crl).good()
    hf("cert", "crl", "--ca", "ca", "--revoke", "0a:0b", "--reason", "superseded", "--out", crl).good()
    assert "already" in hf("cert", "crl", "--ca", "ca", "--revoke", "ff", "--out", crl).good().err
    text = openssl("crl", "-in", crl, "-noout", "-text")
    serial = openssl("x509", "-in", leaf / "leaf.pem", "-noout", "-serial").strip().split("=")[1]
    assert re.findall(r"Serial Number: ([0-9A-F]+)", text) == [serial, "FF", "0A0B"]
    assert number(openssl, crl) == 3 and "Superseded" in text
    assert mode(ca / "revoked.txt") == 0o600


def test_several_at_once(hf, openssl, ca):
    """Each gets a number of its own, and none forgets what another one revoked."""
    runs = [subprocess.Popen([BIN, "cert", "crl", "--ca", "ca", "--revoke", f"{i:02x}", "--out", f"crl-{i}.pem"], cwd=hf.folder,
                             env=hf.env, stdout=subprocess.DEVNULL) for i in range(1, 9)]
    assert all(r.wait(timeout=LIMIT) == 0 for r in runs)
    assert sorted(number(openssl, hf.folder / f"crl-{i}.pem") for i in range(1, 9)) == list(range(1, 9))
    assert len((ca / "revoked.txt").read_text().splitlines()) == 2 + 8


@pytest.mark.parametrize("text", ["", "number 1", "number 0\n", "number 1\nzz 1 unspecified\n", "number 1\nff 1 nonsense\n",
                                  "number 1\nff 1\n", "ff 1 unspecified\n", "number 1\nnumber 2\n",
                                  "number 1\nff 1 unspecified\nff 2 unspecified\n", "number 1\nff 1 unspecified \n"])
def test_a_damaged_list_is_not_forgotten(hf, ca, text):
    (ca / "revoked.txt").write_text(text)
    assert "line" in hf("cert", "crl", "--ca", "ca", "--out", "crl.pem").fails(2).err
    assert (ca / "revoked.txt").read_text() == text and not (hf.folder / "crl.pem").exists()


@pytest.mark.parametrize("what, part", [("xyz", "serial number"), ("00" * 21 + "1", "serial number"), ("ff" * 20, "serial number"),
                                        ("", ""), ("ca/ca.key", "cannot be read")])
def test_what_cannot_be_revoked(hf, ca, what, part):
    assert part in hf("cert", "crl", "--ca", "ca", "--revoke", what, "--out", "crl.pem").fails(2).err
    assert not (ca / "revoked.txt").exists()


def test_a_certificate_of_another_ca(hf, ca):
    hf("cert", "ca", "--out", "other").good()
    hf("cert", "leaf", "--ca", "other", "--out", "x", "a.test").good()
    assert "not signed by ca/ca.pem" in hf("cert", "crl", "--ca", "ca", "--revoke", "x/leaf.pem", "--out", "crl.pem").fails(2).err


@pytest.mark.parametrize("words, part", [
    (["csr", "a.test"], "--out"), (["csr", "--out", "x"], "NAME"), (["csr", "--out", "x", "a b"], "a b"),
    (["sign", "--out", "x", "f"], "--ca"), (["sign", "--ca", "x", "f"], "--out"), (["sign", "--ca", "x", "--out", "y"], "CSR"),
    (["crl", "--out", "x"], "--ca"), (["crl", "--ca", "x"], "--out"), (["crl", "--ca", "x", "--out", "y", "--reason", "z"], "superseded"),
    (["crl", "--ca", "nowhere", "--out", "y"], "handfast cert ca --out nowhere")])
def test_what_is_missing_is_said(hf, words, part):
    assert part in hf("cert", *words).fails(2).err
    assert list(hf.folder.iterdir()) == []
