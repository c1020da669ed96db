/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Certificates as nobody should issue them: DER from words, extensions as raw bytes, signed with a test key. What
 * hf_cert_issue would refuse to write is written here. Everything that a function returns belongs to one pool and is
 * good until make_free; a failure stops the program.
 *
 *     hf_span san = make_general_names("dns:example.org; ip:192.0.2.1");
 *     make_ext exts[] = { { "2.5.29.17", .value = san } };
 *     hf_span der = make_cert(&(make_cert_options){ .subject = "CN=leaf", .exts = exts, .n_exts = 1 });
 */
#ifndef TESTS_SUPPORT_X509_MAKE_H
#define TESTS_SUPPORT_X509_MAKE_H

#include "tests/support/testpki.h"
#include "x509/der.h"

#define MAKE_EXT_SAN                "2.5.29.17"
#define MAKE_EXT_NAME_CONSTRAINTS   "2.5.29.30"
#define MAKE_EXT_POLICIES           "2.5.29.32"
#define MAKE_EXT_MAPPINGS           "2.5.29.33"
#define MAKE_EXT_POLICY_CONSTRAINTS "2.5.29.36"
#define MAKE_EXT_BASIC_CONSTRAINTS  "2.5.29.19"
#define MAKE_EXT_INHIBIT_ANY        "2.5.29.54"

/* Gives back all that the other functions returned. */
void make_free(void);

/* ---- DER ---- */

hf_span make_bytes(const void *data, size_t len);
hf_span make_hex(const char *hex); /* blanks are skipped */
hf_span make_tlv(uint8_t tag, hf_span content);
hf_span make_join(hf_span a, hf_span b);
/* A constructed value of several: MAKE(HF_DER_SEQUENCE, oid, value). */
hf_span make_of(uint8_t tag, const hf_span *parts, size_t n);
#define MAKE(tag, ...)                                                                             \
    make_of(tag, (const hf_span[]){ __VA_ARGS__ },                                                 \
            sizeof((const hf_span[]){ __VA_ARGS__ }) / sizeof(hf_span))
hf_span make_text(uint8_t tag, const char *text);
hf_span make_int(uint8_t tag, long v); /* under HF_DER_INTEGER or a context tag */
hf_span make_true(void);
hf_span make_oid(const char *dotted); /* with tag and length */

/* ---- names ---- */

/* "C=DE, O=Example, CN=a+OU=b": the RDNs in the order of the DER. Values are UTF8String, or what a letter before them says:
   "CN=(p)foo" PrintableString, (i) IA5String, (t) T61String, (b) BMPString of these bytes. Types: C, O, OU, L, ST, CN, DC,
   E (emailAddress), or a dotted OID. "" is the empty name. */
hf_span make_name(const char *words);
/* "dns:example.org; ip:192.0.2.1; ip:192.0.2.0/24; email:a@b.c; uri:https://a.b/; dir:O=Example, CN=a; rid:1.2.3;
   other:1.2.3=text; x400:; edi:; raw:87040a000001". The values one after the other, without a SEQUENCE around them. */
hf_span make_general_names(const char *words);

/* ---- extension values ---- */

hf_span make_san(const char *words);
/* Lists as above; NULL: that field is not there. */
hf_span make_name_constraints(const char *permitted, const char *excluded);

/* ---- certificates ---- */

typedef struct make_ext {
    const char *oid;
    bool critical;
    hf_span value; /* what the OCTET STRING holds */
} make_ext;

/* What is left out (0, NULL) has the default in brackets. */
typedef struct make_cert_options {
    const char *subject, *issuer;    /* for make_name ["CN=test"; the subject's] */
    hf_span subject_der, issuer_der; /* or as DER */
    hf_span serial;                  /* content of the INTEGER [01] */
    hf_span version;                 /* content of the INTEGER [02] */
    int64_t not_before, not_after;   /* [TEST_NOW - 1 day, TEST_NOW + 30 days] */
    const hf_private_key *key,
        *issuer_key;         /* ECDSA or Ed25519 or RSA [P-256, TEST_KEY_ROOT; key] */
    const make_ext *exts;    /* in their order; duplicates are written as well */
    size_t n_exts;           /* 0: no extensions field */
    hf_span outer_algorithm; /* AlgorithmIdentifier outside, if not as inside */
    bool break_signature;    /* its last bit is flipped */
} make_cert_options;

hf_span make_cert(const make_cert_options *options);
/* The same, parsed; it must parse. */
hf_cert make_parsed(const make_cert_options *options);

#endif
