/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What an identity takes as a staple, and that it may be replaced while others read it. */
#include <pthread.h>

#include "tests/support/staple_scene.h"

/* ---- what an identity takes ---- */

static void refuses(hf_identity *id, hf_span staple, hf_error why)
{
    assert_string_equal(hf_error_row_of(hf_identity_staple(id, staple, TEST_NOW))->name,
                        hf_error_row_of(why)->name);
}

/* What is refused leaves the one before in place. */
static void test_identity(void **state)
{
    static uint8_t long_one[32769] = { 0x30 };
    uint8_t later[HF_OCSP_REFUSAL_LEN];
    hf_identity *id = pki_identity(pki);
    hf_span good = says(HF_STATUS_GOOD);

    (void)state;
    hf_ocsp_refusal(3, later);
    assert_null(hf_identity_staple_at(id, TEST_NOW));
    assert_int_equal(hf_identity_staple(id, good, TEST_NOW), HF_OK);
    refuses(id, answer(&must_staple, HF_STATUS_GOOD, TEST_NOW - HOUR, TEST_NOW + HOUR),
            HF_E_OCSP_OTHER_CERT);
    refuses(id, answer(pki->leaf, HF_STATUS_GOOD, TEST_NOW - 2 * HOUR, TEST_NOW), HF_E_OCSP_STALE);
    refuses(id, answer(pki->leaf, HF_STATUS_GOOD, TEST_NOW - 2 * HOUR, 0), HF_E_OCSP_STALE);
    refuses(id, answer(pki->leaf, HF_STATUS_GOOD, TEST_NOW + HOUR, TEST_NOW + 2 * HOUR),
            HF_E_OCSP_STALE);
    refuses(id, hf_span_of(later, sizeof later), HF_E_OCSP_STATUS);
    refuses(id, hf_span_of(good.data, good.len - 1), HF_E_OCSP_DER);
    refuses(id, hf_span_of(long_one, sizeof long_one), HF_E_LIMIT);

    hf_staple *held = hf_identity_staple_at(id, TEST_NOW);
    assert_non_null(held);
    assert_int_equal(hf_identity_staple(id, hf_span_of(NULL, 0), TEST_NOW), HF_OK);
    assert_null(hf_identity_staple_at(id, TEST_NOW));
    assert_true(hf_span_equal(held->response, good)); /* whoever sends it has it still */
    hf_staple_free(held);
    hf_identity_free(id);
}

/* Without the issuer nobody can tell whom the response is about. */
static void test_no_issuer(void **state)
{
    hf_identity *id = cert_identity(pki->leaf, pki->root, NULL);

    (void)state;
    refuses(id, says(HF_STATUS_GOOD), HF_E_OCSP_ISSUER);
    hf_identity_free(id);
}

enum { ROUNDS = 20000, READERS = 2 };

typedef struct reading {
    hf_identity *id;
    size_t lens[2];
    unsigned wrong;
} reading;

static void *read_on(void *user)
{
    reading *r = user;

    for (int i = 0; i < ROUNDS; i++) {
        hf_staple *s = hf_identity_staple_at(r->id, TEST_NOW);
        if (s && (s->response.data[0] != 0x30 ||
                  (s->response.len != r->lens[0] && s->response.len != r->lens[1])))
            r->wrong++;
        hf_staple_free(s);
    }
    return NULL;
}

/* Whoever reads while it is replaced has the old one or the new one, whole. */
static void test_threads(void **state)
{
    hf_span staples[] = { says(HF_STATUS_GOOD), says(HF_STATUS_REVOKED), hf_span_of(NULL, 0) };
    hf_identity *id = pki_identity(pki);
    reading r[READERS];
    pthread_t threads[READERS];

    (void)state;
    for (int i = 0; i < READERS; i++) {
        r[i] = (reading){ id, { staples[0].len, staples[1].len }, 0 };
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &r[i]), 0);
    }
    for (int i = 0; i < 300; i++)
        assert_int_equal(hf_identity_staple(id, staples[i % 3], TEST_NOW), HF_OK);
    for (int i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(r[i].wrong, 0);
    }
    hf_identity_free(id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_no_issuer),
        cmocka_unit_test(test_threads),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
