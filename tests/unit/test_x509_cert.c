/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The certificate parser: certificates made by OpenSSL, every truncation and every flipped byte of
 * them, and certificates with one part replaced by something wrong.
 */
#include "x509_support.h"

#include "tests/support/testpki.h"
#include "x509/der_write.h"
#include "x509_samples.h"

/* ---- OpenSSL's ---- */

typedef struct sample {
    const char *name, *pem;
    hf_error code;
    hf_key_type key;
    hf_sig_kind kind;
    hf_hash_id hash;
} sample;

#define SAMPLE(name) #name, sample_##name

static const sample samples[] = {
    { SAMPLE(rsa), HF_OK, HF_KEY_RSA, HF_SIG_RSA_PKCS1, HF_SHA256 },
    { SAMPLE(rsa_1024), HF_OK, HF_KEY_RSA, HF_SIG_RSA_PKCS1, HF_SHA256 },
    { SAMPLE(rsa_signed_pss), HF_OK, HF_KEY_RSA, HF_SIG_RSA_PSS, HF_SHA384 },
    { SAMPLE(pss), HF_OK, HF_KEY_RSA_PSS, HF_SIG_RSA_PSS, HF_SHA256 },
    { SAMPLE(p256), HF_OK, HF_KEY_P256, HF_SIG_ECDSA, HF_SHA256 },
    { SAMPLE(p384), HF_OK, HF_KEY_P384, HF_SIG_ECDSA, HF_SHA384 },
    { SAMPLE(p521), HF_OK, HF_KEY_P521, HF_SIG_ECDSA, HF_SHA512 },
    { SAMPLE(ed25519), HF_OK, HF_KEY_ED25519, HF_SIG_ED25519, HF_NO_HASH },
    { SAMPLE(everything), HF_OK, HF_KEY_P256, HF_SIG_ECDSA, HF_SHA256 },
    { SAMPLE(sha1_root), HF_OK, HF_KEY_P256, HF_SIG_NONE, HF_NO_HASH },
    { SAMPLE(signed_with_sha1), HF_OK, HF_KEY_ED25519, HF_SIG_NONE, HF_NO_HASH },
    { SAMPLE(critical_unknown), HF_OK, HF_KEY_P256, HF_SIG_ECDSA, HF_SHA256 },
    { SAMPLE(critical_name_constraints), HF_OK, HF_KEY_P256, HF_SIG_ECDSA, HF_SHA256 },
    { SAMPLE(v1), HF_E_CERT_VERSION, 0, 0, 0 },
    { SAMPLE(ed448), HF_E_CERT_KEY_UNSUPPORTED, 0, 0, 0 },
    { SAMPLE(secp256k1), HF_E_CERT_KEY_UNSUPPORTED, 0, 0, 0 },
    { SAMPLE(compressed_point), HF_E_CERT_KEY_UNSUPPORTED, 0, 0, 0 },
    { SAMPLE(explicit_curve), HF_E_CERT_KEY_UNSUPPORTED, 0, 0, 0 },
};

static void check_spans(const hf_cert *c)
{
    const hf_span parts[] = { c->tbs, c->serial, c->issuer, c->subject, c->spki, c->signature };

    for (size_t i = 0; i < COUNT(parts); i++)
        assert_true(parts[i].len > 0 && hf_span_within(parts[i], c->der));
}

static void check_sample(const sample *s)
{
    hf_span der = der_of(s->pem);
    hf_fault fault;
    hf_cert cert;
    hf_error e = hf_cert_parse(&cert, der, &fault);

    if (e != s->code)
        fail_msg("%s: %s, %s: %s", s->name, hf_error_row_of(e)->name, fault.path, fault.rule);
    assert_int_equal(fault.code, e);
    if (e == HF_OK) {
        check_spans(&cert);
        assert_int_equal(cert.key.type, s->key);
        assert_int_equal(cert.signed_with.kind, s->kind);
        assert_int_equal(cert.signed_with.hash, s->hash);
        assert_true(cert.not_before < cert.not_after);
    }
    if (e == HF_OK && s->kind != HF_SIG_NONE && cert.self_issued)
        assert_error(hf_verify(&cert.key, s->kind, s->hash, cert.tbs, cert.signature), HF_OK);
    hf_free((void *)der.data);
}

static void test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++)
        check_sample(&samples[i]);
}

