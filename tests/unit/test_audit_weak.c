/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Heartbleed and CCS injection: what is sent is bounded, which answers mean what, silence never clears anybody, and nothing that came from a
 * memory is kept.
 */
#include "audit_weak_support.h"

extern const hf_inquiry_row hf_inquiry_heartbleed, hf_inquiry_ccs_injection;

enum { HEARTBEAT = 24, STATIC_RSA = 0x002f };

static const uint8_t SPOKEN[] = { 0, 15, 0, 1, 1 }; /* the extension */

static void heartbeat_scene(weak_scene *s, hf_flight_end (*answers)(weak_scene *s, hf_span said))
{
    weak_begin(s, HF_V_TLS12, STATIC_RSA, answers);
    s->extensions = hf_span_of(SPOKEN, sizeof SPOKEN);
}

static void heartbeat_case(hf_flight_end (*answers)(weak_scene *s, hf_span said), hf_tri expected)
{
    weak_scene s;

    heartbeat_scene(&s, answers);
    weak_run(&s, &hf_inquiry_heartbleed);
    assert_int_equal(s.connections, 1);
    assert_int_equal(s.said, 1);
    weak_expect(&s, HF_TRAIT_heartbleed, expected);
    weak_end(&s);
}

/* ---- Heartbleed ---- */

static void respond(weak_scene *s, uint16_t claimed, size_t came)
{
    uint8_t content[3 + 64] = { 2, (uint8_t)(claimed >> 8), (uint8_t)claimed };

    memset(content + 3, 'S', sizeof content - 3);
    audit_record(&s->answer, HEARTBEAT, hf_span_of(content, 3 + came));
}

static hf_flight_end bleeds(weak_scene *s, hf_span said)
{
    /* 3 bytes and 16 in a record of 19, of which 32 are asked for: never more than that */
    static const uint8_t head[] = { HEARTBEAT, 3, 3, 0, 19, 1, 0, 32 };

    assert_memory_equal(said.data, head, sizeof head);
    respond(s, 32, 32 + 16);
    audit_alert(&s->answer, 2, 10);
    return HF_FLIGHT_CLOSED;
}

static bool holds(hf_span bytes, uint8_t byte)
{
    return bytes.len > 0 && memchr(bytes.data, byte, bytes.len);
}

static void memory_that_came_is_counted_and_dropped(void **state)
{
    weak_scene s;
    (void)state;

    heartbeat_scene(&s, bleeds);
    weak_run(&s, &hf_inquiry_heartbleed);
    weak_expect(&s, HF_TRAIT_heartbleed, HF_PRESENT);
    assert_int_equal(s.seen->traits[HF_TRAIT_heartbleed].number, 16);
    assert_true(s.seen->traits[HF_TRAIT_heartbleed].evidence > 0);
    for (size_t i = 1; i <= s.seen->n_evidence; i++)
        assert_false(holds(hf_seen_evidence_at(s.seen, i)->received, 'S'));
    weak_end(&s);
}

static hf_flight_end answers_modestly(weak_scene *s, hf_span said)
{
    (void)said;
    respond(s, 16, 16 + 16);
    return HF_FLIGHT_CLOSED;
}

static hf_flight_end claims_only(weak_scene *s, hf_span said)
{
    (void)said;
    respond(s, 32, 16); /* it says 32 and brings what it got */
    return HF_FLIGHT_CLOSED;
}

static hf_flight_end refuses(weak_scene *s, hf_span said)
{
    (void)said;
    audit_alert(&s->answer, 2, 10);
    return HF_FLIGHT_CLOSED;
}

static hf_flight_end hangs_up(weak_scene *s, hf_span said)
{
    (void)s;
    (void)said;
    return HF_FLIGHT_RESET;
}

static hf_flight_end stalls(weak_scene *s, hf_span said)
{
    (void)s;
    (void)said;
    return HF_FLIGHT_LATE;
}

static void answers_without_memory_clear_it(void **state)
{
    (void)state;
    heartbeat_case(answers_modestly, HF_ABSENT);
    heartbeat_case(claims_only, HF_ABSENT);
    heartbeat_case(refuses, HF_ABSENT);
    heartbeat_case(hangs_up, HF_ABSENT);
}

static void silence_clears_nobody(void **state)
{
    (void)state;
    heartbeat_case(stalls, HF_UNKNOWN);
}

/* No heartbeat is sent to who does not speak it. */
static void without_the_extension_nothing_is_sent(void **state)
{
    weak_scene s;
    (void)state;

    weak_begin(&s, HF_V_TLS12, STATIC_RSA, bleeds);
    weak_run(&s, &hf_inquiry_heartbleed);
    assert_int_equal(s.said, 0);
    weak_expect(&s, HF_TRAIT_heartbleed, HF_ABSENT);
    weak_end(&s);
}

