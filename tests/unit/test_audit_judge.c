/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Every rule of every book fires and is silent: a server that keeps the book is spoiled in one place for each rule, and made unseen
 * there. What else may fire is listed with the check; anything beyond that is a fault.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "unit/audit_spoil_support.h"

static size_t row_of(const hf_check *check)
{
    size_t i = 0;

    while (i < sizeof rows / sizeof *rows && strcmp(rows[i].check, check->id) != 0)
        i++;
    return i;
}

static bool has_word(const char *list, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = list; (at = strstr(at, word)); at++)
        if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

static hf_judgement *judge(const hf_book *book, const hf_seen *seen)
{
    hf_judgement *judged = hf_judge(book, seen, SEEN_NOW);

    assert_non_null(judged);
    assert_int_equal(judged->n_rules, book->n_rules);
    return judged;
}

static void check_findings(const hf_judgement *judged, const hf_judged_rule *row)
{
    for (size_t i = 0; i < row->n; i++) {
        const hf_finding *f = &judged->findings[row->first + i];
        assert_ptr_equal(f->rule, row->rule);
        assert_true(strlen(f->what) > 10);
        assert_true(f->severity <= row->rule->severity);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(f->key, judged->findings[row->first + k].key);
    }
}

static void spoil(const hf_book *book, const hf_rule *rule, hf_seen *seen)
{
    uint16_t codes[HF_RULE_CODES_MAX];
    spoiling s = { seen, codes, hf_rule_codes(book, rule, codes), hf_rule_number(book, rule),
                   strcmp(book->name, "modern") == 0 };
    size_t row = row_of(rule->check);

    if (row < sizeof rows / sizeof *rows && rows[row].spoil) {
        rows[row].spoil(&s);
        return;
    }
    if (rule->check->trait == HF_TRAIT_COUNT)
        fail_msg("nothing here spoils %s", rule->check->id);
    hf_trait *trait = &seen->traits[rule->check->trait];
    trait->state = rule->check->ask == hf_check_trait_wanted ? HF_ABSENT : HF_PRESENT;
    make_room_for(&s, (hf_where)rule->check->where);
}

/* ---- tests ---- */

/* A good server breaks no rule, and none is unseen; what does not apply says why. */
static void test_good(void **state)
{
    const hf_book *book;

    (void)state;
    for (size_t i = 0; (book = hf_book_row(i)); i++) {
        hf_seen *seen = seen_good(book);
        hf_judgement *judged = judge(book, seen);
        for (size_t k = 0; k < judged->n_rules; k++) {
            const hf_judged_rule *row = &judged->rules[k];
            if (row->verdict != HF_RULE_KEPT && row->verdict != HF_RULE_IDLE)
                fail_msg("%s: %s", row->rule->id,
                         row->n ? judged->findings[row->first].what : row->why);
            assert_true((row->verdict == HF_RULE_IDLE) == (row->why[0] != '\0'));
        }
        assert_false(judged->broken);
        assert_int_equal(judged->n_findings, 0);
        hf_judgement_free(judged);
        hf_seen_free(seen);
    }
}

static void check_others(const hf_judgement *judged, const hf_rule *rule, const char *also)
{
    for (size_t k = 0; k < judged->n_rules; k++) {
        const hf_judged_rule *row = &judged->rules[k];
        if (row->verdict != HF_RULE_BROKEN || row->rule == rule ||
            row->rule->check == rule->check || has_word(also, row->rule->check->id))
            continue;
        fail_msg("%s fires with %s: %s", row->rule->id, rule->id,
                 judged->findings[row->first].what);
    }
}

static void fires(const hf_book *book, const hf_rule *rule)
{
    bool modern = strcmp(book->name, "modern") == 0;
    size_t at = row_of(rule->check);
    char also[256];
    hf_seen *seen = seen_good(book);

    spoil(book, rule, seen);
    hf_judgement *judged = judge(book, seen);
    const hf_judged_rule *row = seen_row(judged, rule);
    if (row->verdict != HF_RULE_BROKEN || row->n == 0)
        fail_msg("%s is silent: %d %s", rule->id, (int)row->verdict, row->why);
    check_findings(judged, row);
    if (rule->severity > HF_SEVERITY_NOTE && rule->check->ask != hf_check_suites_until)
        assert_true(judged->broken);
    snprintf(also, sizeof also, "%s %s", at < sizeof rows / sizeof *rows ? rows[at].also : "",
             modern ? "versions-refused" : "");
    if (rule->check->ask == hf_check_poodle || rule->check->ask == hf_check_beast ||
        rule->check->ask == hf_check_drown || rule->check->where == HF_WITH_OLD_FALLBACK)
        strcat(also, " versions-refused");
    check_others(judged, rule, also);
    hf_judgement_free(judged);
    hf_seen_free(seen);
}

static void test_every_rule_fires(void **state)
{
    const hf_book *book;

    (void)state;
    for (size_t i = 0; (book = hf_book_row(i)); i++)
        for (size_t k = 0; k < book->n_rules; k++)
            fires(book, &book->rules[k]);
}

