/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What contradicts itself in the configuration as a whole: names, and keys that need each other. */
#include "tool/proxy/sense.h"

#include <string.h>

/* Of two at one place, the first that was found comes first. The file's name stands in all of them. */
bool hf_sense_room(hf_sense *s, hf_place at)
{
    hf_config_faults *f = s->faults;
    size_t i = f->n;

    while (i > 0 && hf_place_before(at, f->at[i - 1].at))
        i--;
    f->more = f->more || f->n == f->room;
    if (i == f->room)
        return false;
    f->n += f->n < f->room;
    memmove(&f->at[i + 1], &f->at[i], (f->n - i - 1) * sizeof *f->at);
    s->fault = &f->at[i];
    return true;
}

void hf_sense_say(hf_sense *s, hf_place at, const char *what, const char *why, const char *next)
{
    if (!hf_sense_room(s, at))
        return;
    hf_fault_what(s->fault, at, "%s", what);
    hf_fault_why(s->fault, "%s", why);
    hf_fault_next(s->fault, "%s", next);
}

/* ---- names ---- */

static void complain_name(hf_sense *s, const hf_name_entry *first, const hf_name_entry *second)
{
    char shown[HF_SHOWN_MAX];

    if (!hf_sense_room(s, second->at))
        return;
    hf_fault_shown(second->name, shown);
    if (strcmp(second->name, "default") == 0)
        hf_fault_what(s->fault, second->at, "there are two default sites");
    else
        hf_fault_what(s->fault, second->at, "%s stands in two sites", shown);
    if (first->site == second->site)
        hf_fault_what(s->fault, second->at, "%s stands twice in this site", shown);
    hf_fault_why(s->fault,
                 "the first is at %u:%u; one name leads to one site, unless alpn tells them apart",
                 first->at.line, first->at.column);
    hf_fault_next(s->fault, "take one of them out");
}

/* All of one name; their number is bounded, as each is held against each. */
static void check_shared(hf_sense *s, const hf_name_entry *entries, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (entries[k].site == entries[i].site || i >= HF_PROXY_SHARED_MAX ||
                hf_sites_collide(entries[k].site, entries[i].site)) {
                complain_name(s, &entries[k], &entries[i]);
                return;
            }
}

static void check_names(hf_sense *s, const hf_config_own *own)
{
    for (size_t i = 0, n; i < own->n_names; i += n) {
        for (n = 1; i + n < own->n_names; n++)
            if (strcmp(own->names[i].name, own->names[i + n].name) != 0)
                break;
        check_shared(s, own->names + i, n);
    }
}

/* ---- the keys of the top ---- */

static void check_top(hf_sense *s)
{
    const hf_proxy_config *c = s->config;

    if (c->challenges.text && c->redirect.n == 0)
        hf_sense_say(s, c->challenges.at,
                     "challenges: nothing serves them, as there is no redirect",
                     "certificate authorities ask over plain HTTP, which comes to redirect",
                     "give redirect as well: redirect: [\":80\"]");
    if (c->proxy_protocol_from.n > 0 && !c->proxy_protocol_in)
        hf_sense_say(s, c->proxy_protocol_from.at[0].at,
                     "proxy_protocol_from: it is said who may send a header, but none is read",
                     "a PROXY protocol header is read only with proxy_protocol: true",
                     "add proxy_protocol: true, or take proxy_protocol_from out");
    for (size_t i = 1; i < c->reminders.n; i++)
        if (c->reminders.percent[i] <= c->reminders.percent[i - 1]) {
            hf_sense_say(s, c->reminders.at, "reminders: the percentages do not ascend",
                         "each reminder comes later in the lifetime than the one before",
                         "put them in order: percent: [67, 80, 90, 97]");
            break;
        }
}

bool hf_config_makes_sense(const hf_config_own *own, hf_config_faults *faults)
{
    hf_sense s = { &own->config, faults, NULL };

    check_names(&s, own);
    check_top(&s);
    hf_sense_addresses(&s);
    for (size_t i = 0; i < own->config.n_sites; i++)
        hf_sense_site(&s, &own->config.sites[i]);
    return faults->n == 0;
}
