/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* AEAD: round trips, records from parts, in place, two keys on one hf_aead, and what must not open. */
#include "crypto/aead.h"

#include <malloc.h>

#include "crypto_support.h"

static const hf_aead_id ids[] = { HF_AES_128_GCM, HF_AES_256_GCM, HF_CHACHA20_POLY1305,
                                  HF_AES_128_CCM, HF_AES_128_CCM_8 };
enum { LONGEST = 600 };

static hf_aead *aead;
static uint8_t text[LONGEST];
static const uint8_t nonce_a[HF_AEAD_NONCE] = { 1 }, nonce_b[HF_AEAD_NONCE] = { 2 };

static hf_aead_key key_of(hf_aead_id id, uint8_t fill)
{
    hf_aead_key key = { .id = id };

    memset(key.key, fill, hf_aead_key_len(id));
    return key;
}

static void seal(const hf_aead_key *key, const uint8_t *nonce, hf_span body, uint8_t *out)
{
    assert_int_equal(hf_aead_seal(aead, key, nonce, hf_span_str("ad"), &body, 1, out), HF_OK);
}

static hf_error try_open(const hf_aead_key *key, const uint8_t *nonce, const char *ad,
                         const uint8_t *record, size_t len, uint8_t *plain)
{
    size_t plain_len = 0;

    memcpy(plain, record, len);
    hf_error e = hf_aead_open(aead, key, nonce, hf_span_str(ad), plain, len, &plain_len);
    if (e == HF_OK)
        assert_int_equal(plain_len, len - hf_aead_tag_len(key->id));
    return e;
}

/* RFC 8439 2.8.2. */
static void known_chacha(void **state)
{
    bytes ad = hex("50515253c0c1c2c3c4c5c6c7"), nonce = hex("070000004041424344454647");
    bytes k = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    hf_aead_key key = { .id = HF_CHACHA20_POLY1305 };
    hf_span body = hf_span_str("Ladies and Gentlemen of the class of '99: If I could offer you "
                               "only one tip for the future, sunscreen would be it.");
    uint8_t out[200];

    (void)state;
    memcpy(key.key, k.data, k.len);
    assert_int_equal(hf_aead_seal(aead, &key, nonce.data, span(&ad), &body, 1, out), HF_OK);
    assert_hex(out, "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
                    "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
                    "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                    "3ff4def08e4b7a9de576d26586cec64b6116 1ae10b594f09e26a7e902ecbd0600691");
}

/* One block of text under AES-CCM (RFC 3610, RFC 6655), tags of both lengths, by Python's cryptography:
   AESCCM(bytes(range(16)), tag_length=n).encrypt(bytes(range(100, 112)), bytes(range(40)), b"ad"). The length of the tag is
   part of what is authenticated, so that a short one is not the start of a long one. */
static void known_ccm(void **state)
{
    static const struct {
        hf_aead_id id;
        const char *hex;
    } rows[] = {
        { HF_AES_128_CCM, "a0489522b91efde0d8f1b0e2b1ccaa456e2886e09148e4e13450a76f077873e8"
                          "348033b31a0e948eabb19345e9d83316cfd12b0568265f9a" },
        { HF_AES_128_CCM_8, "a0489522b91efde0d8f1b0e2b1ccaa456e2886e09148e4e13450a76f077873e8"
                            "348033b31a0e948e499829348c38c0f0" },
    };
    uint8_t nonce[HF_AEAD_NONCE], body[40], out[40 + HF_AEAD_TAG];
    hf_span part = { body, sizeof body };

    (void)state;
    for (uint8_t i = 0; i < sizeof nonce; i++)
        nonce[i] = (uint8_t)(100 + i);
    for (uint8_t i = 0; i < sizeof body; i++)
        body[i] = i;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hf_aead_key key = { .id = rows[i].id };

        memcpy(key.key, body, 16);
        assert_int_equal(hf_aead_seal(aead, &key, nonce, hf_span_str("ad"), &part, 1, out), HF_OK);
        assert_hex(out, rows[i].hex);
    }
}

