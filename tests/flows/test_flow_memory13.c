/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What TLS 1.3 leaves in memory where it rests on a pre-shared key, in every shape of it: no private key,
 * PSK, early or handshake secret after CONNECTED, nothing at all after a failure; and what happens when an
 * allocation or a draw of random bytes fails, each in its turn. As in test_flow_memory.c, libcrypto's
 * memory and the stack are not searched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flows/without_memory.h"
#include "handshake/engine.h"
#include "support/flow13.h"

/* ---- secrets ---- */

/* "LABEL client_random secret" in hex. Traffic secrets and the exporter's live as long as the connection; early and handshake
   secrets are done with at CONNECTED. */
static void on_secret(void *user, const char *line)
{
    uint8_t bytes[SECRET];
    char name[40] = "";

    (void)user;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(line, " "), line);
    secret_of_line(line, bytes);
    remember(name, bytes, !strstr(name, "HANDSHAKE") && !strstr(name, "EARLY"));
}

/* What was drawn and not sent: private keys. */
static void remember_draws(void)
{
    for (int role = 0; role < 2; role++)
        (void)remember_hidden(role);
}

/* Of a handshake that was cut short: what an end draws first is the private key of its share. */
static void remember_first_draws(void)
{
    for (int role = 0; role < 2; role++)
        if (drawers[role].n > 0)
            remember(role == HF_CLIENT ? "the client's private key" : "the server's private key",
                     drawers[role].bytes[0], false);
}

/* The PSK: a ticket's stands in the session, which the test keeps in memory of its own. */
static void remember_psk(const flow13_setup *s)
{
    hf_session session;

    if (s->options.session.len == 0)
        return;
    assert_int_equal(hf_session_read(hb_span(&s->session), &session), HF_OK);
    assert_int_equal(session.secret_len, SECRET);
    remember("the PSK", session.secret, false);
}

/* A key that was shared beforehand is at home in each end's set: nobody else has it. */
static void assert_keys_at_home(const flow13_setup *s)
{
    static const char key[] = FLOW13_KEY;
    unsigned holders = 0;

    for (const block *b = blocks; b; b = b->next) {
        as_if_written(b->bytes, b->size);
        for (size_t at = 0; at + SECRET <= b->size; at++)
            holders += memcmp(b->bytes + at, key, SECRET) == 0;
    }
    assert_int_equal(holders, s->flow->external ? 2 : 0);
}

/* ---- connections ---- */

static void start(pair *p, void *setup)
{
    flow13_setup *s = setup;

    forget_everything();
    s->options.hooks[HF_CLIENT] =
        (hf_hooks){ .random = draw_client, .keylog = on_secret, .clock_ms = flow13_clock };
    s->options.hooks[HF_SERVER] = (hf_hooks){ .random = draw_server, .clock_ms = flow13_clock };
    pair_start(p, &s->options);
    remember_psk(s);
    p->tamper = keep_wire;
}

/* ---- what is right ---- */

/* A connection that fails loses its secrets, wherever it happens. */
static void search_failed(const void *setup, unsigned flights)
{
    (void)flights;
    remember_first_draws();
    for (size_t i = 0; i < n_secrets; i++)
        secrets[i].kept = false;
    search_all();
    assert_keys_at_home(setup);
}

/* Without random bytes a server still may go on, but gives no ticket (RFC 9846 4.7.1: it need not). */
static void judge_draw(pair *p, const void *setup, int role, unsigned n, bool missed)
{
    bool failed = p->end[role].failed;

    (void)setup, (void)n;
    if (failed) {
        assert_true(missed);
        assert_int_equal(hf_conn_failure(p->end[role].conn)->code, HF_E_RANDOM);
        assert_false(p->end[0].connected || p->end[1].connected);
    } else {
        assert_true(p->end[0].connected && p->end[1].connected);
    }
    if (missed && !failed) {
        assert_int_equal(role, HF_SERVER);
        assert_int_equal(hf_conn_session(p->end[HF_CLIENT].conn).len, 0);
    }
}

typedef unsigned with_scene(const memory_scene *scene);

static unsigned each_flow(with_scene *f)
{
    const flow13 *flow;
    unsigned cases = 0;

    for (size_t i = 0; (flow = flow13_row(i)) != NULL; i++) {
        flow13_setup setup;
        flow13_prepare(&setup, flow);
        cases += f(&(memory_scene){ flow->name, &setup.options, &setup, start, search_failed,
                                    judge_draw, false });
        flow13_release(&setup);
        if (found > 0)
            fail_msg("%s: secrets are left", flow->name);
    }
    return cases;
}

