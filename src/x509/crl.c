/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A CRL, read once and never copied (RFC 5280 5.1): version 2, with its extensions. The entries, of
 * which there may be a hundred thousand, are read one by one by whoever looks for something.
 */
#include "x509/parts.h"
#include "x509/revocation_parts.h"

enum { NUMBER_MAX = 20 };

/* ---- extensions: RFC 5280 5.2 ---- */

/* RFC 5280 5.2.1 */
static void read_aki(hf_crl *crl, hf_reader *value)
{
    hf_reader content = hf_der_open(value, HF_DER_SEQUENCE, "AuthorityKeyIdentifier");

    if (hf_der_peek(&content) == HF_DER_CONTEXT(0))
        crl->aki = hf_der_read(&content, HF_DER_CONTEXT(0), "keyIdentifier");
    if (hf_der_peek(&content) == HF_DER_CONTEXT_CONS(1))
        hf_der_read(&content, HF_DER_CONTEXT_CONS(1), "authorityCertIssuer");
    if (hf_der_peek(&content) == HF_DER_CONTEXT(2))
        hf_der_read(&content, HF_DER_CONTEXT(2), "authorityCertSerialNumber");
    hf_rd_end(&content);
    hf_rd_end(value);
}

static hf_span read_crl_number(hf_reader *value)
{
    hf_span number = hf_der_unsigned(value, "CRLNumber");

    if (number.len > NUMBER_MAX)
        hf_rd_refuse(value, HF_E_CRL_DER, number.len, "CRLNumber", "%zu octets, at most %d allowed",
                     number.len, NUMBER_MAX);
    hf_rd_end(value);
    return number;
}

/* RFC 5280 5.2.3: it MUST be there, and MUST NOT be critical. */
static void read_number(hf_crl *crl, bool critical, hf_reader *value)
{
    if (critical)
        hf_rd_refuse(value, HF_E_CRL_DER, 0, "CRLNumber", "is critical, must not be");
    crl->number = read_crl_number(value);
}

/* BOOLEAN DEFAULT FALSE: what is there is TRUE. */
static bool read_flag(hf_reader *idp, uint8_t tag, const char *field)
{
    if (hf_der_peek(idp) != tag)
        return false;
    hf_span v = hf_der_read(idp, tag, field);
    if (hf_rd_ok(idp) && (v.len != 1 || v.data[0] != 0xff))
        hf_rd_refuse(idp, HF_E_CRL_DER, v.len, field, "a boolean that is there and not TRUE");
    return hf_rd_ok(idp);
}

/* DistributionPointName, RFC 5280 4.2.1.13 */
static void check_point(hf_reader *idp)
{
    hf_reader point = hf_der_open(idp, HF_DER_CONTEXT_CONS(0), "distributionPoint");
    bool relative = hf_der_peek(&point) == HF_DER_CONTEXT_CONS(1);
    hf_reader name = hf_der_open(&point, HF_DER_CONTEXT_CONS(relative ? 1 : 0),
                                 relative ? "nameRelativeToCRLIssuer" : "fullName");

    if (relative)
        hf_rdn_check(&name);
    else
        hf_san_check(&name, "GeneralName");
    hf_rd_end(&point);
}

/* RFC 5280 5.2.5 */
static void read_idp(hf_crl *crl, hf_reader *value)
{
    hf_reader idp = hf_der_open(value, HF_DER_SEQUENCE, "IssuingDistributionPoint");

    crl->idp = hf_span_of(idp.p, hf_rd_left(&idp));
    if (hf_der_peek(&idp) == HF_DER_CONTEXT_CONS(0))
        check_point(&idp);
    crl->only_users = read_flag(&idp, HF_DER_CONTEXT(1), "onlyContainsUserCerts");
    crl->only_cas = read_flag(&idp, HF_DER_CONTEXT(2), "onlyContainsCACerts");
    crl->only_some_reasons = hf_der_peek(&idp) == HF_DER_CONTEXT(3);
    if (crl->only_some_reasons)
        hf_der_flags_of(&idp, HF_DER_CONTEXT(3), "onlySomeReasons");
    crl->indirect = read_flag(&idp, HF_DER_CONTEXT(4), "indirectCRL");
    crl->only_attributes = read_flag(&idp, HF_DER_CONTEXT(5), "onlyContainsAttributeCerts");
    hf_rd_end(&idp);
    hf_rd_end(value);
    if (crl->idp.len == 0)
        hf_rd_refuse(value, HF_E_CRL_DER, 0, "IssuingDistributionPoint", "an empty sequence");
}

