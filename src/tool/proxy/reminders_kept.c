/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Remembering reminders. A file that is lost or damaged means that something is said twice, and nothing worse. */
#include "tool/proxy/reminders_kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "tool/proxy/careful.h"
#include "tool/proxy/reminders.h"

enum { LINE = 65 + 4 + 21 + 2, DIGITS = 64, LONG_AGO = 90 * 24 * 3600 };

static hf_reminded *find(const hf_reminded_list *list, const char *fingerprint)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->at[i].fingerprint, fingerprint) == 0)
            return &list->at[i];
    return NULL;
}

unsigned hf_reminded_find(const hf_reminded_list *list, const char *fingerprint)
{
    const hf_reminded *one = find(list, fingerprint);

    return one ? one->percent : 0;
}

static bool make_room(hf_reminded_list *list)
{
    if (list->n < list->room)
        return true;
    size_t room = list->room > 0 ? list->room * 2 : 64;
    hf_reminded *at = hf_alloc(room * sizeof *at);
    if (!at)
        return false;
    if (list->n > 0)
        memcpy(at, list->at, list->n * sizeof *at);
    hf_free(list->at);
    list->at = at;
    list->room = room;
    return true;
}

/* In place of the one that ends first, if there are too many. */
static hf_reminded *fresh(hf_reminded_list *list)
{
    if (list->n < HF_REMINDERS_KEPT)
        return make_room(list) ? &list->at[list->n++] : NULL;
    hf_reminded *first = list->at;
    for (size_t i = 1; i < list->n; i++)
        if (list->at[i].not_after < first->not_after)
            first = &list->at[i];
    return first;
}

static bool note(hf_reminded_list *list, const char *fingerprint, unsigned percent,
                 int64_t not_after)
{
    hf_reminded *one = find(list, fingerprint);

    if (one && one->percent >= percent)
        return true;
    if (!one)
        one = fresh(list);
    if (!one)
        return false;
    snprintf(one->fingerprint, sizeof one->fingerprint, "%s", fingerprint);
    one->percent = percent;
    one->not_after = not_after;
    return true;
}

bool hf_reminded_note(hf_reminded_list *list, const hf_expiry *expiry, unsigned percent)
{
    return note(list, expiry->fingerprint, percent, expiry->not_after);
}

static void read_line(hf_reminded_list *list, const char *line)
{
    char fingerprint[DIGITS + 1];
    unsigned percent;
    int64_t not_after;

    if (sscanf(line, "%64[0-9a-f] %3u %" SCNd64, fingerprint, &percent, &not_after) == 3 &&
        strlen(fingerprint) == DIGITS && percent <= 100)
        note(list, fingerprint, percent, not_after);
}

void hf_reminded_read(hf_reminded_list *list, const char *path)
{
    hf_careful f;
    const char *at;

    if (hf_careful_read(path, (size_t)HF_REMINDERS_KEPT * LINE, &f))
        for (at = (const char *)f.bytes; at && *at;
             at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
            read_line(list, at);
    hf_careful_free(&f);
}

char *hf_reminded_text(const hf_reminded_list *list, int64_t now)
{
    size_t room = list->n * LINE + 1, len = 0;
    char *text = hf_alloc(room);

    for (size_t i = 0; text && i < list->n; i++) {
        const hf_reminded *one = &list->at[i];
        if (one->not_after + LONG_AGO < now)
            continue;
        len += (size_t)snprintf(text + len, room - len, "%s %u %" PRId64 "\n", one->fingerprint,
                                one->percent, one->not_after);
    }
    return text;
}

void hf_reminded_free(hf_reminded_list *list)
{
    hf_free(list->at);
    memset(list, 0, sizeof *list);
}
