/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The handshake, message by message, for people: direction, name, size, what it established, when
 * keys changed and what was proved. A trace sink collects; the words are written when the engine has
 * paused, because only then may the connection be asked what was agreed.
 */
#ifndef HF_TOOL_STEPS_H
#define HF_TOOL_STEPS_H

#include <handfast/cert.h>
#include <handfast/conn.h>

enum { HF_STEPS_MAX = 48, HF_STEP_BYTES_MAX = 8192 };

typedef struct hf_step {
    hf_trace_kind kind;
    hf_role writer;
    bool at_server; /* told by the server's end */
    const char *name, *source;
    size_t size;
    uint8_t epoch, content_type, code; /* code: of an alert */
    uint16_t version, cipher_suite;    /* 0: not settled yet */
    int nine;                          /* the step of nine, 0: none */
    bool psk;                          /* ClientHello: it names keys that both ends have */
    uint8_t *bytes;                    /* a copy, if fields are wanted */
} hf_step;

typedef struct hf_steps {
    /* Where the words go: hf_out or hf_note. */
    void (*say)(const char *format, ...);
    hf_role self; /* whose end this is */
    bool fields;  /* show every field as well */
    bool only12;  /* nothing but TLS 1.2 may be spoken: known before ServerHello */
    hf_step queue[HF_STEPS_MAX];
    size_t n, lost;             /* lost: more than the queue holds came in one turn */
    unsigned messages, flights; /* shown so far; turns of direction */
    int last_writer;            /* -1: none yet */
    unsigned told;              /* TLS 1.2: bits of the nine steps that were announced */
    bool aside;                 /* TLS 1.2: what stands between two steps was announced last */
    char client
        [HF_CERT_TEXT_MAX]; /* the subject of the certificate that the client showed; "": none */
} hf_steps;

void hf_steps_start(hf_steps *steps, void (*say)(const char *, ...), hf_role self, bool fields);
/* For hf_conn_options.trace; `steps` must outlive the connection. */
hf_trace_sink hf_steps_sink(hf_steps *steps);
/* For a second end in the same process: only what it proved is told. */
hf_trace_sink hf_steps_other_sink(hf_steps *steps);
/* Writes what was collected. */
void hf_steps_flush(hf_steps *steps, hf_conn *conn);

#endif
