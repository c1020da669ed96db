/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* How a backend is reached: which of them in which order, over TCP, a Unix socket or TLS, and what is said first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <handfast/policy.h>
#include "base/bytes.h"
#include "tool/proxy/back_parts.h"
#include "tool/proxy/mapped.h"
#include "tool/proxy/pp.h"
#include "tool/proxy/subject.h"
#include "tool/proxy/telling.h"

/* ---- which ---- */

static size_t addresses_of(const hf_backend *backend)
{
    if (backend->unusable)
        return 0;
    return backend->row->kind == HF_BACKEND_UNIX ? 1 : backend->n_addresses;
}

bool hf_back_failed_lately(const hf_house *house, const hf_backend *backend)
{
    uint64_t now = uv_now(&house->loop);

    if (addresses_of(backend) == 0)
        return true;
    return backend->failed_at != 0 && now - backend->failed_at < HF_BACK_FAILED_MS;
}

/* In turn from the first on; those that failed a moment ago after the others. -1: this round has none. */
static int choose_in_round(const hf_back *back, bool healthy)
{
    size_t n = back->site->row->n_backends;

    for (size_t i = 0; i < n; i++) {
        size_t at = (back->first + i) % n;
        const hf_backend *backend = &back->site->backends[at];
        if (!(back->tried >> at & 1) && back->round < addresses_of(backend) &&
            (!healthy || !hf_back_failed_lately(back->stream.house, backend)))
            return (int)at;
    }
    return -1;
}

/* A round for each address that a backend may have. */
static hf_backend *choose(hf_back *back)
{
    for (; back->round < HF_PLAN_ADDRESSES_MAX; back->round++, back->tried = 0) {
        int at = choose_in_round(back, true);
        if (at < 0)
            at = choose_in_round(back, false);
        if (at < 0)
            continue;
        back->tried |= (uint64_t)1 << at;
        return &back->site->backends[at];
    }
    return NULL;
}

/* ---- connecting ---- */

static bool connect_unix(hf_back *back, hf_house *house, const hf_config_backend *row)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };

    memcpy(at.sun_path, row->host, strnlen(row->host, sizeof at.sun_path - 1));
    return hf_stream_connect(&back->stream, house, (struct sockaddr *)&at, sizeof at,
                             &hf_back_stream_ops, back);
}

static bool connect_tcp(hf_back *back, hf_house *house, hf_backend *backend)
{
    const hf_plan_address *to = &backend->addresses[backend->next_address++ % backend->n_addresses];

    return hf_stream_connect(&back->stream, house, (const struct sockaddr *)&to->at, to->len,
                             &hf_back_stream_ops, back);
}

static bool set_out(hf_back *back, hf_house *house)
{
    hf_backend *backend = back->backend;
    bool is_unix = backend->row->kind == HF_BACKEND_UNIX;

    back->tries++;
    back->stream = (hf_stream){ .fd = -1 };
    if (!(is_unix ? connect_unix(back, house, backend->row) : connect_tcp(back, house, backend)))
        return false;
    hf_stream_limit(&back->stream, HF_LIMIT_CONNECT,
                    back->site->generation->config->limits.connect_ms);
    return true;
}

static const char *what_of(const hf_back *back, int error)
{
    return back->trouble ? back->trouble
           : back->why   ? back->why
           : error       ? uv_strerror(error)
                         : "it closed the connection";
}

bool hf_back_try_next(hf_back *back, int error)
{
    hf_house *house = back->stream.house;
    uint64_t now = uv_now(&house->loop);

    if (back->used == 0) { /* one of the pool that is gone says nothing about its backend */
        back->backend->failed_at = now > 0 ? now : 1;
        hf_tell_backend_down(house, back->site, hf_back_name(back), what_of(back, error));
    }
    back->used = 0;
    if (back->tries >= HF_BACK_TRIES_MAX)
        return false;
    hf_backend *next = choose(back);
    if (!next)
        return false;
    free(back->trouble);
    back->trouble = NULL;
    back->why = NULL;
    back->backend = next;
    return set_out(back, house);
}

static const char *why_none(const hf_site *site)
{
    for (size_t i = 0; i < site->row->n_backends; i++)
        if (site->backends[i].unusable)
            return site->backends[i].unusable;
    return "no address of the backend is known: its name did not resolve";
}

