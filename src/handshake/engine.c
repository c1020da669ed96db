/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The engine's life, the table of steps, and what the script's loop asks for. */
#include "handshake/engine.h"

/* The handshake's struct and the first of its arena; enough for most handshakes of TLS 1.2. */
enum { HANDSHAKE_BLOCK = 8192 };
_Static_assert(sizeof(hf_handshake) % alignof(max_align_t) == 0, "what follows it is aligned");

/* How a message is built and accepted: one file each. */
static const hf_step *const steps[HF_MSG_COUNT] = {
    [HF_MSG_ClientHello] = &hf_step_client_hello,
    [HF_MSG_ServerHello] = &hf_step_server_hello,
    [HF_MSG_HelloRetryRequest] = &hf_step_retry,
    [HF_MSG_EncryptedExtensions] = &hf_step_encrypted_extensions,
    [HF_MSG_CertificateRequest] = &hf_step_certificate_request,
    [HF_MSG_Certificate] = &hf_step_certificate,
    [HF_MSG_CertificateVerify] = &hf_step_certificate_verify,
    [HF_MSG_Finished] = &hf_step_finished,
    [HF_MSG_NewSessionTicket] = &hf_step_new_session_ticket,
    [HF_MSG_KeyUpdate] = &hf_step_key_update,
    [HF_MSG_ChangeCipherSpec] = &hf_step_change_cipher_spec,
    [HF_MSG_ServerKeyExchange] = &hf_step_server_key_exchange,
    [HF_MSG_ServerHelloDone] = &hf_step_server_hello_done,
    [HF_MSG_ClientKeyExchange] = &hf_step_client_key_exchange,
    [HF_MSG_HelloRequest] = &hf_step_hello_request,
    [HF_MSG_CertificateStatus] = &hf_step_certificate_status,
    [HF_MSG_EndOfEarlyData] = &hf_step_end_of_early_data,
};

/* ---- steps ---- */

static hf_error on_build(void *ctx, const hf_row *row)
{
    hf_engine *e = ctx;
    const hf_step *step = steps[row->msg];

    if (!step || !step->build)
        return HF_E_INTERNAL;
    TRY(hf_jobs_verdict(e));
    e->msg = (hf_msg)row->msg;
    return step->build(e);
}

/* Which flood it is when one message too many came in a row: the row of that message. */
static hf_error flood_of(hf_msg msg)
{
    switch (msg) {
    case HF_MSG_KeyUpdate: return HF_E_KEY_UPDATE_FLOOD;
    case HF_MSG_NewSessionTicket: return HF_E_TICKET_FLOOD;
    case HF_MSG_HelloRequest: return HF_E_HELLO_REQUEST_FLOOD;
    default: return HF_E_MESSAGE_FLOOD;
    }
}

/* Keys that are renewed by time alone are no flood, however long nobody says anything else. */
static hf_error count_after_handshake(hf_engine *e, hf_msg msg)
{
    uint64_t now = hf_config_clock(e->config);

    if (now - e->post_since >= HF_POST_HANDSHAKE_PERIOD) {
        e->post_since = now;
        e->post_messages = e->post_total = 0;
    }
    if (++e->post_messages > HF_POST_HANDSHAKE_FLOOD)
        return flood_of(msg);
    return ++e->post_total > HF_POST_HANDSHAKE_MAX ? HF_E_MESSAGE_FLOOD : HF_OK;
}

static hf_error on_accept(void *ctx, const hf_row *row)
{
    hf_engine *e = ctx;
    const hf_step *step = steps[row->msg];

    if (!step || !step->accept)
        return HF_E_INTERNAL;
    TRY(hf_jobs_verdict(e));
    if (!e->told)
        hf_tell_message(e, row, (hf_role)row->writer, e->message);
    e->told = true;
    if (e->script.connected)
        TRY(count_after_handshake(e, (hf_msg)row->msg));
    return step->accept(e);
}

