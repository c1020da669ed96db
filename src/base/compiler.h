/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The one header with compiler extensions. Everything else is plain C11; without gcc or clang
 * these macros are empty and the library still builds.
 */
#ifndef HF_BASE_COMPILER_H
#define HF_BASE_COMPILER_H

#if defined(__GNUC__)
#define HF_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))
#define HF_MUST_USE            __attribute__((warn_unused_result))
#define HF_LIKELY(x)           __builtin_expect(!!(x), 1)
#define HF_WEAK                __attribute__((weak)) /* NULL where nobody defines it */
#else
#define HF_PRINTF(text, first)
#define HF_MUST_USE
#define HF_LIKELY(x) (x)
#define HF_WEAK
#endif

/* AddressSanitizer sees the use of a freed block only if it really was freed. */
#if defined(__SANITIZE_ADDRESS__)
#define HF_WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HF_WATCHED 1
#endif
#endif
#ifndef HF_WATCHED
#define HF_WATCHED 0
#endif

#endif