hf_back *hf_back_new(hf_front *front, const char **why)
{
    hf_site *site = front->site;
    hf_back *back = calloc(1, sizeof *back);

    *why = "no memory";
    if (!back)
        return NULL;
    back->site = site;
    back->stream.house = front->house;
    back->first = (uint16_t)(site->next_backend % site->row->n_backends);
    site->next_backend = back->first + 1u;
    back->backend = choose(back);
    if (!back->backend) {
        *why = why_none(site);
        hf_tell_backend_down(front->house, site, site->row->backends[0].address.text, *why);
    } else if (set_out(back, front->house)) {
        return back;
    } else {
        *why = "no connection can be made: no descriptors are left";
    }
    free(back);
    return NULL;
}

/* ---- the first words ---- */

static void fill_addresses(hf_pp *pp, const hf_peer_at *client, const hf_peer_at *own)
{
    bool v4 = hf_is_mapped(client->ip) && hf_is_mapped(own->ip);
    size_t skip = v4 ? HF_MAPPED_AT : 0;

    pp->ipv6 = !v4;
    memcpy(pp->source, client->ip + skip, 16 - skip);
    memcpy(pp->destination, own->ip + skip, 16 - skip);
    pp->source_port = client->port;
    pp->destination_port = own->port;
}

static void fill_facts(hf_pp_facts *facts, hf_front *front, char *cn, size_t room)
{
    const hf_conn_info *info = hf_conn_info_of(front->stream.conn);
    const hf_peer *peer = info->peer_verified ? hf_conn_peer(front->stream.conn) : NULL;

    *facts = (hf_pp_facts){ .alpn = info->alpn,
                            .authority = info->server_name,
                            .version = hf_front_version(front),
                            .cipher = hf_code_name(HF_SUITES, info->cipher_suite),
                            .tls = true,
                            .certificate = peer != NULL,
                            .resumed = info->resumed,
                            .verified = peer != NULL };
    if (peer)
        facts->cn = hf_subject_cn(peer->subject, cn, room);
}

static bool say_header(hf_back *back)
{
    uint8_t header[HF_PP_MAX];
    hf_pp pp = { .version = back->backend->row->proxy_protocol };
    hf_pp_facts facts;
    char cn[256];

    fill_addresses(&pp, &back->front->client, hf_front_own(back->front));
    fill_facts(&facts, back->front, cn, sizeof cn);
    size_t n = hf_pp_write(&pp, &facts, header, sizeof header);
    if (n > 0 && hf_stream_preface(&back->stream, hf_span_of(header, n)))
        return true;
    back->why = "the PROXY protocol header could not be sent";
    return false;
}

static bool begin_tls(hf_back *back)
{
    const hf_config_backend *row = back->backend->row;
    const char *name = row->tls_name.text ? row->tls_name.text : row->host;
    hf_conn_options options = { .server_name = name,
                                .verify_name = name,
                                .endpoint = row->address.text };
    hf_conn *conn = hf_conn_new(back->backend->tls, back->stream.house->tls, &options);

    if (!conn) {
        back->why = "no memory";
        return false;
    }
    hf_stream_tls(&back->stream, conn, hf_span_of(NULL, 0));
    return true;
}

/* A backend of TLS whose settings are missing is never spoken to in plain text. */
bool hf_back_greet(hf_back *back)
{
    if (back->is_released)
        return false;
    if (back->backend->row->proxy_protocol && !say_header(back))
        return false;
    if (!back->backend->row->tls)
        return true;
    back->why = back->backend->tls ? NULL : "its TLS could not be set up";
    return back->backend->tls && begin_tls(back);
}

/* ---- why not ---- */

void hf_back_note_failure(hf_back *back)
{
    char text[HF_BACK_WHY];

    hf_tell_backend_failed(back->stream.house, back->site, hf_back_name(back), back->stream.conn);
    free(back->trouble);
    back->trouble = strdup(hf_failure_text(hf_conn_failure(back->stream.conn), text, sizeof text));
}

void hf_back_why(const hf_back *back, int error, char why[HF_BACK_WHY])
{
    snprintf(why, HF_BACK_WHY, "%s: %s", hf_back_name(back), what_of(back, error));
}

const char *hf_back_name(const hf_back *back)
{
    return back->backend ? back->backend->row->address.text : "";
}
