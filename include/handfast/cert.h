/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading a certificate for people: what the tool and loggers print. */
#ifndef HANDFAST_CERT_H
#define HANDFAST_CERT_H

#include <handfast/error.h>

HF_BEGIN_DECLS

enum { HF_CERT_TEXT_MAX = 256 };

typedef struct hf_cert_summary {
    char subject[HF_CERT_TEXT_MAX], issuer[HF_CERT_TEXT_MAX];
    char serial[64];    /* hex */
    char key[32];       /* "ECDSA P-256", "RSA 2048" */
    char signature[32]; /* "ECDSA with SHA-256" */
    int64_t not_before, not_after;
    bool is_ca;
    char sans[1024];      /* "DNS:localhost, IP:127.0.0.1" */
    char fingerprint[96]; /* SHA-256, hex with colons */
    char usage[160];      /* "digitalSignature; serverAuth" */
} hf_cert_summary;

/* One certificate. HF_OK, or the HF_E_CERT_… row that says what is wrong with its encoding. Texts that are too long are cut. */
hf_error hf_cert_summarize(hf_span der, hf_cert_summary *summary);

HF_END_DECLS
#endif
