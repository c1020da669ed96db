/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Fields that the engine takes as bytes, opened for people: extensions that it does not speak, and what stands in those that it
 * passes on. What does not fit its structure stays bytes.
 */
#include "explain/tree_parts.h"

enum { VEC8 = 0xff, VEC16 = 0xffff };

/* A list of code points whose length has one byte: it is no hf_rd_list16. */
static void read_list16_of_8(hf_reader *r, const char *field)
{
    hf_span list = hf_rd_vec8(r, 2, VEC8 - 1, field);

    if (list.len % 2 != 0)
        hf_rd_refuse(r, HF_E_ODD_LIST, list.len, field, "odd");
}

/* RFC 8879 3 */
static void open_compress_certificate(hf_reader *r)
{
    read_list16_of_8(r, "algorithms");
}

/* RFC 9345 4.1.1, in a ClientHello */
static void open_delegated_credential(hf_reader *r)
{
    hf_rd_list16(r, 2, VEC16 - 1, "supported_signature_algorithms");
}

/* draft-vvv-tls-alps: protocols as ALPN names them. The server's answer has settings of the protocol, which stay bytes. */
static void open_application_settings(hf_reader *r)
{
    hf_reader list = hf_rd_sub16(r, 2, VEC16, "supported_protocols");

    while (hf_rd_left(&list) > 0)
        hf_rd_vec8(&list, 1, VEC8, "ProtocolName");
    hf_rd_end(&list);
}

/* RFC 9149 2: a client's two counts, or a server's one. */
static void open_ticket_request(hf_reader *r)
{
    if (hf_rd_left(r) == 1) {
        hf_rd_u8(r, "expected_count");
        return;
    }
    hf_rd_u8(r, "new_session_count");
    hf_rd_u8(r, "resumption_count");
}

/* RFC 9849 5 */
static void open_encrypted_client_hello(hf_reader *r)
{
    if (hf_rd_u8(r, "ECHClientHelloType") != 0)
        return;
    hf_rd_u16(r, "kdf_id");
    hf_rd_u16(r, "aead_id");
    hf_rd_u8(r, "config_id");
    hf_rd_vec16(r, 0, VEC16, "enc");
    hf_rd_vec16(r, 1, VEC16, "payload");
}

/* RFC 7250 3: a list in a ClientHello, one in an answer. */
static void open_certificate_type(hf_reader *r)
{
    if (hf_rd_left(r) == 1)
        hf_rd_u8(r, "certificate_type");
    else
        hf_rd_vec8(r, 1, VEC8, "certificate_types");
}

/* RFC 6520 2 */
static void open_heartbeat(hf_reader *r)
{
    hf_rd_u8(r, "HeartbeatMode");
}

/* RFC 5764 4.1.1 */
static void open_use_srtp(hf_reader *r)
{
    hf_rd_list16(r, 2, VEC16 - 1, "SRTPProtectionProfiles");
    hf_rd_vec8(r, 0, VEC8, "srtp_mki");
}

/* RFC 8472 2 */
static void open_token_binding(hf_reader *r)
{
    hf_rd_u16(r, "token_binding_version");
    hf_rd_vec8(r, 1, VEC8, "key_parameters_list");
}

/* RFC 9000 16: the two first bits of a variable-length integer say how many bytes it has. */
static uint64_t read_varint(hf_reader *r, const char *field)
{
    const uint8_t *p = r->p;
    size_t n = hf_rd_left(r) > 0 ? (size_t)1 << (*p >> 6) : 1;
    hf_span bytes = hf_rd_bytes(r, n, field);
    uint64_t v = bytes.len > 0 ? bytes.data[0] & 0x3f : 0;

    for (size_t i = 1; i < bytes.len; i++)
        v = v << 8 | bytes.data[i];
    return v;
}

/* RFC 9000 18 */
static void open_quic(hf_reader *r)
{
    while (hf_rd_left(r) > 0) {
        read_varint(r, "transport_parameter_id");
        uint64_t n = read_varint(r, "transport_parameter_length");
        if (n > 0)
            hf_rd_bytes(r, n < VEC16 ? (size_t)n : VEC16, "transport_parameter_value");
    }
}

/* RFC 6962 3.2, of version 1 alone */
static void open_sct(hf_reader *r)
{
    if (hf_rd_u8(r, "sct_version") != 0)
        hf_rd_refuse(r, HF_E_TRAILING_BYTES, 1, "sct_version", "not v1");
    hf_rd_bytes(r, 32, "id");
    hf_rd_bytes(r, 8, "timestamp");
    hf_rd_vec16(r, 0, VEC16, "CtExtensions");
    hf_rd_u16(r, "algorithm");
    hf_rd_vec16(r, 0, VEC16, "signature");
}

static void read_sct(hf_reader *list)
{
    hf_reader sct = hf_rd_sub16(list, 1, VEC16, "SerializedSCT");

    open_sct(&sct);
    hf_rd_end(&sct);
}

void hf_sct_list_open(hf_reader *r)
{
    hf_reader list = hf_rd_sub16(r, 1, VEC16, "sct_list");

    while (hf_rd_left(&list) > 0)
        read_sct(&list);
    hf_rd_end(&list);
}

bool hf_opener_fits(hf_reader r, hf_opener *opener)
{
    hf_fault fault = { 0 };

    r.fault = &fault;
    r.sink = NULL;
    r.up = NULL;
    opener(&r);
    hf_rd_end(&r);
    return fault.code == HF_OK;
}

static const struct {
    uint16_t type;
    hf_opener *open;
} by_type[] = {
    { 14, open_use_srtp },
    { 15, open_heartbeat },
    { 19, open_certificate_type },
    { 20, open_certificate_type },
    { 24, open_token_binding },
    { 27, open_compress_certificate },
    { 34, open_delegated_credential },
    { 57, open_quic },
    { 58, open_ticket_request },
    { 17513, open_application_settings },
    { 17613, open_application_settings },
    { 65037, open_encrypted_client_hello },
    { 65445, open_quic },
};

hf_opener *hf_opener_of(const hf_growth *g, const hf_field *field)
{
    if (strcmp(field->name, "SerializedSCT") == 0)
        return open_sct;
    if (strcmp(field->name, "body") == 0)
        return hf_body_opener(hf_tree_kind(g->tree));
    if (strcmp(field->name, "extension_data") != 0)
        return hf_der_opener(field->name);
    for (size_t i = 0; i < sizeof by_type / sizeof *by_type; i++)
        if (by_type[i].type == g->extension_type)
            return by_type[i].open;
    return NULL;
}
