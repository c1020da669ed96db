/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Inquiries about weaknesses and servers that answer anything at all: whatever records come, in the flight's place or behind it, they end, ask
 * no more connections than they may, and say what they saw of it in one of the three states, with a reason where nobody can tell.
 */
#include "audit_weak_support.h"
#include "support/pair.h"

extern const hf_inquiry_row hf_inquiry_heartbleed, hf_inquiry_ccs_injection, hf_inquiry_robot,
    hf_inquiry_dh;

enum { TIMES = 1500, RECORDS_MAX = 5, CONTENT_MAX = 300 };

/* Any numbers, the same in each run. */
static uint32_t seed;
static unsigned draw(unsigned below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* Records whose first bytes are often those of something. */
static void any_records(audit_flight *f)
{
    static const uint8_t types[] = { 20, 21, 22, 23, 24, 24, 21, 0x80 };
    uint8_t content[CONTENT_MAX];

    for (unsigned n = draw(RECORDS_MAX); n > 0; n--) {
        unsigned len = draw(4) == 0 ? 2 : draw(CONTENT_MAX);
        for (unsigned i = 0; i < len; i++)
            content[i] = (uint8_t)(i < 4 ? draw(4) : draw(256));
        audit_record(f, types[draw(sizeof types)], hf_span_of(content, len));
    }
}

static hf_flight_end any_end(void)
{
    static const hf_flight_end ends[] = { HF_FLIGHT_CLOSED, HF_FLIGHT_RESET, HF_FLIGHT_LATE };

    return ends[draw(3)];
}

static hf_flight_end anything(weak_scene *s, hf_span said)
{
    (void)said;
    any_records(&s->answer);
    return any_end();
}

static void any_scene(weak_scene *s)
{
    static const uint8_t heartbeat[] = { 0, 15, 0, 1, 1 };
    static const uint16_t suites[] = { 0x002f, 0xc02f, 0x0033, 0x0014 };
    static const hf_seen_version_id versions[] = { HF_V_TLS12, HF_V_TLS10, HF_V_SSL3 };

    weak_begin(s, versions[draw(3)], suites[draw(4)], anything);
    s->extensions = hf_span_of(heartbeat, draw(2) ? sizeof heartbeat : 0);
    s->asks_certificate = draw(4) == 0;
    s->alert_flight = draw(8) == 0 ? (uint16_t)(1 + draw(120)) : 0;
    if (draw(4) > 0)
        s->leaf = shared_pki(HF_KEY_RSA)->chain[0];
}

static void run_any(const hf_inquiry_row *row, hf_trait_id id, unsigned connections)
{
    weak_scene s;

    any_scene(&s);
    weak_run(&s, row);
    assert_true(s.connections <= connections);
    if (id < HF_TRAIT_COUNT && s.seen->traits[id].state == HF_UNKNOWN)
        assert_true(s.seen->traits[id].words[0] != '\0');
    weak_end(&s);
}

static void whatever_comes_it_ends(void **state)
{
    (void)state;
    seed = 20261122;
    for (int i = 0; i < TIMES; i++) {
        run_any(&hf_inquiry_heartbleed, HF_TRAIT_heartbleed, 1);
        run_any(&hf_inquiry_ccs_injection, HF_TRAIT_ccs_injection, 2);
        run_any(&hf_inquiry_dh, HF_TRAIT_COUNT, 2);
    }
}

/* Four rounds of five at most, and what came to nothing. */
static void robot_ends_too(void **state)
{
    (void)state;
    seed = 1998;
    for (int i = 0; i < TIMES / 4; i++)
        run_any(&hf_inquiry_robot, HF_TRAIT_robot, 22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_comes_it_ends),
        cmocka_unit_test(robot_ends_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
