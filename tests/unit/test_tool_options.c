/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The option tables as a whole: rows are complete, examples parse, names are unique. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/exit.h"
#include "tool/leaf_kind.h"
#include "tool/options.h"
#include "tool/suggest.h"

enum { WORDS = 32 };

static const hf_command *command_at(size_t i)
{
    return i == 0 ? hf_command_tool() : hf_command_row(i - 1);
}

/* ---- walking ---- */

static void each_row(void (*visit)(const hf_command *, const hf_opt_row *))
{
    const hf_command *c;

    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        for (size_t g = 0; g < HF_OPT_GROUPS && c->groups[g].rows; g++)
            for (size_t r = 0; r < c->groups[g].n; r++)
                visit(c, &c->groups[g].rows[r]);
}

static const hf_opt_row *row_named(const hf_command *c, const char *name, size_t len)
{
    for (size_t g = 0; g < HF_OPT_GROUPS && c->groups[g].rows; g++)
        for (size_t r = 0; r < c->groups[g].n; r++)
            if (strlen(c->groups[g].rows[r].name) == len &&
                strncmp(c->groups[g].rows[r].name, name, len) == 0)
                return &c->groups[g].rows[r];
    return NULL;
}

/* ---- examples ---- */

/* As a shell would split it; only double quotes occur. */
static int split(char *text, char *words[WORDS])
{
    int n = 0;

    for (char *p = text; *p; p++) {
        while (*p == ' ')
            p++;
        bool quoted = *p == '"';
        p += quoted;
        words[n++] = p;
        p += strcspn(p, quoted ? "\"" : " ");
        if (!*p)
            break;
        *p = '\0';
    }
    return n;
}

static void assert_parses(const hf_command *c, const char *sample)
{
    static union {
        max_align_t align;
        char bytes[16384];
    } out;
    char text[256], *words[WORDS];
    size_t skip = strlen(c->name);

    assert_true(strlen(sample) < sizeof text && c->size <= sizeof out);
    assert_int_equal(strncmp(sample, c->name, skip), 0);
    snprintf(text, sizeof text, "%s", sample + skip);
    assert_int_equal(hf_options_parse(c, split(text, words), words, &out), HF_EXIT_OK);
}

/* The example of a shared option names connect; it belongs to that command. */
static const hf_command *command_of(const char *sample)
{
    const hf_command *c;

    for (size_t i = 1; (c = command_at(i)) != NULL; i++)
        if (strncmp(sample, c->name, strlen(c->name)) == 0)
            return c;
    return hf_command_tool();
}

static void check_sample(const hf_command *c, const hf_opt_row *row)
{
    char option[64];

    (void)c;
    assert_non_null(row->sample);
    snprintf(option, sizeof option, "--%s", row->name);
    if (row->letter && !strstr(row->sample, option))
        snprintf(option, sizeof option, "-%c", row->letter);
    assert_non_null(strstr(row->sample, option));
    assert_parses(command_of(row->sample), row->sample);
}

static void test_every_option_has_an_example_that_parses(void **state)
{
    (void)state;
    each_row(check_sample);
}

static void test_every_argument_has_an_example_that_parses(void **state)
{
    const hf_command *c;

    (void)state;
    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        for (size_t a = 0; a < c->n_args; a++)
            assert_parses(c, c->args[a].sample);
}

/* ---- rows ---- */

static void check_row(const hf_command *c, const hf_opt_row *row)
{
    size_t same = 0, letters = 0, len = strlen(row->help);

    for (size_t g = 0; g < HF_OPT_GROUPS && c->groups[g].rows; g++)
        for (size_t r = 0; r < c->groups[g].n; r++) {
            same += strcmp(c->groups[g].rows[r].name, row->name) == 0;
            letters += row->letter && c->groups[g].rows[r].letter == row->letter;
        }
    assert_int_equal(same, 1);
    assert_true(letters <= 1);
    assert_int_equal(hf_opt_is_bare(row), row->arg == NULL);
    assert_int_equal(row->kind == HF_OPT_choice || row->kind == HF_OPT_integer ||
                         row->kind == HF_OPT_seconds,
                     row->values != NULL);
    assert_true(isupper((unsigned char)row->help[0]) && row->help[len - 1] == '.');
    assert_true(row->kind != HF_OPT_integer || (row->std && strstr(row->values, "..")));
    assert_true(row->kind != HF_OPT_optional || row->std);
}