static void read_extension(void *into, hf_oid id, bool critical, hf_reader *value)
{
    hf_crl *crl = into;

    switch (id) {
    case HF_OID_authority_key_identifier: read_aki(crl, value); return;
    case HF_OID_crl_number: read_number(crl, critical, value); return;
    case HF_OID_issuing_distribution_point: read_idp(crl, value); return;
    case HF_OID_delta_crl_indicator: /* RFC 5280 5.2.4 */
        crl->delta = true;
        read_crl_number(value);
        return;
    default: crl->unknown_critical = crl->unknown_critical || critical;
    }
}

/* ---- the list ---- */

/* RFC 5280 5.1.2.1: v2 is encoded as 1, and v1, which has no extensions, not at all. */
static void read_version(hf_reader *tbs)
{
    if (hf_der_peek(tbs) != HF_DER_INTEGER || hf_der_small(tbs, INT16_MAX, "version") != 1)
        hf_rd_refuse(tbs, HF_E_CRL_DER, 0, "version", "the CRL's version must be 2");
}

static bool is_time(const hf_reader *r)
{
    return hf_der_peek(r) == HF_DER_UTC_TIME || hf_der_peek(r) == HF_DER_GENERALIZED_TIME;
}

static void read_extensions(hf_reader *tbs, hf_crl *crl)
{
    if (hf_rd_left(tbs) > 0) {
        hf_reader wrapped = hf_der_open(tbs, HF_DER_CONTEXT_CONS(0), "crlExtensions");
        hf_extensions_each(&wrapped, read_extension, crl);
        hf_rd_end(&wrapped);
    }
    if (crl->number.len == 0)
        hf_rd_refuse(tbs, HF_E_CRL_DER, 0, "crlExtensions", "CRLNumber is not there");
}

/* An empty revokedCertificates, which RFC 5280 5.1.2.6 wants left out, says the same. */
static void read_tbs(hf_reader *tbs, hf_crl *crl, hf_span *inner)
{
    read_version(tbs);
    crl->signed_with = hf_sig_algorithm_read(tbs, inner, "signature");
    crl->issuer = hf_name_read(tbs, "issuer");
    crl->this_update = hf_der_time(tbs, "thisUpdate");
    if (is_time(tbs))
        crl->next_update = hf_der_time(tbs, "nextUpdate");
    if (hf_der_peek(tbs) == HF_DER_SEQUENCE)
        crl->revoked = hf_der_read(tbs, HF_DER_SEQUENCE, "revokedCertificates");
    read_extensions(tbs, crl);
    hf_rd_end(tbs);
}

static void read_list(hf_reader *content, hf_crl *crl)
{
    hf_span inner = { NULL, 0 }, outer = { NULL, 0 };
    hf_reader tbs = hf_der_open_whole(content, HF_DER_SEQUENCE, &crl->tbs, "tbsCertList");

    read_tbs(&tbs, crl, &inner);
    hf_sig_algorithm_read(content, &outer, "signatureAlgorithm");
    if (!hf_span_equal(inner, outer)) /* RFC 5280 5.1.1.2 */
        hf_rd_refuse(content, HF_E_CRL_DER, outer.len, "signatureAlgorithm",
                     "differs from tbsCertList.signature");
    crl->signature = hf_der_bits(content, HF_DER_BIT_STRING, "signatureValue");
    hf_rd_end(content);
}

hf_error hf_crl_parse(hf_crl *crl, hf_span der, hf_fault *fault)
{
    hf_fault unheard;

    if (!fault)
        fault = &unheard;
    *crl = (hf_crl){ .der = der };
    hf_reader r = hf_status_start(der, "DER", fault);
    hf_reader content = hf_der_open(&r, HF_DER_SEQUENCE, "CertificateList");
    hf_rd_end(&r);
    content.up = NULL; /* paths start at CertificateList */
    read_list(&content, crl);
    if (fault->code != HF_OK)
        fault->code = HF_E_CRL_DER;
    return fault->code;
}
