/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a finding says: its key, its words, its evidence and how grave it is; and the limit on how many there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "unit/audit_seen_support.h"

/* ---- one book, one server ---- */

static hf_seen *seen;
static hf_judgement *judged;

static void begin(const char *book)
{
    seen = seen_good(hf_book_named(book));
    assert_non_null(seen);
}

static void judge_now(const char *book)
{
    judged = hf_judge(hf_book_named(book), seen, SEEN_NOW);
    assert_non_null(judged);
}

static void end(void)
{
    hf_judgement_free(judged);
    hf_seen_free(seen);
}

static const hf_judged_rule *rule_row(const char *id)
{
    for (size_t i = 0; i < judged->n_rules; i++)
        if (strcmp(judged->rules[i].rule->id, id) == 0)
            return &judged->rules[i];
    fail_msg("no rule %s", id);
    return NULL;
}

/* The finding of that rule with that key. */
static const hf_finding *finding(const char *id, const char *key)
{
    const hf_judged_rule *row = rule_row(id);

    for (size_t i = 0; i < row->n; i++)
        if (strcmp(judged->findings[row->first + i].key, key) == 0)
            return &judged->findings[row->first + i];
    fail_msg("%s has no finding %s", id, key);
    return NULL;
}

/* ---- tests ---- */

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(hf_severity_word(HF_SEVERITY_NOTE), "note");
    assert_string_equal(hf_severity_word(HF_SEVERITY_LOW), "low");
    assert_string_equal(hf_severity_word(HF_SEVERITY_MEDIUM), "medium");
    assert_string_equal(hf_severity_word(HF_SEVERITY_HIGH), "high");
    assert_string_equal(hf_severity_word(HF_SEVERITY_CRITICAL), "critical");
}

static void test_versions(void **state)
{
    (void)state;
    begin("modern");
    seen_speak(seen, HF_V_TLS10)->evidence = 7;
    seen_speak(seen, HF_V_TLS12)->evidence = 9;
    judge_now("modern");
    const hf_finding *f = finding("modern/versions", "tls10");
    assert_string_equal(f->what, "TLS 1.0 is spoken");
    assert_int_equal(f->evidence, 7);
    assert_int_equal(f->severity, HF_SEVERITY_HIGH);
    f = finding("modern/versions", "tls12");
    assert_int_equal(f->evidence, 9);
    assert_int_equal(f->severity, HF_SEVERITY_MEDIUM); /* nothing in it is broken */
    assert_int_equal(rule_row("modern/versions")->n, 2);
    assert_true(judged->broken);
    end();
}

/* Seen in three versions it is one finding, with the first one's evidence. */
static void test_suite_in_versions(void **state)
{
    static const hf_seen_version_id in[] = { HF_V_TLS10, HF_V_TLS11, HF_V_TLS12 };

    (void)state;
    begin("default");
    for (size_t i = 0; i < 3; i++) {
        hf_seen_version *v = seen_speak(seen, in[i]);
        v->suite_evidence[v->suites.n] = 20 + i;
        hf_codes_add(&v->suites, 0x0005);
    }
    judge_now("default");
    const hf_finding *f = finding("default/suites-weak", "0x0005");
    assert_string_equal(f->what,
                        "TLS_RSA_WITH_RC4_128_SHA is accepted (TLS 1.0, TLS 1.1, TLS 1.2): "
                        "RC4, whose stream gives the plaintext away");
    assert_int_equal(f->evidence, 20);
    assert_int_equal(rule_row("default/suites-weak")->n, 1);
    assert_int_equal(rule_row("default/suites")->n, 0); /* told by its kind already */
    end();
}

