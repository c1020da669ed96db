/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the parent tells systemd (sd_notify(3)), if it was started by it: a datagram to the socket that $NOTIFY_SOCKET names. */
#ifndef HF_TOOL_PROXY_NOTIFY_H
#define HF_TOOL_PROXY_NOTIFY_H

#include <stdbool.h>

#include "base/compiler.h"

/* Once, at the start: the socket, and whether a watchdog waits for us. */
void hf_notify_start(void);
/* "READY=1\nSTATUS=…". Nothing happens without a socket; lost messages are no fault of ours. */
void hf_notify(const char *format, ...) HF_PRINTF(1, 2);
/* RELOADING=1 with the time that systemd wants beside it. */
void hf_notify_reloading(void);
/* Milliseconds between two signs of life that systemd waits for; 0: none. */
unsigned hf_notify_watchdog_ms(void);

#endif
