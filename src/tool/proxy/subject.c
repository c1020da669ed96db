/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * "CN=device 7+UID=x, O=Example" (RFC 4514) is taken apart where it was put together: a value holds no comma and no plus without a
 * backslash before it, and may hold "CN=" as it likes.
 */
#include "tool/proxy/subject.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool is_over(char c)
{
    return c == '\0' || c == ',' || c == '+';
}

/* Behind the attribute that begins at `at`: its separator, or the end. */
static const char *end_of(const char *at)
{
    for (; !is_over(*at); at++)
        if (*at == '\\' && at[1])
            at++;
    return at;
}

static const char *unescaped(const char *at, const char *end, char *out, size_t room)
{
    size_t n = 0;

    if (*at == '#')
        return NULL;
    for (; at < end; at++) {
        if (*at == '\\' && isxdigit((unsigned char)*++at))
            return NULL; /* a byte that is no character */
        if (n + 1 >= room)
            return NULL;
        out[n++] = *at;
    }
    out[n] = '\0';
    return n > 0 ? out : NULL;
}

const char *hf_subject_cn(const char *subject, char *out, size_t room)
{
    const char *end;

    for (const char *at = subject; at && *at; at = *end ? end + 1 : end) {
        while (*at == ' ')
            at++;
        end = end_of(at);
        if (strncmp(at, "CN=", 3) != 0)
            continue;
        if (!*end && end - subject >= HF_SUBJECT_CUT)
            return NULL;
        return unescaped(at + 3, end, out, room);
    }
    return NULL;
}
