/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * TLS 1.2 however its bytes are cut: by the transport, into records within and across messages, and in
 * whatever order the two ends run. Where RFC 5246 lets messages share a record they may, and nowhere
 * else: not across ChangeCipherSpec, not across a turn, not past the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow12.h"

typedef unsigned with_setup(flow12_setup *setup);

static unsigned each_flow(with_setup *f)
{
    const flow12 *flow;
    unsigned cases = 0;

    for (size_t i = 0; (flow = flow12_row(i)) != NULL; i++) {
        flow12_setup setup;
        flow12_prepare(&setup, flow);
        cases += f(&setup);
        flow12_release(&setup);
    }
    return cases;
}

static void talk(pair *p)
{
    for (int from = 0; from < 2; from++) {
        pair_send(p, (hf_role)from, "both ways", 9);
        assert_int_equal(p->end[!from].n_data, 9);
    }
}

/* ---- the transport ---- */

static unsigned pieces(flow12_setup *setup)
{
    for (size_t chunk = 1; chunk <= 7; chunk++) {
        pair p;
        setup->options.chunk = chunk;
        flow12_start(&p, setup);
        pair_connect(&p);
        assert_int_equal(hf_conn_info_of(p.end[0].conn)->resumed, flow12_resumes(setup->flow));
        talk(&p);
        pair_free(&p);
    }
    setup->options.chunk = 0;
    return 7;
}

/* RFC 5246 6.2.1: record boundaries, and those of the transport still less, mean nothing. */
static void test_pieces_of_1_to_7_bytes(void **state)
{
    (void)state;
    unsigned cases = each_flow(pieces);
    printf("%u handshakes\n", cases);
    assert_int_equal(cases, 16 * 7);
}

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

/* Any end is asked for events, or its bytes carried in a piece of any size, in any order. */
static bool stir(pair *p, uint32_t *dice)
{
    static const size_t sizes[] = { 1, 5, 6, 64, 100, 500, 0 };
    unsigned idle = 0;

    for (unsigned steps = 0; idle < 40 && steps < 20000; steps++) {
        hf_role role = (hf_role)(draw(dice) & 1);
        p->chunk = sizes[draw(dice) % 7];
        if (draw(dice) % 3 == 0)
            pair_events(p, role);
        else
            idle = pair_carry(p, role) ? 0 : idle + 1;
    }
    p->chunk = 0;
    return idle >= 40;
}

static unsigned any_order(flow12_setup *setup)
{
    enum { SEEDS = 24 };

    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        uint32_t dice = seed;
        pair p;
        flow12_start(&p, setup);
        assert_true(stir(&p, &dice));
        pair_connect(&p);
        talk(&p);
        pair_free(&p);
    }
    return SEEDS;
}

static void test_events_in_any_order(void **state)
{
    (void)state;
    printf("%u handshakes\n", each_flow(any_order));
}

/* ---- records within messages ---- */

/* What is due goes in records of `size` bytes, the first of `first`. */
static void deliver_cut(hostile *h, size_t first, size_t size)
{
    const hostile_said *due = hostile_due(h);
    hf_span rest = hb_span(&due->bytes);

    if (due->msg == HF_MSG_ChangeCipherSpec) {
        hostile_next(h);
        return;
    }
    hostile_skip(h);
    for (size_t n = first; rest.len > 0; n = size) {
        n = n < rest.len ? n : rest.len;
        hostile_record_under(h, due->epoch, HF_CT_HANDSHAKE, hf_span_of(rest.data, n));
        rest = hf_span_of(rest.data + n, rest.len - n);
    }
}

/* Message number `at` of the peer is cut after each of its bytes in turn. */
static unsigned cut_message(flow12_setup *setup, hf_role victim, size_t at)
{
    unsigned cases = 0;
    size_t len = 2;

    for (size_t cut = 1; cut < len; cut += cut < 48 ? 1 : 61, cases++) {
        hostile h;
        flow12_hostile(&h, victim, setup);
        flow12_deliver(&h, at);
        len = hostile_due(&h)->bytes.len;
        deliver_cut(&h, cut, len);
        hostile_assert_works(&h);
        hostile_free(&h);
    }
    return cases;
}

