/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The words of the page, for somebody who meets them for the first time. */
#include "explain/page.h"

#include "explain/glossary.h"

/* Divided by commas alone. */
static void put_names(hf_page *page, const char *names)
{
    hf_page_html(page, " <small>");
    for (const char *name = names; *name;) {
        size_t len = strcspn(name, ",");
        hf_page_bytes_as_text(page, hf_span_of((const uint8_t *)name, len));
        name += len;
        name += strspn(name, ", ");
        hf_page_html(page, *name ? ", " : "");
    }
    hf_page_html(page, "</small>");
}

static void put_term(hf_page *page, const hf_term *term)
{
    hf_page_html(page, "<div><dt>%s", term->term);
    if (*term->also)
        put_names(page, term->also);
    hf_page_html(page, "</dt><dd>%s. %s", term->brief, term->more);
    if (*term->source)
        hf_page_html(page, " <cite>%s</cite>", term->source);
    hf_page_html(page, "</dd></div>\n");
}

void hf_page_glossary(hf_page *page)
{
    const hf_term *term;

    hf_page_html(page, "<section id=\"words\" aria-labelledby=\"h-words\">\n<h2 "
                       "id=\"h-words\">Words</h2>\n<dl class=\"words\">\n");
    for (size_t i = 0; (term = hf_term_row(i)); i++)
        put_term(page, term);
    hf_page_html(page, "</dl>\n</section>\n");
}
