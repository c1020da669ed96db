/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Edits of a message as an input writes them down: bytes flipped, overwritten, inserted, removed or
 * repeated anywhere, or one edit of its fields (fields.h).
 */
#ifndef TESTS_FUZZ_EDITS_H
#define TESTS_FUZZ_EDITS_H

#include "fuzz/fields.h"

/* A count, and that many edits. has_header: the four bytes of a handshake header stand before the body. */
void edits_apply(input *in, hf_msg msg, bool has_header, hostile_bytes *b);
/* How many bytes of the input that takes. */
size_t edits_size(input in);
/* Writes some at random, fewer bytes than room: what is written. */
size_t edits_make(uint64_t *random, uint8_t *out, size_t room);

#endif
