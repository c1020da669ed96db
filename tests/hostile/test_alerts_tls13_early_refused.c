/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The rows of alerts.tsv about 0-RTT that a server refuses: it is skipped up to a limit, and the
 * connection goes on without it. What came before is test_alerts_tls13_early_again.c, early data that
 * is taken test_alerts_tls13_early.c.
 */
#include "alerts_words.h"
#include "support/hostile_early.h"

/* ---- what else is refused ---- */

static void early_alpn(pair_options *o, int v)
{
    hostile_early(o, v);
    hostile_alpn(o, v);
}

static void other_protocol(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    if (hostile_variant() == 0)
        hb_extension_put(b, CH, ALPN, S("\0\11\10http/1.1"));
    else
        hb_extension_remove(b, CH, ALPN);
    hostile_rebind(h, b);
}

static void other_suite(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    size_t at = SESSION_ID_AT + 1 + (size_t)b->data[SESSION_ID_AT];
    hb_replace(b, at, 2 + ((size_t)b->data[at] << 8 | b->data[at + 1]), S("\0\2\x13\3"));
    hostile_rebind(h, b);
}

static void other_terms(hostile *h, int v)
{
    (void)v;
    refused(h, HF_E_EARLY_OTHER_TERMS);
}

static void early_retry(pair_options *o, int v)
{
    hostile_early(o, v);
    hostile_retry(o, v);
}

/* The group would do, but the server asks again all the same. */
static bool only_before;

static void ask_again(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER && hostile_is_prior() == only_before)
        assert_int_equal(hf_config_set(config, HF_SET_ALWAYS_RETRY, true), HF_OK);
}

/* … at the first visit: tickets of a server that does so allow no early data. */
static void retried_before(pair_options *o, int v)
{
    hostile_early(o, v);
    only_before = true;
    o->configure = ask_again;
}

static void early_cookie(pair_options *o, int v)
{
    hostile_early(o, v);
    only_before = false;
    o->configure = ask_again;
}

static void after_retry(hostile *h, int v)
{
    (void)v;
    refused(h, HF_E_EARLY_RETRY);
}

static void not_first(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    hostile_foreign_first(h, b);
    hostile_rebind(h, b);
}

static void no_session(hostile *h, int v)
{
    (void)v;
    refused(h, HF_E_EARLY_NO_SESSION);
}

/* Early data though nothing allows it. */
static void asks_for_early(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    hb_extension_front(b, CH, EARLY_DATA, S(""));
    hostile_rebind(h, b);
}

static void early_psk(pair_options *o, int v)
{
    hostile_early(o, v);
    hostile_psk(o, v);
}

static void early_psk_only(pair_options *o, int v)
{
    hostile_early(o, v);
    hostile_psk_only(o, v);
}

/* The server's switch: at the first visit, at the second. */
static void only_then(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER && !hostile_is_prior())
        assert_int_equal(hf_config_set(config, HF_SET_EARLY_DATA, 0), HF_OK);
}

static void only_now(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER && hostile_is_prior())
        assert_int_equal(hf_config_set(config, HF_SET_EARLY_DATA, 0), HF_OK);
}

static void switched_off(pair_options *o, int v)
{
    hostile_early(o, v);
    o->configure = only_then;
}

static void switched_on(pair_options *o, int v)
{
    hostile_early(o, v);
    o->configure = only_now;
}

/* A ticket of a server that has a register with all who share its keys; this one has the keys alone. */
static void no_register(pair_options *o, int v)
{
    static const uint8_t keys[1][HF_TICKET_KEY] = { { 1 } };
    static uint8_t ticket[HF_TICKET_MAX], session[HF_SESSION_MAX];
    uint8_t state[HF_SESSION_STATE_MAX];
    hf_random random = { NULL, NULL };
    size_t len = 0, ticket_len = sizeof ticket;
    hf_session s;
    bool renew;

    (void)v;
    assert_int_equal(hf_session_read(o->session, &s), HF_OK);
    assert_int_equal(hf_ticket_open(hostile_sessions(), TEST_NOW, s.ticket, state, &len, &renew),
                     HF_OK);
    assert_int_equal(hf_sessions_set_keys(hostile_sessions(), keys, 1), HF_OK);
    assert_int_equal(hf_ticket_seal(hostile_sessions(), &random, TEST_NOW, hf_span_of(state, len),
                                    ticket, &ticket_len),
                     HF_OK);
    s.ticket = hf_span_of(ticket, ticket_len);
    hf_builder b = hf_wr_start(session, sizeof session);
    hf_session_write(&b, &s);
    assert_int_equal(hf_wr_finish(&b, &o->session), HF_OK);
}

static void off(hostile *h, int v)
{
    (void)v;
    refused(h, HF_E_EARLY_OFF);
}

