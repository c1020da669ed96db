/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Private keys in key exchange: ML-KEM as we have it (FIPS 203) and the groups that use it (our part
 * of them), a NIST scalar's range, and static RSA, whose server must not show what was wrong with a
 * ciphertext (RFC 5246 7.4.7.1).
 */
#include <string.h>

#include "crypto/kex.h"
#include "crypto/rsa_premaster.h"
#include "sidechannel/secret.h"
#include "support/testpki.h"

/* Static there; the functions with names outside stay the library's. */
#define hf_nist_scalar scalar_here
#define hf_nist_public public_here
#define hf_nist_derive derive_here
#include "../../src/crypto/kex_nist.c"
#undef hf_nist_scalar
#undef hf_nist_public
#undef hf_nist_derive

/* ---- ML-KEM ---- */

/* A good ciphertext, and one that is rejected: both with the same instructions. */
static bool mlkem(const hf_mlkem_set *set, const char *what)
{
    static uint8_t seed[HF_MLKEM_SEED], m[32], ek[HF_MLKEM_EK_MAX], dk[HF_MLKEM_DK_MAX],
        ct[HF_MLKEM_CT_MAX];
    uint8_t secret[32], other[32];
    bool good = true;

    memset(seed, 0x37, sizeof seed);
    memset(m, 0x73, sizeof m);
    SECRET(seed);
    SECRET(m);
    hf_mlkem_keygen(set, seed, ek, dk);
    good &= secret_is(dk, 32); /* the decapsulation key itself */
    good &= hf_mlkem_encaps(set, ek, m, ct, secret) == HF_OK;
    PUBLIC(ct);
    if (strcmp(what, "rejected") == 0)
        ct[5] ^= 1;
    good &= hf_mlkem_decaps(set, dk, ct, other) == HF_OK;
    good &= IS_SECRET(secret) && IS_SECRET(other);
    PUBLIC(secret);
    PUBLIC(other);
    return good && (memcmp(secret, other, 32) == 0) == (strcmp(what, "good") == 0);
}

static bool mlkem_768(const void *about)
{
    return mlkem(&hf_mlkem_768, about);
}

static bool mlkem_1024(const void *about)
{
    return mlkem(&hf_mlkem_1024, about);
}

/* Both ends of a group, through the floor's own door. */
static bool group(const void *about)
{
    uint16_t code = *(const uint16_t *)about;
    static uint8_t share[HF_KEY_SHARE_MAX], answer[HF_KEY_SHARE_MAX];
    uint8_t one[HF_SHARED_SECRET_MAX], two[HF_SHARED_SECRET_MAX];
    const hf_group *g = hf_group_of(code);
    hf_random random = { NULL, NULL };
    hf_kex kex;

    bool good = hf_kex_generate(&kex, code, &random, share) == HF_OK &&
                hf_kex_encapsulate(code, &random, hf_span_of(share, g->client_share), answer,
                                   one) == HF_OK &&
                hf_kex_decapsulate(&kex, hf_span_of(answer, g->server_share), two) == HF_OK &&
                secret_is(one, g->secret) && secret_is(two, g->secret);
    PUBLIC(one);
    PUBLIC(two);
    hf_kex_wipe(&kex);
    return good && memcmp(one, two, g->secret) == 0;
}

/* ---- a NIST scalar ---- */

static bool below(const uint8_t *a, const uint8_t *b)
{
    bool less = is_less(a, b, 32);

    PUBLIC(&less);
    return less;
}

/* Only the verdict is told, and only of scalars that are thrown away, or of all the others alike. */
static bool range(const void *about)
{
    uint8_t order[32], scalar[32];
    bool good = true;

    (void)about;
    for (size_t i = 0; i < sizeof order; i++) {
        memset(order, 0x80, sizeof order);
        memcpy(scalar, order, sizeof scalar);
        scalar[i] ^= 0xc0; /* 0x40 */
        SECRET(scalar);
        good &= below(scalar, order) && !below(order, scalar);
    }
    memset(scalar, 0x80, sizeof scalar);
    SECRET(scalar);
    return good && !below(scalar, order);
}

