/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Bytes as the tree of fields that their reader tells, and edits of that tree: a field is dropped, repeated,
 * exchanged, filled or resized, and the lengths of all that stands around it are put right. So a
 * mutation gets behind the length checks, to what is decided about the contents.
 */
#ifndef TESTS_FUZZ_FIELDS_H
#define TESTS_FUZZ_FIELDS_H

#include <handfast/trace.h>
#include "fuzz/fuzz.h"
#include "support/hostile.h"

/* Tells the fields of these bytes to the sink; `what` says which bytes they are. */
typedef void fields_tell(const void *what, hf_span bytes, const hf_field_sink *sink);

/* One edit, chosen by FIELDS_EDIT bytes of the input and some more. False: there is nothing to edit. */
enum { FIELDS_EDIT = 5, FIELDS_MORE = 32 };
bool fields_edit(input *in, fields_tell *tell, const void *what, hostile_bytes *bytes);
/* How many bytes of the input that takes. */
size_t fields_edit_size(input in);

/* The same for a handshake message with its header, or (body) without; version and so on are found by trying. */
bool fields_edit_message(input *in, hf_msg msg, hostile_bytes *message);
bool fields_edit_body(input *in, hf_msg msg, hostile_bytes *body);

/* SplitMix64's next number, and an input of random bytes: what mutators draw from. */
uint64_t fields_random(uint64_t *state);
input fields_random_input(uint64_t *state, uint8_t *room, size_t len);

#endif
