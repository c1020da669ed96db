/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The grammar of a bad peer's programs, and mutations that keep it. */
#include "fuzz/program.h"

#include "fuzz/pki.h"
#include "registry/registry.h"

enum { HEAD = 4, CUTS_MAX = 128, STEP_MAX = 128, RAW_MAX = 1024 };
enum {
    NEW_SESSION_TICKET = 4,
    KEY_UPDATE = 24,
    ALERT = 1 /* OP_RECORD counts from change_cipher_spec */
};

/* ---- grammar ---- */

size_t program_head_size(input in)
{
    uint8_t how = input_u8(&in);

    input_take(&in, HEAD - 1);
    return how & PROGRAM_REWRITES ? HEAD + 1u + input_u8(&in) : HEAD;
}

size_t program_step_size(input in)
{
    switch (input_u8(&in) % PROGRAM_OPS) {
    case OP_EDITED:
    case OP_EDITED_WHOLE: return 1 + edits_size(in);
    case OP_DAMAGED: return 4;
    case OP_RECORD:
    case OP_PLAIN_RECORD:
    case OP_MESSAGE: input_u8(&in); return 3u + input_u8(&in);
    case OP_RAW: return 3u + input_u16(&in) % RAW_MAX;
    case OP_PIECES:
    case OP_APPLICATION:
    case OP_CHUNK:
    case OP_TIME: return 2;
    default: return 1;
    }
}

/* Where the head ends, and each step. */
typedef struct cuts {
    size_t at[CUTS_MAX + 1], n; /* steps */
} cuts;

static void cut(hf_span program, cuts *c)
{
    input in = { program.data, program.len };

    input_take(&in, program_head_size(in));
    c->at[0] = program.len - in.left;
    for (c->n = 0; c->n < CUTS_MAX && in.left > 0; c->n++) {
        input_take(&in, program_step_size(in));
        c->at[c->n + 1] = program.len - in.left;
    }
}

/* ---- steps at random ---- */

/* What a peer may say at any time, and what it may not. */
static size_t make_message(uint64_t *random, uint8_t *out)
{
    static const uint8_t types[] = { 0, 1, 2, 4, 4, 5, 8, 11, 12, 13, 14, 15, 16, 20, 22, 24, 24 };
    /* NewSessionTicket: lifetime, age_add, nonce, ticket, extensions */
    static const uint8_t ticket[] = {
        0, 0, 14, 16, 1, 2, 3, 4, 1, 0, 0, 4, 't', 'i', 'c', 'k', 0, 0
    };

    out[1] = types[fields_random(random) % sizeof types];
    out[2] = (uint8_t)(out[1] == KEY_UPDATE ? 1 : fields_random(random) % 40);
    fuzz_draw(random, out + 3, out[2]);
    if (out[1] == KEY_UPDATE)
        out[3] %= 3;
    if (out[1] == NEW_SESSION_TICKET && fields_random(random) % 4 > 0) {
        memcpy(out + 3, ticket, sizeof ticket);
        out[2] = sizeof ticket;
        out[12] ^= (uint8_t)(fields_random(random) % 2);
    }
    return 3u + out[2];
}

/* Alerts and data among others. */
static size_t make_record(uint64_t *random, uint8_t *out)
{
    static const uint8_t types[] = { 0, 1, 1, 2, 3, 3, 3, 65, 130 };

    out[1] = types[fields_random(random) % sizeof types];
    out[2] = (uint8_t)(out[1] == ALERT ? 2 : fields_random(random) % 50);
    fuzz_draw(random, out + 3, out[2]);
    if (out[1] == ALERT)
        out[3] = (uint8_t)(1 + out[3] % 2);
    if (out[1] == ALERT && out[4] % 4 > 0)
        out[4] = out[4] % 3 == 0 ? HF_ALERT_close_notify : HF_ALERT_user_canceled;
    return 3u + out[2];
}

/* Mostly what is due, so that a program gets on. */
static size_t make_step(uint64_t *random, uint8_t out[STEP_MAX])
{
    static const uint8_t ops[] = { OP_DUE,     OP_DUE,          OP_DUE,         OP_DUE,
                                   OP_DUE,     OP_EDITED,       OP_EDITED,      OP_EDITED,
                                   OP_JOINED,  OP_PIECES,       OP_MESSAGE,     OP_MESSAGE,
                                   OP_RECORD,  OP_RECORD,       OP_LEFT_OUT,    OP_AGAIN,
                                   OP_DAMAGED, OP_PLAIN_RECORD, OP_TIME,        OP_CHUNK,
                                   OP_RECORD,  OP_JOINED,       OP_UPDATE_KEYS, OP_APPLICATION };

    fuzz_draw(random, out, STEP_MAX);
    out[0] = (uint8_t)(ops[fields_random(random) % sizeof ops] + out[0] / 64 * PROGRAM_OPS);
    switch (out[0] % PROGRAM_OPS) {
    case OP_EDITED: return 1 + edits_make(random, out + 1, STEP_MAX - 1);
    case OP_MESSAGE: return make_message(random, out);
    case OP_RECORD:
    case OP_PLAIN_RECORD: return make_record(random, out);
    default: return program_step_size((input){ out, STEP_MAX });
    }
}

