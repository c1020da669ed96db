/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A whole handshake by the engine, with whatever the inquiry's policy offers, and what it wants to do over it. Chains are handed to
 * nobody and taken as they are: who looks at a server must see the bad ones too, and the inquiries judge them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "conn/conn.h"
#include "crypto/random.h"
#include "tool/audit/ask_parts.h"

enum { EARLY_BYTES = 16 * 1024, INSIDE_MS = 1000, EARLY_MS = 1000 };

/* ---- the config ---- */

/* Sessions of configs that judge by themselves are good for one config alone, which they know by what it drew when it was sealed. All
   configs of one audit draw the same there, so that a session of one can be offered by the next. */
static bool draw(void *user, uint8_t *out, size_t len)
{
    const hf_ask_place *place = user;
    const hf_random usual = { NULL, NULL };

    if (!place->sealing)
        return hf_random_bytes(&usual, out, len) == HF_OK;
    for (size_t i = 0; i < len; i++)
        out[i] = place->salt[i % HF_ASK_SALT];
    return true;
}

static hf_error seal(hf_asking *a)
{
    hf_error e;

    a->place->sealing = true;
    e = hf_config_seal(a->config);
    a->place->sealing = false;
    return e;
}

static bool holds(const uint16_t *list, uint16_t code)
{
    for (size_t i = 0; i < HF_POLICY_LIST && list[i]; i++)
        if (list[i] == code)
            return true;
    return false;
}

/* Of a list of groups that was narrowed the shares that are left, in its order; the first group's if none is. */
static void fit_shares(hf_policy *policy)
{
    enum { SHARES = sizeof policy->key_shares / sizeof policy->key_shares[0] };
    uint16_t wanted[SHARES + 1] = { 0 };
    size_t n = 0;

    memcpy(wanted, policy->key_shares, sizeof policy->key_shares);
    memset(policy->key_shares, 0, sizeof policy->key_shares);
    for (size_t i = 0; i < HF_POLICY_LIST && policy->groups[i] && n < SHARES; i++)
        for (size_t j = 0; j < SHARES && wanted[j]; j++)
            if (wanted[j] == policy->groups[i] && n < SHARES &&
                !holds(policy->key_shares, wanted[j]))
                policy->key_shares[n++] = wanted[j];
    if (n == 0)
        policy->key_shares[0] = policy->groups[0];
}

static hf_error settle_config(hf_asking *a)
{
    hf_hooks hooks = { .random = draw, .clock_ms = hf_link_clock_ms, .user = a->place };
    hf_error e = hf_config_set(a->config, HF_SET_EXTERNAL_VERIFY, true);

    a->config->any_chain = true;
    if (e == HF_OK)
        e = hf_config_set(a->config, HF_SET_HANDSHAKE_TIMEOUT, 0); /* the question's time ends it */
    if (e == HF_OK && a->ask->early)
        e = hf_config_set(a->config, HF_SET_EARLY_DATA, EARLY_BYTES);
    if (e == HF_OK)
        e = hf_config_set_hooks(a->config, &hooks);
    return e == HF_OK ? seal(a) : e;
}

static bool make_config(hf_asking *a)
{
    hf_policy policy = a->ask->policy;

    fit_shares(&policy);
    a->config = hf_config_new(HF_CLIENT, &policy);
    return a->config && settle_config(a) == HF_OK;
}

/* ---- the end ---- */

static hf_flight_end end_of(const hf_asking *a)
{
    const hf_failure *failure = hf_conn_failure(hf_link_conn(a->link));
    int error = hf_link_transport_error(a->link);

    if (failure && failure->code == HF_E_ALERT_RECEIVED)
        return HF_FLIGHT_ALERT;
    if (error)
        return HF_FLIGHT_RESET;
    if (failure &&
        (failure->code == HF_E_CLOSED_IN_HANDSHAKE || failure->code == HF_E_TRUNCATED_STREAM))
        return HF_FLIGHT_CLOSED;
    return failure ? HF_FLIGHT_MALFORMED : HF_FLIGHT_DONE;
}

/* ---- over the connection ---- */

static void keep_session(hf_asking *a)
{
    hf_span session = hf_conn_session(hf_link_conn(a->link));
    uint8_t *copy;

    if (session.len == 0 || session.len > HF_ASK_SESSION_MAX || !(copy = malloc(session.len)))
        return;
    memcpy(copy, session.data, session.len);
    if (a->session)
        hf_wipe(a->session, a->session_len);
    free(a->session);
    a->session = copy;
    a->session_len = session.len;
}

static void send_request(hf_asking *a)
{
    if (a->sent < a->request.len)
        a->sent += hf_link_send(a->link, a->request.data + a->sent, a->request.len - a->sent);
}

/* Only in TLS 1.3 does a session come behind the handshake. */
static bool awaits_session(const hf_asking *a)
{
    return a->ask->want_session && !a->session &&
           hf_conn_info_of(hf_link_conn(a->link))->version == HF_TLS13;
}

/* Whoever was slow so far, on the way or by itself, may be so with a session. */
static double patience_of(const hf_asking *a)
{
    double ms = HF_ASK_PATIENCE_MS + 3 * (hf_now_ms() - a->started);

    if (a->ask->more_ms)
        return a->ask->more_ms;
    return ms < HF_ASK_PATIENCE_MAX_MS ? ms : HF_ASK_PATIENCE_MAX_MS;
}

