/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What was found where a rule of the chain's validation is kept, in a few words: "ECDSA P-256", "DNS:localhost". */
#ifndef HF_EXPLAIN_CHAIN_FOUND_H
#define HF_EXPLAIN_CHAIN_FOUND_H

#include "explain/tape.h"
#include "policy/verify_told.h"

/* It is kept, as nothing was there to tell: of revocation alone. */
bool hf_is_not_found(const hf_told *told, const hf_leaf_known *known);
/* Of a rule that is kept; empty where there is nothing to say. */
void hf_found_of(const hf_told *told, const hf_leaf_known *known, char text[HF_TAPE_NOTE_MAX]);

#endif
