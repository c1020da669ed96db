/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Both directions of --pipe. stdin is read no faster than the peer takes it. */
#include "tool/carry.h"

#include "tool/say.h"

void hf_carry_send(hf_carry *carry)
{
    if (carry->waiting.len == 0)
        return;
    size_t n = hf_link_send(carry->link, carry->waiting.data, carry->waiting.len);
    carry->waiting.data += n;
    carry->waiting.len -= n;
    if (carry->waiting.len == 0 && carry->in)
        hf_stdin_next(carry->in);
}

static void got(void *user, hf_span bytes, int error)
{
    hf_carry *carry = user;

    if (bytes.len > 0) {
        carry->waiting = bytes;
        hf_carry_send(carry);
        return;
    }
    carry->ended = true;
    carry->error = error;
    hf_carry_stop(carry);
    hf_link_close_write(carry->link);
}

bool hf_carry_start(hf_carry *carry, uv_loop_t *loop, hf_link *link)
{
    carry->link = link;
    carry->in = hf_stdin_start(loop, got, carry);
    return carry->in != NULL;
}

bool hf_carry_take(hf_carry *carry, hf_span data)
{
    (void)carry;
    return hf_out_bytes(data) && hf_out_flush();
}

void hf_carry_stop(hf_carry *carry)
{
    if (carry->in)
        hf_stdin_stop(carry->in);
    carry->in = NULL;
}
