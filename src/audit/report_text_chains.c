/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates, with what the validator says of them; and what could not be seen, with why. */
#include <handfast/cert.h>
#include <stdio.h>

#include "audit/report_text.h"
#include "base/error.h"
#include "x509/summary.h"

/* ---- a chain ---- */

static void chain_versions(const hf_seen_chain *chain, hf_sheet *text)
{
    bool said = false;

    for (unsigned v = HF_V_COUNT; v-- > 0;)
        if (chain->versions & 1u << v) {
            hf_sheet_add(text, "%s%s", said ? ", " : " in ",
                         hf_seen_version_name((hf_seen_version_id)v));
            said = true;
        }
}

static void leaf(hf_text_report *report, const hf_seen_chain *chain)
{
    hf_cert_summary s;
    hf_sheet text = { .error = HF_OK };
    char when[HF_WHEN_ROOM], from[24];

    if (!chain->parsed || hf_cert_summarize_any(chain->der[0], &s) != HF_OK) {
        hf_text_row(report, "certificate", "it cannot be read");
        return;
    }
    hf_sheet_add(&text, "%s, %s, signed by %s with %s, %zu sent", s.subject, s.key, s.issuer,
                 s.signature, chain->n);
    chain_versions(chain, &text);
    if (chain->parse_error == HF_E_CERT_VERSION)
        hf_sheet_add(&text, "; X.509 version %d", chain->leaf.version);
    hf_text_sheet_row(report, "certificate", &text);
    hf_sheet_add(&text, "%s: %s",
                 chain->name_matches ? "with the one asked for" : "without the one asked for",
                 *chain->sans ? chain->sans : "none");
    hf_text_sheet_row(report, "  names", &text);
    hf_time_text(s.not_before, from);
    hf_sheet_add(&text, "from %.10s, %s %s", from,
                 s.not_after > report->seen->started ? "expires" : "expired",
                 hf_when_words(s.not_after, report->seen->started, when));
    hf_text_sheet_row(report, "  valid", &text);
    hf_text_row(report, "  serial", s.serial);
    for (const char *at = s.fingerprint; *at; at++)
        hf_sheet_bytes(&text, at, *at != ':');
    hf_text_sheet_row(report, "  SHA-256", &text);
}

static void verdict(hf_text_report *report, const hf_seen_chain *chain)
{
    const hf_error_row *row = hf_error_row_of(chain->verdict);
    hf_sheet text = { .error = HF_OK };

    if (!chain->judged) {
        hf_sheet_put(&text, "not judged");
    } else if (chain->verdict == HF_OK) {
        hf_sheet_add(&text, "yes, by a path of %zu certificates, the anchor among them",
                     chain->path_len);
    } else {
        hf_sheet_add(&text, "no: %s", row->sentence);
        if (*chain->detail)
            hf_sheet_add(&text, ": %s", chain->detail);
    }
    hf_text_sheet_row(report, "  trusted", &text);
}

static void add_if(hf_sheet *text, bool fact, const char *words)
{
    if (fact)
        hf_sheet_add(text, "%s%s", text->len > 0 ? "; " : "", words);
}

static void faults(hf_text_report *report, const hf_seen_chain *chain)
{
    hf_sheet text = { .error = HF_OK };

    add_if(&text, chain->missing_intermediate, "an intermediate certificate is missing");
    add_if(&text, chain->out_of_order, "out of order");
    add_if(&text, chain->has_strangers, "with certificates of no use");
    add_if(&text, chain->has_root, "with the root, which clients have");
    add_if(&text, chain->md5_signature, "signed with MD5");
    add_if(&text, chain->sha1_signature, "signed with SHA-1");
    add_if(&text, chain->more, "longer than what is kept");
    hf_text_sheet_row(report, "  chain", &text);
}

static void staple(hf_text_report *report, const hf_seen_chain *chain)
{
    hf_sheet text = { .error = HF_OK };
    char when[HF_WHEN_ROOM];

    if (chain->staple.len > 0 || *chain->staple_words) {
        hf_sheet_add(&text, "%s%s%s",
                     chain->staple_good == HF_PRESENT  ? "good"
                     : chain->staple_good == HF_ABSENT ? "of no use"
                                                       : "not judged",
                     *chain->staple_words ? ": " : "", chain->staple_words);
        if (chain->staple_next_update > 0)
            hf_sheet_add(&text, ", next update %s",
                         hf_when_words(chain->staple_next_update, report->seen->started, when));
    } else {
        hf_sheet_add(&text, "none%s",
                     chain->must_staple ? ", though it says that there must be" : "");
    }
    hf_text_sheet_row(report, "  staple", &text);
    if (chain->n_scts_certificate + chain->n_scts_staple + chain->n_scts_handshake == 0)
        hf_sheet_put(&text, "none");
    else
        hf_sheet_add(&text, "%zu in the certificate, %zu in the staple, %zu in the handshake",
                     chain->n_scts_certificate, chain->n_scts_staple, chain->n_scts_handshake);
    hf_text_sheet_row(report, "  SCTs", &text);
}

