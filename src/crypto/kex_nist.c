/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ECDH on P-256, P-384 and P-521 with our own scalar, so that every random byte of a handshake comes from
 * the config's hook (SP 800-56A 5.7.1.2, RFC 9846 4.3.8.2 and 7.4.2). libcrypto does the curve.
 */
#include <stdatomic.h>

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "crypto/kex_groups.h"
#include "crypto/libcrypto.h"

/* Enough for a generator that is not broken: n is so close to a power of two that one draw in 2^32
   (P-256) is refused. */
enum { DRAWS_MAX = 64 };

/* The field and the order are equally long. (uint16_t goes into int and size_t alike, and libcryptos
   differ in what they take.) */
static uint16_t scalar_len(const hf_group *group)
{
    return group->secret;
}

/* A curve's parameters take longer to set up than an exchange. They never change: they are made
   once and kept for the life of the process, like the rest of libcrypto's start-up. */
static const EC_GROUP *curve_of(const hf_group *group)
{
    static const int nids[] = { NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1 };
    static _Atomic(EC_GROUP *) kept[3];
    size_t i = group->code - HF_GROUP_secp256r1; /* their code points are neighbours */
    EC_GROUP *curve = atomic_load(&kept[i]);

    if (curve)
        return curve;
    EC_GROUP *fresh = EC_GROUP_new_by_curve_name(nids[i]);
    if (fresh && !atomic_compare_exchange_strong(&kept[i], &curve, fresh)) {
        EC_GROUP_free(fresh); /* another thread was faster */
        fresh = curve;
    }
    return fresh;
}

/* ---- the scalar ---- */

/* a < b of big-endian numbers, without a branch: the borrow of a - b. */
static bool is_less(const uint8_t *a, const uint8_t *b, size_t len)
{
    unsigned borrow = 0;

    for (size_t i = len; i-- > 0;)
        borrow = ((unsigned)a[i] - b[i] - borrow) >> 8 & 1;
    return borrow != 0;
}

/* P-521's order has one bit in its highest byte: with the other seven drawn too, only one scalar in
   128 would be below it. */
static uint8_t high_bits(const hf_group *group)
{
    return group->code == HF_GROUP_secp521r1 ? 0x01 : 0xff;
}

hf_error hf_nist_scalar(const hf_group *group, const hf_random *random,
                        uint8_t scalar[HF_NIST_SCALAR_MAX])
{
    static const uint8_t zero[HF_NIST_SCALAR_MAX];
    uint8_t order[HF_NIST_SCALAR_MAX];
    uint16_t len = scalar_len(group);
    const EC_GROUP *curve = curve_of(group);

    if (!curve || BN_bn2binpad(EC_GROUP_get0_order(curve), order, len) != len)
        return hf_libcrypto_failure(HF_E_CRYPTO);
    for (int i = 0; i < DRAWS_MAX; i++) {
        TRY(hf_random_bytes(random, scalar, len));
        scalar[0] &= high_bits(group);
        if (is_less(zero, scalar, len) && is_less(scalar, order, len))
            return HF_OK;
    }
    return HF_E_RANDOM;
}

/* ---- points ---- */

/* What one operation on a curve needs, made and given back together. */
typedef struct work {
    const EC_GROUP *curve;
    BN_CTX *ctx;
    BIGNUM *scalar, *x;
    EC_POINT *peer, *result;
} work;

static bool work_begin(work *w, const hf_group *group, const uint8_t *scalar)
{
    *w = (work){ .curve = curve_of(group) };
    if (!w->curve)
        return false;
    w->ctx = BN_CTX_new();
    w->scalar = BN_bin2bn(scalar, scalar_len(group), NULL);
    w->x = BN_new();
    w->peer = EC_POINT_new(w->curve);
    w->result = EC_POINT_new(w->curve);
    return w->ctx && w->scalar && w->x && w->peer && w->result;
}

static void work_end(work *w)
{
    EC_POINT_clear_free(w->result);
    EC_POINT_free(w->peer);
    BN_clear_free(w->x);
    BN_clear_free(w->scalar);
    BN_CTX_free(w->ctx);
}

hf_error hf_nist_public(const hf_group *group, const uint8_t *scalar, uint8_t *share)
{
    work w;
    size_t len = group->client_share;
    bool good = work_begin(&w, group, scalar) &&
                EC_POINT_mul(w.curve, w.result, w.scalar, NULL, NULL, w.ctx) == 1 &&
                EC_POINT_point2oct(w.curve, w.result, POINT_CONVERSION_UNCOMPRESSED, share, len,
                                   w.ctx) == len;

    work_end(&w);
    return good ? HF_OK : hf_libcrypto_failure(HF_E_CRYPTO);
}

/* RFC 9846 4.3.8.2#1. The cofactor is 1, so a point that is on the curve and not infinity is a good one. libcrypto
   refuses coordinates that are not below p and points off the curve; the form is for us to check,
   because it also reads compressed and hybrid ones. */
static hf_error read_point(work *w, const hf_group *group, hf_span peer)
{
    if (peer.len != group->client_share || peer.data[0] != POINT_CONVERSION_UNCOMPRESSED)
        return HF_E_KEY_SHARE_INVALID;
    if (EC_POINT_oct2point(w->curve, w->peer, peer.data, peer.len, w->ctx) != 1)
        return hf_libcrypto_failure(HF_E_KEY_SHARE_INVALID);
    return HF_OK;
}

/* With one scalar, EC_POINT_mul takes a path that does not depend on its bits. Leading zeroes stay (RFC 9846 7.4.2#1). */
static bool multiply(work *w, uint8_t *secret, uint16_t len)
{
    return EC_POINT_mul(w->curve, w->result, NULL, w->peer, w->scalar, w->ctx) == 1 &&
           EC_POINT_get_affine_coordinates(w->curve, w->result, w->x, NULL, w->ctx) == 1 &&
           BN_bn2binpad(w->x, secret, len) == len;
}

hf_error hf_nist_derive(const hf_group *group, const uint8_t *scalar, hf_span peer, uint8_t *secret)
{
    work w;
    hf_error e = HF_OK;

    if (!work_begin(&w, group, scalar))
        e = hf_libcrypto_failure(HF_E_CRYPTO);
    if (e == HF_OK)
        e = read_point(&w, group, peer);
    if (e == HF_OK && !multiply(&w, secret, group->secret))
        e = hf_libcrypto_failure(HF_E_CRYPTO);
    work_end(&w);
    return e;
}
