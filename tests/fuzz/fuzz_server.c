/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server, and the input as its peer: a client that knows how to go on, under which keys, and does as it
 * likes. What must hold is in bad_peer.c.
 */
#include "fuzz/bad_peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };

    bad_peer_run(HF_SERVER, &in);
    return 0;
}
