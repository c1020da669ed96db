/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Wrong command lines: what is wrong, where and why, what to type instead. */
#include "tool/misuse.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tool/exit.h"
#include "tool/manual_rows.h"
#include "tool/say.h"
#include "tool/suggest.h"

enum { WORD_ROOM = 64 };

/* "handfast connect", or "handfast" for the tool itself. */
static const char *gap(const hf_command *command)
{
    return *command->name ? " " : "";
}

static int see_help(const hf_command *command)
{
    hf_error_next("see: handfast %s%s--help", command->name, gap(command));
    return HF_EXIT_USAGE;
}

static int show_sample(const char *sample)
{
    hf_error_next("for example: handfast %s", sample);
    return HF_EXIT_USAGE;
}

/* The example of a shared option names connect and its target: here it is this command's. */
static int show_row(const hf_command *command, const hf_opt_row *row)
{
    char sample[256];

    hf_option_sample(command, row, sample, sizeof sample);
    return show_sample(sample);
}

/* ---- unknown options ---- */

static const hf_opt_row *option_of(const hf_command *command, const char *name)
{
    for (size_t g = 0; g < HF_OPT_GROUPS && command->groups[g].rows; g++)
        for (size_t i = 0; i < command->groups[g].n; i++)
            if (strcmp(command->groups[g].rows[i].name, name) == 0)
                return &command->groups[g].rows[i];
    return NULL;
}

static bool has_option(const hf_command *command, const char *name)
{
    return option_of(command, name) != NULL;
}

static const char *nearest_option(const hf_command *command, const char *name)
{
    hf_nearest nearest = { .word = name };

    for (size_t g = 0; g < HF_OPT_GROUPS && command->groups[g].rows; g++)
        for (size_t i = 0; i < command->groups[g].n; i++)
            hf_nearest_try(&nearest, command->groups[g].rows[i].name);
    return nearest.best;
}

static int write_instead(const hf_command *command, const char *ours)
{
    hf_error_next("write %s; all options: handfast %s%s--help", ours, command->name, gap(command));
    return HF_EXIT_USAGE;
}

/* "connect, serve": the sub-commands that have it. False: none. */
static bool commands_with(const char *name, char *out, size_t room)
{
    const hf_command *command;
    size_t n = 0;

    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++) {
        if (!has_option(command, name))
            continue;
        int added = snprintf(out + n, room - n, "%s%s", n > 0 ? ", " : "", command->name);
        if (added < 0 || (size_t)added >= room - n)
            break;
        n += (size_t)added;
    }
    return n > 0;
}

/* "--tls 1.3" names the option --tls, "connect HOST:PORT" none. */
static bool fits(const hf_command *command, const char *ours)
{
    char name[WORD_ROOM];

    if (strncmp(ours, "--", 2) != 0)
        return true;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(ours + 2, " "), ours + 2);
    return has_option(command, name);
}

static int say_foreign(const hf_command *command, const hf_foreign *row)
{
    hf_error_why("that is how %s spells it; did you mean %s?%s%s", row->whose, row->ours,
                 *row->remark ? " Note: " : "", row->remark);
    return write_instead(command, row->ours);
}

static int say_unknown(const hf_command *command, const char *name)
{
    const char *near = nearest_option(command, name);
    char ours[WORD_ROOM], others[4 * WORD_ROOM];
    bool elsewhere = commands_with(name, others, sizeof others);

    if (!near && elsewhere && *command->name)
        hf_error_why("it belongs to: handfast %s", others);
    else if (!near && !*command->name)
        hf_error_why("options of a sub-command stand after its name");
    else if (!near)
        hf_error_why("handfast %s has no such option", command->name);
    if (!near)
        return see_help(command);
    hf_error_why("handfast%s%s has no such option; did you mean --%s?", gap(command), command->name,
                 near);
    snprintf(ours, sizeof ours, "--%s", near);
    return write_instead(command, ours);
}

/* Of several rows for one word, the first that helps with this command. */
static const hf_foreign *foreign_for(const hf_command *command, const char *word, size_t len)
{
    const hf_foreign *row;

    for (size_t i = 0; (row = hf_foreign_row(i)) != NULL; i++)
        if (hf_foreign_is(row, word, len) && fits(command, row->ours))
            return row;
    return NULL;
}

