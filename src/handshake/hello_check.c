/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A server's judgement of a ClientHello's fields: each check is one rule. */
#include "handshake/hello.h"

enum { RECORD_SIZE_MIN = 64 };

#define HAS(ext, name) ((ext)->present & HF_EXT_BIT(name))

/* ---- version ---- */

static uint16_t highest_offered(const hf_client_hello *h)
{
    uint16_t best = 0;

    if (!HAS(&h->ext, supported_versions))
        return h->legacy_version < HF_TLS12 ? h->legacy_version : HF_TLS12;
    for (size_t i = 0; i < hf_list16_count(h->ext.supported_versions); i++) {
        uint16_t v = hf_list16_at(h->ext.supported_versions, i);
        if (v <= HF_TLS13 && v > best)
            best = v;
    }
    return best;
}

/* The newest version that both speak, 0: none. supported_versions alone counts where it is (RFC 9846 4.3.1#3 #4 #5 #6 #7 #8,
   E.2#1 #2). */
static uint16_t negotiated(const hf_policy *p, const hf_client_hello *h)
{
    uint16_t best = 0;

    if (!HAS(&h->ext, supported_versions))
        return h->legacy_version >= HF_TLS12 && p->min_version <= HF_TLS12 ? HF_TLS12 : 0;
    for (size_t i = 0; i < hf_list16_count(h->ext.supported_versions); i++) {
        uint16_t v = hf_list16_at(h->ext.supported_versions, i);
        if (v >= p->min_version && v <= p->max_version && v > best)
            best = v;
    }
    return best;
}

static hf_error check_version(hf_engine *e, const hf_client_hello *h)
{
    uint16_t highest = highest_offered(h);

    e->hs->version = negotiated(&e->config->policy, h);
    if (e->script.facts & HF_F_RETRY && e->hs->version != HF_TLS13) /* RFC 9846 4.2.2 */
        return hf_refuse(e, HF_E_RETRY_CHANGED, "extensions", "supported_versions", NULL);
    if (hf_list16_has(h->cipher_suites, HF_FALLBACK_SCSV) &&
        highest < e->config->policy.max_version) /* RFC 7507 3 */
        return hf_refuse(e, HF_E_FALLBACK, "cipher_suites", NULL, "TLS_FALLBACK_SCSV");
    if (e->hs->version == 0) /* RFC 9846 E.2#3, 2.1#1 */
        return hf_refuse_code(e, HF_E_VERSION_UNSUPPORTED,
                              HAS(&h->ext, supported_versions) ? "versions" : "legacy_version",
                              highest, NULL);
    if (e->hs->version == HF_TLS13 && h->legacy_version != HF_TLS12) /* RFC 9846 4.2.2#7, E.5#7 */
        return hf_refuse_code(e, HF_E_LEGACY_VERSION, "legacy_version", h->legacy_version, NULL);
    return HF_OK;
}

/* TLS 1.3: the byte 0 alone (RFC 9846 4.2.2#13). TLS 1.2: it is among them, and is what we choose (4.2.2#14). */
static hf_error check_compression(hf_engine *e, const hf_client_hello *h)
{
    hf_span methods = h->legacy_compression_methods;
    bool has_null = methods.len > 0 && memchr(methods.data, 0, methods.len);

    if (!has_null ||
        (e->hs->version == HF_TLS13 && methods.len != 1)) /* RFC 9846 4.2.2, RFC 5246 7.4.1.2 */
        return hf_refuse(e, HF_E_COMPRESSION, "legacy_compression_methods", "00", NULL);
    return HF_OK;
}

/* ---- what must be there (RFC 9846 9.2) ---- */

static hf_error check_required(hf_engine *e, const hf_extensions *x)
{
    if (HAS(x, pre_shared_key) && !HAS(x, psk_key_exchange_modes)) /* RFC 9846 4.3.9#3 */
        return hf_refuse(e, HF_E_PSK_WITHOUT_MODES, "extensions", "psk_key_exchange_modes", NULL);
    if (!HAS(x, signature_algorithms) && !HAS(x, pre_shared_key)) /* RFC 9846 4.3.3#3, 9.2#12 */
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "signature_algorithms", NULL);
    /* a hello for a key alone is in order, but there is nothing in common with it (RFC 9846 4.2.1#4) */
    if (HAS(x, pre_shared_key) && !HAS(x, supported_groups) && !HAS(x, key_share))
        return hf_refuse(e, HF_E_NO_COMMON_GROUP, "extensions", "supported_groups", NULL);
    if (!HAS(x, supported_groups)) /* RFC 9846 9.2#12 */
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "supported_groups", NULL);
    if (!HAS(x, key_share)) /* RFC 9846 9.2#12 */
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "key_share", NULL);
    if (HAS(x, early_data) && !HAS(x, pre_shared_key)) /* RFC 9846 4.3.10 */
        return hf_refuse(e, HF_E_EARLY_DATA_WITHOUT_PSK, "early_data", NULL, NULL);
    return HF_OK;
}

