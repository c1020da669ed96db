/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The only control-flow macro: hand a failure (or HF_WAIT) on to the caller. */
#ifndef HF_BASE_ERROR_H
#define HF_BASE_ERROR_H

#include <handfast/error.h>

#define TRY(expression)                                                                            \
    do {                                                                                           \
        hf_error try_ = (expression);                                                              \
        if (try_ != HF_OK)                                                                         \
            return try_;                                                                           \
    } while (0)

#endif
