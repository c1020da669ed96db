/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The rows nst-*, ku-* and pha-* of alerts.tsv, and the flood: what may follow a handshake of TLS 1.3,
 * and what becomes of tickets and keys then.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_rows.h"

static const hf_msg CR = HF_MSG_CertificateRequest, NST = HF_MSG_NewSessionTicket;

static const char good_request[] = "\0\0\10\0\15\0\4\0\2\4\3";
#define GOOD_REQUEST S(good_request)

/* ---- floods ---- */

/* KeyUpdates, or tickets; 32 of them are fine. */
static void one_more(hostile *h, bool ticket)
{
    if (ticket) {
        hostile_send(h, NST, S("\0\0\1\0abcd\1n\0\1t\0\0"));
        return;
    }
    hostile_send(h, HF_MSG_KeyUpdate, S("\0"));
    hostile_next_keys(h);
}

static void flood(hostile *h, int v)
{
    bool ticket = v == 1 && h->victim == HF_CLIENT;

    hostile_connected(h);
    for (int round = 0; round < 2; round++) { /* application data between them: from the start */
        for (int i = 0; i < 32; i++)
            one_more(h, ticket);
        assert_null(hostile_failure(h));
        if (round == 0)
            hostile_give_data(h, "x");
    }
    hostile_end(h)->n_data = 0;
    one_more(h, ticket);
}

/* The victim's clock. */
static uint64_t now_ms;

static uint64_t clock_of_test(void *user)
{
    (void)user;
    return now_ms;
}

static void with_clock(pair_options *o, int v)
{
    (void)v;
    now_ms = 1000000;
    for (int role = 0; role < 2; role++)
        o->hooks[role].clock_ms = clock_of_test;
}

/* As many as fit into one period, with application data after each. */
static void fill_period(hostile *h, bool ticket)
{
    for (int i = 0; i < HF_POST_HANDSHAKE_MAX; i++) {
        one_more(h, ticket);
        hostile_give_data(h, "x");
    }
    assert_null(hostile_failure(h));
}

/* One too many, at once or in the period's last millisecond. */
static void flood_with_data(hostile *h, int v)
{
    bool ticket = v / 2 == 1 && h->victim == HF_CLIENT;

    assert_int_equal(HF_POST_HANDSHAKE_MAX, 512);
    assert_int_equal(HF_POST_HANDSHAKE_PERIOD, 10000);
    hostile_connected(h);
    fill_period(h, ticket);
    now_ms += v % 2 ? HF_POST_HANDSHAKE_PERIOD - 1 : 0;
    hostile_end(h)->n_data = 0;
    one_more(h, ticket);
}

/* ---- tickets that break a rule ---- */

static void early_ticket(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_EncryptedExtensions, HF_MSG_Certificate,
                                 HF_MSG_CertificateVerify, HF_MSG_Finished };

    hostile_until(h, at[v], 0);
    hostile_send(h, NST, S("\0\0\1\0abcd\1n\0\1t\0\0"));
}

static void early_ticket_with_psk(hostile *h, int v)
{
    hostile_until(h, v ? HF_MSG_Finished : HF_MSG_EncryptedExtensions, 0);
    hostile_send(h, NST, S("\0\0\1\0abcd\1n\0\1t\0\0"));
}

static void ticket(hostile *h, hf_span body)
{
    hostile_connected(h);
    hostile_send(h, NST, body);
}

static void empty_ticket(hostile *h, int v)
{
    const hf_span bodies[] = { S("\0\0\1\0abcd\1n\0\0\0\0"), S("\0\0\1\0abcd\1n\0\5t\0\0"),
                               S("\0\0\1\0abcd\1n\xff\xfft\0\0"), S("\0\0\1\0abcd\1n") };

    ticket(h, bodies[v]);
}

static void ticket_extension(hostile *h, int v)
{
    const hf_span bodies[] = {
        S("\0\0\1\0abcd\1n\0\1t\0\20\0\x2a\0\4\0\1\0\0\0\x2a\0\4\0\1\0\0"),
        S("\0\0\1\0abcd\1n\0\1t\0\6\0\63\0\2\0\0"),
        S("\0\0\1\0abcd\1n\0\1t\0\4\0\x17\0\0"),
        S("\0\0\1\0abcd\1n\0\1t\0\4\0\61\0\0"),
        S("\0\0\1\0abcd\1n\0\1t\0\7\0\x2a\0\3\0\1\0"),
        S("\0\0\1\0abcd\1n\0\1t\0\11\0\x2a\0\5\0\1\0\0\0"),
        S("\0\0\1\0abcd\1n\0\1t\0\4\0\x2a\0\0"),
        S("\0\0\1\0abcd\1n\0\1t\0\10\x12\x34\0\0\x12\x34\0\0"),
    };

    ticket(h, bodies[v]);
}

