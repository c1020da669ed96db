/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Application data through records: any segmentation, any amount, every size that either end may set
 * (record_size_limit, max_record, padding), what is taken and what is not while something stands in
 * the way, and half-RTT data.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/record.h"
#include "support/pair.h"

/* ---- looking at records on the wire ---- */

/* The protected records that one end wrote, by the length of their TLSInnerPlaintext. */
typedef struct seen {
    hf_role writer;
    size_t n, longest, shortest;
} seen;

static void look(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    seen *s = p->user;
    size_t at = 0;

    while (from == s->writer && at < *len) {
        size_t body = (size_t)(bytes[at + 3] << 8 | bytes[at + 4]), inner = body - HF_AEAD_TAG;
        if (bytes[at] == HF_CT_APPLICATION_DATA) {
            s->n++;
            s->longest = inner > s->longest ? inner : s->longest;
            s->shortest = inner < s->shortest ? inner : s->shortest;
        }
        at += HF_RECORD_HEADER + body;
        assert_true(at <= *len); /* whole records only */
    }
}

static void watch(pair *p, seen *s, hf_role writer)
{
    *s = (seen){ .writer = writer, .shortest = SIZE_MAX };
    p->user = s;
    p->tamper = look;
}

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 2654435761u >> 13);
}

/* Sends n bytes and checks what came out at the other end. */
static void send_and_check(pair *p, hf_role from, size_t n)
{
    pair_end *to = &p->end[!from];
    uint8_t *bytes = malloc(n);

    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++)
        bytes[i] = pattern(i);
    to->n_data = 0;
    pair_send(p, from, bytes, n);
    assert_int_equal(to->n_data, n);
    assert_memory_equal(to->data, bytes, n);
    free(bytes);
}

/* ---- amounts ---- */

/* RFC 9846 5.1: record boundaries mean nothing; a transport may cut anywhere. */
static void test_one_byte_segments(void **state)
{
    pair_options o = { .chunk = 1 };
    pair p;

    (void)state;
    pair_start(&p, &o);
    pair_connect(&p);
    send_and_check(&p, HF_CLIENT, 20000);
    send_and_check(&p, HF_SERVER, 20000);
    pair_free(&p);
}

static void test_ten_megabytes_each_way(void **state)
{
    enum { PIECE = 256 * 1024, PIECES = 40 };
    static const size_t chunks[] = { 0, 1447 };
    pair p;

    (void)state;
    for (size_t c = 0; c < 2; c++) {
        pair_options o = { .chunk = chunks[c] };
        pair_start(&p, &o);
        pair_connect(&p);
        for (int i = 0; i < PIECES / (c == 0 ? 1 : 8); i++) {
            send_and_check(&p, HF_CLIENT, PIECE);
            send_and_check(&p, HF_SERVER, PIECE);
        }
        const hf_conn_info *info = hf_conn_info_of(p.end[HF_CLIENT].conn);
        assert_int_equal(info->data_in, info->data_out);
        if (c == 0)
            assert_int_equal(info->data_out, 10 * 1024 * 1024);
        pair_free(&p);
    }
}

/* ---- record_size_limit (RFC 8449) ---- */

static void limits(uint16_t client, uint16_t server)
{
    hf_policy policy[2] = { policy_of_version("default", HF_TLS13),
                            policy_of_version("default", HF_TLS13) };
    uint16_t limit[2] = { client, server };

    for (int writer = 0; writer < 2; writer++) {
        seen s;
        pair p;
        policy[HF_CLIENT].record_size_limit = client;
        policy[HF_SERVER].record_size_limit = server;
        pair_options o = { .policy = { &policy[HF_CLIENT], &policy[HF_SERVER] } };
        pair_start(&p, &o);
        watch(&p, &s, (hf_role)writer);
        pair_connect(&p);
        send_and_check(&p, (hf_role)writer, 20000);
        assert_true(s.longest <= limit[!writer]);
        assert_int_equal(s.longest, limit[!writer]); /* and it is used */
        pair_free(&p);
    }
}

/* RFC 8449 4: no protected record, of the handshake or after it, may be longer than the receiver said. */
static void test_record_size_limit_is_honoured(void **state)
{
    (void)state;
    limits(64, 16385);
    limits(16385, 64);
    limits(512, 64);
    limits(64, 512);
    limits(512, 512);
}

static void test_record_size_limit_out_of_range_is_no_policy(void **state)
{
    hf_policy policy = policy_of_version("default", HF_TLS13);

    (void)state;
    policy.record_size_limit = 63;
    hf_config *config = hf_config_new(HF_CLIENT, &policy);
    assert_int_equal(hf_config_set(config, HF_SET_INSECURE, true), HF_OK);
    assert_int_equal(hf_config_seal(config), HF_E_CONFIG_POLICY);
    hf_config_free(config);
}

/* ---- padding (RFC 9846 5.4) and max_record ---- */

