/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The four forms that a story can be shown in, and the text that they are written to. Secrets are shown only where `secrets`
 * says so; the tape's are left out otherwise. None of them opens a file.
 */
#ifndef HF_EXPLAIN_OUTPUTS_H
#define HF_EXPLAIN_OUTPUTS_H

#include "explain/story.h"

/* Text that grows. The first failure (no memory, over HF_SHEET_MAX) sticks. */
enum { HF_SHEET_MAX = 64 << 20 };
typedef struct hf_sheet {
    char *text; /* ends with NUL; NULL while it is empty */
    size_t len, room;
    hf_error error;
} hf_sheet;
void hf_sheet_put(hf_sheet *sheet, const char *text);
void hf_sheet_add(hf_sheet *sheet, const char *format, ...) HF_PRINTF(2, 3);
void hf_sheet_bytes(hf_sheet *sheet, const void *bytes, size_t len);
void hf_sheet_free(hf_sheet *sheet); /* wipes */

typedef struct hf_show {
    int verbose; /* text: 0 a line a message, 1 the fields, 2 the bytes too */
    bool secrets;
    bool colour;    /* text, with ANSI's codes */
    unsigned width; /* text: columns, 0: 80 */
} hf_show;

hf_error hf_show_text(const hf_story *story, const hf_show *show, hf_sheet *out);
/* The lines of one step of it, for who shows a connection while it goes on; and what its tape's own end holds proved by then,
   without what *told says was shown: that is 0 for the first step, and brought up to date. */
hf_error hf_show_step(const hf_story *story, size_t step, const hf_show *show, uint8_t *told,
                      hf_sheet *out);
/* These proofs alone. */
hf_error hf_show_proofs(const hf_story *story, size_t step, const hf_show *show, uint8_t *told,
                        hf_sheet *out);
/* handfast.trace/1 (docs/trace.md). */
hf_error hf_show_json(const hf_story *story, const hf_show *show, hf_sheet *out);
/* One page that needs nothing else. */
hf_error hf_show_page(const hf_story *story, const hf_show *show, hf_sheet *out);
/* A pcapng file: TCP segments of our making around the tape's records, and the tape's secrets, always. */
hf_error hf_show_pcapng(const hf_story *story, hf_sheet *out);

/* The tape that hf_show_json wrote. *tape: NULL on failure. HF_E_TRACE_… ; why says what was wrong, and where. */
enum { HF_WHY_ROOM = 256 };
hf_error hf_tape_from_json(hf_span json, hf_tape **tape, char why[HF_WHY_ROOM]);

#endif
