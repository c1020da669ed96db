/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reports when there is no memory: whichever allocation fails, jansson's among them, it is said, and nothing is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/memory_support.h"
#include "support/audit_scene.h"

enum { STEP = 41 /* of the forms that allocate by the thousand: not every one is tried */ };

typedef hf_error (*form)(hf_audit *audit, hf_sheet *out);

static hf_error text(hf_audit *audit, hf_sheet *out)
{
    const hf_report_view view = { .why = true, .all = true };

    return hf_report_text(audit, &view, out);
}

static hf_error html(hf_audit *audit, hf_sheet *out)
{
    const hf_audit *one = audit;
    const hf_report_view view = { .command = "handfast audit" };

    return hf_report_html(&one, 1, &view, out);
}

static hf_error sarif(hf_audit *audit, hf_sheet *out)
{
    const hf_audit *one = audit;

    return hf_report_sarif(&one, 1, out);
}

static hf_error junit(hf_audit *audit, hf_sheet *out)
{
    const hf_audit *one = audit;

    return hf_report_junit(&one, 1, out);
}

/* A number for its text: what it is made of is compared as values. */
static hf_error json(hf_audit *audit, hf_sheet *out)
{
    const hf_audit *one = audit;
    json_t *root = hf_report_json(&one, 1);

    if (!root)
        return HF_E_NO_MEMORY;
    hf_sheet_add(out, "%zu", json_array_size(json_object_get(root, "targets")));
    json_decref(root);
    return out->error;
}

static void check(form make, size_t step)
{
    hf_audit *audit = audit_scene_new(NULL);
    hf_sheet whole = { .error = HF_OK };
    size_t before = live, n = 0;
    hf_error e = HF_E_NO_MEMORY;

    assert_int_equal(make(audit, &whole), HF_OK);
    for (; e != HF_OK; n += step) {
        hf_sheet out = { .error = HF_OK };
        calls = 0;
        fail_at = n;
        e = make(audit, &out);
        fail_at = SIZE_MAX;
        if (e == HF_OK)
            assert_string_equal(out.text, whole.text);
        hf_sheet_free(&out);
        assert_int_equal(live, before + 1);
    }
    print_message("%zu places\n", n / step);
    assert_true(n / step >= 2);
    hf_sheet_free(&whole);
    audit_scene_free(audit);
}

static void test_text(void **state)
{
    (void)state;
    check(text, 1);
}

static void test_page(void **state)
{
    (void)state;
    check(html, 1);
}

static void test_data(void **state)
{
    (void)state;
    check(sarif, STEP);
    check(junit, 1);
    check(json, STEP);
}

/* A comparison that cannot be made whole is none. */
static void test_baseline(void **state)
{
    hf_audit *audit = audit_scene_new(NULL), *mended = audit_scene_mended();
    const hf_audit *one = audit;
    json_t *baseline = hf_report_json(&one, 1);
    char why[HF_WHY_ROOM];

    (void)state;
    calls = 0;
    assert_true(hf_audit_compare(mended, baseline, why));
    size_t all = calls, n_new = mended->change->n_new, n_gone = mended->change->n_gone;
    for (size_t n = 0; n < all; n++) {
        calls = 0;
        fail_at = n;
        bool done = hf_audit_compare(mended, baseline, why);
        fail_at = SIZE_MAX;
        if (!done)
            assert_string_equal(why, "there is no memory");
        assert_int_equal(mended->change->n_new, n_new);
        assert_int_equal(mended->change->n_gone, n_gone);
    }
    print_message("%zu places\n", all);
    json_decref(baseline);
    audit_scene_free(audit);
    audit_scene_free(mended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_data),
        cmocka_unit_test(test_baseline),
    };
    json_set_alloc_funcs(hf_alloc, hf_free);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
