/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The verdict of each book, and what is wrong: gravest first, with its rules, its evidence and what to do. */
#include "audit/report_page.h"

enum { OPEN = 3 /* findings that are open from the start */ };

/* ---- verdict ---- */

static void put_policy(hf_audit_page *page, const hf_judgement *judged)
{
    hf_audit_counts counts = hf_audit_count(judged);
    size_t notes = counts.broken[HF_SEVERITY_NOTE], unseen = counts.rules[HF_RULE_UNSEEN];
    bool none = !judged->broken && (page->seen->cut || counts.rules[HF_RULE_KEPT] == 0);
    const char *state = judged->broken ? "broken" : none ? "unknown" : "kept";
    bool ours = hf_book_is_ours(judged->book);
    char words[HF_COUNTS_ROOM];

    hf_markup(
        page->out,
        "<li class=\"%s\"><svg aria-hidden=\"true\"><use href=\"#i-%s\"/></svg><span><b>%s</b> "
        "<small class=\"inline\">%s%s%s</small> %s",
        state,
        judged->broken ? "cross"
        : none         ? "dots"
                       : "tick",
        judged->book->name, ours ? "" : judged->book->edition, ours ? "" : "; rules as of ",
        judged->book->dated, none ? "could not be judged" : state);
    if (*hf_counts_words(&counts, words))
        hf_markup(page->out, ": %s", words);
    if (notes > 0)
        hf_markup(page->out, "; %z note%s", notes, notes == 1 ? "" : "s");
    if (unseen > 0 && !none)
        hf_markup(page->out, "; %z rule%s could not be judged", unseen, unseen == 1 ? "" : "s");
    hf_sheet_put(page->out, "</span></li>\n");
}

static void put_trouble(hf_audit_page *page)
{
    const hf_seen *seen = page->seen;

    if (!seen->reached)
        hf_markup(page->out, "<p><b>It could not be reached.</b> %s</p>\n",
                  *seen->trouble ? seen->trouble : "Nothing that came back was TLS.");
    else if (*seen->trouble || seen->cut)
        hf_markup(page->out, "<p><b>Not all was asked.</b> %s</p>\n", seen->trouble);
    if (*hf_audit_next(seen))
        hf_markup(page->out, "<p>Next: %s</p>\n", hf_audit_next(seen));
}

void hf_ap_verdict(hf_audit_page *page)
{
    const char *verdict = hf_audit_verdict(page->audit);
    bool bad = *verdict == 'b' || *verdict == 'u' || *verdict == 'i';

    hf_markup(
        page->out,
        "<div class=\"outcome %s\"><svg aria-hidden=\"true\"><use href=\"#i-%s\"/></svg><div>\n",
        bad ? "bad" : "good", bad ? "cross" : "tick");
    put_trouble(page);
    hf_sheet_put(page->out, "<ul class=\"checks\">\n");
    for (size_t i = 0; i < page->audit->n && page->seen->reached; i++)
        put_policy(page, page->audit->judged[i]);
    hf_sheet_put(page->out, "</ul>\n</div></div>\n");
}

/* ---- with a baseline ---- */

static void put_facts(hf_audit_page *page, char *const *at, size_t n)
{
    if (n == 0)
        return;
    hf_sheet_put(page->out, "<h3>Changed</h3><ul class=\"plainlist\">\n");
    for (size_t i = 0; i < n && i < HF_CHANGES_MAX; i++)
        hf_markup(page->out, "<li>%s</li>\n", at[i]);
    if (n > HF_CHANGES_MAX)
        hf_markup(page->out, "<li>and %z more</li>\n", n - HF_CHANGES_MAX);
    hf_sheet_put(page->out, "</ul>\n");
}

static void put_updated(hf_audit_page *page, const hf_audit_change *change)
{
    if (change->n_updated == 0)
        return;
    hf_sheet_put(page->out, "<h3>Updated</h3><ul class=\"plainlist\">\n");
    for (size_t i = 0; i < change->n_updated && i < HF_CHANGES_MAX; i++) {
        const hf_finding *f = change->updated[i].finding;
        hf_markup(page->out, "<li>%s: %s; it was %s</li>\n", hf_severity_word(f->severity), f->what,
                  change->updated[i].was);
    }
    if (change->n_updated > HF_CHANGES_MAX)
        hf_markup(page->out, "<li>and %z more</li>\n", change->n_updated - HF_CHANGES_MAX);
    hf_sheet_put(page->out, "</ul>\n");
}

