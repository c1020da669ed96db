/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* How two ends know each other. */
#include "fuzz/schedule.h"

#include "fuzz/fuzz.h"
#include "policy/policy.h"

enum { LIFETIME = 3600, STRIKES = 16, RETRY = 8, EARLY_STEP = 700 };

static const uint8_t shared_key[] = "sixteen bytes or more of a secret";
static const char identity[] = "device1";

static bool is_12(const acquaintance *a)
{
    return a->flow >= FLOW_STRANGERS12;
}

static bool has_session(const acquaintance *a)
{
    return a->flow == FLOW_RESUMED || a->flow == FLOW_EARLY || a->flow == FLOW_BOTH ||
           a->flow == FLOW_RESUMED12;
}

static bool has_key(const acquaintance *a)
{
    return a->flow == FLOW_KEY || a->flow == FLOW_KEY_ONLY || a->flow == FLOW_BOTH ||
           a->flow >= FLOW_KEY12;
}

static bool key_only(const acquaintance *a)
{
    return a->flow == FLOW_KEY_ONLY || a->flow == FLOW_KEY_ONLY12;
}

static bool is_looked_up(const acquaintance *a)
{
    return a->detail & 1;
}

/* The server does not know the client's key. */
static bool is_unknown(const acquaintance *a)
{
    return a->flow == FLOW_KEY && a->twist == TWIST_CHANGED;
}

/* ---- its life ---- */

static hf_sessions *new_sessions(void)
{
    hf_sessions *made = hf_sessions_new(
        &(hf_sessions_options){ .tickets = true, .lifetime = LIFETIME, .strikes = STRIKES });

    CHECK(made);
    return made;
}

static hf_psks *new_psks(const char *name)
{
    hf_psks *set = hf_psks_new();

    CHECK(set &&
          hf_psks_add(set, hf_span_str(name), hf_span_of(shared_key, sizeof shared_key)) == HF_OK);
    return set;
}

void acquaintance_start(acquaintance *a, uint8_t flow, uint8_t twist)
{
    *a = (acquaintance){ .flow = (flow_kind)(flow % FLOWS),
                         .twist = (twist_kind)(twist % TWISTS),
                         .detail = twist / TWISTS,
                         .limit = 1 + (size_t)(flow / FLOWS) * EARLY_STEP };
    if (has_session(a) || a->flow == FLOW_TICKETS)
        a->sessions = new_sessions();
    if (!has_key(a))
        return;
    a->psks[HF_CLIENT] = new_psks(is_unknown(a) ? "device2" : identity);
    if (!is_looked_up(a))
        a->psks[HF_SERVER] = new_psks(identity);
}

void acquaintance_end(acquaintance *a)
{
    hf_sessions_free(a->sessions);
    hf_psks_free(a->psks[HF_CLIENT]);
    hf_psks_free(a->psks[HF_SERVER]);
}

/* ---- the ends' options ---- */

static void put_suites(const acquaintance *a, hf_policy *policy)
{
    static const uint16_t suites[] = { 0xd001, 0xccac, 0x00a8, 0xc0a4, 0xc0a8 };

    if (a->flow != FLOW_KEY12 && a->flow != FLOW_KEY_ONLY12)
        return;
    memset(policy->suites, 0, sizeof policy->suites);
    policy->suites[0] = suites[a->detail / 2 % 5];
}

static hf_policy policy_of(const acquaintance *a, uint8_t how)
{
    hf_policy policy = *hf_policy_named("default");

    memset(policy.groups, 0, sizeof policy.groups);
    memset(policy.key_shares, 0, sizeof policy.key_shares);
    policy.groups[0] = policy.key_shares[0] = HF_GROUP_x25519;
    policy.groups[1] = HF_GROUP_secp256r1;
    policy.record_size_limit = (uint16_t)(how & 16 ? 64 + how / 32u * 100u : 16385);
    if (is_12(a))
        policy.max_version = HF_TLS12;
    put_suites(a, &policy);
    return policy;
}

static uint64_t clock_of(void *user)
{
    return *(uint64_t *)user;
}

static bool find_psk(void *user, hf_span name, uint8_t *key, size_t *len)
{
    (void)user;
    CHECK(*len == HF_PSK_KEY_MAX);
    if (!hf_span_equal(name, hf_span_str(identity)))
        return false;
    memcpy(key, shared_key, sizeof shared_key);
    *len = sizeof shared_key;
    return true;
}

static void put_clocks(acquaintance *a, bool before, pair_options *o)
{
    for (int role = 0; role < 2; role++) {
        a->clock_ms[role] = 1000000;
        o->hooks[role].clock_ms = clock_of;
        o->hooks[role].user = &a->clock_ms[role];
    }
    if (!before && a->twist == TWIST_STALE)
        a->clock_ms[HF_SERVER] += 60000;
}

static void put_keys(const acquaintance *a, bool before, pair_options *o)
{
    if (before)
        return;
    o->psks[HF_CLIENT] = a->psks[HF_CLIENT];
    o->psks[HF_SERVER] = a->psks[HF_SERVER];
    o->no_identity = o->no_trust = key_only(a);
    if (has_key(a) && is_looked_up(a))
        o->hooks[HF_SERVER].find_psk = find_psk;
}

