/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The keys that a client offers in pre_shared_key (RFC 9846 4.3.11): a ticket's, one that was shared
 * beforehand, or both; and the binder that shows that whoever wrote a ClientHello holds such a key.
 * Which one a server takes is psk_choose.c.
 */
#include "handshake/hello.h"

enum { IDENTITY_FRAME = 2 + 4, BINDERS_FRAME = 2 };

/* ---- both ends ---- */

hf_error hf_psk_remember(hf_engine *e, hf_span identity)
{
    uint8_t *copy = hf_copy(identity);

    if (!copy)
        return HF_E_NO_MEMORY;
    hf_free((void *)(uintptr_t)e->psk_identity.data);
    e->psk_identity = hf_span_of(copy, identity.len);
    e->info.psk_identity = e->psk_identity;
    return HF_OK;
}

const hf_psk *hf_psk_of_client(const hf_engine *e)
{
    return e->config->psks ? hf_psks_find(e->config->psks, e->wanted_psk) : NULL;
}

/* RFC 9846 4.3.11.2: what was said before a HelloRetryRequest counts too. */
static hf_error hash_up_to(const hf_engine *e, hf_hash_id id, hf_span partial, uint8_t *out)
{
    hf_transcript copy = { .started = true };

    if (!e->hs->transcript.started)
        return hf_hash_once(id, partial, out);
    TRY(hf_hash_copy(&copy.hash, &e->hs->transcript.hash));
    hf_transcript_add(&copy, partial);
    hf_hash_final(&copy.hash, out);
    return HF_OK;
}

hf_error hf_make_binder(const hf_engine *e, const hf_offered_psk *psk, hf_span partial_hello,
                        uint8_t out[HF_HASH_MAX])
{
    uint8_t hash[HF_HASH_MAX];

    TRY(hash_up_to(e, psk->hash, partial_hello, hash));
    return hf_psk_binder(psk->hash, psk->key, psk->external, hash, out);
}

/* ---- the client's offer ---- */

/* RFC 9846 4.3.11.1: the age in milliseconds, plus ticket_age_add, modulo 2^32. Our clock counts seconds: it is better to say a
   second less than one that has not passed. */
static uint32_t obfuscated_age(const hf_engine *e, const hf_session *s)
{
    int64_t age = hf_config_now(e->config) - (int64_t)(s->issued_ms / 1000);
    uint32_t ms = age > 1 ? (uint32_t)((uint64_t)(age - 1) * 1000) : 0;

    return ms + s->ticket_age_add;
}

/* RFC 9846 4.2.2: after a HelloRetryRequest keys of another hash than the suite's are left out. */
static void add(hf_handshake *hs, hf_hash_id settled, hf_offered_psk psk)
{
    if (settled == HF_NO_HASH || settled == psk.hash)
        hs->psks[hs->n_psks++] = psk;
}

static void collect(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    const hf_session *s = &hs->session;
    const hf_psk *psk = hf_psk_of_client(e);
    hf_hash_id settled = e->script.facts & HF_F_RETRY ? e->suite->hash : HF_NO_HASH;

    hs->n_psks = 0;
    if (hs->has_ticket13)
        add(hs, settled,
            (hf_offered_psk){ s->ticket, hf_span_of(s->secret, s->secret_len),
                              hf_suite_of(s->cipher_suite)->hash, obfuscated_age(e, s), false });
    if (psk)
        add(hs, settled, (hf_offered_psk){ psk->identity, psk->key, HF_SHA256, 0, true });
}

static size_t binders_len(const hf_handshake *hs)
{
    size_t len = 0;

    for (size_t i = 0; i < hs->n_psks; i++)
        len += 1 + hf_hash_len(hs->psks[i].hash);
    return len;
}

/* Both lists; the binders are zero until the message around them is written. */
static hf_error write_lists(hf_engine *e, hf_extensions *ext)
{
    static const uint8_t zeroes[HF_HASH_MAX];
    hf_handshake *hs = e->hs;
    size_t room = binders_len(hs);

    for (size_t i = 0; i < hs->n_psks; i++)
        room += IDENTITY_FRAME + hs->psks[i].identity.len;
    uint8_t *bytes = hf_arena_alloc(&hs->arena, room);
    if (!bytes)
        return HF_E_NO_MEMORY;
    hf_builder b = hf_wr_start(bytes, room);
    for (size_t i = 0; i < hs->n_psks; i++) {
        hf_wr_vec16(&b, hs->psks[i].identity);
        hf_wr_u32(&b, hs->psks[i].obfuscated_ticket_age);
    }
    size_t identities = b.len;
    for (size_t i = 0; i < hs->n_psks; i++)
        hf_wr_vec8(&b, hf_span_of(zeroes, hf_hash_len(hs->psks[i].hash)));
    ext->psk_identities = hf_span_of(bytes, identities);
    ext->psk_binders = hf_span_of(bytes + identities, room - identities);
    return b.error;
}

