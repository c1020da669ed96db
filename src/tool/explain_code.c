/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Words that are no files: errors, messages, fields and terms; what registries say of them is explain_names.c. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "explain/glossary.h"
#include "explain/story.h"
#include "tool/exit.h"
#include "tool/explain.h"
#include "tool/json_text.h"
#include "tool/say.h"
#include "tool/suggest.h"

enum { FIELDS_MAX = 6 }; /* places of a field of that name */

/* ---- errors ---- */

static const char *whose(hf_blame blame)
{
    switch (blame) {
    case HF_BLAME_PEER: return "the peer's";
    case HF_BLAME_US: return "ours";
    case HF_BLAME_NETWORK: return "the network's";
    case HF_BLAME_CONFIG: return "the configuration's";
    default: return "the policy's: one of the two ends allows less than the other needs";
    }
}

static void put_error(hf_error code, hf_entries *entries)
{
    const hf_error_row *row = hf_error_row_of(code);
    hf_entry entry;

    hf_entry_begin(&entry, "an error of handfast's", row->name, "");
    hf_entry_line(&entry, "", "%s", row->sentence);
    hf_entry_line(&entry, "fault", "%s", whose(row->blame));
    if (row->alert != HF_ALERT_none)
        hf_entry_line(&entry, "alert", "%s (%d)", hf_alert_name(row->alert), (int)row->alert);
    if (strcmp(row->source, "-") != 0)
        hf_entry_line(&entry, "rule", "%s", row->source);
    hf_entry_line(&entry, "hint", "%s", row->hint);
    hf_entries_put(entries, &entry);
}

static void explain_errors(const hf_asked *asked, hf_entries *entries)
{
    for (int e = 1; e < HF_ERROR_COUNT; e++)
        if (hf_asked_is(asked, hf_error_row_of((hf_error)e)->name))
            put_error((hf_error)e, entries);
}

/* ---- messages ---- */

static const char *row_source(hf_msg msg, bool tls13)
{
    static const hf_table of13[] = { HF_TABLE_OPENING, HF_TABLE_SCRIPT13, HF_TABLE_POST13_SERVER,
                                     HF_TABLE_POST13_CLIENT, HF_TABLE_IGNORED };
    static const hf_table of12[] = { HF_TABLE_OPENING, HF_TABLE_SCRIPT12, HF_TABLE_RESUMED12,
                                     HF_TABLE_POST12_SERVER, HF_TABLE_IGNORED };

    for (size_t t = 0; t < 5; t++) {
        const hf_row *row = hf_scripts_tls.table[tls13 ? of13[t] : of12[t]];
        for (; row && row->msg != HF_ROW_END && (row->msg != HF_ROW_GO || row->when); row++)
            if (row->msg == msg)
                return row->rfc;
    }
    return NULL;
}

static const char *purpose_of(hf_msg msg, uint16_t version, hf_role writer)
{
    hf_story_step step = { .kind = msg == HF_MSG_ChangeCipherSpec ? HF_STEP_CCS : HF_STEP_MESSAGE,
                           .msg = msg,
                           .version = version,
                           .writer = writer };

    return hf_step_purpose(&step);
}

/* What it is for, by version and writer where that differs. */
static void add_purposes(hf_entry *entry, hf_msg msg, const char *in13, const char *in12)
{
    const char *told[4];
    size_t n = 0;

    for (int i = 0; i < 4; i++) {
        uint16_t version = i < 2 ? HF_TLS13 : HF_TLS12;
        hf_role writer = i % 2 ? HF_CLIENT : HF_SERVER;
        const char *words = purpose_of(msg, version, writer);
        const char *other = purpose_of(msg, i < 2 ? HF_TLS12 : HF_TLS13, writer);
        bool both = in13 && in12, new = i < 2 ? in13 != NULL : in12 != NULL;
        for (size_t k = 0; k < n; k++)
            new = new &&strcmp(told[k], words) != 0;
        if (!new)
            continue;
        told[n++] = words;
        hf_entry_line(entry, "", "%s%s",
                      !both || strcmp(words, other) == 0 ? ""
                      : i < 2                            ? "In TLS 1.3: "
                                                         : "In TLS 1.2: ",
                      words);
    }
}

/* HelloRetryRequest is a ServerHello on the wire, ChangeCipherSpec none of these at all. */
static bool has_type(hf_msg msg)
{
    return msg != HF_MSG_HelloRetryRequest && msg != HF_MSG_ChangeCipherSpec;
}

static void put_message(hf_msg msg, hf_entries *entries)
{
    const char *in13 = row_source(msg, true), *in12 = row_source(msg, false);
    hf_entry entry;
    char number[16] = "";

    if (has_type(msg))
        snprintf(number, sizeof number, "%u", hf_msg_type(msg));
    hf_entry_begin(&entry, msg == HF_MSG_ChangeCipherSpec ? "a record of one byte" : "a message",
                   hf_msg_name(msg), number);
    add_purposes(&entry, msg, in13, in12);
    if (in13)
        hf_entry_line(&entry, "TLS 1.3", "%s", in13);
    if (in12 && (!in13 || strcmp(in12, in13) != 0))
        hf_entry_line(&entry, "TLS 1.2", "%s", in12);
    hf_entries_put(entries, &entry);
}

static bool is_of_type(const hf_asked *asked, hf_msg msg)
{
    return has_type(msg) && !asked->width && asked->number == hf_msg_type(msg);
}

static void explain_messages(const hf_asked *asked, hf_entries *entries)
{
    for (int msg = HF_MSG_NONE + 1; msg < HF_MSG_UNKNOWN; msg++)
        if (asked->number >= 0 ? is_of_type(asked, (hf_msg)msg)
                               : hf_asked_is(asked, hf_msg_name((hf_msg)msg)))
            put_message((hf_msg)msg, entries);
}

