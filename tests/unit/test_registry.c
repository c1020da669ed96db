/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The registries: code points as IANA has them, names in every spelling, and what is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <handfast/error.h>

#include "registry/registry.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* IANA "TLS Cipher Suites", RFC 9846 B.4 */
static void test_suites(void **state)
{
    static const struct {
        uint16_t code;
        const char *name;
        hf_hash_id hash;
        hf_aead_id aead;
    } rows[] = {
        { 0x1301, "TLS_AES_128_GCM_SHA256", HF_SHA256, HF_AES_128_GCM },
        { 0x1302, "TLS_AES_256_GCM_SHA384", HF_SHA384, HF_AES_256_GCM },
        { 0x1303, "TLS_CHACHA20_POLY1305_SHA256", HF_SHA256, HF_CHACHA20_POLY1305 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const hf_suite *suite = hf_suite_of(rows[i].code);
        assert_non_null(suite);
        assert_string_equal(suite->name, rows[i].name);
        assert_int_equal(suite->hash, rows[i].hash);
        assert_int_equal(suite->aead, rows[i].aead);
        assert_int_equal(suite->version, HF_TLS13);
        assert_int_equal(suite->tag_len, 16);
    }
    assert_ptr_equal(hf_suite_named("tls_aes_128_gcm_sha256"),
                     hf_suite_of(HF_TLS_AES_128_GCM_SHA256));
    assert_ptr_equal(hf_suite_named("TLS13-AES256-GCM-SHA384"),
                     hf_suite_of(HF_TLS_AES_256_GCM_SHA384));
    assert_null(hf_suite_of(0x1304));
    assert_null(hf_suite_of(0x00ff));
    assert_null(hf_suite_named("TLS_AES_128_GCM_SHA25"));
    assert_null(hf_suite_named("TLS_AES_128_GCM_SHA2567"));
    assert_null(hf_suite_named(""));
}

/* RFC 8442 3, RFC 7905 2, RFC 5487 2, RFC 6655 3: those of pre-shared keys. All hash with SHA-256. */
static void test_psk_suites(void **state)
{
    static const struct {
        uint16_t code;
        const char *name;
        hf_aead_id aead;
        bool ephemeral;
        uint8_t tag;
    } rows[] = {
        { 0xd001, "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", HF_AES_128_GCM, true, 16 },
        { 0xccac, "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", HF_CHACHA20_POLY1305, true, 16 },
        { 0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256", HF_AES_128_GCM, false, 16 },
        { 0xc0a4, "TLS_PSK_WITH_AES_128_CCM", HF_AES_128_CCM, false, 16 },
        { 0xc0a8, "TLS_PSK_WITH_AES_128_CCM_8", HF_AES_128_CCM_8, false, 8 },
    };
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const hf_suite *suite = hf_suite_of(rows[i].code);
        assert_non_null(suite);
        assert_string_equal(suite->name, rows[i].name);
        assert_int_equal(suite->version, HF_TLS12);
        assert_int_equal(suite->hash, HF_SHA256);
        assert_int_equal(suite->aead, rows[i].aead);
        assert_int_equal(suite->tag_len, rows[i].tag);
        assert_true(hf_kx_is_psk(suite->kx));
        assert_int_equal(hf_kx_is_ephemeral(suite->kx), rows[i].ephemeral);
    }
    for (size_t i = 0; hf_suite_row(i); i++)
        n += hf_kx_is_psk(hf_suite_row(i)->kx);
    assert_int_equal(n, COUNT(rows));
}

/* What is not ephemeral has no forward secrecy. */
static void test_key_exchanges(void **state)
{
    static const struct {
        hf_kx kx;
        bool psk, ephemeral;
    } rows[] = {
        { HF_KX_TLS13, false, true },     { HF_KX_ECDHE_ECDSA, false, true },
        { HF_KX_ECDHE_RSA, false, true }, { HF_KX_RSA, false, false },
        { HF_KX_ECDHE_PSK, true, true },  { HF_KX_PSK, true, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(hf_kx_is_psk(rows[i].kx), rows[i].psk);
        assert_int_equal(hf_kx_is_ephemeral(rows[i].kx), rows[i].ephemeral);
    }
}

/* IANA "TLS Supported Groups", RFC 9846 4.3.7 and 4.3.8.2 */
static void test_groups(void **state)
{
    static const struct {
        uint16_t code;
        const char *name;
        unsigned client, server, secret;
    } rows[] = {
        { 0x0017, "secp256r1", 65, 65, 32 },          { 0x0018, "secp384r1", 97, 97, 48 },
        { 0x0019, "secp521r1", 133, 133, 66 },        { 0x001d, "x25519", 32, 32, 32 },
        { 0x11ec, "X25519MLKEM768", 1216, 1120, 64 }, { 0x0202, "MLKEM1024", 1568, 1568, 32 },
    };
    static const char *const same[] = { "P-256",     "p-256",      "secp256r1",
                                        "SECP256R1", "prime256v1", "P256" };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const hf_group *group = hf_group_of(rows[i].code);
        assert_non_null(group);
        assert_string_equal(group->name, rows[i].name);
        assert_ptr_equal(hf_group_named(rows[i].name), group);
        assert_int_equal(group->client_share, rows[i].client);
        assert_int_equal(group->server_share, rows[i].server);
        assert_int_equal(group->secret, rows[i].secret);
        assert_int_equal(group->post_quantum, rows[i].code == 0x11ec || rows[i].code == 0x0202);
        assert_int_equal(group->classical, rows[i].code != 0x0202);
        assert_true(group->client_share <= HF_KEY_SHARE_MAX &&
                    group->secret <= HF_SHARED_SECRET_MAX);
    }
    for (size_t i = 0; i < COUNT(same); i++)
        assert_ptr_equal(hf_group_named(same[i]), hf_group_of(HF_GROUP_secp256r1));
    assert_ptr_equal(hf_group_named("P521"), hf_group_of(HF_GROUP_secp521r1));
    assert_ptr_equal(hf_group_named("P-521"), hf_group_of(HF_GROUP_secp521r1));
    assert_ptr_equal(hf_group_named("P-384"), hf_group_of(0x0018));
    assert_null(hf_group_of(0x001e));
    assert_null(hf_group_of(0x0a0a));
    assert_null(hf_group_named("P-"));
}

/* RFC 9846 4.3.3 */
static void test_schemes(void **state)
{
    static const struct {
        uint16_t code;
        const char *name;
        hf_key_type key;
        bool tls13;
    } rows[] = {
        { 0x0401, "rsa_pkcs1_sha256", HF_KEY_RSA, false },
        { 0x0501, "rsa_pkcs1_sha384", HF_KEY_RSA, false },
        { 0x0601, "rsa_pkcs1_sha512", HF_KEY_RSA, false },
        { 0x0403, "ecdsa_secp256r1_sha256", HF_KEY_P256, true },
        { 0x0503, "ecdsa_secp384r1_sha384", HF_KEY_P384, true },
        { 0x0603, "ecdsa_secp521r1_sha512", HF_KEY_P521, true },
        { 0x0804, "rsa_pss_rsae_sha256", HF_KEY_RSA, true },
        { 0x0805, "rsa_pss_rsae_sha384", HF_KEY_RSA, true },
        { 0x0806, "rsa_pss_rsae_sha512", HF_KEY_RSA, true },
        { 0x0807, "ed25519", HF_KEY_ED25519, true },
        { 0x0809, "rsa_pss_pss_sha256", HF_KEY_RSA_PSS, true },
        { 0x080a, "rsa_pss_pss_sha384", HF_KEY_RSA_PSS, true },
        { 0x080b, "rsa_pss_pss_sha512", HF_KEY_RSA_PSS, true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const hf_scheme *scheme = hf_scheme_of(rows[i].code);
        assert_non_null(scheme);
        assert_string_equal(scheme->name, rows[i].name);
        assert_ptr_equal(hf_scheme_named(rows[i].name), scheme);
        assert_int_equal(scheme->key, rows[i].key);
        assert_int_equal(scheme->tls13, rows[i].tls13);
        assert_ptr_equal(hf_scheme_named(scheme->openssl), scheme);
    }
    assert_ptr_equal(hf_scheme_named("PSS+SHA256"), hf_scheme_of(0x0804));
    assert_null(hf_scheme_of(0x0201)); /* SHA-1 is not spoken */
    assert_null(hf_scheme_of(0x0203));
}

/* Every row is found again by its code and by its names, and no code or name stands twice. */
#define CHECK_TABLE(kind)                                                                          \
    static void test_##kind##_rows(void **state)                                                   \
    {                                                                                              \
        size_t n = 0;                                                                              \
        (void)state;                                                                               \
        for (; hf_##kind##_row(n); n++) {                                                          \
            const hf_##kind *row = hf_##kind##_row(n);                                             \
            assert_ptr_equal(hf_##kind##_of(row->code), row);                                      \
            assert_ptr_equal(hf_##kind##_named(row->name), row);                                   \
            assert_ptr_equal(hf_##kind##_named(row->openssl), row);                                \
        }                                                                                          \
        assert_true(n > 0);                                                                        \
        assert_null(hf_##kind##_row(n + 1));                                                       \
    }
CHECK_TABLE(suite)
CHECK_TABLE(group)
CHECK_TABLE(scheme)

/* RFC 8701: sixteen values and no other. */
static void test_grease(void **state)
{
    unsigned n = 0;

    (void)state;
    for (unsigned v = 0; v <= 0xffff; v++)
        n += hf_is_grease((uint16_t)v);
    assert_int_equal(n, 16);
    for (unsigned v = 0x0a0a; v <= 0xfafa; v += 0x1010)
        assert_true(hf_is_grease((uint16_t)v));
    assert_false(hf_is_grease(0x0a1a));
}

/* RFC 9846 4, RFC 5246 7.4, IANA "TLS HandshakeType" */
static void test_messages(void **state)
{
    static const struct {
        uint8_t type;
        const char *name;
    } rows[] = {
        { 0, "HelloRequest" },     { 1, "ClientHello" },        { 2, "ServerHello" },
        { 4, "NewSessionTicket" }, { 5, "EndOfEarlyData" },     { 8, "EncryptedExtensions" },
        { 11, "Certificate" },     { 12, "ServerKeyExchange" }, { 13, "CertificateRequest" },
        { 14, "ServerHelloDone" }, { 15, "CertificateVerify" }, { 16, "ClientKeyExchange" },
        { 20, "Finished" },        { 22, "CertificateStatus" }, { 24, "KeyUpdate" },
    };
    size_t k = 0;

    (void)state;
    for (unsigned type = 0; type <= 255; type++) {
        hf_msg msg = hf_msg_of_type((uint8_t)type);
        if (k < COUNT(rows) && rows[k].type == type) {
            assert_string_equal(hf_msg_name(msg), rows[k++].name);
            assert_int_equal(hf_msg_type(msg), type);
        } else {
            assert_int_equal(msg, HF_MSG_UNKNOWN);
        }
    }
    assert_int_equal(k, COUNT(rows));
    assert_int_equal(hf_msg_type(HF_MSG_HelloRetryRequest), 2);
    assert_string_equal(hf_msg_name(HF_MSG_HelloRetryRequest), "HelloRetryRequest");
    assert_string_equal(hf_msg_name(HF_MSG_UNKNOWN), "unknown message");
    assert_string_equal(hf_msg_name((hf_msg)1000), "unknown message");
    assert_int_equal(hf_msg_limit(HF_MSG_EndOfEarlyData), 0);
    assert_int_equal(hf_msg_limit(HF_MSG_KeyUpdate), 1);
    assert_true(hf_msg_limit(HF_MSG_Certificate) >= 65536);
    assert_int_equal(hf_msg_limit(HF_MSG_UNKNOWN), 0);
}

static void test_extension_names(void **state)
{
    (void)state;
    assert_string_equal(hf_extension_name(0), "server_name");
    assert_string_equal(hf_extension_name(16), "application_layer_protocol_negotiation");
    assert_string_equal(hf_extension_name(51), "key_share");
    assert_string_equal(hf_extension_name(65281), "renegotiation_info");
    assert_string_equal(hf_extension_name(0x7a7a), "GREASE");
    assert_string_equal(hf_extension_name(17513), "unknown_extension");
}

/* Each error row is whole, and what the peer does wrong in a message's syntax is decode_error. */
static void test_errors(void **state)
{
    (void)state;
    for (int code = HF_OK + 1; code < HF_ERROR_COUNT; code++) {
        assert_true(strlen(hf_error_row_of((hf_error)code)->name) > 0);
        assert_true(strlen(hf_error_row_of((hf_error)code)->sentence) > 0);
        assert_true(strlen(hf_error_row_of((hf_error)code)->source) > 0);
        assert_true(strlen(hf_error_row_of((hf_error)code)->hint) > 0);
        assert_string_not_equal(hf_blame_name(hf_error_row_of((hf_error)code)->blame), "?");
        assert_string_not_equal(hf_alert_name(hf_error_row_of((hf_error)code)->alert), "unknown");
    }
    assert_string_equal(hf_error_row_of(HF_E_ODD_LIST)->name, "ODD_LIST");
    assert_int_equal(hf_error_row_of(HF_E_TRUNCATED)->alert, HF_ALERT_decode_error);
    assert_int_equal(hf_error_row_of(HF_E_TRAILING_BYTES)->alert, HF_ALERT_decode_error);
    assert_int_equal(hf_error_row_of(HF_E_LENGTH_OUT_OF_RANGE)->alert, HF_ALERT_decode_error);
    assert_int_equal(hf_error_row_of(HF_E_ODD_LIST)->alert, HF_ALERT_decode_error);
    assert_int_equal(hf_error_row_of(HF_E_DUPLICATE_EXTENSION)->alert, HF_ALERT_decode_error);
    assert_int_equal(hf_error_row_of(HF_E_REPEATED_EXTENSION)->alert, HF_ALERT_illegal_parameter);
    assert_string_equal(hf_error_row_of((hf_error)9999)->name, "INTERNAL");
    assert_string_equal(hf_alert_name(50), "decode_error");
    assert_string_equal(hf_alert_name(200), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suites),          cmocka_unit_test(test_groups),
        cmocka_unit_test(test_psk_suites),      cmocka_unit_test(test_key_exchanges),
        cmocka_unit_test(test_schemes),         cmocka_unit_test(test_suite_rows),
        cmocka_unit_test(test_group_rows),      cmocka_unit_test(test_scheme_rows),
        cmocka_unit_test(test_grease),          cmocka_unit_test(test_messages),
        cmocka_unit_test(test_extension_names), cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
