/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A server's judgement of a ClientHello's fields: each check is one rule. */
#include "handshake/hello.h"

enum { TLS_FALLBACK_SCSV = 0x5600, RECORD_SIZE_MIN = 64 };

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

static hf_error check_version(hf_engine *e, const hf_client_hello *h)
{
    uint16_t highest = highest_offered(h);

    if (hf_list16_has(h->cipher_suites, TLS_FALLBACK_SCSV) &&
        highest < e->config->policy.max_version) /* RFC 7507 3 */
        return hf_refuse(e, HF_E_FALLBACK, "cipher_suites", NULL, "TLS_FALLBACK_SCSV");
    if (highest != HF_TLS13) /* RFC 9846 4.3.1, E.2 */
        return hf_refuse_code(e, HF_E_VERSION_UNSUPPORTED,
                              HAS(&h->ext, supported_versions) ? "versions" : "legacy_version",
                              highest, NULL);
    if (h->legacy_version != HF_TLS12) /* RFC 9846 4.2.2 */
        return hf_refuse_code(e, HF_E_LEGACY_VERSION, "legacy_version", h->legacy_version, NULL);
    return HF_OK;
}

static hf_error check_compression(hf_engine *e, const hf_client_hello *h)
{
    hf_span methods = h->legacy_compression_methods;

    if (methods.len != 1 || methods.data[0] != 0) /* RFC 9846 4.2.2 */
        return hf_refuse(e, HF_E_COMPRESSION, "legacy_compression_methods", "00", NULL);
    return HF_OK;
}

/* ---- what must be there (RFC 9846 9.2) ---- */

static hf_error check_required(hf_engine *e, const hf_extensions *x)
{
    if (HAS(x, pre_shared_key) && !HAS(x, psk_key_exchange_modes)) /* RFC 9846 4.3.9 */
        return hf_refuse(e, HF_E_PSK_WITHOUT_MODES, "extensions", "psk_key_exchange_modes", NULL);
    if (!HAS(x, signature_algorithms)) /* RFC 9846 4.3.3 */
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "signature_algorithms", NULL);
    if (!HAS(x, supported_groups)) /* RFC 9846 9.2 */
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "supported_groups", NULL);
    if (!HAS(x, key_share)) /* RFC 9846 9.2 */
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "key_share", NULL);
    if (HAS(x, early_data) && !HAS(x, pre_shared_key)) /* RFC 9846 4.3.10 */
        return hf_refuse(e, HF_E_EARLY_DATA_WITHOUT_PSK, "early_data", NULL, NULL);
    return HF_OK;
}

/* ---- groups and shares ---- */

static hf_error check_groups(hf_engine *e, hf_span groups)
{
    for (size_t i = 0; i < hf_list16_count(groups); i++)
        for (size_t j = 0; j < i; j++)
            if (hf_list16_at(groups, i) == hf_list16_at(groups, j)) /* RFC 9846 4.3.7 */
                return hf_refuse_code(e, HF_E_GROUP_LISTED_TWICE, "named_group_list",
                                      hf_list16_at(groups, i), hf_group_name);
    return HF_OK;
}

/* Each share's group must stand in supported_groups, in the same order, once. (RFC 9846 4.3.8) */
static hf_error check_shares(hf_engine *e, const hf_extensions *x)
{
    hf_span rest = x->key_shares;
    hf_key_share share;
    size_t at = 0, n = hf_list16_count(x->supported_groups);
    uint16_t last = 0;

    while (hf_key_share_next(&rest, &share)) {
        if (at > 0 && share.group == last)
            return hf_refuse_code(e, HF_E_KEY_SHARE_TWICE, "group", share.group, hf_group_name);
        while (at < n && hf_list16_at(x->supported_groups, at) != share.group)
            at++;
        if (at++ >= n)
            return hf_refuse_code(e, HF_E_KEY_SHARE_NOT_LISTED, "group", share.group,
                                  hf_group_name);
        last = share.group;
    }
    return HF_OK;
}

/* ---- pre-shared keys: none are accepted yet, but a broken offer is refused ---- */

