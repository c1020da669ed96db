/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What speaks, by its first bytes: TLS or SSL 3.0, SSL 2.0, or something else; and SSL 2.0's answer. */
#include "audit/flight_parts.h"

#include <stdio.h>

enum { ERROR2 = 0, SERVER_HELLO2 = 4, HEADER2_SHORT = 0x80 };

/* ---- SSL 2.0 ---- */

/* The first bit says how many bytes the header has: 2, and 15 bits of length; else 3, 14 bits, and how many bytes of padding
   the record ends with, which plain ones have not. */
size_t hf_flight_ssl2_lengths(const uint8_t header[3], size_t *len)
{
    if (header[0] & HEADER2_SHORT) {
        *len = (size_t)(header[0] & 0x7f) << 8 | header[1];
        return 2;
    }
    *len = (size_t)(header[0] & 0x3f) << 8 | header[1];
    return 3;
}

static void take_kinds(hf_flight *flight, hf_span kinds)
{
    for (size_t i = 0; i + 2 < kinds.len; i += 3)
        hf_codes_add(&flight->suites2, (uint16_t)(kinds.data[i] << 8 | kinds.data[i + 1]));
}

/*
 *     session_id_hit, certificate_type, server_version, three lengths; then certificate, cipher_specs, connection_id
 */
static void read_hello2(hf_flight *flight, hf_reader *r)
{
    hf_rd_u8(r, "session_id_hit");
    hf_rd_u8(r, "certificate_type");
    uint16_t version = hf_rd_u16(r, "server_version");
    size_t n_cert = hf_rd_u16(r, "certificate_length");
    size_t n_kinds = hf_rd_u16(r, "cipher_specs_length");
    size_t n_id = hf_rd_u16(r, "connection_id_length");
    hf_span cert = hf_rd_bytes(r, n_cert, "certificate");
    hf_span kinds = hf_rd_bytes(r, n_kinds, "cipher_specs");

    hf_rd_bytes(r, n_id, "connection_id");
    if (!hf_rd_ok(r))
        return;
    flight->hello = flight->ssl2 = true;
    flight->version = version;
    if (cert.len > 0)
        flight->certs[flight->n_certs++] = cert;
    take_kinds(flight, kinds);
}

static void read_error2(hf_flight *flight, hf_reader *r)
{
    uint16_t error = hf_rd_u16(r, "error_code");

    if (hf_rd_ok(r))
        hf_flight_refuse(flight, HF_FLIGHT_ALERT, "SSL 2.0 ERROR 0x%04x%s", error,
                         error == 1 ? ", no cipher" : "");
}

void hf_flight_ssl2(hf_flight *flight, hf_span message)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(message, "SERVER-HELLO", 0, &fault, NULL);

    if (hf_rd_u8(&r, "msg_type") == ERROR2)
        read_error2(flight, &r);
    else
        read_hello2(flight, &r);
    if (fault.code != HF_OK)
        hf_flight_fault(flight, &fault);
    else
        hf_flight_settle(flight, HF_FLIGHT_DONE);
}

/* ---- what speaks ---- */

/* A message's type behind a header of 2 bytes; its length, if it is an ERROR's. */
static hf_flight_form short_header(hf_span bytes)
{
    if (bytes.len < 3)
        return HF_FORM_UNKNOWN;
    if (bytes.data[2] == ERROR2)
        return bytes.data[0] == HEADER2_SHORT && bytes.data[1] == 3 ? HF_FORM_SSL2
                                                                    : HF_FORM_FOREIGN;
    return bytes.data[2] == SERVER_HELLO2 ? HF_FORM_SSL2 : HF_FORM_FOREIGN;
}

/* Three bytes of header, no padding; then SERVER-HELLO, two small bytes, and the version 0x0002. */
static hf_flight_form long_header(hf_span bytes)
{
    static const uint8_t most[HF_FLIGHT_SIGHT] = { 0x3f, 0xff, 0, SERVER_HELLO2, 1, 1, 0, 2 };
    static const uint8_t least[HF_FLIGHT_SIGHT] = { 0, 0, 0, SERVER_HELLO2, 0, 0, 0, 2 };

    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.data[i] < least[i] || bytes.data[i] > most[i])
            return HF_FORM_FOREIGN;
    return bytes.len < HF_FLIGHT_SIGHT ? HF_FORM_UNKNOWN : HF_FORM_SSL2;
}

hf_flight_form hf_flight_form_of(hf_span bytes)
{
    if (bytes.len < 2)
        return HF_FORM_UNKNOWN;
    if (bytes.data[0] & HEADER2_SHORT)
        return short_header(bytes);
    if (hf_flight_may_be_tls(bytes.data[0]) && bytes.data[1] == 3)
        return HF_FORM_TLS;
    return long_header(bytes);
}

/* ---- something else ---- */

static bool begins(const hf_flight *flight, const char *with)
{
    size_t n = strlen(with);

    return flight->n_shown >= n && memcmp(flight->shown, with, n) == 0;
}

static bool is_text(uint8_t c)
{
    return c >= 0x20 && c < 0x7f;
}

/* The first line, with a dot for each byte that is not plain text. Returns how many of them were text. */
static size_t visible(const hf_flight *flight, char *out, size_t room)
{
    size_t n = 0, n_text = 0;

    for (; n < flight->n_shown && n + 1 < room; n++) {
        uint8_t c = flight->shown[n];
        if (c == '\r' || c == '\n')
            break;
        n_text += is_text(c) ? 1 : 0;
        out[n] = is_text(c) ? (char)c : '.';
    }
    out[n] = '\0';
    return n_text;
}

void hf_flight_foreign(hf_flight *flight)
{
    char line[48];
    size_t n_text = visible(flight, line, sizeof line);

    if (begins(flight, "HTTP/"))
        hf_flight_refuse(flight, HF_FLIGHT_FOREIGN, "HTTP: \"%s\"", line);
    else if (n_text > 0 && n_text == strlen(line))
        hf_flight_refuse(flight, HF_FLIGHT_FOREIGN, "text: \"%s\"", line);
    else
        hf_flight_refuse(flight, HF_FLIGHT_FOREIGN, "bytes that are neither TLS nor text");
}
