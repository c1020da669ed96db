/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading, checking and writing PKCS#10: CertificationRequestInfo, its attributes, its signature. */
#include "x509/request.h"

#include "x509/draft.h"
#include "x509/issue_signed.h"
#include "x509/parts.h"
#include "x509/revocation_parts.h"

enum { RSA_MIN_BITS = 2048, RSA_MAX_BITS = 8192, COMMON_NAME_MAX = 64, NAME_ROOM = 20 };

/* ---- reading ---- */

static void read_extension(void *into, hf_oid id, bool critical, hf_reader *value)
{
    hf_csr *csr = into;

    (void)critical;
    if (id != HF_OID_subject_alt_name)
        return;
    hf_reader content = hf_der_open(value, HF_DER_SEQUENCE, "GeneralNames");
    csr->san = hf_span_of(content.p, hf_rd_left(&content));
    hf_san_check(&content, "GeneralName");
    hf_rd_end(value);
}

/* RFC 2985 5.4.2: one value, whatever SET OF may say. */
static void read_attribute(hf_reader *attributes, hf_csr *csr, bool *asked)
{
    hf_reader attribute = hf_der_open(attributes, HF_DER_SEQUENCE, "Attribute");
    hf_oid type = hf_oid_of(hf_der_oid(&attribute, "type"));
    hf_reader values = hf_der_open(&attribute, HF_DER_SET, "values");

    hf_rd_end(&attribute);
    if (type != HF_OID_extension_request || !hf_rd_ok(attributes))
        return;
    if (*asked)
        hf_rd_refuse(&values, HF_E_CERT_DER, 0, "extensionRequest", "is there twice");
    *asked = true;
    hf_extensions_each(&values, read_extension, csr);
    hf_rd_end(&values);
}

/* RFC 2986 4.1 */
static void read_info(hf_reader *info, hf_csr *csr)
{
    bool asked = false;
    uint32_t version = hf_der_small(info, INT16_MAX, "version");

    if (version != 0)
        hf_rd_refuse(info, HF_E_CERT_VERSION, 1, "version", "version %u, must be 1", version + 1);
    csr->subject = hf_name_read(info, "subject");
    csr->key = hf_spki_read(info, &csr->spki, "subjectPKInfo");
    hf_reader attributes = hf_der_open(info, HF_DER_CONTEXT_CONS(0), "attributes");
    while (hf_rd_left(&attributes) > 0)
        read_attribute(&attributes, csr, &asked);
    hf_rd_end(info);
    if (csr->key.type == HF_KEY_NONE)
        hf_rd_refuse(info, HF_E_CERT_KEY_UNSUPPORTED, 0, "subjectPKInfo",
                     "not a key that is supported");
}

static void read_request(hf_reader *r, hf_csr *csr)
{
    hf_span algorithm;
    hf_reader content = hf_der_open(r, HF_DER_SEQUENCE, "CertificationRequest");
    hf_reader info = hf_der_open_whole(&content, HF_DER_SEQUENCE, &csr->info, "info");

    read_info(&info, csr);
    csr->signed_with = hf_sig_algorithm_read(&content, &algorithm, "signatureAlgorithm");
    csr->signature = hf_der_bits(&content, HF_DER_BIT_STRING, "signature");
    hf_rd_end(&content);
    hf_rd_end(r);
}

/* Whatever the reader tripped over, as one row. */
static hf_error settle(hf_fault *fault)
{
    if (fault->code == HF_E_TRUNCATED || fault->code == HF_E_TRAILING_BYTES ||
        fault->code == HF_E_LENGTH_OUT_OF_RANGE)
        fault->code = HF_E_CERT_DER;
    return fault->code;
}

hf_error hf_csr_parse(hf_csr *csr, hf_span der, hf_fault *fault)
{
    hf_fault unheard;

    fault = fault ? fault : &unheard;
    *fault = (hf_fault){ .code = HF_OK };
    *csr = (hf_csr){ .der = der };
    hf_reader r = hf_rd_start(der, "PKCS10", 0, fault, NULL);
    read_request(&r, csr);
    return settle(fault);
}

/* ---- judging ---- */

hf_error hf_csr_verify(const hf_csr *csr)
{
    bool rsa = csr->key.type == HF_KEY_RSA || csr->key.type == HF_KEY_RSA_PSS;
    unsigned bits = rsa ? hf_rsa_bits(&csr->key) : RSA_MIN_BITS;

    if (bits < RSA_MIN_BITS || bits > RSA_MAX_BITS)
        return HF_E_CERT_KEY_WEAK;
    if (csr->signed_with.kind == HF_SIG_NONE)
        return HF_E_CERT_SIGALG_UNSUPPORTED;
    return hf_verify(&csr->key, csr->signed_with.kind, csr->signed_with.hash, csr->info,
                     csr->signature);
}

/* ---- writing ---- */

typedef struct csr_draft {
    const char *common_name;
    const char *const *names;
    size_t n;
    const hf_private_key *key;
    hf_span spki;
} csr_draft;

static void write_attributes(hf_builder *b, const csr_draft *d)
{
    bool no_subject = !d->common_name || !d->common_name[0];
    size_t attributes = hf_dw_open(b, HF_DER_CONTEXT_CONS(0));

    if (d->n > 0) {
        size_t attribute = hf_dw_open(b, HF_DER_SEQUENCE);
        hf_dw_oid(b, HF_OID_extension_request);
        size_t values = hf_dw_open(b, HF_DER_SET), list = hf_dw_open(b, HF_DER_SEQUENCE);
        hf_draft_names(b, d->names, d->n, no_subject); /* RFC 5280 4.2.1.6 */
        hf_dw_close(b, list);
        hf_dw_close(b, values);
        hf_dw_close(b, attribute);
    }
    hf_dw_close(b, attributes);
}

static void write_csr(hf_builder *b, const void *draft)
{
    const csr_draft *d = draft;
    size_t whole = hf_dw_open(b, HF_DER_SEQUENCE), from = b->len,
           info = hf_dw_open(b, HF_DER_SEQUENCE);

    hf_dw_small(b, 0); /* v1 */
    hf_draft_subject(b, NULL, d->common_name);
    hf_wr_bytes(b, d->spki);
    write_attributes(b, d);
    hf_dw_close(b, info);
    hf_dw_signature(b, from, d->key);
    hf_dw_close(b, whole);
}

static hf_error check_names(const csr_draft *d, size_t *room)
{
    if (d->common_name && strlen(d->common_name) > COMMON_NAME_MAX)
        return HF_E_CONFIG_NAME;
    if (d->n > HF_CERT_SANS_MAX)
        return HF_E_LIMIT;
    *room = 1024 + HF_SIGNATURE_MAX;
    for (size_t i = 0; i < d->n; i++) {
        if (!hf_draft_is_name(d->names[i]))
            return HF_E_CONFIG_NAME;
        *room += strlen(d->names[i]) + NAME_ROOM;
    }
    return HF_OK;
}

hf_error hf_csr_make(const char *common_name, const char *const *names, size_t n,
                     const hf_private_key *key, uint8_t **der, size_t *len)
{
    csr_draft d = { common_name, names, n, key, { NULL, 0 } };
    uint8_t *spki = NULL;
    size_t spki_len = 0, room = 0;

    TRY(check_names(&d, &room));
    TRY(hf_private_key_spki(key, &spki, &spki_len));
    d.spki = hf_span_of(spki, spki_len);
    hf_error e = hf_issue_der(write_csr, &d, room + spki_len, der, len);
    hf_free(spki);
    return e;
}