/* ---- refused early data: how much of it ---- */

static void large(pair_options *o, int v)
{
    (void)v;
    o->early_data[HF_CLIENT] = o->early_data[HF_SERVER] = LARGE;
}

static void send_refused(hostile *h, size_t len)
{
    hostile_until(h, CH, 0);
    hostile_next(h);
    for (; len > sizeof zeroes; len -= sizeof zeroes)
        hostile_give_early(h, bytes(sizeof zeroes));
    hostile_give_early(h, bytes(len));
}

/* As much as the ticket allowed, in small and in large records. */
static void refused_all(hostile *h, int v)
{
    why = HF_E_EARLY_USED;
    send_refused(h, v ? LARGE : 100);
    for (size_t i = 0; v == 0 && i < LARGE / 100 - 1; i++)
        hostile_give_early(h, bytes(100));
    assert_null(hostile_failure(h));
    hostile_rest(h);
}

/* The same limit for all tickets, to the byte; a record without any counts for one. */
static void refused_too_much(hostile *h, int v)
{
    size_t empty = v == 2 ? 100 : 0;

    assert_int_equal(HF_EARLY_SKIP_MAX, (1024 + 64) * 1024);
    send_refused(h, HF_EARLY_SKIP_MAX - empty);
    for (size_t i = 0; i < empty; i++)
        hostile_give_early(h, bytes(0));
    assert_null(hostile_failure(h));
    hostile_give_early(h, bytes(v == 2 ? 0 : 1));
}

static void large_if_second(pair_options *o, int v)
{
    if (v)
        large(o, v);
    else
        hostile_early(o, v);
}

/* After the first record that opens nothing is skipped any more. */
static void refused_late(hostile *h, int v)
{
    (void)v;
    hostile_until(h, HF_MSG_Finished, 0);
    hostile_give_early(h, bytes(100));
    assert_null(hostile_failure(h));
    hostile_connected(h);
    hostile_give_early(h, bytes(100));
}

/* Neither after the second ClientHello. */
static void refused_after_second_hello(hostile *h, int v)
{
    (void)v;
    hostile_until(h, HF_MSG_Finished, 0);
    hostile_give_early(h, bytes(100));
}

static void end_of_refused(hostile *h, int v)
{
    hostile_until(h, HF_MSG_Finished, 0);
    if (v == 0)
        hostile_give_early(h, bytes(100));
    assert_null(hostile_failure(h));
    hostile_send(h, EOED, S(""));
}

/* ---- the rows ---- */

static const hostile_case cases[] = {
    WITH("ch-early-data-not-acceptable", AT_SERVER, 1, taken, .resumes = true,
         .options = hostile_early, .check = hostile_check_early),
    CLAIMED(2, other_terms, .options = early_alpn, .rewrite = other_protocol),
    CLAIMED(1, other_terms, .options = hostile_early, .rewrite = other_suite),
    CLAIMED(1, after_retry, .options = early_retry),
    CLAIMED(1, after_retry, .options = early_cookie),
    REFUSED(1, no_session, .options = hostile_early, .rewrite = not_first),
    CLAIMED(1, off, .options = switched_off),
    REFUSED(1, off, .options = hostile_early, .before = no_register),
    REFUSED(1, off, .options = retried_before, .rewrite = asks_for_early),
    REFUSED(1, off, .options = switched_on, .rewrite = asks_for_early),
    WITH("ch-early-data-not-acceptable", AT_SERVER, 1, no_session, .sessions = true,
         .options = early_psk, .rewrite = asks_for_early, .check = check_refused),
    WITH("ch-early-data-not-acceptable", AT_SERVER, 1, off, .options = early_psk_only,
         .rewrite = asks_for_early, .check = check_refused),
    WITH("rec-early-data-undecryptable-skipped", AT_SERVER, 2, refused_all, .resumes = true,
         .options = large, .before = same_ticket_before, .check = check_refused),
    WITH("rec-early-data-after-hrr-skipped", AT_SERVER, 1, after_retry, .resumes = true,
         .options = early_retry, .check = check_refused),
    WITH("rec-early-data-skip-over-limit", AT_SERVER, 3, refused_too_much, .resumes = true,
         .options = large_if_second, .before = same_ticket_before),
    WITH("rec-early-data-skip-over-limit", AT_SERVER, 1, refused_late, .resumes = true,
         .options = hostile_early, .before = same_ticket_before),
    WITH("rec-early-data-skip-over-limit", AT_SERVER, 1, refused_after_second_hello,
         .resumes = true, .options = early_retry),
    WITH("eoed-unexpected", AT_SERVER, 2, end_of_refused, .resumes = true, .options = hostile_early,
         .before = same_ticket_before),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_early_refused", &rows, 40);
}
