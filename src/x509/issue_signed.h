/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The end of everything that a CA signs: algorithm and signature after what is signed. */
#ifndef HF_X509_ISSUE_SIGNED_H
#define HF_X509_ISSUE_SIGNED_H

#include "x509/der_write.h"
#include "x509/x509.h"

/* The AlgorithmIdentifier with which that key signs, its parameters included; empty: none. */
hf_span hf_signature_identifier(const hf_private_key *key);
/* Signs what was written since `from`, and appends signatureAlgorithm and signature. */
void hf_dw_signature(hf_builder *b, size_t from, const hf_private_key *key);
/* HF_E_CONFIG_KEY_MISMATCH: the key is not the certificate's. */
hf_error hf_check_key_of(const hf_cert *cert, const hf_private_key *key);

/* Opens an Extension and its extnValue; both marks close it. */
typedef struct hf_issue_extension {
    size_t whole, value;
} hf_issue_extension;
hf_issue_extension hf_dw_extension_open(hf_builder *b, hf_oid id, bool critical);
void hf_dw_extension_close(hf_builder *b, hf_issue_extension e);

typedef void hf_issue_write(hf_builder *b, const void *request);
/* Runs `write` over a buffer of that room; *der is fresh memory. */
hf_error hf_issue_der(hf_issue_write *write, const void *request, size_t room, uint8_t **der,
                      size_t *len);

#endif
