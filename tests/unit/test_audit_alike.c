/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Several machines behind one address: what contradicts itself is told, and a machine that is alone never is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/judge.h"
#include "unit/audit_model_support.h"

static audit_model other;

static const hf_trait *verdict(void)
{
    return &seen->traits[HF_TRAIT_answers_differ];
}

/* Whoever of both has the first connection. */
static void expect_differ(const char *what)
{
    for (unsigned first = 0; first < 2; first++) {
        audit_model one = first ? other : m, two = first ? m : other;
        hf_seen_free(seen);
        seen = hf_seen_new();
        one.twin = &two;
        audit_model_all(&one, seen);
        if (verdict()->state != HF_PRESENT)
            fail_msg("%s, first %u: %d: %s", what, first, verdict()->state, verdict()->words);
        assert_true(verdict()->words[0] != '\0');
        assert_non_null(hf_seen_evidence_at(seen, verdict()->evidence));
    }
}

static void versions_that_one_of_them_has(void **state)
{
    (void)state;
    other = m;
    other.versions[1] = 0;
    expect_differ("TLS 1.2");
    memcpy(other.versions, (const uint16_t[]){ HF_TLS13, HF_TLS12, HF_TLS11, HF_TLS10, 0 }, 10);
    expect_differ("TLS 1.0");
}

static void lists_that_differ(void **state)
{
    (void)state;
    other = m;
    memcpy(other.suites, (const uint16_t[]){ 0x1301, 0xc02f, 0 }, 6);
    expect_differ("suites");
    other = m;
    memcpy(other.groups, (const uint16_t[]){ 0x0017, 0 }, 4);
    expect_differ("groups");
    other = m;
    other.ems = false;
    expect_differ("extensions");
}

static void certificates_that_differ(void **state)
{
    (void)state;
    other = m;
    other.leaf = hf_span_str("another");
    expect_differ("certificate");
}

static void a_machine_alone_does_not(void **state)
{
    static const audit_how ways[] = { AUDIT_ALERT, AUDIT_CLOSE, AUDIT_RESET, AUDIT_STALL };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (unsigned order = 0; order < 2; order++) {
            m.server_order = order;
            m.refusing = m.refusing_versions = ways[i];
            see();
            assert_int_equal(verdict()->state, HF_ABSENT);
        }
    m.doubts = &(hf_doubts){ .version = 0 };
    see();
    assert_int_equal(verdict()->state, HF_ABSENT);
}

/* Rule: a connection that is lost is no difference. */
static void a_bad_moment_is_no_difference(void **state)
{
    (void)state;
    see();
    unsigned all = m.connections;
    for (unsigned at = 1; at <= all; at++) {
        m.fails_from = m.fails_to = at;
        m.failing = at % 2 ? AUDIT_RESET : AUDIT_STALL;
        see();
        assert_int_not_equal(verdict()->state, HF_PRESENT);
    }
}

/* Rule: two more connections for each version that was answered in words, and none once a difference is known. */
static void it_costs_little(void **state)
{
    const hf_inquiry_row *row = NULL;

    (void)state;
    for (size_t i = 0; i < hf_n_inquiries; i++)
        if (strcmp(hf_inquiries[i]->name, "alike") == 0)
            row = hf_inquiries[i];
    assert_non_null(row);
    see();
    m.connections = 0;
    audit_model_run(&m, row, seen);
    assert_int_equal(m.connections, 10);
    hf_seen_trait(seen, HF_TRAIT_answers_differ, HF_PRESENT, 1, "%s", "so it is");
    m.connections = 0;
    audit_model_run(&m, row, seen);
    assert_int_equal(m.connections, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(versions_that_one_of_them_has), TEST(lists_that_differ),
        TEST(certificates_that_differ),      TEST(a_machine_alone_does_not),
        TEST(a_bad_moment_is_no_difference), TEST(it_costs_little),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