static void lengths(void **state)
{
    (void)state;
    assert_int_equal(hf_aead_key_len(HF_AES_128_GCM), 16);
    assert_int_equal(hf_aead_key_len(HF_AES_256_GCM), 32);
    assert_int_equal(hf_aead_key_len(HF_CHACHA20_POLY1305), 32);
    assert_int_equal(hf_aead_key_len((hf_aead_id)0), 0);
    assert_int_equal(hf_aead_key_len(HF_AES_128_CCM), 16);
    assert_int_equal(hf_aead_key_len(HF_AES_128_CCM_8), 16);
    assert_int_equal(hf_aead_key_len((hf_aead_id)6), 0);
    for (size_t i = 0; i < COUNT(ids); i++) /* RFC 5116 5, RFC 8439 2.8, RFC 6655 4 */
        assert_int_equal(hf_aead_tag_len(ids[i]), ids[i] == HF_AES_128_CCM_8 ? 8 : 16);
}

static void unknown_algorithm(void **state)
{
    hf_aead_key key = { .id = (hf_aead_id)9 };
    uint8_t out[32] = { 0 };
    size_t len;

    (void)state;
    assert_int_equal(hf_aead_seal(aead, &key, nonce_a, hf_span_str(""), NULL, 0, out),
                     HF_E_INTERNAL);
    assert_int_equal(hf_aead_open(aead, &key, nonce_a, hf_span_str(""), out, 32, &len),
                     HF_E_INTERNAL);
}

static void round_trips(void **state)
{
    uint8_t record[LONGEST + HF_AEAD_TAG], plain[LONGEST + HF_AEAD_TAG];

    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++)
        for (size_t len = 0; len <= LONGEST; len += len < 80 ? 1 : 37) {
            hf_aead_key key = key_of(ids[i], 1);

            seal(&key, nonce_a, hf_span_of(text, len), record);
            assert_int_equal(
                try_open(&key, nonce_a, "ad", record, len + hf_aead_tag_len(ids[i]), plain), HF_OK);
            assert_memory_equal(plain, text, len);
        }
}

/* Any cut into three parts, empty ones too, is the same record. */
static void parts(void **state)
{
    enum { LEN = 70 };
    uint8_t whole[LEN + HF_AEAD_TAG], record[LEN + HF_AEAD_TAG];

    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++) {
        hf_aead_key key = key_of(ids[i], 3);

        seal(&key, nonce_a, hf_span_of(text, LEN), whole);
        for (size_t a = 0; a <= LEN; a++)
            for (size_t b = a; b <= LEN; b += 3) {
                const hf_span cut[] = {
                    { text, a }, { text + a, b - a }, { text + b, LEN - b }, { NULL, 0 }
                };

                assert_int_equal(
                    hf_aead_seal(aead, &key, nonce_a, hf_span_str("ad"), cut, 4, record), HF_OK);
                assert_memory_equal(record, whole, LEN + hf_aead_tag_len(ids[i]));
            }
    }
}

/* A part that lies where its ciphertext goes, after one that does not. */
static void seal_in_place(void **state)
{
    enum { LEN = 200, FIRST = 33 };
    uint8_t whole[LEN + HF_AEAD_TAG], record[LEN + HF_AEAD_TAG];

    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++) {
        hf_aead_key key = key_of(ids[i], 4);
        const hf_span cut[] = { { text, FIRST }, { record + FIRST, LEN - FIRST } };

        seal(&key, nonce_a, hf_span_of(text, LEN), whole);
        memcpy(record, text, LEN);
        assert_int_equal(hf_aead_seal(aead, &key, nonce_a, hf_span_str("ad"), cut, 2, record),
                         HF_OK);
        assert_memory_equal(record, whole, LEN + hf_aead_tag_len(ids[i]));
    }
}

