/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The pre-shared keys of `serve`, which change while it runs: --psk-file is read again on SIGHUP and when it changes. A new file
 * takes the place of the old one as a whole; a bad one changes nothing. Connections under way keep the key that they looked up.
 */
#ifndef HF_TOOL_SHARED_KEYS_H
#define HF_TOOL_SHARED_KEYS_H

#include <uv.h>

#include "tool/file_watch.h"
#include "tool/options.h"
#include "tool/psk_file.h"

typedef struct hf_shared_keys {
    const char *file; /* --psk-file; NULL: none, and all functions do nothing */
    bool json;
    uv_mutex_t lock; /* of `now`: keys are looked up by the worker's thread */
    hf_psk_file now;
    hf_file_watch watch;
} hf_shared_keys;

/* A server that has nothing but keys: no certificate, and no sessions either. */
bool hf_is_psk_only(const hf_serve_options *options);

/* Reads the file. An exit code, after it said what is wrong. */
int hf_shared_keys_prepare(hf_shared_keys *keys, const hf_serve_options *options);
/* As hf_hooks.find_psk. */
bool hf_shared_keys_find(hf_shared_keys *keys, hf_span identity, uint8_t *key, size_t *len);
/* Reads the file again, and tells what came of it. */
void hf_shared_keys_again(hf_shared_keys *keys);
/* Both ends of the time in which it is watched; unwatch closes a handle of the loop. */
void hf_shared_keys_watch(hf_shared_keys *keys, uv_loop_t *loop);
void hf_shared_keys_unwatch(hf_shared_keys *keys);
/* Once nobody looks up a key any more. */
void hf_shared_keys_free(hf_shared_keys *keys);

#endif
