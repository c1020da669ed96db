/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Record protection of TLS 1.2 (RFC 5246 6.2.3.3, RFC 5288, RFC 7905, RFC 6655): known records, round trips,
 * and everything that must not open. The known ones are the server's sixth, under the master secret
 * 00 01 .. 2f and the randoms of `keys_of`, from this script (prf: test_keys_prf.c):
 *
 *   from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
 *   cr, sr, text = bytes(range(32)), bytes(range(100, 132)), b'a TLS 1.2 record'
 *   for h, k, iv in ('sha256', 16, 4), ('sha384', 32, 4), ('sha256', 32, 12):
 *       block = prf(h, bytes(range(48)), b'key expansion', sr + cr, 2 * (k + iv))
 *       key, salt, seq = block[k:2 * k], block[2 * k + iv:], (5).to_bytes(8, 'big')
 *       ad = seq + bytes([23, 3, 3]) + len(text).to_bytes(2, 'big')
 *       nonce = bytes(x ^ y for x, y in zip(salt, bytes(4) + seq))
 *       body = seq + AESGCM(key).encrypt(salt + seq, text, ad) if iv == 4 else \
 *           ChaCha20Poly1305(key).encrypt(nonce, text, ad)
 *       print((bytes([23, 3, 3]) + len(body).to_bytes(2, 'big') + body).hex())
 *
 * and with AESCCM(key, tag_length=16 or 8) in the place of AESGCM(key).
 */
#include "crypto_support.h"
#include "record/record.h"

enum { ROOM = HF_RECORD_MAX + 100 };

typedef struct kind {
    uint16_t suite;
    size_t explicit_nonce, tag;
    const char *known;
} kind;

static const kind kinds[] = {
    { HF_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, 8, 16,
      "17030300280000000000000005ece856a8f32ccbd2197d3c658489c05e4d9e9742bfb6b1a237b1702cdc3247b"
      "8" },
    { HF_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, 8, 16,
      "170303002800000000000000057e6197e191d23ac2038aef57fa902d30a27729cebf7a1515d06ebd7f8c00b23"
      "c" },
    { HF_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, 0, 16,
      "1703030020553ffc93557ea76ef27fbac6f50b96619b39fc242e10310d10539ae96e31f2af" },
    { HF_TLS_PSK_WITH_AES_128_CCM, 8, 16,
      "170303002800000000000000055f85844e9a828375a3321bdd84a7f3d40256b32cf47e9894a1ac5d8c36e270b"
      "7" },
    { HF_TLS_PSK_WITH_AES_128_CCM_8, 8, 8,
      "170303002000000000000000055f85844e9a828375a3321bdd84a7f3d491dd9c59844bf457" },
};

static const hf_span text = { (const uint8_t *)"a TLS 1.2 record", 16 };
static hf_aead *aead;
static uint8_t big[HF_PLAINTEXT_MAX + 1], record[ROOM], copy[ROOM];

static hf_traffic keys_of(const kind *k)
{
    hf_secrets s = { .hash = hf_suite_of(k->suite)->hash };
    hf_traffic t;

    for (uint8_t i = 0; i < 48; i++)
        s.master_secret[i] = i;
    for (uint8_t i = 0; i < 32; i++) {
        s.client_random[i] = i;
        s.server_random[i] = (uint8_t)(100 + i);
    }
    assert_int_equal(hf_traffic_keys12(&t, hf_suite_of(k->suite), &s, HF_SERVER), HF_OK);
    return t;
}

static size_t seal(hf_traffic *keys, uint8_t type, hf_span content)
{
    size_t len = 0;

    assert_int_equal(hf_record_seal(aead, keys, type, &content, 1, 0, record, &len), HF_OK);
    return len;
}

/* Of a copy, so that a record can be tried again. */
static hf_error open_copy(hf_traffic *keys, size_t len, size_t limit, uint8_t *type,
                          hf_span *content)
{
    memcpy(copy, record, len);
    return hf_record_open(aead, keys, copy, len, limit, type, content);
}

static hf_error try_open(hf_traffic keys, size_t len)
{
    uint8_t type = 0;
    hf_span content = { NULL, 0 };
    uint64_t before = keys.sequence;
    hf_error e = open_copy(&keys, len, HF_PLAINTEXT_MAX, &type, &content);

    assert_true(keys.sequence == before + (e == HF_OK));
    if (e != HF_OK) { /* nothing is handed out */
        assert_int_equal(type, 0);
        assert_null(content.data);
    }
    return e;
}

/* ---- what is sealed opens ---- */

