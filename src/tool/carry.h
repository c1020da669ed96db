/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `connect --pipe`: stdin to the peer, the peer to stdout. The end of stdin closes our direction only. */
#ifndef HF_TOOL_CARRY_H
#define HF_TOOL_CARRY_H

#include "tool/link.h"
#include "tool/stdin_reader.h"

typedef struct hf_carry {
    hf_link *link;
    hf_stdin *in;    /* NULL: not started, or stopped */
    hf_span waiting; /* read from stdin, not sent yet */
    bool ended;      /* stdin is at its end */
    int error;       /* errno of stdin */
} hf_carry;

/* False: stdin cannot be read. */
bool hf_carry_start(hf_carry *carry, uv_loop_t *loop, hf_link *link);
void hf_carry_send(hf_carry *carry);
/* False: stdout's reader has gone. */
bool hf_carry_take(hf_carry *carry, hf_span data);
void hf_carry_stop(hf_carry *carry);

#endif
