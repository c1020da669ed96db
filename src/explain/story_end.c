/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a story's end says of all that was before: which alert ended it, what its writer refused with it, and so what each end
 * holds proved. TLS 1.3 has both Finished on the wire before a server judges its client: what it says then is its verdict.
 */
#include "explain/story.h"

#include "explain/tape.h"
#include "explain/words.h"

/* ---- alerts ---- */

static bool is_fatal(const hf_story_step *step)
{
    if (step->kind != HF_STEP_ALERT || step->bytes.len != 2)
        return false;
    switch (step->bytes.data[1]) {
    case HF_ALERT_close_notify:
    case HF_ALERT_user_canceled:
    case HF_ALERT_no_renegotiation: return false;
    default: return step->bytes.data[0] == 2 || hf_is_13(step->version);
    }
}

/* RFC 9846 6.2: those that are about the other end's certificate. */
static bool is_of_certificate(uint8_t alert)
{
    return (alert >= HF_ALERT_bad_certificate && alert <= HF_ALERT_certificate_unknown) ||
           alert == HF_ALERT_unknown_ca || alert == HF_ALERT_bad_certificate_status_response ||
           alert == HF_ALERT_certificate_required;
}

static bool is_finished(const hf_story_step *step)
{
    return step->kind == HF_STEP_MESSAGE && step->msg == HF_MSG_Finished;
}

/* The first fatal alert of that end which belongs to the handshake: who has sent data in a finished one had accepted it. */
static size_t find_verdict(const hf_story *s, hf_role w)
{
    bool finished[2] = { false, false };

    for (size_t i = 0; i < s->n; i++) {
        const hf_story_step *step = &s->steps[i];
        bool own = step->writer == w;
        if (is_finished(step))
            finished[step->writer] = true;
        if (own && step->kind == HF_STEP_DATA && finished[0] && finished[1])
            return s->n;
        if (own && is_fatal(step))
            return i;
    }
    return s->n;
}

/* ---- what it refuses ---- */

static bool is_said(const hf_story_step *step)
{
    return step->kind == HF_STEP_MESSAGE || step->kind == HF_STEP_CCS ||
           step->kind == HF_STEP_BROKEN || step->kind == HF_STEP_SEALED;
}

/* The other end's last turn before step `at`: where it begins. */
static size_t last_turn(const hf_story *s, hf_role writer, size_t at)
{
    size_t first = at;
    unsigned flight = 0;

    for (size_t i = at; i-- > 0;) {
        const hf_story_step *step = &s->steps[i];
        if (step->writer != writer || !is_said(step))
            continue;
        if (first < at && step->flight != flight)
            break;
        first = i;
        flight = step->flight;
    }
    return first;
}

static bool is_certificate_of(const hf_story_step *step, hf_role writer)
{
    return step->kind == HF_STEP_MESSAGE && step->msg == HF_MSG_Certificate &&
           step->writer == writer;
}

/* An alert about a certificate is about the one that was shown; of others only the other end knows to what in the last turn. */
static size_t find_refused(const hf_story *s, hf_role w, size_t alert)
{
    for (size_t i = 0; i < alert && is_of_certificate(s->steps[alert].bytes.data[1]); i++)
        if (is_certificate_of(&s->steps[i], hf_other(w)))
            return i;
    return last_turn(s, hf_other(w), alert);
}

static void find_verdicts(hf_story *s)
{
    s->ended_by = s->n;
    for (unsigned w = 0; w < 2; w++) {
        size_t alert = s->verdict[w] = find_verdict(s, (hf_role)w);
        s->refuses[w] = alert < s->n ? find_refused(s, (hf_role)w, alert) : s->n;
        s->ended_by = alert < s->ended_by ? alert : s->ended_by;
    }
}

/* ---- proofs ---- */

static bool is_own(const hf_story *s, hf_role role)
{
    return s->tape->side == (role == HF_SERVER ? HF_TAPE_SERVER : HF_TAPE_CLIENT);
}

bool hf_is_chain_refused(const hf_tape *tape)
{
    bool kept = true;

    for (size_t i = 0; i < tape->n_checks; i++)
        kept = kept && tape->checks[i].kept;
    return tape->checks_done && !kept;
}

uint8_t hf_step_proofs(const hf_story *s, size_t i, hf_role to)
{
    if (is_own(s, to))
        return s->steps[i].proved & (uint8_t)(hf_is_chain_refused(s->tape) ? ~HF_CHAIN : ~0);
    if (i < s->refuses[to])
        return s->steps[i].provable[to];
    return s->refuses[to] > 0 ? s->steps[s->refuses[to] - 1].provable[to] : 0;
}

/* A client's Certificate may be empty, and then nothing was to be verified. */
static bool is_unverified(const hf_story *s)
{
    hf_role own = s->tape->side == HF_TAPE_SERVER ? HF_SERVER : HF_CLIENT;
    uint8_t proofs = s->n > 0 && is_own(s, own) ? hf_step_proofs(s, s->n - 1, own) : 0;
    bool shown = false;

    if (!(proofs & HF_FINISHED) || proofs & HF_CHAIN || s->end.facts & (HF_F_PSK | HF_F_RESUMED))
        return false;
    for (size_t i = 0; i < s->n && !shown; i++)
        shown = is_certificate_of(&s->steps[i], hf_other(own));
    return shown && (own == HF_CLIENT || s->end.facts & HF_F_CLIENT_CERT);
}

void hf_story_find_end(hf_story *s)
{
    find_verdicts(s);
    s->unverified = is_unverified(s);
}
