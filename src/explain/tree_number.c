/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Numbers of messages in words: code points by name, times and sizes with their units. */
#include "explain/tree_parts.h"

static void say_seconds(hf_words *words, uint64_t s)
{
    static const struct {
        unsigned seconds;
        const char *name;
    } units[] = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" } };

    hf_words_add(words, "%llu second%s", (unsigned long long)s, s == 1 ? "" : "s");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (s > 0 && s % units[i].seconds == 0) {
            uint64_t n = s / units[i].seconds;
            hf_words_add(words, " (%llu %s%s)", (unsigned long long)n, units[i].name,
                         n == 1 ? "" : "s");
            return;
        }
}

void hf_size_say(hf_words *words, uint64_t n)
{
    hf_words_add(words, "%llu byte%s", (unsigned long long)n, n == 1 ? "" : "s");
}

static void say_lifetime_hint(hf_words *words, uint64_t s)
{
    if (s == 0)
        hf_words_add(words, "0: not said");
    else
        say_seconds(words, s);
}

static void say_hidden_age(hf_words *words, uint64_t age)
{
    hf_words_add(words, "%llu: milliseconds since the ticket came, plus its ticket_age_add",
                 (unsigned long long)age);
}

static void say_place(hf_words *words, uint64_t place)
{
    hf_words_add(words, "%llu", (unsigned long long)place);
    if (place == 0)
        hf_words_add(words, ": the first that the client offered");
}

static const struct {
    const char *name;
    void (*say)(hf_words *, uint64_t);
} units[] = {
    { "length", hf_size_say },
    { "ticket_lifetime", say_seconds },
    { "ticket_lifetime_hint", say_lifetime_hint },
    { "obfuscated_ticket_age", say_hidden_age },
    { "max_early_data_size", hf_size_say },
    { "RecordSizeLimit", hf_size_say },
    { "selected_identity", say_place },
    { "uncompressed_length", hf_size_say },
};

void hf_number_say(hf_words *words, const hf_node *at)
{
    char text[HF_NAME_ROOM];

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].name, at->name) == 0) {
            units[i].say(words, at->value);
            return;
        }
    if (at->meaning && at->meaning->names != HF_NAMES_NONE)
        hf_words_add(words, "%s", hf_code_text(at->meaning->names, at->value, text));
    else
        hf_words_add(words, "%llu", (unsigned long long)at->value);
}
