/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The network between two ends, and the judgement over both once they are done. */
#include "support/script_pair.h"

void script_pair_start(script_pair *p, const script_mode *mode, script_how how)
{
    p->mode = mode;
    p->seed = 11;
    script_end_start(&p->end[HF_CLIENT], HF_CLIENT, mode->client, how);
    script_end_start(&p->end[HF_SERVER], HF_SERVER, mode->server, how);
}

void script_pair_copy(script_pair *to, const script_pair *from)
{
    to->mode = from->mode;
    to->seed = from->seed;
    script_end_copy(&to->end[HF_CLIENT], &from->end[HF_CLIENT]);
    script_end_copy(&to->end[HF_SERVER], &from->end[HF_SERVER]);
}

void script_pair_settle(script_pair *p)
{
    script_end_settle(&p->end[HF_CLIENT]);
    script_end_settle(&p->end[HF_SERVER]);
}

bool script_pair_deliver(script_pair *p)
{
    script_record r;
    hf_role writer = HF_CLIENT;
    const script_how *how = &p->end[HF_CLIENT].how;

    p->seed = p->seed * 1103515245u + 12345u;
    if (how->order == SCRIPT_RANDOM && (p->seed >> 16 & 1))
        writer = HF_SERVER;
    if (p->end[writer].out.len == 0)
        writer = !writer;
    if (!script_stream_take(&p->end[writer].out, &r))
        return false;
    do
        script_stream_put(&p->end[!writer].in, &r);
    while (how->flights && script_stream_take(&p->end[writer].out, &r));
    return true;
}

void script_pair_finish(script_pair *p)
{
    do
        script_pair_settle(p);
    while (script_pair_deliver(p));
}

bool script_pair_connected(const script_pair *p)
{
    return p->end[HF_CLIENT].script.connected && p->end[HF_SERVER].script.connected;
}

/* ---- judgement ---- */

script_trace script_written_by(const script_trace *trace, size_t from, hf_role writer)
{
    script_trace out = { .n = 0 };

    for (size_t i = from; i < trace->n; i++)
        if (trace->step[i].writer == writer)
            out.step[out.n++] = trace->step[i];
    return out;
}

/* Every row in its place and under its keys, its own ChangeCipherSpec of TLS 1.3 included. */
static const char *order_fault(const script_end *e, hf_facts wire)
{
    script_trace figure = script_draw(wire, 1u << e->script.role);

    return script_same_trace(&e->trace, &figure) ? NULL : "not the order of the figure";
}

static const char *end_fault(const script_end *e, const script_mode *mode)
{
    bool stays_out = e->script.role == HF_SERVER && mode->unproved;
    uint8_t must = script_demands(mode->wire, e->script.role);

    if (e->in.overflow || e->out.overflow)
        return "more records than a handshake can have";
    if (e->restless)
        return "it stopped although it could go on";
    if (e->script.connected == stays_out)
        return stays_out ? "connected without the certificate that it requires" : "not connected";
    if (stays_out)
        return e->script.error == HF_E_NOT_PROVED ? NULL : "another error than NOT_PROVED";
    if (e->before != must || e->script.proved != 0)
        return "other proofs than the figure has";
    if (e->announced != must)
        return "the proofs that were announced are not those that came in";
    return order_fault(e, mode->wire);
}

const char *script_pair_fault(const script_pair *p)
{
    hf_facts client = p->end[HF_CLIENT].script.facts, server = p->end[HF_SERVER].script.facts;
    hf_facts offers = HF_F_EARLY_OFFERED | HF_F_COMPAT | HF_F_PHA_OFFERED;
    const char *fault = end_fault(&p->end[HF_CLIENT], p->mode);

    if (!fault)
        fault = end_fault(&p->end[HF_SERVER], p->mode);
    if (fault || p->mode->unproved)
        return fault;
    if (!(p->mode->wire & HF_F_TLS13)) /* a TLS 1.2 server does not know what these offers were */
        client &= ~offers, server &= ~offers;
    return client == server ? NULL : "the two ends do not know the same facts";
}
