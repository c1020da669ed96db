/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The certificate that this client has for itself, as far as one can see what is wrong with it. */
#ifndef HF_TOOL_OWN_CERT_H
#define HF_TOOL_OWN_CERT_H

#include <handfast/cert.h>

typedef struct hf_own_cert {
    bool known; /* false: there is none, or it cannot be read */
    hf_cert_summary leaf;
} hf_own_cert;

/* The leaf of a PEM file. */
void hf_own_cert_read(hf_own_cert *own, const char *file);

enum { HF_OWN_FAULT_ROOM = 96 };
/* "it expired on 2020-02-01"; "" if nothing shows. */
void hf_own_cert_fault(const hf_own_cert *own, char out[HF_OWN_FAULT_ROOM]);

/* Why it was not shown to a server that asked: "yours (CN=me, issued by CN=My CA) was not sent: …"; "" without one. */
enum { HF_OWN_WITHHELD_ROOM = 2 * HF_CERT_TEXT_MAX + 128 };
void hf_own_cert_withheld(const hf_own_cert *own, bool authorities, char out[HF_OWN_WITHHELD_ROOM]);

#endif
