/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a reminder's command is told in its environment, and what the log is told when it fails. */
#include "tool/proxy/reminders_run.h"

#include <stdio.h>

#include "tool/proxy/load_test.h"
#include "x509/x509.h"

enum { FACTS = 6, FACT_ROOM = 512, DAY = 24 * 3600, FILE_FACT = 0, PERCENT_FACT = 4 };

const char *hf_expiry_kind(const hf_expiry *expiry)
{
    static const char *const kinds[] = { "certificate", "client_ca", "crl", "staple" };

    return kinds[expiry->what];
}

long hf_expiry_days(const hf_expiry *expiry, int64_t now)
{
    int64_t left = expiry->not_after - now;

    return (long)(left >= 0 ? left / DAY : -((-left + DAY - 1) / DAY));
}

static void say_failed(void *user, const char *why, const char *const *facts, size_t n)
{
    if (n == FACTS)
        hf_log_say(user, HF_SAY_WARNING, "reminder_command",
                   "the command for a reminder: %s (%s, %s)", why, facts[FILE_FACT],
                   facts[PERCENT_FACT]);
}

hf_shell *hf_reminder_shell(uv_loop_t *loop, hf_log *log)
{
    hf_shell_limits limits = { .at_once = HF_REMINDER_COMMANDS,
                               .waiting = HF_REMINDER_COMMANDS_WAITING,
                               .ms = hf_load_world.command_ms ? hf_load_world.command_ms
                                                              : HF_REMINDER_COMMAND_MS };

    return hf_shell_new(loop, &limits, say_failed, log);
}

void hf_reminder_run(hf_shell *shell, const char *command, const hf_expiry *e, unsigned percent,
                     int64_t now)
{
    char end[24], facts[FACTS][FACT_ROOM];
    const char *list[FACTS];

    hf_time_text(e->not_after, end);
    snprintf(facts[FILE_FACT], FACT_ROOM, "HANDFAST_FILE=%s", e->file);
    snprintf(facts[1], FACT_ROOM, "HANDFAST_NAME=%s", e->name);
    snprintf(facts[2], FACT_ROOM, "HANDFAST_KIND=%s", hf_expiry_kind(e));
    snprintf(facts[3], FACT_ROOM, "HANDFAST_NOT_AFTER=%s", end);
    snprintf(facts[PERCENT_FACT], FACT_ROOM, "HANDFAST_PERCENT=%u", percent);
    snprintf(facts[5], FACT_ROOM, "HANDFAST_DAYS=%ld", hf_expiry_days(e, now));
    for (size_t i = 0; i < FACTS; i++)
        list[i] = facts[i];
    hf_shell_run(shell, command, list, FACTS);
}
