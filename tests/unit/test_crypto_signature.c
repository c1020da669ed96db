/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Signing and verifying: round trips of every scheme, and everything that must not verify. */
#include "crypto/signature.h"
#include "crypto_support.h"

typedef struct combination {
    hf_key_type type;
    hf_sig_kind kind;
    hf_hash_id hash;
} combination;

/* All that a certificate or CertificateVerify may name, and a few more that are sound. */
static const combination combinations[] = {
    { HF_KEY_P256, HF_SIG_ECDSA, HF_SHA256 },      { HF_KEY_P256, HF_SIG_ECDSA, HF_SHA512 },
    { HF_KEY_P384, HF_SIG_ECDSA, HF_SHA384 },      { HF_KEY_P384, HF_SIG_ECDSA, HF_SHA256 },
    { HF_KEY_P521, HF_SIG_ECDSA, HF_SHA512 },      { HF_KEY_ED25519, HF_SIG_ED25519, HF_NO_HASH },
    { HF_KEY_RSA, HF_SIG_RSA_PSS, HF_SHA256 },     { HF_KEY_RSA, HF_SIG_RSA_PSS, HF_SHA384 },
    { HF_KEY_RSA, HF_SIG_RSA_PSS, HF_SHA512 },     { HF_KEY_RSA, HF_SIG_RSA_PKCS1, HF_SHA256 },
    { HF_KEY_RSA, HF_SIG_RSA_PKCS1, HF_SHA384 },   { HF_KEY_RSA, HF_SIG_RSA_PKCS1, HF_SHA512 },
    { HF_KEY_RSA_PSS, HF_SIG_RSA_PSS, HF_SHA256 }, { HF_KEY_RSA_PSS, HF_SIG_RSA_PSS, HF_SHA512 },
};

static hf_private_key *keys[HF_KEY_ED25519 + 1];
static uint8_t *spkis[HF_KEY_ED25519 + 1];
static hf_public_key publics[HF_KEY_ED25519 + 1];
static const hf_span message = { (const uint8_t *)"a message", 9 };

/* The last bytes of an SPKI are the point, or modulus and a 3-byte exponent of an RSA-2048 key. */
static hf_public_key public_of(hf_key_type type, const uint8_t *spki, size_t len)
{
    hf_public_key key = { .type = type };
    static const size_t points[] = {
        [HF_KEY_P256] = 65, [HF_KEY_P384] = 97, [HF_KEY_P521] = 133, [HF_KEY_ED25519] = 32
    };

    if (type == HF_KEY_RSA || type == HF_KEY_RSA_PSS) {
        key.n = hf_span_of(spki + len - 5 - 256, 256);
        key.e = hf_span_of(spki + len - 3, 3);
    } else {
        key.point = hf_span_of(spki + len - points[type], points[type]);
    }
    return key;
}

static int set_up(void **state)
{
    (void)state;
    for (hf_key_type t = HF_KEY_RSA; t <= HF_KEY_ED25519; t++) {
        size_t len;

        if (hf_private_key_generate(&keys[t], t, 2048) != HF_OK ||
            hf_private_key_spki(keys[t], &spkis[t], &len) != HF_OK)
            return -1;
        publics[t] = public_of(t, spkis[t], len);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (hf_key_type t = HF_KEY_RSA; t <= HF_KEY_ED25519; t++) {
        hf_private_key_free(keys[t]);
        hf_free(spkis[t]);
    }
    return 0;
}

static bytes sign(const combination *c, hf_span text)
{
    bytes out = { 0 };

    assert_int_equal(hf_sign(keys[c->type], c->kind, c->hash, text, out.data, &out.len), HF_OK);
    assert_in_range(out.len, 1, HF_SIGNATURE_MAX);
    return out;
}

static hf_error verify(const combination *c, const bytes *signature)
{
    return hf_verify(&publics[c->type], c->kind, c->hash, message, span(signature));
}

/* ---- what is good, and what is not ---- */

static void round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(combinations); i++) {
        const combination *c = &combinations[i];
        bytes good = sign(c, message), other = sign(c, hf_span_str("another message")),
              empty = sign(c, hf_span_str(""));

        assert_int_equal(verify(c, &good), HF_OK);
        assert_int_equal(verify(c, &other), HF_E_SIGNATURE_WRONG);
        assert_int_equal(verify(c, &empty), HF_E_SIGNATURE_WRONG);
        assert_int_equal(
            hf_verify(&publics[c->type], c->kind, c->hash, hf_span_str(""), span(&empty)), HF_OK);
    }
}

