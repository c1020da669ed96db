/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The arena: alignment, zeroes, many blocks, the limit, and use after wiping. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static void test_aligned_and_zeroed(void **state)
{
    hf_arena arena;

    (void)state;
    hf_arena_init(&arena, NULL, 1 << 20);
    for (size_t size = 1; size < 300; size++) {
        uint8_t *p = hf_arena_alloc(&arena, size);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xee, size); /* the next one must not see it */
    }
    hf_arena_wipe(&arena);
}

static void test_larger_than_a_block(void **state)
{
    hf_arena arena;

    (void)state;
    hf_arena_init(&arena, NULL, 1 << 20);
    uint8_t *small = hf_arena_alloc(&arena, 100);
    uint8_t *large = hf_arena_alloc(&arena, 100000);
    uint8_t *after = hf_arena_alloc(&arena, 100);
    assert_true(small && large && after);
    memset(small, 1, 100);
    memset(large, 2, 100000);
    memset(after, 3, 100);
    assert_int_equal(small[99], 1);
    assert_int_equal(large[99999], 2);
    hf_arena_wipe(&arena);
    assert_null(arena.blocks);
    assert_int_equal(arena.used, 0);
}

static void test_limit(void **state)
{
    hf_arena arena;

    (void)state;
    hf_arena_init(&arena, NULL, 1000);
    assert_null(hf_arena_alloc(&arena, 1001));
    assert_null(hf_arena_alloc(&arena, SIZE_MAX));
    size_t n = 0;
    while (hf_arena_alloc(&arena, 30))
        n++;
    assert_int_equal(n, 1000 / 32);
    assert_true(arena.used <= arena.limit);
    assert_null(
        hf_arena_copy(&arena, hf_span_str("0123456789012345678901234567890123456789")).data);
    hf_arena_wipe(&arena);
    assert_non_null(hf_arena_alloc(&arena, 30)); /* it may be used again */
    hf_arena_wipe(&arena);
}

static void test_copy(void **state)
{
    hf_arena arena;
    char text[] = "text";

    (void)state;
    hf_arena_init(&arena, NULL, 1000);
    hf_span copy = hf_arena_copy(&arena, hf_span_str(text));
    text[0] = 'n';
    assert_int_equal(copy.len, 4);
    assert_string_equal((const char *)copy.data, "text"); /* with a NUL behind */
    hf_span nothing = hf_arena_copy(&arena, hf_span_of(NULL, 0));
    assert_non_null(nothing.data); /* NULL would mean: no memory */
    assert_int_equal(nothing.len, 0);
    hf_arena_wipe(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aligned_and_zeroed),
        cmocka_unit_test(test_larger_than_a_block),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
