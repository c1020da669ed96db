/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the files of this floor share about libcrypto: how its failures become ours, and its name
 * for a hash. Nothing outside src/crypto includes this.
 */
#ifndef HF_CRYPTO_LIBCRYPTO_H
#define HF_CRYPTO_LIBCRYPTO_H

#include <openssl/evp.h>

#include "base/error.h"
#include "registry/registry.h"

/* After a call into libcrypto has failed: HF_E_NO_MEMORY if it ran out of memory, else `otherwise`.
   Empties libcrypto's error queue, so that nothing of ours is left for the application to find. */
hf_error hf_libcrypto_failure(hf_error otherwise);

/* NULL for HF_NO_HASH. */
const EVP_MD *hf_libcrypto_hash(hf_hash_id id);

#endif
