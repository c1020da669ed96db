/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Credentials in a dialogue before TLS, line by line: headers of HTTP, commands of SMTP, IMAP, POP3, FTP, NNTP and their like, and
 * what answers a challenge. A byte goes through once; a line may be cut anywhere. SOCKS 5 (RFC 1929) has no lines, but lengths.
 */
#include "explain/prelude_mask.h"

#include <string.h>

enum {
    LINE_MAX = 96
}; /* of a line's beginning: where a command or a header's name must have come */

/* SOCKS 5: what the next byte of the client is. */
typedef enum socks { NO_SOCKS, METHODS, METHOD, VERSION, USER_LEN, USER, PASS_LEN, PASS } socks;

typedef struct speaker {
    bool client;
    char line[LINE_MAX]; /* as far as it is known, in lower case */
    size_t len;
    bool hides; /* the rest of this line */
    bool
        header; /* this line was a header that is hidden: a line after it that begins with a blank goes on with it */
} speaker;

typedef struct dialogue {
    speaker by[2];
    bool answering; /* all that the client says is part of an exchange of SASL's, or of a LOGIN */
    socks socks;
    size_t left; /* of what SOCKS counted */
} dialogue;

/* ---- lines ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool begins(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

/* "proxy-authorization:" and whatever else is named like a key to something. */
static bool is_header(const char *line, size_t len)
{
    static const char *const secret[] = { "authorization", "cookie",  "token", "secret",
                                          "password",      "api-key", "apikey" };

    if (line[len - 1] != ':' || strcspn(line, " \t") < len)
        return false;
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
        if (strstr(line, secret[i]))
            return true;
    return false;
}

/* The word of a command ends with this blank, and what comes now is for nobody. */
static bool is_command(const char *line)
{
    static const char *const commands[] = { "user ",        "pass ",          "acct ",
                                            "apop ",        "authinfo user ", "authinfo pass ",
                                            "authenticate " };

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(line, commands[i]) == 0)
            return true;
    return false;
}

/* "auth plain ", "authinfo sasl plain ": the mechanism may be seen, and what comes after it not. */
static bool is_mechanism(const char *line)
{
    const char *rest = begins(line, "authinfo sasl ") ? line + 14
                       : begins(line, "auth ")        ? line + 5
                                                      : NULL;

    return rest && *rest && strchr(rest, ' ') == rest + strlen(rest) - 1;
}

/* IMAP has a tag before its commands: "a1 login ", "a1 authenticate plain ". */
static bool is_tagged(const char *line)
{
    const char *command = strchr(line, ' ');

    if (!command)
        return false;
    if (strcmp(++command, "login ") == 0)
        return true;
    const char *rest = begins(command, "authenticate ") ? command + 13 : "";
    return *rest && strchr(rest, ' ') == rest + strlen(rest) - 1;
}

/* One byte more: whether what follows on the line is hidden. */
static void read_on(speaker *s, char c)
{
    c = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c == '\t' ? ' ' : c);
    if (s->len == LINE_MAX - 1 || (s->len > 0 && c == ' ' && s->line[s->len - 1] == ' '))
        return;
    s->line[s->len++] = c;
    s->line[s->len] = '\0';
    s->header = is_header(s->line, s->len);
    s->hides = s->header || (s->client && c == ' ' &&
                             (is_command(s->line) || is_mechanism(s->line) || is_tagged(s->line)));
}

/* "334 …" of SMTP and FTP, "383 …" of NNTP, "+ …" of IMAP and POP3, whose "+OK" is none. */
static bool is_challenge(const char *line)
{
    return begins(line, "334") || begins(line, "383") || strcmp(line, "+") == 0 ||
           begins(line, "+ ");
}

static bool begins_exchange(const char *line)
{
    const char *command = strchr(line, ' ');

    return begins(line, "auth ") || begins(line, "authenticate") ||
           begins(line, "authinfo sasl ") ||
           (command && (begins(command + 1, "login ") || begins(command + 1, "authenticate ")));
}

/* What IMAP's server says on its own ("* …") ends no exchange. */
static void end_line(dialogue *d, speaker *s)
{
    if (s->client)
        d->answering |= begins_exchange(s->line);
    else if (!begins(s->line, "* "))
        d->answering = is_challenge(s->line);
    s->len = 0;
    s->line[0] = '\0';
    s->hides = false;
}

