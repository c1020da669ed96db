/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Questions carried to a server in memory, and its answers back. */
#include "support/audit_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/whole.h"
#include "conn/conn.h"
#include "policy/policy.h"
#include "support/pair.h"

enum { SALT = 0x5a, ROUNDS_MAX = 200, SILENT_ROW = 6 /* as the tool's LATE_ROW */ };

/* ---- the server ---- */

static uint64_t clock_ms(void *user)
{
    (void)user;
    return (uint64_t)TEST_NOW * 1000;
}

static hf_error claim(void *user, const uint8_t id[HF_EARLY_ID], uint64_t now_ms, uint64_t until_ms)
{
    audit_server *server = user;

    (void)now_ms;
    (void)until_ms;
    for (size_t i = 0; i < server->n_claims && !server->replays; i++)
        if (memcmp(server->claims[i], id, HF_EARLY_ID) == 0)
            return HF_E_EARLY_USED;
    memcpy(server->claims[server->n_claims++ % AUDIT_CLAIMS_MAX], id, HF_EARLY_ID);
    return HF_OK;
}

static hf_error sign_with(void *user, uint16_t scheme, hf_span message, uint8_t *signature,
                          size_t *len)
{
    const hf_scheme *s = hf_scheme_of(scheme);

    return hf_sign(user, s->kind, s->hash, message, signature, len);
}

hf_identity *audit_identity(const hf_span *chain, size_t n, const test_cert *leaf)
{
    static const hf_signer_ops ops = { .sign = sign_with };
    uint16_t schemes[HF_SIGNER_SCHEMES + 1] = { 0 };
    hf_key_type type = hf_private_key_type(leaf->key);
    hf_identity *id = NULL;
    const hf_scheme *s;
    size_t k = 0;

    for (size_t i = 0; (s = hf_scheme_row(i)) != NULL; i++)
        if (hf_scheme_fits(s, type, HF_TLS13) || hf_scheme_fits(s, type, HF_TLS12))
            schemes[k++] = s->code;
    hf_signer *signer = hf_signer_new(&ops, (void *)(uintptr_t)leaf->key, schemes);
    assert_int_equal(hf_identity_new(&id, chain, n, signer), HF_OK);
    hf_signer_free(signer);
    return id;
}

static hf_policy server_policy(const audit_server *server)
{
    hf_policy policy = *hf_policy_named("default");

    policy.min_version = server->min_version ? server->min_version : HF_TLS12;
    policy.max_version = server->max_version ? server->max_version : HF_TLS13;
    policy.require_ems = policy.require_renegotiation_info = false;
    if (server->group) {
        memset(policy.groups, 0, sizeof policy.groups);
        memset(policy.key_shares, 0, sizeof policy.key_shares);
        policy.groups[0] = policy.key_shares[0] = server->group;
    }
    if (server->no_tickets13)
        policy.tickets = 0;
    else if (server->tickets13)
        policy.tickets = (uint8_t)server->tickets13;
    return policy;
}

static void give_identities(audit_server *server)
{
    for (size_t i = 0; i < AUDIT_SERVER_IDENTITIES && server->identities[i]; i++) {
        if (i == 0 && server->staple.len > 0)
            hf_identity_staple(server->identities[0], server->staple, TEST_NOW);
        assert_int_equal(hf_config_add_identity(server->config, server->identities[i]), HF_OK);
        hf_identity_free(server->identities[i]);
    }
}

static void give_sessions(audit_server *server)
{
    const hf_sessions_ops ops = { .claim = claim, .now_ms = clock_ms, .user = server };
    const hf_sessions_options options = { .tickets = server->tickets,
                                          .entries = server->cache,
                                          .lifetime = server->lifetime,
                                          .ops = &ops };

    if (!server->tickets && server->cache == 0)
        return;
    server->sessions = hf_sessions_new(&options);
    assert_non_null(server->sessions);
    assert_int_equal(hf_config_set_sessions(server->config, server->sessions), HF_OK);
    assert_int_equal(hf_config_set(server->config, HF_SET_EARLY_DATA, server->early_data), HF_OK);
}

