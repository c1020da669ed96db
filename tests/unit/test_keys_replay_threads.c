/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Threads claim the same ids at once: each has one owner. The thread sanitizer looks on (preset tsan). */
#include <pthread.h>
#include <stdatomic.h>

#include "crypto_support.h"
#include "keys/session.h"

enum { THREADS = 8, IDS = 20000, FLIGHTS = 400, ROUNDS = 20000, WINDOW = HF_EARLY_WINDOW_MS };

typedef struct claims {
    hf_sessions *sessions;
    atomic_uint begun;        /* threads that are there */
    atomic_uint wins[IDS];    /* who had HF_OK */
    atomic_uint refused[IDS]; /* who had HF_E_EARLY_USED */
    atomic_uint no_room[IDS]; /* who had HF_E_EARLY_FULL */
    atomic_uint others;       /* any result but the first two */
    _Atomic uint64_t clock;   /* the machine's, as all threads read it */
} claims;

typedef struct worker {
    claims *all;
    uint64_t number;
} worker;

/* The factor is odd, so that no two have the same first eight bytes. */
static void id_of(uint64_t n, uint8_t out[HF_EARLY_ID])
{
    uint64_t mixed = (n + 1) * 0x9e3779b97f4a7c15;

    memset(out, 0, HF_EARLY_ID);
    for (size_t i = 0; i < sizeof mixed; i++)
        out[i] = (uint8_t)(mixed >> 8 * i);
}

static void wait_for_all(claims *all)
{
    atomic_fetch_add(&all->begun, 1);
    while (atomic_load(&all->begun) < THREADS)
        continue;
}

static void claim(claims *all, uint64_t n, uint64_t now)
{
    uint8_t id[HF_EARLY_ID];

    id_of(n, id);
    hf_error e = hf_early_claim(all->sessions, id, now, now + 2 * WINDOW + 1);
    if (e == HF_OK)
        atomic_fetch_add(&all->wins[n], 1);
    else if (e == HF_E_EARLY_USED)
        atomic_fetch_add(&all->refused[n], 1);
    else
        atomic_fetch_add(&all->others, 1);
    if (e == HF_E_EARLY_FULL)
        atomic_fetch_add(&all->no_room[n], 1);
}

static claims *start(size_t strikes)
{
    const hf_sessions_options o = { .tickets = true, .lifetime = 3600, .strikes = strikes };
    claims *all = calloc(1, sizeof *all);

    assert_non_null(all);
    all->sessions = hf_sessions_new(&o);
    assert_non_null(all->sessions);
    return all;
}

static void run(claims *all, void *(*work)(void *))
{
    pthread_t threads[THREADS];
    worker workers[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (worker){ all, i };
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void end(claims *all)
{
    hf_sessions_free(all->sessions);
    free(all);
}

/* Neighbours start close to each other, so that they meet. */
static void *claim_all(void *user)
{
    const worker *w = user;

    wait_for_all(w->all);
    for (uint64_t k = 0; k < IDS; k++)
        claim(w->all, (k + w->number) % IDS, 1000);
    return NULL;
}

static void one_owner_each(void **state)
{
    claims *all = start(524288);

    (void)state;
    run(all, claim_all);
    assert_int_equal(all->others, 0);
    for (size_t n = 0; n < IDS; n++) {
        assert_int_equal(all->wins[n], 1);
        assert_int_equal(all->refused[n], THREADS - 1);
    }
    end(all);
}

/* Flight n should come at (n + 1) * 100; who judges it by one reading may claim by it much later. */
static void *replay_flights(void *user)
{
    const worker *w = user;
    claims *all = w->all;
    uint64_t seed = w->number + 1;

    wait_for_all(all);
    for (size_t k = 0; k < ROUNDS; k++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t now = hf_sessions_clock(all->sessions, atomic_fetch_add(&all->clock, 1));
        uint64_t nearest = now / 100, n = nearest + (seed >> 33) % 240;
        n = n > 120 ? n - 120 : 0;
        uint64_t expected = (n + 1) * 100;
        if (n < FLIGHTS && now + WINDOW >= expected && now <= expected + WINDOW)
            claim(all, n, now);
    }
    return NULL;
}

/* While time passes, slots are given away and the register is too small for all. */
static void no_flight_twice_while_time_passes(void **state)
{
    static const size_t strikes[] = { 1, 16, 100, 0 };

    (void)state;
    for (size_t i = 0; i < COUNT(strikes); i++) {
        claims *all = start(strikes[i]);
        size_t accepted = 0;
        run(all, replay_flights);
        for (size_t n = 0; n < IDS; n++) {
            assert_in_range(all->wins[n], 0, 1);
            assert_true(all->wins[n] == 0 || all->no_room[n] == 0); /* nor was he sent away */
            accepted += all->wins[n];
        }
        printf("%zu slots: %zu flights accepted, %u claims refused for room or lateness\n",
               strikes[i], accepted, atomic_load(&all->others));
        assert_true(accepted > 0);
        end(all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_owner_each),
        cmocka_unit_test(no_flight_twice_while_time_passes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
