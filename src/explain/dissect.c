/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * TLS in two streams: records in the order in which they were whole. The tape gets them as they were captured, opened where there
 * are keys, as a live one would. What makes no sense ends its direction with a note.
 */
#include "explain/dissect.h"

/* ---- records ---- */

/* TLS 1.3 says so by its content type; in TLS 1.2 everything is, once keys are there, but for what is shorter than any
   protected record: the alert of an end that had no keys yet. */
static bool is_protected(const hf_dissection *d, const hf_dissected *side, hf_span record)
{
    size_t len = record.len - HF_RECORD_HEADER;
    bool v12 = d->f.version != 0 && d->f.version <= HF_TLS12;

    if (!v12 || side->epoch == HF_PLAIN)
        return record.data[0] == HF_CT_APPLICATION_DATA;
    if (record.data[0] == HF_CT_CHANGE_CIPHER_SPEC)
        return len != 1;
    return record.data[0] != HF_CT_ALERT || len != 2;
}

static hf_opened look_inside(hf_dissection *d, hf_role writer, hf_span record)
{
    if (is_protected(d, &d->side[writer], record))
        return hf_dissect_open(d, writer, record);
    return (
        hf_opened){ .opened = true,
                    .type = record.data[0],
                    .epoch = HF_PLAIN,
                    .content = { record.data + HF_RECORD_HEADER, record.len - HF_RECORD_HEADER } };
}

/* A record that stays closed may have held the rest of a message: what is there of it will never be whole. */
static void hear_record(hf_dissection *d, hf_role writer, hf_span record)
{
    const uint16_t version = d->f.version, cipher_suite = d->f.cipher_suite;
    hf_opened in = look_inside(d, writer, record);
    hf_tape_event event = { .kind = HF_TAPE_RECORD,
                            .writer = (uint8_t)writer,
                            .content_type = in.type,
                            .epoch = in.epoch,
                            .opened = in.opened,
                            .version = version,
                            .cipher_suite = cipher_suite,
                            .us = d->us };

    hf_tape_add(d->tape, &event, record, in.content);
    if (!in.opened && in.epoch == d->side[writer].epoch)
        d->side[writer].n_joined = 0;
    if (in.opened && in.type == HF_CT_HANDSHAKE)
        hf_dissect_handshake(d, writer, in.content);
    if (in.opened && in.type == HF_CT_CHANGE_CIPHER_SPEC)
        hf_dissect_ccs(d, writer, in.content);
}

/* ---- two streams ---- */

static const hf_piece *piece_at(hf_dissected *side, size_t at)
{
    const hf_stream *s = side->stream;

    while (side->piece + 1 < s->n_pieces && s->pieces[side->piece + 1].at <= at)
        side->piece++;
    return side->piece < s->n_pieces ? &s->pieces[side->piece] : NULL;
}

/* How long the next record is; 0: there is no whole one. */
static size_t next_record(hf_dissection *d, hf_role writer)
{
    hf_dissected *side = &d->side[writer];
    size_t left = side->stream->len - side->at, total;

    if (side->ended || left < HF_RECORD_HEADER)
        return 0;
    hf_span rest = hf_span_of(side->stream->bytes + side->at, left);
    if (!hf_dissect_header(rest, 0, &total)) {
        side->ended = true;
        const hf_piece *piece = piece_at(side, side->at);
        hf_dissect_no_record(d, writer, rest, piece ? piece->packet : 0);
        return 0;
    }
    return total <= rest.len ? total : 0;
}

static uint64_t order_of(hf_dissected *side, size_t len)
{
    const hf_piece *piece = len > 0 ? piece_at(side, side->at + len - 1) : NULL;

    return piece ? piece->order : 0;
}

static void go_to(hf_dissection *d, hf_dissected *side, size_t last)
{
    const hf_piece *piece = piece_at(side, last);
    uint64_t us = piece ? hf_dissect_us(d, piece->us) : 0;

    d->us = us > d->us ? us : d->us;
    d->packet = piece ? piece->packet : 0;
}

/* The record that was whole first, of either writer. */
static bool take_next(hf_dissection *d)
{
    size_t len[2] = { next_record(d, HF_CLIENT), next_record(d, HF_SERVER) };
    uint64_t order[2] = { order_of(&d->side[0], len[0]), order_of(&d->side[1], len[1]) };
    hf_role w = len[HF_CLIENT] == 0 || (len[HF_SERVER] > 0 && order[HF_SERVER] < order[HF_CLIENT])
                    ? HF_SERVER
                    : HF_CLIENT;
    hf_dissected *side = &d->side[w];

    if (len[w] == 0)
        return false;
    hf_span record = hf_span_of(side->stream->bytes + side->at, len[w]);
    go_to(d, side, side->at + record.len - 1);
    side->at += record.len;
    hear_record(d, w, record);
    return d->failed == HF_OK;
}

/* ---- all of it ---- */

static void run(hf_dissection *d)
{
    size_t at[2] = { 0, 0 };

    hf_dissect_addresses(d->tcp, d->tape);
    hf_dissect_is_tls(d->tcp, at);
    hf_follow_start(&d->f);
    hf_dissect_prelude(d, at);
    for (int w = 0; w < 2; w++)
        d->side[w].at = at[w];
    while (take_next(d))
        ;
    hf_dissect_ends(d);
}

static void release(hf_dissection *d)
{
    for (int w = 0; w < 2; w++)
        hf_free_secret(d->side[w].joined, d->side[w].joined_room);
    hf_aead_free(d->aead);
    hf_free_secret(d, sizeof *d);
}

hf_error hf_dissect(const hf_tcp *tcp, const hf_keylog *keylog, hf_tape **tape)
{
    hf_dissection *d = hf_alloc(sizeof *d);

    *tape = NULL;
    if (!d)
        return HF_E_NO_MEMORY;
    d->tcp = tcp;
    d->keylog = keylog;
    d->aead = hf_aead_new();
    d->tape = hf_tape_new(HF_TAPE_CAPTURE, NULL, NULL);
    for (int w = 0; w < 2; w++) {
        d->side[w].stream = &tcp->stream[w];
        d->side[w].epoch = HF_PLAIN;
    }
    hf_error e = d->aead && d->tape ? HF_OK : HF_E_NO_MEMORY;
    if (e == HF_OK) {
        run(d);
        e = d->failed;
    }
    *tape = d->tape;
    if (e != HF_OK) {
        hf_tape_free(d->tape);
        *tape = NULL;
    }
    release(d);
    return e;
}
