/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the hostile tests of 0-RTT share: early data that a server takes or refuses, its ticket, and a clock. */
#ifndef TESTS_SUPPORT_HOSTILE_EARLY_H
#define TESTS_SUPPORT_HOSTILE_EARLY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile_psk.h"
#include "support/hostile_rows.h"

static const hf_msg CH = HF_MSG_ClientHello, EOED = HF_MSG_EndOfEarlyData;

enum { WINDOW = 10000, SESSION_ID_AT = 34, LARGE = 100000, BEGIN = 1000000 };

static const uint8_t zeroes[16384];

static inline const hf_conn_info *info_of(const hostile *h)
{
    return hf_conn_info_of(hostile_conn(h));
}

static inline hf_span bytes(size_t len)
{
    return hf_span_of(zeroes, len);
}

/* ---- what is refused, and does no harm ---- */

static hf_error why;

static uint8_t early_id[HF_EARLY_ID]; /* of the ticket that is offered; zeroes: none */

static inline void note_id(const hostile *h)
{
    const hf_handshake *hs = h->p.end[HF_CLIENT].conn->engine.hs;
    uint8_t state[HF_SESSION_STATE_MAX];
    hf_session s = { 0 };
    size_t len = 0;
    bool renew;

    if (hs->has_ticket13) {
        assert_int_equal(
            hf_ticket_open(hostile_sessions(), TEST_NOW, hs->session.ticket, state, &len, &renew),
            HF_OK);
        assert_int_equal(hf_session_read(hf_span_of(state, len), &s), HF_OK);
    }
    memcpy(early_id, s.early_id, sizeof early_id);
}

static inline void refused(hostile *h, hf_error reason)
{
    why = reason;
    note_id(h);
    hostile_until(h, CH, 0);
    hostile_next(h);
    hostile_give_early(h, bytes(100));
    hostile_give_early(h, bytes(30)); /* long enough for a tag where there are no early keys */
    assert_null(hostile_failure(h));
    hostile_rest(h);
}

static inline void check_refused(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_int_equal(info_of(h)->early, HF_EARLY_REJECTED);
    assert_int_equal(info_of(h)->early_error, why);
    assert_int_equal(hostile_end(h)->n_early, 0);
    assert_false(pair_saw(hostile_end(h), HF_EVENT_EARLY_DATA));
    assert_true(info_of(h)->resumed || info_of(h)->psk_used);
}

/* … and nobody else takes that ticket's early data: the client will send it again. */
static inline void check_claimed(hostile *h, int v)
{
    uint64_t now = hf_sessions_clock(hostile_sessions(), 0);

    check_refused(h, v);
    assert_int_equal(hf_early_claim(hostile_sessions(), early_id, now, now + 1), HF_E_EARLY_USED);
}

/* … and what is taken, to be measured by. */
static inline void taken(hostile *h, int v)
{
    (void)v;
    hostile_until(h, EOED, 0);
    hostile_give_early(h, bytes(100));
    assert_int_equal(hostile_end(h)->n_early, 100);
}

/* The server's clock. */
static uint64_t now_ms;

static inline uint64_t clock_of_test(void *user)
{
    (void)user;
    return now_ms;
}

/* That clock leaps; a handshake's time limit is not what is tested by it. */
static inline void no_time_limit(hf_config *config, hf_role role, void *user)
{
    (void)role;
    (void)user;
    assert_int_equal(hf_config_set(config, HF_SET_HANDSHAKE_TIMEOUT, 0), HF_OK);
}

static inline void with_clock(pair_options *o, int v)
{
    hostile_early(o, v);
    o->configure = no_time_limit;
    now_ms = BEGIN;
    o->hooks[HF_SERVER].clock_ms = clock_of_test;
}

static inline void same_ticket_before(pair_options *o, int v)
{
    (void)v;
    hostile_visit(o, hostile_victim());
}

/* ---- rows ---- */

#define REFUSED_AND(then, n, function, ...)                                                        \
    WITH("ch-early-data-not-acceptable", AT_SERVER, n, function, .resumes = true, .check = then,   \
         __VA_ARGS__)
#define REFUSED(n, function, ...) REFUSED_AND(check_refused, n, function, __VA_ARGS__)
#define CLAIMED(n, function, ...) REFUSED_AND(check_claimed, n, function, __VA_ARGS__)

#endif
