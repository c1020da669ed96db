/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a resumption of TLS 1.2 leaves in memory, and what it does without. As in test_flow_memory.c
 * each block is searched for the master secret, and each can be refused; libcrypto's memory and the stack
 * are not searched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flows/memory_watch.h"
#include "support/visit.h"

static kept a, b;

/* ---- what is left ---- */

static bool draw(void *user, uint8_t *out, size_t len)
{
    (void)user;
    fill(out, len);
    return true;
}

/* The connections, the client's session and the cache need it as long as they live. */
static void on_secret(void *user, const char *line)
{
    const char *hex = strrchr(line, ' ') + 1;
    uint8_t bytes[SECRET];

    (void)user;
    for (size_t i = 0; i < SECRET; i++) {
        unsigned v = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
        bytes[i] = (uint8_t)v;
    }
    if (n_secrets == 0 || memcmp(secrets[n_secrets - 1].bytes, bytes, SECRET) != 0)
        remember("the master secret", bytes, true);
}

static pair_options repeatable_visit(hf_sessions *sessions)
{
    pair_options o = usual_visit(sessions);

    o.hooks[HF_CLIENT].random = o.hooks[HF_SERVER].random = draw;
    return o;
}

static void resume_and_abort(const pair_options *options)
{
    pair_options o = *options;
    pair p;

    o.session = hf_span_of(a.bytes, a.len);
    pair_start(&p, &o);
    pair_run(&p);
    assert_true(hf_conn_info_of(p.end[HF_SERVER].conn)->resumed);
    hf_conn_abort(p.end[HF_SERVER].conn, HF_ALERT_internal_error);
    pair_run(&p);
    pair_free(&p);
}

/* Full, resumed, renewed and failed: no block that is given back holds the master secret, and none that is left. */
static void test_no_block_keeps_the_secret(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        hf_sessions *sessions = by_way(way);
        pair_options o = repeatable_visit(sessions);
        forget_all();
        o.hooks[HF_CLIENT].keylog = on_secret;
        first_visit(&o, &a);
        assert_resumed(visit(&o, &a, &b));
        if (way == 0)
            assert_int_equal(hf_sessions_rotate(sessions), HF_OK);
        assert_resumed(visit(&o, &b, NULL));
        o.server_name = "example.test";
        visit(&o, &a, NULL); /* is not offered, and thrown away */
        o.server_name = NULL;
        resume_and_abort(&o);
        hf_sessions_free(sessions);
        assert_true(n_secrets >= 2);
        for (size_t i = 0; i < n_secrets; i++)
            secrets[i].kept = false;
        search_all();
        assert_int_equal(found, 0);
        forget_all();
    }
}

static void check_peers(const pair *p)
{
    for (int role = 0; role < 2; role++) {
        const hf_peer *peer = hf_conn_peer(p->end[role].conn);
        if (!p->end[role].connected)
            assert_null(peer);
        else
            assert_string_equal(peer->subject, role == HF_CLIENT ? "CN=localhost" : "CN=client");
    }
}

/* Nobody is remembered as nobody, at either end. */
static void check_what_is_left(const pair_options *options, const kept *left)
{
    hf_session s;

    if (left->len == 0)
        return;
    assert_int_equal(hf_session_read(hf_span_of(left->bytes, left->len), &s), HF_OK);
    assert_true(s.peer_fingerprint.len > 0);
    seen next = visit(options, left, NULL);
    assert_true(next.connected);
    assert_string_equal(next.peer[HF_SERVER], "CN=client");
}

static void take_session(const pair *p, kept *left)
{
    hf_span bytes = hf_conn_session(p->end[HF_CLIENT].conn);

    left->len = bytes.len;
    if (bytes.len > 0)
        memcpy(left->bytes, bytes.data, bytes.len);
}

static kept left;

/* True if that allocation was asked for; what the client kept is in left. */
static bool without_memory(const pair_options *options, size_t n, const kept *session)
{
    hf_conn_options co[2] = { { .server_name = "localhost",
                                .endpoint = options->endpoint,
                                .want_session = true,
                                .session = hf_span_of(session->bytes, session->len) } };
    pair p;

    pair_start(&p, options);
    for (int role = 0; role < 2; role++)
        hf_conn_free(p.end[role].conn);
    calls = 0;
    fail_at = n;
    for (int role = 0; role < 2; role++)
        p.end[role].conn = hf_conn_new(p.config[role], p.worker, &co[role]);
    bool made = p.end[0].conn && p.end[1].conn;
    if (made)
        pair_run(&p);
    bool asked = calls > fail_at;
    fail_at = SIZE_MAX;
    left.len = 0;
    if (made) {
        check_peers(&p);
        take_session(&p, &left);
    }
    pair_free(&p);
    return asked;
}

/* Each allocation fails once, in full and resumed handshakes: no crash, no leak, nobody connected without the right identity. */
static void test_each_allocation_may_fail(void **state)
{
    size_t cases = 0;

    (void)state;
    for (int way = 0; way < 2; way++)
        for (int full = 0; full < 2; full++) {
            hf_sessions *sessions = memory_of(way == 0, way == 0 ? 0 : 512);
            pair_options o = repeatable_visit(sessions);
            first_visit(&o, &a);
            assert_resumed(visit(&o, &a, NULL));
            for (size_t n = 0;; n++, cases++) {
                if (!full) /* a failure may have cost the session */
                    first_visit(&o, &a);
                b = a;
                b.len = full ? 0 : a.len;
                size_t before = live;
                if (!without_memory(&o, n, &b))
                    break;
                assert_true(live <= before + (size_t)way); /* an entry of the cache */
                check_what_is_left(&o, &left);
            }
            hf_sessions_free(sessions);
        }
    printf("%zu allocations failed, one at a time\n", cases);
    assert_true(cases > (blocks_are_kept() ? 30u : 100u));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_block_keeps_the_secret),
        cmocka_unit_test(test_each_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("flow_resume12_memory", tests, NULL, NULL);
}
