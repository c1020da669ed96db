/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What happens in a campaign's world, one random thing at a time. */
#include "policy/policy.h"
#include "support/campaign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Half of the time the first, so that what was comes back. */
static int some(camp_world *w, unsigned n)
{
    return camp_chance(w, 2) ? 0 : (int)camp_chance(w, n);
}

/* ---- a visit ---- */

/* Mostly the newest; NULL: none is kept. */
static camp_kept *pick_kept(camp_world *w, camp_client *c)
{
    unsigned n = c->n_kept < CAMP_KEPT ? c->n_kept : CAMP_KEPT;

    if (n == 0)
        return NULL;
    unsigned back = camp_chance(w, 3) > 0 ? 0 : camp_chance(w, n);
    return &c->kept[(c->n_kept - 1 - back) % CAMP_KEPT];
}

static void replace_kept(camp_client *c, uint8_t *bytes, size_t len, int session)
{
    camp_kept *k = &c->kept[c->n_kept++ % CAMP_KEPT];

    free(k->bytes);
    *k = (camp_kept){ bytes, len, session };
}

/* A client that changes what it remembers, so that nothing of its own keeps it from offering that: the server must. */
static void rewrite(camp_world *w, const camp_visit *v, hf_session *s)
{
    const camp_client *c = &w->client[v->client];
    int64_t now = w->wall[HF_CLIENT];

    s->server_name = hf_span_str(camp_names[c->name]);
    s->verify_name = hf_span_str(camp_names[c->verify]);
    s->endpoint = hf_span_str(camp_endpoints[v->endpoint]);
    s->created = s->created < now ? s->created : now;
    s->expires = s->expires > now ? s->expires : now + 2;
    if (s->issued_ms > (uint64_t)now * 1000)
        s->issued_ms = (uint64_t)now * 1000;
    if (hf_session_context(camp_client_config(w, v->client), NULL, s->context) != HF_OK)
        camp_fail(w, "no context");
}

static camp_kept *recut(camp_world *w, const camp_visit *v, const camp_kept *from)
{
    camp_client *c = &w->client[v->client];
    camp_session *known = &w->session[w->n_sessions];
    uint8_t *room = malloc(HF_SESSION_MAX);
    hf_session s;
    hf_span out;

    hf_builder b = hf_wr_start(room, HF_SESSION_MAX);
    assert_int_equal(hf_session_read(hf_span_of(from->bytes, from->len), &s), HF_OK);
    rewrite(w, v, &s);
    hf_session_write(&b, &s);
    assert_int_equal(hf_wr_finish(&b, &out), HF_OK);
    *known = w->session[from->session];
    known->name = c->name;
    known->verify = c->verify;
    known->endpoint = v->endpoint;
    known->client = camp_client_terms(c);
    known->client_born = s.created;
    known->client_dies = s.expires;
    known->client_got =
        known->client_got < w->wall[HF_CLIENT] ? known->client_got : w->wall[HF_CLIENT];
    replace_kept(c, room, out.len, w->n_sessions++);
    return &c->kept[(c->n_kept - 1) % CAMP_KEPT];
}

static void change_protocols(camp_world *w, const camp_visit *v)
{
    camp_client *c = &w->client[v->client];
    camp_server *sv = &w->server[v->server];
    bool both = camp_chance(w, 2);

    if (both || camp_chance(w, 2))
        c->alpn = some(w, CAMP_ALPNS);
    sv->alpn = (int)camp_chance(w, CAMP_ALPNS);
    camp_forget_config(&c->config);
    camp_forget_config(&sv->config);
}

/* Half of the time the two that met last; now and then under another name, or with other protocols. */
static camp_visit pick_visit(camp_world *w)
{
    camp_visit v = w->last;

    if (camp_chance(w, 2) == 0) {
        v.client = (int)camp_chance(w, CAMP_CLIENTS);
        v.server = (int)camp_chance(w, CAMP_SERVERS);
        v.endpoint = camp_chance(w, 6) ? v.server : (int)camp_chance(w, CAMP_ENDPOINTS);
    }
    camp_client *c = &w->client[v.client];
    if (camp_chance(w, 8) == 0)
        *(camp_chance(w, 2) ? &c->name : &c->verify) = some(w, CAMP_NAMES);
    if (camp_chance(w, 8) == 0)
        change_protocols(w, &v);
    camp_kept *kept = camp_chance(w, 2) == 0 || c->store == CAMP_NONE ? pick_kept(w, c) : NULL;
    if (kept && camp_chance(w, 3) == 0)
        kept = recut(w, &v, kept);
    v.kept = kept;
    w->last = v;
    return v;
}

