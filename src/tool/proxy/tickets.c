/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A line is a key. Whoever has one can read the sessions that its tickets resume: nothing of it is ever said. */
#include "tool/proxy/tickets.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "tool/secret_file.h"

enum { NAME = 16, DIGITS = 2 * HF_TICKET_KEY, WHY = 192 };

typedef uint8_t ticket_keys[HF_TICKET_KEYS_MAX][HF_TICKET_KEY];

static hf_span next_line(hf_span *rest)
{
    const uint8_t *end = memchr(rest->data, '\n', rest->len);
    size_t len = end ? (size_t)(end - rest->data) : rest->len;
    hf_span line = hf_span_of(rest->data, len);

    *rest = hf_span_of(rest->data + len + (end != NULL), rest->len - len - (end != NULL));
    while (line.len > 0 && strchr(" \t\r", line.data[line.len - 1]))
        line.len--;
    return line;
}

static const char *take_line(hf_span line, ticket_keys keys, size_t *n)
{
    if (line.len == 0 || line.data[0] == '#')
        return NULL;
    if (*n == HF_TICKET_KEYS_MAX)
        return "there are more than 8 keys; the oldest stand last and can go";
    if (line.len != DIGITS || !hf_hex_bytes(line, keys[*n]))
        return "it is not 96 hex digits; make a line with: openssl rand -hex 48";
    for (size_t i = 0; i < *n; i++)
        if (memcmp(keys[i], keys[*n], NAME) == 0)
            return "its first 32 digits, the key's name, stand in another line as well";
    ++*n;
    return NULL;
}

static bool refuse(char why[WHY], const char *words)
{
    snprintf(why, WHY, "%s", words);
    return false;
}

bool hf_tickets_read(const hf_careful *file, ticket_keys keys, size_t *n, char why[WHY])
{
    hf_span rest = hf_span_of(file->bytes, file->len);
    const char *fault = NULL;
    unsigned line = 0;

    *n = 0;
    if (!file->bytes)
        return refuse(why, file->why);
    if (file->mode & (S_IRWXG | S_IRWXO))
        return refuse(why, "others have rights to it; chmod 600 it");
    while (!fault && rest.len > 0) {
        line++;
        fault = take_line(next_line(&rest), keys, n);
    }
    if (!fault && *n > 0)
        return true;
    *n = 0;
    hf_wipe(keys, sizeof(ticket_keys));
    if (!fault)
        return refuse(why, "there is no key in it");
    snprintf(why, WHY, "line %u: %s", line, fault);
    return false;
}
