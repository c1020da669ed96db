/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The box that says why it failed: what went wrong, whose fault it is, what to do. The table of errors speaks of "the peer"; who
 * reads a page looks at both ends, so here it is the server or the client.
 */
#include "explain/page.h"

#include <ctype.h>
#include <stdio.h>

#include "base/error.h"
#include "explain/words.h"

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The name of a field stays as it is. */
static bool begins_with_name(const char *text)
{
    return memchr(text, '_', strcspn(text, " .")) != NULL;
}

/* Begins and ends as a sentence does. */
static void put_told(hf_page *page, const hf_failure *f, const char *text)
{
    enum { WORD = 4 };
    char told[HF_WORDS_ROOM];
    hf_phrase p = hf_phrase_start(told);

    for (const char *c = text; *c; c++)
        if (strncmp(c, "peer", WORD) == 0 && !in_word(c[WORD]) && (c == text || !in_word(c[-1]))) {
            hf_phrase_add(&p, "%s", hf_end_name(hf_other(f->side)));
            c += WORD - 1;
        } else {
            hf_phrase_add(&p, "%c",
                          p.len == 0 && !begins_with_name(text) ? toupper((unsigned char)*c) : *c);
        }
    hf_page_html(page, *text ? "%s. " : "%s", told);
}

static bool of_a_certificate(const hf_error_row *row)
{
    return strncmp(row->name, "CERT_", 5) == 0;
}

/* What came and what should have come, as a sentence. */
static void put_offered(hf_page *page, const hf_failure *f, const hf_error_row *row)
{
    const char *other = hf_end_name(hf_other(f->side));

    if (*f->offered && of_a_certificate(row)) {
        put_told(page, f, f->offered);
        return;
    }
    if (*f->offered && f->blame == HF_BLAME_POLICY) {
        hf_page_html(page, "The %s offered <span class=\"said\">%s</span>", other, f->offered);
        if (*f->expected)
            hf_page_html(page, "; the %s accepts <span class=\"said\">%s</span>",
                         hf_end_name(f->side), f->expected);
        hf_page_html(page, ". ");
        return;
    }
    if (*f->offered)
        hf_page_html(page, "The %s sent <span class=\"said\">%s</span>", other, f->offered);
    if (*f->expected)
        hf_page_html(page, "%s <span class=\"said\">%s</span>%s",
                     *f->offered ? ", where" : "What was expected:", f->expected,
                     *f->offered ? " was expected" : "");
    if (*f->offered || *f->expected)
        hf_page_html(page, ". ");
}

static void put_what(hf_page *page, const hf_failure *f, const hf_error_row *row)
{
    hf_page_html(page, "<dt>What went wrong</dt><dd>");
    put_told(page, f, row->sentence);
    if (strcmp(f->rule, row->sentence) != 0)
        put_told(page, f, f->rule);
    put_offered(page, f, row);
    hf_page_html(page, "</dd>");
}

/* An unknown CA may be nobody's: one end has not been told of it, or the other has left out the way to it. */
static void put_whose(hf_page *page, const hf_failure *f)
{
    const char *here = hf_end_name(f->side), *other = hf_end_name(hf_other(f->side));

    hf_page_html(page, "<dt>Whose fault</dt><dd>");
    if (f->alert_direction == HF_ALERT_RECEIVED)
        hf_page_html(page, "The %s refused; whether it is its fault or the %s's, its own log says.",
                     other, here);
    else if (f->code == HF_E_CERT_UNKNOWN_CA)
        hf_page_html(page,
                     "Either this %s does not trust the CA (yet), or the %s did not send an "
                     "intermediate.",
                     here, other);
    else if (f->code == HF_E_CERT_SELF_SIGNED)
        hf_page_html(page,
                     "Either this %s does not trust the certificate (yet), or the %s shows one "
                     "that nobody should.",
                     here, other);
    else if (f->blame == HF_BLAME_PEER)
        hf_page_html(page, "The %s's.", other);
    else if (f->blame == HF_BLAME_NETWORK)
        hf_page_html(page, "The network's, or of something on the way.");
    else if (f->blame == HF_BLAME_CONFIG)
        hf_page_html(page, "The configuration of the %s.", here);
    else if (f->blame == HF_BLAME_POLICY)
        hf_page_html(page, "Nobody's: it is the policy of the %s that says no.", here);
    else
        hf_page_html(page, "The %s's.", here);
    hf_page_html(page, "</dd>");
}

static void put_rule(hf_page *page, const hf_failure *f, const hf_error_row *row)
{
    char place[HF_FAILURE_PLACE_MAX];
    bool told = f->alert_direction == HF_ALERT_RECEIVED;

    hf_failure_place(f, place, sizeof place);
    hf_page_html(page, "<p class=\"rule\">%s%s%s", told ? "" : place, *place && !told ? " · " : "",
                 row->name);
    if (strcmp(row->source, "-") != 0)
        hf_page_html(page, " · %s", row->source);
    if (f->alert >= 0)
        hf_page_html(page, " · alert %s %s", hf_alert_name(f->alert),
                     told                                  ? "received"
                     : f->alert_direction == HF_ALERT_SENT ? "sent"
                                                           : "not sent");
    hf_page_html(page, "</p>");
}

void hf_page_failure(hf_page *page)
{
    const hf_story *story = page->story;
    const hf_failure *f = &story->tape->failure;
    const hf_error_row *row = hf_error_row_of(f->code);
    size_t at = hf_story_fault(story);

    hf_page_html(page, "<p><b>%s failed</b></p><dl class=\"why\">",
                 story->tape->connected ? "The connection" : "The handshake");
    put_what(page, f, row);
    put_whose(page, f);
    if (*row->hint) {
        hf_page_html(page, "<dt>What to do</dt><dd>");
        put_told(page, f, row->hint);
        hf_page_html(page, "</dd>");
    }
    hf_page_html(page, "</dl>");
    put_rule(page, f, row);
    if (at < story->n)
        hf_page_html(page, "<p><a class=\"jump\" href=\"#m%z\">Show the fault: %s</a></p>", at,
                     story->steps[at].name);
}
