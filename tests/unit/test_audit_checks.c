/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The checks at their edges: one server each that is good but for one thing, one rule, and what is to be said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "unit/audit_seen_support.h"

typedef struct edge {
    const char *rule; /* its id begins with the book's name */
    void (*change)(hf_seen *);
    hf_verdict verdict;
    const char *words; /* among the finding's, or why; NULL: none */
} edge;

/* ---- shorthands ---- */

static hf_seen_version *v(hf_seen *s, hf_seen_version_id id)
{
    return &s->v[id];
}

static void drop(hf_seen *s, hf_seen_version_id id)
{
    v(s, id)->spoken = HF_ABSENT;
    v(s, id)->suites.n = v(s, id)->groups.n = v(s, id)->schemes.n = 0;
}

static void trait(hf_seen *s, hf_trait_id id, hf_tri state)
{
    s->traits[id].state = state;
}

static void dh(hf_seen *s, unsigned bits, const char *name, bool export_grade)
{
    s->dh[s->n_dh++] = (hf_seen_dh){ .bits = bits, .name = name, .export_grade = export_grade };
}

static hf_seen_chain *chain(hf_seen *s)
{
    return &s->chains[0];
}

/* ---- versions, and where checks apply ---- */

static void only_13(hf_seen *s)
{
    drop(s, HF_V_TLS12);
}

static void only_12(hf_seen *s)
{
    drop(s, HF_V_TLS13);
}

static void unknown_13(hf_seen *s)
{
    only_12(s);
    drop(s, HF_V_TLS12);
    v(s, HF_V_TLS13)->spoken = HF_UNKNOWN;
}

static void unknown_11(hf_seen *s)
{
    only_12(s);
    v(s, HF_V_TLS11)->spoken = HF_UNKNOWN;
    strcpy(v(s, HF_V_TLS11)->why, "it stalled");
}

static void old_without_13(hf_seen *s)
{
    only_12(s);
    seen_speak(s, HF_V_TLS11);
    trait(s, HF_TRAIT_fallback_scsv, HF_ABSENT);
}

static void old_with_13(hf_seen *s)
{
    seen_speak(s, HF_V_TLS11);
    trait(s, HF_TRAIT_fallback_scsv, HF_ABSENT);
}

static void old_alone(hf_seen *s)
{
    old_without_13(s);
    drop(s, HF_V_TLS12);
}

static void no_http(hf_seen *s)
{
    trait(s, HF_TRAIT_http, HF_ABSENT);
    trait(s, HF_TRAIT_plain_http, HF_ABSENT);
}

static void idle(hf_seen *s, hf_trait_id id)
{
    trait(s, id, HF_UNKNOWN);
    s->traits[id].words[0] = '\0';
    hf_seen_idle(s, id, "it does not apply");
}

static void of_an_address(hf_seen *s)
{
    idle(s, HF_TRAIT_hsts);
    idle(s, HF_TRAIT_redirect);
    idle(s, HF_TRAIT_insecure_cookies);
    idle(s, HF_TRAIT_server_order);
}

static void idle_but_cbc(hf_seen *s)
{
    hf_codes_add(&s->v[HF_V_TLS12].suites, 0xc023);
    idle(s, HF_TRAIT_encrypt_then_mac);
}

static void cbc_and_unknown_etm(hf_seen *s)
{
    hf_codes_add(&s->v[HF_V_TLS12].suites, 0xc023);
    trait(s, HF_TRAIT_encrypt_then_mac, HF_UNKNOWN);
    strcpy(s->traits[HF_TRAIT_encrypt_then_mac].words, "no answer in time");
}

static void cbc_without_etm(hf_seen *s)
{
    hf_codes_add(&s->v[HF_V_TLS12].suites, 0xc023);
    trait(s, HF_TRAIT_encrypt_then_mac, HF_ABSENT);
}

static void nothing_spoken(hf_seen *s)
{
    drop(s, HF_V_TLS12);
    drop(s, HF_V_TLS13);
}

static void no_sessions(hf_seen *s)
{
    trait(s, HF_TRAIT_tickets13, HF_ABSENT);
}

