/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* First flights: recorded, and played back. */
#include "support/campaign_flights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { EARLY = 1000, TICKETS = 8, WIRE = 16384, DAY = 86400, BLOCK = 64 };

/* ---- clocks ---- */

static int64_t client_wall(void *user)
{
    return atomic_load(&((flights *)user)->wall[HF_CLIENT]);
}

static int64_t server_wall(void *user)
{
    return atomic_load(&((flights *)user)->wall[HF_SERVER]);
}

static uint64_t mono(void *user)
{
    return atomic_load(&((flights *)user)->mono_ms);
}

/* ---- the shared register ---- */

static hf_error claim_at(flights *f, size_t at, const uint8_t *id, uint64_t now, uint64_t until)
{
    if (f->claims[at].until >= now && memcmp(f->claims[at].id, id, HF_EARLY_ID) == 0)
        return HF_E_EARLY_USED;
    memcpy(f->claims[at].id, id, HF_EARLY_ID);
    f->claims[at].until = until;
    return HF_OK;
}

/* Nothing is forgotten here: there is room for all. */
static hf_error claim(void *user, const uint8_t id[HF_EARLY_ID], uint64_t now, uint64_t until)
{
    flights *f = user;
    size_t at = ((size_t)id[0] << 8 | id[1]) % FLIGHT_REGISTER;

    pthread_mutex_lock(&f->register_lock);
    while (f->claims[at].until > 0 && memcmp(f->claims[at].id, id, HF_EARLY_ID) != 0)
        at = (at + 1) % FLIGHT_REGISTER;
    hf_error e = claim_at(f, at, id, now, until);
    pthread_mutex_unlock(&f->register_lock);
    return e;
}

/* ---- the two ends ---- */

static hf_sessions *new_memory(flights *f, bool shared)
{
    static const uint8_t keys[2][HF_TICKET_KEY] = { { 1 }, { 2 } };
    hf_sessions_ops ops = { .claim = claim, .now_ms = mono, .user = f };
    hf_sessions *memory = hf_sessions_new(&(hf_sessions_options){ .tickets = true,
                                                                  .lifetime = DAY,
                                                                  .rotation = 3600,
                                                                  .strikes = f->plan->strikes,
                                                                  .ops = shared ? &ops : NULL });

    assert_non_null(memory);
    if (f->plan->given)
        assert_int_equal(hf_sessions_set_keys(memory, keys, 2), HF_OK);
    return memory;
}

static hf_config *new_config(flights *f, hf_role role, hf_sessions *sessions)
{
    const test_pki *pki = shared_pki(HF_KEY_P256);
    hf_policy policy = policy_of_version("default", HF_TLS13);
    hf_hooks hooks = { .wall_time = role == HF_CLIENT ? client_wall : server_wall,
                       .clock_ms = mono,
                       .user = f };

    policy.groups[0] = policy.key_shares[0] = 0x001d;
    policy.groups[1] = policy.key_shares[1] = 0;
    policy.client_grease = false;
    policy.tickets = TICKETS;
    hf_config *config = hf_config_new(role, &policy);
    assert_int_equal(hf_config_set_hooks(config, &hooks), HF_OK);
    assert_int_equal(hf_config_set_sessions(config, sessions), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_EARLY_DATA, EARLY), HF_OK);
    if (role == HF_CLIENT) {
        assert_int_equal(hf_config_set_trust(config, pki->trust), HF_OK);
    } else {
        hf_identity *id = pki_identity(pki);
        assert_int_equal(hf_config_add_identity(config, id), HF_OK);
        hf_identity_free(id);
    }
    assert_int_equal(hf_config_seal(config), HF_OK);
    return config;
}

void flights_restart(flights *f, bool shared)
{
    hf_sessions *memory = new_memory(f, shared);
    hf_config *server = new_config(f, HF_SERVER, memory);

    pthread_mutex_lock(&f->lock);
    hf_config *old = f->server;
    hf_sessions *forgotten = f->memory;
    f->server = server;
    f->memory = memory;
    pthread_mutex_unlock(&f->lock);
    hf_config_free(old);
    hf_sessions_free(forgotten);
}

