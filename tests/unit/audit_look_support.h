/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A look at a server in memory by one inquiry: with a certificate of the shared PKI unless the test gave it one. */
#ifndef AUDIT_LOOK_SUPPORT_H
#define AUDIT_LOOK_SUPPORT_H

#include "support/audit_server.h"
#include "support/pair.h"

typedef struct look {
    hf_seen *seen;
    audit_server server;
    hf_audit_setup setup;
} look;

static look begin(audit_server server)
{
    const test_pki *pki = shared_pki(HF_KEY_P256);
    look l = { .seen = hf_seen_new(), .server = server, .setup = audit_setup(pki->trust) };

    assert_non_null(l.seen);
    if (!server.identities[0])
        l.server.identities[0] = audit_identity(pki->chain, 2, pki->leaf);
    return l;
}

static void run(look *l, const hf_inquiry_row *row)
{
    audit_server_start(&l->server);
    audit_seen_versions(l->seen, &l->server);
    audit_inquire(row, l->seen, &l->setup, &l->server);
}

static void end(look *l)
{
    audit_server_stop(&l->server);
    hf_seen_free(l->seen);
}

#endif
