/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One connection of a campaign's world: made, used for a word each way, and what it showed. */
#include "support/campaign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIRE = 65536, WORD = 4 };

typedef struct line { /* bytes that one end wrote and the other has not taken */
    uint8_t bytes[WIRE];
    size_t len;
} line;

typedef struct call {
    hf_conn *conn[2];
    char early[32]; /* what the client says as 0-RTT … */
    size_t early_left;
    bool spoke[2]; /* … and a word once it is connected */
    unsigned words[2];
    camp_seen seen;
} call;

static line lines[2]; /* by who writes */

static void keep_session(call *c)
{
    hf_span session = hf_conn_session(c->conn[HF_CLIENT]);

    c->seen.told++;
    free(c->seen.session);
    c->seen.session = malloc(session.len + 1);
    memcpy(c->seen.session, session.data, session.len);
    c->seen.session_len = session.len;
}

static void take_data(call *c, hf_role role, bool early)
{
    hf_span data = hf_conn_data_out(c->conn[role]);

    if (hf_span_equal(data, hf_span_str(c->early)))
        early ? c->seen.early_arrived++ : c->seen.other_arrived++;
    else if (hf_span_equal(data, hf_span_of("word", WORD)) && !early)
        c->words[role]++;
    else
        c->seen.other_arrived++;
    hf_conn_data_taken(c->conn[role], data.len);
}

static void say(call *c, hf_role role)
{
    hf_iovec early = { c->early + strlen(c->early) - c->early_left, c->early_left };
    hf_iovec word = { "word", WORD };

    if (role == HF_CLIENT && c->early_left > 0 &&
        hf_conn_info_of(c->conn[role])->early == HF_EARLY_OFFERED)
        c->early_left -= hf_conn_data_in(c->conn[role], &early, 1);
    if (c->seen.connected[role] && !c->spoke[role])
        c->spoke[role] = hf_conn_data_in(c->conn[role], &word, 1) == WORD;
}

static void take_events(call *c, hf_role role)
{
    hf_event event;

    while ((event = hf_conn_next(c->conn[role])) != HF_EVENT_NONE) {
        c->seen.connected[role] |= event == HF_EVENT_CONNECTED;
        if (event == HF_EVENT_DATA || event == HF_EVENT_EARLY_DATA)
            take_data(c, role, event == HF_EVENT_EARLY_DATA);
        if (event == HF_EVENT_SESSION)
            keep_session(c);
    }
    say(c, role);
}

/* False if nothing moved. */
static bool carry(call *c, hf_role from)
{
    hf_span out = hf_conn_wire_out(c->conn[from]);
    line *l = &lines[from];
    size_t taken = 1, all = out.len;

    assert_true(l->len + out.len <= WIRE);
    if (out.len > 0)
        memcpy(l->bytes + l->len, out.data, out.len);
    l->len += out.len;
    hf_conn_wire_sent(c->conn[from], out.len);
    while (taken > 0 && l->len > 0) {
        taken = hf_conn_wire_in(c->conn[!from], l->bytes, l->len);
        take_events(c, (hf_role)!from);
        memmove(l->bytes, l->bytes + taken, l->len -= taken);
        all += taken;
    }
    return all > 0;
}

static void run(call *c)
{
    bool moved = true;

    lines[0].len = lines[1].len = 0;
    while (moved) {
        take_events(c, HF_CLIENT);
        take_events(c, HF_SERVER);
        moved = carry(c, HF_CLIENT);
        moved |= carry(c, HF_SERVER);
    }
}

static void note_end(call *c, hf_role role)
{
    const hf_conn_info *info = hf_conn_info_of(c->conn[role]);
    const hf_peer *peer = hf_conn_peer(c->conn[role]);

    c->seen.resumed[role] = info->resumed;
    c->seen.psk_used[role] = info->psk_used;
    c->seen.early[role] = info->early;
    snprintf(c->seen.peer[role], sizeof c->seen.peer[role], "%s", peer ? peer->subject : "");
}

static hf_conn_options options_of(const camp_world *w, const camp_visit *v)
{
    hf_conn_options o = { .server_name = camp_names[w->client[v->client].name],
                          .verify_name = camp_names[w->client[v->client].verify],
                          .want_session = true,
                          .endpoint = camp_endpoints[v->endpoint] };

    if (v->kept)
        o.session = hf_span_of(v->kept->bytes, v->kept->len);
    return o;
}

camp_seen camp_connect(camp_world *w, const camp_visit *v)
{
    hf_conn_options o = options_of(w, v);
    call c = { .spoke = { false } };

    snprintf(c.early, sizeof c.early, "early %u", w->payload++);
    c.early_left = strlen(c.early);
    c.conn[HF_SERVER] = hf_conn_new(camp_server_config(w, v->server), w->worker, NULL);
    c.conn[HF_CLIENT] = hf_conn_new(camp_client_config(w, v->client), w->worker, &o);
    assert_non_null(c.conn[HF_SERVER]);
    assert_non_null(c.conn[HF_CLIENT]);
    run(&c);
    note_end(&c, HF_CLIENT);
    note_end(&c, HF_SERVER);
    c.seen.version = hf_conn_info_of(c.conn[HF_CLIENT])->version;
    c.seen.retried = hf_conn_info_of(c.conn[HF_CLIENT])->retried;
    c.seen.session_error = hf_conn_info_of(c.conn[HF_CLIENT])->session_error;
    c.seen.spoke = c.words[HF_CLIENT] == 1 && c.words[HF_SERVER] == 1;
    hf_conn_free(c.conn[HF_CLIENT]);
    hf_conn_free(c.conn[HF_SERVER]);
    return c.seen;
}
