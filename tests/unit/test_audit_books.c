/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rule books as tables: complete, each rule with its own id, its section and a fix; every check in use; names that are found. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "explain/names.h"
#include "audit/books.h"
#include "unit/audit_seen_support.h"

static void test_names(void **state)
{
    static const char *const names[] = {
        "default",       "modern",         "pci-dss-4.0.1",
        "nist-800-52r2", "bsi-tr-02102-2", "mozilla-intermediate"
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const hf_book *book = hf_book_named(names[i]);
        assert_non_null(book);
        assert_ptr_equal(book, hf_book_row(i));
        assert_string_equal(book->name, names[i]);
    }
    assert_null(hf_book_row(sizeof names / sizeof *names));
    assert_ptr_equal(hf_book_named("default-2026-11"), hf_book_named("default"));
    assert_ptr_equal(hf_book_named("nist-800-52r2-2026-11"), hf_book_named("nist-800-52r2"));
    assert_null(hf_book_named(""));
    assert_null(hf_book_named("defaul"));
    assert_null(hf_book_named("default-"));
    assert_null(hf_book_named("default-2025-01"));
    assert_null(hf_book_named("default2026-11"));
}

static void need_text(const char *id, const char *what, const char *text, size_t at_least)
{
    if (!text || strlen(text) < at_least)
        fail_msg("%s: %s: %s", id, what, text ? text : "(none)");
}

/* "2026-11" */
static bool is_month(const char *text)
{
    return strlen(text) == 7 && text[4] == '-' && isdigit((unsigned char)text[0]) &&
           isdigit((unsigned char)text[6]);
}

static void test_heads(void **state)
{
    const hf_book *book;

    (void)state;
    for (size_t i = 0; (book = hf_book_row(i)); i++) {
        need_text(book->name, "title", book->title, 8);
        need_text(book->name, "edition", book->edition, 3);
        need_text(book->name, "about", book->about, 80);
        assert_true(is_month(book->dated));
        assert_memory_equal(book->source, "https://", 8);
        assert_true(book->n_rules >= 40 && book->n_rules <= 100);
        assert_true(!book->gdpr || strstr(book->gdpr, "Article 32(1)"));
        if (book->policy)
            assert_non_null(hf_policy_named(book->policy));
    }
}

/* Words that fill in a sentence: begins with a capital, ends without a full stop, one line. */
static void check_demand(const hf_rule *rule)
{
    size_t len = strlen(rule->demands);

    if (len < 10 || len > 200 || rule->demands[len - 1] == '.' ||
        islower((unsigned char)rule->demands[0]) || strpbrk(rule->demands, "\n|"))
        fail_msg("%s: %s", rule->id, rule->demands);
}

static bool is_slug(const char *text)
{
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-/")] == '\0';
}

static void test_rules(void **state)
{
    const hf_book *book;

    (void)state;
    for (size_t i = 0; (book = hf_book_row(i)); i++)
        for (size_t k = 0; k < book->n_rules; k++) {
            const hf_rule *rule = &book->rules[k];
            assert_memory_equal(rule->id, book->name, strlen(book->name));
            assert_int_equal(rule->id[strlen(book->name)], '/');
            assert_true(is_slug(rule->id));
            need_text(rule->id, "section", rule->section, 8);
            check_demand(rule);
            assert_true(rule->severity <= HF_SEVERITY_CRITICAL);
            assert_non_null(rule->check);
            for (size_t other = 0; other < k; other++)
                assert_string_not_equal(rule->id, book->rules[other].id);
        }
}

/* The section of a foreign book names its document, or says that the rule is beside it; nobody's own advice is told as a standard's. */
static void test_sections(void **state)
{
    static const struct {
        const char *book, *document[3];
    } rows[] = { { "default", { "RFC ", "CVE-", "handfast" } },
                 { "modern", { "RFC ", "CVE-", "handfast" } },
                 { "pci-dss-4.0.1", { "PCI DSS ", "beside the standard: ", "handfast" } },
                 { "nist-800-52r2", { "SP 800-52r2 ", "beside the standard: ", "handfast" } },
                 { "bsi-tr-02102-2", { "TR-02102-", "beside the standard: ", "handfast" } },
                 { "mozilla-intermediate",
                   { "Mozilla 6.0", "beside the standard: ", "handfast" } } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const hf_book *book = hf_book_named(rows[i].book);
        for (size_t k = 0; k < book->n_rules; k++) {
            bool known = false;
            for (size_t d = 0; d < 3; d++)
                known |= strncmp(book->rules[k].section, rows[i].document[d],
                                 strlen(rows[i].document[d])) == 0;
            if (!known)
                fail_msg("%s: %s", book->rules[k].id, book->rules[k].section);
        }
    }
}

