/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Groups and signature schemes: found as described in each version, with the server's order where it has one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/audit_model_support.h"
#include "tests/support/testpki.h"

static void expect(const hf_codes *codes, const uint16_t *due, size_t n)
{
    assert_int_equal(codes->n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(codes->at[i], due[i]);
}
#define EXPECT(codes, ...)                                                                         \
    expect(codes, (const uint16_t[]){ __VA_ARGS__ },                                               \
           sizeof((const uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t))

static void set(uint16_t *list, size_t room, const uint16_t *codes, size_t n)
{
    memset(list, 0, room);
    memcpy(list, codes, n * sizeof *codes);
}
#define SET(list, ...)                                                                             \
    set(list, sizeof list, (const uint16_t[]){ __VA_ARGS__ },                                      \
        sizeof((const uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t))

/* ---- groups ---- */

static void groups_are_found_in_the_servers_order(void **state)
{
    (void)state;
    SET(m.groups, 0x0018, 0x11ec, 0x001d, 0x0017, 0x0100);
    see();
    EXPECT(&seen->v[HF_V_TLS13].groups, 0x0018, 0x11ec, 0x001d, 0x0017, 0x0100);
    EXPECT(&seen->v[HF_V_TLS12].groups, 0x0018, 0x001d, 0x0017);
    assert_true(seen->v[HF_V_TLS12].groups_whole && seen->v[HF_V_TLS13].groups_whole);
    assert_int_equal(seen->v[HF_V_TLS12].groups_order, HF_ORDER_SERVER);
    assert_int_equal(seen->v[HF_V_TLS13].groups_order, HF_ORDER_SERVER);
}

static void one_group_has_no_order(void **state)
{
    (void)state;
    SET(m.groups, 0x0017);
    see();
    EXPECT(&seen->v[HF_V_TLS13].groups, 0x0017);
    assert_int_equal(seen->v[HF_V_TLS13].groups_order, HF_ORDER_UNKNOWN);
    assert_true(seen->v[HF_V_TLS12].groups_whole);
}

/* Rule: without ECDHE there are no groups, and that is the whole list. */
static void no_ecdhe_no_groups(void **state)
{
    (void)state;
    SET(m.versions, HF_TLS12, HF_TLS10);
    SET(m.suites, 0x009e, 0x0033, 0x002f);
    see();
    assert_int_equal(seen->v[HF_V_TLS12].groups.n, 0);
    assert_true(seen->v[HF_V_TLS12].groups_whole && seen->v[HF_V_TLS10].groups_whole);
}

static void older_versions_are_asked_too(void **state)
{
    (void)state;
    SET(m.versions, HF_TLS12, HF_TLS11, HF_TLS10);
    see();
    for (unsigned id = HF_V_TLS10; id <= HF_V_TLS12; id++)
        EXPECT(&seen->v[id].groups, 0x001d, 0x0017, 0x0018);
}

/* Rule: where a server needs its ECDSA certificate's curve among the groups, the others are found beside it. */
static void the_curve_of_the_certificate_is_kept(void **state)
{
    test_pki *pki = test_pki_new(HF_KEY_P256);

    (void)state;
    SET(m.versions, HF_TLS12);
    SET(m.suites, 0xc02b);
    SET(m.schemes, 0x0403);
    SET(m.groups, 0x0017, 0x0018, 0x0019);
    m.curve = 0x0017;
    m.leaf = test_cert_der(pki->leaf);
    m.groups_server_order = false;
    see();
    assert_int_equal(seen->v[HF_V_TLS12].groups.n, 3);
    assert_true(seen->v[HF_V_TLS12].groups_whole);
    m.groups_server_order = true; /* then the others are never chosen */
    see();
    EXPECT(&seen->v[HF_V_TLS12].groups, 0x0017);
    test_pki_free(pki);
}

/* Rule: a server that reads only the head of a long list shows the rest when it is asked in pieces; and its order all the same. */
static void a_window_hides_nothing(void **state)
{
    (void)state;
    SET(m.groups, 0x0019, 0x0018, 0x0017, 0x0016, 0x0015, 0x0013, 0x001a, 0x001b, 0x001c, 0x0012,
        0x0001, 0x0005, 0x0026);
    m.groups_window = 12;
    see();
    assert_int_equal(seen->v[HF_V_TLS12].groups.n, 13);
    assert_true(seen->v[HF_V_TLS12].groups_whole);
    assert_int_equal(seen->v[HF_V_TLS12].groups_order, HF_ORDER_SERVER);
}

/* Rule: a server that takes its favourite where nothing fits has not taken what was offered; nor has one that asks for no group. */
static void a_fallback_is_a_refusal(void **state)
{
    (void)state;
    m.fallback_group = 0x0017;
    m.fallback_scheme = 0x0201;
    see();
    EXPECT(&seen->v[HF_V_TLS12].groups, 0x001d, 0x0017, 0x0018);
    EXPECT(&seen->v[HF_V_TLS13].groups, 0x001d, 0x0017, 0x0018);
    EXPECT(&seen->v[HF_V_TLS12].schemes, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0201);
    assert_true(seen->v[HF_V_TLS12].groups_whole && seen->v[HF_V_TLS13].groups_whole);
    assert_true(seen->v[HF_V_TLS12].schemes_whole);
}

static void silence_leaves_groups_open(void **state)
{
    (void)state;
    m.refusing = AUDIT_STALL;
    see();
    assert_int_equal(seen->v[HF_V_TLS13].groups.n, 3);
    assert_false(seen->v[HF_V_TLS13].groups_whole);
    assert_false(seen->v[HF_V_TLS12].groups_whole);
}

/* ---- schemes ---- */

static void schemes_of_tls12_are_found(void **state)
{
    (void)state;
    SET(m.versions, HF_TLS12);
    SET(m.suites, 0xc02f, 0xc02b, 0x009c);
    SET(m.schemes, 0x0401, 0x0203, 0x0804, 0x0201, 0x0403);
    see();
    EXPECT(&seen->v[HF_V_TLS12].schemes, 0x0401, 0x0804, 0x0201, 0x0203, 0x0403);
    assert_true(seen->v[HF_V_TLS12].schemes_whole);
}

static void without_signatures_there_are_no_schemes(void **state)
{
    (void)state;
    SET(m.versions, HF_TLS12);
    SET(m.suites, 0x009c, 0x002f);
    see();
    assert_int_equal(seen->v[HF_V_TLS12].schemes.n, 0);
    assert_true(seen->v[HF_V_TLS12].schemes_whole);
}

/* Rule: TLS 1.3's are found by halves, whichever of a set it is. */
static void schemes_of_tls13_are_found(void **state)
{
    static const uint16_t all[] = { 0x0804, 0x0805, 0x0806, 0x0403, 0x0503, 0x0603, 0x0807,
                                    0x0808, 0x0809, 0x080a, 0x080b, 0x081a, 0x081b, 0x081c,
                                    0x0708, 0x0904, 0x0905, 0x0906, 0x0911, 0x0915, 0x091c };

    (void)state;
    SET(m.suites, 0x1301, 0x002f); /* no signature in TLS 1.2 */
    for (uint32_t bits = 1; bits < 1u << 21; bits = bits * 3 + 1) {
        size_t n = 0;
        memset(m.schemes, 0, sizeof m.schemes);
        for (size_t i = 0; i < 21; i++)
            if (bits & 1u << i)
                m.schemes[n++] = all[i];
        see();
        assert_int_equal(seen->v[HF_V_TLS13].schemes.n, n);
        for (size_t i = 0; i < n; i++)
            assert_true(hf_codes_have(&seen->v[HF_V_TLS13].schemes, m.schemes[i]));
        assert_true(seen->v[HF_V_TLS13].schemes_whole);
        assert_int_equal(m.engine_asks, 0);
    }
}

/* Rule: a server that says ServerHello before it looks at schemes is asked by the engine, and the list is not whole. */
static void late_servers_are_asked_by_the_engine(void **state)
{
    const hf_scheme *scheme;
    unsigned due = 0;

    (void)state;
    m.schemes_late = true;
    see();
    for (size_t i = 0; (scheme = hf_scheme_row(i)) != NULL; i++)
        due += scheme->tls13;
    assert_int_equal(m.engine_asks, due);
    assert_int_equal(seen->v[HF_V_TLS13].schemes.n, 0);
    assert_false(seen->v[HF_V_TLS13].schemes_whole);
}

/* Rule: the share that goes with the question is of a group that is taken, so that no HelloRetryRequest hides the answer. */
static void schemes_are_asked_with_a_share_that_is_taken(void **state)
{
    (void)state;
    SET(m.versions, HF_TLS13);
    SET(m.groups, 0x0018);
    see();
    EXPECT(&seen->v[HF_V_TLS13].schemes, 0x0804, 0x0805, 0x0806);
}

static void silence_leaves_schemes_open(void **state)
{
    (void)state;
    m.refusing = AUDIT_STALL;
    see();
    assert_false(seen->v[HF_V_TLS12].schemes_whole);
    assert_false(seen->v[HF_V_TLS13].schemes_whole);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(groups_are_found_in_the_servers_order),
        TEST(one_group_has_no_order),
        TEST(no_ecdhe_no_groups),
        TEST(older_versions_are_asked_too),
        TEST(the_curve_of_the_certificate_is_kept),
        TEST(a_window_hides_nothing),
        TEST(a_fallback_is_a_refusal),
        TEST(silence_leaves_groups_open),
        TEST(schemes_of_tls12_are_found),
        TEST(without_signatures_there_are_no_schemes),
        TEST(schemes_of_tls13_are_found),
        TEST(late_servers_are_asked_by_the_engine),
        TEST(schemes_are_asked_with_a_share_that_is_taken),
        TEST(silence_leaves_schemes_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
