/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* From a command's struct back to its words, by the rows of its table. */
#include "tool/again.h"

#include <stdlib.h>
#include <string.h>

static void say_value(hf_text *out, const hf_opt_row *row, const char *value)
{
    hf_text_print(out, " --%s ", row->name);
    hf_text_say_word(out, value);
}

/* A value that is the default, or that the environment gives again. */
static bool goes_without_saying(const hf_opt_row *row, const char *value)
{
    const char *env = row->env ? getenv(row->env) : NULL;

    return (row->std && strcmp(value, row->std) == 0) || (env && strcmp(value, env) == 0);
}

static void say_text(hf_text *out, const hf_opt_row *row, const char *value)
{
    if (value && !goes_without_saying(row, value))
        say_value(out, row, value);
}

static void say_optional(hf_text *out, const hf_opt_row *row, const char *value)
{
    if (value && *value)
        say_value(out, row, value);
    else if (value)
        hf_text_print(out, " --%s", row->name);
}

static void say_strings(hf_text *out, const hf_opt_row *row, const hf_opt_strings *list)
{
    for (size_t i = 0; i < list->n; i++)
        say_value(out, row, list->at[i]);
}

static void say_integer(hf_text *out, const hf_opt_row *row, long value)
{
    if (value != strtol(row->std, NULL, 10))
        hf_text_print(out, " --%s %ld", row->name, value);
}

static void say_seconds(hf_text *out, const hf_opt_row *row, long ms)
{
    char text[HF_SECONDS_ROOM];

    hf_seconds_text(ms, text);
    if (strcmp(text, row->std) != 0)
        hf_text_print(out, " --%s %s", row->name, text);
}

static void say_option(hf_text *out, const hf_opt_row *row, const void *field)
{
    switch (row->kind) {
    case HF_OPT_flag:
        if (*(const bool *)field)
            hf_text_print(out, " --%s", row->name);
        break;
    case HF_OPT_count:
        for (int i = 0; i < *(const int *)field; i++)
            hf_text_print(out, " --%s", row->name);
        break;
    case HF_OPT_string:
    case HF_OPT_choice: say_text(out, row, *(const char *const *)field); break;
    case HF_OPT_optional: say_optional(out, row, *(const char *const *)field); break;
    case HF_OPT_strings: say_strings(out, row, field); break;
    case HF_OPT_integer: say_integer(out, row, *(const long *)field); break;
    case HF_OPT_seconds: say_seconds(out, row, *(const long *)field); break;
    }
}

void hf_again(hf_text *out, const hf_command *command, const void *options, const char *skip)
{
    hf_text_print(out, "handfast %s", command->name);
    for (size_t g = 0; g < HF_OPT_GROUPS && command->groups[g].rows; g++) {
        const hf_opt_group *group = &command->groups[g];
        for (size_t i = 0; i < group->n; i++)
            if (!skip || strcmp(group->rows[i].name, skip) != 0)
                say_option(out, &group->rows[i],
                           (const char *)options + group->offset + group->rows[i].offset);
    }
}