void audit_server_start(audit_server *server)
{
    const hf_policy policy = server_policy(server);
    const hf_hooks hooks = { .wall_time = test_wall_time, .clock_ms = clock_ms };
    size_t n = 0;

    server->worker = hf_worker_new();
    server->config = hf_config_new(HF_SERVER, &policy);
    assert_non_null(server->config);
    assert_int_equal(hf_config_set_hooks(server->config, &hooks), HF_OK);
    give_identities(server);
    give_sessions(server);
    while (n < 4 && server->alpn[n])
        n++;
    assert_int_equal(hf_config_set_alpn(server->config, server->alpn, n), HF_OK);
    hf_config_set(server->config, HF_SET_CLIENT_AUTH, (uint64_t)server->client_auth);
    if (server->authorities)
        hf_config_set_trust(server->config, server->authorities);
    server->config->override = server->shows;
    assert_int_equal(hf_config_seal(server->config), HF_OK);
}

void audit_server_stop(audit_server *server)
{
    hf_config_free(server->config);
    hf_sessions_free(server->sessions);
    hf_worker_free(server->worker);
}

/* ---- what surrounds an inquiry ---- */

hf_audit_setup audit_setup(hf_trust *trust)
{
    return (hf_audit_setup){ .trust = trust,
                             .policy = hf_policy_named("default"),
                             .now = TEST_NOW,
                             .http = true,
                             .sni = "localhost",
                             .name = "localhost" };
}

void audit_seen_versions(hf_seen *seen, const audit_server *server)
{
    uint16_t min = server->min_version ? server->min_version : HF_TLS12;
    uint16_t max = server->max_version ? server->max_version : HF_TLS13;

    for (int id = 0; id < HF_V_COUNT; id++) {
        uint16_t code = hf_seen_version_code((hf_seen_version_id)id);
        seen->v[id].spoken = code >= min && code <= max ? HF_PRESENT : HF_ABSENT;
    }
}

/* ---- a whole handshake ---- */

typedef struct talk {
    audit_server *server;
    const hf_ask *ask;
    hf_conn *end[2];
    hf_config *config;
    hf_reply *reply;
    bool connected, sent, answered, sealing;
    uint8_t *held[2];
    size_t n_held[2];
} talk;

/* As the tool does it: all configs of an audit draw the same while they are sealed, so that sessions go from one to the next. */
static bool draw(void *user, uint8_t *out, size_t len)
{
    const talk *t = user;
    const hf_random usual = { NULL, NULL };

    if (!t->sealing)
        return hf_random_bytes(&usual, out, len) == HF_OK;
    memset(out, SALT, len);
    return true;
}

static void make_client(talk *t)
{
    hf_hooks hooks = {
        .wall_time = test_wall_time, .clock_ms = clock_ms, .random = draw, .user = t
    };
    hf_policy policy = t->ask->policy;
    hf_conn_options options = { .server_name = t->ask->name ? t->ask->name : "localhost",
                                .alpn = t->ask->alpn,
                                .n_alpn = t->ask->n_alpn,
                                .session = t->ask->session,
                                .want_session = t->ask->want_session,
                                .endpoint = "localhost:443" };

    assert_int_equal(hf_policy_check(&policy), HF_OK);
    t->config = hf_config_new(HF_CLIENT, &t->ask->policy);
    t->config->any_chain = true;
    assert_int_equal(hf_config_set(t->config, HF_SET_EXTERNAL_VERIFY, 1), HF_OK);
    assert_int_equal(
        hf_config_set(t->config, HF_SET_EARLY_DATA, t->ask->early ? HF_WHOLE_EARLY : 0), HF_OK);
    assert_int_equal(hf_config_set_hooks(t->config, &hooks), HF_OK);
    t->sealing = true;
    assert_int_equal(hf_config_seal(t->config), HF_OK);
    t->sealing = false;
    t->end[HF_CLIENT] = hf_conn_new(t->config, t->server->worker, &options);
    t->end[HF_SERVER] = hf_conn_new(t->server->config, t->server->worker, NULL);
    assert_non_null(t->end[HF_CLIENT]);
    assert_non_null(t->end[HF_SERVER]);
}

static void say(hf_conn *conn, const char *text)
{
    hf_iovec part = { text, strlen(text) };

    hf_conn_data_in(conn, &part, 1);
}

static void say_request(talk *t)
{
    bool early = t->ask->early && hf_conn_info_of(t->end[HF_CLIENT])->early == HF_EARLY_OFFERED;

    if (!t->ask->path || t->sent || !(t->connected || early))
        return;
    t->sent = true;
    say(t->end[HF_CLIENT], "GET / HTTP/1.1\r\n\r\n");
}

