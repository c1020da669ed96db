/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A connection to a backend of a site: one that waits in the pool, or a new one, over TCP, a Unix socket or TLS, with a PROXY
 * protocol header if the configuration says so (such connections are one client's and never pooled). A failed connect tries the next backend.
 */
#ifndef HF_TOOL_PROXY_BACK_H
#define HF_TOOL_PROXY_BACK_H

#include "tool/proxy/front.h"

enum {
    HF_POOL_MAX = 64 /* unused connections of a backend, a worker */,
    HF_POOL_IDLE_MS = 60000,
    HF_BACK_TRIES_MAX = 8,
    HF_BACK_FAILED_MS =
        2000 /* a backend that could not be reached is tried after the others for so long */
};

typedef struct hf_back hf_back;

typedef struct hf_back_ops {
    void (*ready)(
        hf_back *back); /* connected, and proved if TLS is spoken. Never within hf_back_get */
    void (*data)(hf_back *back, hf_span bytes);
    void (*end)(hf_back *back); /* it says no more */
    void (*drained)(hf_back *back);
    /* The last call: why, in words for the log. !ready before: no backend could be reached. */
    void (*failed)(hf_back *back, const char *why);
} hf_back_ops;

struct hf_back {
    hf_stream stream; /* its user is the back */
    hf_site *site;
    hf_backend *backend;
    hf_front *front; /* whose it is; NULL in the pool */
    const hf_back_ops *ops;
    void *user;
    hf_back *next_idle;
    uint32_t
        used; /* how many times before: 0, it is fresh. A pooled one may turn out to be gone: ask again with fresh */
    uint64_t
        tried; /* a bit a backend of the site, in this round: a round tries each once, at its next address */
    const char *why; /* why the last try failed, static … */
    char *trouble;   /* … or, of its TLS, ours */
    uint8_t tries, round;
    uint16_t first; /* backend of the first try */
    bool is_ready, is_idle, is_released;
};

/* NULL: no memory, or no address is known (why). fresh: not one of the pool. */
hf_back *hf_back_get(hf_front *front, bool fresh, const hf_back_ops *ops, void *user,
                     const char **why);
/* Nobody's any more: into the pool if keep (the response was whole and said so), else closed. No call follows. */
void hf_back_release(hf_back *back, bool keep);
/* "127.0.0.1:9000" */
const char *hf_back_name(const hf_back *back);
/* Closes the unused connections of a generation that is retired. */
void hf_back_forget(hf_generation *generation);

#endif
