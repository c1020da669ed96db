/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is shown for a site that is unavailable, if nothing is configured for it: a certificate of nobody, made in memory. */
#ifndef HF_TOOL_PROXY_SPARE_H
#define HF_TOOL_PROXY_SPARE_H

#include <handfast/error.h>

typedef struct hf_spare {
    uint8_t *chain, *key; /* PEM */
    size_t chain_len, key_len;
} hf_spare;

/* Self-signed, CN=unavailable, ECDSA P-256. Freed with hf_spare_free in any case. */
hf_error hf_spare_make(hf_spare *spare, int64_t now);
void hf_spare_free(hf_spare *spare); /* wipes */

#endif
