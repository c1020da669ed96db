/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Where secrets are born and where they become public, seen from between the floors of the engine: the
 * linker sends the calls of these functions through here (--wrap; scripts/check-secrets takes the names
 * from this file), so that the library is the one that is delivered and knows nothing of it. Each
 * publication says by what right.
 */
#include <stdio.h>

#include <openssl/evp.h>

#include "crypto/kex.h"
#include "crypto/kex_groups.h"
#include "crypto/mlkem_poly.h"
#include "crypto/rsa_premaster.h"
#include "keys/keys.h"
#include "keys/session.h"
#include "sidechannel/secret.h"

#define WRAPPED(type, name, ...)                                                                   \
    type __real_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__)

static bool any_secret(const uint8_t *bytes, size_t len)
{
    return len > 0 && secret_is(bytes, len);
}

/* ---- verdicts ---- */

/* The peer learns from our next message, or from its absence, whether they were equal. */
WRAPPED(bool, hf_ct_equal, hf_span a, hf_span b)
{
    bool same = __real_hf_ct_equal(a, b);

    secret_uses.compared += any_secret(a.data, a.len) || any_secret(b.data, b.len);
    if (!secret_verdicts)
        secret_publish(&same, sizeof same);
    return same;
}

/* ---- key exchange ---- */

typedef struct drawing {
    const hf_random *random;
} drawing;

static bool draw_secret(void *user, uint8_t *out, size_t len)
{
    const drawing *d = user;

    if (hf_random_bytes(d->random, out, len) != HF_OK)
        return false;
    secret_mark(out, len);
    return true;
}

/* Whether a scalar is in range is public, and one that is not is thrown away: hf_nist_public marks the one that stays. */
static bool draws_again(uint16_t group)
{
    return group >= HF_GROUP_secp256r1 && group <= HF_GROUP_secp521r1;
}

WRAPPED(hf_error, hf_kex_generate, hf_kex *kex, uint16_t group, const hf_random *random,
        uint8_t *share)
{
    drawing d = { random };
    hf_random secret = { draw_secret, &d };
    hf_error e = __real_hf_kex_generate(kex, group, draws_again(group) ? random : &secret, share);

    secret_mark(kex->private_key, sizeof kex->private_key);
    if (e == HF_OK)
        secret_publish(share, hf_group_of(group)->client_share); /* goes into ClientHello */
    return e;
}

WRAPPED(hf_error, hf_kex_encapsulate, uint16_t group, const hf_random *random, hf_span peer_share,
        uint8_t *share, uint8_t *secret)
{
    drawing d = { random };
    hf_random drawn = { draw_secret, &d };
    hf_error e = __real_hf_kex_encapsulate(group, draws_again(group) ? random : &drawn, peer_share,
                                           share, secret);

    if (e == HF_OK) {
        secret_publish(share, hf_group_of(group)->server_share); /* goes into ServerHello */
        secret_mark(secret, hf_group_of(group)->secret);
    }
    return e;
}

WRAPPED(hf_error, hf_kex_decapsulate, const hf_kex *kex, hf_span peer_share, uint8_t *secret)
{
    hf_error e = __real_hf_kex_decapsulate(kex, peer_share, secret);

    if (e == HF_OK)
        secret_mark(secret, hf_group_of(kex->group)->secret);
    return e;
}

WRAPPED(hf_error, hf_nist_public, const hf_group *group, const uint8_t *scalar, uint8_t *share)
{
    secret_mark(scalar, group->secret);
    hf_error e = __real_hf_nist_public(group, scalar, share);
    secret_publish(share, group->client_share);
    return e;
}

/* ---- ML-KEM, FIPS 203 ---- */

/* The encapsulation key is sent; its hash is anybody's to compute. Of the decapsulation key (algorithm 16) both are a part. */
WRAPPED(void, hf_mlkem_keygen, const hf_mlkem_set *set, const uint8_t *seed, uint8_t *ek,
        uint8_t *dk)
{
    const size_t ek_at = set->dk - set->ek - 64u;

    __real_hf_mlkem_keygen(set, seed, ek, dk);
    secret_publish(ek, set->ek);
    secret_publish(dk + ek_at, set->ek + 32u);
}

/* rho comes out of a hash over the seed, and is part of the encapsulation key. */
WRAPPED(void, hf_poly_sample_uniform, hf_poly *p, const uint8_t rho[32], uint8_t j, uint8_t i)
{
    uint8_t known[32];

    memcpy(known, rho, sizeof known);
    PUBLIC(known);
    __real_hf_poly_sample_uniform(p, known, j, i);
}

/* Whether the ciphertext was good is the secret that implicit rejection keeps. */
WRAPPED(hf_error, hf_mlkem_decaps, const hf_mlkem_set *set, const uint8_t *dk, const uint8_t *ct,
        uint8_t *secret)
{
    secret_verdicts = true;
    hf_error e = __real_hf_mlkem_decaps(set, dk, ct, secret);
    secret_verdicts = false;
    return e;
}

