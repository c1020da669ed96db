/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `proxy status --failures`: each failed handshake as people ask about it: when, who, what, whose fault, what to do, and where to look. */
#include "tool/proxy/failures_ring.h"

#include <string.h>

#include "tool/proxy/status_words.h"

static void say_part(hf_text *out, const char *name, const char *text)
{
    if (!*text)
        return;
    hf_text_print(out, "    %-8s ", name);
    hf_words_safe(out, text);
    hf_text_say(out, "\n");
}

static void say_head(hf_text *out, const json_t *one)
{
    const char *site = hf_word_of(one, "site"), *sni = hf_word_of(one, "sni");

    hf_words_safe(out, hf_word_of(one, "ts"));
    hf_text_say(out, "  ");
    hf_words_safe(out, hf_word_of(one, "client"));
    hf_text_say(out, "  ");
    hf_words_safe(out, *site ? site : *sni ? sni : "no name");
    hf_text_say(out, !*site && *sni ? " (no site of that name)\n" : "\n");
}

static const char *blame_words(const char *blame)
{
    static const char *const words[][2] = {
        { "peer", "the client's" },
        { "us", "the proxy's" },
        { "network", "the network's" },
        { "config", "the configuration's" },
        { "policy", "nobody's: both are sound, and the policy says no" },
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(blame, words[i][0]) == 0)
            return words[i][1];
    return blame;
}

/* To be taken as it is by a shell, unless a terminal would take it for something else. */
static void say_file(hf_text *out, const char *path)
{
    for (const char *p = path; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            hf_words_safe(out, path);
            return;
        }
    hf_text_say_word(out, path);
}

/* Alike: of one site, for one reason, at one step; whoever they came from. */
static bool is_alike(const json_t *a, const json_t *b)
{
    static const char *const keys[] = { "reason", "code", "step" };
    const json_t *f = json_object_get(a, "failure"), *g = json_object_get(b, "failure");
    bool same = strcmp(hf_word_of(a, "site"), hf_word_of(b, "site")) == 0 &&
                (*hf_word_of(a, "site") || strcmp(hf_word_of(a, "sni"), hf_word_of(b, "sni")) == 0);

    for (size_t i = 0; same && i < sizeof keys / sizeof *keys; i++)
        same = strcmp(hf_word_of(f, keys[i]), hf_word_of(g, keys[i])) == 0;
    return same;
}

static bool was_told(const json_t *failures, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (is_alike(json_array_get(failures, i), json_array_get(failures, at)))
            return true;
    return false;
}

/* Of those that are told with that one. */
static void say_others(hf_text *out, const json_t *failures, size_t at)
{
    const json_t *oldest = json_array_get(failures, at);
    bool others = false;
    size_t n = 1;

    for (size_t i = at + 1; i < json_array_size(failures); i++)
        if (is_alike(json_array_get(failures, i), json_array_get(failures, at))) {
            const json_t *last = oldest;
            oldest = json_array_get(failures, i);
            others =
                others || strcmp(hf_word_of(last, "client"), hf_word_of(oldest, "client")) != 0;
            n++;
        }
    if (n == 1)
        return;
    hf_text_print(out, "    times    %zu like this, the first ", n);
    hf_words_safe(out, hf_word_of(oldest, "ts"));
    hf_text_say(out, others ? ", from several clients\n" : ", all from this client\n");
}

static void say_one(hf_text *out, const json_t *failures, size_t at)
{
    const json_t *one = json_array_get(failures, at);
    const json_t *failure = json_object_get(one, "failure");
    const char *trace = hf_word_of(one, "trace");

    say_head(out, one);
    say_others(out, failures, at);
    say_part(out, "what", hf_word_of(failure, "text"));
    say_part(out, "why", hf_word_of(one, "why"));
    say_part(out, "step", hf_word_of(failure, "step"));
    say_part(out, "fault", blame_words(hf_word_of(failure, "blame")));
    say_part(out, "rule", hf_word_of(failure, "source"));
    say_part(out, "next", hf_word_of(failure, "hint"));
    if (*trace) {
        hf_text_say(out, "    see it   handfast explain ");
        say_file(out, trace);
        hf_text_say(out, "\n");
    }
}

bool hf_failures_words(const json_t *failures, hf_text *out)
{
    size_t n = json_array_size(failures);

    hf_text_say(out, n == 0 ? "no handshake failed since the proxy was started\n"
                            : "newest first; alike ones are told once\n\n");
    for (size_t i = 0, told = 0; i < n; i++) {
        if (was_told(failures, i))
            continue;
        hf_text_say(out, told++ > 0 ? "\n" : "");
        say_one(out, failures, i);
    }
    return !out->full;
}
