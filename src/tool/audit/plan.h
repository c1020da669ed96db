/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the options of an audit mean: the books to judge by, whom to trust, how fast to ask. For `handfast audit` and `handfast watch`. */
#ifndef HF_TOOL_AUDIT_PLAN_H
#define HF_TOOL_AUDIT_PLAN_H

#include "tool/audit/run.h"
#include "tool/options.h"

typedef struct hf_audit_plan {
    const hf_audit_options *o;
    const hf_book *books[HF_AUDIT_BOOKS_MAX];
    size_t n_books;
    hf_trust *trust;
    hf_policy policy;
    hf_hooks hooks;
} hf_audit_plan;

/* Options that exclude each other, and books that do not exist. An exit code, after it said what is wrong. */
int hf_audit_plan_check(hf_audit_plan *plan, const hf_audit_options *options);
/* Reads CA certificates and CRLs. An exit code, after it said what is wrong. */
int hf_audit_plan_trust(hf_audit_plan *plan);
/* Books into jobs; everything but who is told what into the settings, which point into the plan. */
void hf_audit_plan_apply(hf_audit_plan *plan, hf_audit_job *jobs, size_t n,
                         hf_audit_settings *settings);
void hf_audit_plan_free(hf_audit_plan *plan);

#endif
