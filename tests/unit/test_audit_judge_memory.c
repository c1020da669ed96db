/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Judging with too little memory: every single allocation fails once, nothing is left behind, and nobody is told half a judgement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "unit/audit_seen_support.h"
#include "unit/memory_support.h"

/* One that has so many findings that room for them is made more than once. */
static hf_seen *bad(const hf_book *book)
{
    hf_seen *seen = seen_good(book);

    if (!seen)
        return NULL;
    for (uint16_t suite = 1; suite < 0x60; suite++)
        hf_codes_add(&seen_speak(seen, HF_V_TLS12)->suites, suite);
    return seen;
}

static void test_failures(void **state)
{
    const hf_book *book = hf_book_named("default");
    hf_seen *seen = bad(book);
    size_t before = live, refused = 0;

    (void)state;
    assert_non_null(seen);
    for (size_t n = 0;; n++) {
        calls = 0;
        fail_at = n;
        hf_judgement *judged = hf_judge(book, seen, SEEN_NOW);
        fail_at = SIZE_MAX;
        if (judged) {
            assert_true(judged->broken && judged->n_findings > 64);
            hf_judgement_free(judged);
            break;
        }
        refused++;
        assert_int_equal(live, before);
    }
    assert_true(refused >= 5);
    assert_int_equal(live, before);
    hf_seen_free(seen);
    hf_judgement_free(NULL);
    assert_int_equal(live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_failures) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