static void unknown_sessions(hf_seen *s)
{
    no_sessions(s);
    trait(s, HF_TRAIT_tickets12, HF_UNKNOWN);
}

static void id_sessions(hf_seen *s)
{
    no_sessions(s);
    trait(s, HF_TRAIT_session_ids, HF_PRESENT);
}

static void week(hf_seen *s)
{
    s->traits[HF_TRAIT_ticket_seconds13].number = 604800;
}

static void ssl3_stream(hf_seen *s)
{
    SEEN_CODES(&seen_speak(s, HF_V_SSL3)->suites, 0x0005);
}

static void ssl3_half_seen(hf_seen *s)
{
    ssl3_stream(s);
    v(s, HF_V_SSL3)->suites_whole = false;
}

/* ---- suites and groups ---- */

static void two_3des(hf_seen *s)
{
    hf_codes_add(&v(s, HF_V_TLS12)->suites, 0xc008);
    hf_codes_add(&v(s, HF_V_TLS12)->suites, 0xc012);
}

static void order_unknown(hf_seen *s)
{
    v(s, HF_V_TLS12)->order = HF_ORDER_UNKNOWN;
}

static void order_equal(hf_seen *s)
{
    v(s, HF_V_TLS12)->order = HF_ORDER_SERVER;
}

static void order_bad(hf_seen *s)
{
    order_equal(s);
    SEEN_CODES(&v(s, HF_V_TLS12)->suites, 0xc02b, 0x009c, 0xc023);
    v(s, HF_V_TLS12)->suite_evidence[1] = 1;
}

static void no_groups(hf_seen *s)
{
    v(s, HF_V_TLS12)->groups.n = v(s, HF_V_TLS13)->groups.n = 0;
}

static void no_schemes(hf_seen *s)
{
    v(s, HF_V_TLS12)->schemes.n = v(s, HF_V_TLS13)->schemes.n = 0;
}

static void first_hybrid(hf_seen *s)
{
    SEEN_CODES(&v(s, HF_V_TLS13)->groups, 0x11eb);
}

static void last_hybrid(hf_seen *s)
{
    SEEN_CODES(&v(s, HF_V_TLS13)->groups, 0x11ee);
}

static void kyber_draft(hf_seen *s)
{
    SEEN_CODES(&v(s, HF_V_TLS13)->groups, 0x6399);
}

/* ---- Diffie-Hellman ---- */

static void dhe_unseen(hf_seen *s)
{
    hf_codes_add(&v(s, HF_V_TLS12)->suites, 0x009e);
}

static void dhe_not_whole(hf_seen *s)
{
    v(s, HF_V_TLS12)->suites_whole = false;
}

static void dh_2048(hf_seen *s)
{
    dh(s, 2048, "RFC 3526 group 14", false);
}

static void dh_2047(hf_seen *s)
{
    dh(s, 2047, "RFC 3526 group 14", false);
}

static void dh_own_1024(hf_seen *s)
{
    dh(s, 1024, NULL, false);
}

static void dh_1023(hf_seen *s)
{
    dh(s, 1023, NULL, false);
}

static void dh_export(hf_seen *s)
{
    dh(s, 1024, NULL, true);
}

/* ---- certificates ---- */

static void expires_now(hf_seen *s)
{
    chain(s)->leaf.not_before = SEEN_NOW - 90 * SEEN_DAY;
    chain(s)->leaf.not_after = SEEN_NOW;
}

static void expired(hf_seen *s)
{
    chain(s)->leaf.not_after = SEEN_NOW - 1;
}

static void begins_now(hf_seen *s)
{
    chain(s)->leaf.not_before = SEEN_NOW;
}

static void above_expired(hf_seen *s)
{
    chain(s)->verdict = HF_E_CERT_EXPIRED;
}

static void a_second_more(hf_seen *s)
{
    chain(s)->leaf.not_after = chain(s)->leaf.not_before + (int64_t)90 * SEEN_DAY;
}

