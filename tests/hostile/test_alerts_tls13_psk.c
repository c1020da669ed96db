/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The rows of alerts.tsv about pre-shared keys, where there is one that both ends know: a ticket's, or
 * one that was shared beforehand. The form of an offer that nobody knows is test_alerts_tls13_hello.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_hello.h"
#include "support/hostile_psk.h"
#include "support/hostile_rows.h"

static const hf_msg CH = HF_MSG_ClientHello, SH = HF_MSG_ServerHello;

enum { HASH = 32, RANDOM_AT = 2, SESSION_ID_AT = 34, HOUR = 3600 };

static const hf_conn_info *info_of(const hostile *h)
{
    return hf_conn_info_of(hostile_conn(h));
}

/* ---- what becomes of a connection that goes on ---- */

static void check_resumed(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_true(info_of(h)->resumed);
    assert_int_equal(hostile_count_said(h, HF_MSG_Certificate), 0);
}

static void check_psk(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_true(info_of(h)->psk_used);
    assert_int_equal(hostile_count_said(h, HF_MSG_Certificate), 0);
}

/* At the server: the key was declined, and it showed its certificate. */
static void check_full(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_false(info_of(h)->resumed);
    assert_false(info_of(h)->psk_used);
    assert_true(hf_conn_info_of(h->p.end[HF_CLIENT].conn)->peer_verified);
}

/* ---- ClientHello: binders ---- */

static void flip_binder(hostile_bytes *b, int v)
{
    b->data[b->len - HASH + (size_t)v] ^= (uint8_t)(1 << v % 8);
}

/* Whoever changes the hello on its way has no key. */
static void change_hello(hostile_bytes *b, int v)
{
    if (v == 0)
        b->data[RANDOM_AT] ^= 1;
    else if (v == 1)
        b->data[SESSION_ID_AT + 32] ^= 0x80;
    else
        hostile_age(b, 0, v == 2 ? 1 : 1000);
}

/* The right bytes and more. */
static void long_binder(hostile *h, hf_msg msg, hostile_bytes *b)
{
    static const size_t lengths[] = { 33, 48, 64, 255 };
    size_t at = 0, len = 0;
    hostile_bytes body = { 0 };

    if (msg != CH)
        return;
    assert_true(hb_extension(b, CH, PSK, &at, &len));
    hb_set(&body, hf_span_of(b->data + at, len - 2 - 1 - HASH));
    hb_add_uint(&body, lengths[hostile_variant()] + 1, 2);
    hb_add_uint(&body, lengths[hostile_variant()], 1);
    for (size_t i = 0; i < lengths[hostile_variant()]; i++)
        hb_add_uint(&body, 0, 1);
    hb_extension_put(b, CH, PSK, hb_span(&body));
    hostile_rebind(h, b);
    hb_free(&body);
}

static void cut_elsewhere(hostile *h, hf_msg msg, hostile_bytes *b)
{
    static const int moved[] = { 2, 3, -2, -6, 2 + 1 + HASH };

    if (msg != CH)
        return;
    hostile_binding how = hostile_own_binding(h, 0);
    how.moved = moved[hostile_variant()];
    hostile_bind(h, b, 0, &how);
}

/* The second hello's binder, without the first hello and the HelloRetryRequest. */
static void forgetful(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH || hostile_count_said(h, CH) == 0)
        return;
    hostile_binding how = hostile_own_binding(h, 0);
    how.forgetful = true;
    hostile_bind(h, b, 0, &how);
}

/* "ext binder" for a ticket, "res binder" for a key that was shared beforehand. */
static void other_label(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    hostile_binding how = hostile_own_binding(h, 0);
    how.psk.external = !how.psk.external;
    hostile_bind(h, b, 0, &how);
}

