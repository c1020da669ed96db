/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Words of a configuration, kind by kind. Numbers are decimal, without signs, fractions or leading zeros. */
#include "tool/proxy/value.h"

#include <ctype.h>
#include <handfast/policy.h>
#include <stdio.h>
#include <string.h>

#include "tool/listener.h"
#include "tool/suggest.h"
#include "tool/target.h"

enum { PATH_TEXT_MAX = 4095, SOCKET_TEXT_MAX = 107, USER_MAX = 32, POLICIES_MAX = 16 };

#define TEACHING "classroom"

static bool says(hf_value *value, const char *why)
{
    if (why)
        snprintf(value->why, sizeof value->why, "%s", why);
    return !why;
}

/* ---- numbers ---- */

typedef struct unit {
    const char *name;
    uint64_t of;
} unit;

static const unit plain[] = { { "", 1 }, { NULL, 0 } };
static const unit times[] = { { "s", 1000 },    { "", 1000 },      { "ms", 1 }, { "m", 60000 },
                              { "h", 3600000 }, { "d", 86400000 }, { NULL, 0 } };
static const unit sizes[] = {
    { "KiB", 1024 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 }, { "", 1 }, { NULL, 0 }
};

/* Leading digits; how many, 0: none, or too many for any use. */
static size_t digits(const char *text, uint64_t *out)
{
    size_t n = strspn(text, "0123456789");

    *out = 0;
    if (n == 0 || n > 12 || (n > 1 && text[0] == '0'))
        return 0;
    for (size_t i = 0; i < n; i++)
        *out = *out * 10 + (uint64_t)(text[i] - '0');
    return n;
}

static bool measure(const char *text, const unit *units, uint64_t *out)
{
    size_t n = digits(text, out);

    for (; n > 0 && units->name; units++)
        if (strcmp(units->name, text + n) == 0) {
            *out *= units->of;
            return true;
        }
    return false;
}

static const unit *units_of(hf_key_kind kind)
{
    return kind == HF_KIND_DURATION || kind == HF_KIND_SECONDS ? times
           : kind == HF_KIND_SIZE                              ? sizes
                                                               : plain;
}

static const char *units_words(hf_key_kind kind)
{
    return units_of(kind) == times
               ? "a duration is a number with ms, s, m, h or d (10s, 5m), or of seconds without one"
           : units_of(kind) == sizes
               ? "a size is a number with KiB, MiB or GiB, or of bytes without one"
               : "it is written in decimal digits alone, without a leading 0";
}

bool hf_value_bounds(const hf_key *key, uint64_t *low, uint64_t *high)
{
    const char *values = key->row.values, *to = strstr(values, " to ");
    const unit *units = units_of(key->row.list ? HF_KIND_COUNT : key->kind);
    char from[32];

    if (!to || (size_t)(to - values) >= sizeof from)
        return false;
    snprintf(from, sizeof from, "%.*s", (int)(to - values), values);
    return measure(from, units, low) && measure(to + 4, units, high);
}

static bool read_number(const hf_key *key, hf_value *value)
{
    uint64_t low = 1, high = 100; /* of a percentage */

    if (!measure(value->text, units_of(key->kind), &value->number))
        return says(value, units_words(key->kind));
    if (key->kind != HF_KIND_PERCENT && !hf_value_bounds(key, &low, &high))
        return true;
    value->beyond = value->number < low || value->number > high;
    if (value->beyond) {
        snprintf(value->why, sizeof value->why, "it goes from %s",
                 key->kind == HF_KIND_PERCENT ? "1 to 100" : key->row.values);
        return false;
    }
    if (key->kind == HF_KIND_SECONDS && value->number % 1000 != 0)
        return says(value, "it is counted in whole seconds");
    if (key->kind == HF_KIND_SECONDS)
        value->number /= 1000;
    return true;
}

/* ---- words ---- */

const char *hf_value_word(const char **list, char out[32])
{
    size_t n = strcspn(*list, ",");

    if (n == 0 || n >= 32)
        return NULL;
    memcpy(out, *list, n);
    out[n] = '\0';
    *list += n;
    *list += strspn(*list, ", ");
    return out;
}

static bool read_choice(const hf_key *key, hf_value *value)
{
    const char *list = key->row.values;
    hf_nearest nearest = { .word = value->text };
    char word[32], near[32] = "";

    for (value->number = 0; hf_value_word(&list, word); value->number++) {
        if (strcmp(word, value->text) == 0)
            return true;
        nearest.best = NULL;
        nearest.distance = 0;
        hf_nearest_try(&nearest, word);
        if (nearest.best && !near[0])
            memcpy(near, word, sizeof near);
    }
    snprintf(value->why, sizeof value->why, "it is one of: %s%s%s%s", key->row.values,
             near[0] ? "; did you mean " : "", near, near[0] ? "?" : "");
    return false;
}

