/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What libFuzzer asks a target for and offers it (its interface, of which there is no header everywhere). */
#ifndef TESTS_FUZZ_MUTATE_H
#define TESTS_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* A target may define these: one mutation of data in place, within max; and one of two. The new size. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t max, unsigned seed);
/* libFuzzer's own mutations, for use in the first; replay.c has one that changes nothing. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

#endif