static void on_consume(void *ctx)
{
    hf_engine *e = ctx;

    if (!e->told)
        hf_tell_message(e, NULL, (hf_role)!e->role, e->message);
    e->told = false;
    hf_inbox_consume(e);
}

static hf_error make_keys(hf_engine *e, hf_role whose, unsigned epoch, hf_traffic *keys)
{
    if (epoch != HF_EARLY && e->suite->version == HF_TLS12)
        return hf_traffic_keys12(keys, e->suite, &e->secrets, whose);
    if (epoch == HF_EARLY)
        return hf_traffic_keys(keys, e->hs->early_suite, e->hs->early_traffic);
    if (epoch == HF_HANDSHAKE)
        return hf_traffic_keys(keys, e->suite, e->hs->traffic[whose]);
    if (epoch > HF_APP) {
        TRY(hf_next_traffic_secret(e->secrets.hash, e->secrets.traffic[whose]));
        e->generations[whose]++;
        e->info.key_updates = e->generations[e->role];
    }
    return hf_traffic_keys(keys, e->suite, e->secrets.traffic[whose]);
}

static hf_error on_keys(void *ctx, hf_role whose, bool ours, unsigned epoch)
{
    hf_engine *e = ctx;
    hf_traffic keys = { 0 }; /* a short key leaves the rest of its place to what lay on the stack */

    bool none =
        epoch == HF_PLAIN || (epoch == HF_EARLY && !e->hs->early_suite); /* refused: skipped */
    hf_error error = none ? HF_OK : make_keys(e, whose, epoch, &keys);

    if (error == HF_OK)
        error = e->below->install(e->conn, whose, ours, epoch, none ? NULL : &keys);
    hf_wipe(&keys, sizeof keys);
    if (error == HF_OK)
        hf_tell_keys(e, whose, epoch); /* after the record that they close */
    return error;
}

static hf_error on_peek(void *ctx, hf_msg expected, hf_msg *msg, bool *whole)
{
    return hf_inbox_peek(ctx, expected, msg, whole);
}

static void on_proved(void *ctx, uint8_t what)
{
    hf_tell_proved(ctx, what);
}

static bool on_pending(void *ctx)
{
    const hf_engine *e = ctx;

    return e->inbox_len > 0;
}

static const hf_script_ops ops = { on_build,   on_accept, on_peek,  on_consume,
                                   on_pending, on_keys,   on_proved };

hf_run hf_engine_run(hf_engine *e)
{
    return hf_script_run(&e->script);
}

/* ---- life ---- */

/* Appends a text with its NUL. */
static hf_span append(uint8_t **at, hf_span text)
{
    hf_span copy = hf_span_of(*at, text.len);

    if (text.len > 0)
        memcpy(*at, text.data, text.len);
    *at += text.len + 1;
    return copy;
}

static const char *append_text(uint8_t **at, const char *text)
{
    return text ? (const char *)append(at, hf_span_str(text)).data : NULL;
}

static const char *own_verify_name(const hf_conn_options *o)
{
    return o->verify_name == o->server_name ? NULL : o->verify_name;
}

size_t hf_engine_text_room(const hf_conn_options *o)
{
    return hf_span_text(o->server_name).len + hf_span_text(own_verify_name(o)).len +
           hf_span_text(o->endpoint).len + o->psk_identity.len + 4;
}

void hf_engine_take_texts(hf_engine *e, const hf_conn_options *o, uint8_t *room)
{
    const char *verify = own_verify_name(o);

    e->server_name = append_text(&room, o->server_name);
    e->verify_name = verify ? append_text(&room, verify) : e->server_name;
    e->endpoint = append_text(&room, o->endpoint);
    e->wanted_psk = append(&room, o->psk_identity);
}

