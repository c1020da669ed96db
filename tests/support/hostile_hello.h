/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Edits of a ClientHello that are wrong, or must be skipped, in both versions; behind each its number of variants. */
#ifndef TESTS_SUPPORT_HOSTILE_HELLO_H
#define TESTS_SUPPORT_HOSTILE_HELLO_H

#include "support/hostile_rows.h"

/* ---- fields ---- */

void hostile_hello_put(hostile_bytes *b, int type, hf_span data); /* an extension */
void hostile_hello_set_version(hostile_bytes *b, unsigned version);
/* Whole vectors, with their lengths. */
void hostile_hello_set_suites(hostile_bytes *b, hf_span vector);
void hostile_hello_set_compression(hostile_bytes *b, hf_span vector);

/* ---- edits ---- */

/* Extensions that the library knows; those without a structure of their own are the last four. */
enum { HOSTILE_N_GOOD = 23, HOSTILE_N_STRUCTURED = HOSTILE_N_GOOD - 4 };

void hostile_hello_session_id_long(hostile_bytes *b, int v);   /* 2 */
void hostile_hello_block_malformed(hostile_bytes *b, int v);   /* 6 */
void hostile_hello_twice(hostile_bytes *b, int v);             /* HOSTILE_N_GOOD */
void hostile_hello_trailing_byte(hostile_bytes *b, int v);     /* HOSTILE_N_STRUCTURED */
void hostile_hello_flag_with_body(hostile_bytes *b, int v);    /* 3 */
void hostile_hello_sni_malformed(hostile_bytes *b, int v);     /* 7 */
void hostile_hello_sni_two(hostile_bytes *b, int v);           /* 1 */
void hostile_hello_sni_characters(hostile_bytes *b, int v);    /* 10 */
void hostile_hello_alpn_malformed(hostile_bytes *b, int v);    /* 7 */
void hostile_hello_alpn_foreign(hostile_bytes *b, int v);      /* 2 */
void hostile_hello_groups_malformed(hostile_bytes *b, int v);  /* 6 */
void hostile_hello_sigalgs_malformed(hostile_bytes *b, int v); /* 12 */
void hostile_hello_small_limit(hostile_bytes *b, int v);       /* 3 */
void hostile_hello_other_malformed(hostile_bytes *b, int v);   /* 16 */
hostile_rewrite hostile_hello_large_limit;                     /* 3 */
void hostile_hello_sslv2(hostile *h, int v);                   /* 2: SSL 2.0's, in place of it */

/* ---- a server's application that says no ---- */

/* options: it looks at each ClientHello before the handshake goes on; … and the client says no name. */
void hostile_app_looks(pair_options *o, int variant);
void hostile_app_looks_no_name(pair_options *o, int variant);
/* run: the name is nobody's here; it is missing. */
void hostile_app_refuses(hostile *h, int variant);
/* options: a name that the server has no certificate for, and nobody says no. */
void hostile_foreign_name(pair_options *o, int variant);
/* check: the victim's last word was no warning; it said nothing. */
void hostile_check_no_warning(hostile *h, int variant);
void hostile_check_quiet(hostile *h, int variant);

#endif