static void hear(talk *t, hf_role role)
{
    hf_span data = hf_conn_data_out(t->end[role]);

    if (data.len > 0 && role == HF_CLIENT)
        t->answered = true;
    hf_conn_data_taken(t->end[role], data.len);
    if (data.len > 0 && role == HF_SERVER && (t->server->http.status > 0 || t->server->http.wrong))
        say(t->end[role], "answer");
}

static void events(talk *t, hf_role role)
{
    hf_event event;

    while ((event = hf_conn_next(t->end[role])) != HF_EVENT_NONE) {
        if (event == HF_EVENT_VERIFY)
            hf_conn_verify_done(t->end[role], HF_OK);
        else if (event == HF_EVENT_CONNECTED && role == HF_CLIENT)
            t->connected = true;
        else if (event == HF_EVENT_EARLY_REJECTED)
            t->sent = false;
        else if (event == HF_EVENT_DATA || event == HF_EVENT_EARLY_DATA)
            hear(t, role);
    }
    if (role == HF_CLIENT)
        say_request(t);
}

static bool carry(talk *t, hf_role from)
{
    hf_span out = hf_conn_wire_out(t->end[from]);
    size_t taken = 0;

    if (out.len > 0) {
        t->held[from] = realloc(t->held[from], t->n_held[from] + out.len);
        memcpy(t->held[from] + t->n_held[from], out.data, out.len);
        t->n_held[from] += out.len;
        hf_conn_wire_sent(t->end[from], out.len);
    }
    if (t->n_held[from] > 0) {
        taken = hf_conn_wire_in(t->end[!from], t->held[from], t->n_held[from]);
        events(t, (hf_role)!from);
        memmove(t->held[from], t->held[from] + taken, t->n_held[from] - taken);
        t->n_held[from] -= taken;
    }
    return out.len > 0 || taken > 0;
}

static void converse(talk *t)
{
    bool moved = true;

    for (int i = 0; moved && i < ROUNDS_MAX; i++) {
        moved = false;
        for (int role = 0; role < 2; role++) {
            events(t, (hf_role)role);
            moved |= carry(t, (hf_role)role);
        }
    }
}

static void put_engine(hf_inquiry *q, const hf_ask *ask, audit_server *server)
{
    hf_flight flight = { .end = HF_FLIGHT_DONE };
    hf_reply reply = { .ask = ask, .flight = &flight };
    talk t = { .server = server, .ask = ask, .reply = &reply };

    server->engine++;
    make_client(&t);
    converse(&t);
    if (ask->inside.len > 0 && hf_conn_say_inside(t.end[HF_CLIENT], ask->inside) == HF_OK)
        converse(&t);
    reply.conn = t.end[HF_CLIENT];
    reply.session = hf_conn_session(t.end[HF_CLIENT]);
    if (t.answered)
        reply.http = server->http;
    if (hf_conn_failure(t.end[HF_CLIENT]))
        flight.end = HF_FLIGHT_ALERT;
    q->row->got(q, &reply);
    for (int role = 0; role < 2; role++) {
        hf_conn_free(t.end[role]);
        free(t.held[role]);
    }
    hf_config_free(t.config);
}

/* ---- a hello by hand ---- */

static void put_bytes(hf_inquiry *q, const hf_ask *ask, audit_server *server)
{
    hf_flight *flight = hf_flight_new();
    hf_reply reply = { .ask = ask, .flight = flight };
    hf_conn *conn = hf_conn_new(server->config, server->worker, NULL);
    uint8_t *bytes = malloc(ask->len);

    server->bytes++;
    assert_non_null(flight);
    assert_non_null(conn);
    memcpy(bytes, ask->bytes, ask->len);
    size_t at = 0, taken;
    do {
        taken = hf_conn_wire_in(conn, bytes + at, ask->len - at);
        at += taken;
        while (hf_conn_next(conn) != HF_EVENT_NONE)
            ;
    } while (taken > 0 && at < ask->len);
    hf_span out = hf_conn_wire_out(conn);
    hf_flight_feed(flight, out);
    hf_flight_ended(flight, HF_FLIGHT_LATE);
    if (server->spoil)
        server->spoil(flight);
    q->row->got(q, &reply);
    hf_conn_free(conn);
    hf_flight_free(flight);
    free(bytes);
}

/* ---- the rest ---- */

static void put_nothing(hf_inquiry *q, const hf_ask *ask, hf_flight_end end)
{
    hf_flight flight = { .end = end };

    q->row->got(q, &(hf_reply){ .ask = ask, .flight = &flight });
}

