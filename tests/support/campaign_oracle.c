/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What must resume, and what must not. Each rule is one line, from the RFCs and the public headers;
 * nothing here asks the library anything.
 */
#include "support/campaign.h"

/* ---- what both agree on ---- */

static uint16_t common_version(const camp_policy *c, const camp_policy *s)
{
    uint16_t low = c->min_version > s->min_version ? c->min_version : s->min_version;
    uint16_t high = c->max_version < s->max_version ? c->max_version : s->max_version;

    return high < low ? 0 : high;
}

static bool has_protocol(int list, char protocol)
{
    for (int i = 0; camp_alpns[list][i]; i++)
        if (camp_alpns[list][i][0] == protocol)
            return true;
    return false;
}

/* RFC 7301 3.2: the server's first that the client has too. False: they have none in common. Protocols are known by their
   first letter. */
static bool common_protocol(int client, int server, int *chosen)
{
    *chosen = CAMP_NONE;
    if (!camp_alpns[client][0] || !camp_alpns[server][0])
        return true;
    for (int i = 0; camp_alpns[server][i] && *chosen == CAMP_NONE; i++)
        if (has_protocol(client, camp_alpns[server][i][0]))
            *chosen = camp_alpns[server][i][0];
    return *chosen != CAMP_NONE;
}

static bool trusted(int trust, const camp_cert *cert, int64_t now)
{
    return camp_trusts[trust] >> cert->root & 1 && now >= TEST_NOW - TEST_DAY &&
           now <= cert->not_after;
}

/* A client shows its certificate to who asks and knows its CA. */
static int shown_by_client(const camp_client *c, const camp_server *sv)
{
    if (sv->auth == HF_CLIENT_AUTH_NONE || c->cert == CAMP_NONE)
        return CAMP_NONE;
    return camp_trusts[sv->trust] >> camp_client_certs[c->cert].root & 1 ? c->cert : CAMP_NONE;
}

static bool full_works(const camp_world *w, const camp_client *c, const camp_server *sv)
{
    int shown = shown_by_client(c, sv);

    if (!trusted(c->trust, &camp_server_certs[sv->cert[0]], w->wall[HF_CLIENT]))
        return false;
    if (shown != CAMP_NONE)
        return trusted(sv->trust, &camp_client_certs[shown], w->wall[HF_SERVER]);
    return sv->auth != HF_CLIENT_AUTH_REQUIRE;
}

/* ---- the client's side: what it may offer ---- */

camp_terms camp_client_terms(const camp_client *c)
{
    return (camp_terms){ .policy = c->policy, .trust = c->trust, .cert = c->cert };
}

bool camp_same_terms(camp_terms a, camp_terms b)
{
    return a.policy == b.policy && a.trust == b.trust && a.auth == b.auth && a.cert == b.cert;
}

static bool speaks(const camp_policy *p, const camp_session *s)
{
    return s->version >= p->min_version && s->version <= p->max_version &&
           (p->aes256 || !s->aes256);
}

unsigned camp_client_objects(const camp_world *w, const camp_visit *v, const camp_session *s)
{
    const camp_client *c = &w->client[v->client];
    int64_t now = w->wall[HF_CLIENT];
    unsigned why = 0;

    if (now < s->client_born || now < s->client_got || now >= s->client_dies)
        why |= CAMP_EXPIRED;
    if (s->endpoint != v->endpoint || s->name != c->name || s->verify != c->verify)
        why |= CAMP_OTHER_PEER;
    if (!camp_same_terms(s->client, camp_client_terms(c)) || !speaks(&camp_policies[c->policy], s))
        why |= CAMP_OTHER_SETTINGS;
    return why;
}

static int offered(camp_world *w, const camp_visit *v, unsigned *why_not)
{
    *why_not = 0;
    if (!v->kept)
        return w->client[v->client].store == CAMP_NONE ? CAMP_NONE : camp_take_from_store(w, v);
    *why_not = camp_client_objects(w, v, &w->session[v->kept->session]);
    return *why_not ? CAMP_NONE : v->kept->session;
}

/* ---- the server's side: what it may resume ---- */

static bool has_key(const camp_server *sv, unsigned key)
{
    for (int i = 0; i < 2; i++)
        if (sv->cert[i] != CAMP_NONE && camp_server_certs[sv->cert[i]].key == key)
            return true;
    return false;
}

static bool server_resumes(camp_world *w, const camp_visit *v, const camp_verdict *r)
{
    const camp_server *sv = &w->server[v->server];
    const camp_memory *m = camp_memory_of(w, v);
    const camp_session *s = &w->session[r->offered];
    int64_t now = w->wall[HF_SERVER];

    return m && camp_remembers(m, s) && s->version == r->version && now >= s->born &&
           now < s->dies && now - s->born < (int64_t)m->lifetime &&
           s->server.policy == sv->policy && s->server.trust == sv->trust &&
           s->server.auth == sv->auth && has_key(sv, s->server_key) &&
           (sv->auth != HF_CLIENT_AUTH_REQUIRE || s->saw_client != CAMP_NONE) &&
           s->server_name == w->client[v->client].name &&
           (s->version == HF_TLS13 || s->alpn_chosen == r->alpn);
}

