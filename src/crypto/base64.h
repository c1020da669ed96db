/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Base64 as PEM uses it (RFC 4648 section 4, RFC 7468), with no branch or index on what is coded:
   the body may be a private key. */
#ifndef HF_CRYPTO_BASE64_H
#define HF_CRYPTO_BASE64_H

#include "base/bytes.h"

/* Characters for n bytes, with padding and without line ends. */
static inline size_t hf_base64_len(size_t n)
{
    return (n + 2) / 3 * 4;
}

void hf_base64_encode(hf_span bytes, char *out);

/* White space is skipped. out gets at most text.len / 4 * 3 bytes. False: not base64, padding
   missing or in the wrong place, or bits set that the padding leaves unused. */
bool hf_base64_decode(hf_span text, uint8_t *out, size_t *len);

#endif