static size_t count_identities(hf_span rest)
{
    size_t n = 0;

    for (; rest.len >= 6; n++) {
        size_t len = (size_t)(rest.data[0] << 8 | rest.data[1]) + 6;
        rest = hf_span_of(rest.data + len, rest.len - len);
    }
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
    if (HAS(x, cookie) && !(e->script.facts & HF_F_RETRY)) /* RFC 9846 4.3.2 */
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

hf_error hf_check_client_hello(hf_engine *e)
{
    const hf_client_hello *h = &e->hs->hello;

    TRY(check_version(e, h));
    TRY(check_compression(e, h));
    TRY(check_required(e, &h->ext));
    TRY(check_groups(e, h->ext.supported_groups));
    TRY(check_shares(e, &h->ext));
    TRY(check_psk(e, &h->ext));
    TRY(check_name(e, &h->ext));
    TRY(check_cookie(e, &h->ext));
    return check_size_limit(e, &h->ext);
}

/* ---- the second hello (RFC 9846 4.2.2) ---- */

static bool may_change(uint16_t type)
{
    hf_ext row = hf_extension_row(type);

    return row == HF_EXT_key_share || row == HF_EXT_early_data || row == HF_EXT_cookie ||
           row == HF_EXT_pre_shared_key || row == HF_EXT_padding;
}

/* The next extension of a raw block that may not change; empty at its end. */
static hf_span next_fixed(hf_span *raw)
{
    while (raw->len >= 4) {
        uint16_t type = (uint16_t)(raw->data[0] << 8 | raw->data[1]);
        hf_span whole = hf_span_of(raw->data, (size_t)(raw->data[2] << 8 | raw->data[3]) + 4);
        *raw = hf_span_of(raw->data + whole.len, raw->len - whole.len);
        if (!may_change(type))
            return whole;
    }
    return (hf_span){ NULL, 0 };
}

static hf_error check_fixed_extensions(hf_engine *e)
{
    hf_span a = e->hs->first_hello.ext.raw, b = e->hs->hello.ext.raw, x, y;

    do {
        x = next_fixed(&a);
        y = next_fixed(&b);
        if (!hf_span_equal(x, y))
            return hf_refuse(e, HF_E_RETRY_CHANGED, "extensions",
                             "the extensions of the first ClientHello", NULL);
    } while (x.len > 0);
    return HF_OK;
}

static hf_error check_fixed_fields(hf_engine *e, const hf_client_hello *a, const hf_client_hello *b)
{
    if (memcmp(a->random, b->random, HF_RANDOM) != 0)
        return hf_refuse(e, HF_E_RETRY_CHANGED, "random", NULL, NULL);
    if (!hf_span_equal(a->legacy_session_id, b->legacy_session_id))
        return hf_refuse(e, HF_E_RETRY_CHANGED, "legacy_session_id", NULL, NULL);
    if (!hf_span_equal(a->cipher_suites, b->cipher_suites)) /* RFC 9846 4.2.4 */
        return hf_refuse(e, HF_E_RETRY_CHANGED, "cipher_suites", NULL, NULL);
    if (HAS(&b->ext, early_data)) /* RFC 9846 4.3.10 */
        return hf_refuse(e, HF_E_RETRY_CHANGED, "early_data", NULL, NULL);
    if (HAS(&a->ext, pre_shared_key) != HAS(&b->ext, pre_shared_key)) /* RFC 9846 4.2.2 */
        return hf_refuse(e, HF_E_RETRY_CHANGED, "extensions", "pre_shared_key", NULL);
    return HF_OK;
}

static hf_error check_new_share(hf_engine *e)
{
    hf_span rest = e->hs->hello.ext.key_shares;
    hf_key_share share = { 0, { NULL, 0 } };

    if (!e->hs->retry_group)
        return hf_span_equal(rest, e->hs->first_hello.ext.key_shares)
                   ? HF_OK
                   : hf_refuse(e, HF_E_RETRY_KEY_SHARE, "key_share",
                               "the shares of the first ClientHello", NULL);
    if (!hf_key_share_next(&rest, &share) || share.group != e->hs->retry_group ||
        rest.len > 0) /* RFC 9846 4.3.8 */
        return hf_refuse(e, HF_E_RETRY_KEY_SHARE, "key_share", hf_group_name(e->hs->retry_group),
                         NULL);
    return HF_OK;
}

hf_error hf_check_second_hello(hf_engine *e)
{
    const hf_handshake *hs = e->hs;

    TRY(check_fixed_fields(e, &hs->first_hello, &hs->hello));
    TRY(check_fixed_extensions(e));
    TRY(check_new_share(e));
    if (hs->cookie.len > 0 && !HAS(&hs->hello.ext, cookie)) /* RFC 9846 4.3.2 */
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "cookie", NULL);
    if (!hf_span_equal(hs->cookie, hs->hello.ext.cookie)) /* RFC 9846 4.3.2 */
        return hf_refuse(e, HF_E_COOKIE_WRONG, "cookie", NULL, NULL);
    return HF_OK;
}
