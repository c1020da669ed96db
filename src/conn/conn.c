/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The connection's life: making it, driving its engine, its events and its end. */
#include "conn/conn.h"

#include "base/listen.h"

/* ---- workers ---- */

hf_worker *hf_worker_new(void)
{
    hf_worker *worker = hf_alloc(sizeof *worker);

    if (!worker)
        return NULL;
    worker->blocks.most = HF_BLOCKS_KEPT;
    worker->aead = hf_aead_new();
    if (!worker->aead) {
        hf_free(worker);
        return NULL;
    }
    return worker;
}

void hf_worker_free(hf_worker *worker)
{
    if (!worker)
        return;
    hf_aead_free(worker->aead);
    hf_blocks_drop(&worker->blocks);
    hf_free(worker);
}

/* ---- what the engine asks for ---- */

/* The message before a change of keys ends its record (RFC 9846 5.1#4 #7). */
static hf_error install(void *conn, hf_role whose, bool ours, unsigned epoch,
                        const hf_traffic *keys)
{
    hf_conn *c = conn;
    hf_direction *d = ours ? &c->out : &c->in;

    (void)whose;
    if (ours)
        TRY(hf_out_close_record(c));
    hf_aead_forget(c->worker->aead, &d->keys.key);
    if (keys)
        d->keys = *keys;
    d->is_protected = keys != NULL;
    d->epoch = (uint8_t)epoch;
    if (!ours && epoch == HF_EARLY)
        c->skip_early = !keys; /* it is refused */
    d->since = hf_config_clock(c->engine.config);
    return HF_OK;
}

static const hf_below below = { hf_out_write, install };

/* ---- life ---- */

/* A client that judges certificates must know whose: who wants none of it says so by name (RFC 9846 C.5#1). */
static bool usable(const hf_config *config, const hf_conn_options *o)
{
    bool needs_name = config->role == HF_CLIENT && !config->insecure && !config->external_verify &&
                      hf_config_trusts(config);

    bool has_psk =
        o->psk_identity.len == 0 || (config->psks && hf_psks_find(config->psks, o->psk_identity));

    return config->sealed && has_psk && (!needs_name || o->verify_name || o->server_name);
}

hf_conn *hf_conn_new(hf_config *config, hf_worker *worker, const hf_conn_options *options)
{
    static const hf_conn_options defaults;
    const hf_conn_options *o = options ? options : &defaults;
    size_t texts = config->role == HF_CLIENT ? hf_engine_text_room(o) : 0;
    hf_conn *c = usable(config, o) ? hf_alloc(sizeof *c + texts) : NULL;

    if (!c)
        return NULL;
    if (texts > 0)
        hf_engine_take_texts(&c->engine, o, (uint8_t *)(c + 1));
    c->worker = worker;
    c->user = o->user;
    c->max_record = HF_PLAINTEXT_MAX;
    c->in.epoch = c->out.epoch = HF_PLAIN;
    c->dirty = true;
    if (o->trace) {
        c->trace = *o->trace;
        c->engine.trace = &c->trace;
    }
    if (hf_engine_start(&c->engine, config, o, &below, c, worker) != HF_OK) {
        hf_conn_free(c);
        return NULL;
    }
    c->deadline = config->handshake_timeout ? hf_config_clock(config) + config->handshake_timeout
                                            : UINT64_MAX;
    return c;
}

void hf_conn_free(hf_conn *c)
{
    if (!c)
        return;
    hf_aead_forget(c->worker->aead, &c->in.keys.key);
    hf_aead_forget(c->worker->aead, &c->out.keys.key);
    hf_in_release(c);
    hf_out_drop_all(c);
    hf_engine_free(&c->engine);
    hf_free_secret(c, sizeof *c);
}

void *hf_conn_user(const hf_conn *c)
{
    return c->user;
}

/* ---- trace ---- */

void hf_conn_tell(hf_conn *c, hf_trace_kind kind, hf_role writer, uint8_t type, hf_span bytes,
                  hf_span content, const char *name)
{
    const hf_direction *d = writer == c->engine.role ? &c->out : &c->in;

    if (!hf_listens(c->engine.trace))
        return;
    hf_trace_event event = { .kind = kind,
                             .writer = writer,
                             .name = name,
                             .source = "RFC 9846 5",
                             .content_type = type,
                             .epoch = type == HF_CT_CHANGE_CIPHER_SPEC ? HF_PLAIN : d->epoch,
                             .version = c->engine.info.version,
                             .cipher_suite = c->engine.info.cipher_suite,
                             .bytes = bytes,
                             .content = content };
    c->trace.event(c->trace.user, &event);
}

