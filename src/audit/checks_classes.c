/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What kind of cipher suite one is, told by its name: IANA's names say all of it. And which groups are hybrids. */
#include "audit/checks.h"

#include "explain/names.h"

static const struct {
    const char *part;
    uint32_t classes;
} parts[] = {
    { "_WITH_NULL_", HF_CLASS_NULL },
    { "_anon_", HF_CLASS_ANON },
    { "_EXPORT", HF_CLASS_EXPORT },
    { "_RC4_", HF_CLASS_RC4 },
    { "_3DES_", HF_CLASS_3DES | HF_CLASS_BLOCK64 },
    { "_DES_", HF_CLASS_DES | HF_CLASS_BLOCK64 },
    { "_DES40_", HF_CLASS_DES | HF_CLASS_BLOCK64 },
    { "_RC2_", HF_CLASS_DES | HF_CLASS_BLOCK64 },
    { "_IDEA_", HF_CLASS_BLOCK64 },
    { "_28147_", HF_CLASS_BLOCK64 },
    { "_CBC_", HF_CLASS_CBC },
    { "_DSS_", HF_CLASS_DSS },
    { "_CCM_8", HF_CLASS_SHORT_TAG },
    { "PSK_", HF_CLASS_PSK },
    { "TLS_DHE_", HF_CLASS_DHE },
    { "TLS_DH_", HF_CLASS_DHE },
    { "TLS_RSA_", HF_CLASS_RSA_KX | HF_CLASS_NO_FS },
    { "TLS_DH_RSA_", HF_CLASS_STATIC_DH | HF_CLASS_NO_FS },
    { "TLS_DH_DSS_", HF_CLASS_STATIC_DH | HF_CLASS_NO_FS },
    { "TLS_ECDH_RSA_", HF_CLASS_STATIC_DH | HF_CLASS_NO_FS },
    { "TLS_ECDH_ECDSA_", HF_CLASS_STATIC_DH | HF_CLASS_NO_FS },
    { "TLS_PSK_", HF_CLASS_NO_FS },
    { "_KRB5_", HF_CLASS_UNUSUAL | HF_CLASS_NO_FS },
    { "_SRP_", HF_CLASS_UNUSUAL },
    { "FORTEZZA", HF_CLASS_UNUSUAL | HF_CLASS_NO_FS },
    { "GOST", HF_CLASS_UNUSUAL },
    { "_FIPS_", HF_CLASS_UNUSUAL | HF_CLASS_RSA_KX | HF_CLASS_NO_FS },
};

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), tail = strlen(end);

    return len >= tail && strcmp(name + len - tail, end) == 0;
}

uint32_t hf_classes_of(uint16_t suite)
{
    const char *name = hf_name_of(HF_NAMES_SUITES, suite);
    uint32_t classes = hf_suite_is_null(suite) ? HF_CLASS_NULL : 0;

    if (!name)
        return classes | HF_CLASS_UNUSUAL;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(name, parts[i].part))
            classes |= parts[i].classes;
    if (ends_with(name, "_MD5"))
        classes |= HF_CLASS_MD5;
    if (ends_with(name, "_SHA"))
        classes |= HF_CLASS_SHA1;
    return classes;
}

const char *hf_class_words(uint32_t classes)
{
    static const char *const words[] = {
        "no encryption at all",
        "no certificate, so that anybody can stand in between",
        "export keys of 40 or 56 bits",
        "RC4, whose stream gives the plaintext away",
        "DES or RC2, whose keys can be tried out",
        "3DES, with blocks of 64 bits",
        "CBC, which is authenticated before it is encrypted",
        "RSA key transport: who gets the server's key reads all that was recorded",
        "a Diffie-Hellman key that never changes",
        "no forward secrecy: who gets the server's key reads all that was recorded",
        "DSA",
        "HMAC-MD5",
        "blocks of 64 bits",
        "a tag of 64 bits",
        "keys shared beforehand",
        "Diffie-Hellman over finite fields",
        "a kind that nobody on the Internet needs",
        "HMAC-SHA-1",
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (classes >> i & 1)
            return words[i];
    return "";
}

/* ---- groups ---- */

/* Drafts of Kyber do not count: they are not ML-KEM, and browsers have given them up. */
bool hf_group_is_hybrid(uint16_t group)
{
    return group >= 0x11eb && group <= 0x11ee;
}
