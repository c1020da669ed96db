/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The report of `connect --json`: schema handfast.connect/1. Members may be added, never changed. */
#ifndef HF_TOOL_JSON_REPORT_H
#define HF_TOOL_JSON_REPORT_H

#include "tool/outcome.h"

/* The caller owns it. NULL: no memory. */
json_t *hf_json_report(const hf_outcome *outcome);
/* What a connection agreed on: version, cipher_suite … into `object`; null members where it is not known yet. Shared
   with the lines of `serve --json`. */
void hf_json_agreed(json_t *object, hf_conn *conn);
/* For servers: who the client proved to be, as the member client_certificate. */
void hf_json_client(json_t *object, hf_conn *conn);
/* One certificate: subject, sans, not_after …; null if it cannot be read. */
json_t *hf_json_certificate(hf_span der);

#endif
