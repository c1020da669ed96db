/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Which ticket keys there are: own ones and their rotation, second by second; keys that are given; and
 * tickets that other code seals.
 */
#include "ticket_support.h"

enum { LIFETIME = 100, NAME = HF_TICKET_KEY_NAME };

/* ---- own keys ---- */

/* With a visit every second, key k is made at START + k * rotation and retired when the next one is made.
   A ticket opens while its key has not been retired for more than a lifetime, and there is room for it. */
static void rotate_second_by_second(uint32_t rotation, uint32_t lifetime)
{
    enum { SECONDS = 160 };
    static ticket t[SECONDS];
    hf_sessions *s = tickets_of(lifetime, rotation);
    size_t most = 0;

    for (uint32_t now = 0; now < SECONDS; now++) {
        uint32_t current = now / rotation;
        t[now] = sealed(s, START + now, 1);
        for (uint32_t then = 0; then <= now; then++) {
            uint32_t key = then / rotation;
            bool kept = key == current || (now <= (key + 1) * rotation + lifetime &&
                                           current - key < HF_TICKET_KEYS_MAX);
            assert_int_equal(same_key(&t[then], &t[now]), key == current);
            if (kept)
                assert_opens(s, START + now, &t[then], key != current);
            else
                assert_refused(s, START + now, t[then].bytes, t[then].len);
        }
        most = s->ring.n > most ? s->ring.n : most;
    }
    printf("rotation %u, lifetime %u: %zu keys\n", rotation, lifetime, most);
    hf_sessions_free(s);
}

static void every_second(void **state)
{
    (void)state;
    rotate_second_by_second(20, 20);
    rotate_second_by_second(35, 10);
    rotate_second_by_second(10, 35);
    rotate_second_by_second(7, 49);
    rotate_second_by_second(3, 60); /* more keys than there is room for: the oldest go early */
    rotate_second_by_second(1, 1);
}

/* A rotation of a seventh of the lifetime or more leaves no ticket behind whose session is still good. */
static void no_good_session_is_lost(void **state)
{
    enum { ROTATION = 10, LIFE = 7 * ROTATION };
    hf_sessions *s = tickets_of(LIFE, ROTATION);
    static ticket t[4 * LIFE];

    (void)state;
    for (int64_t now = 0; now < (int64_t)COUNT(t); now++) {
        t[now] = sealed(s, START + now, 1);
        for (int64_t then = now < LIFE ? 0 : now - LIFE + 1; then < now; then++)
            assert_opens(s, START + now, &t[then], then / ROTATION != now / ROTATION);
    }
    hf_sessions_free(s);
}

/* Each key is wiped when it goes, wherever it stood. */
static void dropped_keys_are_wiped(void **state)
{
    enum { KEYS = 12 };
    hf_sessions *s = tickets_of(LIFETIME, 1);
    hf_aead_key key[KEYS];

    (void)state;
    for (int i = 0; i < KEYS; i++) {
        ticket t = sealed(s, START + i, STATE);
        assert_opens(s, START + i, &t, false); /* loaded for both directions */
        key[i] = s->ring.keys[0].key;
        for (int j = 0; j <= i; j++)
            assert_int_equal(remembers(s, &key[j]), i - j < HF_TICKET_KEYS_MAX);
    }
    assert_refused(s, START + KEYS + LIFETIME, text, HF_TICKET_OVERHEAD); /* a visit is enough */
    for (int j = 0; j < KEYS; j++)
        assert_int_equal(remembers(s, &key[j]), j == KEYS - 1);
    hf_sessions_free(s);
}

/* By hand: the one before it still opens tickets, those before that are forgotten. */
static void rotation_by_hand_leaves_two(void **state)
{
    hf_sessions *s = tickets_of(LIFETIME, 1);
    ticket t[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        t[i] = sealed(s, START + i, STATE);
    assert_int_equal(hf_sessions_rotate(s), HF_OK);
    assert_int_equal(s->ring.n, 2);
    for (int i = 0; i < 3; i++)
        assert_refused(s, START + 3, t[i].bytes, t[i].len);
    assert_opens(s, START + 3, &t[3], true);
    hf_sessions_free(s);
}

/* A clock that goes back makes no key immortal: all date from it then. */
static void a_clock_set_back(void **state)
{
    hf_sessions *s = tickets_of(LIFETIME, 10);
    ticket t[3];

    (void)state;
    for (int i = 0; i < 3; i++)
        t[i] = sealed(s, START + i * 10, STATE);
    assert_opens(s, 0, &t[2], false);
    assert_opens(s, LIFETIME, &t[0], true);
    assert_refused(s, LIFETIME + 1, t[0].bytes, t[0].len);
    assert_refused(s, LIFETIME + 1, t[1].bytes, t[1].len);
    assert_opens(s, LIFETIME + 1, &t[2], false);
    hf_sessions_free(s);
}

/* ---- given keys ---- */

typedef uint8_t given_key[HF_TICKET_KEY];

/* Keys 0 to n-1 are all different. */
static void fill_keys(given_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < HF_TICKET_KEY; k++)
            keys[i][k] = (uint8_t)(17 * i + 3 * k + 1);
}