static void visit(camp_world *w)
{
    camp_visit v = pick_visit(w);
    unsigned told;

    camp_verdict r = camp_judge(w, &v);
    camp_note_visit(w, &v, &r);
    camp_seen seen = camp_connect(w, &v);
    int session = camp_remember(w, &v, &r, &told);
    camp_check(w, &v, &r, &seen, told);
    if (session != CAMP_NONE)
        replace_kept(&w->client[v.client], seen.session, seen.session_len, session);
    else
        free(seen.session);
}

/* ---- time ---- */

/* Of the life of the sessions of whom was met last: half of it, so that renewed ones live on, or all, give or take a moment. */
static int64_t part_of_life(camp_world *w)
{
    int memory = w->server[w->last.server].memory;
    int64_t life = memory == CAMP_NONE ? 600 : w->memory[memory].lifetime;

    return camp_chance(w, 2) ? life / 2 + 2 : life - 2 + 2 * (int64_t)camp_chance(w, 3);
}

static int64_t span_of_time(camp_world *w)
{
    static const int64_t spans[] = { 2,    4,    8,     10,    12,    16,     20,    22,
                                     40,   120,  298,   302,   598,   1200,   1202,  3590,
                                     5400, 7200, 40000, 86400, 90000, 300000, 604800 };

    switch (camp_chance(w, 4)) {
    case 0: return part_of_life(w);
    case 1: return spans[camp_chance(w, sizeof spans / sizeof *spans)];
    default: return spans[camp_chance(w, 9)];
    }
}

/* All clocks together, or one of them alone, forth or back. */
static void move_clocks(camp_world *w)
{
    int64_t by = span_of_time(w);
    unsigned which = camp_chance(w, 8);

    if (which >= 4)
        by = camp_chance(w, 2) ? by : -by;
    if (which <= 5)
        w->wall[HF_CLIENT] += by;
    if (which <= 3 || which == 6)
        w->wall[HF_SERVER] += by;
    if (which <= 3 || which == 7)
        w->mono_ms += by > 0 || w->mono_ms > (uint64_t)-by * 1000 ? (uint64_t)(by * 1000) : 0;
    camp_note(w, "%s by %lld s\n",
              which <= 3   ? "all clocks"
              : which <= 5 ? "the client's clock"
              : which == 6 ? "the servers' clock"
                           : "the register's clock",
              (long long)by);
    camp_knock(w);
    camp_time_passes(w);
    w->tally->clock_moves++;
}

/* ---- memories ---- */

static void forget_servers_of(camp_world *w, int memory)
{
    for (int i = 0; i < CAMP_SERVERS; i++)
        if (w->server[i].memory == memory)
            camp_forget_config(&w->server[i].config);
}

static void rotate(camp_world *w)
{
    camp_memory *m = &w->memory[camp_chance(w, CAMP_MEMORIES)];

    if (!m->tickets || m->ring.given)
        return;
    camp_note(w, "memory %d rotates\n", (int)(m - w->memory));
    if (hf_sessions_rotate(m->sessions) != HF_OK)
        camp_fail(w, "keys do not rotate");
    camp_ring_rotated(w, m);
    camp_knock(w);
    camp_time_passes(w);
    w->tally->rotations++;
}

static void give(camp_world *w, camp_memory *m)
{
    int ids[CAMP_GIVEN_KEYS] = { 0, 1, 2, 3 }, n = 1 + (int)camp_chance(w, 3);

    for (int i = 0; i < CAMP_GIVEN_KEYS; i++) {
        int j = (int)camp_chance(w, CAMP_GIVEN_KEYS), swap = ids[i];
        ids[i] = ids[j];
        ids[j] = swap;
    }
    camp_note(w, "memory %d is given %d keys, %d first\n", (int)(m - w->memory), n, ids[0]);
    camp_memory_give(w, m, ids, n);
}