/* Each byte of the signature, and each length. */
static void mangled_signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(combinations); i++) {
        const combination *c = &combinations[i];
        bytes good = sign(c, message), bad = good;

        for (size_t at = 0; at<good.len; at += good.len> 150 ? 7 : 1) {
            bad.data[at] ^= 1;
            assert_int_equal(verify(c, &bad), HF_E_SIGNATURE_WRONG);
            bad.data[at] ^= 1;
        }
        for (bad.len = 0; bad.len <= good.len + 1;
             bad.len += good.len > 150 && bad.len + 20 < good.len ? 11 : 1)
            assert_int_equal(verify(c, &bad), bad.len == good.len ? HF_OK : HF_E_SIGNATURE_WRONG);
    }
}

/* Each signature against each way to read it. */
static void mixed_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(combinations); i++) {
        bytes signature = sign(&combinations[i], message);

        for (size_t j = 0; j < COUNT(combinations); j++)
            assert_int_equal(verify(&combinations[j], &signature),
                             i == j ? HF_OK : HF_E_SIGNATURE_WRONG);
    }
}

static void another_key(void **state)
{
    hf_private_key *key;
    uint8_t *spki;
    size_t len;

    (void)state;
    for (size_t i = 0; i < COUNT(combinations); i++) {
        const combination *c = &combinations[i];
        bytes signature = sign(c, message);

        if (c->kind == HF_SIG_RSA_PSS || c->kind == HF_SIG_RSA_PKCS1)
            continue; /* slow to make: mixed_up has two */
        assert_int_equal(hf_private_key_generate(&key, c->type, 0), HF_OK);
        assert_int_equal(hf_private_key_spki(key, &spki, &len), HF_OK);
        hf_public_key other = public_of(c->type, spki, len);
        assert_int_equal(hf_verify(&other, c->kind, c->hash, message, span(&signature)),
                         HF_E_SIGNATURE_WRONG);
        hf_private_key_free(key);
        hf_free(spki);
    }
}

static void kinds_that_do_not_fit(void **state)
{
    uint8_t signature[HF_SIGNATURE_MAX] = { 0 };
    size_t len;

    (void)state;
    for (hf_key_type t = HF_KEY_RSA; t <= HF_KEY_ED25519; t++)
        for (hf_sig_kind kind = HF_SIG_NONE; kind <= HF_SIG_ED25519; kind++) {
            bool fits = (t == HF_KEY_RSA && kind == HF_SIG_RSA_PKCS1) ||
                        ((t == HF_KEY_RSA || t == HF_KEY_RSA_PSS) && kind == HF_SIG_RSA_PSS) ||
                        (t >= HF_KEY_P256 && t <= HF_KEY_P521 && kind == HF_SIG_ECDSA) ||
                        (t == HF_KEY_ED25519 && kind == HF_SIG_ED25519);

            assert_int_equal(hf_sign(keys[t], kind, HF_SHA256, message, signature, &len),
                             fits ? HF_OK : HF_E_INTERNAL);
            assert_int_equal(
                hf_verify(&publics[t], kind, HF_SHA256, message, hf_span_of(signature, len)),
                fits ? HF_OK : HF_E_SIGNATURE_WRONG);
        }
    assert_int_equal(hf_sign(keys[HF_KEY_P256], HF_SIG_ECDSA, HF_NO_HASH, message, signature, &len),
                     HF_E_INTERNAL);
    hf_public_key none = { 0 };
    assert_int_equal(hf_verify(&none, HF_SIG_ECDSA, HF_SHA256, message, message),
                     HF_E_SIGNATURE_WRONG);
}

/* ---- ECDSA's DER ---- */

