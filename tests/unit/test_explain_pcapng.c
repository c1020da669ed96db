/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A tape as a pcapng file: what is read back from it, what each packet has to be, and what Wireshark's programs make of it. */
#include "unit/capture_support.h"

#include <unistd.h>

#include "explain/outputs.h"
#include "handshake/script.h"
#include "support/pair.h"

/* ---- tapes ---- */

enum { STARTED_S = 1700000000 };
#define STARTED_US (STARTED_S * (int64_t)1000000)

static hf_tape *new_tape(const char *client, const char *server)
{
    hf_tape *tape = hf_tape_new(HF_TAPE_CLIENT, NULL, NULL);

    assert_non_null(tape);
    tape->started_us = STARTED_US;
    snprintf(tape->client, sizeof tape->client, "%s", client);
    snprintf(tape->server, sizeof tape->server, "%s", server);
    snprintf(tape->program, sizeof tape->program, "handfast 1.2.3");
    return tape;
}

/* Bytes that differ from place to place. */
static hf_span bytes_of(size_t len)
{
    static uint8_t bytes[70000];

    assert_true(len <= sizeof bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    return hf_span_of(bytes, len);
}

static void add(hf_tape *tape, uint8_t kind, hf_role writer, uint64_t us, hf_span wire)
{
    hf_tape_event event = { .kind = kind, .writer = (uint8_t)writer, .us = us, .epoch = HF_PLAIN };

    assert_true(hf_tape_add(tape, &event, wire, hf_span_str("")));
}

/* A dialogue before TLS, small and large records, several at one moment, changes of keys between them. */
static hf_tape *talkative_tape(const char *client, const char *server)
{
    hf_tape *tape = new_tape(client, server);

    add(tape, HF_TAPE_PRELUDE, HF_SERVER, 0, hf_span_str("220 mail.test ESMTP\r\n"));
    add(tape, HF_TAPE_PRELUDE, HF_CLIENT, 100, hf_span_str("STARTTLS\r\n"));
    add(tape, HF_TAPE_RECORD, HF_CLIENT, 200, bytes_of(1461));
    add(tape, HF_TAPE_RECORD, HF_SERVER, 300, bytes_of(1));
    add(tape, HF_TAPE_KEYS, HF_SERVER, 300, hf_span_str(""));
    add(tape, HF_TAPE_RECORD, HF_SERVER, 300, bytes_of(16389));
    add(tape, HF_TAPE_PROVED, HF_CLIENT, 310, hf_span_str(""));
    add(tape, HF_TAPE_RECORD, HF_SERVER, 1300000, bytes_of(70000));
    add(tape, HF_TAPE_RECORD, HF_CLIENT, 1300001, bytes_of(1440));
    return tape;
}

static void add_secret(hf_tape *tape, const char *label, size_t len)
{
    hf_tape_secret secret = { .len = len };

    snprintf(secret.label, sizeof secret.label, "%s", label);
    memcpy(secret.client_random, bytes_of(32).data, 32);
    memcpy(secret.secret, bytes_of(len).data, len);
    assert_true(hf_tape_add_secret(tape, &secret));
}

static hf_sheet file_of(const hf_tape *tape)
{
    hf_story story = { .tape = tape };
    hf_sheet out = { .error = HF_OK };

    assert_int_equal(hf_show_pcapng(&story, &out), HF_OK);
    assert_true(out.len > 0);
    return out;
}

static hf_span span_of(const hf_sheet *file)
{
    return hf_span_of(file->text, file->len);
}

/* ---- there and back ---- */

static void assert_writer(const hf_tape *tape, hf_role writer, const hf_stream *stream)
{
    size_t at = 0;

    for (size_t i = 0; i < tape->n; i++) {
        hf_span wire = hf_tape_wire(tape, &tape->events[i]);
        if (tape->events[i].writer != writer || wire.len == 0)
            continue;
        assert_true(at + wire.len <= stream->len);
        assert_memory_equal(stream->bytes + at, wire.data, wire.len);
        for (size_t p = 0; p < stream->n_pieces;
             p++) /* each piece of it has the time of its record */
            if (stream->pieces[p].at >= at && stream->pieces[p].at < at + wire.len)
                assert_int_equal(stream->pieces[p].us, STARTED_US + (int64_t)tape->events[i].us);
        at += wire.len;
    }
    assert_int_equal(stream->len, at);
    assert_true(stream->fin);
    assert_false(stream->gap || stream->middle || stream->reset || stream->full);
}

static hf_tcp there_and_back(const hf_tape *tape)
{
    hf_sheet file = file_of(tape);
    hf_capture capture = { .n = 0 };

    assert_true(hf_capture_is(span_of(&file)));
    assert_int_equal(hf_capture_read(&capture, span_of(&file)), HF_OK);
    assert_false(capture.complaint.happened || capture.oddity.happened);
    assert_int_equal(capture.not_tcp, 0);
    assert_int_equal(capture.n, 1);
    hf_tcp tcp = capture.tcp[0];
    for (hf_role role = HF_CLIENT; role <= HF_SERVER; role++)
        assert_writer(tape, role, &tcp.stream[role]);
    assert_int_equal(tcp.started_us, STARTED_US);
    assert_int_equal(capture.keylog.n, tape->n_secrets);
    for (size_t i = 0; i < tape->n_secrets; i++)
        assert_memory_equal(&capture.keylog.secrets[i], &tape->secrets[i], sizeof *tape->secrets);
    hf_capture_free(&capture);
    hf_sheet_free(&file);
    return tcp; /* without its streams */
}

static void test_there_and_back(void **state)
{
    static const char *const ends[][2] = { { "192.0.2.7:50001", "198.51.100.9:25" },
                                           { "[2001:db8::7]:50001", "[2001:db8::9]:25" } };

    (void)state;
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        hf_tape *tape = talkative_tape(ends[ipv6][0], ends[ipv6][1]);
        add_secret(tape, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", 48);
        add_secret(tape, "CLIENT_RANDOM", 48);
        add_secret(tape, "EXPORTER_SECRET", 32);
        hf_tcp tcp = there_and_back(tape);
        assert_int_equal(tcp.ipv6, ipv6);
        assert_int_equal(tcp.port[HF_CLIENT], 50001);
        assert_int_equal(tcp.port[HF_SERVER], 25);
        assert_int_equal(tcp.address[HF_CLIENT][ipv6 ? 15 : 3], 7);
        assert_int_equal(tcp.address[HF_SERVER][ipv6 ? 15 : 3], 9);
        hf_tape_free(tape);
    }
}

static void test_a_tape_without_anything(void **state)
{
    hf_tape *tape = new_tape("", "");

    (void)state;
    hf_tcp tcp = there_and_back(tape);
    assert_int_equal(tcp.port[HF_SERVER], 443);
    hf_tape_free(tape);
}

/* Ends that are not known, or make no sense, are addresses of documentation; both are of one kind. */
static void test_ends_are_made_up(void **state)
{
    static const struct {
        const char *client, *server;
        bool ipv6;
        uint8_t last[2];
        uint16_t port[2];
    } rows[] = {
        { "", "", false, { 1, 2 }, { 49152, 443 } },
        { "10.0.0.8:7", "", false, { 8, 2 }, { 7, 443 } },
        { "", "10.0.0.9:8443", false, { 1, 9 }, { 49152, 8443 } },
        { "", "[::9]:8443", true, { 1, 9 }, { 49152, 8443 } },
        { "[::8]:7", "", true, { 8, 2 }, { 7, 443 } },
        { "10.0.0.8:7", "[::9]:8", true, { 1, 9 }, { 7, 8 } },
        { "[::8]:7", "10.0.0.9:8", false, { 1, 9 }, { 7, 8 } },
        { "somewhere:7", "10.0.0.9", false, { 1, 2 }, { 49152, 443 } },
        { ":", "[]:1", false, { 1, 2 }, { 49152, 443 } },
        { "10.0.0.8:0", "10.0.0.9:65536", false, { 8, 9 }, { 49152, 443 } },
        { "127.0.0.1:443", "127.0.0.1:443", false, { 1, 1 }, { 442, 443 } }, /* told apart */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_tape *tape = talkative_tape(rows[i].client, rows[i].server);
        hf_tcp tcp = there_and_back(tape);
        assert_int_equal(tcp.ipv6, rows[i].ipv6);
        for (hf_role role = HF_CLIENT; role <= HF_SERVER; role++) {
            assert_int_equal(tcp.address[role][rows[i].ipv6 ? 15 : 3], rows[i].last[role]);
            assert_int_equal(tcp.port[role], rows[i].port[role]);
        }
        hf_tape_free(tape);
    }
}

/* ---- each packet ---- */

typedef struct auditor {
    bool ipv6;
    uint32_t sent[2],
        heard[2]; /* by side: sequence number after the last byte, and the highest acknowledged */
    size_t packets;
} auditor;

static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += (uint32_t)(i % 2 ? p[i] : p[i] << 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* RFC 9293 3.1: over addresses, protocol and length, then header and data, it comes to all ones. */
static void assert_checksums(const hf_packet *packet, bool ipv6)
{
    const uint8_t *ip = packet->bytes.data + 14;
    size_t header = ipv6 ? 40 : 20, len = packet->bytes.len - 14 - header;

    if (!ipv6)
        assert_int_equal(sum16(0, ip, 20), 0xffff);
    uint32_t sum = sum16(6 + (uint32_t)len, ip + (ipv6 ? 8 : 12), ipv6 ? 32 : 8);
    assert_int_equal(sum16(sum, ip + header, len), 0xffff);
}

static void audit(void *user, const hf_packet *packet)
{
    auditor *a = user;
    hf_segment s;
    const char *why;

    assert_true(hf_segment_read(packet, &s, &why));
    assert_int_equal(s.ipv6, a->ipv6);
    assert_true(packet->bytes.len <= 1514);
    assert_false(packet->cut);
    assert_checksums(packet, s.ipv6);
    int side = s.from_port == 443;
    if (a->packets > 0 && !s.syn)
        assert_int_equal(s.sequence, a->sent[side]); /* in order, nothing twice */
    a->sent[side] = s.sequence + (uint32_t)s.payload.len + s.syn + s.fin;
    if (s.has_ack)
        a->heard[!side] = s.ack;
    else
        a->heard[side] = s.sequence;
    assert_true(a->sent[side] - a->heard[side] <= 65535); /* what the window allows */
    if (s.has_ack)
        assert_int_equal(s.ack, a->sent[!side]);
    a->packets++;
}

static void test_every_packet_is_right(void **state)
{
    (void)state;
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        hf_tape *tape = talkative_tape("", ipv6 ? "[::1]:443" : "127.0.0.1:443");
        hf_sheet file = file_of(tape);
        hf_complaint complaint;
        auditor a = { .ipv6 = ipv6 };
        assert_int_equal(hf_packets_read(span_of(&file), NULL, audit, &a, &complaint), HF_OK);
        assert_true(a.packets > 6 + 70000 / 1460);
        assert_int_equal(a.sent[0], a.heard[0]);
        assert_int_equal(a.sent[1], a.heard[1]);
        hf_sheet_free(&file);
        hf_tape_free(tape);
    }
}

/* ---- the blocks around them ---- */

static uint32_t number(const hf_sheet *file, size_t at)
{
    const uint8_t *p = (const uint8_t *)file->text + at;

    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static size_t count_blocks(const hf_sheet *file, uint32_t type)
{
    size_t n = 0;

    for (size_t at = 0; at < file->len; at += number(file, at + 4))
        n += number(file, at) == type;
    return n;
}

static bool has_run(const hf_sheet *file, size_t len, hf_span run)
{
    for (size_t at = 0; at + run.len <= len; at++)
        if (memcmp(file->text + at, run.data, run.len) == 0)
            return true;
    return false;
}

static void test_blocks(void **state)
{
    hf_tape *tape = talkative_tape("", "");
    hf_sheet file = file_of(tape);

    (void)state;
    assert_int_equal(number(&file, 0), 0x0a0d0d0a);
    assert_int_equal(number(&file, 8), 0x1a2b3c4d);
    size_t interface = number(&file, 4);
    assert_int_equal(number(&file, interface), 1);
    assert_int_equal(number(&file, interface + 8), 1); /* Ethernet */
    assert_true(
        has_run(&file, interface, hf_span_of("\4\0\x0e\0handfast 1.2.3", 18))); /* shb_userappl */
    assert_int_equal(count_blocks(&file, 1), 1);
    assert_int_equal(count_blocks(&file, 10), 0); /* no secrets, no block of them */
    hf_sheet_free(&file);
    add_secret(tape, "EXPORTER_SECRET", 32);
    add_secret(tape, "CLIENT_RANDOM", 48);
    file = file_of(tape);
    assert_int_equal(count_blocks(&file, 10), 1);
    hf_sheet_free(&file);
    hf_tape_free(tape);
}

/* ---- what others make of it ---- */

static void log_secret(void *user, const char *line)
{
    hf_tape_keylog(user, line);
}

/* A handshake of that version and some data, heard by the client. */
static hf_tape *live_tape(uint16_t version, const char *client, const char *server)
{
    static hf_policy policy;
    hf_tape *tape = new_tape(client, server);
    hf_trace_sink sink = hf_tape_sink(tape);
    pair p;

    policy = policy_of_version("default", version);
    pair_options options = {
        .policy = { &policy, &policy },
        .trace = { &sink, NULL },
        .hooks = { { .keylog = log_secret, .user = tape }, { .user = NULL } },
    };
    pair_start(&p, &options);
    pair_connect(&p);
    pair_send(&p, HF_CLIENT, "GET / HTTP/1.0\r\n\r\n", 18);
    pair_send(&p, HF_SERVER, bytes_of(40000).data, 40000);
    pair_free(&p);
    assert_true(tape->n > 10 && tape->n_secrets > 0);
    return tape;
}

static bool has_program(const char *name)
{
    char command[128];

    snprintf(command, sizeof command, "command -v %s > /dev/null 2>&1", name);
    return system(command) == 0;
}

static void need(const char *name)
{
    if (!has_program(name)) {
        print_message("skip: missing peer: %s\n", name);
        skip();
    }
}

/* What a command says about the file. */
static char *told(const hf_sheet *file, const char *before, const char *after)
{
    static char text[65536];
    char path[] = "/tmp/handfast-test-XXXXXX", command[512];
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, file->text, file->len), file->len);
    close(fd);
    snprintf(command, sizeof command, "HOME=/nonexistent %s %s %s 2> /dev/null", before, path,
             after);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    text[fread(text, 1, sizeof text - 1, out)] = '\0';
    int status = pclose(out);
    unlink(path);
    if (status != 0)
        fail_msg("%s: %s", command, text);
    return text;
}

