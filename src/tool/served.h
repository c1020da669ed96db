/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The certificates that `serve` serves, as people want to know them: names, end, faults, and which CA a
   client must be given. */
#ifndef HF_TOOL_SERVED_H
#define HF_TOOL_SERVED_H

#include <handfast/cert.h>
#include "tool/ca_store.h"

typedef struct hf_served {
    const char *file;
    hf_cert_summary leaf;
    char name[HF_CERT_TEXT_MAX]; /* the first that a client can ask for; "": none */
    char ca[HF_STORE_PATH_MAX];  /* the file of its CA; "": not found */
    bool trusted;                /* by the system's store: no CA need be given */
} hf_served;

/* Reads the leaf of a PEM file and looks for its CA beside it. `ca` (may be NULL): known already. False:
   there is no certificate in it. */
bool hf_served_read(hf_served *served, const char *file, const char *ca);
/* Warns of what clients will refuse: expired, not yet valid, a weak key, the wrong purpose, a CA. */
void hf_served_warn(const char *file, unsigned rsa_min_bits);
/* Warns of the certificates in a PEM file of --client-ca that are no CA's. A folder is not looked into. */
void hf_served_warn_client_ca(const char *file);

#endif