static void put_gone(hf_audit_page *page)
{
    hf_gone gone;

    if (page->audit->change->n_gone == 0)
        return;
    hf_sheet_put(page->out, "<h3>Gone</h3><ul class=\"plainlist\">\n");
    for (size_t i = 0; hf_gone_next(page->audit, &i, &gone);) {
        hf_sheet text = { .error = HF_OK };
        hf_gone_words(page->audit, &gone, &text);
        hf_markup(page->out, "<li>%s: %s</li>\n", gone.severity, text.error ? "" : text.text);
        if (text.error && !page->out->error)
            page->out->error = text.error;
        hf_sheet_free(&text);
    }
    hf_sheet_put(page->out, "</ul>\n");
}

static void put_change(hf_audit_page *page)
{
    const hf_audit_change *change = page->audit->change;

    if (!change)
        return;
    hf_sheet_put(page->out, "<div class=\"note change\">\n");
    if (!change->known)
        hf_sheet_put(page->out, "<p>The baseline does not have this target.</p>\n");
    else if (change->n_new + change->n_updated + change->n_gone + change->n_facts == 0)
        hf_sheet_put(page->out, "<p>Nothing changed since the baseline.</p>\n");
    else
        hf_markup(page->out,
                  "<p>Since the baseline %z finding%s came, %z changed and %z went.</p>\n",
                  change->n_new, change->n_new == 1 ? "" : "s", change->n_updated, change->n_gone);
    put_updated(page, change);
    put_gone(page);
    put_facts(page, change->facts, change->n_facts);
    hf_sheet_put(page->out, "</div>\n");
}

/* ---- a finding, or several that are alike ---- */

static void put_mark(hf_audit_page *page, const hf_told *told)
{
    if (told->fresh || told->updated)
        hf_markup(page->out, " <i class=\"new\">%s</i>", told->fresh ? "new" : "updated");
}

static void put_summary(hf_audit_page *page, const hf_told *told, size_t n)
{
    const char *word = hf_severity_word(told->severity);
    size_t by = told->n < HF_TOLD_BY ? told->n : HF_TOLD_BY;
    const hf_book *last = NULL;

    hf_markup(page->out, "<summary><span class=\"sev\">%s</span><span class=\"what\"><b>", word);
    if (n > 1)
        hf_markup(page->out, "%s: %z", hf_told_title(told, n), n);
    else
        hf_markup(page->out, "%s", told->finding->what);
    hf_sheet_put(page->out, "</b>");
    put_mark(page, told);
    hf_sheet_put(page->out, "<small>");
    for (size_t i = 0; i < by; i++) {
        if (told->by[i].book != last)
            hf_markup(page->out, "%s%s", last ? ", " : "", told->by[i].book->name);
        last = told->by[i].book;
    }
    hf_sheet_put(page->out, "</small></span></summary>\n");
}

static void put_rules(hf_audit_page *page, const hf_told *told)
{
    size_t n = told->n < HF_TOLD_BY ? told->n : HF_TOLD_BY;

    hf_sheet_put(page->out, "<h3>What it breaks</h3><dl class=\"rows\">\n");
    for (size_t i = 0; i < n; i++) {
        const hf_finding *f = told->by[i].finding;
        hf_markup(page->out, "<div><dt>%s</dt><dd>%s <cite>%s%s%s</cite></dd></div>\n",
                  told->by[i].book->name, f->rule->demands, hf_finding_section(f),
                  f->severity != told->severity ? ", " : "",
                  f->severity != told->severity ? hf_severity_word(f->severity) : "");
    }
    hf_sheet_put(page->out, "</dl>\n");
}

/* One of several, without the reason, which stands above; what it was seen by is inside. */
static void put_one(hf_audit_page *page, const hf_told *told)
{
    const char *what = told->finding->what;
    bool more = told->finding->evidence > 0;

    hf_sheet_put(page->out, more ? "<li><details class=\"one\"><summary>" : "<li>");
    hf_markup_text(page->out, hf_span_of(what, (size_t)(hf_reason_in(what) - what)));
    put_mark(page, told);
    if (more) {
        hf_sheet_put(page->out, "</summary>\n");
        hf_ap_evidence(page, told->finding->evidence);
        hf_sheet_put(page->out, "</details>");
    }
    hf_sheet_put(page->out, "</li>\n");
}

