/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What is demanded of each certificate of a path (RFC 5280 6.1.3, 6.1.4). One rule after the other:
 * the first that is broken is returned, with the words for hf_path_result.detail. Rules that look at
 * one certificate alone are here; what the public CAs owe beside is profile.c's.
 */
#ifndef HF_X509_PATH_RULES_H
#define HF_X509_PATH_RULES_H

#include "x509/x509.h"

enum { HF_DETAIL_MAX = sizeof(((hf_path_result *)0)->detail) };

/* profile.c: what HF_PROFILE_WEBPKI adds, for the peer's own certificate and for those that sign. */
hf_error hf_profile_leaf(const hf_cert *leaf, char detail[HF_DETAIL_MAX]);
hf_error hf_profile_issuer(const hf_cert *issuer, bool anchor, char detail[HF_DETAIL_MAX]);
/* profile_names.c: the same for the names of the peer's own certificate; for servers also its common name. */
hf_error hf_profile_names(const hf_cert *leaf, char detail[HF_DETAIL_MAX]);
hf_error hf_profile_common_name(const hf_cert *leaf, char detail[HF_DETAIL_MAX]);

/* match.c: query->name among the names of a certificate. BARRED: only a wildcard right under a public suffix fits. */
typedef enum hf_match { HF_MATCH_NONE, HF_MATCH_BARRED, HF_MATCH_GOOD } hf_match;
hf_match hf_match_name(const hf_path_query *query, const hf_cert *cert);
bool hf_match_email(const hf_cert *cert, const char *email);

/* The peer's own certificate, whoever signed it. */
hf_error hf_rule_leaf(const hf_path_query *query, const hf_cert *leaf, char detail[HF_DETAIL_MAX]);
/* A certificate that signs others. `below` counts the CAs between it and the leaf, self-issued ones left out. */
hf_error hf_rule_issuer(const hf_path_query *query, const hf_cert *issuer, bool anchor,
                        unsigned below, char detail[HF_DETAIL_MAX]);
/* Everything about a signature but the arithmetic: is this algorithm known, allowed, and one of that key? */
hf_error hf_rule_signature(const hf_path_query *query, const hf_cert *cert,
                           const hf_public_key *key, char detail[HF_DETAIL_MAX]);
/* Signed with SHA-1 or MD5. */
bool hf_rule_is_broken(const hf_cert *cert);

#endif
