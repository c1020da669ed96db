/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Commands of reminders: the facts of one, for tool/shell.h. For reminders.c. */
#ifndef HF_TOOL_PROXY_REMINDERS_RUN_H
#define HF_TOOL_PROXY_REMINDERS_RUN_H

#include "tool/proxy/reminders.h"
#include "tool/shell.h"

/* What fails is told to the log. */
hf_shell *hf_reminder_shell(uv_loop_t *loop, hf_log *log);
void hf_reminder_run(hf_shell *shell, const char *command, const hf_expiry *expiry,
                     unsigned percent, int64_t now);

const char *hf_expiry_kind(const hf_expiry *expiry); /* "client_ca" */
/* Rounded down; below 0: it is over. */
long hf_expiry_days(const hf_expiry *expiry, int64_t now);

#endif
