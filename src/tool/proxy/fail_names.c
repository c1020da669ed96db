/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Code points in a failure's words by the names that people know: those that the engine does not speak have none there. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain/names.h"
#include "tool/proxy/fail_words.h"

enum { CODE_LEN = 6 }; /* 0x1301 */

static hf_names names_of(hf_error code)
{
    switch (code) {
    case HF_E_VERSION_UNSUPPORTED:
    case HF_E_LEGACY_VERSION: return HF_NAMES_VERSIONS;
    case HF_E_NO_COMMON_SUITE: return HF_NAMES_SUITES;
    case HF_E_NO_COMMON_GROUP: return HF_NAMES_GROUPS;
    case HF_E_NO_COMMON_SCHEME: return HF_NAMES_SCHEMES;
    default: return HF_NAMES_NONE;
    }
}

static const char *name_at(hf_names names, const char *text)
{
    for (int i = 2; i < CODE_LEN; i++)
        if (!isxdigit((unsigned char)text[i]))
            return NULL;
    return hf_name_of(names, strtoul(text, NULL, 16));
}

/* What does not fit stays a number. */
void hf_fail_name_codes(hf_failure *failure)
{
    hf_names names = names_of(failure->code);
    char *text = failure->offered, *at = text;

    while (names != HF_NAMES_NONE && (at = strstr(at, "0x")) != NULL) {
        const char *name = name_at(names, at);
        size_t len = name ? strlen(name) : 0, rest = name ? strlen(at + CODE_LEN) + 1 : 0;
        if (!name || (size_t)(at - text) + len + rest > sizeof failure->offered) {
            at += 2;
            continue;
        }
        memmove(at + len, at + CODE_LEN, rest);
        memcpy(at, name, len);
        at += len;
    }
}
