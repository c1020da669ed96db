/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Handshake messages that an auditor's client sends inside a connection of TLS 1.2 (src/conn/inside.c): they go under its keys, name the
 * connection by its verify_data (RFC 5746 3.5), and the answers are told apart: taken, warned, refused, nothing yet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/flow12.h"

/* ---- what the client writes, in the clear ---- */

typedef struct overheard {
    uint8_t verify_data[HF_VERIFY_DATA12]; /* of the client's Finished */
    uint8_t last[256];                     /* content of the last handshake record */
    size_t len;
} overheard;

static void listen(void *user, const hf_trace_event *event)
{
    static const uint8_t FINISHED[] = { 20, 0, 0, HF_VERIFY_DATA12 };
    overheard *o = user;

    if (event->kind != HF_TRACE_RECORD || event->writer != HF_CLIENT ||
        event->content_type != HF_CT_HANDSHAKE || event->content.len > sizeof o->last)
        return;
    o->len = event->content.len;
    memcpy(o->last, event->content.data, o->len);
    if (o->len == sizeof FINISHED + HF_VERIFY_DATA12 && memcmp(o->last, FINISHED, 4) == 0)
        memcpy(o->verify_data, o->last + sizeof FINISHED, HF_VERIFY_DATA12);
}

/* A ClientHello as far as its header; then renegotiation_info without what only the connection knows. */
static const uint8_t HELLO[] = { 1,  0,  0,    60,   3,  3,  1,  2,  3,    4,    5,    6,  7,
                                 8,  9,  10,   11,   12, 13, 14, 15, 16,   17,   18,   19, 20,
                                 21, 22, 23,   24,   25, 26, 27, 28, 29,   30,   31,   32, 0,
                                 0,  2,  0xc0, 0x2f, 1,  0,  0,  17, 0xff, 0x01, 0x00, 13, 12,
                                 0,  0,  0,    0,    0,  0,  0,  0,  0,    0,    0,    0 };

typedef struct scene {
    pair p;
    overheard heard;
    hf_trace_sink sink;
    hf_policy policy;
} scene;

static void stand(scene *s, uint16_t version)
{
    *s = (scene){ 0 };
    s->sink = (hf_trace_sink){ listen, &s->heard };
    s->policy = version == HF_TLS12 ? flow12_policy(false) : policy_of_version("default", version);
    pair_options o = { .pki = shared_pki(HF_KEY_ED25519),
                       .policy = { &s->policy, &s->policy },
                       .trace = { &s->sink, NULL } };
    pair_start(&s->p, &o);
    pair_connect(&s->p);
}

/* Our server declines with a warning, as RFC 5746 4.5 has it: it understood what came, so it was under the connection's keys. */
static void test_a_hello_inside_names_the_connection(void **state)
{
    scene s;
    (void)state;

    stand(&s, HF_TLS12);
    hf_conn *c = s.p.end[HF_CLIENT].conn;
    assert_int_equal(hf_conn_inside_answer(c), HF_INSIDE_SILENT);
    assert_int_equal(hf_conn_say_inside(c, hf_span_of(HELLO, sizeof HELLO)), HF_OK);
    assert_int_equal(s.heard.len, sizeof HELLO);
    assert_memory_equal(s.heard.last, HELLO, sizeof HELLO - HF_VERIFY_DATA12);
    assert_memory_equal(s.heard.last + sizeof HELLO - HF_VERIFY_DATA12, s.heard.verify_data,
                        HF_VERIFY_DATA12);
    pair_run(&s.p);
    assert_int_equal(hf_conn_inside_answer(c), HF_INSIDE_WARNED);
    pair_free(&s.p);
}

static void test_other_messages_stay_as_they_are(void **state)
{
    static const uint8_t other[] = { 1, 0, 0, 4, 0xff, 0x01, 0x00, 0x00 };
    scene s;
    (void)state;

    stand(&s, HF_TLS12);
    assert_int_equal(hf_conn_say_inside(s.p.end[HF_CLIENT].conn, hf_span_of(other, sizeof other)),
                     HF_OK);
    assert_int_equal(s.heard.len, sizeof other);
    assert_memory_equal(s.heard.last, other, sizeof other);
    pair_free(&s.p);
}

