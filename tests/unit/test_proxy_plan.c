/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A plan as bytes: what is packed comes back; what was cut, turned or lengthened does not, or is still a plan by all its rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "tool/proxy/counters.h"
#include "tool/proxy/plan.h"

static const char yaml[] = "listen: [\":443\"]\n";
static char file[] = "/etc/handfast/proxy.yaml";
static const uint8_t ticket_keys[2 * HF_TICKET_KEY] = { 1, 2, 3 };
static const uint32_t slot = 7;
static hf_plan_address address;
static char big[50000];

/* Out of order, and with bytes that stand twice. */
static hf_plan sample(hf_plan_part parts[9])
{
    address.len = sizeof(struct sockaddr_storage) / 4;
    memset(big, 'c', sizeof big);
    const hf_plan_part all[9] = {
        { HF_PART_TICKET_KEYS, 0, 0, hf_span_of(ticket_keys, sizeof ticket_keys) },
        { HF_PART_CHAIN, 1, 0, hf_span_of(big, sizeof big) },
        { HF_PART_CHAIN, 0, 1, hf_span_str("second") },
        { HF_PART_CHAIN, 0, 0, hf_span_of(big, sizeof big) },
        { HF_PART_KEY, 0, 0, hf_span_str("key") },
        { HF_PART_UNAVAILABLE, 1, 0, hf_span_of("why", 4) },
        { HF_PART_ADDRESS, 0, 2, hf_span_of(&address, sizeof address) },
        { HF_PART_SLOT, 0, 0, hf_span_of(&slot, sizeof slot) },
        { HF_PART_SYSTEM_CA, 0, 1, hf_span_str("system") },
    };

    memcpy(parts, all, sizeof all);
    return (hf_plan){ .number = UINT64_C(0x123456789abc),
                      .file = file,
                      .yaml = hf_span_str(yaml),
                      .parts = parts,
                      .n_parts = 9 };
}

static void pack_sample(uint8_t **bytes, size_t *len)
{
    hf_plan_part parts[9];
    hf_plan plan = sample(parts);

    assert_true(hf_plan_pack(&plan, bytes, len));
}

static void assert_part(const hf_plan *plan, const hf_plan_part *part)
{
    assert_true(hf_span_equal(hf_plan_find(plan, part->kind, part->site, part->item), part->bytes));
}

static void test_there_and_back(void **state)
{
    hf_plan_part parts[9];
    hf_plan plan = sample(parts), back;
    uint8_t *bytes;
    size_t len;

    (void)state;
    assert_true(hf_plan_pack(&plan, &bytes, &len));
    assert_true(len < 2 * sizeof big); /* what stands twice is packed once */
    assert_true(hf_plan_unpack(hf_span_of(bytes, len), &back));
    hf_plan_bytes_free(bytes, len);
    assert_true(back.number == plan.number);
    assert_string_equal(back.file, file);
    assert_true(hf_span_equal(back.yaml, plan.yaml));
    assert_int_equal(back.n_parts, 9);
    for (size_t i = 0; i < 9; i++)
        assert_part(&back, &parts[i]);
    assert_int_equal(hf_plan_find(&back, HF_PART_CHAIN, 0, 2).len, 0);
    assert_int_equal(hf_plan_find(&back, HF_PART_STAPLE, 0, 0).len, 0);
    assert_string_equal(hf_plan_text(&back, HF_PART_UNAVAILABLE, 1, 0), "why");
    assert_null(hf_plan_text(&back, HF_PART_UNAVAILABLE, 0, 0));
    hf_plan_free(&back);
    assert_null(back.memory);
}

static void test_what_is_packed_can_be_packed_again(void **state)
{
    uint8_t *first, *second;
    size_t first_len, second_len;
    hf_plan plan;

    (void)state;
    pack_sample(&first, &first_len);
    assert_true(hf_plan_unpack(hf_span_of(first, first_len), &plan));
    assert_true(hf_plan_pack(&plan, &second, &second_len));
    assert_int_equal(first_len, second_len);
    hf_plan_bytes_free(first, first_len);
    hf_plan_bytes_free(second, second_len);
    hf_plan_free(&plan);
}

static void test_an_empty_plan(void **state)
{
    hf_plan plan = { .file = file }, back;
    uint8_t *bytes;
    size_t len;

    (void)state;
    assert_true(hf_plan_pack(&plan, &bytes, &len));
    assert_true(hf_plan_unpack(hf_span_of(bytes, len), &back));
    assert_int_equal(back.yaml.len, 0);
    assert_int_equal(hf_plan_find(&back, HF_PART_CHAIN, 0, 0).len, 0);
    hf_plan_free(&back);
    hf_plan_bytes_free(bytes, len);
}

/* ---- what is no plan ---- */