/* ---- driving ---- */

/* All jobs at hand at once: nothing waits for a batch to fill. */
static hf_error run_jobs_here(hf_conn *c)
{
    hf_job *batch[HF_STEP_JOBS + HF_OWED_JOBS];
    hf_error results[HF_STEP_JOBS + HF_OWED_JOBS], first = HF_OK;
    size_t n = 0;

    while (n < sizeof batch / sizeof *batch && (batch[n] = hf_engine_job_next(&c->engine)) != NULL)
        n++;
    for (size_t i = 0; i < n; i++)
        results[i] = hf_job_run(batch[i]);
    for (size_t i = 0; i < n; i++) {
        hf_error e = hf_engine_job_done(&c->engine, batch[i], results[i]);
        first = first == HF_OK ? e : first;
        hf_job_free(batch[i]);
    }
    return first;
}

/* True if there is no more to do here until the application or the wire says something. */
static bool waits_for_application(hf_conn *c)
{
    hf_engine *e = &c->engine;

    if (e->verify_wanted && !e->verify_asked) {
        e->verify_asked = true;
        hf_conn_event(c, HF_EVENT_VERIFY);
    }
    if (e->hs && e->hs->hello_paused && !e->hs->hello_told) {
        e->hs->hello_told = true;
        hf_conn_event(c, HF_EVENT_CLIENT_HELLO);
    }
    if (!hf_engine_jobs_left(e))
        return true;
    if (e->config->external_jobs) {
        hf_conn_event(c, HF_EVENT_JOB);
        return true;
    }
    return false;
}

/* TLS 1.2 cannot renew its keys: such a connection has a greatest age (RFC 9325 3.5). */
static uint64_t end_of_life(const hf_conn *c)
{
    const hf_config *config = c->engine.config;

    if (c->engine.info.version != HF_TLS12 || config->max_age == 0)
        return UINT64_MAX;
    return hf_config_clock(config) + (uint64_t)config->max_age * 1000;
}

/* TLS 1.2 cannot, and there is a last generation (RFC 9846 4.7.3). */
bool hf_conn_may_renew(const hf_conn *c)
{
    const hf_engine *e = &c->engine;

    return e->info.version != HF_TLS12 && e->generations[e->role] < HF_GENERATIONS_MAX;
}

/* When the present writing keys are to be renewed. */
static uint64_t end_of_keys(const hf_conn *c)
{
    uint32_t after = c->engine.config->key_update_after;

    if (after == 0 || !hf_conn_may_renew(c))
        return UINT64_MAX;
    return c->out.since + (uint64_t)after * 1000;
}

/* Tickets are the last that the handshake's memory is needed for. */
static void send_tickets(hf_conn *c)
{
    while (c->run != HF_RUN_FAILED && hf_ticket_next(&c->engine))
        c->run = hf_engine_run(&c->engine);
}

/* The application hears of it (RFC 9846 F.5#5), once the last flight is sealed: else it would hear of a connection that the
   peer never has. */
static void finish_handshake(hf_conn *c)
{
    if (!c->engine.script.connected || c->connected)
        return;
    hf_session_keep(&c->engine);
    send_tickets(c);
    if (c->run == HF_RUN_FAILED)
        return;
    hf_error e = hf_out_close_record(c);
    if (e != HF_OK) {
        hf_conn_fail(c, e);
        return;
    }
    c->connected = true;
    c->deadline = end_of_life(c);
    c->engine.info.connected = true;
    c->engine.info.peer_verified = c->engine.chain_verified;
    hf_engine_forget(&c->engine);
    hf_conn_event(c, HF_EVENT_CONNECTED);
}

/* Before CONNECTED: what was lost is to be sent again before anything else, by the application if at all (RFC 9846
   4.3.10#12, F.5#4). */
static void tell_of_early_data(hf_conn *c)
{
    const hf_engine *e = &c->engine;

    if (e->info.early != HF_EARLY_REJECTED || e->role != HF_CLIENT || c->early_told)
        return;
    c->early_told = true;
    hf_conn_event(c, HF_EVENT_EARLY_REJECTED);
}

