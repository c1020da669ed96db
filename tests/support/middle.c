/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A middle-man who changes hellos. */
#include "support/middle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    FRAME = HF_RECORD_HEADER + HF_HANDSHAKE_HEADER,
    RANDOM = 2, /* where it stands in either hello … */
    SENTINEL = RANDOM + HF_RANDOM - 8,
    SESSION_ID = RANDOM + HF_RANDOM, /* … and what follows it */
    ROOM = 64                        /* that pair_carry leaves behind a piece */
};

static uint16_t u16_at(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void set_u16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* ---- lists ---- */

static bool listed(const uint16_t *codes, uint16_t code)
{
    while (*codes && *codes != code)
        codes++;
    return *codes != 0;
}

/* A list16 with its length, of which only the codes that are listed stay. */
static void keep_in_list(hf_span list, const uint16_t *codes, hostile_bytes *out)
{
    hostile_bytes kept = { 0 };

    for (size_t i = 2; i + 1 < list.len; i += 2)
        if (listed(codes, u16_at(list.data + i)))
            hb_add(&kept, hf_span_of(list.data + i, 2));
    hb_add_uint(out, kept.len, 2);
    hb_add(out, hb_span(&kept));
    hb_free(&kept);
}

static void keep_shares(hf_span all, const uint16_t *groups, hostile_bytes *out)
{
    hostile_bytes kept = { 0 };

    for (size_t i = 2, n; i < all.len; i += n) {
        n = 4 + (size_t)u16_at(all.data + i + 2);
        if (listed(groups, u16_at(all.data + i)))
            hb_add(&kept, hf_span_of(all.data + i, n));
    }
    hb_add_uint(out, kept.len, 2);
    hb_add(out, hb_span(&kept));
    hb_free(&kept);
}

static void keep_in_extension(hostile_bytes *body, uint16_t type, const uint16_t *codes)
{
    hostile_bytes list = { 0 };
    size_t at = 0, len = 0;

    assert_true(hb_extension(body, HF_MSG_ClientHello, type, &at, &len));
    (type == EXT_KEY_SHARE ? keep_shares : keep_in_list)(hf_span_of(body->data + at, len), codes,
                                                         &list);
    hb_extension_put(body, HF_MSG_ClientHello, type, hb_span(&list));
    hb_free(&list);
}

/* ---- suites ---- */

static size_t suites_at(const hostile_bytes *body)
{
    return SESSION_ID + 1 + (size_t)body->data[SESSION_ID];
}

static void keep_suites(hostile_bytes *body, const uint16_t *codes)
{
    size_t at = suites_at(body), len = 2 + (size_t)u16_at(body->data + at);
    hostile_bytes list = { 0 };

    keep_in_list(hf_span_of(body->data + at, len), codes, &list);
    hb_replace(body, at, len, hb_span(&list));
    hb_free(&list);
}

static void remove_suite(hostile_bytes *body, uint16_t code)
{
    size_t start = suites_at(body), len = u16_at(body->data + start), at = start + 2;

    while (at < start + 2 + len && u16_at(body->data + at) != code)
        at += 2;
    assert_true(at < start + 2 + len);
    hb_replace(body, at, 2, hf_span_of(NULL, 0));
    set_u16(body->data + start, len - 2);
}

void middle_add_suite(hostile_bytes *hello, uint16_t suite)
{
    size_t at = suites_at(hello);
    uint8_t code[2];

    set_u16(code, suite);
    set_u16(hello->data + at, (size_t)u16_at(hello->data + at) + 2);
    hb_replace(hello, at + 2, 0, hf_span_of(code, sizeof code));
}

/* ---- one hello ---- */

static void edit_fields(const middle_edit *e, hostile_bytes *body)
{
    if (e->legacy_version)
        set_u16(body->data, e->legacy_version);
    if (e->random)
        body->data[RANDOM] ^= 1;
    if (e->sentinel) {
        assert_memory_equal(body->data + SENTINEL, "DOWNGRD\1", 8);
        memset(body->data + SENTINEL, 0xa5, 8);
    }
    if (e->suite)
        set_u16(body->data + suites_at(body), e->suite);
    if (e->no_suite)
        remove_suite(body, e->no_suite);
    if (e->suites)
        keep_suites(body, e->suites);
}

static void edit_extensions(const middle_edit *e, hf_msg msg, hostile_bytes *body)
{
    if (e->groups)
        keep_in_extension(body, EXT_SUPPORTED_GROUPS, e->groups);
    if (e->shares)
        keep_in_extension(body, EXT_KEY_SHARE, e->shares);
    if (e->schemes)
        keep_in_extension(body, EXT_SIGNATURE_ALGORITHMS, e->schemes);
    for (size_t i = 0; i < sizeof e->remove / sizeof *e->remove && e->remove[i]; i++)
        hb_extension_remove(body, msg, e->remove[i]);
    if (e->put)
        hb_extension_put(body, msg, e->put, e->content);
}

static void edit_nth(middle *m, const middle_edit *e, hf_msg msg, hostile_bytes *body)
{
    size_t at = hb_extensions_at(body, msg) + 2, n = 1;

    if (e->nth_byte > 0 && e->nth_byte <= body->len) {
        body->data[e->nth_byte - 1] ^= 1;
        m->done = true;
    }
    while (at < body->len && n++ < e->nth_extension)
        at += 4 + (size_t)u16_at(body->data + at + 2);
    if (e->nth_extension > 0 && at < body->len) {
        hb_extension_remove(body, msg, u16_at(body->data + at));
        m->done = true;
    }
}

static void edit_hello(middle *m, hf_role from, hf_msg msg, hostile_bytes *body)
{
    const middle_edit *e = &m->edit[from];

    bool second = m->seen[from]++ > 0;
    if (second && e->first_only)
        return;
    if (second && e->remove_later)
        hb_extension_remove(body, msg, e->remove_later);
    edit_nth(m, e, msg, body);
    edit_fields(e, body);
    edit_extensions(e, msg, body);
}

/* ---- in flight ---- */

/* Where the record starts that begins with a hello; behind a change_cipher_spec, if there is one. False: it is none. */
static bool find_hello(const hostile_bytes *piece, hf_role from, size_t *record, hf_msg *msg)
{
    const uint8_t *b = piece->data;
    size_t at = 0;

    if (piece->len > HF_RECORD_HEADER && b[0] == HF_CT_CHANGE_CIPHER_SPEC)
        at = HF_RECORD_HEADER + (size_t)u16_at(b + 3);
    *record = at;
    if (piece->len < at + FRAME + SESSION_ID || b[at] != HF_CT_HANDSHAKE)
        return false;
    *msg = from == HF_CLIENT ? HF_MSG_ClientHello : HF_MSG_ServerHello;
    if (b[at + HF_RECORD_HEADER] != hf_msg_type(*msg))
        return false;
    if (from == HF_SERVER && hf_is_retry(hf_span_of(b + at + FRAME, SESSION_ID)))
        *msg = HF_MSG_HelloRetryRequest;
    return true;
}

/* The message's length and the record's follow its body. */
static void change_piece(middle *m, hf_role from, hf_msg msg, size_t record, hostile_bytes *piece)
{
    const uint8_t *b = piece->data + record;
    size_t len = (size_t)(b[6] << 16 | b[7] << 8 | b[8]), rest = (size_t)u16_at(b + 3) - len;
    hostile_bytes body = { 0 };

    assert_true(record + FRAME + len <= piece->len);
    hb_set(&body, hf_span_of(b + FRAME, len));
    edit_hello(m, from, msg, &body);
    hb_replace(piece, record + FRAME, len, hb_span(&body));
    set_u16(piece->data + record + 3, rest + body.len);
    piece->data[record + 6] = (uint8_t)(body.len >> 16);
    set_u16(piece->data + record + 7, body.len);
    hb_free(&body);
}

static void tamper(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    middle *m = p->user;
    hostile_bytes piece = { 0 };
    size_t record;
    hf_msg msg;

    hb_set(&piece, hf_span_of(bytes, *len));
    if (find_hello(&piece, from, &record, &msg))
        change_piece(m, from, msg, record, &piece);
    assert_true(piece.len <= *len + ROOM);
    memcpy(bytes, piece.data, piece.len);
    *len = piece.len;
    hb_free(&piece);
}

void middle_enter(middle *m, pair *p)
{
    p->tamper = tamper;
    p->user = m;
}
