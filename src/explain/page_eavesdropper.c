/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What others could read who were on the line and had no key: one thing a row, first what they could read, then what they could
 * not. What was not there at all has no row.
 */
#include "explain/page.h"

#include <stdio.h>

#include <handfast/cert.h>
#include "explain/words.h"

typedef enum sight { ABSENT, READABLE, HIDDEN } sight;

typedef struct view {
    hf_page *page;
    hf_known k;
    bool tls13;
    bool unciphered; /* the suite does not encrypt */
} view;

static view view_of(hf_page *page)
{
    view v = { .page = page };

    hf_known_at(page->story, page->story->n, &v.k);
    v.tls13 = hf_is_13(v.k.version);
    v.unciphered = v.k.answer_read && hf_suite_is_null(v.k.suite);
    return v;
}

/* What went under keys. */
static sight under_keys(const view *v)
{
    return v->unciphered ? READABLE : HIDDEN;
}

/* ---- who, and what was said before ---- */

static sight addresses(const view *v, hf_phrase *what)
{
    const hf_tape *tape = v->page->story->tape;

    if (*tape->client && *tape->server)
        hf_phrase_add(what, "%s and %s", tape->client, tape->server);
    else
        hf_phrase_add(what, "of the client and of the server");
    return READABLE;
}

static sight prelude(const view *v, hf_phrase *what)
{
    hf_phrase_add(what, "all of it");
    return v->k.prelude ? READABLE : ABSENT;
}

/* ---- the client's hello ---- */

static sight host_name(const view *v, hf_phrase *what)
{
    if (!v->k.offer_read || v->k.offer.ext.host_name.len == 0)
        return ABSENT;
    hf_phrase_quote(what, v->k.offer.ext.host_name);
    if (hf_offers_ech(&v->k.offer))
        hf_phrase_add(what, ", the name of the outer hello; the encrypted one, if it is one, may "
                            "ask for another");
    return READABLE;
}

static sight protocols(const view *v, hf_phrase *what)
{
    if (!v->k.offer_read || v->k.offer.ext.alpn.len == 0)
        return ABSENT;
    hf_phrase_alpn(what, v->k.offer.ext.alpn);
    return READABLE;
}

static sight versions(const view *v, hf_phrase *what)
{
    uint16_t list[HF_OFFERS_MAX];

    if (!v->k.offer_read)
        return ABSENT;
    hf_phrase_list(what, HF_NAMES_VERSIONS, list, hf_offered_versions(&v->k.offer, list));
    return READABLE;
}

static sight list_of(hf_phrase *what, hf_names names, hf_span codes)
{
    enum { MOST = 256 };
    uint16_t list[MOST];
    size_t n = hf_list16_count(codes);

    if (n == 0)
        return ABSENT;
    n = n < MOST ? n : MOST;
    for (size_t i = 0; i < n; i++)
        list[i] = hf_list16_at(codes, i);
    hf_phrase_list(what, names, list, n);
    return READABLE;
}

static sight suites(const view *v, hf_phrase *what)
{
    return v->k.offer_read ? list_of(what, HF_NAMES_SUITES, v->k.offer.cipher_suites) : ABSENT;
}

static sight groups(const view *v, hf_phrase *what)
{
    return v->k.offer_read ? list_of(what, HF_NAMES_GROUPS, v->k.offer.ext.supported_groups)
                           : ABSENT;
}

/* What joins it to a connection before it. */
static sight old_ticket(const view *v, hf_phrase *what)
{
    const hf_client_hello *offer = &v->k.offer;

    if (!v->k.offer_read)
        return ABSENT;
    if (hf_offers(offer, HF_EXT_pre_shared_key))
        hf_phrase_add(what, "its name, by which two connections can be told to be of one client");
    else if (offer->ext.session_ticket.len > 0)
        hf_phrase_add(what, "the ticket, sealed, that joins this connection to the one before");
    else if (offer->legacy_session_id.len > 0 && !hf_offers(offer, HF_EXT_supported_versions))
        hf_phrase_add(what, "the session id that joins this connection to the one before");
    else if (v->k.psk_named)
        hf_phrase_add(what, "the name of the pre-shared key");
    return what->len > 0 ? READABLE : ABSENT;
}

