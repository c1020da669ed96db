/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Text put together in a buffer of fixed size: what does not fit is cut off, the NUL always fits. */
#ifndef HF_X509_LABEL_H
#define HF_X509_LABEL_H

#include "base/bytes.h"

typedef struct hf_label {
    char *out;
    size_t room, len;
    bool cut;
} hf_label;

static inline hf_label hf_label_start(char *out, size_t room)
{
    if (room > 0)
        out[0] = '\0';
    return (hf_label){ out, room, 0, false };
}

/* All of it or, when there is no room, nothing from here on: no half character, no half escape. */
static inline void hf_label_put(hf_label *t, const char *bytes, size_t len)
{
    if (t->cut || t->room == 0 || len > t->room - 1 - t->len) {
        t->cut = true;
        return;
    }
    memcpy(t->out + t->len, bytes, len);
    t->len += len;
    t->out[t->len] = '\0';
}

static inline void hf_label_add(hf_label *t, const char *words)
{
    hf_label_put(t, words, strlen(words));
}

#endif