static size_t to_256(void *user, uint8_t type, size_t len)
{
    (void)user, (void)type;
    return (256 - (len + 1) % 256) % 256;
}

static size_t far_too_much(void *user, uint8_t type, size_t len)
{
    (void)user, (void)type, (void)len;
    return 1000000;
}

static void padded(size_t (*padding)(void *, uint8_t, size_t), uint16_t limit, size_t shortest)
{
    hf_policy policy = policy_of_version("default", HF_TLS13);
    seen s;
    pair p;

    policy.record_size_limit = limit;
    pair_options o = { .policy = { NULL, &policy }, .hooks = { { .padding = padding } } };
    pair_start(&p, &o);
    pair_connect(&p);
    watch(&p, &s, HF_CLIENT);
    for (size_t n = 1; n < 40; n++)
        send_and_check(&p, HF_CLIENT, n);
    assert_int_equal(s.n, 39);
    assert_int_equal(s.shortest, shortest);
    assert_int_equal(s.longest, shortest);
    send_and_check(&p, HF_CLIENT, 40000);
    assert_true(s.longest <= limit);
    pair_free(&p);
}

/* RFC 9846 5.4#1 */
static void test_padding_hides_lengths_within_the_limit(void **state)
{
    (void)state;
    padded(to_256, 16385, 256);
    padded(far_too_much, 16385, 16385);
    padded(far_too_much, 512, 512); /* RFC 8449 4: padding counts */
}

static void test_max_record(void **state)
{
    seen s;
    pair p;

    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    hf_conn *client = p.end[HF_CLIENT].conn;
    assert_int_equal(hf_conn_set_max_record(client, 0), HF_E_MISUSE);
    assert_int_equal(hf_conn_set_max_record(client, 16385), HF_E_MISUSE);
    assert_int_equal(hf_conn_set_max_record(client, 100), HF_OK);
    watch(&p, &s, HF_CLIENT);
    send_and_check(&p, HF_CLIENT, 1000);
    assert_int_equal(s.longest, 101);
    assert_int_equal(s.n, 10);
    assert_int_equal(hf_conn_set_max_record(client, 1), HF_OK);
    send_and_check(&p, HF_CLIENT, 30);
    assert_int_equal(s.n, 40);
    pair_free(&p);
}

/* ---- what data_in promises ---- */

static void test_two_calls_never_share_a_record(void **state)
{
    hf_iovec parts[] = { { "one ", 4 }, { "", 0 }, { "two ", 4 }, { "three", 5 } };
    seen s;
    pair p;

    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    watch(&p, &s, HF_CLIENT);
    hf_conn *client = p.end[HF_CLIENT].conn;
    assert_int_equal(hf_conn_data_in(client, parts, 4), 13);
    assert_int_equal(hf_conn_data_in(client, parts, 1), 4);
    assert_int_equal(hf_conn_data_in(client, parts, 0), 0);
    pair_run(&p);
    assert_int_equal(s.n, 2);
    assert_int_equal(p.end[HF_SERVER].n_data, 17);
    assert_memory_equal(p.end[HF_SERVER].data, "one two threeone ", 17);
    pair_free(&p);
}

static void test_data_in_stops_at_the_high_water_mark(void **state)
{
    static uint8_t much[512 * 1024];
    hf_iovec iov = { much, sizeof much };
    pair p;

    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    hf_conn *client = p.end[HF_CLIENT].conn;
    size_t taken = hf_conn_data_in(client, &iov, 1);
    assert_true(taken > 0 && taken < 128 * 1024);
    assert_false(hf_conn_wants(client, NULL) & HF_WANT_CAN_SEND);
    assert_int_equal(hf_conn_data_in(client, &iov, 1), 0);
    pair_run(&p);
    assert_int_equal(p.end[HF_SERVER].n_data, taken);
    assert_true(hf_conn_wants(client, NULL) & HF_WANT_CAN_SEND);
    pair_free(&p);
}

static void test_no_data_before_it_may_flow(void **state)
{
    hf_iovec iov = { "early", 5 };
    pair p;

    (void)state;
    pair_start(&p, NULL);
    for (int role = 0; role < 2; role++) {
        assert_false(hf_conn_wants(p.end[role].conn, NULL) & HF_WANT_CAN_SEND);
        assert_int_equal(hf_conn_data_in(p.end[role].conn, &iov, 1), 0);
    }
    pair_connect(&p);
    assert_int_equal(p.end[HF_SERVER].n_data, 0);
    pair_free(&p);
}

/* ---- what wire_in promises ---- */

