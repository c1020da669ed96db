# SPDX-License-Identifier: Apache-2.0 OR MIT
"""handfast policy and list; what --policy, --tls, --ciphers and --groups leave of a policy."""
import re

import pytest

STEMS = ["default", "modern", "classroom", "aes256", "pci-dss-4.0.1", "nist-800-52r2", "bsi-tr-02102-2", "mozilla-intermediate", "iot"]


def lines_of(out, title):
    """The values beside and below a title."""
    found = re.search(rf"^{re.escape(title)} +(.*\n(?: {{22}}.*\n)*)", out, re.M)
    assert found, title
    return [line.strip() for line in found[1].splitlines()]


# --- list ----------------------------------------------------------------------------------------------------------

def test_list(hf):
    everything = hf("list").good().out
    for what, sample in (("suites", "TLS_AES_128_GCM_SHA256"), ("groups", "X25519MLKEM768"), ("sigalgs", "ed25519")):
        out = hf("list", what).good().out
        assert sample in out and out in everything
    assert hf("list", "schemes").good().out == hf("list", "sigalgs").out
    assert not any(line.endswith(" ") or len(line) > 80 for line in everything.splitlines())
    assert hf("list", "sigalgs").out.count("\n") == 14 and "  certificates only in TLS 1.3\n" in everything


def test_suites_say_their_version_and_key_exchange(hf):
    out = hf("list", "suites").good().out
    assert re.search(r"ECDHE-RSA-AES128-GCM-SHA256\n +TLS 1.2, ECDHE, RSA", out)
    assert re.search(r"TLS_RSA_WITH_AES_128_GCM_SHA256 .*\n +TLS 1.2, RSA, no forward secrecy; policy classroom only", out)
    assert re.search(r"TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256 +ECDHE-PSK-AES128-GCM-SHA256\n +TLS 1.2, ECDHE, pre-shared keys\n", out)
    assert re.search(r"TLS_PSK_WITH_AES_128_CCM_8 .*\n +TLS 1.2, pre-shared keys, no forward secrecy; policy iot only", out)
    assert out.count("policy classroom only") == 2 and out.count("policy iot only") == 3
    assert out.count("no forward secrecy") == 5 and "CBC" not in out


# --- policy --------------------------------------------------------------------------------------------------------

def test_policies(hf):
    out = hf("policy", "list").good().out
    names = re.findall(r"^([a-z0-9.-]+-\d{4}-\d{2}) ", out, re.M)
    assert [n[:-8] for n in names] == STEMS and hf("policy").good().out == out
    for name in names:
        shown = hf("policy", "show", name).good().out
        assert shown.startswith(name) and hf("policy", name).good().out == shown
        assert hf("policy", "show", name[:-8]).good().out == f"{name[:-8]} is {name}\n\n{shown}"
        assert all(len(line) <= 80 for line in shown.splitlines())


def test_what_a_policy_shows(hf):
    out = hf("policy", "show", "default").good().out
    assert lines_of(out, "versions") == ["TLS 1.3, TLS 1.2"]
    assert all(s.startswith("TLS_ECDHE_") for s in lines_of(out, "suites of TLS 1.2"))
    assert not any("_WITH_" in s for s in lines_of(out, "suites of TLS 1.3"))
    assert lines_of(out, "forward secrecy") == ["yes, with every full handshake", "TLS 1.2: a resumed connection has none of its own"]
    assert lines_of(hf("policy", "show", "modern").good().out, "forward secrecy") == ["yes, always"]
    assert "required" in lines_of(out, "master secret")[0]
    assert lines_of(out, "groups")[0] == "X25519MLKEM768" and lines_of(out, "RSA keys") == ["2048 to 8192 bits"]
    assert "bytes" in lines_of(out, "record size limit")[0]


def test_only_classroom_and_iot_lack_forward_secrecy(hf):
    for stem in STEMS:
        out = hf("policy", "show", stem).good().out
        assert ("TLS_RSA_WITH" in out) == (stem == "classroom"), stem
        assert ("TLS_PSK_WITH" in out) == (stem == "iot"), stem
        assert lines_of(out, "forward secrecy")[0].startswith("no" if stem in ("classroom", "iot") else "yes"), stem


def test_sessions_of_a_policy(hf):
    """RFC 9846 4.7.1: 7 days at most."""
    for stem in STEMS:
        out = hf("policy", "show", stem).good().out
        assert lines_of(out, "session lifetime") == ["at most 1 day" if stem in ("iot", "nist-800-52r2", "bsi-tr-02102-2") else "at most 7 days"], stem
        assert lines_of(out, "tickets") == [f"{1 if stem == 'iot' else 2} after a full handshake in TLS 1.3"], stem


