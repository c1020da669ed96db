/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Points and lengths of time as options spell them. */
#ifndef HF_TOOL_MOMENT_H
#define HF_TOOL_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

/* "2026-11-21" (its midnight, UTC), "2026-11-21T10:00:00Z" or seconds since 1970. */
bool hf_moment_read(const char *text, int64_t *seconds);
/* "36h", "14d", "2w" in seconds. */
bool hf_span_of_time(const char *text, int64_t *seconds);

#endif
