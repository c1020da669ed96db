/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What two configurations differ in, a line each: "sites[a.test].policy: default -> modern". Part of reload_words.c. */
#ifndef HF_TOOL_PROXY_RELOAD_KEYS_H
#define HF_TOOL_PROXY_RELOAD_KEYS_H

#include <jansson.h>

#include "tool/proxy/config.h"

/* Appends to the array `out`: all keys but sites. */
void hf_reload_compare_top(json_t *out, const hf_proxy_config *a, const hf_proxy_config *b);
/* The keys of one site. */
void hf_reload_compare_site(json_t *out, const char *label, const hf_config_site *a,
                            const hf_config_site *b);

#endif
