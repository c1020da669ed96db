/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * hf_reader: how bytes of a peer are read. A reader is a value: what is left, the place of byte 0,
 * one fault record shared with its sub-readers, and perhaps a sink.
 *
 *     hf_fault fault = { 0 };
 *     hf_reader r = hf_rd_start(body, "ServerHello", 0, &fault, NULL);
 *     hello->legacy_version = hf_rd_u16(&r, "legacy_version");
 *     hf_rd_copy(&r, hello->random, 32, "random");
 *     hello->legacy_session_id_echo = hf_rd_vec8(&r, 0, 32, "legacy_session_id_echo");
 *     hf_rd_end(&r);
 *     return fault.code;
 *
 * Every read names its field as the RFC does. The first fault sticks: it empties the reader and its
 * parents, and every later read returns zero or an empty span. So parsing code has no branch for
 * errors and is checked once at the end. Spans point into the bytes that were given: no copy.
 * With a sink attached every field is reported; without one it costs nothing.
 */
#ifndef HF_BASE_READER_H
#define HF_BASE_READER_H

#include <handfast/error.h>
#include <handfast/trace.h>
#include "base/bytes.h"

enum { HF_FAULT_PATH_MAX = 112, HF_FAULT_RULE_MAX = 96 };

/* What was wrong, where. code is HF_OK while nothing was. */
typedef struct hf_fault {
    hf_error code;
    size_t offset;                /* of the byte at fault, from byte 0 of the message */
    char path[HF_FAULT_PATH_MAX]; /* "ServerHello.legacy_session_id_echo" */
    char rule[HF_FAULT_RULE_MAX]; /* "33 bytes, at most 32 allowed" */
} hf_fault;

typedef struct hf_reader {
    const uint8_t *p, *end; /* what is left */
    const uint8_t *base;    /* byte 0 of the message (offset `origin`) */
    size_t origin;
    const char *name;           /* of the structure that is being read */
    const struct hf_reader *up; /* the reader of the enclosing structure; outlives this one */
    hf_fault *fault;            /* shared by all readers of the message; never NULL */
    const hf_field_sink *sink;  /* NULL: nobody listens */
} hf_reader;

/* Starts at the first byte of `bytes`. `origin` is the offset that byte has in its message: a body
   that follows the four bytes of a handshake header starts at 4. */
hf_reader hf_rd_start(hf_span bytes, const char *name, size_t origin, hf_fault *fault,
                      const hf_field_sink *sink);

size_t hf_rd_left(const hf_reader *r);
bool hf_rd_ok(const hf_reader *r);

uint8_t hf_rd_u8(hf_reader *r, const char *field);
uint16_t hf_rd_u16(hf_reader *r, const char *field);
uint32_t hf_rd_u24(hf_reader *r, const char *field);
uint32_t hf_rd_u32(hf_reader *r, const char *field);
/* n bytes of fixed length, as a view or copied (zeroes after a fault). */
hf_span hf_rd_bytes(hf_reader *r, size_t n, const char *field);
void hf_rd_copy(hf_reader *r, uint8_t *out, size_t n, const char *field);
/* Whatever is left, for fields that fill their structure (verify_data). */
hf_span hf_rd_rest(hf_reader *r, size_t min, size_t max, const char *field);
/* opaque field<min..max> with a length of 1, 2 or 3 bytes before it. */
hf_span hf_rd_vec8(hf_reader *r, size_t min, size_t max, const char *field);
hf_span hf_rd_vec16(hf_reader *r, size_t min, size_t max, const char *field);
hf_span hf_rd_vec24(hf_reader *r, size_t min, size_t max, const char *field);
/* uint16 field<min..max>: a list of code points; an odd length is a fault. */
hf_span hf_rd_list16(hf_reader *r, size_t min, size_t max, const char *field);

/* The same vectors as readers of their own, for what has structure inside. `r` must outlive the
   result; the caller ends it with hf_rd_end. */
hf_reader hf_rd_sub8(hf_reader *r, size_t min, size_t max, const char *field);
hf_reader hf_rd_sub16(hf_reader *r, size_t min, size_t max, const char *field);
hf_reader hf_rd_sub24(hf_reader *r, size_t min, size_t max, const char *field);
/* A reader over n bytes that have no length prefix of their own. */
hf_reader hf_rd_sub(hf_reader *r, size_t n, const char *field);

/* Nothing may follow: left-over bytes are HF_E_TRAILING_BYTES. */
void hf_rd_end(hf_reader *r);

/* The caller's own complaint about what it has just read: `back` is how many bytes before the
   reader's place the fault lies. Ignored after the first fault. */
void hf_rd_refuse(hf_reader *r, hf_error code, size_t back, const char *field, const char *rule,
                  ...) HF_PRINTF(5, 6);

/* Lists of code points that hf_rd_list16 returned (big-endian, even length). */
static inline size_t hf_list16_count(hf_span list)
{
    return list.len / 2;
}
static inline uint16_t hf_list16_at(hf_span list, size_t i)
{
    return (uint16_t)(list.data[2 * i] << 8 | list.data[2 * i + 1]);
}
bool hf_list16_has(hf_span list, uint16_t value);

#endif
