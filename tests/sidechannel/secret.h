/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Secrets under valgrind's memcheck (the method of ctgrind): a secret is memory that counts as
 * uninitialised, and so does all that is computed from it. Memcheck then reports each branch and each
 * address that depends on one. What a protocol makes public is told to it.
 */
#ifndef TESTS_SIDECHANNEL_SECRET_H
#define TESTS_SIDECHANNEL_SECRET_H

#include <stdbool.h>
#include <stddef.h>

void secret_mark(const void *bytes, size_t len);
void secret_publish(const void *bytes, size_t len);
/* Every byte has a bit that depends on a secret: marks are lost where code launders them, and a check that follows sees nothing. */
bool secret_is(const void *bytes, size_t len);

#define SECRET(array)    secret_mark(array, sizeof(array))
#define PUBLIC(array)    secret_publish(array, sizeof(array))
#define IS_SECRET(array) secret_is(array, sizeof(array))

/* hf_ct_equal's answer is public (a Finished is right or not, and everybody hears which), unless it is being kept secret: within
   ML-KEM's decapsulation. */
extern bool secret_verdicts;

/* How often the engine was seen using a secret, so that a check of a whole handshake shows that it had something to see. */
extern struct secret_uses {
    unsigned sealed, opened, derived, compared;
} secret_uses;

/* A case is true if it came out as it should. One that leaks is told by memcheck. */
typedef struct secret_case {
    const char *name;
    bool (*run)(const void *about);
    const void *about;
} secret_case;

/* Prints a line for each case. Returns 1 for a program that has failures: a case that leaked, or with `must_leak` one that did
   not; or one that came out wrong. */
int secret_run(const secret_case *cases, size_t n, bool must_leak);

#endif
