/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The key schedule of TLS 1.3 (RFC 9846 7.1):
 *
 *            0
 *            v
 *   PSK -> HKDF-Extract = Early Secret      -> ext binder, res binder, c e traffic, e exp master
 *            v Derive-Secret(., "derived", "")
 * (EC)DHE -> HKDF-Extract = Handshake Secret  -> c hs traffic, s hs traffic
 *            v Derive-Secret(., "derived", "")
 *     0 -> HKDF-Extract = Main Secret         -> c ap traffic, s ap traffic, exp master, res master
 */
#include "base/builder.h"
#include "keys/keys.h"

#include <string.h>

/* HkdfLabel: uint16 length; opaque label<7..255>; opaque context<0..255>. (RFC 9846 7.1) */
hf_error hf_expand_label(hf_hash_id id, hf_span secret, const char *label, hf_span context,
                         uint8_t *out, size_t len)
{
    uint8_t info[2 + 1 + 255 + 1 + 255];
    hf_builder b = hf_wr_start(info, sizeof info);
    hf_span bytes;

    hf_wr_u16(&b, (uint16_t)len);
    hf_wr_open8(&b);
    hf_wr_bytes(&b, hf_span_str("tls13 "));
    hf_wr_bytes(&b, hf_span_str(label));
    hf_wr_close(&b);
    hf_wr_vec8(&b, context);
    TRY(hf_wr_finish(&b, &bytes));
    return hf_hkdf_expand(id, secret, bytes, out, len);
}

hf_error hf_derive_secret(hf_hash_id id, const uint8_t *secret, const char *label,
                          const uint8_t *transcript_hash, uint8_t *out)
{
    size_t n = hf_hash_len(id);

    return hf_expand_label(id, hf_span_of(secret, n), label, hf_span_of(transcript_hash, n), out,
                           n);
}

/* Extracts the next stage from `input` with the salt Derive-Secret(present stage, "derived", ""). */
static hf_error next_stage(hf_schedule *s, hf_span input)
{
    uint8_t empty_hash[HF_HASH_MAX], salt[HF_HASH_MAX];
    size_t n = hf_hash_len(s->hash);

    TRY(hf_hash_once(s->hash, hf_span_of("", 0), empty_hash));
    TRY(hf_derive_secret(s->hash, s->secret, "derived", empty_hash, salt));
    hf_error e = hf_hkdf_extract(s->hash, hf_span_of(salt, n), input, s->secret);
    hf_wipe(salt, sizeof salt);
    return e;
}

static const uint8_t zeroes[HF_HASH_MAX];

static hf_span or_zeroes(hf_span input, hf_hash_id id)
{
    return input.len > 0 ? input : hf_span_of(zeroes, hf_hash_len(id));
}

hf_error hf_schedule_early(hf_schedule *s, hf_hash_id id, hf_span psk)
{
    s->hash = id;
    return hf_hkdf_extract(id, hf_span_of(zeroes, hf_hash_len(id)), or_zeroes(psk, id), s->secret);
}

hf_error hf_schedule_handshake(hf_schedule *s, hf_span shared_secret)
{
    return next_stage(s, or_zeroes(shared_secret, s->hash));
}

hf_error hf_schedule_main(hf_schedule *s)
{
    return next_stage(s, or_zeroes((hf_span){ NULL, 0 }, s->hash));
}

hf_error hf_next_traffic_secret(hf_hash_id id, uint8_t *secret)
{
    uint8_t next[HF_HASH_MAX];
    size_t n = hf_hash_len(id);

    TRY(hf_expand_label(id, hf_span_of(secret, n), "traffic upd", hf_span_of("", 0), next, n));
    memcpy(secret, next, n);
    hf_wipe(next, sizeof next);
    return HF_OK;
}

hf_error hf_verify_data(hf_hash_id id, const uint8_t *base_secret, const uint8_t *transcript_hash,
                        uint8_t *out)
{
    uint8_t finished_key[HF_HASH_MAX];
    size_t n = hf_hash_len(id);

    TRY(hf_expand_label(id, hf_span_of(base_secret, n), "finished", hf_span_of("", 0), finished_key,
                        n));
    hf_error e = hf_hmac(id, hf_span_of(finished_key, n), hf_span_of(transcript_hash, n), out);
    hf_wipe(finished_key, sizeof finished_key);
    return e;
}

/* The early secret belongs to the PSK alone, whatever else the handshake brings. */
static hf_error binder_key(hf_hash_id id, hf_span psk, bool external, uint8_t *out)
{
    const char *binder_label = external ? "ext binder" : "res binder"; /* RFC 9846 7.1 */
    uint8_t empty_hash[HF_HASH_MAX];
    hf_schedule early;

    TRY(hf_hash_once(id, hf_span_of("", 0), empty_hash));
    hf_error e = hf_schedule_early(&early, id, psk);
    if (e == HF_OK)
        e = hf_derive_secret(id, early.secret, binder_label, empty_hash, out);
    hf_wipe(&early, sizeof early);
    return e;
}

/* Computed as Finished is, with binder_key for its base key (RFC 9846 4.3.11.2). */
hf_error hf_psk_binder(hf_hash_id id, hf_span psk, bool external, const uint8_t *transcript_hash,
                       uint8_t *out)
{
    uint8_t key[HF_HASH_MAX];
    hf_error e = binder_key(id, psk, external, key);

    if (e == HF_OK)
        e = hf_verify_data(id, key, transcript_hash, out);
    hf_wipe(key, sizeof key);
    return e;
}

hf_error hf_ticket_psk(hf_hash_id id, const uint8_t *resumption_secret, hf_span nonce, uint8_t *out)
{
    size_t n = hf_hash_len(id);

    /* RFC 9846 4.7.1 */
    return hf_expand_label(id, hf_span_of(resumption_secret, n), "resumption", nonce, out, n);
}

/* RFC 9846 7.5#1 */
hf_error hf_export(const hf_secrets *s, const char *label, hf_span context, uint8_t *out,
                   size_t len)
{
    uint8_t empty_hash[HF_HASH_MAX], context_hash[HF_HASH_MAX], secret[HF_HASH_MAX];
    size_t n = hf_hash_len(s->hash);

    TRY(hf_hash_once(s->hash, hf_span_of("", 0), empty_hash));
    TRY(hf_hash_once(s->hash, context, context_hash));
    TRY(hf_derive_secret(s->hash, s->exporter, label, empty_hash, secret));
    hf_error e = hf_expand_label(s->hash, hf_span_of(secret, n), "exporter",
                                 hf_span_of(context_hash, n), out, len);
    hf_wipe(secret, sizeof secret);
    return e;
}