int hf_misuse_unknown(const hf_command *command, const char *word)
{
    char name[WORD_ROOM];
    size_t len = strcspn(word, "="), dashes = strspn(word, "-");
    const hf_foreign *foreign = foreign_for(command, word, len);

    snprintf(name, sizeof name, "%.*s", (int)(len > dashes ? len - dashes : 0), word + dashes);
    hf_error_what("unknown option %.*s", (int)(len < WORD_ROOM ? len : WORD_ROOM), word);
    if (foreign)
        return say_foreign(command, foreign);
    return say_unknown(command, name);
}

/* ---- values ---- */

int hf_misuse_no_value(const hf_command *command, const hf_opt_row *row)
{
    hf_error_what("--%s needs a value", row->name);
    hf_error_why("it is written --%s %s; a value that begins with dashes as --%s=VALUE", row->name,
                 row->arg, row->name);
    return show_row(command, row);
}

const hf_command *hf_command_with_value(const hf_command *command, const char *name)
{
    const hf_command *other;

    for (size_t i = 0; (other = hf_command_row(i)) != NULL; i++) {
        const hf_opt_row *row = other != command ? option_of(other, name) : NULL;
        if (row && !hf_opt_is_bare(row))
            return other;
    }
    return NULL;
}

int hf_misuse_flag_value(const hf_command *command, const hf_opt_row *row, const char *value)
{
    const hf_command *other = hf_command_with_value(command, row->name);

    if (other)
        hf_error_what("%s's --%s takes no value; %s's does", command->name, row->name, other->name);
    else
        hf_error_what("--%s takes no value", row->name);
    hf_error_why("\"%s\" was given; the option is a switch: it is there or not", value);
    return see_help(command);
}

int hf_misuse_empty(const hf_command *command, const hf_opt_row *row)
{
    hf_error_what("the value of --%s is empty", row->name);
    hf_error_why("it is written --%s %s; is a shell variable unset?", row->name,
                 row->arg ? row->arg : "");
    return show_row(command, row);
}

/* "auto|always|never" as "auto, always, never"; "1..10" as "1 to 10". */
static void values_text(const char *values, char *out, size_t room)
{
    size_t n = 0;

    for (const char *v = values; *v && n + 5 < room; v++) {
        const char *put = *v == '|' ? ", " : strncmp(v, "..", 2) == 0 ? " to " : NULL;
        if (put)
            n += (size_t)snprintf(out + n, room - n, "%s", put);
        else
            out[n++] = *v;
        v += put && *v == '.';
    }
    out[n] = '\0';
}

/* How other programs say on and off. */
static const char *switch_word(const char *word)
{
    static const char *const on[] = { "yes", "true", "1", "enable", "enabled" };
    static const char *const off[] = { "no",   "of",    "false",   "0",
                                       "none", "never", "disable", "disabled" };

    for (size_t i = 0; i < sizeof on / sizeof *on; i++)
        if (strcasecmp(word, on[i]) == 0)
            return "on";
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        if (strcasecmp(word, off[i]) == 0)
            return "off";
    return NULL;
}

/* Of "auto|always|never" the word that was meant, in `out`; false: none is near. */
static bool nearest_value(const char *values, const char *word, char out[WORD_ROOM])
{
    hf_nearest nearest = { .word = word };
    char all[16][WORD_ROOM];
    size_t n = 0;

    if (strcmp(values, "on|off") == 0)
        nearest.best = switch_word(word);
    for (const char *v = nearest.best ? NULL : values; v && n < 16;
         v = strchr(v, '|') ? strchr(v, '|') + 1 : NULL) {
        snprintf(all[n], WORD_ROOM, "%.*s", (int)strcspn(v, "|"), v);
        hf_nearest_try(&nearest, all[n++]);
    }
    snprintf(out, WORD_ROOM, "%s", nearest.best ? nearest.best : "");
    return nearest.best != NULL;
}

int hf_misuse_value(const hf_command *command, const hf_opt_row *row, const char *value)
{
    char values[512], near[WORD_ROOM] = "";
    bool meant = row->kind == HF_OPT_choice && nearest_value(row->values, value, near);

    values_text(row->values, values, sizeof values);
    hf_error_what("the value of --%s is not allowed: %.200s", row->name, value);
    hf_error_why("--%s takes %s%s%s%s%s", row->name,
                 row->kind == HF_OPT_integer   ? "a whole number, "
                 : row->kind == HF_OPT_seconds ? "seconds, "
                                               : "one of ",
                 values, meant ? "; did you mean " : "", near, meant ? "?" : "");
    if (!meant)
        return show_row(command, row);
    hf_error_next("write: --%s %s", row->name, near);
    return HF_EXIT_USAGE;
}

