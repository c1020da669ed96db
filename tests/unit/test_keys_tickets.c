/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Tickets (RFC 5077 4): what opens, what does not, and how their keys are renewed and forgotten. */
#include "ticket_support.h"

enum { LIFETIME = 100, NONCE_AT = HF_TICKET_KEY_NAME };

static hf_sessions *make(void)
{
    return tickets_of(LIFETIME, 0);
}

/* ---- one key ---- */

static void round_trip(void **state)
{
    static const size_t lens[] = { 0, 1, 15, 16, STATE, 1000, HF_SESSION_STATE_MAX };
    hf_sessions *s = make();

    (void)state;
    for (size_t i = 0; i < COUNT(lens); i++) {
        ticket t = sealed(s, START, lens[i]);
        assert_opens(s, START, &t, false);
        assert_opens(s, START + LIFETIME - 1, &t, false); /* as often as somebody comes with it */
    }
    hf_sessions_free(s);
}

static void too_long_a_state(void **state)
{
    hf_sessions *s = make();
    ticket t;

    (void)state;
    assert_int_equal(hf_ticket_seal(s, NULL, START, hf_span_of(text, sizeof text), t.bytes, &t.len),
                     HF_E_LIMIT);
    assert_int_equal(t.len, 0);
    hf_sessions_free(s);
}

static void every_bit_matters(void **state)
{
    hf_sessions *s = make();
    ticket t = sealed(s, START, STATE);

    (void)state;
    for (size_t i = 0; i < t.len * 8; i++) {
        t.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_refused(s, START, t.bytes, t.len);
        t.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    assert_opens(s, START, &t, false);
    hf_sessions_free(s);
}

static void short_and_long_tickets(void **state)
{
    static uint8_t longer[HF_TICKET_MAX + 2];
    hf_sessions *s = make();
    ticket t = sealed(s, START, STATE);

    (void)state;
    memcpy(longer, t.bytes, t.len);
    for (size_t len = 0; len < sizeof longer; len++) {
        uint8_t *copy = malloc(len > 0 ? len : 1);
        memcpy(copy, longer, len);
        if (len != t.len)
            assert_refused(s, START, copy, len);
        free(copy);
    }
    hf_sessions_free(s);
}

static void another_servers_ticket(void **state)
{
    hf_sessions *a = make(), *b = make();
    ticket t = sealed(a, START, STATE), u = sealed(b, START, STATE);

    (void)state;
    assert_refused(b, START, t.bytes, t.len);
    assert_refused(a, START, u.bytes, u.len);
    memcpy(t.bytes, u.bytes, HF_TICKET_KEY_NAME); /* b's name does not make it b's */
    assert_refused(a, START, t.bytes, t.len);
    assert_refused(b, START, t.bytes, t.len);
    hf_sessions_free(a);
    hf_sessions_free(b);
}

/* The name is additional data: with another name for the same key a ticket does not open. */
static void the_name_is_authenticated(void **state)
{
    hf_sessions *s = make();
    ticket t = sealed(s, START, STATE);

    (void)state;
    s->ring.keys[0].name[0] ^= 1;
    assert_refused(s, START, t.bytes, t.len);
    t.bytes[0] ^= 1;
    assert_refused(s, START, t.bytes, t.len);
    s->ring.keys[0].name[0] ^= 1;
    t.bytes[0] ^= 1;
    assert_opens(s, START, &t, false);
    hf_sessions_free(s);
}

/* Two tickets of one state share the key's name alone, and the state is not seen in them. */
static void two_tickets_of_one_state(void **state)
{
    hf_sessions *s = make();
    ticket t = sealed(s, START, STATE), u = sealed(s, START, STATE);

    (void)state;
    assert_true(same_key(&t, &u));
    assert_memory_not_equal(t.bytes + NONCE_AT, u.bytes + NONCE_AT, HF_AEAD_NONCE);
    size_t body = NONCE_AT + HF_AEAD_NONCE;
    assert_memory_not_equal(t.bytes + body, u.bytes + body, STATE);
    assert_memory_not_equal(t.bytes + body, text, STATE);
    assert_memory_not_equal(s->ring.keys[0].name, s->ring.keys[0].key.key, HF_TICKET_KEY_NAME);
    hf_sessions_free(s);
}

static void the_nonce_comes_from_the_hook(void **state)
{
    hf_sessions *s = make();
    script draws = { .source = hf_span_of(text, HF_AEAD_NONCE) };
    hf_random random = random_of(&draws);
    ticket t;

    (void)state;
    assert_int_equal(hf_ticket_seal(s, &random, START, hf_span_of(text, STATE), t.bytes, &t.len),
                     HF_OK);
    assert_int_equal(draws.draws, 1);
    assert_memory_equal(t.bytes + NONCE_AT, text, HF_AEAD_NONCE);
    assert_opens(s, START, &t, false);
    assert_int_equal(hf_ticket_seal(s, &random, START, hf_span_of(text, STATE), t.bytes, &t.len),
                     HF_E_RANDOM);
    assert_int_equal(t.len, 0);
    hf_sessions_free(s);
}

/* ---- rotation ---- */

static void the_previous_key_opens(void **state)
{
    hf_sessions *s = make();
    ticket t[3];

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        t[i] = sealed(s, START, STATE);
        if (i + 1 < COUNT(t))
            assert_int_equal(hf_sessions_rotate(s), HF_OK);
    }
    assert_refused(s, START, t[0].bytes, t[0].len);
    assert_opens(s, START, &t[1], true);
    assert_opens(s, START, &t[2], false);
    hf_sessions_free(s);
}

