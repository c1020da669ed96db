/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The messages that TLS 1.2 has alone, and those to which it gives another structure: read, named
 * byte by byte, written back, cut, lengthened and broken. The long ones are as OpenSSL 3.0 sent them.
 */
#include "unit/wire_support.h"

#define SCHEMES                                                                                    \
    "0028 0403 0503 0603 0807 0808 0809 080a 080b 0804 0805 0806 0401 0501 0601 0303 0301 0302"    \
    "0402 0502 0602 "
#define NAME   "300c310a300806035504030c0161 "
#define POINT  "20 5919796ce2ddd51f5aa1ea4a0940d8c6b10ebe5f10a23ba5868e538b2a3f1f38 "
#define PARAMS "03 001d " POINT
#define SIGNATURE                                                                                  \
    "0047 3045022100f392d281d800350543a439f40061759918079b7427b442b4cdb4748a61686af6"              \
    "0220415fa26a554aeafeaec5b0dbd6f4607d4c3ec9920c56a6c21eb7ec412c25d581 "
#define YC "20 2af6caaeb5173c8a3915861fb0a056eaa43e4fe4ffc0354acf1094e247303754 "

#define CERT "+certificate_list +cert_data cert_data "
#define CR_HEAD                                                                                    \
    "+certificate_types certificate_types "                                                        \
    "+supported_signature_algorithms supported_signature_algorithms "                              \
    "+certificate_authorities "
#define DN      "+DistinguishedName DistinguishedName "
#define SKE     "curve_type named_curve +point point algorithm +signature signature "
#define HINT    "+psk_identity_hint psk_identity_hint "
#define SHARE   "curve_type named_curve +point point "
#define ID      "+psk_identity psk_identity "
#define RSA_CKE "+encrypted_pre_master_secret encrypted_pre_master_secret "

/* With a pre-shared key. */
static const hf_wire ECDHE_PSK = { .version = HF_TLS12, .kx = HF_KX_ECDHE_PSK };
static const hf_wire PSK = { .version = HF_TLS12, .kx = HF_KX_PSK };

/* A body, and its fields in order; + marks a length. */
typedef struct golden {
    hf_msg msg;
    const hf_wire *w;
    const char *hex, *fields;
} golden;

static const golden bodies[] = {
    { HF_MSG_Certificate, &TLS12, "000000", "+certificate_list " },
    { HF_MSG_Certificate, &TLS12, "000004 000001 30", CERT },
    { HF_MSG_Certificate, &TLS12, "000009 000001 30 000002 3000", CERT "+cert_data cert_data " },
    { HF_MSG_CertificateRequest, &TLS12, "03 010240 " SCHEMES "0010 000e " NAME, CR_HEAD DN },
    { HF_MSG_CertificateRequest, &TLS12, "01 40 0002 0403 0000", CR_HEAD },
    { HF_MSG_CertificateRequest, &TLS12, "01 40 0002 0403 0006 0001 31 0001 32", CR_HEAD DN DN },
    { HF_MSG_NewSessionTicket, &TLS12, "00001c20 0003 aabbcc",
      "ticket_lifetime_hint +ticket ticket " },
    { HF_MSG_NewSessionTicket, &TLS12, "00000000 0000", "ticket_lifetime_hint +ticket ticket " },
    { HF_MSG_ServerKeyExchange, &TLS12, PARAMS "0403 " SIGNATURE, SKE },
    { HF_MSG_ServerKeyExchange, &TLS12, "03 0017 01 04 0804 0000", SKE },
    { HF_MSG_ServerKeyExchange, &TLS12, "01 ffff 01 00 0000 0001 ff", SKE },
    { HF_MSG_ClientKeyExchange, &TLS12, YC, "+ecdh_Yc ecdh_Yc " },
    { HF_MSG_ClientKeyExchange, &TLS12, "01 04", "+ecdh_Yc ecdh_Yc " },
    { HF_MSG_ClientKeyExchange, &TLS12_RSA, "0004 01020304", RSA_CKE },
    { HF_MSG_ClientKeyExchange, &TLS12_RSA, "0000", RSA_CKE },
    /* RFC 5489 2, RFC 4279 2 */
    { HF_MSG_ServerKeyExchange, &ECDHE_PSK, "0000 " PARAMS, HINT SHARE },
    { HF_MSG_ServerKeyExchange, &ECDHE_PSK, "0003 616263 03 0017 01 04", HINT SHARE },
    { HF_MSG_ServerKeyExchange, &PSK, "0000", HINT },
    { HF_MSG_ServerKeyExchange, &PSK, "0002 6869", HINT },
    { HF_MSG_ClientKeyExchange, &ECDHE_PSK, "0001 61 " YC, ID "+ecdh_Yc ecdh_Yc " },
    { HF_MSG_ClientKeyExchange, &ECDHE_PSK, "0000 01 04", ID "+ecdh_Yc ecdh_Yc " },
    { HF_MSG_ClientKeyExchange, &PSK, "0004 61626364", ID },
    { HF_MSG_ClientKeyExchange, &PSK, "0000", ID },
    { HF_MSG_CertificateStatus, &TLS12, "01 000005 30030a0106",
      "status_type +OCSPResponse OCSPResponse " },
};

