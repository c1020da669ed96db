/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the tests of CRLs and OCSP share: a PKI, CRLs and responses as the library issues them, and others, signed just
 * as well, that no CA should issue. Everything made belongs to x509_make's pool.
 */
#ifndef HF_TESTS_REVOCATION_SUPPORT_H
#define HF_TESTS_REVOCATION_SUPPORT_H

#include "x509_support.h"

#include "tests/support/x509_make.h"
#include "x509/der_write.h"
#include "x509/issue_crl.h"
#include "x509/issue_ocsp.h"
#include "x509/issue_signed.h"
#include "x509/revocation.h"
#include "x509/revocation_parts.h"

#define HOUR INT64_C(3600)

/* root, intermediate and leaf, and what is asked about them; changed by a test, fresh for the next one. */
static test_pki *pki;
static hf_cert root, ca, leaf;
static hf_path_query query;
static unsigned units;
static hf_status status;
static char detail[HF_DETAIL_MAX];

static inline int set_up(void **state)
{
    (void)state;
    pki = test_pki_new(HF_KEY_P256);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    test_pki_free(pki);
    return 0;
}

static inline int begin(void **state)
{
    (void)state;
    root = pki->root->cert;
    ca = pki->intermediate->cert;
    leaf = pki->leaf->cert;
    query = test_pki_query(pki);
    units = HF_SIGNATURE_BUDGET;
    status = HF_STATUS_UNKNOWN;
    detail[0] = '\0';
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    make_free();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* The pool's copy of what the library made. */
static inline hf_span keep(uint8_t *der, size_t len)
{
    hf_span kept = make_bytes(der, len);

    hf_free(der);
    return kept;
}

/* ---- CRLs as they should be ---- */

static inline hf_crl_request fresh(const hf_crl_entry *entries, size_t n)
{
    return (hf_crl_request){ .entries = entries,
                             .n = n,
                             .number = 7,
                             .this_update = TEST_NOW - HOUR,
                             .next_update = TEST_NOW + HOUR };
}

static inline hf_span issue(hf_crl_request request, const test_cert *issuer)
{
    uint8_t *der = NULL;
    size_t len = 0;

    assert_error(hf_crl_issue(&request, &issuer->cert, issuer->key, &der, &len), HF_OK);
    return keep(der, len);
}

static inline hf_crl_entry entry_of(hf_span serial, int reason)
{
    return (hf_crl_entry){ .serial = serial, .date = TEST_NOW - 2 * HOUR, .reason = reason };
}

/* The intermediate's CRL with the leaf on it, or with somebody else. */
static inline hf_span crl_with(hf_span serial)
{
    hf_crl_entry entry = entry_of(serial, 1);

    return issue(fresh(&entry, 1), pki->intermediate);
}

static inline hf_span other_serial(void)
{
    return make_hex("1234");
}

/* ---- CRLs as they should not be ---- */

typedef struct raw_crl {
    hf_span issuer;     /* a Name [the intermediate's] */
    bool v1, no_number; /* no version; no cRLNumber, which is put before the others otherwise */
    int64_t this_update,
        next_update; /* [an hour before and after now]; next_update below 0: none */
    hf_span entries; /* content of revokedCertificates; empty: none */
    const make_ext *exts;
    size_t n_exts;
    const hf_private_key *key; /* [the intermediate's] */
    hf_span outer_algorithm;   /* if not as inside */
} raw_crl;

static inline hf_span time_of(int64_t t)
{
    uint8_t room[32];
    hf_builder b = hf_wr_start(room, sizeof room);

    hf_dw_time(&b, t);
    return make_bytes(room, b.len);
}

static inline hf_span generalized(int64_t t)
{
    char text[24], packed[24];
    size_t n = 0;

    hf_time_text(t, text);
    for (const char *p = text; *p; p++)
        if ((*p >= '0' && *p <= '9') || *p == 'Z')
            packed[n++] = *p;
    return make_tlv(HF_DER_GENERALIZED_TIME, hf_span_of(packed, n));
}

static inline hf_span one_extension(const make_ext *ext)
{
    hf_span value = make_tlv(HF_DER_OCTET_STRING, ext->value), oid = make_oid(ext->oid);

    return ext->critical ? MAKE(HF_DER_SEQUENCE, oid, make_true(), value)
                         : MAKE(HF_DER_SEQUENCE, oid, value);
}

static inline hf_span extension_list(const make_ext *exts, size_t n)
{
    hf_span list = { NULL, 0 };

    for (size_t i = 0; i < n; i++)
        list = make_join(list, one_extension(&exts[i]));
    return make_tlv(HF_DER_SEQUENCE, list);
}

/* tbs, algorithm, signature, and what follows them, in a SEQUENCE. */
static inline hf_span sign_sequence(hf_span tbs, const hf_private_key *key, hf_span outer,
                                    hf_span after)
{
    uint8_t *room = malloc(tbs.len + HF_SIGNATURE_MAX + 128);
    hf_builder b = hf_wr_start(room, tbs.len + HF_SIGNATURE_MAX + 128);

    assert_non_null(room);
    hf_wr_bytes(&b, tbs);
    hf_dw_signature(&b, 0, key);
    assert_error(b.error, HF_OK);
    size_t inner = hf_signature_identifier(key).len;
    hf_span signature = make_bytes(room + tbs.len + inner, b.len - tbs.len - inner);
    free(room);
    return MAKE(HF_DER_SEQUENCE, tbs, outer.len > 0 ? outer : hf_signature_identifier(key),
                signature, after);
}

#define NUMBER_EXT                                                                                 \
    {                                                                                              \
        "2.5.29.20", false, make_int(HF_DER_INTEGER, 7)                                            \
    }

static inline hf_span raw(raw_crl o)
{
    const make_ext number = NUMBER_EXT;
    const hf_private_key *key = o.key ? o.key : pki->intermediate->key;
    hf_span none = { NULL, 0 }, list = extension_list(o.exts, o.n_exts);
    hf_span next =
        o.next_update < 0 ? none : time_of(o.next_update ? o.next_update : TEST_NOW + HOUR);

    if (!o.no_number) {
        make_ext all[40] = { number };
        assert_true(o.n_exts < 40);
        for (size_t i = 0; i < o.n_exts; i++)
            all[i + 1] = o.exts[i];
        list = extension_list(all, o.n_exts + 1);
    }
    hf_span tbs =
        MAKE(HF_DER_SEQUENCE, o.v1 ? none : make_int(HF_DER_INTEGER, 1),
             hf_signature_identifier(key), o.issuer.len > 0 ? o.issuer : ca.subject,
             time_of(o.this_update ? o.this_update : TEST_NOW - HOUR), next,
             o.entries.len > 0 ? make_tlv(HF_DER_SEQUENCE, o.entries) : none,
             o.no_number && o.n_exts == 0 ? none : make_tlv(HF_DER_CONTEXT_CONS(0), list));
    return sign_sequence(tbs, key, o.outer_algorithm, none);
}

/* One entry, with extensions. */
static inline hf_span raw_entry(hf_span serial, const make_ext *exts, size_t n)
{
    hf_span number = make_tlv(HF_DER_INTEGER, serial), date = time_of(TEST_NOW - 2 * HOUR);

    return n > 0 ? MAKE(HF_DER_SEQUENCE, number, date, extension_list(exts, n))
                 : MAKE(HF_DER_SEQUENCE, number, date);
}

#define WITH_EXTS(...)                                                                             \
    .exts = (const make_ext[]){ __VA_ARGS__ },                                                     \
    .n_exts = sizeof((const make_ext[]){ __VA_ARGS__ }) / sizeof(make_ext)
/* issuingDistributionPoint of these parts. */
#define IDP(hex)                                                                                   \
    {                                                                                              \
        "2.5.29.28", true, make_tlv(HF_DER_SEQUENCE, make_hex(hex))                                \
    }

/* What a CRL says about the leaf. */
static inline hf_error crl_says(hf_span der)
{
    hf_crl crl;
    hf_error e = hf_crl_parse(&crl, der, NULL);

    status = HF_STATUS_UNKNOWN;
    return e == HF_OK ? hf_crl_status(&query, &crl, &leaf, &ca, &units, &status, detail) : e;
}

static inline void expect_crl(hf_span der, hf_error e, hf_status expected, const char *words)
{
    units = HF_SIGNATURE_BUDGET;
    detail[0] = '\0';
    assert_error(crl_says(der), e);
    assert_int_equal(status, expected);
    assert_string_equal(detail, words);
}

/* ---- OCSP ---- */

static inline hf_ocsp_answer answer_for(hf_status says)
{
    return (hf_ocsp_answer){ .cert = &leaf,
                             .issuer = &ca,
                             .status = says,
                             .revoked_at = TEST_NOW - 2 * HOUR,
                             .reason = 1,
                             .this_update = TEST_NOW - HOUR,
                             .next_update = TEST_NOW + HOUR };
}

static inline hf_span respond(hf_ocsp_answer answer, const hf_private_key *key)
{
    uint8_t *der = NULL;
    size_t len = 0;

    assert_error(hf_ocsp_issue(&answer, key, &der, &len), HF_OK);
    return keep(der, len);
}

static inline hf_span staple_that_says(hf_status says)
{
    return respond(answer_for(says), pki->intermediate->key);
}

#endif
