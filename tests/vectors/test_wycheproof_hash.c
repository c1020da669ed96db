/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* HMAC and HKDF with the hashes of TLS 1.3's cipher suites. */
#include <stdlib.h>

#include "crypto/hash.h"
#include "support/wycheproof.h"

static hf_hash_id chosen;

/* A tag may be cut short; a wrong one must come out different. */
static bool check_hmac(wycheproof_case *c)
{
    uint8_t out[HF_HASH_MAX];
    hf_span tag = wycheproof_hex(c, "tag");

    assert_true(tag.len > 0 && tag.len <= hf_hash_len(chosen));
    assert_int_equal(hf_hmac(chosen, wycheproof_hex(c, "key"), wycheproof_hex(c, "msg"), out),
                     HF_OK);
    wycheproof_expect(c, hf_ct_equal(hf_span_of(out, tag.len), tag));
    return true;
}

static bool check_hkdf(wycheproof_case *c)
{
    uint8_t prk[HF_HASH_MAX];
    size_t size = (size_t)wycheproof_number(c, "size");
    hf_span salt = wycheproof_hex(c, "salt"), ikm = wycheproof_hex(c, "ikm");
    uint8_t *okm = malloc(size);

    assert_non_null(okm);
    assert_int_equal(hf_hkdf_extract(chosen, salt, ikm, prk), HF_OK);
    hf_error e = hf_hkdf_expand(chosen, hf_span_of(prk, hf_hash_len(chosen)),
                                wycheproof_hex(c, "info"), okm, size);
    wycheproof_expect(c, e == HF_OK);
    if (e == HF_OK)
        wycheproof_equal(c, hf_span_of(okm, size), wycheproof_hex(c, "okm"));
    else
        assert_int_equal(e, HF_E_LIMIT); /* the invalid ones ask for too many bytes */
    free(okm);
    return true;
}

static void hmac_sha256(void **state)
{
    (void)state;
    chosen = HF_SHA256;
    wycheproof_run("hmac_sha256_test.json", 174, check_hmac);
}

static void hmac_sha384(void **state)
{
    (void)state;
    chosen = HF_SHA384;
    wycheproof_run("hmac_sha384_test.json", 174, check_hmac);
}

static void hkdf_sha256(void **state)
{
    (void)state;
    chosen = HF_SHA256;
    wycheproof_run("hkdf_sha256_test.json", 86, check_hkdf);
}

static void hkdf_sha384(void **state)
{
    (void)state;
    chosen = HF_SHA384;
    wycheproof_run("hkdf_sha384_test.json", 83, check_hkdf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hmac_sha256),
        cmocka_unit_test(hmac_sha384),
        cmocka_unit_test(hkdf_sha256),
        cmocka_unit_test(hkdf_sha384),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
