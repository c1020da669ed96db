/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Names of backends to addresses. A resolver may hang for a minute; nobody waits for it longer than a deadline, and what it says
 * later is dropped. Literal addresses are never asked for.
 */
#ifndef HF_TOOL_PROXY_RESOLVE_H
#define HF_TOOL_PROXY_RESOLVE_H

#include <netdb.h>

#include "tool/proxy/plan.h"

enum {
    HF_RESOLVE_MS = 3000,
    HF_RESOLVE_THREADS = 8,      /* of one call */
    HF_RESOLVE_THREADS_ALL = 64, /* hanging ones of former calls included */
    HF_RESOLVE_NAME = 256
};

typedef struct hf_wanted {
    char host[HF_RESOLVE_NAME];
    uint16_t port;
    hf_plan_address at[HF_PLAN_ADDRESSES_MAX];
    size_t n;        /* 0: nothing was found … */
    const char *why; /* … static words: "the name does not exist" */
} hf_wanted;

/* As getaddrinfo; tests have one of their own. */
typedef int hf_look_up(const char *host, const char *service, const struct addrinfo *hints,
                       struct addrinfo **found);

/* Fills in all that can be found within that time. look_up NULL: getaddrinfo. */
void hf_resolve(hf_wanted *wanted, size_t n, unsigned deadline_ms, hf_look_up *look_up);
/* Two lists of hf_plan_address: a name server tells a name's in another order each time. */
bool hf_same_addresses(hf_span a, hf_span b);

#endif
