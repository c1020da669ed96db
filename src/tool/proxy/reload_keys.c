/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What two configurations differ in, key by key of the table that reads them: so no key can change without words of its own.
 * Elements of lists are known by what they say, sites by their label, other mappings by their first key (a backend's address, a
 * certificate's chain); of elements that say the same the first is held against the first, the second against the second.
 */
#include "tool/proxy/reload_keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tool/proxy/fault.h"
#include "tool/proxy/value.h"

enum { PATH_ROOM = 256, LINE_ROOM = 512 };

typedef struct both {
    json_t *out;
    const char *above;     /* in the table: "sites[].backend[]" */
    char shown[PATH_ROOM]; /* in the file: "sites[a.test].backend[127.0.0.1:80]" */
    const char *a, *b;     /* the two structs */
} both;

static void tell(const both *at, const hf_key *key, const char *words)
{
    char line[LINE_ROOM];

    snprintf(line, sizeof line, "%s%s%s: %s", at->shown, *at->shown ? "." : "", hf_key_name(key),
             words);
    json_array_append_new(at->out, json_string(line));
}

/* ---- one value ---- */

static uint64_t number_at(const hf_key *key, const char *base)
{
    const char *from = base + key->at;
    uint64_t large;
    unsigned middle;

    if (key->size == sizeof large)
        return memcpy(&large, from, sizeof large), large;
    if (key->size == sizeof middle)
        return memcpy(&middle, from, sizeof middle), middle;
    return (uint8_t)*from;
}

static void choice_words(const hf_key *key, uint64_t number, char out[HF_SHOWN_MAX])
{
    const char *list = key->row.values;
    char word[32] = "";

    for (uint64_t i = 0; hf_value_word(&list, word) && i < number; i++)
        continue;
    snprintf(out, HF_SHOWN_MAX, "%s", word);
}

/* In the greatest unit that it is a whole number of. */
static void duration_words(uint64_t ms, char out[HF_SHOWN_MAX])
{
    static const struct {
        const char *name;
        uint64_t of;
    } units[] = { { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 } };
    size_t i = ms == 0 ? 3 : 0;

    while (ms % units[i].of != 0)
        i++;
    snprintf(out, HF_SHOWN_MAX, "%" PRIu64 "%s", ms / units[i].of, units[i].name);
}

static void size_words(uint64_t bytes, char out[HF_SHOWN_MAX])
{
    bool whole = bytes > 0 && bytes % 1024 == 0;

    snprintf(out, HF_SHOWN_MAX, "%" PRIu64 "%s", whole ? bytes / 1024 : bytes, whole ? "KiB" : "");
}

static void number_words(const hf_key *key, uint64_t number, char out[HF_SHOWN_MAX])
{
    switch (key->kind) {
    case HF_KIND_BOOL: snprintf(out, HF_SHOWN_MAX, "%s", number ? "true" : "false"); break;
    case HF_KIND_CHOICE: choice_words(key, number, out); break;
    case HF_KIND_DURATION: duration_words(number, out); break;
    case HF_KIND_SECONDS: duration_words(number * 1000, out); break;
    case HF_KIND_SIZE: size_words(number, out); break;
    default:
        if (number == 0 && key->row.standard && !*key->row.standard)
            snprintf(out, HF_SHOWN_MAX, "none");
        else
            snprintf(out, HF_SHOWN_MAX, "%" PRIu64, number);
    }
}

static const char *text_at(const hf_key *key, const char *base)
{
    return ((const hf_config_text *)(const void *)(base + key->at))->text;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void value_words(const hf_key *key, const char *base, char out[HF_SHOWN_MAX])
{
    if (hf_kind_is_number(key->kind))
        number_words(key, number_at(key, base), out);
    else
        hf_fault_shown(text_at(key, base) ? text_at(key, base) : "none", out);
}

static void compare_value(const both *at, const hf_key *key)
{
    char from[HF_SHOWN_MAX], to[HF_SHOWN_MAX], words[3 * HF_SHOWN_MAX];

    if (hf_kind_is_number(key->kind) ? number_at(key, at->a) == number_at(key, at->b)
                                     : same_text(text_at(key, at->a), text_at(key, at->b)))
        return;
    value_words(key, at->a, from);
    value_words(key, at->b, to);
    snprintf(words, sizeof words, "%s -> %s", from, to);
    tell(at, key, words);
}

/* ---- lists ---- */

static const hf_config_list *list_at(const hf_key *key, const char *base)
{
    return (const void *)(base + key->at);
}

static bool has(const hf_config_list *list, const char *text)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->at[i].text, text) == 0)
            return true;
    return false;
}

static bool same_list(const hf_config_list *a, const hf_config_list *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++)
        if (strcmp(a->at[i].text, b->at[i].text) != 0)
            return false;
    return a->n == b->n;
}

static void tell_element(const both *at, const hf_key *key, const char *element, const char *word)
{
    char shown[HF_SHOWN_MAX], words[2 * HF_SHOWN_MAX];

    snprintf(words, sizeof words, "%s %s", hf_fault_shown(element, shown), word);
    tell(at, key, words);
}

/* Those of `of` that the other lacks; how many. */
static size_t tell_lacking(const both *at, const hf_key *key, const hf_config_list *of,
                           const hf_config_list *other, const char *word)
{
    size_t n = 0;

    for (size_t i = 0; i < of->n; i++)
        if (!has(other, of->at[i].text)) {
            tell_element(at, key, of->at[i].text, word);
            n++;
        }
    return n;
}

