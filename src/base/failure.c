/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A failure record as one line for people: what, where, what was wrong with it, whose fault. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

typedef struct line {
    char *text;
    size_t room, len;
} line;

static void add(line *l, const char *before, const char *text, const char *after)
{
    if (!text || !*text || l->len + 1 >= l->room)
        return;
    int n = snprintf(l->text + l->len, l->room - l->len, "%s%s%s", before, text, after);
    l->len += n > 0 ? (size_t)n : 0;
    if (l->len >= l->room)
        l->len = l->room - 1;
}

char *hf_failure_place(const hf_failure *f, char *text, size_t room)
{
    const char *place = *f->field ? f->field : f->message;
    char byte[32] = "";

    if (place && f->offset >= 0)
        snprintf(byte, sizeof byte, ", byte %" PRId64, f->offset);
    if (place)
        snprintf(text, room, "in %s%s", place, byte);
    else if (!f->step || strcmp(f->step, "connected") == 0)
        snprintf(text, room, "%s", f->step ? "after the handshake" : "");
    else
        snprintf(text, room, "while waiting for %s", f->step);
    return text;
}

static void add_alert(line *l, const hf_failure *f)
{
    if (f->alert_direction == HF_ALERT_SENT)
        add(l, ", told by ", hf_alert_name(f->alert), "");
}

static const char *fault(hf_blame blame)
{
    static const char *const words[] = { "the peer's fault", "our fault", "the network's fault",
                                         "the configuration's fault", "the policy's doing" };

    return words[blame <= HF_BLAME_POLICY ? blame : HF_BLAME_US];
}

char *hf_failure_text(const hf_failure *f, char *text, size_t room)
{
    const hf_error_row *row = hf_error_row_of(f->code);
    bool alert = f->alert_direction == HF_ALERT_RECEIVED;
    char place[HF_FAILURE_PLACE_MAX];
    line l = { text, room, 0 };

    if (room > 0)
        *text = '\0';
    add(&l, "", row->sentence, "");
    if (!alert) /* whose fault it was, and where, only the peer knows */
        add(&l, ", ", hf_failure_place(f, place, sizeof place), "");
    if (strcmp(f->rule, row->sentence) != 0)
        add(&l, ": ", f->rule, "");
    add(&l, "; expected ", f->expected, "");
    add(&l, "; offered ", f->offered, "");
    if (!alert)
        add(&l, "; ", fault(f->blame), "");
    add_alert(&l, f);
    return text;
}
