/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the tests of the wire floor share: bytes from hex, any message read and written again, the
 * fields that a sink heard, and the messages of RFC 8448.
 */
#ifndef HF_TESTS_WIRE_SUPPORT_H
#define HF_TESTS_WIRE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "wire/wire.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const hf_wire TLS13 = { .version = HF_TLS13, .writer = HF_CLIENT };
/* With ECDHE, and with the static RSA key exchange. */
static const hf_wire TLS12 = { .version = HF_TLS12, .writer = HF_SERVER, .kx = HF_KX_ECDHE_ECDSA };
static const hf_wire TLS12_RSA = { .version = HF_TLS12, .writer = HF_CLIENT, .kx = HF_KX_RSA };

/* ---- bytes ---- */

enum { BYTES_MAX = 70000 };
typedef struct bytes {
    size_t len;
    uint8_t data[BYTES_MAX];
} bytes;

/* Appends hex digits, spaces between them ignored. */
static inline void add_hex(bytes *out, const char *hex)
{
    for (; *hex; hex++) {
        unsigned v;
        if (*hex == ' ')
            continue;
        assert_int_equal(sscanf(hex, "%2x", &v), 1);
        assert_true(out->len < BYTES_MAX && hex[1]);
        out->data[out->len++] = (uint8_t)v;
        hex++;
    }
}

static inline void add_uint(bytes *out, size_t v, size_t width)
{
    while (width-- > 0)
        out->data[out->len++] = (uint8_t)(v >> 8 * width);
}

static inline void add_bytes(bytes *out, hf_span from)
{
    assert_true(out->len + from.len <= BYTES_MAX);
    if (from.len > 0)
        memcpy(out->data + out->len, from.data, from.len);
    out->len += from.len;
}

static inline hf_span span_of(const bytes *from)
{
    return hf_span_of(from->data, from->len);
}

/* A copy of its own on the heap, so that AddressSanitizer sees a read past its end. */
static inline uint8_t *tight(hf_span from)
{
    uint8_t *copy = malloc(from.len > 0 ? from.len : 1);
    assert_non_null(copy);
    if (from.len > 0)
        memcpy(copy, from.data, from.len);
    return copy;
}

/* ---- fields ---- */

enum { EVENTS_MAX = 4000 };
typedef struct event {
    hf_field field;
    int depth; /* 0: the message itself */
} event;
typedef struct events {
    size_t n;
    int depth;
    event at[EVENTS_MAX];
} events;

static inline void hear(void *user, const hf_field *field)
{
    events *all = user;

    assert_true(all->n < EVENTS_MAX);
    if (field->kind == HF_FIELD_END)
        all->depth--;
    all->at[all->n++] = (event){ *field, all->depth };
    if (field->kind == HF_FIELD_BEGIN)
        all->depth++;
}

static inline bool is_leaf(hf_field_kind kind)
{
    return kind != HF_FIELD_BEGIN && kind != HF_FIELD_END;
}

/* Every byte belongs to exactly one leaf, in order; groups nest and hold what they say. */
static inline void assert_covered(const events *all, size_t from, size_t to)
{
    const hf_field *open[16] = { 0 };
    size_t depth = 0, place = from;

    for (size_t i = 0; i < all->n; i++) {
        const hf_field *f = &all->at[i].field;
        assert_int_equal(f->offset, place);
        if (f->kind == HF_FIELD_BEGIN) {
            assert_true(depth < COUNT(open));
            open[depth++] = f;
        } else if (f->kind == HF_FIELD_END) {
            assert_true(depth-- > 0);
            assert_string_equal(f->name, open[depth]->name);
            assert_int_equal(f->offset, open[depth]->offset + open[depth]->len);
        } else {
            assert_non_null(f->bytes);
            place += f->len;
        }
    }
    assert_int_equal(depth, 0);
    assert_int_equal(place, to);
}

/* The field of the given depth in which a message that ends at `cut` breaks off. */
static inline const hf_field *field_cut(const events *all, int depth, size_t cut)
{
    for (size_t i = 0; i < all->n; i++) {
        const event *e = &all->at[i];
        if (e->depth == depth && e->field.kind != HF_FIELD_END &&
            e->field.offset + e->field.len > cut)
            return &e->field;
    }
    return NULL;
}

/* ---- messages ---- */

/* Reads a body (offsets as in its message) and, with a builder, writes it again. */
#define CASE(message, type)                                                                        \
    case HF_MSG_##message: {                                                                       \
        static hf_##type parsed;                                                                   \
        hf_##type##_read(&r, w, &parsed);                                                          \
        if (b && fault->code == HF_OK)                                                             \
            hf_##type##_write(b, w, &parsed);                                                      \
        break;                                                                                     \
    }
