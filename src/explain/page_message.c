/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is inside a message of the ladder: what it is for, its fields beside its bytes, and what was known once it was there. */
#include "explain/page.h"

static void put_tags(hf_page *page, size_t i)
{
    const hf_story_step *step = &page->story->steps[i];

    hf_page_html(page, "<ul class=\"tags\"><li>%s</li>", step->source);
    hf_page_tags(page, step);
    hf_page_html(page, "</ul>\n");
}

static void put_row(hf_page *page, const char *name, const char *text)
{
    if (*text)
        hf_page_html(page, "<dt>%s</dt><dd>%s</dd>", name, text);
}

static void put_fault(hf_page *page, size_t i)
{
    const hf_failure *f = &page->story->tape->failure;
    const hf_error_row *row = hf_error_row_of(f->code);

    if (!page->story->steps[i].refused)
        return;
    hf_page_html(
        page,
        "<div class=\"fault\"><svg aria-hidden=\"true\"><use href=\"#i-cross\"/></svg><div>"
        "<p><b>%s</b> %s.</p><dl class=\"why\">",
        f->alert_direction != HF_ALERT_RECEIVED ? "Refused here:"
        : f->side == HF_CLIENT                  ? "The server gave up here:"
                                                : "The client gave up here:",
        row->sentence);
    if (*f->field)
        hf_page_html(page, "<dt>Where</dt><dd><code>%s</code></dd>", f->field);
    put_row(page, "What", strcmp(f->rule, row->sentence) != 0 ? f->rule : "");
    put_row(page, "Expected", f->expected);
    put_row(page, "Came", f->offered);
    put_row(page, "Rule", row->source);
    hf_page_html(page, "</dl></div></div>\n");
}

static void put_boxes(hf_page *page, size_t i)
{
    const hf_story_step *step = &page->story->steps[i];
    char words[HF_WORDS_ROOM], id[HF_PAGE_SMALL];

    hf_page_html(
        page,
        "<div class=\"boxes\">\n<section><h3><svg aria-hidden=\"true\"><use href=\"#i-eye\"/></svg>"
        "What an eavesdropper can read now</h3><p>%s</p></section>\n",
        hf_step_eavesdropper(page->story, i, words));
    hf_page_html(page,
                 "<section><h3><svg aria-hidden=\"true\"><use href=\"#i-shield\"/></svg>Had it "
                 "stopped here, what is proved</h3>"
                 "<p><b class=\"client\">to the client</b> %s</p>",
                 hf_step_proved(page->story, i, HF_CLIENT, words));
    hf_page_html(page, "<p><b class=\"server\">to the server</b> %s</p></section>\n",
                 hf_step_proved(page->story, i, HF_SERVER, words));
    hf_page_html(page, "<section><h3><svg aria-hidden=\"true\"><use href=\"#i-lock\"/></svg>What "
                       "protects it</h3><p>");
    if ((step->encrypted || step->bare) &&
        *hf_page_secret_id(page, (uint8_t)step->writer, step->epoch, id))
        hf_page_html(page, "<a href=\"#%s\"><code>%s</code></a></p></section>\n", id,
                     hf_step_secret(page->story, i));
    else
        hf_page_html(page, "%s</p></section>\n", hf_step_secret(page->story, i));
    hf_page_html(page, "</div>\n");
}

void hf_page_message(hf_page *page, size_t i)
{
    hf_page_html(page, "<div class=\"inside\">\n<p class=\"purpose\">%s</p>\n",
                 hf_step_purpose(&page->story->steps[i]));
    put_tags(page, i);
    put_fault(page, i);
    hf_page_fields(page, i);
    put_boxes(page, i);
    hf_page_html(page, "</div>\n");
}