static void known_records(void **state)
{
    (void)state;
    for (const kind *k = kinds; k < kinds + COUNT(kinds); k++) {
        hf_traffic keys = keys_of(k);
        bytes expected = hex(k->known);

        keys.sequence = 5;
        assert_int_equal(seal(&keys, HF_CT_APPLICATION_DATA, text), expected.len);
        assert_memory_equal(record, expected.data, expected.len);
        assert_true(keys.sequence == 6);
    }
}

/* Every type is protected, and stands in the header (RFC 5246 6.2.3). */
static void round_trips(void **state)
{
    static const size_t lengths[] = { 0, 1, 15, 16, 17, 1000, HF_PLAINTEXT_MAX };

    (void)state;
    for (size_t i = 0; i < COUNT(kinds) * COUNT(lengths) * 4; i++) {
        const kind *k = &kinds[i % COUNT(kinds)];
        hf_span content = hf_span_of(big, lengths[i / COUNT(kinds) % COUNT(lengths)]), found;
        uint8_t want = (uint8_t)(HF_CT_CHANGE_CIPHER_SPEC + i / COUNT(kinds) / COUNT(lengths)),
                type = 0;
        hf_traffic writing = keys_of(k), reading = writing;
        size_t len = seal(&writing, want, content);

        assert_int_equal(len, HF_RECORD_HEADER + k->explicit_nonce + content.len + k->tag);
        assert_int_equal(record[0], want);
        assert_int_equal(record[1] << 8 | record[2], HF_TLS12);
        assert_int_equal((size_t)(record[3] << 8 | record[4]), len - HF_RECORD_HEADER);
        assert_int_equal(open_copy(&reading, len, HF_PLAINTEXT_MAX, &type, &found), HF_OK);
        assert_int_equal(type, want);
        assert_int_equal(found.len, content.len);
        assert_memory_equal(found.data, content.data, content.len);
        assert_true(reading.sequence == 1 && writing.sequence == 1);
    }
}

/* The explicit part of the nonce is the sequence number, so it never comes twice (RFC 5288 3, RFC 6655 3). */
static void explicit_nonces(void **state)
{
    (void)state;
    for (const kind *k = kinds; k < kinds + COUNT(kinds); k++) {
        hf_traffic keys = keys_of(k);

        if (k->explicit_nonce == 0)
            continue;
        keys.sequence = 0xfe;
        for (unsigned n = 0xfe; n < 0x103; n++) {
            const uint8_t expected[8] = { 0, 0, 0, 0, 0, 0, (uint8_t)(n >> 8), (uint8_t)n };

            seal(&keys, HF_CT_HANDSHAKE, text);
            assert_memory_equal(record + HF_RECORD_HEADER, expected, sizeof expected);
        }
    }
}

/* The reader takes the nonce from the record, whatever the writer makes it of. */
static void any_explicit_nonce(void **state)
{
    hf_traffic keys = keys_of(&kinds[0]);
    const uint8_t header[] = { HF_CT_HANDSHAKE, 3, 3, 0, 8 + 16 + 16 };
    const uint8_t ad[] = { 0, 0, 0, 0, 0, 0, 0, 0, HF_CT_HANDSHAKE, 3, 3, 0, 16 };
    uint8_t nonce[HF_AEAD_NONCE];

    (void)state;
    memcpy(nonce, keys.iv, 4);
    memset(nonce + 4, 0xc3, 8);
    memcpy(record, header, sizeof header);
    memset(record + HF_RECORD_HEADER, 0xc3, 8);
    assert_int_equal(hf_aead_seal(aead, &keys.key, nonce, hf_span_of(ad, sizeof ad), &text, 1,
                                  record + HF_RECORD_HEADER + 8),
                     HF_OK);
    assert_int_equal(try_open(keys, 5 + 8 + 16 + 16), HF_OK);
}

static void several_parts(void **state)
{
    const hf_span parts[] = { { text.data, 3 }, { NULL, 0 }, { text.data + 3, 13 } };
    size_t len;

    (void)state;
    for (const kind *k = kinds; k < kinds + COUNT(kinds); k++) {
        hf_traffic keys = keys_of(k);
        bytes expected = hex(k->known);

        keys.sequence = 5;
        assert_int_equal(
            hf_record_seal(aead, &keys, HF_CT_APPLICATION_DATA, parts, 3, 0, record, &len), HF_OK);
        assert_int_equal(len, expected.len);
        assert_memory_equal(record, expected.data, len);
    }
}

