/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* SARIF 2.1.0, for who collects findings of many tools: a run of the tool, each book's rules, and a result for each finding. */
#include <handfast/handfast.h>
#include <stdio.h>

#include "audit/report_compare.h"
#include "crypto/hash.h"

typedef struct sarif {
    hf_jw jw;
    const hf_audit *const *audits;
    size_t n;
    const hf_book *books[HF_AUDIT_BOOKS_MAX]; /* those that somebody was judged by */
    size_t n_books;
} sarif;

/* In a message's text "[words](n)" is a link and "{0}" a placeholder (SARIF 3.11.5, 3.11.6): what a peer chose must be neither. */
static json_t *plain(const char *text)
{
    hf_sheet escaped = { .error = HF_OK };
    json_t *value = NULL;

    hf_sheet_put(&escaped, "");
    for (; *text; text++) {
        if (strchr("[]\\", *text))
            hf_sheet_put(&escaped, "\\");
        hf_sheet_bytes(&escaped, text, 1);
        if (*text == '{' || *text == '}')
            hf_sheet_bytes(&escaped, text, 1);
    }
    if (!escaped.error)
        value = json_string(escaped.text);
    hf_sheet_free(&escaped);
    return value;
}

static json_t *message(hf_jw *j, const char *text)
{
    json_t *object = json_object(), *visible = hf_aj_text(text);

    hf_jw_set(j, object, "text", visible ? plain(json_string_value(visible)) : NULL);
    json_decref(visible);
    return object;
}

/* Of the consumers' four words, by which they sort. */
static const char *level(hf_severity severity)
{
    return severity >= HF_SEVERITY_HIGH  ? "error"
           : severity > HF_SEVERITY_NOTE ? "warning"
                                         : "note";
}

/* CVSS-like numbers, which is what GitHub makes "critical", "high", … of. */
static const char *number(hf_severity severity)
{
    static const char *const numbers[] = { "0.0", "3.0", "5.5", "8.0", "9.5" };

    return (unsigned)severity < HF_SEVERITIES ? numbers[severity] : numbers[0];
}

/* ---- rules ---- */

static void collect_books(sarif *s)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->audits[i]->n; k++) {
            const hf_book *book = s->audits[i]->judged[k]->book;
            size_t at = 0;
            while (at < s->n_books && s->books[at] != book)
                at++;
            if (at == s->n_books && at < HF_AUDIT_BOOKS_MAX)
                s->books[s->n_books++] = book;
        }
}

/* Where the rule stands among all rules of the run. */
static size_t rule_index(const sarif *s, const hf_book *book, const hf_rule *rule)
{
    size_t before = 0;

    for (size_t i = 0; i < s->n_books && s->books[i] != book; i++)
        before += s->books[i]->n_rules;
    return before + (size_t)(rule - book->rules);
}

static void put_help(hf_sheet *text, hf_sheet *markdown, const hf_fix *fix)
{
    const char *what = fix ? fix->what : "There is no setting for it.";

    hf_sheet_add(text, "%s\n", what);
    hf_sheet_add(markdown, "%s\n", what);
    for (size_t i = 0; fix && i < HF_FIX_SERVERS; i++) {
        hf_fix_row row = hf_fix_at(fix, i);
        if (!row.setting)
            continue;
        hf_fix_put(row, "", text);
        hf_sheet_add(markdown, "\n**%s**", row.server);
        if (row.setting->place)
            hf_sheet_add(markdown, " (%s)", row.setting->place);
        if (row.setting->lines)
            hf_sheet_add(markdown, "\n\n```\n%s\n```\n", row.setting->lines);
        if (row.setting->words)
            hf_sheet_add(markdown, "\n%s\n", row.setting->words);
    }
}

/* All of it is ours and in lines, so that nothing of it need be made visible. In Markdown a setting is code, where brackets are no
   links: it stands as it is. */
static json_t *help(hf_jw *j, const hf_fix *fix)
{
    hf_sheet text = { .error = HF_OK }, markdown = { .error = HF_OK };
    json_t *object = json_object();

    put_help(&text, &markdown, fix);
    hf_jw_set(j, object, "text", text.error ? NULL : plain(text.text));
    hf_jw_set(j, object, "markdown", markdown.error ? NULL : json_string(markdown.text));
    hf_sheet_free(&text);
    hf_sheet_free(&markdown);
    return object;
}

