/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One page that needs nothing else. Its Content-Security-Policy lets in the style and the script that are on it, by their hashes,
 * and nothing from anywhere: should a peer's text ever get out of its quotes, it could neither run nor call.
 */
#include "explain/page.h"

#include "explain/markup.h"

static void put_span(hf_page *page, hf_span bytes)
{
    hf_sheet_bytes(page->out, bytes.data, bytes.len);
}

static hf_error put_head(hf_page *page)
{
    const hf_tape *tape = page->story->tape;
    const char *whom = *tape->target ? tape->target : tape->server;
    hf_sheet title = { .error = HF_OK };

    hf_sheet_add(&title, "%s · handfast", *whom ? whom : "A handshake");
    hf_error e = title.error;
    if (e == HF_OK)
        e = hf_markup_head(page->out, title.text, &hf_page_css, 1, hf_page_js);
    hf_sheet_free(&title);
    return e;
}

static void put_foot(hf_page *page)
{
    const hf_tape *tape = page->story->tape;

    hf_page_html(page, "<footer><p>Made by %s. ", *tape->program ? tape->program : "handfast");
    if (page->show->secrets && tape->n_secrets > 0)
        hf_page_html(page, "This page holds secrets: whoever has it can read the connection.");
    else
        hf_page_html(page,
                     "There are no secrets in this page. What both ends sent is, names included.");
    hf_page_html(page, "</p></footer>\n");
}

static void put_body(hf_page *page)
{
    hf_page_html(page,
                 "<body id=\"top\">\n<a class=\"skip\" href=\"#main\">To the handshake</a>\n");
    put_span(page, hf_page_svg);
    hf_markup_bar(page->out, "<a href=\"#ladder\">Handshake</a>"
                             "<a href=\"#keys\">Keys</a><a href=\"#certificates\">Certificates</a>"
                             "<a href=\"#eavesdropper\">Eavesdropper</a>"
                             "<a href=\"#records\">Records</a><a href=\"#words\">Words</a>");
    hf_page_html(page, "<main id=\"main\">\n");
    hf_page_head(page);
    hf_page_ladder(page);
    hf_page_keys(page);
    hf_page_certificates(page);
    hf_page_eavesdropper(page);
    hf_page_records(page);
    hf_page_glossary(page);
    hf_page_html(page, "</main>\n");
    put_foot(page);
}

static hf_error put_page(hf_page *page)
{
    hf_page_find_facts(page);
    TRY(put_head(page));
    put_body(page);
    hf_page_html(page, "<script>");
    put_span(page, hf_page_js);
    hf_page_html(page, "</script>\n</body>\n</html>\n");
    return page->out->error;
}

hf_error hf_show_page(const hf_story *story, const hf_show *show, hf_sheet *out)
{
    hf_page page = { .story = story, .show = show, .out = out };
    hf_error e = show->secrets ? HF_OK : hf_prelude_mask_start(&page.mask, story->tape);

    if (e == HF_OK)
        e = put_page(&page);
    hf_prelude_mask_end(&page.mask);
    return e;
}
