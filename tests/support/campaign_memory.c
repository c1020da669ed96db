/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the oracle of a campaign keeps: which keys open a memory's tickets, what a client's store
 * holds, and what a connection leaves at both ends. What it says of that is campaign_oracle.c.
 */
#include "support/campaign.h"

#include <string.h>

enum { DAY = 86400, WEEK = 604800, PER_PLACE = 8 };

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* NULL: it remembers nobody. */
camp_memory *camp_memory_of(camp_world *w, const camp_visit *v)
{
    int at = w->server[v->server].memory;

    return at == CAMP_NONE ? NULL : &w->memory[at];
}

/* ---- what a memory opens (config.h: lifetime, rotation, hf_sessions_rotate, hf_sessions_set_keys) ---- */

/* A key that no longer seals opens for one more lifetime; a clock that is set back makes keys young again. */
static void ring_tick(camp_memory *m, int64_t now)
{
    camp_ring *ring = &m->ring;

    for (int i = 0; i < ring->n && !ring->given; i++)
        ring->key[i].made = sooner(ring->key[i].made, now);
    while (!ring->given && ring->n > 1 && now - ring->key[ring->n - 2].made > (int64_t)m->lifetime)
        ring->n--;
}

static void ring_add(camp_ring *ring, int id, int64_t now)
{
    if (ring->n == HF_TICKET_KEYS_MAX)
        ring->n--;
    memmove(ring->key + 1, ring->key, (size_t)ring->n * sizeof *ring->key);
    ring->key[0].id = id;
    ring->key[0].made = now;
    ring->n++;
}

void camp_ring_rotated(camp_world *w, camp_memory *m)
{
    ring_add(&m->ring, w->n_keys++, w->wall[HF_SERVER]);
    m->ring.n = m->ring.n > 2 ? 2 : m->ring.n;
}

/* The id of the key that seals a ticket now. */
static int seal(camp_world *w, camp_memory *m)
{
    int64_t now = w->wall[HF_SERVER];

    if (!m->ring.given && now - m->ring.key[0].made >= (int64_t)m->rotation)
        ring_add(&m->ring, w->n_keys++, now);
    ring_tick(m, now);
    return m->ring.key[0].id;
}

bool camp_remembers(const camp_memory *m, const camp_session *s)
{
    if (s->by_cache_of != CAMP_NONE)
        return s->by_cache_of == m->life;
    for (int i = 0; m->tickets && i < m->ring.n; i++)
        if (m->ring.key[i].id == s->by_ticket_key)
            return true;
    return false;
}

/* ---- the register of 0-RTT tickets: its clock never goes back ---- */

void camp_time_passes(camp_world *w)
{
    if (w->mono_ms > w->shared_ms)
        w->shared_ms = w->mono_ms;
    for (camp_memory *m = w->memory; m < w->memory + CAMP_MEMORIES; m++) {
        if (w->mono_ms > m->clock_ms)
            m->clock_ms = w->mono_ms;
        ring_tick(m, w->wall[HF_SERVER]);
    }
}

uint64_t camp_register_ms(const camp_world *w, const camp_memory *m)
{
    return m->shared ? w->shared_ms : m->clock_ms;
}

