/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* HMAC (RFC 2104) over hash.h, and HKDF (RFC 5869) over HMAC. Labels are src/keys' business. */
#include "crypto/hash.h"

enum { BLOCK_MAX = 128 };

static size_t block_of(hf_hash_id id)
{
    return id == HF_SHA256 ? 64 : 128;
}

void hf_mac_wipe(hf_mac *mac)
{
    hf_hash_wipe(&mac->inner);
    hf_hash_wipe(&mac->outer);
}

static hf_error absorb_padded(hf_hash *hash, hf_hash_id id, const uint8_t key[BLOCK_MAX],
                              uint8_t pad)
{
    uint8_t block[BLOCK_MAX];

    TRY(hf_hash_init(hash, id));
    for (size_t i = 0; i < block_of(id); i++)
        block[i] = key[i] ^ pad;
    hf_hash_update(hash, hf_span_of(block, block_of(id)));
    hf_wipe(block, sizeof block);
    return HF_OK;
}

/* RFC 2104 section 2; a key longer than a block is hashed first. */
hf_error hf_mac_init(hf_mac *mac, hf_hash_id id, hf_span key)
{
    uint8_t padded[BLOCK_MAX] = { 0 };
    hf_error e = HF_OK;

    if (key.len > block_of(id))
        e = hf_hash_once(id, key, padded);
    else if (key.len > 0)
        memcpy(padded, key.data, key.len);
    if (e == HF_OK)
        e = absorb_padded(&mac->inner, id, padded, 0x36);
    if (e == HF_OK) {
        e = absorb_padded(&mac->outer, id, padded, 0x5c);
        if (e != HF_OK)
            hf_hash_wipe(&mac->inner);
    }
    hf_wipe(padded, sizeof padded);
    return e;
}

hf_error hf_mac_copy(hf_mac *to, const hf_mac *from)
{
    TRY(hf_hash_copy(&to->inner, &from->inner));
    hf_error e = hf_hash_copy(&to->outer, &from->outer);
    if (e != HF_OK)
        hf_hash_wipe(&to->inner);
    return e;
}

void hf_mac_update(hf_mac *mac, hf_span bytes)
{
    hf_hash_update(&mac->inner, bytes);
}

void hf_mac_final(hf_mac *mac, uint8_t out[HF_HASH_MAX])
{
    size_t len = hf_hash_len(mac->inner.id);
    uint8_t digest[HF_HASH_MAX];

    hf_hash_final(&mac->inner, digest);
    hf_hash_update(&mac->outer, hf_span_of(digest, len));
    hf_hash_final(&mac->outer, out);
    hf_wipe(digest, sizeof digest);
}

hf_error hf_hmac(hf_hash_id id, hf_span key, hf_span data, uint8_t out[HF_HASH_MAX])
{
    hf_mac mac;

    TRY(hf_mac_init(&mac, id, key));
    hf_mac_update(&mac, data);
    hf_mac_final(&mac, out);
    return HF_OK;
}

/* RFC 5869 2.2. An absent salt is a block of zeroes, which is what HMAC makes of an empty key. */
hf_error hf_hkdf_extract(hf_hash_id id, hf_span salt, hf_span ikm, uint8_t out[HF_HASH_MAX])
{
    return hf_hmac(id, salt, ikm, out);
}

/* T(n) = HMAC(PRK, T(n - 1) || info || n); `block` holds T(n - 1) and gets T(n). */
static hf_error next_block(const hf_mac *keyed, hf_span info, uint8_t n, uint8_t block[HF_HASH_MAX])
{
    hf_mac mac;

    TRY(hf_mac_copy(&mac, keyed));
    if (n > 1)
        hf_mac_update(&mac, hf_span_of(block, hf_hash_len(mac.inner.id)));
    hf_mac_update(&mac, info);
    hf_mac_update(&mac, hf_span_of(&n, 1));
    hf_mac_final(&mac, block);
    return HF_OK;
}

/* RFC 5869 2.3. */
hf_error hf_hkdf_expand(hf_hash_id id, hf_span prk, hf_span info, uint8_t *out, size_t len)
{
    size_t step = hf_hash_len(id), done = 0;
    uint8_t block[HF_HASH_MAX];
    hf_mac keyed;
    hf_error e = HF_OK;

    if (len > 255 * step)
        return HF_E_LIMIT;
    TRY(hf_mac_init(&keyed, id, prk));
    for (uint8_t n = 1; e == HF_OK && done < len; n++) {
        size_t now = len - done < step ? len - done : step;

        e = next_block(&keyed, info, n, block);
        if (e == HF_OK)
            memcpy(out + done, block, now);
        done += now;
    }
    hf_mac_wipe(&keyed);
    hf_wipe(block, sizeof block);
    return e;
}
