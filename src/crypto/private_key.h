/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What stands behind an hf_private_key, for the files of this floor that use one. */
#ifndef HF_CRYPTO_PRIVATE_KEY_H
#define HF_CRYPTO_PRIVATE_KEY_H

#include <openssl/evp.h>

#include "crypto/signature.h"

struct hf_private_key {
    EVP_PKEY *pkey; /* only read once the key is made, so threads may share it */
    hf_key_type type;
    unsigned bits;
};

/* Takes pkey over, also when it fails. HF_E_CONFIG_KEY_UNSUPPORTED: not a type of ours. */
hf_error hf_private_key_wrap(hf_private_key **key, EVP_PKEY *pkey);

#endif
