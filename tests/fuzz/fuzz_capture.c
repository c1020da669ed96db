/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Captures of somebody else. An input that begins as pcap or pcapng does is one; of another the first bytes are a key log,
 * and the rest is what two ends said, so that what understands TLS is not hidden behind headers. Whatever the bytes are: packets,
 * streams and pieces are within their limits and in order, a stream's bytes are the capture's, every complaint says why, and
 * every output can be made of what was found.
 */
#include "explain/capture.h"
#include "explain/streams.h"
#include "fuzz/fuzz.h"
#include "fuzz/tapes.h"

/* ---- packets ---- */

typedef struct heard {
    hf_span file;
    uint64_t n;
} heard;

static void check_packet(void *user, const hf_packet *packet)
{
    heard *h = user;
    hf_segment s;
    const char *why = "";

    CHECK(packet->number == ++h->n);
    CHECK(packet->bytes.len == 0 || hf_span_within(packet->bytes, h->file));
    bool good = hf_segment_read(packet, &s, &why);
    CHECK(good ? !why : !why || why[0]);
    CHECK(!good || s.payload.len == 0 || hf_span_within(s.payload, packet->bytes));
    CHECK(!good || (s.packet == packet->number && s.us == packet->us));
}

static void check_complaint(const hf_complaint *c, uint64_t packets, size_t size)
{
    if (!c->happened)
        return;
    CHECK(c->why[0] && c->packet <= packets && c->offset <= size);
    check_text(c->why, sizeof c->why);
}

static uint64_t check_packets(hf_span file)
{
    heard h = { .file = file };
    hf_keylog keylog = { .n = 0 };
    hf_complaint c;

    hf_error e = hf_packets_read(file, &keylog, check_packet, &h, &c);
    CHECK(e == (c.happened ? HF_E_CAPTURE : HF_OK));
    check_complaint(&c, h.n, file.len);
    hf_keylog_free(&keylog);
    return h.n;
}

/* ---- streams ---- */

static void check_stream(const hf_stream *s, uint64_t packets)
{
    CHECK(s->len <= HF_STREAM_MAX && s->len <= s->room && s->n_pieces <= s->pieces_room);
    CHECK((s->n_pieces == 0) == (s->len == 0) && (s->len == 0 || s->pieces[0].at == 0));
    for (size_t i = 0; i < s->n_pieces; i++) {
        const hf_piece *p = &s->pieces[i];
        CHECK(p->at < (i + 1 < s->n_pieces ? p[1].at : s->len));
        CHECK(i == 0 || (p->order > p[-1].order && p->us >= p[-1].us));
        CHECK(p->order > 0 && p->packet > 0 && p->packet <= packets);
    }
    CHECK(s->gap == (s->gap_packet > 0) && s->gap_packet <= packets);
    CHECK(s->gap + s->fin + s->full <= 1);
    CHECK(!s->full || s->len == HF_STREAM_MAX);
}

/* The tape has the stream from its beginning, as far as it made sense. */
static void check_prefix(const hf_tape *tape, const hf_tcp *tcp, hf_role writer)
{
    size_t len;
    uint8_t *own = wire_of(tape, writer, &len);

    CHECK(len <= tcp->stream[writer].len);
    CHECK(len == 0 || memcmp(own, tcp->stream[writer].bytes, len) == 0);
    free(own);
}

/* One input in thirty-two is shown in each of the ways that take long. */
static unsigned way_of(const hf_tcp *tcp)
{
    unsigned sum = 0;

    for (hf_role role = HF_CLIENT; role <= HF_SERVER; role++)
        for (size_t i = 0; i < tcp->stream[role].len; i++)
            sum = sum * 31 + tcp->stream[role].bytes[i];
    return sum / 32 % 32;
}

static void check_connection(const hf_tcp *tcp, const hf_keylog *keylog)
{
    size_t at[2] = { 0, 0 };
    hf_tape *tape = NULL;

    if (hf_dissect_is_tls(tcp, at))
        CHECK(at[0] <= tcp->stream[0].len && at[1] <= tcp->stream[1].len);
    CHECK(hf_dissect(tcp, keylog, &tape) == HF_OK && tape);
    CHECK(tape->side == HF_TAPE_CAPTURE && tape->lost == 0);
    check_tape(tape);
    for (hf_role role = HF_CLIENT; role <= HF_SERVER; role++)
        check_prefix(tape, tcp, role);
    check_shown(tape, way_of(tcp));
    hf_tape_free(tape);
}

static void run_file(hf_span file)
{
    hf_capture c = { .n = 0 };
    size_t sum = 0;
    uint64_t packets = check_packets(file);

    hf_error e = hf_capture_read(&c, file);
    CHECK(e == (c.complaint.happened ? HF_E_CAPTURE : HF_OK));
    check_complaint(&c.complaint, packets, file.len);
    CHECK(c.packets == packets && c.not_tcp <= packets && c.odd <= c.not_tcp);
    CHECK(c.oddity.happened == (c.odd > 0));
    check_complaint(&c.oddity, packets, file.len);
    CHECK(c.n <= HF_STREAMS_MAX && c.left_out <= packets);
    for (size_t i = 0; i < c.n; i++) {
        for (hf_role role = HF_CLIENT; role <= HF_SERVER; role++) {
            check_stream(&c.tcp[i].stream[role], packets);
            sum += c.tcp[i].stream[role].len;
        }
        CHECK(c.tcp[i].first_packet > 0 && c.tcp[i].first_packet <= packets);
        check_connection(&c.tcp[i], &c.keylog);
    }
    CHECK(sum <= file.len); /* each byte is in one stream, once */
    hf_capture_free(&c);
}

/* ---- what two ends said ---- */

/* A length that fits its byte, or with the highest bit set the next one too. */
static size_t take_length(input *in)
{
    size_t first = input_u8(in);

    return first < 0x80 ? first : (first & 0x7f) << 8 | input_u8(in);
}

static void run_talk(hf_span bytes)
{
    input in = { bytes.data, bytes.len };
    hf_direction way[2] = { { .open = true }, { .open = true } };
    hf_tcp tcp = { .port = { 50000, 443 }, .first_packet = 1 };
    hf_keylog keylog = { .n = 0 };
    uint64_t order = 0, packet = 0;

    CHECK(hf_keylog_read(&keylog, input_take(&in, take_length(&in))) == HF_OK);
    while (in.left > 0) {
        size_t len = take_length(&in);
        int writer = input_u8(&in) & 1;
        hf_segment s = { .payload = input_take(&in, len),
                         .us = (int64_t)order,
                         .packet = ++packet };
        s.sequence = way[writer].next;
        CHECK(hf_direction_take(&way[writer], &tcp.stream[writer], &s, &order) == HF_OK);
    }
    for (hf_role role = HF_CLIENT; role <= HF_SERVER; role++) {
        hf_direction_end(&way[role], &tcp.stream[role]);
        check_stream(&tcp.stream[role], packet);
    }
    check_connection(&tcp, &keylog);
    hf_keylog_free(&keylog);
    for (hf_role role = HF_CLIENT; role <= HF_SERVER; role++) {
        hf_free(tcp.stream[role].bytes);
        hf_free(tcp.stream[role].pieces);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = tight_copy(hf_span_of(data, size));
    hf_span input_bytes = hf_span_of(copy, size);

    if (hf_capture_is(input_bytes))
        run_file(input_bytes);
    else
        run_talk(input_bytes);
    free(copy);
    return 0;
}
