/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* ML-KEM-768: mlkem.c itself, and beside it whatever the key exchange uses in this build. */
#include "crypto/kex_groups.h"
#include "crypto/mlkem.h"
#include "support/wycheproof.h"

static bool check_keygen(wycheproof_case *c)
{
    uint8_t ek[HF_MLKEM768_EK], dk[HF_MLKEM768_DK];
    hf_span seed = wycheproof_hex(c, "seed"), expected = wycheproof_hex(c, "ek");

    assert_int_equal(seed.len, HF_MLKEM_SEED);
    hf_mlkem_keygen(&hf_mlkem_768, seed.data, ek, dk);
    wycheproof_equal(c, hf_span_of(ek, sizeof ek), expected);
    wycheproof_equal(c, hf_span_of(dk, sizeof dk), wycheproof_hex(c, "dk"));
    assert_int_equal(hf_mlkem_public(&hf_mlkem_768, seed.data, ek), HF_OK);
    wycheproof_equal(c, hf_span_of(ek, sizeof ek), expected);
    return true;
}

typedef hf_error encaps(const hf_mlkem_set *, const uint8_t *, const uint8_t *, uint8_t *,
                        uint8_t *);

static void check_encaps_of(wycheproof_case *c, encaps *one)
{
    uint8_t ct[HF_MLKEM768_CT], secret[HF_MLKEM_SECRET];
    hf_span m = wycheproof_hex(c, "m"), ek = wycheproof_hex(c, "ek");
    hf_error e = HF_E_KEY_SHARE_INVALID;

    if (ek.len == HF_MLKEM768_EK)
        e = one(&hf_mlkem_768, ek.data, m.data, ct, secret);
    wycheproof_expect(c, e == HF_OK);
    if (e != HF_OK) {
        assert_int_equal(e, HF_E_KEY_SHARE_INVALID);
        return;
    }
    wycheproof_equal(c, hf_span_of(ct, sizeof ct), wycheproof_hex(c, "c"));
    wycheproof_equal(c, hf_span_of(secret, sizeof secret), wycheproof_hex(c, "K"));
}

static bool check_encaps(wycheproof_case *c)
{
    check_encaps_of(c, hf_mlkem_encaps);
    check_encaps_of(c, hf_mlkem_encapsulate);
    return true;
}

/* The keys of these tests come from a seed. */
static bool check_decaps(wycheproof_case *c)
{
    uint8_t ek[HF_MLKEM768_EK], dk[HF_MLKEM768_DK], secret[HF_MLKEM_SECRET];
    hf_span seed = wycheproof_hex(c, "seed"), ct = wycheproof_hex(c, "c");
    bool fits = seed.len == HF_MLKEM_SEED && ct.len == HF_MLKEM768_CT;

    wycheproof_expect(c, fits);
    if (!fits)
        return true;
    hf_mlkem_keygen(&hf_mlkem_768, seed.data, ek, dk);
    assert_int_equal(hf_mlkem_decaps(&hf_mlkem_768, dk, ct.data, secret), HF_OK);
    wycheproof_equal(c, hf_span_of(secret, sizeof secret), wycheproof_hex(c, "K"));
    assert_int_equal(hf_mlkem_decapsulate(&hf_mlkem_768, seed.data, ct.data, secret), HF_OK);
    wycheproof_equal(c, hf_span_of(secret, sizeof secret), wycheproof_hex(c, "K"));
    return true;
}

static bool check_semi_expanded(wycheproof_case *c)
{
    uint8_t secret[HF_MLKEM_SECRET];
    hf_span dk = wycheproof_hex(c, "dk"), ct = wycheproof_hex(c, "c");
    bool good = dk.len == HF_MLKEM768_DK && ct.len == HF_MLKEM768_CT &&
                hf_mlkem_decaps(&hf_mlkem_768, dk.data, ct.data, secret) == HF_OK;

    wycheproof_expect(c, good);
    if (good)
        wycheproof_equal(c, hf_span_of(secret, sizeof secret), wycheproof_hex(c, "K"));
    return true;
}

static void keygen(void **state)
{
    (void)state;
    wycheproof_run("mlkem_768_keygen_seed_test.json", 100, check_keygen);
}

static void encapsulation(void **state)
{
    (void)state;
    wycheproof_run("mlkem_768_encaps_test.json", 265, check_encaps);
}

static void decapsulation(void **state)
{
    (void)state;
    wycheproof_run("mlkem_768_test.json", 193, check_decaps);
}

static void semi_expanded(void **state)
{
    (void)state;
    wycheproof_run("mlkem_768_semi_expanded_decaps_test.json", 9, check_semi_expanded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keygen),
        cmocka_unit_test(encapsulation),
        cmocka_unit_test(decapsulation),
        cmocka_unit_test(semi_expanded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
