/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Does the time that hf_rsa_premaster takes tell a well-padded ciphertext from a malformed one
 * (RFC 5246 7.4.7.1)? Each round makes a fresh ciphertext of every shape and decrypts them in a
 * random order. Samples above one limit, which the slowest fifth of all passes, are dropped. The rest
 * of each shape is compared with the good ones by the Mann-Whitney U test, which asks only whether
 * one of the two tends to be the slower; exchanged labels are its model, so the order must be random.
 *
 *   bench_bleichenbacher [--leaky] [--samples N]        best under: taskset -c 0
 *
 * How to read it. z counts standard deviations from "no difference", positive if the malformed shape
 * is slower; p is how often chance alone gives at least as much. `shift` is the difference of the
 * medians, and `error` the shift that is about one z. A |z| above LIMIT fails (exit 1): without any
 * difference that happens once in some 1,700 runs. "good, once more" is the control: if that row
 * differs, it is the machine. All rows have the same good samples for a reference, so they lean to
 * one side together. "everything zero" is shown and not judged: its ciphertext is zero too, so who
 * sends it knows the plaintext, and libcrypto's arithmetic is a little slower with the number zero;
 * "zero up to the secret" is the same to an unpadding. A pass means that nothing above LIMIT errors
 * showed; four times the samples see half of that. --leaky measures a decryption that gives up at the
 * first wrong byte and draws its random secret only then: it must fail, or the machine is too noisy
 * for a pass to mean anything. Build it with -O2 and without sanitizers, and run it on an idle
 * machine:
 *
 *   cmake -S . -B build/bench --preset release -DHF_TESTS=ON
 *   cmake --build build/bench --target bench_bleichenbacher && build/bench/bench/bench_bleichenbacher
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/rsa.h>

#include "crypto/private_key.h"
#include "crypto/rsa_premaster.h"

enum { MODULUS = 256, FIRST = MODULUS - HF_PREMASTER, SAMPLES = 5000, WARM_UP = 200 };
static const double LIMIT = 4.0;

typedef void operation(const hf_private_key *key, uint16_t client_version, hf_span ciphertext,
                       const uint8_t *substitute, uint8_t *premaster);

static const hf_random libcrypto_random = { NULL, NULL };

static void die(const char *what)
{
    fprintf(stderr, "bench_bleichenbacher: %s\n", what);
    exit(2);
}

static void draw(uint8_t *out, size_t len)
{
    if (hf_random_bytes(&libcrypto_random, out, len) != HF_OK)
        die("no random bytes");
}

/* ---- shapes ---- */

/* `at` gets `value`, if it is not negative; so do the others. */
typedef struct shape {
    const char *name;
    struct {
        int at, value;
    } change[4];
} shape;

#define NONE                                                                                       \
    {                                                                                              \
        -1, 0                                                                                      \
    }
static const shape shapes[] = {
    { "good", { NONE, NONE, NONE, NONE } },
    { "good, once more", { NONE, NONE, NONE, NONE } },
    { "wrong first byte", { { 0, 1 }, NONE, NONE, NONE } },
    { "block type 01", { { 1, 1 }, NONE, NONE, NONE } },
    { "zero in the first 8 of the padding", { { 2 + 4, 0 }, NONE, NONE, NONE } },
    { "no separator", { { FIRST - 1, 0x55 }, NONE, NONE, NONE } },
    { "separator too early", { { FIRST - 1, 0x55 }, { FIRST - 2, 0 }, NONE, NONE } },
    { "separator too late",
      { { FIRST - 1, 0x55 }, { FIRST, 0 }, { FIRST + 1, 3 }, { FIRST + 2, 3 } } },
    { "wrong version", { { FIRST + 1, 2 }, NONE, NONE, NONE } },
    { "zero up to the secret", { NONE, NONE, NONE, NONE } },
    { "everything zero", { NONE, NONE, NONE, NONE } },
};
enum { SHAPES = sizeof shapes / sizeof *shapes, ALL_ZERO = SHAPES - 1, ZERO_LEAD = SHAPES - 2 };

static void make_block(size_t which, uint8_t block[MODULUS])
{
    draw(block, MODULUS);
    for (size_t i = 2; i < MODULUS; i++)
        block[i] |= block[i] == 0; /* no zero but those that are meant */
    block[0] = block[FIRST - 1] = 0;
    block[1] = 2;
    block[FIRST] = block[FIRST + 1] = 3;
    for (size_t i = 0; i < 4; i++)
        if (shapes[which].change[i].at >= 0)
            block[shapes[which].change[i].at] = (uint8_t)shapes[which].change[i].value;
    if (which == ZERO_LEAD || which == ALL_ZERO)
        memset(block, 0, which == ALL_ZERO ? MODULUS : FIRST);
}

