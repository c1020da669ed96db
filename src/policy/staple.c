/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * An identity's staple: the OCSP response that a server sends along with its chain. It can be replaced
 * while connections run; each of them sends what was there when it asked.
 */
#include "policy/policy.h"
#include "x509/revocation.h"

enum { STAPLE_MAX = 32768 }; /* with the chain it must stay under what peers take as a message */

void hf_staple_free(hf_staple *staple)
{
    if (!staple || atomic_fetch_sub(&staple->refs, 1) != 1)
        return;
    hf_free((void *)(uintptr_t)staple->response.data);
    hf_free(staple);
}

/* Held for some instructions only: a pointer is swapped, or read and counted. */
static void lock(hf_identity *id)
{
    while (atomic_flag_test_and_set_explicit(&id->staple_lock, memory_order_acquire))
        ;
}

static void unlock(hf_identity *id)
{
    atomic_flag_clear_explicit(&id->staple_lock, memory_order_release);
}

/* Of several certificates with the issuer's name one has to be whom the response means. */
static hf_error check(const hf_identity *id, hf_span response, int64_t now, int64_t *next_update)
{
    hf_error e = hf_ocsp_fits(response, &id->leaf, &id->leaf, now, next_update);
    hf_cert issuer;

    if (e == HF_E_OCSP_DER || e == HF_E_OCSP_STATUS)
        return e; /* whoever the issuer is */
    e = HF_E_OCSP_ISSUER;
    for (size_t i = 0; i < id->n && e != HF_OK; i++)
        if (hf_cert_parse(&issuer, id->chain[i], NULL) == HF_OK &&
            hf_span_equal(issuer.subject, id->leaf.issuer))
            e = hf_ocsp_fits(response, &id->leaf, &issuer, now, next_update);
    if (e == HF_OK && now >= *next_update)
        return HF_E_OCSP_STALE; /* allowance for clocks is the reader's to give */
    return e;
}

static hf_error make(hf_staple **made, hf_span response, int64_t next_update)
{
    hf_staple *staple = hf_alloc(sizeof *staple);
    uint8_t *copy = staple ? hf_copy(response) : NULL;

    if (!copy) {
        hf_free(staple);
        return HF_E_NO_MEMORY;
    }
    atomic_init(&staple->refs, 1);
    staple->next_update = next_update;
    staple->response = hf_span_of(copy, response.len);
    *made = staple;
    return HF_OK;
}

hf_error hf_identity_staple(hf_identity *identity, hf_span response, int64_t now)
{
    hf_staple *staple = NULL, *old;
    int64_t next_update = 0;

    if (response.len > STAPLE_MAX)
        return HF_E_LIMIT;
    if (response.len > 0) {
        TRY(check(identity, response, now, &next_update));
        TRY(make(&staple, response, next_update));
    }
    lock(identity);
    old = identity->staple;
    identity->staple = staple;
    unlock(identity);
    hf_staple_free(old);
    return HF_OK;
}

hf_staple *hf_identity_staple_at(hf_identity *identity, int64_t now)
{
    hf_staple *staple;

    lock(identity);
    staple = identity->staple;
    if (staple && now < staple->next_update)
        atomic_fetch_add(&staple->refs, 1);
    else
        staple = NULL;
    unlock(identity);
    return staple;
}
