/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The parts of an OCSP response (RFC 6960 4.2.1) and who may have signed it, for the files of that name. */
#ifndef HF_X509_OCSP_H
#define HF_X509_OCSP_H

#include "x509/der.h"
#include "x509/oid.h"
#include "x509/revocation.h"

enum { HF_OCSP_CERTS_MAX = 8 }; /* delegates that are looked at */

typedef struct hf_ocsp {
    uint8_t response_status; /* 0: successful, and all the others are set */
    hf_span tbs;             /* ResponseData */
    hf_span by_name, by_key; /* responderID: one of them */
    int64_t produced_at;
    hf_span responses; /* content */
    hf_sig_algorithm signed_with;
    hf_span signature;
    hf_span certs; /* content of certs' SEQUENCE; empty: none */
    bool unknown_critical;
} hf_ocsp;

/* HF_E_OCSP_DER, or HF_E_OCSP_STATUS. */
hf_error hf_ocsp_parse(hf_ocsp *ocsp, hf_span der, hf_fault *fault);
/* A GeneralizedTime, whatever the year (RFC 6960 4.2.2.1). */
int64_t hf_ocsp_time(hf_reader *r, const char *field);
/* "tryLater"; NULL: no such status. */
const char *hf_ocsp_response_status_name(uint8_t status);

typedef struct hf_ocsp_single {
    hf_oid hash; /* CertID: HF_OID_sha1, HF_OID_sha256, or what is not supported */
    hf_span name_hash, key_hash, serial;
    hf_status status;
    int64_t revoked_at;
    int reason;                       /* HF_REASON_NONE: not given */
    int64_t this_update, next_update; /* next_update 0: none */
    bool unknown_critical;
} hf_ocsp_single;

/* The next SingleResponse; *responses starts over ocsp->responses. False at the end, or at a fault. */
bool hf_ocsp_next(hf_reader *responses, hf_ocsp_single *single);

/* Who cert is by a CertID. */
typedef struct hf_ocsp_hashes {
    uint8_t sha1_name[20], sha1_key[20], sha256_name[HF_HASH_MAX], sha256_key[HF_HASH_MAX];
} hf_ocsp_hashes;
hf_error hf_ocsp_hashes_of(hf_ocsp_hashes *h, hf_span issuer_name, const hf_cert *issuer);

/* Whether the issuer, or a delegate of his that the response holds, signed it. HF_E_OCSP_SIGNATURE, or what ends everything. */
hf_error hf_ocsp_signer(const hf_path_query *query, const hf_ocsp *ocsp, const hf_cert *issuer,
                        unsigned *units, char detail[HF_DETAIL_MAX]);

#endif
