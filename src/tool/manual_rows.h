/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a command's page holds beside its options (options/manual.def): examples, exit codes, files, variables. --help,
 * the manual pages and docs/commands.md are made of these rows.
 */
#ifndef HF_TOOL_MANUAL_ROWS_H
#define HF_TOOL_MANUAL_ROWS_H

#include "tool/exit.h"
#include "tool/options.h"

typedef enum hf_manual_kind {
    HF_MANUAL_EXAMPLE,
    HF_MANUAL_VARIABLE,
    HF_MANUAL_FILE,
    HF_MANUAL_SEE
} hf_manual_kind;

typedef struct hf_manual_row {
    hf_manual_kind kind;
    const char *command; /* "connect"; "" is the tool itself */
    const char *what;    /* the example after "handfast ", the variable, the path, the pages */
    const char *text;
} hf_manual_row;

typedef struct hf_ends_row {
    const char *command;
    hf_exit code;
    const char *text;
} hf_ends_row;

typedef struct hf_family_row {
    const char *name, *summary, *about;
} hf_family_row;

/* What `handfast help` does: it has no row, as it is no sub-command of its own. */
#define HF_HELP_WORDS "help [SUB-COMMAND]"
#define HF_HELP_TEXT  "Show the help of a sub-command, as its --help does"

/* Row i of that kind for that command; NULL past the last. */
const hf_manual_row *hf_manual_row_of(const char *command, hf_manual_kind kind, size_t i);
/* The i-th way in which that command ends, in the order of the codes; false past the last. What every command shares is the
   tool's. */
bool hf_manual_ends(const char *command, size_t i, hf_ends_row *row);
/* NULL: no family of that name. */
const hf_family_row *hf_manual_family(const char *name);
/* Row i of all; NULL past the last. */
const hf_family_row *hf_manual_family_row(size_t i);

#endif
