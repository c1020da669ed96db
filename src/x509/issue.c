/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Writing and signing a certificate (RFC 5280 4). It writes what the parser in this folder and
 * `openssl verify -x509_strict` accept; whether issuing it is wise is the caller's business. The
 * extensions are in issue_extensions.c.
 */
#include "crypto/hash.h"
#include "x509/draft.h"
#include "x509/parts.h"

enum { COMMON_NAME_MAX = 64, LOCAL_PART_MAX = 64, FIXED_PARTS_MAX = 2048 };

/* ---- the algorithm ---- */

static hf_sig_algorithm algorithm_for(hf_key_type type)
{
    switch (type) {
    case HF_KEY_RSA: return (hf_sig_algorithm){ HF_SIG_RSA_PKCS1, HF_SHA256 };
    case HF_KEY_RSA_PSS: return (hf_sig_algorithm){ HF_SIG_RSA_PSS, HF_SHA256 };
    case HF_KEY_P256: return (hf_sig_algorithm){ HF_SIG_ECDSA, HF_SHA256 };
    case HF_KEY_P384: return (hf_sig_algorithm){ HF_SIG_ECDSA, HF_SHA384 };
    case HF_KEY_P521: return (hf_sig_algorithm){ HF_SIG_ECDSA, HF_SHA512 };
    case HF_KEY_ED25519: return (hf_sig_algorithm){ HF_SIG_ED25519, HF_NO_HASH };
    default: return (hf_sig_algorithm){ HF_SIG_NONE, HF_NO_HASH };
    }
}

static void write_hash(hf_builder *b)
{
    size_t hash = hf_dw_open(b, HF_DER_SEQUENCE);

    hf_dw_oid(b, HF_OID_sha256);
    hf_dw_value(b, HF_DER_NULL, hf_span_of(NULL, 0));
    hf_dw_close(b, hash);
}

/* RFC 4055 3.1: SHA-256, MGF1 with SHA-256, a salt of 32 bytes. */
static void write_pss(hf_builder *b)
{
    size_t params, part, mgf;

    hf_dw_oid(b, HF_OID_rsassa_pss);
    params = hf_dw_open(b, HF_DER_SEQUENCE);
    part = hf_dw_open(b, HF_DER_CONTEXT_CONS(0));
    write_hash(b);
    hf_dw_close(b, part);
    part = hf_dw_open(b, HF_DER_CONTEXT_CONS(1));
    mgf = hf_dw_open(b, HF_DER_SEQUENCE);
    hf_dw_oid(b, HF_OID_mgf1);
    write_hash(b);
    hf_dw_close(b, mgf);
    hf_dw_close(b, part);
    part = hf_dw_open(b, HF_DER_CONTEXT_CONS(2));
    hf_dw_small(b, 32);
    hf_dw_close(b, part);
    hf_dw_close(b, params);
}

static void write_algorithm(hf_builder *b, hf_sig_algorithm algorithm)
{
    size_t sequence = hf_dw_open(b, HF_DER_SEQUENCE);

    switch (algorithm.kind) {
    case HF_SIG_RSA_PKCS1:
        hf_dw_oid(b, HF_OID_sha256_with_rsa);
        hf_dw_value(b, HF_DER_NULL, hf_span_of(NULL, 0));
        break;
    case HF_SIG_RSA_PSS: write_pss(b); break;
    case HF_SIG_ECDSA:
        hf_dw_oid(b, algorithm.hash == HF_SHA256   ? HF_OID_ecdsa_with_sha256
                     : algorithm.hash == HF_SHA384 ? HF_OID_ecdsa_with_sha384
                                                   : HF_OID_ecdsa_with_sha512);
        break;
    default: hf_dw_oid(b, HF_OID_ed25519); break;
    }
    hf_dw_close(b, sequence);
}

/* ---- names ---- */

static void write_attribute(hf_builder *b, hf_oid type, const char *value)
{
    if (!value || !value[0])
        return;
    size_t rdn = hf_dw_open(b, HF_DER_SET), attribute = hf_dw_open(b, HF_DER_SEQUENCE);
    hf_dw_oid(b, type);
    hf_dw_value(b, HF_DER_UTF8_STRING, hf_span_str(value));
    hf_dw_close(b, attribute);
    hf_dw_close(b, rdn);
}

static void write_subject(hf_builder *b, const hf_cert_request *request)
{
    size_t name = hf_dw_open(b, HF_DER_SEQUENCE);

    write_attribute(b, HF_OID_organization, request->organization);
    write_attribute(b, HF_OID_common_name, request->common_name);
    hf_dw_close(b, name);
}

static void write_issuer(hf_builder *b, const hf_draft *d)
{
    if (d->issuer)
        hf_wr_bytes(b, d->issuer->subject);
    else
        write_subject(b, d->request);
}

/* ---- the certificate ---- */

static void write_tbs(hf_builder *b, const hf_draft *d)
{
    size_t tbs = hf_dw_open(b, HF_DER_SEQUENCE), part = hf_dw_open(b, HF_DER_CONTEXT_CONS(0));

    hf_dw_small(b, 2); /* v3 */
    hf_dw_close(b, part);
    hf_dw_value(b, HF_DER_INTEGER, hf_span_of(d->serial, HF_SERIAL_LEN));
    write_algorithm(b, d->algorithm);
    write_issuer(b, d);
    part = hf_dw_open(b, HF_DER_SEQUENCE);
    hf_dw_time(b, d->request->not_before);
    hf_dw_time(b, d->request->not_after);
    hf_dw_close(b, part);
    write_subject(b, d->request);
    hf_wr_bytes(b, d->spki);
    hf_draft_extensions(b, d);
    hf_dw_close(b, tbs);
}