static void test_everything(void **state)
{
    static const hf_san_kind kinds[] = { HF_SAN_DNS,   HF_SAN_IP,    HF_SAN_EMAIL, HF_SAN_URI,
                                         HF_SAN_OTHER, HF_SAN_OTHER, HF_SAN_OTHER };
    hf_span der = der_of(sample_everything), rest, name;
    hf_san_kind kind;
    hf_cert c;
    size_t n = 0;
    char text[256];

    (void)state;
    assert_error(hf_cert_parse(&c, der, NULL), HF_OK);
    assert_true(c.is_ca && c.path_len == 3);
    assert_int_equal(c.key_usage, 1u << 4 | 1u << 5 | 1u << 6 | 1u << 8);
    assert_int_equal(c.eku, HF_EKU_CLIENT_AUTH | HF_EKU_OTHER);
    assert_int_equal(c.serial.len, 20);
    for (rest = c.san; hf_san_next(&rest, &kind, &name); n++)
        assert_int_equal(kind, kinds[n]);
    assert_int_equal(n, COUNT(kinds));
    hf_name_text(c.subject, text, sizeof text);
    assert_string_equal(text, "serialNumber=7, emailAddress=a@example.org, CN=two+OU=one, "
                              "O=M\xc3\xbcller\\, S\xc3\xb6hne \\+ Co, ST=Z\xc3\xbcrich, C=CH");
    hf_free((void *)der.data);
}

static void test_pss_key_hash(void **state)
{
    hf_span der = der_of(sample_pss);
    hf_cert c;

    (void)state;
    assert_error(hf_cert_parse(&c, der, NULL), HF_OK);
    assert_int_equal(c.key.pss_hash, HF_SHA256);
    assert_int_equal(c.key.n.len, 256);
    assert_true(c.key.e.len == 3 && c.key.n.data[0] >= 0x80);
    hf_free((void *)der.data);
}

static void test_unknown_critical(void **state)
{
    static const uint8_t oid[] = { 0x2a, 3, 4, 5 };
    hf_span der = der_of(sample_critical_unknown);
    hf_cert c;

    (void)state;
    assert_error(hf_cert_parse(&c, der, NULL), HF_OK);
    assert_true(c.unknown_critical &&
                hf_span_equal(c.unknown_critical_oid, hf_span_of(oid, sizeof oid)));
    hf_free((void *)der.data);
    der = der_of(sample_critical_name_constraints);
    assert_error(hf_cert_parse(&c, der, NULL), HF_OK);
    assert_false(c.unknown_critical);
    assert_true((c.critical & HF_CX_BIT(NAME_CONSTRAINTS)) && c.name_constraints.len > 0);
    hf_free((void *)der.data);
}

/* ---- damage ---- */

static void test_truncated(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        hf_span der = der_of(samples[i].pem);
        for (size_t len = 0; len < der.len; len++) {
            uint8_t *cut = tight(hf_span_of(der.data, len));
            hf_fault fault;
            hf_cert cert;
            assert_error(hf_cert_parse(&cert, hf_span_of(cut, len), &fault), HF_E_CERT_DER);
            assert_true(fault.path[0] && fault.rule[0] && fault.offset <= len);
            free(cut);
        }
        hf_free((void *)der.data);
    }
}

/* The length of the outermost SEQUENCE fits what is there, the content does not. */
static void test_truncated_inside(void **state)
{
    hf_span der = der_of(sample_everything);

    (void)state;
    for (size_t len = 4; len < der.len; len++) {
        uint8_t *cut = tight(hf_span_of(der.data, len));
        hf_cert cert;
        cut[2] = (uint8_t)((len - 4) >> 8);
        cut[3] = (uint8_t)(len - 4);
        assert_error(hf_cert_parse(&cert, hf_span_of(cut, len), NULL), HF_E_CERT_DER);
        free(cut);
    }
    hf_free((void *)der.data);
}

static void test_extended(void **state)
{
    hf_span der = der_of(sample_p256);
    uint8_t *longer = malloc(der.len + 1);
    hf_fault fault;
    hf_cert cert;

    (void)state;
    memcpy(longer, der.data, der.len);
    longer[der.len] = 0;
    assert_error(hf_cert_parse(&cert, hf_span_of(longer, der.len + 1), &fault), HF_E_CERT_DER);
    assert_int_equal(fault.offset, der.len);
    free(longer);
    hf_free((void *)der.data);
}