static void forgotten_keys_are_wiped(void **state)
{
    hf_sessions *s = make();
    hf_aead_key first = s->ring.keys[0].key;
    ticket t = sealed(s, START, STATE);

    (void)state;
    assert_opens(s, START, &t, false); /* loaded for both directions */
    assert_int_equal(hf_sessions_rotate(s), HF_OK);
    assert_opens(s, START, &t, true);
    assert_true(remembers(s, &first));
    assert_int_equal(hf_sessions_rotate(s), HF_OK);
    assert_false(remembers(s, &first));
    hf_sessions_free(s);
}

/* ---- time ---- */

static void renewed_by_itself(void **state)
{
    hf_sessions *s = make();
    ticket first = sealed(s, START, STATE), young = sealed(s, START + LIFETIME - 1, STATE),
           next = sealed(s, START + LIFETIME, STATE),
           still = sealed(s, START + 2 * LIFETIME - 1, STATE);

    (void)state;
    assert_true(same_key(&first, &young));
    assert_false(same_key(&first, &next));
    assert_true(same_key(&next, &still));
    assert_opens(s, START + LIFETIME, &young, true);
    assert_opens(s, START + LIFETIME, &next, false);
    ticket third = sealed(s, START + 2 * LIFETIME, STATE);
    assert_false(same_key(&next, &third));
    assert_opens(s, START + 2 * LIFETIME, &next, true);
    assert_opens(s, START + 2 * LIFETIME, &young, true);
    assert_refused(s, START + 2 * LIFETIME + 1, young.bytes, young.len);
    assert_opens(s, START + 2 * LIFETIME + 1, &next, true);
    hf_sessions_free(s);
}

/* Nobody needs to seal for an old key to go. */
static void the_previous_key_retires(void **state)
{
    hf_sessions *s = make();
    ticket t = sealed(s, START, STATE), next = sealed(s, START + LIFETIME, STATE);
    hf_aead_key old = s->ring.keys[1].key;

    (void)state;
    assert_opens(s, START + 2 * LIFETIME, &t, true);
    assert_true(remembers(s, &old));
    assert_refused(s, START + 2 * LIFETIME + 1, t.bytes, t.len);
    assert_false(remembers(s, &old));
    assert_refused(s, START + 2 * LIFETIME, t.bytes, t.len); /* gone is gone */
    assert_opens(s, START + 2 * LIFETIME + 1, &next, false);
    hf_sessions_free(s);
}

/* hf_sessions_rotate has no clock: the next visit says when it was. */
static void retirement_after_rotation_by_hand(void **state)
{
    hf_sessions *s = make();
    ticket t = sealed(s, START, STATE);
    const int64_t later = START + 40;

    (void)state;
    assert_int_equal(hf_sessions_rotate(s), HF_OK);
    assert_opens(s, later, &t, true);
    assert_opens(s, later + LIFETIME, &t, true);
    assert_refused(s, later + LIFETIME + 1, t.bytes, t.len);
    hf_sessions_free(s);
}

/* A clock that goes back makes no key immortal, and extreme ones overflow nothing. */
static void a_clock_set_back(void **state)
{
    hf_sessions *s = make();
    ticket t = sealed(s, INT64_MAX, STATE), u = sealed(s, START, STATE);

    (void)state;
    assert_true(same_key(&t, &u));
    u = sealed(s, START + LIFETIME, STATE);
    assert_false(same_key(&t, &u));
    ticket v = sealed(s, INT64_MIN, STATE), w = sealed(s, INT64_MAX, STATE);
    assert_true(same_key(&u, &v));
    assert_false(same_key(&v, &w));
    hf_sessions_free(s);
}

