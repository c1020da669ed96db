/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Bytes that came and cannot be used yet. It holds memory only while it holds bytes, and never more than it is told. */
#ifndef HF_TOOL_PROXY_INBOX_H
#define HF_TOOL_PROXY_INBOX_H

#include <handfast/types.h>

typedef struct hf_inbox {
    uint8_t *data;
    size_t at, len, room; /* from `at` on, `len` bytes */
} hf_inbox;

enum { HF_INBOX_MAX = 160 * 1024 };

hf_span hf_inbox_span(const hf_inbox *inbox);
/* False: no memory, or more than HF_INBOX_MAX. May move what is there. */
bool hf_inbox_put(hf_inbox *inbox, hf_span bytes);
/* The first n are used up. */
void hf_inbox_take(hf_inbox *inbox, size_t n);
void hf_inbox_clear(hf_inbox *inbox);

#endif