/* A whole message, with its header. */
static hf_span message_of(const golden *row)
{
    static bytes body, out;

    body.len = out.len = 0;
    add_hex(&body, row->hex);
    add_uint(&out, hf_msg_type(row->msg), 1);
    add_uint(&out, body.len, 3);
    add_bytes(&out, span_of(&body));
    return span_of(&out);
}

static hf_span body_of(hf_span message)
{
    return hf_span_of(message.data + HF_HANDSHAKE_HEADER, message.len - HF_HANDSHAKE_HEADER);
}

static events heard;

static hf_error explain(const golden *row, hf_span message, hf_fault *fault)
{
    hf_field_sink sink = { hear, &heard };

    heard.n = 0;
    heard.depth = 0;
    return hf_message_explain(row->msg, row->w, message, &sink, fault);
}

static void test_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++)
        assert_round_trip(bodies[i].msg, bodies[i].w, message_of(&bodies[i]));
}

static void test_every_byte_has_a_name(void **state)
{
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        hf_span message = message_of(&bodies[i]);
        char fields[1024] = "";
        assert_int_equal(explain(&bodies[i], message, &fault), HF_OK);
        assert_covered(&heard, 0, message.len);
        for (size_t k = 3; k < heard.n; k++) {
            const hf_field *f = &heard.at[k].field;
            size_t n = strlen(fields);
            if (is_leaf(f->kind))
                snprintf(fields + n, sizeof fields - n, "%s%s ",
                         f->kind == HF_FIELD_LENGTH ? "+" : "", f->name);
        }
        assert_string_equal(fields, bodies[i].fields);
    }
}

static void test_every_cut_is_a_fault(void **state)
{
    char path[HF_FAULT_PATH_MAX];
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        hf_msg msg = bodies[i].msg;
        hf_span message = message_of(&bodies[i]);
        explain(&bodies[i], message, &fault);
        for (size_t cut = HF_HANDSHAKE_HEADER; cut < message.len; cut++) {
            const hf_field *field = field_cut(&heard, 1, cut);
            hf_span body = body_of(hf_span_of(message.data, cut));
            assert_int_equal(read_tight(msg, bodies[i].w, body, &fault), HF_E_TRUNCATED);
            snprintf(path, sizeof path, "%s.%s", hf_msg_name(msg), field->name);
            assert_string_equal(fault.path, path);
            assert_int_equal(fault.offset, field->offset);
        }
    }
}

static void test_one_more_byte_is_a_fault(void **state)
{
    static bytes longer;
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        longer.len = 0;
        add_bytes(&longer, message_of(&bodies[i]));
        add_uint(&longer, 0, 1);
        assert_int_equal(read_tight(bodies[i].msg, bodies[i].w, body_of(span_of(&longer)), &fault),
                         HF_E_TRAILING_BYTES);
        assert_string_equal(fault.path, hf_msg_name(bodies[i].msg));
        assert_int_equal(fault.offset, longer.len - 1);
    }
}

/* A builder without room fails once and for all, wherever it ends. */
static void test_no_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        hf_span message = message_of(&bodies[i]), back;
        hf_fault fault;
        for (size_t room = 0; room < message.len; room++) {
            uint8_t *out = malloc(room > 0 ? room : 1);
            hf_builder b = hf_wr_start(out, room);
            hf_message_open(&b, bodies[i].msg);
            read_write(bodies[i].msg, bodies[i].w, body_of(message), &b, &fault);
            hf_message_close(&b);
            assert_int_equal(hf_wr_finish(&b, &back), HF_E_LIMIT);
            free(out);
        }
    }
}

/* ---- broken in one field ---- */

