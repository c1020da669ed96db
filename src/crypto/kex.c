/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Which mechanism a group is made of, in which order its parts stand on the wire, and in which
 * order random bytes are drawn. The mechanisms are kex_x25519.c, kex_nist.c and kex_mlkem.c.
 */
#include "crypto/kex.h"

#include "crypto/kex_groups.h"

/* draft-ietf-tls-ecdhe-mlkem 4.1 to 4.3: for X25519MLKEM768 the ML-KEM part stands first in both
   shares and in the secret. */
_Static_assert(HF_MLKEM_SEED + HF_X25519_LEN <= (int)HF_KEX_PRIVATE_MAX, "both private keys fit");
_Static_assert(HF_MLKEM768_EK + HF_X25519_LEN <= (int)HF_KEY_SHARE_MAX, "the hybrid's share fits");
/* draft-ietf-tls-mlkem 4.2 and 4.3: MLKEM1024 is ML-KEM's key, ciphertext and secret and nothing else. */
_Static_assert((int)HF_KEY_SHARE_MAX == HF_MLKEM1024_EK, "the longest share fits, exactly");
_Static_assert((int)HF_KEY_SHARE_MAX == HF_MLKEM1024_CT, "and the longest answer");

/* ---- the client's share ---- */

static hf_error generate_x25519(const hf_random *random, uint8_t *scalar, uint8_t *share)
{
    TRY(hf_random_bytes(random, scalar, HF_X25519_LEN));
    return hf_x25519_public(scalar, share);
}

static hf_error generate_nist(const hf_group *group, const hf_random *random, uint8_t *scalar,
                              uint8_t *share)
{
    TRY(hf_nist_scalar(group, random, scalar));
    return hf_nist_public(group, scalar, share);
}

static hf_error generate_mlkem(const hf_mlkem_set *set, const hf_random *random, uint8_t *seed,
                               uint8_t *share)
{
    TRY(hf_random_bytes(random, seed, HF_MLKEM_SEED));
    return hf_mlkem_public(set, seed, share);
}

static hf_error generate_hybrid(const hf_random *random, uint8_t *private_key, uint8_t *share)
{
    TRY(generate_mlkem(&hf_mlkem_768, random, private_key, share));
    return generate_x25519(random, private_key + HF_MLKEM_SEED, share + HF_MLKEM768_EK);
}

hf_error hf_kex_generate(hf_kex *kex, uint16_t group, const hf_random *random,
                         uint8_t share[HF_KEY_SHARE_MAX])
{
    hf_error e = HF_E_INTERNAL;

    *kex = (hf_kex){ .group = group };
    switch (group) {
    case HF_GROUP_x25519: e = generate_x25519(random, kex->private_key, share); break;
    case HF_GROUP_secp256r1:
    case HF_GROUP_secp384r1:
    case HF_GROUP_secp521r1:
        e = generate_nist(hf_group_of(group), random, kex->private_key, share);
        break;
    case HF_GROUP_x25519mlkem768: e = generate_hybrid(random, kex->private_key, share); break;
    case HF_GROUP_mlkem1024:
        e = generate_mlkem(&hf_mlkem_1024, random, kex->private_key, share);
        break;
    }
    if (e != HF_OK)
        hf_kex_wipe(kex);
    return e;
}

/* ---- the server's answer ---- */

static hf_error answer_x25519(const hf_random *random, const uint8_t *peer, uint8_t *share,
                              uint8_t *secret)
{
    uint8_t scalar[HF_X25519_LEN];
    hf_error e = hf_random_bytes(random, scalar, sizeof scalar);

    if (e == HF_OK)
        e = hf_x25519_answer(scalar, peer, share, secret);
    hf_wipe(scalar, sizeof scalar);
    return e;
}

