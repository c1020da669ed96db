/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Where the keys come from: what both versions' drawings share. page_keys13.c and page_keys12.c are the drawings. */
#include "explain/page.h"

#include <stdio.h>

char *hf_page_secret_id(const hf_page *page, uint8_t writer, unsigned epoch,
                        char text[HF_PAGE_SMALL])
{
    const char *what = epoch == HF_EARLY ? "early" : epoch == HF_HANDSHAKE ? "handshake" : "app";

    *text = '\0';
    if (epoch > HF_PLAIN && page->story->end.version)
        snprintf(text, HF_PAGE_SMALL, "k-%s-%s", hf_page_side((hf_role)writer), what);
    return text;
}

/* Application keys of all generations stand for one. */
static bool is_under(const hf_story_step *step, uint8_t writer, unsigned epoch)
{
    unsigned own = step->epoch > HF_APP ? HF_APP : step->epoch;

    return (step->encrypted || step->bare) && step->kind != HF_STEP_KEYS &&
           step->writer == (hf_role)writer && own == epoch;
}

enum { LINKS = 8 };

bool hf_page_protects(const hf_page *page, uint8_t writer, unsigned epoch)
{
    for (size_t i = 0; i < page->story->n; i++)
        if (is_under(&page->story->steps[i], writer, epoch))
            return true;
    return false;
}

void hf_page_protected(hf_page *page, uint8_t writer, unsigned epoch)
{
    const hf_story *story = page->story;
    unsigned n = 0;

    for (size_t i = 0; i < story->n; i++) {
        if (!is_under(&story->steps[i], writer, epoch))
            continue;
        if (n++ >= LINKS)
            continue;
        hf_page_html(page, n == 1 ? "protects " : ", ");
        hf_page_link(page, i);
    }
    if (n > LINKS)
        hf_page_html(page, " and %u more", n - (unsigned)LINKS);
    if (n == 0)
        hf_page_html(page, "protects nothing that was seen");
}

void hf_page_secret(hf_page *page, const char *label)
{
    const hf_tape *tape = page->story->tape;

    for (size_t i = 0; i < tape->n_secrets && page->show->secrets; i++) {
        const hf_tape_secret *secret = &tape->secrets[i];
        if (strcmp(secret->label, label) != 0)
            continue;
        hf_page_html(page, "<code class=\"value\">");
        hf_page_hex(page, hf_span_of(secret->secret, secret->len));
        hf_page_html(page, "</code>");
        return;
    }
}

static void put_banner(hf_page *page)
{
    if (page->show->secrets && page->story->tape->n_secrets > 0)
        hf_page_html(page, "<div class=\"banner\"><svg aria-hidden=\"true\"><use "
                           "href=\"#i-key\"/></svg><p><b>Secrets are shown.</b> "
                           "Whoever has this page can read all of this connection, if they have "
                           "recorded it. Show it to nobody "
                           "who must not.</p></div>\n");
}

void hf_page_keys(hf_page *page)
{
    uint16_t version = page->story->end.version;

    hf_page_html(page, "<section id=\"keys\" aria-labelledby=\"h-keys\">\n<h2 id=\"h-keys\">Where "
                       "the keys come from</h2>\n");
    put_banner(page);
    if (version == HF_TLS13)
        hf_page_keys13(page);
    else if (version == HF_TLS12)
        hf_page_keys12(page);
    else
        hf_page_html(page, "<p>There are none: it ended before a ServerHello settled how they "
                           "would be made.</p>\n");
    hf_page_html(page, "</section>\n");
}
