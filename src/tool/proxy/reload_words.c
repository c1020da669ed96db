/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a reload came to, as JSON: for the log, and for `handfast proxy reload`. */
#include "tool/proxy/reload.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/proxy/reload_keys.h"
#include "tool/proxy/resolve.h"

static void add(json_t *array, const char *format, const char *label)
{
    char text[512];

    snprintf(text, sizeof text, format, label);
    json_array_append_new(array, json_string(text));
}

/* ---- sites ---- */

static const hf_loaded_site *site_of(const hf_loaded *loaded, const char *label)
{
    for (size_t i = 0; i < loaded->config->n_sites; i++)
        if (strcmp(loaded->sites[i].label, label) == 0)
            return &loaded->sites[i];
    return NULL;
}

static size_t index_of(const hf_loaded *loaded, const hf_loaded_site *site)
{
    return (size_t)(site - loaded->sites);
}

static bool is_of_backend(hf_part_kind kind)
{
    return kind == HF_PART_BACKEND_CA || kind == HF_PART_ADDRESS;
}

static bool same_backend(const hf_config_site *a, const hf_config_site *b, size_t n)
{
    return n < a->n_backends && n < b->n_backends &&
           strcmp(a->backends[n].address.text, b->backends[n].address.text) == 0;
}

/* Of one kind of file, all of a site's. */
static bool same_files(const hf_loaded *a, size_t i, const hf_loaded *b, size_t k,
                       hf_part_kind kind)
{
    for (size_t n = 0; n < HF_PROXY_BACKENDS_MAX; n++) {
        hf_span left = hf_plan_find(&a->plan, kind, i, n),
                right = hf_plan_find(&b->plan, kind, k, n);
        if (is_of_backend(kind) && !same_backend(a->sites[i].row, b->sites[k].row, n))
            continue; /* which is told by itself */
        if (kind == HF_PART_ADDRESS ? !hf_same_addresses(left, right) : !hf_span_equal(left, right))
            return false;
    }
    return true;
}

static void compare_files(json_t *out, const hf_loaded *before, const hf_loaded_site *old,
                          const hf_loaded *now, const hf_loaded_site *new)
{
    static const struct {
        hf_part_kind kind;
        const char *words;
    } kinds[] = { { HF_PART_CHAIN, "site %s: another certificate" },
                  { HF_PART_STAPLE, "site %s: another OCSP staple" },
                  { HF_PART_CLIENT_CA, "site %s: other CAs for clients" },
                  { HF_PART_CLIENT_CRL, "site %s: another CRL" },
                  { HF_PART_BACKEND_CA, "site %s: other CAs for a backend" },
                  { HF_PART_ADDRESS, "site %s: a backend's name leads elsewhere" } };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (!same_files(before, index_of(before, old), now, index_of(now, new), kinds[i].kind))
            add(out, kinds[i].words, new->label);
}

static const char *health_words(hf_health health)
{
    static const char *const words[] = { "site %s: served",
                                         "site %s: served, its certificate has expired",
                                         "site %s: served with its certificate of before",
                                         "site %s: unavailable" };

    return words[health];
}

static void compare_sites(json_t *out, const hf_loaded *before, const hf_loaded *now)
{
    for (size_t i = 0; i < now->config->n_sites; i++) {
        const hf_loaded_site *new = &now->sites[i], *old = site_of(before, new->label);
        if (!old) {
            add(out, "site %s is new", new->label);
            continue;
        }
        hf_reload_compare_site(out, new->label, old->row, new->row);
        compare_files(out, before, old, now, new);
        if (old->health != new->health)
            add(out, health_words(new->health), new->label);
        if (!old->backless[0] != !new->backless[0])
            add(out,
                new->backless[0] ? "site %s: none of its backends can be asked any more"
                                 : "site %s: a backend can be asked again",
                new->label);
    }
    for (size_t i = 0; i < before->config->n_sites; i++)
        if (!site_of(now, before->sites[i].label))
            add(out, "site %s is gone", before->sites[i].label);
}