static hf_error give(hf_sessions *s, given_key *keys, size_t n)
{
    return hf_sessions_set_keys(s, (const uint8_t(*)[HF_TICKET_KEY])keys, n);
}

static hf_aead_key as_key(const uint8_t *bytes_of_key)
{
    hf_aead_key key = { .id = HF_AES_256_GCM };

    memcpy(key.key, bytes_of_key + NAME, sizeof key.key);
    return key;
}

static hf_sessions *with_keys(given_key *keys, size_t n)
{
    hf_sessions *s = tickets_of(LIFETIME, 0);

    assert_int_equal(give(s, keys, n), HF_OK);
    return s;
}

/* Each key gives its name to what it seals, and all machines that have it open that. */
static void shared_keys(void **state)
{
    given_key keys[HF_TICKET_KEYS_MAX];

    (void)state;
    fill_keys(keys, COUNT(keys));
    hf_sessions *all = with_keys(keys, COUNT(keys));
    for (size_t i = 0; i < COUNT(keys); i++) {
        hf_sessions *one = with_keys(&keys[i], 1);
        ticket t = sealed(one, START, STATE);
        assert_memory_equal(t.bytes, keys[i], NAME);
        assert_opens(all, START, &t, i != 0);
        assert_opens(one, START, &t, false);
        ticket first = sealed(all, START, STATE);
        if (i > 0)
            assert_refused(one, START, first.bytes, first.len);
        hf_sessions_free(one);
    }
    hf_sessions_free(all);
}

/* The next key is given to all before one of them seals with it; the old one goes last. */
static void a_next_key(void **state)
{
    given_key keys[2], turned[2];

    (void)state;
    fill_keys(keys, 2);
    memcpy(turned[0], keys[1], sizeof *keys);
    memcpy(turned[1], keys[0], sizeof *keys);
    hf_sessions *a = with_keys(keys, 2), *b = with_keys(turned, 2);
    ticket old = sealed(a, START, STATE), new = sealed(b, START, STATE);
    assert_opens(b, START, &old, true);
    assert_opens(a, START, &new, true);
    assert_int_equal(give(a, &keys[1], 1), HF_OK);
    assert_opens(a, START, &new, false);
    assert_refused(a, START, old.bytes, old.len);
    hf_sessions_free(a);
    hf_sessions_free(b);
}

/* Nothing of the keys before is left, own or given. */
static void replaced_keys_are_wiped(void **state)
{
    given_key keys[3];
    hf_sessions *s = tickets_of(LIFETIME, 10);
    ticket previous = sealed(s, START, STATE), own = sealed(s, START + 10, STATE);
    hf_aead_key were[2] = { s->ring.keys[0].key, s->ring.keys[1].key };

    (void)state;
    fill_keys(keys, COUNT(keys));
    assert_opens(s, START + 10, &own, false);
    assert_opens(s, START + 10, &previous, true);
    assert_int_equal(give(s, keys, 2), HF_OK);
    assert_refused(s, START + 10, own.bytes, own.len);
    assert_refused(s, START + 10, previous.bytes, previous.len);
    assert_false(remembers(s, &were[0]) || remembers(s, &were[1]));
    ticket given = sealed(s, START + 10, STATE);
    assert_opens(s, START + 10, &given, false);
    assert_int_equal(give(s, &keys[2], 1), HF_OK);
    for (size_t i = 0; i < COUNT(keys); i++) {
        hf_aead_key key = as_key(keys[i]);
        assert_int_equal(remembers(s, &key), i == 2);
    }
    hf_sessions_free(s);
}

