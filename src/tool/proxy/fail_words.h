/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a failed handshake is in the proxy's words: where the library's own speak of what the proxy did itself, or of an option of another command. */
#ifndef HF_TOOL_PROXY_FAIL_WORDS_H
#define HF_TOOL_PROXY_FAIL_WORDS_H

#include <handfast/error.h>
#include "tool/proxy/counters.h"

typedef struct hf_fail_words {
    const char *sentence, *source, *hint; /* never NULL */
    hf_blame blame;
} hf_fail_words;

hf_fail_words hf_fail_words_of(const hf_failure *failure);
/* What to do about failures of that row, where there is one thing to say; or NULL. */
const char *hf_fail_hint_of(hf_fail_reason reason);
/* Versions, suites and the like in what was offered, by name (fail_names.c). */
void hf_fail_name_codes(hf_failure *failure);
/* One line: hf_failure_text, or the sentence where the proxy ended the handshake itself. Returns text. */
char *hf_fail_text(const hf_failure *failure, char *text, size_t room);

#endif
