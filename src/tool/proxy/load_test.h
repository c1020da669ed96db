/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What loads, generations and reminders take from the world beside files: tests put a clock and a resolver in its place. */
#ifndef HF_TOOL_PROXY_LOAD_TEST_H
#define HF_TOOL_PROXY_LOAD_TEST_H

#include "tool/proxy/resolve.h"

typedef struct hf_load_hooks {
    int64_t (*now)(void);
    hf_look_up *look_up;
    unsigned command_ms; /* 0: HF_REMINDER_COMMAND_MS */
} hf_load_hooks;
extern hf_load_hooks hf_load_world;

/* Seconds since 1970. */
int64_t hf_load_now(void);

#endif