static void six_days_and_more(hf_seen *s)
{
    chain(s)->leaf.not_after = SEEN_NOW + 6 * (int64_t)SEEN_DAY - 60;
}

static void hours_36(hf_seen *s)
{
    chain(s)->leaf.not_after = SEEN_NOW + (int64_t)36 * 3600;
}

/* What the validator said of a chain whose top tells, or does not, where its issuer can be had. */
static void cut_short(hf_seen *s)
{
    hf_seen_chain *c = chain(s);

    c->verdict = HF_E_CERT_UNKNOWN_CA;
    c->n_faults = 1;
    c->faults[0].error = HF_E_CERT_UNKNOWN_CA;
    c->settled = true;
    strcpy(c->missing_issuer, "CN=Somebody");
}

static void without_intermediate(hf_seen *s)
{
    cut_short(s);
    chain(s)->missing_intermediate = true;
}

/* All of a chain was sent, up to a root that nobody here trusts. */
static void foreign_root(hf_seen *s)
{
    cut_short(s);
    chain(s)->missing_issuer[0] = '\0';
}

/* The validator could say no more than this. */
static void stopped(hf_seen *s)
{
    hf_seen_chain *c = chain(s);

    c->verdict = HF_E_CERT_PATH_LENGTH;
    c->n_faults = 1;
    c->faults[0].error = HF_E_CERT_PATH_LENGTH;
}

static void longer(hf_seen *s)
{
    stopped(s);
    chain(s)->more = true;
}

static void weak(hf_seen *s)
{
    stopped(s);
    chain(s)->verdict = chain(s)->faults[0].error = HF_E_CERT_SIGALG_BROKEN;
}

static void forged(hf_seen *s)
{
    stopped(s);
    chain(s)->verdict = chain(s)->faults[0].error = HF_E_CERT_SIGNATURE;
    chain(s)->settled = true;
}

/* The name alone is wrong, and nothing else: the rest was looked at. */
static void but_for_the_name(hf_seen *s)
{
    stopped(s);
    chain(s)->verdict = chain(s)->faults[0].error = HF_E_CERT_NAME;
    chain(s)->settled = true;
    chain(s)->name_matches = false;
}

static void unjudged(hf_seen *s)
{
    chain(s)->judged = chain(s)->name_matches = false;
}

static void no_status(hf_seen *s)
{
    chain(s)->status_good = false;
    chain(s)->staple.len = 0;
}

static void status_by_crl(hf_seen *s)
{
    no_status(s);
    chain(s)->status_good = true;
}

static void status_untold(hf_seen *s)
{
    chain(s)->status_good = false;
}

static void days_366(hf_seen *s)
{
    chain(s)->leaf.not_after = chain(s)->leaf.not_before + (int64_t)366 * SEEN_DAY - 1;
}

static void rsa_2048(hf_seen *s)
{
    chain(s)->weakest_bits = 2048;
    strcpy(chain(s)->weakest_subject, "CN=a.test");
}

static void issuer_2048(hf_seen *s)
{
    chain(s)->weakest_bits = 2048;
    chain(s)->weakest_at = 1;
    strcpy(chain(s)->weakest_subject, "CN=Issuer");
}

static void md5(hf_seen *s)
{
    chain(s)->md5_signature = chain(s)->sha1_signature = true;
}

static void unknown_signature(hf_seen *s)
{
    chain(s)->leaf.signed_with = (hf_sig_algorithm){ HF_SIG_NONE, HF_NO_HASH };
}

static void signed_with_512(hf_seen *s)
{
    chain(s)->leaf.signed_with.hash = HF_SHA512;
}

static void root_alone(hf_seen *s)
{
    chain(s)->n = 1;
    chain(s)->has_root = true;
}

static void staple_unknown(hf_seen *s)
{
    chain(s)->staple.len = 0;
    trait(s, HF_TRAIT_staple, HF_UNKNOWN);
    strcpy(s->traits[HF_TRAIT_staple].words, "it stalled");
}

static void must_and_unknown(hf_seen *s)
{
    staple_unknown(s);
    chain(s)->must_staple = true;
}

