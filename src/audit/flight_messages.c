/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The messages of a server's flight, out of the room that collects them: up to ServerHelloDone, or the end of what is in the clear. */
#include "audit/flight_parts.h"

enum {
    HELLO_REQUEST = 0,
    SERVER_HELLO = 2,
    CERTIFICATE = 11,
    SERVER_KEY_EXCHANGE = 12,
    CERTIFICATE_REQUEST = 13,
    SERVER_HELLO_DONE = 14,
    CERTIFICATE_STATUS = 22
};

/* ---- bodies ---- */

static bool read_certificate(hf_flight *flight, hf_span body)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(body, "Certificate", HF_HANDSHAKE_HEADER, &fault, NULL);
    hf_reader list = hf_rd_sub24(&r, 0, HF_FLIGHT_BYTES_MAX, "certificate_list");
    hf_span certs[HF_FLIGHT_CERTS_MAX];
    size_t n = 0;
    bool more = false;

    while (hf_rd_left(&list) > 0) {
        hf_span cert = hf_rd_vec24(&list, 1, HF_FLIGHT_BYTES_MAX, "ASN.1Cert");
        more = n == HF_FLIGHT_CERTS_MAX;
        if (!more)
            certs[n++] = cert;
    }
    hf_rd_end(&r);
    if (fault.code != HF_OK)
        return hf_flight_fault(flight, &fault);
    memcpy(flight->certs, certs, n * sizeof *certs);
    flight->n_certs = n;
    flight->more_certs = more;
    return true;
}

/* Only ocsp is looked into: several responses at once (RFC 6961) are out of use. */
static bool read_status(hf_flight *flight, hf_span body)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(body, "CertificateStatus", HF_HANDSHAKE_HEADER, &fault, NULL);

    if (hf_rd_u8(&r, "status_type") != HF_STATUS_OCSP && fault.code == HF_OK)
        return true;
    hf_span staple = hf_rd_vec24(&r, 0, HF_FLIGHT_BYTES_MAX, "OCSPResponse");
    hf_rd_end(&r);
    if (fault.code != HF_OK)
        return hf_flight_fault(flight, &fault);
    flight->staple = staple;
    return true;
}

static bool read_request(hf_flight *flight, hf_span body)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(body, "CertificateRequest", HF_HANDSHAKE_HEADER, &fault, NULL);
    size_t n = 0;

    hf_rd_vec8(&r, 0, 255, "certificate_types");
    if (flight->version >= HF_TLS12)
        hf_rd_vec16(&r, 0, UINT16_MAX, "supported_signature_algorithms");
    hf_reader names = hf_rd_sub16(&r, 0, UINT16_MAX, "certificate_authorities");
    for (; hf_rd_left(&names) > 0; n++)
        hf_rd_vec16(&names, 0, UINT16_MAX, "DistinguishedName");
    hf_rd_end(&r);
    if (fault.code != HF_OK)
        return hf_flight_fault(flight, &fault);
    flight->certificate_request = true;
    flight->n_authorities = n;
    return true;
}

static bool read_done(hf_flight *flight, hf_span body)
{
    if (body.len != 0)
        return hf_flight_refuse(flight, HF_FLIGHT_MALFORMED,
                                "ServerHelloDone: %zu bytes, none allowed", body.len);
    flight->done = true;
    hf_flight_settle(flight, HF_FLIGHT_DONE);
    return true;
}

static bool read_server_hello(hf_flight *flight, hf_span body)
{
    if (flight->hello)
        return hf_flight_refuse(flight, HF_FLIGHT_MALFORMED, "a second ServerHello");
    if (!hf_flight_hello(flight, body))
        return false;
    if (flight->retry || hf_flight_is13(flight))
        hf_flight_settle(flight, HF_FLIGHT_DONE);
    return true;
}

/* ---- which it is ---- */

/* What is not known has no meaning for an auditor and is skipped, NewSessionTicket among it. */
static bool read_message(hf_flight *flight, uint8_t type, hf_span body)
{
    if (type == HELLO_REQUEST)
        return true;
    if (type == SERVER_HELLO)
        return read_server_hello(flight, body);
    if (!flight->hello)
        return hf_flight_refuse(flight, HF_FLIGHT_MALFORMED, "message %u before ServerHello", type);
    switch (type) {
    case CERTIFICATE: return read_certificate(flight, body);
    case CERTIFICATE_STATUS: return read_status(flight, body);
    case SERVER_KEY_EXCHANGE: return hf_flight_key_exchange(flight, body);
    case CERTIFICATE_REQUEST: return read_request(flight, body);
    case SERVER_HELLO_DONE: return read_done(flight, body);
    default: return true;
    }
}

void hf_flight_messages(hf_flight *flight)
{
    hf_flight_room *room = flight->room;

    while (flight->end == HF_FLIGHT_OPEN && room->n_messages - room->at >= HF_HANDSHAKE_HEADER) {
        const uint8_t *h = room->messages + room->at;
        size_t len = (size_t)h[1] << 16 | (size_t)h[2] << 8 | h[3];
        if (len > HF_FLIGHT_BYTES_MAX - HF_HANDSHAKE_HEADER) {
            hf_flight_refuse(flight, HF_FLIGHT_TOO_LONG, "message %u of %zu bytes", h[0], len);
            return;
        }
        if (room->n_messages - room->at - HF_HANDSHAKE_HEADER < len)
            return;
        room->at += HF_HANDSHAKE_HEADER + len;
        read_message(flight, h[0], hf_span_of(h + HF_HANDSHAKE_HEADER, len));
    }
}