#define SHORT HF_E_LENGTH_OUT_OF_RANGE
#define CUT   HF_E_TRUNCATED
#define MORE  HF_E_TRAILING_BYTES

static const struct {
    hf_msg msg;
    const hf_wire *w;
    const char *hex;
    hf_error code;
    const char *path;
    size_t at; /* in the body */
} malformed[] = {
    { HF_MSG_Certificate, &TLS12, "000003 000000", SHORT, "Certificate.certificate_list.cert_data",
      3 },
    { HF_MSG_Certificate, &TLS12, "000003 000001 30", CUT, "Certificate.certificate_list.cert_data",
      6 },
    { HF_MSG_Certificate, &TLS12, "000002 0000", CUT, "Certificate.certificate_list.cert_data", 3 },
    { HF_MSG_Certificate, &TLS12, "000005 000001 30 00", CUT,
      "Certificate.certificate_list.cert_data", 7 },
    { HF_MSG_CertificateRequest, &TLS12, "00 0002 0403 0000", SHORT,
      "CertificateRequest.certificate_types", 0 },
    { HF_MSG_CertificateRequest, &TLS12, "01 40 0000 0000", SHORT,
      "CertificateRequest.supported_signature_algorithms", 2 },
    { HF_MSG_CertificateRequest, &TLS12, "01 40 0001 04 0000", SHORT,
      "CertificateRequest.supported_signature_algorithms", 2 },
    { HF_MSG_CertificateRequest, &TLS12, "01 40 0003 040308 0000", HF_E_ODD_LIST,
      "CertificateRequest.supported_signature_algorithms", 2 },
    { HF_MSG_CertificateRequest, &TLS12, "01 40 0002 0403 0002 0000", SHORT,
      "CertificateRequest.certificate_authorities.DistinguishedName", 8 },
    { HF_MSG_CertificateRequest, &TLS12, "01 40 0002 0403 0003 0002 31", CUT,
      "CertificateRequest.certificate_authorities.DistinguishedName", 10 },
    { HF_MSG_CertificateRequest, &TLS12, "01 40 0002 0403 0004 0001 31 00", CUT,
      "CertificateRequest.certificate_authorities.DistinguishedName", 11 },
    { HF_MSG_CertificateRequest, &TLS12, "01 40 0002 0403 0000 0000", MORE, "CertificateRequest",
      8 },
    { HF_MSG_NewSessionTicket, &TLS12, "00001c20 0001", CUT, "NewSessionTicket.ticket", 6 },
    { HF_MSG_NewSessionTicket, &TLS12, "00001c20 0000 0000", MORE, "NewSessionTicket", 6 },
    { HF_MSG_ServerKeyExchange, &TLS12, "03 0017 00 0403 0000", SHORT, "ServerKeyExchange.point",
      3 },
    { HF_MSG_ServerKeyExchange, &TLS12, "03 0017 ff 0403 0000", CUT, "ServerKeyExchange.point", 4 },
    { HF_MSG_ServerKeyExchange, &TLS12, "03 0017 01 04 0403 0002 aa", CUT,
      "ServerKeyExchange.signature", 9 },
    { HF_MSG_ClientKeyExchange, &TLS12, "00", SHORT, "ClientKeyExchange.ecdh_Yc", 0 },
    { HF_MSG_ClientKeyExchange, &TLS12, "02 04", CUT, "ClientKeyExchange.ecdh_Yc", 1 },
    { HF_MSG_ClientKeyExchange, &TLS12_RSA, "0002 aa", CUT,
      "ClientKeyExchange.encrypted_pre_master_secret", 2 },
    /* SSL 3.0 had no length there */
    { HF_MSG_ClientKeyExchange, &TLS12_RSA, "a1b2c3d4", CUT,
      "ClientKeyExchange.encrypted_pre_master_secret", 2 },
    { HF_MSG_ServerKeyExchange, &ECDHE_PSK, "0000", CUT, "ServerKeyExchange.curve_type", 2 },
    { HF_MSG_ServerKeyExchange, &ECDHE_PSK, "0001 61 03 0017 00", SHORT, "ServerKeyExchange.point",
      6 },
    /* it is not signed */
    { HF_MSG_ServerKeyExchange, &ECDHE_PSK, "0000 03 0017 01 04 0403 0000", MORE,
      "ServerKeyExchange", 7 },
    { HF_MSG_ServerKeyExchange, &PSK, "0000 03 0017 01 04", MORE, "ServerKeyExchange", 2 },
    { HF_MSG_ServerKeyExchange, &PSK, "", CUT, "ServerKeyExchange.psk_identity_hint", 0 },
    { HF_MSG_ServerKeyExchange, &PSK, "0003 6162", CUT, "ServerKeyExchange.psk_identity_hint", 2 },
    { HF_MSG_ClientKeyExchange, &ECDHE_PSK, "0001 61", CUT, "ClientKeyExchange.ecdh_Yc", 3 },
    { HF_MSG_ClientKeyExchange, &ECDHE_PSK, "0001 61 00", SHORT, "ClientKeyExchange.ecdh_Yc", 3 },
    { HF_MSG_ClientKeyExchange, &PSK, "0001 61 01 04", MORE, "ClientKeyExchange", 3 },
    { HF_MSG_ClientKeyExchange, &PSK, "", CUT, "ClientKeyExchange.psk_identity", 0 },
    { HF_MSG_ClientKeyExchange, &PSK, "0005 61626364", CUT, "ClientKeyExchange.psk_identity", 2 },
    { HF_MSG_CertificateStatus, &TLS12, "00 000001 30", HF_E_STATUS_TYPE,
      "CertificateStatus.status_type", 0 },
    { HF_MSG_CertificateStatus, &TLS12, "02 000004 000001 30", HF_E_STATUS_TYPE,
      "CertificateStatus.status_type", 0 },
    { HF_MSG_CertificateStatus, &TLS12, "01 000000", SHORT, "CertificateStatus.OCSPResponse", 1 },
    { HF_MSG_CertificateStatus, &TLS12, "01 000002 30", CUT, "CertificateStatus.OCSPResponse", 4 },
};

