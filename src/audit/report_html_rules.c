/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* How the server behaves, HTTP, every rule of every book with its verdict, what could not be seen, and words. */
#include "audit/report_page.h"

#include "explain/glossary.h"

/* ---- behaviour ---- */

static void put_trait(hf_audit_page *page, hf_trait_id id)
{
    const hf_trait *trait = &page->seen->traits[id];

    hf_markup(page->out, "<tr class=\"%s\"><th>%s</th><td>%s", hf_tri_word(trait->state),
              hf_trait_rows[id].title, hf_trait_words(page->seen, id));
    if (trait->state == HF_PRESENT && trait->number > 0)
        hf_markup(page->out, " (%u)", (unsigned)trait->number);
    if (*trait->words)
        hf_markup(page->out, "<small>%s</small>", trait->words);
    hf_sheet_put(page->out, "</td></tr>\n");
}

static void put_http(hf_audit_page *page)
{
    const hf_seen_http *http = &page->seen->http;
    hf_sheet text = { .error = HF_OK };

    if (http->status == 0 && http->plain_status == 0)
        return;
    hf_sheet_put(page->out, "<h3>HTTP</h3>\n<dl class=\"rows\">\n");
    hf_sheet_add(&text, "%d%s%s", http->status, *http->location ? ", to " : "", http->location);
    hf_ap_sheet_row(page, "GET / over TLS", &text);
    hf_ap_row(page, "Server", http->server);
    hf_ap_row(page, "HSTS", hf_hsts_words(page->seen));
    if (http->plain_status > 0)
        hf_sheet_add(&text, "port %u: %d%s%s", http->plain_port, http->plain_status,
                     *http->plain_location ? ", to " : "", http->plain_location);
    hf_ap_sheet_row(page, "GET / without TLS", &text);
    hf_ap_row(page, "Cookies without Secure", http->cookies);
    for (const char *line = http->headers; *line;) {
        size_t n = strcspn(line, "\n");
        hf_sheet_bytes(&text, line, n);
        hf_ap_sheet_row(page, line == http->headers ? "Headers" : "", &text);
        line += n + (line[n] == '\n');
    }
    hf_sheet_put(page->out, "</dl>\n");
}

void hf_ap_traits(hf_audit_page *page)
{
    hf_ap_section(page, "behaviour", "How it behaves");
    hf_sheet_put(page->out, "<table class=\"traits\"><tbody>\n");
    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++)
        put_trait(page, (hf_trait_id)i);
    hf_sheet_put(page->out, "</tbody></table>\n");
    if (*page->seen->alpn)
        hf_markup(page->out, "<h3>ALPN</h3>\n<p>%s</p>\n", page->seen->alpn);
    put_http(page);
    hf_sheet_put(page->out, "</section>\n");
}

/* ---- rules ---- */

static void put_rule(hf_audit_page *page, const hf_judgement *judgement,
                     const hf_judged_rule *judged)
{
    static const struct {
        const char *style, *mark, *said;
    } rows[] = { { "kept", "tick", "Kept:" },
                 { "broken", "cross", "Broken:" },
                 { "unknown", "dots", "Not judged:" },
                 { "unknown", "dots", "Does not apply:" },
                 { "noted", "dots", "A note:" } };
    size_t which = hf_rule_is_noted(judgement, judged) ? 4 : judged->verdict;

    hf_markup(page->out,
              "<li class=\"%s\"><svg aria-hidden=\"true\"><use href=\"#i-%s\"/></svg><span><span "
              "class=\"sr\">%s </span>%s <cite>%s</cite>",
              rows[which].style, rows[which].mark, rows[which].said, judged->rule->demands,
              judged->rule->section);
    if (*judged->why)
        hf_markup(page->out, "<small>%s %s</small>", rows[which].said, judged->why);
    else if (which == 4)
        hf_markup(page->out, "<small>not kept, which is worth a note</small>");
    hf_sheet_put(page->out, "</span></li>\n");
}

static void put_book(hf_audit_page *page, const hf_judgement *judged)
{
    const hf_book *book = judged->book;
    hf_audit_counts counts = hf_audit_count(judged);
    size_t broken = 0;

    for (unsigned s = HF_SEVERITY_LOW; s < HF_SEVERITIES; s++)
        broken += counts.broken[s];
    hf_markup(
        page->out,
        "<details class=\"book\"><summary><b>%s</b> <small class=\"inline\">%z kept, %z broken, %z "
        "noted, %z not judged, %z do not apply</small></summary>\n<div class=\"inside\">\n<p "
        "class=\"purpose\">%s</p>\n",
        book->title, counts.rules[HF_RULE_KEPT], broken, counts.broken[HF_SEVERITY_NOTE],
        counts.rules[HF_RULE_UNSEEN], counts.rules[HF_RULE_IDLE], book->about ? book->about : "");
    hf_markup(page->out, "<dl class=\"rows\">\n");
    hf_ap_row(page, "Policy", book->name);
    hf_ap_row(page, "Edition", book->edition);
    hf_ap_row(page, "Dated", book->dated);
    hf_ap_row(page, "Source", book->source);
    hf_ap_row(page, "GDPR", book->gdpr);
    hf_sheet_put(page->out, "</dl>\n<ul class=\"checks\">\n");
    for (size_t i = 0; i < judged->n_rules; i++)
        if ((unsigned)judged->rules[i].verdict <= HF_RULE_IDLE)
            put_rule(page, judged, &judged->rules[i]);
    hf_sheet_put(page->out, "</ul>\n</div></details>\n");
}

