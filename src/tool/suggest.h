/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* "Did you mean": the nearest word of a list, and the words that other tools use for ours. */
#ifndef HF_TOOL_SUGGEST_H
#define HF_TOOL_SUGGEST_H

#include <handfast/types.h>

/* Insertions, deletions, changes and swaps of neighbours that turn a into b; case is ignored. Words
   over 40 bytes are far from everything. */
size_t hf_edit_distance(const char *a, const char *b);

/* Keeps the nearest of the words that it is shown. Start with { .word = … } and the rest zero. */
typedef struct hf_nearest {
    const char *word; /* as typed, without dashes */
    const char *best; /* NULL: nothing is near enough */
    size_t distance;
} hf_nearest;
void hf_nearest_try(hf_nearest *nearest, const char *candidate);

/* What another tool calls something of ours. */
typedef struct hf_foreign {
    const char *theirs; /* "--cacert", or a sub-command without dashes */
    const char *whose;  /* "curl" */
    const char *ours;   /* "--ca" */
    const char *remark; /* one more sentence, or "" */
} hf_foreign;
/* Matches the exact word, without "=value"; NULL: no tool's that we know.
   A word may have several rows, for several of our commands. */
const hf_foreign *hf_foreign_of(const char *word, size_t len);
/* Is the row about that word? */
bool hf_foreign_is(const hf_foreign *row, const char *word, size_t len);
/* Row i; NULL past the end. */
const hf_foreign *hf_foreign_row(size_t i);

#endif
