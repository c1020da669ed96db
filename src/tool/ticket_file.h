/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `serve --ticket-keys FILE`: keys that several servers share, so that they accept each other's tickets. */
#ifndef HF_TOOL_TICKET_FILE_H
#define HF_TOOL_TICKET_FILE_H

#include <handfast/config.h>

typedef struct hf_ticket_file {
    uint8_t keys[HF_TICKET_KEYS_MAX][HF_TICKET_KEY]; /* the first seals, all open */
    size_t n;
} hf_ticket_file;

/* A line is 96 hex digits. An exit code, after it said what is wrong. Whatever comes out, wipe it. */
int hf_ticket_file_read(hf_ticket_file *file, const char *path);

#endif