/* All is done but for a session, which may still come. */
static void wind_up(hf_asking *a)
{
    if (awaits_session(a))
        hf_asking_patience(a, patience_of(a));
    else
        hf_asking_finish(a, HF_FLIGHT_DONE);
}

static void say_inside(hf_asking *a)
{
    if (hf_conn_say_inside(hf_link_conn(a->link), a->ask->inside) != HF_OK) {
        hf_asking_finish(a, HF_FLIGHT_DONE); /* it is not TLS 1.2 */
        return;
    }
    a->sent_inside = true;
    hf_asking_patience(a, a->ask->more_ms ? a->ask->more_ms : INSIDE_MS);
}

static bool speaks_http(const hf_asking *a)
{
    const char *alpn = hf_conn_info_of(hf_link_conn(a->link))->alpn;

    return !alpn || strncmp(alpn, "http/1.", 7) == 0;
}

static void on_connected(hf_asking *a)
{
    keep_session(a);
    a->connected = true;
    if (a->ask->inside.len > 0)
        say_inside(a);
    else if (a->ask->path && speaks_http(a))
        send_request(a);
    else
        wind_up(a);
    if (a->ask->early && a->ask->path && !a->head_done && !a->finished)
        hf_asking_patience(
            a, EARLY_MS); /* whether it was taken is known by now; the answer only confirms it */
}

/* ---- what the link calls ---- */

static void on_event(hf_link *link, hf_event event)
{
    hf_asking *a = hf_link_user(link);

    if (event == HF_EVENT_VERIFY) {
        hf_conn_verify_done(hf_link_conn(link), HF_OK);
    } else if (event == HF_EVENT_CONNECTED) {
        on_connected(a);
    } else if (event == HF_EVENT_SESSION) {
        keep_session(a);
        if (a->connected && (!a->ask->path || a->head_done || !speaks_http(a)) && !a->sent_inside)
            wind_up(a);
    } else if (event == HF_EVENT_EARLY_REJECTED) {
        a->sent = 0;
        if (a->connected)
            send_request(a);
    } else if (event == HF_EVENT_PEER_CLOSED || event == HF_EVENT_FAILED) {
        hf_asking_finish(a, end_of(a));
    }
}

static size_t on_data(hf_link *link, hf_span data)
{
    hf_asking *a = hf_link_user(link);

    a->data += data.len;
    if (!a->finished && a->ask->path && !a->head_done && hf_asking_http(a, data))
        wind_up(a);
    if (a->data > HF_ASK_DATA_MAX)
        hf_asking_finish(a, HF_FLIGHT_DONE);
    return data.len;
}

static void on_can_send(hf_link *link)
{
    hf_asking *a = hf_link_user(link);

    if (a->connected && a->ask->path && !a->finished)
        send_request(a);
}

/* The first turn has written the ClientHello: whether 0-RTT goes along is known from here on. */
static void on_turn(hf_link *link)
{
    hf_asking *a = hf_link_user(link);
    const hf_conn_info *info = hf_conn_info_of(hf_link_conn(link));

    if (!a->began) {
        a->began = true;
        if (a->ask->early && a->request.len > 0 && info->early == HF_EARLY_OFFERED)
            send_request(a);
    }
    if (a->sent_inside && hf_conn_inside_answer(hf_link_conn(link)) != HF_INSIDE_SILENT)
        hf_asking_finish(a, HF_FLIGHT_DONE);
}

static void on_closed(hf_link *link)
{
    hf_asking *a = hf_link_user(link);

    a->link_gone = true;
    if (!a->told) {
        hf_asking_finish(a, end_of(a));
        return;
    }
    hf_link_free(link);
    hf_asking_let_go(a);
}

static const hf_link_ops link_ops = { on_event, on_data, on_can_send, on_turn, on_closed };

/* ---- begin ---- */

static hf_conn *new_conn(hf_asking *a)
{
    const hf_ask *ask = a->ask;
    hf_conn_options options = { .server_name = ask->name ? ask->name : a->place->setup->sni,
                                .alpn = ask->alpn,
                                .n_alpn = ask->n_alpn,
                                .session = ask->session,
                                .want_session = ask->want_session,
                                .endpoint = a->place->endpoint };

    return hf_conn_new(a->config, a->place->worker, &options);
}

static void begin(hf_asking *a)
{
    bool good = make_config(a) && (!a->ask->path || hf_asking_request(a));
    hf_conn *conn = good ? new_conn(a) : NULL;
    uv_tcp_t *tcp = a->tcp;

    a->link = conn ? hf_link_new(a->place->loop, tcp, conn, &link_ops, a) : NULL;
    if (!a->link) {
        hf_conn_free(conn);
        hf_asking_finish(a, HF_FLIGHT_MALFORMED); /* ours, as there is no conn */
        return;
    }
    a->tcp = NULL; /* the link's from here on */
    hf_link_start(a->link);
}

/* The raw socket is not read. */
static void take(hf_asking *a, hf_span bytes)
{
    (void)a;
    (void)bytes;
}

static void ended(hf_asking *a, int error)
{
    (void)a;
    (void)error;
}

/* No session came, or nothing followed what was said inside: which is an answer, too. */
static void impatient(hf_asking *a)
{
    hf_asking_finish(a, HF_FLIGHT_DONE);
}

const hf_ask_kind_ops hf_ask_engine_ops = { begin, take, ended, impatient };
