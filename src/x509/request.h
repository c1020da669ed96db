/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Certification requests, PKCS#10 (RFC 2986): somebody's public key and the names that it is wanted for,
 * signed with the private key. What else a request asks for is the CA's decision and is not looked at.
 */
#ifndef HF_X509_REQUEST_H
#define HF_X509_REQUEST_H

#include "x509/x509.h"

typedef struct hf_csr {
    hf_span der, info, subject, spki; /* info: CertificationRequestInfo, which is signed */
    hf_public_key key;
    hf_sig_algorithm signed_with;
    hf_span signature;
    hf_span san; /* content of GeneralNames, empty: none */
} hf_csr;

/* HF_E_CERT_DER, _VERSION or _KEY_UNSUPPORTED, with offset and path in fault (which may be NULL). Views into der. */
hf_error hf_csr_parse(hf_csr *csr, hf_span der, hf_fault *fault);
/* Whoever made it holds the private key: HF_OK, HF_E_SIGNATURE_WRONG, HF_E_CERT_SIGALG_UNSUPPORTED; HF_E_CERT_KEY_WEAK:
   RSA below 2048 or over 8192 bits. HF_E_CRYPTO, HF_E_NO_MEMORY. */
hf_error hf_csr_verify(const hf_csr *csr);
/* A request for these names (as in hf_cert_request), in fresh memory. common_name may be NULL. */
hf_error hf_csr_make(const char *common_name, const char *const *names, size_t n,
                     const hf_private_key *key, uint8_t **der, size_t *len);

#endif
