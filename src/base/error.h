/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The only control-flow macro: hand a failure (or HF_WAIT) on to the caller; and where a failure was, in words. */
#ifndef HF_BASE_ERROR_H
#define HF_BASE_ERROR_H

#include <handfast/error.h>

#define TRY(expression)                                                                            \
    do {                                                                                           \
        hf_error try_ = (expression);                                                              \
        if (try_ != HF_OK)                                                                         \
            return try_;                                                                           \
    } while (0)

/* "in ServerHello.cipher_suite, byte 71": the field if it is known, else the message, else how far it came. Returns text. */
enum { HF_FAILURE_PLACE_MAX = HF_FAILURE_TEXT_MAX + 40 };
char *hf_failure_place(const hf_failure *failure, char *text, size_t room);

#endif
