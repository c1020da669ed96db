/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ClientHello (RFC 9846 4.2.2): how a client writes it and how a server takes it. What is offered in it
 * is offer.c, judging its fields hello_check.c, choosing from what it offers choose.c.
 */
#include "handshake/hello.h"

enum { HELLO_ROOM = 8192, TICKET_ROOM = 4096 + HF_PSK_IDENTITY_MAX + 256, GREASE_SHARE = 1 };

/* ---- what both ends do with one ---- */

/* Facts: what a ClientHello settles for the script. Most are about TLS 1.3 alone. */
static hf_facts facts_of(const hf_client_hello *hello)
{
    hf_facts facts = HF_F_OFFER13;

    if (!(hello->ext.present & HF_EXT_BIT(supported_versions)) ||
        !hf_list16_has(hello->ext.supported_versions, HF_TLS13))
        return 0;
    if (hello->ext.present & HF_EXT_BIT(early_data))
        facts |= HF_F_EARLY_OFFERED;
    if (hello->ext.present & HF_EXT_BIT(post_handshake_auth))
        facts |= HF_F_PHA_OFFERED;
    if (hello->legacy_session_id.len > 0)
        facts |= HF_F_COMPAT; /* RFC 9846 E.4 */
    return facts;
}

/* Keeps the message and its parsed form: the last one, and the one before a retry. */
static hf_error keep_hello(hf_engine *e, hf_span message)
{
    hf_handshake *hs = e->hs;
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, HF_CLIENT);

    hs->first_hello = hs->hello;
    hs->hello_message = hf_arena_copy(&hs->arena, message);
    if (!hs->hello_message.data)
        return HF_E_NO_MEMORY;
    hf_span body =
        hf_span_of(hs->hello_message.data + HF_HANDSHAKE_HEADER, message.len - HF_HANDSHAKE_HEADER);
    hf_reader r = hf_rd_start(body, "ClientHello", HF_HANDSHAKE_HEADER, &fault, NULL);
    hf_client_hello_read(&r, &w, &hs->hello);
    memcpy(e->client_random, hs->hello.random, HF_RANDOM);
    hs->offered = hs->hello.ext.present;
    return hf_read_done(e, &fault);
}

/* ---- the client writes ---- */

static hf_error submit_keygen(hf_engine *e)
{
    const hf_policy *p = &e->config->policy;

    if (e->hs->retry_group)
        return hf_submit(e, hf_job_keygen(hf_job_home(e), e->hs->retry_group, e->config->random));
    for (size_t i = 0; i < sizeof p->key_shares / sizeof *p->key_shares && p->key_shares[i]; i++)
        if (hf_submit(e, hf_job_keygen(hf_job_home(e), p->key_shares[i], e->config->random)) !=
            HF_WAIT)
            return HF_E_NO_MEMORY;
    return HF_WAIT;
}

/* The shares that the jobs made, as the content of client_shares. No share is ever used twice. (RFC 9846 4.3.8#3 #6) */
static hf_error collect_shares(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    size_t room = HF_STEP_JOBS * (HF_KEY_SHARE_MAX + 4) + 8;
    uint8_t *buffer = hf_arena_alloc(&hs->arena, room);

    if (!buffer)
        return HF_E_NO_MEMORY;
    hf_builder b = hf_wr_start(buffer, room);
    if (e->config->policy.client_grease && !hs->retry_group) {
        hf_wr_u16(&b, hf_grease(e, 1));
        hf_wr_vec16(&b, hf_span_of("\0", GREASE_SHARE));
    }
    hs->n_kex = e->n_jobs;
    for (size_t i = 0; i < e->n_jobs; i++) {
        const hf_job *job = e->hs->jobs[i];
        hs->kex[i] = job->kex;
        hf_wr_u16(&b, job->code);
        hf_wr_vec16(&b, hf_span_of(job->share, hf_group_of(job->code)->client_share));
    }
    hf_jobs_clear(e);
    return hf_wr_finish(&b, &hs->key_shares);
}

