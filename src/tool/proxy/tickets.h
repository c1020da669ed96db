/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Ticket keys of a file that several machines share, so that they accept each other's tickets. */
#ifndef HF_TOOL_PROXY_TICKETS_H
#define HF_TOOL_PROXY_TICKETS_H

#include <handfast/config.h>
#include "tool/proxy/careful.h"

/* A file's keys (96 hex digits a line). False: why, "line 3: …", never with a part of a key. */
bool hf_tickets_read(const hf_careful *file, uint8_t keys[HF_TICKET_KEYS_MAX][HF_TICKET_KEY],
                     size_t *n, char why[192]);

#endif
