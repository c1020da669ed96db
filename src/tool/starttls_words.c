/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Why TLS could not start, in words. */
#include <stdio.h>
#include <string.h>

#include "tool/exit.h"
#include "tool/starttls.h"

/* sentence: what stands before and after the protocol's name; what has a number is told apart. */
typedef struct row {
    const char *code, *before, *after, *hint; /* hint NULL: the other port */
} row;

static const row rows[] = {
    [HF_STARTTLS_NOT_OFFERED] = { "STARTTLS_NOT_OFFERED", "the ", " server does not offer TLS",
                                  NULL },
    [HF_STARTTLS_REFUSED] = { "STARTTLS_REFUSED", "the ", " server refuses to start TLS",
                              "the server's answer says why, and so may its log" },
    [HF_STARTTLS_UNEXPECTED] = { "STARTTLS_UNEXPECTED", "the server does not answer in ", "",
                                 "check the port, and that --starttls names what is spoken "
                                 "there" },
    [HF_STARTTLS_EARLY] = { "STARTTLS_EARLY", "", NULL,
                            "somebody may have put words into its mouth: try from another "
                            "network" },
    [HF_STARTTLS_INJECTED] = { "STARTTLS_INJECTED", "", NULL,
                               "do not trust this connection; try from another network, and tell "
                               "whoever runs the server" },
    [HF_STARTTLS_TOO_LONG] = { "STARTTLS_TOO_LONG", "", NULL,
                               "check the port, and that --starttls names what is spoken there" },
    [HF_STARTTLS_CLOSED] = { "STARTTLS_CLOSED",
                             "the server closed the connection before TLS could start (", ")",
                             "the server's log may say why" },
    [HF_STARTTLS_LATE] = { "STARTTLS_TIMEOUT", "the ", " server did not agree to TLS in time",
                           "a port that speaks TLS from the first byte is silent too: leave "
                           "--starttls out there" },
};

static void tell_sentence(const hf_starttls *s, hf_trouble *t)
{
    bool one = s->extra == 1;

    if (s->why == HF_STARTTLS_INJECTED)
        hf_trouble_sentence(t,
                            "the server sent %zu byte%s in the clear after agreeing to TLS: "
                            "somebody may have injected %s",
                            s->extra, one ? "" : "s", one ? "it" : "them");
    else if (s->why == HF_STARTTLS_EARLY)
        hf_trouble_sentence(t, "the server sent %zu byte%s before it was asked", s->extra,
                            one ? "" : "s");
    else if (s->why == HF_STARTTLS_TOO_LONG)
        hf_trouble_sentence(t, "an answer of the server is longer than %d bytes",
                            HF_STARTTLS_ANSWER_MAX);
    else
        hf_trouble_sentence(t, "%s%s%s", rows[s->why].before, s->script->title, rows[s->why].after);
}

static void tell_hint(const hf_starttls *s, hf_trouble *t)
{
    const hf_starttls_script *script = s->script;

    if (rows[s->why].hint)
        hf_trouble_hint(t, "%s", rows[s->why].hint);
    else if (script->tls_port)
        hf_trouble_hint(t,
                        "have STARTTLS switched on at the server; or, without --starttls, use a "
                        "port that speaks TLS from the first byte (%s: %u)",
                        script->title, (unsigned)script->tls_port);
    else
        hf_trouble_hint(t, "have TLS switched on at the server");
}

void hf_starttls_trouble(const hf_starttls *s, hf_trouble *t, const char *where)
{
    hf_trouble_own(t, HF_EXIT_HANDSHAKE, rows[s->why].code,
                   s->why == HF_STARTTLS_LATE ? "network" : "peer", "starttls");
    if (s->why == HF_STARTTLS_LATE)
        t->record.code = HF_E_TIMEOUT; /* advice.c knows what to do about that */
    snprintf(t->record.expected, sizeof t->record.expected, "%s", s->expected);
    snprintf(t->record.offered, sizeof t->record.offered, "%.*s", (int)sizeof t->record.offered - 1,
             s->said);
    tell_sentence(s, t);
    tell_hint(s, t);
    if (s->why == HF_STARTTLS_INJECTED)
        hf_trouble_where(t, "%s, in %s: after %s came \"%s\"", where, s->script->title, s->expected,
                         s->said);
    else if (*s->said)
        hf_trouble_where(t, "%s, in %s: expected %s; the server said \"%s\"", where,
                         s->script->title, s->expected, s->said);
    else
        hf_trouble_where(t, "%s, in %s: expected %s; the server said nothing", where,
                         s->script->title, s->expected);
}
