/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* For each check a way to break it on a server that is good, and what else may then fire. For one program. */
#ifndef AUDIT_SPOIL_SUPPORT_H
#define AUDIT_SPOIL_SUPPORT_H

#include "unit/audit_seen_support.h"

typedef struct spoiling {
    hf_seen *seen;
    const uint16_t *codes;
    size_t n;
    uint32_t number;
    bool modern;
} spoiling;

/* ---- parts ---- */

static hf_seen_version *older(spoiling *s)
{
    return s->modern ? seen_speak(s->seen, HF_V_TLS12) : &s->seen->v[HF_V_TLS12];
}

static void add_suite(spoiling *s, uint16_t suite)
{
    hf_codes_add(&older(s)->suites, suite);
}

static hf_seen_version *newest(spoiling *s)
{
    return &s->seen->v[HF_V_TLS13];
}

static hf_seen_chain *chain(spoiling *s)
{
    return &s->seen->chains[0];
}

static void add_dh(spoiling *s, unsigned bits, const char *name, bool export_grade)
{
    older(s);
    s->seen->n_dh = 1;
    s->seen->dh[0] = (hf_seen_dh){ .bits = bits, .name = name, .export_grade = export_grade };
}

static void drop(hf_seen_version *v)
{
    v->spoken = HF_ABSENT;
    v->suites.n = v->groups.n = v->schemes.n = 0;
}

/* ---- a spoiler for each check that is not of one trait ---- */

static void versions_refused(spoiling *s)
{
    seen_speak(s->seen, hf_seen_version_of(s->codes[s->n - 1]));
}

static void versions_wanted(spoiling *s)
{
    drop(&s->seen->v[hf_seen_version_of(s->codes[0])]);
}

static void versions_one_of(spoiling *s)
{
    drop(&s->seen->v[HF_V_TLS12]);
    drop(&s->seen->v[HF_V_TLS13]);
}

static void suites_only(spoiling *s)
{
    if (s->modern)
        hf_codes_add(&newest(s)->suites, 0x1304);
    else
        add_suite(s, 0xc060); /* ARIA */
}

/* One suite for each kind, of the highest bit that the rule asks for. */
static void suites_refused(spoiling *s)
{
    static const uint16_t of[] = { 0xc006, 0x00a6, 0x0014, 0xc007, 0x0015, 0xc008,
                                   0xc023, 0x009c, 0xc02d, 0x00a8, 0x00a2, 0x0004,
                                   0x0007, 0xc0ae, 0xd001, 0x009e, 0x0020, 0x0035 };

    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (s->number >> i & 1)
            add_suite(s, of[i]);
}

static void suites_until(spoiling *s)
{
    add_suite(s, s->codes[0]);
}

static void order_of(spoiling *s)
{
    s->seen->traits[HF_TRAIT_server_order].state =
        s->number == HF_ORDER_SERVER ? HF_ABSENT : HF_PRESENT;
}

static void order_sound(spoiling *s)
{
    hf_seen_version *v = older(s);

    v->order = HF_ORDER_SERVER;
    SEEN_CODES(&v->suites, 0xc023, 0xc02b);
}

static void groups_only(spoiling *s)
{
    hf_codes_add(&newest(s)->groups, 0x001e);
}

static void groups_refused(spoiling *s)
{
    hf_codes_add(&newest(s)->groups, s->codes[0]);
}

static void groups_wanted(spoiling *s)
{
    SEEN_CODES(&newest(s)->groups, 0x0019);
    SEEN_CODES(&older(s)->groups, 0x0019);
}

static void hybrid(spoiling *s)
{
    SEEN_CODES(&newest(s)->groups, 0x0017);
}

static void schemes_only(spoiling *s)
{
    hf_codes_add(&newest(s)->schemes, 0x0808);
}

static void schemes_refused(spoiling *s)
{
    hf_codes_add(&older(s)->schemes, s->codes[s->n - 1]);
}

static void dh_bits(spoiling *s)
{
    add_dh(s, s->number - 1, NULL, false);
}

