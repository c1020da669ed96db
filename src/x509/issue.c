/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Writing and signing a certificate (RFC 5280 4). It writes what the parser in this folder and
 * `openssl verify -x509_strict` accept; whether issuing it is wise is the caller's business. The
 * extensions are in issue_extensions.c and issue_constraints.c, the signature is issue_signed.c's.
 */
#include "crypto/hash.h"
#include "x509/draft.h"
#include "x509/issue_signed.h"
#include "x509/parts.h"

enum { COMMON_NAME_MAX = 64, LOCAL_PART_MAX = 64, FIXED_PARTS_MAX = 2048 };

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

void hf_draft_subject(hf_builder *b, const char *organization, const char *common_name)
{
    size_t name = hf_dw_open(b, HF_DER_SEQUENCE);

    write_attribute(b, HF_OID_organization, organization);
    write_attribute(b, HF_OID_common_name, common_name);
    hf_dw_close(b, name);
}

static void write_subject(hf_builder *b, const hf_cert_request *request)
{
    hf_draft_subject(b, request->organization, request->common_name);
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
    hf_wr_bytes(b, hf_signature_identifier(d->signer));
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
static void write_certificate(hf_builder *b, const void *draft)
{
    const hf_draft *d = draft;
    size_t certificate = hf_dw_open(b, HF_DER_SEQUENCE), tbs = b->len;

    write_tbs(b, d);
    hf_dw_signature(b, tbs, d->signer);
    hf_dw_close(b, certificate);
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

bool hf_draft_is_name(const char *name)
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
        if (!hf_draft_is_name(request->names[i]))
            return HF_E_CONFIG_NAME;
    for (size_t i = 0; i < request->n_permitted; i++)
        if (!hf_is_permitted_name(request->permitted[i]))
            return HF_E_CONFIG_NAME;
    return HF_OK;
}

/* An upper bound: what varies, and room for everything that does not. */
static size_t room_for(const hf_draft *d)
{
    size_t room = FIXED_PARTS_MAX + HF_SIGNATURE_MAX + d->spki.len +
                  (d->issuer ? d->issuer->subject.len : 0) + hf_draft_constraints_room(d->request);

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

static hf_error read_key(hf_draft *d, hf_span spki)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(spki, "SubjectPublicKeyInfo", 0, &fault, NULL);

    d->rsa = hf_spki_read(&r, &d->spki, "SubjectPublicKeyInfo").type == HF_KEY_RSA;
    hf_rd_end(&r);
    TRY(fault.code);
    return hf_hash_once(HF_SHA256, hf_spki_key_bits(d->spki), d->key_id); /* RFC 7093 2 (1) */
}

hf_error hf_cert_issue_for(const hf_cert_request *request, hf_span spki, const hf_cert *issuer,
                           const hf_private_key *issuer_key, const hf_random *random, uint8_t **der,
                           size_t *len)
{
    hf_draft d = { .request = request, .issuer = issuer, .signer = issuer_key };

    TRY(check_request(request));
    if (issuer)
        TRY(hf_check_key_of(issuer, issuer_key));
    TRY(draw_serial(&d, random));
    TRY(read_key(&d, spki));
    return hf_issue_der(write_certificate, &d, room_for(&d), der, len);
}

hf_error hf_cert_issue(const hf_cert_request *request, const hf_private_key *subject_key,
                       const hf_cert *issuer, const hf_private_key *issuer_key,
                       const hf_random *random, uint8_t **der, size_t *len)
{
    uint8_t *spki = NULL;
    size_t spki_len = 0;

    TRY(hf_private_key_spki(subject_key, &spki, &spki_len));
    hf_error e = hf_cert_issue_for(request, hf_span_of(spki, spki_len), issuer, issuer_key, random,
                                   der, len);
    hf_free(spki);
    return e;
}
