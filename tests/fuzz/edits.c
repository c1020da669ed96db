/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An edit is: how, a place in two bytes, and what it needs beside. how % 5 tells what is done, and how / 5 to
 * how many bytes; a flip that names no bit is an edit of the fields.
 */
#include "fuzz/edits.h"

#include "fuzz/pki.h"

enum {
    EDITS_MAX = 4,
    BODY_MAX = 32768,
    FLIP = 0,
    OVERWRITE,
    INSERT,
    REMOVE,
    REPEAT,
    KINDS,
    BITS = 8
};

static bool is_of_fields(uint8_t how)
{
    return how % KINDS == FLIP && how / KINDS >= BITS;
}

static void edit_fields(input *in, hf_msg msg, bool has_header, hostile_bytes *b)
{
    if (has_header)
        (void)fields_edit_message(in, msg, b);
    else
        (void)fields_edit_body(in, msg, b);
}

static void repeat(hostile_bytes *b, size_t at, size_t n)
{
    uint8_t *copy = tight_copy(hf_span_of(b->data + at, n));

    hb_replace(b, at, 0, hf_span_of(copy, n));
    free(copy);
}

static void edit_bytes(input *in, uint8_t how, hostile_bytes *b)
{
    size_t at = input_u16(in) % (b->len + 1), left = b->len - at, n = how / KINDS;
    size_t within = n < left ? n : left;
    hf_span by =
        how % KINDS == OVERWRITE || how % KINDS == INSERT ? input_take(in, n) : hf_span_of(NULL, 0);

    switch (how % KINDS) {
    case FLIP:
        if (left > 0)
            b->data[at] ^= (uint8_t)(1u << n);
        break;
    case OVERWRITE: hb_replace(b, at, by.len < left ? by.len : left, by); break;
    case INSERT: hb_replace(b, at, 0, by); break;
    case REMOVE: hb_replace(b, at, within, hf_span_of(NULL, 0)); break;
    default: repeat(b, at, within);
    }
}

void edits_apply(input *in, hf_msg msg, bool has_header, hostile_bytes *b)
{
    for (size_t n = 1 + input_u8(in) % EDITS_MAX; n > 0 && b->len < BODY_MAX; n--) {
        uint8_t how = input_u8(in);
        if (is_of_fields(how))
            edit_fields(in, msg, has_header, b);
        else
            edit_bytes(in, how, b);
    }
}

static size_t edit_size(input in)
{
    uint8_t how = input_u8(&in);

    if (is_of_fields(how))
        return 1 + fields_edit_size(in);
    return 3u + (how % KINDS == OVERWRITE || how % KINDS == INSERT ? how / KINDS : 0u);
}

size_t edits_size(input in)
{
    size_t n = 1 + input_u8(&in) % EDITS_MAX, size = 1;

    for (; n > 0; n--) {
        size_t one = edit_size(in);
        size += one;
        input_take(&in, one);
    }
    return size;
}

/* Mostly of fields: the other kinds come by mutation of these. */
size_t edits_make(uint64_t *random, uint8_t *out, size_t room)
{
    size_t n = 1 + fields_random(random) % 2, len = 1;

    CHECK(room >= 1 + 2 * (1 + FIELDS_EDIT + FIELDS_MORE));
    out[0] = (uint8_t)(n - 1);
    while (n-- > 0) {
        uint8_t *edit = out + len;
        fuzz_draw(random, edit, 1 + FIELDS_EDIT + FIELDS_MORE);
        edit[0] = (uint8_t)(KINDS * (BITS + edit[0] % 40));
        edit[FIELDS_EDIT] %= 8;
        len += 1 + FIELDS_EDIT + edit[FIELDS_EDIT];
    }
    return len;
}
