/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What was seen: versions, suites with their marks, groups, schemes, sessions, HTTP. Certificates: report_text_chains.c. */
#include <stdio.h>

#include "audit/report_text.h"
#include "explain/names.h"

enum { NAME_COLUMN = 4, VERSIONS_COLUMN = 50, MARKS_COLUMN = 62 };

/* ---- versions ---- */

static void versions(hf_text_report *report)
{
    hf_sheet text = { .error = HF_OK };
    const char *between[3] = { "not known: ", "refused: ", "" };

    for (unsigned tri = HF_PRESENT + 1; tri-- > 0;) {
        const char *before = text.len > 0 ? "; " : "";
        for (unsigned v = HF_V_COUNT, n = 0; v-- > 0;) {
            if (report->seen->v[v].spoken != (hf_tri)tri)
                continue;
            hf_sheet_add(&text, "%s%s%s", n == 0 ? before : ", ", n == 0 ? between[tri] : "",
                         hf_seen_version_name((hf_seen_version_id)v));
            n++;
        }
    }
    hf_text_sheet_row(report, "versions", &text);
}

/* ---- suites: each in one line, with the versions that have it ---- */

/* The newest version that is spoken with it tells of it. */
static bool told_by_newer(const hf_seen *seen, unsigned v, uint16_t suite)
{
    if (v == HF_V_SSL2)
        return false; /* a registry of its own */
    for (unsigned newer = v + 1; newer < HF_V_COUNT; newer++)
        if (hf_codes_have(&seen->v[newer].suites, suite))
            return true;
    return false;
}

static void suite_versions(const hf_seen *seen, unsigned v, uint16_t suite, hf_sheet *text)
{
    for (unsigned older = v + 1; older-- > 0;) {
        bool here =
            older == v || (older != HF_V_SSL2 && hf_codes_have(&seen->v[older].suites, suite));
        if (here)
            hf_sheet_add(text, "%s%s", text->len > 0 ? " " : "",
                         hf_seen_version_name((hf_seen_version_id)older) +
                             (older > HF_V_SSL3 ? strlen("TLS ") : 0));
    }
}

static void suite_line(hf_text_report *report, unsigned v, uint16_t suite)
{
    const char *marks[HF_SUITE_MARKS];
    size_t n = hf_suite_marks((hf_seen_version_id)v, suite, marks);
    hf_sheet text = { .error = HF_OK };
    hf_pen *pen = &report->pen;
    char name[HF_NAME_ROOM];

    hf_pen_to(pen, NAME_COLUMN);
    hf_pen_put(pen, HF_INK_PLAIN, hf_suite_text((hf_seen_version_id)v, suite, name));
    hf_pen_to(pen, VERSIONS_COLUMN);
    suite_versions(report->seen, v, suite, &text);
    hf_pen_put(pen, HF_INK_DIM, hf_text_of(pen, &text));
    hf_pen_to(pen, MARKS_COLUMN);
    hf_sheet_free(&text);
    for (size_t i = 0; i < n; i++)
        hf_sheet_add(&text, "%s%s", i > 0 ? ", " : "", marks[i]);
    hf_pen_wrap(pen, MARKS_COLUMN, hf_text_of(pen, &text));
    hf_sheet_free(&text);
}

static void order_words(const hf_seen *seen, hf_sheet *text)
{
    for (unsigned v = HF_V_COUNT; v-- > 0;) {
        const hf_seen_version *version = &seen->v[v];
        if (version->spoken != HF_PRESENT)
            continue;
        hf_sheet_add(text, "%s%s: %zu%s, %s%s", text->len > 0 ? "; " : "",
                     hf_seen_version_name((hf_seen_version_id)v), version->suites.n,
                     version->suites_whole ? "" : " or more",
                     version->order == HF_ORDER_SERVER   ? "the server's order"
                     : version->order == HF_ORDER_CLIENT ? "the client's order"
                                                         : "whose order is not known",
                     version->chacha_first_for_mobile ? " (ChaCha20 first for who prefers it)"
                                                      : "");
    }
}

