/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One manual page a sub-command, and the two kinds that stand above them: handfast(1), handfast-cert(1). */
#include <string.h>

#include "tool/pages/pages.h"

static FILE *begin(const char *folder, const char *name, const char *summary)
{
    char page[PAGE_NAME_ROOM], file[PAGE_NAME_ROOM + 8];
    FILE *out;

    page_name(name, page);
    snprintf(file, sizeof file, "%s.1.scd", page);
    out = page_open(folder, file);
    sc_begin(out, page, 1, summary);
    return out;
}

static void paragraphs(FILE *out, const char *text)
{
    const char *end;

    for (; (end = strstr(text, "\n\n")) != NULL; text = end + 2) {
        sc_text(out, text, (size_t)(end - text));
        fputs("\n\n", out);
    }
    sc_words(out, text);
    fputs("\n\n", out);
}

/* A term, and what is said about it below. */
static void entry(FILE *out, const char *term, const char *text)
{
    sc_bold(out, term);
    fputs("\n\t", out);
    sc_words(out, text);
    fputs("\n\n", out);
}

/* ---- options ---- */

static void term(FILE *out, const hf_opt_row *row)
{
    char name[64];

    if (row->letter)
        fprintf(out, "*-%c*, ", row->letter);
    snprintf(name, sizeof name, "--%s", row->name);
    sc_bold(out, name);
    if (!row->arg)
        return;
    fputs(row->kind == HF_OPT_optional ? " \\[" : " ", out);
    sc_under(out, row->arg);
    fputs(row->kind == HF_OPT_optional ? "]" : "", out);
}

static void value(FILE *out, const char *values, size_t len, const char *before)
{
    char word[64];

    snprintf(word, sizeof word, "%.*s", (int)len, values);
    fputs(before, out);
    sc_bold(out, word);
}

/* "a|b|c": One of *a*, *b*, *c*. "1..9": From *1* to *9*. */
static void allowed(FILE *out, const char *values)
{
    const char *dots = strstr(values, ".."), *before = " One of ";

    if (dots) {
        value(out, values, (size_t)(dots - values), " From ");
        value(out, dots + 2, strlen(dots + 2), " to ");
    }
    while (!dots && *values) {
        size_t n = strcspn(values, "|");
        value(out, values, n, before);
        values += n + (values[n] == '|');
        before = ", ";
    }
    fputs(".", out);
}

static void option(FILE *out, const hf_command *command, const hf_opt_row *row)
{
    char sample[256];

    term(out, row);
    fputs("\n\t", out);
    sc_words(out, row->help);
    if (row->values)
        allowed(out, row->values);
    if (row->kind == HF_OPT_strings || row->kind == HF_OPT_count)
        fputs(" May be repeated.", out);
    if (row->std) {
        bool optional = row->kind == HF_OPT_optional;
        fprintf(out, " %s%s: ", optional ? "Without " : "Default", optional ? row->arg : "");
        sc_bold(out, row->std);
        fputs(".", out);
    }
    if (row->env) {
        fputs(" Environment: ", out);
        sc_bold(out, row->env);
        fputs(".", out);
    }
    hf_option_sample(command, row, sample, sizeof sample);
    fputs("\n\n\tExample: *handfast ", out);
    for (const char *c = sample; *c; c++)
        fprintf(out, strchr("*_\\", *c) ? "\\%c" : "%c", *c);
    fputs("*\n\n", out);
}

static void options(FILE *out, const hf_command *command)
{
    fputs("# OPTIONS\n\n", out);
    for (size_t g = 0; g < HF_OPT_GROUPS && command->groups[g].rows; g++) {
        const hf_opt_group *group = &command->groups[g];
        if (g > 0)
            fprintf(out, "## %s\n\n", group->title);
        for (size_t i = 0; i < group->n; i++)
            option(out, command, &group->rows[i]);
    }
}

