/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server, and the input as its peer: a client that knows how to go on, under which keys, and does as it
 * likes. What must hold is in bad_peer.c.
 */
#include "fuzz/bad_peer.h"
#include "fuzz/mutate.h"
#include "fuzz/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };

    bad_peer_run(HF_SERVER, false, &in);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    return seed % 16 == 0 ? LLVMFuzzerMutate(data, size, max)
                          : program_mutate(data, size, max, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t max, unsigned seed)
{
    return program_cross(hf_span_of(a, a_size), hf_span_of(b, b_size), out, max, seed);
}
