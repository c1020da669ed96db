/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One page that needs nothing else. Its Content-Security-Policy lets in the style and the script that are on it, by their hashes,
 * and nothing from anywhere: should a peer's text ever get out of its quotes, it could neither run nor call.
 */
#include "explain/page.h"

#include "crypto/base64.h"
#include "crypto/hash.h"

enum { HASH_TEXT = 48 };

static void put_span(hf_page *page, hf_span bytes)
{
    hf_sheet_bytes(page->out, bytes.data, bytes.len);
}

static hf_error hash_text(hf_span bytes, char text[HASH_TEXT])
{
    uint8_t digest[HF_HASH_MAX];

    TRY(hf_hash_once(HF_SHA256, bytes, digest));
    hf_base64_encode(hf_span_of(digest, 32), text);
    text[hf_base64_len(32)] = '\0';
    return HF_OK;
}

static hf_error put_policy(hf_page *page)
{
    char css[HASH_TEXT], js[HASH_TEXT];

    TRY(hash_text(hf_page_css, css));
    TRY(hash_text(hf_page_js, js));
    hf_page_html(
        page,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n",
        css, js);
    return HF_OK;
}

static void put_title(hf_page *page)
{
    const hf_tape *tape = page->story->tape;
    const char *whom = *tape->target ? tape->target : *tape->server ? tape->server : "";

    hf_page_html(page, "<title>%s%s handfast</title>\n", whom, *whom ? " ·" : "A handshake ·");
}

/* One choice of a few, that works without a script. */
static void put_choice(hf_page *page, const char *name, const char *value, const char *words,
                       bool on)
{
    hf_page_html(page,
                 "<input type=\"radio\" name=\"%s\" id=\"%s-%s\"%s><label for=\"%s-%s\">%s</label>",
                 name, name, value, on ? " checked" : "", name, value, words);
}

static void put_bar(hf_page *page)
{
    hf_page_html(page,
                 "<header class=\"bar\"><a class=\"mark\" href=\"#top\"><svg "
                 "aria-hidden=\"true\"><use href=\"#i-mark\"/>"
                 "</svg>handfast</a><nav aria-label=\"Sections\"><a href=\"#ladder\">Handshake</a>"
                 "<a href=\"#keys\">Keys</a><a href=\"#certificates\">Certificates</a>"
                 "<a href=\"#eavesdropper\">Eavesdropper</a>"
                 "<a href=\"#records\">Records</a><a href=\"#words\">Words</a></nav>"
                 "<fieldset class=\"choice theme\"><legend>Colours</legend>");
    put_choice(page, "theme", "auto", "Auto", true);
    put_choice(page, "theme", "light", "Light", false);
    put_choice(page, "theme", "dark", "Dark", false);
    hf_page_html(page, "</fieldset></header>\n");
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
    put_bar(page);
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
    hf_page_html(page, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    TRY(put_policy(page));
    hf_page_html(page, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<meta name=\"referrer\" content=\"no-referrer\">\n");
    put_title(page);
    hf_page_html(page, "<style>");
    put_span(page, hf_page_css);
    hf_page_html(page, "</style>\n</head>\n");
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
