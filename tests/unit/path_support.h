/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the tests of paths share: a ready PKI, certificates that are forgotten after each test, and questions. */
#ifndef HF_TESTS_PATH_SUPPORT_H
#define HF_TESTS_PATH_SUPPORT_H

#include "x509_support.h"

#include "tests/support/testpki.h"
#include "x509/der_write.h"
#include "x509/path_rules.h"
#include "x509/trust.h"

static test_pki *pki;
static hf_path_result result;

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

/* ---- helpers ---- */

enum { MADE_MAX = 1200, ASK_MAX = HF_POOL_MAX + 1 };
static test_cert *made[MADE_MAX];
static size_t n_made;

static inline test_cert *make(test_cert_options options, const test_cert *issuer)
{
    assert_true(n_made < MADE_MAX);
    return made[n_made++] = test_cert_new(&options, issuer);
}

static inline int forget(void **state)
{
    (void)state;
    while (n_made > 0)
        test_cert_free(made[--n_made]);
    return 0;
}

/* Options with a role's defaults: key slot 0 and no name mean those of the role. */
static inline test_cert_options as_role(test_cert_options options, const char *name, unsigned slot)
{
    if (name) {
        options.ca = true;
        options.common_name = options.common_name ? options.common_name : name;
    }
    options.key_slot = options.key_slot ? options.key_slot : slot;
    return options;
}

#define LEAF(...) as_role((test_cert_options){ __VA_ARGS__ }, NULL, TEST_KEY_LEAF)
#define CA(...)   as_role((test_cert_options){ __VA_ARGS__ }, "CA", TEST_KEY_INTERMEDIATE)
#define ROOT(...) as_role((test_cert_options){ __VA_ARGS__ }, "Root", TEST_KEY_ROOT)

/* Asks the ready question with another chain and another trusted root (NULL: the ready one). */
static inline hf_error ask(const test_cert *const *certs, size_t n, const test_cert *root,
                           hf_path_query query)
{
    static hf_span chain[ASK_MAX];
    hf_trust *trust = root ? test_trust(root) : NULL;

    assert_true(n <= ASK_MAX);
    for (size_t i = 0; i < n; i++)
        chain[i] = test_cert_der(certs[i]);
    query.chain = chain;
    query.n_chain = n;
    query.trust = root ? trust : pki->trust;
    hf_error e = hf_path_verify(&query, &result);
    hf_trust_free(trust);
    return e;
}

#define ASK(root, ...)                                                                             \
    ask((const test_cert *const[]){ __VA_ARGS__ },                                                 \
        sizeof((const test_cert *const[]){ __VA_ARGS__ }) / sizeof(test_cert *), root,             \
        test_pki_query(pki))

static inline void expect(hf_error e, hf_error code, size_t at, const char *detail)
{
    assert_error(e, code);
    assert_int_equal(result.at, at);
    assert_string_equal(result.detail, detail);
    assert_int_equal(result.depth, 0);
}

/* ---- name constraints, which nothing here issues ---- */

static inline void put_permitted(hf_builder *b, const char *const *names, size_t n)
{
    static const uint8_t name_constraints[] = { 0x06, 0x03, 0x55, 0x1d, 0x1e };
    size_t extension = hf_dw_open(b, HF_DER_SEQUENCE);

    hf_wr_bytes(b, hf_span_of(name_constraints, sizeof name_constraints));
    hf_dw_true(b);
    size_t value = hf_dw_open(b, HF_DER_OCTET_STRING), whole = hf_dw_open(b, HF_DER_SEQUENCE);
    size_t permitted = hf_dw_open(b, HF_DER_CONTEXT_CONS(0));
    for (size_t i = 0; i < n; i++) {
        size_t subtree = hf_dw_open(b, HF_DER_SEQUENCE);
        hf_dw_value(b, HF_DER_CONTEXT(2), hf_span_str(names[i]));
        hf_dw_close(b, subtree);
    }
    hf_dw_close(b, permitted);
    hf_dw_close(b, whole);
    hf_dw_close(b, value);
    hf_dw_close(b, extension);
}

/* The TBSCertificate of cert with one extension more. */
static inline void put_tbs(hf_builder *b, const hf_cert *cert, const char *const *names, size_t n)
{
    static const uint8_t tags[] = { HF_DER_CONTEXT_CONS(0), HF_DER_INTEGER,  HF_DER_SEQUENCE,
                                    HF_DER_SEQUENCE,        HF_DER_SEQUENCE, HF_DER_SEQUENCE,
                                    HF_DER_SEQUENCE };
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(cert->tbs, "tbs", 0, &fault, NULL);
    hf_reader in = hf_der_open(&r, HF_DER_SEQUENCE, "tbs");
    size_t tbs = hf_dw_open(b, HF_DER_SEQUENCE);

    for (size_t i = 0; i < sizeof tags; i++)
        hf_wr_bytes(b, hf_der_whole(&in, tags[i], "field"));
    hf_reader wrapped = hf_der_open(&in, HF_DER_CONTEXT_CONS(3), "extensions");
    size_t outer = hf_dw_open(b, HF_DER_CONTEXT_CONS(3)), list = hf_dw_open(b, HF_DER_SEQUENCE);
    hf_wr_bytes(b, hf_der_read(&wrapped, HF_DER_SEQUENCE, "extensions"));
    put_permitted(b, names, n);
    hf_dw_close(b, list);
    hf_dw_close(b, outer);
    hf_dw_close(b, tbs);
    assert_error(fault.code, HF_OK);
}

/* A CA (P-256) that may speak for these DNS names only. */
static inline test_cert *make_permitted(test_cert_options options, const test_cert *issuer,
                                        const char *const *names, size_t n)
{
    static const uint8_t ecdsa_sha256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48,
                                            0xce, 0x3d, 0x04, 0x03, 0x02 };
    test_cert *cert = make(options, issuer);
    size_t room = cert->len + 200 + 80 * n, len = 0;
    uint8_t *der = hf_alloc(room), *tbs_der = hf_alloc(room), signature[HF_SIGNATURE_MAX];
    hf_builder tbs_b = hf_wr_start(tbs_der, room), b = hf_wr_start(der, room);
    hf_span tbs, out;

    put_tbs(&tbs_b, &cert->cert, names, n);
    assert_error(hf_wr_finish(&tbs_b, &tbs), HF_OK);
    assert_error(
        hf_sign((issuer ? issuer : cert)->key, HF_SIG_ECDSA, HF_SHA256, tbs, signature, &len),
        HF_OK);
    size_t whole = hf_dw_open(&b, HF_DER_SEQUENCE);
    hf_wr_bytes(&b, tbs);
    hf_dw_value(&b, HF_DER_SEQUENCE, hf_span_of(ecdsa_sha256, sizeof ecdsa_sha256));
    hf_dw_bits(&b, hf_span_of(signature, len));
    hf_dw_close(&b, whole);
    assert_error(hf_wr_finish(&b, &out), HF_OK);
    hf_free(tbs_der);
    hf_free(cert->der);
    cert->der = der;
    cert->len = out.len;
    assert_error(hf_cert_parse(&cert->cert, test_cert_der(cert), NULL), HF_OK);
    return cert;
}

#endif
