/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One member at a time out of a file that anybody may have written. */
#include <stdarg.h>
#include <stdio.h>

#include "explain/json_read.h"

/* ---- complaints ---- */

/* What is said may quote the file. */
static void clean(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f)
            *text = '?';
}

void hf_jr_refuse(hf_jr *r, const char *name, const char *what, ...)
{
    va_list args;

    if (r->error)
        return;
    r->error = HF_E_TRACE_FORMAT;
    int n = snprintf(r->why, HF_WHY_ROOM, "%s%s: ", r->place, name);
    va_start(args, what);
    if (n > 0 && n < HF_WHY_ROOM)
        vsnprintf(r->why + n, (size_t)(HF_WHY_ROOM - n), what, args);
    va_end(args);
    clean(r->why);
}

void hf_jr_enter(hf_jr *r, const char *name)
{
    snprintf(r->place, sizeof r->place, "%s%s", name, *name ? "." : "");
}

void hf_jr_enter_item(hf_jr *r, const char *name, size_t i)
{
    snprintf(r->place, sizeof r->place, "%s[%zu].", name, i);
}

/* ---- members ---- */

/* NULL: there is no such member, or it is null. */
static const json_t *member(hf_jr *r, const json_t *object, const char *name)
{
    const json_t *value = r->error ? NULL : json_object_get(object, name);

    return value && !json_is_null(value) ? value : NULL;
}

static const json_t *needed(hf_jr *r, const json_t *object, const char *name)
{
    const json_t *value = member(r, object, name);

    if (!value)
        hf_jr_refuse(r, name, "is missing");
    return value;
}

const char *hf_jr_text(hf_jr *r, const json_t *object, const char *name)
{
    const json_t *value = member(r, object, name);

    if (value && !json_is_string(value))
        hf_jr_refuse(r, name, "is no string");
    return json_string_value(value);
}

void hf_jr_copy(hf_jr *r, const json_t *object, const char *name, char *out, size_t room)
{
    const char *text = hf_jr_text(r, object, name);
    size_t len = text ? strlen(text) : 0;

    if (len >= room) {
        hf_jr_refuse(r, name, "is longer than %zu bytes", room - 1);
        len = 0;
    }
    memcpy(out, text ? text : "", len);
    out[len] = '\0';
}

uint64_t hf_jr_uint(hf_jr *r, const json_t *object, const char *name, uint64_t max)
{
    const json_t *value = needed(r, object, name);

    if (!value)
        return 0;
    if (!json_is_integer(value)) {
        hf_jr_refuse(r, name, "is no whole number");
        return 0;
    }
    json_int_t n = json_integer_value(value);
    if (n >= 0 && (uint64_t)n <= max)
        return (uint64_t)n;
    hf_jr_refuse(r, name, "is not between 0 and %llu", (unsigned long long)max);
    return 0;
}

bool hf_jr_bool(hf_jr *r, const json_t *object, const char *name)
{
    const json_t *value = needed(r, object, name);

    if (value && !json_is_boolean(value))
        hf_jr_refuse(r, name, "is neither true nor false");
    return json_is_true(value);
}

unsigned hf_jr_one_of(hf_jr *r, const json_t *object, const char *name, const char *const *names)
{
    const char *text = hf_jr_text(r, object, name);

    for (unsigned i = 0; text && names[i]; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    if (text)
        hf_jr_refuse(r, name, "\"%.40s\" means nothing here", text);
    else
        hf_jr_refuse(r, name, "is missing");
    return 0;
}

const json_t *hf_jr_list(hf_jr *r, const json_t *object, const char *name, size_t most)
{
    const json_t *value = member(r, object, name);

    if (value && !json_is_array(value))
        hf_jr_refuse(r, name, "is no list");
    else if (json_array_size(value) > most)
        hf_jr_refuse(r, name, "has %zu entries, at most %zu are read", json_array_size(value),
                     most);
    return r->error ? NULL : value;
}

const json_t *hf_jr_object(hf_jr *r, const json_t *value)
{
    char *dot = strrchr(r->place, '.');

    if (json_is_object(value))
        return value;
    if (dot)
        *dot = '\0';
    hf_jr_refuse(r, "", "is no object");
    return NULL;
}

/* ---- bytes ---- */

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

uint8_t *hf_jr_hex(hf_jr *r, const json_t *object, const char *name, size_t *len)
{
    const json_t *value = needed(r, object, name);
    const char *text = hf_jr_text(r, object, name);
    size_t digits = json_string_length(value);
    uint8_t *bytes;

    *len = 0;
    if (digits % 2 != 0)
        hf_jr_refuse(r, name, "odd number of digits");
    if (!text || r->error)
        return NULL;
    bytes = hf_alloc(digits / 2 + 1);
    if (!bytes)
        r->error = HF_E_NO_MEMORY;
    for (size_t i = 0; bytes && i < digits; i++) {
        if (digit(text[i]) < 0) {
            hf_jr_refuse(r, name, "character %zu is no hexadecimal digit", i + 1);
            hf_free(bytes);
            return NULL;
        }
        bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | digit(text[i]));
    }
    *len = digits / 2;
    return bytes;
}