static void arguments(FILE *out, const hf_command *command)
{
    if (command->n_args > 0)
        fputs("# ARGUMENTS\n\n", out);
    for (size_t i = 0; i < command->n_args; i++) {
        const hf_arg_row *row = &command->args[i];
        sc_under(out, row->arg);
        fputs(row->kind == HF_OPT_strings ? "...\n\t" : "\n\t", out);
        sc_words(out, row->help);
        if (row->values)
            allowed(out, row->values);
        fputs("\n\n", out);
    }
}

static void synopsis(FILE *out, const hf_command *command)
{
    char name[PAGE_NAME_ROOM];

    fputs("# SYNOPSIS\n\n", out);
    snprintf(name, sizeof name, "handfast %s", command->name);
    sc_bold(out, name);
    fputs(" [_OPTION_...]", out);
    for (size_t i = 0; i < command->n_args; i++) {
        const hf_arg_row *row = &command->args[i];
        fputs(row->min ? " " : " [", out);
        sc_under(out, row->arg);
        fputs(row->kind == HF_OPT_strings ? "..." : "", out);
        fputs(row->min ? "" : "]", out);
    }
    fputs("\n\n", out);
}

/* ---- the other sections ---- */

static void ends(FILE *out, const char *command)
{
    hf_ends_row row;

    fputs("# EXIT STATUS\n\n", out);
    for (size_t i = 0; hf_manual_ends(command, i, &row); i++) {
        char code[16];
        snprintf(code, sizeof code, "%d", (int)row.code);
        entry(out, code, row.text);
    }
    entry(out, "128+n", "Ended by signal n.");
}

static bool has_row(const char *command, hf_manual_kind kind, const char *what)
{
    const hf_manual_row *row;

    for (size_t i = 0; (row = hf_manual_row_of(command, kind, i)) != NULL; i++)
        if (strcmp(row->what, what) == 0)
            return true;
    return false;
}

/* The proxy has `state:` for that. */
static bool is_of_traces(const hf_manual_row *row)
{
    return strcmp(row->what, "XDG_STATE_HOME") == 0 || strcmp(row->what, "HANDFAST_STATE") == 0;
}

static void variables(FILE *out, const hf_command *command)
{
    const hf_manual_row *row;
    const hf_opt_row *opt;
    char text[128];

    fputs("# ENVIRONMENT\n\n", out);
    for (size_t i = 0; (opt = page_option(command, i)) != NULL; i++) {
        if (!opt->env || has_row("", HF_MANUAL_VARIABLE, opt->env))
            continue;
        snprintf(text, sizeof text, "Stands in for --%s if that is not given.", opt->name);
        entry(out, opt->env, text);
    }
    for (size_t i = 0; (row = hf_manual_row_of(command->name, HF_MANUAL_VARIABLE, i)) != NULL; i++)
        entry(out, row->what, row->text);
    for (size_t i = 0;
         *command->name && (row = hf_manual_row_of("", HF_MANUAL_VARIABLE, i)) != NULL; i++)
        if ((!page_in_family(command->name, "proxy") || !is_of_traces(row)) &&
            !has_row(command->name, HF_MANUAL_VARIABLE, row->what))
            entry(out, row->what, row->text);
}

static void files(FILE *out, const char *command)
{
    const hf_manual_row *row;

    for (size_t i = 0; (row = hf_manual_row_of(command, HF_MANUAL_FILE, i)) != NULL; i++) {
        fputs(i == 0 ? "# FILES\n\n" : "", out);
        entry(out, row->what, row->text);
    }
}

static void examples(FILE *out, const char *command)
{
    const hf_manual_row *row;

    fputs("# EXAMPLES\n\n", out);
    for (size_t i = 0; (row = hf_manual_row_of(command, HF_MANUAL_EXAMPLE, i)) != NULL; i++) {
        sc_words(out, row->text);
        fprintf(out, "\n\n```\nhandfast %s\n```\n\n", row->what);
    }
}

/* ---- SEE ALSO ---- */

static void page(FILE *out, const char *name, const char *before)
{
    char text[PAGE_NAME_ROOM];

    page_name(name, text);
    fprintf(out, "%s*%s*(1)", before, text);
}

