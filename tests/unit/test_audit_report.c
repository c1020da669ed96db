/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An audit told: the text as it is in tests/goldens/audit (HF_UPDATE_GOLDENS=1 writes the files anew, for somebody to read the
 * difference), the page's markup, and what JSON, SARIF and JUnit must have. What a browser and other people's schemas make of them:
 * tests/cli/test_audit_outputs.py.
 */
#include "audit_report_support.h"

#include "support/markup.h"

#define FOLDER HF_SOURCE_DIR "/tests/goldens/audit/"

/* ---- text ---- */

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *text = calloc(1, 65536);

    if (f) {
        assert_true(fread(text, 1, 65535, f) < 65535);
        fclose(f);
    }
    return text;
}

/* Serial numbers and fingerprints are others each time: their digits are x. */
static void mask(char *text)
{
    enum { LONG = 24 };

    for (size_t n; *text; text += n > 0 ? n : 1) {
        n = strspn(text, "0123456789abcdef");
        if (n >= LONG)
            memset(text, 'x', n);
    }
}

static void check_golden(const char *name, const hf_audit *audit, const hf_report_view *view)
{
    hf_sheet now = text_of(audit, view);
    char path[256];

    mask(now.text);
    snprintf(path, sizeof path, "%s%s.txt", FOLDER, name);
    if (getenv("HF_UPDATE_GOLDENS")) {
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(now.text, 1, now.len, f), now.len);
        assert_int_equal(fclose(f), 0);
    }
    char *golden = read_file(path);
    if (strcmp(golden, now.text) != 0)
        fail_msg("%s is not what is written now; HF_UPDATE_GOLDENS=1 writes it:\n%s", path,
                 now.text);
    free(golden);
    hf_sheet_free(&now);
}

static void test_the_text_is_that_of_the_goldens(void **state)
{
    hf_audit *audit = audit_scene_new(NULL),
             *nobody = audit_scene_unreached("nothing listens there");
    hf_report_view view = { .all = false };

    (void)state;
    check_golden("report", audit, &view);
    check_golden("unreached", nobody, &view);
    view.width = 50;
    check_golden("report-narrow", audit, &view);
    view = (hf_report_view){ .all = true, .why = true };
    check_golden("report-all", audit, &view);
    audit_scene_free(audit);
    audit_scene_free(nobody);
}

/* Settings are told of the server that it says to be, and of all where nobody knows. */
static void test_fixes_are_of_the_server_that_was_seen(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    hf_sheet text = text_of(audit, &plain_view);

    (void)state;
    assert_non_null(strstr(text.text, "ssl_protocols"));
    assert_null(strstr(text.text, "SSLProtocol"));
    hf_sheet_free(&text);
    *audit->seen->http.server = '\0';
    text = text_of(audit, &plain_view);
    assert_non_null(strstr(text.text, "ssl_protocols"));
    assert_non_null(strstr(text.text, "SSLProtocol"));
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* Colour is where it is asked for, and changes no word. */
static void test_colour_is_asked_for(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    hf_report_view view = { .colour = true, .why = true };
    hf_sheet plain = text_of(audit, &plain_view), coloured = text_of(audit, &view);
    size_t n = 0;

    (void)state;
    assert_null(strchr(plain.text, '\033'));
    assert_non_null(strchr(coloured.text, '\033'));
    for (const char *p = coloured.text; *p; p++) {
        if (*p == '\033')
            p = strchr(p, 'm');
        else
            assert_int_equal(*p, plain.text[n++]);
    }
    assert_int_equal(n, plain.len);
    hf_sheet_free(&plain);
    hf_sheet_free(&coloured);
    audit_scene_free(audit);
}

/* What could not be seen is never told as absent. */
static void test_unknown_is_not_absent(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);

    (void)state;
    for (unsigned v = 0; v < HF_V_COUNT; v++)
        audit->seen->v[v].spoken = HF_UNKNOWN;
    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++)
        audit->seen->traits[i].state = HF_UNKNOWN;
    hf_sheet text = text_of(audit, &plain_view);
    assert_null(strstr(text.text, "refused: TLS"));
    assert_null(strstr(text.text, "refused: SSL"));
    assert_null(strstr(text.text, "no compression"));
    assert_null(strstr(text.text, "Heartbleed: no"));
    assert_non_null(strstr(text.text, "not known: TLS 1.3, TLS 1.2"));
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* ---- findings, told once ---- */

