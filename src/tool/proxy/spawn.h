/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A worker's process from nothing: fork, descriptors, user, exec of ourselves; and its first steps on the other side. */
#ifndef HF_TOOL_PROXY_SPAWN_H
#define HF_TOOL_PROXY_SPAWN_H

#include "tool/proxy/account.h"
#include "tool/proxy/counters.h"
#include "tool/proxy/sockets.h"

#define HF_SPAWN_VARIABLE "HANDFAST_PROXY_WORKER"

/* Descriptors: the channel, the listening sockets, those of the counters. */
enum { HF_SPAWN_CHANNEL = 3, HF_SPAWN_SOCKETS };

typedef struct hf_spawn {
    unsigned slot;   /* of the counters */
    unsigned worker; /* of the sockets' workers */
    int channel;
    const hf_counters *counters;
    const hf_sockets *sockets;
    const hf_account *account;
} hf_spawn;

/* -1: errno. */
pid_t hf_spawn_worker(const hf_spawn *spawn);

/* In main: true if this process is to be a worker. The variable alone does not make it one: descriptor 3 must be a socket that our
   parent made. Then *code is what hf_worker_main came to. */
bool hf_spawn_is_worker(int *code);

#endif