static hf_config *server_now(flights *f)
{
    pthread_mutex_lock(&f->lock);
    hf_config *server = hf_config_ref(f->server);
    pthread_mutex_unlock(&f->lock);
    return server;
}

static hf_conn *new_client(flights *f, hf_worker *worker)
{
    hf_conn *conn =
        hf_conn_new(f->client, worker,
                    &(hf_conn_options){ .server_name = "localhost", .endpoint = "localhost:443" });

    assert_non_null(conn);
    return conn;
}

/* ---- a server that is given bytes ---- */

static void take_data(flights *f, hf_conn *server, bool early)
{
    hf_span data = hf_conn_data_out(server);
    unsigned long nth = f->n;
    char text[32] = "";

    if (data.len < sizeof text)
        memcpy(text, data.data, data.len);
    if (!early || sscanf(text, "flight %lu", &nth) != 1 || nth >= f->n)
        atomic_fetch_add(&f->wrong, 1);
    else
        atomic_fetch_add(&f->all[nth].arrived, 1);
    hf_conn_data_taken(server, data.len);
}

static void take_events(flights *f, hf_conn *conn)
{
    hf_event event;

    while ((event = hf_conn_next(conn)) != HF_EVENT_NONE)
        if (event == HF_EVENT_DATA || event == HF_EVENT_EARLY_DATA)
            take_data(f, conn, event == HF_EVENT_EARLY_DATA);
}

static void give(flights *f, hf_conn *conn, uint8_t *bytes, size_t len)
{
    size_t taken = 1;

    while (taken > 0 && len > 0) {
        taken = hf_conn_wire_in(conn, bytes, len);
        take_events(f, conn);
        bytes += taken;
        len -= taken;
    }
}

static bool carry(flights *f, hf_conn *from, hf_conn *to)
{
    uint8_t bytes[WIRE];
    hf_span out = hf_conn_wire_out(from);

    if (out.len == 0)
        return false;
    assert_true(out.len <= sizeof bytes);
    memcpy(bytes, out.data, out.len);
    hf_conn_wire_sent(from, out.len);
    give(f, to, bytes, out.len);
    return true;
}

/* A whole handshake: all that the client has is used up, and it gets more. */
static bool full(flights *f)
{
    hf_worker *worker = hf_worker_new();
    hf_config *config = server_now(f);
    hf_conn *server = hf_conn_new(config, worker, NULL), *client = new_client(f, worker);

    assert_non_null(server);
    take_events(f, client);
    while (carry(f, client, server) || carry(f, server, client))
        continue;
    bool connected = hf_conn_info_of(client)->connected && hf_conn_info_of(server)->connected;
    hf_conn_free(client);
    hf_conn_free(server);
    hf_config_free(config);
    hf_worker_free(worker);
    return connected;
}

void flights_visitor(flights *f)
{
    if (!full(f))
        atomic_fetch_add(&f->wrong, 1);
}

/* ---- recording ---- */

/* What leaves before the server has said a word. */
static void leave(flights *f, hf_conn *client, size_t nth)
{
    char text[32];
    hf_iovec part = { text, (size_t)snprintf(text, sizeof text, "flight %zu", nth) };

    (void)hf_conn_next(client);
    assert_int_equal(hf_conn_info_of(client)->early, HF_EARLY_OFFERED);
    assert_int_equal(hf_conn_data_in(client, &part, 1), part.len);
    hf_span out = hf_conn_wire_out(client);
    f->all[nth].bytes = malloc(out.len);
    memcpy(f->all[nth].bytes, out.data, out.len);
    f->all[nth].len = out.len;
}

static void record(flights *f)
{
    hf_worker *worker = hf_worker_new();

    for (size_t i = 0; i < f->n; i++) {
        atomic_store(&f->wall[HF_CLIENT], TEST_NOW);
        if (i % TICKETS == 0)
            assert_true(full(f));
        atomic_store(&f->wall[HF_CLIENT],
                     TEST_NOW + f->plan->ahead + (int64_t)(i * f->plan->spread / f->n));
        hf_conn *client = new_client(f, worker);
        leave(f, client, i);
        hf_conn_free(client);
    }
    hf_worker_free(worker);
}

