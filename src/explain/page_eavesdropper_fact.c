/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What others could read, in short: a line of the facts at the top, which leads to the section (page_eavesdropper.c). */
#include "explain/page_sights.h"

static void add_some(hf_phrase *p, const char *what)
{
    hf_phrase_add(p, "%s%s", p->len > 0 ? ", " : "", what);
}

static void say_readable(const hf_view *v, hf_phrase *p)
{
    char ignored[HF_WORDS_ROOM];
    hf_phrase i = hf_phrase_start(ignored);

    hf_sight_host_name(v, p);
    if (v->k.offer_read)
        add_some(p, v->k.answer_read ? "the offers and choices" : "the offers");
    if (hf_sight_servers_papers(v, &i) == HF_READABLE)
        add_some(p, hf_sight_clients_papers(v, &i) == HF_READABLE ? "the certificates of both"
                                                                  : "the certificate");
    if (hf_sight_data(v, &i) == HF_READABLE)
        add_some(p, "all data");
    add_some(p, "lengths, times and addresses");
}

static void say_hidden(const hf_view *v, hf_phrase *p)
{
    char ignored[HF_WORDS_ROOM];
    hf_phrase i = hf_phrase_start(ignored);
    bool server = hf_sight_servers_papers(v, &i) == HF_HIDDEN,
         client = hf_sight_clients_papers(v, &i) == HF_HIDDEN;

    if (server || client)
        hf_phrase_add(p, "not the certificate%s", server && client ? "s" : "");
    if (hf_sight_data(v, &i) == HF_HIDDEN)
        hf_phrase_add(p, "%s the data", p->len > 0 ? " and" : "not");
}

void hf_page_eavesdropper_fact(hf_page *page)
{
    char text[HF_WORDS_ROOM], hidden[HF_WORDS_ROOM];
    hf_phrase p = hf_phrase_start(text), not = hf_phrase_start(hidden);
    hf_view v = hf_view_of(page);

    say_readable(&v, &p);
    say_hidden(&v, &not );
    hf_page_html(
        page,
        "<div class=\"wide\"><dt>What could others read?</dt><dd><b><a href=\"#eavesdropper\">%s"
        "</a></b>",
        text);
    if (not .len > 0)
        hf_page_html(page, "<small>%s</small>", hidden);
    hf_page_html(page, "</dd></div>\n");
}
