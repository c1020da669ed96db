/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The parts of handfast.audit/1, for report*.c alone. Values are made as src/explain/json_parts.h has them. */
#ifndef HF_AUDIT_REPORT_JSON_H
#define HF_AUDIT_REPORT_JSON_H

#include "audit/report_parts.h"
#include "explain/json_parts.h"

#define HF_AUDIT_SCHEMA "handfast.audit/1"

/* A string in which everything can be seen: what a peer chose may go to a terminal, too. NULL gives null. */
json_t *hf_aj_text(const char *text);
json_t *hf_aj_text_or_null(const char *text); /* "" too */
/* The number of a piece of evidence; null for none. */
json_t *hf_aj_evidence(size_t number);
/* Each line a string. */
json_t *hf_aj_lines(hf_jw *j, const char *text);
json_t *hf_aj_seen(hf_jw *j, const hf_seen *seen);
json_t *hf_aj_chains(hf_jw *j, const hf_seen *seen);
json_t *hf_aj_judgement(hf_jw *j, const hf_judgement *judgement);
json_t *hf_aj_change(hf_jw *j, const hf_audit *audit); /* null: no baseline */

#endif
