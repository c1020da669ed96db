/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A path with all escapes undone, for rules that protect. */
#ifndef HF_TOOL_PROXY_HTTP_PATH_H
#define HF_TOOL_PROXY_HTTP_PATH_H

#include "tool/proxy/http_parts.h"

/* What becomes of bytes that some backends drop, and at which others stop: NUL, control characters, what nobody sees, what is no
   UTF-8. */
typedef enum hf_oddities { HF_ODD_KEPT, HF_ODD_DROPPED, HF_ODD_END } hf_oddities;

enum { HF_PATH_MAX = HF_HEAD_START_MAX };

typedef struct hf_plain_path {
    uint8_t data[HF_PATH_MAX];
    size_t len;
    bool odd;     /* there are such bytes */
    bool slashes; /* one or more that were written in another way */
} hf_plain_path;

/*
 * However often it is escaped: %2541 and %25%34%31 are "a". Small letters; "\" is "/", "+" a blank; overlong and wide characters are the
 * ASCII that they stand for. Where a name ends with an odd byte, it ends with ";". False: it is longer than any path.
 */
bool hf_path_plain(hf_span path, hf_oddities oddities, hf_plain_path *plain);

#endif