/* ---- static RSA ---- */

/* The block, or with libcrypto's own unpadding the secret or random bytes in its place. */
int __real_EVP_PKEY_decrypt(EVP_PKEY_CTX *ctx, unsigned char *out, size_t *len,
                            const unsigned char *in, size_t n);
int __wrap_EVP_PKEY_decrypt(EVP_PKEY_CTX *ctx, unsigned char *out, size_t *len,
                            const unsigned char *in, size_t n);
int __wrap_EVP_PKEY_decrypt(EVP_PKEY_CTX *ctx, unsigned char *out, size_t *len,
                            const unsigned char *in, size_t n)
{
    int good = __real_EVP_PKEY_decrypt(ctx, out, len, in, n);

    if (good == 1)
        secret_mark(out, *len);
    return good;
}

WRAPPED(void, hf_rsa_premaster, const hf_private_key *key, uint16_t client_version,
        hf_span ciphertext, const uint8_t *substitute, uint8_t *premaster)
{
    secret_mark(substitute, HF_PREMASTER);
    __real_hf_rsa_premaster(key, client_version, ciphertext, substitute, premaster);
}

/* What is encrypted is sent. */
WRAPPED(hf_error, hf_rsa_encrypt, const hf_public_key *key, hf_span premaster, uint8_t *ciphertext,
        size_t *len)
{
    secret_mark(premaster.data, premaster.len);
    hf_error e = __real_hf_rsa_encrypt(key, premaster, ciphertext, len);
    secret_publish(len, sizeof *len);
    secret_publish(ciphertext, *len);
    return e;
}

/* Not a matter of secrets: valgrind takes half a minute to find primes. */
WRAPPED(hf_error, hf_private_key_generate, hf_private_key **key, hf_key_type type,
        unsigned rsa_bits)
{
    char pem[4096];
    FILE *f = type == HF_KEY_RSA ? fopen("tests/vectors/data/rsa2052.pem", "rb") : NULL;

    if (!f)
        return __real_hf_private_key_generate(key, type, rsa_bits);
    size_t n = fread(pem, 1, sizeof pem, f);
    fclose(f);
    return hf_private_key_from_pem(key, hf_span_of(pem, n), NULL);
}

/* ---- schedules ---- */

WRAPPED(hf_error, hf_schedule_early, hf_schedule *s, hf_hash_id id, hf_span psk)
{
    secret_mark(psk.data, psk.len);
    return __real_hf_schedule_early(s, id, psk);
}

WRAPPED(hf_error, hf_master_secret, hf_secrets *s, hf_span premaster, hf_span session_hash)
{
    secret_mark(premaster.data, premaster.len);
    hf_error e = __real_hf_master_secret(s, premaster, session_hash);
    secret_uses.derived += IS_SECRET(s->master_secret);
    return e;
}

WRAPPED(hf_error, hf_traffic_keys, hf_traffic *t, const hf_suite *suite, const uint8_t *secret)
{
    hf_error e = __real_hf_traffic_keys(t, suite, secret);
    secret_uses.derived += secret_is(t->key.key, hf_aead_key_len(suite->aead)) && IS_SECRET(t->iv);
    return e;
}

/* Of a session only its secret is one; the rest was said in a handshake. */
WRAPPED(hf_error, hf_session_read, hf_span bytes, hf_session *session)
{
    hf_error e = __real_hf_session_read(bytes, session);
    secret_mark(session->secret, session->secret_len);
    return e;
}

/* ---- records and tickets ---- */

/* Ciphertext is sent. */
WRAPPED(hf_error, hf_aead_seal, hf_aead *aead, const hf_aead_key *key, const uint8_t *nonce,
        hf_span ad, const hf_span *parts, size_t n_parts, uint8_t *out)
{
    size_t total = hf_aead_tag_len(key->id);

    secret_uses.sealed += secret_is(key->key, hf_aead_key_len(key->id));
    for (size_t i = 0; i < n_parts; i++)
        total += parts[i].len;
    hf_error e = __real_hf_aead_seal(aead, key, nonce, ad, parts, n_parts, out);
    secret_publish(out, total);
    return e;
}

/* What the peer wrote is read by parsers; how long its padding is shows in the time that they take (RFC 9846 E.3). */
WRAPPED(hf_error, hf_aead_open, hf_aead *aead, const hf_aead_key *key, const uint8_t *nonce,
        hf_span ad, uint8_t *bytes, size_t len, size_t *plain_len)
{
    secret_uses.opened += secret_is(key->key, hf_aead_key_len(key->id));
    hf_error e = __real_hf_aead_open(aead, key, nonce, ad, bytes, len, plain_len);
    if (e == HF_OK)
        secret_publish(bytes, *plain_len);
    return e;
}
