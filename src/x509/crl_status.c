/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What one CRL says about one certificate (RFC 5280 6.3.3). A serial number is given once by a CA
 * (RFC 5280 4.1.2.2): who finds it on a list that the CA signed knows enough, whatever that list
 * leaves out. That it is not there means good only on a list that is fresh and complete for its
 * scope: deltas, indirect CRLs and lists for some reasons are not put together.
 */
#include <stdio.h>

#include "x509/crl_known.h"
#include "x509/revocation_parts.h"

static hf_error refuse(hf_error e, const char *words, char detail[HF_DETAIL_MAX])
{
    snprintf(detail, HF_DETAIL_MAX, "%s", words);
    return e;
}

/* What nothing can make up for: it is not known whom or what the entries are about. */
static hf_error check_subject(const hf_crl *crl, const hf_cert *cert, const hf_cert *issuer,
                              char detail[HF_DETAIL_MAX])
{
    if (!hf_span_equal(crl->issuer, cert->issuer) || !hf_span_equal(crl->issuer, issuer->subject))
        return refuse(HF_E_CRL_SCOPE, "the CRL is another issuer's", detail);
    if (crl->unknown_critical) /* RFC 5280 5.2 */
        return refuse(HF_E_CRL_SCOPE, "the CRL has a critical extension that is not understood",
                      detail);
    if (crl->only_attributes)
        return refuse(HF_E_CRL_SCOPE, "the CRL is for attribute certificates only", detail);
    return HF_OK;
}

/* RFC 5280 6.3.3 (b) */
static hf_error check_scope(const hf_crl *crl, const hf_cert *cert, char detail[HF_DETAIL_MAX])
{
    if (crl->indirect)
        return refuse(HF_E_CRL_SCOPE, "the CRL is an indirect one (indirectCRL)", detail);
    if (crl->only_users && cert->is_ca)
        return refuse(HF_E_CRL_SCOPE, "the CRL is for end entities only, this is a CA", detail);
    if (crl->only_cas && !cert->is_ca)
        return refuse(HF_E_CRL_SCOPE, "the CRL is for CAs only, this is an end entity", detail);
    if (!hf_crl_point_fits(crl, cert))
        return refuse(HF_E_CRL_SCOPE, "the CRL is of another distribution point", detail);
    if (crl->delta) /* RFC 5280 5.2.4 */
        return refuse(HF_E_CRL_DELTA, "the CRL is a delta CRL (deltaCRLIndicator)", detail);
    return HF_OK;
}

/* RFC 5280 6.3.3 (a). Without nextUpdate, which RFC 5280 5.1.2.5 demands, an old CRL would be good for ever. */
static hf_error check_date(const hf_crl *crl, int64_t now, char detail[HF_DETAIL_MAX])
{
    char bound[24], at[24];
    bool early = now < crl->this_update - HF_STATUS_SKEW;

    if (!early && crl->next_update == 0)
        return refuse(HF_E_CRL_STALE, "the CRL has no nextUpdate", detail);
    if (!early && now < crl->next_update + HF_STATUS_SKEW)
        return HF_OK;
    hf_time_text(early ? crl->this_update : crl->next_update, bound);
    hf_time_text(now, at);
    snprintf(detail, HF_DETAIL_MAX, "the CRL's %s is %s, now %s",
             early ? "thisUpdate" : "nextUpdate", bound, at);
    return HF_E_CRL_STALE;
}

/*
 * A signature is checked once for each key that made it. What the query allows is looked at each time, and the budget is charged
 * each time, also for what is known: if that cost less, what a budget lasts for, and with it the answer, would hang on what
 * other threads asked before.
 */
static hf_error check_signature(const hf_path_query *query, const hf_crl *crl,
                                const hf_cert *issuer, unsigned *units)
{
    TRY(hf_status_charge(query, crl->tbs, crl->signed_with, &issuer->key, units));
    if (hf_crl_knows_signer(crl, issuer))
        return HF_OK;
    TRY(hf_verify(&issuer->key, crl->signed_with.kind, crl->signed_with.hash, crl->tbs,
                  crl->signature));
    hf_crl_keep_signer(crl, issuer);
    return HF_OK;
}

/* RFC 5280 6.3.3 (f), (g) */
hf_error hf_crl_signer(const hf_path_query *query, const hf_crl *crl, const hf_cert *issuer,
                       unsigned *units, char detail[HF_DETAIL_MAX])
{
    if (issuer->has_key_usage && !(issuer->key_usage & HF_KU_CRL_SIGN))
        return refuse(HF_E_CRL_ISSUER, "the issuer's keyUsage is there without cRLSign", detail);
    hf_error e = check_signature(query, crl, issuer, units);
    if (e != HF_E_SIGNATURE_WRONG)
        return e;
    return refuse(HF_E_CRL_SIGNATURE, "the CRL is not signed with the issuer's key", detail);
}

