/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast's own rows of the bench, over the public interface: as it is, and with a recorder on each connection. */
#include "tool/bench_self.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <handfast/handfast.h>
#include <handfast/os.h>
#include "base/error.h"
#include "explain/tape.h"

enum { SESSION_ROOM = 8192, LIFETIME = 7200, SLOTS = 128, P256 = 0x0017 };

typedef struct end end;
typedef struct conn {
    end *end;
    hf_conn *tls;  /* NULL: a free slot */
    hf_tape *tape; /* NULL: nobody records */
    hf_bench_step state;
} conn;

/* The connections' slots lie here, so that what is counted is the library's and nothing of this file. */
struct end {
    const hf_bench_case *what;
    hf_config *config;
    hf_worker *worker;
    hf_sessions *sessions; /* the server's */
    bool recorded;
    uint8_t session[SESSION_ROOM];
    size_t session_len;
    conn slots[SLOTS];
};

static const char *version(void)
{
    return hf_version();
}

/* ---- an end ---- */

/* In TLS 1.2 supported_groups is about the curves of certificates too (RFC 8422 5.1), so P-256 stays behind the group. */
static hf_policy narrowed(const hf_bench_case *what)
{
    hf_policy policy = *hf_policy_named("default");
    bool two = what->version == HF_TLS12 && what->group != P256;

    policy.min_version = policy.max_version = what->version;
    policy.suites[0] = what->suite, policy.suites[1] = 0;
    policy.groups[0] = what->group, policy.groups[1] = two ? P256 : 0, policy.groups[2] = 0;
    policy.key_shares[0] = what->group, policy.key_shares[1] = 0;
    policy.tickets = 1;
    return policy;
}

static hf_error set_identity(hf_config *config, const char *chain, const char *key)
{
    hf_identity *identity;

    TRY(hf_os_identity(&identity, chain, key, NULL));
    hf_error e = hf_config_add_identity(config, identity);
    hf_identity_free(identity);
    return e;
}

static hf_error set_trust(hf_config *config, const char *ca)
{
    hf_trust *trust = hf_trust_new();
    size_t added;

    if (!trust)
        return HF_E_NO_MEMORY;
    hf_error e = hf_os_trust_path(trust, ca, &added);
    if (e == HF_OK)
        e = hf_config_set_trust(config, trust);
    hf_trust_free(trust);
    return e;
}

static hf_error set_server(end *e)
{
    const hf_sessions_options options = { .tickets = true, .lifetime = LIFETIME };

    e->sessions = hf_sessions_new(&options);
    if (!e->sessions)
        return HF_E_NO_MEMORY;
    TRY(hf_config_set_sessions(e->config, e->sessions));
    TRY(set_identity(e->config, e->what->server_chain, e->what->server_key));
    if (!e->what->mutual)
        return HF_OK;
    TRY(hf_config_set(e->config, HF_SET_CLIENT_AUTH, HF_CLIENT_AUTH_REQUIRE));
    return set_trust(e->config, e->what->ca);
}

static hf_error set_client(end *e)
{
    TRY(set_trust(e->config, e->what->ca));
    return e->what->mutual ? set_identity(e->config, e->what->client_chain, e->what->client_key)
                           : HF_OK;
}

static hf_error set_up(end *e, int role)
{
    hf_policy policy = narrowed(e->what);

    e->config = hf_config_new((hf_role)role, &policy);
    e->worker = hf_worker_new();
    if (!e->config || !e->worker)
        return HF_E_NO_MEMORY;
    TRY(role == HF_BENCH_SERVER ? set_server(e) : set_client(e));
    return hf_config_seal(e->config);
}

static void end_free(void *of)
{
    end *e = of;

    hf_worker_free(e->worker);
    hf_config_free(e->config);
    hf_sessions_free(e->sessions);
    free(e);
}

static void *end_new(const hf_bench_case *what, int role, const char **why)
{
    end *e = calloc(1, sizeof *e);

    if (!e)
        return NULL;
    e->what = what;
    hf_error error = set_up(e, role);
    if (error == HF_OK)
        return e;
    *why = hf_error_row_of(error)->sentence;
    end_free(e);
    return NULL;
}

static void *recorded_new(const hf_bench_case *what, int role, const char **why)
{
    end *e = end_new(what, role, why);

    if (e)
        e->recorded = true;
    return e;
}

/* ---- a connection ---- */

static uint64_t now_us(void *user)
{
    struct timespec now;

    (void)user;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static conn *free_slot(end *e)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (!e->slots[i].tls)
            return &e->slots[i];
    return NULL;
}

