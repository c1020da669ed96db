/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * SMTP, IMAP and POP3: lines that end in CRLF. A script is a list of turns, each with our words, what
 * every good answer begins with, and a word that must be offered in it.
 */
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "tool/starttls.h"

typedef struct turn {
    const char *say;      /* NULL: the server speaks first */
    const char *good;     /* what the answer's last line begins with */
    const char *offers;   /* what one of its lines must hold; NULL: nothing */
    const char *expected; /* for messages */
} turn;

/* How the answers of one protocol look. */
typedef struct manner {
    const turn *turns; /* ends with GO once the last one is done */
    unsigned n;
    /* Is it the answer's last line, and does it look like this protocol at all? */
    bool (*last)(const turn *t, hf_span line);
    bool (*known)(hf_span line);
    /* Does this line of an answer offer the word? */
    bool (*offers)(hf_span line, const char *word);
} manner;

static bool begins(hf_span line, const char *with)
{
    size_t n = strlen(with);

    return line.len >= n && strncasecmp((const char *)line.data, with, n) == 0;
}

/* Begins with that word: a blank or the line's end follows. */
static bool leads(hf_span line, const char *word)
{
    size_t n = strlen(word);

    return begins(line, word) && (line.len == n || line.data[n] == ' ');
}

static hf_span after(hf_span line, size_t n)
{
    return n < line.len ? hf_span_of(line.data + n, line.len - n) : hf_span_of(line.data, 0);
}

/* The next line of *rest, without its end. False: it is not whole. */
static bool next_line(hf_span *rest, hf_span *line)
{
    const uint8_t *end = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;

    if (!end)
        return false;
    *line = hf_span_of(rest->data, (size_t)(end - rest->data));
    *rest = after(*rest, line->len + 1);
    if (line->len > 0 && line->data[line->len - 1] == '\r')
        line->len--;
    return true;
}

/* ---- SMTP: RFC 3207, RFC 5321 4.2 ---- */

static const turn smtp_turns[] = {
    { NULL, "220", NULL, "the greeting 220" },
    { "EHLO localhost\r\n", "250", "STARTTLS", "250 with STARTTLS in answer to EHLO" },
    { "STARTTLS\r\n", "220", NULL, "220 in answer to STARTTLS" },
};

static bool smtp_known(hf_span line)
{
    for (size_t i = 0; i < 3; i++)
        if (line.len < 3 || line.data[i] < '0' || line.data[i] > '9')
            return false;
    return line.len == 3 || line.data[3] == ' ' || line.data[3] == '-';
}

/* 250-… goes on, 250 … ends. Another code in between is no answer that could be relied on. */
static bool smtp_last(const turn *t, hf_span line)
{
    return !smtp_known(line) || !begins(line, t->good) || line.len == 3 || line.data[3] == ' ';
}

static bool smtp_offers(hf_span line, const char *word)
{
    return leads(after(line, 4), word);
}

/* ---- IMAP: RFC 9051 6.2.1, 7.2.2 ---- */

static const turn imap_turns[] = {
    { NULL, "* OK", NULL, "the greeting * OK" }, /* * PREAUTH is past the point of STARTTLS */
    { "a1 CAPABILITY\r\n", "a1 OK", "STARTTLS", "STARTTLS in answer to CAPABILITY" },
    { "a2 STARTTLS\r\n", "a2 OK", NULL, "a2 OK in answer to STARTTLS" },
};

static bool imap_known(hf_span line)
{
    return begins(line, "* ") || begins(line, "a1 ") || begins(line, "a2 ");
}

/* What has no tag comes before the answer, which has ours. */
static bool imap_last(const turn *t, hf_span line)
{
    return !t->say || !begins(line, "* ") || leads(line, "* BYE");
}

static bool imap_offers(hf_span line, const char *word)
{
    size_t n = strlen(word);

    if (!leads(line, "* CAPABILITY"))
        return false;
    for (size_t i = 1; i + n <= line.len; i++)
        if (line.data[i - 1] == ' ' && leads(after(line, i), word))
            return true;
    return false;
}

/* ---- POP3: RFC 2595 4. STLS is simply tried: CAPA came after many servers had it ---- */

static const turn pop3_turns[] = {
    { NULL, "+OK", NULL, "the greeting +OK" },
    { "STLS\r\n", "+OK", NULL, "+OK in answer to STLS" },
};

static bool pop3_known(hf_span line)
{
    return leads(line, "+OK") || leads(line, "-ERR");
}

static bool pop3_last(const turn *t, hf_span line)
{
    (void)t, (void)line;
    return true;
}

/* ---- all three ---- */

static void ask(hf_starttls *s, const manner *m)
{
    const turn *t = &m->turns[s->step];

    hf_starttls_await(s, t->expected);
    if (t->say)
        hf_starttls_say(s, t->say, strlen(t->say));
}

/* The last line of an answer decides, and the offer must have stood in one of them. */
static void judge(hf_starttls *s, const manner *m, hf_span answer, hf_span last, bool offered)
{
    const turn *t = &m->turns[s->step];

    if (!m->known(last))
        hf_starttls_no(s, HF_STARTTLS_UNEXPECTED, last);
    else if (!leads(last, t->good))
        hf_starttls_no(s, HF_STARTTLS_REFUSED, last);
    else if (t->offers && !offered)
        hf_starttls_no(s, HF_STARTTLS_NOT_OFFERED, answer);
    else if (++s->step == m->n)
        hf_starttls_go(s);
    else
        ask(s, m);
}

static size_t take(hf_starttls *s, const manner *m, hf_span got)
{
    const turn *t = &m->turns[s->step];
    bool offered = false;
    hf_span rest = got, line;

    while (next_line(&rest, &line)) {
        offered = offered || (t->offers && m->offers(line, t->offers));
        if (m->last(t, line)) {
            size_t n = got.len - rest.len;
            judge(s, m, hf_span_of(got.data, n), line, offered);
            return n;
        }
    }
    return 0;
}

#define LINES(protocol, title, port, tls_port, unasked, has_offers)                                \
    static const manner protocol##_manner = { protocol##_turns,                                    \
                                              sizeof protocol##_turns / sizeof *protocol##_turns,  \
                                              protocol##_last, protocol##_known, has_offers };     \
    static void protocol##_begin(hf_starttls *s)                                                   \
    {                                                                                              \
        ask(s, &protocol##_manner);                                                                \
    }                                                                                              \
    static size_t protocol##_take(hf_starttls *s, hf_span got)                                     \
    {                                                                                              \
        return take(s, &protocol##_manner, got);                                                   \
    }                                                                                              \
    const hf_starttls_script hf_starttls_##protocol = { #protocol,      title,   port,             \
                                                        tls_port,       unasked, protocol##_begin, \
                                                        protocol##_take }

LINES(smtp, "SMTP", 25, 465, false, smtp_offers);
LINES(imap, "IMAP", 143, 993, true, imap_offers);
LINES(pop3, "POP3", 110, 995, false, NULL);
