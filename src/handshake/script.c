/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The loop. It knows no message by name: what all messages must obey lives here, once.
 *
 *   - a message is compared with the rows only while we wait for the peer;
 *   - an optional row of the peer is passed when another message comes;
 *   - messages of the `ignored` table are dropped when they come, and never waited for;
 *   - no handshake bytes may stand across a change of reading keys, before our turn, or at the end;
 *   - while a proof is owed we write nothing, enter no application epoch and end no script.
 */
#include "handshake/script.h"

void hf_script_start(hf_script *s, const hf_scripts *tables, const hf_script_ops *ops, void *ctx,
                     hf_role role, hf_facts intent)
{
    *s = (hf_script){ .tables = tables, .ops = ops, .ctx = ctx, .role = role, .intent = intent };
    s->epoch[HF_CLIENT] = s->epoch[HF_SERVER] = HF_PLAIN;
    s->walk[0].at = tables->table[HF_TABLE_OPENING];
}

static hf_run fail(hf_script *s, hf_error code)
{
    s->error = code;
    return HF_RUN_FAILED;
}

void hf_script_prove(hf_script *s, uint8_t what)
{
    if (what & ~s->proved && s->ops->proved)
        s->ops->proved(s->ctx, what & (uint8_t)~s->proved);
    s->proved |= what;
}

/* From the peer, here and now, this message means nothing. */
static bool dropped(const hf_script *s, hf_msg msg)
{
    const hf_row *r = s->tables->table[HF_TABLE_IGNORED];

    for (; r->msg != HF_ROW_END; r++)
        if (r->msg == msg && r->writer != s->role && hf_row_holds(r, s->facts))
            return true;
    return false;
}

/* ---- keys ---- */

/* RFC 9846 5.1: a message before a key change must end its record. */
static hf_error change_keys(hf_script *s, const hf_row *r)
{
    bool ours = r->writer == s->role;
    uint8_t *now = &s->epoch[r->writer];
    unsigned next = r->keys == HF_NEXT ? (*now < UINT8_MAX ? *now + 1u : *now) : r->keys;

    if (*now == next && r->keys != HF_NEXT)
        return HF_E_INTERNAL; /* installing keys twice would start their nonces again */
    if (!ours && s->ops->pending(s->ctx))
        return HF_E_NOT_AT_RECORD_EDGE; /* RFC 9846 5.1#4 #5 #6 */
    *now = (uint8_t)next;
    return s->ops->keys(s->ctx, (hf_role)r->writer, ours, next);
}

/* ---- the end of a table ---- */

static bool duties_met(const hf_script *s, const hf_duty *d)
{
    hf_facts facts = s->facts | (s->intent & HF_F_CERT_REQUIRED);
    uint8_t must = 0;

    for (; d->role != 9; d++)
        if (d->role == s->role && (facts & d->when) == d->when && !(facts & d->unless))
            must |= d->must;
    return (s->proved & must) == must;
}

static void start_round(hf_script *s, hf_role writer, hf_table table)
{
    const hf_row *rows = s->tables->table[table];

    s->walk[writer] = (hf_walk){ .at = rows, .start = rows };
}

static hf_error end_handshake(hf_script *s)
{
    bool v13 = s->facts & HF_F_TLS13;

    if (s->ops->pending(s->ctx))
        return HF_E_OUT_OF_TURN;
    if (!duties_met(s, s->tables->duties))
        return HF_E_NOT_PROVED;
    s->connected = true;
    s->proved = 0; /* what the handshake proved proves nothing later */
    s->facts &= ~(hf_facts)HF_F_CLIENT_CERT;
    start_round(s, HF_CLIENT, v13 ? HF_TABLE_POST13_CLIENT : HF_TABLE_POST12_CLIENT);
    start_round(s, HF_SERVER, v13 ? HF_TABLE_POST13_SERVER : HF_TABLE_POST12_SERVER);
    return HF_OK;
}

/* A round of a post-handshake table: its facts and proofs end with it. */
static hf_error end_round(hf_script *s, hf_walk *w, bool *idle)
{
    bool ours = w->start->writer == s->role;

    if (!ours && !duties_met(s, s->tables->round_duties))
        return HF_E_NOT_PROVED;
    if (!ours)
        s->proved = 0;
    s->facts &= ~w->taken;
    *idle = !w->took;
    *w = (hf_walk){ .at = w->start, .start = w->start };
    return *idle && !ours ? HF_E_UNEXPECTED_MESSAGE : HF_OK; /* a whole round and no row fits */
}

/* ---- the loop ---- */

typedef enum step { DONE, PASS, AGAIN, WIRE, JOB, FAILED } step;

static step failed(hf_script *s, hf_error code)
{
    if (code == HF_WAIT)
        return JOB;
    fail(s, code);
    return FAILED;
}