static void suites(hf_text_report *report)
{
    hf_sheet orders = { .error = HF_OK };

    order_words(report->seen, &orders);
    hf_text_sheet_row(report, "suites", &orders);
    for (unsigned v = HF_V_COUNT; v-- > 0;)
        for (size_t i = 0; i < report->seen->v[v].suites.n; i++) {
            uint16_t suite = report->seen->v[v].suites.at[i];
            if (!told_by_newer(report->seen, v, suite))
                suite_line(report, v, suite);
        }
}

/* ---- groups and schemes ---- */

static void names(hf_sheet *text, hf_names registry, const hf_codes *codes, bool whole)
{
    char name[HF_NAME_ROOM];

    for (size_t i = 0; i < codes->n; i++)
        hf_sheet_add(text, "%s%s", i > 0 ? ", " : "", hf_code_text(registry, codes->at[i], name));
    if (codes->n > 0 && !whole)
        hf_sheet_put(text, ", perhaps more");
}

static bool same_codes(const hf_codes *a, const hf_codes *b)
{
    return a->n == b->n && memcmp(a->at, b->at, a->n * sizeof *a->at) == 0;
}

/* Of TLS 1.3 and of what is older, in one row where they are the same. */
static void code_rows(hf_text_report *report, const char *title, hf_names registry, bool groups)
{
    const hf_codes *newer = NULL;

    for (unsigned v = HF_V_COUNT; v-- > HF_V_SSL3;) {
        const hf_seen_version *version = &report->seen->v[v];
        const hf_codes *codes = groups ? &version->groups : &version->schemes;
        hf_sheet text = { .error = HF_OK };
        if (codes->n == 0 || (newer && same_codes(newer, codes)))
            continue;
        hf_sheet_add(&text, "%s: ", hf_seen_version_name((hf_seen_version_id)v));
        names(&text, registry, codes, groups ? version->groups_whole : version->schemes_whole);
        hf_text_sheet_row(report, newer ? "" : title, &text);
        newer = codes;
    }
}

static bool same_parameters(const hf_seen_dh *a, const hf_seen_dh *b)
{
    bool same_name = a->name && b->name ? strcmp(a->name, b->name) == 0 : a->name == b->name;

    return a->bits == b->bits && same_name && a->export_grade == b->export_grade;
}

/* Those that are the same in several versions in one row. */
static void parameters(hf_text_report *report)
{
    const hf_seen *seen = report->seen;
    bool told[HF_SEEN_DH] = { false }, first = true;

    for (size_t i = 0; i < seen->n_dh; i++) {
        const hf_seen_dh *dh = &seen->dh[i];
        hf_sheet text = { .error = HF_OK };
        if (told[i])
            continue;
        hf_sheet_add(&text, "%u bits%s%s%s", dh->bits, dh->name ? ", " : "",
                     dh->name ? dh->name : "", dh->export_grade ? ", export grade" : "");
        for (size_t k = i; k < seen->n_dh; k++)
            if (same_parameters(dh, &seen->dh[k])) {
                hf_sheet_add(&text, ", %s",
                             hf_seen_version_name(hf_seen_version_of(seen->dh[k].version)));
                told[k] = true;
            }
        hf_text_sheet_row(report, first ? "DHE" : "", &text);
        first = false;
    }
}

/* ---- traits, a row of a few that belong together, in few words each ---- */

typedef struct trait_name {
    hf_trait_id id;
    const char *present, *absent; /* NULL: then there is nothing to say */
    const char *unit;             /* of its number; NULL: it has none */
} trait_name;

