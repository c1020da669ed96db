/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One PEM block to bytes (RFC 7468): the public interface takes chains in DER only. */
#ifndef TESTS_LIMBO_PEM_H
#define TESTS_LIMBO_PEM_H

#include <handfast/types.h>

/* The first block of that label in fresh memory (free), NULL: there is none that is well-formed. */
uint8_t *pem_block(const char *text, const char *label, size_t *len);

#endif
