/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The records as they were on the wire, and the words of the glossary. */
#include "explain/page.h"

enum { SHOWN = 200 };

static void put_row(hf_page *page, unsigned number, const hf_tape_event *e)
{
    const hf_tape *tape = page->story->tape;
    hf_span wire = hf_tape_wire(tape, e);
    char time[HF_PAGE_SMALL], outer[HF_NAME_ROOM], inner[HF_NAME_ROOM];
    bool sealed = e->epoch > HF_PLAIN;
    bool same = wire.len > 0 && wire.data[0] == e->content_type;

    hf_page_html(page,
                 "<tr class=\"%s\"><td>%u</td><td>%s</td><td class=\"who\">%s</td><td>%s</td>",
                 hf_page_side(e->writer), number,
                 hf_page_time(hf_story_us(page->story, e->us), time), hf_page_side(e->writer),
                 wire.len > 0 ? hf_page_code(HF_NAMES_CONTENT_TYPES, wire.data[0], outer) : "");
    hf_page_html(page, "<td>%s</td><td class=\"n\">%z</td><td>",
                 sealed ? hf_epoch_name(e->epoch) : "none", wire.len);
    if (!e->opened)
        hf_page_html(page, "sealed");
    else if (sealed)
        hf_page_html(page, "%s, %z bytes",
                     hf_page_code(HF_NAMES_CONTENT_TYPES, e->content_type, inner), e->content_len);
    else
        hf_page_html(page, "%s", same ? "as it is" : "");
    hf_page_html(page, "</td></tr>\n");
}

static unsigned put_rows(hf_page *page)
{
    const hf_tape *tape = page->story->tape;
    unsigned n = 0;

    for (size_t i = 0; i < tape->n; i++)
        if (tape->events[i].kind == HF_TAPE_RECORD && ++n <= SHOWN)
            put_row(page, n, &tape->events[i]);
    return n;
}

void hf_page_records(hf_page *page)
{
    hf_page_html(page, "<section id=\"records\" aria-labelledby=\"h-records\">\n<h2 "
                       "id=\"h-records\">Records</h2>\n"
                       "<p class=\"lead\">What went over the wire: each record with its header of "
                       "five bytes, and what was inside. "
                       "From the outside a sealed one shows its type, its version and its length, "
                       "and no more.</p>\n"
                       "<details class=\"table\"><summary>Show the records</summary>"
                       "<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
                       "aria-label=\"Records\"><table>\n<thead><tr><th>#</th><th>Time</th>"
                       "<th>Writer</th><th>Type outside</th><th>Keys</th><th "
                       "class=\"n\">Bytes</th><th>Inside</th></tr></thead>\n<tbody>\n");
    unsigned n = put_rows(page);
    hf_page_html(page, "</tbody></table></div></details>\n");
    if (n > SHOWN)
        hf_page_html(page, "<p class=\"note\">%u more records are left out of this page.</p>\n",
                     n - (unsigned)SHOWN);
    if (page->story->tape->lost > 0)
        hf_page_html(page, "<p class=\"note\">%z events found no room on the tape.</p>\n",
                     page->story->tape->lost);
    hf_page_html(page, "</section>\n");
}