static hf_error answer_nist(const hf_group *group, const hf_random *random, hf_span peer,
                            uint8_t *share, uint8_t *secret)
{
    uint8_t scalar[HF_NIST_SCALAR_MAX];
    hf_error e = generate_nist(group, random, scalar, share);

    if (e == HF_OK)
        e = hf_nist_derive(group, scalar, peer, secret);
    hf_wipe(scalar, sizeof scalar);
    return e;
}

static hf_error answer_mlkem(const hf_mlkem_set *set, const hf_random *random, const uint8_t *peer,
                             uint8_t *share, uint8_t *secret)
{
    uint8_t m[32];
    hf_error e = hf_random_bytes(random, m, sizeof m);

    if (e == HF_OK)
        e = hf_mlkem_encapsulate(set, peer, m, share, secret);
    hf_wipe(m, sizeof m);
    return e;
}

static hf_error answer_hybrid(const hf_random *random, const uint8_t *peer, uint8_t *share,
                              uint8_t *secret)
{
    TRY(answer_mlkem(&hf_mlkem_768, random, peer, share, secret));
    return answer_x25519(random, peer + HF_MLKEM768_EK, share + HF_MLKEM768_CT,
                         secret + HF_MLKEM_SECRET);
}

hf_error hf_kex_encapsulate(uint16_t group, const hf_random *random, hf_span peer_share,
                            uint8_t share[HF_KEY_SHARE_MAX], uint8_t secret[HF_SHARED_SECRET_MAX])
{
    const hf_group *row = hf_group_of(group);
    hf_error e = HF_E_INTERNAL;

    if (row && peer_share.len != row->client_share)
        return HF_E_KEY_SHARE_INVALID;
    switch (group) {
    case HF_GROUP_x25519: e = answer_x25519(random, peer_share.data, share, secret); break;
    case HF_GROUP_secp256r1:
    case HF_GROUP_secp384r1:
    case HF_GROUP_secp521r1: e = answer_nist(row, random, peer_share, share, secret); break;
    case HF_GROUP_x25519mlkem768: e = answer_hybrid(random, peer_share.data, share, secret); break;
    case HF_GROUP_mlkem1024:
        e = answer_mlkem(&hf_mlkem_1024, random, peer_share.data, share, secret);
        break;
    }
    if (e != HF_OK)
        hf_wipe(secret, HF_SHARED_SECRET_MAX);
    return e;
}

/* ---- the client's end ---- */

static hf_error finish_hybrid(const uint8_t *private_key, const uint8_t *peer, uint8_t *secret)
{
    TRY(hf_mlkem_decapsulate(&hf_mlkem_768, private_key, peer, secret));
    return hf_x25519_derive(private_key + HF_MLKEM_SEED, peer + HF_MLKEM768_CT,
                            secret + HF_MLKEM_SECRET);
}

hf_error hf_kex_decapsulate(const hf_kex *kex, hf_span peer_share,
                            uint8_t secret[HF_SHARED_SECRET_MAX])
{
    const hf_group *row = hf_group_of(kex->group);
    const uint8_t *key = kex->private_key;
    hf_error e = HF_E_INTERNAL;

    if (row && peer_share.len != row->server_share)
        return HF_E_KEY_SHARE_INVALID;
    switch (kex->group) {
    case HF_GROUP_x25519: e = hf_x25519_derive(key, peer_share.data, secret); break;
    case HF_GROUP_secp256r1:
    case HF_GROUP_secp384r1:
    case HF_GROUP_secp521r1: e = hf_nist_derive(row, key, peer_share, secret); break;
    case HF_GROUP_x25519mlkem768: e = finish_hybrid(key, peer_share.data, secret); break;
    case HF_GROUP_mlkem1024:
        e = hf_mlkem_decapsulate(&hf_mlkem_1024, key, peer_share.data, secret);
        break;
    }
    if (e != HF_OK)
        hf_wipe(secret, HF_SHARED_SECRET_MAX);
    return e;
}

void hf_kex_wipe(hf_kex *kex)
{
    hf_wipe(kex, sizeof *kex);
}