/* 30 len 02 rlen r 02 slen s of a P-256 signature, taken apart and put together otherwise. */
static void rebuild(bytes *out, const bytes *good, const char *prefix_r, const char *prefix_s,
                    const char *tail)
{
    size_t r_len = good->data[3], s_len = good->data[5 + r_len];
    bytes r0 = hex(prefix_r), s0 = hex(prefix_s), t = hex(tail);
    uint8_t *at = out->data + 2;

    *at++ = 2;
    *at++ = (uint8_t)(r0.len + r_len);
    memcpy(at, r0.data, r0.len);
    memcpy(at + r0.len, good->data + 4, r_len);
    at += r0.len + r_len;
    *at++ = 2;
    *at++ = (uint8_t)(s0.len + s_len);
    memcpy(at, s0.data, s0.len);
    memcpy(at + s0.len, good->data + 6 + r_len, s_len);
    at += s0.len + s_len;
    memcpy(at, t.data, t.len);
    at += t.len;
    out->len = (size_t)(at - out->data);
    out->data[0] = 0x30;
    out->data[1] = (uint8_t)(out->len - 2);
}

static void ecdsa_is_strict_der(void **state)
{
    const combination *c = &combinations[0];
    bytes good = sign(c, message), bad = { 0 };

    (void)state;
    rebuild(&bad, &good, "", "", "");
    assert_int_equal(verify(c, &bad), HF_OK);
    rebuild(&bad, &good, "00", "", "");
    assert_int_equal(verify(c, &bad), HF_E_SIGNATURE_WRONG); /* a needless zero in r */
    rebuild(&bad, &good, "", "00", "");
    assert_int_equal(verify(c, &bad), HF_E_SIGNATURE_WRONG);
    rebuild(&bad, &good, "", "", "0500");
    assert_int_equal(verify(c, &bad), HF_E_SIGNATURE_WRONG); /* a third element */
    bad = good;
    bad.data[bad.len++] = 0;
    assert_int_equal(verify(c, &bad), HF_E_SIGNATURE_WRONG); /* bytes after the end */
    bad = good;
    memmove(bad.data + 2, bad.data + 1, bad.len - 1);
    bad.data[1] = 0x81; /* the length in two bytes where one will do */
    bad.len++;
    assert_int_equal(verify(c, &bad), HF_E_SIGNATURE_WRONG);
}

/* r or s of zero, or n: signatures that fit any message where the range check is missing. */
static void ecdsa_edge_values(void **state)
{
    static const char *const edges[] = {
        "3006020100020100",
        "3006020101020100",
        "3006020100020101",
        "30060201ff0201ff",
        "3000",
        "",
        "3026 022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551 020101",
        "3026 020101 022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(edges); i++) {
        bytes signature = hex(edges[i]);

        assert_int_equal(verify(&combinations[0], &signature), HF_E_SIGNATURE_WRONG);
    }
}

/* ---- keys that are none ---- */

static void bad_points(void **state)
{
    uint8_t point[133];

    (void)state;
    for (size_t i = 0; i < COUNT(combinations); i++) {
        const combination *c = &combinations[i];
        hf_public_key key = publics[c->type];
        bytes signature = sign(c, message);

        if (c->kind != HF_SIG_ECDSA)
            continue;
        memcpy(point, key.point.data, key.point.len);
        key.point.data = point;
        for (int form = 0; form < 16; form++) {
            point[0] = (uint8_t)form;
            assert_int_equal(hf_verify(&key, c->kind, c->hash, message, span(&signature)),
                             form == 4 ? HF_OK : HF_E_SIGNATURE_WRONG);
        }
        point[0] = 4;
        point[key.point.len - 1] ^= 1; /* off the curve */
        assert_int_equal(hf_verify(&key, c->kind, c->hash, message, span(&signature)),
                         HF_E_SIGNATURE_WRONG);
        point[key.point.len - 1] ^= 1;
        for (size_t full = key.point.len; key.point.len > 0; key.point.len--)
            assert_int_equal(hf_verify(&key, c->kind, c->hash, message, span(&signature)),
                             key.point.len == full ? HF_OK : HF_E_SIGNATURE_WRONG);
    }
    bytes signature = sign(&combinations[5], message);
    hf_public_key ed25519 = publics[HF_KEY_ED25519];
    ed25519.point.len = 31;
    assert_int_equal(hf_verify(&ed25519, HF_SIG_ED25519, HF_NO_HASH, message, span(&signature)),
                     HF_E_SIGNATURE_WRONG);
}

