/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* X25519 and ECDH on points as TLS sends them, from the client's end. */
#include "crypto/kex.h"
#include "support/wycheproof.h"

static hf_kex kex_of(uint16_t group, hf_span scalar)
{
    size_t len = hf_group_of(group)->secret;
    hf_kex kex = { .group = group };

    for (; scalar.len > len; scalar.data++, scalar.len--)
        assert_int_equal(scalar.data[0], 0);
    memcpy(kex.private_key + len - scalar.len, scalar.data, scalar.len);
    return kex;
}

static bool check_point(wycheproof_case *c)
{
    bool small = strcmp(wycheproof_text(c, "curve"), "secp256r1") == 0;
    uint16_t group = small ? HF_GROUP_secp256r1 : HF_GROUP_secp384r1;
    hf_kex kex = kex_of(group, wycheproof_hex(c, "private"));
    uint8_t secret[HF_SHARED_SECRET_MAX];
    hf_error e = hf_kex_decapsulate(&kex, wycheproof_hex(c, "public"), secret);

    wycheproof_expect(c, e == HF_OK);
    if (e == HF_OK)
        wycheproof_equal(c, hf_span_of(secret, hf_group_of(group)->secret),
                         wycheproof_hex(c, "shared"));
    else
        assert_int_equal(e, HF_E_KEY_SHARE_INVALID);
    if (c->result == WYCHEPROOF_ACCEPTABLE) /* the compressed point, which TLS does not have */
        assert_int_equal(e, HF_E_KEY_SHARE_INVALID);
    return true;
}

static bool is_zero(hf_span bytes)
{
    uint8_t any = 0;

    for (size_t i = 0; i < bytes.len; i++)
        any |= bytes.data[i];
    return any == 0;
}

/* All of these values are accepted, but for those that give zero (RFC 9846 7.4.2). */
static bool check_x25519(wycheproof_case *c)
{
    hf_kex kex = kex_of(HF_GROUP_x25519, wycheproof_hex(c, "private"));
    hf_span shared = wycheproof_hex(c, "shared");
    uint8_t secret[HF_SHARED_SECRET_MAX];
    hf_error e = hf_kex_decapsulate(&kex, wycheproof_hex(c, "public"), secret);

    assert_int_equal(e, is_zero(shared) ? HF_E_KEY_SHARE_ZERO : HF_OK);
    if (e == HF_OK)
        wycheproof_equal(c, hf_span_of(secret, 32), shared);
    return true;
}

static void secp256r1(void **state)
{
    (void)state;
    wycheproof_run("ecdh_secp256r1_ecpoint_test.json", 355, check_point);
}

static void secp384r1(void **state)
{
    (void)state;
    wycheproof_run("ecdh_secp384r1_ecpoint_test.json", 790, check_point);
}

static void x25519(void **state)
{
    (void)state;
    wycheproof_run("x25519_test.json", 518, check_x25519);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secp256r1),
        cmocka_unit_test(secp384r1),
        cmocka_unit_test(x25519),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
