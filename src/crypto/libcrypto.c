/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* libcrypto's errors, hashes and version in our terms. */
#include "crypto/libcrypto.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "crypto/signature.h"

hf_error hf_libcrypto_failure(hf_error otherwise)
{
    hf_error found = otherwise;
    uint32_t code;

    while ((code = (uint32_t)ERR_get_error()) != 0)
        if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
            found = HF_E_NO_MEMORY;
    return found;
}

const EVP_MD *hf_libcrypto_hash(hf_hash_id id)
{
    switch (id) {
    case HF_SHA256: return EVP_sha256();
    case HF_SHA384: return EVP_sha384();
    case HF_SHA512: return EVP_sha512();
    case HF_NO_HASH: break;
    }
    return NULL;
}

const char *hf_libcrypto_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
