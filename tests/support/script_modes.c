/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The list of modes, made once. What comes of two intents is worked out here from the RFCs' words, and
   once more by the fake steps (script_steps.c): the two must agree. */
#include "support/script_modes.h"

#include <assert.h>

enum { MODES_MAX = 4096 };

static script_mode modes[MODES_MAX];
static size_t n_modes;

/* Client authentication: asked or not, held or not, required or not. */
static const struct {
    hf_facts client, server;
} authentication[] = {
    { 0, 0 },
    { HF_F_CLIENT_CERT, 0 },
    { 0, HF_F_CERT_REQUESTED },
    { HF_F_CLIENT_CERT, HF_F_CERT_REQUESTED },
    { HF_F_CLIENT_CERT, HF_F_CERT_REQUESTED | HF_F_CERT_REQUIRED },
    { 0, HF_F_CERT_REQUESTED | HF_F_CERT_REQUIRED },
    { 0, HF_F_CERT_REQUIRED },
};

enum { AUTHENTICATIONS = sizeof authentication / sizeof *authentication };

static hf_facts outcome13(hf_facts client, hf_facts server)
{
    hf_facts wire = HF_F_TLS13 | (server & (HF_F_RETRY | HF_F_PSK));
    bool early = (client & HF_F_EARLY_OFFERED) && (server & HF_F_EARLY_ACCEPTED);

    /* RFC 9846 4.3.10: it goes under the first PSK, and a retry refuses it. */
    if (early && (wire & HF_F_PSK) && !(wire & HF_F_RETRY))
        wire |= HF_F_EARLY_ACCEPTED;
    return wire;
}

static hf_facts outcome12(hf_facts server)
{
    hf_facts wire = server & (HF_F_TICKET_PROMISED | HF_F_EPHEMERAL | HF_F_PSK);

    if (server & HF_F_RESUMED)
        return wire | HF_F_RESUMED;
    if (!(wire & HF_F_PSK) && (server & HF_F_OCSP_PROMISED))
        wire |= server & (HF_F_OCSP_PROMISED | HF_F_OCSP_SENT);
    if ((wire & HF_F_PSK) && !(wire & HF_F_EPHEMERAL))
        wire |= server & HF_F_PSK_HINT;
    return wire;
}

static void add(hf_facts client, hf_facts server)
{
    hf_facts offers = HF_F_OFFER13 | HF_F_EARLY_OFFERED | HF_F_COMPAT | HF_F_PHA_OFFERED;
    bool v13 = (client & HF_F_OFFER13) && (server & HF_F_TLS13);
    script_mode *m = &modes[n_modes++];

    assert(n_modes <= MODES_MAX);
    *m = (script_mode){ .client = client, .server = server, .wire = client & offers };
    m->wire |= v13 ? outcome13(client, server) : outcome12(server);
    if (m->wire & (HF_F_PSK | HF_F_RESUMED))
        return; /* the key authenticates: nobody shows a certificate */
    if (server & HF_F_CERT_REQUESTED)
        m->wire |= HF_F_CERT_REQUESTED | (client & HF_F_CLIENT_CERT);
    m->unproved = (server & HF_F_CERT_REQUIRED) && !(m->wire & HF_F_CLIENT_CERT);
}

/* The chosen facts of `from`: bit i of `bits` takes its i-th. */
static hf_facts pick(const hf_facts *from, size_t n, unsigned bits)
{
    hf_facts out = 0;

    for (size_t i = 0; i < n; i++)
        if (bits >> i & 1)
            out |= from[i];
    return out;
}

static void add_tls13(size_t auth)
{
    static const hf_facts client[] = { HF_F_COMPAT, HF_F_EARLY_OFFERED, HF_F_PHA_OFFERED };
    static const hf_facts server[] = { HF_F_PSK, HF_F_RETRY, HF_F_EARLY_ACCEPTED };

    for (unsigned c = 0; c < 8; c++)
        for (unsigned s = 0; s < 8; s++) {
            hf_facts ours = HF_F_OFFER13 | authentication[auth].client | pick(client, 3, c);
            hf_facts theirs = HF_F_TLS13 | authentication[auth].server | pick(server, 3, s);
            add(ours, theirs);
        }
}

/* TLS 1.2 because one end speaks nothing newer. */
static void add_tls12(size_t auth)
{
    static const struct {
        hf_facts client, server;
    } version[] = {
        { 0, 0 },
        { HF_F_OFFER13, 0 },
        { HF_F_OFFER13 | HF_F_COMPAT, 0 },
        { 0, HF_F_TLS13 | HF_F_RETRY }, /* it would like to retry, and meets a client that cannot */
    };
    static const hf_facts server[] = { HF_F_EPHEMERAL, HF_F_PSK,      HF_F_OCSP_PROMISED,
                                       HF_F_OCSP_SENT, HF_F_PSK_HINT, HF_F_TICKET_PROMISED,
                                       HF_F_RESUMED };

    for (size_t v = 0; v < 4; v++)
        for (unsigned s = 0; s < 128; s++) {
            hf_facts theirs = pick(server, 7, s);
            if ((theirs & (HF_F_PSK | HF_F_RESUMED)) && (theirs & HF_F_OCSP_PROMISED))
                continue;
            add(version[v].client | authentication[auth].client,
                version[v].server | authentication[auth].server | theirs);
        }
}

size_t script_mode_count(void)
{
    if (n_modes == 0)
        for (size_t auth = 0; auth < AUTHENTICATIONS; auth++) {
            add_tls13(auth);
            add_tls12(auth);
        }
    return n_modes;
}

const script_mode *script_mode_at(size_t i)
{
    return i < script_mode_count() ? &modes[i] : NULL;
}