/* Whatever comes out, nothing is read outside and every name can be walked and printed. */
static void use(const hf_cert *c)
{
    hf_span rest = c->san, name;
    hf_san_kind kind;
    char text[64];

    while (hf_san_next(&rest, &kind, &name))
        assert_true(hf_span_within(name, c->der));
    hf_name_text(c->subject, text, sizeof text);
    hf_name_text(c->issuer, text, 5);
    hf_cert_matches(c, "www.example.org");
}

static void test_flipped(void **state)
{
    size_t parsed = 0, refused = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        hf_span der = der_of(samples[i].pem);
        uint8_t *copy = tight(der);
        for (size_t bit = 0; bit < 8 * der.len; bit++) {
            hf_cert cert;
            copy[bit / 8] = (uint8_t)(copy[bit / 8] ^ 1u << bit % 8);
            if (hf_cert_parse(&cert, hf_span_of(copy, der.len), NULL) == HF_OK)
                use(&cert), parsed++;
            else
                refused++;
            copy[bit / 8] = der.data[bit / 8];
        }
        free(copy);
        hf_free((void *)der.data);
    }
    printf("           flipped bits: %zu parsed, %zu refused\n", parsed, refused);
}

/* ---- one part replaced ---- */

typedef struct parts {
    const char *version, *serial, *algorithm, *outer, *issuer, *validity, *subject, *spki, *ids,
        *extensions, *tail;
} parts;

#define NAME  "300c310a300806035504030c0141"
#define ECDSA "300a06082a8648ce3d040302"
#define ED_SPKI                                                                                    \
    "302a300506032b6570032100 0101010101010101010101010101010101010101010101010101010101010101"

static const parts good = {
    .version = "a003020102",
    .serial = "020101",
    .algorithm = ECDSA,
    .outer = ECDSA,
    .issuer = NAME,
    .validity = "301e170d3236313132303039303030305a170d3237313132303039303030305a",
    .subject = NAME,
    .spki = ED_SPKI,
    .ids = "",
    .extensions = "",
    .tail = "030100",
};

static void put_hex(hf_builder *b, const char *override, const char *otherwise)
{
    uint8_t bytes[4096];

    hf_wr_bytes(b, hf_span_of(bytes, unhex(override ? override : otherwise, bytes, sizeof bytes)));
}

/* `extensions` are the Extension values; "" leaves the field out. */
static size_t assemble(const parts *p, uint8_t *buffer, size_t room)
{
    hf_builder b = hf_wr_start(buffer, room);
    size_t whole = hf_dw_open(&b, HF_DER_SEQUENCE), tbs = hf_dw_open(&b, HF_DER_SEQUENCE);
    hf_span out;

    put_hex(&b, p->version, good.version);
    put_hex(&b, p->serial, good.serial);
    put_hex(&b, p->algorithm, good.algorithm);
    put_hex(&b, p->issuer, good.issuer);
    put_hex(&b, p->validity, good.validity);
    put_hex(&b, p->subject, good.subject);
    put_hex(&b, p->spki, good.spki);
    put_hex(&b, p->ids, good.ids);
    if (p->extensions) {
        size_t wrapped = hf_dw_open(&b, HF_DER_CONTEXT_CONS(3)),
               list = hf_dw_open(&b, HF_DER_SEQUENCE);
        put_hex(&b, p->extensions, "");
        hf_dw_close(&b, list);
        hf_dw_close(&b, wrapped);
    }
    hf_dw_close(&b, tbs);
    put_hex(&b, p->outer, p->algorithm ? p->algorithm : good.outer);
    put_hex(&b, p->tail, good.tail);
    hf_dw_close(&b, whole);
    assert_error(hf_wr_finish(&b, &out), HF_OK);
    return out.len;
}

static hf_error parse_parts(const parts *p, hf_cert *cert, hf_fault *fault)
{
    static uint8_t buffer[8192];

    return hf_cert_parse(cert, hf_span_of(buffer, assemble(p, buffer, sizeof buffer)), fault);
}

#define BC(value)         "300f0603551d130101ff0405" value
#define BC_CA             BC("30030101ff")
#define KU(value)         "300e0603551d0f0101ff0404" value
#define EKU_ANY           "30110603551d25040a300806062a0304050607"
#define RSA_SPKI(numbers) "301c300d06092a864886f70d0101010500030b00" numbers

