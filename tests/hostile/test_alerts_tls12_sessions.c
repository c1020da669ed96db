/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows ch-resume-*, ch-ticket-*, sh-resume-* and nst-* of alerts.tsv: sessions and tickets of TLS 1.2 that do not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_rows.h"

enum { SESSION_ID_AT = 34, SESSION_TICKET = 35, LIFETIME = 3600 };
static const hf_msg CH = HF_MSG_ClientHello, SH = HF_MSG_ServerHello;

static bool resumed(const hostile *h)
{
    return hf_conn_info_of(hostile_conn(h))->resumed;
}

static void check_full(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_false(resumed(h));
}

/* What all the others rest on: without a misbehaviour the session is resumed. */
static void check_resumed(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_true(resumed(h));
}

static void all_of_it(hostile *h, int v)
{
    (void)v;
    hostile_rest(h);
}

/* ---- at the server ---- */

static void without_ems(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_remove(b, CH, EMS);
}

/* Sessions without it, too. */
static void ems_is_optional(pair_options *o, int v)
{
    static hf_policy policy;

    (void)v;
    policy = *hostile_policy();
    policy.require_ems = false;
    o->policy[HF_CLIENT] = o->policy[HF_SERVER] = &policy;
}

static void prior_without_ems(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg == CH)
        hb_extension_remove(b, CH, EMS);
}

/* The session's suite is the first in common, 0xc02b. */
static void other_suites(hostile_bytes *b, int v)
{
    size_t at = SESSION_ID_AT + 1 + b->data[SESSION_ID_AT];
    size_t len = (size_t)(b->data[at] << 8 | b->data[at + 1]);

    hb_replace(b, at, 2 + len, v ? S("\0\6\xc0\x2f\xcc\xa9\x1a\x1a") : S("\0\2\xc0\x2c"));
}

static void other_name(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg != CH)
        return;
    if (hostile_variant() == 0)
        hb_extension_put(b, CH, SERVER_NAME, S("\0\17\0\0\14example.test"));
    else if (hostile_variant() == 1)
        hb_extension_put(b, CH, SERVER_NAME, S("\0\x0a\0\0\7unknown"));
    else
        hb_extension_remove(b, CH, SERVER_NAME);
}

enum { KEY_NAME = 16, NONCE = 12 };

/* Unknown, cut, longer, empty; a bit of the key's name, the nonce, the state, the tag; the key retired. */
static void bad_ticket(hostile *h, hf_msg msg, hostile_bytes *b)
{
    size_t at = 0, len = 0;
    hostile_bytes ticket = { 0 };

    (void)h;
    if (msg != CH)
        return;
    assert_true(hb_extension(b, CH, SESSION_TICKET, &at, &len));
    assert_true(len > KEY_NAME + NONCE + 16);
    hb_set(&ticket, hf_span_of(b->data + at, len));
    switch (hostile_variant()) {
    case 0:
        hb_set(&ticket, S("nobody has ever seen a ticket like this one, or one so long"));
        break;
    case 1: hb_set(&ticket, S("x")); break;
    case 2: ticket.len--; break;
    case 3: ticket.len = KEY_NAME + NONCE; break;
    case 4: hb_add_uint(&ticket, 0, 1); break;
    case 5: ticket.data[0] ^= 1; break;
    case 6: ticket.data[KEY_NAME] ^= 1; break;
    case 7: ticket.data[KEY_NAME + NONCE] ^= 1; break;
    case 8: ticket.data[len - 1] ^= 0x80; break;
    default:
        assert_int_equal(hf_sessions_rotate(hostile_sessions()), HF_OK);
        assert_int_equal(hf_sessions_rotate(hostile_sessions()), HF_OK);
        break;
    }
    hb_extension_put(b, CH, SESSION_TICKET, hb_span(&ticket));
    hb_free(&ticket);
}

static int64_t later_then(void *user)
{
    (void)user;
    return TEST_NOW + (hostile_is_prior() ? 0 : LIFETIME);
}

static void server_waits(pair_options *o, int v)
{
    (void)v;
    o->hooks[HF_SERVER].wall_time = later_then;
}

/* ---- at the client ---- */

/* Suites that the client offers, of either hash. */
static void suite_changed(hostile_bytes *b, int v)
{
    static const uint8_t suites[][2] = { { 0xc0, 0x2c }, { 0xc0, 0x2f }, { 0xcc, 0xa9 } };
    size_t at = SESSION_ID_AT + 1 + b->data[SESSION_ID_AT];

    hb_replace(b, at, 2, hf_span_of(suites[v], 2));
}

static void ems_dropped(hostile_bytes *b, int v)
{
    (void)v;
    hb_extension_remove(b, SH, EMS);
}

/* The good server does not resume such a session: the bad one says that it does. */
static void ems_added(hostile *h, int v)
{
    hostile_bytes body = { 0 };

    (void)v;
    hostile_until(h, SH, 0);
    hb_set(&body, hostile_due_body(h));
    hf_span id = hostile_conn(h)->engine.hs->hello.legacy_session_id;
    uint8_t len = (uint8_t)id.len;
    assert_true(len > 0);
    hb_replace(&body, SESSION_ID_AT, 1 + (size_t)body.data[SESSION_ID_AT], hf_span_of(&len, 1));
    hb_replace(&body, SESSION_ID_AT + 1, 0, id);
    hostile_instead(h, hb_span(&body));
    hb_free(&body);
}

#define TICKET S("\0\0\1\0\0\4tick")

