/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What this floor keeps for the life of the process is made by several threads at once here, and one
   private key signs for all of them. The thread sanitizer looks on (preset tsan). */
#include <pthread.h>

#include "crypto/kex.h"
#include "crypto/signature.h"
#include "crypto_support.h"

enum { THREADS = 6, ROUNDS = 4 };

static const hf_key_type types[] = { HF_KEY_P256, HF_KEY_P384, HF_KEY_P521 };
static hf_private_key *keys[COUNT(types)];
static hf_public_key publics[COUNT(types)];
static uint8_t *spkis[COUNT(types)];

static bool sign_and_verify(size_t i)
{
    uint8_t signature[HF_SIGNATURE_MAX];
    size_t len;

    return hf_sign(keys[i], HF_SIG_ECDSA, HF_SHA256, hf_span_str("m"), signature, &len) == HF_OK &&
           hf_verify(&publics[i], HF_SIG_ECDSA, HF_SHA256, hf_span_str("m"),
                     hf_span_of(signature, len)) == HF_OK;
}

static bool exchange(uint16_t group)
{
    const hf_group *row = hf_group_of(group);
    uint8_t share[HF_KEY_SHARE_MAX], answer[HF_KEY_SHARE_MAX], ours[HF_SHARED_SECRET_MAX],
        theirs[HF_SHARED_SECRET_MAX];
    hf_kex kex;

    return hf_kex_generate(&kex, group, NULL, share) == HF_OK &&
           hf_kex_encapsulate(group, NULL, hf_span_of(share, row->client_share), answer, theirs) ==
               HF_OK &&
           hf_kex_decapsulate(&kex, hf_span_of(answer, row->server_share), ours) == HF_OK &&
           memcmp(ours, theirs, row->secret) == 0;
}

static void *work(void *token)
{
    bool good = true;

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < COUNT(types); i++)
            good = good && sign_and_verify(i);
        for (uint16_t g = HF_GROUP_secp256r1; g <= HF_GROUP_secp521r1; g++)
            good = good && exchange(g);
        good = good && exchange(HF_GROUP_x25519mlkem768);
        good = good && exchange(HF_GROUP_mlkem1024);
    }
    return good ? token : NULL;
}

static void at_once(void **state)
{
    pthread_t threads[THREADS];
    void *result;

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, keys), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, keys);
    }
}

static int set_up(void **state)
{
    static const size_t points[] = { 65, 97, 133 };
    size_t len;

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        if (hf_private_key_generate(&keys[i], types[i], 0) != HF_OK ||
            hf_private_key_spki(keys[i], &spkis[i], &len) != HF_OK)
            return -1;
        publics[i] =
            (hf_public_key){ .type = types[i], .point = { spkis[i] + len - points[i], points[i] } };
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        hf_private_key_free(keys[i]);
        hf_free(spkis[i]);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_once),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