static const struct {
    parts p;
    hf_error code;
    const char *path;
} variants[] = {
    { { 0 }, HF_OK, NULL },
    { { .version = "" }, HF_E_CERT_VERSION, "Certificate.tbsCertificate.version" },
    { { .version = "a003020101" }, HF_E_CERT_VERSION, "Certificate.tbsCertificate.version" },
    { { .version = "a003020103" }, HF_E_CERT_VERSION, "Certificate.tbsCertificate.version" },
    { { .version = "a003020100" }, HF_E_CERT_VERSION, "Certificate.tbsCertificate.version" },
    { { .version = "a00402020002" }, HF_E_CERT_DER, "Certificate.tbsCertificate.version.version" },
    { { .version = "a0060201020201"
                   "02" },
      HF_E_CERT_DER,
      "Certificate.tbsCertificate.version" },
    { { .serial = "020100" }, HF_OK, NULL }, /* refused below an anchor */
    { { .serial = "0201ff" }, HF_E_CERT_SERIAL, "Certificate.tbsCertificate.serialNumber" },
    { { .serial = "0200" }, HF_E_CERT_DER, "Certificate.tbsCertificate.serialNumber" },
    { { .serial = "02020001" }, HF_E_CERT_DER, "Certificate.tbsCertificate.serialNumber" },
    { { .serial = "02140102030405060708090a0b0c0d0e0f1011121314" }, HF_OK, NULL },
    { { .serial = "0215010203040506 0708090a0b0c0d0e0f101112131415" },
      HF_E_CERT_SERIAL,
      "Certificate.tbsCertificate.serialNumber" },
    { { .outer = "300a06082a8648ce3d040303" }, HF_E_CERT_DER, "Certificate.signatureAlgorithm" },
    { { .outer = "300c06082a8648ce3d0403020500" },
      HF_E_CERT_DER,
      "Certificate.signatureAlgorithm" },
    { { .algorithm = "3009 06072a8648ce3d0401" },
      HF_OK,
      NULL }, /* ecdsa-with-SHA1: not this floor's complaint */
    { { .algorithm = "3000" }, HF_E_CERT_DER, "Certificate.tbsCertificate.signature.algorithm" },
    { { .issuer = "3000" }, HF_E_CERT_DER, "Certificate.tbsCertificate.issuer" },
    { { .issuer = "30023100" }, HF_E_CERT_DER, NULL },
    { { .issuer = "300431023000" }, HF_E_CERT_DER, NULL },
    { { .issuer = "300e310c300a06035504030c01410500" }, HF_E_CERT_DER, NULL },
    { { .subject = "3000" }, HF_OK, NULL },
    { { .subject = "0500" }, HF_E_CERT_DER, "Certificate.tbsCertificate.subject" },
    { { .validity = "300f170d3236313132303039303030305a" },
      HF_E_CERT_DER,
      "Certificate.tbsCertificate.validity.notAfter" },
    { { .validity = "301c170b323631313230303930305a170d3237313132303039303030305a" },
      HF_E_CERT_DER,
      "Certificate.tbsCertificate.validity.notBefore" },
    { { .spki = "3029300506032b65700321000101010101010101010101010101010101010101010101010101010101"
                "0101" },
      HF_E_CERT_DER,
      NULL },
    { { .spki = "3029300506032b6570032000 "
                "01010101010101010101010101010101010101010101010101010101010101" },
      HF_E_CERT_KEY_UNSUPPORTED,
      NULL },
    { { .spki = "302c300706032b65700500032100 "
                "0101010101010101010101010101010101010101010101010101010101010101" },
      HF_E_CERT_DER,
      NULL },
    { { .spki = RSA_SPKI("3008020300c3a502 0103") }, HF_OK, NULL },
    { { .spki = RSA_SPKI("3008020300c3a4020103") },
      HF_E_CERT_KEY_UNSUPPORTED,
      NULL }, /* even modulus */
    { { .spki = RSA_SPKI("3008020300c3a5020101") }, HF_E_CERT_KEY_UNSUPPORTED, NULL },
    { { .spki = RSA_SPKI("3008020300c3a5020104") }, HF_E_CERT_KEY_UNSUPPORTED, NULL },
    { { .spki = RSA_SPKI("30080203ffc3a5020103") }, HF_E_CERT_DER, NULL }, /* negative */
    { { .spki = RSA_SPKI("3008020300c3a5020180") }, HF_E_CERT_DER, NULL },
    { { .spki = RSA_SPKI("30080203000023020103") }, HF_E_CERT_DER, NULL },
    { { .spki = "301a300b06092a864886f70d010101030b003008020300c3a5020103" },
      HF_E_CERT_DER,
      NULL }, /* no NULL */
    { { .ids = "8102000182020002" }, HF_OK, NULL },
    { { .ids = "82020002" }, HF_OK, NULL },
    { { .ids = "8202000281020001" }, HF_E_CERT_DER, NULL },
    { { .ids = "84020002" }, HF_E_CERT_DER, NULL },
    { { .tail = "030101" }, HF_E_CERT_DER, "Certificate.signatureValue" },
    { { .tail = "03020180" }, HF_E_CERT_DER, "Certificate.signatureValue" },
    { { .tail = "0301000500" }, HF_E_CERT_DER, "Certificate" },
    /* extensions */
    { { .extensions = "" }, HF_E_CERT_DER, NULL },
    { { .extensions = BC_CA }, HF_OK, NULL },
    { { .extensions = BC_CA BC_CA },
      HF_E_CERT_DER,
      "Certificate.tbsCertificate.extensions.Extensions.Extension.extnID" },
    { { .extensions = "300c0603551d130101ff04023000" }, HF_OK, NULL },
    { { .extensions = BC("3003010100") }, HF_OK, NULL },
    { { .extensions = BC("3003010101") }, HF_E_CERT_DER, NULL },
    { { .extensions = "300f0603551d130101000405 30030101ff" },
      HF_E_CERT_DER,
      NULL }, /* critical FALSE */
    { { .extensions = "30120603551d130101ff0408 30060101ff020100" }, HF_OK, NULL },
    { { .extensions = "30120603551d130101ff0408 30060101ff0201ff" }, HF_E_CERT_DER, NULL },
    { { .extensions = "30120603551d130101ff0408 30060101ff020100 0500" }, HF_E_CERT_DER, NULL },
    { { .extensions = "30110603551d130101ff0407 30030101ff0500" }, HF_E_CERT_DER, NULL },
    { { .extensions = KU("03020780") }, HF_OK, NULL },
    { { .extensions = KU("03020700") }, HF_E_CERT_DER, NULL }, /* no bit */
    { { .extensions = KU("03020781") }, HF_E_CERT_DER, NULL },
    { { .extensions = "300c0603551d0f0101ff04020500" }, HF_E_CERT_DER, NULL },
    { { .extensions = EKU_ANY }, HF_OK, NULL },
    { { .extensions = "30090603551d2504023000" }, HF_E_CERT_DER, NULL }, /* empty EKU */
    { { .extensions = "30090603551d1104023000" }, HF_E_CERT_DER, NULL }, /* empty SAN */
    { { .extensions = "300c0603551d1104053003820161" }, HF_OK, NULL },
    { { .extensions = "300b0603551d11040430028200" }, HF_E_CERT_DER, NULL },   /* empty dNSName */
    { { .extensions = "300c0603551d11040530038201ff" }, HF_E_CERT_DER, NULL }, /* not ASCII */
    { { .extensions = "300c0603551d1104053003820100" }, HF_E_CERT_DER, NULL }, /* NUL */
    { { .extensions = "300e0603551d1104073005 8703010203" },
      HF_E_CERT_DER,
      NULL }, /* 3-byte address */
    { { .extensions = "300f0603551d110408 3006870401020304" }, HF_OK, NULL },
    { { .extensions = "300c0603551d1104053003890161" }, HF_E_CERT_DER, NULL }, /* [9] */
    { { .extensions = "300c0603551d1104053003a20161" },
      HF_E_CERT_DER,
      NULL }, /* constructed dNSName */
    { { .extensions = "300c0603551d1104053003020161" }, HF_E_CERT_DER, NULL }, /* universal tag */
    { { .extensions = "300a0603551d0e0403040101" }, HF_OK, NULL },
    { { .extensions = "300a0603551d0e0403020101" }, HF_E_CERT_DER, NULL },
    { { .extensions = "300c0603551d2304053003800101" }, HF_OK, NULL },
    { { .extensions = "30090603551d2304023000" }, HF_OK, NULL },
    { { .extensions = "300f0603551d230408 3006820101800101" },
      HF_E_CERT_DER,
      NULL }, /* wrong order */
    { { .extensions = "30080602 2a03 04020500" }, HF_OK, NULL },
    { { .extensions = "300806022a0304020500"
                      "300806022a0304020500" },
      HF_E_CERT_DER,
      NULL },
    { { .extensions = "3004 06022a03" }, HF_E_CERT_DER, NULL }, /* no value */
    { { .extensions = "300a06022a03040205000500" }, HF_E_CERT_DER, NULL },
};

