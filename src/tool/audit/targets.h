/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Whom `handfast audit` is asked to look at: words of the command line and lines of --file, as jobs. */
#ifndef HF_TOOL_AUDIT_TARGETS_H
#define HF_TOOL_AUDIT_TARGETS_H

#include "tool/audit/run.h"
#include "tool/options.h"

enum { HF_AUDIT_UNASKED_MAX = 100 /* hosts for which nobody is asked whether he means it */ };

typedef struct hf_audit_list {
    hf_audit_job *jobs;
    size_t n, room;
} hf_audit_list;

/* All of them, each once. An exit code, after it said what is wrong. hf_audit_list_free in any case. */
int hf_audit_list_read(const hf_audit_options *options, hf_audit_list *list);
/* More than HF_AUDIT_UNASKED_MAX hosts: asks on the terminal, unless --yes was given. An exit code, after it said why not. */
int hf_audit_list_confirm(const hf_audit_options *options, const hf_audit_list *list);
void hf_audit_list_free(hf_audit_list *list);

#endif
