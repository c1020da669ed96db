/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The encodings of mlkem_poly.h: polynomials to bytes and back, with and without compression. */
#include "crypto/mlkem_poly.h"

enum { Q = HF_MLKEM_Q, N = HF_MLKEM_N };

/* |c| < q to [0, q). */
static inline uint32_t canonical(int16_t c)
{
    uint32_t v = (uint32_t)c;

    return v + (Q & (0 - (v >> 31)));
}

/* ---- without compression ---- */

void hf_poly_encode(const hf_poly *p, uint8_t out[HF_POLY_BYTES])
{
    for (size_t i = 0; i < N; i += 2, out += 3) {
        uint32_t a = canonical(p->c[i]), b = canonical(p->c[i + 1]);

        out[0] = (uint8_t)a;
        out[1] = (uint8_t)(a >> 8 | b << 4);
        out[2] = (uint8_t)(b >> 4);
    }
}

void hf_poly_decode(hf_poly *p, const uint8_t in[HF_POLY_BYTES])
{
    for (size_t i = 0; i < N; i += 2, in += 3) {
        p->c[i] = (int16_t)(in[0] | (in[1] & 15) << 8);
        p->c[i + 1] = (int16_t)(in[1] >> 4 | in[2] << 4);
    }
}

bool hf_poly_is_canonical(const uint8_t in[HF_POLY_BYTES])
{
    hf_poly p;

    hf_poly_decode(&p, in);
    for (size_t i = 0; i < N; i++)
        if (p.c[i] >= Q)
            return false;
    return true;
}

/* ---- with compression ---- */

/* round(2^d / q * c) mod 2^d. The division by q is a multiplication by 2^37 / q, rounded up, which is
   exact for d = 1, 4, 5, 10 and 11 (a test tries every c). A division instruction would take a time that
   depends on the secret ("KyberSlash"). */
static inline uint32_t compress(uint32_t c, unsigned d)
{
    uint64_t v = ((uint64_t)c << d) + Q / 2;

    return (uint32_t)(v * 41285358 >> 37) & ((1u << d) - 1);
}

void hf_poly_compress(const hf_poly *p, unsigned d, uint8_t *out)
{
    uint32_t bits = 0;
    unsigned have = 0; /* below 8 between coefficients */

    for (size_t i = 0; i < N; i++) {
        bits |= compress(canonical(p->c[i]), d) << have;
        for (have += d; have >= 8; have -= 8, bits >>= 8)
            *out++ = (uint8_t)bits;
    }
}

/* A bit that the compiler knows nothing about. Otherwise it may see that a coefficient of a
   decompressed message is one of two values and branch on the secret bit to choose. */
static inline uint32_t opaque(uint32_t v)
{
    volatile uint32_t seen = v;

    return seen;
}

void hf_poly_decompress(hf_poly *p, unsigned d, const uint8_t *in)
{
    uint32_t bits = 0;
    unsigned have = 0;

    for (size_t i = 0; i < N; i++) {
        for (; have < d; have += 8)
            bits |= (uint32_t)*in++ << have;
        uint32_t c = bits & ((1u << d) - 1);
        p->c[i] = (int16_t)((opaque(c) * Q + (1u << (d - 1))) >> d);
        bits >>= d;
        have -= d;
    }
}