/* psk_key_exchange_modes goes along with a wish for tickets too (RFC 9846 4.7.1). A key alone would give no forward secrecy, so
   psk_ke is never offered. (RFC 9846 9.2#7 #8) */
hf_error hf_offer_psks(hf_engine *e, hf_extensions *ext)
{
    static const uint8_t modes[] = { HF_PSK_DHE_KE };
    bool said = e->hs->hello.ext.present & HF_EXT_BIT(psk_key_exchange_modes); /* before a retry */

    collect(e);
    e->hs->psk_offered |= e->hs->n_psks > 0;
    if (e->hs->n_psks == 0 && !e->want_session && !said) /* RFC 9846 4.2.2 */
        return HF_OK;
    ext->present |= HF_EXT_BIT(psk_key_exchange_modes); /* RFC 9846 4.3.9#1 #2 */
    ext->psk_modes = hf_span_of(modes, sizeof modes);
    if (e->hs->n_psks == 0)
        return HF_OK;
    ext->present |= HF_EXT_BIT(pre_shared_key);
    return write_lists(e, ext);
}

/* `message` is whole and ours to write; its last bytes are the binders (RFC 9846 4.3.11). */
hf_error hf_write_binders(hf_engine *e, uint8_t *message, size_t len)
{
    const hf_handshake *hs = e->hs;
    size_t at = len - binders_len(hs);
    hf_span partial = hf_span_of(message, at - BINDERS_FRAME);
    uint8_t binder[HF_HASH_MAX];

    for (size_t i = 0; i < hs->n_psks; i++) {
        size_t n = hf_hash_len(hs->psks[i].hash);
        TRY(hf_make_binder(e, &hs->psks[i], partial, binder));
        memcpy(message + at + 1, binder, n);
        at += 1 + n;
    }
    return HF_OK;
}

/* ---- the server's answer ---- */

static hf_error use_external(hf_engine *e, const hf_offered_psk *psk)
{
    e->info.psk_used = true;
    if (e->hs->has_ticket13)
        e->info.session_error = HF_E_SESSION_DECLINED;
    return hf_psk_remember(e, psk->identity);
}

static hf_error use_ticket(hf_engine *e)
{
    e->info.resumed = true;
    e->info.session_error = HF_OK;
    return hf_session_peer(e);
}

/* A client that trusts no CA has nothing else to go by. */
static hf_error without_psk(hf_engine *e)
{
    const hf_config *c = e->config;

    if (e->hs->has_ticket13)
        e->info.session_error = HF_E_SESSION_DECLINED;
    if (e->hs->psk_offered && !c->insecure && !hf_config_trusts(c))
        return hf_refuse(e, HF_E_PSK_DECLINED, "extensions", "pre_shared_key", NULL);
    return HF_OK;
}

hf_error hf_accept_psk(hf_engine *e, const hf_server_hello *h)
{
    hf_handshake *hs = e->hs;

    if (!(h->ext.present & HF_EXT_BIT(pre_shared_key)))
        return without_psk(e);
    if (!(h->ext.present & HF_EXT_BIT(key_share))) /* RFC 9846 4.3.11#6 #7, 4.3.9#7 */
        return hf_refuse(e, HF_E_PSK_WITHOUT_SHARE, "extensions", "key_share", NULL);
    if (h->ext.selected_identity >= hs->n_psks) /* RFC 9846 4.3.11#6 #7 */
        return hf_refuse_code(e, HF_E_PSK_INDEX, "selected_identity", h->ext.selected_identity,
                              NULL);
    const hf_offered_psk *psk = &hs->psks[h->ext.selected_identity];
    if (hf_suite_of(h->cipher_suite)->hash != psk->hash) /* RFC 9846 4.3.11#6 #7, 4.7.1#2 */
        return hf_refuse_code(e, HF_E_PSK_HASH, "cipher_suite", h->cipher_suite, hf_suite_name);
    hf_use_psk(hs, psk, h->ext.selected_identity);
    e->script.facts |= HF_F_PSK;
    return psk->external ? use_external(e, psk) : use_ticket(e);
}

void hf_use_psk(hf_handshake *hs, const hf_offered_psk *psk, uint16_t index)
{
    memcpy(hs->psk, psk->key.data, psk->key.len);
    hs->psk_len = (uint8_t)psk->key.len;
    hs->psk_external = psk->external;
    hs->psk_index = index;
}
