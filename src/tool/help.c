/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* --help from the tables, in 80 columns. */
#include "tool/options.h"

#include <stdio.h>
#include <string.h>

#include "tool/manual_rows.h"
#include "tool/say.h"

enum { WIDTH = 80, COLUMN = 27, TEXT_ROOM = 640, ABOUT_ROOM = 2048, SAMPLES = 4 };

/* ---- wrapping ---- */

/* Prints text from `column` on; lines that follow are indented to `indent`. */
static void wrap(const char *text, int column, int indent)
{
    while (*text) {
        int word = (int)strcspn(text, " ");
        if (column > indent && column + 1 + word > WIDTH) {
            hf_out("\n");
            column = 0;
        } else if (column > indent) {
            hf_out(" ");
            column++;
        }
        if (column < indent) {
            hf_out("%*s", indent - column, "");
            column = indent;
        }
        hf_out("%.*s", word, text);
        column += word;
        text += word;
        text += strspn(text, " ");
    }
    hf_out("\n");
}

/* Each from the beginning of a line, an empty one between two. */
static void paragraphs(const char *text)
{
    const char *end;
    char one[ABOUT_ROOM];

    for (; (end = strstr(text, "\n\n")) != NULL; text = end + 2) {
        snprintf(one, sizeof one, "%.*s", (int)(end - text), text);
        wrap(one, 0, 0);
        hf_out("\n");
    }
    wrap(text, 0, 0);
}

/* The left column, then the text beside it or below it. */
static void entry(const char *left, const char *text)
{
    int len = (int)strlen(left);

    hf_out("%s", left);
    if (len + 2 > COLUMN) {
        hf_out("\n");
        len = 0;
    }
    wrap(text, len, COLUMN);
}

/* ---- rows ---- */

static size_t append(char *out, size_t n, const char *before, const char *text, const char *after)
{
    int added = snprintf(out + n, TEXT_ROOM - n, "%s%s%s", before, text, after);

    return added > 0 && (size_t)added < TEXT_ROOM - n ? n + (size_t)added : n;
}

/* "One of p256, p384." */
static size_t append_values(char *out, size_t n, const char *values)
{
    char words[TEXT_ROOM / 2];
    size_t at = 0;

    for (; *values && at + 3 < sizeof words; values++) {
        words[at++] = *values == '|' ? ',' : *values;
        if (*values == '|')
            words[at++] = ' ';
    }
    words[at] = '\0';
    return append(out, n, " One of ", words, ".");
}

/* "1 to 7300." */
static size_t append_range(char *out, size_t n, const char *values)
{
    const char *dots = strstr(values, "..");
    char least[32];

    if (!dots)
        return n;
    snprintf(least, sizeof least, "%.*s", (int)(dots - values), values);
    n = append(out, n, " From ", least, " to ");
    return append(out, n, dots + 2, ".", "");
}

static void option_text(const hf_opt_row *row, char out[TEXT_ROOM])
{
    size_t n = append(out, 0, row->help, "", "");

    if (row->kind == HF_OPT_choice)
        n = append_values(out, n, row->values);
    else if (row->values)
        n = append_range(out, n, row->values);
    if (row->kind == HF_OPT_strings || row->kind == HF_OPT_count)
        n = append(out, n, " Repeatable.", "", "");
    if (row->kind == HF_OPT_optional)
        n = append(out, append(out, n, " Without ", row->arg, ": "), row->std, ".", "");
    else if (row->std)
        n = append(out, n, " Default: ", row->std, ".");
    if (row->env)
        append(out, n, " Environment: ", row->env, ".");
}

static void show_option(const hf_opt_row *row)
{
    char left[TEXT_ROOM], text[TEXT_ROOM];
    const char *open = row->kind == HF_OPT_optional ? "[" : "", *close = *open ? "]" : "";
    char letter[8] = "    ";

    if (row->letter)
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    snprintf(left, sizeof left, "  %s--%s%s%s%s%s", letter, row->name, row->arg ? " " : "", open,
             row->arg ? row->arg : "", close);
    option_text(row, text);
    entry(left, text);
}

static void show_groups(const hf_command *command)
{
    for (size_t g = 0; g < HF_OPT_GROUPS && command->groups[g].rows; g++) {
        const hf_opt_group *group = &command->groups[g];
        hf_out("\n" HF_BOLD "%s:" HF_PLAIN "\n", group->title);
        for (size_t i = 0; i < group->n; i++)
            show_option(&group->rows[i]);
    }
}

