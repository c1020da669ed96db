/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The events of a run: dialled, connected, data, closed, and signals in between. */
#include "tool/connect_run.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/connect_work.h"
#include "tool/exit.h"
#include "tool/say.h"

typedef hf_connect_run run;

static void unhook(run *r)
{
    if (!uv_is_closing((uv_handle_t *)&r->interrupted)) {
        uv_close((uv_handle_t *)&r->interrupted, NULL);
        uv_close((uv_handle_t *)&r->terminated, NULL);
    }
}

/* After this nothing is left to wait for, and the loop ends. */
static void over(run *r)
{
    if (r->out.total_ms < 0)
        r->out.total_ms = hf_now_ms() - r->started;
    hf_carry_stop(&r->carry);
    unhook(r);
}

static void failed(run *r)
{
    const hf_failure *failure = hf_conn_failure(r->out.conn);
    int error = hf_link_transport_error(r->link);
    size_t len = strlen(r->where);

    if (error && len < sizeof r->where)
        snprintf(r->where + len, sizeof r->where - len, " (%s)", uv_strerror(error));
    if (failure)
        hf_trouble_failure(&r->out.trouble, failure, r->where);
}

/* The handshake is over, and what follows is of interest only to who wants to see it; unless the server has not judged our
   certificate yet. */
static void keep_recording(run *r)
{
    const hf_conn_info *info = hf_conn_info_of(r->out.conn);

    hf_recording_connected(&r->recording);
    if (!r->traced && !r->o->trace && !(info->version == HF_TLS13 && info->certificate_requested))
        hf_recording_end(&r->recording);
}

static void on_event(hf_link *link, hf_event event)
{
    run *r = hf_link_user(link);

    if (event == HF_EVENT_CONNECTED || event == HF_EVENT_SESSION)
        hf_session_file_keep(&r->session, r->out.conn);
    if (event == HF_EVENT_CONNECTED) {
        r->connected = true;
        keep_recording(r);
        r->out.handshake_ms = hf_now_ms() - r->connected_at;
        hf_work_begin(r);
    } else if (event == HF_EVENT_SESSION) {
        hf_work_got_session(r);
    } else if (event == HF_EVENT_EARLY_REJECTED) {
        hf_work_again(r);
    } else if (event == HF_EVENT_PEER_CLOSED) {
        if (r->o->http)
            hf_fetch_end(&r->fetch);
        hf_work_finish(r);
    } else if (event == HF_EVENT_FAILED && hf_work_is_failure(r)) {
        failed(r);
    }
}

static size_t on_data(hf_link *link, hf_span data)
{
    run *r = hf_link_user(link);

    if (r->o->http && hf_fetch_take(&r->fetch, data))
        hf_work_done(r);
    else if (r->o->pipe && !hf_carry_take(&r->carry, data))
        hf_work_finish(r);
    return data.len;
}

static void on_can_send(hf_link *link)
{
    run *r = hf_link_user(link);

    if (r->o->http && r->connected)
        hf_fetch_send(&r->fetch, link);
    else if (r->o->pipe)
        hf_carry_send(&r->carry);
}

static void on_turn(hf_link *link)
{
    run *r = hf_link_user(link);

    hf_work_turn(r);
    if (!r->o->trace)
        return;
    hf_recording_refused(&r->recording, r->out.conn);
    hf_steps_flush(&r->steps, r->recording.tape);
}

static void on_closed(hf_link *link)
{
    run *r = hf_link_user(link);

    if (r->o->trace)
        hf_steps_end(&r->steps, r->recording.tape);
    over(r);
}

static const hf_link_ops ops = { on_event, on_data, on_can_send, on_turn, on_closed };

/* ---- reaching the peer ---- */

static void unreachable(run *r, const hf_dial_result *result)
{
    hf_trouble *t = &r->out.trouble;

    hf_trouble_own(t, HF_EXIT_UNREACHABLE,
                   result->lookup ? "LOOKUP"
                   : result->late ? "CONNECT_TIMEOUT"
                                  : "UNREACHABLE",
                   "network", result->lookup ? "dns" : "connect");
    bool limited = result->lookup && (r->o->ipv4 || r->o->ipv6);
    const char *family = r->o->ipv4 ? "IPv4" : "IPv6";
    hf_trouble_sentence(t, result->lookup ? "the name could not be looked up"
                           : result->late ? "no answer in time"
                                          : "no connection");
    hf_trouble_where(t, "%s: %s%s%s%s", r->where, uv_strerror(result->error),
                     result->address[0] ? " (" : "", result->address,
                     result->address[0] ? ")" : "");
    if (limited) {
        hf_trouble_sentence(t, "the name has no %s address", family);
        hf_trouble_hint(t, "leave -%c out: the other family is tried then", family[3]);
        return;
    }
    hf_trouble_hint(t, result->lookup ? "check the name's spelling and this machine's DNS"
                       : result->late ? "a firewall may drop the packets; check host and port"
                                      : "check host and port, and that the server runs");
}

