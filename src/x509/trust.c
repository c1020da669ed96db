/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The trust store: parsed copies of certificates in an array that doubles, and a hash table over
 * their subjects. Whoever fills the store chooses the names in it, so the hash needs no key.
 */
#include "x509/trust.h"

#include <stdatomic.h>

#include "x509/trust_crls.h"

typedef struct anchor {
    uint8_t *der; /* what cert points into */
    hf_cert cert;
    size_t after; /* one more than the next anchor in the same bucket; 0: none */
} anchor;

/* One more than the first and last anchor of a bucket; 0: none. */
typedef struct bucket {
    size_t first, last;
} bucket;

struct hf_trust {
    atomic_size_t references;
    anchor *anchors;
    bucket *buckets; /* as many as there is room for anchors: a power of two */
    size_t count, room;
    hf_trust_crls crls;
    atomic_bool is_public;
    atomic_bool sealed; /* a config shares it: it is only read from here on */
};

hf_trust *hf_trust_new(void)
{
    hf_trust *trust = hf_alloc(sizeof *trust);

    if (trust)
        atomic_init(&trust->references, 1);
    return trust;
}

hf_trust *hf_trust_ref(hf_trust *trust)
{
    atomic_fetch_add_explicit(&trust->references, 1, memory_order_relaxed);
    return trust;
}

void hf_trust_free(hf_trust *trust)
{
    /* acq_rel: whoever frees has seen what every other owner did before it let go */
    if (!trust || atomic_fetch_sub_explicit(&trust->references, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < trust->count; i++)
        hf_free(trust->anchors[i].der);
    hf_free(trust->anchors);
    hf_free(trust->buckets);
    hf_trust_crls_free(&trust->crls);
    hf_free(trust);
}

hf_error hf_trust_mark_public(hf_trust *trust)
{
    if (trust->sealed)
        return HF_E_CONFIG_SEALED;
    trust->is_public = true;
    return HF_OK;
}

bool hf_trust_is_public(const hf_trust *trust)
{
    return trust->is_public;
}

/* ---- looking up ---- */

size_t hf_trust_count(const hf_trust *trust)
{
    return trust->count;
}

const hf_cert *hf_trust_at(const hf_trust *trust, size_t i)
{
    return i < trust->count ? &trust->anchors[i].cert : NULL;
}

/* FNV-1a. */
static bucket *bucket_of(const hf_trust *trust, hf_span subject)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < subject.len; i++)
        hash = (hash ^ subject.data[i]) * 16777619u;
    return &trust->buckets[(hash ^ hash >> 16) & (trust->room - 1)];
}

/* *next: one more than the anchor that was found last. */
const hf_cert *hf_trust_find(const hf_trust *trust, hf_span subject, size_t *next)
{
    if (trust->count == 0)
        return NULL;
    size_t i = *next > 0 ? trust->anchors[*next - 1].after : bucket_of(trust, subject)->first;
    for (; i > 0; i = trust->anchors[i - 1].after) {
        const hf_cert *cert = &trust->anchors[i - 1].cert;
        if (hf_span_equal(cert->subject, subject)) {
            *next = i;
            return cert;
        }
    }
    return NULL;
}

bool hf_trust_has(const hf_trust *trust, hf_span der)
{
    for (size_t i = 0; i < trust->count; i++)
        if (hf_span_equal(trust->anchors[i].cert.der, der))
            return true;
    return false;
}

/* ---- adding ---- */

/* Behind those of its bucket: anchors of one name are found in the order in which they came. */
static void enter(hf_trust *trust, size_t i)
{
    bucket *b = bucket_of(trust, trust->anchors[i].cert.subject);

    trust->anchors[i].after = 0;
    if (b->last > 0)
        trust->anchors[b->last - 1].after = i + 1;
    else
        b->first = i + 1;
    b->last = i + 1;
}

/* Only the structs move: what they point to stays where it is. */
static void move(hf_trust *trust, anchor *anchors, bucket *buckets, size_t room)
{
    if (trust->count > 0)
        memcpy(anchors, trust->anchors, trust->count * sizeof *anchors);
    hf_free(trust->anchors);
    hf_free(trust->buckets);
    trust->anchors = anchors;
    trust->buckets = buckets;
    trust->room = room;
    for (size_t i = 0; i < trust->count; i++)
        enter(trust, i);
}

static hf_error make_room(hf_trust *trust)
{
    if (trust->count < trust->room)
        return HF_OK;
    if (trust->count >= HF_TRUST_MAX)
        return HF_E_LIMIT;
    size_t room = trust->room > 0 ? 2 * trust->room : 4;
    anchor *anchors = hf_alloc(room * sizeof *anchors);
    bucket *buckets = hf_alloc(room * sizeof *buckets);
    if (!anchors || !buckets) {
        hf_free(anchors);
        hf_free(buckets);
        return HF_E_NO_MEMORY;
    }
    move(trust, anchors, buckets, room);
    return HF_OK;
}

void hf_trust_seal(hf_trust *trust)
{
    atomic_store(&trust->sealed, true);
}

hf_error hf_trust_add_der(hf_trust *trust, hf_span der)
{
    anchor added;

    if (atomic_load(&trust->sealed))
        return HF_E_CONFIG_SEALED;
    if (hf_trust_has(trust, der))
        return HF_OK;
    TRY(hf_cert_parse(&added.cert, der,
                      NULL)); /* before the copy: a bundle's rejects cost nothing */
    TRY(make_room(trust));
    added.der = hf_copy(der);
    if (!added.der)
        return HF_E_NO_MEMORY;
    TRY(hf_cert_parse(&added.cert, hf_span_of(added.der, der.len), NULL));
    trust->anchors[trust->count] = added;
    enter(trust, trust->count++);
    return HF_OK;
}

static bool is_ours(hf_error e)
{
    return e == HF_E_NO_MEMORY || e == HF_E_LIMIT || e == HF_E_CONFIG_SEALED;
}

/* A damaged block is where hf_pem_next stopped: past its first byte there is no block any more. */
static bool skip_damaged(hf_span *pem)
{
    if (pem->len == 0)
        return false;
    *pem = hf_span_of(pem->data + 1, pem->len - 1);
    return true;
}

hf_error hf_trust_add_pem(hf_trust *trust, hf_span pem, size_t *added)
{
    uint8_t *der = NULL;
    size_t len = 0, n = 0;
    hf_error last = HF_E_CONFIG_PEM, e;

    if (added)
        *added = 0;
    do {
        e = hf_pem_next(&pem, "CERTIFICATE", &der, &len);
        if (e == HF_OK) {
            e = hf_trust_add_der(trust, hf_span_of(der, len));
            hf_free(der);
            n += e == HF_OK;
            last = e == HF_OK ? last : e;
        }
        if (is_ours(e))
            return e;
    } while (e != HF_E_CONFIG_PEM || skip_damaged(&pem));
    if (added)
        *added = n;
    return n > 0 ? HF_OK : last;
}

/* ---- CRLs ---- */

hf_error hf_trust_add_crls(hf_trust *trust, hf_span pem_or_der)
{
    if (atomic_load(&trust->sealed))
        return HF_E_CONFIG_SEALED;
    return hf_trust_crls_add(&trust->crls, pem_or_der);
}

const struct hf_crl *hf_trust_crl(const hf_trust *trust, hf_span issuer, size_t *next)
{
    return hf_trust_crls_find(&trust->crls, issuer, next);
}

hf_span hf_trust_crl_at(const hf_trust *trust, size_t i)
{
    return i < trust->crls.count ? trust->crls.list[i].der : hf_span_of(NULL, 0);
}
