/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ML-KEM-768 (FIPS 203): K-PKE of section 5 and the KEM of sections 6 and 7 around it. Polynomials
 * are mlkem_poly.h's business, randomness the caller's.
 */
#include "crypto/mlkem768.h"

#include "crypto/keccak.h"
#include "crypto/mlkem_poly.h"

enum {
    K = HF_MLKEM_K,
    T_BYTES = K * HF_POLY_BYTES, /* t in ek, and s in dk */
    DU = 10,                     /* bits of a coefficient of u, and of v (FIPS 203 table 2) */
    DV = 4,
    U_BYTES = 32 * DU,
    M_BYTES = 32
};

/* dk = s || ek || H(ek) || z (algorithm 16). */
enum { DK_EK = T_BYTES, DK_HASH = DK_EK + HF_MLKEM_EK, DK_Z = DK_HASH + 32 };

_Static_assert(HF_MLKEM_EK == T_BYTES + 32, "ek is t and rho");
_Static_assert(HF_MLKEM_DK == DK_Z + 32, "dk is s, ek, H(ek) and z");
_Static_assert(HF_MLKEM_CT == K * U_BYTES + 32 * DV, "a ciphertext is u and v");

/* G (4.1): 64 bytes. */
static void hash_g(hf_span a, hf_span b, uint8_t out[64])
{
    hf_keccak_once(HF_SHA3_512_RATE, HF_SHA3_SUFFIX, a, b, out, 64);
}

static void hash_h(hf_span a, uint8_t out[32])
{
    hf_keccak_once(HF_SHA3_256_RATE, HF_SHA3_SUFFIX, a, hf_span_of(NULL, 0), out, 32);
}

static void hash_j(hf_span a, hf_span b, uint8_t out[32])
{
    hf_keccak_once(HF_SHAKE256_RATE, HF_SHAKE_SUFFIX, a, b, out, 32);
}

/* ---- K-PKE ---- */

/* Row i of the matrix A, or of its transpose. */
static void sample_row(hf_poly_vec *row, const uint8_t rho[32], uint8_t i, bool transposed)
{
    for (uint8_t j = 0; j < K; j++)
        hf_poly_sample_uniform(&row->p[j], rho, transposed ? i : j, transposed ? j : i);
}

static void sample_noise(hf_poly_vec *v, const uint8_t seed[32], uint8_t first)
{
    for (uint8_t i = 0; i < K; i++)
        hf_poly_sample_noise(&v->p[i], seed, (uint8_t)(first + i));
}

static void ntt(hf_poly_vec *v)
{
    for (size_t i = 0; i < K; i++)
        hf_poly_ntt(&v->p[i]);
}

/* Algorithm 13: t = A s + e in the NTT domain. The matrix is made row by row, never whole. */
static void pke_keygen(const uint8_t d[32], uint8_t ek[HF_MLKEM_EK], uint8_t s_out[T_BYTES])
{
    const uint8_t k = K;
    uint8_t seeds[64]; /* rho || sigma */
    hf_poly_vec row, s, e;
    hf_poly t;

    hash_g(hf_span_of(d, 32), hf_span_of(&k, 1), seeds);
    sample_noise(&s, seeds + 32, 0);
    sample_noise(&e, seeds + 32, K);
    ntt(&s);
    ntt(&e);
    for (uint8_t i = 0; i < K; i++) {
        sample_row(&row, seeds, i, false);
        hf_poly_dot(&t, &row, &s);
        hf_poly_unscale(&t);
        hf_poly_add(&t, &e.p[i]);
        hf_poly_encode(&t, ek + i * HF_POLY_BYTES);
        hf_poly_encode(&s.p[i], s_out + i * HF_POLY_BYTES);
    }
    memcpy(ek + T_BYTES, seeds, 32);
    hf_wipe(seeds, sizeof seeds);
    hf_wipe(&s, sizeof s);
    hf_wipe(&e, sizeof e);
}

static void decode(hf_poly_vec *v, const uint8_t in[T_BYTES])
{
    for (size_t i = 0; i < K; i++)
        hf_poly_decode(&v->p[i], in + i * HF_POLY_BYTES);
}

/* v of algorithm 14: t y + e2 + the message, compressed. */
static void encrypt_message(const uint8_t ek[HF_MLKEM_EK], const uint8_t m[M_BYTES],
                            const hf_poly_vec *y, hf_poly *noise, uint8_t *out)
{
    hf_poly_vec t;
    hf_poly v, mu;

    decode(&t, ek);
    hf_poly_dot(&v, &t, y);
    hf_poly_inverse_ntt(&v);
    hf_poly_decompress(&mu, 1, m);
    hf_poly_add(&v, noise);
    hf_poly_add(&v, &mu);
    hf_poly_compress(&v, DV, out);
    hf_wipe(&v, sizeof v);
    hf_wipe(&mu, sizeof mu);
}

