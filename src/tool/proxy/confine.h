/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a worker takes from itself before the first client's first byte, so that whoever takes it over has little more than its
 * connections: files by Landlock, processes and the kernel's odd corners by a filter of system calls. Each holds where the system
 * has it; docs/proxy.md says what that leaves.
 */
#ifndef HF_TOOL_PROXY_CONFINE_H
#define HF_TOOL_PROXY_CONFINE_H

#include <stdbool.h>

typedef struct hf_confined {
    bool files; /* no file but reading below one folder */
    bool calls;
} hf_confined;

/* What this system has, for a worker of this user. Nothing is changed. */
hf_confined hf_confine_offered(void);
/* This thread and all that it begins, for ever. folder NULL, or none there: no file at all. "No new privileges" must be set. */
hf_confined hf_confine(const char *folder);
/* Sanitizers and coverage read and run files of their own: in their builds more is allowed. */
bool hf_confine_is_loose(void);

#endif
