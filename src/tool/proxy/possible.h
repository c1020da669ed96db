/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What `proxy run` would end with after a configuration was loaded, as far as that can be seen without doing it, and by another user
 * than will run it: so a port that is taken is no fault, as a proxy that runs may have it, and neither is a right that we have not.
 */
#ifndef HF_TOOL_PROXY_POSSIBLE_H
#define HF_TOOL_PROXY_POSSIBLE_H

#include "tool/proxy/config.h"

/* Puts all of it into faults, in the order in which `run` asks. The status that it would end with; HF_EXIT_OK: nothing was found. */
int hf_possible(const hf_proxy_config *config, hf_config_faults *faults);
/* What is no fault, and may become one: each line without its end. */
void hf_possible_warnings(const hf_proxy_config *config, void (*each)(void *user, const char *line),
                          void *user);

#endif
