/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the files of the crafted hello share. */
#ifndef HF_AUDIT_CRAFTED_PARTS_H
#define HF_AUDIT_CRAFTED_PARTS_H

#include "audit/crafted.h"
#include "base/builder.h"

/* Content of key_exchange for that group, which any server can compute with: base points, and encapsulation keys whose
   coefficients are all zero. False, and nothing written: no share is known for it. */
bool hf_crafted_share(hf_builder *b, uint16_t group);
/* The block with its length. The message begins at the first byte of `b`: padding counts from there. */
void hf_crafted_extensions(hf_builder *b, const hf_crafted *hello, const uint8_t random[32]);
/* The GREASE value number `i` of this hello: the random says which, and two of a hello that stand in one list differ. */
uint16_t hf_crafted_grease(const uint8_t random[32], unsigned i);
/* True: an extension for TLS 1.3 belongs in there. */
bool hf_crafted_is13(const hf_crafted *hello);

#endif
