/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast.proxy-check/1, member by member. */
#include "tool/proxy_check.h"

#include "base/bytes.h"
#include "crypto/signature.h"
#include "tool/exit.h"
#include "tool/json_report.h"
#include "tool/json_text.h"
#include "tool/proxy/account.h"
#include "tool/proxy/metrics_text.h"

/* ---- errors and warnings ---- */

/* null: it is of the file as a whole. */
static json_t *number(unsigned n)
{
    return n > 0 ? json_integer(n) : json_null();
}

static json_t *error_of(const hf_config_fault *fault)
{
    return json_pack("{s:o s:o s:o s:o s:o s:o}", "file", hf_json_text(fault->file), "line",
                     number(fault->at.line), "column", number(fault->at.column), "message",
                     hf_json_text(fault->what), "why", hf_json_text_or_null(fault->why), "hint",
                     hf_json_text_or_null(fault->next));
}

static json_t *errors_of(const hf_proxy_finding *f)
{
    json_t *array = json_array();

    for (size_t i = 0; i < f->faults->n; i++)
        json_array_append_new(array, error_of(&f->faults->at[i]));
    return array;
}

static void add_warning(void *user, const char *line)
{
    json_array_append_new(user, hf_json_text(line));
}

static json_t *warnings_of(const hf_loaded *loaded)
{
    json_t *array = json_array();

    if (loaded)
        hf_proxy_check_warnings(loaded, add_warning, array);
    return array;
}

/* ---- sites ---- */

/* The leaf of the chain; null: it could not be loaded. */
static json_t *leaf_of(hf_span pem)
{
    uint8_t *der = NULL;
    size_t len = 0;

    if (hf_pem_next(&pem, "CERTIFICATE", &der, &len) != HF_OK)
        return json_null();
    json_t *leaf = hf_json_certificate(hf_span_of(der, len));
    hf_free(der);
    return leaf;
}

static json_t *certificate_of(const hf_loaded *loaded, size_t i, size_t k)
{
    json_t *leaf = leaf_of(hf_plan_find(&loaded->plan, HF_PART_CHAIN, i, k));

    if (json_is_null(leaf))
        leaf = json_pack("{s:n s:[] s:n}", "subject", "sans", "not_after");
    json_object_set_new(leaf, "file",
                        hf_json_text(loaded->config->sites[i].certificates[k].chain.text));
    return leaf;
}

static json_t *certificates_of(const hf_loaded *loaded, size_t i)
{
    json_t *array = json_array();

    for (size_t k = 0; k < loaded->config->sites[i].n_certificates; k++)
        json_array_append_new(array, certificate_of(loaded, i, k));
    return array;
}

static json_t *backends_of(const hf_loaded *loaded, size_t i)
{
    const hf_config_site *row = &loaded->config->sites[i];
    json_t *array = json_array();

    for (size_t k = 0; k < row->n_backends; k++) {
        const char *why = hf_plan_text(&loaded->plan, HF_PART_BACKEND_UNUSABLE, i, k);
        json_array_append_new(array, json_pack("{s:o s:o}", "address",
                                               hf_json_text(row->backends[k].address.text),
                                               "unusable", hf_json_text_or_null(why)));
    }
    return array;
}

static json_t *names_of(const hf_config_list *names)
{
    json_t *array = json_array();

    for (size_t i = 0; i < names->n; i++)
        json_array_append_new(array, hf_json_text(names->at[i].text));
    return array;
}

/* An expired certificate is served, so that alone makes nothing unavailable. */
static json_t *site_of(const hf_loaded *loaded, size_t i)
{
    const hf_loaded_site *site = &loaded->sites[i];
    bool good = site->health == HF_HEALTH_GOOD;
    const char *unusable = hf_loaded_unusable(loaded, i);
    const char *hint = unusable ? "correct what the warning about the backend names" : NULL;

    return json_pack(
        "{s:o s:o s:s s:b s:s s:o s:o s:o s:o}", "site", hf_json_text(site->label), "names",
        names_of(&site->row->names), "mode", site->row->mode == HF_SITE_TCP ? "tcp" : "http",
        "available", site->health != HF_HEALTH_UNAVAILABLE && !unusable, "health",
        hf_health_name(site->health), "why", hf_json_text_or_null(good ? unusable : site->why),
        "hint", hf_json_text_or_null(good ? hint : site->todo), "certificates",
        certificates_of(loaded, i), "backends", backends_of(loaded, i));
}

static json_t *sites_of(const hf_loaded *loaded)
{
    json_t *array = json_array();

    for (size_t i = 0; loaded && i < loaded->config->n_sites; i++)
        json_array_append_new(array, site_of(loaded, i));
    return array;
}

/* ---- all of it ---- */

json_t *hf_proxy_check_json(const hf_proxy_finding *f)
{
    bool ok = f->status == HF_EXIT_OK && hf_proxy_check_bad(f->loaded) == 0;
    const char *remark = f->loaded ? hf_account_words(f->loaded->config) : NULL;

    return json_pack("{s:s s:o s:b s:o s:b s:o s:o s:o}", "schema", "handfast.proxy-check/1",
                     "file", hf_json_text(f->file), "ok", ok, "errors", errors_of(f), "more_errors",
                     f->faults->more, "warnings", warnings_of(f->loaded), "remark",
                     hf_json_text_or_null(remark), "sites", sites_of(f->loaded));
}