/* RFC 5280 6.3.3 (i), (k): removeFromCRL takes back what another entry says, and says nothing by itself. */
static bool revokes(const hf_crl_entry *entry, const hf_cert *cert)
{
    return hf_span_equal(entry->serial, cert->serial) && entry->reason != HF_REASON_REMOVE_FROM_CRL;
}

typedef struct findings {
    bool revoked, unknown; /* some entry has a critical extension that is not understood */
    hf_crl_entry entry;
} findings;

/* An entry that is understood counts, and so does a lasting reason before a hold. */
static void note(findings *found, const hf_crl_entry *entry)
{
    if (entry->unknown_critical || (found->revoked && found->entry.reason != HF_REASON_HOLD))
        return;
    found->revoked = true;
    found->entry = *entry;
}

/* Of a plain list: nothing is unknown, and all of it is about this CA. */
static void look_up_indexed(const hf_crl *crl, const hf_cert *cert, findings *found)
{
    hf_crl_entry entry;

    for (size_t next = 0; hf_crl_find(crl, cert->serial, &next, &entry);)
        if (revokes(&entry, cert))
            note(found, &entry);
}

static hf_error walk(const hf_crl *crl, const hf_cert *cert, findings *found,
                     char detail[HF_DETAIL_MAX])
{
    hf_fault fault;
    hf_reader entries = hf_status_start(crl->revoked, "revokedCertificates", &fault);
    hf_crl_entry entry;
    bool others = false; /* RFC 5280 5.3.3: from here on the entries are another CA's */

    while (hf_crl_next(&entries, &entry)) {
        found->unknown = found->unknown || entry.unknown_critical;
        others = others || entry.other_issuer;
        if (!others && revokes(&entry, cert))
            note(found, &entry);
    }
    if (fault.code == HF_OK)
        return HF_OK;
    hf_status_fault_text(&fault, detail);
    return HF_E_CRL_DER;
}

static hf_error look_up(const hf_crl *crl, const hf_cert *cert, findings *found,
                        char detail[HF_DETAIL_MAX])
{
    if (!hf_crl_has_index(crl))
        return walk(crl, cert, found, detail);
    look_up_indexed(crl, cert, found);
    return HF_OK;
}

static void tell(const hf_crl_entry *entry, char detail[HF_DETAIL_MAX])
{
    char date[24];
    const char *reason = hf_crl_reason_name(entry->reason);

    hf_time_text(entry->date, date);
    snprintf(detail, HF_DETAIL_MAX, "revoked %s%s%s, says its issuer's CRL", date,
             reason ? ", " : "", reason ? reason : "");
}

/* RFC 5280 5.3 forbids to use a CRL of which one entry is not understood: not to call anything good by it. */
static hf_error check_good(const hf_crl *crl, const hf_cert *cert, const findings *found,
                           int64_t now, char detail[HF_DETAIL_MAX])
{
    TRY(check_scope(crl, cert, detail));
    TRY(check_date(crl, now, detail));
    if (found->unknown)
        return refuse(HF_E_CRL_SCOPE, "an entry has a critical extension that is not understood",
                      detail);
    if (crl->only_some_reasons) /* RFC 5280 6.3.3 (d): it might be revoked for another one */
        return refuse(HF_E_CRL_SCOPE, "the CRL is for some reasons only", detail);
    return HF_OK;
}

hf_error hf_crl_status(const hf_path_query *query, const hf_crl *crl, const hf_cert *cert,
                       const hf_cert *issuer, unsigned *units, hf_status *status,
                       char detail[HF_DETAIL_MAX])
{
    findings found = { .revoked = false };

    detail[0] = '\0';
    *status = HF_STATUS_UNKNOWN;
    TRY(check_subject(crl, cert, issuer, detail));
    TRY(look_up(crl, cert, &found, detail));
    if (!found.revoked)
        TRY(check_good(crl, cert, &found, query->now, detail));
    else if (found.entry.reason == HF_REASON_HOLD) /* may have been released since */
        TRY(check_date(crl, query->now, detail));
    TRY(hf_crl_signer(query, crl, issuer, units, detail));
    if (found.revoked)
        tell(&found.entry, detail);
    *status = found.revoked ? HF_STATUS_REVOKED : HF_STATUS_GOOD;
    return HF_OK;
}
