/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What both hash back ends share. The back ends are hash_value.c (the default) and hash_evp.c. */
#include "crypto/hash.h"

size_t hf_hash_len(hf_hash_id id)
{
    switch (id) {
    case HF_SHA256: return 32;
    case HF_SHA384: return 48;
    case HF_SHA512: return 64;
    case HF_NO_HASH: break;
    }
    return 0;
}

hf_error hf_hash_once(hf_hash_id id, hf_span bytes, uint8_t out[HF_HASH_MAX])
{
    hf_hash hash;

    TRY(hf_hash_init(&hash, id));
    hf_hash_update(&hash, bytes);
    hf_hash_final(&hash, out);
    return HF_OK;
}
