/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Suites and their order: found as described, in the server's order, and told as not whole where something was in the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/audit_model_support.h"

static void set_suites(const uint16_t *suites, size_t n)
{
    memset(m.suites, 0, sizeof m.suites);
    memcpy(m.suites, suites, n * sizeof *suites);
}
#define SUITES(...)                                                                                \
    set_suites((const uint16_t[]){ __VA_ARGS__ },                                                  \
               sizeof((const uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t))

static void expect(hf_seen_version_id id, const uint16_t *suites, size_t n)
{
    const hf_seen_version *v = &seen->v[id];

    assert_int_equal(v->suites.n, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(v->suites.at[i], suites[i]);
        assert_non_null(hf_seen_evidence_at(seen, v->suite_evidence[i]));
    }
}
#define EXPECT(id, ...)                                                                            \
    expect(id, (const uint16_t[]){ __VA_ARGS__ },                                                  \
           sizeof((const uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t))

static void the_servers_order_is_found(void **state)
{
    (void)state;
    see();
    EXPECT(HF_V_TLS13, 0x1302, 0x1303, 0x1301);
    EXPECT(HF_V_TLS12, 0xc030, 0xcca8, 0xc02f, 0xc014, 0xc013);
    assert_true(seen->v[HF_V_TLS12].suites_whole && seen->v[HF_V_TLS13].suites_whole);
    assert_int_equal(seen->v[HF_V_TLS12].order, HF_ORDER_SERVER);
    assert_int_equal(seen->v[HF_V_TLS13].order, HF_ORDER_SERVER);
    assert_int_equal(seen->traits[HF_TRAIT_server_order].state, HF_PRESENT);
    assert_int_equal(seen->traits[HF_TRAIT_server_order13].state, HF_PRESENT);
    assert_false(seen->v[HF_V_TLS12].chacha_first_for_mobile);
    assert_int_equal(seen->n_chains, 1);
}

/* Rule: a usual server is not bothered more than it needs. */
static void few_connections_are_enough(void **state)
{
    (void)state;
    see();
    assert_in_range(m.connections, 30, 80);
}

static void a_server_without_order_follows_the_client(void **state)
{
    (void)state;
    m.server_order = m.groups_server_order = false;
    see();
    assert_int_equal(seen->v[HF_V_TLS12].suites.n, 5);
    assert_int_equal(seen->v[HF_V_TLS12].order, HF_ORDER_CLIENT);
    assert_int_equal(seen->v[HF_V_TLS13].order, HF_ORDER_CLIENT);
    assert_int_equal(seen->v[HF_V_TLS13].groups_order, HF_ORDER_CLIENT);
    assert_int_equal(seen->traits[HF_TRAIT_server_order].state, HF_ABSENT);
}

static void one_suite_has_no_order(void **state)
{
    (void)state;
    SUITES(0x1301, 0xc02f);
    see();
    assert_int_equal(seen->v[HF_V_TLS12].order, HF_ORDER_UNKNOWN);
    assert_int_equal(seen->traits[HF_TRAIT_server_order].state, HF_UNKNOWN);
}

/* Rule: ChaCha20 first for those who put it first is seen, and does not disturb the order. */
static void chacha_for_mobile_is_seen(void **state)
{
    (void)state;
    SUITES(0x1301, 0x1303, 0x1302, 0xc02f, 0xc030, 0xcca8);
    m.chacha_for_mobile = true;
    see();
    EXPECT(HF_V_TLS12, 0xc02f, 0xc030, 0xcca8);
    EXPECT(HF_V_TLS13, 0x1301, 0x1303, 0x1302);
    assert_int_equal(seen->v[HF_V_TLS12].order, HF_ORDER_SERVER);
    assert_true(seen->v[HF_V_TLS12].chacha_first_for_mobile);
    assert_true(seen->v[HF_V_TLS13].chacha_first_for_mobile);
}

/* Rule: a server that takes ChaCha20 unless AES-GCM stands first has an order all the same. */
static void aes_in_front_is_seen(void **state)
{
    (void)state;
    SUITES(0x1301, 0x1303, 0x1302, 0xc02f, 0xc030, 0xcca8, 0xc013);
    m.chacha_unless_gcm = true;
    see();
    EXPECT(HF_V_TLS12, 0xc02f, 0xc030, 0xcca8, 0xc013);
    assert_int_equal(seen->v[HF_V_TLS12].order, HF_ORDER_SERVER);
    assert_true(seen->v[HF_V_TLS12].chacha_first_for_mobile);
}

/* Rule: with one of each the client's order is never mistaken for the server's. */
static void aes_and_chacha_alone_have_an_order(void **state)
{
    (void)state;
    SUITES(0x1301, 0xc02f, 0xcca8);
    see();
    assert_int_equal(seen->v[HF_V_TLS12].order, HF_ORDER_SERVER);
    m.server_order = false;
    see();
    assert_int_equal(seen->v[HF_V_TLS12].order, HF_ORDER_UNKNOWN);
}

static void two_kinds_of_certificates_are_told_apart(void **state)
{
    (void)state;
    m.schemes[0] = 0x0403;
    SUITES(0xc02b, 0xc02f, 0xc030);
    see();
    assert_int_equal(seen->traits[HF_TRAIT_ecdsa_preferred].state, HF_PRESENT);
    SUITES(0xc02f, 0xc02b, 0xc030);
    m.schemes[1] = 0x0401;
    see();
    assert_int_equal(seen->traits[HF_TRAIT_ecdsa_preferred].state, HF_ABSENT);
    SUITES(0xc02f, 0xc030);
    see();
    assert_int_equal(seen->traits[HF_TRAIT_ecdsa_preferred].state, HF_UNKNOWN);
}

static void old_versions_have_lists_of_their_own(void **state)
{
    (void)state;
    memcpy(m.versions, (const uint16_t[]){ HF_TLS12, HF_TLS11, HF_TLS10, HF_SSL3, 0 }, 10);
    SUITES(0xc02f, 0xc013, 0x0035, 0x000a, 0x0005, 0x0018, 0x0003);
    see();
    EXPECT(HF_V_TLS12, 0xc02f, 0xc013, 0x0035, 0x000a, 0x0005, 0x0018, 0x0003);
    EXPECT(HF_V_TLS11, 0xc013, 0x0035, 0x000a, 0x0005, 0x0018, 0x0003);
    assert_true(hf_codes_have(&seen->v[HF_V_SSL3].suites, 0x0005));
    assert_true(seen->v[HF_V_SSL3].suites_whole);
    assert_int_equal(seen->v[HF_V_TLS13].suites.n, 0);
}

/* Rule: a server that cannot read long lists is walked in pieces, and its order is found all the same. */
static void long_lists_are_divided(void **state)
{
    static const audit_how ways[] = { AUDIT_ALERT, AUDIT_CLOSE, AUDIT_STALL };

    (void)state;
    SUITES(0x1301, 0x0018, 0x0005, 0xc030, 0x0041, 0xc013, 0x0084);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        m.suites_max = 64;
        m.hating = ways[i];
        see();
        EXPECT(HF_V_TLS12, 0x0018, 0x0005, 0xc030, 0x0041, 0xc013, 0x0084);
        assert_true(seen->v[HF_V_TLS12].suites_whole);
        assert_int_equal(seen->v[HF_V_TLS12].order, HF_ORDER_SERVER);
    }
}

/* Rule: refused by silence, the list is not whole, and what was found is told. */
static void silence_leaves_the_list_open(void **state)
{
    (void)state;
    m.refusing = AUDIT_STALL;
    see();
    assert_int_equal(seen->v[HF_V_TLS12].suites.n, 5);
    assert_false(seen->v[HF_V_TLS12].suites_whole);
    assert_true(seen->v[HF_V_TLS12].why[0] != '\0');
}

static void closing_is_refusing(void **state)
{
    static const audit_how ways[] = { AUDIT_CLOSE, AUDIT_RESET, AUDIT_INTERNAL_ERROR };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        m.refusing = ways[i];
        see();
        EXPECT(HF_V_TLS12, 0xc030, 0xcca8, 0xc02f, 0xc014, 0xc013);
        assert_true(seen->v[HF_V_TLS12].suites_whole);
    }
}

