/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a certificate authority asks for over plain HTTP (RFC 8555 8.3), from the folder `challenges`. */
#ifndef HF_TOOL_PROXY_CHALLENGE_H
#define HF_TOOL_PROXY_CHALLENGE_H

#include "tool/proxy/config.h"

enum { HF_CHALLENGE_MAX = 64 * 1024, HF_CHALLENGE_TOKEN = 128 };

/* The path is one below /.well-known/acme-challenge/. */
bool hf_challenge_is_path(hf_span path);
/* The file of that path, in fresh memory (hf_free); NULL: there is none. */
uint8_t *hf_challenge_read(const hf_proxy_config *config, hf_span path, size_t *len);

#endif