/* tbsCertificate is written first, signed where it stands, and so need not be copied. */
static hf_error write_certificate(hf_builder *b, const hf_draft *d,
                                  const hf_private_key *issuer_key)
{
    uint8_t signature[HF_SIGNATURE_MAX];
    size_t signature_len = 0, certificate = hf_dw_open(b, HF_DER_SEQUENCE), tbs = b->len;

    write_tbs(b, d);
    TRY(b->error);
    TRY(hf_sign(issuer_key, d->algorithm.kind, d->algorithm.hash,
                hf_span_of(b->data + tbs, b->len - tbs), signature, &signature_len));
    write_algorithm(b, d->algorithm);
    hf_dw_bits(b, hf_span_of(signature, signature_len));
    hf_dw_close(b, certificate);
    return b->error;
}

/* ---- the request ---- */

bool hf_is_email(const char *name)
{
    static const char atext[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "!#$%&'*+-/=?^_`{|}~";
    const char *at = strchr(name, '@');
    size_t local = at ? (size_t)(at - name) : 0;
    bool dotted = local > 0 && *name != '.' && at[-1] != '.';

    if (!dotted || local > LOCAL_PART_MAX || !hf_is_host_name(hf_span_str(at + 1)))
        return false;
    for (const char *p = name; p < at; p++)
        if (*p == '.' ? p[1] == '.' : !strchr(atext, *p))
            return false;
    return true;
}

static bool is_san(const char *name)
{
    uint8_t ip[16];
    size_t skip = name[0] == '*' && name[1] == '.' ? 2 : 0;

    return hf_parse_ip(name, ip) > 0 || hf_is_email(name) ||
           hf_is_host_name(hf_span_str(name + skip));
}

static hf_error check_request(const hf_cert_request *request)
{
    if (request->common_name && strlen(request->common_name) > COMMON_NAME_MAX)
        return HF_E_CONFIG_NAME;
    if (request->organization && strlen(request->organization) > COMMON_NAME_MAX)
        return HF_E_CONFIG_NAME;
    if (request->n_names > HF_CERT_SANS_MAX || request->path_len > 127)
        return HF_E_LIMIT;
    for (size_t i = 0; i < request->n_names; i++)
        if (!is_san(request->names[i]))
            return HF_E_CONFIG_NAME;
    return HF_OK;
}

/* An upper bound: what varies, and room for everything that does not. */
static size_t room_for(const hf_draft *d)
{
    size_t room =
        FIXED_PARTS_MAX + HF_SIGNATURE_MAX + d->spki.len + (d->issuer ? d->issuer->subject.len : 0);

    for (size_t i = 0; i < d->request->n_names; i++)
        room += strlen(d->request->names[i]) + 20;
    return room;
}

/* Bit 6 of the first byte is set and bit 7 is not: positive, minimal and never zero (RFC 5280 4.1.2.2). */
static hf_error draw_serial(hf_draft *d, const hf_random *random)
{
    TRY(hf_random_bytes(random, d->serial, HF_SERIAL_LEN));
    d->serial[0] = (uint8_t)((d->serial[0] & 0x7f) | 0x40);
    return HF_OK;
}

static hf_error check_issuer(const hf_cert *issuer, const hf_private_key *issuer_key)
{
    uint8_t *spki = NULL;
    size_t len = 0;

    if (!issuer)
        return HF_OK;
    TRY(hf_private_key_spki(issuer_key, &spki, &len));
    bool same = hf_span_equal(hf_span_of(spki, len), issuer->spki);
    hf_free(spki);
    return same ? HF_OK : HF_E_CONFIG_KEY_MISMATCH;
}

static hf_error issue(hf_draft *d, const hf_private_key *issuer_key, uint8_t **der, size_t *len)
{
    size_t room = room_for(d);
    uint8_t *buffer = hf_alloc(room);
    hf_span out;

    if (!buffer)
        return HF_E_NO_MEMORY;
    hf_builder b = hf_wr_start(buffer, room);
    hf_error e = write_certificate(&b, d, issuer_key);
    if (e == HF_OK)
        e = hf_wr_finish(&b, &out);
    if (e != HF_OK) {
        hf_free(buffer);
        return e;
    }
    *der = buffer;
    *len = out.len;
    return HF_OK;
}

hf_error hf_cert_issue(const hf_cert_request *request, const hf_private_key *subject_key,
                       const hf_cert *issuer, const hf_private_key *issuer_key,
                       const hf_random *random, uint8_t **der, size_t *len)
{
    hf_draft d = { .request = request,
                   .issuer = issuer,
                   .rsa = hf_private_key_type(subject_key) == HF_KEY_RSA,
                   .algorithm = algorithm_for(hf_private_key_type(issuer_key)) };
    uint8_t *spki = NULL;
    size_t spki_len = 0;

    TRY(check_request(request));
    TRY(check_issuer(issuer, issuer_key));
    TRY(draw_serial(&d, random));
    TRY(hf_private_key_spki(subject_key, &spki, &spki_len));
    d.spki = hf_span_of(spki, spki_len);
    hf_error e = hf_hash_once(HF_SHA256, hf_spki_key_bits(d.spki), d.key_id); /* RFC 7093 2 (1) */
    if (e == HF_OK)
        e = issue(&d, issuer_key, der, len);
    hf_free(spki);
    return e;
}
