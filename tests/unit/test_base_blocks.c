/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A worker's store of blocks: what is kept is zero, bounded, and given back in the end. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static void test_a_kept_block_comes_back_as_zeros(void **state)
{
    hf_blocks blocks = { .most = 2 };

    (void)state;
    uint8_t *first = hf_block_take(&blocks, 5000);
    assert_non_null(first);
    assert_int_equal(hf_block_size(&blocks, 5000), 8192);
    memset(first, 0xee, 8192);
    hf_block_give(&blocks, first, 5000, 8192);
    uint8_t *second = hf_block_take(&blocks, 8000); /* the same size, rounded up */
    assert_ptr_equal(first, second);
    assert_true(is_zero(second, 8192));
    hf_block_give(&blocks, second, 8000, 0);
    hf_blocks_drop(&blocks);
}

static void test_only_so_many_are_kept(void **state)
{
    hf_blocks blocks = { .most = 2 };
    void *taken[5];

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_non_null(taken[i] = hf_block_take(&blocks, HF_BLOCK_SMALLEST));
    for (int i = 0; i < 5; i++)
        hf_block_give(&blocks, taken[i], HF_BLOCK_SMALLEST, HF_BLOCK_SMALLEST);
    assert_int_equal(blocks.n[0], 2);
    hf_blocks_drop(&blocks);
    assert_int_equal(blocks.n[0], 0);
    assert_null(blocks.kept[0]);
}

/* Small and very large ones are made to measure, and so is everything without a store. */
static void test_what_is_not_kept(void **state)
{
    static const size_t sizes[] = { 1, 512, 16385, 100000 };
    hf_blocks blocks = { .most = 4 };

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(hf_block_size(&blocks, sizes[i]), sizes[i]);
        uint8_t *block = hf_block_take(&blocks, sizes[i]);
        assert_true(block && is_zero(block, sizes[i]));
        hf_block_give(&blocks, block, sizes[i], sizes[i]);
    }
    for (int i = 0; i < HF_BLOCK_SIZES; i++)
        assert_int_equal(blocks.n[i], 0);
    assert_int_equal(hf_block_size(NULL, 5000), 5000);
    assert_int_equal(hf_block_size(&(hf_blocks){ .most = 0 }, 5000), 5000);
    void *alone = hf_block_take(NULL, 4096);
    assert_non_null(alone);
    hf_block_give(NULL, alone, 4096, 4096);
    hf_block_give(&blocks, NULL, 4096, 4096); /* as free(NULL) */
}

/* An arena on a store: its blocks go back wiped, and what was lent is used first. */
static void test_an_arena_gives_back(void **state)
{
    hf_blocks blocks = { .most = 4 };
    max_align_t lent[16] = { 0 };
    hf_arena arena;

    (void)state;
    hf_arena_init(&arena, &blocks, 1 << 20);
    hf_arena_lend(&arena, lent, sizeof lent);
    assert_ptr_equal(hf_arena_alloc(&arena, 16), (void *)lent);
    assert_null(arena.blocks);
    uint8_t *large = hf_arena_alloc(&arena, 4000);
    assert_non_null(large);
    memset(large, 0xee, 4000);
    hf_arena_wipe(&arena);
    assert_int_equal(blocks.n[3], 1);
    uint8_t *again = hf_block_take(&blocks, 8192);
    assert_true(is_zero(again, 8192));
    hf_block_give(&blocks, again, 8192, 0);
    hf_blocks_drop(&blocks);
}

/* What was not needed of the newest piece is cut again, and only of that. */
static void test_trim(void **state)
{
    hf_arena arena;

    (void)state;
    hf_arena_init(&arena, NULL, 10000);
    uint8_t *first = hf_arena_alloc(&arena, 6000);
    first[99] = 1;
    hf_arena_trim(&arena, first, 100);
    assert_true(arena.used >= 100 && arena.used < 100 + sizeof(max_align_t));
    uint8_t *second = hf_arena_alloc(&arena, 6000);
    assert_true(second >= first + 100 && second < first + 100 + sizeof(max_align_t));
    assert_true(is_zero(second, 6000));
    hf_arena_trim(&arena, first, 10); /* not the newest: nothing happens */
    uint8_t *third = hf_arena_alloc(&arena, 16);
    assert_true(third >= second + 6000);
    hf_arena_wipe(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_kept_block_comes_back_as_zeros),
        cmocka_unit_test(test_only_so_many_are_kept),
        cmocka_unit_test(test_what_is_not_kept),
        cmocka_unit_test(test_an_arena_gives_back),
        cmocka_unit_test(test_trim),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
