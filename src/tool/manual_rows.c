/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* options/manual.def as tables. No code but the look-up. */
#include "tool/manual_rows.h"

#include <string.h>

#define HF_FAMILY(name, summary, about)
#define HF_EXAMPLE(command, example, text)
#define HF_ENDS(command, code, text)
#define HF_VARIABLE(command, name, text)
#define HF_FILE(command, path, text)
#define HF_SEE(command, pages)

static const hf_manual_row rows[] = {
#undef HF_EXAMPLE
#undef HF_VARIABLE
#undef HF_FILE
#undef HF_SEE
#define HF_EXAMPLE(command, example, text) { HF_MANUAL_EXAMPLE, command, example, text },
#define HF_VARIABLE(command, name, text)   { HF_MANUAL_VARIABLE, command, name, text },
#define HF_FILE(command, path, text)       { HF_MANUAL_FILE, command, path, text },
#define HF_SEE(command, pages)             { HF_MANUAL_SEE, command, pages, "" },
#include "tool/options/manual.def"
#undef HF_EXAMPLE
#undef HF_VARIABLE
#undef HF_FILE
#undef HF_SEE
#define HF_EXAMPLE(command, example, text)
#define HF_VARIABLE(command, name, text)
#define HF_FILE(command, path, text)
#define HF_SEE(command, pages)
};

static const hf_ends_row ends[] = {
#undef HF_ENDS
#define HF_ENDS(command, code, text) { command, HF_EXIT_##code, text },
#include "tool/options/manual.def"
#undef HF_ENDS
#define HF_ENDS(command, code, text)
};

static const hf_family_row families[] = {
#undef HF_FAMILY
#define HF_FAMILY(name, summary, about) { name, summary, about },
#include "tool/options/manual.def"
};

const hf_manual_row *hf_manual_row_of(const char *command, hf_manual_kind kind, size_t i)
{
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        if (rows[r].kind == kind && strcmp(rows[r].command, command) == 0 && i-- == 0)
            return &rows[r];
    return NULL;
}

static const hf_ends_row *ends_row(const char *command, hf_exit code)
{
    for (size_t r = 0; r < sizeof ends / sizeof *ends; r++)
        if (ends[r].code == code && strcmp(ends[r].command, command) == 0)
            return &ends[r];
    return NULL;
}

/* Every command may end well, be misused, lack a file or have a bug. */
static bool is_shared(hf_exit code)
{
    return code == HF_EXIT_OK || code == HF_EXIT_USAGE || code == HF_EXIT_IO || code == HF_EXIT_BUG;
}

bool hf_manual_ends(const char *command, size_t i, hf_ends_row *row)
{
    for (int code = HF_EXIT_OK; code <= HF_EXIT_BUG; code++) {
        const hf_ends_row *own = ends_row(command, (hf_exit)code);
        if (!own && is_shared((hf_exit)code))
            own = ends_row("", (hf_exit)code);
        if (own && i-- == 0) {
            *row = *own;
            return true;
        }
    }
    return false;
}

const hf_family_row *hf_manual_family_row(size_t i)
{
    return i < sizeof families / sizeof *families ? &families[i] : NULL;
}

const hf_family_row *hf_manual_family(const char *name)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strcmp(families[i].name, name) == 0)
            return &families[i];
    return NULL;
}