/* NIST SP 800-38D 8.3: a key with random nonces has a number of uses, whatever the time. */
static void renewed_when_it_sealed_enough(void **state)
{
    hf_sessions *s = make();
    ticket t = sealed(s, START, STATE);

    (void)state;
    s->ring.keys[0].seals = HF_TICKET_KEY_SEALS_MAX - 1;
    ticket last = sealed(s, START, STATE), next = sealed(s, START, STATE);
    assert_true(same_key(&t, &last));
    assert_false(same_key(&t, &next));
    assert_opens(s, START, &last, true);
    hf_sessions_free(s);
}

/* ---- the object ---- */

static void bounds_of_new(void **state)
{
    (void)state;
    assert_null(hf_sessions_new(
        &(hf_sessions_options){ .tickets = true, .entries = 0, .lifetime = 604801 }));
    assert_null(hf_sessions_new(&(hf_sessions_options){
        .tickets = true, .entries = HF_SESSIONS_ENTRIES_MAX + 1, .lifetime = 1 }));
    hf_sessions *s = hf_sessions_new(&(hf_sessions_options){
        .tickets = true, .entries = HF_SESSIONS_ENTRIES_MAX, .lifetime = 604800 });
    assert_non_null(s);
    assert_true(hf_sessions_has_tickets(s) && hf_sessions_has_cache(s));
    assert_int_equal(hf_sessions_lifetime(s), 604800);
    hf_sessions_free(s);
    hf_sessions_free(NULL);
    s = hf_sessions_new(&(hf_sessions_options){ .tickets = true });
    assert_non_null(s); /* 0 stands for the longest */
    assert_int_equal(hf_sessions_lifetime(s), 604800);
    hf_sessions_free(s);
}

static void without_tickets(void **state)
{
    hf_sessions *s = hf_sessions_new(
                    &(hf_sessions_options){ .tickets = false, .entries = 1, .lifetime = 1 }),
                *other = make();
    ticket t = sealed(other, START, STATE);
    static const uint8_t zeroes[HF_TICKET_OVERHEAD];

    (void)state;
    assert_non_null(s);
    assert_false(hf_sessions_has_tickets(s));
    assert_refused(s, START, t.bytes, t.len);
    assert_refused(s, START, zeroes, sizeof zeroes);
    assert_int_equal(hf_ticket_seal(s, NULL, START, hf_span_of(text, 1), t.bytes, &t.len),
                     HF_E_MISUSE);
    assert_int_equal(hf_sessions_rotate(s), HF_E_MISUSE);
    hf_sessions_free(s);
    hf_sessions_free(other);
}

/* A ring without a previous key has no key of zeroes. */
static void no_key_of_zeroes(void **state)
{
    hf_sessions *s = make();
    const hf_aead_key zero = { .id = HF_AES_256_GCM };
    const hf_span nothing = { text, STATE };
    ticket t = { .len = STATE + HF_TICKET_OVERHEAD };

    (void)state;
    hf_aead *aead = hf_aead_new();
    assert_non_null(aead);
    memset(t.bytes, 0, NONCE_AT + HF_AEAD_NONCE);
    assert_int_equal(hf_aead_seal(aead, &zero, t.bytes + NONCE_AT,
                                  hf_span_of(t.bytes, HF_TICKET_KEY_NAME), &nothing, 1,
                                  t.bytes + NONCE_AT + HF_AEAD_NONCE),
                     HF_OK);
    assert_refused(s, START, t.bytes, t.len);
    hf_aead_free(aead);
    hf_sessions_free(s);
}

static void references(void **state)
{
    hf_sessions *s = make();
    ticket t = sealed(s, START, STATE);

    (void)state;
    assert_ptr_equal(hf_sessions_ref(s), s);
    hf_sessions_free(s);
    assert_opens(s, START, &t, false);
    hf_sessions_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(too_long_a_state),
        cmocka_unit_test(every_bit_matters),
        cmocka_unit_test(short_and_long_tickets),
        cmocka_unit_test(another_servers_ticket),
        cmocka_unit_test(the_name_is_authenticated),
        cmocka_unit_test(two_tickets_of_one_state),
        cmocka_unit_test(the_nonce_comes_from_the_hook),
        cmocka_unit_test(the_previous_key_opens),
        cmocka_unit_test(forgotten_keys_are_wiped),
        cmocka_unit_test(renewed_by_itself),
        cmocka_unit_test(the_previous_key_retires),
        cmocka_unit_test(retirement_after_rotation_by_hand),
        cmocka_unit_test(a_clock_set_back),
        cmocka_unit_test(renewed_when_it_sealed_enough),
        cmocka_unit_test(bounds_of_new),
        cmocka_unit_test(without_tickets),
        cmocka_unit_test(no_key_of_zeroes),
        cmocka_unit_test(references),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