void hf_ap_rules(hf_audit_page *page)
{
    if (!page->seen->reached)
        return;
    hf_ap_section(page, "rules", "Rules");
    for (size_t i = 0; i < page->audit->n; i++)
        put_book(page, page->audit->judged[i]);
    hf_sheet_put(page->out, "</section>\n");
}

/* ---- what could not be seen ---- */

static void put_point(hf_audit_page *page, bool *said, bool idle, const char *what, const char *why)
{
    if (!*said) {
        if (idle)
            hf_ap_section(page, "idle", "What does not apply");
        else
            hf_ap_section(page, "unseen", "What could not be seen");
        hf_sheet_put(page->out, "<dl class=\"rows wide\">\n");
    }
    *said = true;
    hf_markup(page->out, "<div><dt>%s</dt><dd>%s</dd></div>\n", what,
              *why ? why : "it was not asked");
}

static void put_traits(hf_audit_page *page, bool *said, bool idle)
{
    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++) {
        const hf_trait *trait = &page->seen->traits[i];
        if (trait->state == HF_UNKNOWN && *trait->words && trait->idle == idle)
            put_point(page, said, idle, hf_trait_rows[i].title, trait->words);
    }
    if (*said)
        hf_sheet_put(page->out, "</dl>\n</section>\n");
}

void hf_ap_unseen(hf_audit_page *page)
{
    const hf_seen *seen = page->seen;
    bool said = false, idle = false;

    if (!seen->reached)
        return;
    for (unsigned v = HF_V_COUNT; v-- > 0;)
        if (seen->v[v].spoken == HF_UNKNOWN)
            put_point(page, &said, false, hf_seen_version_name((hf_seen_version_id)v),
                      seen->v[v].why);
    put_traits(page, &said, false);
    put_traits(page, &idle, true);
}

/* ---- words: those of the glossary that an audit uses ---- */

static const char *const words[] = {
    "0-RTT",
    "AEAD",
    "ALPN",
    "CA",
    "chain",
    "Certificate Transparency",
    "cipher suite",
    "Diffie-Hellman",
    "downgrade",
    "extended master secret",
    "forward secrecy",
    "GREASE",
    "group",
    "HSTS",
    "intermediate",
    "key exchange",
    "ML-KEM",
    "mutual TLS",
    "OCSP stapling",
    "policy",
    "renegotiation",
    "resumption",
    "RSA key exchange",
    "SAN",
    "signature",
    "SNI",
    "SSL",
    "STARTTLS",
    "ticket",
    "trust anchor",
};

/* An id has letters, digits and hyphens only. */
static void put_id(hf_sheet *out, const char *word)
{
    hf_sheet_put(out, "w-");
    for (; *word; word++) {
        uint8_t c = hf_lower((uint8_t)*word);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        hf_sheet_add(out, "%c", plain ? c : '-');
    }
}

void hf_ap_word(hf_audit_page *page, const char *word, const char *shown)
{
    bool listed = false;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        listed |= strcmp(words[i], word) == 0 && hf_term_named(word);
    if (listed) {
        hf_sheet_put(page->out, "<a class=\"term\" href=\"#");
        put_id(page->out, word);
        hf_sheet_put(page->out, "\">");
    }
    hf_markup(page->out, "%s", shown);
    hf_sheet_put(page->out, listed ? "</a>" : "");
}

void hf_ap_words(hf_audit_page *page)
{
    hf_sheet_put(page->out, "<section id=\"words\" aria-labelledby=\"h-words\">\n<h2 "
                            "id=\"h-words\">Words</h2>\n<dl class=\"words\">\n");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const hf_term *term = hf_term_named(words[i]);
        if (!term)
            continue;
        hf_sheet_put(page->out, "<div id=\"");
        put_id(page->out, words[i]);
        hf_markup(page->out, "\"><dt>%s</dt><dd>%s. %s", term->term, term->brief, term->more);
        if (*term->source)
            hf_markup(page->out, " <cite>%s</cite>", term->source);
        hf_sheet_put(page->out, "</dd></div>\n");
    }
    hf_sheet_put(page->out, "</dl>\n</section>\n");
}