/* Whoever shares them says when they change: no clock does. */
static void given_keys_stay(void **state)
{
    static const int64_t times[] = { INT64_MIN, 0,         START,    START + LIFETIME,
                                     INT64_MAX, INT64_MIN, INT64_MAX };
    given_key keys[3];

    (void)state;
    fill_keys(keys, COUNT(keys));
    hf_sessions *s = with_keys(keys, COUNT(keys)), *last = with_keys(&keys[2], 1);
    ticket first = sealed(s, START, STATE), old = sealed(last, START, STATE);
    for (size_t i = 0; i < COUNT(times); i++) {
        ticket t = sealed(s, times[i], STATE);
        assert_true(same_key(&t, &first));
        assert_opens(s, times[i], &first, false);
        assert_opens(s, times[i], &old, true);
    }
    assert_int_equal(hf_sessions_rotate(s), HF_E_MISUSE);
    assert_opens(s, START, &first, false);
    hf_sessions_free(s);
    hf_sessions_free(last);
}

/* Their number, and two of one name (which of them would open?): then everything stays as it was. */
static void keys_that_are_refused(void **state)
{
    given_key keys[HF_TICKET_KEYS_MAX + 1];
    hf_sessions *s = tickets_of(LIFETIME, 0);
    ticket t = sealed(s, START, STATE);

    (void)state;
    fill_keys(keys, COUNT(keys));
    assert_int_equal(give(s, keys, 0), HF_E_LIMIT);
    assert_int_equal(give(s, keys, HF_TICKET_KEYS_MAX + 1), HF_E_LIMIT);
    for (size_t i = 0; i < HF_TICKET_KEYS_MAX; i++)
        for (size_t j = 0; j < i; j++) {
            given_key twice[HF_TICKET_KEYS_MAX];
            memcpy(twice, keys, sizeof twice);
            memcpy(twice[i], keys[j], NAME);
            assert_int_equal(give(s, twice, HF_TICKET_KEYS_MAX), HF_E_LIMIT);
        }
    assert_opens(s, START, &t, false);
    assert_true(hf_sessions_early(s));
    assert_int_equal(give(s, keys, HF_TICKET_KEYS_MAX), HF_OK);
    hf_sessions_free(s);
}

static void keys_for_an_object_without_tickets(void **state)
{
    const hf_sessions_options o = { .entries = 1, .lifetime = 1 };
    hf_sessions *s = hf_sessions_new(&o);
    given_key key[1];

    (void)state;
    fill_keys(key, 1);
    assert_int_equal(give(s, key, 1), HF_E_MISUSE);
    hf_sessions_free(s);
}

/* NIST SP 800-38D 8.3. Nobody here can replace a given key, so that it seals no more; and giving it once more does not
   make it new. */
static void a_given_key_wears_out(void **state)
{
    given_key keys[2];

    (void)state;
    fill_keys(keys, 2);
    hf_sessions *s = with_keys(keys, 1);
    s->ring.keys[0].seals = HF_TICKET_KEY_SEALS_MAX - 1;
    ticket last = sealed(s, START, STATE), none = { .len = 77 };
    for (int again = 0; again < 2; again++) {
        assert_int_equal(
            hf_ticket_seal(s, NULL, START, hf_span_of(text, STATE), none.bytes, &none.len),
            HF_E_LIMIT);
        assert_int_equal(none.len, 0);
        assert_opens(s, START, &last, false);
        assert_int_equal(give(s, keys, 1), HF_OK);
    }
    memmove(keys[0], keys[1], sizeof *keys);
    assert_int_equal(give(s, keys, 1), HF_OK);
    (void)sealed(s, START, STATE);
    hf_sessions_free(s);
}

/* ---- tickets that other code seals ---- */

typedef struct safe {
    hf_error error;
    size_t len;
    bool renew;
    unsigned seals, opens;
} safe;

/* Each byte with its bits turned over. */
static hf_error safe_seal(void *user, hf_span state, uint8_t *ticket_bytes, size_t *len)
{
    safe *v = user;

    v->seals++;
    for (size_t i = 0; i < state.len; i++)
        ticket_bytes[i] = (uint8_t)~state.data[i];
    *len = v->len > 0 ? v->len : state.len;
    return v->error;
}

static hf_error safe_open(void *user, hf_span in, uint8_t *state, size_t *len, bool *renew)
{
    safe *v = user;

    v->opens++;
    for (size_t i = 0; i < in.len && i < HF_SESSION_STATE_MAX; i++)
        state[i] = (uint8_t)~in.data[i];
    *len = v->len > 0 ? v->len : in.len;
    *renew = v->renew;
    return v->error;
}

