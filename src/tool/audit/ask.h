/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One question over one connection: dialled, the dialogue of --starttls if there is one, the bytes, handshake or request that an
 * inquiry wants, and what came of it. Whatever the other end does, it is over within the timeout; time in which this process did not
 * come to run is not counted.
 */
#ifndef HF_TOOL_AUDIT_ASK_H
#define HF_TOOL_AUDIT_ASK_H

#include "audit/inquiry.h"
#include "tool/dial.h"
#include "tool/starttls.h"

enum { HF_ASK_SALT = 16, HF_ASK_TROUBLE = 256 };

/* What all questions of one audit have in common; outlives them. */
typedef struct hf_ask_place {
    uv_loop_t *loop;
    hf_worker *worker;
    const hf_audit_setup *setup;
    const char *host;            /* what is dialled: a name, an address … */
    char pinned[HF_ADDRESS_MAX]; /* … or the address that answered the first time; "": none yet */
    const char *name;            /* for the dialogue of STARTTLS */
    const char *authority;       /* of requests */
    const char *endpoint;        /* of sessions */
    uint16_t port;
    hf_family family;
    const hf_starttls_script *starttls;
    uint64_t timeout_ms;
    /* What configs are told when they draw theirs while they are sealed: a session of one is good for the next. */
    uint8_t salt[HF_ASK_SALT];
    bool sealing;
} hf_ask_place;

/* Beside the reply. */
typedef struct hf_asked {
    hf_reply reply;
    bool connected; /* there was a connection, so that its address is known … */
    bool opened;    /* … and it was ready for TLS */
    bool
        ours; /* UNREACHABLE: this machine is short of something, and the target has no part in it */
    bool patience; /* LATE: it was the ask's own patience that ended */
    char address[HF_ADDRESS_MAX];
    char trouble[HF_ASK_TROUBLE]; /* UNREACHABLE: why */
} hf_asked;

typedef struct hf_asking hf_asking;
/* Called once, never from within hf_asking_start; everything in `asked` goes with the call, and the connection closes behind it. */
typedef void (*hf_asking_done)(void *user, const hf_asked *asked);

/* `ask` outlives it. NULL: no memory. Frees itself after done. */
hf_asking *hf_asking_start(hf_ask_place *place, const hf_ask *ask, hf_asking_done done, void *user);
/* Ends it as LATE; done comes soon. */
void hf_asking_stop(hf_asking *asking);

#endif
