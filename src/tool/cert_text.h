/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates on stdout, shared by the `cert` sub-commands. */
#ifndef HF_TOOL_CERT_TEXT_H
#define HF_TOOL_CERT_TEXT_H

#include "tool/ca_store.h"

/* "2026-11-21 10:00:00 UTC (in 89 days)" */
enum { HF_WHEN_ROOM = 80 };
void hf_when_text(int64_t when, int64_t now, char out[HF_WHEN_ROOM]);

/* "90 days left", "expired 20 days ago", "not yet valid: in 3 days" */
void hf_validity_text(int64_t from, int64_t until, int64_t now, char out[HF_WHEN_ROOM]);

/* Files, key, names and end of what was just made. */
void hf_cert_text_made(const hf_made *made);
/* Everything about one certificate, number `i` (from 1) of `n`. */
void hf_cert_text_whole(const hf_cert_summary *summary, size_t i, size_t n);

#endif