static inline hf_error read_write(hf_msg msg, const hf_wire *w, hf_span body, hf_builder *b,
                                  hf_fault *fault)
{
    *fault = (hf_fault){ 0 };
    hf_reader r = hf_rd_start(body, hf_msg_name(msg), HF_HANDSHAKE_HEADER, fault, NULL);

    switch (msg) {
        CASE(ClientHello, client_hello)
        CASE(ServerHello, server_hello)
        CASE(HelloRetryRequest, server_hello)
        CASE(EncryptedExtensions, encrypted_extensions)
        CASE(CertificateRequest, certificate_request)
        CASE(Certificate, certificate)
        CASE(CertificateVerify, certificate_verify)
        CASE(Finished, finished)
        CASE(NewSessionTicket, new_session_ticket)
        CASE(KeyUpdate, key_update)
        CASE(ServerKeyExchange, server_key_exchange)
        CASE(ClientKeyExchange, client_key_exchange)
        CASE(CertificateStatus, certificate_status)
    case HF_MSG_EndOfEarlyData: hf_empty_read(&r, w); break;
    default: fail_msg("no reader for %s", hf_msg_name(msg));
    }
    return fault->code;
}
#undef CASE

static inline hf_error read_tight(hf_msg msg, const hf_wire *w, hf_span body, hf_fault *fault)
{
    uint8_t *copy = tight(body);
    hf_error e = read_write(msg, w, hf_span_of(copy, body.len), NULL, fault);

    free(copy);
    return e;
}

static inline void assert_round_trip(hf_msg msg, const hf_wire *w, hf_span message)
{
    static uint8_t out[BYTES_MAX];
    hf_builder b = hf_wr_start(out, sizeof out);
    hf_span body =
                hf_span_of(message.data + HF_HANDSHAKE_HEADER, message.len - HF_HANDSHAKE_HEADER),
            back;
    hf_fault fault;

    hf_message_open(&b, msg);
    hf_error e = read_write(msg, w, body, &b, &fault);
    if (e != HF_OK)
        fail_msg("%s: %s, byte %zu: %s", fault.path, hf_error_row_of(e)->name, fault.offset,
                 fault.rule);
    hf_message_close(&b);
    assert_int_equal(hf_wr_finish(&b, &back), HF_OK);
    assert_int_equal(back.len, message.len);
    assert_memory_equal(back.data, message.data, message.len);
}

/* ---- RFC 8448 ---- */

typedef void message_test(const char *trace, hf_msg msg, const hf_wire *w, hf_span message);

static inline void each_in_payload(const char *trace, const hf_wire *w, hf_span payload,
                                   message_test *test)
{
    while (payload.len > 0) {
        const uint8_t *p = payload.data;
        assert_true(payload.len >= HF_HANDSHAKE_HEADER);
        size_t len = HF_HANDSHAKE_HEADER + ((size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]);
        assert_true(payload.len >= len);
        hf_msg msg = hf_msg_of_type(p[0]);
        if (msg == HF_MSG_ServerHello &&
            hf_is_retry(hf_span_of(p + HF_HANDSHAKE_HEADER, len - HF_HANDSHAKE_HEADER)))
            msg = HF_MSG_HelloRetryRequest;
        test(trace, msg, w, hf_span_of(p, len));
        payload = hf_span_of(p + len, payload.len - len);
    }
}

static inline json_t *load_rfc8448(void)
{
    const char *folder = getenv("HANDFAST_VECTORS");
    char path[1024];

    if (!folder) {
        printf("skip: HANDFAST_VECTORS is not set\n");
        skip();
    }
    snprintf(path, sizeof path, "%s/rfc8448.json", folder);
    json_t *file = json_load_file(path, 0, NULL);
    if (!file)
        fail_msg("%s: cannot be read", path);
    return file;
}

/* Calls test for every handshake message of the five traces. */
static inline void each_of_rfc8448(message_test *test)
{
    static bytes payload;
    json_t *file = load_rfc8448(), *trace, *record;
    size_t i, k;

    json_array_foreach(json_object_get(file, "traces"), i, trace)
    {
        json_array_foreach(json_object_get(trace, "records"), k, record)
        {
            const char *from = json_string_value(json_object_get(record, "from"));
            hf_wire w = { .version = HF_TLS13,
                          .writer = strcmp(from, "server") == 0 ? HF_SERVER : HF_CLIENT };
            if (strcmp(json_string_value(json_object_get(record, "content_type")), "handshake") !=
                0)
                continue;
            payload.len = 0;
            add_hex(&payload, json_string_value(json_object_get(record, "payload")));
            each_in_payload(json_string_value(json_object_get(trace, "id")), &w, span_of(&payload),
                            test);
        }
    }
    json_decref(file);
}

#endif