/* ---- tickets that are well-formed: what the client keeps of them ---- */

/* The client asks for a session; the server makes no tickets but those of the test. */
static void wants_session(pair_options *o, int v)
{
    (void)v;
    o->want_session = true;
    o->endpoint = "localhost:443";
}

static void psk_and_session(pair_options *o, int v)
{
    wants_session(o, v);
    hostile_psk(o, v);
}

static hf_span kept(const hostile *h)
{
    return hf_conn_session(hostile_conn(h));
}

/* In seconds: too long, the longest, short, not at all. */
static void ticket_lifetime(hostile *h, int v)
{
    const hf_span bodies[] = { S("\0\x09\x3a\x81"
                                 "abcd\1n\0\1t\0\0"),
                               S("\xff\xff\xff\xff"
                                 "abcd\1n\0\1t\0\0"),
                               S("\0\x09\x3a\x80"
                                 "abcd\1n\0\1t\0\0"),
                               S("\0\0\0\1"
                                 "abcd\1n\0\1t\0\0"),
                               S("\0\0\0\0"
                                 "abcd\1n\0\1t\0\0") };

    ticket(h, bodies[v]);
}

static void check_lifetime(hostile *h, int v)
{
    static const int64_t lifetimes[] = { 604800, 604800, 604800, 1, 0 };
    hf_session s = { 0 };

    hostile_assert_works(h);
    assert_int_equal(pair_saw(hostile_end(h), HF_EVENT_SESSION), lifetimes[v] > 0);
    assert_int_equal(kept(h).len > 0, lifetimes[v] > 0);
    if (lifetimes[v] == 0)
        return;
    assert_int_equal(hf_session_read(kept(h), &s), HF_OK);
    assert_int_equal(s.expires, TEST_NOW + lifetimes[v]);
    assert_true(hf_span_equal(s.ticket, S("t")));
}

/* A ticket that is forgotten at once takes no other one's place. */
static void forgotten_at_once(hostile *h, int v)
{
    (void)v;
    ticket(h, S("\0\0\1\0abcd\1n\0\1t\0\0"));
    hostile_send(h, NST, S("\0\0\0\0abcd\1m\0\1u\0\0"));
}

static void check_first_kept(hostile *h, int v)
{
    hf_session s = { 0 };

    (void)v;
    hostile_assert_works(h);
    assert_int_equal(hf_session_read(kept(h), &s), HF_OK);
    assert_true(hf_span_equal(s.ticket, S("t")));
}

static void good_ticket(hostile *h, int v)
{
    ticket(h,
           v ? S("\0\0\1\0abcd\0\0\3any\0\10\0\x2a\0\4\0\1\0\0") : S("\0\0\1\0abcd\1n\0\1t\0\0"));
}

/* Longer than is worth keeping: it would not fit into a ClientHello. */
static void long_ticket(hostile *h, int v)
{
    static const uint8_t filler[16000];
    size_t len = v ? sizeof filler : 4097;
    hostile_bytes body = { 0 };

    hb_set(&body, S("\0\0\1\0abcd\1n"));
    hb_add_uint(&body, len, 2);
    hb_add(&body, hf_span_of(filler, len));
    hb_add_uint(&body, 0, 2);
    ticket(h, hb_span(&body));
    hb_free(&body);
}

static void check_dropped(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_int_equal(kept(h).len, 0);
    assert_false(pair_saw(hostile_end(h), HF_EVENT_SESSION));
}

/* ---- KeyUpdate ---- */

static void update_value(hostile *h, int v)
{
    static const uint8_t values[] = { 2, 3, 127, 128, 255 };

    hostile_connected(h);
    hostile_send(h, HF_MSG_KeyUpdate, hf_span_of(&values[v], 1));
}

static void update_length(hostile *h, int v)
{
    static const uint8_t zeroes[5000];
    static const size_t lengths[] = { 0, 2, 3, 64, 65, 5000 };

    hostile_connected(h);
    hostile_send(h, HF_MSG_KeyUpdate, hf_span_of(zeroes, lengths[v]));
}

static void early_update(hostile *h, int v)
{
    static const hf_msg at[] = { HF_MSG_EncryptedExtensions, HF_MSG_Certificate,
                                 HF_MSG_CertificateVerify, HF_MSG_Finished };

    hostile_until(h, h->victim == HF_CLIENT ? at[v] : HF_MSG_Finished, 0);
    hostile_send(h, HF_MSG_KeyUpdate, v % 2 ? S("\1") : S("\0"));
}

static void many_updates(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
    for (int period = 0; period < 3; period++) {
        fill_period(h, false);
        now_ms += HF_POST_HANDSHAKE_PERIOD;
    }
}