/* Each rule has its check's fix, as its own book wants it: what NIST does not allow is in no setting that is told with it. */
static void test_fixes(void **state)
{
    const hf_book *book;

    (void)state;
    for (size_t i = 0; (book = hf_book_row(i)); i++)
        for (size_t k = 0; k < book->n_rules; k++)
            assert_true(book->rules[k].fix && book->rules[k].fix->what);
    book = hf_book_named("nist-800-52r2");
    for (size_t k = 0; k < book->n_rules; k++) {
        const hf_fix *fix = book->rules[k].fix;
        if (strcmp(book->rules[k].check->id, "suites-only") == 0) {
            assert_null(strstr(fix->nginx.lines, "CHACHA"));
            assert_non_null(strstr(book->rules[k].check->fix->nginx.lines, "CHACHA"));
        }
        if (strcmp(book->rules[k].check->id, "groups-only") == 0)
            assert_non_null(strstr(fix->nginx.lines, "ssl_ecdh_curve P-256:P-384;"));
    }
}

static const hf_fix *fix_of(const char *id)
{
    const hf_book *book;

    for (size_t i = 0; (book = hf_book_row(i)); i++)
        for (size_t k = 0; k < book->n_rules; k++)
            if (strcmp(book->rules[k].id, id) == 0)
                return book->rules[k].fix;
    fail_msg("no rule %s", id);
    return NULL;
}

/* Who follows a fix keeps the rule that it was told with. */
static void test_fixes_keep_their_rule(void **state)
{
    static const char *const suites[] = { "modern/suites", "modern/cbc", "modern/forward-secrecy",
                                          "modern/suites-weak" };
    const hf_fix *order = fix_of("mozilla-intermediate/order");

    (void)state;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        assert_non_null(strstr(fix_of(suites[i])->nginx.lines, "ssl_protocols TLSv1.3;"));
        assert_null(strstr(fix_of(suites[i])->nginx.lines, "ssl_ciphers"));
        assert_non_null(strstr(fix_of(suites[i])->haproxy.lines, "ssl-min-ver TLSv1.3"));
        assert_non_null(strstr(fix_of(suites[i])->apache.lines, "SSLProtocol -all +TLSv1.3"));
    }
    assert_string_equal(order->nginx.lines, "ssl_prefer_server_ciphers off;");
    assert_non_null(strstr(order->haproxy.lines, "options prefer-client-ciphers"));
    assert_string_equal(order->apache.lines, "SSLHonorCipherOrder off");
    assert_non_null(strstr(fix_of("default/order-sound")->nginx.lines, "ssl_ciphers ECDHE"));
    assert_non_null(strstr(fix_of("default/hsts")->haproxy.lines, "{ ssl_fc }"));
    assert_null(strstr(fix_of("default/cookies")->nginx.lines, "samesite"));
    assert_non_null(strstr(fix_of("default/schemes")->what, "haproxy can since 2.8"));
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_setting(const hf_fix_setting *a, const hf_fix_setting *b)
{
    return same_text(a->place, b->place) && same_text(a->lines, b->lines) &&
           same_text(a->words, b->words);
}

/* A line is one setting: nothing of prose, no second directive, no place in front of it. */
static void check_lines(const hf_fix_setting *setting)
{
    if (!setting->lines)
        return;
    assert_int_not_equal(setting->lines[0], '\n');
    assert_int_not_equal(setting->lines[strlen(setting->lines) - 1], '\n');
    assert_null(strstr(setting->lines, "\n\n"));
    assert_null(strstr(setting->lines, " and "));
    assert_null(strstr(setting->lines, "; ssl_"));
    assert_null(strstr(setting->lines, "global"));
}

static void test_lines_can_be_copied(void **state)
{
    (void)state;
    for (size_t i = 0; i < HF_FIX_COUNT; i++) {
        const hf_fix *fixes[] = { &hf_fixes_default[i], &hf_fixes_modern[i] };
        for (size_t k = 0; k < 2; k++) {
            check_lines(&fixes[k]->nginx);
            check_lines(&fixes[k]->haproxy);
            check_lines(&fixes[k]->apache);
            check_lines(&fixes[k]->handfast);
        }
    }
    const hf_fix *suites = fix_of("default/suites"), *trust = fix_of("default/certificate-trust");
    assert_non_null(strchr(suites->haproxy.lines, '\n'));
    assert_string_equal(suites->haproxy.place, "global");
    assert_string_equal(trust->nginx.lines, "ssl_certificate FILE;\nssl_certificate_key FILE;");
}

