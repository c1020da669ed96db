/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the tape's own end says of its steps: what it held proved after each, and which one it refused. */
#include "explain/story.h"

#include "explain/tape.h"

/* The peer's last message before that event whose row proves it: the engine tells of a chain once it waits for it, when the
   messages after Certificate may have come already. Without such a row, the step after the event. */
static size_t proved_by(const hf_story *s, size_t event, hf_role self, unsigned proof)
{
    size_t next = 0;

    while (next < s->n && s->steps[next].last_record < event)
        next++;
    for (size_t i = next; i-- > 0;) {
        const hf_story_step *step = &s->steps[i];
        if (step->kind == HF_STEP_MESSAGE && step->writer != self && step->row &&
            step->row->proves & proof)
            return i;
    }
    return next;
}

/* What the tape's own end had proved: each step counts what it proved itself and those before it. */
void hf_story_put_proofs(hf_story *s)
{
    const hf_tape *tape = s->tape;
    hf_role self = tape->side == HF_TAPE_SERVER ? HF_SERVER : HF_CLIENT;
    uint8_t told = 0;

    for (size_t event = 0; event < tape->n && tape->side != HF_TAPE_CAPTURE; event++)
        for (unsigned proof = 1; proof <= HF_FINISHED; proof <<= 1) {
            if (!(tape->events[event].proofs & ~told & proof))
                continue;
            told |= (uint8_t)proof;
            for (size_t i = proved_by(s, event, self, proof); i < s->n; i++)
                s->steps[i].proved |= s->steps[i].provable[self] & (uint8_t)proof;
        }
}

static bool is_fault(const hf_story *s, const hf_story_step *step)
{
    const hf_failure *f = &s->tape->failure;

    if (f->alert_direction == HF_ALERT_RECEIVED)
        return step->kind == HF_STEP_ALERT;
    if (!f->message || step->writer == f->side)
        return false;
    return strcmp(step->name, f->message) == 0;
}

/* The tape's own end had the keys for a record, and it did not open all the same. */
static bool is_of_opening(hf_error code)
{
    return code == HF_E_RECORD_MAC || code == HF_E_PSK_WRONG || code == HF_E_RECORD_TOO_SHORT ||
           code == HF_E_RECORD_OVERFLOW || code == HF_E_RECORD_NO_CONTENT_TYPE;
}

/* Then it was the last of the other end's. */
size_t hf_story_find_shut(const hf_tape *tape)
{
    const hf_failure *f = &tape->failure;
    size_t i = tape->n;

    if (!tape->failed || tape->side == HF_TAPE_CAPTURE || f->alert_direction == HF_ALERT_RECEIVED ||
        !is_of_opening(f->code))
        return tape->n;
    while (i-- > 0) {
        const hf_tape_event *e = &tape->events[i];
        if (e->kind == HF_TAPE_RECORD && (hf_role)e->writer != f->side)
            return e->opened || hf_is_header_alone(hf_tape_wire(tape, e)) ? tape->n : i;
    }
    return tape->n;
}

void hf_story_find_fault(hf_story *s, size_t shut)
{
    size_t at = s->n;

    for (size_t i = 0; s->tape->failed && i < s->n; i++) {
        bool sealed = s->steps[i].first_record == shut && s->steps[i].kind == HF_STEP_SEALED;
        if (sealed || (shut == s->tape->n && is_fault(s, &s->steps[i])))
            at = i;
    }
    if (at < s->n)
        s->steps[at].refused = true;
}
