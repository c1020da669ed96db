/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What TLS 1.2 leaves in memory, in every shape of its handshake: no private key, premaster secret or
 * state of a ticket after CONNECTED, no master secret after the end; and what happens when an allocation
 * or a draw of random bytes fails, each in its turn. As in test_flow_memory.c, libcrypto's memory and the
 * stack are not searched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flows/without_memory.h"
#include "handshake/engine.h"
#include "support/flow12.h"

/* ---- secrets ---- */

enum { PREMASTER_RANDOM = 2 }; /* RFC 5246 7.4.7.1: after the version */

/* "CLIENT_RANDOM <random> <master secret>": both connections keep it for exporters and keys. */
static void on_secret(void *user, const char *line)
{
    uint8_t bytes[SECRET];

    (void)user;
    secret_of_line(line, bytes);
    remember("the master secret", bytes, true);
}

static bool replay(void *user, uint8_t *out, size_t len)
{
    memcpy(out, user, len);
    return true;
}

/* RFC 8422 5.10: the premaster secret is what both private keys agree on. */
static void remember_premaster(uint8_t *client, uint8_t *server)
{
    uint8_t share[HF_KEY_SHARE_MAX], answer[HF_KEY_SHARE_MAX], shared[HF_SHARED_SECRET_MAX];
    hf_random c = { replay, client }, s = { replay, server };
    hf_kex kex;

    assert_int_equal(hf_kex_generate(&kex, HF_GROUP_x25519, &s, share), HF_OK);
    assert_int_equal(hf_kex_encapsulate(HF_GROUP_x25519, &c, hf_span_of(share, 32), answer, shared),
                     HF_OK);
    remember("the premaster secret", shared, false);
}

/* What was drawn and not sent: private keys, or a premaster secret and its substitute. */
static void remember_draws(const flow12 *flow)
{
    uint8_t *hidden[2] = { NULL, NULL };

    for (int role = 0; role < 2; role++)
        hidden[role] = remember_hidden(role);
    if (flow12_resumes(flow))
        return;
    assert_true(hidden[HF_SERVER]);
    if (flow->psk == FLOW12_PLAIN_PSK)
        return; /* nothing is drawn by the client; by the server what stands for an unknown key */
    assert_true(hidden[HF_CLIENT]);
    if (!flow->rsa)
        remember_premaster(hidden[HF_CLIENT], hidden[HF_SERVER]);
}

/* ---- connections ---- */

static void start(pair *p, void *setup)
{
    flow12_setup *s = setup;

    forget_everything();
    public_start = PREMASTER_RANDOM;
    s->options.hooks[HF_CLIENT] = (hf_hooks){ .random = draw_client, .keylog = on_secret };
    s->options.hooks[HF_SERVER] = (hf_hooks){ .random = draw_server };
    flow12_start(p, s);
    p->tamper = keep_wire;
}

/* ---- what is right ---- */

/* A connection that fails loses its master secret too, wherever it happens, and its session with it (RFC 5246 7.2.2). */
static void search_failed(const void *setup, unsigned flights)
{
    const flow12_setup *s = setup;
    bool in_cache = s->flow->session == FLOW12_BY_ID && flights == 0; /* not asked for yet */

    for (size_t i = 0; i < n_secrets; i++)
        secrets[i].kept = in_cache;
    search_all();
}

static void judge_draw(pair *p, const void *setup, int role, unsigned n, bool missed)
{
    const flow12 *flow = ((const flow12_setup *)setup)->flow;

    if (missed && !p->end[role].failed && role == HF_SERVER && n > 0 &&
        flow12_wire(flow) & HF_F_TICKET_PROMISED) {
        /* RFC 5077 3.3: a ticket without a nonce is sent empty */
        assert_true(p->end[0].connected && p->end[1].connected);
        if (!flow12_resumes(flow)) /* else the old one goes on */
            assert_int_equal(hf_conn_session(p->end[HF_CLIENT].conn).len, 0);
    } else if (missed && !p->end[role].failed) {
        fail_msg("%s: the %s went on without its %uth random bytes", flow->name,
                 role == HF_CLIENT ? "client" : "server", n);
    } else if (missed) {
        assert_int_equal(hf_conn_failure(p->end[role].conn)->code, HF_E_RANDOM);
        assert_false(p->end[0].connected || p->end[1].connected);
    } else {
        assert_true(p->end[0].connected && p->end[1].connected);
    }
}

typedef unsigned with_scene(const memory_scene *scene);

static unsigned each_flow(with_scene *f)
{
    const flow12 *flow;
    unsigned cases = 0;

    for (size_t i = 0; (flow = flow12_row(i)) != NULL; i++) {
        flow12_setup setup;
        flow12_prepare(&setup, flow);
        cases += f(&(memory_scene){ flow->name, &setup.options, &setup, start, search_failed,
                                    judge_draw, flow->session == FLOW12_BY_ID });
        flow12_release(&setup);
        if (found > 0)
            fail_msg("%s: secrets are left", flow->name);
    }
    return cases;
}

/* ---- the tests ---- */

static unsigned after_connected(const memory_scene *s)
{
    pair p;

    s->start(&p, s->setup);
    pair_connect(&p);
    remember_draws(((const flow12_setup *)s->setup)->flow);
    for (int role = 0; role < 2; role++)
        pair_send(&p, (hf_role)role, "x", 1);
    search_all();
    unsigned n = (unsigned)n_secrets;
    pair_free(&p); /* every block is searched as it is given back, the master secret included */
    return n;
}

static void test_no_secret_is_left_after_connected(void **state)
{
    (void)state;
    unsigned n = each_flow(after_connected);
    printf("%u secrets looked for\n", n);
    assert_true(n >= 30);
}

static void test_no_secret_is_left_after_failure(void **state)
{
    (void)state;
    printf("%u cases\n", each_flow(after_failure));
}

static void test_each_allocation_may_fail(void **state)
{
    (void)state;
    unsigned cases = each_flow(each_allocation);
    printf("%u cases\n", cases);
    assert_true(cases >= (blocks_are_kept() ? 100u : 300u));
}

static void test_each_draw_may_fail(void **state)
{
    (void)state;
    unsigned cases = each_flow(each_draw);
    printf("%u cases\n", cases);
    assert_true(cases >= 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_secret_is_left_after_connected),
        cmocka_unit_test(test_no_secret_is_left_after_failure),
        cmocka_unit_test(test_each_allocation_may_fail),
        cmocka_unit_test(test_each_draw_may_fail),
    };

    return cmocka_run_group_tests_name("flow_memory12", tests, NULL, NULL);
}