static void test_variants(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(variants); i++) {
        hf_fault fault;
        hf_cert cert;
        hf_error e = parse_parts(&variants[i].p, &cert, &fault);
        if (e != variants[i].code)
            fail_msg("variant %zu: %s, %s: %s", i, hf_error_row_of(e)->name, fault.path,
                     fault.rule);
        if (variants[i].path)
            assert_string_equal(fault.path, variants[i].path);
    }
}

/* ---- extensions whose value is kept ---- */

#define OCSP "06082b06010505073001"

/* An extension by its OID's content and its value, both in hex. */
static hf_error parse_extension(const char *oid, bool critical, const char *value, hf_cert *cert,
                                hf_fault *fault)
{
    char hex[512];
    parts p = { .extensions = hex };
    size_t oid_len = strlen(oid) / 2, value_len = strlen(value) / 2;
    size_t critical_len = critical ? 3 : 0;

    snprintf(hex, sizeof hex, "30%02zx06%02zx%s%s04%02zx%s",
             oid_len + 2 + critical_len + value_len + 2, oid_len, oid, critical ? "0101ff" : "",
             value_len, value);
    return parse_parts(&p, cert, fault);
}

#define AIA        "2b06010505070101"
#define FEATURE    "2b06010505070118"
#define SCTS       "2b06010401d679020402"
#define CRL_POINTS "551d1f"
#define SAN        "551d11"