static json_t *rule_properties(hf_jw *j, const hf_book *book, const hf_rule *rule)
{
    json_t *object = json_object(), *tags = json_array();

    hf_jw_append(j, tags, json_string("security"));
    hf_jw_append(j, tags, json_string("tls"));
    hf_jw_append(j, tags, hf_aj_text(book->name));
    hf_jw_set(j, object, "tags", tags);
    hf_jw_set(j, object, "policy", hf_aj_text(book->name));
    hf_jw_set(j, object, "edition", hf_aj_text(book->edition));
    hf_jw_set(j, object, "dated", hf_aj_text(book->dated));
    hf_jw_set(j, object, "section", hf_aj_text(rule->section));
    hf_jw_set(j, object, "security-severity", json_string(number(rule->severity)));
    return object;
}

static json_t *rule_of(hf_jw *j, const hf_book *book, const hf_rule *rule)
{
    json_t *object = json_object(), *configuration = json_object();

    hf_jw_set(j, configuration, "level", json_string(level(rule->severity)));
    hf_jw_set(j, object, "id", hf_aj_text(rule->id));
    hf_jw_set(j, object, "name", hf_aj_text(rule->check->id));
    hf_jw_set(j, object, "shortDescription", message(j, rule->check->title));
    hf_jw_set(j, object, "fullDescription", message(j, rule->demands));
    hf_jw_set(j, object, "helpUri", hf_aj_text(book->source));
    hf_jw_set(j, object, "help", help(j, rule->fix));
    hf_jw_set(j, object, "defaultConfiguration", configuration);
    hf_jw_set(j, object, "properties", rule_properties(j, book, rule));
    return object;
}

static json_t *tool(sarif *s)
{
    hf_jw *j = &s->jw;
    json_t *object = json_object(), *driver = json_object(), *rules = json_array();

    for (size_t i = 0; i < s->n_books; i++)
        for (size_t k = 0; k < s->books[i]->n_rules; k++)
            hf_jw_append(j, rules, rule_of(j, s->books[i], &s->books[i]->rules[k]));
    hf_jw_set(j, driver, "name", json_string("handfast"));
    hf_jw_set(j, driver, "fullName", json_string("handfast audit"));
    hf_jw_set(j, driver, "version", json_string(hf_version()));
    hf_jw_set(j, driver, "rules", rules);
    hf_jw_set(j, object, "driver", driver);
    return object;
}

/* ---- where ---- */

/* "audit/example.org/443". It is relative and without a scheme, for GitHub takes no file whose scheme is not the checkout's "file"; a
   segment holds what RFC 3986 lets stand unescaped anywhere, and all else as %XX, an address's colons, too. */
static json_t *uri(const hf_seen *seen)
{
    hf_sheet text = { .error = HF_OK };

    hf_sheet_put(&text, "audit/");
    for (const char *at = seen->host; *at; at++) {
        unsigned char c = (unsigned char)*at;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c);
        hf_sheet_add(&text, plain ? "%c" : "%%%02X", c);
    }
    hf_sheet_add(&text, "/%u", seen->port);
    json_t *value = text.error ? NULL : json_string(text.text);
    hf_sheet_free(&text);
    return value;
}

/* A region belongs to it only because some who read SARIF want one: a server has no lines. */
static json_t *physical(hf_jw *j, const hf_seen *seen)
{
    json_t *object = json_object(), *artifact = json_object(), *region = json_object();

    hf_jw_set(j, artifact, "uri", uri(seen));
    hf_jw_set(j, region, "startLine", json_integer(1));
    hf_jw_set(j, object, "artifactLocation", artifact);
    hf_jw_set(j, object, "region", region);
    return object;
}

static json_t *locations(hf_jw *j, const hf_seen *seen)
{
    json_t *list = json_array(), *where = json_object(), *logicals = json_array();
    json_t *logical = json_object();
    char target[HF_AUDIT_TARGET_ROOM];

    hf_audit_target(seen, target);
    hf_jw_set(j, logical, "name", hf_aj_text(*seen->name ? seen->name : seen->host));
    hf_jw_set(j, logical, "fullyQualifiedName", hf_aj_text(target));
    hf_jw_set(j, logical, "kind", json_string("resource"));
    hf_jw_append(j, logicals, logical);
    hf_jw_set(j, where, "physicalLocation", physical(j, seen));
    hf_jw_set(j, where, "logicalLocations", logicals);
    hf_jw_append(j, list, where);
    return list;
}

/* "example.org:443: TLS 1.0 is spoken": who shows a message alone shows whose it is. */
static json_t *message_of(hf_jw *j, const hf_seen *seen, const char *text)
{
    char target[HF_AUDIT_TARGET_ROOM];
    hf_sheet whole = { .error = HF_OK };

    hf_sheet_add(&whole, "%s: %s", hf_audit_target(seen, target), text);
    json_t *object = whole.error ? NULL : message(j, whole.text);
    hf_sheet_free(&whole);
    return object;
}