/* ---- mutations ---- */

/* Replaces bytes [from, to) if the result fits. */
static size_t put(uint8_t *data, size_t size, size_t max, size_t from, size_t to, hf_span by)
{
    if (size - (to - from) + by.len > max)
        return size;
    memmove(data + from + by.len, data + to, size - to);
    if (by.len > 0)
        memcpy(data + from, by.data, by.len);
    return size - (to - from) + by.len;
}

static size_t repeat(uint8_t *data, size_t size, size_t max, size_t from, size_t to, size_t at)
{
    uint8_t *copy = tight_copy(hf_span_of(data + from, to - from));
    size_t now = put(data, size, max, at, at, hf_span_of(copy, to - from));

    free(copy);
    return now;
}

/* A byte of a step behind the one that says what it is, and behind its length where it has one. */
static void change_contents(uint8_t *data, size_t from, size_t to, uint64_t *random)
{
    if (to == from)
        return;
    size_t fixed =
        data[from] % PROGRAM_OPS >= OP_RECORD && data[from] % PROGRAM_OPS <= OP_RAW ? 3 : 1;

    if (to - from <= fixed)
        return;
    size_t at = from + fixed + fields_random(random) % (to - from - fixed);
    if (fields_random(random) % 2)
        data[at] ^= (uint8_t)(1u << fields_random(random) % 8);
    else
        data[at] = (uint8_t)fields_random(random);
}

static size_t change_head(uint8_t *data, size_t size, size_t max, size_t head, uint64_t *random)
{
    uint8_t edits[STEP_MAX];

    if (head < HEAD)
        return size;
    if (fields_random(random) % 2) {
        data[fields_random(random) % HEAD] = (uint8_t)fields_random(random);
        return size;
    }
    size_t n = edits_make(random, edits + 1, sizeof edits - 1);
    edits[0] = (uint8_t)n;
    data[0] |= PROGRAM_REWRITES;
    data[3] = (uint8_t)(fields_random(random) % HF_MSG_COUNT);
    return put(data, size, max, HEAD, head, hf_span_of(edits, n + 1));
}

static size_t mutate_once(uint8_t *data, size_t size, size_t max, uint64_t *random)
{
    uint8_t step[STEP_MAX];
    cuts c;

    cut(hf_span_of(data, size), &c);
    size_t i = fields_random(random) % (c.n + 1), j = fields_random(random) % (c.n + 1);
    size_t from = c.at[i], to = i < c.n ? c.at[i + 1] : from;
    switch (fields_random(random) % 8) {
    case 0: return change_head(data, size, max, c.at[0], random);
    case 1:
    case 2: return put(data, size, max, from, from, hf_span_of(step, make_step(random, step)));
    case 3: return put(data, size, max, from, to, hf_span_of(step, make_step(random, step)));
    case 4: return put(data, size, max, from, to, hf_span_of(NULL, 0));
    case 5: return repeat(data, size, max, from, to, c.at[j]);
    default: change_contents(data, from, to, random); return size;
    }
}

size_t program_mutate(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    uint64_t random = seed;
    size_t least = HEAD;

    if (max < least)
        return size;
    if (size < least) {
        memset(data + size, 0, least - size);
        size = least;
    }
    for (uint64_t n = 1 + fields_random(&random) % 3; n > 0; n--)
        size = mutate_once(data, size, max, &random);
    return size;
}

size_t program_cross(hf_span a, hf_span b, uint8_t *out, size_t max, unsigned seed)
{
    uint64_t random = seed;
    cuts first, second;

    cut(a, &first);
    cut(b, &second);
    size_t end = first.at[fields_random(&random) % (first.n + 1)];
    size_t start = second.at[fields_random(&random) % (second.n + 1)];
    end = end < max ? end : max;
    size_t rest = b.len - start < max - end ? b.len - start : max - end;
    memcpy(out, a.data, end);
    memcpy(out + end, b.data + start, rest);
    return end + rest;
}
