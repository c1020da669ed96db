/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ROBOT: the five encryption blocks are what they are called, only static RSA is asked, a difference counts if it comes three times, and which
 * difference it is says how strong the oracle is.
 */
#include "audit/robot.h"
#include "audit_weak_support.h"
#include "crypto/private_key.h"
#include "support/pair.h"

extern const hf_inquiry_row hf_inquiry_robot;

enum { STATIC_RSA = 0x002f, ECDHE = 0xc02f, MODULUS = 256, FINISHED_TOO = 300, BAD_MAC = 20 };

/* ---- the blocks ---- */

static bool begins_well(const uint8_t *block)
{
    return block[0] == 0 && block[1] == 2;
}

/* Where RFC 8017's separator is looked for. */
static size_t first_zero(const uint8_t *block, size_t len)
{
    const uint8_t *zero = memchr(block + 2, 0, len - 2);

    return zero ? (size_t)(zero - block) : 0;
}

static void the_blocks_are_what_they_are_called(void **state)
{
    static const size_t lengths[] = { 64, 128, 256, 512 };
    uint8_t block[512];
    (void)state;

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t len = lengths[i], at = len - HF_PREMASTER - 1;
        hf_robot_block(HF_ROBOT_GOOD, HF_TLS12, block, len);
        assert_true(begins_well(block) && first_zero(block, len) == at);
        assert_memory_equal(block + at + 1, "\3\3", 2);
        hf_robot_block(HF_ROBOT_FIRST_BYTES, HF_TLS12, block, len);
        assert_true(!begins_well(block) && first_zero(block, len) == at);
        hf_robot_block(HF_ROBOT_ZERO_LATE, HF_TLS12, block, len);
        assert_true(begins_well(block) && first_zero(block, len) == len - 2);
        hf_robot_block(HF_ROBOT_NO_ZERO, HF_TLS12, block, len);
        assert_true(begins_well(block) && first_zero(block, len) == 0);
        hf_robot_block(HF_ROBOT_WRONG_VERSION, HF_TLS12, block, len);
        assert_true(begins_well(block) && first_zero(block, len) == at);
        assert_memory_not_equal(block + at + 1, "\3\3", 2);
    }
}

/* A server unpads the good one to its 48 bytes, and takes none of the others. */
static void only_the_good_one_is_a_premaster_secret(void **state)
{
    const test_pki *pki = shared_pki(HF_KEY_RSA);
    const uint8_t substitute[HF_PREMASTER] = { 9 };
    uint8_t out[HF_SIGNATURE_MAX], found[HF_PREMASTER], block[HF_ROBOT_MODULUS_MAX];
    (void)state;

    for (int form = 0; form < HF_ROBOT_FORMS; form++) {
        size_t n = hf_robot_ciphertext((hf_robot_form)form, HF_TLS12, pki->chain[0], out);
        assert_int_equal(n, pki->leaf->cert.key.n.len);
        hf_rsa_premaster(pki->leaf->key, HF_TLS12, hf_span_of(out, n), substitute, found);
        hf_robot_block((hf_robot_form)form, HF_TLS12, block, n);
        bool same = memcmp(found, block + n - HF_PREMASTER, HF_PREMASTER) == 0;
        assert_int_equal(same, form == HF_ROBOT_GOOD);
    }
}

static void other_keys_have_no_ciphertext(void **state)
{
    uint8_t out[HF_SIGNATURE_MAX];
    (void)state;

    assert_int_equal(
        hf_robot_ciphertext(HF_ROBOT_GOOD, HF_TLS12, shared_pki(HF_KEY_P256)->chain[0], out), 0);
    assert_int_equal(hf_robot_ciphertext(HF_ROBOT_GOOD, HF_TLS12, hf_span_of("junk", 4), out), 0);
}