static void test_malformed(void **state)
{
    static bytes body;
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(malformed); i++) {
        body.len = 0;
        add_hex(&body, malformed[i].hex);
        hf_error e = read_tight(malformed[i].msg, malformed[i].w, span_of(&body), &fault);
        if (e != malformed[i].code || strcmp(fault.path, malformed[i].path) != 0 ||
            fault.offset != HF_HANDSHAKE_HEADER + malformed[i].at)
            fail_msg("%s %s: %s at %s, byte %zu", malformed[i].path, malformed[i].hex,
                     hf_error_row_of(e)->name, fault.path, fault.offset);
    }
}

/* ---- what the structs hold ---- */

/* A struct full of something else first: what a message does not have must be empty afterwards. */
#define READ(type, parsed, hex)                                                                    \
    hf_fault fault = { 0 };                                                                        \
    memset(parsed, 0xee, sizeof *(parsed));                                                        \
    hf_reader r = hf_rd_start(bytes_of(hex), #type, HF_HANDSHAKE_HEADER, &fault, NULL);            \
    hf_##type##_read(&r, &TLS12, parsed);                                                          \
    assert_int_equal(fault.code, HF_OK)

static hf_span bytes_of(const char *hex)
{
    static bytes out[2];
    static unsigned turn;
    bytes *b = &out[turn++ % 2];

    b->len = 0;
    add_hex(b, hex);
    return span_of(b);
}

static void assert_bytes(hf_span got, const char *hex)
{
    assert_true(hf_span_equal(got, bytes_of(hex)));
}

static void assert_no_extensions(const hf_extensions *ext)
{
    static const hf_extensions none;

    assert_memory_equal(ext, &none, sizeof none);
}

static void test_certificate_fields(void **state)
{
    static hf_certificate certificate;

    (void)state;
    READ(certificate, &certificate, "000009 000001 30 000002 3001");
    assert_int_equal(certificate.certificate_request_context.len, 0);
    assert_int_equal(certificate.n_entries, 2);
    assert_bytes(certificate.entries[0].cert_data, "30");
    assert_bytes(certificate.entries[1].cert_data, "3001");
    assert_no_extensions(&certificate.entries[0].ext);
    assert_no_extensions(&certificate.entries[1].ext);
}

static void test_length_of_chain(void **state)
{
    static bytes body;
    hf_fault fault;

    (void)state;
    for (size_t n = HF_CERTIFICATE_ENTRIES_MAX; n <= HF_CERTIFICATE_ENTRIES_MAX + 1; n++) {
        body.len = 0;
        add_uint(&body, 4 * n, 3);
        for (size_t i = 0; i < n; i++)
            add_hex(&body, "000001 30");
        assert_int_equal(read_tight(HF_MSG_Certificate, &TLS12, span_of(&body), &fault),
                         n > HF_CERTIFICATE_ENTRIES_MAX ? HF_E_CERT_CHAIN_TOO_LONG : HF_OK);
    }
    assert_int_equal(fault.offset, HF_HANDSHAKE_HEADER + 3 + 4 * HF_CERTIFICATE_ENTRIES_MAX);
    assert_string_equal(fault.path, "Certificate.certificate_list.cert_data");
}

/* RFC 5246 7.4.4: the lists stand where the extensions of TLS 1.3 do. */
static void test_certificate_request_fields(void **state)
{
    static hf_certificate_request request;
    hf_span rest, name;

    (void)state;
    READ(certificate_request, &request, "02 0140 0004 0403 0804 0007 0001 31 0002 3232");
    assert_int_equal(request.certificate_request_context.len, 0);
    assert_bytes(request.certificate_types, "0140");
    assert_int_equal(request.ext.present,
                     HF_EXT_BIT(signature_algorithms) | HF_EXT_BIT(certificate_authorities));
    assert_bytes(request.ext.signature_algorithms, "0403 0804");
    rest = request.ext.authorities;
    assert_true(hf_name16_next(&rest, &name));
    assert_bytes(name, "31");
    assert_true(hf_name16_next(&rest, &name));
    assert_bytes(name, "3232");
    assert_false(hf_name16_next(&rest, &name));
    request.ext.present = 0;
    request.ext.signature_algorithms = request.ext.authorities = (hf_span){ NULL, 0 };
    assert_no_extensions(&request.ext);
}

static void test_no_authorities(void **state)
{
    static hf_certificate_request request;

    (void)state;
    READ(certificate_request, &request, "01 40 0002 0403 0000");
    assert_int_equal(request.ext.present, HF_EXT_BIT(signature_algorithms));
    assert_int_equal(request.ext.authorities.len, 0);
}

static void test_new_session_ticket_fields(void **state)
{
    hf_new_session_ticket ticket;

    (void)state;
    READ(new_session_ticket, &ticket, "00001c20 0002 aabb");
    assert_int_equal(ticket.ticket_lifetime, 7200);
    assert_int_equal(ticket.ticket_age_add, 0);
    assert_int_equal(ticket.ticket_nonce.len, 0);
    assert_bytes(ticket.ticket, "aabb");
    assert_no_extensions(&ticket.ext);
}

/* RFC 8422 5.4: the signature covers ServerECDHParams, as they stand in the message. */
static void test_server_key_exchange_fields(void **state)
{
    hf_server_key_exchange ske;
    uint8_t out[64];
    hf_builder b = hf_wr_start(out, sizeof out);
    hf_span params;

    (void)state;
    READ(server_key_exchange, &ske, PARAMS "0403 0002 abcd");
    assert_int_equal(ske.psk_identity_hint.len, 0);
    assert_int_equal(ske.curve_type, HF_NAMED_CURVE);
    assert_int_equal(ske.named_curve, 0x001d);
    assert_int_equal(ske.point.len, 32);
    assert_int_equal(ske.point.data[31], 0x38);
    assert_int_equal(ske.algorithm, 0x0403);
    assert_bytes(ske.signature, "abcd");
    assert_bytes(ske.params, PARAMS);
    hf_server_ecdh_params_write(&b, &ske);
    assert_int_equal(hf_wr_finish(&b, &params), HF_OK);
    assert_bytes(params, PARAMS);
}

/* RFC 5489 2, RFC 4279 2: a hint, a share, and no signature; what is not there is empty. */
static void test_psk_exchange_fields(void **state)
{
    const hf_wire *kinds[] = { &ECDHE_PSK, &PSK };
    const char *servers[] = { "0002 6869 " PARAMS, "0002 6869" };
    const char *clients[] = { "0001 61 01 04", "0001 61" };
    static bytes from_server, from_client;

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        hf_server_key_exchange ske;
        hf_client_key_exchange cke;
        hf_fault fault = { 0 };
        from_server.len = from_client.len = 0;
        add_hex(&from_server, servers[i]);
        add_hex(&from_client, clients[i]);
        memset(&ske, 0xee, sizeof ske);
        memset(&cke, 0xee, sizeof cke);
        hf_reader r = hf_rd_start(span_of(&from_server), "ServerKeyExchange", 4, &fault, NULL);
        hf_server_key_exchange_read(&r, kinds[i], &ske);
        assert_bytes(ske.psk_identity_hint, "6869");
        assert_bytes(ske.params, i == 0 ? PARAMS : "");
        assert_int_equal(ske.named_curve, i == 0 ? 0x001d : 0);
        assert_int_equal(ske.point.len, i == 0 ? 32 : 0);
        assert_int_equal(ske.algorithm, 0);
        assert_int_equal(ske.signature.len, 0);
        r = hf_rd_start(span_of(&from_client), "ClientKeyExchange", 4, &fault, NULL);
        hf_client_key_exchange_read(&r, kinds[i], &cke);
        assert_bytes(cke.psk_identity, "61");
        assert_bytes(cke.exchange, i == 0 ? "04" : "");
        assert_int_equal(fault.code, HF_OK);
    }
}