static void ticket_unasked(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_ChangeCipherSpec, HF_MSG_Finished, HF_MSG_ServerHelloDone,
                                 HF_MSG_Certificate };

    if (v == 4)
        hostile_connected(h);
    else
        hostile_until(h, at[v], 0);
    hostile_send(h, HF_MSG_NewSessionTicket, TICKET);
}

/* A second one; one under the new keys. */
static void ticket_again(hostile *h, int v)
{
    hostile_until(h, v ? HF_MSG_Finished : HF_MSG_ChangeCipherSpec, 0);
    hostile_send(h, HF_MSG_NewSessionTicket, TICKET);
}

static void ticket_missing(hostile *h, int v)
{
    hostile_until(h, HF_MSG_NewSessionTicket, 0);
    hostile_skip(h);
    if (v)
        hostile_send(h, HF_MSG_Finished, S("twelve bytes"));
    else
        hostile_next(h);
}

/* ---- a session that died with its connection (RFC 5246 7.2.2) ---- */

static void fatal_after_handshake(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
    hostile_give_alert(h, 2, HF_ALERT_internal_error);
}

static void nonsense_after_handshake(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
    hostile_record(h, 19, S("nonsense"));
}

static void check_forgotten(hostile *h, int v)
{
    uint8_t state[HF_SESSION_STATE_MAX];
    const hf_engine *e = &hostile_conn(h)->engine;
    size_t len = 0;

    (void)v;
    assert_true(hostile_end(h)->failed);
    if (h->victim == HF_CLIENT)
        assert_int_equal(hf_conn_session(hostile_conn(h)).len, 0);
    else
        assert_false(hf_session_find(hostile_sessions(),
                                     hf_span_of(e->session_id, e->session_id_len), state, &len));
}

#define AT_CH(row, n, function, ...)                                                               \
    EDIT_WITH(row, AT_SERVER, n, HF_MSG_ClientHello, 0, function, .resumes = true, __VA_ARGS__)
#define AT_SH(row, n, function, ...)                                                               \
    EDIT_WITH(row, AT_CLIENT, n, HF_MSG_ServerHello, 0, function, .resumes = true, __VA_ARGS__)

static const hostile_case cases[] = {
    WITH("ch-ticket-bad-12", AT_BOTH, 1, all_of_it, .resumes = true, .check = check_resumed),
    WITH("ch-ticket-bad-12", AT_BOTH, 1, all_of_it, .resumes = true, .cache = true,
         .check = check_resumed),
    AT_CH("ch-resume-ems-dropped-12", 1, without_ems, .alone = false),
    AT_CH("ch-resume-ems-dropped-12", 1, without_ems, .options = ems_is_optional),
    AT_CH("ch-resume-ems-dropped-12", 1, without_ems, .options = ems_is_optional, .cache = true),
    WITH("ch-resume-ems-added-12", AT_SERVER, 1, all_of_it, .resumes = true,
         .options = ems_is_optional, .prior = prior_without_ems, .check = check_full),
    WITH("ch-resume-ems-added-12", AT_SERVER, 1, all_of_it, .resumes = true, .cache = true,
         .options = ems_is_optional, .prior = prior_without_ems, .check = check_full),
    AT_CH("ch-resume-suite-not-offered-12", 2, other_suites, .cache = false),
    AT_CH("ch-resume-suite-not-offered-12", 2, other_suites, .cache = true),
    REWRITE("ch-resume-sni-differs-12", AT_SERVER, 3, other_name, .resumes = true,
            .check = check_full),
    REWRITE("ch-resume-sni-differs-12", AT_SERVER, 3, other_name, .resumes = true, .cache = true,
            .check = check_full),
    REWRITE("ch-ticket-bad-12", AT_SERVER, 10, bad_ticket, .resumes = true, .check = check_full),
    WITH("ch-ticket-bad-12", AT_SERVER, 1, all_of_it, .resumes = true, .options = server_waits,
         .check = check_full),
    WITH("ch-ticket-bad-12", AT_SERVER, 1, all_of_it, .resumes = true, .cache = true,
         .options = server_waits, .check = check_full),
    AT_SH("sh-resume-suite-changed-12", 3, suite_changed, .cache = false),
    AT_SH("sh-resume-suite-changed-12", 3, suite_changed, .cache = true),
    AT_SH("sh-resume-ems-mismatch-12", 1, ems_dropped, .cache = false),
    AT_SH("sh-resume-ems-mismatch-12", 1, ems_dropped, .options = ems_is_optional),
    WITH("sh-resume-ems-mismatch-12", AT_CLIENT, 1, ems_added, .resumes = true,
         .options = ems_is_optional, .prior = prior_without_ems),
    RUN("nst-not-announced-12", AT_CLIENT, 5, ticket_unasked),
    WITH("nst-not-announced-12", AT_CLIENT, 2, ticket_again, .sessions = true),
    WITH("nst-not-announced-12", AT_CLIENT, 2, ticket_unasked, .resumes = true),
    WITH("nst-missing-12", AT_CLIENT, 2, ticket_missing, .sessions = true),
    WITH("alert-fatal-received", AT_BOTH, 1, fatal_after_handshake, .sessions = true, .cache = true,
         .check = check_forgotten),
    WITH("rec-unknown-type-protected", AT_BOTH, 1, nonsense_after_handshake, .sessions = true,
         .cache = true, .check = check_forgotten),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS12, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls12_sessions", &rows, 80);
}
