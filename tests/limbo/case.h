/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A case of the limbo schema (C2SP/x509-limbo) in the terms of <handfast/verify.h>. Nothing here
 * looks at a case's id, description, features or expected result.
 */
#ifndef TESTS_LIMBO_CASE_H
#define TESTS_LIMBO_CASE_H

#include <handfast/handfast.h>
#include <jansson.h>

enum { WHY_MAX = 400 };

typedef enum verdict { SUCCESS, FAILURE, SKIPPED } verdict;

typedef struct limbo_case {
    hf_trust *trust;
    hf_span *chain; /* the leaf first; each in memory of its own */
    size_t n_chain;
    hf_policy policy;
    hf_verify_options options;
    const char **emails;
    bool as_server, as_client; /* the purposes for which the chain must be good */
    char left_out[96];         /* a trusted certificate that could not be read, and why */
} limbo_case;

/* SUCCESS: *c can be judged. FAILURE: a certificate or CRL is none. SKIPPED: it asks for what the interface cannot
   say. *c is given back with case_free in any case, and points into `json`. */
verdict case_read(limbo_case *c, const json_t *json, hf_cert_profile profile, char why[WHY_MAX]);
void case_free(limbo_case *c);
verdict case_judge(const limbo_case *c, char why[WHY_MAX]);

/* time.c: "2024-04-01T00:00:00.005+00:00" in whole seconds since 1970, rounded down. */
bool read_time(const char *text, int64_t *seconds);

/* wishes.c: key_usage, extended_key_usage, signature_algorithms. SKIPPED names what is not known. */
verdict read_wishes(limbo_case *c, const json_t *json, char why[WHY_MAX]);

#endif
