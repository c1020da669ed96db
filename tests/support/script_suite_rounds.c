/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * After the handshake: tickets, key updates, post-handshake authentication, renegotiation. Each direction
 * writes what it means to, in its order and under its keys; the facts of a round end with it; and what
 * the handshake or an earlier round proved proves nothing in this one.
 */
#include "support/script_suites.h"

/* What the ends mean to do in one round. */
typedef struct plan {
    hf_facts client, server;
    bool certificate; /* the client has one to answer with */
} plan;

static const plan plans[] = {
    { 0, HF_F_TICKET, true },
    { 0, HF_F_TICKET | HF_F_SERVER_UPDATE, true },
    { HF_F_CLIENT_UPDATE, 0, false },
    { 0, HF_F_ASKED, true },
    { 0, HF_F_ASKED, false }, /* an empty answer, after a full one */
    { HF_F_CLIENT_UPDATE, HF_F_TICKET | HF_F_ASKED | HF_F_SERVER_UPDATE, true },
    { HF_F_CLIENT_UPDATE, HF_F_ASKED | HF_F_SERVER_UPDATE, false },
    { HF_F_RENEGOTIATE, 0, true },
    { 0, HF_F_RENEGOTIATE, true },
};

enum { PLANS = sizeof plans / sizeof *plans };

/* ---- the drawing of a round (RFC 9846 4.7, RFC 5246 7.4.1.1, RFC 5746 4.5) ---- */

static void add_step(script_trace *t, hf_role writer, hf_msg msg, uint8_t *epoch)
{
    t->step[t->n++] = (script_step){ (uint8_t)writer, (uint8_t)msg, *epoch };
    if (msg == HF_MSG_KeyUpdate)
        ++*epoch;
}

static script_trace draw_server(const script_mode *mode, const plan *round, uint8_t epoch)
{
    script_trace t = { .n = 0 };
    bool v13 = mode->wire & HF_F_TLS13;

    if (v13 && (round->server & HF_F_TICKET))
        add_step(&t, HF_SERVER, HF_MSG_NewSessionTicket, &epoch);
    if (v13 && (round->server & HF_F_ASKED) && (mode->wire & HF_F_PHA_OFFERED))
        add_step(&t, HF_SERVER, HF_MSG_CertificateRequest, &epoch);
    if (v13 && (round->server & HF_F_SERVER_UPDATE))
        add_step(&t, HF_SERVER, HF_MSG_KeyUpdate, &epoch);
    if (!v13 && (round->server & HF_F_RENEGOTIATE))
        add_step(&t, HF_SERVER, HF_MSG_HelloRequest, &epoch);
    return t;
}

static script_trace draw_client(const script_mode *mode, const plan *round, uint8_t epoch)
{
    script_trace t = { .n = 0 };
    bool v13 = mode->wire & HF_F_TLS13;
    bool asked = v13 && (round->server & HF_F_ASKED) && (mode->wire & HF_F_PHA_OFFERED);

    if (v13 && (round->client & HF_F_CLIENT_UPDATE))
        add_step(&t, HF_CLIENT, HF_MSG_KeyUpdate, &epoch);
    if (asked) {
        add_step(&t, HF_CLIENT, HF_MSG_Certificate, &epoch);
        if (round->certificate)
            add_step(&t, HF_CLIENT, HF_MSG_CertificateVerify, &epoch);
        add_step(&t, HF_CLIENT, HF_MSG_Finished, &epoch);
    }
    if (!v13 && (round->client & HF_F_RENEGOTIATE))
        add_step(&t, HF_CLIENT, HF_MSG_ClientHello, &epoch);
    return t;
}

/* ---- one round ---- */

/* Under which keys each end writes after so many rounds: one generation on for each KeyUpdate. */
static void count_updates(const script_mode *mode, const plan *round, uint8_t epoch[2])
{
    if (!(mode->wire & HF_F_TLS13))
        return;
    epoch[HF_CLIENT] = (uint8_t)(epoch[HF_CLIENT] + !!(round->client & HF_F_CLIENT_UPDATE));
    epoch[HF_SERVER] = (uint8_t)(epoch[HF_SERVER] + !!(round->server & HF_F_SERVER_UPDATE));
}

static void begin_round(script_pair *p, const plan *round)
{
    script_end *client = &p->end[HF_CLIENT], *server = &p->end[HF_SERVER];

    client->script.intent &= ~(hf_facts)HF_F_CLIENT_CERT;
    client->script.intent |= round->client | (round->certificate ? HF_F_CLIENT_CERT : 0);
    server->script.intent |= round->server;
    server->evidence = client->evidence = 0;
    server->owed_once = false;
}

/* Facts that a reader may still hold, because nothing came that would have ended the round. */
static hf_facts lasting(hf_facts facts)
{
    return facts & ~(hf_facts)(HF_F_TICKET | HF_F_CLIENT_UPDATE | HF_F_SERVER_UPDATE |
                               HF_F_OFFER13 | HF_F_COMPAT);
}

