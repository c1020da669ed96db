/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* mlkem.c and what it stands on: the sponge, the polynomials, and the KEM against a known stream. */
#include <openssl/evp.h>

#include "crypto/keccak.h"
#include "crypto/mlkem.h"
#include "crypto/mlkem_poly.h"
#include "crypto_support.h"

enum { Q = HF_MLKEM_Q, N = HF_MLKEM_N };

/* ---- the sponge ---- */

/* FIPS 202 examples. */
static void known_sponge(void **state)
{
    uint8_t out[64];

    (void)state;
    hf_keccak_once(HF_SHA3_256_RATE, HF_SHA3_SUFFIX, hf_span_str(""), hf_span_str(""), out, 32);
    assert_hex(out, "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    hf_keccak_once(HF_SHA3_512_RATE, HF_SHA3_SUFFIX, hf_span_str("a"), hf_span_str("bc"), out, 64);
    assert_hex(out, "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
                    "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0");
    hf_keccak_once(HF_SHAKE128_RATE, HF_SHAKE_SUFFIX, hf_span_str(""), hf_span_str(""), out, 32);
    assert_hex(out, "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26");
    hf_keccak_once(HF_SHAKE256_RATE, HF_SHAKE_SUFFIX, hf_span_str(""), hf_span_str(""), out, 32);
    assert_hex(out, "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f");
}

/* libcrypto as the second opinion, for all lengths around the blocks and any cut of the input. */
static void sponge_lengths(void **state)
{
    uint8_t text[420], ours[64], theirs[64];

    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 11 + 3);
    for (size_t len = 0; len <= sizeof text; len++) {
        size_t cut = len * 5 / 7;
        hf_span a = hf_span_of(text, cut), b = hf_span_of(text + cut, len - cut);

        hf_keccak_once(HF_SHA3_256_RATE, HF_SHA3_SUFFIX, a, b, ours, 32);
        assert_int_equal(EVP_Digest(text, len, theirs, NULL, EVP_sha3_256(), NULL), 1);
        assert_memory_equal(ours, theirs, 32);
        hf_keccak_once(HF_SHA3_512_RATE, HF_SHA3_SUFFIX, a, b, ours, 64);
        assert_int_equal(EVP_Digest(text, len, theirs, NULL, EVP_sha3_512(), NULL), 1);
        assert_memory_equal(ours, theirs, 64);
    }
}

static void squeeze_in_pieces(void **state)
{
    uint8_t whole[500], piece[500];
    hf_keccak k;

    (void)state;
    hf_keccak_once(HF_SHAKE128_RATE, HF_SHAKE_SUFFIX, hf_span_str("x"), hf_span_str("y"), whole,
                   sizeof whole);
    for (size_t step = 1; step < 200; step++) {
        hf_keccak_init(&k, HF_SHAKE128_RATE);
        hf_keccak_absorb(&k, hf_span_str("xy"));
        hf_keccak_finish(&k, HF_SHAKE_SUFFIX);
        for (size_t at = 0; at < sizeof piece; at += step)
            hf_keccak_squeeze(&k, piece + at, sizeof piece - at < step ? sizeof piece - at : step);
        assert_memory_equal(piece, whole, sizeof whole);
    }
}

/* ---- polynomials ---- */

static int mod_q(long v)
{
    long r = v % Q;

    return (int)(r < 0 ? r + Q : r);
}

static void assert_same(const hf_poly *found, const int *expected)
{
    for (size_t i = 0; i < N; i++)
        assert_int_equal(mod_q(found->c[i]), expected[i]);
}

/* A poly whose coefficients cover all of (-q, q), and their edges. */
static void fill(hf_poly *p, unsigned seed)
{
    static const int16_t edges[] = { 0, 1, -1, Q - 1, 1 - Q, Q / 2, -(Q / 2), Q / 2 + 1 };

    for (unsigned i = 0; i < N; i++) {
        seed = seed * 1103515245 + 12345;
        p->c[i] = i % 16 < COUNT(edges) ? edges[(i + i / 16) % COUNT(edges)]
                                        : (int16_t)((int)(seed >> 8 & 4095) % Q);
    }
}

/* Schoolbook multiplication modulo X^256 + 1 (FIPS 203 section 4.3.1). */
static void multiply(const hf_poly *a, const hf_poly *b, long *sum)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            sum[(i + j) % N] += (i + j < N ? 1L : -1L) * a->c[i] * b->c[j];
}

static void check_products(size_t length)
{
    hf_poly_vec a, b, a_hat, b_hat;
    int expected[N];
    hf_poly out;

    for (unsigned round = 0; round < 20; round++) {
        long sum[N] = { 0 };

        for (unsigned k = 0; k < length; k++) {
            fill(&a.p[k], 10 * round + k);
            fill(&b.p[k], 1000 + 10 * round + k);
            multiply(&a.p[k], &b.p[k], sum);
            a_hat.p[k] = a.p[k];
            b_hat.p[k] = b.p[k];
            hf_poly_ntt(&a_hat.p[k]);
            hf_poly_ntt(&b_hat.p[k]);
            for (size_t i = 0; i < N; i++)
                assert_in_range(a_hat.p[k].c[i] + Q / 2, 0, Q - 1);
        }
        for (size_t i = 0; i < N; i++)
            expected[i] = mod_q(sum[i]);
        hf_poly_dot(&out, &a_hat, &b_hat, length);
        hf_poly_inverse_ntt(&out);
        assert_same(&out, expected);
    }
}

