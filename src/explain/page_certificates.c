/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The certificates that were shown, and what each was held to. */
#include "explain/page.h"

#include <stdio.h>

#include <handfast/cert.h>
#include "explain/words.h"
#include "x509/x509.h"

static bool is_certificate(const hf_story_step *step)
{
    return step->kind == HF_STEP_MESSAGE && step->msg == HF_MSG_Certificate;
}

/* The first Certificate of that writer that can be read; story->n: none. */
static size_t find_certificate(const hf_story *story, hf_role who, hf_certificate *message)
{
    for (size_t i = 0; i < story->n; i++)
        if (is_certificate(&story->steps[i]) && story->steps[i].writer == who &&
            hf_read_certificate(&story->steps[i], message))
            return i;
    return story->n;
}

bool hf_page_subject(const hf_page *page, hf_role who, char subject[HF_PAGE_SUBJECT])
{
    hf_certificate message;
    hf_cert_summary summary;

    if (find_certificate(page->story, who, &message) == page->story->n || message.n_entries == 0 ||
        hf_cert_summarize(message.entries[0].cert_data, &summary) != HF_OK)
        return false;
    snprintf(subject, HF_PAGE_SUBJECT, "%s", summary.subject);
    return true;
}

static void row(hf_page *page, const char *name, const char *value)
{
    if (*value)
        hf_page_html(page, "<div><dt>%s</dt><dd>%s</dd></div>", name, value);
}

static void put_summary(hf_page *page, const hf_cert_summary *s)
{
    char from[24], to[24], both[64];

    hf_time_text(s->not_before, from);
    hf_time_text(s->not_after, to);
    snprintf(both, sizeof both, "%s to %s", from, to);
    hf_page_html(page, "<dl class=\"rows\">");
    row(page, "Issued by", s->issuer);
    row(page, "Names", s->sans);
    row(page, "Valid", both);
    row(page, "Key", s->key);
    row(page, "Signed with", s->signature);
    row(page, "Use", s->usage);
    row(page, "Serial", s->serial);
    hf_page_html(page, "<div><dt>SHA-256</dt><dd><code class=\"print\">%s</code></dd></div></dl>",
                 s->fingerprint);
}

/* ---- checks ---- */

static bool is_peers(const hf_page *page, hf_role who)
{
    hf_tape_side side = page->story->tape->side;

    return side == (who == HF_SERVER ? HF_TAPE_CLIENT : HF_TAPE_SERVER);
}

static void put_unknown(hf_page *page, const hf_tape_check *check)
{
    const char *why = check->detail;
    size_t known = strlen(HF_FOUND_NOTHING);

    if (strncmp(why, HF_FOUND_NOTHING, known) == 0)
        why += known;
    hf_page_html(page, "<small>not checked%s%s</small>", *why ? ": " : "", why);
}

static void put_check(hf_page *page, const hf_tape_check *check)
{
    static const struct {
        const char *style, *mark, *said;
    } rows[] = { { "broken", "cross", "Not kept:" },
                 { "kept", "tick", "Kept:" },
                 { "unknown", "dots", "Not checked:" } };
    size_t which = !check->kept ? 0 : check->unknown ? 2 : 1;

    hf_page_html(page,
                 "<li class=\"%s\"><svg aria-hidden=\"true\"><use href=\"#i-%s\"/></svg><span>"
                 "<span class=\"sr\">%s </span>%s",
                 rows[which].style, rows[which].mark, rows[which].said, check->rule);
    if (which == 2)
        put_unknown(page, check);
    else if (*check->detail)
        hf_page_html(page, "<small>%s</small>", check->detail);
    if (*check->source)
        hf_page_html(page, " <cite>%s</cite>", check->source);
    hf_page_html(page, "</span></li>\n");
}

static size_t count_checks(const hf_tape *tape, size_t first, size_t last)
{
    size_t n = 0;

    for (size_t i = 0; i < tape->n_checks; i++)
        n += tape->checks[i].certificate >= first && tape->checks[i].certificate <= last;
    return n;
}

static void put_checks(hf_page *page, size_t first, size_t last)
{
    const hf_tape *tape = page->story->tape;

    if (count_checks(tape, first, last) == 0)
        return;
    hf_page_html(page, "<h4>Held to</h4><ul class=\"checks\">\n");
    for (size_t i = 0; i < tape->n_checks; i++)
        if (tape->checks[i].certificate >= first && tape->checks[i].certificate <= last)
            put_check(page, &tape->checks[i]);
    hf_page_html(page, "</ul>\n");
}