static hf_error safe_claim(void *user, const uint8_t id[HF_EARLY_ID], uint64_t now, uint64_t until)
{
    (void)user, (void)id, (void)now, (void)until;
    return HF_OK;
}

static uint64_t safe_now(void *user)
{
    (void)user;
    return 5;
}

static hf_sessions *elsewhere(safe *v)
{
    const hf_sessions_ops ops = { .seal = safe_seal, .open = safe_open, .user = v };
    const hf_sessions_options o = { .tickets = true, .lifetime = LIFETIME, .ops = &ops };
    hf_sessions *s = hf_sessions_new(&o); /* which copies the operations */

    assert_non_null(s);
    return s;
}

static hf_error open_elsewhere(hf_sessions *s, hf_span in, uint8_t *out, size_t *len, bool *renew)
{
    *len = 77;
    *renew = true;
    return hf_ticket_open(s, START, in, out, len, renew);
}

static void sealed_elsewhere(void **state)
{
    uint8_t in[HF_TICKET_MAX], out[HF_SESSION_STATE_MAX];
    safe v = { .error = HF_OK };
    hf_sessions *s = elsewhere(&v);
    size_t len, n;
    bool renew;

    (void)state;
    for (size_t i = 1; i <= HF_SESSION_STATE_MAX; i += 89) {
        v.renew = i % 2;
        assert_int_equal(hf_ticket_seal(s, NULL, START, hf_span_of(text, i), in, &len), HF_OK);
        assert_int_equal(len, i);
        assert_int_equal(open_elsewhere(s, hf_span_of(in, len), out, &n, &renew), HF_OK);
        assert_int_equal(n, i);
        assert_memory_equal(out, text, i);
        assert_int_equal(renew, v.renew);
    }
    hf_sessions_free(s);
}

/* What comes from there is not trusted with our memory. */
static void lengths_from_elsewhere(void **state)
{
    uint8_t in[HF_TICKET_MAX + 1] = { 1 }, out[HF_SESSION_STATE_MAX];
    static const uint8_t zeroes[HF_SESSION_STATE_MAX];
    safe v = { .len = HF_TICKET_MAX };
    hf_sessions *s = elsewhere(&v);
    size_t len;
    bool renew;

    (void)state;
    assert_int_equal(hf_ticket_seal(s, NULL, START, hf_span_of(text, 1), in, &len), HF_OK);
    v.len = HF_TICKET_MAX + 1;
    assert_int_equal(hf_ticket_seal(s, NULL, START, hf_span_of(text, 1), in, &len), HF_E_LIMIT);
    assert_int_equal(len, 0);
    v.len = 0;
    assert_int_equal(hf_ticket_seal(s, NULL, START, hf_span_of(text, 0), in, &len), HF_E_LIMIT);
    assert_int_equal(hf_ticket_seal(s, NULL, START, hf_span_of(text, sizeof text), in, &len),
                     HF_E_LIMIT);
    v.len = HF_SESSION_STATE_MAX;
    assert_int_equal(open_elsewhere(s, hf_span_of(in, HF_TICKET_MAX), out, &len, &renew), HF_OK);
    v.len = HF_SESSION_STATE_MAX + 1;
    assert_int_equal(open_elsewhere(s, hf_span_of(in, 9), out, &len, &renew), HF_E_SESSION_DAMAGED);
    assert_int_equal(len, 0);
    assert_false(renew);
    assert_memory_equal(out, zeroes, sizeof out);
    v.len = 0;
    unsigned before = v.opens;
    assert_int_equal(open_elsewhere(s, hf_span_of(in, 0), out, &len, &renew), HF_E_SESSION_DAMAGED);
    assert_int_equal(open_elsewhere(s, hf_span_of(in, HF_TICKET_MAX + 1), out, &len, &renew),
                     HF_E_SESSION_DAMAGED);
    assert_int_equal(v.opens, before);
    hf_sessions_free(s);
}

static void failures_elsewhere(void **state)
{
    uint8_t in[HF_TICKET_MAX], out[HF_SESSION_STATE_MAX];
    static const uint8_t zeroes[HF_SESSION_STATE_MAX];
    safe v = { .error = HF_E_CRYPTO, .renew = true };
    hf_sessions *s = elsewhere(&v);
    size_t len;
    bool renew;

    (void)state;
    assert_int_equal(hf_ticket_seal(s, NULL, START, hf_span_of(text, 9), in, &len), HF_E_CRYPTO);
    assert_int_equal(len, 0);
    assert_int_equal(open_elsewhere(s, hf_span_of(in, 9), out, &len, &renew), HF_E_CRYPTO);
    assert_int_equal(len, 0);
    assert_false(renew);
    assert_memory_equal(out, zeroes, sizeof out);
    hf_sessions_free(s);
}

