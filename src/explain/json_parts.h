/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the writer of handfast.trace/1 is made of: values of jansson's, and one place that remembers whether memory ran out.
 * docs/trace.md describes every member.
 */
#ifndef HF_EXPLAIN_JSON_PARTS_H
#define HF_EXPLAIN_JSON_PARTS_H

#include <jansson.h>

#include "explain/outputs.h"
#include "explain/prelude_mask.h"

#define HF_TRACE_SCHEMA "handfast.trace/1"

/* Names that both the writer and the reader know, by their enum; NULL ends each. */
extern const char *const hf_jw_sides[];
extern const char *const hf_jw_kinds[];
extern const char *const hf_jw_directions[]; /* of an alert: by hf_alert_direction */
extern const char *const hf_jw_roles[];
extern const char *const hf_jw_proofs[]; /* bit i of HF_CHAIN, … */

/* True once anything could not be made: the output is given up at the end. */
typedef struct hf_jw {
    const hf_story *story;
    bool failed;
    hf_prelude_mask mask; /* empty: secrets are shown */
} hf_jw;

/* Gives the reference to value away; NULL as value is a failure. */
void hf_jw_set(hf_jw *j, json_t *object, const char *name, json_t *value);
void hf_jw_append(hf_jw *j, json_t *array, json_t *value);
/* A string; bytes that are no UTF-8 become '?', one for one. NULL gives null. */
json_t *hf_jw_text(const char *text);
json_t *hf_jw_text_or_null(const char *text); /* "" too */
json_t *hf_jw_hex(hf_span bytes);
json_t *hf_jw_uint(uint64_t value);
/* { "code": 4865, "name": "TLS_AES_128_GCM_SHA256" }; null for 0. */
json_t *hf_jw_code(hf_jw *j, hf_names names, uint64_t value);
/* The same, for registries in which 0 is a value. */
json_t *hf_jw_code_even_0(hf_jw *j, hf_names names, uint64_t value);
/* "2026-11-21T09:00:00.000000Z", without the fraction if us is negative; null for what no calendar has. */
json_t *hf_jw_time(int64_t seconds, int us);
/* ["chain", "signature"] */
json_t *hf_jw_proof_list(hf_jw *j, unsigned proofs);
/* { "client": …, "server": … } */
json_t *hf_jw_both(hf_jw *j, json_t *client, json_t *server);

/* The parts of the document. Never NULL unless j->failed. */
json_t *hf_jw_messages(hf_jw *j);
json_t *hf_jw_events(hf_jw *j);
json_t *hf_jw_chain(hf_jw *j);
json_t *hf_jw_failure(hf_jw *j);
json_t *hf_jw_counts(hf_jw *j);

/* In lines of a length that people and diffs can live with: what has little depth stands on one. */
void hf_jw_print(const json_t *value, hf_sheet *out);

#endif
