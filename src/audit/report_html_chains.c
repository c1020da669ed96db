/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The certificates that the server shows, with what the validator says, the staple and the SCTs. */
#include <handfast/cert.h>

#include "audit/report_page.h"
#include "base/error.h"
#include "x509/summary.h"

static void put_certificate(hf_audit_page *page, const hf_seen_chain *chain, size_t i)
{
    hf_cert_summary s;
    hf_sheet text = { .error = HF_OK };
    char when[HF_WHEN_ROOM];

    if (hf_cert_summarize_any(chain->der[i], &s) != HF_OK) {
        hf_sheet_put(page->out,
                     "<li class=\"cert\"><h3>A certificate that cannot be read</h3></li>\n");
        return;
    }
    hf_markup(
        page->out,
        "<li class=\"cert\"><h3><span class=\"place\">%z</span>%s</h3>\n<dl class=\"rows\">\n",
        i + 1, s.subject);
    hf_ap_row(page, "Issued by", s.issuer);
    hf_ap_row(page, "Names", s.sans);
    hf_sheet_add(&text, "%s %s", s.not_after > page->seen->started ? "expires" : "expired",
                 hf_when_words(s.not_after, page->seen->started, when));
    hf_ap_sheet_row(page, "Valid", &text);
    hf_ap_row(page, "Key", s.key);
    hf_ap_row(page, "Signed with", s.signature);
    hf_ap_row(page, "SHA-256", s.fingerprint);
    hf_sheet_put(page->out, "</dl></li>\n");
}

/* ---- what is said of it ---- */

static void put_check(hf_audit_page *page, bool good, const char *words, const char *more)
{
    hf_markup(page->out,
              "<li class=\"%s\"><svg aria-hidden=\"true\"><use href=\"#i-%s\"/></svg><span>%s",
              good ? "kept" : "broken", good ? "tick" : "cross", words);
    if (*more)
        hf_markup(page->out, "<small>%s</small>", more);
    hf_sheet_put(page->out, "</span></li>\n");
}

static void put_verdict(hf_audit_page *page, const hf_seen_chain *chain)
{
    const hf_error_row *row = hf_error_row_of(chain->verdict);

    if (chain->judged)
        put_check(page, chain->verdict == HF_OK,
                  chain->verdict == HF_OK ? "It ends at a trusted CA" : row->sentence,
                  chain->verdict == HF_OK ? "" : chain->detail);
    put_check(page, chain->name_matches,
              chain->name_matches ? "It holds the name that was asked for"
                                  : "It does not hold the name that was asked for",
              "");
    if (chain->missing_intermediate)
        put_check(page, false, "An intermediate certificate is missing", "");
    if (chain->out_of_order)
        put_check(page, false, "The certificates are out of order", "");
    if (chain->has_strangers)
        put_check(page, false, "There are certificates of no use among them", "");
    if (chain->sha1_signature || chain->md5_signature)
        put_check(page, false, "A signature is made with a broken hash",
                  chain->md5_signature ? "MD5" : "SHA-1");
}

static void put_why(hf_audit_page *page, const hf_seen_chain *chain)
{
    if (!*chain->why)
        return;
    hf_sheet_put(page->out,
                 "<details class=\"bytes\"><summary>The paths that were tried</summary><ul "
                 "class=\"plainlist\">\n");
    for (const char *line = chain->why; *line;) {
        size_t n = strcspn(line, "\n");
        hf_sheet_put(page->out, "<li>");
        hf_markup_text(page->out, hf_span_of(line, n));
        hf_sheet_put(page->out, "</li>\n");
        line += n + (line[n] == '\n');
    }
    hf_sheet_put(page->out, "</ul></details>\n");
}

static void put_staple(hf_audit_page *page, const hf_seen_chain *chain)
{
    static const char *const good[] = { "not judged", "of no use", "good" };
    hf_sheet text = { .error = HF_OK };
    char when[HF_WHEN_ROOM];

    hf_sheet_put(page->out, "<dl class=\"rows\">\n<div><dt>");
    hf_ap_word(page, "OCSP stapling", "OCSP staple");
    hf_markup(page->out, "</dt><dd>%s%s%s",
              chain->staple.len > 0 || *chain->staple_words ? good[chain->staple_good] : "none",
              *chain->staple_words ? ": " : "", chain->staple_words);
    if (chain->staple_next_update > 0)
        hf_markup(page->out, ", next update %s",
                  hf_when_words(chain->staple_next_update, page->seen->started, when));
    hf_markup(page->out, "%s</dd></div>\n<div><dt>",
              chain->must_staple ? "; the certificate demands one" : "");
    hf_ap_word(page, "Certificate Transparency", "SCTs");
    hf_markup(page->out,
              "</dt><dd>%z in the certificate, %z in the staple, %z in the handshake</dd></div>\n",
              chain->n_scts_certificate, chain->n_scts_staple, chain->n_scts_handshake);
    for (unsigned v = HF_V_COUNT; v-- > 0;)
        if (chain->versions & 1u << v)
            hf_sheet_add(&text, "%s%s", text.len > 0 ? ", " : "",
                         hf_seen_version_name((hf_seen_version_id)v));
    hf_ap_sheet_row(page, "Shown in", &text);
    hf_sheet_put(page->out, "</dl>\n");
}

void hf_ap_chains(hf_audit_page *page)
{
    if (page->seen->n_chains == 0)
        return;
    hf_ap_section(page, "certificates", "Certificates");
    for (size_t i = 0; i < page->seen->n_chains; i++) {
        const hf_seen_chain *chain = &page->seen->chains[i];
        hf_markup(page->out, "<div class=\"shown\">\n<ul class=\"checks\">\n");
        put_verdict(page, chain);
        hf_sheet_put(page->out, "</ul>\n");
        put_why(page, chain);
        put_staple(page, chain);
        hf_sheet_put(page->out, "<ol class=\"chain\">\n");
        for (size_t k = 0; k < chain->n; k++)
            put_certificate(page, chain, k);
        hf_sheet_put(page->out, "</ol>\n</div>\n");
    }
    hf_sheet_put(page->out, "</section>\n");
}
