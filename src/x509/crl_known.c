/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The index is an array of places in revokedCertificates, four octets an entry, sorted by serial number
 * and then by place, so that equal ones come in the order of the list. The signer is the SHA-256 of his
 * SubjectPublicKeyInfo; the first one whose signature fits is kept, and failures are not.
 */
#include "x509/crl_known.h"

#include <stdatomic.h>

#include "crypto/hash.h"
#include "x509/revocation_parts.h"

enum { SIGNER_LEN = 32, SHORT_LENGTH_MAX = 127 };
enum { NOBODY, BEING_WRITTEN, WRITTEN };

struct hf_crl_known {
    uint32_t *index; /* NULL: no plain list, or nothing on it */
    size_t n;
    bool plain;
    atomic_int state; /* of signer, which is only read when WRITTEN, and then for good */
    uint8_t signer[SIGNER_LEN];
};

/* ---- entries ---- */

/* How many entries, or false: the list must be walked. certificateIssuer is among what counts as not understood. */
static bool count_plain(hf_span revoked, size_t *n)
{
    hf_fault fault;
    hf_reader entries = hf_status_start(revoked, "revokedCertificates", &fault);
    hf_crl_entry entry;

    if (revoked.len > UINT32_MAX)
        return false;
    for (*n = 0; hf_crl_next(&entries, &entry); (*n)++)
        if (entry.unknown_critical || entry.serial.len > SHORT_LENGTH_MAX)
            return false;
    return fault.code == HF_OK;
}

static void fill(uint32_t *index, hf_span revoked)
{
    hf_fault fault;
    hf_reader entries = hf_status_start(revoked, "revokedCertificates", &fault);
    hf_crl_entry entry;

    do
        *index++ = (uint32_t)(entries.p - revoked.data);
    while (hf_crl_next(&entries, &entry) && hf_rd_left(&entries) > 0);
}

/* Of an entry that count_plain has read: it is whole, and its serial number's length is one octet. */
static hf_span serial_at(hf_span revoked, uint32_t at)
{
    const uint8_t *entry = revoked.data + at;
    size_t more = entry[1] & 0x80 ? entry[1] & 0x7f : 0;
    const uint8_t *number = entry + 2 + more;

    return hf_span_of(number + 2, number[1]);
}

/* Any order does in which equal ones stand together. */
static int compare(hf_span a, hf_span b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return memcmp(a.data, b.data, a.len);
}

static bool is_before(hf_span revoked, uint32_t a, uint32_t b)
{
    int order = compare(serial_at(revoked, a), serial_at(revoked, b));

    return order != 0 ? order < 0 : a < b;
}

static void sift(hf_span revoked, uint32_t *heap, size_t i, size_t n)
{
    uint32_t moved = heap[i];

    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && is_before(revoked, heap[child], heap[child + 1]))
            child++;
        if (!is_before(revoked, moved, heap[child]))
            break;
        heap[i] = heap[child];
    }
    heap[i] = moved;
}

/* Heapsort: no memory, no recursion, and no order of the list makes it slow. */
static void sort(hf_span revoked, uint32_t *index, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(revoked, index, i, n);
    for (size_t left = n; left-- > 1;) {
        uint32_t last = index[0];
        index[0] = index[left];
        index[left] = last;
        sift(revoked, index, 0, left);
    }
}

static hf_error make_index(hf_crl_known *known, hf_span revoked)
{
    known->plain = count_plain(revoked, &known->n);
    if (!known->plain || known->n == 0)
        return HF_OK;
    known->index = hf_alloc(known->n * sizeof *known->index);
    if (!known->index)
        return HF_E_NO_MEMORY;
    fill(known->index, revoked);
    sort(revoked, known->index, known->n);
    return HF_OK;
}

bool hf_crl_has_index(const hf_crl *crl)
{
    return crl->known && crl->known->plain;
}

/* The first place whose serial number is not before this one. */
static size_t lower_bound(const hf_crl *crl, hf_span serial)
{
    const hf_crl_known *known = crl->known;
    size_t low = 0, high = known->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(serial_at(crl->revoked, known->index[middle]), serial) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool hf_crl_find(const hf_crl *crl, hf_span serial, size_t *next, hf_crl_entry *entry)
{
    const hf_crl_known *known = crl->known;
    size_t i = *next > 0 ? *next : lower_bound(crl, serial);
    hf_fault fault;

    *next = i + 1;
    if (i >= known->n || compare(serial_at(crl->revoked, known->index[i]), serial) != 0)
        return false;
    hf_span rest =
        hf_span_of(crl->revoked.data + known->index[i], crl->revoked.len - known->index[i]);
    hf_reader entries = hf_status_start(rest, "revokedCertificates", &fault);
    return hf_crl_next(&entries, entry);
}

/* ---- the signer ---- */

/* What cannot be hashed is not known, and not kept. */
static bool digest(const hf_cert *issuer, uint8_t out[HF_HASH_MAX])
{
    return issuer->spki.len > 0 && hf_hash_once(HF_SHA256, issuer->spki, out) == HF_OK;
}

bool hf_crl_knows_signer(const hf_crl *crl, const hf_cert *issuer)
{
    uint8_t asked[HF_HASH_MAX];

    return crl->known &&
           atomic_load_explicit(&crl->known->state, memory_order_acquire) == WRITTEN &&
           digest(issuer, asked) && memcmp(asked, crl->known->signer, SIGNER_LEN) == 0;
}

/* Who comes first writes; nobody waits for him, and nobody writes after him. */
void hf_crl_keep_signer(const hf_crl *crl, const hf_cert *issuer)
{
    uint8_t kept[HF_HASH_MAX];
    int nobody = NOBODY;

    if (!crl->known || atomic_load_explicit(&crl->known->state, memory_order_relaxed) != NOBODY ||
        !digest(issuer, kept) ||
        !atomic_compare_exchange_strong_explicit(&crl->known->state, &nobody, BEING_WRITTEN,
                                                 memory_order_relaxed, memory_order_relaxed))
        return;
    memcpy(crl->known->signer, kept, SIGNER_LEN);
    atomic_store_explicit(&crl->known->state, WRITTEN, memory_order_release);
}

/* ---- both ---- */

hf_error hf_crl_know(hf_crl *crl)
{
    crl->known = hf_alloc(sizeof *crl->known);
    if (!crl->known)
        return HF_E_NO_MEMORY;
    atomic_init(&crl->known->state, NOBODY);
    hf_error e = make_index(crl->known, crl->revoked);
    if (e != HF_OK)
        hf_crl_forget(crl);
    return e;
}

void hf_crl_forget(hf_crl *crl)
{
    if (crl->known)
        hf_free(crl->known->index);
    hf_free(crl->known);
    crl->known = NULL;
}
