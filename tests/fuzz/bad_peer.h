/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One run of a real connection against a peer that does what the input says (fuzz_client, fuzz_server, fuzz_application). */
#ifndef TESTS_FUZZ_BAD_PEER_H
#define TESTS_FUZZ_BAD_PEER_H

#include "fuzz/fuzz.h"
#include "support/hostile.h"

/* after_connecting: the handshake is a good one, and the steps begin when it is over. */
void bad_peer_run(hf_role victim, bool after_connecting, input *in);

#endif
