/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * LDAP's StartTLS (RFC 4511 4.14): an ExtendedRequest with the operation's OID, and an
 * ExtendedResponse with a resultCode. BER with definite lengths, in their short or long form.
 */
#include <stdio.h>

#include "base/reader.h"
#include "tool/starttls.h"

enum { SEQUENCE = 0x30, INTEGER = 0x02, ENUMERATED = 0x0a, OCTETS = 0x04, EXTENDED = 0x78 };

static const uint8_t request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                                 "1.3.6.1.4.1.1466.20037";

static void begin(hf_starttls *s)
{
    hf_starttls_await(s, "success (0) in answer to the StartTLS request");
    hf_starttls_say(s, request, sizeof request - 1);
}

/* RFC 4511 4.1.9, those that a server says to StartTLS. */
static const char *result_name(uint32_t code)
{
    switch (code) {
    case 1: return "operationsError";
    case 2: return "protocolError";
    case 10: return "referral";
    case 13: return "confidentialityRequired";
    case 51: return "busy";
    case 52: return "unavailable";
    case 53: return "unwillingToPerform";
    case 80: return "other";
    default: return "another result";
    }
}

/* A length (X.690 8.1.3): up to 127 in one byte, else the number of its bytes first. */
static uint32_t read_length(hf_reader *r)
{
    uint32_t length = hf_rd_u8(r, "length");
    uint32_t more = length & 0x7f;

    if (length < 0x80)
        return length;
    if (more == 0 || more > 4)
        hf_rd_refuse(r, HF_E_LENGTH_OUT_OF_RANGE, 1, "length", "indefinite, or over 4 bytes");
    for (length = 0; more > 0 && hf_rd_ok(r); more--)
        length = length << 8 | hf_rd_u8(r, "length");
    return length;
}

/* An element with that tag, as its content. */
static hf_span read_element(hf_reader *r, uint8_t tag, const char *name)
{
    uint8_t found = hf_rd_u8(r, name);

    if (hf_rd_ok(r) && found != tag)
        hf_rd_refuse(r, HF_E_LENGTH_OUT_OF_RANGE, 1, name, "another tag");
    uint32_t length = read_length(r);
    return hf_rd_bytes(r, length, name);
}

/* The LDAPMessage's length with its head; 0: not known yet. */
static size_t message_length(hf_span got, hf_fault *fault)
{
    hf_reader r = hf_rd_start(got, "LDAPMessage", 0, fault, NULL);

    hf_rd_u8(&r, "tag");
    uint32_t content = read_length(&r);
    if (!hf_rd_ok(&r))
        return 0;
    return got.len - hf_rd_left(&r) + content;
}

/* RFC 4511 4.1.9, 4.12: LDAPResult begins with resultCode, matchedDN, diagnosticMessage. The server's
   own notice of disconnection has messageID 0 and the same form. */
static bool read_response(hf_span message, uint32_t *id, uint32_t *code, hf_span *text)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(message, "LDAPMessage", 0, &fault, NULL);
    hf_reader body =
        hf_rd_start(read_element(&r, SEQUENCE, "LDAPMessage"), "LDAPMessage", 0, &fault, NULL);
    hf_span number = read_element(&body, INTEGER, "messageID");
    hf_reader result = hf_rd_start(read_element(&body, EXTENDED, "ExtendedResponse"),
                                   "ExtendedResponse", 0, &fault, NULL);
    hf_span outcome = read_element(&result, ENUMERATED, "resultCode");

    read_element(&result, OCTETS, "matchedDN");
    *text = read_element(&result, OCTETS, "diagnosticMessage");
    if (fault.code != HF_OK || number.len != 1 || outcome.len != 1)
        return false;
    *id = number.data[0];
    *code = outcome.data[0];
    return true;
}

/* "unavailable (52): TLS not configured" */
static void refused(hf_starttls *s, uint32_t code, hf_span text)
{
    char said[HF_STARTTLS_SAID_MAX];
    size_t len = (size_t)snprintf(said, sizeof said, "%s (%u)%s", result_name(code), (unsigned)code,
                                  text.len > 0 ? ": " : "");
    size_t n = text.len < sizeof said - len ? text.len : sizeof said - len;

    if (n > 0)
        memcpy(said + len, text.data, n);
    /* RFC 4511 4.14.2: protocolError where StartTLS is not known, unavailable where it is not set up */
    hf_starttls_no(s, code == 2 || code == 52 ? HF_STARTTLS_NOT_OFFERED : HF_STARTTLS_REFUSED,
                   hf_span_of(said, len + n));
}

static size_t take(hf_starttls *s, hf_span got)
{
    uint32_t id = 0, code = 0;
    hf_span text = { 0 };
    hf_fault fault = { 0 };
    size_t n = message_length(got, &fault);

    if (got.data[0] != SEQUENCE || fault.code == HF_E_LENGTH_OUT_OF_RANGE) {
        hf_starttls_no(s, HF_STARTTLS_UNEXPECTED, got);
        return got.len;
    }
    if (n > HF_STARTTLS_ANSWER_MAX) {
        hf_starttls_no(s, HF_STARTTLS_TOO_LONG, got);
        return got.len;
    }
    if (n == 0 || n > got.len)
        return 0;
    if (!read_response(hf_span_of(got.data, n), &id, &code, &text) || id > 1)
        hf_starttls_no(s, HF_STARTTLS_UNEXPECTED, got);
    else if (code != 0 || id != 1)
        refused(s, code, text);
    else
        hf_starttls_go(s);
    return n;
}

const hf_starttls_script hf_starttls_ldap = { "ldap", "LDAP", 389, 636, false, begin, take };
