/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Where random bytes come from: a hook of the config, or libcrypto's generator. */
#ifndef HF_CRYPTO_RANDOM_H
#define HF_CRYPTO_RANDOM_H

#include "base/bytes.h"
#include "base/error.h"

typedef struct hf_random {
    bool (*draw)(void *user, uint8_t *out, size_t len); /* NULL: libcrypto's */
    void *user;
} hf_random;

hf_error hf_random_bytes(const hf_random *random, uint8_t *out, size_t len);

#endif
