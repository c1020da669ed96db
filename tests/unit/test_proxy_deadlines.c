/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The proxy's time limits: they end in order and at their time, one that was set anew or cleared does not end at its old one, and
 * what is set while others end is not forgotten. The clock is the loop's own, moved by the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tool/proxy/deadlines.h"

enum { LIMITS = 8, MANY = 5000 };

typedef struct item {
    hf_deadline deadline; /* first */
    int name, again;      /* set anew so many times from within */
} item;

static struct {
    uv_loop_t loop;
    hf_deadlines deadlines;
    int ended[MANY + LIMITS];
    size_t n;
    item *drop; /* cleared by whoever ends */
} scene;

static void over(hf_deadline *deadline, hf_limit_kind kind)
{
    item *i = (item *)(void *)deadline;

    assert_null(deadline->after);
    assert_int_equal(deadline->kind, kind);
    assert_true(scene.n < sizeof scene.ended / sizeof *scene.ended);
    scene.ended[scene.n++] = i->name;
    if (scene.drop)
        hf_deadline_clear(&scene.drop->deadline);
    if (i->again-- > 0)
        hf_deadline_set(&scene.deadlines, deadline, kind, 0);
}

static int begin(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    assert_int_equal(uv_loop_init(&scene.loop), 0);
    hf_deadlines_start(&scene.deadlines, &scene.loop, over);
    return 0;
}

static int end(void **state)
{
    (void)state;
    hf_deadlines_stop(&scene.deadlines);
    uv_run(&scene.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&scene.loop), 0);
    return 0;
}

static void set(item *i, hf_limit_kind kind, uint64_t ms)
{
    hf_deadline_set(&scene.deadlines, &i->deadline, kind, ms);
}

/* Until nothing is set any more: the timer is what keeps the loop alive. */
static void run(void)
{
    uv_run(&scene.loop, UV_RUN_DEFAULT);
}

static void assert_ended(const char *names)
{
    assert_int_equal(scene.n, strlen(names));
    for (size_t i = 0; i < scene.n; i++)
        assert_int_equal(scene.ended[i], names[i]);
}

static void test_they_end_in_the_order_of_their_ends(void **state)
{
    item a = { .name = 'a' }, b = { .name = 'b' }, c = { .name = 'c' }, d = { .name = 'd' };

    (void)state;
    set(&a, HF_LIMIT_HANDSHAKE, 12);
    set(&b, HF_LIMIT_IDLE, 4);
    set(&c, HF_LIMIT_CONNECT, 20);
    set(&d, HF_LIMIT_POOL, 8);
    run();
    assert_ended("bdac");
}

static void test_a_shorter_one_of_a_kind_goes_before_longer_ones(void **state)
{
    item a = { .name = 'a' }, b = { .name = 'b' }, c = { .name = 'c' };

    (void)state;
    set(&a, HF_LIMIT_IDLE, 30);
    set(&b, HF_LIMIT_IDLE, 5);
    set(&c, HF_LIMIT_IDLE, 15);
    run();
    assert_ended("bca");
}

static void test_equal_ones_end_as_they_began(void **state)
{
    item many[LIMITS];
    char names[LIMITS + 1] = "";

    (void)state;
    for (int i = 0; i < LIMITS; i++) {
        many[i] = (item){ .name = 'a' + i };
        names[i] = (char)('a' + i);
        names[i + 1] = '\0';
        set(&many[i], HF_LIMIT_IDLE, 3);
    }
    run();
    assert_ended(names);
}

static void test_none_ends_early(void **state)
{
    item a = { .name = 'a' };

    (void)state;
    uint64_t began = uv_now(&scene.loop);
    set(&a, HF_LIMIT_HEADER, 25);
    run();
    assert_true(uv_now(&scene.loop) - began >= 25);
    assert_ended("a");
}

