/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The arithmetic of mlkem_poly.h. Products are reduced by Montgomery's method with R = 2^16, sums by
 * Barrett's, both without a division or a branch. Conversions to int16_t keep the low 16 bits and
 * shifts of negative numbers keep the sign, as every compiler of today has it (C11 leaves both to
 * the implementation); the inner loops are written so that compilers find 16-bit vector operations.
 */
#include "crypto/mlkem_poly.h"

enum {
    Q = HF_MLKEM_Q,
    N = HF_MLKEM_N,
    RUN = 8,
    Q_INVERSE = -3327,      /* q^-1 mod 2^16 */
    R_SQUARED = 1353,       /* 2^32 mod q */
    R_SQUARED_BY_128 = 1441 /* 2^32 / 128 mod q */
};

/* zetas[i] = 17^BitRev7(i) * 2^16 mod q (FIPS 203 appendix A, in Montgomery's form), reduced. */
static const int16_t zetas[128] = {
    -1044, -758,  -359,  -1517, 1493,  1422,  287,   202,   -171,  622,   1577,  182,   962,
    -1202, -1474, 1468,  573,   -1325, 264,   383,   -829,  1458,  -1602, -130,  -681,  1017,
    732,   608,   -1542, 411,   -205,  -1571, 1223,  652,   -552,  1015,  -1293, 1491,  -282,
    -1544, 516,   -8,    -320,  -666,  -1618, -1162, 126,   1469,  -853,  -90,   -271,  830,
    107,   -1421, -247,  -951,  -398,  961,   -1508, -725,  448,   -1065, 677,   -1275, -1103,
    430,   555,   843,   -1251, 871,   1550,  105,   422,   587,   177,   -235,  -291,  -460,
    1574,  1653,  -246,  778,   1159,  -147,  -777,  1483,  -602,  1119,  -1590, 644,   -872,
    349,   418,   329,   -156,  -75,   817,   1097,  603,   610,   1322,  -1285, -1465, 384,
    -1215, -136,  1218,  -1335, -874,  220,   -1187, -1659, -1185, -1530, -1278, 794,   -1510,
    -854,  -870,  478,   -108,  -308,  996,   991,   958,   -1460, 1522,  1628,
};

/* a * 2^-16 mod q for |a| < 2^15 q; |result| < q. */
static inline int16_t montgomery(int32_t a)
{
    int16_t t = (int16_t)((int16_t)a * Q_INVERSE);

    return (int16_t)((a - (int32_t)t * Q) >> 16);
}

/* A factor that many numbers are multiplied by, prepared. */
typedef struct factor {
    int16_t value, by_q; /* by_q = value * q^-1 mod 2^16 */
} factor;

static inline factor factor_of(int16_t value)
{
    return (factor){ value, (int16_t)(value * Q_INVERSE) };
}

/* a * f * 2^-16 mod q. The low halves of the two products are equal and cancel out. */
static inline int16_t times(int16_t a, factor f)
{
    int16_t t = (int16_t)(a * f.by_q);

    return (int16_t)((int16_t)((a * f.value) >> 16) - (int16_t)((t * Q) >> 16));
}

/* a mod q for any a, reduced: 20159 is 2^26 / q, rounded. */
static inline int16_t barrett(int16_t a)
{
    int16_t t = (int16_t)(((int16_t)((a * 20159) >> 16) + 512) >> 10);

    return (int16_t)(a - t * Q);
}

static void reduce(hf_poly *p)
{
    for (size_t i = 0; i < N; i++)
        p->c[i] = barrett(p->c[i]);
}

/* ---- the transforms ---- */

/* Algorithm 9's butterfly on `n` neighbours; adds at most q to |c|. */
static inline void forward(int16_t *restrict low, int16_t *restrict high, size_t n, factor f)
{
    for (size_t i = 0; i < n; i++) {
        int16_t t = times(high[i], f);

        high[i] = (int16_t)(low[i] - t);
        low[i] = (int16_t)(low[i] + t);
    }
}

/* A layer of algorithm 9. Neighbours are taken in runs of a fixed length: one vector register. */
static void layer(int16_t *c, size_t len)
{
    const int16_t *zeta = zetas + N / 2 / len;

    for (size_t start = 0; start < N; start += 2 * len) {
        factor f = factor_of(*zeta++);

        for (size_t j = start; j < start + len; j += RUN)
            forward(c + j, c + j + len, RUN, f);
    }
}