static void staple_unjudged(hf_seen *s)
{
    chain(s)->staple_good = HF_UNKNOWN;
}

static void no_staple(hf_seen *s)
{
    chain(s)->staple.len = 0;
}

static void must_and_does(hf_seen *s)
{
    chain(s)->must_staple = true;
}

static void no_responder(hf_seen *s)
{
    no_staple(s);
    chain(s)->leaf.aia.len = 0;
}

static void private_ca(hf_seen *s)
{
    chain(s)->leaf.policies.len = 0;
    chain(s)->n_scts_certificate = 0;
}

static void no_key_usage(hf_seen *s)
{
    chain(s)->leaf.has_key_usage = false;
    chain(s)->leaf.key_usage = 0;
}

static void wrong_key_usage(hf_seen *s)
{
    chain(s)->leaf.key_usage = HF_KU_KEY_ENCIPHERMENT;
}

static void no_san(hf_seen *s)
{
    chain(s)->leaf.san.len = 0;
}

/* The name is what the validator told; what is behind it is told by its own rules. */
static void behind_the_name(hf_seen *s)
{
    hf_seen_chain *c = chain(s);

    c->verdict = HF_E_CERT_NAME;
    c->name_matches = false;
    c->n_faults = 3;
    c->faults[0].error = HF_E_CERT_NAME;
    c->faults[1].error = HF_E_CERT_EXPIRED;
    c->faults[2].error = HF_E_CERT_PATH_LENGTH;
}

static void other_access(hf_seen *s)
{
    static const uint8_t ca_issuers[] = { 0x30, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02 };

    no_staple(s);
    chain(s)->leaf.aia = hf_span_of(ca_issuers, sizeof ca_issuers);
}

/* ---- the table ---- */

