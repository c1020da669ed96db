/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Checks of cipher suites: lists, kinds, and the order. */
#include "audit/checks.h"

#include <stdio.h>

#include "explain/names.h"

static void tell_suite(hf_case *c, uint16_t suite, unsigned versions, size_t evidence,
                       const char *why)
{
    char key[16], name[HF_NAME_ROOM], text[HF_VERSIONS_TEXT];

    snprintf(key, sizeof key, "0x%04x", suite);
    hf_case_found(c, key, evidence, "%s is accepted (%s)%s%s",
                  hf_code_text(HF_NAMES_SUITES, suite, name), hf_versions_text(versions, text),
                  *why ? ": " : "", why);
}

/* The kinds that the book refuses by rules of their own, not only as remarks: those tell of them. */
static uint32_t refused_by_book(const hf_book *book)
{
    uint32_t classes = 0;

    for (size_t i = 0; i < book->n_rules; i++)
        if (book->rules[i].check == &hf_check_rows[HF_CHECK_suites_refused] &&
            book->rules[i].severity > HF_SEVERITY_NOTE)
            classes |= book->rules[i].number;
    return classes;
}

typedef struct suite_look {
    hf_case *c;
    uint32_t classes;
} suite_look;

static void look_beyond(void *user, uint16_t suite, unsigned versions, size_t evidence)
{
    suite_look *look = user;
    uint32_t classes = hf_classes_of(suite);

    if (!hf_case_lists(look->c, suite) && !(classes & look->classes))
        tell_suite(look->c, suite, versions, evidence, hf_class_words(classes));
}

void hf_check_suites_only(hf_case *c)
{
    suite_look look = { c, refused_by_book(c->to->book) };
    unsigned versions = ~hf_versions_refused(c->to->book);

    hf_each_suite(c->seen, versions, look_beyond, &look);
    hf_case_needs_suites(c, versions);
}

static void look_for_kind(void *user, uint16_t suite, unsigned versions, size_t evidence)
{
    suite_look *look = user;
    uint32_t classes = hf_classes_of(suite) & look->classes;

    if (classes)
        tell_suite(look->c, suite, versions, evidence, hf_class_words(classes));
}

void hf_check_suites_refused(hf_case *c)
{
    suite_look look = { c, c->number };

    hf_each_suite(c->seen, ~0u, look_for_kind, &look);
    hf_case_needs_suites(c, ~0u);
}

/* ---- time ---- */

/* In years of 365.2425 days: right but for the hours around New Year. */
static unsigned year_of(int64_t t)
{
    return 1970 + (unsigned)(t > 0 ? t / 31556952 : 0);
}

static void look_at_time(void *user, uint16_t suite, unsigned versions, size_t evidence)
{
    hf_case *c = user;
    char key[16], name[HF_NAME_ROOM], text[HF_VERSIONS_TEXT];

    if (!hf_case_lists(c, suite))
        return;
    bool over = year_of(c->now) > c->number;
    snprintf(key, sizeof key, "0x%04x", suite);
    hf_code_text(HF_NAMES_SUITES, suite, name);
    hf_case_found_at_most(c, over ? HF_SEVERITY_CRITICAL : HF_SEVERITY_NOTE, key, evidence,
                          over ? "%s is accepted (%s), which ended with %u"
                               : "%s is accepted (%s), which ends with %u",
                          name, hf_versions_text(versions, text), (unsigned)c->number);
}

void hf_check_suites_until(hf_case *c)
{
    hf_each_suite(c->seen, ~0u, look_at_time, c);
    hf_case_needs_suites(c, ~0u);
}

/* ---- order ---- */

void hf_check_order_of(hf_case *c)
{
    const hf_trait *t = &c->seen->traits[HF_TRAIT_server_order];
    bool servers = c->number == HF_ORDER_SERVER;

    if (t->state == HF_UNKNOWN)
        hf_case_unknown(c, t);
    else if ((t->state == HF_PRESENT) != servers)
        hf_case_found(c, "", t->evidence, "the order of suites is the %s",
                      servers ? "client's" : "server's");
}

/* 3: AEAD with forward secrecy, 2: forward secrecy, 1: no more than encryption, 0: what should not be there at all. */
static int strength(uint16_t suite)
{
    uint32_t classes = hf_classes_of(suite);

    if (classes & (HF_CLASS_NULL | HF_CLASS_ANON | HF_CLASS_EXPORT | HF_CLASS_RC4 | HF_CLASS_DES |
                   HF_CLASS_BLOCK64))
        return 0;
    if (classes & HF_CLASS_NO_FS)
        return 1;
    return classes & HF_CLASS_CBC ? 2 : 3;
}

/* The first suite that a stronger one comes after. */
static void look_at_order(hf_case *c, int v)
{
    const hf_seen_version *of = &c->seen->v[v];
    char first[HF_NAME_ROOM], second[HF_NAME_ROOM];

    for (size_t i = 1; i < of->suites.n; i++) {
        if (strength(of->suites.at[i]) <= strength(of->suites.at[i - 1]))
            continue;
        hf_case_found(c, hf_version_key((hf_seen_version_id)v), of->suite_evidence[i - 1],
                      "%s comes before %s in %s",
                      hf_code_text(HF_NAMES_SUITES, of->suites.at[i - 1], first),
                      hf_code_text(HF_NAMES_SUITES, of->suites.at[i], second),
                      hf_seen_version_name((hf_seen_version_id)v));
        return;
    }
}

void hf_check_order_sound(hf_case *c)
{
    bool looked = false;

    for (int v = HF_V_TLS10; v <= HF_V_TLS12; v++) {
        if (!hf_seen_speaks(c->seen, (hf_seen_version_id)v) || c->seen->v[v].suites.n < 2)
            continue;
        if (c->seen->v[v].order == HF_ORDER_UNKNOWN)
            hf_case_unseen(c, "whose order counts in %s is not known",
                           hf_seen_version_name((hf_seen_version_id)v));
        if (c->seen->v[v].order != HF_ORDER_SERVER)
            continue;
        looked = true;
        look_at_order(c, v);
    }
    if (!looked)
        hf_case_idle(c, "the server has no order of its own");
}