static void add_trait(hf_sheet *text, const hf_seen *seen, const trait_name *name)
{
    const hf_trait *trait = &seen->traits[name->id];
    const char *words = trait->state == HF_PRESENT  ? name->present
                        : trait->state == HF_ABSENT ? name->absent
                                                    : NULL;

    if (!words)
        return;
    hf_sheet_add(text, "%s%s",
                 text->len == 0                     ? ""
                 : strncmp(words, "which ", 6) == 0 ? ", "
                                                    : "; ",
                 words);
    if (trait->state == HF_PRESENT && name->unit)
        hf_sheet_add(text, " %u %s", trait->number, name->unit);
}

static void trait_row(hf_text_report *report, const char *title, const trait_name *rows, size_t n)
{
    hf_sheet text = { .error = HF_OK };

    for (size_t i = 0; i < n; i++)
        add_trait(&text, report->seen, &rows[i]);
    hf_text_sheet_row(report, title, &text);
}

static const trait_name in_handshakes[] = {
    { HF_TRAIT_extended_main_secret, "extended_main_secret", "no extended_main_secret", NULL },
    { HF_TRAIT_encrypt_then_mac, "encrypt_then_mac", "no encrypt_then_mac", NULL },
    { HF_TRAIT_secure_renegotiation, "renegotiation_info", "no renegotiation_info", NULL },
    { HF_TRAIT_client_renegotiation, "a client may renegotiate", "renegotiation is refused", NULL },
    { HF_TRAIT_compression, "compression", "no compression", NULL },
    { HF_TRAIT_fallback_scsv, "TLS_FALLBACK_SCSV is heeded", "TLS_FALLBACK_SCSV is not heeded",
      NULL },
    { HF_TRAIT_key_reuse, "key shares are used again", "fresh key shares", NULL },
};
static const trait_name in_sessions[] = {
    { HF_TRAIT_tickets13, "TLS 1.3 by ticket", "none in TLS 1.3", NULL },
    { HF_TRAIT_ticket_seconds13, "which lives", NULL, "seconds" },
    { HF_TRAIT_early_data, "0-RTT data of up to", "no 0-RTT data", "bytes" },
    { HF_TRAIT_early_data_accepted, "which is taken", NULL, NULL },
    { HF_TRAIT_tickets12, "TLS 1.2 by ticket", "no tickets in TLS 1.2", NULL },
    { HF_TRAIT_ticket_seconds12, "which lives", NULL, "seconds" },
    { HF_TRAIT_session_ids, "TLS 1.2 by session id", "no session ids", NULL },
};

/* Tickets may come, with a lifetime, and yet resume nothing. */
static void add_session(hf_sheet *text, const hf_seen *seen, const trait_name *name)
{
    static const struct {
        hf_trait_id tickets, seconds;
        const char *version;
    } kinds[] = { { HF_TRAIT_tickets13, HF_TRAIT_ticket_seconds13, "TLS 1.3" },
                  { HF_TRAIT_tickets12, HF_TRAIT_ticket_seconds12, "TLS 1.2" } };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const hf_trait *seconds = &seen->traits[kinds[i].seconds];
        if (seen->traits[kinds[i].tickets].state != HF_ABSENT || seconds->state != HF_PRESENT)
            continue;
        if (name->id == kinds[i].seconds)
            return;
        if (name->id != kinds[i].tickets)
            continue;
        hf_sheet_add(text, "%s%s: tickets are sent (%u seconds), but none is taken",
                     text->len > 0 ? "; " : "", kinds[i].version, seconds->number);
        return;
    }
    add_trait(text, seen, name);
}

static void sessions(hf_text_report *report)
{
    hf_sheet text = { .error = HF_OK };

    for (size_t i = 0; i < sizeof in_sessions / sizeof *in_sessions; i++)
        add_session(&text, report->seen, &in_sessions[i]);
    hf_text_sheet_row(report, "resumption", &text);
}

