/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One fault at a time, in every flow: the n-th allocation, draw of random bytes, libcrypto call, job or callback of both ends
 * fails. Nothing may crash, leak, leave a secret in memory, connect an end whose peer is not, or blame the peer.
 *
 * 2,000 faults by chance; the seed is printed, HF_SEED=N repeats it. HF_CAMPAIGN=1: each n of each kind in each flow, and pairs
 * of faults by chance. HF_FAULT=FLOW,KIND,N[,KIND,N]: that one, as a failure prints it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/err.h>

#include "crypto/aead.h"
#include "tests/faults/judge.h"
#include "tests/faults/memory.h"
#include "tests/faults/run.h"
#include "tests/faults/setup.h"

enum { SAMPLE = 2000, PAIRS_A_FLOW = 150, SHOWN_MAX = 40 };

typedef struct tally {
    unsigned long faults, hits[FAULT_KINDS], ended[3], told, pairs, wrong;
} tally;

static uint64_t chance_state;

static unsigned chance(unsigned n)
{
    chance_state = chance_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(chance_state >> 33) % n;
}

/* ---- one fault, or two ---- */

static void show(const char *name, size_t flow, const fault_plan *plan, const verdict *v)
{
    printf("%s: %s\n    HF_FAULT=%zu", name, v->why, flow);
    for (size_t i = 0; i < plan->n; i++)
        printf(",%d,%u", (int)plan->points[i].kind, plan->points[i].n);
    for (size_t i = 0; i < v->hits; i++)
        printf(" (%s %s of the %s's)", fault_names[fault_hits[i].kind], fault_hits[i].what,
               fault_hits[i].side == HF_SERVER ? "server" : "client");
    printf("\n");
}

static void count(tally *t, const fault_plan *plan, const verdict *v)
{
    t->faults += v->hits;
    for (size_t i = 0; i < v->hits; i++)
        t->hits[plan->points[i].kind]++;
    t->pairs += v->hits > 1;
    t->ended[v->ended]++;
    t->told += v->alert_told;
    t->wrong += v->wrong;
}

static verdict try(tally *t, scene *s, size_t flow, const outcome *usual, const fault_plan *plan)
{
    verdict v = run_with(s, usual, plan);

    count(t, plan, &v);
    if (v.wrong && t->wrong <= SHOWN_MAX)
        show(s->name, flow, plan, &v);
    return v;
}

/* ---- all of a flow, or some ---- */

typedef void with_scene(tally *t, scene *s, size_t flow, const outcome *usual,
                        const unsigned counts[FAULT_KINDS]);

static void sweep(tally *t, scene *s, size_t flow, const outcome *usual,
                  const unsigned counts[FAULT_KINDS])
{
    tally before = *t;

    for (int kind = 0; kind < FAULT_KINDS; kind++)
        for (unsigned n = 0; kind != FAULT_INSIDE || (counts[kind] > 0 && getenv("HF_CAMPAIGN"));
             n++) {
            fault_plan plan = { 1, { { (fault_kind)kind, n } } };
            if (try(t, s, flow, usual, &plan).hits == 0)
                break;
        }
    printf("%s: %lu faults:", s->name, t->faults - before.faults);
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        printf(" %lu %s%s", t->hits[kind] - before.hits[kind], fault_names[kind],
               kind + 1 < FAULT_KINDS ? "," : "\n");
}

static fault_point any(const unsigned counts[FAULT_KINDS])
{
    fault_kind kind;

    do
        kind = (fault_kind)chance(FAULT_KINDS);
    while (counts[kind] == 0);
    return (fault_point){ kind, chance(counts[kind]) };
}

static void pairs(tally *t, scene *s, size_t flow, const outcome *usual,
                  const unsigned counts[FAULT_KINDS])
{
    for (int i = 0; i < PAIRS_A_FLOW; i++) {
        fault_plan plan = { 2, { any(counts), any(counts) } };
        try(t, s, flow, usual, &plan);
    }
}

static void sample(tally *t, scene *s, size_t flow, const outcome *usual,
                   const unsigned counts[FAULT_KINDS])
{
    for (size_t i = 0; i < SAMPLE / scene_count() + 1; i++) {
        fault_plan plan = { 1, { any(counts) } };
        try(t, s, flow, usual, &plan);
    }
}

static void each_flow(tally *t, with_scene *f, const char *named)
{
    for (size_t i = 0; i < scene_count(); i++) {
        unsigned counts[FAULT_KINDS];
        outcome usual;
        scene s;
        if (named && strcmp(named, scene_name(i)) != 0)
            continue;
        scene_prepare(&s, i);
        run_learn(&s, &usual, counts);
        if (s.options.pki == shared_pki(HF_KEY_RSA))
            counts[FAULT_INSIDE] = 0; /* an RSA key of OpenSSL's is spoilt for good by one */
        if (!usual.connected[0] || !usual.connected[1] || !usual.talked || !usual.closed[0])
            fail_msg("%s does not work without a fault", s.name);
        f(t, &s, i, &usual, counts);
        scene_release(&s);
    }
}