/* Algorithm 14. */
static void pke_encrypt(const uint8_t ek[HF_MLKEM_EK], const uint8_t m[M_BYTES],
                        const uint8_t r[32], uint8_t ct[HF_MLKEM_CT])
{
    hf_poly_vec row, y;
    hf_poly u, noise;

    sample_noise(&y, r, 0);
    ntt(&y);
    for (uint8_t i = 0; i < K; i++) {
        sample_row(&row, ek + T_BYTES, i, true);
        hf_poly_dot(&u, &row, &y);
        hf_poly_inverse_ntt(&u);
        hf_poly_sample_noise(&noise, r, (uint8_t)(K + i));
        hf_poly_add(&u, &noise);
        hf_poly_compress(&u, DU, ct + i * U_BYTES);
    }
    hf_poly_sample_noise(&noise, r, 2 * K);
    encrypt_message(ek, m, &y, &noise, ct + K * U_BYTES);
    hf_wipe(&y, sizeof y);
    hf_wipe(&u, sizeof u);
    hf_wipe(&noise, sizeof noise);
}

/* Algorithm 15. */
static void pke_decrypt(const uint8_t s_in[T_BYTES], const uint8_t ct[HF_MLKEM_CT],
                        uint8_t m[M_BYTES])
{
    hf_poly_vec s, u;
    hf_poly v, w;

    for (size_t i = 0; i < K; i++)
        hf_poly_decompress(&u.p[i], DU, ct + i * U_BYTES);
    hf_poly_decompress(&v, DV, ct + K * U_BYTES);
    decode(&s, s_in);
    ntt(&u);
    hf_poly_dot(&w, &s, &u);
    hf_poly_inverse_ntt(&w);
    hf_poly_subtract(&v, &w);
    hf_poly_compress(&v, 1, m);
    hf_wipe(&s, sizeof s);
    hf_wipe(&v, sizeof v);
    hf_wipe(&w, sizeof w);
}

/* ---- ML-KEM ---- */

void hf_mlkem768_keygen(const uint8_t seed[HF_MLKEM_SEED], uint8_t ek[HF_MLKEM_EK],
                        uint8_t dk[HF_MLKEM_DK])
{
    pke_keygen(seed, ek, dk);
    memcpy(dk + DK_EK, ek, HF_MLKEM_EK);
    hash_h(hf_span_of(ek, HF_MLKEM_EK), dk + DK_HASH);
    memcpy(dk + DK_Z, seed + 32, 32);
}

hf_error hf_mlkem768_encaps(const uint8_t ek[HF_MLKEM_EK], const uint8_t m[32],
                            uint8_t ct[HF_MLKEM_CT], uint8_t secret[HF_MLKEM_SECRET])
{
    uint8_t hash[32], kr[64];

    for (size_t i = 0; i < K; i++)
        if (!hf_poly_is_canonical(ek + i * HF_POLY_BYTES))
            return HF_E_KEY_SHARE_INVALID;
    hash_h(hf_span_of(ek, HF_MLKEM_EK), hash);
    hash_g(hf_span_of(m, M_BYTES), hf_span_of(hash, sizeof hash), kr);
    pke_encrypt(ek, m, kr + 32, ct);
    memcpy(secret, kr, HF_MLKEM_SECRET);
    hf_wipe(kr, sizeof kr);
    return HF_OK;
}

/* secret = same ? yes : no, by a mask that the compiler cannot see through. */
static void choose(bool same, const uint8_t *yes, const uint8_t *no, uint8_t *secret)
{
    volatile uint8_t hidden = (uint8_t)(0 - (unsigned)same);
    const uint8_t mask = hidden;

    for (size_t i = 0; i < HF_MLKEM_SECRET; i++)
        secret[i] = (uint8_t)((yes[i] & mask) | (no[i] & ~mask));
}

/* Algorithm 18: a ciphertext that does not come out again when the message is encrypted anew gives a
   secret that depends on z and the ciphertext alone, in the same time. */
static void decapsulate(const uint8_t dk[HF_MLKEM_DK], const uint8_t ct[HF_MLKEM_CT],
                        uint8_t secret[HF_MLKEM_SECRET])
{
    const uint8_t *ek = dk + DK_EK;
    uint8_t m[M_BYTES], kr[64], rejected[HF_MLKEM_SECRET], again[HF_MLKEM_CT];

    pke_decrypt(dk, ct, m);
    hash_g(hf_span_of(m, sizeof m), hf_span_of(dk + DK_HASH, 32), kr);
    hash_j(hf_span_of(dk + DK_Z, 32), hf_span_of(ct, HF_MLKEM_CT), rejected);
    pke_encrypt(ek, m, kr + 32, again);
    choose(hf_ct_equal(hf_span_of(ct, HF_MLKEM_CT), hf_span_of(again, sizeof again)), kr, rejected,
           secret);
    hf_wipe(m, sizeof m);
    hf_wipe(kr, sizeof kr);
    hf_wipe(rejected, sizeof rejected);
    hf_wipe(again, sizeof again);
}

hf_error hf_mlkem768_decaps(const uint8_t dk[HF_MLKEM_DK], const uint8_t ct[HF_MLKEM_CT],
                            uint8_t secret[HF_MLKEM_SECRET])
{
    uint8_t hash[32];

    hash_h(hf_span_of(dk + DK_EK, HF_MLKEM_EK), hash);
    if (!hf_span_equal(hf_span_of(hash, sizeof hash), hf_span_of(dk + DK_HASH, 32)))
        return HF_E_KEY_SHARE_INVALID;
    decapsulate(dk, ct, secret);
    return HF_OK;
}
