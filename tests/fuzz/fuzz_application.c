/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * After the handshake, which was a good one of either version, with or without a session: the input is the
 * peer of a client or of a server, holds the right keys, and sends records of data, alerts, KeyUpdate,
 * NewSessionTicket and whatever else under them. The first byte says who the victim is; the rest is a program.
 * What must hold is in bad_peer.c.
 */
#include "fuzz/bad_peer.h"
#include "fuzz/mutate.h"
#include "fuzz/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };

    bad_peer_run(input_u8(&in) & 1 ? HF_SERVER : HF_CLIENT, true, &in);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    if (size == 0 || max < 2 || seed % 16 == 0)
        return LLVMFuzzerMutate(data, size, max);
    return 1 + program_mutate(data + 1, size - 1, max - 1, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t max, unsigned seed)
{
    if (a_size == 0 || b_size == 0 || max < 2)
        return 0;
    out[0] = a[0];
    return 1 + program_cross(hf_span_of(a + 1, a_size - 1), hf_span_of(b + 1, b_size - 1), out + 1,
                             max - 1, seed);
}
