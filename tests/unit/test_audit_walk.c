/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Walks through lists: what every sort of answer does to them, and that they end whatever is answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/lists.h"

static hf_walk walk_of(size_t n)
{
    hf_walk w = { .over = false };

    for (size_t i = 0; i < n; i++)
        hf_codes_add(&w.left, (uint16_t)(0x0100 + i));
    return w;
}

static bool got(hf_walk *w, hf_answer answer, uint16_t chosen)
{
    return hf_walk_got(w, answer, chosen, chosen, "it was silent");
}

static void what_is_chosen_is_taken_out(void **state)
{
    hf_walk w = walk_of(3);
    hf_codes offer;

    (void)state;
    assert_true(hf_walk_offer(&w, &offer));
    assert_int_equal(offer.n, 3);
    assert_true(got(&w, HF_ANSWER_TOOK, 0x0101));
    assert_true(got(&w, HF_ANSWER_TOOK, 0x0100));
    assert_true(hf_walk_offer(&w, &offer));
    assert_int_equal(offer.n, 1);
    assert_int_equal(offer.at[0], 0x0102);
    assert_false(got(&w, HF_ANSWER_REFUSED, 0));
    assert_false(hf_walk_offer(&w, &offer));
    assert_true(w.over && w.whole);
    assert_int_equal(w.found.n, 2);
    assert_int_equal(w.found.at[0], 0x0101);
    assert_int_equal(w.evidence[0], 0x0101);
}

static void all_that_is_offered_may_be_taken(void **state)
{
    hf_walk w = walk_of(1);

    (void)state;
    assert_true(got(&w, HF_ANSWER_TOOK, 0x0100));
    assert_true(w.over && w.whole);
}

/* Rule: what was not offered is no answer, also if it was offered earlier. */
static void what_was_not_offered_ends_it(void **state)
{
    hf_walk w = walk_of(2), again = walk_of(2);

    (void)state;
    assert_false(got(&w, HF_ANSWER_TOOK, 0x0909));
    assert_true(w.over && !w.whole);
    assert_string_equal(w.why, "the server chose 0x0909, which was not offered");
    assert_true(got(&again, HF_ANSWER_TOOK, 0x0100));
    assert_false(got(&again, HF_ANSWER_TOOK, 0x0100));
    assert_true(again.over && !again.whole);
    assert_int_equal(again.found.n, 1);
}

static void a_fallback_settles_the_rest(void **state)
{
    hf_walk w = walk_of(3);

    (void)state;
    w.falls_back = true;
    assert_true(got(&w, HF_ANSWER_TOOK, 0x0100));
    assert_false(got(&w, HF_ANSWER_TOOK, 0x0100));
    assert_true(w.over && w.whole);
    assert_int_equal(w.found.n, 1);
}

/* Rule: a connection that is closed is a refusal if it is closed twice. */
static void closing_counts_twice(void **state)
{
    hf_walk w = walk_of(2);

    (void)state;
    got(&w, HF_ANSWER_GONE, 0);
    assert_false(w.over);
    assert_true(got(&w, HF_ANSWER_TOOK, 0x0100));
    got(&w, HF_ANSWER_GONE, 0);
    assert_false(w.over);
    got(&w, HF_ANSWER_GONE, 0);
    assert_true(w.over && w.whole);
}

/* Rule: an alert ends it if it comes again: the first may be of a machine that has too much to do. */
static void an_alert_counts_twice(void **state)
{
    hf_walk w = walk_of(2);

    (void)state;
    got(&w, HF_ANSWER_ALERT, 0);
    assert_false(w.over);
    assert_true(got(&w, HF_ANSWER_TOOK, 0x0100));
    got(&w, HF_ANSWER_ALERT, 0);
    got(&w, HF_ANSWER_NONE, 0);
    assert_false(w.over); /* silence is no second one */
    got(&w, HF_ANSWER_ALERT, 0);
    assert_true(w.over && w.whole);
}

