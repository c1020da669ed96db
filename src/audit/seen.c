/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What was seen of one server: traits, versions and evidence, all of it copied into the arena of the hf_seen, so that it outlives the
 * answers that it was read from. Chains are seen_chain.c.
 */
#include "audit/seen.h"

#include <stdarg.h>
#include <stdio.h>

enum { ARENA_MAX = 8 * 1024 * 1024 };

const hf_trait_row hf_trait_rows[HF_TRAIT_COUNT] = {
#define HF_TRAIT(id, title, present, absent) { #id, title, present, absent },
#include "audit/traits.def"
#undef HF_TRAIT
};

hf_seen *hf_seen_new(void)
{
    hf_seen *seen = hf_alloc(sizeof *seen);

    if (seen)
        hf_arena_init(&seen->arena, NULL, ARENA_MAX);
    return seen;
}

void hf_seen_free(hf_seen *seen)
{
    if (!seen)
        return;
    hf_arena_wipe(&seen->arena);
    hf_free(seen);
}

/* ---- evidence ---- */

/* What a peer chose may stand in there, too: only printable ASCII stays as it is. */
static void HF_PRINTF(2, 0)
    write_words(char out[HF_EVIDENCE_WORDS], const char *words, va_list arguments)
{
    vsnprintf(out, HF_EVIDENCE_WORDS, words, arguments);
    for (char *c = out; *c; c++)
        if (*c < 0x20 || *c > 0x7e)
            *c = '?';
}

static bool keep(hf_seen *seen, hf_span bytes, hf_span *copy)
{
    if (bytes.len == 0)
        return true;
    if (bytes.len > HF_EVIDENCE_BYTES)
        bytes.len = HF_EVIDENCE_BYTES;
    *copy = hf_arena_copy(&seen->arena, bytes);
    return copy->data != NULL;
}

size_t hf_seen_evidence(hf_seen *seen, const char *inquiry, hf_span sent, hf_span received,
                        const char *words, ...)
{
    va_list arguments;

    if (seen->n_evidence == HF_EVIDENCE_MAX)
        return 0;
    hf_evidence *e = hf_arena_alloc(&seen->arena, sizeof *e);
    if (!e || !keep(seen, sent, &e->sent) || !keep(seen, received, &e->received))
        return 0;
    e->inquiry = inquiry;
    va_start(arguments, words);
    write_words(e->words, words, arguments);
    va_end(arguments);
    seen->evidence[seen->n_evidence++] = e;
    return seen->n_evidence;
}

const hf_evidence *hf_seen_evidence_at(const hf_seen *seen, size_t number)
{
    return number > 0 && number <= seen->n_evidence ? seen->evidence[number - 1] : NULL;
}

/* ---- traits ---- */

/* PRESENT stays, and what is known is not forgotten because somebody else could not tell. */
void hf_seen_trait(hf_seen *seen, hf_trait_id id, hf_tri state, size_t evidence, const char *words,
                   ...)
{
    hf_trait *t = &seen->traits[id];
    va_list arguments;

    if (t->state == HF_PRESENT || (state == HF_UNKNOWN && t->state != HF_UNKNOWN))
        return;
    t->state = state;
    t->evidence = evidence;
    t->idle = false;
    va_start(arguments, words);
    write_words(t->words, words, arguments);
    va_end(arguments);
}

/* That somebody could not tell is more than that somebody else had nothing to ask. */
void hf_seen_idle(hf_seen *seen, hf_trait_id id, const char *why)
{
    hf_trait *t = &seen->traits[id];

    if (t->state != HF_UNKNOWN || (t->words[0] && !t->idle))
        return;
    hf_seen_trait(seen, id, HF_UNKNOWN, 0, "%s", why);
    t->idle = true;
}

/* ---- versions ---- */

static const struct {
    const char *name;
    uint16_t code;
} versions[HF_V_COUNT] = {
    [HF_V_SSL2] = { "SSL 2.0", HF_SSL2 },   [HF_V_SSL3] = { "SSL 3.0", HF_SSL3 },
    [HF_V_TLS10] = { "TLS 1.0", HF_TLS10 }, [HF_V_TLS11] = { "TLS 1.1", HF_TLS11 },
    [HF_V_TLS12] = { "TLS 1.2", HF_TLS12 }, [HF_V_TLS13] = { "TLS 1.3", HF_TLS13 },
};

const char *hf_seen_version_name(hf_seen_version_id id)
{
    return id < HF_V_COUNT ? versions[id].name : "no version";
}

uint16_t hf_seen_version_code(hf_seen_version_id id)
{
    return id < HF_V_COUNT ? versions[id].code : 0;
}

hf_seen_version_id hf_seen_version_of(uint16_t code)
{
    for (unsigned i = 0; i < HF_V_COUNT; i++)
        if (versions[i].code == code)
            return (hf_seen_version_id)i;
    return HF_V_COUNT;
}

bool hf_seen_speaks(const hf_seen *seen, hf_seen_version_id id)
{
    return id < HF_V_COUNT && seen->v[id].spoken == HF_PRESENT;
}

bool hf_seen_older_whole(const hf_seen *seen)
{
    for (int id = HF_V_SSL3; id <= HF_V_TLS12; id++)
        if (seen->v[id].spoken == HF_UNKNOWN ||
            (seen->v[id].spoken == HF_PRESENT && !seen->v[id].suites_whole))
            return false;
    return true;
}

hf_seen_version_id hf_seen_newest(const hf_seen *seen)
{
    for (unsigned i = HF_V_COUNT; i-- > 0;)
        if (seen->v[i].spoken == HF_PRESENT)
            return (hf_seen_version_id)i;
    return HF_V_COUNT;
}
