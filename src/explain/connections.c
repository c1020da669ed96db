/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Which connection a segment is of: the newest one between its two ends, or a new one. Until the capture ends, the sides of a
 * connection are in the order in which they were seen; then it is settled which one is the client.
 */
#include "explain/streams.h"

#include <stdio.h>

typedef struct connection {
    hf_direction way[2]; /* by side */
    bool syn;            /* was seen, or its answer */
    int client;          /* if so: the side that opened */
    int64_t us;          /* of its last packet */
} connection;

typedef struct collector {
    hf_capture *capture;
    connection *connections; /* of capture->tcp, one by one */
    uint64_t order;
    hf_error error;
} collector;

/* ---- whose ---- */

static bool is_end(const hf_tcp *tcp, int side, const uint8_t address[16], uint16_t port)
{
    return tcp->port[side] == port && memcmp(tcp->address[side], address, 16) == 0;
}

/* The side that sent it, -1: it is of another connection. */
static int side_of(const hf_tcp *tcp, const hf_segment *s)
{
    if (tcp->ipv6 != s->ipv6)
        return -1;
    for (int side = 0; side < 2; side++)
        if (is_end(tcp, side, s->from, s->from_port) && is_end(tcp, !side, s->to, s->to_port))
            return side;
    return -1;
}

/* The same two ends begin anew: a SYN of another number, or one against a connection that is under way. */
static bool is_anew(const hf_tcp *tcp, const connection *c, int side, const hf_segment *s)
{
    const hf_direction *own = &c->way[side];

    if (!s->syn)
        return false;
    if (own->open)
        return own->first != s->sequence + 1;
    return !s->has_ack && tcp->stream[!side].len > 0;
}

/* NULL: none. */
static connection *find(collector *all, const hf_segment *s, hf_tcp **tcp, int *side)
{
    for (size_t i = all->capture->n; i-- > 0;) {
        *tcp = &all->capture->tcp[i];
        *side = side_of(*tcp, s);
        if (*side >= 0)
            return is_anew(*tcp, &all->connections[i], *side, s) ? NULL : &all->connections[i];
    }
    return NULL;
}

/* An acknowledgement alone begins nothing that could be shown. NULL: no new connection. */
static connection *begin(collector *all, const hf_segment *s, hf_tcp **tcp, int *side)
{
    hf_capture *capture = all->capture;

    if (!s->syn && s->payload.len == 0)
        return NULL;
    if (capture->n == HF_STREAMS_MAX) {
        capture->left_out += s->syn && !s->has_ack;
        return NULL;
    }
    *side = 0;
    *tcp = &capture->tcp[capture->n];
    **tcp = (hf_tcp){ .ipv6 = s->ipv6,
                      .port = { s->from_port, s->to_port },
                      .first_packet = s->packet,
                      .started_us = s->us };
    memcpy((*tcp)->address[0], s->from, 16);
    memcpy((*tcp)->address[1], s->to, 16);
    all->connections[capture->n] = (connection){ .us = s->us };
    return &all->connections[capture->n++];
}

static void take(collector *all, hf_segment *s)
{
    hf_tcp *tcp = NULL;
    int side = 0;
    connection *c = find(all, s, &tcp, &side);

    if (!c)
        c = begin(all, s, &tcp, &side);
    if (!c)
        return;
    if (s->syn && !c->syn) {
        c->syn = true;
        c->client = s->has_ack ? !side : side;
    }
    s->us = c->us = s->us > c->us ? s->us : c->us;
    hf_direction_acked(&c->way[!side], &tcp->stream[!side], s);
    all->error = hf_direction_take(&c->way[side], &tcp->stream[side], s, &all->order);
}

static void take_packet(void *user, const hf_packet *packet)
{
    collector *all = user;
    hf_capture *capture = all->capture;
    const char *why;
    hf_segment segment;

    capture->packets++;
    if (all->error)
        return;
    if (hf_segment_read(packet, &segment, &why)) {
        take(all, &segment);
        return;
    }
    capture->not_tcp++;
    if (why && capture->odd++ == 0) {
        capture->oddity = (hf_complaint){ .happened = true, .packet = packet->number };
        snprintf(capture->oddity.why, sizeof capture->oddity.why, "%s", why);
    }
}

/* ---- who is who ---- */

/* The message that a stream of TLS begins with. */
static hf_msg first_message(const hf_stream *s)
{
    bool handshake = s->len >= 6 && s->bytes[0] == HF_CT_HANDSHAKE && s->bytes[1] == 3;

    return handshake ? hf_msg_of_type(s->bytes[5]) : HF_MSG_NONE;
}

static int client_of(const hf_tcp *tcp, const connection *c)
{
    if (c->syn)
        return c->client;
    for (int side = 0; side < 2; side++) {
        if (first_message(&tcp->stream[side]) == HF_MSG_ClientHello)
            return side;
        if (first_message(&tcp->stream[side]) == HF_MSG_ServerHello)
            return !side;
    }
    return tcp->port[1] > tcp->port[0];
}

static void turn_round(hf_tcp *tcp)
{
    hf_tcp was = *tcp;

    for (int side = 0; side < 2; side++) {
        memcpy(tcp->address[side], was.address[!side], 16);
        tcp->port[side] = was.port[!side];
        tcp->stream[side] = was.stream[!side];
    }
}

static void end(collector *all)
{
    for (size_t i = 0; i < all->capture->n; i++) {
        hf_tcp *tcp = &all->capture->tcp[i];
        for (int side = 0; side < 2; side++)
            hf_direction_end(&all->connections[i].way[side], &tcp->stream[side]);
        if (client_of(tcp, &all->connections[i]) == 1)
            turn_round(tcp);
    }
}

hf_error hf_capture_read(hf_capture *capture, hf_span file)
{
    collector all = { .capture = capture };

    capture->room = HF_STREAMS_MAX;
    capture->tcp = hf_alloc(capture->room * sizeof *capture->tcp);
    all.connections = hf_alloc(HF_STREAMS_MAX * sizeof *all.connections);
    if (!capture->tcp || !all.connections) {
        hf_free(all.connections);
        return HF_E_NO_MEMORY;
    }
    hf_error e = hf_packets_read(file, &capture->keylog, take_packet, &all, &capture->complaint);
    end(&all);
    hf_free(all.connections);
    return all.error ? all.error : e;
}

void hf_capture_free(hf_capture *capture)
{
    for (size_t i = 0; i < capture->n; i++)
        for (int side = 0; side < 2; side++) {
            hf_free(capture->tcp[i].stream[side].bytes);
            hf_free(capture->tcp[i].stream[side].pieces);
        }
    hf_free(capture->tcp);
    hf_keylog_free(&capture->keylog);
    *capture = (hf_capture){ .n = 0 };
}