static void test_rows_are_complete_and_unique(void **state)
{
    (void)state;
    each_row(check_row);
}

/* ---- foreign words ---- */

static bool exists(const char *ours)
{
    const hf_command *c;
    size_t len = strcspn(ours, " ");

    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        if (strncmp(ours, "--", 2) == 0 && row_named(c, ours + 2, len - 2))
            return true;
        if (*c->name && strncmp(ours, c->name, strlen(c->name)) == 0)
            return true;
    }
    return false;
}

static void test_foreign_words_lead_to_what_exists(void **state)
{
    const hf_foreign *row, *c;

    (void)state;
    for (size_t i = 0; (row = hf_foreign_row(i)) != NULL; i++) {
        assert_true(exists(row->ours));
        for (size_t j = 0; j < i; j++) { /* a second row of that name is for another command */
            c = hf_foreign_row(j);
            assert_true(strcmp(c->theirs, row->theirs) != 0 || strcmp(c->ours, row->ours) != 0);
        }
        assert_non_null(hf_foreign_of(row->theirs, strlen(row->theirs)));
        assert_true(strcmp(row->theirs, row->ours) != 0);
    }
}

/* No foreign word may hide an option of ours. One is both: curl's --verbose leads connect to --trace, and trace has it itself; there
   it must not lead to another option of that command. */
static void check_not_foreign(const hf_command *c, const hf_opt_row *row)
{
    const hf_foreign *foreign;
    char word[64];

    snprintf(word, sizeof word, "--%s", row->name);
    if (strcmp(row->name, "verbose") != 0)
        assert_null(hf_foreign_of(word, strlen(word)));
    for (size_t i = 0; (foreign = hf_foreign_row(i)) != NULL; i++)
        if (hf_foreign_is(foreign, word, strlen(word)))
            assert_null(row_named(c, foreign->ours + 2, strlen(foreign->ours + 2)));
}

static void test_no_option_is_foreign(void **state)
{
    (void)state;
    each_row(check_not_foreign);
}

/* ---- distance ---- */

