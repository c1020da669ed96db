/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A client's sessions: what is taken, in which order, what makes room, and that nothing is left of them. */
#include "keys/session_store.h"

#include "memory_support.h"

enum { KEY = 32, PER_KEY = 8, SESSION = 100 };

typedef struct digest {
    uint8_t at[KEY];
} digest;

/* As if random, and the same in every run. */
static digest key_of(uint64_t n)
{
    uint64_t mixed = (n + 1) * 0x9e3779b97f4a7c15;
    digest out;

    for (size_t i = 0; i < sizeof out.at; i++) {
        mixed = (mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9;
        out.at[i] = (uint8_t)(mixed >> 56);
    }
    return out;
}

static hf_sessions *make(size_t entries)
{
    const hf_sessions_options o = { .entries = entries, .lifetime = 3600 };
    hf_sessions *s = hf_sessions_new(&o);

    assert_non_null(s);
    return s;
}

static void end(hf_sessions *s)
{
    hf_sessions_free(s);
    assert_int_equal(live, 0);
    assert_false(leaked);
}

static void put(hf_sessions *s, uint64_t key, uint64_t n)
{
    uint8_t session[SESSION];

    memset(session, MARK, sizeof session);
    memcpy(session, &n, sizeof n);
    hf_sessions_put(s, key_of(key).at, hf_span_of(session, sizeof session));
}

static void give_back(hf_span session)
{
    hf_free_secret((void *)(uintptr_t)session.data, session.len);
}

enum { NONE = -1 };

/* The number of the session that was taken, or NONE. */
static int64_t take(hf_sessions *s, uint64_t key)
{
    uint8_t expected[SESSION];
    hf_span session = hf_sessions_take(s, key_of(key).at);
    uint64_t n;

    if (session.len == 0) {
        assert_null(session.data);
        return NONE;
    }
    memset(expected, MARK, sizeof expected);
    memcpy(&n, session.data, sizeof n);
    memcpy(expected, &n, sizeof n);
    assert_int_equal(session.len, SESSION);
    assert_memory_equal(session.data, expected, SESSION);
    give_back(session);
    return (int64_t)n;
}

/* ---- order ---- */

static void each_is_taken_once(void **state)
{
    hf_sessions *s = make(100);

    (void)state;
    assert_int_equal(take(s, 1), NONE);
    put(s, 1, 10);
    put(s, 2, 20);
    assert_int_equal(take(s, 3), NONE);
    assert_int_equal(take(s, 1), 10);
    assert_int_equal(take(s, 1), NONE);
    assert_int_equal(take(s, 2), 20);
    assert_int_equal(take(s, 2), NONE);
    end(s);
}

static void the_newest_first(void **state)
{
    hf_sessions *s = make(100);

    (void)state;
    for (uint64_t n = 0; n < PER_KEY; n++)
        put(s, n % 2, n);
    for (int64_t n = PER_KEY; n-- > 0;)
        assert_int_equal(take(s, (uint64_t)n % 2), n);
    end(s);
}

/* All 32 bytes are the key: another setting, another session. */
static void keys_that_differ_in_one_bit(void **state)
{
    hf_sessions *s = make(1);
    digest key = key_of(1);

    (void)state;
    put(s, 1, 10);
    for (size_t i = 0; i < KEY * 8; i++) {
        key.at[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_int_equal(hf_sessions_take(s, key.at).len, 0);
        key.at[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    assert_int_equal(take(s, 1), 10);
    end(s);
}

/* ---- bounds ---- */

static void eight_under_one_key(void **state)
{
    hf_sessions *s = make(100);

    (void)state;
    put(s, 2, 99);
    for (uint64_t n = 0; n < 20; n++)
        put(s, 1, n);
    for (int64_t n = 19; n >= 20 - PER_KEY; n--)
        assert_int_equal(take(s, 1), n);
    assert_int_equal(take(s, 1), NONE);
    assert_int_equal(take(s, 2), 99); /* nobody else had to go for them */
    end(s);
}

static void the_oldest_makes_room(void **state)
{
    (void)state;
    for (uint64_t entries = 1; entries <= 40; entries++) {
        hf_sessions *s = make(entries);

        for (uint64_t n = 0; n < 3 * entries; n++)
            put(s, n, n);
        for (uint64_t n = 0; n < 3 * entries; n++)
            assert_int_equal(take(s, n), n < 2 * entries ? NONE : (int64_t)n);
        end(s);
    }
}

/* Against a list that is as simple as can be: newest first, searched from the front. */
typedef struct model {
    struct {
        uint64_t key, n;
    } at[64];
    size_t count;
} model;

static void model_remove(model *m, size_t i)
{
    memmove(&m->at[i], &m->at[i + 1], (m->count - i - 1) * sizeof *m->at);
    m->count--;
}

static void model_put(model *m, size_t entries, uint64_t key, uint64_t n)
{
    size_t same = 0, last = 0;

    for (size_t i = 0; i < m->count; i++)
        if (m->at[i].key == key) {
            same++;
            last = i;
        }
    if (same == PER_KEY)
        model_remove(m, last);
    else if (m->count == entries)
        model_remove(m, m->count - 1);
    memmove(&m->at[1], &m->at[0], m->count * sizeof *m->at);
    m->at[0].key = key;
    m->at[0].n = n;
    m->count++;
}

static int64_t model_take(model *m, uint64_t key)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->at[i].key == key) {
            uint64_t n = m->at[i].n;
            model_remove(m, i);
            return (int64_t)n;
        }
    return NONE;
}

static void in_any_order(void **state)
{
    static const size_t sizes[] = { 1, 2, 7, 8, 9, 20, 60 };
    uint64_t seed = 1;

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        hf_sessions *s = make(sizes[i]);
        model m = { .count = 0 };
        for (uint64_t n = 0; n < 20000; n++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            uint64_t key = (seed >> 40) % 12;
            if ((seed >> 60) < 9) {
                put(s, key, n);
                model_put(&m, sizes[i], key, n);
            } else {
                assert_int_equal(take(s, key), model_take(&m, key));
            }
            assert_int_equal(s->client.count, m.count);
        }
        end(s);
    }
}

static void lengths(void **state)
{
    static uint8_t in[HF_SESSION_MAX + 1];
    hf_sessions *s = make(4);
    digest key = key_of(0);

    (void)state;
    memset(in, MARK, sizeof in);
    for (size_t n = 1; n <= HF_SESSION_MAX; n += 273) {
        hf_sessions_put(s, key.at, hf_span_of(in, n));
        hf_span out = hf_sessions_take(s, key.at);
        assert_int_equal(out.len, n);
        assert_memory_equal(out.data, in, n);
        give_back(out);
    }
    hf_sessions_put(s, key.at, hf_span_of(in, sizeof in));
    assert_int_equal(hf_sessions_take(s, key.at).len, 0);
    hf_sessions_put(s, key.at, hf_span_of(in, 0));
    assert_int_equal(s->client.count, 0);
    end(s);
}

static void without_room(void **state)
{
    hf_sessions *s = make(0);

    (void)state;
    put(s, 1, 1);
    assert_int_equal(take(s, 1), NONE);
    end(s);
}

/* A server's cache and a client's sessions of one object do not mix, even under the same 32 bytes. */
static void apart_from_the_cache(void **state)
{
    hf_sessions *s = make(4);
    uint8_t found[HF_SESSION_STATE_MAX];
    digest key = key_of(1);
    size_t len;

    (void)state;
    put(s, 1, 10);
    assert_false(hf_session_find(s, hf_span_of(key.at, KEY), found, &len));
    assert_int_equal(hf_session_store(s, key_of(2).at, hf_span_of("x", 1)), HF_OK);
    assert_int_equal(take(s, 2), NONE);
    assert_int_equal(take(s, 1), 10);
    end(s);
}

/* ---- memory ---- */

static void sessions_are_wiped(void **state)
{
    hf_sessions *s = make(9);

    (void)state;
    for (uint64_t n = 0; n < 9; n++) { /* the ninth makes the first go */
        put(s, 1, n);
        assert_true(any_marks());
        assert_false(leaked);
    }
    for (uint64_t n = 0; n < 9; n++) { /* all make room */
        put(s, 2 + n, n);
        assert_false(leaked);
    }
    assert_int_equal(take(s, 2), 0);
    end(s); /* the rest is freed */
}

/* Without memory it is not kept, and those that were there stay. */
static void no_memory(void **state)
{
    hf_sessions *s = make(2);

    (void)state;
    fail_at = calls; /* chains */
    put(s, 1, 1);
    fail_at = SIZE_MAX;
    assert_int_equal(take(s, 1), NONE);
    put(s, 1, 1);
    put(s, 2, 2);
    for (size_t n = 0; n < 2; n++) { /* the entry, its bytes */
        size_t before = live;
        fail_at = calls + n;
        put(s, 3, 3);
        fail_at = SIZE_MAX;
        assert_int_equal(live, before);
    }
    assert_int_equal(take(s, 3), NONE);
    assert_int_equal(take(s, 2), 2);
    assert_int_equal(take(s, 1), 1);
    end(s);
}

/* RFC 5246 7.2.2: a session that was spoilt goes, wherever it stands; the others stay, in their order. */
static void one_is_forgotten(void **state)
{
    (void)state;
    for (uint64_t gone = 0; gone < 4; gone++) { /* 3 was never there */
        hf_sessions *s = make(4);
        uint8_t session[SESSION];

        for (uint64_t n = 0; n < 3; n++)
            put(s, 1, n);
        put(s, 2, gone); /* the same, of another server */
        memset(session, MARK, sizeof session);
        memcpy(session, &gone, sizeof gone);
        hf_sessions_forget(s, key_of(1).at, hf_span_of(session, sizeof session));
        for (uint64_t n = 3; n-- > 0;)
            if (n != gone)
                assert_int_equal(take(s, 1), (int64_t)n);
        assert_int_equal(take(s, 1), NONE);
        assert_int_equal(take(s, 2), (int64_t)gone);
        end(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_taken_once),  cmocka_unit_test(the_newest_first),
        cmocka_unit_test(one_is_forgotten),    cmocka_unit_test(keys_that_differ_in_one_bit),
        cmocka_unit_test(eight_under_one_key), cmocka_unit_test(the_oldest_makes_room),
        cmocka_unit_test(in_any_order),        cmocka_unit_test(lengths),
        cmocka_unit_test(without_room),        cmocka_unit_test(apart_from_the_cache),
        cmocka_unit_test(sessions_are_wiped),  cmocka_unit_test(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