/* Only a client, only in TLS 1.2, only between CONNECTED and the end. */
static void test_it_is_for_connections_of_tls12(void **state)
{
    hf_span hello = hf_span_of(HELLO, sizeof HELLO);
    scene s;
    (void)state;

    stand(&s, HF_TLS13);
    assert_int_equal(hf_conn_say_inside(s.p.end[HF_CLIENT].conn, hello), HF_E_MISUSE);
    pair_free(&s.p);
    stand(&s, HF_TLS12);
    assert_int_equal(hf_conn_say_inside(s.p.end[HF_SERVER].conn, hello), HF_E_MISUSE);
    assert_int_equal(hf_conn_close_write(s.p.end[HF_CLIENT].conn), HF_OK);
    assert_int_equal(hf_conn_say_inside(s.p.end[HF_CLIENT].conn, hello), HF_E_MISUSE);
    pair_free(&s.p);
}

/* ---- a server that does something else ---- */

static void connected(hostile *h)
{
    static hf_policy policy;
    pair_options o = { .pki = shared_pki(HF_KEY_ED25519), .policy = { &policy, &policy } };

    policy = flow12_policy(false);
    flow12_hostile_with(h, HF_CLIENT, &o);
    hostile_rest(h);
    assert_true(hostile_end(h)->connected);
    assert_int_equal(hf_conn_say_inside(hostile_conn(h), hf_span_of(HELLO, sizeof HELLO)), HF_OK);
    assert_int_equal(hf_conn_inside_answer(hostile_conn(h)), HF_INSIDE_SILENT);
}

static void test_a_server_hello_means_that_it_was_taken(void **state)
{
    static const uint8_t hello[] = { 3, 3, 9 };
    hostile h;
    (void)state;

    connected(&h);
    hostile_send(&h, HF_MSG_ServerHello, hf_span_of(hello, sizeof hello));
    assert_int_equal(hf_conn_inside_answer(hostile_conn(&h)), HF_INSIDE_TAKEN);
    hostile_free(&h);
}

static void test_other_handshake_messages_do_not(void **state)
{
    hostile h;
    (void)state;

    connected(&h);
    hostile_send(&h, HF_MSG_Certificate, hf_span_of("\0\0\0", 3));
    assert_int_equal(hf_conn_inside_answer(hostile_conn(&h)), HF_INSIDE_BROKEN);
    hostile_free(&h);
}

/* What breaks the connection by itself says nothing about a second handshake. */
static void test_broken_records_are_no_refusal(void **state)
{
    hostile h;
    (void)state;

    connected(&h);
    hostile_record(&h, HF_CT_ALERT, hf_span_of("\2", 1));
    assert_int_equal(hf_conn_inside_answer(hostile_conn(&h)), HF_INSIDE_BROKEN);
    hostile_free(&h);
}

static void test_alerts_and_ends_are_refusals(void **state)
{
    static const uint8_t fatal[] = { 2, HF_ALERT_no_renegotiation }, notify[] = { 1, 0 };
    hostile h;
    (void)state;

    connected(&h);
    hostile_record(&h, HF_CT_ALERT, hf_span_of(fatal, 2));
    assert_int_equal(hf_conn_inside_answer(hostile_conn(&h)), HF_INSIDE_REFUSED);
    hostile_free(&h);
    connected(&h);
    hostile_record(&h, HF_CT_ALERT, hf_span_of(notify, 2));
    assert_int_equal(hf_conn_inside_answer(hostile_conn(&h)), HF_INSIDE_REFUSED);
    hostile_free(&h);
    connected(&h);
    hostile_eof(&h);
    assert_int_equal(hf_conn_inside_answer(hostile_conn(&h)), HF_INSIDE_REFUSED);
    hostile_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hello_inside_names_the_connection),
        cmocka_unit_test(test_other_messages_stay_as_they_are),
        cmocka_unit_test(test_it_is_for_connections_of_tls12),
        cmocka_unit_test(test_a_server_hello_means_that_it_was_taken),
        cmocka_unit_test(test_other_handshake_messages_do_not),
        cmocka_unit_test(test_broken_records_are_no_refusal),
        cmocka_unit_test(test_alerts_and_ends_are_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