/* ---- 0-RTT (RFC 9846 4.3.10, 8) ---- */

static bool early_offered(const camp_world *w, const camp_visit *v, const camp_verdict *r)
{
    const camp_client *c = &w->client[v->client];

    if (!c->early || r->offered == CAMP_NONE)
        return false;
    const camp_session *s = &w->session[r->offered];
    return s->version == HF_TLS13 && s->early &&
           (s->alpn_chosen == CAMP_NONE || has_protocol(c->alpn, (char)s->alpn_chosen));
}

/* The client tells its ticket's age in milliseconds, from a clock of seconds: up to one second less. */
static int64_t told_age(const camp_world *w, const camp_session *s)
{
    int64_t seconds = w->wall[HF_CLIENT] - s->client_got;

    return seconds > 1 ? (seconds - 1) * 1000 : 0;
}

static int64_t oldest(const camp_session *s)
{
    return (s->dies - s->born) * 1000;
}

static bool is_fresh(const camp_world *w, const camp_memory *m, const camp_session *s)
{
    int64_t told = told_age(w, s), ours = (int64_t)(camp_register_ms(w, m) - s->issued_ms);

    return told <= oldest(s) && ours - told <= CAMP_WINDOW_MS && told - ours <= CAMP_WINDOW_MS;
}

/* The last moment at which it could be fresh, by some clock that is off by a window. */
static uint64_t claimed_until(const camp_world *w, const camp_memory *m, const camp_session *s)
{
    int64_t told = told_age(w, s) < oldest(s) ? told_age(w, s) : oldest(s);
    uint64_t now = camp_register_ms(w, m), expected = s->issued_ms + (uint64_t)told;

    return (now > expected ? now : expected) + 2 * CAMP_WINDOW_MS + 1;
}

/* A ticket is claimed whatever else is the matter: who is refused sends his data again. */
static bool early_taken(camp_world *w, const camp_visit *v, const camp_verdict *r)
{
    const camp_server *sv = &w->server[v->server];
    camp_memory *m = camp_memory_of(w, v);
    const camp_session *s = &w->session[r->offered];

    if (!m || r->version != HF_TLS13 || !camp_has_register(m) || !camp_remembers(m, s))
        return false;
    bool first = camp_claim(w, m, s->ticket, claimed_until(w, m, s));
    return first && r->resumes && sv->early && !r->retried && s->alpn_chosen == r->alpn &&
           is_fresh(w, m, s);
}

/* ---- the verdict ---- */

static void judge_people(const camp_world *w, const camp_visit *v, camp_verdict *r)
{
    const camp_client *c = &w->client[v->client];
    const camp_server *sv = &w->server[v->server];

    r->sees[HF_CLIENT] = r->resumes ? w->session[r->offered].saw_server
                         : r->psk   ? CAMP_NONE
                                    : sv->cert[0];
    r->sees[HF_SERVER] = r->resumes ? w->session[r->offered].saw_client
                         : r->psk   ? CAMP_NONE
                                    : shown_by_client(c, sv);
}

camp_verdict camp_judge(camp_world *w, const camp_visit *v)
{
    const camp_client *c = &w->client[v->client];
    const camp_server *sv = &w->server[v->server];
    const camp_policy *cp = &camp_policies[c->policy], *sp = &camp_policies[sv->policy];
    camp_verdict r = { .version = common_version(cp, sp), .early = HF_EARLY_NONE };
    bool agreed = common_protocol(c->alpn, sv->alpn, &r.alpn) && r.version > 0;

    r.offered = offered(w, v, &r.why_not);
    r.retried = r.version == HF_TLS13 && (sv->retry || (sp->p256 && !cp->p256));
    r.resumes = r.offered != CAMP_NONE && server_resumes(w, v, &r);
    r.psk = !r.resumes && r.version == HF_TLS13 && sv->psk && c->psk == CAMP_PSK_KNOWN &&
            sv->auth != HF_CLIENT_AUTH_REQUIRE; /* a shared key is no certificate */
    bool early = early_offered(w, v, &r);
    if (early)
        r.early = agreed && early_taken(w, v, &r) ? HF_EARLY_ACCEPTED : HF_EARLY_REJECTED;
    if (r.offered != CAMP_NONE && !r.resumes)
        r.why_not = CAMP_DECLINED;
    r.connects = agreed && (r.resumes || r.psk || full_works(w, c, sv)) &&
                 !(early && r.version == HF_TLS12); /* RFC 9846 E.3 */
    judge_people(w, v, &r);
    return r;
}