static size_t count_of(const char *text, const char *what)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

static void test_a_finding_of_two_books_is_told_once(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    hf_report_view view = { .width = 120 };
    hf_sheet text = text_of(audit, &view);

    (void)state;
    assert_int_equal(count_of(text.text, "TLS 1.0 is spoken"), 1);
    assert_non_null(strstr(text.text, "(loose (low): 7)"));
    assert_true(strstr(text.text, "critical") < strstr(text.text, "TLS 1.0 is spoken"));
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* ---- the page ---- */

static void test_the_page_is_right(void **state)
{
    hf_audit *audit = audit_scene_new(NULL), *nobody = audit_scene_unreached("nobody");
    const hf_audit *both[] = { audit, nobody };
    hf_sheet page = html_of(audit), two = { .error = HF_OK }, none = { .error = HF_OK };
    char why[MARKUP_WHY] = "";

    (void)state;
    if (!markup_is_right(span_of_sheet(&page), why))
        fail_msg("%s", why);
    assert_int_equal(hf_report_html(both, 2, &plain_view, &two), HF_OK);
    if (!markup_is_right(span_of_sheet(&two), why))
        fail_msg("two targets: %s", why);
    assert_int_equal(hf_report_html(NULL, 0, &plain_view, &none), HF_OK);
    if (!markup_is_right(span_of_sheet(&none), why))
        fail_msg("no target: %s", why);
    assert_non_null(strstr(page.text, "default-src 'none'; style-src 'sha256-"));
    assert_null(strstr(page.text, "script"));
    assert_null(strstr(page.text, "url("));
    assert_null(strstr(page.text, "@import"));
    hf_sheet_free(&page);
    hf_sheet_free(&two);
    hf_sheet_free(&none);
    audit_scene_free(audit);
    audit_scene_free(nobody);
}

/* ---- SARIF: what section 3 of the standard asks of each object that is written ---- */

static json_t *load(const hf_sheet *text)
{
    json_error_t error;
    json_t *value = json_loads(text->text, JSON_REJECT_DUPLICATES, &error);

    if (!value)
        fail_msg("line %d: %s", error.line, error.text);
    return value;
}

static json_t *member(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);

    if (!value)
        fail_msg("%s is missing", name);
    return value;
}

static const char *text_in(json_t *object, const char *name)
{
    return json_string_value(member(object, name));
}

static const char *uri_of(json_t *where)
{
    return text_in(member(member(where, "physicalLocation"), "artifactLocation"), "uri");
}

static void check_result(json_t *result, json_t *rules)
{
    json_t *rule = json_array_get(rules, (size_t)json_integer_value(member(result, "ruleIndex")));
    json_t *where = json_array_get(member(result, "locations"), 0);
    const char *print =
        json_string_value(member(member(result, "partialFingerprints"), "finding/v1"));

    assert_true(json_equal(member(result, "ruleId"), member(rule, "id")));
    assert_ptr_equal(strstr(text_in(member(result, "message"), "text"), "www.example.test:443: "),
                     text_in(member(result, "message"), "text"));
    assert_string_equal(uri_of(where), "audit/www.example.test/443");
    assert_string_equal(
        text_in(json_array_get(member(where, "logicalLocations"), 0), "fullyQualifiedName"),
        "www.example.test:443");
    assert_int_equal(strlen(print), 64);
}

