/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What lets clients of `serve` come back with a short handshake: its ticket keys, and when they change. SIGHUP makes a new key,
 * or reads --ticket-keys again; a change of that file is noticed without it. The signal is for --psk-file, too.
 */
#ifndef HF_TOOL_RETURNING_H
#define HF_TOOL_RETURNING_H

#include <uv.h>

#include <handfast/config.h>
#include "tool/file_watch.h"
#include "tool/options.h"
#include "tool/shared_keys.h"

typedef struct hf_returning {
    hf_sessions *sessions; /* NULL: nobody is remembered */
    const char *file;      /* --ticket-keys, or NULL */
    bool tickets, json;
    hf_shared_keys *psks;        /* SIGHUP is for these as well */
    bool terminal;               /* it was started from one */
    void (*hung_up)(void *user); /* that terminal is gone */
    void *user;
    uv_signal_t hangup;
    hf_file_watch watch; /* of that file */
    bool watching;
} hf_returning;

/* Checks the options, makes the sessions and reads the keys. An exit code, after it said what is wrong. */
int hf_returning_prepare(hf_returning *returning, const hf_serve_options *options);
/* Both ends of the time in which keys may change; unwatch closes handles of the loop. */
void hf_returning_watch(hf_returning *returning, uv_loop_t *loop);
void hf_returning_unwatch(hf_returning *returning);
void hf_returning_free(hf_returning *returning);
/* --early-data in bytes, 0: off. */
uint32_t hf_returning_early_bytes(const hf_serve_options *options);

#endif