static void test_a_cleared_one_does_not_end(void **state)
{
    item a = { .name = 'a' }, b = { .name = 'b' };

    (void)state;
    set(&a, HF_LIMIT_IDLE, 3);
    set(&b, HF_LIMIT_IDLE, 6);
    hf_deadline_clear(&a.deadline);
    hf_deadline_clear(&a.deadline);
    run();
    assert_ended("b");
}

static void test_one_set_anew_ends_once_and_at_the_new_time(void **state)
{
    item a = { .name = 'a' }, b = { .name = 'b' };

    (void)state;
    set(&a, HF_LIMIT_IDLE, 2);
    set(&b, HF_LIMIT_IDLE, 8);
    set(&a, HF_LIMIT_IDLE, 15); /* it was the first, and is the last */
    set(&a, HF_LIMIT_HEADER, 16);
    run();
    assert_ended("ba");
}

static void test_what_is_set_while_others_end_counts(void **state)
{
    item a = { .name = 'a', .again = 3 };

    (void)state;
    set(&a, HF_LIMIT_IDLE, 1);
    run();
    assert_ended("aaaa");
}

static void test_one_may_clear_another_that_is_due(void **state)
{
    item a = { .name = 'a' }, b = { .name = 'b' };

    (void)state;
    set(&a, HF_LIMIT_IDLE, 1);
    set(&b, HF_LIMIT_IDLE, 1);
    scene.drop = &b;
    run();
    assert_ended("a");
}

static void test_a_kind_may_be_hurried(void **state)
{
    item a = { .name = 'a' }, b = { .name = 'b' }, c = { .name = 'c' };

    (void)state;
    set(&a, HF_LIMIT_LINGER, 100000);
    set(&b, HF_LIMIT_IDLE, 100000);
    set(&c, HF_LIMIT_LINGER, 200000);
    hf_deadlines_hurry(&scene.deadlines, HF_LIMIT_LINGER);
    assert_ended("ac");
    hf_deadline_clear(&b.deadline);
}

/* Before the loop waits: how many ended since it last did. */
static void look(uv_prepare_t *prepare)
{
    size_t *before = prepare->data;

    assert_true(scene.n - *before <= HF_DEADLINES_A_TURN);
    *before = scene.n;
}

/* What comes in meanwhile gets its turn; whoever is late waits some turns, whatever kind they are of. */
static void test_a_turn_ends_only_some(void **state)
{
    static item many[5 * HF_DEADLINES_A_TURN];
    enum { N = sizeof many / sizeof *many };
    uv_prepare_t prepare;
    size_t before = 0;

    (void)state;
    uv_prepare_init(&scene.loop, &prepare);
    prepare.data = &before;
    uv_prepare_start(&prepare, look);
    uv_unref((uv_handle_t *)&prepare);
    for (int i = 0; i < N; i++) {
        many[i] = (item){ .name = i };
        set(&many[i], i % 2 ? HF_LIMIT_HANDSHAKE : HF_LIMIT_IDLE, 2);
    }
    run();
    assert_int_equal(scene.n, N);
    uv_close((uv_handle_t *)&prepare, NULL);
    run();
}

static void test_thousands_cost_one_timer(void **state)
{
    item *many = calloc(MANY, sizeof *many);

    (void)state;
    assert_non_null(many);
    for (int i = 0; i < MANY; i++) {
        many[i].name = i;
        set(&many[i], HF_LIMIT_HANDSHAKE, 2);
    }
    run();
    assert_int_equal(scene.n, MANY);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(scene.ended[i], i);
    free(many);
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(test_they_end_in_the_order_of_their_ends),
        RULE(test_a_shorter_one_of_a_kind_goes_before_longer_ones),
        RULE(test_equal_ones_end_as_they_began),
        RULE(test_none_ends_early),
        RULE(test_a_cleared_one_does_not_end),
        RULE(test_one_set_anew_ends_once_and_at_the_new_time),
        RULE(test_what_is_set_while_others_end_counts),
        RULE(test_one_may_clear_another_that_is_due),
        RULE(test_a_kind_may_be_hurried),
        RULE(test_a_turn_ends_only_some),
        RULE(test_thousands_cost_one_timer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
