/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ML-KEM-768 and ML-KEM-1024 (FIPS 203): K-PKE of section 5 and the KEM of sections 6 and 7 around it.
 * Polynomials are mlkem_poly.h's business, randomness the caller's.
 */
#include "crypto/mlkem.h"

#include "crypto/keccak.h"
#include "crypto/mlkem_poly.h"

enum { M_BYTES = 32 };

/* FIPS 203 table 2, and the lengths of table 3. */
const hf_mlkem_set hf_mlkem_768 = { 3, 10, 4, HF_MLKEM768_EK, HF_MLKEM768_DK, HF_MLKEM768_CT };
const hf_mlkem_set hf_mlkem_1024 = { 4, 11, 5, HF_MLKEM1024_EK, HF_MLKEM1024_DK, HF_MLKEM1024_CT };

_Static_assert(HF_MLKEM768_EK == 3 * HF_POLY_BYTES + 32, "ek is t and rho");
_Static_assert(HF_MLKEM1024_EK == 4 * HF_POLY_BYTES + 32, "ek is t and rho");
_Static_assert(HF_MLKEM768_DK == 3 * HF_POLY_BYTES + HF_MLKEM768_EK + 64, "s, ek, H(ek), z");
_Static_assert(HF_MLKEM1024_DK == 4 * HF_POLY_BYTES + HF_MLKEM1024_EK + 64, "s, ek, H(ek), z");
_Static_assert(HF_MLKEM768_CT == 32 * (3 * 10 + 4), "a ciphertext is u and v");
_Static_assert(HF_MLKEM1024_CT == 32 * (4 * 11 + 5), "a ciphertext is u and v");
_Static_assert(HF_MLKEM_K_MAX == 4, "vectors are long enough");

/* Bytes of t in ek, of s in dk, and of a compressed polynomial of u. */
static inline size_t t_bytes(const hf_mlkem_set *set)
{
    return (size_t)set->k * HF_POLY_BYTES;
}

static inline size_t u_bytes(const hf_mlkem_set *set)
{
    return 32u * set->du;
}

/* dk = s || ek || H(ek) || z (algorithm 16). */
static inline size_t dk_hash(const hf_mlkem_set *set)
{
    return t_bytes(set) + set->ek;
}

static inline size_t dk_z(const hf_mlkem_set *set)
{
    return dk_hash(set) + 32;
}

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
static void sample_row(const hf_mlkem_set *set, hf_poly_vec *row, const uint8_t rho[32], uint8_t i,
                       bool transposed)
{
    for (uint8_t j = 0; j < set->k; j++)
        hf_poly_sample_uniform(&row->p[j], rho, transposed ? i : j, transposed ? j : i);
}

static void sample_noise(const hf_mlkem_set *set, hf_poly_vec *v, const uint8_t seed[32],
                         uint8_t first)
{
    for (uint8_t i = 0; i < set->k; i++)
        hf_poly_sample_noise(&v->p[i], seed, (uint8_t)(first + i));
}

static void ntt(const hf_mlkem_set *set, hf_poly_vec *v)
{
    for (size_t i = 0; i < set->k; i++)
        hf_poly_ntt(&v->p[i]);
}

/* Algorithm 13: t = A s + e in the NTT domain. The matrix is made row by row, never whole. */
static void pke_keygen(const hf_mlkem_set *set, const uint8_t d[32], uint8_t *ek, uint8_t *s_out)
{
    uint8_t seeds[64]; /* rho || sigma */
    hf_poly_vec row, s, e;
    hf_poly t;

    hash_g(hf_span_of(d, 32), hf_span_of(&set->k, 1), seeds);
    sample_noise(set, &s, seeds + 32, 0);
    sample_noise(set, &e, seeds + 32, set->k);
    ntt(set, &s);
    ntt(set, &e);
    for (uint8_t i = 0; i < set->k; i++) {
        sample_row(set, &row, seeds, i, false);
        hf_poly_dot(&t, &row, &s, set->k);
        hf_poly_unscale(&t);
        hf_poly_add(&t, &e.p[i]);
        hf_poly_encode(&t, ek + i * HF_POLY_BYTES);
        hf_poly_encode(&s.p[i], s_out + i * HF_POLY_BYTES);
    }
    memcpy(ek + t_bytes(set), seeds, 32);
    hf_wipe(seeds, sizeof seeds);
    hf_wipe(&s, sizeof s);
    hf_wipe(&e, sizeof e);
}

static void decode(const hf_mlkem_set *set, hf_poly_vec *v, const uint8_t *in)
{
    for (size_t i = 0; i < set->k; i++)
        hf_poly_decode(&v->p[i], in + i * HF_POLY_BYTES);
}

/* v of algorithm 14: t y + e2 + the message, compressed. */
static void encrypt_message(const hf_mlkem_set *set, const uint8_t *ek, const uint8_t m[M_BYTES],
                            const hf_poly_vec *y, hf_poly *noise, uint8_t *out)
{
    hf_poly_vec t;
    hf_poly v, mu;

    decode(set, &t, ek);
    hf_poly_dot(&v, &t, y, set->k);
    hf_poly_inverse_ntt(&v);
    hf_poly_decompress(&mu, 1, m);
    hf_poly_add(&v, noise);
    hf_poly_add(&v, &mu);
    hf_poly_compress(&v, set->dv, out);
    hf_wipe(&v, sizeof v);
    hf_wipe(&mu, sizeof mu);
}