static bool same_fix(const hf_fix *a, const hf_fix *b)
{
    return same_text(a->what, b->what) && same_setting(&a->nginx, &b->nginx) &&
           same_setting(&a->haproxy, &b->haproxy) && same_setting(&a->apache, &b->apache) &&
           same_setting(&a->handfast, &b->handfast);
}

/* A book's fixes are its own where the book has a word in them, and those of all books elsewhere. */
static void test_same_fixes(void **state)
{
    size_t same = 0, other = 0;

    (void)state;
    for (size_t i = 0; i < HF_FIX_COUNT; i++)
        if (same_fix(&hf_fixes_default[i], &hf_fixes_modern[i]))
            same++;
        else
            other++;
    assert_true(same > 20 && other >= 5);
}

static bool is_used(const hf_check *check)
{
    const hf_book *book;

    for (size_t i = 0; (book = hf_book_row(i)); i++)
        for (size_t k = 0; k < book->n_rules; k++)
            if (book->rules[k].check == check)
                return true;
    return false;
}

static void test_checks(void **state)
{
    const hf_check *check;

    (void)state;
    for (size_t i = 0; (check = hf_check_row(i)); i++) {
        assert_true(is_slug(check->id));
        need_text(check->id, "title", check->title, 4);
        assert_non_null(check->ask);
        assert_true((check->trait < HF_TRAIT_COUNT) == (check->wrong != NULL));
        if (check->wrong)
            need_text(check->id, "wrong", check->wrong, 20);
        assert_non_null(check->fix);
        need_text(check->id, "fix", check->fix->what, 20);
        assert_int_equal(check->fix->what[strlen(check->fix->what) - 1], '.');
        if (!is_used(check))
            fail_msg("no book uses %s", check->id);
        for (size_t other = 0; other < i; other++)
            assert_string_not_equal(check->id, hf_check_row(other)->id);
    }
}

static hf_names names_of(const hf_check *check)
{
    if (strncmp(check->id, "versions", 8) == 0)
        return HF_NAMES_VERSIONS;
    if (strncmp(check->id, "suites", 6) == 0)
        return HF_NAMES_SUITES;
    if (strncmp(check->id, "groups", 6) == 0)
        return HF_NAMES_GROUPS;
    if (strncmp(check->id, "schemes", 7) == 0 || strcmp(check->id, "certificate-signature") == 0)
        return HF_NAMES_SCHEMES;
    return HF_NAMES_NONE;
}

/* Every code point is one that IANA, or SSL, has; none stands twice. */
static void test_lists(void **state)
{
    uint16_t codes[HF_RULE_CODES_MAX];
    const hf_book *book;

    (void)state;
    for (size_t i = 0; (book = hf_book_row(i)); i++)
        for (size_t k = 0; k < book->n_rules; k++) {
            const hf_rule *rule = &book->rules[k];
            size_t n = hf_rule_codes(book, rule, codes);
            hf_names names = names_of(rule->check);
            assert_true(rule->n_codes <= HF_RULE_CODES_MAX && n >= rule->n_codes);
            for (size_t a = 0; a < n; a++) {
                if (names == HF_NAMES_VERSIONS)
                    assert_true(hf_seen_version_of(codes[a]) != HF_V_COUNT);
                else if (names != HF_NAMES_NONE && !hf_name_of(names, codes[a]))
                    fail_msg("%s: 0x%04x", rule->id, codes[a]);
                for (size_t b = 0; b < a; b++)
                    if (codes[a] == codes[b])
                        fail_msg("%s: 0x%04x stands twice", rule->id, codes[a]);
            }
        }
}

