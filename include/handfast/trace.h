/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What is told of a handshake, and of bytes. A connection's trace hears of messages, keys, proofs and
 * records, whole. A field sink hears what is in a message, field by field, with its place, its name in
 * the RFC and its value, when a reader is given one: the readers are the engine's own, but in a handshake
 * they run without.
 */
#ifndef HANDFAST_TRACE_H
#define HANDFAST_TRACE_H

#include <handfast/types.h>

HF_BEGIN_DECLS

typedef enum hf_field_kind {
    HF_FIELD_UINT,   /* value holds it */
    HF_FIELD_BYTES,  /* value is unused; len bytes at offset */
    HF_FIELD_LIST16, /* a list of two-byte code points */
    HF_FIELD_LENGTH, /* the length prefix of the field of that name */
    HF_FIELD_BEGIN,  /* the fields that follow, up to the END of that name, are inside this one */
    HF_FIELD_END
} hf_field_kind;

typedef struct hf_field {
    hf_field_kind kind;
    const char *name;
    size_t offset, len; /* from byte 0 of the message */
    uint64_t value;
    const uint8_t *bytes; /* the len bytes; NULL for BEGIN and END */
} hf_field;

/* A listener for fields; it must not call the reader's owner. */
typedef struct hf_field_sink {
    void (*field)(void *user, const hf_field *field);
    void *user;
} hf_field_sink;

/* What a connection tells of its handshake, in order (hf_conn_options.trace). */
typedef enum hf_trace_kind {
    HF_TRACE_MESSAGE, /* a handshake message, alert or change_cipher_spec, in or out, whole */
    HF_TRACE_KEYS,    /* from the next byte on, `writer` writes under `epoch` */
    HF_TRACE_PROVED,  /* this end now holds `what` proved: CHAIN, SIGNATURE or FINISHED */
    HF_TRACE_RECORD /* a record, as on the wire; content holds what was inside when it was protected */
} hf_trace_kind;

typedef struct hf_trace_event {
    hf_trace_kind kind;
    hf_role writer;       /* who wrote it, or whose writing keys change */
    const char *name;     /* message: "ServerHello"; proved: "chain"; keys: "handshake" */
    const char *source;   /* "RFC 9846 4.2.3" */
    int phase, six, nine; /* the steps of teaching texts, 0: none */
    uint8_t content_type;
    uint8_t epoch; /* of the bytes: 1 plain, 2 early, 3 handshake, 4 and up application */
    uint16_t version, cipher_suite; /* as far as they are settled, 0: not yet */
    hf_span bytes;   /* message with its header, or record: good during the call only */
    hf_span content; /* record: the deprotected content */
} hf_trace_event;

typedef struct hf_trace_sink {
    void (*event)(void *user, const hf_trace_event *event);
    void *user;
} hf_trace_sink;

HF_END_DECLS
#endif
