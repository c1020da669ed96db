/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The parts of the comparison with a baseline, for report_compare*.c alone. */
#ifndef HF_AUDIT_REPORT_COMPARE_H
#define HF_AUDIT_REPORT_COMPARE_H

#include "audit/report_json.h"

enum { HF_AC_LINE = 4096 };

/* Of a member that is a string; "" for anything else. */
const char *hf_ac_text(const json_t *object, const char *name);
bool hf_ac_same(hf_audit_change *change, const json_t *object, const char *name, const char *text);
/* A line; what is over HF_CHANGES_MAX is only counted. */
void hf_ac_fact(hf_audit_change *change, const char *format, ...) HF_PRINTF(2, 3);
/* Versions, lists, certificates and traits that are not as they were. */
void hf_ac_facts(hf_audit_change *change, const hf_seen *seen, const json_t *target);

#endif
