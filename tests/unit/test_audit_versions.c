/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which versions a server speaks: seen as described, whatever way it refuses the others, and never guessed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/audit_model_support.h"

#define HF_INQUIRY(name) extern const hf_inquiry_row hf_inquiry_##name;
#include "audit/inquiries.def"
#undef HF_INQUIRY

static const hf_inquiry_row *const rows[HF_V_COUNT] = {
    &hf_inquiry_version_ssl2,  &hf_inquiry_version_ssl3,  &hf_inquiry_version_tls10,
    &hf_inquiry_version_tls11, &hf_inquiry_version_tls12, &hf_inquiry_version_tls13,
};

static void ask_versions(void)
{
    for (size_t i = 0; i < HF_V_COUNT; i++)
        audit_model_run(&m, rows[i], seen);
}

/* One letter a version, SSL 2.0 first: P, A or U. */
static void expect(const char *states)
{
    for (size_t i = 0; i < HF_V_COUNT; i++)
        if ("UAP"[seen->v[i].spoken] != states[i])
            fail_msg("%s is %c, %s is due", hf_seen_version_name((hf_seen_version_id)i),
                     "UAP"[seen->v[i].spoken], states);
}

static void speak(const uint16_t *versions, size_t n)
{
    memset(m.versions, 0, sizeof m.versions);
    memcpy(m.versions, versions, n * sizeof *versions);
}
#define SPEAK(...)                                                                                 \
    speak((const uint16_t[]){ __VA_ARGS__ },                                                       \
          sizeof((const uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t))

static void with_old_suites(void)
{
    static const uint16_t old[] = { 0x1301, 0xc02f, 0xc013, 0x002f, 0x000a, 0x0005 };

    memset(m.suites, 0, sizeof m.suites);
    memcpy(m.suites, old, sizeof old);
}

/* Rule: a server of our days is asked six times, once a version. */
static void a_usual_server_costs_six_connections(void **state)
{
    (void)state;
    ask_versions();
    expect("AAAAPP");
    assert_int_equal(m.connections, 6);
    assert_true(seen->reached);
    assert_int_equal(seen->n_evidence, 6);
}

static void each_version_is_seen(void **state)
{
    (void)state;
    with_old_suites();
    SPEAK(HF_SSL3);
    ask_versions();
    expect("APAAAA");
    SPEAK(HF_TLS13, HF_TLS12, HF_TLS11, HF_TLS10, HF_SSL3, HF_SSL2);
    ask_versions();
    expect("PPPPPP");
    SPEAK(HF_TLS11, HF_TLS10);
    ask_versions();
    expect("AAPPAA");
}

static void evidence_tells_what_was_asked(void **state)
{
    (void)state;
    ask_versions();
    const hf_evidence *e = hf_seen_evidence_at(seen, seen->v[HF_V_TLS10].evidence);
    assert_non_null(e);
    assert_string_equal(e->words, "a hello of TLS 1.0 as clients have it: protocol_version (70)");
    assert_true(e->sent.len > 40 && e->received.len == 7);
}

/* Rule: SSL 2.0's SERVER-HELLO lists what it speaks. */
static void ssl2_lists_its_kinds(void **state)
{
    (void)state;
    SPEAK(HF_SSL2);
    m.suites2[0] = 0x0700;
    m.suites2[1] = 0x0100;
    ask_versions();
    expect("PAAAAA");
    assert_int_equal(seen->v[HF_V_SSL2].suites.n, 2);
    assert_true(seen->v[HF_V_SSL2].suites_whole);
}

/* Rule: refused in whatever orderly way, it is not spoken. */
static void refusals_are_refusals(void **state)
{
    static const audit_how ways[] = { AUDIT_ALERT, AUDIT_CLOSE, AUDIT_RESET, AUDIT_INTERNAL_ERROR };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        m.refusing_versions = ways[i];
        ask_versions();
        expect("AAAAPP");
    }
}

/* Rule: silence and garbage are no refusal: nobody can tell, and it says why. */
static void silence_is_unknown(void **state)
{
    static const audit_how ways[] = { AUDIT_STALL, AUDIT_GARBAGE, AUDIT_UNREACHABLE };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        m.refusing_versions = ways[i];
        ask_versions();
        expect("UUUUPP");
        assert_true(seen->v[HF_V_TLS10].why[0] != '\0');
    }
}

/* Rule: a server that does nothing costs few connections, and was not reached. */
static void a_dead_server_is_not_reached(void **state)
{
    static const audit_how ways[] = { AUDIT_STALL, AUDIT_UNREACHABLE };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        m.connections = 0;
        m.fails_from = 1;
        m.fails_to = 1000;
        m.failing = ways[i];
        ask_versions();
        expect("UUUUUU");
        assert_false(seen->reached);
        assert_in_range(m.connections, 6, 12);
    }
}

