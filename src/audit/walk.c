/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A walk through a list. Five rules keep a server from misleading it: what was not offered is never found; each answer settles at
 * least one code, so that it ends; a question that gets no answer is asked twice, and what then remains is told as not
 * whole; a list that is refused as a whole is offered again in pieces, since some servers choke on long ones; and an alert is believed if it comes again, or
 * if what it refuses was refused before.
 */
#include <stdio.h>

#include "audit/lists.h"

static size_t chunk_of(const hf_walk *walk)
{
    return walk->chunk > 0 ? walk->chunk : HF_WALK_CHUNK;
}

bool hf_walk_offer(const hf_walk *walk, hf_codes *out)
{
    size_t n = walk->chunked && walk->left.n > chunk_of(walk) ? chunk_of(walk) : walk->left.n;

    out->n = 0;
    if (walk->over || n == 0)
        return false;
    for (size_t i = 0; i < n; i++)
        hf_codes_add(out, walk->left.at[i]);
    if (walk->keeper)
        hf_codes_add(out, walk->keeper);
    return true;
}

static void end(hf_walk *walk, const char *why)
{
    walk->over = true;
    walk->whole = walk->why[0] == '\0' && why[0] == '\0';
    if (walk->why[0] == '\0')
        snprintf(walk->why, sizeof walk->why, "%s", why);
}

/* The rest of what was offered is settled: it is not taken. */
static void drop_offered(hf_walk *walk)
{
    hf_codes offered;

    walk->tries = walk->noes = 0;
    if (hf_walk_offer(walk, &offered))
        for (size_t i = 0; i < offered.n; i++)
            hf_codes_drop(&walk->left, offered.at[i]);
    if (walk->left.n == 0)
        end(walk, "");
}

static bool can_split(const hf_walk *walk)
{
    return !walk->chunked && walk->found.n == 0 && walk->left.n > chunk_of(walk);
}

/* Nothing of a long list was taken: it may be its length. */
static bool split(hf_walk *walk)
{
    if (!can_split(walk))
        return false;
    walk->chunked = true;
    walk->tries = walk->noes = 0;
    return true;
}

static void refused(hf_walk *walk)
{
    bool whole = can_split(walk);

    if (!split(walk))
        drop_offered(walk);
    walk->refused = walk->refused || whole;
}

static void declined(hf_walk *walk)
{
    bool before = walk->chunked && walk->refused;

    if (before || can_split(walk) || ++walk->noes >= HF_WALK_TRIES)
        refused(walk);
}

static void silent(hf_walk *walk, const char *words)
{
    if (++walk->tries < HF_WALK_TRIES)
        return;
    if (split(walk))
        return;
    if (walk->why[0] == '\0')
        snprintf(walk->why, sizeof walk->why, "%s", words);
    if (++walk->failures >= HF_WALK_FAILURES)
        end(walk, words);
    else
        drop_offered(walk);
}

static bool took(hf_walk *walk, uint16_t chosen, size_t evidence)
{
    char why[96];
    hf_codes offered;

    hf_walk_offer(walk, &offered);
    if (!hf_codes_have(&offered, chosen) && walk->falls_back) {
        refused(walk);
        return false;
    }
    if (!hf_codes_have(&offered, chosen)) {
        snprintf(why, sizeof why, "the server chose 0x%04x, which was not offered", chosen);
        end(walk, why);
        return false;
    }
    if (chosen == walk->keeper) {
        drop_offered(walk);
        return false;
    }
    walk->tries = walk->noes = 0;
    walk->evidence[walk->found.n] = evidence;
    hf_codes_add(&walk->found, chosen);
    hf_codes_drop(&walk->left, chosen);
    if (walk->left.n == 0)
        end(walk, "");
    return true;
}

bool hf_walk_got(hf_walk *walk, hf_answer answer, uint16_t chosen, size_t evidence,
                 const char *words)
{
    if (answer == HF_ANSWER_TOOK)
        return took(walk, chosen, evidence);
    if (answer == HF_ANSWER_NONE)
        silent(walk, words);
    else if (answer == HF_ANSWER_ALERT)
        declined(walk);
    else if (answer == HF_ANSWER_REFUSED || ++walk->tries >= HF_WALK_TRIES)
        refused(walk);
    return false;
}

/* ---- order ---- */

void hf_codes_reversed(const hf_codes *codes, hf_codes *out)
{
    out->n = 0;
    for (size_t i = codes->n; i-- > 0;)
        hf_codes_add(out, codes->at[i]);
}

hf_order hf_order_of(const hf_codes *offered, const hf_codes *found, uint16_t chosen)
{
    if (found->n < 2)
        return HF_ORDER_UNKNOWN;
    if (chosen == found->at[0])
        return HF_ORDER_SERVER;
    return chosen == offered->at[0] ? HF_ORDER_CLIENT : HF_ORDER_UNKNOWN;
}