static void other_key(hostile *h, hf_msg msg, hostile_bytes *b)
{
    uint8_t key[HF_PSK_KEY_MAX] = { 0 };

    if (msg != CH)
        return;
    hostile_binding how = hostile_own_binding(h, 0);
    if (hostile_variant() == 0)
        memcpy(key, how.psk.key.data, how.psk.key.len);
    key[how.psk.key.len - 1] ^= 1;
    how.psk.key = hf_span_of(key, how.psk.key.len);
    hostile_bind(h, b, 0, &how);
}

/* After the ticket was given, so that both are offered. */
static void psk_too(pair_options *o, int v)
{
    hostile_psk(o, v);
}

static void swapped(hostile *h, hf_msg msg, hostile_bytes *b)
{
    uint8_t first[HASH];

    (void)h;
    if (msg != CH)
        return;
    size_t a = hostile_binder_at(b, 0) + 1, c = hostile_binder_at(b, 1) + 1;
    memcpy(first, b->data + a, HASH);
    memcpy(b->data + a, b->data + c, HASH);
    memcpy(b->data + c, first, HASH);
}

/* Legal: binders of identities that are not chosen are nobody's business (RFC 9846 4.3.11). */
static void second_binder(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg == CH)
        b->data[b->len - 1] ^= 1;
}

/* ---- ClientHello: keys that are not known, or do not fit ---- */

static void foreign_identity(pair_options *o, int v)
{
    hostile_share_key(o, v ? "device1x" : "device2", "device1");
}

static void foreign_identity_only(pair_options *o, int v)
{
    foreign_identity(o, v);
    o->no_identity = o->no_trust = true;
}

static void no_psk(hostile_bytes *b, int v)
{
    hb_extension_remove(b, CH, PSK);
    if (v)
        hb_extension_remove(b, CH, PSK_MODES);
}

static void psk_ke_alone(hostile_bytes *b, int v)
{
    hb_extension_put(b, CH, PSK_MODES, v ? S("\2\0\2") : S("\1\0"));
}

static void declined_mode(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    psk_ke_alone(b, hostile_variant());
    hostile_rebind(h, b);
}

/* Altered anywhere, or shorter. */
static void bad_ticket(hostile *h, hf_msg msg, hostile_bytes *b)
{
    int v = hostile_variant();

    (void)h;
    if (msg != CH)
        return;
    hf_span ticket = hostile_identity(b, 0);
    const size_t at[] = { 0, 15, 16, 27, 28, ticket.len / 2, ticket.len - 16, ticket.len - 1 };
    size_t place = (size_t)(ticket.data - b->data);
    b->data[place + at[v]] ^= (uint8_t)(1 << v);
}

static void prior_sha384(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg == CH)
        hostile_hello_set_suites(b, S("\0\2\x13\2"));
}

static void only_sha256(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    hostile_hello_set_suites(b, S("\0\4\x13\1\x13\3"));
    hostile_rebind(h, b);
}

static void other_name(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    if (hostile_variant() == 0)
        hb_extension_remove(b, CH, SERVER_NAME);
    else
        hb_extension_put(b, CH, SERVER_NAME, S("\0\20\0\0\15www.localhost"));
    hostile_rebind(h, b);
}

static void keys_are_gone(pair_options *o, int v)
{
    (void)o, (void)v;
    for (int i = 0; i < 2; i++)
        assert_int_equal(hf_sessions_rotate(hostile_sessions()), HF_OK);
}

static int64_t later_time(void *user)
{
    (void)user;
    return TEST_NOW + HOUR;
}

static void an_hour_later(pair_options *o, int v)
{
    (void)v;
    o->hooks[HF_SERVER].wall_time = later_time;
}

/* A ticket that the server's own key seals, of something that it would never have put into one. */
static void spoil(hf_session *s, int v)
{
    switch (v) {
    case 0: s->version = HF_TLS12; break;
    case 1: s->cipher_suite = 0xc02b; break;
    case 2: s->cipher_suite = 0x1399; break;
    case 3: s->cipher_suite = 0x1302; break; /* its PSK is too short for that */
    case 4: s->secret_len = 48; break;
    case 5: s->context[0] ^= 1; break;
    case 6: s->expires = TEST_NOW; break;
    case 7: s->created = TEST_NOW + 1; break;
    case 8: s->created -= HOUR; break; /* whoever sealed it allows more */
    default: s->server_name = S("www.localhost");
    }
}

