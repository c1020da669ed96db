/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One hf_sessions serves several threads that seal, open, rotate, store, find and remove at once, or put and take a client's
   sessions. The thread sanitizer looks on (preset tsan). */
#include <pthread.h>
#include <stdatomic.h>

#include "crypto_support.h"
#include "keys/session.h"

enum { THREADS = 6, ROUNDS = 300, IDS = 12, ENTRIES = 8, STATE = 64, LIFETIME = 60 };

typedef struct worker {
    hf_sessions *sessions;
    uint8_t number;
    bool good;
    unsigned opened, found;
} worker;

/* A state says what it is in every byte, so that a mixture of two shows. */
static hf_span state_of(uint8_t *out, uint8_t kind)
{
    memset(out, kind, STATE);
    return hf_span_of(out, STATE);
}

static bool is_whole(const uint8_t *state, size_t len, uint8_t kind)
{
    uint8_t expected[STATE];

    return len == STATE && memcmp(state, state_of(expected, kind).data, STATE) == 0;
}

/* Others may rotate twice between the two: then it is refused, and never anything else. */
static void use_tickets(worker *w, int64_t now)
{
    uint8_t in[STATE], out[HF_SESSION_STATE_MAX], ticket[HF_TICKET_MAX];
    size_t len = 0, n = 0;
    bool renew;

    w->good = w->good && hf_ticket_seal(w->sessions, NULL, now, state_of(in, w->number), ticket,
                                        &len) == HF_OK;
    hf_error e = hf_ticket_open(w->sessions, now, hf_span_of(ticket, len), out, &n, &renew);
    w->good = w->good && (e == HF_OK ? is_whole(out, n, w->number) : e == HF_E_SESSION_DAMAGED);
    w->opened += e == HF_OK;
}

static void use_cache(worker *w, size_t round)
{
    uint8_t id[HF_SESSION_ID] = { 0 }, in[STATE], out[HF_SESSION_STATE_MAX];
    size_t len = 0;

    id[7] = (uint8_t)(round % IDS);
    w->good = w->good && hf_session_store(w->sessions, id, state_of(in, id[7])) == HF_OK;
    id[7] = (uint8_t)((round + w->number) % IDS);
    if (hf_session_find(w->sessions, hf_span_of(id, sizeof id), out, &len)) {
        w->good = w->good && is_whole(out, len, id[7]);
        w->found++;
    }
    if (round % 5 == w->number % 5u)
        hf_session_remove(w->sessions, hf_span_of(id, sizeof id));
}

static void *work(void *user)
{
    worker *w = user;
    hf_sessions *own = hf_sessions_ref(w->sessions);

    for (size_t round = 0; round < ROUNDS; round++) {
        use_tickets(w, (int64_t)round); /* the clock renews keys too */
        use_cache(w, round);
        if (round % 50 == w->number)
            w->good = w->good && hf_sessions_rotate(own) == HF_OK;
    }
    hf_sessions_free(own);
    return NULL;
}

/* The last of them frees it: nothing is freed twice, nothing is left (address sanitizer). */
static void at_once(void **state)
{
    pthread_t threads[THREADS];
    worker workers[THREADS];
    hf_sessions *sessions = hf_sessions_new(
        &(hf_sessions_options){ .tickets = true, .entries = ENTRIES, .lifetime = LIFETIME });
    unsigned opened = 0, found = 0;

    (void)state;
    assert_non_null(sessions);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (worker){ hf_sessions_ref(sessions), (uint8_t)(i + 1), true, 0, 0 };
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(workers[i].good);
        hf_sessions_free(workers[i].sessions);
        opened += workers[i].opened;
        found += workers[i].found;
    }
    assert_true(opened > 0 && found > 0);
    use_tickets(&(worker){ .sessions = sessions }, ROUNDS);
    hf_sessions_free(sessions);
}

/* Without anybody else every ticket opens: what the threads count is not luck. */
static void one_after_the_other(void **state)
{
    worker w = { hf_sessions_new(&(hf_sessions_options){
                     .tickets = true, .entries = ENTRIES, .lifetime = LIFETIME }),
                 1, true, 0, 0 };

    (void)state;
    assert_non_null(w.sessions);
    (void)work(&w);
    assert_true(w.good);
    assert_int_equal(w.opened, ROUNDS);
    hf_sessions_free(w.sessions);
}

