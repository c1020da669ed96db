/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The shapes of TLS 1.2's handshake. Ed25519 signs wherever it can: its signatures have one length. */
#include "support/flow12.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ASK = HF_CLIENT_AUTH_REQUEST, DEMAND = HF_CLIENT_AUTH_REQUIRE };
enum { LIFETIME = 3600, CACHE = 16 };

static const flow12 rows[] = {
    { "ECDHE", false, FLOW12_NO_SESSION, 0, false, false, FLOW12_NO_PSK },
    { "ECDHE, TLS 1.3 offered too", false, FLOW12_NO_SESSION, 0, false, true, FLOW12_NO_PSK },
    { "ECDHE, client certificate", false, FLOW12_NO_SESSION, DEMAND, true, false, FLOW12_NO_PSK },
    { "ECDHE, no certificate to show", false, FLOW12_NO_SESSION, ASK, false, false, FLOW12_NO_PSK },
    { "ECDHE, ticket promised", false, FLOW12_TICKET_PROMISED, 0, false, false, FLOW12_NO_PSK },
    { "ECDHE, client certificate and ticket", false, FLOW12_TICKET_PROMISED, ASK, true, false,
      FLOW12_NO_PSK },
    { "static RSA", true, FLOW12_NO_SESSION, 0, false, false, FLOW12_NO_PSK },
    { "static RSA, client certificate", true, FLOW12_NO_SESSION, DEMAND, true, false,
      FLOW12_NO_PSK },
    { "static RSA, ticket promised", true, FLOW12_TICKET_PROMISED, 0, false, false, FLOW12_NO_PSK },
    { "resumed by ticket", false, FLOW12_BY_TICKET, 0, false, false, FLOW12_NO_PSK },
    { "resumed by ticket, client certificate before", false, FLOW12_BY_TICKET, DEMAND, true, false,
      FLOW12_NO_PSK },
    { "resumed by ticket, renewed", false, FLOW12_BY_OLD_TICKET, 0, false, false, FLOW12_NO_PSK },
    { "resumed by id", false, FLOW12_BY_ID, 0, false, false, FLOW12_NO_PSK },
    { "resumed by ticket, static RSA before", true, FLOW12_BY_TICKET, 0, false, false,
      FLOW12_NO_PSK },
    { "ECDHE_PSK", false, FLOW12_NO_SESSION, 0, false, false, FLOW12_ECDHE_PSK },
    { "plain PSK", false, FLOW12_NO_SESSION, 0, false, false, FLOW12_PLAIN_PSK },
};

