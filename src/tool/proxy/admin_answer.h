/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A request to the admin port, as bytes, and its answer, as bytes. */
#ifndef HF_TOOL_PROXY_ADMIN_ANSWER_H
#define HF_TOOL_PROXY_ADMIN_ANSWER_H

#include "tool/proxy/status.h"

/* How many bytes of the input were the request; 0: it is not whole yet. out: the whole answer; last: the connection ends behind it. */
size_t hf_admin_answer(hf_span in, const hf_status *status, hf_text *out, bool *last);

#endif
