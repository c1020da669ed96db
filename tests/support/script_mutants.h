/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Mutants: copies of the tables with one thing dropped or loosened. Each runs through the suites in a
 * process of its own, until one of them finds something wrong.
 */
#ifndef HF_TEST_SCRIPT_MUTANTS_H
#define HF_TEST_SCRIPT_MUTANTS_H

#include "support/script_suites.h"

/* name, words */
#define SCRIPT_MUTATIONS(M)                                                                        \
    M(ROW, "row dropped")                                                                          \
    M(WHEN, "`when` bit dropped")                                                                  \
    M(UNLESS, "`unless` bit dropped")                                                              \
    M(OPTIONAL, "`optional` dropped")                                                              \
    M(MADE_OPTIONAL, "made optional")                                                              \
    M(KEYS, "`keys` dropped")                                                                      \
    M(KEYS_OTHER, "other keys")                                                                    \
    M(PROVES, "`proves` dropped")                                                                  \
    M(PROVES_ALL, "proves everything")                                                             \
    M(WRITER, "writer flipped")                                                                    \
    M(GO, "goes to another table")                                                                 \
    M(DUTY, "duty dropped")                                                                        \
    M(DUTY_MUST, "duty's proof dropped")                                                           \
    M(DUTY_WHEN, "duty's `when` bit dropped")                                                      \
    M(DUTY_UNLESS, "duty's `unless` bit dropped")                                                  \
    M(DUTY_ROLE, "duty's role flipped")                                                            \
    M(SWAP, "swapped with its neighbour")

typedef enum script_mutation {
#define SCRIPT_MUTATION(name, words) SCRIPT_MUTATION_##name,
    SCRIPT_MUTATIONS(SCRIPT_MUTATION) SCRIPT_MUTATION_COUNT
#undef SCRIPT_MUTATION
} script_mutation;

/* Tables of duties, numbered on after the tables of rows. */
enum { SCRIPT_DUTIES = HF_TABLE_COUNT, SCRIPT_ROUND_DUTIES, SCRIPT_TABLES };
enum { SCRIPT_ROWS_MAX = 24, SCRIPT_MUTANTS_MAX = 640 };

typedef struct script_mutant {
    script_mutation kind;
    unsigned table, row;
    hf_facts bit; /* of `when`, `unless` or `must` */
} script_mutant;

/* Tables that may be written to. */
typedef struct script_tables {
    hf_row rows[HF_TABLE_COUNT][SCRIPT_ROWS_MAX];
    hf_duty duties[2][SCRIPT_ROWS_MAX];
    hf_scripts scripts;
} script_tables;

/* What came of a run. */
typedef struct script_verdict {
    int by;           /* the first suite that noticed; -1: none */
    bool crashed;     /* it ended without a verdict */
    unsigned noticed; /* all that did, as bits; only in a campaign */
    long cases[SCRIPT_SUITES];
} script_verdict;

/* The unconditional ROW_GO or the ROW_END that ends a table. */
unsigned script_table_length(hf_table table);
size_t script_mutants_of_all(script_mutant *out);
void script_mutate(script_tables *tables, const script_mutant *m);
const char *script_mutation_words(script_mutation kind);
const char *script_mutant_text(const script_mutant *m);

/* Called in a process of its own before the suites. */
typedef void script_prepare(const void *what);
/* Starts a run; returns the descriptor that its verdict comes from. */
int script_run_start(script_prepare *prepare, const void *what, int *pid);
script_verdict script_run_end(int fd, int pid);
long script_verdict_cases(const script_verdict *v);

#endif