static bool record(conn *c)
{
    if (!c->end->recorded)
        return true;
    c->tape = hf_tape_new(c->end->sessions ? HF_TAPE_SERVER : HF_TAPE_CLIENT, now_us, NULL);
    return c->tape != NULL;
}

static void conn_free(void *of)
{
    conn *c = of;

    hf_conn_free(c->tls);
    hf_tape_free(c->tape);
    c->tls = NULL;
    c->tape = NULL;
}

static void *conn_new(void *of)
{
    end *e = of;
    conn *c = free_slot(e);
    hf_conn_options options = { 0 };

    if (!c)
        return NULL;
    if (!e->sessions)
        options = (hf_conn_options){ .server_name = e->what->server_name,
                                     .endpoint = "localhost:443",
                                     .want_session = true,
                                     .session = { e->session, e->session_len } };
    *c = (conn){ .end = e, .state = HF_BENCH_GOING };
    if (!record(c))
        return NULL;
    hf_trace_sink sink = c->tape ? hf_tape_sink(c->tape) : (hf_trace_sink){ NULL, NULL };
    options.trace = c->tape ? &sink : NULL;
    c->tls = hf_conn_new(e->config, e->worker, &options);
    if (!c->tls)
        conn_free(c);
    return c->tls ? c : NULL;
}

static void keep_session(conn *c)
{
    hf_span session = hf_conn_session(c->tls);

    if (!c->end->what->resumed || session.len > SESSION_ROOM)
        return;
    memcpy(c->end->session, session.data, session.len);
    c->end->session_len = session.len;
}

static void handle_events(conn *c)
{
    for (;;)
        switch (hf_conn_next(c->tls)) {
        case HF_EVENT_NONE: return;
        case HF_EVENT_CONNECTED: c->state = HF_BENCH_DONE; break;
        case HF_EVENT_SESSION: keep_session(c); break;
        case HF_EVENT_FAILED: c->state = HF_BENCH_FAILED; break;
        default: break;
        }
}

static bool write_out(conn *c, hf_bench_wire *out)
{
    hf_span bytes = hf_conn_wire_out(c->tls);

    if (bytes.len > HF_BENCH_WIRE_ROOM - out->len)
        return false;
    if (bytes.len == 0)
        return true;
    memcpy(out->bytes + out->len, bytes.data, bytes.len);
    out->len += bytes.len;
    hf_conn_wire_sent(c->tls, bytes.len);
    return true;
}

static hf_bench_step step(void *of, uint8_t *in, size_t n, hf_bench_wire *out)
{
    conn *c = of;

    handle_events(c);
    for (size_t taken; n > 0 && c->state != HF_BENCH_FAILED; in += taken, n -= taken) {
        taken = hf_conn_wire_in(c->tls, in, n);
        handle_events(c);
        if (taken == 0)
            c->state = HF_BENCH_FAILED;
    }
    if (!write_out(c, out))
        c->state = HF_BENCH_FAILED;
    return c->state;
}

static int was_resumed(void *of)
{
    return hf_conn_info_of(((conn *)of)->tls)->resumed;
}

/* ---- bulk ---- */

static size_t seal_record(void *of, const uint8_t *data, size_t n, hf_bench_wire *out)
{
    conn *c = of;
    const hf_iovec part = { data, n };
    size_t before = out->len;

    if (hf_conn_data_in(c->tls, &part, 1) != n || !write_out(c, out))
        return 0;
    return out->len - before;
}

static size_t open_record(void *of, uint8_t *record, size_t n)
{
    conn *c = of;
    size_t taken = hf_conn_wire_in(c->tls, record, n);

    while (hf_conn_next(c->tls) == HF_EVENT_NONE && taken < n)
        return 0;
    hf_span data = hf_conn_data_out(c->tls);
    hf_conn_data_taken(c->tls, data.len);
    return data.len;
}

#define ROW(label, maker)                                                                          \
    {                                                                                              \
        .abi = HF_BENCH_ABI, .name = label, .version = version, .end_new = maker,                  \
        .end_free = end_free, .conn_new = conn_new, .step = step, .was_resumed = was_resumed,      \
        .conn_free = conn_free, .seal = seal_record, .open = open_record,                          \
    }

const hf_bench_peer hf_bench_self = ROW("handfast", end_new);
const hf_bench_peer hf_bench_recorded = ROW("handfast+trace", recorded_new);
