/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * OCSP responses, read once and never copied (RFC 6960 4.2.1): OCSPResponse, BasicOCSPResponse and
 * the SingleResponses in it. Whether one may be believed is decided in ocsp_status.c.
 */
#include "x509/ocsp.h"

#include "x509/parts.h"
#include "x509/revocation_parts.h"

static const char *const status_names[] = {
    "successful", "malformedRequest", "internalError", "tryLater",
    NULL,         "sigRequired",      "unauthorized"
};

const char *hf_ocsp_response_status_name(uint8_t status)
{
    return status < sizeof status_names / sizeof *status_names ? status_names[status] : NULL;
}

/* A nonce answers a question that was never asked. RFC 6960 4.4: what is critical must be understood. */
static void read_extension(void *into, hf_oid id, bool critical, hf_reader *value)
{
    bool *unknown_critical = into;

    (void)value;
    *unknown_critical = *unknown_critical || (critical && id != HF_OID_ocsp_nonce);
}

static void read_extensions(hf_reader *r, bool *unknown_critical, const char *field)
{
    if (hf_rd_left(r) == 0)
        return;
    hf_reader wrapped = hf_der_open(r, HF_DER_CONTEXT_CONS(1), field);
    hf_extensions_each(&wrapped, read_extension, unknown_critical);
    hf_rd_end(&wrapped);
}

/* ---- ResponseData ---- */

static void read_responder(hf_reader *data, hf_ocsp *ocsp)
{
    bool by_key = hf_der_peek(data) == HF_DER_CONTEXT_CONS(2);
    hf_reader id = hf_der_open(data, HF_DER_CONTEXT_CONS(by_key ? 2 : 1), "responderID");

    if (by_key)
        ocsp->by_key = hf_der_read(&id, HF_DER_OCTET_STRING, "byKey");
    else
        ocsp->by_name = hf_name_read(&id, "byName");
    hf_rd_end(&id);
}

/* The version is 1, the default, which DER leaves out. */
static void read_data(hf_reader *data, hf_ocsp *ocsp)
{
    read_responder(data, ocsp);
    ocsp->produced_at = hf_ocsp_time(data, "producedAt");
    ocsp->responses = hf_der_read(data, HF_DER_SEQUENCE, "responses");
    read_extensions(data, &ocsp->unknown_critical, "responseExtensions");
    hf_rd_end(data);
}

static void read_certs(hf_reader *basic, hf_ocsp *ocsp)
{
    if (hf_rd_left(basic) == 0)
        return;
    hf_reader wrapped = hf_der_open(basic, HF_DER_CONTEXT_CONS(0), "certs");
    ocsp->certs = hf_der_read(&wrapped, HF_DER_SEQUENCE, "certs");
    hf_rd_end(&wrapped);
}

static void read_basic(hf_reader *bytes, hf_ocsp *ocsp)
{
    hf_span algorithm;
    hf_reader basic = hf_der_open(bytes, HF_DER_SEQUENCE, "BasicOCSPResponse");
    hf_reader data = hf_der_open_whole(&basic, HF_DER_SEQUENCE, &ocsp->tbs, "tbsResponseData");

    read_data(&data, ocsp);
    ocsp->signed_with = hf_sig_algorithm_read(&basic, &algorithm, "signatureAlgorithm");
    ocsp->signature = hf_der_bits(&basic, HF_DER_BIT_STRING, "signature");
    read_certs(&basic, ocsp);
    hf_rd_end(&basic);
    hf_rd_end(bytes);
}

/* ---- OCSPResponse ---- */

static void read_bytes(hf_reader *content, hf_ocsp *ocsp)
{
    hf_reader wrapped = hf_der_open(content, HF_DER_CONTEXT_CONS(0), "responseBytes");
    hf_reader bytes = hf_der_open(&wrapped, HF_DER_SEQUENCE, "ResponseBytes");

    if (hf_oid_of(hf_der_oid(&bytes, "responseType")) != HF_OID_ocsp_basic)
        hf_rd_refuse(&bytes, HF_E_OCSP_DER, 0, "responseType", "not id-pkix-ocsp-basic");
    hf_reader response = hf_der_open(&bytes, HF_DER_OCTET_STRING, "response");
    hf_rd_end(&bytes);
    hf_rd_end(&wrapped);
    read_basic(&response, ocsp);
}

/* RFC 6960 4.2.1: an unsuccessful response has nothing after its status. */
static void read_response(hf_reader *content, hf_ocsp *ocsp)
{
    ocsp->response_status = hf_der_enumerated(content, "responseStatus");
    if (!hf_ocsp_response_status_name(ocsp->response_status))
        hf_rd_refuse(content, HF_E_OCSP_DER, 1, "responseStatus", "%u is no status",
                     ocsp->response_status);
    if (ocsp->response_status == 0)
        read_bytes(content, ocsp);
    hf_rd_end(content);
}

hf_error hf_ocsp_parse(hf_ocsp *ocsp, hf_span der, hf_fault *fault)
{
    *ocsp = (hf_ocsp){ .response_status = 0 };
    hf_reader r = hf_status_start(der, "DER", fault);
    hf_reader content = hf_der_open(&r, HF_DER_SEQUENCE, "OCSPResponse");
    hf_rd_end(&r);
    content.up = NULL; /* paths start at OCSPResponse */
    read_response(&content, ocsp);
    if (fault->code != HF_OK)
        return HF_E_OCSP_DER;
    return ocsp->response_status == 0 ? HF_OK : HF_E_OCSP_STATUS;
}