static void no_keys_where_others_seal(void **state)
{
    safe v = { .error = HF_OK };
    hf_sessions *s = elsewhere(&v);
    given_key key[1];

    (void)state;
    fill_keys(key, 1);
    assert_int_equal(s->ring.n, 0);
    assert_int_equal(hf_sessions_rotate(s), HF_E_MISUSE);
    assert_int_equal(give(s, key, 1), HF_E_MISUSE);
    assert_true(hf_sessions_has_tickets(s));
    hf_sessions_free(s);
}

/* ---- the object ---- */

/* Half a pair seals what nobody opens, or claims by a clock that nobody shares. */
static void operations_come_in_pairs(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 16; bits++) {
        const hf_sessions_ops ops = { .seal = bits & 1 ? safe_seal : NULL,
                                      .open = bits & 2 ? safe_open : NULL,
                                      .claim = bits & 4 ? safe_claim : NULL,
                                      .now_ms = bits & 8 ? safe_now : NULL };
        const hf_sessions_options o = { .tickets = true, .lifetime = 1, .ops = &ops };
        hf_sessions *s = hf_sessions_new(&o);
        bool pairs = !(bits & 1) == !(bits & 2) && !(bits & 4) == !(bits & 8);
        assert_int_equal(s != NULL, pairs);
        hf_sessions_free(s);
    }
}

/* Whoever can open a ticket must claim in the same register. */
static void where_early_data_may_be(void **state)
{
    given_key key[1];

    (void)state;
    fill_keys(key, 1);
    for (unsigned bits = 0; bits < 16; bits++) {
        bool tickets = bits & 1, others = bits & 2, shared = bits & 4, given = bits & 8;
        const hf_sessions_ops ops = { .seal = others ? safe_seal : NULL,
                                      .open = others ? safe_open : NULL,
                                      .claim = shared ? safe_claim : NULL,
                                      .now_ms = shared ? safe_now : NULL };
        const hf_sessions_options o = { .tickets = tickets, .lifetime = 1, .ops = &ops };
        hf_sessions *s = hf_sessions_new(&o);
        assert_non_null(s);
        given = given && give(s, key, 1) == HF_OK;
        assert_int_equal(hf_sessions_early(s), tickets && ((!others && !given) || shared));
        hf_sessions_free(s);
    }
}

static bool is_made(hf_sessions_options o)
{
    o.lifetime = o.lifetime > 0 ? o.lifetime : 1;
    hf_sessions *s = hf_sessions_new(&o);

    hf_sessions_free(s);
    return s != NULL;
}

static void ranges(void **state)
{
    (void)state;
    assert_null(hf_sessions_new(NULL));
    assert_true(is_made((hf_sessions_options){ .rotation = 1 }));
    assert_true(is_made((hf_sessions_options){ .rotation = HF_SESSIONS_LIFETIME_MAX }));
    assert_false(is_made((hf_sessions_options){ .rotation = HF_SESSIONS_LIFETIME_MAX + 1 }));
    assert_true(is_made((hf_sessions_options){ .strikes = HF_SESSIONS_STRIKES_MAX }));
    assert_false(is_made((hf_sessions_options){ .strikes = HF_SESSIONS_STRIKES_MAX + 1 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_second),
        cmocka_unit_test(no_good_session_is_lost),
        cmocka_unit_test(dropped_keys_are_wiped),
        cmocka_unit_test(rotation_by_hand_leaves_two),
        cmocka_unit_test(a_clock_set_back),
        cmocka_unit_test(shared_keys),
        cmocka_unit_test(a_next_key),
        cmocka_unit_test(replaced_keys_are_wiped),
        cmocka_unit_test(given_keys_stay),
        cmocka_unit_test(keys_that_are_refused),
        cmocka_unit_test(keys_for_an_object_without_tickets),
        cmocka_unit_test(a_given_key_wears_out),
        cmocka_unit_test(sealed_elsewhere),
        cmocka_unit_test(lengths_from_elsewhere),
        cmocka_unit_test(failures_elsewhere),
        cmocka_unit_test(no_keys_where_others_seal),
        cmocka_unit_test(operations_come_in_pairs),
        cmocka_unit_test(where_early_data_may_be),
        cmocka_unit_test(ranges),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