/* The content lies behind the header already; the room is what the contract promises and no more. */
static void in_place(void **state)
{
    static const size_t lengths[] = { 0, 5, 16, 500, HF_PLAINTEXT_MAX };

    (void)state;
    for (size_t i = 0; i < COUNT(kinds) * COUNT(lengths); i++) {
        hf_traffic keys = keys_of(&kinds[i % COUNT(kinds)]), again = keys;
        size_t n = lengths[i / COUNT(kinds)], apart = seal(&keys, HF_CT_ALERT, hf_span_of(big, n)),
               len;
        uint8_t *out = malloc(n + HF_RECORD_OVERHEAD);

        assert_non_null(out);
        memcpy(out + HF_RECORD_HEADER, big, n);
        hf_span part = hf_span_of(out + HF_RECORD_HEADER, n);
        assert_int_equal(hf_record_seal(aead, &again, HF_CT_ALERT, &part, 1, 0, out, &len), HF_OK);
        assert_int_equal(len, apart);
        assert_memory_equal(out, record, len);
        free(out);
    }
}

/* ---- what must not open ---- */

/* Type, version and length are in the additional data, the nonce and the text under the tag. */
static void every_bit_counts(void **state)
{
    (void)state;
    for (const kind *k = kinds; k < kinds + COUNT(kinds); k++) {
        hf_traffic writing = keys_of(k), reading = writing;
        size_t len = seal(&writing, HF_CT_HANDSHAKE, text);

        for (size_t bit = 0; bit < 8 * len; bit++) {
            record[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(try_open(reading, len), HF_E_RECORD_MAC);
            record[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_int_equal(try_open(reading, len), HF_OK);
    }
}

/* A replayed, dropped or reordered record has another sequence number (RFC 5246 6.1). */
static void sequence_counts(void **state)
{
    (void)state;
    for (const kind *k = kinds; k < kinds + COUNT(kinds); k++) {
        hf_traffic writing = keys_of(k), reading = writing;

        reading.sequence = 1;
        size_t len = seal(&writing, HF_CT_HANDSHAKE, text); /* 0 */
        assert_int_equal(try_open(reading, len), HF_E_RECORD_MAC);
        seal(&writing, HF_CT_HANDSHAKE, text); /* 1 */
        assert_int_equal(try_open(reading, len), HF_OK);
        seal(&writing, HF_CT_HANDSHAKE, text); /* 2 */
        assert_int_equal(try_open(reading, len), HF_E_RECORD_MAC);
    }
}

/* A record cut off at each length, with a header that says so. */
static void cut_short(void **state)
{
    (void)state;
    for (const kind *k = kinds; k < kinds + COUNT(kinds); k++) {
        hf_traffic writing = keys_of(k), reading = writing;
        size_t len = seal(&writing, HF_CT_HANDSHAKE, text);
        size_t least = HF_RECORD_HEADER + k->explicit_nonce + k->tag;

        for (size_t n = HF_RECORD_HEADER; n < len; n++) {
            record[4] = (uint8_t)(n - HF_RECORD_HEADER);
            assert_int_equal(try_open(reading, n),
                             n < least ? HF_E_RECORD_TOO_SHORT : HF_E_RECORD_MAC);
        }
    }
}

static void other_version_of_keys(void **state)
{
    (void)state;
    for (const kind *k = kinds; k < kinds + COUNT(kinds); k++) {
        hf_traffic writing = keys_of(k), reading = writing;
        size_t len = seal(&writing, HF_CT_APPLICATION_DATA, text);

        reading.version = HF_TLS13;
        assert_int_equal(try_open(reading, len), HF_E_RECORD_MAC);
    }
}

/* ---- limits ---- */

/* 2^14 bytes (RFC 5246 6.2.1), or what record_size_limit says (RFC 8449 4), and only of a record that
   is genuine. */
static void longest_plaintext(void **state)
{
    (void)state;
    for (const kind *k = kinds; k < kinds + COUNT(kinds); k++) {
        hf_traffic writing = keys_of(k), reading = writing;
        size_t len = seal(&writing, HF_CT_APPLICATION_DATA, hf_span_of(big, HF_PLAINTEXT_MAX + 1));
        uint8_t type = 0;
        hf_span content;

        assert_int_equal(open_copy(&reading, len, HF_PLAINTEXT_MAX, &type, &content),
                         HF_E_RECORD_OVERFLOW);
        assert_true(reading.sequence == 1);
        record[len - 1] ^= 1;
        reading.sequence = 0;
        assert_int_equal(try_open(reading, len), HF_E_RECORD_MAC);

        writing.sequence = 0;
        len = seal(&writing, HF_CT_APPLICATION_DATA, text);
        assert_int_equal(open_copy(&reading, len, text.len - 1, &type, &content),
                         HF_E_RECORD_OVERFLOW);
        reading.sequence = 0;
        assert_int_equal(open_copy(&reading, len, text.len, &type, &content), HF_OK);
    }
}

/* ---- headers ---- */

static hf_error header(uint8_t type, uint16_t version, size_t length, uint16_t keys_version)
{
    uint8_t raw[HF_RECORD_HEADER];
    hf_record_header h;

    hf_record_header_write(raw, type, version, length);
    hf_error e = hf_record_header_read(&h, raw, keys_version);
    assert_int_equal(h.type, type);
    assert_int_equal(h.version, version);
    assert_int_equal(h.length, length);
    return e;
}

/* RFC 5246 6.2.1 and 6.2.3, RFC 9846 5.1 and 5.2 */
static void header_lengths(void **state)
{
    (void)state;
    for (uint8_t type = HF_CT_CHANGE_CIPHER_SPEC; type <= HF_CT_APPLICATION_DATA; type++) {
        size_t max13 = type == HF_CT_APPLICATION_DATA ? 16384 + 256 : 16384;

        assert_int_equal(header(type, HF_TLS12, 16384, 0), HF_OK);
        assert_int_equal(header(type, HF_TLS12, 16385, 0), HF_E_RECORD_OVERFLOW);
        assert_int_equal(header(type, HF_TLS12, 16384 + 2048, HF_TLS12), HF_OK);
        assert_int_equal(header(type, HF_TLS12, 16384 + 2049, HF_TLS12), HF_E_RECORD_OVERFLOW);
        assert_int_equal(header(type, HF_TLS12, max13, HF_TLS13), HF_OK);
        assert_int_equal(header(type, HF_TLS12, max13 + 1, HF_TLS13), HF_E_RECORD_OVERFLOW);
    }
}

/* Whether the minor version is the negotiated one is the connection's to judge. */
static void header_types_and_versions(void **state)
{
    (void)state;
    assert_int_equal(header(19, HF_TLS12, 1, HF_TLS12), HF_E_RECORD_TYPE);
    assert_int_equal(header(24, HF_TLS12, 1, HF_TLS12), HF_E_RECORD_TYPE);
    assert_int_equal(header(23, 0x0203, 1, HF_TLS12), HF_E_RECORD_VERSION);
    assert_int_equal(header(23, 0x0403, 1, HF_TLS12), HF_E_RECORD_VERSION);
    assert_int_equal(header(23, 0x0301, 1, HF_TLS12), HF_OK);
}

/* ---- exhaustion ---- */

/* Sequence numbers do not wrap (RFC 5246 6.1), and a key has its limit (RFC 9846 5.5). */
static void sequence_ends(void **state)
{
    (void)state;
    for (const kind *k = kinds; k < kinds + COUNT(kinds); k++) {
        hf_traffic keys = keys_of(k);
        size_t len;

        keys.sequence = keys.limit - 1;
        seal(&keys, HF_CT_APPLICATION_DATA, text);
        assert_true(keys.sequence == keys.limit);
        assert_int_equal(
            hf_record_seal(aead, &keys, HF_CT_APPLICATION_DATA, &text, 1, 0, record, &len),
            HF_E_KEY_LIMIT);
        assert_true(keys.sequence == keys.limit);

        keys.sequence = UINT64_MAX - 1;
        keys.limit = UINT64_MAX;
        hf_traffic reading = keys;
        len = seal(&keys, HF_CT_APPLICATION_DATA, text);
        assert_int_equal(try_open(reading, len), HF_OK);
        reading.sequence = UINT64_MAX;
        assert_int_equal(try_open(reading, len), HF_E_KEY_LIMIT);
    }
}

/* The AEAD suites of TLS 1.2 have no padding to hide lengths with. */
static void no_padding(void **state)
{
    hf_traffic keys = keys_of(&kinds[0]);
    size_t len;

    (void)state;
    assert_int_equal(hf_record_seal(aead, &keys, HF_CT_HANDSHAKE, &text, 1, 1, record, &len),
                     HF_E_INTERNAL);
    assert_true(keys.sequence == 0);
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i * 7 >> 3);
    aead = hf_aead_new();
    return aead ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    hf_aead_free(aead);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_records),     cmocka_unit_test(round_trips),
        cmocka_unit_test(explicit_nonces),   cmocka_unit_test(any_explicit_nonce),
        cmocka_unit_test(several_parts),     cmocka_unit_test(in_place),
        cmocka_unit_test(every_bit_counts),  cmocka_unit_test(sequence_counts),
        cmocka_unit_test(cut_short),         cmocka_unit_test(other_version_of_keys),
        cmocka_unit_test(longest_plaintext), cmocka_unit_test(header_lengths),
        cmocka_unit_test(sequence_ends),     cmocka_unit_test(header_types_and_versions),
        cmocka_unit_test(no_padding),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