/* ---- the server's answer ---- */

static sight choice(const view *v, hf_phrase *what)
{
    const hf_known *k = &v->k;

    if (!k->answer_read)
        return ABSENT;
    hf_phrase_name(what, HF_NAMES_VERSIONS, k->version);
    hf_phrase_add(what, ", ");
    hf_phrase_name(what, HF_NAMES_SUITES, k->suite);
    if (k->group) {
        hf_phrase_add(what, ", ");
        hf_phrase_name(what, HF_NAMES_GROUPS, k->group);
    }
    return READABLE;
}

static sight protocol(const view *v, hf_phrase *what)
{
    hf_span name = v->page->facts.alpn;
    bool perhaps = v->page->facts.sealed && v->k.offer.ext.alpn.len > 0;

    if (v->tls13 && (name.len > 0 || perhaps)) {
        hf_phrase_add(what, "in EncryptedExtensions%s", name.len > 0 ? "" : ", if there was one");
        return under_keys(v);
    }
    hf_phrase_quote(what, name);
    return name.len > 0 ? READABLE : ABSENT;
}

/* ---- who they are ---- */

static sight papers_of(const view *v, hf_phrase *what, hf_role who)
{
    const hf_known *k = &v->k;
    char subject[HF_PAGE_SUBJECT];
    bool perhaps = v->tls13 && !k->psk && k->sealed[who];

    if (k->certificates[who] == 0) {
        hf_phrase_add(what, "if there was one, it was encrypted");
        return perhaps ? HIDDEN : ABSENT;
    }
    if (!k->cert_clear[who] && !v->unciphered) {
        hf_phrase_add(what, "it was encrypted");
        return HIDDEN;
    }
    if (hf_page_subject(v->page, who, subject))
        hf_phrase_add(what, "%s", subject);
    return READABLE;
}

static sight servers_papers(const view *v, hf_phrase *what)
{
    return papers_of(v, what, HF_SERVER);
}

static sight clients_papers(const view *v, hf_phrase *what)
{
    return papers_of(v, what, HF_CLIENT);
}

/* ---- secrets, and what they protect ---- */

static const char *how_secret(const hf_known *k)
{
    static const char psk[] = "they are made of the pre-shared key, which is never sent";
    static const char shares[] =
        "only the key shares went over the line, not what both ends make of them";

    switch (k->exchange) {
    case HF_EXCHANGE_RSA:
    case HF_EXCHANGE_RSA_PSK: return "the premaster secret went encrypted to the server's RSA key";
    case HF_EXCHANGE_PSK: return psk;
    case HF_EXCHANGE_UNKNOWN: return "they are never sent";
    case HF_EXCHANGE_TLS13: return k->group ? shares : psk;
    default: return shares;
    }
}

static sight secrets(const view *v, hf_phrase *what)
{
    hf_phrase_add(what, "%s",
                  v->k.resumed ? "they are made of the secret of the session before"
                               : how_secret(&v->k));
    return v->k.answer_read ? HIDDEN : ABSENT;
}

static sight new_ticket(const view *v, hf_phrase *what)
{
    hf_phrase_add(what, v->k.ticket_clear ? "it was sent before the keys, sealed for the server"
                                          : "it was encrypted");
    if (!v->k.ticket)
        return ABSENT;
    return v->k.ticket_clear ? READABLE : under_keys(v);
}

static sight types(const view *v, hf_phrase *what)
{
    if (!v->k.encrypted)
        return ABSENT;
    hf_phrase_add(what, v->tls13
                            ? "all of them look like application data"
                            : "what is handshake, what is alert, what is data: not what it says");
    return v->tls13 ? HIDDEN : READABLE;
}

