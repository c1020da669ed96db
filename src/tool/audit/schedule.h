/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One target's audit while the loop turns: which inquiry asks next, how many connections there are at a time and a second, and when
 * it is enough. A target that does not answer, or that stops to, costs a few timeouts, not one for each question.
 */
#ifndef HF_TOOL_AUDIT_SCHEDULE_H
#define HF_TOOL_AUDIT_SCHEDULE_H

#include "tool/audit/run.h"

typedef struct hf_audit_course hf_audit_course;

/* done: the audit is over, job->audit.seen is whole and nothing of it is left in the loop. Never called from within a call of these. */
hf_audit_course *hf_audit_course_start(uv_loop_t *loop, hf_worker *worker, hf_audit_job *job,
                                       const hf_audit_settings *settings,
                                       void (*done)(void *user, hf_audit_job *job), void *user);
/* Ends it early, in order: what was seen stays. */
void hf_audit_course_cut(hf_audit_course *course, const char *why);

/* A target that was never asked. False: no memory. */
bool hf_audit_unasked(hf_audit_job *job, const char *why);

#endif