/* ---- commands ---- */

static void show_usage(const hf_command *command)
{
    hf_out(HF_BOLD "Usage:" HF_PLAIN " handfast %s [OPTION...]", command->name);
    for (size_t i = 0; i < command->n_args; i++) {
        const hf_arg_row *row = &command->args[i];
        const char *more = row->kind == HF_OPT_strings ? "..." : "";
        hf_out(row->min ? " %s%s" : " [%s%s]", row->arg, more);
    }
    hf_out("\n");
}

static void show_arguments(const hf_command *command)
{
    if (command->n_args > 0)
        hf_out("\n" HF_BOLD "Arguments:" HF_PLAIN "\n");
    for (size_t i = 0; i < command->n_args; i++) {
        char left[TEXT_ROOM];
        snprintf(left, sizeof left, "  %s", command->args[i].arg);
        entry(left, command->args[i].help);
    }
}

/* How `handfast COMMAND` ends: the manual page says more. */
static void show_ends(const char *command)
{
    hf_ends_row row;

    hf_out("\n" HF_BOLD "Exit codes:" HF_PLAIN "\n");
    for (size_t i = 0; hf_manual_ends(command, i, &row); i++) {
        hf_out("  %-5d ", (int)row.code);
        wrap(row.text, 8, 8);
    }
}

/* A few; the manual page has them all. */
static void show_samples(const hf_command *command)
{
    const hf_manual_row *row;

    hf_out("\n" HF_BOLD "Examples:" HF_PLAIN "\n");
    for (size_t i = 0;
         i < SAMPLES && (row = hf_manual_row_of(command->name, HF_MANUAL_EXAMPLE, i)) != NULL;
         i++) {
        hf_out("  # ");
        wrap(row->text, 4, 4);
        hf_out("  handfast %s\n", row->what);
    }
}

/* "handfast-cert-ca" */
static void show_manual(const char *name)
{
    char page[64];
    size_t n = 0;

    for (; name[n] && n + 1 < sizeof page; n++)
        page[n] = name[n] == ' ' ? '-' : name[n];
    page[n] = '\0';
    hf_out("\n" HF_BOLD "Manual:" HF_PLAIN " man handfast%s%s\n", n > 0 ? "-" : "", page);
}

/* Those that begin with `first`; all if it is empty. */
static void show_commands(const char *first)
{
    const hf_command *command;

    hf_out("\n" HF_BOLD "Sub-commands:" HF_PLAIN "\n");
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++) {
        char left[TEXT_ROOM];
        if (strncmp(command->name, first, strlen(first)) != 0)
            continue;
        snprintf(left, sizeof left, "  %s", command->name);
        entry(left, command->summary);
    }
}

static void show_tool(const hf_command *tool)
{
    hf_out(HF_BOLD "handfast" HF_PLAIN ": %s\n\n", tool->summary);
    hf_out(HF_BOLD "Usage:" HF_PLAIN " handfast SUB-COMMAND [OPTION...] [ARGUMENT...]\n\n");
    paragraphs(tool->about);
    show_commands("");
    entry("  " HF_HELP_WORDS, HF_HELP_TEXT);
    show_groups(tool);
    show_ends("");
    hf_out("  128+n ended by signal n\n");
    hf_out("\nBegin with: handfast demo\nOptions of a sub-command: handfast SUB-COMMAND --help\n");
    hf_out("Manual: man handfast\n");
}

void hf_family_help(const char *first)
{
    hf_out(HF_BOLD "Usage:" HF_PLAIN " handfast %s SUB-COMMAND [OPTION...] [ARGUMENT...]\n", first);
    show_commands(first);
    hf_out("\nOptions: handfast %s SUB-COMMAND --help\n", first);
    show_manual(first);
}

void hf_options_help(const hf_command *command)
{
    if (!*command->name) {
        show_tool(command);
        return;
    }
    hf_out(HF_BOLD "handfast %s" HF_PLAIN ": %s\n\n", command->name, command->summary);
    show_usage(command);
    hf_out("\n");
    paragraphs(command->about);
    show_arguments(command);
    show_groups(command);
    show_ends(command->name);
    show_samples(command);
    show_manual(command->name);
}
