/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The head of the page: who talked to whom, how it ended, and the few facts that people come for. */
#include "explain/page.h"

#include "x509/x509.h"

static void put_heading(hf_page *page)
{
    const hf_tape *tape = page->story->tape;
    char version[HF_NAME_ROOM] = "TLS";

    if (page->story->end.version)
        hf_page_code(HF_NAMES_VERSIONS, page->story->end.version, version);
    hf_page_html(page, "<p class=\"kicker\">A %s handshake</p>\n<h1>", version);
    if (*tape->target)
        hf_page_html(page, "%s", tape->target);
    else if (page->facts.host_name.len > 0)
        hf_page_bytes_as_text(page, page->facts.host_name);
    else
        hf_page_html(page, "%s", *tape->server ? tape->server : "client and server");
    hf_page_html(page, "</h1>\n");
}

static void put_who(hf_page *page)
{
    const hf_tape *tape = page->story->tape;
    static const char *const seen[] = { "seen by the client", "seen by the server",
                                        "seen on the way" };
    char time[24];

    hf_page_html(page,
                 "<p class=\"who\"><b class=\"client\">client</b> %s <span class=\"to\" "
                 "aria-label=\"and\">⇄</span> "
                 "<b class=\"server\">server</b> %s<br>%s",
                 tape->client, tape->server, seen[tape->side]);
    if (*tape->origin)
        hf_page_html(page, " (%s)", tape->origin);
    if (tape->started_us) {
        int64_t seconds = tape->started_us / 1000000;
        hf_time_text(seconds, time);
        hf_page_html(page, ", %s", time);
    }
    hf_page_html(page, "</p>\n");
}

static void put_jump(hf_page *page, const char *words)
{
    size_t at = hf_story_fault(page->story);

    if (at < page->story->n)
        hf_page_html(page, "<p><a class=\"jump\" href=\"#m%z\">%s: %s</a></p>", at, words,
                     page->story->steps[at].name);
}

static void put_outcome(hf_page *page)
{
    const hf_story *story = page->story;
    char words[HF_WORDS_ROOM];
    bool good = story->connected && !story->unverified;

    hf_page_html(
        page,
        "<div class=\"outcome %s\"><svg aria-hidden=\"true\"><use href=\"#i-%s\"/></svg><div>",
        story->failed ? "bad"
        : good        ? "good"
                      : "open",
        story->failed ? "cross"
        : good        ? "tick"
                      : "dots");
    if (story->tape->failed)
        hf_page_failure(page);
    else
        hf_page_html(page, "<p>%s</p>", hf_story_outcome(story, words));
    if (story->failed && !story->tape->failed)
        put_jump(page, "Show the alert");
    hf_page_html(page, "</div></div>\n");
    for (size_t i = 0; i < story->tape->n_notes; i++)
        hf_page_html(page, "<p class=\"note\">%s</p>\n", story->tape->notes[i]);
}

/* ---- the facts ---- */

static void fact(hf_page *page, const char *name, hf_names names, uint16_t value)
{
    char text[HF_NAME_ROOM];

    hf_page_html(page, "<div><dt>%s</dt><dd>", name);
    if (value)
        hf_page_html(page, "<b>%s</b>", hf_page_code(names, value, text));
    else
        hf_page_html(page, "<b class=\"none\">not settled</b>");
}

static void chosen_in(hf_page *page, size_t step)
{
    if (step >= page->story->n)
        return;
    hf_page_html(page, "<small>the <span class=\"server\">server</span> chose it, in ");
    hf_page_link(page, step);
    hf_page_html(page, "</small>");
}

static void chosen(hf_page *page)
{
    chosen_in(page, page->facts.chosen_by);
    hf_page_html(page, "</dd></div>\n");
}

/* Of the signature of a certificate that the client refused. */
static const char *verdict(const hf_story *story)
{
    bool good = story->n > 0 && story->steps[story->n - 1].proved & HF_SIGNATURE;
    bool refused = strncmp(hf_error_row_of(story->tape->failure.code)->name, "CERT_", 5) == 0;

    if (!story->tape->failed || story->tape->side != HF_TAPE_CLIENT || !refused ||
        story->tape->failure.alert_direction == HF_ALERT_RECEIVED)
        return "";
    return good ? ": good, but the certificate was refused"
                : ": not looked at, as the certificate was refused";
}

