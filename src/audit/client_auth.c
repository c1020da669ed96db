/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whether a client is asked for a certificate, and whether it may go on without one. That it is asked shows in the handshake; that it must
 * show one shows in what becomes of a client that has none: in TLS 1.2 the handshake fails, in TLS 1.3 the alert comes behind it, so
 * that something has to be waited for: an answer or a ticket.
 */
#include "audit/whole.h"

#include <stdio.h>

typedef struct client_auth {
    bool asked; /* one connection is enough */
} client_auth;

/* The newest version that the engine can go through with; 0: none. */
static uint16_t version_of(const hf_seen *seen)
{
    if (!hf_whole_unable(seen, HF_TLS13))
        return HF_TLS13;
    return !hf_whole_unable(seen, HF_TLS12) ? HF_TLS12 : 0;
}

static bool ask_engine(const hf_inquiry *q, hf_ask *ask, uint16_t version)
{
    hf_whole_ask(ask, version);
    ask->path = q->setup->http ? "/" : NULL;
    ask->want_session = !ask->path;
    return true;
}

/* A request for a certificate stands in the clear up to TLS 1.2; that is all that can be seen where the engine is of no use. */
static bool ask_clear(const hf_inquiry *q, hf_ask *ask)
{
    hf_seen_version_id version = hf_seen_newest(q->seen);
    hf_crafted hello;

    if (version == HF_V_COUNT || version == HF_V_SSL2 || version == HF_V_TLS13)
        return false;
    hf_inquiry_open(q, hf_seen_version_code(version), &hello);
    return hf_inquiry_say(ask, &hello);
}

static void tell_unknown(hf_seen *seen, size_t evidence, const char *why)
{
    hf_seen_trait(seen, HF_TRAIT_client_certificate, HF_UNKNOWN, evidence, "%s", why);
    hf_seen_trait(seen, HF_TRAIT_client_certificate_required, HF_UNKNOWN, evidence, "%s", why);
}

static bool next(hf_inquiry *q, hf_ask *ask)
{
    client_auth *s = q->state;
    uint16_t version = version_of(q->seen);

    if (s->asked)
        return false;
    s->asked = true;
    if (version ? ask_engine(q, ask, version) : ask_clear(q, ask))
        return true;
    tell_unknown(q->seen, 0, "no handshake can be gone through with");
    return false;
}

/* ---- the answer ---- */

static void keep_authorities(hf_seen *seen, const hf_conn *conn)
{
    char name[256];
    size_t len = 0, n = 0;

    while (n < HF_SEEN_TEXT && hf_conn_authority(conn, n, name, sizeof name)) {
        n++;
        size_t more = strlen(name) + 1;
        if (len + more < sizeof seen->authorities)
            len += (size_t)snprintf(seen->authorities + len, sizeof seen->authorities - len, "%s\n",
                                    name);
    }
    seen->n_authorities = n;
}

/* What servers say to a client that has none: RFC 9846 6.2, RFC 5246 7.4.6. */
static bool is_refusal(uint8_t alert)
{
    return alert == HF_ALERT_certificate_required || alert == HF_ALERT_handshake_failure ||
           alert == HF_ALERT_bad_certificate || alert == HF_ALERT_certificate_unknown ||
           alert == HF_ALERT_access_denied || alert == HF_ALERT_unknown_ca;
}

static void tell_required(hf_inquiry *q, const hf_reply *reply, size_t evidence)
{
    uint8_t alert = hf_whole_alert(reply);
    bool connected = hf_whole_connected(reply);
    bool heard = reply->http.status > 0 || reply->session.len > 0 ||
                 hf_conn_info_of(reply->conn)->version == HF_TLS12;
    char trouble[HF_WHOLE_WORDS];

    if (is_refusal(alert))
        hf_seen_trait(q->seen, HF_TRAIT_client_certificate_required, HF_PRESENT, evidence, "%s",
                      hf_whole_trouble(reply, trouble));
    else if (connected && heard && reply->http.status >= 400)
        hf_seen_trait(q->seen, HF_TRAIT_client_certificate_required, HF_ABSENT, evidence,
                      "TLS goes on without one; HTTP says %d", reply->http.status);
    else if (connected && heard)
        hf_seen_trait(q->seen, HF_TRAIT_client_certificate_required, HF_ABSENT, evidence, "%s", "");
    else
        hf_seen_trait(q->seen, HF_TRAIT_client_certificate_required, HF_UNKNOWN, evidence,
                      "nothing came after the handshake: %s", hf_whole_trouble(reply, trouble));
}

static void tell_asked(hf_inquiry *q, hf_tri state, size_t evidence)
{
    size_t n = q->seen->n_authorities;

    if (state == HF_ABSENT) {
        hf_seen_trait(q->seen, HF_TRAIT_client_certificate, state, evidence, "%s", "");
        hf_seen_trait(q->seen, HF_TRAIT_client_certificate_required, state, evidence, "%s", "");
    } else if (n == 1) {
        hf_seen_trait(q->seen, HF_TRAIT_client_certificate, state, evidence,
                      "one CA is named%s%.*s", *q->seen->authorities ? ": " : "",
                      (int)strcspn(q->seen->authorities, "\n"), q->seen->authorities);
    } else if (n == 0) {
        hf_seen_trait(q->seen, HF_TRAIT_client_certificate, state, evidence, "no CA is named");
    } else {
        hf_seen_trait(q->seen, HF_TRAIT_client_certificate, state, evidence, "%zu CAs are named",
                      n);
    }
}

static void got_engine(hf_inquiry *q, const hf_reply *reply)
{
    size_t evidence = hf_whole_note(q, reply, "a client without a certificate");
    bool asked = reply->conn && hf_conn_info_of(reply->conn)->certificate_requested;
    char trouble[HF_WHOLE_WORDS];

    if (asked) {
        keep_authorities(q->seen, reply->conn);
        tell_asked(q, HF_PRESENT, evidence);
        tell_required(q, reply, evidence);
    } else if (hf_whole_connected(reply)) {
        tell_asked(q, HF_ABSENT, evidence);
    } else {
        tell_unknown(q->seen, evidence, hf_whole_trouble(reply, trouble));
    }
}

static void got_clear(hf_inquiry *q, const hf_reply *reply)
{
    const hf_flight *f = reply->flight;
    size_t evidence = hf_flight_note(q, reply, "a client without a certificate");

    q->seen->n_authorities = f->n_authorities;
    if (!f->done) {
        tell_unknown(q->seen, evidence, "the server's flight did not come to its end");
        return;
    }
    tell_asked(q, f->certificate_request ? HF_PRESENT : HF_ABSENT, evidence);
    if (f->certificate_request)
        hf_seen_trait(q->seen, HF_TRAIT_client_certificate_required, HF_UNKNOWN, evidence,
                      "this takes a whole handshake, in suites that are not spoken here");
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    if (reply->ask->kind == HF_ASK_ENGINE)
        got_engine(q, reply);
    else
        got_clear(q, reply);
}

const hf_inquiry_row hf_inquiry_client_auth = {
    .name = "client_auth",
    .title = "Certificates of clients",
    .phase = HF_PHASE_DETAILS,
    .state_size = sizeof(client_auth),
    .next = next,
    .got = got,
};
