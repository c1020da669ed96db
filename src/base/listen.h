/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whether anybody listens to what is told: one question, asked before anything is prepared for a listener. Alone in a header, so that
 * `make bench-trace` can put one in its place that answers no, and see what asking costs.
 */
#ifndef HF_BASE_LISTEN_H
#define HF_BASE_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

static inline bool hf_listens(const void *sink)
{
    return sink != NULL;
}

#endif
