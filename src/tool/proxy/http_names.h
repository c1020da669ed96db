/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Fields that are not passed on as they came: one connection's alone. Those of the proxy are http_rewrite.h's. */
#ifndef HF_TOOL_PROXY_HTTP_NAMES_H
#define HF_TOOL_PROXY_HTTP_NAMES_H

#include "tool/proxy/http_parts.h"
#include "tool/proxy/http_rewrite.h"

/* One connection's by its name, or one that is always written anew (framing). */
bool hf_field_is_hop(hf_span name);
/* Content-Length or Transfer-Encoding to a backend that folds names ("content_length", "content!length"), and to nobody else. */
bool hf_field_is_framing_in_disguise(hf_span name);
/* Named by this message's Connection, and may be. */
bool hf_field_is_nominated(const hf_head *head, hf_span name);

#endif
