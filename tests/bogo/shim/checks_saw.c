/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the messages of a handshake say that the library does not repeat, noted while they pass. */
#include "inside.h"
#include "settings.h"

#include <string.h>

enum { HEADER = 4 };

static hf_span body_of(const hf_trace_event *event)
{
    return event->bytes.len >= HEADER
               ? hf_span_of(event->bytes.data + HEADER, event->bytes.len - HEADER)
               : hf_span_of(event->bytes.data, 0);
}

static bool is(const hf_trace_event *event, hf_msg msg)
{
    return strcmp(event->name, hf_msg_name(msg)) == 0;
}

static void copy_codes(seen *s, hf_span list)
{
    s->n_peer_prefs = 0;
    for (size_t i = 0; i < hf_list16_count(list) && i < SEEN_LIST_MAX; i++)
        s->peer_prefs[s->n_peer_prefs++] = hf_list16_at(list, i);
}

static void copy_bytes(uint8_t *to, size_t room, size_t *n, hf_span from)
{
    *n = from.len <= room ? from.len : 0;
    if (*n > 0)
        memcpy(to, from.data, *n);
}

/* curve_type, named_curve and the point stand before it (RFC 8422 5.4). */
static uint16_t scheme_of_exchange(hf_span body)
{
    size_t at = body.len > 4 ? 4 + (size_t)body.data[3] : body.len;

    return at + 2 <= body.len ? (uint16_t)(body.data[at] << 8 | body.data[at + 1]) : 0;
}

static void note_request(visit *v, seen *s, const hf_trace_event *event)
{
    const hf_wire w = { .version = event->version, .writer = HF_SERVER };
    hf_certificate_request request = { 0 };
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(body_of(event), "CertificateRequest", 0, &fault, NULL);

    hf_certificate_request_read(&r, &w, &request);
    if (!hf_rd_ok(&r))
        return;
    copy_codes(s, request.ext.signature_algorithms);
    copy_bytes(s->types, sizeof s->types, &s->n_types, request.certificate_types);
    copy_bytes(s->names, sizeof s->names, &s->n_names, request.ext.authorities);
    settings_request(v, request.ext.authorities);
}

static void note_version(seen *s, const hf_trace_event *event)
{
    const hf_wire w = { .writer = HF_SERVER };
    hf_server_hello hello = { 0 };
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(body_of(event), "ServerHello", 0, &fault, NULL);

    hf_server_hello_read(&r, &w, &hello);
    s->hello13 |= hf_rd_ok(&r) && (hello.ext.present & HF_EXT_BIT(supported_versions));
}

static void note_hello(seen *s, const visit *v)
{
    const hf_client_hello *hello = &v->conn->engine.hs->hello;

    copy_codes(s, hello->ext.signature_algorithms);
    copy_bytes(s->alpn, sizeof s->alpn, &s->n_alpn, hello->ext.alpn);
    s->session_offered |= (hello->ext.present & HF_EXT_BIT(pre_shared_key)) != 0;
}

/* The client's view of the ticket's age less ours (RFC 9846 8.3). */
static void note_ticket(seen *s, const visit *v)
{
    const hf_early_ticket *t = &v->conn->engine.hs->first_ticket;
    int64_t ours = settings_now(v->shim) - (int64_t)(t->issued_ms / 1000);

    if (t->opened)
        s->ticket_skew = (int32_t)(t->age_ms / 1000 - ours);
}

static void note_own_certificate(seen *s, const visit *v)
{
    for (size_t i = 0; i < s->n_identities; i++)
        if (v->conn->engine.hs->identity == s->identities[i])
            s->credential = s->credentials[i];
}

static void note_ours(seen *s, const visit *v, const hf_trace_event *event)
{
    if (is(event, HF_MSG_Certificate))
        note_own_certificate(s, v);
    if (is(event, HF_MSG_ServerHello)) {
        note_hello(s, v);
        note_ticket(s, v);
    }
}

static void note_theirs(visit *v, seen *s, const hf_trace_event *event)
{
    hf_span body = body_of(event);

    if (is(event, HF_MSG_CertificateVerify) && body.len >= 2)
        s->peer_scheme = (uint16_t)(body.data[0] << 8 | body.data[1]);
    if (is(event, HF_MSG_ServerKeyExchange))
        s->peer_scheme = scheme_of_exchange(body);
    if (is(event, HF_MSG_CertificateRequest))
        note_request(v, s, event);
    if (is(event, HF_MSG_ServerHello))
        note_version(s, event);
}

void checks_saw(visit *v, const hf_trace_event *event)
{
    bool ours = (event->writer == HF_SERVER) == v->options->server;

    if (event->kind != HF_TRACE_MESSAGE || !event->name || !v->conn || !v->conn->engine.hs)
        return;
    if (ours)
        note_ours(seen_of(v), v, event);
    else
        note_theirs(v, seen_of(v), event);
}
