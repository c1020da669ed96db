/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Words of `handfast proxy`: why handshakes failed, and security events, as its log, metrics and status name them. */
#include <string.h>

#include "tool/explain.h"
#include "tool/proxy/counters.h"
#include "tool/proxy/fail_words.h"
#include "tool/proxy/telling.h"

static const char *whose(const char *side)
{
    return strcmp(side, "peer") == 0     ? "the client's"
           : strcmp(side, "us") == 0     ? "the proxy's"
           : strcmp(side, "config") == 0 ? "the configuration's"
           : strcmp(side, "policy") == 0
               ? "nobody's: both are sound, and one allows less than the other needs"
               : "the network's";
}

static void add_row(hf_entry *entry, hf_fail_reason reason)
{
    const hf_fail_row *row = hf_fail_row_of(reason);
    const char *hint = hf_fail_hint_of(reason);

    hf_entry_line(entry, "", "%s", row->help);
    hf_entry_line(entry, "fault", "%s", whose(row->side));
    if (strcmp(row->alert, "none") != 0 && strcmp(row->alert, "other") != 0)
        hf_entry_line(entry, "alert", "%s", row->alert);
    hf_entry_line(entry, "hint", "%s", hint ? hint : "");
}

static void explain_failures(const hf_asked *asked, hf_entries *entries)
{
    for (int r = 0; r < HF_FAIL_COUNT; r++) {
        hf_entry entry;
        if (!hf_asked_is(asked, hf_fail_row_of((hf_fail_reason)r)->reason))
            continue;
        hf_entry_begin(&entry, "why a client of handfast proxy did not get through",
                       hf_fail_row_of((hf_fail_reason)r)->reason, "");
        add_row(&entry, (hf_fail_reason)r);
        hf_entries_put(entries, &entry);
    }
}

void hf_explain_reasons(const hf_asked *asked, hf_entries *entries)
{
    explain_failures(asked, entries);
    for (unsigned e = 0; e < HF_EVENT_OF_COUNT; e++) {
        const hf_event_row *row = hf_event_row_of((hf_event_kind)e);
        hf_entry entry;
        if (!hf_asked_is(asked, row->name))
            continue;
        hf_entry_begin(&entry, "a security event of handfast proxy", row->name, "");
        hf_entry_line(&entry, "", "%s", row->help);
        hf_entries_put(entries, &entry);
    }
}

void hf_explain_each_reason(void (*each)(void *user, const char *name), void *user)
{
    for (int r = 0; r < HF_FAIL_COUNT; r++)
        each(user, hf_fail_row_of((hf_fail_reason)r)->reason);
    for (unsigned e = 0; e < HF_EVENT_OF_COUNT; e++)
        each(user, hf_event_row_of((hf_event_kind)e)->name);
}
