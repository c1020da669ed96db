/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The page of `serve`: it shows the visitor his own handshake, as HTML, plain text or JSON. */
#ifndef HF_TOOL_STATUS_PAGE_H
#define HF_TOOL_STATUS_PAGE_H

#include <handfast/conn.h>
#include "tool/http_request.h"
#include "tool/text.h"

enum { HF_PAGE_MAX = 32 * 1024 };

/* The whole response, head and body, for a request whose status is not 0. False: it did not fit into memory. */
bool hf_status_page(hf_text *response, const hf_http_request *request, hf_conn *conn,
                    const char *visitor);

#endif