static hf_error take_options(hf_engine *e, const hf_conn_options *options)
{
    if (options->session.len > 0 || options->want_session || e->config->sessions)
        TRY(hf_session_offer(e, options));
    if (options->n_alpn > 0)
        return hf_alpn_encode(options->alpn, options->n_alpn, e->hs->offer_alpn,
                              &e->hs->offer_alpn_len);
    memcpy(e->hs->offer_alpn, e->config->alpn, e->config->alpn_len);
    e->hs->offer_alpn_len = e->config->alpn_len;
    return HF_OK;
}

hf_facts hf_engine_intent(const hf_config *config)
{
    hf_facts intent = HF_F_TLS13;

    if (config->role == HF_CLIENT)
        return intent;
    if (config->always_retry)
        intent |= HF_F_RETRY;
    if (config->client_auth != HF_CLIENT_AUTH_NONE)
        intent |= HF_F_CERT_REQUESTED;
    if (config->client_auth == HF_CLIENT_AUTH_REQUIRE)
        intent |= HF_F_CERT_REQUIRED;
    return intent;
}

hf_error hf_engine_begin(hf_engine *e)
{
    if (e->hs || e->script.connected)
        return HF_OK;
    e->hs = hf_block_take(&e->worker->blocks, HANDSHAKE_BLOCK);
    if (!e->hs)
        return HF_E_NO_MEMORY;
    hf_arena_init(&e->hs->arena, &e->worker->blocks, HF_HANDSHAKE_MEMORY);
    hf_arena_lend(&e->hs->arena, e->hs + 1, HANDSHAKE_BLOCK - sizeof *e->hs);
    return HF_OK;
}

hf_error hf_engine_start(hf_engine *e, hf_config *config, const hf_conn_options *options,
                         const hf_below *below, void *conn, hf_worker *worker)
{
    e->config = hf_config_ref(config);
    e->role = config->role;
    e->below = below;
    e->conn = conn;
    e->worker = worker;
    e->info.peer_error_detail = e->info.revocation_detail = "";
    hf_script_start(&e->script, &hf_scripts_tls, &ops, e, config->role, hf_engine_intent(config));
    if (config->role == HF_SERVER)
        return HF_OK; /* a connection that says nothing costs no handshake: hf_engine_feed begins it */
    TRY(hf_engine_begin(e));
    return take_options(e, options);
}

void hf_engine_forget(hf_engine *e)
{
    hf_jobs_clear(e);
    while (e->n_owed > 0)
        hf_job_free(e->hs->owed[--e->n_owed]);
    if (!e->hs)
        return;
    hf_transcript_wipe(&e->hs->transcript);
    hf_staple_free(e->hs->staple);
    hf_identity_free(e->hs->identity);
    hf_arena_wipe(&e->hs->arena);
    hf_block_give(&e->worker->blocks, e->hs, HANDSHAKE_BLOCK, HANDSHAKE_BLOCK);
    e->hs = NULL;
}

void hf_engine_free(hf_engine *e)
{
    if (e->borrowed.len > 0)
        hf_session_return(e, false);
    hf_engine_forget(e);
    hf_free(e->peer_chain);
    hf_free((void *)(uintptr_t)e->peer_staple.data);
    hf_block_give(&e->worker->blocks, e->inbox, e->inbox_cap, e->inbox_cap);
    hf_free(e->scratch);
    hf_free_secret((void *)(uintptr_t)e->ticket.data, e->ticket.len);
    hf_free_secret((void *)(uintptr_t)e->session.data, e->session.len);
    hf_free((void *)(uintptr_t)e->authorities.data);
    hf_free(e->peer);
    hf_free((void *)(uintptr_t)e->template.data);
    hf_free((void *)(uintptr_t)e->psk_identity.data);
    hf_free(e->texts);
    hf_free(e->alpn);
    hf_free(e->detail);
    if (e->failure != &e->worker->last_failure)
        hf_free(e->failure);
    hf_config_free(e->config);
    hf_wipe(&e->secrets, sizeof e->secrets);
}
