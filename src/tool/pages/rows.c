/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What pages and shells want to know of a row: its page's name, its first sentence, and what may stand behind it. */
#include <string.h>

#include "registry/registry.h"
#include "tool/bench_case.h"
#include "tool/pages/pages.h"

void page_name(const char *command, char out[PAGE_NAME_ROOM])
{
    snprintf(out, PAGE_NAME_ROOM, "handfast%s%s", *command ? "-" : "", command);
    for (; *out; out++)
        if (*out == ' ')
            *out = '-';
}

bool page_in_family(const char *command, const char *family)
{
    size_t n = strlen(family);

    return strncmp(command, family, n) == 0 && command[n] == ' ';
}

size_t page_sentence(const char *text)
{
    const char *end = strstr(text, ". ");
    size_t n = end ? (size_t)(end - text) : strlen(text);

    return n > 0 && text[n - 1] == '.' ? n - 1 : n;
}

const hf_opt_row *page_option(const hf_command *command, size_t i)
{
    for (size_t g = 0; g < HF_OPT_GROUPS && command->groups[g].rows; g++) {
        if (i < command->groups[g].n)
            return &command->groups[g].rows[i];
        i -= command->groups[g].n;
    }
    return NULL;
}

/* ---- values ---- */

/* By the word that --help shows. */
static page_value by_word(const char *arg)
{
    static const struct {
        const char *arg;
        page_value value;
    } rows[] = { { "FILE", VALUE_FILE },           { "FILE|DIR", VALUE_FILE },
                 { "CERT", VALUE_FILE },           { "CSR", VALUE_FILE },
                 { "FILE|HOST:PORT", VALUE_FILE }, { "DIR", VALUE_DIR },
                 { "FILE|CODE", VALUE_FILE },      { "HOST[:PORT]", VALUE_HOST } };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].arg, arg) == 0)
            return rows[i].value;
    return VALUE_ANY;
}

page_value page_value_of_option(const hf_opt_row *row)
{
    static const struct {
        const char *name;
        page_value value;
    } rows[] = { { "policy", VALUE_POLICY },  { "tls", VALUE_TLS },
                 { "case", VALUE_CASE },      { "groups", VALUE_GROUPS },
                 { "ciphers", VALUE_SUITES }, { "sigalgs", VALUE_SIGALGS } };

    if (hf_opt_is_bare(row))
        return VALUE_NONE;
    if (row->kind == HF_OPT_choice)
        return VALUE_WORDS;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, row->name) == 0)
            return rows[i].value;
    return by_word(row->arg);
}

/* The only free argument of that name is that of `handfast policy`. */
page_value page_value_of_argument(const hf_arg_row *row)
{
    if (row->kind == HF_OPT_choice)
        return VALUE_WORDS;
    return strstr(row->help, "policy") ? VALUE_POLICY : by_word(row->arg);
}

/* ---- words ---- */

static void each_of_row(const char *words, void (*each)(FILE *, const char *), FILE *out)
{
    char word[64];

    while (*words) {
        size_t n = strcspn(words, "|");
        snprintf(word, sizeof word, "%.*s", (int)n, words);
        each(out, word);
        words += n + (words[n] == '|');
    }
}

/* Dated names, and before the first of each kind the name without its date. */
static void each_policy(void (*each)(FILE *, const char *), FILE *out)
{
    const hf_policy *policy, *newest;
    char bare[64];

    for (size_t i = 0; (policy = hf_policy_row(i)) != NULL; i++) {
        const char *date = strstr(policy->name, "-20");
        snprintf(bare, sizeof bare, "%.*s", date ? (int)(date - policy->name) : 0, policy->name);
        newest = *bare ? hf_policy_named(bare) : NULL;
        if (newest == policy)
            each(out, bare);
        each(out, policy->name);
    }
}

/* Both spellings, where there are two. */
static void each_spelling(const char *name, const char *openssl, void (*each)(FILE *, const char *),
                          FILE *out)
{
    each(out, name);
    if (strcmp(name, openssl) != 0)
        each(out, openssl);
}

static void each_registered(page_value value, void (*each)(FILE *, const char *), FILE *out)
{
    const hf_suite *suite;
    const hf_group *group;
    const hf_scheme *scheme;

    for (size_t i = 0; value == VALUE_SUITES && (suite = hf_suite_row(i)) != NULL; i++)
        each_spelling(suite->name, suite->openssl, each, out);
    for (size_t i = 0; value == VALUE_GROUPS && (group = hf_group_row(i)) != NULL; i++)
        each_spelling(group->name, group->openssl, each, out);
    for (size_t i = 0; value == VALUE_SIGALGS && (scheme = hf_scheme_row(i)) != NULL; i++)
        each_spelling(scheme->name, scheme->openssl, each, out);
}

static void each_case(void (*each)(FILE *, const char *), FILE *out)
{
    const hf_bench_kind *kind;
    const hf_bench_load *load;

    for (size_t i = 0; (kind = hf_bench_kind_row(i)) != NULL; i++)
        each(out, kind->name);
    for (size_t i = 0; (load = hf_bench_load_row(i)) != NULL; i++)
        each(out, load->name);
}

void page_each_word(page_value value, const char *words, void (*each)(FILE *, const char *),
                    FILE *out)
{
    if (value == VALUE_WORDS)
        each_of_row(words, each, out);
    else if (value == VALUE_TLS)
        each_of_row("1.2|1.3", each, out);
    else if (value == VALUE_POLICY)
        each_policy(each, out);
    else if (value == VALUE_CASE)
        each_case(each, out);
    else
        each_registered(value, each, out);
}
