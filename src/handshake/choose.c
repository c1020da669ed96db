/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server's choices from a ClientHello that passed its checks: suite, group, protocol, identity.
 * Whose order wins is the policy's decision (server_prefers).
 */
#include "handshake/hello.h"

#include <stdio.h>

/* What is offered and not known here is passed over (RFC 9846 4.2.2#11, 9.3#2 #4). */
bool hf_next_common(hf_span offered, const uint16_t *ours, bool ours_first, size_t *i,
                    uint16_t *code)
{
    size_t n = ours_first ? HF_POLICY_LIST : hf_list16_count(offered);

    while (*i < n) {
        *code = ours_first ? ours[*i] : hf_list16_at(offered, *i);
        ++*i;
        if (*code && (ours_first ? hf_list16_has(offered, *code) : hf_in_list(ours, *code)))
            return true;
    }
    return false;
}

static uint16_t first_group(const hf_engine *e)
{
    const hf_policy *p = &e->config->policy;
    size_t at = 0;
    uint16_t code;

    return hf_next_common(e->hs->hello.ext.supported_groups, p->groups, p->server_prefers, &at,
                          &code)
               ? code
               : 0;
}

/* A pre-shared key was chosen before, and has its hash (RFC 9846 4.3.11#3, 4.7.1#2). A ticket's own suite is best: early data needs it. */
static bool goes_with_psk(const hf_engine *e, const hf_suite *suite)
{
    const hf_handshake *hs = e->hs;

    if (hs->psk_len == 0)
        return true;
    if (hs->psk_external)
        return suite->hash == HF_SHA256;
    return hf_list16_has(hs->hello.cipher_suites, hs->session.cipher_suite) &&
                   hf_in_list(e->config->policy.suites, hs->session.cipher_suite)
               ? suite->code == hs->session.cipher_suite
               : suite->hash == hf_suite_of(hs->session.cipher_suite)->hash;
}

static uint16_t first_suite(const hf_engine *e)
{
    const hf_policy *p = &e->config->policy;
    size_t at = 0;
    uint16_t code;

    while (hf_next_common(e->hs->hello.cipher_suites, p->suites, p->server_prefers, &at, &code))
        if (hf_suite_of(code)->version == HF_TLS13 && goes_with_psk(e, hf_suite_of(code)))
            return code;
    return 0;
}

hf_error hf_set_suite(hf_engine *e, uint16_t code)
{
    e->suite = hf_suite_of(code);
    e->info.cipher_suite = code;
    e->info.version = e->suite->version;
    return HF_OK;
}

static hf_error choose_suite(hf_engine *e)
{
    const hf_policy *p = &e->config->policy;
    uint16_t code = first_suite(e);

    if (!code) /* RFC 9846 4.2.1#4, 2.1#1 */
        return hf_refuse_lists(e, HF_E_NO_COMMON_SUITE, "cipher_suites", p->suites,
                               e->hs->hello.cipher_suites, hf_suite_name);
    return hf_set_suite(e, code);
}

/* The group comes from supported_groups; only then it is seen whether a share came with it: a missing
   share does not mean a lower preference. (RFC 9846 4.3.8) */
static hf_error choose_group(hf_engine *e)
{
    const hf_policy *p = &e->config->policy;
    uint16_t code = first_group(e);

    if (!code) /* RFC 9846 4.2.1#1 */
        return hf_refuse_lists(e, HF_E_NO_COMMON_GROUP, "named_group_list", p->groups,
                               e->hs->hello.ext.supported_groups, hf_group_name);
    e->hs->group = hf_group_of(code);
    e->info.group = code;
    return HF_OK;
}

/* The share that ServerHello answers is of the group that was chosen (RFC 9846 2#1, 4.3.8#11 #12). */
bool hf_find_share(hf_engine *e, uint16_t group, hf_span *out)
{
    hf_span rest = e->hs->hello.ext.key_shares;
    hf_key_share share;

    while (hf_key_share_next(&rest, &share))
        if (share.group == group) {
            *out = share.key_exchange;
            return true;
        }
    return false;
}

hf_error hf_check_share_length(hf_engine *e, const hf_group *group, hf_span share, size_t wanted)
{
    char expected[48], offered[32];

    if (share.len == wanted)
        return HF_OK;
    snprintf(expected, sizeof expected, "%.20s: %zu bytes", group->name, wanted);
    snprintf(offered, sizeof offered, "%zu byte%s", share.len, share.len == 1 ? "" : "s");
    return hf_refuse_item(e, HF_E_KEY_SHARE_INVALID, share.data, "key_exchange", expected, offered);
}

