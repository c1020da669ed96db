/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Writing text for a terminal, for text*.c alone: lines of a width, colour where it is wanted, and nothing that steers the
 * terminal, whoever wrote it: control characters, marks of direction and bytes that are no UTF-8 are shown as \x1b and \u202e.
 */
#ifndef HF_EXPLAIN_TEXT_PEN_H
#define HF_EXPLAIN_TEXT_PEN_H

#include "explain/outputs.h"

typedef enum hf_ink {
    HF_INK_PLAIN,
    HF_INK_BOLD,
    HF_INK_DIM,
    HF_INK_BAD,
    HF_INK_GOOD,
    HF_INK_HINT
} hf_ink;

typedef struct hf_pen {
    hf_sheet *out;
    const hf_show *show;
    unsigned width, column;
    bool gap; /* an empty line, or nothing, stands above */
} hf_pen;

hf_pen hf_pen_start(hf_sheet *out, const hf_show *show);
void hf_pen_line(hf_pen *pen); /* ends the line */
void hf_pen_gap(hf_pen *pen);  /* an empty line, unless there is one */
/* On this line, as it is (made safe). */
void hf_pen_put(hf_pen *pen, hf_ink ink, const char *text);
void hf_pen_add(hf_pen *pen, hf_ink ink, const char *format, ...) HF_PRINTF(3, 4);
/* Blanks up to that column; one at least, unless the line is empty. */
void hf_pen_to(hf_pen *pen, unsigned column);
/* From here on in lines, that go on at `indent`; the last one is ended. */
void hf_pen_wrap(hf_pen *pen, unsigned indent, const char *text);
/* A line of its own from `indent` on: a bold word or two, then text that goes on below itself. */
void hf_pen_row(hf_pen *pen, unsigned indent, unsigned beside, const char *title, const char *text);

void hf_text_fields(hf_pen *pen, const hf_story_step *step);
void hf_text_head(hf_pen *pen, const hf_story *story);
void hf_text_end(hf_pen *pen, const hf_story *story);

#endif
