/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* OCSP responses, and delegates who sign them, as nobody should make them. */
#ifndef HF_TESTS_OCSP_SUPPORT_H
#define HF_TESTS_OCSP_SUPPORT_H

#include "revocation_support.h"
#include "x509/ocsp.h"

static inline hf_error says(hf_span response)
{
    units = HF_SIGNATURE_BUDGET;
    detail[0] = '\0';
    status = HF_STATUS_GOOD; /* is never left as it was */
    return hf_ocsp_status(&query, response, &leaf, &ca, &units, &status, detail);
}

static inline void expect(hf_span response, hf_error e, hf_status expected, const char *words)
{
    assert_error(says(response), e);
    assert_int_equal(status, expected);
    assert_string_equal(detail, words);
}

/* ---- responses as nobody should make them ---- */

typedef struct raw_single {
    hf_span hash, name_hash, key_hash, serial; /* [SHA-1's OID, and the leaf's] */
    hf_span status;                            /* [good] */
    hf_span this_update, next_update, after;   /* [an hour before and after; nothing] */
    bool no_next;
} raw_single;

static inline hf_span or_else(hf_span given, hf_span otherwise)
{
    return given.len > 0 ? given : otherwise;
}

static inline hf_span single(raw_single o)
{
    hf_ocsp_hashes h;
    hf_span none = { NULL, 0 };

    assert_error(hf_ocsp_hashes_of(&h, leaf.issuer, &ca), HF_OK);
    hf_span id =
        MAKE(HF_DER_SEQUENCE, MAKE(HF_DER_SEQUENCE, or_else(o.hash, make_oid("1.3.14.3.2.26"))),
             make_tlv(HF_DER_OCTET_STRING, or_else(o.name_hash, hf_span_of(h.sha1_name, 20))),
             make_tlv(HF_DER_OCTET_STRING, or_else(o.key_hash, hf_span_of(h.sha1_key, 20))),
             make_tlv(HF_DER_INTEGER, or_else(o.serial, leaf.serial)));
    hf_span next =
        make_tlv(HF_DER_CONTEXT_CONS(0), or_else(o.next_update, generalized(TEST_NOW + HOUR)));
    return MAKE(HF_DER_SEQUENCE, id, or_else(o.status, make_hex("8000")),
                or_else(o.this_update, generalized(TEST_NOW - HOUR)), o.no_next ? none : next,
                o.after);
}

static inline hf_span revoked_single(void)
{
    return single(
        (raw_single){ .status = make_tlv(HF_DER_CONTEXT_CONS(1), generalized(TEST_NOW - HOUR)) });
}

typedef struct raw_ocsp {
    hf_span version, responder; /* [none; the intermediate by name] */
    hf_span produced;           /* [an hour ago] */
    hf_span singles;            /* [one that is good] */
    hf_span after;              /* in ResponseData, after them */
    hf_span certs;              /* content of their SEQUENCE */
    hf_span outer_algorithm, type, response_status;
    const hf_private_key *key; /* [the intermediate's] */
} raw_ocsp;

static inline hf_span by_name(hf_span name)
{
    return make_tlv(HF_DER_CONTEXT_CONS(1), name);
}

static inline hf_span raw_response(raw_ocsp o)
{
    hf_span none = { NULL, 0 };
    hf_span data = MAKE(
        HF_DER_SEQUENCE, o.version, or_else(o.responder, by_name(ca.subject)),
        or_else(o.produced, generalized(TEST_NOW - HOUR)),
        make_tlv(HF_DER_SEQUENCE, or_else(o.singles, single((raw_single){ .no_next = false }))),
        o.after);
    hf_span certs = o.certs.len > 0
                        ? make_tlv(HF_DER_CONTEXT_CONS(0), make_tlv(HF_DER_SEQUENCE, o.certs))
                        : none;
    hf_span basic =
        sign_sequence(data, o.key ? o.key : pki->intermediate->key, o.outer_algorithm, certs);
    hf_span bytes = MAKE(HF_DER_SEQUENCE, or_else(o.type, make_oid("1.3.6.1.5.5.7.48.1.1")),
                         make_tlv(HF_DER_OCTET_STRING, basic));
    return MAKE(HF_DER_SEQUENCE, or_else(o.response_status, make_hex("0a0100")),
                make_tlv(HF_DER_CONTEXT_CONS(0), bytes));
}

/* ---- delegates ---- */

typedef struct delegate_options {
    const char *purpose; /* [OCSPSigning] */
    bool no_purpose, critical, other_name;
    int64_t not_before, not_after;   /* [of TEST_NOW] */
    const hf_private_key *signed_by; /* [the intermediate's] */
    hf_span issuer;                  /* [the intermediate] */
    const char *key_usage;           /* a BIT STRING in hex [none] */
} delegate_options;

#define DELEGATE_KEY test_key(HF_KEY_P256, TEST_KEY_OTHER)

static inline hf_span delegate(delegate_options o)
{
    hf_span purpose = make_oid(o.purpose ? o.purpose : "1.3.6.1.5.5.7.3.9");
    make_ext exts[3];
    size_t n = 0;

    if (!o.no_purpose)
        exts[n++] = (make_ext){ "2.5.29.37", false, make_tlv(HF_DER_SEQUENCE, purpose) };
    if (o.key_usage)
        exts[n++] = (make_ext){ "2.5.29.15", true, make_hex(o.key_usage) };
    if (o.critical)
        exts[n++] = (make_ext){ "1.2.3.4", true, make_hex("0500") };
    make_cert_options options = { .subject = o.other_name ? "CN=somebody" : "CN=delegate",
                                  .issuer_der = o.issuer.len > 0 ? o.issuer : ca.subject,
                                  .not_before = o.not_before,
                                  .not_after = o.not_after,
                                  .key = DELEGATE_KEY,
                                  .issuer_key = o.signed_by ? o.signed_by : pki->intermediate->key,
                                  .exts = exts,
                                  .n_exts = n };
    return make_cert(&options);
}

static inline hf_span by_delegate(delegate_options o)
{
    return raw_response((raw_ocsp){ .responder = by_name(make_name("CN=delegate")),
                                    .certs = delegate(o),
                                    .key = DELEGATE_KEY });
}

#endif