/* ---- CCS injection ---- */

static bool has_more(hf_span said)
{
    static const uint8_t ccs[] = { 20, 3, 3, 0, 1, 1 };

    assert_true(said.len >= sizeof ccs);
    assert_memory_equal(said.data, ccs, sizeof ccs);
    return said.len > sizeof ccs;
}

static hf_flight_end takes_it(weak_scene *s, hf_span said)
{
    if (!has_more(said))
        return HF_FLIGHT_LATE;
    audit_alert(&s->answer, 2, 20);
    return HF_FLIGHT_CLOSED;
}

static hf_flight_end takes_it_and_answers_encrypted(weak_scene *s, hf_span said)
{
    if (!has_more(said))
        return HF_FLIGHT_LATE;
    audit_record(&s->answer, 21, hf_span_of("0123456789012345678901234567890", 31));
    return HF_FLIGHT_CLOSED;
}

static hf_flight_end calls_everything_bad_mac(weak_scene *s, hf_span said)
{
    (void)said;
    audit_alert(&s->answer, 2, 20);
    return HF_FLIGHT_CLOSED;
}

static hf_flight_end closes_for_the_rest(weak_scene *s, hf_span said)
{
    (void)s;
    return has_more(said) ? HF_FLIGHT_CLOSED : HF_FLIGHT_LATE;
}

static void ccs_case(hf_flight_end (*answers)(weak_scene *s, hf_span said), hf_tri expected,
                     unsigned connections)
{
    weak_scene s;

    weak_begin(&s, HF_V_TLS12, STATIC_RSA, answers);
    weak_run(&s, &hf_inquiry_ccs_injection);
    weak_expect(&s, HF_TRAIT_ccs_injection, expected);
    assert_int_equal(s.connections, connections);
    weak_end(&s);
}

/* The mark of it is a failed MAC behind it and silence without that; either alone is not enough. */
static void an_early_ccs_that_is_taken_is_found(void **state)
{
    (void)state;
    ccs_case(takes_it, HF_PRESENT, 2);
    ccs_case(takes_it_and_answers_encrypted, HF_PRESENT, 2);
}

static void one_that_is_refused_clears_it(void **state)
{
    (void)state;
    ccs_case(refuses, HF_ABSENT, 1);
    ccs_case(hangs_up, HF_ABSENT, 2);
    ccs_case(calls_everything_bad_mac, HF_ABSENT, 2);
}

static void what_proves_nothing_is_unknown(void **state)
{
    (void)state;
    ccs_case(stalls, HF_UNKNOWN, 1);
    ccs_case(closes_for_the_rest, HF_UNKNOWN, 2);
}

/* ---- both ---- */

static void without_old_versions_nobody_is_asked(void **state)
{
    weak_scene s;
    (void)state;

    for (int known = 0; known < 2; known++) {
        weak_begin(&s, HF_V_TLS13, 0x1301, stalls);
        s.seen->v[HF_V_TLS10].spoken = known ? HF_ABSENT : HF_UNKNOWN;
        weak_run(&s, &hf_inquiry_heartbleed);
        weak_run(&s, &hf_inquiry_ccs_injection);
        assert_int_equal(s.connections, 0);
        weak_expect(&s, HF_TRAIT_heartbleed, HF_UNKNOWN);
        weak_expect(&s, HF_TRAIT_ccs_injection, HF_UNKNOWN);
        assert_int_equal(s.seen->traits[HF_TRAIT_heartbleed].idle, known);
        assert_int_equal(s.seen->traits[HF_TRAIT_ccs_injection].idle, known);
        weak_end(&s);
    }
}

static void a_refused_hello_leaves_it_unknown(void **state)
{
    weak_scene s;
    (void)state;

    weak_begin(&s, HF_V_TLS12, STATIC_RSA, stalls);
    s.alert_flight = 40;
    weak_run(&s, &hf_inquiry_heartbleed);
    weak_run(&s, &hf_inquiry_ccs_injection);
    assert_int_equal(s.said, 0);
    weak_expect(&s, HF_TRAIT_heartbleed, HF_UNKNOWN);
    weak_expect(&s, HF_TRAIT_ccs_injection, HF_UNKNOWN);
    weak_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_came_is_counted_and_dropped),
        cmocka_unit_test(answers_without_memory_clear_it),
        cmocka_unit_test(silence_clears_nobody),
        cmocka_unit_test(without_the_extension_nothing_is_sent),
        cmocka_unit_test(an_early_ccs_that_is_taken_is_found),
        cmocka_unit_test(one_that_is_refused_clears_it),
        cmocka_unit_test(what_proves_nothing_is_unknown),
        cmocka_unit_test(without_old_versions_nobody_is_asked),
        cmocka_unit_test(a_refused_hello_leaves_it_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
