/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is demanded of a signature before it is worth any arithmetic: its algorithm, and the key under it. */
#include "x509/path_rules.h"

#include <stdio.h>

#include "x509/oid.h"
#include "x509/parts.h"

static bool is_ec(hf_key_type type)
{
    return type == HF_KEY_P256 || type == HF_KEY_P384 || type == HF_KEY_P521;
}

/* RFC 9846 4.3.3#1 #5 #7 #9 */
static bool key_can(const hf_public_key *key, hf_sig_algorithm algorithm)
{
    switch (algorithm.kind) {
    case HF_SIG_RSA_PKCS1: return key->type == HF_KEY_RSA;
    case HF_SIG_RSA_PSS:
        return key->type == HF_KEY_RSA ||
               (key->type == HF_KEY_RSA_PSS &&
                (key->pss_hash == HF_NO_HASH || key->pss_hash == algorithm.hash));
    case HF_SIG_ECDSA: return is_ec(key->type);
    case HF_SIG_ED25519: return key->type == HF_KEY_ED25519;
    default: return false;
    }
}

/* The schemes of TLS 1.3 tie a hash to a curve; certificates also hold the other pairs (P-384 with
   SHA-256). So for ECDSA the hash and the curve are looked for one by one. */
static bool is_allowed(const uint16_t *schemes, const hf_public_key *key,
                       hf_sig_algorithm algorithm)
{
    bool hash = false, curve = false;

    for (; *schemes; schemes++) {
        const hf_scheme *scheme = hf_scheme_of(*schemes);
        if (!scheme || scheme->kind != algorithm.kind)
            continue;
        if (scheme->hash == algorithm.hash && scheme->key == key->type)
            return true;
        hash = hash || scheme->hash == algorithm.hash;
        curve = curve || scheme->key == key->type;
    }
    return algorithm.kind == HF_SIG_ECDSA && hash && curve;
}

static hf_span algorithm_of(const hf_cert *cert)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(cert->tbs, "tbs", 0, &fault, NULL);
    hf_reader tbs = hf_der_open(&r, HF_DER_SEQUENCE, "tbs");

    hf_der_whole(&tbs, HF_DER_CONTEXT_CONS(0), "version");
    hf_der_integer(&tbs, "serialNumber");
    hf_reader algorithm = hf_der_open(&tbs, HF_DER_SEQUENCE, "signature");
    return hf_der_oid(&algorithm, "algorithm");
}

/* RFC 9846 4.5.1.3#2: a certificate that must be validated may not be signed with MD5 or SHA-1. */
static bool is_broken(hf_oid algorithm)
{
    return algorithm == HF_OID_md5_with_rsa || algorithm == HF_OID_sha1_with_rsa ||
           algorithm == HF_OID_ecdsa_with_sha1;
}

bool hf_rule_is_broken(const hf_cert *cert)
{
    return is_broken(hf_oid_of(algorithm_of(cert)));
}

hf_error hf_rule_signature(const hf_path_query *query, const hf_cert *cert,
                           const hf_public_key *key, char detail[HF_DETAIL_MAX])
{
    char name[64];
    const char *trouble = "is not supported";
    hf_span algorithm = algorithm_of(cert);
    hf_error e =
        is_broken(hf_oid_of(algorithm)) ? HF_E_CERT_SIGALG_BROKEN : HF_E_CERT_SIGALG_UNSUPPORTED;

    if (cert->signed_with.kind != HF_SIG_NONE) {
        if (!key_can(key, cert->signed_with))
            trouble = "does not fit the issuer's key", e = HF_E_CERT_SIGNATURE;
        else if (is_allowed(query->schemes, key, cert->signed_with))
            return HF_OK;
        else
            trouble = "with the issuer's key is not among the schemes that are allowed";
    }
    hf_oid_text(algorithm, name, sizeof name);
    snprintf(detail, HF_DETAIL_MAX, "signed with %.40s, which %s", name, trouble);
    return e;
}
