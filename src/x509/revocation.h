/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Has this certificate been withdrawn? CRLs (RFC 5280 5, 6.3) and OCSP responses (RFC 6960) that are at
 * hand: nothing is fetched. What is stale, for somebody else, or not signed by who may is no answer.
 */
#ifndef HF_X509_REVOCATION_H
#define HF_X509_REVOCATION_H

#include "x509/path_rules.h"

/* ---- CRLs ---- */

typedef struct hf_crl {
    hf_span der, tbs, issuer;
    int64_t this_update, next_update; /* next_update 0: none */
    hf_span revoked;                  /* content of revokedCertificates */
    hf_sig_algorithm signed_with;
    hf_span signature;
    hf_span aki, number; /* empty: not there */
    hf_span idp;         /* content of issuingDistributionPoint */
    bool delta, indirect, only_users, only_cas, only_attributes, only_some_reasons;
    bool unknown_critical;
    struct hf_crl_known *known; /* x509/crl_known.h; NULL: it is in no trust store */
} hf_crl;

/* HF_E_CRL_DER, with place and rule in fault. The entries are looked at when they are asked for. */
hf_error hf_crl_parse(hf_crl *crl, hf_span der, hf_fault *fault);

enum {
    HF_REASON_NONE = -1,
    HF_REASON_HOLD = 6, /* certificateHold: the only reason that a CA takes back */
    HF_REASON_REMOVE_FROM_CRL = 8,
    HF_REASON_MAX = 10
};

typedef struct hf_crl_entry {
    hf_span serial; /* as hf_cert.serial */
    int64_t date;
    int reason;            /* CRLReason (RFC 5280 5.3.1), HF_REASON_NONE: not given */
    bool unknown_critical; /* certificateIssuer counts as such: indirect CRLs are not used */
    bool
        other_issuer; /* certificateIssuer is there: this entry and those after it are another CA's */
} hf_crl_entry;

/* The next entry; *entries starts over crl->revoked. False at the end, or at a fault. */
bool hf_crl_next(hf_reader *entries, hf_crl_entry *entry);
/* "keyCompromise"; NULL: no such reason. */
const char *hf_crl_reason_name(int reason);

/* ---- status ---- */

enum {
    HF_STATUS_BUDGET = 32, /* units of signature checks for CRLs and OCSP responses, per question */
    HF_STATUS_SKEW =
        300, /* seconds; clocks of CAs are not ours: an answer may be so much too new, or too old */
    HF_OCSP_DAYS_MAX =
        35 /* from thisUpdate to nextUpdate: who asks to be believed for longer is stale */
};

typedef enum hf_status { HF_STATUS_UNKNOWN, HF_STATUS_GOOD, HF_STATUS_REVOKED } hf_status;

/* The status of cert, issued by issuer, from one CRL. What its issuer signed stays evidence: that the serial is on the list is
   REVOKED, however old, incomplete or of another scope the list is, unless it is only on hold on a list that is not fresh.
   Freshness, scope and completeness are demanded for GOOD. HF_OK with *status; or why this CRL is no answer: HF_E_CRL_STALE, _DELTA,
   _SIGNATURE, _SCOPE (IDP, another issuer, a critical extension that is not understood), _ISSUER (no cRLSign), _DER (an entry is
   malformed); or HF_E_CERT_BUDGET, HF_E_NO_MEMORY, HF_E_CRYPTO. *units: what is left of the budget of signature checks. */
hf_error hf_crl_status(const hf_path_query *query, const hf_crl *crl, const hf_cert *cert,
                       const hf_cert *issuer, unsigned *units, hf_status *status,
                       char detail[HF_DETAIL_MAX]);
/* The same from an OCSPResponse (RFC 6960): signed by the issuer or by a delegate of his with id-kp-OCSPSigning, for this serial
   and issuer; fresh, but for one that says REVOKED, as above. A delegate without id-pkix-ocsp-nocheck must not be revoked by the
   trust store's CRLs. HF_E_OCSP_DER, _STATUS (not successful), _STALE, _SIGNATURE, _OTHER_CERT. */
hf_error hf_ocsp_status(const hf_path_query *query, hf_span response, const hf_cert *cert,
                        const hf_cert *issuer, unsigned *units, hf_status *status,
                        char detail[HF_DETAIL_MAX]);
/*
 * A whole path (leaf first, anchor last): the staple for the leaf, the trust store's CRLs for all but the anchor.
 * HF_E_CERT_REVOKED in either mode. HF_E_CERT_STAPLE_MISSING: the leaf demands a staple, and none says that it is good.
 * HF_E_CERT_STATUS_UNKNOWN: hard, and nothing that can be used says what the leaf's status is, be it that there is no CRL of
 * its issuer or that those there are of no use. Soft: HF_OK then; *detail says why a CRL or staple was of no use, or is empty.
 * Of the CRLs of one issuer and scope only the newest genuine one counts. *units used up: soft takes it for no answer, hard
 * ends with HF_E_CERT_BUDGET. n = 1: a leaf that is itself trusted and whose issuer is not known; it has the same duties, and
 * nobody who could answer. Where the issuer is known (pool or store) but not part of the path, he is path[1] all the same.
 */
hf_error hf_revocation_check(const hf_path_query *query, const hf_cert *const *path, size_t n,
                             unsigned *units, size_t *at, char detail[HF_DETAIL_MAX]);
/* What a server must know before it staples a response: for this leaf, not stale at `now`. Its signature is not checked. */
hf_error hf_ocsp_fits(hf_span response, const hf_cert *leaf, const hf_cert *issuer, int64_t now,
                      int64_t *next_update);

#endif