/* ---- the tests ---- */

static unsigned after_connected(const memory_scene *s)
{
    const flow13_setup *setup = s->setup;
    pair p;

    s->start(&p, s->setup);
    pair_run(&p);
    flow13_assert(&p, setup->flow);
    remember_draws();
    for (int role = 0; role < 2; role++)
        pair_send(&p, (hf_role)role, "x", 1);
    search_all();
    assert_keys_at_home(setup);
    unsigned n = (unsigned)n_secrets;
    pair_free(&p); /* every block is searched as it is given back, traffic secrets included */
    return n;
}

static void test_no_secret_is_left_after_connected(void **state)
{
    (void)state;
    unsigned n = each_flow(after_connected);
    printf("%u secrets looked for\n", n);
    assert_true(n >= 60);
}

/* RFC 9846 6#2 */
static void test_no_secret_is_left_after_failure(void **state)
{
    (void)state;
    printf("%u cases\n", each_flow(after_failure));
}

/* A client's store holds sessions, which are taken out to be used and wiped when they were. */
static void test_no_psk_is_left_by_the_store(void **state)
{
    flow13_setup s;
    hf_session session;
    pair p;

    (void)state;
    flow13_prepare(&s, flow13_named("resumed"));
    s.options.store = hf_sessions_new(&(hf_sessions_options){ .entries = 4, .lifetime = 3600 });
    s.options.endpoint = "localhost:443";
    s.options.session = hf_span_of(NULL, 0);
    pair_start(&p, &s.options);
    pair_connect(&p);
    forget_all();
    assert_int_equal(hf_session_read(hf_conn_session(p.end[HF_CLIENT].conn), &session), HF_OK);
    pair_free(&p);
    hf_policy stingy = *s.options.policy[HF_SERVER];
    stingy.tickets = 0;
    s.options.policy[HF_SERVER] = &stingy;
    pair_start(&p, &s.options); /* the newest, which is that one, is offered */
    remember("the PSK", session.secret, false);
    pair_connect(&p);
    assert_true(hf_conn_info_of(p.end[HF_CLIENT].conn)->resumed);
    search_all();
    pair_free(&p);
    hf_sessions_free(s.options.store);
    assert_int_equal(found, 0);
    flow13_release(&s);
}

/* ---- what may be missing ---- */

static void test_each_allocation_may_fail(void **state)
{
    (void)state;
    unsigned cases = each_flow(each_allocation);
    printf("%u cases\n", cases);
    assert_true(cases >= (blocks_are_kept() ? 60u : 200u));
}

/* A full handshake with a client certificate in which allocation n fails. False: there is no such allocation. */
static bool first_visit_without(flow13_setup *s, size_t n)
{
    pair p;

    s->options.session = hf_span_of(NULL, 0);
    start(&p, s);
    calls = 0;
    fail_at = n;
    pair_run(&p);
    bool missed = calls > fail_at;
    fail_at = SIZE_MAX;
    judge(&p);
    hb_set(&s->session, hf_conn_session(p.end[HF_CLIENT].conn));
    pair_free(&p);
    return missed;
}

/* Whoever was verified, and could not be written down for want of memory, is not remembered as nobody. */
static void test_nobody_is_remembered_as_nobody(void **state)
{
    hf_policy one_ticket = *hostile_policy();
    flow13_setup s;
    unsigned came_back = 0;

    (void)state;
    flow13_prepare(&s, flow13_named("resumed, client certificate before"));
    s.options.client_auth = HF_CLIENT_AUTH_REQUEST;
    one_ticket.tickets = 1; /* no second one that has memory again */
    s.options.policy[HF_SERVER] = &one_ticket;
    for (size_t n = 0; first_visit_without(&s, n); n++) {
        pair p;
        if (s.session.len == 0)
            continue;
        s.options.session = hb_span(&s.session);
        start(&p, &s);
        pair_connect(&p);
        const hf_peer *peer = hf_conn_peer(p.end[HF_SERVER].conn);
        assert_non_null(peer);
        assert_string_equal(peer->subject, "CN=client");
        came_back++;
        pair_free(&p);
    }
    printf("%u sessions from handshakes that lacked memory\n", came_back);
    flow13_release(&s);
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
        cmocka_unit_test(test_no_psk_is_left_by_the_store),
        cmocka_unit_test(test_each_allocation_may_fail),
        cmocka_unit_test(test_nobody_is_remembered_as_nobody),
        cmocka_unit_test(test_each_draw_may_fail),
    };

    return cmocka_run_group_tests_name("flow_memory13", tests, NULL, NULL);
}