static const trait_name of_clients[] = {
    { HF_TRAIT_client_certificate, "a certificate is asked for", "no certificate is asked for",
      NULL },
    { HF_TRAIT_client_certificate_required, "a certificate is demanded", NULL, NULL },
};
static const trait_name weak[] = {
    { HF_TRAIT_heartbleed, "Heartbleed: yes", "Heartbleed: no", NULL },
    { HF_TRAIT_ccs_injection, "CCS injection: yes", "CCS injection: no", NULL },
    { HF_TRAIT_robot, "ROBOT: yes", "ROBOT: no", NULL },
    { HF_TRAIT_ticketbleed, "Ticketbleed: yes", "Ticketbleed: no", NULL },
};

/* A line each; a client looks here for the one that signed its certificate. */
static void authorities(hf_text_report *report)
{
    enum { SHOWN = 5 };
    const hf_seen *seen = report->seen;
    const char *at = seen->authorities;
    hf_sheet text = { .error = HF_OK };
    size_t n = 0, most = report->view->all ? SIZE_MAX : SHOWN;

    for (; *at && n < most; n++) {
        size_t len = strcspn(at, "\n");
        hf_sheet_put(&text, n == 0 ? "of " : "; ");
        hf_sheet_bytes(&text, at, len);
        at += len + (at[len] == '\n');
    }
    if (n > 0 && seen->n_authorities > n)
        hf_sheet_add(&text, "; and %zu more", seen->n_authorities - n);
    hf_text_sheet_row(report, "", &text);
}

static void traits(hf_text_report *report)
{
    trait_row(report, "handshake", in_handshakes, sizeof in_handshakes / sizeof *in_handshakes);
    sessions(report);
    trait_row(report, "clients", of_clients, sizeof of_clients / sizeof *of_clients);
    authorities(report);
    trait_row(report, "weaknesses", weak, sizeof weak / sizeof *weak);
}

static void intolerance(hf_text_report *report)
{
    hf_sheet text = { .error = HF_OK };
    unsigned fine = 0;

    for (unsigned i = HF_TRAIT_intolerant_version; i <= HF_TRAIT_intolerant_fragments; i++) {
        fine += report->seen->traits[i].state == HF_ABSENT;
        if (report->seen->traits[i].state == HF_PRESENT)
            hf_sheet_add(&text, "%s%s", text.len > 0 ? "; " : "", hf_trait_rows[i].title);
    }
    if (text.len == 0 && fine > 0)
        hf_sheet_add(&text, "%u kinds of hellos that some servers cannot stand are answered", fine);
    hf_text_sheet_row(report, "tolerance", &text);
}

/* ---- HTTP ---- */

static void http(hf_text_report *report)
{
    const hf_seen_http *http = &report->seen->http;
    hf_sheet text = { .error = HF_OK };

    if (http->status == 0)
        return;
    hf_sheet_add(&text, "GET / gives %d%s%s", http->status, *http->server ? " from " : "",
                 http->server);
    if (*http->location)
        hf_sheet_add(&text, ", to %s", http->location);
    hf_text_sheet_row(report, "HTTP", &text);
    hf_text_row(report, "HSTS", hf_hsts_words(report->seen));
    if (http->plain_status > 0) {
        hf_sheet_add(&text, "port %u gives %d%s%s", http->plain_port, http->plain_status,
                     *http->plain_location ? ", to " : "", http->plain_location);
        hf_text_sheet_row(report, "plain HTTP", &text);
    }
    hf_text_row(report, "cookies", http->cookies);
}

void hf_text_seen(hf_text_report *report)
{
    hf_text_title(report, "What was seen");
    versions(report);
    suites(report);
    code_rows(report, "groups", HF_NAMES_GROUPS, true);
    parameters(report);
    code_rows(report, "signatures", HF_NAMES_SCHEMES, false);
    traits(report);
    intolerance(report);
    hf_text_row(report, "ALPN", report->seen->alpn);
    http(report);
    hf_text_chains(report);
}
