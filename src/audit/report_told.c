/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What rules find, told once if rules of several books find just the same; the gravest first, all of a rule in one. */
#include "audit/report_parts.h"

/* The same thing seen, in the same words. */
static bool same(const hf_finding *a, const hf_finding *b)
{
    return a->rule->check == b->rule->check && strcmp(a->key, b->key) == 0 &&
           strcmp(a->what, b->what) == 0;
}

bool hf_finding_is_new(const hf_audit *audit, size_t book, const hf_finding *finding)
{
    const hf_audit_change *change = audit->change;

    (void)book;
    for (size_t i = 0; change && i < change->n_new; i++)
        if (change->fresh[i] == finding)
            return true;
    return false;
}

bool hf_finding_is_first_sight(const hf_audit *audit, const hf_finding *finding)
{
    const hf_audit_change *change = audit->change;

    for (size_t i = 0; change && i < change->n_new; i++)
        if (change->fresh[i] == finding)
            return change->first_sight[i];
    return false;
}

const hf_updated *hf_finding_update(const hf_audit *audit, const hf_finding *finding)
{
    const hf_audit_change *change = audit->change;

    for (size_t i = 0; change && i < change->n_updated; i++)
        if (change->updated[i].finding == finding)
            return &change->updated[i];
    return NULL;
}

bool hf_finding_is_updated(const hf_audit *audit, size_t book, const hf_finding *finding)
{
    (void)book;
    return hf_finding_update(audit, finding) != NULL;
}

bool hf_finding_is_graver(const hf_audit *audit, const hf_finding *f)
{
    const hf_updated *update = hf_finding_update(audit, f);

    for (unsigned s = 0; update && s < (unsigned)f->severity; s++) {
        const char *word = hf_severity_word((hf_severity)s);
        if (strncmp(update->was, word, strlen(word)) == 0)
            return true;
    }
    return false;
}

bool hf_audit_is_worse(const hf_audit *audit)
{
    bool known = audit->change && audit->change->known;

    for (size_t i = 0; i < audit->n; i++)
        for (size_t k = 0; k < audit->judged[i]->n_findings; k++) {
            const hf_finding *f = &audit->judged[i]->findings[k];
            if (f->severity > HF_SEVERITY_NOTE &&
                (!known || hf_finding_is_new(audit, i, f) || hf_finding_is_graver(audit, f)))
                return true;
        }
    return false;
}

static void add_to(hf_told *told, const hf_audit *audit, size_t at, const hf_finding *finding)
{
    const hf_book *book = audit->judged[at]->book;

    if (told->n < HF_TOLD_BY) {
        told->by[told->n].book = book;
        told->by[told->n].finding = finding;
    }
    told->n++;
    told->fresh |= hf_finding_is_new(audit, at, finding);
    told->updated |= hf_finding_is_updated(audit, at, finding);
    if (!told->finding || finding->severity > told->severity) {
        told->finding = finding;
        told->severity = finding->severity;
    }
}

size_t hf_told_run(const hf_told_list *list, size_t first)
{
    size_t i = first;

    while (i < list->n && list->at[i].set == list->at[first].set)
        i++;
    return i - first;
}

/* ---- sets: what a rule finds, and the rules that find the same ---- */

typedef struct ruled {
    const hf_rule *rule;
    size_t book, first, n; /* of the picked ones */
    hf_severity gravest;   /* of the first of a set: of all of it */
    size_t set; /* the first rule that finds just the same; its own number: it is the first */
} ruled;

typedef struct picking {
    const hf_audit *audit;
    const hf_finding **picked; /* in the order of books and rules */
    size_t n_picked;
    ruled *rules;
    size_t n_rules;
} picking;

static void pick(picking *p, size_t book, const hf_finding *f)
{
    ruled *last = p->n_rules > 0 ? &p->rules[p->n_rules - 1] : NULL;

    if (!last || last->book != book || last->rule != f->rule) {
        last = &p->rules[p->n_rules];
        *last = (ruled){ .rule = f->rule, .book = book, .first = p->n_picked, .set = p->n_rules };
        p->n_rules++;
    }
    last->n++;
    if (f->severity > last->gravest)
        last->gravest = f->severity;
    p->picked[p->n_picked++] = f;
}

