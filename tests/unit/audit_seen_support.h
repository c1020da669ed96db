/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A server that keeps every rule of a book, as if it had been looked at: what tests then spoil in one place. */
#ifndef AUDIT_SEEN_SUPPORT_H
#define AUDIT_SEEN_SUPPORT_H

#include "audit/checks.h"

enum { SEEN_NOW = 1795000000, SEEN_DAY = 24 * 3600 }; /* in November 2026 */

static inline void seen_codes(hf_codes *codes, size_t n, const uint16_t *at)
{
    codes->n = 0;
    for (size_t i = 0; i < n; i++)
        hf_codes_add(codes, at[i]);
}
#define SEEN_CODES(codes, ...)                                                                     \
    seen_codes(codes, sizeof((const uint16_t[]){ __VA_ARGS__ }) / 2,                               \
               (const uint16_t[]){ __VA_ARGS__ })

/* Spoken, with lists that are whole and hold nothing yet. */
static inline hf_seen_version *seen_speak(hf_seen *seen, hf_seen_version_id id)
{
    hf_seen_version *v = &seen->v[id];

    v->spoken = HF_PRESENT;
    v->suites_whole = v->groups_whole = v->schemes_whole = true;
    return v;
}

static inline void seen_lists(hf_seen *seen, bool modern)
{
    hf_seen_version *v = seen_speak(seen, HF_V_TLS13);

    for (int i = 0; i < HF_V_TLS13; i++)
        seen->v[i].spoken = HF_ABSENT;
    SEEN_CODES(&v->suites, 0x1301, 0x1302);
    SEEN_CODES(&v->schemes, 0x0403);
    SEEN_CODES(&v->groups, 0x11ec, 0x0017);
    if (modern) {
        v->groups.n = 1;
        return;
    }
    v = seen_speak(seen, HF_V_TLS12);
    SEEN_CODES(&v->suites, 0xc02b, 0xc02c);
    SEEN_CODES(&v->schemes, 0x0403);
    SEEN_CODES(&v->groups, 0x0017);
    v->order = HF_ORDER_CLIENT;
}

static inline void seen_traits(hf_seen *seen)
{
    static const hf_trait_id present[] = { HF_TRAIT_extended_main_secret,
                                           HF_TRAIT_secure_renegotiation,
                                           HF_TRAIT_encrypt_then_mac,
                                           HF_TRAIT_fallback_scsv,
                                           HF_TRAIT_downgrade_sentinel,
                                           HF_TRAIT_tickets13,
                                           HF_TRAIT_ticket_seconds13,
                                           HF_TRAIT_staple,
                                           HF_TRAIT_scts,
                                           HF_TRAIT_alpn,
                                           HF_TRAIT_alpn_strict,
                                           HF_TRAIT_sni_strict,
                                           HF_TRAIT_http,
                                           HF_TRAIT_plain_http,
                                           HF_TRAIT_redirect,
                                           HF_TRAIT_hsts };

    for (int i = 0; i < HF_TRAIT_COUNT; i++)
        seen->traits[i].state = HF_ABSENT;
    for (size_t i = 0; i < sizeof present / sizeof *present; i++)
        seen->traits[present[i]].state = HF_PRESENT;
    seen->traits[HF_TRAIT_ticket_seconds13].number = 7200;
    seen->traits[HF_TRAIT_hsts].number = 63072000;
}

/* A public CA's certificate of 90 days, ten of which are over. */
static inline void seen_chain(hf_seen *seen)
{
    static const uint8_t ocsp[] = { 0x30, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };
    static const uint8_t policies[] = { 0x06, 0x06, 0x67, 0x81, 0x0c, 0x01, 0x02, 0x01 };
    static const uint8_t san[] = { 0x82, 0x01, 'a' };
    hf_seen_chain *chain = &seen->chains[0];
    hf_cert *leaf = &chain->leaf;

    seen->n_chains = 1;
    chain->n = 2;
    chain->parsed = chain->judged = chain->name_matches = true;
    chain->weakest_hash = HF_SHA256;
    chain->n_scts_certificate = 2;
    chain->staple = hf_span_of(ocsp, 1);
    chain->staple_good = HF_PRESENT;
    chain->status_good = true;
    leaf->not_before = SEEN_NOW - 10 * SEEN_DAY;
    leaf->not_after = SEEN_NOW + 80 * SEEN_DAY - 1;
    leaf->key.type = HF_KEY_P256;
    leaf->signed_with = (hf_sig_algorithm){ HF_SIG_ECDSA, HF_SHA256 };
    leaf->has_key_usage = leaf->has_eku = true;
    leaf->key_usage = HF_KU_DIGITAL_SIGNATURE;
    leaf->eku = HF_EKU_SERVER_AUTH;
    leaf->san = hf_span_of(san, sizeof san);
    leaf->aia = hf_span_of(ocsp, sizeof ocsp);
    leaf->policies = hf_span_of(policies, sizeof policies);
}

/* The book decides whether TLS 1.2 is good. NULL: no memory. */
static inline hf_seen *seen_good(const hf_book *book)
{
    hf_seen *seen = hf_seen_new();

    if (!seen)
        return NULL;
    seen->reached = true;
    seen->port = 443;
    seen_lists(seen, strcmp(book->name, "modern") == 0);
    seen_traits(seen);
    seen_chain(seen);
    return seen;
}

static inline const hf_judged_rule *seen_row(const hf_judgement *judged, const hf_rule *rule)
{
    return &judged->rules[rule - judged->book->rules];
}

#endif
