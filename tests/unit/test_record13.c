/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Where record protection of TLS 1.3 ends: no record beyond the number that a key is good for, read or
 * written, and nothing is sealed that the record floor has no room for. What a refused call leaves is
 * what was there.
 */
#include "crypto_support.h"
#include "record/record.h"
#include "support/aead_scene.h"

enum { ROOM = HF_RECORD_MAX + 100, PARTS_MAX = 16 };

static const uint16_t suites[] = { HF_TLS_AES_128_GCM_SHA256, HF_TLS_AES_256_GCM_SHA384,
                                   HF_TLS_CHACHA20_POLY1305_SHA256 };
static const hf_span text = { (const uint8_t *)"a TLS 1.3 record", 16 };
static uint8_t record[ROOM];

static hf_traffic keys_of(uint16_t suite)
{
    static const uint8_t secret[HF_HASH_MAX] = { 1, 2, 3 };
    hf_traffic t;

    assert_int_equal(hf_traffic_keys(&t, hf_suite_of(suite), secret), HF_OK);
    return t;
}

static hf_error seal(hf_traffic *keys, size_t n_parts, size_t padding, size_t *len)
{
    hf_span parts[PARTS_MAX + 1];

    for (size_t i = 0; i < n_parts; i++)
        parts[i] = text;
    return hf_record_seal(aead, keys, HF_CT_APPLICATION_DATA, parts, n_parts, padding, record, len);
}

static void assert_not_sealed(hf_traffic keys, size_t n_parts, size_t padding, hf_error expected)
{
    uint64_t before = keys.sequence;
    size_t len = 0;

    assert_int_equal(seal(&keys, n_parts, padding, &len), expected);
    assert_int_equal(len, 0);
    assert_true(keys.sequence == before);
}

/* RFC 9846 5.5#1 #2: the last record that the key is good for, and the one after it. */
static void written_records_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(suites); i++) {
        hf_traffic keys = keys_of(suites[i]);
        size_t len = 0;

        keys.sequence = keys.limit - 1;
        assert_int_equal(seal(&keys, 1, 0, &len), HF_OK);
        assert_true(keys.sequence == keys.limit);
        assert_not_sealed(keys, 1, 0, HF_E_KEY_LIMIT);
        keys.sequence = UINT64_MAX;
        assert_not_sealed(keys, 1, 0, HF_E_KEY_LIMIT);
    }
}

/* RFC 9846 5.3#2: a sequence number does not wrap, and the peer's last record is good. */
static void read_records_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(suites); i++) {
        hf_traffic writing = keys_of(suites[i]), reading;
        hf_span content = { NULL, 0 };
        uint8_t type = 0, copy[100];
        size_t len = 0;

        writing.limit = UINT64_MAX;
        writing.sequence = UINT64_MAX - 1;
        reading = writing;
        assert_int_equal(seal(&writing, 1, 0, &len), HF_OK);
        assert_true(len <= sizeof copy);
        memcpy(copy, record, len);
        assert_int_equal(
            hf_record_open(aead, &reading, copy, len, HF_PLAINTEXT_MAX + 1, &type, &content),
            HF_OK);
        assert_int_equal(type, HF_CT_APPLICATION_DATA);
        assert_int_equal(content.len, text.len);
        assert_memory_equal(content.data, text.data, text.len);
        assert_true(reading.sequence == UINT64_MAX);
        memcpy(copy, record, len);
        content = hf_span_of(NULL, 0), type = 0;
        assert_int_equal(
            hf_record_open(aead, &reading, copy, len, HF_PLAINTEXT_MAX + 1, &type, &content),
            HF_E_KEY_LIMIT);
        assert_int_equal(type, 0);
        assert_null(content.data);
        assert_memory_equal(copy, record, len); /* it was not touched */
        assert_true(reading.sequence == UINT64_MAX);
    }
}

/* What a caller inside the library may ask for at the most, and one more. */
static void parts_and_padding_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(suites); i++) {
        hf_traffic keys = keys_of(suites[i]);
        size_t len = 0;

        assert_int_equal(seal(&keys, PARTS_MAX, 0, &len), HF_OK);
        assert_int_equal(len, HF_RECORD_HEADER + PARTS_MAX * text.len + 1 + HF_AEAD_TAG);
        assert_int_equal(seal(&keys, 0, HF_PLAINTEXT_MAX, &len), HF_OK);
        assert_int_equal(len, HF_RECORD_HEADER + HF_PLAINTEXT_MAX + 1 + HF_AEAD_TAG);
        assert_true(keys.sequence == 2);
        assert_not_sealed(keys, PARTS_MAX + 1, 0, HF_E_INTERNAL);
        assert_not_sealed(keys, 1, HF_PLAINTEXT_MAX + 1, HF_E_INTERNAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_records_end),
        cmocka_unit_test(read_records_end),
        cmocka_unit_test(parts_and_padding_end),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
