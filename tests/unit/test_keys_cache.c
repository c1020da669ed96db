/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A server's cache of sessions: what is found, what makes room, how much is compared, and that states are wiped. */
#include "keys/session_store.h"

#include "memory_support.h"

enum { BUCKET = 16, STATE = 100, LIFETIME = 3600 };

/* ---- ids and states ---- */

typedef struct id {
    uint8_t at[HF_SESSION_ID];
} id;

/* As if random, and the same in every run. */
static id id_of(uint64_t n)
{
    id out;

    for (size_t i = 0; i < sizeof out.at; i++) {
        n = n * 6364136223846793005u + 1442695040888963407u;
        out.at[i] = (uint8_t)(n >> 56);
    }
    return out;
}

static hf_span state_of(uint8_t *out, uint64_t n)
{
    memset(out, MARK, STATE);
    memcpy(out, &n, sizeof n);
    return hf_span_of(out, STATE);
}

static hf_error try_store(hf_sessions *s, id i, uint64_t n)
{
    uint8_t bytes_of_it[STATE];

    return hf_session_store(s, i.at, state_of(bytes_of_it, n));
}

static void store(hf_sessions *s, uint64_t n)
{
    assert_int_equal(try_store(s, id_of(n), n), HF_OK);
}

static bool finds_as(hf_sessions *s, id i, uint64_t n)
{
    uint8_t expected[STATE], found[HF_SESSION_STATE_MAX];
    size_t len = 77;

    if (!hf_session_find(s, hf_span_of(i.at, sizeof i.at), found, &len)) {
        assert_int_equal(len, 0);
        return false;
    }
    (void)state_of(expected, n);
    assert_int_equal(len, STATE);
    assert_memory_equal(found, expected, STATE);
    return true;
}

static bool finds(hf_sessions *s, uint64_t n)
{
    return finds_as(s, id_of(n), n);
}

static size_t count(hf_sessions *s, uint64_t n)
{
    size_t found = 0;

    while (n-- > 0)
        found += finds(s, n);
    return found;
}

static void drop(hf_sessions *s, id i)
{
    hf_session_remove(s, hf_span_of(i.at, sizeof i.at));
}

static hf_sessions *make(size_t entries)
{
    hf_sessions *s = hf_sessions_new(
        &(hf_sessions_options){ .tickets = false, .entries = entries, .lifetime = LIFETIME });

    assert_non_null(s);
    assert_true(hf_sessions_has_cache(s));
    return s;
}

static void end(hf_sessions *s)
{
    hf_sessions_free(s);
    assert_int_equal(live, 0);
    assert_false(leaked);
}

/* ---- store and find ---- */

static void what_is_stored_is_found(void **state)
{
    hf_sessions *s = make(1000);

    (void)state;
    for (uint64_t n = 0; n < 300; n++) {
        store(s, n);
        assert_true(finds(s, n));
        assert_true(finds(s, n)); /* a look-up takes nothing away */
    }
    assert_int_equal(count(s, 300), 300);
    assert_false(finds(s, 300));
    end(s);
}

static void states_of_every_length(void **state)
{
    static uint8_t in[HF_SESSION_STATE_MAX + 1], out[HF_SESSION_STATE_MAX];
    hf_sessions *s = make(1);
    id one = id_of(1);
    size_t len;

    (void)state;
    memset(in, MARK, sizeof in);
    for (size_t n = 0; n <= HF_SESSION_STATE_MAX; n++) {
        assert_int_equal(hf_session_store(s, one.at, hf_span_of(in, n)), HF_OK);
        assert_true(hf_session_find(s, hf_span_of(one.at, sizeof one.at), out, &len));
        assert_int_equal(len, n);
        assert_memory_equal(out, in, n);
    }
    assert_int_equal(hf_session_store(s, one.at, hf_span_of(in, sizeof in)), HF_E_LIMIT);
    end(s);
}

/* An empty session_id asks for nothing (RFC 5246 7.4.1.2); ours have 32 bytes. */
static void ids_of_another_length(void **state)
{
    static uint8_t zeroes[HF_SESSION_ID + 1], out[HF_SESSION_STATE_MAX];
    hf_sessions *s = make(4);
    size_t len = 77;

    (void)state;
    assert_int_equal(hf_session_store(s, zeroes, hf_span_of("x", 1)), HF_OK);
    for (size_t n = 0; n <= sizeof zeroes; n++) {
        hf_session_remove(s, n == HF_SESSION_ID ? hf_span_of(NULL, 0) : hf_span_of(zeroes, n));
        assert_int_equal(hf_session_find(s, hf_span_of(zeroes, n), out, &len), n == HF_SESSION_ID);
        assert_int_equal(len, n == HF_SESSION_ID);
    }
    assert_false(hf_session_find(s, hf_span_of(NULL, 0), out, &len));
    end(s);
}