static const edge edges[] = {
    { "default/versions-one-of", unknown_13, HF_RULE_UNSEEN, "TLS 1.3 is spoken is not known" },
    { "default/hybrid", only_12, HF_RULE_IDLE, "TLS 1.3 is not spoken" },
    { "default/extended-main-secret", only_13, HF_RULE_IDLE, "only TLS 1.3 is spoken" },
    { "default/fallback-scsv", only_12, HF_RULE_IDLE, "only one version" },
    { "default/fallback-scsv", only_13, HF_RULE_IDLE, "only TLS 1.3 is spoken" },
    { "nist-800-52r2/fallback-scsv", old_without_13, HF_RULE_BROKEN, "TLS 1.1 or older" },
    { "nist-800-52r2/fallback-scsv", old_with_13, HF_RULE_IDLE, "TLS 1.3 is spoken" },
    { "nist-800-52r2/fallback-scsv", old_alone, HF_RULE_IDLE, "only one version" },
    { "nist-800-52r2/fallback-scsv", only_12, HF_RULE_IDLE, "nothing older than TLS 1.2" },
    { "nist-800-52r2/fallback-scsv", unknown_11, HF_RULE_UNSEEN, "TLS 1.1" },
    { "default/hsts", no_http, HF_RULE_IDLE, "HTTP over TLS is not answered" },
    { "default/redirect", no_http, HF_RULE_IDLE, "HTTP without TLS is not answered" },
    { "mozilla-intermediate/hsts", of_an_address, HF_RULE_IDLE, "it does not apply" },
    { "default/redirect", of_an_address, HF_RULE_IDLE, "it does not apply" },
    { "default/cookies", of_an_address, HF_RULE_IDLE, "it does not apply" },
    { "mozilla-intermediate/order", of_an_address, HF_RULE_IDLE, "it does not apply" },
    { "default/encrypt-then-mac", idle_but_cbc, HF_RULE_IDLE, "it does not apply" },
    { "default/lucky13", cbc_and_unknown_etm, HF_RULE_UNSEEN, "no answer in time" },
    { "default/lucky13", idle_but_cbc, HF_RULE_IDLE, "it does not apply" },
    { "default/lucky13", cbc_without_etm, HF_RULE_BROKEN, "_CBC_SHA256" },
    { "default/versions-one-of", nothing_spoken, HF_RULE_BROKEN, "none of these is spoken" },
    { "default/forward-secrecy", nothing_spoken, HF_RULE_IDLE, "no version with suites is spoken" },
    { "default/suites", nothing_spoken, HF_RULE_IDLE, "no version with suites is spoken" },
    { "default/sweet32", nothing_spoken, HF_RULE_IDLE, "no version with suites is spoken" },
    { "default/session-life", no_sessions, HF_RULE_IDLE, "no session can be resumed" },
    { "default/session-life", unknown_sessions, HF_RULE_UNSEEN, "is not known" },
    { "default/session-life", id_sessions, HF_RULE_KEPT, NULL },
    { "default/session-life", week, HF_RULE_KEPT, NULL },
    { "default/poodle", ssl3_stream, HF_RULE_KEPT, NULL },
    { "default/poodle", ssl3_half_seen, HF_RULE_UNSEEN, "SSL 3.0 is not whole" },
    { "default/sweet32", two_3des, HF_RULE_BROKEN, "_3DES_EDE_CBC_SHA and 1 more" },
    { "default/suites", unknown_11, HF_RULE_KEPT, NULL }, /* it must go anyway */
    { "default/forward-secrecy", unknown_11, HF_RULE_UNSEEN, "not whole" },
    { "default/order-sound", no_http, HF_RULE_IDLE, "no order of its own" },
    { "default/order-sound", order_unknown, HF_RULE_UNSEEN, "whose order counts in TLS 1.2" },
    { "default/order-sound", order_equal, HF_RULE_KEPT, NULL },
    { "default/order-sound", order_bad, HF_RULE_BROKEN,
      "TLS_RSA_WITH_AES_128_GCM_SHA256 comes before TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256" },
    { "default/groups", no_groups, HF_RULE_IDLE, "no group is spoken" },
    { "nist-800-52r2/groups-wanted", no_groups, HF_RULE_IDLE, "no group is spoken" },
    { "default/schemes", no_schemes, HF_RULE_IDLE, "the server signs nothing" },
    { "default/hybrid", first_hybrid, HF_RULE_KEPT, NULL },
    { "default/hybrid", last_hybrid, HF_RULE_KEPT, NULL },
    { "default/hybrid", kyber_draft, HF_RULE_BROKEN, "no hybrid group" },
    { "default/dh-bits", dhe_unseen, HF_RULE_UNSEEN, "no parameters were seen" },
    { "default/dh-bits", dhe_not_whole, HF_RULE_UNSEEN, "not whole" },
    { "default/dh-bits", no_http, HF_RULE_IDLE, "no suite with DHE" },
    { "default/dh-bits", dh_2048, HF_RULE_KEPT, NULL },
    { "default/dh-bits", dh_2047, HF_RULE_BROKEN, "have 2047 bits; at least 2048" },
    { "default/dh-common", dh_2048, HF_RULE_KEPT, NULL },
    { "default/dh-common", dh_2047, HF_RULE_BROKEN, "RFC 3526 group 14" },
    { "default/dh-common", dh_own_1024, HF_RULE_KEPT, NULL },
    { "default/logjam", dh_own_1024, HF_RULE_KEPT, NULL },
    { "default/logjam", dh_1023, HF_RULE_BROKEN, "1023 bits is broken" },
    { "default/logjam", dh_export, HF_RULE_BROKEN, "1024 bits (export) is broken" },
    { "default/certificate-time", expires_now, HF_RULE_KEPT, NULL },
    { "default/certificate-days-left", expires_now, HF_RULE_BROKEN, "in 0 hours" },
    { "default/certificate-share-left", expires_now, HF_RULE_BROKEN, "0 of 90 days" },
    { "default/certificate-time", expired, HF_RULE_BROKEN, "expired on 2026-" },
    { "default/certificate-days-left", expired, HF_RULE_IDLE, "has expired" },
    { "default/certificate-share-left", expired, HF_RULE_IDLE, "has expired" },
    { "default/certificate-days-left", six_days_and_more, HF_RULE_BROKEN, "expires in 6 days" },
    { "default/certificate-days-left", hours_36, HF_RULE_BROKEN, "expires in 36 hours" },
    { "default/certificate-trust", without_intermediate, HF_RULE_UNSEEN,
      "CN=Somebody was not sent" },
    { "default/certificate-trust", cut_short, HF_RULE_BROKEN,
      "its issuer CN=Somebody was neither sent nor is trusted: an intermediate is missing, or this "
      "is a CA of your own (--ca FILE)" },
    { "default/certificate-trust", foreign_root, HF_RULE_BROKEN, "ends at no trusted CA" },
    { "default/certificate-trust", stopped, HF_RULE_UNSEEN, "went no further" },
    { "default/certificate-trust", forged, HF_RULE_UNSEEN, "leads nowhere" },
    { "default/certificate-trust", but_for_the_name, HF_RULE_KEPT, NULL },
    { "default/certificate-intermediate", without_intermediate, HF_RULE_BROKEN,
      "an intermediate certificate is missing (p256), CN=Somebody" },
    { "default/certificate-intermediate", cut_short, HF_RULE_UNSEEN, "CN=Somebody" },
    { "default/certificate-intermediate", foreign_root, HF_RULE_KEPT, NULL },
    { "default/certificate-intermediate", stopped, HF_RULE_KEPT, NULL },
    { "default/certificate-intermediate", longer, HF_RULE_UNSEEN, "longer than what is kept" },
    { "default/certificate-time", cut_short, HF_RULE_UNSEEN, "CN=Somebody" },
    { "default/certificate-time", foreign_root, HF_RULE_KEPT, NULL },
    { "default/certificate-time", stopped, HF_RULE_KEPT, NULL },
    { "default/certificate-revoked", stopped, HF_RULE_UNSEEN, "went no further" },
    { "default/certificate-sound", weak, HF_RULE_UNSEEN, "went no further" },
    { "default/certificate-sound", cut_short, HF_RULE_UNSEEN, "CN=Somebody" },
    { "default/certificate-sound", but_for_the_name, HF_RULE_KEPT, NULL },
    { "default/certificate-hash", cut_short, HF_RULE_UNSEEN, "CN=Somebody" },
    { "default/rsa-bits", without_intermediate, HF_RULE_UNSEEN, "CN=Somebody" },
    { "default/certificate-name", unjudged, HF_RULE_UNSEEN, "was not judged" },
    { "default/certificate-revoked", unjudged, HF_RULE_UNSEEN, "was not judged" },
    { "default/certificate-revoked", no_status, HF_RULE_UNSEEN,
      "no CRL that tells was given and no staple came (p256); nothing is fetched" },
    { "default/certificate-revoked", status_by_crl, HF_RULE_KEPT, NULL },
    { "default/certificate-revoked", status_untold, HF_RULE_UNSEEN, "the staple (p256)" },
    { "default/certificate-revoked", without_intermediate, HF_RULE_UNSEEN, "CN=Somebody" },
    { "default/certificate-time", begins_now, HF_RULE_KEPT, NULL },
    { "default/certificate-share-left", begins_now, HF_RULE_KEPT, NULL },
    { "default/certificate-time", above_expired, HF_RULE_BROKEN, "above the server's certificate" },
    { "mozilla-intermediate/certificate-lifetime", days_366, HF_RULE_KEPT, NULL },
    { "mozilla-intermediate/certificate-lifetime-90", a_second_more, HF_RULE_BROKEN,
      "90 days and a second, which count as 91" },
    { "mozilla-intermediate/certificate-lifetime-90", days_366, HF_RULE_BROKEN, "366 days" },
    { "default/rsa-bits", rsa_2048, HF_RULE_KEPT, NULL },
    { "bsi-tr-02102-2/rsa-bits", rsa_2048, HF_RULE_BROKEN,
      "the server's certificate, CN=a.test (p256) is RSA with 2048 bits; at least 3000 are asked" },
    { "bsi-tr-02102-2/rsa-bits", issuer_2048, HF_RULE_BROKEN,
      "an issuer, CN=Issuer (p256) is RSA with 2048 bits; at least 3000 are asked for: only the "
      "CA" },
    { "pci-dss-4.0.1/rsa-bits-128", rsa_2048, HF_RULE_BROKEN, "at least 3072 are advised" },
    { "default/certificate-hash", md5, HF_RULE_BROKEN, "MD5" },
    { "nist-800-52r2/certificate-signature", unknown_signature, HF_RULE_BROKEN, "not in the list" },
    { "nist-800-52r2/certificate-signature", signed_with_512, HF_RULE_KEPT, NULL },
    { "default/chain-root", root_alone, HF_RULE_KEPT, NULL },
    { "default/staple", staple_unknown, HF_RULE_UNSEEN, "it stalled" },
    { "default/staple-good", staple_unknown, HF_RULE_UNSEEN, "it stalled" },
    { "default/must-staple", must_and_unknown, HF_RULE_UNSEEN, "it stalled" },
    { "default/must-staple", staple_unknown, HF_RULE_IDLE, "no certificate demands it" },
    { "default/staple-good", staple_unjudged, HF_RULE_UNSEEN, "was not judged" },
    { "default/staple-good", no_staple, HF_RULE_IDLE, "no staple comes" },
    { "default/must-staple", must_and_does, HF_RULE_KEPT, NULL },
    { "default/staple", no_responder, HF_RULE_IDLE, "names no OCSP responder" },
    { "default/staple", other_access, HF_RULE_IDLE, "names no OCSP responder" },
    { "default/certificate-time", behind_the_name, HF_RULE_BROKEN,
      "above the server's certificate" },
    { "default/certificate-sound", behind_the_name, HF_RULE_BROKEN, "more levels" },
    { "default/certificate-name", behind_the_name, HF_RULE_BROKEN, "is not for" },
    { "default/scts", private_ca, HF_RULE_IDLE, "not a public CA's" },
    { "nist-800-52r2/certificate-usage", no_key_usage, HF_RULE_KEPT, NULL },
    { "nist-800-52r2/certificate-usage", wrong_key_usage, HF_RULE_BROKEN, "digitalSignature" },
    { "nist-800-52r2/certificate-usage", no_san, HF_RULE_BROKEN, "no subjectAltName" },
};

