/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A client, and the input as its peer: a server that knows how to go on, under which keys, and does as it
 * likes. What must hold is in bad_peer.c.
 */
#include "fuzz/bad_peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };

    bad_peer_run(HF_CLIENT, &in);
    return 0;
}
