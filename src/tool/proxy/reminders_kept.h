/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which reminders were sent, as lines of a file: `FINGERPRINT PERCENT NOT_AFTER`. For reminders.c. */
#ifndef HF_TOOL_PROXY_REMINDERS_KEPT_H
#define HF_TOOL_PROXY_REMINDERS_KEPT_H

#include "tool/proxy/load.h"

typedef struct hf_reminded {
    char fingerprint[65];
    unsigned percent; /* the highest that was sent */
    int64_t not_after;
} hf_reminded;

typedef struct hf_reminded_list {
    hf_reminded *at;
    size_t n, room;
} hf_reminded_list;

/* What was sent of it; 0: nothing. */
unsigned hf_reminded_find(const hf_reminded_list *list, const char *fingerprint);
/* False: no memory; it will be said again. */
bool hf_reminded_note(hf_reminded_list *list, const hf_expiry *expiry, unsigned percent);
/* Adds the lines of a file; what is no such line is passed over. */
void hf_reminded_read(hf_reminded_list *list, const char *path);
/* Lines, in fresh memory (hf_free), without what ended long before `now`. NULL: no memory. */
char *hf_reminded_text(const hf_reminded_list *list, int64_t now);
void hf_reminded_free(hf_reminded_list *list);

#endif
