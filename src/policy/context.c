/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a session is bound to beside names: a digest of every setting that decides whether this end
 * would have accepted the peer. A session made under other settings is not resumed, so that no virtual
 * host lets in whom only another one would have. (RFC 8446 4.6.1 warns of it, RFC 9846 4.7.1.)
 */
#include "crypto/hash.h"
#include "policy/policy.h"
#include "x509/trust.h"

enum { SALT = 16 };

static void add_number(hf_hash *h, uint64_t n)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(n >> 8 * i);
    hf_hash_update(h, hf_span_of(bytes, sizeof bytes));
}

static void add_list(hf_hash *h, const uint16_t *list)
{
    for (size_t i = 0; i < HF_POLICY_LIST && list[i]; i++)
        add_number(h, list[i]);
    add_number(h, 0); /* no code point: where one list ends and the next begins is part of it */
}

static void add_policy(hf_hash *h, const hf_policy *p, const hf_trust *trust)
{
    add_number(h, p->min_version);
    add_number(h, p->max_version);
    add_list(h, p->suites);
    add_list(h, p->groups);
    add_list(h, p->schemes);
    add_list(h, p->cert_schemes);
    add_number(h, p->rsa_min_bits);
    add_number(h, p->rsa_max_bits);
    add_number(h, hf_profile_in_force(p, trust));
    add_number(h, p->revocation);
    add_number(h, p->leaf_max_days);
    add_number(h, p->require_ems);
    add_number(h, p->require_renegotiation_info);
}

static void add_der(hf_hash *h, hf_span der)
{
    add_number(h, der.len);
    hf_hash_update(h, der);
}

static void add_trust(hf_hash *h, const hf_trust *trust)
{
    size_t n = trust ? hf_trust_count(trust) : 0;

    add_number(h, n);
    for (size_t i = 0; i < n; i++)
        add_der(h, hf_trust_at(trust, i)->der);
    for (size_t i = 0; trust && hf_trust_crl_at(trust, i).len > 0; i++)
        add_der(h, hf_trust_crl_at(trust, i)); /* who was good then may be revoked now */
}

/* A client's identities are what it was accepted as. Which of its own a server showed is in each session's context. */
static void add_identities(hf_hash *h, const hf_config *config)
{
    size_t n = config->role == HF_CLIENT ? config->n_identities : 0;

    add_number(h, n);
    for (size_t i = 0; i < n; i++)
        add_der(h, config->identities[i]->chain[0]);
}

/* How an application judges chains is unknown here, so that only this very config may resume what it judged. */
static hf_error draw_salt(const hf_config *config, uint8_t salt[SALT])
{
    memset(salt, 0, SALT);
    return config->external_verify ? hf_random_bytes(&config->random, salt, SALT) : HF_OK;
}

hf_error hf_config_digest(hf_config *config)
{
    uint8_t digest[HF_HASH_MAX], salt[SALT];
    hf_hash h;

    TRY(draw_salt(config, salt));
    TRY(hf_hash_init(&h, HF_SHA256));
    hf_hash_update(&h, hf_span_of(salt, SALT));
    add_number(&h, config->role);
    add_policy(&h, &config->policy, config->trust);
    add_number(&h, config->client_auth);
    add_number(&h, config->insecure);
    add_number(&h, config->external_verify);
    add_trust(&h, config->trust);
    add_identities(&h, config);
    hf_hash_final(&h, digest);
    memcpy(config->context, digest, sizeof config->context);
    return HF_OK;
}

hf_error hf_session_context(const hf_config *config, const hf_identity *shown,
                            uint8_t out[HF_SESSION_CONTEXT])
{
    uint8_t digest[HF_HASH_MAX];
    hf_hash h;

    TRY(hf_hash_init(&h, HF_SHA256));
    hf_hash_update(&h, hf_span_of(config->context, sizeof config->context));
    if (shown)
        add_der(&h, shown->leaf.spki);
    hf_hash_final(&h, digest);
    memcpy(out, digest, HF_SESSION_CONTEXT);
    return HF_OK;
}