/* A check of a list that has none, or of a number that is 0, would say nothing for ever. */
static void test_parameters(void **state)
{
    static const char *const numbered[] = { "dh-bits",
                                            "rsa-bits",
                                            "hsts",
                                            "scts",
                                            "order",
                                            "session-life",
                                            "suites-refused",
                                            "suites-until",
                                            "certificate-days-left",
                                            "certificate-share-left",
                                            "certificate-lifetime" };
    uint16_t codes[HF_RULE_CODES_MAX];
    const hf_book *book;

    (void)state;
    for (size_t i = 0; (book = hf_book_row(i)); i++)
        for (size_t k = 0; k < book->n_rules; k++) {
            const hf_rule *rule = &book->rules[k];
            bool list = names_of(rule->check) != HF_NAMES_NONE &&
                        strcmp(rule->check->id, "suites-refused") != 0;
            if (list && hf_rule_codes(book, rule, codes) == 0)
                fail_msg("%s has no list", rule->id);
            for (size_t a = 0; a < sizeof numbered / sizeof *numbered; a++)
                if (strcmp(rule->check->id, numbered[a]) == 0 && hf_rule_number(book, rule) == 0)
                    fail_msg("%s has no number", rule->id);
        }
}

/* The lists of `default` and `modern` are those that configure an endpoint. */
static void test_policies(void **state)
{
    const hf_book *book = hf_book_named("modern");
    const hf_policy *policy = hf_policy_named("modern");
    uint16_t codes[HF_RULE_CODES_MAX];

    (void)state;
    for (size_t k = 0; k < book->n_rules; k++) {
        const hf_rule *rule = &book->rules[k];
        if (rule->from == HF_FROM_GROUPS) {
            assert_int_equal(hf_rule_codes(book, rule, codes), 2);
            assert_memory_equal(codes, policy->groups, 4);
        } else if (rule->from == HF_FROM_VERSIONS) {
            assert_int_equal(hf_rule_codes(book, rule, codes), 5);
            assert_int_equal(codes[4], HF_TLS12);
        } else if (rule->from == HF_FROM_RSA_BITS) {
            assert_int_equal(hf_rule_number(book, rule), 3072);
        }
    }
    assert_int_equal(
        hf_rule_codes(hf_book_named("default"), &hf_book_named("default")->rules[0], codes), 4);
}

/* What a server of that policy speaks, as far as the policy says so. */
static void speak_policy(hf_seen *seen, const hf_policy *policy)
{
    for (int id = HF_V_SSL2; id < HF_V_COUNT; id++) {
        hf_seen_version *v = &seen->v[id];
        uint16_t code = hf_seen_version_code((hf_seen_version_id)id);
        bool new = code == HF_TLS13;

        memset(v, 0, sizeof *v);
        v->spoken =
            code >= policy->min_version && code <= policy->max_version ? HF_PRESENT : HF_ABSENT;
        if (v->spoken == HF_ABSENT)
            continue;
        v->suites_whole = v->groups_whole = v->schemes_whole = true;
        v->order = policy->server_prefers ? HF_ORDER_SERVER : HF_ORDER_CLIENT;
        for (size_t i = 0; i < HF_POLICY_LIST; i++) {
            if (policy->suites[i] && (policy->suites[i] >> 8 == 0x13) == new)
                hf_codes_add(&v->suites, policy->suites[i]);
            if (policy->groups[i] && (new || policy->groups[i] < 0x0200))
                hf_codes_add(&v->groups, policy->groups[i]);
            if (policy->schemes[i] &&
                (!new || policy->schemes[i] >> 8 != 0x04 || policy->schemes[i] == 0x0403))
                hf_codes_add(&v->schemes, policy->schemes[i]);
        }
    }
}

/* Whoever serves by the policy of a book's name keeps the book, as far as it is a matter of lists: one name, one meaning. */
static void test_policies_keep_their_books(void **state)
{
    const hf_book *book;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; (book = hf_book_row(i)); i++) {
        const hf_policy *policy = hf_policy_named(book->name);
        hf_seen *seen = seen_good(book);

        assert_non_null(policy);
        assert_non_null(seen);
        speak_policy(seen, policy);
        hf_judgement *judged = hf_judge(book, seen, SEEN_NOW);
        assert_non_null(judged);
        for (size_t k = 0; k < judged->n_findings; k++)
            if (judged->findings[k].severity != HF_SEVERITY_NOTE)
                fail_msg("%s: %s", judged->findings[k].rule->id, judged->findings[k].what);
        hf_judgement_free(judged);
        hf_seen_free(seen);
        n++;
    }
    assert_int_equal(n, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_sections),
        cmocka_unit_test(test_fixes),
        cmocka_unit_test(test_fixes_keep_their_rule),
        cmocka_unit_test(test_same_fixes),
        cmocka_unit_test(test_lines_can_be_copied),
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_policies_keep_their_books),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