/* ---- static RSA ---- */

/* RFC 5246 7.4.7.1: an encryption block that is right, but for the byte at `at`. */
static bool unpads(size_t at, uint8_t flip)
{
    uint8_t block[256], substitute[HF_PREMASTER], premaster[HF_PREMASTER];
    const size_t first = sizeof block - HF_PREMASTER;

    memset(block, 0x55, sizeof block);
    memset(substitute, 0xaa, sizeof substitute);
    block[0] = block[first - 1] = 0;
    block[1] = 2;
    block[first] = block[first + 1] = 3;
    block[at] ^= flip;
    SECRET(block);
    SECRET(substitute);
    hf_premaster_unpad(block, sizeof block, HF_TLS12, substitute, premaster);
    bool secret = IS_SECRET(premaster);
    PUBLIC(premaster);
    return secret && premaster[47] == (flip ? 0xaa : 0x55);
}

static bool unpadding(const void *about)
{
    (void)about;
    return unpads(0, 0) && unpads(0, 1) && unpads(1, 3) && unpads(5, 0x55) && unpads(206, 0x55) &&
           unpads(207, 1) && unpads(208, 1) && unpads(209, 1);
}

/* The server's whole decryption: a premaster secret, one of another version, a ciphertext of nothing sensible, one that is too
   short. */
static bool decrypts(const hf_private_key *key, const uint8_t *ciphertext, size_t len, bool right)
{
    uint8_t substitute[HF_PREMASTER], premaster[HF_PREMASTER];

    memset(substitute, 0xaa, sizeof substitute);
    hf_rsa_premaster(key, HF_TLS12, hf_span_of(ciphertext, len), substitute, premaster);
    bool secret = IS_SECRET(premaster);
    PUBLIC(premaster);
    return secret && (premaster[0] == 3 && premaster[47] == 0x55) == right;
}

static bool static_rsa(const void *about)
{
    const test_cert_options o = { .key_type = HF_KEY_RSA };
    test_cert *cert = test_cert_new(&o, NULL);
    uint8_t premaster[HF_PREMASTER], ciphertext[HF_SIGNATURE_MAX];
    size_t len = 0;
    bool good = true;

    (void)about;
    for (int version = 3; version > 1; version--) {
        memset(premaster, 0x55, sizeof premaster);
        premaster[0] = 3;
        premaster[1] = (uint8_t)version;
        good &= hf_rsa_encrypt(&cert->cert.key, hf_span_of(premaster, sizeof premaster), ciphertext,
                               &len) == HF_OK;
        good &= decrypts(cert->key, ciphertext, len, version == 3);
    }
    memset(ciphertext, 0x42, sizeof ciphertext);
    good &= decrypts(cert->key, ciphertext, len, false);
    good &= decrypts(cert->key, ciphertext, len - 1, false);
    test_cert_free(cert);
    return good;
}

int main(void)
{
    static const uint16_t codes[] = { HF_GROUP_x25519, HF_GROUP_secp256r1, HF_GROUP_secp384r1,
                                      HF_GROUP_x25519mlkem768, HF_GROUP_mlkem1024 };
    static const secret_case cases[] = {
        { "ML-KEM-768, a good ciphertext", mlkem_768, "good" },
        { "ML-KEM-768, implicit rejection", mlkem_768, "rejected" },
        { "ML-KEM-1024, a good ciphertext", mlkem_1024, "good" },
        { "ML-KEM-1024, implicit rejection", mlkem_1024, "rejected" },
        { "X25519", group, &codes[0] },
        { "secp256r1", group, &codes[1] },
        { "secp384r1", group, &codes[2] },
        { "X25519MLKEM768", group, &codes[3] },
        { "MLKEM1024", group, &codes[4] },
        { "the range of a NIST scalar", range, NULL },
        { "unpadding of a premaster secret", unpadding, NULL },
        { "static RSA, good and bad ciphertexts", static_rsa, NULL },
    };

    return secret_run(cases, sizeof cases / sizeof *cases, false);
}