int hf_misuse_too_many(const char *name, size_t limit)
{
    hf_error_what("too many values for %s", name);
    hf_error_why("at most %zu are taken", limit);
    hf_error_next("give fewer; a folder may stand for its files");
    return HF_EXIT_USAGE;
}

/* ---- arguments ---- */

int hf_misuse_extra(const hf_command *command, const char *word)
{
    hf_error_what("unexpected argument: %.200s", word);
    if (!*command->name)
        hf_error_why("options of a sub-command stand after its name");
    else if (command->n_args == 0)
        hf_error_why("handfast %s takes options only", command->name);
    else
        hf_error_why("handfast %s takes one %s, and it was given already", command->name,
                     command->args[0].arg);
    return see_help(command);
}

int hf_misuse_missing(const hf_command *command, const hf_arg_row *row)
{
    hf_error_what("%s needs %s", command->name, row->arg);
    hf_error_why("%s", row->help);
    return show_sample(row->sample);
}

int hf_misuse_argument(const hf_command *command, const hf_arg_row *row, const char *word)
{
    char values[512], near[WORD_ROOM];
    bool meant = nearest_value(row->values, word, near);

    values_text(row->values, values, sizeof values);
    hf_error_what("%s does not know \"%.200s\"", command->name, word);
    hf_error_why("%s is one of %s%s%s%s", row->arg, values, meant ? "; did you mean " : "", near,
                 meant ? "?" : "");
    return show_sample(row->sample);
}

int hf_misuse_empty_argument(const hf_command *command, const hf_arg_row *row)
{
    hf_error_what("an argument of %s is empty", command->name);
    hf_error_why("%s is expected; is a shell variable unset?", row->arg);
    return show_sample(row->sample);
}

int hf_misuse_needs(const char *command, const char *option, const char *sample)
{
    hf_error_what("%s needs --%s", command, option);
    hf_error_why("there is no default for it");
    return show_sample(sample);
}

/* ---- sub-commands ---- */

size_t hf_command_family(const char *first, char *out, size_t room)
{
    const hf_command *command;
    size_t count = 0, n = 0, len = strlen(first);

    out[0] = '\0';
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++) {
        if (strncmp(command->name, first, len) != 0 || command->name[len] != ' ')
            continue;
        int added =
            snprintf(out + n, room - n, "%s%s", count++ ? ", " : "", command->name + len + 1);
        n += added > 0 && (size_t)added < room - n ? (size_t)added : 0;
    }
    return count;
}

static const char *nearest_command(const char *word)
{
    hf_nearest nearest = { .word = word };
    const hf_family_row *family;
    const hf_command *command;

    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++)
        hf_nearest_try(&nearest, command->name);
    for (size_t i = 0; !strchr(word, ' ') && (family = hf_manual_family_row(i)) != NULL; i++)
        hf_nearest_try(&nearest, family->name);
    return nearest.best;
}

int hf_command_unknown(const char *first, const char *second)
{
    char typed[2 * WORD_ROOM], words[128];
    size_t family = hf_command_family(first, words, sizeof words);
    const hf_foreign *foreign;

    snprintf(typed, sizeof typed, "%.60s%s%.60s", first, family && second ? " " : "",
             family && second ? second : "");
    foreign = hf_foreign_of(typed, strlen(typed));
    hf_error_what(family && !second ? "%s needs a second word" : "unknown sub-command: %s", typed);
    const char *near = nearest_command(typed);
    if (foreign)
        hf_error_why("that is how %s spells it; did you mean handfast %s?", foreign->whose,
                     foreign->ours);
    else if (near && (!family || second))
        hf_error_why("did you mean handfast %s?", near);
    else if (family)
        hf_error_why("handfast %s is followed by one of %s", first, words);
    else
        hf_error_why("handfast has no such sub-command");
    hf_error_next("see: handfast %s%s--help", family ? first : "", family ? " " : "");
    return HF_EXIT_USAGE;
}

int hf_misuse(const char *what, const char *why, const char *next)
{
    hf_error_what("%s", what);
    hf_error_why("%s", why);
    hf_error_next("%s", next);
    return HF_EXIT_USAGE;
}