static bool hides_line(dialogue *d, speaker *s, char c)
{
    if (c == '\n') {
        end_line(d, s);
        return false;
    }
    if (c == '\r')
        return false;
    if (s->client && d->answering)
        return true;
    if (s->hides)
        return !(s->header && is_blank(c));
    if (s->len == 0 && s->header && is_blank(c)) { /* RFC 9112 5.2: folded */
        s->hides = true;
        return false;
    }
    read_on(s, c);
    return false;
}

/* ---- SOCKS ---- */

/* Of the first byte of a field that it has itself counted: what comes after the field, if it is empty. */
static socks counted(dialogue *d, uint8_t n, socks field, socks after)
{
    d->left = n;
    return n > 0 ? field : after;
}

static socks over(dialogue *d, socks field, socks after)
{
    return --d->left > 0 ? field : after;
}

static bool hides_socks(dialogue *d, uint8_t c)
{
    socks now = d->socks;

    switch (now) {
    case METHODS: d->socks = counted(d, c, METHOD, NO_SOCKS); break;
    case METHOD: d->socks = over(d, METHOD, VERSION); break;
    case VERSION: d->socks = c == 1 ? USER_LEN : NO_SOCKS; break; /* 5: no password was wanted */
    case USER_LEN: d->socks = counted(d, c, USER, PASS_LEN); break;
    case USER: d->socks = over(d, USER, PASS_LEN); break;
    case PASS_LEN: d->socks = counted(d, c, PASS, NO_SOCKS); break;
    case PASS: d->socks = over(d, PASS, NO_SOCKS); break;
    case NO_SOCKS: break;
    }
    return now == USER || now == PASS;
}

/* ---- the whole ---- */

static bool hides(dialogue *d, unsigned writer, uint8_t c, bool first)
{
    if (writer == HF_CLIENT && first && c == 5) {
        d->socks = METHODS;
        return false;
    }
    if (writer == HF_CLIENT && d->socks != NO_SOCKS)
        return hides_socks(d, c);
    return hides_line(d, &d->by[writer], (char)c);
}

static void cover(hf_prelude_mask *mask, const hf_tape *tape)
{
    dialogue d = { .by[HF_CLIENT].client = true };
    bool begun = false;

    for (size_t i = 0; i < tape->n; i++) {
        const hf_tape_event *e = &tape->events[i];
        bool client = e->writer != HF_SERVER;
        for (size_t k = 0; e->kind == HF_TAPE_PRELUDE && k < e->wire_len; k++) {
            size_t at = e->wire_at + k;
            mask->masked[at] =
                hides(&d, client ? HF_CLIENT : HF_SERVER, tape->bytes[at], client && !begun);
            if (mask->masked[at])
                mask->shown[at] = '*';
            begun |= client;
        }
    }
}

hf_error hf_prelude_mask_start(hf_prelude_mask *mask, const hf_tape *tape)
{
    *mask = (hf_prelude_mask){ .from = tape->bytes };
    for (size_t i = 0; i < tape->n; i++) {
        const hf_tape_event *e = &tape->events[i];
        if (e->kind == HF_TAPE_PRELUDE && e->wire_len > 0 && e->wire_at + e->wire_len > mask->len)
            mask->len = e->wire_at + e->wire_len;
    }
    if (mask->len == 0)
        return HF_OK;
    mask->shown = hf_alloc(mask->len);
    mask->masked = hf_alloc(mask->len * sizeof *mask->masked);
    if (!mask->shown || !mask->masked) {
        hf_prelude_mask_end(mask);
        return HF_E_NO_MEMORY;
    }
    memcpy(mask->shown, tape->bytes, mask->len);
    memset(mask->masked, 0, mask->len * sizeof *mask->masked);
    cover(mask, tape);
    return HF_OK;
}

hf_span hf_prelude_shown(const hf_prelude_mask *mask, hf_span bytes, size_t *masked)
{
    uintptr_t at = (uintptr_t)bytes.data - (uintptr_t)mask->from;
    bool covered = at < mask->len && bytes.len <= mask->len - at;

    *masked = 0;
    if (!covered)
        return bytes;
    for (size_t i = 0; i < bytes.len; i++)
        *masked += mask->masked[at + i];
    return hf_span_of(mask->shown + at, bytes.len);
}

void hf_prelude_mask_end(hf_prelude_mask *mask)
{
    hf_free(mask->shown);
    hf_free(mask->masked);
    *mask = (hf_prelude_mask){ .len = 0 };
}
