/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which connection a segment is of: reused ports, captures that begin in the middle, roles; and what a capture tells besides. */
#include "unit/stream_support.h"

static void test_reused_ports(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    say(&s, 1000, "first");
    end_both(&s, 1005, 5000);
    SAY(&s, .sequence = 69999, .flags = T_SYN);
    SAY(&s, .from_server = true, .sequence = 99999, .ack = 70000, .flags = T_SYN | T_ACK);
    SAY(&s, .sequence = 70000, .flags = T_ACK, .text = "second");
    answer(&s, 100000, 70006, "yes");
    read_scene(&s);
    assert_int_equal(s.capture.n, 2);
    assert_stream(&s.capture.tcp[0].stream[HF_CLIENT], "first", true);
    assert_stream(&s.capture.tcp[0].stream[HF_SERVER], "", true);
    assert_stream(&s.capture.tcp[1].stream[HF_CLIENT], "second", false);
    assert_stream(&s.capture.tcp[1].stream[HF_SERVER], "yes", false);
    assert_int_equal(s.capture.tcp[1].first_packet, 8);
    hf_capture_free(&s.capture);
}

static void test_connections_beside_each_other(void **state)
{
    scene s = open_scene();

    (void)state;
    SAY(&s, .client_port = 1, .sequence = 0, .flags = T_SYN);
    SAY(&s, .client_port = 2, .sequence = 0, .flags = T_SYN);
    SAY(&s, .ipv6 = true, .client_port = 1, .sequence = 0, .flags = T_SYN);
    SAY(&s, .client_port = 1, .sequence = 1, .flags = T_ACK, .text = "one");
    SAY(&s, .ipv6 = true, .client_port = 1, .sequence = 1, .flags = T_ACK, .text = "six");
    SAY(&s, .client_port = 2, .sequence = 1, .flags = T_ACK, .text = "two");
    SAY(&s, .client_port = 3, .sequence = 1, .flags = T_ACK); /* begins nothing */
    SAY(&s, .client_port = 3, .sequence = 1, .flags = T_RST);
    read_scene(&s);
    assert_int_equal(s.capture.n, 3);
    assert_stream(&s.capture.tcp[0].stream[HF_CLIENT], "one", false);
    assert_stream(&s.capture.tcp[1].stream[HF_CLIENT], "two", false);
    assert_stream(&s.capture.tcp[2].stream[HF_CLIENT], "six", false);
    assert_true(s.capture.tcp[2].ipv6 && !s.capture.tcp[0].ipv6);
    hf_capture_free(&s.capture);
}

static void test_reset(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    say(&s, 1000, "one");
    SAY(&s, .from_server = true, .sequence = 5000, .ack = 1003, .flags = T_RST | T_ACK,
        .text = "go away");
    const hf_tcp *tcp = read_one(&s);
    assert_stream(&tcp->stream[HF_CLIENT], "one", false);
    assert_stream(&tcp->stream[HF_SERVER], "", false);
    assert_true(tcp->stream[HF_SERVER].reset && !tcp->stream[HF_CLIENT].reset);
    hf_capture_free(&s.capture);
}

/* ---- captures that begin in the middle ---- */

#define CLIENT_HELLO "\x16\3\1\2\2\1\1\2"
#define SERVER_HELLO "\x16\3\3\2\2\2\1\2"

static void assert_middle(scene *s, const char *client, const char *server)
{
    const hf_tcp *tcp = read_one(s);

    assert_int_equal(tcp->stream[HF_CLIENT].len, strlen(client));
    assert_int_equal(tcp->stream[HF_SERVER].len, strlen(server));
    if (client[0]) {
        assert_memory_equal(tcp->stream[HF_CLIENT].bytes, client, strlen(client));
        assert_true(tcp->stream[HF_CLIENT].middle);
    }
    if (server[0]) {
        assert_memory_equal(tcp->stream[HF_SERVER].bytes, server, strlen(server));
        assert_true(tcp->stream[HF_SERVER].middle);
    }
    hf_capture_free(&s->capture);
}

static void test_begins_in_the_middle(void **state)
{
    scene s = open_scene();

    (void)state;
    answer(&s, 5000, 1000, "news");
    say(&s, 1000, "old");
    assert_middle(&s, "old", "news"); /* the higher port is the client's */
    s = open_scene();
    SAY(&s, .client_port = 80, .sequence = 1, .flags = T_ACK, .text = "low");
    SAY(&s, .client_port = 80, .from_server = true, .sequence = 1, .flags = T_ACK, .text = "high");
    assert_middle(&s, "high", "low");
    s = open_scene();
    SAY(&s, .client_port = 80, .sequence = 1, .flags = T_ACK, .text = CLIENT_HELLO);
    assert_middle(&s, CLIENT_HELLO, "");
    s = open_scene();
    SAY(&s, .client_port = 80, .from_server = true, .sequence = 1, .flags = T_ACK,
        .text = SERVER_HELLO);
    assert_middle(&s, "", SERVER_HELLO);
}