static step say(hf_script *s, hf_walk *w, const hf_row *r)
{
    if (r->optional && !(s->intent & r->optional))
        return PASS;
    if (!w->start && !w->waiting && s->ops->pending(s->ctx))
        return failed(s, HF_E_OUT_OF_TURN); /* nobody talks out of turn */
    hf_error e = s->ops->build(s->ctx, r);
    w->waiting = e == HF_WAIT;
    if (e != HF_OK)
        return failed(s, e);
    if (w->start)
        s->intent &= ~r->optional;
    return DONE;
}

static step drop(hf_script *s, hf_msg msg, bool whole)
{
    hf_error e = s->ops->peek(s->ctx, msg, &msg, &whole); /* held to its limit, whole or not */

    if (e != HF_OK)
        return failed(s, e);
    if (!whole)
        return WIRE;
    if (++s->dropped > HF_DROPPED_MAX)
        return failed(s, HF_E_IGNORED_FLOOD);
    s->ops->consume(s->ctx);
    return AGAIN;
}

/* RFC 9846 4#2 */
static step hear(hf_script *s, hf_walk *w, const hf_row *r)
{
    hf_msg msg = HF_MSG_NONE;
    bool whole = false;
    hf_error e;

    if (dropped(s, r->msg))
        return PASS; /* never waited for */
    if ((e = s->ops->peek(s->ctx, (hf_msg)r->msg, &msg, &whole)) != HF_OK)
        return failed(s, e);
    if (msg == HF_MSG_NONE)
        return WIRE;
    if (dropped(s, msg))
        return drop(s, msg, whole);
    if (msg != r->msg && r->optional)
        return PASS;
    if (msg != r->msg)
        return failed(s, msg == HF_MSG_UNKNOWN ? HF_E_UNKNOWN_MESSAGE : HF_E_UNEXPECTED_MESSAGE);
    if (!whole)
        return WIRE; /* a message that may not come here is refused before it is buffered */
    e = s->ops->accept(s->ctx, r);
    w->waiting = e == HF_WAIT;
    if (e != HF_OK)
        return failed(s, e);
    s->ops->consume(s->ctx);
    return DONE;
}

static step do_row(hf_script *s, hf_walk *w, const hf_row *r)
{
    bool ours = r->writer == s->role;
    hf_error e;

    if (s->owed && (ours || r->keys == HF_APP))
        return JOB; /* proofs owed are due before we speak or take data */
    if (r->msg != HF_ROW_KEYS) {
        step done = ours ? say(s, w, r) : hear(s, w, r);
        if (done != DONE)
            return done;
        s->facts |= r->optional;
        if (w->start)
            w->taken |= r->optional & ~(hf_facts)HF_F_ASKED;
        w->took = true;
    }
    if (r->keys != HF_SAME && (e = change_keys(s, r)) != HF_OK)
        return failed(s, e);
    return PASS;
}

static step end_table(hf_script *s, hf_walk *w, bool *idle)
{
    hf_error e;

    if (s->owed)
        return JOB;
    e = w->start ? end_round(s, w, idle) : end_handshake(s);
    return e == HF_OK ? AGAIN : failed(s, e);
}

static hf_run run(hf_script *s, hf_walk *w)
{
    while (s->error == HF_OK) {
        const hf_row *r = w->at;
        bool was_connected = s->connected, idle = false;
        step done = PASS;

        if (r->msg == HF_ROW_END)
            done = end_table(s, w, &idle);
        else if (!hf_row_holds(r, s->facts))
            done = PASS;
        else if (r->msg == HF_ROW_GO)
            w->at = s->tables->table[r->go], done = AGAIN;
        else
            done = do_row(s, w, r);

        if (done == WIRE)
            return HF_RUN_WIRE;
        if (done == JOB)
            return HF_RUN_JOB;
        if (idle || was_connected != s->connected)
            return HF_RUN_IDLE;
        if (done == PASS)
            w->at++;
    }
    return HF_RUN_FAILED;
}

/* One walk until CONNECTED, then one for each direction: reading and writing are independent then. */
hf_run hf_script_run(hf_script *s)
{
    hf_run out = s->connected || s->error ? HF_RUN_IDLE : run(s, &s->walk[0]);

    if (!s->connected || s->error)
        return s->error ? HF_RUN_FAILED : out;
    hf_run theirs = run(s, &s->walk[!s->role]); /* first: what came may be answered at once */
    hf_run ours = run(s, &s->walk[s->role]);
    if (s->error)
        return HF_RUN_FAILED;
    return ours == HF_RUN_JOB ? HF_RUN_JOB : theirs;
}

const hf_row *hf_script_row(const hf_script *s)
{
    return s->walk[s->connected ? !s->role : 0].at;
}