static sight data(const view *v, hf_phrase *what)
{
    bool known = v->k.data[HF_CLIENT] || v->k.data[HF_SERVER] || v->k.early;
    bool perhaps =
        (v->tls13 || v->unciphered) && (v->k.sealed[HF_CLIENT] || v->k.sealed[HF_SERVER]);

    if (v->unciphered)
        hf_phrase_add(what, "this cipher suite protects against change alone: it does not encrypt");
    else
        hf_phrase_add(what, "it was encrypted%s%s", known ? "" : ", if there was any",
                      v->k.early ? "; but the early data can be sent again (replay)" : "");
    return known || perhaps ? under_keys(v) : ABSENT;
}

/* Of the last alert that says more than that somebody has finished. */
static sight alert(const view *v, hf_phrase *what)
{
    const hf_story *story = v->page->story;
    const hf_story_step *found = NULL;

    for (size_t i = 0; i < story->n; i++)
        if (story->steps[i].kind == HF_STEP_ALERT && story->steps[i].bytes.len == 2 &&
            story->steps[i].bytes.data[1] != HF_ALERT_close_notify)
            found = &story->steps[i];
    if (!found)
        return ABSENT;
    if (found->encrypted && !v->unciphered) {
        hf_phrase_add(what, "the %s's alert was encrypted", hf_end_name(found->writer));
        return HIDDEN;
    }
    hf_phrase_name(what, HF_NAMES_ALERTS, found->bytes.data[1]);
    hf_phrase_add(what, ", sent by the %s", hf_end_name(found->writer));
    return READABLE;
}

static sight sizes(const view *v, hf_phrase *what)
{
    const hf_tape *tape = v->page->story->tape;
    char size[HF_PAGE_SMALL], time[HF_PAGE_SMALL];
    size_t bytes = 0;
    uint64_t n = 0;

    for (size_t i = 0; i < tape->n; i++)
        if (tape->events[i].kind == HF_TAPE_RECORD) {
            n++;
            bytes += tape->events[i].wire_len;
        }
    hf_phrase_count(what, n, "record");
    hf_phrase_add(what, " of %s", hf_page_size(bytes, size));
    if (v->page->story->us > 0)
        hf_phrase_add(what, " within %s", hf_page_time(v->page->story->us, time));
    return n > 0 ? READABLE : ABSENT;
}

/* Who records it today, and gets a key tomorrow. */
static sight later(const view *v, hf_phrase *what)
{
    const hf_known *k = &v->k;
    const char *key =
        k->exchange == HF_EXCHANGE_RSA || k->exchange == HF_EXCHANGE_STATIC_DH
            ? "the server's private key"
        : k->exchange == HF_EXCHANGE_RSA_PSK ? "the server's private key and the pre-shared key"
        : k->exchange == HF_EXCHANGE_PSK || (v->tls13 && k->psk && !k->group) ? "the pre-shared key"
                                                                              : NULL;

    if (!k->encrypted || v->unciphered || k->resumed)
        return ABSENT;
    if (key)
        hf_phrase_add(what, "NO forward secrecy: who records it and gets %s later, reads all of it",
                      key);
    else
        hf_phrase_add(what, "by no key that lasts: the key shares were fresh (forward secrecy)%s",
                      k->exchange == HF_EXCHANGE_ANON
                          ? ". But who stands in the middle reads all of it: nobody was "
                            "authenticated"
                          : "");
    return key ? READABLE : HIDDEN;
}

/* ---- the table ---- */

