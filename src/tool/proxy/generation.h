/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What sites ask for, as parent and worker must agree on it. */
#ifndef HF_TOOL_PROXY_GENERATION_H
#define HF_TOOL_PROXY_GENERATION_H

#include <handfast/policy.h>
#include "tool/proxy/config.h"

/* Are clients asked for a certificate in the handshake? */
bool hf_site_asks(const hf_config_site *site);
/* Allows what any site's policy allows: a hello is judged by it before its site is known. */
void hf_widest_policy(const hf_proxy_config *config, hf_policy *out);

#endif
