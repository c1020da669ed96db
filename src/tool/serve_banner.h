/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What `serve` says once it listens: where, with which certificates, and what to try. */
#ifndef HF_TOOL_SERVE_BANNER_H
#define HF_TOOL_SERVE_BANNER_H

#include "tool/server.h"

void hf_serve_banner(const hf_server *server);

#endif