static void test_sarif_has_what_it_must(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    hf_sheet text = sarif_of(audit);
    json_t *root = load(&text), *run = json_array_get(member(root, "runs"), 0);
    json_t *rules = member(member(member(run, "tool"), "driver"), "rules");
    json_t *results = member(run, "results");

    (void)state;
    assert_string_equal(json_string_value(member(root, "version")), "2.1.0");
    assert_string_equal(json_string_value(member(member(member(run, "tool"), "driver"), "name")),
                        "handfast");
    assert_int_equal(json_array_size(rules), 8);
    assert_int_equal(json_array_size(results), 7);
    for (size_t i = 0; i < json_array_size(results); i++)
        check_result(json_array_get(results, i), rules);
    for (size_t i = 0; i < json_array_size(rules); i++)
        assert_int_equal(
            strncmp(json_string_value(member(json_array_get(rules, i), "helpUri")), "https://", 8),
            0);
    assert_non_null(strstr(text.text, "\"level\": \"error\""));
    assert_non_null(strstr(text.text, "\"level\": \"warning\""));
    assert_non_null(strstr(text.text, "the server fell silent"));
    json_decref(root);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* Our own words in lines, and for who shows it Markdown, in which a setting stands as it is copied. */
static void test_sarif_help_has_lines(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    hf_sheet text = sarif_of(audit);
    json_t *root = load(&text), *run = json_array_get(member(root, "runs"), 0);
    json_t *rules = member(member(member(run, "tool"), "driver"), "rules");
    json_t *help = member(json_array_get(rules, 0), "help");

    (void)state;
    assert_non_null(strstr(text_in(help, "text"),
                           "Take TLS 1.0 and TLS 1.1 out of the versions.\nnginx:\n  ssl_protocols "
                           "TLSv1.2 TLSv1.3;\nhaproxy, global:\n  ssl-default"));
    assert_non_null(strstr(text_in(help, "markdown"),
                           "**nginx**\n\n```\nssl_protocols TLSv1.2 TLSv1.3;\n```\n"));
    assert_null(strstr(text.text, "x0a"));
    json_decref(root);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* GitHub takes a file with a scheme other than "file" for none of the checkout's and refuses all of it, and a colon in the first segment
   would be the end of a scheme (RFC 3986 4.2). */
static void test_sarif_uris_have_no_scheme(void **state)
{
    static const struct {
        const char *host, *uri;
    } hosts[] = {
        { "example.test", "audit/example.test/443" },
        { "2001:db8::1", "audit/2001%3Adb8%3A%3A1/443" },
        { "a/../b?c#d", "audit/a%2F..%2Fb%3Fc%23d/443" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        hf_audit *audit = audit_scene_new(NULL);
        snprintf(audit->seen->host, sizeof audit->seen->host, "%s", hosts[i].host);
        hf_sheet text = sarif_of(audit);
        json_t *root = load(&text), *run = json_array_get(member(root, "runs"), 0);
        json_t *result = json_array_get(member(run, "results"), 0);
        assert_string_equal(uri_of(json_array_get(member(result, "locations"), 0)), hosts[i].uri);
        json_decref(root);
        hf_sheet_free(&text);
        audit_scene_free(audit);
    }
}

/* SARIF 3.11.5 and 3.11.6: brackets would be a link, braces a placeholder; a viewer makes of it what the peer said. */
static void test_sarif_has_no_links_of_a_peer(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);

    (void)state;
    hf_finding *f = &audit->judged[0]->findings[0];
    snprintf(f->what, sizeof f->what, "%s", "[a](https://b.test/) {0} c\\d");
    hf_sheet text = sarif_of(audit);
    json_t *root = json_loads(text.text, 0, NULL);
    json_t *result = json_array_get(
        json_object_get(json_array_get(json_object_get(root, "runs"), 0), "results"), 0);
    const char *message =
        json_string_value(json_object_get(json_object_get(result, "message"), "text"));
    assert_non_null(message);
    static const char expected[] = "www.example.test:443: \\[a\\](https://b.test/) {{0}} c\\\\";
    assert_int_equal(strncmp(message, expected, strlen(expected)), 0);
    json_decref(root);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* The same finding has the same fingerprint in the next run, another one another. */
static void test_sarif_fingerprints_stay(void **state)
{
    hf_audit *a = audit_scene_new(NULL), *b = audit_scene_new(NULL);
    hf_sheet one = sarif_of(a), two = sarif_of(b);
    json_t *root = load(&one), *again = load(&two);
    json_t *results = member(json_array_get(member(root, "runs"), 0), "results");
    json_t *others = member(json_array_get(member(again, "runs"), 0), "results");

    (void)state;
    for (size_t i = 0; i < json_array_size(results); i++)
        for (size_t k = 0; k < json_array_size(others); k++)
            assert_int_equal(json_equal(member(json_array_get(results, i), "partialFingerprints"),
                                        member(json_array_get(others, k), "partialFingerprints")),
                             i == k);
    json_decref(root);
    json_decref(again);
    hf_sheet_free(&one);
    hf_sheet_free(&two);
    audit_scene_free(a);
    audit_scene_free(b);
}

/* ---- JUnit ---- */

static void test_junit_counts_what_it_tells(void **state)
{
    hf_audit *audit = audit_scene_new(NULL), *nobody = audit_scene_unreached("nobody");
    hf_sheet text = junit_of(audit), other = junit_of(nobody);

    (void)state;
    assert_non_null(strstr(text.text, "<testsuites name=\"handfast audit\" tests=\"8\" "
                                      "failures=\"4\" errors=\"0\" skipped=\"2\">"));
    assert_int_equal(count_of(text.text, "<testcase "), 8);
    assert_int_equal(count_of(text.text, "<failure "), 4);
    assert_int_equal(count_of(text.text, "<skipped "), 2);
    assert_int_equal(count_of(text.text, "<system-out>"), 1); /* a note fails nothing */
    assert_non_null(strstr(other.text, "errors=\"1\""));
    assert_non_null(strstr(other.text, "<error type=\"unreachable\" message=\"nobody\"/>"));
    hf_sheet_free(&text);
    hf_sheet_free(&other);
    audit_scene_free(audit);
    audit_scene_free(nobody);
}

/* ---- JSON ---- */

static void test_json_has_every_rule_and_finding(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *root = json_of(audit), *target = json_array_get(member(root, "targets"), 0);
    json_t *strict = json_array_get(member(target, "judgements"), 0);
    json_t *finding = json_array_get(member(strict, "findings"), 0);

    (void)state;
    assert_string_equal(json_string_value(member(root, "schema")), "handfast.audit/1");
    assert_string_equal(json_string_value(member(target, "verdict")), "broken");
    assert_int_equal(json_array_size(member(strict, "rules")), 6);
    assert_int_equal(json_array_size(member(strict, "findings")), 6);
    assert_string_equal(json_string_value(member(finding, "id")), "strict/versions-refused#tls10");
    assert_string_equal(json_string_value(member(finding, "severity")), "high");
    assert_int_equal(json_integer_value(member(finding, "evidence")), 1);
    assert_int_equal(json_object_size(member(member(target, "seen"), "traits")), HF_TRAIT_COUNT);
    assert_string_equal(
        json_string_value(member(json_array_get(member(target, "evidence"), 0), "sent")),
        "16030100280100002403"
        "01");
    json_decref(root);
    audit_scene_free(audit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_text_is_that_of_the_goldens),
        cmocka_unit_test(test_fixes_are_of_the_server_that_was_seen),
        cmocka_unit_test(test_colour_is_asked_for),
        cmocka_unit_test(test_unknown_is_not_absent),
        cmocka_unit_test(test_a_finding_of_two_books_is_told_once),
        cmocka_unit_test(test_the_page_is_right),
        cmocka_unit_test(test_sarif_has_what_it_must),
        cmocka_unit_test(test_sarif_help_has_lines),
        cmocka_unit_test(test_sarif_uris_have_no_scheme),
        cmocka_unit_test(test_sarif_has_no_links_of_a_peer),
        cmocka_unit_test(test_sarif_fingerprints_stay),
        cmocka_unit_test(test_junit_counts_what_it_tells),
        cmocka_unit_test(test_json_has_every_rule_and_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
