/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What is left in memory. Every block of the library is known here (memory_watch.h), is searched for
 * secrets when it is given back and when a connection is at rest, and can be refused. Secrets are what
 * an end drew and never sent, the shared secret, and what the key log shows. libcrypto's own memory and
 * the stack are not searched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flows/memory_watch.h"
#include "handshake/engine.h"
#include "support/hostile.h"

/* An X25519 key is the only thing of 32 bytes that is drawn before anything else (by a client), or first (by a server). */
typedef struct drawer {
    const char *name;
    unsigned draws;
    size_t fail; /* the draw that fails, SIZE_MAX: none */
} drawer;

static drawer drawers[2];

static bool draw(drawer *d, uint8_t *out, size_t len)
{
    if (d->draws == d->fail)
        return false;
    fill(out, len);
    if (d->draws++ == 0) {
        assert_int_equal(len, SECRET);
        remember(d->name, out, false);
    }
    return true;
}

static bool draw_client(void *user, uint8_t *out, size_t len)
{
    (void)user;
    return draw(&drawers[HF_CLIENT], out, len);
}

static bool draw_server(void *user, uint8_t *out, size_t len)
{
    (void)user;
    return draw(&drawers[HF_SERVER], out, len);
}

/* "LABEL client_random secret" in hex. Handshake secrets are done with at CONNECTED, the others at the end. */
static void on_secret(void *user, const char *line)
{
    uint8_t bytes[SECRET];
    char name[40] = "";
    const char *hex = strrchr(line, ' ') + 1;

    (void)user;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(line, " "), line);
    for (size_t i = 0; i < SECRET; i++) {
        unsigned v = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
        bytes[i] = (uint8_t)v;
    }
    remember(name, bytes, strstr(name, "HANDSHAKE") == NULL);
}

static bool replay(void *user, uint8_t *out, size_t len)
{
    memcpy(out, user, len);
    return true;
}

/* What both ends agreed on, from what they drew. */
static void remember_shared_secret(void)
{
    uint8_t share[HF_KEY_SHARE_MAX], answer[HF_KEY_SHARE_MAX], shared[HF_SHARED_SECRET_MAX];
    uint8_t drawn[2][SECRET] = { { 0 } };
    hf_kex kex;

    for (size_t i = 0; i < n_secrets; i++)
        for (int role = 0; role < 2; role++)
            if (strcmp(secrets[i].name, drawers[role].name) == 0)
                memcpy(drawn[role], secrets[i].bytes, SECRET);
    hf_random client = { replay, drawn[HF_CLIENT] }, server = { replay, drawn[HF_SERVER] };
    assert_int_equal(hf_kex_generate(&kex, 0x1d, &client, share), HF_OK);
    assert_int_equal(hf_kex_encapsulate(0x1d, &server, hf_span_of(share, 32), answer, shared),
                     HF_OK);
    remember("the shared secret", shared, false);
}

/* ---- connections ---- */

static void start(pair *p)
{
    pair_options o = { .policy = { hostile_policy(), hostile_policy() },
                       .hooks = { { .random = draw_client, .keylog = on_secret },
                                  { .random = draw_server } } };

    forget_all();
    drawers[HF_CLIENT] = (drawer){ "the client's private key", 0, SIZE_MAX };
    drawers[HF_SERVER] = (drawer){ "the server's private key", 0, SIZE_MAX };
    pair_start(p, &o);
}

/* After CONNECTED nothing of the handshake is left, and of the data that was read nothing. */
static void test_no_secret_is_left_after_connected(void **state)
{
    uint8_t data[SECRET];
    pair p;

    (void)state;
    start(&p);
    pair_connect(&p);
    remember_shared_secret();
    fill(data, sizeof data);
    remember("application data", data, false);
    for (int role = 0; role < 2; role++) {
        pair_send(&p, (hf_role)role, data, sizeof data);
        assert_int_equal(p.end[!role].n_data, sizeof data);
    }
    p.chunk = 7; /* in pieces: through the buffer for partial records */
    pair_send(&p, HF_CLIENT, data, sizeof data);
    assert_int_equal(n_secrets, 9);
    search_all();
    assert_int_equal(hf_conn_key_update(p.end[HF_CLIENT].conn, true), HF_OK);
    pair_send(&p, HF_SERVER, "x", 1);
    search_all();
    pair_free(&p);
    assert_int_equal(found, 0);
}

