/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A capture of a connection gives the tape that its own ends recorded: event by event, whatever the pieces that the bytes were
 * captured in; in all shapes of both versions. Without a key log the same records are there, closed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "handshake/script.h"
#include "support/dissect_scene.h"
#include "support/flow12.h"
#include "support/flow13.h"

/* ---- two tapes ---- */

/* What of a tape is compared. */
typedef struct view {
    const hf_tape *tape;
    int writer; /* -1: both */
    bool
        ccs; /* the compatibility message and its place: both ends see it, but each at its own time against the keys */
    bool keys;
    bool opened; /* … and what is inside */
} view;

static bool in_view(const view *v, const hf_tape_event *e)
{
    if (v->writer >= 0 && e->writer != v->writer)
        return false;
    if (e->kind == HF_TAPE_RECORD)
        return v->ccs || e->content_type != HF_CT_CHANGE_CIPHER_SPEC;
    return e->kind == HF_TAPE_KEYS && v->keys;
}

static const hf_tape_event *next_in_view(const view *v, size_t *i)
{
    while (*i < v->tape->n && !in_view(v, &v->tape->events[*i]))
        (*i)++;
    return *i < v->tape->n ? &v->tape->events[(*i)++] : NULL;
}

static bool same_event(const view *a, const hf_tape_event *x, const view *b, const hf_tape_event *y)
{
    if (!x || !y)
        return x == y;
    if (x->kind != y->kind || x->writer != y->writer ||
        !hf_span_equal(hf_tape_wire(a->tape, x), hf_tape_wire(b->tape, y)))
        return false;
    if (!a->opened)
        return true;
    return x->epoch == y->epoch && x->content_type == y->content_type && x->opened == y->opened &&
           x->content_len == y->content_len &&
           hf_span_equal(hf_tape_content(a->tape, x), hf_tape_content(b->tape, y));
}

static size_t assert_same(const char *name, view a, view b)
{
    size_t i = 0, j = 0, n = 0;
    const hf_tape_event *x, *y;

    do {
        x = next_in_view(&a, &i);
        y = next_in_view(&b, &j);
        if (!same_event(&a, x, &b, y)) {
            scene_print("live", a.tape);
            scene_print("dissected", b.tape);
            fail_msg("%s: event %zu of the live tape, %zu of the dissected one", name, i, j);
        }
        n++;
    } while (x);
    return n - 1;
}

/* How a connection went. */
typedef enum course {
    CONNECTS,
    EARLY_REFUSED, /* a server cannot open what it refuses, and calls its keys those that it has by then */
    FAILS /* who gives up hears of no keys any more, though the other end has changed them */
} course;

/* The client's own tape has what a capture beside it has, in that order; the server's in each direction. */
static size_t assert_as_live(const char *name, const scene *s, const hf_tape *tape, course how)
{
    const hf_tape *client = s->live[HF_CLIENT], *server = s->live[HF_SERVER];
    bool keys = how != FAILS;
    size_t n = assert_same(name, (view){ client, -1, false, keys, true },
                           (view){ tape, -1, false, keys, true });

    for (int w = 0; w < 2; w++) {
        bool opened = w == HF_SERVER || how != EARLY_REFUSED;
        bool told = w == HF_SERVER || how == CONNECTS;
        assert_same(name, (view){ client, w, true, false, true },
                    (view){ tape, w, true, false, true });
        assert_same(name, (view){ server, w, true, false, opened },
                    (view){ tape, w, true, false, opened });
        assert_same(name, (view){ server, w, false, told, opened },
                    (view){ tape, w, false, told, opened });
    }
    return n;
}

/* Each record's bytes, in order; nothing protected is open. */
static void assert_closed(const char *name, const scene *s, const hf_tape *tape)
{
    for (int w = 0; w < 2; w++)
        assert_same(name, (view){ s->live[HF_CLIENT], w, true, false, false },
                    (view){ tape, w, true, false, false });
    assert_same(name, (view){ s->live[HF_CLIENT], -1, false, false, false },
                (view){ tape, -1, false, false, false });
    for (size_t i = 0; i < tape->n; i++)
        if (tape->events[i].kind == HF_TAPE_RECORD)
            assert_int_equal(tape->events[i].opened, tape->events[i].epoch == HF_PLAIN);
}

/* ---- one connection ---- */

static size_t n_events;
static unsigned n_tapes;