static void products(void **state)
{
    (void)state;
    check_products(3);
    check_products(4);
}

static void check_edge(size_t length)
{
    hf_poly_vec a, b;
    hf_poly out, one;
    int expected[N];

    for (int sign = -1; sign <= 1; sign += 2) {
        for (size_t k = 0; k < length; k++)
            for (size_t i = 0; i < N; i++) {
                a.p[k].c[i] = 4095;
                b.p[k].c[i] = (int16_t)(sign * (Q / 2));
            }
        hf_poly_dot(&out, &a, &b, length);
        for (size_t k = 0; k < length; k++)
            for (size_t i = 0; i < N; i++)
                a.p[k].c[i] = 4095 - Q;
        hf_poly_dot(&one, &a, &b, length);
        for (size_t i = 0; i < N; i++)
            expected[i] = mod_q(one.c[i]);
        assert_same(&out, expected);
    }
}

/* The largest values that decoding can give do not overflow. */
static void products_at_the_edge(void **state)
{
    (void)state;
    check_edge(3);
    check_edge(4);
}

static void unscaling(void **state)
{
    hf_poly p, before;
    int expected[N];

    (void)state;
    fill(&before, 77);
    p = before;
    hf_poly_unscale(&p);
    for (size_t i = 0; i < N; i++)
        expected[i] = mod_q(before.c[i] * 65536L);
    assert_same(&p, expected);
}

static void sums(void **state)
{
    hf_poly a, b, sum, difference;

    (void)state;
    fill(&a, 1);
    fill(&b, 2);
    sum = difference = a;
    hf_poly_add(&sum, &b);
    hf_poly_subtract(&difference, &b);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(mod_q(sum.c[i]), mod_q(a.c[i] + b.c[i]));
        assert_int_equal(mod_q(difference.c[i]), mod_q(a.c[i] - b.c[i]));
        assert_in_range(sum.c[i] + Q / 2, 0, Q - 1);
    }
}

/* Compress_d by its definition, with the division that the code may not make (FIPS 203 4.2.1). */
static unsigned compressed(int c, unsigned d)
{
    return (unsigned)(((unsigned)mod_q(c) << d) + Q / 2) / Q & ((1u << d) - 1);
}

/* Bit i of a little-endian string of bits. */
static unsigned bits_at(const uint8_t *in, size_t at, unsigned d)
{
    unsigned v = 0;

    for (unsigned i = 0; i < d; i++)
        v |= (unsigned)(in[(at + i) / 8] >> (at + i) % 8 & 1) << i;
    return v;
}

static void every_compression(void **state)
{
    static const unsigned widths[] = { 1, 4, 5, 10, 11 };
    uint8_t out[352];
    hf_poly p, back;

    (void)state;
    for (size_t w = 0; w < COUNT(widths); w++)
        for (int first = 1 - Q; first < Q; first += N) {
            unsigned d = widths[w];

            for (int i = 0; i < N; i++)
                p.c[i] = (int16_t)(first + i < Q ? first + i : Q - 1);
            hf_poly_compress(&p, d, out);
            hf_poly_decompress(&back, d, out);
            for (size_t i = 0; i < N; i++) {
                unsigned v = compressed(p.c[i], d);

                assert_int_equal(bits_at(out, i * d, d), v);
                assert_int_equal(back.c[i], (v * Q + (1u << (d - 1))) >> d);
            }
        }
}

static void encodings(void **state)
{
    uint8_t out[HF_POLY_BYTES];
    hf_poly p, back;

    (void)state;
    for (int first = 1 - Q; first < Q; first += N) {
        for (int i = 0; i < N; i++)
            p.c[i] = (int16_t)(first + i < Q ? first + i : Q - 1);
        hf_poly_encode(&p, out);
        hf_poly_decode(&back, out);
        assert_true(hf_poly_is_canonical(out));
        for (size_t i = 0; i < N; i++) {
            assert_int_equal(bits_at(out, 12 * i, 12), mod_q(p.c[i]));
            assert_int_equal(back.c[i], mod_q(p.c[i]));
        }
    }
    memset(out, 0xff, sizeof out);
    assert_false(hf_poly_is_canonical(out));
}

/* ---- the KEM ---- */

/* The procedure of TestAccumulated in Go's crypto/mlkem: a hundred keys, encapsulations, decapsulations and
   implicit rejections out of one SHAKE128 stream. */
