/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The words of the trade, for newcomers: one table (glossary.def) for the page, `handfast explain WORD` and docs/learn.md. This
 * header and its .c need nothing else of the project.
 */
#ifndef HF_EXPLAIN_GLOSSARY_H
#define HF_EXPLAIN_GLOSSARY_H

#include <stddef.h>

typedef struct hf_term {
    const char *term;   /* "forward secrecy" */
    const char *also;   /* other names, divided by commas; may be empty */
    const char *brief;  /* one sentence, without its term at the start and without a full stop */
    const char *more;   /* one or more sentences */
    const char *source; /* "RFC 9846 E.1"; empty: none defines it */
} hf_term;

/* Row i, in the order of the alphabet; NULL past the end. */
const hf_term *hf_term_row(size_t i);
/* By its term or another of its names, case ignored; NULL: there is none. */
const hf_term *hf_term_named(const char *name);

#endif