/* Whoever sent SYN is the client, whatever the ports and whatever was captured first. */
static void test_roles_are_by_syn(void **state)
{
    scene s = open_scene();

    (void)state;
    SAY(&s, .client_port = 80, .from_server = true, .sequence = 9, .ack = 1,
        .flags = T_SYN | T_ACK);
    SAY(&s, .client_port = 80, .sequence = 1, .ack = 10, .flags = T_ACK, .text = "client");
    SAY(&s, .client_port = 80, .from_server = true, .sequence = 10, .flags = T_ACK,
        .text = CLIENT_HELLO);
    const hf_tcp *tcp = read_one(&s);
    assert_int_equal(tcp->port[HF_CLIENT], 80);
    assert_int_equal(tcp->address[HF_CLIENT][3], 1);
    assert_memory_equal(tcp->stream[HF_CLIENT].bytes, "client", 6);
    assert_true(tcp->stream[HF_CLIENT].middle && !tcp->stream[HF_SERVER].middle);
    hf_capture_free(&s.capture);
}

/* A SYN ends what was seen of an earlier connection between the same ends. */
static void test_syn_after_the_middle_of_another(void **state)
{
    scene s = open_scene();

    (void)state;
    answer(&s, 123, 456, "the end of an older one");
    shake_hands(&s);
    say(&s, 1000, "new");
    read_scene(&s);
    assert_int_equal(s.capture.n, 2);
    assert_stream(&s.capture.tcp[1].stream[HF_CLIENT], "new", false);
    hf_capture_free(&s.capture);
}

/* ---- what is told ---- */

static void test_odd_packets_are_counted_and_told(void **state)
{
    scene s = open_scene();
    talk t = { .sequence = 1000, .flags = T_ACK, .text = "part" };

    (void)state;
    shake_hands(&s);
    for (int i = 0; i < 2; i++) {
        pile frame = ethernet_of(&t);
        frame.data[14 + 6] = 0x20;
        put_record(&s.file, 1700000100, 0, hf_span_of(frame.data, frame.len), frame.len);
        pile_free(&frame);
    }
    put_record(&s.file, 1700000100, 0, hf_span_str("ARP, perhaps"), 12);
    assert_stream(&read_one(&s)->stream[HF_CLIENT], "", false);
    assert_int_equal(s.capture.packets, 6);
    assert_int_equal(s.capture.not_tcp, 3);
    assert_int_equal(s.capture.odd, 2);
    assert_true(s.capture.oddity.happened);
    assert_int_equal(s.capture.oddity.packet, 4);
    assert_non_null(strstr(s.capture.oddity.why, "fragments are not reassembled"));
    hf_capture_free(&s.capture);
}

static void test_what_came_before_the_complaint_is_kept(void **state)
{
    scene s = open_scene();

    (void)state;
    shake_hands(&s);
    say(&s, 1000, "kept");
    pile_bytes(&s.file, "rubbish", 7);
    assert_int_equal(hf_capture_read(&s.capture, hf_span_of(s.file.data, s.file.len)),
                     HF_E_CAPTURE);
    assert_int_equal(s.capture.n, 1);
    assert_stream(&s.capture.tcp[0].stream[HF_CLIENT], "kept", false);
    assert_true(s.capture.complaint.happened);
    assert_int_equal(s.capture.complaint.packet, 4);
    assert_int_equal(s.capture.complaint.offset, s.file.len - 7);
    hf_capture_free(&s.capture);
    pile_free(&s.file);
}

/* Clocks of captures that were merged go back; times within a connection do not. */
static void test_times_never_go_back(void **state)
{
    static const uint32_t seconds[] = { 500, 400, 600, 300 };
    scene s = open_scene();

    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        talk t = { .sequence = 1000 + i, .flags = T_ACK, .text = "x" };
        pile frame = ethernet_of(&t);
        put_record(&s.file, seconds[i], 0, hf_span_of(frame.data, frame.len), frame.len);
        pile_free(&frame);
    }
    const hf_tcp *tcp = read_one(&s);
    assert_pieces(&tcp->stream[HF_CLIENT]);
    assert_int_equal(tcp->started_us, 500000000);
    assert_int_equal(tcp->stream[HF_CLIENT].pieces[1].us, 500000000);
    assert_int_equal(tcp->stream[HF_CLIENT].pieces[3].us, 600000000);
    hf_capture_free(&s.capture);
}

static void test_connections_are_bounded(void **state)
{
    scene s = open_scene();

    (void)state;
    for (uint16_t i = 0; i < HF_STREAMS_MAX + 7; i++)
        SAY(&s, .client_port = (uint16_t)(2000 + i), .sequence = 0, .flags = T_SYN);
    SAY(&s, .client_port = 2000, .sequence = 1, .flags = T_ACK, .text = "known");
    SAY(&s, .client_port = 2000 + HF_STREAMS_MAX, .sequence = 1, .flags = T_ACK,
        .text = "left out");
    read_scene(&s);
    assert_int_equal(s.capture.n, HF_STREAMS_MAX);
    assert_int_equal(s.capture.left_out, 7);
    assert_stream(&s.capture.tcp[0].stream[HF_CLIENT], "known", false);
    hf_capture_free(&s.capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reused_ports),
        cmocka_unit_test(test_connections_beside_each_other),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_begins_in_the_middle),
        cmocka_unit_test(test_roles_are_by_syn),
        cmocka_unit_test(test_syn_after_the_middle_of_another),
        cmocka_unit_test(test_odd_packets_are_counted_and_told),
        cmocka_unit_test(test_what_came_before_the_complaint_is_kept),
        cmocka_unit_test(test_times_never_go_back),
        cmocka_unit_test(test_connections_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