static void test_edit_distance(void **state)
{
    static const struct {
        const char *a, *b;
        size_t d;
    } cases[] = {
        { "", "", 0 },
        { "a", "", 1 },
        { "ca", "ac", 1 },
        { "servername", "servrname", 1 },
        { "trace", "TRACE", 0 },
        { "kitten", "sitting", 3 },
        { "json", "once", 4 },
        { "abcd", "badc", 2 },
        { "a-very-long-word-of-more-than-forty-letters", "x", 40 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(hf_edit_distance(cases[i].a, cases[i].b), cases[i].d);
        assert_int_equal(hf_edit_distance(cases[i].b, cases[i].a), cases[i].d);
    }
}

/* ---- values ---- */

static void test_values_land_in_their_fields(void **state)
{
    char *words[] = {
        "--ca=a", "host:1", "-46", "--ca", "b", "--http", "--timeout=7", "--",
    };
    hf_connect_options o;

    (void)state;
    assert_int_equal(hf_options_parse(hf_command_row(1), 8, words, &o), HF_EXIT_OK);
    assert_string_equal(hf_command_row(1)->name, "connect");
    assert_int_equal(o.ca.n, 2);
    assert_string_equal(o.ca.at[0], "a");
    assert_string_equal(o.ca.at[1], "b");
    assert_string_equal(o.target, "host:1");
    assert_string_equal(o.http, "");
    assert_int_equal(o.timeout, 7000);
    assert_true(o.ipv4 && o.ipv6 && !o.json && !o.trace);
    assert_null(o.output);
    assert_string_equal(o.common.color, "auto");
    assert_string_equal(o.protocol.policy, "default");
}

/* A count counts, in every spelling; its value is the word that comes after it no more than a flag's is. */
static void test_counts_count(void **state)
{
    char *words[] = { "-vv", "--verbose", "host", "-4v" }, *value[] = { "--verbose=2", "host" };
    const hf_command *trace = hf_command_named("trace");
    hf_trace_options o;

    (void)state;
    assert_int_equal(hf_options_parse(trace, 4, words, &o), HF_EXIT_OK);
    assert_int_equal(o.show.verbose, 4);
    assert_true(o.connect.ipv4);
    assert_string_equal(o.target, "host");
    assert_int_equal(hf_options_parse(trace, 2, value, &o), HF_EXIT_USAGE);
    assert_int_equal(hf_options_parse(trace, 1, words + 2, &o), HF_EXIT_OK);
    assert_int_equal(o.show.verbose, 0);
}

static void test_optional_argument_and_dashes(void **state)
{
    char *given[] = { "--http", "/w", "--http", "/x", "host" }, *equals[] = { "--http=/y", "host" },
         *end[] = { "--", "--http" };
    hf_connect_options o;

    (void)state;
    assert_int_equal(hf_options_parse(hf_command_row(1), 5, given, &o), HF_EXIT_OK);
    assert_string_equal(o.http, "/x"); /* the last one counts */
    assert_string_equal(o.target, "host");
    assert_int_equal(hf_options_parse(hf_command_row(1), 2, equals, &o), HF_EXIT_OK);
    assert_string_equal(o.http, "/y");
    assert_int_equal(hf_options_parse(hf_command_row(1), 2, end, &o), HF_EXIT_OK);
    assert_string_equal(o.target, "--http");
    assert_null(o.http);
}

static void test_environment_stands_in(void **state)
{
    char *without[] = { "host" }, *with[] = { "--keylog", "mine", "host" };
    hf_connect_options o;

    (void)state;
    setenv("SSLKEYLOGFILE", "theirs", 1);
    assert_int_equal(hf_options_parse(hf_command_row(1), 1, without, &o), HF_EXIT_OK);
    assert_string_equal(o.keylog, "theirs");
    assert_int_equal(hf_options_parse(hf_command_row(1), 3, with, &o), HF_EXIT_OK);
    assert_string_equal(o.keylog, "mine");
    setenv("SSLKEYLOGFILE", "", 1);
    assert_int_equal(hf_options_parse(hf_command_row(1), 1, without, &o), HF_EXIT_OK);
    assert_null(o.keylog);
    unsetenv("SSLKEYLOGFILE");
}

/* ---- policies ---- */

static void test_protocol_words_narrow_the_policy(void **state)
{
    hf_protocol_options o = { .policy = "default",
                              .groups = "secp384r1:x25519,P-256",
                              .ciphers = "tls_aes_256_gcm_sha384",
                              .sigalgs = "RSA-PSS+SHA256,ed25519" };
    hf_policy p;

    (void)state;
    assert_int_equal(hf_protocol_policy(&o, &p), HF_EXIT_OK);
    assert_int_equal(p.groups[0], 0x0018);
    assert_int_equal(p.groups[1], 0x001d);
    assert_int_equal(p.groups[2], 0x0017);
    assert_int_equal(p.groups[3], 0);
    assert_int_equal(p.key_shares[0], 0x001d); /* the default sends no others of these */
    assert_int_equal(p.key_shares[1], 0);
    assert_int_equal(p.suites[0], 0x1302);
    assert_int_equal(p.suites[1], 0);
    assert_int_equal(p.schemes[0], 0x0804);
    assert_int_equal(p.schemes[1], 0x0807);
    o.groups = "P-384";
    assert_int_equal(hf_protocol_policy(&o, &p), HF_EXIT_OK);
    assert_int_equal(p.key_shares[0], 0x0018);
    assert_int_equal(p.key_shares[1], 0);
}

/* What is left after the words: which versions, or HF_EXIT_USAGE. */
static void check_versions(const char *policy, const char *tls, const char *ciphers,
                           const char *groups, uint16_t low, uint16_t high)
{
    hf_protocol_options o = { .policy = policy, .tls = tls, .ciphers = ciphers, .groups = groups };
    hf_policy p;

    if (low == 0) {
        assert_int_equal(hf_protocol_policy(&o, &p), HF_EXIT_USAGE);
        return;
    }
    assert_int_equal(hf_protocol_policy(&o, &p), HF_EXIT_OK);
    assert_int_equal(p.min_version, low);
    assert_int_equal(p.max_version, high);
}

static void test_versions_that_have_nothing_left_are_not_spoken(void **state)
{
    static const char new_suite[] = "TLS_AES_128_GCM_SHA256",
                      old_suite[] = "ECDHE-ECDSA-AES128-GCM-SHA256", rsa[] = "AES128-GCM-SHA256",
                      hybrid[] = "X25519MLKEM768";

    (void)state;
    check_versions("default", NULL, NULL, NULL, HF_TLS12, HF_TLS13);
    check_versions("default", "1.2", NULL, NULL, HF_TLS12, HF_TLS12);
    check_versions("default", "1.3", NULL, NULL, HF_TLS13, HF_TLS13);
    check_versions("default", "1.1", NULL, NULL, 0, 0);
    check_versions("modern", "1.2", NULL, NULL, 0, 0);
    check_versions("default", NULL, new_suite, NULL, HF_TLS13, HF_TLS13);
    check_versions("default", NULL, old_suite, NULL, HF_TLS12, HF_TLS12);
    check_versions("default", "1.3", old_suite, NULL, 0, 0);
    check_versions("default", "1.2", new_suite, NULL, 0, 0);
    check_versions("modern", NULL, old_suite, NULL, 0, 0);
    check_versions("default", NULL, NULL, hybrid, HF_TLS13, HF_TLS13);
    check_versions("default", "1.2", NULL, hybrid, 0, 0);
    check_versions("default", NULL, old_suite, hybrid, 0, 0);
    check_versions("default", NULL, rsa, NULL, 0, 0); /* no forward secrecy by the way */
    check_versions("classroom", NULL, rsa, hybrid, HF_TLS12, HF_TLS12);
}

static const char *leaf_kind(const char *policy, const char *tls, const char *ciphers,
                             const char *sigalgs)
{
    hf_protocol_options o = {
        .policy = policy, .tls = tls, .ciphers = ciphers, .sigalgs = sigalgs
    };
    hf_policy p;

    assert_int_equal(hf_protocol_policy(&o, &p), HF_EXIT_OK);
    return hf_leaf_kind(&p);
}

static void test_our_own_leaf_fits_the_policy(void **state)
{
    (void)state;
    assert_string_equal(leaf_kind("default", NULL, NULL, NULL), "p256");
    assert_string_equal(leaf_kind("classroom", NULL, NULL, NULL), "rsa2048");
    assert_string_equal(leaf_kind("classroom", "1.3", NULL, NULL), "p256");
    assert_string_equal(leaf_kind("default", NULL, "ECDHE-RSA-AES128-GCM-SHA256", NULL), "rsa2048");
    assert_string_equal(leaf_kind("aes256", NULL, "ECDHE-RSA-AES256-GCM-SHA384", NULL), "rsa3072");
    assert_string_equal(leaf_kind("default", NULL, NULL, "ed25519"), "ed25519");
    assert_string_equal(leaf_kind("default", NULL, NULL, "rsa_pss_rsae_sha256"), "rsa2048");
    assert_null(leaf_kind("default", NULL, NULL, "rsa_pss_pss_sha256"));
}

static void test_exit_codes(void **state)
{
    (void)state;
    assert_int_equal(hf_exit_of(HF_OK), 0);
    assert_int_equal(hf_exit_of(HF_E_CERT_DER), 6);
    assert_int_equal(hf_exit_of(HF_E_CERT_NAME), 6);
    assert_int_equal(hf_exit_of(HF_E_CERT_REFUSED), 6);
    assert_int_equal(hf_exit_of(HF_E_CERTIFICATE_EMPTY), 4);
    assert_int_equal(hf_exit_of(HF_E_CLOSED_IN_HANDSHAKE), 4);
    assert_int_equal(hf_exit_of(HF_E_TIMEOUT), 4);
    assert_int_equal(hf_exit_of(HF_E_CONFIG_PEM), 2);
    assert_int_equal(hf_exit_of(HF_E_CONFIG_FILE), 2);
    assert_int_equal(hf_exit_of(HF_E_NO_MEMORY), 5);
    assert_int_equal(hf_exit_of(HF_E_INTERNAL), 70);
    assert_int_equal(hf_exit_of(HF_WAIT), 70);
    assert_int_equal(hf_exit_of(HF_ERROR_COUNT), 70);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_option_has_an_example_that_parses),
        cmocka_unit_test(test_every_argument_has_an_example_that_parses),
        cmocka_unit_test(test_rows_are_complete_and_unique),
        cmocka_unit_test(test_foreign_words_lead_to_what_exists),
        cmocka_unit_test(test_no_option_is_foreign),
        cmocka_unit_test(test_edit_distance),
        cmocka_unit_test(test_values_land_in_their_fields),
        cmocka_unit_test(test_counts_count),
        cmocka_unit_test(test_optional_argument_and_dashes),
        cmocka_unit_test(test_environment_stands_in),
        cmocka_unit_test(test_protocol_words_narrow_the_policy),
        cmocka_unit_test(test_versions_that_have_nothing_left_are_not_spoken),
        cmocka_unit_test(test_our_own_leaf_fits_the_policy),
        cmocka_unit_test(test_exit_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
