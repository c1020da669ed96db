/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Counts, names and words of an audit. */
#include "audit/report_parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "explain/names.h"
#include "x509/time.h"
#include "x509/x509.h"

/* ---- counts ---- */

/* A rule is as badly broken as its gravest finding. */
static hf_severity gravest_of(const hf_judgement *judgement, const hf_judged_rule *rule)
{
    hf_severity gravest = HF_SEVERITY_NOTE;

    for (size_t i = rule->first; i < rule->first + rule->n && i < judgement->n_findings; i++)
        if (judgement->findings[i].severity > gravest)
            gravest = judgement->findings[i].severity;
    return (unsigned)gravest < HF_SEVERITIES ? gravest : HF_SEVERITY_CRITICAL;
}

bool hf_rule_is_noted(const hf_judgement *judgement, const hf_judged_rule *rule)
{
    return rule->n > 0 && gravest_of(judgement, rule) == HF_SEVERITY_NOTE;
}

static void count_rule(hf_audit_counts *counts, const hf_judgement *judgement,
                       const hf_judged_rule *rule)
{
    if (rule->n > 0)
        counts->broken[gravest_of(judgement, rule)]++;
    if ((unsigned)rule->verdict <= HF_RULE_IDLE)
        counts->rules[rule->verdict]++;
}

hf_audit_counts hf_audit_count(const hf_judgement *judgement)
{
    hf_audit_counts counts = { .findings = { 0 } };

    for (size_t i = 0; i < judgement->n_findings; i++)
        if ((unsigned)judgement->findings[i].severity < HF_SEVERITIES)
            counts.findings[judgement->findings[i].severity]++;
    for (size_t i = 0; i < judgement->n_rules; i++)
        count_rule(&counts, judgement, &judgement->rules[i]);
    return counts;
}

char *hf_counts_words(const hf_audit_counts *counts, char text[HF_COUNTS_ROOM])
{
    size_t kinds = 0, said = 0, len = 0;

    *text = '\0';
    for (unsigned s = HF_SEVERITY_LOW; s < HF_SEVERITIES; s++)
        kinds += counts->broken[s] > 0;
    for (unsigned s = HF_SEVERITIES; s-- > HF_SEVERITY_LOW;) {
        if (counts->broken[s] == 0)
            continue;
        const char *before = said == 0 ? "" : said + 1 == kinds ? " and " : ", ";
        int n = snprintf(text + len, HF_COUNTS_ROOM - len, "%s%zu %s", before, counts->broken[s],
                         hf_severity_word((hf_severity)s));
        len += n > 0 ? (size_t)n : 0;
        if (len >= HF_COUNTS_ROOM)
            break;
        said++;
    }
    return text;
}

static bool is_address(const char *name)
{
    return strchr(name, ':') || strspn(name, "0123456789.") == strlen(name);
}

const char *hf_audit_next(const hf_seen *seen)
{
    if (!seen->shut)
        return "";
    return is_address(seen->name)
               ? "this server may answer only to names that it has, and with an address no name is "
                 "sent: --servername NAME"
               : "if the server has no such name: --servername NAME asks for "
                 "another";
}

const char *hf_audit_verdict(const hf_audit *audit)
{
    bool notes = false;

    for (size_t i = 0; i < audit->n; i++) {
        if (audit->judged[i]->broken)
            return "broken";
        notes |= audit->judged[i]->n_findings > 0;
    }
    if (!audit->seen->reached)
        return "unreachable";
    return audit->seen->cut ? "incomplete" : notes ? "notes" : "kept";
}

const char *hf_verdict_word(hf_verdict verdict)
{
    static const char *const words[] = { "kept", "broken", "unseen", "idle" };

    return (unsigned)verdict <= HF_RULE_IDLE ? words[verdict] : "unseen";
}

/* ---- books ---- */

bool hf_book_is_ours(const hf_book *book)
{
    size_t len = strlen(book->name);

    return strncmp(book->edition, book->name, len) == 0 && book->edition[len] == '-';
}

