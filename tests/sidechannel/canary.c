/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Shows that the check can fail: code that leaks a secret, in each way that memcheck can see, and with
 * secrets that went through our floors and libcrypto before. Every case must be reported.
 */
#include <stdint.h>
#include <string.h>

#include "keys/keys.h"
#include "sidechannel/secret.h"

static volatile unsigned sink;

static bool branch(const void *about)
{
    uint8_t secret[16] = { 1, 2, 3 };

    (void)about;
    SECRET(secret);
    if (secret[2] > 100)
        sink++;
    return true;
}

static bool address(const void *about)
{
    static const uint8_t table[256] = { 1 };
    uint8_t secret[16] = { 1, 2, 3 };

    (void)about;
    SECRET(secret);
    sink += table[secret[1]];
    return true;
}

static bool loop(const void *about)
{
    uint8_t secret[16] = { 1, 2, 3 };
    size_t n = sizeof secret;

    (void)about;
    SECRET(secret);
    while (n > 0 && secret[n - 1] == 0)
        n--;
    sink += (unsigned)n;
    return true;
}

/* The classic: a Finished or a binder that is compared as public values are. */
static bool early_exit(const void *about)
{
    uint8_t expected[32] = { 1, 2, 3 }, received[32] = { 1, 2, 4 };

    (void)about;
    SECRET(expected);
    return !hf_span_equal(hf_span_of(expected, sizeof expected),
                          hf_span_of(received, sizeof received));
}

/* The mark outlives HKDF, and with it libcrypto's hashes. */
static bool after_hkdf(const void *about)
{
    uint8_t secret[32] = { 7 }, key[16];
    hf_span none = { NULL, 0 };

    (void)about;
    SECRET(secret);
    if (hf_expand_label(HF_SHA256, hf_span_of(secret, sizeof secret), "key", none, key,
                        sizeof key) != HF_OK)
        return false;
    if (!IS_SECRET(key))
        return false;
    if (key[15] & 1)
        sink++;
    return true;
}

hf_error __real_hf_aead_seal(hf_aead *aead, const hf_aead_key *key, const uint8_t *nonce,
                             hf_span ad, const hf_span *parts, size_t n_parts, uint8_t *out);

/* … and the AEAD: what a secret key encrypts is as secret until it is sent (boundary.c, which is passed by here). */
static bool after_aead(const void *about)
{
    hf_aead_key key = { .id = HF_AES_128_GCM, .key = { 1 } };
    uint8_t nonce[HF_AEAD_NONCE] = { 0 }, text[16] = { 0 }, out[32];
    hf_span part = hf_span_of(text, sizeof text), none = { NULL, 0 };
    hf_aead *aead = hf_aead_new();

    (void)about;
    SECRET(key.key);
    hf_error e = __real_hf_aead_seal(aead, &key, nonce, none, &part, 1, out);
    hf_aead_free(aead);
    if (e == HF_OK && out[0] > 100)
        sink++;
    return e == HF_OK;
}

/* A verdict that ought to be kept, and is told. */
static bool verdict(const void *about)
{
    uint8_t a[32] = { 1 }, b[32] = { 1 };

    (void)about;
    SECRET(a);
    secret_verdicts = true;
    bool same = hf_ct_equal(hf_span_of(a, sizeof a), hf_span_of(b, sizeof b));
    secret_verdicts = false;
    if (same)
        sink++;
    return true;
}

int main(void)
{
    static const secret_case cases[] = {
        { "canary: a branch on a secret", branch, NULL },
        { "canary: a secret as an index", address, NULL },
        { "canary: a loop that ends by a secret", loop, NULL },
        { "canary: memcmp of a secret", early_exit, NULL },
        { "canary: a branch on what HKDF made of a secret", after_hkdf, NULL },
        { "canary: a branch on what a secret key encrypted", after_aead, NULL },
        { "canary: a branch on a verdict that is secret", verdict, NULL },
    };

    return secret_run(cases, sizeof cases / sizeof *cases, true);
}