static const struct {
    const char *oid, *value;
    hf_error code;
    hf_cert_ext ext;
} values[] = {
    /* RFC 5280 4.2.2.1 */
    { AIA, "300f300d" OCSP "860161", HF_OK, HF_CX_AIA },
    { AIA, "301e300d" OCSP "860161300d" OCSP "860161", HF_OK, HF_CX_AIA },
    { AIA, "3000", HF_E_CERT_DER, HF_CX_AIA },
    { AIA, "30023000", HF_E_CERT_DER, HF_CX_AIA },
    { AIA, "300c300a" OCSP, HF_E_CERT_DER, HF_CX_AIA },              /* no location */
    { AIA, "300f300d" OCSP "020101", HF_E_CERT_DER, HF_CX_AIA },     /* no GeneralName */
    { AIA, "3011300f" OCSP "8601610500", HF_E_CERT_DER, HF_CX_AIA }, /* too much */
    { AIA, "300f300d" OCSP "8601ff", HF_E_CERT_DER, HF_CX_AIA },     /* not ASCII */
    { AIA, "3010300e" OCSP "a4023000", HF_OK, HF_CX_AIA },           /* directoryName */
    { AIA, "3010300e" OCSP "a4020500", HF_E_CERT_DER, HF_CX_AIA },
    { AIA, "6d616c66", HF_E_CERT_DER, HF_CX_AIA },
    /* RFC 5280 4.2.1.13 */
    { CRL_POINTS, "30093007a005a003860161", HF_OK, HF_CX_CRL_POINTS },
    { CRL_POINTS, "300d300ba005a00386016181020560", HF_OK, HF_CX_CRL_POINTS },
    { CRL_POINTS, "30073005a203860161", HF_OK, HF_CX_CRL_POINTS },
    { CRL_POINTS, "3010300ea00ca10a300806035504030c0161", HF_OK, HF_CX_CRL_POINTS },
    { CRL_POINTS, "3000", HF_E_CERT_DER, HF_CX_CRL_POINTS },
    { CRL_POINTS, "30023000", HF_E_CERT_DER, HF_CX_CRL_POINTS },
    { CRL_POINTS, "3006300481020560", HF_E_CERT_DER, HF_CX_CRL_POINTS }, /* reasons alone */
    { CRL_POINTS, "30063004a002a000", HF_E_CERT_DER, HF_CX_CRL_POINTS },
    { CRL_POINTS, "30063004a002a100", HF_E_CERT_DER, HF_CX_CRL_POINTS },
    { CRL_POINTS, "30043002a000", HF_E_CERT_DER, HF_CX_CRL_POINTS },
    { CRL_POINTS, "30043002a200", HF_E_CERT_DER, HF_CX_CRL_POINTS },
    { CRL_POINTS, "300b3009a005a0038601610500", HF_E_CERT_DER, HF_CX_CRL_POINTS },
    /* RFC 7633 4.1; RFC 6962 3.3 */
    { FEATURE, "3003020105", HF_OK, HF_CX_TLS_FEATURE },
    { FEATURE, "3006020111020105", HF_OK, HF_CX_TLS_FEATURE },
    { FEATURE, "30050203010000", HF_E_CERT_DER, HF_CX_TLS_FEATURE },
    { FEATURE, "3003040105", HF_E_CERT_DER, HF_CX_TLS_FEATURE },
    { FEATURE, "020105", HF_E_CERT_DER, HF_CX_TLS_FEATURE },
    { SCTS, "04020000", HF_OK, HF_CX_SCTS },
    { SCTS, "30020000", HF_E_CERT_DER, HF_CX_SCTS },
    { SCTS, "040200000500", HF_E_CERT_DER, HF_CX_SCTS },
    /* RFC 5280 4.2.1.6: directoryName is a Name under an explicit tag */
    { SAN, "3010a40e300c310a300806035504030c0161", HF_OK, HF_CX_SAN },
    { SAN, "3004a4020500", HF_E_CERT_DER, HF_CX_SAN },
    { SAN, "3006a40430000500", HF_E_CERT_DER, HF_CX_SAN },
};

