/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The dissector on two streams and a fixed key log. The first byte says in which pieces they were captured. What follows is what
 * the client sends; the byte TURN makes it the other end's turn. Records of a byte SEAL, which of the key log's secrets and which
 * suite, a content type, a length, and that many bytes are sealed by the target, so that the fuzzer comes behind the protection
 * too. Nothing crashes, the tape keeps its limits, and each byte of both streams is on it, in order and in whole
 * records, with or without the key log, or a note says what was left out.
 */
#include "explain/dissect.h"
#include "fuzz/fuzz.h"

enum {
    SEAL = 0xe0,
    TURN = 0xe1,
    NEXT = 8,
    STREAM_ROOM = 1 << 16,
    SECRETS = 6,
    SUITES = 6,
    SECRET = 32
};

/* ---- the key log ---- */

/* The n-th secret is a run of the byte n + 1, as the randoms are of theirs. */
static const char *const labels[SECRETS] = {
    "CLIENT_EARLY_TRAFFIC_SECRET",     "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
    "SERVER_TRAFFIC_SECRET_0",         "CLIENT_RANDOM",
};
enum { MASTER = 5, CLIENT_RANDOM_BYTE = 'C', SERVER_RANDOM_BYTE = 'S' };

static const uint16_t suites[SUITES] = { 0x1301, 0x1303, 0x009c, 0xc02b, 0xcca9, 0xc0a4 };

static const hf_keylog *keylog(void)
{
    static hf_tape_secret lines[SECRETS];
    static const hf_keylog all = { .secrets = lines, .n = SECRETS, .room = SECRETS };

    for (size_t i = 0; i < SECRETS && lines[i].len == 0; i++) {
        snprintf(lines[i].label, sizeof lines[i].label, "%s", labels[i]);
        memset(lines[i].client_random, CLIENT_RANDOM_BYTE, sizeof lines[i].client_random);
        lines[i].len = i == MASTER ? HF_MASTER_SECRET : SECRET;
        memset(lines[i].secret, (int)i + 1, lines[i].len);
    }
    return &all;
}

/* ---- the streams ---- */

typedef struct sealer {
    hf_traffic keys[2 * SECRETS][SUITES]; /* those of the next generation after the others */
    uint8_t made[2 * SECRETS][SUITES];
} sealer;

static hf_aead *aead(void)
{
    static hf_aead *one;

    if (!one)
        one = hf_aead_new();
    CHECK(one);
    return one;
}

static void make13(hf_traffic *keys, const hf_suite *suite, size_t secret, bool next)
{
    uint8_t bytes[HF_TAPE_SECRET_MAX];

    memcpy(bytes, keylog()->secrets[secret].secret, sizeof bytes);
    if (next)
        CHECK(hf_next_traffic_secret(suite->hash, bytes) == HF_OK);
    CHECK(hf_traffic_keys(keys, suite, bytes) == HF_OK);
}

static void make12(hf_traffic *keys, const hf_suite *suite, hf_role writer)
{
    hf_secrets master = { .hash = suite->hash };

    memset(master.master_secret, MASTER + 1, sizeof master.master_secret);
    memset(master.client_random, CLIENT_RANDOM_BYTE, sizeof master.client_random);
    memset(master.server_random, SERVER_RANDOM_BYTE, sizeof master.server_random);
    CHECK(hf_traffic_keys12(keys, suite, &master, writer) == HF_OK);
}

/* which: the secret, NEXT for the generation after it, and the suite in the high half. */
static hf_traffic *keys_of(sealer *s, uint8_t which, hf_role writer)
{
    size_t secret = which % NEXT % SECRETS, suite = which / 16 % SUITES;
    bool next = which & NEXT;
    const hf_suite *of = hf_suite_of(suites[suite]);
    uint8_t *made = &s->made[secret + (next ? SECRETS : 0)][suite];
    hf_traffic *keys = &s->keys[secret + (next ? SECRETS : 0)][suite];

    if (!*made && of->version == HF_TLS13)
        make13(keys, of, secret, next);
    else if (!*made)
        make12(keys, of, writer);
    *made = 1;
    return keys;
}

static size_t seal(sealer *s, input *in, hf_role writer, uint8_t *out)
{
    uint8_t which = input_u8(in), type = input_u8(in);
    hf_span content = input_take(in, input_u8(in));
    size_t len = 0;

    CHECK(hf_record_seal(aead(), keys_of(s, which, writer), type, &content, 1, 0, out, &len) ==
          HF_OK);
    return len;
}

static void add_piece(hf_stream *stream, size_t at, uint64_t order)
{
    hf_piece *pieces = realloc(stream->pieces, (stream->n_pieces + 1) * sizeof *pieces);

    CHECK(pieces);
    stream->pieces = pieces;
    pieces[stream->n_pieces++] =
        (hf_piece){ .at = at, .us = (int64_t)(order * 1000), .packet = order, .order = order };
}

/* What one end says before it is the other's turn, cut into pieces. */
static void say(hf_stream *stream, hf_role writer, sealer *s, size_t piece, input *in,
                uint64_t *order)
{
    size_t from = stream->len;
    uint8_t byte = 0;

    while (in->left > 0 && (byte = input_u8(in)) != TURN &&
           stream->len + HF_RECORD_OVERHEAD + 256 < STREAM_ROOM) {
        if (byte == SEAL)
            stream->len += seal(s, in, writer, stream->bytes + stream->len);
        else
            stream->bytes[stream->len++] = byte;
    }
    for (size_t at = from; at < stream->len; at += piece ? piece : stream->len)
        add_piece(stream, at, (*order)++);
}

