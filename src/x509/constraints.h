/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Name constraints (RFC 5280 4.2.1.10): a CA that may speak only for some names. What cannot be
 * understood and would limit a name that is there is refused.
 */
#ifndef HF_X509_CONSTRAINTS_H
#define HF_X509_CONSTRAINTS_H

#include "x509/path_rules.h"

/* The shape of the extension's value; content (without the outer SEQUENCE's tag and length) in *out. */
void hf_constraints_read(hf_reader *value, hf_span *out);
/* The constraints of `issuer` against every name of `cert` (SANs; the subject as directoryName, and its emailAddress if there is
   no rfc822Name SAN, 4.2.1.10). `strict`: a dNSName base with a leading dot is malformed, as the RFC has it;
   if not, it means what is below that domain. Reading a subtree, taking a name apart, and each meeting of the two, takes one from
   *budget, one more for every 64 bytes that are looked at, or 4 of a directoryName: HF_E_CERT_BUDGET_NAMES when it is used up. HF_E_CERT_NAME_NOT_PERMITTED, HF_E_CERT_NAME_EXCLUDED,
   HF_E_CERT_NAME_CONSTRAINT (a constraint, or a name under one, that is malformed or of a kind that is not understood).
   That self-issued certificates but the leaf are not judged is the caller's business. */
hf_error hf_constraints_check(const hf_cert *issuer, const hf_cert *cert, bool strict,
                              unsigned *budget, char detail[HF_DETAIL_MAX]);

#endif
