/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What was seen, as tables: versions, suites by version, groups, signature schemes. */
#include "audit/report_page.h"
#include "explain/names.h"

/* ---- versions ---- */

static void put_version(hf_audit_page *page, unsigned v)
{
    static const char *const states[] = { "not known", "refused", "spoken" };
    static const char *const classes[] = { "unknown", "absent", "present" };
    const hf_seen_version *version = &page->seen->v[v];

    hf_markup(page->out, "<tr class=\"%s\"><th>%s</th><td>%s</td><td>", classes[version->spoken],
              hf_seen_version_name((hf_seen_version_id)v), states[version->spoken]);
    if (version->spoken == HF_PRESENT)
        hf_markup(page->out, "%z%s cipher suite%s", version->suites.n,
                  version->suites_whole ? "" : " or more", version->suites.n == 1 ? "" : "s");
    if (version->spoken == HF_PRESENT && version->order != HF_ORDER_UNKNOWN)
        hf_markup(page->out, ", in the %s’s order", hf_order_word(version->order));
    if (version->chacha_first_for_mobile)
        hf_sheet_put(page->out, ", ChaCha20 first for who prefers it");
    hf_markup(page->out, "%s</td></tr>\n", version->spoken == HF_UNKNOWN ? version->why : "");
}

static void put_versions(hf_audit_page *page)
{
    hf_sheet_put(page->out, "<h3>Versions</h3>\n<table class=\"versions\"><tbody>\n");
    for (unsigned v = HF_V_COUNT; v-- > 0;)
        put_version(page, v);
    hf_sheet_put(page->out, "</tbody></table>\n");
}

/* ---- suites ---- */

static bool told_by_newer(const hf_seen *seen, unsigned v, uint16_t suite)
{
    if (v == HF_V_SSL2)
        return false;
    for (unsigned newer = v + 1; newer < HF_V_COUNT; newer++)
        if (hf_codes_have(&seen->v[newer].suites, suite))
            return true;
    return false;
}

static void put_suite(hf_audit_page *page, unsigned v, uint16_t suite)
{
    const char *marks[HF_SUITE_MARKS];
    size_t n = hf_suite_marks((hf_seen_version_id)v, suite, marks);
    char name[HF_NAME_ROOM];

    hf_markup(page->out, "<tr><td><code>%s</code></td>",
              hf_suite_text((hf_seen_version_id)v, suite, name));
    for (unsigned column = HF_V_COUNT; column-- > 0;) {
        bool here = column == v || (column != HF_V_SSL2 && v != HF_V_SSL2 &&
                                    hf_codes_have(&page->seen->v[column].suites, suite));
        if (page->seen->v[column].suites.n > 0)
            hf_sheet_put(page->out, here ? "<td class=\"tick\">✓</td>" : "<td></td>");
    }
    hf_sheet_put(page->out, "<td>");
    for (size_t i = 0; i < n; i++)
        hf_markup(page->out, "<span class=\"badmark\">%s</span> ", marks[i]);
    hf_sheet_put(page->out, "</td></tr>\n");
}

static void put_suites(hf_audit_page *page)
{
    hf_sheet_put(page->out, "<h3>");
    hf_ap_word(page, "cipher suite", "Cipher suites");
    hf_markup(
        page->out,
        "</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Cipher suites of "
        "target %z\"><table class=\"suites\"><thead><tr><th>In the order of the newest version "
        "that "
        "has them</th>",
        page->number);
    for (unsigned v = HF_V_COUNT; v-- > 0;)
        if (page->seen->v[v].suites.n > 0)
            hf_markup(page->out, "<th>%s</th>", hf_seen_version_name((hf_seen_version_id)v));
    hf_sheet_put(page->out, "<th>Weak by</th></tr></thead><tbody>\n");
    for (unsigned v = HF_V_COUNT; v-- > 0;)
        for (size_t i = 0; i < page->seen->v[v].suites.n; i++)
            if (!told_by_newer(page->seen, v, page->seen->v[v].suites.at[i]))
                put_suite(page, v, page->seen->v[v].suites.at[i]);
    hf_sheet_put(page->out, "</tbody></table></div>\n");
}

/* ---- groups, schemes, parameters ---- */

static void add_codes(hf_sheet *text, hf_names names, const hf_codes *codes, bool whole)
{
    char name[HF_NAME_ROOM];

    for (size_t i = 0; i < codes->n; i++)
        hf_sheet_add(text, "%s%s", i > 0 ? ", " : "", hf_code_text(names, codes->at[i], name));
    if (codes->n > 0 && !whole)
        hf_sheet_put(text, ", perhaps more");
}

static void put_codes(hf_audit_page *page, bool groups)
{
    for (unsigned v = HF_V_COUNT; v-- > 0;) {
        const hf_seen_version *version = &page->seen->v[v];
        hf_sheet text = { .error = HF_OK };
        if (groups)
            add_codes(&text, HF_NAMES_GROUPS, &version->groups, version->groups_whole);
        else
            add_codes(&text, HF_NAMES_SCHEMES, &version->schemes, version->schemes_whole);
        if (groups && text.len > 0 && version->groups_order != HF_ORDER_UNKNOWN)
            hf_sheet_add(&text, " (the %s’s order)", hf_order_word(version->groups_order));
        hf_ap_sheet_row(page, hf_seen_version_name((hf_seen_version_id)v), &text);
    }
}

static void put_parameters(hf_audit_page *page)
{
    for (size_t i = 0; i < page->seen->n_dh; i++) {
        const hf_seen_dh *dh = &page->seen->dh[i];
        hf_sheet text = { .error = HF_OK };
        hf_sheet_add(&text, "%u bits%s%s%s", dh->bits, dh->name ? ", " : "",
                     dh->name ? dh->name : "", dh->export_grade ? ", export grade" : "");
        hf_ap_sheet_row(page, "DHE", &text);
    }
}

void hf_ap_seen(hf_audit_page *page)
{
    hf_ap_section(page, "seen", "What was seen");
    put_versions(page);
    put_suites(page);
    hf_sheet_put(page->out, "<h3>");
    hf_ap_word(page, "group", "Key exchange groups");
    hf_sheet_put(page->out, "</h3>\n<dl class=\"rows\">\n");
    put_codes(page, true);
    put_parameters(page);
    hf_sheet_put(page->out, "</dl>\n<h3>");
    hf_ap_word(page, "signature", "Signature schemes");
    hf_sheet_put(page->out, "</h3>\n<dl class=\"rows\">\n");
    put_codes(page, false);
    hf_sheet_put(page->out, "</dl>\n</section>\n");
}
