/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Addresses that contradict each other: one for two purposes, admin for everybody, a backend that is the proxy itself. */
#include <string.h>

#include "tool/listener.h"
#include "tool/proxy/sense.h"
#include "tool/proxy/value.h"

enum { ADDRESSES_MAX = 2 * HF_PROXY_LISTENERS_MAX + 1 };

typedef struct address {
    const char *role;
    const hf_config_text *text;
    hf_listener parsed;
} address;

typedef struct addresses {
    address at[ADDRESSES_MAX];
    size_t n;
} addresses;

static void add(addresses *all, const char *role, const hf_config_text *text)
{
    address *a = &all->at[all->n];

    *a = (address){ .role = role, .text = text };
    if (text->text && !hf_listener_parse(text->text, &a->parsed))
        all->n++;
}

static void collect(const hf_proxy_config *config, addresses *all)
{
    all->n = 0;
    for (size_t i = 0; i < config->listen.n; i++)
        add(all, "listen", &config->listen.at[i]);
    for (size_t i = 0; i < config->redirect.n; i++)
        add(all, "redirect", &config->redirect.at[i]);
    add(all, "admin", &config->admin);
}

/* Both would get connections for one address. :: takes IPv6 alone, as our sockets do. */
static bool overlap(const address *a, const address *b)
{
    if (a->parsed.wanted != b->parsed.wanted || a->parsed.wanted == 0)
        return false;
    if (hf_address_same(a->parsed.host, b->parsed.host))
        return true;
    return hf_address_covers(a->parsed.host, b->parsed.host) ||
           hf_address_covers(b->parsed.host, a->parsed.host);
}

static const address *later(const address *a, const address *b)
{
    return hf_place_before(a->text->at, b->text->at) ? b : a;
}

static void complain_overlap(hf_sense *s, const address *a, const address *b)
{
    const address *late = later(a, b), *early = late == a ? b : a;
    char shown[HF_SHOWN_MAX];

    if (!hf_sense_room(s, late->text->at))
        return;
    hf_fault_shown(late->text->text, shown);
    hf_fault_what(s->fault, late->text->at,
                  a->role == b->role ? "%s: %s stands here a second time" : "%s: %s is taken",
                  late->role, shown);
    hf_fault_why(s->fault, "%s has %s at %u:%u", early->role, early->text->text,
                 early->text->at.line, early->text->at.column);
    hf_fault_next(s->fault, "give each an address or a port of its own");
}

static void check_overlaps(hf_sense *s, const addresses *all)
{
    for (size_t i = 1; i < all->n; i++) {
        const address *one = &all->at[i];
        bool told = false; /* that it is taken: once */
        for (size_t k = 0; k < i; k++) {
            if (!overlap(&all->at[k], one) || (told && later(&all->at[k], one) == one))
                continue;
            complain_overlap(s, &all->at[k], one);
            told = told || later(&all->at[k], one) == one;
        }
    }
}

/* A refusal, not a warning: an address that is open by a slip is found by others first. Who means it says so. */
static void check_admin(hf_sense *s, const addresses *all)
{
    const hf_config_text *admin = &s->config->admin;
    char shown[HF_SHOWN_MAX];

    if (!admin->text || s->config->admin_public)
        return;
    hf_reach reach = hf_address_reach(all->at[all->n - 1].parsed.host);
    if ((reach != HF_REACH_ALL && reach != HF_REACH_PUBLIC) || !hf_sense_room(s, admin->at))
        return;
    hf_fault_what(s->fault, admin->at, "admin: %s can be reached from outside",
                  hf_fault_shown(admin->text, shown));
    hf_fault_why(s->fault, "it asks for no password, and tells names, certificates and failures to "
                           "whoever reaches it");
    hf_fault_next(
        s->fault,
        "write admin: \"127.0.0.1:9443\" or a private address; if it is meant, admin_public: true");
}

/* ---- loops ---- */

static bool leads_to(const hf_config_backend *backend, const address *a)
{
    const char *host = strcmp(backend->host, "localhost") == 0 ? "127.0.0.1" : backend->host;

    if (backend->kind != HF_BACKEND_TCP || a->parsed.wanted != backend->port)
        return false;
    return hf_address_same(host, a->parsed.host) ||
           (hf_address_reach(host) == HF_REACH_MACHINE && hf_address_covers(a->parsed.host, host));
}

static void check_backend(hf_sense *s, const addresses *all, const hf_config_backend *backend)
{
    char shown[HF_SHOWN_MAX];

    for (size_t i = 0; i < all->n; i++) {
        if (!leads_to(backend, &all->at[i]) || !hf_sense_room(s, backend->address.at))
            continue;
        hf_fault_what(s->fault, backend->address.at, "backend: %s is the proxy itself",
                      hf_fault_shown(backend->address.text, shown));
        hf_fault_why(s->fault, "%s has %s at %u:%u, so a request would go round and round",
                     all->at[i].role, all->at[i].text->text, all->at[i].text->at.line,
                     all->at[i].text->at.column);
        hf_fault_next(s->fault, "give the address of the service behind");
        return;
    }
}

void hf_sense_addresses(hf_sense *s)
{
    addresses all;

    collect(s->config, &all);
    check_overlaps(s, &all);
    check_admin(s, &all);
    for (size_t i = 0; i < s->config->n_sites; i++)
        for (size_t k = 0; k < s->config->sites[i].n_backends; k++)
            check_backend(s, &all, &s->config->sites[i].backends[k]);
}
