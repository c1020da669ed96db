/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A configuration from its bytes: text, YAML, keys, sense; and back to nothing. */
#include "tool/proxy/config.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/proxy/fault.h"
#include "tool/proxy/own.h"
#include "tool/proxy/read.h"
#include "tool/proxy/value.h"

enum { MEMORY_MAX = 64 << 20 };

/* ---- what follows from what was read ---- */

static void settle_backend(hf_config_backend *backend)
{
    hf_backend_parse(backend->address.text, &backend->kind, backend->host, &backend->port);
    backend->tls = backend->identity.at.line > 0;
}

static void settle(hf_proxy_config *config)
{
    for (size_t i = 0; i < config->n_sites; i++) {
        hf_config_site *site = &config->sites[i];
        site->hsts.on = site->hsts.at.line > 0;
        for (size_t k = 0; k < site->n_backends; k++)
            settle_backend(&site->backends[k]);
    }
}

/* ---- one after the other ---- */

static void settle_limits(hf_proxy_config *config)
{
    config->limits.connections_given = config->limits.connections > 0;
    if (!config->limits.connections_given)
        config->limits.connections = HF_PROXY_CONNECTIONS;
}

static bool walk(hf_span yaml, hf_config_own *own, hf_config_faults *faults)
{
    yaml_document_t document;

    if (!hf_yaml_load(yaml, &document, &faults->at[0]))
        return false;
    bool good = hf_config_walk(&document, &own->arena, &own->config, faults);
    yaml_document_delete(&document);
    settle_limits(&own->config);
    return good;
}

static bool no_memory(hf_config_fault *fault)
{
    hf_fault_what(fault, (hf_place){ 1, 1 }, "there is no memory for the configuration");
    return hf_fault_next(fault, "try again when the machine is less busy");
}

static bool keep_name(hf_config_own *own, const char *file, hf_config_fault *fault)
{
    hf_span copy = hf_arena_copy(&own->arena, hf_span_of(file, strlen(file) + 1));

    own->config.file = (char *)(uintptr_t)copy.data;
    return copy.data || no_memory(fault);
}

static bool read_all(hf_span yaml, const char *file, hf_config_own *own, hf_config_faults *faults)
{
    hf_config_fault *first = &faults->at[0];

    if (!keep_name(own, file, first) || !walk(yaml, own, faults))
        return false;
    settle(&own->config);
    return (hf_names_sort(own) || no_memory(first)) && hf_config_makes_sense(own, faults);
}

static void begin(hf_config_faults *faults, const char *file)
{
    memset(faults->at, 0, faults->room * sizeof *faults->at);
    faults->n = 0;
    faults->more = false;
    for (size_t i = 0; i < faults->room; i++)
        hf_fault_file(&faults->at[i], file);
}

bool hf_proxy_config_read_all(hf_span yaml, const char *file, hf_proxy_config **config,
                              hf_config_faults *faults)
{
    hf_config_own *own = hf_alloc(sizeof *own);

    begin(faults, file);
    *config = NULL;
    if (!own) {
        faults->n = 1;
        return no_memory(&faults->at[0]);
    }
    hf_arena_init(&own->arena, NULL, MEMORY_MAX);
    if (read_all(yaml, file, own, faults)) {
        *config = &own->config;
        return true;
    }
    hf_proxy_config_free(&own->config);
    if (faults->n == 0)
        faults->n = 1; /* one of the file as a whole */
    for (size_t i = 0; i < faults->n; i++)
        faults->at[i].at = hf_yaml_within(hf_yaml_without_mark(yaml), faults->at[i].at);
    return false;
}

bool hf_proxy_config_read(hf_span yaml, const char *file, hf_proxy_config **config,
                          hf_config_fault *fault)
{
    hf_config_faults faults = { .at = fault, .room = 1 };

    return hf_proxy_config_read_all(yaml, file, config, &faults);
}

void hf_proxy_config_free(hf_proxy_config *config)
{
    hf_config_own *own = (void *)config;

    if (!own)
        return;
    hf_arena_wipe(&own->arena);
    hf_free(own);
}

char *hf_proxy_path(const hf_proxy_config *config, const char *path, char *out, size_t room)
{
    const char *slash = strrchr(config->file, '/');
    int folder = slash && path[0] != '/' ? (int)(slash - config->file) + 1 : 0;

    snprintf(out, room, "%.*s%s", folder, config->file, path);
    return out;
}
