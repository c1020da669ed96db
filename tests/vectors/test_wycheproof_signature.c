/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Every signature that a certificate or a CertificateVerify may hold. */
#include <stdio.h>

#include "crypto/signature.h"
#include "support/wycheproof.h"

static hf_hash_id hash_of(const wycheproof_case *c)
{
    const char *sha = wycheproof_text(c, "sha");

    if (strcmp(sha, "SHA-256") == 0)
        return HF_SHA256;
    if (strcmp(sha, "SHA-384") == 0)
        return HF_SHA384;
    assert_string_equal(sha, "SHA-512");
    return HF_SHA512;
}

static bool check(wycheproof_case *c, const hf_public_key *key, hf_sig_kind kind, hf_hash_id hash)
{
    hf_error e = hf_verify(key, kind, hash, wycheproof_hex(c, "msg"), wycheproof_hex(c, "sig"));

    assert_true(e == HF_OK || e == HF_E_SIGNATURE_WRONG);
    wycheproof_expect(c, e == HF_OK);
    return true;
}

static bool check_ecdsa(wycheproof_case *c)
{
    hf_public_key key = { .type = HF_KEY_P256, .point = wycheproof_hex(c, "uncompressed") };

    if (key.point.len == 97)
        key.type = HF_KEY_P384;
    return check(c, &key, HF_SIG_ECDSA, hash_of(c));
}

static bool check_ed25519(wycheproof_case *c)
{
    hf_public_key key = { .type = HF_KEY_ED25519, .point = wycheproof_hex(c, "pk") };

    return check(c, &key, HF_SIG_ED25519, HF_NO_HASH);
}

/* The numbers of the files are DER INTEGERs: those with the highest bit set have a zero before. */
static hf_span unsigned_number(wycheproof_case *c, const char *field)
{
    hf_span n = wycheproof_hex(c, field);

    return n.len > 1 && n.data[0] == 0 ? hf_span_of(n.data + 1, n.len - 1) : n;
}

static bool check_rsa(wycheproof_case *c, hf_sig_kind kind)
{
    hf_public_key key = { .type = HF_KEY_RSA };

    key.n = unsigned_number(c, "modulus");
    key.e = unsigned_number(c, "publicExponent");
    return check(c, &key, kind, hash_of(c));
}

static bool check_pkcs1(wycheproof_case *c)
{
    return check_rsa(c, HF_SIG_RSA_PKCS1);
}

static bool check_pss(wycheproof_case *c)
{
    assert_string_equal(wycheproof_text(c, "mgfSha"), wycheproof_text(c, "sha"));
    return check_rsa(c, HF_SIG_RSA_PSS);
}

static void ecdsa(void **state)
{
    (void)state;
    wycheproof_run("ecdsa_secp256r1_sha256_test.json", 484, check_ecdsa);
    wycheproof_run("ecdsa_secp384r1_sha384_test.json", 504, check_ecdsa);
}

static void ed25519(void **state)
{
    (void)state;
    wycheproof_run("ed25519_test.json", 151, check_ed25519);
}

static void rsa_pkcs1(void **state)
{
    static const size_t counts[3][3] = { { 259, 258, 259 }, { 259, 259, 260 }, { 258, 259, 259 } };
    char file[64];

    (void)state;
    for (int size = 0; size < 3; size++)
        for (int hash = 0; hash < 3; hash++) {
            snprintf(file, sizeof file, "rsa_signature_%d_sha%d_test.json", 2048 + 1024 * size,
                     hash == 0 ? 256 : 256 + 128 * hash);
            wycheproof_run(file, counts[size][hash], check_pkcs1);
        }
}

static void rsa_pss(void **state)
{
    (void)state;
    wycheproof_run("rsa_pss_2048_sha256_mgf1_32_test.json", 108, check_pss);
    wycheproof_run("rsa_pss_2048_sha384_mgf1_48_test.json", 141, check_pss);
    wycheproof_run("rsa_pss_3072_sha256_mgf1_32_test.json", 108, check_pss);
    wycheproof_run("rsa_pss_4096_sha256_mgf1_32_test.json", 108, check_pss);
    wycheproof_run("rsa_pss_4096_sha384_mgf1_48_test.json", 141, check_pss);
    wycheproof_run("rsa_pss_4096_sha512_mgf1_64_test.json", 179, check_pss);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ecdsa),
        cmocka_unit_test(ed25519),
        cmocka_unit_test(rsa_pkcs1),
        cmocka_unit_test(rsa_pss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