/* A port that refuses whatever is asked gives nothing away; one that asks for a password would take it. */
static void test_plain_http_that_is_refused(void **state)
{
    static const struct {
        int status;
        hf_severity severity;
    } rows[] = {
        { 200, HF_SEVERITY_MEDIUM }, { 302, HF_SEVERITY_MEDIUM }, { 401, HF_SEVERITY_MEDIUM },
        { 400, HF_SEVERITY_NOTE },   { 403, HF_SEVERITY_NOTE },   { 404, HF_SEVERITY_NOTE },
        { 426, HF_SEVERITY_NOTE },   { 503, HF_SEVERITY_NOTE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin("pci-dss-4.0.1");
        seen->traits[HF_TRAIT_redirect].state = HF_ABSENT;
        seen->http.plain_status = rows[i].status;
        judge_now("pci-dss-4.0.1");
        assert_int_equal(finding("pci-dss-4.0.1/redirect", "")->severity, rows[i].severity);
        assert_int_equal(judged->broken, rows[i].severity > HF_SEVERITY_NOTE);
        end();
    }
}

/* A version that must go takes its suites with it, but for those that are weak. */
static void test_suites_of_old_versions(void **state)
{
    (void)state;
    begin("mozilla-intermediate");
    SEEN_CODES(&seen_speak(seen, HF_V_TLS10)->suites, 0xc013, 0xc012);
    judge_now("mozilla-intermediate");
    assert_int_equal(rule_row("mozilla-intermediate/suites")->n, 0);
    assert_non_null(finding("mozilla-intermediate/suites-weak", "0xc012"));
    end();
}

/* Groups of a version that must go are not told; those that are weak are. */
static void test_groups_of_old_versions(void **state)
{
    (void)state;
    begin("modern");
    SEEN_CODES(&seen_speak(seen, HF_V_TLS12)->groups, 0x0017, 0x0013);
    judge_now("modern");
    assert_int_equal(rule_row("modern/groups")->n, 0);
    assert_string_equal(finding("modern/groups-weak", "0x0013")->what,
                        "secp192r1 is accepted (TLS 1.2)");
    end();
}

static void test_trait_words(void **state)
{
    (void)state;
    begin("default");
    seen->traits[HF_TRAIT_compression].state = HF_PRESENT;
    seen->traits[HF_TRAIT_compression].evidence = 3;
    judge_now("default");
    assert_string_equal(finding("default/compression", "")->what,
                        "TLS compression is chosen: lengths tell about cookies");
    assert_int_equal(finding("default/compression", "")->evidence, 3);
    hf_judgement_free(judged);
    strcpy(seen->traits[HF_TRAIT_compression].words, "ServerHello");
    judge_now("default");
    assert_string_equal(finding("default/compression", "")->what,
                        "TLS compression is chosen: lengths tell about cookies (ServerHello)");
    end();
}

static void test_unknown_suite(void **state)
{
    (void)state;
    begin("default");
    hf_codes_add(&seen->v[HF_V_TLS12].suites, 0xfefa);
    judge_now("default");
    assert_string_equal(finding("default/suites", "0xfefa")->what,
                        "unknown (0xfefa) is accepted (TLS 1.2): a kind that nobody on the "
                        "Internet needs");
    end();
}

/* Keys are those of the certificate's kind, so that a renewal does not look like another finding. */
static void test_chain_keys(void **state)
{
    (void)state;
    begin("default");
    seen->n_chains = 3;
    seen->chains[1] = seen->chains[2] = seen->chains[0];
    seen->chains[0].leaf.key.type = HF_KEY_RSA;
    seen->chains[1].leaf.key.type = HF_KEY_RSA;
    for (size_t i = 0; i < 3; i++) {
        seen->chains[i].name_matches = false;
        seen->chains[i].evidence = i + 1;
    }
    strcpy(seen->name, "a.test");
    strcpy(seen->chains[1].sans, "DNS:b\x1b.test");
    judge_now("default");
    assert_int_equal(finding("default/certificate-name", "rsa")->evidence, 1);
    assert_int_equal(finding("default/certificate-name", "rsa-2")->evidence, 2);
    assert_int_equal(finding("default/certificate-name", "p256")->evidence, 3);
    assert_string_equal(finding("default/certificate-name", "rsa-2")->what,
                        "the certificate (rsa-2) is not for a.test but for DNS:b?.test");
    end();
}

/* Each reason for which a chain is refused is told once, by its own rule. */
static void test_chain_verdicts(void **state)
{
    static const struct {
        hf_error verdict;
        bool missing;
        const char *rule;
    } rows[] = {
        { HF_E_CERT_SELF_SIGNED, false, "default/certificate-trust" },
        { HF_E_CERT_UNKNOWN_CA, false, "default/certificate-trust" },
        { HF_E_CERT_UNKNOWN_CA, true, "default/certificate-intermediate" },
        { HF_E_CERT_REVOKED, false, "default/certificate-revoked" },
        { HF_E_CERT_EXPIRED, false, "default/certificate-time" },
        { HF_E_CERT_NOT_YET_VALID, false, "default/certificate-time" },
        { HF_E_CERT_PURPOSE, false, "default/certificate-sound" },
        { HF_E_CERT_DER, false, "default/certificate-sound" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin("default");
        seen->chains[0].verdict = rows[i].verdict;
        seen->chains[0].missing_intermediate = rows[i].missing;
        strcpy(seen->chains[0].missing_issuer, rows[i].missing ? "CN=Somebody" : "");
        judge_now("default");
        assert_int_equal(rule_row(rows[i].rule)->n, 1);
        assert_int_equal(judged->n_findings, 1);
        assert_int_equal(judged->findings[0].severity, HF_SEVERITY_HIGH);
        end();
    }
}

/* What is wrong has the section of the document that forbids it, which need not be the rule's. */
static void test_sections_of_faults(void **state)
{
    static const struct {
        const char *book;
        hf_error fault;
        const char *section;
    } rows[] = {
        { "default", HF_E_CERT_PURPOSE, "RFC 5280 4.2.1.12" },
        { "default", HF_E_CERT_PURPOSE_OPEN, "CA/Browser Forum BR 7.1.2.7.10" },
        { "default", HF_E_CERT_CA_AS_LEAF, "CA/Browser Forum BR 7.1.2.7" },
        { "pci-dss-4.0.1", HF_E_CERT_CA_AS_LEAF,
          "beside the standard: CA/Browser Forum BR 7.1.2.7" },
        { "default", HF_E_CERT_EXPIRED, "RFC 5280 4.1.2.5" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin("default");
        seen->chains[0].verdict = rows[i].fault;
        judge_now(rows[i].book);
        assert_int_equal(judged->n_findings, 1);
        assert_string_equal(hf_finding_section(&judged->findings[0]), rows[i].section);
        end();
    }
}

static void test_not_yet_valid(void **state)
{
    (void)state;
    begin("default");
    seen->chains[0].leaf.not_before = SEEN_NOW + SEEN_DAY;
    judge_now("default");
    assert_non_null(
        strstr(finding("default/certificate-time", "p256")->what, "is not valid before 2026-"));
    end();
}

/* Seven days are enough, a second less is not; both are late. */
static void test_days_left(void **state)
{
    (void)state;
    for (int less = 0; less < 2; less++) {
        begin("default");
        seen->chains[0].leaf.not_before = SEEN_NOW - 83 * SEEN_DAY;
        seen->chains[0].leaf.not_after = SEEN_NOW + 7 * SEEN_DAY - less;
        judge_now("default");
        assert_int_equal(rule_row("default/certificate-days-left")->n, (size_t)less);
        assert_int_equal(rule_row("default/certificate-share-left")->n, 1);
        assert_true(judged->broken == (less == 1));
        end();
    }
}

/* Notes alone break nothing; a note of a graver rule neither. */
static void test_notes(void **state)
{
    (void)state;
    begin("default");
    seen->traits[HF_TRAIT_hsts].state = HF_ABSENT;
    judge_now("default");
    assert_int_equal(rule_row("default/hsts")->verdict, HF_RULE_BROKEN);
    assert_int_equal(judged->n_findings, 1);
    assert_false(judged->broken);
    end();
}

static void test_hsts(void **state)
{
    (void)state;
    begin("default");
    seen->traits[HF_TRAIT_hsts].state = HF_ABSENT;
    strcpy(seen->traits[HF_TRAIT_hsts].words, "max-age is 0");
    judge_now("default");
    assert_memory_equal(finding("default/hsts", "")->what,
                        "HSTS is not in force (max-age is 0): ", 37);
    end();
}

/* What ends with a year is a note until then, and what the rule says afterwards. */
static void test_until(void **state)
{
    const hf_book *book = hf_book_named("bsi-tr-02102-2");

    (void)state;
    for (int over = 0; over < 2; over++) { /* in 2029, and in 2030 */
        begin("bsi-tr-02102-2");
        hf_codes_add(&seen->v[HF_V_TLS12].suites, 0x009e);
        judged = hf_judge(book, seen, SEEN_NOW + (int64_t)(3 + over) * 365 * SEEN_DAY);
        assert_non_null(judged);
        const hf_finding *f = finding("bsi-tr-02102-2/dhe", "0x009e");
        assert_int_equal(f->severity, over ? HF_SEVERITY_MEDIUM : HF_SEVERITY_NOTE);
        assert_non_null(strstr(f->what, over ? "ended with 2029" : "ends with 2029"));
        end();
    }
}

/* Several reasons to be unseen: the first is told. Something broken is broken even if not all was seen. */
static void test_broken_though_unseen(void **state)
{
    (void)state;
    begin("default");
    seen->v[HF_V_TLS10].spoken = HF_UNKNOWN;
    strcpy(seen->v[HF_V_TLS10].why, "it stalled");
    judge_now("default");
    assert_int_equal(rule_row("default/versions")->verdict, HF_RULE_UNSEEN);
    assert_string_equal(rule_row("default/versions")->why,
                        "whether TLS 1.0 is spoken is not known: it stalled");
    hf_judgement_free(judged);
    seen_speak(seen, HF_V_TLS11);
    judge_now("default");
    assert_int_equal(rule_row("default/versions")->verdict, HF_RULE_BROKEN);
    assert_string_equal(rule_row("default/versions")->why, "");
    end();
}

/* More than there is room for: the last one says so, and the book is broken all the same. */
static void test_limit(void **state)
{
    (void)state;
    begin("default");
    hf_seen_version *v = &seen->v[HF_V_TLS12];
    for (unsigned code = 1; v->suites.n < HF_CODES_MAX; code++)
        hf_codes_add(&v->suites, (uint16_t)code);
    for (unsigned code = 1; seen->v[HF_V_TLS13].groups.n < HF_CODES_MAX; code++)
        hf_codes_add(&seen->v[HF_V_TLS13].groups, (uint16_t)code);
    seen->chains[0].name_matches = false;
    judge_now("default");
    assert_int_equal(judged->n_findings, HF_FINDINGS_MAX);
    assert_string_equal(judged->findings[HF_FINDINGS_MAX - 1].key, "more");
    assert_true(judged->broken);
    for (size_t i = 0; i < judged->n_rules; i++)
        assert_true(judged->rules[i].first + judged->rules[i].n <= HF_FINDINGS_MAX);
    assert_int_equal(rule_row("default/certificate-name")->verdict, HF_RULE_BROKEN);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_suite_in_versions),
        cmocka_unit_test(test_plain_http_that_is_refused),
        cmocka_unit_test(test_suites_of_old_versions),
        cmocka_unit_test(test_groups_of_old_versions),
        cmocka_unit_test(test_trait_words),
        cmocka_unit_test(test_unknown_suite),
        cmocka_unit_test(test_chain_keys),
        cmocka_unit_test(test_chain_verdicts),
        cmocka_unit_test(test_sections_of_faults),
        cmocka_unit_test(test_not_yet_valid),
        cmocka_unit_test(test_days_left),
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_hsts),
        cmocka_unit_test(test_until),
        cmocka_unit_test(test_broken_though_unseen),
        cmocka_unit_test(test_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