flights *flights_record(const flights_plan *plan, size_t n)
{
    flights *f = calloc(1, sizeof *f);

    f->plan = plan;
    f->n = n;
    f->all = calloc(n, sizeof *f->all);
    atomic_init(&f->wall[HF_CLIENT], TEST_NOW);
    atomic_init(&f->wall[HF_SERVER], TEST_NOW);
    atomic_init(&f->mono_ms, 1000000);
    pthread_mutex_init(&f->lock, NULL);
    pthread_mutex_init(&f->events, NULL);
    pthread_mutex_init(&f->register_lock, NULL);
    f->store = hf_sessions_new(&(hf_sessions_options){ .entries = TICKETS, .lifetime = DAY });
    f->client = new_config(f, HF_CLIENT, f->store);
    flights_restart(f, plan->shared);
    record(f);
    return f;
}

void flights_free(flights *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->all[i].bytes);
    hf_config_free(f->client);
    hf_config_free(f->server);
    hf_sessions_free(f->store);
    hf_sessions_free(f->memory);
    pthread_mutex_destroy(&f->lock);
    pthread_mutex_destroy(&f->events);
    pthread_mutex_destroy(&f->register_lock);
    free(f->all);
    free(f);
}

/* ---- playing ---- */

static void happen(flights *f)
{
    size_t each = f->n * FLIGHT_THREADS / (FLIGHT_EVENTS + 1);
    size_t played = atomic_fetch_add(&f->played, 1) + 1;

    if (!f->plan->event || played % each != 0 || played / each > FLIGHT_EVENTS)
        return;
    pthread_mutex_lock(&f->events);
    f->plan->event(f, (unsigned)(played / each));
    pthread_mutex_unlock(&f->events);
}

static void play(flights *f, hf_worker *worker, flight *one)
{
    uint8_t bytes[WIRE];
    hf_config *config = server_now(f);
    hf_conn *server = hf_conn_new(config, worker, NULL);

    memcpy(bytes, one->bytes, one->len);
    give(f, server, bytes, one->len);
    if (hf_conn_info_of(server)->early_error == HF_E_EARLY_FULL)
        atomic_fetch_add(&one->no_room, 1);
    hf_conn_free(server);
    hf_config_free(config);
}

typedef struct player {
    flights *f;
    size_t number;
} player;

/* All threads go on side by side, each in an order of its own within a block …
 */
static size_t place(const player *p, size_t i)
{
    size_t block = i / BLOCK * BLOCK, odd = 2 * p->number + 1;

    return block + BLOCK <= p->f->n ? block + i * odd % BLOCK : i;
}

/* … and now and then send again what was sent long ago. */
static size_t old_place(size_t *chance, size_t i)
{
    *chance = *chance * 1103515245 + 12345;
    return (*chance >> 16) % (i + 1);
}

static void *play_all(void *user)
{
    const player *p = user;
    hf_worker *worker = hf_worker_new();
    size_t chance = p->number;

    for (size_t i = 0; i < p->f->n; i++) {
        play(p->f, worker, &p->f->all[place(p, i)]);
        if (i % 4 == 0)
            play(p->f, worker, &p->f->all[old_place(&chance, i)]);
        happen(p->f);
    }
    hf_worker_free(worker);
    return NULL;
}

void flights_play(flights *f)
{
    pthread_t threads[FLIGHT_THREADS];
    player players[FLIGHT_THREADS];

    for (size_t i = 0; i < FLIGHT_THREADS; i++) {
        players[i] = (player){ f, i };
        assert_int_equal(pthread_create(&threads[i], NULL, play_all, &players[i]), 0);
    }
    for (size_t i = 0; i < FLIGHT_THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

size_t flights_once(const flights *f, unsigned *most)
{
    size_t once = 0;

    *most = 0;
    for (size_t i = 0; i < f->n; i++) {
        unsigned arrived = atomic_load(&f->all[i].arrived);
        once += arrived == 1;
        *most = arrived > *most ? arrived : *most;
    }
    return once;
}

size_t flights_sent_away(const flights *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++)
        n += atomic_load(&f->all[i].arrived) > 0 && atomic_load(&f->all[i].no_room) > 0;
    return n;
}