/* ---- fields and terms ---- */

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot ? dot + 1 : path;
}

static void explain_fields(const hf_asked *asked, hf_entries *entries)
{
    const hf_meaning *row;
    size_t n = 0;

    for (size_t i = 0; (row = hf_meaning_row(i)) != NULL && n < FIELDS_MAX; i++) {
        hf_entry entry;
        if (!hf_asked_is(asked, last_part(row->path)) && strcasecmp(asked->word, row->path) != 0)
            continue;
        if (!strchr(row->path, '.') &&
            entries->n > 0) /* an extension or a message, which was explained as such */
            continue;
        hf_entry_begin(&entry, "a field", row->path, "");
        hf_entry_line(&entry, "", "%s", row->meaning);
        if (strcmp(row->source, "-") != 0)
            hf_entry_line(&entry, "rule", "%s", row->source);
        hf_entries_put(entries, &entry);
        n++;
    }
}

static void explain_term(const hf_asked *asked, hf_entries *entries)
{
    char spaced[HF_ENTRY_TEXT];
    const hf_term *term = hf_term_named(asked->word);
    hf_entry entry;

    snprintf(spaced, sizeof spaced, "%s", asked->word);
    for (char *c = spaced; *c; c++)
        *c = *c == '_' || *c == '-' ? ' ' : *c;
    if (!term)
        term = hf_term_named(spaced);
    if (!term)
        return;
    hf_entry_begin(&entry, "a term", term->term, "");
    hf_entry_line(&entry, "", "%c%s.", toupper((unsigned char)term->brief[0]), term->brief + 1);
    hf_entry_line(&entry, "", "%s", term->more);
    hf_entry_line(&entry, "source", "%s", term->source);
    hf_entries_put(entries, &entry);
}

/* ---- all of it ---- */

static void explain_grease(const hf_asked *asked, hf_entries *entries)
{
    char number[16];
    hf_entry entry;

    snprintf(number, sizeof number, "0x%04x", (unsigned)asked->number & 0xffff);
    hf_entry_begin(&entry, "a value that means nothing", "GREASE", number);
    hf_entry_line(
        &entry, "",
        "Clients put such values into their lists, at random, so that servers stay used to "
        "passing over what they do not know.");
    hf_entry_line(&entry, "rule", "RFC 8701 2");
    hf_entries_put(entries, &entry);
}

static void explain(const char *word, hf_entries *entries)
{
    hf_asked asked = hf_asked_of(word);
    bool is_name = asked.number < 0;

    if (!is_name && asked.number > 0xff && hf_is_grease((uint16_t)asked.number)) {
        explain_grease(&asked, entries);
        return;
    }

    if (is_name)
        explain_errors(&asked, entries);
    explain_messages(&asked, entries);
    hf_explain_names(&asked, entries);
    if (is_name) {
        hf_explain_secrets(&asked, entries);
        explain_term(&asked, entries);
        explain_fields(&asked, entries);
        hf_explain_reasons(&asked, entries);
    }
}

bool hf_explain_knows(const char *word)
{
    hf_entries entries = { .json = json_array() };

    explain(word, &entries);
    json_decref(entries.json);
    return entries.n > 0;
}

static void try_name(void *nearest, const char *name)
{
    hf_nearest_try(nearest, name);
}

static const char *nearest_to(const char *word)
{
    hf_nearest nearest = { .word = strncasecmp(word, "HF_E_", 5) == 0 ? word + 5 : word };
    const hf_term *term;

    for (int e = 1; e < HF_ERROR_COUNT; e++)
        hf_nearest_try(&nearest, hf_error_row_of((hf_error)e)->name);
    for (int msg = HF_MSG_NONE + 1; msg < HF_MSG_UNKNOWN; msg++)
        hf_nearest_try(&nearest, hf_msg_name((hf_msg)msg));
    hf_explain_each_name(try_name, &nearest);
    hf_explain_each_secret(try_name, &nearest);
    hf_explain_each_reason(try_name, &nearest);
    for (size_t i = 0; (term = hf_term_row(i)) != NULL; i++)
        hf_nearest_try(&nearest, term->term);
    return nearest.best;
}

static int unknown(const char *word)
{
    const char *near = nearest_to(word);

    hf_error_what("there is no file and no code of that name: %.200s", word);
    if (strpbrk(word, ".:")) {
        hf_error_why("it looks like a server, or like a file that is not here");
        hf_error_next("to see a server's handshake: handfast trace %.200s", word);
        return HF_EXIT_USAGE;
    }
    if (near) {
        hf_error_why("did you mean %s?", near);
        hf_error_next(strchr(near, ' ') ? "write: handfast explain '%s'"
                                        : "write: handfast explain %s",
                      near);
        return HF_EXIT_USAGE;
    }
    hf_error_why(
        "it is no error of handfast's, no alert, message, suite, group, scheme, extension or "
        "field, by name or number; and no secret or term that the glossary has");
    hf_error_next(
        "see what there is: handfast list (suites, groups, schemes), man handfast-explain, "
        "docs/errors.md (errors)");
    return HF_EXIT_USAGE;
}

int hf_explain_code(const char *word, const hf_show_options *show)
{
    hf_entries entries = { .json = show->json ? json_array() : NULL,
                           .all = show->json || show->verbose > 0 };

    explain(word, &entries);
    if (entries.n == 0) {
        json_decref(entries.json);
        return unknown(word);
    }
    return show->json
               ? hf_json_print(json_pack("{s:s s:o s:o}", "schema", "handfast.explain/1", "asked",
                                         hf_json_text(word), "entries", entries.json),
                               true)
               : HF_EXIT_OK;
}
