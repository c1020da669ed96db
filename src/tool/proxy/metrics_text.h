/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the page of /metrics is made of: metrics_text.c has its families, metrics_sites.c what the parent knows of sites and their files. */
#ifndef HF_TOOL_PROXY_METRICS_TEXT_H
#define HF_TOOL_PROXY_METRICS_TEXT_H

#include "tool/proxy/status.h"

/* The value of a label: \, " and line breaks escaped. */
bool hf_metric_label(hf_text *out, const char *value);
void hf_metric_family(hf_text *out, const char *family, const char *kind, const char *help);

/* The sites of a configuration in its order, and "-" behind them: nobody's. */
typedef struct hf_metric_site {
    const char *label;
    uint32_t slot;
    size_t first; /* the first of that label: it has the series */
    size_t next;  /* of that label; 0: none */
    size_t last;  /* of the first: the last of that label so far */
    bool counts;  /* no other of that label has its slot */
} hf_metric_site;

typedef struct hf_metric_sites {
    hf_metric_site *at; /* the caller frees it */
    size_t n;
} hf_metric_sites;

/* loaded may be NULL. False: no memory. */
bool hf_metric_sites_of(const hf_loaded *loaded, hf_metric_sites *sites);
/* The worst of those that share the label of the i-th. */
hf_health hf_metric_health(const hf_loaded *loaded, const hf_metric_sites *sites, size_t i);
const char *hf_health_name(hf_health health);

/* The ends of certificates, CAs, CRLs and staples in order of kind and file, soonest first; the caller frees the array. NULL: no memory. */
const hf_expiry **hf_expiries_sorted(const hf_loaded *loaded);
/* The soonest of that file; NULL: not known. Sorted: what the function above gave. file: as written in the configuration. */
const hf_expiry *hf_expiry_of(const hf_loaded *loaded, const hf_expiry **sorted, int what,
                              const char *file);
/* The families of those ends. False: no memory. */
bool hf_metric_expiries(const hf_loaded *loaded, const hf_metric_sites *sites, hf_text *out);

#endif
