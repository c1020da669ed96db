/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The names of a configuration's backends, and whether they still lead where they led. */
#ifndef HF_TOOL_PROXY_BACKEND_NAMES_H
#define HF_TOOL_PROXY_BACKEND_NAMES_H

#include "tool/proxy/load.h"
#include "tool/proxy/resolve.h"

/* Each host with its port once, in order, addresses too; none is looked up. NULL: no memory. */
hf_wanted *hf_backend_names(const hf_proxy_config *config, size_t *n);
/* That backend's, of such a list; NULL: it is not there. */
hf_wanted *hf_backend_names_find(hf_wanted *names, size_t n, const hf_config_backend *b);
/* What has no address gets those that it had. */
void hf_backend_names_keep(hf_wanted *names, size_t n, const hf_loaded *before);

/* Is there one that a name server is asked for? */
bool hf_backend_names_any(const hf_proxy_config *config);

/* What the names led to when that was loaded: a copy, for a thread. */
typedef struct hf_known_names {
    hf_wanted *names;
    size_t n;
} hf_known_names;
/* False: no memory. */
bool hf_known_names_take(hf_known_names *known, const hf_loaded *loaded);
/* Whether one leads elsewhere by now; one that is not found any more does not. Takes HF_RESOLVE_MS at most. */
bool hf_known_names_moved(const hf_known_names *known);
void hf_known_names_free(hf_known_names *known);

#endif
