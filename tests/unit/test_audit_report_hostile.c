/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whatever a server says of itself, in every field that it has a say in: no form of the report lets it steer a terminal, become
 * markup, break JSON or XML, or hide. And memory that runs out at any place leaves nothing behind.
 */
#include "audit_report_support.h"

#include "support/markup.h"

#define LONG50  "0123456789012345678901234567890123456789012345678<"
#define LONG400 LONG50 LONG50 LONG50 LONG50 LONG50 LONG50 LONG50 LONG50

static const char *const foreign[] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</pre></dd></div></details></section><h1>",
    "]]>&lt;&amp;&#0;&#x41;<!--",
    "-->\n<?xml version=\"1.1\"?><!DOCTYPE x [<!ENTITY e \"e\">]>&e;",
    "\033[2J\033[31mred\033]0;title\a\b\b\x7f",
    "\r\nSet-Cookie: x=1\n\n\ttab\vand\f",
    "\001\002\003\004\005\006\016\037",
    "\xe2\x80\xae"
    "desrever\xe2\x80\x8b\xe2\x81\xa6\xef\xbb\xbf",
    "\xc2\x9b"
    "31m\xc2\x85\xc2\xad",
    "\xff\xfe\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\xe2\x80",
    "\xef\xbf\xbe\xef\xbf\xbf\xf3\xa0\x80\x81",
    "%s%n%d%%{{x}}${y}\\u0000\\x1b\\",
    "J\xc3\xbcrgen \xe6\x97\xa5\xe6\x9c\xac",
    LONG400,
    " ",
    "",
};

/* ---- XML ---- */

static bool is_entity(const char *at)
{
    static const char *const known[] = { "&lt;", "&gt;", "&amp;", "&quot;", "&#39;" };

    for (size_t i = 0; i < COUNT(known); i++)
        if (strncmp(at, known[i], strlen(known[i])) == 0)
            return true;
    return false;
}

/* One tag from `<` on: its end; names are pushed and popped. */
static const char *take_tag(const char *at, const char *open[], size_t *n)
{
    static const char *const known[] = { "testsuites", "testsuite", "testcase",  "failure",
                                         "skipped",    "error",     "system-out" };
    bool closes = at[1] == '/', quoted = false;
    const char *name = at + 1 + closes;
    size_t k = 0;

    while (k < COUNT(known) && (strncmp(name, known[k], strlen(known[k])) != 0 ||
                                !strchr(" />", name[strlen(known[k])])))
        k++;
    if (k == COUNT(known))
        fail_msg("a tag of somebody else's: %.40s", at);
    for (; *at && (quoted || *at != '>'); at++) {
        quoted ^= *at == '"';
        if (quoted && *at == '<')
            fail_msg("< in a value");
        if (*at == '&')
            assert_true(is_entity(at));
    }
    assert_int_equal(*at, '>');
    if (closes)
        assert_ptr_equal(open[--*n], known[k]);
    else if (at[-1] != '/')
        open[(*n)++] = known[k];
    return at + 1;
}

static void assert_is_xml(const char *text)
{
    static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const char *open[8];
    size_t n = 0;

    assert_int_equal(strncmp(text, head, strlen(head)), 0);
    for (const char *at = text + strlen(head); *at;) {
        if (*at == '&')
            assert_true(is_entity(at));
        assert_int_not_equal(*at, '>');
        at = *at == '<' ? take_tag(at, open, &n) : at + 1;
    }
    assert_int_equal(n, 0);
}

/* ---- JSON ---- */

static void check_strings(json_t *value)
{
    const char *name;
    json_t *below;
    size_t i;

    if (json_is_string(value)) {
        assert_nothing_hidden(hf_span_of(json_string_value(value), json_string_length(value)));
        assert_null(strchr(json_string_value(value), '\n'));
    }
    json_array_foreach(value, i, below) check_strings(below);
    json_object_foreach(value, name, below) if (strcmp(name, "help") != 0) /* our own, in lines */
        check_strings(below);
}

/* ---- every form ---- */

static void check_text(const hf_audit *audit)
{
    for (unsigned width = 40; width <= 100; width += 20) {
        hf_report_view view = { .why = true, .all = width > 80, .width = width };
        hf_sheet text = text_of(audit, &view);
        size_t column = 0;
        assert_nothing_hidden(span_of_sheet(&text));
        for (size_t i = 0; i < text.len; i++) {
            column = text.text[i] == '\n' ? 0 : column + ((uint8_t)text.text[i] >> 6 != 2);
            if (column > 80 && width <= 80)
                fail_msg("a line is too long: %.120s", text.text + i - 80);
        }
        hf_sheet_free(&text);
    }
}

