/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Findings as the text tells them, of a server with much that is wrong and by several of the real books: what stands in a block, its
 * heading, what shows it, and settings that can be copied.
 */
#include "crypto_support.h"

#include <stdio.h>
#include <stdlib.h>

#include "audit/checks.h"
#include "audit/report_parts.h"

enum { NOW = 1790000000 };

typedef struct told_case {
    hf_seen *seen;
    hf_audit audit;
    hf_sheet text;
} told_case;

static void add_codes(hf_codes *codes, const uint16_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hf_codes_add(codes, at[i]);
}

/* TLS 1.2 with RSA key transport, CBC, an anonymous suite, and two that are only not on anybody's list. */
static hf_seen *bad_server(const char *server)
{
    static const uint16_t suites[] = { 0xc02f, 0x009c, 0x002f, 0x0035,
                                       0xc013, 0xc018, 0xc060, 0xc061 };
    static const uint16_t schemes[] = { 0x0804, 0x0201 }, groups[] = { 0x0017, 0x001d };
    hf_seen *seen = hf_seen_new();

    assert_non_null(seen);
    snprintf(seen->host, sizeof seen->host, "a.test");
    snprintf(seen->name, sizeof seen->name, "a.test");
    snprintf(seen->http.server, sizeof seen->http.server, "%s", server);
    seen->http.status = 200;
    seen->port = 443;
    seen->started = NOW;
    seen->reached = true;
    for (unsigned v = 0; v < HF_V_COUNT; v++)
        seen->v[v].spoken = HF_ABSENT;
    hf_seen_version *v = &seen->v[HF_V_TLS12];
    v->spoken = HF_PRESENT;
    v->suites_whole = v->groups_whole = v->schemes_whole = true;
    add_codes(&v->suites, suites, sizeof suites / sizeof *suites);
    add_codes(&v->schemes, schemes, sizeof schemes / sizeof *schemes);
    add_codes(&v->groups, groups, sizeof groups / sizeof *groups);
    return seen;
}

static told_case told_new(const char *server, const char *const *books, size_t n, unsigned width)
{
    told_case c = { .seen = bad_server(server), .text = { .error = HF_OK } };
    hf_report_view view = { .width = width };

    c.audit.seen = c.seen;
    for (size_t i = 0; i < n; i++) {
        c.audit.judged[i] = hf_judge(hf_book_named(books[i]), c.seen, NOW);
        assert_non_null(c.audit.judged[i]);
    }
    c.audit.n = n;
    assert_int_equal(hf_report_text(&c.audit, &view, &c.text), HF_OK);
    return c;
}

static void told_free(told_case *c)
{
    for (size_t i = 0; i < c->audit.n; i++)
        hf_judgement_free(c->audit.judged[i]);
    hf_seen_free(c->seen);
    hf_sheet_free(&c->text);
}

static const char *const books[] = { "pci-dss-4.0.1", "bsi-tr-02102-2", "default" };
enum { BOOKS = sizeof books / sizeof *books };

static const char *find(const told_case *c, const char *words)
{
    const char *at = strstr(c->text.text, words);

    if (!at)
        fail_msg("“%s” is not in\n%s", words, c->text.text);
    return at;
}