static hf_span seal_again(hf_span ticket, int v)
{
    static uint8_t sealed[HF_TICKET_MAX];
    uint8_t state[HF_SESSION_STATE_MAX], again[HF_SESSION_STATE_MAX];
    size_t len = 0;
    hf_random random = { NULL, NULL };
    hf_session s;
    bool renew;
    hf_span bytes;

    assert_int_equal(hf_ticket_open(hostile_sessions(), TEST_NOW, ticket, state, &len, &renew),
                     HF_OK);
    assert_int_equal(hf_session_read(hf_span_of(state, len), &s), HF_OK);
    spoil(&s, v);
    hf_builder b = hf_wr_start(again, sizeof again);
    hf_session_write(&b, &s);
    assert_int_equal(hf_wr_finish(&b, &bytes), HF_OK);
    len = sizeof sealed;
    assert_int_equal(hf_ticket_seal(hostile_sessions(), &random, TEST_NOW, bytes, sealed, &len),
                     HF_OK);
    return hf_span_of(sealed, len);
}

static void spoilt_ticket(pair_options *o, int v)
{
    static uint8_t session[HF_SESSION_MAX];
    hf_session s;

    assert_int_equal(hf_session_read(o->session, &s), HF_OK);
    s.ticket = seal_again(s.ticket, v);
    hf_builder b = hf_wr_start(session, sizeof session);
    hf_session_write(&b, &s);
    assert_int_equal(hf_wr_finish(&b, &o->session), HF_OK);
}

static void foreign_first(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    hostile_foreign_first(h, b);
    hostile_rebind(h, b);
}

static void check_second(hostile *h, int v)
{
    if (h->p.end[HF_SERVER].conn->engine.info.psk_used)
        check_psk(h, v);
    else
        check_resumed(h, v);
}

/* A PSK makes signature_algorithms needless (RFC 9846 9.2). */
static void no_schemes(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    hb_extension_remove(b, CH, SIGALGS);
    hostile_rebind(h, b);
}

/* … unless it is declined. */
static void no_schemes_no_key(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg == CH) {
        hb_extension_remove(b, CH, SIGALGS);
        b->data[(size_t)(hostile_identity(b, 0).data - b->data)] ^= 1;
    }
    (void)h;
}

/* ---- the second ClientHello ---- */

static void psk_goes(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg == CH && hostile_count_said(h, CH) == 1)
        hb_extension_remove(b, CH, PSK);
}

/* An honest client whose key does not fit the suites that are left: it goes, and the modes stay (RFC 9846 4.2.2). */
static void only_sha384(hostile *h, hf_msg msg, hostile_bytes *b)
{
    size_t at, len;
    bool second = hostile_count_said(h, CH) == 1;

    prior_sha384(h, msg, b);
    if (msg != CH)
        return;
    assert_true(hb_extension(b, CH, PSK_MODES, &at, &len));
    assert_int_equal(hb_extension(b, CH, PSK, &at, &len), !second);
    if (!second)
        hostile_rebind(h, b);
}

static void unknown_key_retry(pair_options *o, int v)
{
    hostile_retry(o, v);
    hostile_share_key(o, "device1", "device2");
}

static void identity_comes(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg == CH && hostile_count_said(h, CH) == 1)
        foreign_first(h, msg, b);
}

