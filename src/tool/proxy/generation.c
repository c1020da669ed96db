/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A plan made ready to serve: sealed configs for every site and backend. The parent has judged all of it, so that what fails here is
 * memory or a mistake of ours, and fails the whole plan. A site never gets less than its configuration asks for: client
 * authentication whose CA is missing is a failure, as is a backend's TLS without anything to trust.
 */
#include "tool/proxy/generation.h"

#include <stdio.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "policy/policy.h"
#include "tool/proxy/load_test.h"
#include "tool/proxy/worker.h"

enum { PROTOCOLS_MAX = 64 };

/* What is under way, and why it failed. */
typedef struct building {
    hf_generation *g;
    hf_sessions *sessions;
    hf_trust *system; /* made when the first backend needs it */
    char *why;
    size_t room;
} building;

static bool fail(building *b, const char *label, const char *what, hf_error e)
{
    snprintf(b->why, b->room, "%s: %s: %s", label, what, hf_error_row_of(e)->sentence);
    return false;
}

/* ---- what sites and backends share ---- */

static int64_t wall_time(void *user)
{
    (void)user;
    return hf_load_world.now();
}

/* The system's clocks, but in tests. */
static hf_config *new_config(hf_role role, const hf_policy *policy)
{
    static const hf_hooks hooks = { .wall_time = wall_time };
    hf_config *config = hf_config_new(role, policy);

    if (config && hf_load_world.now)
        hf_config_set_hooks(config, &hooks);
    return config;
}

static hf_error add_identity(hf_config *config, const hf_plan *plan, hf_part_kind chain,
                             hf_part_kind key, size_t site, size_t item)
{
    hf_identity *identity = NULL;
    hf_span staple = hf_plan_find(plan, HF_PART_STAPLE, site, item);
    hf_error e = hf_identity_from_pem(&identity, hf_plan_find(plan, chain, site, item),
                                      hf_plan_find(plan, key, site, item), NULL);

    if (e != HF_OK)
        return e;
    e = hf_config_add_identity(config, identity);
    if (e == HF_OK && chain == HF_PART_CHAIN && staple.len > 0)
        hf_identity_staple(identity, staple, hf_load_now()); /* stale by now: none is sent */
    hf_identity_free(identity);
    return e;
}

static hf_error trust_of(hf_span pem, hf_span crls, hf_trust **trust)
{
    *trust = hf_trust_new();
    if (!*trust)
        return HF_E_NO_MEMORY;
    hf_error e = hf_trust_add_pem(*trust, pem, NULL);
    if (e == HF_OK && crls.len > 0)
        e = hf_trust_add_crls(*trust, crls);
    return e;
}

static hf_error set_trust(hf_config *config, hf_span pem, hf_span crls)
{
    hf_trust *trust;
    hf_error e = trust_of(pem, crls, &trust);

    if (e == HF_OK)
        e = hf_config_set_trust(config, trust);
    hf_trust_free(trust);
    return e;
}

/* ---- sites ---- */

/* As the parent said: its own certificates, however many it kept, or the spare. */
static hf_error add_identities(const building *b, const hf_site *site, size_t i)
{
    const hf_plan *plan = &b->g->plan;
    size_t n = 0;

    if (site->unavailable)
        return add_identity(site->tls, plan, HF_PART_SPARE_CHAIN, HF_PART_SPARE_KEY, i, 0);
    for (; hf_plan_find(plan, HF_PART_CHAIN, i, n).len > 0; n++)
        TRY(add_identity(site->tls, plan, HF_PART_CHAIN, HF_PART_KEY, i, n));
    return n > 0 ? HF_OK : HF_E_CONFIG_NO_IDENTITY;
}

/* With paths the handshake only asks; http mode refuses below them. Who is unavailable has nothing to protect. */
static hf_error ask_clients(const building *b, const hf_site *site, size_t i)
{
    const hf_config_site *row = site->row;
    const hf_plan *plan = &b->g->plan;
    bool require = row->client_auth.mode == HF_AUTH_REQUIRE && row->client_auth.paths.n == 0;

    if (!hf_site_asks(row) || site->unavailable)
        return HF_OK;
    TRY(hf_config_set(site->tls, HF_SET_CLIENT_AUTH,
                      require ? HF_CLIENT_AUTH_REQUIRE : HF_CLIENT_AUTH_REQUEST));
    hf_span crl = hf_plan_find(plan, HF_PART_CLIENT_CRL, i, 0);
    if (row->client_auth.crl.text && crl.len == 0)
        return HF_E_INTERNAL;
    return set_trust(site->tls, hf_plan_find(plan, HF_PART_CLIENT_CA, i, 0), crl);
}