/* The longest name of a book that the rule's id begins with. */
static const hf_book *book_of(const char *rule)
{
    char name[40];

    snprintf(name, sizeof name, "%.*s", (int)strcspn(rule, "/"), rule);
    return hf_book_named(name);
}

static void check(const edge *e, const hf_judgement *judged)
{
    for (size_t i = 0; i < judged->n_rules; i++) {
        const hf_judged_rule *row = &judged->rules[i];
        if (strcmp(row->rule->id, e->rule) != 0)
            continue;
        const char *words = row->n > 0 ? judged->findings[row->first].what : row->why;
        if (row->verdict != e->verdict || row->n > 1 ||
            (e->words ? !strstr(words, e->words) : *words != '\0'))
            fail_msg("%s: %d, %s; not %d, %s", e->rule, (int)row->verdict, words, (int)e->verdict,
                     e->words ? e->words : "nothing");
        return;
    }
    fail_msg("no rule %s", e->rule);
}

static void test_edges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        const hf_book *book = book_of(edges[i].rule);
        assert_non_null(book);
        hf_seen *seen = seen_good(book);
        assert_non_null(seen);
        edges[i].change(seen);
        hf_judgement *judged = hf_judge(book, seen, SEEN_NOW);
        assert_non_null(judged);
        check(&edges[i], judged);
        hf_judgement_free(judged);
        hf_seen_free(seen);
    }
}

