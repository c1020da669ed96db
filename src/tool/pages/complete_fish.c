/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Completion for fish: a line an option, each under the condition that its sub-command stands on the line. */
#include <string.h>

#include "tool/pages/pages.h"

static const char head[] =
    "# Completion of handfast for fish, written by the build from the tables of options.\n"
    "\n"
    "# The sub-command before the cursor: \"connect\", \"cert ca\", or as much of it as is there.\n"
    "function __handfast_command\n"
    "    set -l words (commandline -opc)\n"
    "    set -l found\n"
    "    set -l skip 0\n"
    "    for word in $words[2..]\n"
    "        if test $skip = 1\n"
    "            set skip 0\n"
    "            continue\n"
    "        end\n"
    "        switch $word\n"
    "            case --color\n"
    "                set skip 1\n"
    "            case '-*'\n"
    "            case help\n"
    "                test (count $found) -gt 0; and set -a found $word\n"
    "            case '*'\n"
    "                set -a found $word\n"
    "        end\n"
    "    end\n"
    "    if set -q found[2]; and contains -- \"$found[1..2]\" $__handfast_pairs\n"
    "        echo \"$found[1..2]\"\n"
    "    else\n"
    "        echo \"$found[1]\"\n"
    "    end\n"
    "end\n"
    "\n"
    "function __handfast_is\n"
    "    test (__handfast_command) = \"$argv\"\n"
    "end\n"
    "\n"
    "# A list divided by commas or colons: what is there already, and each word after it.\n"
    "function __handfast_list\n"
    "    set -l before (commandline -ct | string replace -r -- '^--[a-z-]+=' '' | string match -r "
    "-- '^.*[,:]')\n"
    "    set -q before[1]; or set before ''\n"
    "    printf '%s\\n' $before$argv\n"
    "end\n"
    "\n"
    "complete -c handfast -f\n";

static void quoted(FILE *out, const char *text, size_t len)
{
    fputc('\'', out);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'' || text[i] == '\\')
            fputc('\\', out);
        fputc(text[i], out);
    }
    fputc('\'', out);
}

static void word(FILE *out, const char *text)
{
    fprintf(out, " %s", text);
}

/* The words as fish's -a takes them, with a blank before the first. */
static void words(FILE *out, page_value value, const char *values)
{
    bool list = value == VALUE_GROUPS || value == VALUE_SUITES || value == VALUE_SIGALGS;

    fputs(list ? " -a '(__handfast_list" : " -a '", out);
    page_each_word(value, values, word, out);
    fputs(list ? ")'" : "'", out);
}

static void action(FILE *out, page_value value, const char *values)
{
    switch (value) {
    case VALUE_NONE:
    case VALUE_ANY: break;
    case VALUE_FILE: fputs(" -F", out); break;
    case VALUE_DIR: fputs(" -a '(__fish_complete_directories)'", out); break;
    case VALUE_HOST: fputs(" -a '(__fish_print_hostnames)'", out); break;
    default: words(out, value, values);
    }
}

static void begin(FILE *out, const char *command)
{
    fprintf(out, "complete -c handfast -n '__handfast_is %s'", *command ? command : "\"\"");
}

static void option(FILE *out, const char *command, const hf_opt_row *row)
{
    begin(out, command);
    if (row->letter)
        fprintf(out, " -s %c", row->letter);
    fprintf(out, " -l %s", row->name);
    if (row->arg && row->kind != HF_OPT_optional) {
        fputs(page_value_of_option(row) == VALUE_FILE ? " -r" : " -x", out);
        action(out, page_value_of_option(row), row->values);
    }
    fputs(" -d ", out);
    quoted(out, row->help, page_sentence(row->help));
    fputs("\n", out);
}

static void below(FILE *out, const char *first, const char *name, const char *summary)
{
    begin(out, first);
    fprintf(out, " -a %s -d ", name);
    quoted(out, summary, strlen(summary));
    fputs("\n", out);
}

static void rows(FILE *out, const hf_command *command)
{
    const hf_opt_row *row;

    for (size_t i = 0; (row = page_option(command, i)) != NULL; i++)
        option(out, command->name, row);
    for (size_t i = 0; i < command->n_args && i < 1; i++) {
        page_value value = page_value_of_argument(&command->args[i]);
        if (value == VALUE_ANY)
            continue;
        begin(out, command->name);
        action(out, value, command->args[i].values);
        fputs("\n", out);
    }
}

/* The commands' own words: the first ones, and those of a family below its word. */
static void command_words(FILE *out)
{
    const hf_command *command;
    const hf_family_row *family;

    for (size_t i = 0; (family = hf_manual_family_row(i)) != NULL; i++)
        below(out, "", family->name, family->summary);
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++) {
        const char *second = strchr(command->name, ' ');
        char first[PAGE_NAME_ROOM];
        snprintf(first, sizeof first, "%.*s", second ? (int)(second - command->name) : 0,
                 command->name);
        below(out, first, second ? second + 1 : command->name, command->summary);
    }
}

void page_fish(const char *folder)
{
    FILE *out = page_open(folder, "fish/handfast.fish");
    const hf_command *command;

    fputs(head, out);
    fputs("set -g __handfast_pairs", out);
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++)
        if (strchr(command->name, ' '))
            fprintf(out, " '%s'", command->name);
    fputs("\n", out);
    command_words(out);
    rows(out, hf_command_tool());
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++)
        rows(out, command);
    page_close(out);
}