/* ---- tests ---- */

static void report(const tally *t, const char *what, size_t flows)
{
    printf("campaign: %s: %lu faults injected into %zu flows:", what, t->faults, flows);
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        printf(" %lu %s%s", t->hits[kind], fault_names[kind], kind + 1 < FAULT_KINDS ? "," : "\n");
    printf(
        "campaign: %s: %lu runs ended with a fitting error (%lu peers were told by its alert), %lu "
        "before they began, %lu went on with all as it must be; %lu were wrong\n",
        what, t->ended[REFUSED], t->told, t->ended[NOT_STARTED], t->ended[SURVIVED], t->wrong);
}

static bool one_fault(void)
{
    const char *wanted = getenv("HF_FAULT");
    fault_plan plan = { 0, { { 0, 0 } } };
    unsigned flow, kind[2], n[2], counts[FAULT_KINDS];
    outcome usual;
    tally t = { 0 };
    scene s;

    if (!wanted)
        return false;
    int got = sscanf(wanted, "%u,%u,%u,%u,%u", &flow, &kind[0], &n[0], &kind[1], &n[1]);
    for (plan.n = 0; (int)plan.n < (got - 1) / 2; plan.n++)
        plan.points[plan.n] = (fault_point){ (fault_kind)kind[plan.n], n[plan.n] };
    scene_prepare(&s, flow);
    run_learn(&s, &usual, counts);
    verdict v = try(&t, &s, flow, &usual, &plan);
    printf("%s: %zu faults, %s\n", s.name, v.hits, v.wrong ? "wrong" : "as it must be");
    scene_release(&s);
    assert_false(v.wrong);
    return true;
}

enum {
    COLD_FLOW = 1,
    AS_IT_MUST_BE = 0,
    WRONG,
    NO_SUCH_FAULT
}; /* P-384 has all that is made once */

/* In a process of its own, for there is only one first handshake in each. */
static int cold(const fault_plan *plan)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();

    if (child == 0) {
        scene s;
        scene_prepare(&s, COLD_FLOW);
        verdict v = run_cold(&s, plan);
        if (v.wrong)
            show(s.name, COLD_FLOW, plan, &v);
        fflush(stdout);
        _exit(v.wrong ? WRONG : v.hits == 0 ? NO_SUCH_FAULT : AS_IT_MUST_BE);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : WRONG;
}

/* The first handshake of a process makes what all others use: curves, templates of keys. Nothing of it is half made. */
static void test_faults_in_the_first_handshake(void **state)
{
    unsigned stride = getenv("HF_CAMPAIGN") ? 1 : 24, faults = 0;

    (void)state;
    if (getenv("HF_FAULT"))
        return;
    for (int kind = FAULT_LIBCRYPTO; kind <= FAULT_LIBCRYPTO_MEMORY; kind++) {
        int result = AS_IT_MUST_BE;
        for (unsigned n = 0; result != NO_SUCH_FAULT; n += stride, faults++) {
            fault_plan plan = { 1, { { (fault_kind)kind, n } } };
            result = cold(&plan);
            assert_int_not_equal(result, WRONG);
        }
    }
    printf("campaign: in the first handshake of a process: %u libcrypto calls failed, in as many "
           "processes\n",
           faults);
    assert_true(faults >= 20);
}

/* No fault is wrong in any flow. */
static void test_faults_in_every_flow(void **state)
{
    const char *given = getenv("HF_SEED");
    tally t = { 0 };

    (void)state;
    if (one_fault())
        return;
    chance_state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    if (getenv("HF_CAMPAIGN")) {
        each_flow(&t, sweep, NULL);
        report(&t, "one at a time, each n", scene_count());
        assert_true(t.faults >= 20000);
    } else {
        printf("HF_SEED=%llu\n", (unsigned long long)chance_state);
        each_flow(&t, sample, NULL);
        report(&t, "one at a time, by chance", scene_count());
        assert_true(t.faults >= SAMPLE);
    }
    assert_int_equal(t.wrong, 0);
}

/* Each n of some flows, in which there was something to be found once: a CONNECTED before its last flight was sealed, an alert in
   the clear behind ChangeCipherSpec, a signature's scheme where nobody signed. */
static void test_each_fault_of_some_flows(void **state)
{
    static const char *const names[] = { "TLS 1.3, tickets", "TLS 1.2, client certificate",
                                         "TLS 1.3: resumed after a retry" };
    enum { NAMES = sizeof names / sizeof *names };
    tally t = { 0 };

    (void)state;
    if (getenv("HF_FAULT") || getenv("HF_CAMPAIGN"))
        return; /* which has them all */
    for (size_t i = 0; i < NAMES; i++)
        each_flow(&t, sweep, names[i]);
    report(&t, "one at a time, each n", NAMES);
    assert_true(t.faults >= 1200);
    assert_int_equal(t.wrong, 0);
}

