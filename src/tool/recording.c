/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Between a connection's trace and its tape: addresses, clock, end, and how much of the data is kept. */
#include "tool/recording.h"

#include <stdio.h>

#include <handfast/handfast.h>
#include "explain/chain_checks.h"
#include "policy/policy.h"
#include "tool/dial.h"

enum {
    DATA_MAX = 64 * 1024
}; /* of application data, early data included: a tape is about the handshake */

static uint64_t clock_us(void *user)
{
    (void)user;
    return uv_hrtime() / 1000;
}

static int64_t wall_us(void)
{
    uv_timeval64_t now;

    return uv_gettimeofday(&now) == 0 ? now.tv_sec * 1000000 + now.tv_usec : 0;
}

void hf_recording_start(hf_recording *r, hf_tape_side side, const char *target)
{
    r->data = 0;
    r->data_of[HF_CLIENT] = r->data_of[HF_SERVER] = false;
    r->tape = hf_tape_new(side, clock_us, NULL);
    if (!r->tape)
        return;
    r->tape->started_us = wall_us();
    snprintf(r->tape->target, sizeof r->tape->target, "%s", target ? target : "");
    snprintf(r->tape->program, sizeof r->tape->program, "handfast %s", hf_version());
}

void hf_recording_addresses(hf_recording *r, const uv_tcp_t *tcp)
{
    struct sockaddr_storage own, peer;
    int own_len = sizeof own, peer_len = sizeof peer;
    char text[HF_ADDRESS_MAX];
    bool client = r->tape && r->tape->side == HF_TAPE_CLIENT;

    if (!r->tape)
        return;
    if (uv_tcp_getsockname(tcp, (struct sockaddr *)&own, &own_len) == 0) {
        hf_address_text((struct sockaddr *)&own, text);
        snprintf(client ? r->tape->client : r->tape->server, sizeof r->tape->client, "%.63s", text);
    }
    if (uv_tcp_getpeername(tcp, (struct sockaddr *)&peer, &peer_len) == 0) {
        hf_address_text((struct sockaddr *)&peer, text);
        snprintf(client ? r->tape->server : r->tape->client, sizeof r->tape->server, "%.63s", text);
    }
}

/* ---- listening ---- */

static bool has_room(hf_recording *r, const hf_trace_event *event)
{
    if (event->kind != HF_TRACE_RECORD || event->content_type != HF_CT_APPLICATION_DATA)
        return true;
    r->data_of[event->writer] = true;
    r->data += event->bytes.len;
    if (r->data <= DATA_MAX)
        return true;
    r->tape->lost++;
    return false;
}

static void hear(void *user, const hf_trace_event *event)
{
    hf_recording *r = user;

    if (r->tape && has_room(r, event)) {
        hf_trace_sink sink = hf_tape_sink(r->tape);
        sink.event(sink.user, event);
    }
}

hf_trace_sink hf_recording_sink(hf_recording *r)
{
    return (hf_trace_sink){ r->tape ? hear : NULL, r };
}

/* ---- the end ---- */

void hf_recording_connected(hf_recording *r)
{
    if (r->tape)
        hf_tape_connected(r->tape);
}

void hf_recording_failed(hf_recording *r, hf_conn *conn)
{
    const hf_failure *failure = conn ? hf_conn_failure(conn) : NULL;

    if (r->tape && failure)
        hf_tape_failed(r->tape, failure);
}

void hf_recording_refused(hf_recording *r, hf_conn *conn)
{
    if (r->tape && !r->tape->connected)
        hf_recording_failed(r, conn);
}

void hf_recording_checks(hf_recording *r, hf_conn *conn, const hf_config *config, const char *name)
{
    const hf_span *chain = NULL;
    size_t n = r->tape && conn ? hf_conn_peer_chain(conn, &chain) : 0;
    hf_verify_options options = { .trust = config->trust,
                                  .policy = &config->policy,
                                  .name = name,
                                  .client = config->role == HF_SERVER,
                                  .time = hf_config_now(config),
                                  .hooks = &config->hooks };

    if (n == 0 || !config->trust)
        return;
    options.staple = hf_conn_peer_staple(conn);
    hf_checks_of(r->tape, chain, n, &options);
}

void hf_recording_end(hf_recording *r)
{
    hf_tape_free(r->tape);
    r->tape = NULL;
}

/* Type and major version: a port that is knocked at with something else has seen no TLS. */
static bool is_record(hf_span wire)
{
    return wire.len >= 5 && wire.data[0] >= HF_CT_CHANGE_CIPHER_SPEC &&
           wire.data[0] <= HF_CT_APPLICATION_DATA && wire.data[1] == 3;
}

bool hf_recording_has_tls(const hf_recording *r)
{
    for (size_t i = 0; r->tape && i < r->tape->n; i++) {
        const hf_tape_event *event = &r->tape->events[i];
        if (event->kind == HF_TAPE_RECORD && event->writer == HF_CLIENT &&
            is_record(hf_tape_wire(r->tape, event)))
            return true;
    }
    return false;
}