static void encrypt_raw(EVP_PKEY *pkey, const uint8_t *block, uint8_t *ciphertext)
{
    size_t len = MODULUS;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);

    if (!ctx || EVP_PKEY_encrypt_init(ctx) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) != 1 ||
        EVP_PKEY_encrypt(ctx, ciphertext, &len, block, MODULUS) != 1)
        die("raw RSA does not work");
    EVP_PKEY_CTX_free(ctx);
}

/* ---- what must be found ---- */

/* How it must not be done. */
static bool unpad_leaky(const uint8_t *block, uint16_t version, uint8_t *premaster)
{
    if (block[0] != 0 || block[1] != 2)
        return false;
    for (size_t i = 2; i < FIRST - 1; i++)
        if (block[i] == 0)
            return false;
    if (block[FIRST - 1] != 0 || (block[FIRST] << 8 | block[FIRST + 1]) != version)
        return false;
    memcpy(premaster, block + FIRST, HF_PREMASTER);
    return true;
}

static void leaky_premaster(const hf_private_key *key, uint16_t version, hf_span ciphertext,
                            const uint8_t *substitute, uint8_t *premaster)
{
    uint8_t block[MODULUS];
    size_t len = sizeof block;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);

    (void)substitute;
    if (!ctx || EVP_PKEY_decrypt_init(ctx) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) != 1 ||
        EVP_PKEY_decrypt(ctx, block, &len, ciphertext.data, ciphertext.len) != 1)
        die("raw RSA does not work");
    EVP_PKEY_CTX_free(ctx);
    if (!unpad_leaky(block, version, premaster))
        draw(premaster, HF_PREMASTER);
}