json_t *hf_reload_changes(const hf_loaded *before, const hf_loaded *now)
{
    json_t *out = json_array();

    hf_reload_compare_top(out, before->config, now->config);
    compare_sites(out, before, now);
    if (json_array_size(out) == 0 && !hf_span_equal(before->plan.yaml, now->plan.yaml))
        json_array_append_new(
            out, json_string("the configuration is written otherwise, and says the same"));
    return out;
}

/* ---- is anything different? ---- */

/* One that is made in memory may be made anew. */
static bool counts(const hf_plan_part *part)
{
    return part->kind != HF_PART_SPARE_CHAIN && part->kind != HF_PART_SPARE_KEY;
}

static bool same_part(const hf_plan_part *part, const hf_plan *other)
{
    hf_span there = hf_plan_find(other, part->kind, part->site, part->item);

    return part->kind == HF_PART_ADDRESS ? hf_same_addresses(part->bytes, there)
                                         : hf_ct_equal(part->bytes, there);
}

static bool all_in(const hf_plan *a, const hf_plan *b)
{
    for (size_t i = 0; i < a->n_parts; i++)
        if (counts(&a->parts[i]) && !same_part(&a->parts[i], b))
            return false;
    return true;
}

bool hf_reload_is_same(const hf_loaded *before, const hf_loaded *now)
{
    if (!hf_span_equal(before->plan.yaml, now->plan.yaml) || !all_in(&before->plan, &now->plan) ||
        !all_in(&now->plan, &before->plan))
        return false;
    for (size_t i = 0; i < now->config->n_sites; i++)
        if (before->sites[i].health != now->sites[i].health ||
            !before->sites[i].backless[0] != !now->sites[i].backless[0])
            return false;
    return true;
}

static int age_of(const hf_expiry *e, int64_t at)
{
    return at < e->not_before ? -1 : at > e->not_after;
}

bool hf_reload_is_due(const hf_loaded *now, int64_t taken_at, int64_t at)
{
    for (size_t i = 0; i < now->n_expiries; i++)
        if (age_of(&now->expiries[i], taken_at) != age_of(&now->expiries[i], at))
            return true;
    for (size_t i = 0; i < now->config->n_sites; i++)
        if (now->sites[i].health != HF_HEALTH_GOOD || now->sites[i].backless[0])
            return true;
    return false;
}

/* ---- results ---- */

static json_t *site_json(const hf_loaded_site *site)
{
    static const char *const words[] = { "good", "expired", "kept", "unavailable" };

    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "site", site->label, "health",
                     words[site->health], "why", site->health == HF_HEALTH_GOOD ? "" : site->why,
                     "next", site->health == HF_HEALTH_GOOD ? "" : site->todo, "no_backend",
                     site->backless);
}

json_t *hf_reload_done(const hf_loaded *before, const hf_loaded *now)
{
    json_t *sites = json_array(), *warnings = json_array();

    for (size_t i = 0; i < now->config->n_sites; i++)
        json_array_append_new(sites, site_json(&now->sites[i]));
    for (size_t i = 0; i < now->n_warnings; i++)
        json_array_append_new(warnings, json_string(now->warnings[i]));
    return json_pack("{s:s, s:s, s:I, s:o, s:o, s:o}", "schema", "handfast.proxy-reload/1",
                     "result", "done", "plan", (json_int_t)now->plan.number, "changes",
                     hf_reload_changes(before, now), "sites", sites, "warnings", warnings);
}

json_t *hf_reload_refused(const hf_config_fault *fault)
{
    return json_pack("{s:s, s:s, s:{s:s, s:i, s:i, s:s, s:s, s:s}}", "schema",
                     "handfast.proxy-reload/1", "result", "refused", "fault", "file", fault->file,
                     "line", (int)fault->at.line, "column", (int)fault->at.column, "what",
                     fault->what, "why", fault->why, "next", fault->next);
}