/* After it. */
static void tell_of_session(hf_conn *c)
{
    hf_engine *e = &c->engine;

    if (!e->session_fresh)
        return;
    e->session_fresh = false;
    hf_conn_event(c, HF_EVENT_SESSION);
}

void hf_conn_drive(hf_conn *c)
{
    hf_error e = HF_OK;

    for (c->dirty = false; !c->failed;) {
        c->run = hf_engine_run(&c->engine);
        if (c->run == HF_RUN_FAILED) {
            hf_conn_fail(c, c->engine.script.error);
            return;
        }
        tell_of_early_data(c);
        finish_handshake(c);
        if (c->failed || c->run == HF_RUN_FAILED)
            continue;
        tell_of_session(c);
        if (c->run != HF_RUN_JOB)
            break;
        if (waits_for_application(c))
            return;
        if ((e = run_jobs_here(c)) != HF_OK)
            hf_conn_fail(c, e);
    }
    if (!c->failed && (e = hf_out_close_record(c)) != HF_OK) /* the flight leaves */
        hf_conn_fail(c, e);
}

/* ---- events ---- */

void hf_conn_event(hf_conn *c, hf_event event)
{
    if (c->n_events < HF_EVENTS_MAX && (c->n_events == 0 || c->events[c->n_events - 1] != event))
        c->events[c->n_events++] = (uint8_t)event;
}

hf_event hf_conn_next(hf_conn *c)
{
    if (c->dirty && !c->failed)
        hf_conn_drive(c);
    if (c->n_events == 0 || (c->events[0] == HF_EVENT_FAILED && c->data.len > 0))
        return HF_EVENT_NONE; /* a failure is told after the data that came before it */
    hf_event event = (hf_event)c->events[0];
    c->n_events--;
    memmove(c->events, c->events + 1, c->n_events);
    return event;
}

/* Nothing can happen any more: there is no deadline either. */
static bool is_over(const hf_conn *c)
{
    return c->failed || (c->in.closed && c->out.closed);
}

static uint64_t next_deadline(const hf_conn *c)
{
    uint64_t keys = c->connected && !c->out.closed ? end_of_keys(c) : UINT64_MAX;

    if (is_over(c))
        return UINT64_MAX;
    return keys < c->deadline ? keys : c->deadline;
}

/* RFC 9846 2#2, 5.1#17. Early data has a limit of its own. */
static bool may_send(const hf_conn *c)
{
    const hf_script *s = &c->engine.script;

    return !c->out.closed && hf_script_data_flows(s, s->role) && c->run != HF_RUN_JOB &&
           (s->epoch[s->role] != HF_EARLY || c->engine.early_left > 0) &&
           c->wire_len - c->wire_start < HF_HIGH_WATER;
}

unsigned hf_conn_wants(const hf_conn *c, uint64_t *deadline_ms)
{
    unsigned wants = hf_out_ready(c) > 0 ? HF_WANT_WIRE_OUT : 0;
    bool waits_for_job = c->run == HF_RUN_JOB;

    if (deadline_ms)
        *deadline_ms = next_deadline(c);
    if (c->failed)
        return wants;
    if (!c->in.closed && c->data.len == 0 && !waits_for_job)
        wants |= HF_WANT_WIRE_IN;
    if (!c->in.closed)
        wants |= HF_WANT_CAN_RECEIVE;
    if (may_send(c))
        wants |= HF_WANT_CAN_SEND;
    return wants;
}

bool hf_conn_keys_are_old(const hf_conn *c)
{
    return hf_config_clock(c->engine.config) >= end_of_keys(c);
}

/* Whoever has just renewed his is not asked to do it again. */
bool hf_conn_peer_keys_are_old(const hf_conn *c)
{
    uint64_t after = (uint64_t)c->engine.config->key_update_after * 1000;

    return after > 0 && hf_config_clock(c->engine.config) - c->in.since >= after;
}

void hf_conn_tick(hf_conn *c)
{
    if (c->connected && !is_over(c) && !c->out.closed && hf_conn_keys_are_old(c))
        (void)hf_conn_key_update(c, hf_conn_peer_keys_are_old(c));
    if (!is_over(c) && c->deadline != UINT64_MAX &&
        hf_config_clock(c->engine.config) >= c->deadline)
        hf_conn_fail(c, c->connected ? HF_E_MAX_AGE : HF_E_TIMEOUT);
}
