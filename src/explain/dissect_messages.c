/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Handshake messages, cut out of the content of a writer's records for the follower. What it says of epochs are changes of keys:
 * events of the tape, and other keys from the next record on.
 */
#include "explain/dissect.h"

enum { FIRST_JOINED = 4096 };

/* ---- changes of keys ---- */

void hf_dissect_epoch(hf_dissection *d, hf_role writer, uint8_t epoch)
{
    hf_dissected *side = &d->side[writer];
    uint8_t before = side->epoch;
    hf_tape_event event = { .kind = HF_TAPE_KEYS,
                            .writer = (uint8_t)writer,
                            .epoch = epoch,
                            .version = d->f.version,
                            .cipher_suite = d->f.cipher_suite,
                            .us = d->us };

    side->epoch = d->f.epoch[writer] = epoch;
    hf_tape_add(d->tape, &event, (hf_span){ NULL, 0 }, (hf_span){ NULL, 0 });
    hf_dissect_rekey(d, writer, before);
}

/* A trial may have been ahead of the follower, which must not lead back then; only a retry ends early data. */
static void take_epochs(hf_dissection *d)
{
    static const hf_role both[] = { HF_SERVER, HF_CLIENT }; /* in the order of the script's rows */

    for (size_t i = 0; i < 2; i++) {
        const uint8_t now = d->f.epoch[both[i]], was = d->side[both[i]].epoch;
        if (now < was && was != HF_EARLY)
            d->f.epoch[both[i]] = was;
        else if (now != was)
            hf_dissect_epoch(d, both[i], now);
    }
}

/* ---- messages ---- */

/* Of a session that another one protects, too (RFC 5746). */
static void note_renegotiation(hf_dissection *d)
{
    if (d->side[HF_CLIENT].epoch < HF_APP || d->f.version == HF_TLS13 || d->renegotiated)
        return;
    d->renegotiated = true;
    hf_tape_note(d->tape,
                 "packet %llu: the ends renegotiate (RFC 5746): another handshake begins under the "
                 "protection of the one before",
                 (unsigned long long)d->packet);
}

static void take_name(hf_dissection *d, hf_span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] <= ' ' || name.data[i] > '~')
            return;
    if (name.len == 0 || name.len + 8 > sizeof d->tape->target || d->tape->target[0])
        return;
    memcpy(d->tape->target, name.data, name.len);
    hf_dissect_port(d->tape->target + name.len, d->tcp->port[HF_SERVER]);
}

static void hear_client_hello(hf_dissection *d, hf_span body)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(body, "ClientHello", HF_HANDSHAKE_HEADER, &fault, NULL);
    hf_wire w = { .writer = HF_CLIENT };
    hf_client_hello hello;

    note_renegotiation(d);
    hf_client_hello_read(&r, &w, &hello);
    if (body.len >= 2 + HF_RANDOM) {
        memcpy(d->client_random, body.data + 2, HF_RANDOM);
        hf_dissect_secrets(d);
    }
    if (hf_rd_ok(&r))
        take_name(d, hello.ext.host_name);
}

static void hear_message(hf_dissection *d, hf_role writer, hf_span message)
{
    hf_msg msg = hf_follow_kind(message);
    hf_span body = { message.data + HF_HANDSHAKE_HEADER, message.len - HF_HANDSHAKE_HEADER };

    if (msg == HF_MSG_ClientHello && writer == HF_CLIENT)
        hear_client_hello(d, body);
    if (msg == HF_MSG_ServerHello && writer == HF_SERVER && body.len >= 2 + HF_RANDOM)
        memcpy(d->server_random, body.data + 2, HF_RANDOM);
    hf_follow_message(&d->f, msg, writer, message);
    take_epochs(d);
}

static bool join(hf_dissection *d, hf_dissected *side, hf_span content)
{
    size_t need = side->n_joined + content.len, room = side->joined_room;

    while (room < need)
        room = room ? 2 * room : FIRST_JOINED;
    if (room > side->joined_room) {
        uint8_t *bigger = hf_alloc(room);
        if (!bigger) {
            d->failed = HF_E_NO_MEMORY;
            return false;
        }
        if (side->n_joined > 0)
            memcpy(bigger, side->joined, side->n_joined);
        hf_free_secret(side->joined, side->joined_room);
        side->joined = bigger;
        side->joined_room = room;
    }
    memcpy(side->joined + side->n_joined, content.data, content.len);
    side->n_joined = need;
    return true;
}

/* The length of the message with its header; more than there is, if it is not whole. */
static size_t message_len(hf_span rest)
{
    if (rest.len < HF_HANDSHAKE_HEADER)
        return HF_HANDSHAKE_HEADER;
    return HF_HANDSHAKE_HEADER +
           ((size_t)rest.data[1] << 16 | (size_t)rest.data[2] << 8 | rest.data[3]);
}

void hf_dissect_handshake(hf_dissection *d, hf_role writer, hf_span content)
{
    hf_dissected *side = &d->side[writer];
    size_t at = 0, len;

    if (content.len == 0 || !join(d, side, content))
        return;
    while ((len = message_len(hf_span_of(side->joined + at, side->n_joined - at))) <=
           side->n_joined - at) {
        hear_message(d, writer, hf_span_of(side->joined + at, len));
        at += len;
    }
    if (at > 0)
        memmove(side->joined, side->joined + at, side->n_joined - at);
    side->n_joined -= at;
}

void hf_dissect_ccs(hf_dissection *d, hf_role writer, hf_span content)
{
    if (content.len != 1)
        return;
    hf_follow_message(&d->f, HF_MSG_ChangeCipherSpec, writer, content);
    take_epochs(d);
}
