/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a crafted hello may offer: all code points that somebody may speak in a version, and what a common client of it has.
 * The registries say what there is; here stands which version each belongs to, and which ones are likely.
 */
#include "audit/crafted.h"
#include "explain/names.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void add_list(hf_codes *codes, const uint16_t *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hf_codes_add(codes, list[i]);
}

/* Those of the registry that belong to the version, behind what is there. */
static void add_rest(hf_codes *codes, hf_names names, uint16_t version,
                     bool (*fits)(uint16_t code, const char *name, uint16_t version))
{
    uint64_t value;
    const char *name;

    for (size_t i = 0; (name = hf_name_row(names, i, &value)) != NULL; i++)
        if (fits((uint16_t)value, name, version))
            hf_codes_add(codes, (uint16_t)value);
}

/* ---- suites ---- */

static bool has(const char *name, const char *part)
{
    return strstr(name, part) != NULL;
}

static bool ends(const char *name, const char *with)
{
    size_t n = strlen(name), m = strlen(with);

    return n >= m && strcmp(name + n - m, with) == 0;
}

static bool suite_of_tls13(uint16_t code, const char *name)
{
    return code >> 8 == 0x13 || code == 0x00c6 || code == 0x00c7 || code == 0xc0b4 ||
           code == 0xc0b5 || has(name, "_MGM_");
}

static bool is_signal(uint16_t code, const char *name)
{
    return code == 0x0000 || ends(name, "_SCSV");
}

/* AEADs and the PRFs of SHA-256 and SHA-384 came with TLS 1.2. CBC and NULL suites of PSK are for all versions of TLS, with
   whichever hash (RFC 5487 3, RFC 5489 3, RFC 6367 3.3). */
static bool needs_tls12(const char *name)
{
    bool newer_hash = ends(name, "_SHA256") || ends(name, "_SHA384");
    bool of_psk = has(name, "PSK_WITH_") && (has(name, "_CBC_") || has(name, "_NULL_"));

    return has(name, "_GCM_") || has(name, "_CCM") || has(name, "_CHACHA20_") ||
           has(name, "_ARIA_") || has(name, "_KUZNYECHIK_") || has(name, "_MAGMA_") ||
           has(name, "_ECCPWD_") || (newer_hash && !of_psk);
}

static bool suite_fits(uint16_t code, const char *name, uint16_t version)
{
    if (is_signal(code, name))
        return false;
    if (version == HF_TLS13)
        return suite_of_tls13(code, name);
    return !suite_of_tls13(code, name) && (version >= HF_TLS12 || !needs_tls12(name));
}

/* What servers of our days and of the last twenty years have, the usual ones first. */
static const uint16_t likely_suites[] = {
    0x1301, 0x1302, 0x1303, 0x1304, 0x1305,                                 /* TLS 1.3 */
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x009e, 0x009f, 0xccaa, /* ECDHE, DHE: AEAD */
    0xc009, 0xc013, 0xc00a, 0xc014, 0xc023, 0xc027, 0xc024, 0xc028,         /* ECDHE: AES-CBC */
    0x0033, 0x0039, 0x0067, 0x006b,                                         /* DHE: AES-CBC */
    0x009c, 0x009d, 0x002f, 0x0035, 0x003c, 0x003d,                         /* RSA: AES */
    0xc0ac, 0xc0ad, 0xc0ae, 0xc0af, 0xc09c, 0xc09d, 0xc0a0, 0xc0a1, 0xc09e, 0xc09f, /* CCM */
    0xc0a2, 0xc0a3, 0x000a, 0xc012, 0xc008, 0x0016,                                 /* 3DES */
    0x0005, 0x0004, 0xc011, 0xc007,                                                 /* RC4 */
    0x0041, 0x0084, 0x0045, 0x0088, 0x00ba, 0x00be, 0x00c0, 0x00c4,                 /* CAMELLIA */
    0xc072, 0xc073, 0xc076, 0xc077, 0xc07a, 0xc07b, 0xc07c, 0xc07d, 0xc086, 0xc087,
    0xc08a, 0xc08b, 0xc050, 0xc051, 0xc052, 0xc053, 0xc05c, 0xc05d, 0xc060, 0xc061, /* ARIA */
    0x0032, 0x0038, 0x0040, 0x006a, 0x00a2, 0x00a3, 0x0013,                         /* DSS */
    0x0007, 0x0096, 0x009a, 0x0009, 0x0015, 0x0012,                 /* IDEA, SEED, DES */
    0x0003, 0x0006, 0x0008, 0x0014, 0x0011, 0x0062, 0x0064,         /* export */
    0x0034, 0x003a, 0x0018, 0x001b, 0x006c, 0x006d, 0x00a6, 0x00a7, /* DH_anon */
    0xc018, 0xc019, 0xc016, 0xc017,                                 /* ECDH_anon */
    0x0001, 0x0002, 0x003b, 0xc006, 0xc010,                         /* NULL */
};

static void likely_suites_of(uint16_t version, hf_codes *codes)
{
    for (size_t i = 0; i < COUNT(likely_suites); i++) {
        const char *name = hf_name_of(HF_NAMES_SUITES, likely_suites[i]);
        if (name && suite_fits(likely_suites[i], name, version))
            hf_codes_add(codes, likely_suites[i]);
    }
}

