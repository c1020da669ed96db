/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Proofs are written as what is asked in turn: C the control, which must be taken, Q the question, which must be closed again. Two
 * controls in a row show an other end that closes every other connection, whatever it holds.
 */
#include "audit/doubt.h"

#include <handfast/conn.h>

static const char whole_proof[] = "CCQC", short_proof[] = "QC";

/* ---- answers ---- */

static bool took(const hf_reply *reply)
{
    return reply->flight->hello || reply->flight->ssl2;
}

/* Not a byte of TLS, and then the end. */
static bool is_gone(const hf_reply *reply)
{
    const hf_flight *f = reply->flight;

    if (f->end != HF_FLIGHT_CLOSED && f->end != HF_FLIGHT_RESET)
        return false;
    if (reply->ask->kind == HF_ASK_BYTES)
        return !took(reply) && !f->has_alert;
    return reply->ask->kind == HF_ASK_ENGINE && reply->conn &&
           hf_conn_info_of(reply->conn)->version == 0;
}

void hf_doubts_learn(hf_doubts *doubts, const hf_reply *reply)
{
    const hf_ask *ask = reply->ask;
    uint16_t version = reply->flight->ssl2 ? HF_SSL2 : reply->flight->version;

    if (ask->kind != HF_ASK_BYTES || ask->more || !took(reply) || version <= doubts->version)
        return;
    doubts->version = version;
    doubts->control = *ask;
}

/* ---- the proof ---- */

static bool is_quick(const hf_doubts *doubts)
{
    return doubts->proved >= HF_DOUBT_PROVED && !hf_doubts_troubled(doubts);
}

bool hf_doubt_alone(const hf_doubts *doubts, const hf_doubt *doubt)
{
    return hf_doubt_open(doubt) && doubts->control.len > 0 && !is_quick(doubts);
}

bool hf_doubt_keeps(hf_doubts *doubts, hf_doubt *doubt, const hf_reply *reply)
{
    bool gone = is_gone(reply);

    if (gone && hf_doubt_open(doubt) && doubt->proof)
        doubt->proof++;
    if (gone) {
        doubt->end = reply->flight->end;
        return true;
    }
    doubts->strays += hf_doubt_open(doubt);
    *doubt = (hf_doubt){ .end = HF_FLIGHT_OPEN };
    return false;
}

hf_doubt_step hf_doubt_next(hf_doubts *doubts, hf_doubt *doubt)
{
    if (doubts->control.len == 0)
        return HF_DOUBT_HOLD;
    if (doubt->rests > HF_DOUBT_RESTS || doubts->limits > HF_DOUBT_LIMITS ||
        doubts->strays > HF_DOUBT_STRAYS)
        return HF_DOUBT_GIVE_UP;
    if (!doubt->proof)
        doubt->proof = is_quick(doubts) ? short_proof : whole_proof;
    if (*doubt->proof == '\0') {
        doubts->proved++;
        return HF_DOUBT_BELIEVE;
    }
    return *doubt->proof == 'C' ? HF_DOUBT_CONTROL : HF_DOUBT_AGAIN;
}

/* After a pause the proof begins anew: what was closed before it has nothing to say. */
unsigned hf_doubt_controlled(hf_doubts *doubts, hf_doubt *doubt, const hf_reply *reply)
{
    if (took(reply)) {
        doubt->proof++;
        doubt->rests = 0;
        return 0;
    }
    doubts->limits += doubt->rests == 0;
    doubt->proof = whole_proof;
    doubt->rests++;
    return doubt->rests <= HF_DOUBT_RESTS ? HF_DOUBT_REST_MS * doubt->rests : 0;
}

bool hf_doubt_settle(hf_doubt *doubt, hf_inquiry *q, const hf_ask *ask, bool sure)
{
    hf_flight *flight = hf_flight_new();

    if (!flight)
        return false;
    hf_flight_ended(flight, doubt->end);
    flight->sure = sure;
    *doubt = (hf_doubt){ .end = HF_FLIGHT_OPEN };
    q->row->got(q, &(hf_reply){ .ask = ask, .flight = flight });
    hf_flight_free(flight);
    return true;
}
