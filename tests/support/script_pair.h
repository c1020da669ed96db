/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Two ends and the records between them. */
#ifndef HF_TEST_SCRIPT_PAIR_H
#define HF_TEST_SCRIPT_PAIR_H

#include "support/script_end.h"

typedef struct script_pair {
    script_end end[2]; /* by hf_role */
    const script_mode *mode;
    uint32_t seed;
} script_pair;

void script_pair_start(script_pair *p, const script_mode *mode, script_how how);
void script_pair_copy(script_pair *to, const script_pair *from);
void script_pair_settle(script_pair *p);
/* Hands one record (or, by `how`, a flight) to its reader, who does not run yet; false: none is under way. */
bool script_pair_deliver(script_pair *p);
/* Delivers and settles until nothing moves. */
void script_pair_finish(script_pair *p);
bool script_pair_connected(const script_pair *p);
/* What is wrong with two ends that are done, by the figures; NULL: nothing. */
const char *script_pair_fault(const script_pair *p);
/* The rows from `from` on that one writer did, in his order. */
script_trace script_written_by(const script_trace *trace, size_t from, hf_role writer);

#endif
