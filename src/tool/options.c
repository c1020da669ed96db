/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Words of the command line into a command's struct. What is said about a wrong one: misuse.c. */
#include "tool/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/exit.h"
#include "tool/misuse.h"

/* One run over argv. */
typedef struct parser {
    const hf_command *command;
    char **argv;
    int argc, at; /* argv[at] is the next word */
    void *out;
    uint64_t given;              /* a bit for each row */
    const hf_opt_row *last_flag; /* the word before was this one */
    const hf_opt_row *misread;   /* a flag that may have been meant to have a value … */
    const char *misread_value;   /* … and the argument after it */
    size_t n_args;               /* arguments so far */
    bool only_args;              /* after -- */
} parser;

/* A row with its place: which of all rows, and where its value goes. */
typedef struct found {
    const hf_opt_row *row;
    size_t number;
    void *field;
} found;

/* ---- look-up ---- */

static bool row_at(const parser *p, size_t number, found *f)
{
    size_t i = number;

    for (size_t g = 0; g < HF_OPT_GROUPS && p->command->groups[g].rows; g++) {
        const hf_opt_group *group = &p->command->groups[g];
        if (i < group->n) {
            f->row = &group->rows[i];
            f->number = number;
            f->field = (char *)p->out + group->offset + f->row->offset;
            return true;
        }
        i -= group->n;
    }
    return false;
}

static bool find_long(const parser *p, const char *name, size_t len, found *f)
{
    for (size_t i = 0; row_at(p, i, f); i++)
        if (strlen(f->row->name) == len && memcmp(f->row->name, name, len) == 0)
            return true;
    return false;
}

static bool find_letter(const parser *p, char letter, found *f)
{
    for (size_t i = 0; row_at(p, i, f); i++)
        if (f->row->letter == letter)
            return true;
    return false;
}

/* ---- values ---- */

static bool is_one_of(const char *values, const char *word)
{
    size_t len = strlen(word);

    for (const char *v = values; len > 0 && v; v = strchr(v, '|') ? strchr(v, '|') + 1 : NULL)
        if (strncmp(v, word, len) == 0 && (v[len] == '|' || v[len] == '\0'))
            return true;
    return false;
}

/* "1..3600" */
static bool in_range(const char *range, const char *word, long *value)
{
    char *end;
    long low = strtol(range, &end, 10), high = strtol(end + 2, NULL, 10);

    errno = 0;
    *value = strtol(word, &end, 10);
    return end != word && *end == '\0' && errno == 0 && *word >= '0' && *word <= '9' &&
           *value >= low && *value <= high;
}

/* "1.5" as 1500: digits, then at most three behind a point. The range is in whole seconds, but for its
   low end, which may be a tenth. */
static bool in_seconds(const char *range, const char *word, long *ms)
{
    size_t whole = strspn(word, "0123456789"), part = 0;
    long thousandths = 0, value = 0, high = strtol(strstr(range, "..") + 2, NULL, 10);

    for (size_t i = 0; i < whole && value <= high; i++)
        value = value * 10 + (word[i] - '0');
    if (word[whole] == '.') {
        part = strspn(word + whole + 1, "0123456789");
        for (size_t i = 0; i < 3; i++)
            thousandths = thousandths * 10 + (i < part ? word[whole + 1 + i] - '0' : 0);
        if (part == 0 || part > 3)
            return false;
        part++;
    }
    *ms = value * 1000 + thousandths;
    return whole > 0 && word[whole + part] == '\0' && *ms >= 100 && *ms <= high * 1000;
}

void hf_seconds_text(long ms, char out[HF_SECONDS_ROOM])
{
    int n = snprintf(out, HF_SECONDS_ROOM, "%ld.%03ld", ms / 1000, ms % 1000);

    while (n > 0 && out[n - 1] == '0')
        out[--n] = '\0';
    if (n > 0 && out[n - 1] == '.')
        out[n - 1] = '\0';
}

static int store_strings(hf_opt_strings *list, const char *name, const char *word)
{
    if (list->n == HF_OPT_STRINGS_MAX)
        return hf_misuse_too_many(name, HF_OPT_STRINGS_MAX);
    list->at[list->n++] = word;
    return HF_EXIT_OK;
}

static int store(const parser *p, const found *f, const char *word)
{
    const hf_opt_row *row = f->row;

    if (word && *word == '\0')
        return hf_misuse_empty(p->command, row);
    switch (row->kind) {
    case HF_OPT_flag: *(bool *)f->field = true; return HF_EXIT_OK;
    case HF_OPT_count: ++*(int *)f->field; return HF_EXIT_OK;
    case HF_OPT_optional: *(const char **)f->field = word ? word : ""; return HF_EXIT_OK;
    case HF_OPT_string: *(const char **)f->field = word; return HF_EXIT_OK;
    case HF_OPT_strings: return store_strings(f->field, row->name, word);
    case HF_OPT_choice:
        if (!is_one_of(row->values, word))
            return hf_misuse_value(p->command, row, word);
        *(const char **)f->field = word;
        return HF_EXIT_OK;
    case HF_OPT_integer:
        if (!in_range(row->values, word, f->field))
            return hf_misuse_value(p->command, row, word);
        return HF_EXIT_OK;
    case HF_OPT_seconds:
        if (!in_seconds(row->values, word, f->field))
            return hf_misuse_value(p->command, row, word);
        return HF_EXIT_OK;
    }
    return HF_EXIT_BUG;
}

static void set_defaults(const parser *p)
{
    found f;

    for (size_t i = 0; row_at(p, i, &f); i++)
        if (f.row->std && f.row->kind != HF_OPT_optional)
            store(p, &f, f.row->std);
}