@pytest.mark.parametrize("suite, policy", [("PSK-AES128-CCM8", "iot"), ("TLS_PSK_WITH_AES_128_GCM_SHA256", "iot"), ("AES128-GCM-SHA256", "classroom")])
def test_suites_without_forward_secrecy_need_the_policy_by_name(hf, suite, policy):
    failed = hf("connect", "--ciphers", suite, "127.0.0.1:1").fails(2)
    assert "no forward secrecy" in failed.err and f"--policy {policy}" in failed.err


def test_modern_has_no_tls_1_2(hf):
    out = hf("policy", "show", "modern").good().out
    assert lines_of(out, "versions") == ["TLS 1.3 only"] and "suites of TLS 1.2" not in out and "master secret" not in out


@pytest.mark.parametrize("words, hint", [
    (["modren"], "did you mean modern?"), (["default-2026-12"], "did you mean default-2026-11?"),
    (["classrom"], "did you mean classroom?"), (["frobnicate"], "no policy of that name")])
def test_unknown_policies(hf, words, hint):
    for before in (["policy"], ["policy", "show"], ["demo", "--policy"]):
        assert hint in hf(*before, *words).fails(2).err


def test_policy_show_needs_a_name(hf):
    assert "policy show modern" in hf("policy", "show").fails(2).err
    assert "unexpected argument" in hf("policy", "list", "x").fails(2).err
    assert "did you mean handfast policy list?" in hf("policy", "lst").fails(2).err
    assert "Short for" not in hf("help").good().out


# --- what options leave of it --------------------------------------------------------------------------------------

@pytest.mark.parametrize("words, hint", [
    (["--tls", "1.2", "--policy", "modern"], "the policy modern-2026-11 does not speak TLS 1.2"),
    (["--tls", "1.3", "--ciphers", "ECDHE-RSA-AES128-GCM-SHA256"], "--ciphers leaves no cipher suite"),
    (["--tls", "1.2", "--ciphers", "TLS_AES_128_GCM_SHA256"], "--ciphers leaves no cipher suite"),
    (["--policy", "modern", "--ciphers", "ECDHE-RSA-AES128-GCM-SHA256"], "which is what the policy speaks"),
    (["--tls", "1.2", "--groups", "X25519MLKEM768"], "--groups leaves no group"),
    (["--ciphers", "ECDHE-RSA-AES128-GCM-SHA256", "--groups", "X25519MLKEM768"], "--groups leaves no group"),
    (["--ciphers", "AES128-GCM-SHA256"], "for teaching only: --policy classroom"),
])
def test_nothing_is_left(hf, words, hint):
    assert hint in hf("demo", *words).fails(2).err


@pytest.mark.parametrize("words, version, suite", [
    ([], "TLS 1.3", "TLS_AES_"), (["--tls", "1.2"], "TLS 1.2", "TLS_ECDHE_ECDSA_"), (["--tls", "1.3"], "TLS 1.3", "TLS_"),
    (["--ciphers", "ECDHE-RSA-AES256-GCM-SHA384"], "TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    (["--ciphers", "TLS_AES_256_GCM_SHA384"], "TLS 1.3", "TLS_AES_256_GCM_SHA384"),
    (["--policy", "pci-dss-4.0.1", "--tls", "1.2"], "TLS 1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    (["--policy", "aes256", "--tls", "1.2"], "TLS 1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    (["--policy", "modern"], "TLS 1.3", "TLS_AES_"),
    (["--policy", "classroom", "--tls", "1.2"], "TLS 1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    (["--policy", "classroom", "--ciphers", "AES256-GCM-SHA384"], "TLS 1.2", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
])
def test_what_is_left_is_spoken(hf, words, version, suite):
    """Both ends of the demo are under the policy, and its certificate fits it."""
    connected = " ".join(hf("demo", *words).good().out.split("\nConnected: ")[1].split("The server")[0].split())
    assert connected.startswith(f"{version}, {suite}"), connected
    assert ("NO forward secrecy" in connected) == ("TLS_RSA_" in suite)


def test_classroom_warns_on_every_use(hf):
    for words in (["demo"], ["connect", "--insecure", "127.0.0.1:1"]):
        both, one = (" ".join(hf(*words, "--policy", "classroom", *tls).err.split()) for tls in ([], ["--tls", "1.2"]))
        assert "--policy classroom: may lack forward secrecy, for teaching only; for the classic handshake add --tls 1.2" in both
        assert "--policy classroom: NO forward secrecy, for teaching only" in one and "may lack" not in one
        assert "forward secrecy" not in hf(*words).err
    assert "\x1b[" in hf("demo", "--policy", "classroom", "--color", "always").good().err


def test_how_certificates_are_judged(hf):
    out = hf("policy", "show", "default").good().out
    assert "profile private with --ca, webpki with the system's store" in out and "soft: CRLs and staples" in out
