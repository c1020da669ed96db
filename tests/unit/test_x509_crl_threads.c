/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Several threads ask one trust store's CRLs at once, the first time and later: each has the answer that it would have alone.
   The thread sanitizer looks on (preset tsan). */
#include <pthread.h>

#include "revocation_support.h"

#include "x509/crl_known.h"
#include "x509/trust.h"

enum { THREADS = 6, ASKED = 8, STORES = 12 };

static hf_trust *store;
static pthread_barrier_t barrier;

/* The second key goes by the CA's name, and has signed nothing. */
static bool is_right(const hf_crl *crl, bool genuine)
{
    hf_cert issuer = ca;
    unsigned left = 4;
    hf_status said = HF_STATUS_UNKNOWN;
    char words[HF_DETAIL_MAX];

    if (!genuine) {
        issuer.key = root.key;
        issuer.spki = root.spki;
    }
    hf_error e = hf_crl_status(&query, crl, &leaf, &issuer, &left, &said, words);
    return genuine ? e == HF_OK && said == HF_STATUS_REVOKED && left == 3
                   : e == HF_E_CRL_SIGNATURE && said == HF_STATUS_UNKNOWN;
}

static void *work(void *token)
{
    bool good = true;
    size_t next = 0;
    const hf_crl *crl = hf_trust_crl(store, ca.subject, &next);

    pthread_barrier_wait(&barrier);
    for (int i = 0; i < ASKED; i++)
        good = good && is_right(crl, i % 3 != 2);
    return good ? token : NULL;
}

static void ask_at_once(hf_span der)
{
    pthread_t threads[THREADS];
    void *result;
    size_t next = 0;

    store = hf_trust_new();
    assert_error(hf_trust_add_crls(store, der), HF_OK);
    hf_trust_seal(store);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &store), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, &store);
    }
    assert_true(hf_crl_knows_signer(hf_trust_crl(store, ca.subject, &next), &ca));
    hf_trust_free(store);
}

static void at_once(void **state)
{
    hf_span der = crl_with(leaf.serial);

    (void)state;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, THREADS), 0);
    for (int i = 0; i < STORES; i++)
        ask_at_once(der);
    pthread_barrier_destroy(&barrier);
}

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(at_once) };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
