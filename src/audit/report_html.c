/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* An audit as one page that needs nothing else: its edges, and what is at the top of each target. */
#include "audit/report_page.h"

#include <handfast/handfast.h>

#include "base/error.h"
#include "explain/page.h"
#include "x509/x509.h"

/* ---- what all sections use ---- */

/* Sections of several targets are no landmarks: there would be too many with one name. */
void hf_ap_section(hf_audit_page *page, const char *id, const char *title)
{
    hf_markup(page->out, "<section id=\"t%z-%s\"", page->number, id);
    if (page->n == 1)
        hf_markup(page->out, " aria-labelledby=\"h%z-%s\"", page->number, id);
    hf_markup(page->out, ">\n<h2 id=\"h%z-%s\">%s</h2>\n", page->number, id, title);
}

void hf_ap_row(hf_audit_page *page, const char *title, const char *text)
{
    if (text && *text)
        hf_markup(page->out, "<div><dt>%s</dt><dd>%s</dd></div>\n", title, text);
}

void hf_ap_sheet_row(hf_audit_page *page, const char *title, hf_sheet *text)
{
    if (text->error && !page->out->error)
        page->out->error = text->error;
    hf_ap_row(page, title, text->text);
    hf_sheet_free(text);
}

static void put_bytes(hf_audit_page *page, const char *title, hf_span bytes)
{
    if (bytes.len == 0)
        return;
    hf_markup(page->out, "<h4>%s</h4><pre class=\"plain\">", title);
    for (size_t i = 0; i < bytes.len; i += 32) {
        size_t n = bytes.len - i < 32 ? bytes.len - i : 32;
        hf_markup_hex(page->out, hf_span_of(bytes.data + i, n));
        hf_sheet_put(page->out, "\n");
    }
    hf_sheet_put(page->out, "</pre>\n");
}

void hf_ap_evidence(hf_audit_page *page, size_t number)
{
    const hf_evidence *e = hf_seen_evidence_at(page->seen, number);

    if (!e)
        return;
    hf_markup(page->out, "<p class=\"seen\">%s</p>\n", e->words);
    if (e->sent.len + e->received.len == 0 || page->out->len > HF_AUDIT_PAGE_FULL)
        return;
    hf_markup(page->out,
              "<details class=\"bytes\"><summary>Bytes: %z sent, %z received</summary>\n",
              e->sent.len, e->received.len);
    put_bytes(page, "Sent", e->sent);
    put_bytes(page, e->received.len == HF_EVIDENCE_BYTES ? "Received, the first ones" : "Received",
              e->received);
    hf_sheet_put(page->out, "</details>\n");
}

/* ---- all targets, where there are several ---- */

static void put_index(hf_audit_page *page)
{
    char target[HF_AUDIT_TARGET_ROOM];

    hf_markup(
        page->out,
        "<section class=\"index\" id=\"targets\">\n<h1>%z targets</h1>\n<div "
        "class=\"scroll\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"Targets\"><table><thead><tr><th>Target</th><th>Name</th><th>Verdict</th>"
        "<th>Findings</th></tr></thead><tbody>\n",
        page->n);
    for (size_t i = 0; i < page->n; i++) {
        const hf_audit *audit = page->audits[i];
        size_t findings = 0;
        for (size_t k = 0; k < audit->n; k++)
            findings += audit->judged[k]->n_findings -
                        hf_audit_count(audit->judged[k]).findings[HF_SEVERITY_NOTE];
        const char *verdict = hf_audit_verdict(audit);
        hf_markup(page->out,
                  "<tr><td><a href=\"#t%z-top\">%s</a></td><td>%s</td><td class=\"v-%s\">%s</td>"
                  "<td>%z</td></tr>\n",
                  i + 1, hf_audit_target(audit->seen, target), audit->seen->name, verdict, verdict,
                  findings);
    }
    hf_sheet_put(page->out, "</tbody></table></div>\n</section>\n");
}

/* ---- a target ---- */

