/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What CRLs and OCSP responses are both read and judged with. */
#ifndef HF_X509_REVOCATION_PARTS_H
#define HF_X509_REVOCATION_PARTS_H

#include "x509/der.h"
#include "x509/oid.h"
#include "x509/revocation.h"

enum { HF_DER_ENUMERATED = 0x0a };

/* Is called for each extension with a reader over its value; what it knows it reads and ends. */
typedef void hf_extension_read(void *into, hf_oid id, bool critical, hf_reader *value);
/* Extensions (RFC 5280 4.1.2.9), none of them twice. */
void hf_extensions_each(hf_reader *r, hf_extension_read *read, void *into);

/* An ENUMERATED of one octet. */
uint8_t hf_der_enumerated(hf_reader *r, const char *field);

/* Starts a parse of der. */
hf_reader hf_status_start(hf_span der, const char *name, hf_fault *fault);
/* "CertificateList.tbsCertList.issuer, byte 12: tag 31, expected 30" */
void hf_status_fault_text(const hf_fault *fault, char detail[HF_DETAIL_MAX]);

/* Whether the query allows such a signature, and *units last for it: they are less then. HF_E_SIGNATURE_WRONG,
   HF_E_CERT_BUDGET. */
hf_error hf_status_charge(const hf_path_query *query, hf_span tbs, hf_sig_algorithm algorithm,
                          const hf_public_key *key, unsigned *units);
/* Whether key signed tbs, with an algorithm that the query allows. HF_E_SIGNATURE_WRONG: no, or not allowed;
   HF_E_CERT_BUDGET: *units are used up; HF_E_NO_MEMORY, HF_E_CRYPTO. */
hf_error hf_status_signed(const hf_path_query *query, hf_span tbs, hf_sig_algorithm algorithm,
                          hf_span signature, const hf_public_key *key, unsigned *units);

/* crl_status.c. Whether the issuer signed the CRL, and may. Errors as hf_crl_status. */
hf_error hf_crl_signer(const hf_path_query *query, const hf_crl *crl, const hf_cert *issuer,
                       unsigned *units, char detail[HF_DETAIL_MAX]);
/* revocation.c. What the trust store's CRLs say. HF_OK, with words in detail for REVOKED, and for UNKNOWN the first obstacle,
   if there is one; or what ends everything. */
hf_error hf_crls_status(const hf_path_query *query, const hf_cert *cert, const hf_cert *issuer,
                        unsigned *units, hf_status *status, char detail[HF_DETAIL_MAX]);

/* crl_points.c. Whether the CRL's distribution point, if it names one, is one of the certificate's (RFC 5280 6.3.3 (b) (2) (i)). */
bool hf_crl_point_fits(const hf_crl *crl, const hf_cert *cert);

#endif
