/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "tool/connect_work.h"

#include <errno.h>
#include <string.h>

#include <handfast/policy.h>
#include "handshake/script.h"
#include "tool/exit.h"
#include "tool/psk_file.h"
#include "tool/report.h"
#include "tool/say.h"

enum { PATIENCE_MS = 1000 };

typedef hf_connect_run run;

/* The work is done; saying goodbye does not count. */
static void stop_clock(run *r)
{
    if (r->out.total_ms < 0)
        r->out.total_ms = hf_now_ms() - r->started;
}

void hf_work_finish(run *r)
{
    stop_clock(r);
    if (r->link)
        hf_link_finish(r->link);
}

/* ---- waiting ---- */

static void be_patient(run *r)
{
    long ms = r->o->timeout < PATIENCE_MS ? r->o->timeout : PATIENCE_MS;

    stop_clock(r);
    r->patience_ends = hf_now_ms() + (double)ms;
    hf_link_set_idle(r->link, (uint64_t)ms);
}

/* A byte now and then does not prolong it. */
static bool lost_patience(const run *r)
{
    return (r->awaits_session || r->awaits_verdict) && hf_now_ms() > r->patience_ends;
}

/* In TLS 1.3 a client is connected before the server has judged its certificate, or the lack of one: who was asked for it
   hears the verdict only if he waits. */
static void await_verdict(run *r)
{
    const hf_conn_info *info = hf_conn_info_of(r->out.conn);

    if (r->o->http || info->version != HF_TLS13 || !info->certificate_requested) {
        hf_work_finish(r);
        return;
    }
    r->awaits_verdict = true;
    be_patient(r);
    hf_link_close_write(r->link);
}

/* The server wrote a handshake message under the keys of application data. */
static bool has_ticket(const run *r)
{
    const hf_tape *tape = r->recording.tape;

    for (size_t i = 0; tape && i < tape->n; i++)
        if (tape->events[i].kind == HF_TAPE_RECORD && tape->events[i].writer == HF_SERVER &&
            tape->events[i].content_type == HF_CT_HANDSHAKE && tape->events[i].epoch >= HF_APP)
            return true;
    return !tape;
}

/* Tickets of TLS 1.3 come behind the handshake, and behind the answer to a request in its first flight. From a peer that is not
   verified none is kept; where a pre-shared key is used there are none. A trace shows them, kept or not. */
static bool expects_session(const run *r)
{
    const hf_conn_info *info = hf_conn_info_of(r->out.conn);

    if (r->traced && !info->peer_verified)
        return info->version == HF_TLS13 && !info->psk_used && !has_ticket(r);
    return (r->o->session || r->traced) && info->version == HF_TLS13 && info->peer_verified &&
           !r->got_session;
}

void hf_work_done(run *r)
{
    if (r->awaits_session)
        return;
    if (!expects_session(r)) {
        await_verdict(r);
        return;
    }
    r->awaits_session = true;
    be_patient(r);
}

void hf_work_got_session(run *r)
{
    r->got_session = true;
    if (!r->awaits_session)
        return;
    r->awaits_session = false;
    await_verdict(r);
}

/* While it waits for these, only an alert is a failure. */
bool hf_work_is_failure(const run *r)
{
    if (r->awaits_verdict || (r->awaits_session && !r->o->http))
        return hf_conn_failure(r->out.conn)->code == HF_E_ALERT_RECEIVED;
    /* A response that says its own length needs no close_notify; anything else may have been cut. */
    return !r->o->http || r->fetch.response.state < HF_HTTP_DONE || !r->connected;
}

/* ---- beginning ---- */

/* A pipe has one line, at its start: what follows is the peer's. */
static void say_piping(const run *r)
{
    const hf_conn_info *info = hf_conn_info_of(r->out.conn);
    const char *suite = hf_code_name(HF_SUITES, info->cipher_suite);
    char psk[HF_PSK_NAME_ROOM];

    hf_note("connected to %s: %s, %s%s%s\n", r->where, hf_version_name(info->version),
            suite ? suite : "?",
            info->psk_used        ? ", pre-shared key "
            : info->peer_verified ? ", verified as "
                                  : ", NOT VERIFIED",
            info->psk_used        ? hf_psk_name(info->psk_identity, psk)
            : info->peer_verified ? r->name
                                  : "");
}

