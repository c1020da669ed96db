/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Functions of libraries that are not instrumented, seen by MemorySanitizer: before one is called, what
 * it is given must be initialised; afterwards, what it wrote is. While it works, the checks in the C
 * library's functions are off: it calls them with memory of whose writing nothing was seen. The linker
 * sends the calls through __wrap_NAME (cmake/Sanitizers.cmake takes the names from the WRAP lines).
 */
#ifndef TESTS_SANITIZERS_MSAN_WRAP_H
#define TESTS_SANITIZERS_MSAN_WRAP_H

#include <stddef.h>

#include <sanitizer/msan_interface.h>

static inline void in(const void *bytes, size_t len)
{
    if (bytes && len > 0)
        __msan_check_mem_is_initialized(bytes, len);
}

static inline void out(const void *bytes, size_t len)
{
    if (bytes && len > 0)
        __msan_unpoison(bytes, len);
}

/* Those libraries build on the stack where our functions stood, and what they copy from there would count as unwritten. */
static __attribute__((noinline)) void clear_stack(void)
{
    char room[65536];

    __msan_unpoison(room, sizeof room);
    __asm__ volatile("" : : "r"(room) : "memory");
}

#define OUT(place) out(place, sizeof *(place))
#define NONE       (void)0

#define WRAP(type, name, params, args, before, after)                                              \
    type __real_##name params;                                                                     \
    type __wrap_##name params;                                                                     \
    type __wrap_##name params                                                                      \
    {                                                                                              \
        before;                                                                                    \
        clear_stack();                                                                             \
        __msan_scoped_disable_interceptor_checks();                                                \
        type result = __real_##name args;                                                          \
        __msan_scoped_enable_interceptor_checks();                                                 \
        after;                                                                                     \
        return result;                                                                             \
    }

#endif