static const char *round_fault(const script_pair *p, const plan *round, const script_pair *was,
                               uint8_t epoch[2])
{
    const script_end *client = &p->end[HF_CLIENT], *server = &p->end[HF_SERVER];
    script_trace should[2] = { draw_client(p->mode, round, epoch[HF_CLIENT]),
                               draw_server(p->mode, round, epoch[HF_SERVER]) };
    bool asked = should[HF_CLIENT].n > 1;

    for (unsigned end = 0; end < 2; end++) {
        const script_end *e = &p->end[end], *before = &was->end[end];
        if (e->script.error != HF_OK || e->restless || e->in.overflow || e->out.overflow)
            return e->restless ? "it stopped although it could go on"
                               : "a round after the handshake fails";
        for (unsigned writer = 0; writer < 2; writer++) {
            script_trace did = script_written_by(&e->trace, before->trace.n, (hf_role)writer);
            if (!script_same_trace(&did, &should[writer]))
                return "not the order of a round";
        }
        if (lasting(e->script.facts) != lasting(before->script.facts))
            return "a fact of a round outlives it";
    }
    count_updates(p->mode, round, epoch);
    if (client->writes_under != epoch[HF_CLIENT] || server->reads_under != epoch[HF_CLIENT])
        return "the client's keys are of another generation";
    if (server->writes_under != epoch[HF_SERVER] || client->reads_under != epoch[HF_SERVER])
        return "the server's keys are of another generation";
    uint8_t must = asked ? HF_FINISHED | (round->certificate ? HF_CHAIN | HF_SIGNATURE : 0) : 0;
    if (server->evidence != must || (asked && server->script.proved != 0))
        return "other proofs than the answer to a request has";
    return NULL;
}

static bool connect(script_report *r, script_pair *p, const script_mode *mode, script_how how)
{
    script_pair_start(p, mode, how);
    script_pair_finish(p);
    if (!script_pair_connected(p))
        script_wrong(r, mode, "not connected", &p->end[HF_SERVER].trace);
    return script_pair_connected(p);
}

static void all_plans(script_report *r, const script_mode *mode, script_how how)
{
    static script_pair p, was;

    for (size_t first = 0; first < PLANS; first++) {
        if (!connect(r, &p, mode, how))
            return;
        uint8_t epoch[2] = { HF_APP, HF_APP };
        for (size_t k = 0; k < 3; k++) {
            const plan *round = &plans[(first + k) % PLANS];
            script_pair_copy(&was, &p);
            begin_round(&p, round);
            script_pair_finish(&p);
            r->rounds++;
            r->cases++;
            const char *fault = round_fault(&p, round, &was, epoch);
            if (fault) {
                script_wrong(r, mode, fault, &p.end[HF_SERVER].trace);
                return;
            }
        }
        if (r->brief && first == 3)
            return;
    }
}

/* Two requests are open before the first is answered: two answers, one after the other. */
static void two_requests(script_report *r, const script_mode *mode)
{
    static script_pair p;
    static const plan ask = { 0, HF_F_ASKED, true };
    script_end *server = &p.end[HF_SERVER];
    script_trace figure;

    if (!connect(r, &p, mode, (script_how){ SCRIPT_RECORD_A_MESSAGE, SCRIPT_FIFO, true }))
        return;
    size_t from = server->trace.n;
    figure = draw_client(mode, &ask, HF_APP);
    for (size_t i = 0; i < 3; i++)
        figure.step[figure.n++] = figure.step[i];
    begin_round(&p, &ask);
    script_end_settle(server);
    begin_round(&p, &ask);
    script_pair_finish(&p);
    r->rounds++;
    r->cases++;
    script_trace did = script_written_by(&server->trace, from, HF_CLIENT);
    if (server->script.error != HF_OK || !script_same_trace(&did, &figure))
        script_wrong(r, mode, "two requests, and not two answers", &server->trace);
}

/* ---- proofs in a round ---- */

static void strike_round(script_report *r, const script_mode *mode, const plan *round, bool second,
                         uint8_t proof)
{
    static script_pair p;
    static const plan full = { 0, HF_F_ASKED, true };
    script_end *server = &p.end[HF_SERVER];
    bool demanded = proof == HF_FINISHED || round->certificate;

    if (!connect(r, &p, mode, (script_how){ SCRIPT_RECORD_A_MESSAGE, SCRIPT_FIFO, false }))
        return;
    if (second) {
        begin_round(&p, &full);
        script_pair_finish(&p);
    }
    begin_round(&p, round);
    server->strike = proof;
    script_pair_finish(&p);
    r->cases++;
    r->struck += demanded;
    if (demanded != (server->script.error == HF_E_NOT_PROVED) ||
        (!demanded && server->script.error != HF_OK))
        script_wrong(r, mode,
                     demanded ? "an answer without evidence is taken" : "a good answer is refused",
                     &server->trace);
}