/* Its identities the other way round. */
static void identities_turn(hostile *h, hf_msg msg, hostile_bytes *b)
{
    hostile_bytes two = { 0 };

    if (msg != CH)
        return;
    hostile_foreign_first(h, b);
    if (hostile_count_said(h, CH) == 1) {
        hf_span other = hostile_identity(b, 1);
        size_t at = (size_t)(hostile_identity(b, 0).data - b->data) - 2;
        hb_set(&two, hf_span_of(other.data - 2, other.len + 6));
        hb_add(&two, hf_span_of(b->data + at, 2 + 6 + 4));
        hb_replace(b, at, two.len, hb_span(&two));
        hb_free(&two);
    } else {
        hostile_rebind(h, b);
    }
}

static void psk_comes(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg == CH && hostile_count_said(h, CH) == 0)
        hb_extension_remove(b, CH, PSK);
}

static void early_comes(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    if (hostile_count_said(h, CH) == 1 || hostile_variant() == 1)
        hb_extension_front(b, CH, EARLY_DATA, S(""));
    hostile_rebind(h, b);
}

/* ---- ServerHello ---- */

static void put(hostile_bytes *b, int type, hf_span data)
{
    hb_extension_put(b, SH, (uint16_t)type, data);
}

static void set_suite(hostile_bytes *b, unsigned suite)
{
    size_t at = SESSION_ID_AT + 1 + b->data[SESSION_ID_AT];

    b->data[at] = (uint8_t)(suite >> 8);
    b->data[at + 1] = (uint8_t)suite;
}

static void index_out_of_range(hostile_bytes *b, int v)
{
    const hf_span indexes[] = { S("\0\1"), S("\0\2"), S("\1\0"), S("\x7f\xff"), S("\xff\xff") };

    put(b, PSK, indexes[v]);
}

static void index_of_two(hostile_bytes *b, int v)
{
    put(b, PSK, v ? S("\0\3") : S("\0\2"));
}

static void index_malformed(hostile_bytes *b, int v)
{
    const hf_span bodies[] = { S("\0"), S("\0\0\0"), S("") };

    put(b, PSK, bodies[v]);
}

static void index_twice(hostile_bytes *b, int v)
{
    hb_extension_last(b, SH, PSK, v ? S("\0\1") : S("\0\0"));
}

static void other_hash(hostile_bytes *b, int v)
{
    (void)v;
    set_suite(b, 0x1302);
}

static void no_share(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_remove(b, SH, KEY_SHARE);
}

/* The suite of a HelloRetryRequest has another hash than the ticket: it is left out, so it cannot be chosen. */
static void chosen_though_left_out(hostile *h, int v)
{
    hostile_bytes body = { 0 };

    (void)v;
    hostile_until(h, HF_MSG_HelloRetryRequest, 0);
    hb_set(&body, hostile_due_body(h));
    set_suite(&body, 0x1301);
    hostile_instead(h, hb_span(&body));
    assert_null(hostile_failure(h));
    assert_int_equal(hostile_conn(h)->engine.hs->n_psks, 0);
    hostile_until(h, SH, 0);
    hb_set(&body, hostile_due_body(h));
    set_suite(&body, 0x1301);
    put(&body, PSK, S("\0\0"));
    hostile_instead(h, hb_span(&body));
    hb_free(&body);
}

/* ---- messages that a PSK makes needless ---- */

static const char certificate_request[] = "\0\0\10\0\15\0\4\0\2\4\3";
static const char certificate[] = "\0\0\0\0", certificate_verify[] = "\4\3\0\0";

static void request(hostile *h, int v)
{
    hostile_until(h, HF_MSG_Finished, 0);
    assert_true(hostile_conn(h)->engine.script.facts & HF_F_PSK);
    hostile_send(h, HF_MSG_CertificateRequest, v ? S("\0\0\0") : S(certificate_request));
}

static void show_certificate(hostile *h, int v)
{
    hostile_until(h, HF_MSG_Finished, 0);
    assert_true(hostile_conn(h)->engine.script.facts & HF_F_PSK);
    if (v == 0)
        hostile_send(h, HF_MSG_Certificate, S(certificate));
    else
        hostile_send(h, HF_MSG_CertificateVerify, S(certificate_verify));
}

