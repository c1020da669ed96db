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
    const hf_private_key *signer;
    hf_span spki;
    bool rsa; /* the subject's key can decrypt */
    uint8_t serial[HF_SERIAL_LEN], key_id[HF_HASH_MAX];
} hf_draft;

/* Name. Either may be NULL. */
void hf_draft_subject(hf_builder *b, const char *organization, const char *common_name);
/* A host name, an address or a mail address as the GeneralName that it is. */
void hf_draft_general_name(hf_builder *b, const char *name);
/* The subjectAltName extension; nothing without names. */
void hf_draft_names(hf_builder *b, const char *const *names, size_t n, bool critical);
/* Can that be a SAN (issue.h's names)? */
bool hf_draft_is_name(const char *name);

/* issue_constraints.c. The nameConstraints extension; nothing if all names are permitted. */
void hf_draft_constraints(hf_builder *b, const hf_cert_request *request);
/* An upper bound of its length. */
size_t hf_draft_constraints_room(const hf_cert_request *request);

/* [3] EXPLICIT Extensions. */
void hf_draft_extensions(hf_builder *b, const hf_draft *d);

#endif
