/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What hellos tell beside lists: each trait there, not there, and not to be told; an intolerance only if it was proved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/audit_model_support.h"

static void expect(hf_trait_id id, hf_tri state)
{
    const hf_trait *t = &seen->traits[id];

    if (t->state != state)
        fail_msg("%s is %d, %d is due: %s", hf_trait_rows[id].id, t->state, state, t->words);
    if (t->state == HF_PRESENT && !hf_seen_evidence_at(seen, t->evidence))
        fail_msg("%s has no evidence", hf_trait_rows[id].id);
}

/* ---- what a ServerHello tells ---- */

static const struct {
    hf_trait_id id;
    size_t flag; /* of the model */
} flags[] = {
    { HF_TRAIT_extended_main_secret, offsetof(audit_model, ems) },
    { HF_TRAIT_secure_renegotiation, offsetof(audit_model, renegotiation_info) },
    { HF_TRAIT_encrypt_then_mac, offsetof(audit_model, encrypt_then_mac) },
    { HF_TRAIT_heartbeat, offsetof(audit_model, heartbeat) },
    { HF_TRAIT_compression, offsetof(audit_model, deflate) },
    { HF_TRAIT_fallback_scsv, offsetof(audit_model, scsv) },
    { HF_TRAIT_downgrade_sentinel, offsetof(audit_model, sentinel) },
    { HF_TRAIT_key_reuse, offsetof(audit_model, reuse) },
    { HF_TRAIT_alpn_strict, offsetof(audit_model, alpn_strict) },
    { HF_TRAIT_sni_strict, offsetof(audit_model, sni_strict) },
};
enum { FLAGS = sizeof flags / sizeof flags[0] };

static void each_trait_is_seen_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < FLAGS; i++) {
        for (size_t j = 0; j < FLAGS; j++)
            memset((char *)&m + flags[j].flag, i == j, sizeof(bool));
        see();
        for (size_t j = 0; j < FLAGS; j++)
            expect(flags[j].id, i == j ? HF_PRESENT : HF_ABSENT);
    }
}

static void other_versions_have_them_too(void **state)
{
    (void)state;
    memcpy(m.versions, (const uint16_t[]){ HF_TLS13, HF_TLS11, 0 }, 6);
    see();
    expect(HF_TRAIT_downgrade_sentinel, HF_PRESENT);
    memcpy(m.versions, (const uint16_t[]){ HF_TLS12, HF_TLS11, HF_TLS10, 0 }, 8);
    see();
    expect(HF_TRAIT_downgrade_sentinel, HF_PRESENT);
    expect(HF_TRAIT_fallback_scsv, HF_PRESENT);
    m.sentinel = m.scsv = false;
    see();
    expect(HF_TRAIT_downgrade_sentinel, HF_ABSENT);
    expect(HF_TRAIT_fallback_scsv, HF_ABSENT);
}

/* Rule: of one version alone nobody can fall back; TLS 1.3 alone has no renegotiation, and so on: not told as missing. */
static void what_does_not_apply_is_unknown(void **state)
{
    static const hf_trait_id ids[] = { HF_TRAIT_fallback_scsv,        HF_TRAIT_downgrade_sentinel,
                                       HF_TRAIT_extended_main_secret, HF_TRAIT_secure_renegotiation,
                                       HF_TRAIT_encrypt_then_mac,     HF_TRAIT_heartbeat,
                                       HF_TRAIT_server_order,         HF_TRAIT_compression };

    (void)state;
    m.versions[1] = 0;
    see();
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        expect(ids[i], HF_UNKNOWN);
    assert_true(seen->traits[HF_TRAIT_fallback_scsv].words[0] != '\0');
    expect(HF_TRAIT_key_reuse, HF_ABSENT);
    expect(HF_TRAIT_sni_strict, HF_ABSENT);
    expect(HF_TRAIT_alpn_strict, HF_UNKNOWN); /* the engine is needed */
    m.reuse = true;
    see();
    expect(HF_TRAIT_key_reuse, HF_PRESENT);
}

/* Rule: an unusual extension that makes a hello fail costs the knowledge of itself alone. */
static void unusual_extensions_are_asked_for_alone(void **state)
{
    static const audit_how ways[] = { AUDIT_ALERT, AUDIT_CLOSE, AUDIT_STALL };

    (void)state;
    m.deflate = true;
    m.hates = AUDIT_HATES_HEARTBEAT;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        m.hating = ways[i];
        see();
        expect(HF_TRAIT_extended_main_secret, HF_PRESENT);
        expect(HF_TRAIT_compression, HF_PRESENT);
        expect(HF_TRAIT_heartbeat, ways[i] == AUDIT_ALERT ? HF_ABSENT : HF_UNKNOWN);
    }
}

/* Rule: what a server that takes no extensions does about them is not known. */
static void small_hellos_tell_nothing_of_extensions(void **state)
{
    static const hf_trait_id ids[] = { HF_TRAIT_extended_main_secret, HF_TRAIT_encrypt_then_mac,
                                       HF_TRAIT_heartbeat, HF_TRAIT_alpn_strict,
                                       HF_TRAIT_sni_strict };

    (void)state;
    memcpy(m.versions, (const uint16_t[]){ HF_TLS10, 0 }, 4);
    m.hates = AUDIT_HATES_ANY_EXTENSION;
    for (m.hating = AUDIT_ALERT; m.hating <= AUDIT_STALL; m.hating++) {
        see();
        for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
            expect(ids[i], HF_UNKNOWN);
        expect(HF_TRAIT_secure_renegotiation, HF_PRESENT); /* the SCSV asks for it */
        expect(HF_TRAIT_compression, HF_ABSENT);
        for (unsigned id = HF_TRAIT_intolerant_version; id <= HF_TRAIT_intolerant_fragments; id++)
            expect((hf_trait_id)id, HF_UNKNOWN);
    }
}

