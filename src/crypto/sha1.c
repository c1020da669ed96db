/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* SHA-1 through libcrypto; what it may be used for stands in sha1.h. */
#include "crypto/sha1.h"

#include "crypto/libcrypto.h"

hf_error hf_sha1_once(hf_span bytes, uint8_t out[HF_SHA1_LEN])
{
    unsigned len = HF_SHA1_LEN;

    if (EVP_Digest(bytes.data, bytes.len, out, &len, EVP_sha1(), NULL) == 1)
        return HF_OK;
    return hf_libcrypto_failure(HF_E_CRYPTO);
}
