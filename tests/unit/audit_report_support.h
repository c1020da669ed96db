/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the tests of an audit's reports share: each form of it as text, and what no form may ever hold. */
#ifndef HF_TESTS_AUDIT_REPORT_SUPPORT_H
#define HF_TESTS_AUDIT_REPORT_SUPPORT_H

#include "crypto_support.h"

#include "support/audit_scene.h"

static const hf_report_view plain_view = { .why = true };

static inline hf_sheet text_of(const hf_audit *audit, const hf_report_view *view)
{
    hf_sheet out = { .error = HF_OK };

    assert_int_equal(hf_report_text(audit, view, &out), HF_OK);
    return out;
}

static inline hf_sheet html_of(const hf_audit *audit)
{
    hf_sheet out = { .error = HF_OK };

    assert_int_equal(hf_report_html(&audit, 1, &plain_view, &out), HF_OK);
    return out;
}

static inline hf_sheet sarif_of(const hf_audit *audit)
{
    hf_sheet out = { .error = HF_OK };

    assert_int_equal(hf_report_sarif(&audit, 1, &out), HF_OK);
    return out;
}

static inline hf_sheet junit_of(const hf_audit *audit)
{
    hf_sheet out = { .error = HF_OK };

    assert_int_equal(hf_report_junit(&audit, 1, &out), HF_OK);
    return out;
}

/* A report, saved and read back. */
static inline json_t *json_of(const hf_audit *audit)
{
    json_t *made = hf_report_json(&audit, 1), *read;
    json_error_t error;
    char *text;

    assert_non_null(made);
    text = json_dumps(made, 0);
    assert_non_null(text);
    read = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(read);
    assert_true(json_equal(made, read));
    free(text);
    json_decref(made);
    return read;
}

/* UTF-8, without controls (lines may end), marks of direction, and what has no width. */
static inline void assert_nothing_hidden(hf_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i], d = i + 1 < text.len ? text.data[i + 1] : 0;
        uint8_t e = i + 2 < text.len ? text.data[i + 2] : 0;
        size_t more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if ((c < 0x20 && c != '\n') || c == 0x7f)
            fail_msg("control %02x at %zu", c, i);
        if (c == 0xc2 && d < 0xa0)
            fail_msg("control u+00%02x at %zu", d, i);
        if (c == 0xe2 && ((d == 0x80 && ((e >= 0x8b && e <= 0x8f) || (e >= 0xa8 && e <= 0xae))) ||
                          (d == 0x81 && e >= 0xa0 && e <= 0xaf)))
            fail_msg("hidden %02x %02x %02x at %zu", c, d, e, i);
        if (c >= 0x80 && (c < 0xc2 || c > 0xf4))
            fail_msg("no UTF-8 at %zu", i);
        for (; more > 0; more--, i++)
            if (i + 1 >= text.len || text.data[i + 1] >> 6 != 2)
                fail_msg("no UTF-8 at %zu", i);
    }
}

static inline hf_span span_of_sheet(const hf_sheet *sheet)
{
    return hf_span_of(sheet->text, sheet->len);
}

#endif
