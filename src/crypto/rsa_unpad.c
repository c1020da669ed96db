/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * EME-PKCS1-v1_5 decoding of a premaster secret (RFC 8017 7.2.2, RFC 5246 7.4.7.1) by masks. Where
 * the secret lies follows from the public lengths, so nothing has to be searched for: every byte
 * before it is either right or not, and all of them are looked at.
 */
#include "crypto/rsa_premaster.h"

/* 1 if the byte is zero, else 0. */
static uint8_t is_zero(uint8_t byte)
{
    return (uint8_t)(((uint32_t)byte - 1u) >> 31);
}

/* Zero if the block is 00 02 PS 00 version: PS, all non-zero, fills what the 48 bytes of the secret
   leave, 13 bytes or more. */
static uint8_t difference(const uint8_t *block, size_t len, uint16_t client_version)
{
    const uint8_t *secret = block + len - HF_PREMASTER;
    uint8_t differs = (uint8_t)(block[0] | (block[1] ^ 2));

    for (const uint8_t *ps = block + 2; ps < secret - 1; ps++)
        differs = (uint8_t)(differs | is_zero(*ps));
    differs = (uint8_t)(differs | secret[-1]);
    /* RFC 5246 7.4.7.1: the version of ClientHello, against rollback */
    differs = (uint8_t)(differs | (secret[0] ^ client_version >> 8));
    return (uint8_t)(differs | (secret[1] ^ (client_version & 0xff)));
}

void hf_premaster_unpad(const uint8_t *block, size_t len, uint16_t client_version,
                        const uint8_t substitute[HF_PREMASTER], uint8_t premaster[HF_PREMASTER])
{
    const uint8_t *secret = block + len - HF_PREMASTER;
    /* volatile: the compiler must not learn that it is one of two values and branch on it */
    volatile uint8_t good = (uint8_t)(0u - is_zero(difference(block, len, client_version)));

    for (size_t i = 0; i < HF_PREMASTER; i++)
        premaster[i] = (uint8_t)((secret[i] & good) | (substitute[i] & ~good));
}
