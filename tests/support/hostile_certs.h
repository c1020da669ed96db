/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Certificates that prove nothing: rewrites of a bad peer's Certificate message, in both versions and
 * both roles, and options that give an end certificates with a fault. Its transcript and its
 * signatures fit what it shows.
 */
#ifndef TESTS_SUPPORT_HOSTILE_CERTS_H
#define TESTS_SUPPORT_HOSTILE_CERTS_H

#include "support/hostile_rows.h"

/* ---- the message, with two entries ---- */

size_t hostile_list_at(void); /* of the list's three length bytes */
size_t hostile_get24(const hostile_bytes *b, size_t at);
void hostile_set24(hostile_bytes *b, size_t at, size_t value);
/* Where the DER of an entry starts, behind its three length bytes. */
size_t hostile_entry_at(const hostile_bytes *b, int which);
void hostile_put_entry(hostile_bytes *b, int which, hf_span der);

/* ---- rewrites; the number of variants ---- */

hostile_rewrite hostile_bad_der;             /* 14 */
hostile_rewrite hostile_unsupported_cert;    /* 3; P-256 */
hostile_rewrite hostile_bad_chain_signature; /* 4 */
hostile_rewrite hostile_md5;                 /* RSA */
hostile_rewrite hostile_sha1;                /* RSA */
hostile_rewrite hostile_too_many_certs;
hostile_rewrite hostile_unknown_critical;
hostile_rewrite hostile_show_ca; /* with hostile_ca_as_leaf */

/* ---- options: client certificates are required and shown ---- */

void hostile_mutual_rsa(pair_options *o, int variant);
void hostile_unknown_ca(pair_options *o, int variant);
void hostile_expired(pair_options *o, int variant);     /* 2: too late, too early */
void hostile_wrong_usage(pair_options *o, int variant); /* 3 */
void hostile_ca_as_leaf(pair_options *o, int variant);
void hostile_small_key(pair_options *o, int variant); /* the blame is the policy's */

/* ---- revocation (hostile_status.c) ---- */

void hostile_revoked(pair_options *o, int variant); /* says the victim's CRL */
/* The server staples a good response, or one that says revoked; or the client demands a good one. */
void hostile_stapled(pair_options *o, int variant);
void hostile_stapled_revoked(pair_options *o, int variant);
void hostile_stapled_hard(pair_options *o, int variant);
hostile_rewrite hostile_bad_staple; /* 5; a response that says nothing */
hostile_rewrite hostile_bad_status; /* 6; what is around the response is malformed */

/* ---- proofs (hostile_proofs.c) ---- */

void hostile_no_certificate(hostile *h, int variant);       /* run; skips Certificate, and more */
void hostile_other_name(pair_options *o, int variant);      /* 6; the client expects another */
void hostile_asked_and_empty(pair_options *o, int variant); /* the client has none to show */
void hostile_set_scheme(hostile_bytes *proof, unsigned scheme);
void hostile_proof_malformed(hostile_bytes *proof, int variant); /* 6 */
/* A bit flipped, another, nothing, zeroes, cut short, a byte more; 7: and the scheme of another hash (TLS 1.2). */
void hostile_bad_proof(hostile *h, int variant);

#endif