static void ssl3_has_no_extensions(void **state)
{
    (void)state;
    memcpy(m.versions, (const uint16_t[]){ HF_SSL3, 0 }, 4);
    memcpy(m.suites, (const uint16_t[]){ 0x002f, 0x000a, 0x0005, 0 }, 8);
    see();
    expect(HF_TRAIT_extended_main_secret, HF_ABSENT);
    expect(HF_TRAIT_heartbeat, HF_ABSENT);
    expect(HF_TRAIT_sni_strict, HF_UNKNOWN);
    expect(HF_TRAIT_intolerant_version, HF_UNKNOWN);
    expect(HF_TRAIT_server_order, HF_PRESENT);
}

/* Rule: a server whose every refusal is silence is not asked for ever. */
static void silence_is_bounded(void **state)
{
    (void)state;
    m.refusing = m.refusing_versions = AUDIT_STALL;
    see();
    assert_in_range(m.connections, 40, 90);
    assert_int_equal(seen->v[HF_V_TLS10].spoken, HF_UNKNOWN);
    expect(HF_TRAIT_extended_main_secret, HF_PRESENT);
}

/* ---- intolerance ---- */

static const struct {
    hf_trait_id id;
    unsigned hates;
} hated[] = {
    { HF_TRAIT_intolerant_version, AUDIT_HATES_VERSIONS },
    { HF_TRAIT_intolerant_version, AUDIT_HATES_FIELD },
    { HF_TRAIT_intolerant_extension, AUDIT_HATES_EXTENSIONS },
    { HF_TRAIT_intolerant_grease, AUDIT_HATES_GREASE },
    { HF_TRAIT_intolerant_long_hello, AUDIT_HATES_LONG },
    { HF_TRAIT_intolerant_fragments, AUDIT_HATES_FRAGMENTS },
};
enum { HATED = sizeof hated / sizeof hated[0] };

static void expect_intolerance(hf_trait_id due)
{
    static const hf_trait_id all[] = { HF_TRAIT_intolerant_version, HF_TRAIT_intolerant_extension,
                                       HF_TRAIT_intolerant_grease,  HF_TRAIT_intolerant_long_hello,
                                       HF_TRAIT_intolerant_padding, HF_TRAIT_intolerant_fragments };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        expect(all[i], all[i] == due ? HF_PRESENT : HF_ABSENT);
}

static void a_tolerant_server_costs_three_hellos(void **state)
{
    (void)state;
    see();
    expect_intolerance(HF_TRAIT_COUNT);
    hf_seen *again = hf_seen_new();
    again->v[HF_V_TLS12].spoken = again->v[HF_V_TLS13].spoken = HF_PRESENT;
    m.connections = 0;
    for (size_t i = 0; i < hf_n_inquiries; i++)
        if (strcmp(hf_inquiries[i]->name, "tolerance") == 0)
            audit_model_run(&m, hf_inquiries[i], again);
    assert_int_equal(m.connections, 3);
    hf_seen_free(again);
}

static void each_intolerance_is_told_apart(void **state)
{
    static const audit_how ways[] = { AUDIT_ALERT, AUDIT_CLOSE, AUDIT_RESET, AUDIT_STALL };

    (void)state;
    for (size_t i = 0; i < HATED; i++)
        for (size_t j = 0; j < sizeof ways / sizeof *ways; j++) {
            m.hates = hated[i].hates;
            m.hating = ways[j];
            see();
            expect_intolerance(hated[i].id);
        }
}

/* A server of the older sort: it hangs on hellos of 256 to 511 bytes, so that its base must be a shorter one. */
static void the_band_is_told(void **state)
{
    (void)state;
    memcpy(m.versions, (const uint16_t[]){ HF_TLS12, 0 }, 4);
    m.hates = AUDIT_HATES_BAND;
    m.hating = AUDIT_STALL;
    see();
    expect_intolerance(HF_TRAIT_intolerant_padding);
}

/* Rule: proved by the same hello without it: if that fails, nobody can tell. A bad moment is no intolerance. */
static void a_bad_moment_is_no_intolerance(void **state)
{
    (void)state;
    see();
    unsigned all = m.connections;
    for (unsigned at = 7; at <= all; at++) {
        m.fails_from = m.fails_to = at;
        m.failing = AUDIT_RESET;
        see();
        expect_intolerance(HF_TRAIT_COUNT);
    }
    m.fails_to = 100000;
    for (unsigned at = 7; at <= all; at += 5) {
        m.fails_from = at;
        see();
        for (unsigned id = HF_TRAIT_intolerant_version; id <= HF_TRAIT_intolerant_fragments; id++)
            assert_int_not_equal(seen->traits[id].state, HF_PRESENT);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_trait_is_seen_alone),
        TEST(other_versions_have_them_too),
        TEST(what_does_not_apply_is_unknown),
        TEST(unusual_extensions_are_asked_for_alone),
        TEST(small_hellos_tell_nothing_of_extensions),
        TEST(ssl3_has_no_extensions),
        TEST(silence_is_bounded),
        TEST(a_tolerant_server_costs_three_hellos),
        TEST(each_intolerance_is_told_apart),
        TEST(the_band_is_told),
        TEST(a_bad_moment_is_no_intolerance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
