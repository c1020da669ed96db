/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The price list, and the hint that saves most of the money. */
#include "x509/signature_cost.h"

#include "x509/parts.h"

unsigned hf_signature_units(const hf_public_key *key)
{
    if (key->type == HF_KEY_P384 || key->type == HF_KEY_P521)
        return 3; /* libcrypto takes some ten times as long as for P-256; the longest chain still fits */
    if (key->type != HF_KEY_RSA && key->type != HF_KEY_RSA_PSS)
        return 1;
    unsigned bits = hf_rsa_bits(key);
    return bits <= 2048 ? 1 : bits <= 3072 ? 2 : bits <= 4096 ? 4 : bits <= 8192 ? 8 : 16;
}

bool hf_key_ids_differ(const hf_cert *cert, const hf_cert *issuer)
{
    return cert->aki.len > 0 && issuer->ski.len > 0 && !hf_span_equal(cert->aki, issuer->ski);
}
