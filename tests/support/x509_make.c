/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* DER from words, and certificates from that. Names are in x509_make_names.c. */
#include "tests/support/x509_make.h"

#include <stdio.h>
#include <stdlib.h>

#include "x509/der_write.h"

enum { SIGNATURE_ROOM = 1024 };

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "x509_make: %s\n", what);
    abort();
}

/* ---- the pool ---- */

typedef struct block {
    struct block *next;
    uint8_t data[];
} block;

static block *blocks;

hf_span make_bytes(const void *data, size_t len)
{
    block *b = malloc(sizeof *b + len + 1);

    must(b != NULL, "memory");
    b->next = blocks;
    blocks = b;
    if (len > 0)
        memcpy(b->data, data, len);
    b->data[len] = 0;
    return hf_span_of(b->data, len);
}

void make_free(void)
{
    while (blocks) {
        block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

/* ---- DER ---- */

hf_span make_hex(const char *hex)
{
    uint8_t *out = malloc(strlen(hex) / 2 + 1);
    size_t n = 0;

    must(out != NULL, "memory");
    for (unsigned v; *hex; hex += 2) {
        while (*hex == ' ')
            hex++;
        must(sscanf(hex, "%2x", &v) == 1, hex);
        out[n++] = (uint8_t)v;
    }
    hf_span made = make_bytes(out, n);
    free(out);
    return made;
}

/* The tag and a minimal length. */
static hf_span header(uint8_t tag, size_t len)
{
    uint8_t h[5] = { tag, (uint8_t)len };
    size_t n = 2;

    must(len < 1u << 24, "a value of 16 MiB or more");
    if (len >= 0x80) {
        size_t width = len > 0xffff ? 3 : len > 0xff ? 2 : 1;
        h[1] = (uint8_t)(0x80 | width);
        for (size_t i = 0; i < width; i++)
            h[2 + i] = (uint8_t)(len >> (8 * (width - 1 - i)));
        n += width;
    }
    return make_bytes(h, n);
}

hf_span make_join(hf_span a, hf_span b)
{
    uint8_t *out = malloc(a.len + b.len + 1);

    must(out != NULL, "memory");
    if (a.len > 0)
        memcpy(out, a.data, a.len);
    if (b.len > 0)
        memcpy(out + a.len, b.data, b.len);
    hf_span made = make_bytes(out, a.len + b.len);
    free(out);
    return made;
}

hf_span make_tlv(uint8_t tag, hf_span content)
{
    return make_join(header(tag, content.len), content);
}

hf_span make_of(uint8_t tag, const hf_span *parts, size_t n)
{
    hf_span all = { NULL, 0 };

    for (size_t i = 0; i < n; i++)
        all = make_join(all, parts[i]);
    return make_tlv(tag, all);
}

hf_span make_text(uint8_t tag, const char *text)
{
    return make_tlv(tag, hf_span_str(text));
}

hf_span make_int(uint8_t tag, long v)
{
    uint8_t octets[9];
    size_t n = 0, width = 1;

    while (width < 8 && (v < -(1L << (8 * width - 1)) || v >= 1L << (8 * width - 1)))
        width++;
    while (n < width) {
        octets[n] = (uint8_t)((unsigned long)v >> (8 * (width - 1 - n)));
        n++;
    }
    return make_tlv(tag, hf_span_of(octets, n));
}

hf_span make_true(void)
{
    return make_hex("0101ff");
}

static size_t put_base128(uint8_t *out, unsigned long v)
{
    size_t width = 1;

    while (width < 9 && v >> (7 * width))
        width++;
    for (size_t i = 0; i < width; i++)
        out[i] = (uint8_t)((v >> (7 * (width - 1 - i)) & 0x7f) | (i + 1 < width ? 0x80 : 0));
    return width;
}

hf_span make_oid(const char *dotted)
{
    uint8_t out[128];
    size_t n = 0;
    char *at;
    unsigned long top = strtoul(dotted, &at, 10), v;

    must(*at == '.', dotted);
    v = 40 * top + strtoul(at + 1, &at, 10);
    for (;; v = strtoul(at + 1, &at, 10)) {
        must(n + 10 < sizeof out, dotted);
        n += put_base128(out + n, v);
        if (*at != '.')
            break;
    }
    must(*at == '\0', dotted);
    return make_tlv(HF_DER_OID, hf_span_of(out, n));
}

/* ---- certificates ---- */

static const struct {
    hf_key_type type;
    hf_sig_kind kind;
    hf_hash_id hash;
    const char *oid;
    bool null_parameters;
} algorithms[] = {
    { HF_KEY_P256, HF_SIG_ECDSA, HF_SHA256, "1.2.840.10045.4.3.2", false },
    { HF_KEY_P384, HF_SIG_ECDSA, HF_SHA384, "1.2.840.10045.4.3.3", false },
    { HF_KEY_P521, HF_SIG_ECDSA, HF_SHA512, "1.2.840.10045.4.3.4", false },
    { HF_KEY_ED25519, HF_SIG_ED25519, HF_NO_HASH, "1.3.101.112", false },
    { HF_KEY_RSA, HF_SIG_RSA_PKCS1, HF_SHA256, "1.2.840.113549.1.1.11", true },
};

static size_t algorithm_of(const hf_private_key *key)
{
    size_t i = 0;

    while (i < sizeof algorithms / sizeof *algorithms &&
           algorithms[i].type != hf_private_key_type(key))
        i++;
    must(i < sizeof algorithms / sizeof *algorithms, "a key that does not sign here");
    return i;
}

static hf_span algorithm_der(size_t i)
{
    hf_span oid = make_oid(algorithms[i].oid);

    return algorithms[i].null_parameters ? MAKE(HF_DER_SEQUENCE, oid, make_hex("0500"))
                                         : MAKE(HF_DER_SEQUENCE, oid);
}

static hf_span spki_of(const hf_private_key *key)
{
    uint8_t *spki = NULL;
    size_t len = 0;

    must(hf_private_key_spki(key, &spki, &len) == HF_OK, "subjectPublicKeyInfo");
    hf_span made = make_bytes(spki, len);
    hf_free(spki);
    return made;
}

static hf_span validity_of(const make_cert_options *o)
{
    uint8_t buffer[64];
    hf_builder b = hf_wr_start(buffer, sizeof buffer);

    hf_dw_time(&b, o->not_before ? o->not_before : TEST_NOW - TEST_DAY);
    hf_dw_time(&b, o->not_after ? o->not_after : TEST_NOW + 30 * TEST_DAY);
    must(b.error == HF_OK, "validity");
    return make_tlv(HF_DER_SEQUENCE, hf_span_of(b.data, b.len));
}

static hf_span subject_of(const make_cert_options *o)
{
    return o->subject_der.len > 0 ? o->subject_der : make_name(o->subject ? o->subject : "CN=test");
}

static hf_span issuer_of(const make_cert_options *o)
{
    if (o->issuer_der.len > 0)
        return o->issuer_der;
    return o->issuer ? make_name(o->issuer) : subject_of(o);
}

static hf_span extensions_of(const make_cert_options *o)
{
    hf_span all = { NULL, 0 };

    if (o->n_exts == 0)
        return all;
    for (size_t i = 0; i < o->n_exts; i++) {
        const make_ext *e = &o->exts[i];
        hf_span critical = e->critical ? make_true() : hf_span_of(NULL, 0);
        all = make_join(all, MAKE(HF_DER_SEQUENCE, make_oid(e->oid), critical,
                                  make_tlv(HF_DER_OCTET_STRING, e->value)));
    }
    return MAKE(HF_DER_CONTEXT_CONS(3), make_tlv(HF_DER_SEQUENCE, all));
}

static hf_span tbs_of(const make_cert_options *o, const hf_private_key *key, hf_span algorithm)
{
    hf_span one = make_hex("01"), two = make_hex("02");
    hf_span version = make_tlv(HF_DER_INTEGER, o->version.len > 0 ? o->version : two);

    return MAKE(HF_DER_SEQUENCE, make_tlv(HF_DER_CONTEXT_CONS(0), version),
                make_tlv(HF_DER_INTEGER, o->serial.len > 0 ? o->serial : one), algorithm,
                issuer_of(o), validity_of(o), subject_of(o), spki_of(key), extensions_of(o));
}

static hf_span signature_over(hf_span tbs, const hf_private_key *key, bool broken)
{
    uint8_t bits[1 + SIGNATURE_ROOM] = { 0 };
    size_t len = 0, i = algorithm_of(key);

    must(hf_sign(key, algorithms[i].kind, algorithms[i].hash, tbs, bits + 1, &len) == HF_OK,
         "sign");
    if (broken)
        bits[len] ^= 1;
    return make_tlv(HF_DER_BIT_STRING, hf_span_of(bits, len + 1));
}

hf_span make_cert(const make_cert_options *o)
{
    const hf_private_key *key = o->key ? o->key : test_key(HF_KEY_P256, TEST_KEY_ROOT);
    const hf_private_key *issuer_key = o->issuer_key ? o->issuer_key : key;
    hf_span algorithm = algorithm_der(algorithm_of(issuer_key));
    hf_span tbs = tbs_of(o, key, algorithm);
    hf_span outer = o->outer_algorithm.len > 0 ? o->outer_algorithm : algorithm;

    return MAKE(HF_DER_SEQUENCE, tbs, outer, signature_over(tbs, issuer_key, o->break_signature));
}

hf_cert make_parsed(const make_cert_options *o)
{
    hf_cert cert;
    hf_fault fault = { .code = HF_OK };
    hf_error e = hf_cert_parse(&cert, make_cert(o), &fault);

    if (e != HF_OK)
        fprintf(stderr, "x509_make: %s: %s\n", fault.path, fault.rule);
    must(e == HF_OK, hf_error_row_of(e)->name);
    return cert;
}