#define TSHARK                                                                                     \
    "tshark -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o "                              \
    "tcp.desegment_tcp_streams:TRUE -r"

/* Nothing that Wireshark's analysis of TCP frowns at, nothing malformed, no bad checksum. */
static void assert_no_complaint(const hf_sheet *file)
{
    char *text = told(file, TSHARK,
                      "-Y 'tcp.analysis.flags || _ws.malformed || ip.checksum.status == 0 || "
                      "tcp.checksum.status == 0' -T fields -e frame.number -e _ws.col.Info");

    if (text[0])
        fail_msg("%s", text);
    text = told(file, TSHARK, "-Y 'tcp.checksum.status == 1' -T fields -e frame.number");
    assert_true(text[0]); /* they were looked at */
}

static size_t count_lines(const char *text)
{
    size_t n = 0;

    while (*text)
        n += *text++ == '\n';
    return n;
}

static void assert_decrypted(uint16_t version, const char *client, const char *server)
{
    hf_tape *tape = live_tape(version, client, server);
    hf_sheet file = file_of(tape);

    char *text = told(&file, TSHARK, "-Y 'tls.handshake.type == 20' -T fields -e tcp.srcport");
    if (count_lines(text) != 2) /* the Finished of both ends, which are encrypted */
        fail_msg("Finished: %s", text);
    text = told(&file, TSHARK, "-Y http.request -T fields -e http.request.method");
    assert_string_equal(text, "GET\n");
    assert_no_complaint(&file);
    hf_sheet_free(&file);
    hf_tape_free(tape);
}

