/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Prints docs/commands.md, the reference of the tool for the web, from the tables that the tool parses by. `scripts/gen-docs`
 * builds and calls it.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tool/manual_rows.h"

/* ---- Markdown ---- */

/* In a cell of a table, in which a bar would end it. */
static void cell(const char *text)
{
    for (; *text; text++)
        printf(*text == '|' ? "\\|" : "%c", *text);
}

static void code(const char *before, const char *text)
{
    putchar('`');
    cell(before);
    cell(text);
    putchar('`');
}

/* ---- options ---- */

/* "a|b|c" as a list, "1..9" as a range. */
static void allowed(const char *values)
{
    const char *dots = strstr(values, "..");

    if (dots) {
        printf(" From %.*s to %s.", (int)(dots - values), values, dots + 2);
        return;
    }
    printf(" One of ");
    for (size_t n; *values; values += n + (values[n] == '|')) {
        n = strcspn(values, "|");
        printf("`%.*s`%s", (int)n, values, values[n] ? ", " : ".");
    }
}

static void option(const hf_command *command, const hf_opt_row *row)
{
    char sample[256];

    printf("| `");
    if (row->letter)
        printf("-%c`, `", row->letter);
    printf("--%s%s", row->name, row->arg ? row->kind == HF_OPT_optional ? " [" : " " : "");
    cell(row->arg ? row->arg : "");
    printf("%s` | ", row->kind == HF_OPT_optional ? "]" : "");
    cell(row->help);
    if (row->values)
        allowed(row->values);
    if (row->kind == HF_OPT_strings)
        printf(" May be repeated.");
    if (row->std)
        printf(" %s%s: `%s`.", row->kind == HF_OPT_optional ? "Without " : "Default",
               row->kind == HF_OPT_optional ? row->arg : "", row->std);
    if (row->env)
        printf(" Environment: `%s`.", row->env);
    hf_option_sample(command, row, sample, sizeof sample);
    printf(" | ");
    code("handfast ", sample);
    printf(" |\n");
}

static void table(const hf_command *command, const hf_opt_group *group)
{
    printf("| option | what it does | example |\n|---|---|---|\n");
    for (size_t i = 0; i < group->n; i++)
        option(command, &group->rows[i]);
    putchar('\n');
}

/* What many commands have stands in a section of its own. */
static bool is_shared(const hf_opt_group *group)
{
    return strcmp(group->title, "Common") == 0 || strcmp(group->title, "Protocol") == 0;
}

/* "Common options" as it stands in an address. */
static void anchor(const char *text)
{
    for (; *text; text++)
        putchar(*text == ' ' ? '-' : tolower((unsigned char)*text));
}

static void options(const hf_command *command)
{
    for (size_t g = 0; g < HF_OPT_GROUPS && command->groups[g].rows; g++) {
        if (is_shared(&command->groups[g]))
            continue;
        if (strcmp(command->groups[g].title, "Options") != 0)
            printf("%s:\n\n", command->groups[g].title);
        table(command, &command->groups[g]);
    }
}

/* "[Protocol options](#protocol-options), [common options](#common-options)" */
static void shared_links(const hf_command *command)
{
    const char *before = "";

    for (size_t g = 0; g < HF_OPT_GROUPS && command->groups[g].rows; g++) {
        const char *title = command->groups[g].title;
        if (!is_shared(&command->groups[g]))
            continue;
        printf("%s[%s options](#", before, title);
        anchor(title);
        printf("-options)");
        before = ", ";
    }
}

static bool has_group(const hf_command *command, const char *title)
{
    for (size_t g = 0; g < HF_OPT_GROUPS && command->groups[g].rows; g++)
        if (strcmp(command->groups[g].title, title) == 0)
            return true;
    return false;
}

/* "Of demo, connect, serve." */
static void owners(const char *title)
{
    const hf_command *command;
    const char *before = "Of ";

    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++) {
        if (!has_group(command, title))
            continue;
        printf("%s[%s](#handfast-", before, command->name);
        anchor(command->name);
        printf(")");
        before = ", ";
    }
    printf(".\n\n");
}

/* The section of a group that connect shares with others. */
static void shared_options(const char *title)
{
    const hf_command *connect = hf_command_named("connect");

    printf("## %s options\n\n", title);
    owners(title);
    for (size_t g = 0; g < HF_OPT_GROUPS && connect->groups[g].rows; g++)
        if (strcmp(connect->groups[g].title, title) == 0)
            table(connect, &connect->groups[g]);
}

