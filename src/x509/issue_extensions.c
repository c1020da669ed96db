/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The extensions of a certificate that is being issued (RFC 5280 4.2). */
#include "x509/draft.h"
#include "x509/issue_signed.h"

static void write_basic_constraints(hf_builder *b, const hf_cert_request *request)
{
    hf_issue_extension e = hf_dw_extension_open(b, HF_OID_basic_constraints, true);
    size_t content = hf_dw_open(b, HF_DER_SEQUENCE);

    if (request->ca) {
        hf_dw_true(b);
        if (request->path_len >= 0)
            hf_dw_small(b, (uint8_t)request->path_len);
    }
    hf_dw_close(b, content);
    hf_dw_extension_close(b, e);
}

/* RFC 5280 4.2.1.3. A server's RSA key may also decrypt premaster secrets (RFC 5246 7.4.2); a client's only signs. */
static void write_key_usage(hf_builder *b, const hf_draft *d)
{
    hf_issue_extension e = hf_dw_extension_open(b, HF_OID_key_usage, true);
    bool decrypts = d->rsa && d->request->eku != HF_EKU_CLIENT_AUTH;

    hf_dw_flags(b, d->request->ca ? HF_KU_KEY_CERT_SIGN | HF_KU_CRL_SIGN
                   : decrypts     ? HF_KU_DIGITAL_SIGNATURE | HF_KU_KEY_ENCIPHERMENT
                                  : HF_KU_DIGITAL_SIGNATURE);
    hf_dw_extension_close(b, e);
}

static void write_ext_key_usage(hf_builder *b, uint8_t eku)
{
    if (eku == 0)
        return;
    hf_issue_extension e = hf_dw_extension_open(b, HF_OID_ext_key_usage, false);
    size_t content = hf_dw_open(b, HF_DER_SEQUENCE);
    if (eku & HF_EKU_SERVER_AUTH)
        hf_dw_oid(b, HF_OID_server_auth);
    if (eku & HF_EKU_CLIENT_AUTH)
        hf_dw_oid(b, HF_OID_client_auth);
    hf_dw_close(b, content);
    hf_dw_extension_close(b, e);
}

void hf_draft_general_name(hf_builder *b, const char *name)
{
    uint8_t ip[16];
    size_t len = hf_parse_ip(name, ip);

    if (len > 0)
        hf_dw_value(b, HF_DER_CONTEXT(7), hf_span_of(ip, len));
    else if (strchr(name, '@')) /* rfc822Name */
        hf_dw_value(b, HF_DER_CONTEXT(1), hf_span_str(name));
    else
        hf_dw_value(b, HF_DER_CONTEXT(2), hf_span_str(name));
}

void hf_draft_names(hf_builder *b, const char *const *names, size_t n, bool critical)
{
    if (n == 0)
        return;
    hf_issue_extension e = hf_dw_extension_open(b, HF_OID_subject_alt_name, critical);
    size_t content = hf_dw_open(b, HF_DER_SEQUENCE);
    for (size_t i = 0; i < n; i++)
        hf_draft_general_name(b, names[i]);
    hf_dw_close(b, content);
    hf_dw_extension_close(b, e);
}

/* RFC 5280 4.2.1.6: critical where the subject is empty. */
static void write_subject_alt_name(hf_builder *b, const hf_cert_request *request)
{
    bool no_subject = (!request->common_name || !request->common_name[0]) && !request->organization;

    hf_draft_names(b, request->names, request->n_names, no_subject);
}

static void write_key_ids(hf_builder *b, const hf_draft *d)
{
    hf_issue_extension e = hf_dw_extension_open(b, HF_OID_subject_key_identifier, false);

    hf_dw_value(b, HF_DER_OCTET_STRING, hf_span_of(d->key_id, HF_KEY_ID_LEN));
    hf_dw_extension_close(b, e);
    if (!d->issuer || d->issuer->ski.len == 0)
        return;
    e = hf_dw_extension_open(b, HF_OID_authority_key_identifier, false);
    size_t content = hf_dw_open(b, HF_DER_SEQUENCE);
    hf_dw_value(b, HF_DER_CONTEXT(0), d->issuer->ski);
    hf_dw_close(b, content);
    hf_dw_extension_close(b, e);
}

void hf_draft_extensions(hf_builder *b, const hf_draft *d)
{
    size_t wrapped = hf_dw_open(b, HF_DER_CONTEXT_CONS(3)), list = hf_dw_open(b, HF_DER_SEQUENCE);

    write_basic_constraints(b, d->request);
    write_key_usage(b, d);
    write_ext_key_usage(b, d->request->eku);
    write_subject_alt_name(b, d->request);
    hf_draft_constraints(b, d->request);
    write_key_ids(b, d);
    hf_dw_close(b, list);
    hf_dw_close(b, wrapped);
}
