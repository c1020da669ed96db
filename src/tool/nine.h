/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The handshake of TLS 1.2 in the nine steps by which it is taught: their headings, around the steps of a story that is being
 * told; and what happens in those of the nine that have no message of their own. Nothing is said of TLS 1.3.
 */
#ifndef HF_TOOL_NINE_H
#define HF_TOOL_NINE_H

#include <stdbool.h>
#include <stddef.h>

struct
    hf_story; /* explain/story.h, whose names and say.h's marks of colour do not go together everywhere */

typedef struct hf_nine {
    unsigned told; /* bits of the nine steps that were announced */
    bool aside;    /* what stands between two steps was announced last */
} hf_nine;

typedef void hf_say(const char *format, ...);

/* "Step 4 of 9: the premaster secret", before the first message of a step; and what stands between two of them. */
void hf_nine_before(hf_nine *nine, const struct hf_story *story, size_t step, hf_say *say);
/* The steps that have no message, after the message or the proof that leads to them. */
void hf_nine_after(hf_nine *nine, const struct hf_story *story, size_t step, hf_say *say);

#endif