static void compare_texts(const both *at, const hf_key *key)
{
    const hf_config_list *a = list_at(key, at->a), *b = list_at(key, at->b);

    if (same_list(a, b))
        return;
    if (tell_lacking(at, key, b, a, "is new") + tell_lacking(at, key, a, b, "is gone") == 0)
        tell(at, key, "another order");
}

static void compare_numbers(const both *at, const hf_key *key)
{
    size_t n, m;

    memcpy(&n, at->a + key->count_at, sizeof n);
    memcpy(&m, at->b + key->count_at, sizeof m);
    if (n != m || memcmp(at->a + key->at, at->b + key->at, n * sizeof(unsigned)) != 0)
        tell(at, key, "other numbers");
}

/* ---- keys below ---- */

static void compare_below(const both *at);

static both below(const both *at, const hf_key *key, const char *above)
{
    both inner = { .out = at->out, .above = above };

    snprintf(inner.shown, sizeof inner.shown, "%.120s%s%s", at->shown, *at->shown ? "." : "",
             hf_key_name(key));
    return inner;
}

static bool is_there(const hf_key *key, const char *base)
{
    return ((const hf_place *)(const void *)(base + key->at))->line > 0;
}

/* One that gives its standards when it is left out is always there. */
static void compare_map(const both *at, const hf_key *key)
{
    bool always = key->row.standard && strcmp(key->row.standard, "{}") == 0;
    both inner = below(at, key, key->row.path);

    inner.a = at->a;
    inner.b = at->b;
    if (!always && is_there(key, at->a) != is_there(key, at->b))
        tell(at, key, is_there(key, at->b) ? "is new" : "is gone");
    else if (always || is_there(key, at->a))
        compare_below(&inner);
}

typedef struct elements {
    const char *at; /* the first */
    size_t n, one;
    const hf_key *name; /* by which each is known */
} elements;

static elements elements_at(const hf_key *key, const char *base, const char *above)
{
    elements e = { .at = base + key->at, .one = key->one };

    memcpy(&e.n, base + key->count_at, sizeof e.n);
    if (key->size == sizeof e.at)
        memcpy(&e.at, base + key->at, sizeof e.at);
    for (size_t i = 0; !e.name; i++)
        if (hf_key_is_below(hf_key_at(i), above))
            e.name = hf_key_at(i);
    return e;
}

static const char *name_of(const elements *e, size_t i)
{
    return text_at(e->name, e->at + i * e->one);
}

/* The one of that name, as many of it skipped as stand before it in its own list; NULL. */
static const char *partner(const elements *e, size_t i, const elements *other)
{
    size_t skip = 0;

    for (size_t k = 0; k < i; k++)
        skip += strcmp(name_of(e, k), name_of(e, i)) == 0;
    for (size_t k = 0; k < other->n; k++)
        if (strcmp(name_of(other, k), name_of(e, i)) == 0 && skip-- == 0)
            return other->at + k * other->one;
    return NULL;
}

static void compare_elements(const both *at, const hf_key *key)
{
    char above[64], shown[HF_SHOWN_MAX];

    snprintf(above, sizeof above, "%s[]", key->row.path);
    elements a = elements_at(key, at->a, above), b = elements_at(key, at->b, above);
    for (size_t i = 0; i < b.n; i++) {
        both inner = below(at, key, above);
        size_t n = strlen(inner.shown);
        snprintf(inner.shown + n, sizeof inner.shown - n, "[%s]",
                 hf_fault_shown(name_of(&b, i), shown));
        inner.a = partner(&b, i, &a);
        inner.b = b.at + i * b.one;
        if (inner.a)
            compare_below(&inner);
        else
            tell_element(at, key, name_of(&b, i), "is new");
    }
    for (size_t i = 0; i < a.n; i++)
        if (!partner(&a, i, &b))
            tell_element(at, key, name_of(&a, i), "is gone");
}

static void compare_key(const both *at, const hf_key *key)
{
    switch (key->shape) {
    case HF_SHAPE_ONE: compare_value(at, key); break;
    case HF_SHAPE_LIST:
        (hf_kind_is_number(key->kind) ? compare_numbers : compare_texts)(at, key);
        break;
    case HF_SHAPE_MAP: compare_map(at, key); break;
    default:
        if (strcmp(key->row.path, "sites") != 0) /* by who calls: they have labels */
            compare_elements(at, key);
    }
}

static void compare_below(const both *at)
{
    const hf_key *key;

    for (size_t i = 0; (key = hf_key_at(i)); i++)
        if (hf_key_is_below(key, at->above))
            compare_key(at, key);
}

/* ---- the two ways in ---- */

void hf_reload_compare_top(json_t *out, const hf_proxy_config *a, const hf_proxy_config *b)
{
    both at = { .out = out, .above = "", .a = (const char *)a, .b = (const char *)b };

    compare_below(&at);
}

void hf_reload_compare_site(json_t *out, const char *label, const hf_config_site *a,
                            const hf_config_site *b)
{
    both at = { .out = out, .above = "sites[]", .a = (const char *)a, .b = (const char *)b };
    char shown[HF_SHOWN_MAX];

    snprintf(at.shown, sizeof at.shown, "sites[%s]", hf_fault_shown(label, shown));
    compare_below(&at);
}
