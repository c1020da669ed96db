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

#include "flows/memory_watch.h"
#include "handshake/engine.h"
#include "support/flow12.h"

/* ---- what the ends drew ---- */

enum { DRAWS_MAX = 16, PREMASTER_RANDOM = 2 }; /* RFC 5246 7.4.7.1: after the version */

typedef struct drawer {
    uint8_t bytes[DRAWS_MAX][SECRET]; /* of draws that are long enough */
    size_t n;
    unsigned draws, fail; /* the draw that fails, UINT32_MAX: none */
} drawer;

static drawer drawers[2];

static bool draw(drawer *d, uint8_t *out, size_t len)
{
    if (d->draws++ == d->fail)
        return false;
    fill(out, len);
    if (len >= SECRET && d->n < DRAWS_MAX) {
        size_t from = len >= SECRET + PREMASTER_RANDOM ? PREMASTER_RANDOM : 0;
        memcpy(d->bytes[d->n++], out + from, SECRET);
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

/* "CLIENT_RANDOM <random> <master secret>": both connections keep it for exporters and keys. */
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
    remember("the master secret", bytes, true);
}

/* ---- the wire, on which a draw may be seen: then it is none of the secrets ---- */

static uint8_t wire[1 << 16];
static size_t n_wire;

static void keep_wire(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    (void)p, (void)from;
    if (n_wire + *len <= sizeof wire) {
        memcpy(wire + n_wire, bytes, *len);
        n_wire += *len;
    }
}

static bool was_sent(const uint8_t bytes[SECRET])
{
    for (size_t i = 0; i + SECRET <= n_wire; i++)
        if (memcmp(wire + i, bytes, SECRET) == 0)
            return true;
    return false;
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
        for (size_t i = 0; i < drawers[role].n; i++)
            if (!was_sent(drawers[role].bytes[i])) {
                hidden[role] = drawers[role].bytes[i];
                remember(role == HF_CLIENT ? "what the client drew" : "what the server drew",
                         hidden[role], false);
            }
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

static void start(pair *p, flow12_setup *s)
{
    forget_all();
    for (int role = 0; role < 2; role++)
        drawers[role] = (drawer){ .fail = UINT32_MAX };
    n_wire = 0;
    s->options.hooks[HF_CLIENT] = (hf_hooks){ .random = draw_client, .keylog = on_secret };
    s->options.hooks[HF_SERVER] = (hf_hooks){ .random = draw_server };
    flow12_start(p, s);
    p->tamper = keep_wire;
}

typedef unsigned with_setup(flow12_setup *setup);

static unsigned each_flow(with_setup *f)
{
    const flow12 *flow;
    unsigned cases = 0;

    for (size_t i = 0; (flow = flow12_row(i)) != NULL; i++) {
        flow12_setup setup;
        flow12_prepare(&setup, flow);
        cases += f(&setup);
        flow12_release(&setup);
        if (found > 0)
            fail_msg("%s: secrets are left", flow->name);
    }
    return cases;
}

/* ---- secrets ---- */

static unsigned after_connected(flow12_setup *s)
{
    pair p;

    start(&p, s);
    pair_connect(&p);
    remember_draws(s->flow);
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

/* A connection that fails loses its master secret too, wherever it happens, and its session with it (RFC 5246 7.2.2). */
static unsigned after_failure(flow12_setup *s)
{
    unsigned cases = 0;

    for (unsigned flights = 0; flights < 6; flights++)
        for (int first = 0; first < 2; first++, cases++) {
            pair p;
            start(&p, s);
            pair_events(&p, HF_CLIENT);
            for (unsigned i = 0; i < flights; i++)
                pair_carry(&p, (hf_role)(i % 2));
            for (int role = 0; role < 2; role++)
                hf_conn_abort(p.end[role == 0 ? first : !first].conn, HF_ALERT_internal_error);
            bool in_cache =
                s->flow->session == FLOW12_BY_ID && flights == 0; /* not asked for yet */
            for (size_t i = 0; i < n_secrets; i++)
                secrets[i].kept = in_cache;
            search_all();
            pair_free(&p);
            if (found > 0)
                fail_msg("%s: it failed after %u flights", s->flow->name, flights);
        }
    return cases;
}

static void test_no_secret_is_left_after_failure(void **state)
{
    (void)state;
    printf("%u cases\n", each_flow(after_failure));
}

/* ---- what may be missing ---- */

static void renew(pair *p, int role, const flow12_setup *s)
{
    hf_conn_options o = { .server_name = "localhost",
                          .session = s->options.session,
                          .want_session = s->options.want_session };

    p->end[role].conn = hf_conn_new(p->config[role], p->worker, role == HF_CLIENT ? &o : NULL);
}

/* Either somebody failed, and says that it was our fault, or it could be done without (an old session is then not found). */
static void judge(const pair *p)
{
    bool failed = false;

    for (int role = 0; role < 2; role++) {
        const hf_failure *f = hf_conn_failure(p->end[role].conn);
        failed |= f != NULL;
        if (f && f->code != HF_E_ALERT_RECEIVED)
            assert_int_equal(f->blame, HF_BLAME_US);
    }
    if (!failed)
        assert_true(p->end[0].connected && p->end[1].connected);
}

static bool without_memory(flow12_setup *s, size_t n)
{
    pair p;

    start(&p, s);
    for (int role = 0; role < 2; role++)
        hf_conn_free(p.end[role].conn);
    hf_blocks_drop(&p.worker->blocks); /* what a worker keeps is no leak */
    size_t before = live;
    calls = 0;
    fail_at = n;
    for (int role = 0; role < 2; role++)
        renew(&p, role, s);
    bool made = p.end[0].conn && p.end[1].conn;
    if (made)
        pair_run(&p);
    bool missed = calls > fail_at;
    fail_at = SIZE_MAX;
    if (made)
        judge(&p);
    for (int role = 0; role < 2; role++) {
        hf_conn_free(p.end[role].conn);
        p.end[role].conn = NULL;
    }
    hf_blocks_drop(&p.worker->blocks);
    if (s->flow->session != FLOW12_BY_ID) /* else the cache may have a new entry */
        assert_int_equal(live, before);
    pair_free(&p);
    return missed;
}

static unsigned each_allocation(flow12_setup *s)
{
    unsigned n = 0;

    while (without_memory(s, n))
        n++;
    printf("%s: %u allocations of two connections failed, one at a time\n", s->flow->name, n);
    assert_true(n >= (blocks_are_kept() ? 5u : 15u));
    return n;
}

static void test_each_allocation_may_fail(void **state)
{
    (void)state;
    unsigned cases = each_flow(each_allocation);
    printf("%u cases\n", cases);
    assert_true(cases >= (blocks_are_kept() ? 100u : 300u));
}

static bool without_random(flow12_setup *s, int role, unsigned n)
{
    pair p;

    start(&p, s);
    drawers[role].draws = 0;
    drawers[role].fail = n;
    pair_run(&p);
    bool missed = drawers[role].draws > n;
    if (missed && !p.end[role].failed && role == HF_SERVER && n > 0 &&
        flow12_wire(s->flow) & HF_F_TICKET_PROMISED) {
        /* RFC 5077 3.3: a ticket without a nonce is sent empty */
        assert_true(p.end[0].connected && p.end[1].connected);
        if (!flow12_resumes(s->flow)) /* else the old one goes on */
            assert_int_equal(hf_conn_session(p.end[HF_CLIENT].conn).len, 0);
    } else if (missed && !p.end[role].failed) {
        fail_msg("%s: the %s went on without its %uth random bytes", s->flow->name,
                 role == HF_CLIENT ? "client" : "server", n);
    } else if (missed) {
        assert_int_equal(hf_conn_failure(p.end[role].conn)->code, HF_E_RANDOM);
        assert_false(p.end[0].connected || p.end[1].connected);
    } else {
        assert_true(p.end[0].connected && p.end[1].connected);
    }
    pair_free(&p);
    return missed;
}

static unsigned each_draw(flow12_setup *s)
{
    unsigned cases = 0;

    for (int role = 0; role < 2; role++)
        for (unsigned n = 0; without_random(s, role, n); n++)
            cases++;
    return cases;
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
