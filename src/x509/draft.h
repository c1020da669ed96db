/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A certificate that is being issued: everything that its pieces need, gathered before the first byte is written. */
#ifndef HF_X509_DRAFT_H
#define HF_X509_DRAFT_H

#include "x509/der_write.h"
#include "x509/issue.h"

enum { HF_SERIAL_LEN = 16, HF_KEY_ID_LEN = 20 };

typedef struct hf_draft {
    const hf_cert_request *request;
    const hf_cert *issuer; /* NULL: self-signed */
    hf_span spki;
    bool rsa; /* the subject's key can decrypt */
    hf_sig_algorithm algorithm;
    uint8_t serial[HF_SERIAL_LEN], key_id[HF_HASH_MAX];
} hf_draft;

/* [3] EXPLICIT Extensions. */
void hf_draft_extensions(hf_builder *b, const hf_draft *d);

#endif
