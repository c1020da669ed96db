/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Checks of what a server does or does not: traits.def, and what goes together there. */
#include "audit/checks.h"

static void judge_trait(hf_case *c, hf_tri bad)
{
    const hf_trait *t = &c->seen->traits[c->rule->check->trait];

    if (t->state == HF_UNKNOWN)
        hf_case_unknown(c, t);
    else if (t->state == bad)
        hf_case_found(c, "", t->evidence, "%s%s%s%s", c->rule->check->wrong,
                      t->words[0] ? " (" : "", t->words, t->words[0] ? ")" : "");
}

void hf_check_trait_wanted(hf_case *c)
{
    judge_trait(c, HF_ABSENT);
}

void hf_check_trait_refused(hf_case *c)
{
    judge_trait(c, HF_PRESENT);
}

void hf_check_tolerance(hf_case *c)
{
    static const hf_trait_id ids[] = { HF_TRAIT_intolerant_version, HF_TRAIT_intolerant_extension,
                                       HF_TRAIT_intolerant_grease,  HF_TRAIT_intolerant_long_hello,
                                       HF_TRAIT_intolerant_padding, HF_TRAIT_intolerant_fragments };

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const hf_trait *t = &c->seen->traits[ids[i]];
        const hf_trait_row *row = &hf_trait_rows[ids[i]];
        if (t->state == HF_PRESENT)
            hf_case_found(c, row->id, t->evidence, "%s: %s%s%s", row->title, row->present,
                          t->words[0] ? ": " : "", t->words);
        else if (t->state == HF_UNKNOWN)
            hf_case_unseen(c, "%s: %.100s", row->title,
                           t->words[0] ? t->words : "it was not asked");
    }
}

void hf_check_session_life(hf_case *c)
{
    static const hf_trait_id ids[] = { HF_TRAIT_ticket_seconds12, HF_TRAIT_ticket_seconds13 };

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const hf_trait *t = &c->seen->traits[ids[i]];
        if (t->state == HF_PRESENT && t->number > c->number)
            hf_case_found(c, hf_trait_rows[ids[i]].id, t->evidence,
                          "sessions may be resumed for %u seconds; at most %u are allowed",
                          (unsigned)t->number, (unsigned)c->number);
    }
}