/* ---- results ---- */

/* Of target, rule and key: the same as long as the same thing is wrong. */
static json_t *fingerprints(hf_jw *j, const hf_seen *seen, const char *rule, const char *key)
{
    char target[HF_AUDIT_TARGET_ROOM];
    uint8_t digest[HF_HASH_MAX];
    hf_sheet text = { .error = HF_OK };
    json_t *object = json_object(), *value = NULL;

    hf_sheet_add(&text, "%s|%s|%s|%s", hf_audit_target(seen, target), seen->name, rule, key);
    if (!text.error && hf_hash_once(HF_SHA256, hf_span_of(text.text, text.len), digest) == HF_OK)
        value = hf_jw_hex(hf_span_of(digest, 32));
    hf_sheet_free(&text);
    hf_jw_set(j, object, "finding/v1", value);
    return object;
}

static json_t *result_properties(hf_jw *j, const hf_seen *seen, const hf_finding *f)
{
    const hf_evidence *e = hf_seen_evidence_at(seen, f->evidence);
    json_t *object = json_object();

    hf_jw_set(j, object, "severity", json_string(hf_severity_word(f->severity)));
    hf_jw_set(j, object, "key", hf_aj_text(f->key));
    hf_jw_set(j, object, "section", hf_aj_text(hf_finding_section(f)));
    hf_jw_set(j, object, "evidence", e ? hf_aj_text(e->words) : json_null());
    if (e && e->sent.len > 0)
        hf_jw_set(j, object, "sent", hf_jw_hex(e->sent));
    if (e && e->received.len > 0)
        hf_jw_set(j, object, "received", hf_jw_hex(e->received));
    return object;
}

/* The words of SARIF 3.27.24; the fourth one, "absent", is for those that the baseline alone has. */
static const char *state_of(const hf_audit *audit, const hf_finding *f)
{
    if (!audit->change->known || hf_finding_is_new(audit, 0, f))
        return "new";
    return hf_finding_is_updated(audit, 0, f) ? "updated" : "unchanged";
}

static json_t *result_of(sarif *s, const hf_audit *audit, const hf_book *book, const hf_finding *f)
{
    hf_jw *j = &s->jw;
    json_t *object = json_object();

    hf_jw_set(j, object, "ruleId", hf_aj_text(f->rule->id));
    hf_jw_set(j, object, "ruleIndex", hf_jw_uint(rule_index(s, book, f->rule)));
    hf_jw_set(j, object, "level", json_string(level(f->severity)));
    hf_jw_set(j, object, "message", message_of(j, audit->seen, f->what));
    hf_jw_set(j, object, "locations", locations(j, audit->seen));
    hf_jw_set(j, object, "partialFingerprints", fingerprints(j, audit->seen, f->rule->id, f->key));
    if (audit->change)
        hf_jw_set(j, object, "baselineState", json_string(state_of(audit, f)));
    hf_jw_set(j, object, "properties", result_properties(j, audit->seen, f));
    return object;
}

/* Of the baseline: nothing of it is trusted, not even that its rule is one of ours. */
static hf_severity severity_named(const char *word)
{
    unsigned s = HF_SEVERITY_NOTE;

    while (s < HF_SEVERITY_CRITICAL && strcmp(hf_severity_word((hf_severity)s), word) != 0)
        s++;
    return strcmp(hf_severity_word((hf_severity)s), word) == 0 ? (hf_severity)s : HF_SEVERITY_NOTE;
}

static void set_index(sarif *s, json_t *object, const char *id)
{
    for (size_t i = 0; i < s->n_books; i++)
        for (size_t k = 0; k < s->books[i]->n_rules; k++)
            if (strcmp(s->books[i]->rules[k].id, id) == 0)
                hf_jw_set(&s->jw, object, "ruleIndex",
                          hf_jw_uint(rule_index(s, s->books[i], &s->books[i]->rules[k])));
}

static json_t *absent_properties(hf_jw *j, const json_t *old)
{
    json_t *object = json_object();

    hf_jw_set(j, object, "severity",
              json_string(hf_severity_word(severity_named(hf_ac_text(old, "severity")))));
    hf_jw_set(j, object, "key", hf_aj_text(hf_ac_text(old, "key")));
    return object;
}

