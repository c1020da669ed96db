/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Who may sign an OCSP response (RFC 6960 4.2.2.2): the CA that issued the certificate, or somebody to
 * whom that CA, and no other, has given a certificate for this purpose.
 */
#include <stdio.h>

#include "crypto/sha1.h"
#include "x509/ocsp.h"
#include "x509/parts.h"
#include "x509/revocation_parts.h"

static hf_error no_signer(const char *words, char detail[HF_DETAIL_MAX])
{
    snprintf(detail, HF_DETAIL_MAX, "%s", words);
    return HF_E_OCSP_SIGNATURE;
}

/* responderID: the subject's name, or the SHA-1 of the key, which says who and proves nothing. */
static hf_error is_responder(const hf_ocsp *ocsp, const hf_cert *cert, bool *is)
{
    uint8_t hash[HF_SHA1_LEN];

    *is = ocsp->by_name.len > 0 && hf_span_equal(ocsp->by_name, cert->subject);
    if (ocsp->by_key.len == 0)
        return HF_OK;
    TRY(hf_sha1_once(hf_spki_key_bits(cert->spki), hash));
    *is = hf_span_equal(ocsp->by_key, hf_span_of(hash, sizeof hash));
    return HF_OK;
}

/* ---- delegates ---- */

/* What a delegate's extensions say about him. */
typedef struct mandate {
    bool signs;   /* id-kp-OCSPSigning */
    bool nocheck; /* RFC 6960 4.2.2.2.1: nobody need ask whether he is revoked */
} mandate;

static void read_mandate(void *into, hf_oid id, bool critical, hf_reader *value)
{
    mandate *m = into;

    (void)critical;
    m->nocheck = m->nocheck || id == HF_OID_ocsp_nocheck;
    if (id != HF_OID_ext_key_usage)
        return;
    hf_reader content = hf_der_open(value, HF_DER_SEQUENCE, "ExtKeyUsageSyntax");
    while (hf_rd_left(&content) > 0)
        m->signs =
            hf_oid_of(hf_der_oid(&content, "KeyPurposeId")) == HF_OID_ocsp_signing || m->signs;
}

/* RFC 6960 4.2.2.2: id-kp-OCSPSigning itself. That anything goes (anyExtendedKeyUsage) is not enough. What follows the
   key in tbsCertificate has been parsed once, so it is known to be well-formed. */
static mandate mandate_of(const hf_cert *cert)
{
    hf_fault fault;
    mandate m = { .signs = false };
    const uint8_t *from = cert->spki.data + cert->spki.len;
    size_t len = (size_t)(cert->tbs.data + cert->tbs.len - from);
    hf_reader tbs = hf_status_start(hf_span_of(from, len), "tbsCertificate", &fault);

    while (hf_rd_left(&tbs) > 0 && hf_der_peek(&tbs) != HF_DER_CONTEXT_CONS(3)) {
        uint8_t tag;
        hf_der_any(&tbs, &tag, "uniqueID");
    }
    if (hf_rd_left(&tbs) == 0)
        return m;
    hf_reader wrapped = hf_der_open(&tbs, HF_DER_CONTEXT_CONS(3), "extensions");
    hf_extensions_each(&wrapped, read_mandate, &m);
    return fault.code == HF_OK ? m : (mandate){ .signs = false };
}

/* What must be true of a delegate before his signatures are worth checking. */
static hf_error check_delegate(const hf_path_query *query, const hf_cert *cert,
                               const hf_cert *issuer, char detail[HF_DETAIL_MAX])
{
    if (!hf_span_equal(cert->issuer, issuer->subject))
        return no_signer("the responder's certificate is another CA's", detail);
    if (!mandate_of(cert).signs)
        return no_signer("the responder's extKeyUsage is without OCSPSigning", detail);
    if (query->now < cert->not_before || query->now > cert->not_after)
        return no_signer("the responder's certificate is not valid now", detail);
    if (cert->unknown_critical)
        return no_signer("the responder's certificate has a critical extension that is not "
                         "understood",
                         detail);
    if (cert->has_key_usage && !(cert->key_usage & HF_KU_DIGITAL_SIGNATURE))
        return no_signer("the responder's keyUsage is there without digitalSignature", detail);
    return HF_OK;
}

/* RFC 6960 4.2.2.2.1. Without an answer he is believed: his certificate is the CA's. */
static hf_error check_not_revoked(const hf_path_query *query, const hf_cert *cert,
                                  const hf_cert *issuer, unsigned *units,
                                  char detail[HF_DETAIL_MAX])
{
    char words[HF_DETAIL_MAX];
    hf_status status = HF_STATUS_UNKNOWN;

    if (mandate_of(cert).nocheck)
        return HF_OK;
    TRY(hf_crls_status(query, cert, issuer, units, &status, words));
    return status == HF_STATUS_REVOKED ? no_signer("the responder's certificate is revoked", detail)
                                       : HF_OK;
}

static hf_error try_delegate(const hf_path_query *query, const hf_ocsp *ocsp, const hf_cert *cert,
                             const hf_cert *issuer, unsigned *units, char detail[HF_DETAIL_MAX])
{
    TRY(check_delegate(query, cert, issuer, detail));
    hf_error e =
        hf_status_signed(query, cert->tbs, cert->signed_with, cert->signature, &issuer->key, units);
    if (e == HF_E_SIGNATURE_WRONG)
        return no_signer("the responder's certificate is not signed with the issuer's key", detail);
    TRY(e);
    e = hf_status_signed(query, ocsp->tbs, ocsp->signed_with, ocsp->signature, &cert->key, units);
    if (e == HF_E_SIGNATURE_WRONG)
        return no_signer("the response is not signed with the responder's key", detail);
    TRY(e);
    return check_not_revoked(query, cert, issuer, units, detail);
}

static hf_error try_delegates(const hf_path_query *query, const hf_ocsp *ocsp,
                              const hf_cert *issuer, unsigned *units, char detail[HF_DETAIL_MAX])
{
    hf_fault fault;
    hf_reader certs = hf_status_start(ocsp->certs, "certs", &fault);
    hf_error e = HF_E_OCSP_SIGNATURE;

    for (int i = 0; i < HF_OCSP_CERTS_MAX && hf_rd_left(&certs) > 0; i++) {
        hf_cert cert;
        bool is = false;
        hf_span der = hf_der_whole(&certs, HF_DER_SEQUENCE, "Certificate");
        if (hf_cert_parse(&cert, der, NULL) != HF_OK)
            continue;
        TRY(is_responder(ocsp, &cert, &is));
        if (!is)
            continue;
        e = try_delegate(query, ocsp, &cert, issuer, units, detail);
        if (e != HF_E_OCSP_SIGNATURE)
            return e;
    }
    return e;
}

hf_error hf_ocsp_signer(const hf_path_query *query, const hf_ocsp *ocsp, const hf_cert *issuer,
                        unsigned *units, char detail[HF_DETAIL_MAX])
{
    bool is = false;
    hf_error e = no_signer("the response is neither the issuer's nor a delegate's", detail);

    TRY(is_responder(ocsp, issuer, &is));
    if (is) {
        e = hf_status_signed(query, ocsp->tbs, ocsp->signed_with, ocsp->signature, &issuer->key,
                             units);
        if (e != HF_E_SIGNATURE_WRONG)
            return e;
        e = no_signer("the response is not signed with the issuer's key", detail);
    }
    return ocsp->certs.len > 0 ? try_delegates(query, ocsp, issuer, units, detail) : e;
}
