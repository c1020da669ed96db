/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Certificates for tests, made in memory with hf_cert_issue: one at a time with everything that may
 * be wrong about them, or a ready PKI of root, intermediate, server leaf and client leaf. Keys are
 * generated once per process and type, and shared. Anything that fails here stops the program: a
 * test without certificates is no test.
 */
#ifndef TESTS_SUPPORT_TESTPKI_H
#define TESTS_SUPPORT_TESTPKI_H

#include <handfast/config.h>
#include "x509/issue.h"
#include "x509/x509.h"

/* 2026-11-21T09:00:00Z: certificates are good from a day before it to 30 days after it. */
#define TEST_NOW INT64_C(1795251600)
#define TEST_DAY INT64_C(86400)

enum { TEST_KEYS_MAX = 40 };
/* Which key of a type the ready PKI uses for what; tests may use the others. */
enum { TEST_KEY_ROOT, TEST_KEY_INTERMEDIATE, TEST_KEY_LEAF, TEST_KEY_CLIENT, TEST_KEY_OTHER };

/* The process's key number `slot` of that type; RSA keys have 2048 bits. Never freed. */
const hf_private_key *test_key(hf_key_type type, unsigned slot);
/* A key of one's own with the same content. */
hf_private_key *test_key_copy(hf_key_type type, unsigned slot);

typedef struct test_cert {
    uint8_t *der;
    size_t len;
    hf_cert cert;
    const hf_private_key *key;
} test_cert;

/* What is left out (0, NULL) has the default in brackets. */
typedef struct test_cert_options {
    const char *common_name; /* ["test"] */
    const char
        *names[8]; /* DNS names and addresses [a leaf: localhost, 127.0.0.1, ::1; a CA: none] */
    bool no_names;
    bool ca;
    bool path_len_given;
    int path_len; /* if given */
    uint8_t eku;  /* HF_EKU_… [a leaf: serverAuth; a CA: none] */
    bool no_eku;
    int64_t not_before, not_after; /* [TEST_NOW - 1 day, TEST_NOW + 30 days] */
    hf_key_type key_type;          /* [P-256] */
    unsigned key_slot;             /* [TEST_KEY_ROOT] */
} test_cert_options;

/* Self-signed when issuer is NULL. Given back with test_cert_free (NULL is allowed). */
test_cert *test_cert_new(const test_cert_options *options, const test_cert *issuer);
void test_cert_free(test_cert *cert);
hf_span test_cert_der(const test_cert *cert);
/* PEM in fresh memory, NUL-terminated (hf_free). */
char *test_cert_pem(const test_cert *cert);

typedef struct test_pki {
    test_cert *root, *intermediate;
    test_cert *leaf;   /* localhost, 127.0.0.1, ::1, example.test, *.wild.test; serverAuth */
    test_cert *client; /* clientAuth, common name "client" */
    hf_span chain[2], client_chain[2]; /* leaf, intermediate */
    hf_trust *trust;                   /* the root */
} test_pki;

/* All four certificates have keys of that type. */
test_pki *test_pki_new(hf_key_type type);
void test_pki_free(test_pki *pki);

/* Every scheme of the registry, 0-terminated. */
const uint16_t *test_schemes(void);
/* The question that pki->chain answers with yes: localhost, serverAuth, TEST_NOW, RSA of 2048 to 8192 bits. */
hf_path_query test_pki_query(const test_pki *pki);
/* Such a store, to be given back with hf_trust_free. */
hf_trust *test_trust(const test_cert *anchor);

#endif
