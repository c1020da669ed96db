/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates and random bytes that are the same in every run. */
#include "fuzz/pki.h"

#include "fuzz/fuzz.h"

enum { KEYS = 13, SEED = 32 };

const fuzz_cert_row fuzz_cert_rows[FUZZ_CERTS] = {
#define FUZZ_CERT(row, subject, issuer, key, ca, path_len, eku, days)                              \
    { subject, FUZZ_##issuer, key, ca, path_len, eku, days },
    FUZZ_CERTS_TABLE(FUZZ_CERT)
#undef FUZZ_CERT
};

/* SplitMix64: no more than different bytes are wanted. */
bool fuzz_draw(void *user, uint8_t *out, size_t len)
{
    uint64_t *state = user;

    for (size_t i = 0; i < len; i++) {
        uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        out[i] = (uint8_t)(z >> 56);
    }
    return true;
}

/* RFC 8410 7: the PKCS#8 structure around the 32 bytes that an Ed25519 key is. */
static const hf_private_key *key(unsigned n)
{
    static const uint8_t prefix[] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                      0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };
    static hf_private_key *keys[KEYS];
    uint8_t der[sizeof prefix + SEED], *pem = NULL;
    size_t len = 0;

    if (keys[n])
        return keys[n];
    memcpy(der, prefix, sizeof prefix);
    memset(der + sizeof prefix, (int)n + 1, SEED);
    CHECK(hf_pem_write("PRIVATE KEY", hf_span_of(der, sizeof der), &pem, &len) == HF_OK);
    CHECK(hf_private_key_from_pem(&keys[n], hf_span_of(pem, len), NULL) == HF_OK);
    hf_free(pem);
    return keys[n];
}

static test_cert *made(fuzz_cert which)
{
    static const char *const names[] = { "localhost", "example.test", "*.wild.test", "127.0.0.1",
                                         "::1" };
    static test_cert *certs[FUZZ_CERTS];
    const fuzz_cert_row *row = &fuzz_cert_rows[which];
    const test_cert *issuer = row->issuer == which ? NULL : made(row->issuer);
    uint64_t state = which;
    const hf_random random = { fuzz_draw, &state };
    hf_cert_request request = { .common_name = row->subject,
                                .ca = row->ca,
                                .path_len = row->path_len,
                                .eku = row->eku,
                                .not_before = TEST_NOW - 10 * TEST_DAY,
                                .not_after = TEST_NOW + row->days * TEST_DAY };

    if (certs[which])
        return certs[which];
    if (!row->ca) {
        request.names = names;
        request.n_names = sizeof names / sizeof *names;
    }
    test_cert *cert = calloc(1, sizeof *cert);
    CHECK(cert);
    cert->key = key(row->key);
    CHECK(hf_cert_issue(&request, cert->key, issuer ? &issuer->cert : NULL,
                        issuer ? issuer->key : cert->key, &random, &cert->der,
                        &cert->len) == HF_OK);
    CHECK(hf_cert_parse(&cert->cert, hf_span_of(cert->der, cert->len), NULL) == HF_OK);
    return certs[which] = cert;
}

hf_span fuzz_cert_der(fuzz_cert which)
{
    return hf_span_of(made(which)->der, made(which)->len);
}

const test_pki *fuzz_pki(void)
{
    static test_pki pki;

    if (pki.trust)
        return &pki;
    pki = (test_pki){ .root = made(FUZZ_ROOT),
                      .intermediate = made(FUZZ_INTERMEDIATE),
                      .leaf = made(FUZZ_LEAF),
                      .client = made(FUZZ_CLIENT) };
    pki.chain[0] = fuzz_cert_der(FUZZ_LEAF);
    pki.client_chain[0] = fuzz_cert_der(FUZZ_CLIENT);
    pki.chain[1] = pki.client_chain[1] = fuzz_cert_der(FUZZ_INTERMEDIATE);
    pki.trust = hf_trust_new();
    CHECK(pki.trust && hf_trust_add_der(pki.trust, fuzz_cert_der(FUZZ_ROOT)) == HF_OK);
    return &pki;
}