/* Rule: what was refused as a whole need not be refused twice in pieces. */
static void pieces_of_what_was_refused_are_asked_once(void **state)
{
    hf_walk w = walk_of(HF_WALK_CHUNK + 10);
    hf_codes offer;

    (void)state;
    got(&w, HF_ANSWER_ALERT, 0);
    assert_true(hf_walk_offer(&w, &offer));
    assert_int_equal(offer.n, HF_WALK_CHUNK);
    got(&w, HF_ANSWER_ALERT, 0);
    assert_true(hf_walk_offer(&w, &offer));
    assert_int_equal(offer.n, 10);
    got(&w, HF_ANSWER_ALERT, 0);
    assert_true(w.over && w.whole);
}

/* Rule: silence is never a refusal. */
static void silence_leaves_it_unfinished(void **state)
{
    hf_walk w = walk_of(2);

    (void)state;
    assert_true(got(&w, HF_ANSWER_TOOK, 0x0100));
    got(&w, HF_ANSWER_NONE, 0);
    assert_false(w.over);
    got(&w, HF_ANSWER_NONE, 0);
    assert_true(w.over && !w.whole);
    assert_string_equal(w.why, "it was silent");
}

/* Rule: a long list that is refused goes on in pieces. */
static void a_long_list_is_divided(void **state)
{
    hf_walk w = walk_of(HF_WALK_CHUNK + 10);
    hf_codes offer;

    (void)state;
    got(&w, HF_ANSWER_REFUSED, 0);
    assert_false(w.over);
    assert_true(hf_walk_offer(&w, &offer));
    assert_int_equal(offer.n, HF_WALK_CHUNK);
    assert_true(got(&w, HF_ANSWER_TOOK, 0x0105));
    got(&w, HF_ANSWER_REFUSED, 0);
    assert_true(hf_walk_offer(&w, &offer));
    assert_int_equal(offer.n, 9); /* one moved up when the other was taken out */
    got(&w, HF_ANSWER_REFUSED, 0);
    assert_true(w.over && w.whole);
    assert_int_equal(w.found.n, 1);
}

static void one_that_was_taken_once_is_not_divided(void **state)
{
    hf_walk w = walk_of(HF_WALK_CHUNK + 10);

    (void)state;
    assert_true(got(&w, HF_ANSWER_TOOK, 0x0105));
    got(&w, HF_ANSWER_REFUSED, 0);
    assert_true(w.over && w.whole);
}

static void the_keeper_ends_what_is_left(void **state)
{
    hf_walk w = walk_of(2);
    hf_codes offer;

    (void)state;
    hf_codes_add(&w.found, 0x0017);
    w.keeper = 0x0017;
    assert_true(hf_walk_offer(&w, &offer));
    assert_int_equal(offer.n, 3);
    assert_int_equal(offer.at[2], 0x0017);
    assert_true(got(&w, HF_ANSWER_TOOK, 0x0101));
    assert_false(got(&w, HF_ANSWER_TOOK, 0x0017));
    assert_true(w.over && w.whole);
    assert_int_equal(w.found.n, 2);
}

/* Rule: whatever is answered, in whatever order, it ends after three questions a code at most, and some for the pieces. */
static void it_ends_whatever_is_answered(void **state)
{
    uint32_t random = 1;

    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        hf_walk w = walk_of(round % 130);
        hf_codes offer;
        size_t n = 0;
        while (hf_walk_offer(&w, &offer)) {
            random = random * 1664525u + 1013904223u;
            hf_answer answer = (hf_answer)((random >> 24) % (HF_ANSWER_ALERT + 1));
            got(&w, answer, offer.at[(random >> 8) % offer.n]);
            assert_in_range(++n, 1, 3 * 130 + 12);
        }
        assert_true(w.over || w.left.n == 0);
    }
}

static void order_is_told_by_the_reversed_list(void **state)
{
    hf_codes found = { .at = { 1, 2, 3 }, .n = 3 }, one = { .at = { 1 }, .n = 1 }, offered;

    (void)state;
    hf_codes_reversed(&found, &offered);
    assert_int_equal(offered.n, 3);
    assert_int_equal(offered.at[0], 3);
    assert_int_equal(hf_order_of(&offered, &found, 1), HF_ORDER_SERVER);
    assert_int_equal(hf_order_of(&offered, &found, 3), HF_ORDER_CLIENT);
    assert_int_equal(hf_order_of(&offered, &found, 2), HF_ORDER_UNKNOWN);
    assert_int_equal(hf_order_of(&one, &one, 1), HF_ORDER_UNKNOWN);
}