static void put_session(acquaintance *a, bool before, pair_options *o)
{
    o->want_session = a->sessions != NULL;
    o->endpoint = "localhost:443";
    o->sessions = a->sessions;
    if (a->flow == FLOW_EARLY) {
        o->early_data[HF_CLIENT] = o->early_data[HF_SERVER] = (uint32_t)a->limit;
        if (!before && a->twist == TWIST_OFF)
            o->early_data[HF_SERVER] = 0;
    }
    if (a->session.len > 0)
        o->session = hf_span_of(a->session.bytes, a->session.len);
    if (before || a->twist != TWIST_PROTOCOL)
        return;
    o->alpn[HF_CLIENT][1] = o->alpn[HF_SERVER][0] = "other";
    o->alpn[HF_SERVER][1] = "fuzz";
}

void acquaintance_options(acquaintance *a, const uint8_t how[2], bool before, pair_options *o)
{
    for (int role = 0; role < 2; role++) {
        a->policy[role] = policy_of(a, how[role]);
        o->policy[role] = &a->policy[role];
    }
    put_clocks(a, before, o);
    put_keys(a, before, o);
    put_session(a, before, o);
}

/* ---- what was before ---- */

int acquaintance_visits(const acquaintance *a)
{
    if (!has_session(a))
        return 0;
    return a->twist == TWIST_REPLAYED ? 2 : 1;
}

static void change_ticket(hf_session *s, const void *with)
{
    static uint8_t changed[HF_SESSION_MAX];
    size_t at = *(const uint8_t *)with * (s->ticket.len - 1) / 255;

    memcpy(changed, s->ticket.data, s->ticket.len);
    changed[at] ^= (uint8_t)(1u << at % 8);
    s->ticket.data = changed;
}

static void twist_it(acquaintance *a)
{
    if (a->twist == TWIST_CHANGED)
        recut(&a->session, change_ticket, &a->detail);
    if (a->twist == TWIST_RESTARTED) {
        hf_sessions_free(a->sessions);
        a->sessions = new_sessions();
    }
    if (a->twist == TWIST_ROTATED || a->twist == TWIST_ROTATED_AWAY)
        CHECK(hf_sessions_rotate(a->sessions) == HF_OK);
    if (a->twist == TWIST_ROTATED_AWAY)
        CHECK(hf_sessions_rotate(a->sessions) == HF_OK);
}

/* Of two visits the first made what is used again. */
void acquaintance_keep(acquaintance *a, hf_conn *client)
{
    hf_span session = hf_conn_session(client);

    if (a->session.len > 0)
        return;
    CHECK(session.len > 0 && session.len <= sizeof a->session.bytes);
    memcpy(a->session.bytes, session.data, session.len);
    a->session.len = session.len;
    twist_it(a);
}

/* ---- what must be ---- */

static bool is_resumed(const acquaintance *a)
{
    if (!has_session(a) || a->twist == TWIST_CHANGED || a->twist == TWIST_RESTARTED ||
        a->twist == TWIST_ROTATED_AWAY)
        return false;
    return !(a->flow == FLOW_RESUMED12 && a->twist == TWIST_PROTOCOL);
}

static bool rests_on_key(const acquaintance *a)
{
    return has_key(a) && !is_unknown(a) && !is_resumed(a);
}

static hf_early early_of(const acquaintance *a, const uint8_t how[2])
{
    if (a->flow != FLOW_EARLY)
        return HF_EARLY_NONE;
    if (how[HF_SERVER] & RETRY) /* its tickets allow none */
        return HF_EARLY_NONE;
    if (a->twist != TWIST_NONE && a->twist != TWIST_ROTATED)
        return HF_EARLY_REJECTED;
    return HF_EARLY_ACCEPTED;
}

static void check_side(const acquaintance *a, const uint8_t how[2], hf_conn *conn)
{
    const hf_conn_info *info = hf_conn_info_of(conn);

    CHECK(info->version == (is_12(a) ? HF_TLS12 : HF_TLS13));
    CHECK(info->resumed == is_resumed(a) && info->psk_used == rests_on_key(a));
    CHECK(info->early == early_of(a, how));
    CHECK(!info->psk_used || hf_span_equal(info->psk_identity, hf_span_str(identity)));
    CHECK(hf_in_list(a->policy[0].suites, info->cipher_suite));
}

/* Nobody is said to be there who did not prove it, in this handshake or in the one that is resumed. */
static void check_peers(const acquaintance *a, hf_conn *client, hf_conn *server)
{
    const hf_peer *peer = hf_conn_peer(client);

    CHECK(!hf_conn_peer(server) && !hf_conn_info_of(server)->peer_verified);
    CHECK((peer != NULL) == !rests_on_key(a));
    CHECK(!peer || strcmp(peer->subject, "CN=localhost") == 0);
    CHECK(hf_conn_info_of(client)->peer_verified == !rests_on_key(a));
}

bool acquaintance_may_return(const acquaintance *a)
{
    return is_resumed(a) || rests_on_key(a);
}

void acquaintance_check(const acquaintance *a, const uint8_t how[2], hf_conn *client,
                        hf_conn *server)
{
    const hf_conn_info *c = hf_conn_info_of(client), *s = hf_conn_info_of(server);

    check_side(a, how, client);
    check_side(a, how, server);
    check_peers(a, client, server);
    CHECK(c->cipher_suite == s->cipher_suite && c->group == s->group);
    CHECK(c->signature_scheme == s->signature_scheme && c->retried == s->retried);
    CHECK(c->alpn && s->alpn && strcmp(c->alpn, s->alpn) == 0);
    CHECK(c->forward_secrecy == s->forward_secrecy);
}
