/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Where TLS begins in two streams: at their start, after a dialogue in the clear (STARTTLS, a proxy's line), or before the
 * capture did. What came before goes to the tape as it was said.
 */
#include "explain/dissect.h"

enum {
    SCAN_MAX = 65536, /* of a client's bytes before TLS */
    HELLO_LOOK = 11,  /* bytes that a ClientHello is known by: to the end of legacy_version */
    HELLO2_HEADER = 2,
    HELLO2_FIXED = 11, /* SSL 2.0's header, msg_type, version, three lengths */
    HELLO2_MAX = 512   /* of what such a hello becomes */
};

static hf_span bytes_of(const hf_tcp *tcp, hf_role role)
{
    return hf_span_of(tcp->stream[role].bytes, tcp->stream[role].len);
}

/* ---- what TLS looks like ---- */

/* RFC 9846 5.1, RFC 6520 for type 24. Lengths: RFC 5246 6.2.3 allows the most. */
bool hf_dissect_header(hf_span bytes, size_t at, size_t *total)
{
    if (at > bytes.len || bytes.len - at < HF_RECORD_HEADER)
        return false;
    const uint8_t *h = bytes.data + at;
    size_t len = (size_t)(h[3] << 8 | h[4]);

    *total = HF_RECORD_HEADER + len;
    return h[0] >= HF_CT_CHANGE_CIPHER_SPEC && h[0] <= HF_CT_APPLICATION_DATA + 1 && h[1] == 3 &&
           h[2] <= 4 && len <= HF_CIPHERTEXT12_MAX;
}

/* A record of that type, whose first byte inside may be known too (-1: any). */
static bool begins_with(hf_span bytes, uint8_t type, int first)
{
    size_t total;

    if (!hf_dissect_header(bytes, 0, &total) || bytes.data[0] != type || total == HF_RECORD_HEADER)
        return false;
    return first < 0 || bytes.len == HF_RECORD_HEADER || bytes.data[HF_RECORD_HEADER] == first;
}

/* In the midst of other bytes more is asked of it: that its two lengths and its version go together. */
static bool is_hello_at(hf_span bytes, size_t at)
{
    const uint8_t *h = bytes.data + at;
    size_t total;

    if (bytes.len - at < HELLO_LOOK || !hf_dissect_header(bytes, at, &total))
        return false;
    size_t message = HF_HANDSHAKE_HEADER + ((size_t)h[6] << 16 | (size_t)h[7] << 8 | h[8]);
    return h[0] == HF_CT_HANDSHAKE && h[5] == hf_msg_type(HF_MSG_ClientHello) && h[9] == 3 &&
           h[10] <= 3 && message > HF_HANDSHAKE_HEADER + 2 + HF_RANDOM &&
           total - HF_RECORD_HEADER <= message && message <= HF_STREAM_MAX;
}

/* The length of a ClientHello in the form of SSL 2.0, for a version that is TLS (RFC 5246 E.2); 0: there is none. */
static size_t hello2_len(hf_span b)
{
    if (b.len < HELLO2_FIXED || !(b.data[0] & 0x80) || b.data[2] != 1 || b.data[3] != 3)
        return 0;
    size_t len = HELLO2_HEADER + ((size_t)(b.data[0] & 0x7f) << 8 | b.data[1]);
    size_t suites = (size_t)(b.data[5] << 8 | b.data[6]), id = (size_t)(b.data[7] << 8 | b.data[8]),
           challenge = (size_t)(b.data[9] << 8 | b.data[10]);
    bool fits = HELLO2_FIXED + suites + id + challenge == len && suites % 3 == 0 && suites > 0 &&
                challenge >= 16 && challenge <= HF_RANDOM && suites + 64 < HELLO2_MAX;

    return fits && len <= b.len ? len : 0;
}

/* ---- where it begins ---- */

static bool find_hello(hf_span bytes, size_t *at)
{
    size_t end = bytes.len < SCAN_MAX ? bytes.len : SCAN_MAX;

    for (size_t i = 1; i < end; i++)
        if (is_hello_at(bytes, i)) {
            *at = i;
            return true;
        }
    return false;
}

static uint64_t order_at(const hf_stream *s, size_t at)
{
    uint64_t order = 0;

    for (size_t i = 0; i < s->n_pieces && s->pieces[i].at <= at; i++)
        order = s->pieces[i].order;
    return order;
}

/* What the server said before the client's hello. */
static size_t said_before(const hf_stream *s, uint64_t order)
{
    for (size_t i = 0; i < s->n_pieces; i++)
        if (s->pieces[i].order > order)
            return s->pieces[i].at < s->len ? s->pieces[i].at : s->len;
    return s->len;
}

/* The server's answer to a hello that stands in the midst: a handshake or an alert. */
static size_t find_answer(const hf_tcp *tcp, size_t hello)
{
    hf_span bytes = bytes_of(tcp, HF_SERVER);
    size_t before = said_before(&tcp->stream[HF_SERVER], order_at(&tcp->stream[HF_CLIENT], hello));
    size_t end = bytes.len < SCAN_MAX ? bytes.len : SCAN_MAX, total;

    if (before == bytes.len || hf_dissect_header(bytes, before, &total))
        return before;
    for (size_t i = 0; i < end; i++) {
        hf_span rest = hf_span_of(bytes.data + i, bytes.len - i);
        if (begins_with(rest, HF_CT_HANDSHAKE, hf_msg_type(HF_MSG_ServerHello)))
            return i;
    }
    return before;
}

/* A connection whose beginning was not captured: records, one after the other. */
static bool is_midway(hf_span bytes)
{
    size_t total, next;

    return hf_dissect_header(bytes, 0, &total) &&
           (bytes.len < total + HF_RECORD_HEADER || hf_dissect_header(bytes, total, &next));
}

bool hf_dissect_is_tls(const hf_tcp *tcp, size_t at[2])
{
    hf_span client = bytes_of(tcp, HF_CLIENT), server = bytes_of(tcp, HF_SERVER);

    at[HF_CLIENT] = hello2_len(client);
    at[HF_SERVER] = 0;
    if (at[HF_CLIENT] > 0 || begins_with(client, HF_CT_HANDSHAKE, hf_msg_type(HF_MSG_ClientHello)))
        return true;
    if (find_hello(client, &at[HF_CLIENT])) {
        at[HF_SERVER] = find_answer(tcp, at[HF_CLIENT]);
        return true;
    }
    return begins_with(server, HF_CT_HANDSHAKE, hf_msg_type(HF_MSG_ServerHello)) ||
           begins_with(server, HF_CT_ALERT, -1) || is_midway(client) || is_midway(server);
}

/* ---- what was said before ---- */

typedef struct speaker {
    const hf_stream *stream;
    size_t at, until, piece;
} speaker;

static uint64_t next_order(const speaker *s)
{
    if (s->at >= s->until)
        return UINT64_MAX;
    return s->piece < s->stream->n_pieces ? s->stream->pieces[s->piece].order : 0;
}

/* The end of the pieces that came before `order`; one at least. */
static size_t speech_end(speaker *s, uint64_t order)
{
    const hf_stream *stream = s->stream;

    do
        s->piece++;
    while (s->piece < stream->n_pieces && stream->pieces[s->piece].order < order);
    size_t end = s->piece < stream->n_pieces ? stream->pieces[s->piece].at : stream->len;
    return end < s->until ? end : s->until;
}

static void say(hf_dissection *d, speaker *s, hf_role writer, uint64_t order)
{
    bool known = s->piece < s->stream->n_pieces;
    uint64_t us = known ? hf_dissect_us(d, s->stream->pieces[s->piece].us) : 0;
    hf_tape_event event = { .kind = HF_TAPE_PRELUDE, .writer = (uint8_t)writer, .epoch = HF_PLAIN };
    size_t end = speech_end(s, order);

    d->us = us > d->us ? us : d->us;
    event.us = d->us;
    if (end > s->at)
        hf_tape_add(d->tape, &event, hf_span_of(s->stream->bytes + s->at, end - s->at),
                    (hf_span){ NULL, 0 });
    s->at = end > s->at ? end : s->at;
}

/* SSL 2.0's cipher specs have three bytes; those that begin with zero are TLS's. Its challenge is the random's end. */
static size_t as_client_hello(hf_span old, uint8_t out[HELLO2_MAX])
{
    size_t suites = (size_t)(old.data[5] << 8 | old.data[6]);
    size_t challenge = (size_t)(old.data[9] << 8 | old.data[10]);
    const uint8_t *specs = old.data + HELLO2_FIXED, none[1] = { 0 };
    uint8_t random[HF_RANDOM] = { 0 };
    hf_builder b = hf_wr_start(out, HELLO2_MAX);
    hf_span made;

    memcpy(random + HF_RANDOM - challenge, old.data + old.len - challenge, challenge);
    hf_message_open(&b, HF_MSG_ClientHello);
    hf_wr_u16(&b, (uint16_t)(old.data[3] << 8 | old.data[4]));
    hf_wr_bytes(&b, hf_span_of(random, sizeof random));
    hf_wr_vec8(&b, hf_span_of(none, 0));
    hf_wr_open16(&b);
    for (size_t i = 0; i < suites; i += 3)
        if (specs[i] == 0)
            hf_wr_u16(&b, (uint16_t)(specs[i + 1] << 8 | specs[i + 2]));
    hf_wr_close(&b);
    hf_wr_vec8(&b, hf_span_of(none, 1));
    hf_message_close(&b);
    return hf_wr_finish(&b, &made) == HF_OK ? made.len : 0;
}

static void hear_hello2(hf_dissection *d, size_t len)
{
    uint8_t hello[HELLO2_MAX];
    size_t n = as_client_hello(hf_span_of(d->tcp->stream[HF_CLIENT].bytes, len), hello);

    hf_tape_note(d->tape,
                 "the client's ClientHello has the form of SSL 2.0 (RFC 5246 E.2), which is "
                 "no record: its bytes are shown as what came before TLS");
    if (n == 0)
        return;
    memcpy(d->client_random, hello + HF_HANDSHAKE_HEADER + 2, HF_RANDOM);
    hf_dissect_secrets(d);
    hf_follow_message(&d->f, HF_MSG_ClientHello, HF_CLIENT, hf_span_of(hello, n));
}

void hf_dissect_prelude(hf_dissection *d, const size_t until[2])
{
    const hf_stream *both = d->tcp->stream;
    speaker s[2] = { { &both[0], 0, until[0], 0 }, { &both[1], 0, until[1], 0 } };
    size_t hello2 = hello2_len(bytes_of(d->tcp, HF_CLIENT));

    while (s[0].at < s[0].until || s[1].at < s[1].until) {
        uint64_t order[2] = { next_order(&s[0]), next_order(&s[1]) };
        hf_role w = order[HF_SERVER] < order[HF_CLIENT] ? HF_SERVER : HF_CLIENT;
        say(d, &s[w], w, order[!w]);
    }
    if (hello2 > 0)
        hear_hello2(d, hello2);
}