/* The old generation is gone once keys were updated. */
static void test_no_old_generation_is_left_after_key_update(void **state)
{
    pair p;

    (void)state;
    start(&p);
    pair_connect(&p);
    for (int role = 0; role < 2; role++)
        assert_int_equal(hf_conn_key_update(p.end[role].conn, false), HF_OK);
    pair_run(&p);
    for (size_t i = 0; i < n_secrets; i++)
        if (strstr(secrets[i].name, "_TRAFFIC_SECRET_0"))
            secrets[i].kept = false;
    search_all();
    assert_int_equal(found, 0);
    pair_free(&p);
}

/* RFC 9846 6: after a fatal alert the secrets and keys are forgotten, wherever it happened. */
static void fails_after(unsigned records, hf_role at)
{
    pair p;

    start(&p);
    pair_events(&p, HF_CLIENT);
    for (unsigned i = 0; i < records; i++)
        pair_carry(&p, (hf_role)(i % 2));
    for (int role = 0; role < 2; role++)
        hf_conn_abort(p.end[role == 0 ? at : !at].conn, HF_ALERT_internal_error);
    for (size_t i = 0; i < n_secrets; i++)
        secrets[i].kept = false;
    search_all();
    assert_true(n_secrets > 0);
    pair_free(&p);
    if (found > 0)
        print_error("… when it failed after %u flights\n", records);
    assert_int_equal(found, 0);
}

static void test_no_secret_is_left_after_failure(void **state)
{
    (void)state;
    for (unsigned records = 0; records < 4; records++)
        for (int at = 0; at < 2; at++)
            fails_after(records, (hf_role)at);
}

static void external(hf_config *config, hf_role role, void *user)
{
    (void)user, (void)role;
    assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_JOBS, true), HF_OK);
}

/* A connection that fails while its jobs are under way keeps none of their secrets. */
static void test_no_secret_is_left_in_jobs_after_failure(void **state)
{
    pair_options o = { .policy = { hostile_policy(), hostile_policy() },
                       .configure = external,
                       .hooks = { { .random = draw_client }, { .random = draw_server } } };
    pair p;

    (void)state;
    forget_all();
    drawers[HF_CLIENT] = (drawer){ "the client's private key", 0, SIZE_MAX };
    pair_start(&p, &o);
    hf_conn *client = p.end[HF_CLIENT].conn;
    pair_events(&p, HF_CLIENT);
    hf_job *job = hf_conn_job_next(client);
    assert_non_null(job);
    assert_int_equal(hf_job_run(job), HF_OK); /* it holds the private key now */
    assert_int_equal(n_secrets, 1);
    hf_conn_abort(client, HF_ALERT_internal_error);
    assert_int_equal(hf_conn_job_done(client, job, HF_OK), HF_OK);
    search_all();
    pair_free(&p);
    assert_int_equal(found, 0);
}

/* ---- how much ---- */

/* Gives one connection back and says what it held. */
static size_t weigh(pair *p, int role, size_t *count)
{
    size_t bytes = live_bytes, n = live;

    hf_conn_free(p->end[role].conn);
    p->end[role].conn = NULL;
    *count = n - live;
    return bytes - live_bytes;
}

static void test_idle_connection(void **state)
{
    size_t bytes[2], count[2], before, at_start;
    pair p;

    (void)state;
    start(&p);
    for (int role = 0; role < 2; role++)
        bytes[role] = weigh(&p, role, &count[role]);
    printf("new: client %zu bytes in %zu blocks, server %zu bytes in %zu blocks\n", bytes[0],
           count[0], bytes[1], count[1]);
    assert_true(bytes[HF_CLIENT] < 10240 && bytes[HF_SERVER] < 2048);
    pair_free(&p);
    start(&p);
    before = live_bytes, at_start = calls, peak_bytes = 0;
    pair_connect(&p);
    printf("handshake: at most %zu bytes more for both ends, %zu allocations\n",
           peak_bytes - before, calls - at_start);
    assert_true(peak_bytes - before < 64 * 1024 && calls - at_start < 32);
    pair_send(&p, HF_CLIENT, "x", 1);
    pair_send(&p, HF_SERVER, "x", 1);
    for (int role = 0; role < 2; role++)
        bytes[role] = weigh(&p, role, &count[role]);
    printf("idle: client %zu bytes in %zu blocks, server %zu bytes in %zu blocks\n", bytes[0],
           count[0], bytes[1], count[1]);
    assert_true(bytes[HF_CLIENT] < 2867 && bytes[HF_SERVER] < 2048); /* 2.8 and 2 KiB */
    assert_true(count[HF_CLIENT] <= 4 && count[HF_SERVER] <= 2);
    pair_free(&p);
    assert_int_equal(found, 0);
}