/* A line each, whoever wrote the names in them. */
static void why(hf_text_report *report, const hf_seen_chain *chain)
{
    const char *line = chain->why;

    for (bool first = true; *line; first = false) {
        size_t n = strcspn(line, "\n");
        hf_sheet text = { .error = HF_OK };
        hf_sheet_bytes(&text, line, n);
        hf_text_sheet_row(report, first ? "  why" : "", &text);
        line += n + (line[n] == '\n');
    }
}

void hf_text_chains(hf_text_report *report)
{
    for (size_t i = 0; i < report->seen->n_chains; i++) {
        const hf_seen_chain *chain = &report->seen->chains[i];
        leaf(report, chain);
        verdict(report, chain);
        faults(report, chain);
        staple(report, chain);
        if (report->view->why)
            why(report, chain);
    }
}

/* ---- what could not be seen ---- */

static void point(hf_text_report *report, bool *said, const char *title, const char *what,
                  const char *why)
{
    hf_sheet text = { .error = HF_OK };

    if (!*said)
        hf_text_title(report, title);
    *said = true;
    hf_sheet_add(&text, "%s%s%s", what, *why ? ": " : "", why);
    hf_pen_to(&report->pen, HF_TEXT_INDENT);
    hf_pen_wrap(&report->pen, HF_TEXT_INDENT + 2, hf_text_of(&report->pen, &text));
    hf_sheet_free(&text);
}

static void open_point(hf_text_report *report, bool *said, const char *what, const char *why)
{
    point(report, said, "What could not be seen", what, why);
}

/* Another book has said so already. */
static bool told_before(const hf_audit *audit, size_t book, const hf_judged_rule *rule)
{
    for (size_t i = 0; i <= book; i++)
        for (size_t k = 0; k < audit->judged[i]->n_rules; k++) {
            const hf_judged_rule *other = &audit->judged[i]->rules[k];
            if (other == rule)
                return false;
            if (other->verdict == HF_RULE_UNSEEN && other->rule->check == rule->rule->check &&
                strcmp(other->why, rule->why) == 0)
                return true;
        }
    return false;
}

/* It rests on a trait, of which the same has been said above. */
static bool told_of_trait(const hf_seen *seen, const char *why)
{
    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++)
        if (seen->traits[i].state == HF_UNKNOWN && *seen->traits[i].words &&
            strncmp(seen->traits[i].words, why, 140) == 0)
            return true;
    return false;
}

static void unseen_rules(hf_text_report *report, bool *said)
{
    for (size_t i = 0; i < report->audit->n; i++)
        for (size_t k = 0; k < report->audit->judged[i]->n_rules; k++) {
            const hf_judged_rule *rule = &report->audit->judged[i]->rules[k];
            if (rule->verdict == HF_RULE_UNSEEN && !told_before(report->audit, i, rule) &&
                !told_of_trait(report->seen, rule->why))
                open_point(report, said, rule->rule->check->title, rule->why);
        }
}

/* Nothing more was asked, for a reason that stands above: it is not told once a rule. */
static bool is_told_once(const hf_text_report *report)
{
    const hf_seen *seen = report->seen;

    return !report->view->all && (seen->shut || (seen->cut && hf_seen_newest(seen) == HF_V_COUNT));
}

static void rest_once(hf_text_report *report, bool *said)
{
    size_t most = 0;
    char text[64];

    for (size_t i = 0; i < report->audit->n; i++) {
        size_t n = hf_audit_count(report->audit->judged[i]).rules[HF_RULE_UNSEEN];
        most = n > most ? n : most;
    }
    snprintf(text, sizeof text, "%zu rules could not be judged", most);
    if (most > 0)
        open_point(report, said, text, "the reason stands above; --all tells of each");
}

