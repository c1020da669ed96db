/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The registries as C: code points, names and facts of suites, groups, schemes, extensions and
 * messages, generated from the .def files beside this header. No decisions here.
 */
#ifndef HF_REGISTRY_H
#define HF_REGISTRY_H

#include <handfast/types.h>

typedef enum hf_hash_id { HF_NO_HASH, HF_SHA256, HF_SHA384, HF_SHA512 } hf_hash_id;
typedef enum hf_aead_id {
    HF_AES_128_GCM = 1,
    HF_AES_256_GCM,
    HF_CHACHA20_POLY1305,
    HF_AES_128_CCM,
    HF_AES_128_CCM_8 /* with a tag of 8 bytes (RFC 6655 3) */
} hf_aead_id;
/* How the premaster secret of TLS 1.2 comes about, and which key type signs for it (RFC 5246 7.4.3, RFC 8422 2). */
typedef enum hf_kx {
    HF_KX_TLS13,
    HF_KX_ECDHE_ECDSA,
    HF_KX_ECDHE_RSA,
    HF_KX_RSA,
    HF_KX_ECDHE_PSK, /* RFC 5489 */
    HF_KX_PSK        /* RFC 4279 */
} hf_kx;
static inline bool hf_kx_is_psk(hf_kx kx)
{
    return kx == HF_KX_ECDHE_PSK || kx == HF_KX_PSK;
}
static inline bool hf_kx_is_ephemeral(hf_kx kx)
{
    return kx != HF_KX_RSA && kx != HF_KX_PSK;
}
typedef enum hf_key_type {
    HF_KEY_NONE,
    HF_KEY_RSA,
    HF_KEY_RSA_PSS,
    HF_KEY_P256,
    HF_KEY_P384,
    HF_KEY_P521,
    HF_KEY_ED25519
} hf_key_type;
typedef enum hf_sig_kind {
    HF_SIG_NONE,
    HF_SIG_RSA_PKCS1,
    HF_SIG_RSA_PSS,
    HF_SIG_ECDSA,
    HF_SIG_ED25519
} hf_sig_kind;

enum {
    HF_HASH_MAX = 64,        /* bytes of the longest digest */
    HF_KEY_SHARE_MAX = 1568, /* bytes of the longest key share */
    HF_SHARED_SECRET_MAX = 66
};

enum {
#define HF_SUITE(name, code, version, openssl, kx, aead, hash, tag, limit) HF_##name = (code),
#include "registry/ciphersuites.def"
#undef HF_SUITE
#define HF_GROUP(id, name, code, openssl, client, server, secret, classical, pq)                   \
    HF_GROUP_##id = (code),
#include "registry/groups.def"
#undef HF_GROUP
#define HF_SCHEME(name, code, openssl, key, hash, kind, tls13) HF_SCHEME_##name = (code),
#include "registry/schemes.def"
#undef HF_SCHEME
};

typedef struct hf_suite {
    uint16_t code, version;
    const char *name, *openssl;
    hf_kx kx;
    hf_aead_id aead;
    hf_hash_id hash;
    uint8_t tag_len, limit_half_bits;
} hf_suite;

typedef struct hf_group {
    uint16_t code;
    const char *name, *openssl;
    uint16_t client_share, server_share, secret; /* bytes */
    bool classical, post_quantum;                /* the parts that it has: both in a hybrid */
} hf_group;

typedef struct hf_scheme {
    uint16_t code;
    const char *name, *openssl;
    hf_key_type key;
    hf_hash_id hash;
    hf_sig_kind kind;
    bool tls13; /* may sign a TLS 1.3 handshake; the others only certificates */
} hf_scheme;

/* NULL for a code point that is not in the tables. */
const hf_suite *hf_suite_of(uint16_t code);
const hf_group *hf_group_of(uint16_t code);
const hf_scheme *hf_scheme_of(uint16_t code);
/* Whether a key of that type may sign a handshake of that version with it. In TLS 1.2 an ECDSA scheme fixes the hash alone, not
   the curve (RFC 9846 4.3.3). */
bool hf_scheme_fits(const hf_scheme *scheme, hf_key_type key, uint16_t version);
/* The group on whose curve such keys are; 0: none of the groups. */
uint16_t hf_curve_of(hf_key_type key);
/* The IANA names; NULL: unknown. */
const char *hf_suite_name(uint16_t code);
const char *hf_group_name(uint16_t code);
const char *hf_scheme_name(uint16_t code);
/* By IANA or OpenSSL spelling, case ignored ("P-256", "secp256r1", "prime256v1"); NULL: unknown. */
const hf_suite *hf_suite_named(const char *name);
const hf_group *hf_group_named(const char *name);
const hf_scheme *hf_scheme_named(const char *name);
/* Row i of each table; NULL past its end. */
const hf_suite *hf_suite_row(size_t i);
const hf_group *hf_group_row(size_t i);
const hf_scheme *hf_scheme_row(size_t i);

/* 0x0a0a, 0x1a1a, … 0xfafa (RFC 8701). */
static inline bool hf_is_grease(uint16_t v)
{
    return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

/* Content types of records (RFC 9846 5.1). */
enum {
    HF_CT_CHANGE_CIPHER_SPEC = 20,
    HF_CT_ALERT = 21,
    HF_CT_HANDSHAKE = 22,
    HF_CT_APPLICATION_DATA = 23
};

/* Handshake messages. HelloRetryRequest and ChangeCipherSpec have no msg_type of their own, the
   script treats them as messages. */
typedef enum hf_msg {
    HF_MSG_NONE,
#define HF_MESSAGE(name, type, limit) HF_MSG_##name,
#include "registry/messages.def"
#undef HF_MESSAGE
    HF_MSG_UNKNOWN,
    HF_MSG_COUNT
} hf_msg;

const char *hf_msg_name(hf_msg msg);
/* By msg_type; HF_MSG_UNKNOWN for what the registry does not have. ServerHello's type stands for
   HelloRetryRequest too: hf_is_retry (wire.h) tells them apart. */
hf_msg hf_msg_of_type(uint8_t type);
uint8_t hf_msg_type(hf_msg msg);
/* The longest body that is buffered for it. */
uint32_t hf_msg_limit(hf_msg msg);
const char *hf_extension_name(uint16_t type);

#endif
