/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Every state × every message. A state is reached by an honest handshake in some mode; there each of the
 * 256 values of msg_type, HelloRetryRequest and a ChangeCipherSpec record is given to a copy of the end
 * that waits. What the drawings have next is taken, what is tolerated changes nothing, all else is
 * refused with unexpected_message, and nothing revives the end after that.
 */
#include "support/script_suites.h"

#include <stdio.h>

/* A whole message while we wait is never OUT_OF_TURN nor off a record's edge: the row that waits names it.
   After the handshake it may be that no row waits, because all are optional. */
static bool is_right_error(hf_error e, int injection, bool connected)
{
    bool known = injection >= SCRIPT_RETRY || hf_msg_of_type((uint8_t)injection) != HF_MSG_UNKNOWN;

    if (known || (connected && e == HF_E_UNEXPECTED_MESSAGE))
        return e == HF_E_UNEXPECTED_MESSAGE;
    return e == HF_E_UNKNOWN_MESSAGE;
}

/* The record as the peer's own keys would protect it: it must not be refused for its keys. */
static script_record injected(const script_end *e, int injection)
{
    bool plain = injection == SCRIPT_CCS && (e->script.facts & HF_F_TLS13);

    return script_record_of(injection, plain ? HF_PLAIN : e->reads_under, 0);
}

static const char *refused_fault(script_end *e, const script_end *before, int injection)
{
    if (e->script.error == HF_OK)
        return "a message that may not come here was taken";
    if (!is_right_error(e->script.error, injection, before->script.connected))
        return "refused, but with another error";
    if (hf_error_row_of(e->script.error)->alert != HF_ALERT_unexpected_message)
        return "refused, but with another alert";
    if (e->trace.n != before->trace.n || e->out.len != before->out.len)
        return "it went on after a message that it refused";
    if (e->script.connected != before->script.connected)
        return "connected by a message that it refused";
    e->in.len = 0;
    if (hf_script_run(&e->script) != HF_RUN_FAILED ||
        e->script.connected != before->script.connected)
        return "revived after a refusal";
    return NULL;
}

static const char *tolerated_fault(const script_end *e, const script_end *before)
{
    if (e->script.error != HF_OK || e->dropped != before->dropped + 1)
        return "a message that must be tolerated is not dropped";
    if (e->trace.n != before->trace.n || e->script.facts != before->script.facts ||
        e->out.len != before->out.len)
        return "a dropped message had an effect";
    return NULL;
}

/* The loop takes it in order; whether its content is good is the step's business. */
static const char *taken_fault(const script_end *e, const script_end *before, int injection)
{
    const script_step *step = &e->trace.step[before->trace.n];

    if (e->script.error == SCRIPT_E_CONTENT)
        return NULL;
    if (e->script.error != HF_OK && e->script.error != HF_E_NOT_PROVED)
        return "the figure's next message is refused";
    if (e->trace.n == before->trace.n || script_injection_of((hf_msg)step->msg) != injection)
        return "the figure's next message is not taken";
    if (e->script.connected && !before->script.connected) {
        uint8_t must = script_demands(e->told, e->script.role);
        return (e->before & must) == must ? NULL : "connected without what it must prove";
    }
    return NULL;
}

/* After a tolerated message the honest handshake goes on to its end. */
static void finish_after(script_report *r, const script_pair *p, hf_role reader, int injection)
{
    static script_pair q;
    script_record record = injected(&p->end[reader], injection);

    script_pair_copy(&q, p);
    script_stream_put(&q.end[reader].in, &record);
    script_pair_finish(&q);
    const char *fault = script_pair_fault(&q);
    if (fault)
        script_wrong(r, p->mode, "a handshake with a tolerated message in it fails",
                     &q.end[reader].trace);
}

/* In a mutant's run: the types that exist, their neighbours and the ends of the range. */
static bool worth_it(const script_report *r, int injection)
{
    return !r->brief || injection <= 26 || injection >= 254;
}

void script_inject_all(script_report *r, const script_pair *p, hf_role reader,
                       const script_legal *legal, const char *where)
{
    static script_end e;
    const script_end *before = &p->end[reader];

    r->states++;
    for (int injection = 0; injection < SCRIPT_INJECTIONS; injection++) {
        if (!worth_it(r, injection))
            continue;
        bool tolerated = script_tolerated(&before->trace, p->mode->wire, reader, injection);
        script_record record = injected(before, injection);
        const char *fault;
        script_end_copy(&e, before);
        script_stream_put(&e.in, &record);
        script_end_settle(&e);
        r->cases++;
        if (legal->may[injection])
            fault = taken_fault(&e, before, injection), r->accepted++;
        else if (tolerated)
            fault = tolerated_fault(&e, before), r->tolerated++;
        else
            fault = refused_fault(&e, before, injection), r->refused++;
        if (fault) {
            if (!r->quiet)
                printf("  injected %d %s to the %s:\n", injection, where,
                       reader == HF_CLIENT ? "client" : "server");
            script_wrong(r, p->mode, fault, &before->trace);
        }
        if (tolerated && !legal->may[injection] && !p->mode->unproved)
            finish_after(r, p, reader, injection);
    }
}

/* A state that was not tried yet, seen from within and from outside. */
static bool is_new(script_set *states, const script_end *e)
{
    const hf_script *s = &e->script;
    uint64_t h = script_hash(0, e->trace.step, e->trace.n * sizeof *e->trace.step);

    h = script_hash(h, &s->facts, sizeof s->facts);
    h = script_hash(h, &s->role, sizeof s->role);
    h = script_hash(h, &s->owed, sizeof s->owed);
    h = script_hash(h, &s->proved, sizeof s->proved);
    return script_set_add(states, h);
}

