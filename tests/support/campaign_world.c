/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* How a campaign's world begins and ends: chance, the servers' memories, who there is. */
#include "support/campaign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- chance and time ---- */

/* SplitMix64: well spread, and the same everywhere. */
uint64_t camp_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

unsigned camp_chance(camp_world *w, unsigned n)
{
    return (unsigned)(camp_next(&w->chance) % n);
}

/* ---- memories ---- */

/* A register that several machines share: whoever is the first. */
static hf_error shared_claim(void *user, const uint8_t id[HF_EARLY_ID], uint64_t now,
                             uint64_t until)
{
    camp_world *w = user;

    (void)now;
    (void)until; /* it never forgets */
    for (int i = 0; i < w->n_claimed; i++)
        if (memcmp(w->claimed[i], id, HF_EARLY_ID) == 0)
            return HF_E_EARLY_USED;
    memcpy(w->claimed[w->n_claimed++], id, HF_EARLY_ID);
    return HF_OK;
}

static uint64_t shared_now(void *user)
{
    return ((camp_world *)user)->shared_ms;
}

static void knock(camp_world *w, camp_memory *m)
{
    static const uint8_t nothing[HF_TICKET_OVERHEAD + 1];
    uint8_t state[HF_SESSION_STATE_MAX];
    size_t len;
    bool renew;

    if (m->tickets &&
        hf_ticket_open(m->sessions, w->wall[HF_SERVER], hf_span_of(nothing, sizeof nothing), state,
                       &len, &renew) == HF_OK)
        camp_fail(w, "a ticket of zeroes is opened");
    (void)hf_sessions_clock(m->sessions, w->mono_ms);
}

void camp_knock(camp_world *w)
{
    for (int i = 0; i < CAMP_MEMORIES; i++)
        knock(w, &w->memory[i]);
}

void camp_memory_start(camp_world *w, camp_memory *m)
{
    hf_sessions_ops ops = { .claim = shared_claim, .now_ms = shared_now, .user = w };

    hf_sessions_free(m->sessions);
    m->sessions = hf_sessions_new(&(hf_sessions_options){ .tickets = m->tickets,
                                                          .entries = m->entries,
                                                          .lifetime = m->lifetime,
                                                          .rotation = m->rotation,
                                                          .strikes = m->strikes,
                                                          .ops = m->shared ? &ops : NULL });
    assert_non_null(m->sessions);
    m->life = w->n_lives++;
    m->clock_ms = w->mono_ms;
    m->slot = 0;
    m->until = m->forgotten = 0;
    m->ring = (camp_ring){ .n = m->tickets, .key[0] = { w->n_keys++, w->wall[HF_SERVER] } };
    knock(w, m);
}

/* Of ids 0 to CAMP_GIVEN_KEYS - 1. */
void camp_memory_give(camp_world *w, camp_memory *m, const int *ids, int n)
{
    uint8_t keys[HF_TICKET_KEYS_MAX][HF_TICKET_KEY];

    m->ring = (camp_ring){ .n = n, .given = true };
    for (int i = 0; i < n; i++) {
        memset(keys[i], 'A' + ids[i], HF_TICKET_KEY);
        m->ring.key[i].id = ids[i];
    }
    if (hf_sessions_set_keys(m->sessions, (const uint8_t(*)[HF_TICKET_KEY])keys, (size_t)n) !=
        HF_OK)
        camp_fail(w, "keys are not taken");
}

/* ---- the world ---- */

static void start_memory(camp_world *w, camp_memory *m)
{
    static const uint32_t lives[] = { 600, 3600, 86400, 604800 }, rotations[] = { 0, 300, 1200 };
    unsigned kind = camp_chance(w, 6);

    m->tickets = kind != 0;
    m->entries = kind <= 1 ? 64 : 0;
    m->shared = kind >= 4;
    m->lifetime = lives[camp_chance(w, 4)];
    m->rotation = rotations[camp_chance(w, 3)];
    m->strikes = camp_chance(w, 4) == 0 ? 1 : 64;
    if (m->rotation == 0)
        m->rotation = m->lifetime;
    camp_memory_start(w, m);
    if (m->tickets && camp_chance(w, 4) == 0)
        camp_memory_give(w, m, (const int[]){ 0, 1 }, 2);
}

static void start_store(camp_store *st, size_t entries)
{
    st->entries = entries;
    st->sessions = hf_sessions_new(&(hf_sessions_options){ .entries = entries, .lifetime = 86400 });
    assert_non_null(st->sessions);
}

/* Worlds are different: in some TLS 1.2 is spoken, clients have certificates, keys are shared. */
static void populate(camp_world *w)
{
    int policy = camp_chance(w, 4) == 0 ? CAMP_POLICY_TLS12
                 : camp_chance(w, 2)    ? 0
                                        : (int)camp_chance(w, CAMP_POLICIES);
    bool psk = camp_chance(w, 8) == 0, certs = camp_chance(w, 3) == 0;
    const int who[CAMP_CLIENTS] = { CAMP_NONE, 0, CAMP_CLIENT_SOON };
    int alpn = (int)camp_chance(w, 2);  /* none, or all know both protocols */
    unsigned share = camp_chance(w, 3); /* all servers one memory? */

    for (int i = 0; i < CAMP_SERVERS; i++)
        w->server[i] =
            (camp_server){ .policy = policy,
                           .alpn = alpn,
                           .memory = share == 0 ? 0 : i,
                           .cert = { camp_chance(w, 6) ? 0 : CAMP_SERVER_SOON, CAMP_NONE },
                           .auth = certs ? HF_CLIENT_AUTH_REQUEST : 0,
                           .psk = psk && i > 0,
                           .early = true };
    for (int i = 0; i < CAMP_CLIENTS; i++)
        w->client[i] = (camp_client){ .policy = policy == CAMP_POLICY_TLS12 ? 0 : policy,
                                      .alpn = alpn,
                                      .cert = certs ? who[i] : CAMP_NONE,
                                      .psk = psk ? CAMP_PSK_KNOWN : CAMP_PSK_NONE,
                                      .store = i - 1,
                                      .early = true };
}

void camp_world_new(camp_world *w, uint64_t seed, camp_tally *tally)
{
    memset(w, 0, sizeof *w);
    w->seed = w->chance = seed;
    w->draws = ~seed;
    w->tally = tally;
    w->wall[HF_CLIENT] = w->wall[HF_SERVER] = TEST_NOW;
    w->mono_ms = w->shared_ms = 1000000;
    w->n_keys = CAMP_GIVEN_KEYS;
    w->worker = hf_worker_new();
    for (int i = 0; i < CAMP_MEMORIES; i++)
        start_memory(w, &w->memory[i]);
    for (int i = 0; i < CAMP_STORES; i++)
        start_store(&w->store[i], i == 0 ? 5 : CAMP_STORE_MAX);
    populate(w);
}

void camp_world_free(camp_world *w)
{
    for (int i = 0; i < CAMP_SERVERS; i++)
        camp_forget_config(&w->server[i].config);
    for (int i = 0; i < CAMP_CLIENTS; i++) {
        camp_forget_config(&w->client[i].config);
        for (int k = 0; k < CAMP_KEPT; k++)
            free(w->client[i].kept[k].bytes);
    }
    for (int i = 0; i < CAMP_MEMORIES; i++)
        hf_sessions_free(w->memory[i].sessions);
    for (int i = 0; i < CAMP_STORES; i++)
        hf_sessions_free(w->store[i].sessions);
    hf_worker_free(w->worker);
}