static void put_who(hf_audit_page *page)
{
    const hf_seen *seen = page->seen;
    char target[HF_AUDIT_TARGET_ROOM], time[24];

    hf_time_text(seen->started, time);
    hf_markup(page->out,
              "<header class=\"head\" id=\"t%z-top\">\n<p class=\"kicker\">An audit of</p>\n",
              page->number);
    hf_markup(page->out, page->n > 1 ? "<h2 class=\"h1\">%s</h2>\n" : "<h1>%s</h1>\n",
              hf_audit_target(seen, target));
    hf_sheet_put(page->out, "<p class=\"who\">");
    if (*hf_audit_other_name(seen))
        hf_markup(page->out, "asked for as %s, ", seen->name);
    if (hf_audit_other_address(seen, target))
        hf_markup(page->out, "at %s, ", seen->address);
    if (*seen->starttls)
        hf_markup(page->out, "after STARTTLS of %s, ", seen->starttls);
    hf_markup(page->out, "%s, %u connections in ", time, seen->connections);
    hf_sheet_add(page->out, "%.1f seconds", seen->seconds);
    if (seen->unreachable > 0)
        hf_markup(page->out, ", %u of them in vain", seen->unreachable);
    hf_sheet_put(page->out, "</p>\n");
}

static void put_target(hf_audit_page *page)
{
    hf_sheet_put(page->out, "<article class=\"target\">\n");
    put_who(page);
    hf_ap_verdict(page);
    hf_sheet_put(page->out, "</header>\n");
    hf_ap_findings(page);
    if (page->seen->reached) {
        hf_ap_seen(page);
        hf_ap_chains(page);
        hf_ap_traits(page);
    }
    hf_ap_rules(page);
    hf_ap_unseen(page);
    hf_sheet_put(page->out, "</article>\n");
}

/* ---- the page ---- */

static hf_error put_head(hf_audit_page *page)
{
    const hf_span styles[] = { hf_page_css, hf_audit_css };
    char target[HF_AUDIT_TARGET_ROOM];
    hf_sheet title = { .error = HF_OK };

    if (page->n == 1)
        hf_sheet_add(&title, "%s · audit by handfast",
                     hf_audit_target(page->audits[0]->seen, target));
    else
        hf_sheet_add(&title, "%zu targets · audit by handfast", page->n);
    hf_error e = title.error;
    if (e == HF_OK)
        e = hf_markup_head(page->out, title.text, styles, 2, (hf_span){ NULL, 0 });
    hf_sheet_free(&title);
    return e;
}

static void put_bar(hf_audit_page *page)
{
    static const char one[] = "<a href=\"#t1-findings\">Findings</a><a href=\"#t1-seen\">Seen</a>"
                              "<a href=\"#t1-rules\">Rules</a><a href=\"#words\">Words</a>";
    static const char unreached[] = "<a href=\"#words\">Words</a>";
    static const char several[] = "<a href=\"#targets\">Targets</a><a href=\"#words\">Words</a>";

    hf_markup_bar(page->out, page->n != 1                     ? several
                             : page->audits[0]->seen->reached ? one
                                                              : unreached);
}

static void put_foot(hf_audit_page *page)
{
    hf_markup(page->out, "<footer><p>Made by handfast %s", hf_version());
    if (page->view->command)
        hf_markup(page->out, " with <code>%s</code>", page->view->command);
    hf_sheet_put(page->out,
                 ". What a server says of itself is shown as it said it.</p></footer>\n");
}

hf_error hf_report_html(const hf_audit *const *audits, size_t n, const hf_report_view *view,
                        hf_sheet *out)
{
    hf_audit_page page = { .out = out, .audits = audits, .n = n, .view = view };

    TRY(put_head(&page));
    hf_sheet_put(
        out,
        "<body id=\"top\" class=\"audit\">\n<a class=\"skip\" href=\"#main\">To the audit</a>\n");
    hf_sheet_bytes(out, hf_page_svg.data, hf_page_svg.len);
    put_bar(&page);
    hf_sheet_put(out, "<main id=\"main\">\n");
    if (n != 1)
        put_index(&page);
    for (size_t i = 0; i < n; i++) {
        page.audit = audits[i];
        page.seen = audits[i]->seen;
        page.number = i + 1;
        put_target(&page);
    }
    hf_ap_words(&page);
    hf_sheet_put(out, "</main>\n");
    put_foot(&page);
    hf_sheet_put(out, "</body>\n</html>\n");
    return out->error;
}
