/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* bench_trace VERSION N: that many full handshakes in memory that nobody listens to, for scripts/bench-trace to count instructions of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "support/pair.h"

static bool fill(void *user, uint8_t *out, size_t len)
{
    uint32_t *state = user;

    for (size_t i = 0; i < len; i++) {
        *state = *state * 1664525 + 1013904223;
        out[i] = (uint8_t)(*state >> 24);
    }
    return true;
}

int main(int argc, char **argv)
{
    uint32_t state = 1;
    hf_hooks hooks = { .random = fill, .user = &state };

    if (argc != 3) {
        fprintf(stderr, "bench_trace tls1.2|tls1.3 N\n");
        return 2;
    }
    bool two = strcmp(argv[1], "tls1.2") == 0;
    hf_policy policy = policy_of_version("default", two ? HF_TLS12 : HF_TLS13);
    pair_options options = { .policy = { &policy, &policy }, .hooks = { hooks, hooks } };
    for (long n = strtol(argv[2], NULL, 10); n > 0; n--) {
        pair p;
        pair_start(&p, &options);
        pair_connect(&p);
        pair_free(&p);
    }
    return 0;
}
