/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * TLS 1.2's PRF (RFC 5246 5) against the vectors that circulate on the IETF's TLS list, and what is
 * derived with it against values of this script:
 *
 *   def prf(h, secret, label, seed, n):
 *       mac = lambda m: hmac.new(secret, m, h).digest()
 *       seed, a, out = label + seed, label + seed, b''
 *       while len(out) < n:
 *           a = mac(a)
 *           out += mac(a + seed)
 *       return out[:n]
 *   cr, sr, pm = bytes(range(32)), bytes(range(100, 132)), bytes([3, 3]) + bytes(range(46))
 *   for h, n in ('sha256', 32), ('sha384', 48):
 *       ms, hash = prf(h, pm, b'master secret', cr + sr, 48), bytes(range(200, 200 + n))
 *       print(ms.hex(), prf(h, pm, b'extended master secret', hash, 48).hex())
 *       print(prf(h, ms, b'key expansion', sr + cr, 88).hex())
 *       for label in b'client finished', b'server finished':
 *           print(prf(h, ms, label, hash, 12).hex())
 *       for context in b'', b'\0\0', b'\0\3abc':
 *           print(prf(h, ms, b'EXPORTER-x', cr + sr + context, 40).hex())
 */
#include "crypto_support.h"
#include "keys/keys.h"

static const hf_hash_id both[] = { HF_SHA256, HF_SHA384 };
static const hf_span none = { NULL, 0 };

typedef struct expected {
    const char *master, *extended, *client_finished, *server_finished, *export[3];
} expected;

static const expected values[] = {
    { "06b921761f294bc92e04c9496602d7c8a9fa1b7055f8856246d0b08cce18909805f513dce7cc078cb96e1606110"
      "7a5c5",
      "83ac6942a4ec4cc185c3018901dc0cfe844d1cd9f11a4c7132a95f154a2886e5cd7144968bbc7beec5cd4361fcc"
      "a27d8",
      "99cef6d5facc33777878e440",
      "d5863130c04fffb7d251aa73",
      { "55559d760598b98f5ec144f85df4580d91b261dde9320117933796726237cc3745560ecf77581362",
        "12895ec9af181618502738de4b246e8e3f8fad2d5cee2841a4655daea3dc64172f77fda087f40c79",
        "d5c116ad3c9f228846955ab334c4bde81460f4b060046747c7333b6a22250fdef0a2329b6aa6aed1" } },
    { "71589dbab080579a013d2e4386cfbb8e8c819569093c6a804b537c8ad900e04ae2aba709b92bcc7ce781ea510fb"
      "700bf",
      "52f69649b27163a1c946a24660c7875a130f537057716c9d2bb60ec6c96d3d0602a0c309a5219187f698dcaa521"
      "6305f",
      "0bb4c54e80ce85b8afb1e301",
      "551c72ce730c4398078a2295",
      { "d6d1cbf0916ecdfdeae9a2d8730467f9a186e6ba3891d5b5594ac2ede0fbec8cbbfbf19c6fc4bb4c",
        "f336547ce1adcf09fb542dd5ebdab707c08eb17d37ea0069687b2c0045022ed144264aabaa92a154",
        "81abb00b2dcf7021c3da3d84c6087513f0824dba08953687ab02db801bc5ff611ca2db2323e95701" } },
};

/* The key_block after each of the two master secrets above, 88 bytes. */
static const char *const key_blocks[] = {
    "4cc1f7fb6a6b5d4696fc499dd9c770916b8cf883338ca8a761393291676c3e9b6bf1092c56fda63e7ff5428b6261da"
    "c7b18482b1313ca50113601d945b6f400c1929b1bd782083af68d84bfe62c03aae28341106fd66a7fe",
    "af61b00e05f55a444a4e203c9423b0a698deeb0898e9188b4b7449282a7cd7ee2b2626e3ab9cbbe97d25ad96140911"
    "289443eddc65d2cef6fa0d49e547d1a884998cb74f4a8f5a9144ac6beac8365a3ba5e7e005de750c3a",
};

static void count_up(uint8_t *out, size_t len, uint8_t from)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(from + i);
}

static hf_secrets with_randoms(hf_hash_id id)
{
    hf_secrets s = { .hash = id };

    count_up(s.client_random, sizeof s.client_random, 0);
    count_up(s.server_random, sizeof s.server_random, 100);
    return s;
}

static hf_secrets with_master(size_t i)
{
    hf_secrets s = with_randoms(both[i]);
    bytes master = hex(values[i].master);

    memcpy(s.master_secret, master.data, sizeof s.master_secret);
    return s;
}

/* ---- the function ---- */

