/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The row of alerts.tsv about 0-RTT that was there before, or could be: tickets that were used, flights
 * that are too old or too young, their copies, and the register that knows of them.
 */
#include "alerts_words.h"
#include "support/hostile_early.h"

static void time_passes(pair_options *o, int v)
{
    static const unsigned ms[] = { WINDOW + 1, WINDOW + 1000, 1000 * 1000 };

    (void)o;
    now_ms += ms[v];
}

static void little_time_passes(pair_options *o, int v)
{
    (void)o;
    now_ms += v ? WINDOW : 1;
}

/* The client says that more time has passed. */
static void older(hostile *h, hf_msg msg, hostile_bytes *b)
{
    static const uint32_t ms[] = { WINDOW + 1, 1000 * 1000, (uint32_t)-WINDOW - 1, 0x80000000 };

    if (msg != CH)
        return;
    hostile_age(b, 0, ms[hostile_variant()]);
    hostile_rebind(h, b);
}

static void old_enough(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    hostile_age(b, 0, hostile_variant() ? WINDOW / 2 : WINDOW);
    hostile_rebind(h, b);
}

static void stale(hostile *h, int v)
{
    (void)v;
    refused(h, HF_E_EARLY_STALE);
}

static void used(hostile *h, int v)
{
    (void)v;
    refused(h, HF_E_EARLY_USED);
}

/* Bytes of a client that is not there, to another connection of the same server. */
static void feed(hf_conn *conn, hostile_bytes *record)
{
    size_t at = 0, taken = 1;

    while (at < record->len && taken > 0) {
        taken = hf_conn_wire_in(conn, record->data + at, record->len - at);
        at += taken;
        for (hf_event event; (event = hf_conn_next(conn)) != HF_EVENT_NONE;)
            assert_int_not_equal(event, HF_EVENT_EARLY_DATA);
    }
    assert_int_equal(at, record->len);
}

/* Delivers the first flight, and records it. */
static void record_flight(hostile *h, hostile_bytes *hello, hostile_bytes *data)
{
    note_id(h);
    hostile_until(h, CH, 0);
    hf_span first = hb_span(&hostile_due(h)->bytes);
    hb_set(hello, S("\x16\3\3"));
    hb_add_uint(hello, first.len, 2);
    hb_add(hello, first);
    hostile_next(h);
    hostile_seal(h, HF_EARLY, HF_CT_APPLICATION_DATA, bytes(100), 0, data);
    hostile_raw(h, hb_span(data));
    assert_null(hostile_failure(h));
}

/* Sends it again. */
static void copy_is_refused(hostile *h, hostile_bytes *hello, hostile_bytes *data, hf_error reason)
{
    hf_conn *again = hf_conn_new(h->p.config[HF_SERVER], h->p.worker, NULL);

    assert_non_null(again);
    feed(again, hello);
    feed(again, data);
    assert_null(hf_conn_failure(again));
    assert_int_equal(hf_conn_info_of(again)->early, HF_EARLY_REJECTED);
    assert_string_equal(hf_error_row_of(hf_conn_info_of(again)->early_error)->name,
                        hf_error_row_of(reason)->name);
    hf_conn_free(again);
    hb_free(hello);
    hb_free(data);
}

static void replayed(hostile *h, int v)
{
    hostile_bytes hello = { 0 }, data = { 0 };

    (void)v;
    record_flight(h, &hello, &data);
    hostile_until(h, EOED, 0);
    assert_int_equal(hostile_end(h)->n_early, 100);
    copy_is_refused(h, &hello, &data, HF_E_EARLY_USED);
}

/* ---- the register over time ---- */

enum { ALL = 250 }; /* more than one takes */

/* Fills a bucket of the register with other ids, until the next millisecond: the ticket's bucket, or its neighbour. How many it
   took. */
static unsigned crowd(uint64_t now, bool neighbour, unsigned most)
{
    uint8_t id[HF_EARLY_ID];
    unsigned n = 0;

    memcpy(id, early_id, sizeof id);
    id[7] ^= neighbour;
    for (unsigned i = 1; i <= most; i++) {
        id[HF_EARLY_ID - 1] = (uint8_t)(early_id[HF_EARLY_ID - 1] ^ i);
        n += hf_early_claim(hostile_sessions(), id, now, now + 1) == HF_OK;
    }
    assert_true(n > 0 && n < ALL);
    return n;
}

/* Used once, so long ago that nobody can send a copy any more. */
static void used_long_ago(pair_options *o, int v)
{
    hostile_visit(o, hostile_victim());
    now_ms += v ? 60 * WINDOW : 2 * WINDOW + 2;
}

static void as_old(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    hostile_age(b, 0, hostile_variant() ? 60 * WINDOW : 2 * WINDOW + 2);
    hostile_rebind(h, b);
}

/* The client's clock runs ahead, so far; its flight is not too young so long after the beginning: from the first moment to the
   last. */
static const struct ahead {
    uint32_t age;
    unsigned later;
    bool crowded;
} ahead[] = { { WINDOW + 1, 1, false },
              { WINDOW + 1, WINDOW + 1, false },
              { WINDOW + 1, 2 * WINDOW + 1, true },
              { 100 * WINDOW, 99 * WINDOW, false },
              { 100 * WINDOW, 99 * WINDOW, true },
              { 100 * WINDOW, 101 * WINDOW, true } };
enum { AHEAD = sizeof ahead / sizeof *ahead };

static void clock_ahead(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    hostile_age(b, 0, ahead[hostile_variant()].age);
    hostile_rebind(h, b);
}

