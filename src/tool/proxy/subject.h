/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One attribute out of the text of a distinguished name, as the engine writes it (hf_peer.subject). */
#ifndef HF_TOOL_PROXY_SUBJECT_H
#define HF_TOOL_PROXY_SUBJECT_H

#include <stddef.h>

enum {
    HF_SUBJECT_CUT = 250 /* a text this long may have been cut in the middle of its last value */
};

/* The first CN, unescaped. NULL: there is none, or it is not sure to be all of it, or no text (bytes in hexadecimal). */
const char *hf_subject_cn(const char *subject, char *out, size_t room);

#endif
