/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the drawings say of a state: what may come next, what is dropped, what must have been proved. */
#include "support/script_report.h"

#include <stdlib.h>
#include <string.h>

/* ---- during the handshake ---- */

/* What an end knows of the mode from the messages that it saw; the rest it must not yet act on. */
static hf_facts known_from(const script_trace *seen)
{
    hf_facts known = 0;

    for (size_t i = 0; i < seen->n; i++)
        switch (seen->step[i].msg) {
        case HF_MSG_ClientHello:
            known |= HF_F_OFFER13 | HF_F_EARLY_OFFERED | HF_F_COMPAT | HF_F_PHA_OFFERED;
            break;
        case HF_MSG_HelloRetryRequest: known |= HF_F_TLS13; break;
        case HF_MSG_ServerHello:
            known |= HF_F_TLS13 | HF_F_PSK | HF_F_RESUMED | HF_F_EPHEMERAL;
            known |= HF_F_TICKET_PROMISED | HF_F_OCSP_PROMISED;
            break;
        case HF_MSG_EncryptedExtensions: known |= HF_F_EARLY_ACCEPTED; break;
        case HF_MSG_Certificate:
            known |= seen->step[i].writer == HF_CLIENT ? HF_F_CLIENT_CERT : 0;
            break;
        default: break;
        }
    return known;
}

/* The figures of all modes, in the order of the modes. */
static const script_trace *figures(void)
{
    static script_trace *all;

    if (!all) {
        all = calloc(script_mode_count(), sizeof *all);
        for (size_t i = 0; all && i < script_mode_count(); i++)
            all[i] = script_draw(script_mode_at(i)->wire, 0);
    }
    return all;
}

script_legal script_legal_next(const script_trace *trace, hf_facts wire, hf_role reader)
{
    const script_trace *all = figures(), bare = script_without_ccs(trace);
    hf_facts known = known_from(trace);
    script_legal legal = { .may = { false } };

    for (size_t i = 0; i < script_mode_count(); i++) {
        hf_facts other = script_mode_at(i)->wire;
        const script_trace *seen = other & HF_F_TLS13 ? &bare : trace;
        if ((other & known) != (wire & known) || all[i].n <= seen->n)
            continue;
        if (memcmp(all[i].step, seen->step, seen->n * sizeof *seen->step) != 0)
            continue;
        const script_step *next = &all[i].step[seen->n];
        if (next->writer != reader)
            legal.may[script_injection_of((hf_msg)next->msg)] = true;
    }
    return legal;
}

uint64_t script_state_of(const script_trace *trace, hf_facts wire, hf_role reader)
{
    hf_facts told = wire & known_from(trace);
    uint64_t h = script_hash(0, trace->step, trace->n * sizeof *trace->step);

    h = script_hash(h, &told, sizeof told);
    return script_hash(h, &reader, sizeof reader);
}

bool script_tolerated(const script_trace *trace, hf_facts wire, hf_role reader, int injection)
{
    bool hello = reader == HF_SERVER ? script_saw(trace, HF_CLIENT, HF_MSG_ClientHello)
                                     : script_saw(trace, HF_SERVER, HF_MSG_ServerHello);
    bool is13 =
        (hello && (wire & HF_F_TLS13)) || script_saw(trace, HF_SERVER, HF_MSG_HelloRetryRequest);
    bool done = script_saw(trace, !reader, HF_MSG_Finished);

    if (injection == SCRIPT_CCS)
        return is13 && !done;
    return injection == 0 && reader == HF_CLIENT && !is13 && !done; /* HelloRequest */
}

/* ---- after it ---- */

static size_t count_since(const script_trace *trace, size_t from, hf_msg msg)
{
    size_t n = 0;

    for (size_t i = from; i < trace->n; i++)
        n += trace->step[i].msg == msg;
    return n;
}

/* RFC 9846 4.7.2: Certificate, CertificateVerify and Finished follow each other without a gap. */
static void client_may(const script_trace *trace, size_t from, const script_mode *mode,
                       script_legal *legal)
{
    hf_msg last = HF_MSG_NONE;

    for (size_t i = from; i < trace->n; i++)
        if (trace->step[i].writer == HF_CLIENT)
            last = (hf_msg)trace->step[i].msg;
    if (last == HF_MSG_Certificate && (mode->client & HF_F_CLIENT_CERT)) {
        legal->may[15] = true; /* CertificateVerify */
    } else if (last == HF_MSG_Certificate || last == HF_MSG_CertificateVerify) {
        legal->may[20] = true; /* Finished */
    } else {
        legal->may[24] = true; /* KeyUpdate */
        size_t asked = count_since(trace, from, HF_MSG_CertificateRequest);
        legal->may[11] = asked > count_since(trace, from, HF_MSG_Finished); /* Certificate */
    }
}

script_legal script_legal_after(const script_trace *trace, size_t from, const script_mode *mode,
                                hf_role reader)
{
    script_legal legal = { .may = { false } };

    if (!(mode->wire & HF_F_TLS13)) {
        legal.may[reader == HF_CLIENT ? 0 : 1] =
            true; /* HelloRequest, ClientHello: renegotiation */
    } else if (reader == HF_CLIENT) {
        legal.may[4] = legal.may[24] = true; /* NewSessionTicket, KeyUpdate */
        legal.may[13] = mode->wire & HF_F_PHA_OFFERED;
    } else {
        client_may(trace, from, mode, &legal);
    }
    return legal;
}

/* ---- proofs ---- */

uint8_t script_demands(hf_facts wire, hf_role to)
{
    bool key_authenticates = wire & (HF_F_PSK | HF_F_RESUMED);
    uint8_t must = HF_FINISHED;

    if (to == HF_SERVER)
        return wire & HF_F_CLIENT_CERT ? must | HF_CHAIN | HF_SIGNATURE : must;
    if (key_authenticates)
        return must;
    must |= HF_CHAIN;
    /* TLS 1.2 with RSA key exchange: the server proves its key by deciphering, so only by Finished. */
    if (wire & (HF_F_TLS13 | HF_F_EPHEMERAL))
        must |= HF_SIGNATURE;
    return must;
}