static void arguments(const hf_command *command)
{
    for (size_t i = 0; i < command->n_args; i++) {
        const hf_arg_row *row = &command->args[i];
        printf("`%s`: %s", row->arg, row->help);
        if (row->values)
            allowed(row->values);
        printf("\n\n");
    }
}

/* ---- the rest of a section ---- */

static void end_row(const hf_ends_row *row)
{
    printf("| %d | %s |\n", (int)row->code, row->text);
}

/* Those that mean the same everywhere are a link, the others rows. */
static void ends(const hf_command *command)
{
    hf_ends_row row;
    const char *before = ": ";
    size_t own = 0;

    shared_links(command);
    printf(". [Exit codes](#exit-codes)");
    for (size_t i = 0; hf_manual_ends(command->name, i, &row); i++) {
        own += *row.command != '\0';
        if (*row.command)
            continue;
        printf("%s%d", before, (int)row.code);
        before = ", ";
    }
    printf(own > 0 ? "; and\n\n| exit code | |\n|---|---|\n" : ".\n\n");
    for (size_t i = 0; own > 0 && hf_manual_ends(command->name, i, &row); i++)
        if (*row.command)
            end_row(&row);
    printf(own > 0 ? "\n" : "");
}

static void all_ends(void)
{
    hf_ends_row row;

    printf("## Exit codes\n\nWhat they mean, unless a sub-command says it in more words of its "
           "own.\n\n"
           "| exit code | |\n|---|---|\n");
    for (size_t i = 0; hf_manual_ends("", i, &row); i++)
        end_row(&row);
    putchar('\n');
}

static void list(const char *command, hf_manual_kind kind, const char *title, const char *before)
{
    const hf_manual_row *row;

    for (size_t i = 0; (row = hf_manual_row_of(command, kind, i)) != NULL; i++) {
        if (i == 0)
            printf("%s:\n\n", title);
        printf("- `%s%s`: %s\n", before, row->what, row->text);
    }
    if (hf_manual_row_of(command, kind, 0))
        putchar('\n');
}

static void usage(const hf_command *command)
{
    printf("    handfast %s [OPTION...]", command->name);
    for (size_t i = 0; i < command->n_args; i++) {
        const hf_arg_row *row = &command->args[i];
        const char *more = row->kind == HF_OPT_strings ? "..." : "";
        printf(row->min ? " %s%s" : " [%s%s]", row->arg, more);
    }
    printf("\n\n");
}

static void section(const hf_command *command)
{
    bool asks = command->summary[strlen(command->summary) - 1] == '?';

    printf("## handfast %s\n\n%s%s\n\n", command->name, command->summary, asks ? "" : ".");
    usage(command);
    printf("%s\n\n", command->about);
    arguments(command);
    list(command->name, HF_MANUAL_EXAMPLE, "Examples", "handfast ");
    options(command);
    ends(command);
    list(command->name, HF_MANUAL_VARIABLE, "Environment", "");
    list(command->name, HF_MANUAL_FILE, "Files", "");
}

static void contents(void)
{
    const hf_command *command;

    printf("| sub-command | |\n|---|---|\n");
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++) {
        printf("| [%s](#handfast-", command->name);
        anchor(command->name);
        printf(") | %s |\n", command->summary);
    }
    putchar('\n');
}

int main(void)
{
    const hf_command *tool = hf_command_tool(), *command;

    printf("<!-- SPDX-License-Identifier: Apache-2.0 OR MIT -->\n# The tool\n\n"
           "Generated by `make docs` from src/tool/options, which `--help`, the manual pages (`man "
           "handfast-connect`) and the "
           "completion\nof bash, zsh and fish are made from as well.\n\n");
    contents();
    printf("## handfast\n\n");
    printf("`handfast " HF_HELP_WORDS "`: " HF_HELP_TEXT ".\n\n");
    list("", HF_MANUAL_EXAMPLE, "Examples", "handfast ");
    options(tool);
    shared_links(tool);
    printf(", [exit codes](#exit-codes).\n\n");
    list("", HF_MANUAL_VARIABLE, "Environment of every sub-command", "");
    shared_options("Common");
    shared_options("Protocol");
    all_ends();
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++)
        section(command);
    return 0;
}