static void known(hf_hash_id id, const char *secret_hex, const char *seed_hex, const char *output)
{
    bytes secret = hex(secret_hex), seed = hex(seed_hex), out = hex(output);
    uint8_t found[200];

    for (size_t len = 0; len <= out.len; len++) { /* shorter outputs are the beginning of longer */
        memset(found, 0xee, sizeof found);
        assert_int_equal(hf_prf(id, span(&secret), "test label", span(&seed), none, found, len),
                         HF_OK);
        assert_memory_equal(found, out.data, len);
        assert_int_equal(found[len], 0xee);
    }
    for (size_t cut = 0; cut <= seed.len;
         cut++) { /* the seed is label, a and b, one after another */
        hf_span a = hf_span_of(seed.data, cut), b = hf_span_of(seed.data + cut, seed.len - cut);

        assert_int_equal(hf_prf(id, span(&secret), "test label", a, b, found, out.len), HF_OK);
        assert_memory_equal(found, out.data, out.len);
    }
}

static void vector_sha256(void **state)
{
    (void)state;
    known(HF_SHA256, "9bbe436ba940f017b17652849a71db35", "a0ba9f936cda311827a6f796ffd5198c",
          "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e"
          "14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5"
          "a72e5a5110fff70187347b66");
}

static void vector_sha384(void **state)
{
    (void)state;
    known(HF_SHA384, "b80b733d6ceefcdc71566ea48e5567df", "cd665cf6a8447dd6ff8b27555edb7465",
          "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b123"
          "3c9146a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd"
          "4abfdad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a2"
          "6854308d5eaa3be85e0990703d73e56f");
}

static void no_hash(void **state)
{
    uint8_t out[12];

    (void)state;
    assert_int_equal(hf_prf(HF_NO_HASH, none, "label", none, none, out, sizeof out), HF_E_INTERNAL);
}

/* ---- the master secret ---- */

/* RFC 5246 8.1 */
static void master_by_randoms(void **state)
{
    uint8_t premaster[48] = { 3, 3 };

    (void)state;
    count_up(premaster + 2, 46, 0);
    for (size_t i = 0; i < COUNT(both); i++) {
        hf_secrets s = with_randoms(both[i]);

        assert_int_equal(hf_master_secret(&s, hf_span_of(premaster, 48), none), HF_OK);
        assert_hex(s.master_secret, values[i].master);
    }
}

/* RFC 7627 4: the randoms are not in it, but for the hash. */
static void master_by_session_hash(void **state)
{
    uint8_t premaster[48] = { 3, 3 }, hash[HF_HASH_MAX];

    (void)state;
    count_up(premaster + 2, 46, 0);
    count_up(hash, sizeof hash, 200);
    for (size_t i = 0; i < COUNT(both); i++) {
        hf_secrets s = with_randoms(both[i]);

        s.client_random[0] = s.server_random[31] = 0x5a;
        assert_int_equal(
            hf_master_secret(&s, hf_span_of(premaster, 48), hf_span_of(hash, hf_hash_len(both[i]))),
            HF_OK);
        assert_hex(s.master_secret, values[i].extended);
        assert_int_equal(s.client_random[0], 0x5a);
    }
}

/* ---- Finished ---- */

/* RFC 5246 7.4.9 */
static void verify_data(void **state)
{
    uint8_t hash[HF_HASH_MAX], found[HF_VERIFY_DATA12];

    (void)state;
    count_up(hash, sizeof hash, 200);
    for (size_t i = 0; i < COUNT(both); i++) {
        hf_secrets s = with_master(i);

        assert_int_equal(hf_verify_data12(&s, HF_CLIENT, hash, found), HF_OK);
        assert_hex(found, values[i].client_finished);
        assert_int_equal(hf_verify_data12(&s, HF_SERVER, hash, found), HF_OK);
        assert_hex(found, values[i].server_finished);
    }
}

/* ---- exporters ---- */

/* RFC 5705 4: no context, an empty one and one of three bytes are three different things. */
static void exporter(void **state)
{
    const hf_span contexts[] = { none, hf_span_of("", 0), hf_span_of("abc", 3) };
    uint8_t found[40];

    (void)state;
    for (size_t i = 0; i < COUNT(both); i++)
        for (size_t c = 0; c < COUNT(contexts); c++) {
            hf_secrets s = with_master(i);

            assert_int_equal(hf_export12(&s, "EXPORTER-x", contexts[c], found, sizeof found),
                             HF_OK);
            assert_hex(found, values[i].export[c]);
        }
}

/* An exporter must not give out the master secret, the keys or a Finished (RFC 5705 4). */
static void reserved_labels(void **state)
{
    static const char *const labels[] = { "client finished", "server finished", "master secret",
                                          "key expansion", "extended master secret" };
    hf_secrets s = with_master(0);
    uint8_t found[48] = { 0 };
    static const uint8_t untouched[48];

    (void)state;
    for (size_t i = 0; i < COUNT(labels); i++) {
        assert_int_equal(hf_export12(&s, labels[i], none, found, sizeof found), HF_E_MISUSE);
        assert_memory_equal(found, untouched, sizeof found);
    }
    assert_int_equal(hf_export12(&s, "master secrets", none, found, sizeof found), HF_OK);
}