/* The client sends it again, after it was refused; so a copy is never taken, also if others need the room in the meantime. */
static void young_copied(hostile *h, int v)
{
    hostile_bytes hello = { 0 }, data = { 0 };

    why = HF_E_EARLY_STALE;
    record_flight(h, &hello, &data);
    if (ahead[v].crowded) {
        now_ms = BEGIN + ahead[v].later - 2;
        (void)crowd(now_ms, false, ALL);
        now_ms += 2;
    } else {
        now_ms = BEGIN + ahead[v].later;
    }
    copy_is_refused(h, &hello, &data, HF_E_EARLY_USED);
    hostile_rest(h);
}

/* The register has no room for it, and then it has. */
static void crowded_out(hostile *h, int v)
{
    static const unsigned later[] = { 2, WINDOW / 2, WINDOW };
    hostile_bytes hello = { 0 }, data = { 0 };

    why = HF_E_EARLY_FULL;
    note_id(h);
    (void)crowd(now_ms, false, crowd(now_ms, true, ALL));
    record_flight(h, &hello, &data);
    now_ms += later[v];
    copy_is_refused(h, &hello, &data, HF_E_EARLY_STALE);
    hostile_rest(h);
}

/* There was no room a moment ago, and there is some again: who comes in between is refused, and cannot come a second time. */
static void in_between(hostile *h, int v)
{
    uint8_t id[HF_EARLY_ID];

    note_id(h);
    memcpy(id, early_id, sizeof id);
    id[8] ^= 1;
    (void)crowd(now_ms, false, crowd(now_ms, true, ALL));
    assert_int_equal(hf_early_claim(hostile_sessions(), id, now_ms, now_ms + 100), HF_E_EARLY_FULL);
    now_ms += 2;
    young_copied(h, v);
}

/* As old as a ticket can be, and older; the clock says so too. */
enum { LIFE = 3600 * 1000 };

static void a_life_passes(pair_options *o, int v)
{
    (void)o;
    now_ms += v ? LIFE + 1 : LIFE;
}

static void a_life_old(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg != CH)
        return;
    hostile_age(b, 0, hostile_variant() ? LIFE + 1 : LIFE);
    hostile_rebind(h, b);
}

static void a_life_later(hostile *h, int v)
{
    if (v == 0)
        taken(h, v);
    else
        stale(h, v);
}

static void check_a_life_later(hostile *h, int v)
{
    if (v == 0)
        hostile_check_early(h, v);
    else
        check_claimed(h, v);
}

/* Whatever age a client makes up, its ticket's place is free again when the ticket is dead. */
static void check_place_is_free(hostile *h, int v)
{
    check_claimed(h, v);
    now_ms += LIFE + 2 * WINDOW + 3;
    assert_int_equal(crowd(now_ms, false, ALL), crowd(now_ms, true, ALL));
}

/* A register that takes its time. */
static const unsigned claim_ms[] = { WINDOW, 1, WINDOW + 1, 1000 * 1000 };

static hf_error claim_slowly(void *user, const uint8_t id[HF_EARLY_ID], uint64_t from,
                             uint64_t until)
{
    (void)user;
    (void)id;
    assert_int_equal(from, now_ms);
    assert_int_equal(until, now_ms + 2 * WINDOW + 1);
    now_ms += claim_ms[hostile_variant()];
    return HF_OK;
}

static const hf_sessions_ops slow_register = { .claim = claim_slowly, .now_ms = clock_of_test };

static void taken_or_too_late(hostile *h, int v)
{
    if (v < 2)
        taken(h, v);
    else
        stale(h, v);
}

static void check_in_time(hostile *h, int v)
{
    if (v < 2)
        hostile_check_early(h, v);
    else
        check_refused(h, v);
}

/* ---- the rows ---- */

static const hostile_case cases[] = {
    WITH("ch-early-data-not-acceptable", AT_SERVER, 1, taken, .resumes = true,
         .options = hostile_early, .check = hostile_check_early),
    WITH("ch-early-data-not-acceptable", AT_SERVER, 2, taken, .resumes = true,
         .options = with_clock, .rewrite = old_enough, .check = hostile_check_early),
    WITH("ch-early-data-not-acceptable", AT_SERVER, 2, taken, .resumes = true,
         .options = with_clock, .before = little_time_passes, .check = hostile_check_early),
    CLAIMED(3, stale, .options = with_clock, .before = time_passes),
    CLAIMED(4, stale, .options = with_clock, .rewrite = older),
    CLAIMED(1, used, .options = hostile_early, .before = same_ticket_before),
    CLAIMED(2, used, .options = with_clock, .before = used_long_ago, .rewrite = as_old),
    CLAIMED(AHEAD, young_copied, .options = with_clock, .rewrite = clock_ahead),
    CLAIMED(AHEAD, young_copied, .options = with_clock, .rewrite = clock_ahead,
            .before = same_ticket_before),
    CLAIMED(AHEAD, in_between, .options = with_clock, .rewrite = clock_ahead),
    CLAIMED(3, crowded_out, .options = with_clock),
    REFUSED_AND(check_a_life_later, 2, a_life_later, .options = with_clock, .before = a_life_passes,
                .rewrite = a_life_old),
    REFUSED_AND(check_place_is_free, 4, stale, .options = with_clock, .rewrite = older),
    REFUSED_AND(check_in_time, 4, taken_or_too_late, .options = with_clock, .ops = &slow_register),
    WITH("ch-early-data-not-acceptable", AT_SERVER, 1, replayed, .resumes = true,
         .options = hostile_early, .check = hostile_check_early),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_early_again", &rows, 60);
}
