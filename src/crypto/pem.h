/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* PEM blocks whatever their label (RFC 7468), for this floor; signature.h has what others need. */
#ifndef HF_CRYPTO_PEM_H
#define HF_CRYPTO_PEM_H

#include "crypto/signature.h"

typedef struct hf_pem_block {
    hf_span label; /* "CERTIFICATE" */
    hf_span body;  /* between the two edge lines */
    hf_span whole; /* both edge lines included */
    bool closed;   /* an END line with the same label follows */
} hf_pem_block;

/* The next block; *text moves on behind it. False: there is none, and *text is empty. */
bool hf_pem_find(hf_span *text, hf_pem_block *block);
/* Its bytes in fresh memory, room block->body.len (hf_free_secret). HF_E_CONFIG_PEM. */
hf_error hf_pem_decode(const hf_pem_block *block, uint8_t **der, size_t *len);

#endif
