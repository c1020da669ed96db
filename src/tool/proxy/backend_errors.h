/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The last failure of each backend, as the workers told of it (HF_MESSAGE_BACKEND), in the parent: for `proxy status`. */
#ifndef HF_TOOL_PROXY_BACKEND_ERRORS_H
#define HF_TOOL_PROXY_BACKEND_ERRORS_H

#include <jansson.h>

#include <handfast/types.h>

enum { HF_BACKEND_ERRORS_MAX = 4096, HF_BACKEND_ERROR_BYTES = 4096 };

/* errors: an object of the caller's, empty at first. False: it is none; the worker is out of order. */
bool hf_backend_errors_add(json_t *errors, hf_span json);
/* {"at": seconds since 1970, "why": words}, or NULL: it did not fail. */
const json_t *hf_backend_errors_of(const json_t *errors, const char *site, const char *backend);

#endif
