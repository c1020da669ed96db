/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which site answers: a sorted list of all names, and the protocols where several sites share one. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/proxy/own.h"

enum { NAME_MAX_BYTES = 253 };

static int by_name(const void *left, const void *right)
{
    const hf_name_entry *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    if (order != 0)
        return order;
    return a->at.line != b->at.line ? (a->at.line < b->at.line ? -1 : 1)
                                    : (a->at.column > b->at.column) - (a->at.column < b->at.column);
}

bool hf_names_sort(hf_config_own *own)
{
    const hf_proxy_config *config = &own->config;
    size_t n = 0;

    for (size_t i = 0; i < config->n_sites; i++)
        n += config->sites[i].names.n;
    own->names = hf_arena_alloc(&own->arena, (n + 1) * sizeof *own->names);
    if (!own->names)
        return false;
    for (size_t i = 0; i < config->n_sites; i++)
        for (size_t k = 0; k < config->sites[i].names.n; k++) {
            const hf_config_text *name = &config->sites[i].names.at[k];
            own->names[own->n_names++] = (hf_name_entry){ name->text, &config->sites[i], name->at };
        }
    qsort(own->names, own->n_names, sizeof *own->names, by_name);
    return true;
}

/* ---- protocols ---- */

static bool speaks(const hf_config_site *site, hf_span protocol)
{
    if (site->mode == HF_SITE_HTTP)
        return hf_span_equal(protocol, hf_span_str("http/1.1"));
    for (size_t i = 0; i < site->alpn.n; i++)
        if (hf_span_equal(hf_span_str(site->alpn.at[i].text), protocol))
            return true;
    return false;
}

/* A site of tcp mode without a list, which is for clients that fit no other. */
static bool speaks_any(const hf_config_site *site)
{
    return site->mode == HF_SITE_TCP && site->alpn.n == 0;
}

bool hf_sites_collide(const hf_config_site *a, const hf_config_site *b)
{
    if (speaks_any(a) || speaks_any(b))
        return speaks_any(a) && speaks_any(b);
    if (a->mode == HF_SITE_HTTP)
        return speaks(b, hf_span_str("http/1.1"));
    for (size_t i = 0; i < a->alpn.n; i++)
        if (speaks(b, hf_span_str(a->alpn.at[i].text)))
            return true;
    return false;
}

/* How well a site fits what a client offers: 3 best. */
static unsigned fit(const hf_config_site *site, const hf_span *protocols, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (speaks(site, protocols[i]))
            return 3;
    return speaks_any(site) ? 2 : site->mode == HF_SITE_HTTP;
}

/* ---- search ---- */

/* The first of that name; NULL. */
static const hf_name_entry *find(const hf_config_own *own, const char *name)
{
    size_t low = 0, high = own->n_names;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(own->names[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < own->n_names && strcmp(own->names[low].name, name) == 0 ? &own->names[low] : NULL;
}

static const hf_name_entry *find_wildcard(const hf_config_own *own, const char *name)
{
    const char *dot = strchr(name, '.');
    char wildcard[NAME_MAX_BYTES + 2] = "*";

    if (!dot || dot == name || strlen(dot) > NAME_MAX_BYTES)
        return NULL;
    memcpy(wildcard + 1, dot, strlen(dot) + 1);
    return find(own, wildcard);
}

static const hf_name_entry *find_any(const hf_config_own *own, const char *name)
{
    const hf_name_entry *found = NULL;

    if (name && !strchr(name, '*')) {
        found = find(own, name);
        if (!found)
            found = find_wildcard(own, name);
    }
    return found ? found : find(own, "default");
}

const hf_config_site *hf_proxy_site_for(const hf_proxy_config *config, const char *name,
                                        const hf_span *protocols, size_t n)
{
    const hf_config_own *own = (const void *)config;
    const hf_name_entry *entry = find_any(own, name), *best = entry;

    if (!entry)
        return NULL;
    for (; entry < own->names + own->n_names && strcmp(entry->name, best->name) == 0; entry++)
        if (fit(entry->site, protocols, n) > fit(best->site, protocols, n))
            best = entry;
    return best->site;
}

const hf_config_site *hf_proxy_site_of(const hf_proxy_config *config, const char *name)
{
    return hf_proxy_site_for(config, name, NULL, 0);
}