/* All 32 bytes are the id, not only those that choose the bucket. */
static void ids_that_differ_in_one_bit(void **state)
{
    hf_sessions *s = make(16);

    (void)state;
    store(s, 1);
    for (size_t i = 0; i < HF_SESSION_ID * 8; i++) {
        id other = id_of(1);
        other.at[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_false(finds_as(s, other, 1));
        drop(s, other);
    }
    assert_true(finds(s, 1));
    end(s);
}

static void the_same_id_again(void **state)
{
    hf_sessions *s = make(BUCKET);
    id one = id_of(0);

    (void)state;
    store(s, 0);
    size_t before = live;
    assert_int_equal(try_store(s, one, 99), HF_OK);
    assert_int_equal(live, before);
    assert_true(finds_as(s, one, 99));
    drop(s, one);
    assert_false(finds_as(s, one, 99));
    end(s);
}

static void removal(void **state)
{
    hf_sessions *s = make(BUCKET);

    (void)state;
    for (uint64_t n = 0; n < BUCKET; n++)
        store(s, n);
    for (uint64_t n = 0; n < BUCKET; n += 2) {
        drop(s, id_of(n));
        drop(s, id_of(n));
    }
    for (uint64_t n = 0; n < BUCKET; n++)
        assert_int_equal(finds(s, n), n % 2);
    store(s, BUCKET); /* a free slot is used before anybody goes */
    assert_int_equal(count(s, BUCKET + 1), BUCKET / 2 + 1);
    end(s);
}

/* ---- bounds ---- */

static void the_oldest_makes_room(void **state)
{
    (void)state;
    for (uint64_t entries = 1; entries <= BUCKET; entries++) {
        hf_sessions *s = make(entries);

        for (uint64_t n = 0; n < 3 * entries; n++) {
            store(s, n);
            assert_int_equal(count(s, n + 1), n < entries ? n + 1 : entries);
            assert_true(n < entries || !finds(s, n - entries));
        }
        end(s);
    }
}

static void storing_again_makes_it_young(void **state)
{
    hf_sessions *s = make(3);

    (void)state;
    for (uint64_t n = 0; n < 3; n++)
        store(s, n);
    store(s, 0);
    store(s, 3);
    assert_true(finds(s, 0) && finds(s, 2) && finds(s, 3));
    assert_false(finds(s, 1));
    end(s);
}

/* Whatever is stored, there are never more than `entries`; and no slot is out of reach. */
static void never_more_than_entries(void **state)
{
    (void)state;
    for (size_t entries = 1; entries <= 100; entries += 3) {
        hf_sessions *s = make(entries);
        size_t own = live;

        for (uint64_t n = 0; n < 100 * entries; n++) {
            store(s, n);
            assert_true(live - own <= entries);
            assert_true(finds(s, n));
        }
        assert_int_equal(live - own, entries);
        end(s);
    }
}

/* A look-up reads one bucket, however large the table is. */
static void no_linear_scan(void **state)
{
    enum { ENTRIES = 4000 };
    hf_sessions *s = make(ENTRIES);

    (void)state;
    for (uint64_t n = 0; n < ENTRIES; n++)
        store(s, n);
    for (uint64_t n = 0; n < 2 * ENTRIES; n++) {
        compared = 0;
        (void)finds(s, n);
        assert_in_range(compared, 0, BUCKET);
    }
    assert_in_range(count(s, ENTRIES), ENTRIES * 4 / 5, ENTRIES); /* buckets fill evenly */
    end(s);
}

/* ---- memory ---- */

static void states_are_wiped(void **state)
{
    hf_sessions *s = make(1);

    (void)state;
    store(s, 0);
    assert_true(any_marks());
    store(s, 0); /* replaced */
    assert_false(leaked);
    store(s, 1); /* made room */
    assert_false(leaked);
    drop(s, id_of(1));
    assert_false(leaked);
    store(s, 2);
    end(s); /* freed */
}

/* Without memory nothing is stored, and nothing that was there is lost. */
static void no_memory(void **state)
{
    hf_sessions *s = make(1);

    (void)state;
    store(s, 0);
    fail_at = calls;
    assert_int_equal(try_store(s, id_of(1), 1), HF_E_NO_MEMORY);
    fail_at = SIZE_MAX;
    assert_true(finds(s, 0));
    end(s);
    for (size_t n = 0; n < 3; n++) { /* the object, its ring's contexts, its slots */
        fail_at = calls + n;
        assert_null(hf_sessions_new(
            &(hf_sessions_options){ .tickets = true, .entries = 5, .lifetime = LIFETIME }));
        fail_at = SIZE_MAX;
        assert_int_equal(live, 0);
    }
    end(hf_sessions_new(
        &(hf_sessions_options){ .tickets = true, .entries = 5, .lifetime = LIFETIME }));
}

static void without_a_cache(void **state)
{
    hf_sessions *s = hf_sessions_new(
        &(hf_sessions_options){ .tickets = true, .entries = 0, .lifetime = LIFETIME });

    (void)state;
    assert_non_null(s);
    assert_false(hf_sessions_has_cache(s));
    assert_int_equal(try_store(s, id_of(0), 0), HF_E_MISUSE);
    assert_false(finds(s, 0));
    drop(s, id_of(0));
    end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stored_is_found), cmocka_unit_test(states_of_every_length),
        cmocka_unit_test(ids_of_another_length),   cmocka_unit_test(ids_that_differ_in_one_bit),
        cmocka_unit_test(the_same_id_again),       cmocka_unit_test(removal),
        cmocka_unit_test(the_oldest_makes_room),   cmocka_unit_test(storing_again_makes_it_young),
        cmocka_unit_test(never_more_than_entries), cmocka_unit_test(no_linear_scan),
        cmocka_unit_test(states_are_wiped),        cmocka_unit_test(no_memory),
        cmocka_unit_test(without_a_cache),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