static void put_signature(hf_page *page)
{
    const hf_story *story = page->story;
    char text[HF_NAME_ROOM];

    hf_page_html(page, "<div><dt>Server's signature</dt><dd>");
    if (page->facts.scheme) {
        hf_page_html(page, "<b>%s</b><small>in ",
                     hf_page_code(HF_NAMES_SCHEMES, page->facts.scheme, text));
        hf_page_link(page, page->facts.signed_by);
        hf_page_html(page, "%s</small>", verdict(story));
    } else {
        hf_page_html(page, "<b class=\"none\">%s</b>",
                     story->end.facts & (HF_F_PSK | HF_F_RESUMED) ? "none: keys shared beforehand"
                     : story->tape->side == HF_TAPE_CAPTURE       ? "not readable"
                                                                  : "none");
    }
    hf_page_html(page, "</dd></div>\n");
}

/* Round trips before the client could send data, as hf_conn_info counts them. */
static void put_trips(hf_page *page)
{
    const hf_story *story = page->story;
    hf_facts facts = story->end.facts;
    unsigned n = facts & HF_F_TLS13 ? facts & HF_F_RETRY ? 2 : 1 : facts & HF_F_RESUMED ? 1 : 2;
    char time[HF_PAGE_SMALL];

    hf_page_html(page, "<div><dt>Time</dt><dd><b>%s</b><small>", hf_page_time(story->us, time));
    if (story->connected)
        hf_page_html(page, "%u round trip%s%s, ", n, n == 1 ? "" : "s",
                     facts & HF_F_EARLY_ACCEPTED ? ", none before early data" : "");
    hf_page_html(page, "%u messages in %u flights</small></dd></div>\n", story->messages,
                 story->flights);
}

static void put_encrypted(hf_page *page)
{
    size_t first = page->facts.first_encrypted;

    hf_page_html(page, "<div><dt>Encrypted from</dt><dd>");
    if (first < page->story->n) {
        hf_page_html(page, "<b>");
        hf_page_link(page, first);
        hf_page_html(page, "</b><small>written by the <span class=\"%s\">%s</span></small>",
                     hf_page_side(page->story->steps[first].writer),
                     hf_page_side(page->story->steps[first].writer));
    } else {
        hf_page_html(page, "<b class=\"none\">nothing was</b>");
    }
    hf_page_html(page, "</dd></div>\n");
}

static void put_alpn(hf_page *page)
{
    hf_page_html(page, "<div><dt>Application protocol (ALPN)</dt><dd>");
    if (page->facts.alpn.len > 0) {
        hf_page_html(page, "<b>");
        hf_page_bytes_as_text(page, page->facts.alpn);
        hf_page_html(page, "</b>");
    } else {
        hf_page_html(page, "<b class=\"none\">%s</b>",
                     page->facts.sealed ? "not readable" : "none agreed");
    }
    hf_page_html(page, "</dd></div>\n");
}

/* Whether an end accepted what it was shown is told by its own tape, or by a connection that both went on with. */
static bool is_only_shown(const hf_story *story, hf_role who)
{
    hf_tape_side judge = who == HF_SERVER ? HF_TAPE_CLIENT : HF_TAPE_SERVER;

    return story->tape->side == HF_TAPE_CAPTURE ||
           (story->tape->side != judge && !story->connected);
}