/* While data is outstanding nothing is taken: the span stays good. */
static void test_wire_in_takes_nothing_while_data_is_outstanding(void **state)
{
    pair p;
    uint8_t wire[256];

    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    hf_conn *client = p.end[HF_CLIENT].conn, *server = p.end[HF_SERVER].conn;
    for (int i = 0; i < 2; i++)
        assert_int_equal(hf_conn_data_in(client, &(hf_iovec){ i ? "second" : "first!", 6 }, 1), 6);
    hf_span out = hf_conn_wire_out(client);
    size_t n = out.len, half = n / 2;
    assert_true(n <= sizeof wire);
    memcpy(wire, out.data, n);
    hf_conn_wire_sent(client, n);
    assert_int_equal(hf_conn_wire_in(server, wire, n), half);
    assert_int_equal(hf_conn_next(server), HF_EVENT_DATA);
    hf_span data = hf_conn_data_out(server);
    assert_int_equal(data.len, 6);
    assert_memory_equal(data.data, "first!", 6);
    assert_int_equal(hf_conn_wire_in(server, wire + half, n - half), 0);
    assert_false(hf_conn_wants(server, NULL) & HF_WANT_WIRE_IN);
    hf_conn_data_taken(server, 2);
    assert_int_equal(hf_conn_wire_in(server, wire + half, n - half), 0);
    assert_memory_equal(hf_conn_data_out(server).data, "rst!", 4);
    hf_conn_data_taken(server, 4);
    assert_int_equal(hf_conn_wire_in(server, wire + half, n - half), n - half);
    assert_memory_equal(hf_conn_data_out(server).data, "second", 6);
    hf_conn_data_taken(server, 6);
    pair_free(&p);
}

/* The failure is told after the data that came before it, and data after it is not delivered. */
static void test_failure_comes_after_the_data_before_it(void **state)
{
    pair p;
    uint8_t wire[256];

    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    hf_conn *client = p.end[HF_CLIENT].conn, *server = p.end[HF_SERVER].conn;
    assert_int_equal(hf_conn_data_in(client, &(hf_iovec){ "good", 4 }, 1), 4);
    hf_span out = hf_conn_wire_out(client);
    size_t n = out.len;
    memcpy(wire, out.data, n);
    memcpy(wire + n, "\x17\3\3\0\x20 thirty-two bytes that nobody made", 37);
    assert_int_equal(hf_conn_wire_in(server, wire, n), n);
    hf_conn_wire_eof(server); /* the transport ends before the application has read */
    assert_int_equal(hf_conn_next(server), HF_EVENT_DATA);
    assert_int_equal(hf_conn_next(server), HF_EVENT_NONE);
    hf_conn_data_taken(server, 4);
    assert_int_equal(hf_conn_next(server), HF_EVENT_FAILED);
    assert_int_equal(hf_conn_failure(server)->code, HF_E_TRUNCATED_STREAM);
    assert_int_equal(hf_conn_wire_in(server, wire + n, 37), 37);
    assert_int_equal(hf_conn_data_out(server).len, 0);
    pair_free(&p);
}

/* ---- half-RTT (RFC 9846 2) ---- */

/* The server may write after its Finished; the client gets it when, and only when, the server is proved to it. */
static void test_half_rtt_data(void **state)
{
    pair p;

    (void)state;
    pair_start(&p, NULL);
    pair_events(&p, HF_CLIENT);
    assert_true(pair_carry(&p, HF_CLIENT));
    hf_conn *server = p.end[HF_SERVER].conn;
    assert_false(p.end[HF_SERVER].connected);
    assert_true(hf_conn_wants(server, NULL) & HF_WANT_CAN_SEND);
    assert_int_equal(hf_conn_data_in(server, &(hf_iovec){ "half", 4 }, 1), 4);
    assert_false(p.end[HF_SERVER].connected);
    pair_run(&p);
    pair_end *client = &p.end[HF_CLIENT];
    assert_int_equal(client->n_data, 4);
    assert_int_equal(client->log[0], HF_EVENT_CONNECTED);
    assert_int_equal(client->log[1], HF_EVENT_DATA);
    pair_connect(&p);
    send_and_check(&p, HF_SERVER, 100);
    send_and_check(&p, HF_CLIENT, 100);
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_byte_segments),
        cmocka_unit_test(test_ten_megabytes_each_way),
        cmocka_unit_test(test_record_size_limit_is_honoured),
        cmocka_unit_test(test_record_size_limit_out_of_range_is_no_policy),
        cmocka_unit_test(test_padding_hides_lengths_within_the_limit),
        cmocka_unit_test(test_max_record),
        cmocka_unit_test(test_two_calls_never_share_a_record),
        cmocka_unit_test(test_data_in_stops_at_the_high_water_mark),
        cmocka_unit_test(test_no_data_before_it_may_flow),
        cmocka_unit_test(test_wire_in_takes_nothing_while_data_is_outstanding),
        cmocka_unit_test(test_failure_comes_after_the_data_before_it),
        cmocka_unit_test(test_half_rtt_data),
    };

    return cmocka_run_group_tests_name("flow_records", tests, NULL, NULL);
}