static void dh_common(spoiling *s)
{
    add_dh(s, s->number, "RFC 3526 group 5", false);
}

static void drown(spoiling *s)
{
    seen_speak(s->seen, HF_V_SSL2);
}

static void poodle(spoiling *s)
{
    SEEN_CODES(&seen_speak(s->seen, HF_V_SSL3)->suites, 0xc009);
}

static void beast(spoiling *s)
{
    SEEN_CODES(&seen_speak(s->seen, HF_V_TLS10)->suites, 0xc009);
}

static void sweet32(spoiling *s)
{
    add_suite(s, 0xc008);
}

static void freak(spoiling *s)
{
    add_suite(s, 0x0003);
}

static void logjam(spoiling *s)
{
    add_dh(s, 1024, "Oakley group 2", false);
}

static void lucky13(spoiling *s)
{
    add_suite(s, 0xc023);
    s->seen->traits[HF_TRAIT_encrypt_then_mac].state = HF_ABSENT;
}

static void tolerance(spoiling *s)
{
    s->seen->traits[HF_TRAIT_intolerant_grease].state = HF_PRESENT;
}

static void session_life(spoiling *s)
{
    s->seen->traits[HF_TRAIT_ticket_seconds13].number = s->number + 1;
}

static void hsts(spoiling *s)
{
    s->seen->traits[HF_TRAIT_hsts].number = s->number - 1;
}

static void redirect(spoiling *s)
{
    s->seen->traits[HF_TRAIT_redirect].state = HF_ABSENT;
}

static void cert_time(spoiling *s)
{
    chain(s)->leaf.not_after = SEEN_NOW - 1;
    chain(s)->verdict = HF_E_CERT_EXPIRED;
}

static void cert_name(spoiling *s)
{
    chain(s)->name_matches = false;
    chain(s)->verdict = HF_E_CERT_NAME;
}

static void cert_trust(spoiling *s)
{
    chain(s)->verdict = HF_E_CERT_UNKNOWN_CA;
}

static void cert_intermediate(spoiling *s)
{
    chain(s)->verdict = HF_E_CERT_UNKNOWN_CA;
    chain(s)->missing_intermediate = true;
    strcpy(chain(s)->missing_issuer, "CN=Somebody");
}

static void cert_revoked(spoiling *s)
{
    chain(s)->verdict = HF_E_CERT_REVOKED;
}

static void cert_sound(spoiling *s)
{
    chain(s)->verdict = HF_E_CERT_PATH_LENGTH;
}

static void cert_days_left(spoiling *s)
{
    chain(s)->leaf.not_after = SEEN_NOW + (int64_t)s->number * SEEN_DAY - 1;
}

static void cert_share_left(spoiling *s)
{
    chain(s)->leaf.not_before = SEEN_NOW - (int64_t)70 * SEEN_DAY;
    chain(s)->leaf.not_after = SEEN_NOW + (int64_t)20 * SEEN_DAY - 1;
}

static void cert_lifetime(spoiling *s)
{
    chain(s)->leaf.not_after = chain(s)->leaf.not_before + (int64_t)s->number * SEEN_DAY;
}

static void rsa_bits(spoiling *s)
{
    chain(s)->weakest_bits = s->number - 1;
}

static void cert_curves(spoiling *s)
{
    chain(s)->leaf.key.type = HF_KEY_ED25519;
}

static void cert_signature(spoiling *s)
{
    chain(s)->leaf.signed_with = (hf_sig_algorithm){ HF_SIG_ED25519, HF_NO_HASH };
}

static void cert_responder(spoiling *s)
{
    chain(s)->leaf.aia = hf_span_of(NULL, 0);
}

static void cert_hash(spoiling *s)
{
    chain(s)->sha1_signature = true;
}

static void cert_usage(spoiling *s)
{
    chain(s)->leaf.eku = HF_EKU_CLIENT_AUTH;
}

static void chain_order(spoiling *s)
{
    chain(s)->out_of_order = true;
}