static void warn_unverified(const run *r)
{
    const hf_conn_info *info = hf_conn_info_of(r->out.conn);

    if (!hf_peer_is_proved(info) && !r->only_chain)
        hf_warn(HF_RED "the certificate was NOT accepted (%s), and --insecure went on" HF_PLAIN,
                hf_error_row_of(info->peer_error)->sentence);
}

/* Said before only if nothing else was left: see prepare() of connect.c. */
static void warn_no_secrecy(const run *r)
{
    const hf_conn_info *info = hf_conn_info_of(r->out.conn);

    if (info->psk_used && !info->forward_secrecy && !r->warned_no_secrecy)
        hf_warn(HF_RED "NO forward secrecy" HF_PLAIN
                       ": whoever gets the pre-shared key later reads all that was recorded");
}

/* The others are in the report; this one may mean that somebody else writes the file. */
static void warn_damaged(const run *r)
{
    if (hf_conn_info_of(r->out.conn)->session_error == HF_E_SESSION_DAMAGED)
        hf_warn("%s: %s; a full handshake was made", r->o->session,
                hf_error_row_of(HF_E_SESSION_DAMAGED)->sentence);
}

static void begin_pipe(run *r)
{
    say_piping(r);
    if (hf_carry_start(&r->carry, &r->loop, r->link))
        return;
    r->carry.error = ENOMEM;
    hf_work_finish(r);
}

static void no_http(run *r, const char *alpn)
{
    hf_trouble_own(&r->out.trouble, HF_EXIT_FINDING, "HTTP", "config", "http");
    hf_trouble_sentence(&r->out.trouble,
                        "the protocol agreed on is not HTTP/1.1, which is all that --http speaks");
    hf_trouble_where(&r->out.trouble, "%s: ALPN %s", r->where, alpn);
    hf_trouble_hint(&r->out.trouble, "leave --alpn out, or offer http/1.1");
    hf_work_finish(r);
}

/* What was sent as 0-RTT data and accepted is not sent again; hf_fetch_send knows where it is. */
static void begin_http(run *r)
{
    const hf_conn_info *info = hf_conn_info_of(r->out.conn);

    if (info->alpn && strncmp(info->alpn, "http/1.", 7) != 0) {
        no_http(r, info->alpn);
        return;
    }
    r->out.http = &r->fetch.response;
    hf_link_set_idle(r->link, (uint64_t)r->o->timeout);
    hf_fetch_send(&r->fetch, r->link);
}

void hf_work_begin(run *r)
{
    warn_unverified(r);
    warn_damaged(r);
    warn_no_secrecy(r);
    if (r->o->http)
        begin_http(r);
    else if (r->only_chain)
        hf_work_finish(r);
    else if (r->o->pipe)
        begin_pipe(r);
    else
        hf_work_done(r);
}

void hf_work_again(run *r)
{
    hf_fetch_again(&r->fetch);
    if (r->connected)
        hf_fetch_send(&r->fetch, r->link);
}

/* The first turn of a connection has written its ClientHello: whether the session went along is known from here on. */
static void begin_early(run *r)
{
    const hf_conn_info *info = hf_conn_info_of(r->out.conn);

    r->began = true;
    r->out.session.withheld = info->session_error != HF_OK;
    if (r->out.session.withheld)
        hf_session_file_put_back(&r->session);
    if (r->o->early_data && info->early == HF_EARLY_OFFERED)
        hf_fetch_send(&r->fetch, r->link);
}

void hf_work_turn(run *r)
{
    if (!r->began)
        begin_early(r);
    if (r->traced && r->awaits_session && !hf_conn_info_of(r->out.conn)->peer_verified &&
        has_ticket(r))
        hf_work_got_session(r); /* there will be no event, as it is not kept */
    if (lost_patience(r))
        hf_work_finish(r);
}