/* Nobody gets half of what was signed. */
static void test_no_params_after_a_fault(void **state)
{
    hf_server_key_exchange ske;
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(bytes_of("03 001d 02 aa"), "ServerKeyExchange", 4, &fault, NULL);

    (void)state;
    hf_server_key_exchange_read(&r, &TLS12, &ske);
    assert_int_equal(fault.code, HF_E_TRUNCATED);
    assert_int_equal(ske.params.len, 0);
}

/* The same bytes are another structure under another key exchange. */
static void test_the_key_exchange_tells(void **state)
{
    static const hf_kx ecdhe[] = { HF_KX_ECDHE_ECDSA, HF_KX_ECDHE_RSA };
    hf_client_key_exchange cke;

    (void)state;
    for (size_t i = 0; i < COUNT(ecdhe) + 1; i++) {
        bool rsa = i == COUNT(ecdhe);
        hf_wire w = { .version = HF_TLS12, .kx = rsa ? HF_KX_RSA : ecdhe[i] };
        hf_fault fault = { 0 };
        hf_reader r = hf_rd_start(bytes_of("02 00aa"), "ClientKeyExchange", 4, &fault, NULL);
        hf_client_key_exchange_read(&r, &w, &cke);
        assert_int_equal(fault.code, rsa ? HF_E_TRUNCATED : HF_OK);
        fault = (hf_fault){ 0 };
        r = hf_rd_start(bytes_of("0001 aa"), "ClientKeyExchange", 4, &fault, NULL);
        hf_client_key_exchange_read(&r, &w, &cke);
        assert_int_equal(fault.code, rsa ? HF_OK : HF_E_LENGTH_OUT_OF_RANGE);
        if (rsa)
            assert_bytes(cke.exchange, "aa");
    }
}