/* A variable of one name stands in for a string that was not given. */
static void set_from_environment(const parser *p)
{
    found f;

    for (size_t i = 0; row_at(p, i, &f); i++) {
        if ((p->given >> i & 1) || f.row->kind != HF_OPT_string || !f.row->env)
            continue;
        const char *value = getenv(f.row->env);
        if (value && *value)
            store(p, &f, value);
    }
}

/* ---- words ---- */

/* The value of an option that may stand alone shows itself: it begins as its default does, a path or a number. */
static bool may_be_value(const hf_opt_row *row, const char *word)
{
    return *row->std == '/' ? *word == '/' : *word >= '0' && *word <= '9';
}

/* The word after the option is its value, unless it looks like an option itself. */
static const char *next_word(parser *p, const hf_opt_row *row)
{
    const char *word = p->at < p->argc ? p->argv[p->at] : NULL;

    if (!word || (word[0] == '-' && word[1] == '-' && word[2] != '\0'))
        return NULL;
    if (row->kind == HF_OPT_optional && !may_be_value(row, word))
        return NULL;
    p->at++;
    return word;
}

static int take_option(parser *p, const found *f, const char *value)
{
    const hf_opt_row *row = f->row;

    if (hf_opt_is_bare(row) && value)
        return hf_misuse_flag_value(p->command, row, value);
    if (!hf_opt_is_bare(row) && !value) {
        value = next_word(p, row);
        if (!value && row->kind != HF_OPT_optional)
            return hf_misuse_no_value(p->command, row);
    }
    p->given |= UINT64_C(1) << f->number;
    p->last_flag = row->kind == HF_OPT_flag ? row : NULL;
    return store(p, f, value);
}

static int take_long(parser *p, const char *word)
{
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    found f;

    if (!find_long(p, name, len, &f))
        return hf_misuse_unknown(p->command, word);
    return take_option(p, &f, equals ? equals + 1 : NULL);
}

/* -4, or several flags behind one dash: -vv. */
static int take_letters(parser *p, const char *word)
{
    found f;

    for (const char *letter = word + 1; *letter; letter++) {
        if (!find_letter(p, *letter, &f))
            return hf_misuse_unknown(p->command, word);
        int e = take_option(p, &f, NULL);
        if (e != HF_EXIT_OK)
            return e;
    }
    return HF_EXIT_OK;
}

/* `connect --early-data 4096 HOST`: the number would be the target, and the host one too many. */
static void note_misread(parser *p, const char *word)
{
    if (!p->last_flag || p->misread || word[strspn(word, "0123456789")] != '\0' ||
        !hf_command_with_value(p->command, p->last_flag->name))
        return;
    p->misread = p->last_flag;
    p->misread_value = word;
}

static int take_argument(parser *p, const char *word)
{
    const hf_command *c = p->command;
    size_t i = p->n_args < c->n_args ? p->n_args : c->n_args - 1;

    note_misread(p, word);
    if (c->n_args == 0 || (p->n_args >= c->n_args && c->args[i].kind != HF_OPT_strings))
        return p->misread ? hf_misuse_flag_value(c, p->misread, p->misread_value)
                          : hf_misuse_extra(c, word);
    const hf_arg_row *row = &c->args[i];
    void *field = (char *)p->out + row->offset;
    p->n_args++;
    p->last_flag = NULL;
    if (*word == '\0')
        return hf_misuse_empty_argument(c, row);
    if (row->kind == HF_OPT_strings)
        return store_strings(field, row->arg, word);
    if (row->kind == HF_OPT_choice && !is_one_of(row->values, word))
        return hf_misuse_argument(c, row, word);
    *(const char **)field = word;
    return HF_EXIT_OK;
}

static int take_word(parser *p)
{
    const char *word = p->argv[p->at++];

    if (p->only_args || word[0] != '-' || word[1] == '\0')
        return take_argument(p, word);
    if (strcmp(word, "--") == 0) {
        p->only_args = true;
        return HF_EXIT_OK;
    }
    return word[1] == '-' ? take_long(p, word) : take_letters(p, word);
}

static int check_arguments(const parser *p)
{
    size_t needed = 0;

    for (size_t i = 0; i < p->command->n_args; i++) {
        needed += p->command->args[i].min;
        if (p->n_args < needed)
            return hf_misuse_missing(p->command, &p->command->args[i]);
    }
    return HF_EXIT_OK;
}

bool hf_option_given(const hf_command *command, const void *options, const char *name)
{
    const parser p = { .command = command, .out = (void *)(uintptr_t)options };
    found f;

    return find_long(&p, name, strlen(name), &f) &&
           (((const hf_common_options *)options)->given >> f.number & 1);
}

int hf_options_parse(const hf_command *command, int argc, char **argv, void *out)
{
    parser p = { .command = command, .argv = argv, .argc = argc, .out = out };

    memset(out, 0, command->size);
    set_defaults(&p);
    while (p.at < argc) {
        int e = take_word(&p);
        if (e != HF_EXIT_OK)
            return e;
    }
    set_from_environment(&p);
    ((hf_common_options *)out)->given = p.given;
    /* Every command's struct begins with hf_common_options. */
    return ((const hf_common_options *)out)->help ? HF_EXIT_OK : check_arguments(&p);
}

int hf_options_common(int argc, char **argv)
{
    int n = 0;

    while (n < argc) {
        if (strcmp(argv[n], "--color") == 0 && n + 1 < argc)
            n += 2;
        else if (strncmp(argv[n], "--color=", 8) == 0 || strcmp(argv[n], "--help") == 0 ||
                 strcmp(argv[n], "-h") == 0)
            n++;
        else
            break;
    }
    return n;
}
