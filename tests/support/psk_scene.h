/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the tests of keys shared beforehand have in common: the keys of both ends, and what becomes of them. */
#ifndef TESTS_SUPPORT_PSK_SCENE_H
#define TESTS_SUPPORT_PSK_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/desk.h"
#include "support/visit.h"

#define KEY       "32 bytes that both ends know ..."
#define OTHER_KEY "32 bytes that nobody else knows."

static hf_psks *psks[2];

static inline void add(hf_role role, const char *identity, const char *key)
{
    assert_int_equal(hf_psks_add(psks[role], hf_span_str(identity), hf_span_str(key)), HF_OK);
}

static inline int set_up(void **state)
{
    (void)state;
    for (int role = 0; role < 2; role++)
        assert_non_null(psks[role] = hf_psks_new());
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    for (int role = 0; role < 2; role++)
        hf_psks_free(psks[role]);
    return 0;
}

/* Neither has anything but keys. */
static inline pair_options keys_alone(void)
{
    return (pair_options){ .policy = { hostile_policy(), hostile_policy() },
                           .psks = { psks[HF_CLIENT], psks[HF_SERVER] },
                           .no_identity = true,
                           .no_trust = true };
}

/* The server also has a certificate, and the client a CA. */
static inline pair_options keys_and_certificates(void)
{
    pair_options o = keys_alone();

    o.no_identity = o.no_trust = false;
    return o;
}

static inline const hf_conn_info *info(pair *p, hf_role role)
{
    return hf_conn_info_of(p->end[role].conn);
}

/* RFC 9846 2.2: psk_dhe_ke. It proves that the peer holds the key, and names nobody. */
static inline void connects_with(pair_options *o, const char *identity)
{
    pair p;

    pair_start(&p, o);
    pair_connect(&p);
    for (int role = 0; role < 2; role++) {
        const hf_conn_info *i = info(&p, (hf_role)role);
        assert_true(i->psk_used && i->forward_secrecy);
        assert_false(i->resumed || i->peer_verified || i->certificate_requested);
        assert_true(hf_span_equal(i->psk_identity, hf_span_str(identity)));
        assert_null(hf_conn_peer(p.end[role].conn));
    }
    pair_send(&p, HF_CLIENT, "ping", 4);
    pair_send(&p, HF_SERVER, "pong", 4);
    pair_free(&p);
}

/* Both ends refuse; the client hears why, the server knows what. */
static inline void refused(const pair_options *o, hf_error code, hf_alert alert, size_t *said)
{
    pair p;

    pair_start(&p, o);
    pair_run(&p);
    const hf_failure *server = hf_conn_failure(p.end[HF_SERVER].conn),
                     *client = hf_conn_failure(p.end[HF_CLIENT].conn);
    assert_non_null(server);
    assert_non_null(client);
    if (server->code != code)
        fail_msg("%s, expected %s", hf_error_row_of(server->code)->name,
                 hf_error_row_of(code)->name);
    assert_int_equal(server->alert, alert);
    assert_int_equal(client->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(client->alert, alert);
    assert_false(p.end[0].connected || p.end[1].connected);
    assert_false(info(&p, HF_SERVER)->psk_used || info(&p, HF_CLIENT)->psk_used);
    if (said)
        *said = p.carried[HF_SERVER];
    pair_free(&p);
}

#define PSK_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
