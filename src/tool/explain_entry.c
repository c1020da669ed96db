/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What was asked, read as a name or a number; and what is known of it, as lines of text or as JSON. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool/explain.h"
#include "tool/json_text.h"
#include "tool/say.h"

/* ---- entries ---- */

void hf_entry_begin(hf_entry *entry, const char *kind, const char *name, const char *number)
{
    entry->kind = kind;
    entry->n = 0;
    snprintf(entry->name, sizeof entry->name, "%s", name);
    snprintf(entry->number, sizeof entry->number, "%s", number);
}

void hf_entry_line(hf_entry *entry, const char *label, const char *format, ...)
{
    va_list args;

    if (entry->n == HF_ENTRY_LINES)
        return;
    va_start(args, format);
    vsnprintf(entry->line[entry->n].text, HF_ENTRY_TEXT, format, args);
    va_end(args);
    entry->line[entry->n].label = label;
    entry->n += entry->line[entry->n].text[0] != '\0';
}

static json_t *json_of(const hf_entry *e)
{
    json_t *lines = json_array();

    for (size_t i = 0; i < e->n; i++)
        json_array_append_new(lines, json_pack("{s:o s:o}", "label",
                                               hf_json_text_or_null(e->line[i].label), "text",
                                               hf_json_text(e->line[i].text)));
    return json_pack("{s:s s:o s:o s:o}", "kind", e->kind, "name", hf_json_text(e->name), "number",
                     hf_json_text_or_null(e->number), "lines", lines);
}

static void put_lines(const hf_entry *e)
{
    for (size_t i = 0; i < e->n; i++) {
        const char *label = e->line[i].label;
        bool again = i > 0 && strcmp(label, e->line[i - 1].label) == 0;
        if (*label)
            hf_out_lines("  %-10s  %s\n", again ? "" : label, e->line[i].text);
        else
            hf_out_lines("  %s\n", e->line[i].text);
    }
}

void hf_entries_put(hf_entries *entries, const hf_entry *e)
{
    entries->n++;
    if (entries->json) {
        json_array_append_new(entries->json, json_of(e));
        return;
    }
    if (entries->n > 1)
        hf_out("\n");
    hf_out_lines(HF_BOLD "%s" HF_PLAIN "%s%s%s: %s\n", e->name, *e->number ? " (" : "", e->number,
                 *e->number ? ")" : "", e->kind);
    put_lines(e);
}

/* ---- the word ---- */

bool hf_asked_is(const hf_asked *asked, const char *name)
{
    const char *a = asked->name;

    for (;;) {
        a += strspn(a, " -_");
        name += strspn(name, " -_");
        if (tolower((unsigned char)*a) != tolower((unsigned char)*name))
            return false;
        if (!*a)
            return true;
        a++;
        name++;
    }
}

/* "40", "0x1301", and "0x13,0x01" as IANA's tables have it. Not c02f, which could be a name. */
static void read_number(hf_asked *asked)
{
    char digits[32], *end;
    const char *comma = strstr(asked->word, ",0x");
    size_t n;

    asked->number = -1;
    asked->width = 0;
    if (strlen(asked->word) >= sizeof digits || !isdigit((unsigned char)asked->word[0]))
        return;
    snprintf(digits, sizeof digits, "%.*s%s",
             comma ? (int)(comma - asked->word) : (int)strlen(asked->word), asked->word,
             comma ? comma + 3 : "");
    asked->hex = strncasecmp(digits, "0x", 2) == 0;
    n = strlen(digits);
    long value = strtol(digits + (asked->hex ? 2 : 0), &end, asked->hex ? 16 : 10);
    if (*end || end == digits + 2 * asked->hex || value > 0xffff)
        return;
    asked->number = value;
    asked->width = asked->hex && n == 6 ? 2 : 0;
}

hf_asked hf_asked_of(const char *word)
{
    bool prefixed = strncasecmp(word, "HF_E_", 5) == 0;
    hf_asked asked = { .word = word, .name = prefixed ? word + 5 : word };

    read_number(&asked);
    return asked;
}
