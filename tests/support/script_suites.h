/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The suites that the test programs run over the real tables, and the mutants over broken ones. Each adds
 * to the counts of its report and calls script_wrong for whatever is not as the figures have it.
 */
#ifndef HF_TEST_SCRIPT_SUITES_H
#define HF_TEST_SCRIPT_SUITES_H

#include "support/script_pair.h"

/* Whole handshakes in every mode, however records are cut and jobs are ordered. */
void script_suite_orders(script_report *r);
/* From every state of a handshake each of the 258 injections, for both roles. */
void script_suite_exhaustive(script_report *r);
/* TLS 1.2 alone: the states are those that the drawings have, no more and no fewer; `paths` counts what they predict. */
void script_suite_exhaustive12(script_report *r);
/* The same after the handshake. */
void script_suite_after(script_report *r);
/* Every path on which an arbitrary peer can lead an end to CONNECTED. */
void script_suite_paths(script_report *r);
/* Bytes of the next message in the same record, across changes of keys and turn and past the end. */
void script_suite_glue(script_report *r);
/* Application data flows under early and application keys only: 0-RTT, half-RTT, refused 0-RTT. */
void script_suite_data(script_report *r);
/* Jobs that fail, that are held for ever, and whose evidence never comes. */
void script_suite_jobs(script_report *r);
/* What may follow a handshake: whole rounds, and their proofs failed, held and struck out. */
void script_suite_rounds(script_report *r);
/* The tables of duties against the oracle, for every set of facts. */
void script_suite_duties(script_report *r);

/* Shared by the two exhaustive suites: everything into a copy of this end. */
void script_inject_all(script_report *r, const script_pair *p, hf_role reader,
                       const script_legal *legal, const char *where);

typedef struct script_suite {
    const char *name;
    void (*run)(script_report *r);
} script_suite;

enum { SCRIPT_SUITES = 9 };
extern const script_suite script_suites[SCRIPT_SUITES];

#endif