static void walk_mode(script_report *r, script_set *states, const script_mode *mode,
                      script_order order)
{
    static script_pair p;

    script_pair_start(&p, mode, (script_how){ SCRIPT_RECORD_A_MESSAGE, order, false });
    do {
        script_pair_settle(&p);
        for (unsigned reader = 0; reader < 2; reader++) {
            script_end *e = &p.end[reader];
            if (e->script.error || e->script.connected || e->last != HF_RUN_WIRE ||
                !is_new(states, e))
                continue;
            script_legal legal = script_legal_next(&e->trace, mode->wire, (hf_role)reader);
            script_inject_all(r, &p, (hf_role)reader, &legal, "during the handshake");
        }
    } while (script_pair_deliver(&p));
}

void script_suite_exhaustive(script_report *r)
{
    static script_set states;

    states = (script_set){ .n = 0 };
    for (size_t i = 0; i < script_mode_count(); i++) {
        walk_mode(r, &states, script_mode_at(i), SCRIPT_FIFO);
        walk_mode(r, &states, script_mode_at(i), SCRIPT_LAZY);
    }
}

/* ---- TLS 1.2 against its figures ---- */

/* Every point of every figure at which somebody waits for the other. */
static void predict(script_set *states)
{
    for (size_t i = 0; i < script_mode_count(); i++) {
        hf_facts wire = script_mode_at(i)->wire;
        script_trace figure = script_draw(wire, 0), seen = { .n = 0 };
        for (; !(wire & HF_F_TLS13) && seen.n < figure.n; seen.n++) {
            hf_role reader = (hf_role)!figure.step[seen.n].writer;
            script_set_add(states, script_state_of(&seen, wire, reader));
            seen.step[seen.n] = figure.step[seen.n];
        }
    }
}

static void visit12(script_report *r, script_set *visited, script_set *predicted,
                    const script_pair *p, hf_role reader)
{
    const script_end *e = &p->end[reader];
    uint64_t state = script_state_of(&e->trace, p->mode->wire, reader);

    if (e->script.error || e->script.connected || e->last != HF_RUN_WIRE ||
        !script_set_add(visited, state))
        return;
    if (script_set_add(predicted, state))
        script_wrong(r, p->mode, "a state that no figure has", &e->trace);
    script_legal legal = script_legal_next(&e->trace, p->mode->wire, reader);
    script_inject_all(r, p, reader, &legal, "in TLS 1.2");
}

void script_suite_exhaustive12(script_report *r)
{
    static script_set visited, predicted;
    static script_pair p;

    visited = predicted = (script_set){ .n = 0 };
    predict(&predicted);
    r->paths = (long)predicted.n;
    for (size_t i = 0; i < script_mode_count(); i++) {
        const script_mode *mode = script_mode_at(i);
        if (mode->wire & HF_F_TLS13)
            continue;
        script_pair_start(&p, mode, (script_how){ SCRIPT_RECORD_A_MESSAGE, SCRIPT_FIFO, false });
        do {
            script_pair_settle(&p);
            visit12(r, &visited, &predicted, &p, HF_CLIENT);
            visit12(r, &visited, &predicted, &p, HF_SERVER);
        } while (script_pair_deliver(&p));
    }
}

/* ---- after the handshake ---- */

/* What both ends mean to do in a round. */
typedef struct plan {
    hf_facts client, server;
} plan;

static void visit_after(script_report *r, script_set *states, script_pair *p)
{
    for (unsigned reader = 0; reader < 2; reader++) {
        script_end *e = &p->end[reader];
        if (e->script.error || !e->script.connected || !is_new(states, e))
            continue;
        script_legal legal = script_legal_after(&e->trace, e->after, p->mode, (hf_role)reader);
        script_inject_all(r, p, (hf_role)reader, &legal, "after the handshake");
    }
}

static void walk_round(script_report *r, script_set *states, script_pair *p, plan round)
{
    p->end[HF_CLIENT].script.intent |= round.client;
    p->end[HF_SERVER].script.intent |= round.server;
    do {
        script_pair_settle(p);
        visit_after(r, states, p);
    } while (script_pair_deliver(p));
}

void script_suite_after(script_report *r)
{
    static script_set states;
    static script_pair p;
    static const plan plans[] = {
        { 0, 0 },
        { HF_F_CLIENT_UPDATE, HF_F_TICKET },
        { 0, HF_F_ASKED | HF_F_TICKET | HF_F_SERVER_UPDATE },
        { HF_F_CLIENT_UPDATE, HF_F_ASKED },
        { HF_F_RENEGOTIATE, 0 },
    };

    states = (script_set){ .n = 0 };
    for (size_t i = 0; i < script_mode_count(); i++)
        for (size_t k = 0; k < sizeof plans / sizeof *plans; k++) {
            const script_mode *mode = script_mode_at(i);
            script_order order = k % 2 ? SCRIPT_LAZY : SCRIPT_FIFO;
            if (mode->unproved || (r->brief && i % 3 && !(mode->wire & HF_F_PHA_OFFERED)))
                continue;
            script_pair_start(&p, mode, (script_how){ SCRIPT_RECORD_A_MESSAGE, order, false });
            script_pair_finish(&p);
            if (!script_pair_connected(&p)) {
                script_wrong(r, mode, "not connected", &p.end[HF_CLIENT].trace);
                continue;
            }
            walk_round(r, &states, &p, plans[k]);
            walk_round(r, &states, &p, plans[(k + 1) % 4]);
        }
}
