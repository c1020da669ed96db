/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Completion for bash: the tables as case statements, and one function that looks into them. It needs no other package. */
#include <string.h>

#include "tool/pages/pages.h"

static const char head[] =
    "# Completion of handfast for bash, written by the build from the tables of options.\n"
    "\n"
    "# $1: a kind and its words, $2: what stands there, $3: what comes before it in the same word\n"
    "_handfast_fill() {\n"
    "    local kind=${1%% *} words=${1#* } last=$2 before=$3\n"
    "    case $kind in\n"
    "    file) compopt -o default ;;\n"
    "    dir) compopt -o dirnames ;;\n"
    "    host) COMPREPLY=($(compgen -A hostname -P \"$before\" -- \"$last\")) ;;\n"
    "    words) COMPREPLY=($(compgen -W \"$words\" -P \"$before\" -- \"$last\")) ;;\n"
    "    list)\n"
    "        last=${last##*[,:]} before=$before${2%\"${2##*[,:]}\"}\n"
    "        COMPREPLY=($(compgen -W \"$words\" -P \"$before\" -- \"$last\"))\n"
    "        compopt -o nospace\n"
    "        ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "_handfast() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} at=$COMP_CWORD option before= command= word i kind\n"
    "    COMPREPLY=()\n"
    "    # a:b is three words here, or one\n"
    "    while ((at > 1)) && [[ ${COMP_WORDS[at]} == : || ${COMP_WORDS[at - 1]} == : ]]; do\n"
    "        ((at--))\n"
    "    done\n"
    "    [[ $cur != : ]] || cur=\n"
    "    option=${COMP_WORDS[at - 1]}\n"
    "    # and so is --option=value\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $option == = ]]; then\n"
    "        option=${COMP_WORDS[at - 2]}\n"
    "    elif [[ $cur == --*=* ]]; then\n"
    "        option=${cur%%=*} before=${cur%%=*}= cur=${cur#*=}\n"
    "    fi\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        case $command:$word in\n"
    "        *:--color) [[ ${COMP_WORDS[i + 1]} == = ]] && ((i += 2)) || ((i++)) ;;\n"
    "        *:-* | :help | *:=) ;;\n"
    "        :*) command=$word ;;\n";

static const char tail[] =
    "        esac\n"
    "    done\n"
    "    kind=$(_handfast_value \"$command $option\")\n"
    "    if [[ -n $kind ]]; then\n"
    "        _handfast_fill \"$kind\" \"$cur\" \"$before\"\n"
    "    elif [[ $cur == -* ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$(_handfast_options \"$command\")\" -- \"$cur\"))\n"
    "    else\n"
    "        _handfast_fill \"$(_handfast_argument \"$command\")\" \"$cur\" \"\"\n"
    "    fi\n"
    "}\n"
    "complete -F _handfast handfast\n";

static void word(FILE *out, const char *text)
{
    fprintf(out, " %s", text);
}

/* "words a b c"; nothing if there is nothing to propose. */
static void kind(FILE *out, page_value value, const char *values)
{
    bool list = value == VALUE_GROUPS || value == VALUE_SUITES || value == VALUE_SIGALGS;

    switch (value) {
    case VALUE_NONE: break;
    case VALUE_ANY: fputs("any", out); break;
    case VALUE_FILE: fputs("file", out); break;
    case VALUE_DIR: fputs("dir", out); break;
    case VALUE_HOST: fputs("host", out); break;
    default: fputs(list ? "list" : "words", out); page_each_word(value, values, word, out);
    }
}

/* ---- options ---- */

static void option_names(FILE *out, const hf_command *command)
{
    const hf_opt_row *row;

    fprintf(out, "    '%s') echo '", command->name);
    for (size_t i = 0; (row = page_option(command, i)) != NULL; i++) {
        fprintf(out, "%s--%s", i > 0 ? " " : "", row->name);
        if (row->letter)
            fprintf(out, " -%c", row->letter);
    }
    fputs("' ;;\n", out);
}

/* What may follow each option. Of one whose value can be left out nothing is proposed. */
static void option_values(FILE *out, const hf_command *command)
{
    const hf_opt_row *row;

    for (size_t i = 0; (row = page_option(command, i)) != NULL; i++) {
        page_value value = page_value_of_option(row);
        if (value == VALUE_NONE || row->kind == HF_OPT_optional)
            continue;
        fprintf(out, "    '%s --%s') echo '", command->name, row->name);
        kind(out, value, row->values);
        fputs("' ;;\n", out);
    }
}

static void all_commands(FILE *out, const char *name, void (*each)(FILE *, const hf_command *))
{
    const hf_command *command;

    fprintf(out, "_handfast_%s() {\n    case $1 in\n", name);
    each(out, hf_command_tool());
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++)
        each(out, command);
    fputs("    esac\n}\n\n", out);
}

/* ---- arguments ---- */

/* The second words of the commands that begin with `first`; of all commands the first words, each once. */
static void second_words(FILE *out, const char *first)
{
    const hf_command *command;
    const char *before = "";

    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++) {
        size_t n = strcspn(command->name, " ");
        if (*first && page_in_family(command->name, first))
            fprintf(out, " %s", command->name + strlen(first) + 1);
        else if (!*first && (strlen(before) < n || strncmp(before, command->name, n) != 0))
            fprintf(out, " %.*s", (int)n, command->name);
        before = command->name;
    }
}

static bool begins_family(const char *name)
{
    const hf_command *command;

    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++)
        if (page_in_family(command->name, name))
            return true;
    return false;
}

static void argument(FILE *out, const hf_command *command)
{
    page_value value = command->n_args > 0 ? page_value_of_argument(&command->args[0]) : VALUE_NONE;

    fprintf(out, "    '%s') echo '", command->name);
    if (begins_family(command->name) || !*command->name) {
        fputs("words", out);
        second_words(out, command->name);
        if (!*command->name)
            fputs(" help", out);
        if (value == VALUE_POLICY)
            page_each_word(value, NULL, word, out);
    } else {
        kind(out, value, value == VALUE_WORDS ? command->args[0].values : NULL);
    }
    fputs("' ;;\n", out);
}

static void arguments(FILE *out)
{
    const hf_family_row *family;
    const hf_command *command;

    fputs("_handfast_argument() {\n    case $1 in\n", out);
    argument(out, hf_command_tool());
    for (size_t i = 0; (family = hf_manual_family_row(i)) != NULL; i++) {
        fprintf(out, "    '%s') echo 'words", family->name);
        second_words(out, family->name);
        fputs("' ;;\n", out);
    }
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++)
        argument(out, command);
    fputs("    esac\n}\n\n", out);
}

/* Two words make one command: lines of the case that reads the words before the cursor. */
static void two_words(FILE *out)
{
    const hf_command *command;

    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++) {
        const char *second = strchr(command->name, ' ');
        if (second)
            fprintf(out, "        %.*s:%s) command='%s' ;;\n", (int)(second - command->name),
                    command->name, second + 1, command->name);
    }
}

void page_bash(const char *folder)
{
    FILE *out = page_open(folder, "bash/handfast");

    fputs(head, out);
    two_words(out);
    fputs(tail, out);
    all_commands(out, "options", option_names);
    all_commands(out, "value", option_values);
    arguments(out);
    page_close(out);
}
