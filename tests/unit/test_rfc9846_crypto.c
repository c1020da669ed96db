/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Two demands of RFC 9846 on formats of the floors below TLS: leading zeroes of a shared secret, and parameters of RSASSA-PSS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/kex.h"
#include "x509/parts.h"

/* A scalar was counted up until the shared point's x began with a zero byte. RFC 9846 7.4.2#1 */
static void leading_zeroes_stay(void **state)
{
    static const uint8_t peer[65] = { 0x04, 0x88, 0xd5, 0xf4, 0x72, 0xeb, 0x74, 0x37, 0x81, 0x83,
                                      0x5a, 0x48, 0x47, 0x2e, 0x3a, 0xf4, 0x79, 0x2a, 0x88, 0xd8,
                                      0x19, 0x53, 0xaa, 0x10, 0xd0, 0x11, 0x63, 0x0b, 0x10, 0xbe,
                                      0x36, 0xf4, 0x29, 0xd2, 0x79, 0x91, 0x30, 0x7e, 0xfc, 0xef,
                                      0x5e, 0x5d, 0xc5, 0xa2, 0x69, 0x86, 0xd2, 0x10, 0xda, 0xed,
                                      0x4f, 0xdc, 0x9b, 0x17, 0xcf, 0x54, 0x6e, 0x7f, 0xc3, 0x73,
                                      0xea, 0x2c, 0x59, 0xf6, 0xdf };
    static const uint8_t shared[32] = { 0x00, 0x57, 0xb3, 0x48, 0xdd, 0xf0, 0x31, 0x17,
                                        0x8e, 0x40, 0xb5, 0xf9, 0x5b, 0x55, 0xf9, 0xa5,
                                        0xf0, 0x74, 0x1e, 0xf8, 0x2a, 0xfe, 0x0e, 0x31,
                                        0x31, 0xd4, 0x9c, 0x5e, 0x53, 0x44, 0x3e, 0xb5 };
    hf_kex kex = { .group = HF_GROUP_secp256r1 };
    uint8_t secret[HF_SHARED_SECRET_MAX];

    (void)state;
    kex.private_key[6] = 1; /* 2^200 + 94 */
    kex.private_key[31] = 94;
    assert_int_equal(hf_group_of(HF_GROUP_secp256r1)->secret, sizeof shared);
    assert_int_equal(hf_kex_decapsulate(&kex, hf_span_of(peer, sizeof peer), secret), HF_OK);
    assert_memory_equal(secret, shared, sizeof shared);
}

/* ---- RSASSA-PSS-params: RFC 4055 3.1 ---- */

#define OID_PSS  "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define OID_MGF1 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"
#define SHA256   "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"
#define SHA384   "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00"
#define HASH(h)  "\xa0\x0f" h
#define MASK(h)  "\xa1\x1c\x30\x1a" OID_MGF1 h
#define SALT(n)  "\xa2\x03\x02\x01" n
#define SAMPLE(of)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(of), sizeof(of) - 1                                                      \
    }

static hf_sig_algorithm read(hf_span der)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(der, "signatureAlgorithm", 0, &fault, NULL);
    hf_span whole;
    hf_sig_algorithm found = hf_sig_algorithm_read(&r, &whole, "signatureAlgorithm");

    return fault.code == HF_OK ? found : (hf_sig_algorithm){ HF_SIG_NONE, HF_NO_HASH };
}

/* RFC 9846 4.3.3#4 #6 #8: hash and mask of one digest, a salt as long as that, in DER and no other way. */
static void parameters_of_pss(void **state)
{
    static const hf_span good[] = {
        SAMPLE("\x30\x41" OID_PSS "\x30\x34" HASH(SHA256) MASK(SHA256) SALT("\x20")),
        SAMPLE("\x30\x41" OID_PSS "\x30\x34" HASH(SHA384) MASK(SHA384) SALT("\x30")),
    };
    static const hf_span bad[] = {
        /* another salt, another mask, a default left out or written out */
        SAMPLE("\x30\x41" OID_PSS "\x30\x34" HASH(SHA256) MASK(SHA256) SALT("\x1f")),
        SAMPLE("\x30\x41" OID_PSS "\x30\x34" HASH(SHA256) MASK(SHA256) SALT("\x30")),
        SAMPLE("\x30\x41" OID_PSS "\x30\x34" HASH(SHA256) MASK(SHA384) SALT("\x20")),
        SAMPLE("\x30\x3c" OID_PSS "\x30\x2f" HASH(SHA256) MASK(SHA256)),
        SAMPLE("\x30\x46" OID_PSS "\x30\x39" HASH(SHA256) MASK(SHA256)
                   SALT("\x20") "\xa3\x03\x02\x01\x01"),
        /* BER: a length in too many bytes, no length, a number with a zero before it */
        SAMPLE("\x30\x42" OID_PSS "\x30\x81\x34" HASH(SHA256) MASK(SHA256) SALT("\x20")),
        SAMPLE("\x30\x43" OID_PSS "\x30\x80" HASH(SHA256) MASK(SHA256) SALT("\x20") "\x00\x00"),
        SAMPLE("\x30\x42" OID_PSS "\x30\x35" HASH(SHA256) MASK(SHA256) "\xa2\x04\x02\x02\x00\x20"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(read(good[i]).kind, HF_SIG_RSA_PSS);
        assert_int_equal(read(good[i]).hash, i == 0 ? HF_SHA256 : HF_SHA384);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(read(bad[i]).kind, HF_SIG_NONE);
}

/* RFC 9846 4.3.3#9: a key whose parameters no signature of TLS can have is no key for it. Without parameters all go. */
static void parameters_of_a_key(void **state)
{
    static const hf_span good[] = { SAMPLE(""),
                                    SAMPLE("\x30\x34" HASH(SHA256) MASK(SHA256) SALT("\x20")) };
    static const hf_span bad[] = { SAMPLE("\x30\x34" HASH(SHA256) MASK(SHA256) SALT("\x14")),
                                   SAMPLE("\x30\x34" HASH(SHA256) MASK(SHA256) SALT("\x21")),
                                   SAMPLE("\x30\x2f" HASH(SHA256) MASK(SHA256)) };

    (void)state;
    for (int which = 0; which < 2; which++)
        for (size_t i = 0; i < (which == 0 ? sizeof good : sizeof bad) / sizeof *good; i++) {
            hf_fault fault = { .code = HF_OK };
            hf_span der = which == 0 ? good[i] : bad[i];
            hf_reader r = hf_rd_start(der, "algorithm", 0, &fault, NULL);
            hf_hash_id hash;
            assert_int_equal(hf_pss_parameters_read(&r, true, &hash), which == 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leading_zeroes_stay),
        cmocka_unit_test(parameters_of_pss),
        cmocka_unit_test(parameters_of_a_key),
    };

    return cmocka_run_group_tests_name("rfc9846_crypto", tests, NULL, NULL);
}
