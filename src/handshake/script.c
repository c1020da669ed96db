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

/* ---- proofs ---- */

hf_error hf_script_claim(hf_script *s, uint8_t what)
{
    if (what & ~(s->provable | s->claimed))
        return HF_E_INTERNAL;
    s->claimed |= what;
    return HF_OK;
}

hf_error hf_script_prove(hf_script *s, uint8_t what)
{
    TRY(hf_script_claim(s, what));
    if (what & ~s->proved && s->ops->proved)
        s->ops->proved(s->ctx, what & (uint8_t)~s->proved);
    s->proved |= what;
    return HF_OK;
}

/* What was proved, or is about to be, proves nothing later. */
static void forget_proofs(hf_script *s)
{
    s->proved = s->claimed = 0;
}

/* ---- what is dropped ---- */

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
    forget_proofs(s);
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
        forget_proofs(s);
    s->facts &= ~w->taken;
    *idle = !w->took;
    *w = (hf_walk){ .at = w->start, .start = w->start };
    return *idle && !ours ? HF_E_UNEXPECTED_MESSAGE : HF_OK; /* a whole round and no row fits */
}

/* ---- the loop ---- */

/* What came of a row. */
typedef enum outcome {
    ROW_DONE,    /* its message is written or taken, its keys are installed */
    ROW_SKIPPED, /* it does not apply, or its optional message stays away */
    LOOK_AGAIN,  /* at the row that the walk stands at: something was dropped, or a table ended */
    NEED_WIRE,
    NEED_JOB,
    FAILED
} outcome;

static outcome fail(hf_script *s, hf_error code)
{
    s->error = code;
    return FAILED;
}

/* The same for a step's or a change of keys' verdict: HF_WAIT is no failure. */
static outcome outcome_of(hf_script *s, hf_error code)
{
    if (code == HF_OK)
        return ROW_DONE;
    return code == HF_WAIT ? NEED_JOB : fail(s, code);
}

/* Our message. */
static outcome say(hf_script *s, hf_walk *w, const hf_row *r)
{
    if (r->optional && !(s->intent & r->optional))
        return ROW_SKIPPED;
    if (!w->start && !w->waiting && s->ops->pending(s->ctx))
        return fail(s, HF_E_OUT_OF_TURN); /* nobody talks out of turn */
    hf_error e = s->ops->build(s->ctx, r);
    w->waiting = e == HF_WAIT;
    if (e == HF_OK && w->start)
        s->intent &= ~r->optional;
    return outcome_of(s, e);
}

static outcome drop(hf_script *s, hf_msg msg, bool whole)
{
    hf_error e = s->ops->peek(s->ctx, msg, &msg, &whole); /* held to its limit, whole or not */

    if (e != HF_OK)
        return fail(s, e);
    if (!whole)
        return NEED_WIRE;
    if (++s->dropped > HF_DROPPED_MAX)
        return fail(s, HF_E_IGNORED_FLOOD);
    s->ops->consume(s->ctx);
    return LOOK_AGAIN;
}

/* The peer's message is the row's: what it may prove is what the row says, and nothing once it is done. */
static outcome take(hf_script *s, hf_walk *w, const hf_row *r)
{
    s->provable = r->proves;
    hf_error e = s->ops->accept(s->ctx, r);
    s->provable = 0;
    w->waiting = e == HF_WAIT;
    if (e == HF_OK)
        s->ops->consume(s->ctx);
    return outcome_of(s, e);
}

/* The peer's message. RFC 9846 4#2 */
static outcome hear(hf_script *s, hf_walk *w, const hf_row *r)
{
    hf_msg msg = HF_MSG_NONE;
    bool whole = false;
    hf_error e;

    if (dropped(s, r->msg))
        return ROW_SKIPPED; /* never waited for */
    if ((e = s->ops->peek(s->ctx, (hf_msg)r->msg, &msg, &whole)) != HF_OK)
        return fail(s, e);
    if (msg == HF_MSG_NONE)
        return NEED_WIRE;
    if (dropped(s, msg))
        return drop(s, msg, whole);
    if (msg != r->msg && r->optional)
        return ROW_SKIPPED;
    if (msg != r->msg)
        return fail(s, msg == HF_MSG_UNKNOWN ? HF_E_UNKNOWN_MESSAGE : HF_E_UNEXPECTED_MESSAGE);
    if (!whole)
        return NEED_WIRE; /* a message that may not come here is refused before it is buffered */
    return take(s, w, r);
}

/* The row's message, if it has one, then its keys, if it has any. */
static outcome do_row(hf_script *s, hf_walk *w, const hf_row *r)
{
    bool ours = r->writer == s->role;

    if (s->owed && (ours || r->keys == HF_APP))
        return NEED_JOB; /* proofs owed are due before we speak or take data */
    if (r->msg != HF_ROW_KEYS) {
        outcome message = ours ? say(s, w, r) : hear(s, w, r);
        if (message != ROW_DONE)
            return message;
        s->facts |= r->optional;
        if (w->start)
            w->taken |= r->optional & ~(hf_facts)HF_F_ASKED;
        w->took = true;
    }
    return r->keys == HF_SAME ? ROW_DONE : outcome_of(s, change_keys(s, r));
}

/* The walk stands at the beginning of a table then. */
static outcome end_table(hf_script *s, hf_walk *w, bool *idle)
{
    hf_error e;

    if (s->owed)
        return NEED_JOB;
    e = w->start ? end_round(s, w, idle) : end_handshake(s);
    return e == HF_OK ? LOOK_AGAIN : fail(s, e);
}

static outcome look_at(hf_script *s, hf_walk *w, bool *idle)
{
    const hf_row *r = w->at;

    if (r->msg == HF_ROW_END)
        return end_table(s, w, idle);
    if (!hf_row_holds(r, s->facts))
        return ROW_SKIPPED;
    if (r->msg == HF_ROW_GO) {
        w->at = s->tables->table[r->go];
        return LOOK_AGAIN;
    }
    return do_row(s, w, r);
}

static hf_run walk(hf_script *s, hf_walk *w)
{
    while (s->error == HF_OK) {
        bool was_connected = s->connected, idle = false;
        outcome what = look_at(s, w, &idle);

        if (what == NEED_WIRE)
            return HF_RUN_WIRE;
        if (what == NEED_JOB)
            return HF_RUN_JOB;
        if (idle || was_connected != s->connected)
            return HF_RUN_IDLE;
        if (what == ROW_DONE || what == ROW_SKIPPED)
            w->at++;
    }
    return HF_RUN_FAILED;
}

/* One walk until CONNECTED, then one for each direction: reading and writing are independent then. */
hf_run hf_script_run(hf_script *s)
{
    hf_run out = s->connected || s->error ? HF_RUN_IDLE : walk(s, &s->walk[0]);

    if (!s->connected || s->error)
        return s->error ? HF_RUN_FAILED : out;
    hf_run theirs = walk(s, &s->walk[!s->role]); /* first: what came may be answered at once */
    hf_run ours = walk(s, &s->walk[s->role]);
    if (s->error)
        return HF_RUN_FAILED;
    return ours == HF_RUN_JOB ? HF_RUN_JOB : theirs;
}

const hf_row *hf_script_row(const hf_script *s)
{
    return s->walk[s->connected ? !s->role : 0].at;
}

const hf_row *hf_script_own_row(const hf_script *s)
{
    return s->walk[s->connected ? s->role : 0].at;
}
