/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* PEM blocks and the base64 in them. */
#include "crypto/base64.h"
#include "crypto/signature.h"
#include "crypto_support.h"

/* ---- base64 ---- */

/* RFC 4648 section 10. */
static const char *const known[][2] = {
    { "", "" },
    { "f", "Zg==" },
    { "fo", "Zm8=" },
    { "foo", "Zm9v" },
    { "foob", "Zm9vYg==" },
    { "fooba", "Zm9vYmE=" },
    { "foobar", "Zm9vYmFy" },
};

static void known_base64(void **state)
{
    uint8_t out[16];
    size_t len;

    (void)state;
    for (size_t i = 0; i < COUNT(known); i++) {
        char text[16] = "";

        hf_base64_encode(hf_span_str(known[i][0]), text);
        assert_string_equal(text, known[i][1]);
        assert_int_equal(hf_base64_len(strlen(known[i][0])), strlen(known[i][1]));
        assert_true(hf_base64_decode(hf_span_str(known[i][1]), out, &len));
        assert_int_equal(len, strlen(known[i][0]));
        assert_memory_equal(out, known[i][0], len);
    }
}

/* All 64 digits in all four places. */
static void every_digit(void **state)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[5] = "";
    uint8_t in[3], out[3];
    size_t len;

    (void)state;
    for (unsigned v = 0; v < 64; v++)
        for (unsigned place = 0; place < 4; place++) {
            unsigned bits = v << (18 - 6 * place);

            in[0] = (uint8_t)(bits >> 16), in[1] = (uint8_t)(bits >> 8), in[2] = (uint8_t)bits;
            hf_base64_encode(hf_span_of(in, 3), text);
            for (unsigned i = 0; i < 4; i++)
                assert_int_equal(text[i], i == place ? digits[v] : 'A');
            assert_true(hf_base64_decode(hf_span_str(text), out, &len));
            assert_int_equal(len, 3);
            assert_memory_equal(out, in, 3);
        }
}

/* The other 192 bytes are no digits. White space is skipped, "=" pads. */
static void every_other_byte(void **state)
{
    uint8_t text[5] = "AAAAA", out[3];
    size_t len;

    (void)state;
    for (int c = 0; c < 256; c++) {
        bool digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                     c == '+' || c == '/';
        bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';

        text[1] = (uint8_t)c;
        assert_int_equal(hf_base64_decode(hf_span_of(text, 4), out, &len), digit);
        assert_int_equal(hf_base64_decode(hf_span_of(text, 5), out, &len), space);
    }
}

static const char *const malformed[] = {
    "A",     "AA",       "AAA",      "A===", "AA=",  "AAA==", "====", "=",
    "==",    "AA==AA==", "AA==A",    "=AAA", "A=AA", "AB==",  "AAB=", /* bits that the padding leaves unused */
    "AAAA=", "AAAA==",   "AAAA====",
};

static void malformed_base64(void **state)
{
    uint8_t out[16];
    size_t len;

    (void)state;
    for (size_t i = 0; i < COUNT(malformed); i++)
        if (hf_base64_decode(hf_span_str(malformed[i]), out, &len))
            fail_msg("accepted: %s", malformed[i]);
}

/* ---- blocks ---- */

static void expect_block(hf_span *pem, const char *label, const char *content)
{
    uint8_t *der = NULL;
    size_t len = 0;

    assert_int_equal(hf_pem_next(pem, label, &der, &len), HF_OK);
    assert_int_equal(len, strlen(content));
    assert_memory_equal(der, content, len);
    hf_free(der);
}

static void expect_end(hf_span *pem, const char *label)
{
    uint8_t *der = NULL;
    size_t len = 0;

    assert_int_equal(hf_pem_next(pem, label, &der, &len), HF_E_CONFIG_PEM);
    assert_int_equal(pem->len, 0);
    assert_null(der);
}

static void several_blocks(void **state)
{
    hf_span pem = hf_span_str(
        "some words before\n"
        "-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n"
        "-----BEGIN PRIVATE KEY-----\nZm8=\n-----END PRIVATE KEY-----\n"
        "subject=CN = x\n"
        "-----BEGIN CERTIFICATE----- \r\nZm\r\n 9vY\tg==\r\n-----END CERTIFICATE-----\r\n"
        "-----BEGIN CERTIFICATE-----\nZg==\n-----END CERTIFICATE-----");

    (void)state;
    hf_span keys = pem;
    expect_block(&pem, "CERTIFICATE", "foo");
    expect_block(&pem, "CERTIFICATE", "foob");
    expect_block(&pem, "CERTIFICATE", "f");
    expect_end(&pem, "CERTIFICATE");
    expect_end(&pem, "CERTIFICATE");
    expect_block(&keys, "PRIVATE KEY", "fo");
    expect_end(&keys, "PRIVATE KEY");
}

