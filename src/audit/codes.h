/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Lists of code points that a server turned out to speak: bounded, in the order in which they were found. */
#ifndef HF_AUDIT_CODES_H
#define HF_AUDIT_CODES_H

#include <handfast/types.h>

enum { HF_CODES_MAX = 448 }; /* more than IANA has suites */

typedef struct hf_codes {
    uint16_t at[HF_CODES_MAX];
    size_t n;
} hf_codes;

/* False: full. A code that is there already is not added again. */
bool hf_codes_add(hf_codes *codes, uint16_t code);
bool hf_codes_have(const hf_codes *codes, uint16_t code);
/* Takes it out; the order of the others stays. False: it was not there. */
bool hf_codes_drop(hf_codes *codes, uint16_t code);

#endif
