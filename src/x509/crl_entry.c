/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The entries of a CRL (RFC 5280 5.3): a serial number, a date, and why. */
#include "x509/revocation_parts.h"

static const char *const reasons[HF_REASON_MAX + 1] = {
    "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",    "cessationOfOperation", "certificateHold", NULL, /* 7 is not used */
    "removeFromCRL", "privilegeWithdrawn",   "aACompromise"
};

const char *hf_crl_reason_name(int reason)
{
    return reason >= 0 && reason <= HF_REASON_MAX ? reasons[reason] : NULL;
}

/* RFC 5280 5.3.1 */
static void read_reason(hf_crl_entry *entry, hf_reader *value)
{
    entry->reason = hf_der_enumerated(value, "CRLReason");
    if (!hf_crl_reason_name(entry->reason))
        hf_rd_refuse(value, HF_E_CRL_DER, 1, "CRLReason", "%d is no reason", entry->reason);
    hf_rd_end(value);
}

/* A certificateIssuer (RFC 5280 5.3.3) says that this entry and those after it are another CA's. */
static void read_extension(void *into, hf_oid id, bool critical, hf_reader *value)
{
    hf_crl_entry *entry = into;

    switch (id) {
    case HF_OID_reason_code: read_reason(entry, value); return;
    case HF_OID_invalidity_date: return;
    case HF_OID_certificate_issuer: entry->unknown_critical = entry->other_issuer = true; return;
    default: entry->unknown_critical = entry->unknown_critical || critical;
    }
}

bool hf_crl_next(hf_reader *entries, hf_crl_entry *entry)
{
    if (hf_rd_left(entries) == 0)
        return false;
    hf_reader content = hf_der_open(entries, HF_DER_SEQUENCE, "revokedCertificate");
    *entry = (hf_crl_entry){ .reason = HF_REASON_NONE };
    entry->serial = hf_der_integer(&content, "userCertificate");
    entry->date = hf_der_time(&content, "revocationDate");
    if (hf_rd_left(&content) > 0)
        hf_extensions_each(&content, read_extension, entry);
    hf_rd_end(&content);
    return hf_rd_ok(entries);
}