static bool finds(const picking *p, const ruled *r, const hf_finding *f)
{
    for (size_t i = r->first; i < r->first + r->n; i++)
        if (same(p->picked[i], f))
            return true;
    return false;
}

/* All of it, neither more nor less: then counts of findings are those of each rule. A note breaks nothing, and stands apart. */
static bool same_set(const picking *p, const ruled *a, const ruled *b)
{
    bool notes = (a->gravest == HF_SEVERITY_NOTE) == (b->gravest == HF_SEVERITY_NOTE);

    if (a->rule->check != b->rule->check || a->n != b->n || !notes)
        return false;
    for (size_t i = b->first; i < b->first + b->n; i++)
        if (!finds(p, a, p->picked[i]))
            return false;
    return true;
}

static void join(picking *p)
{
    for (size_t i = 0; i < p->n_rules; i++)
        for (size_t k = 0; k < i; k++) {
            ruled *first = &p->rules[k];
            if (first->set != k || !same_set(p, first, &p->rules[i]))
                continue;
            p->rules[i].set = k;
            if (p->rules[i].gravest > first->gravest)
                first->gravest = p->rules[i].gravest;
            break;
        }
}

static hf_told *place_of(hf_told_list *list, size_t set, const hf_finding *finding)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i].set == set && same(list->at[i].finding, finding))
            return &list->at[i];
    list->at[list->n].set = set;
    return &list->at[list->n++];
}

static void tell(const picking *p, hf_told_list *list)
{
    for (size_t i = 0; i < p->n_rules; i++) {
        const ruled *r = &p->rules[i];
        for (size_t k = r->first; k < r->first + r->n; k++)
            add_to(place_of(list, r->set, p->picked[k]), p->audit, r->book, p->picked[k]);
    }
}

/* Those of a set, most grave first, else in their order. */
static size_t put_set(const hf_told_list *from, size_t set, hf_told *to)
{
    size_t n = 0;

    for (unsigned s = HF_SEVERITIES; s-- > 0;)
        for (size_t i = 0; i < from->n; i++)
            if (from->at[i].set == set && from->at[i].severity == (hf_severity)s)
                to[n++] = from->at[i];
    return n;
}

/* Stable: sets by their gravest finding. */
static void sort(const picking *p, const hf_told_list *from, hf_told_list *to)
{
    for (unsigned s = HF_SEVERITIES; s-- > 0;)
        for (size_t i = 0; i < p->n_rules; i++)
            if (p->rules[i].set == i && p->rules[i].gravest == (hf_severity)s)
                to->n += put_set(from, i, to->at + to->n);
}

bool hf_told_make(const hf_audit *audit, hf_told_list *list)
{
    return hf_told_pick(audit, NULL, list);
}

static void pick_all(picking *p, hf_told_wanted *wanted)
{
    for (size_t i = 0; i < p->audit->n; i++)
        for (size_t k = 0; k < p->audit->judged[i]->n_findings; k++) {
            const hf_finding *f = &p->audit->judged[i]->findings[k];
            if (!wanted || wanted(p->audit, i, f))
                pick(p, i, f);
        }
}

bool hf_told_pick(const hf_audit *audit, hf_told_wanted *wanted, hf_told_list *list)
{
    picking p = { .audit = audit };
    hf_told_list unsorted = { .at = NULL };
    size_t all = 1;

    *list = (hf_told_list){ .at = NULL };
    for (size_t i = 0; i < audit->n; i++)
        all += audit->judged[i]->n_findings;
    p.picked = hf_alloc(all * sizeof *p.picked);
    p.rules = hf_alloc(all * sizeof *p.rules);
    unsorted.at = hf_alloc(all * sizeof *unsorted.at);
    list->at = hf_alloc(all * sizeof *list->at);
    bool good = p.picked && p.rules && unsorted.at && list->at;
    if (good) {
        pick_all(&p, wanted);
        join(&p);
        tell(&p, &unsorted);
        sort(&p, &unsorted, list);
    } else {
        hf_told_free(list);
    }
    hf_free(p.picked);
    hf_free(p.rules);
    hf_free(unsorted.at);
    return good;
}

void hf_told_free(hf_told_list *list)
{
    hf_free(list->at);
    *list = (hf_told_list){ .at = NULL };
}
