/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows of checks.def, and how a check says what it found. */
#include "audit/checks.h"

#include <stdarg.h>
#include <stdio.h>

const hf_check hf_check_rows[HF_CHECK_COUNT] = {
#define HF_CHECK(symbol, id, title, fix, where)                                                    \
    { id, title, &hf_fixes_default[HF_FIX_##fix], hf_check_##symbol, where, HF_TRAIT_COUNT, NULL },
#define HF_CHECK_TRAIT(symbol, id, title, fix, where, want, trait, wrong)                          \
    {                                                                                              \
        id,                                                                                        \
        title,                                                                                     \
        &hf_fixes_default[HF_FIX_##fix],                                                           \
        hf_check_trait_##want,                                                                     \
        where,                                                                                     \
        HF_TRAIT_##trait,                                                                          \
        wrong                                                                                      \
    },
#include "audit/checks.def"
#undef HF_CHECK
#undef HF_CHECK_TRAIT
};

const hf_check *hf_check_row(size_t i)
{
    return i < HF_CHECK_COUNT ? &hf_check_rows[i] : NULL;
}

bool hf_case_lists(const hf_case *c, uint16_t code)
{
    for (size_t i = 0; i < c->n_codes; i++)
        if (c->codes[i] == code)
            return true;
    return false;
}

/* ---- answers ---- */

static bool make_room(hf_case *c)
{
    size_t room = c->room ? 2 * c->room : 16;

    if (c->to->n_findings < c->room)
        return true;
    hf_finding *more = hf_alloc(room * sizeof *more);
    if (!more) {
        c->no_memory = true;
        return false;
    }
    if (c->room > 0)
        memcpy(more, c->to->findings, c->to->n_findings * sizeof *more);
    hf_free(c->to->findings);
    c->to->findings = more;
    c->room = room;
    return true;
}

/* Text of a peer may be among the words: printable ASCII and whatever of UTF-8 is ours stays, control characters do not. */
static void clean(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

/* Behind what books put before the rule's own: "beside the standard: ". */
static void set_section(hf_finding *f, const char *source)
{
    const char *before = f->rule->section, *end = strstr(before, ": ");

    if (source && *source != '-')
        snprintf(f->section, sizeof f->section, "%.*s%s", end ? (int)(end - before) + 2 : 0, before,
                 source);
}

static void found(hf_case *c, hf_severity severity, const char *key, size_t evidence,
                  const char *words, va_list arguments) HF_PRINTF(5, 0);
static void found(hf_case *c, hf_severity severity, const char *key, size_t evidence,
                  const char *words, va_list arguments)
{
    c->to->broken |= severity > HF_SEVERITY_NOTE;
    c->row->verdict = HF_RULE_BROKEN;
    if (c->to->n_findings == HF_FINDINGS_MAX || !make_room(c))
        return;
    hf_finding *f = &c->to->findings[c->to->n_findings++];
    c->row->n++;
    *f = (hf_finding){ .rule = c->rule, .severity = severity, .evidence = evidence };
    if (c->to->n_findings == HF_FINDINGS_MAX) {
        snprintf(f->key, sizeof f->key, "more");
        snprintf(f->what, sizeof f->what, "there is more that is not told: this book's limit");
        return;
    }
    set_section(f, c->source);
    snprintf(f->key, sizeof f->key, "%s", key);
    vsnprintf(f->what, sizeof f->what, words, arguments);
    clean(f->what);
}

void hf_case_found(hf_case *c, const char *key, size_t evidence, const char *words, ...)
{
    va_list arguments;

    va_start(arguments, words);
    found(c, c->rule->severity, key, evidence, words, arguments);
    va_end(arguments);
}

/* Of those that call hf_case_found_at_most. */
const char *hf_check_milder(const hf_check *check)
{
    static const struct {
        hf_check_at check;
        const char *words;
    } rows[] = {
        { HF_CHECK_versions_refused,
          "That TLS 1.2 is spoken is medium at most: nothing in it is broken as such." },
        { HF_CHECK_suites_until, "It is a note until that year is over." },
        { HF_CHECK_redirect,
          "It is a note where the port refuses all with a status of 400 or more, "
          "but for 401." },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (check == &hf_check_rows[rows[i].check])
            return rows[i].words;
    return NULL;
}

void hf_case_found_at_most(hf_case *c, hf_severity most, const char *key, size_t evidence,
                           const char *words, ...)
{
    va_list arguments;

    va_start(arguments, words);
    found(c, c->rule->severity < most ? c->rule->severity : most, key, evidence, words, arguments);
    va_end(arguments);
}

/* What is broken stays so; what cannot be seen is told rather than what does not apply. */
static void set(hf_case *c, hf_verdict verdict, const char *why, va_list arguments) HF_PRINTF(3, 0);
static void set(hf_case *c, hf_verdict verdict, const char *why, va_list arguments)
{
    hf_verdict now = c->row->verdict;

    if (now == HF_RULE_BROKEN || now == HF_RULE_UNSEEN || now == verdict)
        return;
    c->row->verdict = verdict;
    vsnprintf(c->row->why, sizeof c->row->why, why, arguments);
    clean(c->row->why);
}

/* The first reason is kept. */
static void note_partial(hf_case *c, const char *why, va_list arguments) HF_PRINTF(2, 0);
static void note_partial(hf_case *c, const char *why, va_list arguments)
{
    if (c->row->partial[0])
        return;
    vsnprintf(c->row->partial, sizeof c->row->partial, why, arguments);
    clean(c->row->partial);
}

void hf_case_partial(hf_case *c, const char *why, ...)
{
    va_list arguments;

    va_start(arguments, why);
    note_partial(c, why, arguments);
    va_end(arguments);
}

void hf_case_unseen(hf_case *c, const char *why, ...)
{
    va_list arguments;

    va_start(arguments, why);
    note_partial(c, why, arguments);
    va_end(arguments);
    va_start(arguments, why);
    set(c, HF_RULE_UNSEEN, why, arguments);
    va_end(arguments);
}

void hf_case_idle(hf_case *c, const char *why, ...)
{
    va_list arguments;

    va_start(arguments, why);
    set(c, HF_RULE_IDLE, why, arguments);
    va_end(arguments);
}

void hf_case_unknown(hf_case *c, const hf_trait *trait)
{
    const char *why = trait->words[0] ? trait->words : "it was not asked";

    if (trait->idle)
        hf_case_idle(c, "%.150s", why);
    else
        hf_case_unseen(c, "%.150s", why);
}
