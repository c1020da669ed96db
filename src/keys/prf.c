/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The pseudorandom function of TLS 1.2 (RFC 5246 5) and what is made with it: the master secret,
 * Finished's verify_data and exporters; and the premaster secret of a PSK suite. The key_block is
 * traffic.c's.
 */
#include "keys/keys.h"

/* The seed of P_hash, label first, in the pieces that it is made of. */
typedef struct seed {
    hf_span part[5];
    size_t parts;
} seed;

static const hf_span nothing = { NULL, 0 };

/* HMAC_hash(secret, before + seed) */
static hf_error mac_of(const hf_mac *keyed, hf_span before, const seed *s, uint8_t *out)
{
    hf_mac mac;

    TRY(hf_mac_copy(&mac, keyed));
    hf_mac_update(&mac, before);
    for (size_t i = 0; i < s->parts; i++)
        hf_mac_update(&mac, s->part[i]);
    hf_mac_final(&mac, out);
    return HF_OK;
}

/* HMAC_hash(secret, A(1) + seed) + HMAC_hash(secret, A(2) + seed) + ..., where A(0) = seed and
   A(i) = HMAC_hash(secret, A(i-1)). */
static hf_error expand(const hf_mac *keyed, size_t step, const seed *s, uint8_t *out, size_t len)
{
    static const seed empty = { .parts = 0 };
    uint8_t a[HF_HASH_MAX], block[HF_HASH_MAX];
    hf_error e = mac_of(keyed, nothing, s, a);

    for (size_t done = 0, now; e == HF_OK && done < len; done += now) {
        now = len - done < step ? len - done : step;
        e = mac_of(keyed, hf_span_of(a, step), s, block);
        if (e == HF_OK) {
            memcpy(out + done, block, now);
            e = mac_of(keyed, hf_span_of(a, step), &empty, a);
        }
    }
    hf_wipe(a, sizeof a);
    hf_wipe(block, sizeof block);
    return e;
}

/* RFC 5246 5 */
static hf_error p_hash(hf_hash_id id, hf_span secret, const seed *s, uint8_t *out, size_t len)
{
    hf_mac keyed;

    TRY(hf_mac_init(&keyed, id, secret));
    hf_error e = expand(&keyed, hf_hash_len(id), s, out, len);
    hf_mac_wipe(&keyed);
    return e;
}

hf_error hf_prf(hf_hash_id id, hf_span secret, const char *label, hf_span a, hf_span b,
                uint8_t *out, size_t len)
{
    seed s = { { hf_span_str(label), a, b }, 3 };

    return p_hash(id, secret, &s, out, len);
}

static hf_span client_random(const hf_secrets *s)
{
    return hf_span_of(s->client_random, sizeof s->client_random);
}

static hf_span server_random(const hf_secrets *s)
{
    return hf_span_of(s->server_random, sizeof s->server_random);
}

static hf_span master_secret(const hf_secrets *s)
{
    return hf_span_of(s->master_secret, sizeof s->master_secret);
}

/* Zeroes if there are no bytes. Returns where the next one goes. */
static uint8_t *put_vec16(uint8_t *out, const uint8_t *bytes, size_t len)
{
    *out++ = (uint8_t)(len >> 8);
    *out++ = (uint8_t)len;
    if (bytes)
        memcpy(out, bytes, len);
    else
        memset(out, 0, len);
    return out + len;
}

size_t hf_psk_premaster(hf_span other_secret, hf_span psk, uint8_t out[HF_PREMASTER_MAX])
{
    uint8_t *end = out;

    if (psk.len > HF_PSK_KEY_MAX || other_secret.len > HF_SHARED_SECRET_MAX)
        return 0;
    if (other_secret.len > 0)
        end = put_vec16(end, other_secret.data, other_secret.len); /* RFC 5489 2 */
    else
        end = put_vec16(end, NULL, psk.len); /* RFC 4279 2 */
    end = put_vec16(end, psk.data, psk.len);
    return (size_t)(end - out);
}

hf_error hf_master_secret(hf_secrets *s, hf_span premaster, hf_span session_hash)
{
    uint8_t *out = s->master_secret;

    if (session_hash.len > 0) /* RFC 7627 4 */
        return hf_prf(s->hash, premaster, "extended master secret", session_hash, nothing, out,
                      HF_MASTER_SECRET);
    return hf_prf(s->hash, premaster, "master secret", client_random(s), server_random(s), out,
                  HF_MASTER_SECRET); /* RFC 5246 8.1 */
}

hf_error hf_verify_data12(const hf_secrets *s, hf_role writer, const uint8_t *transcript_hash,
                          uint8_t out[HF_VERIFY_DATA12])
{
    const char *finished_label = writer == HF_CLIENT ? "client finished" : "server finished";
    hf_span hash = hf_span_of(transcript_hash, hf_hash_len(s->hash));

    /* RFC 5246 7.4.9 */
    return hf_prf(s->hash, master_secret(s), finished_label, hash, nothing, out, HF_VERIFY_DATA12);
}

/* What the protocol itself derives must not come out of an exporter (RFC 5705 4, RFC 7627 4). */
static bool is_reserved(const char *label)
{
    static const char *const reserved[] = { "client finished", "server finished", "master secret",
                                            "key expansion", "extended master secret" };

    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(label, reserved[i]) == 0)
            return true;
    return false;
}

hf_error hf_export12(const hf_secrets *s, const char *label, hf_span context, uint8_t *out,
                     size_t len)
{
    uint8_t length[2] = { (uint8_t)(context.len >> 8), (uint8_t)context.len };
    seed all = { { hf_span_str(label), client_random(s), server_random(s) }, 3 };

    if (is_reserved(label) || context.len > UINT16_MAX)
        return HF_E_MISUSE;
    if (context.data) { /* RFC 5705 4 */
        all.part[all.parts++] = hf_span_of(length, sizeof length);
        all.part[all.parts++] = context;
    }
    return p_hash(s->hash, master_secret(s), &all, out, len);
}
