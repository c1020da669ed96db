/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The last handshakes that failed, as the workers told of them (HF_MESSAGE_FAILURE, HF_MESSAGE_TRACE), in the parent. What a worker
 * says is looked at before it is believed: it has talked to strangers.
 */
#ifndef HF_TOOL_PROXY_FAILURES_RING_H
#define HF_TOOL_PROXY_FAILURES_RING_H

#include <jansson.h>

#include <handfast/types.h>
#include "tool/text.h"

enum { HF_RING_MAX = 100 /* failures, and traces in the folder */, HF_RING_BYTES_MAX = 16 * 1024 };

typedef struct hf_failures_ring hf_failures_ring;

/* NULL: no memory. */
hf_failures_ring *hf_failures_ring_new(void);
void hf_failures_ring_free(hf_failures_ring *ring);
/* The configuration's `state`, as a path from here, after each load; NULL: no traces are kept. They go to state/failures. False: errno
   says why that cannot be written to (a warning's worth: the proxy serves all the same). */
bool hf_failures_ring_state(hf_failures_ring *ring, const char *state);
/* HF_MESSAGE_FAILURE of that worker. False: it is none; the worker is out of order. */
bool hf_failures_ring_add(hf_failures_ring *ring, unsigned worker, hf_span json);
/* HF_MESSAGE_TRACE: comes before the failure that it belongs to. False as above; a file that cannot be written is no reason. */
bool hf_failures_ring_trace(hf_failures_ring *ring, unsigned worker, hf_span json);
/* An array, newest first: what came, explained (sentence, source, hint), with `trace`: the file's name or null. NULL: no memory. */
json_t *hf_failures_ring_json(const hf_failures_ring *ring);
/* `proxy status --failures`: that array in words. */
bool hf_failures_words(const json_t *failures, hf_text *out);

#endif