static void chain_root(spoiling *s)
{
    chain(s)->has_root = true;
}

static void chain_strangers(spoiling *s)
{
    chain(s)->has_strangers = true;
}

static void staple(spoiling *s)
{
    chain(s)->staple.len = 0;
}

static void staple_good(spoiling *s)
{
    chain(s)->staple_good = HF_ABSENT;
}

static void must_staple(spoiling *s)
{
    chain(s)->staple.len = 0;
    chain(s)->must_staple = true;
}

static void scts(spoiling *s)
{
    chain(s)->n_scts_certificate = s->number - 1;
}

/* What a trait's check needs to apply at all. */
static void make_room_for(spoiling *s, hf_where where)
{
    if (where == HF_IN_12 || where == HF_WITH_FALLBACK)
        older(s);
    if (where == HF_WITH_CBC)
        add_suite(s, 0xc023);
    if (where == HF_WITH_RSA_KX)
        add_suite(s, 0x009c);
    if (where == HF_WITH_OLD_FALLBACK) {
        seen_speak(s->seen, HF_V_TLS11);
        drop(newest(s));
    }
}

/* ---- the table ---- */

#define SUITES "suites-only suites-refused suites-until sweet32 lucky13 encrypt-then-mac freak "
static const struct {
    const char *check;
    void (*spoil)(spoiling *);
    const char *also; /* checks that may fire with it */
} rows[] = {
    { "versions-refused", versions_refused, "drown" },
    { "versions-wanted", versions_wanted, "hybrid groups-wanted" },
    { "versions-one-of", versions_one_of, "versions-wanted" },
    { "suites-only", suites_only, "" },
    { "suites-refused", suites_refused, SUITES },
    { "suites-until", suites_until, SUITES },
    { "order", order_of, "" },
    { "order-sound", order_sound, SUITES },
    { "groups-only", groups_only, "" },
    { "groups-refused", groups_refused, "groups-only" },
    { "groups-wanted", groups_wanted, "groups-only hybrid" },
    { "hybrid", hybrid, "groups-only groups-wanted" },
    { "schemes-only", schemes_only, "" },
    { "schemes-refused", schemes_refused, "schemes-only" },
    { "dh-bits", dh_bits, "" },
    { "dh-common", dh_common, "dh-bits" },
    { "drown", drown, "" },
    { "poodle", poodle, SUITES },
    { "beast", beast, SUITES },
    { "sweet32", sweet32, SUITES },
    { "freak", freak, SUITES },
    { "logjam", logjam, "dh-bits dh-common" },
    { "lucky13", lucky13, SUITES },
    { "encrypt-then-mac", NULL, SUITES },
    { "robot", NULL, SUITES },
    { "fallback-scsv-older", NULL, "versions-wanted fallback-scsv" },
    { "tolerance", tolerance, "" },
    { "session-life", session_life, "" },
    { "hsts", hsts, "" },
    { "redirect", redirect, "" },
    { "certificate-time", cert_time, "" },
    { "certificate-name", cert_name, "" },
    { "certificate-trust", cert_trust, "" },
    { "certificate-intermediate", cert_intermediate, "" },
    { "certificate-revoked", cert_revoked, "" },
    { "certificate-sound", cert_sound, "" },
    { "certificate-days-left", cert_days_left, "certificate-share-left" },
    { "certificate-share-left", cert_share_left, "" },
    { "certificate-lifetime", cert_lifetime, "" },
    { "rsa-bits", rsa_bits, "" },
    { "certificate-curves", cert_curves, "" },
    { "certificate-signature", cert_signature, "" },
    { "certificate-responder", cert_responder, "" },
    { "certificate-hash", cert_hash, "" },
    { "certificate-usage", cert_usage, "" },
    { "chain-order", chain_order, "" },
    { "chain-root", chain_root, "" },
    { "chain-strangers", chain_strangers, "" },
    { "staple", staple, "" },
    { "staple-good", staple_good, "" },
    { "must-staple", must_staple, "staple" },
    { "scts", scts, "" },
};

#endif
