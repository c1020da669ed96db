/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Writing markup, for every page that the project makes and for XML: markup of ours, with texts of anybody's made visible and
 * escaped where they are put in. What a peer chose cannot become markup, nor turn the text around, nor hide in it.
 */
#ifndef HF_EXPLAIN_MARKUP_H
#define HF_EXPLAIN_MARKUP_H

#include <stdarg.h>

#include "explain/outputs.h"

/* UTF-8 as it is; all that is not, or that nobody could see or that changes the order of text, as \x1b or \u202e. */
void hf_visible(hf_sheet *out, hf_span text);
/* The same, with < > & " ' as entities that HTML and XML share. */
void hf_markup_text(hf_sheet *out, hf_span text);
/* Markup with `%s` for a text that is escaped, `%u` for an unsigned, `%z` for a size_t and `%%`. */
void hf_markup(hf_sheet *out, const char *markup, ...);
void hf_markup_args(hf_sheet *out, const char *markup, va_list args);
void hf_markup_hex(hf_sheet *out, hf_span bytes); /* "16 03 01 " */

/* ---- what is at the edges of every page ---- */

/* To the end of <head>: these styles, and a Content-Security-Policy that lets in them and the script (empty: none), by their hashes,
   and nothing from anywhere: should a peer's text ever get out of its quotes, it could neither run nor call. */
hf_error hf_markup_head(hf_sheet *out, const char *title, const hf_span *styles, size_t n_styles,
                        hf_span script);
/* A bar above everything: the mark, what `links` (our markup) leads to, and the choice of colours. */
void hf_markup_bar(hf_sheet *out, const char *links);

#endif
