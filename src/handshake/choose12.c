/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server's choices in TLS 1.2, where they hang together: a suite says which kind of key must sign or
 * decrypt, so that suite, group and identity are chosen as one (RFC 5246 7.4.1.3, RFC 8422 5.1). With a
 * pre-shared key there is nothing to sign (RFC 4279 2).
 */
#include "handshake/hello.h"

#define HAS(ext, name) ((ext)->present & HF_EXT_BIT(name))

/* The best group of both that TLS 1.2 knows; a client without the extension takes any (RFC 8422 4). */
static const hf_group *common_group(const hf_engine *e)
{
    const hf_policy *p = &e->config->policy;
    const hf_extensions *x = &e->hs->hello.ext;
    size_t at = 0;
    uint16_t code;

    if (!HAS(x, supported_groups))
        return hf_in_list(p->groups, HF_GROUP_secp256r1) ? hf_group_of(HF_GROUP_secp256r1) : NULL;
    while (hf_next_common(x->supported_groups, p->groups, p->server_prefers, &at, &code))
        if (!hf_group_of(code)->post_quantum)
            return hf_group_of(code);
    return NULL;
}

/* The curve of a certificate must be one that the client knows (RFC 8422 5.3). */
static bool curve_offered(const hf_engine *e, hf_key_type key)
{
    const hf_extensions *x = &e->hs->hello.ext;
    uint16_t curve = hf_curve_of(key);

    return curve == 0 || !HAS(x, supported_groups) || hf_list16_has(x->supported_groups, curve);
}

bool hf_kx_fits(hf_kx kx, hf_key_type key)
{
    bool rsa = key == HF_KEY_RSA;

    if (kx == HF_KX_ECDHE_ECDSA)
        return !rsa && key != HF_KEY_RSA_PSS;
    return kx == HF_KX_ECDHE_RSA ? rsa || key == HF_KEY_RSA_PSS : rsa;
}

static bool may_decrypt(const hf_identity *id)
{
    const hf_cert *leaf = &id->leaf;

    return id->signer->ops.premaster &&
           (!leaf->has_key_usage || leaf->key_usage & HF_KU_KEY_ENCIPHERMENT);
}

static bool may_sign(hf_engine *e, const hf_identity *id)
{
    const hf_cert *leaf = &id->leaf;

    e->hs->scheme =
        hf_identity_scheme(id, &e->config->policy, HF_TLS12, e->hs->hello.ext.signature_algorithms);
    return e->hs->scheme && curve_offered(e, leaf->key.type);
}

static bool try_identity(hf_engine *e, const hf_suite *suite, hf_identity *id)
{
    if (!hf_kx_fits(suite->kx, id->leaf.key.type))
        return false;
    if (suite->kx == HF_KX_RSA ? !may_decrypt(id) : !may_sign(e, id))
        return false;
    e->hs->identity = hf_identity_ref(id);
    return true;
}

static bool find_identity(hf_engine *e, const hf_suite *suite)
{
    if (!HAS(&e->hs->hello.ext, signature_algorithms))
        return false; /* SHA-1 would be meant, which is refused (RFC 9155 2) */
    return hf_pick_identity(e, suite, try_identity);
}

/* What this server could prove itself with in such a suite. */
static bool has_proof(const hf_engine *e, const hf_suite *suite)
{
    return hf_kx_is_psk(suite->kx) ? hf_takes_psk(e) : e->config->n_identities > 0;
}

static bool offers_psk(hf_span suites)
{
    for (size_t i = 0; i < hf_list16_count(suites); i++) {
        const hf_suite *suite = hf_suite_of(hf_list16_at(suites, i));
        if (suite && hf_kx_is_psk(suite->kx))
            return true;
    }
    return false;
}

/* What there was in common although nothing fits. */
typedef struct common {
    bool suite, certificates, group;
} common;

/* A certificate would do, were it not for its curve. */
static const char *curve_missed(const hf_engine *e)
{
    const hf_config *c = e->config;

    for (size_t i = 0; i < c->n_identities; i++) {
        hf_key_type key = c->identities[i]->leaf.key.type;
        if (hf_identity_scheme(c->identities[i], &c->policy, HF_TLS12,
                               e->hs->hello.ext.signature_algorithms) &&
            !curve_offered(e, key))
            return hf_group_name(hf_curve_of(key));
    }
    return NULL;
}

/* The best explanation that the lists allow. */
static hf_error refuse_all(hf_engine *e, const common *found)
{
    const hf_client_hello *h = &e->hs->hello;
    const hf_policy *p = &e->config->policy;

    if (e->config->n_identities == 0 && !offers_psk(h->cipher_suites)) /* RFC 4279 2 */
        return hf_refuse(e, HF_E_PSK_REQUIRED, "cipher_suites", NULL, NULL);
    if (!found->suite) /* RFC 5246 7.4.1.3 */
        return hf_refuse_lists(e, HF_E_NO_COMMON_SUITE, "cipher_suites", p->suites,
                               h->cipher_suites, hf_suite_name);
    if (found->certificates && !HAS(&h->ext, signature_algorithms)) /* RFC 5246 7.4.1.4.1 */
        return hf_refuse(e, HF_E_NO_COMMON_SCHEME, "extensions", "signature_algorithms", NULL);
    if (!found->group) /* RFC 8422 4 */
        return hf_refuse_lists(e, HF_E_NO_COMMON_GROUP, "named_group_list", p->groups,
                               h->ext.supported_groups, hf_group_name);
    if (curve_missed(e)) /* RFC 8422 5.3 */
        return hf_refuse(e, HF_E_NO_COMMON_SCHEME, "named_group_list", curve_missed(e), NULL);
    return hf_refuse(e, HF_E_NO_COMMON_SCHEME, "signature_algorithms", NULL, NULL);
}

/* Whether the connection will prove who the server is by certificate or by key is decided by the order of the suites alone. */
static hf_error choose_suite(hf_engine *e)
{
    const hf_policy *p = &e->config->policy;
    const hf_group *group = common_group(e);
    common found = { .group = group != NULL };
    size_t at = 0;
    uint16_t code;

    while (hf_next_common(e->hs->hello.cipher_suites, p->suites, p->server_prefers, &at, &code)) {
        const hf_suite *suite = hf_suite_of(code);
        bool psk = hf_kx_is_psk(suite->kx), ephemeral = hf_kx_is_ephemeral(suite->kx);
        if (suite->version != HF_TLS12 || !has_proof(e, suite))
            continue;
        found.suite = true;
        found.certificates |= !psk;
        if ((ephemeral && !group) || (!psk && !find_identity(e, suite)))
            continue;
        e->hs->group = ephemeral ? group : NULL;
        return hf_set_suite(e, code);
    }
    return refuse_all(e, &found);
}

hf_error hf_choose12(hf_engine *e)
{
    TRY(hf_choose_alpn(e));
    TRY(hf_session_resume(e));
    if (e->hs->session_bytes.len > 0)
        return hf_set_suite(e, e->hs->session.cipher_suite);
    TRY(choose_suite(e));
    if (e->hs->group)
        e->info.group = e->hs->group->code;
    return HF_OK;
}
