/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Completion for zsh: a function a sub-command, each a call of _arguments with a specification an option. */
#include <string.h>

#include "tool/pages/pages.h"

/* Inside '…', and with what _arguments and _describe would read as a mark of theirs escaped. */
static void quoted(FILE *out, const char *text, size_t len, const char *marks)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'') {
            fputs("'\\''", out);
            continue;
        }
        if (strchr(marks, text[i]))
            fputc('\\', out);
        fputc(text[i], out);
    }
}

static void word(FILE *out, const char *text)
{
    fprintf(out, " %s", text);
}

/* ":WORD:what completes it" */
static void action(FILE *out, const char *arg, page_value value, const char *values)
{
    bool list = value == VALUE_GROUPS || value == VALUE_SUITES || value == VALUE_SIGALGS;

    fputs(":", out);
    quoted(out, arg, strlen(arg), ":\\");
    switch (value) {
    case VALUE_NONE:
    case VALUE_ANY: fputs(":", out); break;
    case VALUE_FILE: fputs(":_files", out); break;
    case VALUE_DIR: fputs(":_files -/", out); break;
    case VALUE_HOST: fputs(":_hosts", out); break;
    default:
        fputs(list ? ":_handfast_divided --" : ":(", out);
        page_each_word(value, values, word, out);
        fputs(list ? "" : ")", out);
    }
}

static void option(FILE *out, const hf_opt_row *row)
{
    bool many = row->kind == HF_OPT_strings;

    fputs(" \\\n        ", out);
    if (row->letter && row->kind == HF_OPT_count)
        fprintf(out, "'*'{-%c,--%s}'", row->letter, row->name);
    else if (row->letter)
        fprintf(out, "'(-%c --%s)'{-%c,--%s}'", row->letter, row->name, row->letter, row->name);
    else
        fprintf(out, "'%s--%s%s", many ? "*" : "", row->name,
                row->kind == HF_OPT_optional ? "=-"
                : row->arg                   ? "="
                                             : "");
    fputs("[", out);
    quoted(out, row->help, page_sentence(row->help), "[]:\\");
    fputs("]", out);
    if (row->kind == HF_OPT_optional)
        fputs(":", out);
    if (row->arg)
        action(out, row->arg, page_value_of_option(row), row->values);
    fputs("'", out);
}

static void argument(FILE *out, const hf_arg_row *row)
{
    fprintf(out, " \\\n        '%s:", row->kind == HF_OPT_strings ? "*" : "");
    action(out, row->arg, page_value_of_argument(row), row->values);
    fputs("'", out);
}

static void function_name(FILE *out, const char *command)
{
    fputs("_handfast_", out);
    for (; *command; command++)
        fputc(*command == ' ' ? '_' : *command, out);
}

static void command_function(FILE *out, const hf_command *command)
{
    const hf_opt_row *row;

    function_name(out, command->name);
    fputs("() {\n    _arguments -S", out);
    for (size_t i = 0; (row = page_option(command, i)) != NULL; i++)
        option(out, row);
    for (size_t i = 0; i < command->n_args; i++)
        argument(out, &command->args[i]);
    fputs("\n}\n\n", out);
}

/* ---- words that are followed by another ---- */

static void described(FILE *out, const char *name, const char *text)
{
    fprintf(out, "\n        '%s:", name);
    quoted(out, text, strlen(text), "\\");
    fputs("'", out);
}

/* Of `first`, or of the tool: what may stand here, and which function goes on from there. */
static void described_words(FILE *out, const char *first)
{
    const hf_command *command;
    const hf_family_row *family;

    fputs("    local -a commands=(", out);
    for (size_t i = 0; !*first && (family = hf_manual_family_row(i)) != NULL; i++)
        described(out, family->name, family->summary);
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++) {
        if (!*first && !strchr(command->name, ' '))
            described(out, command->name, command->summary);
        if (*first && page_in_family(command->name, first))
            described(out, command->name + strlen(first) + 1, command->summary);
    }
    if (!*first)
        described(out, "help", "The help of a sub-command");
    fputs("\n    )\n", out);
}

static bool is_family(const char *name)
{
    const hf_command *command;

    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++)
        if (page_in_family(command->name, name))
            return true;
    return false;
}

static void branches(FILE *out, const char *first)
{
    const hf_command *command;
    const hf_family_row *family;

    fputs("    case $words[1] in\n", out);
    for (size_t i = 0; !*first && (family = hf_manual_family_row(i)) != NULL; i++)
        fprintf(out, "    %s) _handfast_%s_any ;;\n", family->name, family->name);
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++) {
        bool below = page_in_family(command->name, first);
        if (*first ? !below : strchr(command->name, ' ') != NULL)
            continue;
        fprintf(out, "    %s) ", command->name + (below ? strlen(first) + 1 : 0));
        function_name(out, command->name);
        fputs(is_family(command->name) ? "_any ;;\n" : " ;;\n", out);
    }
    fputs(*first ? "" : "    help) _handfast ;;\n", out);
    fputs("    esac\n", out);
}

/* `own`: what stands below the word itself, as policy names do below `policy`. */
static void dispatcher(FILE *out, const char *first, const char *name, const char *own)
{
    const hf_command *tool = hf_command_tool();
    const hf_opt_row *row;

    fprintf(out, "%s() {\n    local curcontext=$curcontext state line\n    typeset -A opt_args\n",
            name);
    described_words(out, first);
    fputs("    _arguments -C", out);
    for (size_t i = 0; (row = page_option(tool, i)) != NULL; i++)
        if (!*first || strcmp(row->name, "version") != 0)
            option(out, row);
    fputs(" \\\n        '1: :->word' '*:: :->rest'\n    case $state in\n    word)\n"
          "        _describe -t commands sub-command commands\n",
          out);
    if (own)
        fprintf(out, "        %s\n", own);
    fputs("        return\n        ;;\n    rest) ;;\n    *) return ;;\n    esac\n", out);
    branches(out, first);
    fputs("}\n\n", out);
}

static void families(FILE *out)
{
    const hf_family_row *family;
    const hf_command *command;
    char name[PAGE_NAME_ROOM];

    for (size_t i = 0; (family = hf_manual_family_row(i)) != NULL; i++) {
        snprintf(name, sizeof name, "_handfast_%s_any", family->name);
        dispatcher(out, family->name, name, NULL);
    }
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++) {
        if (!is_family(command->name))
            continue;
        snprintf(name, sizeof name, "_handfast_%s_any", command->name);
        dispatcher(out, command->name, name, "_handfast_own_names");
    }
}

void page_zsh(const char *folder)
{
    FILE *out = page_open(folder, "zsh/_handfast");
    const hf_command *command;

    fputs("#compdef handfast\n# Completion of handfast for zsh, written by the build from the "
          "tables of options.\n\n",
          out);
    fputs(
        "# A list divided by commas or colons: what is there already stays.\n"
        "_handfast_divided() {\n    compset -P '*[,:]'\n    compset -S '[,:]*'\n    compadd -S '' "
        "\"$@\"\n}\n\n",
        out);
    fputs("_handfast_own_names() {\n    compadd -J policies --", out);
    page_each_word(VALUE_POLICY, NULL, word, out);
    fputs("\n}\n\n", out);
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++)
        command_function(out, command);
    families(out);
    dispatcher(out, "", "_handfast", NULL);
    fputs("if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n    _handfast \"$@\"\nelse\n"
          "    compdef _handfast handfast\nfi\n",
          out);
    page_close(out);
}
