/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The second ClientHello, after a HelloRetryRequest: it must be the first one but for what was asked
 * for (RFC 9846 4.2.2#2). What holds for every ClientHello is hello_check.c.
 */
#include "handshake/hello.h"

#define HAS(ext, name) ((ext)->present & HF_EXT_BIT(name))

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
            return hf_refuse_item(e, HF_E_RETRY_CHANGED, y.data,
                                  y.len > 0 ? "extension_type" : "extensions",
                                  "the extensions of the first ClientHello", NULL);
    } while (x.len > 0);
    return HF_OK;
}

/* Identities may be left out (all of them, if their hash does not fit the suite), not added: those of the second hello stand in the first, in its order.
   (RFC 9846 4.2.2) */
static hf_error check_identities(hf_engine *e, hf_span first, hf_span second)
{
    hf_psk_identity before, now;

    while (hf_psk_identity_next(&second, &now)) {
        bool found = false;
        while (!found && hf_psk_identity_next(&first, &before))
            found = hf_span_equal(before.identity, now.identity);
        if (!found)
            return hf_refuse_item(e, HF_E_RETRY_CHANGED, now.identity.data, "identity",
                                  "an identity of the first hello", NULL);
    }
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
    if (HAS(&b->ext, early_data)) /* RFC 9846 4.3.10#5 */
        return hf_refuse(e, HF_E_RETRY_CHANGED, "early_data", NULL, NULL);
    if (!HAS(&a->ext, pre_shared_key) && HAS(&b->ext, pre_shared_key)) /* RFC 9846 4.2.2 */
        return hf_refuse(e, HF_E_RETRY_CHANGED, "extensions", "pre_shared_key", NULL);
    return check_identities(e, a->ext.psk_identities, b->ext.psk_identities);
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
        rest.len > 0) /* RFC 9846 4.3.8#10 */
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
    if (hs->cookie.len > 0 && !HAS(&hs->hello.ext, cookie)) /* RFC 9846 4.3.2#1 */
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "cookie", NULL);
    if (!hf_span_equal(hs->cookie, hs->hello.ext.cookie)) /* RFC 9846 4.3.2#1 */
        return hf_refuse(e, HF_E_COOKIE_WRONG, "cookie", NULL, NULL);
    return HF_OK;
}
