/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Runs a check over every test of a Wycheproof file. The files are third-party data and not in this
 * repository: $HANDFAST_VECTORS/wycheproof/FILE (docs/vectors.md). Without HANDFAST_VECTORS the
 * calling test is skipped.
 */
#ifndef TESTS_SUPPORT_WYCHEPROOF_H
#define TESTS_SUPPORT_WYCHEPROOF_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>

#include <handfast/types.h>

enum { WYCHEPROOF_FIELDS_MAX = 24 };

typedef enum wycheproof_result {
    WYCHEPROOF_VALID,
    WYCHEPROOF_INVALID,
    WYCHEPROOF_ACCEPTABLE
} wycheproof_result;

typedef struct wycheproof_case {
    const char *file;
    const json_t *group, *test;
    long id;
    wycheproof_result result;
    const char *comment;
    void *kept[WYCHEPROOF_FIELDS_MAX]; /* the fields that were decoded */
    size_t n_kept;
} wycheproof_case;

/* True: the test was run (it fails through cmocka). False: it is not for us. */
typedef bool wycheproof_check(wycheproof_case *c);

/* Prints how many tests ran; none, or a number other than expected, is a failure. */
void wycheproof_run(const char *file, size_t expected, wycheproof_check *check);

/* A hexadecimal field of the test, else of the group, else of the group's publicKey; each in a
   block of memory of exactly its length, so that reading past it is found. */
hf_span wycheproof_hex(wycheproof_case *c, const char *field);
/* A number of the test or the group. */
long wycheproof_number(const wycheproof_case *c, const char *field);
const char *wycheproof_text(const wycheproof_case *c, const char *field);
bool wycheproof_has_flag(const wycheproof_case *c, const char *flag);
/* Fails and names the test unless `good` is what its result asks for; acceptable may be either. */
void wycheproof_expect(const wycheproof_case *c, bool good);
/* Fails and names the test unless the bytes are equal. */
void wycheproof_equal(const wycheproof_case *c, hf_span found, hf_span expected);

#endif