static void give_keys(camp_world *w)
{
    camp_memory *m = &w->memory[camp_chance(w, CAMP_MEMORIES)];

    if (!m->tickets)
        return;
    give(w, m);
    w->tally->rotations++;
}

/* What was given is given again by whoever keeps it in a file. */
static void restart(camp_world *w)
{
    int at = (int)camp_chance(w, CAMP_MEMORIES), ids[HF_TICKET_KEYS_MAX];
    camp_memory *m = &w->memory[at];
    camp_ring before = m->ring;

    camp_note(w, "memory %d begins anew\n", at);
    forget_servers_of(w, at);
    camp_memory_start(w, m);
    for (int i = 0; i < before.n; i++)
        ids[i] = before.key[i].id;
    if (before.given)
        camp_memory_give(w, m, ids, before.n);
    w->tally->restarts++;
}

/* ---- changes of mind ---- */

static void change_certs(camp_world *w, camp_server *sv)
{
    sv->cert[0] = some(w, CAMP_SERVER_CERTS);
    sv->cert[1] = camp_chance(w, 2) ? CAMP_NONE : some(w, CAMP_SERVER_CERTS);
}

static void change_server(camp_world *w)
{
    int at = camp_chance(w, 2) ? w->last.server : (int)camp_chance(w, CAMP_SERVERS);
    camp_server *sv = &w->server[at];

    switch (camp_chance(w, 9)) {
    case 0: sv->policy = some(w, CAMP_POLICIES); break;
    case 1: sv->auth = (int)camp_chance(w, 3); break;
    case 2: sv->trust = some(w, CAMP_TRUSTS); break;
    case 3: sv->alpn = some(w, CAMP_ALPNS); break;
    case 4: sv->memory = (int)camp_chance(w, CAMP_MEMORIES + 1) - 1; break;
    case 5: change_certs(w, sv); break;
    case 6: sv->early = !sv->early; break;
    case 7: sv->psk = !sv->psk; break;
    default: sv->retry = !sv->retry; break;
    }
    camp_forget_config(&sv->config);
    camp_note(w,
              "server %d: policy %d, auth %d, trust %d, certs %d %d, alpn %d, "
              "memory %d, early %d, "
              "psk %d, retry %d\n",
              at, sv->policy, sv->auth, sv->trust, sv->cert[0], sv->cert[1], sv->alpn, sv->memory,
              sv->early, sv->psk, sv->retry);
    w->tally->changes++;
}

static void change_client(camp_world *w)
{
    int at = camp_chance(w, 2) ? w->last.client : (int)camp_chance(w, CAMP_CLIENTS);
    camp_client *c = &w->client[at];

    switch (camp_chance(w, 9)) {
    case 0: c->policy = some(w, CAMP_POLICIES); break;
    case 1: c->trust = some(w, CAMP_TRUSTS); break;
    case 2: c->alpn = some(w, CAMP_ALPNS); break;
    case 3:
    case 4: c->cert = (int)camp_chance(w, CAMP_CLIENT_CERTS + 1) - 1; break;
    case 5: c->name = some(w, CAMP_NAMES); break;
    case 6: c->store = (int)camp_chance(w, CAMP_STORES + 1) - 1; break;
    case 7: c->psk = (camp_psk)some(w, 3); break;
    default: c->early = !c->early; break;
    }
    camp_forget_config(&c->config);
    camp_note(w,
              "client %d: policy %d, trust %d, cert %d, name %d, alpn %d, store "
              "%d, psk %d, early "
              "%d\n",
              at, c->policy, c->trust, c->cert, c->name, c->alpn, c->store, (int)c->psk, c->early);
    w->tally->changes++;
}

void camp_step(camp_world *w)
{
    unsigned what = camp_chance(w, 100);

    if (what < 60)
        visit(w);
    else if (what < 74)
        move_clocks(w);
    else if (what < 79)
        rotate(w);
    else if (what < 82)
        restart(w);
    else if (what < 85)
        give_keys(w);
    else if (what < 91)
        change_server(w);
    else
        change_client(w);
}
