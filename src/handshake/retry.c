/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * HelloRetryRequest (RFC 9846 4.2.4): "yes, but with a share for this group", or "show me this cookie
 * first". On the wire a ServerHello with a fixed random.
 */
#include "handshake/hello.h"

enum { RETRY_ROOM = 512, COOKIE_LEN = 32 };

/* ---- the server writes ---- */

static hf_error make_cookie(hf_engine *e, hf_extensions *ext)
{
    uint8_t *cookie = hf_arena_alloc(&e->hs->arena, COOKIE_LEN);

    if (!cookie)
        return HF_E_NO_MEMORY;
    TRY(hf_draw(e, cookie, COOKIE_LEN));
    ext->present |= HF_EXT_BIT(cookie);
    ext->cookie = hf_span_of(cookie, COOKIE_LEN);
    return HF_OK;
}

/* RFC 9846 4.2.4#1 #2: supported_versions, and nothing that was not offered but for the cookie.
   What was really sent is what must come back: read from the message itself. */
static hf_error remember(hf_engine *e, hf_span sent)
{
    hf_server_hello h = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = { .version = HF_TLS13, .writer = HF_SERVER };
    hf_span body = hf_span_of(sent.data + HF_HANDSHAKE_HEADER, sent.len - HF_HANDSHAKE_HEADER);
    hf_reader r = hf_rd_start(body, "HelloRetryRequest", HF_HANDSHAKE_HEADER, &fault, NULL);

    hf_server_hello_read(&r, &w, &h);
    e->hs->cookie = h.ext.cookie;
    e->hs->retry_group = h.ext.selected_group;
    return fault.code;
}

static hf_error build(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    hf_server_hello hello = { .legacy_version = HF_TLS12, .has_extensions = true };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_builder b;
    hf_span sent;

    memcpy(hello.random, hf_retry_random, HF_RANDOM);
    hello.legacy_session_id_echo = hs->hello.legacy_session_id;
    hello.cipher_suite = e->suite->code;
    hello.ext.present = HF_EXT_BIT(supported_versions);
    hello.ext.selected_version = HF_TLS13;
    if (hs->retry_group) {
        hello.ext.present |= HF_EXT_BIT(key_share);
        hello.ext.selected_group = hs->retry_group;
    }
    if (e->config->always_retry)
        TRY(make_cookie(e, &hello.ext));
    TRY(hf_transcript_retry(&hs->transcript)); /* RFC 9846 4.1 */
    TRY(hf_message_start(e, RETRY_ROOM, &b));
    hf_server_hello_write(&b, &w, &hello);
    TRY(hf_message_send(e, &b, &sent));
    e->info.retried = true;
    return remember(e, sent);
}

/* ---- the client checks ---- */

static bool was_shared(const hf_handshake *hs, uint16_t group)
{
    for (size_t i = 0; i < hs->n_kex; i++)
        if (hs->kex[i].group == group)
            return true;
    return false;
}

static hf_error check_group(hf_engine *e, uint16_t group)
{
    if (!hf_list16_has(e->hs->hello.ext.supported_groups, group) ||
        !hf_group_of(group)) /* RFC 9846 4.3.8#8 #9 */
        return hf_refuse_code(e, HF_E_GROUP_NOT_OFFERED, "selected_group", group, hf_group_name);
    if (was_shared(e->hs, group)) /* RFC 9846 4.3.8#8 #9 */
        return hf_refuse_code(e, HF_E_RETRY_NO_CHANGE, "selected_group", group, hf_group_name);
    return HF_OK;
}

/* RFC 9846 4.2.4#3 #7 */
static hf_error check(hf_engine *e, const hf_server_hello *h)
{
    const uint32_t new_things = HF_EXT_BIT(key_share) | HF_EXT_BIT(cookie);

    if (!(h->ext.present & HF_EXT_BIT(supported_versions))) /* RFC 9846 4.2.4#3, 9.2#3 */
        return hf_refuse(e, HF_E_MISSING_EXTENSION, "extensions", "supported_versions", NULL);
    TRY(hf_check_server_fields(e, h));
    TRY(hf_check_solicited(e, &h->ext, HF_EXT_BIT(cookie)));
    if (!(h->ext.present & new_things)) /* RFC 9846 4.2.4#4 */
        return hf_refuse(e, HF_E_RETRY_NO_CHANGE, "extensions", "key_share or cookie", NULL);
    return h->ext.present & HF_EXT_BIT(key_share) ? check_group(e, h->ext.selected_group) : HF_OK;
}

/* All that it asks for goes into the second ClientHello (RFC 9846 4.2.4#6). */
static hf_error accept(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    hf_server_hello h = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_SERVER);
    hf_reader r = hf_message_reader(e, &fault);

    hf_server_hello_read(&r, &w, &h);
    TRY(hf_read_done(e, &fault));
    TRY(check(e, &h));
    TRY(hf_set_suite(e, h.cipher_suite));
    hs->retry_suite = h.cipher_suite;
    hs->retry_group = h.ext.selected_group;
    hs->cookie = hf_arena_copy(&hs->arena, h.ext.cookie);
    TRY(hf_transcript_start(&hs->transcript, e->suite->hash));
    hf_transcript_add(&hs->transcript, hs->hello_message);
    TRY(hf_transcript_retry(&hs->transcript)); /* RFC 9846 4.1 */
    TRY(hf_transcribe(e));
    hf_early_rejected(e, HF_E_EARLY_RETRY); /* RFC 9846 4.3.10 */
    e->script.facts |= HF_F_TLS13;
    e->info.retried = true;
    return HF_OK;
}

const hf_step hf_step_retry = { build, accept };