static void put_several(hf_audit_page *page, const hf_told *told, size_t n, size_t first)
{
    const char *reason = hf_told_reason(told, n, first);

    if (*reason)
        hf_markup(page->out, "<p class=\"reason\">%s</p>\n", reason);
    hf_sheet_put(page->out, "<ul class=\"plainlist\">\n");
    for (size_t i = first; i < n; i++)
        if (hf_told_same_reason(&told[first], &told[i]))
            put_one(page, &told[i]);
    hf_sheet_put(page->out, "</ul>\n");
}

static void put_seen(hf_audit_page *page, const hf_told *told, size_t n)
{
    char shown[HF_SHOWN_ROOM];

    hf_sheet_put(page->out, "<h3>What was seen</h3>\n");
    if (*hf_finding_shown(page->seen, told->finding, shown))
        hf_markup(page->out, "<p class=\"seen\">%s</p>\n", shown);
    if (n == 1)
        hf_ap_evidence(page, told->finding->evidence);
    for (size_t i = 0; i < n && n > 1; i++)
        if (hf_told_is_first(told, i))
            put_several(page, told, n, i);
}

static bool any_evidence(const hf_told *told, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (told[i].finding->evidence > 0)
            return true;
    return n > 1;
}

static void put_settings(hf_audit_page *page, const hf_fix *fix)
{
    bool any = false;

    for (size_t i = 0; i < HF_FIX_SERVERS; i++)
        any |= hf_fix_at(fix, i).setting != NULL;
    if (!any || page->seen->starttls[0]) /* settings of web servers are no help there */
        return;
    hf_sheet_put(page->out, "<dl class=\"rows settings\">\n");
    for (size_t i = 0; i < HF_FIX_SERVERS; i++) {
        hf_fix_row row = hf_fix_at(fix, i);
        if (!row.setting)
            continue;
        hf_markup(page->out, "<div><dt>%s</dt><dd>", row.server);
        if (row.setting->place)
            hf_markup(page->out, "<small>%s</small>", row.setting->place);
        if (row.setting->lines)
            hf_markup(page->out, "<code>%s</code>", row.setting->lines);
        if (row.setting->words)
            hf_markup(page->out, "<small>%s</small>", row.setting->words);
        hf_sheet_put(page->out, "</dd></div>\n");
    }
    hf_sheet_put(page->out, "</dl>\n");
}

static void put_fix(hf_audit_page *page, const hf_fix *fix)
{
    if (!fix)
        return;
    hf_markup(page->out, "<h3>What to do</h3>\n<p class=\"fix\">%s</p>\n", fix->what);
    put_settings(page, fix);
}

static void put_finding(hf_audit_page *page, const hf_told *told, size_t n, size_t number)
{
    bool open = number <= OPEN && told->severity > HF_SEVERITY_NOTE;

    hf_markup(page->out, "<li class=\"finding sev-%s\" id=\"t%z-f%z\"><details%s>",
              hf_severity_word(told->severity), page->number, number, open ? " open" : "");
    put_summary(page, told, n);
    hf_sheet_put(page->out, "<div class=\"inside\">\n");
    put_fix(page, told->finding->rule->fix);
    put_rules(page, told);
    if (any_evidence(told, n))
        put_seen(page, told, n);
    hf_sheet_put(page->out, "</div></details></li>\n");
}

void hf_ap_findings(hf_audit_page *page)
{
    hf_told_list list;
    size_t number = 0;

    if (!page->seen->reached && !page->audit->change)
        return;
    hf_ap_section(page, "findings", "Findings");
    put_change(page);
    if (!hf_told_make(page->audit, &list)) {
        page->out->error = HF_E_NO_MEMORY;
        return;
    }
    if (list.n == 0)
        hf_sheet_put(page->out,
                     "<p class=\"lead\">Nothing is wrong, and there is nothing to note.</p>\n");
    hf_sheet_put(page->out, "<ul class=\"findings\">\n");
    for (size_t i = 0, n; i < list.n; i += n) {
        n = hf_told_run(&list, i);
        put_finding(page, &list.at[i], n, ++number);
    }
    hf_sheet_put(page->out, "</ul>\n</section>\n");
    hf_told_free(&list);
}
