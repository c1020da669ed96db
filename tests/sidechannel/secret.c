/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Marks, and the cases of a program. */
#include "sidechannel/secret.h"

#include <stdint.h>
#include <stdio.h>

#include <valgrind/memcheck.h>

bool secret_verdicts;
struct secret_uses secret_uses;

void secret_mark(const void *bytes, size_t len)
{
    if (len > 0)
        VALGRIND_MAKE_MEM_UNDEFINED(bytes, len);
}

void secret_publish(const void *bytes, size_t len)
{
    if (len > 0)
        VALGRIND_MAKE_MEM_DEFINED(bytes, len);
}

bool secret_is(const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t unknown = 0;

        if (VALGRIND_GET_VBITS((const uint8_t *)bytes + i, &unknown, 1) != 1 || unknown == 0)
            return false;
    }
    return true;
}

static const char *judge(bool good, unsigned places, bool must_leak)
{
    if (!good)
        return "came out wrong";
    if (must_leak)
        return places > 0 ? NULL : "the leak was not seen";
    return places > 0 ? "a secret shows" : NULL;
}

int secret_run(const secret_case *cases, size_t n, bool must_leak)
{
    int failed = 0;

    if (!RUNNING_ON_VALGRIND) {
        fputs("this runs under valgrind alone: scripts/check-secrets\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned before = VALGRIND_COUNT_ERRORS;
        bool good = cases[i].run(cases[i].about);
        const char *why = judge(good, VALGRIND_COUNT_ERRORS - before, must_leak);

        printf("%s %s%s%s\n", why ? "FAILED" : "ok", cases[i].name, why ? ": " : "",
               why ? why : "");
        fflush(stdout);
        failed |= why != NULL;
    }
    return failed;
}
