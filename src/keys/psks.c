/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A set of keys shared beforehand, in a hash table by identity. Identities are public: they go over the
 * wire in the clear (RFC 9257 4). Until it is sealed a set belongs to one thread; then only its
 * references change.
 */
#include "keys/psks.h"

#include <stdatomic.h>

#include "base/error.h"

enum { CHAINS_AT_FIRST = 16, NO_ROLE = -1 };

typedef struct entry {
    hf_psk psk;
    struct entry *next;  /* in its chain */
    struct entry *later; /* as they were added */
    uint8_t bytes[];     /* identity, key */
} entry;

struct hf_psks {
    atomic_uint refs;
    atomic_int role; /* an hf_role, or NO_ROLE */
    atomic_bool sealed;
    size_t count, n_chains; /* n_chains: a power of two, no less than count */
    entry **chains, *first, **last;
};

/* ---- one key ---- */

static entry *new_entry(hf_span identity, hf_span key)
{
    entry *e = hf_alloc(sizeof *e + identity.len + key.len);

    if (!e)
        return NULL;
    memcpy(e->bytes, identity.data, identity.len);
    memcpy(e->bytes + identity.len, key.data, key.len);
    e->psk.identity = hf_span_of(e->bytes, identity.len);
    e->psk.key = hf_span_of(e->bytes + identity.len, key.len);
    return e;
}

static void free_entry(entry *e)
{
    hf_free_secret(e, sizeof *e + e->psk.identity.len + e->psk.key.len);
}

/* ---- the table ---- */

/* FNV-1a. Who looks up chooses a chain, but who adds fills it: no key of a peer's can make one long. */
static size_t hash_of(hf_span identity)
{
    uint64_t hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < identity.len; i++)
        hash = (hash ^ identity.data[i]) * 0x100000001b3;
    return (size_t)(hash ^ hash >> 32);
}

static entry **chain_of(const hf_psks *psks, hf_span identity)
{
    return &psks->chains[hash_of(identity) & (psks->n_chains - 1)];
}

static void link_in(hf_psks *psks, entry *e)
{
    entry **chain = chain_of(psks, e->psk.identity);

    e->next = *chain;
    *chain = e;
}

static hf_error resize(hf_psks *psks, size_t n_chains)
{
    entry **chains = hf_alloc(n_chains * sizeof(entry *));

    if (!chains)
        return HF_E_NO_MEMORY;
    hf_free(psks->chains);
    psks->chains = chains;
    psks->n_chains = n_chains;
    for (entry *e = psks->first; e; e = e->later)
        link_in(psks, e);
    return HF_OK;
}

/* ---- made, shared, freed ---- */

hf_psks *hf_psks_new(void)
{
    hf_psks *psks = hf_alloc(sizeof *psks);

    if (!psks)
        return NULL;
    atomic_init(&psks->refs, 1);
    atomic_init(&psks->role, NO_ROLE);
    atomic_init(&psks->sealed, false);
    psks->last = &psks->first;
    if (resize(psks, CHAINS_AT_FIRST) == HF_OK)
        return psks;
    hf_psks_free(psks);
    return NULL;
}

hf_psks *hf_psks_ref(hf_psks *psks)
{
    atomic_fetch_add(&psks->refs, 1);
    return psks;
}

void hf_psks_free(hf_psks *psks)
{
    if (!psks || atomic_fetch_sub(&psks->refs, 1) != 1)
        return;
    for (entry *e = psks->first, *later; e; e = later) {
        later = e->later;
        free_entry(e);
    }
    hf_free(psks->chains);
    hf_free(psks);
}

/* The same set in both roles would let a peer give us our own messages back (RFC 9257 4.1). */
hf_error hf_psks_claim_role(hf_psks *psks, hf_role role)
{
    int before = NO_ROLE;

    return atomic_compare_exchange_strong(&psks->role, &before, (int)role) || before == (int)role
               ? HF_OK
               : HF_E_PSK_ROLE;
}

void hf_psks_seal(hf_psks *psks)
{
    atomic_store(&psks->sealed, true);
}

/* ---- keys ---- */

static hf_error check(const hf_psks *psks, hf_span identity, hf_span key)
{
    if (atomic_load(&psks->sealed))
        return HF_E_CONFIG_SEALED;
    if (identity.len < 1 || identity.len > HF_PSK_IDENTITY_MAX)
        return HF_E_PSK_IDENTITY;
    if (key.len < HF_PSK_KEY_MIN || key.len > HF_PSK_KEY_MAX)
        return HF_E_PSK_KEY;
    if (hf_psks_find(psks, identity))
        return HF_E_PSK_TWICE;
    return psks->count < HF_PSKS_MAX ? HF_OK : HF_E_LIMIT;
}

hf_error hf_psks_add(hf_psks *psks, hf_span identity, hf_span key)
{
    TRY(check(psks, identity, key));
    if (psks->count == psks->n_chains)
        TRY(resize(psks, 2 * psks->n_chains));
    entry *e = new_entry(identity, key);
    if (!e)
        return HF_E_NO_MEMORY;
    link_in(psks, e);
    *psks->last = e;
    psks->last = &e->later;
    psks->count++;
    return HF_OK;
}

const hf_psk *hf_psks_find(const hf_psks *psks, hf_span identity)
{
    const entry *e = identity.len > 0 ? *chain_of(psks, identity) : psks->first;

    while (e && identity.len > 0 && !hf_span_equal(e->psk.identity, identity))
        e = e->next;
    return e ? &e->psk : NULL;
}

size_t hf_psks_count(const hf_psks *psks)
{
    return psks->count;
}