/* Algorithm 14. */
static void pke_encrypt(const hf_mlkem_set *set, const uint8_t *ek, const uint8_t m[M_BYTES],
                        const uint8_t r[32], uint8_t *ct)
{
    const uint8_t k = set->k;
    hf_poly_vec row, y;
    hf_poly u, noise;

    sample_noise(set, &y, r, 0);
    ntt(set, &y);
    for (uint8_t i = 0; i < k; i++) {
        sample_row(set, &row, ek + t_bytes(set), i, true);
        hf_poly_dot(&u, &row, &y, k);
        hf_poly_inverse_ntt(&u);
        hf_poly_sample_noise(&noise, r, (uint8_t)(k + i));
        hf_poly_add(&u, &noise);
        hf_poly_compress(&u, set->du, ct + i * u_bytes(set));
    }
    hf_poly_sample_noise(&noise, r, (uint8_t)(2 * k));
    encrypt_message(set, ek, m, &y, &noise, ct + k * u_bytes(set));
    hf_wipe(&y, sizeof y);
    hf_wipe(&u, sizeof u);
    hf_wipe(&noise, sizeof noise);
}

/* Algorithm 15. */
static void pke_decrypt(const hf_mlkem_set *set, const uint8_t *s_in, const uint8_t *ct,
                        uint8_t m[M_BYTES])
{
    hf_poly_vec s, u;
    hf_poly v, w;

    for (size_t i = 0; i < set->k; i++)
        hf_poly_decompress(&u.p[i], set->du, ct + i * u_bytes(set));
    hf_poly_decompress(&v, set->dv, ct + set->k * u_bytes(set));
    decode(set, &s, s_in);
    ntt(set, &u);
    hf_poly_dot(&w, &s, &u, set->k);
    hf_poly_inverse_ntt(&w);
    hf_poly_subtract(&v, &w);
    hf_poly_compress(&v, 1, m);
    hf_wipe(&s, sizeof s);
    hf_wipe(&v, sizeof v);
    hf_wipe(&w, sizeof w);
}

/* ---- ML-KEM ---- */

void hf_mlkem_keygen(const hf_mlkem_set *set, const uint8_t seed[HF_MLKEM_SEED], uint8_t *ek,
                     uint8_t *dk)
{
    pke_keygen(set, seed, ek, dk);
    memcpy(dk + t_bytes(set), ek, set->ek);
    hash_h(hf_span_of(ek, set->ek), dk + dk_hash(set));
    memcpy(dk + dk_z(set), seed + 32, 32);
}

hf_error hf_mlkem_encaps(const hf_mlkem_set *set, const uint8_t *ek, const uint8_t m[32],
                         uint8_t *ct, uint8_t secret[HF_MLKEM_SECRET])
{
    uint8_t hash[32], kr[64];

    for (size_t i = 0; i < set->k; i++)
        if (!hf_poly_is_canonical(ek + i * HF_POLY_BYTES))
            return HF_E_KEY_SHARE_INVALID;
    hash_h(hf_span_of(ek, set->ek), hash);
    hash_g(hf_span_of(m, M_BYTES), hf_span_of(hash, sizeof hash), kr);
    pke_encrypt(set, ek, m, kr + 32, ct);
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
static void decapsulate(const hf_mlkem_set *set, const uint8_t *dk, const uint8_t *ct,
                        uint8_t secret[HF_MLKEM_SECRET])
{
    const uint8_t *ek = dk + t_bytes(set);
    uint8_t m[M_BYTES], kr[64], rejected[HF_MLKEM_SECRET], again[HF_MLKEM_CT_MAX];

    pke_decrypt(set, dk, ct, m);
    hash_g(hf_span_of(m, sizeof m), hf_span_of(dk + dk_hash(set), 32), kr);
    hash_j(hf_span_of(dk + dk_z(set), 32), hf_span_of(ct, set->ct), rejected);
    pke_encrypt(set, ek, m, kr + 32, again);
    choose(hf_ct_equal(hf_span_of(ct, set->ct), hf_span_of(again, set->ct)), kr, rejected, secret);
    hf_wipe(m, sizeof m);
    hf_wipe(kr, sizeof kr);
    hf_wipe(rejected, sizeof rejected);
    hf_wipe(again, sizeof again);
}

hf_error hf_mlkem_decaps(const hf_mlkem_set *set, const uint8_t *dk, const uint8_t *ct,
                         uint8_t secret[HF_MLKEM_SECRET])
{
    uint8_t hash[32];

    hash_h(hf_span_of(dk + t_bytes(set), set->ek), hash);
    if (!hf_span_equal(hf_span_of(hash, sizeof hash), hf_span_of(dk + dk_hash(set), 32)))
        return HF_E_KEY_SHARE_INVALID;
    decapsulate(set, dk, ct, secret);
    return HF_OK;
}
