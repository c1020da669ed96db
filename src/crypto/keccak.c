/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Keccak-f[1600] and the sponge around it (FIPS 202). Straight-line code: nothing depends on data. */
#include "crypto/keccak.h"

static uint64_t rotate(uint64_t v, unsigned n)
{
    return v << n | v >> (-n & 63); /* for n = 0 as well */
}

/* rho, pi and chi (FIPS 202 3.2.2 to 3.2.4) for one plane of the result. Each lane comes as its
   place before pi and its rotation by rho; d is what theta adds to its column. */
#define PLANE(y, i0, r0, i1, r1, i2, r2, i3, r3, i4, r4)                                           \
    do {                                                                                           \
        uint64_t b0 = rotate(a[i0] ^ d[(i0) % 5], r0);                                             \
        uint64_t b1 = rotate(a[i1] ^ d[(i1) % 5], r1);                                             \
        uint64_t b2 = rotate(a[i2] ^ d[(i2) % 5], r2);                                             \
        uint64_t b3 = rotate(a[i3] ^ d[(i3) % 5], r3);                                             \
        uint64_t b4 = rotate(a[i4] ^ d[(i4) % 5], r4);                                             \
        out[5 * (y)] = b0 ^ (~b1 & b2);                                                            \
        out[5 * (y) + 1] = b1 ^ (~b2 & b3);                                                        \
        out[5 * (y) + 2] = b2 ^ (~b3 & b4);                                                        \
        out[5 * (y) + 3] = b3 ^ (~b4 & b0);                                                        \
        out[5 * (y) + 4] = b4 ^ (~b0 & b1);                                                        \
    } while (0)

/* One round from a to out; lane (x, y) is at x + 5 y. */
static inline void round_of(const uint64_t a[25], uint64_t out[25], uint64_t constant)
{
    uint64_t c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20], c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
    uint64_t c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22], c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
    uint64_t c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
    const uint64_t d[5] = { c4 ^ rotate(c1, 1), c0 ^ rotate(c2, 1), c1 ^ rotate(c3, 1),
                            c2 ^ rotate(c4, 1), c3 ^ rotate(c0, 1) };

    PLANE(0, 0, 0, 6, 44, 12, 43, 18, 21, 24, 14);
    PLANE(1, 3, 28, 9, 20, 10, 3, 16, 45, 22, 61);
    PLANE(2, 1, 1, 7, 6, 13, 25, 19, 8, 20, 18);
    PLANE(3, 4, 27, 5, 36, 11, 10, 17, 15, 23, 56);
    PLANE(4, 2, 62, 8, 55, 14, 39, 15, 41, 21, 2);
    out[0] ^= constant; /* iota */
}

static void permute(uint64_t lanes[25])
{
    static const uint64_t iota[24] = {
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
        0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
        0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    };
    uint64_t a[25], b[25];

    memcpy(a, lanes, sizeof a);
    for (unsigned i = 0; i < 24; i += 2) {
        round_of(a, b, iota[i]);
        round_of(b, a, iota[i + 1]);
    }
    memcpy(lanes, a, sizeof a);
}

/* Byte `at` of a block is byte at % 8 of lane at / 8, lowest first. */
static void xor_byte(hf_keccak *k, size_t at, uint8_t byte)
{
    k->lanes[at / 8] ^= (uint64_t)byte << 8 * (at % 8);
}

static uint64_t load64(const uint8_t *p)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < 8; i++)
        v |= (uint64_t)p[i] << 8 * i;
    return v;
}

static void store64(uint8_t *p, uint64_t v)
{
    for (unsigned i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

void hf_keccak_init(hf_keccak *k, size_t rate)
{
    *k = (hf_keccak){ .rate = rate };
}

void hf_keccak_absorb(hf_keccak *k, hf_span bytes)
{
    for (size_t i = 0; i < bytes.len;) {
        if (k->at % 8 == 0 && bytes.len - i >= 8) {
            k->lanes[k->at / 8] ^= load64(bytes.data + i);
            k->at += 8;
            i += 8;
        } else {
            xor_byte(k, k->at++, bytes.data[i++]);
        }
        if (k->at == k->rate) {
            permute(k->lanes);
            k->at = 0;
        }
    }
}

void hf_keccak_finish(hf_keccak *k, uint8_t suffix)
{
    xor_byte(k, k->at, suffix);
    xor_byte(k, k->rate - 1, 0x80);
    k->at = k->rate;
}

void hf_keccak_squeeze(hf_keccak *k, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len;) {
        if (k->at == k->rate) {
            permute(k->lanes);
            k->at = 0;
        }
        if (k->at % 8 == 0 && len - i >= 8) {
            store64(out + i, k->lanes[k->at / 8]);
            k->at += 8;
            i += 8;
        } else {
            out[i++] = (uint8_t)(k->lanes[k->at / 8] >> 8 * (k->at % 8));
            k->at++;
        }
    }
}

void hf_keccak_once(size_t rate, uint8_t suffix, hf_span a, hf_span b, uint8_t *out, size_t len)
{
    hf_keccak k;

    hf_keccak_init(&k, rate);
    hf_keccak_absorb(&k, a);
    hf_keccak_absorb(&k, b);
    hf_keccak_finish(&k, suffix);
    hf_keccak_squeeze(&k, out, len);
    hf_wipe(&k, sizeof k);
}
