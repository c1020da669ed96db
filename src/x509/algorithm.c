/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * AlgorithmIdentifiers of signatures (RFC 5280 4.1.1.2). Known here is what may sign a certificate
 * today; everything else is parsed and left unsupported, because a trust anchor's own signature,
 * which nobody checks, may well be SHA-1.
 */
#include "x509/oid.h"
#include "x509/parts.h"

typedef enum parameters { ABSENT, NULL_OR_ABSENT, PSS } parameters;

static const struct {
    hf_oid oid;
    hf_sig_algorithm algorithm;
    parameters parameters;
} known[] = {
    { HF_OID_ecdsa_with_sha256, { HF_SIG_ECDSA, HF_SHA256 }, ABSENT }, /* RFC 5758 3.2 */
    { HF_OID_ecdsa_with_sha384, { HF_SIG_ECDSA, HF_SHA384 }, ABSENT },
    { HF_OID_ecdsa_with_sha512, { HF_SIG_ECDSA, HF_SHA512 }, ABSENT },
    { HF_OID_sha256_with_rsa, { HF_SIG_RSA_PKCS1, HF_SHA256 }, NULL_OR_ABSENT }, /* RFC 4055 5 */
    { HF_OID_sha384_with_rsa, { HF_SIG_RSA_PKCS1, HF_SHA384 }, NULL_OR_ABSENT },
    { HF_OID_sha512_with_rsa, { HF_SIG_RSA_PKCS1, HF_SHA512 }, NULL_OR_ABSENT },
    { HF_OID_rsassa_pss, { HF_SIG_RSA_PSS, HF_NO_HASH }, PSS }, /* RFC 4055 3.1 */
    { HF_OID_ed25519, { HF_SIG_ED25519, HF_NO_HASH }, ABSENT }, /* RFC 8410 3 */
};

/* ---- RSASSA-PSS-params: RFC 4055 3.1 ---- */

static void skip_null(hf_reader *algorithm)
{
    if (hf_rd_left(algorithm) > 0)
        hf_der_null(algorithm, "parameters");
}

static hf_hash_id hash_of(hf_span oid)
{
    switch (hf_oid_of(oid)) {
    case HF_OID_sha256: return HF_SHA256;
    case HF_OID_sha384: return HF_SHA384;
    case HF_OID_sha512: return HF_SHA512;
    default: return HF_NO_HASH;
    }
}

static hf_hash_id read_hash(hf_reader *r, const char *field)
{
    hf_reader algorithm = hf_der_open(r, HF_DER_SEQUENCE, field);
    hf_hash_id hash = hash_of(hf_der_oid(&algorithm, "algorithm"));

    skip_null(&algorithm);
    hf_rd_end(&algorithm);
    return hash;
}

static hf_hash_id read_hash_algorithm(hf_reader *params)
{
    hf_reader wrapped = hf_der_open(params, HF_DER_CONTEXT_CONS(0), "hashAlgorithm");
    hf_hash_id hash = read_hash(&wrapped, "hashAlgorithm");

    hf_rd_end(&wrapped);
    return hash;
}

static hf_hash_id read_mask_gen(hf_reader *params)
{
    hf_reader wrapped = hf_der_open(params, HF_DER_CONTEXT_CONS(1), "maskGenAlgorithm");
    hf_reader mgf = hf_der_open(&wrapped, HF_DER_SEQUENCE, "maskGenAlgorithm");
    bool is_mgf1 = hf_oid_of(hf_der_oid(&mgf, "algorithm")) == HF_OID_mgf1;
    hf_hash_id hash = read_hash(&mgf, "parameters");

    hf_rd_end(&mgf);
    hf_rd_end(&wrapped);
    return is_mgf1 ? hash : HF_NO_HASH;
}

static size_t read_salt_length(hf_reader *params)
{
    hf_reader wrapped = hf_der_open(params, HF_DER_CONTEXT_CONS(2), "saltLength");
    size_t salt = hf_der_small(&wrapped, UINT16_MAX, "saltLength");

    hf_rd_end(&wrapped);
    return salt;
}

static size_t salt_of(hf_hash_id hash)
{
    return hash == HF_SHA256 ? 32 : hash == HF_SHA384 ? 48 : 64;
}

/* RFC 9846 4.3.3#4 #6 #8. What is left out has SHA-1 as its default, so all three must be there. RFC 4055 calls the salt length
   of a key a minimum; in TLS a signature's is exact, and must be the key's (RFC 9846 4.3.3#9). trailerField has its default,
   which DER leaves out. */
static bool read_pss(hf_reader *params, hf_hash_id *hash)
{
    if (hf_der_peek(params) != HF_DER_CONTEXT_CONS(0))
        return false;
    *hash = read_hash_algorithm(params);
    if (hf_der_peek(params) != HF_DER_CONTEXT_CONS(1))
        return false;
    hf_hash_id mask = read_mask_gen(params);
    if (*hash == HF_NO_HASH || mask != *hash || hf_der_peek(params) != HF_DER_CONTEXT_CONS(2))
        return false;
    size_t salt = read_salt_length(params);
    return hf_rd_left(params) == 0 && salt == salt_of(*hash);
}

bool hf_pss_parameters_read(hf_reader *algorithm, bool in_key, hf_hash_id *hash)
{
    *hash = HF_NO_HASH;
    if (in_key && hf_rd_left(algorithm) == 0)
        return true;
    hf_reader params = hf_der_open(algorithm, HF_DER_SEQUENCE, "parameters");
    return read_pss(&params, hash) && hf_rd_ok(&params);
}

/* ---- signatures ---- */

static bool read_parameters(hf_reader *algorithm, parameters expected, hf_hash_id *hash)
{
    switch (expected) {
    case PSS: return hf_pss_parameters_read(algorithm, false, hash);
    case NULL_OR_ABSENT: skip_null(algorithm); return hf_rd_left(algorithm) == 0;
    default: return hf_rd_left(algorithm) == 0;
    }
}

hf_sig_algorithm hf_sig_algorithm_read(hf_reader *r, hf_span *whole, const char *field)
{
    hf_reader algorithm = hf_der_open_whole(r, HF_DER_SEQUENCE, whole, field);
    hf_oid oid = hf_oid_of(hf_der_oid(&algorithm, "algorithm"));

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].oid != oid)
            continue;
        hf_sig_algorithm found = known[i].algorithm;
        if (read_parameters(&algorithm, known[i].parameters, &found.hash) && hf_rd_ok(r))
            return found;
    }
    return (hf_sig_algorithm){ HF_SIG_NONE, HF_NO_HASH };
}

/* Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature } */
hf_span hf_cert_signed_by(hf_span der, hf_span *behind)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(der, "Certificate", 0, &fault, NULL);
    hf_reader cert = hf_der_open(&r, HF_DER_SEQUENCE, "Certificate");

    hf_der_read(&cert, HF_DER_SEQUENCE, "tbsCertificate");
    hf_reader algorithm = hf_der_open(&cert, HF_DER_SEQUENCE, "signatureAlgorithm");
    hf_span oid = hf_der_oid(&algorithm, "algorithm");
    if (behind)
        *behind = hf_span_of(algorithm.p, hf_rd_left(&algorithm));
    return oid;
}