/* The same parameters in several versions are told once, others apart. */
static void test_parameters_once(void **state)
{
    const hf_book *book = hf_book_named("default");
    hf_seen *seen = seen_good(book);
    size_t n = 0;

    (void)state;
    dh(seen, 1024, NULL, false);
    dh(seen, 1024, NULL, false);
    dh(seen, 1024, "Oakley group 2", false);
    dh(seen, 1536, NULL, false);
    dh(seen, 512, NULL, true);
    hf_judgement *judged = hf_judge(book, seen, SEEN_NOW);
    for (size_t i = 0; i < judged->n_findings; i++)
        n += judged->findings[i].rule->check->ask == hf_check_dh_bits;
    assert_int_equal(n, 4);
    hf_judgement_free(judged);
    hf_seen_free(seen);
}

/* Rule: a finding that comes from what was asked shows it. */
static void test_no_version_has_evidence(void **state)
{
    const hf_book *book = hf_book_named("default");
    hf_seen *seen = seen_good(book);
    size_t n = 0;

    (void)state;
    nothing_spoken(seen);
    seen->v[HF_V_TLS12].evidence = 2;
    seen->v[HF_V_TLS13].evidence = 1;
    hf_judgement *judged = hf_judge(book, seen, SEEN_NOW);
    for (size_t i = 0; i < judged->n_findings; i++) {
        if (judged->findings[i].rule->check->ask != hf_check_versions_one_of)
            continue;
        assert_int_equal(judged->findings[i].evidence, 1);
        n++;
    }
    assert_int_equal(n, 1);
    hf_judgement_free(judged);
    hf_seen_free(seen);
}