/* ---- groups and shares ---- */

static hf_error check_groups(hf_engine *e, hf_span groups)
{
    uint8_t seen[UINT16_MAX / 8 + 1] = { 0 }; /* a bit a code point: a list may be 32,767 long */

    for (size_t i = 0; i < hf_list16_count(groups); i++) {
        uint16_t group = hf_list16_at(groups, i);
        if (seen[group / 8] >> group % 8 & 1) /* RFC 9846 4.3.7#1 */
            return hf_refuse_code_item(e, HF_E_GROUP_LISTED_TWICE, groups.data + 2 * i,
                                       "named_group_list", group, hf_group_name);
        seen[group / 8] = (uint8_t)(seen[group / 8] | 1u << group % 8);
    }
    return HF_OK;
}

/* Each share's group must stand in supported_groups, in the same order, once. (RFC 9846 4.3.8#1 #2 #4 #5) */
static hf_error check_shares(hf_engine *e, const hf_extensions *x)
{
    hf_span rest = x->key_shares;
    hf_key_share share;
    size_t at = 0, n = hf_list16_count(x->supported_groups);
    uint16_t last = 0;

    for (const uint8_t *here = rest.data; hf_key_share_next(&rest, &share); here = rest.data) {
        if (at > 0 && share.group == last)
            return hf_refuse_code_item(e, HF_E_KEY_SHARE_TWICE, here, "group", share.group,
                                       hf_group_name);
        while (at < n && hf_list16_at(x->supported_groups, at) != share.group)
            at++;
        if (at++ >= n)
            return hf_refuse_code_item(e, HF_E_KEY_SHARE_NOT_LISTED, here, "group", share.group,
                                       hf_group_name);
        last = share.group;
    }
    return HF_OK;
}

/* ---- pre-shared keys: the form of the offer; which of them is taken is psk_choose.c ---- */

static size_t count_identities(hf_span rest)
{
    hf_psk_identity psk;
    size_t n = 0;

    while (hf_psk_identity_next(&rest, &psk))
        n++;
    return n;
}

static size_t count_binders(hf_span rest)
{
    hf_span binder;
    size_t n = 0;

    while (hf_name_next(&rest, &binder))
        n++;
    return n;
}

/* RFC 9846 4.3.11#5: a binder that is not there is a wrong one. */
static hf_error check_psk(hf_engine *e, const hf_extensions *x)
{
    if (HAS(x, pre_shared_key) &&
        count_identities(x->psk_identities) != count_binders(x->psk_binders)) /* RFC 9846 4.3.11 */
        return hf_refuse(e, HF_E_PSK_BINDER_COUNT, "binders", NULL, NULL);
    return HF_OK;
}

/* ---- the rest ---- */

static hf_error check_name(hf_engine *e, const hf_extensions *x)
{
    if (x->sni_two_names) /* RFC 6066 3 */
        return hf_refuse(e, HF_E_SNI_TWO_NAMES, "server_name", NULL, NULL);
    if (HAS(x, server_name) && x->host_name.len > 0 &&
        !hf_is_host_name(x->host_name)) /* RFC 6066 3 */
        return hf_refuse(e, HF_E_SNI_CHARACTERS, "host_name", NULL, NULL);
    return HF_OK;
}

static hf_error check_cookie(hf_engine *e, const hf_extensions *x)
{
    if (HAS(x, cookie) && !(e->script.facts & HF_F_RETRY)) /* RFC 9846 4.3.2#2 */
        return hf_refuse(e, HF_E_COOKIE_UNSOLICITED, "cookie", NULL, NULL);
    return HF_OK;
}

static hf_error check_size_limit(hf_engine *e, const hf_extensions *x)
{
    if (!HAS(x, record_size_limit))
        return HF_OK;
    if (x->record_size_limit < RECORD_SIZE_MIN) /* RFC 8449 4 */
        return hf_refuse(e, HF_E_RECORD_SIZE_LIMIT, "record_size_limit", "64 or more", NULL);
    e->peer_record_limit = x->record_size_limit;
    e->size_limit_agreed = true;
    return HF_OK;
}

static hf_error check_tls13(hf_engine *e, const hf_extensions *x)
{
    TRY(check_required(e, x));
    TRY(check_groups(e, x->supported_groups));
    TRY(check_shares(e, x));
    TRY(check_psk(e, x));
    return check_cookie(e, x);
}

hf_error hf_check_client_hello(hf_engine *e)
{
    const hf_client_hello *h = &e->hs->hello;

    TRY(check_version(e, h));
    TRY(check_compression(e, h));
    TRY(check_name(e, &h->ext));
    TRY(check_size_limit(e, &h->ext));
    return e->hs->version == HF_TLS13 ? check_tls13(e, &h->ext) : hf_check_client_hello12(e);
}