static hf_error with_numbers(hf_span n, hf_span e)
{
    static const uint8_t zero[2000];
    hf_public_key key = { .type = HF_KEY_RSA, .n = n, .e = e };

    return hf_verify(&key, HF_SIG_RSA_PKCS1, HF_SHA256, message, hf_span_of(zero, n.len));
}

/* Even, too long, with zeroes before, an exponent of 1: refused before libcrypto sees them. */
static void bad_rsa_numbers(void **state)
{
    static uint8_t n[1025];
    static const uint8_t e[9] = { 1, 0, 0, 0, 0, 0, 0, 0, 1 };
    hf_span good_e = hf_span_of("\x01\x00\x01", 3);
    bytes signature = sign(&combinations[9], message);
    hf_public_key key = publics[HF_KEY_RSA];

    (void)state;
    memset(n, 0xff, sizeof n);
    assert_int_equal(with_numbers(hf_span_of(n, 1025), good_e), HF_E_SIGNATURE_WRONG);
    assert_int_equal(with_numbers(hf_span_of(n, 1024), good_e), HF_E_SIGNATURE_WRONG);
    assert_int_equal(with_numbers(hf_span_of(n, 256), hf_span_of(e, 9)), HF_E_SIGNATURE_WRONG);
    assert_int_equal(with_numbers(hf_span_of(n, 256), hf_span_of("\x01", 1)), HF_E_SIGNATURE_WRONG);
    assert_int_equal(with_numbers(hf_span_of(n, 256), hf_span_of("\x04", 1)), HF_E_SIGNATURE_WRONG);
    assert_int_equal(with_numbers(hf_span_of(n, 256), hf_span_of("\x00\x03", 2)),
                     HF_E_SIGNATURE_WRONG);
    assert_int_equal(with_numbers(hf_span_of(n, 256), hf_span_of("", 0)), HF_E_SIGNATURE_WRONG);
    assert_int_equal(with_numbers(hf_span_of(n, 0), good_e), HF_E_SIGNATURE_WRONG);
    n[255] = 0xfe;
    assert_int_equal(with_numbers(hf_span_of(n, 256), good_e), HF_E_SIGNATURE_WRONG);
    n[0] = 0;
    assert_int_equal(with_numbers(hf_span_of(n, 256), good_e), HF_E_SIGNATURE_WRONG);
    assert_int_equal(hf_verify(&key, HF_SIG_RSA_PKCS1, HF_SHA256, message, span(&signature)),
                     HF_OK);
    key.e = hf_span_of("\x03", 1);
    assert_int_equal(hf_verify(&key, HF_SIG_RSA_PKCS1, HF_SHA256, message, span(&signature)),
                     HF_E_SIGNATURE_WRONG);
}

/* An RSA-PSS key may say which hash it is for (RFC 4055 3.1). */
static void pss_key_with_a_hash(void **state)
{
    hf_public_key key = publics[HF_KEY_RSA_PSS];
    bytes signature = sign(&combinations[12], message);

    (void)state;
    key.pss_hash = HF_SHA256;
    assert_int_equal(hf_verify(&key, HF_SIG_RSA_PSS, HF_SHA256, message, span(&signature)), HF_OK);
    key.pss_hash = HF_SHA384;
    assert_int_equal(hf_verify(&key, HF_SIG_RSA_PSS, HF_SHA256, message, span(&signature)),
                     HF_E_SIGNATURE_WRONG);
}

/* RFC 8032 7.1, test 3. */
static void known_ed25519(void **state)
{
    bytes point = hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
    bytes signature = hex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                          "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
    hf_public_key key = { .type = HF_KEY_ED25519, .point = span(&point) };

    (void)state;
    assert_int_equal(
        hf_verify(&key, HF_SIG_ED25519, HF_NO_HASH, hf_span_of("\xaf\x82", 2), span(&signature)),
        HF_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(mangled_signatures),
        cmocka_unit_test(mixed_up),
        cmocka_unit_test(another_key),
        cmocka_unit_test(kinds_that_do_not_fit),
        cmocka_unit_test(ecdsa_is_strict_der),
        cmocka_unit_test(ecdsa_edge_values),
        cmocka_unit_test(bad_points),
        cmocka_unit_test(bad_rsa_numbers),
        cmocka_unit_test(pss_key_with_a_hash),
        cmocka_unit_test(known_ed25519),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
