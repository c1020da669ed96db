/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What one CRL says about one certificate (RFC 5280 6.3.3). First whether it may say anything at all:
 * its scope, its date, who signed it. A CRL is complete for its scope or it is not used: deltas,
 * indirect CRLs and lists for some reasons are not put together.
 */
#include <stdio.h>

#include "x509/revocation_parts.h"

static hf_error refuse(hf_error e, const char *words, char detail[HF_DETAIL_MAX])
{
    snprintf(detail, HF_DETAIL_MAX, "%s", words);
    return e;
}

/* RFC 5280 6.3.3 (b) */
static hf_error check_scope(const hf_crl *crl, const hf_cert *cert, const hf_cert *issuer,
                            char detail[HF_DETAIL_MAX])
{
    if (!hf_span_equal(crl->issuer, cert->issuer) || !hf_span_equal(crl->issuer, issuer->subject))
        return refuse(HF_E_CRL_SCOPE, "the CRL is another issuer's", detail);
    if (crl->unknown_critical) /* RFC 5280 5.2 */
        return refuse(HF_E_CRL_SCOPE, "the CRL has a critical extension that is not understood",
                      detail);
    if (crl->indirect)
        return refuse(HF_E_CRL_SCOPE, "the CRL is an indirect one (indirectCRL)", detail);
    if (crl->only_attributes)
        return refuse(HF_E_CRL_SCOPE, "the CRL is for attribute certificates only", detail);
    if (crl->only_users && cert->is_ca)
        return refuse(HF_E_CRL_SCOPE, "the CRL is for end entities only, this is a CA", detail);
    if (crl->only_cas && !cert->is_ca)
        return refuse(HF_E_CRL_SCOPE, "the CRL is for CAs only, this is an end entity", detail);
    if (!hf_crl_point_fits(crl, cert))
        return refuse(HF_E_CRL_SCOPE, "the CRL is of another distribution point", detail);
    return HF_OK;
}

/* RFC 5280 6.3.3 (a). Without nextUpdate, which RFC 5280 5.1.2.5 demands, an old CRL would be good for ever. */
static hf_error check_date(const hf_crl *crl, int64_t now, char detail[HF_DETAIL_MAX])
{
    char bound[24], at[24];
    bool early = now < crl->this_update;

    if (!early && crl->next_update == 0)
        return refuse(HF_E_CRL_STALE, "the CRL has no nextUpdate", detail);
    if (!early && now < crl->next_update)
        return HF_OK;
    hf_time_text(early ? crl->this_update : crl->next_update, bound);
    hf_time_text(now, at);
    snprintf(detail, HF_DETAIL_MAX, "the CRL's %s is %s, now %s",
             early ? "thisUpdate" : "nextUpdate", bound, at);
    return HF_E_CRL_STALE;
}

/* RFC 5280 6.3.3 (f), (g) */
static hf_error check_signer(const hf_path_query *query, const hf_crl *crl, const hf_cert *issuer,
                             unsigned *units, char detail[HF_DETAIL_MAX])
{
    if (issuer->has_key_usage && !(issuer->key_usage & HF_KU_CRL_SIGN))
        return refuse(HF_E_CRL_ISSUER, "the issuer's keyUsage is there without cRLSign", detail);
    hf_error e =
        hf_status_signed(query, crl->tbs, crl->signed_with, crl->signature, &issuer->key, units);
    if (e != HF_E_SIGNATURE_WRONG)
        return e;
    return refuse(HF_E_CRL_SIGNATURE, "the CRL is not signed with the issuer's key", detail);
}

/* RFC 5280 6.3.3 (i), (k): removeFromCRL takes back what another entry says, and says nothing by itself. */
static bool revokes(const hf_crl_entry *entry, const hf_cert *cert)
{
    return hf_span_equal(entry->serial, cert->serial) && entry->reason != HF_REASON_REMOVE_FROM_CRL;
}

/* All entries are read: RFC 5280 5.3 forbids to use a CRL of which one cannot be understood. */
static hf_error look_up(const hf_crl *crl, const hf_cert *cert, hf_crl_entry *found, bool *revoked,
                        char detail[HF_DETAIL_MAX])
{
    hf_fault fault;
    hf_reader entries = hf_status_start(crl->revoked, "revokedCertificates", &fault);
    hf_crl_entry entry;
    bool unknown = false;

    while (hf_crl_next(&entries, &entry)) {
        unknown = unknown || entry.unknown_critical;
        if (!*revoked && revokes(&entry, cert)) {
            *revoked = true;
            *found = entry;
        }
    }
    if (unknown)
        return refuse(HF_E_CRL_SCOPE, "an entry has a critical extension that is not understood",
                      detail);
    if (fault.code == HF_OK)
        return HF_OK;
    hf_status_fault_text(&fault, detail);
    return HF_E_CRL_DER;
}

static void tell(const hf_crl_entry *entry, char detail[HF_DETAIL_MAX])
{
    char date[24];
    const char *reason = hf_crl_reason_name(entry->reason);

    hf_time_text(entry->date, date);
    snprintf(detail, HF_DETAIL_MAX, "revoked %s%s%s, says its issuer's CRL", date,
             reason ? ", " : "", reason ? reason : "");
}

hf_error hf_crl_status(const hf_path_query *query, const hf_crl *crl, const hf_cert *cert,
                       const hf_cert *issuer, unsigned *units, hf_status *status,
                       char detail[HF_DETAIL_MAX])
{
    hf_crl_entry entry = { 0 };
    bool revoked = false;

    detail[0] = '\0';
    *status = HF_STATUS_UNKNOWN;
    TRY(check_scope(crl, cert, issuer, detail));
    if (crl->delta) /* RFC 5280 5.2.4 */
        return refuse(HF_E_CRL_DELTA, "the CRL is a delta CRL (deltaCRLIndicator)", detail);
    TRY(check_date(crl, query->now, detail));
    TRY(check_signer(query, crl, issuer, units, detail));
    TRY(look_up(crl, cert, &entry, &revoked, detail));
    if (revoked)
        tell(&entry, detail);
    else if (crl->only_some_reasons) /* RFC 5280 6.3.3 (d): it might be revoked for another one */
        return refuse(HF_E_CRL_SCOPE, "the CRL is for some reasons only", detail);
    *status = revoked ? HF_STATUS_REVOKED : HF_STATUS_GOOD;
    return HF_OK;
}