static void relatives(FILE *out, const char *command)
{
    const hf_command *other;
    const hf_family_row *family;

    for (size_t i = 0; (family = hf_manual_family_row(i)) != NULL; i++) {
        if (!page_in_family(command, family->name))
            continue;
        page(out, family->name, ", ");
        for (size_t k = 0; (other = hf_command_row(k)) != NULL; k++)
            if (page_in_family(other->name, family->name) && strcmp(other->name, command) != 0)
                page(out, other->name, ", ");
    }
}

static void see_also(FILE *out, const char *command)
{
    const hf_manual_row *row;

    fputs("# SEE ALSO\n\n", out);
    page(out, "", "");
    relatives(out, command);
    for (size_t i = 0; (row = hf_manual_row_of(command, HF_MANUAL_SEE, i)) != NULL; i++) {
        fputs(", ", out);
        sc_words(out, row->what);
    }
    fputs("\n", out);
}

/* ---- whole pages ---- */

void page_man_command(const char *folder, const hf_command *command)
{
    FILE *out = begin(folder, command->name, command->summary);

    synopsis(out, command);
    fputs("# DESCRIPTION\n\n", out);
    paragraphs(out, command->about);
    arguments(out, command);
    options(out, command);
    ends(out, command->name);
    variables(out, command);
    files(out, command->name);
    examples(out, command->name);
    see_also(out, command->name);
    page_close(out);
}

/* With the pages' names: all commands if `family` is NULL. */
static void commands(FILE *out, const char *family)
{
    const hf_command *command;

    fputs("# SUB-COMMANDS\n\n", out);
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++) {
        if (family && !page_in_family(command->name, family))
            continue;
        page(out, command->name, "");
        fputs("\n\t", out);
        sc_words(out, command->summary);
        fputs(strchr(".?!", command->summary[strlen(command->summary) - 1]) ? "\n\n" : ".\n\n",
              out);
    }
    if (!family)
        fputs("*handfast help* [_SUB-COMMAND_]\n\t" HF_HELP_TEXT ".\n\n", out);
}

static const char about[] = "Begin with *handfast demo*. Each sub-command has a page of its own, "
                            "and *handfast* _SUB-COMMAND_ *--help* shows it in short.\n\n"
                            "Whoever is connected to is verified, unless an option says otherwise. "
                            "Results go to stdout, progress and warnings to stderr; "
                            "an error tells what happened, why, and what to do next. What reads "
                            "the output should ask for *--json*, where there is one, "
                            "and look at the exit status.\n\n"
                            "An option that is given twice counts as it stands last, unless it may "
                            "be repeated. *--* ends the options.\n\n";

void page_man_tool(const char *folder)
{
    const hf_command *tool = hf_command_tool();
    FILE *out = begin(folder, "", "the TLS handshake as a tool");

    fputs("# SYNOPSIS\n\n*handfast* _SUB-COMMAND_ [_OPTION_...] [_ARGUMENT_...]++\n"
          "*handfast help* [_SUB-COMMAND_]\n\n# DESCRIPTION\n\n",
          out);
    paragraphs(out, tool->about);
    fputs(about, out);
    commands(out, NULL);
    options(out, tool);
    ends(out, "");
    variables(out, tool);
    examples(out, "");
    fputs("# SEE ALSO\n\n*libhandfast*(3), *openssl*(1), *gnutls-cli*(1), *curl*(1)\n", out);
    page_close(out);
}

void page_man_family(const char *folder, const hf_family_row *family)
{
    FILE *out = begin(folder, family->name, family->summary);

    fprintf(out,
            "# SYNOPSIS\n\n*handfast %s* _SUB-COMMAND_ [_OPTION_...] [_ARGUMENT_...]\n\n# "
            "DESCRIPTION\n\n",
            family->name);
    paragraphs(out, family->about);
    commands(out, family->name);
    fputs("# SEE ALSO\n\n*handfast*(1)\n", out);
    page_close(out);
}
