/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The glossary as a table: in order, complete, short where it should be, and found by each of its names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "explain/glossary.h"

static void test_order(void **state)
{
    size_t i = 1;

    (void)state;
    for (; hf_term_row(i); i++)
        if (strcasecmp(hf_term_row(i - 1)->term, hf_term_row(i)->term) >= 0)
            fail_msg("%s stands before %s", hf_term_row(i - 1)->term, hf_term_row(i)->term);
    assert_true(i >= 70);
    assert_null(hf_term_row(i));
    assert_null(hf_term_row((size_t)-1));
}

/* docs/learn.md puts `brief` into a table behind its term; `more` is sentences. */
static void test_form(void **state)
{
    const hf_term *t;

    (void)state;
    for (size_t i = 0; (t = hf_term_row(i)); i++) {
        size_t brief = strlen(t->brief), more = strlen(t->more);
        if (brief < 10 || brief > 160 || t->brief[brief - 1] == '.' || strchr(t->brief, '|'))
            fail_msg("%s: %s", t->term, t->brief);
        if (more < 10 || t->more[more - 1] != '.')
            fail_msg("%s: %s", t->term, t->more);
        assert_non_null(t->source);
    }
}

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; hf_term_row(i); i++)
        if (hf_term_named(hf_term_row(i)->term) != hf_term_row(i))
            fail_msg("%s is also a name of %s", hf_term_row(i)->term,
                     hf_term_named(hf_term_row(i)->term)->term);
    assert_string_equal(hf_term_named("mtls")->term, "mutual TLS");
    assert_string_equal(hf_term_named("FORWARD secrecy")->term, "forward secrecy");
    assert_string_equal(hf_term_named("PSK binder")->term, "binder");
    assert_null(hf_term_named(""));
    assert_null(hf_term_named("forward"));
    assert_null(hf_term_named("no such word"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
