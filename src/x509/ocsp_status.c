/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What an OCSP response says about one certificate, and whether it may be believed (RFC 6960 3.2). */
#include <stdio.h>

#include "x509/ocsp.h"
#include "x509/revocation_parts.h"

enum { DAY = 86400 };

static hf_error refuse(hf_error e, const char *words, char detail[HF_DETAIL_MAX])
{
    snprintf(detail, HF_DETAIL_MAX, "%s", words);
    return e;
}

/* ---- reading ---- */

static hf_error parse(hf_ocsp *ocsp, hf_span response, char detail[HF_DETAIL_MAX])
{
    hf_fault fault;
    hf_error e = hf_ocsp_parse(ocsp, response, &fault);

    if (e == HF_E_OCSP_DER)
        hf_status_fault_text(&fault, detail);
    else if (e == HF_E_OCSP_STATUS)
        snprintf(detail, HF_DETAIL_MAX, "the responder said %s",
                 hf_ocsp_response_status_name(ocsp->response_status));
    else if (ocsp->unknown_critical) /* RFC 6960 4.4 */
        return refuse(HF_E_OCSP_DER, "the response has a critical extension that is not understood",
                      detail);
    return e;
}

/* ---- which one is it about ---- */

static bool is_hash(hf_span bytes, const uint8_t *hash, size_t len)
{
    return hf_span_equal(bytes, hf_span_of(hash, len));
}

/* RFC 6960 3.2 (1) */
static bool is_about(const hf_ocsp_single *single, const hf_cert *cert, const hf_ocsp_hashes *h)
{
    if (!hf_span_equal(single->serial, cert->serial))
        return false;
    if (single->hash == HF_OID_sha1)
        return is_hash(single->name_hash, h->sha1_name, 20) &&
               is_hash(single->key_hash, h->sha1_key, 20);
    return single->hash == HF_OID_sha256 && is_hash(single->name_hash, h->sha256_name, 32) &&
           is_hash(single->key_hash, h->sha256_key, 32);
}

/* Several answers for one certificate: that it is revoked counts, else the first. */
static hf_error find(const hf_ocsp *ocsp, const hf_cert *cert, const hf_cert *issuer,
                     hf_ocsp_single *found, char detail[HF_DETAIL_MAX])
{
    hf_fault fault;
    hf_reader responses = hf_status_start(ocsp->responses, "responses", &fault);
    hf_ocsp_hashes hashes;
    hf_ocsp_single single;
    bool any = false;

    TRY(hf_ocsp_hashes_of(&hashes, cert->issuer, issuer));
    while (hf_ocsp_next(&responses, &single)) {
        if (!is_about(&single, cert, &hashes))
            continue;
        if (!any || (single.status == HF_STATUS_REVOKED && found->status != HF_STATUS_REVOKED))
            *found = single;
        any = true;
    }
    if (fault.code != HF_OK) {
        hf_status_fault_text(&fault, detail);
        return HF_E_OCSP_DER;
    }
    return any ? HF_OK
               : refuse(HF_E_OCSP_OTHER_CERT, "the response is for another certificate", detail);
}

/* ---- may it be believed ---- */

/* RFC 6960 3.2 (5), (6), 4.2.2.1. Without nextUpdate a staple could be shown for ever. */
static hf_error check_date(const hf_ocsp_single *single, int64_t now, char detail[HF_DETAIL_MAX])
{
    char bound[24], at[24];
    bool early = now < single->this_update - HF_STATUS_SKEW;

    if (!early && single->next_update == 0)
        return refuse(HF_E_OCSP_STALE, "the response has no nextUpdate", detail);
    if (!early && single->next_update - single->this_update > HF_OCSP_DAYS_MAX * (int64_t)DAY)
        return refuse(HF_E_OCSP_STALE, "the response is for more than 35 days", detail);
    if (!early && now < single->next_update + HF_STATUS_SKEW)
        return HF_OK;
    hf_time_text(early ? single->this_update : single->next_update, bound);
    hf_time_text(now, at);
    snprintf(detail, HF_DETAIL_MAX, "the response's %s is %s, now %s",
             early ? "thisUpdate" : "nextUpdate", bound, at);
    return HF_E_OCSP_STALE;
}

/* However old the response is, what it says is still true. */
static bool is_lasting(const hf_ocsp_single *single)
{
    return single->status == HF_STATUS_REVOKED && single->reason != HF_REASON_HOLD &&
           single->reason != HF_REASON_REMOVE_FROM_CRL;
}

static void tell(const hf_ocsp_single *single, char detail[HF_DETAIL_MAX])
{
    char date[24];
    const char *reason = hf_crl_reason_name(single->reason);

    hf_time_text(single->revoked_at, date);
    snprintf(detail, HF_DETAIL_MAX, "revoked %s%s%s, says the OCSP response", date,
             reason ? ", " : "", reason ? reason : "");
}

hf_error hf_ocsp_status(const hf_path_query *query, hf_span response, const hf_cert *cert,
                        const hf_cert *issuer, unsigned *units, hf_status *status,
                        char detail[HF_DETAIL_MAX])
{
    hf_ocsp ocsp;
    hf_ocsp_single single;

    detail[0] = '\0';
    *status = HF_STATUS_UNKNOWN;
    TRY(parse(&ocsp, response, detail));
    TRY(find(&ocsp, cert, issuer, &single, detail));
    if (single.unknown_critical)
        return refuse(HF_E_OCSP_DER, "the response has a critical extension that is not understood",
                      detail);
    if (!is_lasting(&single))
        TRY(check_date(&single, query->now, detail));
    TRY(hf_ocsp_signer(query, &ocsp, issuer, units, detail));
    detail[0] = '\0';
    if (single.status == HF_STATUS_REVOKED)
        tell(&single, detail);
    else if (single.status == HF_STATUS_UNKNOWN)
        snprintf(detail, HF_DETAIL_MAX, "the responder does not know the certificate");
    *status = single.status;
    return HF_OK;
}

hf_error hf_ocsp_fits(hf_span response, const hf_cert *leaf, const hf_cert *issuer, int64_t now,
                      int64_t *next_update)
{
    char words[HF_DETAIL_MAX];
    hf_ocsp ocsp;
    hf_ocsp_single single;

    TRY(parse(&ocsp, response, words));
    TRY(find(&ocsp, leaf, issuer, &single, words));
    TRY(check_date(&single, now, words));
    *next_update = single.next_update;
    return HF_OK;
}