/* ---- answers ---- */

static void answers_mean_what_they_say(void **state)
{
    static const struct {
        hf_flight flight;
        hf_answer answer;
    } rows[] = {
        { { .hello = true, .version = HF_TLS10, .end = HF_FLIGHT_DONE }, HF_ANSWER_TOOK },
        { { .hello = true, .version = HF_TLS10, .end = HF_FLIGHT_LATE }, HF_ANSWER_TOOK },
        { { .hello = true, .version = HF_SSL3, .end = HF_FLIGHT_DONE }, HF_ANSWER_REFUSED },
        { { .end = HF_FLIGHT_ALERT, .has_alert = true, .alert = 40 }, HF_ANSWER_REFUSED },
        { { .end = HF_FLIGHT_ALERT, .has_alert = true, .alert = 80 }, HF_ANSWER_GONE },
        { { .end = HF_FLIGHT_CLOSED }, HF_ANSWER_GONE },
        { { .end = HF_FLIGHT_RESET }, HF_ANSWER_GONE },
        { { .end = HF_FLIGHT_LATE }, HF_ANSWER_NONE },
        { { .end = HF_FLIGHT_FOREIGN }, HF_ANSWER_NONE },
        { { .end = HF_FLIGHT_MALFORMED }, HF_ANSWER_NONE },
        { { .end = HF_FLIGHT_TOO_LONG }, HF_ANSWER_NONE },
        { { .end = HF_FLIGHT_UNREACHABLE }, HF_ANSWER_NONE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(hf_answer_of(&rows[i].flight, HF_TLS10), rows[i].answer);
}

static void suites_tell_who_signs(void **state)
{
    (void)state;
    assert_int_equal(hf_suite_signer(0xc02f), HF_SIGNED_BY_RSA);
    assert_int_equal(hf_suite_signer(0x0033), HF_SIGNED_BY_RSA);
    assert_int_equal(hf_suite_signer(0xc02b), HF_SIGNED_BY_ECDSA);
    assert_int_equal(hf_suite_signer(0x0032), HF_SIGNED_BY_DSS);
    assert_int_equal(hf_suite_signer(0x002f), HF_SIGNED_BY_NOBODY);
    assert_int_equal(hf_suite_signer(0xc018), HF_SIGNED_BY_NOBODY);
    assert_int_equal(hf_suite_signer(0x1301), HF_SIGNED_BY_NOBODY);
    assert_int_equal(hf_suite_signer(0xfffe), HF_SIGNED_BY_NOBODY);
    assert_true(hf_suite_is_chacha(0xcca8) && !hf_suite_is_chacha(0xc02f));
}

/* Rule: the small hello is one that the oldest servers read: no extensions, under 256 bytes. */
static void the_small_hello_is_small(void **state)
{
    static uint8_t out[HF_CRAFTED_MAX];
    hf_crafted hello = { .version = HF_TLS10 };

    (void)state;
    hf_crafted_usual(&hello);
    hf_list_form(&hello, HF_HELLO_SMALL);
    size_t n = hf_crafted_write(&hello, out);
    assert_in_range(n, 40, 255);
    assert_true(hello.no_extensions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_chosen_is_taken_out),
        cmocka_unit_test(all_that_is_offered_may_be_taken),
        cmocka_unit_test(what_was_not_offered_ends_it),
        cmocka_unit_test(a_fallback_settles_the_rest),
        cmocka_unit_test(closing_counts_twice),
        cmocka_unit_test(an_alert_counts_twice),
        cmocka_unit_test(pieces_of_what_was_refused_are_asked_once),
        cmocka_unit_test(silence_leaves_it_unfinished),
        cmocka_unit_test(a_long_list_is_divided),
        cmocka_unit_test(one_that_was_taken_once_is_not_divided),
        cmocka_unit_test(the_keeper_ends_what_is_left),
        cmocka_unit_test(it_ends_whatever_is_answered),
        cmocka_unit_test(order_is_told_by_the_reversed_list),
        cmocka_unit_test(answers_mean_what_they_say),
        cmocka_unit_test(suites_tell_who_signs),
        cmocka_unit_test(the_small_hello_is_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
