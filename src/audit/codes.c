/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Lists of code points: a bounded array, without doubles. */
#include "audit/codes.h"

#include <string.h>

/* Its place; codes->n: it is not there. */
static size_t place(const hf_codes *codes, uint16_t code)
{
    size_t i = 0;

    while (i < codes->n && codes->at[i] != code)
        i++;
    return i;
}

bool hf_codes_have(const hf_codes *codes, uint16_t code)
{
    return place(codes, code) < codes->n;
}

bool hf_codes_add(hf_codes *codes, uint16_t code)
{
    if (hf_codes_have(codes, code))
        return true;
    if (codes->n == HF_CODES_MAX)
        return false;
    codes->at[codes->n++] = code;
    return true;
}

bool hf_codes_drop(hf_codes *codes, uint16_t code)
{
    size_t i = place(codes, code);

    if (i == codes->n)
        return false;
    codes->n--;
    memmove(codes->at + i, codes->at + i + 1, (codes->n - i) * sizeof *codes->at);
    return true;
}
