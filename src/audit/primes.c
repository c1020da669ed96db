/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Well-known primes, found by their hash: the table would be fifty times as long with the numbers themselves. */
#include "audit/primes.h"

#include "crypto/hash.h"

static const struct {
    unsigned bits;
    uint64_t hash; /* the first 8 bytes of SHA-256 over the number's bytes */
    const char *name;
} primes[] = {
#define HF_PRIME(bits, hash, name) { bits, hash, name },
#include "audit/primes.def"
#undef HF_PRIME
};

const char *hf_prime_name(hf_span p)
{
    uint8_t digest[HF_HASH_MAX];
    uint64_t hash = 0;

    while (p.len > 0 && p.data[0] == 0)
        p = hf_span_of(p.data + 1, p.len - 1);
    if (p.len == 0 || hf_hash_once(HF_SHA256, p, digest) != HF_OK)
        return NULL;
    for (size_t i = 0; i < 8; i++)
        hash = hash << 8 | digest[i];
    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++)
        if (primes[i].hash == hash && (primes[i].bits + 7) / 8 == p.len)
            return primes[i].name;
    return NULL;
}
