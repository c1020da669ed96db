/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An arbitrary peer: in each state every known message with every content that a message can have, to the
 * end of every path. A path that reaches CONNECTED must be a figure of the RFCs for what was on the wire,
 * and must have proved what that figure demands.
 */
#include "support/script_suites.h"

/* The facts that a content is made of; all subsets are tried. */
static hf_facts contents_of(hf_role writer, hf_msg msg)
{
    switch (msg) {
    case HF_MSG_ClientHello: return HF_F_OFFER13 | HF_F_EARLY_OFFERED | HF_F_COMPAT;
    case HF_MSG_HelloRetryRequest: return HF_F_TLS13;
    case HF_MSG_ServerHello:
        return HF_F_TLS13 | HF_F_PSK | HF_F_RESUMED | HF_F_EPHEMERAL | HF_F_TICKET_PROMISED |
               HF_F_OCSP_PROMISED;
    case HF_MSG_EncryptedExtensions: return HF_F_EARLY_ACCEPTED;
    case HF_MSG_Certificate: return writer == HF_CLIENT ? HF_F_CLIENT_CERT : 0;
    default: return 0;
    }
}

/* What was on the wire, as the drawing's conditions: told by the messages, or by their being there. */
static hf_facts wire_of(const script_end *e)
{
    static const struct {
        hf_role writer;
        hf_msg msg;
        hf_facts fact;
    } shown[] = {
        { HF_SERVER, HF_MSG_HelloRetryRequest, HF_F_RETRY },
        { HF_SERVER, HF_MSG_CertificateRequest, HF_F_CERT_REQUESTED },
        { HF_SERVER, HF_MSG_CertificateStatus, HF_F_OCSP_SENT },
    };
    hf_facts wire = e->told;

    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (script_saw(&e->trace, shown[i].writer, shown[i].msg))
            wire |= shown[i].fact;
    bool plain_psk = (wire & HF_F_PSK) && !(wire & (HF_F_EPHEMERAL | HF_F_RESUMED));
    if (plain_psk && script_saw(&e->trace, HF_SERVER, HF_MSG_ServerKeyExchange))
        wire |= HF_F_PSK_HINT;
    return wire;
}

static void judge(script_report *r, const script_mode *mode, const script_end *e)
{
    hf_facts wire = wire_of(e);
    script_trace figure = script_draw(wire, 0);
    script_trace saw = wire & HF_F_TLS13 ? script_without_ccs(&e->trace) : e->trace;
    uint8_t must = script_demands(wire, e->script.role);
    bool key_authenticates = wire & (HF_F_PSK | HF_F_RESUMED);

    if ((e->script.intent & HF_F_CERT_REQUIRED) && e->script.role == HF_SERVER &&
        !key_authenticates)
        must |= HF_CHAIN | HF_SIGNATURE;
    r->paths++;
    if (!script_same_trace(&figure, &saw))
        script_wrong(r, mode, "connected on a path that no figure has", &e->trace);
    else if ((e->before & must) != must)
        script_wrong(r, mode, "connected without what it must prove", &e->trace);
}

static void explore(script_report *r, const script_mode *mode, const script_end *from);

/* One message with one content; deeper if it was taken. */
static void try_message(script_report *r, const script_mode *mode, const script_end *from,
                        hf_msg msg, hf_facts facts)
{
    script_end e;
    bool plain = msg == HF_MSG_ChangeCipherSpec && (from->script.facts & HF_F_TLS13);
    script_record record =
        script_record_of(script_injection_of(msg), plain ? HF_PLAIN : from->reads_under, facts);

    script_end_copy(&e, from);
    script_stream_put(&e.in, &record);
    script_end_settle(&e);
    e.out = (script_stream){ .len = 0 };
    r->cases++;
    if (e.script.connected)
        judge(r, mode, &e);
    else if (e.script.error == HF_OK && e.trace.n > from->trace.n)
        explore(r, mode, &e);
}

static void explore(script_report *r, const script_mode *mode, const script_end *from)
{
    for (int m = HF_MSG_NONE + 1; m < HF_MSG_UNKNOWN; m++) {
        hf_facts all = contents_of(!from->script.role, (hf_msg)m), some = all;
        for (bool more = true; more;
             some = (some - 1) & all) { /* every subset of all, down to none */
            try_message(r, mode, from, (hf_msg)m, some);
            more = some != 0;
        }
    }
}

static void explore_intent(script_report *r, const script_mode *mode, hf_role role, hf_facts intent)
{
    script_end e;

    script_end_start(&e, role, intent, (script_how){ SCRIPT_RECORD_A_MESSAGE, SCRIPT_FIFO, false });
    script_end_settle(&e);
    e.out = (script_stream){ .len = 0 };
    if (e.script.error == HF_OK)
        explore(r, mode, &e);
}

void script_suite_paths(script_report *r)
{
    static script_set tried;

    tried = (script_set){ .n = 0 };
    for (size_t i = 0; i < script_mode_count(); i++) {
        const script_mode *mode = script_mode_at(i);
        if (!(mode->client & HF_F_PHA_OFFERED) &&
            script_set_add(&tried, (uint64_t)mode->client << 1 | 1))
            explore_intent(r, mode, HF_CLIENT, mode->client);
        if (script_set_add(&tried, (uint64_t)mode->server << 1 | (uint64_t)1 << 40))
            explore_intent(r, mode, HF_SERVER, mode->server);
    }
}