/* The last two layers, whose runs are shorter. */
static void short_layer(int16_t *c, size_t len)
{
    const int16_t *zeta = zetas + N / 2 / len;

    for (size_t start = 0; start < N; start += 2 * len)
        forward(c + start, c + start + len, len, factor_of(*zeta++));
}

void hf_poly_ntt(hf_poly *p)
{
    layer(p->c, 128);
    layer(p->c, 64);
    layer(p->c, 32);
    layer(p->c, 16);
    layer(p->c, 8);
    short_layer(p->c, 4);
    short_layer(p->c, 2);
    reduce(p);
}

static inline void backward(int16_t *restrict low, int16_t *restrict high, size_t n, factor f)
{
    for (size_t i = 0; i < n; i++) {
        int16_t a = low[i], b = high[i];

        low[i] = barrett((int16_t)(a + b));
        high[i] = times((int16_t)(b - a), f);
    }
}

static void inverse_layer(int16_t *c, size_t len)
{
    const int16_t *zeta = zetas + N / len - 1;

    for (size_t start = 0; start < N; start += 2 * len) {
        factor f = factor_of(*zeta--);

        for (size_t j = start; j < start + len; j += RUN)
            backward(c + j, c + j + len, RUN, f);
    }
}

static void short_inverse_layer(int16_t *c, size_t len)
{
    const int16_t *zeta = zetas + N / len - 1;

    for (size_t start = 0; start < N; start += 2 * len)
        backward(c + start, c + start + len, len, factor_of(*zeta--));
}

void hf_poly_inverse_ntt(hf_poly *p)
{
    const factor f = factor_of(R_SQUARED_BY_128);

    short_inverse_layer(p->c, 2);
    short_inverse_layer(p->c, 4);
    inverse_layer(p->c, 8);
    inverse_layer(p->c, 16);
    inverse_layer(p->c, 32);
    inverse_layer(p->c, 64);
    inverse_layer(p->c, 128);
    for (size_t i = 0; i < N; i++)
        p->c[i] = times(p->c[i], f);
}

/* ---- products and sums ---- */

/* Algorithm 12 for the coefficients i and i + 1, summed over the vector before the reduction:
   2 k * 2^12 * q / 2 is below 2^15 q. */
static inline void dot_pair(hf_poly *out, const hf_poly_vec *a, const hf_poly_vec *b, size_t k,
                            size_t i, int16_t zeta)
{
    int32_t high = 0, low = 0, cross = 0;

    for (size_t j = 0; j < k; j++) {
        const int16_t *x = &a->p[j].c[i], *y = &b->p[j].c[i];

        low += x[0] * y[0];
        high += x[1] * y[1];
        cross += x[0] * y[1] + x[1] * y[0];
    }
    out->c[i] = montgomery(low + montgomery(high) * zeta);
    out->c[i + 1] = montgomery(cross);
}

static inline void dot(hf_poly *out, const hf_poly_vec *a, const hf_poly_vec *b, size_t k)
{
    for (size_t i = 0; i < N; i += 4) {
        dot_pair(out, a, b, k, i, zetas[64 + i / 4]);
        dot_pair(out, a, b, k, i + 2, (int16_t)-zetas[64 + i / 4]);
    }
}

/* k as a constant, so that compilers unroll the loop over it. */
void hf_poly_dot(hf_poly *out, const hf_poly_vec *a, const hf_poly_vec *b, size_t k)
{
    if (k == 3)
        dot(out, a, b, 3);
    else
        dot(out, a, b, 4);
}

void hf_poly_unscale(hf_poly *p)
{
    const factor f = factor_of(R_SQUARED);

    for (size_t i = 0; i < N; i++)
        p->c[i] = times(p->c[i], f);
}

void hf_poly_add(hf_poly *p, const hf_poly *q)
{
    for (size_t i = 0; i < N; i++)
        p->c[i] = barrett((int16_t)(p->c[i] + q->c[i]));
}

void hf_poly_subtract(hf_poly *p, const hf_poly *q)
{
    for (size_t i = 0; i < N; i++)
        p->c[i] = barrett((int16_t)(p->c[i] - q->c[i]));
}