/* Its length is written in two bytes. */
static void longest_context(void **state)
{
    static uint8_t context[65536];
    hf_secrets s = with_master(0);
    uint8_t found[16];

    (void)state;
    assert_int_equal(hf_export12(&s, "EXPORTER-x", hf_span_of(context, 65535), found, 16), HF_OK);
    assert_int_equal(hf_export12(&s, "EXPORTER-x", hf_span_of(context, 65536), found, 16),
                     HF_E_MISUSE);
}

/* ---- the key_block ---- */

/* RFC 5246 6.3: both keys, then both IVs, the client's first; an IV of 4 bytes for AES-GCM (RFC 5288 3),
   of 12 for ChaCha20-Poly1305 (RFC 7905 2). */
static void check_keys(uint16_t suite, size_t which, size_t key_len, size_t iv_len)
{
    hf_secrets s = with_master(which);
    bytes block = hex(key_blocks[which]);

    assert_int_equal(block.len, 88);
    for (int writer = HF_CLIENT; writer <= HF_SERVER; writer++) {
        const uint8_t *key = block.data + (size_t)writer * key_len;
        const uint8_t *iv = block.data + 2 * key_len + (size_t)writer * iv_len;
        uint8_t padded[HF_AEAD_NONCE] = { 0 };
        hf_traffic t, full;

        memset(&t, 0xee, sizeof t);
        assert_int_equal(hf_traffic_keys12(&t, hf_suite_of(suite), &s, (hf_role)writer), HF_OK);
        assert_int_equal(t.version, HF_TLS12);
        assert_int_equal(t.sequence, 0);
        assert_memory_equal(t.key.key, key, key_len);
        memcpy(padded, iv, iv_len);
        assert_memory_equal(t.iv, padded, sizeof padded);
        /* a key serves as many records as in TLS 1.3 */
        uint16_t twin = key_len == 16  ? HF_TLS_AES_128_GCM_SHA256
                        : iv_len == 12 ? HF_TLS_CHACHA20_POLY1305_SHA256
                                       : HF_TLS_AES_256_GCM_SHA384;
        assert_int_equal(hf_traffic_keys(&full, hf_suite_of(twin), s.master_secret), HF_OK);
        assert_int_equal(full.version, HF_TLS13);
        assert_int_equal(t.key.id, full.key.id);
        assert_true(t.limit == full.limit);
    }
}

static void key_block(void **state)
{
    (void)state;
    check_keys(HF_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, 0, 16, 4);
    check_keys(HF_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, 1, 32, 4);
    check_keys(HF_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, 0, 32, 12);
    check_keys(HF_TLS_RSA_WITH_AES_128_GCM_SHA256, 0, 16, 4);
    check_keys(HF_TLS_RSA_WITH_AES_256_GCM_SHA384, 1, 32, 4);
}

/* ---- the premaster secret of a PSK suite ---- */

/* uint16 length, other_secret, uint16 length, psk; without a key exchange other_secret is as many zeroes as the PSK has bytes
   (RFC 4279 2). */
static void premaster_of_a_psk(void **state)
{
    uint8_t out[HF_PREMASTER_MAX], psk[HF_PSK_KEY_MAX];

    (void)state;
    memset(psk, 0xab, sizeof psk);
    for (size_t n = 1; n <= sizeof psk; n++) {
        uint8_t wanted[HF_PREMASTER_MAX] = { 0, (uint8_t)n };
        memset(out, 0xee, sizeof out);
        wanted[2 + n + 1] = (uint8_t)n;
        memset(wanted + 2 + n + 2, 0xab, n);
        assert_int_equal(hf_psk_premaster(none, hf_span_of(psk, n), out), 4 + 2 * n);
        assert_memory_equal(out, wanted, 4 + 2 * n);
    }
}

static void premaster_of_a_psk_and_ecdhe(void **state)
{
    uint8_t out[HF_PREMASTER_MAX];
    bytes other = hex("a0a1a2a3"), psk = hex("b0b1b2"), longest = { .len = HF_SHARED_SECRET_MAX },
          longest_psk = { .len = HF_PSK_KEY_MAX };

    (void)state;
    assert_int_equal(hf_psk_premaster(span(&other), span(&psk), out), 11);
    assert_hex(out, "0004 a0a1a2a3 0003 b0b1b2"); /* RFC 5489 2 */
    assert_int_equal(hf_psk_premaster(span(&longest), span(&longest_psk), out), HF_PREMASTER_MAX);
    longest.len++;
    longest_psk.len++;
    assert_int_equal(hf_psk_premaster(span(&longest), span(&psk), out), 0);
    assert_int_equal(hf_psk_premaster(span(&other), span(&longest_psk), out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vector_sha256),
        cmocka_unit_test(vector_sha384),
        cmocka_unit_test(no_hash),
        cmocka_unit_test(master_by_randoms),
        cmocka_unit_test(master_by_session_hash),
        cmocka_unit_test(verify_data),
        cmocka_unit_test(exporter),
        cmocka_unit_test(reserved_labels),
        cmocka_unit_test(longest_context),
        cmocka_unit_test(key_block),
        cmocka_unit_test(premaster_of_a_psk),
        cmocka_unit_test(premaster_of_a_psk_and_ecdhe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
