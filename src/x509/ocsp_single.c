/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One SingleResponse: which certificate it is about, and what it says (RFC 6960 4.1.1, 4.2.1). */
#include "crypto/hash.h"
#include "crypto/sha1.h"
#include "x509/ocsp.h"
#include "x509/parts.h"
#include "x509/revocation_parts.h"

static void read_cert_id(hf_reader *content, hf_ocsp_single *single)
{
    hf_reader id = hf_der_open(content, HF_DER_SEQUENCE, "certID");
    hf_reader algorithm = hf_der_open(&id, HF_DER_SEQUENCE, "hashAlgorithm");

    single->hash = hf_oid_of(hf_der_oid(&algorithm, "algorithm"));
    if (hf_rd_left(&algorithm) > 0)
        hf_der_null(&algorithm, "parameters");
    hf_rd_end(&algorithm);
    single->name_hash = hf_der_read(&id, HF_DER_OCTET_STRING, "issuerNameHash");
    single->key_hash = hf_der_read(&id, HF_DER_OCTET_STRING, "issuerKeyHash");
    single->serial = hf_der_integer(&id, "serialNumber");
    hf_rd_end(&id);
}

int64_t hf_ocsp_time(hf_reader *r, const char *field)
{
    if (hf_der_peek(r) != HF_DER_GENERALIZED_TIME)
        hf_rd_refuse(r, HF_E_OCSP_DER, 0, field, "not a GeneralizedTime");
    return hf_der_time(r, field);
}

static void read_revoked(hf_reader *content, hf_ocsp_single *single)
{
    hf_reader info = hf_der_open(content, HF_DER_CONTEXT_CONS(1), "revoked");

    single->status = HF_STATUS_REVOKED;
    single->revoked_at = hf_ocsp_time(&info, "revocationTime");
    if (hf_rd_left(&info) > 0) {
        hf_reader wrapped = hf_der_open(&info, HF_DER_CONTEXT_CONS(0), "revocationReason");
        single->reason = hf_der_enumerated(&wrapped, "revocationReason");
        hf_rd_end(&wrapped);
    }
    hf_rd_end(&info);
}

/* CertStatus: good [0] and unknown [2] are NULLs. */
static void read_status(hf_reader *content, hf_ocsp_single *single)
{
    uint8_t tag = hf_der_peek(content);

    if (tag == HF_DER_CONTEXT_CONS(1)) {
        read_revoked(content, single);
        return;
    }
    single->status = tag == HF_DER_CONTEXT(0) ? HF_STATUS_GOOD : HF_STATUS_UNKNOWN;
    if (hf_der_read(content, tag == HF_DER_CONTEXT(0) ? tag : HF_DER_CONTEXT(2), "certStatus").len)
        hf_rd_refuse(content, HF_E_OCSP_DER, 0, "certStatus", "a NULL with content");
}

static void read_dates(hf_reader *content, hf_ocsp_single *single)
{
    single->this_update = hf_ocsp_time(content, "thisUpdate");
    if (hf_der_peek(content) != HF_DER_CONTEXT_CONS(0))
        return;
    hf_reader wrapped = hf_der_open(content, HF_DER_CONTEXT_CONS(0), "nextUpdate");
    single->next_update = hf_ocsp_time(&wrapped, "nextUpdate");
    hf_rd_end(&wrapped);
}

static void read_extension(void *into, hf_oid id, bool critical, hf_reader *value)
{
    hf_ocsp_single *single = into;

    (void)id;
    (void)value;
    single->unknown_critical = single->unknown_critical || critical;
}

bool hf_ocsp_next(hf_reader *responses, hf_ocsp_single *single)
{
    if (hf_rd_left(responses) == 0)
        return false;
    hf_reader content = hf_der_open(responses, HF_DER_SEQUENCE, "SingleResponse");
    *single = (hf_ocsp_single){ .reason = HF_REASON_NONE };
    read_cert_id(&content, single);
    read_status(&content, single);
    read_dates(&content, single);
    if (hf_rd_left(&content) > 0) {
        hf_reader wrapped = hf_der_open(&content, HF_DER_CONTEXT_CONS(1), "singleExtensions");
        hf_extensions_each(&wrapped, read_extension, single);
        hf_rd_end(&wrapped);
    }
    hf_rd_end(&content);
    return hf_rd_ok(responses);
}

/* RFC 6960 4.1.1: of the issuer's name as DER, and of its key without tag, length and unused bits. */
hf_error hf_ocsp_hashes_of(hf_ocsp_hashes *h, hf_span issuer_name, const hf_cert *issuer)
{
    hf_span key = hf_spki_key_bits(issuer->spki);

    TRY(hf_sha1_once(issuer_name, h->sha1_name));
    TRY(hf_sha1_once(key, h->sha1_key));
    TRY(hf_hash_once(HF_SHA256, issuer_name, h->sha256_name));
    return hf_hash_once(HF_SHA256, key, h->sha256_key);
}