/* Keys that others have too need a register that others have too. */
bool camp_has_register(const camp_memory *m)
{
    return m->tickets && (m->shared || !m->ring.given);
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Whoever has the only slot keeps it until his time is past. It remembers of all others, those whom it refused too, until when
   one of them might come again: until then it takes nobody. */
static bool claim_slot(camp_memory *m, int ticket, uint64_t until)
{
    bool late = m->clock_ms <= m->forgotten, room = m->slot == 0 || m->clock_ms > m->until;

    if (m->slot == ticket + 1) {
        m->until = later(m->until, until);
        return false;
    }
    m->forgotten = later(m->forgotten, room ? m->until : until);
    if (room) {
        m->slot = ticket + 1;
        m->until = until;
    }
    return room && !late;
}

/* RFC 9846 8.1: once, whatever comes of it. The other registers have room for all. */
bool camp_claim(camp_world *w, camp_memory *m, int ticket, uint64_t until)
{
    bool first = !w->used[ticket];

    w->used[ticket] = true;
    return !m->shared && m->strikes == 1 ? claim_slot(m, ticket, until) : first;
}

/* ---- a client's store ---- */

static bool is_at(const camp_store *st, int i, const camp_visit *v, const camp_client *c)
{
    return camp_same_terms(st->item[i].terms, camp_client_terms(c)) &&
           st->item[i].endpoint == v->endpoint && st->item[i].name == c->name &&
           st->item[i].verify == c->verify;
}

static void store_remove(camp_store *st, int i)
{
    memmove(st->item + i, st->item + i + 1, (size_t)(--st->n - i) * sizeof *st->item);
}

/* The oldest of that place goes if there are eight, else the oldest of all if there is no room. */
static void store_add(camp_store *st, const camp_visit *v, const camp_client *c, int session)
{
    int there = 0, last = 0;

    for (int i = 0; i < st->n; i++)
        if (is_at(st, i, v, c)) {
            there++;
            last = i;
        }
    if (there >= PER_PLACE)
        store_remove(st, last);
    else if (st->n == (int)st->entries)
        st->n--;
    memmove(st->item + 1, st->item, (size_t)st->n++ * sizeof *st->item);
    st->item[0].terms = camp_client_terms(c);
    st->item[0].endpoint = v->endpoint;
    st->item[0].name = c->name;
    st->item[0].verify = c->verify;
    st->item[0].session = session;
}

/* The newest that can be offered. It is gone then (RFC 9846 C.4); one of TLS 1.2 comes back when the connection is made with it
   (RFC 5246 7.2.2), see remember12. */
int camp_take_from_store(camp_world *w, const camp_visit *v)
{
    const camp_client *c = &w->client[v->client];
    camp_store *st = &w->store[c->store];

    for (int i = 0; i < st->n;) {
        int session = st->item[i].session;
        if (!is_at(st, i, v, c)) {
            i++;
            continue;
        }
        store_remove(st, i);
        if (camp_client_objects(w, v, &w->session[session]) == 0)
            return session;
    }
    return CAMP_NONE;
}

/* ---- what stays of it ---- */

static camp_session *add(camp_world *w, const camp_session *s)
{
    camp_session *fresh = &w->session[w->n_sessions];

    *fresh = *s;
    fresh->ticket = w->n_sessions++;
    return fresh;
}

/* A full handshake is where all of it comes from. */
static camp_session first_of(camp_world *w, const camp_visit *v, const camp_verdict *r)
{
    const camp_client *c = &w->client[v->client];
    const camp_server *sv = &w->server[v->server];
    const camp_memory *m = camp_memory_of(w, v);
    uint32_t limit = camp_policies[sv->policy].seconds;
    camp_session s = { .version = r->version,
                       .aes256 =
                           camp_policies[c->policy].aes256 && camp_policies[sv->policy].aes256,
                       .name = c->name,
                       .verify = c->verify,
                       .server = { sv->policy, sv->trust, sv->auth, 0 },
                       .server_name = c->name,
                       .server_key = camp_server_certs[sv->cert[0]].key,
                       .born = w->wall[HF_SERVER],
                       .client = camp_client_terms(c),
                       .endpoint = v->endpoint,
                       .client_born = w->wall[HF_CLIENT],
                       .client_got = w->wall[HF_CLIENT],
                       .client_chain_ends = camp_server_certs[sv->cert[0]].not_after,
                       .saw_server = r->sees[HF_CLIENT],
                       .saw_client = r->sees[HF_SERVER] };

    s.dies = s.born + (int64_t)(m->lifetime < limit ? m->lifetime : limit);
    if (s.saw_client != CAMP_NONE)
        s.dies = sooner(s.dies, camp_client_certs[s.saw_client].not_after);
    return s;
}

/* RFC 9846 4.7.1: the ticket says how long from its arrival, and a week after the first handshake it is over. */
static camp_session *new_ticket13(camp_world *w, camp_memory *m, const camp_server *sv,
                                  const camp_session *from)
{
    camp_session *s = add(w, from);

    s->by_ticket_key = seal(w, m);
    s->by_cache_of = CAMP_NONE;
    s->issued_ms = camp_register_ms(w, m);
    s->early = sv->early && !sv->retry && camp_has_register(m);
    s->client_got = w->wall[HF_CLIENT];
    s->client_dies = sooner(sooner(s->client_chain_ends, s->client_born + WEEK),
                            s->client_got + (s->dies - w->wall[HF_SERVER]));
    return s;
}

static int remember13(camp_world *w, const camp_visit *v, const camp_verdict *r, unsigned *told)
{
    const camp_client *c = &w->client[v->client];
    const camp_server *sv = &w->server[v->server];
    camp_memory *m = camp_memory_of(w, v);
    unsigned n = camp_policies[sv->policy].tickets;
    camp_session s = r->resumes ? w->session[r->offered] : first_of(w, v, r);

    if (!m->tickets || r->psk)
        return CAMP_NONE;
    s.alpn_chosen = r->alpn;
    *told = r->resumes && n > 1 ? 1 : n;
    for (unsigned i = 0; i < *told; i++) {
        int at = new_ticket13(w, m, sv, &s)->ticket;
        if (c->store != CAMP_NONE)
            store_add(&w->store[c->store], v, c, at);
    }
    return *told > 0 ? w->n_sessions - 1 : CAMP_NONE;
}

/* RFC 5246 F.1.4: 24 hours at most, and less if the ticket says so; a resumed session dies when it would have. */
static camp_session *new_session12(camp_world *w, const camp_visit *v, const camp_verdict *r)
{
    camp_memory *m = camp_memory_of(w, v);
    camp_session first = r->resumes ? w->session[r->offered] : first_of(w, v, r);
    camp_session *s = add(w, &first);
    int64_t life = m->tickets ? sooner(DAY, s->dies - s->born) : DAY;

    s->alpn_chosen = r->alpn;
    s->by_ticket_key = m->tickets ? seal(w, m) : CAMP_NONE;
    s->by_cache_of = m->tickets ? CAMP_NONE : m->life;
    if (!r->resumes)
        s->client_dies = sooner(s->client_chain_ends, s->client_born + life);
    return s;
}

static int remember12(camp_world *w, const camp_visit *v, const camp_verdict *r, unsigned *told)
{
    const camp_client *c = &w->client[v->client];
    const camp_memory *m = camp_memory_of(w, v);
    int at = r->offered;
    bool renewed = r->resumes && w->session[at].by_ticket_key != CAMP_NONE &&
                   w->session[at].by_ticket_key != m->ring.key[0].id;

    if (!r->resumes && !m->tickets && m->entries == 0)
        return CAMP_NONE;
    if (!r->resumes || renewed)
        at = new_session12(w, v, r)->ticket;
    if (c->store != CAMP_NONE)
        store_add(&w->store[c->store], v, c, at);
    *told = 1;
    return at;
}

int camp_remember(camp_world *w, const camp_visit *v, const camp_verdict *r, unsigned *told)
{
    *told = 0;
    if (!r->connects || !camp_memory_of(w, v))
        return CAMP_NONE;
    return r->version == HF_TLS13 ? remember13(w, v, r, told) : remember12(w, v, r, told);
}
