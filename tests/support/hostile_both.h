/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Misbehaviour that is the same in TLS 1.2 and 1.3: the words of the cases of tests/hostile that both
 * versions have. What a case's variants are stands behind its name.
 */
#ifndef TESTS_SUPPORT_HOSTILE_BOTH_H
#define TESTS_SUPPORT_HOSTILE_BOTH_H

#include "support/hostile_rows.h"

/* ---- places ---- */

/* The victim waits for the first message of the peer. */
void hostile_until_first(hostile *h);
/* Place 0: there. The last: it is connected. The last but one: it waits for a protected message. TLS 1.2 has one more, 1: behind the
   first message, in the clear. */
enum { HOSTILE_PLACES12 = 4, HOSTILE_PLACES13 = 3 };
int hostile_places(void);
void hostile_go_to(hostile *h, int place);

/* ---- messages ---- */

/* run */
void hostile_unknown_message(hostile *h, int v);      /* 9 at each place */
void hostile_unknown_message_long(hostile *h, int v); /* 1 at each place */
/* The header of what is due, or of one of type `later` in a connection, says too much; 2 at each place. */
void hostile_too_long(hostile *h, int v, uint8_t later);
/* What the bad peer said somewhere is said where `at` is due (HF_MSG_NONE: in a connection). */
void hostile_say_again(hostile *h, hf_msg at, hf_msg sent);

/* edit */
void hostile_cut(hostile_bytes *b, int v);    /* 3: all, one byte, the half */
void hostile_longer(hostile_bytes *b, int v); /* any number: bytes more, and one */
void hostile_flip(hostile_bytes *b, int v);   /* any number: a bit */
/* Cut, or filled with zeroes. */
void hostile_resize(hostile_bytes *b, size_t len);

/* ---- records ---- */

/* run */
void hostile_unknown_record_protected(hostile *h, int v); /* 10 */
void hostile_data_before_keys(hostile *h, int v);         /* 2 */
void hostile_odd_version(hostile *h, int v);              /* 6 */
/* No body follows: refused from the header. */
void hostile_header_only(hostile *h, uint8_t type, size_t len);
/* Behind a part of a message that went through, in a connection; 6, each two: data, user_canceled, close_notify. */
void hostile_interleave(hostile *h, int v);
/* In a connection, zeroes that go through. */
void hostile_longest_record(hostile *h, size_t len);

/* options: both ends want records of 64 bytes at the most */
void hostile_limit_64(pair_options *o, int v);

/* ---- hellos of a server; ServerHello and HelloRetryRequest have one shape ---- */

enum { HOSTILE_SESSION_ID_AT = 34 };
void hostile_set_version(hostile_bytes *b, unsigned version);
void hostile_set_suite(hostile_bytes *b, unsigned suite);
void hostile_set_compression(hostile_bytes *b, uint8_t method);
/* Extensions of ServerHello and EncryptedExtensions. */
void hostile_say_alpn_foreign(hostile_bytes *b, hf_msg msg, int v);   /* 2 */
void hostile_say_alpn_malformed(hostile_bytes *b, hf_msg msg, int v); /* 7 */
void hostile_say_bad_limit(hostile_bytes *b, hf_msg msg, int v);      /* 4 */
/* ServerHello's, once more. */
void hostile_say_twice(hostile_bytes *b, int type);

typedef struct hostile_extension {
    int type;
    size_t len;
    const char *body;
} hostile_extension;
void hostile_say_last(hostile_bytes *b, hf_msg msg, const hostile_extension *extension);

#endif
