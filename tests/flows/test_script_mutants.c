/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The tests of the tests: does somebody notice when a table, a duty or a rule of the loop is gone? Every
 * run prints how many cases it took, for a suite that runs none finds nothing wrong. HF_CAMPAIGN=1 runs
 * every suite whole over every mutant and says which of them notice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/script_mutants.h"

enum { AT_ONCE = 2 };

static struct {
    int made, caught;
} kinds[SCRIPT_MUTATION_COUNT];
static int first[SCRIPT_SUITES], noticed_by[SCRIPT_SUITES], only[SCRIPT_SUITES];
static int crashed, idle;
static int made12, caught12; /* in the tables of TLS 1.2, swaps aside */

static void become_mutant(const void *what)
{
    static script_tables tables;

    script_mutate(&tables, what);
    script_the_world.tables = &tables.scripts;
}

static void count_noticed(unsigned noticed)
{
    for (unsigned k = 0; k < SCRIPT_SUITES; k++)
        if (noticed >> k & 1) {
            noticed_by[k]++;
            only[k] += noticed == 1u << k;
        }
}

static void print_verdict(const char *what, const script_verdict *v)
{
    printf("%s: ", what);
    if (v->crashed)
        printf("CRASHED\n");
    else if (v->by < 0)
        printf("survives all suites, %ld cases\n", script_verdict_cases(v));
    else
        printf("caught by %s, %ld cases\n", script_suites[v->by].name, script_verdict_cases(v));
}

static bool is_tls12(const script_mutant *m)
{
    return m->table == HF_TABLE_SCRIPT12 || m->table == HF_TABLE_RESUMED12 ||
           m->table == HF_TABLE_POST12_SERVER || m->table == HF_TABLE_POST12_CLIENT;
}

static void judge(const script_mutant *m, const script_verdict *v)
{
    print_verdict(script_mutant_text(m), v);
    if (is_tls12(m) && m->kind != SCRIPT_MUTATION_SWAP) {
        made12++;
        caught12 += v->by >= 0;
    }
    kinds[m->kind].made++;
    kinds[m->kind].caught += v->by >= 0;
    crashed += v->crashed;
    idle += script_verdict_cases(v) == 0;
    if (v->by >= 0)
        first[v->by]++;
    count_noticed(v->noticed);
}

/* Starts the next as soon as the oldest has ended. */
static void run_all(const script_mutant *mutants, size_t n)
{
    int fd[AT_ONCE], pid[AT_ONCE];

    for (size_t i = 0; i < n + AT_ONCE; i++) {
        if (i >= AT_ONCE) {
            script_verdict v = script_run_end(fd[i % AT_ONCE], pid[i % AT_ONCE]);
            judge(&mutants[i - AT_ONCE], &v);
        }
        if (i < n)
            fd[i % AT_ONCE] = script_run_start(become_mutant, &mutants[i], &pid[i % AT_ONCE]);
    }
}

static void print_totals(int *made, int *caught)
{
    for (unsigned k = 0; k < SCRIPT_MUTATION_COUNT; k++) {
        const char *words = script_mutation_words((script_mutation)k);
        printf("  %-30s %3d of %3d caught\n", words, kinds[k].caught, kinds[k].made);
        if (k == SCRIPT_MUTATION_SWAP)
            continue; /* many are equivalent: disjoint conditions, key rows of different directions */
        *made += kinds[k].made;
        *caught += kinds[k].caught;
    }
    printf("  all but swaps                  %3d of %3d caught\n", *caught, *made);
    printf("  of these in TLS 1.2's tables   %3d of %3d caught\n", caught12, made12);
    bool campaign =
        getenv("HF_CAMPAIGN") != NULL; /* else a run ends at the first suite that notices */
    for (unsigned k = 0; k < SCRIPT_SUITES; k++)
        if (campaign)
            printf("  %-10s noticed %3d, alone %3d\n", script_suites[k].name, noticed_by[k],
                   only[k]);
        else
            printf("  %-10s first to notice %3d\n", script_suites[k].name, first[k]);
}

static void test_every_mutant_is_caught(void **state)
{
    static script_mutant mutants[SCRIPT_MUTANTS_MAX];
    size_t n = script_mutants_of_all(mutants);
    int made = 0, caught = 0;

    (void)state;
    run_all(mutants, n);
    print_totals(&made, &caught);
    assert_int_equal(crashed, 0);
    assert_int_equal(idle, 0);
    assert_int_equal(caught, made);
    assert_int_equal(caught12, made12);
    assert_true(made12 >= 115);
    assert_true(made >= 334);
}

/* ---- rules of the loop that the fakes can break ---- */

static const struct {
    unsigned strike;
    const char *words;
} strikes[] = {
    { 0, "no rule is broken" },
    { SCRIPT_STRIKE_PENDING, "bytes that stand are never reported" },
    { SCRIPT_STRIKE_OWED, "proofs under way are not told" },
    { SCRIPT_STRIKE_FRESH_PROOFS, "the handshake's evidence is kept" },
    { SCRIPT_STRIKE_ROUND_FACTS, "facts of a round outlive it" },
    { SCRIPT_STRIKE_OUR_KEYS, "a record stays open across our keys" },
    { SCRIPT_STRIKE_THEIR_KEYS, "a change of the peer's keys is ignored" },
};

static void become_struck(const void *what)
{
    const unsigned *strike = what;

    script_the_world.strikes = *strike;
}

static void test_every_broken_rule_is_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strikes / sizeof *strikes; i++) {
        int pid;
        int fd = script_run_start(become_struck, &strikes[i].strike, &pid);
        script_verdict v = script_run_end(fd, pid);
        print_verdict(strikes[i].words, &v);
        assert_false(v.crashed);
        assert_true(script_verdict_cases(&v) > 0);
        assert_int_equal(v.by >= 0, strikes[i].strike != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_broken_rule_is_noticed),
        cmocka_unit_test(test_every_mutant_is_caught),
    };

    return cmocka_run_group_tests_name("script mutants", tests, NULL, NULL);
}