static void check_stream(const hf_mlkem_set *set, const char *expected)
{
    uint8_t seed[HF_MLKEM_SEED], m[32], ek[HF_MLKEM_EK_MAX], dk[HF_MLKEM_DK_MAX];
    uint8_t ct[HF_MLKEM_CT_MAX], secret[32], again[32];
    hf_keccak in, out;

    hf_keccak_init(&in, HF_SHAKE128_RATE);
    hf_keccak_finish(&in, HF_SHAKE_SUFFIX);
    hf_keccak_init(&out, HF_SHAKE128_RATE);
    for (int i = 0; i < 100; i++) {
        hf_keccak_squeeze(&in, seed, sizeof seed);
        hf_mlkem_keygen(set, seed, ek, dk);
        hf_keccak_absorb(&out, hf_span_of(ek, set->ek));
        hf_keccak_squeeze(&in, m, sizeof m);
        assert_int_equal(hf_mlkem_encaps(set, ek, m, ct, secret), HF_OK);
        hf_keccak_absorb(&out, hf_span_of(ct, set->ct));
        hf_keccak_absorb(&out, hf_span_of(secret, sizeof secret));
        assert_int_equal(hf_mlkem_decaps(set, dk, ct, again), HF_OK);
        assert_memory_equal(again, secret, sizeof secret);
        hf_keccak_squeeze(&in, ct, set->ct);
        assert_int_equal(hf_mlkem_decaps(set, dk, ct, again), HF_OK);
        hf_keccak_absorb(&out, hf_span_of(again, sizeof again));
    }
    hf_keccak_finish(&out, HF_SHAKE_SUFFIX);
    hf_keccak_squeeze(&out, again, sizeof again);
    assert_hex(again, expected);
}

/* The first hash is published there. The second is of the same procedure with Go's ML-KEM-1024
   (tests/vectors/data/mlkem1024.go). */
static void known_stream(void **state)
{
    (void)state;
    check_stream(&hf_mlkem_768, "1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415");
    check_stream(&hf_mlkem_1024,
                 "800018fec3e2723f73f1d657fe239b4d5d8782efaade297e8cd448e54cc2ac00");
}

/* A bit changed in each byte of a ciphertext: the secret is J(z || c), whatever was changed. */
static void check_rejection(const hf_mlkem_set *set)
{
    uint8_t seed[HF_MLKEM_SEED], m[32] = { 7 }, ek[HF_MLKEM_EK_MAX], dk[HF_MLKEM_DK_MAX];
    uint8_t ct[HF_MLKEM_CT_MAX], secret[32], expected[32];

    memset(seed, 0x42, sizeof seed);
    hf_mlkem_keygen(set, seed, ek, dk);
    assert_int_equal(hf_mlkem_encaps(set, ek, m, ct, secret), HF_OK);
    for (size_t i = 0; i < set->ct; i++) {
        ct[i] ^= (uint8_t)(1u << i % 8);
        hf_keccak_once(HF_SHAKE256_RATE, HF_SHAKE_SUFFIX, hf_span_of(seed + 32, 32),
                       hf_span_of(ct, set->ct), expected, 32);
        assert_int_equal(hf_mlkem_decaps(set, dk, ct, secret), HF_OK);
        assert_memory_equal(secret, expected, 32);
        ct[i] ^= (uint8_t)(1u << i % 8);
    }
}

static void implicit_rejection(void **state)
{
    (void)state;
    check_rejection(&hf_mlkem_768);
    check_rejection(&hf_mlkem_1024);
}

/* FIPS 203 7.3: dk holds the hash of its ek. A change in s or z is not noticed, and harms nobody. */
static void check_damage(const hf_mlkem_set *set)
{
    uint8_t seed[HF_MLKEM_SEED] = { 1 }, ek[HF_MLKEM_EK_MAX], dk[HF_MLKEM_DK_MAX],
            ct[HF_MLKEM_CT_MAX] = { 0 }, secret[32];

    hf_mlkem_keygen(set, seed, ek, dk);
    for (size_t i = 0; i < set->dk; i += 13) {
        bool covered = i >= set->k * 384u && i < set->dk - 32u;

        dk[i] ^= 0x10;
        assert_int_equal(hf_mlkem_decaps(set, dk, ct, secret),
                         covered ? HF_E_KEY_SHARE_INVALID : HF_OK);
        dk[i] ^= 0x10;
    }
}

static void damaged_key(void **state)
{
    (void)state;
    check_damage(&hf_mlkem_768);
    check_damage(&hf_mlkem_1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_sponge),
        cmocka_unit_test(sponge_lengths),
        cmocka_unit_test(squeeze_in_pieces),
        cmocka_unit_test(products),
        cmocka_unit_test(products_at_the_edge),
        cmocka_unit_test(unscaling),
        cmocka_unit_test(sums),
        cmocka_unit_test(every_compression),
        cmocka_unit_test(encodings),
        cmocka_unit_test(known_stream),
        cmocka_unit_test(implicit_rejection),
        cmocka_unit_test(damaged_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
