/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Writing and signing an OCSP response with one SingleResponse (RFC 6960 4.2.1). */
#include "x509/issue_ocsp.h"

#include <stdio.h>

#include "crypto/sha1.h"
#include "x509/issue_signed.h"
#include "x509/ocsp.h"
#include "x509/parts.h"
#include "x509/revocation_parts.h"
#include "x509/time.h"

enum { FIXED_PARTS_MAX = 1024 };

typedef struct ocsp_draft {
    const hf_ocsp_answer *answer;
    const hf_private_key *key;
    hf_ocsp_hashes hashes;
    uint8_t responder[HF_SHA1_LEN];
} ocsp_draft;

/* GeneralizedTime, whatever the year (RFC 6960 4.2.2.1). */
static void write_time(hf_builder *b, int64_t t)
{
    char text[24];

    if (t < HF_TIME_MIN || t > HF_TIME_MAX) {
        b->error = b->error == HF_OK ? HF_E_MISUSE : b->error;
        return;
    }
    hf_civil c = hf_civil_of(t);
    snprintf(text, sizeof text, "%04u%02u%02u%02u%02u%02uZ", (unsigned)c.year % 10000,
             (unsigned)c.month % 100, (unsigned)c.day % 100, (unsigned)c.hour % 100,
             (unsigned)c.minute % 100, (unsigned)c.second % 100);
    hf_dw_value(b, HF_DER_GENERALIZED_TIME, hf_span_str(text));
}

static void write_hash(hf_builder *b, const uint8_t *hash, size_t len)
{
    hf_dw_value(b, HF_DER_OCTET_STRING, hf_span_of(hash, len));
}

static void write_cert_id(hf_builder *b, const ocsp_draft *d)
{
    const hf_ocsp_hashes *h = &d->hashes;
    bool sha256 = d->answer->sha256;
    size_t id = hf_dw_open(b, HF_DER_SEQUENCE), algorithm = hf_dw_open(b, HF_DER_SEQUENCE);

    hf_dw_oid(b, sha256 ? HF_OID_sha256 : HF_OID_sha1);
    hf_dw_value(b, HF_DER_NULL, hf_span_of(NULL, 0));
    hf_dw_close(b, algorithm);
    write_hash(b, sha256 ? h->sha256_name : h->sha1_name, sha256 ? 32 : HF_SHA1_LEN);
    write_hash(b, sha256 ? h->sha256_key : h->sha1_key, sha256 ? 32 : HF_SHA1_LEN);
    hf_dw_value(b, HF_DER_INTEGER, d->answer->cert->serial);
    hf_dw_close(b, id);
}

static void write_revoked(hf_builder *b, const hf_ocsp_answer *answer)
{
    const uint8_t reason = (uint8_t)answer->reason;
    size_t info = hf_dw_open(b, HF_DER_CONTEXT_CONS(1));

    write_time(b, answer->revoked_at);
    if (answer->reason > 0) {
        size_t wrapped = hf_dw_open(b, HF_DER_CONTEXT_CONS(0));
        hf_dw_value(b, HF_DER_ENUMERATED, hf_span_of(&reason, 1));
        hf_dw_close(b, wrapped);
    }
    hf_dw_close(b, info);
}

static void write_single(hf_builder *b, const ocsp_draft *d)
{
    const hf_ocsp_answer *answer = d->answer;
    size_t single = hf_dw_open(b, HF_DER_SEQUENCE);

    write_cert_id(b, d);
    if (answer->status == HF_STATUS_REVOKED)
        write_revoked(b, answer);
    else
        hf_dw_value(b, HF_DER_CONTEXT(answer->status == HF_STATUS_GOOD ? 0 : 2),
                    hf_span_of(NULL, 0));
    write_time(b, answer->this_update);
    if (answer->next_update != 0) {
        size_t wrapped = hf_dw_open(b, HF_DER_CONTEXT_CONS(0));
        write_time(b, answer->next_update);
        hf_dw_close(b, wrapped);
    }
    hf_dw_close(b, single);
}

static const hf_cert *responder_of(const hf_ocsp_answer *answer)
{
    return answer->delegate ? answer->delegate : answer->issuer;
}

static void write_responder(hf_builder *b, const ocsp_draft *d)
{
    size_t id = hf_dw_open(b, HF_DER_CONTEXT_CONS(d->answer->by_key ? 2 : 1));

    if (d->answer->by_key)
        write_hash(b, d->responder, sizeof d->responder);
    else
        hf_wr_bytes(b, responder_of(d->answer)->subject);
    hf_dw_close(b, id);
}

static void write_data(hf_builder *b, const ocsp_draft *d)
{
    size_t data = hf_dw_open(b, HF_DER_SEQUENCE), responses;

    write_responder(b, d);
    write_time(b, d->answer->this_update);
    responses = hf_dw_open(b, HF_DER_SEQUENCE);
    write_single(b, d);
    hf_dw_close(b, responses);
    hf_dw_close(b, data);
}

static void write_basic(hf_builder *b, const ocsp_draft *d)
{
    size_t basic = hf_dw_open(b, HF_DER_SEQUENCE), from = b->len;

    write_data(b, d);
    hf_dw_signature(b, from, d->key);
    if (d->answer->delegate) {
        size_t wrapped = hf_dw_open(b, HF_DER_CONTEXT_CONS(0));
        hf_dw_value(b, HF_DER_SEQUENCE, d->answer->delegate->der);
        hf_dw_close(b, wrapped);
    }
    hf_dw_close(b, basic);
}

static void write_response(hf_builder *b, const void *draft)
{
    const uint8_t successful = 0;
    size_t whole = hf_dw_open(b, HF_DER_SEQUENCE), wrapped, bytes, response;

    hf_dw_value(b, HF_DER_ENUMERATED, hf_span_of(&successful, 1));
    wrapped = hf_dw_open(b, HF_DER_CONTEXT_CONS(0));
    bytes = hf_dw_open(b, HF_DER_SEQUENCE);
    hf_dw_oid(b, HF_OID_ocsp_basic);
    response = hf_dw_open(b, HF_DER_OCTET_STRING);
    write_basic(b, draft);
    hf_dw_close(b, response);
    hf_dw_close(b, bytes);
    hf_dw_close(b, wrapped);
    hf_dw_close(b, whole);
}

hf_error hf_ocsp_issue(const hf_ocsp_answer *answer, const hf_private_key *key, uint8_t **der,
                       size_t *len)
{
    const hf_cert *signer = responder_of(answer);
    ocsp_draft d = { .answer = answer, .key = key };
    size_t room = FIXED_PARTS_MAX + HF_SIGNATURE_MAX + signer->subject.len +
                  (answer->delegate ? answer->delegate->der.len : 0);

    TRY(hf_check_key_of(signer, key));
    TRY(hf_ocsp_hashes_of(&d.hashes, answer->cert->issuer, answer->issuer));
    TRY(hf_sha1_once(hf_spki_key_bits(signer->spki), d.responder));
    return hf_issue_der(write_response, &d, room, der, len);
}

void hf_ocsp_refusal(uint8_t response_status, uint8_t out[HF_OCSP_REFUSAL_LEN])
{
    const uint8_t bytes[HF_OCSP_REFUSAL_LEN] = { HF_DER_SEQUENCE, 3, HF_DER_ENUMERATED, 1,
                                                 response_status };

    memcpy(out, bytes, sizeof bytes);
}