static unsigned cut_all(flow12_setup *setup)
{
    script_trace figure = script_draw(flow12_wire(setup->flow), 3);
    size_t heard[2] = { 0, 0 };
    unsigned cases = 0;

    for (uint8_t i = 0; i < figure.n; i++) {
        hf_role victim = (hf_role)!figure.step[i].writer;
        if (figure.step[i].msg != HF_MSG_ChangeCipherSpec)
            cases += cut_message(setup, victim, heard[victim]);
        heard[victim]++;
    }
    return cases;
}

static void test_a_record_edge_in_every_message(void **state)
{
    (void)state;
    unsigned cases = each_flow(cut_all);
    printf("%u edges\n", cases);
    assert_true(cases >= 2000);
}

static unsigned record_a_byte(flow12_setup *setup)
{
    for (int victim = 0; victim < 2; victim++) {
        hostile h;
        flow12_hostile(&h, (hf_role)victim, setup);
        while (hostile_due(&h))
            deliver_cut(&h, 1, 1);
        hostile_assert_works(&h);
        hostile_free(&h);
    }
    return 2;
}

static void test_every_byte_in_a_record_of_its_own(void **state)
{
    (void)state;
    printf("%u handshakes\n", each_flow(record_a_byte));
}

/* ---- messages within records ---- */

/* All that is due up to the next ChangeCipherSpec or the end of the turn in one record. (When each has a record of its own is
   what hostile_next does.) */
static void deliver_flight(hostile *h)
{
    const hostile_said *due = hostile_due(h);
    hostile_bytes record = { 0 };
    unsigned epoch = due->epoch;

    if (due->msg == HF_MSG_ChangeCipherSpec) {
        hostile_next(h);
        return;
    }
    for (; (due = hostile_due(h)) != NULL && due->msg != HF_MSG_ChangeCipherSpec; hostile_skip(h))
        hb_add(&record, hb_span(&due->bytes));
    hostile_record_under(h, epoch, HF_CT_HANDSHAKE, hb_span(&record));
    hb_free(&record);
}

static unsigned flights(flow12_setup *setup)
{
    for (int victim = 0; victim < 2; victim++) {
        hostile h;
        flow12_hostile(&h, (hf_role)victim, setup);
        while (hostile_due(&h))
            deliver_flight(&h);
        hostile_assert_works(&h);
        hostile_free(&h);
    }
    return 2;
}

static void test_a_flight_in_one_record(void **state)
{
    (void)state;
    printf("%u handshakes\n", each_flow(flights));
}

/* ---- where messages may not meet ---- */

/* The due message in one record with the first `more` bytes of another. */
static void deliver_glued(hostile *h, uint8_t type, size_t more)
{
    const hostile_said *due = hostile_due(h);
    const uint8_t next[] = { type, 0, 0, 0 };
    hostile_bytes record = { 0 };
    unsigned epoch = due->epoch;

    hb_set(&record, hb_span(&due->bytes));
    hb_add(&record, hf_span_of(next, more));
    hostile_skip(h);
    hostile_record_under(h, epoch, HF_CT_HANDSHAKE, hb_span(&record));
    hb_free(&record);
}

/* Before ChangeCipherSpec, at the end of a turn and after Finished no byte may follow in the record. HelloRequest is dropped
   where it stands whole in the peer's own turn. */
static unsigned glue_after(flow12_setup *setup, hf_role victim, size_t heard, bool own_turn)
{
    uint8_t type = victim == HF_CLIENT ? 0 : 1; /* HelloRequest, ClientHello */
    unsigned cases = 0;

    for (size_t more = 1; more <= 4; more++, cases++) {
        hostile h;
        flow12_hostile(&h, victim, setup);
        flow12_deliver(&h, heard);
        deliver_glued(&h, type, more);
        if (own_turn && !hostile_failure(&h))
            hostile_rest(&h);
        if (own_turn && victim == HF_CLIENT && more == 4) {
            hostile_assert_works(&h);
        } else {
            if (hostile_alert(&h) != HF_ALERT_unexpected_message)
                fail_msg("%s, to the %s after %zu messages: %zu bytes more are not refused",
                         setup->flow->name, victim == HF_CLIENT ? "client" : "server", heard, more);
            assert_false(hostile_end(&h)->connected);
            hostile_assert_dead(&h, 0);
        }
        hostile_free(&h);
    }
    return cases;
}

