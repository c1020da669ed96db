/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The tables and the look-ups in them. They are short: a linear search is the fastest. */
#include "registry/registry.h"

#include <ctype.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const hf_suite suites[] = {
#define HF_SUITE(name, code, version, openssl, kx, aead, hash, tag, limit)                         \
    { code, version, #name, openssl, kx, aead, hash, tag, limit },
#include "registry/ciphersuites.def"
#undef HF_SUITE
};

static const hf_group groups[] = {
#define HF_GROUP(id, name, code, openssl, client, server, secret, classical, pq)                   \
    { code, #name, openssl, client, server, secret, classical, pq },
#include "registry/groups.def"
#undef HF_GROUP
};

static const hf_scheme schemes[] = {
#define HF_SCHEME(name, code, openssl, key, hash, kind, tls13)                                     \
    { code, #name, openssl, key, hash, kind, tls13 },
#include "registry/schemes.def"
#undef HF_SCHEME
};

static const struct {
    const char *name;
    uint16_t type;
    uint32_t limit;
} messages[] = {
    { "none", 256, 0 },
#define HF_MESSAGE(name, type, limit) { #name, type, limit },
#include "registry/messages.def"
#undef HF_MESSAGE
    { "unknown message", 256, 0 },
};

static const struct {
    const char *name;
    uint16_t type;
} extensions[] = {
#define HF_EXTENSION(name, type, messages) { #name, type },
#include "registry/extensions.def"
#undef HF_EXTENSION
};

/* Spellings that neither IANA nor our own tables have. */
static const struct {
    const char *alias, *name;
} aliases[] = {
    { "prime256v1", "secp256r1" },
    { "P256", "secp256r1" },
    { "P384", "secp384r1" },
    { "P521", "secp521r1" },
    { "curve25519", "x25519" },
    { "PSS+SHA256", "rsa_pss_rsae_sha256" },
    { "PSS+SHA384", "rsa_pss_rsae_sha384" },
    { "PSS+SHA512", "rsa_pss_rsae_sha512" },
    { "TLS13-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256" },
    { "TLS13-AES256-GCM-SHA384", "TLS_AES_256_GCM_SHA384" },
    { "TLS13-CHACHA20-POLY1305-SHA256", "TLS_CHACHA20_POLY1305_SHA256" },
};

static bool same_name(const char *a, const char *b)
{
    while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b))
        a++, b++;
    return *a == *b;
}

static const char *unalias(const char *name)
{
    for (size_t i = 0; i < COUNT(aliases); i++)
        if (same_name(aliases[i].alias, name))
            return aliases[i].name;
    return name;
}

#define LOOK_UP(kind, table)                                                                       \
    const hf_##kind *hf_##kind##_row(size_t i)                                                     \
    {                                                                                              \
        return i < COUNT(table) ? &(table)[i] : NULL;                                              \
    }                                                                                              \
    const hf_##kind *hf_##kind##_of(uint16_t code)                                                 \
    {                                                                                              \
        for (size_t i = 0; i < COUNT(table); i++)                                                  \
            if ((table)[i].code == code)                                                           \
                return &(table)[i];                                                                \
        return NULL;                                                                               \
    }                                                                                              \
    const hf_##kind *hf_##kind##_named(const char *name)                                           \
    {                                                                                              \
        name = unalias(name);                                                                      \
        for (size_t i = 0; i < COUNT(table); i++)                                                  \
            if (same_name((table)[i].name, name) || same_name((table)[i].openssl, name))           \
                return &(table)[i];                                                                \
        return NULL;                                                                               \
    }                                                                                              \
    const char *hf_##kind##_name(uint16_t code)                                                    \
    {                                                                                              \
        const hf_##kind *row = hf_##kind##_of(code);                                               \
        return row ? row->name : NULL;                                                             \
    }

LOOK_UP(suite, suites)
LOOK_UP(group, groups)
LOOK_UP(scheme, schemes)

const char *hf_msg_name(hf_msg msg)
{
    return messages[msg < HF_MSG_COUNT ? msg : HF_MSG_UNKNOWN].name;
}

hf_msg hf_msg_of_type(uint8_t type)
{
    for (int m = HF_MSG_NONE + 1; m < HF_MSG_UNKNOWN; m++)
        if (messages[m].type == type)
            return (hf_msg)m;
    return HF_MSG_UNKNOWN;
}

uint8_t hf_msg_type(hf_msg msg)
{
    return msg == HF_MSG_HelloRetryRequest ? hf_msg_type(HF_MSG_ServerHello)
                                           : (uint8_t)messages[msg].type;
}

uint32_t hf_msg_limit(hf_msg msg)
{
    return messages[msg].limit;
}

const char *hf_extension_name(uint16_t type)
{
    for (size_t i = 0; i < COUNT(extensions); i++)
        if (extensions[i].type == type)
            return extensions[i].name;
    return hf_is_grease(type) ? "GREASE" : "unknown_extension";
}

/* RFC 9846 4.3.3#12 #15 #16, 4.5.2#6 */
bool hf_scheme_fits(const hf_scheme *scheme, hf_key_type key, uint16_t version)
{
    if (version == HF_TLS13)
        return scheme->tls13 && scheme->key == key;
    return scheme->kind == HF_SIG_ECDSA ? hf_curve_of(key) != 0 : scheme->key == key;
}

uint16_t hf_curve_of(hf_key_type key)
{
    switch (key) {
    case HF_KEY_P256: return HF_GROUP_secp256r1;
    case HF_KEY_P384: return HF_GROUP_secp384r1;
    case HF_KEY_P521: return HF_GROUP_secp521r1;
    default: return 0; /* Ed25519's curve is no group: RFC 8422 has nothing to offer for it */
    }
}