const flow12 *flow12_row(size_t i)
{
    return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

const flow12 *flow12_named(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    fail_msg("no flow is called %s", name);
    return NULL;
}

bool flow12_resumes(const flow12 *flow)
{
    return flow->session >= FLOW12_BY_TICKET;
}

hf_facts flow12_wire(const flow12 *flow)
{
    hf_facts wire = flow->rsa || flow->psk == FLOW12_PLAIN_PSK ? 0 : HF_F_EPHEMERAL;

    if (flow->psk)
        wire |= HF_F_PSK;
    if (flow->offer13)
        wire |= HF_F_OFFER13 | HF_F_COMPAT;

    if (flow->session == FLOW12_TICKET_PROMISED || flow->session == FLOW12_BY_OLD_TICKET)
        wire |= HF_F_TICKET_PROMISED;
    if (flow12_resumes(flow))
        return wire | HF_F_RESUMED;
    if (flow->client_auth)
        wire |= HF_F_CERT_REQUESTED | (flow->identity ? HF_F_CLIENT_CERT : 0);
    return wire;
}

hf_policy flow12_policy(bool rsa)
{
    hf_policy policy = policy_of_version("classroom", HF_TLS12);

    memset(policy.suites, 0, sizeof policy.suites);
    memset(policy.groups, 0, sizeof policy.groups);
    memset(policy.key_shares, 0, sizeof policy.key_shares);
    policy.suites[0] = rsa ? 0x009c : 0xc02b;
    policy.groups[0] = HF_GROUP_x25519;
    policy.groups[1] = HF_GROUP_secp256r1;
    policy.require_renegotiation_info = true;
    return policy;
}

/* The same, and TLS 1.3 first. */
static hf_policy policy_of_both(void)
{
    hf_policy policy = flow12_policy(false);

    policy.max_version = HF_TLS13;
    policy.suites[1] = policy.suites[0];
    policy.suites[0] = 0x1301;
    policy.key_shares[0] = HF_GROUP_x25519;
    return policy;
}

/* ---- what both ends are made of ---- */

static void make_session(flow12_setup *s)
{
    pair p;

    pair_start(&p, &s->options);
    pair_connect(&p);
    hf_span session = hf_conn_session(p.end[HF_CLIENT].conn);
    assert_true(session.len > 0);
    hb_set(&s->session, session);
    s->options.session = hb_span(&s->session);
    pair_free(&p);
    if (s->flow->session == FLOW12_BY_OLD_TICKET)
        assert_int_equal(hf_sessions_rotate(s->sessions), HF_OK);
}

/* Both ends know one key and have no certificate. The plain suite is that with the shortest tag. */
static void share_key(flow12_setup *s, const flow12 *flow)
{
    uint16_t suite = flow->psk == FLOW12_ECDHE_PSK ? 0xd001 : 0xc0a8;

    for (int role = 0; role < 2; role++) {
        s->policy[role].suites[0] = suite;
        s->psks[role] = hf_psks_new();
        assert_non_null(s->psks[role]);
        assert_int_equal(hf_psks_add(s->psks[role], hf_span_str("a device"),
                                     hf_span_str("32 bytes that both ends know ...")),
                         HF_OK);
        s->options.psks[role] = s->psks[role];
    }
    s->options.no_identity = s->options.no_trust = true;
}

void flow12_prepare(flow12_setup *s, const flow12 *flow)
{
    bool by_id = flow->session == FLOW12_BY_ID;

    memset(s, 0, sizeof *s);
    s->flow = flow;
    s->policy[HF_SERVER] = flow12_policy(flow->rsa);
    s->policy[HF_CLIENT] = flow->offer13 ? policy_of_both() : s->policy[HF_SERVER];
    s->options = (pair_options){ .pki = shared_pki(flow->rsa ? HF_KEY_RSA : HF_KEY_ED25519),
                                 .policy = { &s->policy[HF_CLIENT], &s->policy[HF_SERVER] },
                                 .client_auth = flow->client_auth,
                                 .client_identity = flow->identity };
    if (flow->psk)
        share_key(s, flow);
    if (flow->session == FLOW12_NO_SESSION)
        return;
    s->sessions = hf_sessions_new(&(hf_sessions_options){
        .tickets = !by_id, .entries = by_id ? CACHE : 0, .lifetime = LIFETIME });
    assert_non_null(s->sessions);
    s->options.sessions = s->sessions;
    s->options.want_session = true;
    if (flow12_resumes(flow))
        make_session(s);
}

void flow12_release(flow12_setup *s)
{
    hf_sessions_free(s->sessions);
    for (int role = 0; role < 2; role++)
        hf_psks_free(s->psks[role]);
    hb_free(&s->session);
}

/* A session of the cache is gone once a connection failed with it. */
static void refresh(flow12_setup *s)
{
    if (s->flow->session != FLOW12_BY_ID)
        return;
    void (*configure)(hf_config *, hf_role, void *) = s->options.configure;
    s->options.session = (hf_span){ NULL, 0 };
    s->options.configure = NULL;
    make_session(s);
    s->options.configure = configure;
}

void flow12_start(pair *p, flow12_setup *s)
{
    refresh(s);
    pair_start(p, &s->options);
}

/* ---- against a bad peer ---- */

/* What hostile.c hears are the traffic secrets of TLS 1.3; here the keys come from the master secret. */
static void make_keys(hostile *h)
{
    const hf_engine *e = &h->p.end[h->self].conn->engine;
    hf_traffic *keys = &h->keys[HF_APP];

    if (e->suite && e->suite->version == HF_TLS12 && e->script.epoch[h->self] == HF_APP &&
        keys->version != HF_TLS12)
        assert_int_equal(hf_traffic_keys12(keys, e->suite, &e->secrets, h->self), HF_OK);
}

static void hear12(void *user, const hf_trace_event *event)
{
    hostile *h = user;

    h->sink.event(h, event);
    if (event->kind == HF_TRACE_KEYS && event->writer == h->self && h->p.end[h->self].conn)
        make_keys(h);
}

void flow12_hostile_with(hostile *h, hf_role victim, const pair_options *options)
{
    hostile_start(h, victim, options);
    make_keys(h);
    h->p.end[h->self].conn->trace.event = hear12;
}

void flow12_hostile(hostile *h, hf_role victim, flow12_setup *s)
{
    refresh(s);
    flow12_hostile_with(h, victim, &s->options);
}

void flow12_deliver(hostile *h, size_t n)
{
    while (n-- > 0)
        assert_true(hostile_next(h));
}