/* Found, marked as critical or not, and no longer unknown. */
static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(values); i++) {
        bool critical = i % 2 != 0;
        hf_fault fault;
        hf_cert c;
        hf_error e = parse_extension(values[i / 2].oid, critical, values[i / 2].value, &c, &fault);
        if (e != values[i / 2].code)
            fail_msg("value %zu: %s, %s: %s", i / 2, hf_error_row_of(e)->name, fault.path,
                     fault.rule);
        if (e != HF_OK)
            continue;
        assert_int_equal(c.has, 1u << values[i / 2].ext);
        assert_int_equal(c.critical, critical ? 1u << values[i / 2].ext : 0);
        assert_false(c.unknown_critical);
    }
}

static void test_kept(void **state)
{
    hf_fault fault;
    hf_cert c;

    (void)state;
    assert_error(parse_extension(AIA, false, "300f300d" OCSP "860161", &c, &fault), HF_OK);
    assert_int_equal(c.aia.len, 15);
    assert_error(parse_extension(CRL_POINTS, false, "30093007a005a003860161", &c, &fault), HF_OK);
    assert_int_equal(c.crl_points.len, 9);
    assert_error(parse_extension("551d23", false, "3003800101", &c, &fault), HF_OK);
    assert_true(c.aki.len == 1 && !c.aki_names_issuer);
    assert_error(parse_extension("551d23", false, "3006800101820101", &c, &fault), HF_OK);
    assert_true(c.aki.len == 1 && c.aki_names_issuer);
}

/* RFC 7633 4.2.3.1: status_request alone is must-staple. */
static void test_must_staple(void **state)
{
    hf_fault fault;
    hf_cert c;

    (void)state;
    assert_error(parse_extension(FEATURE, false, "3006020111020105", &c, &fault), HF_OK);
    assert_true(c.must_staple);
    assert_error(parse_extension(FEATURE, false, "3003020111", &c, &fault), HF_OK);
    assert_false(c.must_staple);
    assert_error(parse_extension(FEATURE, false, "3000", &c, &fault), HF_OK);
    assert_false(c.must_staple);
}

/* RFC 6962 3.1: poison is there to be not understood. */
static void test_poison(void **state)
{
    hf_fault fault;
    hf_cert c;

    (void)state;
    assert_error(parse_extension("2b06010401d679020403", true, "0500", &c, &fault), HF_OK);
    assert_true(c.unknown_critical && c.has == 0);
}

/* One more extension than the limit; the limit itself parses. */
static void test_extension_limit(void **state)
{
    char hex[(HF_CERT_EXTENSIONS_MAX + 1) * 20 + 1] = "";
    parts p = { .extensions = hex };
    hf_fault fault;
    hf_cert cert;

    (void)state;
    for (int i = 0; i < HF_CERT_EXTENSIONS_MAX; i++)
        snprintf(hex + 20 * i, 21, "300806022a%02x04020500", i);
    assert_error(parse_parts(&p, &cert, &fault), HF_OK);
    strcat(hex, "300806022a7f04020500");
    assert_error(parse_parts(&p, &cert, &fault), HF_E_CERT_DER);
    assert_string_equal(fault.rule, "more than 32 extensions");
}