/* RFC 7301 3.2: whoever offers protocols and none of these is refused (no_application_protocol); whoever offers none goes on. */
static hf_error set_protocols(const hf_site *site)
{
    static const char *const http[] = { "http/1.1" };
    const char *names[PROTOCOLS_MAX];
    size_t n = site->row->alpn.n;

    if (site->row->mode == HF_SITE_HTTP)
        return hf_config_set_alpn(site->tls, http, 1);
    if (n > PROTOCOLS_MAX)
        return HF_E_LIMIT;
    for (size_t i = 0; i < n; i++)
        names[i] = site->row->alpn.at[i].text;
    return hf_config_set_alpn(site->tls, names, n);
}

static hf_error set_up_site(const building *b, hf_site *site, size_t i)
{
    site->tls = new_config(HF_SERVER, hf_policy_named(site->row->policy.text));
    if (!site->tls)
        return HF_E_NO_MEMORY;
    TRY(add_identities(b, site, i));
    TRY(ask_clients(b, site, i));
    TRY(set_protocols(site));
    TRY(hf_config_set_sessions(site->tls, b->sessions));
    TRY(hf_config_set(site->tls, HF_SET_HANDSHAKE_TIMEOUT, b->g->config->limits.handshake_ms));
    return hf_config_seal(site->tls);
}

/* ---- backends ---- */

static hf_error system_trust(building *b)
{
    hf_span bytes = hf_plan_find(&b->g->plan, HF_PART_SYSTEM_CA, 0, 1);
    bool is_public = bytes.len > 0;

    if (b->system)
        return HF_OK;
    if (!is_public)
        bytes = hf_plan_find(&b->g->plan, HF_PART_SYSTEM_CA, 0, 0);
    TRY(trust_of(bytes, (hf_span){ NULL, 0 }, &b->system));
    return is_public ? hf_trust_mark_public(b->system) : HF_OK;
}

static hf_error trust_backend(building *b, const hf_backend *backend, size_t i, size_t k)
{
    if (backend->row->tls_ca.text)
        return set_trust(backend->tls, hf_plan_find(&b->g->plan, HF_PART_BACKEND_CA, i, k),
                         (hf_span){ NULL, 0 });
    TRY(system_trust(b));
    return hf_config_set_trust(backend->tls, b->system);
}

static hf_error set_up_tls(building *b, hf_backend *backend, size_t i, size_t k)
{
    static const char *const http[] = { "http/1.1" };

    backend->tls = new_config(HF_CLIENT, hf_policy_named("default"));
    if (!backend->tls)
        return HF_E_NO_MEMORY;
    TRY(trust_backend(b, backend, i, k));
    if (backend->row->identity.chain.text)
        TRY(add_identity(backend->tls, &b->g->plan, HF_PART_BACKEND_CHAIN, HF_PART_BACKEND_KEY, i,
                         k));
    if (b->g->sites[i].row->mode == HF_SITE_HTTP)
        TRY(hf_config_set_alpn(backend->tls, http, 1));
    TRY(hf_config_set(backend->tls, HF_SET_HANDSHAKE_TIMEOUT, b->g->config->limits.connect_ms));
    return hf_config_seal(backend->tls);
}

static void take_addresses(const building *b, hf_backend *backend, size_t i, size_t k)
{
    hf_span bytes = hf_plan_find(&b->g->plan, HF_PART_ADDRESS, i, k);

    backend->n_addresses = bytes.len / sizeof backend->addresses[0];
    if (bytes.len > 0)
        memcpy(backend->addresses, bytes.data, bytes.len);
}

static bool build_backends(building *b, hf_site *site, size_t i)
{
    site->backends = hf_alloc((site->row->n_backends + 1) * sizeof *site->backends);
    if (!site->backends)
        return fail(b, site->label, "its backends", HF_E_NO_MEMORY);
    for (size_t k = 0; k < site->row->n_backends; k++) {
        hf_backend *backend = &site->backends[k];
        backend->row = &site->row->backends[k];
        backend->unusable = hf_plan_text(&b->g->plan, HF_PART_BACKEND_UNUSABLE, i, k);
        take_addresses(b, backend, i, k);
        hf_error e = backend->row->tls && !backend->unusable ? set_up_tls(b, backend, i, k) : HF_OK;
        if (e != HF_OK)
            return fail(b, site->label, backend->row->address.text, e);
    }
    return true;
}

/* ---- all of it ---- */