/* Reached, and nothing else: no rule may be told of as kept, broken, or not applying. */
static void test_blind(void **state)
{
    const hf_book *book;

    (void)state;
    for (size_t i = 0; (book = hf_book_row(i)); i++) {
        hf_seen *seen = hf_seen_new();
        assert_non_null(seen);
        seen->reached = true;
        hf_judgement *judged = judge(book, seen);
        for (size_t k = 0; k < judged->n_rules; k++)
            if (judged->rules[k].verdict != HF_RULE_UNSEEN || !judged->rules[k].why[0])
                fail_msg("%s: %d %s", judged->rules[k].rule->id, (int)judged->rules[k].verdict,
                         judged->rules[k].why);
        assert_int_equal(judged->n_findings, 0);
        hf_judgement_free(judged);
        hf_seen_free(seen);
    }
}

/* A trait that nobody could tell, on a server that is good otherwise. */
static void test_unknown_traits(void **state)
{
    const hf_book *book;

    (void)state;
    for (size_t i = 0; (book = hf_book_row(i)); i++)
        for (size_t k = 0; k < book->n_rules; k++) {
            const hf_rule *rule = &book->rules[k];
            if (rule->check->trait == HF_TRAIT_COUNT)
                continue;
            hf_seen *seen = seen_good(book);
            spoil(book, rule, seen);
            hf_trait *trait = &seen->traits[rule->check->trait];
            trait->state = HF_UNKNOWN;
            strcpy(trait->words, "it stalled");
            hf_judgement *judged = judge(book, seen);
            if (seen_row(judged, rule)->verdict != HF_RULE_UNSEEN)
                fail_msg("%s: %d", rule->id, (int)seen_row(judged, rule)->verdict);
            assert_string_equal(seen_row(judged, rule)->why, "it stalled");
            hf_judgement_free(judged);
            hf_seen_free(seen);
        }
}

/* Lists that broke off, and chains that could not be read or were not judged, leave their rules unseen. */
static void test_half_seen(void **state)
{
    static const char *const lists = "suites-only suites-refused suites-until groups-only "
                                     "groups-refused schemes-only schemes-refused sweet32 freak ";
    const hf_book *book;

    (void)state;
    for (size_t i = 0; (book = hf_book_row(i)); i++) {
        hf_seen *seen = seen_good(book);
        for (int v = 0; v < HF_V_COUNT; v++)
            seen->v[v].suites_whole = seen->v[v].groups_whole = seen->v[v].schemes_whole = false;
        seen->chains[0].parsed = seen->chains[0].judged = false;
        seen->chains[0].parse_error = HF_E_CERT_DER;
        hf_judgement *judged = judge(book, seen);
        for (size_t k = 0; k < judged->n_rules; k++) {
            const hf_judged_rule *row = &judged->rules[k];
            const char *id = row->rule->check->id;
            bool unseen = has_word(lists, id) || strncmp(id, "certificate-", 12) == 0 ||
                          strcmp(id, "rsa-bits") == 0;
            if (strcmp(id, "certificate-sound") == 0)
                assert_int_equal(row->verdict, HF_RULE_BROKEN);
            else if (unseen && row->verdict != HF_RULE_UNSEEN)
                fail_msg("%s: %d", row->rule->id, (int)row->verdict);
        }
        hf_judgement_free(judged);
        hf_seen_free(seen);
    }
}

/* TLS 1.3 alone: what is about older versions does not apply, and `default` has nothing against it. */
static void test_idle(void **state)
{
    const hf_book *book = hf_book_named("default");
    hf_seen *seen = seen_good(book);
    size_t idle = 0;

    (void)state;
    drop(&seen->v[HF_V_TLS12]);
    strcpy(seen->starttls, "smtp");
    hf_judgement *judged = judge(book, seen);
    for (size_t k = 0; k < judged->n_rules; k++) {
        const hf_judged_rule *row = &judged->rules[k];
        if (row->rule->check->where == HF_IN_12 || row->rule->check->where == HF_WITH_HTTP ||
            row->rule->check->where == HF_WITH_FALLBACK) {
            assert_int_equal(row->verdict, HF_RULE_IDLE);
            assert_true(row->why[0] != '\0');
            idle++;
        }
    }
    assert_true(idle > 8);
    assert_int_equal(judged->n_findings, 0);
    hf_judgement_free(judged);
    hf_seen_free(seen);
}

static void test_unreached(void **state)
{
    const hf_book *book = hf_book_named("modern");
    hf_seen *seen = hf_seen_new();

    (void)state;
    strcpy(seen->trouble, "connection refused");
    hf_judgement *judged = judge(book, seen);
    for (size_t k = 0; k < judged->n_rules; k++) {
        assert_int_equal(judged->rules[k].verdict, HF_RULE_UNSEEN);
        assert_string_equal(judged->rules[k].why, "connection refused");
    }
    assert_false(judged->broken);
    hf_judgement_free(judged);
    hf_seen_free(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),      cmocka_unit_test(test_every_rule_fires),
        cmocka_unit_test(test_blind),     cmocka_unit_test(test_unknown_traits),
        cmocka_unit_test(test_half_seen), cmocka_unit_test(test_idle),
        cmocka_unit_test(test_unreached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