static unsigned glue_all(flow12_setup *setup)
{
    script_trace figure = script_draw(flow12_wire(setup->flow), 3);
    size_t heard[2] = { 0, 0 };
    unsigned cases = 0;

    for (uint8_t i = 0; i < figure.n; i++) {
        const script_step *step = &figure.step[i], *next = &figure.step[i + 1];
        hf_role victim = (hf_role)!step->writer;
        bool last = i + 1 == figure.n, turn = !last && next->writer != step->writer;
        bool before_ccs = !last && !turn && next->msg == HF_MSG_ChangeCipherSpec;
        if (last || turn || before_ccs)
            cases += glue_after(setup, victim, heard[victim], before_ccs);
        heard[victim]++;
    }
    return cases;
}

/* RFC 5246 7.1, 7.4.9: "unexpected_message" if keys, turn or end stand between the bytes of a record. */
static void test_nothing_is_glued_across_keys_turn_or_end(void **state)
{
    (void)state;
    unsigned cases = each_flow(glue_all);
    printf("%u cases\n", cases);
    assert_true(cases >= 200);
}

/* ChangeCipherSpec and data do not fall into a message. */
static unsigned interleave(flow12_setup *setup)
{
    static const uint8_t types[] = { HF_CT_CHANGE_CIPHER_SPEC, HF_CT_APPLICATION_DATA };
    unsigned cases = 0;

    for (int victim = 0; victim < 2; victim++)
        for (size_t t = 0; t < 2; t++)
            for (size_t heard = 0;; heard++, cases++) {
                hostile h;
                flow12_hostile(&h, (hf_role)victim, setup);
                flow12_deliver(&h, heard);
                const hostile_said *due = hostile_due(&h);
                if (!due) {
                    hostile_free(&h);
                    break;
                }
                hostile_record(&h, HF_CT_HANDSHAKE, hf_span_of(due->bytes.data, 1));
                hostile_record(&h, types[t], hf_span_of("\1", 1));
                assert_int_equal(hostile_alert(&h), HF_ALERT_unexpected_message);
                hostile_assert_dead(&h, 0);
                hostile_free(&h);
            }
    return cases;
}

/* After the handshake too: the first byte of a HelloRequest or ClientHello, and then data or a warning. */
static unsigned interleave_connected(flow12_setup *setup)
{
    static const uint8_t warning[] = { 1, HF_ALERT_no_renegotiation };
    const hf_span data = hf_span_str("x"), alert = hf_span_of(warning, sizeof warning);

    for (int victim = 0; victim < 2; victim++)
        for (int kind = 0; kind < 2; kind++) {
            hostile h;
            flow12_hostile(&h, (hf_role)victim, setup);
            hostile_rest(&h);
            hostile_record(&h, HF_CT_HANDSHAKE,
                           hf_span_of((const uint8_t *)(victim == HF_CLIENT ? "\0" : "\1"), 1));
            assert_null(hostile_failure(&h));
            hostile_record(&h, kind ? HF_CT_APPLICATION_DATA : HF_CT_ALERT, kind ? data : alert);
            assert_int_equal(hostile_alert(&h), HF_ALERT_unexpected_message);
            assert_int_equal(hostile_failure(&h)->code, HF_E_INTERLEAVED);
            hostile_assert_dead(&h, 0);
            hostile_free(&h);
        }
    return 4;
}

static void test_no_record_falls_into_a_message(void **state)
{
    (void)state;
    unsigned cases = each_flow(interleave);
    cases += each_flow(interleave_connected);
    printf("%u cases\n", cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_of_1_to_7_bytes),
        cmocka_unit_test(test_events_in_any_order),
        cmocka_unit_test(test_a_record_edge_in_every_message),
        cmocka_unit_test(test_every_byte_in_a_record_of_its_own),
        cmocka_unit_test(test_a_flight_in_one_record),
        cmocka_unit_test(test_nothing_is_glued_across_keys_turn_or_end),
        cmocka_unit_test(test_no_record_falls_into_a_message),
    };

    return cmocka_run_group_tests_name("flow_pieces12", tests, NULL, NULL);
}
