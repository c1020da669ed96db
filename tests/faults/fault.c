/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The plan, and what it comes to. */
#include "tests/faults/fault.h"

#include <openssl/err.h>

const char *const fault_names[FAULT_KINDS] = {
    [FAULT_MEMORY] = "allocation",
    [FAULT_RANDOM] = "random draw",
    [FAULT_LIBCRYPTO] = "libcrypto call",
    [FAULT_LIBCRYPTO_MEMORY] = "libcrypto call for want of memory",
    [FAULT_INSIDE] = "allocation of libcrypto's",
    [FAULT_JOB] = "job",
    [FAULT_CALLBACK] = "callback",
};

int fault_side = FAULT_NOBODY;
fault_hit fault_hits[FAULT_POINTS];
unsigned fault_counts[FAULT_KINDS];

static fault_plan armed_with;
static bool armed;
static size_t n_hits;

void fault_arm(const fault_plan *plan)
{
    armed_with = *plan;
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        fault_counts[kind] = 0;
    n_hits = 0;
    armed = true;
}

void fault_pause(bool pause)
{
    armed = !pause;
}

size_t fault_disarm(void)
{
    armed = false;
    return n_hits;
}

size_t fault_hits_of(int side)
{
    size_t n = 0;

    for (size_t i = 0; i < n_hits; i++)
        n += fault_hits[i].side == side;
    return n;
}

static bool count(fault_kind kind, fault_answer answer, const char *what)
{
    unsigned n = fault_counts[kind]++;

    for (size_t i = 0; i < armed_with.n; i++)
        if (armed_with.points[i].kind == kind && armed_with.points[i].n == n) {
            fault_hits[n_hits++] = (fault_hit){ kind, answer, fault_side, what };
            return true;
        }
    return false;
}

bool fault_here(fault_kind kind, const char *what)
{
    return armed && count(kind, FAULT_ONE, what);
}

void fault_say_no_memory(void)
{
    ERR_put_error(ERR_LIB_EVP, 0, ERR_R_MALLOC_FAILURE, __FILE__, __LINE__);
}

bool fault_in_libcrypto(fault_answer answer, const char *name)
{
    if (!armed)
        return false;
    if (answer != FAULT_QUIET && count(FAULT_LIBCRYPTO_MEMORY, answer, name)) {
        fault_say_no_memory();
        return true;
    }
    return count(FAULT_LIBCRYPTO, answer, name);
}