/* What several are called says what is wrong with them, as far as it is the same. */
static void test_headings_say_what_is_wrong(void **state)
{
    told_case c = told_new("nginx", books, 1, 100);

    (void)state;
    find(&c, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA is accepted (TLS 1.2): no certificate");
    find(&c, "Suites without forward secrecy: 3");
    assert_null(strstr(c.text.text, "of a kind that is refused"));
    told_free(&c);
}

/* No reason stands above what it is not the reason for. */
static void test_what_is_only_not_listed_has_its_own_heading(void **state)
{
    told_case c = told_new("nginx", books + 1, 1, 100);
    const char *cbc = find(&c, "\n          CBC"),
               *listed = find(&c, "\n          no weakness of its kind, but not on the list\n"),
               *suite = find(&c, "\n            TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256");

    (void)state;
    assert_true(cbc < listed && listed < suite);
    told_free(&c);
}

static size_t findings_of(const hf_judgement *judged, const hf_check *check)
{
    size_t n = 0;

    for (size_t i = 0; i < judged->n_findings; i++)
        n += judged->findings[i].rule->check == check;
    return n;
}

/* All that a rule finds stands in one block, whatever other books say: the reader can count. */
static void test_a_rule_is_one_block(void **state)
{
    told_case c = told_new("nginx", books, BOOKS, 100);
    hf_told_list list;

    (void)state;
    for (size_t b = 0; b < BOOKS; b++) {
        char words[64];
        size_t n = findings_of(c.audit.judged[b], &hf_check_rows[HF_CHECK_suites_only]);
        snprintf(words, sizeof words, "Cipher suites beyond the list: %zu", n);
        if (n > 1)
            find(&c, words);
    }
    assert_true(hf_told_make(&c.audit, &list));
    for (size_t i = 0; i < list.n; i++)
        for (size_t k = i + hf_told_run(&list, i); k < list.n; k++)
            for (size_t b = 0; b < list.at[i].n; b++)
                for (size_t d = 0; d < list.at[k].n; d++)
                    if (list.at[i].set != list.at[k].set)
                        assert_ptr_not_equal(list.at[i].by[b].finding->rule,
                                             list.at[k].by[d].finding->rule);
    hf_told_free(&list);
    told_free(&c);
}

/* What no connection alone shows is told by what does. */
static void test_what_shows_it(void **state)
{
    told_case c = told_new("nginx", books, 1, 100);

    (void)state;
    find(&c, "seen  hellos of TLS 1.2 with rsa_pkcs1_sha1: ServerKeyExchange was signed with it");
    told_free(&c);
}

/* Settings stand in a line each, however narrow it is, and where policies differ each has its own. */
static void test_settings_can_be_copied(void **state)
{
    told_case c = told_new("nginx/1.26", books, BOOKS, 40);
    const hf_fix *pci = NULL;

    (void)state;
    for (size_t i = 0; i < c.audit.judged[0]->n_findings; i++)
        if (c.audit.judged[0]->findings[i].rule->check == &hf_check_rows[HF_CHECK_suites_refused])
            pci = c.audit.judged[0]->findings[i].rule->fix;
    assert_non_null(pci);
    const char *from = strstr(pci->nginx.lines, "ssl_ciphers "), *end = strstr(from, ";");
    char line[200];
    snprintf(line, sizeof line, " %.*s\n", (int)(end - from) + 1, from);
    find(&c, line);
    find(&c, "For default:\n");
    find(&c, "as above: Name");
    find(&c, "Policies differ in their");
    assert_null(strstr(c.text.text, "ssl_certificate\n")); /* a bare name sets nothing */
    told_free(&c);
}

/* Whose edition it is, and how far it was read; ours is its date. */
static void test_editions_and_limits_are_told(void **state)
{
    told_case c = told_new("nginx", books, BOOKS, 200);

    (void)state;
    find(&c, "bsi-tr-02102-2: ");
    find(&c, "BSI TR-02102-2, 2024-01, with what is known of 2025-01 and 2026-01; rules as of "
             "2026-11\n");
    find(&c, "The text of 2024-01 was read");
    find(&c, "not in the Council's PDF.\n");
    find(&c, "default (2026-11): ");
    told_free(&c);
}

/* Every book of others says how far it was read. */
static void test_every_source_says_how_far_it_was_read(void **state)
{
    (void)state;
    for (size_t i = 0; hf_book_row(i); i++) {
        hf_sheet words = { .error = HF_OK };
        hf_book_limits(hf_book_row(i), &words);
        if (!hf_book_is_ours(hf_book_row(i)))
            assert_true(words.len > 20 && words.text[words.len - 1] == '.');
        hf_sheet_free(&words);
    }
}

/* The weakest are not among those that are left out. */
static void test_all_suites_are_listed(void **state)
{
    told_case c = told_new("nginx", books, 1, 100);
    hf_seen_version *v = &c.seen->v[HF_V_TLS12];
    hf_report_view view = { .width = 0 };

    (void)state;
    for (uint16_t suite = 0xc072; v->suites.n < 60; suite++)
        hf_codes_add(&v->suites, suite);
    hf_sheet_free(&c.text);
    assert_int_equal(hf_report_text(&c.audit, &view, &c.text), HF_OK);
    const char *seen = find(&c, "What was seen");
    for (size_t i = 0; i < v->suites.n; i++) {
        char name[HF_NAME_ROOM];
        assert_non_null(strstr(seen, hf_suite_text(HF_V_TLS12, v->suites.at[i], name)));
    }
    told_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headings_say_what_is_wrong),
        cmocka_unit_test(test_what_is_only_not_listed_has_its_own_heading),
        cmocka_unit_test(test_a_rule_is_one_block),
        cmocka_unit_test(test_what_shows_it),
        cmocka_unit_test(test_settings_can_be_copied),
        cmocka_unit_test(test_editions_and_limits_are_told),
        cmocka_unit_test(test_every_source_says_how_far_it_was_read),
        cmocka_unit_test(test_all_suites_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
