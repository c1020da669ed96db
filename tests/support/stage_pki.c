/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates that are always the same: fixed keys, fixed serial numbers, and signatures without a random part. */
#include "support/stage.h"

#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "support/vector_file.h"

enum { SEED = 32, KEY_DER = 48 };

/* ---- keys ---- */

/* PKCS #8 of an Ed25519 key (RFC 8410 7) whose 32 bytes are all the same. */
static hf_private_key *ed25519(uint8_t seed)
{
    uint8_t der[KEY_DER] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                             0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };
    hf_private_key *key = NULL;
    uint8_t *pem = NULL;
    size_t len = 0;

    memset(der + KEY_DER - SEED, seed, SEED);
    assert_int_equal(hf_pem_write("PRIVATE KEY", hf_span_of(der, sizeof der), &pem, &len), HF_OK);
    assert_int_equal(hf_private_key_from_pem(&key, hf_span_of(pem, len), NULL), HF_OK);
    hf_free(pem);
    return key;
}

static hf_private_key *rsa(void)
{
    hf_private_key *key = NULL;
    char pem[4096];
    FILE *f = fopen(HF_SOURCE_DIR "/tests/goldens/rsa-key.pem", "r");

    assert_non_null(f);
    size_t len = fread(pem, 1, sizeof pem, f);
    fclose(f);
    assert_int_equal(hf_private_key_from_pem(&key, hf_span_of(pem, len), NULL), HF_OK);
    return key;
}

/* ---- certificates ---- */

static bool draw(void *user, uint8_t *out, size_t len)
{
    memset(out, *(const uint8_t *)user, len);
    return true;
}

/* The serial number is `seed` over and over; so is the key, if none is given. */
static test_cert *issue(hf_cert_request request, uint8_t seed, hf_private_key *key,
                        const test_cert *issuer)
{
    test_cert *made = calloc(1, sizeof *made);
    hf_random random = { draw, &seed };

    assert_non_null(made);
    made->key = key ? key : ed25519(seed);
    request.path_len = -1;
    request.not_before = request.not_before ? request.not_before : TEST_NOW - TEST_DAY;
    request.not_after = request.not_after ? request.not_after : TEST_NOW + 30 * TEST_DAY;
    assert_int_equal(hf_cert_issue(&request, made->key, issuer ? &issuer->cert : NULL,
                                   issuer ? issuer->key : made->key, &random, &made->der,
                                   &made->len),
                     HF_OK);
    assert_int_equal(hf_cert_parse(&made->cert, test_cert_der(made), NULL), HF_OK);
    return made;
}

static hf_cert_request leaf_request(void)
{
    static const char *const names[] = { "localhost", "example.test" };

    return (hf_cert_request){
        .common_name = "localhost", .names = names, .n_names = 2, .eku = HF_EKU_SERVER_AUTH
    };
}

static test_pki *make(const char *root_name, uint8_t seed, hf_key_type type)
{
    test_pki *pki = calloc(1, sizeof *pki);

    assert_non_null(pki);
    pki->root = issue((hf_cert_request){ .common_name = root_name, .ca = true }, seed, NULL, NULL);
    pki->intermediate = issue((hf_cert_request){ .common_name = "Golden Intermediate", .ca = true },
                              (uint8_t)(seed + 1), NULL, pki->root);
    pki->leaf = issue(leaf_request(), (uint8_t)(seed + 2), type == HF_KEY_RSA ? rsa() : NULL,
                      pki->intermediate);
    pki->client = issue((hf_cert_request){ .common_name = "a client", .eku = HF_EKU_CLIENT_AUTH },
                        (uint8_t)(seed + 3), NULL, pki->intermediate);
    pki->chain[0] = test_cert_der(pki->leaf);
    pki->client_chain[0] = test_cert_der(pki->client);
    pki->chain[1] = pki->client_chain[1] = test_cert_der(pki->intermediate);
    pki->trust = test_trust(pki->root);
    return pki;
}

const test_pki *stage_pki(hf_key_type type)
{
    static test_pki *of_ed25519, *of_rsa;
    test_pki **pki = type == HF_KEY_RSA ? &of_rsa : &of_ed25519;

    if (!*pki)
        *pki = make("Golden Root", 0x11, type);
    return *pki;
}

const test_pki *stage_other_pki(void)
{
    static test_pki *other;

    if (!other)
        other = make("Another Root", 0x21, HF_KEY_ED25519);
    return other;
}

/* Kept for the process's life, as all of a PKI is; the same whatever was asked for before. */
hf_identity *stage_identity_dated(uint8_t eku, int64_t not_before, int64_t not_after)
{
    static test_cert *kept[4];
    const test_pki *pki = stage_pki(HF_KEY_ED25519);
    hf_cert_request request = leaf_request();
    unsigned i = (eku == HF_EKU_CLIENT_AUTH) + 2u * (not_before > TEST_NOW);

    request.eku = eku;
    request.not_before = not_before;
    request.not_after = not_after;
    if (!kept[i])
        kept[i] = issue(request, (uint8_t)(0x31 + i), NULL, pki->intermediate);
    return cert_identity(kept[i], pki->intermediate, NULL);
}

hf_identity *stage_identity_alone(void)
{
    const test_pki *pki = stage_pki(HF_KEY_ED25519);

    return cert_identity(pki->leaf, pki->leaf,
                         NULL); /* twice the leaf: who issued it is not there */
}
