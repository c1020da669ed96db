/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The frame of a handshake message (RFC 9846 4), and any message as a tree of named fields. Cutting
 * messages out of records is not done here.
 *
 * A reader's fault is decode_error where bytes and structure differ, and illegal_parameter where a value makes no sense
 * (RFC 9846 6#6 #7): errors.def says which.
 *
 *     struct {
 *         HandshakeType msg_type;
 *         uint24 length;
 *         select (Handshake.msg_type) { … };
 *     } Handshake;
 */
#include "wire/extension.h"

void hf_message_open(hf_builder *b, hf_msg msg)
{
    hf_wr_u8(b, hf_msg_type(msg));
    hf_wr_open24(b);
}

void hf_message_close(hf_builder *b)
{
    hf_wr_close(b);
}

/* ---- explaining ---- */

/* Each _read with a struct that nobody looks at: the sink hears the fields. */
#define READ_ONLY(name)                                                                            \
    static void name##_fields(hf_reader *r, const hf_wire *w)                                      \
    {                                                                                              \
        hf_##name parsed;                                                                          \
        hf_##name##_read(r, w, &parsed);                                                           \
    }

READ_ONLY(client_hello)
READ_ONLY(server_hello)
READ_ONLY(encrypted_extensions)
READ_ONLY(certificate_request)
READ_ONLY(certificate)
READ_ONLY(certificate_verify)
READ_ONLY(finished)
READ_ONLY(new_session_ticket)
READ_ONLY(key_update)
READ_ONLY(server_key_exchange)
READ_ONLY(client_key_exchange)
READ_ONLY(certificate_status)

/* Unknown messages, and those of TLS 1.2 where it was not negotiated, are one field. */
static void opaque_body(hf_reader *r, const hf_wire *w)
{
    (void)w;
    hf_rd_rest(r, 0, HF_VEC24_MAX, "body");
}

static bool is_only_in_12(hf_msg msg)
{
    return msg == HF_MSG_ServerKeyExchange || msg == HF_MSG_ClientKeyExchange ||
           msg == HF_MSG_CertificateStatus;
}

static void body_fields(hf_msg msg, hf_reader *r, const hf_wire *w)
{
    static void (*const readers[HF_MSG_COUNT])(hf_reader *, const hf_wire *) = {
        [HF_MSG_HelloRequest] = hf_empty_read,
        [HF_MSG_ClientHello] = client_hello_fields,
        [HF_MSG_ServerHello] = server_hello_fields,
        [HF_MSG_HelloRetryRequest] = server_hello_fields,
        [HF_MSG_NewSessionTicket] = new_session_ticket_fields,
        [HF_MSG_EndOfEarlyData] = hf_empty_read,
        [HF_MSG_EncryptedExtensions] = encrypted_extensions_fields,
        [HF_MSG_Certificate] = certificate_fields,
        [HF_MSG_ServerKeyExchange] = server_key_exchange_fields,
        [HF_MSG_CertificateRequest] = certificate_request_fields,
        [HF_MSG_ServerHelloDone] = hf_empty_read,
        [HF_MSG_CertificateVerify] = certificate_verify_fields,
        [HF_MSG_ClientKeyExchange] = client_key_exchange_fields,
        [HF_MSG_Finished] = finished_fields,
        [HF_MSG_CertificateStatus] = certificate_status_fields,
        [HF_MSG_KeyUpdate] = key_update_fields,
    };
    bool opaque = !readers[msg] || (w->version != HF_TLS12 && is_only_in_12(msg));

    (opaque ? opaque_body : readers[msg])(r, w);
}

static void tell_edge(const hf_field_sink *sink, hf_field_kind kind, hf_msg msg, size_t offset,
                      size_t len)
{
    hf_field field = { kind, hf_msg_name(msg), offset, len, 0, NULL };

    if (sink)
        sink->field(sink->user, &field);
}

static void header_fields(hf_reader *r, hf_msg msg)
{
    uint8_t msg_type = hf_rd_u8(r, "msg_type");
    uint32_t length = hf_rd_u24(r, "length");
    size_t left = hf_rd_left(r);

    if (msg != HF_MSG_UNKNOWN && msg_type != hf_msg_type(msg))
        hf_rd_refuse(r, HF_E_UNEXPECTED_MESSAGE, HF_HANDSHAKE_HEADER, "msg_type", "%u, %u expected",
                     msg_type, hf_msg_type(msg));
    else if (left != length)
        hf_rd_refuse(r, left < length ? HF_E_TRUNCATED : HF_E_TRAILING_BYTES, 3, "length",
                     "%u, but %zu bytes follow", length, left);
}

hf_error hf_message_explain(hf_msg msg, const hf_wire *w, hf_span message,
                            const hf_field_sink *sink, hf_fault *fault)
{
    *fault = (hf_fault){ 0 };
    hf_reader r = hf_rd_start(message, hf_msg_name(msg), 0, fault, sink);
    tell_edge(sink, HF_FIELD_BEGIN, msg, 0, message.len);
    if (msg == HF_MSG_ChangeCipherSpec) {
        hf_rd_u8(&r, "type"); /* RFC 5246 7.1: a record's content, without a header */
    } else {
        header_fields(&r, msg);
        body_fields(msg, &r, w); /* reads nothing after a fault */
    }
    hf_rd_end(&r);
    if (hf_rd_ok(&r))
        tell_edge(sink, HF_FIELD_END, msg, message.len, 0);
    return fault->code;
}