static hf_error check_share(hf_engine *e)
{
    const hf_group *group = e->hs->group;

    return hf_check_share_length(e, group, e->hs->peer_share, group->client_share);
}

hf_error hf_choose_share(hf_engine *e)
{
    if (!hf_find_share(e, e->hs->group->code, &e->hs->peer_share))
        return hf_refuse(e, HF_E_RETRY_KEY_SHARE, "key_share", e->hs->group->name, NULL);
    return check_share(e);
}

/* ---- application protocol (RFC 7301 3.2): the server's order wins ---- */

static bool offers(hf_span list, hf_span name)
{
    hf_span one;

    while (hf_name_next(&list, &one))
        if (hf_span_equal(one, name))
            return true;
    return false;
}

hf_error hf_keep_alpn(hf_engine *e, hf_span name)
{
    hf_free(e->alpn); /* the choice is made again after a HelloRetryRequest */
    e->info.alpn = e->alpn = (char *)hf_copy(name);
    return e->alpn ? HF_OK : HF_E_NO_MEMORY;
}

hf_error hf_choose_alpn(hf_engine *e)
{
    const hf_extensions *ext = &e->hs->hello.ext;
    hf_span ours = hf_span_of(e->config->alpn, e->config->alpn_len), name;

    if (!(ext->present & HF_EXT_BIT(application_layer_protocol_negotiation)) || ours.len == 0)
        return HF_OK;
    while (hf_name_next(&ours, &name))
        if (offers(ext->alpn, name))
            return hf_keep_alpn(e, name);
    return hf_refuse(e, HF_E_NO_COMMON_ALPN, "application_layer_protocol_negotiation", NULL,
                     NULL); /* RFC 7301 3.2 */
}

/* ---- identity: by name, then by what the client can verify ---- */

static bool is_named(const hf_engine *e, const hf_identity *id)
{
    return e->server_name && hf_cert_matches(&id->leaf, e->server_name);
}

bool hf_pick_identity(hf_engine *e, const hf_suite *suite, hf_take_identity *take)
{
    static const struct {
        bool named;
        hf_chain_fit worst;
    } rounds[] = { { true, HF_CHAIN_FITS },
                   { true, HF_CHAIN_UNSURE },
                   { false, HF_CHAIN_FITS },
                   { false, HF_CHAIN_UNSURE } };
    const hf_config *c = e->config;

    for (size_t r = 0; r < sizeof rounds / sizeof *rounds; r++)
        for (size_t i = 0; i < c->n_identities; i++) {
            hf_identity *id = c->identities[i];
            if ((!rounds[r].named || is_named(e, id)) &&
                hf_identity_chain_fit(id, &e->hs->hello.ext) <= rounds[r].worst &&
                take(e, suite, id))
                return true;
        }
    return false;
}

static bool try_identity(hf_engine *e, const hf_suite *suite, hf_identity *id)
{
    const hf_scheme *s =
        hf_identity_scheme(id, &e->config->policy, HF_TLS13, e->hs->hello.ext.signature_algorithms);

    (void)suite;
    if (!s)
        return false;
    e->hs->identity = hf_identity_ref(id);
    e->hs->scheme = s;
    return true;
}

hf_error hf_choose_identity(hf_engine *e)
{
    if (!(e->hs->hello.ext.present & HF_EXT_BIT(signature_algorithms))) /* RFC 9846 4.3.3#3 */
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "signature_algorithms", NULL);
    if (hf_pick_identity(e, NULL, try_identity))
        return HF_OK;
    return hf_refuse(e, HF_E_NO_COMMON_SCHEME, "signature_algorithms", NULL,
                     NULL); /* RFC 9846 4.2.1#4, 4.5.1.2#2 */
}

/* What the handshake rests on comes first: a pre-shared key decides about the suite, and makes a certificate needless. A group
   without a share needs a HelloRetryRequest (RFC 9846 4.2.1#3). */
static hf_error choose_terms(hf_engine *e)
{
    TRY(hf_choose_psk(e));
    TRY(choose_suite(e));
    TRY(choose_group(e));
    TRY(hf_choose_alpn(e));
    if (e->hs->psk_len == 0)
        TRY(hf_choose_identity(e));
    if (hf_find_share(e, e->hs->group->code, &e->hs->peer_share)) {
        TRY(check_share(e));
    } else {
        e->hs->retry_group = e->hs->group->code;
        e->script.intent |= HF_F_RETRY;
    }
    e->hs->chosen = true;
    return HF_OK;
}

hf_error hf_choose(hf_engine *e)
{
    if (e->hs->version == HF_TLS12)
        return hf_choose12(e);
    if (!e->hs->chosen)
        TRY(choose_terms(e));
    return hf_judge_early(e);
}