void hf_book_limits(const hf_book *book, hf_sheet *out)
{
    const char *read = strstr(book->about, " read"), *from = book->about;

    if (!read)
        return;
    for (const char *at = book->about; at < read; at++)
        if (at[0] == '.' && at[1] == ' ' && at[2] >= 'A' && at[2] <= 'Z')
            from = at + 2;
    const char *end = strstr(read, ". ");
    hf_sheet_bytes(out, from, end ? (size_t)(end - from) + 1 : strlen(from));
}

/* ---- names ---- */

char *hf_audit_target(const hf_seen *seen, char text[HF_AUDIT_TARGET_ROOM])
{
    bool brackets = strchr(seen->host, ':') != NULL;

    snprintf(text, HF_AUDIT_TARGET_ROOM, "%s%s%s:%u", brackets ? "[" : "", seen->host,
             brackets ? "]" : "", seen->port);
    return text;
}

const char *hf_audit_other_name(const hf_seen *seen)
{
    return strcmp(seen->name, seen->host) != 0 ? seen->name : "";
}

bool hf_audit_other_address(const hf_seen *seen, const char *target)
{
    return *seen->address && strcmp(seen->address, seen->host) != 0 &&
           strcmp(seen->address, target) != 0;
}

char *hf_suite_text(hf_seen_version_id version, uint16_t suite, char text[HF_NAME_ROOM])
{
    const char *kind = hf_ssl2_kind_name(suite);

    if (version == HF_V_SSL2 && kind)
        snprintf(text, HF_NAME_ROOM, "%s", kind);
    else if (version == HF_V_SSL2)
        snprintf(text, HF_NAME_ROOM, "SSL 2.0 cipher kind 0x%04x", suite);
    else
        hf_code_text(HF_NAMES_SUITES, suite, text);
    return text;
}

/* In the order in which they are told: what is wrong with a name is in the name. */
static const struct {
    const char *part, *mark;
} marks_of_names[] = {
    { "_NULL_", "NULL" },
    { "_anon_", "anonymous" },
    { "EXPORT", "export" },
    { "_RC4_", "RC4" },
    { "_RC2_", "RC2" },
    { "_DES_", "DES" },
    { "_DES40_", "DES" },
    { "_3DES_", "3DES" },
    { "_IDEA_", "IDEA" },
    { "TLS_RSA_", "static RSA" },
    { "TLS_DH_RSA_", "static DH" },
    { "TLS_DH_DSS_", "static DH" },
    { "TLS_ECDH_", "static DH" },
    { "TLS_PSK_", "no fresh key" },
    { "TLS_KRB5_", "Kerberos" },
    { "_CBC_", "CBC" },
    { "_MD5", "MD5" },
};

size_t hf_suite_marks(hf_seen_version_id version, uint16_t suite, const char *marks[HF_SUITE_MARKS])
{
    const char *name = version == HF_V_SSL2 ? NULL : hf_name_of(HF_NAMES_SUITES, suite);
    bool anonymous = name && strstr(name, "_anon_");
    size_t n = 0;

    for (size_t i = 0; name && i < sizeof marks_of_names / sizeof *marks_of_names; i++) {
        const char *part = marks_of_names[i].part;
        bool first = *part != '_' && *part != 'E'; /* only at the start */
        const char *at = strstr(name, part);
        if (!at || (first && at != name) || n == HF_SUITE_MARKS)
            continue;
        if (anonymous && strncmp(part, "TLS_", 4) == 0)
            continue; /* its exchange is fresh, though with nobody */
        marks[n++] = marks_of_names[i].mark;
    }
    return n;
}

/* ---- words ---- */

enum { DAY = 24 * 60 * 60, HOUR = 60 * 60 };

