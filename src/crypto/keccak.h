/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The sponge of FIPS 202, as far as ML-KEM needs it: SHA3-256, SHA3-512, SHAKE128, SHAKE256. */
#ifndef HF_CRYPTO_KECCAK_H
#define HF_CRYPTO_KECCAK_H

#include "base/bytes.h"

/* Bytes that one permutation absorbs or gives; for SHA3-n it is 200 - n / 4. */
enum {
    HF_SHA3_256_RATE = 136,
    HF_SHA3_512_RATE = 72,
    HF_SHAKE128_RATE = 168,
    HF_SHAKE256_RATE = 136
};
/* The domain bits and the first bit of the padding (FIPS 202 6.1, 6.2). */
enum { HF_SHA3_SUFFIX = 0x06, HF_SHAKE_SUFFIX = 0x1f };

typedef struct hf_keccak {
    uint64_t lanes[25];
    size_t rate, at; /* at: where in the block the next byte goes or comes from */
} hf_keccak;

void hf_keccak_init(hf_keccak *k, size_t rate);
void hf_keccak_absorb(hf_keccak *k, hf_span bytes);
/* Ends the input. */
void hf_keccak_finish(hf_keccak *k, uint8_t suffix);
void hf_keccak_squeeze(hf_keccak *k, uint8_t *out, size_t len);
/* The hash of a || b, wiped behind. */
void hf_keccak_once(size_t rate, uint8_t suffix, hf_span a, hf_span b, uint8_t *out, size_t len);

#endif
