/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * SCTs are counted, not believed: whether a log signed them is a question for who knows the logs' keys. The list (RFC 6962 3.3) stands
 * in an OCTET STRING of its own inside the extension's.
 */
#include "audit/chain_judge.h"
#include "x509/ocsp.h"

enum { SCTS_MAX = 64 };

/* Content octets of the two extensions' names (RFC 6962 3.3). */
static const uint8_t in_certificate[] = {
    0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02
};
static const uint8_t in_ocsp[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x05 };

/* What cannot be read to its end holds none. */
static size_t count_list(hf_span value)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(value, "SCTs", 0, &fault, NULL);
    hf_span list = hf_der_read(&r, HF_DER_OCTET_STRING, "SignedCertificateTimestampList");
    hf_reader all = hf_rd_start(list, "sct_list", 0, &fault, NULL);
    hf_reader scts = hf_rd_sub16(&all, 1, UINT16_MAX, "sct_list");
    size_t n = 0;

    while (hf_rd_left(&scts) > 0 && n < SCTS_MAX) {
        hf_rd_vec16(&scts, 1, UINT16_MAX, "SerializedSCT");
        n++;
    }
    return fault.code == HF_OK ? n : 0;
}

/* Extensions ::= SEQUENCE OF Extension: the value of the one of that name. */
static size_t count_in(hf_reader *wrapped, const uint8_t *name, size_t len)
{
    hf_reader list = hf_der_open(wrapped, HF_DER_SEQUENCE, "Extensions");

    while (hf_rd_left(&list) > 0) {
        hf_reader extension = hf_der_open(&list, HF_DER_SEQUENCE, "Extension");
        hf_span oid = hf_der_oid(&extension, "extnID");
        if (hf_der_peek(&extension) == HF_DER_BOOLEAN)
            hf_der_boolean(&extension, "critical");
        hf_span value = hf_der_read(&extension, HF_DER_OCTET_STRING, "extnValue");
        if (hf_span_equal(oid, hf_span_of(name, len)))
            return count_list(value);
    }
    return 0;
}

/* The last value under that tag among what is left. */
static bool open_last(hf_reader *r, uint8_t tag, hf_reader *inside)
{
    uint8_t other = 0;

    while (hf_rd_left(r) > 0) {
        if (hf_der_peek(r) == tag) {
            *inside = hf_der_open(r, tag, "extensions");
            return true;
        }
        hf_der_any(r, &other, "field");
    }
    return false;
}

size_t hf_scts_of_certificate(hf_span der)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(der, "Certificate", 0, &fault, NULL), extensions;
    hf_reader cert = hf_der_open(&r, HF_DER_SEQUENCE, "Certificate");
    hf_reader tbs = hf_der_open(&cert, HF_DER_SEQUENCE, "tbsCertificate");

    if (!open_last(&tbs, HF_DER_CONTEXT_CONS(3), &extensions))
        return 0;
    return count_in(&extensions, in_certificate, sizeof in_certificate);
}

/* singleExtensions [1] stand behind the answer's dates (RFC 6960 4.2.1); nextUpdate is [0]. */
size_t hf_scts_of_staple(hf_span response)
{
    hf_fault fault = { .code = HF_OK };
    hf_ocsp ocsp;
    size_t n = 0;

    if (response.len == 0 || hf_ocsp_parse(&ocsp, response, &fault) != HF_OK)
        return 0;
    hf_reader answers = hf_rd_start(ocsp.responses, "responses", 0, &fault, NULL), extensions;
    while (hf_rd_left(&answers) > 0 && n == 0) {
        hf_reader single = hf_der_open(&answers, HF_DER_SEQUENCE, "SingleResponse");
        uint8_t tag = 0;
        hf_der_read(&single, HF_DER_SEQUENCE, "certID");
        hf_der_any(&single, &tag, "certStatus");
        if (open_last(&single, HF_DER_CONTEXT_CONS(1), &extensions))
            n = count_in(&extensions, in_ocsp, sizeof in_ocsp);
    }
    return n;
}