/* Rule: what is chosen without having been offered ends the list and is not in it. */
static void an_impossible_choice_is_not_listed(void **state)
{
    (void)state;
    audit_model_all(&m, seen);
    hf_seen_version_id id = HF_V_TLS12;
    hf_seen *other = hf_seen_new();
    other->v[id].spoken = HF_PRESENT;
    m.insists = 0xc030;
    for (size_t i = 0; i < hf_n_inquiries; i++)
        if (strcmp(hf_inquiries[i]->name, "suites_tls12") == 0)
            audit_model_run(&m, hf_inquiries[i], other);
    assert_int_equal(other->v[id].suites.n, 1); /* once it was offered */
    assert_false(other->v[id].suites_whole);
    assert_string_equal(other->v[id].why, "the server chose 0xc030, which was not offered");
    hf_seen_free(other);
}

/* Rule: one that changes its mind half way neither hangs nor invents anything. */
static void a_fickle_server_misleads_nobody(void **state)
{
    (void)state;
    for (unsigned at = 1; at < 60; at++) {
        m.changes_at = at;
        see();
        for (size_t i = 0; i < seen->v[HF_V_TLS12].suites.n; i++) {
            size_t j = 0;
            while (m.suites[j] && m.suites[j] != seen->v[HF_V_TLS12].suites.at[i])
                j++;
            assert_int_not_equal(m.suites[j], 0);
        }
    }
}

