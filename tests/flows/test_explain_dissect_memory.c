/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The dissector without memory: each of its allocations fails in its turn, and it says so, or tells of what found no room; and
 * none of the key log's secrets stays in memory that was given back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "flows/memory_watch.h"
#include "support/dissect_scene.h"
#include "support/flow12.h"

/* The same records in every run. */
static bool draw(void *user, uint8_t *out, size_t len)
{
    (void)user;
    fill(out, len);
    return true;
}

static void record_connection(scene *s, hf_policy *policy)
{
    pair_options o = { .policy = { policy, policy },
                       .hooks = { { .random = draw }, { .random = draw } } };
    pair p;

    scene_start(s);
    scene_listen(s, &o);
    pair_start(&p, &o);
    for (int role = 0; role < 2; role++)
        hf_conn_set_max_record(p.end[role].conn, 512);
    scene_watch(s, &p);
    pair_connect(&p);
    pair_send(&p, HF_CLIENT, "question", 8);
    pair_free(&p);
}

/* False: there is no allocation n. */
static bool without_memory(const hf_tcp *tcp, const char *text, size_t n)
{
    hf_keylog keylog = { 0 };
    hf_tape *tape = NULL;
    size_t before = live;

    calls = 0;
    fail_at = n;
    hf_error e = hf_keylog_read(&keylog, hf_span_str(text));
    if (e == HF_OK)
        e = hf_dissect(tcp, &keylog, &tape);
    bool missed = calls > fail_at;
    fail_at = SIZE_MAX;
    if (e == HF_OK)
        assert_true(!missed || tape->lost > 0);
    else
        assert_int_equal(e, HF_E_NO_MEMORY);
    assert_int_equal(e == HF_OK, tape != NULL);
    for (size_t i = 0; i < keylog.n; i++)
        remember(keylog.secrets[i].label, keylog.secrets[i].secret, false);
    hf_tape_free(tape);
    hf_keylog_free(&keylog);
    search_all();
    assert_int_equal(live, before);
    assert_int_equal(found, 0);
    forget_all();
    return missed;
}

static void test_each_allocation(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        hf_policy policy = i ? flow12_policy(false) : policy_of_version("default", HF_TLS13);
        scene s;
        hf_tcp tcp;
        size_t n = 0;
        record_connection(&s, &policy);
        scene_tcp(&s, 0, &tcp);
        while (without_memory(&tcp, s.keylog, n))
            n++;
        printf("%zu allocations failed, one at a time\n", n);
        assert_true(n >= 8);
        scene_tcp_free(&tcp);
        scene_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_allocation) };

    return cmocka_run_group_tests_name("dissect, memory", tests, NULL, NULL);
}