static void hold_round(script_report *r, const script_mode *mode, const plan *round)
{
    static script_pair p;
    script_end *server = &p.end[HF_SERVER];

    if (!connect(r, &p, mode, (script_how){ SCRIPT_RECORD_A_MESSAGE, SCRIPT_FIFO, false }))
        return;
    begin_round(&p, round);
    server->hold_owed = true;
    script_pair_finish(&p);
    server->script.intent |= HF_F_TICKET | HF_F_SERVER_UPDATE;
    script_pair_finish(&p);
    r->cases++;
    r->held++;
    if (!server->owed_once || server->script.error != HF_OK || server->last != HF_RUN_JOB)
        script_wrong(r, mode, "a round does not wait for the proof that is owed", &server->trace);
    else if (server->written != server->written_by_then)
        script_wrong(r, mode, "it spoke with a proof owed after the handshake", &server->trace);
    server->hold_owed = false;
    script_pair_finish(&p);
    if (server->script.error != HF_OK || server->written == server->written_by_then)
        script_wrong(r, mode, "it does not go on once the proof is there", &server->trace);
}

static void fail_round(script_report *r, const script_mode *mode, const plan *round)
{
    static script_pair p;
    script_end *server = &p.end[HF_SERVER];

    for (int k = 0; k < 2; k++) {
        if (!connect(r, &p, mode, (script_how){ SCRIPT_RECORD_A_MESSAGE, SCRIPT_FIFO, false }))
            return;
        begin_round(&p, round);
        server->fail_job = (int)server->done + k;
        script_pair_finish(&p);
        r->cases++;
        r->failed++;
        if (server->script.error != SCRIPT_E_JOB ||
            server->script.proved == (HF_CHAIN | HF_SIGNATURE | HF_FINISHED))
            script_wrong(r, mode, "a job of a round failed and the round did not", &server->trace);
    }
}

static void round_proofs(script_report *r, const script_mode *mode)
{
    static const plan asked[] = {
        { 0, HF_F_ASKED, true },
        { 0, HF_F_ASKED, false },
        { HF_F_CLIENT_UPDATE, HF_F_ASKED, true },
    };

    for (size_t i = 0; i < 3; i++) {
        for (unsigned proof = HF_CHAIN; proof <= HF_FINISHED; proof *= 2) {
            strike_round(r, mode, &asked[i], false, (uint8_t)proof);
            strike_round(r, mode, &asked[i], true, (uint8_t)proof);
        }
        if (asked[i].certificate) {
            hold_round(r, mode, &asked[i]);
            fail_round(r, mode, &asked[i]);
        }
    }
    two_requests(r, mode);
}

/* Writing and reading are independent after the handshake: half a message of the peer keeps nobody quiet. */
static void speak_over_half_a_message(script_report *r, const script_mode *mode)
{
    static script_pair p;
    static const plan update = { HF_F_CLIENT_UPDATE, 0, false };
    script_end *server = &p.end[HF_SERVER];
    script_record half;

    if (!connect(r, &p, mode, (script_how){ SCRIPT_RECORD_A_BYTE, SCRIPT_FIFO, false }))
        return;
    begin_round(&p, &update);
    script_end_settle(&p.end[HF_CLIENT]);
    script_stream_take(&p.end[HF_CLIENT].out, &half);
    script_stream_put(&server->in, &half);
    script_end_settle(server);
    server->script.intent |= HF_F_TICKET;
    script_end_settle(server);
    r->rounds++;
    r->cases++;
    if (server->script.error != HF_OK ||
        !script_saw(&server->trace, HF_SERVER, HF_MSG_NewSessionTicket))
        script_wrong(r, mode, "half a message keeps it from speaking", &server->trace);
    script_pair_finish(&p);
    if (server->script.error != HF_OK || server->reads_under != HF_APP + 1)
        script_wrong(r, mode, "the other half is refused", &server->trace);
}

void script_suite_rounds(script_report *r)
{
    for (size_t i = 0; i < script_mode_count(); i++) {
        const script_mode *mode = script_mode_at(i);
        bool pha = (mode->wire & HF_F_PHA_OFFERED) && (mode->wire & HF_F_TLS13);
        if (mode->unproved || (r->brief && !pha && i % 16))
            continue;
        all_plans(r, mode, (script_how){ SCRIPT_RECORD_A_MESSAGE, SCRIPT_FIFO, false });
        all_plans(r, mode, (script_how){ SCRIPT_COALESCED, SCRIPT_LIFO, true });
        if (mode->wire & HF_F_TLS13)
            speak_over_half_a_message(r, mode);
        if (pha)
            round_proofs(r, mode);
    }
}