static json_t *absent_of(sarif *s, const hf_audit *audit, const json_t *old)
{
    hf_jw *j = &s->jw;
    json_t *object = json_object();
    const char *rule = hf_ac_text(old, "rule"), *key = hf_ac_text(old, "key");

    hf_jw_set(j, object, "ruleId", hf_aj_text(rule));
    set_index(s, object, rule);
    hf_jw_set(j, object, "level", json_string(level(severity_named(hf_ac_text(old, "severity")))));
    hf_jw_set(j, object, "message", message_of(j, audit->seen, hf_ac_text(old, "what")));
    hf_jw_set(j, object, "locations", locations(j, audit->seen));
    hf_jw_set(j, object, "partialFingerprints", fingerprints(j, audit->seen, rule, key));
    hf_jw_set(j, object, "baselineState", json_string("absent"));
    hf_jw_set(j, object, "properties", absent_properties(j, old));
    return object;
}

static void add_absent(sarif *s, json_t *list, const hf_audit *audit)
{
    const json_t *absent = audit->change ? audit->change->absent : NULL;

    for (size_t i = 0; i < json_array_size(absent); i++)
        hf_jw_append(&s->jw, list, absent_of(s, audit, json_array_get(absent, i)));
}

static json_t *results(sarif *s)
{
    json_t *list = json_array();

    for (size_t i = 0; i < s->n; i++) {
        for (size_t b = 0; b < s->audits[i]->n; b++) {
            const hf_judgement *judged = s->audits[i]->judged[b];
            for (size_t k = 0; k < judged->n_findings; k++)
                hf_jw_append(&s->jw, list,
                             result_of(s, s->audits[i], judged->book, &judged->findings[k]));
        }
        add_absent(s, list, s->audits[i]);
    }
    return list;
}

/* ---- what could not be done: no result, and no silence either ---- */

static void notify(sarif *s, json_t *list, const hf_seen *seen, const char *severity,
                   const char *what, const char *why)
{
    hf_jw *j = &s->jw;
    json_t *object = json_object();
    hf_sheet text = { .error = HF_OK };

    hf_sheet_add(&text, "%s%s%s", what, *why ? ": " : "", why);
    hf_jw_set(j, object, "level", json_string(severity));
    hf_jw_set(j, object, "message", text.error ? NULL : message_of(j, seen, text.text));
    hf_jw_set(j, object, "locations", locations(j, seen));
    hf_jw_append(j, list, object);
    hf_sheet_free(&text);
}

static void notify_of(sarif *s, json_t *list, const hf_audit *audit)
{
    const hf_seen *seen = audit->seen;

    if (!seen->reached)
        notify(s, list, seen, "error", "The target could not be reached", seen->trouble);
    else if (*seen->trouble)
        notify(s, list, seen, "warning", "The audit is not complete", seen->trouble);
    for (size_t b = 0; b < audit->n && seen->reached; b++)
        for (size_t k = 0; k < audit->judged[b]->n_rules; k++)
            if (audit->judged[b]->rules[k].verdict == HF_RULE_UNSEEN)
                notify(s, list, seen, "warning", audit->judged[b]->rules[k].rule->id,
                       audit->judged[b]->rules[k].why);
}

static json_t *invocations(sarif *s)
{
    hf_jw *j = &s->jw;
    json_t *list = json_array(), *object = json_object(), *notices = json_array();
    bool good = true;

    for (size_t i = 0; i < s->n; i++) {
        good &= s->audits[i]->seen->reached;
        notify_of(s, notices, s->audits[i]);
    }
    hf_jw_set(j, object, "executionSuccessful", json_boolean(good));
    hf_jw_set(j, object, "toolExecutionNotifications", notices);
    hf_jw_append(j, list, object);
    return list;
}

hf_error hf_report_sarif(const hf_audit *const *audits, size_t n, hf_sheet *out)
{
    sarif s = { .audits = audits, .n = n };
    hf_jw *j = &s.jw;
    json_t *root = json_object(), *runs = json_array(), *run = json_object();

    collect_books(&s);
    hf_jw_set(j, run, "tool", tool(&s));
    hf_jw_set(j, run, "invocations", invocations(&s));
    hf_jw_set(j, run, "results", results(&s));
    hf_jw_append(j, runs, run);
    hf_jw_set(j, root, "$schema",
              json_string("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                          "sarif-schema-2.1.0.json"));
    hf_jw_set(j, root, "version", json_string("2.1.0"));
    hf_jw_set(j, root, "runs", runs);
    if (!j->failed)
        hf_jw_print(root, out);
    else if (!out->error)
        out->error = HF_E_NO_MEMORY;
    json_decref(root);
    return out->error;
}
