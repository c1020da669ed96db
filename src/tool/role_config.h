/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the configs of both roles have in common: policy, protocols, time limit, seal. */
#ifndef HF_TOOL_ROLE_CONFIG_H
#define HF_TOOL_ROLE_CONFIG_H

#include <handfast/config.h>
#include "tool/options.h"

/* A config with the policy that the options ask for, and the rules for the other end's certificates. An exit code, after it
   said what is wrong; *config is NULL then. */
int hf_role_config(hf_role role, const hf_protocol_options *protocol, hf_cert_profile profile,
                   hf_revocation revocation, hf_config **config);
/* Protocols (none if n_alpn is 0) and the handshake's time limit; then it is sealed. */
int hf_role_config_seal(hf_config *config, hf_role role, const hf_protocol_options *protocol,
                        const char *const *alpn, size_t n_alpn, long timeout_ms);

#endif
