/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Primes of Diffie-Hellman that many servers share: those of RFCs, and those that software came with. */
#ifndef HF_AUDIT_PRIMES_H
#define HF_AUDIT_PRIMES_H

#include "base/bytes.h"

/* Whose it is ("RFC 3526 group 14"), static; NULL: nobody's that is known. p: big-endian, leading zeroes are ignored. */
const char *hf_prime_name(hf_span p);

#endif
