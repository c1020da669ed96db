/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What `handfast proxy check` found, before it is told. In words: proxy.c. */
#ifndef HF_TOOL_PROXY_CHECK_H
#define HF_TOOL_PROXY_CHECK_H

#include <jansson.h>

#include "tool/proxy/load.h"

typedef struct hf_proxy_finding {
    const char *file;        /* as it was given */
    const hf_loaded *loaded; /* NULL: the configuration itself is bad */
    const hf_config_faults *faults;
    int status; /* that `proxy run` would end with at once, for these faults; HF_EXIT_OK: there are none */
} hf_proxy_finding;

/* Every warning, to each, as a line without its end. */
void hf_proxy_check_warnings(const hf_loaded *loaded, void (*each)(void *user, const char *line),
                             void *user);
/* Sites that would not be served as configured. */
size_t hf_proxy_check_bad(const hf_loaded *loaded);
/* Schema handfast.proxy-check/1: members may be added, never changed. NULL: no memory. */
json_t *hf_proxy_check_json(const hf_proxy_finding *finding);

#endif