/* Rule: whichever connection fails, in whichever way, once: what was found is what there is. */
static void one_failure_changes_nothing(void **state)
{
    static const audit_how ways[] = { AUDIT_CLOSE, AUDIT_RESET, AUDIT_STALL, AUDIT_UNREACHABLE };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (unsigned at = 7; at < 60; at++) {
            m.fails_from = m.fails_to = at;
            m.failing = ways[i];
            see();
            EXPECT(HF_V_TLS12, 0xc030, 0xcca8, 0xc02f, 0xc014, 0xc013);
            EXPECT(HF_V_TLS13, 0x1302, 0x1303, 0x1301);
            assert_true(seen->v[HF_V_TLS12].suites_whole && seen->v[HF_V_TLS13].suites_whole);
            assert_true(seen->v[HF_V_TLS12].groups_whole && seen->v[HF_V_TLS13].groups_whole);
        }
}

/* Rule: dead from some moment on, it ends soon, and nothing is told as whole that is not. */
static void a_dying_server_ends_it(void **state)
{
    static const audit_how ways[] = { AUDIT_STALL, AUDIT_UNREACHABLE, AUDIT_GARBAGE };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (unsigned at = 7; at < 40; at += 3) {
            m.fails_from = at;
            m.fails_to = 100000;
            m.failing = ways[i];
            see();
            assert_in_range(m.connections, at, at + 90);
            assert_true(seen->v[HF_V_TLS12].suites.n == 5 || !seen->v[HF_V_TLS12].suites_whole);
            assert_true(seen->v[HF_V_TLS13].groups.n == 3 || !seen->v[HF_V_TLS13].groups_whole);
        }
}

static void expect_within(const hf_codes *codes, uint16_t version,
                          void (*all_of)(uint16_t version, hf_codes *codes))
{
    hf_codes all;

    all_of(version, &all);
    for (size_t i = 0; i < codes->n; i++)
        assert_true(hf_codes_have(&all, codes->at[i]));
}

/* Rule: whatever is answered, every inquiry ends, and nothing is listed that was not asked for. */
static void chaos_neither_hangs_nor_misleads(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 60; seed++) {
        m.chaos = seed;
        see();
        for (unsigned i = HF_V_SSL3; i < HF_V_COUNT; i++) {
            uint16_t version = hf_seen_version_code((hf_seen_version_id)i);
            expect_within(&seen->v[i].suites, version, hf_all_suites);
            expect_within(&seen->v[i].groups, version, hf_all_groups);
            expect_within(&seen->v[i].schemes, version, hf_all_schemes);
        }
    }
}

/* ---- a stray alert ---- */

extern const hf_inquiry_row hf_inquiry_version_tls13, hf_inquiry_suites_tls13,
    hf_inquiry_groups_tls13, hf_inquiry_own_answers;

