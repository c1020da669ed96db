/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The names of the registries: sorted, without doubles, in agreement with what the engine speaks; GREASE and unknown say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <handfast/error.h>
#include "explain/names.h"
#include "registry/registry.h"
#include "wire/wire.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static size_t rows_of(hf_names names)
{
    uint64_t value;
    size_t n = 0;

    while (hf_name_row(names, n, &value))
        n++;
    return n;
}

/* The look-up is a binary search. */
static void test_sorted_without_doubles(void **state)
{
    (void)state;
    for (int names = HF_NAMES_NONE + 1; names < HF_NAMES_COUNT; names++) {
        uint64_t value = 0, before = 0;
        const char *name;
        for (size_t i = 0; (name = hf_name_row((hf_names)names, i, &value)); i++) {
            assert_true(i == 0 || value > before);
            assert_true(value <= (hf_names_width((hf_names)names) == 1 ? 0xff : 0xffff));
            assert_ptr_equal(hf_name_of((hf_names)names, value), name);
            assert_false(hf_name_is_grease((hf_names)names, value));
            assert_true(strlen(name) > 0 && strlen(name) < HF_NAME_ROOM);
            before = value;
        }
        assert_true(rows_of((hf_names)names) > 0);
    }
}

/* One name stands for one value: whoever looks a name up in a list finds one. */
static void test_no_name_twice(void **state)
{
    (void)state;
    for (int names = HF_NAMES_NONE + 1; names < HF_NAMES_COUNT; names++) {
        uint64_t value, other;
        const char *name, *second;
        for (size_t i = 0; (name = hf_name_row((hf_names)names, i, &value)); i++)
            for (size_t k = i + 1; (second = hf_name_row((hf_names)names, k, &other)); k++)
                if (strncmp(name, "SSL_RSA_FIPS", 12) != 0) /* each has two numbers */
                    assert_string_not_equal(name, second);
    }
}

static void test_whole_registries(void **state)
{
    (void)state;
    assert_true(rows_of(HF_NAMES_SUITES) >= 350);
    assert_true(rows_of(HF_NAMES_GROUPS) >= 55);
    assert_true(rows_of(HF_NAMES_SCHEMES) >= 45);
    assert_true(rows_of(HF_NAMES_EXTENSIONS) >= 60);
    assert_true(rows_of(HF_NAMES_ALERTS) >= 35);
}

/* The engine's own tables say the same. */
static void test_agrees_with_the_engine(void **state)
{
    (void)state;
    for (size_t i = 0; hf_suite_row(i); i++)
        assert_string_equal(hf_name_of(HF_NAMES_SUITES, hf_suite_row(i)->code),
                            hf_suite_row(i)->name);
    for (size_t i = 0; hf_group_row(i); i++)
        assert_string_equal(hf_name_of(HF_NAMES_GROUPS, hf_group_row(i)->code),
                            hf_group_row(i)->name);
    for (size_t i = 0; hf_scheme_row(i); i++)
        assert_string_equal(hf_name_of(HF_NAMES_SCHEMES, hf_scheme_row(i)->code),
                            hf_scheme_row(i)->name);
    for (int ext = 0; ext < HF_EXT_COUNT; ext++) {
        uint16_t type = hf_extension_type((hf_ext)ext);
        assert_string_equal(hf_name_of(HF_NAMES_EXTENSIONS, type), hf_extension_name(type));
    }
#define HF_ALERT(alert, number, words)                                                             \
    assert_string_equal(hf_name_of(HF_NAMES_ALERTS, number), #alert);
#include <handfast/tables/alerts.def>
#undef HF_ALERT
}

/* server_hello_done for ServerHelloDone. */
static void test_agrees_on_messages(void **state)
{
    (void)state;
    for (int msg = HF_MSG_NONE + 1; msg < HF_MSG_UNKNOWN; msg++) {
        if (msg == HF_MSG_HelloRetryRequest || msg == HF_MSG_ChangeCipherSpec)
            continue;
        const char *engine = hf_msg_name((hf_msg)msg);
        const char *name = hf_name_of(HF_NAMES_MESSAGES, hf_msg_type((hf_msg)msg));
        assert_non_null(name);
        for (; *name; name++, engine++) {
            if (*name == '_')
                name++;
            assert_int_equal(*name, *engine | 0x20);
        }
        assert_int_equal(*engine, 0);
    }
}

static void test_words(void **state)
{
    static const struct {
        hf_names names;
        uint64_t value;
        const char *text;
    } rows[] = {
        { HF_NAMES_GROUPS, 0x001d, "x25519" },
        { HF_NAMES_GROUPS, 0x11ec, "X25519MLKEM768" },
        { HF_NAMES_GROUPS, 0x1234, "unknown (0x1234)" },
        { HF_NAMES_GROUPS, 0x2a2a, "GREASE (0x2a2a), which means nothing and must be ignored" },
        { HF_NAMES_SUITES, 0xfafa, "GREASE (0xfafa), which means nothing and must be ignored" },
        { HF_NAMES_SUITES, 0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV" },
        { HF_NAMES_SUITES, 0x5600, "TLS_FALLBACK_SCSV" },
        { HF_NAMES_SUITES, 0x0a1a, "unknown (0x0a1a)" },
        { HF_NAMES_VERSIONS, 0x0300, "SSL 3.0" },
        { HF_NAMES_VERSIONS, 0x7f1c, "TLS 1.3 draft 28" },
        { HF_NAMES_SCHEMES, 0x0201, "rsa_pkcs1_sha1" },
        { HF_NAMES_SCHEMES, 0x0905, "mldsa65" },
        { HF_NAMES_EXTENSIONS, 0xfe0d, "encrypted_client_hello" },
        { HF_NAMES_EXTENSIONS, 17613, "application_settings" },
        { HF_NAMES_PSK_MODES, 1, "psk_dhe_ke" },
        { HF_NAMES_PSK_MODES, 0x2a, "GREASE (0x2a), which means nothing and must be ignored" },
        { HF_NAMES_ALERTS, 121, "ech_required" },
        { HF_NAMES_ALERTS, 0x2a, "bad_certificate" },
        { HF_NAMES_COMPRESSIONS, 7, "unknown (0x07)" },
        { HF_NAMES_NONE, 7, "unknown (0x07)" },
    };
    char text[HF_NAME_ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(hf_code_text(rows[i].names, rows[i].value, text), rows[i].text);
}

/* RFC 8701 2: sixteen values of two bytes, eight of one. */
static void test_grease(void **state)
{
    static const uint8_t modes[] = { 0x0b, 0x2a, 0x49, 0x68, 0x87, 0xa6, 0xc5, 0xe4 };
    size_t n = 0, k = 0;

    (void)state;
    for (uint32_t v = 0; v <= 0xffff; v++)
        n += hf_name_is_grease(HF_NAMES_EXTENSIONS, v);
    assert_int_equal(n, 16);
    for (unsigned v = 0; v <= 0xff; v++)
        if (hf_name_is_grease(HF_NAMES_PSK_MODES, v))
            assert_int_equal(v, modes[k++]);
    assert_int_equal(k, COUNT(modes));
    assert_false(hf_name_is_grease(HF_NAMES_GROUPS, 0x10a0a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorted_without_doubles),
        cmocka_unit_test(test_no_name_twice),
        cmocka_unit_test(test_whole_registries),
        cmocka_unit_test(test_agrees_with_the_engine),
        cmocka_unit_test(test_agrees_on_messages),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_grease),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