static void test_nothing_is_left_when_all_is_freed(void **state)
{
    size_t before;
    pair p;

    (void)state;
    start(&p);
    pair_connect(&p);
    pair_free(&p);
    before = live;
    start(&p);
    pair_connect(&p);
    pair_free(&p);
    assert_int_equal(live, before);
}

/* ---- what may be missing ---- */

/* Every allocation and every draw may fail: no crash, no leak, nobody connected but by a whole handshake. */
static bool without_memory(size_t n)
{
    pair p;

    start(&p);
    for (int role = 0; role < 2; role++)
        hf_conn_free(p.end[role].conn);
    hf_blocks_drop(&p.worker->blocks); /* what a worker keeps is no leak */
    size_t before = live;
    calls = 0;
    fail_at = n;
    for (int role = 0; role < 2; role++)
        p.end[role].conn =
            hf_conn_new(p.config[role], p.worker,
                        &(hf_conn_options){ .server_name = role ? NULL : "localhost" });
    bool made = p.end[0].conn && p.end[1].conn;
    if (made)
        pair_run(&p);
    bool failed = calls > fail_at;
    fail_at = SIZE_MAX;
    if (made && failed) {
        assert_false(p.end[HF_SERVER].connected);
        for (int role = 0; role < 2; role++)
            if (hf_conn_failure(p.end[role].conn) &&
                hf_conn_failure(p.end[role].conn)->code != HF_E_ALERT_RECEIVED)
                assert_int_equal(hf_conn_failure(p.end[role].conn)->blame, HF_BLAME_US);
        assert_true(hf_conn_failure(p.end[0].conn) || hf_conn_failure(p.end[1].conn));
    }
    for (int role = 0; role < 2; role++) {
        hf_conn_free(p.end[role].conn);
        p.end[role].conn = NULL;
    }
    hf_blocks_drop(&p.worker->blocks);
    assert_int_equal(live, before);
    pair_free(&p);
    return failed;
}

static void test_each_allocation_may_fail(void **state)
{
    size_t n = 0;

    (void)state;
    while (without_memory(n))
        n++;
    printf("%zu allocations of two connections failed, one at a time\n", n);
    assert_true(n >= (blocks_are_kept() ? 10u : 20u));
    assert_int_equal(found, 0);
}

static void test_each_draw_may_fail(void **state)
{
    unsigned cases = 0;

    (void)state;
    for (int role = 0; role < 2; role++) {
        bool failed = true;
        for (size_t n = 0; failed; n++, cases++) {
            pair p;
            start(&p);
            drawers[role].fail = n;
            pair_run(&p);
            failed = p.end[role].failed;
            if (failed) {
                assert_int_equal(hf_conn_failure(p.end[role].conn)->code, HF_E_RANDOM);
                assert_false(p.end[0].connected || p.end[1].connected);
            } else {
                assert_true(p.end[0].connected && p.end[1].connected);
            }
            pair_free(&p);
        }
    }
    printf("%u cases\n", cases);
    assert_true(cases >= 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_secret_is_left_after_connected),
        cmocka_unit_test(test_no_old_generation_is_left_after_key_update),
        cmocka_unit_test(test_no_secret_is_left_after_failure),
        cmocka_unit_test(test_no_secret_is_left_in_jobs_after_failure),
        cmocka_unit_test(test_idle_connection),
        cmocka_unit_test(test_nothing_is_left_when_all_is_freed),
        cmocka_unit_test(test_each_allocation_may_fail),
        cmocka_unit_test(test_each_draw_may_fail),
    };

    return cmocka_run_group_tests_name("flow_memory", tests, NULL, NULL);
}
