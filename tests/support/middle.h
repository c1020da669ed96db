/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A middle-man between the two ends of a pair: he changes hellos in flight, which are in the clear.
 * What he does to one is data, so that a test is a table of attempts.
 *
 *     middle m = { .edit = { [HF_CLIENT] = { .remove = { 43 } } } };
 *     middle_enter(&m, &p);
 *     pair_run(&p);
 */
#ifndef TESTS_SUPPORT_MIDDLE_H
#define TESTS_SUPPORT_MIDDLE_H

#include "support/hostile.h"

/* Extensions and suites by number: the test does not use the registry that it is to test. */
enum {
    EXT_SUPPORTED_GROUPS = 10,
    EXT_SIGNATURE_ALGORITHMS = 13,
    EXT_ALPN = 16,
    EXT_EXTENDED_MAIN_SECRET = 23,
    EXT_SUPPORTED_VERSIONS = 43,
    EXT_KEY_SHARE = 51,
    EXT_RENEGOTIATION_INFO = 0xff01,
    SCSV_FALLBACK = 0x5600
};

/* Fields that are zero change nothing. Lists end with 0. */
typedef struct middle_edit {
    uint16_t legacy_version;
    bool random; /* one bit of it */
    bool
        sentinel; /* ServerHello: the last eight bytes of the random, which must say "DOWNGRD\1", say nothing */
    uint16_t suite;    /* ServerHello: another one */
    uint16_t no_suite; /* ClientHello: this one is removed, and must be there */
    const uint16_t *suites, *groups, *shares, *schemes; /* ClientHello: what stays of these lists */
    uint16_t remove[3];                                 /* extensions, which must be there … */
    uint16_t remove_later;                              /* (of a second ClientHello alone) */
    uint16_t put;                                       /* … and one that gets another content */
    hf_span content;
    bool first_only; /* not in a second ClientHello */
    /* Whatever it is: the nth extension is removed, one bit of the nth byte flipped; from 1. */
    size_t nth_extension, nth_byte;
} middle_edit;

typedef struct middle {
    middle_edit edit[2]; /* of ClientHello; of ServerHello and HelloRetryRequest */
    unsigned seen[2];    /* hellos of each end */
    bool done;           /* there was an nth extension or byte */
} middle;

/* He changes what the pair carries from now on. */
void middle_enter(middle *m, pair *p);
/* One suite more in a ClientHello's body, in front. */
void middle_add_suite(hostile_bytes *hello, uint16_t suite);

#endif
