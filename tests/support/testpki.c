/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates for tests. */
#include "tests/support/testpki.h"

#include <stdio.h>
#include <stdlib.h>

static void must(hf_error e, const char *what)
{
    if (e == HF_OK)
        return;
    fprintf(stderr, "testpki: %s: %s\n", what, hf_error_row_of(e)->name);
    abort();
}

static void *must_have(void *memory)
{
    must(memory ? HF_OK : HF_E_NO_MEMORY, "memory");
    return memory;
}

/* ---- keys ---- */

const hf_private_key *test_key(hf_key_type type, unsigned slot)
{
    static hf_private_key *keys[HF_KEY_ED25519 + 1][TEST_KEYS_MAX];

    must(type <= HF_KEY_ED25519 && slot < TEST_KEYS_MAX ? HF_OK : HF_E_MISUSE, "key slot");
    if (!keys[type][slot])
        must(hf_private_key_generate(&keys[type][slot], type, 2048), "generate a key");
    return keys[type][slot];
}

hf_private_key *test_key_copy(hf_key_type type, unsigned slot)
{
    hf_private_key *copy = NULL;
    uint8_t *pem = NULL;
    size_t len = 0;

    must(hf_private_key_to_pem(test_key(type, slot), &pem, &len), "write a key");
    must(hf_private_key_from_pem(&copy, hf_span_of(pem, len), NULL), "read a key");
    hf_free_secret(pem, len);
    return copy;
}

/* ---- one certificate ---- */

static size_t choose_names(const test_cert_options *o, const char *const **names)
{
    static const char *const leaf_names[] = { "localhost", "127.0.0.1", "::1" };
    size_t n = 0;

    *names = o->names;
    while (n < sizeof o->names / sizeof *o->names && o->names[n])
        n++;
    if (n > 0 || o->no_names || o->ca)
        return n;
    *names = leaf_names;
    return sizeof leaf_names / sizeof *leaf_names;
}

static uint8_t choose_eku(const test_cert_options *o)
{
    if (o->no_eku)
        return 0;
    return o->eku || o->ca ? o->eku : HF_EKU_SERVER_AUTH;
}

test_cert *test_cert_new(const test_cert_options *o, const test_cert *issuer)
{
    static const hf_random random;
    test_cert *made = must_have(hf_alloc(sizeof *made));
    hf_cert_request request = {
        .common_name = o->common_name ? o->common_name : "test",
        .ca = o->ca,
        .path_len = o->path_len_given ? o->path_len : -1,
        .eku = choose_eku(o),
        .not_before = o->not_before ? o->not_before : TEST_NOW - TEST_DAY,
        .not_after = o->not_after ? o->not_after : TEST_NOW + 30 * TEST_DAY,
    };

    request.n_names = choose_names(o, &request.names);
    made->key = test_key(o->key_type ? o->key_type : HF_KEY_P256, o->key_slot);
    must(hf_cert_issue(&request, made->key, issuer ? &issuer->cert : NULL,
                       issuer ? issuer->key : made->key, &random, &made->der, &made->len),
         "issue a certificate");
    must(hf_cert_parse(&made->cert, test_cert_der(made), NULL), "parse a certificate");
    return made;
}

void test_cert_free(test_cert *cert)
{
    if (cert)
        hf_free(cert->der);
    hf_free(cert);
}

hf_span test_cert_der(const test_cert *cert)
{
    return hf_span_of(cert->der, cert->len);
}

char *test_cert_pem(const test_cert *cert)
{
    uint8_t *pem = NULL;
    size_t len = 0;

    must(hf_pem_write("CERTIFICATE", test_cert_der(cert), &pem, &len), "write PEM");
    return (char *)pem;
}

/* ---- the ready PKI ---- */

hf_trust *test_trust(const test_cert *anchor)
{
    hf_trust *trust = must_have(hf_trust_new());

    must(hf_trust_add_der(trust, test_cert_der(anchor)), "trust a certificate");
    return trust;
}

test_pki *test_pki_new(hf_key_type type)
{
    test_pki *pki = must_have(hf_alloc(sizeof *pki));
    test_cert_options root = { .common_name = "Test Root", .ca = true, .key_type = type };
    test_cert_options intermediate = { .common_name = "Test Intermediate",
                                       .ca = true,
                                       .key_type = type,
                                       .key_slot = TEST_KEY_INTERMEDIATE };
    test_cert_options leaf = { .common_name = "localhost",
                               .key_type = type,
                               .key_slot = TEST_KEY_LEAF,
                               .names = { "localhost", "127.0.0.1", "::1", "example.test",
                                          "*.wild.test" } };
    test_cert_options client = { .common_name = "client",
                                 .key_type = type,
                                 .key_slot = TEST_KEY_CLIENT,
                                 .eku = HF_EKU_CLIENT_AUTH,
                                 .no_names = true };

    pki->root = test_cert_new(&root, NULL);
    pki->intermediate = test_cert_new(&intermediate, pki->root);
    pki->leaf = test_cert_new(&leaf, pki->intermediate);
    pki->client = test_cert_new(&client, pki->intermediate);
    pki->chain[0] = test_cert_der(pki->leaf);
    pki->client_chain[0] = test_cert_der(pki->client);
    pki->chain[1] = pki->client_chain[1] = test_cert_der(pki->intermediate);
    pki->trust = test_trust(pki->root);
    return pki;
}

void test_pki_free(test_pki *pki)
{
    if (!pki)
        return;
    test_cert_free(pki->root);
    test_cert_free(pki->intermediate);
    test_cert_free(pki->leaf);
    test_cert_free(pki->client);
    hf_trust_free(pki->trust);
    hf_free(pki);
}

const uint16_t *test_schemes(void)
{
    static uint16_t codes[32];

    for (size_t i = 0; i + 1 < sizeof codes / sizeof *codes && hf_scheme_row(i); i++)
        codes[i] = hf_scheme_row(i)->code;
    return codes;
}

hf_path_query test_pki_query(const test_pki *pki)
{
    return (hf_path_query){
        .chain = pki->chain,
        .n_chain = 2,
        .trust = pki->trust,
        .now = TEST_NOW,
        .name = "localhost",
        .purpose = HF_EKU_SERVER_AUTH,
        .max_intermediates = -1,
        .rsa_min_bits = 2048,
        .rsa_max_bits = 8192,
        .schemes = test_schemes(),
    };
}
