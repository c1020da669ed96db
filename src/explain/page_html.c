/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* How the page is written: markup.h, and links, times and sizes as a page has them. */
#include "explain/page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "explain/markup.h"

void hf_page_bytes_as_text(hf_page *page, hf_span text)
{
    hf_markup_text(page->out, text);
}

void hf_page_html(hf_page *page, const char *markup, ...)
{
    va_list args;

    va_start(args, markup);
    hf_markup_args(page->out, markup, args);
    va_end(args);
}

void hf_page_link(hf_page *page, size_t step)
{
    const hf_story *story = page->story;

    if (step < story->n && hf_page_shows(page, step))
        hf_page_html(page, "<a href=\"#m%z\">%s</a>", step, story->steps[step].name);
    else if (step < story->n)
        hf_page_html(page, "%s", story->steps[step].name);
}

void hf_page_hex(hf_page *page, hf_span bytes)
{
    hf_markup_hex(page->out, bytes);
}

char *hf_page_time(uint64_t us, char text[HF_PAGE_SMALL])
{
    if (us < 1000)
        snprintf(text, HF_PAGE_SMALL, "%" PRIu64 " µs", us);
    else if (us < 1000000)
        snprintf(text, HF_PAGE_SMALL, us < 100000 ? "%.2f ms" : "%.0f ms", (double)us / 1e3);
    else
        snprintf(text, HF_PAGE_SMALL, "%.2f s", (double)us / 1e6);
    return text;
}

char *hf_page_size(size_t bytes, char text[HF_PAGE_SMALL])
{
    if (bytes < 1000)
        snprintf(text, HF_PAGE_SMALL, "%zu byte%s", bytes, bytes == 1 ? "" : "s");
    else if (bytes < 1000000)
        snprintf(text, HF_PAGE_SMALL, "%zu,%03zu bytes", bytes / 1000, bytes % 1000);
    else
        snprintf(text, HF_PAGE_SMALL, "%.1f MB", (double)bytes / 1e6);
    return text;
}

char *hf_page_code(hf_names names, uint64_t value, char text[HF_NAME_ROOM])
{
    const char *name = hf_name_of(names, value);

    if (name)
        snprintf(text, HF_NAME_ROOM, "%s", name);
    else
        hf_code_text(names, value, text);
    return text;
}
