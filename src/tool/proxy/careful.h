/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Files that others write, read so that nothing in their place can hold the proxy up or surprise it: no FIFO is waited for, no
 * device or folder is read, nothing endless is swallowed, and a file that changed while it was read is read once more.
 */
#ifndef HF_TOOL_PROXY_CAREFUL_H
#define HF_TOOL_PROXY_CAREFUL_H

#include <handfast/types.h>

typedef struct hf_careful {
    uint8_t *bytes; /* NULL: it could not be read; else with a NUL behind them */
    size_t len;
    unsigned mode;    /* permissions of the file itself, links followed */
    char why[192];    /* if not: "there is no such file" … */
    const char *todo; /* … and what to do; static */
} hf_careful;

/* False: out->why. The file must have 1 to `limit` bytes. */
bool hf_careful_read(const char *path, size_t limit, hf_careful *out);
void hf_careful_free(hf_careful *file); /* wipes */

#endif
