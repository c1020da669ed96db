/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Sites and files as labels: their health, and when what belongs to them ends. */
#include "tool/proxy/metrics_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_ROOM = 4096 };

/* ---- health ---- */

const char *hf_health_name(hf_health health)
{
    static const char *const names[] = { "good", "expired", "kept", "unavailable" };

    return health <= HF_HEALTH_UNAVAILABLE ? names[health] : names[HF_HEALTH_UNAVAILABLE];
}

hf_health hf_metric_health(const hf_loaded *loaded, const hf_metric_sites *sites, size_t i)
{
    hf_health worst = HF_HEALTH_GOOD;

    for (size_t j = sites->at[i].first;; j = sites->at[j].next) {
        if (loaded->sites[j].health > worst)
            worst = loaded->sites[j].health;
        if (sites->at[j].next == 0)
            return worst;
    }
}

/* ---- ends ---- */

static int by_file(const void *a, const void *b)
{
    const hf_expiry *x = *(const hf_expiry *const *)a, *y = *(const hf_expiry *const *)b;
    int order = (x->what > y->what) - (x->what < y->what);

    if (order == 0)
        order = strcmp(x->file, y->file);
    return order ? order : (x->not_after > y->not_after) - (x->not_after < y->not_after);
}

const hf_expiry **hf_expiries_sorted(const hf_loaded *loaded)
{
    const hf_expiry **sorted = calloc(loaded->n_expiries + 1, sizeof *sorted);

    for (size_t i = 0; sorted && i < loaded->n_expiries; i++)
        sorted[i] = &loaded->expiries[i];
    if (sorted)
        qsort(sorted, loaded->n_expiries, sizeof *sorted, by_file);
    return sorted;
}

static bool is_same_file(const hf_expiry *a, const hf_expiry *b)
{
    return a->what == b->what && strcmp(a->file, b->file) == 0;
}

/* The first that is not before it. */
static size_t lower_bound(const hf_expiry **sorted, size_t n, const hf_expiry *wanted)
{
    size_t low = 0;

    while (n > 0) {
        size_t half = n / 2;
        if (by_file(&sorted[low + half], &wanted) < 0) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low;
}

static const hf_expiry *look(const hf_loaded *loaded, const hf_expiry **sorted, int what,
                             const char *file)
{
    hf_expiry wanted = { .not_after = INT64_MIN };

    memcpy(&wanted.what, &what, sizeof what);
    snprintf(wanted.file, sizeof wanted.file, "%s", file);
    size_t i = lower_bound(sorted, loaded->n_expiries, &wanted);
    return i < loaded->n_expiries && is_same_file(sorted[i], &wanted) ? sorted[i] : NULL;
}

const hf_expiry *hf_expiry_of(const hf_loaded *loaded, const hf_expiry **sorted, int what,
                              const char *file)
{
    char path[PATH_ROOM];
    const hf_expiry *found = look(loaded, sorted, what, file);

    return found
               ? found
               : look(loaded, sorted, what, hf_proxy_path(loaded->config, file, path, sizeof path));
}

/* ---- of server certificates: by site ---- */

/* A site of the same name may show the same file in the same place. */
static bool was_said(const hf_loaded *loaded, const hf_metric_sites *sites, size_t i, size_t c)
{
    const char *file = loaded->config->sites[i].certificates[c].chain.text;

    for (size_t j = sites->at[i].first; j < i; j++) {
        const hf_config_site *other = &loaded->config->sites[j];
        if (sites->at[j].first == sites->at[i].first && c < other->n_certificates &&
            strcmp(other->certificates[c].chain.text, file) == 0)
            return true;
    }
    return false;
}

static void say_certificates(const hf_loaded *loaded, const hf_metric_sites *sites, size_t i,
                             const hf_expiry **sorted, hf_text *out)
{
    const hf_config_site *site = &loaded->config->sites[i];

    for (size_t c = 0; c < site->n_certificates; c++) {
        const char *file = site->certificates[c].chain.text;
        const hf_expiry *end = hf_expiry_of(loaded, sorted, HF_EXPIRES_CERTIFICATE, file);
        if (!end || was_said(loaded, sites, i, c))
            continue;
        hf_text_say(out, "handfast_certificate_not_after_timestamp_seconds{site=\"");
        hf_metric_label(out, sites->at[i].label);
        hf_text_print(out, "\",certificate=\"%zu\",file=\"", c);
        hf_metric_label(out, file);
        hf_text_print(out, "\"} %" PRId64 "\n", end->not_after);
    }
}

/* ---- of everything: by file ---- */

static const char *what_name(const hf_expiry *expiry)
{
    switch (expiry->what) {
    case HF_EXPIRES_CLIENT_CA: return "client_ca";
    case HF_EXPIRES_CRL: return "crl";
    case HF_EXPIRES_STAPLE: return "staple";
    default: return "certificate";
    }
}

static void say_files(const hf_loaded *loaded, const hf_expiry **sorted, hf_text *out)
{
    hf_metric_family(
        out, "handfast_expiry_timestamp_seconds", "gauge",
        "When what is in a file ends, the soonest of it: certificates, client CAs, CRLs, staples.");
    for (size_t i = 0; i < loaded->n_expiries; i++) {
        if (i > 0 && is_same_file(sorted[i - 1], sorted[i]))
            continue;
        hf_text_print(out, "handfast_expiry_timestamp_seconds{kind=\"%s\",file=\"",
                      what_name(sorted[i]));
        hf_metric_label(out, sorted[i]->file);
        hf_text_print(out, "\"} %" PRId64 "\n", sorted[i]->not_after);
    }
}

bool hf_metric_expiries(const hf_loaded *loaded, const hf_metric_sites *sites, hf_text *out)
{
    const hf_expiry **sorted = hf_expiries_sorted(loaded);

    if (!sorted)
        return false;
    hf_metric_family(out, "handfast_certificate_not_after_timestamp_seconds", "gauge",
                     "When a site's certificate expires: the leaf that is served, in its place of "
                     "the configuration.");
    for (size_t i = 0; i + 1 < sites->n; i++)
        say_certificates(loaded, sites, i, sorted, out);
    say_files(loaded, sorted, out);
    free(sorted);
    return true;
}