/* A rule could not be judged for that reason, as far as it has it. */
static bool matters(const hf_audit *audit, const char *words)
{
    enum { ENOUGH = 90 };
    char reason[ENOUGH + 1];

    snprintf(reason, sizeof reason, "%s", words);
    for (size_t i = 0; i < audit->n; i++)
        for (size_t k = 0; k < audit->judged[i]->n_rules; k++)
            if (audit->judged[i]->rules[k].verdict == HF_RULE_UNSEEN &&
                strstr(audit->judged[i]->rules[k].why, reason))
                return true;
    return false;
}

static bool is_unseen(const hf_text_report *report, unsigned i, bool that_matters)
{
    const hf_trait *trait = &report->seen->traits[i];

    return trait->state == HF_UNKNOWN && *trait->words && !trait->idle &&
           (report->view->all || matters(report->audit, trait->words)) == that_matters;
}

/* Those with the same reason in one, at the first of them. */
static void unseen_traits(hf_text_report *report, bool *said, unsigned first)
{
    const hf_trait *traits = report->seen->traits;
    hf_sheet titles = { .error = HF_OK };

    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++) {
        if (!is_unseen(report, first, true) || !is_unseen(report, i, true) ||
            strcmp(traits[first].words, traits[i].words) != 0)
            continue;
        if (i < first)
            break;
        hf_sheet_add(&titles, "%s%s", i > first ? "; " : "", hf_trait_rows[i].title);
    }
    if (*hf_text_of(&report->pen, &titles))
        open_point(report, said, titles.text, traits[first].words);
    hf_sheet_free(&titles);
}

/* What no rule rests on: in one, without the reasons, which --all and --json have. */
static void unseen_others(hf_text_report *report, bool *said)
{
    hf_sheet titles = { .error = HF_OK };

    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++)
        if (is_unseen(report, i, false))
            hf_sheet_add(&titles, "%s%s", titles.len > 0 ? "; " : "", hf_trait_rows[i].title);
    if (*hf_text_of(&report->pen, &titles))
        open_point(report, said, "not known either, though no policy here asks for it",
                   titles.text);
    hf_sheet_free(&titles);
}

/* ---- what does not apply ---- */

static bool is_idle(const hf_trait *trait)
{
    return trait->state == HF_UNKNOWN && trait->idle;
}

/* In one with all others, without the documents that it is in. */
static void short_title(hf_sheet *out, const char *title)
{
    const char *rfc = strstr(title, " (RFC "), *cve = strstr(title, " (CVE-");

    hf_sheet_bytes(out, title,
                   rfc   ? (size_t)(rfc - title)
                   : cve ? (size_t)(cve - title)
                         : strlen(title));
}

/* Those with the same reason as the first of them; NULL: all. False: an earlier one has told of it. */
static bool idle_titles(const hf_seen *seen, const hf_trait *first, hf_sheet *titles)
{
    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++) {
        const hf_trait *trait = &seen->traits[i];
        if (!is_idle(trait) || (first && strcmp(first->words, trait->words) != 0))
            continue;
        if (first && trait < first)
            return false;
        hf_sheet_put(titles, titles->len > 0 ? "; " : "");
        if (first)
            hf_sheet_put(titles, hf_trait_rows[i].title);
        else
            short_title(titles, hf_trait_rows[i].title);
    }
    return titles->len > 0;
}

static void idle_point(hf_text_report *report, const hf_trait *first, bool *said)
{
    static const char title[] = "What does not apply";
    hf_sheet titles = { .error = HF_OK };

    if (idle_titles(report->seen, first, &titles))
        point(report, said, title, hf_text_of(&report->pen, &titles), first ? first->words : "");
    hf_sheet_free(&titles);
}

/* With --all why not, else in one. */
static void idle_traits(hf_text_report *report)
{
    bool said = false;

    if (!report->view->all) {
        idle_point(report, NULL, &said);
        return;
    }
    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++)
        if (is_idle(&report->seen->traits[i]))
            idle_point(report, &report->seen->traits[i], &said);
}

void hf_text_unseen(hf_text_report *report)
{
    const hf_seen *seen = report->seen;
    bool said = false;

    for (unsigned v = HF_V_COUNT; v-- > 0;)
        if (seen->v[v].spoken == HF_UNKNOWN)
            open_point(report, &said, hf_seen_version_name((hf_seen_version_id)v), seen->v[v].why);
    if (is_told_once(report)) {
        rest_once(report, &said);
        idle_traits(report);
        return;
    }
    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++)
        unseen_traits(report, &said, i);
    unseen_rules(report, &said);
    unseen_others(report, &said);
    idle_traits(report);
}
