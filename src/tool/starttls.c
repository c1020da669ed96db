/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The machine itself: an answer is gathered, the script takes it, and what is left over is judged. */
#include "tool/starttls.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

static const hf_starttls_script *const scripts[] = {
    &hf_starttls_smtp, &hf_starttls_imap,     &hf_starttls_pop3,  &hf_starttls_ldap,
    &hf_starttls_xmpp, &hf_starttls_postgres, &hf_starttls_mysql,
};

const hf_starttls_script *hf_starttls_script_of(const char *word)
{
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        if (strcmp(scripts[i]->word, word) == 0)
            return scripts[i];
    return NULL;
}

static void tell(const hf_starttls *s, bool ours, hf_span bytes)
{
    if (s->trace && bytes.len > 0)
        s->trace(s->script->title, ours, bytes);
}

void hf_starttls_start(hf_starttls *s, const hf_starttls_script *script, const char *name,
                       hf_starttls_trace trace)
{
    memset(s, 0, sizeof *s);
    s->script = script;
    s->name = name;
    s->trace = trace;
    script->begin(s);
    tell(s, true, hf_span_of(s->out, s->out_len));
}

/* ---- for scripts ---- */

void hf_starttls_visible(hf_span bytes, char *out, size_t room)
{
    size_t len = 0, i = 0;

    while (i < bytes.len && (bytes.data[i] == '\r' || bytes.data[i] == '\n'))
        i++;
    for (; i < bytes.len && bytes.data[i] != '\n' && len + 8 < room; i++) {
        uint8_t c = bytes.data[i];

        if (c == '\r' && i + 1 < bytes.len && bytes.data[i + 1] == '\n')
            continue;
        bool plain = c >= ' ' && c < 0x7f && c != '\\';
        len += (size_t)snprintf(out + len, room - len, plain ? "%c" : "\\x%02x", c);
    }
    if (i < bytes.len && bytes.data[i] != '\n')
        len += (size_t)snprintf(out + len, room - len, "...");
    out[len] = '\0';
}

void hf_starttls_say(hf_starttls *s, const void *bytes, size_t len)
{
    size_t room = sizeof s->out - s->out_len;
    size_t n = len < room ? len : room; /* OUT_MAX holds all that the scripts say */

    memcpy(s->out + s->out_len, bytes, n);
    s->out_len += n;
}

void hf_starttls_await(hf_starttls *s, const char *expected)
{
    s->expected = expected;
}

void hf_starttls_go(hf_starttls *s)
{
    s->state = HF_STARTTLS_GO;
}

void hf_starttls_no(hf_starttls *s, hf_starttls_why why, hf_span said)
{
    if (s->state == HF_STARTTLS_NO)
        return;
    s->state = HF_STARTTLS_NO;
    s->why = why;
    hf_starttls_visible(said, s->said, sizeof s->said);
}

/* ---- what comes in ---- */

static void unwanted(hf_starttls *s, hf_starttls_why why, hf_span bytes)
{
    s->extra = bytes.len;
    hf_starttls_no(s, why, bytes);
}

static void drop(hf_starttls *s, size_t n)
{
    memmove(s->in, s->in + n, s->in_len - n);
    s->in_len -= n;
}

/* Takes whole answers as long as there are any. */
static void advance(hf_starttls *s)
{
    while (s->state == HF_STARTTLS_TALKING && s->in_len > 0) {
        hf_span got = hf_span_of(s->in, s->in_len);
        size_t said = s->out_len, n = s->script->take(s, got);

        if (n == 0)
            return;
        tell(s, false, hf_span_of(s->in, n));
        tell(s, true, hf_span_of(s->out + said, s->out_len - said));
        drop(s, n);
        if (s->state == HF_STARTTLS_TALKING && s->in_len > 0 && !s->script->unasked)
            unwanted(s, HF_STARTTLS_EARLY, hf_span_of(s->in, s->in_len));
    }
}

static size_t gather(hf_starttls *s, hf_span bytes)
{
    size_t room = sizeof s->in - s->in_len;
    size_t n = bytes.len < room ? bytes.len : room;

    memcpy(s->in + s->in_len, bytes.data, n);
    s->in_len += n;
    return n;
}

/* RFC 3207 4.2, RFC 6120 5.4.3.3: what was heard in the clear counts for nothing, and nothing may be
   heard in the clear any more. A careless client would read it as if TLS had protected it. */
void hf_starttls_feed(hf_starttls *s, hf_span bytes)
{
    while (s->state == HF_STARTTLS_TALKING && bytes.len > 0) {
        size_t n = gather(s, bytes);

        bytes.data += n;
        bytes.len -= n;
        advance(s);
        if (s->state == HF_STARTTLS_TALKING && s->in_len == sizeof s->in)
            hf_starttls_no(s, HF_STARTTLS_TOO_LONG, hf_span_of(s->in, s->in_len));
    }
    if (s->state != HF_STARTTLS_GO)
        return;
    gather(s, bytes);
    if (s->in_len > 0)
        unwanted(s, HF_STARTTLS_INJECTED, hf_span_of(s->in, s->in_len));
}

void hf_starttls_sent(hf_starttls *s, size_t n)
{
    memmove(s->out, s->out + n, s->out_len - n);
    s->out_len -= n;
}

void hf_starttls_end(hf_starttls *s, hf_starttls_why why)
{
    hf_starttls_no(s, why, hf_span_of(s->in, s->in_len));
}