static void check_page(const hf_audit *audit)
{
    hf_sheet page = html_of(audit);
    char why[MARKUP_WHY] = "";

    if (!markup_is_right(span_of_sheet(&page), why))
        fail_msg("%s", why);
    assert_nothing_hidden(span_of_sheet(&page));
    hf_sheet_free(&page);
}

static void check_data(const hf_audit *audit)
{
    hf_sheet sarif = sarif_of(audit), junit = junit_of(audit);
    json_t *root = json_of(audit), *run = json_loads(sarif.text, 0, NULL);

    assert_non_null(run);
    check_strings(root);
    check_strings(run);
    assert_nothing_hidden(span_of_sheet(&sarif));
    assert_nothing_hidden(span_of_sheet(&junit));
    assert_is_xml(junit.text);
    json_decref(root);
    json_decref(run);
    hf_sheet_free(&sarif);
    hf_sheet_free(&junit);
}

static void test_nothing_that_is_said_gets_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(foreign); i++) {
        hf_audit *audit = audit_scene_new(foreign[i]);
        check_text(audit);
        check_page(audit);
        check_data(audit);
        audit_scene_free(audit);
        audit = audit_scene_unreached(foreign[i]);
        check_text(audit);
        check_page(audit);
        check_data(audit);
        audit_scene_free(audit);
    }
}

/* The page's markup is the same whatever is said: as many tags, none of them another's. */
static void test_the_markup_is_ours_alone(void **state)
{
    size_t usual = 0;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        hf_audit *audit = audit_scene_new(foreign[i]);
        hf_sheet page = html_of(audit);
        size_t tags = 0;
        for (size_t k = 0; k < page.len; k++)
            tags += page.text[k] == '<';
        if (i == 0)
            usual = tags;
        assert_int_equal(tags, usual);
        hf_sheet_free(&page);
        audit_scene_free(audit);
    }
}

/* The same with a baseline that is as hostile: it was written by somebody, too. */
static void test_a_hostile_baseline_stays_text(void **state)
{
    char why[HF_WHY_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(foreign); i++) {
        hf_audit *audit = audit_scene_new(foreign[i]), *mended = audit_scene_mended();
        json_t *root = json_of(audit),
               *target = json_array_get(json_object_get(root, "targets"), 0);
        json_object_set_new(target, "host", json_string("www.example.test"));
        json_object_set_new(target, "name", json_string("example.test"));
        json_object_set_new(target, "starttls", json_null());
        assert_true(hf_audit_compare(mended, root, why));
        assert_true(mended->change->known);
        assert_true(mended->change->n_gone > 0);
        check_text(mended);
        check_page(mended);
        check_data(mended);
        json_decref(root);
        audit_scene_free(audit);
        audit_scene_free(mended);
    }
}

/* ---- limits ---- */

/* As many findings and pieces of evidence as there is room for: still one report, in bounded time and space. */
static void test_a_full_audit_stays_small(void **state)
{
    hf_audit *audit = audit_scene_new(LONG400);
    hf_judgement *judged = audit->judged[0];

    (void)state;
    while (
        hf_seen_evidence(audit->seen, "x", hf_span_of(LONG400, 400), hf_span_of(LONG400, 400), "x"))
        ;
    for (size_t i = judged->n_findings; i < HF_FINDINGS_MAX; i++) {
        judged->findings[i] = judged->findings[0];
        judged->findings[i].evidence = i;
        snprintf(judged->findings[i].key, sizeof judged->findings[i].key, "%zu", i);
    }
    judged->n_findings = HF_FINDINGS_MAX;
    hf_sheet text = text_of(audit, &plain_view), page = html_of(audit);
    assert_true(text.len < 64 * 1024);
    assert_true(page.len < 8 << 20);
    hf_sheet_free(&text);
    hf_sheet_free(&page);
    audit_scene_free(audit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_that_is_said_gets_out),
        cmocka_unit_test(test_the_markup_is_ours_alone),
        cmocka_unit_test(test_a_hostile_baseline_stays_text),
        cmocka_unit_test(test_a_full_audit_stays_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
