/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is said on a socket before TLS: runs the dialogue of starttls.h on a connected one. */
#ifndef HF_TOOL_PRELUDE_H
#define HF_TOOL_PRELUDE_H

#include <uv.h>

#include "explain/tape.h"
#include "tool/starttls.h"

typedef struct hf_prelude hf_prelude;

/* Called once, unless cancelled. tcp is the callee's again, and the next bytes on it are TLS; NULL: the
   dialogue says why not, and the socket is closed. The dialogue lives as long as the call. */
typedef void (*hf_prelude_done)(void *user, uv_tcp_t *tcp, const hf_starttls *dialogue);

/* Takes over tcp (connected, heap memory). `name` outlives the prelude, which frees itself after
   done, and so does the tape, if there is one, which gets what is said. NULL: no memory, and the caller still owns tcp. */
hf_prelude *hf_prelude_start(uv_loop_t *loop, uv_tcp_t *tcp, const hf_starttls_script *script,
                             const char *name, uint64_t timeout_ms, bool trace, hf_tape *tape,
                             hf_prelude_done done, void *user);
/* Stops without calling done. Not after done. */
void hf_prelude_cancel(hf_prelude *prelude);

#endif
