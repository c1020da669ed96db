/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Polynomials over Z_q, q = 3329, of degree below 256: the arithmetic, encodings and samplers of
 * FIPS 203 section 4. mlkem.c builds the schemes from them.
 *
 * Coefficients are signed and need not be in [0, q); each function says what it takes and gives.
 * "Reduced" means |c| <= q / 2. Nothing branches on, divides or indexes by a coefficient, but for the
 * sampler of the public matrix.
 */
#ifndef HF_CRYPTO_MLKEM_POLY_H
#define HF_CRYPTO_MLKEM_POLY_H

#include "base/bytes.h"

enum { HF_MLKEM_Q = 3329, HF_MLKEM_N = 256, HF_MLKEM_K_MAX = 4, HF_POLY_BYTES = 384 };

typedef struct hf_poly {
    int16_t c[HF_MLKEM_N];
} hf_poly;
/* Of k polynomials, which the parameter set says: 3 or 4. */
typedef struct hf_poly_vec {
    hf_poly p[HF_MLKEM_K_MAX];
} hf_poly_vec;

/* ---- arithmetic ---- */

/* Algorithm 9. |c| < q in, reduced out. */
void hf_poly_ntt(hf_poly *p);
/* Algorithm 10. Takes what hf_poly_dot gives (and drops its factor), |c| < q; gives |c| < q. */
void hf_poly_inverse_ntt(hf_poly *p);
/* The inner product of two vectors of k in the NTT domain (algorithms 11 and 12), times 2^-16. Takes
   |a| < 2^12 and b reduced; gives |c| < q. */
void hf_poly_dot(hf_poly *out, const hf_poly_vec *a, const hf_poly_vec *b, size_t k);
/* Takes the factor of hf_poly_dot away: c = c * 2^16. Any c in, |c| < q out. */
void hf_poly_unscale(hf_poly *p);
/* The sums must fit 16 bits; the results are reduced. */
void hf_poly_add(hf_poly *p, const hf_poly *q);
void hf_poly_subtract(hf_poly *p, const hf_poly *q);

/* ---- encodings ---- */

/* ByteEncode_12 and ByteDecode_12 (algorithms 5 and 6). Takes |c| < q; gives 0 <= c < 2^12. */
void hf_poly_encode(const hf_poly *p, uint8_t out[HF_POLY_BYTES]);
void hf_poly_decode(hf_poly *p, const uint8_t in[HF_POLY_BYTES]);
/* The modulus check of 7.2: every coefficient that was encoded is below q. Public values only. */
bool hf_poly_is_canonical(const uint8_t in[HF_POLY_BYTES]);
/* ByteEncode_d(Compress_d), 4.7 and 4.8, 32 d bytes, d at most 11. Takes |c| < q. */
void hf_poly_compress(const hf_poly *p, unsigned d, uint8_t *out);
/* Decompress_d(ByteDecode_d); gives 0 <= c < q. */
void hf_poly_decompress(hf_poly *p, unsigned d, const uint8_t *in);

/* ---- samplers ---- */

/* SampleNTT of XOF(rho, j, i) (algorithm 7); 0 <= c < q. */
void hf_poly_sample_uniform(hf_poly *p, const uint8_t rho[32], uint8_t j, uint8_t i);
/* SamplePolyCBD_2 of PRF(seed, n) (algorithm 8); |c| <= 2. */
void hf_poly_sample_noise(hf_poly *p, const uint8_t seed[32], uint8_t n);

#endif