static void judge(const char *name, const scene *s, course how)
{
    static const size_t pieces[] = { 0, 1, 7, 100 };

    for (size_t i = 0; i < 4; i++) {
        hf_tape *tape = scene_dissect(s, pieces[i], true);
        n_events += assert_as_live(name, s, tape, how);
        if (tape->n_notes > 0)
            fail_msg("%s: %s", name, tape->notes[0]);
        assert_true(tape->n_secrets > 0 || s->keylog[0] == '\0');
        assert_string_equal(tape->client, "192.0.2.1:40000");
        assert_string_equal(tape->server, "198.51.100.7:443");
        hf_tape_free(tape);
        tape = scene_dissect(s, pieces[i], false);
        assert_closed(name, s, tape);
        assert_int_equal(tape->n_secrets, 0);
        hf_tape_free(tape);
        n_tapes += 2;
    }
}

/* After the handshake: data both ways, new keys on both sides, and the end. */
static void converse(pair *p)
{
    bool v13 = hf_conn_info_of(p->end[HF_CLIENT].conn)->version == HF_TLS13;

    pair_send(p, HF_CLIENT, "how do you do", 13);
    pair_send(p, HF_SERVER, "thank you", 9);
    for (int i = 0; v13 && i < 2; i++) {
        assert_int_equal(hf_conn_key_update(p->end[i].conn, i == 0), HF_OK);
        pair_run(p);
        pair_send(p, HF_CLIENT, "still there?", 12);
        pair_send(p, HF_SERVER, "yes", 3);
    }
    for (int role = 0; role < 2; role++) {
        hf_conn_close_write(p->end[role].conn);
        pair_run(p);
    }
}

static void run_started(const char *name, scene *s, pair *p, course how)
{
    scene_watch(s, p);
    pair_connect(p);
    converse(p);
    judge(name, s, how);
    pair_free(p);
    scene_free(s);
}

static void run(const char *name, const pair_options *options)
{
    pair_options o = *options;
    scene s;
    pair p;

    scene_start(&s);
    scene_listen(&s, &o);
    pair_start(&p, &o);
    run_started(name, &s, &p, CONNECTS);
}

/* ---- TLS 1.3 ---- */

static void test_tls13(void **state)
{
    pair_options o = { .alpn = { { "h2", "http/1.1" }, { "http/1.1" } } };

    (void)state;
    run("full", &o);
    o.client_auth = HF_CLIENT_AUTH_REQUIRE;
    o.client_identity = true;
    run("mutual", &o);
    o.client_auth = HF_CLIENT_AUTH_REQUEST;
    o.client_identity = false;
    run("no certificate to show", &o);
    o = (pair_options){ .policy = { hostile_policy(), hostile_retry_policy() } };
    run("retry", &o);
}

static void test_tls13_without_disguise(void **state)
{
    hf_policy plain = *hostile_policy();
    pair_options o = { .policy = { &plain, &plain } };

    (void)state;
    plain.middlebox_compat = false;
    run("no compatibility mode", &o);
}

/* Every AEAD, by the suite that is alone in the policy. */
static void test_tls13_suites(void **state)
{
    static const uint16_t suites[] = { 0x1301, 0x1302, 0x1303 };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        hf_policy policy = policy_of_version("default", HF_TLS13);
        pair_options o = { .policy = { &policy, &policy } };
        memset(policy.suites, 0, sizeof policy.suites);
        policy.suites[0] = suites[i];
        run(hf_suite_name(suites[i]), &o);
    }
}

static void test_tls13_psk(void **state)
{
    const flow13 *flow;

    (void)state;
    for (size_t i = 0; (flow = flow13_row(i)) != NULL; i++) {
        flow13_setup setup;
        scene s;
        pair p;
        flow13_prepare(&setup, flow);
        scene_start(&s);
        scene_listen(&s, &setup.options);
        pair_start(&p, &setup.options);
        run_started(flow->name, &s, &p, flow->early == FLOW13_REFUSED ? EARLY_REFUSED : CONNECTS);
        flow13_release(&setup);
    }
}

/* ---- records ---- */

static size_t some_padding(void *user, uint8_t content_type, size_t len)
{
    (void)user;
    return content_type + len % 7;
}

/* RFC 9846 5.4: zeroes behind the content type are not content. */
static void test_padding(void **state)
{
    pair_options o = { .hooks = { { .padding = some_padding }, { .padding = some_padding } } };

    (void)state;
    run("padding", &o);
}