static void answers_say_how_strong_it_is(void **state)
{
    static const struct {
        uint32_t answers[HF_ROBOT_FORMS];
        hf_robot_verdict verdict;
    } rows[] = {
        { { 1, 1, 1, 1, 1 }, HF_ROBOT_NONE },   { { 1, 2, 2, 2, 2 }, HF_ROBOT_WEAK },
        { { 1, 2, 2, 2, 1 }, HF_ROBOT_WEAK },   { { 1, 1, 1, 1, 2 }, HF_ROBOT_WEAK },
        { { 1, 2, 1, 1, 1 }, HF_ROBOT_STRONG }, { { 1, 2, 1, 2, 1 }, HF_ROBOT_STRONG },
        { { 1, 2, 3, 3, 1 }, HF_ROBOT_STRONG }, { { 1, 1, 1, 2, 1 }, HF_ROBOT_STRONG },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(hf_robot_judge(rows[i].answers), rows[i].verdict);
}

/* ---- a server that decrypts ---- */

typedef struct oracle {
    bool strict;     /* bad padding is told at once … */
    bool only_alone; /* … but only where nothing follows */
    bool by_chance;
    bool busy; /* nothing is said in a short time */
    unsigned turn;
} oracle;

/* What it sees: the form, by the block itself. */
static bool is_good(hf_span said)
{
    const hf_private_key *key = shared_pki(HF_KEY_RSA)->leaf->key;
    const uint8_t substitute[HF_PREMASTER] = { 9 };
    uint8_t found[HF_PREMASTER];
    size_t len = (size_t)(said.data[9] << 8 | said.data[10]);

    assert_int_equal(said.data[5], 16); /* ClientKeyExchange */
    hf_rsa_premaster(key, HF_TLS12, hf_span_of(said.data + 11, len), substitute, found);
    return found[0] == 3 && found[1] == 3 && found[2] == 0x5a;
}

static hf_flight_end decrypts(weak_scene *s, hf_span said)
{
    oracle *o = s->user;
    bool whole = said.len > FINISHED_TOO;
    bool shortly = s->patience[s->connections - 1] < HF_WEAK_PATIENCE_MS;
    bool tells = o->strict && (!o->only_alone || !whole) && !is_good(said);

    if (o->by_chance)
        tells = ++o->turn % 3 == 0;
    if ((!tells && !whole) || (o->busy && shortly))
        return HF_FLIGHT_LATE;
    audit_alert(&s->answer, 2, tells ? 47 : BAD_MAC);
    return HF_FLIGHT_CLOSED;
}

static void oracle_case(oracle o, hf_tri expected, uint32_t number, unsigned connections)
{
    weak_scene s;

    weak_begin(&s, HF_V_TLS12, STATIC_RSA, decrypts);
    s.leaf = shared_pki(HF_KEY_RSA)->chain[0];
    s.user = &o;
    weak_run(&s, &hf_inquiry_robot);
    weak_expect(&s, HF_TRAIT_robot, expected);
    assert_int_equal(s.seen->traits[HF_TRAIT_robot].number, number);
    assert_int_equal(s.connections, connections);
    weak_end(&s);
}

static void a_good_server_is_asked_ten_times(void **state)
{
    (void)state;
    oracle_case((oracle){ .strict = false }, HF_ABSENT, 0, 10);
}

static void a_difference_must_come_three_times(void **state)
{
    (void)state;
    oracle_case((oracle){ .strict = true }, HF_PRESENT, HF_ROBOT_WEAK, 15);
    oracle_case((oracle){ .strict = true, .only_alone = true }, HF_PRESENT, HF_ROBOT_WEAK, 20);
    oracle_case((oracle){ .by_chance = true }, HF_UNKNOWN, 0, 10);
}

/* What differs from the first round because nothing came in the short time of the others is asked again with all of it. */
static void who_is_slow_is_waited_for(void **state)
{
    (void)state;
    oracle_case((oracle){ .strict = true, .busy = true }, HF_PRESENT, HF_ROBOT_WEAK, 25);
    oracle_case((oracle){ .strict = false, .busy = true }, HF_ABSENT, 0, 10);
}

static hf_flight_end stalls(weak_scene *s, hf_span said)
{
    (void)s;
    (void)said;
    return HF_FLIGHT_LATE;
}

static void a_server_that_never_answers_is_not_cleared(void **state)
{
    weak_scene s;
    (void)state;

    weak_begin(&s, HF_V_TLS12, STATIC_RSA, stalls);
    s.leaf = shared_pki(HF_KEY_RSA)->chain[0];
    weak_run(&s, &hf_inquiry_robot);
    weak_expect(&s, HF_TRAIT_robot, HF_UNKNOWN);
    assert_int_equal(s.connections, 5);
    weak_end(&s);
}

/* ---- a server that asks for a certificate ---- */

static const uint8_t NO_CERTIFICATE[] = { 22, 3, 3, 0, 7, 11, 0, 0, 3, 0, 0, 0 };

static hf_flight_end decrypts_behind_a_certificate(weak_scene *s, hf_span said)
{
    size_t n = sizeof NO_CERTIFICATE;

    assert_memory_equal(said.data, NO_CERTIFICATE, n);
    return decrypts(s, hf_span_of(said.data + n, said.len - n));
}

static hf_flight_end demands_a_certificate(weak_scene *s, hf_span said)
{
    (void)said;
    audit_alert(&s->answer, 2, 40);
    return HF_FLIGHT_CLOSED;
}

static void certificate_case(hf_flight_end (*answers)(weak_scene *s, hf_span said), oracle o,
                             hf_tri expected)
{
    weak_scene s;

    weak_begin(&s, HF_V_TLS12, STATIC_RSA, answers);
    s.leaf = shared_pki(HF_KEY_RSA)->chain[0];
    s.asks_certificate = true;
    s.user = &o;
    weak_run(&s, &hf_inquiry_robot);
    weak_expect(&s, HF_TRAIT_robot, expected);
    weak_end(&s);
}

/* None is shown, and if that ends it the padding was never looked at. */
static void a_certificate_that_is_demanded_hides_it(void **state)
{
    (void)state;
    certificate_case(decrypts_behind_a_certificate, (oracle){ .strict = true }, HF_PRESENT);
    certificate_case(decrypts_behind_a_certificate, (oracle){ .strict = false }, HF_ABSENT);
    certificate_case(demands_a_certificate, (oracle){ .strict = false }, HF_UNKNOWN);
}

/* ---- whom it is not put to ---- */

static void without_static_rsa_nobody_is_asked(void **state)
{
    weak_scene s;
    (void)state;

    for (int whole = 0; whole < 2; whole++) {
        weak_begin(&s, HF_V_TLS12, ECDHE, stalls);
        s.seen->v[HF_V_TLS12].suites_whole = whole;
        weak_run(&s, &hf_inquiry_robot);
        assert_int_equal(s.connections, 0);
        weak_expect(&s, HF_TRAIT_robot, HF_UNKNOWN);
        assert_int_equal(s.seen->traits[HF_TRAIT_robot].idle, whole);
        weak_end(&s);
    }
}

/* Its ClientKeyExchange has another form. */
static void ssl3_is_not_asked(void **state)
{
    weak_scene s;
    (void)state;

    weak_begin(&s, HF_V_SSL3, STATIC_RSA, stalls);
    weak_run(&s, &hf_inquiry_robot);
    assert_int_equal(s.connections, 0);
    weak_expect(&s, HF_TRAIT_robot, HF_UNKNOWN);
    weak_end(&s);
}

static void what_comes_to_nothing_is_given_up(void **state)
{
    weak_scene s;
    (void)state;

    weak_begin(&s, HF_V_TLS12, STATIC_RSA, stalls); /* no certificate is sent */
    weak_run(&s, &hf_inquiry_robot);
    assert_int_equal(s.said, 0);
    assert_int_equal(s.connections, 3);
    weak_expect(&s, HF_TRAIT_robot, HF_UNKNOWN);
    weak_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_blocks_are_what_they_are_called),
        cmocka_unit_test(only_the_good_one_is_a_premaster_secret),
        cmocka_unit_test(other_keys_have_no_ciphertext),
        cmocka_unit_test(answers_say_how_strong_it_is),
        cmocka_unit_test(a_good_server_is_asked_ten_times),
        cmocka_unit_test(a_difference_must_come_three_times),
        cmocka_unit_test(who_is_slow_is_waited_for),
        cmocka_unit_test(a_server_that_never_answers_is_not_cleared),
        cmocka_unit_test(a_certificate_that_is_demanded_hides_it),
        cmocka_unit_test(without_static_rsa_nobody_is_asked),
        cmocka_unit_test(ssl3_is_not_asked),
        cmocka_unit_test(what_comes_to_nothing_is_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
