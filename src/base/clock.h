/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The default clocks, for configs whose hooks name none. The only place of the library that asks the time. */
#ifndef HF_BASE_CLOCK_H
#define HF_BASE_CLOCK_H

#include <stdint.h>

int64_t hf_clock_wall(void);       /* seconds since 1970 */
uint64_t hf_clock_monotonic(void); /* milliseconds, never goes back */

#endif
