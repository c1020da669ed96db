/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Words that the alert tables share: extension types, written out by hand from the IANA registry so that no table of ours is
   both the judge and the judged, and literals with zeroes in them. */
#ifndef TESTS_HOSTILE_ALERTS_WORDS_H
#define TESTS_HOSTILE_ALERTS_WORDS_H

#include "support/hostile.h"

enum {
    SERVER_NAME = 0,
    MAX_FRAGMENT = 1,
    STATUS_REQUEST = 5,
    GROUPS = 10,
    POINT_FORMATS = 11,
    SIGALGS = 13,
    ALPN = 16,
    SCT = 18,
    PADDING = 21,
    EMS = 23,
    RECORD_SIZE = 28,
    PSK = 41,
    EARLY_DATA = 42,
    VERSIONS = 43,
    COOKIE = 44,
    PSK_MODES = 45,
    AUTHORITIES = 47,
    OID_FILTERS = 48,
    PHA = 49,
    SIGALGS_CERT = 50,
    KEY_SHARE = 51,
    RENEGOTIATION = 65281,
    UNKNOWN = 0x1234,
    GREASE = 0xdada
};

/* A literal with zeroes in it. */
#define S(literal) hf_span_of(literal, sizeof literal - 1)

#endif
