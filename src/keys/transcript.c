/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The transcript hash: every handshake message in order, each with its header (RFC 9846 4.1). */
#include "keys/keys.h"

enum { MESSAGE_HASH = 254 };

hf_error hf_transcript_start(hf_transcript *t, hf_hash_id id)
{
    TRY(hf_hash_init(&t->hash, id));
    t->started = true;
    return HF_OK;
}

void hf_transcript_add(hf_transcript *t, hf_span message)
{
    hf_hash_update(&t->hash, message);
}

hf_error hf_transcript_retry(hf_transcript *t)
{
    uint8_t digest[HF_HASH_MAX];
    size_t n = hf_hash_len(t->hash.id);
    const uint8_t header[4] = { MESSAGE_HASH, 0, 0, (uint8_t)n };
    hf_hash_id id = t->hash.id;

    hf_hash_final(&t->hash, digest);
    TRY(hf_hash_init(&t->hash, id));
    hf_hash_update(&t->hash, hf_span_of(header, sizeof header));
    hf_hash_update(&t->hash, hf_span_of(digest, n));
    return HF_OK;
}

hf_error hf_transcript_hash(const hf_transcript *t, uint8_t out[HF_HASH_MAX])
{
    hf_hash copy;

    TRY(hf_hash_copy(&copy, &t->hash));
    hf_hash_final(&copy, out);
    return HF_OK;
}

void hf_transcript_wipe(hf_transcript *t)
{
    if (t->started)
        hf_hash_wipe(&t->hash);
    t->started = false;
}