static const char *const nothing[] = {
    "",
    "\n",
    "-----",
    "CERTIFICATE",
    "-----BEGIN CERTIFICATE",
    "-----BEGIN CERTIFICATE----",
    " -----BEGIN CERTIFICATE-----\nZg==\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATES-----\nZg==\n-----END CERTIFICATES-----\n",
    "-----BEGIN TRUSTED CERTIFICATE-----\nZg==\n-----END TRUSTED CERTIFICATE-----\n",
    "-----END CERTIFICATE-----\nZg==\n-----BEGIN CERTIFICATE----",
};

static void no_block(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(nothing); i++) {
        hf_span pem = hf_span_str(nothing[i]);

        expect_end(&pem, "CERTIFICATE");
    }
    hf_span none = { NULL, 0 };
    expect_end(&none, "CERTIFICATE");
}

static const char *const broken[] = {
    "-----BEGIN CERTIFICATE-----\nZg=\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nZg==\n",
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN CERTIFICATE-----\nZg==\n-----END CERTIFICATE----\n",
    "-----BEGIN CERTIFICATE-----\nZg==\n-----END PRIVATE KEY-----\n",
    "-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nZg==\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n\nZg==\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nZ.==\n-----END CERTIFICATE-----\n",
};

/* A block that is there and bad is told from the end: *pem stays at it. */
static void broken_blocks(void **state)
{
    char text[400];
    uint8_t *der = NULL;
    size_t len;

    (void)state;
    for (size_t i = 0; i < COUNT(broken); i++) {
        snprintf(text, sizeof text, "words\n%s", broken[i]);
        hf_span pem = hf_span_str(text);

        assert_int_equal(hf_pem_next(&pem, "CERTIFICATE", &der, &len), HF_E_CONFIG_PEM);
        assert_int_equal(pem.len, strlen(broken[i]));
        assert_ptr_equal(pem.data, text + 6);
        assert_null(der);
    }
}

/* No cut of a text makes the reader go outside of it. */
static void every_cut(void **state)
{
    static const char text[] = "-----BEGIN CERTIFICATE-----\nZm9vYmFy\n-----END CERTIFICATE-----\n";

    (void)state;
    for (size_t len = 0; len <= strlen(text); len++) {
        uint8_t *copy = malloc(len), *der = NULL;
        hf_span pem = { copy, len };
        size_t der_len;

        memcpy(copy, text, len);
        bool whole = len >= strlen(text) - 1;
        assert_int_equal(hf_pem_next(&pem, "CERTIFICATE", &der, &der_len),
                         whole ? HF_OK : HF_E_CONFIG_PEM);
        hf_free(der);
        free(copy);
    }
}

/* RFC 7468 section 2: lines of 64, the last may be shorter. */
static void written_and_read(void **state)
{
    uint8_t content[200], *pem, *der;
    size_t pem_len, der_len;

    (void)state;
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)(i * 29 + 1);
    for (size_t len = 1; len <= sizeof content; len++) {
        assert_int_equal(hf_pem_write("X509 CRL", hf_span_of(content, len), &pem, &pem_len), HF_OK);
        assert_int_equal(strlen((char *)pem), pem_len);
        for (char *line = strchr((char *)pem, '\n') + 1; line[0] != '-';
             line = strchr(line, '\n') + 1)
            assert_true(strcspn(line, "\n") == 64 || strchr(line, '\n')[1] == '-');
        hf_span text = hf_span_of(pem, pem_len);
        assert_int_equal(hf_pem_next(&text, "X509 CRL", &der, &der_len), HF_OK);
        assert_int_equal(der_len, len);
        assert_memory_equal(der, content, len);
        assert_int_equal(text.len, 0);
        hf_free(der);
        hf_free(pem);
    }
}

static void exact_text(void **state)
{
    uint8_t *pem;
    size_t len;

    (void)state;
    assert_int_equal(hf_pem_write("A", hf_span_str("foobar"), &pem, &len), HF_OK);
    assert_string_equal((char *)pem, "-----BEGIN A-----\nZm9vYmFy\n-----END A-----\n");
    hf_free(pem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_base64),     cmocka_unit_test(every_digit),
        cmocka_unit_test(every_other_byte), cmocka_unit_test(malformed_base64),
        cmocka_unit_test(several_blocks),   cmocka_unit_test(no_block),
        cmocka_unit_test(broken_blocks),    cmocka_unit_test(every_cut),
        cmocka_unit_test(written_and_read), cmocka_unit_test(exact_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
