/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a new configuration allows that the one before did not: it may be meant, and somebody should have seen it. */
#ifndef HF_TOOL_PROXY_WEAKER_H
#define HF_TOOL_PROXY_WEAKER_H

#include "tool/proxy/config.h"

/* Called for each site of both (by its first name), and for the proxy as a whole with site NULL. */
typedef void (*hf_weaker_found)(void *user, const char *site, const char *what);
void hf_weaker_find(const hf_proxy_config *before, const hf_proxy_config *now,
                    hf_weaker_found found, void *user);

#endif
