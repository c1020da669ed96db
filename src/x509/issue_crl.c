/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Writing and signing a CRL, version 2 with its two mandatory extensions (RFC 5280 5.1, 5.2). */
#include "x509/issue_crl.h"

#include "x509/issue_signed.h"
#include "x509/revocation_parts.h"

enum { SERIAL_MAX = 20, FIXED_PARTS_MAX = 1024, ENTRY_MAX = 64 };

typedef struct crl_draft {
    const hf_crl_request *request;
    const hf_cert *issuer;
    const hf_private_key *key;
} crl_draft;

/* ---- entries ---- */

/* RFC 5280 5.3.1: unspecified is said by leaving the reason out. */
static void write_reason(hf_builder *b, int reason)
{
    const uint8_t code = (uint8_t)reason;

    if (reason <= 0)
        return;
    size_t list = hf_dw_open(b, HF_DER_SEQUENCE);
    hf_issue_extension e = hf_dw_extension_open(b, HF_OID_reason_code, false);
    hf_dw_value(b, HF_DER_ENUMERATED, hf_span_of(&code, 1));
    hf_dw_extension_close(b, e);
    hf_dw_close(b, list);
}

/* RFC 5280 5.1.2.6: without entries the list is left out. */
static void write_entries(hf_builder *b, const hf_crl_request *request)
{
    if (request->n == 0)
        return;
    size_t list = hf_dw_open(b, HF_DER_SEQUENCE);
    for (size_t i = 0; i < request->n; i++) {
        size_t entry = hf_dw_open(b, HF_DER_SEQUENCE);
        hf_dw_value(b, HF_DER_INTEGER, request->entries[i].serial);
        hf_dw_time(b, request->entries[i].date);
        write_reason(b, request->entries[i].reason);
        hf_dw_close(b, entry);
    }
    hf_dw_close(b, list);
}

/* ---- extensions ---- */

static void write_aki(hf_builder *b, const hf_cert *issuer)
{
    if (issuer->ski.len == 0)
        return;
    hf_issue_extension e = hf_dw_extension_open(b, HF_OID_authority_key_identifier, false);
    size_t content = hf_dw_open(b, HF_DER_SEQUENCE);
    hf_dw_value(b, HF_DER_CONTEXT(0), issuer->ski);
    hf_dw_close(b, content);
    hf_dw_extension_close(b, e);
}

/* Big-endian without leading zero octets but the one that keeps it positive. */
static void write_number(hf_builder *b, uint64_t number)
{
    hf_issue_extension e = hf_dw_extension_open(b, HF_OID_crl_number, false);
    uint8_t octets[9] = { 0 };
    size_t from = 0;

    for (size_t i = 9; i-- > 1; number >>= 8)
        octets[i] = (uint8_t)number;
    while (from < 8 && octets[from] == 0 && !(octets[from + 1] & 0x80))
        from++;
    hf_dw_value(b, HF_DER_INTEGER, hf_span_of(octets + from, sizeof octets - from));
    hf_dw_extension_close(b, e);
}

static void write_point(hf_builder *b, const char *uri)
{
    size_t point = hf_dw_open(b, HF_DER_CONTEXT_CONS(0)),
           name = hf_dw_open(b, HF_DER_CONTEXT_CONS(0));

    hf_dw_value(b, HF_DER_CONTEXT(6), hf_span_str(uri));
    hf_dw_close(b, name);
    hf_dw_close(b, point);
}

/* RFC 5280 5.2.5 */
static void write_idp(hf_builder *b, const hf_crl_request *request)
{
    const uint8_t yes = 0xff;

    if (!request->point && !request->only_users && !request->only_cas)
        return;
    hf_issue_extension e = hf_dw_extension_open(b, HF_OID_issuing_distribution_point, true);
    size_t content = hf_dw_open(b, HF_DER_SEQUENCE);
    if (request->point)
        write_point(b, request->point);
    if (request->only_users)
        hf_dw_value(b, HF_DER_CONTEXT(1), hf_span_of(&yes, 1));
    if (request->only_cas)
        hf_dw_value(b, HF_DER_CONTEXT(2), hf_span_of(&yes, 1));
    hf_dw_close(b, content);
    hf_dw_extension_close(b, e);
}

static void write_extensions(hf_builder *b, const crl_draft *d)
{
    size_t wrapped = hf_dw_open(b, HF_DER_CONTEXT_CONS(0)), list = hf_dw_open(b, HF_DER_SEQUENCE);

    write_aki(b, d->issuer);
    write_number(b, d->request->number);
    write_idp(b, d->request);
    hf_dw_close(b, list);
    hf_dw_close(b, wrapped);
}

/* ---- the list ---- */

static void write_crl(hf_builder *b, const void *draft)
{
    const crl_draft *d = draft;
    size_t whole = hf_dw_open(b, HF_DER_SEQUENCE), from = b->len,
           tbs = hf_dw_open(b, HF_DER_SEQUENCE);

    hf_dw_small(b, 1); /* v2 */
    hf_wr_bytes(b, hf_signature_identifier(d->key));
    hf_wr_bytes(b, d->issuer->subject);
    hf_dw_time(b, d->request->this_update);
    if (d->request->next_update != 0)
        hf_dw_time(b, d->request->next_update);
    write_entries(b, d->request);
    write_extensions(b, d);
    hf_dw_close(b, tbs);
    hf_dw_signature(b, from, d->key);
    hf_dw_close(b, whole);
}

static hf_error check_request(const hf_crl_request *request)
{
    if (request->n > HF_CRL_ENTRIES_MAX)
        return HF_E_LIMIT;
    for (size_t i = 0; i < request->n; i++) {
        const hf_crl_entry *entry = &request->entries[i];
        if (entry->serial.len == 0 || entry->serial.len > SERIAL_MAX)
            return HF_E_MISUSE;
        if (entry->reason != HF_REASON_NONE && !hf_crl_reason_name(entry->reason))
            return HF_E_MISUSE;
    }
    return HF_OK;
}

hf_error hf_crl_issue(const hf_crl_request *request, const hf_cert *issuer,
                      const hf_private_key *issuer_key, uint8_t **der, size_t *len)
{
    crl_draft d = { request, issuer, issuer_key };

    TRY(check_request(request));
    TRY(hf_check_key_of(issuer, issuer_key));
    size_t room = FIXED_PARTS_MAX + HF_SIGNATURE_MAX + issuer->subject.len + issuer->ski.len +
                  (request->point ? strlen(request->point) : 0) + request->n * ENTRY_MAX;
    return hf_issue_der(write_crl, &d, room, der, len);
}
