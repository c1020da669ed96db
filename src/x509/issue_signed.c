/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Signing what was written, in the form that certificates, CRLs and OCSP responses share. */
#include "x509/issue_signed.h"

/* One algorithm a kind of key, as DER: RFC 4055 5, RFC 5758 3.2, RFC 8410 3; PSS with SHA-256 throughout (RFC 4055 3.1). */
#define IDENTIFIER(octets)                                                                         \
    {                                                                                              \
        (const uint8_t *)(octets), sizeof(octets) - 1                                              \
    }
static const struct {
    hf_key_type type;
    hf_sig_algorithm algorithm;
    hf_span identifier;
} rows[] = {
    { HF_KEY_RSA,
      { HF_SIG_RSA_PKCS1, HF_SHA256 },
      IDENTIFIER("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00") },
    { HF_KEY_RSA_PSS,
      { HF_SIG_RSA_PSS, HF_SHA256 },
      IDENTIFIER("\x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\xa0\x0f\x30\x0d\x06"
                 "\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\xa1\x1c\x30\x1a\x06\x09\x2a\x86"
                 "\x48\x86\xf7\x0d\x01\x01\x08\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
                 "\x05\x00\xa2\x03\x02\x01\x20") },
    { HF_KEY_P256,
      { HF_SIG_ECDSA, HF_SHA256 },
      IDENTIFIER("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02") },
    { HF_KEY_P384,
      { HF_SIG_ECDSA, HF_SHA384 },
      IDENTIFIER("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03") },
    { HF_KEY_P521,
      { HF_SIG_ECDSA, HF_SHA512 },
      IDENTIFIER("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04") },
    { HF_KEY_ED25519, { HF_SIG_ED25519, HF_NO_HASH }, IDENTIFIER("\x30\x05\x06\x03\x2b\x65\x70") },
};
enum { ROWS = sizeof rows / sizeof *rows };

static size_t row_of(hf_key_type type)
{
    size_t i = 0;

    while (i < ROWS && rows[i].type != type)
        i++;
    return i;
}

hf_span hf_signature_identifier(const hf_private_key *key)
{
    size_t i = row_of(hf_private_key_type(key));

    return i < ROWS ? rows[i].identifier : hf_span_of(NULL, 0);
}

void hf_dw_signature(hf_builder *b, size_t from, const hf_private_key *key)
{
    uint8_t signature[HF_SIGNATURE_MAX];
    size_t len = 0, i = row_of(hf_private_key_type(key));

    if (b->error == HF_OK)
        b->error = i == ROWS ? HF_E_CONFIG_KEY_UNSUPPORTED
                             : hf_sign(key, rows[i].algorithm.kind, rows[i].algorithm.hash,
                                       hf_span_of(b->data + from, b->len - from), signature, &len);
    if (b->error != HF_OK)
        return;
    hf_wr_bytes(b, rows[i].identifier);
    hf_dw_bits(b, hf_span_of(signature, len));
}

hf_issue_extension hf_dw_extension_open(hf_builder *b, hf_oid id, bool critical)
{
    hf_issue_extension e = { .whole = hf_dw_open(b, HF_DER_SEQUENCE) };

    hf_dw_oid(b, id);
    if (critical)
        hf_dw_true(b);
    e.value = hf_dw_open(b, HF_DER_OCTET_STRING);
    return e;
}

void hf_dw_extension_close(hf_builder *b, hf_issue_extension e)
{
    hf_dw_close(b, e.value);
    hf_dw_close(b, e.whole);
}

hf_error hf_check_key_of(const hf_cert *cert, const hf_private_key *key)
{
    uint8_t *spki = NULL;
    size_t len = 0;

    TRY(hf_private_key_spki(key, &spki, &len));
    bool same = hf_span_equal(hf_span_of(spki, len), cert->spki);
    hf_free(spki);
    return same ? HF_OK : HF_E_CONFIG_KEY_MISMATCH;
}

hf_error hf_issue_der(hf_issue_write *write, const void *request, size_t room, uint8_t **der,
                      size_t *len)
{
    uint8_t *buffer = hf_alloc(room);
    hf_span out;

    if (!buffer)
        return HF_E_NO_MEMORY;
    hf_builder b = hf_wr_start(buffer, room);
    write(&b, request);
    hf_error e = b.error == HF_OK ? hf_wr_finish(&b, &out) : b.error;
    if (e != HF_OK) {
        hf_free(buffer);
        return e;
    }
    *der = buffer;
    *len = out.len;
    return HF_OK;
}
