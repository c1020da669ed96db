/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the tests of 0-RTT share: a client that has a session with early data, and what became of it. */
#ifndef TESTS_SUPPORT_EARLY_SCENE_H
#define TESTS_SUPPORT_EARLY_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile.h"
#include "support/visit.h"

enum { LIMIT = 1000 }; /* bytes of early data that both ends allow, unless a test says otherwise */

static kept session; /* the newest */

static inline const hf_conn_info *info(pair *p, hf_role role)
{
    return hf_conn_info_of(p->end[role].conn);
}

/* Both ends allow it; nothing is sent yet. */
static inline pair_options early_options(hf_sessions *sessions)
{
    pair_options o = usual_return(sessions);

    o.early_data[HF_CLIENT] = o.early_data[HF_SERVER] = LIMIT;
    return o;
}

/* A full handshake, whose session the options offer from now on. */
static inline void remember(pair_options *o)
{
    pair_options first = *o;

    first.early = hf_span_of(NULL, 0);
    first.session = hf_span_of(NULL, 0);
    first_visit(&first, &session);
    o->session = hf_span_of(session.bytes, session.len);
}

static inline size_t position(const pair_end *end, hf_event event)
{
    size_t i = 0;

    while (i < end->n_log && end->log[i] != event)
        i++;
    return i;
}

/* Connected, and the early data arrived as such before CONNECTED. */
static inline void assert_taken(pair *p, hf_span data)
{
    const pair_end *server = &p->end[HF_SERVER];

    for (int role = 0; role < 2; role++) {
        assert_true(p->end[role].connected);
        assert_int_equal(info(p, (hf_role)role)->early, HF_EARLY_ACCEPTED);
        assert_int_equal(info(p, (hf_role)role)->early_error, HF_OK);
        assert_true(info(p, (hf_role)role)->resumed);
        assert_false(pair_saw(&p->end[role], HF_EVENT_EARLY_REJECTED));
    }
    assert_int_equal(server->n_early, data.len);
    assert_true(server->n_data >= data.len);
    if (data.len == 0)
        return;
    assert_memory_equal(server->data, data.data, data.len);
    assert_true(position(server, HF_EVENT_EARLY_DATA) < position(server, HF_EVENT_CONNECTED));
}

/* Connected all the same; nothing of it arrived, the client was told once and before CONNECTED, and what it says now does arrive.
   (RFC 9846 4.3.10#9 #12, F.5#4) */
static inline void assert_not_taken(pair *p, hf_error why)
{
    const pair_end *client = &p->end[HF_CLIENT], *server = &p->end[HF_SERVER];
    unsigned told = 0;

    for (size_t i = 0; i < client->n_log; i++)
        told += client->log[i] == HF_EVENT_EARLY_REJECTED;
    assert_int_equal(told, 1);
    assert_true(position(client, HF_EVENT_EARLY_REJECTED) < position(client, HF_EVENT_CONNECTED));
    for (int role = 0; role < 2; role++) {
        if (hf_conn_failure(p->end[role].conn))
            print_error("%s\n", hf_error_row_of(hf_conn_failure(p->end[role].conn)->code)->name);
        assert_true(p->end[role].connected);
        assert_int_equal(info(p, (hf_role)role)->early, HF_EARLY_REJECTED);
    }
    if (info(p, HF_SERVER)->early_error != why)
        fail_msg("%s, expected %s", hf_error_row_of(info(p, HF_SERVER)->early_error)->name,
                 hf_error_row_of(why)->name);
    assert_int_equal(server->n_data + server->n_early, 0);
    assert_false(pair_saw(server, HF_EVENT_EARLY_DATA));
    pair_send(p, HF_CLIENT, "again", 5);
    pair_send(p, HF_SERVER, "fine", 4);
    assert_int_equal(server->n_data, 5);
    assert_int_equal(server->n_early, 0);
    assert_int_equal(client->n_data, 4);
}

#endif
