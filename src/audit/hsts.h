/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Strict-Transport-Security as a browser reads it (RFC 6797 6.1). */
#ifndef HF_AUDIT_HSTS_H
#define HF_AUDIT_HSTS_H

#include <handfast/types.h>

typedef struct hf_hsts {
    uint64_t max_age; /* seconds */
    bool subdomains, preload;
    const char *wrong; /* static: why the header counts for nothing; NULL: it is good */
} hf_hsts;

void hf_hsts_read(hf_hsts *hsts, const char *value);

#endif