static bool unpacks(hf_span bytes)
{
    uint8_t *tight = malloc(bytes.len ? bytes.len : 1); /* a byte too far is seen */
    hf_plan plan;

    assert_non_null(tight);
    if (bytes.len > 0)
        memcpy(tight, bytes.data, bytes.len);
    bool good = hf_plan_unpack(hf_span_of(tight, bytes.len), &plan);
    free(tight);
    if (good) {
        for (size_t i = 0; i < plan.n_parts; i++)
            assert_true(
                hf_span_within(plan.parts[i].bytes, hf_span_of(plan.memory, plan.memory_len)));
        assert_int_equal(plan.file[strlen(plan.file)], '\0');
        hf_plan_free(&plan);
    } else {
        assert_null(plan.memory);
        assert_null(plan.parts);
    }
    return good;
}

static void test_cut(void **state)
{
    uint8_t *bytes;
    size_t len;

    (void)state;
    pack_sample(&bytes, &len);
    for (size_t n = 0; n < len; n += n < 400 ? 1 : 997)
        assert_false(unpacks(hf_span_of(bytes, n)));
    assert_true(unpacks(hf_span_of(bytes, len)));
    hf_plan_bytes_free(bytes, len);
}

/* The head and the table, each bit of them. */
static void test_turned(void **state)
{
    size_t len, table = 8 + 8 + 4 + 16 + 9 * 16;
    uint8_t *bytes;
    size_t refused = 0;

    (void)state;
    pack_sample(&bytes, &len);
    for (size_t bit = 0; bit < table * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        refused += !unpacks(hf_span_of(bytes, len));
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(refused >
                table * 3); /* most: places that point elsewhere within are still places */
    assert_true(unpacks(hf_span_of(bytes, len)));
    hf_plan_bytes_free(bytes, len);
}

static bool survives(hf_part_kind kind, const void *bytes, size_t len)
{
    hf_plan_part part = { kind, 0, 0, hf_span_of(bytes, len) };
    hf_plan plan = { .file = file, .parts = &part, .n_parts = 1 };
    uint8_t *packed;
    size_t packed_len;

    assert_true(hf_plan_pack(&plan, &packed, &packed_len));
    bool good = unpacks(hf_span_of(packed, packed_len));
    hf_plan_bytes_free(packed, packed_len);
    return good;
}

/* Each kind has its form, whoever packed it. */
static void test_forms(void **state)
{
    hf_plan_address wrong = { .len = sizeof wrong.at + 1 }, many[9];
    uint32_t last = HF_SITE_SLOTS_MAX - 1, beyond = HF_SITE_SLOTS_MAX;

    (void)state;
    address.len = sizeof(struct sockaddr_storage) / 4;
    for (size_t i = 0; i < 9; i++)
        many[i] = address;
    assert_true(survives(HF_PART_LABEL, "a.test", 7));
    assert_false(survives(HF_PART_LABEL, "a.test", 6));
    assert_false(survives(HF_PART_LABEL, "a\0b", 4));
    assert_false(survives(HF_PART_UNAVAILABLE, "", 0));
    assert_true(survives(HF_PART_ADDRESS, many, 8 * sizeof address));
    assert_false(survives(HF_PART_ADDRESS, many, 9 * sizeof address));
    assert_false(survives(HF_PART_ADDRESS, many, sizeof address - 1));
    assert_false(survives(HF_PART_ADDRESS, &wrong, sizeof wrong));
    assert_true(survives(HF_PART_SLOT, &last, sizeof last));
    assert_false(survives(HF_PART_SLOT, &beyond, sizeof beyond));
    assert_false(survives(HF_PART_SLOT, &last, 3));
    assert_true(survives(HF_PART_TICKET_KEYS, ticket_keys, HF_TICKET_KEY));
    assert_false(survives(HF_PART_TICKET_KEYS, ticket_keys, HF_TICKET_KEY + 1));
    assert_false(survives(HF_PART_TICKET_KEYS, big, 9 * (size_t)HF_TICKET_KEY));
    assert_false(survives(HF_PART_CHAIN, "", 0));
    assert_false(survives(HF_PART_KIND_COUNT, "x", 1));
}

static void test_a_part_stands_once(void **state)
{
    hf_plan_part parts[2] = { { HF_PART_CHAIN, 0, 0, hf_span_str("a") },
                              { HF_PART_CHAIN, 0, 0, hf_span_str("b") } };
    hf_plan plan = { .file = file, .parts = parts, .n_parts = 2 };
    uint8_t *bytes;
    size_t len;

    (void)state;
    assert_true(hf_plan_pack(&plan, &bytes, &len));
    assert_false(unpacks(hf_span_of(bytes, len)));
    hf_plan_bytes_free(bytes, len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_what_is_packed_can_be_packed_again),
        cmocka_unit_test(test_an_empty_plan),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_turned),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_a_part_stands_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
