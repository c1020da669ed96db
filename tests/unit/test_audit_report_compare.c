/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* --baseline: what changed is told and nothing else, what could not be seen is not gone, and a wrong file is told from a right one. */
#include "audit_report_support.h"

static json_t *baseline_of_scene(void)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *root = json_of(audit);

    audit_scene_free(audit);
    return root;
}

static hf_sheet compared(hf_audit *audit, const json_t *baseline)
{
    char why[HF_WHY_ROOM] = "";

    if (!hf_audit_compare(audit, baseline, why))
        fail_msg("%s", why);
    return text_of(audit, &plain_view);
}

static bool among(char *const *lines, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(lines[i], what))
            return true;
    return false;
}

/* The certificates are made anew for each audit: the same one is used twice. */
static void test_nothing_changed(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *baseline = json_of(audit);
    hf_sheet text = compared(audit, baseline);

    (void)state;
    assert_true(audit->change->known);
    assert_int_equal(audit->change->n_new + audit->change->n_gone + audit->change->n_facts, 0);
    assert_non_null(strstr(text.text, "nothing changed since the baseline"));
    assert_null(strstr(text.text, "TLS 1.0"));
    json_decref(baseline);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

static size_t times(const char *text, const char *what)
{
    size_t n = 0;

    while ((text = strstr(text, what)) != NULL) {
        text += strlen(what);
        n++;
    }
    return n;
}

/* However many suites went, and whichever policies refused them: they are told together, the first ones by name. */
static void test_what_went_is_told_together(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *baseline = json_of(audit);
    json_t *target = json_array_get(json_object_get(baseline, "targets"), 0);
    json_t *judgements = json_object_get(target, "judgements");

    (void)state;
    for (int i = 0; i < 9; i++) {
        json_t *findings = json_object_get(json_array_get(judgements, i % 2), "findings");
        json_t *one = json_pack(
            "{s:s, s:s, s:s, s:s, s:o}", "rule", i % 2 ? "loose/order" : "strict/suites-refused",
            "check", "suites-refused", "key", i < 8 ? "0x0001" : "0x0008", "severity", "high",
            "what", json_sprintf("suite %d is accepted", i < 8 ? i : 6));
        assert_int_equal(json_array_append_new(findings, one), 0);
    }
    hf_sheet text = compared(audit, baseline), page = html_of(audit);
    assert_int_equal(times(text.text, "  gone "), 1);
    assert_non_null(strstr(text.text, "gone     high: suite 0 is accepted; suite 2 is accepted; "));
    assert_non_null(strstr(text.text, "and 3 more"));
    assert_non_null(strstr(text.text, "(strict, loose)"));
    assert_int_equal(times(page.text, "suite 0 is accepted; "), 1);
    assert_int_equal(audit->change->n_gone, 9);
    json_decref(baseline);
    hf_sheet_free(&text);
    hf_sheet_free(&page);
    audit_scene_free(audit);
}

static void test_what_changed_is_told(void **state)
{
    hf_audit *audit = audit_scene_mended();
    json_t *baseline = baseline_of_scene();
    hf_sheet text = compared(audit, baseline);
    const hf_audit_change *c = audit->change;

    (void)state;
    assert_int_equal(c->n_new, 1);
    assert_string_equal(c->fresh[0]->rule->id, "strict/order");
    assert_int_equal(c->n_gone, 2);
    assert_true(among(c->gone, c->n_gone, "strict: TLS 1.0 is spoken"));
    assert_true(among(c->gone, c->n_gone, "loose: TLS 1.0 is spoken"));
    assert_true(among(c->facts, c->n_facts, "TLS 1.0 is not spoken any more"));
    assert_true(among(c->facts, c->n_facts, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 is new"));
    assert_true(among(c->facts, c->n_facts, "another certificate"));
    assert_null(strstr(text.text, "static RSA"));     /* what was there before is not told again */
    assert_int_equal(times(text.text, "  gone "), 1); /* of both policies */
    assert_non_null(strstr(text.text, "  gone     high: TLS 1.0 is spoken (strict, loose)\n"));
    json_decref(baseline);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* A rule that nobody could judge this time: its old finding is neither there nor gone. */
static void test_unseen_is_not_gone(void **state)
{
    hf_audit *audit = audit_scene_mended();
    json_t *baseline = baseline_of_scene();
    hf_sheet text = compared(audit, baseline);
    const hf_audit_change *c = audit->change;

    (void)state;
    assert_false(among(c->gone, c->n_gone, "Memory of the server came back"));
    assert_true(among(c->facts, c->n_facts, "Memory of the server came back"));
    assert_true(among(c->facts, c->n_facts, "could not be seen: the server fell silent"));
    json_decref(baseline);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* Lists that are not whole, and versions that nobody could tell of, say nothing of change. */
static void test_what_is_not_known_does_not_change(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *baseline = json_of(audit);

    (void)state;
    audit->seen->v[HF_V_TLS12].suites_whole = false;
    audit->seen->v[HF_V_TLS12].suites.n = 1;
    audit->seen->v[HF_V_TLS11].spoken = HF_UNKNOWN;
    audit->seen->traits[HF_TRAIT_heartbleed].state = HF_UNKNOWN;
    hf_sheet text = compared(audit, baseline);
    assert_int_equal(audit->change->n_facts, 0);
    json_decref(baseline);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* The same port, once with STARTTLS and once without, is not the same service. */
static void test_starttls_is_part_of_the_target(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *baseline = json_of(audit);

    (void)state;
    snprintf(audit->seen->starttls, sizeof audit->seen->starttls, "%s",
             *audit->seen->starttls ? "" : "smtp");
    hf_sheet text = compared(audit, baseline);
    assert_false(audit->change->known);
    json_decref(baseline);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

static void test_another_target_is_told_whole(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *baseline = json_of(audit);

    (void)state;
    audit->seen->port = 8443;
    hf_sheet text = compared(audit, baseline);
    assert_false(audit->change->known);
    assert_non_null(strstr(text.text, "this target is not in it"));
    assert_non_null(strstr(text.text, "TLS 1.0 is spoken"));
    json_decref(baseline);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* It was there, and is not: that is the change, and not that everything is gone. */
static void test_a_target_that_went_away(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *baseline = json_of(audit);

    (void)state;
    audit->seen->reached = false;
    for (size_t b = 0; b < audit->n; b++)
        audit->judged[b]->n_findings = 0;
    hf_sheet text = compared(audit, baseline);
    assert_int_equal(audit->change->n_gone, 0);
    assert_int_equal(audit->change->n_facts, 1);
    assert_non_null(strstr(text.text, "cannot be reached any more"));
    json_decref(baseline);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

static json_t *judgements_of(json_t *report)
{
    return json_object_get(json_array_get(json_object_get(report, "targets"), 0), "judgements");
}

static json_t *finding_of(json_t *report, size_t book, const char *rule)
{
    json_t *list = json_object_get(json_array_get(judgements_of(report), book), "findings");

    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(list, i), "rule")), rule) == 0)
            return json_array_get(list, i);
    fail_msg("no finding of %s", rule);
    return NULL;
}

/* How many results have that baselineState, of rules that begin so. */
static size_t sarif_states(const hf_audit *audit, const char *word, const char *rules)
{
    hf_sheet text = sarif_of(audit);
    json_t *root = json_loads(text.text, JSON_REJECT_DUPLICATES, NULL);
    json_t *results = json_object_get(json_array_get(json_object_get(root, "runs"), 0), "results");
    size_t n = 0;

    assert_non_null(root);
    for (size_t i = 0; i < json_array_size(results); i++) {
        const json_t *one = json_array_get(results, i);
        const char *state = json_string_value(json_object_get(one, "baselineState"));
        assert_non_null(state);
        n += strcmp(state, word) == 0 &&
             strncmp(json_string_value(json_object_get(one, "ruleId")), rules, strlen(rules)) == 0;
    }
    json_decref(root);
    hf_sheet_free(&text);
    return n;
}

/* Nobody has seen them before, and whoever gates on "new" must not miss them. */
static void test_findings_of_a_new_policy_are_new(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *baseline = json_of(audit);
    size_t n = audit->judged[1]->n_findings;

    (void)state;
    assert_true(n > 0);
    json_array_remove(judgements_of(baseline), 1);
    hf_sheet text = compared(audit, baseline);
    assert_int_equal(audit->change->n_new, n);
    assert_true(audit->change->book_is_new[1] && !audit->change->book_is_new[0]);
    assert_true(among(audit->change->facts, audit->change->n_facts,
                      "loose: the baseline was not judged by it"));
    assert_non_null(strstr(text.text, "TLS 1.0 is spoken (loose"));
    assert_int_equal(sarif_states(audit, "new", "loose/"), n);
    assert_int_equal(sarif_states(audit, "new", "strict/"), 0);
    assert_int_equal(sarif_states(audit, "unchanged", "strict/"), audit->judged[0]->n_findings);
    json_decref(baseline);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* The same rule and key, but graver or in other words: told, with what it was. */
static void test_what_is_told_otherwise_is_updated(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *baseline = json_of(audit);
    json_t *graver = finding_of(baseline, 0, audit->judged[0]->findings[0].rule->id);
    json_t *worded = finding_of(baseline, 1, audit->judged[1]->findings[0].rule->id);

    (void)state;
    json_object_set_new(
        graver, "severity",
        json_string(audit->judged[0]->findings[0].severity == HF_SEVERITY_LOW ? "note" : "low"));
    json_object_set_new(worded, "what", json_string("Another"));
    hf_sheet text = compared(audit, baseline);
    assert_int_equal(audit->change->n_new, 0);
    assert_int_equal(audit->change->n_gone, 0);
    assert_int_equal(audit->change->n_updated, 2);
    assert_non_null(strstr(text.text, "updated"));
    assert_non_null(strstr(text.text, ": Another"));
    assert_int_equal(sarif_states(audit, "updated", "strict/"), 1);
    assert_int_equal(sarif_states(audit, "updated", "loose/"), 1);
    json_t *report = json_of(audit);
    json_t *change =
        json_object_get(json_array_get(json_object_get(report, "targets"), 0), "change");
    assert_int_equal(json_array_size(json_object_get(change, "updated")), 2);
    hf_sheet html = html_of(audit);
    assert_non_null(strstr(html.text, ": Another</li>"));
    json_decref(report);
    json_decref(baseline);
    hf_sheet_free(&html);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* "expires in 29 days" after "expires in 30 days" is the calendar's doing. */
static void test_that_time_passes_is_no_change(void **state)
{
    static const struct {
        const char *then, *now;
        size_t updated;
    } rows[] = {
        { "the certificate expires in 30 days", "the certificate expires in 9 days", 0 },
        { "it expires in 1 day", "it expires in 23 hours", 0 },
        { "30 of 90 days are left", "7 of 90 days are left", 0 },
        { "not after 2026-01-01T00:00:00Z, now 2026-11-22T10:00:00Z in the trusted CN=A",
          "not after 2026-01-01T00:00:00Z, now 2026-11-23T10:00:07Z in the trusted CN=A", 0 },
        { "not after 2026-01-01T00:00:00Z, now 2026-11-22T10:00:00Z",
          "not after 2026-01-02T00:00:00Z, now 2026-11-22T10:00:00Z", 1 },
        { "now 2026-11-22T10:00:00", "now 2026-11-22T10:00:01", 1 },
        { "now", "now 2026-11-22T10:00:01Z", 1 },
        { "max-age is 30", "max-age is 9", 1 },
        { "it expires in 1 day", "it expired 1 day ago", 1 },
        { "30 days", "30 days of", 1 },
        { "30", "", 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hf_audit *audit = audit_scene_new(NULL);
        hf_finding *f = &audit->judged[0]->findings[0];
        json_t *baseline = json_of(audit);
        json_object_set_new(finding_of(baseline, 0, f->rule->id), "what",
                            json_string(rows[i].then));
        snprintf(f->what, sizeof f->what, "%s", rows[i].now);
        hf_sheet text = compared(audit, baseline);
        if (audit->change->n_updated != rows[i].updated)
            fail_msg("%s: %zu", rows[i].then, audit->change->n_updated);
        json_decref(baseline);
        hf_sheet_free(&text);
        audit_scene_free(audit);
    }
}

/* SARIF has a result of those that went, with the fingerprint that it had; what could not be seen has not gone. */
static void test_sarif_has_what_went(void **state)
{
    hf_audit *audit = audit_scene_mended();
    json_t *baseline = baseline_of_scene();
    hf_sheet text = compared(audit, baseline), sarif = sarif_of(audit);

    (void)state;
    assert_int_equal(sarif_states(audit, "absent", ""), audit->change->n_gone);
    assert_int_equal(sarif_states(audit, "new", ""), 1);
    assert_non_null(strstr(sarif.text, "TLS 1.0 is spoken"));
    assert_null(strstr(sarif.text, ": Memory of the server came back"));
    json_decref(baseline);
    hf_sheet_free(&text);
    hf_sheet_free(&sarif);
    audit_scene_free(audit);
}

/* 56 suites that came at once are one change, and each of them is named. */
static void test_a_list_is_one_change(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *baseline = json_of(audit);
    hf_codes *suites = &audit->seen->v[HF_V_TLS12].suites;

    (void)state;
    assert_true(audit->seen->v[HF_V_TLS12].suites_whole);
    hf_codes_add(suites, 0x0001);
    hf_codes_add(suites, 0x0002);
    hf_sheet text = compared(audit, baseline);
    assert_int_equal(audit->change->n_facts, 1);
    assert_string_equal(audit->change->facts[0],
                        "TLS 1.2: 2 cipher suites are new: TLS_RSA_WITH_NULL_MD5, "
                        "TLS_RSA_WITH_NULL_SHA");
    json_decref(baseline);
    hf_sheet_free(&text);
    audit_scene_free(audit);
}

/* Compared again, the first comparison is given back. */
static void test_a_second_baseline_takes_the_place_of_the_first(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *baseline = json_of(audit);
    char why[HF_WHY_ROOM];

    (void)state;
    assert_true(hf_audit_compare(audit, baseline, why));
    assert_true(hf_audit_compare(audit, baseline, why));
    assert_non_null(audit->change);
    json_decref(baseline);
    audit_scene_free(audit);
}

static void test_wrong_files(void **state)
{
    static const struct {
        const char *text, *why;
    } wrong[] = {
        { "[]", "it is no JSON object" },
        { "{}", "its member schema is \"\", not \"handfast.audit/1\"" },
        { "{\"schema\": 1}", "its member schema is \"\"" },
        { "{\"schema\": \"handfast.trace/1\"}", "its member schema is \"handfast.trace/1\"" },
        { "{\"schema\": \"\\u001b[2J\"}", "its member schema is \"\\x1b[2J\"" },
        { "{\"schema\": \"handfast.audit/1\"}", "it has no array targets" },
        { "{\"schema\": \"handfast.audit/1\", \"targets\": {}}", "it has no array targets" },
    };
    hf_audit *audit = audit_scene_new(NULL);
    char why[HF_WHY_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        json_t *root = json_loads(wrong[i].text, 0, NULL);
        assert_non_null(root);
        assert_false(hf_audit_compare(audit, root, why));
        if (!strstr(why, wrong[i].why))
            fail_msg("%s: %s", wrong[i].text, why);
        json_decref(root);
    }
    assert_null(audit->change);
    audit_scene_free(audit);
}

/* Any member of any kind anywhere in the report: nothing is read that is not there. */
static void replace_all(json_t *root, json_t *at, hf_audit *audit)
{
    static const char *const other[] = {
        "null", "1e9", "-1", "\"x\"", "[]", "{}", "[1, {}]", "true"
    };
    char why[HF_WHY_ROOM];
    const char *name;
    json_t *value;
    void *next;

    json_object_foreach_safe(at, next, name, value)
    {
        json_incref(value);
        for (size_t i = 0; i < COUNT(other); i++) {
            json_object_set_new(at, name, json_loads(other[i], JSON_DECODE_ANY, NULL));
            hf_audit_compare(audit, root, why);
        }
        json_object_set_new(at, name, value);
    }
}

static void test_members_of_any_kind(void **state)
{
    hf_audit *audit = audit_scene_new(NULL);
    json_t *root = json_of(audit), *target = json_array_get(json_object_get(root, "targets"), 0);
    json_t *seen = json_object_get(target, "seen");
    json_t *judged = json_array_get(json_object_get(target, "judgements"), 0);

    (void)state;
    replace_all(root, root, audit);
    replace_all(root, target, audit);
    replace_all(root, judged, audit);
    replace_all(root, json_array_get(json_object_get(judged, "findings"), 0), audit);
    replace_all(root, seen, audit);
    replace_all(root, json_array_get(json_object_get(seen, "versions"), 0), audit);
    replace_all(root, json_array_get(json_object_get(seen, "chains"), 0), audit);
    replace_all(root, json_object_get(seen, "traits"), audit);
    json_decref(root);
    audit_scene_free(audit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_changed),
        cmocka_unit_test(test_what_changed_is_told),
        cmocka_unit_test(test_what_went_is_told_together),
        cmocka_unit_test(test_unseen_is_not_gone),
        cmocka_unit_test(test_what_is_not_known_does_not_change),
        cmocka_unit_test(test_starttls_is_part_of_the_target),
        cmocka_unit_test(test_another_target_is_told_whole),
        cmocka_unit_test(test_a_target_that_went_away),
        cmocka_unit_test(test_findings_of_a_new_policy_are_new),
        cmocka_unit_test(test_what_is_told_otherwise_is_updated),
        cmocka_unit_test(test_that_time_passes_is_no_change),
        cmocka_unit_test(test_sarif_has_what_went),
        cmocka_unit_test(test_a_list_is_one_change),
        cmocka_unit_test(test_a_second_baseline_takes_the_place_of_the_first),
        cmocka_unit_test(test_wrong_files),
        cmocka_unit_test(test_members_of_any_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
