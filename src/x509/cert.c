/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A certificate, read once and never copied (RFC 5280 4.1). What is checked here is what every
 * certificate must be; whether this one is good for anything is decided in path.c.
 */
#include "x509/oid.h"
#include "x509/parts.h"

enum { SERIAL_MAX = 20 };

/* RFC 5280 4.1.2.1: v3 is encoded as 2, and v1, the default, not at all. (RFC 9846 4.5.1.2#1) */
static void read_version(hf_reader *tbs, hf_cert *cert, bool any)
{
    cert->version = 1;
    if (hf_der_peek(tbs) == HF_DER_CONTEXT_CONS(0)) {
        hf_reader wrapped = hf_der_open(tbs, HF_DER_CONTEXT_CONS(0), "version");
        cert->version = 1 + (int)hf_der_small(&wrapped, INT16_MAX, "version");
        hf_rd_end(&wrapped);
    }
    if (cert->version != 3 && !any)
        hf_rd_refuse(tbs, HF_E_CERT_VERSION, 0, "version", "version %d, must be 3", cert->version);
}

/* RFC 5280 4.1.2.2: at most 20 octets, and not negative. Zero, which old roots have, is refused for
   everything below a trust anchor, in path_rules.c. */
static void read_serial(hf_reader *tbs, hf_cert *cert)
{
    cert->serial = hf_der_integer(tbs, "serialNumber");
    if (cert->serial.len > SERIAL_MAX)
        hf_rd_refuse(tbs, HF_E_CERT_SERIAL, cert->serial.len, "serialNumber",
                     "%zu octets, at most %d allowed", cert->serial.len, SERIAL_MAX);
    else if (cert->serial.len > 0 && (cert->serial.data[0] & 0x80))
        hf_rd_refuse(tbs, HF_E_CERT_SERIAL, cert->serial.len, "serialNumber", "a negative number");
}

static void read_validity(hf_reader *tbs, hf_cert *cert)
{
    hf_reader validity = hf_der_open(tbs, HF_DER_SEQUENCE, "validity");

    cert->not_before = hf_der_time(&validity, "notBefore");
    cert->not_after = hf_der_time(&validity, "notAfter");
    hf_rd_end(&validity);
}

static void read_names(hf_reader *tbs, hf_cert *cert)
{
    cert->issuer = hf_name_read(tbs, "issuer");
    if (cert->issuer.len == 2) /* RFC 5280 4.1.2.4 */
        hf_rd_refuse(tbs, HF_E_CERT_DER, 0, "issuer", "an empty name");
    read_validity(tbs, cert);
    cert->subject = hf_name_read(tbs, "subject");
    cert->self_issued = hf_span_equal(cert->issuer, cert->subject);
}

/* RFC 5280 4.1.2.8: out of use, but a parser should know them. */
static void skip_unique_ids(hf_reader *tbs)
{
    if (hf_der_peek(tbs) == HF_DER_CONTEXT(1))
        hf_der_bits(tbs, HF_DER_CONTEXT(1), "issuerUniqueID");
    if (hf_der_peek(tbs) == HF_DER_CONTEXT(2))
        hf_der_bits(tbs, HF_DER_CONTEXT(2), "subjectUniqueID");
}

static void read_extensions(hf_reader *tbs, hf_cert *cert)
{
    if (hf_rd_left(tbs) == 0)
        return;
    hf_reader wrapped = hf_der_open(tbs, HF_DER_CONTEXT_CONS(3), "extensions");
    hf_cert_extensions_read(&wrapped, cert);
    hf_rd_end(&wrapped);
}

static void read_tbs(hf_reader *tbs, hf_cert *cert, bool any, hf_span *inner)
{
    read_version(tbs, cert, any);
    read_serial(tbs, cert);
    cert->signed_with = hf_sig_algorithm_read(tbs, inner, "signature");
    read_names(tbs, cert);
    cert->key = hf_spki_read(tbs, &cert->spki, "subjectPublicKeyInfo");
    skip_unique_ids(tbs);
    read_extensions(tbs, cert);
    hf_rd_end(tbs);
    if (cert->key.type == HF_KEY_NONE)
        hf_rd_refuse(tbs, HF_E_CERT_KEY_UNSUPPORTED, 0, "subjectPublicKeyInfo",
                     "not a key that is supported");
}

static void read_certificate(hf_reader *content, hf_cert *cert, bool any)
{
    hf_span inner = { NULL, 0 }, outer = { NULL, 0 };
    hf_reader tbs = hf_der_open_whole(content, HF_DER_SEQUENCE, &cert->tbs, "tbsCertificate");

    read_tbs(&tbs, cert, any, &inner);
    hf_sig_algorithm_read(content, &outer, "signatureAlgorithm");
    if (!hf_span_equal(inner, outer)) /* RFC 5280 4.1.1.2 */
        hf_rd_refuse(content, HF_E_CERT_DER, outer.len, "signatureAlgorithm",
                     "differs from tbsCertificate.signature");
    cert->signature = hf_der_bits(content, HF_DER_BIT_STRING, "signatureValue");
    hf_rd_end(content);
}

/* Whatever the reader tripped over, as one row: the certificate is malformed, not the message. */
static hf_error settle(hf_fault *fault)
{
    if (fault->code == HF_E_TRUNCATED || fault->code == HF_E_TRAILING_BYTES ||
        fault->code == HF_E_LENGTH_OUT_OF_RANGE)
        fault->code = HF_E_CERT_DER;
    return fault->code;
}

static hf_error parse(hf_cert *cert, hf_span der, hf_fault *fault, const hf_field_sink *sink,
                      bool any)
{
    fault->code = HF_OK;
    fault->offset = 0;
    fault->path[0] = fault->rule[0] = '\0';
    *cert = (hf_cert){ .der = der, .path_len = -1 };
    hf_reader r = hf_rd_start(der, "DER", 0, fault, sink);
    hf_reader content = hf_der_open(&r, HF_DER_SEQUENCE, "Certificate");
    hf_rd_end(&r);
    content.up = NULL; /* paths start at Certificate */
    read_certificate(&content, cert, any);
    return settle(fault);
}

hf_error hf_cert_parse(hf_cert *cert, hf_span der, struct hf_fault *fault)
{
    hf_fault unheard;

    return parse(cert, der, fault ? fault : &unheard, NULL, false);
}

hf_error hf_cert_look_at(hf_cert *cert, hf_span der)
{
    hf_fault unheard;

    return parse(cert, der, &unheard, NULL, true);
}

hf_error hf_cert_explain(hf_span der, const hf_field_sink *sink, hf_fault *fault)
{
    hf_cert cert;

    return parse(&cert, der, fault, sink, false);
}
