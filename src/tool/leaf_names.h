/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The names that a leaf is for: from the command line, or from a certificate or request. */
#ifndef HF_TOOL_LEAF_NAMES_H
#define HF_TOOL_LEAF_NAMES_H

#include "base/bytes.h"

enum { HF_LEAF_NAMES_MAX = 128 };

/* Texts of their own. */
typedef struct hf_leaf_names {
    const char *at[HF_LEAF_NAMES_MAX];
    size_t n;
} hf_leaf_names;

/* From the content of GeneralNames. HF_EXIT_USAGE after a message: a name of a kind that is not signed, none, too many.
   `what` they stand in: "request". */
int hf_leaf_names_read(hf_span san, const char *what, hf_leaf_names *names);
void hf_leaf_names_free(hf_leaf_names *names);

/* Are they names of a server or, for a client, also mail addresses? HF_EXIT_USAGE after a message. */
int hf_leaf_names_check(const char *const *names, size_t n, bool client);
/* Each once: DNS does not know capitals. Returns how many. */
size_t hf_leaf_names_once(const char *const *names, size_t n, const char *out[HF_LEAF_NAMES_MAX]);
/* The one that stands in the subject (the names that count are the SANs); NULL: none does. */
const char *hf_leaf_subject(const char *const *names, size_t n);

#endif
