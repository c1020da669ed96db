/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Reminders of what expires (parent): at the configured shares of its lifetime a certificate, client CA, CRL or staple is told of
 * once: a line of the log, a counter, and `reminders: {command: …}` run by /bin/sh with the facts in its environment
 *
 *     HANDFAST_FILE, HANDFAST_NAME, HANDFAST_KIND (certificate, client_ca, crl, staple), HANDFAST_NOT_AFTER (2027-01-31T00:00:00Z),
 *     HANDFAST_PERCENT (of the lifetime that is over, as configured), HANDFAST_DAYS (whole days left; below 0: expired)
 *
 * What was told is remembered in the `state` folder, so that a restart does not say it again.
 */
#ifndef HF_TOOL_PROXY_REMINDERS_H
#define HF_TOOL_PROXY_REMINDERS_H

#include <uv.h>

#include "tool/proxy/load.h"
#include "tool/proxy/log.h"

typedef struct hf_reminders hf_reminders;

enum {
    HF_REMINDERS_KEPT = 8192,           /* that are remembered */
    HF_REMINDER_COMMANDS = 4,           /* that run at the same time … */
    HF_REMINDER_COMMANDS_WAITING = 256, /* … and that wait for it; more are only logged */
    HF_REMINDER_COMMAND_MS = 30000,     /* then it is killed */
    HF_REMINDERS_EVERY_MS = 60000
};

/* In the parent's loop. NULL: no memory. */
hf_reminders *hf_reminders_start(uv_loop_t *loop, hf_log *log);
/* This load counts from now on; what is needed of it is copied. Looks at once, then every minute. */
void hf_reminders_loaded(hf_reminders *reminders, const hf_loaded *loaded);
/* Reminders that were sent since the start: for /metrics. */
uint64_t hf_reminders_sent(const hf_reminders *reminders);
/* Commands that failed, took too long or could not be started. */
uint64_t hf_reminders_failed(const hf_reminders *reminders);
/* Closes its handles and frees itself when the loop has called back for the last of them. Commands that run are left to run. */
void hf_reminders_stop(hf_reminders *reminders);

#endif