static void out_of_memory(run *r)
{
    hf_trouble_own(&r->out.trouble, HF_EXIT_IO, "NO_MEMORY", "us", "connect");
    hf_trouble_sentence(&r->out.trouble, "the connection could not be set up");
    hf_trouble_where(&r->out.trouble, "%s: out of memory", r->where);
    over(r);
}

static hf_conn *new_conn(run *r)
{
    hf_trace_sink sink;
    char endpoint[HF_HOST_MAX + 8];
    hf_conn_options options = { .server_name = r->name,
                                .verify_name = r->name,
                                .session = r->session.inside,
                                .want_session = r->o->session != NULL || r->traced,
                                .endpoint = endpoint,
                                .psk_identity =
                                    hf_span_str(r->o->psk_identity ? r->o->psk_identity : "") };

    hf_target_text(r->target.host, r->target.port, endpoint, sizeof endpoint);
    hf_steps_start(&r->steps, HF_STEPS_NOTE, 0);
    sink = hf_recording_sink(&r->recording);
    options.trace = sink.event ? &sink : NULL;
    return hf_conn_new(r->config, r->worker, &options);
}

/* Only now, as an unreachable server must not cost the session. */
static void begin_tls(run *r, uv_tcp_t *tcp)
{
    r->connected_at = hf_now_ms();
    hf_session_file_claim(&r->session);
    r->out.conn = new_conn(r);
    r->link = r->out.conn ? hf_link_new(&r->loop, tcp, r->out.conn, &ops, r) : NULL;
    if (r->link) {
        hf_link_start(r->link);
        return;
    }
    hf_session_file_put_back(&r->session);
    hf_conn_free(r->out.conn);
    r->out.conn = NULL;
    uv_close((uv_handle_t *)tcp, hf_handle_free);
    out_of_memory(r);
}

static void on_prelude(void *user, uv_tcp_t *tcp, const hf_starttls *dialogue)
{
    run *r = user;

    r->prelude = NULL;
    if (tcp) {
        begin_tls(r, tcp);
        return;
    }
    hf_starttls_trouble(dialogue, &r->out.trouble, r->where);
    over(r);
}

static void begin_prelude(run *r, uv_tcp_t *tcp)
{
    const hf_connect_options *o = r->o;

    r->prelude = hf_prelude_start(&r->loop, tcp, hf_starttls_script_of(o->starttls), r->name,
                                  (uint64_t)o->timeout, o->trace, r->recording.tape, on_prelude, r);
    if (r->prelude)
        return;
    uv_close((uv_handle_t *)tcp, hf_handle_free);
    out_of_memory(r);
}

static void begin_recording(run *r, const uv_tcp_t *tcp)
{
    char target[HF_HOST_MAX + 8];

    if (r->only_chain)
        return;
    hf_target_text(r->target.shown, r->target.port, target, sizeof target);
    hf_recording_start(&r->recording, HF_TAPE_CLIENT, target);
    hf_recording_addresses(&r->recording, tcp);
}

static void on_dialled(void *user, uv_tcp_t *tcp, const hf_dial_result *result)
{
    run *r = user;

    r->dial = NULL;
    r->out.dial = *result;
    if (!tcp) {
        unreachable(r, result);
        over(r);
        return;
    }
    hf_target_text(r->target.shown, r->target.port, r->where, sizeof r->where);
    size_t len = strlen(r->where);
    snprintf(r->where + len, sizeof r->where - len, " at %s", result->address);
    begin_recording(r, tcp);
    if (r->o->starttls)
        begin_prelude(r, tcp);
    else
        begin_tls(r, tcp);
}

static void on_signal(uv_signal_t *handle, int number)
{
    run *r = handle->data;

    r->signal = number;
    hf_note(number == SIGINT ? "handfast: interrupted\n" : "handfast: ended by a signal\n");
    if (r->dial) {
        hf_dial_cancel(r->dial);
        r->dial = NULL;
        over(r);
    } else if (r->prelude) {
        hf_prelude_cancel(r->prelude);
        r->prelude = NULL;
        over(r);
    } else if (r->link) {
        hf_link_close(r->link);
    }
}

static void hook(run *r, uv_signal_t *handle, int number)
{
    uv_signal_init(&r->loop, handle);
    handle->data = r;
    uv_signal_start(handle, on_signal, number);
}

int hf_connect_go(hf_connect_run *r)
{
    const hf_connect_options *o = r->o;
    hf_family family = o->ipv4 ? HF_FAMILY_4 : o->ipv6 ? HF_FAMILY_6 : HF_FAMILY_ANY;

    if (uv_loop_init(&r->loop) != 0)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot start", "event loop");
    hook(r, &r->interrupted, SIGINT);
    hook(r, &r->terminated, SIGTERM);
    hf_target_text(r->target.shown, r->target.port, r->where, sizeof r->where);
    r->started = hf_now_ms();
    r->dial = hf_dial_start(&r->loop, r->address, r->target.port, family, (uint64_t)o->timeout,
                            on_dialled, r);
    if (!r->dial)
        out_of_memory(r);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    uv_loop_close(&r->loop);
    return HF_EXIT_OK;
}
