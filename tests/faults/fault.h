/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Where things may fail, counted: the n-th allocation of the library, the n-th draw of random bytes, the n-th call into
 * libcrypto, the n-th job, the n-th call back into the application. A plan says which of them do. Nothing is counted and
 * nothing fails unless a plan is armed.
 */
#ifndef TESTS_FAULTS_FAULT_H
#define TESTS_FAULTS_FAULT_H

#include <stdbool.h>
#include <stddef.h>

typedef enum fault_kind {
    FAULT_MEMORY,
    FAULT_RANDOM,
    FAULT_LIBCRYPTO,        /* the call fails and says no more */
    FAULT_LIBCRYPTO_MEMORY, /* the call fails, and the error queue says: no memory */
    FAULT_INSIDE,           /* an allocation of libcrypto's own */
    FAULT_JOB,
    FAULT_CALLBACK, /* of the application: its signer, its ticket keys, its verdict … */
    FAULT_KINDS
} fault_kind;

extern const char *const fault_names[FAULT_KINDS];

/* How a function of libcrypto.def fails. */
typedef enum fault_answer {
    FAULT_ONE,
    FAULT_MINUS,
    FAULT_POINTER,
    FAULT_VERDICT,
    FAULT_PARSED,
    FAULT_QUIET
} fault_answer;

typedef struct fault_point {
    fault_kind kind;
    unsigned n;
} fault_point;

enum { FAULT_POINTS = 2 };

typedef struct fault_plan {
    size_t n;
    fault_point points[FAULT_POINTS];
} fault_plan;

/* What was made to fail. */
typedef struct fault_hit {
    fault_kind kind;
    fault_answer answer; /* of libcrypto's */
    int side;            /* whose work it was: fault_side at that time */
    const char *what;    /* the function, the job, the callback */
} fault_hit;

/* An hf_role; FAULT_NOBODY: it is no end's work. Set by whoever calls an end. */
enum { FAULT_NOBODY = -1 };
extern int fault_side;

void fault_arm(const fault_plan *plan);
/* For a while nothing is counted. */
void fault_pause(bool pause);
/* Returns how many points of the plan were reached; fault_hits has them. */
size_t fault_disarm(void);
extern fault_hit fault_hits[FAULT_POINTS];
/* How many of those that were reached are that end's. */
size_t fault_hits_of(int side);
/* Of each kind, since it was armed. */
extern unsigned fault_counts[FAULT_KINDS];

/* Counts; true if this one is to fail. */
bool fault_here(fault_kind kind, const char *what);
/* As libcrypto reports an allocation that failed. */
void fault_say_no_memory(void);
bool fault_in_libcrypto(fault_answer answer, const char *name);

/* ---- memory (memory.c) ---- */

void *fault_calloc(size_t n, size_t size);
void fault_free(void *block);

#endif
