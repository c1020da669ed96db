/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The messages that passed, as lines that -expect-msg-callback compares, and the last of the peer's. */
#include "trace.h"

#include <stdio.h>
#include <string.h>

enum {
    CT_CHANGE_CIPHER_SPEC = 20,
    CT_ALERT = 21,
    CT_HANDSHAKE = 22,
    MSG_HELLO_REQUEST = 0,
    MSG_CLIENT_HELLO = 1,
    MSG_CERTIFICATE_REQUEST = 13
};

/* A close_notify of ours, which answers the peer's (RFC 5246 7.2.1), is left out: BoringSSL's shim sends none. */
static void note(visit *v, bool ours, const hf_trace_event *event)
{
    size_t len = strlen(v->messages);
    const char *way = ours ? "write" : "read";
    char *at = v->messages + len;
    size_t room = sizeof v->messages - len;

    if (event->content_type == CT_CHANGE_CIPHER_SPEC)
        snprintf(at, room, "%s ccs\n", way);
    else if (event->content_type == CT_ALERT && event->bytes.len == 2 &&
             !(ours && event->bytes.data[1] == HF_ALERT_close_notify))
        snprintf(at, room, "%s alert %d %d\n", way, event->bytes.data[0], event->bytes.data[1]);
    else if (event->content_type == CT_HANDSHAKE && event->bytes.len > 0)
        snprintf(at, room, "%s hs %d\n", way, event->bytes.data[0]);
}

/* A HelloRequest, or a ClientHello after the handshake. */
static bool asks_for_renegotiation(const visit *v)
{
    return v->last_message == MSG_HELLO_REQUEST ||
           (v->last_message == MSG_CLIENT_HELLO && v->connected);
}

static void heard(void *user, const hf_trace_event *event)
{
    visit *v = user;
    bool ours = (event->writer == HF_SERVER) == v->options->server;

    checks_saw(v, event);
    if (event->kind != HF_TRACE_MESSAGE)
        return;
    note(v, ours, event);
    if (ours || event->content_type != CT_HANDSHAKE || event->bytes.len == 0)
        return;
    v->last_message = event->bytes.data[0];
    v->renegotiation = v->renegotiation || asks_for_renegotiation(v);
    v->certificate_due = v->certificate_due || v->last_message == MSG_CERTIFICATE_REQUEST;
}

hf_trace_sink trace_sink(visit *v)
{
    return (hf_trace_sink){ heard, v };
}

bool trace_is_right(const visit *v)
{
    const char *wanted = v->options->expect_msg_callback;

    if (!wanted || strcmp(wanted, v->messages) == 0)
        return true;
    fprintf(stderr, "messages: wanted\n%sgot\n%s", wanted, v->messages);
    return false;
}
