/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Wrong results are printed with the mode and the trace that lead to them; only the first few. */
#include "support/script_report.h"

#include <assert.h>
#include <stdio.h>

script_world script_the_world = { .tables = &hf_scripts_tls };

static size_t put_facts(char *text, size_t room, const char *head, hf_facts facts)
{
    int n = snprintf(text, room, "%s", head);
    size_t at = n > 0 ? (size_t)n : 0;

    for (unsigned bit = 0; bit < HF_N_FACTS && at < room; bit++)
        if (facts >> bit & 1) {
            n = snprintf(text + at, room - at, " %s", hf_fact_name(bit));
            at += n > 0 ? (size_t)n : 0;
        }
    return at < room ? at : room;
}

const char *script_mode_text(const script_mode *mode)
{
    static char text[512];
    size_t at = put_facts(text, sizeof text, "client:", mode->client);

    put_facts(text + at, sizeof text - at, "; server:", mode->server);
    return text;
}

void script_wrong(script_report *r, const script_mode *mode, const char *what,
                  const script_trace *trace)
{
    r->wrong++;
    if (r->stop)
        r->stop(r);
    if (r->quiet || r->wrong > 8)
        return;
    printf("WRONG (%s): %s\n", r->suite, what);
    if (mode)
        printf("    %s\n", script_mode_text(mode));
    if (trace)
        printf("    %s\n", script_trace_text(trace));
}

uint64_t script_hash(uint64_t before, const void *bytes, size_t n)
{
    const uint8_t *b = bytes;
    uint64_t h = before ? before : 14695981039346656037u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 1099511628211u;
    return h ? h : 1;
}

bool script_set_add(script_set *set, uint64_t hash)
{
    size_t i = hash % SCRIPT_SET_SLOTS;

    for (; set->slot[i] != 0; i = (i + 1) % SCRIPT_SET_SLOTS)
        if (set->slot[i] == hash)
            return false;
    assert(set->n < SCRIPT_SET_SLOTS / 2);
    set->slot[i] = hash;
    set->n++;
    return true;
}
