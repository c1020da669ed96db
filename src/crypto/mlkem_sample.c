/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The samplers of mlkem_poly.h. */
#include "crypto/keccak.h"
#include "crypto/mlkem_poly.h"

enum { Q = HF_MLKEM_Q, N = HF_MLKEM_N };

/* Takes the 12-bit numbers below q out of a block. rho is public, so the branches may show. */
static size_t take_uniform(hf_poly *p, size_t n, const uint8_t block[HF_SHAKE128_RATE])
{
    for (size_t i = 0; i < HF_SHAKE128_RATE && n < N; i += 3) {
        int a = block[i] | (block[i + 1] & 15) << 8;
        int b = block[i + 1] >> 4 | block[i + 2] << 4;

        if (a < Q)
            p->c[n++] = (int16_t)a;
        if (b < Q && n < N)
            p->c[n++] = (int16_t)b;
    }
    return n;
}

void hf_poly_sample_uniform(hf_poly *p, const uint8_t rho[32], uint8_t j, uint8_t i)
{
    const uint8_t place[2] = { j, i };
    uint8_t block[HF_SHAKE128_RATE];
    hf_keccak k;

    hf_keccak_init(&k, HF_SHAKE128_RATE);
    hf_keccak_absorb(&k, hf_span_of(rho, 32));
    hf_keccak_absorb(&k, hf_span_of(place, sizeof place));
    hf_keccak_finish(&k, HF_SHAKE_SUFFIX);
    for (size_t n = 0; n < N;) {
        hf_keccak_squeeze(&k, block, sizeof block);
        n = take_uniform(p, n, block);
    }
}

/* Two pairs of bits make a coefficient: the ones of the first less the ones of the second. */
void hf_poly_sample_noise(hf_poly *p, const uint8_t seed[32], uint8_t n)
{
    uint8_t bytes[N / 2];

    hf_keccak_once(HF_SHAKE256_RATE, HF_SHAKE_SUFFIX, hf_span_of(seed, 32), hf_span_of(&n, 1),
                   bytes, sizeof bytes);
    for (size_t i = 0; i < N / 2; i++) {
        int ones = (bytes[i] & 0x55) + (bytes[i] >> 1 & 0x55);

        p->c[2 * i] = (int16_t)((ones & 3) - (ones >> 2 & 3));
        p->c[2 * i + 1] = (int16_t)((ones >> 4 & 3) - (ones >> 6 & 3));
    }
    hf_wipe(bytes, sizeof bytes);
}
