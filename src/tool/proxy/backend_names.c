/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The names of a configuration's backends, and whether they still lead where they led. How one is looked up is resolve.c's. */
#include "tool/proxy/backend_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/proxy/load_test.h"
#include "tool/proxy/value.h"

/* ---- the list ---- */

static int by_name(const void *left, const void *right)
{
    const hf_wanted *a = left, *b = right;
    int order = strcmp(a->host, b->host);

    return order != 0 ? order : (a->port > b->port) - (a->port < b->port);
}

static size_t count_backends(const hf_proxy_config *config)
{
    size_t n = 0;

    for (size_t i = 0; i < config->n_sites; i++)
        n += config->sites[i].n_backends;
    return n;
}

hf_wanted *hf_backend_names(const hf_proxy_config *config, size_t *n)
{
    hf_wanted *all = hf_alloc((count_backends(config) + 1) * sizeof *all);
    size_t count = 0, kept = 0;

    for (size_t i = 0; all && i < config->n_sites; i++)
        for (size_t k = 0; k < config->sites[i].n_backends; k++) {
            const hf_config_backend *b = &config->sites[i].backends[k];
            if (b->kind != HF_BACKEND_TCP)
                continue;
            snprintf(all[count].host, sizeof all[count].host, "%s", b->host);
            all[count++].port = b->port;
        }
    if (all)
        qsort(all, count, sizeof *all, by_name);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || by_name(&all[kept - 1], &all[i]) != 0)
            all[kept++] = all[i];
    *n = kept;
    return all;
}

hf_wanted *hf_backend_names_find(hf_wanted *names, size_t n, const hf_config_backend *b)
{
    hf_wanted key;

    snprintf(key.host, sizeof key.host, "%s", b->host);
    key.port = b->port;
    return bsearch(&key, names, n, sizeof *names, by_name);
}

/* In one walk over the former backends. */
void hf_backend_names_keep(hf_wanted *names, size_t n, const hf_loaded *before)
{
    for (size_t i = 0; i < before->config->n_sites; i++)
        for (size_t k = 0; k < before->config->sites[i].n_backends; k++) {
            const hf_config_backend *b = &before->config->sites[i].backends[k];
            hf_wanted *w = b->kind == HF_BACKEND_TCP ? hf_backend_names_find(names, n, b) : NULL;
            hf_span bytes = hf_plan_find(&before->plan, HF_PART_ADDRESS, i, k);
            if (!w || w->n > 0 || bytes.len == 0 || bytes.len > sizeof w->at)
                continue;
            memcpy(w->at, bytes.data, bytes.len);
            w->n = bytes.len / sizeof w->at[0];
        }
}

/* ---- elsewhere? ---- */

bool hf_backend_names_any(const hf_proxy_config *config)
{
    for (size_t i = 0; i < config->n_sites; i++)
        for (size_t k = 0; k < config->sites[i].n_backends; k++) {
            const hf_config_backend *b = &config->sites[i].backends[k];
            if (b->kind == HF_BACKEND_TCP && hf_address_reach(b->host) == HF_REACH_NAME)
                return true;
        }
    return false;
}

bool hf_known_names_take(hf_known_names *known, const hf_loaded *loaded)
{
    known->names = hf_backend_names(loaded->config, &known->n);
    if (known->names)
        hf_backend_names_keep(known->names, known->n, loaded);
    return known->names != NULL;
}

bool hf_known_names_moved(const hf_known_names *known)
{
    hf_wanted *fresh = (hf_wanted *)hf_copy(hf_span_of(known->names, known->n * sizeof *fresh));
    bool moved = false;

    if (!fresh)
        return false;
    hf_resolve(fresh, known->n, HF_RESOLVE_MS, hf_load_world.look_up);
    for (size_t i = 0; i < known->n; i++) {
        const hf_wanted *was = &known->names[i], *is = &fresh[i];
        moved |= is->n > 0 && !hf_same_addresses(hf_span_of(was->at, was->n * sizeof was->at[0]),
                                                 hf_span_of(is->at, is->n * sizeof is->at[0]));
    }
    hf_free(fresh);
    return moved;
}

void hf_known_names_free(hf_known_names *known)
{
    hf_free(known->names);
    *known = (hf_known_names){ NULL, 0 };
}