static void put_unchecked(hf_page *page, hf_role who)
{
    const hf_tape *tape = page->story->tape;

    if (tape->side == HF_TAPE_CAPTURE)
        hf_page_html(page, "<p class=\"note\">Not checked: a capture has no trust store.</p>\n");
    else if (!is_peers(page, who))
        hf_page_html(
            page,
            "<p class=\"note\">Checked by the other end, which does not tell what it found.</p>\n");
    else if (!tape->checks_done)
        hf_page_html(page, "<p class=\"note\">Not checked: the handshake did not get so far, or "
                           "the checks were not kept.</p>\n");
}

/* ---- the chain ---- */

static const char *place(size_t i, bool is_ca)
{
    if (i == 0)
        return "leaf";
    return is_ca ? "CA" : "not a CA";
}

static void put_one(hf_page *page, hf_role who, size_t i, hf_span der)
{
    hf_cert_summary summary;
    hf_error error = hf_cert_summarize(der, &summary);
    char size[HF_PAGE_SMALL];

    hf_page_html(page, "<li class=\"cert\"><h3><span class=\"place\">%s</span> %s</h3>",
                 error ? "?" : place(i, summary.is_ca),
                 error ? "a certificate that cannot be read" : summary.subject);
    hf_page_html(page, "<p class=\"small\">%s</p>", hf_page_size(der.len, size));
    if (error)
        hf_page_html(page, "<p class=\"note\">%s (%s)</p>", hf_error_row_of(error)->sentence,
                     hf_error_row_of(error)->source);
    else
        put_summary(page, &summary);
    if (is_peers(page, who))
        put_checks(page, i, i);
    hf_page_html(page, "</li>\n");
}

/* What stands before "… is in the trust store"; its length, 0: no rule says it. */
static size_t anchor_name(const hf_tape *tape, size_t first, const char **name)
{
    for (size_t i = 0; i < tape->n_checks; i++) {
        const hf_tape_check *check = &tape->checks[i];
        const char *end = strstr(check->detail, HF_FOUND_ANCHOR);
        *name = check->detail;
        if (check->kept && check->certificate >= first && end)
            return (size_t)(end - check->detail);
    }
    return 0;
}

static void put_anchor(hf_page *page, size_t first)
{
    const char *name;
    size_t len = anchor_name(page->story->tape, first, &name);

    if (count_checks(page->story->tape, first, SIZE_MAX) == 0)
        return;
    hf_page_html(page, "<li class=\"cert anchor\"><h3><span class=\"place\">anchor</span> ");
    hf_page_bytes_as_text(page, hf_span_of((const uint8_t *)name, len));
    hf_page_html(page, len > 0 ? "</h3><p class=\"small\">of the trust store, not sent</p>"
                               : "of the trust store, not sent</h3>");
    put_checks(page, first, SIZE_MAX);
    hf_page_html(page, "</li>\n");
}

static void put_chain(hf_page *page, hf_role who)
{
    hf_certificate message;
    size_t step = find_certificate(page->story, who, &message);

    if (step == page->story->n)
        return;
    hf_page_html(page, "<h3 class=\"%s\">What the %s showed, in ", hf_page_side(who),
                 hf_page_side(who));
    hf_page_link(page, step);
    hf_page_html(page, "</h3>\n");
    if (message.n_entries == 0)
        hf_page_html(page, "<p>An empty list: it has no certificate that suits.</p>\n");
    put_unchecked(page, who);
    hf_page_html(page, "<ol class=\"chain %s\">\n", hf_page_side(who));
    for (size_t i = 0; i < message.n_entries; i++)
        put_one(page, who, i, message.entries[i].cert_data);
    if (is_peers(page, who))
        put_anchor(page, message.n_entries);
    hf_page_html(page, "</ol>\n");
}

/* A TLS 1.3 chain that is sealed, or none at all. */
static void put_none(hf_page *page)
{
    const hf_story *story = page->story;
    const char *why = "No certificate was shown before it ended.";

    if (story->end.facts & (HF_F_PSK | HF_F_RESUMED))
        why = "No certificate was shown: the two ends know each other by a key that they shared "
              "before.";
    else if (story->tape->side == HF_TAPE_CAPTURE && page->facts.first_encrypted < story->n)
        why = "If one was shown it is encrypted, and the capture came without the secrets.";
    hf_page_html(page, "<p>%s</p>\n", why);
}

void hf_page_certificates(hf_page *page)
{
    hf_certificate message;
    size_t n = page->story->n;

    hf_page_html(page, "<section id=\"certificates\" aria-labelledby=\"h-certs\">\n<h2 "
                       "id=\"h-certs\">Certificates</h2>\n");
    if (find_certificate(page->story, HF_SERVER, &message) == n &&
        find_certificate(page->story, HF_CLIENT, &message) == n) {
        put_none(page);
        if (page->story->tape->n_checks > 0)
            put_checks(page, 0, SIZE_MAX);
    }
    put_chain(page, HF_SERVER);
    put_chain(page, HF_CLIENT);
    hf_page_html(page, "</section>\n");
}