/* A random session id disguises TLS 1.3 (RFC 9846 4.2.2#8 #9 #10), and goes with a ticket of TLS 1.2: its echo says that the ticket was
   taken (RFC 5077 3.4). A session without a ticket has an id of its own. */
static hf_error draw_session_id(hf_engine *e, uint8_t id[HF_SESSION_ID])
{
    const hf_policy *p = &e->config->policy;
    hf_handshake *hs = e->hs; /* session_bytes: a session of TLS 1.2 */
    bool disguise = p->max_version >= HF_TLS13 && p->middlebox_compat;

    hs->session_id = hf_span_of(id, 0);
    if (hs->session_bytes.len > 0 && hs->session.ticket.len == 0) {
        hs->session_id = hs->session.session_id;
        return HF_OK;
    }
    if (!disguise && hs->session_bytes.len == 0)
        return HF_OK;
    hs->session_id.len = HF_SESSION_ID;
    return hf_draw(e, id, HF_SESSION_ID);
}

static hf_error draw_once(hf_engine *e)
{
    hf_handshake *hs = e->hs;

    if (hs->session_id.data)
        return HF_OK; /* a retry repeats what was drawn (RFC 9846 4.2.2) */
    uint8_t *id = hf_arena_alloc(&hs->arena, HF_SESSION_ID);
    if (!id)
        return HF_E_NO_MEMORY;
    TRY(hf_draw(e, e->client_random, HF_RANDOM));
    TRY(draw_session_id(e, id));
    if (e->config->policy.client_grease)
        TRY(hf_draw(e, hs->grease, sizeof hs->grease));
    if (hs->grease[1] >> 4 == hs->grease[2] >> 4)
        hs->grease[2] ^= 0x10; /* the two GREASE extensions must differ */
    return HF_OK;
}

/* RFC 9846 4.2.2#6 #12, E.5#4 #6 */
static hf_error write_hello(hf_engine *e, hf_span *sent)
{
    hf_client_hello hello = { .legacy_version = HF_TLS12, .has_extensions = true };
    hf_wire w = hf_engine_wire(e, HF_CLIENT);
    hf_builder b;

    memcpy(hello.random, e->client_random, HF_RANDOM);
    hello.legacy_session_id = e->hs->session_id;
    hello.legacy_compression_methods = hf_span_of("\0", 1);
    TRY(hf_offer(e, &hello));
    TRY(hf_message_start(e, HELLO_ROOM + e->hs->cookie.len + TICKET_ROOM, &b));
    hf_client_hello_write(&b, &w, &hello);
    TRY(hf_message_finish(&b, sent));
    TRY(hf_write_binders(e, b.data, b.len));
    return hf_message_put(e, sent);
}

/* Early data follows at once, under keys that come from the first PSK (RFC 9846 4.3.10#2). */
static hf_error begin_early(hf_engine *e)
{
    if (!e->hs->early_suite || e->script.facts & HF_F_RETRY)
        return HF_OK;
    return hf_derive_early(e, e->hs->psks[0].key);
}

static hf_error build(hf_engine *e)
{
    const hf_policy *p = &e->config->policy;
    bool retry = e->script.facts & HF_F_RETRY;
    bool new_shares =
        retry ? e->hs->retry_group != 0 : p->max_version >= HF_TLS13 && p->key_shares[0] != 0;
    hf_span sent;

    if (new_shares && e->n_jobs == 0)
        return submit_keygen(e);
    TRY(draw_once(e));
    if (new_shares || !retry)
        TRY(collect_shares(e));
    TRY(write_hello(e, &sent));
    TRY(keep_hello(e, sent));
    e->script.facts |= facts_of(&e->hs->hello);
    if (p->min_version == HF_TLS13)
        e->script.facts |=
            HF_F_TLS13; /* nothing else was offered: the window of RFC 9846 5 is open */
    TRY(begin_early(e));
    hf_session_return(e, true);
    e->info.round_trips++;
    e->info.server_name = e->hs->offered & HF_EXT_BIT(server_name) ? e->server_name : NULL;
    return HF_OK;
}

/* ---- the server takes it ---- */