static void test_san_limit(void **state)
{
    static uint8_t der[8192], content[3 * (HF_CERT_SANS_MAX + 1)];
    hf_fault fault;

    (void)state;
    for (size_t i = 0; i < sizeof content; i += 3)
        content[i] = 0x82, content[i + 1] = 1, content[i + 2] = 'a';
    for (size_t more = 0; more < 2; more++) {
        hf_span names = hf_span_of(content, 3 * (HF_CERT_SANS_MAX + more));
        hf_builder b = hf_wr_start(der, sizeof der);
        hf_cert cert;
        size_t whole = hf_dw_open(&b, HF_DER_SEQUENCE), tbs = hf_dw_open(&b, HF_DER_SEQUENCE),
               marks[4];
        put_hex(&b, NULL, "a003020102020101" ECDSA NAME);
        put_hex(&b, good.validity, NULL);
        put_hex(&b, NULL, NAME ED_SPKI);
        marks[0] = hf_dw_open(&b, HF_DER_CONTEXT_CONS(3));
        marks[1] = hf_dw_open(&b, HF_DER_SEQUENCE);
        marks[2] = hf_dw_open(&b, HF_DER_SEQUENCE);
        hf_dw_oid(&b, HF_OID_subject_alt_name);
        marks[3] = hf_dw_open(&b, HF_DER_OCTET_STRING);
        hf_dw_value(&b, HF_DER_SEQUENCE, names);
        for (size_t i = 4; i-- > 0;)
            hf_dw_close(&b, marks[i]);
        hf_dw_close(&b, tbs);
        put_hex(&b, NULL, ECDSA "030100");
        hf_dw_close(&b, whole);
        assert_error(hf_cert_parse(&cert, hf_span_of(der, b.len), &fault),
                     more ? HF_E_CERT_DER : HF_OK);
    }
    assert_string_equal(fault.rule, "more than 1024 names");
}

/* ---- names as text ---- */

static void check_text(const char *hex, const char *expected)
{
    uint8_t name[256];
    char text[128];

    hf_name_text(hf_span_of(name, unhex(hex, name, sizeof name)), text, sizeof text);
    assert_string_equal(text, expected);
}

static void test_name_text(void **state)
{
    char small[8];
    uint8_t name[64];
    size_t len = unhex("3016 3114 3012 06035504030c0b 68656c6c6f20776f726c64", name, sizeof name);

    (void)state;
    check_text("3000", "");
    check_text("", "");
    check_text(NAME, "CN=A");
    check_text("3018310a300806035504060c0141310a300806035504030c0142", "CN=B, C=A");
    check_text("300c310a300806035504030c0120", "CN=\\ ");
    check_text("300c310a300806035504030c010a", "CN=\\0A");
    check_text("300c310a300806035504030c0123", "CN=\\#");
    check_text("300c310a300806035504030c01ff", "CN=\\FF");
    check_text("300d310b300906035504030c02c285", "CN=\\C2\\85"); /* a control character of C1 */
    check_text("300e310c300a06035504030c03e282ac", "CN=\xe2\x82\xac");
    check_text("300d310b300906035504030c02e282", "CN=\\E2\\82");  /* half a character */
    check_text("300e310c300a06035504031e03004100", "CN=#004100"); /* BMPString */
    check_text("300b310930070602 2a03 0c0141", "1.2.3=A");
    check_text("300c310a300806035504030c", "");       /* malformed */
    check_text("300a310830060603 55040a0500", "O=#"); /* no string */
    hf_name_text(hf_span_of(name, len), small, sizeof small);
    assert_string_equal(small, "CN=hell");
    hf_name_text(hf_span_of(name, len), small, 1);
    assert_string_equal(small, "");
    hf_name_text(hf_span_of(name, len), small, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),      cmocka_unit_test(test_everything),
        cmocka_unit_test(test_pss_key_hash), cmocka_unit_test(test_unknown_critical),
        cmocka_unit_test(test_truncated),    cmocka_unit_test(test_truncated_inside),
        cmocka_unit_test(test_extended),     cmocka_unit_test(test_flipped),
        cmocka_unit_test(test_variants),     cmocka_unit_test(test_extension_limit),
        cmocka_unit_test(test_values),       cmocka_unit_test(test_kept),
        cmocka_unit_test(test_must_staple),  cmocka_unit_test(test_poison),
        cmocka_unit_test(test_san_limit),    cmocka_unit_test(test_name_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