static void put_plain(hf_inquiry *q, const hf_ask *ask, audit_server *server)
{
    bool refused = server->plain.status == 0 && server->plain_end == HF_FLIGHT_OPEN;
    hf_flight flight = { .end = server->plain.status ? HF_FLIGHT_DONE
                                : refused            ? HF_FLIGHT_UNREACHABLE
                                                     : server->plain_end };
    hf_reply reply = { .ask = ask,
                       .flight = &flight,
                       .http = server->plain,
                       .refused = refused,
                       .trouble = server->plain_trouble };

    server->plains++;
    q->row->got(q, &reply);
}

static void put(hf_inquiry *q, const hf_ask *ask, audit_server *server)
{
    bool bounded = server->answers > 0 && server->connections >= server->answers;

    server->connections++;
    if (bounded || server->connections == server->misses) {
        put_nothing(q, ask, HF_FLIGHT_LATE);
    } else if (ask->kind == HF_ASK_PLAIN) {
        put_plain(q, ask, server);
    } else if (server->refuses != HF_FLIGHT_OPEN &&
               (server->refuses_n == 0 || server->connections <= server->refuses_n)) {
        put_nothing(q, ask, server->refuses);
    } else if (ask->kind == HF_ASK_ENGINE) {
        put_engine(q, ask, server);
    } else {
        put_bytes(q, ask, server);
    }
}

void audit_inquire(const hf_inquiry_row *row, hf_seen *seen, const hf_audit_setup *setup,
                   audit_server *server)
{
    hf_inquiry q = { .row = row, .seen = seen, .setup = setup };
    hf_ask *ask = hf_alloc(sizeof *ask);

    q.state = hf_alloc(row->state_size);
    assert_non_null(q.state);
    assert_non_null(ask);
    while (row->next(&q, ask)) {
        put(&q, ask, server);
        memset(ask, 0, sizeof *ask);
    }
    if (row->finish)
        row->finish(&q);
    hf_free(q.state);
    hf_free(ask);
}

/* ---- a whole audit ---- */

typedef struct asking {
    hf_inquiry q;
    bool over;
} asking;

static asking *begin_all(hf_seen *seen, const hf_audit_setup *setup)
{
    asking *all = calloc(hf_n_inquiries, sizeof *all);

    assert_non_null(all);
    for (size_t i = 0; i < hf_n_inquiries; i++) {
        all[i].q = (hf_inquiry){ .row = hf_inquiries[i], .seen = seen, .setup = setup };
        all[i].q.state = hf_alloc(hf_inquiries[i]->state_size);
        assert_non_null(all[i].q.state);
    }
    return all;
}

static void end_all(asking *all)
{
    for (size_t i = 0; i < hf_n_inquiries; i++) {
        if (all[i].q.row->finish)
            all[i].q.row->finish(&all[i].q);
        hf_free(all[i].q.state);
    }
    free(all);
}

static bool is_silent(const audit_server *server)
{
    return server->answers > 0 && server->connections >= server->answers + SILENT_ROW;
}

/* A question of each that is not over. False: all are over, or nobody answers any more. */
static bool turn(asking *all, unsigned phase, hf_ask *ask, audit_server *server)
{
    bool asked = false;

    for (size_t i = 0; i < hf_n_inquiries && !is_silent(server); i++) {
        if (all[i].over || all[i].q.row->phase != phase)
            continue;
        memset(ask, 0, sizeof *ask);
        all[i].over = !all[i].q.row->next(&all[i].q, ask);
        if (!all[i].over)
            put(&all[i].q, ask, server);
        asked |= !all[i].over;
    }
    return asked && !is_silent(server);
}

void audit_course(hf_seen *seen, const hf_audit_setup *setup, audit_server *server)
{
    asking *all = begin_all(seen, setup);
    hf_ask *ask = hf_alloc(sizeof *ask);

    assert_non_null(ask);
    for (unsigned phase = 0; phase < HF_PHASE_THOUGHTS && !is_silent(server); phase++)
        while (turn(all, phase, ask, server))
            ;
    seen->cut = is_silent(server);
    if (seen->cut)
        snprintf(seen->trouble, sizeof seen->trouble, "it stopped answering");
    hf_chains_look_back(seen);
    for (size_t i = 0; i < hf_n_inquiries; i++)
        if (all[i].q.row->phase == HF_PHASE_THOUGHTS)
            all[i].q.row->next(&all[i].q, ask);
    end_all(all);
    hf_free(ask);
}