static void expect_list(const hf_codes *due, const hf_codes *is, bool whole, const char *what,
                        unsigned at)
{
    for (size_t i = 0; i < is->n; i++)
        if (!hf_codes_have(due, is->at[i]))
            fail_msg("%s: 0x%04x is not spoken, alert at %u", what, is->at[i], at);
    if (whole && is->n < due->n)
        fail_msg("%s: %zu of %zu, and whole, alert at %u", what, is->n, due->n, at);
}

/* Rule: one alert that has nothing to do with the question, as of a machine that has too much to do, takes nothing out of a list
   that is told as whole, and puts nothing into it. */
static void a_stray_alert_loses_nothing(void **state)
{
    static const uint16_t suites[] = { 0x1302, 0x1301, 0xc030, 0xc02f, 0xc014, 0x009d, 0x002f, 0 };

    (void)state;
    for (int late = 0; late < 2; late++) {
        m.schemes_late = late;
        memcpy(m.suites, suites, sizeof suites);
        m.fails_from = m.fails_to = 0;
        see();
        hf_seen *whole = seen;
        seen = hf_seen_new();
        unsigned n = m.connections;
        for (unsigned at = 1; at <= n; at++) {
            m.fails_from = m.fails_to = at;
            m.failing = AUDIT_ALERT;
            see();
            for (unsigned id = HF_V_SSL3; id < HF_V_COUNT; id++) {
                const hf_seen_version *due = &whole->v[id], *is = &seen->v[id];
                assert_int_equal(is->spoken, due->spoken);
                expect_list(&due->suites, &is->suites, is->suites_whole, "suites", at);
                expect_list(&due->groups, &is->groups, is->groups_whole, "groups", at);
                expect_list(&due->schemes, &is->schemes, is->schemes_whole, "schemes", at);
            }
            for (unsigned t = HF_TRAIT_intolerant_version; t <= HF_TRAIT_intolerant_fragments; t++)
                assert_int_not_equal(seen->traits[t].state, HF_PRESENT);
            assert_int_not_equal(seen->traits[HF_TRAIT_alpn_strict].state, HF_PRESENT);
            assert_int_not_equal(seen->traits[HF_TRAIT_sni_strict].state, HF_PRESENT);
        }
        hf_seen_free(whole);
    }
}

/* Rule: what a version answered with is spoken, whatever comes of its list; and a version without a suite is no whole list. */
static void the_first_answer_counts(void **state)
{
    (void)state;
    m.versions[1] = 0;
    m.connections = 0;
    audit_model_run(&m, &hf_inquiry_version_tls13, seen);
    m.fails_from = m.connections + 1;
    m.fails_to = UINT16_MAX;
    m.failing = AUDIT_ALERT;
    audit_model_run(&m, &hf_inquiry_suites_tls13, seen);
    audit_model_run(&m, &hf_inquiry_groups_tls13, seen);
    audit_model_run(&m, &hf_inquiry_own_answers, seen);
    const hf_seen_version *v = &seen->v[HF_V_TLS13];
    assert_int_equal(v->suites.n, 1);
    assert_int_equal(v->suites.at[0], 0x1302);
    assert_int_equal(v->suite_evidence[0], v->evidence);
    assert_int_equal(v->groups.n, 1);
    assert_int_equal(v->groups.at[0], 0x001d);
    assert_false(v->suites_whole || v->groups_whole);
    assert_string_equal(v->why, "the suite of its first answer was refused later");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_stray_alert_loses_nothing),
        TEST(the_first_answer_counts),
        TEST(the_servers_order_is_found),
        TEST(few_connections_are_enough),
        TEST(a_server_without_order_follows_the_client),
        TEST(one_suite_has_no_order),
        TEST(chacha_for_mobile_is_seen),
        TEST(aes_in_front_is_seen),
        TEST(aes_and_chacha_alone_have_an_order),
        TEST(two_kinds_of_certificates_are_told_apart),
        TEST(old_versions_have_lists_of_their_own),
        TEST(long_lists_are_divided),
        TEST(silence_leaves_the_list_open),
        TEST(closing_is_refusing),
        TEST(an_impossible_choice_is_not_listed),
        TEST(a_fickle_server_misleads_nobody),
        TEST(one_failure_changes_nothing),
        TEST(a_dying_server_ends_it),
        TEST(chaos_neither_hangs_nor_misleads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