/* What a suite is, by its name. */
static void test_classes(void **state)
{
    static const struct {
        uint16_t suite;
        uint32_t classes;
    } rows[] = {
        { 0x1301, 0 },
        { 0xc02f, 0 },
        { 0xcca8, 0 },
        { 0x1305, HF_CLASS_SHORT_TAG },
        { 0xc0b4, HF_CLASS_NULL },
        { 0x0002, HF_CLASS_NULL | HF_CLASS_RSA_KX | HF_CLASS_NO_FS | HF_CLASS_SHA1 },
        { 0x0005, HF_CLASS_RC4 | HF_CLASS_RSA_KX | HF_CLASS_NO_FS | HF_CLASS_SHA1 },
        { 0x000a, HF_CLASS_3DES | HF_CLASS_BLOCK64 | HF_CLASS_CBC | HF_CLASS_RSA_KX |
                      HF_CLASS_NO_FS | HF_CLASS_SHA1 },
        { 0x0003,
          HF_CLASS_EXPORT | HF_CLASS_RC4 | HF_CLASS_RSA_KX | HF_CLASS_NO_FS | HF_CLASS_MD5 },
        { 0x009d, HF_CLASS_RSA_KX | HF_CLASS_NO_FS },
        { 0x009e, HF_CLASS_DHE },
        { 0x00a4, HF_CLASS_STATIC_DH | HF_CLASS_NO_FS | HF_CLASS_DSS | HF_CLASS_DHE },
        { 0x00a6, HF_CLASS_ANON | HF_CLASS_DHE },
        { 0xc018, HF_CLASS_ANON | HF_CLASS_CBC | HF_CLASS_SHA1 },
        { 0xc02d, HF_CLASS_STATIC_DH | HF_CLASS_NO_FS },
        { 0x00a8, HF_CLASS_PSK | HF_CLASS_NO_FS },
        { 0xd001, HF_CLASS_PSK },
        { 0x00ac, HF_CLASS_PSK | HF_CLASS_RSA_KX | HF_CLASS_NO_FS },
        { 0xc01a,
          HF_CLASS_UNUSUAL | HF_CLASS_3DES | HF_CLASS_BLOCK64 | HF_CLASS_CBC | HF_CLASS_SHA1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (hf_classes_of(rows[i].suite) != rows[i].classes)
            fail_msg("0x%04x: 0x%x, not 0x%x", rows[i].suite,
                     (unsigned)hf_classes_of(rows[i].suite), (unsigned)rows[i].classes);
    for (unsigned bit = 0; bit <= 17; bit++)
        assert_true(hf_class_words(1u << bit)[0] != '\0');
    assert_string_equal(hf_class_words(0), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_parameters_once),
        cmocka_unit_test(test_no_version_has_evidence),
        cmocka_unit_test(test_classes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
