/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * XMPP (RFC 6120 5): a stream's header each way, <starttls/> among the server's features, our
 * <starttls/>, its <proceed/>. Of XML only what a stream may hold (RFC 6120 11.1): elements and one
 * declaration, no comments, no entities of one's own.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/starttls.h"

static const char tls_namespace[] = "urn:ietf:params:xml:ns:xmpp-tls";

enum { FEATURES, PROCEED }; /* steps */

static void say(hf_starttls *s, const char *words)
{
    hf_starttls_say(s, words, strlen(words));
}

/* The name is a host name or an address (target.h): no character of it means something to XML. */
static void begin(hf_starttls *s)
{
    char header[HF_STARTTLS_OUT_MAX];

    snprintf(header, sizeof header,
             "<?xml version='1.0'?><stream:stream to='%s' version='1.0' xml:lang='en' "
             "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
             s->name);
    hf_starttls_await(s, "<starttls/> among the stream's features");
    say(s, header);
}

/* One tag: where it begins and ends in the bytes. */
typedef struct tag {
    const char *at; /* its '<' */
    size_t len;     /* with its '>' */
} tag;

/* The next tag of *rest, which moves behind it. False: none is whole. */
static bool next_tag(hf_span *rest, tag *t)
{
    const uint8_t *p = rest->len > 0 ? memchr(rest->data, '<', rest->len) : NULL;
    const uint8_t *end = rest->data + rest->len;
    uint8_t quote = 0;

    if (!p)
        return false;
    t->at = (const char *)p;
    for (; p < end; p++) {
        if (quote)
            quote = *p == quote ? 0 : quote;
        else if (*p == '\'' || *p == '"')
            quote = *p;
        else if (*p == '>')
            break;
    }
    if (p == end)
        return false;
    t->len = (size_t)((const char *)p + 1 - t->at);
    *rest = hf_span_of(p + 1, (size_t)(end - p - 1));
    return true;
}

static bool is_closing(const tag *t)
{
    return t->at[1] == '/';
}

static bool is_empty(const tag *t)
{
    return t->at[t->len - 2] == '/';
}

/* Its name without a prefix. */
static bool is_named(const tag *t, const char *name)
{
    const char *p = t->at + 1 + is_closing(t), *end = t->at + t->len;
    size_t n = strlen(name);

    for (const char *q = p; q < end && !strchr(" \t\r\n/>'\"", *q); q++)
        if (*q == ':')
            p = q + 1;
    return (size_t)(end - p) > n && memcmp(p, name, n) == 0 && strchr(" \t\r\n/>", p[n]) != NULL;
}

/* A starttls, proceed or failure of the right namespace. */
static bool is_of_tls(const tag *t, const char *name)
{
    size_t n = sizeof tls_namespace - 1;

    if (is_closing(t) || !is_named(t, name))
        return false;
    for (size_t i = 1; i + n < t->len; i++)
        if (memcmp(t->at + i, tls_namespace, n) == 0 && t->at[i - 1] == t->at[i + n] &&
            strchr("'\"", t->at[i + n]))
            return true;
    return false;
}

/* One element under the stream. */
typedef struct child {
    tag first;   /* at NULL: none, the bytes are no stream */
    bool offers; /* <starttls/> stood in it */
} child;

static const child no_child = { { NULL, 0 }, false };

/* What stands at the beginning of `got`, up to the end of a child of the stream. Returns how many bytes
   it takes; 0: not whole. */
static size_t next_child(hf_span got, bool in_stream, child *c)
{
    hf_span rest = got;
    unsigned depth = in_stream;
    tag t;

    *c = no_child;
    while (next_tag(&rest, &t)) {
        if (t.at[1] == '?')
            continue;
        if (t.at[1] == '!' || t.len < 3) {
            *c = no_child;
            return got.len;
        }
        if (depth == 1 && !c->first.at)
            c->first = t;
        c->offers = c->offers || is_of_tls(&t, "starttls");
        depth += !is_closing(&t);
        depth -= depth > 0 && (is_closing(&t) || is_empty(&t));
        if (depth == 0 || (depth == 1 && c->first.at))
            return got.len - rest.len;
    }
    return 0;
}

static void judge_features(hf_starttls *s, const child *c, hf_span said)
{
    if (is_named(&c->first, "error"))
        hf_starttls_no(s, HF_STARTTLS_REFUSED, said);
    else if (!is_named(&c->first, "features") || is_closing(&c->first))
        hf_starttls_no(s, HF_STARTTLS_UNEXPECTED, said);
    else if (!c->offers)
        hf_starttls_no(s, HF_STARTTLS_NOT_OFFERED, said);
    else {
        s->step = PROCEED;
        hf_starttls_await(s, "<proceed/> in answer to <starttls/>");
        say(s, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    }
}

static void judge_answer(hf_starttls *s, const child *c, hf_span said)
{
    if (is_of_tls(&c->first, "proceed"))
        hf_starttls_go(s);
    else if (is_of_tls(&c->first, "failure") || is_named(&c->first, "error") ||
             is_closing(&c->first))
        hf_starttls_no(s, HF_STARTTLS_REFUSED, said);
    else
        hf_starttls_no(s, HF_STARTTLS_UNEXPECTED, said);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t take(hf_starttls *s, hf_span got)
{
    child c = no_child;
    size_t blank = 0, n;

    while (blank < got.len && is_blank(got.data[blank]))
        blank++;
    if (blank == got.len)
        return 0;
    n = got.data[blank] == '<' ? next_child(got, s->step == PROCEED, &c) : got.len;
    if (n == 0)
        return 0;
    if (!c.first.at)
        hf_starttls_no(s, HF_STARTTLS_UNEXPECTED, got);
    else if (s->step == FEATURES)
        judge_features(s, &c,
                       hf_span_of(c.first.at, n - (size_t)(c.first.at - (const char *)got.data)));
    else
        judge_answer(s, &c, hf_span_of(got.data, n));
    return n;
}

const hf_starttls_script hf_starttls_xmpp = { "xmpp", "XMPP", 5222, 5223, false, begin, take };
