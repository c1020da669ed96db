/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The shortest and the longest of each vector that the presentation language allows, and one beyond. */
#include "unit/wire_samples.h"

/* ---- extensions ---- */

/* extension_data: head, then before, a vector of n bytes whose length takes `width` bytes, and
   after, these three inside a list with a 16-bit length if `list` is set; then tail. */
typedef struct row {
    hf_ext ext;
    unsigned message;
    const char *head;
    bool list;
    const char *before;
    size_t width;
    const char *after, *tail;
    size_t min, max;
} row;

#define MANY 60000 /* the block could not hold 2^16-1 */
#define ALPN HF_EXT_application_layer_protocol_negotiation
#define PSK  HF_EXT_pre_shared_key

static const row vectors[] = {
    { HF_EXT_server_name, IN_CH, "", true, "00", 2, "", "", 1, MANY },
    { HF_EXT_server_name, IN_CH, "", true, "00 0001 61 05", 2, "", "", 0, MANY },
    { HF_EXT_renegotiation_info, IN_CH, "", false, "", 1, "", "", 0, 255 },
    { HF_EXT_supported_groups, IN_CH, "", false, "", 2, "", "", 2, MANY },
    { HF_EXT_ec_point_formats, IN_CH, "", false, "", 1, "", "", 1, 255 },
    { ALPN, IN_CH, "", true, "", 1, "", "", 1, 255 },
    { ALPN, IN_EE, "", true, "", 1, "", "", 1, 255 },
    { ALPN, IN_CH, "", true, "01 61", 1, "", "", 1, 255 },
    { HF_EXT_status_request, IN_CH, "01", true, "", 2, "", "0000", 1, MANY },
    { HF_EXT_status_request, IN_CH, "01 0000", false, "", 2, "", "", 0, MANY },
    { HF_EXT_status_request, IN_CT, "01", false, "", 3, "", "", 1, MANY },
    { HF_EXT_signature_algorithms, IN_CH, "", false, "", 2, "", "", 2, MANY },
    { HF_EXT_signature_algorithms_cert, IN_CR, "", false, "", 2, "", "", 2, MANY },
    { HF_EXT_signed_certificate_timestamp, IN_CT, "", true, "", 2, "", "", 1, MANY },
    { HF_EXT_key_share, IN_CH, "", true, "001d", 2, "", "", 1, MANY },
    { HF_EXT_key_share, IN_SH, "001d", false, "", 2, "", "", 1, MANY },
    { HF_EXT_psk_key_exchange_modes, IN_CH, "", false, "", 1, "", "", 1, 255 },
    { HF_EXT_supported_versions, IN_CH, "", false, "", 1, "", "", 2, 254 },
    { HF_EXT_cookie, IN_CH, "", false, "", 2, "", "", 1, MANY },
    { HF_EXT_cookie, IN_HRR, "", false, "", 2, "", "", 1, MANY },
    { HF_EXT_certificate_authorities, IN_CR, "", true, "", 2, "", "", 1, MANY },
    { HF_EXT_oid_filters, IN_CR, "", true, "", 1, "0000", "", 1, 255 },
    { HF_EXT_oid_filters, IN_CR, "", true, "01 55", 2, "", "", 0, MANY },
    { PSK, IN_CH, "", true, "", 2, "00000001", "0021 " BINDER, 1, MANY },
    { PSK, IN_CH, "0007 0001 61 00000001", true, "", 1, "", "", 32, 255 },
};

static hf_error try_length(const row *v, size_t n, hf_fault *fault)
{
    static bytes data, inside;
    hf_extensions ext;

    data.len = inside.len = 0;
    add_hex(&inside, v->before);
    add_uint(&inside, n, v->width);
    memset(inside.data + inside.len, 0xaa, n);
    inside.len += n;
    add_hex(&inside, v->after);
    add_hex(&data, v->head);
    if (v->list)
        add_uint(&data, inside.len, 2);
    add_bytes(&data, span_of(&inside));
    add_hex(&data, v->tail);
    return read_data(v->ext, v->message, span_of(&data), &ext, fault, NULL);
}

static void test_vectors_in_extensions(void **state)
{
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        const row *v = &vectors[i];
        if (try_length(v, v->min, &fault) != HF_OK || try_length(v, v->max, &fault) != HF_OK)
            fail_msg("row %zu: %s: %s", i, fault.path, fault.rule);
        if (v->min > 0)
            assert_int_equal(try_length(v, v->min - 1, &fault), HF_E_LENGTH_OUT_OF_RANGE);
        if (v->max == 254)
            assert_int_equal(try_length(v, v->max + 1, &fault), HF_E_LENGTH_OUT_OF_RANGE);
    }
}

/* ---- messages ---- */