static void test_tshark_decrypts(void **state)
{
    (void)state;
    need("tshark");
    assert_decrypted(HF_TLS13, "127.0.0.1:50000", "127.0.0.1:443");
    assert_decrypted(HF_TLS12, "127.0.0.1:50000", "127.0.0.1:443");
    assert_decrypted(HF_TLS13, "[::1]:50000", "[::1]:4433");
}

static void test_tshark_follows_the_connection(void **state)
{
    hf_tape *tape = talkative_tape("", "10.0.0.1:2525");
    hf_sheet file = file_of(tape);

    (void)state;
    need("tshark");
    assert_no_complaint(&file);
    char *text = told(&file, TSHARK, "-q -z follow,tcp,ascii,0");
    assert_non_null(strstr(text, "220 mail.test ESMTP"));
    assert_non_null(strstr(text, "STARTTLS"));
    text = told(&file, TSHARK, "-c 4 -T fields -e frame.time_epoch -e tcp.flags.str");
    assert_non_null(strstr(text, "1700000000.000000000"));
    hf_sheet_free(&file);
    hf_tape_free(tape);
}

static void test_capinfos_reads_it(void **state)
{
    hf_tape *tape = talkative_tape("", "");
    hf_sheet file = file_of(tape);

    (void)state;
    need("capinfos");
    char *text = told(&file, "capinfos", "");
    assert_non_null(strstr(text, "pcapng"));
    assert_non_null(strstr(text, "handfast 1.2.3"));
    assert_non_null(strstr(text, "microseconds"));
    assert_non_null(strstr(text, "Strict time order:   True"));
    assert_non_null(strstr(text, "1.300001 seconds"));
    hf_sheet_free(&file);
    hf_tape_free(tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_a_tape_without_anything),
        cmocka_unit_test(test_ends_are_made_up),
        cmocka_unit_test(test_every_packet_is_right),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_tshark_decrypts),
        cmocka_unit_test(test_tshark_follows_the_connection),
        cmocka_unit_test(test_capinfos_reads_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