static const char *identity(const hf_page *page, hf_role who, uint8_t had)
{
    const hf_story *story = page->story;
    hf_tape_side judge = who == HF_SERVER ? HF_TAPE_CLIENT : HF_TAPE_SERVER;

    if (!had && page->facts.sealed)
        return "not readable";
    if (story->unverified && story->tape->side == judge)
        return "NOT VERIFIED: holds the key of a certificate that was not accepted";
    if (had & HF_CHAIN && is_only_shown(story, who))
        return had & HF_SIGNATURE ? "shown: certificate and signature" : "shown: a certificate";
    if (had & HF_CHAIN && had & HF_SIGNATURE)
        return "proved: certificate and signature";
    if (had & HF_CHAIN && had & HF_FINISHED)
        return "proved: certificate, and Finished made with its key";
    if (had & HF_CHAIN)
        return "only shown: a certificate, not its key";
    if (had & HF_FINISHED && story->end.facts & (HF_F_PSK | HF_F_RESUMED))
        return "who has the key shared beforehand";
    if (who == HF_CLIENT && !page->facts.cert_asked)
        return "not asked";
    return who == HF_CLIENT && story->connected ? "anonymous: no certificate" : "not proved";
}

/* Of a capture: said once, of both ends. */
static void put_accepted(hf_page *page, uint8_t had)
{
    const hf_story *story = page->story;
    bool client = story->n > 0 && hf_step_proofs(story, story->n - 1, HF_SERVER) & HF_CHAIN;
    bool sealed = !had && page->facts.sealed && !(story->end.facts & (HF_F_PSK | HF_F_RESUMED));

    if (had & HF_CHAIN || sealed)
        hf_page_html(page, "<small>a capture does not show whether %s</small>",
                     client ? "either end accepted the other's certificate"
                            : "the client accepted the certificate");
}

static void put_identity(hf_page *page, hf_role who)
{
    const hf_story *story = page->story;
    hf_role to = who == HF_CLIENT ? HF_SERVER : HF_CLIENT;
    uint8_t had = story->n > 0 ? hf_step_proofs(story, story->n - 1, to) : 0;
    char subject[HF_PAGE_SUBJECT];

    hf_page_html(page, "<div><dt>Who is the %s?</dt><dd><b%s>%s</b>", hf_page_side(who),
                 had & (HF_CHAIN | HF_FINISHED) ? "" : " class=none", identity(page, who, had));
    if (hf_page_subject(page, who, subject))
        hf_page_html(page, "<small>%s</small>", subject);
    if (story->tape->side == HF_TAPE_CAPTURE && who == HF_SERVER)
        put_accepted(page, had);
    else if (story->tape->side != HF_TAPE_CAPTURE && had & HF_CHAIN && is_only_shown(story, who))
        hf_page_html(page, "<small>the other end cannot tell whether it was trusted</small>");
    hf_page_html(page, "</dd></div>\n");
}

static void put_group(hf_page *page)
{
    const hf_story *story = page->story;
    const hf_group *group = hf_group_of(story->end.group);
    bool none = page->facts.reached && story->end.cipher_suite && !story->end.group;

    fact(page, "Key exchange group", HF_NAMES_GROUPS, story->end.group);
    if (group && group->post_quantum)
        hf_page_html(page, "<small>%s</small>",
                     group->classical ? "two in one: a classical and a post-quantum one"
                                      : "post-quantum");
    else if (group)
        hf_page_html(page, "<small>fresh shares of both ends</small>");
    else if (none)
        hf_page_html(page, "<small>no fresh key exchange: no forward secrecy</small>");
    if (group)
        chosen_in(page, page->facts.group_by);
    hf_page_html(page, "</dd></div>\n");
}

void hf_page_head(hf_page *page)
{
    const hf_follower *end = &page->story->end;

    hf_page_html(page, "<header class=\"head\">\n");
    put_heading(page);
    put_who(page);
    put_outcome(page);
    hf_page_html(page, "<dl class=\"facts\">\n");
    fact(page, "Version", HF_NAMES_VERSIONS, end->version);
    chosen(page);
    fact(page, "Cipher suite", HF_NAMES_SUITES, end->cipher_suite);
    chosen(page);
    put_group(page);
    put_encrypted(page);
    put_signature(page);
    put_identity(page, HF_SERVER);
    put_identity(page, HF_CLIENT);
    put_alpn(page);
    put_trips(page);
    hf_page_eavesdropper_fact(page);
    hf_page_html(page, "</dl>\n</header>\n");
}