static const struct {
    const char *thing;
    sight (*look)(const view *v, hf_phrase *what);
} rows[] = {
    { "Addresses and ports", addresses },
    { "What was said before TLS", prelude },
    { "The name that was asked for (SNI)", host_name },
    { "Application protocols offered (ALPN)", protocols },
    { "Versions offered", versions },
    { "Cipher suites offered", suites },
    { "Key exchange groups offered", groups },
    { "A ticket or key from before", old_ticket },
    { "What the server chose", choice },
    { "The application protocol agreed (ALPN)", protocol },
    { "The server's certificate", servers_papers },
    { "The client's certificate", clients_papers },
    { "The secrets and keys", secrets },
    { "The new session ticket", new_ticket },
    { "The alert: why it ended", alert },
    { "Types of the records under keys", types },
    { "The application's data", data },
    { "All of it, later", later },
    { "Lengths and times", sizes },
};

static void put_row(const view *v, size_t i, sight wanted)
{
    char text[HF_WORDS_ROOM];
    hf_phrase what = hf_phrase_start(text);

    if (rows[i].look(v, &what) == wanted)
        hf_page_html(v->page, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", rows[i].thing,
                     text);
}

static void put_rows(const view *v, sight wanted)
{
    hf_page_html(v->page,
                 "<table class=\"sees %s\"><caption><svg aria-hidden=\"true\"><use "
                 "href=\"#i-%s\"/></svg>%s</caption>\n<tbody>\n",
                 wanted == READABLE ? "open" : "hidden", wanted == READABLE ? "eye" : "lock",
                 wanted == READABLE ? "They could read" : "They could not read");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        put_row(v, i, wanted);
    hf_page_html(v->page, "</tbody></table>\n");
}

static bool hides(const view *v)
{
    char text[HF_WORDS_ROOM];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_phrase what = hf_phrase_start(text);
        if (rows[i].look(v, &what) == HIDDEN)
            return true;
    }
    return false;
}

void hf_page_eavesdropper(hf_page *page)
{
    view v = view_of(page);

    hf_page_html(
        page,
        "<section id=\"eavesdropper\" aria-labelledby=\"h-eaves\">\n<h2 "
        "id=\"h-eaves\">What could others read?</h2>\n"
        "<p class=\"lead\">Somebody on the line who listened to all of it and had "
        "no key: in the same wireless network, at a provider, anywhere between the two.</p>\n");
    put_rows(&v, READABLE);
    if (hides(&v))
        put_rows(&v, HIDDEN);
    else
        hf_page_html(page, "<p class=\"note\">Nothing was hidden: there were no keys yet, or none "
                           "that encrypt.</p>\n");
    hf_page_html(page, "</section>\n");
}

/* ---- in short ---- */

static void add_some(hf_phrase *p, const char *what)
{
    hf_phrase_add(p, "%s%s", p->len > 0 ? ", " : "", what);
}

static void say_readable(const view *v, hf_phrase *p)
{
    char ignored[HF_WORDS_ROOM];
    hf_phrase i = hf_phrase_start(ignored);

    host_name(v, p);
    if (v->k.offer_read)
        add_some(p, v->k.answer_read ? "the offers and choices" : "the offers");
    if (servers_papers(v, &i) == READABLE)
        add_some(p, clients_papers(v, &i) == READABLE ? "the certificates of both"
                                                      : "the certificate");
    if (data(v, &i) == READABLE)
        add_some(p, "all data");
    add_some(p, "lengths, times and addresses");
}

static void say_hidden(const view *v, hf_phrase *p)
{
    char ignored[HF_WORDS_ROOM];
    hf_phrase i = hf_phrase_start(ignored);
    bool server = servers_papers(v, &i) == HIDDEN, client = clients_papers(v, &i) == HIDDEN;

    if (server || client)
        hf_phrase_add(p, "not the certificate%s", server && client ? "s" : "");
    if (data(v, &i) == HIDDEN)
        hf_phrase_add(p, "%s the data", p->len > 0 ? " and" : "not");
}

void hf_page_eavesdropper_fact(hf_page *page)
{
    char text[HF_WORDS_ROOM], hidden[HF_WORDS_ROOM];
    hf_phrase p = hf_phrase_start(text), not = hf_phrase_start(hidden);
    view v = view_of(page);

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