#define RANDOM "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* A body: before, a vector of n bytes, after. */
static const struct {
    hf_msg msg;
    const hf_wire *w;
    const char *before;
    size_t width;
    const char *after;
    size_t min, max;
} fields[] = {
    { HF_MSG_ClientHello, &TLS13, "0303" RANDOM, 1, "0002 1301 01 00", 0, 32 },
    { HF_MSG_ClientHello, &TLS13, "0303" RANDOM "00", 2, "01 00", 2, 65534 },
    { HF_MSG_ClientHello, &TLS13, "0303" RANDOM "00 0002 1301", 1, "", 1, 255 },
    { HF_MSG_ServerHello, &TLS13, "0303" RANDOM, 1, "1301 00", 0, 32 },
    { HF_MSG_CertificateRequest, &TLS13, "", 1, "0000", 0, 255 },
    { HF_MSG_Certificate, &TLS13, "", 1, "000000", 0, 255 },
    { HF_MSG_CertificateVerify, &TLS13, "0403", 2, "", 0, 65535 },
    { HF_MSG_NewSessionTicket, &TLS13, "00000000 00000000", 1, "0001 aa 0000", 0, 255 },
    { HF_MSG_NewSessionTicket, &TLS13, "00000000 00000000 00", 2, "0000", 1, 65535 },
    { HF_MSG_Finished, &TLS13, RANDOM, 0, "", 0, 32 },
    { HF_MSG_CertificateRequest, &TLS12, "", 1, "0002 0403 0000", 1, 255 },
    { HF_MSG_CertificateRequest, &TLS12, "01 40", 2, "0000", 2, 65534 },
    { HF_MSG_NewSessionTicket, &TLS12, "00000000", 2, "", 0, 65535 },
    { HF_MSG_ServerKeyExchange, &TLS12, "03 001d", 1, "0403 0000", 1, 255 },
    { HF_MSG_ServerKeyExchange, &TLS12, "03 001d 01 aa 0403", 2, "", 0, 65535 },
    { HF_MSG_ClientKeyExchange, &TLS12, "", 1, "", 1, 255 },
    { HF_MSG_ClientKeyExchange, &TLS12_RSA, "", 2, "", 0, 65535 },
    { HF_MSG_CertificateStatus, &TLS12, "01", 3, "", 1, 66000 },
};

static hf_error try_field(size_t i, size_t n, hf_fault *fault)
{
    static bytes body;

    body.len = 0;
    add_hex(&body, fields[i].before);
    add_uint(&body, n, fields[i].width);
    memset(body.data + body.len, 0xaa, n);
    body.len += n;
    add_hex(&body, fields[i].after);
    return read_tight(fields[i].msg, fields[i].w, span_of(&body), fault);
}

static void test_vectors_in_messages(void **state)
{
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (try_field(i, fields[i].min, &fault) != HF_OK ||
            try_field(i, fields[i].max, &fault) != HF_OK)
            fail_msg("row %zu: %s: %s", i, fault.path, fault.rule);
        if (fields[i].min > 0)
            assert_int_equal(try_field(i, fields[i].min - 1, &fault), HF_E_LENGTH_OUT_OF_RANGE);
        if (fields[i].max == 32 || fields[i].max == 65534)
            assert_int_equal(try_field(i, fields[i].max + 1, &fault), HF_E_LENGTH_OUT_OF_RANGE);
    }
}

/* A Certificate of 2^16 bytes and more, as chains with long extensions are. */
static void test_long_certificate(void **state)
{
    static bytes body;
    static hf_certificate certificate;
    hf_fault fault = { 0 };

    (void)state;
    body.len = 0;
    add_uint(&body, 0, 1);
    add_uint(&body, 3 + 69000 + 2, 3);
    add_uint(&body, 69000, 3);
    body.len += 69000;
    add_uint(&body, 0, 2);
    hf_reader r = hf_rd_start(span_of(&body), "Certificate", 4, &fault, NULL);
    hf_certificate_read(&r, &TLS13, &certificate);
    assert_int_equal(fault.code, HF_OK);
    assert_int_equal(certificate.entries[0].cert_data.len, 69000);
}

/* A block as long as its prefix can say. */
static void test_full_block(void **state)
{
    static bytes block;
    hf_extensions ext;
    hf_fault fault;

    (void)state;
    block.len = 0;
    add_uint(&block, 21, 2);
    add_uint(&block, 65531, 2);
    memset(block.data + 4, 0, 65531);
    block.len += 65531;
    assert_int_equal(read_block(IN_CH, span_of(&block), &ext, &fault, NULL), HF_OK);
    assert_int_equal(ext.padding, 65531);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_in_extensions),
        cmocka_unit_test(test_vectors_in_messages),
        cmocka_unit_test(test_long_certificate),
        cmocka_unit_test(test_full_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
