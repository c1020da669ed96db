/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * For tests that search whole blocks of memory: they read what nobody ever wrote, such as the gaps in a
 * structure, which MemorySanitizer would report. In builds without it nothing happens.
 */
#ifndef TESTS_SUPPORT_AS_IF_WRITTEN_H
#define TESTS_SUPPORT_AS_IF_WRITTEN_H

#include <stddef.h>

void __msan_unpoison(const volatile void *bytes, size_t len) __attribute__((weak));

static inline void as_if_written(const void *bytes, size_t len)
{
    if (__msan_unpoison)
        __msan_unpoison(bytes, len);
}

#endif
