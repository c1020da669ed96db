/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An error is one row of tables/errors.def: a code, the alert it becomes, whose fault it is, one
 * sentence, the rule's source and a hint. What happened on one connection is an hf_failure: the row
 * plus the place. Functions return hf_error; HF_OK is 0 and everything else is a failure.
 *
 *     const hf_failure *f = hf_conn_failure(conn);
 *     const hf_error_row *row = hf_error_row_of(f->code);
 *     fprintf(stderr, "%s (%s)\n%s\n", row->sentence, row->source,
 *             row->hint);
 */
#ifndef HANDFAST_ERROR_H
#define HANDFAST_ERROR_H

#include <handfast/types.h>

HF_BEGIN_DECLS

typedef enum hf_error {
    /* Inside the library: the step is unfinished, a job is under way; or, from hf_os_handshake, it is the application's turn. */
    HF_WAIT = -1,
    HF_OK = 0,
#define HF_ERROR(name, alert, blame, sentence, source, hint) HF_E_##name,
#include <handfast/tables/errors.def>
#undef HF_ERROR
    HF_ERROR_COUNT
} hf_error;

/* Whose fault it is. */
typedef enum hf_blame {
    HF_BLAME_PEER,
    HF_BLAME_US,
    HF_BLAME_NETWORK,
    HF_BLAME_CONFIG,
    HF_BLAME_POLICY
} hf_blame;

typedef enum hf_alert {
    HF_ALERT_none = -1,
#define HF_ALERT(name, number, words) HF_ALERT_##name = (number),
#include <handfast/tables/alerts.def>
#undef HF_ALERT
} hf_alert;

typedef enum hf_alert_direction {
    HF_ALERT_NOT_SENT,
    HF_ALERT_SENT,
    HF_ALERT_RECEIVED
} hf_alert_direction;

enum { HF_FAILURE_TEXT_MAX = 128 };

/* The record that library, tool, logs and traces share. Texts end with NUL; empty: not known. hf_failure_text makes a line of it. */
typedef struct hf_failure {
    hf_error code;
    hf_blame blame;
    hf_role side; /* the end that noticed */
    const char *
        step; /* where the handshake stood: the message that was waited for or refused, or "connected"; never NULL */
    const char *message;             /* the message at fault, or NULL */
    char field[HF_FAILURE_TEXT_MAX]; /* "ServerHello.extensions.key_share.group" */
    int64_t offset;                  /* of the field in the message, -1: none */
    char rule
        [HF_FAILURE_TEXT_MAX]; /* "33 bytes, at most 32 allowed"; the row's sentence where there is no more to say; of an alert that
                                        was received its name and words */
    char expected[HF_FAILURE_TEXT_MAX]; /* what would have been right, in words or names */
    char offered[HF_FAILURE_TEXT_MAX];  /* and what came */
    int alert;                          /* its number, HF_ALERT_none where there was none */
    hf_alert_direction alert_direction;
} hf_failure;

/* One line for a log, without a newline, cut to `room` bytes: "the server chose a cipher suite that was not offered, in
   ServerHello.cipher_suite, byte 71; offered 0x1305; the peer's fault, told by illegal_parameter". Returns text. */
char *hf_failure_text(const hf_failure *failure, char *text, size_t room);

/* A row of the table; all texts are static. */
typedef struct hf_error_row {
    const char *name; /* "SUITE_NOT_OFFERED" */
    const char *sentence;
    const char *source; /* "RFC 9846 4.2.3" */
    const char *hint;   /* what to do about it; may be empty */
    hf_blame blame;
    hf_alert alert;
} hf_error_row;
/* Never NULL: an unknown code has the row INTERNAL. */
const hf_error_row *hf_error_row_of(hf_error code);
const char *hf_blame_name(hf_blame blame); /* "peer", "us", "network", "config", "policy" */
const char *hf_alert_name(int alert);      /* "illegal_parameter"; "unknown" for other numbers */
/* What the alert says, in words for people. */
const char *hf_alert_words(int alert);

HF_END_DECLS
#endif