/* ---- samples ---- */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void shuffle(size_t order[SHAPES])
{
    uint8_t random[SHAPES];

    draw(random, sizeof random);
    for (size_t i = SHAPES - 1; i > 0; i--) {
        size_t j = random[i] % (i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

static double measure(operation *decrypt, const hf_private_key *key, const uint8_t *ciphertext,
                      const uint8_t *substitute)
{
    static uint8_t same_place[MODULUS]; /* or the caches tell the shapes apart */
    uint8_t premaster[HF_PREMASTER];

    memcpy(same_place, ciphertext, MODULUS);
    double start = now();
    decrypt(key, HF_TLS12, hf_span_of(same_place, MODULUS), substitute, premaster);
    return now() - start;
}

/* One sample of each shape. */
static void one_round(operation *decrypt, const hf_private_key *key, double sample[SHAPES])
{
    static uint8_t ciphertexts[SHAPES][MODULUS];
    uint8_t block[MODULUS], substitute[HF_PREMASTER];
    size_t order[SHAPES];

    for (size_t i = 0; i < SHAPES; i++) {
        make_block(i, block);
        encrypt_raw(key->pkey, block, ciphertexts[i]);
        order[i] = i;
    }
    draw(substitute, sizeof substitute);
    shuffle(order);
    /* of the first nobody knows what ran before it */
    measure(decrypt, key, ciphertexts[order[SHAPES - 1]], substitute);
    for (size_t i = 0; i < SHAPES; i++)
        sample[order[i]] = measure(decrypt, key, ciphertexts[order[i]], substitute);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* samples[shape * n + i], sorted by time within each shape. */
static double *collect(operation *decrypt, const hf_private_key *key, size_t n)
{
    double *samples = calloc(SHAPES * n, sizeof *samples), sample[SHAPES];

    if (!samples)
        die("no memory");
    for (size_t i = 0; i < WARM_UP / SHAPES; i++)
        one_round(decrypt, key, sample);
    for (size_t i = 0; i < n; i++) {
        one_round(decrypt, key, sample);
        for (size_t s = 0; s < SHAPES; s++)
            samples[s * n + i] = sample[s];
    }
    for (size_t s = 0; s < SHAPES; s++)
        qsort(samples + s * n, n, sizeof *samples, by_value);
    return samples;
}

/* ---- the test ---- */

typedef struct comparison {
    double z, p;
} comparison;

/* What is kept of a shape's samples, sorted. */
typedef struct sample_set {
    const double *at;
    size_t n;
} sample_set;

/* The rank sum of `a`. Both are sorted, so they are merged: equal values share the mean of their
   ranks. */
static double rank_sum(sample_set a, sample_set b, double *ties)
{
    double sum = 0;
    size_t i = 0, j = 0;

    *ties = 0;
    while (i < a.n || j < b.n) {
        size_t i0 = i, j0 = j;
        double value = j == b.n || (i < a.n && a.at[i] < b.at[j]) ? a.at[i] : b.at[j];

        while (i < a.n && a.at[i] <= value)
            i++;
        while (j < b.n && b.at[j] <= value)
            j++;
        double t = (double)(i - i0 + j - j0), mean_rank = (double)(i0 + j0) + (t + 1) / 2;
        sum += mean_rank * (double)(i - i0);
        *ties += t * t * t - t;
    }
    return sum;
}

/* Mann-Whitney's U by its normal approximation, corrected for ties; positive if `a` is the slower. */
static comparison mann_whitney(sample_set a, sample_set b)
{
    double ties, m = (double)a.n, n = (double)b.n, all = m + n;
    double u = rank_sum(a, b, &ties) - m * (m + 1) / 2;
    double variance = m * n / 12 * (all + 1 - ties / (all * (all - 1)));
    comparison c = { (u - m * n / 2) / sqrt(variance), 0 };

    c.p = erfc(fabs(c.z) / sqrt(2));
    return c;
}

/* One limit for all: whose sample it is must not matter for whether it is kept. */
static double time_limit(const double *samples, size_t n)
{
    double *pool = malloc(SHAPES * n * sizeof *pool);

    if (!pool)
        die("no memory");
    memcpy(pool, samples, SHAPES * n * sizeof *pool);
    qsort(pool, SHAPES * n, sizeof *pool, by_value);
    double limit = pool[SHAPES * n * 4 / 5];
    free(pool);
    return limit;
}

static sample_set below(double limit, const double *sorted, size_t n)
{
    sample_set set = { sorted, 0 };

    while (set.n < n && sorted[set.n] < limit)
        set.n++;
    return set;
}

static double median(sample_set set)
{
    return set.n > 0 ? set.at[set.n / 2] : NAN;
}

/* The standard error of the difference of two medians, from the middle half of the samples. */
static double error_of(sample_set set)
{
    double deviation = (set.at[set.n * 3 / 4] - set.at[set.n / 4]) / 1.349;

    return 1.2533 * deviation * sqrt(2 / (double)set.n);
}

static bool report(const double *samples, size_t n)
{
    double limit = time_limit(samples, n);
    sample_set good = below(limit, samples, n);
    bool leaks = false;

    if (good.n == 0)
        die("every good ciphertext is among the slowest fifth");
    printf("%zu samples a shape; good: median %.1f us, error %.0f ns\n\n", n, median(good) / 1000,
           error_of(good));
    printf("%-34s %6s %9s %8s %9s\n", "shape", "kept", "shift/ns", "z", "p");
    for (size_t s = 1; s < SHAPES; s++) {
        sample_set these = below(limit, samples + s * n, n);
        comparison c = mann_whitney(these, good);
        bool judged = s != ALL_ZERO;
        bool found = judged && !(fabs(c.z) <= LIMIT); /* of nothing kept comes no number */

        printf("%-34s %6zu %+9.0f %+8.2f %9.2g%s\n", shapes[s].name, these.n,
               median(these) - median(good), c.z, c.p,
               found ? "  differs" : (judged ? "" : "  (not judged)"));
        leaks = leaks || found;
    }
    return leaks;
}

int main(int argc, char **argv)
{
    operation *decrypt = hf_rsa_premaster;
    size_t n = SAMPLES;
    hf_private_key *key;

    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--leaky") == 0)
            decrypt = leaky_premaster;
        else if (strcmp(argv[i], "--samples") == 0 && i + 1 < argc)
            n = strtoul(argv[++i], NULL, 10);
        else
            die("usage: bench_bleichenbacher [--leaky] [--samples N]");
    if (n < 100 || n > 10000000)
        die("--samples: 100 to 10,000,000");
    if (hf_private_key_generate(&key, HF_KEY_RSA, 8 * MODULUS) != HF_OK)
        die("no key");
    double *samples = collect(decrypt, key, n);
    bool leaks = report(samples, n);
    free(samples);
    hf_private_key_free(key);
    printf("\n%s\n", leaks ? "the time tells a malformed ciphertext" : "no difference shows");
    return leaks;
}
