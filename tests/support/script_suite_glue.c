/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Glued bytes: each record of a handshake is delivered with the first one to seven bytes of the next
 * message in it. That is legal where the same writer goes on under the same keys, and then the handshake
 * must end well; across a change of keys or of turn, and past the end, it is refused at once.
 */
#include "support/script_suites.h"

#include <string.h>

/* The first k bytes of what the writer sends next move into this record; of a KeyUpdate if there is none. */
static void glue(script_stream *out, script_record *r, size_t k)
{
    script_record next, filler = script_record_of(24, r->epoch, 0);
    bool more = script_stream_first(out, &next) && next.type == HF_CT_HANDSHAKE;
    const script_record *from = more ? &next : &filler;

    memcpy(r->bytes + r->len, from->bytes, k);
    r->len = (uint8_t)(r->len + k);
    if (!more)
        return;
    script_stream rest = *out;
    script_stream_take(&rest, &next);
    *out = (script_stream){ .len = 0 };
    next.len = (uint8_t)(next.len - k);
    memmove(next.bytes, next.bytes + k, next.len);
    if (next.len > 0)
        script_stream_put(out, &next);
    while (script_stream_take(&rest, &next))
        script_stream_put(out, &next);
}

/* By the drawing: the message after the one that comes now. */
typedef struct place {
    bool same;     /* the same writer writes it under the same keys */
    bool ccs_next; /* TLS 1.2's ChangeCipherSpec: then only its record shows what is wrong */
} place;

static place place_of(const script_mode *mode, const script_end *reader, const script_record *r)
{
    script_trace figure = script_draw(mode->wire, 0);
    script_trace seen =
        mode->wire & HF_F_TLS13 ? script_without_ccs(&reader->trace) : reader->trace;
    size_t next = (size_t)seen.n + 1;

    if (next >= figure.n || figure.step[next].writer == reader->script.role)
        return (place){ .same = false };
    bool ccs = figure.step[next].msg == HF_MSG_ChangeCipherSpec;
    return (place){ .same = !ccs && figure.step[next].epoch == r->epoch, .ccs_next = ccs };
}

static bool is_glue_error(hf_error e)
{
    return e == HF_E_NOT_AT_RECORD_EDGE || e == HF_E_OUT_OF_TURN || e == HF_E_INTERLEAVED ||
           e == HF_E_UNEXPECTED_MESSAGE;
}

static void try_glued(script_report *r, const script_pair *p, hf_role writer, size_t k)
{
    static script_pair q;
    script_end *reader = &q.end[!writer];
    script_record record;

    script_pair_copy(&q, p);
    script_stream_take(&q.end[writer].out, &record);
    place at = place_of(p->mode, reader, &record);
    glue(&q.end[writer].out, &record, k);
    script_stream_put(&reader->in, &record);
    size_t said = reader->out.len;
    script_end_settle(reader);
    if (at.ccs_next && reader->script.error == HF_OK &&
        script_stream_take(&q.end[writer].out, &record)) {
        script_stream_put(&reader->in, &record);
        script_end_settle(reader);
    }
    r->cases++;
    if (at.same) {
        script_pair_finish(&q);
        r->accepted++;
        if (script_pair_fault(&q))
            script_wrong(r, p->mode, "bytes glued inside a flight are refused", &reader->trace);
        return;
    }
    r->refused++;
    if (!is_glue_error(reader->script.error))
        script_wrong(r, p->mode, "bytes glued across keys, a turn or the end are taken",
                     &reader->trace);
    else if (reader->out.len != said || reader->script.connected)
        script_wrong(r, p->mode, "it spoke, or connected, over bytes that may not be there",
                     &reader->trace);
}

/* An honest handshake; before each record is delivered, copies of it try the glued ones. */
static void walk_mode(script_report *r, const script_mode *mode)
{
    static script_pair p;
    script_record record;

    script_pair_start(&p, mode, (script_how){ SCRIPT_RECORD_A_MESSAGE, SCRIPT_FIFO, false });
    script_pair_settle(&p);
    for (;;) {
        hf_role writer = p.end[HF_CLIENT].out.len > 0 ? HF_CLIENT : HF_SERVER;
        if (!script_stream_first(&p.end[writer].out, &record))
            break;
        for (size_t k = 1; record.type == HF_CT_HANDSHAKE && k <= SCRIPT_MESSAGE; k++)
            if (!r->brief || k == 1 || k == SCRIPT_MESSAGE)
                try_glued(r, &p, writer, k);
        script_pair_deliver(&p);
        script_pair_settle(&p);
    }
    if (!script_pair_connected(&p))
        script_wrong(r, mode, "not connected", &p.end[HF_CLIENT].trace);
}

void script_suite_glue(script_report *r)
{
    for (size_t i = 0; i < script_mode_count(); i++)
        if (!script_mode_at(i)->unproved)
            walk_mode(r, script_mode_at(i));
}
