/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Making a generation of a plan takes a millisecond or two a certificate (keys are parsed and checked). So it is done by a thread
 * beside the loop, and no connection waits for a reload.
 */
#ifndef HF_TOOL_PROXY_BUILDER_H
#define HF_TOOL_PROXY_BUILDER_H

#include <uv.h>

#include "tool/proxy/worker.h"

enum { HF_BUILDER_WHY = 512 };

/* NULL: why. */
typedef void (*hf_builder_done)(void *user, hf_generation *made, const char *why);

typedef struct hf_builder {
    uv_async_t over;
    uv_thread_t thread;
    hf_sessions *sessions;
    hf_builder_done done;
    void *user;
    hf_plan plan, next; /* what is built; what came meanwhile */
    hf_generation *made;
    char why[HF_BUILDER_WHY];
    bool busy, threaded, forgotten, has_next;
} hf_builder;

bool hf_builder_start(hf_builder *builder, uv_loop_t *loop, hf_sessions *sessions,
                      hf_builder_done done, void *user);
/* Takes over the plan; `done` follows, never within the call. What was under way before is forgotten. */
void hf_builder_take(hf_builder *builder, const hf_plan *plan);
/* `done` does not come. */
void hf_builder_forget(hf_builder *builder);
/* Waits for the thread, closes its handle. */
void hf_builder_stop(hf_builder *builder);

#endif