static bool read_bool(hf_value *value)
{
    value->number = strcmp(value->text, "true") == 0;
    if (value->quoted)
        return says(value, "it is written without quotes");
    if (value->number || strcmp(value->text, "false") == 0)
        return true;
    return says(value,
                "yes, no, on and off are words like any other here, and so are True and FALSE");
}

/* ---- texts ---- */

static const char *check_path(const char *text, size_t max)
{
    return strlen(text) > max ? "it is longer than the system allows" : NULL;
}

static const char *check_user(const char *text)
{
    if (strlen(text) > USER_MAX)
        return "it is longer than 32 bytes";
    return strpbrk(text, ":/, \t") || *text == '-' ? "it holds a character that no user name has"
                                                   : NULL;
}

static const char *check_protocol(const char *text)
{
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p > 0x7e)
            return "it holds a character that is not visible ASCII";
    return strlen(text) > 255 ? "it is longer than 255 bytes (RFC 7301 3.1)" : NULL;
}

/* Paths are compared as they come, so there is one way only to write each. */
static const char *check_url_path(const char *text)
{
    if (*text != '/')
        return "it begins with /";
    if (strpbrk(text, "?#%;\\ \t"))
        return "it is compared without query and escapes, so ? # % ; \\ and blanks cannot stand in "
               "it";
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p > 0x7e)
            return "letters beyond ASCII have several spellings, and none of them may be missed: "
                   "protect the path above it";
    for (const char *p = strchr(text, '/'); p; p = strchr(p + 1, '/')) {
        size_t n = strcspn(p + 1, "/");
        if ((n == 0 && p[1] == '/') || (n == 1 && p[1] == '.') ||
            (n == 2 && p[1] == '.' && p[2] == '.'))
            return "//, /./ and /../ cannot stand in it";
    }
    return strlen(text) > PATH_TEXT_MAX ? "it is longer than 4095 bytes" : NULL;
}

/* "modern-2026-11" without its date. */
static void say_family(const char *name, char out[32])
{
    const char *date = strstr(name, "-20");

    snprintf(out, 32, "%.*s", (int)(date ? (size_t)(date - name) : strlen(name)), name);
}

static void suggest_policy(hf_value *value)
{
    hf_nearest nearest = { .word = value->text };
    char families[POLICIES_MAX][32];
    const hf_policy *row;

    for (size_t i = 0; i < POLICIES_MAX && (row = hf_policy_row(i)); i++) {
        say_family(row->name, families[i]);
        if (strcmp(families[i], TEACHING) != 0)
            hf_nearest_try(&nearest, families[i]);
    }
    snprintf(value->why, sizeof value->why, "there is none of that name%s%s%s",
             nearest.best ? "; did you mean " : "", nearest.best ? nearest.best : "",
             nearest.best ? "?" : "");
}

static bool read_policy(hf_value *value)
{
    const hf_policy *policy = hf_policy_named(value->text);
    char family[32] = "";

    if (policy)
        say_family(policy->name, family);
    else
        suggest_policy(value);
    if (strcmp(family, TEACHING) == 0)
        return says(
            value,
            "it is for teaching: without forward secrecy, whoever gets the key later reads all "
            "that was recorded, so a proxy in front of a service never speaks it");
    return policy != NULL;
}

static const char *check_listen(const char *text)
{
    hf_listener listener;

    return hf_listener_parse(text, &listener);
}

static const char *check_address(const char *text)
{
    hf_backend_kind kind;
    char host[256];
    uint16_t port;

    return hf_backend_parse(text, &kind, host, &port);
}

/* These are kept as what DNS and certificates carry. */
static bool read_name(const hf_key *key, hf_value *value)
{
    const char *wrong = key->kind == HF_KIND_NAME ? hf_site_name(value->text, value->room)
                                                  : hf_target_name(value->text, value->room);

    value->text = value->room;
    return says(value, wrong);
}

static bool read_text(const hf_key *key, hf_value *value)
{
    const char *text = value->text;

    switch (key->kind) {
    case HF_KIND_LISTEN: return says(value, check_listen(text));
    case HF_KIND_ADDRESS: return says(value, check_address(text));
    case HF_KIND_NETWORK: return says(value, hf_network_parse(text));
    case HF_KIND_NAME:
    case HF_KIND_HOST: return read_name(key, value);
    case HF_KIND_SOCKET: return says(value, check_path(text, SOCKET_TEXT_MAX));
    case HF_KIND_URL_PATH: return says(value, check_url_path(text));
    case HF_KIND_PROTOCOL: return says(value, check_protocol(text));
    case HF_KIND_POLICY: return read_policy(value);
    case HF_KIND_USER: return says(value, check_user(text));
    default: return says(value, check_path(text, PATH_TEXT_MAX));
    }
}

bool hf_value_read(const hf_key *key, hf_value *value)
{
    if (key->kind == HF_KIND_BOOL)
        return read_bool(value);
    if (key->kind == HF_KIND_CHOICE)
        return read_choice(key, value);
    return hf_kind_is_number(key->kind) ? read_number(key, value) : read_text(key, value);
}