/* A key that cannot be overwritten in its context goes with it, and the next one finds another context. */
static void test_a_key_is_forgotten_in_any_case(void **state)
{
    static const fault_plan first = { 1, { { FAULT_LIBCRYPTO, 0 } } };
    const hf_aead_key key = { .id = HF_CHACHA20_POLY1305, .key = { 1, 2, 3 } };
    uint8_t nonce[HF_AEAD_NONCE] = { 0 }, bytes[2][4 + HF_AEAD_TAG];
    hf_span text = hf_span_of("text", 4), none = hf_span_of(NULL, 0);
    hf_aead *aead = hf_aead_new();

    (void)state;
    if (getenv("HF_FAULT"))
        return;
    assert_int_equal(hf_aead_seal(aead, &key, nonce, none, &text, 1, bytes[0]), HF_OK);
    size_t before = memory_live_in_libcrypto();
    fault_arm(&first);
    hf_aead_forget(aead, &key);
    assert_int_equal(fault_disarm(), 1);
    assert_string_equal(fault_hits[0].what, "EVP_CipherInit_ex");
    assert_true(memory_live_in_libcrypto() < before);
    assert_int_equal(hf_aead_seal(aead, &key, nonce, none, &text, 1, bytes[1]), HF_OK);
    assert_memory_equal(bytes[0], bytes[1], sizeof bytes[0]);
    hf_aead_free(aead);
}

/* What is signed while libcrypto's memory ends is signed well, or not at all: OpenSSL's ECDSA may answer that all is well with a
   length of -1, and a wrong signature of RSA gives its key away. */
static unsigned sign_without_memory(hf_key_type type, hf_sig_kind kind)
{
    const test_cert *leaf = shared_pki(type)->leaf;
    hf_private_key *key = test_key_copy(type, TEST_KEY_LEAF);
    hf_span text = hf_span_of("text", 4);
    uint8_t signature[HF_SIGNATURE_MAX];
    unsigned failures = 0;
    size_t len, hits = 1;

    for (unsigned n = 0; hits > 0; n++) {
        fault_plan plan = { 1, { { FAULT_INSIDE, n } } };
        fault_arm(&plan);
        hf_error e = hf_sign(key, kind, HF_SHA256, text, signature, &len);
        hits = fault_disarm();
        ERR_clear_error();
        failures += e != HF_OK;
        if (e != HF_OK)
            assert_true(e == HF_E_NO_MEMORY || e == HF_E_CRYPTO);
        else
            assert_int_equal(
                hf_verify(&leaf->cert.key, kind, HF_SHA256, text, hf_span_of(signature, len)),
                HF_OK);
    }
    hf_private_key_free(key);
    return failures;
}

static void test_no_signature_without_memory(void **state)
{
    (void)state;
    if (getenv("HF_FAULT"))
        return;
    assert_true(sign_without_memory(HF_KEY_P256, HF_SIG_ECDSA) > 10);
    for (int i = 0; i < 10; i++)
        assert_true(sign_without_memory(HF_KEY_RSA, HF_SIG_RSA_PSS) > 10);
}

/* Nor in what comes before one: each n in any case, but that reading a key has thousands of allocations of libcrypto's. */
static void test_faults_in_settings(void **state)
{
    unsigned stride = getenv("HF_CAMPAIGN") ? 31 : 499;
    tally t = { 0 };

    (void)state;
    if (getenv("HF_FAULT"))
        return;
    for (size_t i = 0; i < setup_count(); i++) {
        unsigned counts[FAULT_KINDS];
        setup_learn(i, counts);
        for (int kind = 0; kind < FAULT_KINDS; kind++)
            for (unsigned n = 0; n < counts[kind]; n += kind == FAULT_INSIDE ? stride : 1) {
                fault_plan plan = { 1, { { (fault_kind)kind, n } } };
                verdict v = setup_with(i, &plan);
                count(&t, &plan, &v);
                if (v.wrong && t.wrong <= SHOWN_MAX)
                    show(setup_name(i), i, &plan, &v);
            }
    }
    report(&t, "while configs are made", setup_count());
    assert_true(t.faults >= 500);
    assert_int_equal(t.wrong, 0);
}

/* Nor two of them. */
static void test_two_faults(void **state)
{
    const char *given = getenv("HF_SEED");
    tally t = { 0 };

    (void)state;
    if (!getenv("HF_CAMPAIGN") || getenv("HF_FAULT"))
        return;
    chance_state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("HF_SEED=%llu\n", (unsigned long long)chance_state);
    each_flow(&t, pairs, NULL);
    report(&t, "two at a time, by chance", scene_count());
    assert_int_equal(t.wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults_in_the_first_handshake),
        cmocka_unit_test(test_faults_in_every_flow),
        cmocka_unit_test(test_each_fault_of_some_flows),
        cmocka_unit_test(test_a_key_is_forgotten_in_any_case),
        cmocka_unit_test(test_no_signature_without_memory),
        cmocka_unit_test(test_faults_in_settings),
        cmocka_unit_test(test_two_faults),
    };

    memory_watch_libcrypto();
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
