/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* AES-GCM, ChaCha20-Poly1305 and AES-CCM with both tags. One hf_aead serves all tests, so that each test re-keys it. */
#include <stdlib.h>

#include "support/aead_scene.h"
#include "support/wycheproof.h"

static hf_aead_id chosen;

/* A block of exactly the message and its tag, so that the sanitizer sees a step outside of it. */
static uint8_t *exactly(hf_span body, hf_span tag)
{
    uint8_t *bytes = malloc(body.len + tag.len);

    assert_non_null(bytes);
    if (body.len > 0)
        memcpy(bytes, body.data, body.len);
    memcpy(bytes + body.len, tag.data, tag.len);
    return bytes;
}

static void check_seal(wycheproof_case *c, const hf_aead_key *key, hf_span nonce, uint8_t *record)
{
    hf_span msg = wycheproof_hex(c, "msg"), ct = wycheproof_hex(c, "ct"),
            tag = wycheproof_hex(c, "tag");
    size_t cut = msg.len / 3;
    const hf_span parts[] = { hf_span_of(msg.data, cut),
                              hf_span_of(msg.data + cut, msg.len - cut) };

    assert_int_equal(
        hf_aead_seal(aead, key, nonce.data, wycheproof_hex(c, "aad"), parts, 2, record), HF_OK);
    wycheproof_equal(c, hf_span_of(record, ct.len), ct);
    wycheproof_equal(c, hf_span_of(record + ct.len, tag.len), tag);
}

static void check_open(wycheproof_case *c, const hf_aead_key *key, hf_span nonce, uint8_t *record,
                       size_t len)
{
    size_t plain = 0;
    hf_error e = hf_aead_open(aead, key, nonce.data, wycheproof_hex(c, "aad"), record, len, &plain);

    wycheproof_expect(c, e == HF_OK);
    assert_true(e == HF_OK || e == HF_E_RECORD_MAC);
    if (e == HF_OK)
        wycheproof_equal(c, hf_span_of(record, plain), wycheproof_hex(c, "msg"));
}

static bool check(wycheproof_case *c)
{
    hf_aead_key key = { .id = chosen };
    hf_span k = wycheproof_hex(c, "key"), nonce = wycheproof_hex(c, "iv");
    hf_span ct = wycheproof_hex(c, "ct"), tag = wycheproof_hex(c, "tag");

    if (k.len != hf_aead_key_len(chosen) || nonce.len != HF_AEAD_NONCE ||
        tag.len != hf_aead_tag_len(chosen))
        return false;
    memcpy(key.key, k.data, k.len);
    uint8_t *record = exactly(ct, tag);
    check_open(c, &key, nonce, record, ct.len + tag.len);
    if (c->result == WYCHEPROOF_VALID)
        check_seal(c, &key, nonce, record);
    free(record);
    return true;
}

static void aes_128_gcm(void **state)
{
    (void)state;
    chosen = HF_AES_128_GCM;
    wycheproof_run("aes_gcm_test.json", 67, check);
}

static void aes_256_gcm(void **state)
{
    (void)state;
    chosen = HF_AES_256_GCM;
    wycheproof_run("aes_gcm_test.json", 66, check);
}

static void chacha20_poly1305(void **state)
{
    (void)state;
    chosen = HF_CHACHA20_POLY1305;
    wycheproof_run("chacha20_poly1305_test.json", 316, check);
}

static void aes_128_ccm(void **state)
{
    (void)state;
    chosen = HF_AES_128_CCM;
    wycheproof_run("aes_ccm_test.json", 78, check);
}

static void aes_128_ccm_8(void **state)
{
    (void)state;
    chosen = HF_AES_128_CCM_8;
    wycheproof_run("aes_ccm_test.json", 8, check);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aes_128_gcm),       cmocka_unit_test(aes_256_gcm),
        cmocka_unit_test(chacha20_poly1305), cmocka_unit_test(aes_128_ccm),
        cmocka_unit_test(aes_128_ccm_8),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