#define RESUMES(row, n, function, ...)                                                             \
    REWRITE(row, AT_SERVER, n, function, .resumes = true, __VA_ARGS__)
#define AT_CH(row, n, number, function, ...)                                                       \
    EDIT_WITH(row, AT_SERVER, n, HF_MSG_ClientHello, number, function, __VA_ARGS__)
#define AT_SH(row, n, function, ...)                                                               \
    EDIT_WITH(row, AT_CLIENT, n, HF_MSG_ServerHello, 0, function, __VA_ARGS__)

static const hostile_case cases[] = {
    WITH("ch-psk-unknown-identity", AT_BOTH, 1, hostile_deliver_all, .resumes = true,
         .check = check_resumed), /* what all the others are to be measured by */
    WITH("ch-psk-unknown-identity", AT_BOTH, 1, hostile_deliver_all, .options = hostile_psk_only,
         .check = check_psk),
    WITH("ch-psk-unknown-identity", AT_BOTH, 1, hostile_deliver_all, .options = hostile_psk,
         .check = check_psk),
    WITH("ch-psk-unknown-identity", AT_BOTH, 1, hostile_deliver_all, .options = hostile_retry,
         .resumes = true, .check = check_resumed),
    AT_CH("ch-psk-binder-wrong", HASH, 0, flip_binder, .resumes = true),
    AT_CH("ch-psk-binder-wrong", HASH, 0, flip_binder, .options = hostile_psk_only),
    AT_CH("ch-psk-binder-wrong", HASH, 0, flip_binder, .options = hostile_psk),
    AT_CH("ch-psk-binder-wrong", HASH, 0, flip_binder, .options = hostile_retry, .resumes = true),
    AT_CH("ch-psk-binder-wrong", HASH, 1, flip_binder, .options = hostile_retry, .resumes = true),
    AT_CH("ch-psk-binder-wrong", 4, 0, change_hello, .resumes = true),
    AT_CH("ch-psk-binder-wrong", 4, 0, change_hello, .options = hostile_psk_only),
    RESUMES("ch-psk-binder-wrong", 4, long_binder, .alone = false),
    REWRITE("ch-psk-binder-wrong", AT_SERVER, 4, long_binder, .options = hostile_psk_only),
    RESUMES("ch-psk-binder-wrong", 5, cut_elsewhere, .alone = false),
    RESUMES("ch-psk-binder-wrong", 1, forgetful, .options = hostile_retry),
    RESUMES("ch-psk-binder-wrong", 1, other_label, .alone = false),
    REWRITE("ch-psk-binder-wrong", AT_SERVER, 1, other_label, .options = hostile_psk_only),
    RESUMES("ch-psk-binder-wrong", 2, other_key, .alone = false),
    REWRITE("ch-psk-binder-wrong", AT_SERVER, 2, other_key, .options = hostile_psk_only),
    RESUMES("ch-psk-binder-wrong", 1, swapped, .before = psk_too),
    RESUMES("ch-psk-binder-wrong", 1, second_binder, .before = psk_too, .lawful = true,
            .check = check_resumed),
    AT_CH("ch-psk-required-unknown", 2, 0, no_psk, .options = hostile_psk_only, .policy = true,
          .code = HF_E_PSK_REQUIRED),
    AT_CH("ch-psk-required-unknown", 2, 0, psk_ke_alone, .options = hostile_psk_only,
          .policy = true, .code = HF_E_PSK_REQUIRED),
    WITH("ch-psk-required-unknown", AT_SERVER, 2, hostile_deliver_all,
         .options = foreign_identity_only, .code = HF_E_PSK_UNKNOWN),
    REWRITE("ch-psk-required-unknown", AT_SERVER, 1, foreign_first, .options = hostile_psk_only,
            .lawful = true, .check = check_second),
    WITH("ch-psk-unknown-identity", AT_SERVER, 2, hostile_deliver_all, .options = foreign_identity,
         .check = check_full),
    RESUMES("ch-psk-unknown-identity", 8, bad_ticket, .check = check_full),
    RESUMES("ch-psk-unknown-identity", 2, declined_mode, .check = check_full),
    RESUMES("ch-psk-unknown-identity", 1, only_sha256, .prior = prior_sha384, .check = check_full),
    RESUMES("ch-psk-unknown-identity", 2, other_name, .check = check_full),
    WITH("ch-psk-unknown-identity", AT_SERVER, 1, hostile_deliver_all, .resumes = true,
         .before = keys_are_gone, .check = check_full),
    WITH("ch-psk-unknown-identity", AT_SERVER, 1, hostile_deliver_all, .resumes = true,
         .before = an_hour_later, .check = check_full),
    WITH("ch-psk-unknown-identity", AT_SERVER, 10, hostile_deliver_all, .resumes = true,
         .before = spoilt_ticket, .check = check_full),
    RESUMES("ch-psk-unknown-identity", 1, foreign_first, .check = check_second),
    RESUMES("ch-sigalgs-missing-13", 1, no_schemes, .lawful = true, .check = check_resumed),
    RESUMES("ch-sigalgs-missing-13", 1, no_schemes_no_key, .alone = false),
    RESUMES("ch2-psk-withdrawn", 1, psk_goes, .options = hostile_retry, .lawful = true,
            .check = check_full),
    REWRITE("ch2-psk-withdrawn", AT_SERVER, 1, only_sha384, .options = unknown_key_retry,
            .lawful = true, .check = check_full),
    RESUMES("ch2-psk-withdrawn", 1, psk_comes, .options = hostile_retry),
    RESUMES("ch2-psk-withdrawn", 1, identity_comes, .options = hostile_retry),
    RESUMES("ch2-psk-withdrawn", 1, identities_turn, .options = hostile_retry),
    RESUMES("ch2-early-data", 2, early_comes, .options = hostile_retry),
    AT_SH("sh-psk-index-out-of-range", 5, index_out_of_range, .code = HF_E_PSK_INDEX,
          .resumes = true),
    AT_SH("sh-psk-index-out-of-range", 5, index_out_of_range, .code = HF_E_PSK_INDEX,
          .options = hostile_psk_only),
    AT_SH("sh-psk-index-out-of-range", 2, index_of_two, .code = HF_E_PSK_INDEX, .resumes = true,
          .before = psk_too),
    AT_SH("sh-psk-suite-hash-mismatch", 1, other_hash, .code = HF_E_PSK_HASH, .resumes = true),
    AT_SH("sh-psk-suite-hash-mismatch", 1, other_hash, .code = HF_E_PSK_HASH,
          .options = hostile_psk_only),
    AT_SH("sh-psk-key-share-mode", 1, no_share, .code = HF_E_PSK_WITHOUT_SHARE, .resumes = true),
    AT_SH("sh-psk-key-share-mode", 1, no_share, .code = HF_E_PSK_WITHOUT_SHARE,
          .options = hostile_psk_only),
    AT_SH("sh-extension-malformed", 3, index_malformed, .resumes = true),
    AT_SH("srv-duplicate-extension", 2, index_twice, .resumes = true),
    WITH("sh-unsolicited-extension", AT_CLIENT, 1, chosen_though_left_out, .resumes = true,
         .options = hostile_retry, .prior = prior_sha384),
    WITH("cr-with-psk", AT_CLIENT, 2, request, .resumes = true),
    WITH("cr-with-psk", AT_CLIENT, 2, request, .options = hostile_psk_only),
    WITH("cert-with-psk", AT_BOTH, 2, show_certificate, .resumes = true),
    WITH("cert-with-psk", AT_BOTH, 2, show_certificate, .options = hostile_psk_only),
    WITH("cert-with-psk", AT_BOTH, 2, show_certificate, .options = hostile_mutual, .resumes = true),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_psk", &rows, 500);
}