static void test_certificate_status_fields(void **state)
{
    hf_certificate_status status;

    (void)state;
    READ(certificate_status, &status, "01 000003 300100");
    assert_bytes(status.ocsp_response, "300100");
}

/* Structs that were filled for TLS 1.3 are written without what TLS 1.2 has no place for. */
static void test_only_the_fields_of_tls12_are_written(void **state)
{
    static hf_certificate certificate;
    hf_span one = hf_span_of("\x30", 1), out;
    hf_new_session_ticket ticket = {
        .ticket_lifetime = 1, .ticket_age_add = 2, .ticket_nonce = one, .ticket = one
    };
    uint8_t room[32];

    (void)state;
    certificate.certificate_request_context = one;
    certificate.n_entries = 1;
    certificate.entries[0].cert_data = one;
    certificate.entries[0].ext.present = HF_EXT_BIT(status_request);
    certificate.entries[0].ext.ocsp_response = one;
    hf_builder b = hf_wr_start(room, sizeof room);
    hf_certificate_write(&b, &TLS12, &certificate);
    hf_new_session_ticket_write(&b, &TLS12, &ticket);
    assert_int_equal(hf_wr_finish(&b, &out), HF_OK);
    assert_bytes(out, "000004 000001 30 00000001 0001 30");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_byte_has_a_name),
        cmocka_unit_test(test_every_cut_is_a_fault),
        cmocka_unit_test(test_one_more_byte_is_a_fault),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_certificate_fields),
        cmocka_unit_test(test_length_of_chain),
        cmocka_unit_test(test_certificate_request_fields),
        cmocka_unit_test(test_no_authorities),
        cmocka_unit_test(test_new_session_ticket_fields),
        cmocka_unit_test(test_server_key_exchange_fields),
        cmocka_unit_test(test_psk_exchange_fields),
        cmocka_unit_test(test_no_params_after_a_fault),
        cmocka_unit_test(test_the_key_exchange_tells),
        cmocka_unit_test(test_certificate_status_fields),
        cmocka_unit_test(test_only_the_fields_of_tls12_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
