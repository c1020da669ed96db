/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The program hf_pages, which the build runs: manual pages (as scdoc's source) and shell completion, from the tables of
 * options and from the public headers. What is common to its files stands here.
 */
#ifndef HF_TOOL_PAGES_H
#define HF_TOOL_PAGES_H

#include <stdio.h>

#include "tool/manual_rows.h"
#include "tool/options.h"

/* A file in the folder that the program was told to fill. Stops the program if it cannot be made, or not be written. */
FILE *page_open(const char *folder, const char *name);
void page_close(FILE *out);

/* ---- scdoc ---- */

/* Text as it is; `words` in back quotes, names with hf_ and options become bold, conn.h becomes handfast_conn(3). */
void sc_text(FILE *out, const char *text, size_t len);
void sc_words(FILE *out, const char *text);
/* The whole of it bold, or underlined. */
void sc_bold(FILE *out, const char *text);
/* What is explained: bold, or the page of a header. */
void sc_term(FILE *out, const char *text);
void sc_under(FILE *out, const char *text);
/* The line that begins a page, and its NAME; with summary NULL more names may follow, and then their summary. */
void sc_summary(FILE *out, const char *text);
void sc_begin(FILE *out, const char *page, int section, const char *summary);

/* ---- the tables ---- */

enum { PAGE_NAME_ROOM = 64 };
/* "cert ca": "handfast-cert-ca" */
void page_name(const char *command, char out[PAGE_NAME_ROOM]);
/* True if the command's name is that word and another. */
bool page_in_family(const char *command, const char *family);
/* How much of a text is its first sentence, without the full stop. */
size_t page_sentence(const char *text);
/* Row i over all groups; NULL past the last. */
const hf_opt_row *page_option(const hf_command *command, size_t i);

/* What may stand where an argument is wanted, as shells complete it. */
typedef enum page_value {
    VALUE_NONE, /* a flag */
    VALUE_ANY,  /* nothing to propose */
    VALUE_FILE,
    VALUE_DIR,
    VALUE_HOST,
    VALUE_WORDS, /* those of the row */
    VALUE_POLICY,
    VALUE_TLS,
    VALUE_CASE,   /* of bench */
    VALUE_GROUPS, /* lists, divided by commas or colons */
    VALUE_SUITES,
    VALUE_SIGALGS
} page_value;
page_value page_value_of_option(const hf_opt_row *row);
page_value page_value_of_argument(const hf_arg_row *row);
/* Calls `each` with every word that may stand there; none for files, hosts and what is free. */
void page_each_word(page_value value, const char *words, void (*each)(FILE *, const char *),
                    FILE *out);

/* ---- the pages ---- */

void page_man_tool(const char *folder);
void page_man_family(const char *folder, const hf_family_row *family);
void page_man_command(const char *folder, const hf_command *command);
/* handfast-proxy.yaml(5) */
void page_man_config(const char *folder);
/* libhandfast(3) and a page for each header of that folder. */
void page_man_headers(const char *folder, const char *include);
void page_bash(const char *folder);
void page_zsh(const char *folder);
void page_fish(const char *folder);

#endif