/* RFC 9846 5.1: a message may be spread over many records. */
static void test_small_records(void **state)
{
    for (int version = 0; version < 2; version++) {
        hf_policy policy = policy_of_version("default", version ? HF_TLS12 : HF_TLS13);
        pair_options o = { .policy = { &policy, &policy },
                           .client_auth = HF_CLIENT_AUTH_REQUIRE,
                           .client_identity = true };
        scene s;
        pair p;
        (void)state;
        scene_start(&s);
        scene_listen(&s, &o);
        pair_start(&p, &o);
        for (int role = 0; role < 2; role++)
            assert_int_equal(hf_conn_set_max_record(p.end[role].conn, 64), HF_OK);
        run_started("small records", &s, &p, CONNECTS);
    }
}

/* ---- TLS 1.2 ---- */

static void test_tls12(void **state)
{
    const flow12 *flow;

    (void)state;
    for (size_t i = 0; (flow = flow12_row(i)) != NULL; i++) {
        flow12_setup setup;
        scene s;
        pair p;
        flow12_prepare(&setup, flow);
        scene_start(&s);
        pair_options before = setup.options;
        scene_listen(&s, &setup.options);
        if (flow->session ==
            FLOW12_BY_ID) { /* it makes a session anew, which is none of the capture's */
            setup.options = before;
            scene_listen(&s, &setup.options);
            pair_start(&p, &setup.options);
        } else {
            flow12_start(&p, &setup);
        }
        run_started(flow->name, &s, &p, CONNECTS);
        flow12_release(&setup);
    }
}

static void test_tls12_suites(void **state)
{
    static const struct {
        uint16_t suite;
        hf_key_type key;
    } rows[] = { { 0xc02b, HF_KEY_P256 }, { 0xc02c, HF_KEY_P256 }, { 0xcca9, HF_KEY_P256 },
                 { 0xc02f, HF_KEY_RSA },  { 0xc030, HF_KEY_RSA },  { 0xcca8, HF_KEY_RSA },
                 { 0x009c, HF_KEY_RSA },  { 0x009d, HF_KEY_RSA } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_policy policy = flow12_policy(false);
        pair_options o = { .policy = { &policy, &policy }, .pki = shared_pki(rows[i].key) };
        policy.suites[0] = rows[i].suite;
        run(hf_suite_name(rows[i].suite), &o);
    }
}

static void test_tls12_psk_suites(void **state)
{
    static const uint16_t suites[] = { 0xd001, 0xccac, 0x00a8, 0xc0a4, 0xc0a8 };
    flow12_setup setup;

    (void)state;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        flow12_prepare(&setup, flow12_named("plain PSK"));
        setup.policy[0].suites[0] = setup.policy[1].suites[0] = suites[i];
        run(hf_suite_name(suites[i]), &setup.options);
        flow12_release(&setup);
    }
}

/* ---- handshakes that fail ---- */

static void run_failing(const char *name, const pair_options *options)
{
    pair_options o = *options;
    scene s;
    pair p;

    scene_start(&s);
    scene_listen(&s, &o);
    pair_start(&p, &o);
    scene_watch(&s, &p);
    pair_run(&p);
    assert_true(p.end[0].failed || p.end[1].failed);
    judge(name, &s, FAILS);
    pair_free(&p);
    scene_free(&s);
}

static void test_failed(void **state)
{
    hf_policy v13 = policy_of_version("default", HF_TLS13),
              v12 = policy_of_version("default", HF_TLS12);
    pair_options no_version = { .policy = { &v13, &v12 } };
    pair_options no_trust = { .verify_name = "another.example" };
    pair_options no_trust12 = { .policy = { &v12, &v12 }, .verify_name = "another.example" };
    pair_options no_identity = { .client_auth = HF_CLIENT_AUTH_REQUIRE };
    pair_options no_alpn = { .alpn = { { "h2" }, { "http/1.1" } } };

    (void)state;
    run_failing("no version in common", &no_version);
    run_failing("another name", &no_trust);
    run_failing("another name, TLS 1.2", &no_trust12);
    run_failing("no client certificate", &no_identity);
    run_failing("no protocol in common", &no_alpn);
}

static void test_counts(void **state)
{
    (void)state;
    printf("%u tapes of captures, %zu events as they were live\n", n_tapes, n_events);
    assert_true(n_tapes >= 8 * 45);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls13),
        cmocka_unit_test(test_tls13_without_disguise),
        cmocka_unit_test(test_tls13_suites),
        cmocka_unit_test(test_tls13_psk),
        cmocka_unit_test(test_padding),
        cmocka_unit_test(test_small_records),
        cmocka_unit_test(test_tls12),
        cmocka_unit_test(test_tls12_suites),
        cmocka_unit_test(test_tls12_psk_suites),
        cmocka_unit_test(test_failed),
        cmocka_unit_test(test_counts),
    };

    return cmocka_run_group_tests_name("dissect", tests, NULL, NULL);
}