/* Two keys in turn, sealing and opening: each result is that of a fresh hf_aead. */
static void re_keying(void **state)
{
    uint8_t record[2][64 + HF_AEAD_TAG], again[64 + HF_AEAD_TAG];

    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++) {
        hf_aead_key keys[2] = { key_of(ids[i], 5), key_of(ids[i], 5) };
        size_t len = 64 + hf_aead_tag_len(ids[i]);
        hf_aead *shared = aead;

        keys[1].key[hf_aead_key_len(ids[i]) - 1] ^= 1; /* the last byte counts too */
        for (int k = 0; k < 2; k++) {
            aead = hf_aead_new();
            assert_non_null(aead);
            seal(&keys[k], nonce_a, hf_span_of(text, 64), record[k]);
            hf_aead_free(aead);
        }
        aead = shared;
        assert_memory_not_equal(record[0], record[1], 64);
        for (int turn = 0; turn < 12; turn++) {
            int k = turn / 2 % 2, other = !k;

            seal(&keys[k], nonce_a, hf_span_of(text, 64), again);
            assert_memory_equal(again, record[k], len);
            assert_int_equal(try_open(&keys[k], nonce_a, "ad", record[k], len, again), HF_OK);
            assert_int_equal(try_open(&keys[k], nonce_a, "ad", record[other], len, again),
                             HF_E_RECORD_MAC);
            assert_int_equal(try_open(&keys[other], nonce_a, "ad", record[other], len, again),
                             HF_OK);
            assert_memory_equal(again, text, 64);
        }
    }
}

/* Every bit of the record, another nonce, other associated data, another length. */
static void forgeries(void **state)
{
    enum { LEN = 40 };
    uint8_t record[LEN + HF_AEAD_TAG], plain[LEN + HF_AEAD_TAG];

    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++) {
        hf_aead_key key = key_of(ids[i], 6);
        size_t tag = hf_aead_tag_len(ids[i]), all = LEN + tag;

        seal(&key, nonce_a, hf_span_of(text, LEN), record);
        for (size_t bit = 0; bit < 8 * all; bit++) {
            record[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(try_open(&key, nonce_a, "ad", record, all, plain), HF_E_RECORD_MAC);
            record[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_int_equal(try_open(&key, nonce_b, "ad", record, all, plain), HF_E_RECORD_MAC);
        assert_int_equal(try_open(&key, nonce_a, "aD", record, all, plain), HF_E_RECORD_MAC);
        assert_int_equal(try_open(&key, nonce_a, "", record, all, plain), HF_E_RECORD_MAC);
        for (size_t len = 0; len < all; len++)
            assert_int_equal(try_open(&key, nonce_a, "ad", record, len, plain),
                             len < tag ? HF_E_RECORD_TOO_SHORT : HF_E_RECORD_MAC);
        assert_int_equal(try_open(&key, nonce_a, "ad", record, all, plain), HF_OK);
        assert_memory_equal(plain, text, LEN);
    }
}

static bool is_in_memory_of(const void *block, const hf_aead_key *key)
{
    const uint8_t *all = block;
    size_t n = malloc_usable_size((void *)(uintptr_t)block), len = hf_aead_key_len(key->id);

    for (size_t i = 0; i + len <= n; i++)
        if (memcmp(all + i, key->key, len) == 0)
            return true;
    return false;
}

/* A key whose connection has ended is not kept, in neither direction; another one stays, and it may come back. */
static void forgetting(void **state)
{
    uint8_t record[64 + HF_AEAD_TAG], again[64 + HF_AEAD_TAG];

    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++) {
        hf_aead_key key = key_of(ids[i], (uint8_t)(0xa0 + i)), other = key_of(ids[i], 0xb0);
        size_t len = 64 + hf_aead_tag_len(ids[i]);

        seal(&key, nonce_a, hf_span_of(text, 64), record);
        assert_int_equal(try_open(&key, nonce_a, "ad", record, len, again), HF_OK);
        assert_true(is_in_memory_of(aead, &key));
        hf_aead_forget(aead, &other);
        assert_true(is_in_memory_of(aead, &key));
        record[0] ^= 1; /* most connections that fail do so here */
        assert_int_equal(try_open(&key, nonce_a, "ad", record, len, again), HF_E_RECORD_MAC);
        record[0] ^= 1;
        hf_aead_forget(aead, &key);
        assert_false(is_in_memory_of(aead, &key));
        seal(&key, nonce_a, hf_span_of(text, 64), again);
        assert_memory_equal(again, record, len);
    }
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * i);
    aead = hf_aead_new();
    return aead ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    hf_aead_free(aead);
    hf_aead_free(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_chacha),  cmocka_unit_test(known_ccm),
        cmocka_unit_test(lengths),       cmocka_unit_test(unknown_algorithm),
        cmocka_unit_test(round_trips),   cmocka_unit_test(parts),
        cmocka_unit_test(seal_in_place), cmocka_unit_test(re_keying),
        cmocka_unit_test(forgeries),     cmocka_unit_test(forgetting),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
