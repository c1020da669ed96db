/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * SHA-1 as a name for something, which is all that it is still good for: OCSP identifies issuers by
 * it (RFC 6960 4.1.1). Nothing is ever believed because its SHA-1 fits, so it is no hf_hash_id.
 */
#ifndef HF_CRYPTO_SHA1_H
#define HF_CRYPTO_SHA1_H

#include "base/bytes.h"
#include "base/error.h"

enum { HF_SHA1_LEN = 20 };

hf_error hf_sha1_once(hf_span bytes, uint8_t out[HF_SHA1_LEN]);

#endif