static bool build_site(building *b, size_t i)
{
    hf_site *site = &b->g->sites[i];
    hf_span slot = hf_plan_find(&b->g->plan, HF_PART_SLOT, i, 0);
    const char *label = hf_plan_text(&b->g->plan, HF_PART_LABEL, i, 0);

    site->generation = b->g;
    site->row = &b->g->config->sites[i];
    site->label = label ? label : site->row->names.at[0].text;
    site->slot = HF_SITE_NONE;
    if (slot.len == sizeof site->slot)
        memcpy(&site->slot, slot.data, slot.len);
    site->unavailable = hf_plan_text(&b->g->plan, HF_PART_UNAVAILABLE, i, 0);
    hf_error e = set_up_site(b, site, i);
    return e == HF_OK ? build_backends(b, site, i) : fail(b, site->label, "its TLS", e);
}

/* Before the site is known: any of the sites' identities, as it is never shown. */
static hf_error set_up_hello(building *b)
{
    hf_generation *g = b->g;
    hf_policy all;

    hf_widest_policy(g->config, &all);
    g->hello = new_config(HF_SERVER, &all);
    if (!g->hello)
        return HF_E_NO_MEMORY;
    TRY(hf_config_add_identity(g->hello, g->sites[0].tls->identities[0]));
    TRY(hf_config_set(g->hello, HF_SET_PAUSE_AT_CLIENT_HELLO, true));
    TRY(hf_config_set(g->hello, HF_SET_HANDSHAKE_TIMEOUT, g->config->limits.handshake_ms));
    return hf_config_seal(g->hello);
}

/* Also if this plan is forgotten: what is opened with them was sealed by a worker of ours, or of a machine that shares the file. */
static hf_error set_ticket_keys(const building *b)
{
    uint8_t keys[HF_TICKET_KEYS_MAX][HF_TICKET_KEY];
    hf_span bytes = hf_plan_find(&b->g->plan, HF_PART_TICKET_KEYS, 0, 0);

    if (!b->sessions || bytes.len == 0)
        return HF_OK;
    memcpy(keys, bytes.data, bytes.len);
    hf_error e = hf_sessions_set_keys(b->sessions, (const uint8_t(*)[HF_TICKET_KEY])keys,
                                      bytes.len / HF_TICKET_KEY);
    hf_wipe(keys, sizeof keys);
    return e;
}

static bool read_config(building *b)
{
    hf_config_fault fault;
    hf_generation *g = b->g;

    if (!hf_proxy_config_read(g->plan.yaml, g->plan.file, &g->config, &fault)) {
        snprintf(b->why, b->room, "%s:%u: %s", fault.file, fault.at.line, fault.what);
        return false;
    }
    g->sites = hf_alloc((g->config->n_sites + 1) * sizeof *g->sites);
    return g->sites || fail(b, "all sites", "reading", HF_E_NO_MEMORY);
}

static bool build_all(building *b)
{
    hf_generation *g = b->g;

    if (!read_config(b))
        return false;
    for (size_t i = 0; i < g->config->n_sites; i++)
        if (!build_site(b, i))
            return false;
    hf_error e = set_up_hello(b);
    if (e == HF_OK)
        e = set_ticket_keys(b);
    return e == HF_OK || fail(b, "all sites", "the first hello", e);
}

hf_generation *hf_generation_build(hf_plan *plan, hf_sessions *sessions, char *why, size_t room)
{
    hf_generation *g = hf_alloc(sizeof *g);
    building b = { .g = g, .sessions = sessions, .why = why, .room = room };

    if (!g) {
        snprintf(why, room, "there is no memory");
        hf_plan_free(plan);
        return NULL;
    }
    g->refs = 1;
    g->plan = *plan;
    g->number = plan->number;
    memset(plan, 0, sizeof *plan);
    bool good = build_all(&b);
    hf_trust_free(b.system);
    if (good)
        return g;
    hf_generation_free(g);
    return NULL;
}

hf_generation *hf_generation_ref(hf_generation *g)
{
    g->refs++;
    return g;
}

static void free_site(hf_site *site)
{
    for (size_t k = 0; site->backends && k < site->row->n_backends; k++)
        hf_config_free(site->backends[k].tls);
    hf_free(site->backends);
    hf_config_free(site->tls);
}

void hf_generation_free(hf_generation *g)
{
    if (!g || --g->refs > 0)
        return;
    for (size_t i = 0; g->sites && i < g->config->n_sites; i++)
        free_site(&g->sites[i]);
    hf_free(g->sites);
    hf_config_free(g->hello);
    hf_proxy_config_free(g->config);
    hf_plan_free(&g->plan);
    hf_free(g);
}