/* ---- keys that are given meanwhile ---- */

static void *give_keys(void *user)
{
    worker *w = user;
    uint8_t keys[2][HF_TICKET_KEY] = { { 1 }, { 2 } };

    for (size_t round = 0; round < ROUNDS; round++) {
        keys[0][0] = (uint8_t)(3 + round % 3);
        w->good =
            w->good && hf_sessions_set_keys(w->sessions, (const uint8_t(*)[HF_TICKET_KEY])keys,
                                            1 + round % 2) == HF_OK;
        w->good = w->good && !hf_sessions_early(w->sessions);
    }
    return NULL;
}

static void *seal_and_open(void *user)
{
    worker *w = user;

    for (size_t round = 0; round < ROUNDS; round++) {
        use_tickets(w, (int64_t)round);
        (void)hf_sessions_early(w->sessions);
    }
    return NULL;
}

static void keys_are_given_meanwhile(void **state)
{
    const hf_sessions_options o = { .tickets = true, .lifetime = LIFETIME };
    hf_sessions *sessions = hf_sessions_new(&o);
    pthread_t threads[THREADS];
    worker workers[THREADS];

    (void)state;
    assert_non_null(sessions);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (worker){ sessions, (uint8_t)(i + 1), true, 0, 0 };
        assert_int_equal(
            pthread_create(&threads[i], NULL, i == 0 ? give_keys : seal_and_open, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(workers[i].good);
    }
    assert_int_equal(hf_sessions_rotate(sessions), HF_E_MISUSE);
    hf_sessions_free(sessions);
}

/* ---- a client's sessions ---- */

enum { KEYS = 3, NUMBERS = THREADS * ROUNDS };
static atomic_uint taken[NUMBERS];

static bool take_one(hf_sessions *sessions, uint8_t key)
{
    uint8_t digest[32] = { [7] = key };
    uint32_t number;
    hf_span session = hf_sessions_take(sessions, digest);

    if (session.len == 0)
        return false;
    memcpy(&number, session.data, sizeof number);
    atomic_fetch_add(&taken[number], 1);
    hf_free_secret((void *)(uintptr_t)session.data, session.len);
    return true;
}

static void *put_and_take(void *user)
{
    worker *w = user;

    for (size_t round = 0; round < ROUNDS; round++) {
        uint8_t digest[32] = { [7] = (uint8_t)(round % KEYS) };
        uint32_t number = (uint32_t)(w->number * ROUNDS + round);
        hf_sessions_put(w->sessions, digest, hf_span_of(&number, sizeof number));
        if (round % 2)
            w->found += take_one(w->sessions, (uint8_t)((round + w->number) % KEYS));
    }
    return NULL;
}

/* No ticket is offered twice (RFC 9846 C.4). */
static void no_session_is_taken_twice(void **state)
{
    const hf_sessions_options o = { .entries = ENTRIES, .lifetime = LIFETIME };
    hf_sessions *sessions = hf_sessions_new(&o);
    pthread_t threads[THREADS];
    worker workers[THREADS];
    unsigned found = 0, sum = 0;

    (void)state;
    assert_non_null(sessions);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (worker){ sessions, (uint8_t)i, true, 0, 0 };
        assert_int_equal(pthread_create(&threads[i], NULL, put_and_take, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        found += workers[i].found;
    }
    for (uint8_t key = 0; key < KEYS; key++)
        while (take_one(sessions, key))
            found++;
    for (size_t n = 0; n < NUMBERS; n++) {
        assert_in_range(taken[n], 0, 1);
        sum += taken[n];
    }
    assert_int_equal(sum, found);
    assert_true(found > 0);
    hf_sessions_free(sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_after_the_other),
        cmocka_unit_test(at_once),
        cmocka_unit_test(keys_are_given_meanwhile),
        cmocka_unit_test(no_session_is_taken_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
