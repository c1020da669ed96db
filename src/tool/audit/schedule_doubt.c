/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Connections that end without a word, as the course of an audit meets them: doubt.h says what is asked, here it is done. */
#include "tool/audit/schedule_parts.h"

typedef hf_audit_course course;
typedef hf_inquirer inquirer;

/* ---- answers ---- */

/* When it began. */
static void note_first(course *c)
{
    if (c->closed_from == 0)
        c->closed_from = c->seen->connections;
}

static void controlled(course *c, inquirer *i, const hf_reply *reply)
{
    unsigned rest = hf_doubt_controlled(&c->doubts, &i->doubt, reply);

    if (rest == 0)
        return;
    c->rests_until = hf_now_ms() + rest;
    note_first(c);
}

bool hf_audit_holds(inquirer *i, const hf_reply *reply)
{
    course *c = i->course;
    unsigned strays = c->doubts.strays;

    if (i->controls) {
        i->controls = false;
        controlled(c, i, reply);
        return true;
    }
    hf_doubts_learn(&c->doubts, reply);
    if (hf_doubt_keeps(&c->doubts, &i->doubt, reply))
        return true;
    if (c->doubts.strays > strays)
        note_first(c);
    return false;
}

/* ---- questions ---- */

static void settle(inquirer *i, bool sure)
{
    if (!hf_doubt_settle(&i->doubt, &i->q, i->ask, sure))
        hf_audit_end(i->course, true, "out of memory");
}

static void give_up(course *c)
{
    hf_audit_end(
        c, true,
        "it began to close connections after about %u of them, whatever was asked: perhaps "
        "a limit; try --rate 5 --parallel 1",
        c->closed_from);
}

const hf_ask *hf_audit_doubted(inquirer *i)
{
    course *c = i->course;

    switch (hf_doubt_next(&c->doubts, &i->doubt)) {
    case HF_DOUBT_CONTROL: i->controls = true; return &c->doubts.control;
    case HF_DOUBT_AGAIN: return i->ask;
    case HF_DOUBT_BELIEVE: settle(i, true); return NULL;
    case HF_DOUBT_GIVE_UP: give_up(c); return NULL;
    case HF_DOUBT_HOLD: break;
    }
    return NULL;
}

bool hf_audit_is_held(const inquirer *i)
{
    return hf_doubt_open(&i->doubt) && i->course->doubts.control.len == 0;
}

bool hf_audit_tell_held(course *c)
{
    bool any = false;

    for (size_t i = 0; i < hf_n_inquiries; i++) {
        inquirer *q = &c->inquirers[i];
        if (q->over || !hf_audit_is_held(q))
            continue;
        any = true;
        settle(q, false);
    }
    return any;
}
