/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The section on what others could read who were on the line and had no key: one thing a row, first what they could read, then what
 * they could not. What was not there at all has no row.
 */
#include "explain/page_sights.h"

static const struct {
    const char *thing;
    hf_look *look;
} rows[] = {
    { "Addresses and ports", hf_sight_addresses },
    { "What was said before TLS", hf_sight_prelude },
    { "The name that was asked for (SNI)", hf_sight_host_name },
    { "Application protocols offered (ALPN)", hf_sight_protocols },
    { "Versions offered", hf_sight_versions },
    { "Cipher suites offered", hf_sight_suites },
    { "Key exchange groups offered", hf_sight_groups },
    { "A ticket or key from before", hf_sight_old_ticket },
    { "What the server chose", hf_sight_choice },
    { "The application protocol agreed (ALPN)", hf_sight_protocol },
    { "The server's certificate", hf_sight_servers_papers },
    { "The client's certificate", hf_sight_clients_papers },
    { "The secrets and keys", hf_sight_secrets },
    { "The new session ticket", hf_sight_new_ticket },
    { "The alert: why it ended", hf_sight_alert },
    { "Types of the records under keys", hf_sight_types },
    { "The application's data", hf_sight_data },
    { "All of it, later", hf_sight_later },
    { "Lengths and times", hf_sight_sizes },
};

static void put_row(const hf_view *v, size_t i, hf_sight wanted)
{
    char text[HF_WORDS_ROOM];
    hf_phrase what = hf_phrase_start(text);

    if (rows[i].look(v, &what) == wanted)
        hf_page_html(v->page, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", rows[i].thing,
                     text);
}

static void put_rows(const hf_view *v, hf_sight wanted)
{
    hf_page_html(v->page,
                 "<table class=\"sees %s\"><caption><svg aria-hidden=\"true\"><use "
                 "href=\"#i-%s\"/></svg>%s</caption>\n<tbody>\n",
                 wanted == HF_READABLE ? "open" : "hidden", wanted == HF_READABLE ? "eye" : "lock",
                 wanted == HF_READABLE ? "They could read" : "They could not read");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        put_row(v, i, wanted);
    hf_page_html(v->page, "</tbody></table>\n");
}

static bool hides(const hf_view *v)
{
    char text[HF_WORDS_ROOM];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_phrase what = hf_phrase_start(text);
        if (rows[i].look(v, &what) == HF_HIDDEN)
            return true;
    }
    return false;
}

void hf_page_eavesdropper(hf_page *page)
{
    hf_view v = hf_view_of(page);

    hf_page_html(
        page,
        "<section id=\"eavesdropper\" aria-labelledby=\"h-eaves\">\n<h2 "
        "id=\"h-eaves\">What could others read?</h2>\n"
        "<p class=\"lead\">Somebody on the line who listened to all of it and had "
        "no key: in the same wireless network, at a provider, anywhere between the two.</p>\n");
    put_rows(&v, HF_READABLE);
    if (hides(&v))
        put_rows(&v, HF_HIDDEN);
    else
        hf_page_html(page, "<p class=\"note\">Nothing was hidden: there were no keys yet, or none "
                           "that encrypt.</p>\n");
    hf_page_html(page, "</section>\n");
}