/* Rule: an old server that cannot read extensions, or long lists, is asked with what it can read. */
static void old_servers_get_small_hellos(void **state)
{
    static const audit_how ways[] = { AUDIT_ALERT, AUDIT_CLOSE, AUDIT_RESET, AUDIT_STALL };

    (void)state;
    with_old_suites();
    SPEAK(HF_TLS10, HF_SSL3);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        hf_seen_free(seen);
        seen = hf_seen_new();
        m.hates = AUDIT_HATES_ANY_EXTENSION;
        m.hating = ways[i];
        ask_versions();
        assert_int_equal(seen->v[HF_V_TLS10].spoken, HF_PRESENT);
        assert_int_equal(seen->v[HF_V_TLS10].form, HF_HELLO_SMALL);
        assert_int_equal(seen->v[HF_V_SSL3].spoken, HF_PRESENT);
    }
    m.hates = 0;
    m.suites_max = 30;
    m.hating = AUDIT_CLOSE;
    ask_versions();
    assert_int_equal(seen->v[HF_V_TLS10].spoken, HF_PRESENT);
}

/* Rule: a suite or group that no common client has is looked for before a version counts as refused. */
static void rare_suites_are_asked_for(void **state)
{
    (void)state;
    memset(m.suites, 0, sizeof m.suites);
    m.suites[0] = 0x00c6; /* TLS 1.3, SM4 */
    m.suites[1] = 0xc06e; /* ARIA */
    ask_versions();
    assert_int_equal(seen->v[HF_V_TLS13].spoken, HF_PRESENT);
    assert_int_equal(seen->v[HF_V_TLS13].form, HF_HELLO_ALL);
}

/* Rule: a ServerHello with a suite that was not offered misleads nobody. */
static void an_impossible_choice_is_no_answer(void **state)
{
    (void)state;
    m.insists = 0x1399;
    ask_versions();
    assert_int_equal(seen->v[HF_V_TLS12].spoken, HF_UNKNOWN);
    assert_string_equal(seen->v[HF_V_TLS12].why, "it chose suite 0x1399, which was not offered");
}

/* Rule: one bad moment of the network costs nothing but a connection more. */
static void one_failure_is_tried_again(void **state)
{
    static const audit_how ways[] = { AUDIT_CLOSE, AUDIT_RESET, AUDIT_STALL, AUDIT_UNREACHABLE };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (unsigned at = 2; at <= 6; at++) {
            hf_seen_free(seen);
            seen = hf_seen_new();
            m.connections = 0;
            m.fails_from = m.fails_to = at;
            m.failing = ways[i];
            ask_versions();
            expect("AAAAPP");
        }
}

/* Rule: an alert that does not name the version may be about the name that was asked for: where nothing is spoken, nobody can tell. */
static void a_refused_name_is_no_refused_version(void **state)
{
    static const uint8_t alerts[] = { HF_ALERT_handshake_failure, HF_ALERT_internal_error,
                                      HF_ALERT_access_denied, HF_ALERT_unrecognized_name };

    (void)state;
    for (size_t i = 0; i < sizeof alerts; i++) {
        m.shut = alerts[i];
        ask_versions();
        expect("AAAAUU"); /* those older ones were refused by protocol_version */
        assert_true(seen->v[HF_V_TLS12].why[0] != '\0');
        m.refusing_versions = AUDIT_CLOSE;
        ask_versions();
        expect("UUUUUU");
        m.refusing_versions = AUDIT_ALERT;
    }
}

/* Rule: a HelloRetryRequest speaks the version, and may come before the name is looked at (Go): it proves nothing of others. */
static void a_retry_alone_serves_nobody(void **state)
{
    static const uint16_t groups[] = { 0x0017, 0x001d, 0 };

    (void)state;
    memcpy(m.groups, groups, sizeof groups);
    ask_versions();
    expect("AAAAPP");
    assert_true(seen->v[HF_V_TLS13].served && seen->v[HF_V_TLS12].served);
    assert_int_equal(m.connections, 7);
    hf_seen_free(seen);
    seen = hf_seen_new();
    m.shut = HF_ALERT_internal_error;
    m.shut_after_retry = true;
    ask_versions();
    expect("AAAAUP");
    assert_false(seen->v[HF_V_TLS13].served);
}

/* Rule: whichever version is asked first, a refusal in other words is one of the version where another is served. */
static void the_order_of_questions_does_not_matter(void **state)
{
    (void)state;
    m.refusing_versions = AUDIT_INTERNAL_ERROR;
    for (size_t i = HF_V_COUNT; i-- > 0;)
        audit_model_run(&m, rows[i], seen);
    expect("AAAAPP");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_usual_server_costs_six_connections),
        TEST(each_version_is_seen),
        TEST(evidence_tells_what_was_asked),
        TEST(ssl2_lists_its_kinds),
        TEST(refusals_are_refusals),
        TEST(silence_is_unknown),
        TEST(a_dead_server_is_not_reached),
        TEST(old_servers_get_small_hellos),
        TEST(rare_suites_are_asked_for),
        TEST(an_impossible_choice_is_no_answer),
        TEST(one_failure_is_tried_again),
        TEST(a_refused_name_is_no_refused_version),
        TEST(a_retry_alone_serves_nobody),
        TEST(the_order_of_questions_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
