/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The register of used 0-RTT tickets (RFC 9846 8): the first who claims an id has it, and nobody else
 * while a flight that was accepted or refused could be taken for fresh; what is full refuses; a clock may
 * do what it likes.
 */
#include "keys/session_store.h"

#include "memory_support.h"

enum { BUCKET = 16, WINDOW = HF_EARLY_WINDOW_MS, KEPT = 2 * WINDOW + 1 };

static hf_sessions *with_strikes(size_t strikes)
{
    const hf_sessions_options o = { .tickets = true, .lifetime = 3600, .strikes = strikes };
    hf_sessions *s = hf_sessions_new(&o);

    assert_non_null(s);
    return s;
}

static void end(hf_sessions *s)
{
    hf_sessions_free(s);
    assert_int_equal(live, 0);
}

typedef struct id {
    uint8_t at[HF_EARLY_ID];
} id;

/* As if random, and the same in every run. */
static id id_of(uint64_t n)
{
    uint64_t mixed = (n + 1) * 0x9e3779b97f4a7c15;
    id out;

    for (size_t i = 0; i < sizeof out.at; i++) {
        mixed = (mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9;
        out.at[i] = (uint8_t)(mixed >> 56);
    }
    return out;
}

static hf_error claim(hf_sessions *s, uint64_t n, uint64_t now, uint64_t until)
{
    return hf_early_claim(s, id_of(n).at, now, until);
}

/* ---- one id ---- */

/* At every millisecond around the edges. */
static void the_first_has_it(void **state)
{
    static const uint64_t starts[] = { 0, 1, 5000, UINT64_MAX - 40 };

    (void)state;
    for (size_t i = 0; i < COUNT(starts); i++) {
        hf_sessions *s = with_strikes(0);
        uint64_t start = starts[i], until = start + 20;

        assert_int_equal(claim(s, 1, start, until), HF_OK);
        for (uint64_t now = start; now <= until; now++)
            assert_int_equal(claim(s, 1, now, now + 20), HF_E_EARLY_USED);
        assert_int_equal(claim(s, 1, until + 1, until + 2), HF_E_EARLY_USED);
        end(s);
    }
}

/* RFC 9846 8.1: used once, however late somebody comes, as long as there is room; then another id may have the slot. */
static void it_is_remembered_while_there_is_room(void **state)
{
    hf_sessions *s = with_strikes(1);

    (void)state;
    assert_int_equal(claim(s, 1, 10, 20), HF_OK);
    assert_int_equal(claim(s, 1, 1000000, 1000020), HF_E_EARLY_USED);
    assert_int_equal(claim(s, 2, 1000021, 1000030), HF_OK);
    assert_int_equal(claim(s, 2, 1000031, 1000040), HF_E_EARLY_USED);
    assert_int_equal(claim(s, 1, 1000041, 1000050), HF_OK);
    end(s);
}

/* A flight that is refused may be copied too: its time counts, but never shortens what was there. */
static void each_claim_counts(void **state)
{
    hf_sessions *s = with_strikes(1);

    (void)state;
    assert_int_equal(claim(s, 1, 10, 50), HF_OK);
    assert_int_equal(claim(s, 1, 11, 40), HF_E_EARLY_USED);
    assert_int_equal(claim(s, 2, 50, 51), HF_E_EARLY_FULL);
    assert_int_equal(claim(s, 1, 52, 90), HF_E_EARLY_USED);
    assert_int_equal(claim(s, 2, 90, 91), HF_E_EARLY_FULL);
    assert_int_equal(claim(s, 2, 92, 93), HF_OK);
    end(s);
}

/* All 16 bytes are the id, not only those that choose the bucket; and zeroes are an id as well. */
static void ids_that_differ_in_one_bit(void **state)
{
    static const id zero;

    (void)state;
    for (size_t i = 0; i < HF_EARLY_ID * 8; i++) {
        hf_sessions *s = with_strikes(2);
        id other = zero;
        other.at[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_int_equal(hf_early_claim(s, zero.at, 0, 9), HF_OK);
        assert_int_equal(hf_early_claim(s, other.at, 1, 9), HF_OK);
        assert_int_equal(hf_early_claim(s, zero.at, 1, 9), HF_E_EARLY_USED);
        assert_int_equal(hf_early_claim(s, other.at, 1, 9), HF_E_EARLY_USED);
        end(s);
    }
}

/* A claim that ends before it begins would hold nothing. */
static void claims_without_duration(void **state)
{
    hf_sessions *s = with_strikes(0);

    (void)state;
    assert_int_equal(claim(s, 1, 7, 7), HF_E_MISUSE);
    assert_int_equal(claim(s, 1, 7, 6), HF_E_MISUSE);
    assert_int_equal(claim(s, 1, UINT64_MAX - 5, (uint64_t)(UINT64_MAX - 5 + KEPT)), HF_E_MISUSE);
    assert_int_equal(claim(s, 1, 7, 8), HF_OK);
    end(s);
}

/* ---- bounds ---- */

/* No id is forgotten to make room for another (RFC 9846 8.2). */
static void a_full_register_refuses(void **state)
{
    (void)state;
    for (uint64_t strikes = 1; strikes <= BUCKET; strikes++) {
        hf_sessions *s = with_strikes(strikes);

        for (uint64_t n = 0; n < strikes; n++)
            assert_int_equal(claim(s, n, 10 + n, 100 + 3 * n), HF_OK);
        for (uint64_t now = 30; now < 100; now += 2)
            assert_int_equal(claim(s, strikes, now, now + 1), HF_E_EARLY_FULL);
        for (uint64_t n = 0; n < strikes; n++)
            assert_int_equal(claim(s, n, 100, 101), HF_E_EARLY_USED);
        /* one slot at a time is free again, the oldest first */
        for (uint64_t n = 0; n < strikes; n++) {
            uint64_t now = 102 + 3 * n;
            assert_int_equal(claim(s, 50 + n, now, 1000), HF_OK);
            assert_int_equal(claim(s, 99, now, now + 1), HF_E_EARLY_FULL);
        }
        end(s);
    }
}

/* Whoever finds no room sends his data again: no copy of what he sent may be taken while it could be fresh, even if there is room
   then, so that nobody is who has no slot. */
static void who_is_refused_counts_as_forgotten(void **state)
{
    hf_sessions *s = with_strikes(1);

    (void)state;
    assert_int_equal(claim(s, 1, 10, 20), HF_OK);
    assert_int_equal(claim(s, 2, 11, 60), HF_E_EARLY_FULL);
    assert_int_equal(claim(s, 1, 12, 20), HF_E_EARLY_USED);
    assert_int_equal(claim(s, 3, 60, 80), HF_E_EARLY_STALE); /* but there is room: he is noted … */
    assert_int_equal(claim(s, 3, 61, 80), HF_E_EARLY_USED);
    assert_int_equal(claim(s, 4, 60, 90), HF_E_EARLY_STALE); /* … or not, and counts as well */
    assert_int_equal(claim(s, 4, 90, 100), HF_E_EARLY_STALE);
    assert_int_equal(claim(s, 5, 101, 110), HF_OK);
    end(s);
}

/* Each bucket for itself: where there is room others are taken. */
static void buckets_are_full_one_by_one(void **state)
{
    hf_sessions *s = with_strikes(2 * BUCKET);
    size_t refused = 0, taken_since = 0;

    (void)state;
    for (uint64_t n = 0; n < 2 * BUCKET * 10; n++) {
        hf_error e = claim(s, n, 1, 1000);
        refused += e != HF_OK;
        taken_since += refused > 0 && e == HF_OK;
    }
    assert_true(refused == 2 * BUCKET * 9 && taken_since > 0);
    end(s);
}

/* However many slots: each is in some bucket, none holds two, and what was claimed stays claimed. */
static void all_slots_are_used(void **state)
{
    (void)state;
    for (size_t strikes = 1; strikes <= 400; strikes += 19) {
        hf_sessions *s = with_strikes(strikes);
        static bool ours[20000];
        size_t claimed = 0;

        for (uint64_t n = 0; n < COUNT(ours); n++) {
            hf_error e = claim(s, n, 1, 1000);
            ours[n] = e == HF_OK;
            claimed += ours[n];
            assert_true(e == HF_OK || e == HF_E_EARLY_FULL || e == HF_E_EARLY_STALE);
        }
        assert_int_equal(claimed, strikes);
        for (uint64_t n = 0; n < COUNT(ours); n++)
            assert_int_equal(claim(s, n, 1000, 2000), ours[n] ? HF_E_EARLY_USED : HF_E_EARLY_STALE);
        end(s);
    }
}

/* The default has room for 65,536, and refuses next to nobody while half of it is free. */
static void the_default_register(void **state)
{
    hf_sessions *s = with_strikes(0);
    size_t refused = 0;

    (void)state;
    assert_int_equal(s->strikes.entries, 65536);
    for (uint64_t n = 0; n < 32768; n++)
        refused += claim(s, n, 1, KEPT) != HF_OK;
    printf("%zu of 32768 refused\n", refused);
    assert_true(refused < 32768 / 500);
    end(s);
}

/* ---- memory ---- */

static void no_slots_before_the_first_claim(void **state)
{
    hf_sessions *s = with_strikes(HF_SESSIONS_STRIKES_MAX);
    size_t before = live;

    (void)state;
    assert_int_equal(hf_sessions_clock(s, 5), 5);
    assert_int_equal(live, before);
    for (uint64_t n = 0; n < 1000; n++) {
        assert_int_equal(claim(s, n, 5, 9), HF_OK);
        assert_int_equal(live, before + 1);
    }
    end(s);
}

/* Whoever is refused for want of memory sends his data again as well. */
static void no_memory_for_slots(void **state)
{
    hf_sessions *s = with_strikes(HF_SESSIONS_STRIKES_MAX);

    (void)state;
    for (uint64_t n = 0; n < 3; n++) {
        fail_at = calls;
        assert_int_equal(claim(s, n, 5, 11 - n), HF_E_NO_MEMORY);
    }
    fail_at = SIZE_MAX;
    for (uint64_t n = 0; n < 1000; n++)
        assert_int_equal(claim(s, n, 11, 20), HF_E_EARLY_STALE);
    for (uint64_t n = 0; n < 2000; n++)
        assert_int_equal(claim(s, n, 12, 20), n < 1000 ? HF_E_EARLY_USED : HF_OK);
    end(s);
}

/* ---- the clock ---- */

static void the_clock_never_goes_back(void **state)
{
    hf_sessions *s = with_strikes(0);

    (void)state;
    assert_int_equal(hf_sessions_clock(s, 0), 0);
    assert_int_equal(hf_sessions_clock(s, 1000), 1000);
    assert_int_equal(hf_sessions_clock(s, 999), 1000);
    assert_int_equal(hf_sessions_clock(s, 0), 1000);
    assert_int_equal(hf_sessions_clock(s, 1001), 1001);
    assert_int_equal(claim(s, 1, 2000, 3000), HF_OK); /* a claim moves it too */
    assert_int_equal(hf_sessions_clock(s, 1500), 2000);
    assert_true(hf_sessions_clock(s, UINT64_MAX) == UINT64_MAX);
    assert_true(hf_sessions_clock(s, 0) == UINT64_MAX);
    end(s);
}

/* A reading from before an id was forgotten may belong to that id: it is refused, whoever comes with it. */
static void late_claims(void **state)
{
    hf_sessions *s = with_strikes(1);

    (void)state;
    assert_int_equal(claim(s, 1, 50, 100), HF_OK);
    assert_int_equal(claim(s, 2, 101, 200), HF_OK);            /* 1 is forgotten */
    assert_int_equal(claim(s, 1, 100, 101), HF_E_EARLY_STALE); /* read while it was not */
    assert_int_equal(claim(s, 3, 60, 101), HF_E_EARLY_STALE);
    assert_int_equal(claim(s, 2, 60, 101), HF_E_EARLY_USED);
    assert_int_equal(claim(s, 1, 102, 103), HF_E_EARLY_FULL);
    assert_int_equal(claim(s, 1, 201, 300), HF_OK);
    end(s);
}

/* ---- flights ---- */

typedef struct flight {
    uint64_t expected; /* when it should come, by the register's clock */
    uint64_t barred;   /* until when, by the claims that were made for it */
    unsigned claims;
} flight;

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

static bool is_fresh(const flight *f, uint64_t now)
{
    return now + WINDOW >= f->expected && now <= f->expected + WINDOW;
}

/* As a server does (src/handshake/early.c): by a reading that may be old when the claim comes, and a new one after it. */
static bool judge_flight(hf_sessions *s, flight *f, uint64_t n, uint64_t read, uint64_t own)
{
    uint64_t until = (read > f->expected ? read : f->expected) + KEPT;
    bool first = claim(s, n, read, until) == HF_OK;

    assert_true(!first || f->claims == 0 || read > f->barred);
    f->barred = until > f->barred ? until : f->barred;
    f->claims++;
    return first && is_fresh(f, hf_sessions_clock(s, own));
}

static uint64_t time_passes(uint64_t *seed, uint64_t own)
{
    if (draw(seed, 200) == 0) /* the machine's clock is set */
        return own - 30000 + draw(seed, 60000);
    return own + (draw(seed, 2000) == 0 ? 100000 : draw(seed, 20));
}

/* Some come all the time, most of them when they should. */
static size_t next_flight(uint64_t *seed, const flight *flights, size_t n, uint64_t now)
{
    size_t at = draw(seed, n);

    for (int i = 0; i < 30 && !is_fresh(&flights[at], now); i++)
        at = draw(seed, n);
    return at;
}

/* `late`: how old a reading may be when it is used. Returns how many were accepted. */
static size_t replay_flights(uint64_t seed, size_t strikes, uint64_t late)
{
    enum { FLIGHTS = 300, STEPS = 30000 };
    hf_sessions *s = with_strikes(strikes);
    flight flights[FLIGHTS] = { { .expected = 1000000 } };
    uint64_t own = 1000000, accepted = 0;

    for (size_t i = 1; i < FLIGHTS; i++)
        flights[i].expected = own + draw(&seed, 400000);
    assert_true(judge_flight(s, &flights[0], 0, hf_sessions_clock(s, own), own));
    for (size_t step = 0; step < STEPS; step++) {
        uint64_t now = hf_sessions_clock(s, own);
        size_t n = next_flight(&seed, flights, FLIGHTS, now);
        own = time_passes(&seed, own);
        if (judge_flight(s, &flights[n], n, now - draw(&seed, late + 1), own)) {
            assert_int_equal(flights[n].claims, 1); /* it was never accepted nor refused before */
            accepted++;
        }
    }
    end(s);
    return accepted;
}

/* Never twice, nor after it was refused, however small the register is, however late a reading comes, and whatever clocks do. */
static void no_flight_is_accepted_twice(void **state)
{
    static const size_t strikes[] = { 1, 2, 5, 16, 17, 40, 300, 0 };
    size_t accepted = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(strikes); i++)
        for (uint64_t seed = 1; seed <= 4; seed++) {
            accepted += replay_flights(seed, strikes[i], 0);
            accepted += replay_flights(seed, strikes[i], 50);
            accepted += replay_flights(seed, strikes[i], 4 * WINDOW);
        }
    printf("%zu flights accepted\n", accepted);
    assert_true(accepted > 1000);
}

/* ---- a register in another place ---- */

typedef struct place {
    hf_error answer;
    uint64_t now, until, clock;
    id last;
} place;

static hf_error claim_there(void *user, const uint8_t *id_bytes, uint64_t now, uint64_t until)
{
    place *p = user;

    p->now = now;
    p->until = until;
    memcpy(p->last.at, id_bytes, sizeof p->last.at);
    return p->answer;
}

static uint64_t clock_there(void *user)
{
    const place *p = user;

    return p->clock;
}

static void a_shared_register(void **state)
{
    static const hf_error answers[] = { HF_OK, HF_OK, HF_E_EARLY_USED, HF_E_NO_MEMORY };
    place p = { .clock = 77 };
    const hf_sessions_ops ops = { .claim = claim_there, .now_ms = clock_there, .user = &p };
    const hf_sessions_options o = { .tickets = true, .lifetime = 1, .strikes = 1, .ops = &ops };
    hf_sessions *s = hf_sessions_new(&o);
    size_t before = live;

    (void)state;
    assert_non_null(s);
    assert_int_equal(hf_sessions_clock(s, 1000), 77);
    p.clock = 76; /* it answers for itself */
    assert_int_equal(hf_sessions_clock(s, 1000), 76);
    for (size_t i = 0; i < COUNT(answers); i++) {
        p.answer = answers[i];
        assert_int_equal(claim(s, i, 10 + i, 20 + i), answers[i]);
        assert_memory_equal(p.last.at, id_of(i).at, HF_EARLY_ID);
        assert_true(p.now == 10 + i && p.until == 20 + i);
    }
    assert_int_equal(live, before);
    end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_has_it),
        cmocka_unit_test(it_is_remembered_while_there_is_room),
        cmocka_unit_test(each_claim_counts),
        cmocka_unit_test(ids_that_differ_in_one_bit),
        cmocka_unit_test(claims_without_duration),
        cmocka_unit_test(a_full_register_refuses),
        cmocka_unit_test(who_is_refused_counts_as_forgotten),
        cmocka_unit_test(buckets_are_full_one_by_one),
        cmocka_unit_test(all_slots_are_used),
        cmocka_unit_test(the_default_register),
        cmocka_unit_test(no_slots_before_the_first_claim),
        cmocka_unit_test(no_memory_for_slots),
        cmocka_unit_test(the_clock_never_goes_back),
        cmocka_unit_test(late_claims),
        cmocka_unit_test(no_flight_is_accepted_twice),
        cmocka_unit_test(a_shared_register),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
