/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * SubjectPublicKeyInfo: RSA (RFC 3279 2.3.1, RFC 4055 1.2), named curves (RFC 5480 2), Ed25519
 * (RFC 8410 4). A key of another kind is HF_KEY_NONE; whether a point lies on its curve is for
 * libcrypto to say when the key is used.
 */
#include "x509/oid.h"
#include "x509/parts.h"

enum { RSA_EXPONENT_MAX = 8, ED25519_KEY_LEN = 32 };

static hf_key_type read_curve(hf_reader *algorithm, size_t *point_len)
{
    if (hf_der_peek(algorithm) != HF_DER_OID) /* explicit parameters: RFC 5480 2.1.1 forbids them */
        return HF_KEY_NONE;
    switch (hf_oid_of(hf_der_oid(algorithm, "namedCurve"))) {
    case HF_OID_secp256r1: *point_len = 65; return HF_KEY_P256;
    case HF_OID_secp384r1: *point_len = 97; return HF_KEY_P384;
    case HF_OID_secp521r1: *point_len = 133; return HF_KEY_P521;
    default: return HF_KEY_NONE;
    }
}

static void read_ec(hf_reader *algorithm, hf_span bits, hf_public_key *key)
{
    size_t point_len = 0;
    hf_key_type type = read_curve(algorithm, &point_len);

    if (type == HF_KEY_NONE)
        return;
    hf_rd_end(algorithm);
    if (bits.len == point_len && bits.data[0] == 0x04) /* compressed points are not supported */
        *key = (hf_public_key){ .type = type, .point = bits };
}

static void read_ed25519(hf_reader *algorithm, hf_span bits, hf_public_key *key)
{
    hf_rd_end(algorithm);
    if (bits.len == ED25519_KEY_LEN)
        *key = (hf_public_key){ .type = HF_KEY_ED25519, .point = bits };
}

static bool is_odd(hf_span n)
{
    return n.len > 0 && (n.data[n.len - 1] & 1) != 0;
}

/* RSAPublicKey, which is DER inside the bit string. */
static void read_rsa(hf_reader *spki, hf_span bits, hf_key_type type, hf_hash_id pss_hash,
                     hf_public_key *key)
{
    hf_reader bytes =
        hf_rd_start(bits, "subjectPublicKey", spki->origin + (size_t)(bits.data - spki->base),
                    spki->fault, spki->sink);
    bytes.up = spki;
    hf_reader rsa = hf_der_open(&bytes, HF_DER_SEQUENCE, "RSAPublicKey");
    hf_span n = hf_der_unsigned(&rsa, "modulus"), e = hf_der_unsigned(&rsa, "publicExponent");
    hf_rd_end(&rsa);
    hf_rd_end(&bytes);
    bool exponent_fits = e.len <= RSA_EXPONENT_MAX && is_odd(e) && (e.len > 1 || e.data[0] >= 3);
    if (is_odd(n) && exponent_fits)
        *key = (hf_public_key){ .type = type, .n = n, .e = e, .pss_hash = pss_hash };
}

static void read_key(hf_reader *spki, hf_reader *algorithm, hf_oid oid, hf_span bits,
                     hf_public_key *key)
{
    hf_hash_id pss_hash = HF_NO_HASH;

    switch (oid) {
    case HF_OID_rsa_encryption:
        hf_der_null(algorithm, "parameters");
        hf_rd_end(algorithm);
        read_rsa(spki, bits, HF_KEY_RSA, HF_NO_HASH, key);
        return;
    case HF_OID_rsassa_pss:
        if (hf_pss_parameters_read(algorithm, true, &pss_hash))
            read_rsa(spki, bits, HF_KEY_RSA_PSS, pss_hash, key);
        return;
    case HF_OID_ec_public_key: read_ec(algorithm, bits, key); return;
    case HF_OID_ed25519: read_ed25519(algorithm, bits, key); return;
    default: return;
    }
}

hf_public_key hf_spki_read(hf_reader *r, hf_span *whole, const char *field)
{
    hf_public_key key = { .type = HF_KEY_NONE };
    hf_reader spki = hf_der_open_whole(r, HF_DER_SEQUENCE, whole, field);
    hf_reader algorithm = hf_der_open(&spki, HF_DER_SEQUENCE, "algorithm");
    hf_oid oid = hf_oid_of(hf_der_oid(&algorithm, "algorithm"));
    hf_span bits = hf_der_bits(&spki, HF_DER_BIT_STRING, "subjectPublicKey");

    hf_rd_end(&spki);
    if (hf_rd_ok(&spki))
        read_key(&spki, &algorithm, oid, bits, &key);
    return key;
}

hf_span hf_spki_key_bits(hf_span spki)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(spki, "SubjectPublicKeyInfo", 0, &fault, NULL);
    hf_reader content = hf_der_open(&r, HF_DER_SEQUENCE, "SubjectPublicKeyInfo");

    hf_der_whole(&content, HF_DER_SEQUENCE, "algorithm");
    return hf_der_bits(&content, HF_DER_BIT_STRING, "subjectPublicKey");
}

unsigned hf_rsa_bits(const hf_public_key *key)
{
    unsigned bits = (unsigned)(8 * key->n.len);

    for (unsigned top = key->n.len > 0 ? key->n.data[0] : 0x80; top < 0x80; top <<= 1)
        bits--;
    return bits;
}
