/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Parsed copies of CRLs in an array that doubles. There are as many as a person cares to give. */
#include "x509/trust_crls.h"

#include "x509/crl_known.h"

void hf_trust_crls_free(hf_trust_crls *crls)
{
    for (size_t i = 0; i < crls->count; i++) {
        hf_crl_forget(&crls->list[i]);
        hf_free((void *)crls->list[i].der.data);
    }
    hf_free(crls->list);
    *crls = (hf_trust_crls){ .count = 0 };
}

const hf_crl *hf_trust_crls_find(const hf_trust_crls *crls, hf_span issuer, size_t *next)
{
    while (*next < crls->count) {
        const hf_crl *crl = &crls->list[(*next)++];
        if (hf_span_equal(crl->issuer, issuer))
            return crl;
    }
    return NULL;
}

static bool is_there(const hf_trust_crls *crls, hf_span der)
{
    for (size_t i = 0; i < crls->count; i++)
        if (hf_span_equal(crls->list[i].der, der))
            return true;
    return false;
}

/* Only the structs move: what they point to stays where it is. */
static hf_error make_room(hf_trust_crls *crls)
{
    if (crls->count < crls->room)
        return HF_OK;
    if (crls->count >= HF_TRUST_CRLS_MAX)
        return HF_E_LIMIT;
    size_t room = crls->room > 0 ? 2 * crls->room : 4;
    hf_crl *list = hf_alloc(room * sizeof *list);
    if (!list)
        return HF_E_NO_MEMORY;
    if (crls->count > 0)
        memcpy(list, crls->list, crls->count * sizeof *list);
    hf_free(crls->list);
    crls->list = list;
    crls->room = room;
    return HF_OK;
}

/* A copy, with what there is to know about it. */
static hf_error keep_copy(hf_crl *kept, hf_span der)
{
    uint8_t *copy = hf_copy(der);

    if (!copy)
        return HF_E_NO_MEMORY;
    hf_error e = hf_crl_parse(kept, hf_span_of(copy, der.len), NULL);
    if (e == HF_OK)
        e = hf_crl_know(kept);
    if (e != HF_OK)
        hf_free(copy);
    return e;
}

static hf_error add_der(hf_trust_crls *crls, hf_span der)
{
    hf_crl added;

    if (is_there(crls, der))
        return HF_OK;
    TRY(hf_crl_parse(&added, der, NULL));
    TRY(make_room(crls));
    TRY(keep_copy(&added, der));
    crls->list[crls->count++] = added;
    return HF_OK;
}

static hf_error add_pem(hf_trust_crls *crls, hf_span pem)
{
    uint8_t *der = NULL;
    size_t len = 0, n = 0;

    for (;; n++) {
        hf_error e = hf_pem_next(&pem, "X509 CRL", &der, &len);
        if (e == HF_E_CONFIG_PEM && pem.len == 0 && n > 0)
            return HF_OK;
        TRY(e);
        e = add_der(crls, hf_span_of(der, len));
        hf_free(der);
        TRY(e);
    }
}

/* DER of more than 127 bytes has bit 7 set in its second one; text in any place that matters has not. */
hf_error hf_trust_crls_add(hf_trust_crls *crls, hf_span pem_or_der)
{
    const uint8_t *p = pem_or_der.data;
    bool der = pem_or_der.len > 1 && p[0] == 0x30 && (p[1] & 0x80);

    return der ? add_der(crls, pem_or_der) : add_pem(crls, pem_or_der);
}