static hf_error start_transcript(hf_engine *e)
{
    e->hs->keep_said = e->hs->version == HF_TLS12 && e->config->client_auth != HF_CLIENT_AUTH_NONE;
    if (!e->hs->transcript.started)
        TRY(hf_transcript_start(&e->hs->transcript, e->suite->hash));
    return hf_note_message(e, e->hs->hello_message);
}

/* The application may look at the hello and answer with another config. */
static hf_error pause_for_application(hf_engine *e)
{
    hf_handshake *hs = e->hs;
    const hf_extensions *ext = &hs->hello.ext;

    if (!e->config->pause_at_client_hello || hs->hello_answered)
        return HF_OK;
    hs->hello_view = (hf_hello){ ext->host_name,          hs->hello.cipher_suites,
                                 ext->supported_groups,   ext->signature_algorithms,
                                 ext->supported_versions, ext->alpn,
                                 hs->hello_message };
    hs->hello_paused = true;
    return HF_WAIT;
}

/* Of this hello, also when a session is resumed (RFC 9846 4.7.1#4, 9.2#13). Before it is checked: who is refused is told apart by it. */
static hf_error remember_name(hf_engine *e)
{
    hf_span name = e->hs->hello.ext.host_name;

    if (!hf_is_host_name(name) || e->server_name)
        return HF_OK;
    e->texts = hf_copy(name);
    e->info.server_name = e->server_name = (const char *)e->texts;
    return e->server_name ? HF_OK : HF_E_NO_MEMORY;
}

/* The server has decided: facts about TLS 1.3 hold only if it is spoken, and only there is a retry. */
static void settle_version(hf_engine *e)
{
    hf_facts facts = facts_of(&e->hs->hello);

    if (e->hs->version == HF_TLS13) {
        e->script.facts |= facts | HF_F_TLS13;
    } else {
        e->script.facts |= facts & HF_F_OFFER13;
        e->script.intent &= ~(hf_facts)(HF_F_RETRY | HF_F_TLS13);
    }
}

/* Once a hello: what follows may be done again, after the application's answer or a job. */
static hf_error take_hello(hf_engine *e)
{
    if (e->hs->hello_kept)
        return HF_OK;
    TRY(keep_hello(e, e->message));
    TRY(remember_name(e));
    TRY(hf_check_client_hello(e));
    if (e->script.facts & HF_F_RETRY) {
        TRY(hf_check_second_hello(e));
        e->hs->psk_len = 0; /* the key that was chosen may have been left out (RFC 9846 4.2.2) */
    }
    e->hs->hello_kept = true;
    return HF_OK;
}

static hf_error begin_early_here(hf_engine *e)
{
    return e->hs->early_suite ? hf_derive_early(e, hf_span_of(e->hs->psk, e->hs->psk_len)) : HF_OK;
}

static hf_error accept_first(hf_engine *e)
{
    TRY(take_hello(e));
    TRY(pause_for_application(e));
    if (e->hs->hello_paused) /* another config may have another policy */
        TRY(hf_check_client_hello(e));
    settle_version(e);
    TRY(hf_choose(e));
    TRY(begin_early_here(e));
    return start_transcript(e);
}

/* Suite and group stand (RFC 9846 4.2.4#8); what the handshake rests on is chosen again. */
static hf_error accept_second(hf_engine *e)
{
    hf_handshake *hs = e->hs;

    TRY(take_hello(e));
    TRY(hf_choose_share(e));
    TRY(hf_choose_psk(e));
    if (hs->psk_len == 0 && !hs->identity)
        TRY(hf_choose_identity(e));
    return start_transcript(e);
}

static hf_error accept(hf_engine *e)
{
    bool second = e->script.facts & HF_F_RETRY;

    if (e->script.connected)
        return hf_refuse_renegotiation(e);
    TRY(second ? accept_second(e) : accept_first(e));
    e->hs->hello_kept = e->hs->chosen = e->hs->psk_searched = false; /* a second one may come */
    e->info.round_trips++;
    return HF_OK;
}

const hf_step hf_step_client_hello = { build, accept };
