/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The proxy's own ticket keys, for configurations that name no file of them: random, renewed by time, kept in memory alone. They are
 * [present, next, former]: workers know the next one a whole period before any of them seals with it, so that a ticket is opened
 * whichever worker a client comes back to, also while they change from one to the other.
 */
#ifndef HF_TOOL_PROXY_OWN_KEYS_H
#define HF_TOOL_PROXY_OWN_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <handfast/config.h>

enum {
    HF_OWN_KEYS = 3,
    HF_OWN_KEYS_ROTATION_MS = 12 * 3600000 /* so a ticket is good for 12 hours at least */
};

typedef struct hf_own_keys {
    uint8_t keys[HF_OWN_KEYS][HF_TICKET_KEY]; /* as hf_load takes them: the first seals */
    size_t n;                                 /* 0: there are none yet */
} hf_own_keys;

/* The next one is the present one from now on; at first, all are new. False: no randomness, nothing changed. */
bool hf_own_keys_rotate(hf_own_keys *keys);
void hf_own_keys_wipe(hf_own_keys *keys);

#endif