char *hf_when_words(int64_t then, int64_t now, char text[HF_WHEN_ROOM])
{
    char time[24];
    int64_t far = then > now ? then - now : now - then;
    bool days = far >= 2 * (int64_t)DAY;
    int64_t unit = days ? DAY : HOUR, n = (far + unit / 2) / unit; /* as `cert inspect` rounds */

    hf_time_text(then, time);
    time[10] = '\0';
    snprintf(text, HF_WHEN_ROOM, "%s%" PRId64 " %s%s%s (%s)", then > now ? "in " : "", n,
             days ? "day" : "hour", n == 1 ? "" : "s", then > now ? "" : " ago", time);
    return text;
}

const char *hf_reason_in(const char *what)
{
    const char *at = strstr(what, "): ");

    return at ? at + 1 : what + strlen(what);
}

bool hf_told_same_reason(const hf_told *a, const hf_told *b)
{
    return strcmp(hf_reason_in(a->finding->what), hf_reason_in(b->finding->what)) == 0;
}

bool hf_told_is_first(const hf_told *told, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (hf_told_same_reason(&told[k], &told[i]))
            return false;
    return true;
}

const char *hf_tri_word(hf_tri tri)
{
    return tri == HF_PRESENT ? "present" : tri == HF_ABSENT ? "absent" : "unknown";
}

const char *hf_order_word(hf_order order)
{
    return order == HF_ORDER_SERVER ? "server" : order == HF_ORDER_CLIENT ? "client" : "unknown";
}

const char *hf_trait_words(const hf_seen *seen, hf_trait_id id)
{
    const hf_trait_row *row = &hf_trait_rows[id];

    return seen->traits[id].state == HF_PRESENT  ? row->present
           : seen->traits[id].state == HF_ABSENT ? row->absent
           : seen->traits[id].idle               ? "does not apply"
                                                 : "not known";
}

const char *hf_hsts_words(const hf_seen *seen)
{
    if (seen->http.hsts[0])
        return seen->http.hsts;
    return seen->traits[HF_TRAIT_hsts].idle ? "" : "no such header";
}

static hf_fix_row row_of(const char *server, const hf_fix_setting *setting)
{
    return (hf_fix_row){ server, setting->lines || setting->words ? setting : NULL };
}

hf_fix_row hf_fix_at(const hf_fix *fix, size_t i)
{
    switch (i) {
    case 0: return row_of("nginx", &fix->nginx);
    case 1: return row_of("haproxy", &fix->haproxy);
    case 2: return row_of("Apache", &fix->apache);
    case 3: return row_of("handfast", &fix->handfast);
    default: return (hf_fix_row){ NULL, NULL };
    }
}

hf_span hf_fix_line(const char **at)
{
    const char *line = *at ? *at : "";
    size_t n = strcspn(line, "\n");

    *at = line + n + (line[n] == '\n');
    return hf_span_of(line, n);
}

void hf_fix_put(hf_fix_row row, const char *indent, hf_sheet *out)
{
    const hf_fix_setting *setting = row.setting;
    const char *at = setting->lines;

    hf_sheet_add(out, "%s%s", indent, row.server);
    if (setting->place)
        hf_sheet_add(out, ", %s", setting->place);
    hf_sheet_put(out, ":\n");
    for (hf_span line; (line = hf_fix_line(&at)).len > 0;)
        hf_sheet_add(out, "%s  %.*s\n", indent, (int)line.len, (const char *)line.data);
    if (setting->words)
        hf_sheet_add(out, setting->lines ? "%s  (%s)\n" : "%s  %s\n", indent, setting->words);
}

size_t hf_fix_server(const hf_seen *seen)
{
    static const hf_fix nothing;
    size_t i = 0;

    for (; i < HF_FIX_SERVERS; i++) {
        hf_span server = hf_span_str(hf_fix_at(&nothing, i).server);
        hf_span said = hf_span_str(seen->http.server);
        said.len = said.len < server.len ? said.len : server.len;
        if (hf_span_equal_text(server, said))
            break;
    }
    return i;
}
