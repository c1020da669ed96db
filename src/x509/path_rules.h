/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What is demanded of each certificate of a path (RFC 5280 6.1.3, 6.1.4). One rule after the other:
 * the first that is broken is returned, with the words for hf_path_result.detail. Name constraints
 * and policies will be rules here. Which certificates form a path is path.c's business.
 */
#ifndef HF_X509_PATH_RULES_H
#define HF_X509_PATH_RULES_H

#include "x509/x509.h"

enum { HF_DETAIL_MAX = sizeof(((hf_path_result *)0)->detail) };

/* The peer's own certificate, whoever signed it. */
hf_error hf_rule_leaf(const hf_path_query *query, const hf_cert *leaf, char detail[HF_DETAIL_MAX]);
/* A certificate that signs others. `below` counts the CAs between it and the leaf, self-issued ones left out. */
hf_error hf_rule_issuer(const hf_path_query *query, const hf_cert *issuer, bool anchor,
                        unsigned below, char detail[HF_DETAIL_MAX]);
/* Everything about a signature but the arithmetic: is this algorithm known, allowed, and one of that key? */
hf_error hf_rule_signature(const hf_path_query *query, const hf_cert *cert,
                           const hf_public_key *key, char detail[HF_DETAIL_MAX]);

#endif
