/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The program that test_crypto_constant_time.c compiles and runs under valgrind. Secrets are marked
 * as uninitialised: memcheck then reports every branch and every address that depends on one. What
 * FIPS 203 makes public is marked as known again; of a premaster secret's encryption block only the
 * length is public. It is built with LEAK to show that a leak is seen.
 */
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "crypto/mlkem_poly.h"
#include "crypto/rsa_premaster.h"

#define SECRET(array) VALGRIND_MAKE_MEM_UNDEFINED(array, sizeof(array))
#define PUBLIC(array) VALGRIND_MAKE_MEM_DEFINED(array, sizeof(array))

/* rho comes out of a hash over the secret seed, and is part of the public key. */
static void sample_uniform(hf_poly *p, const uint8_t rho[32], uint8_t j, uint8_t i)
{
    uint8_t known[32];

    memcpy(known, rho, sizeof known);
    PUBLIC(known);
    hf_poly_sample_uniform(p, known, j, i);
}
#define hf_poly_sample_uniform sample_uniform
#include "crypto/mlkem.c"

static uint8_t seed[HF_MLKEM_SEED], m[32], ek[HF_MLKEM_EK_MAX], dk[HF_MLKEM_DK_MAX],
    ct[HF_MLKEM_CT_MAX], secret[32];

/* A good ciphertext, or one that is rejected: both with the same instructions. */
static int decapsulate_marked(const hf_mlkem_set *set, uint8_t flip)
{
    ct[5] ^= flip;
    VALGRIND_MAKE_MEM_UNDEFINED(dk, t_bytes(set));
    VALGRIND_MAKE_MEM_UNDEFINED(dk + dk_z(set), 32);
    int e = hf_mlkem_decaps(set, dk, ct, secret);
    PUBLIC(secret);
    ct[5] ^= flip;
    return e;
}

static int encapsulates(const hf_mlkem_set *set)
{
    memset(seed, 0x37, sizeof seed);
    memset(m, 0x73, sizeof m);
    SECRET(seed);
    hf_mlkem_keygen(set, seed, ek, dk);
    PUBLIC(ek);
    VALGRIND_MAKE_MEM_DEFINED(dk + t_bytes(set), set->ek + 32u);
    SECRET(m);
    if (hf_mlkem_encaps(set, ek, m, ct, secret) != HF_OK)
        return 0;
    PUBLIC(ct);
    PUBLIC(secret);
    return decapsulate_marked(set, 0) == HF_OK && decapsulate_marked(set, 1) == HF_OK;
}

/* RFC 5246 7.4.7.1: an encryption block that is right, but for the byte at `at`. */
static int unpad_marked(size_t at, uint8_t flip)
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
    PUBLIC(premaster);
    return premaster[47] == (flip ? 0xaa : 0x55);
}

static int unpads(void)
{
    return unpad_marked(0, 0) && unpad_marked(0, 1) && unpad_marked(1, 3) &&
           unpad_marked(5, 0x55) && unpad_marked(206, 0x55) && unpad_marked(207, 1) &&
           unpad_marked(208, 1) && unpad_marked(209, 1);
}

int main(void)
{
    if (!encapsulates(&hf_mlkem_768) || !encapsulates(&hf_mlkem_1024))
        return 2;
    if (!unpads())
        return 3;
#ifdef LEAK
    SECRET(m);
    if (m[0] > 100)
        puts("a branch on a secret");
#endif
    return 0;
}
