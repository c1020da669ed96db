/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Certificate policies along a path (RFC 5280 6.1, with the graph of RFC 9618 in place of the tree): with
 * any policy as the user's wish, only requireExplicitPolicy can make a path fail.
 */
#ifndef HF_X509_CERT_POLICIES_H
#define HF_X509_CERT_POLICIES_H

#include "x509/path_rules.h"

/* The shapes of the four extensions; contents in the fields of cert. Used by extensions.c. */
void hf_policies_read(hf_reader *value, hf_cert *cert);
void hf_policy_mappings_read(hf_reader *value, hf_cert *cert);
void hf_policy_constraints_read(hf_reader *value, hf_cert *cert);
void hf_inhibit_any_policy_read(hf_reader *value, hf_cert *cert);
/* path[0] is the leaf, path[n - 1] the anchor, which is not judged. HF_E_CERT_POLICY; *at is the certificate at fault. */
hf_error hf_policies_check(const hf_cert *const *path, size_t n, size_t *at,
                           char detail[HF_DETAIL_MAX]);

#endif