void hf_all_suites(uint16_t version, hf_codes *codes)
{
    *codes = (hf_codes){ .n = 0 };
    likely_suites_of(version, codes);
    add_rest(codes, HF_NAMES_SUITES, version, suite_fits);
}

/* ---- groups ---- */

enum { X25519 = 0x001d, LAST_CURVE12 = 0x0028, CECPQ2 = 0x4138 };

/* Curves that TLS 1.3 forbids (RFC 8446 4.2.7) are asked for all the same but for those of characteristic 2, which nobody ever
   spoke there. */
static bool group_fits(uint16_t code, const char *name, uint16_t version)
{
    (void)name;
    if (version == HF_TLS13)
        return code >= 0x000f && code != CECPQ2 && code < 0xff00;
    bool tls13_alone = code >= 0x001f && code <= 0x0021;
    return code <= LAST_CURVE12 && !tls13_alone;
}

static const uint16_t likely_groups12[] = { 0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x001a,
                                            0x001b, 0x001c, 0x0016, 0x0015, 0x0013, 0x0014,
                                            0x000e, 0x000d, 0x000c, 0x000b, 0x000a, 0x0009 };
static const uint16_t likely_groups13[] = { 0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x11ec, 0x11eb,
                                            0x11ed, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104, 0x0201,
                                            0x0202, 0x0200, 0x6399, 0x001f, 0x0020, 0x0021 };

static void likely_groups_of(uint16_t version, hf_codes *codes)
{
    if (version == HF_TLS13)
        add_list(codes, likely_groups13, COUNT(likely_groups13));
    else
        add_list(codes, likely_groups12, COUNT(likely_groups12));
}

void hf_all_groups(uint16_t version, hf_codes *codes)
{
    *codes = (hf_codes){ .n = 0 };
    if (version == HF_SSL3)
        return;
    likely_groups_of(version, codes);
    add_rest(codes, HF_NAMES_GROUPS, version, group_fits);
}

/* ---- signature schemes ---- */

/* RFC 8998, RFC 9367 and others: they came with TLS 1.3 and have no place before it. */
static bool scheme_of_tls13(uint16_t code, const char *name)
{
    return (code >= 0x0704 && code <= 0x070f) || ends(name, "_legacy") || has(name, "tls13") ||
           has(name, "mldsa") || has(name, "slhdsa");
}

/* Pairs of hash and signature, which may not sign a handshake of TLS 1.3 (RFC 9846 4.3.3), and what never came there. */
static bool scheme_of_tls12(uint16_t code, const char *name)
{
    return has(name, "rsa_pkcs1_") || has(name, "dsa_sha224") || has(name, "_md5") ||
           has(name, "_no_hash") || has(name, "_sha1") || strncmp(name, "dsa_", 4) == 0 ||
           has(name, "_old") || code == 0xeded || code == 0x0840 || code == 0x0841;
}

static bool scheme_fits(uint16_t code, const char *name, uint16_t version)
{
    if (scheme_of_tls13(code, name))
        return version == HF_TLS13;
    return version < HF_TLS13 || !scheme_of_tls12(code, name);
}

static const uint16_t likely_schemes[] = { 0x0804, 0x0403, 0x0805, 0x0806, 0x0503, 0x0603,
                                           0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0401,
                                           0x0501, 0x0601, 0x0201, 0x0203, 0x0301, 0x0303,
                                           0x0402, 0x0502, 0x0602, 0x0302, 0x0202, 0x0101 };

void hf_all_schemes(uint16_t version, hf_codes *codes)
{
    *codes = (hf_codes){ .n = 0 };
    if (version < HF_TLS12)
        return;
    for (size_t i = 0; i < COUNT(likely_schemes); i++) {
        const char *name = hf_name_of(HF_NAMES_SCHEMES, likely_schemes[i]);
        if (name && scheme_fits(likely_schemes[i], name, version))
            hf_codes_add(codes, likely_schemes[i]);
    }
    add_rest(codes, HF_NAMES_SCHEMES, version, scheme_fits);
}

/* ---- a common client ---- */

static void usual_lists(hf_crafted *hello, uint16_t version)
{
    if (hello->suites.n == 0)
        likely_suites_of(version, &hello->suites);
    if (hello->groups.n == 0 && version != HF_SSL3)
        likely_groups_of(version, &hello->groups);
    /* Chains are signed with what only certificates may use, so TLS 1.3 has them in its list too. */
    if (hello->schemes.n == 0 && version >= HF_TLS12)
        add_list(&hello->schemes, likely_schemes, COUNT(likely_schemes));
}

void hf_crafted_usual(hf_crafted *hello)
{
    static const uint8_t compatible[32] = { 0x68, 0x61, 0x6e, 0x64, 0x66, 0x61, 0x73, 0x74 };
    uint16_t version = hello->version > HF_TLS13 ? HF_TLS12 : hello->version;

    usual_lists(hello, version);
    hello->renegotiation_info = true;
    if (version == HF_SSL3)
        hello->no_extensions = true;
    else
        hello->ems = true;
    if (version != HF_TLS13)
        return;
    if (hello->shares[0] == 0)
        hello->shares[0] = X25519;
    /* What middleboxes want to see (RFC 9846 E.4). */
    if (hello->session_id.len == 0)
        hello->session_id = hf_span_of(compatible, sizeof compatible);
}