static void make_tcp(hf_tcp *tcp, hf_span data)
{
    sealer *sealers = calloc(2, sizeof *sealers);
    input in = { data.data, data.len };
    uint8_t piece = input_u8(&in);
    uint64_t order = 1;

    CHECK(sealers);
    *tcp = (hf_tcp){ .port = { 40000, 443 } };
    for (int w = 0; w < 2; w++)
        CHECK(tcp->stream[w].bytes = malloc(STREAM_ROOM));
    for (int w = 0; in.left > 0; w = !w)
        say(&tcp->stream[w], (hf_role)w, &sealers[w], piece, &in, &order);
    free(sealers);
    for (int w = 0; w < 2; w++) {
        uint8_t *tight = tight_copy(hf_span_of(tcp->stream[w].bytes, tcp->stream[w].len));
        free(tcp->stream[w].bytes);
        tcp->stream[w].bytes = tight;
        tcp->stream[w].room = tcp->stream[w].len;
    }
}

/* ---- what must hold ---- */

static void check_event(const hf_tape *tape, const hf_tape_event *e, const hf_tape_event *before)
{
    hf_span wire = hf_tape_wire(tape, e), content = hf_tape_content(tape, e);

    CHECK(e->writer < 2 && e->epoch > 0);
    CHECK(e->wire_at <= tape->n_bytes && e->wire_len <= tape->n_bytes - e->wire_at);
    CHECK(e->content_at <= tape->n_bytes && content.len <= tape->n_bytes - e->content_at);
    CHECK(!before || before->us <= e->us);
    if (e->kind != HF_TAPE_RECORD)
        return;
    CHECK(wire.len == HF_RECORD_HEADER + (size_t)(wire.data[3] << 8 | wire.data[4]));
    CHECK(e->content_len <= wire.len - HF_RECORD_HEADER);
    CHECK(e->opened || e->content_type == wire.data[0]);
    if (e->opened && e->epoch == 1 && content.len > 0)
        CHECK(hf_span_equal(content, hf_span_of(wire.data + HF_RECORD_HEADER, content.len)));
}

static void check_limits(const hf_tape *tape)
{
    CHECK(tape->side == HF_TAPE_CAPTURE);
    CHECK(tape->n <= HF_TAPE_EVENTS_MAX && tape->n_bytes <= HF_TAPE_BYTES_MAX);
    CHECK(tape->n_secrets <= HF_TAPE_SECRETS_MAX && tape->n_notes < HF_TAPE_NOTES_MAX);
    for (size_t i = 0; i < tape->n; i++)
        check_event(tape, &tape->events[i], i > 0 ? &tape->events[i - 1] : NULL);
    for (size_t i = 0; i < tape->n_notes; i++) {
        CHECK(tape->notes[i][0]);
        check_text(tape->notes[i], sizeof tape->notes[i]);
    }
    check_text(tape->target, sizeof tape->target);
    check_text(tape->server, sizeof tape->server);
}

static bool left_out(const hf_tape *tape, hf_role writer, size_t bytes)
{
    char of[32], whole[32];

    snprintf(of, sizeof of, "the %s", writer == HF_CLIENT ? "client" : "server");
    snprintf(whole, sizeof whole, "%zu bytes", bytes);
    for (size_t i = 0; i < tape->n_notes; i++)
        if (strstr(tape->notes[i], of) && strstr(tape->notes[i], whole) &&
            strstr(tape->notes[i], "left out"))
            return true;
    return false;
}

/* All of the stream is on the tape, in its order, up to where a note says that the rest is not. */
static size_t check_bytes(const hf_tape *tape, hf_role writer, const hf_stream *stream)
{
    size_t at = 0;

    for (size_t i = 0; i < tape->n; i++) {
        hf_span wire = hf_tape_wire(tape, &tape->events[i]);
        if (tape->events[i].writer != writer || wire.len == 0)
            continue;
        CHECK(wire.len <= stream->len - at && memcmp(wire.data, stream->bytes + at, wire.len) == 0);
        at += wire.len;
    }
    CHECK(at == stream->len || left_out(tape, writer, stream->len - at));
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at[2][2], before[2];
    hf_tape *tape;
    hf_tcp tcp;

    make_tcp(&tcp, hf_span_of(data, size));
    hf_dissect_is_tls(&tcp, before);
    for (int with = 0; with < 2; with++) {
        CHECK(hf_dissect(&tcp, with ? keylog() : NULL, &tape) == HF_OK);
        check_limits(tape);
        for (int w = 0; w < 2; w++) {
            CHECK(before[w] <= tcp.stream[w].len);
            if (tape->lost == 0)
                at[with][w] = check_bytes(tape, (hf_role)w, &tcp.stream[w]);
            CHECK(tape->lost > 0 || with == 0 || at[0][w] == at[1][w]);
        }
        bool lost = tape->lost > 0;
        hf_tape_free(tape);
        if (lost)
            break;
    }
    for (int w = 0; w < 2; w++) {
        free(tcp.stream[w].bytes);
        free(tcp.stream[w].pieces);
    }
    return 0;
}