/* Who has nothing to say may renew his keys all the same. */
static void slow_updates(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
    for (int period = 0; period < 5; period++) {
        for (int i = 0; i < HF_POST_HANDSHAKE_FLOOD; i++)
            one_more(h, false);
        assert_null(hostile_failure(h));
        now_ms += HF_POST_HANDSHAKE_PERIOD;
    }
}

static void many_requests(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
    for (int i = 0; i < 20; i++) {
        hostile_send(h, HF_MSG_KeyUpdate, S("\1"));
        hostile_next_keys(h);
    }
    assert_int_equal(hf_conn_wire_out(hostile_conn(h)).len, 0);
}

static void check_one_answer(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_int_equal(hostile_conn(h)->engine.script.epoch[h->victim], HF_APP + 1);
    assert_false(h->p.end[h->self].conn->engine.update_owed); /* the answer asks for nothing */
}

/* Senders must stop at 2^48 - 1 generations; who reads does not count. */
static void update_past_the_bound(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
    hostile_conn(h)->engine.generations[h->self] = HF_GENERATIONS_MAX - 2;
    for (int i = 0; i < 5; i++)
        one_more(h, false);
}

/* … nor does it answer with a generation too many. */
static void request_past_the_bound(hostile *h, int v)
{
    (void)v;
    hostile_connected(h);
    hostile_conn(h)->engine.generations[h->victim] = HF_GENERATIONS_MAX;
    hostile_send(h, HF_MSG_KeyUpdate, S("\1"));
    hostile_next_keys(h);
}

static void check_no_answer(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_int_equal(hostile_conn(h)->engine.script.epoch[h->victim], HF_APP);
}

/* ---- authentication after the handshake ---- */

static void request_after_handshake(hostile *h, int v)
{
    hostile_connected(h);
    hostile_send(h, CR, v ? GOOD_REQUEST : S("\3abc\0\10\0\15\0\4\0\2\4\3"));
}

static void response_unasked(hostile *h, int v)
{
    static const hf_msg sent[] = { HF_MSG_Certificate, HF_MSG_CertificateVerify, HF_MSG_Finished };

    hostile_connected(h);
    hostile_send(h, sent[v], S("\0\0\0\0"));
}

static const hostile_case cases[] = {
    WITH("hs-message-flood-after-handshake", AT_BOTH, 2, flood, .options = with_clock),
    WITH("hs-message-flood-after-handshake", AT_BOTH, 4, flood_with_data, .options = with_clock),
    RUN("nst-before-finished", AT_CLIENT, 4, early_ticket),
    WITH("nst-before-finished", AT_CLIENT, 2, early_ticket_with_psk, .resumes = true),
    WITH("nst-before-finished", AT_CLIENT, 2, early_ticket_with_psk, .options = hostile_psk_only),
    RUN("nst-empty-ticket", AT_CLIENT, 4, empty_ticket),
    WITH("nst-lifetime", AT_CLIENT, 5, ticket_lifetime, .options = wants_session,
         .check = check_lifetime),
    WITH("nst-lifetime", AT_CLIENT, 1, forgotten_at_once, .options = wants_session,
         .check = check_first_kept),
    WITH("nst-resumption-off", AT_CLIENT, 2, good_ticket, .check = check_dropped),
    WITH("nst-resumption-off", AT_CLIENT, 2, good_ticket, .options = psk_and_session,
         .check = check_dropped),
    WITH("nst-resumption-off", AT_CLIENT, 2, long_ticket, .options = wants_session,
         .check = check_dropped),
    WITH("nst-empty-ticket", AT_CLIENT, 4, empty_ticket, .options = wants_session),
    RUN("nst-extension-bad", AT_CLIENT, 8, ticket_extension),
    WITH("nst-extension-bad", AT_CLIENT, 8, ticket_extension, .options = wants_session),
    RUN("ku-bad-value", AT_BOTH, 5, update_value),
    RUN("ku-wrong-length", AT_BOTH, 6, update_length),
    RUN("ku-before-finished", AT_BOTH, 4, early_update),
    WITH("ku-count-over-2-48", AT_BOTH, 1, many_updates, .options = with_clock),
    WITH("ku-count-over-2-48", AT_BOTH, 1, slow_updates, .options = with_clock),
    RUN("ku-count-over-2-48", AT_BOTH, 1, update_past_the_bound),
    WITH("ku-count-over-2-48", AT_BOTH, 1, request_past_the_bound, .check = check_no_answer),
    WITH("ku-requests-coalesced", AT_BOTH, 1, many_requests, .check = check_one_answer),
    RUN("pha-not-offered", AT_CLIENT, 2, request_after_handshake),
    RUN("pha-response-broken", AT_SERVER, 3, response_unasked),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_after", &rows, 170);
}
